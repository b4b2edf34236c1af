# SPDX-License-Identifier: GPL-2.0-or-later

"""What a validating resolver makes of odd aliases is what the audit says of them."""

import harness
from harness import zone_file
from synthesis import POLICY, SIGNED, UNBOUND, Resolver, Synthesis

CHAIN = 12
SERVFAIL = 2
# Hosts of a kind each, and the records that make it.
ALIASES = {
    'plain': 'plain A 192.0.2.2',
    'eleven': '\n'.join(['eleven CNAME e1', *(f'e{number} CNAME e{number + 1}' for number in range(1, CHAIN - 1)),
                         f'e{CHAIN - 1} CAA 0 issue "letsencrypt.org"']),
    'twelve': '\n'.join(['twelve CNAME t1', *(f't{number} CNAME t{number + 1}' for number in range(1, CHAIN)),
                         f't{CHAIN} CAA 0 issue "letsencrypt.org"']),
    'circle': 'circle CNAME back\nback CNAME circle',
    'x.pair': 'pair DNAME other\nother DNAME pair',
    'x.same': 'same DNAME same',
    # Below its own name: each answer is longer than the one before.
    'x.grows': 'grows DNAME a.grows',
    'to-grows': 'to-grows CNAME x.grows',
    # A DNAME says nothing of its own name.
    'grows': '',
}
SOUND = ('plain', 'eleven', 'grows')
# Without validation the resolver takes the first alias for all of the answer.
ENDLESS = ('x.same', 'x.grows', 'to-grows')


class Aliases(Synthesis):
    def test_aliases(self):
        """An error where it answers SERVFAIL, a warning where others might, and nothing else."""
        if UNBOUND is None:
            self.skipTest('no unbound')
        text = zone_file('@ CAA 0 issue "letsencrypt.org"\n' + '\n'.join(ALIASES.values()) + '\n')
        zones = [f'{mode}.test' for mode in SIGNED]
        server = self.synthesizing(dict.fromkeys(zones, text),
                                   ['ca: letsencrypt.org', f'host: [ {", ".join(ALIASES)} ]'],
                                   {f'{mode}.test': [*options, 'module: mod-caaudit/default']
                                    for mode, options in SIGNED.items()}, extra=POLICY)
        for mode, zone in zip(SIGNED, zones):
            server.wait_audit(zone)
            said = {line.fields['owner']: line.severity for line in server.events('finding', zone)
                    if line.fields['id'] == 'caa-alias-loop'}
            resolver = Resolver(self, server, [zone])
            for host in ALIASES:
                answer = resolver.ask(f'{host}.{zone}', 'CAA')
                with self.subTest(mode=mode, host=host):
                    endless = host in ENDLESS and mode == 'plain'
                    self.assertEqual(said.get(f'{host}.{zone}.'),
                                     'warning' if endless else 'error' if answer.rcode == SERVFAIL else None,
                                     resolver.said())
                    self.assertEqual(answer.rcode, 0 if host in SOUND or endless else SERVFAIL)
                    self.assertEqual(answer.authentic, mode != 'plain' and host in SOUND)
            resolver.stop()


if __name__ == '__main__':
    harness.main()
