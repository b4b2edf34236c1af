# SPDX-License-Identifier: GPL-2.0-or-later

"""Memory and threads run out: zones count as not checked, with the reason, and are audited when it is over."""

import os
import unittest

import harness
from faults import AuditorFaults, touch
from harness import CONTROL_IS_SAFE, LOOPBACK_ACL, KnotTest, zone_file

LOCKED = '@ 3600 CAA 0 issue "letsencrypt.org"\n'
QUICK = os.environ.get('CAAUDIT_MODULE_QUICK')
KEY = '''
key:
  - id: one
    algorithm: hmac-sha256
    secret: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
'''
KEYED = '''
  - id: keyed
    key: one
    action: transfer
'''


class Shortage(KnotTest):
    def faulty(self, zones, **options):
        faults = AuditorFaults(self.temporary())
        server = self.server(zones, start=False, environment=faults.environment, slow=3, **options)
        return server, faults

    def every_allocation_fails(self, count, source, options=(), acl='loopback'):
        """In the n-th zone the n-th allocation of an audit fails, then that and all that follow, then none."""
        zones = [f'n{number}.example.com' for number in range(1, count + 1)]
        server, faults = self.faulty({zone: zone_file(LOCKED) for zone in zones}, module_path=QUICK,
                                     extra=KEY + LOOPBACK_ACL + KEYED, template=[
                                         f'acl: [ {acl} ]', 'module: mod-caaudit/default',
                                         'global-module: mod-caaudit/all'],
                                     modules={'default': ['audit-delay: 0', 'change-check: 1', 'ca: digicert.com', f'source: {source}',
                                                          *options], 'all': []})
        reached = set()
        looks = 0
        for mode in ('once', 'beyond'):
            faults.set('memory', mode)
            if mode == 'once':
                server.start()
            else:
                touch(server, zones)
            looks += count
            stats = server.wait_stats('a look at each zone', lambda stats, looks=looks:
                                      stats['audits'] + stats['audit-failures'] >= looks
                                      and stats['zones[pending]'] == 0)
            # What failed and was not audited all the same is not checked, and no verdict.
            self.assertGreater(stats['zones[failed]'], 0)
            self.assertEqual(stats['zones[failed]'] + stats['zones[error]'] + stats['zones[warning]'], count)
            # There may be no memory for the validation file alone: what is left is answered by synthesis.
            self.assertLessEqual(stats['zones[warning]'], stats['not-checked'] - stats['zones[failed]'])
            self.assertIn('0 issue "letsencrypt.org"', server.query(zones[0], 'CAA'))
            reached |= faults.reached()
        # There is no allocation beyond those that were tried.
        self.assertEqual(sorted(reached), sorted(f'n{number}.example' for number in range(1, len(reached) + 1)))
        self.assertLess(len(reached), count)
        reasons = [line.rest for line in server.events('not checked')]
        self.assertTrue(reasons)
        for reason in reasons:
            # Without memory for its configuration the server gives its defaults.
            self.assertRegex(reason, 'memory|/var/|not configured|no address')
        print(f'source {source}: each of {len(reached)} allocations failed')

        faults.clear('memory')
        mark = server.log.mark()
        touch(server, zones)
        stats = server.wait_stats('all zones audited', lambda stats: stats['zones[error]'] == count
                                  and stats['not-checked'] == 0)
        self.assertEqual(stats['findings[caa-issue-denied]'], count)
        self.assertEqual(server.events('not checked', since=mark), [])
        # What could not be logged in the meantime is logged now.
        for zone in zones:
            # The default is another CA: no option was lost.
            self.assertIn(('caa-issue-denied', f'{zone}.', 'digicert.com'), server.found(zone))
        self.assertEqual(server.stop(), 0)

    @unittest.skipUnless(QUICK, 'no module with hooks')
    def test_memory_with_the_zone_file(self):
        self.every_allocation_fails(400, 'zonefile')

    @unittest.skipUnless(QUICK, 'no module with hooks')
    def test_memory_with_synthesis_and_validations(self):
        path = self.temporary() / 'expected'
        path.write_text('@ CNAME a.sectigo.com.\n_a CNAME x.sectigo.com.\n')
        self.every_allocation_fails(660, 'zonefile', [
            'synthesize: [ caa, validation ]', 'host: [ "@", www ]', 'validation: "_b y.sectigo.com."',
            f'validation-file: "{path}"'])

    @unittest.skipUnless(QUICK, 'no module with hooks')
    def test_memory_with_a_transfer(self):
        self.every_allocation_fails(400, 'transfer', ['transfer-key: one'], 'loopback, keyed')

    @unittest.skipUnless(QUICK and CONTROL_IS_SAFE, 'this server is not read over the control socket')
    def test_memory_with_the_control_socket(self):
        self.every_allocation_fails(400, 'control')

    # Later C libraries end the server where memory for data of its threads is refused in a reload.
    @unittest.skipUnless(QUICK and harness.knot_version() < (3, 3), 'the C library of this system gives up')
    def test_load_without_memory_forgets_nothing(self):
        """Which of its modules a zone is loaded with may not be known: its findings stay known."""
        zones = [f'n{number}.example.com' for number in range(1, 41)]
        server, faults = self.faulty({zone: zone_file(LOCKED) for zone in zones}, module_path=QUICK,
                                     modules={'default': ['ca: digicert.com']}, template=['module: mod-caaudit/default'])
        server.start()
        for zone in zones:
            server.wait_audit(zone)
        mark = server.log.mark()
        faults.set('load', 'once')
        server.reload()
        failed = {line.zone.removesuffix('.') for line in server.events('not checked', since=mark)}
        for zone in {*zones} - failed:
            server.wait_audit(zone, mark)
        self.assertGreater(len(faults.reached()), len(failed))
        self.assertEqual(server.events('finding', since=mark), [])

    @unittest.skipUnless(QUICK, 'no module with hooks')
    def test_memory_while_the_module_is_loaded(self):
        """The zone is served as if it had no module, whatever the server does with one that fails to load."""
        count = 280
        zones = [f'n{number}.example.com' for number in range(1, count + 1)]
        hookless = 'hookless.example.com'
        server, faults = self.faulty(
            {zone: zone_file(LOCKED) for zone in [*zones, hookless]}, module_path=QUICK,
            modules={'default': ['synthesize: [ caa, validation ]', 'validation: "_b y.sectigo.com."'], 'all': []},
            template=['module: mod-caaudit/default', 'global-module: mod-caaudit/all'])
        # Before the server is there, and once more while the zones are being served.
        for mode in ('once', 'beyond'):
            faults.set('load', mode)
            faults.set('hook', 'hookless')
            mark = server.log.mark() if mode != 'once' else 0
            if mode == 'once':
                server.start()
                for zone in [*zones, hookless]:
                    server.wait_loaded(zone)
            else:
                server.reload()
            reached = faults.reached()
            # There is no allocation beyond those that were tried.
            self.assertEqual(sorted(reached), sorted(f'n{number}.example' for number in range(1, len(reached) + 1)))
            self.assertGreater(len(reached), 10)
            self.assertLess(len(reached), count)
            server.wait_audit(zones[-1], mark)
            failed = {line.zone.removesuffix('.') for line in server.events('not checked', since=mark)}
            self.assertIn(hookless, failed)
            self.assertGreater(len(failed), 10)
            for zone in sorted(failed):
                self.assertEqual(server.query(zone, 'CAA'), ['0 issue "letsencrypt.org"'])
                self.assertEqual(server.stats(zone)['not-checked'], 1)
                self.assertEqual(server.events('audit', zone, mark), [])
            for zone in {*zones} - failed:
                self.assertIn('0 issue "letsencrypt.org"', server.query(zone, 'CAA'))
                server.wait_audit(zone, mark)
            print(f'{mode}: {len(reached)} allocations failed, {len(failed)} modules not loaded')
        faults.clear('load')
        faults.clear('hook')
        mark = server.log.mark()
        server.reload()
        for zone in [*zones, hookless]:
            server.wait_audit(zone, mark)
        self.assertEqual(server.stats()['not-checked'], 0)
        self.assertEqual(server.stop(), 0)

    def test_no_thread_can_be_started(self):
        names = ['example.com', 'example.net']
        server, faults = self.faulty({zone: zone_file(LOCKED) for zone in names}, modules={'default': []},
                                     template=['module: mod-caaudit/default', 'global-module: mod-caaudit/default'])
        faults.set('threads')
        server.start()
        for reload in (False, True):
            mark = server.log.mark() if reload else 0
            if reload:
                server.reload()
            for zone in names:
                line = server.wait_event('not checked', zone, mark)
                self.assertRegex(line.rest, 'thread')
                self.assertEqual(server.query(zone, 'CAA'), ['0 issue "letsencrypt.org"'])
                self.assertEqual(server.stats(zone)['not-checked'], 1)
            stats = server.stats()
            self.assertEqual((stats['zones[failed]'], stats['zones[audited]'], stats['not-checked']), (2, 0, 2))
            self.assertEqual(server.events('audit'), [])
        faults.clear('threads')
        for zone in names:
            server.visit(zone)  # A query is what makes it try again.
        for zone in names:
            server.wait_audit(zone, errors=1)
        stats = server.wait_stats('both zones', lambda stats: stats['zones[error]'] == 2)
        self.assertEqual((stats['zones[failed]'], stats['not-checked']), (0, 0))
        self.assertEqual(server.stop(), 0)


if __name__ == '__main__':
    harness.main()
