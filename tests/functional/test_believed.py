# SPDX-License-Identifier: GPL-2.0-or-later

"""A zone file is believed where the server serves it, and what is called resolved is."""

import os

import harness
from harness import LOOPBACK_ACL, zone_file
from noticed import CHECK, EXPECTED, LOCKED, OPEN, TARGET, ZONE, Noticed


class Believed(Noticed):
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

    def test_record_that_the_file_has_not(self):
        """A set that is served above a host decides, though the file with the same serial has none there."""
        for host, owner, file in (('www', '@', ''), ('a.b', 'b', OPEN)):
            with self.subTest(host):
                records = f'{host} A 192.0.2.1\n{file}'
                server = self.file_server(zone_file(records), [f'host: {host}'], None)
                server.wait_audit(ZONE, serial=1)
                mark = server.log.mark()
                server.write(ZONE, zone_file(records, serial=2))
                owner = ZONE if owner == '@' else f'{owner}.{ZONE}'
                self.unseen_update(server, f'add {owner}. 3600 CAA 0 issue "letsencrypt.org"')
                self.assertIn(f' {owner}. ', server.wait_event('not checked', ZONE, mark).rest)

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

    def test_file_that_is_not_loaded(self):
        """Whatever stands in it with the old serial: nothing is found, nothing is resolved, and nothing was loaded."""
        digest = 'x' * 43
        persist = '_validation-persist TXT "letsencrypt.org; policy=wildcard"'
        key = '@ 3600 DNSKEY 257 3 13 ' + 'A' * 86 + '=='

        def signature(covered, until, tag=1):
            return f'@ 3600 RRSIG {covered} 13 2 3600 {until} 20200101000000 {tag} @ ' + 'A' * 86 + '=='
        ends = ('20210101000000', '20360101000000')
        old, new = ('\n'.join((key, *(signature(covered, until) for covered in ('SOA', 'DNSKEY')))) for until in ends)
        old_key, new_key = ('\n'.join((key, signature('SOA', ends[1]), signature('DNSKEY', ends[1], tag)))
                            for tag in (1, 2))
        www = 'www A 192.0.2.1\n'
        expected = [f'validation: "{EXPECTED}.www {TARGET}"']
        challenge = ['ca: letsencrypt.org', f'validation: "_acme-challenge.www TXT {digest}"']
        cases = (
            ('anew', [], f'{OPEN}\n{old}', f'{OPEN}\n{new}'),
            ('unsigned', [], f'{OPEN}\n{old}', OPEN),
            ('signed', [], OPEN, f'{OPEN}\n{old}'),
            ('keys', [], f'{OPEN}\n{old_key}', f'{OPEN}\n{new_key}'),
            ('cut', ['host: www'], f'{www}www CAA 0 issue "letsencrypt.org"', f'{www}www NS ns.example.net.\n'
             'www CAA 0 issue "letsencrypt.org"'),
            ('cut-above', ['host: www.a'], 'www.a CAA 0 issue "letsencrypt.org"', 'a NS ns.example.net.\n'
             'www.a CAA 0 issue "letsencrypt.org"'),
            ('cut-validation', ['host: www', *expected], www, f'{www}www NS ns.example.net.'),
            ('no-cut', ['host: www'], f'{www}www NS ns.example.net.', f'{www}www CAA 0 issue "letsencrypt.org"'),
            ('txt', challenge, f'_acme-challenge.www TXT "{digest}"', ''),
            ('txt-malformed', [], persist, ''),
            ('txt-for-cname', expected, f'{EXPECTED}.www TXT "{TARGET}"', ''),
            ('txt-wildcard', ['host: w', 'ca: letsencrypt.org', f'validation: "_acme-challenge.w TXT {digest}"'],
             'w A 192.0.2.1\n*.w TXT "x"', 'w A 192.0.2.1'),
            ('host', ['host: shop'], '', 'shop A 192.0.2.7'),
            ('no-host', ['host: shop'], 'shop A 192.0.2.7', ''))
        zones = {f'{name}.{ZONE}': (options, zone_file(served), zone_file(file)) for name, options, served, file in cases}
        server = self.server({zone: served for zone, (_, served, _) in zones.items()}, modules={
            zone.split('.')[0]: ['audit-delay: 0', f'change-check: {CHECK}', 'source: zonefile', *options]
            for zone, (options, _, _) in zones.items()},
            zone_options={zone: [f'module: mod-caaudit/{zone.split(".")[0]}'] for zone in zones})
        for zone in zones:
            server.wait_audit(zone, serial=1)
        mark = server.log.mark()
        for zone, (_, _, file) in zones.items():
            server.write(zone, file)
        for zone in zones:
            server.wait_event('not checked', zone, mark)
        audits = {zone: server.stats(zone)['audits'] for zone in zones}
        for zone, (_, served, _) in zones.items():
            server.write(zone, served)
        for zone in zones:
            with self.subTest(zone):
                server.wait_stats('audit', lambda stats, zone=zone: stats['audits'] > audits[zone], zone)
                self.assertEqual([line.text for line in server.events(None, zone, mark)
                                  if line.event not in ('not checked', 'audit')], [])

    def test_address_that_is_not_loaded(self):
        """A denial is an error once there is an address, wherever: no query for a name tells whether there is."""
        parked = ('@ 3600 SOA ns.example.net. hostmaster 1 3600 600 86400 300\n@ 3600 NS ns.example.net.\n'
                  '@ 3600 CAA 0 issue ";"\n')
        used = f'{parked}www 3600 A 192.0.2.7\n'
        for served, file in ((parked, used), (used, parked)):
            for included in (False, True):
                with self.subTest(served, included=included):
                    part = self.temporary() / 'part'
                    part.write_text(served)
                    server = self.file_server(f'$INCLUDE {part}\n' if included else served, module=None)
                    server.wait_audit(ZONE, serial=1)
                    before = server.stats(ZONE).findings()
                    mark = server.log.mark()
                    if included: # The zone file looks as before: a reload has it read, and does not load it.
                        part.write_text(file)
                        server.reload()
                    else:
                        server.write(ZONE, file)
                    line = server.wait_event('not checked', ZONE, mark)
                    self.assertIn('load the file', line.rest)
                    for event in ('finding', 'resolved', 'serial-unchanged'):
                        self.assertEqual(server.events(event, ZONE, mark), [])
                    self.assertEqual(server.stats(ZONE).findings(), before)
                    if included: # What is not served does not become so by a change of the options.
                        server.modules['default'].append('log-limit: 30')
                        server.configure()
                        server.reload()
                        server.wait_stats('audit', lambda stats: stats['not-checked'] == 1, ZONE)
                        self.assertEqual(server.stats(ZONE).findings(), before)
                    server.control('zone-reload', ZONE)
                    server.wait_event('resolved', ZONE, mark)

    def test_included_file_as_before(self):
        """Other findings come of the options: that is no change of the zone."""
        part = self.temporary() / 'part'
        part.write_text(zone_file(LOCKED))
        server = self.file_server(f'$INCLUDE {part}\n', module=None)
        server.wait_audit(ZONE, serial=1, errors=1)
        mark = server.log.mark()
        server.modules['default'].append('ca: letsencrypt.org')
        server.configure()
        server.reload()
        server.wait_event('resolved', ZONE, mark, id='caa-issue-denied')
        self.assertEqual(server.events('not checked', ZONE), [])

    def test_zone_that_was_purged(self):
        """The memory of the zone may be where that of the old one was."""
        server = self.file_server(zone_file(LOCKED), module=None)
        server.wait_audit(ZONE, serial=1, errors=1)
        mark = server.log.mark()
        server.write(ZONE, zone_file(OPEN, serial=2))
        server.control('-f', 'zone-purge', ZONE, '+expire')
        server.reload()
        server.wait_event('resolved', ZONE, mark, id='caa-issue-denied')

    def test_look_up_that_the_file_answers(self):
        """The record was added, and the file was not loaded: the CA has found nothing, and is told so later."""
        server = self.file_server(zone_file(OPEN), module=None)
        server.wait_audit(ZONE, serial=1)
        mark = server.log.mark()
        server.write(ZONE, zone_file(f'{OPEN}\n{EXPECTED}.www CNAME {TARGET}'))
        server.query(f'{EXPECTED}.www.{ZONE}', 'CNAME')
        server.wait_event('not checked', ZONE, mark)
        server.write(ZONE, zone_file(OPEN))
        server.wait_event('finding', ZONE, mark, id='dcv-lookup-unanswered')

    def test_child_on_the_same_server(self):
        """It answers at and below the cut, and that is no difference."""
        child = f'sub.{ZONE}'
        server = self.server({ZONE: zone_file('sub NS ns.sub\nns.sub A 192.0.2.1'), child: zone_file('www A 192.0.2.2')},
                             modules={'x': ['audit-delay: 0', 'source: zonefile', 'host: [ "@", sub, www.sub, a.b.sub ]']},
                             zone_options={ZONE: ['module: mod-caaudit/x']})
        server.wait_audit(ZONE, serial=1)
        self.assertEqual(server.stats(ZONE)['audit-failures'], 0)

    def test_unanswered_look_up_that_the_file_answers(self):
        """The name that was asked for is in the file alone: it is not forgotten, and stands once the file has it no more."""
        server = self.file_server(zone_file(OPEN), module=None)
        server.wait_audit(ZONE, serial=1)
        mark = server.log.mark()
        server.query(f'{EXPECTED}.www.{ZONE}', 'CNAME')
        server.wait_event('finding', ZONE, mark, id='dcv-lookup-unanswered')
        server.write(ZONE, zone_file(f'{OPEN}\n{EXPECTED}.www CNAME {TARGET}'))
        server.wait_event('not checked', ZONE, mark)
        server.write(ZONE, zone_file(OPEN))
        server.wait_stats('audit', lambda stats: stats['not-checked'] == 0, ZONE)
        self.assertEqual(server.events('resolved', ZONE, mark), [])
        self.assertEqual(server.stats(ZONE)['findings[dcv-lookup-unanswered]'], 1)

    def test_own_questions_are_no_look_ups(self):
        """They are answered from the zone, and show no CA at work."""
        server = self.file_server(zone_file(f'{OPEN}\n{EXPECTED} 3600 CNAME {TARGET}'),
                                  [f'validation: "{EXPECTED} {TARGET}"', 'ca: digicert.com', 'synthesize: caa'],
                                  module=None)
        server.wait_audit(ZONE, serial=1)
        stats = server.wait_stats('audit', lambda stats: stats['audits'] == 1, ZONE)
        self.assertEqual((stats['lookups[caa]'], stats['lookups[validation]'], stats['synthesized[caa]']), (0, 0, 0))
        self.assertIn('0 issue "digicert.com"', server.query(ZONE, 'CAA'))
        server.query(f'{EXPECTED}.{ZONE}', 'CNAME')
        stats = server.stats(ZONE)
        self.assertEqual((stats['lookups[caa]'], stats['lookups[validation]'], stats['synthesized[caa]']), (1, 1, 1))

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

    def test_serial_left_with_a_file_that_is_loaded_later(self):
        """The audit of the file that has changed finds the zone as it was; the load is noticed all the same."""
        for source, template in self.sources():
            with self.subTest(source):
                server = self.audited(template=template)
                mark = server.log.mark()
                server.write(ZONE, zone_file(OPEN))
                server.wait_stats('two audits of the file', lambda stats: stats['audits'] + stats['audit-failures'] > 2, ZONE)
                server.control('zone-reload', ZONE)
                self.measured(f'late load without a serial, {source}', lambda: server.wait_event(
                    'resolved', ZONE, mark, id='caa-issue-denied'))
                server.wait_event('serial-unchanged', ZONE, mark, serial=1)

    def test_serial_left_is_not_said_of_look_ups(self):
        """The file is written, and something else is new."""
        server = self.audited(delay=4)
        mark = server.log.mark()
        server.query(f'{EXPECTED}.{ZONE}', 'CNAME')
        os.utime(server.file(ZONE))
        server.wait_event('finding', ZONE, mark, id='dcv-lookup-unanswered')
        server.wait_audit(ZONE, mark)
        self.assertEqual(server.events('serial-unchanged'), [])


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


if __name__ == '__main__':
    harness.main()
