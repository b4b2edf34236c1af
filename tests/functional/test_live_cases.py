# SPDX-License-Identifier: GPL-2.0-or-later

"""The sample of tests/cases that is marked live: the module on a real server says the same."""

import collections
import sys

import harness
from harness import SOURCE, KnotTest

sys.path.insert(0, str(SOURCE / 'tests' / 'cases'))
import cases  # noqa: E402

IDS = {False: 'caa-issue-denied', True: 'caa-issuewild-denied'}


def rounds():
    """Cases in groups in which each zone name occurs once: one server each."""
    left = collections.defaultdict(list)
    for case in cases.load():
        if case.live:
            left[case.origin.lower()].append(case)
    while any(left.values()):
        yield [queue.pop(0) for queue in left.values() if queue]


class LiveCases(KnotTest):
    def differences(self, server, case):
        """What the module says otherwise about one case."""
        zone = case.origin.rstrip('.')
        server.wait_audit(zone)
        found = [entry for entry in server.found(zone) if entry[0] in IDS.values()]
        expected = sorted((IDS[wildcard], decided_by, ca)
                          for (wildcard, ca), (permitted, decided_by) in case.expected.items() if permitted is False)
        wrong = []
        if found != expected:
            wrong.append(f'log: expected {expected}, got {found}')
        findings = server.stats(zone).findings()
        counted = {id: findings.get(id, 0) for id in IDS.values()}
        wanted = {id: sum(entry[0] == id for entry in expected) for id in IDS.values()}
        if counted != wanted:
            wrong.append(f'counters: expected {wanted}, got {counted}')
        return wrong

    def test_verdicts(self):
        asked = 0
        for group in rounds():
            modules = {}
            options = {}
            for number, case in enumerate(group):
                self.assertIsNone(case.account_uri or case.validation_method, 'the module has no such option')
                modules[f'case{number}'] = [f'ca: [ {", ".join(case.cas)} ]', f'host: "{case.host}"',
                                            f'wildcard: {"on" if case.wildcards else "off"}']
                options[case.origin] = [f'module: mod-caaudit/case{number}']
            server = self.server({case.origin: case.zone for case in group}, modules=modules,
                                 zone_options=options, template=['semantic-checks: off'])
            for case in group:
                asked += 1
                with self.subTest(case.name, zone=case.zone):
                    wrong = self.differences(server, case)
                    self.assertFalse(wrong, '; '.join(wrong))
            server.stop()
        self.assertGreaterEqual(asked, 30)
        print(f'{asked} cases')


if __name__ == '__main__':
    harness.main()
