# SPDX-License-Identifier: GPL-2.0-or-later

"""What the command says of CAs, and what a zone with each of their names permits."""

import json
import unittest

from support import SANE, CliTest
from test_report import plain

CA = ['owner', 'publish', 'names', 'deprecated', 'persist', 'validations', 'accounts', 'staging', 'parameters',
      'source']
PRODUCT = ['product', 'names', 'owner', 'publish', 'since', 'until', 'source']
FORM = ['product', 'owner', 'target', 'asked', 'renewal', 'method', 'ended', 'source']


class Cas(CliTest):
    def cas(self, *words):
        result = self.caaudit('cas', '--format', 'json', *words)
        self.assertEqual((result.code, result.err), (0, ''))
        return json.loads(result.out)

    def owners(self, *words):
        return [ca['owner'] for ca in self.cas(*words)['cas']]

    def test_places_and_addresses(self):
        said = self.cas()
        self.assertIn(('_acme-challenge*', 'dns-01'), [(row['owner'], row['method']) for row in said['txt']])
        self.assertEqual(sorted(row['address'] for row in said['addresses']),
                         ['216.168.247.9', '216.168.249.9', '54.189.196.217', '64.78.193.238'])
        self.assertEqual((self.cas('letsencrypt.org')['txt'], self.cas('letsencrypt.org')['addresses']), ([], []))

    # --- products

    def judged(self, zone, *words):
        """Verdicts, and findings by id with severity and remedy, for the zone's own name."""
        said = self.document('--no-wildcard', *words, self.put('example.com.zone', SANE + zone))
        return ([(entry['ca'], entry['permitted']) for entry in said['hosts']],
                {finding['id']: (finding['severity'], finding['remedy']) for finding in said['findings']})

    def test_product_stands_for_its_issuer_at_that_day(self):
        other = '@ 60 CAA 0 issue "ca.example.net"\n'
        for name, day, issuer in (('zerossl.com', '2026-11-28', 'sectigo.com'),
                                  ('ZeroSSL.com.', '2026-11-28', 'sectigo.com'),
                                  ('geant-tcs', '2024-12-31', 'sectigo.com'),
                                  ('geant-tcs', '2025-01-01', 'harica.gr'),
                                  ('tencent', '2024-12-31', 'sectigo.com')):
            with self.subTest(name=name, day=day):
                hosts, found = self.judged(other, '--ca', name, '--now', day)
                self.assertEqual(hosts, [(issuer, False)])
                self.assertEqual(found['caa-issue-denied'],
                                 ('error', f'example.com. 60 CAA 0 issue "{issuer}"'))
                hosts, found = self.judged(f'@ 60 CAA 0 issue "{issuer}"\n', '--ca', name, '--now', day)
                self.assertEqual(hosts, [(issuer, True)])
                self.assertNotIn('caa-issue-denied', found)

    def test_hearsay_is_no_error(self):
        for day, issuer in (('2025-01-01', 'digicert.com'), ('2026-05-31', 'digicert.com'),
                            ('2026-06-01', 'trustasia.com')):
            for zone, permitted in (('ca.example.net', False), (issuer, True)):
                with self.subTest(day=day, zone=zone):
                    hosts, found = self.judged(f'@ 60 CAA 0 issue "{zone}"\n', '--ca', 'tencent', '--now', day)
                    self.assertEqual(hosts, [(issuer, permitted)])
                    self.assertEqual(found, {'caa-product-unconfirmed': ('notice', None)})
        self.assertEqual(self.judged('', '--ca', 'tencent')[1], {})

    def test_a_ca_that_is_wanted_twice_is_one(self):
        zone = '@ 60 CAA 0 issue "ca.example.net"\n'
        for words in (['--ca', 'trustasia.com', '--ca', 'tencent'], ['--ca', 'tencent', '--ca', 'trustasia.com']):
            hosts, found = self.judged(zone, *words, '--now', '2026-11-28')
            self.assertEqual(hosts, [('trustasia.com', False)])
            self.assertEqual(list(found), ['caa-issue-denied'])
        hosts, _ = self.judged(zone, '--ca', 'zerossl.com', '--ca', 'cpanel', '--ca', 'letsencrypt.org')
        self.assertEqual(hosts, [('sectigo.com', False), ('letsencrypt.org', False)])

    # --- dates

    def test_ways_of_validation_end(self):
        zone = ('@ 60 CAA 0 contactphone "+1 555 0100"\n',
                '@ 60 CAA 0 issue "sectigo.com; validationmethods=ca-tbr-16,ca-tbr-7"\n')
        for text in zone:
            for day, severity in (('2026-12-14', 'notice'), ('2026-12-15', 'warning'), ('2027-03-14', 'warning'),
                                  ('2027-03-15', 'warning')):
                with self.subTest(zone=text, day=day):
                    self.assertEqual(self.judged(text, '--now', day)[1]['caa-method-sunset'][0], severity)

    def test_what_ended_alone_is_of_no_use(self):
        zone = '@ 60 CAA 0 issue "sectigo.com; validationmethods=ca-tbr-16"\n'
        self.assertIn('caa-method-sunset', self.judged(zone, '--now', '2027-03-14')[1])
        hosts, found = self.judged(zone, '--now', '2027-03-15')
        self.assertEqual((hosts, list(found)), ([('sectigo.com', True)], ['caa-parameter-unsatisfiable']))

    def test_rules_of_2027(self):
        target = '00112233445566778899aabbccddeeff.ffeeddccbbaa99887766554433221100.sectigo.com.'
        there = f'_0123456789abcdef0123456789abcdef 60 CNAME {target}\n'
        zone = '@ 60 CAA 0 issue "sectigo.com; validationmethods=dns-01"\n'
        wanted = ('--validation', f'_0123456789abcdef0123456789abcdef {target}')
        for text, words in ((zone + there, ()), (zone + there, wanted), (zone, wanted)):
            for day, severity in (('2027-03-14', 'warning'), ('2027-03-15', 'error')):
                with self.subTest(zone=text, words=words, day=day):
                    self.assertEqual(self.judged(text, *words, '--now', day)[1]['caa-method-excluded'][0], severity)
        # Of a CA that nobody wants it stays a warning; nor is what no validation is there for an error.
        other = zone + '@ 60 CAA 0 issue "letsencrypt.org"\n' + there
        for text, words in ((other, ('--ca', 'letsencrypt.org')),
                            ('@ 60 CAA 0 issue "sectigo.com; validationmethods=http-01"\n', ())):
            found = self.judged(text, *words, '--now', '2027-03-15')[1]
            self.assertEqual(found['caa-method-excluded'][0], 'warning')
        # One that is named is judged by the verdict.
        self.assertNotIn('caa-method-excluded', self.judged(zone + there, '--validation-method', 'dns-01')[1])
        self.assertIn('caa-issue-denied', self.judged(zone + there, '--validation-method', 'ca-tbr-7')[1])

    def test_retired_form(self):
        there = '_x4k2m9v0 60 CNAME dcv.digicert.com.\n'
        for words, severity in (((), 'notice'), (('--validation', '_x4k2m9v0'), 'warning')):
            found = self.judged(there, '--ca', 'digicert.com', *words, '--now', '2025-10-28')[1]
            self.assertEqual({id: severity for id, (severity, _) in found.items()}, {'dcv-form-retired': severity})

    # --- the table

    def test_list(self):
        result = self.caaudit('cas')
        self.assertEqual((result.code, result.err), (0, ''))
        lines = result.out.split('\n\n')[0].splitlines()
        self.assertEqual([line.split()[0] for line in lines], [ca['publish'] for ca in self.cas()['cas']])
        for line in lines:
            self.assertRegex(line, r'^[a-z0-9.-]+  +\S')
        for name in ('entrust.net', 'comodo.com', 'acme.trust.telia.com', 'tencent', 'dcv.cloudflare.com'):
            self.assertIn(name, result.out)

    def test_json(self):
        document = self.cas()
        self.assertEqual(document['caaudit'], 1)
        for ca in document['cas']:
            self.assertEqual(list(ca), CA)
            self.assertEqual(ca['names'][0], ca['publish'])
            self.assertLessEqual(set(ca['deprecated']) | set(ca['persist'] or []), set(ca['names']))
        for product in document['products']:
            self.assertEqual(list(product), PRODUCT)
        forms = [form for ca in document['cas'] for form in ca['validations']] + document['validations']
        for form in forms:
            self.assertEqual(list(form), FORM)
        self.assertEqual({form['asked'] for form in forms}, {'host and above', 'host', 'host, above not known'})
        self.assertEqual([form['ended'] for form in forms if form['ended']], ['2025-10-28'])
        for entry in [*document['cas'], *document['products'], *forms]:
            self.assertEqual(list(entry['source']), ['text', 'read', 'known'])
            self.assertRegex(entry['source']['read'], r'^20\d\d-\d\d-\d\d$')

    def test_one(self):
        self.assertEqual(self.owners('sectigo.com'), ['Sectigo'])
        self.assertEqual(self.owners('SECTIGO.com.'), ['Sectigo'])
        self.assertEqual(self.owners("let's encrypt"), ["Let's Encrypt"])
        self.assertEqual(self.owners('entrust.net'), ['Sectigo', 'SSL.com'])
        self.assertEqual(self.owners('amazon.com'), ['Amazon', 'DigiCert'])
        self.assertEqual(self.owners('pki.goog', 'accv.es'), ['ACCV', 'Google Trust Services'])
        tencent = self.cas('tencent')
        self.assertEqual([(product['publish'], product['since'], product['until']) for product in tencent['products']],
                         [('sectigo.com', None, '2025-01-01'), ('digicert.com', '2025-01-01', '2026-06-01'),
                          ('trustasia.com', '2026-06-01', None)])
        self.assertEqual((tencent['cas'], tencent['validations']), ([], []))

    def test_text_of_one(self):
        said = self.caaudit('cas', 'sectigo.com', 'zerossl.com').out
        for word in ('Sectigo (sectigo.com)\n  Names ', '\n  Deprecated  comodo.com comodoca.com\n', '\n  Persistent  ',
                     'HEX32.HEX32.sectigo.com', 'ca-tbr-7', 'host and above', 'acme.zerossl.com',
                     '\n\nZeroSSL (zerossl.com zerossl)\n  Issued by   Sectigo, sectigo.com '):
            self.assertIn(word, said)
        self.assertIn('ended on 2025-10-28', self.caaudit('cas', 'digicert.com').out)
        self.assertIn('Staging     acme-staging', self.caaudit('cas', 'letsencrypt.org').out)

    def test_unknown(self):
        self.fails('cas', 'letsencrypt.com', says="did you mean 'letsencrypt.org'")
        self.fails('cas', 'comodo.net', says="did you mean 'sectigo.com'")
        self.fails('cas', 'sectgo', says="did you mean 'Sectigo'|did you mean 'sectigo.com'")
        self.fails('cas', 'tencnt', says="did you mean 'tencent'")
        self.fails('cas', 'ca.example.net', says="'caaudit cas' lists them")
        self.fails('cas', '', says="'caaudit cas' lists them")
        self.fails('cas', 'x' * 300, says='300 characters')
        self.fails('cas', '--format', 'json', 'sectigo.com', 'a.example', 'b.example', says='a.example', lines=2)
        self.fails('cas', '--strict', says='no option')

    def test_narrow(self):
        for columns in (20, 40, 60, 80, 132):
            for words in ([], ['digicert.com', 'tencent']):
                for line in plain(self.terminal('cas', *words, columns=columns)).splitlines():
                    if len(line) > columns:
                        # A name, or a heading, or a word that does not fit.
                        self.assertRegex(line, r'^( *\S+|\S.*\)|Validations .*| +(\w+ ?\w*) +\S+)$')

    # --- in a zone

    def verdicts(self, zone, hosts, ca):
        """{(host, wildcard): permitted} for one CA."""
        options = [word for host in hosts for word in ('--host', host)]
        run = self.caaudit('check', '--format', 'json', '--ca', ca, *options, zone)
        self.assertIn(run.code, (0, 1))
        return {(entry['host'].split('.')[0], entry['wildcard']): entry['permitted']
                for entry in json.loads(run.out)['hosts']}

    def test_every_name_permits_its_cas_and_no_other(self):
        """Each name of the table in a CAA record of its own, each CA asked for, plain and wildcard."""
        cas = self.cas()['cas']
        names = sorted({name for ca in cas for name in ca['names']})
        hosts = [f'h{number}' for number in range(len(names))]
        zone = self.put('example.com.zone', SANE + ''.join(
            f'{host} 3600 CAA 0 issue "{name}"\n' for host, name in zip(hosts, names)))
        for ca in cas:
            found = self.verdicts(zone, hosts, ca['publish'])
            self.assertEqual(found, {(host, wildcard): name in ca['names'] for host, name in zip(hosts, names)
                                     for wildcard in (False, True)}, ca['owner'])

    def test_a_ca_is_wanted_by_each_of_its_names(self):
        zone = self.put('example.com.zone', SANE + '@ 3600 CAA 0 issue "sectigo.com"\n')
        for name in self.cas('sectigo.com')['cas'][0]['names']:
            self.assertEqual(set(self.verdicts(zone, ['@'], name).values()), {True}, name)
            self.assertEqual(set(self.verdicts(zone, ['@'], name.upper() + '.').values()), {True}, name)

    def test_twin(self):
        """The comparison sees a name that is not of the CA."""
        zone = self.put('example.com.zone', SANE + 'h0 3600 CAA 0 issue "sectigo.com"\nh1 3600 CAA 0 issue "a.test"\n')
        self.assertEqual(self.verdicts(zone, ['h0', 'h1'], 'sectigo.com'),
                         {('h0', False): True, ('h0', True): True, ('h1', False): False, ('h1', True): False})


if __name__ == '__main__':
    unittest.main()
