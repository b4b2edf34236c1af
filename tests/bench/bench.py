#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""The benchmarks: commands and servers side by side in one run.

usage: bench.py --build DIRECTORY [--json FILE] [PART]...

Commands are measured by what the system accounts to the finished process, in
turn (A B C A B C...), and the median counts. Servers with and without the
module run at the same time and are asked in turn.
"""

import argparse
import json
import os
import pathlib
import random
import re
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests/functional'))
import harness  # noqa: E402

ROUNDS = 7
RECORDS = 1_000_000
SIGNED_RECORDS = 100_000
SIGNED_ROUNDS = 1  # Two of the checkers take a minute.
ZONES = 10_000
FLOOD = 1_000_000


class Table:
    """Rows of the result: what, measured, and the goal beside it."""

    def __init__(self):
        self.rows = []

    def add(self, what, value, goal='', unit=''):
        self.rows.append({'what': what, 'value': value, 'unit': unit, 'goal': goal})
        text = f'{value:.3g}' if isinstance(value, float) else str(value)
        print(f'{what:<58} {text:>10} {unit:<6} {goal}', flush=True)


def write_big_zone(path, records):
    """80 % A, 19 % CNAME, 1 % CAA: 1,000,000 records are 22 MB."""
    with open(path, 'w') as file:
        file.write('$TTL 3600\n@ SOA ns1 host 1 7200 900 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\n')
        for i in range(records - 3):
            kind = i % 100
            file.write(f'h{i} A 192.0.2.{i % 250 + 1}\n' if kind < 80 else
                       f'h{i} CNAME h{i - 80}\n' if kind < 99 else
                       f'h{i} CAA 0 issue "sectigo.com"\n')


def run(command):
    """CPU seconds, wall seconds and peak MiB of a finished command."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss / 1024


def write_signed_zone(directory, path, records):
    """The same signed: NSEC, and one ECDSA key for all."""
    plain = directory / 'plain'
    write_big_zone(plain, records)
    name = path.name.removesuffix('.zone')
    for command in (['dnssec-keygen', '-q', '-a', 'ECDSAP256SHA256', '-f', 'KSK', name],
                    ['dnssec-signzone', '-q', '-S', '-z', '-P', '-o', name, '-f', path, plain]):
        subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)


def compare(table, what, commands, goals, rounds):
    """Commands in turn: CPU time and memory of each, and what the first takes beside each of the others."""
    commands = {name: list(map(str, words)) for name, words in commands.items()
                if shutil.which(str(words[0]))}
    results = {name: [] for name in commands}
    warm = 1 if rounds > 1 else 0  # The first turn warms the caches.
    for turn in range(rounds + warm):
        for name, words in commands.items():
            result = run(words)
            if turn >= warm:
                results[name].append(result)
    for name, runs in results.items():
        cpu, _, peak = (statistics.median(column) for column in zip(*runs))
        table.add(f'{what}: {name}', cpu, unit='s CPU')
        table.add(f'{what}: {name}, peak memory', peak, goals.get((name, 'memory'), ''), 'MiB')
    ours, *others = results
    for name in others:
        ratio = statistics.median(a[0] / b[0] for a, b in zip(results[ours], results[name]))
        table.add(f'{what}: {ours} / {name}', ratio, goals.get(name, ''), 'CPU')


def bench_command(table, build, directory):
    """The command beside the bare parse and other zone checkers, on the same file; then on a signed one."""
    def checkers(path):
        zone = path.name.removesuffix('.zone')
        return {
            'caaudit check': [build / 'module/cli/caaudit', 'check', '-q', path],
            'bare libzscanner parse': [build / 'tests/bench/bare', zone + '.', path],
            'kzonecheck': ['kzonecheck', '-o', zone, path],
            'named-checkzone': ['named-checkzone', '-q', zone, path],
            'nsd-checkzone': ['nsd-checkzone', zone, path],
        }

    path = directory / 'big.example.zone'
    write_big_zone(path, RECORDS)
    what = f'{RECORDS:,} records'
    compare(table, what, checkers(path), {
        'bare libzscanner parse': 'at most 1.5', 'kzonecheck': 'at most 0.125',
        ('caaudit check', 'memory'): 'below 64'}, ROUNDS)
    table.add(f'{what}: ldns-verify-zone', 'unsigned', 'does not apply')

    path = directory / 'signed.example.zone'
    write_signed_zone(directory, path, SIGNED_RECORDS)
    # kzonecheck and ldns-verify-zone verify every signature, caaudit those over what a CA asks for,
    # the others none.
    compare(table, f'{SIGNED_RECORDS:,} records, signed',
            checkers(path) | {'ldns-verify-zone': ['ldns-verify-zone', path]}, {}, SIGNED_ROUNDS)


def message(name, type):
    """A query."""
    wire = b''.join(bytes([len(label)]) + label.encode() for label in name.rstrip('.').split('.'))
    return random.randbytes(2) + b'\0\0\0\1\0\0\0\0\0\0' + wire + b'\0' + struct.pack('!HH', type, 1)


def ask(server, count, name='www.example.com', type=1):
    """Asks one question many times, one after the other; returns seconds each."""
    times = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(30)
        client.connect((server.address, server.port))
        for _ in range(count):
            begin = time.perf_counter()
            client.send(message(name, type))
            client.recv(65535)
            times.append(time.perf_counter() - begin)
    return times


def make_server(directory, module, zones=None, start=True, **options):
    """A private server, with the module on every zone or without it."""
    zones = zones or {'example.com': harness.zone_file('www A 192.0.2.2\n@ CAA 0 issue "sectigo.com"')}
    if module:
        options.setdefault('modules', {'default': ['audit-delay: 1']})
        options.setdefault('template', ['module: mod-caaudit/default'])
    server = harness.Server(tempfile.mkdtemp(dir=directory), zones, module=module, slow=30, **options)
    return server.start() if start else server


def instructions(directory, module, count):
    """Instructions of the thread that answers, in a server life with so many queries.

    The auditor's threads wake once a second, which is often at valgrind's pace."""
    out = directory / f'callgrind.{module}.{count}'
    server = make_server(directory, module, wrapper=[
        'valgrind', '--quiet', '--tool=callgrind', '--separate-threads=yes', f'--callgrind-out-file={out}'])
    try:
        server.wait_loaded('example.com')
        ask(server, count)
    finally:
        server.stop()
    return max(int(re.search(r'^(?:summary|totals): (\d+)', path.read_text(), re.M)[1])
               for path in directory.glob(out.name + '-*'))


def bench_query(table, build, directory):
    """Instructions per query that is not ours, by callgrind: the difference of two counts."""
    few, many = 6000, 16000  # Few enough would let the start outweigh the queries.
    cost = {}
    for module in (False, True):
        cost[module] = (instructions(directory, module, many) -
                        instructions(directory, module, few)) / (many - few)
    table.add('instructions per query without the module', cost[False])
    table.add('more with the module', cost[True] - cost[False], 'at most 60')


def throughput(server, queries, *options):
    """Queries per second by dnsperf."""
    said = subprocess.run(['dnsperf', '-s', server.address, '-p', str(server.port), '-d', queries,
                           '-l', '4', '-c', '8', '-q', '100', *options], capture_output=True, text=True).stdout
    return float(re.search(r'Queries per second:\s+([\d.]+)', said)[1])


def bench_throughput(table, build, directory):
    """Two servers, asked in turn."""
    queries = {'other queries': 'www.example.com A\n', 'CAA queries': 'example.com CAA\n'}
    without, with_module = make_server(directory, False), make_server(directory, True)
    try:
        for server in (without, with_module):
            server.wait_loaded('example.com')
        with_module.wait_audit('example.com')
        for what, text in queries.items():
            path = directory / 'queries'
            path.write_text(text)
            pairs = [(throughput(with_module, path), throughput(without, path)) for _ in range(ROUNDS)]
            table.add(f'throughput with / without the module, {what}',
                      statistics.median(a / b for a, b in pairs),
                      'at least 0.99' if what.startswith('other') else '', '')
    finally:
        without.stop()
        with_module.stop()


def bench_flood(table, build, directory):
    """A million invented names of validations: throughput, memory of the server, lines in its log."""
    queries = directory / 'queries'
    with open(queries, 'w') as file:
        file.writelines(f'_{random.getrandbits(128):032x}.example.com CNAME\n' for _ in range(FLOOD))
    without, with_module = make_server(directory, False), make_server(directory, True)
    try:
        for server in (without, with_module):
            server.wait_loaded('example.com')
        with_module.wait_audit('example.com')
        for server in (without, with_module):
            throughput(server, queries)  # Buffers of the server grow to their size.
        before = {server: memory(server) for server in (without, with_module)}
        pairs = [(throughput(with_module, queries), throughput(without, queries)) for _ in range(ROUNDS)]
        for server in (without, with_module):
            subprocess.run(['dnsperf', '-s', server.address, '-p', str(server.port), '-d', queries, '-n', '1',
                            '-c', '8', '-q', '100'], stdout=subprocess.DEVNULL, check=True)
        table.add('names in the flood', FLOOD)
        table.add('throughput with / without the module, flood', statistics.median(a / b for a, b in pairs),
                  'at least 0.97')
        for what, server in (('without', without), ('with', with_module)):
            table.add(f'memory grown in the flood, {what} the module', memory(server) - before[server], unit='kB')
        table.add('look-ups counted', with_module.stats('example.com')['lookups[validation]'])
        table.add('lines of the module in the log', len(with_module.events()))
    finally:
        without.stop()
        with_module.stop()


def bench_synthesis(table, build, directory):
    """An answer with a synthesised record beside one with the stored record, unsigned and signed."""
    stored = '@ CAA 0 issue "letsencrypt.org"\n'
    queries = directory / 'queries'
    queries.write_text('example.com CAA\n')
    for what, options, flags, goal in (('unsigned', [], [], 'at least 0.9'),
                                       ('signed, DO', ['dnssec-signing: on'], ['-D'], 'at least 0.8')):
        def server(records, *synthesize, options=options):
            return make_server(directory, True, {'example.com': harness.zone_file(records)},
                               modules={'default': [*synthesize]}, template=[*options, 'module: mod-caaudit/default'])
        servers = server(stored, 'synthesize: caa'), server(stored + '@ CAA 0 issue "sectigo.com"')
        try:
            for each in servers:
                each.wait_audit('example.com')
                assert 'sectigo.com' in each.kdig('example.com', 'CAA', '+dnssec')
            pairs = [tuple(throughput(each, queries, *flags) for each in servers) for _ in range(ROUNDS)]
            table.add(f'throughput synthesised / stored CAA, {what}', statistics.median(a / b for a, b in pairs), goal)
        finally:
            for each in servers:
                each.stop()


def memory(server):
    """Resident memory in kB."""
    return int(re.search(r'VmRSS:\s+(\d+)', pathlib.Path(f'/proc/{server.process.pid}/status').read_text())[1])


def bench_start(table, build, directory):
    """Start and reload with many zones, in turn; memory of an instance."""
    zones = {f'z{i}.example.com': harness.zone_file('@ CAA 0 issue "sectigo.com"') for i in range(ZONES)}
    figures = {False: [], True: []}
    for _ in range(3):
        for module in (False, True):
            options = {'template': ['module: mod-caaudit/default', 'global-module: mod-caaudit/default']} \
                if module else {}
            server = make_server(directory, module, zones, start=False, **options)
            begin = time.monotonic()
            server.start()
            try:
                server.wait('all zones loaded', lambda: server.log.path.read_text().count('loaded, serial') >= ZONES,
                            pause=0.2)
                started = time.monotonic() - begin
                audited = 0.0
                if module:
                    server.wait_stats('all zones audited', lambda s: s['zones[audited]'] == ZONES)
                    audited = time.monotonic() - begin - started
                resident = memory(server)
                begin = time.monotonic()
                server.reload()
                figures[module].append((started, time.monotonic() - begin, resident, audited))
            finally:
                server.stop()
                shutil.rmtree(server.directory, ignore_errors=True)
    without, with_module = ([statistics.median(column) for column in zip(*figures[module])]
                            for module in (False, True))
    table.add(f'{ZONES:,} zones: start without the module', without[0], unit='s')
    table.add(f'{ZONES:,} zones: start with / without', with_module[0] / without[0], 'at most 1.1')
    table.add(f'{ZONES:,} zones: all audited after the start', with_module[3], 'seconds', 's')
    table.add(f'{ZONES:,} zones: reload without', without[1], unit='s')
    table.add(f'{ZONES:,} zones: reload with / without', with_module[1] / without[1])
    table.add(f'{ZONES:,} zones: memory an instance', (with_module[2] - without[2]) / ZONES, 'at most 2', 'kB')


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def bench_latency(table, build, directory):
    """Latency of queries while a large zone is audited, and when it is not; time by source."""
    path = directory / 'big.zone'
    write_big_zone(path, RECORDS)
    for source, extra, options in (('zonefile', '', []),
                                   ('transfer', harness.LOOPBACK_ACL, ['acl: transfer'])):
        server = make_server(directory, True, {'example.com': harness.zone_file('www A 192.0.2.2'), 'big.example': None},
                             start=False, extra=extra, zone_options={'big.example': options},
                             modules={'default': [f'source: {source}', 'audit-delay: 0'],
                                      'small': ['source: zonefile']},
                             template=['module: mod-caaudit/small'])
        server.zone_options['big.example'] = [*options, 'module: mod-caaudit/default']
        os.link(path, server.file('big.example'))
        server.configure()
        server.start()
        try:
            line = server.wait_audit('big.example')
            took = int(re.search(r'(\d+) ms', line.text)[1])
            table.add(f'audit of {RECORDS:,} records, source {source}', took, unit='ms')
            idle = ask(server, 20000)
            busy = []
            for _ in range(5):
                mark = server.log.mark()
                server.reload()
                end = time.monotonic() + 30
                while time.monotonic() < end:
                    busy += ask(server, 500)
                    if server.events('audit', 'big.example', since=mark):
                        break
            table.add(f'latency p99, no audit ({source})', percentile(idle, .99) * 1e6, unit='us')
            table.add(f'latency p99, reload and audit of {RECORDS:,} records ({source})',
                      percentile(busy, .99) * 1e6, unit='us')
        finally:
            server.stop()


PARTS = {'command': bench_command, 'query': bench_query, 'throughput': bench_throughput,
         'flood': bench_flood, 'synthesis': bench_synthesis, 'start': bench_start, 'latency': bench_latency}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--build', type=pathlib.Path, required=True)
    parser.add_argument('--json', type=pathlib.Path)
    parser.add_argument('part', nargs='*', choices=[*PARTS, []])
    arguments = parser.parse_args()
    table = Table()
    table.add('processors', os.cpu_count())
    table.add('Knot version', '.'.join(map(str, harness.knot_version())))
    for part in arguments.part or PARTS:
        with tempfile.TemporaryDirectory(prefix='caaudit-bench-') as directory:
            PARTS[part](table, arguments.build.resolve(), pathlib.Path(directory))
    if arguments.json:
        arguments.json.write_text(json.dumps(table.rows, indent=1) + '\n')


if __name__ == '__main__':
    main()
