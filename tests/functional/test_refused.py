# SPDX-License-Identifier: GPL-2.0-or-later

"""What the server's own configuration refuses: the finding, and what a client gets beside it."""

import json
import os
import socket
import subprocess
import threading
import unittest

import harness
from harness import LOOPBACK_ACL, KnotTest, zone_file
from test_lookups import HASH, question
from test_modules import has_geoip

CAAUDIT = os.environ.get('CAAUDIT')
ZONE = 'example.com'
ADMITTED = '127.0.0.9'
BURST = harness.knot_version() >= (3, 4)


def rrl(rate, slip):
    # Since 3.4 a limit of the moment comes on top.
    return f'mod-rrl:\n  - id: r\n    rate-limit: {rate}\n    slip: {slip}\n' + (
        f'    instant-limit: {max(rate, 1)}\n' if BURST else '')


def queryacl(addresses, option='address', id='q'):
    return f'mod-queryacl:\n  - id: {id}\n    {option}: [ {addresses} ]\n'


class Refused(KnotTest):
    def make(self, module, section, options=(), scope='template', listen=None):
        """A server with a module in one of the places that put it in force for a zone."""
        ours, both = 'module: mod-caaudit/x', f'module: [ mod-caaudit/x, {module} ]'
        default = {'template': both, 'zone': ours, 'named': ours, 'global': ours}[scope]
        server = self.server({ZONE: zone_file()}, modules={'x': ['audit-delay: 0', *options]},
                             template=[default, 'acl: transfer'], extra=LOOPBACK_ACL + section, start=False)
        if scope == 'global':
            server.template.append(f'global-module: {module}')
        elif scope == 'zone':
            server.zone_options[ZONE] = [both]
        elif scope == 'named':
            server.templates['other'] = [both, 'acl: transfer']
            server.zone_options[ZONE] = ['template: other']
        if listen:
            server.server_options.append(f'listen: "{listen}@{server.port}"')
        server.configure()
        server.start()
        server.wait_audit(ZONE)
        return server

    def found(self, server):
        """Findings about the server, by severity; the command has the same from the configuration."""
        found = sorted((line.fields['id'], line.severity) for line in server.events('finding', ZONE)
                       if line.fields['id'].startswith('server-'))
        if CAAUDIT:
            result = subprocess.run([CAAUDIT, 'check', '--format', 'json', '--config', server.conf], capture_output=True,
                                    text=True, check=False, timeout=60)
            self.assertIn(result.returncode, (0, 1), result.stderr)
            documents = map(json.loads, result.stdout.splitlines())  # One for each instance of the module.
            self.assertEqual(sorted((finding['id'], finding['severity']) for document in documents
                                    for finding in document['findings'] if finding['id'].startswith('server-')), found)
        return found

    def rcode(self, server, *more):
        """The RCODE that a client gets for CAA."""
        return server.kdig(ZONE, 'CAA', *more).split('status: ')[1].split(';')[0]

    def send(self, server, count):
        """Flags of the answers to so many queries at once."""
        flags = []
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.5)
            client.connect((server.address, server.port))
            for _ in range(count):
                client.send(question(f'{HASH}.{ZONE}'))
            try:
                for _ in range(count):
                    flags.append(client.recv(4096)[2])
            except TimeoutError:
                pass
        return flags

    def test_query_refused(self):
        """The zone's list, that of its template, of the default one, and the global one."""
        for scope in ('zone', 'named', 'template', 'global'):
            for addresses in (f'{ADMITTED}', f'{ADMITTED}/32', '127.0.0.8-127.0.0.10', f'"2001:db8::/32", {ADMITTED}'):
                if scope != 'template' and addresses != ADMITTED:
                    continue
                with self.subTest(scope, addresses=addresses):
                    server = self.make('mod-queryacl/q', queryacl(addresses), scope=scope)
                    line = server.wait_event('finding', ZONE, id='server-query-refused', owner=f'{ZONE}.')
                    self.assertEqual(self.found(server), [('server-query-refused', 'warning')])
                    for part in ('section mod-queryacl, id q', 'option address', 'write: address: '):
                        self.assertIn(part, line.rest)
                    self.assertEqual('global-module' in line.rest, scope == 'global')
                    self.assertEqual((self.rcode(server), self.rcode(server, '-b', ADMITTED)), ('NOTAUTH', 'NOERROR'))
                    server.stop()

    def test_families(self):
        """A list of one family, where the server listens on both, and ranges of both."""
        for addresses, v4, v6 in (('0.0.0.0/0', 'NOERROR', 'NOTAUTH'), ('"::/0"', 'NOTAUTH', 'NOERROR'),
                                  ('0.0.0.0/0, "::2-ffff::"', 'NOERROR', 'NOTAUTH'),
                                  ('0.0.0.0-255.255.255.255, "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"', 'NOERROR', 'NOERROR')):
            with self.subTest(addresses):
                server = self.make('mod-queryacl/q', queryacl(addresses), listen='::1')
                expected = [('server-query-refused', 'warning')] if 'NOTAUTH' in (v4, v6) else []
                self.assertEqual(self.found(server), expected)
                self.assertEqual((self.rcode(server), self.rcode(server, '@::1', '-p', str(server.port))), (v4, v6))
                server.stop()

    def test_query_not_refused(self):
        """The server listens on IPv4 alone."""
        for scope in ('template', 'global'):
            for addresses in ('0.0.0.0/0', '128.0.0.0/1, 0.0.0.0-127.255.255.255', '0.0.0.0/0, "::/0"'):
                server = self.make('mod-queryacl/q', queryacl(addresses), scope=scope)
                self.assertEqual((self.found(server), self.rcode(server)), ([], 'NOERROR'))
                server.stop()

    def test_not_in_force(self):
        """A section that no list names, and a list of the zone's own in place of its template's."""
        server = self.make('mod-caaudit/x', queryacl(ADMITTED))
        self.assertEqual((self.found(server), self.rcode(server)), ([], 'NOERROR'))
        server = self.server({ZONE: zone_file()}, modules={'x': []}, extra=LOOPBACK_ACL + queryacl(ADMITTED), start=False,
                             template=['module: [ mod-caaudit/x, mod-queryacl/q ]', 'acl: transfer'])
        server.zone_options[ZONE] = ['module: mod-caaudit/x']
        server.configure()
        server.start()
        server.wait_audit(ZONE)
        self.assertEqual((self.found(server), self.rcode(server)), ([], 'NOERROR'))

    def test_interface(self):
        server = self.make('mod-queryacl/q', queryacl('192.0.2.1', 'interface'))
        self.assertIn('option interface', server.wait_event('finding', ZONE, id='server-query-refused').rest)
        self.assertEqual(self.rcode(server), 'NOTAUTH')
        server.stop()
        server = self.make('mod-queryacl/q', queryacl('127.0.0.0/8', 'interface'))
        self.assertEqual((self.found(server), self.rcode(server)), ([], 'NOERROR'))

    def test_validation_ip(self):
        """One that the operator has set must get in; the default is nobody's wish."""
        for address, severity in ((ADMITTED, 'warning'), ('127.0.0.10', 'error'), ('127.0.0.8/31', 'error'),
                                  ('"2001:db8::1"', 'error'), (f'{ADMITTED}-{ADMITTED}', 'warning')):
            server = self.make('mod-queryacl/q', queryacl(ADMITTED), [f'validation-ip: {address}'])
            server.wait_event('finding', ZONE, id='server-query-refused')
            self.assertEqual(self.found(server), [('server-query-refused', severity)], address)
            server.stop()

    def test_several_instances(self):
        section = queryacl(f'{ADMITTED}, 127.0.0.10') + f'  - id: p\n    address: {ADMITTED}\n'
        server = self.make('mod-queryacl/q, mod-queryacl/p', section)
        server.wait_event('finding', ZONE, id='server-query-refused')
        self.assertEqual(self.found(server), [('server-query-refused', 'warning')] * 2)
        texts = [line.rest for line in server.events('finding', ZONE, id='server-query-refused')]
        self.assertEqual(sorted(id for text in texts for id in ('id p', 'id q') if id in text), ['id p', 'id q'])
        self.assertEqual([self.rcode(server, '-b', address) for address in (ADMITTED, '127.0.0.10')], ['NOERROR', 'NOTAUTH'])

    def test_number(self):
        """The first look-up that is refused, and each tenfold, is told of with the number."""
        server = self.make('mod-queryacl/q', queryacl(ADMITTED))
        self.assertNotIn('refused so far', server.wait_event('finding', ZONE, id='server-query-refused').rest)
        for queries, said in ((1, '1 look-up '), (9, '10 look-ups ')):
            mark = server.log.mark()
            for _ in range(queries):
                self.assertEqual(self.rcode(server), 'NOTAUTH')
            self.assertIn(said, server.wait_event('finding', ZONE, mark, id='server-query-refused').rest)
        mark = server.log.mark()
        self.rcode(server)
        self.assertEqual(server.stats(ZONE)['lookup-failures[refused]'], 11)
        self.assertEqual(server.stats(ZONE).findings(), {'server-query-refused': 1})
        self.assertEqual(server.events('finding', ZONE, mark), [])

    def test_reload(self):
        """A change of the other module's section alone is a change."""
        server = self.make('mod-queryacl/q', queryacl('0.0.0.0/0'))
        for addresses, event in ((ADMITTED, 'finding'), ('0.0.0.0/0', 'resolved')):
            mark = server.log.mark()
            server.extra = LOOPBACK_ACL + queryacl(addresses)
            server.configure()
            server.control('reload')
            server.wait_event(event, ZONE, mark, id='server-query-refused')
            self.assertEqual(self.rcode(server), 'NOTAUTH' if event == 'finding' else 'NOERROR')

    def test_answers_dropped(self):
        server = self.make('mod-rrl/r', rrl(10, 0))
        line = server.wait_event('finding', ZONE, id='server-answers-limited')
        self.assertEqual(self.found(server), [('server-answers-limited', 'warning')])
        for part in ('section mod-rrl, id r', 'option slip', 'write: slip: 1'):
            self.assertIn(part, line.rest)
        self.assertLess(len(self.send(server, 200)), 200)
        # Beside others from its address, who asks once gets nothing.
        end = threading.Event()

        def ask():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                while not end.wait(0.001):
                    client.sendto(question(f'{HASH}.{ZONE}'), (server.address, server.port))
        others = threading.Thread(target=ask)
        others.start()
        try:
            with self.assertRaisesRegex(AssertionError, 'timeout'):
                for _ in range(20):
                    server.kdig(f'{HASH}.{ZONE}', 'CNAME', '+notcp', '+timeout=1', '+retry=0')
        finally:
            end.set()
            others.join()

    def test_answers_cut_short(self):
        """A rate that the names of an order exceed."""
        server = self.make('mod-rrl/r', rrl(1, 1))
        line = server.wait_event('finding', ZONE, id='server-answers-limited')
        self.assertEqual(self.found(server), [('server-answers-limited', 'warning')])
        for part in ('section mod-rrl, id r', 'option rate-limit', 'write: rate-limit: 6'):
            self.assertIn(part, line.rest)
        flags = self.send(server, 40)
        self.assertEqual(len(flags), 40)
        self.assertTrue(any(flag & 2 for flag in flags))
        self.assertIn('NXDOMAIN', server.kdig(f'{HASH}.{ZONE}', 'CNAME', '+tcp'))

    def test_answers_not_limited(self):
        for section in (rrl(2000, 1), rrl(10, 0) + '    whitelist: [ 0.0.0.0/0, "::/0" ]\n'):
            server = self.make('mod-rrl/r', section)
            self.assertEqual(self.found(server), [])
            flags = self.send(server, 200)
            self.assertEqual((len(flags), any(flag & 2 for flag in flags)), (200, False))
            server.stop()

    @unittest.skipUnless(BURST, 'mod-rrl has no dry-run')
    def test_dry_run(self):
        server = self.make('mod-rrl/r', rrl(10, 0) + '    dry-run: on\n')
        self.assertEqual((self.found(server), len(self.send(server, 200))), ([], 200))

    def test_global_without_section(self):
        """mod-noudp needs none; over TCP everything is answered."""
        server = self.make('mod-noudp', '', scope='global')
        self.assertEqual(self.found(server), [])
        self.assertTrue(all(flag & 2 for flag in self.send(server, 3)))
        self.assertRegex(server.kdig(ZONE, 'CAA', '+ignore'), 'Flags:.* tc')
        self.assertEqual(self.rcode(server, '+tcp'), 'NOERROR')

    @unittest.skipUnless(has_geoip(), 'no mod-geoip')
    def test_answers_vary(self):
        path = self.temporary() / 'geo.conf'
        path.write_text(f'{ZONE}:\n  - net: {ADMITTED}\n    CAA: "0 issue sectigo.com"\n')
        server = self.make('mod-geoip/g', f'mod-geoip:\n  - id: g\n    config-file: "{path}"\n    mode: subnet\n')
        line = server.wait_event('finding', ZONE, id='server-answers-vary')
        self.assertEqual(self.found(server), [('server-answers-vary', 'notice')])
        for part in ('section mod-geoip, id g', 'option config-file', 'write'):
            self.assertIn(part, line.rest)
        self.assertEqual([bool(server.query(ZONE, 'CAA', '-b', address)) for address in (ADMITTED, '127.0.0.10')],
                         [True, False])


if __name__ == '__main__':
    harness.main()
