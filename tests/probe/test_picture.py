# SPDX-License-Identifier: GPL-2.0-or-later

"""The pictures of the table in docs/probe.md and manual are what the command prints about a farm with three faults.

CAAUDIT_PICTURE=1 prints both instead of comparing them.
"""

import os
import pathlib
import re
import sys
import unittest

import farm
from support import COMMAND, KINDS
from test_faults import drop_type

SOURCE = pathlib.Path(os.environ.get('CAAUDIT_SOURCE') or pathlib.Path(__file__).parents[2])
ZONE = 'example.com'
TEXT = '''@ 3600 SOA ns1 hostmaster {} 3600 600 86400 300
@ 3600 NS ns1
ns1 3600 A 192.0.2.1
@ 3600 CAA 0 issue "sectigo.com"
@ 3600 CAA 0 issuewild "sectigo.com"
www 3600 A 192.0.2.80
{}
'''


def pieces(block):
    """What stands between lines of dots, without the line of the command."""
    lines = [line for line in block.splitlines() if not line.startswith('$ ')]
    return [piece.strip('\n') for piece in re.split(r'(?m)^\.\.\.$', '\n'.join(lines)) if piece.strip()]


@unittest.skipIf(farm.available(), farm.available())
class Picture(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.farm = farm.Farm()
        cls.addClassCleanup(cls.farm.close)
        for number, kind in enumerate(KINDS * 2, 1):
            cls.farm.add(f's{number}', kind, {ZONE: TEXT.format(8 - (number == 2), '' if number != 2 else
                                                                'www 3600 CAA 0 issue "letsencrypt.org"')})
        cls.farm.start()
        servers = list(cls.farm.server.values())
        servers[3].nft(*drop_type(257, [ZONE, f'www.{ZONE}']))
        servers[5].nft('drop')
        cls.words = [COMMAND, 'probe', ZONE, '--no-wildcard', '--host', 'www']
        for server in servers:
            cls.words += ['--server', server.v4]

    def printed(self, columns, locale):
        """What the command prints on a terminal, without progress and colours."""
        result = self.farm.run(['script', '-qec', ' '.join(self.words), '/dev/null'],
                               env={'COLUMNS': str(columns), 'NO_COLOR': '1', 'LC_ALL': locale, 'TERM': 'xterm'})
        said = re.sub(r'.*\033\[K', '', result.stdout.replace('\r\n', '\n').replace('\r', ''))
        if os.environ.get('CAAUDIT_PICTURE'):
            print(said, file=sys.stderr)
        return said

    def compare(self, block, columns, locale):
        said = self.printed(columns, locale)
        found = pieces(block)
        self.assertGreater(len(found), 1)
        for piece in found:
            self.assertIn(piece + '\n', said)

    def test_page(self):
        text = (SOURCE / 'docs/probe.md').read_text()
        block = re.search(r'<!-- test: none printed by tests/probe/test_picture.py -->\n```text\n(.*?)```', text, re.S)
        self.compare(block[1], 96, 'C.UTF-8')

    def test_manual(self):
        text = (SOURCE / 'module/cli/caaudit.1.in').read_text()
        block = re.search(r'^\.Bd -literal\n(.*?)^\.Ed', text, re.M | re.S)
        self.compare(block[1].replace('\\&', ''), 78, 'C')

    def test_twin(self):
        """A picture that is not what the command prints is caught."""
        with self.assertRaises(AssertionError):
            self.compare('example.com.  serial 9\n...\nx\n', 96, 'C.UTF-8')


if __name__ == '__main__':
    unittest.main(verbosity=2)
