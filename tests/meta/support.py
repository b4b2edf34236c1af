# SPDX-License-Identifier: GPL-2.0-or-later

"""What the meta tests share: where things are, and a base class for tests with a twin."""

import os
import pathlib
import shlex
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ.get('CAAUDIT_SOURCE') or pathlib.Path(__file__).parents[2])
CC = shlex.split(os.environ.get('CAAUDIT_CC', 'cc'))
CXX = shlex.split(os.environ.get('CAAUDIT_CXX', 'c++'))
ENGINE_LIB = os.environ.get('CAAUDIT_ENGINE_LIB')
MODULE = os.environ.get('CAAUDIT_MODULE')


def need(found, what):
    """Ends the test as skipped, as meson understands it, unless a tool was found."""
    if not found:
        print(f'skipped: no {what}')
        sys.exit(77)


class MetaTest(unittest.TestCase):
    """Tests of a rule; twins break it in self.root and must be caught."""

    maxDiff = None

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix='caaudit-meta-')
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)

    def put(self, name, text, mode=0o644):
        """Writes a file below self.root."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def clean(self, problems):
        """The rule holds."""
        self.assertFalse(problems, '\n' + '\n'.join(problems))

    def caught(self, problems, *words):
        """The rule is broken, and exactly one complaint for each word says so."""
        self.assertEqual(len(problems), len(words), '\n'.join(problems))
        for word in words:
            self.assertTrue([problem for problem in problems if word in problem], f'{word}: {problems}')
