# SPDX-License-Identifier: GPL-2.0-or-later

"""A signed zone on six servers: what a CA would verify, of each server's answers; zones below; wildcards."""

import unittest

import farm
from farm import Bind
from support import HASH, TARGET, ZONE, FarmCase, found, zone

CHILD = f'sub.{ZONE}'
BELOW = f'''{CHILD}. 3600 NS ns1
* 3600 A 192.0.2.7
deep.under 3600 CAA 0 issue "sectigo.com"
deep.under 3600 CAA 0 issuewild "sectigo.com"
'''
HOSTS = ['--host', '@', '--host', 'www', '--host', 'shop', '--host', 'x.under', '--host', 'deep.under',
         '--host', 'nowhere', '--validation', f'{HASH}.www {TARGET}']


class Signed:
    """Mixed into cases with a chain each."""

    nsec3 = False

    @classmethod
    def setUpClass(cls):
        if farm.available() is None:
            cls.signer = farm.Signer(ZONE, farm.tempfile.mkdtemp(prefix='caaudit-keys-'))
            cls.addClassCleanup(farm.shutil.rmtree, cls.signer.dir, True)
        super().setUpClass()

    def settled(self, document):
        """All but the one finding that each server must show: a host at which there is nothing."""
        self.assertEqual([finding['owner'] for finding in document['findings'] if finding['id'] == 'host-missing'],
                         [f'x.under.{ZONE}.'])
        at = found(document)
        self.assertEqual(at.pop('host-missing'), sorted(server['server'] for server in document['servers']))
        return at

    def sound(self, *words, **options):
        document = self.document(*words, code=1, **options)
        self.assertEqual((self.settled(document), document['not_checked']), ({}, []))
        return document

    @classmethod
    def signed(cls, *options, **parts):
        return cls.signer.sign(zone(more=BELOW, **parts), *options, nsec3=cls.nsec3)

    @classmethod
    def sound_zone(cls):
        if not hasattr(cls, 'kept'):
            cls.kept = cls.signed()
        return cls.kept

    def test_sound_farm(self):
        document = self.sound('--ds', self.signer.ds(), hosts=HOSTS, v6=True)
        self.assertEqual(document['dnssec']['chain'], 'whole')
        self.assertTrue(all(host['permitted'] for host in document['hosts']), document['hosts'])
        self.assertEqual(document['dnssec']['checked'], document['dnssec']['valid'])
        self.assertGreater(document['dnssec']['checked'], 5)

    def test_zone_below_on_the_same_servers(self):
        """It answers in its own name, without a referral. Nothing is known of it, and nothing is wrong."""
        child = f'''$ORIGIN {CHILD}.
@ 3600 SOA ns1.{ZONE}. hostmaster 1 3600 600 86400 300
@ 3600 NS ns1.{ZONE}.
@ 3600 CAA 0 issue "letsencrypt.org"
x 3600 A 192.0.2.1
'''
        hosts = [*HOSTS, '--host', 'sub', '--host', 'x.sub']
        self.refers(hosts)
        for server in self.servers[1:4]:
            server.write(CHILD, child)
            server.restart()
        self.refers(hosts)

    def refers(self, hosts):
        document = self.document(hosts=hosts)
        self.assertEqual(self.settled(document), {})
        self.assertTrue(all(server['alike'] for server in document['servers']))
        permitted = {host['host']: host['permitted'] for host in document['hosts']}
        self.assertEqual({name for name, value in permitted.items() if value is None}, {f'{CHILD}.', f'x.{CHILD}.'})

    def test_signed_by_another_signer(self):
        """Other signatures over the same records are no difference."""
        self.serve(self.signed('-s', '20200101000000', '-e', '20370101000000'), *self.servers[:3])
        self.sound(hosts=HOSTS)

    def test_expired_at_one_server(self):
        def check(kind, server):
            self.serve(self.signed('-s', '20200101000000', '-e', '20200201000000'), server)
            document = self.document(code=1)
            self.assertEqual(found(document), {'dnssec-rrsig-expired': [server.v4]})
        self.each(check)

    def test_unsigned_at_one_server(self):
        """The keys are gone there, and with them all signatures."""
        def check(kind, server):
            self.serve(zone(more=BELOW), server)
            self.fault('unsigned at one server', kind, 'probe-answers-differ', 'error')
        self.each(check)

    def test_without_edns_there_are_no_signatures(self):
        def check(kind, server):
            server.restart(flags=['noedns'])
            found_at = found(self.document(code=1))
            self.assertEqual(found_at.pop('probe-edns-broken'), [server.v4])
            self.assertEqual(set(found_at), {'dnssec-rrsig-missing', 'dnssec-denial-missing'})
            self.assertEqual({at for servers in found_at.values() for at in servers}, {server.v4})
        self.each(check, [Bind])


class Nsec(Signed, FarmCase):
    pass


class Nsec3(Signed, FarmCase):
    nsec3 = True


if __name__ == '__main__':
    unittest.main(verbosity=2)
