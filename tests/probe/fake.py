# SPDX-License-Identifier: GPL-2.0-or-later

"""A name server of a few lines that answers as a test wants, on a loopback address of its own.

    with Fake(lambda query, tcp: query.reply(answer=[...])) as fake:
        ... --server fake.server

The function gets each query, and returns what to send: octets, a list of them, or None for silence. It runs
in threads of the fake server.
"""

import contextlib
import random
import socket
import socketserver
import struct
import threading

TYPES = {'A': 1, 'NS': 2, 'CNAME': 5, 'SOA': 6, 'TXT': 16, 'DS': 43, 'DNSKEY': 48, 'CAA': 257}


def wire(name):
    """A name in wire form."""
    return b''.join(bytes([len(label)]) + label.encode() for label in name.rstrip('.').split('.') if label) + b'\0'


def record(owner, type, rdata, ttl=300):
    """One record; the owner is a name, or octets such as a pointer."""
    owner = owner if isinstance(owner, bytes) else wire(owner)
    return owner + struct.pack('>HHIH', TYPES.get(type, type), 1, ttl, len(rdata)) + rdata


def soa(zone, serial=7):
    return record(zone, 'SOA', wire('ns.' + zone) + wire('hostmaster.' + zone) + struct.pack('>5I', serial, 1, 1, 1, 1))


def caa(owner, value, tag='issue', flags=0):
    return record(owner, 'CAA', bytes([flags, len(tag)]) + tag.encode() + value.encode())


class Query:
    """A query that came in."""

    def __init__(self, data):
        self.data = data
        self.id = data[:2]
        labels, at = [], 12
        while data[at] > 0:
            labels.append(data[at + 1:at + 1 + data[at]].decode())
            at += 1 + data[at]
        self.name = '.'.join(labels).lower()
        self.type = struct.unpack('>H', data[at + 1:at + 3])[0]
        self.question = data[12:at + 5]
        self.edns = data[11] == 1

    def reply(self, answer=(), authority=(), flags=0x8400, id=None, question=None, counts=None, edns=None, tail=b''):
        """An answer; every part may be wrong."""
        opt = b'\0' + struct.pack('>HHIH', 41, 1232, 0x8000, 0) if (self.edns if edns is None else edns) else b''
        counts = counts or (1, len(answer), len(authority), 1 if opt else 0)
        return ((id or self.id) + struct.pack('>5H', flags, *counts) +
                (self.question if question is None else question) +
                b''.join(answer) + b''.join(authority) + opt + tail)


class Zone:
    """Answers as a sound server of one zone does; override() for what it does not."""

    def __init__(self, zone, records=()):
        self.zone = zone
        self.records = {}
        for owner, type, data in [(zone, 'SOA', soa(zone)), (zone, 'NS', record(zone, 'NS', wire('ns.' + zone))),
                                  (zone, 'CAA', caa(zone, 'sectigo.com')),
                                  (zone, 'CAA', caa(zone, 'sectigo.com', 'issuewild')), *records]:
            self.records.setdefault((owner, TYPES[type]), []).append(data)

    def __call__(self, query, tcp):
        found = self.records.get((query.name, query.type), [])
        return query.reply(found, [] if found else [soa(self.zone)])


class Fake:
    def __init__(self, answer):
        self.answer = answer
        self.queries = []
        self.ports = []  # that datagrams came from
        self.stop = threading.Event()

    def __enter__(self):
        fake = self

        class Datagram(socketserver.BaseRequestHandler):
            def handle(self):
                data, sock = self.request
                fake.queries.append((Query(data), False))
                fake.ports.append(self.client_address[1])
                said = fake.answer(Query(data), False)
                for message in [said] if isinstance(said, bytes) else said or []:
                    with contextlib.suppress(OSError):
                        sock.sendto(message, self.client_address)

        class Stream(socketserver.BaseRequestHandler):
            def handle(self):
                size = struct.unpack('>H', self.request.recv(2, socket.MSG_WAITALL))[0]
                query = Query(self.request.recv(size, socket.MSG_WAITALL))
                fake.queries.append((query, True))
                said = fake.answer(query, True)
                with contextlib.suppress(OSError):
                    if callable(said):
                        said(self.request, fake.stop)
                    elif said is not None:
                        self.request.sendall(struct.pack('>H', len(said)) + said)
                    else:
                        fake.stop.wait(5)

        class UdpServer(socketserver.ThreadingUDPServer):
            daemon_threads, block_on_close = True, False
            max_packet_size = 4096

        class TcpServer(socketserver.ThreadingTCPServer):
            daemon_threads, block_on_close = True, False
            allow_reuse_address = True

        for _ in range(50):
            self.address = f'127.{random.randint(1, 250)}.{random.randint(0, 250)}.{random.randint(1, 250)}'
            self.port = random.randint(10000, 32000)
            try:
                self.udp = UdpServer((self.address, self.port), Datagram)
            except OSError:
                continue
            try:
                self.tcp = TcpServer((self.address, self.port), Stream)
                break
            except OSError:
                self.udp.server_close()
        self.server = f'{self.address}@{self.port}'
        self.threads = [threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
                        for server in (self.udp, self.tcp)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        for server in (self.udp, self.tcp):
            server.shutdown()
            server.server_close()
