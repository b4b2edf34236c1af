# SPDX-License-Identifier: GPL-2.0-or-later

"""The main job: three zones, their verdicts in log and counters, and the sums."""

import os
import re
import subprocess

import harness
from harness import KnotTest, zone_file

HASH = '_0123456789abcdef0123456789abcdef'
TARGET = '00112233445566778899aabbccddeeff.ffeeddccbbaa99887766554433221100.sectigo.com.'

ZONES = {
    'clean.example.com': zone_file(f'@ 3600 CAA 0 issue "sectigo.com"\n@ 3600 CAA 0 issuewild "sectigo.com"\n'
                                   'www 3600 A 192.0.2.2\n'
                                   f'{HASH}.www 3600 CNAME {TARGET}'),
    'locked.example.net': zone_file('@ 3600 CAA 0 issue "letsencrypt.org"', serial=2026112301),
    'missing.example.org': zone_file('@ 3600 CAA 0 issue "sectigo.com"\nblog 3600 A 192.0.2.3'),
}
MODULES = {
    'default': [],
    'www': ['host: [ "@", "www" ]', f'validation: "{HASH}.www {TARGET}"'],
    'blog': [f'validation: "{HASH}.blog {TARGET}"'],
    'all': [],
}
OPTIONS = {
    'clean.example.com': ['module: mod-caaudit/www'],
    'locked.example.net': ['module: mod-caaudit/default'],
    'missing.example.org': ['module: mod-caaudit/blog'],
}
TEMPLATE = ['global-module: mod-caaudit/all']


class Verdicts(KnotTest):
    def audited(self, **options):
        server = self.server(ZONES, modules=MODULES, zone_options=OPTIONS, template=TEMPLATE, **options)
        for zone in ZONES:
            server.wait_audit(zone)
        return server

    def test_clean_zone(self):
        server = self.audited()
        self.assertEqual(server.found('clean.example.com'), [])
        audit = server.wait_audit('clean.example.com')
        self.assertEqual({name: audit.fields[name] for name in ('serial', 'errors', 'warnings', 'not checked')},
                         {'serial': '1', 'errors': '0', 'warnings': '0', 'not checked': '0'})
        stats = server.stats('clean.example.com')
        self.assertEqual((stats['audits'], stats['audit-failures'], stats['not-checked'], stats['serial']),
                         (1, 0, 0, 1))
        self.assertEqual((stats['severity[error]'], stats['severity[warning]']), (0, 0))
        self.assertEqual(stats.findings(), {})

    def test_what_could_not_be_looked_at_is_not_clean(self):
        server = self.server({'example.com': zone_file('www CNAME www.example.net.')},
                             modules={'www': ['host: www'], 'all': []},
                             template=['module: mod-caaudit/www', 'global-module: mod-caaudit/all'])
        self.assertEqual(server.wait_audit('example.com', errors=0, warnings=0).fields['not checked'], '1')
        stats = server.wait_stats('audit', lambda stats: stats['zones[audited]'] == 1)
        self.assertEqual((stats['zones[clean]'], stats['zones[unclear]']), (0, 1))

    def test_locked_out(self):
        server = self.audited()
        zone = 'locked.example.net'
        errors = [line for line in server.events('finding', zone) if line.severity == 'error']
        self.assertEqual(sorted((line.fields['id'], line.fields['owner'], line.fields['ca']) for line in errors),
                         [('caa-issue-denied', 'locked.example.net.', 'sectigo.com')])
        for line in errors:
            self.assertEqual(line.module, 'default')
            self.assertIn('locked.example.net. 3600 CAA 0 issue "sectigo.com"', line.text)
        audit = server.wait_audit(zone)
        self.assertEqual((audit.fields['serial'], audit.fields['errors']), ('2026112301', '1'))
        stats = server.stats(zone)
        self.assertEqual(stats['findings[caa-issue-denied]'], 1)
        self.assertEqual(stats['findings[caa-issuewild-denied]'], 0)
        self.assertEqual((stats['severity[error]'], stats['serial']), (1, 2026112301))

    def test_missing_validation(self):
        server = self.audited()
        zone = 'missing.example.org'
        self.assertIn(('dcv-cname-missing', f'{HASH}.blog.{zone}.'),
                      [found[:2] for found in server.found(zone)])
        line, = server.events('finding', zone, id='dcv-cname-missing')
        self.assertEqual(line.severity, 'error')
        self.assertIn(TARGET, line.text)
        stats = server.stats(zone)
        self.assertEqual((stats['findings[dcv-cname-missing]'], stats['severity[error]']), (1, 1))

    def test_sums_in_the_global_instance(self):
        server = self.audited()
        stats = server.wait_stats('three audited zones', lambda stats: stats['zones[audited]'] == 3)
        self.assertEqual((stats['zones[pending]'], stats['zones[failed]'], stats['zones[error]']), (0, 0, 2))
        self.assertEqual(stats['zones[clean]'] + stats['zones[warning]'], 1)
        self.assertEqual((stats['findings[caa-issue-denied]'], stats['findings[caa-issuewild-denied]'],
                          stats['findings[dcv-cname-missing]']), (1, 0, 1))
        self.assertEqual(stats['severity[error]'], 2)
        self.assertEqual((stats['audits'], stats['audit-failures'], stats['not-checked']), (3, 0, 0))
        for name in ('severity[error]', 'severity[warning]', 'severity[notice]', 'audits'):
            self.assertEqual(stats[name], sum(server.stats(zone)[name] for zone in ZONES), name)

    def test_log_lines_are_short_and_say_each_thing_once(self):
        server = self.audited()
        lines = server.events()
        for line in lines:
            self.assertLess(len(line.text.encode()), 512)
            self.assertTrue(line.text.isprintable(), line.text)
        findings = [line.text for line in lines if line.event == 'finding']
        self.assertEqual(len(findings), len(set(findings)))
        for zone in ZONES:
            self.assertEqual(len(server.events('audit', zone)), 1, zone)

    def test_long_lines_end_between_clauses(self):
        """Why a cure is refused may not fit where names are long; nothing is left out of its middle."""
        zone, cut = 'example.com', 0
        for length in range(20, 64, 3):
            label = 'x' * length
            server = self.server({zone: zone_file('*.app 300 A 192.0.2.1')}, modules={
                'default': [f'host: {label}.app', f'validation: "{HASH}.{label}.app {TARGET}"']},
                template=['module: mod-caaudit/default'])
            server.wait_audit(zone)
            line, = [line for line in server.events('finding', zone) if line.fields['id'] == 'dcv-cname-missing']
            self.assertLess(len(line.text.encode()), 512)
            # What is wrong stands first, and is shortened in its middle.
            said = line.text.partition(', ca -, ')[2][70:]
            self.assertNotIn('...', said.rstrip('.'))
            cut += said.endswith('...')
            server.stop()
        self.assertGreater(cut, 2)

    def test_answers_are_what_they_were(self):
        questions = [(name, type, *options)
                     for zone in ZONES for name in (zone, f'www.{zone}', f'nothing.{zone}', f'{HASH}.blog.{zone}')
                     for type in ('CAA', 'CNAME', 'A', 'SOA', 'ANY')
                     for options in ((), ('+tcp',), ('+dnssec', '+nsid'))]

        def answers(server):
            return [[line for line in server.kdig(*question, '+noall', '+header', '+answer', '+authority',
                                                  '+additional').splitlines()
                     if 'Time' not in line and 'From' not in line and 'id:' not in line]
                    + [line.split(';')[2] for line in server.kdig(*question).splitlines() if 'status:' in line]
                    for question in questions]
        without = self.server(ZONES, module=False)
        for zone in ZONES:
            without.wait_loaded(zone)
        self.assertEqual(answers(self.audited()), answers(without))

    def test_command_exports_the_counters(self):
        """Each counter of caaudit stats has the value that knotc shows, and none but zeros are missing."""
        command = os.environ.get('CAAUDIT')
        if command is None:
            self.skipTest('the command is not built')
        server = self.audited()
        server.kdig('locked.example.net', 'CAA')
        server.kdig(f'{HASH}.blog.missing.example.org', 'CNAME')
        run = subprocess.run([command, 'stats', '--control', server.socket], capture_output=True, text=True, timeout=20)
        self.assertEqual((run.returncode, run.stderr), (0, ''))
        found = {}
        for name, labels, value in re.findall(r'^caaudit_(\w+?)(?:_total)?\{(.*)\} (\d+)$', run.stdout, re.M):
            labels = dict(re.findall(r'(\w+)="([^"]*)"', labels))
            name = name.removesuffix('_timestamp_seconds').replace('_', '-') + (f'[{labels["type"]}]' if 'type' in labels else '')
            found.setdefault(labels.get('zone'), {})[name] = int(value)
        for zone in ZONES:
            shown = {name: value for name, value in server.stats(zone).items() if value and name != 'serial'}
            self.assertEqual(found[f'{zone}.'], shown)
        self.assertEqual(found[None], {name: value for name, value in server.stats().items()
                                       if value and name.startswith('zones[')})

    def test_stop(self):
        server = self.audited()
        self.assertEqual(server.stop(), 0)
        said = [line.text for line in server.log.read()[-2:]]
        self.assertIn(said[0], ('updating persistent timer DB', 'updated persistent timer DB'))  # since 3.5
        self.assertEqual(said[1], 'shutting down')


class Policy(KnotTest):
    """What is asked for is odd, and the zone is not."""

    def one(self, text, options, zone='alpha.test'):
        server = self.server({zone: zone_file(text)}, modules={'default': options},
                             template=['module: mod-caaudit/default'])
        server.wait_audit(zone)
        return server

    def test_one_finding_a_deciding_owner_and_ca(self):
        cas = ['letsencrypt.org', 'digicert.com', 'globalsign.com', 'pki.goog', 'certum.pl']
        server = self.one('@ CAA 0 issue "sectigo.com"\nwww A 192.0.2.2\nblog A 192.0.2.2',
                          [f'ca: [ {", ".join(cas)} ]', 'host: [ "@", www, blog ]'])
        self.assertEqual(sorted(server.found('alpha.test')), sorted(('caa-issue-denied', 'alpha.test.', ca) for ca in cas))

    def test_ca_that_nobody_is_known_by(self):
        server = self.one('@ CAA 0 issue "sectigo.com"\n@ A 192.0.2.2', ['ca: letsencrypt.com', 'synthesize: caa'])
        found = server.found('alpha.test')
        self.assertIn(('caa-wanted-lookalike', 'alpha.test.', 'letsencrypt.com'), found)
        self.assertEqual({line.severity for line in server.events('finding', 'alpha.test')
                          if line.fields['id'] == 'caa-wanted-lookalike'}, {'warning'})
        # Nothing is advised for it, and nothing answered.
        self.assertNotIn('CAA 0 issue', ' '.join(line.rest for line in server.events('finding', 'alpha.test')))
        self.assertEqual(server.query('alpha.test', 'CAA'), ['0 issue "sectigo.com"'])
        self.assertEqual(server.stats('alpha.test')['synthesized[caa]'], 0)

    def test_hosts_that_are_not_there(self):
        server = self.one('www A 192.0.2.2', ['host: [ www, wwww, www.alpha.test ]'])
        lines = {line.fields['owner']: line for line in server.events('finding', 'alpha.test')}
        self.assertEqual({owner: line.fields['id'] for owner, line in lines.items()},
                         {'wwww.alpha.test.': 'host-missing', 'www.alpha.test.alpha.test.': 'host-missing'})
        # The name that was meant, with its final dot.
        self.assertIn(': www.alpha.test.', lines['www.alpha.test.alpha.test.'].rest)
        self.assertNotIn('www.alpha.test.', lines['wwww.alpha.test.'].rest)

    def test_one_file_for_a_zone_and_its_child(self):
        """What the child has to serve is missing in neither, and not checked in the parent."""
        zones = {'alpha.test': zone_file('sub NS ns.example.net.\nsub NS ns2.example.net.'),
                 'sub.alpha.test': zone_file(f'www A 192.0.2.2\n{HASH}.www CNAME {TARGET}')}
        server = self.server(zones, start=False, template=['module: mod-caaudit/default'])
        path = server.directory / 'expected'
        path.write_text(f'{HASH}.www.sub.alpha.test. 300 CNAME {TARGET}\n')
        server.modules['default'] = [f'validation-file: "{path}"']
        server.configure()
        server.start()
        for zone, gaps in (('alpha.test', True), ('sub.alpha.test', False)):
            server.wait_audit(zone)
            self.assertEqual(server.found(zone), [])
            self.assertEqual(server.stats(zone)['not-checked'] > 0, gaps)


if __name__ == '__main__':
    harness.main()
