# SPDX-License-Identifier: GPL-2.0-or-later

"""The command line: what is accepted, what is refused, and the exit codes."""

import os
import subprocess
import unittest

from support import COMMAND, DENIED, SANE, SOA, CliTest, options


class Wanted(CliTest):
    """What must hold, as the command line says it."""

    def verdicts(self, *words):
        return [(entry['host'], entry['wildcard']) for entry in self.document(*words)['hosts']]

    def test_wildcard(self):
        zone = self.put('example.com.zone', SANE + '@ CAA 0 issue "sectigo.com"\n@ CAA 0 issuewild ";"\n')
        ids = {value: {finding['id'] for finding in self.document(*words, zone)['findings']} for value, *words in
               (('none',), *((value, '--wildcard', value) for value in ('auto', 'on', 'off')), ('no', '--no-wildcard'))}
        self.assertIn('caa-wildcard-locked', ids['auto'])
        self.assertEqual(ids['none'], ids['auto'])
        self.assertIn('caa-issuewild-denied', ids['on'])
        self.assertFalse(ids['off'] & {'caa-wildcard-locked', 'caa-issuewild-denied'})
        self.assertEqual(ids['no'], ids['off'])
        self.assertEqual([wildcard for _, wildcard in self.verdicts('--wildcard', 'off', zone)], [False])

    def test_override_denial(self):
        zone = self.put('example.com.zone', SANE + 'www A 192.0.2.1\n@ CAA 0 issue ";"\n')
        for words, cured in (([], False), (['--override-denial'], True)):
            result = self.caaudit('check', '--no-wildcard', '--host', 'www', '--fix', 'zonefile', *words, zone)
            self.assertEqual((result.code, 'issue "sectigo.com"' in result.out), (1, cured))

    def test_named_hosts_must_be_there(self):
        zone = self.put('example.com.zone', SANE)
        for words, missing in (([], False), (['--host', 'wwww'], True), (['--host', 'ns'], False)):
            found = [finding['id'] for finding in self.document(*words, zone)['findings']]
            self.assertEqual('host-missing' in found, missing)

    def test_named_hosts_are_wanted(self):
        zone = self.put('example.com.zone', SOA + '@ NS ns.example.net.\n@ CAA 0 issue ";"\n')
        for words, code, name in (([], 0, 'caa-locked'), (['--host', '@'], 1, 'caa-issue-denied')):
            self.assertIn(name, [finding['id'] for finding in self.document(*words, zone, code=code)['findings']])


class Usage(CliTest):
    def setUp(self):
        super().setUp()
        self.zone = self.put('example.com.zone', DENIED)

    def test_no_command(self):
        run = self.run_raw()
        self.assertEqual((run.returncode, run.stdout), (2, b''))
        self.assertIn(b'Usage: ', run.stderr)

    def test_commands(self):
        self.fails('chekc', self.zone, says="did you mean 'check'")
        self.fails(self.zone, says="did you mean 'caaudit check example.com.zone'")
        self.fails('--strict', self.zone, says='after a command')
        self.fails('zzzzzzz', says='caaudit --help')

    def test_help_and_version(self):
        for words in (['-h'], ['--help'], *([command, word] for command in ('check', 'probe', 'findings', 'explain', 'cas')
                                            for word in ('-h', '--help'))):
            result = self.caaudit(*words)
            self.assertEqual((result.code, result.err), (0, ''))
            self.assertTrue(result.out.startswith('Usage: caaudit '))
        for words in (['-V'], ['--version'], ['check', '-V'], ['findings', '--version'], ['explain', '-V']):
            result = self.caaudit(*words)
            self.assertEqual((result.code, result.out, result.err),
                             (0, f'caaudit {os.environ["CAAUDIT_VERSION"]}\n', ''))

    def test_unknown_options(self):
        self.fails('check', '--validatoin', 'x', self.zone, says="did you mean '--validation'")
        self.fails('check', '--hots', 'x', self.zone, says="did you mean '--host'")
        self.fails('check', '--da', 'x', self.zone, says="did you mean '--ca'")  # Before --ds in the help.
        self.fails('check', '--CA', 'x', self.zone, says="did you mean '--ca'")
        self.fails('check', '--fo', 'x', self.zone, says='ambiguous')
        self.fails('check', '--qqqqqqqqqqq', self.zone, says='caaudit check --help')
        self.fails('check', '-x', self.zone, says="no option '-x'")
        self.fails('check', '-vx', self.zone, says="no option '-x'")
        self.fails('check', b'-\xff', self.zone, says='no option')
        self.fails('check', b'--\xff\033[31m', self.zone, says='no option')
        self.fails('findings', '--strict', says='no option')

    def test_arguments_of_options(self):
        for option in options():
            if option.arg is None:
                self.fails(option.command, option.name + '=x', self.zone, says='takes no argument')
                continue
            self.fails(option.command, option.name, says='needs an argument')
            if option.letter:
                self.fails(option.command, option.letter, says='needs an argument')

    def test_options_given_twice(self):
        values = {'--origin': 'example.com', '--account-uri': 'https://ca.test/1', '--tsig': 'k:AAAA',
                  '--validation-method': 'dns-01', '--live': 'a', '--control': 'b', '--axfr': 'c'}
        for name, value in values.items():
            self.fails('check', name, value, name, value, self.zone, says=f'{name} is given twice')
        self.assertFalse([option for option in options() if option.repeatable and option.name in values])

    def test_words(self):
        self.fails('check', '--format', 'yaml', self.zone, says=r'text\|json')
        self.fails('check', '--fix', '', self.zone, says='zonefile')
        self.fails('check', '--fix', 'patch', self.zone, says='nsupdate')
        self.fails('check', '--fail-on', 'never', self.zone, says='notice')
        for number in ('0', '-1', '257', '1x', '', ' 1', '99999999999999999999'):
            self.fails('check', '-j', number, self.zone, says='1 to 256')

    def test_combinations(self):
        for words, says in (
                ([], 'no zone file'),
                (['--live', 'example.com', '--control', 's', self.zone], 'not two'),
                (['--live', 'a.test', '--control', 's', '--axfr', 'a.test', '--server', '::1'], 'not two'),
                (['--control', 's', self.zone], '--live'),
                (['--server', '::1', self.zone], '--axfr'),
                (['--tsig', 'k:AAAA', self.zone], '--axfr'),
                (['--live', 'a.test', '--control', 's', '-o', 'a.test'], '--origin'),
                (['--fix', 'knotc', '--format', 'text', self.zone], '--format'),
                (['-q', '--fix', 'knotc', self.zone], '--fix'),
                (['-q', '-v', self.zone], '--verbose'),
                (['-q', '--format', 'json', self.zone], '--format'),
                (['-o', 'a.test', '-', '-'], 'twice'),
                (['--wildcard', 'off', '--no-wildcard', self.zone], '--wildcard'),
                (['-'], '-o ZONE')):
            with self.subTest(words):
                self.fails('check', *words, says=says)
        self.fails('explain', says='caaudit findings')
        self.fails('findings', 'caa-issue-denied', says='explain caa-issue-denied')

    def test_policy_words(self):
        long = 'a' * 64
        for words, says in (
                (['--ca', ''], 'issuer'),
                (['--ca', 'two words'], 'issuer'),
                (['--ca', 'https://sectigo.com'], 'issuer'),
                (['--host', 'a..b'], 'name'),
                (['--host', ''], 'name'),
                (['--host', long], 'name'),
                (['--host', '*.www'], 'wildcard'),
                (['--host', 'www.example.org.'], 'not in zone example.com.'),
                (['--host', 'www.example.com'], "write 'www.example.com.'"),
                (['--host', 'EXAMPLE.com'], 'final dot'),
                (['--validation', ' _x.example.com  a.test'], "write '_x.example.com.'"),
                (['--host', 'example.com.example.net.'], 'not in zone'),
                (['--validation', ''], 'validation'),
                (['--validation', 'a b c'], 'owner and a target'),
                (['--validation', '_x.example.org. a.test'], 'not in zone'),
                (['--account-uri', 'not a uri'], 'URI'),
                (['--validation-method', 'a b'], 'method'),
                (['--origin', ''], 'empty'),
                (['--origin', 'a..b'], 'not a domain name'),
                (['--origin', '@'], 'not a domain name')):
            with self.subTest(words):
                self.fails('check', *words, self.zone, says=says)

    def test_names_that_end_almost_like_the_zone(self):
        for host in ('www.xexample.com', 'www.example.net', 'example', 'www.example.com.example.com.', '@', 'com',
                     'www\\.example.com'):
            with self.subTest(host):
                self.assertEqual(self.caaudit('check', '--host', host, self.zone).err, '')
        self.assertEqual(self.caaudit('check', '-o', '.', '--host', 'www', self.put('root', SANE)).err, '')

    def test_ca_that_nobody_knows(self):
        for name, meant in (('letsencrypt', 'letsencrypt.org'), ('sectgo.com', 'sectigo.com'),
                            ('sectigo.net.', 'sectigo.com')):
            self.fails('check', '--ca', name, self.zone,
                       says=rf"^caaudit: --ca '{name}': .*did you mean '{meant}'\?\n$")
        for name in ('sectigo.com', 'comodo.com', 'pki.goog.', 'ca.example.net', 'SECTIGO.com', 'zerossl.com', 'tencent'):
            self.assertEqual(self.caaudit('check', '--ca', name, self.zone).err, '')

    def test_hosts_of_several_zones(self):
        other = self.put('example.net.zone', SANE)
        result = self.caaudit('check', '--no-wildcard', '--host', 'www.example.com.', '--host', '@', '-v',
                              self.zone, other)
        self.assertRegex(result.out, r'denied +www\.example\.com\.')
        self.assertNotIn('www.example.net.', result.out)
        self.fails('check', '--host', 'www.example.org.', self.zone, other, says='in none of the zones')

    def test_times(self):
        for time in ('0', '1795500000', '20261124120000', '2026-11-24', '2026-11-24T12:00',
                     '2026-11-24T12:00:59Z', '2026-11-24T12:00:00+02:00', '2026-11-24 12:00:00-0130',
                     '2024-02-29', '999999999999'):
            with self.subTest(time):
                self.assertEqual(self.caaudit('check', '-q', '--now', time, self.zone).code, 1)
        for time in ('', 'now', '-1', '2026-02-29', '2026-13-01', '2026-11-24T24:00', '2026-11-24T12',
                     '2026-11-24T12:00:60', '2026-11-24Tx', '2026-1-1', '20261324120000',
                     '2026-11-24T12:00+2', '2026-11-24T12:00:00Zz', '1e9', '2026-11-24T', '9' * 13,
                     '1969-12-31T23:59', '2026-11-24T12:00:00+24:00'):
            with self.subTest(time):
                self.fails('check', '-q', '--now', time, self.zone, says='--now')

    def test_durations(self):
        for time in ('1', '60s', '5m', '36h', '3d', '2w', '2147483647'):
            with self.subTest(time):
                self.assertEqual(self.caaudit('check', '-q', '--rrsig-warning', time, self.zone).code, 1)
        for time in ('', '0', '0d', 'd', '-1', '1.5h', '3 d', '1dd', '1y', '2147483648', '9999999999w',
                     '18446744073709551617'):
            with self.subTest(time):
                self.fails('check', '-q', '--rrsig-warning', time, self.zone, says='--rrsig-warning')
        self.fails('check', '--rrsig-warning', '1d', '--rrsig-warning', '1d', self.zone, says='twice')

    def test_anchors(self):
        digest = '00' * 32
        record = f'example.com. 3600 IN DS 1 13 2 {digest}'
        self.put('anchors', f'; from the parent\n{record}\n{record}')
        for words in (['--ds', f'1 13 2 {digest}'], ['--ds', f'1 13 2 {digest[:32]} {digest[32:]}'],
                      ['--trust-anchor', record], ['--trust-anchor', 'anchors']):
            with self.subTest(words):
                result = self.caaudit('check', '--format', 'json', *words, self.zone)
                self.assertIn('dnssec-chain-broken', result.out)
        self.put('empty', '; nothing\n')
        self.put('include', '$INCLUDE anchors\n')
        self.put('long', f'{record}\n' * 3000)
        for words, says in (
                (['--ds', ''], '--ds'), (['--ds', 'x'], 'number'), (['--ds', '1 13 2'], '--ds'),
                (['--ds', '1 13 2 00'], 'length'), (['--ds', f'1 13 2 {digest}\n@ A 192.0.2.1'], 'digest'),
                (['--trust-anchor', 'absent'], 'absent'), (['--trust-anchor', '.'], '--trust-anchor'),
                (['--trust-anchor', 'empty'], 'no DS'), (['--trust-anchor', 'include'], 'INCLUDE'),
                (['--trust-anchor', 'long'], 'too large'),
                (['--trust-anchor', 'example.com. A 192.0.2.1'], 'neither'),
                (['--trust-anchor', record.replace('com', 'net')], 'none of the zones')):
            with self.subTest(words):
                self.fails('check', *words, self.zone, says=says)
        other = self.put('example.net.zone', SANE)
        self.fails('check', '--ds', f'1 13 2 {digest}', self.zone, other, says='which zone')
        self.assertEqual(self.caaudit('check', '-q', '--no-wildcard', '--trust-anchor', record, other,
                                      self.zone).code, 1)

    def test_servers(self):
        for server in ('', 'localhost', '127.0.0.1:53', '127.0.0.1@', '127.0.0.1@0', '127.0.0.1@65536',
                       '127.0.0.1@dns', '@53', '[::1]', '::1@53@53', '1.2.3.4.5', '127.0.0.1@ 53',
                       '127.1', '127.0.1', '2130706433', '0x7f.1'):
            with self.subTest(server):
                self.fails('check', '--axfr', 'example.com', '--server', server, says='address')

    def test_keys_are_not_repeated(self):
        for key in ('secret-word', 'hmac-nothing:name:c2VjcmV0LXdvcmQ=', 'name:secret-word', ':', '',
                    'a..b:AAAA'):
            result = self.fails('check', '--axfr', 'example.com', '--server', '::1', '--tsig', key,
                                says='--tsig')
            self.assertNotIn('secret-word', result.err)
            self.assertNotIn('c2Vjcm', result.err)
        self.fails('check', '--axfr', 'a.test', '--server', '::1', '--tsig', '@missing', says='no such file')

    def test_exit_codes(self):
        clean = self.put('clean.test.zone', SANE)
        warning = self.put('warning.test.zone', SANE + '@ 3600 CAA 0 issue "sectigo.com"\n'
                                                       '@ 3600 CAA 0 isue "sectigo.com"\n')
        missing = 'missing.test.zone'
        for words, code in (
                ([clean], 0),
                ([clean, '--fail-on', 'notice'], 0),
                ([self.zone], 1),
                ([warning], 0),
                ([warning, '--fail-on', 'warning'], 1),
                ([warning, '--fail-on', 'notice'], 1),
                ([clean, self.zone], 1),
                ([self.zone, clean], 1),
                ([clean, missing], 2),
                ([missing, self.zone], 2),
                ([self.zone, '--ca', 'letsencrypt.org'], 0)):
            with self.subTest(words):
                self.assertEqual(self.caaudit('check', *words).code, code)
                self.assertEqual(self.caaudit('check', '-j', '4', *words).code, code)
                quiet = self.caaudit('check', '-q', *words)
                self.assertEqual((quiet.code, quiet.out), (code, ''))
                self.assertEqual(quiet.err != '', code == 2)

    def test_full_disk(self):
        if not os.path.exists('/dev/full'):
            self.skipTest('no /dev/full')
        with open('/dev/full', 'wb') as full:
            run = subprocess.run([COMMAND, 'check', self.zone], cwd=self.dir, stdout=full,
                                 stderr=subprocess.PIPE, check=False)
        self.assertEqual(run.returncode, 2)
        self.assertIn(b'standard output', run.stderr)

    def test_abbreviations_and_forms(self):
        for words in (['--orig', 'example.com'], ['--origin=example.com'], ['-oexample.com'],
                      ['-o', 'example.com.'], ['-o', 'EXAMPLE.com']):
            document = self.document(*words, self.zone, code=1)
            self.assertEqual(document['zone'], 'example.com.')
        self.put('-odd.test.zone', DENIED)
        self.assertEqual(self.document('--', '-odd.test.zone')['zone'], '-odd.test.')


class Origin(CliTest):
    def test_names_of_files(self):
        for name, zone in (('example.com.zone', 'example.com.'), ('example.com', 'example.com.'),
                           ('db.example.com', 'example.com.'), ('example.com.db', 'example.com.'),
                           ('example.com.signed', 'example.com.'), ('db.example.com.signed', 'example.com.'),
                           ('example.com.zone.signed', 'example.com.'), ('pri.example.com', 'example.com.'),
                           ('example.com.hosts', 'example.com.'), ('example.com.dns', 'example.com.'),
                           ('example.com.txt', 'example.com.'), ('db.com', 'db.com.'), ('db.com.db', 'db.com.'),
                           ('signed', 'signed.'), ('xdb.example.com', 'xdb.example.com.'),
                           ('1.2.3.4.e164.arpa.zone', '1.2.3.4.e164.arpa.'),
                           ('Example.COM.zone', 'example.com.'), ('dir/example.com.zone', 'example.com.'),
                           ('example.com..zone', 'example.com.'), ('_x-1.test.zone', '_x-1.test.'),
                           ('zone', 'zone.'), ('test.zone.zone', 'test.zone.')):
            with self.subTest(name):
                self.assertEqual(self.document(self.put(name, SANE))['zone'], zone)
        self.assertEqual(self.document('--', self.put('0-31.2.0.192.in-addr.arpa.zone', SANE))['zone'],
                         '0-31.2.0.192.in-addr.arpa.')

    def test_no_names(self):
        for name in ('my zone.zone', 'a..b.zone', '..zone', '.zone', 'a' * 64 + '.zone', 'x;y.zone',
                     'z\u00f6ne.zone', 'a\nb.zone', '@.zone', 'a\\.b.zone', 'db.192.0.2', '127.zone'):
            with self.subTest(name):
                self.put(name, SANE)
                self.fails('check', name, says='-o ZONE')
        self.assertEqual(self.document('-o', 'a.test', 'my zone.zone')['zone'], 'a.test.')

    def test_owner_of_the_soa_is_the_zone(self):
        absolute = SANE.replace('@', 'Example.net.')
        for name in ('example.org.zone', 'my zone', 'db.192.0.2'):
            for text in (absolute, '$ORIGIN example.net.\n' + SANE, '; x\n\nns.example.net. A 192.0.2.1\n' + absolute,
                         '$ORIGIN net.\n' + SANE.replace('@', 'example')):
                with self.subTest((name, text)):
                    self.assertEqual(self.document(self.put(name, text))['zone'], 'example.net.')
        self.put('soa', absolute)
        self.assertEqual(self.document(self.put('x.zone', '$INCLUDE soa\n'))['zone'], 'example.net.')
        self.fails('check', '-o', 'example.org', self.put('x.zone', absolute), says='-o example.net.', lines=2)
        self.assertEqual(self.document('-', data=absolute)['zone'], 'example.net.')
        self.fails('check', '-', data=SANE, says='-o ZONE')

    def test_validations_that_no_ca_can_have_asked_for(self):
        """Nothing is audited by them, or their slip would become the cure."""
        zone = self.put('example.com.zone', SANE)
        target = f'{"1" * 32}.{"2" * 32}.sectigo.com'
        for line, says in (('_acme-challenge.www.example.com TXT "x"', 'zone name twice'),
                           (f'_{"0" * 32} CNAME {target}', 'the target ends'),
                           ('_acme-challenge.*.app TXT "x"', r"'\*'")):
            with self.subTest(line):
                self.fails('check', '--validation-file', self.put('expected', line + '\n'), zone, says=rf'expected:1: .*{says}')
        self.fails('check', '--validation', '_acme-challenge TXT ', zone, says='a type without a value')
        slip = f'_x {target}.example.com'
        for word in (slip, f'{slip}.', f'{slip.upper()}.', '_x y.Example.com.example.com.'):
            with self.subTest(word):
                self.fails('check', '--validation', word, zone,
                           says='the target ends with the zone name, its final dot is missing')
        # What somebody else may have in this zone, and what is in another one, is no slip.
        for word in ('_x y.example.com.', f'_x {target}.example.net.'):
            self.document('--validation', word, zone, code=1)

    def test_soa_without_its_final_dot(self):
        export = SANE.replace('@', 'example.net', 1).replace('@', 'example.net.')
        for name, before in (('example.net.zone', ''), ('export.txt', ''), ('my export', ''),
                             ('a.zone', '$ORIGIN example.net.\n'), ('b.zone', '$ORIGIN example.net.example.net.\n')):
            with self.subTest(name):
                line = 1 + bool(before)
                text = before + (export.replace('example.net ', '@ ', 1) if 'net.example' in before else export)
                result = self.fails('check', self.put(name, text), says=rf'{name}:{line}: .*final dot', lines=2)
                self.assertNotIn('-o ', result.err)
                self.assertNotIn('example.net.example.net', result.err)


if __name__ == '__main__':
    unittest.main()
