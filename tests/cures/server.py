#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""Applies cures to a real knotd by knotc and by knsupdate; the zone is then what the text is.

usage: server.py [--seed SEED] [--first N] [--zones N] COMMAND

Each zone is served once for each dialect and change: the whole --fix as the
command prints it, and the remedy of each finding.
"""

import argparse
import pathlib
import shlex
import sys
import tempfile

import naive
import properties
import zones

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / 'cli'))
import knotd  # noqa: E402

AT_ONCE = 300
FORMS = ('knotc', 'nsupdate')


class Instance:
    """One zone of a server, a change, and the lines that it must have then."""

    def __init__(self, number, case, change, form, script):
        self.number, self.case, self.change, self.form, self.script = number, case, change, form, script
        self.wanted = change.apply(case.lines)

    def __str__(self):
        return f'zone {self.number} ({self.form}): {self.change.what}'


def fields(line):
    owner, ttl, type_, data = line.split(' ', 3)
    # The server holds targets in lower case, and finds no others.
    return owner, ttl, type_, data.lower() if type_ == 'CNAME' else data


def script_of(form, zone, change):
    """A single remedy, as the printed lines are written in a dialect."""
    lines = [(False, *fields(line)) for line in change.removed] + [(True, *fields(line)) for line in change.added]
    if form == 'knotc':
        return '\n'.join([f'zone-begin {zone}', *(
            f'zone-{"set" if add else "unset"} {zone} {shlex.quote(owner)} {ttl + " " if add else ""}{type_} '
            f'{shlex.quote(data)}' for add, owner, ttl, type_, data in lines), f'zone-commit {zone}', ''])
    return '\n'.join([f'zone {zone}', *(
        f'update {"add" if add else "delete"} {owner} {ttl + " " if add else ""}{type_} {data}'
        for add, owner, ttl, type_, data in lines), 'send', ''])


def is_shown(lines):
    """Does zone-read show all of a zone? It breaks off at CAA that is cut."""
    wires = tuple(record[3] for record in map(naive.record, lines) if record is not None and record[2] == 'CAA')
    return naive.properties(wires) is not None


def instances(tool, seed, number):
    """Those of one random zone, if a server loads it."""
    made, which, count = [], 0, 1
    while which < count:
        for form in FORMS:
            case = zones.Maker(f'{seed}/{number}', f'z{number}-{which}-{form}.test.').make(tool.known)
            path, = tool.write(case, [case.lines])
            if which == 0 and form == FORMS[0] and tool.complaints(case, path):
                return []
            document, = tool.documents(case, [path])
            changes = [properties.Change.of_finding(finding) for finding in document['findings']
                       if finding['fix'] is not None]
            count = 1 + len(changes)
            if which == 0:
                text, script = (tool.check(case, [path], '--fix', kind, '--fail-on', case.least).stdout
                                for kind in ('zonefile', form))
                change = properties.Change.of_text(text)
            elif which <= len(changes):
                change = changes[which - 1]
                script = script_of(form, case.origin, change)
            else:
                raise AssertionError(f'zone {number}: another number of cures under another name')
            if (change.added or change.removed) and is_shown(change.apply(case.lines)):
                made.append(Instance(number, case, change, form, script))
        which += 1
    return made


def records(origin, lines):
    """What a zone has, but for its SOA."""
    own = naive.name(origin)
    found = (naive.record(line, own) for line in lines)
    return {record for record in found if record is not None and record[2] != 'SOA' and record[0][-len(own):] == own}


def apply(block):
    """Complaints of a server with these zones."""
    server = knotd.Server({instance.case.origin: '\n'.join(instance.case.lines) + '\n' for instance in block})
    try:
        said = server.knotc(''.join(instance.script for instance in block if instance.form == 'knotc'))
        said += server.nsupdate(''.join(instance.script for instance in block if instance.form == 'nsupdate'))
        read = server.knotc(''.join(f'zone-read {instance.case.origin}\n' for instance in block))
    finally:
        server.close()
    there = {}
    for line in read.splitlines():
        if line.startswith('['):
            zone, rest = line.split('] ', 1)
            there.setdefault(zone[1:], []).append(rest)
    for instance in block:
        lost = records(instance.case.origin, instance.wanted)
        has = records(instance.case.origin, there.get(instance.case.origin, []))
        if lost != has:
            yield (f'{instance}: missing {sorted(map(str, lost - has))}, too many {sorted(map(str, has - lost))}\n'
                   f'{instance.script}{said[-500:]}')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--seed', default='1')
    parser.add_argument('--first', type=int, default=0)
    parser.add_argument('--zones', type=int, default=20)
    parser.add_argument('command')
    opts = parser.parse_args()
    if None in knotd.TOOLS.values():
        print(f'no {[name for name, path in knotd.TOOLS.items() if path is None]}')
        return 77
    knotd.LIMIT = 600

    failed, done, number, loaded = 0, 0, opts.first, 0
    with tempfile.TemporaryDirectory(prefix='caaudit-cures-') as directory:
        tool = properties.Command(opts.command, directory)
        waiting = []
        while loaded < opts.zones:
            made = instances(tool, opts.seed, number)
            waiting += made
            loaded += bool(made)
            number += 1
            if len(waiting) >= AT_ONCE or loaded == opts.zones:
                for problem in apply(waiting):
                    failed += 1
                    print(problem, flush=True)
                done += len(waiting)
                waiting = []
    print(f'seed {opts.seed}: {loaded} zones, {done} changes by {" and ".join(FORMS)}, {failed} fail')
    return 1 if failed or done == 0 else 0


if __name__ == '__main__':
    sys.exit(main())
