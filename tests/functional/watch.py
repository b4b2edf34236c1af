# SPDX-License-Identifier: GPL-2.0-or-later

"""Looks for errors in the servers of all functional tests: CAAUDIT_WATCH is thread, address or valgrind.

The runtimes of the sanitizers are preloaded into knotd alone, for a module that
was built with them (tests/sanitize.sh). What they say about the server's own
code alone is left out.
"""

import functools
import os
import re
import shlex
import shutil
import subprocess

KIND = os.environ.get('CAAUDIT_WATCH')
RUNTIMES = {'thread': ['libtsan.so'], 'address': ['libasan.so', 'libubsan.so']}
OURS = re.compile(r'caaudit\.so|module/(knotd|engine|source)/|runtime error|ERROR: (Address|Leak)Sanitizer')


@functools.cache
def preload():
    """Paths of the runtimes, to be preloaded in this order, before all others."""
    cc = shlex.split(os.environ.get('CAAUDIT_CC', 'cc'))
    return [os.path.realpath(subprocess.run([*cc, f'-print-file-name={name}'], check=True, capture_output=True,
                                            text=True).stdout.strip()) for name in RUNTIMES.get(KIND, [])]


def command(directory, source, leaks=True):
    """What is put before a command that loads the module; reports go into a directory."""
    report = directory / 'watch'
    if KIND == 'valgrind':
        return [shutil.which('valgrind'), '--quiet', '--leak-check=full', '--show-leak-kinds=definite',
                '--errors-for-leak-kinds=definite', '--num-callers=24', f'--log-file={report}.%p']
    if KIND:
        # The runtimes do not cope with a random layout of the memory.
        return ['setarch', '-R', 'env', 'LD_PRELOAD=' + ':'.join([*preload(), os.environ.get('LD_PRELOAD', '')]),
                f'TSAN_OPTIONS=log_path={report} suppressions={source}/tests/tsan.supp exitcode=0 '
                'report_signal_unsafe=0 ignore_noninstrumented_modules=1',
                f'ASAN_OPTIONS=log_path={report} detect_leaks={int(leaks)} exitcode=0',
                f'UBSAN_OPTIONS=log_path={report} print_stacktrace=1']
    return []


def runtime(directory, source):
    """What is put before a tool of the server that loads the module, and is not looked at itself."""
    return command(directory, source, leaks=False) if preload() else []


def complaints(directory):
    """What was reported about the module."""
    said = ''.join(path.read_text(errors='replace') for path in sorted(directory.glob('watch.*')))
    parts = [said] if KIND == 'valgrind' else re.split(r'\n={10,}\n', said)
    return '\n'.join(part for part in parts if part.strip() and (KIND == 'valgrind' or OURS.search(part)))
