# SPDX-License-Identifier: GPL-2.0-or-later

"""Reads the CAA cases: *.txt beside this file, see README.md for the format."""

import pathlib
import re

HEADER = """$ORIGIN {origin}
$TTL 3600
@ SOA ns.example.net. hostmaster.example.net. 1 3600 600 86400 300
@ NS ns.example.net.
"""

FIELDS = ('from', 'origin', 'zone', 'ca', 'host', 'account-uri', 'validation-method',
          'plain', 'wildcard', 'both', 'live')
VERDICTS = {'true': True, 'false': False, 'null': None}


class Bad(Exception):
    """A case file that breaks the format."""


class Case:
    """One question about one zone, with the answers that must come."""

    def __init__(self, where, name, fields):
        self.where = where
        self.name = name
        self.section = fields.get('from', '')
        self.origin = fields.get('origin', 'example.com.')
        self.cas = fields.get('ca', 'ca1.example.net').split()
        self.host = fields.get('host', '@')
        self.account_uri = fields.get('account-uri')
        self.validation_method = fields.get('validation-method')
        self.live = fields.get('live') == 'yes'
        self.zone = (HEADER.format(origin=self.origin) +
                     ''.join(line + '\n' for line in fields['zone']))
        # {(wildcard, CA): (permitted, owner of the relevant RRset)}
        self.expected = {}
        for key, kinds in (('plain', (False,)), ('wildcard', (True,)), ('both', (False, True))):
            for text in fields.get(key, ()):
                self._expect(kinds, text)
        kinds = {kind for kind, _ in self.expected}
        if not self.section:
            raise Bad(f'{where}: case {name}: no section')
        if False not in kinds:
            raise Bad(f'{where}: case {name}: no verdict expected for the plain name')
        if set(self.expected) != {(kind, ca) for kind in kinds for ca in self.cas}:
            raise Bad(f'{where}: case {name}: not every CA has its verdict')

    def _expect(self, kinds, text):
        words = text.split()
        if len(words) == 2 and len(self.cas) == 1:
            words.append(self.cas[0])
        if len(words) != 3 or words[0] not in VERDICTS:
            raise Bad(f'{self.where}: case {self.name}: cannot read "{text}"')
        for kind in kinds:
            if (kind, words[2]) in self.expected:
                raise Bad(f'{self.where}: case {self.name}: two verdicts expected at once')
            self.expected[kind, words[2]] = (VERDICTS[words[0]],
                                             None if words[1] == '-' else words[1])

    @property
    def fqdn(self):
        """Host as an absolute name, lower case."""
        if self.host == '@':
            return self.origin.lower()
        if self.host.endswith('.'):
            return self.host.lower()
        return f'{self.host}.{self.origin}'.lower()

    @property
    def wildcards(self):
        """Whether the verdict for the wildcard is asked for as well."""
        return any(kind for kind, _ in self.expected)

    def options(self):
        """Options of the command that ask the question, the zone file left out."""
        out = ['-o', self.origin, '--host', self.host]
        for ca in self.cas:
            out += ['--ca', ca]
        if self.account_uri is not None:
            out += ['--account-uri', self.account_uri]
        if self.validation_method is not None:
            out += ['--validation-method', self.validation_method]
        if not self.wildcards:
            out += ['--no-wildcard']
        return out


def _read(path):
    defaults, fields, name, where, key = {}, None, None, None, None
    for number, line in enumerate(path.read_text(encoding='ascii').split('\n'), 1):
        here = f'{path.name}:{number}'
        if line.startswith('\t\t') and key == 'zone':
            fields['zone'].append(line[2:])
            continue
        if not line.strip() or line.startswith('#'):
            continue
        match = re.fullmatch(r'(case|default|\t)\s*([a-z0-9-]+)(?::\s*(.*))?', line)
        if not match:
            raise Bad(f'{here}: cannot read "{line}"')
        kind, word, value = match.groups()
        if kind == 'case':
            if fields is not None:
                yield Case(where, name, fields)
            fields, name, where, key = dict(defaults), word, here, None
            continue
        if word not in FIELDS or value is None:
            raise Bad(f'{here}: no field "{word}"')
        key = word
        if kind == 'default':
            # A default ends the case before it.
            if fields is not None:
                yield Case(where, name, fields)
                fields = None
            defaults[key] = value
        elif fields is None:
            raise Bad(f'{here}: a field outside a case')
        elif key == 'zone':
            fields['zone'] = [value] if value else []
        elif key in ('plain', 'wildcard', 'both'):
            fields.setdefault(key, []).append(value)
        else:
            fields[key] = value
    if fields is not None:
        yield Case(where, name, fields)


def load(directory=pathlib.Path(__file__).parent):
    """Returns all cases of a directory."""
    cases = []
    names = set()
    for path in sorted(pathlib.Path(directory).glob('*.txt')):
        for case in _read(path):
            if case.name in names:
                raise Bad(f'{case.where}: case {case.name}: the name is taken')
            names.add(case.name)
            cases.append(case)
    return cases
