# SPDX-License-Identifier: GPL-2.0-or-later

"""A farm with a root: the servers of the root, of two top-level domains, of a zone that aliases lead to, and
three of the zone that is probed. All zones are signed."""

import tempfile

import farm
from farm import Bind, Knot, Nsd

ZONE, PARENT, OUTSIDE = 'farm.test', 'test', 'cdn.example'
SOA = 'SOA ns hostmaster 7 3600 600 86400 300'
NAMES = ('root', 'tld', 'cdn', 's1', 's2', 's3')
ADDRESS = {name: (f'192.0.2.{number}', f'2001:db8::{number:x}') for number, name in enumerate(NAMES, 1)}
KINDS = {'root': Nsd, 'tld': Knot, 'cdn': Bind, 's1': Knot, 's2': Nsd, 's3': Bind}
SERVERS = ('s1', 's2', 's3')


def addresses(owner, name):
    return f'{owner} 3600 A {ADDRESS[name][0]}\n{owner} 3600 AAAA {ADDRESS[name][1]}\n'


def glue(servers=SERVERS):
    return ''.join(addresses(f'ns-{name}.{ZONE}.', name) for name in servers)


def zone(caa='@ 3600 CAA 0 issue "sectigo.com"\n@ 3600 CAA 0 issuewild "sectigo.com"\n', servers=SERVERS, more='',
         at=None):
    """The zone that is probed."""
    return (f'$ORIGIN {ZONE}.\n@ 3600 {SOA}\n' + ''.join(f'@ 3600 NS ns-{name}\n' for name in servers) +
            (glue() if at is None else at) + '@ 3600 A 192.0.2.80\nwww 3600 A 192.0.2.80\n' + caa + more)


class World(farm.Farm):
    """Zones are set with serve(); start() comes after the first of them."""

    def __init__(self, signed=True):
        super().__init__()
        self.signed = signed
        self.text, self.signer = {}, {}
        for name in NAMES:
            self.add(name, KINDS[name], {})
        self.hints = self.dir / 'root.hints'
        self.hints.write_text('. 3600 NS a.root-srv.\n' + addresses('a.root-srv.', 'root'))
        for name in ('.', 'test', 'example', ZONE, OUTSIDE):
            self.signer[name] = farm.Signer(name, tempfile.mkdtemp(dir=self.dir))
        self.anchor = self.dir / 'root.ds'
        self.anchor.write_text(f'. 3600 DS {self.signer["."].ds()}\n')
        self.serve_above()
        for name in SERVERS:
            self.serve(name, ZONE, zone())
        self.serve('cdn', OUTSIDE, self.outside())
        self.start()

    def outside(self, more=''):
        return (f'$ORIGIN {OUTSIDE}.\n@ 3600 {SOA}\n@ 3600 NS a.cdn-srv.\n@ 3600 A 192.0.2.90\n'
                f'edge 3600 A 192.0.2.90\nlocked 3600 A 192.0.2.90\n{more}')

    def sign(self, name, text, *options, signed=True):
        return self.signer[name].sign(text, *options) if self.signed and signed else text

    def ds(self, name):
        return f'{name}. 3600 DS {self.signer[name].ds()}\n' if self.signed else ''

    def serve(self, server, name, text, *options, signed=True):
        self.server[server].write(name, self.sign(name, text, *options, signed=signed))

    def serve_above(self, servers=SERVERS, at=None, ds=None, caa=''):
        """Root and top-level domains; what the parent says of the zone may differ from what the zone says."""
        self.serve('root', '.', f'$ORIGIN .\n@ 3600 {SOA}\n@ 3600 NS a.root-srv.\n' +
                   addresses('a.root-srv.', 'root') + addresses('a.tld-srv.', 'tld') +
                   addresses('a.cdn-srv.', 'cdn') +
                   'test. 3600 NS a.tld-srv.\nexample. 3600 NS a.tld-srv.\n' + self.ds('test') + self.ds('example'))
        self.serve('tld', 'test', f'$ORIGIN test.\n@ 3600 {SOA}\n@ 3600 NS a.tld-srv.\n{caa}' +
                   ''.join(f'{ZONE}. 3600 NS ns-{name}.{ZONE}.\n' for name in servers) +
                   (glue(servers) if at is None else at) + (self.ds(ZONE) if ds is None else ds))
        self.serve('tld', 'example', f'$ORIGIN example.\n@ 3600 {SOA}\n@ 3600 NS a.tld-srv.\n'
                   f'{OUTSIDE}. 3600 NS a.cdn-srv.\n' + self.ds(OUTSIDE))

    def words(self, *words):
        return ['probe', ZONE, '--root-hints', self.hints, *(['--trust-anchor', self.anchor] if self.signed else []),
                '--rate', '200', *words]
