# SPDX-License-Identifier: GPL-2.0-or-later

"""The JSON of the command keeps to the schema in the tree."""

import copy
import json
import unittest

import schema
from support import DENIED, SANE, SOURCE, CliTest

SCHEMA = json.loads((SOURCE / 'module/cli/caaudit.schema.json').read_text())

TOP = ['caaudit', 'zone', 'serial', 'source', 'records', 'hosts', 'validations', 'findings',
       'not_checked']
HOST = ['host', 'wildcard', 'ca', 'permitted', 'decided_by']
VALIDATION = ['owner', 'expected', 'found', 'state']
FINDING = ['id', 'severity', 'owner', 'ca', 'text', 'record', 'remedy']

# Members that only probe has; tests/probe looks for them.
OF_PROBE = {'changes', 'servers', 'answers', 'denied_at', 'unknown_at'}

RICH = DENIED + (
    'www 3600 CNAME cdn.example.net.\n'
    'shop 3600 CAA 1 issue "sectigo.com."\n'
    'shop 3600 CAA 0 isue "example.net"\n'
    'odd\\000\\"\\\\x 3600 CAA 128 tbs "\\000\\255\\"\\\\ %s"\n'
    'short 3600 CAA \\# 1 00\n'
    '_there.shop 3600 CNAME there.sectigo.com.\n'
    'sub 3600 NS ns\n'
    'loop 3600 CNAME loop\n')
RICH_OPTIONS = ['--host', 'shop', '--host', 'www', '--host', '@', '--host', 'x.sub', '--host', 'loop',
                '--host', 'odd\\000\\"\\\\x', '--ca', 'sectigo.com', '--ca', 'letsencrypt.org',
                '--validation', '_x.shop a.sectigo.com.', '--validation', '_there.shop',
                '--validation', '_there.shop other.sectigo.com']


class Schema(CliTest):
    def clean(self, document):
        self.assertEqual(schema.check(document, SCHEMA), [])
        self.assertEqual(list(document)[:len(TOP)], TOP)
        for key, members in (('hosts', HOST), ('validations', VALIDATION), ('findings', FINDING),
                             ('not_checked', ['what', 'why'])):
            for entry in document[key]:
                self.assertEqual(list(entry)[:len(members)], members)

    def rich(self):
        return self.document(*RICH_OPTIONS, self.put('example.com.zone', RICH), code=1)

    def test_documents_keep_to_the_schema(self):
        self.clean(self.document(self.put('a.test.zone', SANE), code=0))
        document = self.rich()
        self.clean(document)
        self.assertEqual(len(document['hosts']), 6 * 2 * 2)
        self.assertEqual({entry['permitted'] for entry in document['hosts']}, {True, False, None})
        self.assertEqual(len(document['validations']), 3)
        self.assertTrue(document['findings'])
        self.assertTrue(document['not_checked'])

    def test_places(self):
        self.put('part', 'x CAA 0 isue "sectigo.com"\n')
        document = self.document(self.put('example.com.zone', DENIED + '$INCLUDE part\n'))
        places = {finding['id']: (finding['file'], finding['line']) for finding in document['findings']}
        self.assertEqual(places['caa-issue-denied'], ('example.com.zone', 4))
        self.assertEqual(places['caa-tag-unknown'][1], 1)
        self.assertTrue(places['caa-tag-unknown'][0].endswith('part'))
        self.clean(document)
        piped = self.document('-o', 'example.com', '-', data=DENIED)['findings'][0]
        self.assertEqual((piped['file'], piped['line']), ('standard input', 4))

    def test_root_zone(self):
        self.clean(self.document('-o', '.', '--no-wildcard', '-', data=SANE.replace('@', '.')))

    def test_forced(self):
        document = self.document('--force', self.put('a.test.zone', SANE + 'x A 1\ny A 2\n'), code=0)
        self.clean(document)
        self.assertRegex(document['not_checked'][0]['why'], r'2 lines .* a\.test\.zone:4: ')

    def test_every_property_of_the_schema_appears(self):
        document = self.rich()
        for key, name in (('hosts', 'verdict'), ('validations', 'validation'), ('findings', 'finding'),
                          ('not_checked', 'gap')):
            self.assertEqual({member for entry in document[key] for member in entry},
                             set(SCHEMA['$defs'][name]['properties']) - OF_PROBE)
        self.assertEqual(set(document), set(SCHEMA['properties']) - OF_PROBE)

    def test_catalogue_as_json(self):
        result = self.caaudit('findings', '--format', 'json')
        document = json.loads(result.out)
        self.assertEqual((result.code, result.err), (0, ''))
        self.assertEqual(document['caaudit'], 1)
        for entry in document['findings']:
            self.assertEqual(list(entry), ['id', 'severity', 'summary', 'why', 'cure', 'citation'])
        one = json.loads(self.caaudit('explain', '--format', 'json', 'caa-issue-denied').out)
        self.assertEqual(one['findings'], [document['findings'][0]])

    # --- the checker can fail

    def test_twin_broken_documents(self):
        good = self.rich()
        breaks = [
            lambda d: d.update(caaudit=True),
            lambda d: d.update(caaudit=2),
            lambda d: d.update(serial=2**32),
            lambda d: d.update(serial=-1),
            lambda d: d.update(serial='1'),
            lambda d: d.update(zone='example.com'),
            lambda d: d.update(source='file'),
            lambda d: d.pop('not_checked'),
            lambda d: d.update(hosts={}),
            lambda d: d['hosts'][0].update(permitted=1),
            lambda d: d['hosts'][0].update(permitted='yes'),
            lambda d: d['hosts'][0].pop('decided_by'),
            lambda d: d['hosts'][0].update(reason='because'),
            lambda d: d['validations'][0].update(state=''),
            lambda d: d['findings'][0].update(severity='fatal'),
            lambda d: d['findings'][0].update(id='x'),
            lambda d: d['findings'][0].update(id='a-' + 'b' * 60 + '-cd'),
            lambda d: d['findings'][0].update(text='two\nlines'),
            lambda d: d['findings'][0].update(record=''),
            lambda d: d['findings'][0].update(fix='mend'),
            lambda d: d['not_checked'][0].update(why=None),
        ]
        for number, spoil in enumerate(breaks):
            document = copy.deepcopy(good)
            spoil(document)
            self.assertEqual(len(schema.check(document, SCHEMA)), 1, number)

    def test_twin_unknown_keyword(self):
        with self.assertRaises(ValueError):
            schema.check({}, {'patternProperties': {}})
        with self.assertRaises(ValueError):
            schema.check({}, {'$ref': 'elsewhere.json'})

    def test_full_checker_agrees_where_there_is_one(self):
        try:
            import jsonschema
        except ImportError:
            self.skipTest('no jsonschema')
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        jsonschema.validate(self.rich(), SCHEMA)


if __name__ == '__main__':
    unittest.main()
