#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""Holds a command to cases.txt: the findings for a zone with each record, expected and not.

usage: run_persist.py COMMAND [ARGUMENT...]
"""

import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile

CASES = pathlib.Path(__file__).parent / 'cases.txt'
AT_LEAST = 60
OWNER = '_validation-persist.example.com.'
ADDRESS = '_ip-validation-persist.example.com.'
REFUSED = {'syntax', 'no-issuer', 'no-account', 'twice', 'no-uri', 'no-time'}
MALFORMED = REFUSED | {'slip', 'not-taken', 'lookalike', 'case', 'staging', 'foreign', 'none'}


def cases():
    day = None
    for number, line in enumerate(CASES.read_text().splitlines(), 1):
        if line.startswith('at '):
            day = line[3:]
        elif '\t' in line and not line.startswith('#'):
            words, text = line.split('\t', 1)
            yield number, day, set(words.split(',')), text


def findings(words, expected):
    """{id: severity} by the words of a case."""
    found = {}
    if words & MALFORMED:
        found['dcv-persist-malformed'] = 'error' if expected else 'warning'
    elif 'policy' in words:
        found['dcv-persist-malformed'] = 'notice'
    if words & REFUSED:
        return found
    if 'over' in words:
        found['dcv-persist-expired'] = 'error' if expected else 'warning'
    elif 'soon' in words:
        found['dcv-persist-expired'] = 'warning'
    return found


def check(command, scratch, case):
    """What a command gets wrong of a case."""
    number, day, words, text = case
    quoted = text.replace('\\', '\\\\').replace('"', '\\"')
    path = pathlib.Path(scratch, f'{number}.zone')
    wrong = []
    for owner in (OWNER, ADDRESS):
        # Where the strings are divided does not matter.
        half = len(text) // 2
        parts = f'"{quoted}"' if '"' in text else f'"{text[:half]}" "{text[half:]}"'
        path.write_text(f'@ 60 SOA ns.example.net. hm.example.net. 1 60 60 60 60\n{owner} 60 TXT {parts}\n')
        for options in ([], ['--validation', f'{owner} TXT "{quoted}"']):
            run = subprocess.run([*command, 'check', '--format', 'json', '--now', day, '-o', 'example.com', *options,
                                  str(path)], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                                 check=False)
            if run.returncode not in (0, 1) or run.stderr:
                return [f'exit {run.returncode}: {run.stderr.strip()}']
            said = json.loads(run.stdout)
            given = {f['id']: f['severity'] for f in said['findings'] if f['id'].startswith('dcv-')}
            if given != findings(words, options):
                wrong.append(f'{owner} {options}: {given}, expected {findings(words, options)}')
            if options and said['validations'][0]['state'] != 'present':
                wrong.append(f'{owner}: {said["validations"][0]["state"]}')
    return wrong


def main():
    command, todo, failed = sys.argv[1:], list(cases()), 0
    with tempfile.TemporaryDirectory(prefix='caaudit-') as scratch, \
         concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        for case, wrong in zip(todo, pool.map(lambda case: check(command, scratch, case), todo)):
            failed += bool(wrong)
            for line in wrong:
                print(f'{CASES.name}:{case[0]}: {case[3]}: {line}')
    print(f'{len(todo) - failed} passed, {failed} failed')
    return 1 if failed or len(todo) < AT_LEAST else 0


if __name__ == '__main__':
    sys.exit(main())
