#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""Holds a command to cases.txt: the findings and the verdict for a zone with each value.

usage: run_parameters.py COMMAND [ARGUMENT...]
"""

import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile

CASES = pathlib.Path(__file__).parent / 'cases.txt'
AT_LEAST = 150

# What a fault is reported as. Of an account or a list that stands twice nothing else is said.
UNSATISFIABLE = {'account-no-uri', 'account-staging', 'account-foreign', 'account-runs-on', 'account-none', 'methods-empty',
                 'methods-malformed', 'methods-none', 'method-unknown'}
DENIED = {'never', 'account-twice', 'account-no-uri', 'account-staging', 'account-foreign', 'account-runs-on', 'account-none',
          'methods-twice', 'methods-empty',
          'methods-malformed'}
IDS = {'caa-parameter-unknown', 'caa-parameter-unsatisfiable', 'caa-parameter-duplicate', 'caa-method-case'}


class Case:
    """A value with its faults, and with methods that it admits or does not."""

    def __init__(self, number, day, words, value):
        self.number, self.day, self.value = number, day, value
        words = [word for word in words.split(',') if word != '-']
        self.methods = {word[1:]: word[0] == '+' for word in words if word[0] in '+!'}
        self.faults = {word.partition('=')[0] for word in words if word[0] not in '+!'}
        self.meant = {word.partition('=')[0] for word in words if '=' in word}

    @property
    def issuer(self):
        return self.value.partition(';')[0].strip()

    def findings(self):
        """{id: severity, or None if that is not told by the faults}"""
        faults, found = self.faults, {}
        if 'unknown' in faults:
            refused = 'hyphen' in faults and self.issuer == 'letsencrypt.org'
            found['caa-parameter-unknown'] = 'warning' if refused or 'unknown' in self.meant else 'notice'
        if faults & {'duplicate', 'account-twice', 'methods-twice'}:
            found['caa-parameter-duplicate'] = 'warning'
        if faults & {'tag-case', 'method-case'}:
            found['caa-method-case'] = 'warning' if self.issuer == 'letsencrypt.org' else 'notice'
        bad = faults & UNSATISFIABLE
        bad -= {fault for fault in bad if fault.startswith('account') and 'account-twice' in faults}
        bad -= {fault for fault in bad if fault.startswith('method') and 'methods-twice' in faults}
        if bad:
            found['caa-parameter-unsatisfiable'] = None if bad == {'method-unknown'} else 'warning'
        return found


def cases():
    day, found = None, []
    for number, line in enumerate(CASES.read_text().splitlines(), 1):
        if line.startswith('at '):
            day = line[3:]
        elif '\t' in line and not line.startswith('#'):
            found.append(Case(number, day, *line.split('\t')))
    return found


def ask(command, case, path, *words):
    """The JSON of a check."""
    run = subprocess.run([*command, 'check', '--format', 'json', '--now', case.day, '-o', 'example.com',
                          '--no-wildcard', *(['--ca', case.issuer] if case.issuer else []), *words, path],
                         stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)
    if run.returncode not in (0, 1) or run.stderr:
        raise ValueError(f'exit {run.returncode}: {run.stderr.strip()}')
    return json.loads(run.stdout)


def check(command, case, path):
    """What a command gets wrong of a case."""
    value = case.value.replace('\\', '\\\\').replace('"', '\\"')
    path.write_text(f'@ 60 SOA ns.example.net. hm.example.net. 1 60 60 60 60\n@ 60 CAA 0 issue "{value}"\n')
    said = ask(command, case, str(path))
    given = {finding['id']: finding['severity'] for finding in said['findings']}
    expected, wrong = case.findings(), []
    if set(expected) != IDS & set(given):
        wrong.append(f'found {sorted(IDS & set(given))}, expected {sorted(expected)}')
    wrong += [f'{id} is a {given[id]}, expected a {severity}' for id, severity in expected.items()
              if severity is not None and given.get(id, severity) != severity]
    if ('method-ended' in case.faults and 'methods-none' not in case.faults) and 'caa-method-sunset' not in given:
        wrong.append('caa-method-sunset is not there')
    permitted = said['hosts'][0]['permitted']
    if case.issuer and permitted != (not case.faults & DENIED):
        wrong.append(f'permitted: {permitted}')
    for method, admitted in case.methods.items():
        permitted = ask(command, case, str(path), '--validation-method', method)['hosts'][0]['permitted']
        if permitted != (admitted and not case.faults & DENIED):
            wrong.append(f'permitted with {method}: {permitted}')
    return wrong


def main():
    command, todo, failed = sys.argv[1:], cases(), 0
    with tempfile.TemporaryDirectory(prefix='caaudit-') as scratch, \
         concurrent.futures.ThreadPoolExecutor(max_workers=2) as pool:
        def one(case):
            try:
                return case, check(command, case, pathlib.Path(scratch, f'{case.number}.zone'))
            except (ValueError, KeyError, IndexError, subprocess.TimeoutExpired) as error:
                return case, [repr(error)]

        for case, wrong in pool.map(one, todo):
            failed += bool(wrong)
            for line in wrong:
                print(f'{CASES.name}:{case.number}: {case.value}: {line}')
    print(f'{len(todo) - failed} passed, {failed} failed')
    return 1 if failed or len(todo) < AT_LEAST else 0


if __name__ == '__main__':
    sys.exit(main())
