# SPDX-License-Identifier: GPL-2.0-or-later

"""Validation files: they change, appear, disappear and break under a running server."""

import os

import harness
from harness import LOOPBACK_ACL, KnotTest, zone_file

ZONE = 'example.com'
CONF = ['audit-delay: 0', 'audit-interval: 1']
FAMILY = '_' + '1a2b3c4d' * 4 + ' CNAME ' + 'a' * 32 + '.' + 'b' * 32 + '.sectigo.com.\n'


class Files(KnotTest):
    def make(self, name, text=None, options=(), records=''):
        """A server whose zone expects what is in a file; the file has it already."""
        server = self.server({ZONE: zone_file(records)}, start=False, extra=LOOPBACK_ACL,
                             template=['module: mod-caaudit/x', 'global-module: mod-caaudit/x', 'acl: [ loopback, transfer ]'])
        server.modules['x'] = [*CONF, f'validation-file: "{server.directory}/{name}"', *options]
        self.path = server.directory / name.replace('%s', ZONE)
        if text is not None:
            self.path.write_text(text)
        server.configure()
        server.start()
        server.wait_audit(ZONE)
        return server

    def put(self, text):
        """Replaces the file as a whole, as one that writes such files should."""
        new = self.path.with_suffix('.new')
        new.write_text(text)
        os.replace(new, self.path)

    def missed(self, server, owners, since=0):
        """Waits until just these CNAMEs are missed."""
        for owner in owners:
            server.wait_event('finding', ZONE, since, id='dcv-cname-missing', owner=f'{owner}.{ZONE}.')
        server.wait_stats('findings', lambda s: s['findings[dcv-cname-missing]'] == len(owners), ZONE)

    def unusable(self, server, since, *says):
        line = server.wait_event('not checked', ZONE, since, source='validation-file')
        self.assertEqual(line.severity, 'warning')
        for text in (str(self.path), *says):
            self.assertIn(text, line.rest)
        server.wait_stats('not checked', lambda s: s['not-checked'] == 1, ZONE)

    def test_slips(self):
        """What no CA can have asked for is not expected, and the zone is not called checked for it."""
        server = self.make('expected', '_a CNAME x.example.net.\n',
                           [f'validation: "_b.www.{ZONE} TXT x"'])
        line = server.wait_event('not checked', ZONE, source='validation-file')
        self.assertIn(f"validation '_b.www.{ZONE} TXT x': the owner ends with the zone name twice", line.rest)
        self.missed(server, ['_a'])
        self.assertEqual({owner for _, owner, _ in server.found(ZONE)}, {f'_a.{ZONE}.'})
        mark = server.log.mark()
        self.put(f'_c.www.{ZONE} CNAME x.example.net.\n')
        self.unusable(server, mark, 'line 1', 'zone name twice', 'last readable contents')

    def test_a_slip_resolves_nothing(self):
        server = self.make('expected', '', ['validation: "_b.www x.example.net"'])
        self.missed(server, ['_b.www'])
        mark = server.log.mark()
        server.modules['x'][-1] = f'validation: "_b.www.{ZONE} x.example.net"'
        server.configure()
        server.control('reload')
        server.wait_event('not checked', ZONE, mark, source='validation-file')
        server.wait_audit(ZONE, mark)
        self.assertEqual(server.events('resolved', ZONE), [])

    def test_a_directory_that_is_gone(self):
        """A file that is not there is one that expects nothing; a directory, or the end of a link, cannot be read."""
        directory = self.temporary() / 'val'
        directory.mkdir()
        self.path = directory / ZONE
        self.path.write_text('_a CNAME x.example.net.\n')
        server = self.server({ZONE: zone_file()}, extra=LOOPBACK_ACL, template=['module: mod-caaudit/x',
                                                                                'acl: [ loopback, transfer ]'],
                             modules={'x': [*CONF, f'validation-file: "{directory}/%s"']})
        self.missed(server, ['_a'])
        mark = server.log.mark()
        directory.rename(directory.with_name('away'))
        self.unusable(server, mark, 'last readable contents')
        directory.with_name('away').rename(directory)
        server.wait_stats('read again', lambda s: s['not-checked'] == 0, ZONE)
        mark = server.log.mark()
        self.path.unlink()
        self.path.symlink_to('nowhere')
        self.unusable(server, mark, 'last readable contents')
        self.assertEqual(server.events('resolved', ZONE), [])
        self.path.unlink()
        server.wait_event('resolved', ZONE, mark, id='dcv-cname-missing')

    def test_a_file_that_is_not_read_forgets_nothing(self):
        """What it expects is no news when it can be read, and resolved when it is."""
        server = self.make('expected', '_a CNAME x.example.net.\n_b CNAME x.example.net.\n',
                           ['validation: "_c x.example.net"'])
        self.missed(server, ['_a', '_b', '_c'])
        mark = server.log.mark()
        self.path = server.directory / 'other'
        server.modules['x'][-2] = f'validation-file: "{self.path}"'
        server.configure()
        server.control('reload')
        self.unusable(server, mark, 'nothing of it is expected')
        server.wait_stats('findings', lambda s: s['findings[dcv-cname-missing]'] == 1, ZONE)
        # That of the option can be seen.
        server.write(ZONE, zone_file('_c CNAME x.example.net.\n', serial=2))
        server.control('zone-reload', ZONE)
        server.wait_event('resolved', ZONE, mark, id='dcv-cname-missing', owner=f'_c.{ZONE}.')
        self.put('_a CNAME x.example.net.\n')
        server.wait_event('resolved', ZONE, mark, id='dcv-cname-missing', owner=f'_b.{ZONE}.')
        self.assertEqual(server.stats(ZONE)['findings[dcv-cname-missing]'], 1)
        self.assertEqual(server.events('finding', ZONE, mark), [])
        self.assertEqual(len(server.events('resolved', ZONE)), 2)

    def test_one_file(self):
        """The zone is idle all the time: audit-interval is what notices."""
        server = self.make('expected', '_a CNAME x.example.net.\n')
        self.missed(server, ['_a'])
        self.put('_a CNAME x.example.net.\n_b CNAME x.example.net.\n')
        self.missed(server, ['_b', '_a'])
        (server.directory / 'other').write_text('_c CNAME x.example.net.\n')

        for text, *says in (('_a CNAME x.example.net.\n_c A 192.0.2.1\n', 'line 2', 'CNAME and TXT'),
                            ('$INCLUDE other\n', 'line 1', '$INCLUDE'),
                            (None, 'no such file'),
                            ('directory', 'directory')):
            with self.subTest(text):
                mark = server.log.mark()
                if text is None:
                    self.path.unlink()
                elif text == 'directory':
                    self.path.mkdir()
                else:
                    self.put(text)
                self.unusable(server, mark, *says, 'last readable contents')
                # Nothing is taken for cured, and nothing is forgotten.
                self.assertEqual(server.events('resolved', ZONE), [])
                self.assertEqual(server.stats(ZONE)['findings[dcv-cname-missing]'], 2)

        self.path.rmdir()
        mark = server.log.mark()
        self.put('_b CNAME x.example.net.\n_c CNAME x.example.net.\n')
        server.wait_event('resolved', ZONE, mark, id='dcv-cname-missing', owner=f'_a.{ZONE}.')
        self.missed(server, ['_c', '_b'])
        self.assertEqual(server.stats(ZONE)['not-checked'], 0)

    def test_file_of_each_zone(self):
        server = self.make('%s.expected')
        self.assertEqual(server.stats(ZONE)['findings[dcv-cname-missing]'], 0)
        self.assertEqual(server.stats(ZONE)['not-checked'], 0)
        self.put('_a CNAME x.example.net.\n')
        self.missed(server, ['_a'])

        # A reload with a broken file keeps what was read before.
        self.put('_a CNAME\n')
        mark = server.log.mark()
        self.unusable(server, mark, 'line 1', 'last readable contents')
        mark = server.log.mark()
        server.reload()
        server.wait_audit(ZONE, mark)
        self.assertEqual(server.stats(ZONE)['findings[dcv-cname-missing]'], 1)
        self.assertEqual(server.stats(ZONE)['not-checked'], 1)
        self.assertEqual(server.events('resolved', ZONE), [])

        # Without a file the zone expects nothing: that is no trouble.
        self.path.unlink()
        server.wait_event('resolved', ZONE, id='dcv-cname-missing', owner=f'_a.{ZONE}.')
        server.wait_stats('not checked', lambda s: s['not-checked'] == 0, ZONE)

    def test_broken_from_the_beginning(self):
        """What the file may expect is not called stale."""
        server = self.make('%s.expected', '_a CNAME\n', ['validation: "_z z.example.net"'],
                           '@ CAA 0 issue "letsencrypt.org"\n_z CNAME z.example.net.\n' + FAMILY)
        self.unusable(server, 0, 'line 1', 'nothing of it is expected')
        found = server.stats(ZONE).findings()
        self.assertIn('caa-issue-denied', found)
        self.assertNotIn('dcv-record-stale', found)
        mark = server.log.mark()
        self.put('_a CNAME x.example.net.\n')
        server.wait_event('finding', ZONE, mark, id='dcv-record-stale')
        self.missed(server, ['_a'], mark)

    def test_broken_is_not_clean(self):
        server = self.make('%s.expected', '_a CNAMEE b\n', ['ca: sectigo.com'], '@ CAA 0 issue "sectigo.com"\n')
        self.unusable(server, 0, 'line 1', 'that is written TYPE and its number (RFC 3597); nothing of it is expected')
        stats = server.wait_stats('the zone', lambda stats: stats['zones[audited]'] == 1)
        self.assertEqual((stats['zones[warning]'], stats['zones[clean]']), (1, 0))
        mark = server.log.mark()
        self.put('')
        server.wait_audit(ZONE, mark)
        server.wait_stats('a clean zone', lambda stats: stats['zones[clean]'] == 1)

    def test_txt(self):
        text = 'gfj9Xq...Rg85nM'
        server = self.make('expected', f'_acme-challenge.www TXT "{text}"\n@ TXT "token"\n',
                           records='@ TXT "v=spf1 -all"\n')
        owner = f'_acme-challenge.www.{ZONE}.'
        line = server.wait_event('finding', ZONE, id='dcv-txt-missing', owner=owner)
        self.assertEqual(line.severity, 'error')
        self.assertIn(f'add: {owner} 3600 TXT "{text}"', line.rest)
        line = server.wait_event('finding', ZONE, id='dcv-txt-missing', owner=f'{ZONE}.')
        self.assertIn(f'add: {ZONE}. 3600 TXT "token"', line.rest)
        # It is asked for in vain, and the record to add is the TXT.
        server.query(owner, 'TXT')
        line = server.wait_event('finding', ZONE, id='dcv-lookup-unanswered', owner=owner)
        self.assertIn(f'add: {owner} 3600 TXT "{text}"', line.rest)

        server.update(ZONE, f'add {ZONE}. 60 TXT "token"', f'add {owner} 60 TXT "other"', f'add {owner} 60 TXT "{text[:5]}" "{text[5:]}"')
        for id, at in (('dcv-txt-missing', owner), ('dcv-txt-missing', f'{ZONE}.'), ('dcv-lookup-unanswered', owner)):
            server.wait_event('resolved', ZONE, id=id, owner=at)
        self.assertEqual(server.stats(ZONE)['findings[dcv-txt-missing]'], 0)

    def test_too_many(self):
        server = self.make('%s.expected', ''.join(f'_{i} CNAME x.example.net.\n' for i in range(10_001)))
        self.unusable(server, 0, 'line 10001', 'more than 10000')


if __name__ == '__main__':
    harness.main()
