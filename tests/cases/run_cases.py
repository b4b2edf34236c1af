#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""Asks a command every case and compares the verdicts of its JSON answer.

usage: run_cases.py [--at-least N] COMMAND [ARGUMENT...]
"""

import argparse
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile

import cases


def ask(command, case, path):
    """Returns the differences between the expected and the given answer."""
    try:
        # "caaudit check" leaves with 1 when it has findings.
        run = subprocess.run(command + ['check', '--format', 'json'] + case.options() + [path],
                             stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    except subprocess.TimeoutExpired:
        return ['no answer within a minute']
    if run.returncode not in (0, 1):
        return [f'exit code {run.returncode}: {run.stderr.decode(errors="replace").strip()}']
    try:
        answer = json.loads(run.stdout)
        hosts = answer['hosts']
        given = {}
        wrong = []
        for entry in hosts:
            # A deprecated name of a known CA may be shown by its present one.
            ca = entry['ca'] if len(case.cas) > 1 else case.cas[0]
            if entry['host'] != case.fqdn:
                wrong.append(f'a verdict for {entry["host"]}, which nobody asked about')
                continue
            if (entry['wildcard'], ca) in given:
                wrong.append(f'two verdicts for {entry["host"]} and {ca}')
            given[entry['wildcard'], ca] = (entry['permitted'], entry['decided_by'])
    except (ValueError, KeyError, TypeError) as error:
        return [f'not the JSON that was promised: {error!r}']
    for wildcard, ca in sorted(set(case.expected) | set(given)):
        name = ('*.' if wildcard else '') + case.fqdn
        want = case.expected.get((wildcard, ca), 'no verdict')
        got = given.get((wildcard, ca), 'no verdict')
        # 0 == False, so the types count as well.
        if want != got or type(want[0]) is not type(got[0]):
            wrong.append(f'{name} for {ca}: expected {show(want)}, got {show(got)}')
    return wrong


def show(verdict):
    """Writes a verdict as JSON would."""
    if isinstance(verdict, str):
        return verdict
    return f'{json.dumps(verdict[0])} by {verdict[1] or "nobody"}'


def main():
    """Runs all cases."""
    parser = argparse.ArgumentParser()
    parser.add_argument('--at-least', type=int, default=1, metavar='N',
                        help='fail when there are fewer cases')
    parser.add_argument('--only', action='append', metavar='NAME', help='run this case only')
    parser.add_argument('command', nargs='+')
    args = parser.parse_args()

    todo = [case for case in cases.load() if not args.only or case.name in args.only]
    failed = 0
    with tempfile.TemporaryDirectory() as scratch, \
         concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        def one(item):
            number, case = item
            path = pathlib.Path(scratch, f'{number}.zone')
            path.write_text(case.zone, encoding='ascii')
            return case, ask(args.command, case, str(path))

        for case, wrong in pool.map(one, enumerate(todo)):
            if not wrong:
                continue
            failed += 1
            print(f'{case.where}: case {case.name} ({case.section})')
            for line in wrong:
                print(f'    {line}')
            for line in case.zone.splitlines():
                print(f'    | {line}')
    print(f'{len(todo) - failed} passed, {failed} failed')
    if len(todo) < args.at_least:
        print(f'at least {args.at_least} cases were expected')
        return 1
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
