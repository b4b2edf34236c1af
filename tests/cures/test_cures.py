# SPDX-License-Identifier: GPL-2.0-or-later

"""A cure is printed where one must be, keeps to its form, and a wrong one is caught."""

import json
import os
import tempfile
import unittest

import cases
import naive
import properties
import zones

COMMAND = os.environ['CAAUDIT']


class CureTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix='caaudit-cures-')
        self.addCleanup(directory.cleanup)
        self.tool = properties.Command(COMMAND, directory.name)

    def cases(self):
        known = cases.CASES + (cases.OVERRIDE if '--override-denial' in self.tool.known else [])
        for case in known:
            yield case


class Printed(CureTest):
    def test_every_finding_has_a_case_or_a_reason(self):
        listed = json.loads(self.tool.run(self.tool.caaudit, 'findings', '--format', 'json').stdout)['findings']
        ids = {finding['id'] for finding in listed}
        curable = {case.id for case in cases.CASES if case.change}
        self.assertEqual(curable & set(cases.NO_RECORD), set())
        self.assertEqual(ids, curable | set(cases.NO_RECORD))

    def problems(self, tool, case):
        """How the command differs from a case."""
        path, = tool.write(case, [case.lines])
        document, = tool.documents(case, [path])
        found = [finding for finding in document['findings'] if finding['id'] == case.id]
        if not found:
            return [f'no {case.id}: {document["findings"]}']
        change = properties.Change.of_finding(found[0])
        printed = sorted([f'-{line}' for line in change.removed] + [f'+{line}' for line in change.added])
        problems = [] if printed == sorted(case.change) else [f'{printed}: {found[0]["text"]}']
        _, whole, more = properties.check_case(tool, case)
        if bool(case.change) and case.id not in properties.OPTIONAL and not whole.added + whole.removed:
            problems.append('--fix prints nothing')
        return problems + more

    def test_cases(self):
        for case in self.cases():
            with self.subTest(str(case)):
                self.assertEqual(self.problems(self.tool, case), [])

    def test_a_command_that_prints_no_cure_fails(self):
        """Of each finding that has one in the catalogue, and of each case."""
        directory = tempfile.TemporaryDirectory(prefix='caaudit-cures-')
        self.addCleanup(directory.cleanup)
        dumb = Dumb(COMMAND, directory.name)
        failed = set()
        for case in self.cases():
            with self.subTest(str(case)):
                problems = self.problems(dumb, case)
                self.assertEqual(bool(problems), bool(case.change), problems)
                failed.update([case.id] if problems else [])
        self.assertEqual(failed, {case.id for case in cases.CASES if case.change})


class Dumb(properties.Command):
    """The command without its cures."""

    def documents(self, case, paths):
        documents = super().documents(case, paths)
        for document in documents:
            for finding in document['findings']:
                finding.update(fix=None, remedy=None, also=[])
        return documents

    def check(self, case, paths, *more):
        result = super().check(case, paths, *more)
        if '--fix' in more:
            result.stdout = ''
        return result


# Zone, change and options: what a prover that does not look would print, and the property that fails.
SPOILT = (
    ('text', [cases.SET], [cases.SET], ['example.com. 300 CAA 0 issue "sectigo.com"'] * 2),
    ('text', [cases.SET], ['example.com. 300 CAA 0 issue "digicert.com"'], []),
    # The set that remains restricts nobody.
    ('denial', [cases.SET], [cases.SET], []),
    ('denial', ['example.com. 300 CAA 0 issue ";"'], [], ['example.com. 300 CAA 0 issue "sectigo.com"']),
    ('denial', ['example.com. 300 CAA 0 issue "sectigo.com; accounturi=https://ca.example.net/1"'], [],
     ['example.com. 300 CAA 0 issue "sectigo.com"']),
    ('denial', ['example.com. 300 CAA 0 issue "digicert.com"', 'example.com. 300 CAA 128 tbs "x"'],
     ['example.com. 300 CAA 128 tbs "x"'], []),
    # A first issue or issuewild shuts all others out.
    ('loss', ['example.com. 300 CAA 0 iodef "mailto:me@example.com"'], [],
     ['example.com. 300 CAA 0 issuewild "sectigo.com"']),
    # A set at a lower name hides the one above.
    ('denial', [cases.SET, 'www.example.com. 3600 A 192.0.2.3'], [],
     ['www.example.com. 300 CAA 0 iodef "mailto:me@example.com"']),
    # An empty non-terminal, a name of its own, and a CNAME take a wildcard's answers away.
    ('answer', ['*.example.com. 3600 A 192.0.2.3'], [], ['_x.app.example.com. 3600 CNAME x.sectigo.com.']),
    ('answer', ['*.example.com. 3600 A 192.0.2.3'], [], ['app.example.com. 3600 CAA 0 issue "sectigo.com"']),
    ('answer', ['*.app.example.com. 3600 TXT "x"'], [], ['_x._y.app.example.com. 3600 CNAME x.sectigo.com.']),
    ('answer', ['app.example.com. 3600 A 192.0.2.3'], ['app.example.com. 3600 A 192.0.2.3'], []),
    ('answer', ['app.example.com. 3600 A 192.0.2.3', 'b.example.com. 3600 CNAME app.example.com.'],
     ['app.example.com. 3600 A 192.0.2.3'], ['app.example.com. 3600 CNAME x.sectigo.com.']),
    ('TTL', [cases.SET], [], ['example.com. 3600 CAA 0 issue "letsencrypt.org; a=1"']),
    # What Knot refuses.
    ('loads', ['www.example.com. 3600 A 192.0.2.3'], [], ['www.example.com. 3600 CNAME x.sectigo.com.']),
    ('loads', ['_x.example.com. 3600 TXT "x"'], [], ['_x.example.com. 3600 CNAME x.sectigo.com.']),
    # No cure at all, one that makes another finding, and one for another record.
    ('finding', [cases.SET], [], ['example.com. 300 CAA 0 issue "digicert.com"']),
    ('finding', [cases.SET], [], ['example.com. 300 CAA 0 issue "sectigo.com"',
                                  'example.com. 300 CAA 0 issue "https://sectigo.com/"']),
    ('finding', [cases.SET], [], ['example.com. 300 CAA 0 issue "sectigo.com"', 'example.com. 300 CAA 1 iodef "x"']),
)


class Caught(CureTest):
    def problems(self, case, change):
        """Complaints about a change that is said to cure the first finding."""
        zone = naive.Zone(case.origin, case.lines)
        patched, problems = properties.check_change(properties.Requests(self.tool, case, [zone]), zone, change)
        if patched is None:
            return problems
        paths = self.tool.write(case, [case.lines, patched])
        before, after = self.tool.documents(case, paths)
        problems += properties.check_loads(*(self.tool.complaints(case, path) for path in paths))
        return problems + list(properties.check_findings(before, after, before['findings'][:1], False, set()))

    def test_a_spoilt_cure_is_caught(self):
        for kind, records, removed, added in SPOILT:
            with self.subTest(kind=kind, records=records, removed=removed, added=added):
                case = cases.Case('', records, [])
                problems = self.problems(case, properties.Change(
                    'caa-strict-incomplete' if kind == 'loss' else '', removed, added))
                self.assertIn(kind, {problem.split(':')[0] for problem in problems})

    def test_a_sound_cure_is_not(self):
        case = cases.Case('', [cases.SET], [])
        self.assertEqual(self.problems(case, properties.Change(
            '', [], ['example.com. 300 CAA 0 issue "sectigo.com"'])), [])


class Naive(unittest.TestCase):
    """The second implementation is right where the texts have examples."""

    def test_wildcards_of_rfc_4592(self):
        zone = naive.Zone('example.', [
            'example. 3600 SOA a. b. 1 1 1 1 1', 'example. 3600 NS ns.example.com.',
            '*.example. 3600 TXT "this is a wildcard"', '*.example. 3600 MX 10 host1.example.',
            'sub.*.example. 3600 TXT "this is not a wildcard"', 'host1.example. 3600 A 192.0.2.1',
            '_ssh._tcp.host1.example. 3600 SRV 0 0 1 x.', 'subdel.example. 3600 NS ns.example.com.'])
        for owner, type_, kind in (('host3', 'MX', 'data'), ('host3', 'A', None), ('foo.bar', 'TXT', 'data'),
                                   ('host1', 'MX', None), ('sub.*', 'MX', None), ('_telnet._tcp.host1', 'SRV', None),
                                   ('host.subdel', 'A', 'referral'), ('ghost.*', 'MX', None)):
            with self.subTest(owner=owner, type=type_):
                found = zone.answer(naive.name(f'{owner}.example.'), type_)[1]
                self.assertEqual(found[0] if found else None, kind)

    def test_dname_of_rfc_6672(self):
        zone = naive.Zone('example.com.', ['example.com. 1 SOA a. b. 1 1 1 1 1', 'd.example.com. 1 DNAME t.example.com.',
                                           'x.t.example.com. 1 A 192.0.2.1', 'd.example.com. 1 A 192.0.2.2'])
        self.assertEqual(zone.answer(naive.name('x.d.example.com.'), 'A')[1], ('data', frozenset({('192.0.2.1',)})))
        self.assertEqual(zone.answer(naive.name('d.example.com.'), 'A')[1], ('data', frozenset({('192.0.2.2',)})))

    def test_zones_are_the_same_again(self):
        one, two = (zones.Maker('1/5').make({'--wildcard'}) for _ in range(2))
        self.assertEqual((one.lines, one.options, one.expected), (two.lines, two.options, two.expected))


if __name__ == '__main__':
    unittest.main()
