# SPDX-License-Identifier: GPL-2.0-or-later

"""Every zone of a server's configuration, each by the options of its own module."""

import json
import unittest

import knotd
from support import DENIED, SANE, SOURCE, CliTest

CONFIG = """
server:
    listen: 127.0.0.1@5353
mod-stats:
  - id: custom
    request-protocol: on
mod-caaudit:
  - id: le
    ca: letsencrypt.org
    host: [ "@", www, "shop.example.net." ]
    wildcard: off
    log-limit: 5
    synthesize: [caa, validation]
  - id: strict
    strict: on
  - id: dcv
    validation: [ "_a a.sectigo.com.", "_b.example.net. b.sectigo.com." ]
    validation-file: "%s.val"
template:
  - id: default
    storage: "."
    module: mod-caaudit/le
  - id: other
    storage: other
    file: "%c[0-2]/%s.txt"
zone:
  - domain: example.com
  - domain: Example.NET.
    module: [ mod-stats/custom, mod-caaudit/dcv, mod-caaudit/strict ]
  - domain: a.test
    template: other
  - domain: b.test
    file: b
    module: mod-caaudit
"""


class Config(CliTest):
    def documents(self, config, *words):
        self.put('knot.conf', config)
        result = self.caaudit('check', '--format', 'json', '--config', 'knot.conf', *words)
        self.assertEqual(result.err, '')
        return result.code, [json.loads(line) for line in result.out.splitlines()]

    def zones(self):
        self.put('example.com.zone', DENIED)
        self.put('example.net.zone', DENIED + '_a 60 CNAME a.sectigo.com.\n')
        self.put('other/a.t/a.test.txt', SANE)
        self.put('b', SANE)

    def test_zones_and_modules(self):
        self.zones()
        self.put('example.net.val', '_c CNAME c.sectigo.com.\n')
        code, documents = self.documents(CONFIG)
        self.assertEqual(code, 1)
        self.assertEqual([document['zone'] for document in documents],
                         ['example.com.', 'example.net.', 'example.net.', 'a.test.', 'b.test.'])
        com, dcv, strict, a, b = documents
        self.assertEqual([(entry['host'], entry['wildcard'], entry['ca'], entry['permitted'])
                          for entry in com['hosts']],
                         [('example.com.', False, 'letsencrypt.org', True),
                          ('www.example.com.', False, 'letsencrypt.org', True)])
        self.assertEqual([(entry['owner'], entry['state']) for entry in dcv['validations']],
                         [('_a.example.net.', 'present'), ('_b.example.net.', 'missing'),
                          ('_c.example.net.', 'missing')])
        self.assertIn('caa-strict-incomplete', [finding['id'] for finding in strict['findings']])
        for document in (a, b):
            self.assertEqual([entry['ca'] for entry in document['hosts']], ['sectigo.com'] * 2)
        self.assertEqual(self.documents(CONFIG, '-j', '3'), (code, documents))

    def test_hosts_of_other_zones(self):
        """One list may serve many zones; where none of its names lies, nobody was judged."""
        self.put('b', SANE)
        zone = 'zone:\n  - domain: b.test\n    file: b\n    storage: .\n    module: mod-caaudit/x\n'
        for hosts, gaps in (('www.exmaple.test.', 1), ('[ www.a.test., www.b.test. ]', 0), ('"@"', 0)):
            _, (document,) = self.documents(f'mod-caaudit:\n  - id: x\n    host: {hosts}\n{zone}')
            self.assertEqual([gap['what'] for gap in document['not_checked']], ['hosts'] * gaps)
            self.assertEqual(document['hosts'] == [], gaps == 1)

    def test_command_line_is_for_zones_without_the_module(self):
        self.zones()
        _, documents = self.documents(CONFIG, '--ca', 'digicert.com', '--host', 'www', '--no-wildcard')
        self.assertEqual([sorted({entry['ca'] for entry in document['hosts']}) for document in documents],
                         [['letsencrypt.org'], ['sectigo.com'], ['sectigo.com'], ['digicert.com'],
                          ['sectigo.com']])
        self.assertEqual(documents[3]['hosts'][0]['host'], 'www.a.test.')

    def test_every_option_of_the_module_is_known(self):
        self.put('b', SANE)
        words = {option.split()[0] for option in json.loads((SOURCE / 'docs/promise.json').read_text())['option']}
        self.assertIn('change-check', words)
        for word in sorted(words):
            self.put('knot.conf', f'mod-caaudit:\n  - id: one\n    {word}: 7\nzone:\n  - domain: b.test\n    file: b\n'
                                  '    storage: .\n    module: mod-caaudit/one\n')
            self.assertNotIn('has no option', self.caaudit('check', '--config', 'knot.conf').err, word)

    def test_a_section_without_a_reference_is_none(self):
        """The server does not look for an id "default" either."""
        self.put('b', DENIED)
        _, (document,) = self.documents('mod-caaudit:\n  - id: default\n    ca: letsencrypt.org\nzone:\n  - domain: b.test\n'
                                        '    file: b\n    storage: .\n    module: mod-caaudit\n')
        self.assertEqual({entry['ca'] for entry in document['hosts']}, {'sectigo.com'})

    def test_wanted_ca_that_nobody_is_known_by(self):
        self.put('b', SANE + 'www 3600 CAA 0 issue "letsencrypt.com"\nwww 3600 CAA 0 issue "ca.example.net"\n'
                      '@ 3600 CAA 0 issue "letsencrypt.org"\n')
        config = ('mod-caaudit:\n  - id: slip\n    ca: [ %s ]\n    host: [ "@", www ]\n    strict: on\n'
                  'template:\n  - id: default\n    storage: .\n'
                  'zone:\n  - domain: b.test\n    file: b\n    module: mod-caaudit/slip\n')
        code, documents = self.documents(config % 'letsencrypt.com')
        found = [(finding['id'], finding['severity'], finding.get('ca'), finding['remedy'])
                 for finding in documents[0]['findings']]
        # Nothing is advised for it; and that a record names it as well makes it no better.
        self.assertEqual(code, 0)
        self.assertIn(('caa-wanted-lookalike', 'warning', 'letsencrypt.com', None), found)
        self.assertIn('caa-issuer-lookalike', [id for id, _, _, _ in found])
        self.assertEqual([id for id, _, ca, _ in found if ca], ['caa-wanted-lookalike'])
        # One that is like nobody's is taken as it is.
        code, documents = self.documents(config % 'ca.example.org')
        found = [finding['id'] for finding in documents[0]['findings']]
        self.assertEqual(code, 1)
        self.assertIn('caa-issue-denied', found)
        self.assertNotIn('caa-wanted-lookalike', found)

    def test_validation_files_that_cannot_be_read(self):
        """As in the server: the verdict stands, and the validations are not checked."""
        self.put('example.com.zone', SANE + '_a 60 CNAME a.sectigo.com.\n')
        config = ('mod-caaudit:\n  - id: x\n    validation: "_b b.sectigo.com."\n    validation-file: %s\n'
                  'template:\n  - id: default\n    storage: .\nzone:\n  - domain: example.com\n    module: mod-caaudit/x\n')
        for text, says in ((None, r'v: cannot open \(no such file'), ('_a A 192.0.2.1\n', 'v:1: .*CNAME and TXT'),
                           ('_c CNAME c.\n_d.www.example.com CNAME d.\n', 'v:2: the owner ends with the zone name twice')):
            with self.subTest(text):
                if text:
                    self.put('v', text)
                self.put('knot.conf', config % 'v')
                result = self.caaudit('check', '--config', 'knot.conf', '--format', 'json')
                # The one that is expected besides is missed.
                document = json.loads(result.out)
                self.assertEqual([host['permitted'] for host in document['hosts']], [True, True])
                self.assertEqual([(entry['owner'], entry['state']) for entry in document['validations']],
                                 [('_b.example.com.', 'missing')])
                (gap,) = document['not_checked']
                self.assertEqual(gap['what'], 'validation-file')
                self.assertRegex(gap['why'], '^' + says)
                self.assertNotIn('dcv-record-stale', [finding['id'] for finding in document['findings']])
                self.assertRegex(result.err, rf'^caaudit: {says}.*\ncaaudit: example\.com\.: not checked: .*\n$')
                self.assertEqual(result.code, 1)
                # Without a finding it is not clean.
                self.put('knot.conf', config.replace('    validation: "_b b.sectigo.com."\n', '') % 'v')
                result = self.caaudit('check', '--config', 'knot.conf')
                self.assertEqual(result.code, 2)
                self.assertIn(': not checked: ', result.err)
                self.assertRegex(result.out, 'Not checked\n  validation-file: v')
                self.assertNotIn('clean', result.out)
                result = self.caaudit('check', '--config', 'knot.conf', '--format', 'prometheus')
                self.assertEqual(result.code, 2)
                self.assertRegex(result.out, r'not_checked\S* 1\n')
                self.assertNotIn('failed', result.out)

    def test_missing_zone_files(self):
        self.put('knot.conf', CONFIG)
        self.put('example.com.zone', SANE)
        result = self.caaudit('check', '--config', 'knot.conf')
        self.assertEqual(result.code, 2)
        self.assertEqual(len(result.err.splitlines()), 4)
        self.assertIn('5 zones: 1 passed, 0 failed, 4 could not be checked\n', result.out)

    def test_includes(self):
        self.put('knot.conf', 'include: conf.d/*.conf\ninclude: "none/*.conf"\n')
        self.put('conf.d/1.conf', 'template:\n  - id: default\n    storage: .\n')
        self.put('conf.d/2.conf', 'zone:\n  - domain: example.com\ninclude: more.inc\n')
        self.put('conf.d/more.inc', 'zone:\n  - domain: b.test\n    file: b\n')
        self.zones()
        result = self.caaudit('check', '--config', 'knot.conf')
        self.assertIn('2 zones: 1 passed, 1 failed', result.out)

    def test_catalogs(self):
        """They serve no hosts; of those that list other zones that is said."""
        self.zones()
        self.put('knot.conf', 'mod-caaudit:\n  - id: x\ntemplate:\n  - id: default\n    storage: .\n'
                 '  - id: list\n    catalog-role: interpret\n    catalog-template: default\n'
                 '    module: mod-caaudit/x\nzone:\n  - domain: example.net\n    template: list\n'
                 '  - domain: example.com\n    catalog-role: interpret\n'
                 '  - domain: made.test\n    catalog-role: generate\n'
                 '  - domain: b.test\n    file: b\n    catalog-role: member\n    catalog-zone: made.test\n')
        result = self.caaudit('check', '--config', 'knot.conf', '--format', 'json')
        self.assertEqual(result.code, 0)
        self.assertEqual([json.loads(line)['zone'] for line in result.out.splitlines()], ['b.test.'])
        self.assertRegex(result.err, r"^caaudit: knot\.conf:11: zone 'example\.net': a catalog, left out; .* not checked\n"
                                     r"caaudit: knot\.conf:13: zone 'example\.com': a catalog, left out; .* not checked\n$")
        result = self.caaudit('check', '--config', 'knot.conf', '-v')
        self.assertRegex(result.err, r"zone 'made\.test': a catalog, left out\n$")
        self.assertEqual(self.caaudit('check', '--config', 'knot.conf', '-q').err, '')
        self.put('knot.conf', 'zone:\n  - domain: example.com\n    catalog-role: generate\n')
        self.fails('check', '--config', 'knot.conf', says='no zones')

    def test_wrong_configurations(self):
        zone = 'zone:\n  - domain: a.test\n'
        for text, says in (
                ('', 'no zones'),
                ('server:\n  listen: 127.0.0.1\n', 'no zones'),
                (zone + '    template: none\n', r"knot\.conf:2: no template 'none'"),
                (zone + '    module: mod-caaudit/none\n', r'knot\.conf:2: no mod-caaudit/none'),
                (zone + '    file: "%c[9-"\n', 'not understood'),
                ('zone:\n  - domain: a..b\n', "'a..b': not a domain name"),
                (zone + '   bad\n', r'knot\.conf:3: '),
                (zone + '\tdomain: x\n', r'knot\.conf:3: '),
                ('zone:\n  - domain: [a.test\n', r'knot\.conf:\d: '),
                ('include: missing.conf\n', r'knot\.conf:1: include \S*missing\.conf: no such file'),
                ('include: knot.conf\n', 'too many within each other'),
                (b'\x00\xff\xfe', r'knot\.conf:1: '),
                ('mod-caaudit:\n  - id: x\n    stric: on\n' + zone + '    module: mod-caaudit/x\n',
                 r"knot\.conf:2: mod-caaudit has no option 'stric'"),
                ('mod-caaudit:\n  - id: x\n    strict: maybe\n' + zone + '    module: mod-caaudit/x\n',
                 'neither on nor off'),
                ('mod-caaudit:\n  - id: x\n    ca: "a b"\n' + zone + '    module: mod-caaudit/x\n',
                 r"mod-caaudit/x: ca 'a b': "),
                ('mod-caaudit:\n  - id: x\n    host: a..b\n' + zone + '    module: mod-caaudit/x\n',
                 r"mod-caaudit/x: host 'a\.\.b': ")):
            with self.subTest(text):
                self.put('knot.conf', text)
                self.fails('check', '--config', 'knot.conf', says=says)
        self.fails('check', '--config', 'missing.conf', says='missing.conf: .*no such file')
        self.fails('check', '--config', '.', says=r'^caaudit: \.: .*not a file')
        self.fails('check', '--config', 'knot.conf', 'a.zone', says='not two')
        self.fails('check', '--config', 'knot.conf', '-o', 'a.test', says='--origin')

    def test_options_that_decide(self):
        self.put('a.test.zone', SANE + 'www A 192.0.2.1\n@ CAA 0 issue "sectigo.com"\n@ CAA 0 issuewild ";"\n'
                                       'shut CAA 0 issue ";"\nshut A 192.0.2.1\n')
        for lines, wanted in (('', 'caa-wildcard-locked'), ('wildcard: auto', 'caa-wildcard-locked'),
                              ('wildcard: on', 'caa-issuewild-denied'), ('wildcard: true', 'caa-issuewild-denied'),
                              ('wildcard: off', None), ('host: wwww', 'host-missing'), ('host: "@"', None)):
            with self.subTest(lines):
                text = f'mod-caaudit:\n  - id: x\n    {lines}\nzone:\n  - domain: a.test\n' \
                       '    storage: .\n    module: mod-caaudit/x\n'
                _, (document,) = self.documents(text)
                found = {finding['id'] for finding in document['findings']}
                if wanted:
                    self.assertIn(wanted, found)
                elif 'off' in lines:
                    self.assertFalse(found & {'caa-wildcard-locked', 'caa-issuewild-denied'})
                else:
                    self.assertNotIn('host-missing', found)
        for option, cured in (('off', False), ('on', True)):
            self.put('knot.conf', f'mod-caaudit:\n  - id: x\n    host: shut\n    override-denial: {option}\n'
                     'zone:\n  - domain: a.test\n    storage: .\n    module: mod-caaudit/x\n')
            out = self.caaudit('check', '--fix', 'zonefile', '--config', 'knot.conf').out
            self.assertEqual('shut.a.test. 3600 CAA 0 issue "sectigo.com"' in out, cured, out)

    def test_what_the_server_takes_is_checked(self):
        self.put('a.test.zone', SANE)
        self.put('knot.conf', 'mod-caaudit:\n  - id: x\n    host: [www.a.test, www.b.test.]\n'
                 'zone:\n  - domain: a.test\n    storage: .\n    module: mod-caaudit/x\n')
        result = self.caaudit('check', '--config', 'knot.conf')
        self.assertEqual(result.code, 0)
        self.assertRegex(result.err, r"^caaudit: mod-caaudit/x: host 'www\.a\.test': .*write 'www\.a\.test\.'\n$")
        self.assertIn('www.a.test.a.test.', result.out)

    def test_examples_are_understood(self):
        examples = sorted((SOURCE / 'config-examples').glob('*.conf'))
        for path in examples:
            with self.subTest(path.name):
                result = self.caaudit('check', '--config', str(path))
                # Their zone files are elsewhere, and nothing else is wrong.
                for line in result.err.splitlines():
                    self.assertRegex(line, r'cannot open \(|cannot read \(')

    # What a configuration has beside its zone, and the findings: section, id and option, or nothing.
    REFUSALS = (
        ('', 'module: mod-caaudit', '', []),
        ('mod-queryacl', 'module: [ mod-caaudit, mod-queryacl/x ]', 'address: 192.0.2.0/24',
         ['server-query-refused warning address']),
        ('mod-queryacl', 'module: mod-queryacl/x', 'address: [ 192.0.2.0-192.0.2.9, "2001:db8::/32" ]',
         ['server-query-refused warning address']),
        ('mod-queryacl', 'module: mod-queryacl/x', 'address: [ 0.0.0.0/0, "::/0" ]', []),
        ('mod-queryacl', 'module: mod-queryacl/x', 'address: 0.0.0.0/0', ['server-query-refused warning address']),
        ('mod-queryacl', 'module: mod-queryacl/x', 'address: /run/a.sock', ['server-query-refused warning address']),
        ('mod-queryacl', 'module: mod-caaudit', 'address: 192.0.2.0/24', []),
        ('mod-queryacl', 'module: [ mod-caaudit/ip, mod-queryacl/x ]', 'address: 192.0.2.0/24', [
            'server-query-refused error address']),
        ('mod-queryacl', 'module: [ mod-caaudit/ip, mod-queryacl/x ]', 'address: [ 198.51.100.0/24, "2001:db8::/32" ]', [
            'server-query-refused warning address']),
        ('mod-queryacl', 'module: mod-queryacl/x', 'interface: 127.0.0.9', ['server-query-refused warning interface']),
        ('mod-queryacl', 'module: mod-queryacl/x', 'interface: [ 127.0.0.1, "::1" ]', []),
        ('mod-rrl', 'module: mod-rrl/x', 'rate-limit: 1000', []),
        ('mod-rrl', 'module: mod-rrl/x', 'rate-limit: 1000\n    slip: 2', ['server-answers-limited warning slip']),
        ('mod-rrl', 'module: mod-rrl/x', 'slip: 0\n    dry-run: on', []),
        ('mod-rrl', 'module: mod-rrl/x', 'slip: 0\n    whitelist: [ 0.0.0.0/0, "::/0" ]', []),
        ('mod-rrl', 'module: mod-rrl/x', 'rate-limit: 5\n    instant-limit: 5', [
            'server-answers-limited warning rate-limit']),
        ('mod-rrl', 'module: mod-rrl/x', 'rate-limit: 5\n    instant-limit: 6', []),
        ('mod-noudp', 'module: mod-noudp', 'udp-allow-rate: 1', []),
        ('mod-geoip', 'module: mod-geoip/x', 'config-file: a', ['server-answers-vary notice config-file']),
    )

    def refusals(self, section, zone, values, template='', listen='listen: [ 127.0.0.1@53, "::1" ]'):
        """Findings about the server, and their texts."""
        self.put('a.zone', SANE)
        other = f'{section}:\n  - id: x\n    {values}\n' if section else ''
        _, (document,) = self.documents(
            f'server:\n    {listen}\nmod-caaudit:\n  - id: ip\n    validation-ip: [ 198.51.100.7, "2001:db8::1-2001:db8::9" ]\n'
            f'{other}template:\n  - id: default\n    storage: .\n    {template}\n'
            f'zone:\n  - domain: example.com\n    file: a.zone\n    {zone}\n')
        found = [finding for finding in document['findings'] if finding['id'].startswith('server-')]
        return [f'{finding["id"]} {finding["severity"]}' for finding in found], [finding['text'] for finding in found]

    def test_what_the_server_refuses(self):
        for section, modules, values, expected in self.REFUSALS:
            # In the zone, in the template that it has, and where it can be, of global scope.
            ways = [(modules, ''), ('', modules)]
            if 'mod-caaudit' not in modules and section != 'mod-geoip':
                ways.append(('', modules.replace('module:', 'global-module:')))
            for zone, template in ways:
                with self.subTest(values, zone=zone, template=template):
                    found, texts = self.refusals(section, zone, values, template)
                    self.assertEqual(found, [entry.rsplit(' ', 1)[0] for entry in expected])
                    for text, entry in zip(texts, expected):
                        for part in (f'section {section}, id x', f'option {entry.rsplit(" ", 1)[1]}:', 'write'):
                            self.assertIn(part, text)
                        self.assertEqual('global-module' in text, 'global-module' in template)

    def test_own_list_replaces_that_of_the_template(self):
        for zone, expected in (('module: mod-caaudit', []), ('comment: a', ['server-query-refused warning'])):
            found, _ = self.refusals('mod-queryacl', zone, 'address: 192.0.2.0/24', 'module: mod-queryacl/x')
            self.assertEqual(found, expected)
        found, _ = self.refusals('mod-queryacl', 'module: mod-caaudit', 'address: 192.0.2.0/24',
                                 'global-module: mod-queryacl/x')
        self.assertEqual(found, ['server-query-refused warning'])

    def test_several_instances_that_refuse(self):
        section = 'mod-queryacl:\n  - id: y\n    address: 198.51.100.0/24\nmod-queryacl'
        found, texts = self.refusals(section, 'module: [ mod-queryacl/x, mod-queryacl/y ]', 'address: 192.0.2.0/24')
        self.assertEqual(found, ['server-query-refused warning'] * 2)
        self.assertEqual(sorted(part for text in texts for part in ('id x', 'id y') if part in text), ['id x', 'id y'])

    def test_no_tcp(self):
        for listen, expected in (('listen: 127.0.0.1\nxdp:\n    listen: eth0@53', []),
                                 ('rundir: .\nxdp:\n    listen: eth0@53', ['server-answers-limited warning']),
                                 ('rundir: .\nxdp:\n    listen: eth0@53\n    tcp: on', [])):
            for zone, template in (('module: mod-noudp', ''), ('', 'global-module: mod-noudp')):
                self.assertEqual(self.refusals('', zone, '', template, listen)[0], expected)

    def test_families_that_the_server_listens_on(self):
        for listen, expected in (('listen: 0.0.0.0@53', []), ('listen: [ 0.0.0.0@53, "::@53" ]', ['server-query-refused warning']),
                                 ('listen: 0.0.0.0\nxdp:\n    listen: eth0', ['server-query-refused warning'])):
            found, _ = self.refusals('mod-queryacl', 'module: mod-queryacl/x', 'address: 0.0.0.0/0', listen=listen)
            self.assertEqual(found, expected)

    def test_what_refuses_is_not_understood(self):
        self.put('a.zone', SANE)
        for section, values, says in (
                ('mod-queryacl', 'address: 192.0.2.256', 'address'), ('mod-queryacl', 'address: 192.0.2.0/33', 'address'),
                ('mod-queryacl', 'address: 192.0.2.0/', 'address'), ('mod-queryacl', 'address: 192.0.2.0/-1', 'address'),
                ('mod-queryacl', 'address: "192.0.2.1-2001:db8::1"', 'address'), ('mod-queryacl', 'interface: eth0', 'interface'),
                ('mod-rrl', 'slip: -1', 'slip'), ('mod-rrl', 'rate-limit: 5k', 'rate-limit'),
                ('mod-rrl', 'whitelist: all', 'whitelist'), ('mod-rrl', 'dry-run: maybe', 'dry-run')):
            self.put('knot.conf', f'{section}:\n  - id: x\n    {values}\nzone:\n  - domain: a.test\n'
                                  f'    file: a.zone\n    module: {section}/x\n')
            self.fails('check', '--config', 'knot.conf', says=f'knot.conf:2: {says}')
        self.put('knot.conf', 'zone:\n  - domain: a.test\n    module: mod-queryacl/x\n')
        self.fails('check', '--config', 'knot.conf', says='mod-queryacl/x')

    def test_same_files_as_the_server(self):
        """The paths are those that knotd reads."""
        if knotd.TOOLS['knotd'] is None:
            self.skipTest('no knotd')
        server = knotd.Server({'example.com.': DENIED, '0/25.2.0.192.in-addr.arpa.': SANE})
        self.addCleanup(server.close)
        text = (server.dir / 'knot.conf').read_text()
        self.assertIn('example.com.zone', text)
        result = self.caaudit('check', '--config', str(server.dir / 'knot.conf'))
        self.assertIn('2 zones: 1 passed, 1 failed, 0 could not', result.out)


if __name__ == '__main__':
    unittest.main()
