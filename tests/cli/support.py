# SPDX-License-Identifier: GPL-2.0-or-later

"""Runs the command on files in a directory of its own.

The environment names what is under test: CAAUDIT (the command), CAAUDIT_OPTIONS
(prints its option table), CAAUDIT_MAN (the man page), CAAUDIT_SOURCE (the tree)
and CAAUDIT_VERSION.
"""

import collections
import fcntl
import json
import os
import pathlib
import pty
import re
import struct
import subprocess
import tempfile
import termios
import unittest

COMMAND = os.environ['CAAUDIT']
SOURCE = pathlib.Path(os.environ.get('CAAUDIT_SOURCE') or pathlib.Path(__file__).parents[2])
LIMIT = 60

SOA = '@ 3600 SOA ns hostmaster 7 3600 600 86400 300\n'
SANE = SOA + '@ 3600 NS ns\nns 3600 A 192.0.2.1\n'
DENIED = SANE + '@ 3600 CAA 0 issue "letsencrypt.org"\n'

Result = collections.namedtuple('Result', 'code out err')
Option = collections.namedtuple('Option', 'command letter name arg repeatable')


def options():
    """The option table of the command."""
    lines = subprocess.run([os.environ['CAAUDIT_OPTIONS']], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    table = []
    for line in lines:
        command, letter, name, arg, repeatable = line.split('\t')
        table.append(Option(command, letter if letter != '-' else None, name, arg or None,
                            repeatable == 'repeatable'))
    return table


class CliTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix='caaudit-')
        self.addCleanup(directory.cleanup)
        self.dir = pathlib.Path(directory.name)

    def put(self, name, data):
        """Writes a file; returns its name relative to the directory."""
        path = self.dir / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return name

    def run_raw(self, *words, data=b'', env=None):
        """Runs the command; it must neither crash nor hang."""
        settings = dict(os.environ)
        settings.pop('COLUMNS', None)
        settings.update(env or {})
        run = subprocess.run([COMMAND, *words], cwd=self.dir, input=data, capture_output=True,
                             timeout=LIMIT, env=settings, check=False)
        self.assertIn(run.returncode, (0, 1, 2), (words, run.stderr[-2000:]))
        self.assertNotIn(b'Sanitizer', run.stderr)
        self.assertNotIn(b'runtime error', run.stderr)
        return run

    def caaudit(self, *words, data='', env=None):
        """Runs the command; what it prints must be safe for a terminal."""
        run = self.run_raw(*words, data=data if isinstance(data, bytes) else data.encode(), env=env)
        out, err = run.stdout.decode(), run.stderr.decode()
        for text in (out, err):
            self.assertNotRegex(text, r'[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]')
        for line in err.splitlines():
            self.assertRegex(line, r'^caaudit: [^ ]')
        return Result(run.returncode, out, err)

    def fails(self, *words, data='', says='.', lines=1):
        """The command refuses: exit 2, nothing on standard output, so many lines of complaint."""
        result = self.caaudit(*words, data=data)
        self.assertEqual((result.code, result.out), (2, ''), result)
        if lines is not None:
            self.assertEqual(len(result.err.splitlines()), lines, result.err)
        self.assertRegex(result.err, says)
        return result

    def document(self, *words, code=None, data=''):
        """JSON document of a check."""
        result = self.caaudit('check', '--format', 'json', *words, data=data)
        if code is not None:
            self.assertEqual(result.code, code, result)
        self.assertEqual(result.out.count('\n'), 1, result)
        return json.loads(result.out)

    def terminal(self, *words, columns=80, env=None):
        """Output of the command on a terminal of that width."""
        settings = {name: value for name, value in os.environ.items()
                    if name not in ('COLUMNS', 'NO_COLOR')}
        settings.update({'TERM': 'xterm', **(env or {})})
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
        process = subprocess.Popen([COMMAND, *words], cwd=self.dir, stdin=slave, stdout=slave,
                                   stderr=slave, env=settings)
        os.close(slave)
        said = drain(master)
        process.wait(timeout=LIMIT)
        return said.replace('\r\n', '\n')


def drain(master):
    """All that comes from a terminal until nobody has it open."""
    said = b''
    try:
        while block := os.read(master, 65536):
            said += block
    except OSError:
        pass  # Linux says it that way.
    finally:
        os.close(master)
    return said.decode()


def plain(text):
    """Text without colours."""
    return re.sub(r'\033\[[0-9;]*m', '', text)
