# SPDX-License-Identifier: GPL-2.0-or-later

"""Every finding has a proper line, golden zones, and a row in the documentation."""

import subprocess
import sys
import unittest

import checks
from support import SOURCE, MetaTest

CATALOGUE = SOURCE / 'include' / 'caaudit' / 'findings.def'
DOCUMENTS = [SOURCE / 'docs' / 'findings.md', SOURCE / 'module' / 'knotd' / 'caaudit.rst']


def line(symbol='CAA_TAG_ODD', id='caa-tag-odd', severity='ERROR', citation='RFC 8659 section 4.1',
         summary='A tag is odd', why='It is "odd, (very)".', cure='Do.'):
    def quote(text):
        return '"' + text.replace('"', '\\"') + '"'
    half = len(why) // 2
    return f'CAAUDIT_FINDING({symbol}, {quote(id)}, {severity},\n\t{quote(citation)},\n\t{quote(summary)},\n' \
           f'\t{quote(why[:half])}\n\t{quote(why[half:])},\n\t{quote(cure)})\n\n'


class Catalogue(MetaTest):
    def catalogue(self, *lines):
        return self.put('findings.def', '/* CAAUDIT_FINDING(a comment) */\n' + ''.join(lines))

    def test_lines(self):
        self.clean(checks.catalogue_lines(CATALOGUE))

    def test_every_line_is_read(self):
        entries, problems = checks.catalogue(CATALOGUE)
        self.clean(problems)
        code = checks.strip_comments(CATALOGUE.read_text())
        self.assertEqual(len(entries), code.count('CAAUDIT_FINDING('))

    def test_strings_are_joined(self):
        entries, problems = checks.catalogue(self.catalogue(line()))
        self.clean(problems)
        self.assertEqual(entries[0].why, 'It is \\"odd, (very)\\".')

    def test_twin_same_id_twice(self):
        self.caught(checks.catalogue_lines(self.catalogue(line(), line())), 'not unique')

    def test_twin_bad_id(self):
        for id in ('caa-odd', 'tag-is-odd', 'caa-tag-Odd', 'caa--odd', 'caa-tag-odd-'):
            with self.subTest(id):
                path = self.catalogue(line(symbol=id.upper().replace('-', '_'), id=id))
                self.caught(checks.catalogue_lines(path), 'not of the form')

    def test_twin_long_id(self):
        for length, words in ((63, []), (64, ['longer than 63'])):
            id = 'caa-tag-'.ljust(length, 'x')
            path = self.catalogue(line(symbol=id.upper().replace('-', '_'), id=id))
            self.caught(checks.catalogue_lines(path), *words)

    def test_twin_symbol(self):
        self.caught(checks.catalogue_lines(self.catalogue(line(symbol='CAA_TAG_EVEN'))), 'its symbol')

    def test_twin_severity(self):
        self.caught(checks.catalogue_lines(self.catalogue(line(severity='FATAL'))), 'severity FATAL')

    def test_twin_missing_text(self):
        for name in ('citation', 'summary', 'why', 'cure'):
            with self.subTest(name):
                self.caught(checks.catalogue_lines(self.catalogue(line(**{name: ' '}))), f'no {name}')

    def test_twin_not_understood(self):
        path = self.catalogue(line(), 'CAAUDIT_FINDING(CAA_X_Y, "caa-x-y", ERROR, "RFC", "what")\n')
        self.caught(checks.catalogue_lines(path), 'not understood')

    def test_twin_empty(self):
        self.caught(checks.catalogue_lines(self.catalogue()), 'no findings')

    def test_golden_zones(self):
        self.clean(checks.catalogue_zones(CATALOGUE, SOURCE / 'tests' / 'golden' / 'zones'))

    def test_twin_golden_zone(self):
        path = self.catalogue(line())
        for name in ('zone', 'expect', 'clean.zone'):
            self.put(f'zones/caa-tag-odd.{name}', '')
        self.caught(checks.catalogue_zones(path, self.root / 'zones'), 'no caa-tag-odd.clean.expect')

    def test_documents(self):
        self.clean(checks.catalogue_documents(CATALOGUE, *DOCUMENTS))

    def test_twin_document(self):
        path = self.catalogue(line(), line(symbol='CAA_TAG_EVEN', id='caa-tag-even'))
        for row in ('| `caa-tag-odd` / `caa-tag-even` | error |', '   * - ``caa-tag-odd``, ``caa-tag-even``'):
            self.clean(checks.catalogue_documents(path, self.put('a.md', row + '\n')))
        document = self.put('a.md', '| caa-tag-odd | error |\nThe text names caa-tag-even.\n')
        self.caught(checks.catalogue_documents(path, document), 'no row for caa-tag-even')

    def renew(self, *arguments):
        """Runs the program that writes the tables of findings, and returns its exit code."""
        return subprocess.run([sys.executable, SOURCE / 'tests' / 'catalogue.py', *arguments],
                              capture_output=True).returncode

    def test_generated_tables_are_current(self):
        self.assertEqual(self.renew(*DOCUMENTS), 0)

    def test_twin_generated_table(self):
        for document in DOCUMENTS:
            with self.subTest(document.name):
                lines = document.read_text().splitlines(keepends=True)
                row = next(number for number, text in enumerate(lines) if 'caa-issue-denied' in text
                           and text.lstrip().startswith(('|', '*')))
                stale = self.put(document.name, ''.join(lines[:row] + lines[row + 1:]))
                self.assertEqual(self.renew(stale), 1)
                self.assertEqual(self.renew('--update', stale), 0)
                self.assertEqual(stale.read_text(), document.read_text())


if __name__ == '__main__':
    unittest.main()
