# SPDX-License-Identifier: GPL-2.0-or-later

"""What goes wrong while a large zone is being audited: the server answers on, and the next audit is whole."""

import os
import socket
import struct
import threading
import time

import harness
from faults import AuditorFaults, Relay, touch
from harness import LOOPBACK_ACL, KnotTest, zone_file

BIG = 'big.example.com'
SMALL = 'example.com'
LOCKED = '@ 3600 CAA 0 issue "letsencrypt.org"\n'
RECORDS = 200_000


def big_file(serial=1, records=RECORDS):
    return zone_file(LOCKED + ''.join(f'h{i} A 192.0.2.{i % 250}\n' for i in range(records)), serial)


class Faults(KnotTest):
    def big(self, options=(), acl='loopback', start=True, **more):
        server = self.server({BIG: big_file(), SMALL: zone_file(LOCKED)}, start=start, slow=3, extra=LOOPBACK_ACL,
                             modules={'default': ['audit-delay: 0', *options], 'all': []},
                             template=[f'acl: {acl}', 'zonefile-sync: -1', 'module: mod-caaudit/default',
                                       'global-module: mod-caaudit/all'], **more)
        if start:
            server.wait_audit(BIG)
            server.wait_audit(SMALL)
        return server

    def asking(self, server):
        """Asks all the time; returns what is to be called at the end."""
        unanswered = []
        done = threading.Event()

        def ask():
            while not done.wait(.02):
                try:
                    answer = server.query(SMALL, 'CAA', f'+timeout={int(2 * harness.PATIENCE)}', '+retry=0')
                except AssertionError as error:
                    answer = str(error)
                if answer != ['0 issue "letsencrypt.org"']:
                    unanswered.append(answer)
        thread = threading.Thread(target=ask)
        thread.start()

        def end():
            done.set()
            thread.join()
            self.assertEqual(unanswered, [])
        return end

    def whole(self, server, serial, since=0):
        server.visit(BIG)
        line = server.wait_audit(BIG, since, serial=serial)
        self.assertEqual(line.fields['errors'], '1')
        stats = server.stats(BIG)
        self.assertEqual((stats['not-checked'], stats['findings[caa-issue-denied]']), (0, 1))

    def begin_audit(self, server):
        """A reload with another look of the file makes the auditor read it."""
        os.utime(server.file(BIG))
        server.reload()

    def test_server_stops_meanwhile(self):
        for pause in (0, .9, 1.05, 1.15, 1.3):
            server = self.big(start=False)
            server.start()
            server.wait_loaded(BIG)
            time.sleep(pause)
            self.assertEqual(server.stop(), 0)

    def test_reloads_and_unload_meanwhile(self):
        server = self.big()
        end = self.asking(server)
        for number in range(10):
            self.begin_audit(server)
            time.sleep(1 + number / 20)
        server.zones.remove(BIG)
        server.configure()
        server.reload()
        server.add_zone(BIG, big_file(2))
        server.configure()
        mark = server.log.mark()
        server.reload()
        self.whole(server, 2, mark)
        end()
        self.assertEqual(server.stop(), 0)

    def file_fault(self, act):
        """Something happens to the file while it is read; the reason is named, and then it is whole again."""
        server = self.big(['source: zonefile', 'audit-interval: 1'])
        end = self.asking(server)
        stop = threading.Event()

        def disturb():
            while not stop.is_set():
                act(server.file(BIG))
                time.sleep(.05)
        thread = threading.Thread(target=disturb)
        thread.start()
        try:
            mark = server.log.mark()
            server.wait_event('not checked', BIG, mark)
            self.assertEqual(server.stats(BIG)['not-checked'], 1)
        finally:
            stop.set()
            thread.join()
        mark = server.log.mark()
        server.write(BIG, big_file(5))
        server.control('zone-reload', BIG)
        server.wait_loaded(BIG, mark)
        self.whole(server, 5, mark)
        end()

    def test_zone_file_is_truncated_meanwhile(self):
        def act(path):
            size = path.stat().st_size
            os.truncate(path, size * 2 // 3 if size > 1000 else 0)
        self.file_fault(act)

    def test_zone_file_is_replaced_meanwhile(self):
        text = big_file(9, 1000)

        def act(path):
            fresh = path.with_suffix('.other')
            fresh.write_text(text)
            fresh.replace(path)
        self.file_fault(act)

    def test_zone_file_is_deleted_meanwhile(self):
        self.file_fault(lambda path: path.unlink(missing_ok=True))

    def test_transfer_is_refused_and_permitted_again(self):
        server = self.big(['source: transfer'], '[ loopback, transfer ]')
        end = self.asking(server)
        server.template[0] = 'acl: loopback'
        server.configure()
        mark = server.log.mark()
        self.begin_audit(server)
        server.update(BIG, f'add a.{BIG}. 60 TXT "x"')
        server.wait_event('not checked', BIG, mark)
        server.template[0] = 'acl: [ loopback, transfer ]'
        server.configure()
        mark = server.log.mark()
        server.reload()
        self.whole(server, server.serial(BIG), mark)
        end()

    def test_transfer_with_a_wrong_key(self):
        """The key of the ACL is another one."""
        def keys(names):
            secret = 'A' * 43 + '='
            return 'key:\n' + ''.join(f'  - id: {name}\n    algorithm: hmac-sha256\n    secret: {secret}\n'
                                      for name in names)
        server = self.server({SMALL: zone_file(LOCKED)}, start=False, slow=3,
                             extra=keys(['one', 'two']) + 'acl:\n  - id: keyed\n    key: one\n    action: transfer\n',
                             modules={'default': ['audit-delay: 0', 'source: transfer', 'transfer-key: two']},
                             template=['acl: keyed', 'module: mod-caaudit/default'])
        server.start()
        server.wait_event('not checked', SMALL)
        self.assertEqual(server.stats(SMALL)['not-checked'], 1)
        server.modules['default'][-1] = 'transfer-key: one'
        server.configure()
        mark = server.log.mark()
        server.reload()
        server.wait_audit(SMALL, mark, source='transfer', errors=1)
        self.assertEqual(server.stats(SMALL)['not-checked'], 0)

    def test_updates_while_it_is_transferred(self):
        server = self.big(['source: transfer'], '[ loopback, transfer ]')
        end = self.asking(server)
        for number in range(20):
            server.update(BIG, f'add a{number}.{BIG}. 60 TXT "x"')
        mark = server.log.mark()
        server.update(BIG, f'add z.{BIG}. 60 TXT "x"')
        server.visit(BIG)
        server.wait_stats('audit of the last serial', lambda stats: stats['serial'] == server.serial(BIG), BIG)
        self.assertEqual(server.stats(BIG)['findings[caa-issue-denied]'], 1)
        self.assertEqual(server.events('resolved', BIG, mark), [])
        end()


class Transfer(KnotTest):
    """source: transfer, and a server that does not do what it should: something stands between."""

    SERIAL = 0x7a7b7c7d

    def cut(self, share):
        return lambda octets: [octets[:int(len(octets) * share)]]

    def other_serial(self, octets):
        before, _, behind = octets.rpartition(struct.pack('!I', self.SERIAL))
        return [before, struct.pack('!I', self.SERIAL + 1), behind]

    def stall(self, octets):
        yield octets[:70_000]
        self.relay.end.wait()

    def test_answers(self):
        acts = {
            'none': (self.cut(0), 'closed'),
            'half': (self.cut(.5), 'closed'),
            'almost': (self.cut(.9999), 'closed'),
            'serial': (self.other_serial, 'changed'),
            'zone': (lambda octets: [octets.replace(b'\7example', b'\7another')], 'question'),
            'stall': (self.stall, 'no message within'),
            'garbage': (lambda octets: [b'\xff' * 100_000], 'malformed|not an answer'),
            'random': (lambda octets: [octets[:2], os.urandom(len(octets))], 'malformed|not an answer|octets'),
            'length': (lambda octets: [octets[:2000], b'\xff\xff', octets[2000:]], 'malformed|records'),
        }
        reasons = {f'{name}.example.com': reason for name, (_, reason) in acts.items()}
        records = LOCKED + ''.join(f'h{number} 3600 TXT "{"x" * 200}"\n' for number in range(1000))
        faults = AuditorFaults(self.temporary())
        server = self.server({zone: zone_file(records, self.SERIAL) for zone in reasons}, start=False,
                             environment=faults.environment, extra=LOOPBACK_ACL,
                             modules={'default': ['audit-delay: 0', 'change-check: 1', 'source: transfer'], 'all': []},
                             template=['acl: [ loopback, transfer ]', 'module: mod-caaudit/default',
                                       'global-module: mod-caaudit/all'])
        listener = socket.create_server((server.address, 0))
        self.relay = relay = Relay(listener, lambda: socket.create_connection((server.address, server.port)))
        self.addCleanup(relay.close)
        whole = relay.answer
        relay.answer = lambda octets, question: acts[question[15:15 + question[14]].decode()][0](octets)
        faults.set('connect', listener.getsockname()[1])
        server.start()
        for zone, reason in reasons.items():
            self.assertRegex(server.wait_event('not checked', zone, source='transfer').rest, reason)
            self.assertEqual(server.stats(zone)['not-checked'], 1)
            self.assertEqual(server.query(zone, 'CAA'), ['0 issue "letsencrypt.org"'])
        self.assertEqual(server.events('audit') + server.events('finding'), [])
        self.assertEqual(server.stats()['zones[failed]'], len(reasons))

        relay.answer = whole
        relay.end.set()
        touch(server, reasons)
        for zone in reasons:
            server.wait_audit(zone, serial=self.SERIAL, errors=1)
        server.wait_stats('all zones', lambda stats: stats['zones[error]'] == len(reasons)
                          and stats['not-checked'] == 0)
        self.assertEqual(server.stop(), 0)


class Catalog(KnotTest):
    def test_members_come_and_go(self):
        """Members of a catalog zone are audited, and forgotten when they are removed."""
        catalog = '@ 3600 SOA invalid. invalid. {} 3600 600 86400 300\n@ 3600 NS invalid.\nversion TXT "2"\n'
        member = 'm{0}.zones PTR member{0}.example.net.\n'
        server = self.server({'catalog.example': catalog.format(1) + member.format(1)}, start=False,
                             extra=LOOPBACK_ACL, modules={'default': ['audit-delay: 0'], 'all': []},
                             templates={'member': ['acl: loopback', 'module: mod-caaudit/default']},
                             template=['global-module: mod-caaudit/all'],
                             zone_options={'catalog.example': ['catalog-role: interpret', 'catalog-template: member']})
        for number in range(1, 4):
            server.write(f'member{number}.example.net', zone_file(LOCKED))
        server.start()
        server.wait_audit('member1.example.net', errors=1)
        for serial, numbers in enumerate(((1, 2), (2, 3), (3,)), 2):
            server.write('catalog.example', catalog.format(serial) + ''.join(map(member.format, numbers)))
            mark = server.log.mark()
            server.control('zone-reload', 'catalog.example')
            server.wait_stats('members', lambda stats, numbers=numbers: stats['zones[audited]'] == len(numbers)
                              and stats['zones[error]'] == len(numbers) and stats['zones[pending]'] == 0)
        self.assertEqual(server.stop(), 0)

    def test_templates_flip(self):
        """From a template with the module to one without it and back, while zones are audited."""
        server = self.server({BIG: big_file()}, start=False, slow=3, modules={'default': [], 'other': []},
                             templates={'with': ['module: mod-caaudit/default'], 'plain': [],
                                        'more': ['module: [ mod-caaudit/other, mod-caaudit/default ]']})
        server.zone_options[BIG] = ['template: with']
        server.configure()
        server.start()
        for name in ('plain', 'more', 'with', 'plain', 'more', 'plain', 'with') * 2:
            server.zone_options[BIG] = [f'template: {name}']
            server.configure()
            mark = server.log.mark()
            server.reload()
            time.sleep(.3)
        server.wait_audit(BIG, mark, errors=1)
        self.assertEqual(server.stats(BIG)['not-checked'], 0)
        self.assertEqual(server.stop(), 0)

    def test_zone_is_renamed(self):
        """The same file under another name and back, while it is audited."""
        other = 'renamed.example.com'
        server = self.server({BIG: big_file(), other: None}, start=False, slow=3,
                             modules={'default': ['source: zonefile'], 'all': []},
                             template=['module: mod-caaudit/default', 'global-module: mod-caaudit/all'])
        server.zone_options = {name: [f'file: {server.file(BIG)}'] for name in (BIG, other)}
        server.zones.remove(other)
        server.configure()
        server.start()
        for number in range(8):
            server.zones = [(other, BIG)[number % 2]]
            server.configure()
            mark = server.log.mark()
            server.reload()
            time.sleep(.3 + number / 10)
        server.wait_audit(BIG, mark, errors=1)
        stats = server.wait_stats('one zone', lambda stats: stats['zones[error]'] == 1)
        self.assertEqual((stats['zones[audited]'], stats['zones[failed]'], stats['zones[pending]']), (1, 0, 0))
        self.assertEqual(server.stop(), 0)


if __name__ == '__main__':
    harness.main()
