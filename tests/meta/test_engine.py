# SPDX-License-Identifier: GPL-2.0-or-later

"""The engine sees no file, clock, thread, output or server."""

import subprocess
import unittest

import checks
from support import CC, ENGINE_LIB, SOURCE, MetaTest

PURE = '''
#include <stdio.h>
#include <string.h>
int inner(const char *a) { return strlen(a) > 3; }
int outer(char *a, const char *b) { return inner(b) + snprintf(a, 9, "%s", b); }
'''


class Engine(MetaTest):
    def library(self, code):
        """Builds a static library from one source."""
        source = self.put('broken.c', code)
        subprocess.run([*CC, '-O1', '-fno-builtin', '-c', '-o', self.root / 'broken.o', source], check=True)
        subprocess.run(['ar', 'crs', self.root / 'broken.a', self.root / 'broken.o'], check=True)
        return self.root / 'broken.a'

    def test_symbols(self):
        self.clean(checks.engine_symbols(ENGINE_LIB))

    def test_symbols_of_pure_code(self):
        self.clean(checks.engine_symbols(self.library(PURE)))

    def test_twin_file(self):
        library = self.library('#include <fcntl.h>\nint f(void) { return open("x", O_RDONLY); }\n')
        self.caught(checks.engine_symbols(library), 'wants open')

    def test_twin_clock(self):
        library = self.library('#include <time.h>\nlong f(void) { return time(NULL); }\n')
        self.caught(checks.engine_symbols(library), 'wants time')

    def test_twin_thread(self):
        library = self.library('#include <pthread.h>\n'
                               'int f(pthread_mutex_t *m) { return pthread_mutex_lock(m); }\n')
        self.caught(checks.engine_symbols(library), 'wants pthread_mutex_lock')

    def test_twin_output(self):
        library = self.library('#include <stdio.h>\nvoid f(void) { printf("%d", 1); fopen("x", "r"); }\n')
        self.caught(checks.engine_symbols(library), 'wants printf', 'wants fopen')

    def test_twin_server(self):
        library = self.library('void knotd_mod_log(void);\nvoid f(void) { knotd_mod_log(); }\n')
        self.caught(checks.engine_symbols(library), 'wants knotd_mod_log')

    def test_twin_key_store(self):
        library = self.library('void dnssec_keystore_open(void); void dnssec_random_buffer(void);\n'
                               'void dnssec_nsec3_hash(void);\nvoid f(void) { dnssec_keystore_open();'
                               ' dnssec_random_buffer(); dnssec_nsec3_hash(); }\n')
        self.caught(checks.engine_symbols(library), 'wants dnssec_keystore_open', 'wants dnssec_random_buffer')

    def test_twin_no_symbols(self):
        self.caught(checks.engine_symbols(self.library('')), 'no symbols')

    def test_twin_no_library(self):
        with self.assertRaises(subprocess.CalledProcessError):
            checks.engine_symbols(self.root / 'absent.a')

    def test_sources(self):
        self.clean(checks.engine_sources(SOURCE / 'module' / 'engine'))
        self.clean(checks.engine_sources(SOURCE / 'include'))

    def test_sources_of_pure_code(self):
        self.put('pure.c', PURE + '/* printf("x") */ const char *a = "printf(1)";\n')
        self.clean(checks.engine_sources(self.root))

    def test_twin_include(self):
        self.put('a.c', '# include <time.h>\n#include <stdint.h>\n')
        self.put('b.h', '#include "knot/module.h"\n#include <pthread.h>\n')
        self.caught(checks.engine_sources(self.root), 'time.h', 'knot/module.h', 'pthread.h')

    def test_twin_call(self):
        self.put('a.c', 'void f(void) { if (0) { fprintf (stderr, "x"); } }\n')
        self.caught(checks.engine_sources(self.root), 'calls fprintf()')

    def test_twin_no_sources(self):
        self.caught(checks.engine_sources(self.root), 'no source files')


if __name__ == '__main__':
    unittest.main()
