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
from faults import touch  # noqa: E402

ROUNDS = 5
RECORDS = 1_000_000
SIGNED_RECORDS = 100_000
SIGNED_ROUNDS = 1  # Two of the checkers take a minute.
ZONES = 10_000
FLOOD = 1_000_000
CHECK = 10  # Seconds, the default of 'change-check'.
IDLE = 60


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


# A process starts with the memory of the one that made it, so a small one does.
MEASURE = """
import os, subprocess, sys, time
quiet = subprocess.DEVNULL
begin = time.monotonic()
process = subprocess.Popen(sys.argv[1:], stdin=quiet, stdout=quiet, stderr=quiet)
usage = os.wait4(process.pid, 0)[2]
print(usage.ru_utime + usage.ru_stime, time.monotonic() - begin, usage.ru_maxrss / 1024)
"""


def run(command):
    """CPU seconds, wall seconds and peak MiB of a finished command."""
    said = subprocess.run([sys.executable, '-S', '-E', '-c', MEASURE, *map(str, command)], check=True,
                          capture_output=True, text=True).stdout
    return tuple(map(float, said.split()))


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
        'bare libzscanner parse': 'at most 1.6', 'kzonecheck': 'at most 0.125',
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
                           '-l', '3', '-c', '8', '-q', '100', *options], capture_output=True, text=True).stdout
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


def high_water(server, act):
    """MiB that the server had at most beyond what it had before, while something happened."""
    process = pathlib.Path(f'/proc/{server.process.pid}')
    (process / 'clear_refs').write_text('5')
    before = memory(server)
    act()
    peak = int(re.search(r'VmHWM:\s+(\d+)', (process / 'status').read_text())[1])
    return (peak - before) / 1024


def audit_again(server, zone):
    """Waits until a zone was read once more, after an 'audit-interval' of a second; returns the milliseconds
    that the audit took."""
    mark = server.log.mark()
    return int(re.search(r'(\d+) ms', server.wait_audit(zone, mark).text)[1])


def write_large_zone(path, records, kinds):
    """Records of some kinds in turn, in a zone that no policy objects to."""
    with open(path, 'w') as file:
        file.write('$TTL 3600\n@ SOA ns1 host 1 7200 900 1209600 300\n@ NS ns1\nns1 A 192.0.2.1\n')
        for begin in range(0, records - 3, 10000):
            file.write(''.join(kinds[i % len(kinds)].format(i) for i in range(begin, min(begin + 10000, records - 3))))


def serve_large(directory, records, kinds, small=0):
    """A server with a large zone that is read by transfer, and small ones."""
    zones = {'big.example': None, **{f'z{i}.example.net': harness.zone_file() for i in range(small)}}
    server = make_server(directory, True, zones, start=False, extra=harness.LOOPBACK_ACL,
                         server_options=['tcp-io-timeout: 30000'],
                         modules={'default': ['audit-delay: 0', 'change-check: 1'], 'big': ['audit-interval: 1'],
                                  'all': []},
                         zone_options={'big.example': ['module: mod-caaudit/big']},
                         template=['acl: [ loopback, transfer ]', 'module: mod-caaudit/default',
                                   'global-module: mod-caaudit/all'])
    write_large_zone(server.file('big.example'), records, kinds)
    server.limit = 300
    server.start()
    server.wait_audit('big.example')
    server.wait_stats('all zones audited', lambda stats: stats['zones[clean]'] == 1 + small)
    return server


A, CNAME, CAA = 'h{0} A 192.0.2.1\n', 'h{0} CNAME ns1\n', 'h{0} CAA 0 issue "sectigo.com"\n'


def bench_large(table, directory):
    """Time and memory of audits of large zones; small ones meanwhile."""
    for what, records, kinds, small in (('A', RECORDS, [A], 0), ('A and 1 % CAA', RECORDS, [A] * 99 + [CAA], 0),
                                        ('A and 19 % CNAME', RECORDS, ([A] * 4 + [CNAME]) * 19 + [A] * 5, 0),
                                        ('A', 10 * RECORDS, [A], 1000)):
        server = serve_large(directory, records, kinds, small)
        try:
            audit_again(server, 'big.example')  # Buffers of the server grow to their size.
            took = []
            peak = high_water(server, lambda server=server, took=took: took.append(audit_again(server, 'big.example')))
            table.add(f'{records:,} records ({what}): audit by transfer', took[0], unit='ms')
            table.add(f'{records:,} records ({what}): peak memory of the audit', peak,
                      'at most 64' if records == RECORDS else '', 'MiB')
            if small:
                bench_order(table, server, small)
        finally:
            server.stop()
            shutil.rmtree(server.directory, ignore_errors=True)


def bench_order(table, server, small):
    """Small zones are due while a large one is being read."""
    audit_again(server, 'big.example')
    time.sleep(1.2)  # So that the next one is under way.
    mark = server.log.mark()
    before = server.stats()['audits']
    begin = time.monotonic()
    touch(server, [f'z{i}.example.net' for i in range(small)])
    server.wait_stats('small zones', lambda stats: stats['audits'] >= before + small)
    took = time.monotonic() - begin
    done = bool(server.events('audit', 'big.example', mark))
    server.wait_audit('big.example', mark)
    table.add(f'{small:,} small zones audited while a large one is read', took, 'before it', 's')
    table.add('the large one was read until then', 'yes' if done else 'no', 'no')


def bench_findings(table, directory):
    """Ten thousand findings in one zone."""
    count = 10_000
    zone = harness.zone_file(''.join(f'h{i} CAA 0 isue "x"\n' for i in range(count)))
    server = make_server(directory, True, {'example.com': zone})
    try:
        line = server.wait_audit('example.com')
        table.add(f'{count:,} findings: audit', int(re.search(r'(\d+) ms', line.text)[1]), unit='ms')
        table.add(f'{count:,} findings: lines in the log', len(server.events('finding', 'example.com')),
                  '20 and a summary')
        counted = sum(server.stats('example.com').findings().values())
        table.add(f'{count:,} findings: counted', counted, f'at least {count:,}')
    finally:
        server.stop()


def wait_loaded(server, count):
    """Waits until so many zones are loaded, by the log as it grows."""
    seen, offset = 0, 0
    while seen < count:
        with open(server.log.path, 'rb') as log:
            log.seek(offset)
            text = log.read()
        text = text[:text.rfind(b'\n') + 1]
        offset += len(text)
        seen += text.count(b'loaded, serial')
        if not server.alive:
            raise RuntimeError('knotd has ended')
        time.sleep(0.1)


def start_many(table, directory, count, rounds):
    """Start and reload with many zones, in turn; memory of an instance."""
    zones = {f'z{i}.example.com': harness.zone_file('@ CAA 0 issue "sectigo.com"') for i in range(count)}
    figures = {False: [], True: []}
    for _ in range(rounds):
        for module in (False, True):
            options = {'template': ['module: mod-caaudit/default', 'global-module: mod-caaudit/default']} \
                if module else {}
            server = make_server(directory, module, zones, start=False, **options)
            server.limit = 300
            begin = time.monotonic()
            server.start()
            try:
                wait_loaded(server, count)
                started = time.monotonic() - begin
                audited = again = read = 0.0
                if module:
                    server.wait_stats('all zones audited', lambda s: s['zones[audited]'] == count)
                    audited = time.monotonic() - begin - started
                resident = memory(server)
                begin = time.monotonic()
                server.reload()
                reloaded = time.monotonic() - begin
                if module:
                    server.wait_stats('all zones audited', lambda s: s['zones[audited]'] == count)
                    again = time.monotonic() - begin - reloaded
                    read = server.stats()['audits']
                figures[module].append((started, reloaded, resident, audited, again, read))
            finally:
                server.stop()
                shutil.rmtree(server.directory, ignore_errors=True)
    without, with_module = ([statistics.median(column) for column in zip(*figures[module])]
                            for module in (False, True))
    table.add(f'{count:,} zones: start without the module', without[0], unit='s')
    table.add(f'{count:,} zones: start with / without', with_module[0] / without[0], 'at most 1.1')
    table.add(f'{count:,} zones: all audited after the start', with_module[3], 'seconds', 's')
    table.add(f'{count:,} zones: reload without', without[1], unit='s')
    table.add(f'{count:,} zones: reload with / without', with_module[1] / without[1])
    table.add(f'{count:,} zones: verdicts again after the reload', with_module[4], unit='s')
    table.add(f'{count:,} zones: read again for it, nothing having changed', int(with_module[5]), '0')
    table.add(f'{count:,} zones: memory without the module', without[2] / count, unit='kB each')
    table.add(f'{count:,} zones: memory an instance', (with_module[2] - without[2]) / count, 'at most 3', 'kB')


def bench_start(table, build, directory):
    """Ten thousand zones."""
    start_many(table, directory, ZONES, 3)


def bench_scale(table, build, directory):
    """A hundred thousand zones, zones of a million records and more, ten thousand findings."""
    start_many(table, directory, 10 * ZONES, 1)
    bench_large(table, directory)
    bench_findings(table, directory)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def knotc(server, count):
    """Seconds that knotc takes, several times."""
    times = []
    for _ in range(count):
        begin = time.perf_counter()
        server.control('zone-status', 'example.com')
        times.append(time.perf_counter() - begin)
    return times


def cpu(server):
    """CPU seconds of the server so far."""
    fields = pathlib.Path(f'/proc/{server.process.pid}/stat').read_text().rpartition(')')[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def sample(server, act, seconds=12):
    """Query times and knotc times while something is done once a second."""
    queries, commands = [], []
    for _ in range(seconds):
        act()
        end = time.monotonic() + 1
        while time.monotonic() < end:
            queries += ask(server, 300)
            commands += knotc(server, 3)
    return queries, commands


def serve_for_latency(directory, path, source):
    """A server with a large zone that is read from a source, without the module if that is None."""
    options = {} if source is None else {
        'modules': {'default': ['source: zonefile'], 'big': [f'source: {source}', 'audit-interval: 1']},
        'zone_options': {'big.example': ['module: mod-caaudit/big']}}
    server = make_server(directory, source is not None,
                         {'example.com': harness.zone_file('www A 192.0.2.2'), 'big.example': None}, start=False,
                         extra=harness.LOOPBACK_ACL,
                         template=['acl: [ loopback, transfer ]', *(['module: mod-caaudit/default'] if source else [])],
                         **{'modules': {}, **options})
    os.link(path, server.file('big.example'))
    server.limit = 300
    server.start()
    server.wait_loaded('big.example')
    return server


def bench_latency(table, build, directory):
    """How long queries and knotc wait while audits of a large zone follow each other, and what CPU time the
    audits take, beside a server without the module: at rest, with a process of the auditor's priority that
    computes, and with transfers of the zone."""
    path = directory / 'big.zone'
    write_big_zone(path, RECORDS)

    def add(what, measured):
        for name, values, rest in zip(('query', 'knotc'), measured, plain):
            table.add(f'{name} p99 {what} / without the module',
                      percentile(values, .99) / percentile(rest, .99), 'noise')

    server = serve_for_latency(directory, path, None)
    transfer = ['nice', harness.TOOLS['kdig'], f'@{server.address}', '-p', str(server.port), 'big.example', 'AXFR']
    quiet = {'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL}
    try:
        plain = sample(server, lambda: None)
        table.add('query p99 without the module', percentile(plain[0], .99) * 1e6, unit='us')
        table.add('knotc p99 without the module', percentile(plain[1], .99) * 1e3, unit='ms')
        add('once more, for the noise,', sample(server, lambda: None))
        busy = subprocess.Popen(['nice', sys.executable, '-c', 'while True: pass'], **quiet)
        try:
            add('beside a process that computes', sample(server, lambda: None))
        finally:
            busy.kill()
            busy.wait()
        begin = cpu(server)
        for _ in range(3):
            subprocess.run(transfer, check=True, **quiet)
        axfr = (cpu(server) - begin) / 3
        table.add(f'{RECORDS:,} records: CPU time of a transfer', axfr, unit='s')
        running = []

        def start_transfer():
            if not running or running[-1].poll() is not None:
                running.append(subprocess.Popen(transfer, **quiet))
        add('during transfers', sample(server, start_transfer))
        running[-1].wait()
    finally:
        server.stop()
    for source in ['transfer', *(['control'] if harness.CONTROL_IS_SAFE else []), 'zonefile']:
        server = serve_for_latency(directory, path, source)
        try:
            server.wait_audit('big.example')
            begin = cpu(server)
            took = [audit_again(server, 'big.example') for _ in range(3)]
            used = (cpu(server) - begin) / 3
            table.add(f'{RECORDS:,} records: audit, source {source}', statistics.median(took), unit='ms')
            table.add(f'{RECORDS:,} records: CPU time of the audit / of a transfer, {source}', used / axfr,
                      'at most 1.5')
            mark = server.log.mark()
            measured = sample(server, lambda: None)
            table.add(f'audits meanwhile, source {source}', len(server.events('audit', 'big.example', mark)))
            add(f'during audits, source {source},', measured)
        finally:
            server.stop()


def bench_changes(table, build, directory):
    """Many zones that nobody asks for: what the questions cost, and when changes are seen."""
    zones = {f'z{i}.example.com': harness.zone_file('@ CAA 0 issue "letsencrypt.org"') for i in range(ZONES)}
    used = {}
    for module in (False, True):
        options = {'modules': {'default': ['audit-delay: 0'], 'all': []},
                   'template': ['acl: [ loopback, transfer ]', 'module: mod-caaudit/default',
                                'global-module: mod-caaudit/all']} if module else {'template': ['acl: loopback']}
        server = make_server(directory, module, zones, extra=harness.LOOPBACK_ACL, **options)
        server.limit = 300
        try:
            wait_loaded(server, ZONES)
            if module:
                server.wait_stats('all zones audited', lambda stats: stats['zones[audited]'] == ZONES)
                time.sleep(2 * CHECK)
            begin = cpu(server)
            time.sleep(IDLE)
            used[module] = cpu(server) - begin
            if module:
                change_many(table, server, random.sample(list(zones), 100))
        finally:
            server.stop()
            shutil.rmtree(server.directory, ignore_errors=True)
    table.add(f'{ZONES:,} zones: CPU time of an idle minute without the module', used[False], unit='s')
    table.add(f'{ZONES:,} zones: the same with it', used[True], f'at most {used[False] + IDLE / 50:.2g}', 's')


def change_many(table, server, changed):
    """Changes zones by file, by update and by a transaction, and waits until each change was seen."""
    mark = server.log.mark()
    begin = time.monotonic()
    for number, zone in enumerate(changed):
        if number % 3 == 0:
            server.write(zone, harness.zone_file('@ CAA 0 issue "sectigo.com"', serial=2))
            server.control('zone-reload', zone)
        elif number % 3 == 1:
            server.update(zone, f'add {zone}. 3600 CAA 0 issue "sectigo.com"')
            server.visited.clear()
        else:
            for words in (['zone-begin', zone], ['zone-set', zone, '@', '3600', 'CAA', '0 issue "sectigo.com"'],
                          ['zone-commit', zone]):
                server.control(*words)
    made = time.monotonic() - begin
    for zone in changed:
        server.wait_audit(zone, mark, serial=2, errors=0)
    seen = time.monotonic() - begin - made
    table.add(f'{len(changed)} of {ZONES:,} zones are changed', made, unit='s')
    table.add('all changes are seen after that', seen, f'at most {CHECK + 5}', 's')


PARTS = {'command': bench_command, 'query': bench_query, 'throughput': bench_throughput,
         'flood': bench_flood, 'synthesis': bench_synthesis, 'start': bench_start,
         'scale': bench_scale, 'latency': bench_latency, 'changes': bench_changes}


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
