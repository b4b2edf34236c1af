# SPDX-License-Identifier: GPL-2.0-or-later

"""What is logged and counted at a start, at a reload, and for look-ups that are no concern of a CA."""

import time
import unittest

import harness
from harness import LOOPBACK_ACL, KnotTest, zone_file

CONF = ['audit-delay: 0']
DENIED = '@ 3600 CAA 0 issue "letsencrypt.org"'
# A name of each kind: of the registry of RFC 8552, below one, and of wide use without a registration.
REGISTERED = ('_domainkey', '_spf', '_report._dmarc', '_mta-sts', '_25._tcp.mail', '_atproto', '_domainconnect',
              '_DMARC', 'x._domainkey', '_sip._udp', '_443._https.www')


class Quiet(KnotTest):
    def make(self, zones, options=(), template=(), **more):
        return self.server(zones, extra=LOOPBACK_ACL,
                           modules={'x': [*CONF, *options], 'all': []},
                           template=['module: mod-caaudit/x', 'global-module: mod-caaudit/all',
                                     'acl: [ loopback, transfer ]', *template], **more)

    def shown(self, server, since=0):
        """Lines of the module that an operator sees: all but those of debugging."""
        return [line for line in server.events(since=since) if line.severity != 'debug']

    def summed(self, server, since=0):
        return server.wait_line(lambda line: line.event == 'all zones', since, 'the line about all zones')

    def test_start_and_reload(self):
        count, denied = 40, 4
        zones = {f'z{number}.example': zone_file(DENIED if number < denied else '') for number in range(count)}
        server = self.make(zones)
        line = self.summed(server)
        self.assertEqual(line.severity, 'notice')
        self.assertIn(f'with errors {denied}, with warnings 0, clean {count - denied}, failed 0', line.rest)
        # A finding and a summary for each zone with an error, and one line for all.
        self.assertEqual(len(self.shown(server)), 2 * denied + 1)

        mark = server.log.mark()
        server.reload()
        self.summed(server, mark)
        self.assertEqual(len(self.shown(server, mark)), 1)
        self.assertEqual(server.stats('z0.example').findings(), {'caa-issue-denied': 1})

        # What a reload changes is said, and nothing else.
        server.modules['x'].append('ca: letsencrypt.org')
        server.configure()
        mark = server.log.mark()
        server.reload()
        line = self.summed(server, mark)
        self.assertIn(f'with errors 0, with warnings 0, clean {count}', line.rest)
        self.assertEqual(line.severity, 'info')
        self.assertEqual(len(server.events('resolved', since=mark)), denied)
        self.assertEqual(len(self.shown(server, mark)), 2 * denied + 1)

    def test_advice_that_is_followed(self):
        """The option shows the record: what there was none for before is news."""
        server = self.make({'example.com': zone_file('www A 192.0.2.1\n@ 3600 CAA 0 issue ";"')})
        line = server.wait_event('finding', 'example.com', id='caa-issue-denied')
        self.assertIn("the record is shown with 'override-denial'", line.rest)
        server.modules['x'].append('override-denial: on')
        server.configure()
        mark = server.log.mark()
        server.reload()
        line = server.wait_event('finding', 'example.com', mark, id='caa-issue-denied')
        self.assertIn('with: example.com. 3600 CAA 0 issue "sectigo.com"', line.rest)

    def test_an_audit_without_news(self):
        server = self.make({'example.com': zone_file(DENIED)})
        server.wait_audit('example.com', serial=1)
        server.update('example.com', 'add a.example.com. 60 A 192.0.2.7')
        self.assertEqual(server.wait_audit('example.com', serial=2).severity, 'debug')
        server.update('example.com', 'add a.example.com. 60 CAA 0 isue "x"')
        self.assertEqual(server.wait_audit('example.com', serial=3).severity, 'notice')

    def test_end_of_a_failure(self):
        """Where the log said that a zone was not checked it says that it is, after a reload as well."""
        server = self.make({'a.example': zone_file(DENIED), 'b.example': zone_file()},
                           ['source: zonefile', 'change-check: 1'])
        self.summed(server)
        mark = server.log.mark()
        server.write('a.example', zone_file(DENIED, serial=5))
        server.wait_event('not checked', 'a.example', mark)
        mark = server.log.mark()
        server.reload()
        self.assertEqual(server.wait_audit('a.example', mark, serial=5).severity, 'notice')
        self.assertEqual(server.wait_audit('b.example', mark).severity, 'debug')

    def test_last_zone_is_unloaded(self):
        """It would have been the last one with a verdict: the line about all zones comes all the same."""
        server, member = self.make_catalog({'a.example': zone_file(), 'b.example': zone_file()})
        server.start()
        server.wait_stats('others', lambda s: s['zones[clean]'] == 2 and s['zones[pending]'] == 1)
        self.assertEqual(server.events('all zones'), [])
        member('')
        self.summed(server)
        self.assertEqual(len(server.events('all zones')), 1)

    def make_catalog(self, zones, options=(), template=()):
        """A server with a catalog zone, not started; and what sets its only member, which has no contents."""
        serial = 0

        def member(name):
            nonlocal serial
            serial += 1
            server.write('cat.example', zone_file(
                'version TXT "2"\n' + (f'm.zones PTR {name}.\n' if name else ''), serial).replace('ns.', 'invalid.'))
            if server.process is not None:
                server.control('zone-reload', 'cat.example')
        server = self.make({'cat.example': '', **zones}, options, template, start=False,
                           zone_options={'cat.example': ['catalog-role: interpret', 'catalog-template: default']})
        member('m.example')
        return server, member

    def reload(self, server, listen):
        """The server goes on with the address that it has, and the module asks the one of the configuration."""
        real = f'{server.address}@{server.port}'
        server.conf.write_text(server.configuration().replace(f'listen: {real}', f'listen: {listen}'))
        server.reload()

    def test_last_zone_loses_the_module(self):
        """Nothing of it stays in the sums."""
        server = self.make({'a.example': zone_file('@ 3600 CAA 0 issue "letsencrypt.org"'), 'b.example': zone_file()})
        server.wait_stats('the sums', lambda s: s['zones[error]'] == 1 and s['zones[clean]'] == 1)
        server.template[:] = [line for line in server.template if not line.startswith('module:')]
        server.configure()
        server.reload()
        server.wait_stats('empty sums', lambda s: s['zones[error]'] + s['zones[audited]'] + s['zones[clean]'] == 0
                          and not s.findings())

    def test_member_that_leaves_the_module(self):
        """The server unloads nothing then: the zone is not read any more, and found less and less often."""
        server = self.server({'cat.example': '', 'o.example': zone_file()}, start=False, extra=LOOPBACK_ACL,
                             modules={'a': CONF, 'all': []},
                             template=['acl: [ loopback, transfer ]', 'global-module: mod-caaudit/all'],
                             templates={'ga': ['acl: [ loopback, transfer ]', 'module: mod-caaudit/a'],
                                        'gn': ['acl: [ loopback, transfer ]']},
                             zone_options={'cat.example': ['catalog-role: interpret', 'catalog-template: [ ga, gn ]'],
                                           'o.example': ['template: ga']})
        serial = 0

        def group(name):
            nonlocal serial
            serial += 1
            server.write('cat.example', zone_file(f'version TXT "2"\nm.zones PTR m.example.\ngroup.m.zones TXT "{name}"\n',
                                                  serial).replace('ns.', 'invalid.'))
            if server.process is not None:
                server.control('zone-reload', 'cat.example')
        server.write('m.example', zone_file('@ 3600 CAA 0 issue "letsencrypt.org"'))
        group('ga')
        server.start()
        server.wait_event('finding', 'm.example')
        group('gn')
        mark = server.log.mark()
        server.update('m.example', 'add x.m.example. 60 A 192.0.2.1')
        server.wait_stats('the failure', lambda s: s['zones[failed]'] == 1)
        time.sleep(12)
        transfers = [line.text for line in server.log.read()[mark:]
                     if (line.zone or '').startswith('m.example') and 'AXFR, outgoing' in line.text]
        self.assertEqual(transfers, [])
        self.assertLessEqual(server.stats('m.example')['audit-failures'], 3)

    def test_lines_that_are_lost(self):
        """What waited for a query when the server was reloaded is said afterwards, for a failure as well."""
        _, port = harness.free_endpoint()
        server, member = self.make_catalog({'a.example': zone_file()}, [
            'source: control', 'change-check: 0', f'validation-file: "{__file__}"'])
        member('')
        server.start()
        server.wait_event('not checked', 'a.example')
        real = f'{server.address}@{server.port}'

        self.reload(server, f'[ 127.0.0.1@{port}, {real} ]')
        server.write('m.example', zone_file())
        member('m.example')
        server.wait_stats('audit', lambda s: s['audits'] + s['audit-failures'] > 0, 'm.example')
        self.assertEqual(server.events('not checked', 'm.example'), [])
        self.reload(server, real)
        server.wait_event('not checked', 'm.example')

    @unittest.skipUnless(harness.CONTROL_IS_SAFE, 'other sources need the address that is asked')
    def test_resolved_that_waits(self):
        """The same of a finding that is gone, of which no later audit knows."""
        _, port = harness.free_endpoint()
        server, member = self.make_catalog({}, ['source: control', 'change-check: 0'])
        server.write('m.example', zone_file(DENIED))
        server.start()
        server.wait_event('finding', 'm.example')
        real = f'{server.address}@{server.port}'
        self.reload(server, f'[ 127.0.0.1@{port}, {real} ]')
        server.write('m.example', zone_file('', serial=2))
        server.control('zone-reload', 'm.example')
        server.visited.clear()  # Each further query would log a line.
        server.wait('the serial', lambda: ' 2 ' in server.query('m.example')[0])
        server.wait_stats('audit', lambda s: s['serial'] == 2, 'm.example')
        self.assertEqual(server.events('resolved', 'm.example'), [])
        self.reload(server, real)
        server.wait_event('resolved', 'm.example', id='caa-issue-denied')
        self.assertEqual(len(server.events('finding', 'm.example')), 1)

    def test_time_of_the_audit(self):
        begin = int(time.time())
        server = self.make({'a.example': zone_file(), 'b.example': zone_file()}, ['audit-interval: 1'])
        for zone in server.zones:
            server.wait_stats('time', lambda s: begin <= s['audited'] <= time.time() + 1, zone)
        first = server.stats('a.example')['audited']
        server.wait_stats('later', lambda s: s['audited'] > first, 'a.example')
        times = server.wait_stats('oldest', lambda s: s['audited'] > first)
        self.assertLessEqual(times['audited'], time.time())
        # A zone that is gone is not the oldest for ever.
        server.zones.remove('b.example')
        server.configure()
        server.reload()
        now = int(time.time()) + 1
        server.wait_stats('oldest', lambda s: s['audited'] >= now)

    def test_registered_names(self):
        server = self.make({'example.com': zone_file()})
        server.wait_audit('example.com')
        for name in REGISTERED:
            server.query(f'{name}.example.com', 'CNAME')
        server.query('_nobody-expects.example.com', 'CNAME')
        line = server.wait_event('finding', 'example.com', id='dcv-lookup-unanswered',
                                 owner='_nobody-expects.example.com.')
        self.assertEqual(line.severity, 'notice')
        stats = server.stats('example.com')
        self.assertEqual(stats.findings(), {'dcv-lookup-unanswered': 1})
        self.assertEqual(stats['severity[warning]'], 0)
        self.assertEqual(stats['lookups[validation]'], 1)

    def test_zone_below_a_registered_name(self):
        server = self.make({'_tcp.example.com': zone_file()})
        server.wait_audit('_tcp.example.com')
        server.query('_nobody-expects._tcp.example.com', 'CNAME')
        server.query('_25._udp._tcp.example.com', 'CNAME')
        server.wait_event('finding', '_tcp.example.com', id='dcv-lookup-unanswered')
        self.assertEqual(server.stats('_tcp.example.com')['lookups[validation]'], 1)

    def test_expected_names_stay_warnings(self):
        server = self.make({'example.com': zone_file()}, ['validation: "_a.www x.sectigo.com."'])
        server.wait_audit('example.com')
        server.query('_a.www.example.com', 'CNAME')
        self.assertEqual(server.wait_event('finding', 'example.com', id='dcv-lookup-unanswered').severity, 'warning')

    def test_catalog_zone(self):
        catalog = zone_file('version TXT "2"\n').replace('ns.example.net.', 'invalid.')
        server = self.make({'cat.example': catalog, 'example.com': zone_file()},
                           zone_options={'cat.example': ['catalog-role: interpret', 'catalog-template: default']})
        server.wait_audit('example.com')
        server.wait_stats('sums', lambda s: s['zones[audited]'] == 1 and s['zones[pending]'] == 0)
        self.assertEqual(server.stats('cat.example'), {})
        self.assertEqual(server.events(zone='cat.example'), [])
        server.query('cat.example', 'CAA')
        server.reload()
        server.query('cat.example', 'CAA')
        self.assertTrue(server.alive)


class Files(KnotTest):
    def make(self, text, ids=('x',), zones=None):
        zones = zones or {f'{name}.example': zone_file() for name in ids}
        server = self.server(zones, start=False, extra=LOOPBACK_ACL)
        path = server.directory / 'expected'
        path.write_text(text)
        for name in ids:
            server.modules[name] = [*CONF, f'validation-file: "{path}"']
            server.zone_options[f'{name}.example'] = [f'module: mod-caaudit/{name}', 'acl: [ loopback, transfer ]']
        server.configure()
        return server, path

    def test_broken_file_keeps_nobody_from_starting(self):
        server, path = self.make('_a.x.example. CNAME t.sectigo.com.\n_b.x.example. CNAME a b c\n')
        result = server.check_configuration()
        self.assertEqual(result.returncode, 0, result.stderr)
        server.start()
        line = server.wait_event('not checked', 'x.example', source='validation-file')
        self.assertIn(f"'{path}', line 2", line.rest)
        self.assertNotEqual(server.query('x.example', 'SOA'), [])
        # Said once, not at each reload.
        mark = server.log.mark()
        server.reload()
        server.wait_audit('x.example', mark)
        self.assertEqual(server.events('not checked', 'x.example', mark), [])

    def test_missing_file(self):
        server, path = self.make('')
        path.unlink()
        self.assertEqual(server.check_configuration().returncode, 0)
        server.start()
        server.wait_event('not checked', 'x.example', source='validation-file')

    def test_one_large_file_of_many_instances(self):
        """The file is read once for all; for each of ten it would take ten times as long."""
        lines = ''.join(f'_a{number}.n{number}.test. CNAME t{number}.sectigo.com.\n' for number in range(100_000))
        times = []
        for count in (1, 10):
            ids = [f'i{number}' for number in range(count)]
            server, _ = self.make(lines, ids)
            begin = time.monotonic()
            self.assertEqual(server.check_configuration().returncode, 0)
            server.start()
            server.reload()
            times.append(time.monotonic() - begin)
            for name in ids:
                server.wait_stats('audit', lambda s: s['audited'] > 0, f'{name}.example')
                self.assertEqual(server.stats(f'{name}.example')['not-checked'], 0)
        print(f'check, start and reload: {times[0]:.2f} s with one instance, {times[1]:.2f} s with ten')
        self.assertLess(times[1], 3 * times[0] + 1)


class Advice(KnotTest):
    @unittest.skipIf(harness.CONTROL_IS_SAFE, 'the zone file is read on older versions only')
    def test_file_that_the_server_does_not_write(self):
        server = self.server({'example.com': zone_file()}, modules={'x': CONF}, extra=LOOPBACK_ACL,
                             template=['module: mod-caaudit/x', 'acl: loopback', 'zonefile-sync: -1'])
        server.wait_audit('example.com')
        server.update('example.com', 'add a.example.com. 60 A 192.0.2.7')
        line = server.wait_event('not checked', 'example.com')
        self.assertNotIn('zone-flush', line.rest)
        self.assertIn("'source: transfer'", line.rest)
        self.assertIn('acl', line.rest)


if __name__ == '__main__':
    harness.main()
