# SPDX-License-Identifier: GPL-2.0-or-later

"""Validation slips and their twins, each in a zone of its own: the module on a real server finds what
the command finds in the file, and shows the record to write. One server has them all."""

import argparse
import collections
import json
import os
import shlex
import subprocess
import sys
import unittest

import harness
from harness import SOURCE, KnotTest, zone_file

sys.path.insert(0, str(SOURCE / 'tests' / 'golden'))
import golden  # noqa: E402

COMMAND = os.environ.get('CAAUDIT')
ZONE = 'example.com'
HEX = '0123456789abcdef0123456789abcdef'
TARGET = f'{HEX}.fedcba9876543210fedcba9876543210.sectigo.com.'
HASH = f'_{HEX}'

# What the log has to show of each golden zone: the record to write, or where there is none what to do.
GOLDEN = {
    'dcv-cname-missing': f'add: {HASH}.www.example.com. 3600 CNAME {TARGET}',
    'dcv-expectation-conflict': 'which cannot both stand at one name; drop the one whose order is over',
    'dcv-issuer-denied': 'add: example.com. 3600 CAA 0 issue "amazon.com"',
    'dcv-label-malformed': 'copy the name once more',
    'dcv-owner-doubled': f'replace with: {HASH}.www.example.com. 3600 CNAME {TARGET}',
    'dcv-persist-denied': 'add: example.com. 3600 CAA 0 issue "ca1.example.net"',
    'dcv-persist-malformed': 'nothing may follow the last parameter, so that CAs pass over the record',
    'dcv-record-above': 'add: _dnsauth.www.example.com. 3600 CNAME r4nd0m.dcv.digicert.com.',
    'dcv-record-occluded': 'the delegation at child.example.com. hides it; publish it in the child zone',
    'dcv-record-stale': f'remove: {HASH[:-1]}0.www.example.com. 3600 CNAME ' +
                        TARGET.replace('fedcba9876543210', 'cdefba9876543210'),
    'dcv-target-doubled': f'replace with: {HASH}.www.example.com. 3600 CNAME {TARGET}',
    'dcv-target-mismatch': f'replace with: {HASH}.www.example.com. 3600 CNAME {TARGET}',
    'dcv-txt-missing': 'add: _acme-challenge.www.example.com. 300 TXT "gfj9Xq...Rg85nM"',
    'dcv-type-conflict': f'replace with: {HASH}.example.com. 3600 CNAME {TARGET}',
    'dcv-underscore-missing': f'replace with: {HASH}.www.example.com. 3600 CNAME {TARGET}',
    'dcv-wildcard-answers': 'give it its own addresses and whatever else the wildcard has',
}

# Slip, options, id, what the log shows, twin without the slip.
VALIDATION = '--validation "_ab12.www x.example.net"'
RIGHT = '_ab12.www CNAME x.example.net.'
WRITE = 'replace with: _ab12.www.example.com. 3600 CNAME x.example.net.'
SLIPS = [
    # The target of no CA that is known.
    ('_ab12.www.example.com CNAME x.example.net.', VALIDATION, 'dcv-owner-doubled', WRITE, RIGHT),
    ('_ab12.www CNAME x.example.net', VALIDATION, 'dcv-target-doubled', WRITE, RIGHT),
    ('ab12.www CNAME x.example.net.', VALIDATION, 'dcv-underscore-missing', WRITE, RIGHT),
    ('www._ab12 CNAME x.example.net.', VALIDATION, 'dcv-label-malformed', WRITE, RIGHT),
    ('_ab12.www.www CNAME x.example.net.', VALIDATION, 'dcv-label-malformed', WRITE, '_ab12 CNAME x.example.net.'),
    ('_ab12.www TXT "x.example.net"', VALIDATION, 'dcv-type-conflict', WRITE, RIGHT),
    ('* CNAME y.example.net.', VALIDATION, 'dcv-wildcard-answers', 'give it its own addresses and whatever else',
     '* CNAME x.example.net.'),
    ('_ab12 CNAME y.example.net.', VALIDATION, 'dcv-cname-missing',
     'that of a name above, _ab12.example.com., leads to y.example.net., resolvers may keep the denial for 300 s; '
     'add: _ab12.www.example.com. 3600 CNAME x.example.net.', '_ab12 CNAME x.example.net.'),
    ('www DNAME other', VALIDATION, 'dcv-record-occluded', 'DNAME at www.example.com. hides it', RIGHT),
    (f'sub NS ns1.example.net.\n{HASH}.www.sub CNAME {TARGET[:-1]}', '', 'dcv-record-occluded',
     'with the final dot that its target has lost', f'{HASH}.www CNAME {TARGET}'),
    ('*.app A 192.0.2.2', f'--validation "{HASH}.t.app {TARGET}"', 'dcv-cname-missing',
     'a wildcard answers for the na', f'{HASH}.t.app CNAME {TARGET}'),
    # Without any configuration. The server loads neither two CNAMEs at a name nor one below a DNAME.
    (f'{HASH} CNAME {TARGET[1:]}', '', 'dcv-label-malformed', 'cut or mistyped; copy it once more',
     f'{HASH} CNAME {TARGET}'),
    (f'www CNAME {TARGET}', '', 'dcv-label-malformed', 'never asks for a name', f'{HASH}.www CNAME {TARGET}'),
]


def parse(text):
    """Options of the command: as they are, and as those of the module."""
    parser = argparse.ArgumentParser()
    for name in ('--ca', '--host', '--validation'):
        parser.add_argument(name, action='append', default=[])
    parser.add_argument('--no-wildcard', action='store_true')
    parser.add_argument('--strict', action='store_true')
    words = shlex.split(text)
    known = parser.parse_args(words)
    lines = [f'{name}: [ {", ".join(f"{chr(34)}{value}{chr(34)}" for value in values)} ]'
             for name, values in (('ca', known.ca), ('host', known.host), ('validation', known.validation)) if values]
    return words, [*lines, *(['wildcard: off'] if known.no_wildcard else []),
                   *(['strict: on'] if known.strict else []), 'log-limit: 1000']


class Case:
    """A zone, its options, and what must be said of it."""

    def __init__(self, number, text, options, id, shown, expected='', lines=None):
        self.zone = f'z{number}.{ZONE}'
        self.text = self.here(text)
        self.words, self.options = parse(self.here(options))
        self.id = id
        self.shown = shown and self.here(shown)
        self.expected = self.here(expected)
        self.lines = lines and self.here(lines).splitlines()

    def here(self, text):
        return text.replace(ZONE, self.zone)

    def command(self, server):
        """Findings of the command for the file of the server."""
        path = server.directory / f'{self.zone}.expected'
        result = subprocess.run([COMMAND, 'check', '--format', 'json', '-o', f'{self.zone}.', *self.words,
                                 '--validation-file', str(path), str(server.file(self.zone))],
                                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        return json.loads(result.stdout)['findings']


def sentence(finding):
    """A finding of the command as the log has it."""
    verb = {'add': 'add', 'replace': 'replace with', 'remove': 'remove'}.get(finding['fix'])
    return finding['text'] + (f'; {verb}: {finding["remedy"] or finding["record"]}' if verb else '')


# Zones that the server does not load, records that it leaves out, a size that grows with the name of the zone.
NOT_SERVED = ('caa-beside-cname', 'caa-owner-outside', 'caa-answer-large.clean')


def caa_cases():
    """Golden zones of CAA and hosts, as far as the module has their options."""
    for number, path in enumerate(sorted([*golden.ZONES.glob('caa-*.zone'), *golden.ZONES.glob('host-*.zone')])):
        options = golden.comments(path).get('caaudit', '')
        id = path.stem.partition('.')[0]
        if '--now' not in options and '--validation-method' not in options and path.stem not in NOT_SERVED:
            yield Case(number, path.read_text(errors='surrogateescape'), options, id, None,
                       lines=path.with_suffix('.expect').read_text())


def cases():
    count = iter(range(1000))
    for path in sorted(golden.ZONES.glob('dcv-*.zone')):
        said = golden.comments(path)
        if '--now' in said.get('caaudit', ''):
            continue  # The server has the time of today.
        id, _, clean = path.stem.partition('.')
        yield Case(next(count), path.read_text(), said.get('caaudit', ''), id, None if clean else GOLDEN[id],
                   said.get('expected', ''), path.with_suffix('.expect').read_text())
    for slip, options, id, shown, twin in SLIPS:
        yield Case(next(count), zone_file(slip), options, id, shown)
        yield Case(next(count), zone_file(twin), options, id, None)


class Slips(KnotTest):
    @unittest.skipUnless(COMMAND, 'no command')
    def test_each_slip_and_its_twin(self):
        everything = list(cases())
        self.assertGreaterEqual(len(everything), 2 * (12 + len(SLIPS)))
        server = self.server({case.zone: case.text for case in everything}, start=False,
                             template=['semantic-checks: off'],
                             zone_options={case.zone: [f'module: mod-caaudit/{case.zone}'] for case in everything})
        for case in everything:
            (server.directory / f'{case.zone}.expected').write_text(case.expected + '\n')
            server.modules[case.zone] = [*case.options, f'validation-file: "{server.directory}/%s.expected"']
        server.configure()
        server.start()
        for case in everything:
            with self.subTest(case.id, text=case.text):
                self.check(server, case)

    @unittest.skipUnless(COMMAND, 'no command')
    def test_each_golden_zone_of_caa(self):
        everything = list(caa_cases())
        self.assertGreaterEqual(len({case.id for case in everything}), 25)
        server = self.server({case.zone: case.text for case in everything}, template=['semantic-checks: off'],
                             zone_options={case.zone: [f'module: mod-caaudit/{case.zone}'] for case in everything},
                             modules={case.zone: case.options for case in everything})
        for case in everything:
            with self.subTest(case.id, text=case.text):
                server.wait_audit(case.zone)
                found = sorted(' '.join(part for part in line if part not in (None, '-'))
                               for line in server.found(case.zone))
                self.assertEqual(found, sorted(case.lines))
                self.assertEqual(server.stats(case.zone).findings(),
                                 dict(collections.Counter(line.split()[0] for line in case.lines)))

    def check(self, server, case):
        server.wait_audit(case.zone)
        found = sorted(' '.join(part for part in line if part not in (None, '-')) for line in server.found(case.zone))
        command = case.command(server)
        self.assertEqual(found, sorted(' '.join(filter(None, (f['id'], f['owner'], f['ca']))) for f in command))
        if case.lines is not None:
            self.assertEqual(found, sorted(case.lines))
        wanted = collections.Counter(line.split()[0] for line in found)
        self.assertEqual(server.stats(case.zone).findings(), dict(wanted))
        self.assertEqual(case.id in wanted, case.shown is not None)
        if case.shown is None:
            return
        self.assertIn(case.shown, ' '.join(line.rest for line in server.events('finding', case.zone, id=case.id)))
        self.assertIn(case.shown, ' '.join(sentence(f) for f in command if f['id'] == case.id))
        record = case.shown.rpartition(': ')[2]
        if any(verb in case.shown for verb in ('add: ', 'replace with: ')):
            self.assertIn(record, [f['remedy'] for f in command if f['id'] == case.id])


if __name__ == '__main__':
    harness.main()
