# SPDX-License-Identifier: GPL-2.0-or-later

"""A reload says what has changed, and reads only zones that have changed."""

import subprocess
import unittest

import harness
import watch
from harness import LOOPBACK_ACL, TOOLS, KnotTest, zone_file

ZONE = 'example.com'
LOCKED = '@ 3600 CAA 0 issue "letsencrypt.org"'
DENIED = {'caa-issue-denied': 1}


class Reload(KnotTest):
    def audited(self, records=LOCKED, options=(), acl='[ loopback, transfer ]', start=True, **more):
        server = self.server({ZONE: zone_file(records)}, extra=LOOPBACK_ACL, start=start,
                             modules={'default': ['audit-delay: 0', *options], 'all': []},
                             template=[f'acl: {acl}', 'zonefile-sync: -1', 'module: mod-caaudit/default',
                                       'global-module: mod-caaudit/all'], **more)
        if start:
            server.wait_audit(ZONE)
        return server

    def transfers(self, server, since=0):
        """Number of times that the server gave the zone away."""
        return sum('AXFR, outgoing' in line.text and 'started' in line.text for line in server.log.read()[since:])

    def reloaded(self, server, unchanged, **fields):
        """Reloads, and tells by summary, log of the server and findings whether the zone was read."""
        mark = server.log.mark()
        server.reload()
        line = server.wait_audit(ZONE, mark, **fields)
        self.assertEqual(line.rest.endswith(', unchanged'), unchanged, line.text)
        self.assertEqual(server.stats(ZONE)['audits'], 0 if unchanged else 1)
        return mark

    def test_unchanged_zone_is_not_read(self):
        server = self.audited()
        before = server.wait_stats('audit', lambda stats: stats['audits'] == 1, ZONE)
        for _ in range(3):
            mark = self.reloaded(server, True, serial=1, errors=1, source='transfer')
            self.assertEqual(self.transfers(server, mark), 0)
            self.assertEqual(server.found(ZONE, mark), [])
            after = server.stats(ZONE)
            self.assertEqual(after.findings(), before.findings())
            self.assertEqual((after['serial'], after['severity[error]']), (1, 1))
        self.assertEqual(self.transfers(server), 1)
        self.assertEqual(server.events('resolved'), [])
        server.wait_stats('sums', lambda stats: stats['zones[audited]'] == 1 and stats['zones[error]'] == 1)

    def test_from_the_zone_file(self):
        server = self.audited(options=['source: zonefile'])
        mark = self.reloaded(server, True, serial=1, source='zonefile')
        self.assertEqual(server.found(ZONE, mark), [])
        # A file that only looks changed is read.
        server.write(ZONE, zone_file(LOCKED))
        self.reloaded(server, False, serial=1)

    def test_an_included_file_changes_under_the_old_serial(self):
        """The zone file itself looks as before."""
        included = self.temporary() / 'caa.inc'
        included.write_text('@ 3600 CAA 0 issue "sectigo.com"\n')
        server = self.audited(f'$INCLUDE {included}')
        for caa, errors in ((LOCKED, 1), ('@ 3600 CAA 0 issue "sectigo.com"', 0)):
            included.write_text(caa + '\n')
            mark = server.log.mark()
            server.control('zone-reload', ZONE)
            server.visit(ZONE)
            line = server.wait_audit(ZONE, mark, errors=errors)
            self.assertFalse(line.rest.endswith(', unchanged'), line.text)

    def test_resolved_after_a_reload(self):
        """What was taken over is known: it is not new, and it can be resolved."""
        server = self.audited()
        self.reloaded(server, True)
        mark = server.log.mark()
        server.update(ZONE, 'add a.example.com. 60 TXT "x"')
        server.wait_stats('audit of serial 2', lambda stats: stats['serial'] == 2, ZONE)
        self.assertEqual(server.events('finding', ZONE, mark) + server.events('resolved', ZONE, mark), [])
        server.update(ZONE, 'add example.com. 3600 CAA 0 issue "sectigo.com"')
        for id in DENIED:
            server.wait_event('resolved', ZONE, mark, id=id, owner='example.com.')
        server.wait_audit(ZONE, mark, serial=3)
        mark = self.reloaded(server, True, serial=3, errors=0)
        self.assertEqual(server.events('resolved', ZONE, mark), [])

    def test_change_that_a_reload_brings(self):
        server = self.audited()
        server.write(ZONE, zone_file(LOCKED + '\n@ 3600 CAA 0 issue "sectigo.com"', serial=2))
        mark = server.log.mark()
        server.visit(ZONE)
        server.reload()
        for id in DENIED:
            server.wait_event('resolved', ZONE, mark, id=id)
        server.wait_audit(ZONE, mark, serial=2)
        self.reloaded(server, True, serial=2)

    def test_change_before_a_reload_that_nobody_has_seen(self):
        server = self.audited()
        server.update(ZONE, 'add example.com. 3600 CAA 0 issue "sectigo.com"')
        mark = server.log.mark()
        server.reload()
        for id in DENIED:
            server.wait_event('resolved', ZONE, id=id)
        server.wait_audit(ZONE, mark, serial=2)

    def test_changed_options_and_validation_file(self):
        server = self.audited(start=False)
        path = server.directory / 'expected'
        path.write_text('_a.example.com. CNAME x.sectigo.com.\n')
        server.modules['default'].append(f'validation-file: "{path}"')
        server.configure()
        server.start()
        server.wait_audit(ZONE)
        self.reloaded(server, True)
        path.write_text('_a.example.com. CNAME x.sectigo.com.\n_b.example.com. CNAME x.sectigo.com.\n')
        self.reloaded(server, False)
        self.assertEqual(server.stats(ZONE)['findings[dcv-cname-missing]'], 2)
        server.modules['default'].append('ca: letsencrypt.org')
        server.configure()
        mark = self.reloaded(server, False)
        server.wait_event('resolved', ZONE, mark, id='caa-issue-denied')

    def test_what_was_no_error_is_news(self):
        """The record is the same, and so is the remedy: that synthesis no longer answers, or 'strict', makes it an error."""
        for options, contents, id in (('synthesize: caa', LOCKED, 'caa-issue-denied'),
                                      ('strict: off', '@ 3600 CAA 0 issue "sectigo.com"', 'caa-strict-incomplete')):
            with self.subTest(options):
                server = self.audited(contents, options=[options])
                server.wait_event('finding', ZONE, id=id)
                for now in ('strict: on' if id == 'caa-strict-incomplete' else None, options):
                    mark = server.log.mark()
                    server.modules['default'][-1:] = [now] if now else ['log-limit: 20']
                    server.configure()
                    server.reload()
                    server.visit(ZONE)
                    line = server.wait_event('finding', ZONE, mark, id=id)
                    self.assertEqual(line.severity == 'error', now != options, line.text)

    def test_changed_options_before_the_first_audit(self):
        """What counts are the options at the time of the audit, not those of an instance that never came to it."""
        server = self.audited(options=['ca: letsencrypt.org'], start=False)
        server.start()
        for name, ca in (('default', 'sectigo.com'), ('default', 'letsencrypt.org'), ('other', 'sectigo.com')):
            server.modules = {name: ['audit-delay: 0', f'ca: {ca}'], 'all': []}
            server.template = [line.replace('mod-caaudit/default', f'mod-caaudit/{name}') for line in server.template]
            server.configure()
            mark = server.log.mark()
            server.reload()
        server.wait_audit(ZONE, mark, module='other', errors=1)
        self.assertEqual(len(server.found(ZONE, mark)), 1)

    def loaded(self, server, since):
        return any('loaded, serial' in line.text for line in server.log.read()[since:])

    def commit(self, server, *commands):
        """Changes the configuration without a file."""
        mark = server.log.mark()
        for command in ('conf-begin', *commands, 'conf-commit'):
            server.control(*command.split())
        return mark

    def test_options_changed_in_the_configuration_database(self):
        database = self.temporary() / 'confdb'
        server = self.audited(options=['ca: letsencrypt.org'], start=False)
        server.arguments = ['-C', database]
        subprocess.run([*watch.runtime(server.directory, harness.SOURCE), TOOLS['knotc'], '-C', database,
                        'conf-import', server.conf], check=True, timeout=60 * harness.PATIENCE,
                       stdout=subprocess.DEVNULL)
        server.start()
        server.wait_audit(ZONE, errors=0)
        for old, new, errors in (('letsencrypt.org', 'sectigo.com', 1), ('sectigo.com', 'letsencrypt.org', 0)):
            mark = self.commit(server, f'conf-set mod-caaudit[default].ca {new}',
                               f'conf-unset mod-caaudit[default].ca {old}')
            line = server.wait_audit(ZONE, mark, errors=errors)
            self.assertFalse(line.rest.endswith(', unchanged'), line.text)
        # Another option, and one of another zone: what stands is not read again, unless the server loads it anew.
        mark = self.commit(server, 'conf-set mod-caaudit[all].ca sectigo.com')
        line = server.wait_audit(ZONE, mark, errors=0)
        if not self.loaded(server, mark):
            self.assertTrue(line.rest.endswith(', unchanged'))
        # A section more, and the zone moves to it.
        mark = self.commit(server, 'conf-set mod-caaudit[new]', 'conf-set mod-caaudit[new].ca sectigo.com',
                           'conf-set template[default].module mod-caaudit/new',
                           'conf-unset template[default].module mod-caaudit/default')
        server.wait_audit(ZONE, mark, module='new', errors=1)

    def test_findings_beyond_the_limit(self):
        server = self.audited('\n'.join(f'h{number} CAA 0 isue "x"' for number in range(50)), ['log-limit: 7'])
        self.assertEqual(len(server.events('finding', ZONE)), 8)
        mark = self.reloaded(server, True)
        self.assertEqual(server.events('finding', ZONE, mark), [])

    def test_age_ends_it(self):
        """Findings age: reloads do not put the next reading off."""
        server = self.audited(options=['audit-interval: 3'])
        while self.transfers(server) < 3:
            mark = server.log.mark()
            server.reload()
            server.wait_audit(ZONE, mark)

    @unittest.skipIf(harness.CONTROL_IS_SAFE, 'the module reads such a zone over the control socket')
    def test_not_after_a_failure(self):
        server = self.audited()
        server.template[0] = 'acl: loopback'
        server.template.append('zonefile-load: none')
        server.configure()
        server.reload()
        server.wait_event('not checked', ZONE)
        server.template[0] = 'acl: [ loopback, transfer ]'
        server.template.pop()
        server.configure()
        self.reloaded(server, False, errors=1)


if __name__ == '__main__':
    harness.main()
