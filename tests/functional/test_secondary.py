# SPDX-License-Identifier: GPL-2.0-or-later

"""A secondary server audits what it was given by transfer."""

import harness
from harness import LOOPBACK_ACL, KnotTest, zone_file

ZONE = 'example.com'
LOCKED = '@ 3600 CAA 0 issue "letsencrypt.org"'


class Secondary(KnotTest):
    def pair(self, records=LOCKED, template=(), modules=(), acl='loopback',
             soa='3600 600 86400 300'):
        """A primary without the module, and a secondary with it."""
        contents = zone_file(records).replace('3600 600 86400 300', soa)
        primary = self.server({ZONE: contents}, module=False, start=False,
                              template=['acl: [ loopback, transfer ]'])
        secondary = self.server({ZONE: None}, start=False, modules={'default': ['audit-delay: 0', *modules]},
                                template=['master: primary', f'acl: {acl}', 'module: mod-caaudit/default',
                                          *template])
        remote = '  - id: {}\n    address: {}@{}\n'
        primary.extra = LOOPBACK_ACL + 'remote:\n' + remote.format('secondary', secondary.address, secondary.port)
        secondary.extra = LOOPBACK_ACL + 'remote:\n' + remote.format('primary', primary.address, primary.port)
        primary.template += ['notify: secondary']
        primary.configure()
        secondary.configure()
        primary.start()
        primary.wait_loaded(ZONE)
        secondary.start()
        secondary.visit(ZONE)
        secondary.wait('transfer', lambda: secondary.serial(ZONE) == 1)
        return primary, secondary

    def test_transferred_zone_is_audited(self):
        primary, secondary = self.pair()
        secondary.wait_stats('audit', lambda stats: stats['serial'] == 1, ZONE)
        self.assertEqual(secondary.stats(ZONE).findings(), {'caa-issue-denied': 1})
        self.assertEqual(secondary.wait_audit(ZONE, serial=1).fields['errors'], '1')

    def test_change_at_the_primary_clears_the_finding(self):
        primary, secondary = self.pair()
        secondary.wait_audit(ZONE, serial=1)
        mark = secondary.log.mark()
        primary.update(ZONE, 'add example.com. 3600 CAA 0 issue "sectigo.com"')
        secondary.wait('transfer', lambda: secondary.serial(ZONE) == 2)
        secondary.wait_event('resolved', ZONE, mark, id='caa-issue-denied', owner='example.com.')
        secondary.wait_audit(ZONE, mark, serial=2)
        self.assertEqual(secondary.stats(ZONE)['findings[caa-issue-denied]'], 0)

    def test_primary_changes_without_a_new_serial(self):
        """The secondary has written its file itself: nobody here can raise the serial."""
        primary, secondary = self.pair()
        secondary.wait_audit(ZONE, serial=1)
        mark = secondary.log.mark()
        primary.write(ZONE, zone_file(f'{LOCKED}\n@ 3600 CAA 0 issue "sectigo.com"'))
        primary.control('zone-reload', ZONE)
        primary.wait('change', lambda: 'sectigo.com' in str(primary.query(ZONE, 'CAA')))
        secondary.control('zone-retransfer', ZONE)
        secondary.wait('transfer', lambda: 'sectigo.com' in str(secondary.query(ZONE, 'CAA')))
        secondary.wait_event('resolved', ZONE, mark, id='caa-issue-denied')
        self.assertEqual(secondary.events('serial-unchanged', ZONE), [])

    def test_zone_expires(self):
        """No answer any more, and no verdict that stands."""
        primary, secondary = self.pair(soa='1 1 2 300', modules=['audit-interval: 1'],
                                       template=['global-module: mod-caaudit/default'])
        secondary.wait_audit(ZONE, serial=1)
        primary.stop()
        secondary.wait_line(lambda line: line.zone == f'{ZONE}.' and 'expired' in line.text)
        secondary.wait('refusal to answer', lambda: 'SERVFAIL' in secondary.kdig(ZONE, 'SOA'))
        stats = secondary.wait_stats('zone without a verdict', lambda stats: stats['zones[audited]'] == 0)
        self.assertEqual(stats['zones[pending]'] + stats['zones[failed]'], 1)
        secondary.reload()
        self.assertTrue(secondary.alive)

    def test_primary_that_is_not_there(self):
        address, port = harness.free_endpoint()
        server = self.server({ZONE: None}, modules={'default': []},
                             extra=f'remote:\n  - id: primary\n    address: {address}@{port}\n',
                             template=['master: primary', 'module: mod-caaudit/default',
                                       'global-module: mod-caaudit/default'])
        server.wait_line(lambda line: line.zone == f'{ZONE}.' and 'refresh' in line.text)
        server.wait_stats('zone without a verdict',
                          lambda stats: stats['zones[pending]'] + stats['zones[failed]'] == 1)
        self.assertEqual(server.stats()['zones[audited]'], 0)
        self.assertEqual(server.found(ZONE), [])

    def test_by_transfer_from_the_server_itself(self):
        """No zone file, and an ACL that permits transfer to the loopback address."""
        primary, secondary = self.pair(template=['zonefile-sync: -1', 'zonefile-load: none',
                                                 'journal-content: all'], acl='[ loopback, transfer ]')
        audit = secondary.wait_audit(ZONE, serial=1)
        self.assertEqual((audit.fields['source'], audit.fields['errors']), ('transfer', '1'))
        mark = secondary.log.mark()
        primary.update(ZONE, 'add example.com. 3600 CAA 0 issue "sectigo.com"')
        secondary.wait_event('resolved', ZONE, mark, id='caa-issue-denied', owner='example.com.')
        self.assertEqual(secondary.wait_audit(ZONE, mark, serial=2).fields['source'], 'transfer')

    def test_without_a_zone_file(self):
        """Kept in memory and journal alone: audited, or said not to be; never called clean."""
        primary, secondary = self.pair(template=['zonefile-sync: -1', 'journal-content: all'],
                                       modules=['source: auto'])
        secondary.wait_stats('verdict or none',
                             lambda stats: stats['audits'] + stats['audit-failures'] + stats['not-checked'], ZONE)
        stats = secondary.stats(ZONE)
        if stats['audit-failures'] or stats['not-checked']:
            secondary.wait_line(lambda line: line.zone == f'{ZONE}.' and line.module is not None
                                and line.event not in ('finding', 'resolved'))
        else:
            self.assertEqual(stats['findings[caa-issue-denied]'], 1)
        self.assertTrue(secondary.alive)


if __name__ == '__main__':
    harness.main()
