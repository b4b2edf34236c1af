# SPDX-License-Identifier: GPL-2.0-or-later

"""The monitoring examples: ids that exist, alerts that fire, output that Prometheus accepts."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get('CAAUDIT_SOURCE') or pathlib.Path(__file__).parents[2])
EXAMPLES = SOURCE / 'config-examples' / 'monitoring'
PROMTOOL = shutil.which('promtool')
ITEMS = {'findings', 'severity', 'audits', 'audit-failures', 'not-checked', 'serial', 'lookups', 'lookup-failures',
         'validation-ip-lookups', 'synthesized', 'synth-refused', 'zones'}

# As knotc of Knot 3.2 says it, with names that must be escaped, and other modules.
STATS = r'''[example.com.] mod-caaudit.findings[caa-issue-denied] = 1
[example.com.] mod-caaudit.severity[error] = 1
[example.com.] mod-caaudit.audits = 3
[example.com.] mod-caaudit.serial = 2026112301
[a\"b\\c.test.] mod-caaudit.findings[caa-issue-denied] = 2
[a\"b\\c.test.] mod-stats.request-protocol[udp4] = 7
mod-stats.request-protocol[udp4] = 7
mod-caaudit.findings[caa-issue-denied] = 3
mod-caaudit.zones[error] = 2
server.zone-count = 2
'''
METRICS = r'''knot_audits_total{zone="example.com.",section="mod-caaudit"} 3
knot_findings{zone="a\\\"b\\\\c.test.",section="mod-caaudit",type="caa-issue-denied"} 2
knot_findings{zone="example.com.",section="mod-caaudit",type="caa-issue-denied"} 1
knot_serial{zone="example.com.",section="mod-caaudit"} 2026112301
knot_severity{zone="example.com.",section="mod-caaudit",type="error"} 1
knot_zones{section="mod-caaudit",type="error"} 2
'''


def catalogue():
    """Ids of the findings with their severities."""
    text = (SOURCE / 'include/caaudit/findings.def').read_text()
    return dict(re.findall(r'"([a-z0-9-]+-[a-z0-9-]+)",\s*(\w+)', text))


def alternatives(pattern):
    """The ids that a pattern of the rules names."""
    match = re.fullmatch(r'(.*?)\((.*)\)', pattern)
    return [match[1] + part for part in match[2].split('|')] if match else pattern.split('|')


class Monitoring(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix='caaudit-'))
        self.addCleanup(shutil.rmtree, self.directory)

    def textfile(self, stats, *arguments, status=0):
        """Runs caaudit-textfile with a knotc that says what it is given."""
        knotc = self.directory / 'knotc'
        (self.directory / 'stats').write_text(stats)
        knotc.write_text('#!/bin/sh\nfor word; do last=$word; done\n'
                         f'[ "$last" = stats ] || cat {self.directory}/stats\nexit {status}\n')
        knotc.chmod(0o755)
        return subprocess.run(['sh', EXAMPLES / 'caaudit-textfile', *arguments], capture_output=True, text=True,
                              env={'PATH': f'{self.directory}:{os.environ["PATH"]}'})

    def test_every_error_has_an_alert_and_every_alert_a_finding(self):
        rules = (EXAMPLES / 'caaudit.rules.yml').read_text()
        named = {name for pattern in re.findall(r'type=~"([^"]+)"', rules) for name in alternatives(pattern)}
        ids = catalogue()
        self.assertGreater(len(ids), 40)
        for name in named - {'dnssec-.+'}:
            self.assertIn(name, ids)
        errors = {name for name, severity in ids.items() if severity.endswith('ERROR')}
        self.assertTrue(errors)
        self.assertEqual({name for name in errors if not name.startswith('dnssec-')} - named, set())

    def test_metrics_are_counters_of_the_module(self):
        for path in EXAMPLES.iterdir():
            for metric in re.findall(r'\bknot_([a-z_]+)\{', path.read_text()):
                self.assertIn(metric.removesuffix('_total').replace('_', '-'), ITEMS, path.name)

    def test_dashboard(self):
        board = json.loads((EXAMPLES / 'caaudit.dashboard.json').read_text())
        self.assertEqual(len({panel['id'] for panel in board['panels']}), len(board['panels']))
        for panel in board['panels']:
            self.assertTrue(all('mod-caaudit' in target['expr'] for target in panel['targets']), panel['title'])

    def test_textfile(self):
        result = self.textfile(STATS, '-')
        self.assertEqual(result.returncode, 0, result.stderr)
        lines = [line for line in result.stdout.splitlines() if not line.startswith('#')]
        self.assertEqual(sorted(lines), METRICS.splitlines())
        newer = self.textfile(STATS.replace(' = ', ': '), '-')
        self.assertEqual(newer.stdout, result.stdout)

    def test_textfile_is_replaced_at_once_or_not_at_all(self):
        file = self.directory / 'out' / 'caaudit.prom'
        file.parent.mkdir()
        self.assertEqual(self.textfile(STATS, str(file)).returncode, 0)
        first = file.read_text()
        self.assertEqual(file.stat().st_mode & 0o777, 0o644)
        self.assertNotEqual(self.textfile('', str(file), status=1).returncode, 0)
        self.assertEqual(file.read_text(), first)
        self.assertEqual(os.listdir(file.parent), ['caaudit.prom'])

    @unittest.skipIf(PROMTOOL is None, 'no promtool')
    def test_promtool_metrics(self):
        text = self.textfile(STATS, '-').stdout
        result = subprocess.run([PROMTOOL, 'check', 'metrics'], input=text, capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        broken = text.replace('# TYPE knot_findings gauge', '# TYPE knot_findings nothing')
        self.assertNotEqual(subprocess.run([PROMTOOL, 'check', 'metrics'], input=broken, capture_output=True,
                                           text=True).returncode, 0)

    @unittest.skipIf(PROMTOOL is None, 'no promtool')
    def test_promtool_dashboard(self):
        """Each question of the dashboard is a rule that Prometheus can read."""
        board = json.loads((EXAMPLES / 'caaudit.dashboard.json').read_text())
        rules = [{'record': f'panel_{panel["id"]}_{target["refId"]}', 'expr': re.sub(r'\$\w+', 'x', target['expr'])}
                 for panel in board['panels'] for target in panel['targets']]
        file = self.directory / 'dashboard.rules.yml'
        file.write_text(json.dumps({'groups': [{'name': 'dashboard', 'rules': rules}]}))
        result = subprocess.run([PROMTOOL, 'check', 'rules', file], capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    @unittest.skipIf(PROMTOOL is None, 'no promtool')
    def test_promtool_rules(self):
        for path in (EXAMPLES / 'caaudit.rules.yml', SOURCE / 'tests/monitoring/rules_test.yml'):
            shutil.copy(path, self.directory)
        result = subprocess.run([PROMTOOL, 'check', 'rules', self.directory / 'caaudit.rules.yml'],
                                capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        test = [PROMTOOL, 'test', 'rules', self.directory / 'rules_test.yml']
        result = subprocess.run(test, capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        # A rule that cannot fire is caught.
        rules = self.directory / 'caaudit.rules.yml'
        rules.write_text(rules.read_text().replace('caa-issue-denied|caa-issuewild-denied|', ''))
        self.assertNotEqual(subprocess.run(test, capture_output=True, text=True).returncode, 0)


if __name__ == '__main__':
    unittest.main()
