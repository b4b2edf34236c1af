# SPDX-License-Identifier: GPL-2.0-or-later

"""What cannot be read is "not checked", with a reason, once; and the server serves on.

Where the module does not read over the control socket, what that socket can do
wrong is tested against the source itself, in tests/unit.
"""

import os
import pwd
import socket
import threading
import unittest

import harness
from faults import Relay
from harness import CONTROL_IS_SAFE, LOOPBACK_ACL, KnotTest, zone_file

ZONE = 'example.com'
GOOD = 'good.example.net'
LOCKED = '@ 3600 CAA 0 issue "letsencrypt.org"'


class NotChecked(KnotTest):
    def server_with(self, contents=None, template=(), modules=(), start=True, **options):
        """A server with the zone in question, a good one, and the global instance."""
        return self.server({ZONE: contents, GOOD: zone_file(LOCKED)}, start=start,
                           extra=LOOPBACK_ACL,
                           modules={'default': ['audit-delay: 0', *modules], 'all': []},
                           template=['acl: loopback', 'module: mod-caaudit/default',
                                     'global-module: mod-caaudit/all', *template], **options)

    def good_zone_is_audited(self, server):
        server.wait_audit(GOOD)
        self.assertEqual(server.stats(GOOD)['findings[caa-issue-denied]'], 1)
        self.assertEqual(server.query(GOOD, 'CAA'), ['0 issue "letsencrypt.org"'])

    def test_a_part_that_cannot_be_looked_at(self):
        """What it is, and why, stands in the log once."""
        server = self.server_with(zone_file('sub 60 NS ns.example.net.\nwww 60 CNAME cdn.example.net.'),
                                  template=['acl: [ loopback, transfer ]'], modules=['host: [ sub, www ]'])
        line = server.wait_event('not checked', ZONE)
        self.assertEqual(line.severity, 'notice')
        self.assertRegex(line.text, r'source transfer, CAA of sub\.example\.com\.: another zone answers at sub\.')
        server.wait_stats('the count', lambda stats: stats['not-checked'] == 2, ZONE)
        # Of the alias a finding tells.
        self.assertEqual(len(server.events('not checked', ZONE)), 1)
        self.assertEqual(len(server.events('finding', ZONE)), 1)
        mark = server.log.mark()
        server.reload()
        server.update(ZONE, 'add a.example.com. 60 A 192.0.2.1')
        server.wait_stats('the next audit', lambda stats: stats['serial'] == 2, ZONE)
        self.assertEqual(server.events('not checked', ZONE, mark), [])

    def test_a_formatter_that_is_not_known(self):
        """The server leaves it out, and loads another file."""
        server = self.server_with(zone_file(LOCKED), modules=['source: zonefile'],
                                  zone_options={ZONE: ['file: "x%q.zone"']})
        line = server.wait_event('not checked', ZONE, source='zonefile')
        self.assertIn("the zone option 'file' has a formatter that is not known; known are %s, ", line.rest)

    def reason(self, server, since=0):
        """The lines of the module about the zone that are no findings."""
        return [line for line in server.events(zone=ZONE, since=since) if line.event not in ('finding', 'resolved')]

    def not_checked(self, server, since=0):
        """The zone counts as not checked, and the log says why."""
        server.wait_stats('not checked', lambda stats: stats['not-checked'] or stats['audit-failures'], ZONE)
        line = server.wait_line(lambda line: line.zone == f'{ZONE}.' and line.module is not None
                                and line.event not in ('finding', 'resolved') and 'not checked' in line.text
                                and line.fields.get('not checked') != '0', since, 'reason')
        self.assertTrue(server.alive)
        return line

    def never_audited(self, server):
        """No verdict, and above all not a clean one."""
        self.good_zone_is_audited(server)
        server.wait_stats('sums', lambda stats: stats['zones[audited]'] == 1
                          and stats['zones[failed]'] + stats['zones[pending]'] == 1)
        self.assertEqual(server.stats()['zones[clean]'], 0)
        self.assertEqual(server.stats(ZONE).findings(), {})
        self.assertEqual(server.stats(ZONE)['audits'], 0)
        self.assertTrue(server.alive)

    def test_missing_zone_file(self):
        server = self.server_with(None)
        self.never_audited(server)
        self.not_checked(server)

    def test_zone_file_appears_later(self):
        server = self.server_with(None)
        self.never_audited(server)
        mark = server.log.mark()
        server.write(ZONE, zone_file(LOCKED, serial=3))
        server.control('zone-reload', ZONE)
        server.wait_loaded(ZONE, mark)
        server.visit(ZONE)
        server.wait_audit(ZONE, mark, serial=3)
        stats = server.wait_stats('both zones', lambda stats: stats['zones[audited]'] == 2)
        self.assertEqual((stats['zones[failed]'], stats['zones[pending]']), (0, 0))

    def test_broken_zone_file(self):
        server = self.server_with(zone_file('@ 3600 CAA 0 issue\n))'))
        self.never_audited(server)
        self.not_checked(server)

    def test_empty_zone_file(self):
        server = self.server_with('')
        self.never_audited(server)
        self.not_checked(server)

    def test_zone_file_without_soa(self):
        server = self.server_with('@ 3600 CAA 0 issue "sectigo.com"\n')
        self.never_audited(server)
        self.not_checked(server)

    def test_zone_file_is_a_directory(self):
        server = self.server_with(None, start=False)
        server.file(ZONE).mkdir()
        server.start()
        self.never_audited(server)
        self.not_checked(server)

    def test_the_reason_is_logged_once(self):
        server = self.server_with(None)
        self.not_checked(server)
        before = len(self.reason(server))
        for number in range(20):
            server.update(GOOD, f'add a{number}.{GOOD}. 60 TXT "x"')
            server.kdig(ZONE, 'SOA', '+short')
        server.wait_audit(GOOD, serial=server.serial(GOOD))
        self.assertLessEqual(len(self.reason(server)), before + 1)

    def test_broken_file_under_a_served_zone(self):
        """The server keeps the old zone; the audit must not judge the broken file."""
        server = self.server_with(zone_file(LOCKED))
        server.wait_audit(ZONE)
        server.write(ZONE, zone_file('@ 3600 CAA 0 issue\n))', serial=2))
        self.assertNotEqual(server.control('-b', 'zone-reload', ZONE, check=False).returncode, 0)
        self.assertEqual(server.serial(ZONE), 1)
        mark = server.log.mark()
        server.control('-f', 'zone-reload', ZONE, check=False)
        server.visit(ZONE)
        server.wait_line(lambda line: line.zone == f'{ZONE}.' and line.module is not None, mark)
        for line in server.events('audit', ZONE, mark):
            self.assertEqual(line.fields['serial'], '1')
        self.assertEqual(server.query(ZONE, 'CAA'), ['0 issue "letsencrypt.org"'])

    @unittest.skipIf(CONTROL_IS_SAFE, 'this server lets the module read the live zone')
    def test_stale_zone_file(self):
        """With zonefile-sync -1 the file does not have what an update changed."""
        server = self.server_with(zone_file(LOCKED), template=['zonefile-sync: -1'])
        server.wait_audit(ZONE, serial=1)
        mark = server.log.mark()
        server.update(ZONE, f'add {ZONE}. 3600 CAA 0 issue "sectigo.com"')
        self.assertEqual(server.serial(ZONE), 2)
        line = self.not_checked(server, mark)
        self.assertIn('transfer', line.text)
        self.assertEqual(server.events('resolved', ZONE, mark), [])
        # Another serial is no other reason: what to do is the same.
        for number in range(3):
            failures = server.stats(ZONE)['audit-failures']
            server.update(ZONE, f'add a{number}.{ZONE}. 60 TXT "x"')
            server.wait_stats('the next try', lambda stats, past=failures: stats['audit-failures'] > past, ZONE)
        self.assertEqual(len(server.events('not checked', ZONE, mark)), 1)

    def test_server_that_listens_nowhere(self):
        """Nothing shows what it serves, nor that it is not stopping: it has counters, and no line."""
        server = self.server_with(zone_file(LOCKED), modules=['source: zonefile'], start=False)
        conf = server.conf.read_text()
        server.conf.write_text(conf.replace(f'    listen: {server.address}@{server.port}\n', ''))
        server.start()
        stats = server.wait_stats('audits', lambda stats: stats['zones[failed]'] == 2)
        self.assertEqual((stats['zones[audited]'], stats['not-checked']), (0, 2))
        self.assertEqual(server.events(), [])
        self.assertEqual(server.stop(), 0)

    def test_unreadable_zone_file(self):
        """The server has loaded the zone; then the file is closed to it. Root reads everything,
        so the server gives up its rights first."""
        user = 'nobody' if os.geteuid() == 0 else None
        server = self.server_with(zone_file(LOCKED), template=['zonefile-sync: -1'], modules=['source: zonefile'],
                                  user=user, start=False)
        if user:
            owner = pwd.getpwnam(user)
            for directory, _, names in os.walk(server.directory):
                for path in [directory, *(os.path.join(directory, name) for name in names)]:
                    os.chown(path, owner.pw_uid, owner.pw_gid)
        server.start()
        server.wait_audit(ZONE, serial=1)
        server.file(ZONE).chmod(0)
        mark = server.log.mark()
        server.update(ZONE, f'add a.{ZONE}. 60 TXT "x"')
        self.not_checked(server, mark)
        self.assertEqual(server.serial(ZONE), 2)

    def test_zone_file_is_a_pipe(self):
        """Nobody ever writes into it: the auditor must not wait for ever, and others go on."""
        server = self.server_with(zone_file(LOCKED), template=['zonefile-sync: -1'], modules=['source: zonefile'])
        server.wait_audit(ZONE)
        server.wait_audit(GOOD)
        server.file(ZONE).unlink()
        os.mkfifo(server.file(ZONE))
        server.update(ZONE, f'add a.{ZONE}. 60 TXT "x"')
        self.not_checked(server)
        mark = server.log.mark()
        server.write(GOOD, zone_file(LOCKED, serial=2))
        server.control('zone-reload', GOOD)
        server.wait_loaded(GOOD, mark)
        server.visit(GOOD)
        server.wait_audit(GOOD, mark, serial=2)
        self.assertEqual(server.stop(), 0)

    @unittest.skipIf(CONTROL_IS_SAFE, 'the control socket is safe to read on this version')
    def test_control_source_is_not_used_where_it_kills(self):
        server = self.server_with(zone_file(LOCKED), modules=['source: control'], start=False)
        result = server.check_configuration()
        if result.returncode != 0:
            self.assertIn('source', result.stdout + result.stderr)
            return
        server.start()
        line = self.not_checked(server)
        self.assertIn('3.2.7', line.text)
        self.assertEqual([line.text for line in server.log.read() if 'zone-read' in line.text
                          and 'received command' in line.text], [])


@unittest.skipUnless(CONTROL_IS_SAFE, 'this version does not let the module read over the control socket')
class ControlSocket(KnotTest):
    """source: control, and a socket that does not do what it should.

    The server's socket is moved away, and something else is put in its place.
    """

    def moved(self):
        server = self.server({ZONE: zone_file(LOCKED)}, extra=LOOPBACK_ACL,
                             modules={'default': ['audit-delay: 0', 'source: control']},
                             template=['acl: loopback', 'module: mod-caaudit/default'])
        server.wait_audit(ZONE, source='control')
        self.place = str(server.socket)
        server.socket = server.socket.rename(server.socket.with_name('moved.sock'))
        return server

    def not_checked(self, server):
        before = server.stats(ZONE)['audits']
        server.update(ZONE, f'add a.{ZONE}. 60 TXT "x"')
        server.wait_stats('not checked', lambda stats: stats['not-checked'] or stats['audit-failures'], ZONE)
        self.assertEqual(server.stats(ZONE)['audits'], before)
        self.assertEqual(server.serial(ZONE), 2)

    def answer(self, act):
        """Listens where the control socket was."""
        listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(listener.close)
        listener.bind(self.place)
        listener.listen(8)

        def serve():
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                act(connection)
        threading.Thread(target=serve, daemon=True).start()

    def test_absent(self):
        self.not_checked(self.moved())

    def test_refuses(self):
        server = self.moved()
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.place)
        listener.close()
        self.not_checked(server)

    def test_hangs_up(self):
        server = self.moved()
        self.answer(lambda connection: connection.close())
        self.not_checked(server)

    def test_talks_nonsense(self):
        server = self.moved()

        def act(connection):
            connection.sendall(b'\xff' * 4096)
            connection.close()
        self.answer(act)
        self.not_checked(server)

    def relayed(self, answer):
        """Stands between, and changes what the server says."""
        server = self.moved()
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.place)

        def connect():
            client = socket.socket(socket.AF_UNIX)
            client.connect(str(server.socket))
            return client
        relay = Relay(listener, connect)
        self.addCleanup(relay.close)
        relay.answer = lambda octets, question: answer(octets)
        self.not_checked(server)
        # It is whole again when the socket is.
        relay.answer = lambda octets, question: [octets]
        mark = server.log.mark()
        server.update(ZONE, f'add b.{ZONE}. 60 TXT "x"')
        server.wait_audit(ZONE, mark, serial=3, errors=1)
        self.assertEqual(server.stats(ZONE)['not-checked'], 0)
        self.assertEqual(server.stop(), 0)

    def test_closes_in_an_item(self):
        self.relayed(lambda octets: [octets[:len(octets) * 2 // 3 + 1]])

    def test_answers_for_another_zone(self):
        self.relayed(lambda octets: [octets.replace(b'example.com', b'example.net')])

    def test_stalls(self):
        server = self.moved()
        connections = []
        self.answer(connections.append)
        self.not_checked(server)
        self.assertTrue(connections)
        self.assertEqual(server.stop(), 0)


if __name__ == '__main__':
    harness.main()
