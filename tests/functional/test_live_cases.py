# SPDX-License-Identifier: GPL-2.0-or-later

"""The sample of tests/cases that is marked live: the module on a real server says the same."""

import collections
import sys

import harness
from harness import SOURCE, KnotTest

sys.path.insert(0, str(SOURCE / 'tests' / 'cases'))
import cases  # noqa: E402

IDS = ('caa-issue-denied', 'caa-issuewild-denied')
LOCKS = ('caa-locked', 'caa-wildcard-locked')


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
        found = [entry for entry in server.found(zone) if entry[0] in IDS]
        locked = {owner for id, owner, _ in server.found(zone) if id in LOCKS}
        denied = {kind: {(decided_by, ca) for (wildcard, ca), (permitted, decided_by) in case.expected.items()
                         if permitted is False and wildcard == kind and decided_by not in locked}
                  for kind in (False, True)}
        wrong = []
        # One finding for one remedy: what denies both kinds may be told once, what denies wildcards alone as such.
        if {entry[1:] for entry in found} != denied[False] | denied[True]:
            wrong.append(f'log: expected {denied}, got {found}')
        if not {entry[1:] for entry in found if entry[0] == IDS[0]} >= denied[False]:
            wrong.append(f'log: expected {IDS[0]} for {denied[False]}, got {found}')
        if {entry[1:] for entry in found if entry[0] == IDS[0]} - denied[False]:
            wrong.append(f'log: expected no {IDS[0]} but for {denied[False]}, got {found}')
        findings = server.stats(zone).findings()
        counted = {id: findings.get(id, 0) for id in IDS}
        wanted = {id: sum(entry[0] == id for entry in found) for id in IDS}
        if counted != wanted:
            wrong.append(f'counters: the log has {wanted}, got {counted}')
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
