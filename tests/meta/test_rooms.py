# SPDX-License-Identifier: GPL-2.0-or-later

"""Files of a directory need each other one way, and say what they are for."""

import os
import subprocess
import unittest

import checks
from support import CC, SOURCE, MetaTest

# Directories that keep the rules, each with an archive of its objects.
KEPT = [pair.split('=') for pair in os.environ.get('CAAUDIT_ROOMS', '').split(':') if pair]


class Rooms(MetaTest):
    def archive(self, **sources):
        """Compiles files into an archive."""
        objects = []
        for name, code in sources.items():
            self.put(f'{name}.c', code)
            objects.append(self.root / f'{name}.c.o')
            subprocess.run([*CC, '-c', '-o', objects[-1], self.root / f'{name}.c'], check=True)
        subprocess.run(['ar', 'crs', self.root / 'rooms.a', *objects], check=True)
        return self.root / 'rooms.a'

    def test_some_are_kept(self):
        self.assertTrue(KEPT)

    def test_circles(self):
        for directory, archive in KEPT:
            with self.subTest(directory):
                self.clean(checks.circles(SOURCE / directory, archive))

    def test_one_way(self):
        archive = self.archive(a='#include "b.h"\nvoid a(void) { b(); }\n', b='#include "b.h"\nvoid b(void) { }\n',
                               b_c='void b(void); void d(void) { b(); }\n') \
            if self.put('b.h', 'void b(void);\n') else None
        self.clean(checks.circles(self.root, archive))
        self.assertEqual(set(checks.rooms_called(self.root, archive)), {('a', 'b'), ('b_c', 'b')})
        self.assertEqual(set(checks.rooms_included(self.root)), {('a', 'b')})

    def test_twin_includes(self):
        self.put('a.h', '#include "b.h"\n')
        self.put('b.c', f'#include "{self.root.name}/c.h"\n')
        self.put('b.h', '')
        self.put('c.h', '')
        self.clean(checks.circles(self.root))
        self.put('c.c', '#include "a.h"\n')
        self.caught(checks.circles(self.root), 'a -> b -> c -> a')

    def test_twin_symbols(self):
        archive = self.archive(a='void b(void); void a(void) { b(); }\n', b='void c(void); void b(void) { c(); }\n',
                               c='extern int d; int c(void) { return d; }\n', d='int d;\n')
        self.clean(checks.circles(self.root, archive))
        archive = self.archive(a='void b(void); void a(void) { b(); }\n', b='void c(void); void b(void) { c(); }\n',
                               c='void a(void); void c(void) { a(); }\n', d='int d;\n')
        self.caught(checks.circles(self.root, archive), 'a -> b -> c -> a')

    def test_twin_both(self):
        """One arrow is an include, the other a symbol."""
        self.put('b.h', '')
        archive = self.archive(a='#include "b.h"\nvoid a(void) { }\n', b='void a(void); void b(void) { a(); }\n')
        self.clean(checks.circles(self.root))
        self.caught(checks.circles(self.root, archive), 'a -> b -> a')

    def test_twin_nothing(self):
        self.caught(checks.circles(self.root), 'no source files')
        self.caught(checks.circles(self.root, self.archive(a='int a;\n')), 'no symbols')

    def test_first_sentences(self):
        for directory, _ in KEPT:
            with self.subTest(directory):
                self.clean(checks.first_sentences(SOURCE / directory))

    def test_twin_first_sentence(self):
        self.caught(checks.first_sentences(self.root), 'no source files')
        head = '/* SPDX-License-Identifier: GPL-2.0-or-later */\n\n'
        self.put('a.c', head + '/*! \\file \\brief It reads. */\n')
        self.put('a.h', head + '/*!\n * \\file\n *\n * \\brief It reads, and it\n *        writes.\n */\n')
        self.clean(checks.first_sentences(self.root))
        self.put('b.c', head + '#include "a.h"\n')
        self.put('c.c', head + '/*! \\file */\n#include "a.h"\n')
        self.put('d.c', head + '/* It reads. */\n')
        self.caught(checks.first_sentences(self.root), 'b.c', 'c.c', 'd.c')


class Page(MetaTest):
    """module/knotd/README.md tells what is there."""

    KNOTD = SOURCE / 'module' / 'knotd'
    PAGE = KNOTD / 'README.md'

    def test_rooms(self):
        archive = dict(KEPT).get('module/knotd')
        self.clean(checks.floors(self.PAGE, self.KNOTD, archive))

    def test_twin_rooms(self):
        self.put('a.c', '#include "b.h"\n')
        self.put('b.h', '')
        self.put('c.h', '')
        page = self.put('page.md', 'Rooms.\n\n    a    the first one\n    b c\n')
        self.clean(checks.floors(page, self.root))
        self.put('b.c', '#include "c.h"\n')
        self.caught(checks.floors(page, self.root), 'b is not above c')
        page = self.put('page.md', 'Rooms.\n\n    d\n    b c   both\n    a\n')
        self.put('b.c', '')
        self.caught(checks.floors(page, self.root), 'd is no room', 'a is not above b')
        self.caught(checks.floors(self.put('page.md', 'None.\n'), self.root), 'no room a', 'no room b', 'no room c')

    def test_enums(self):
        for header, prefix, form in (('lock.h', 'LOCK_', str), ('plan.h', 'PLAN_(?=RETIRED|WAITING|RUNNING|SEEN|AGAIN|LEAVING)', str),
                                     ('plan.h', 'PLAN_(?=LOAD|RETIRE\\b|NOTICE\\b|CHANGE|POSTPONE|BEGIN|DONE|FAIL|VANISH|DROP)', str.lower)):
            with self.subTest(prefix):
                self.clean(checks.enum_rows(self.PAGE, self.KNOTD / header, prefix, form))

    def test_twin_enums(self):
        header = self.put('x.h', 'typedef enum {\n\tX_ONE,\n\tX_TWO, /* See X_ONE. */\n\tX_THREE,\n} x_t;\n')
        page = self.put('page.md', '| rank | in |\n|---|---|\n| ONE | a |\n| TWO, THREE | b |\n')
        self.clean(checks.enum_rows(page, header, 'X_'))
        page = self.put('page.md', '| rank | in |\n|---|---|\n| TWO | b |\n| ONE | a |\n| THREE | c |\n')
        self.caught(checks.enum_rows(page, header, 'X_'), 'another order')
        self.caught(checks.enum_rows(self.put('page.md', '| ONE | a |\n'), header, 'X_'), 'TWO', 'THREE')
        self.caught(checks.enum_rows(page, header, 'Y_'), 'no Y_')


if __name__ == '__main__':
    unittest.main()
