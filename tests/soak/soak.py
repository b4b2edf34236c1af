#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""Many reloads and dynamic updates under queries, on a server with the module and one without it.

usage: soak.py [--reloads N] [--updates N] [--segments N] [--seconds N] [--json FILE]

Both servers live from the beginning to the end and have the same zones. They
take turns: in each segment one of them is reloaded and updated under a load of
queries that is half of what the plain server can answer, and audits run in the
one that has the module. It fails if the module loses a query more than the
plain server does, answers otherwise, grows by more than 2 % from the middle to
the end, audits nothing, or dies. --seconds ends it early, between segments.
With CAAUDIT_WATCH=address or thread, and a module that was built for it, it
fails for what the sanitizer reports as well, and not for memory.
"""

import argparse
import json
import os
import pathlib
import random
import re
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests/functional'))
import harness  # noqa: E402
import watch  # noqa: E402

SMALL = 20
BURST = 5
GROWTH = 0.02
BIG_RECORDS = 100_000
LOCKED = 'www A 192.0.2.2\n@ CAA 0 issue "letsencrypt.org"\n_x CNAME y.sectigo.com.\n'


def zones():
    """Small zones, one that is updated and in its file, one that is not, and a large one."""
    text = {f'z{number}.example.com': harness.zone_file(LOCKED) for number in range(SMALL)}
    text['file.example.net'] = text['journal.example.net'] = harness.zone_file(LOCKED)
    text['big.example.net'] = harness.zone_file(
        LOCKED + ''.join(f'h{i} A 192.0.2.{i % 250}\n' for i in range(BIG_RECORDS)))
    return text


def wire_name(name):
    return b''.join(bytes([len(label)]) + label.encode() for label in name.split('.') if label) + b'\0'


class Side:
    """One of the two servers, and what was measured with it."""

    def __init__(self, directory, module):
        options = {}
        if module:
            options = {'modules': {'default': ['audit-delay: 0', 'host: [ "@", www ]'], 'all': []}}
        template = ['acl: loopback']
        if module:
            template += ['module: mod-caaudit/default', 'global-module: mod-caaudit/all']
        unsynced = ['acl: [ loopback, transfer ]', 'zonefile-sync: -1']
        self.server = harness.Server(tempfile.mkdtemp(dir=directory), zones(), module=module, slow=10,
                                     extra=harness.LOOPBACK_ACL, template=template,
                                     zone_options={'journal.example.net': unsynced, 'big.example.net': unsynced},
                                     **options)
        self.server.log.path.unlink()
        self.server.log.path.touch()
        self.module = module
        self.sent = self.lost = self.reloads = self.updates = self.refused = self.audits = 0
        self.codes = {}
        self.memory = []
        self.slowest = 0.0

    def start(self):
        self.server.start()
        for zone in self.server.zones:
            self.server.wait_loaded(zone)
        if self.module:
            for zone in self.server.zones:
                self.server.wait_audit(zone)

    def count_audits(self):
        """Counters begin anew with each reload, so what was added since is summed by the log."""
        text = self.server.log.path.read_text(errors='replace')
        self.audits = len(re.findall(r"audit, serial .* ms$", text, re.M))
        self.unchanged = len(re.findall(r"audit, serial .* ms, unchanged$", text, re.M))

    def update(self, number):
        """One dynamic update; records come and go."""
        if number % 200 == 0:
            zone = 'big.example.net'
        else:
            zone = ('file.example.net', 'journal.example.net')[number % 2]
        owner = wire_name(f'u{number // 4 % 20}.{zone}')
        if number // 2 % 2 == 0:
            data = b'\0\5issue' + b'example.net'
            change = owner + struct.pack('!HHIH', 257, 1, 60, len(data)) + data
        else:
            change = owner + struct.pack('!HHIH', 257, 255, 0, 0)
        wire = (random.randbytes(2) + struct.pack('!HHHHH', 0x2800, 1, 0, 1, 0) + wire_name(zone) +
                struct.pack('!HH', 6, 1) + change)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(20 * harness.PATIENCE)
            client.connect((self.server.address, self.server.port))
            client.send(wire)
            reply = client.recv(4096)
        self.updates += 1
        self.refused += reply[3] & 15 != 0

    def segment(self, reloads, updates, queries, rate):
        """Reloads and updates under load."""
        load = subprocess.Popen(['dnsperf', '-s', self.server.address, '-p', str(self.server.port), '-d', queries,
                                 '-l', '3600', '-c', '4', '-q', '100', '-Q', str(rate)],
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        failed = []

        def work(act):
            try:
                act()
            except Exception as error:  # noqa: BLE001 - shown below
                failed.append(error)

        def reload():
            for number in range(reloads):
                begin = time.monotonic()
                self.server.reload()
                self.slowest = max(self.slowest, time.monotonic() - begin)
                self.reloads += 1
                if number % BURST == BURST - 1:
                    time.sleep(1.3)  # So long nothing may be loaded before audits begin.

        def update():
            for _ in range(updates):
                self.update(self.updates)
        threads = [threading.Thread(target=work, args=(act,)) for act in (reload, update)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        load.send_signal(signal.SIGINT)
        said = load.communicate()[0]
        if failed:
            raise failed[0]
        self.sent += int(re.search(r'Queries sent:\s+(\d+)', said)[1])
        self.lost += int(re.search(r'Queries lost:\s+(\d+)', said)[1])
        for code, count in re.findall(r'([A-Z]+) (\d+) \(', re.search(r'Response codes:(.*)', said)[1]):
            self.codes[code] = self.codes.get(code, 0) + int(count)
        if not self.server.alive:
            raise AssertionError(f'knotd has ended with {self.server.process.returncode}')
        status = pathlib.Path(f'/proc/{self.server.process.pid}/status').read_text()
        # The journal is mapped from a file and grows with it; that is not memory of the process.
        self.memory.append(int(re.search(r'RssAnon:\s+(\d+)', status)[1]))

    def growth(self):
        """From the middle to the end."""
        third = max(1, len(self.memory) // 3)
        middle = self.memory[third:-third] or self.memory
        return statistics.median(self.memory[-third:]) / statistics.median(middle) - 1

    def result(self):
        return {'sent': self.sent, 'lost': self.lost, 'codes': self.codes, 'reloads': self.reloads,
                'updates': self.updates, 'updates refused': self.refused, 'slowest reload': round(self.slowest, 2),
                'memory kB': self.memory, 'growth': round(self.growth(), 4),
                **({'audits': self.audits, 'unchanged': self.unchanged} if self.module else {})}


def run(arguments, directory):
    plain, module = sides = Side(directory, False), Side(directory, True)
    queries = directory / 'queries'
    queries.write_text(''.join(f'{owner}.{zone} {type}\n' for zone in zones() for owner, type in
                               (('www', 'A'), ('www', 'CAA'), ('www', 'AAAA'), ('none', 'A'), ('_x', 'CNAME'))))
    complaints = []
    try:
        for side in sides:
            side.start()
        said = subprocess.run(['dnsperf', '-s', plain.server.address, '-p', str(plain.server.port), '-d', queries,
                               '-l', '4', '-c', '4', '-q', '100'], capture_output=True, text=True).stdout
        rate = int(float(re.search(r'Queries per second:\s+([\d.]+)', said)[1]) / 2)
        print(f'{rate} queries a second, half of the most', flush=True)
        begin = time.monotonic()
        for number in range(arguments.segments):
            for side in sides:
                side.segment(arguments.reloads // arguments.segments, arguments.updates // arguments.segments,
                             queries, rate)
            module.count_audits()
            print(f'{number + 1}/{arguments.segments}, {time.monotonic() - begin:.0f} s: lost {plain.lost} without, '
                  f'{module.lost} with; memory {plain.memory[-1]}, {module.memory[-1]} kB; '
                  f'audits {module.audits}, unchanged {module.unchanged}', flush=True)
            if time.monotonic() - begin > arguments.seconds:
                break
        # The last verdict is about the last serial.
        for zone in ('file.example.net', 'journal.example.net', 'big.example.net'):
            module.server.visit(zone)
            module.server.wait_audit(zone, serial=module.server.serial(zone))
    finally:
        codes = [side.server.stop() for side in sides]
    if codes != [0, 0]:
        complaints.append(f'exit codes {codes}')
    if module.lost > plain.lost:
        complaints.append(f'{module.lost} queries lost with the module, {plain.lost} without')
    if module.codes.keys() != plain.codes.keys():
        complaints.append(f'answers {module.codes} with the module, {plain.codes} without')
    if module.refused > plain.refused:
        complaints.append(f'{module.refused} updates refused with the module, {plain.refused} without')
    if watch.complaints(module.server.directory):
        complaints.append(watch.complaints(module.server.directory))
    # What is freed is kept for a while by a runtime that looks for errors.
    if not watch.KIND and module.growth() > GROWTH and module.growth() > plain.growth() + GROWTH / 2:
        complaints.append(f'memory has grown by {module.growth():.1%} since the middle')
    if module.audits < module.reloads // BURST:
        complaints.append(f'only {module.audits} audits')
    return {'without': plain.result(), 'with': module.result(), 'queries a second': rate, 'complaints': complaints}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--reloads', type=int, default=1000)
    parser.add_argument('--updates', type=int, default=10000)
    parser.add_argument('--segments', type=int, default=20)
    parser.add_argument('--seconds', type=int, default=3600)
    parser.add_argument('--json', type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='caaudit-soak-') as directory:
        result = run(arguments, pathlib.Path(directory))
    if arguments.json:
        arguments.json.write_text(json.dumps(result, indent=1) + '\n')
    print(json.dumps(result))
    return 1 if result['complaints'] else 0


if __name__ == '__main__':
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
    os.environ.setdefault('LC_ALL', 'C.UTF-8')
    sys.exit(main())
