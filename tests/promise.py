#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""Compares what is promised to users, docs/promise.json, with the sources.

usage: promise.py [--update]

The file says of each option, finding, log line, counter, metric, JSON member and exit code with
which version it came. Exit status 1 if something promised is gone from the sources, or something in
the sources is not promised. --update adds what is new, with the version in meson.build; it never
removes: what is gone is put back, or waits for the next major version.
"""

import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROMISE = 'docs/promise.json'
STRING = r'"(?:[^"\\]|\\.)*"'


class Failed(Exception):
    """What keeps the sources from being read."""


def read(root, name):
    return re.sub(r'/\*.*?\*/', ' ', (root / name).read_text(), flags=re.DOTALL)


def text(literals):
    """Adjacent string literals as one; a conversion that a macro names is one too."""
    return ''.join(part[1:-1] if part[0] == '"' else '' for part in re.findall(rf'{STRING}|PRI\w+', literals))


def one(pattern, source, what):
    match = re.search(pattern, source, re.DOTALL)
    if match is None:
        raise Failed(f'no {what}')
    return match[1]


def words_of(source, name):
    """Words of an array of strings, or of a look-up table."""
    return re.findall(r'"([^"]+)"', one(rf'\b{name}\[[^]]*\] = \{{(.*?)\}};', source, name))


def option(root):
    """Options of the module, and the words that they take."""
    names = dict(re.findall(r'#define (MOD_\w+)\s+"\\\d\d\d([a-z-]+)"', read(root, 'module/knotd/options.h')))
    source = read(root, 'module/knotd/caaudit.c') + read(root, 'module/knotd/options.c')
    schema = one(r'caaudit_conf\[\] = \{(.*?)\n\};', source, 'schema')
    for macro, row in re.findall(r'\{ (MOD_\w+), (.*)', schema):
        yield names[macro]
        table = re.search(r'YP_VOPT = \{ (\w+)', row)
        for word in words_of(source, table[1]) if table else ():
            yield f'{names[macro]} {word}'


def command(root):
    """Options of the command by subcommand, whether they take an argument, and the words that they take."""
    source = read(root, 'module/cli/options.c')
    groups = {name: set(re.findall(r'CMD_\w+', row))
              for name, row in re.findall(r'#define (CMD_\w+)\s+\(([^)]*)\)', source)}
    table = one(r'option_table\[\] = \{(.*?)\n\};', source, 'table of options')
    for letter, name, argument, commands in re.findall(
            rf"\{{ ('\w'|0), \"([a-z-]+)\", ({STRING}|NULL), ([A-Z_ |]+),", table):
        commands = set(re.findall(r'CMD_\w+', commands))
        while commands & set(groups):
            commands = set().union(*(groups.get(group, {group}) for group in commands))
        for subcommand in commands:
            words = [''] if argument == 'NULL' else argument[1:-1].split('|') if '|' in argument else ['ARG']
            for word in words:
                yield f'{subcommand[4:].lower()} --{name} {word}'.rstrip()
            if letter != '0':
                yield f'{subcommand[4:].lower()} -{letter[1]}'


def finding(root):
    return re.findall(r'^CAAUDIT_FINDING\(\w+,\s*"([^"]+)"', read(root, 'include/caaudit/findings.def'), re.MULTILINE)


def log(root):
    """Lines of the log: first words and fields, as far as they are fields."""
    for path in sorted((root / 'module/knotd').glob('*.c')):
        source = read(root, path.relative_to(root))
        for literals in re.findall(rf'(?:lines_format\(|knotd_mod_log\(|snprintf\(line, )[^";]*?((?:(?:{STRING}|PRI\w+)\s*)+)',
                                   source):
            line = re.sub(r'%[a-z]?', '%', text(literals))
            first, *fields = line.split(', ')
            if not fields or not re.fullmatch(r'[a-z][a-z -]+', first):
                continue
            said = [first]
            for number, field in enumerate(fields, 1):
                field = re.sub(r'^source [a-z-]+$', 'source %', field)
                if '%' not in field or len(field.split()) > 4 or field == '%' and number == len(fields):
                    said.append('TEXT')
                    break
                said.append(field)
            yield ', '.join(said)


def counter(root):
    source = read(root, 'module/knotd/counters.c')
    severities = words_of(read(root, 'module/engine/finding.c'), 'names')
    arrays = {'finding_to_str': ['ID'], 'severity_to_str': severities, 'zone_to_str': words_of(source, 'zone_names')}
    for function, body in re.findall(r'^static char \*(\w+_to_str)\(.*?\{(.*?)^\}', source, re.MULTILINE | re.DOTALL):
        if 'name[]' in body:
            arrays[function] = words_of(body, 'name')
    for name, function in re.findall(r'\{ "([a-z-]+)", \w+, (\w+) \}', source):
        if function == 'NULL':
            yield name
        else:
            yield from (f'{name}[{word}]' for word in arrays[function])


def metric(root):
    return re.findall(r'"(caaudit_[a-z_]+)"', read(root, 'module/cli/metrics.c'))


def members(kind, about):
    """Members of an object of the schema, and the words that they may be."""
    for name, member in about.get('properties', {}).items():
        yield f'{kind} {name}'
        yield from (f'{kind} {name} {word}' for word in member.get('enum', ()))
        yield from members(f'{kind} {name}', member)
        yield from members(f'{kind} {name}', member.get('items', {}))


def json_members(root):
    """Members of the documents: those of the schema, and those of the lists of findings and CAs."""
    schema = json.loads((root / 'module/cli/caaudit.schema.json').read_text())
    yield from members('report', schema)
    for kind, about in schema['$defs'].items():
        yield from members(kind, about)
    for name in ('catalogue', 'cas'):
        source = read(root, f'module/cli/{name}.c')
        for call in re.findall(r'json_pack\("\{[^"]*\}"((?:[^";]|"[^"]*")*);', source):
            yield from (f'{name} {key}' for key in re.findall(r'"([a-z_]+)"', call))


def exit_code(root):
    for name, code in re.findall(r'EXIT_(\w+) = (\d)', read(root, 'module/cli/options.h')):
        yield f'{code} {name.lower()}'


KINDS = {'option': option, 'command': command, 'finding': finding, 'log': log, 'counter': counter, 'metric': metric,
         'json': json_members, 'exit': exit_code}


def surface(root):
    """What users can rely on, by the sources: {kind: {name}}."""
    found = {kind: set(look(root)) for kind, look in KINDS.items()}
    empty = [kind for kind, names in found.items() if not names]
    if empty:
        raise Failed(f'nothing found: {", ".join(empty)}')
    return found


def compare(promised, found):
    """Complaints, one a string."""
    problems = []
    for kind in KINDS:
        names = set(promised.get(kind, {}))
        problems += [f'{kind}: {name}: promised, and gone' for name in sorted(names - found[kind])]
        problems += [f'{kind}: {name}: new, run tests/promise.py --update' for name in sorted(found[kind] - names)]
    return problems


def renewed(promised, found, version):
    """The promise with what is new."""
    return {kind: dict(sorted({**dict.fromkeys(found[kind], version), **promised.get(kind, {})}.items()))
            for kind in KINDS}


def main(arguments, root=ROOT):
    path = root / PROMISE
    promised = json.loads(path.read_text()) if path.exists() else {}
    found = surface(root)
    if '--update' in arguments:
        version = one(r"version: '([^']+)'", (root / 'meson.build').read_text(), 'version')
        promised = renewed(promised, found, version)
        path.write_text(json.dumps(promised, indent=2) + '\n')
    problems = compare(promised, found)
    print('\n'.join(problems), end='\n' if problems else '')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
