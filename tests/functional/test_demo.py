# SPDX-License-Identifier: GPL-2.0-or-later

"""config-examples/demo.sh shows the three verdicts, and leaves nothing behind."""

import glob
import os
import subprocess
import unittest

import harness
from harness import MODULE, SOURCE

DEMO = SOURCE / 'config-examples' / 'demo.sh'


class Demo(unittest.TestCase):
    def run_demo(self, build):
        return subprocess.run([str(DEMO), str(build)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120)

    def test_verdicts(self):
        before = set(glob.glob('/tmp/caaudit-demo.*'))
        result = self.run_demo(os.path.dirname(MODULE))
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertNotIn('WRONG', result.stdout)
        for words in ('id caa-issue-denied, owner locked.test.', 'id dcv-cname-missing',
                      'mod-caaudit.findings[caa-issue-denied] = 1', 'mod-caaudit.zones[audited] = 3'):
            self.assertIn(words, result.stdout)
        self.assertEqual(set(glob.glob('/tmp/caaudit-demo.*')) - before, set())

    def test_without_a_module(self):
        result = self.run_demo(SOURCE / 'include')
        self.assertNotEqual(result.returncode, 0)
        self.assertIn('no caaudit.so', result.stdout)


if __name__ == '__main__':
    harness.main()
