# SPDX-License-Identifier: GPL-2.0-or-later

"""Every change is noticed without a query, in time, and nobody makes the module work for nothing."""

import os
import re
import socket
import threading
import time

import harness
from harness import LOOPBACK_ACL, PATIENCE, zone_file
from noticed import CHECK, EXPECTED, LOCKED, OPEN, ZONE, Noticed
from test_lookups import question


class ChangeCheck(Noticed):
    def test_zone_file_and_reload(self):
        for source, template in self.sources():
            with self.subTest(source):
                server = self.audited(template=template)
                mark = server.log.mark()
                server.write(ZONE, zone_file(OPEN, serial=2))
                server.control('zone-reload', ZONE)
                self.measured(f'change by file, {source}', lambda: server.wait_audit(ZONE, mark, serial=2, errors=0))
                server.wait_event('resolved', ZONE, mark, id='caa-issue-denied')

    def test_update(self):
        for source, template in self.sources():
            with self.subTest(source):
                server = self.audited(template=template)
                mark = server.log.mark()
                self.unseen_update(server, 'add example.com. 3600 CAA 0 issue "sectigo.com"')
                self.measured(f'update, {source}', lambda: server.wait_audit(ZONE, mark, serial=2, errors=0))

    def test_control_transaction(self):
        for source, template in self.sources():
            with self.subTest(source):
                server = self.audited(template=template)
                mark = server.log.mark()
                for words in ('zone-begin', 'zone-set', 'zone-commit'):
                    server.control(words, ZONE, *(['@', '3600', 'CAA', '0 issue "sectigo.com"']
                                                  if words == 'zone-set' else []))
                self.measured(f'zone-commit, {source}', lambda: server.wait_audit(ZONE, mark, serial=2, errors=0))

    def test_edited_file_is_not_served_yet(self):
        """It is not believed, and when it is loaded the change is seen."""
        server = self.audited()
        mark = server.log.mark()
        server.write(ZONE, zone_file(OPEN, serial=2))
        server.wait_audit(ZONE, mark, serial=1, errors=1)
        self.assertEqual(server.events('resolved', ZONE, mark), [])
        server.control('zone-reload', ZONE)
        self.measured('load of a file', lambda: server.wait_audit(ZONE, mark, serial=2, errors=0))

    def test_edited_file_of_the_same_serial_is_not_served_yet(self):
        """What is new in it is no finding, and nobody has loaded it; once it is loaded the serial is the fault."""
        server = self.audited(options=['source: zonefile'])
        mark = server.log.mark()
        server.write(ZONE, zone_file(LOCKED + '\nd 3600 CAA 128 foo "bar"'))
        server.wait_event('not checked', ZONE, mark)
        self.assertEqual(server.events('finding', ZONE, mark) + server.events('serial-unchanged', ZONE, mark), [])
        server.control('zone-reload', ZONE)
        server.visit(ZONE)
        server.wait_event('finding', ZONE, mark, id='caa-critical-unknown')
        server.wait_event('serial-unchanged', ZONE, mark)

    def test_switched_off(self):
        """Then only queries show changes, and there is no question."""
        zones = {ZONE: zone_file(LOCKED), 'other.example.net': zone_file(LOCKED)}
        server = self.audited(zones=zones, wait=False, start=False)
        server.modules['silent'] = ['audit-delay: 0', 'change-check: 0']
        server.zone_options[ZONE] = ['module: [ mod-caaudit/silent, mod-stats ]']
        server.configure()
        server.start()
        for zone in zones:
            server.wait_audit(zone)
        before = self.asked(server)
        mark = server.log.mark()
        server.write(ZONE, zone_file(OPEN, serial=2))
        server.control('zone-reload', ZONE)
        server.wait_loaded(ZONE, mark)
        self.assertEqual(self.steady(server)['serial'], 1)
        self.assertEqual(self.asked(server), before)
        server.visit(ZONE)
        server.wait_audit(ZONE, mark, serial=2)

    def asked(self, server):
        """Queries for the zone that mod-stats has counted."""
        text = server.control('zone-stats', ZONE).stdout
        return sum(int(count) for count in re.findall(r'mod-stats\.server-operation\[query\] = (\d+)', text))

    def test_questions_are_counted_and_few(self):
        """A zone that is asked for needs no question of the module's own."""
        server = self.audited(template=['acl: loopback'], start=False, wait=False)
        server.template[0] = 'module: [ mod-caaudit/default, mod-stats ]'
        server.configure()
        server.start()
        server.wait_audit(ZONE)
        before = self.asked(server)
        time.sleep(5 * CHECK)
        asked = self.asked(server) - before
        self.assertGreaterEqual(asked, 2)
        self.assertLessEqual(asked, 7)
        before = self.asked(server)
        end = time.monotonic() + 5 * CHECK
        own = 0
        while time.monotonic() < end:
            server.visitor(ZONE)
            own += 1
            time.sleep(0.4)
        server.wait('queries counted', lambda: self.asked(server) - before >= own)
        self.assertLessEqual(self.asked(server) - before - own, 1)

    def beside(self, other, section='', last=True):
        modules = ['mod-caaudit/default', other] if last else [other, 'mod-caaudit/default']
        server = self.audited(start=False, wait=False, extra=LOOPBACK_ACL + section)
        server.template[0] = f'module: [ {", ".join(modules)} ]'
        server.configure()
        server.start()
        server.wait_audit(ZONE)
        mark = server.log.mark()
        server.write(ZONE, zone_file(OPEN, serial=2))
        server.control('zone-reload', ZONE)
        self.measured(f'change beside {other}', lambda: server.wait_audit(ZONE, mark, serial=2, errors=0))

    def test_beside_modules_that_cut_answers(self):
        """A question that is truncated, dropped or refused has shown the zone all the same."""
        rrl = 'mod-rrl:\n  - id: r\n    rate-limit: 1\n    slip: 0\n'
        for other, section in (('mod-noudp', ''), ('mod-rrl/r', rrl),
                               ('mod-queryacl/q', 'mod-queryacl:\n  - id: q\n    address: 192.0.2.0/24\n')):
            for last in (True, False):
                with self.subTest(other, last=last):
                    self.beside(other, section, last)

    def test_many_zones_behind_a_limit(self):
        """Other clients of this host may need the answers: fewer questions, said once."""
        zones = {f'z{number}.example.com': zone_file(LOCKED) for number in range(300)}
        server = self.audited(zones=zones, wait=False, template=['acl: loopback'])
        server.template[1] = 'global-module: [ mod-caaudit/all, mod-noudp ]'
        server.configure()
        server.reload()
        server.wait_line(lambda line: line.event == 'change-check', what='limit')
        time.sleep(3 * CHECK)
        self.assertEqual(len(server.events('change-check')), 1)


class Gone(Noticed):
    def gone(self, server, act, what):
        mark = server.log.mark()
        act()
        server.wait('refusal to answer', lambda: 'SERVFAIL' in server.kdig(ZONE, 'SOA'))
        self.measured(what, lambda: server.wait_stats('not checked', lambda stats: stats['not-checked'] == 1, ZONE))
        stats = server.wait_stats('no verdict', lambda stats: stats['zones[failed]'] == 1)
        self.assertEqual((stats['zones[audited]'], stats['zones[clean]'], stats['zones[error]']), (0, 0, 0))
        self.assertRegex(server.wait_event('not checked', ZONE, mark).rest, 'SERVFAIL|expired|not loaded|empty|no such')
        self.assertEqual(server.events('resolved', ZONE, mark), [])
        before = server.stats(ZONE)
        server.kdig(ZONE, 'CAA')
        server.kdig(f'{EXPECTED}.{ZONE}', 'CNAME')
        after = server.stats(ZONE)
        self.assertEqual(after['lookup-failures[servfail]'] - before['lookup-failures[servfail]'], 2)
        server.wait_stats('sum', lambda stats: stats['lookup-failures[servfail]'] == after['lookup-failures[servfail]'])

    def test_secondary_expires(self):
        contents = zone_file(LOCKED).replace('3600 600 86400 300', '2 1 4 300')
        for source, template in self.sources():
            with self.subTest(source):
                primary = self.server({ZONE: contents}, module=False, template=['acl: transfer'], extra=LOOPBACK_ACL)
                primary.wait_loaded(ZONE)
                server = self.audited(zones={ZONE: None}, wait=False, template=['master: primary', *template],
                                      extra=LOOPBACK_ACL + f'remote:\n  - id: primary\n'
                                      f'    address: {primary.address}@{primary.port}\n')
                server.wait_stats('audit', lambda stats: stats['serial'] == 1, ZONE)
                self.gone(server, primary.stop, f'expiry, {source}')

    def test_zone_is_purged(self):
        server = self.audited()

        def purge():
            server.file(ZONE).unlink()
            server.control('-f', 'zone-purge', ZONE)
        self.gone(server, purge, 'purge')
        # It comes back, and that is noticed as well.
        mark = server.log.mark()
        server.write(ZONE, zone_file(OPEN, serial=7))
        server.reload()
        self.measured('zone that is back', lambda: server.wait_audit(ZONE, mark, serial=7, errors=0))

    def test_zone_without_contents(self):
        server = self.audited(zones={ZONE: None}, wait=False)
        self.gone(server, lambda: None, 'zone without contents')


class Busy(Noticed):
    def test_loads_of_one_zone(self):
        """Two a second hold up nobody else."""
        zones = {f'z{number}.example.com': zone_file(LOCKED) for number in range(30)}
        server = self.audited(zones={**zones, ZONE: zone_file(LOCKED)}, wait=False)
        done = threading.Event()

        def load():
            while not done.is_set():
                server.control('-f', 'zone-reload', ZONE, check=False)
                done.wait(0.5)
        loading = threading.Thread(target=load)
        for zone in zones:
            server.wait_audit(zone)
        loading.start()
        try:
            time.sleep(2)
            mark = server.log.mark()
            for zone in zones:
                server.write(zone, zone_file(OPEN, serial=2))
            server.control('zone-reload', *zones)

            def all_seen():
                for zone in zones:
                    server.wait_audit(zone, mark, serial=2)
            self.measured('change of 30 zones', all_seen)
        finally:
            done.set()
            loading.join()

    def test_many_loads(self):
        """Seventeen a second, of changing zones: all the others are audited."""
        zones = {f'z{number}.example.com': zone_file(LOCKED) for number in range(200)}
        server = self.audited(zones=zones, wait=False)
        names = list(zones)
        done = threading.Event()

        def load():
            while not done.is_set():
                server.control('-f', 'zone-reload', *[names[number] for number in range(17)], check=False)
                done.wait(0.7)
        loading = threading.Thread(target=load)
        loading.start()
        try:
            self.measured('first audit of all', lambda: server.wait_stats(
                'audits', lambda stats: stats['zones[pending]'] + stats['zones[failed]'] <= 17
                and stats['zones[audited]'] >= len(zones) - 17, limit=60 * PATIENCE), 10)
        finally:
            done.set()
            loading.join()

    def test_refused_updates_and_notifies(self):
        """What the server has refused causes no audit."""
        zones = {ZONE: zone_file(LOCKED), 'other.example.net': zone_file(LOCKED)}
        server = self.audited(zones=zones, template=['acl: none'], extra='acl:\n  - id: none\n'
                              '    address: 192.0.2.1\n    action: [ update, notify, transfer ]\n')
        before = server.stats(ZONE)
        name = question(ZONE)[12:-4]
        update = b'\x28\0\0\1\0\0\0\1\0\0' + name + b'\0\6\0\1' + name + b'\0\x10\0\1\0\0\0\x3c\0\2\1x'
        notify = b'\x24\0\0\1\0\0\0\0\0\0' + name + b'\0\6\0\1'
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(10 * PATIENCE)
            client.connect((server.address, server.port))
            for message in (update, notify) * 20:
                client.send(os.urandom(2) + message)
                self.assertIn(client.recv(4096)[3] & 15, (4, 5, 9))
                time.sleep(0.1)
        after = self.steady(server)
        self.assertEqual((after['audits'], after['audit-failures']), (before['audits'], before['audit-failures']))

    def test_accepted_notify_that_changes_nothing(self):
        zones = {ZONE: zone_file(LOCKED), 'other.example.net': zone_file(LOCKED)}
        server = self.audited(zones=zones)
        before = server.stats(ZONE)
        for _ in range(20):
            self.unseen_update(server, 'add example.com. 3600 CAA 0 issue "letsencrypt.org"')
        after = self.steady(server)
        self.assertEqual(after['audits'], before['audits'])


if __name__ == '__main__':
    harness.main()
