# SPDX-License-Identifier: GPL-2.0-or-later

"""What the tests of synthesis have in common: questions and answers in wire form, validators, servers.

A second server without the module serves the same zones with the records really
in them; answers are compared record by record, signatures by validation with
delv and unbound.
"""

import base64
import dataclasses
import os
import random
import shutil
import socket
import struct
import subprocess
import time

import harness
from harness import KnotTest

PATH = os.environ.get('PATH', '') + ':/usr/sbin:/sbin:/usr/local/sbin'
DELV, UNBOUND, KEYMGR = (shutil.which(tool, path=PATH) for tool in ('delv', 'unbound', 'keymgr'))

TYPES = {'A': 1, 'NS': 2, 'CNAME': 5, 'SOA': 6, 'TXT': 16, 'RRSIG': 46, 'NSEC': 47, 'DNSKEY': 48, 'NSEC3': 50,
         'ANY': 255, 'CAA': 257}
SYNTHESIZE = 'synthesize: [ caa ]'


# --- questions and answers in wire form

def wire_name(name):
    return b''.join(bytes([len(label)]) + label.encode() for label in name.rstrip('.').split('.') if label) + b'\0'


def read_name(wire, at):
    """Name in lower case and the offset after it."""
    labels, end = [], None
    while wire[at] != 0:
        if wire[at] >= 0xc0:
            end = end or at + 2
            at = struct.unpack_from('!H', wire, at)[0] & 0x3fff
            continue
        labels.append(wire[at + 1:at + 1 + wire[at]].decode('latin-1').lower())
        at += 1 + wire[at]
    return '.'.join(labels) + '.', end or at + 1


def plain_rdata(wire, type, at, length):
    """RDATA without compression and without what differs between two servers that sign."""
    rdata = wire[at:at + length]
    if type in (TYPES['CNAME'], TYPES['NS']):
        return read_name(wire, at)[0]
    if type == TYPES['SOA']:
        master, at = read_name(wire, at)
        mail, at = read_name(wire, at)
        return master, mail, wire[at + 4:at + 20]
    if type == TYPES['RRSIG']:
        return rdata[:8], read_name(wire, at + 18)[0]
    return rdata


@dataclasses.dataclass
class Answer:
    """A response: rcode, flags, size, and its sections as sorted lists of
    (owner, type, TTL, RDATA)."""

    rcode: int
    flags: int
    size: int
    answer: list
    authority: list
    additional: list

    @classmethod
    def read(cls, wire):
        _, flags, questions, *counts = struct.unpack_from('!6H', wire)
        at = 12
        for _ in range(questions):
            at = read_name(wire, at)[1] + 4
        sections = []
        for count in counts:
            section = []
            for _ in range(count):
                owner, at = read_name(wire, at)
                type, _, ttl, length = struct.unpack_from('!HHIH', wire, at)
                section.append((owner, type, ttl, plain_rdata(wire, type, at + 10, length)))
                at += 10 + length
            sections.append(sorted(section, key=repr))
        assert at == len(wire), 'octets after the message'
        return cls(flags & 15, flags & 0x8ff0, len(wire), *sections)

    def has(self, type):
        return [rdata for _, has, _, rdata in self.answer if has == TYPES[type]]

    @property
    def caa(self):
        """CAA as a sorted list of 'tag value'."""
        return sorted(f'{rdata[2:2 + rdata[1]].decode()} {rdata[2 + rdata[1]:].decode()}' for rdata in self.has('CAA'))

    @property
    def truncated(self):
        return bool(self.flags & 0x0200)

    @property
    def authentic(self):
        return bool(self.flags & 0x0020)


def question(name, type, do=False, size=1232, flags=0, id=None):
    edns = b'\0' + struct.pack('!HHIH', 41, size, 0x8000 if do else 0, 0) if size else b''
    id = random.getrandbits(16) if id is None else id
    return struct.pack('!6H', id, flags, 1, 0, 0, 1 if edns else 0) + \
        wire_name(name) + struct.pack('!HH', TYPES.get(type, type), 1) + edns


def ask(server, name, type, tcp=False, limit=5, **how):
    """Sends a question to a server or to (address, port)."""
    where = server if isinstance(server, tuple) else (server.address, server.port)
    query = question(name, type, **how)
    kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as client:
        client.settimeout(limit * harness.PATIENCE)
        client.connect(where)
        if not tcp:
            client.send(query)
            return Answer.read(client.recv(65535))
        client.sendall(struct.pack('!H', len(query)) + query)
        stream = client.makefile('rb')
        return Answer.read(stream.read(struct.unpack('!H', stream.read(2))[0]))


# --- resolvers

class Resolver:
    """An unbound of its own, which trusts the keys of the zones."""

    def __init__(self, test, server, zones):
        directory = test.temporary()
        address, port = harness.free_endpoint()
        self.where = (address, port)
        anchors = ''.join(f'    trust-anchor: "{zone}. DNSKEY {key}"\n' for zone in zones for key in keys(server, zone))
        stubs = ''.join(f'stub-zone:\n    name: "{zone}."\n    stub-addr: {server.address}@{server.port}\n'
                        for zone in zones)
        insecure = '' if not zones else '    local-zone: "test." nodefault\n'
        (directory / 'unbound.conf').write_text(
            f'server:\n    interface: {address}@{port}\n    directory: "{directory}"\n    chroot: ""\n'
            f'    username: ""\n    pidfile: ""\n    use-syslog: no\n    do-daemonize: no\n    num-threads: 1\n'
            f'    access-control: 127.0.0.0/8 allow\n    do-not-query-localhost: no\n    aggressive-nsec: yes\n'
            f'    harden-below-nxdomain: yes\n    module-config: "validator iterator"\n    val-log-level: 2\n'
            f'    qname-minimisation: no\n{insecure}{anchors}'
            f'remote-control:\n    control-enable: no\n{stubs}')
        self.log = open(directory / 'unbound.log', 'w+')
        self.process = subprocess.Popen([UNBOUND, '-d', '-c', str(directory / 'unbound.conf')],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        preexec_fn=harness._die_with_parent)
        test.addCleanup(self.stop)
        end = time.monotonic() + 20 * harness.PATIENCE
        while True:
            try:
                ask(self.where, 'invalid', 'A', limit=0.3)
                return
            except OSError:
                if time.monotonic() > end or self.process.poll() is not None:
                    raise AssertionError(self.said()) from None

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        self.log.close()

    def said(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read()[-4000:]

    def ask(self, name, type):
        return ask(self.where, name, type, do=True, flags=0x0120)


def keys(server, zone):
    """Keys with the SEP flag, as text."""
    found = []
    for rdata in ask(server, zone, 'DNSKEY', tcp=True).has('DNSKEY'):
        flags, protocol, algorithm = struct.unpack_from('!HBB', rdata)
        if flags & 1:
            found.append(f'{flags} {protocol} {algorithm} {base64.b64encode(rdata[4:]).decode()}')
    return found


# --- servers

POLICY = '''
policy:
  - id: nsec
    nsec3: off
  - id: nsec3
    nsec3: on
    nsec3-salt-length: 0
mod-onlinesign:
  - id: nsec
'''
SIGNED = {
    'plain': [],
    'nsec': ['dnssec-signing: on', 'dnssec-policy: nsec'],
    'nsec3': ['dnssec-signing: on', 'dnssec-policy: nsec3'],
}


class Synthesis(KnotTest):
    def synthesizing(self, zones, options=(), zone_options=None, start=True, **more):
        if not any(option.startswith('synthesize:') for option in options):
            options = [SYNTHESIZE, *options]
        server = self.server(zones, start=False, modules={'default': list(options), **more.pop('modules', {})},
                             zone_options=zone_options, template=more.pop('template', ['module: mod-caaudit/default']),
                             **more)
        return server.start() if start else server

    def delv(self, server, zone, name, type='CAA'):
        """What delv says, with the keys of the zone as trust anchors."""
        if DELV is None:
            self.skipTest('no delv')
        anchors = server.directory / 'anchors'
        anchors.write_text('trust-anchors {\n' + ''.join(
            '%s. static-key %s %s %s "%s";\n' % (zone, *key.split()) for key in keys(server, zone)) + '};\n')
        result = subprocess.run([DELV, f'@{server.address}', '-p', str(server.port), '-a', str(anchors),
                                 f'+root={zone}', '+nomtrace', name, type], capture_output=True, text=True, timeout=60)
        return result.stdout + result.stderr

    def validates(self, server, zone, name, type='CAA'):
        said = self.delv(server, zone, name, type)
        self.assertIn('; fully validated', said, f'{name} {type}\n{said}')
        self.assertNotIn('resolution failed', said)

    def same(self, ours, theirs, name, type, **how):
        """Both servers give the same answer, octets in order and signatures apart."""
        with self.subTest(name=name, type=type, **how):
            mine, other = ask(ours, name, type, **how), ask(theirs, name, type, **how)
            if mine.truncated and other.truncated and how.get('do'):
                # The server may have given up at an RRSIG, before a module sees the answer. What
                # a truncated answer holds is of no use to anybody (RFC 2181 section 9).
                mine.size, mine.answer = other.size, other.answer
            self.assertEqual(mine, other)
            return mine
