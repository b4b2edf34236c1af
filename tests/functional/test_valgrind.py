# SPDX-License-Identifier: GPL-2.0-or-later

"""The server with the module under valgrind: no error, no definite leak."""

import shutil

import harness
from memory import MemoryTest

VALGRIND = shutil.which('valgrind')


class Valgrind(MemoryTest):
    def setUp(self):
        if not VALGRIND:
            self.skipTest('no valgrind')

    def watched(self, module_path=None):
        server = self.server(**self.options(), module_path=module_path, slow=6)
        # liburcu has blocks that are "possibly lost"; definite losses are the gate.
        server.report = server.directory / 'valgrind.log'
        server.wrapper = [VALGRIND, '--quiet', '--error-exitcode=99', '--leak-check=full', '--num-callers=24',
                          '--show-leak-kinds=definite', '--errors-for-leak-kinds=definite',
                          f'--log-file={server.report}']
        return server

    def complaints(self, server):
        said = server.report.read_text()
        if server.process.returncode == 99 and not said:
            return 'exit code 99'
        return said

    def test_life(self):
        self.live()

    def test_twins(self):
        for wrong, words in {'nothing': [], 'overrun': ['Invalid write'], 'use-after-free': ['Invalid write'],
                             'leak': ['77 bytes', 'definitely lost']}.items():
            with self.subTest(wrong):
                self.twin_is_caught(wrong, *words)


if __name__ == '__main__':
    harness.main()
