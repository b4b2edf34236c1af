# SPDX-License-Identifier: GPL-2.0-or-later

"""What --fix prints makes the findings go away: applied to the text, by knotc and by knsupdate."""

import re
import shlex
import unittest

import knotd
from support import SOURCE, CliTest

# Absolute and in the form that the command prints, so that lines can be compared.
BASE = ('example.com. 3600 SOA ns.example.com. hostmaster.example.com. 7 3600 600 86400 300\n'
        'example.com. 3600 NS ns.example.com.\n'
        'ns.example.com. 3600 A 192.0.2.1\n')
HOSTILE = '\'x\' $HOME `id` $(id) \\"q\\" \\\\ ; & | * \\009\\010\\013\\000\\255 !1 ~ # end'

# Records, options, ids that must be found first.
CASES = (
    ('example.com. 300 CAA 0 issue "letsencrypt.org"\n', [],
     'caa-issue-denied'),
    ('example.com. 300 CAA 0 issue ";"\n', ['--no-wildcard', '--override-denial'], 'caa-issue-denied'),
    ('example.com. 300 CAA 0 issue "sectigo.com"\nexample.com. 300 CAA 0 issuewild ";"\n',
     ['--wildcard', 'on', '--override-denial'], 'caa-issuewild-denied'),
    ('example.com. 300 CAA 0 issue "letsencrypt.org"\n', ['--ca', 'sectigo.com', '--ca', 'digicert.com'],
     'caa-issue-denied'),
    ('a\\032b\\.c.example.com. 300 CAA 0 issue "letsencrypt.org"\n', ['--host', 'a\\032b\\.c'],
     'caa-issue-denied'),
    ('example.com. 300 CAA 0 issue "letsencrypt.org"\n', ['--account-uri', "https://ca.test/it's?a=1&b=$x"],
     'caa-issue-denied'),
    ('example.com. 300 CAA 128 isue "sectigo.com"\n', [], 'caa-critical-unknown'),
    (f'example.com. 300 CAA 0 issue "sectigo.com"\nexample.com. 300 CAA 128 zzzz "{HOSTILE}"\n', [],
     'caa-critical-unknown'),
    ('example.com. 300 CAA 0 issue "sectigo.com"\n', ['--strict'], 'caa-strict-incomplete'),
    ('example.com. 300 CAA 0 issue "sectigo.com"\nexample.com. 300 CAA \\# 1 00\n', [],
     'caa-rdata-malformed'),
    ('example.com. 300 CAA 0 issue "sectigo.com"\nexample.com. 300 CAA \\# 7 00096973737565\n', [],
     'caa-rdata-malformed'),
    ('', ['--validation', '_a.www A.Sectigo.com.'], 'dcv-cname-missing'),
    ('', ['--validation', '_a\\032\\\'\\"\\;$x.www a\\036b\\\'.sectigo.com.'], 'dcv-cname-missing'),
    ('_a.example.com. 300 CNAME old.sectigo.com.\n', ['--validation', '_a new.sectigo.com.'],
     'dcv-target-mismatch'),
    ('_d41d8cd98f00b204e9800998ecf8427e.example.com. 300 CNAME 00112233445566778899aabbccddeeff.'
     '00112233445566778899aabbccddeeff.sectigo.com.example.com.\n', [], 'dcv-target-doubled'),
    ('d41d8cd98f00b204e9800998ecf8427e.example.com. 300 CNAME 00112233445566778899aabbccddeeff.'
     '00112233445566778899aabbccddeeff.sectigo.com.\n', [], 'dcv-underscore-missing'),
    ('_a.example.com. 300 TXT "new.sectigo.com"\n', ['--validation', '_a new.sectigo.com.'],
     'dcv-type-conflict'),
    ('www.example.com. 300 A 192.0.2.1\n*.www.example.com. 300 CNAME parked.example.net.\n',
     ['--validation', '_a.www new.sectigo.com.'],
     'dcv-wildcard-answers'),
    ('www.example.com. 300 CNAME web.example.com.\nweb.example.com. 300 A 192.0.2.2\n'
     'example.com. 300 CAA 0 issue "sectigo.com"\nwww.example.com. 300 CAA 0 issue "sectigo.com"\n', [],
     'caa-beside-cname'),
)

# The same for findings that are no errors.
LESSER = (
    ('example.com. 300 CAA 1 issue "https://sectigo.com/"\n', [], 'caa-flags-one caa-value-malformed'),
    ('example.com. 300 CAA 0 issue "sectgo.com"\n', ['--ca', 'sectigo.com'], 'caa-issuer-lookalike'),
    ('example.com. 300 CAA 0 issue "sectigo.com"\nexample.com. 300 CAA 3 isue "sectigo.com"\n', [],
     'caa-tag-unknown'),
    ('example.com. 300 CAA 0 issue "sectigo.com"\nexample.com. 300 CAA 4 iodef "me@example.com"\n', [],
     'caa-iodef-malformed caa-flags-reserved'),
)

# Knot 3.5.8 loads no zone with CAA of a single octet, and no Knot loads one with CAA beside a CNAME.
LOADED = tuple(case for case in CASES if '\\# 1 ' not in case[0] and case[2] != 'caa-beside-cname')

# Cures may lay bare further findings, but this must end.
ROUNDS_MAX = 5


def apply_text(zone, change):
    """What a person does with --fix zonefile."""
    lines = zone.splitlines()
    for line in change.splitlines():
        if line.startswith('; remove: '):
            lines.remove(line.removeprefix('; remove: '))
        elif line.startswith(';'):
            assert re.match(r'; zone \S+ serial \d+, to be raised$', line), line
        else:
            lines.append(line)
    return '\n'.join(lines) + '\n'


class FixTest(CliTest):
    def findings(self, text, words, least='notice'):
        grave = ['error', 'warning', 'notice']
        document = self.document('-o', 'example.com', *words, '-', data=text)
        return [finding for finding in document['findings']
                if grave.index(finding['severity']) <= grave.index(least)]

    def fix(self, form, text, words, least, zone='example.com'):
        result = self.caaudit('check', '-o', zone, '--fix', form, '--fail-on', least, *words, '-', data=text)
        self.assertIn(result.code, (0, 1))
        self.assertEqual(result.out.splitlines(), list(dict.fromkeys(result.out.splitlines())), 'said twice')
        return result


class Text(FixTest):
    def test_every_error_with_a_cure_has_a_case(self):
        curable = set()
        for zone, words, path in golden():
            document = self.document('-o', zone, *words, '-', data=path.read_bytes())
            curable |= {finding['id'] for finding in document['findings']
                        if finding['severity'] == 'error' and finding['fix'] is not None}
        self.assertGreater(len(curable), 10)
        self.assertLessEqual(curable, {id for _, _, ids in CASES for id in ids.split()})

    def test_cases(self):
        for cases, least in ((CASES, 'error'), (LESSER, 'notice')):
            for records, words, ids in cases:
                with self.subTest(ids=ids, records=records):
                    text = BASE + records
                    before = {finding['id'] for finding in self.findings(text, words)}
                    self.assertLessEqual(set(ids.split()), before)
                    rounds = 0
                    while self.caaudit('check', '-q', '-o', 'example.com', '--fail-on', least, *words, '-',
                                       data=text).code == 1:
                        rounds += 1
                        self.assertLessEqual(rounds, ROUNDS_MAX, text)
                        text = apply_text(text, self.fix('zonefile', text, words, least).out)
                    if least == 'error':
                        self.assertEqual(rounds, 1)

    def test_two_cures_of_one_record_become_one(self):
        text = BASE + 'example.com. 300 CAA 1 issue "sectigo.com."\n'
        result = self.fix('zonefile', text, [], 'notice')
        self.assertIn('\nexample.com. 300 CAA 0 issue "sectigo.com"\n', result.out)
        self.assertEqual(result.out.count('"sectigo.com."'), 1)

    def test_two_cas_that_share_a_name(self):
        """DigiCert takes amazon.com as well: each that is wanted gets its record all the same."""
        text = BASE + 'example.com. 3600 CAA 0 issue "letsencrypt.org"\n'
        result = self.fix('zonefile', text, ['--ca', 'amazon.com', '--ca', 'digicert.com'], 'error')
        for ca in ('amazon.com', 'digicert.com'):
            self.assertIn(f'\nexample.com. 3600 CAA 0 issue "{ca}"\n', result.out)

    def test_what_a_change_takes_away_is_told(self):
        """As the report says it: a typo that is mended may shut CAs out, the wanted one too."""
        issue = ''.join(f'shop.example.com. 3600 CAA 0 issue "{ca}"\n' for ca in ('sectigo.com', 'amazon.com'))
        for records, says in (
                (issue + 'shop.example.com. 3600 CAA 0 issuwild "digicert.com"\n',
                 ['then amazon.com, sectigo.com may issue no wildcards there any more']),
                (issue + 'shop.example.com. 3600 CAA 0 issuwild "sectigo.com"\n',
                 ['then amazon.com may issue no wildcards there any more']),
                ('example.com. 3600 CAA 0 issue "sectigo.com"\nshop.example.com. 3600 CAA 0 isue "digicert.com"\n',
                 ['then no CA that is not named may issue there', 'see caa-ancestor-overridden']),
                ('shop.example.com. 3600 CAA 0 isuewild "digicert.com"\n',
                 ['then no CA that is not named may issue wildcards there']),
                ('shop.example.com. 3600 CAA 0 issuewild "amazon.com"\nshop.example.com. 3600 CAA 0 isue "pki.goog"\n',
                 ['then no CA that is not named may issue there, then amazon.com may issue nothing but wildcards there']),
                ('shop.example.com. 3600 CAA 0 issue "sectigo.com"\nshop.example.com. 3600 CAA 0 isue "pki.goog"\n', [])):
            with self.subTest(records=records):
                result = self.fix('zonefile', BASE + records, [], 'warning')
                self.assertIn('; remove: ', result.out)
                text = ' '.join(self.caaudit('check', '-o', 'example.com', '-', data=BASE + records).out.split())
                self.assertEqual('then ' in text, says != [], text)
                self.assertEqual('cured at' in result.err, says != [], result.err)
                for words in says:
                    self.assertIn(words, text)
                    self.assertIn(words, result.err)

    def test_what_was_not_checked_is_told(self):
        """No output at all would look clean."""
        words = ['--ca', 'letsencrypt.org', '--host', 'www', '--validation', '_acme-challenge.www TXT tok']
        cut = 'www.example.com. 300 A 192.0.2.2\n_acme-challenge.www.example.com. 300 NS ns.example.net.\n'
        result = self.fix('zonefile', BASE + cut, words, 'error')
        self.assertEqual((result.code, result.out), (0, ''))
        self.assertEqual(result.err, 'caaudit: example.com.: not checked: validation TXT of _acme-challenge.www.example.com.: '
                         'another zone answers at _acme-challenge.www.example.com.\n')
        result = self.fix('zonefile', BASE + cut, [*words, '--validation', 'x._acme-challenge.www TXT tok'], 'error')
        self.assertRegex(result.err, r' \(and [0-9] more\)\n')

    def test_what_was_not_tried_is_counted(self):
        """There is a limit of trials: no finding beyond it is said to have no cure."""
        zone = BASE + ''.join(f'h{number}.example.com. 300 CAA 0 isue "sectgo.com"\n' for number in range(1100))
        result = self.fix('zonefile', zone, [], 'warning')
        tried = result.err.count('no record to change cures')
        self.assertIn(f'{1100 - tried} more findings whose cure was not tried', result.err)

    def test_more_than_one_change_can_cure(self):
        """What has come with the change and has a cure of its own is told, and the next run cures it."""
        name, target = '_6283de859a6306890eafc9455a540d72', '709b21fb6b9531b37917d3558f74630b.26d4fd744262e4de9bd2530f2415e1fd'
        zone = self.put('example.com.zone', BASE + 'deep.ent.example.com. 3600 CNAME example.com.\n'
                        '*.example.com. 3600 A 192.0.2.235\n*.example.com. 300 CAA 129 issue "digicert.com"\n'
                        'www.example.com. 300 CAA 0 issue "letsencrypt.org; a-b=1"\n'
                        'www.example.com. 300 CAA 0 issuewild "digicert.com; validationmethods=DNS-01"\n'
                        f'{name}.b.example.com. 3600 CNAME {target}.sectigo.com.example.com.\n'
                        f'{name}.y.x.a.example.com. 300 TXT "{target}.sectigo.com"\n')
        words = ['--ca', 'digicert.com', '--host', '@', '--host', 'host.app', '--override-denial', '--fail-on', 'notice',
                 '--fix', 'zonefile', zone]
        result = self.caaudit('check', *words)
        self.assertRegex(result.err, '[0-9] more findings? with a cure')
        gone = [line.removeprefix('; remove: ') for line in result.out.splitlines() if line.startswith('; remove: ')]
        come = [line for line in result.out.splitlines() if not line.startswith(';')]
        lines = [line for line in (self.dir / zone).read_text().splitlines() if line not in gone] + come
        self.put(zone, '\n'.join(lines) + '\n')
        result = self.caaudit('check', *words)
        self.assertIn('; remove: ', result.out)
        self.assertNotIn('more finding', result.err)

    def test_a_document_names_every_record_that_goes(self):
        text = BASE + ('_a.example.com. 300 TXT "one"\n_a.example.com. 300 TXT "two"\n'
                       '_a.example.com. 300 TXT "three"\n')
        finding, = self.findings(text, ['--validation', '_a new.sectigo.com.'])
        self.assertEqual((finding['id'], finding['fix']), ('dcv-type-conflict', 'replace'))
        self.assertEqual(sorted([finding['record'], *finding['also']]), sorted(text.splitlines()[-3:]))

    def test_knotc_finds_targets_in_lower_case(self):
        text = BASE + '_a.example.com. 300 CNAME OLD.sectigo.com.\n'
        for form, target in (('zonefile', 'OLD.sectigo.com.'), ('knotc', 'old.sectigo.com.')):
            lines = self.fix(form, text, ['--validation', '_a New.sectigo.com.'], 'error').out.splitlines()
            gone, = (line for line in lines if 'unset' in line or 'remove' in line)
            self.assertEqual(gone.split()[-1], target)

    def test_nothing_to_do(self):
        for form in ('zonefile', 'knotc', 'nsupdate'):
            self.assertEqual(self.fix(form, BASE, [], 'notice'), (0, '', ''))

    def test_what_is_left_is_told(self):
        text = BASE + ('example.com. 300 CAA 0 issue "letsencrypt.org"\n'
                       'example.com. 300 CAA 1 issue "digicert.com"\n'
                       'loop.example.com. 300 CNAME loop.example.com.\n')
        result = self.fix('knotc', text, ['--host', '@', '--host', 'loop'], 'error')
        self.assertRegex(result.err, r'caa-alias-loop at loop\.example\.com\.')
        self.assertRegex(result.err, r"1 finding below 'error' left alone")

    def test_signed_zone(self):
        """A file that was signed in advance is bogus after the change until it is signed anew."""
        denied = BASE + 'example.com. 300 CAA 0 issue "digicert.com"\n'
        key = 'example.com. 300 DNSKEY 257 3 13 ' + 'A' * 86 + '==\n'
        for form in ('zonefile', 'knotc', 'nsupdate'):
            self.assertIn('sign it anew', self.fix(form, denied + key, ['--no-wildcard'], 'error').err)
            self.assertNotIn('sign', self.fix(form, denied, ['--no-wildcard'], 'error').err)
            self.assertNotIn('anew', self.fix(form, BASE + key, ['--no-wildcard'], 'error').err)

    def test_what_the_change_cures_is_not_told(self):
        doubled = 'shop.example.com.example.com. 300 CAA 0 issue "sectigo.com"\n'
        text = BASE + 'example.com. 300 CAA 0 issue "digicert.com"\nshop.example.com. 300 A 192.0.2.2\n' + doubled
        for form in ('zonefile', 'knotc', 'nsupdate'):
            # No record of its own cures the denial, but that of the slip does.
            result = self.fix(form, text, ['--host', 'shop', '--no-wildcard'], 'error')
            self.assertEqual((result.out != '', result.err),
                             (True, 'caaudit: example.com.: cured at shop.example.com.: then digicert.com may issue '
                              'there no longer\n'))
        # A host that the change does not reach stays denied.
        result = self.fix('zonefile', text, ['--host', 'shop', '--host', '@', '--account-uri', 'https://ca.test/1'],
                          'error')
        self.assertNotIn('caa-issue-denied at shop.example.com.', result.err)
        # Where the record cannot stand at the name that is meant, the denial has a cure of its own.
        text = BASE + ('example.com. 300 CAA 0 issue "digicert.com"\n*.example.com. 300 A 192.0.2.2\n' + doubled)
        result = self.fix('zonefile', text, ['--host', 'shop', '--no-wildcard'], 'error')
        self.assertIn('\nexample.com. 300 CAA 0 issue "sectigo.com"\n', result.out)
        self.assertNotIn('caa-issue-denied', result.err)
        self.assertRegex(result.err, r'caa-owner-doubled at shop\.example\.com\.example\.com\.')

    def test_forms(self):
        text = BASE + ('_a.example.com. 300 CNAME old.sectigo.com.\n'
                       'it\\039s.example.com. 300 CAA 0 issue "letsencrypt.org"\n')
        words = ['--no-wildcard', '--host', 'it\\039s', '--validation', '_a new.sectigo.com.']
        self.assertEqual(self.fix('zonefile', text, words, 'error').out,
                         '; zone example.com. serial 7, to be raised\n'
                         '; remove: _a.example.com. 300 CNAME old.sectigo.com.\n'
                         '_a.example.com. 300 CNAME new.sectigo.com.\n'
                         'it\\\'s.example.com. 300 CAA 0 issue "sectigo.com"\n')
        script = self.fix('knotc', text, words, 'error').out
        self.assertEqual([shlex.split(line) for line in script.splitlines()], [
            ['zone-begin', 'example.com.'],
            ['zone-unset', 'example.com.', '_a.example.com.', 'CNAME', 'old.sectigo.com.'],
            ['zone-set', 'example.com.', '_a.example.com.', '300', 'CNAME', 'new.sectigo.com.'],
            ['zone-set', 'example.com.', "it\\'s.example.com.", '300', 'CAA', '0 issue "sectigo.com"'],
            ['zone-commit', 'example.com.']])
        self.assertEqual(self.fix('nsupdate', text, words, 'error').out,
                         'zone example.com.\n'
                         'update delete _a.example.com. CNAME old.sectigo.com.\n'
                         'update add _a.example.com. 300 CNAME new.sectigo.com.\n'
                         'update add it\\\'s.example.com. 300 CAA 0 issue "sectigo.com"\n'
                         'send\n')


def golden():
    """(zone name, options, path) of the golden zones that the command reads without complaint."""
    for path in sorted((SOURCE / 'tests/golden/zones').glob('*.zone')):
        said = dict(re.findall(r'^; *(origin|caaudit): *(.*?) *$', path.read_text(errors='replace'), re.M))
        if 'origin' in said:
            yield said['origin'], shlex.split(said.get('caaudit', '')), path


class Tools(FixTest):
    """The server's own tools apply the change; the zone is transferred and checked again."""

    def setUp(self):
        super().setUp()
        for tool, path in knotd.TOOLS.items():
            if path is None:
                self.skipTest(f'no {tool}')

    def serve(self, zones):
        server = knotd.Server(zones)
        self.addCleanup(server.close)
        return server

    def check(self, server, zone, words, *more):
        return self.caaudit('check', '--axfr', zone, '--server', f'{server.address}@{server.port}',
                            *words, *more)

    def cure(self, form, cases, least):
        zones = {f'z{number}.example.com.': text for number, (text, _) in enumerate(cases)}
        server = self.serve(zones)
        for zone, (text, words) in zip(zones, cases):
            with self.subTest(form=form, text=text):
                rounds = 0
                while (result := self.check(server, zone, words, '--fail-on', least, '--fix', form)).out:
                    rounds += 1
                    self.assertLessEqual(rounds, ROUNDS_MAX, result)
                    self.assertEqual(result.code, 1)
                    said = server.knotc(result.out) if form == 'knotc' else server.nsupdate(result.out)
                    # knotc minds, and goes on, when what is to come is there already.
                    said = re.sub(r'error: \(such record already exists in zone\)', '', said)
                    self.assertNotRegex(said, r'(?i)error|fail|warn', result.out)
                again = self.check(server, zone, words, '--fail-on', least)
                if least == 'error':
                    self.assertEqual((again.code, rounds), (0, 1), again)

    def relative(self, cases):
        """The cases in a zone of their own each."""
        zones = []
        for records, words, _ in cases:
            number = len(zones)
            text = (BASE + records).replace('example.com.', f'z{number}.example.com.')
            zones.append((text, [word.replace('example.com.', f'z{number}.example.com.') for word in words]))
        return zones

    def test_golden_zones(self):
        """Every finding of the golden zones that --fix has a change for goes away."""
        for zone, words, path in golden():
            if path.name == 'caa-beside-cname.zone':
                continue
            with self.subTest(path.name):
                server = knotd.Server({zone: path.read_text()})
                try:
                    form = 'knotc'
                    for _ in range(ROUNDS_MAX):
                        change = self.check(server, zone, words, '--fail-on', 'notice', '--fix', form).out
                        if change:
                            (server.knotc if form == 'knotc' else server.nsupdate)(change)
                        form = 'nsupdate' if form == 'knotc' else 'knotc'
                    result = self.check(server, zone, words, '--fail-on', 'notice', '--fix', form)
                    self.assertEqual(result.out, '')
                finally:
                    server.close()

    def test_knotc(self):
        self.cure('knotc', self.relative(LOADED), 'error')
        self.cure('knotc', self.relative(LESSER), 'notice')

    def test_nsupdate(self):
        self.cure('nsupdate', self.relative(LOADED), 'error')
        self.cure('nsupdate', self.relative(LESSER), 'notice')


if __name__ == '__main__':
    unittest.main()
