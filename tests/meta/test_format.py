# SPDX-License-Identifier: GPL-2.0-or-later

"""Every C file is as clang-format 14 writes it with the committed .clang-format."""

import shutil
import unittest

import checks
from support import SOURCE, MetaTest, need

# Other versions write other lines with the same settings.
TOOL = shutil.which('clang-format-14')


class Format(MetaTest):
    def setUp(self):
        super().setUp()
        self.put('.clang-format', (SOURCE / '.clang-format').read_text())

    def test_tree(self):
        self.clean(checks.formatted(SOURCE, TOOL))

    def test_twin_spaces(self):
        self.put('good.c', 'int one(void)\n{\n\treturn 1;\n}\n')
        self.clean(checks.formatted(self.root, TOOL))
        self.put('sub/bad.h', 'int one(void)\n{\n    return 1;\n}\n')
        self.put('bad.c', 'int two(void) { return 2; }\n')
        self.caught(checks.formatted(self.root, TOOL), 'bad.h:2', 'bad.c:1')

    def test_twin_settings_that_are_not_understood(self):
        self.put('.clang-format', 'Braces: none\n')
        self.put('good.c', 'int one;\n')
        self.caught(checks.formatted(self.root, TOOL), 'Braces')

    def test_twin_no_sources(self):
        self.caught(checks.formatted(self.root, TOOL), 'no sources')


if __name__ == '__main__':
    need(TOOL, 'clang-format-14')
    unittest.main()
