# SPDX-License-Identifier: GPL-2.0-or-later

"""Random zones on a farm with a root: what the probe says of a CA is what happens to a validating resolver.

A zone has one server, so that there is one truth. unbound, as a process of its own, asks from the root what a
CA asks; the climb of RFC 8659 over its answers is written down here once more.

CAAUDIT_ZONES is the number of zones [40], CAAUDIT_SEED where the random numbers begin [1].
"""

import json
import os
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

import farm
from support import COMMAND
from world import OUTSIDE, SERVERS, World, addresses

VALIDATES = os.environ.get('CAAUDIT_UNBOUND') == '1'
ZONES = int(os.environ.get('CAAUDIT_ZONES', '40'))
SEED = int(os.environ.get('CAAUDIT_SEED', '1'))
BATCH = 40
UNBOUND = farm.tool('unbound')
HOSTS = ('@', 'www', 'alias', 'out', 'closed', 'gone', 'a.b.www')
SETS = ([], ['sectigo.com'], ['letsencrypt.org'], ['letsencrypt.org', 'sectigo.com'], [';'])
FAULTS = ('sound', 'sound', 'unsigned', 'no ds', 'wrong ds', 'ds of an unsigned zone', 'expired', 'no signature over CAA',
          'no denials', 'changed after it was signed')


def caa(owner, issuers):
    return ''.join(f'{owner} 3600 CAA 0 issue "{issuer}"\n' for issuer in issuers)


def make(draw, name):
    """A zone and its fault."""
    text = (f'$ORIGIN {name}.\n@ 3600 SOA ns hostmaster 7 3600 600 86400 300\n@ 3600 NS ns\n{{at}}'
            'www 3600 A 192.0.2.80\nalias 3600 CNAME www\n'
            f'out 3600 CNAME edge.{OUTSIDE}.\nclosed 3600 CNAME locked.{OUTSIDE}.\n')
    text += caa('@', draw.choice(SETS)) + caa('www', draw.choice(SETS))
    if draw.random() < 0.3:
        text += 'deep.b.www 3600 A 192.0.2.80\n' + caa('b.www', draw.choice(SETS))
    return text, draw.choice(FAULTS)


def without(text, type, covered=None):
    """A signed zone, one record a line, without some records."""
    def dropped(line):
        words = line.split()
        return len(words) > 4 and (words[3] == type or (words[3] == 'RRSIG' and words[4] == type)) and \
            (covered is None or words[3] == covered)
    return ''.join(line + '\n' for line in text.splitlines() if not dropped(line))


class Query:
    """Questions to a resolver on the farm."""

    def __init__(self, world, address):
        self.world, self.address = world, address

    def caa(self, name):
        """RCODE, and the CAA RDATA at the end of the answer."""
        wire = b''.join(bytes([len(label)]) + label.encode() for label in name.rstrip('.').split('.')) + b'\0'
        query = b'\x12\x34\x01\0\0\1\0\0\0\0\0\0' + wire + struct.pack('>HH', 257, 1)
        with self.world.inside(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(farm.LIMIT)
            client.connect((self.address, 53))
            client.send(query)
            data = client.recv(4096)
        at, found = 12 + len(wire) + 4, []
        for _ in range(struct.unpack('>H', data[6:8])[0]):
            while data[at] != 0 and data[at] < 192:
                at += 1 + data[at]
            at += 2 if data[at] >= 192 else 1
            type, _, _, size = struct.unpack('>HHIH', data[at:at + 10])
            if type == 257:
                found.append(data[at + 10:at + 10 + size])
            at += 10 + size
        return data[3] & 15, found

    def verdict(self, host):
        """True, False, or None where the resolver gets no answer: the climb of RFC 8659 section 3."""
        labels = host.rstrip('.').split('.')
        for i in range(len(labels)):
            rcode, found = self.caa('.'.join(labels[i:]))
            if rcode not in (0, 3):
                return None
            if found:
                issuers = [rdata[7:].decode() for rdata in found if rdata[2:7] == b'issue']
                return 'sectigo.com' in issuers
        return True


@unittest.skipIf(farm.available(), farm.available())
@unittest.skipUnless(VALIDATES and UNBOUND, 'built without libunbound, or no unbound')
class Random(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.addClassCleanup(cls.world.close)
        cls.world.serve('cdn', OUTSIDE, cls.world.outside(caa('locked', ['letsencrypt.org'])))
        cls.world.server['cdn'].restart()
        cls.resolver = farm.Host(cls.world, 'resolver', 150)

    def resolve(self):
        """A fresh unbound."""
        directory = self.world.dir / 'unbound'
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        (directory / 'unbound.conf').write_text(f'''server:
  interface: {self.resolver.v4}
  access-control: 192.0.2.0/24 allow
  username: ""
  chroot: ""
  directory: "{directory}"
  pidfile: "{directory}/pid"
  use-syslog: no
  module-config: "validator iterator"
  root-hints: "{self.world.hints}"
  trust-anchor-file: "{self.world.anchor}"
  local-zone: test. nodefault
remote-control:
  control-enable: no
''')
        process = self.resolver.popen([UNBOUND, '-d', '-c', directory / 'unbound.conf'], stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        query = Query(self.world, self.resolver.v4)
        end = time.monotonic() + farm.LIMIT
        while True:
            try:
                query.caa('test.')
                return process, query
            except OSError:
                self.assertLess(time.monotonic(), end)
                time.sleep(0.1)

    def publish(self, draw, names):
        """Puts random zones on the servers, and lets the parent delegate them. {name: fault}"""
        world, faults, parent = self.world, {}, ''
        for name in SERVERS:
            world.server[name].zones.clear()
        for name in names:
            server = draw.choice(SERVERS)
            text, fault = make(draw, name)
            text = text.format(at=addresses('ns', server))
            signer = farm.Signer(name, tempfile.mkdtemp(dir=world.dir))
            old = ['-s', '20200101000000', '-e', '20200201000000'] if fault == 'expired' else []
            signed = signer.sign(text, '-O', 'full', *old)
            if fault == 'no signature over CAA':
                signed = without(signed, 'CAA', 'RRSIG')
            elif fault == 'no denials':
                signed = without(signed, 'NSEC')
            elif fault == 'changed after it was signed':
                signed = signed.replace('"sectigo.com"', '"sectigo.net"')
            plain = fault in ('unsigned', 'ds of an unsigned zone')
            world.server[server].write(name, text if plain else signed)
            ds = signer.ds() if fault != 'wrong ds' else f'4711 13 2 {"ab" * 32}'
            parent += f'{name}. 3600 NS ns.{name}.\n' + addresses(f'ns.{name}.', server)
            parent += '' if fault in ('unsigned', 'no ds') else f'{name}. 3600 DS {ds}\n'
            faults[name] = f'{fault}, at {server}'
            shutil.rmtree(signer.dir)
        world.serve('tld', 'test', '$ORIGIN test.\n@ 3600 SOA ns hostmaster 7 3600 600 86400 300\n'
                    f'@ 3600 NS a.tld-srv.\n{parent}')
        for name in ('tld', *(name for name in SERVERS if world.server[name].zones)):
            world.server[name].restart()
        return faults

    def probed(self, document, host):
        """What the probe says of a host: as verdict() above."""
        entry = next(entry for entry in document['hosts'] if entry['host'] == host)
        labels = host.split('.')
        climb = ['.'.join(labels[i:]) for i in range(len(labels) - 1)]
        for name in climb:
            cells = [answer for answer in document['answers']
                     if answer['question'] == {'name': name, 'type': 'CAA'} and answer['outcome'] == 'answer']
            if any(cell['validated'] in ('bogus', 'failed') for cell in cells):
                return None
            # CAA ends the climb, in the zone or where the alias leads.
            if any(cell['says'] == 'data' or (cell['says'] == 'alias' and OUTSIDE in (entry['decided_by'] or ''))
                   for cell in cells):
                break
        return entry['permitted']

    def test_verdicts(self):
        draw = random.Random(SEED)
        counts = {True: 0, False: 0, None: 0}
        for first in range(0, ZONES, BATCH):
            names = [f'z{number}.test' for number in range(first, min(first + BATCH, ZONES))]
            faults = self.publish(draw, names)
            hosts = [word for host in HOSTS for word in ('--host', host)]
            result = self.world.run([COMMAND, 'probe', *names, *hosts, '--no-wildcard', '--root-hints', self.world.hints,
                                     '--trust-anchor', self.world.anchor, '--rate', '1000', '--format', 'json'],
                                    limit=600)
            self.assertEqual(result.stderr, '')
            documents = {document['zone'].rstrip('.'): document for document in json.loads(result.stdout)}
            self.assertEqual(set(documents), set(names))
            process, query = self.resolve()
            try:
                for name in names:
                    for host in HOSTS:
                        host = f'{name}.' if host == '@' else f'{host}.{name}.'
                        truth, said = query.verdict(host), self.probed(documents[name], host)
                        counts[truth] += 1
                        self.assertEqual(said, truth, f'{host} ({faults[name]}), seed {SEED}: '
                                         f'{json.dumps(documents[name]["findings"])[:1500]}')
            finally:
                process.terminate()
                process.wait()
        print(f'{ZONES} zones, {sum(counts.values())} hosts: {counts[True]} permitted, {counts[False]} denied, '
              f'{counts[None]} without an answer', file=sys.stderr)
        self.assertGreater(min(counts.values()), 0)


if __name__ == '__main__':
    unittest.main(verbosity=2)
