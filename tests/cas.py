#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""Keeps the table of CAs, include/caaudit/cas.def, and the page made from it, docs/cas.md.

usage: cas.py [--update]                            compare docs/cas.md with the table
       cas.py ccadb FILE [--day DAY] [--update]     compare the table with a report of the CCADB
       cas.py old [--on DAY]                        list the sources that were read a year before

FILE is the report "All CAA Identifiers" in its form CSV V2, as https://www.ccadb.org/resources links to
it; download it first. DAY is YYYY-MM-DD: when it was downloaded, today if it is not given; for "old" the
day of the newest release in NEWS. --update writes what is not current: the page; or the names in the
table, and then the page. Exit status 1 if something is not current, 2 if it could not be compared.
"""

import argparse
import csv
import datetime
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
DEF = ROOT / 'include/caaudit/cas.def'
PAGE = ROOT / 'docs/cas.md'
NEWS = ROOT / 'NEWS'

STRING = r'"(?:[^"\\]|\\.)*"'
YEAR = datetime.timedelta(days=365)


class Failed(Exception):
    """What keeps a comparison from being made."""


# --- the table

def arguments(text):
    """Splits the arguments of a macro at commas outside of strings and parentheses."""
    parts, depth = [''], 0
    for token in re.findall(rf'{STRING}|.', text, re.DOTALL):
        depth += (token == '(') - (token == ')')
        if token == ',' and depth == 0:
            parts.append('')
        else:
            parts[-1] += token
    return [part.strip() for part in parts]


def value(argument):
    """A string, a day, a number, None, or a word as it is."""
    day = re.fullmatch(r'CAAUDIT_DAY\((\d+), (\d+), (\d+)\)', argument)
    if day:
        return datetime.date(*map(int, day.groups()))
    if argument.startswith('"'):
        return ''.join(literal[1:-1] for literal in re.findall(STRING, argument))
    return {'0': None, 'NULL': None, 'true': True, 'false': False}.get(argument, argument)


def rows(text):
    """All rows of the table: {macro: [values]}, without the part that defines the macros."""
    text = re.sub(r'/\*.*?\*/', ' ', text, flags=re.DOTALL)
    text = re.sub(r'^#(?:.*\\\n)*.*$', '', text, flags=re.MULTILINE)
    found = {}
    for match in re.finditer(rf'CAAUDIT_(\w+)\(((?:{STRING}|\([^()"]*\)|[^()"])*)\)', text):
        found.setdefault(match[1], []).append([value(part) for part in arguments(match[2])])
    rest = re.sub(rf'CAAUDIT_\w+\((?:{STRING}|\([^()"]*\)|[^()"])*\)', '', text).strip()
    if rest or not found:
        raise Failed(f'{DEF.name}: not understood: {rest[:60]!r}')
    return found


class Table:
    """The table, by what it says."""

    def __init__(self, text):
        self.rows = rows(text)
        self.source = {row[0]: row[1:] for row in self.rows['SOURCE']}
        self.ca = {row[0]: {'owner': row[1], 'source': row[2], 'names': row[3:]} for row in self.rows['CA']}
        self.ca['ANY'] = {'owner': 'one of several', 'names': []}
        for row in self.rows['CA_DEPRECATED']:
            self.ca[row[0]]['deprecated'] = row[1:]
        for row in self.rows['CA_PERSIST']:
            self.ca[row[0]]['persist'] = row[1:]

    def owner(self, symbol):
        return self.ca[symbol]['owner']


# --- the page

CERTAINTY = {'READ': 'read', 'QUOTED': 'read in a translation', 'THIRD_PARTY': 'third party',
             'UNVERIFIED': 'not verified'}
CLIMB = {'CLIMBS': 'host and each name above', 'EXACT': 'host', 'NOT_KNOWN': 'host; above: not known'}
KIND = {'DNS': 'DNS', 'WEB': 'web server', 'CONTACT': 'e-mail, telephone, registrar',
        'OTHER': 'not for host names'}


def code(names):
    return ' '.join(f'`{name}`' for name in names)


def table_of(head, lines):
    return ['| ' + ' | '.join(head) + ' |', '|' + '---|' * len(head),
            *('| ' + ' | '.join(str(cell) for cell in line) + ' |' for line in lines)]


def names(table):
    for symbol, ca in table.ca.items():
        if ca['names']:
            deprecated = ca.get('deprecated', [])
            yield (ca['owner'], code(ca['names'][:1]),
                   code(name for name in ca['names'][1:] if name not in deprecated), code(deprecated))


def persist(table):
    for ca in table.ca.values():
        if 'persist' in ca:
            yield ca['owner'], code(ca['persist'])


def forms(table):
    for ca, product, owners, targets, suffix, climb, renewal, method, ended, _, source in table.rows['FORM']:
        targets = [f'{target}.{suffix}' if target else suffix for target in targets.split(' ')]
        yield (product, code(table.ca[ca]['names'][:1]) or 'one of several', code(owners.split()), code(targets),
               CLIMB[climb], 'yes' if renewal else '', method and f'`{method}`' or '', ended or '',
               CERTAINTY[table.source[source][0]])


def txt(table):
    for ca, labels, method, source in table.rows['TXT']:
        yield code([labels]), code(table.ca[ca]['names'][:1]) or 'one of several', method and f'`{method}`' or '', \
            CERTAINTY[table.source[source][0]]


def addresses(table):
    for product, address, source in table.rows['ADDRESS']:
        certainty, day, text = table.source[source]
        yield f'`{address}`', product, text, day, CERTAINTY[certainty]


def acme(table):
    servers = {}
    for ca, host, kind, accounts, _ in table.rows['ACME']:
        servers.setdefault(ca, {}).setdefault(kind, []).append(host)
        if accounts is not None:
            servers[ca].setdefault('URI', []).append(f'{accounts}NUMBER')
    for ca, hosts in servers.items():
        yield table.owner(ca), code(hosts.get('LIVE', [])), code(hosts.get('STAGING', [])), code(hosts.get('URI', []))


def parameters(table):
    for ca, tag, source in table.rows['PARAMETER']:
        yield f'`{tag}`', 'every CA' if ca == 'ANY' else table.owner(ca), table.source[source][2]


def products(table):
    for product, ca, since, until, source, *keys in table.rows['PRODUCT']:
        yield (product, code(keys), f'{table.owner(ca)}, {code(table.ca[ca]["names"][:1])}', since or '', until or '',
               CERTAINTY[table.source[source][0]])


def methods(table):
    for label, also, kind, until, _ in table.rows['METHOD']:
        yield (f'`{label}`', f'`{also}`' if also else '', KIND[kind],
               'ended' if until == 'CAAUDIT_ENDED' else until or '')


def limits(table):
    for since, life, reuse, _ in table.rows['LIMIT']:
        yield since or '', life, reuse


def sources(table):
    for certainty, day, text in table.source.values():
        yield text, day, CERTAINTY[certainty]


TABLES = {
    'names': (names, ('CA', 'publish', 'accepts as well', 'still accepts')),
    'persist': (persist, ('CA', 'names in `_validation-persist`')),
    'forms': (forms, ('product', 'CA', 'owner', 'target', 'asked at', 'must stay', 'method', 'ended', 'known')),
    'txt': (txt, ('first labels of the owner', 'CA', 'method', 'known')),
    'addresses': (addresses, ('address', 'whose', 'source', 'read on', 'known')),
    'acme': (acme, ('CA', 'accounts', 'staging', 'the account is')),
    'parameters': (parameters, ('parameter', 'CA', 'source')),
    'products': (products, ('product', 'asked for as', 'issued by', 'from', 'until', 'known')),
    'methods': (methods, ('label', 'may also be written', 'by', 'until')),
    'limits': (limits, ('from', 'days of a certificate', 'days of a validation')),
    'sources': (sources, ('source', 'read on', 'known')),
}


def page(text, table):
    """The page with its tables made anew."""
    out, inside, seen = [], False, set()
    for line in text.splitlines():
        if line == '<!-- /cas -->':
            inside = False
        if not inside:
            out.append(line)
        match = re.fullmatch(r'<!-- cas: (\w+), made by tests/cas\.py -->', line)
        if match and match[1] in TABLES:
            make, head = TABLES[match[1]]
            out += ['', *table_of(head, make(table)), '']
            inside = True
            seen.add(match[1])
    if inside or seen != set(TABLES):
        raise Failed(f'{PAGE.name}: no place for the tables {sorted(set(TABLES) - seen)}')
    return '\n'.join(out) + '\n'


# --- the CCADB

DOMAINS = 'Recognized CAA Domains'
SUBJECT = 'Subject'
NAME = re.compile(r'(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}')


def organization(subject):
    """O of a subject: "CN=...; O=...; C=..."."""
    for part in subject.split(';' if ';' in subject else ','):
        if part.strip().startswith('O='):
            return part.strip()[2:].strip().strip('"')
    return subject.strip()


def read_report(lines):
    """{organization: names} of the report; a name is what looks like one, the rest is prose."""
    reader = csv.DictReader(lines)
    if not {SUBJECT, DOMAINS} <= set(reader.fieldnames or ()):
        raise Failed(f'no columns "{SUBJECT}" and "{DOMAINS}", but {reader.fieldnames}')
    report = {}
    for row in reader:
        words = re.split(r'[\s,;]+', (row[DOMAINS] or '').lower())
        found = {word for word in words if NAME.fullmatch(word)}
        if found:
            report.setdefault(organization(row[SUBJECT] or ''), set()).update(found)
    if not report:
        raise Failed('no names in the report')
    return report


def plain(text):
    return re.sub(r'[^a-z0-9]', '', text.lower())


def assign(table, report):
    """({symbol: names}, {organization that is nobody's: names})."""
    words = [(plain(ca['owner']), symbol) for symbol, ca in table.ca.items() if ca['names']]
    words += [(plain(name), row[0]) for row in table.rows['CA_ORGANIZATION'] for name in row[1:]]
    words.sort(key=lambda item: -len(item[0]))
    mine, others = {}, {}
    for name, found in report.items():
        symbol = next((symbol for word, symbol in words if word in plain(name)), None)
        (mine if symbol else others).setdefault(symbol or name, set()).update(found)
    return mine, others


def compare(table, report):
    """(what to say, {symbol: names as they should be} where they come from the CCADB)."""
    mine, others = assign(table, report)
    said, renewed = [], {}
    for symbol, ca in table.ca.items():
        if symbol not in mine:
            if ca['names']:
                said.append(f'{ca["owner"]}: not in the report')
            continue
        more = sorted(mine[symbol] - set(ca['names']))
        less = [name for name in ca['names'] if name not in mine[symbol]]
        if not more and not less:
            continue
        fixed = '' if ca['source'] == 'CCADB' else f' (not changed: the names are from {ca["source"]})'
        said.append(f'{ca["owner"]}:' + ''.join(f' +{name}' for name in more) + ''.join(f' -{name}' for name in less)
                    + fixed)
        if less and less[0] == ca['names'][0]:
            said.append(f'{ca["owner"]}: {less[0]}, the name to publish, is not in the report; choose another')
        elif not fixed:
            renewed[symbol] = [name for name in ca['names'] if name not in less] + more
    known = {name for ca in table.ca.values() for name in ca['names']}
    for name, found in sorted(others.items()):
        new = sorted(found - known)
        said.append(f'nobody\'s: {name}: ' + (' '.join(new) if new else 'only names of others'))
    return said, renewed


def write_row(symbol, ca, found):
    """CAAUDIT_CA(...) of at most 100 columns."""
    line, lines = f'CAAUDIT_CA({symbol}, "{ca["owner"]}", {ca["source"]}', []
    for number, name in enumerate(found):
        word = f'"{name}"' + (')' if number + 1 == len(found) else '')
        # A tab has eight columns; a comma may follow.
        if len(line.replace('\t', ' ' * 8)) + len(word) + 3 > 100:
            lines.append(line + ',')
            line = '\t' + word
        else:
            line += ', ' + word
    return '\n'.join([*lines, line])


def renew(text, table, renewed, day):
    """The text of the table with the names of a report, and its day."""
    for symbol, found in renewed.items():
        row = re.compile(rf'^CAAUDIT_CA\({symbol},(?:{STRING}|[^()"])*\)', re.MULTILINE)
        text, count = row.subn(lambda _: write_row(symbol, table.ca[symbol], found), text)
        assert count == 1, symbol
    text, count = re.subn(rf'^CAAUDIT_SOURCE\(CCADB,(?:{STRING}|\([^()]*\)|[^()"])*\)',
                          f'CAAUDIT_SOURCE(CCADB, READ, CAAUDIT_DAY({day.year}, {day.month}, {day.day}),\n'
                          '\t"CCADB report \'All CAA Identifiers\'")', text, flags=re.MULTILINE)
    assert count == 1
    return text


# --- its age

def release_day(news):
    """Day of the newest release, None if that is not out."""
    head = re.match(r'\S+ \S+ \(([^)]*)\)', news)
    if not head:
        raise Failed('NEWS does not begin with "NAME VERSION (DAY)"')
    return None if head[1] == 'not released' else datetime.date.fromisoformat(head[1])


def commit_day(root):
    """Day of the commit that is checked out, None if that is not known."""
    try:
        out = subprocess.run(['git', '-C', str(root), 'log', '-1', '--format=%cs'], capture_output=True, text=True,
                             check=True, env={'PATH': '/usr/bin:/bin:/usr/local/bin'}).stdout.strip()
        return datetime.date.fromisoformat(out)
    except (OSError, subprocess.CalledProcessError, ValueError):
        return None


def old_sources(table, day):
    """Sources that were read more than a year before a day."""
    return [f'read on {read}, more than a year before {day}: {text}' for _, read, text in table.source.values()
            if day - read > YEAR]


# --- the command

def run(options):
    text = DEF.read_text()
    table = Table(text)
    if options.command == 'old':
        day = options.on or release_day(NEWS.read_text()) or datetime.date.today()
        old = old_sources(table, day)
        print('\n'.join(old) or f'no source is older than a year on {day}')
        return 1 if old else 0
    stale = 0
    if options.command == 'ccadb':
        with open(options.file, newline='', encoding='utf-8-sig') as lines:
            said, renewed = compare(table, read_report(lines))
        print('\n'.join(said) or 'the names are those of the report')
        stale = 1 if renewed else 0
        if not options.update:
            return stale
        text = renew(text, table, renewed, options.day or datetime.date.today())
        DEF.write_text(text)
        table = Table(text)
    made = page(PAGE.read_text(), table)
    if made == PAGE.read_text():
        return stale
    if not options.update:
        print('docs/cas.md is not current, run tests/cas.py --update')
        return 1
    PAGE.write_text(made)
    return stale


def main(words):
    parser = argparse.ArgumentParser(usage=__doc__.split('\n\n')[1].removeprefix('usage: '))
    parser.add_argument('command', nargs='?', choices=['page', 'ccadb', 'old'], default='page')
    parser.add_argument('file', nargs='?')
    parser.add_argument('--day', type=datetime.date.fromisoformat)
    parser.add_argument('--on', type=datetime.date.fromisoformat)
    parser.add_argument('--update', action='store_true')
    options = parser.parse_args(words)
    if (options.command == 'ccadb') != (options.file is not None):
        parser.error('ccadb takes one FILE, the others none')
    try:
        return run(options)
    except (Failed, OSError, UnicodeDecodeError, csv.Error) as error:
        print(f'cas.py: {error}', file=sys.stderr)
        return 2


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
