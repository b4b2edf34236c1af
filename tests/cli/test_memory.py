# SPDX-License-Identifier: GPL-2.0-or-later

"""Each allocation fails in turn: where a zone could not be checked for it, that is said."""

import os
import unittest

from support import SANE, CliTest

SCARCE = os.environ['CAAUDIT_SCARCE']
CONFIG = """include: remote.conf
mod-caaudit:
  - id: x
    validation-file: expected
mod-queryacl:
  - id: q
    address: 192.0.2.0/24
template:
  - id: default
    storage: .
zone:
  - domain: a.test
    notify: r
    module: [ mod-caaudit/x, mod-queryacl/q ]
  - domain: b.test
    module: mod-caaudit
"""
# So many allocations in a row without a complaint: those that come before the end of the command.
ENOUGH = 100


class Memory(CliTest):
    def test_each_allocation(self):
        self.put('remote.conf', 'remote:\n  - id: r\n    address: 192.0.2.1\n')
        self.put('knot.conf', CONFIG)
        self.put('expected', '_a CNAME a.example.net.\n')
        for zone in ('a.test', 'b.test'):
            self.put(f'{zone}.zone', SANE)
        words = ('check', '-j', '1', '--config', 'knot.conf')
        whole = self.run_raw(*words).stdout
        self.assertIn(b'2 zones', whole)
        nth, quiet, failed = 0, 0, 0
        while quiet < ENOUGH and nth < 10000:
            run = self.run_raw(*words, env={'LD_PRELOAD': SCARCE, 'SCARCE': str(nth)})
            # Libraries allocate as well, when they are loaded, and do not all need what they ask for.
            if run.returncode == 2:
                failed += 1
                self.assertNotEqual(run.stderr, b'', nth)
            else:
                self.assertEqual((run.returncode, run.stdout), (1, whole), nth)
            quiet = 0 if run.returncode == 2 or run.stderr else quiet + 1
            nth += 1
        self.assertGreater(failed, 100)
        self.assertLess(nth, 10000)


if __name__ == '__main__':
    unittest.main()
