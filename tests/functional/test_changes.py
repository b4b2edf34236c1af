# SPDX-License-Identifier: GPL-2.0-or-later

"""Whatever changes a zone, the verdict follows: update, zone file, reload, configuration."""

import harness
from harness import CONTROL_IS_SAFE, LOOPBACK_ACL, KnotTest, zone_file

ZONE = 'example.com'
LOCKED = '@ 3600 CAA 0 issue "letsencrypt.org"'
OPEN = LOCKED + '\n@ 3600 CAA 0 issue "sectigo.com"'
DENIED = {'caa-issue-denied': 1}


class Changes(KnotTest):
    def audited(self, records=LOCKED, options=(), template=(), start=True, **more):
        server = self.server({ZONE: zone_file(records)}, start=start, extra=LOOPBACK_ACL,
                             modules={'default': ['audit-delay: 0', *options]},
                             template=['module: mod-caaudit/default', *(template or ['acl: loopback'])], **more)
        if start:
            server.wait_audit(ZONE)
        return server

    def denials(self, server):
        return {id: count for id, count in server.stats(ZONE).findings().items() if id in DENIED}

    def test_update_clears_the_finding(self):
        server = self.audited()
        self.assertEqual(self.denials(server), DENIED)
        mark = server.log.mark()
        server.update(ZONE, 'add example.com. 3600 CAA 0 issue "sectigo.com"')
        self.assertEqual(server.wait_audit(ZONE).fields['source'], 'control' if CONTROL_IS_SAFE else 'zonefile')
        for id in DENIED:
            line = server.wait_event('resolved', ZONE, mark, id=id)
            self.assertEqual((line.severity, line.fields['owner']), ('info', 'example.com.'))
        server.wait_audit(ZONE, mark, serial=2)
        self.assertEqual(self.denials(server), {})
        stats = server.stats(ZONE)
        self.assertEqual((stats['serial'], stats['severity[error]']), (2, 0))
        self.assertEqual([line for line in server.events('finding', ZONE, mark) if line.severity == 'error'], [])

    def test_update_with_the_zone_read_by_transfer(self):
        """The zone file never learns of it: what is audited is what is served."""
        server = self.audited(template=['acl: [ loopback, transfer ]', 'zonefile-sync: -1'])
        self.assertEqual(server.wait_audit(ZONE).fields['source'], 'transfer')
        mark = server.log.mark()
        server.update(ZONE, 'add example.com. 3600 CAA 0 issue "sectigo.com"')
        server.wait_event('resolved', ZONE, mark, id='caa-issue-denied')
        audit = server.wait_audit(ZONE, mark, serial=2)
        self.assertEqual(audit.fields['source'], 'transfer')
        self.assertEqual(self.denials(server), {})
        self.assertNotIn('sectigo', server.file(ZONE).read_text())

    def test_update_brings_the_finding(self):
        server = self.audited(OPEN)
        self.assertEqual(self.denials(server), {})
        mark = server.log.mark()
        server.update(ZONE, 'del example.com. CAA 0 issue "sectigo.com"')
        for id in DENIED:
            server.wait_event('finding', ZONE, mark, id=id, owner='example.com.', ca='sectigo.com')
        self.assertEqual(self.denials(server), DENIED)

    def test_many_updates_end_with_the_last(self):
        server = self.audited()
        mark = server.log.mark()
        for number in range(20):
            server.update(ZONE, f'add a{number}.example.com. 60 TXT "x"')
        server.update(ZONE, 'add example.com. 3600 CAA 0 issue "sectigo.com"')
        server.wait_audit(ZONE, mark, serial=server.serial(ZONE))
        self.assertEqual(self.denials(server), {})
        self.assertEqual(server.stats(ZONE)['serial'], 22)

    def test_audit_delay_is_the_least_gap(self):
        zones = {ZONE: zone_file(LOCKED), 'example.net': zone_file(LOCKED)}
        server = self.server(zones, extra=LOOPBACK_ACL, template=['acl: loopback'],
                             modules={'slow': ['audit-delay: 3600'], 'quick': ['audit-delay: 0']},
                             zone_options={ZONE: ['module: mod-caaudit/slow'],
                                           'example.net': ['module: mod-caaudit/quick']})
        for zone in zones:
            server.wait_audit(zone)
        for number in range(3):
            # What changes later is noticed later, so the other zone tells when it is time to look.
            server.update(ZONE, f'add a{number}.example.com. 60 TXT "x"')
            server.update('example.net', f'add a{number}.example.net. 60 TXT "x"')
            server.wait_audit('example.net', serial=2 + number)
        self.assertEqual(server.serial(ZONE), 4)
        stats = server.stats(ZONE)
        self.assertEqual((stats['audits'], stats['serial']), (1, 1))

    def test_unchanged_findings_are_not_repeated(self):
        server = self.audited()
        mark = server.log.mark()
        server.update(ZONE, 'add a.example.com. 60 TXT "x"')
        server.wait_stats('audit of serial 2', lambda stats: stats['serial'] == 2, ZONE)
        self.assertEqual(server.events('finding', ZONE, mark), [])
        self.assertEqual(server.events('resolved', ZONE, mark), [])
        self.assertEqual(self.denials(server), DENIED)

    def test_zone_reload(self):
        server = self.audited()
        mark = server.log.mark()
        server.write(ZONE, zone_file(OPEN, serial=7))
        server.control('zone-reload', ZONE)
        server.wait_loaded(ZONE, mark)
        server.visit(ZONE)
        for id in DENIED:
            server.wait_event('resolved', ZONE, mark, id=id, owner='example.com.')
        server.wait_audit(ZONE, mark, serial=7)
        self.assertEqual(self.denials(server), {})

    def test_reload_says_no_finding_again(self):
        server = self.audited()
        mark = server.log.mark()
        server.reload()
        server.wait_audit(ZONE, mark, serial=1)
        self.assertEqual(server.events('finding', ZONE, mark), [])
        self.assertEqual(self.denials(server), DENIED)

    def test_reload_takes_a_changed_zone_file(self):
        server = self.audited()
        mark = server.log.mark()
        server.write(ZONE, zone_file(OPEN, serial=2))
        server.reload()
        server.wait_loaded(ZONE, mark)
        server.visit(ZONE)
        server.wait_audit(ZONE, mark, serial=2)
        self.assertEqual(self.denials(server), {})

    def test_reload_takes_a_changed_option(self):
        server = self.audited()
        mark = server.log.mark()
        server.modules['default'] += ['ca: letsencrypt.org']
        server.configure()
        server.reload()
        server.wait_audit(ZONE, mark)
        self.assertEqual(self.denials(server), {})

    def test_zone_reload_by_force_takes_a_new_instance(self):
        server = self.audited()
        mark = server.log.mark()
        server.control('-f', 'zone-reload', ZONE)
        server.wait_audit(ZONE, mark)
        self.assertEqual(self.denials(server), DENIED)

    def test_twenty_reloads_in_a_row(self):
        server = self.audited()
        for _ in range(20):
            server.reload()
        mark = server.log.mark()
        server.reload()
        server.wait_audit(ZONE, mark)
        self.assertEqual(self.denials(server), DENIED)
        self.assertEqual(server.stop(), 0)

    def test_zone_is_removed_and_comes_back(self):
        server = self.audited(template=['acl: loopback', 'global-module: mod-caaudit/default'])
        server.wait_stats('one zone', lambda stats: stats['zones[audited]'] == 1)
        server.zones.remove(ZONE)
        server.add_zone('example.net', zone_file(OPEN))
        server.configure()
        mark = server.log.mark()
        server.reload()
        server.wait_audit('example.net', mark)
        server.wait_stats('the new zone alone',
                          lambda stats: stats['zones[audited]'] == 1 and stats['zones[error]'] == 0
                          and not DENIED.keys() & stats.findings().keys())
        server.add_zone(ZONE, zone_file(LOCKED, serial=9))
        server.configure()
        mark = server.log.mark()
        server.reload()
        server.wait_audit(ZONE, mark, serial=9)
        server.wait_stats('both zones',
                          lambda stats: stats['zones[audited]'] == 2 and stats['zones[error]'] == 1)

    def test_zone_is_restored(self):
        """The server unloads the module and loads it again: what is gone is resolved, what stays is no news."""
        stays = 'net 60 CAA 1 issue "sectigo.com"'
        server = self.audited(f'{OPEN}\n{stays}', start=False)
        server.add_zone('example.net', zone_file(OPEN))  # With the last zone the threads of the module end.
        server.configure()
        server.start()
        server.wait_audit(ZONE)
        server.control('-b', 'zone-flush', ZONE)
        backup = server.directory / 'backup'
        server.control('-b', 'zone-backup', '+backupdir', backup, ZONE)
        mark = server.log.mark()
        server.update(ZONE, f'del {ZONE}. CAA', f'add {ZONE}. 60 CAA 0 issue "letsencrypt.org"')
        server.wait_event('finding', ZONE, mark, id='caa-issue-denied')
        mark = server.log.mark()
        server.control('-b', 'zone-restore', '+backupdir', backup, ZONE)
        server.wait_event('resolved', ZONE, mark, id='caa-issue-denied')
        self.assertEqual(server.events('finding', ZONE, mark), [])

    def test_module_is_taken_from_a_running_server(self):
        server = self.audited()
        server.template.remove('module: mod-caaudit/default')
        server.configure()
        server.reload()
        self.assertEqual(server.stats(ZONE), {})
        server.update(ZONE, 'add a.example.com. 60 TXT "x"')
        self.assertEqual(server.serial(ZONE), 2)
        server.template.append('module: mod-caaudit/default')
        server.configure()
        mark = server.log.mark()
        server.reload()
        server.wait_audit(ZONE, mark)
        self.assertEqual(self.denials(server), DENIED)

    def test_zone_is_purged_and_loaded_again(self):
        server = self.audited()
        server.control('-f', 'zone-purge', ZONE)
        # The answer may come before the file is removed.
        server.wait('the zone is purged', lambda: not server.file(ZONE).exists())
        server.wait_line(lambda line: line.text == 'zone purged', 0, 'purged')
        server.write(ZONE, zone_file(OPEN, serial=5))
        mark = server.log.mark()
        server.reload()
        server.wait_loaded(ZONE, mark)
        server.visit(ZONE)
        server.wait_audit(ZONE, mark, serial=5)
        self.assertEqual(self.denials(server), {})

    def test_control_transaction(self):
        server = self.audited()
        mark = server.log.mark()
        server.control('zone-begin', ZONE)
        server.control('zone-set', ZONE, '@', '3600', 'CAA', '0 issue "sectigo.com"')
        server.control('zone-commit', ZONE)
        server.visit(ZONE)
        server.wait_audit(ZONE, mark, serial=2)
        self.assertEqual(self.denials(server), {})


if __name__ == '__main__':
    harness.main()
