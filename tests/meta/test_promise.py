# SPDX-License-Identifier: GPL-2.0-or-later

"""What is promised to users is in the sources, and in the documents."""

import contextlib
import io
import json
import re
import shutil
import sys
import unittest

from support import SOURCE, MetaTest

sys.path.insert(0, str(SOURCE / 'tests'))
import promise  # noqa: E402

FILES = ('meson.build', 'docs/promise.json', 'include/caaudit/findings.def', 'module/engine/finding.c', 'module/knotd',
         'module/cli/catalogue.c', 'module/cli/cas.c', 'module/cli/caaudit.schema.json', 'module/cli/metrics.c',
         'module/cli/options.c', 'module/cli/options.h')
# A change of the sources, and the complaint that it brings.
BROKEN = (
    ('module/knotd/options.h', '"\\013audit-delay"', '"\\012audit-wait"', 'option: audit-delay: promised', 'option: audit-wait: new'),
    ('module/knotd/options.c', '"on" }', '"yes" }', 'option: wildcard on: promised', 'option: wildcard yes: new'),
    ('module/cli/options.c', '"survey", NULL', '"overview", NULL', 'command: check --survey: promised',
     'command: check --overview: new'),
    ('include/caaudit/findings.def', '"caa-locked"', '"caa-set-locked"', 'finding: caa-locked: promised',
     'finding: caa-set-locked: new'),
    ('module/knotd/result.c', '"audit, serial %u, errors', '"audit, soa %u, errors', 'log: audit, serial %', 'log: audit, soa %'),
    ('module/knotd/counters.c', '"servfail"', '"failed"', 'lookup-failures[servfail]: promised', 'lookup-failures[failed]: new'),
    ('module/cli/metrics.c', '"caaudit_zones"', '"caaudit_zone"', 'caaudit_zones: promised', 'caaudit_zone: new'),
    ('module/cli/caaudit.schema.json', '"decided_by": {', '"owner": {', 'verdict decided_by: promised', 'verdict owner: new'),
    ('module/cli/cas.c', '"publish", ca->name[0], "names"', '"publish", ca->name[0], "issuers"', 'cas issuers: new'),
    ('module/cli/options.h', 'EXIT_FINDINGS = 1', 'EXIT_FINDINGS = 3', 'exit: 1 findings: promised', 'exit: 3 findings: new'),
)


class Promise(MetaTest):
    def copy(self):
        for name in FILES:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if (SOURCE / name).is_dir() else shutil.copy)(SOURCE / name, self.root / name)

    def complaints(self, *arguments, root=None):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            code = promise.main(arguments, root or self.root)
        self.assertEqual(code, 1 if said.getvalue() else 0)
        return said.getvalue().splitlines()

    def test_sources(self):
        self.clean(self.complaints(root=SOURCE))

    def test_every_finding_and_option_is_read(self):
        found = promise.surface(SOURCE)
        self.assertEqual(len(found['finding']), promise.read(SOURCE, 'include/caaudit/findings.def').count('CAAUDIT_FINDING('))
        self.assertEqual(len([name for name in found['option'] if ' ' not in name]),
                         promise.read(SOURCE, 'module/knotd/caaudit.c').count('{ MOD_'))
        self.assertEqual(len(found['metric']), len(re.findall(r'\[METRIC_[A-Z]', promise.read(SOURCE, 'module/cli/metrics.c'))))

    def test_twins(self):
        for name, old, new, *words in BROKEN:
            with self.subTest(new):
                self.copy()
                text = (self.root / name).read_text()
                self.assertIn(old, text)
                self.put(name, text.replace(old, new, 1))
                self.caught(self.complaints(), *words)
            shutil.rmtree(self.root / 'module')

    def test_twin_nothing_found(self):
        self.copy()
        self.put('module/cli/metrics.c', '')
        with self.assertRaises(promise.Failed):
            promise.main([], self.root)

    def test_update_adds_and_never_removes(self):
        self.copy()
        name = 'module/cli/metrics.c'
        self.put(name, (self.root / name).read_text().replace('"caaudit_zones"', '"caaudit_zone"'))
        self.put('meson.build', "version: '9.8.7'\n")
        self.caught(self.complaints('--update'), 'caaudit_zones: promised')
        metrics = json.loads((self.root / 'docs/promise.json').read_text())['metric']
        self.assertEqual((metrics['caaudit_zone'], metrics['caaudit_zones']), ('9.8.7', '1.0.0'))

    # --- documents

    def test_options_are_documented(self):
        """Table and reference have the same options with the same defaults."""
        page = dict(re.findall(r'^\| `([a-z-]+)` \|(.*?)\|', (SOURCE / 'docs/options.md').read_text(), re.M))
        reference = (SOURCE / 'module/knotd/caaudit.rst').read_text()
        names = [name for name in promise.surface(SOURCE)['option'] if ' ' not in name]
        self.assertEqual(sorted(page), sorted(names))
        for name in names:
            about = re.search(rf'^{name}\n\.+\n(.*?)\*Default:\* (.*?)\n', reference, re.M | re.S)
            self.assertIsNotNone(about, name)
            default = re.sub(r'`| \(.*\)|not set', '', about[2])
            self.assertEqual(page[name].replace('`', '').strip(), default, name)
            self.assertRegex(reference, rf'(?m)^        {name}: ')

    def test_output_is_documented(self):
        found = promise.surface(SOURCE)
        pages = {name: (SOURCE / name).read_text() for name in
                 ('docs/output.md', 'module/knotd/caaudit.rst', 'module/cli/caaudit.1.in')}
        for counter in found['counter']:
            name, _, word = counter.rstrip(']').partition('[')
            for page in ('docs/output.md', 'module/knotd/caaudit.rst'):
                self.assertRegex(pages[page], rf'`{name}(`|\[[^]]*\b{word}\b)', page)
        for line in found['log']:
            first = re.escape(line.partition(', ')[0])
            for page in ('docs/output.md', 'module/knotd/caaudit.rst'):
                self.assertRegex(pages[page], rf'(?m)(^|``){first}, ', page)
        for metric in found['metric']:
            self.assertIn(metric, pages['module/cli/caaudit.1.in'])
        for code in found['exit']:
            self.assertRegex(pages['docs/output.md'], rf'(?m)^\| {code[0]} \|')


if __name__ == '__main__':
    unittest.main()
