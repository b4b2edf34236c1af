#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""Compares the command with a validator on signed zones, sound and with one defect each.

usage: verdicts.py [--all] [--server] [--only REGEX] [--keep DIRECTORY] COMMAND [TWIN...]

Each zone comes from one of three signers, with one of three algorithms and
three kinds of denial: nine combinations, or with --all 27. For every host the command's errors are compared with
what libunbound makes of the answers on the climb. Each TWIN is the command
with a bug on purpose, and must disagree somewhere. A table of the verdicts is
printed: how many questions are refused by both, of how many.
"""

import argparse
import collections
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import signers
import validator

ERRORS = {'dnssec-rrsig-missing', 'dnssec-rrsig-expired', 'dnssec-rrsig-invalid', 'dnssec-denial-missing',
          'dnssec-chain-broken'}
SKIP = 77


class Case:
    def __init__(self, signer, algorithm, denial, defect, records, anchor):
        self.combination = (signer, algorithm, denial)
        self.defect, self.records, self.anchor = defect, records, anchor
        self.expected = {}

    def __str__(self):
        return ' '.join(self.combination) + f': {self.defect}'


def sign_variants(tool, denial):
    """What signers.defects() takes."""
    zones = {times: tool.sign(signers.PLAIN, denial, times) for times in signers.TIMES}
    zones['extra'] = tool.sign(signers.PLAIN + 'www CAA 0 issue "sectigo.com"\n', denial)
    few = ''.join(line for line in signers.PLAIN.splitlines(True) if 'www' not in line)
    zones['few'] = tool.sign(few.replace('WWW', 'shop'), denial)
    return zones


def anchor_of(zones):
    """The entry key of a zone, as a record."""
    return str(next(r for r in zones['now'] if r.type == 'DNSKEY' and r.data[0] == '257'))


def make_cases(directory, everything):
    """Every combination, or nine in which each two of signer, algorithm and denial meet once."""
    cases = []
    for i, signer in enumerate(signers.SIGNERS):
        for j, algorithm in enumerate(signers.ALGORITHMS):
            tool = signers.CLASSES[signer](directory / f'{signer}-{algorithm}', algorithm)
            for k, denial in enumerate(signers.DENIALS):
                if not everything and (i + j + k) % 3 != 0:
                    continue
                zones = sign_variants(tool, denial)
                anchor = anchor_of(zones)
                for defect, records in signers.defects(zones):
                    cases.append(Case(signer, algorithm, denial, defect, records, anchor))
    for name, records, anchors in signers.rollovers(directory / 'rollover'):
        cases.append(Case('ldns', 'several', 'nsec', f'sound: {name}', records, '\n'.join(anchors)))
    for name, records, anchors in signers.offline(directory / 'offline'):
        cases.append(Case('knot', 'offline', 'nsec', name, records, '\n'.join(anchors)))
    return cases


def questions():
    """(label, options of the command, host, validation)"""
    for host in signers.HOSTS:
        yield host, ['--host', host], signers.absolute(host), None
    yield ('validation', ['--host', 'www', '--validation', signers.VALIDATION], signers.absolute('www'),
           signers.absolute(signers.VALIDATION))


class Knotd:
    """A server for one zone file after the other."""

    CONFIG = '''
server:
    rundir: {dir}
    listen: {address}
    udp-workers: 1
    tcp-workers: 1
    background-workers: 1
database:
    storage: {dir}
log:
  - target: {dir}/log
    any: error
zone:
  - domain: {zone}
    file: {dir}/served.zone
    zonefile-load: whole
    zonefile-sync: -1
    journal-content: none
'''

    def __init__(self, directory):
        self.dir = directory / 'server'
        self.dir.mkdir()
        # An address that nobody else takes: a port must be free for UDP and TCP.
        host = '127.' + '.'.join(str(random.randint(1, 254)) for _ in range(3))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((host, 0))
            self.address = f'{host}@{probe.getsockname()[1]}'
        self.file = self.dir / 'served.zone'
        (self.dir / 'knot.conf').write_text(self.CONFIG.format(dir=self.dir, address=self.address,
                                                               zone=signers.ZONE))
        self.process = None
        self.loaded = signers.NOW

    def control(self, *words):
        return subprocess.run(['knotc', '-t', '10', '-s', self.dir / 'knot.sock', *words],
                              capture_output=True, text=True, check=False).returncode == 0

    def serve(self, path):
        shutil.copyfile(path, self.file)
        # Files that follow each other within one tick of the file system look the same.
        self.loaded += 1
        os.utime(self.file, (self.loaded, self.loaded))
        if self.process is None:
            self.process = subprocess.Popen(['knotd', '-c', self.dir / 'knot.conf'],
                                            stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
            end = time.monotonic() + 20
            while not self.control('zone-status', signers.ZONE):
                if time.monotonic() > end or self.process.poll() is not None:
                    raise RuntimeError('knotd does not start')
                time.sleep(0.02)
        # Not with -f, which reloads the modules and does not wait.
        return self.control('-b', 'zone-reload', signers.ZONE)

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None


def expect(lib, case, server):
    if server is not None and not server.serve(case.path):
        raise RuntimeError(f'{case}: knotd does not load it')
    judge = validator.Validator(lib, signers.ZONE, case.path, case.anchor.split('\n'), '20261124120000',
                                server and server.address)
    apex = judge.look_up(signers.ZONE, 'DNSKEY') or judge.look_up(signers.ZONE, 'SOA')
    for label, _, host, validation in questions():
        why = apex or judge.climb(host, [signers.absolute(cut) for cut in signers.CUTS])
        if validation is not None and why is None:
            why = judge.look_up(validation, 'CNAME')
        case.expected[label] = why
    judge.close()
    # Knot 3.2.6 dies at the first denial where there is NSEC3PARAM, but no NSEC3.
    if server is not None and server.process.poll() is not None:
        server.process = None
        case.expected = None


def reports(command, options, cases, anchors):
    """What the command finds, a report a case in their order."""
    words = [command, 'check', '-o', signers.ZONE, '--no-wildcard', '--now', str(signers.NOW), '--format',
             'json', '-j', '2', *options]
    result = subprocess.run([*words, '--trust-anchor', str(anchors), *(str(case.path) for case in cases)],
                            capture_output=True, text=True, timeout=120, check=False)
    if result.returncode not in (0, 1) or result.stderr:
        raise RuntimeError(f'{command}: {result.returncode}: {result.stderr[-2000:]}')
    lines = result.stdout.splitlines()
    if len(lines) != len(cases):
        raise RuntimeError(f'{command}: {len(lines)} reports about {len(cases)} zones')
    return [json.loads(line) for line in lines]


def is_fair(case, label, server):
    """Unbound proves no empty non-terminal from a file where it opted out; a server does."""
    return server or (case.combination[0], case.combination[2]) != ('knot', 'optout') or \
        label not in ('cut', 'sub.cut')


def disagree(case, label, found, server):
    return bool(found[case, label]) != (case.expected[label] is not None) and is_fair(case, label, server)


def compare(command, cases, server, only_first=False):
    """Disagreements; and what was found, as {(case, question): ids}."""
    wrong, found = [], {}
    # An anchor is for a zone name: zones with one anchor go together.
    groups = collections.defaultdict(list)
    for case in cases:
        groups[case.anchor_path].append(case)
    for label, options, *_ in questions():
        for anchors, group in groups.items():
            for case, report in zip(group, reports(command, options, group, anchors)):
                ids = sorted({f['id'] for f in report['findings']
                              if f['severity'] == 'error' and f['id'] in ERRORS})
                found[case, label] = ids
                why = case.expected[label]
                if disagree(case, label, found, server):
                    wrong.append(f'{case}: {label}: the validator says {why or "fine"}, '
                                 f'the command {", ".join(ids) or "nothing"}')
                    if only_first:
                        return wrong, found
                for gap in report['not_checked']:
                    if 'signatures' in gap['what']:
                        wrong.append(f'{case}: {label}: not checked: {gap}')
    return wrong, found


SHORT = {'RSASHA256': 'RSA', 'ECDSAP256SHA256': 'P-256', 'ED25519': '25519', 'several': 'mixed', 'optout': 'opt-out'}


def print_table(cases, found, server):
    """A row a defect, a column a combination: how many questions both refuse; '!' where they disagree."""
    labels = [label for label, *_ in questions()]
    combinations = sorted({case.combination for case in cases})
    rows = collections.defaultdict(dict)
    for case in cases:
        # The same defect has the type of the denial in its name.
        rows[re.sub(r'NSEC3?\b', 'NSEC(3)', case.defect)][case.combination] = case
    width = max(map(len, rows))
    for i, head in enumerate(('signer', 'algorithm', 'denial')):
        print(f'{head:{width}}' + ''.join(f'{SHORT.get(c[i], c[i]):>8}' for c in combinations))
    for name, row in rows.items():
        cells = []
        for combination in combinations:
            case = row.get(combination)
            refused = '' if case is None else sum(bool(found[case, label]) for label in labels)
            wrong = case is not None and any(disagree(case, label, found, server) for label in labels)
            cells.append(f'{refused}{"!" if wrong else ""}'.rjust(8))
        print(f'{name:{width}}' + ''.join(cells))
    print(f'Numbers: of {len(labels)} questions so many are refused by the validator and by the command alike; '
          f'!: they disagree.')


def main():
    parser = argparse.ArgumentParser(description='Compares the command with a validator.')
    parser.add_argument('--all', action='store_true', help='all combinations')
    parser.add_argument('--server', action='store_true', help='the answers come from knotd')
    parser.add_argument('--only', default='', help='regular expression for the cases')
    parser.add_argument('--keep', help='directory for the zones')
    parser.add_argument('command')
    parser.add_argument('twin', nargs='*')
    options = parser.parse_args()
    lib = validator.library()
    missing = signers.missing_tools() + ([] if lib else ['libunbound'])
    if missing:
        print('not installed: ' + ' '.join(missing))
        return SKIP

    with tempfile.TemporaryDirectory(prefix='caaudit-') as temporary:
        directory = pathlib.Path(options.keep or temporary)
        cases = [case for case in make_cases(directory, options.all)
                 if re.search(options.only, str(case))]
        for number, case in enumerate(cases):
            case.path = directory / f'{number}.zone'
            case.path.write_text(''.join(f'{record}\n' for record in case.records))
            name = hashlib.sha256(case.anchor.encode()).hexdigest()
            case.anchor_path = directory / f'{name}.anchor'
            case.anchor_path.write_text(case.anchor + '\n')
        server = Knotd(directory) if options.server else None
        try:
            for case in cases:
                expect(lib, case, server)
        finally:
            if server is not None:
                server.stop()
        unserved = [case for case in cases if case.expected is None]
        cases = [case for case in cases if case.expected is not None]
        for case in unserved:
            print(f'{case}: knotd dies of it')
        wrong, found = compare(options.command, cases, options.server)
        print_table(cases, found, options.server)
        print(f'{len(cases)} zones, {len(found)} questions, {len(wrong)} disagreements')
        for line in wrong[:40]:
            print('  ' + line)
        asleep = []
        for twin in options.twin:
            noticed, _ = compare(twin, cases, options.server, only_first=True)
            print(f'{pathlib.Path(twin).name}: {noticed[0] if noticed else "NOT CAUGHT"}')
            asleep += [] if noticed else [twin]
    return 1 if wrong or asleep or not found else 0


if __name__ == '__main__':
    sys.exit(main())
