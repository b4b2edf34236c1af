# SPDX-License-Identifier: GPL-2.0-or-later

"""The golden runner sees what it has to see: each wrong expectation is caught."""

import contextlib
import io
import json
import os
import pathlib
import shlex
import sys
import tempfile
import unittest

import golden

ZONE = '; origin: example.com.\n; caaudit: --ca sectigo.com\n@ SOA ns hostmaster 1 2 3 4 5\n'
DENIED = [{'id': 'caa-issue-denied', 'owner': 'example.com.', 'ca': 'sectigo.com'},
          {'id': 'caa-flags-reserved', 'owner': 'a.example.com.', 'ca': None}]
LINES = 'caa-flags-reserved a.example.com.\ncaa-issue-denied example.com. sectigo.com\n'


class Runner(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix='caaudit-golden-')
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)

    def put(self, name, text):
        (self.root / name).write_text(text)

    def run_golden(self, *arguments, says=DENIED, code=1):
        """Runs the runner with a command that always says the same."""
        script = f'import sys\nprint({json.dumps(dict(findings=says))!r})\n' \
                 f'assert sys.argv[1:] == ["check", "--format", "json", "--origin", "example.com.", "--ca",' \
                 f' "sectigo.com", sys.argv[-1]], sys.argv\nsys.exit({code})\n'
        before = os.environ.get('CAAUDIT')
        os.environ['CAAUDIT'] = shlex.join([sys.executable, '-c', script])
        output = io.StringIO()
        try:
            with contextlib.redirect_stdout(output):
                result = golden.main(['--zones', str(self.root), *arguments])
        finally:
            os.environ.pop('CAAUDIT')
            if before is not None:
                os.environ['CAAUDIT'] = before
        return result, output.getvalue()

    def passes(self, *arguments, **said):
        result, output = self.run_golden(*arguments, **said)
        self.assertEqual(result, 0, output)

    def fails(self, word, *arguments, **said):
        result, output = self.run_golden(*arguments, **said)
        self.assertEqual(result, 1, output)
        self.assertIn(word, output)

    def test_as_expected(self):
        self.put('caa-issue-denied.zone', ZONE)
        self.put('caa-issue-denied.expect', LINES)
        self.passes()

    def test_finding_missing(self):
        self.put('caa-issue-denied.zone', ZONE)
        self.put('caa-issue-denied.expect', LINES)
        self.fails('-caa-flags-reserved', says=DENIED[:1])

    def test_finding_twice(self):
        self.put('caa-issue-denied.zone', ZONE)
        self.put('caa-issue-denied.expect', LINES)
        self.fails('+caa-issue-denied', says=DENIED + DENIED[:1])

    def test_near_miss_is_clean(self):
        self.put('caa-tag-long.clean.zone', ZONE)
        self.put('caa-tag-long.clean.expect', LINES)
        self.passes()

    def test_near_miss_is_not_clean(self):
        self.put('caa-issue-denied.clean.zone', ZONE)
        self.put('caa-issue-denied.clean.expect', LINES)
        self.fails('near miss')

    def test_zone_does_not_show_its_finding(self):
        self.put('caa-tag-long.zone', ZONE)
        self.put('caa-tag-long.expect', LINES)
        self.fails('does not show')

    def test_no_expectation(self):
        self.put('caa-issue-denied.zone', ZONE)
        self.fails('no caa-issue-denied.expect')

    def test_no_zone(self):
        self.put('caa-issue-denied.zone', ZONE)
        self.put('caa-issue-denied.expect', LINES)
        self.put('caa-tag-long.expect', '')
        self.fails('no such zone')

    def test_no_zones(self):
        self.fails('no zones')

    def test_no_origin(self):
        self.put('caa-issue-denied.zone', '@ SOA ns hostmaster 1 2 3 4 5\n; origin: example.com.\n')
        self.put('caa-issue-denied.expect', LINES)
        self.fails('origin')

    def test_could_not_check(self):
        self.put('caa-issue-denied.zone', ZONE)
        self.put('caa-issue-denied.expect', LINES)
        self.fails('exit 2', code=2)

    def test_update(self):
        self.put('caa-issue-denied.zone', ZONE)
        self.passes('--update')
        self.assertEqual((self.root / 'caa-issue-denied.expect').read_text(), LINES)


if __name__ == '__main__':
    unittest.main()
