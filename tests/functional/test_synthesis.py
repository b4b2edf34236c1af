# SPDX-License-Identifier: GPL-2.0-or-later

"""Synthesised answers are those of a server whose zone has the records, or nothing is changed."""

import os
import pathlib
import shlex
import subprocess
import threading
import time
import unittest

import harness
import watch
from harness import LOOPBACK_ACL, zone_file
from synthesis import DELV, KEYMGR, POLICY, SIGNED, SYNTHESIZE, TYPES, UNBOUND, Resolver, Synthesis, ask

# --- zones

# Kind of a set: its records, and the properties that are missing for sectigo.com.
KINDS = {
    'none': ([], []),
    'other': (['0 issue "ca.example"'], ['0 issue "sectigo.com"']),
    'nobody': (['0 issue ";"'], []),
    'both': (['0 issue ";"', '0 issue "ca.example"'], ['0 issue "sectigo.com"']),
    'wild': (['0 issuewild "ca.example"'], ['0 issuewild "sectigo.com"']),
    'wildnobody': (['0 issuewild ";"'], []),
    'critical': (['0 issue "ca.example"', '128 tbs "x"'], []),
    'malformed': (['0 issue "ca.example"', '\\# 2 0005'], []),
}
EXTENDED = [kind for kind, (_, added) in KINDS.items() if added]
OWNERS = {'apex': '@', 'below': 'below', 'alias': 'target', 'wildcard': '*.wild'}
# No host is bar.wild, but resolvers reuse what they know of the wildcard (RFC 8198 section 5.3). Behind an alias the
# module cannot tell which wildcard has answered before Knot DNS 3.3.5.
ASKED = ['', 'below.', 'www.', 'target.', 'foo.wild.', 'bar.wild.', 'absent.', 'foreign.', 'sub.', 'x.dname.',
         *(['towild.'] if harness.knot_version() >= (3, 3, 5) else [])]
HOSTS = 'host: [ "@", below, www, foo.wild, foreign, sub, x.dname ]'


def zone_of(kind, extended=False):
    have, missing = KINDS[kind]
    records = ''.join(f'{owner} 3600 CAA {record}\n' for owner in OWNERS.values()
                      for record in have + (missing if extended else []))
    return zone_file(f'{records}www CNAME target\nforeign CNAME ca.example.net.\nsub NS ns\n'
                     'sub CAA 0 issue "b.example"\ndname DNAME below\ntowild CNAME baz.wild\ntext TXT "x"\nbelow A 192.0.2.2\n')


class Answers(Synthesis):
    # answers

    def presigned(self):
        """Zones that were signed elsewhere. Knot cannot write a malformed CAA record into a file."""
        zones = {f'{kind}.pre.test': zone_of(kind) for kind in KINDS if kind != 'malformed'}
        server = self.server(zones, module=False, template=['dnssec-signing: on'])
        for zone in zones:
            server.wait_line(lambda line, zone=zone: line.zone == f'{zone}.' and 'zone file updated' in line.text)
        self.assertEqual(server.stop(), 0)
        return {zone: server.file(zone).read_text() for zone in zones}

    def pair(self):
        """A server that synthesises, and one that has the records, or must be the same without them."""
        presigned = self.presigned()
        zones, reference, options, plain_options = dict(presigned), dict(presigned), {}, {}
        for kind in KINDS:
            for mode, signing in SIGNED.items():
                name = f'{kind}.{mode}.test'
                zones[name], reference[name] = zone_of(kind), zone_of(kind, True)
                options[name] = [*signing, 'module: mod-caaudit/default']
                plain_options[name] = signing
            for mode, modules, extended in (('online', 'mod-caaudit/default, mod-onlinesign/nsec', True),
                                            ('late', 'mod-onlinesign/nsec, mod-caaudit/default', False)):
                name = f'{kind}.{mode}.test'
                zones[name], reference[name] = zone_of(kind), zone_of(kind, extended)
                options[name] = [f'module: [ {modules} ]']
                plain_options[name] = ['module: mod-onlinesign/nsec']
        for name in presigned:
            options[name] = ['module: mod-caaudit/default']
        ours = self.synthesizing(zones, [HOSTS], options, extra=POLICY, template=(), slow=3)
        theirs = self.server(reference, module=False, zone_options=plain_options, extra=POLICY, slow=3)
        for server in (ours, theirs):
            for zone in zones:
                server.wait_loaded(zone)
        for zone in zones:
            if not zone.startswith('malformed.nsec'):  # Knot cannot write it into its file
                ours.wait_audit(zone)
        return ours, theirs, list(zones)

    def test_matrix(self):
        ours, theirs, zones = self.pair()
        for zone in zones:
            for name in ASKED:
                for type in ('CAA', 'ANY', 'CNAME'):
                    for tcp in (False, True):
                        for do in (False, True):
                            self.same(ours, theirs, name + zone, type, tcp=tcp, do=do)
                self.same(ours, theirs, name + zone, 'CAA', size=0)
            kind, mode, _ = zone.split('.')
            extended = bool(KINDS[kind][1]) and mode not in ('late', 'pre')
            for do in (False, True):
                found = ask(ours, zone, 'CAA', do=do).caa
                self.assertEqual([line for line in found if 'sectigo.com' in line] != [], extended, zone)

            # Only what is ours is counted, and only what is changed.
            counters = ours.stats(zone)
            self.assertEqual(counters['synthesized[caa]'] > 0, extended, zone)
            # By default nobody wants wildcards where ';' denies them alone.
            self.assertEqual(counters['synth-refused'] > 0,
                             not extended and kind not in ('none', 'wildnobody'), zone)
            self.assertEqual(counters['synthesized[validation]'], 0)

        # What is refused for safety is a finding, and an error if it can never be done.
        for zone in zones:
            mode = zone.split('.')[1]
            wrong = {'late': 'mod-onlinesign stands before', 'pre': 'not by this server'}.get(mode)
            if wrong is None:
                self.assertEqual(ours.stats(zone)['findings[synth-unsafe]'], 0, zone)
                continue
            line = ours.wait_event('finding', zone, id='synth-unsafe')
            self.assertIn(wrong, line.text)
            self.assertEqual(line.severity, 'error' if mode == 'pre' else 'warning')
            ours.wait_stats('synth-unsafe', lambda counters: counters['findings[synth-unsafe]'] == 1, zone)

        # Validators accept every answer, whatever they have heard before.
        signed = [zone for zone in zones if '.plain.' not in zone]
        if DELV is not None:
            for zone in [f'{kind}.{mode}.test' for kind in EXTENDED for mode in ('nsec', 'nsec3', 'online')]:
                for name in ('', 'www.', 'foo.wild.'):
                    self.validates(ours, zone, name + zone)
        if UNBOUND is None:
            self.skipTest('no unbound')
        for denial_first in (False, True):
            resolver = Resolver(self, ours, signed)
            for zone in signed:
                kind, mode, _ = zone.split('.')
                if denial_first:
                    for name in ('nx.', 'nx.below.', 'wild.', 'below.', '', 'text.'):
                        resolver.ask(name + zone, 'TXT')
                for name in ('', 'below.', 'www.', 'target.', 'foo.wild.', 'bar.wild.'):
                    answer = resolver.ask(name + zone, 'CAA')
                    with self.subTest(name=name + zone, denial_first=denial_first):
                        # A target or wildcard without any record does not exist.
                        self.assertIn(answer.rcode, (0, 3) if kind == 'none' else (0,), resolver.said())
                        self.assertTrue(answer.authentic, resolver.said())
                        # A negative answer for a wildcard owner too is what the zone says.
                        expected = KINDS[kind][0] + (KINDS[kind][1] if mode not in ('late', 'pre') else [])
                        self.assertEqual(len(answer.has('CAA')), len(expected))
            resolver.stop()

    def test_sizes(self):
        """UDP: what does not fit is truncated as with stored records."""
        def zone(count, *more):
            records = [f'0 issue "ca{number:03}.example"' for number in range(count)] + list(more)
            return zone_file(''.join(f'@ CAA {record}\nt CAA {record}\n' for record in records) + 'www CNAME t\n')
        counts = [5, 10, 11, 12, 13, 14, 15, 16, 30, 31, 32, 33, 34, 35, 36, 37, 38, 600]
        for mode, options in SIGNED.items():
            names = [f'z{count}.{mode}.test' for count in counts]
            signing = {name: options for name in names}
            ours = self.synthesizing({name: zone(count) for name, count in zip(names, counts)},
                                     ['host: [ "@", www ]'], extra=POLICY,
                                     zone_options={name: [*options, 'module: mod-caaudit/default'] for name in names})
            theirs = self.server({name: zone(count, '0 issue "sectigo.com"') for name, count in zip(names, counts)},
                                 module=False, extra=POLICY, zone_options=signing)
            for server in (ours, theirs):
                for name in names:
                    server.wait_loaded(name)
            seen = set()
            for name in names:
                for host in (name, f'www.{name}'):
                    for do in (False, True):
                        for size in (512, 1232):
                            self.same(ours, theirs, host, 'CAA', do=do, size=size)
                            seen.add(ask(ours, host, 'CAA', do=do, size=size).truncated)
                        self.same(ours, theirs, host, 'CAA', do=do, tcp=True)
                        self.assertIn('issue sectigo.com', ask(ours, host, 'CAA', do=do, tcp=True).caa)
            self.assertEqual(seen, {False, True})
            ours.stop()
            theirs.stop()

    def test_options(self):
        """strict, override-denial, wildcard and the wanted CAs decide what is added."""
        cases = {
            'strict': (['strict: on'], ['0 issue "sectigo.com"'], ['issuewild sectigo.com']),
            'first': (['strict: on'], ['0 issue "ca.example; a=b"'],
                      ['issue sectigo.com', 'issuewild ca.example; a=b', 'issuewild sectigo.com']),
            'override': (['override-denial: on', 'wildcard: on'], ['0 issue ";"', '0 issuewild ";"'],
                         ['issue sectigo.com', 'issuewild sectigo.com']),
            'nowild': (['wildcard: off'], ['0 issue "ca.example"', '0 issuewild "ca.example"'], ['issue sectigo.com']),
            'two': (['ca: [ a.example, b.example ]'], ['0 issue "ca.example"'], ['issue a.example', 'issue b.example']),
            'alias': (['ca: [ usertrust.com ]'], ['0 issue "sectigo.com"'], []),
            'nohost': (['host: [ www ]'], ['0 issue "ca.example"'], ['issue sectigo.com']),
            'iodef': (['strict: on'], ['0 iodef "mailto:a@example.com"'], []),
        }
        server = self.synthesizing({f'{name}.test': zone_file(''.join(f'@ CAA {record}\nother CAA {record}\n'
                                                                      for record in have))
                                    for name, (_, have, _) in cases.items()},
                                   modules={name: [SYNTHESIZE, *options] for name, (options, _, _) in cases.items()},
                                   zone_options={f'{name}.test': [f'module: mod-caaudit/{name}'] for name in cases})
        for name, (_, have, added) in cases.items():
            with self.subTest(name):
                server.wait_audit(f'{name}.test')  # Before, and before Knot 3.3.5, a host's own set is certain alone.
                stored = sorted(record.split(' ', 1)[1].replace('"', '') for record in have)
                self.assertEqual(ask(server, f'{name}.test', 'CAA').caa, sorted(stored + added))
                # A set that decides for no host is nobody's business.
                self.assertEqual(ask(server, f'other.{name}.test', 'CAA').caa, stored)

    def test_restrictions(self):
        """The table of what stands and what is wanted: what lifts a restriction is refused, and the advice is
        what is answered. The set above, which decides for no host, stays as it is."""
        one, two = '; accounturi=https://ca.example/1', '; accounturi=https://ca.example/2'
        strict, override = ['strict: on'], ['override-denial: on']
        # Options, the set, what comes, and whether something is refused.
        table = {
            'other': ([], ['issue ca.example'], ['issue sectigo.com'], False),
            'account': ([], [f'issue sectigo.com{one}', 'issuewild ca.example'], [f'issuewild sectigo.com{one}'], False),
            'method': (strict, ['issue sectigo.com; validationmethods=dns-01'],
                       ['issuewild sectigo.com; validationmethods=dns-01'], False),
            'pair': (strict, [f'issue sectigo.com{one}'], [f'issuewild sectigo.com{one}'], False),
            'twice': ([], [f'issue sectigo.com{one}{two}'], [], True),
            'nomethod': ([], ['issue sectigo.com; validationmethods='], [], True),
            'comma': ([], [f'issue sectigo.com{one}; validationmethods=dns-01,'], [], True),
            'nouri': ([], ['issue sectigo.com; accounturi=1'], [], True),
            'forced': (override, ['issue sectigo.com; accounturi=1'], ['issue sectigo.com'], False),
            'nobody': ([], ['issue ;'], [], True),
            'nobodyforced': (override, ['issue ;'], ['issue sectigo.com'], False),
            'nowild': (['wildcard: on'], ['issue sectigo.com', 'issuewild ;'], [], True),
            'nowildforced': (['wildcard: on', *override], ['issue sectigo.com', 'issuewild ;'],
                             ['issuewild sectigo.com'], False),
            'first': (strict, ['issuewild sectigo.com'], [], True),
            'iodef': (strict, ['iodef mailto:a@example.com'], [], True),
        }
        def quoted(properties):
            return [f'0 {tag} "{value}"' for tag, _, value in (line.partition(' ') for line in properties)]
        names = {(kind, mode): f'{kind}.{mode}.test' for kind in table for mode in SIGNED}
        server = self.synthesizing(
            {name: zone_file(''.join(f'@ CAA {record}\nwww CAA {record}\n' for record in quoted(table[kind][1])))
             for (kind, _), name in names.items()},
            modules={kind: [SYNTHESIZE, 'host: [ www ]', *options] for kind, (options, *_) in table.items()},
            zone_options={name: [*SIGNED[mode], f'module: mod-caaudit/{kind}'] for (kind, mode), name in names.items()},
            template=(), extra=POLICY)
        resolver = UNBOUND and Resolver(self, server, [name for (_, mode), name in names.items() if mode != 'plain'])
        for (kind, mode), name in names.items():
            _, stored, added, refused = table[kind]
            server.wait_audit(name)
            with self.subTest(kind=kind, mode=mode):
                self.assertEqual(ask(server, f'www.{name}', 'CAA').caa, sorted(stored + added))
                self.assertEqual(ask(server, name, 'CAA').caa, sorted(stored))
                counters = server.stats(name)
                self.assertEqual((counters['synthesized[caa]'], counters['synth-refused']), (bool(added), refused))
                said = ' '.join(line.text for line in server.events('finding', name))
                for record in quoted(added):
                    self.assertIn(f'publish: www.{name}. 3600 CAA {record}', said)
                self.assertEqual('publish: ' in said, bool(added), said)
                if resolver and mode != 'plain':
                    answer = resolver.ask(f'www.{name}', 'CAA')
                    self.assertEqual((answer.authentic, answer.caa), (True, sorted(stored + added)), resolver.said())

    def test_rotation(self):
        server = self.synthesizing({'example.test': zone_file('@ CAA 0 issue "ca.example"')},
                                   server_options=['answer-rotation: on'])
        self.assertEqual(ask(server, 'example.test', 'CAA').caa, ['issue ca.example', 'issue sectigo.com'])

    # life

    def test_updates(self):
        """After a dynamic update the very next answer is right."""
        zone = zone_file('www CNAME t\nt CAA 0 issue "ca.example"\n*.w CAA 0 issue "ca.example"')
        zones = {f'{mode}.test': zone for mode in SIGNED}
        server = self.synthesizing(zones, ['host: [ "@", www, a.w, new ]', 'audit-delay: 3600'],
                                   {f'{mode}.test': [*options, 'module: mod-caaudit/default', 'acl: loopback']
                                    for mode, options in SIGNED.items()}, extra=LOOPBACK_ACL + POLICY)
        for zone in zones:
            server.wait_loaded(zone)

            def check(name, expected, zone=zone):
                for how in ({}, {'do': True}, {'tcp': True}):
                    self.assertEqual(ask(server, name + zone, 'CAA', **how).caa, expected, name + zone)
                if zone != 'plain.test' and expected:
                    self.validates(server, zone, name + zone)
            check('', [])
            check('www.', ['issue ca.example', 'issue sectigo.com'])
            check('a.w.', ['issue ca.example', 'issue sectigo.com'])
            server.update(zone, f'add {zone} 3600 CAA 0 issue "b.example"')
            check('', ['issue b.example', 'issue sectigo.com'])
            server.update(zone, f'add {zone} 3600 CAA 0 issuewild "b.example"')
            check('', ['issue b.example', 'issue sectigo.com', 'issuewild b.example', 'issuewild sectigo.com'])
            server.update(zone, f'add {zone} 3600 CAA 128 tbs "x"')
            check('', ['issue b.example', 'issuewild b.example', 'tbs x'])
            server.update(zone, f'del {zone} CAA', f'add t.{zone} 3600 CAA 0 issue "sectigo.com"')
            check('', [])
            check('www.', ['issue ca.example', 'issue sectigo.com'])
            server.update(zone, f'del www.{zone} CNAME', f'add new.{zone} 60 CNAME u.{zone}',
                          f'add u.{zone} 60 CAA 0 issue "b.example"')
            check('www.', [])
            check('new.', ['issue b.example', 'issue sectigo.com'])
            check('u.', ['issue b.example', 'issue sectigo.com'])

    def test_rollover(self):
        """Every answer validates while keys come and go."""
        zone = ('@ 1 SOA ns a 1 1 1 1 1\n@ 1 NS ns\nns 1 A 192.0.2.1\n@ 1 CAA 0 issue "ca.example"\n'
                'www 1 CNAME t\nt 1 CAA 0 issue "ca.example"\n')
        policy = '''
policy:
  - id: fast
    dnskey-ttl: 1
    propagation-delay: 1
    zone-max-ttl: 1
    cds-cdnskey-publish: none
  - id: rsa
    algorithm: rsasha256
    dnskey-ttl: 1
    propagation-delay: 1
    zone-max-ttl: 1
    cds-cdnskey-publish: none
'''
        names = {'fast.test': 'fast', 'rsa.test': 'rsa'}
        server = self.synthesizing({name: zone for name in names}, ['host: [ "@", www ]'],
                                   {name: ['dnssec-signing: on', f'dnssec-policy: {id}', 'module: mod-caaudit/default']
                                    for name, id in names.items()}, extra=policy)

        def signers(name):
            rrsigs = [line.split() for line in server.kdig(name, 'CAA', '+dnssec', '+noall', '+answer').splitlines()
                      if '\tRRSIG\t' in line]
            return {rrsig[10] for rrsig in rrsigs if rrsig[4] == 'CAA'}

        for name in names:
            server.wait_loaded(name)
            self.validates(server, name, name)
        before = {name: signers(name) for name in names}
        for name in names:
            server.control('zone-key-rollover', name, 'zsk')

        def done():
            for name in names:
                self.validates(server, name, name)
                self.validates(server, name, f'www.{name}')
                self.assertEqual(ask(server, name, 'CAA').caa, ['issue ca.example', 'issue sectigo.com'])
                self.assertEqual(len(ask(server, name, 'CAA', do=True, tcp=True).has('CAA')), 2)
            return all(not signers(name) & before[name] and
                       len(ask(server, name, 'DNSKEY', tcp=True).has('DNSKEY')) == 2 for name in names)
        server.wait('new keys that sign alone', done, limit=60 * harness.PATIENCE)
        for name in names:
            self.assertEqual(server.stats(name)['synth-refused'], 0)

    def test_two_algorithms(self):
        """Every signature of the stored set is replaced, whatever its algorithm (RFC 4035 section 2.2)."""
        if KEYMGR is None:
            self.skipTest('no keymgr')
        server = self.synthesizing({'example.test': zone_file('@ CAA 0 issue "ca.example"\nwww CNAME t\n'
                                                              't CAA 0 issue "ca.example"')}, ['host: [ "@", www ]'],
                                   {'example.test': ['dnssec-signing: on', 'dnssec-policy: hand',
                                                     'module: mod-caaudit/default']},
                                   extra='policy:\n  - id: hand\n    manual: on\n', start=False)
        for algorithm in ('ecdsap256sha256', 'rsasha256', 'ed25519'):
            for role in ('ksk', 'zsk'):
                subprocess.run([*watch.command(server.directory, harness.SOURCE, leaks=False),
                                KEYMGR, '-c', server.conf, 'example.test', 'generate', f'algorithm={algorithm}',
                                f'{role}=yes'], check=True, capture_output=True, timeout=60)
        server.start()
        server.wait_loaded('example.test')
        for name in ('example.test', 'www.example.test'):
            answer = ask(server, name, 'CAA', do=True, tcp=True)
            self.assertEqual(answer.caa, ['issue ca.example', 'issue sectigo.com'])
            signed = sorted(rdata[0][2] for rdata in answer.has('RRSIG') if rdata[0][:2] == b'\x01\x01')
            self.assertEqual(signed, [8, 13, 15])
            self.validates(server, 'example.test', name)
            self.assertEqual(ask(server, name, 'CAA').caa, answer.caa)

        # All or none: without one of the keys nothing is signed.
        store = server.directory / 'db' / 'keys' / 'keys'
        gone = [path for path in store.iterdir() if 'BEGIN' in path.read_text()]
        self.assertEqual(len(gone), 6)
        for path in gone[:3]:
            path.unlink()
        server.reload()
        found = {tuple(ask(server, name, 'CAA', do=do, tcp=True).caa) for do in (False, True)
                 for name in ('example.test', 'www.example.test')}
        self.assertEqual(len(found), 1)
        self.validates(server, 'example.test', 'example.test')

    def test_keys_that_are_not_at_hand(self):
        """Without the private key nothing is changed, for nobody; with it again, it is."""
        records = '@ CAA 0 issue "ca.example"\nb CAA 0 issue "ca.example"'
        server = self.synthesizing({'example.test': zone_file(records)},
                                   ['audit-delay: 0', 'host: [ "@", b ]'],
                                   {'example.test': ['dnssec-signing: on', 'module: mod-caaudit/default']})
        server.wait_loaded('example.test')
        server.wait_audit('example.test')
        store = server.directory / 'db' / 'keys' / 'keys'
        hidden = server.directory / 'hidden'
        store.rename(hidden)
        server.visit('example.test')
        for name in ('example.test', 'b.example.test'):
            for do in (False, True):
                self.assertEqual(ask(server, name, 'CAA', do=do).caa, ['issue ca.example'])
        line = server.wait_event('finding', 'example.test', id='synth-unsafe')
        self.assertIn('private key', line.text)
        self.assertEqual(server.stats('example.test')['synth-refused'], 4)
        self.validates(server, 'example.test', 'example.test')
        hidden.rename(store)
        server.wait('an answer with the record',
                    lambda: 'issue sectigo.com' in ask(server, 'example.test', 'CAA', do=True).caa)
        self.validates(server, 'example.test', 'example.test')
        server.wait_event('resolved', 'example.test', id='synth-unsafe')

    def test_signatures_that_are_not_there(self):
        """An RRset that is not signed stays as it is, asked for with its signatures or without."""
        library = self.temporary() / 'strip.so'
        subprocess.run([*shlex.split(os.environ.get('CAAUDIT_CC', 'cc')), '-shared', '-fPIC', '-D_GNU_SOURCE',
                        f'-I{harness.SOURCE}/module/knotd', '-o', library,
                        pathlib.Path(__file__).with_name('mod_strip.c'), '-lknot'], check=True)
        server = self.synthesizing({'example.test': zone_file('www CAA 0 issue "ca.example"')},
                                   ['audit-delay: 0', 'host: www'],
                                   {'example.test': ['dnssec-signing: on', 'module: [ mod-strip, mod-caaudit/default ]']},
                                   extra=f'module:\n  - id: mod-strip\n    file: "{library}"\n')
        server.wait_loaded('example.test')
        server.wait_audit('example.test')
        server.visit('example.test')
        self.assertEqual(ask(server, 'www.example.test', 'CAA', do=True).caa, ['issue ca.example'])
        self.assertIn('no signature', server.wait_event('finding', 'example.test', id='synth-unsafe').text)
        mark = server.log.mark()
        self.assertEqual(ask(server, 'www.example.test', 'CAA').caa, ['issue ca.example'])
        server.write('example.test', zone_file('www CAA 0 issue "ca.example"', serial=2))
        server.control('zone-reload', 'example.test')
        server.wait_audit('example.test', mark)
        self.assertEqual(server.events('resolved', 'example.test'), [])

    def test_keystores(self):
        """A keystore of the policy is used; one that is no directory is not."""
        zones = ('own.test', 'default.test')
        server = self.synthesizing({name: zone_file('@ CAA 0 issue "ca.example"') for name in zones},
                                   (), {'own.test': ['dnssec-signing: on', 'dnssec-policy: own'],
                                        'default.test': ['dnssec-signing: on', 'dnssec-policy: default']},
                                   extra='keystore:\n  - id: own\n    config: own-keys\n'
                                         'policy:\n  - id: own\n    keystore: own\n  - id: default\n    nsec3: on\n')
        for name in zones:
            server.wait_loaded(name)
            self.assertEqual(ask(server, name, 'CAA', do=True).caa, ['issue ca.example', 'issue sectigo.com'])
            self.validates(server, name, name)
        self.assertTrue(list((server.directory / 'db' / 'keys' / 'own-keys').iterdir()))

    def test_keystore_of_another_kind(self):
        """A keystore that holds no files is not opened, and answers stay as they are."""
        policies = 'policy:\n  - id: own\n    keystore: {}\n'
        records = '@ CAA 0 issue "ca.example"\nb CAA 0 issue "ca.example"'
        server = self.synthesizing({'example.test': zone_file(records)}, ['audit-delay: 0', 'host: [ "@", b ]'],
                                   {'example.test': ['dnssec-signing: on', 'dnssec-policy: own',
                                                     'module: mod-caaudit/default']},
                                   extra='keystore:\n  - id: files\n  - id: token\n    backend: pkcs11\n'
                                         '    config: "pkcs11:token=none /nonexistent.so"\n' + policies.format('files'))
        server.wait_loaded('example.test')
        self.assertIn('issue sectigo.com', ask(server, 'example.test', 'CAA', do=True).caa)
        server.extra = server.extra.replace('keystore: files', 'keystore: token')
        server.configure()
        mark = server.log.mark()
        server.reload()
        server.visit('example.test')
        for name in ('example.test', 'b.example.test'):
            for do in (False, True):
                self.assertEqual(ask(server, name, 'CAA', do=do).caa, ['issue ca.example'])
        self.assertIn('keystore', server.wait_event('finding', 'example.test', mark, id='synth-unsafe').text)

    def test_sums(self):
        """The global instance sums up what all zones synthesise and refuse."""
        server = self.synthesizing({'a.test': zone_file('@ CAA 0 issue "ca.example"'),
                                    'b.test': zone_file('@ CAA 0 issue ";"'), 'c.test': zone_file()},
                                   ['validation: "_x x.sectigo.com."', 'synthesize: [ caa, validation ]'],
                                   modules={'all': []}, template=['module: mod-caaudit/default',
                                                                  'global-module: mod-caaudit/all'])
        for name in ('a.test', 'b.test', 'c.test'):
            ask(server, name, 'CAA')
            ask(server, f'_x.{name}', 'CNAME')
        server.wait_stats('sums', lambda counters: (counters['synthesized[caa]'], counters['synthesized[validation]'],
                                                    counters['synth-refused']) == (1, 3, 1))

    def test_reloads(self):
        """20 reloads under load: no answer is lost, none is wrong."""
        zones = {f'{mode}.test': zone_file('@ CAA 0 issue "ca.example"') for mode in SIGNED}
        server = self.synthesizing(zones, (), {f'{mode}.test': [*options, 'module: mod-caaudit/default']
                                               for mode, options in SIGNED.items()}, extra=POLICY)
        for zone in zones:
            server.wait_loaded(zone)
        over = threading.Event()
        wrong, asked = [], 0

        def load():
            nonlocal asked
            while not over.is_set():
                for zone in zones:
                    for do in (False, True):
                        try:
                            answer = ask(server, zone, 'CAA', do=do)
                        except OSError as error:
                            wrong.append(error)
                            continue
                        asked += 1
                        if answer.caa != ['issue ca.example', 'issue sectigo.com'] or \
                                (do and zone != 'plain.test' and not answer.has('RRSIG')):
                            wrong.append(answer)
                time.sleep(0.002)
        thread = threading.Thread(target=load)
        thread.start()
        try:
            for number in range(25):
                server.reload() if number % 5 else server.control('-f', 'zone-reload')
        finally:
            over.set()
            thread.join()
        self.assertEqual(wrong, [])
        self.assertGreater(asked, 100)
        for zone in zones:
            if zone != 'plain.test':
                self.validates(server, zone, zone)

    def test_signatures_are_kept(self):
        """A flood of questions does not sign each: the signature, random each time, stays the same."""
        server = self.synthesizing({'example.test': zone_file('@ CAA 0 issue "ca.example"')}, (),
                                   {'example.test': ['dnssec-signing: on', 'module: mod-caaudit/default']})
        server.wait_loaded('example.test')
        self.assertEqual(len({tuple(server.query('example.test', 'CAA', '+dnssec', '+tcp')) for _ in range(20)}), 1)

    # validation

    VALIDATION = ['synthesize: [ validation ]', 'host: [ "@" ]',
                  'validation: [ "_a x.sectigo.com.", "_b.c.d y.sectigo.com.", "_open", "_two v.sectigo.com.", '
                  '"_two w.sectigo.com.", "_there z.sectigo.com.", "_text z.sectigo.com.", "_x.w z.sectigo.com.", '
                  '"_x.sub z.sectigo.com.", "_x.dname z.sectigo.com.", "_empty z.sectigo.com." ]']
    RECORDS = ('x._empty TXT "x"\n'
               '_there CNAME z.sectigo.com.\n_text TXT "x"\n*.w A 192.0.2.3\nsub NS ns\ndname DNAME e\n'
               'to CNAME _a\n')

    def test_validation(self):
        """A name that does not exist is answered for; everything else stays."""
        stored = ('_a 1800 CNAME x.sectigo.com.\n_b.c.d 1800 CNAME y.sectigo.com.\n')
        ours = self.server({'example.test': zone_file(self.RECORDS), 'other.test': zone_file(self.RECORDS)},
                           modules={'default': [*self.VALIDATION, 'synthesize-ttl: 1800']},
                           zone_options={'example.test': ['module: mod-caaudit/default']})
        theirs = self.server({'example.test': zone_file(self.RECORDS + stored), 'other.test': zone_file(self.RECORDS)},
                             module=False)
        names = ['_a.', '_b.c.d.', 'c.d.', 'd.', 'x._a.', '_A.', '_open.', '_two.', '_there.', '_text.', '_x.w.',
                 'x.w.', 'w.', '_empty.', 'x._empty.', '_x.sub.', '_x.dname.', 'to.', 'nx.', '']
        for zone in ('example.test', 'other.test'):
            for name in names:
                for type in ('CNAME', 'A', 'TXT', 'CAA', 'ANY', 'RRSIG', 'NSEC'):
                    for how in ({}, {'do': True}, {'tcp': True}, {'size': 0}):
                        self.same(ours, theirs, name + zone, type, **how)
        answer = ask(ours, '_a.example.test', 'TXT')
        self.assertEqual(answer.answer, [('_a.example.test.', TYPES['CNAME'], 1800, 'x.sectigo.com.')])
        self.assertTrue(answer.flags & 0x0400)
        counters = ours.stats('example.test')
        self.assertGreater(counters['synthesized[validation]'], 20)
        self.assertEqual(counters['synth-refused'], 0)
        self.assertEqual(ours.stats('other.test'), {})

        # The audit stays honest.
        ours.wait_audit('example.test')
        for owner, answered in (('_a', True), ('_b.c.d', True), ('_open', False)):
            line = ours.wait_event('finding', 'example.test', id='dcv-cname-missing', owner=f'{owner}.example.test.')
            self.assertEqual('; answered by synthesis; publish: ' in line.text, answered, line.text)
        self.assertEqual(counters['findings[synth-unsafe]'], 0)

    def test_validation_file(self):
        """Answers follow the validation file when an audit has read it, and stay while it cannot be read."""
        server = self.server({'example.test': zone_file()}, start=False, template=['module: mod-caaudit/default'])
        path = server.directory / 'validations'
        path.write_text('_a CNAME x.sectigo.com.\n_b.c CNAME y.sectigo.com.\n')
        server.modules = {'default': ['synthesize: [ caa, validation ]', 'audit-delay: 0', 'audit-interval: 1',
                                      f'validation-file: "{path}"']}
        server.configure()
        server.start()
        server.visit('example.test')

        def answers():
            return {name: ask(server, f'{name}.example.test', 'CNAME').has('CNAME') for name in ('_a', '_b.c', '_n')}
        before = {'_a': ['x.sectigo.com.'], '_b.c': ['y.sectigo.com.'], '_n': []}
        after = {'_a': ['z.sectigo.com.'], '_b.c': [], '_n': ['n.sectigo.com.']}
        self.assertEqual(answers(), before)
        server.wait_audit('example.test')

        # From one to the other and back while others ask.
        over, wrong = threading.Event(), []

        def load():
            while not over.is_set():
                wrong.extend(item for item in answers().items() if item not in [*before.items(), *after.items()])
        threads = [threading.Thread(target=load) for _ in range(2)]
        for thread in threads:
            thread.start()
        try:
            for number in range(4):
                fresh = path.with_suffix('.new')
                fresh.write_text('_a CNAME z.sectigo.com.\n_n CNAME n.sectigo.com.\n' if number % 2 == 0 else
                                 '_a CNAME x.sectigo.com.\n_b.c CNAME y.sectigo.com.\n')
                fresh.replace(path)
                server.wait('other answers', lambda want=(after, before)[number % 2]: answers() == want)
        finally:
            over.set()
            for thread in threads:
                thread.join()
        self.assertEqual(wrong, [])
        mark = server.log.mark()
        path.write_text('_a CNAME\n')
        server.wait_line(lambda line: line.zone == 'example.test.' and str(path) in line.text, mark)
        self.assertEqual(answers(), before)

        # One name cannot have both.
        fresh.write_text('_a CNAME z.sectigo.com.\n_a TXT "z"\n_n CNAME n.sectigo.com.\n')
        fresh.replace(path)
        server.wait('other answers', lambda: answers() == {'_a': [], '_b.c': [], '_n': ['n.sectigo.com.']})

    def test_host_of_an_expected_text(self):
        """A TXT may be expected at the host itself, which is then a host to the audit and to the answers."""
        caa = 'CAA 0 issue "letsencrypt.org"'
        server = self.server({'example.test': zone_file(f'www {caa}\nother {caa}\nwww TXT "token"\n')}, start=False,
                             template=['module: mod-caaudit/default'])
        path = server.directory / 'validations'
        path.write_text('www TXT "token"\n')
        server.modules = {'default': ['synthesize: caa', 'wildcard: off', f'validation-file: "{path}"']}
        server.configure()
        server.start()
        # Before an audit tells what decides.
        self.assertEqual(len(ask(server, 'www.example.test', 'CAA').has('CAA')), 2)
        self.assertEqual(len(ask(server, 'other.example.test', 'CAA').has('CAA')), 1)
        line = server.wait_event('finding', 'example.test', id='caa-issue-denied', owner='www.example.test.')
        self.assertIn('; answered by synthesis; publish: ', line.text)

    def test_validation_in_signed_zones(self):
        """A denial may be cached or computed (RFC 8198): nothing is changed, and a finding says so."""
        zones = {f'{mode}.test': zone_file(self.RECORDS) for mode in ('nsec', 'nsec3', 'online')}
        options = {'nsec.test': [*SIGNED['nsec'], 'module: mod-caaudit/default'],
                   'nsec3.test': [*SIGNED['nsec3'], 'module: mod-caaudit/default'],
                   'online.test': ['module: [ mod-caaudit/default, mod-onlinesign/nsec ]']}
        plain = {'nsec.test': SIGNED['nsec'], 'nsec3.test': SIGNED['nsec3'],
                 'online.test': ['module: mod-onlinesign/nsec']}
        ours = self.server(zones, modules={'default': self.VALIDATION}, zone_options=options, extra=POLICY)
        theirs = self.server(zones, module=False, zone_options=plain, extra=POLICY)
        for zone in zones:
            for server in (ours, theirs):
                server.wait_loaded(zone)
            for name in ('_a.', '_b.c.d.', 'c.d.', 'to.'):
                for type in ('CNAME', 'TXT', 'ANY'):
                    for how in ({}, {'do': True}, {'tcp': True}):
                        self.same(ours, theirs, name + zone, type, **how)
            line = ours.wait_event('finding', zone, id='synth-unsafe')
            self.assertIn('RFC 8198', line.text)
            counters = ours.stats(zone)
            self.assertEqual(counters['synthesized[validation]'], 0)
            self.assertGreater(counters['synth-refused'], 0)

    # the audit

    def test_the_gravest_is_logged_first(self):
        """What is answered is a warning: it does not take the lines of what is not."""
        server = self.server({'example.test': zone_file('*.wild A 192.0.2.1')}, template=['module: mod-caaudit/default'],
                             modules={'default': ['synthesize: validation', 'log-limit: 3', 'validation: [ ' + ', '.join(
                                 f'"{owner} x.example.net."' for owner in ('_a', '_b', '_c', '_d', '_z.wild')) + ' ]']})
        server.wait_audit('example.test', errors=1, warnings=4)
        said = server.events('finding', 'example.test')
        self.assertEqual([line.severity for line in said], ['error', 'warning', 'warning', 'notice'])

    def test_what_the_log_says_is_what_is_answered(self):
        """Of the literal pair, and of products: each finding goes by what is added for its own CA and tag."""
        pair = ['issue letsencrypt.org', 'issue sectigo.com', 'issuewild letsencrypt.org', 'issuewild sectigo.com']
        for records, options, answer, words in (
                ('@ CAA 0 issue "sectigo.com"\n@ CAA 0 issue "letsencrypt.org"', ['strict: on'], pair,
                 {'caa-strict-incomplete': ('warning', '; answered by synthesis')}),
                ('@ CAA 0 issue "letsencrypt.org"\n@ CAA 0 issuewild ";"', ['strict: on', 'wildcard: off'],
                 ['issue letsencrypt.org', 'issue sectigo.com', 'issuewild ;'],
                 {'caa-issue-denied': ('warning', '; answered by synthesis'),
                  'caa-strict-incomplete': ('error', '; not answered by synthesis: ";", or a word for nobody, stands alone')}),
                ('@ CAA 0 issue "letsencrypt.org"', ['ca: [ zerossl.com, digicert.com ]'],
                 ['issue digicert.com', 'issue letsencrypt.org'],
                 {'caa-issue-denied': ('error', '; not answered by synthesis: for a product')})):
            with self.subTest(options):
                server = self.synthesizing({'example.test': zone_file(records)}, ['audit-delay: 0', *options])
                server.wait_audit('example.test')
                self.assertEqual(sorted(ask(server, 'example.test', 'CAA').caa), answer)
                for id_, (severity, text) in words.items():
                    line = server.wait_event('finding', 'example.test', id=id_)
                    self.assertEqual((line.severity, text in line.text), (severity, True), line.text)
                server.stop()

    def test_audit_marks(self):
        """Findings remain, and say whether the answer covers them."""
        server = self.synthesizing({'example.test': zone_file('@ CAA 0 issue "ca.example"\nno CAA 0 issue ";"\n'
                                                              'bad CAA 0 issue "ca.example"\nbad CAA 128 tbs "x"\n'
                                                              'out CNAME host.example.net.')},
                                   ['host: [ "@", no, bad, out ]'])
        server.wait_audit('example.test')
        publish = 'publish: example.test. 3600 CAA 0 issue "sectigo.com"'
        for owner, words in (('example.test.', f'; answered by synthesis; {publish}'),
                             ('no.example.test.', '; not answered by synthesis: ";", or a word for nobody, stands alone'),
                             ('bad.example.test.', '; not answered by synthesis: no record repairs')):
            line = server.wait_event('finding', 'example.test', id='caa-issue-denied', owner=owner)
            self.assertIn(words, line.text)
            self.assertEqual(line.severity, 'error' if '; not answered' in words else 'warning')
        # The set that decides if there is none where the alias leads is extended as well.
        line = server.wait_event('finding', 'example.test', id='caa-fallback-denied')
        self.assertIn(f'; answered by synthesis; {publish}', line.text)
        counters = server.stats('example.test')
        self.assertEqual(counters['findings[caa-issue-denied]'], 3)
        # bad. has an unknown critical tag as well.
        self.assertEqual((counters['severity[error]'], counters['severity[warning]']), (3, 2))

    def test_zone_that_cannot_be_audited(self):
        """Where nobody would be told what to publish, nothing is changed."""
        if harness.CONTROL_IS_SAFE:
            self.skipTest('every source can be read')
        server = self.synthesizing({'example.test': zone_file('@ CAA 0 issue "ca.example"')},
                                   ['source: control'])
        line = server.wait_event('not checked', 'example.test')
        self.assertIn('nothing is synthesized', line.text)
        self.assertEqual(ask(server, 'example.test', 'CAA').caa, ['issue ca.example'])
        self.assertEqual(server.stats('example.test')['synth-refused'], 1)

    def test_targets(self):
        """What a host is an alias for is known when somebody asks for it directly: from the first
        question on where a module may look, and else when an audit or a question for the alias has told."""
        zone = zone_file('www CNAME a\na CNAME t\nt CAA 0 issue "ca.example"\nu CAA 0 issue "ca.example"\n'
                         'other CNAME v\nv CAA 0 issue "ca.example"')
        server = self.synthesizing({'example.test': zone}, ['host: www', 'audit-delay: 3600'], extra=LOOPBACK_ACL,
                                   zone_options={'example.test': ['acl: loopback']})
        extended = ['issue ca.example', 'issue sectigo.com']
        live = harness.knot_version() >= (3, 3, 5)

        def known(name):
            found = ask(server, name, 'CAA').caa
            if live:
                self.assertEqual(found, extended)
            return found == extended
        server.wait('an answer with the record', lambda: known('t.example.test'))
        self.assertEqual(ask(server, 'u.example.test', 'CAA').caa, ['issue ca.example'])
        server.update('example.test', 'del a.example.test CNAME', 'add a.example.test 60 CNAME u.example.test')
        if not live:
            ask(server, 'www.example.test', 'CAA')
        self.assertTrue(known('u.example.test'))
        self.assertEqual(ask(server, 'v.example.test', 'CAA').caa, ['issue ca.example'])

    @unittest.skipIf(harness.knot_version() < (3, 3, 5), 'a module cannot look names up')
    def test_targets_after_an_audit(self):
        """What an audit has found tells no longer than the zone and the options are as they were."""
        zone = zone_file('www CNAME t\nt CAA 0 issue "ca.example"\nu CAA 0 issue "ca.example"\nv CAA 0 issue "ca.example"')
        server = self.synthesizing({'example.test': zone}, ['host: www', 'audit-delay: 5'], extra=LOOPBACK_ACL,
                                   zone_options={'example.test': ['acl: loopback']})
        server.wait_audit('example.test')

        def extended():
            return [name for name in 'tuv' if len(ask(server, f'{name}.example.test', 'CAA').caa) > 1]
        self.assertEqual(extended(), ['t'])
        server.update('example.test', 'del www.example.test CNAME', 'add www.example.test 60 CNAME u.example.test')
        self.assertEqual(extended(), ['t', 'u'])  # t until the audit.
        server.wait('the audit', lambda: extended() == ['u'])
        server.modules['default'][-2:-2] = ['host: v']
        server.configure()
        server.reload()
        self.assertEqual(extended(), ['u', 'v'])

    def test_targets_of_a_file_that_is_not_served(self):
        """What was found in it decides for nobody."""
        records = 'www CNAME {}\nt CAA 0 issue "ca.example"\nu CAA 0 issue "ca.example"'
        server = self.synthesizing({'example.test': zone_file(records.format('t'))}, [
            'host: www', 'source: zonefile', 'audit-delay: 0', 'change-check: 1'])
        server.wait_audit('example.test')
        server.write('example.test', zone_file(records.format('u')))
        server.wait_event('not checked', 'example.test')
        self.assertEqual([name for name in 'tu' if len(ask(server, f'{name}.example.test', 'CAA').caa) > 1], ['t'])

    def test_wildcard_of_two_instances(self):
        """The set of a wildcard is extended by both, for each name alike (RFC 8198 section 5.3)."""
        records = '*.w CAA 0 issue "letsencrypt.org"\n*.w A 192.0.2.4'
        modules = {name: [SYNTHESIZE, 'host: foo.w', f'ca: {ca}'] for name, ca in (('a', 'sectigo.com'), ('b', 'digicert.com'))}
        zones = {f'{kind}{order}.test': [f'module: [ {", ".join(f"mod-caaudit/{name}" for name in order)} ]', *options]
                 for order in ('ab', 'ba') for kind, options in SIGNED.items()}
        server = self.synthesizing({zone: zone_file(records) for zone in zones}, zone_options=zones, modules=modules,
                                   template=[], extra=POLICY)
        for zone in zones:
            for module in modules:
                server.wait_event('audit', zone, module=module)
            for name in ('foo.w', 'zzz.w', 'ZZZ.yyy.w', '*.w'):
                with self.subTest(zone=zone, name=name):
                    self.assertEqual(sorted(ask(server, f'{name}.{zone}', 'CAA').caa),
                                     ['issue digicert.com', 'issue letsencrypt.org', 'issue sectigo.com'])
            if not zone.startswith('plain'):
                self.validates(server, zone, f'zzz.w.{zone}')

    def test_zone_that_gets_signed(self):
        """The first signature makes answers safe to sign, or not to be changed any more."""
        server = self.synthesizing({'example.test': zone_file('@ CAA 0 issue "ca.example"')})
        self.assertEqual(ask(server, 'example.test', 'CAA').caa, ['issue ca.example', 'issue sectigo.com'])
        server.zone_options['example.test'] = ['dnssec-signing: on']
        server.configure()
        server.reload()
        server.wait('DNSKEY', lambda: ask(server, 'example.test', 'DNSKEY').has('DNSKEY'))
        for do in (False, True):
            self.assertEqual(ask(server, 'example.test', 'CAA', do=do).caa, ['issue ca.example', 'issue sectigo.com'])
        self.validates(server, 'example.test', 'example.test')


if __name__ == '__main__':
    harness.main()
