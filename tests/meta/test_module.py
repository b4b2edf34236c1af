# SPDX-License-Identifier: GPL-2.0-or-later

"""The module exports its API structure alone, and is loaded only by its libknot."""

import subprocess
import unittest

import checks
from support import CC, MODULE, MetaTest

API = 'const int knotd_mod_api = 1;\n'
GOOD = ['-Wl,--no-as-needed', '-lknot', '-Wl,-z,nodelete']


class Module(MetaTest):
    def shared(self, code, *flags):
        source = self.put('twin.c', code)
        module = self.root / 'twin.so'
        subprocess.run([*CC, '-shared', '-fPIC', '-o', module, source, *flags], check=True)
        return module

    def test_exports(self):
        self.clean(checks.module_exports(MODULE))

    def test_dynamic_section(self):
        self.clean(checks.module_dynamic(MODULE))

    def test_small_good_module(self):
        module = self.shared(API, *GOOD)
        self.clean(checks.module_exports(module))
        self.clean(checks.module_dynamic(module))

    def test_twin_exports_more(self):
        self.caught(checks.module_exports(self.shared(API + 'int helper(void) { return 1; }\n', *GOOD)),
                    'exports helper')

    def test_twin_exports_nothing(self):
        module = self.shared('__attribute__((visibility("hidden"))) int knotd_mod_api;\n', *GOOD)
        self.caught(checks.module_exports(module), 'knotd_mod_api is not exported')

    def test_twin_search_path(self):
        self.caught(checks.module_dynamic(self.shared(API, *GOOD, '-Wl,-rpath,/nowhere')), 'PATH')

    def test_twin_may_be_unloaded(self):
        self.caught(checks.module_dynamic(self.shared(API, *GOOD[:2])), 'nodelete')

    def test_twin_any_libknot(self):
        self.caught(checks.module_dynamic(self.shared(API, GOOD[2])), 'libknot')

    def test_twin_no_module(self):
        with self.assertRaises(subprocess.CalledProcessError):
            checks.module_exports(self.root / 'absent.so')


if __name__ == '__main__':
    unittest.main()
