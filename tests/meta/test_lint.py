# SPDX-License-Identifier: GPL-2.0-or-later

"""clang-tidy and cppcheck find nothing in the sources of this build.

The settings are .clang-tidy, tests/.clang-tidy and tests/cppcheck.supp, each with its reasons.
The argument is Tidy or Cppcheck.
"""

import json
import os
import shutil
import sys
import unittest

import checks
from support import SOURCE, MetaTest, need

BUILD = os.environ.get('CAAUDIT_BUILD')
# Other versions complain of other things.
TIDY = shutil.which('clang-tidy-14')
CPPCHECK = shutil.which('cppcheck')
if CPPCHECK and checks.run(CPPCHECK, '--version').split()[1:] != ['2.10']:
    CPPCHECK = None

SOUND = 'int one(const int *of)\n{\n\treturn of == 0 ? 0 : *of;\n}\n'
NULL = 'int one(const int *of)\n{\n\tconst int *p = of == 0 ? 0 : of;\n\treturn *p;\n}\n'
MACRO = '#define DOUBLE(x) (x * 2)\n'


class Lint:
    """What each of the two must find, and must not."""

    tool = None

    def build(self, *sources):
        """A build of some sources, with the settings of the tree."""
        for settings in ('.clang-tidy', 'tests/.clang-tidy'):
            self.put(settings, (SOURCE / settings).read_text())
        commands = [{'directory': str(self.root), 'file': str(path), 'command': f'cc -c -o a.o {path}'}
                    for path in sources]
        self.put('build/compile_commands.json', json.dumps(commands))
        return self.root / 'build'

    def look(self, build):
        return checks.analysed(build, self.root, self.tool)

    def test_sources_of_this_build(self):
        self.clean(self.look(BUILD))

    def test_sound_source(self):
        path = self.put('module/a.c', SOUND)
        self.clean(self.look(self.build(path, path)))

    def test_twin_null_pointer(self):
        self.caught(self.look(self.build(self.put('module/a.c', NULL))), 'a.c:4')

    def test_twin_does_not_compile(self):
        self.assertTrue(self.look(self.build(self.put('module/a.c', SOUND.replace(')', '', 1)))))

    def test_twin_no_source(self):
        self.caught(self.look(self.build()), 'compiles nothing')


class Tidy(Lint, MetaTest):
    tool = TIDY

    def test_twin_in_tests(self):
        path = self.put('tests/a.c', NULL)
        self.clean(self.look(self.build(path)))
        path = self.put('tests/a.c', MACRO + NULL)
        self.caught(self.look(self.build(path)), 'bugprone-macro-parentheses')

    def test_twin_settings_that_are_not_understood(self):
        build = self.build(self.put('module/a.c', SOUND))
        self.put('.clang-tidy', 'Checks: [\n')
        self.assertTrue(self.look(build))


class Cppcheck(Lint, MetaTest):
    tool = CPPCHECK


if __name__ == '__main__':
    for name, tool, what in ('Tidy', TIDY, 'clang-tidy-14'), ('Cppcheck', CPPCHECK, 'cppcheck 2.10'):
        need(tool or name not in sys.argv[1:], what)
    unittest.main()
