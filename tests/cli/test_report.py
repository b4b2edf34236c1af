# SPDX-License-Identifier: GPL-2.0-or-later

"""The report for people, several zones, and what a terminal gets."""

import os
import pty
import re
import resource
import subprocess
import time
import unittest

from support import COMMAND, DENIED, SANE, CliTest, drain, plain

MIXED = DENIED + ('www 3600 CNAME cdn.example.net.\n'
                  'shop 3600 CAA 1 issue "sectigo.com."\n'
                  'a-rather-long-name-for-a-host.in-a-department.of-the-company A 192.0.2.9\n')


class Text(CliTest):
    def test_clean_zone(self):
        result = self.caaudit('check', self.put('example.com.zone', SANE))
        self.assertEqual(result, (0, 'example.com.  serial 7\n'
                                     '  permitted  [*.]example.com.  sectigo.com  no CAA from the host up to the zone\n'
                                     'example.com.: clean\n', ''))

    def test_root(self):
        result = self.caaudit('check', '-o', '.', self.put('root', SANE))
        self.assertRegex(result.out, r'(?m)^  permitted  \[\*\.\]\. +sectigo\.com ')

    def test_a_host_and_its_wildcard_share_a_line_where_they_agree(self):
        zone = self.put('example.com.zone', DENIED + '@ CAA 0 issuewild "sectigo.com"\n')
        self.assertRegex(self.caaudit('check', zone).out, r'\n  denied +example\.com\. .*\n  permitted +\*\.example\.com\. ')
        apart = self.put('example.com.zone', DENIED + '@ CAA 0 issuewild "letsencrypt.org"\n')
        self.assertEqual(len(re.findall(r'(?m)^  denied ', self.caaudit('check', apart).out)), 2)
        for words, hosts in (([], ['[*.]example.com.']), (['-v'], ['example.com.', '*.example.com.']),
                             (['--no-wildcard'], ['example.com.'])):
            said = self.caaudit('check', *words, self.put('example.net.zone', SANE), '-o', 'example.com').out
            self.assertEqual(re.findall(r'(?m)^  permitted  (\S+)', said), hosts)

    def test_what_two_findings_share_is_said_once(self):
        bad = ''.join(f'_{i:032x}.{host} 300 CNAME _{i:032x}.abcdefghij.acm-validations.aws\n'
                      for i, host in enumerate(('a', 'b')))
        result = self.caaudit('check', self.put('example.com.zone', SANE + bad))
        self.assertEqual(result.out.count('  dcv-target-doubled  '), 2)
        self.assertEqual(result.out.count('final dot'), 1)
        self.assertEqual(len(re.findall(r'(?m)^    \+ ', result.out)), 2)

    def test_methods_that_validate_no_wildcard(self):
        """BR 3.2.2.4.18 to 20: by them nobody asks for a wildcard certificate."""
        zone = self.put('example.com.zone', SANE + '@ CAA 0 issue "letsencrypt.org; validationmethods=http-01"\n'
                                                   '@ CAA 0 issuewild "letsencrypt.org; validationmethods=dns-01"\n')
        words = ('check', '--ca', 'letsencrypt.org', zone, '--validation-method')
        self.assertEqual(self.caaudit(*words, 'http-01').code, 0)
        self.assertIn('caa-issue-denied', self.caaudit(*words, 'dns-01').out)
        result = self.caaudit(*words, 'HTTP-01', '--wildcard', 'on')
        self.assertEqual((result.code, result.out), (2, ''))
        self.assertIn('no CA validates a wildcard by it', result.err)

    def test_a_list_that_two_cas_share_is_told_once(self):
        """DigiCert issues by the names of Amazon."""
        zone = self.put('example.com.zone', SANE + '@ CAA 0 issue "amazon.com; validationmethods=http-01"\n')
        out = self.caaudit('check', '--ca', 'amazon.com', '--ca', 'digicert.com', '--no-wildcard', zone).out
        self.assertEqual(out.count('  caa-method-excluded  '), 1)

    def test_https_records_want_a_certificate(self):
        for record in ('www HTTPS 0 cdn.example.net.', 'www SVCB 1 . alpn=h2', 'www A 192.0.2.1'):
            zone = self.put('example.com.zone', SANE + '@ CAA 0 issue ";"\n' + record + '\n')
            with self.subTest(record):
                self.assertIn('caa-issue-denied', self.caaudit('check', zone).out)

    def test_an_issuer_is_named_once(self):
        zone = self.put('example.com.zone', SANE + '@ CAA 0 issue "letsencrypt.org"\n'
                                                   '@ CAA 0 issue "LetsEncrypt.org; accounturi=x:1"\n')
        self.assertRegex(self.caaudit('check', zone).out, '(?i)permits only letsencrypt.org; add')

    def test_caa_at_a_wildcard(self):
        """The set that decides is named; issuewild where nothing restricts would free plain names."""
        for caa, says in (('@ CAA 0 issue "sectigo.com"\n', r'decided by CAA at example\.com\.'), ('', 'no CAA is')):
            zone = self.put('example.com.zone', SANE + caa + '*.app CAA 0 issue "sectigo.com"\n')
            self.assertRegex(self.caaudit('check', zone).out, says)

    def test_a_set_below_that_the_cure_would_leave_behind(self):
        """It denies the CA before and after: the record is shown, and the set is named."""
        zone = self.put('example.com.zone', SANE + '@ CAA 0 issue "pki.goog"\nblog CAA 0 issue "letsencrypt.org"\n')
        out = self.caaudit('check', zone).out
        self.assertRegex(out, r'\n    \+ example\.com\. \d+ CAA 0 issue "sectigo\.com"\n    then see caa-ancestor-overridden')
        self.assertEqual(len(re.findall(r'(?m)^    \+ ', self.caaudit('check', '--host', '@', '--host', 'blog', zone).out)), 2)

    def test_fix_permits_no_ca_that_nobody_asked_for(self):
        zone = self.put('example.com.zone', SANE + '@ CAA 0 issue "letsencrypt.org"\n_validation-persist TXT '
                        f'"digicert.com; accounturi=x:1"\n_{"0" * 32} CNAME {"1" * 32}.{"2" * 32}.sectigo.com.\n')
        words = ('--ca', 'letsencrypt.org', zone)
        for id_ in ('dcv-issuer-denied', 'dcv-persist-denied'):
            self.assertIn(id_, self.caaudit('check', *words).out)
            result = self.caaudit('check', '--fix', 'zonefile', '--fail-on', 'warning', *words)
            self.assertEqual(result.out, '')
            self.assertRegex(result.err, rf'yours to decide is {id_} at ')

    def test_what_is_to_go_opens_no_caa(self):
        """--fix removes a validation that no order needs, and permits its CA nothing."""
        zone = self.put('example.com.zone', SANE + '@ CAA 0 issue "letsencrypt.org"\n_acme-challenge TXT "x"\n'
                        f'_{"0" * 32} CNAME {"1" * 32}.{"2" * 32}.sectigo.com.\n')
        words = ('--ca', 'letsencrypt.org', '--validation', '_acme-challenge TXT x', zone)
        self.assertNotIn('dcv-issuer-denied', self.caaudit('check', *words).out)
        said = self.caaudit('check', '--fix', 'zonefile', '--fail-on', 'notice', *words).out
        self.assertIn('; remove: ', said)
        self.assertNotIn('CAA', said)

    def test_an_ended_form_without_its_underscore(self):
        """The CA takes it no more, with one or without."""
        zone = self.put('example.com.zone', SANE + 'dcv CNAME dcv.digicert.com.\n')
        self.assertEqual(self.caaudit('check', '--ca', 'digicert.com', zone).code, 0)
        self.assertEqual(self.caaudit('check', '--ca', 'digicert.com', '--now', '2025-10-01', zone).code, 1)

    def test_a_method_that_has_ended_is_not_advised(self):
        zone = self.put('example.com.zone', SANE + '@ CAA 0 issue "sectigo.com; validationmethods=http-01"\n'
                                                   '_validation-contactphone TXT "+1 555 123 4567"\n')
        for day, advised in (('2026-12-01', True), ('2027-03-15', False)):
            said = self.caaudit('check', '--now', day, zone).out
            self.assertEqual('add ca-tbr-16' in said, advised, said)

    def test_an_alias_to_a_delegated_name(self):
        """The alias leaves the zone; its owner is not delegated."""
        zone = self.put('example.com.zone', SANE + 'www CNAME x.sub\nsub NS ns.example.net.\n')
        said = self.caaudit('check', '--no-wildcard', '--host', 'www', zone).out
        self.assertIn('the alias at www.example.com. leads out of the zone', said)
        self.assertNotIn('is delegated', said)

    def test_a_validation_behind_a_dname_to_another_zone(self):
        zone = self.put('example.com.zone', SANE + 'gone DNAME other.example.net.\n')
        result = self.caaudit('check', '--validation', '_acme-challenge.www.gone x.acme-dns.io.', zone)
        self.assertEqual(result.code, 0)
        self.assertIn('_acme-challenge.www.other.example.net.', result.out)

    def test_any_target_below_a_wildcard(self):
        """The CNAME that a console shows takes its host from the wildcard as well."""
        zone = self.put('example.com.zone', SANE + '*.app A 192.0.2.7\n')
        said = self.caaudit('check', '--validation', '_acme-challenge.tenant.app', zone).out
        self.assertRegex(said, r'what the wildcard \*\.app\.example\.com\. has at tenant\.app\.example\.com\.')

    def test_redirections_of_redirections(self):
        """Each leads all of the others to what changes: without a bound there would be no end."""
        more = ''.join(f'd{number} DNAME example.com.\n' for number in range(400))
        zone = self.put('example.com.zone', SANE + 't CAA 1 issue "sectigo.com"\n' + more)
        result = self.caaudit('check', zone)
        self.assertIn('too many aliases lead to t.example.com.', result.out)

    def test_caa_whose_owner_lost_its_dot(self):
        """Its address may have lost the dot as well: nobody asks a CA for a name that has the zone's twice."""
        zone = self.put('example.com.zone', SANE + 'www.example.com A 192.0.2.1\nwww.example.com CAA 0 issue "pki.goog"\n')
        out = ' '.join(self.caaudit('check', zone).out.split())
        self.assertIn('does not govern www.example.com.; replace with:', out)
        self.assertIn('+ www.example.com. 3600 CAA 0 issue "pki.goog"', out)

    def test_every_zone_that_is_asked(self):
        """From an alias out of the zone the climb goes on, and the next name may be one as well (RFC 8659 section 3)."""
        zone = self.put('example.com.zone', SANE + 'www.x CNAME e1.example.net.\nx CNAME e2.example.org.\n'
                        'old DNAME new.example.net.\ncdn CNAME e1.example.net.\nwww.cdn CNAME e1.example.net.\n')
        for host, asked in (('www.x', ('e1.example.net.', 'e2.example.org.')), ('www.cdn', ('e1.example.net.',)),
                            ('a.b.old', ('a.b.new.example.net.', 'b.new.example.net.'))):
            out = self.caaudit('check', '--no-wildcard', '--host', host, zone).out
            self.assertIn('look: dig CAA ' + '; if there is none, dig CAA '.join(asked) + '\n', out)

    def test_persistent_validation_is_compared_by_what_it_says(self):
        """Blanks and the order of parameters mean nothing; the account is compared octet by octet."""
        zone = self.put('example.com.zone', SANE + '_validation-persist TXT '
                        '"sectigo.com;policy=wildcard;accounturi=acct:me@sectigo.com;persistUntil=2000000000"\n')
        for account, until, there in (('me', '02000000000', True), ('ME', '2000000000', False), ('me', '2000000001', False)):
            out = self.caaudit('check', '--validation', '_validation-persist TXT sectigo.com; '
                               f'accounturi=acct:{account}@sectigo.com; persistUntil={until}; policy=WILDCARD', zone).out
            self.assertEqual('dcv-txt-missing' not in out, there, out)

    def test_product_by_another_name_of_its_issuer(self):
        zone = self.put('example.com.zone', SANE + '@ CAA 0 issue "usertrust.com"\n')
        self.assertNotIn('caa-product-unconfirmed', self.caaudit('check', '--ca', 'gogetssl.com', zone).out)

    def test_the_cut_is_named(self):
        """Not the host, which may be far below it."""
        zone = self.put('example.com.zone', SANE + 'z NS ns.example.net.\n')
        out = self.caaudit('check', '--host', 'x.y.z', zone).out
        self.assertIn(' z.example.com. is delegated', out)
        self.assertIn('CAA of x.y.z.example.com.: another zone answers at z.example.com.', out)

    def test_cure_that_shuts_others_out(self):
        """A first record that takes effect is said to restrict; one beside others changes nothing for them."""
        words = 'then no CA that is not named may issue there'
        typo = 'a.b CAA 0 isue "letsencrypt.org"\n'
        for more, said in (('', True), ('a.b CAA 0 issue "pki.goog"\n', False), ('a.b CAA 0 iodef "mailto:a@example.com"\n', True)):
            out = self.caaudit('check', self.put('example.com.zone', SANE + typo + more)).out
            self.assertEqual(words in out, said, out)

    def test_a_cure_that_is_withheld_says_what_to_decide(self):
        """What hides behind the slip is named: the CA, and whose CAA denies it."""
        label, target = '_' + '1' * 32, '_' + '2' * 32 + '.jfrzftwwjs.acm-validations.aws'
        cases = ((f'@ CAA 0 issue "letsencrypt.org"\n{label}.b CNAME {target}\n', 'dcv-issuer-denied', 'does not permit amazon.com'),
                 ('@ CAA 0 issue "letsencrypt.org"\n@ CAA 128 issuewlid "digicert.com"\n', 'caa-issuewild-denied',
                  'for letsencrypt.org (CAA issuewild permits only digicert.com)'))
        for records, brings, words in cases:
            zone = self.put('example.com.zone', SANE + records)
            said = ' '.join(self.caaudit('check', '--ca', 'letsencrypt.org', zone).out.split())
            with self.subTest(brings):
                self.assertIn(f'no record is shown: alone it would bring {brings} at ', said)
                self.assertIn(words, said)
                self.assertIn('decide that first', said)

    def test_what_is_about_the_record_follows_the_record(self):
        """The other way, to remove the validation, comes after what the signer does with the record."""
        zone = self.put('example.com.zone', SANE + '@ CAA 0 issue "letsencrypt.org"\n'
                        f'_{"0" * 32} CNAME {"1" * 32}.{"2" * 32}.sectigo.com.\n'
                        '@ 3600 DNSKEY 257 3 13 mdsswUyr3DPW132mOi8V9xESWE8jTo0dxCjjnopKl+GqJxpVXckHAeF+KkxLbxILfDLUT0rAK9iUzy1L53eKGQ==\n'
                        '@ 3600 RRSIG CAA 13 2 3600 20300101000000 20200101000000 7 example.com. AAAA\n')
        said = ' '.join(self.caaudit('check', '--ca', 'letsencrypt.org', zone).out.split())
        self.assertIn('signature; or remove the validation', said)

    def test_a_target_that_lost_its_dot_and_its_form(self):
        """Comodo's old form, MD5 and SHA-1; other names of the CA, and of the zone, are no validations."""
        old, name = '9c0f33951a37f44b2fb702178678fbd897a526b9.comodoca.com', '92cb2a0a44b13108b2e0a23c8ccdb776'
        for record, found in ((f'{name} CNAME {old}', 'dcv-target-doubled'), (f'_{name} CNAME {old}', 'dcv-target-doubled'),
                              (f'_{name} CNAME {old}.', 'dcv-label-malformed'), (f'{name} CNAME {name}', None),
                              ('_a CNAME www.comodoca.com', None), ('www CNAME www.comodoca.com', None)):
            zone = self.put('example.com.zone', SANE + record + '\n')
            with self.subTest(record):
                result = self.caaudit('check', '--format', 'short', zone)
                self.assertEqual(re.findall(r'\[(dcv-[a-z-]+)\]$', result.out, re.M), [found] if found else [])
                self.assertEqual('or remove the record' in result.out, found is not None)

    def took(self, zone, *words):
        """Seconds of the processor that the check of a zone takes."""
        def used():
            usage = resource.getrusage(resource.RUSAGE_CHILDREN)
            return usage.ru_utime + usage.ru_stime  # How they share it is a guess of the system.
        path = self.put('example.com.zone', SANE + zone)
        begin = used()
        self.caaudit('check', '-q', *words, path)
        return max(used() - begin, 0.01)

    def test_many_records_of_one_name(self):
        """The time grows with their number, not with its square."""
        def took(count):
            return self.took(''.join(f'b CAA 0 issuer "x{number}"\n' for number in range(count)))
        few = took(4000)
        self.assertLess(took(32000), 30 * few)

    def test_methods_in_many_cases(self):
        """They are tried with each other only where the account fits, and that counts as other work does."""
        def took(words, account):
            return self.took(''.join(f'@ CAA 0 issue "c{number}.example; {account}validationmethods={",".join(words)}"\n' for number in range(24)))
        cases = [''.join(letter.upper() if number >> i & 1 else letter for i, letter in enumerate('abcdefg')) for number in range(64)]
        few = took([f'abcde{number:02}' for number in range(64)], 'accounturi=x:1; ')
        self.assertLess(took(cases, 'accounturi=x:1; '), 4 * few)
        self.assertLess(took(cases, ''), 4 * few)

    def test_many_aliases_of_persistent_validations(self):
        """What a record says is said once, and who names a few of them is judged by CAA for each alias."""
        def zone(aliases, records, text):
            return (''.join(f'_validation-persist.h{number} CNAME pool\n' for number in range(aliases)) +
                    ''.join(f'pool TXT "{text(number)}"\n' for number in range(records)))
        out = self.caaudit('check', self.put('example.com.zone', SANE + zone(50, 40, lambda number: f'accounturi=x{number}'))).out
        self.assertEqual(out.count('pool.example.com. 3600 TXT'), 40, out)
        denied = 'h1 CAA 0 issue ";"\nh2 CAA 0 issue ";"\n'
        for records, judged in ((16, True), (17, False)):
            more = zone(4, records, lambda number: f'digicert.com; accounturi=https://acme.digicert.com/{number}')
            out = self.caaudit('check', self.put('example.com.zone', SANE + denied + more)).out
            self.assertEqual(out.count('  dcv-persist-denied  ') == 2, judged, out)
            self.assertEqual('CAA for aliases of persistent validations' in out, not judged, out)
        few = self.took(zone(300, 10, lambda number: f'accounturi=x{number}'))
        self.assertLess(self.took(zone(300, 600, lambda number: f'accounturi=x{number}')), 30 * few)

    def test_a_validation_is_looked_for_once(self):
        """Not in the whole zone again for each cure that is tried somewhere in it."""
        zone = (''.join(f'_d{number}.z TXT "v{number}"\n' for number in range(20000)) +
                ''.join(f'h{number} CAA 0 issue "Sectigo.com"\n' for number in range(300)))
        few = self.took(zone)
        self.assertLess(self.took(zone, '--validation', '_x TXT missed'), 5 * few)

    def test_a_stray_validation_beside_other_cures(self):
        """Where it stands is known from before, unless the cure is about it."""
        more = '_x.www TXT missed\nwww CAA 0 issue "Sectigo.com"\nh CAA 0 issue "Sectigo.com"\n_x.h.example.com TXT moved\n'
        out = self.caaudit('check', '--validation', '_x.wwww TXT missed', '--validation', '_x.h TXT moved',
                           self.put('example.com.zone', SANE + more)).out
        self.assertNotIn('no record is shown', out)
        for cure in ('www.example.com. 3600 CAA 0 issue "sectigo.com"', 'h.example.com. 3600 CAA 0 issue "sectigo.com"',
                     '_x.wwww.example.com. 3600 TXT "missed"', '_x.h.example.com. 3600 TXT "moved"'):
            self.assertIn(cure, out)

    def test_many_names_far_below_the_zone(self):
        """The names above them are climbed once."""
        def took(labels):
            base = '.'.join('a' * labels)
            return self.took('h CAA 0 issue "Sectigo.com"\n' + ''.join(f'_{number:06d}.{base} TXT "x"\n' for number in range(8000)))
        few = took(2)
        self.assertLess(took(100), 30 * few)

    def test_many_targets_in_one_txt_set(self):
        """They are counted once."""
        def took(count):
            return self.took(''.join(f'_{7:032x}.www TXT "{number:032x}.{number:032x}.sectigo.com."\n' for number in range(count)))
        few = took(1000)
        self.assertLess(took(8000), 30 * few)

    def test_a_host_whose_name_has_the_zone_name_twice(self):
        """Who names it means it: its CAA governs, and its validation is expected where it says."""
        zone = self.put('example.com.zone', SANE + 'www.example.com A 192.0.2.3\nwww.example.com CAA 0 issue "sectigo.com"\n')
        host = 'www.example.com.example.com.'
        self.assertIn('caa-owner-doubled', self.caaudit('check', zone).out)
        result = self.caaudit('check', '--host', host, '--validation', f'_acme-challenge.{host} TXT x', zone)
        self.assertNotIn('caa-owner-doubled', result.out)
        self.assertIn(f'_acme-challenge.{host}', result.out)

    def test_denied(self):
        result = self.caaudit('check', '--no-wildcard', self.put('example.com.zone', DENIED))
        self.assertEqual(result.code, 1)
        lines = result.out.splitlines()
        self.assertEqual(lines[1], '  denied     example.com.  sectigo.com  not listed in CAA at example.com.')
        self.assertEqual(lines[3], 'Errors')
        self.assertEqual(lines[4], '  caa-issue-denied  example.com., sectigo.com')
        self.assertEqual(lines[6], '    + example.com. 3600 CAA 0 issue "sectigo.com"')
        self.assertEqual(lines[-1], 'example.com.: 1 error, 0 warnings, 0 notices')

    def test_end_of_an_alias_chain(self):
        zone = SANE + 'www CNAME shop\nshop CNAME d.x\nx DNAME cdn.example.net.\n'
        result = self.caaudit('check', '--no-wildcard', '--host', 'www', self.put('example.com.zone', zone))
        self.assertIn('the alias leads out of the zone, to d.cdn.example.net.', result.out)
        self.assertIn('look: dig CAA d.cdn.example.net.\n', result.out)

    def test_groups_and_gaps(self):
        result = self.caaudit('check', '--host', 'www', '--host', '@', '--host', 'shop',
                              self.put('example.com.zone', MIXED))
        heads = [line for line in result.out.splitlines() if line in
                 ('Errors', 'Warnings', 'Notices', 'Not checked')]
        self.assertEqual(heads, ['Errors', 'Warnings', 'Notices', 'Not checked'])
        self.assertRegex(result.out, r'\n  not known  \[\*\.\]www\.example\.com\. +sectigo\.com  .*leads out of the zone; denied if no CAA is there\n')
        self.assertRegex(result.out, r'\n    - shop\.example\.com\. 3600 CAA 1 issue "sectigo\.com\."\n'
                                     r'    \+ shop\.example\.com\. ')
        self.assertRegex(result.out, r', 1 not checked\n$')

    def test_a_sign_is_a_change(self):
        """What no cure touches has none, and what else can be done stands behind the change."""
        bad = '@ TYPE257 \\# 3 000569\n'
        result = self.caaudit('check', self.put('example.com.zone', SANE + bad))
        self.assertRegex(result.out, r'\n      example\.com\. \d+ CAA \\# 3 000569\n')
        self.assertNotRegex(result.out, r'(?m)^    [-+] ')
        held = '@ CAA 0 issue "sectigo.com"\n_validation-persist TXT "letsencrypt.org;accounturi=https://a.example/1"\n'
        result = self.caaudit('check', self.put('example.com.zone', SANE + held))
        self.assertRegex(result.out, r'add:\n    \+ example\.com\. \d+ CAA 0 issue "letsencrypt\.org"\n    or remove ')

    def test_validations(self):
        zone = self.put('example.com.zone', SANE + '_b.www 3600 CNAME b.sectigo.com.\n'
                                                   '_c 3600 CNAME c.sectigo.com.\n')
        result = self.caaudit('check', '--validation', '_a.www a.sectigo.com', '--validation',
                              '_b.www b.sectigo.com', '--validation', '_c.www c.sectigo.com',
                              '--validation', '_c other.sectigo.com.', zone)
        self.assertEqual(result.code, 1)
        self.assertRegex(result.out, r'\n  missing    _a\.www\.example\.com\. CNAME a\.sectigo\.com\.\n')
        self.assertRegex(result.out, r'\n  present    _b\.www\.example\.com\. CNAME b\.sectigo\.com\.\n')
        self.assertRegex(result.out, r'\n  present-above _c\.www\.example\.com\. CNAME c\.sectigo\.com\., at _c\.example\.com\.\n')
        self.assertRegex(result.out, r'\n  mismatch   _c\.example\.com\. CNAME other\.sectigo\.com\., '
                                     r'found c\.sectigo\.com\.\n')

    def test_verbose(self):
        result = self.caaudit('check', '-v', self.put('example.com.zone', DENIED))
        self.assertIn('serial 7, 4 records read from the zone file', result.out)
        self.assertIn('reason not-listed, decided by example.com., asked at example.com.', result.out)
        self.assertRegex(result.out, r'read in \d+\.\d{3} s, audited in \d+\.\d{3} s\n$')

    def test_not_wrapped_in_a_pipe(self):
        zone = self.put('example.com.zone', MIXED)
        words = ['check', '--host', 'www', '--host', 'shop', zone]
        self.assertEqual(self.caaudit(*words, env={'COLUMNS': '30', 'TERM': 'xterm'}).out,
                         self.caaudit(*words).out)

    def test_octets_of_the_zone_are_escaped(self):
        zone = self.put('example.com.zone', DENIED + 'esc\\027\\[31m 3600 CAA 0 is\\027ue "\\027[2J\\155\\255"\n')
        for form in ([], ['-v'], ['--format', 'json'], ['--fix', 'zonefile', '--fail-on', 'notice'],
                     ['--fix', 'knotc', '--fail-on', 'notice'], ['--fix', 'nsupdate', '--fail-on', 'notice']):
            self.assertNotIn('\033', self.caaudit('check', *form, '--host', 'esc\\027\\[31m', zone).out)

    def test_names_of_files_are_escaped(self):
        name = 'caf\u00e9 \033[31m\u202e\n.zone'
        result = self.fails('check', '-o', 'a.test', name, says='no such file')
        self.assertIn('caf\u00e9 ', result.err)
        run = self.run_raw('check', '-o', 'a.test', b'x\xff\xfe.zone')
        self.assertIn(b'x\\255\\254.zone', run.stderr)


class Validations(CliTest):
    def test_file(self):
        zone = self.put('example.com.zone', SANE + '_b.www 3600 CNAME b.sectigo.com.\n')
        file = self.put('validations', '; expected\n_b.www CNAME b.sectigo.com.\n'
                                       '$ORIGIN www.example.com.\n_a 60 IN CNAME A.Sectigo.com.\n'
                                       '_z.example.net. CNAME z.sectigo.com.\n')
        document = self.document('--validation-file', file, zone, code=1)
        self.assertEqual([(entry['owner'], entry['state']) for entry in document['validations']],
                         [('_b.www.example.com.', 'present'), ('_a.www.example.com.', 'missing')])
        self.assertEqual(document['not_checked'], [])

    def test_name_of_the_zone_in_the_path(self):
        self.put('example.com.val', '_a CNAME a.sectigo.com.\n')
        self.put('example.net.val', '_b CNAME b.sectigo.com.\n')
        result = self.caaudit('check', '-v', '--validation-file', '%s.val', self.put('example.com.zone', SANE),
                              self.put('example.net.zone', SANE))
        self.assertIn('_a.example.com. CNAME', result.out)
        self.assertIn('_b.example.net. CNAME', result.out)
        self.assertNotIn('_b.example.com.', result.out)

    def test_empty_file(self):
        self.document('--validation-file', self.put('v', ''), self.put('example.com.zone', SANE), code=0)

    def test_broken_files(self):
        zone = self.put('example.com.zone', SANE)
        (self.dir / 'd').mkdir()
        for text, says, lines in (
                ('_a A 192.0.2.1\n', r'^caaudit: v:1: .*CNAME and TXT', 1),
                ('_a CNAME\n\n_b CNAME a b\n', r'v:1: (.|\n)*v:3: ', 2),
                ('$INCLUDE other\n', r'v:1: \$INCLUDE', 1),
                ('_a CNAME b. ; x\n_b CNAME ' + 'a' * 64 + '.\n', 'v:2: ', 1),
                (b'\x00\x01\x02', 'v:1: ', None),
                ('(', 'v:1: ', None)):
            with self.subTest(text):
                self.put('v', text)
                self.fails('check', '--validation-file', 'v', zone, says=says, lines=lines)
        self.fails('check', '--validation-file', 'missing', zone, says=r'missing: cannot open \(no such file')
        self.fails('check', '--validation-file', 'd', zone, says=r'd: cannot read \(is a directory')


class Several(CliTest):
    def zones(self, count):
        return [self.put(f'z{i:03}.test.zone', DENIED if i % 3 == 0 else SANE) for i in range(count)]

    def test_order_is_that_of_the_command_line(self):
        zones = self.zones(60)
        zones[7] = 'missing.test.zone'
        # The first ones take longest.
        self.put(zones[0], DENIED + ''.join(f'h{i} A 192.0.2.1\n' for i in range(50000)))
        for words in ([], ['-v'], ['--survey'], *(['--format', name] for name in ('json', 'short', 'prometheus')),
                      ['--fix', 'knotc']):
            one = self.caaudit('check', *words, *zones)
            many = self.caaudit('check', '-j', '8', *words, *zones)
            time = r'in \d+\.\d{3} s|(?m:^caaudit_audited_.* \d+$)'
            self.assertEqual(re.sub(time, '', many.out), re.sub(time, '', one.out))
            self.assertEqual((many.code, many.err), (one.code, one.err))
            self.assertEqual(one.code, 2)

    def test_total(self):
        result = self.caaudit('check', 'missing.test.zone', *self.zones(4))
        self.assertRegex(result.out, r'\n5 zones: 2 passed, 2 failed, 1 could not be checked\n.* 2 zones without .*-v.*\n$')

    def test_only_what_is_wrong_is_shown(self):
        zones = self.zones(6)
        zones += [self.put('w.test.zone', SANE + 'sub NS ns.example.net.\nx.sub CAA 0 issue ";"\n')]
        brief = self.caaudit('check', *zones).out
        for name, shown in (('z000', True), ('z001', False), ('z003', True), ('z005', False), ('w', True)):
            self.assertEqual(f'{name}.test.' in brief, shown, name)
        self.assertRegex(brief, r'(?m)^z000\.test\.  1 error in z000\.test\.zone\n  caa-issue-denied: .*\n    @, sectigo\.com, line 4\n\n')
        self.assertRegex(brief, r'(?m)^ +2 +2  error    caa-issue-denied\n +1 +1  warning  caa-record-occluded\n')
        full = self.caaudit('check', '-v', *zones).out
        for name in zones:
            self.assertIn('\n' + name.removesuffix('zone') + ': ', full)
        self.assertIn('+ z000.test. 3600 CAA 0 issue "sectigo.com"', full)
        self.assertNotIn('not shown', full)
        # A zone alone is shown with all that is known of it.
        self.assertIn('z001.test.: clean', self.caaudit('check', zones[1]).out)

    def test_those_of_a_kind_stand_together(self):
        slip = ''.join(f'_{i:032x}.{host} 300 CNAME _{i:032x}.abcdefghij.acm-validations.aws\n'
                       for i, host in enumerate(('a', 'b')))
        self.put('part', '_' + '3' * 32 + '.c CNAME _' + '3' * 32 + '.abcdefghij.acm-validations.aws\n')
        zone = self.put('example.com.zone', SANE + slip + '$INCLUDE part\n')
        brief = self.caaudit('check', zone, *self.zones(1)).out
        self.assertEqual(brief.count('dcv-target-doubled: '), 1)
        self.assertRegex(brief, r'\n    _0{32}\.a, line 4\n    _0{31}1\.b, line 5\n    _3{32}\.c, .*part:1\n')

    def test_kinds_are_in_the_order_of_their_severity(self):
        fastly = ''.join(f'_acme-challenge.{host} CNAME 0123456789abcdefgh.fastly-validations.com\n' for host in 'ac')
        amazon = f'_{"0" * 32}.b CNAME _{"0" * 32}.abcdefghij.acm-validations.aws\n'
        zone = self.put('example.com.zone', SANE + 'x CAA 0 isue "y"\n' + fastly + amazon)
        brief = self.caaudit('check', zone, *self.zones(1)).out
        self.assertEqual(re.findall(r'(?m)^  ([a-z-]+): ', brief.partition('z000')[0]),
                         ['dcv-target-doubled', 'dcv-target-doubled', 'caa-tag-unknown'])

    def test_what_was_not_checked_is_counted(self):
        alias = [self.put(f'{name}.test.zone', SANE + 'www CNAME cdn.example.net.\n') for name in 'ab']
        said = self.caaudit('check', '--host', 'www', *alias, self.put('c.test.zone', SANE + 'www A 192.0.2.1\n')).out
        self.assertRegex(said, r'(?m)^ +2 +2  - +not checked$')

    def test_a_document_a_line(self):
        zones = self.zones(5)
        result = self.caaudit('check', '--format', 'json', '-j', '2', *zones, 'missing.test.zone')
        self.assertEqual(result.out.count('\n'), 5)
        self.assertEqual(re.findall(r'"zone":"(\w+)\.test\."', result.out), [f'z{i:03}' for i in range(5)])

    def test_one_origin_for_all(self):
        result = self.caaudit('check', '-o', 'a.test', *self.zones(2))
        self.assertEqual(len(re.findall(r'(?m)^a\.test\.  1 error', result.out)), 1)


class Terminal(CliTest):
    def setUp(self):
        super().setUp()
        self.words = ['check', '--host', 'www', '--host', 'shop', '--host',
                      'a-rather-long-name-for-a-host.in-a-department.of-the-company', '-v',
                      '--validation', '_x a.sectigo.com', self.put('example.com.zone', MIXED)]

    def words_of(self, text):
        """Words of a text, timings and the parentheses of records in two lines apart."""
        return [word for word in re.sub(r'\d+\.\d{3}\s+s', 'TIME', plain(text)).split() if word not in '()']

    def fits(self, line, columns):
        """A line is too long only if its last word would be so at the deepest indent as well."""
        if len(line) > columns:
            self.assertGreater(15 + len(line.split()[-1]), columns, line)

    def test_lines_fit_and_nothing_is_lost(self):
        piped = self.words_of(self.caaudit(*self.words).out)
        for columns in list(range(20, 200, 3)) + [1000]:
            said = self.terminal(*self.words, columns=columns)
            self.assertEqual(self.words_of(said), piped, columns)
            for line in plain(said).splitlines():
                # Records are for copying, and a word that does not fit stays whole.
                if not line.startswith(('    + ', '    - ')) and not re.match(' {8}.* \\)$', line):
                    self.fits(line, columns)

    def test_a_record_that_is_too_long_can_be_copied(self):
        zone = self.put('example.com.zone', DENIED + 'a-long-name-in.the-zone CAA 0 issue ";"\n'
                        'a-long-name-in.the-zone A 192.0.2.1\n')
        said = plain(self.terminal('check', '--host', 'a-long-name-in.the-zone', '--override-denial', zone, columns=60))
        record = re.search(r'\+ (a-long\S+ 3600 CAA \(\n {8}0 issue "sectigo\.com" \))', said)[1]
        self.assertLessEqual(max(map(len, said.splitlines())), 60)
        document = self.document(self.put('example.net.zone', SANE + record + '\n'), '-o', 'example.com')
        self.assertEqual(document['records'], 4)

    def test_colours(self):
        self.assertIn('\033[31mdenied\033[0m', self.terminal(*self.words))
        self.assertIn('\033[31mdenied\033[0m', self.terminal(*self.words, env={'NO_COLOR': ''}))
        for env in ({'NO_COLOR': '1'}, {'TERM': 'dumb'}):
            self.assertNotIn('\033', self.terminal(*self.words, env=env))

    def test_columns_overrides_the_terminal(self):
        self.assertEqual(self.words_of(self.terminal(*self.words, columns=30)),
                         self.words_of(self.terminal(*self.words, columns=200)))
        narrow = self.terminal(*self.words, columns=200, env={'COLUMNS': '40'})
        self.assertEqual(re.sub(r'\d\.\d{3}', '', narrow),
                         re.sub(r'\d\.\d{3}', '', self.terminal(*self.words, columns=40)))

    def test_no_progress_for_short_work(self):
        self.assertNotIn('%', self.terminal(*self.words))
        self.assertNotIn('\r', self.terminal('check', '--format', 'json', self.words[-1]))

    def test_progress_of_long_work(self):
        # A pipe that is slow, not a zone that is large.
        master, slave = pty.openpty()
        process = subprocess.Popen([COMMAND, 'check', '-o', 'example.com', '-'], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=slave, cwd=self.dir)
        os.close(slave)
        block = ''.join(f'h{i} A 192.0.2.1\n' for i in range(40000)).encode()
        process.stdin.write(SANE.encode())
        for _ in range(4):
            process.stdin.write(block)
            process.stdin.flush()
            time.sleep(0.4)
        out, _ = process.communicate(timeout=60)
        said = drain(master)
        self.assertRegex(said, r'read of the standard input')
        self.assertTrue(said.endswith('\r\033[K'), said)
        self.assertIn(b'example.com.: clean', out)


class Catalogue(CliTest):
    def test_findings(self):
        result = self.caaudit('findings')
        self.assertEqual((result.code, result.err), (0, ''))
        for line in result.out.splitlines():
            self.assertRegex(line, r'^[a-z0-9-]+ +(error|warning|notice) +\S.*$')

    def test_explain_each(self):
        ids = [line.split()[0] for line in self.caaudit('findings').out.splitlines()]
        self.assertEqual(len(set(ids)), len(ids))
        for name in ids:
            result = self.caaudit('explain', name)
            self.assertEqual((result.code, result.err), (0, ''))
            self.assertRegex(result.out, rf'^{name} \((error|warning|notice)\)\n  What  .*\n  Why  .*\n'
                                         r'  Cure  .*\n  Source  .*\n$')
        both = self.caaudit('explain', ids[0], ids[1])
        self.assertEqual(both.out, self.caaudit('explain', ids[0]).out + '\n' +
                         self.caaudit('explain', ids[1]).out)

    def test_unknown(self):
        self.fails('explain', 'caa-isue-denied', says="did you mean 'caa-issue-denied'")
        self.fails('explain', 'issue-denied', says='caa-issue-denied')
        self.fails('explain', 'x', says='caaudit findings')
        self.fails('explain', '', says='caaudit findings')
        self.fails('explain', '--format', 'json', 'x', says='caaudit findings')

    def test_narrow(self):
        for columns in (20, 40, 60, 80, 132):
            for line in plain(self.terminal('findings', columns=columns)).splitlines():
                if len(line) > columns:
                    # An id and its severity, or a word that does not fit.
                    self.assertRegex(line, r'^([a-z0-9-]+  (error|warning|notice)| *\S+)$')


if __name__ == '__main__':
    unittest.main()
