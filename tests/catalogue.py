#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""Compares the tables of findings in the documentation with findings.def.

usage: catalogue.py [--update] [FILE...]

A table stands between two comment lines, "findings: generated ..." and
"/findings". Exit status 1 if one is not current; --update writes it.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEF = ROOT / 'include/caaudit/findings.def'
DOCUMENTS = [ROOT / 'docs/findings.md', ROOT / 'module/knotd/caaudit.rst']


def catalogue(text):
    """(id, severity, citation, summary) of each line of the catalogue."""
    string = r'\s*((?:"(?:[^"\\]|\\.)*"\s*)+)'
    pattern = re.compile(r'^CAAUDIT_FINDING\((\w+),\s*"([^"]+)",\s*(\w+),' + ','.join([string] * 4)
                         + r'\)', re.M)
    rows = []
    for match in pattern.finditer(text):
        parts = [''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', part)).replace('\\"', '"')
                 for part in match.groups()[3:]]
        rows.append((match.group(2), match.group(3).lower(), parts[0], parts[1]))
    return rows


def markdown(rows):
    lines = ['| id | severity | what | from |', '|---|---|---|---|']
    lines += [f'| `{id}` | {severity} | {what} | {cite} |' for id, severity, cite, what in rows]
    return lines


def rst(rows):
    lines = ['', '.. list-table::', '   :header-rows: 1', '   :widths: 28 10 62', '',
             '   * - Id', '     - Severity', '     - What, and from where']
    for id, severity, cite, what in rows:
        lines += [f'   * - ``{id}``', f'     - {severity}', f'     - {what} ({cite})']
    return lines + ['']


def renewed(path, rows):
    """The text of a document with its table made anew."""
    table = markdown(rows) if path.suffix == '.md' else rst(rows)
    out, inside, found = [], False, False
    for line in path.read_text().splitlines():
        if '/findings' in line and inside:
            inside = False
            out += table
        if not inside:
            out.append(line)
        if 'findings: generated' in line:
            inside = found = True
    if inside or not found:
        raise ValueError(f'{path.name}: no table between "findings: generated" and "/findings"')
    return '\n'.join(out) + '\n'


def main(arguments):
    update = '--update' in arguments
    paths = [pathlib.Path(name) for name in arguments if name != '--update'] or DOCUMENTS
    rows = catalogue(DEF.read_text())
    stale = 0
    for path in paths:
        text = renewed(path, rows)
        if text == path.read_text():
            continue
        if update:
            path.write_text(text)
        else:
            print(f'{path.name}: the table of findings is not current, run tests/catalogue.py --update')
            stale += 1
    return 1 if stale or not rows else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
