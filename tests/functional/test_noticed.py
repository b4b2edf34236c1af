# SPDX-License-Identifier: GPL-2.0-or-later

"""Every change is noticed without a query, in time; and what is called resolved is."""

import os
import re
import socket
import threading
import time
import unittest

import harness
from faults import AuditorFaults, Relay
from harness import CONTROL_IS_SAFE, LOOPBACK_ACL, PATIENCE, TOOLS, KnotTest, knot_version, zone_file
from test_lookups import question

ZONE = 'example.com'
LOCKED = '@ 3600 CAA 0 issue "letsencrypt.org"'
OPEN = LOCKED + '\n@ 3600 CAA 0 issue "sectigo.com"'
EXPECTED = '_0123456789abcdef0123456789abcdef'
TARGET = '00112233445566778899aabbccddeeff.ffeeddccbbaa99887766554433221100.sectigo.com.'

# Seconds: the period of the questions, and what a change may take beside it.
CHECK = 2
BOUND = CHECK + 5


class Noticed(KnotTest):
    def audited(self, contents=None, options=(), template=(), zones=None, wait=True, **more):
        """A server whose zones nobody asks for."""
        server = self.server(zones or {ZONE: contents or zone_file(LOCKED)}, modules={
            'default': ['audit-delay: 0', f'change-check: {CHECK}', *options], 'all': []},
            template=['module: mod-caaudit/default', 'global-module: mod-caaudit/all',
                      *(template or ['acl: [ loopback, transfer ]'])],
            **{'extra': LOOPBACK_ACL, **more})
        for zone in (zones or [ZONE]) if wait else ():
            server.wait_audit(zone)
        return server

    def measured(self, what, act, bound=BOUND):
        """Says how long something took, beside what it may take."""
        begin = time.monotonic()
        result = act()
        took = time.monotonic() - begin
        print(f'{self._testMethodName}: {what} after {took:.1f} s, bound {bound:g} s')
        self.assertLess(took, bound * PATIENCE)
        return result

    def unseen_update(self, server, *commands, zone=ZONE):
        server.update(zone, *commands)
        server.visited.clear()

    def steady(self, server, zone=ZONE):
        """Waits until another zone was noticed twice, and returns the counters of this one."""
        other = 'other.example.net'
        serial = 1
        for _ in range(2):
            mark = server.log.mark()
            serial += 1
            server.write(other, zone_file(LOCKED, serial=serial))
            server.control('zone-reload', other)
            server.wait_audit(other, mark, serial=serial)
        return server.stats(zone)

    def sources(self):
        """Ways in which zones are read on this version."""
        yield 'transfer', ['acl: [ loopback, transfer ]']
        if CONTROL_IS_SAFE:
            yield 'control', ['acl: loopback']
        else:
            yield 'zonefile', ['acl: loopback']


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


class Instances(Noticed):
    """Each id keeps its own findings while others come and go."""

    CAS = {'a': 'sectigo.com', 'b': 'digicert.com', 'c': 'letsencrypt.org'}

    def start_with(self, *ids, database=False):
        server = self.server({ZONE: zone_file('@ 3600 CAA 0 issue "ca.example.net"')}, start=False,
                             extra=LOOPBACK_ACL, modules={
                                 id: ['audit-delay: 0', f'change-check: {CHECK}', f'ca: {ca}', 'wildcard: off']
                                 for id, ca in self.CAS.items()})
        self.configure(server, ids)
        if database:
            confdb = server.directory / 'confdb'
            result = harness.subprocess.run([TOOLS['knotc'], '-C', str(confdb), '-f', 'conf-import', str(server.conf)],
                                            capture_output=True, text=True)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            server.arguments = ['-C', str(confdb)]
        server.start()
        self.check(server, 0, ids)
        return server

    def configure(self, server, ids):
        server.template = ['acl: [ loopback, transfer ]', f'module: [ {", ".join(f"mod-caaudit/{id}" for id in ids)} ]']
        server.configure()

    def check(self, server, mark, ids):
        """All of them are audited, with their own findings, and nobody's are resolved."""
        for id in ids:
            self.measured(f'audit of {id}',
                          lambda id=id: server.wait_audit(ZONE, mark, module=id, errors=1))
            self.assertEqual(server.found(ZONE, mark, id), [('caa-issue-denied', 'example.com.', self.CAS[id])])
        self.assertEqual(server.events('resolved', ZONE, mark), [])

    def none_is_lost(self, server, ids):
        """A change is noticed by each, and resolves only what is."""
        mark = server.log.mark()
        server.write(ZONE, zone_file('@ 3600 CAA 0 issue "sectigo.com"', serial=2))
        server.control('zone-reload', ZONE)
        for id in ids:
            self.measured(f'change for {id}', lambda id=id: server.wait_audit(
                ZONE, mark, module=id, serial=2, errors=0 if id == 'a' else 1))
        self.assertEqual([(line.module, line.fields['ca']) for line in server.events('resolved', ZONE, mark)],
                         [('a', 'sectigo.com')] if 'a' in ids else [])

    def test_by_reload(self):
        for before, after in (('a', 'ab'), ('ab', 'abc'), ('ab', 'cab'), ('abc', 'bc'), ('ab', 'ba')):
            with self.subTest(f'{before} to {after}'):
                server = self.start_with(*before)
                mark = server.log.mark()
                self.configure(server, after)
                server.reload()
                self.check(server, mark, after)
                self.none_is_lost(server, after)

    @unittest.skipIf(knot_version() < (3, 3), 'Knot DNS 3.2 crashes by itself when a module is added so')
    def test_by_configuration_database(self):
        for before, more in (('a', 'b'), ('ab', 'c')):
            with self.subTest(f'{before} and {more}'):
                server = self.start_with(*before, database=True)
                mark = server.log.mark()
                server.control('conf-begin')
                server.control('conf-set', 'template[default].module', f'mod-caaudit/{more}')
                server.control('conf-commit')
                self.check(server, mark, before + more)
                self.none_is_lost(server, before + more)


class Believed(Noticed):
    """A zone file is believed where the server serves it."""

    def file_server(self, contents, options=(), module='mod-noudp', **more):
        server = self.audited(contents, options=['source: zonefile', *options], start=False, wait=False,
                              template=['acl: loopback', 'zonefile-sync: -1'], **more)
        server.template[0] = f'module: [ mod-caaudit/default{", " + module if module else ""} ]'
        server.configure()
        server.start()
        return server

    def test_stale_file_beside_noudp_and_rrl(self):
        """The question over UDP is truncated or dropped, the one over TCP is answered."""
        rrl = 'mod-rrl:\n  - id: r\n    rate-limit: 1\n    slip: 0\n'
        for module, section in (('mod-noudp', ''), ('mod-rrl/r', rrl)):
            with self.subTest(module):
                server = self.file_server(zone_file(LOCKED), module=module, extra=LOOPBACK_ACL + section)
                server.wait_audit(ZONE, serial=1)
                mark = server.log.mark()
                server.write(ZONE, zone_file(OPEN, serial=2))
                self.measured(f'stale file beside {module}', lambda: server.wait_stats(
                    'not checked', lambda stats: stats['not-checked'] == 1, ZONE))
                self.assertIn('serial', server.wait_event('not checked', ZONE, mark).rest)
                self.assertEqual(server.events('resolved', ZONE, mark), [])
                server.control('zone-reload', ZONE)
                server.wait_event('resolved', ZONE, mark, id='caa-issue-denied')

    def test_server_does_not_tell(self):
        """Then nothing is known, whatever the file says."""
        server = self.file_server(zone_file(OPEN), module='mod-queryacl/q',
                                  extra=LOOPBACK_ACL + 'mod-queryacl:\n  - id: q\n    address: 192.0.2.0/24\n')
        self.assertIn('NOTAUTH', server.wait_event('not checked', ZONE).rest)
        stats = server.stats()
        self.assertEqual((stats['zones[audited]'], stats['zones[failed]']), (0, 1))

    def test_one_zone_that_does_not_tell_is_one(self):
        zones = {ZONE: zone_file(LOCKED), 'other.example.net': zone_file(LOCKED)}
        server = self.audited(zones=zones, options=['source: zonefile'], start=False, wait=False,
                              template=['acl: loopback', 'zonefile-sync: -1'],
                              extra=LOOPBACK_ACL + 'mod-queryacl:\n  - id: q\n    address: 192.0.2.0/24\n')
        server.zone_options['other.example.net'] = ['module: [ mod-queryacl/q, mod-caaudit/default ]']
        server.configure()
        server.start()
        server.wait_event('not checked', 'other.example.net')
        server.wait_audit(ZONE, serial=1)
        mark = server.log.mark()
        server.write(ZONE, zone_file(OPEN, serial=2))
        server.wait_event('not checked', ZONE, mark)
        self.assertEqual(server.events('resolved', ZONE, mark), [])

    def test_record_in_the_file_with_the_old_serial(self):
        """Not loaded: not there. Loaded with the old serial: there, and secondaries do not fetch it."""
        options = [f'validation: "{EXPECTED} {TARGET}"']
        for module in (None, 'mod-noudp'):
            with self.subTest(module):
                server = self.file_server(zone_file(OPEN), options, module)
                server.wait_audit(ZONE, serial=1, errors=1)
                mark = server.log.mark()
                with server.file(ZONE).open('a') as file:
                    file.write(f'{EXPECTED} 3600 CNAME {TARGET}\n')
                self.measured('file that is not served', lambda: server.wait_stats(
                    'not checked', lambda stats: stats['not-checked'] == 1, ZONE))
                self.assertIn(EXPECTED, server.wait_event('not checked', ZONE, mark).rest)
                self.assertEqual(server.events('resolved', ZONE, mark), [])
                self.assertEqual(server.stats(ZONE)['findings[dcv-cname-missing]'], 1)
                server.control('zone-reload', ZONE)
                server.wait('record', lambda: server.query(f'{EXPECTED}.{ZONE}', 'CNAME', '+tcp'))
                server.wait_event('resolved', ZONE, mark, id='dcv-cname-missing')
                line = server.wait_event('serial-unchanged', ZONE, mark, serial=1)
                self.assertEqual(line.severity, 'warning')

    def test_removed_record_with_the_old_serial(self):
        """A denial that was taken out of the file stands as long as it is served."""
        server = self.file_server(zone_file(LOCKED), module=None)
        server.wait_audit(ZONE, serial=1, errors=1)
        mark = server.log.mark()
        server.write(ZONE, zone_file())
        server.wait_event('not checked', ZONE, mark)
        self.assertEqual(server.events('resolved', ZONE, mark), [])
        self.assertEqual(server.stats(ZONE)['findings[caa-issue-denied]'], 1)

    def test_serial_left_with_other_sources(self):
        """Changed, loaded and not raised: noticed by the file, and said."""
        for source, template in self.sources():
            with self.subTest(source):
                server = self.audited(template=template)
                mark = server.log.mark()
                server.write(ZONE, zone_file(OPEN))
                server.control('zone-reload', ZONE)
                self.measured(f'change without a serial, {source}', lambda: server.wait_event(
                    'resolved', ZONE, mark, id='caa-issue-denied'))
                server.wait_event('serial-unchanged', ZONE, mark, serial=1)


class Resolved(Noticed):
    def changed(self, before, after, options=()):
        server = self.audited(zone_file(before), options)
        mark = server.log.mark()
        server.write(ZONE, zone_file(after, serial=2))
        server.control('zone-reload', ZONE)
        server.wait_audit(ZONE, mark, serial=2)
        return ([(line.fields['id'], line.severity) for line in server.events('finding', ZONE, mark)],
                [line.fields['id'] for line in server.events('resolved', ZONE, mark)])

    def test_wrong_target_changes_into_another_wrong_one(self):
        record = OPEN + f'\n{EXPECTED} 3600 CNAME {{}}'
        found, resolved = self.changed(record.format('a.example.net.'), record.format('b.example.net.'),
                                       [f'validation: "{EXPECTED} {TARGET}"'])
        self.assertIn(('dcv-target-mismatch', 'error'), found)
        self.assertEqual(resolved, [])

    def test_ttl_changes(self):
        found, resolved = self.changed('@ 90000 CAA 0 issue "letsencrypt.org"',
                                       '@ 90001 CAA 0 issue "letsencrypt.org"')
        self.assertEqual(resolved, [])

    def test_one_of_two_is_mended(self):
        """The other one stands, with the same id at the same owner."""
        two = OPEN + '\n@ 3600 CAA 0 isue "a.example.net"\n@ 3600 CAA 0 issu "b.example.net"'
        one = OPEN + '\n@ 3600 CAA 0 isue "a.example.net"'
        found, resolved = self.changed(two, one)
        self.assertEqual((found, resolved), ([], []))
        found, resolved = self.changed(two, OPEN)
        self.assertEqual((found, resolved), ([], ['caa-tag-unknown']))


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


class Blocked(Noticed):
    """Each reading ends, and others go on meanwhile."""

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

    @unittest.skipUnless(CONTROL_IS_SAFE, 'this version does not let the module read over the control socket')
    def test_control_socket_that_drips(self):
        """Some octets twice a second, for minutes."""
        records = LOCKED + ''.join(f'\nh{number} 3600 TXT "{"x" * 100}"' for number in range(300))
        zones = {ZONE: zone_file(records), 'other.example.net': zone_file(LOCKED)}
        server = self.audited(zones=zones, start=False, wait=False, template=['acl: loopback'])
        server.zone_options['other.example.net'] = ['acl: [ loopback, transfer ]']
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
