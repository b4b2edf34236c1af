#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""Runs the command on every golden zone and compares the findings.

usage: golden.py [--update] [NAME...]

zones/NAME.zone begins with comments that say how it is checked:

    ; origin: example.com.
    ; caaudit: --ca sectigo.com --host www
    ; expected: _acme-challenge.www TXT "token"

The last are lines of a file of validation records. zones/NAME.expect holds the findings, one a line and sorted: "ID OWNER" or
"ID OWNER CA". A zone is named after the finding that it shows; NAME.clean.zone
is a near miss of NAME and does not show it. --update writes what the command
says now into the .expect files; a person then reads the difference.

The command is taken from CAAUDIT, or from the PATH.
"""

import argparse
import difflib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ZONES = pathlib.Path(__file__).parent / 'zones'


def comments(path):
    """The "; key: value" comments at the beginning of a zone file; those of one key are lines."""
    found = {}
    for line in path.read_text(errors='replace').splitlines():
        match = re.match(r';\s*(origin|caaudit|expected):\s*(.*?)\s*$', line)
        if match:
            before = found.get(match.group(1))
            found[match.group(1)] = match.group(2) if before is None else f'{before}\n{match.group(2)}'
        elif line.strip() and not line.startswith(';'):
            break
    return found


def findings(path, command):
    """Findings of the command for a zone file, as lines of an .expect file."""
    said = comments(path)
    if 'origin' not in said:
        raise ValueError('no "; origin: NAME" comment')
    result = subprocess.run([*command, 'check', '--format', 'json', '--origin', said['origin'],
                             *shlex.split(said.get('caaudit', '')),
                             *(['--validation-file', '-'] if 'expected' in said else []), str(path)],
                            input=said.get('expected', '') + '\n', capture_output=True, text=True, timeout=60)
    if result.returncode not in (0, 1):
        raise ValueError(f'exit {result.returncode}: {result.stderr.strip()}')
    if result.stderr:
        raise ValueError(f'standard error: {result.stderr.strip()}')
    report = json.loads(result.stdout)
    # sorted() of a list: the same finding twice is two lines.
    return sorted(' '.join(filter(None, (finding['id'], finding['owner'], finding.get('ca'))))
                  for finding in report['findings'])


def check(path, command, update=False):
    """Compares one zone with its expectation; returns complaints."""
    expect = path.with_suffix('.expect')
    name = path.stem
    try:
        found = findings(path, command)
    except (ValueError, KeyError, OSError, subprocess.TimeoutExpired) as error:
        return [f'{type(error).__name__}: {error}']
    if update:
        expect.write_text(''.join(line + '\n' for line in found))
    if not expect.exists():
        return [f'no {expect.name}']
    expected = expect.read_text().splitlines()
    problems = []
    if found != expected:
        problems += difflib.unified_diff(expected, found, expect.name, 'found', lineterm='')
    ids = {line.split()[0] for line in expected}
    subject, clean, _ = name.partition('.clean')
    if clean and subject in ids:
        problems.append(f'{expect.name}: a near miss that shows {subject}')
    if not clean and name not in ids:
        problems.append(f'{expect.name}: does not show {name}')
    return problems


def main(arguments=None):
    parser = argparse.ArgumentParser(description='Runs the command on the golden zones.')
    parser.add_argument('--update', action='store_true', help='write the .expect files')
    parser.add_argument('--zones', type=pathlib.Path, default=ZONES, help='directory of the zones')
    parser.add_argument('name', nargs='*', help='zones to run, without ".zone"')
    options = parser.parse_args(arguments)
    command = shlex.split(os.environ.get('CAAUDIT', 'caaudit'))

    paths = [options.zones / f'{name}.zone' for name in options.name] or sorted(options.zones.glob('*.zone'))
    if not paths:
        print(f'{options.zones}: no zones')
        return 1
    orphans = [path for path in sorted(options.zones.glob('*.expect'))
               if not options.name and not path.with_suffix('.zone').exists()]
    failed = 0
    for path in paths:
        problems = check(path, command, options.update)
        failed += bool(problems)
        print(f'{"FAIL" if problems else "ok"} {path.stem}')
        for problem in problems:
            print(f'    {problem}')
    for path in orphans:
        print(f'FAIL {path.name}: no such zone')
    print(f'{len(paths) - failed} of {len(paths)} zones as expected')
    return 1 if failed or orphans else 0


if __name__ == '__main__':
    sys.exit(main())
