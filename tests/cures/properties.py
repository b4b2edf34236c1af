# SPDX-License-Identifier: GPL-2.0-or-later

"""What must hold for every cure that the command prints, shown by other means than the engine's."""

import collections
import itertools
import json
import pathlib
import re
import subprocess

import naive

LIMIT = 120
NOW = 1795521600  # 2026-11-24 12:00:00 UTC
TYPES = ('A', 'AAAA', 'MX', 'TXT')
GRAVE = ('error', 'warning', 'notice')


class Change:
    """A cure: lines to take out and lines to put in."""

    def __init__(self, what, removed, added):
        self.what, self.removed, self.added = what, removed, added

    @classmethod
    def of_finding(cls, finding):
        wrong = [finding['record'], *finding['also']] if finding['fix'] in ('replace', 'remove') else []
        right = [finding['remedy']] if finding['fix'] in ('add', 'replace') else []
        return cls(f'{finding["id"]} at {finding["owner"]} for {finding["ca"]}', wrong, right)

    @classmethod
    def of_text(cls, text):
        """That of --fix zonefile."""
        lines = text.splitlines()
        return cls('--fix', [line.removeprefix('; remove: ') for line in lines if line.startswith('; remove: ')],
                   [line for line in lines if not line.startswith(';')])

    def apply(self, lines):
        """The lines of the zone as a person changes them; ValueError if a record is not there."""
        lines = list(lines)
        for wrong in map(naive.record, self.removed):
            at = [i for i, line in enumerate(lines) if (there := naive.record(line)) is not None and there == wrong]
            if len(at) != 1:
                raise ValueError(f'{self.removed}: {len(at)} such lines')
            del lines[at[0]]
        there = {record[:1] + record[2:] for record in map(naive.record, lines) if record is not None}
        for line in self.added:
            owner, _, *data = naive.record(line)
            if (owner, *data) in there:
                raise ValueError(f'{line}: it is there already')
            there.add((owner, *data))
        return lines + self.added


class Command:
    """The command that is tested, and kzonecheck, in a directory of its own."""

    def __init__(self, caaudit, directory):
        self.caaudit = pathlib.Path(caaudit).absolute()
        self.dir = pathlib.Path(directory)
        said = self.run(self.caaudit, 'check', '--help').stdout
        self.known = set(re.findall(r'--[a-z-]+', said))
        cas = json.loads(self.run(self.caaudit, 'cas', '--format', 'json').stdout)
        self.cas = [(ca['publish'].encode(), {entry.encode() for entry in ca['names'] + ca['deprecated']})
                    for ca in cas['cas']]

    def run(self, *words):
        return subprocess.run(words, cwd=self.dir, capture_output=True, text=True, errors='replace',
                              timeout=LIMIT, check=False)

    def accepted(self, ca):
        """Issuer names that stand for a wanted CA."""
        return next((names for publish, names in self.cas if ca == publish),
                    next((names for _, names in self.cas if ca in names), set())) | {ca}

    def write(self, case, texts):
        """Writes zone files; the paths in their order."""
        (self.dir / 'expected').write_text(''.join(line + '\n' for line in case.expected))
        paths = []
        for number, lines in enumerate(texts):
            paths.append(f'{number}.zone')
            (self.dir / paths[-1]).write_text(''.join(line + '\n' for line in lines))
        return paths

    def check(self, case, paths, *more):
        expected = ['--validation-file', 'expected'] if case.expected else []
        result = self.run(self.caaudit, 'check', '--now', str(NOW), '-o', case.origin, *case.options, *expected,
                          *more, *paths)
        if result.returncode not in (0, 1):
            raise ValueError(f'{self.caaudit}: exit {result.returncode}: {result.stderr}')
        return result

    def documents(self, case, paths):
        return [json.loads(line) for line in
                self.check(case, paths, '--format', 'json', '--fail-on', 'error').stdout.splitlines()]

    def complaints(self, case, path):
        """What kzonecheck minds; empty if the zone is sound. Signatures are looked at elsewhere."""
        result = self.run('kzonecheck', '-d', 'off', '-t', str(NOW), '-o', case.origin, path)
        said = collections.Counter(line for line in (result.stdout + result.stderr).splitlines()
                                   if line.startswith('[') or 'error' in line.lower() and 'summary' not in line)
        return said if result.returncode != 0 else collections.Counter()


# Of a set that the change does not touch: it denies a CA as before, and the one above permits it now.
NAMED = 'caa-ancestor-overridden'
# Whether these cures are wanted is for the operator to say: --fix leaves them out.
OPTIONAL = {'caa-ancestor-overridden', 'dcv-issuer-denied', 'dcv-persist-denied'}


def is_curable(finding, least):
    return (finding['fix'] is not None and finding['id'] not in OPTIONAL
            and GRAVE.index(finding['severity']) <= GRAVE.index(least))


# --- single properties: each yields what is wrong

def key(finding):
    return finding['id'], finding['owner'], finding['ca']


def check_loads(before, after):
    """1: the patched text loads if the original did, and has no new fault else."""
    for line in after - before:
        yield f'loads: {line}'


def check_findings(before, after, cured, signed, gone):
    """2: what is cured is gone, and nothing grave has come."""
    old = collections.Counter(map(key, before['findings']))
    new = collections.Counter(map(key, after['findings']))
    for finding in cured:
        if new[key(finding)] >= old[key(finding)]:
            yield f'finding: {key(finding)} is still there'
    for finding in after['findings']:
        if new[key(finding)] > old[key(finding)]:
            if signed and finding['id'].startswith('dnssec-'):
                continue
            if finding['id'] == NAMED and any(
                    other['id'] == 'caa-issue-denied' and key(other)[1:] == key(finding)[1:]
                    for other in before['findings']):
                continue  # The denial of a host spoke for that set before.
            if finding['id'] == 'caa-method-excluded' and any(
                    all(other[member] == finding[member] for member in ('id', 'owner', 'record'))
                    for other in before['findings']):
                continue  # That record was told before, for another CA that accepts its issuer.
            if finding['severity'] != 'notice' and finding['id'] != NAMED:
                yield f'finding: {key(finding)} has come'
            elif finding['id'] == 'host-missing' and naive.name(finding['owner']) in gone:
                continue  # It was there for the record alone.
            elif len(cured) == 1 and finding['id'] not in cured[0]['text'] and not any(
                    other['id'] in cured[0]['text'] for other in after['findings']
                    if new[key(other)] > old[key(other)]):
                yield f'finding: {key(finding)} has come and is not named'


def check_rest(before, after, said, least):
    """2: of what is there after the whole change it is said that no record cures it, and of nothing else."""
    told = set(re.findall(r'no record to change cures (\S+) at (\S+): ', said))
    left = set(re.findall(r'yours to decide is (\S+) at (\S+): ', said))
    grave = GRAVE[:GRAVE.index(least) + 1]

    def places(document, wanted):
        return {key(finding) for finding in document['findings'] if wanted(finding)}

    # What is told may weigh less afterwards: an owner that is doubled locks nobody out any more.
    for id_, owner in (told | left) - {place[:2] for place in places(after, lambda _: True)}:
        yield f'rest: no record cures {id_} at {owner}, it says, and the change does'
    had = places(before, lambda finding: finding['severity'] in grave and finding['fix'] is None)
    had |= places(before, lambda finding: finding['severity'] in grave and finding['id'] in OPTIONAL)
    curable = places(before, lambda finding: is_curable(finding, least))
    there = places(after, lambda finding: finding['severity'] in grave)
    for id_, owner, _ in (there & had) - curable:
        if (id_, owner) not in told | left:
            yield f'rest: {id_} at {owner} is there, and nothing is said of it'


def added_issuers(change):
    issuers = set()
    for line in change.added:
        _, _, type_, data = naive.record(line)
        found = naive.properties((data,)) if type_ == 'CAA' else None
        if found and found[0][1] in (b'issue', b'issuewild'):
            value = naive.issue(found[0][2])
            if value is not None and value[0]:
                issuers.add(value[0])
    return issuers


class Requests:
    """What CAs may ask for: every issuer, account and method that a zone or its policy names, and others."""

    def __init__(self, command, case, zones):
        options = list(zip(case.options, case.options[1:]))
        self.override = '--override-denial' in case.options
        self.wanted = [command.accepted(value.encode()) for option, value in options if option == '--ca'] \
            or [command.accepted(b'sectigo.com')]
        self.method = next((value.encode() for option, value in options if option == '--validation-method'), None)
        self.account = next((value.encode() for option, value in options if option == '--account-uri'), None)
        issuers, accounts, methods = {b'other.invalid'}, {b'other:'}, {b'other'}
        for zone in zones:
            for sets in zone.data.values():
                for wire in sets.get('CAA', ()):
                    for _, _, value in naive.properties((wire,)) or ():
                        issuer, parameters = naive.issue(value) or (b'', ())
                        issuers.update([issuer] if issuer else [])
                        # By the account of a staging system no certificate is issued, and a list is no account.
                        accounts.update(v for tag, v in parameters if tag == b'accounturi' and b':' in v
                                        and b'staging' not in v and b',https:' not in v)
                        methods.update(m for tag, v in parameters if tag == b'validationmethods' for m in v.split(b',')
                                       if m)
        accounts.update([self.account] if self.account else [])
        methods.update([self.method] if self.method else [])
        # Names are shared: what is added for one CA may lift what binds another.
        cas = [frozenset([issuer]) for issuer in issuers] + [frozenset(names) for names in self.wanted] \
            + [frozenset(names) for _, names in command.cas if not names.isdisjoint(issuers)]
        self.all = list(itertools.product(dict.fromkeys(cas), (False, True), accounts, methods))
        # One name of a CA that has several is no CA.
        self.cas = [request for request in self.all if not any(request[0] < names for _, names in command.cas)]

    def may_come(self, names, why, method, issuers):
        """Is a permission one that the cure is for? The table of restrictions that are never lifted."""
        if why == 'unreadable' and any(names & wanted for wanted in self.wanted):
            return True
        if not names & issuers:
            return False
        if why == 'method':
            same = {method.lower(), naive.OTHER_LABEL.get(method.lower())}
            return self.override or self.method is not None and self.method in same
        return self.override if why in ('nobody', 'account') else True


def vanished(before, after, change):
    """Names that go with a record: its owner, and those above that have the zone's name twice."""
    owners = {naive.record(line)[0] for line in change.removed}
    slips = {owner[i:] for owner in owners if owner[-2 * len(before.origin):] == before.origin * 2
             for i in range(len(owner))}
    return (owners | slips) - after.names


def hosts(zone, after, change):
    """Names that a certificate may be for: those of the zones, and some that do not exist."""
    names = zone.names | after.names
    names |= {(b'none', *owner) for owner in names} | {(b'none', b'none', *owner) for owner in names}
    gone = vanished(zone, after, change)
    twice = zone.origin + zone.origin  # A slip: nothing there is for a certificate.
    return [owner for owner in names if owner[-len(twice):] != twice
            and not any(label[:1] in (b'_', b'*') for label in owner) and zone.has(owner)
            and not any(owner[i:] in gone for i in range(len(owner)))]


# What these findings want is a permission, which costs no other CA its own.
PERMISSIONS = {'caa-strict-incomplete', 'caa-issue-denied', 'caa-issuewild-denied', 'caa-fallback-denied',
               'caa-ancestor-overridden', 'dcv-issuer-denied', 'dcv-persist-denied'}


# Words by which no CA goes.
NOBODY = {b'none', b'nobody', b'null', b'deny', b'no', b'no-ca', b'false'}


def check_losses(requests, before, after, change):
    """4: nobody is denied by the cure of a denial who was permitted."""
    if change.what.partition(' ')[0] not in PERMISSIONS:
        return
    seen = set()
    for host in hosts(before, after, change):
        for old, new in zip(before.deciding(host), after.deciding(host)):
            if old == new or 'unknown' in (old, new) or (old, new) in seen:
                continue
            seen.add((old, new))
            for names, wildcard, account, method in requests.cas:
                if requests.override and names & added_issuers(change):
                    continue  # What binds the CA itself is said to go.
                if names & NOBODY:
                    continue
                if naive.judge(old, wildcard, names, account, method) == 'permitted' != \
                        naive.judge(new, wildcard, names, account, method):
                    yield (f'loss: {b" ".join(sorted(names)[:2]).decode()} {account.decode()} {method.decode()} for '
                           f'{"*." if wildcard else ""}{naive.show(host)} was permitted')
                    break


def check_denials(requests, before, after, change):
    """3: nobody is permitted who was denied but for whom the cure is for."""
    issuers = added_issuers(change)
    seen = {}
    for host in hosts(before, after, change):
        for old, new in zip(before.deciding(host), after.deciding(host)):
            if old == new or old in ('unknown', 'failed') or (old, new) in seen:
                continue  # A circle of aliases is no decision against anybody.
            seen[old, new] = True
            for names, wildcard, account, method in requests.all:
                why = naive.judge(old, wildcard, names, account, method)
                if why == 'permitted' or new != 'unknown' and \
                        naive.judge(new, wildcard, names, account, method) != 'permitted':
                    continue
                if not requests.may_come(names, why, method, issuers):
                    yield (f'denial: {b" ".join(sorted(names)[:2]).decode()} {account.decode()} {method.decode()} for '
                           f'{"*." if wildcard else ""}{naive.show(host)} was denied ({why})')
                    break


def images(zone, owners):
    """Names that a DNAME leads to one of those."""
    found = set()
    for at, sets in zone.data.items():
        for target in sets.get('DNAME', ()):
            found |= {owner[:-len(target[0])] + at for owner in owners
                      if len(owner) > len(target[0]) and owner[-len(target[0]):] == target[0]}
    return found


def check_answers(before, after, change):
    """5: the answers for other names stay as they are."""
    removed = {owner for owner, _, type_, _ in map(naive.record, change.removed) if type_ in ('CAA', 'CNAME', 'TXT')}
    added = {naive.record(line)[0] for line in change.added}
    texts = {naive.record(line)[0] for line in change.added if naive.record(line)[2] == 'TXT'}
    types = {naive.record(line)[2] for line in change.removed + change.added}
    names = before.names | after.names
    if types == {'CAA'}:
        # Only names that come or go can matter.
        if before.names == after.names:
            return
    names |= {(b'none', *owner) for owner in names} | {(b'none', b'none', *owner) for owner in names}
    names |= images(before, removed | added)
    gone = vanished(before, after, change)
    for owner in names:
        below = {owner[i:] for i in range(len(owner))}
        for type_ in TYPES:
            old, new = before.answer(owner, type_), after.answer(owner, type_)
            if old == new:
                continue
            passed = [name for name in old[0] if name in removed | added and name[0][:1] == b'_']
            if passed and (new[1] or new[0] and new[0][-1] not in removed):
                continue  # An alias for the owner of a validation, which still leads somewhere.
            if not old[1] and (below | {last[i:] for last in old[0][-1:] for i in range(len(last))}) & gone:
                continue  # A wildcard answers for the name that is gone.
            if any(name not in before.names and name[i:] in added and name[i][:1] == b'_'
                   for name in (owner, *old[0]) for i in range(len(name))):
                continue  # Nobody asks below a validation, or below a name that leads there.
            validation = owner in removed | added and (owner[0][:1] == b'_' or types != {'CAA'} and owner in removed)
            if validation or type_ == 'TXT' and (owner in texts or texts & set(new[0])):
                continue
            if owner in removed | added and not old[1]:
                continue
            yield f'answer: {naive.show(owner)} {type_} was {old}, is {new}'


def check_ttl(zone, change):
    """The TTL of what stays at the name is kept, else that of what goes."""
    removed = [naive.record(line) for line in change.removed]
    for line in change.added:
        owner, ttl, type_, _ = naive.record(line)
        goes = {data for name, _, gone, data in removed if (name, gone) == (owner, type_)}
        stays = set(zone.data.get(owner, {}).get(type_, ())) - goes
        there = zone.ttl.get((owner, type_), {ttl})
        if change.what == '--fix' and not stays:
            # Of several rounds the last may replace a record of another type.
            there = there | {old for name, old, _, _ in removed if name == owner}
        if ttl not in there | (set() if stays else {old for _, old, gone, _ in removed if gone == type_}):
            yield f'TTL: {line}, where {there} is'


def check_change(requests, before, change):
    """The properties that need no command; the patched lines and complaints."""
    try:
        patched = change.apply(before.lines)
    except ValueError as error:
        return None, [f'text: {error}']
    after = naive.Zone(naive.show(before.origin), patched)
    return patched, [*check_denials(requests, before, after, change), *check_losses(requests, before, after, change),
                     *check_answers(before, after, change),
                     *check_ttl(before, change)]


def check_together(requests, before, changes):
    """Whoever follows all that is shown, one after the other, lifts nothing either."""
    removed = {naive.record(line): line for change in changes for line in change.removed}
    added = {naive.record(line): line for change in changes for line in change.added}
    lines = [line for line in before.lines if naive.record(line) not in removed]
    there = {naive.record(line) for line in lines}
    change = Change('together', list(removed.values()), [line for record, line in added.items() if record not in there])
    after = naive.Zone(naive.show(before.origin), lines + change.added)
    for problem in check_denials(requests, before, after, change):
        if '(unreadable)' not in problem:  # Of two records that nobody can read each has a change of its own.
            yield f'all that is shown: {problem}'


def check_case(command, case, least='notice'):
    """Checks a zone: (findings with a cure, the change of --fix, complaints)."""
    path, = command.write(case, [case.lines])
    document, = command.documents(case, [path])
    signed = document['dnssec']['signed']
    cured = [finding for finding in document['findings'] if finding['fix'] is not None]
    changes = [Change.of_finding(finding) for finding in cured]
    fixed = command.check(case, [path], '--fix', 'zonefile', '--fail-on', least)
    whole = Change.of_text(fixed.stdout)
    grave = [finding for finding in cured if is_curable(finding, least)]
    if not changes and not whole.added + whole.removed:
        return cured, whole, []
    zone = naive.Zone(case.origin, case.lines)
    requests = Requests(command, case, [zone, naive.Zone(case.origin, [line for change in changes + [whole]
                                                                       for line in change.added])])
    problems, texts = [], [case.lines]
    for change in changes + [whole]:
        patched, found = check_change(requests, zone, change)
        problems += [f'{change.what}: {problem}' for problem in found]
        texts.append(patched if patched is not None else case.lines)
    problems += check_together(requests, zone, changes)
    paths = command.write(case, texts)
    documents = command.documents(case, paths)
    complaints = command.complaints(case, paths[0])
    for number, change in enumerate(changes + [whole], 1):
        if texts[number] == case.lines:
            continue
        gone = zone.names - naive.Zone(case.origin, texts[number]).names
        found = [*check_loads(complaints, command.complaints(case, paths[number]))]
        if change is whole:
            found += check_findings(document, documents[number], [], signed, gone)
            left = [finding for finding in documents[number]['findings'] if is_curable(finding, least)]
            if bool(left) and not fixed.stderr:
                found.append(f'left: {left[0]["id"]} has a cure still, and nothing is said of it')
            found += check_rest(document, documents[number], fixed.stderr, least)
        else:
            found += check_findings(document, documents[number], [cured[number - 1]], signed, gone)
        problems += [f'{change.what}: {problem}' for problem in found]
    if grave and not whole.added + whole.removed:
        problems.append(f'--fix: nothing, though there are cures: {fixed.stderr}')
    return cured, whole, problems
