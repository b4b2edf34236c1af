#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""Checks every cure that the command prints for random zones; README.md says what must hold.

usage: cures.py [--seed SEED] [--first N] [--zones N] [--signed N] [--jobs N] COMMAND

A zone that fails is printed with its options; --seed SEED --first N --zones 1
makes it again. With --signed every N-th zone is signed by ldns-signzone.
"""

import argparse
import collections
import concurrent.futures
import shlex
import sys
import tempfile
import time
import traceback

import properties
import signing
import zones

BLOCK = 50
tool = None


def prepare(caaudit, directory):
    """Gives a process a directory of its own."""
    global tool
    tool = properties.Command(caaudit, tempfile.mkdtemp(dir=directory))


def check(seed, number, signed):
    """(ids with a cure, complaints, the case) of a zone."""
    case = zones.Maker(f'{seed}/{number}').make(tool.known, number % 10 == 5)
    case.signed = bool(signed) and number % signed == 0 and signing.sign(tool, case)
    try:
        cured, whole, problems = properties.check_case(tool, case, case.least)
        if case.signed:
            problems += signing.check_renewed(tool, case, whole)
    except Exception:  # One that is not caught here would be told after the last zone.
        cured, problems = [], [traceback.format_exc()]
    return [finding['id'] for finding in cured], problems, case


def check_block(seed, first, count, signed):
    return [(number, *check(seed, number, signed)) for number in range(first, first + count)]


def describe(seed, number, case, problems):
    lines = [f'zone {number} of seed {seed}: ' + '\n    '.join(problems[:8])]
    lines += [f'    caaudit check -o {case.origin} {shlex.join(case.options)}']
    lines += [f'    expected: {line}' for line in case.expected]
    lines += [f'    | {line}' for line in case.lines if not case.signed or ' RRSIG ' not in line]
    return '\n'.join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--seed', default='1')
    parser.add_argument('--first', type=int, default=0)
    parser.add_argument('--zones', type=int, default=100)
    parser.add_argument('--signed', type=int, default=0)
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('command')
    opts = parser.parse_args()

    begun, ids, failed, done, signed = time.monotonic(), collections.Counter(), 0, 0, 0
    blocks = [(first, min(BLOCK, opts.first + opts.zones - first))
              for first in range(opts.first, opts.first + opts.zones, BLOCK)]
    with tempfile.TemporaryDirectory(prefix='caaudit-cures-') as directory, \
            concurrent.futures.ProcessPoolExecutor(opts.jobs, initializer=prepare,
                                                   initargs=(opts.command, directory)) as pool:
        work = [pool.submit(check_block, opts.seed, *block, opts.signed) for block in blocks]
        for future in concurrent.futures.as_completed(work):
            for number, cured, problems, case in future.result():
                done += 1
                signed += case.signed
                ids.update(cured)
                if problems:
                    failed += 1
                    print(describe(opts.seed, number, case, problems), flush=True)
            if done % 1000 == 0:
                print(f'{done} zones, {sum(ids.values())} cures, {failed} zones fail, '
                      f'{time.monotonic() - begun:.0f} s', file=sys.stderr, flush=True)
    print(f'seed {opts.seed}: {done} zones from {opts.first}, {signed} signed, {sum(ids.values())} cures of '
          f'{len(ids)} findings, {failed} zones fail')
    for id_, count in sorted(ids.items()):
        print(f'    {count:7} {id_}')
    return 1 if failed or not ids else 0


if __name__ == '__main__':
    sys.exit(main())
