# SPDX-License-Identifier: GPL-2.0-or-later

"""Forms of the report for editors, for Prometheus, and the survey of many zones."""

import os
import re
import shutil
import subprocess
import time
import unittest

from support import DENIED, SANE, CliTest

PROMTOOL = shutil.which('promtool')
HEX = '0123456789abcdef0123456789abcdef'
SLIP = f'_{HEX}.www 300 CNAME _{HEX}.abcdefghij.acm-validations.aws\n'


class Short(CliTest):
    def short(self, *words, code=1, **rest):
        result = self.caaudit('check', '--format', 'short', *words, **rest)
        self.assertEqual((result.code, result.err), (code, ''))
        return result.out.splitlines()

    def test_a_line_a_finding(self):
        self.put('part', 'x CAA 0 isue "sectigo.com"\n')
        lines = self.short(self.put('example.com.zone', DENIED + '$INCLUDE part\n' + SLIP))
        for line in lines:
            self.assertRegex(line, r'^(example\.com\.zone|\S*part):\d+: (error|warning|notice): \S+\.: .+ \[[a-z-]+\]$')
        self.assertRegex(lines[0], r'^example\.com\.zone:4: error: example\.com\.: .*\[caa-issue-denied\]$')
        self.assertTrue(any(re.match(r'\S*part:1: warning: x\.example\.com\.: .*\[caa-tag-unknown\]$', line) for line in lines))

    def test_several_zones(self):
        zones = [self.put('a.test.zone', SANE), self.put('b.test.zone', DENIED),
                 self.put('c.test.zone', SANE + '@ CAA 0 issue "sectigo.com"\n@ CAA 0 issuewild "sectigo.com"\n@ CAA 1 iodef "mailto:x@c.test"\n')]
        self.assertEqual({line.partition(':')[0] for line in self.short(*zones)}, {'b.test.zone'})
        # Alone, a zone shows its notices.
        self.assertTrue(self.short(zones[2], code=0))
        self.assertEqual(self.short(zones[0], code=0), [])

    def test_without_a_file_and_not_checked(self):
        self.assertRegex(self.short('-o', 'example.com', '-', data=DENIED)[0], '^standard input:4: error: ')
        lines = self.short('--host', 'www', self.put('example.com.zone', SANE + 'www CNAME cdn.example.net.\n'), code=0)
        self.assertRegex(lines[-1], r'^example\.com\.zone: not checked: CAA of www\.example\.com\.: ')

    def test_octets_are_escaped(self):
        name = 'x\033[31m\n.zone'
        self.put(name, DENIED + 'esc\\027\\[31m 3600 CAA 0 is\\027ue "\\027[2J"\n')
        lines = self.short('-o', 'example.com', name)
        self.assertNotIn('\033', ''.join(lines))
        self.assertTrue(all(line.startswith('x\\027[31m\\010.zone:') for line in lines))


class Prometheus(CliTest):
    def test_zones_are_summed(self):
        found = self.metrics(*(self.put(f'{name}.test.zone', SANE) for name in 'abc'), code=0)
        self.assertEqual(found['caaudit_zones{type="clean"}'], '3')

    def metrics(self, *words, code=1):
        result = self.caaudit('check', '--format', 'prometheus', *words)
        self.assertEqual(result.code, code)
        self.check_form(result.out)
        return dict(line.rsplit(' ', 1) for line in result.out.splitlines() if not line.startswith('#'))

    def check_form(self, text):
        """Each metric has help, type and then its samples, all in one place."""
        named, current = [], None
        for line in text.splitlines():
            if line.startswith('# HELP '):
                current = line.split()[2]
                self.assertNotIn(f'# {current}', named)
                named.append(f'# {current}')
            elif line.startswith('# TYPE '):
                self.assertEqual(line.split()[2:], [current, 'gauge'])
            else:
                self.assertRegex(line, rf'^{current}(\{{[^}}]*\}})? [1-9]\d*$')
                name = line.rsplit(' ', 1)[0]
                self.assertNotIn(name, named)
                named.append(name)
        if PROMTOOL is not None:
            run = subprocess.run([PROMTOOL, 'check', 'metrics'], input=text, capture_output=True, text=True, check=False)
            self.assertEqual((run.returncode, run.stdout + run.stderr), (0, ''))

    def test_metrics(self):
        before = int(time.time())
        zones = [self.put('a.test.zone', SANE), self.put('b.test.zone', DENIED + SLIP), 'missing.test.zone',
                 self.put('c.test.zone', SANE + 'x CAA 0 isue "sectigo.com"\nwww CNAME cdn.example.net.\n')]
        found = self.metrics('-j', '2', '--host', 'www', *zones, code=2)
        when = int(found.pop('caaudit_audited_timestamp_seconds'))
        self.assertTrue(before <= when <= time.time())
        notices = re.compile(r'"notice"|"(caa-strict|caa-alias|host-missing)')
        self.assertEqual({name: value for name, value in found.items() if not notices.search(name)}, {
            'caaudit_findings{zone="b.test.",type="caa-issue-denied"}': '1',
            'caaudit_findings{zone="b.test.",type="dcv-target-doubled"}': '1',
            'caaudit_findings{zone="c.test.",type="caa-tag-unknown"}': '1',
            'caaudit_severity{zone="b.test.",type="error"}': '2',
            'caaudit_severity{zone="c.test.",type="warning"}': '1',
            'caaudit_not_checked{zone="c.test."}': '1',
            'caaudit_zones{type="clean"}': '1', 'caaudit_zones{type="error"}': '1',
            'caaudit_zones{type="failed"}': '1', 'caaudit_zones{type="warning"}': '1'})

    def test_names_are_escaped(self):
        self.put('z', DENIED)
        found = self.metrics('-o', r'a\"b.test', 'z')
        self.assertIn(r'caaudit_severity{zone="a\\\"b.test.",type="error"}', found)


class Survey(CliTest):
    ZONES = {
        'open': SANE,
        'some': SANE + '@ CAA 0 issue "Sectigo.com"\n@ CAA 0 issue "letsencrypt.org; validationmethods=dns-01"\n'
                       '@ CAA 0 issuewild ";"\n' + SLIP.replace('.aws', '.aws.'),
        'locked': '@ 3600 SOA ns.example.net. h 1 2 3 4 5\n@ NS ns.example.net.\n@ CAA 0 issue ";"\n',
        'closed': SANE + '@ CAA 0 issue ";"\nwww A 192.0.2.1\n',
        'slip': SANE + SLIP + 'x CAA 0 issue "letsencrypt.org"\n_acme-challenge TXT "x"\n'
                       f'sub NS ns.example.net.\n_acme-challenge.sub TXT "x"\nodd CNAME _{HEX}.abcdefghij.acm-validations.aws.\n',
    }

    def survey(self, *words, code=1):
        zones = [self.put(f'{name}.test.zone', text) for name, text in self.ZONES.items()]
        result = self.caaudit('check', '--survey', *words, *zones)
        self.assertEqual(result.code, code, result)
        return result.out

    def test_a_line_a_zone_and_a_total(self):
        table, _, total = self.survey().partition('\n\n')
        rows = dict(re.split(' {2,}', line, maxsplit=1) for line in table.splitlines()[1:])
        self.assertEqual({name: re.split(' {2,}', row) for name, row in rows.items()}, {
            'open.test.': ['anyone', '-'],
            'some.test.': ['sectigo.com, letsencrypt.org; wildcards nobody', 'AWS Certificate Manager 1; 1 warning'],
            'locked.test.': ['nobody', '-'],
            'closed.test.': ['nobody, but in use', '-'],
            'slip.test.': ['anyone; 1 below', '_acme-challenge TXT 1; 1 error; 1 warning'],
        })
        for words in ('5 zones', '2 anyone may', '1 some CAs', '1 nobody may issue, and no', '1 nobody may issue, but',
                      '1 nobody may issue for wildcards', '1 letsencrypt.org', '1 sectigo.com',
                      '1 AWS Certificate Manager, 1 record', '1 with errors, 1 with warnings'):
            self.assertRegex(total, rf'(?m)^ *{words}')

    def test_who_is_named_and_may_not_issue(self):
        sectigo = '@ CAA 0 issue "sectigo.com"\n'
        for records, expected in ((sectigo + '@ CAA 128 tbs "x"\n', 'nobody, by a fault of CAA'),
                                  (r'@ CAA \# 2 0005' + '\n' + sectigo, 'nobody, by a fault of CAA'),
                                  ('@ CAA 128 tbs "x"\n', 'nobody, by a fault of CAA'),
                                  ('@ CAA 0 issue "sectigo.com."\n', 'nobody, by a fault of CAA'),
                                  ('@ CAA 0 issue "sectigo.com; accounturi=x:1; accounturi=x:2"\n', 'nobody, by a fault of CAA'),
                                  ('@ CAA 0 issue "sectigo.com,"\n@ CAA 0 issuewild "digicert.com"\n',
                                   'nobody, by a fault of CAA; wildcards digicert.com'),
                                  (sectigo + '@ CAA 0 issue "letsencrypt.org; accounturi=x"\n', 'sectigo.com'),
                                  ('@ CAA 0 issue "sectigo.com; accounturi=x:1"\n', 'sectigo.com')):
            zone = self.put('a.test.zone', '@ 3600 SOA ns.example.net. h 1 2 3 4 5\n@ NS ns.example.net.\n' + records)
            self.assertRegex(self.caaudit('check', '--survey', zone).out, rf'(?m)^a\.test\. +{expected} ', records)

    def test_wanted_cas_count_where_they_are_named(self):
        self.assertRegex(self.survey('--ca', 'digicert.com'), r'closed\.test\. +nobody, but in use +-; 1 error')

    def test_what_cannot_be_read(self):
        said = self.survey('missing.test.zone', code=2)
        self.assertRegex(said, r'(?m)^missing\.test\. +could not be read$')
        self.assertRegex(said, r'(?m)^ +1 could not be read$')

    def test_a_part_that_cannot_be_read(self):
        """No CAA in what was read proves nothing."""
        zone = self.put('a.test.zone', SANE + '@ CAA 0 issu e "pki.goog"\n')
        result = self.caaudit('check', '--survey', '--force', zone)
        self.assertRegex(result.out, r'(?m)^a\.test\. +not known, a part was not read')
        self.assertNotRegex(result.out, 'anyone')

    def test_combinations(self):
        zone = self.put('a.test.zone', SANE)
        for words in (['--format', 'json'], ['--fix', 'knotc'], ['-q']):
            self.fails('check', '--survey', *words, zone, says='survey')


if __name__ == '__main__':
    unittest.main()
