#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""Prints which zone checker reports what: the same signed zones, one defect each.

usage: matrix.py COMMAND

Beside the command stand kzonecheck (with DNSSEC checks on), ldns-verify-zone
and dnssec-verify, and what a validator makes of the answers that a CA asks for.
"yes" is an exit status of failure. Nothing is asserted; the tools look for
different things.
"""

import pathlib
import shutil
import subprocess
import sys
import tempfile

import signers
import verdicts
import validator

SIGNER, ALGORITHM = 'ldns', 'ECDSAP256SHA256'


def tools(command, path):
    """(heading, command line) of each checker."""
    yield 'caaudit', [command, 'check', '-q', '--no-wildcard', '-o', signers.ZONE, '--now', str(signers.NOW),
                      *(word for host in signers.HOSTS for word in ('--host', host)),
                      '--validation', signers.VALIDATION, path]
    yield 'kzonecheck', ['kzonecheck', '-d', 'on', '-t', str(signers.NOW), '-o', signers.ZONE, path]
    yield 'ldns-verify', ['ldns-verify-zone', '-t', '20261124120000', path]
    # It knows no other time than the present.
    yield 'dnssec-verify', ['dnssec-verify', '-q', '-o', signers.ZONE, path]


def main():
    if len(sys.argv) != 2 or sys.argv[1].startswith('-'):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    command = sys.argv[1]
    lib = validator.library()
    missing = signers.missing_tools() + ([] if lib else ['libunbound'])
    missing += [tool for tool in ('kzonecheck', 'ldns-verify-zone', 'dnssec-verify') if shutil.which(tool) is None]
    if missing:
        print('not installed: ' + ' '.join(missing))
        return verdicts.SKIP

    with tempfile.TemporaryDirectory(prefix='caaudit-') as temporary:
        directory = pathlib.Path(temporary)
        tool = signers.CLASSES[SIGNER](directory / SIGNER, ALGORITHM)
        heads = ['validator', *(head for head, _ in tools(command, ''))]
        print(f'{"zone":44}' + ' '.join(f'{head:13}' for head in heads))
        for denial in ('nsec', 'nsec3'):
            zones = verdicts.sign_variants(tool, denial)
            anchor = verdicts.anchor_of(zones)
            path = directory / 'case.zone'
            for defect, records in signers.defects(zones):
                case = verdicts.Case(SIGNER, ALGORITHM, denial, defect, records, anchor)
                case.path = path
                path.write_text(''.join(f'{record}\n' for record in records))
                verdicts.expect(lib, case, None)
                row = ['yes' if any(case.expected.values()) else '-']
                for _, words in tools(command, str(path)):
                    result = subprocess.run(words, capture_output=True, timeout=60, check=False)
                    row.append('yes' if result.returncode != 0 else '-')
                print(f'{denial + " " + defect:44.43}' + ' '.join(f'{word:13}' for word in row))
    return 0


if __name__ == '__main__':
    sys.exit(main())
