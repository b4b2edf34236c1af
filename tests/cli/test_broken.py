# SPDX-License-Identifier: GPL-2.0-or-later

"""Broken input: no crash, a line that says where and what, exit 2."""

import os
import random
import resource
import socket
import subprocess
import unittest

from support import COMMAND, DENIED, SANE, SOA, CliTest

NAME = 'a.test.zone'
LONG = '.'.join(['a' * 63] * 3 + ['a' * 61])  # 255 octets with the root, itself within bounds.

# What the file holds after a sane zone, and where the first complaint is.
LINES = (
    ('unknown type', 'x 60 NOTATYPE y\n', 4),
    ('no type', 'x 60\n', 4),
    ('owner alone', 'x\n', 4),
    ('bad address', 'x A 192.0.2.256\n', 4),
    ('bad IPv6 address', 'x AAAA ::g\n', 4),
    ('address too long', 'x A 192.0.2.1 192.0.2.2\n', 4),
    ('no rdata', 'x A\n', 4),
    ('open quote', 'x TXT "abc\n', 4),
    ('open quote at the end', 'x TXT "abc', 4),
    ('open parenthesis', 'x TXT ( "abc"\n', None),
    ('closing parenthesis', 'x TXT "abc" )\n', 4),
    ('parentheses within each other', 'x TXT ( ( "a" ) )\n', 4),
    ('label too long', 'a' * 64 + ' A 192.0.2.1\n', 4),
    ('name too long', LONG + '.b A 192.0.2.1\n', 4),
    ('absolute name too long', LONG + '.b. A 192.0.2.1\n', 4),
    ('target too long', 'x CNAME ' + LONG + '.b.\n', 4),
    ('empty label', 'x..y A 192.0.2.1\n', 4),
    ('leading dot', '.x A 192.0.2.1\n', 4),
    ('bad escape', 'x\\25 A 192.0.2.1\n', 4),
    ('backslash at the end', 'x TXT a\\', None),
    ('CAA without a value', 'x CAA 0 issue\n', 4),
    ('CAA flags beyond an octet', 'x CAA 256 issue "a"\n', 4),
    ('CAA flags negative', 'x CAA -1 issue "a"\n', 4),
    ('CAA with too much', 'x CAA 0 issue "a" "b"\n', 4),
    ('typographic quotes', 'x CAA 0 issue \u201csectigo.com\u201d ; fine\nx A x\n', None),
    ('generic rdata too short', 'x CAA \\# 4 0005\n', 4),
    ('generic rdata too long', 'x CAA \\# 1 0005\n', 4),
    ('generic rdata not hexadecimal', 'x CAA \\# 1 0g\n', 4),
    ('generic rdata odd', 'x CAA \\# 1 0\n', 4),
    ('generic rdata without digits', 'x CAA \\#\n', 4),
    ('TTL beyond 32 bits', 'x 4294967296 A 192.0.2.1\n', 4),
    ('class twice', 'x IN IN A 192.0.2.1\n', 4),
    ('MX without preference', 'x MX mail\n', 4),
    ('MX preference too large', 'x MX 65536 mail\n', 4),
    ('tabs and nothing', '\t\tA\n', 4),
    ('control octets', 'x\001y TXT \002\n', 4),
    ('octets above ASCII', b'x\xff\xfe A 192.0.2.1\n', 4),
    ('$TTL without a value', '$TTL\n', 4),
    ('$TTL of words', '$TTL long\n', 4),
    ('$ORIGIN without a value', '$ORIGIN\n', 4),
    ('$ORIGIN relative', '$ORIGIN sub\n', 4),
    ('$ORIGIN too long', '$ORIGIN ' + LONG + '.b.\n', 4),
    ('unknown directive', '$FOO bar\n', 4),
    ('$GENERATE', '$GENERATE 1-3 h$ A 192.0.2.$\n', 4),
    ('$INCLUDE without a file', '$INCLUDE\n', 4),
    ('$INCLUDE of nothing', '$INCLUDE missing\n', 4),
    ('$INCLUDE of a directory', '$INCLUDE .\n', 4),
    ('$INCLUDE of itself', f'$INCLUDE {NAME}\n', 4),
    ('$INCLUDE with a bad origin', '$INCLUDE missing a..b.\n', 4),
    ('quote soup', '"""""\n', 4),
    ('long line of words', 'x ' + 'word ' * 20000 + '\n', 4),
    ('long line of one word', 'x TXT ' + 'a' * 100000 + '\n', 4),
    ('long line of parentheses', 'x TXT ' + '( ) ' * 20000 + '\n', None),
    ('long owner', 'x' * 100000 + ' A 192.0.2.1\n', 4),
    ('long number', 'x CAA ' + '9' * 5000 + ' issue "a"\n', 4),
)

# Whole files that are no zone.
FILES = (
    ('empty', ''),
    ('blanks', ' \n\t\n\n'),
    ('comments', '; nothing\n;\n'),
    ('one newline', '\n'),
    ('no SOA', SANE.replace(SOA, '')),
    ('two SOAs', SANE + SOA.replace(' 7 ', ' 8 ')),
    ('two SOAs, same serial', SANE + SOA.replace('hostmaster', 'other')),
    ('SOA elsewhere', SANE.replace(SOA, 'sub' + SOA[1:])),
    ('SOA cut short', '@ 3600 SOA ns hostmaster 7 3600\n'),
    ('only directives', '$TTL 60\n$ORIGIN a.test.\n'),
    ('other class', SANE.replace('3600', '3600 CH')),
    ('HTML', '<!DOCTYPE html>\n<html><body>Not found</body></html>\n'),
    ('JSON', '{"zone": "a.test.", "records": []}\n'),
    ('YAML', '---\nzone:\n  - domain: a.test\n'),
    ('NUL', b'\x00'),
    ('NULs', bytes(5000)),
    ('all octets', bytes(range(256))),
    ('UTF-16', SANE.encode('utf-16')),
    ('byte order mark', b'\xef\xbb\xbf' + SANE.encode()),
    ('ELF', b'\x7fELF\x02\x01\x01' + bytes(9)),
    ('gzip', b'\x1f\x8b\x08\x00' + bytes(range(200))),
)


class Broken(CliTest):
    def test_lines(self):
        for name, text, line in LINES:
            with self.subTest(name):
                data = SANE.encode() + (text if isinstance(text, bytes) else text.encode())
                self.put(NAME, data)
                where = rf'^caaudit: {NAME}:{line}: \S' if line else rf'^caaudit: {NAME}:\d+: \S'
                result = self.fails('check', NAME, says=where, lines=None)
                self.assertRegex(result.err, r'could not check: \d+ errors?; --force audits')
                self.fails('check', '-q', NAME, lines=None)
                self.fails('check', '--format', 'json', NAME, lines=None)
                self.fails('check', '-o', 'a.test', '-', data=data, lines=None,
                           says=r'^caaudit: (standard input|\./a\.test\.zone):\d+: ')
                forced = self.caaudit('check', '--force', NAME)
                self.assertEqual(forced.code, 0)
                self.assertIn('2 not checked', forced.out)

    def test_files(self):
        for name, data in FILES:
            with self.subTest(name):
                self.put(NAME, data)
                self.fails('check', NAME, says=NAME, lines=None)
                self.fails('check', '-o', 'a.test', '-', data=data, says='standard input', lines=None)
                # What is no zone does not become one by force.
                self.fails('check', '--force', NAME, lines=None)

    def test_what_other_software_reads_is_named(self):
        plain = SANE + 'x A 192.0.2.256\nALIAS A 192.0.2.256\nx A 192.0.2.256 $GENERATE\nx NOTATYPE ALIAS ; URL\n'
        count = SANE.count('\n')
        for block in (0, 300000):  # In the first piece that is read, and in a later one.
            pad = ''.join(f'pad{number} TXT "{"x" * 200}"\n' for number in range(block // 200))
            for text, word in (('$GENERATE 1-3 h$ A 192.0.2.$', '$GENERATE'), ('@ ALIAS x.example.net.', 'ALIAS'),
                               ('@ 300 IN aname x.example.net.', 'ANAME'), ('www URL "https://example.net/"', 'URL')):
                with self.subTest(text, block=block):
                    if word == 'ALIAS' and self.caaudit('check', self.put(NAME, f'{SANE}{text}\n')).code != 2:
                        continue  # Knot DNS 3.5 reads it.
                    result = self.fails('check', self.put(NAME, f'{SANE}{pad}x A x\n{text}\n'), lines=None)
                    line, = [line for line in result.err.splitlines()
                             if f'{NAME}:{count + pad.count(chr(10)) + 2}: ' in line]
                    self.assertIn(word, line)
        said = self.fails('check', self.put(NAME, plain), lines=None).err
        for word in ('GENERATE', 'ALIAS', 'URL'):
            self.assertNotIn(word, said)

    def test_every_error_is_told(self):
        text = SANE + ''.join(f'h{i} A {"192.0.2.1" if i % 2 else "x"}\n' for i in range(500))
        result = self.fails('check', self.put(NAME, text), lines=251)
        for i in range(0, 500, 2):
            self.assertIn(f'{NAME}:{4 + i}: ', result.err)

    def test_binary_is_one_line(self):
        self.put(NAME, random.Random(1).randbytes(100000))
        self.fails('check', NAME, says='binary', lines=1)

    def test_truncated(self):
        text = (SANE + '@ 3600 CAA 0 issue "sectigo.com"\n'
                'sub 60 TXT ( "several" ; lines\n "of text" )\n').encode()
        # Each piece is either a zone or told to be none.
        for length in range(len(text)):
            self.put(NAME, text[:length])
            result = self.caaudit('check', NAME)
            self.assertIn(result.code, (0, 1, 2))
            self.assertEqual(result.code == 2, bool(result.err), text[:length])

    def test_includes(self):
        self.put('loop1', '$INCLUDE loop2\n')
        self.put('loop2', '$INCLUDE loop1\n')
        for i in range(40):
            self.put(f'deep{i}', f'h{i} A 192.0.2.1\n$INCLUDE deep{i + 1}\n')
        self.put('deep40', 'x A 192.0.2.1\n')
        self.put('sub/inner', 'inner A x\n')
        for name in ('loop1', 'deep0', 'sub/inner'):
            self.fails('check', self.put(NAME, SANE + f'$INCLUDE {name}\n'), says=r':\d+: ', lines=None)
        result = self.fails('check', self.put(NAME, SANE + '$INCLUDE sub/inner\n'), lines=2)
        self.assertRegex(result.err, r'^caaudit: \S*sub/inner:1: ')
        self.put('good', 'inner CAA 0 issue "letsencrypt.org"\n')
        self.assertEqual(self.caaudit('check', '--host', 'inner', self.put(NAME, SANE + '$INCLUDE good\n')).code, 1)

    def test_places(self):
        (self.dir / 'directory.zone').mkdir()
        self.put('zone', SANE)
        os.symlink('missing', self.dir / 'dangling.zone')
        os.symlink('loop.zone', self.dir / 'loop.zone')
        with socket.socket(socket.AF_UNIX) as unix:
            os.chdir(self.dir)
            unix.bind('socket.zone')
            self.fails('check', 'socket.zone', says='socket.zone: ')
        self.fails('check', 'missing.zone', says='missing.zone: .*no such file')
        self.fails('check', 'directory.zone', says='directory.zone: .*is a directory')
        self.fails('check', 'dangling.zone', says='dangling.zone: .*no such file')
        self.fails('check', 'loop.zone', says='loop.zone: ')
        self.fails('check', 'zone/x.zone', says='not a directory')
        self.fails('check', 'x' * 300 + '.zone', says='cannot open .file name too long')
        self.fails('check', 'no*.zone', says='cannot open')
        self.fails('check', '-o', 'a.test', 'x' * 300, says='too long')
        self.fails('check', '-o', 'a.test', '', says='no such file')
        self.fails('check', '-o', 'a.test', '/dev/null', says='/dev/null: ')

    def test_unreadable(self):
        path = self.dir / self.put(NAME, SANE)
        path.chmod(0)
        if os.access(path, os.R_OK):
            self.skipTest('nothing is unreadable for this user')
        self.fails('check', NAME, says='permission denied')

    def test_standard_input(self):
        self.assertEqual(self.caaudit('check', '-o', 'a.test', '-', data=SANE).code, 0)
        self.assertEqual(self.caaudit('check', '-o', 'a.test', '-', data=DENIED).code, 1)
        self.fails('check', '-o', 'a.test', '-', data='', says='no SOA')
        run = subprocess.run([COMMAND, 'check', '-o', 'a.test', '-'], cwd=self.dir, stdin=None, close_fds=True,
                             capture_output=True, check=False, preexec_fn=lambda: os.close(0))
        self.assertEqual((run.returncode, run.stdout), (2, b''))

    def test_wrong_origin(self):
        self.put('example.com.zone', '$ORIGIN example.org.\n' + SANE)
        result = self.fails('check', '-o', 'example.com.', 'example.com.zone', lines=2, says='no SOA record')
        self.assertRegex(result.err, r'example\.com\.zone:2: .* -o example\.org\.')
        self.assertEqual(self.caaudit('check', '-o', 'example.org.', 'example.com.zone').code, 0)
        self.put('example.net.zone', SANE.replace(SOA, ''))
        self.fails('check', 'example.net.zone', lines=1)

    def test_input_that_does_not_fit(self):
        """What is read only once is kept; where that fails in the middle of a write, the reason is said."""
        data = (SANE + 'a A 192.0.2.1\n' * 10000).encode()
        for limit in (10, 65536, 100000):
            with self.subTest(limit):
                # SIGXFSZ stays ignored, as it is here.
                run = subprocess.run([COMMAND, 'check', '-o', 'a.test', '-'], input=data, capture_output=True, check=False,
                                     cwd=self.dir, restore_signals=False,
                                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
                self.assertEqual((run.returncode, run.stdout), (2, b''))
                self.assertEqual(run.stderr, b'caaudit: standard input: cannot read (file too large)\n')

    def test_force_is_honest(self):
        self.put(NAME, SANE + '@ 3600 CAA 0 issue "letsencrypt.org\n')
        self.assertEqual(self.caaudit('check', NAME).code, 2)
        document = self.document('--force', NAME, code=0)
        self.assertEqual([gap['what'] for gap in document['not_checked']],
                         ['a part of the zone file', 'CAA of a.test.'])
        self.assertRegex(document['not_checked'][0]['why'], r'the first: a\.test\.zone:4: ')
        document = self.document('--force', self.put(NAME, DENIED + 'x A y\n'), code=0)
        self.assertEqual(document['records'], 4)
        self.assertEqual({entry['permitted'] for entry in document['hosts']}, {None})

    def test_random_octets(self):
        chance = random.Random(20261124)
        alphabet = [b'@', b' ', b'\n', b'\t', b'"', b'(', b')', b';', b'\\', b'$INCLUDE ', b'$ORIGIN ', b'CAA',
                    b' 0 issue ', b'CNAME ', b'SOA ', b'a.test.', b'_x', b'*.', b'\\# 3 ', b'00', b'\x00', b'\xff',
                    b'DNAME ', b'NS ', b'128 ', b'sectigo.com']
        for _ in range(150):
            noise = b''.join(chance.choice(alphabet) for _ in range(chance.randint(1, 60)))
            self.put(NAME, SANE.encode() + noise)
            self.caaudit('check', '--force', '--fix', 'knotc', '--fail-on', 'notice', '--host', '_x', NAME)
            self.caaudit('check', '--force', '-v', '--strict', NAME)


if __name__ == '__main__':
    unittest.main()
