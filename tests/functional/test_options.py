# SPDX-License-Identifier: GPL-2.0-or-later

"""A wrong value is refused with option, value and reason; the server keeps what it has."""

import re
import subprocess

import harness
import watch
from harness import KnotTest, zone_file

LONG = 'a' * 64

# Option line, and what the message has to name: the option and the value.
WRONG = [
    ('ca: ""', 'ca', ''),
    ('ca: "sectigo com"', 'ca', 'sectigo com'),
    ('ca: "https://sectigo.com"', 'ca', 'https://sectigo.com'),
    ('ca: "*.sectigo.com"', 'ca', '*.sectigo.com'),
    ('ca: "sectigo..com"', 'ca', 'sectigo..com'),
    ('ca: ";"', 'ca', ';'),
    ('ca: [ "sectigo.com", "-x.com" ]', 'ca', '-x.com'),
    (f'ca: "{LONG}.com"', 'ca', LONG),
    ('host: ""', 'host', ''),
    ('host: "a..b"', 'host', 'a..b'),
    (f'host: "{LONG}"', 'host', LONG),
    ('host: "*.www"', 'host', '*.www'),
    ('validation: ""', 'validation', ''),
    ('validation: "_x..y"', 'validation', '_x..y'),
    ('validation: "_x y.sectigo.com. z"', 'validation', '_x y.sectigo.com. z'),
    (f'validation: "_x {LONG}.sectigo.com."', 'validation', LONG),
    ('validation-file: "relative/file"', 'validation-file', 'relative/file'),
    ('validation-ip: 192.0.2.9-192.0.2.1', 'validation-ip', ''),
    ('validation-ip: [ 192.0.2.1, 2001:db8::9-2001:db8::1 ]', 'validation-ip', ''),
    ('transfer-key: unknown-key', 'transfer-key', 'unknown-key'),
]
# What the server's own parser refuses: it names the line and the item.
WRONG_FOR_THE_PARSER = [
    'wildcard: maybe',
    'strict: 2',
    'source: dns',
    'validation-ip: 192.0.2.256',
    'validation-ip: example.com',
    'synthesize: everything',
    'synthesize-ttl: soon',
    'synthesize-ttl: -1',
    'override-denial: perhaps',
    'audit-delay: soon',
    'audit-delay: -1',
    'audit-interval: never',
    'rrsig-warning: soon',
    'rrsig-warning: -1',
    'log-limit: some',
    'log-limit: -1',
    'no-such-option: 1',
]
RIGHT = [
    'ca: [ sectigo.com, letsencrypt.org. ]',
    'ca: SECTIGO.com',
    f'ca: "{LONG[1:]}.com"',
    'host: [ "@", "www", "shop.example.com." ]',
    'host: shop.example.net.',
    'wildcard: off',
    'strict: on',
    'validation: [ "_a b.sectigo.com.", "_c", "_d.example.net. e.sectigo.com" ]',
    'validation-file: "{directory}/good"',
    'validation-ip: [ 192.0.2.1, 2001:db8::/32, 192.0.2.1-192.0.2.9, 192.0.2.9-192.0.2.9 ]',
    'override-denial: on',
    'synthesize: [ caa, validation ]',
    'synthesize-ttl: 5m',
    'audit-delay: 0',
    'audit-delay: 1m',
    'audit-interval: 1d',
    'rrsig-warning: 0',
    'rrsig-warning: 3d',
    'log-limit: 0',
    'source: auto',
    'source: zonefile',
]


class Options(KnotTest):
    def audited(self, start=True):
        server = self.server({'example.com': zone_file('@ CAA 0 issue "letsencrypt.org"')}, start=False,
                             modules={'default': []}, template=['module: mod-caaudit/default'])
        (server.directory / 'broken').write_text('_x 3600 CNAME a b c\n')
        (server.directory / 'good').write_text('_x 3600 CNAME a.sectigo.com.\n')
        if start:
            server.start()
            server.wait_audit('example.com')
        return server

    def put(self, server, line):
        server.modules['default'] = [line.replace('{directory}', str(server.directory))]
        server.configure()

    def test_right_values(self):
        server = self.audited(start=False)
        for line in RIGHT:
            with self.subTest(line):
                self.put(server, line)
                result = server.check_configuration()
                self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_wrong_values_are_refused_with_option_value_and_reason(self):
        server = self.audited(start=False)
        for line, option, value in WRONG:
            with self.subTest(line):
                if watch.KIND in watch.RUNTIMES and '/nonexistent' in line:
                    self.skipTest('with these runtimes knotc hangs at its end once it has named an error of the system')
                self.put(server, line)
                result = server.check_configuration()
                said = result.stdout + result.stderr
                self.assertNotEqual(result.returncode, 0, said)
                self.assertRegex(said, rf'(?<![\w-]){option}(?![\w-])')
                value = value.replace('{directory}', str(server.directory))
                self.assertIn(value, said)
                # More than the two of them: a reason.
                rest = said.replace(value, '') if value else said
                self.assertGreater(len(re.findall(r'[a-z]{2,}', rest.replace(option, ''))), 2, said)

    def test_wrong_values_are_refused_by_the_parser(self):
        server = self.audited(start=False)
        for line in WRONG_FOR_THE_PARSER:
            with self.subTest(line):
                self.put(server, line)
                result = server.check_configuration()
                self.assertNotEqual(result.returncode, 0)
                self.assertIn(line.split(':')[0], result.stdout + result.stderr)

    def test_reload_keeps_the_old_configuration(self):
        server = self.audited()
        for line in ('ca: "https://sectigo.com"', 'log-limit: some', 'validation-file: "relative/file"'):
            with self.subTest(line):
                self.put(server, line)
                self.assertNotEqual(server.reload(check=False).returncode, 0)
                self.assertTrue(server.alive)
                self.assertEqual(server.query('example.com', 'CAA'), ['0 issue "letsencrypt.org"'])
                self.assertEqual(server.stats('example.com')['findings[caa-issue-denied]'], 1)
        self.put(server, 'ca: letsencrypt.org')
        mark = server.log.mark()
        server.reload()
        server.wait_audit('example.com', mark)
        self.assertEqual(server.stats('example.com')['findings[caa-issue-denied]'], 0)

    def test_first_start_is_refused(self):
        server = self.audited(start=False)
        self.put(server, 'ca: "https://sectigo.com"')
        with self.assertRaisesRegex(harness.Impatient, 'has ended'):
            server.start()


class Upgrade(KnotTest):
    """What 0.1.0 took, 'wildcard' as a boolean, has its meaning in files and in imported databases."""

    def test_wildcard(self):
        meaning = {'true': 'caa-issuewild-denied', 'false': None, 'auto': 'caa-wildcard-locked'}
        records = '@ 3600 CAA 0 issue "sectigo.com"\n@ 3600 CAA 0 issuewild ";"'
        for database in (False, True):
            with self.subTest(database=database):
                server = self.server({f'{value}.example': zone_file(records) for value in meaning}, start=False,
                                     modules={value: [f'wildcard: {value}'] for value in meaning},
                                     zone_options={f'{value}.example': [f'module: mod-caaudit/{value}']
                                                   for value in meaning})
                if database:
                    confdb = server.directory / 'confdb'
                    subprocess.run([harness.TOOLS['knotc'], '-C', str(confdb), '-f', 'conf-import', str(server.conf)],
                                   check=True, capture_output=True)
                    server.arguments = ['-C', str(confdb)]
                server.start()
                for value, finding in meaning.items():
                    stats = server.wait_stats('audit', lambda s: s['audited'] > 0, f'{value}.example')
                    self.assertEqual(stats.findings(), {finding: 1} if finding else {}, value)


if __name__ == '__main__':
    harness.main()
