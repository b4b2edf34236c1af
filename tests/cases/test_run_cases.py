#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""run_cases.py fails when it must, and cases.py refuses what it cannot read."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

import cases

RUNNER = pathlib.Path(__file__).with_name('run_cases.py')
CASE = 'climb-nothing'
GOOD = [
    '{"host":"x.y.z.test.","wildcard":false,"ca":"ca1.example.net","permitted":true,"decided_by":null}',
    '{"host":"x.y.z.test.","wildcard":true,"ca":"ca1.example.net","permitted":true,"decided_by":null}',
]


def run(script, only=CASE):
    """Runs one case against a shell script; returns whether it passed."""
    return subprocess.run([sys.executable, '-B', RUNNER, '--only', only, '--', 'sh', '-c', script],
                          capture_output=True, timeout=60, check=False).returncode == 0


def answer(*entries):
    """Script that gives a JSON answer."""
    return f"echo '{{\"hosts\":[{','.join(entries)}]}}'"


class Runner(unittest.TestCase):
    def test_passes(self):
        self.assertTrue(run(answer(*GOOD)))
        self.assertTrue(run(answer(*GOOD) + '; exit 1'))

    def test_no_case(self):
        self.assertFalse(run(answer(*GOOD), only='no-such-case'))

    def test_crash(self):
        self.assertFalse(run(answer(*GOOD) + '; kill -SEGV $$'))
        self.assertFalse(run(answer(*GOOD) + '; exit 2'))

    def test_json(self):
        for text in ('', '{"hosts":[', '[]', '{}', '{"hosts":[{}]}', '{"hosts":null}'):
            self.assertFalse(run(f"echo '{text}'"), text)

    def test_verdicts(self):
        plain, wildcard = GOOD
        for entries in ((plain,), (wildcard,), (plain, plain, wildcard),
                        (plain.replace('true', 'false'), wildcard),
                        (plain.replace('true', 'null'), wildcard),
                        (plain.replace('true', '1'), wildcard),
                        (plain.replace('"decided_by":null', '"decided_by":"x.y.z.test."'), wildcard),
                        (plain.replace('x.y', 'y'), wildcard)):
            self.assertFalse(run(answer(*entries)), entries)


class Format(unittest.TestCase):
    def load(self, text):
        with tempfile.TemporaryDirectory() as scratch:
            pathlib.Path(scratch, 'topic.txt').write_text(text, encoding='ascii')
            return cases.load(scratch)

    def test_reads(self):
        case, = self.load('default from: X\ncase a\n\tzone:\n\t\t@ A 192.0.2.1\n\t\tb A 192.0.2.2\n\tplain: null -\n')
        self.assertEqual((case.name, case.fqdn, case.expected, case.wildcards),
                         ('a', 'example.com.', {(False, 'ca1.example.net'): (None, None)}, False))
        self.assertTrue(case.zone.endswith('@ A 192.0.2.1\nb A 192.0.2.2\n'))

    def test_refuses(self):
        for text in ('case a\n\tzone: @ A 192.0.2.1\n\tboth: true -\n',
                     'case a\n\tfrom: X\n\tzone: @ A 192.0.2.1\n',
                     'case a\n\tfrom: X\n\tzone: @ A 192.0.2.1\n\twildcard: true -\n',
                     'case a\n\tfrom: X\n\tzone: @ A 192.0.2.1\n\tboth: true -\n\tplain: true -\n',
                     'case a\n\tfrom: X\n\tzone: @ A 192.0.2.1\n\tboth: yes -\n',
                     'case a\n\tfrom: X\n\tca: b c\n\tzone: @ A 192.0.2.1\n\tboth: true - b\n',
                     'case a\n\tfrom: X\n\tfoo: bar\n\tzone: @ A 192.0.2.1\n\tboth: true -\n',
                     'case a\n\tfrom: X\n\tzone: @ A 192.0.2.1\n\tboth: true -\n' * 2,
                     'some words\n'):
            with self.subTest(text), self.assertRaises(cases.Bad):
                self.load(text)

    def test_sample(self):
        self.assertEqual(sum(case.live for case in cases.load()), 30)


if __name__ == '__main__':
    unittest.main()
