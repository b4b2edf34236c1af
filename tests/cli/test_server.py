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
CMD, ERROR, ZONE, OWNER, TTL, TYPE, DATA = 0, 2, 6, 7, 8, 9, 10
UNIT_END, UNIT_DATA, UNIT_BLOCK = 0, 1, 3
RECORDS = (('example.com.', '3600', 'SOA', 'ns.example.com. h.example.com. 9 3600 600 86400 300'),
           ('example.com.', '3600', 'NS', 'ns.example.com.'),
           ('example.com.', '3600', 'CAA', '0 issue "letsencrypt.org"'))


class Control:
    """A control socket that says what it is told to, one client after the other."""

    Data = ctypes.c_char_p * 16

    def __init__(self, path, version):
        self.lib = ctypes.CDLL(ctypes.util.find_library('knot'))
        self.lib.knot_ctl_alloc.restype = ctypes.c_void_p
        self.path = path
        self.version = version
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

    def test_force_does_not_help(self):
        control = self.control('3.2.6')
        self.fails('check', '--force', '--live', 'example.com', '--control', 'knot.sock', says='--axfr')
        self.assertEqual(control.asked, ['status'])

    def test_no_socket(self):
        self.put('file', '')
        self.fails('check', '--live', 'example.com', '--control', 'missing', says='no such file')
        self.fails('check', '--live', 'example.com', '--control', 'file', says='control socket')
        self.fails('check', '--live', 'a..b', '--control', 'missing', says='not a domain name')


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
