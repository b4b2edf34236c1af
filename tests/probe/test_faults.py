# SPDX-License-Identifier: GPL-2.0-or-later

"""Six real servers of one zone, and one fault after the other: each is found by its id, and nothing else is.

The end of the output is a table, faults down and kinds of server across.
"""

import sys
import time
import unittest

from farm import Bind
from support import TARGET, ZONE, FarmCase, found, zone


def drop_type(number, names):
    """A packet filter that drops questions of a type, as old firewalls do: it looks where the type stands
    behind names of these lengths."""
    lengths = sorted({sum(len(label) + 1 for label in name.split('.')) + 1 for name in names})
    return [f'udp dport 53 @th,{(8 + 12 + length) * 8},32 {number << 16 | 1:#x} drop' for length in lengths]


DROP_CAA = drop_type(257, [ZONE, f'www.{ZONE}', f'shop.{ZONE}'])
DROP_EDNS = ['udp dport 53 @th,144,16 != 0 drop']


class Faults(FarmCase):
    # --- nothing is wrong

    def test_sound_farm(self):
        document = self.sound(v6=True)
        self.assertEqual(len(document['servers']), 12)
        self.assertTrue(all(server['alike'] for server in document['servers']))
        self.assertTrue(all(host['permitted'] for host in document['hosts']))
        self.assertEqual([validation['state'] for validation in document['validations']], ['present'])
        result = self.farm.run(self.words())
        self.assertEqual((result.returncode, result.stderr), (0, ''))
        self.assertIn('6 of 6 servers answer alike\n', result.stdout)

    # --- what the zone is

    def test_stale_secondary(self):
        def check(kind, server):
            self.serve(zone(serial=6), server)
            self.fault('stale, same CAA', kind, 'probe-serial-behind', 'warning')
            self.serve(zone(serial=6, more='@ 3600 CAA 0 issue "letsencrypt.org"\n'), server)
            self.fault('stale, another CAA', kind, 'probe-serial-behind', 'error')
        self.each(check)

    def test_other_data(self):
        def check(kind, server):
            self.serve(zone(more='@ 3600 CAA 0 issue "letsencrypt.org"\n'), server)
            document = self.fault('another CAA', kind, 'probe-answers-differ', 'error')
            self.assertEqual(document['findings'][0]['owner'], f'{ZONE}.')
            self.serve(zone().replace(TARGET, '0' * 32 + TARGET[32:]), server)
            document = self.document(code=1)
            self.assertEqual(found(document), {'probe-answers-differ': [server.v4], 'dcv-target-mismatch': [server.v4]})
            self.assertEqual([validation['state'] for validation in document['validations']], ['differs'])
        self.each(check)

    def test_one_server_denies(self):
        """The audit says it of that server, and nothing is known of the host."""
        server = self.servers[0]
        self.serve(zone(caa='letsencrypt.org'), server)
        document = self.document(code=1)
        self.assertEqual(found(document), {id: [server.v4] for id in
                                           ('probe-answers-differ', 'caa-issue-denied', 'caa-issuewild-denied')})
        self.assertEqual({host['permitted'] for host in document['hosts']}, {None})
        self.assertEqual(document['hosts'][0]['denied_at'], [server.v4])

    # --- what the server does

    def test_refused(self):
        def check(kind, server):
            server.restart(**{
                'knotd': {'modules': ['mod-queryacl:', '  - id: nobody', '    address: 192.0.2.99'],
                          'template': ['module: mod-queryacl/nobody'], 'refuses': True},
                'nsd': {'zone': ['allow-query: 192.0.2.99 NOKEY'], 'refuses': True},
                'named': {'zone': ['allow-query { none; };'], 'refuses': True},
            }[kind.kind])
            self.fault('refused by ACL', kind, 'probe-server-lame', 'warning')
        self.each(check)

    def test_zone_not_there(self):
        def check(kind, server):
            del server.zones[ZONE]
            server.write('other.test', zone().replace(ZONE, 'other.test'))
            server.restart()
            self.fault('zone not configured', kind, 'probe-server-lame', 'warning')
        self.each(check)

    def test_not_authoritative(self):
        def check(kind, server):
            server.restart(flags=['noaa'])
            self.fault('no AA', kind, 'probe-server-lame', 'warning')
        self.each(check, [Bind])

    def test_negative_without_soa(self):
        def check(kind, server):
            server.restart(flags=['nosoa'])
            self.fault('no SOA in negative answers', kind, 'probe-negative-without-soa', 'warning')
        self.each(check, [Bind])

    def test_edns(self):
        def check(kind, server):
            for fault, flag in (('EDNS stripped', 'noedns'), ('EDNS dropped by the server', 'dropedns'),
                                ('FORMERR to EDNS', 'ednsformerr'), ('NOTIMP to EDNS', 'ednsnotimp')):
                server.restart(flags=[flag])
                self.fault(fault, kind, 'probe-edns-broken', 'warning')
        self.each(check, [Bind])
        def check(kind, server):
            server.nft(*DROP_EDNS)
            self.fault('EDNS dropped by a filter', kind, 'probe-edns-broken', 'warning')
        self.each(check)

    def test_rate_limit(self):
        """A limit below what twenty hosts ask for; slip 1 truncates, slip 2 every other one. Servers count
        answers from a wildcard together."""
        hosts = [word for number in range(20) for word in ('--host', f'h{number}')]
        self.serve_all(zone(more='* 3600 A 192.0.2.1\n'))
        self.sound(hosts=hosts)
        for slip in (1, 2):
            def check(kind, server):
                server.restart(**{
                    'knotd': {'modules': ['mod-rrl:', '  - id: few', '    rate-limit: 3', f'    slip: {slip}'],
                              'template': ['module: mod-rrl/few']},
                    'nsd': {'server': ['rrl-ratelimit: 3', f'rrl-slip: {slip}', 'rrl-whitelist-ratelimit: 3']},
                    'named': {'options': [f'rate-limit {{ responses-per-second 3; slip {slip}; window 1; }};']},
                }[kind.kind])
                self.fault(f'rate limit, slip {slip}', kind, 'probe-udp-limited', 'warning', hosts=hosts)
            self.each(check)

    # --- what is between

    def test_type_257_dropped(self):
        def check(kind, server):
            server.nft(*DROP_CAA)
            document = self.fault('type 257 dropped', kind, 'probe-type-dropped', 'error')
            self.assertTrue(document['hosts'])
            for host in document['hosts']:
                self.assertEqual((host['permitted'], host['unknown_at']), (True, [server.v4]))
        self.each(check)

    def test_tcp(self):
        def check(kind, server):
            server.nft('tcp dport 53 reject with tcp reset')
            self.fault('TCP reset', kind, 'probe-tcp-refused', 'warning')
            server.nft('tcp dport 53 drop')
            self.fault('TCP dropped', kind, 'probe-tcp-refused', 'warning')
        self.each(check)

    def test_tcp_that_is_needed(self):
        """An answer that does not fit into a datagram."""
        many = ''.join(f'@ 3600 CAA 0 iodef "mailto:security-contact-{number}@farm.test"\n' for number in range(30))
        self.serve_all(zone(more=many))
        self.assertEqual(set(found(self.document())), {'caa-answer-large'})
        def check(kind, server):
            server.nft('tcp dport 53 reject with tcp reset')
            document = self.document(code=1)
            self.assertEqual(found(document)['probe-tcp-refused'], [server.v4])
            self.assertEqual({finding['id']: finding['severity'] for finding in document['findings']},
                             {'probe-tcp-refused': 'error', 'caa-answer-large': 'notice'})
            self.note('TCP reset, and it is needed', kind, 'probe-tcp-refused (error)')
        self.each(check)

    def test_dead(self):
        def check(kind, server):
            server.nft('drop')
            document = self.fault('dead: silent', kind, 'probe-server-silent', 'warning')
            self.assertEqual([entry['state'] for entry in document['servers'] if entry['server'] == server.v4],
                             ['silent'])
            server.nft()
            server.stop()
            self.fault('dead: port closed', kind, 'probe-server-silent', 'warning')
            server.start()
        self.each(check)
        def check(kind, server):
            server.nft('udp dport 53 drop')
            self.fault('UDP dropped, TCP answered', kind, 'probe-server-silent', 'warning')
        self.each(check)

    def test_ipv6_only(self):
        def check(kind, server):
            server.nft('meta nfproto ipv6 udp dport 53 drop', 'meta nfproto ipv6 tcp dport 53 drop')
            self.fault('IPv6 filtered', kind, 'probe-server-silent', 'warning', v6=True, at=server.v6)
        self.each(check)

    # --- twins, and time

    def test_two_faults_are_both_found(self):
        first, second = self.servers[0], self.servers[4]
        first.nft(*DROP_CAA)
        self.serve(zone(serial=6), second)
        self.assertEqual(found(self.document(code=1)),
                         {'probe-type-dropped': [first.v4], 'probe-serial-behind': [second.v4]})

    def test_twenty_hosts_with_one_dead_server(self):
        hosts = [word for number in range(20) for word in ('--host', f'h{number}')]
        more = ''.join(f'h{number} 3600 A 192.0.2.1\n' for number in range(20))
        self.serve_all(zone(more=more))
        self.servers[2].nft('drop')
        times = []
        for _ in range(3):
            begin = time.monotonic()
            document = self.document(hosts=hosts, code=1)
            times.append(time.monotonic() - begin)
            self.assertEqual(found(document), {'probe-server-silent': [self.servers[2].v4]})
        print('six servers, twenty hosts, one dead: ' + ', '.join(f'{seconds:.2f} s' for seconds in times),
              file=sys.stderr)


if __name__ == '__main__':
    unittest.main(verbosity=2)
