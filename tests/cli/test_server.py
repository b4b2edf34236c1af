# SPDX-License-Identifier: GPL-2.0-or-later

"""Zones from a server: by transfer, and over the control socket."""

import contextlib
import ctypes
import ctypes.util
import os
import socket
import threading
import unittest

import knotd
from support import DENIED, SANE, CliTest

# Items of a control unit (libknot/control/control.h), with room for more of them.
CMD, ERROR, SECTION, ITEM, ID, ZONE, OWNER, TTL, TYPE, DATA = 0, 2, 3, 4, 5, 6, 7, 8, 9, 10
UNIT_END, UNIT_DATA, UNIT_BLOCK = 0, 1, 3
RECORDS = (('example.com.', '3600', 'SOA', 'ns.example.com. h.example.com. 9 3600 600 86400 300'),
           ('example.com.', '3600', 'NS', 'ns.example.com.'),
           ('example.com.', '3600', 'CAA', '0 issue "letsencrypt.org"'))


class Control:
    """A control socket that says what it is told to, one client after the other."""

    Data = ctypes.c_char_p * 16

    def __init__(self, path, version, error=None, counters=()):
        self.lib = ctypes.CDLL(ctypes.util.find_library('knot'))
        self.lib.knot_ctl_alloc.restype = ctypes.c_void_p
        self.path = path
        self.version = version
        self.error = error
        self.counters = counters
        self.asked = []
        self.ctl = ctypes.c_void_p(self.lib.knot_ctl_alloc())
        assert self.lib.knot_ctl_bind(self.ctl, os.fsencode(path)) == 0
        self.lib.knot_ctl_set_timeout(self.ctl, 3000)
        self.stop = False
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def send(self, unit, **items):
        data = self.Data()
        for name, value in items.items():
            data[globals()[name]] = value.encode()
        return self.lib.knot_ctl_send(self.ctl, unit, ctypes.byref(data))

    def serve(self):
        while not self.stop:
            if self.lib.knot_ctl_accept(self.ctl) != 0:
                continue
            unit = ctypes.c_int(UNIT_END)
            data = self.Data()
            command = None
            while self.lib.knot_ctl_receive(self.ctl, ctypes.byref(unit), ctypes.byref(data)) == 0:
                if unit.value == UNIT_DATA:
                    command = data[CMD].decode()
                elif unit.value == UNIT_BLOCK:
                    self.asked.append(command)
                    self.answer(command)
                    self.send(UNIT_BLOCK)
                else:
                    break
            self.lib.knot_ctl_close(self.ctl)

    def answer(self, command):
        if command == 'status' and self.version is not None:
            self.send(UNIT_DATA, DATA=self.version)
        elif command == 'zone-read':
            for owner, ttl, rrtype, data in RECORDS:
                self.send(UNIT_DATA, ZONE='example.com.', OWNER=owner, TTL=ttl, TYPE=rrtype, DATA=data)
            if self.error is not None:
                self.send(UNIT_DATA, ERROR=self.error)
        elif command in ('stats', 'zone-stats'):
            for zone, section, item, kind, value in self.counters:
                if (zone is None) == (command == 'stats'):
                    self.send(UNIT_DATA, **({'ZONE': zone} if zone else {}), SECTION=section, ITEM=item,
                              **({'ID': kind} if kind else {}), DATA=value)
            if self.error is not None and command == 'zone-stats':
                self.send(UNIT_DATA, ERROR=self.error)

    def close(self):
        self.stop = True
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as wake:
            wake.connect(os.fspath(self.path))
        self.thread.join()
        self.lib.knot_ctl_unbind(self.ctl)
        self.lib.knot_ctl_free(self.ctl)


class Live(CliTest):
    def setUp(self):
        super().setUp()
        if ctypes.util.find_library('knot') is None:
            self.skipTest('libknot is not found')

    def control(self, version):
        control = Control(self.dir / 'knot.sock', version)
        self.addCleanup(control.close)
        return control

    def test_reads_safe_versions(self):
        for version in ('3.2.7', 'Version: 3.4.6', '3.5.8', '3.6.dev0', '4.0.1'):
            control = Control(self.dir / 'knot.sock', version)
            try:
                document = self.document('--live', 'example.com', '--control', 'knot.sock', code=1)
            finally:
                control.close()
            self.assertEqual((document['source'], document['serial'], document['records']), ('control', 9, 3))
            self.assertEqual(control.asked, ['status', 'zone-read'])

    def test_never_reads_versions_that_may_crash(self):
        for version in ('3.2.0', '3.2.6', 'Version: 3.2.6', '3.1.9', '2.9.9', '', 'unknown', None):
            control = Control(self.dir / 'knot.sock', version)
            try:
                self.fails('check', '--live', 'example.com', '--control', 'knot.sock', says='knot.sock: ')
            finally:
                control.close()
            self.assertEqual(control.asked, ['status'], version)

    def test_a_record_that_the_server_cannot_write_down(self):
        control = Control(self.dir / 'knot.sock', '3.4.6', 'not enough space provided')
        self.addCleanup(control.close)
        self.fails('check', '--live', 'example.com', '--control', 'knot.sock', says='(?s)after 3 records.*--axfr', lines=2)

    def test_force_does_not_help(self):
        control = self.control('3.2.6')
        self.fails('check', '--force', '--live', 'example.com', '--control', 'knot.sock', says='--axfr')
        self.assertEqual(control.asked, ['status'])

    def test_no_socket(self):
        self.put('file', '')
        self.fails('check', '--live', 'example.com', says='/run/knot/knot.sock: .*--control', lines=None)
        self.fails('check', '--live', 'example.com', '--control', 'missing', says='no such file')
        self.fails('check', '--live', 'example.com', '--control', 'file', says='control socket')
        self.fails('check', '--live', 'a..b', '--control', 'missing', says='not a domain name')


class Stats(CliTest):
    """Counters of a running server."""

    COUNTERS = (
        (None, 'server', 'zone-count', None, '2'),
        (None, 'mod-caaudit', 'zones', 'error', '1'),
        (None, 'mod-caaudit', 'findings', 'caa-issue-denied', '3'),  # Prometheus can sum up as well.
        ('example.com.', 'mod-caaudit', 'findings', 'caa-issue-denied', '1'),
        ('example.com.', 'mod-caaudit', 'findings', 'caa-ttl-long', '0'),
        ('example.com.', 'mod-caaudit', 'audits', None, '4'),
        ('example.com.', 'mod-caaudit', 'audited', None, '1795900000'),
        # Another instance of the module for the same zone.
        ('example.com.', 'mod-caaudit', 'audits', None, '3'),
        ('example.com.', 'mod-caaudit', 'audited', None, '1795900009'),
        ('example.com.', 'mod-caaudit', 'what-comes-later', 'x', '9'),
        ('example.com.', 'mod-stats', 'request-protocol', 'udp4', '7'),
        ('a\\"b\\\\c.test.', 'mod-caaudit', 'lookup-failures', 'nxdomain', '18446744073709551615'),
        ('a\\"b\\\\c.test.', 'mod-caaudit', 'audits', None, 'many'))

    def setUp(self):
        super().setUp()
        if ctypes.util.find_library('knot') is None:
            self.skipTest('libknot is not found')

    def stats(self, counters, error=None):
        control = Control(self.dir / 'knot.sock', '3.4.6', error, counters)
        try:
            return self.caaudit('stats', '--control', 'knot.sock')
        finally:
            control.close()
            self.assertEqual(control.asked, ['stats', 'zone-stats'])

    def test_counters(self):
        result = self.stats(self.COUNTERS)
        self.assertEqual((result.code, result.err), (0, ''))
        self.assertEqual([line for line in result.out.splitlines() if not line.startswith('#')], [
            'caaudit_findings{zone="example.com.",type="caa-issue-denied"} 1',
            'caaudit_zones{type="error"} 1',
            'caaudit_audited_timestamp_seconds{zone="example.com."} 1795900000',
            'caaudit_audits_total{zone="example.com."} 7',
            r'caaudit_lookup_failures_total{zone="a\\\"b\\\\c.test.",type="nxdomain"} 18446744073709551615'])

    def test_nothing_is_no_success(self):
        for counters, error, says in (((), None, 'no counters of mod-caaudit'), (self.COUNTERS[:1], None, 'no counters'),
                                      (self.COUNTERS, 'operation not permitted', 'not permitted')):
            result = self.stats(counters, error)
            self.assertEqual((result.code, result.out), (2, ''))
            self.assertRegex(result.err, says)
        self.put('file', '')
        self.fails('stats', says='/run/knot/knot.sock: .*--control')
        self.fails('stats', '--control', 'missing', says=r'missing: .*\(no such file')
        self.fails('stats', '--control', 'file', says='file: ')
        self.fails('stats', 'x', says="--control 'x'")


class RealLive(CliTest):
    """The control socket of a real knotd, as far as its version may be asked."""

    def setUp(self):
        super().setUp()
        if knotd.TOOLS['knotd'] is None:
            self.skipTest('no knotd')
        self.version = knotd.version()

    def serve(self, zones):
        server = knotd.Server(zones)
        self.addCleanup(server.close)
        return server, ['--live', 'example.com', '--control', str(server.dir / 'knot.sock')]

    def serve_safe(self, zones):
        if self.version < (3, 2, 7):
            self.skipTest('knotd before 3.2.7 can crash when a zone is read over the control socket')
        return self.serve(zones)

    def test_refuses_versions_that_may_crash(self):
        if self.version >= (3, 2, 7):
            self.skipTest('for knotd before 3.2.7')
        server, words = self.serve({'example.com.': DENIED})
        self.fails('check', *words, says=r'knotd 3\.[0-9.]+ can crash .*use --axfr, or the zone file')
        self.assertIn('example.com.', server.knotc('zone-status example.com.\n'))

    def test_reads_what_is_served(self):
        server, words = self.serve_safe({'example.com.': DENIED, 'empty.test.': SANE})
        live = self.document(*words, code=1)
        file = self.document(self.put('example.com.zone', DENIED), code=1)
        self.assertEqual((live.pop('source'), file.pop('source')), ('control', 'zonefile'))
        self.assertEqual(live, file)
        # The zone file does not know yet.
        said = server.knotc('zone-begin example.com.\n'
                            'zone-set example.com. @ 3600 CAA "0 issue \\"sectigo.com\\""\n'
                            'zone-commit example.com.\n')
        self.assertNotIn('error', said)
        live = self.document(*words, code=0)
        self.assertEqual(live['serial'], 8)

    def test_reads_during_updates(self):
        lines = ''.join(f'h{i} 3600 CNAME h{i + 1}\n' for i in range(20000))
        server, words = self.serve_safe({'example.com.': DENIED + lines})
        before = 0
        for turn in range(10):
            change = threading.Thread(target=server.nsupdate, args=(
                'zone example.com.\n' + ''.join(
                    f'update add x{turn}-{i}.example.com. 60 A 192.0.2.1\nsend\n' for i in range(20)),))
            change.start()
            try:
                document = self.document(*words, code=1)
            finally:
                change.join()
            self.assertGreaterEqual(document['records'], 20004 + before)
            before = 20 * (turn + 1)
        self.assertEqual(self.document(*words, code=1)['records'], 20004 + before)

    def test_record_that_cannot_be_read(self):
        server, words = self.serve_safe({'example.com.': SANE + '@ 60 CAA \\# 7 00096973737565\n'})
        result = self.caaudit('check', '--format', 'json', *words)
        if result.code == 2:  # What the server cannot write down, it does not send either.
            self.assertEqual(result.out, '')
            self.assertIn('--axfr', result.err)
        else:
            self.assertIn('caa-rdata-malformed', result.out)
        self.assertIn('example.com.', server.knotc('zone-status example.com.\n'))

    def test_no_such_zone(self):
        _, words = self.serve_safe({'example.net.': SANE})
        self.fails('check', *words, says='no such zone')


class Transfer(CliTest):
    def setUp(self):
        super().setUp()
        if knotd.TOOLS['knotd'] is None:
            self.skipTest('no knotd')

    def serve(self, *args, **kwargs):
        server = knotd.Server(*args, **kwargs)
        self.addCleanup(server.close)
        return f'{server.address}@{server.port}'

    def test_transfer(self):
        server = self.serve({'example.com.': DENIED})
        document = self.document('--axfr', 'Example.com', '--server', server, code=1)
        self.assertEqual((document['zone'], document['source'], document['serial'], document['records']),
                         ('example.com.', 'transfer', 7, 4))
        self.fails('check', '--axfr', 'example.net', '--server', server)

    def test_key(self):
        secret = 'c2hhcmVkIHNlY3JldCBvZiB0aGUgdGVzdA=='
        server = self.serve({'example.com.': SANE}, key=('key.test', secret))
        words = ['check', '--axfr', 'example.com', '--server', server]
        self.fails(*words)
        self.fails(*words, '--tsig', f'key.test:{secret[:-4]}AAA=')
        self.fails(*words, '--tsig', f'other.test:{secret}')
        self.assertEqual(self.caaudit(*words, '--tsig', f'hmac-sha256:key.test:{secret}').code, 0)
        self.assertEqual(self.caaudit(*words, '--tsig', f'key.test:{secret}').code, 0)
        self.put('key', f'hmac-sha256:key.test:{secret}\n')
        self.assertEqual(self.caaudit(*words, '--tsig', '@key').code, 0)

    def test_nobody_there(self):
        with socket.socket() as unused:
            unused.bind(('127.0.0.1', 0))
            result = self.fails('check', '--axfr', 'example.com', '--server',
                                f'127.0.0.1@{unused.getsockname()[1]}')
            self.assertIn('refused', result.err)


if __name__ == '__main__':
    unittest.main()
