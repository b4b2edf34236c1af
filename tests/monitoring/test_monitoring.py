# SPDX-License-Identifier: GPL-2.0-or-later

"""The monitoring examples: counters that exist under all their names, alerts that fire and end."""

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


def exported():
    """Counters of the module with the name and the kind that the command gives each."""
    text = (SOURCE / 'module/cli/metrics.c').read_text()
    return {counter: (name, kind) for counter, name, kind in
            re.findall(r'\{ "([a-z-]+)",\s*"(caaudit_\w+)",\s*"(gauge|counter)"', text)}


def records(text):
    """Expression of each recorded name in the rules."""
    return {name: ' '.join(expr.split()) for name, expr in
            re.findall(r'- record: (\S+)\n\s+expr: >-\n((?: {10}.*\n)+)', text)}


def misnamed(text):
    """Recorded names whose expression has selectors that no exporter has, or lacks one of the three."""
    wrong = []
    for record, expr in records(text).items():
        item = record.split(':')[1].replace('_', '-')
        name, kind = exported().get(item, ('', ''))
        tail = item.replace('-', '_') + ('_total' if kind == 'counter' else '')
        wanted = {name, f'knot_{tail}{{section="mod-caaudit",zone!=""}}',
                  f'knot_zone_stats_{tail}{{module="mod-caaudit",zone!=""}}'}
        if wanted != set(re.findall(r'\b(?:caaudit|knot)_\w+(?:\{[^}]*\})?', expr)):
            wrong.append(record)
    return wrong


class Monitoring(unittest.TestCase):
    def setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix='caaudit-'))
        self.addCleanup(shutil.rmtree, self.directory)
        self.rules = (EXAMPLES / 'caaudit.rules.yml').read_text()
        self.board = json.loads((EXAMPLES / 'caaudit.dashboard.json').read_text())
        self.alerts = re.split(r'- alert: ', self.rules)[1:]

    def test_counters_are_those_of_the_module(self):
        counters = (SOURCE / 'module/knotd/counters.c').read_text()
        for counter in exported():
            self.assertIn(f'"{counter}"', counters)
        self.assertEqual(len(exported()), 12)

    def test_each_counter_has_the_names_of_all_exporters(self):
        self.assertEqual(misnamed(self.rules), [])
        self.assertGreater(len(records(self.rules)), 8)
        for old, new in (('knot_zone_stats_severity', 'knot_stats_severity'), ('knot_audits_total', 'knot_audits'),
                         ('or knot_findings{section="mod-caaudit",zone!=""}\n', '\n'), ('section="mod-', 'section="')):
            self.assertIn(old, self.rules)
            self.assertNotEqual(misnamed(self.rules.replace(old, new, 1)), [], old)

    def test_what_is_recorded_is_used_and_what_is_used_is_recorded(self):
        users = ''.join(self.alerts) + json.dumps(self.board)
        used = re.findall(r'\bcaaudit:\w+(?::\w+)?', users)
        self.assertEqual(set(used), set(records(self.rules)))
        self.assertEqual(re.findall(r'\bknot_\w+', users), [])

    def test_alerts_go_by_severity(self):
        critical = [text for text in self.alerts if 'severity: critical' in text]
        self.assertEqual(len(critical), 1)
        self.assertIn('caaudit:severity{type="error"}', critical[0])
        tried = (SOURCE / 'tests/monitoring/rules_test.yml').read_text()
        self.assertEqual({text.split()[0] for text in self.alerts}, set(re.findall(r'alertname: (\w+)$', tried, re.M)))

    def test_dashboard(self):
        panels = self.board['panels']
        self.assertEqual(len({panel['id'] for panel in panels}), len(panels))
        taken = set()
        for panel in panels:
            self.assertRegex(panel['description'], r'^["A-Z].*\.$', panel['title'])
            self.assertTrue(all('caaudit:' in target['expr'] for target in panel['targets']), panel['title'])
            at = panel['gridPos']
            cells = {(x, y) for x in range(at['x'], at['x'] + at['w']) for y in range(at['y'], at['y'] + at['h'])}
            self.assertFalse(cells & taken, panel['title'])
            self.assertLessEqual(at['x'] + at['w'], 24)
            taken |= cells

    def test_service_writes_where_its_user_may(self):
        service = (EXAMPLES / 'caaudit-stats.service').read_text()
        values = dict(re.findall(r'^(\w+)=(.*)$', service, re.M))
        home = f'/var/lib/{values["StateDirectory"]}/'
        self.assertEqual(set(re.findall(r"/var/[^ ']+", values['ExecStart'])),
                         {home + 'caaudit.new', home + 'caaudit.prom'})
        self.assertIn(f' {home}caaudit.prom ', values['ExecStartPre'])
        self.assertNotEqual(values['User'], 'root')

    @unittest.skipIf(shutil.which('systemd-analyze') is None, 'no systemd-analyze')
    def test_units(self):
        for name in ('caaudit-stats.service', 'caaudit-stats.timer'):
            shutil.copy(EXAMPLES / name, self.directory)
        timer = self.directory / 'caaudit-stats.timer'
        sane = timer.read_text()
        for text, accepted in ((sane, True), (sane.replace('OnCalendar=minutely', 'OnCalendar=minutly'), False)):
            timer.write_text(text)
            run = subprocess.run(['systemd-analyze', 'verify', timer], capture_output=True, text=True)
            # That the user or the command is not on this machine is no fault of the units.
            said = [line for line in (run.stdout + run.stderr).splitlines()
                    if 'caaudit-stats.timer' in line or 'caaudit-stats.service:' in line]
            self.assertEqual(said == [], accepted, said)

    @unittest.skipIf(PROMTOOL is None, 'no promtool')
    def test_promtool_dashboard(self):
        """Each question of the dashboard is a rule that Prometheus can read."""
        rules = [{'record': f'panel_{panel["id"]}_{target["refId"]}', 'expr': re.sub(r'\$\w+', 'x', target['expr'])}
                 for panel in self.board['panels'] for target in panel['targets']]
        file = self.directory / 'dashboard.rules.yml'
        file.write_text(json.dumps({'groups': [{'name': 'dashboard', 'rules': rules}]}))
        result = subprocess.run([PROMTOOL, 'check', 'rules', file], capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    @unittest.skipIf(PROMTOOL is None, 'no promtool')
    def test_promtool_rules(self):
        for path in (EXAMPLES / 'caaudit.rules.yml', SOURCE / 'tests/monitoring/rules_test.yml'):
            shutil.copy(path, self.directory)
        rules = self.directory / 'caaudit.rules.yml'
        result = subprocess.run([PROMTOOL, 'check', 'rules', rules], capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        test = [PROMTOOL, 'test', 'rules', self.directory / 'rules_test.yml']
        result = subprocess.run(test, capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        # Rules that cannot fire, or that fire for an exporter only, are caught.
        for old, new in (('type="error"', 'type="notice"'), ('or knot_zone_stats_severity{', 'or knot_severities{'),
                         ('> 3 * 3600', '> 30 * 3600'), ('absent(', 'count('), ('> 900', '> 90000')):
            self.assertIn(old, self.rules)
            rules.write_text(self.rules.replace(old, new))
            self.assertNotEqual(subprocess.run(test, capture_output=True, text=True).returncode, 0, old)


if __name__ == '__main__':
    unittest.main()
