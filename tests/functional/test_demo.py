# SPDX-License-Identifier: GPL-2.0-or-later

"""config-examples/demo.sh shows three verdicts and the cures, and leaves nothing behind."""

import glob
import os
import pathlib
import subprocess
import tempfile
import unittest

import harness
import watch
from harness import MODULE, SOURCE

DEMO = SOURCE / 'config-examples' / 'demo.sh'
BUILD = pathlib.Path(MODULE).parents[2]


@unittest.skipIf(watch.KIND, 'the demo starts its own knotd')
@unittest.skipUnless('CAAUDIT' in os.environ, 'no command')
class Demo(unittest.TestCase):
    def run_demo(self, build, demo=DEMO):
        return subprocess.run([str(demo), str(build)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120)

    def test_verdicts(self):
        before = set(glob.glob('/tmp/caaudit-demo.*'))
        result = self.run_demo(BUILD)
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertNotIn('WRONG', result.stdout)
        for words in ('id caa-issue-denied, owner locked.test.', 'id dcv-cname-missing',
                      'mod-caaudit.findings[caa-issue-denied] = 1', 'mod-caaudit.zones[audited] = 3',
                      'resolved, id caa-issue-denied, owner locked.test.', 'resolved, id dcv-cname-missing',
                      'ok: all zones: clean'):
            self.assertIn(words, result.stdout)
        self.assertEqual(set(glob.glob('/tmp/caaudit-demo.*')) - before, set())

    def test_twin_a_verdict_that_is_not_there(self):
        """With another zone in the place of the locked one, the demo must not say that all is well."""
        with tempfile.TemporaryDirectory(prefix='caaudit-') as directory:
            demo = pathlib.Path(directory, 'config-examples', 'demo.sh')
            demo.parent.mkdir()
            text = DEMO.read_text()
            demo.write_text(text.replace('CAA 0 issue "letsencrypt.org"', 'CAA 0 issue "sectigo.com"'))
            self.assertNotEqual(demo.read_text(), text)
            demo.chmod(0o755)
            result = self.run_demo(BUILD, demo)
        self.assertEqual(result.returncode, 1, result.stdout)
        self.assertIn('WRONG: locked.test', result.stdout)

    def test_without_a_module(self):
        result = self.run_demo(SOURCE / 'include')
        self.assertNotEqual(result.returncode, 0)
        self.assertIn('module/knotd/caaudit.so', result.stdout)


if __name__ == '__main__':
    harness.main()
