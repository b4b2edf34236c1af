# SPDX-License-Identifier: GPL-2.0-or-later

"""Each reading ends, and others go on meanwhile."""

import os
import socket
import unittest

import harness
from faults import AuditorFaults, Relay
from harness import CONTROL_IS_SAFE, PATIENCE, zone_file
from noticed import CHECK, LOCKED, TARGET, ZONE, Noticed


class Blocked(Noticed):
    def test_pipe_named_by_include(self):
        part = 'part.zone'
        server = self.audited(f'$INCLUDE {part}\n' + zone_file(LOCKED), ['source: zonefile'], wait=False, start=False)
        server.zones.append('other.example.net')
        server.write('other.example.net', zone_file(LOCKED))
        server.configure()
        (server.storage / part).write_text('a 3600 A 192.0.2.1\n')
        server.start()
        server.wait_audit(ZONE)
        server.wait_audit('other.example.net')
        (server.storage / part).unlink()
        os.mkfifo(server.storage / part)
        mark = server.log.mark()
        os.utime(server.file(ZONE))
        self.measured('pipe', lambda: server.wait_stats('not checked', lambda stats: stats['not-checked'] == 1, ZONE))
        self.assertIn(part, server.wait_event('not checked', ZONE, mark).rest)
        self.steady(server)
        self.assertEqual(server.stop(), 0)

    def drip(self, parts, gap, end):
        for part in parts:
            yield part
            if end.wait(gap):
                return

    def test_transfer_that_drips(self):
        """A message a second, for ever."""
        faults = AuditorFaults(self.temporary())
        zones = {ZONE: zone_file(LOCKED), 'other.example.net': zone_file(LOCKED)}
        server = self.audited(zones=zones, start=False, wait=False, environment=faults.environment)
        server.template[2] = 'acl: loopback'
        server.zone_options[ZONE] = ['acl: [ loopback, transfer ]', 'module: mod-caaudit/slow']
        server.modules['slow'] = ['source: transfer', f'change-check: {CHECK}']
        server.configure()
        listener = socket.create_server((server.address, 0))
        relay = Relay(listener, lambda: socket.create_connection((server.address, server.port)))
        self.addCleanup(relay.close)

        def message(question, type, rdata):
            record = b'\xc0\x0c' + type.to_bytes(2, 'big') + b'\0\1\0\0\x0e\x10' + len(rdata).to_bytes(2, 'big') + rdata
            wire = question[2:4] + b'\x84\0\0\1\0\1\0\0\0\0' + question[14:] + record
            return len(wire).to_bytes(2, 'big') + wire

        def answer(octets, question):
            soa = message(question, 6, b'\0\0' + b'\0\0\0\1' * 5)
            return self.drip([soa] + [message(question, 1, bytes([192, 0, 2, number % 256])) for number in range(1000)],
                             1, relay.end)
        relay.answer = answer
        faults.set('connect', listener.getsockname()[1])
        server.start()
        server.wait_audit('other.example.net')
        self.measured('transfer that drips', lambda: server.wait_stats(
            'not checked', lambda stats: stats['not-checked'] == 1, ZONE, limit=45 * PATIENCE), 35)
        self.steady(server)

    def test_answers_that_drip(self):
        """A zone file is compared with a hundred answers, and each takes two seconds."""
        faults = AuditorFaults(self.temporary())
        names = [f'_{number:032x}' for number in range(100)]
        records = LOCKED + ''.join(f'\n{name} CNAME {TARGET}' for name in names)
        zones = {ZONE: zone_file(records), 'other.example.net': zone_file(LOCKED)}
        server = self.audited(zones=zones, start=False, wait=False, environment=faults.environment,
                              template=['acl: [ loopback, transfer ]'])
        server.zone_options[ZONE] = ['module: [ mod-caaudit/slow, mod-noudp ]']
        server.modules['slow'] = ['source: zonefile', 'audit-delay: 0', f'change-check: {CHECK}',
                                  *(f'validation: "{name} {TARGET}"' for name in names)]
        server.configure()
        server.start()
        server.wait_audit(ZONE)
        listener = socket.create_server((server.address, 0))
        relay = Relay(listener, lambda: socket.create_connection((server.address, server.port)))
        self.addCleanup(relay.close)
        relay.answer = lambda octets, question: self.drip([octets[:2], octets[2:]], 2, relay.end)
        faults.set('connect', listener.getsockname()[1])
        os.utime(server.file(ZONE))
        self.measured('answers that drip', lambda: server.wait_stats(
            'not checked', lambda stats: stats['not-checked'] == 1, ZONE, limit=45 * PATIENCE), 40)
        faults.clear('connect')
        self.steady(server)

    @unittest.skipUnless(CONTROL_IS_SAFE, 'this version does not let the module read over the control socket')
    def test_control_socket_that_drips(self):
        """Some octets twice a second, for minutes."""
        records = LOCKED + ''.join(f'\nh{number} 3600 TXT "{"x" * 100}"' for number in range(300))
        zones = {ZONE: zone_file(records), 'other.example.net': zone_file(LOCKED)}
        server = self.audited(zones=zones, start=False, wait=False)
        server.zone_options[ZONE] = ['module: mod-caaudit/slow']
        server.modules['slow'] = ['source: control', 'audit-delay: 0', f'change-check: {CHECK}']
        server.configure()
        server.conf.write_text(server.conf.read_text().replace('control:\n', 'control:\n    timeout: 1\n'))
        server.start()
        server.wait_audit(ZONE, source='control')
        place = str(server.socket)
        server.socket = server.socket.rename(server.socket.with_name('moved.sock'))
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(place)

        def connect():
            client = socket.socket(socket.AF_UNIX)
            client.connect(str(server.socket))
            return client
        relay = Relay(listener, connect)
        self.addCleanup(relay.close)
        relay.answer = lambda octets, question: self.drip(
            [octets[at:at + 80] for at in range(0, len(octets), 80)], 0.5, relay.end)
        self.unseen_update(server, f'add a.{ZONE}. 60 TXT "x"')
        self.measured('control socket that drips', lambda: server.wait_stats(
            'not checked', lambda stats: stats['not-checked'] == 1, ZONE, limit=60 * PATIENCE), 20)
        self.steady(server)


if __name__ == '__main__':
    harness.main()
