# SPDX-License-Identifier: GPL-2.0-or-later

"""Synthesised answers validate whatever becomes of the keys, and are signed as the stored set is."""

import pathlib
import shutil
import socket
import struct
import subprocess
import threading
import time
import unittest

import harness
import watch
from harness import LOOPBACK_ACL, zone_file
from synthesis import KEYMGR, PATH, TYPES, UNBOUND, Resolver, Synthesis, ask, question, read_name

SOFTHSM = shutil.which('softhsm2-util', path=PATH)
SOFTHSM_MODULES = ['/usr/lib/softhsm/libsofthsm2.so', '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
                   '/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so']
ALGORITHMS = {'rsasha256': 8, 'ecdsap256sha256': 13, 'ed25519': 15}
EXTENDED = ['issue ca.example', 'issue sectigo.com']
NAMES = ('', 'www.', 'a.w.')

# TTLs of a second, so that the steps of a rollover follow each other quickly.
ZONE = ('@ 1 SOA ns a 1 1 1 1 1\n@ 1 NS ns\nns 1 A 192.0.2.1\n@ 1 CAA 0 issue "ca.example"\n'
        'www 1 CNAME t\nt 1 CAA 0 issue "ca.example"\n*.w 1 CAA 0 issue "ca.example"\n')
FAST = ['dnskey-ttl: 1', f'propagation-delay: {int(2 * harness.PATIENCE)}', 'zone-max-ttl: 1', 'cds-cdnskey-publish: none']


def policies(**options):
    return 'policy:\n' + ''.join(f'  - id: {name}\n' + ''.join(f'    {line}\n' for line in lines)
                                 for name, lines in options.items())


def transfer(server, zone):
    """Records of the zone as it is stored: (owner, type, TTL, RDATA)."""
    query = question(zone, 252, size=0)
    records, ends = [], 0
    with socket.create_connection((server.address, server.port), server.limit) as client:
        client.sendall(struct.pack('!H', len(query)) + query)
        stream = client.makefile('rb')
        while ends < 2:
            wire = stream.read(struct.unpack('!H', stream.read(2))[0])
            _, flags, questions, answers, _, _ = struct.unpack_from('!6H', wire)
            if flags & 15:
                raise AssertionError(f'no transfer of {zone}: {flags & 15}')
            at = 12
            for _ in range(questions):
                at = read_name(wire, at)[1] + 4
            for _ in range(answers):
                owner, at = read_name(wire, at)
                type, _, ttl, length = struct.unpack_from('!HHIH', wire, at)
                records.append((owner, type, ttl, wire[at + 10:at + 10 + length]))
                ends += type == TYPES['SOA']
                at += 10 + length
    return records


def heads(rrsigs):
    """RRSIGs over CAA without the signatures: algorithm, labels, TTL, times, key tag."""
    return sorted(rdata[:18] for rdata in rrsigs if rdata[:2] == struct.pack('!H', TYPES['CAA']))


def answered(server, name):
    """CAA, and the RRSIGs over it as they are."""
    query = question(name, 'CAA', do=True)
    with socket.create_connection((server.address, server.port), server.limit) as client:
        client.sendall(struct.pack('!H', len(query)) + query)
        stream = client.makefile('rb')
        wire = stream.read(struct.unpack('!H', stream.read(2))[0])
    _, _, questions, answers, _, _ = struct.unpack_from('!6H', wire)
    at = 12
    for _ in range(questions):
        at = read_name(wire, at)[1] + 4
    caa, rrsigs = [], []
    for _ in range(answers):
        _, at = read_name(wire, at)
        type, _, _, length = struct.unpack_from('!HHIH', wire, at)
        rdata = wire[at + 10:at + 10 + length]
        if type == TYPES['CAA']:
            caa.append(f'{rdata[2:2 + rdata[1]].decode()} {rdata[2 + rdata[1]:].decode()}')
        elif type == TYPES['RRSIG']:
            rrsigs.append(rdata)
        at += 10 + length
    return sorted(caa), heads(rrsigs)


class Keys(Synthesis):
    def signing(self, zones, text=ZONE, **more):
        """A server whose zones are signed by the policies of their names."""
        server = self.synthesizing({zone: text for zone in zones}, ['host: [ "@", www, a.w ]'],
                                   {zone: ['dnssec-signing: on', f'dnssec-policy: {zone.split(".")[0]}',
                                           'module: mod-caaudit/default', 'acl: transfer'] for zone in zones}, **more)
        return server

    def check(self, server, zone, validate=True):
        """Every answer is extended, for everybody, and signed as the stored set is, by all its keys."""
        owners = {'': zone, 'www.': f't.{zone}', 'a.w.': f'*.w.{zone}'}
        while True:
            records = transfer(server, zone)
            found = {name: answered(server, name + zone) for name in NAMES}
            if transfer(server, zone) == records:
                break
        now = int(time.time())
        for name in NAMES:
            stored = heads(rdata for owner, type, _, rdata in records
                           if type == TYPES['RRSIG'] and owner == f'{owners[name]}.')
            caa, signed = found[name]
            self.assertEqual(caa, EXTENDED, name + zone)
            self.assertTrue(stored)
            self.assertEqual(signed, stored, name + zone)
            for head in signed:
                expires, begins = struct.unpack_from('!II', head, 8)
                self.assertLessEqual(begins, now)
                self.assertGreater(expires, now, name + zone)
            self.assertEqual(ask(server, name + zone, 'CAA').caa, EXTENDED, name + zone)
            if validate:
                self.validates(server, zone, name + zone)
        dnskeys = [struct.unpack_from('!HBB', rdata) for _, type, _, rdata in records if type == TYPES['DNSKEY']]
        return {head[2] for head in found[''][1]}, {algorithm for _, _, algorithm in dnskeys}, len(dnskeys)

    def roll(self, server, zones, done):
        """Checks while rollovers go on; the parent takes over each new key at once."""
        seen = {zone: [] for zone in zones}

        def step():
            for zone in zones:
                server.control('zone-ksk-submitted', zone, check=False)
                state = self.check(server, zone, validate=False)
                if not seen[zone] or seen[zone][-1] != state:
                    seen[zone].append(state)
                    self.check(server, zone)
            return all(done(zone, seen[zone]) for zone in zones)
        server.wait('the end of the rollovers', step, limit=90 * harness.PATIENCE)
        for zone in zones:
            self.assertEqual(server.stats(zone)['synth-refused'], 0)
            self.assertEqual(server.stats(zone)['findings[synth-unsafe]'], 0)
        return seen

    def test_algorithms(self):
        """From one algorithm to the next: both sign, also while the DNSKEY of one is not in the zone."""
        zones = {'two.test': ('off', ['ecdsap256sha256', 'ed25519']), 'one.test': ('on', ['rsasha256', 'ed25519'])}

        def extra(step):
            return LOOPBACK_ACL + policies(**{
                zone.split('.')[0]: [f'algorithm: {algorithms[step]}', f'single-type-signing: {single}', *FAST]
                for zone, (single, algorithms) in zones.items()})
        server = self.signing(zones, extra=extra(0))
        for zone in zones:
            server.wait_loaded(zone)
            self.check(server, zone)
        server.extra = extra(1)
        server.configure()
        server.reload()
        last = {zone: ALGORITHMS[algorithms[1]] for zone, (_, algorithms) in zones.items()}
        seen = self.roll(server, zones, lambda zone, states: states[-1][:2] == ({last[zone]}, {last[zone]}))
        for zone, (_, algorithms) in zones.items():
            both = {ALGORITHMS[algorithm] for algorithm in algorithms}
            # Signed by both, and the zone shows one: before its DNSKEY comes and after the other has gone.
            for shown in both:
                self.assertIn((both, {shown}), [state[:2] for state in seen[zone]], zone)
            self.assertIn((both, both), [state[:2] for state in seen[zone]], zone)

    def test_rollovers(self):
        """Keys that sign keys, keys that sign zones, and keys that do both."""
        zones = ('ksk.test', 'zsk.test', 'csk.test')
        server = self.signing(zones, extra=LOOPBACK_ACL + policies(ksk=FAST, zsk=FAST,
                                                                   csk=['single-type-signing: on', *FAST]))
        before = {}
        for zone in zones:
            server.wait_loaded(zone)
            self.check(server, zone)
            before[zone] = {rdata for _, type, _, rdata in transfer(server, zone) if type == TYPES['DNSKEY']}
            server.control('zone-key-rollover', zone, 'zsk' if zone == 'zsk.test' else 'ksk')

        def done(zone, _):
            now = {rdata for _, type, _, rdata in transfer(server, zone) if type == TYPES['DNSKEY']}
            return len(now) == len(before[zone]) and now != before[zone]
        self.roll(server, zones, done)

    def test_short_lives(self):
        """Signatures of seconds: what is answered is as fresh as what is stored, and never expired."""
        zones = ('short.test',)
        server = self.signing(zones, extra=LOOPBACK_ACL + policies(short=[
            'rrsig-lifetime: 6', 'rrsig-refresh: 3', 'rrsig-pre-refresh: 1', 'propagation-delay: 1', 'dnskey-ttl: 1',
            'zone-max-ttl: 1', 'cds-cdnskey-publish: none']))
        server.wait_loaded('short.test')
        resolver = Resolver(self, server, zones) if UNBOUND else None
        lives = set()

        def renewed():
            self.check(server, 'short.test')
            lives.add(answered(server, 'short.test')[1][0])
            if resolver is not None:
                answer = resolver.ask('www.short.test', 'CAA')
                self.assertTrue(answer.authentic, resolver.said())
                self.assertEqual(answer.caa, EXTENDED)
            return len(lives) >= 4
        server.wait('new signatures', renewed, limit=60 * harness.PATIENCE, pause=0.2)

    def test_offline_ksk(self):
        """The key that signs keys is elsewhere: CAA is signed by the one that is here."""
        if KEYMGR is None:
            self.skipTest('no keymgr')
        options = ['manual: on', 'offline-ksk: on', 'zsk-lifetime: 30d', *FAST]
        server = self.signing(['offline.test'], extra=LOOPBACK_ACL + policies(offline=options), start=False)
        directory = self.temporary()
        policy = policies(offline=options)
        (directory / 'ksk.conf').write_text(
            f'database:\n    storage: "{directory}"\n{policy}zone:\n  - domain: offline.test\n'
            '    dnssec-signing: on\n    dnssec-policy: offline\n')

        def keymgr(conf, *words):
            return subprocess.run([*watch.runtime(server.directory, harness.SOURCE), KEYMGR, '-c', conf,
                                   'offline.test', *words], check=True, capture_output=True, text=True,
                                  timeout=60 * harness.PATIENCE).stdout
        keymgr(directory / 'ksk.conf', 'generate', 'ksk=yes', 'algorithm=13')
        keymgr(server.conf, 'pregenerate', '+1d')
        (directory / 'ksr').write_text(keymgr(server.conf, 'generate-ksr', '+0', '+1d'))
        (directory / 'skr').write_text(keymgr(directory / 'ksk.conf', 'sign-ksr', str(directory / 'ksr')))
        keymgr(server.conf, 'import-skr', str(directory / 'skr'))
        server.start()
        server.wait_loaded('offline.test')
        server.wait('signatures', lambda: ask(server, 'offline.test', 'DNSKEY', do=True, tcp=True).has('RRSIG'))
        self.assertEqual(self.check(server, 'offline.test'), ({13}, {13}, 2))

    def test_token(self):
        """Keys in a PKCS #11 token are not used: the zone is served as it is, and a finding says why."""
        module = next((path for path in SOFTHSM_MODULES if pathlib.Path(path).exists()), None)
        if SOFTHSM is None or module is None:
            self.skipTest('no softhsm2')
        directory = self.temporary()
        (directory / 'tokens').mkdir()
        (directory / 'softhsm2.conf').write_text(f'directories.tokendir = {directory}/tokens\nlog.level = ERROR\n')
        environment = {'SOFTHSM2_CONF': str(directory / 'softhsm2.conf')}
        subprocess.run([SOFTHSM, '--init-token', '--free', '--label', 'caaudit', '--pin', '1234', '--so-pin', '1234'],
                       check=True, capture_output=True, env=environment, timeout=60)
        server = self.signing(['token.test'], environment=environment, extra=LOOPBACK_ACL + (
            'keystore:\n  - id: token\n    backend: pkcs11\n'
            f'    config: "pkcs11:token=caaudit;pin-value=1234 {module}"\n') + policies(
                token=['keystore: token', 'algorithm: ecdsap256sha256']))
        server.wait_loaded('token.test')
        server.wait('signatures', lambda: ask(server, 'token.test', 'SOA', do=True).has('RRSIG'))
        for name in NAMES:
            for do in (False, True):
                self.assertEqual(ask(server, f'{name}token.test', 'CAA', do=do).caa, ['issue ca.example'])
        self.assertEqual(server.stats('token.test')['synth-refused'], 6)
        for name in NAMES:
            self.validates(server, 'token.test', f'{name}token.test')
        self.assertIn('PEM keystore', server.wait_event('finding', 'token.test', id='synth-unsafe').text)

    @unittest.skipIf(harness.knot_version() < (3, 5, 0), 'one keystore for each policy')
    def test_keystores(self):
        """Several keystores of a policy, one of them for keys that sign keys."""
        server = self.signing(['both.test'], extra=LOOPBACK_ACL + (
            'keystore:\n  - id: ksk\n    config: ksk-keys\n    ksk-only: on\n  - id: zsk\n    config: zsk-keys\n') +
            policies(both=['keystore: [ ksk, zsk ]', *FAST]))
        server.wait_loaded('both.test')
        self.check(server, 'both.test')
        for store in ('ksk-keys', 'zsk-keys'):
            self.assertEqual(len(list((server.directory / 'db/keys' / store).glob('*.pem'))), 1, store)

    def test_rollovers_under_load(self):
        """Rollovers, updates and reloads while others ask: no answer is lost, none lacks the record."""
        zones = ('load.test',)
        server = self.signing(zones, extra=LOOPBACK_ACL + policies(load=FAST), text=ZONE)
        server.zone_options['load.test'][-1] = 'acl: [ loopback, transfer ]'
        server.configure()
        server.reload()
        server.wait_loaded('load.test')
        over, wrong, asked = threading.Event(), [], 0

        def load():
            nonlocal asked
            while not over.is_set():
                for name in NAMES:
                    for do in (False, True):
                        try:
                            answer = ask(server, f'{name}load.test', 'CAA', do=do)
                        except OSError as error:
                            wrong.append(error)
                            continue
                        asked += 1
                        if answer.caa != EXTENDED or bool(answer.has('RRSIG')) != do:
                            wrong.append((time.time(), name, do, answer.caa))
                time.sleep(0.002)
        thread = threading.Thread(target=load)
        thread.start()
        try:
            for number in range(6):
                server.control('zone-key-rollover', 'load.test', ('zsk', 'ksk')[number % 2], check=False)
                server.update('load.test', f'add x{number}.load.test 1 A 192.0.2.9')
                server.control('zone-ksk-submitted', 'load.test', check=False)
                server.reload() if number % 2 else server.control('-f', 'zone-sign', 'load.test')
                self.check(server, 'load.test')
        finally:
            over.set()
            thread.join()
        self.assertEqual(wrong, [])
        self.assertGreater(asked, 100)


if __name__ == '__main__':
    harness.main()
