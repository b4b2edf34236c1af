# SPDX-License-Identifier: GPL-2.0-or-later

"""Signatures in a server that signs: they run out, the log says so, and signing anew clears it."""

import harness
from faults import AuditorFaults
from harness import KnotTest, zone_file

ZONE = 'example.com'
DAY = 86400
EXTRA = harness.LOOPBACK_ACL + '''
policy:
  - id: brief
    rrsig-lifetime: 5d
    rrsig-refresh: 1d
    nsec3: {nsec3}
'''
SAFE = '@ 3600 CAA 0 issue "sectigo.com"\n@ 3600 CAA 0 issuewild "sectigo.com"\nwww 3600 A 192.0.2.2\n'


class Dnssec(KnotTest):
    def signed(self, nsec3='off', options=()):
        faults = AuditorFaults(self.temporary())
        server = self.server({ZONE: zone_file(SAFE)}, extra=EXTRA.format(nsec3=nsec3),
                             modules={'default': ['host: [ "@", "www" ]', 'audit-interval: 1', 'audit-delay: 0',
                                                  *options]},
                             zone_options={ZONE: ['acl: transfer', 'dnssec-signing: on', 'dnssec-policy: brief',
                                                  'module: mod-caaudit/default']},
                             environment=faults.environment)
        server.wait_audit(ZONE)
        return server, faults

    def current(self, server):
        return {id: count for id, count in server.stats(ZONE).findings().items() if id.startswith('dnssec-')}

    def check_expiry(self, nsec3):
        server, faults = self.signed(nsec3)
        self.assertEqual(self.current(server), {})
        faults.set('clock', 10 * DAY)
        line = server.wait_event('finding', ZONE, id='dnssec-rrsig-expired')
        self.assertEqual((line.severity, line.fields['owner'], line.fields['ca']), ('error', f'{ZONE}.', '-'))
        server.wait_stats('one for each of two keys',
                          lambda stats: stats['findings[dnssec-rrsig-expired]'] == 2, ZONE)
        texts = ' '.join(event.text for event in server.events('finding', ZONE))
        for covered in ('DNSKEY', 'SOA'):
            self.assertIn(f'over {covered} ', texts)
        self.assertIn('so did 2 more by this key', texts)  # CAA, and the denial of it at www.

        # With this life the new signatures last beyond the auditor's time.
        server.extra = server.extra.replace('5d', '30d')
        server.configure()
        server.reload()
        mark = server.log.mark()
        server.control('zone-sign', ZONE)
        server.wait_event('resolved', ZONE, since=mark, id='dnssec-rrsig-expired')
        server.wait_stats('no finding', lambda stats: stats['findings[dnssec-rrsig-expired]'] == 0, ZONE)
        self.assertEqual(self.current(server), {})

    def test_nsec(self):
        self.check_expiry('off')

    def test_nsec3(self):
        self.check_expiry('on')

    def test_warning_before_the_end(self):
        server, faults = self.signed()
        faults.set('clock', 5 * DAY - 7200)
        server.wait_stats('another audit', lambda stats: stats['audits'] > 2, ZONE)
        self.assertEqual(self.current(server), {})
        faults.set('clock', 5 * DAY - 3600)
        line = server.wait_event('finding', ZONE, id='dnssec-rrsig-expiring')
        self.assertEqual(line.severity, 'warning')

    def test_clock_jumps(self):
        """Days ahead, days back, and right again: each time the verdict is that of the time."""
        server, faults = self.signed()
        for jump, id in ((10 * DAY, 'dnssec-rrsig-expired'), (-10 * DAY, 'dnssec-rrsig-invalid'),
                         (9 * DAY, 'dnssec-rrsig-expired')):
            faults.set('clock', jump)
            server.wait_stats(id, lambda stats, id=id: stats.findings().keys() == {id}, ZONE)
            mark = server.log.mark()
            faults.clear('clock')
            server.wait_event('resolved', ZONE, mark, id=id)
            server.wait_stats('no finding', lambda stats: not stats.findings(), ZONE)
        self.assertEqual(server.stats(ZONE)['audit-failures'], 0)

    def test_warning_time(self):
        server, faults = self.signed(options=['rrsig-warning: 4d'])
        self.assertEqual(self.current(server), {})
        faults.set('clock', DAY + 60)
        server.wait_event('finding', ZONE, id='dnssec-rrsig-expiring')


if __name__ == '__main__':
    harness.main()
