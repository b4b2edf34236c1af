# SPDX-License-Identifier: GPL-2.0-or-later

"""Several module ids, several zones, templates and exceptions."""

import harness
from harness import KnotTest, zone_file

LOCKED = zone_file('@ 3600 CAA 0 issue "letsencrypt.org"')


class Instances(KnotTest):
    def test_each_zone_by_its_own_id(self):
        zones = {f'{name}.example.com': LOCKED for name in 'abc'}
        server = self.server(zones, modules={
            'sectigo': ['ca: sectigo.com'],
            'encrypt': ['ca: letsencrypt.org'],
            'both': ['ca: [ letsencrypt.org, sectigo.com ]', 'wildcard: off'],
        }, zone_options={
            'a.example.com': ['module: mod-caaudit/sectigo'],
            'b.example.com': ['module: mod-caaudit/encrypt'],
            'c.example.com': ['module: mod-caaudit/both'],
        })
        for zone in zones:
            server.wait_audit(zone)
        denied = {zone: {id: count for id, count in server.stats(zone).findings().items() if 'denied' in id}
                  for zone in zones}
        self.assertEqual(denied, {'a.example.com': {'caa-issue-denied': 1},
                                  'b.example.com': {}, 'c.example.com': {'caa-issue-denied': 1}})
        self.assertEqual({line.module for line in server.events(zone='c.example.com')}, {'both'})

    def test_template_with_an_exception(self):
        zones = {f'z{number}.example.com': LOCKED for number in range(5)}
        # A zone without the module needs a template without it.
        server = self.server(zones, modules={'default': [], 'open': ['ca: letsencrypt.org']}, templates={'plain': []},
                             template=['module: mod-caaudit/default'],
                             zone_options={'z3.example.com': ['module: mod-caaudit/open'],
                                           'z4.example.com': ['template: plain']})
        for zone in list(zones)[:4]:
            server.wait_audit(zone)
        errors = [server.stats(zone)['severity[error]'] for zone in zones]
        self.assertEqual(errors, [1, 1, 1, 0, 0])
        self.assertEqual(server.events(zone='z4.example.com'), [])

    def test_module_without_an_id_uses_the_defaults(self):
        server = self.server({'example.com': LOCKED}, template=['module: mod-caaudit'])
        server.wait_audit('example.com')
        self.assertEqual(server.stats('example.com')['severity[error]'], 1)

    def test_two_ids_on_one_zone(self):
        server = self.server({'example.com': LOCKED},
                             modules={'one': ['ca: sectigo.com', 'wildcard: off'],
                                      'two': ['ca: digicert.com', 'wildcard: off']},
                             template=['module: [ mod-caaudit/one, mod-caaudit/two ]'])
        for module, ca in (('one', 'sectigo.com'), ('two', 'digicert.com')):
            server.wait_audit('example.com', module=module)
            self.assertIn(('caa-issue-denied', 'example.com.', ca), server.found('example.com', module=module))

    def test_ids_come_and_go(self):
        """Each id keeps its own findings, whatever stands beside it in the list, and in which order."""
        cas = {'one': 'sectigo.com', 'two': 'digicert.com', 'three': 'globalsign.com'}
        server = self.server({'example.com': LOCKED}, start=False, modules={
            id: [f'ca: {ca}', 'wildcard: off', 'audit-delay: 0'] for id, ca in cas.items()})
        before = []
        for step, ids in enumerate((['one'], ['one'], ['one', 'two'], ['two', 'one'], ['three', 'two', 'one'],
                                    ['one', 'two'], ['two'], ['two', 'one'])):
            with self.subTest(ids):
                server.template = [f'module: [ {", ".join(f"mod-caaudit/{id}" for id in ids)} ]']
                server.configure()
                mark = server.log.mark()
                if step == 0:
                    server.start()
                else:
                    server.reload()
                for id in ids:
                    line = server.wait_audit('example.com', mark, module=id, errors=1)
                    self.assertEqual(line.rest.endswith(', unchanged'), id in before, line.text)
                    # What stood before is not said again.
                    self.assertEqual(server.found('example.com', mark, id),
                                     [] if id in before else [('caa-issue-denied', 'example.com.', cas[id])])
                self.assertEqual({line.module for line in server.events(zone='example.com', since=mark)}, {*ids})
                self.assertEqual(server.events('resolved', 'example.com', mark), [])
                before = ids
        # None of them was lost: a change is noticed by all.
        mark = server.log.mark()
        server.write('example.com', zone_file('@ CAA 0 issue "digicert.com"', serial=2))
        server.control('zone-reload', 'example.com')
        server.visit('example.com')
        server.wait_event('resolved', 'example.com', mark, module='two', id='caa-issue-denied')
        server.wait_audit('example.com', mark, module='one', serial=2, errors=1)
        self.assertEqual(len(server.events('resolved', 'example.com', mark)), 1)

    def test_hosts_and_validations_of_other_zones_do_no_harm(self):
        zones = {'a.example.com': LOCKED, 'b.example.com': zone_file('@ CAA 0 issue "sectigo.com"')}
        server = self.server(zones, template=['module: mod-caaudit/default'], modules={
            'default': ['host: [ "@", "www", "shop.a.example.com." ]',
                        'validation: "_x.shop.b.example.com. y.sectigo.com."']})
        for zone in zones:
            server.wait_audit(zone)
        self.assertEqual(server.stats('b.example.com')['findings[dcv-cname-missing]'], 1)
        self.assertEqual(server.stats('a.example.com')['findings[dcv-cname-missing]'], 0)
        self.assertGreater(server.stats('a.example.com')['findings[caa-issue-denied]'], 0)

    def test_a_host_that_gets_too_long_in_this_zone(self):
        """The check of the configuration knows no zone; the audit says what it leaves out."""
        long = '.'.join(['a' * 60] * 3)
        server = self.server({f'{long}.example': zone_file(), 'b.example': zone_file('www A 192.0.2.1')},
                             template=['module: mod-caaudit/default'],
                             modules={'default': [f'host: [ "@", "{"b" * 60}.www" ]', 'wildcard: off']})
        line = server.wait_event('not checked', f'{long}.example')
        self.assertEqual(line.severity, 'warning')
        self.assertIn("b.www': not a domain name", line.rest)
        server.wait_audit(f'{long}.example')
        self.assertEqual(server.stats(f'{long}.example')['not-checked'], 1)
        server.wait_audit('b.example')
        self.assertEqual(server.stats('b.example')['not-checked'], 0)

    def test_validation_file(self):
        server = self.server({'example.com': zone_file('_b CNAME y.sectigo.com.')}, start=False,
                             template=['module: mod-caaudit/default'])
        listed = server.directory / 'example.com.validation'
        listed.write_text('_a 3600 CNAME x.sectigo.com.\n_b.example.com. 3600 CNAME y.sectigo.com.\n')
        server.modules['default'] = [f'validation-file: "{server.directory}/%s.validation"']
        server.configure()
        server.start()
        server.wait_audit('example.com')
        self.assertEqual(server.stats('example.com')['findings[dcv-cname-missing]'], 1)
        self.assertIn(('dcv-cname-missing', '_a.example.com.'),
                      [found[:2] for found in server.found('example.com')])

    def test_log_limit(self):
        records = '\n'.join(f'h{number} CAA 0 issue "letsencrypt.org"' for number in range(30))
        hosts = ', '.join(f'h{number}' for number in range(30))
        server = self.server({'example.com': zone_file(records)}, template=['module: mod-caaudit/default'],
                             modules={'default': [f'host: [ {hosts} ]', 'wildcard: off', 'log-limit: 5']})
        server.wait_audit('example.com')
        self.assertEqual(server.stats('example.com')['findings[caa-issue-denied]'], 30)
        self.assertLessEqual(len(server.events('finding', 'example.com')), 6)
        self.assertGreaterEqual(len(server.found('example.com')), 5)

    def test_global_instance_alone(self):
        server = self.server({'example.com': LOCKED}, template=['global-module: mod-caaudit'])
        server.wait_loaded('example.com')
        stats = server.stats()
        self.assertEqual((stats['zones[audited]'], stats['zones[pending]'], stats['audits']), (0, 0, 0))
        self.assertEqual(server.query('example.com', 'CAA'), ['0 issue "letsencrypt.org"'])

    def test_root_and_odd_zone_names(self):
        apex = '@ 3600 SOA ns.test. h.test. 1 3600 600 86400 300\n@ NS ns.test.\n@ CAA 0 issue "letsencrypt.org"\n'
        zones = {'.': apex, 'a\\.b.example.com': LOCKED, 'XN--9CA.example.com': LOCKED,
                 '.'.join(['a' * 63] * 3 + ['b' * 61]): apex}
        server = self.server({}, start=False, modules={'default': []}, template=['module: mod-caaudit/default'])
        for number, (name, text) in enumerate(zones.items()):
            (server.storage / f'odd{number}').write_text(text)
            server.zone_options[f'"{name}"'] = [f'file: odd{number}']
        server.zones = list(server.zone_options)
        server.configure()
        server.start()
        server.wait('all audits', lambda: len(server.events('audit')) == len(zones))
        for line in server.events('finding'):
            self.assertLess(len(line.text.encode()), 512)


if __name__ == '__main__':
    harness.main()
