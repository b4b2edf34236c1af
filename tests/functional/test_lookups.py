# SPDX-License-Identifier: GPL-2.0-or-later

"""What is asked for: names that are not there, records that nobody asks for, and floods."""

import datetime
import os
import pathlib
import random
import shutil
import socket
import subprocess
import time
import unittest

import harness
from harness import LOOPBACK_ACL, KnotTest, zone_file

HASH = '_' + '1a2b3c4d' * 4
TARGET = 'a' * 32 + '.' + 'b' * 32 + '.sectigo.com.'
QUICK = os.environ.get('CAAUDIT_MODULE_QUICK')
UNBOUND = shutil.which('unbound', path=os.environ.get('PATH', '') + ':/usr/sbin:/sbin:/usr/local/sbin')
KNOWN_BOUND = 64  # kB of the table, as the documentation says
ZONE_MAX = 32     # names of one zone
CONF = ['audit-delay: 0']


def question(name, type=5):
    """A query in wire form."""
    labels = b''.join(bytes([len(label)]) + label.encode() for label in name.rstrip('.').split('.'))
    return random.randbytes(2) + b'\0\0\0\1\0\0\0\0\0\0' + labels + b'\0' + type.to_bytes(2, 'big') + b'\0\1'


def flood(server, names, window=32):
    """Asks for the CNAME of each name, and waits for the answers of a few at a time."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(2)
        client.connect((server.address, server.port))
        waiting = 0
        for name in names:
            client.send(question(name))
            waiting += 1
            if waiting == window:
                for _ in range(window):
                    client.recv(4096)
                waiting = 0


class Lookups(KnotTest):
    def make(self, zones=None, options=(), **more):
        return self.server(zones or {'example.com': zone_file()}, modules={'x': [*CONF, *options]},
                           template=['module: mod-caaudit/x', 'acl: [ loopback, transfer ]'], extra=LOOPBACK_ACL, **more)

    def test_unknown_name(self):
        server = self.make()
        server.wait_audit('example.com')
        owner = f'{HASH}.www.example.com.'
        server.query(owner, 'CNAME')
        line = server.wait_event('finding', 'example.com', id='dcv-lookup-unanswered', owner=owner)
        self.assertEqual(line.severity, 'notice')
        self.assertIn('and there is no such name', line.rest)
        self.assertIn('console', line.rest)
        stats = server.wait_stats('finding', lambda s: s['findings[dcv-lookup-unanswered]'] == 1, 'example.com')
        self.assertEqual(stats['lookup-failures[nxdomain]'], 1)

        # Once per name, however often it is asked for, in whatever case.
        for _ in range(5):
            server.query(owner.upper(), 'CNAME')
        server.control('zone-reload', 'example.com')
        self.assertEqual(len(server.events('finding', 'example.com', id='dcv-lookup-unanswered')), 1)

        # It survives a reload, and goes when the record is there.
        mark = server.log.mark()
        server.reload()
        server.wait_audit('example.com', mark)
        self.assertEqual(server.stats('example.com')['findings[dcv-lookup-unanswered]'], 1)
        server.update('example.com', f'add {owner} 300 CNAME {TARGET}')
        server.wait_event('resolved', 'example.com', mark, id='dcv-lookup-unanswered', owner=owner)
        self.assertEqual(server.stats('example.com')['findings[dcv-lookup-unanswered]'], 0)

    def test_alias_to_nothing(self):
        """What the alias leads to is asked for, and is not there."""
        records = '_acme-challenge.al CNAME _acme-challenge.www\ndn DNAME tgt\nwww A 192.0.2.1\ntgt A 192.0.2.1'
        server = self.make({'example.com': zone_file(records)})
        server.wait_audit('example.com')
        for owner, end in (('_acme-challenge.al.example.com.', '_acme-challenge.www.example.com.'),
                           ('_acme-challenge.x.dn.example.com.', '_acme-challenge.x.tgt.example.com.')):
            server.query(owner, 'TXT')
            line = server.wait_event('finding', 'example.com', id='dcv-lookup-unanswered', owner=owner)
            self.assertIn(f'no such name where the alias leads: {end}; the record must be where', line.rest)
        server.update('example.com', 'add _acme-challenge.www.example.com. 300 TXT x')
        server.wait_event('resolved', 'example.com', id='dcv-lookup-unanswered', owner='_acme-challenge.al.example.com.')

    def test_record_that_the_audit_does_not_advise(self):
        """Only sectigo.com is shut out, and the record would be denied: the audit says why there is none."""
        records = 'www A 192.0.2.1\n@ CAA 0 issue "globalsign.com"'
        server = self.make({'example.com': zone_file(records)},
                           ['ca: globalsign.com', f'validation: "{HASH}.x {TARGET}"'])
        server.wait_event('finding', 'example.com', id='dcv-cname-missing')
        server.query(f'{HASH}.x.example.com', 'CNAME')
        line = server.wait_event('finding', 'example.com', id='dcv-lookup-unanswered')
        missing, = server.events('finding', 'example.com', id='dcv-cname-missing')
        self.assertEqual('; add: ' in missing.rest, '; add: ' in line.rest, (missing.rest, line.rest))

    def test_expected_name(self):
        server = self.make(options=[f'validation: "{HASH}.www {TARGET}"'])
        server.wait_audit('example.com')
        owner = f'{HASH}.www.example.com.'
        server.query(owner, 'CNAME')
        line = server.wait_event('finding', 'example.com', id='dcv-lookup-unanswered', owner=owner)
        self.assertIn(f'add: {owner} 3600 CNAME {TARGET}', line.rest)

    def test_names_that_are_not_ours(self):
        server = self.make({'example.com': zone_file(
            '_acme-challenge TXT x\n_srv._tcp SRV 0 0 1 ns\nsub NS ns.example.net.\n*.w CNAME ns\n')})
        server.wait_audit('example.com')
        for name, type in (('www', 'CNAME'), ('_dmarc', 'TXT'), ('_acme-challenge', 'TXT'), ('_x.sub', 'CNAME'),
                           ('_x.w', 'CNAME'), ('_25._tcp', 'TLSA'), ('_sip._tcp', 'SRV'),
                           # A resolver that minimises names asks so on its way.
                           ('_acme-challenge.www', 'A'), ('_dnsauth', 'NS'), ('_pki-validation.www', 'AAAA')):
            server.query(f'{name}.example.com', type)
        server.query('_last.example.com', 'CNAME')
        server.wait_event('finding', 'example.com', id='dcv-lookup-unanswered', owner='_last.example.com.')
        stats = server.stats('example.com')
        self.assertEqual(stats['findings[dcv-lookup-unanswered]'], 1)
        # Of those the CNAMEs, and the TXT of domain validation.
        self.assertEqual(stats['lookups[validation]'], 4)

    def test_validation_ip(self):
        server = self.make(options=['validation-ip: 127.0.0.0/8'])
        server.wait_loaded('example.com')
        # It counts from the first query on, and the audit comes a second later.
        for count in (2, 4):
            server.query(f'{HASH}.example.com', 'CNAME')
            server.query('example.com', 'CAA')
            server.query('example.com', 'A')
            self.assertEqual(server.stats('example.com')['validation-ip-lookups'], count)
            server.wait_audit('example.com')

    @unittest.skipUnless(QUICK, 'no module with a short wait')
    def test_nobody_asks(self):
        """The module of this test waits two seconds instead of thirty minutes."""
        server = self.make({'example.com': zone_file(f'{HASH}.www CNAME {TARGET}\n')},
                           options=[f'validation: "{HASH}.www {TARGET}"'], module_path=QUICK)
        owner = f'{HASH}.www.example.com.'
        server.wait_audit('example.com')
        self.assertEqual(server.stats('example.com')['findings[dcv-lookup-absent]'], 0)
        line = server.wait_event('finding', 'example.com', id='dcv-lookup-absent', owner=owner)
        self.assertEqual(line.severity, 'notice')
        # How long CAs use a validation again, by the date of today.
        today = datetime.date.today().isoformat()
        days, = [days for first, last, days in (('', '2027-03-14', 200), ('2027-03-15', '2029-03-14', 100),
                                                ('2029-03-15', '9', 10)) if first <= today <= last]
        self.assertIn(f' {days} days', line.rest)
        server.query(owner, 'CNAME')
        server.wait_event('resolved', 'example.com', id='dcv-lookup-absent', owner=owner)
        self.assertEqual(server.stats('example.com')['findings[dcv-lookup-absent]'], 0)

    @unittest.skipUnless(QUICK, 'no module with a short wait')
    def test_nobody_asks_above(self):
        """A record at a name above the host: the finding names both, and a query there ends it."""
        server = self.make({'example.com': zone_file(f'{HASH} CNAME {TARGET}\n')},
                           options=[f'validation: "{HASH}.a.b {TARGET}"'], module_path=QUICK)
        server.wait_audit('example.com')
        owner = f'{HASH}.a.b.example.com.'
        line = server.wait_event('finding', 'example.com', id='dcv-lookup-absent', owner=owner)
        self.assertIn(f'at {HASH}.example.com.,', line.rest)
        # The CA asks at each level; that the first has nothing is no trouble.
        server.query(owner, 'CNAME')
        server.query(f'{HASH}.example.com.', 'CNAME')
        server.wait_event('resolved', 'example.com', id='dcv-lookup-absent', owner=owner)

    def test_flood(self):
        """Invented names take no memory, and fill neither the log nor the place of real ones."""
        server = self.make()
        server.wait_audit('example.com')
        names = [f'_{i:032x}.example.com' for i in range(30_000)]
        flood(server, names[:1000])
        before = self.resident(server)
        mark = server.log.mark()
        flood(server, names[1000:])
        server.wait_stats('look-ups', lambda s: s['lookups[validation]'] == len(names), 'example.com')
        self.assertLess(self.resident(server) - before, KNOWN_BOUND + 2048, 'kB more')

        server.query('_mine.example.com', 'CNAME')  # of less worth than those: left out
        server.update('example.com', 'add x.example.com. 300 A 192.0.2.1')
        server.wait_audit('example.com', mark, serial=server.serial('example.com'))
        self.assertLessEqual(server.stats('example.com')['findings[dcv-lookup-unanswered]'], ZONE_MAX)
        lines = server.events(zone='example.com')
        self.assertLess(len(lines), 4 * ZONE_MAX, 'lines in the log')

    def test_flood_and_expected(self):
        owner = f'{HASH}.www.example.com.'
        server = self.make(options=[f'validation: "{HASH}.www {TARGET}"', 'log-limit: 1000'])
        server.wait_audit('example.com')
        flood(server, [f'_{i:032x}.example.com' for i in range(2000)])
        server.wait_stats('a full table', lambda s: s['findings[dcv-lookup-unanswered]'] == ZONE_MAX, 'example.com')
        mark = server.log.mark()
        server.query(owner, 'CNAME')
        server.wait_event('finding', 'example.com', mark, id='dcv-lookup-unanswered', owner=owner)
        # One of the others made room: nobody has mended it.
        server.wait_event('forgotten', 'example.com', mark, id='dcv-lookup-unanswered')
        self.assertEqual(server.events('resolved', 'example.com', mark), [])

    @staticmethod
    def resident(server):
        text = pathlib.Path(f'/proc/{server.process.pid}/status').read_text()
        return int(text.split('VmRSS:')[1].split()[0])


@unittest.skipUnless(UNBOUND, 'no unbound')
class Resolver(KnotTest):
    """A validating resolver between the client and the server, as CAs have one."""

    def resolver(self, server, zone, anchor, minimise='no'):
        directory = self.temporary()
        address, port = harness.free_endpoint()
        conf = directory / 'unbound.conf'
        conf.write_text(f'''server:
    interface: {address}@{port}
    do-daemonize: no
    use-syslog: no
    chroot: ""
    username: ""
    directory: "{directory}"
    pidfile: "{directory}/unbound.pid"
    do-not-query-localhost: no
    module-config: "validator iterator"
    trust-anchor: "{anchor}"
    cache-max-negative-ttl: 0
    access-control: 127.0.0.0/8 allow
    num-threads: 1
    qname-minimisation: {minimise}
stub-zone:
    name: "{zone}"
    stub-addr: {server.address}@{server.port}
remote-control:
    control-enable: no
''')
        process = subprocess.Popen([UNBOUND, '-d', '-c', str(conf)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   preexec_fn=harness._die_with_parent)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        return address, port

    def ask(self, resolver, name, type):
        address, port = resolver
        end = time.monotonic() + harness.LIMIT * harness.PATIENCE
        while True:
            result = subprocess.run([harness.TOOLS['kdig'], f'@{address}', '-p', str(port), '+timeout=2', '+retry=0',
                                     '+dnssec', name, type], capture_output=True, text=True, timeout=60)
            if result.returncode == 0 and 'HEADER' in result.stdout:
                return result.stdout
            self.assertLess(time.monotonic(), end, 'the resolver does not answer')
            time.sleep(0.1)

    def test_minimised(self):
        """With names minimised (RFC 9156) the resolver asks for A, and NXDOMAIN ends it: the server
        never sees that somebody wants the CNAME. The documentation says so."""
        server = self.server({'example.com': zone_file('www A 192.0.2.1')}, modules={'x': CONF},
                             template=['module: mod-caaudit/x', 'acl: transfer', 'dnssec-signing: on'],
                             extra=LOOPBACK_ACL)
        server.wait_audit('example.com')
        resolver = self.resolver(server, 'example.com', self.anchor(server), minimise='yes')
        self.assertIn('NXDOMAIN', self.ask(resolver, f'{HASH}.www.example.com.', 'CNAME'))
        self.assertEqual(server.stats('example.com')['lookups[validation]'], 0)

    def anchor(self, server):
        key = server.wait('keys', lambda: [key for key in server.query('example.com', 'DNSKEY')
                                           if key.startswith('257 ')])[0]
        return f'example.com. DNSKEY {key}'

    def test_missing_and_added(self):
        server = self.server({'example.com': zone_file('www A 192.0.2.1')},
                             modules={'x': [*CONF, f'validation: "{HASH}.www {TARGET}"']},
                             template=['module: mod-caaudit/x', 'acl: [ loopback, transfer ]', 'dnssec-signing: on'],
                             extra=LOOPBACK_ACL)
        server.wait_audit('example.com')
        resolver = self.resolver(server, 'example.com', self.anchor(server))
        owner = f'{HASH}.www.example.com.'

        said = self.ask(resolver, owner, 'CNAME')
        self.assertIn('NXDOMAIN', said)
        self.assertRegex(said, r'Flags:[^;]*\bad\b')
        server.wait_event('finding', 'example.com', id='dcv-lookup-unanswered', owner=owner)
        stats = server.wait_stats('finding', lambda s: s['findings[dcv-lookup-unanswered]'] == 1, 'example.com')
        self.assertGreaterEqual(stats['lookups[validation]'], 1)
        self.assertGreaterEqual(stats['lookup-failures[nxdomain]'], 1)

        server.update('example.com', f'add {owner} 300 CNAME {TARGET}')
        server.wait_event('resolved', 'example.com', id='dcv-lookup-unanswered', owner=owner)
        server.wait_event('resolved', 'example.com', id='dcv-cname-missing', owner=owner)
        self.assertEqual(server.stats('example.com').findings().get('dcv-lookup-unanswered', 0), 0)
        said = self.ask(resolver, owner, 'CNAME')
        self.assertIn(TARGET, said)
        self.assertRegex(said, r'Flags:[^;]*\bad\b')


if __name__ == '__main__':
    harness.main()
