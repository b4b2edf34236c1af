# SPDX-License-Identifier: GPL-2.0-or-later

"""Every public header compiles alone, as C and as C++."""

import unittest

import checks
from support import CC, CXX, SOURCE, MetaTest

GOOD = '#pragma once\n#include <stddef.h>\nstatic inline size_t one(void) { return 1; }\n'


class Headers(MetaTest):
    def test_c(self):
        self.clean(checks.headers_alone(SOURCE / 'include', CC, 'c', '-std=gnu11'))

    def test_cxx(self):
        self.clean(checks.headers_alone(SOURCE / 'include', CXX, 'c++', '-std=c++17'))

    def test_twin_needs_another_header(self):
        self.put('x/good.h', GOOD)
        self.put('x/bad.h', '#pragma once\nsize_t two(void);\n')
        self.caught(checks.headers_alone(self.root, CC, 'c'), 'bad.h')

    def test_twin_no_guard(self):
        self.put('bad.h', GOOD.replace('#pragma once\n', ''))
        self.caught(checks.headers_alone(self.root, CC, 'c'), 'bad.h')

    def test_twin_not_cxx(self):
        self.put('bad.h', '#pragma once\nint two(int class);\n')
        self.clean(checks.headers_alone(self.root, CC, 'c'))
        self.caught(checks.headers_alone(self.root, CXX, 'c++'), 'bad.h')

    def test_twin_no_headers(self):
        self.caught(checks.headers_alone(self.root, CC, 'c'), 'no headers')


if __name__ == '__main__':
    unittest.main()
