# SPDX-License-Identifier: GPL-2.0-or-later

"""The table of CAs is made into its page, takes names over from the CCADB, and is young enough.

Age is a matter of the tree and not of the day on which the tests run: of the newest release in NEWS, and
where that is not out, of the commit that is checked out. So a tree that passes passes for ever.
"""

import contextlib
import datetime
import io
import sys
import unittest
import unittest.mock

from support import SOURCE, MetaTest

sys.path.insert(0, str(SOURCE / 'tests'))
import cas  # noqa: E402

DAY = datetime.date(2027, 1, 2)


class Cas(MetaTest):
    def setUp(self):
        super().setUp()
        self.text = cas.DEF.read_text()
        self.table = cas.Table(self.text)

    # --- the table and the page

    def test_every_row_is_read(self):
        code = cas.re.sub(r'/\*.*?\*/', '', self.text, flags=cas.re.DOTALL)
        for macro, rows in self.table.rows.items():
            calls = cas.re.findall(rf'^CAAUDIT_{macro}\(', code, cas.re.MULTILINE)
            self.assertEqual(len(rows), len(calls), macro)

    def test_values_are_read(self):
        self.assertEqual(self.table.ca['SECTIGO']['names'][0], 'sectigo.com')
        self.assertEqual(self.table.ca['SECTIGO']['deprecated'], ['comodo.com', 'comodoca.com'])
        self.assertEqual(self.table.rows['METHOD'][0], ['dns-01', 'ca-tbr-7', 'DNS', None, 'IANA'])
        self.assertIn(datetime.date(2025, 10, 28), [row[8] for row in self.table.rows['FORM']])

    def test_twin_row_that_is_not_understood(self):
        for bad in ('CAAUDIT_CA(X, "X, "x.example")\n', 'X\n', 'CAAUDIT_CA(X\n'):
            with self.assertRaises(cas.Failed):
                cas.rows(self.text + bad)

    def test_page_is_made_from_the_table(self):
        said = cas.page(cas.PAGE.read_text(), self.table)
        self.assertEqual(said, cas.PAGE.read_text(), 'run tests/cas.py --update')

    def test_every_name_is_on_the_page(self):
        page = cas.PAGE.read_text()
        for ca in self.table.ca.values():
            for name in ca['names']:
                self.assertIn(f'`{name}`', page)

    def test_twin_table_that_changed(self):
        for old, new in (('"accv.es"', '"accv.es", "accv.example"'), ('EXACT, true', 'NOT_KNOWN, true'),
                         ('"acme-try.ssl.com"', '"acme-tried.ssl.com"')):
            self.assertIn(old, self.text)
            table = cas.Table(self.text.replace(old, new))
            self.assertNotEqual(cas.page(cas.PAGE.read_text(), table), cas.PAGE.read_text())

    def test_twin_page_without_a_table(self):
        page = cas.PAGE.read_text()
        for bad in (page.replace('<!-- cas: acme,', '<!-- '), page.replace('<!-- /cas -->', '')):
            with self.assertRaises(cas.Failed):
                cas.page(bad, self.table)

    # --- the CCADB

    HEAD = '"Subject","Subject Key Identifier (Hex)","Intermediate Certificate","Recognized CAA Domains"\n'

    def report(self, *rows):
        return cas.read_report(io.StringIO(self.HEAD + ''.join(
            f'"{subject}","00","","{names}"\n' for subject, names in rows)))

    def whole(self, **changed):
        """A report that has the table's own names, but for what is changed."""
        return self.report(*((f'CN=Root; O={ca["owner"]} Ltd.; C=XX', ', '.join(changed.get(symbol, ca['names'])))
                             for symbol, ca in self.table.ca.items() if ca['names']))

    def test_same_names(self):
        self.assertEqual(cas.compare(self.table, self.whole()), ([], {}))

    def test_names_come_and_go(self):
        said, renewed = cas.compare(self.table, self.whole(TELIA=['telia.com', 'new.telia.com', 'telia.se']))
        self.assertEqual(renewed, {'TELIA': ['telia.com', 'telia.se', 'new.telia.com']})
        self.caught(said, 'Telia: +new.telia.com -telia.fi')
        table = cas.Table(cas.renew(self.text, self.table, renewed, DAY))
        self.assertEqual(table.ca['TELIA']['names'], renewed['TELIA'])
        self.assertEqual(table.source['CCADB'][:2], ['READ', DAY])
        for symbol, ca in self.table.ca.items():
            if symbol != 'TELIA':
                self.assertEqual(table.ca[symbol], ca)

    def test_rows_are_as_wide_as_the_tree(self):
        found = [f'name-{i}.example' for i in range(40)]
        text = cas.renew(self.text, self.table, {'ACCV': found}, DAY)
        self.assertEqual(cas.Table(text).ca['ACCV']['names'], found)
        for line in text.splitlines():
            self.assertLessEqual(len(line.expandtabs(8)), 100, line)

    def test_names_of_another_source_stay(self):
        said, renewed = cas.compare(self.table, self.whole(SECTIGO=['sectigo.com', 'new.example']))
        self.assertEqual(renewed, {})
        self.caught(said, 'not changed: the names are from SECTIGO_CPS')

    def test_the_name_to_publish_stays(self):
        said, renewed = cas.compare(self.table, self.whole(ACCV=['new.accv.es']))
        self.assertEqual(renewed, {})
        self.caught(said, 'ACCV: +new.accv.es', 'choose another')

    def test_organizations(self):
        report = self.report(('CN=ISRG Root X1; O=Internet Security Research Group; C=US', 'letsencrypt.org'),
                             ('CN=R10; O=Let\'s Encrypt; C=US', 'LetsEncrypt.org'),
                             ('O=Hellenic Academic and Research Institutions CA', 'harica.gr'),
                             ('CN=x, O=DigiCert, Inc., C=US', 'digicert.com'),
                             ('CN=y; O=Cloud, Inc.; C=US', 'digicert.com cloud.example'))
        mine, others = cas.assign(self.table, report)
        self.assertEqual(mine, {'LETSENCRYPT': {'letsencrypt.org'}, 'HARICA': {'harica.gr'},
                                'DIGICERT': {'digicert.com'}})
        self.assertEqual(others, {'Cloud, Inc.': {'digicert.com', 'cloud.example'}})
        said, _ = cas.compare(self.table, report)
        self.assertIn("nobody's: Cloud, Inc.: cloud.example", said)
        self.assertIn('Sectigo: not in the report', said)

    def test_prose_is_no_name(self):
        report = self.report(('O=A', 'None'), ('O=B', 'N/A; see the CPS, section 4.2'), ('O=C', 'a.example;b.example'),
                             ('O=D', 'https://d.example/caa _x.example -y.example z..example'), ('O=E', ''))
        self.assertEqual(report, {'C': {'a.example', 'b.example'}})

    def test_twin_report_of_another_form(self):
        for bad in ('', 'CA Owner,CAA\nA,a.example\n', self.HEAD, self.HEAD + '"O=A","","","None"\n'):
            with self.assertRaises(cas.Failed):
                cas.read_report(io.StringIO(bad))

    # --- age

    def test_sources_are_young(self):
        day = cas.release_day(cas.NEWS.read_text()) or cas.commit_day(SOURCE)
        if day is None:
            self.skipTest('not released and no git: the day of this tree is not known')
        self.clean(cas.old_sources(self.table, day))

    def test_twin_old_source(self):
        newest = max(read for _, read, _ in self.table.source.values())
        self.assertEqual(cas.old_sources(self.table, min(read for _, read, _ in self.table.source.values())
                                         + cas.YEAR), [])
        self.assertEqual(len(cas.old_sources(self.table, newest + cas.YEAR + datetime.timedelta(days=1))),
                         len(self.table.source))

    def test_day_of_a_release(self):
        self.assertEqual(cas.release_day('caaudit 1.0.0 (2027-01-02)\n===\ncaaudit 0.9 (2026-01-02)\n'), DAY)
        self.assertIsNone(cas.release_day('caaudit 1.0.0 (not released)\n'))
        for bad in ('', 'Features\n', 'caaudit 1.0.0\n'):
            with self.assertRaises(cas.Failed):
                cas.release_day(bad)
        self.assertIsNone(cas.commit_day(self.root))

    # --- the command

    def command(self, *words, page=None, report=None):
        """Runs the command on copies; returns its status and what it says."""
        files = {'DEF': self.put('cas.def', self.text), 'PAGE': self.put('cas.md', page or cas.PAGE.read_text()),
                 'NEWS': self.put('NEWS', 'caaudit 1.0.0 (2027-01-02)\n')}
        if report is not None:
            words = ('ccadb', str(self.put('report.csv', report)), *words)
        said = io.StringIO()
        with unittest.mock.patch.multiple(cas, **files), contextlib.redirect_stdout(said), \
                contextlib.redirect_stderr(said):
            return cas.main(list(words)), said.getvalue()

    def test_command(self):
        self.assertEqual(self.command()[0], 0)
        stale = cas.PAGE.read_text().replace('`accv.es`', '`accv.example`')
        self.assertEqual(self.command(page=stale)[0], 1)
        self.assertEqual(self.command('--update', page=stale)[0], 0)
        self.assertEqual((self.root / 'cas.md').read_text(), cas.PAGE.read_text())
        self.assertEqual(self.command('old')[0], 0)
        self.assertEqual(self.command('old', '--on', '2030-01-01')[0], 1)

    def test_command_takes_a_report_over(self):
        report = self.HEAD + '"O=ACCV","","","accv.es, new.accv.es"\n'
        status, said = self.command(report=report)
        self.assertEqual(status, 1)
        self.assertIn('ACCV: +new.accv.es', said)
        self.assertEqual((self.root / 'cas.def').read_text(), self.text)
        self.command('--update', '--day', '2027-01-02', report=report)
        self.assertIn('CAAUDIT_DAY(2027, 1, 2)', (self.root / 'cas.def').read_text())
        self.assertIn('`new.accv.es`', (self.root / 'cas.md').read_text())
        self.assertEqual(self.command(report='x\n')[0], 2)


if __name__ == '__main__':
    unittest.main()
