# SPDX-License-Identifier: GPL-2.0-or-later

"""A farm of six servers of one zone, and what a test of it needs.

The environment names the command (CAAUDIT). Expectations are finding ids and the servers that they stand at.
"""

import collections
import json
import os
import sys
import unittest

import farm
from farm import Bind, Knot, Nsd

COMMAND = os.environ.get('CAAUDIT', 'caaudit')
ZONE = 'farm.test'
KINDS = (Knot, Nsd, Bind)
HASH = '_0123456789abcdef0123456789abcdef'
TARGET = '0123456789abcdef0123456789abcdef.fedcba9876543210fedcba9876543210.sectigo.com.'
HOSTS = ['--host', '@', '--host', 'www', '--host', 'shop', '--validation', f'{HASH}.www {TARGET}']


def zone(serial=7, caa='sectigo.com', more=''):
    """The zone of the farm; both issue and issuewild, so that not even advice is to be had."""
    return f'''$ORIGIN {ZONE}.
@ 3600 SOA ns1 hostmaster {serial} 3600 600 86400 300
@ 3600 NS ns1
ns1 3600 A 192.0.2.1
@ 3600 A 192.0.2.1
@ 3600 CAA 0 issue "{caa}"
@ 3600 CAA 0 issuewild "{caa}"
www 3600 A 192.0.2.1
shop 3600 CNAME www
{HASH}.www 3600 CNAME {TARGET}
{more}'''


def found(document):
    """{id: servers} of all findings."""
    at = collections.defaultdict(set)
    for finding in document['findings']:
        at[finding['id']].update(finding['servers'])
    return {id: sorted(servers) for id, servers in at.items()}


@unittest.skipIf(farm.available(), farm.available())
class FarmCase(unittest.TestCase):
    """A sound farm of six; a test makes a fault at one server, and it is mended afterwards."""

    maxDiff = 3000
    kinds = KINDS * 2
    table = {}

    @classmethod
    def sound_zone(cls):
        """What every server has unless a test says otherwise."""
        return zone()

    @classmethod
    def setUpClass(cls):
        cls.farm = farm.Farm()
        cls.addClassCleanup(cls.farm.close)
        cls.text = cls.sound_zone()
        for number, kind in enumerate(cls.kinds, 1):
            cls.farm.add(f's{number}', kind, {ZONE: cls.text})
        cls.farm.start()
        cls.servers = list(cls.farm.server.values())

    @classmethod
    def tearDownClass(cls):
        """Prints the faults that were found, and by which id, for each kind of server."""
        kinds = [kind.kind for kind in KINDS]
        for fault, row in {'fault': {kind: kind for kind in kinds}, **cls.table}.items() if cls.table else ():
            print(f'{fault:30}' + ''.join(f'{row.get(kind, "-"):38}' for kind in kinds).rstrip(), file=sys.stderr)
        cls.table.clear()

    def setUp(self):
        self.text = self.sound_zone()

    def tearDown(self):
        self.serve_all(self.sound_zone())

    def words(self, v6=False, hosts=HOSTS):
        servers = [word for server in self.servers for address in [server.v4, *([server.v6] if v6 else [])]
                   for word in ('--server', address)]
        return [COMMAND, 'probe', ZONE, *hosts, *servers]

    def json(self, words, code=None):
        """Runs the command, and returns the one document that it prints."""
        result = self.farm.run([*words, '--format', 'json', '--fail-on', 'notice'])
        self.assertEqual(result.stderr, '')
        documents = json.loads(result.stdout)
        self.assertEqual(len(documents), 1)
        if code is not None:
            self.assertEqual(result.returncode, code, json.dumps(documents[0]['findings'])[:3000])
        return documents[0]

    def document(self, *words, v6=False, hosts=HOSTS, code=None):
        return self.json([*self.words(v6, hosts), *words], code)

    def sound(self, *words, **options):
        document = self.document(*words, code=0, **options)
        self.assertEqual((found(document), document['not_checked']), ({}, []))
        return document

    def fault(self, fault, kind, id, severity, *words, v6=False, hosts=HOSTS, at=None):
        """The fault at the first server of a kind is found there by its id, and nothing else is."""
        server = self.first(kind)
        document = self.document(*words, v6=v6, hosts=hosts, code=1)
        self.assertEqual(found(document), {id: [at or server.v4]}, json.dumps(document['findings'])[:3000])
        self.assertEqual({finding['severity'] for finding in document['findings']}, {severity})
        self.note(fault, kind, f'{id} ({severity})')
        return document

    def note(self, fault, kind, what):
        self.table.setdefault(fault, {})[kind.kind] = what

    def first(self, kind):
        return next(server for server in self.servers if server.kind == kind.kind)

    def each(self, check, kinds=KINDS):
        """Calls check(kind, server) for the first server of each kind, and mends it afterwards."""
        for kind in kinds:
            with self.subTest(kind.kind):
                try:
                    check(kind, self.first(kind))
                finally:
                    self.mend(self.first(kind))

    def mend(self, *servers):
        """Puts servers back into the state of a sound farm."""
        for server in servers:
            if server.filtered:
                server.nft()
            if list(server.zones) != [ZONE] or server.options or server.process is None or \
                    server.zones[ZONE].read_text() != self.text:
                server.zones.clear()
                server.write(ZONE, self.text)
                server.restart()

    def serve_all(self, text):
        """Lets all servers have another zone, which is the sound one of this test."""
        self.text = text
        self.mend(*self.servers)

    def serve(self, text, *servers):
        """Lets servers have another zone."""
        for server in servers:
            server.write(ZONE, text)
            server.restart()
