#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""Everything that can happen to zones, in random order: is each verdict right in the end?

usage: churn.py [--seconds N] [--seed N] [--plain] [--json FILE]

Zones come from files, from a primary that comes and goes, and from a catalog;
some are signed. They are updated, edited, purged, put into transactions that
are committed or aborted; keys roll over, module ids and templates of zones
change, the server is reloaded, and is asked all the time. Half of the zones
never permit the CA that is wanted: it fails if one of their findings is called
resolved, if a zone is judged otherwise than by the same server once it is
started anew, if memory, threads or descriptors grow, or if the server dies.
--plain does the same without the module: what still fails is the server's own.
"""

import argparse
import json
import os
import pathlib
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests/functional'))
import harness  # noqa: E402
import watch  # noqa: E402

CHECK = 2
SETTLE = 40
GROWTH = 0.05
LOCKED = '@ 3600 CAA 0 issue "letsencrypt.org"'
OPEN = LOCKED + '\n@ 3600 CAA 0 issue "sectigo.com"\n@ 3600 CAA 0 issue "digicert.com"'
CATALOG = 'catalog.example.net'

# Knot DNS 3.2 crashes by itself in a commit that changes modules or the template of a zone.
COMMITS = harness.knot_version() >= (3, 3)

EXTRA = harness.LOOPBACK_ACL + '''
remote:
  - id: primary
    address: {primary.address}@{primary.port}
policy:
  - id: short
    algorithm: ecdsap256sha256
    zsk-lifetime: 0
    propagation-delay: 1s
    dnskey-ttl: 2s
    zone-max-ttl: 2s
    rrsig-lifetime: 3600
    rrsig-refresh: 1200
    rrsig-pre-refresh: 60
'''


class Churn:
    def __init__(self, directory, module, seed):
        self.random = random.Random(seed)
        self.module = module
        self.files = [f'z{number}.example.com' for number in range(40)]
        self.signed = [f's{number}.example.com' for number in range(6)]
        self.secondary = [f'x{number}.example.com' for number in range(5)]
        self.members = [f'm{number}.example.com' for number in range(10)]
        self.own = self.files + self.signed + self.members
        self.serials = dict.fromkeys([*self.own, *self.secondary, CATALOG], 1)
        self.present = set(self.members)
        self.seconds = set()  # Zones that have the other module id as well.
        self.done = {}
        expiring = harness.zone_file(LOCKED).replace('3600 600 86400 300', '2 1 6 300')
        self.primary = harness.Server(tempfile.mkdtemp(dir=directory), dict.fromkeys(self.secondary, expiring),
                                      module=False, template=['acl: transfer'], extra=harness.LOOPBACK_ACL)
        ids = ['module: mod-caaudit/a'] if module else []
        self.server = harness.Server(
            tempfile.mkdtemp(dir=directory), {zone: self.contents(zone) for zone in self.files + self.signed},
            module=module, slow=10, extra=EXTRA.format(primary=self.primary),
            modules={'a': ['ca: sectigo.com', 'audit-delay: 0', f'change-check: {CHECK}'],
                     'b': ['ca: digicert.com', 'audit-delay: 0', f'change-check: {CHECK}'], 'all': []} if module else {},
            template=['acl: [ loopback, transfer ]', *ids, *(['global-module: mod-caaudit/all'] if module else [])],
            templates={'member': ['acl: [ loopback, transfer ]', *ids], 'other': ['acl: loopback', *ids]},
            zone_options={zone: ['dnssec-signing: on', 'dnssec-policy: short', 'zonefile-sync: -1',
                                 'zonefile-load: difference-no-serial', 'journal-content: all']
                          for zone in self.signed})
        for zone in self.secondary:
            self.server.add_zone(zone, None)
            self.server.zone_options[zone] = ['master: primary']
        for zone in self.members:
            self.server.write(zone, self.contents(zone))
        self.server.add_zone(CATALOG, self.catalog())
        self.server.zone_options[CATALOG] = ['catalog-role: interpret', 'catalog-template: member']
        self.server.configure()

    def never_open(self, zone):
        return int(re.search(r'\d+', zone)[0]) % 2 == 0

    def contents(self, zone):
        open_now = not self.never_open(zone) and self.random.random() < 0.5
        return harness.zone_file(OPEN if open_now else LOCKED, serial=self.serials[zone])

    def catalog(self):
        return (f'@ 0 SOA invalid. invalid. {self.serials[CATALOG]} 3600 600 86400 0\n@ 0 NS invalid.\n'
                'version 0 TXT "2"\n' + ''.join(f'{zone[:2]}.zones 0 PTR {zone}.\n' for zone in sorted(self.present)))

    # What happens. A command may be refused, where something else has happened to the zone before.

    def control(self, *words):
        return self.server.control(*words, check=False)

    def write(self, zone, text):
        self.serials[zone] += 1
        self.server.write(zone, text())
        self.control('zone-reload', zone)

    def edit(self):
        zone = self.random.choice(self.own)
        self.write(zone, lambda: self.contents(zone))

    def edit_without_load(self):
        zone = self.random.choice(self.files)
        self.serials[zone] += 1
        self.server.write(zone, self.contents(zone))

    def update(self):
        zone = self.random.choice(self.own)
        record = f'{zone}. 3600 CAA 0 issue "sectigo.com"'
        change = [f'add u{self.random.randrange(9)}.{zone}. 60 TXT "x"', f'del u{self.random.randrange(9)}.{zone}.']
        if not self.never_open(zone):
            change += [f'add {record}', f'del {record}']
        try:
            self.server.update(zone, self.random.choice(change))
        except AssertionError:
            pass  # Refused: it has no contents now.
        self.server.visited.clear()

    def transaction(self):
        zone = self.random.choice(self.files)
        self.control('zone-begin', zone)
        self.control('zone-set', zone, f't{self.random.randrange(9)}', '60', 'TXT', '"x"')
        if not self.never_open(zone):
            self.control('zone-set', zone, '@', '3600', 'CAA', '0 issue "sectigo.com"')
        self.control(self.random.choice(['zone-commit', 'zone-abort']), zone)

    def purge(self):
        zone = self.random.choice(self.files)
        self.server.file(zone).unlink(missing_ok=True)
        self.control('-f', 'zone-purge', zone)
        time.sleep(self.random.uniform(0, 2 * CHECK))
        self.write(zone, lambda: self.contents(zone))

    def roll(self):
        self.control('zone-key-rollover', self.random.choice(self.signed), 'zsk')

    def member(self):
        zone = self.random.choice(self.members)
        self.present ^= {zone}
        self.write(CATALOG, self.catalog)

    def master(self):
        if self.primary.alive:
            self.primary.stop()
        else:
            self.primary.start()

    def instance(self):
        zone = self.random.choice(self.files)
        self.control('conf-begin')
        if zone in self.seconds:
            self.control('conf-unset', f'zone[{zone}].module')
        else:
            for id in self.random.choice(['ab', 'ba']):
                self.control('conf-set', f'zone[{zone}].module', f'mod-caaudit/{id}')
        self.seconds ^= {zone}
        self.control('conf-commit')

    def template(self):
        zone = self.random.choice(self.files)
        self.control('conf-begin')
        self.control('conf-set', f'zone[{zone}].template', self.random.choice(['default', 'other']))
        self.control('conf-commit')

    def reload(self):
        self.control('reload')

    def reload_zone(self):
        self.control('-f', 'zone-reload', self.random.choice(self.files))

    def run(self, seconds):
        acts = [self.edit] * 8 + [self.edit_without_load] * 2 + [self.update] * 8 + [self.transaction] * 4 + \
            [self.purge, self.roll, self.reload, self.member, self.member] + [self.reload_zone] * 3
        if COMMITS:
            acts += [self.template, *[self.instance] * 2 * self.module]
        begin = said = toggled = time.monotonic()
        figures = []
        while time.monotonic() < begin + seconds:
            act = self.random.choice(acts)
            if time.monotonic() > toggled + 12:  # As long as expiry takes, and more.
                toggled = time.monotonic()
                act = self.master
            act()
            self.done[act.__name__] = self.done.get(act.__name__, 0) + 1
            time.sleep(self.random.uniform(0, 0.3))
            if not self.server.alive:
                raise RuntimeError(f'knotd has ended with {self.server.process.returncode} after {act.__name__}\n'
                                   f'{self.server.log.tail()}')
            if time.monotonic() > said + max(2, seconds / 60):
                said = time.monotonic()
                figures.append(self.figures())
                print(f'{said - begin:.0f} s: {sum(self.done.values())} acts, kB, threads, files: {figures[-1]}',
                      flush=True)
        return figures

    def figures(self):
        process = pathlib.Path(f'/proc/{self.server.process.pid}')
        memory = int(re.search(r'RssAnon:\s+(\d+)', (process / 'status').read_text())[1])
        return memory, self.server.threads(), len(os.listdir(process / 'fd'))

    # What is right.

    def start(self):
        confdb = self.server.directory / 'confdb'
        subprocess.run([harness.TOOLS['knotc'], '-C', str(confdb), '-f', 'conf-import', str(self.server.conf)],
                       check=True, capture_output=True)
        self.server.arguments = ['-C', str(confdb)]
        self.primary.start()
        self.server.start()

    def state(self):
        """Of each zone what is served, its findings, and whether it was looked at."""
        out = {}
        for zone in [*self.files, *self.signed, *self.secondary, *sorted(self.present)]:
            stats = self.server.stats(zone)
            served = 'SERVFAIL' if 'SERVFAIL' in self.server.kdig(zone, 'CAA') else self.server.query(zone, 'CAA')
            out[zone] = served, {**stats.findings(), 'not-checked': stats['not-checked']}
        return out

    def settle(self):
        """Nothing changes any more, and all that was to be loaded is."""
        if not self.primary.alive:
            self.primary.start()
        for zone in self.secondary:
            self.control('zone-retransfer', zone)
        for zone in self.files:
            self.control('zone-reload', zone)
        time.sleep(SETTLE)

    def resolved_falsely(self):
        """Resolved findings about CAA of zones that have it all the time."""
        return [line.text for line in self.server.events('resolved')
                if line.fields['id'] == 'caa-issue-denied' and self.never_open(line.zone)]


def ask(server, zones, end):
    """Queries for all zones, until the event comes."""
    while not end.wait(0.02):
        for zone in random.sample(zones, 5):
            server.visitor(zone)


def run(arguments, directory):
    churn = Churn(directory, not arguments.plain, arguments.seed)
    server = churn.server
    complaints = []
    end = threading.Event()
    # Half of the zones of each kind are asked for; the others rely on questions of the module's own.
    asked = churn.files[:20] + churn.signed[:3] + churn.members[:5]
    load = threading.Thread(target=ask, args=(server, asked, end))
    try:
        churn.start()
        load.start()
        figures = churn.run(arguments.seconds)
        churn.settle()
        if churn.module:
            before = churn.state()
            server.stop()
            complaints += [f'resolved, and it was not: {text}' for text in churn.resolved_falsely()]
            server.start()
            time.sleep(SETTLE)
            after = churn.state()
            # A new start may serve something else, as a file that was not loaded before.
            for zone, (served, judged) in before.items():
                if served == after[zone][0] and judged != after[zone][1]:
                    reasons = [line.rest for line in server.events('not checked', zone)[-1:]]
                    complaints.append(f'{zone}, {served}: {judged}, after a new start {after[zone][1]} {reasons}')
                if served == 'SERVFAIL' and judged['not-checked'] == 0:
                    complaints.append(f'{zone} is not served, and called checked')
    finally:
        end.set()
        if load.is_alive():
            load.join()
        codes = [churn.primary.stop(), server.stop()]
    if codes[1] != 0:
        complaints.append(f'exit code {codes[1]}')
    third = max(1, len(figures) // 3)
    for what, column in zip(('memory', 'threads', 'files'), zip(*figures)):
        first, last = (statistics.median(part) for part in (column[third:2 * third], column[-third:]))
        if not watch.KIND and last > first * (1 + GROWTH):
            complaints.append(f'{what}: {first} in the middle, {last} in the end')
    if watch.complaints(server.directory):
        complaints.append(watch.complaints(server.directory))
    return {'acts': churn.done, 'figures': figures[-1], 'complaints': complaints,
            'audits': len(server.events('audit')), 'resolved': len(server.events('resolved'))}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--seconds', type=int, default=1200)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--plain', action='store_true')
    parser.add_argument('--json', type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='caaudit-churn-') as directory:
        result = run(arguments, pathlib.Path(directory))
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + '\n')
    print(json.dumps(result, indent=1))
    return 1 if result['complaints'] else 0


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    os.environ.setdefault('LC_ALL', 'C.UTF-8')
    sys.exit(main())
