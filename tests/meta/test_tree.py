# SPDX-License-Identifier: GPL-2.0-or-later

"""Rules for the files of the tree."""

import unittest

import checks
from support import SOURCE, MetaTest

SPDX = 'SPDX-License-Identifier: ' + 'GPL-2.0-or-later'


class Tree(MetaTest):
    def test_no_path_of_a_machine(self):
        self.clean(checks.machine_paths(SOURCE))

    def test_paths_that_are_fine(self):
        self.put('a.txt', '/usr/lib/x /var/lib/knot {work}/x https://example.com/home/x ../work/x /etc/knot\n')
        self.put('build-x/a.txt', '/' + 'home/somebody\n')
        self.clean(checks.machine_paths(self.root))

    def test_twin_path_of_a_machine(self):
        self.put('a.txt', 'fine\nsee /' + 'home/somebody/x\n')
        self.put('b/c.py', 'x = "/' + 'work/x"\n')
        self.caught(checks.machine_paths(self.root), 'a.txt:2', 'c.py:1')

    def test_twin_registry(self):
        self.put('a.sh', 'mirror=http://deb.' + 'debian.org/debian\n')
        self.caught(checks.machine_paths(self.root), 'a.sh:1')

    def test_host_header_stays_in_its_place(self):
        self.clean(checks.module_header(SOURCE))

    def test_twin_host_header(self):
        self.put('module/knotd/a.c', '#include <knot/module.h>\n')
        self.put('module/source/b.c', '/* not knot/module.h */\n')
        self.clean(checks.module_header(self.root))
        self.put('module/engine/c.h', '#include "knot/module.h"\n')
        self.caught(checks.module_header(self.root), 'c.h')

    def test_licences(self):
        self.clean(checks.licences(SOURCE))

    def test_twin_licence(self):
        self.put('a.c', f'/* {SPDX} */\n')
        self.put('b.sh', f'#!/bin/sh\n# {SPDX}\n')
        self.clean(checks.licences(self.root))
        self.put('c.c', '/* none */\n')
        self.put('d.py', '\n' * 5 + f'# {SPDX}\n')
        self.caught(checks.licences(self.root), 'c.c', 'd.py')

    def test_shell_scripts(self):
        self.clean(checks.shell_scripts(SOURCE))

    def test_twin_shell_script(self):
        self.put('good', '#!/bin/sh\nset -eu\n', 0o755)
        self.clean(checks.shell_scripts(self.root))
        self.put('careless', '#!/bin/bash\necho x\n', 0o755)
        self.put('plain.sh', '#!/bin/sh\nset -eu\n')
        self.put('env.sh', '#!/usr/bin/env bash\nset -eu\n', 0o755)
        self.caught(checks.shell_scripts(self.root), 'careless: no "set', 'plain.sh: not exec', 'env.sh: first')

    def test_twin_no_shell_scripts(self):
        self.caught(checks.shell_scripts(self.root), 'no shell scripts')

    def test_links(self):
        self.clean(checks.links(SOURCE))

    def test_twin_link(self):
        self.put('docs/b.md', '# B\n\n## What is *promised*, and how\n')
        self.put('a.md', '[b](docs/b.md) [c](docs/b.md#what-is-promised-and-how) [w](https://example.com/x.md)\n'
                 '```\n[x](y)\n```\n')
        self.clean(checks.links(self.root))
        self.put('docs/c.md', '[b](b.md#how) [a](a.md) [here](#nothing)\n')
        self.caught(checks.links(self.root), 'no #how', 'no a.md', 'no #nothing')

    def test_newest_knot(self):
        self.clean(checks.newest_knot(SOURCE))

    def test_twin_newest_knot(self):
        self.put('SECURITY.md', '| all | 3.2 to 3.5, see | yes |\n')
        for newest, words in (('3.5', []), ('3.6', ["['3.6']"]), ('', ['[]'])):
            self.put('tests/versions.sh', f'newest={newest}\n')
            self.caught(checks.newest_knot(self.root), *words)


if __name__ == '__main__':
    unittest.main()
