# SPDX-License-Identifier: GPL-2.0-or-later

"""Runs what the documentation shows: commands, configurations, and log lines.

In Markdown, blocks of code are fenced, and an HTML comment on the line before says what is to be done:

    test: run [STATUS]   runs the commands with sh -eu; the last one ends with STATUS, 0 if none
    test: each STATUS... runs each line by itself; 1|2 for either
    test: file NAME      writes the block to a file, test: append NAME adds it
    test: conf           a configuration, or a part of one, that conf-check accepts
    test: start          the same, and the server starts with it, or anew with it
    test: log            lines that come in the log, the milliseconds apart
    test: filter STEP    commands about packet filters, which test_filters.py runs
    test: none WHY       not run here

Every block has one. What is missing of a configuration is added; directories, the control socket
and the address are those of a private server. In reStructuredText and plain text blocks are indented;
those that begin with a section of the configuration are checked, and need no mark; so are the examples of
the manual.
"""

import os
import pathlib
import re
import subprocess
import sys
import time
import unittest

SOURCE = pathlib.Path(os.environ.get('CAAUDIT_SOURCE') or pathlib.Path(__file__).parents[2])
sys.path.insert(0, str(SOURCE / 'tests' / 'functional'))
import harness  # noqa: E402

CAAUDIT = os.environ.get('CAAUDIT')
DOCUMENTS = sorted([*SOURCE.glob('docs/*.md'), SOURCE / 'README.md'])
MARK = re.compile(r'<!-- test: (\w+) ?(.*?) -->')
SECTIONS = ('server', 'control', 'log', 'database', 'module', 'mod-caaudit', 'key', 'acl', 'remote', 'template', 'zone')
PATH = '/usr/local/lib/caaudit.so'


def blocks(text):
    """Fenced blocks of a Markdown text, as (line number, (kind, argument) or None, text)."""
    found = []
    lines = text.splitlines()
    i = 0
    while i < len(lines):
        if lines[i].startswith('```'):
            mark = MARK.fullmatch(lines[i - 1]) if i else None
            end = lines.index('```', i + 1)
            found.append((i + 1, mark and mark.groups(), '\n'.join(lines[i + 1:end]) + '\n'))
            i = end
        i += 1
    return found


def unfenced(text):
    """Numbers of lines of a Markdown text that belong to a block of code without a fence, and of marks without a block."""
    lines = re.sub(r'^```.*?^```$', lambda match: '```' + '\n' * match[0].count('\n'), text, flags=re.M | re.S).split('\n')
    return [number for number, (line, after) in enumerate(zip(lines, [*lines[1:], '']), 1)
            if line.startswith('    ') or MARK.fullmatch(line) and not after.startswith('```')]


def indented_blocks(text):
    """Indented blocks of a plain text."""
    return [re.sub('^    ', '', block, flags=re.M) for block in re.findall(r'(?<=\n\n)(?:    .*\n)+', text)]


def literal_blocks(text):
    """Literal blocks of a reStructuredText that are configurations."""
    for match in re.finditer(r'::\n\n((?:    .*\n|\n)+)', text):
        block = re.sub(r'^    ', '', match[1], flags=re.M).rstrip() + '\n'
        if block.split(':')[0] in SECTIONS and 'STR' not in block:
            yield text.count('\n', 0, match.start()) + 1, block


class Docs(harness.KnotTest):
    def setUp(self):
        self.directory = self.temporary()
        for name in ('run', 'db', 'bin'):
            (self.directory / name).mkdir()
        self.address, self.port = harness.free_endpoint()
        self.conf = self.directory / 'knot.conf'
        self.socket = self.directory / 'run' / 'knot.sock'
        tools = harness.TOOLS
        for name, text in {
            'knotc': f'case " $* " in *" conf-check "*) exec {tools["knotc"]} -c {self.conf} "$@" ;; esac\n'
                     f'exec {tools["knotc"]} -s {self.socket} "$@"',
            'kdig': f'exec {tools["kdig"]} -p {self.port} "$@"',
            'caaudit': f'case " $* " in *" --control "*) ;; " stats "* | *" --live "*) set -- "$@" --control {self.socket} ;; esac\n'
                       f'exec {CAAUDIT} "$@"',
            'systemctl': '[ "$*" = "restart knot" ]',  # that is for tests/packages.sh
        }.items():
            (self.directory / 'bin' / name).write_text(f'#!/bin/sh\n{text}\n')
            (self.directory / 'bin' / name).chmod(0o755)
        (self.directory / 'example.com.zone').write_text(
            harness.zone_file('@ 3600 CAA 0 issue "letsencrypt.org"\nwww 3600 A 192.0.2.2'))
        self.process = None
        self.addCleanup(self.stop)

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def local(self, text):
        """The block with what is here."""
        text = text.replace(PATH, harness.MODULE)
        text = text.replace('/run/knot', str(self.directory / 'run'))  # the control socket too
        text = text.replace('/etc/knot/knot.conf', str(self.conf))
        text = re.sub(r'--server (127\.0\.0\.1|192\.0\.2\.\d+)\b', f'--server {self.address}@{self.port}', text)
        return text.replace('@127.0.0.1', f'@{self.address}').replace('/var/lib/knot', str(self.directory))

    def configuration(self, text):
        text = self.local(text)
        text = re.sub(r'^ *user: .*\n', '', text, flags=re.M)
        text = re.sub(r'^( *listen:) \[? *[0-9.:]+@53.*', rf'\1 {self.address}@{self.port}', text, flags=re.M)
        text = text.replace('[ 127.0.0.1, ::1 ]', '[ 127.0.0.0/8, ::1 ]').replace('192.0.2.0/24', '127.0.0.0/8')
        present = {match for match in re.findall(r'^([a-z-]+):', text, flags=re.M)}
        before = ''
        for section, default in {
            'server': f'    rundir: "{self.directory}/run"\n    listen: {self.address}@{self.port}\n',
            'database': f'    storage: "{self.directory}/db"\n',
            'log': '  - target: stderr\n    any: info\n',
            'module': f'  - id: mod-caaudit\n    file: "{harness.MODULE}"\n',
        }.items():
            if section not in present:
                before += f'{section}:\n{default}'
        if 'mod-caaudit' not in present:
            names = sorted(set(re.findall(r'mod-caaudit/([a-z]+)', text)))
            before += 'mod-caaudit:\n' + ''.join(f'  - id: {name}\n' for name in names) if names else ''
        text = re.sub(r'(- target:) syslog', r'\1 stderr', text)
        if 'template' not in present:
            template = f'template:\n  - id: default\n    storage: "{self.directory}"\n'
            text = text.replace('zone:\n', template + 'zone:\n') if 'zone' in present else text + template
        elif 'storage:' not in text:
            text = re.sub(r'(template:\n(?: *#.*\n)* *- id: default\n)', rf'\1    storage: "{self.directory}"\n', text)
        if 'zone' not in present:
            text += 'zone:\n  - domain: example.com\n'
        return before + text

    def check(self, text):
        self.conf.write_text(self.configuration(text))
        result = subprocess.run([harness.TOOLS['knotc'], '-c', self.conf, 'conf-check'], capture_output=True, text=True)
        said = result.stdout + result.stderr
        self.assertEqual((result.returncode, 'warning' in said), (0, False), f'{said}\n{self.conf.read_text()}')

    def start(self):
        self.stop()
        with open(self.directory / 'log', 'ab') as log:
            self.process = subprocess.Popen([harness.TOOLS['knotd'], '-c', self.conf], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, preexec_fn=harness._die_with_parent)
        self.log = harness.Log(self.directory / 'log')
        self.log_line('server started')
        self.log_line('control, binding to')  # 3.5 binds after that
        end = time.monotonic() + harness.LIMIT
        while subprocess.run([harness.TOOLS['knotc'], '-s', self.socket, 'status'],
                             capture_output=True).returncode and time.monotonic() < end:
            time.sleep(0.05)

    def log_line(self, wanted):
        """Waits for a log line that holds this text, the milliseconds apart."""
        pattern = re.compile(re.sub(r'\d+ ms', r'\\d+ ms', re.escape(wanted).replace(r'\ ', ' ')))

        class Watched:  # the part of a server that waits
            visited, limit, process = [], harness.LIMIT * harness.PATIENCE, self.process
            wait = harness.Server.wait
        log = self.directory / 'log'
        try:
            Watched().wait(wanted, lambda: pattern.search(log.read_text()))
        except harness.Impatient as error:
            raise AssertionError(f'{error}\n{log.read_text()}') from None

    def run_block(self, text, *expected):
        result = subprocess.run(['sh', '-eu', '-c', self.local(text)], cwd=self.directory, capture_output=True,
                                text=True, stdin=subprocess.DEVNULL, timeout=120,
                                env={**os.environ, 'PATH': f'{self.directory}/bin:{os.environ["PATH"]}'})
        self.assertIn(result.returncode, expected, f'{text}{result.stdout}{result.stderr}')

    def block(self, kind, argument, text):
        if kind == 'run':
            self.run_block(text, int(argument or 0))
        elif kind == 'each':
            self.assertEqual(len(text.splitlines()), len(argument.split()))
            for line, status in zip(text.splitlines(), argument.split()):
                self.run_block(line, *map(int, status.split('|')))
        elif kind in ('file', 'append'):
            self.assertRegex(argument, r'^[a-z0-9._-]+$')
            with open(self.directory / argument, 'w' if kind == 'file' else 'a') as file:
                file.write(text)
        elif kind == 'conf':
            self.check(text)
        elif kind == 'start':
            self.check(text)
            self.start()
        elif kind == 'log':
            for line in text.splitlines():
                self.log_line(line)
        elif kind == 'filter':
            self.assertRegex(argument, r'^[a-z]+$')
        else:
            self.assertEqual(kind, 'none')
            self.assertTrue(argument, 'no reason')

    def document(self, path):
        whole = path.read_text()
        self.assertEqual(unfenced(whole), [])
        for number, mark, text in blocks(whole):
            with self.subTest(document=path.name, line=number):
                self.assertIsNotNone(mark, f'block without a mark:\n{text}')
                self.block(*mark, text)

    def test_reference(self):
        text = (SOURCE / 'module/knotd/caaudit.rst').read_text()
        found = list(literal_blocks(text))
        self.assertGreater(len(found), 2)
        for number, block in found:
            with self.subTest(line=number):
                self.check(block)

    def test_reference_log(self):
        """The lines of the log in the reference have the form that the server's lines have."""
        text = (SOURCE / 'module/knotd/caaudit.rst').read_text()
        raw = re.findall(r"^    (\w+: \[.*)$", text, flags=re.M)
        lines = [harness.Line.parse(0, line) for line in raw]
        self.assertEqual([line.event for line in lines], ['finding', 'audit', 'resolved', 'audit'])
        self.assertIn(raw[0], (SOURCE / 'README.md').read_text())  # where the server's own is compared
        self.assertEqual(list(lines[1].fields), ['serial', 'errors', 'warnings', 'notices', 'not checked', 'source'])
        self.assertEqual(lines[0].fields['id'], lines[2].fields['id'])

    def test_debian(self):
        found = indented_blocks((SOURCE / 'debian/knot-module-caaudit.README.Debian').read_text())
        self.assertEqual(len(found), 2)
        self.check(found[0])
        self.start()
        self.log_line("[example.com.] module 'mod-caaudit', audit")
        self.run_block(found[1], 0)

    def test_manual(self):
        """The examples of caaudit(1), in a server that permits the transfer."""
        commands = re.findall(r'^\.Dl (.*)', (SOURCE / 'module/cli/caaudit.1.in').read_text(), flags=re.M)
        self.assertEqual(len(commands), 7)
        self.check('acl:\n  - id: all\n    address: 127.0.0.0/8\n    action: transfer\n\n'
                   'template:\n  - id: default\n    acl: all\n')
        self.start()
        (self.directory / 'example.com.zone').write_text(
            harness.zone_file('@ 3600 CAA 0 issue "digicert.com"\nwww 3600 A 192.0.2.2\nshop 3600 A 192.0.2.2', serial=2))
        (self.directory / 'example.net.zone').write_text(harness.zone_file('@ 3600 CAA 0 issue "digicert.com"'))
        for place in ('tokyo', 'paris'):
            self.run_block(f'caaudit probe example.com --server 127.0.0.1 --format json > {place}.json || true\n', 0)
        for command, status in zip(commands, (1, 1, 0, 1, 0, 1, 0)):
            self.run_block(command + '\n', status)
        # The cure of the third is in the server.
        self.run_block('caaudit check --axfr example.com --server 127.0.0.1\n', 0)

    def test_tests(self):
        """The functional test that tests/README.md shows."""
        code = [block for _, _, block in blocks((SOURCE / 'tests/README.md').read_text()) if block.startswith('class ')]
        names = {'KnotTest': harness.KnotTest, 'zone_file': harness.zone_file, '__name__': __name__}
        exec(code[0], names)
        result = unittest.TestResult()
        unittest.defaultTestLoader.loadTestsFromTestCase(names['Topic']).run(result)
        self.assertEqual((result.testsRun, result.errors, result.failures), (1, [], []))

    def test_examples(self):
        examples = sorted((SOURCE / 'config-examples').glob('*.conf'))
        self.assertGreater(len(examples), 4)
        for path in examples:
            with self.subTest(path.name):
                text = path.read_text()
                secondary = 'master:' in text
                for file in self.directory.glob('*.zone'):
                    file.unlink()
                for domain in [] if secondary else re.findall('domain: (\\S+)', text):
                    (self.directory / f'{domain}.zone').write_text(harness.zone_file('@ CAA 0 issue "letsencrypt.org"'))
                (self.directory / 'log').unlink(missing_ok=True)
                # From a build directory, then as the package has it.
                elsewhere = re.sub(r'^#(module:|  - id: mod-caaudit|    file: )', r'\1', text, flags=re.M)
                self.assertIn('\nmodule:\n', elsewhere)
                self.check(elsewhere)
                self.assertEqual(self.conf.read_text().count('\nmodule:'), 1)
                self.assertNotIn('\nmodule:', text)
                self.check(text)
                self.start()
                if secondary:
                    self.log_line('[example.com.] zone will be bootstrapped')
                else:
                    self.log_line('finding, id caa-issue-denied, owner example.com., ca sectigo.com')
                    self.log_line("[example.com.] module 'mod-caaudit/")
                self.stop()

    # Something broken is caught.

    def test_twin_no_mark(self):
        text = 'a\n\n```\nls\n```\n\n<!-- test: run -->\n```sh\nls\n\nid\n```\n\n<!-- test: run -->\n\n```\nls\n```\n'
        self.assertEqual(blocks(text), [(3, None, 'ls\n'), (8, ('run', ''), 'ls\n\nid\n'), (16, None, 'ls\n')])
        self.assertEqual(unfenced(text), [14])

    def test_twin_no_fence(self):
        self.assertEqual(unfenced('a\n\n    ls\n\n```\n    ls\n```\n\n    ls\n'), [3, 9])

    def test_twin_nothing_is_run(self):
        """Documents have blocks that are run."""
        kinds = [mark[0] for path in DOCUMENTS for _, mark, _ in blocks(path.read_text()) if mark]
        for kind in ('run', 'each', 'file', 'append', 'conf', 'start', 'log', 'none'):
            self.assertIn(kind, kinds)

    def test_twin_wrong_option(self):
        with self.assertRaises(AssertionError):
            self.check('mod-caaudit:\n  - id: default\n    cas: sectigo.com\n')

    def test_twin_wrong_status(self):
        with self.assertRaises(AssertionError):
            self.run_block('caaudit check nosuch.zone\n', 0)


for _path in DOCUMENTS:
    setattr(Docs, f'test_{_path.stem.lower()}', lambda self, path=_path: self.document(path))

if __name__ == '__main__':
    harness.main()
