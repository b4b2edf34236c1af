# SPDX-License-Identifier: GPL-2.0-or-later

"""Signed zones: a real signature over each set, and the renewal after a cure."""

import naive
import properties

DAY = 86400
SIGNATURES = ('RRSIG', 'NSEC', 'NSEC3', 'NSEC3PARAM')


def keys(tool, origin):
    """Makes a key for a zone name once; its file without the suffix."""
    made = tool.__dict__.setdefault('keys', {})
    if origin not in made:
        result = tool.run('ldns-keygen', '-a', 'ECDSAP256SHA256', '-k', origin)
        made[origin] = result.stdout.strip() if result.returncode == 0 else None
    return made[origin]


def signed_lines(tool, case, lines):
    """The lines of the zone as the signer writes them; None if it does not take the zone."""
    key = keys(tool, case.origin)
    (tool.dir / 'plain').write_text(''.join(line + '\n' for line in lines))
    denial = ['-n'] if case.denial == 'nsec3' else []
    result = tool.run('ldns-signzone', *denial, '-i', str(properties.NOW - 5 * DAY), '-e',
                      str(properties.NOW + 25 * DAY), '-o', case.origin, '-f', 'signed', 'plain', key)
    if result.returncode != 0:
        return None
    return [line for line in (tool.dir / 'signed').read_text().splitlines() if line and not line.startswith(';')]


def sign(tool, case):
    """Signs a case in place; false if the signer does not take it."""
    lines = signed_lines(tool, case, case.lines)
    if lines is None:
        return False
    try:
        before, after = (naive.Zone(case.origin, some).data for some in (case.lines, lines))
    except (IndexError, ValueError):
        return False  # What the signer has written cannot be read again.
    if any(after.get(owner, {}).get(type_) != data for owner, sets in before.items() for type_, data in sets.items()
           if type_ != 'DNSKEY'):
        return False
    case.lines = lines
    return True


def check_renewed(tool, case, whole):
    """When the signer has renewed the signatures, nothing grave has come after the whole change."""
    if not whole.added + whole.removed:
        return []
    try:
        patched = whole.apply(case.lines)
    except ValueError:
        return []  # Said already.
    bare = [line for line in patched if naive.record(line)[2] not in (*SIGNATURES, 'DNSKEY')]
    lines = signed_lines(tool, case, bare)
    if lines is None:
        return ['signer: it does not take the zone with the cure']
    before, after = tool.documents(case, tool.write(case, [case.lines, lines]))
    gone = naive.Zone(case.origin, case.lines).names - naive.Zone(case.origin, lines).names
    return [f'renewed: {problem}' for problem in properties.check_findings(before, after, [], False, gone)]
