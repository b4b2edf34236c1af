# SPDX-License-Identifier: GPL-2.0-or-later

"""Synthesis over random zones, beside a server without it: a naive evaluator says what it may extend.

CAAUDIT_ZONES is the number of zones, CAAUDIT_SEED chooses them. A third of them is not signed, one
has NSEC and one NSEC3.
"""

import os
import pathlib
import re
import subprocess
import sys

import harness
from harness import LOOPBACK_ACL
from synthesis import POLICY, SIGNED, SYNTHESIZE, TYPES, UNBOUND, Resolver, Synthesis, ask

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / 'cures'))
import naive  # noqa: E402
import properties  # noqa: E402
import zones  # noqa: E402

COUNT, SEED = int(os.environ.get('CAAUDIT_ZONES', 24)), os.environ.get('CAAUDIT_SEED', '1')
BLOCK = 60
COMMAND = os.environ.get('CAAUDIT')
# Before, a module cannot tell which wildcard has answered behind an alias.
LOOKS_UP = harness.knot_version() >= (3, 3, 5)


class Case:
    """A random zone and its policy, and what is right for it in the plainest way."""

    def __init__(self, number, tool):
        maker = zones.Maker(f'synthesis/{SEED}/{number}', f'z{number}.test.')
        maker.caa_sets(maker.names())
        if number % 4 == 0:
            maker.led()
        self.mode = list(SIGNED)[number % len(SIGNED)]
        self.origin, self.lines, self.zone = maker.origin, maker.lines, f'z{number}.test'
        self.cas = maker.random.sample(zones.CAS, maker.pick(1, 1, 2))
        self.hosts = maker.random.sample(sorted(set(zones.HOSTS) - {'@'}), maker.pick(0, 1, 2)) + maker.pick(['@'], ['@'], [])
        self.wildcard = maker.pick('auto', 'auto', 'on', 'off')
        self.strict, self.override = maker.chance(25), maker.chance(25)
        self.names = {ca: tool.accepted(ca.encode()) for ca in self.cas}
        self.known = [names for _, names in tool.cas]
        self.expected = []
        self.own = naive.Zone(self.origin, self.lines)

    def options(self):
        return [SYNTHESIZE, f'ca: [ {", ".join(self.cas)} ]', f'wildcard: {self.wildcard}',
                *([f'host: [ {", ".join(self.absolute())} ]'] if self.hosts else []),
                *(['strict: on'] if self.strict else []), *(['override-denial: on'] if self.override else [])]

    def absolute(self):
        return [f'"{self.origin if host == "@" else host + "." + self.origin}"' for host in self.hosts or ['@']]

    def deciding(self):
        """Owners of the sets that decide for a host."""
        owners = set()
        for host in self.absolute():
            labels = naive.name(host.strip('"'))
            for i in range(len(labels) - len(self.own.origin) + 1):
                hops, found = self.own.answer(labels[i:], 'CAA')
                if found and found[0] == 'loop':
                    break
                if found and found[0] == 'data':
                    owners.add(self.source(hops[-1] if hops else labels[i:]))
                    break
        return owners

    def source(self, name):
        """Owner in the zone of what answers for a name: itself, or a wildcard."""
        while name not in self.own.names:
            name = (b'*',) + name[1:] if (b'*',) + name[1:] in self.own.names else name[1:]
        return name

    def asked(self):
        """Names to ask for: those of the zone, what its wildcards answer for, and one that is not there."""
        labels = {name for name in self.own.names if name[:1] != (b'*',)}
        labels |= {(b'none',) + name[1:] for name in self.own.names if name[:1] == (b'*',)}
        labels |= {naive.name(host.strip('"')) for host in self.absolute()} | {(b'absent',) + self.own.origin}
        return sorted(labels)

    def lifts(self, rrset, ca, wildcard):
        """Would a record for a CA lift what binds one that accepts its name, in a malformed value as well?"""
        found = naive.properties(rrset)
        tag = b'issuewild' if wildcard and any(tag == b'issuewild' for _, tag, _ in found) else b'issue'
        words = [word.rstrip(b'.') for _, has, value in found if has == tag and naive.issue(value) is None and b'=' in value
                 for word in re.findall(rb'[a-z0-9.-]+', value.lower())]
        return not self.override and any(
            ca.encode() in names and (naive.judge(rrset, wildcard, names, b'other:', b'other') in ('account', 'method') or
                                      not names.isdisjoint(words)) for names in [self.names[ca], *self.known])

    def lacks(self, rrset):
        """Does a set lack what must be added (True), is it to stay (False), or is either right (None)?

        A CA that a property binds, or that would be the first of its kind, is for the requests below to judge.
        """
        if naive.judge(rrset, False, {b'other.invalid'}, b'', b'') == 'unreadable':
            return False
        tags = {tag for _, tag, _ in naive.properties(rrset)}
        answers = []
        for ca in self.cas:
            plain = naive.judge(rrset, False, self.names[ca], b'other:', b'other')
            wild = naive.judge(rrset, True, self.names[ca], b'other:', b'other')
            bound = {'account', 'method'} & {plain, wild}  # What the other tag says cannot always be copied.
            others = False if self.lifts(rrset, ca, False) else None if bound else True
            answers.append({'permitted': False, 'others': others, 'nobody': self.override}.get(plain))
            if b'issuewild' in tags and (self.wildcard != 'off' or self.strict):
                sound = all(naive.issue(value) for _, tag, value in naive.properties(rrset) if tag == b'issuewild')
                if wild == 'nobody' and sound and self.wildcard == 'auto' and not self.strict:
                    wild = 'permitted'  # No wildcard is wanted.
                others = False if self.lifts(rrset, ca, True) else None if bound else True
                answers.append({'permitted': False, 'nobody': self.override, 'others': others}.get(wild))
        if True in answers:
            return True
        return None if None in answers or self.strict else False


def lifted(case, before, after):
    """Requests that the extended set denies or permits otherwise than the stored one, and must not."""
    values = [naive.issue(value) for rrset in (before, after) for _, tag, value in naive.properties(rrset)
              if tag in (b'issue', b'issuewild')]
    values = [value for value in values if value is not None]
    issuers = {value[0] for value in values if value[0]} | {b'other.invalid'}
    accounts = {value for _, found in values for tag, value in found if tag == b'accounturi'} | {b'other:'}
    methods = {method for _, found in values for tag, value in found if tag == b'validationmethods'
               for method in value.lower().split(b',')} | {b'other'}
    for names, wanted in [*[({issuer}, False) for issuer in issuers], *[(names, True) for names in case.names.values()],
                          *[(names, False) for names in case.known if not names.isdisjoint(issuers)]]:
        wanted = wanted or any(names <= accepted for accepted in case.names.values()) \
            or any(ca.encode() in names for ca in case.cas)
        for wildcard, account, method in ((w, a, m) for w in (False, True) for a in accounts for m in methods):
            was = naive.judge(before, wildcard, names, account, method)
            now = naive.judge(after, wildcard, names, account, method)
            may = wanted and (was == 'others' or case.override)
            if (was == 'permitted') != (now == 'permitted') and not (now == 'permitted' and may):
                yield f'{sorted(names)} {wildcard=} {account} {method}: was {was}, is {now}'


class Zones(Synthesis):
    def check(self, case, ours, theirs, resolver):
        deciding, extended = case.deciding(), 0
        for labels in case.asked():
            name = naive.show(labels)
            hops, found = case.own.answer(labels, 'CAA')
            owner = case.source(hops[-1] if hops else labels) if not found or found[0] == 'data' else None
            hidden = hops and owner and owner[0] == b'*' and not LOOKS_UP
            for do in (False, True):
                mine, other = (ask(server, name, 'CAA', do=do, size=4096) for server in (ours, theirs))
                before, after = frozenset(other.has('CAA')), frozenset(mine.has('CAA'))
                lacks = owner in deciding and found and found[0] == 'data' and case.lacks(before)
                if lacks and hidden and after == before:
                    continue
                with self.subTest(zone=case.zone, mode=case.mode, name=name, do=do, options=case.options(),
                                  lines=case.lines):
                    if lacks is True or (lacks is None and after != before):
                        self.assertLess(before, after, 'to be extended')
                        self.assertEqual(list(lifted(case, before, after)), [])
                        ttl = {(has[0], has[2]) for has in other.answer if has[1] == TYPES['CAA']}
                        self.assertEqual({(has[0], has[2]) for has in mine.answer if has[1] == TYPES['CAA']}, ttl)
                        mine.answer, mine.size = [has for has in mine.answer if has[3] not in after - before], other.size
                        extended += 1
                    self.assertEqual(mine, other)
            if hidden or found and found[0] in ('outside', 'referral') or (hops and not case.own.has(hops[-1])):
                continue  # The resolver would ask somebody else, or may reuse what it knows of the wildcard.
            answer = resolver.ask(name, 'CAA')
            with self.subTest(zone=case.zone, mode=case.mode, name=name, validated=True, lines=case.lines):
                if found != ('loop',):
                    self.assertIn(answer.rcode, (0, 3), resolver.said())
                    self.assertEqual(answer.authentic, case.mode != 'plain', resolver.said())
                    self.assertEqual(frozenset(answer.has('CAA')), after)
        return extended

    def test_zones(self):
        """Extended is what decides for a host and lacks a wanted CA; nothing is lifted, and all validates."""
        if UNBOUND is None or COMMAND is None:
            self.skipTest('no unbound, or no command')
        tool = properties.Command(COMMAND, self.temporary())
        number, loaded, extended = 0, 0, dict.fromkeys(SIGNED, 0)
        while loaded < COUNT:
            cases = []
            while len(cases) < min(BLOCK, COUNT - loaded):
                case = Case(number, tool)
                number += 1
                path, = tool.write(case, [case.lines])
                if not self.is_refused(tool, case, path):
                    cases.append(case)
            loaded += len(cases)
            files = {case.zone: ''.join(line + '\n' for line in case.lines) for case in cases}
            # The server writes no file with CAA that cannot be read; the audit reads these zones by transfer.
            plain = {case.zone: ['zonefile-sync: -1', 'acl: transfer', *SIGNED[case.mode]] for case in cases}
            ours = self.server(files, modules={case.zone: case.options() for case in cases}, extra=LOOPBACK_ACL + POLICY, slow=3,
                               zone_options={case.zone: [*plain[case.zone], f'module: mod-caaudit/{case.zone}']
                                             for case in cases})
            theirs = self.server(files, module=False, zone_options=plain, extra=LOOPBACK_ACL + POLICY, slow=3)
            for case in cases:
                ours.wait_audit(case.zone)
                theirs.wait_loaded(case.zone)
            resolver = Resolver(self, ours, [case.zone for case in cases])
            for case in cases:
                extended[case.mode] += self.check(case, ours, theirs, resolver)
            for process in (resolver, ours, theirs):
                process.stop()
        print(f'{loaded} zones, answers that were extended: {extended}', file=sys.stderr)
        self.assertNotIn(0, extended.values())

    @staticmethod
    def is_refused(tool, case, path):
        """Does the server refuse the zone?"""
        return subprocess.run(['kzonecheck', '-o', case.origin, path], cwd=tool.dir, capture_output=True,
                              check=False).returncode != 0


if __name__ == '__main__':
    harness.main()
