# SPDX-License-Identifier: GPL-2.0-or-later

"""The server with a module built for ASan and UBSan: no error, no leak.

The runtimes are preloaded into knotd alone; knotc is given the socket, so that
it does not load the module.
"""

import os
import pathlib
import re
import shlex
import subprocess

import harness
import memory
from harness import SOURCE
from memory import MemoryTest

FLAGS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-fno-omit-frame-pointer']
MESON = shlex.split(os.environ.get('CAAUDIT_MESON', 'meson'))


class Sanitizers(MemoryTest):
    def setUp(self):
        runtimes = [subprocess.run([*memory.CC, f'-print-file-name={name}'], check=True, capture_output=True,
                                   text=True).stdout.strip() for name in ('libasan.so', 'libubsan.so')]
        if not all(map(os.path.isabs, runtimes)):
            self.skipTest('the compiler has no shared sanitizer runtimes')
        self.preload = ':'.join(os.path.realpath(path) for path in runtimes)

    def watched(self, module_path=None):
        server = self.server(**self.options(), module_path=module_path or self.built(), slow=3)
        server.report = server.directory / 'sanitizer'
        common = f'exitcode=99:log_path={server.report}'
        server.environment = {'LD_PRELOAD': self.preload,
                              'ASAN_OPTIONS': f'{common}:detect_leaks=1:detect_stack_use_after_return=1',
                              'UBSAN_OPTIONS': f'{common}:print_stacktrace=1:halt_on_error=1'}
        return server

    def complaints(self, server):
        said = ''.join(path.read_text(errors='replace')
                       for path in sorted(server.directory.glob('sanitizer.*')))
        said += '\n'.join(line.text for line in server.log.read()
                          if re.search(r'(Address|Leak|UndefinedBehavior)Sanitizer|runtime error', line.text))
        if server.process.returncode == 99 and not said:
            return 'exit code 99'
        return said

    def built(self):
        """Builds the module with the sanitizers, in a directory of its own."""
        build = self.temporary() / 'build'
        environment = {**os.environ, 'CC': shlex.join(memory.CC)}
        for command in ([*MESON, 'setup', build, SOURCE, '--wrap-mode', 'nodownload', '-Db_ndebug=false', '-Dmodule=enabled',
                         '-Dcli=disabled', '-Dunit_tests=disabled', '-Dfunctional_tests=disabled',
                         '-Db_sanitize=address,undefined', '-Db_lundef=false',
                         '-Dc_args=' + ' '.join(FLAGS[1:])],
                        [*MESON, 'compile', '-C', build, 'caaudit']):
            result = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True)
            if result.returncode != 0:
                raise AssertionError(result.stdout + result.stderr)
        module, = pathlib.Path(build).rglob('caaudit.so')
        return module

    def test_life(self):
        self.live()

    def test_twins(self):
        for wrong, words in {'nothing': [], 'overrun': ['heap-buffer-overflow'],
                             'use-after-free': ['heap-use-after-free'], 'leak': ['77 byte(s) leaked'],
                             'overflow': ['signed integer overflow']}.items():
            with self.subTest(wrong):
                self.twin_is_caught(wrong, *words, flags=FLAGS)


if __name__ == '__main__':
    harness.main()
