# SPDX-License-Identifier: GPL-2.0-or-later

"""Beside other modules, placed before and after: each case that the documentation claims."""

import socket
import subprocess
import tempfile
import unittest

import harness
from harness import LOOPBACK_ACL, KnotTest, zone_file
from test_lookups import HASH, question

OURS = 'mod-caaudit/x'
# Since 3.4 a limit of the moment comes on top, which lets the first queries pass.
RRL = 'mod-rrl:\n  - id: r\n    rate-limit: 1\n' + ('    instant-limit: 1\n' if harness.knot_version() >= (3, 4) else '')


def has_geoip():
    """It may be in a package of its own; conf-check names a module that is missing."""
    with tempfile.NamedTemporaryFile('w', suffix='.conf') as conf:
        conf.write('template:\n  - id: default\n    module: mod-geoip/x\n')
        conf.flush()
        said = subprocess.run([harness.TOOLS['knotc'], '-c', conf.name, 'conf-check'], capture_output=True, text=True)
    return 'unknown module' not in said.stdout + said.stderr


class Modules(KnotTest):
    def beside(self, other, section, first, records=''):
        """A server with another module before or after ours."""
        modules = f'{other}, {OURS}' if first else f'{OURS}, {other}'
        server = self.server({'example.com': zone_file(records)}, modules={'x': ['audit-delay: 0']},
                             template=[f'module: [ {modules} ]', 'acl: transfer'], extra=LOOPBACK_ACL + section)
        server.wait_audit('example.com')
        return server

    def both(self, other, section='', records=''):
        for first in (True, False):
            with self.subTest('before' if first else 'after'):
                yield first, self.beside(other, section, first, records)

    def send(self, server, count):
        """Sends queries and tells how many were answered."""
        answers = 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.3)
            client.connect((server.address, server.port))
            for _ in range(count):
                client.send(question(f'{HASH}.example.com'))
                try:
                    client.recv(4096)
                    answers += 1
                except TimeoutError:
                    pass
        return answers

    def test_queryacl(self):
        for _, server in self.both('mod-queryacl/q', 'mod-queryacl:\n  - id: q\n    address: 192.0.2.0/24\n'):
            self.assertIn('NOTAUTH', server.kdig(f'{HASH}.example.com', 'CNAME'))
            self.assertIn('NOTAUTH', server.kdig('example.com', 'CAA'))
            stats = server.stats('example.com')
            self.assertEqual((stats['lookup-failures[refused]'], stats['lookup-failures[nxdomain]']), (2, 0))
            self.assertEqual(stats['findings[dcv-lookup-unanswered]'], 0)

    def test_rrl_drops(self):
        """Before us what is dropped is seen as refused, after us it is counted by its answer.
        Since 3.4 it is dropped at the beginning, and seen either way."""
        section = RRL + '    slip: 0\n'
        for first, server in self.both('mod-rrl/r', section):
            answers = self.send(server, 12)
            self.assertLess(answers, 12)
            stats = server.stats('example.com')
            self.assertEqual(stats['lookups[validation]'], 12)
            seen = first or harness.knot_version() >= (3, 4)
            self.assertEqual(stats['lookup-failures[refused]'], 12 - answers if seen else 0)
            self.assertEqual(stats['lookup-failures[nxdomain]'], answers if seen else 12)

    def test_rrl_slips(self):
        """What is truncated is no failure: the client comes again over TCP."""
        server = self.beside('mod-rrl/r', RRL + '    slip: 1\n', True)
        self.assertEqual(self.send(server, 12), 12)
        stats = server.stats('example.com')
        self.assertEqual(stats['lookups[validation]'], 12)
        self.assertEqual(stats['lookup-failures[refused]'], 0)
        self.assertLess(stats['lookup-failures[nxdomain]'], 12)

    def test_global_scope(self):
        """Modules of the server as a whole come before those of a zone."""
        queryacl = 'mod-queryacl:\n  - id: q\n    address: 192.0.2.0/24\n'
        for other, section in (('mod-queryacl/q', queryacl), ('mod-rrl/r', RRL + '    slip: 0\n')):
            with self.subTest(other):
                server = self.server({'example.com': zone_file()}, modules={'x': []}, extra=section,
                                     template=[f'global-module: {other}', f'module: {OURS}'])
                server.wait_loaded('example.com')
                dropped = 12 - self.send(server, 12)
                refused = 12 if 'queryacl' in other else dropped
                self.assertGreater(refused, 0)
                stats = server.stats('example.com')
                self.assertEqual((stats['lookups[validation]'], stats['lookup-failures[refused]']), (12, refused))

    def test_noudp(self):
        for _, server in self.both('mod-noudp'):
            self.send(server, 1)
            stats = server.stats('example.com')
            self.assertEqual(stats['lookups[validation]'], 1)
            self.assertEqual([stats[f'lookup-failures[{what}]'] for what in ('refused', 'nxdomain', 'nodata')], [0] * 3)
            server.query(f'{HASH}.example.com', 'CNAME', '+tcp')
            self.assertEqual(server.stats('example.com')['lookup-failures[nxdomain]'], 1)

    def test_synthrecord(self):
        """Synthetic records are no records of the zone: the audit says the same."""
        section = 'mod-synthrecord:\n  - id: s\n    type: forward\n    prefix: dyn-\n    network: 192.0.2.0/24\n'
        for _, server in self.both('mod-synthrecord/s', section, '@ CAA 0 issue "ca.example.net"\n'):
            self.assertEqual(server.query('dyn-192-0-2-7.example.com', 'A'), ['192.0.2.7'])
            self.assertIn('caa-issue-denied', server.stats('example.com').findings())

    def test_onlinesign(self):
        """The audit sees the zone before it is signed: it is no signed zone for it. What does not
        exist is answered NODATA (RFC 9824), and counted so by a module that comes after."""
        for first, server in self.both('mod-onlinesign', '', '@ CAA 0 issue "ca.example.net"\n'):
            self.assertIn('RRSIG', server.kdig('example.com', 'CAA', '+dnssec'))
            found = server.stats('example.com').findings()
            self.assertIn('caa-issue-denied', found)
            self.assertFalse([id for id in found if id.startswith('dnssec-')])
            owner = f'{HASH}.www.example.com.'
            server.query(owner, 'CNAME', '+dnssec')
            server.wait_event('finding', 'example.com', id='dcv-lookup-unanswered', owner=owner)
            stats = server.stats('example.com')
            self.assertEqual(stats['lookup-failures[nxdomain]'] + stats['lookup-failures[nodata]'], 1)

    @unittest.skipUnless(has_geoip(), 'no mod-geoip')
    def test_geoip(self):
        """What geoip answers instead of the zone is not what the audit reads."""
        section = f'''mod-geoip:
  - id: g
    config-file: "{self.temporary() / 'geo.conf'}"
    mode: subnet
    ttl: 20
'''
        path = section.split('"')[1]
        with open(path, 'w') as file:
            file.write('example.com:\n  - net: 127.0.0.0/8\n    CAA: "0 issue sectigo.com"\n')
        for _, server in self.both('mod-geoip/g', section, '@ CAA 0 issue "ca.example.net"\n'):
            self.assertEqual(server.query('example.com', 'CAA'), ['0 issue "sectigo.com"'])
            self.assertIn('caa-issue-denied', server.stats('example.com').findings())

    @unittest.skipUnless(has_geoip(), 'no mod-geoip')
    def test_geoip_beside_a_zone_file(self):
        """Whether the file is served cannot be told where geoip answers, and the log says how to read the zone."""
        conf = self.temporary() / 'geo.conf'
        conf.write_text('example.com:\n  - net: 127.0.0.0/8\n    CAA: "0 issue sectigo.com"\n')
        server = self.server({'example.com': zone_file('@ CAA 0 issue "ca.example.net"\n')},
                             modules={'x': ['audit-delay: 0', 'source: zonefile']},
                             template=[f'module: [ mod-geoip/g, {OURS} ]'],
                             extra=f'mod-geoip:\n  - id: g\n    config-file: "{conf}"\n    mode: subnet\n    ttl: 20\n')
        self.assertRegex(server.wait_event('not checked', 'example.com').text,
                         "another query module that answers there, set 'source: transfer'")

    def test_acl(self):
        """ACLs do not refuse queries."""
        server = self.server({'example.com': zone_file()}, modules={'x': []}, template=[f'module: {OURS}', 'acl: none'],
                             extra='acl:\n  - id: none\n    address: 127.0.0.0/8\n    deny: on\n')
        server.query('example.com', 'CAA')
        stats = server.stats('example.com')
        self.assertEqual((stats['lookups[caa]'], stats['lookup-failures[refused]']), (1, 0))


if __name__ == '__main__':
    harness.main()
