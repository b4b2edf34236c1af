# SPDX-License-Identifier: GPL-2.0-or-later

"""Strange sets and strange questions get the answers of a server that has the records."""

import socket
import struct

import harness
import watch
from harness import zone_file
from synthesis import POLICY, SIGNED, TYPES, Answer, Synthesis, ask, wire_name

CAA = TYPES['CAA']
SECTIGO = '0 issue "sectigo.com"'
TSIG = 'hmac-sha256:tester.:MTIzNDU2Nzg5MGFiY2RlZg=='


def generic(rdata):
    """RDATA in the form for unknown types (RFC 3597 section 5)."""
    return f'\\# {len(rdata)} {rdata.hex()}'


def caa(flags, tag, value):
    return generic(bytes([flags, len(tag)]) + tag + value)


def small(count):
    """Many of the smallest records there are, none of which means anything."""
    return [caa(0, b'%c%c%c' % (97 + number % 26, 97 + number // 26 % 26, 97 + number // 676), b'')
            for number in range(count)]


def flip(name):
    """The name with capitals here and there (0x20)."""
    return ''.join(letter.upper() if number % 2 else letter for number, letter in enumerate(name))


def message(name='example.test', type=CAA, rdclass=1, flags=0, extra=b'', counts=(1, 0, 0, 0), id=4711):
    return struct.pack('!6H', id, flags, *counts) + wire_name(name) + struct.pack('!HH', type, rdclass) + extra


def opt(size=1232, version=0, ttl=0, options=b'', owner=b'\0'):
    return owner + struct.pack('!HHBBHH', 41, size, ttl, version, 0, len(options)) + options


def option(code, data):
    return struct.pack('!HH', code, len(data)) + data


def exchange(server, query, tcp=False):
    """The response octet for octet; None if there is none before that of the next question."""
    last = message(type=TYPES['SOA'], id=1)
    kind = socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM
    with socket.socket(socket.AF_INET, kind) as client:
        client.settimeout(server.limit)
        client.connect((server.address, server.port))
        if not tcp:
            client.send(query)
            client.send(last)
            response = client.recv(65535)
            return None if response[:2] == last[:2] else response
        stream = client.makefile('rb')
        client.sendall(b''.join(struct.pack('!H', len(part)) + part for part in (query, last)))
        try:
            response = stream.read(struct.unpack('!H', stream.read(2))[0])
        except (struct.error, ConnectionError):
            return None  # It has hung up.
        return None if response[:2] == last[:2] else response


class Hostile(Synthesis):
    # Records that are stored, and whether they are extended.
    SETS = {
        'longtag': ([caa(0, b'a' * 255, b'x')], True),
        'octets': ([caa(0, b'issue', bytes(range(256))), caa(127, b'issue', b'\0'), caa(0, b'', b'')], True),
        'flags': ([caa(127, b'issue', b'other.example'), caa(128, b'issue', b'third.example')], True),
        'capitals': ([caa(0, b'ISSUE', b'OTHER.EXAMPLE'), caa(0, b'iSsUe', b' other.example ')], True),
        'hundreds': ([f'0 issue "ca{number}.example; x={"y" * 20}"' for number in range(400)], True),
        'thousands': (small(2000), True),
        'full': (small(4000), False),
        'one': ([caa(0, b'iodef', b'x' * 60000)], False),
    }

    def pair(self, ours, theirs, options=(), extra='', modules=None, template=()):
        host = f'host: [ "@", www, w, a.w, a.b.wild, {self.LONG} ]'
        ours = self.synthesizing(ours, [host, *options], extra=extra, modules=modules or {},
                                 zone_options={name: [*template, 'module: [ ' + ', '.join(
                                     [*(modules or {}), 'mod-caaudit/default']) + ' ]'] for name in ours}, template=())
        theirs = self.server(theirs, module=False, extra=extra, zone_options={name: list(template) for name in theirs})
        return ours, theirs

    def test_sets(self):
        def zone(records, ttl=3600):
            return zone_file(''.join(f'@ {ttl} CAA {record}\nt {ttl} CAA {record}\n' for record in records) +
                             'www CNAME t\n')
        for mode, signing in SIGNED.items():
            stored, extended = {}, {}
            for name, (records, added) in self.SETS.items():
                if mode != 'plain' and name in ('thousands', 'full', 'one'):
                    continue  # The server signs no set of this size.
                if watch.KIND == 'thread' and name == 'one':
                    continue  # With this runtime knotd dies of a record of this size, module or not.
                have = ['0 issue "ca.example"', *records]
                stored[f'{name}.{mode}.test'] = zone(have)
                extended[f'{name}.{mode}.test'] = zone([*have, SECTIGO] if added else have)
            for ttl in (0, 1, 2 ** 31 - 1 if mode == 'plain' else 7 * 86400):
                stored[f'ttl{ttl}.{mode}.test'] = zone(['0 issue "ca.example"'], ttl)
                extended[f'ttl{ttl}.{mode}.test'] = zone(['0 issue "ca.example"', SECTIGO], ttl)
            ours, theirs = self.pair(stored, extended, extra=POLICY, template=signing)
            for name in stored:
                for server in (ours, theirs):
                    server.wait_loaded(name)
                for host in (name, f'www.{name}', f't.{name}', flip(f'www.{name}')):
                    for type in ('CAA', 'ANY'):
                        for how in ({}, {'do': True}, {'tcp': True}, {'tcp': True, 'do': True}, {'size': 65535}):
                            self.same(ours, theirs, host, type, **how)
                if mode != 'plain' and not name.startswith('octets'):  # delv knows no empty tag
                    self.validates(ours, name, f'www.{name}')
            ours.stop()
            theirs.stop()

    def test_brim(self):
        """A set that fits into a message is answered over TCP, whatever it would grow to."""
        counts = range(3846, 3856)
        records = {count: ['0 issue "ca.example"', *small(count)] for count in counts}
        zones = {f'z{count}.test': zone_file(''.join(f'@ CAA {record}\n' for record in records[count]))
                 for count in counts}
        ours, theirs = self.pair(zones, zones)
        seen = set()
        for zone in zones:
            mine, other = ask(ours, zone, 'CAA', tcp=True), ask(theirs, zone, 'CAA', tcp=True)
            seen.add(bool(other.answer))
            self.assertEqual(mine, other, zone)
        self.assertEqual(seen, {False, True})

    ZONE = ('www CNAME t\nt CAA 0 issue "ca.example"\n@ CAA 0 issue "ca.example"\n*.w CAA 0 issue "ca.example"\n'
            'w A 192.0.2.9\n*.b.wild CAA 0 issue "ca.example"\ntxt TXT "x"\n'
            '*.other CAA 0 issue "ca.example"\nother CAA 0 issue "ca.example"\n')
    LONG = '.'.join(['x' * 63, 'x' * 63, 'x' * 63, 'x' * 45]) + '.w'
    NAMES = ['example.test', 'www.example.test', 't.example.test', 'a.w.example.test', 'w.example.test', 'a.b.wild.example.test', 'b.wild.example.test',
             f'{LONG}.example.test', 'nx.example.test', '', 'test']

    def questions(self):
        for name in self.NAMES:
            yield message(name)
            yield message(flip(name), extra=opt(), counts=(1, 0, 0, 1))
            for type in (CAA, TYPES['ANY'], TYPES['CNAME'], TYPES['RRSIG'], TYPES['DNSKEY'], TYPES['NSEC'], 0, 251, 252,
                         253, 254, 65535):
                yield message(name, type)
        for rdclass in (0, 3, 4, 254, 255, 65535):
            yield message(rdclass=rdclass)
        for flags in [opcode << 11 for opcode in range(16)] + [0x0100, 0x0010, 0x0020, 0x0200, 0x0400, 0x000f, 0x8000]:
            yield message(flags=flags)
            yield message(flags=flags, extra=opt(), counts=(1, 0, 0, 1))
        edns = [opt(size) for size in (0, 1, 511, 512, 513, 4096, 65535)]
        edns += [opt(version=1), opt(version=255), opt(ttl=255), opt(owner=b'\1a\0'), opt() + opt(),
                 opt(options=option(3, b'')), opt(options=option(8, b'\0\1\x18\0\xc0\0\2')),
                 opt(options=option(10, b'12345678')), opt(options=option(10, b'1234')), opt(options=option(12, bytes(99))),
                 opt(options=option(65001, bytes(500))), opt(options=b'\0'), opt(options=option(15, b'\0\0'))]
        for extra in edns:
            yield message(extra=extra, counts=(1, 0, 0, 2 if extra == opt() + opt() else 1))
            yield message(extra=extra[:-1], counts=(1, 0, 0, 1))
        for counts in ((0, 0, 0, 0), (2, 0, 0, 0), (1, 1, 0, 0), (1, 0, 1, 0), (1, 0, 0, 1)):
            yield message(counts=counts)
        yield message(extra=b'\xc0\x0c' + struct.pack('!HHIH', CAA, 1, 0, 0), counts=(1, 1, 0, 0))
        yield message(extra=wire_name('www.example.test') + struct.pack('!HH', CAA, 1), counts=(2, 0, 0, 0))
        yield message()[:-1]
        yield message() + b'x'

    def test_questions(self):
        """Octet for octet, in a zone that is not signed."""
        extended = self.ZONE.replace('0 issue "ca.example"', '0 issue "ca.example"\n{owner} CAA ' + SECTIGO)
        extended = ''.join(line.replace('{owner}', owner) + '\n' for owner, line in self.lines(extended))
        ours, theirs = self.pair({'example.test': zone_file(self.ZONE)}, {'example.test': zone_file(extended)})
        asked = 0
        for query in self.questions():
            for tcp in (False, True):
                asked += 1
                with self.subTest(query=query.hex(), tcp=tcp):
                    self.assertEqual(exchange(ours, query, tcp), exchange(theirs, query, tcp))
        # A wildcard is extended for all its names, and what decides for no host is not.
        ours.wait_audit('example.test')
        for name, extended in (('*.w', True), ('*.a.w', True), ('b.w', True), ('other', False), ('o.other', False)):
            self.assertEqual(ask(ours, f'{name}.example.test', 'CAA').caa,
                             ['issue ca.example'] + ['issue sectigo.com'] * extended, name)
        self.assertGreater(asked, 300)
        self.assertTrue(ours.alive)
        self.assertGreater(ours.stats('example.test')['synthesized[caa]'], 50)

    @staticmethod
    def lines(text):
        """Lines, each with the owner of the line before."""
        owner = ''
        for line in text.splitlines():
            yield owner, line
            owner = line.split(' ')[0]

    def test_signatures_alone(self):
        """Questions for signatures and keys get what is stored, and none of it is of use for another set."""
        zone = zone_file(self.ZONE)
        options = {'example.test': ['dnssec-signing: on', 'dnssec-policy: nsec', 'module: mod-caaudit/default']}
        server = self.synthesizing({'example.test': zone}, ['host: [ "@", www ]'], options, extra=POLICY)
        server.wait_loaded('example.test')
        for name in ('example.test', 'www.example.test', 't.example.test'):
            self.assertIn('issue sectigo.com', ask(server, name, 'CAA', do=True).caa)
            for do in (False, True):
                answer = ask(server, name, 'RRSIG', do=do, tcp=True)
                self.assertLessEqual({type for _, type, _, _ in answer.answer}, {TYPES['RRSIG'], TYPES['CNAME']})
        self.validates(server, 'example.test', 'example.test', 'DNSKEY')
        self.validates(server, 'example.test', 'www.example.test', 'CAA')

    def test_tsig_and_cookies(self):
        """Room that the server keeps for a TSIG or a cookie is not used up."""
        key = 'key:\n  - id: tester\n    algorithm: hmac-sha256\n    secret: MTIzNDU2Nzg5MGFiY2RlZg==\n' \
            'acl:\n  - id: tester\n    key: tester\n    action: query\n'
        cookies = 'mod-cookies:\n  - id: default\n    secret: 0x000102030405060708090a0b0c0d0e0f\n'
        for mode, signing in (('plain', []), ('nsec', SIGNED['nsec'])):
            stored, extended = {}, {}
            for count in range(7, 33):
                records = [f'0 issue "ca{number:03}.example"' for number in range(count)]
                stored[f'z{count}.test'] = zone_file(''.join(f'@ CAA {record}\n' for record in records))
                extended[f'z{count}.test'] = zone_file(''.join(f'@ CAA {record}\n' for record in [*records, SECTIGO]))
            ours = self.synthesizing(stored, ['host: "@"'], extra=key + cookies + POLICY, zone_options={
                name: [*signing, 'acl: tester', 'module: [ mod-cookies/default, mod-caaudit/default ]'] for name in stored},
                template=())
            theirs = self.server(extended, module=False, extra=key + cookies + POLICY, zone_options={
                name: [*signing, 'acl: tester', 'module: mod-cookies/default'] for name in stored})
            seen = set()
            for name in stored:
                for server in (ours, theirs):
                    server.wait_loaded(name)
                found = []
                for server in (ours, theirs):
                    said = server.kdig(name, 'CAA', '-y', TSIG, '+noall', '+header', '+answer', '+ignore', '+bufsize=512',
                                       *(['+dnssec'] if mode != 'plain' else []))
                    truncated = ' tc' in said.split('Flags:')[1].split(';')[0]
                    self.assertIn('NOERROR', said)
                    found.append((truncated, [] if truncated else
                                  sorted(line.split()[4:] for line in said.splitlines() if '\tCAA\t' in line)))
                self.assertEqual(*found, name)
                seen.add(found[0][0])
                query = message(name, extra=opt(512, options=option(10, b'12345678')), counts=(1, 0, 0, 1))
                if mode == 'plain':
                    mine, other = (Answer.read(exchange(server, query)) for server in (ours, theirs))
                    self.assertEqual((mine.answer, mine.size, mine.flags), (other.answer, other.size, other.flags))
            self.assertEqual(seen, {False, True})
            ours.stop()
            theirs.stop()


if __name__ == '__main__':
    harness.main()
