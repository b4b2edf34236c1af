# SPDX-License-Identifier: GPL-2.0-or-later

"""Name servers in network namespaces: knotd, NSD and BIND, each on a host of its own.

A farm is a bridge, one host that asks, and one host for each server, all of them network namespaces that the
test makes and removes. A server has an IPv4 and an IPv6 address and port 53 to itself. Nothing leaves the
farm: no namespace has a route to anywhere else.

    with Farm() as farm:
        farm.add('a', Nsd, {'example.test': zone_text})
        farm.start()
        farm.run(['caaudit', 'probe', 'example.test', '--server', farm.server['a'].v4])

Needs root, and the packages that the classes name; available() says what is missing.
"""

import atexit
import contextlib
import ctypes
import itertools
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PLACES = os.pathsep.join([os.environ.get('PATH', ''), '/usr/sbin', '/sbin', '/usr/local/sbin'])
PATIENCE = float(os.environ.get('CAAUDIT_PATIENCE', '1'))
LIMIT = 20 * PATIENCE
_numbers = itertools.count(1)


def tool(name):
    return shutil.which(name, path=PLACES)


def available(*more):
    """None if a farm can be made here, with these servers and tools, else why not."""
    missing = [name for name in ('ip', 'nft', *(more or ('knotd', 'nsd', 'named'))) if tool(name) is None]
    if missing:
        return 'not installed: ' + ', '.join(missing)
    if os.geteuid() != 0:
        return 'network namespaces need root'
    name = f'caaudit-{os.getpid()}-try'
    if subprocess.run([tool('ip'), 'netns', 'add', name], capture_output=True, check=False).returncode != 0:
        return 'no network namespace can be made here'
    subprocess.run([tool('ip'), 'netns', 'del', name], check=False)
    return None


def die_with_parent():
    """No server outlives a test that was killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def call(*words, data=None):
    result = subprocess.run([str(word) for word in words], input=data, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise RuntimeError(f'{" ".join(map(str, words))}: {result.stdout}{result.stderr}')
    return result.stdout


class Host:
    """A network namespace with a link to the bridge."""

    def __init__(self, farm, name, number):
        self.farm, self.name = farm, name
        self.netns = f'{farm.prefix}-{name}'
        self.v4, self.v6 = f'192.0.2.{number}', f'2001:db8::{number:x}'
        ip = tool('ip')
        call(ip, 'netns', 'add', self.netns)
        farm.namespaces.append(self.netns)
        near, far = f'v{number}', 'eth0'
        call(ip, '-n', farm.hub, 'link', 'add', near, 'type', 'veth', 'peer', 'name', far, 'netns', self.netns)
        call(ip, '-n', farm.hub, 'link', 'set', near, 'master', 'bridge', 'up')
        for device in ('lo', far):
            call(ip, '-n', self.netns, 'link', 'set', device, 'up')
        call(ip, '-n', self.netns, 'addr', 'add', f'{self.v4}/24', 'dev', far)
        call(ip, '-n', self.netns, 'addr', 'add', f'{self.v6}/64', 'dev', far, 'nodad')

    def popen(self, words, **options):
        """Starts a command on this host."""
        return subprocess.Popen([tool('ip'), 'netns', 'exec', self.netns, *map(str, words)],
                                preexec_fn=die_with_parent, **options)

    filtered = False

    def nft(self, *rules):
        """Sets the rules for what comes in; none removes them."""
        self.filtered = bool(rules)
        script = 'table inet farm\ndelete table inet farm\n'
        if rules:
            script += 'table inet farm {\n chain input {\n type filter hook input priority 0;\n '
            script += '\n '.join(rules) + '\n }\n}\n'
        call(tool('ip'), 'netns', 'exec', self.netns, tool('nft'), '-f', '-', data=script)

    def counters(self):
        """Packets that each rule with a counter has seen, in their order."""
        said = call(tool('ip'), 'netns', 'exec', self.netns, tool('nft'), 'list', 'table', 'inet', 'farm')
        words = said.split()
        return [int(words[i + 2]) for i, word in enumerate(words) if word == 'counter' and words[i + 1] == 'packets']


class Server(Host):
    """A name server. Subclasses write its configuration and know its command."""

    kind = ''

    def __init__(self, farm, name, number, zones):
        super().__init__(farm, name, number)
        self.dir = farm.dir / name
        self.dir.mkdir()
        self.process = None
        self.zones = {}
        self.options = {}
        for zone, text in zones.items():
            self.write(zone, text)

    def write(self, zone, text):
        """Gives a zone, at the next start."""
        self.zones[zone] = self.dir / f'{zone}.zone'
        self.zones[zone].write_text(text)

    def start(self, **options):
        """Starts the server and waits until it answers; options are of the kind of server."""
        self.options = options
        command = self.command()
        self.log = self.dir / 'log'
        with open(self.log, 'wb') as log:
            self.process = self.popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.dir)
        end = time.monotonic() + LIMIT
        while not self.farm.answers(self):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f'{self.kind} {self.name} does not start: {self.log.read_text()[-3000:]}')
            time.sleep(0.05)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.process = None

    def restart(self, **options):
        self.stop()
        self.start(**options)


class Knot(Server):
    """options: modules = lines of the configuration, template = options of the zones."""

    kind = 'knotd'

    def command(self):
        for name in ('run', 'db'):
            (self.dir / name).mkdir(exist_ok=True)
        lines = ['server:', f'    rundir: "{self.dir}/run"', f'    listen: [ {self.v4}@53, "{self.v6}@53" ]',
                 '    udp-workers: 1', '    tcp-workers: 1', '    background-workers: 1',
                 'database:', f'    storage: "{self.dir}/db"', '    journal-db-max-size: 16M',
                 'log:', '  - target: stderr', '    any: warning',
                 *self.options.get('modules', []),
                 'template:', '  - id: default', f'    storage: "{self.dir}"', '    file: "%s.zone"',
                 '    zonefile-load: whole', '    zonefile-sync: -1', '    journal-content: none',
                 *(f'    {option}' for option in self.options.get('template', [])),
                 'zone:', *(f'  - domain: {zone}' for zone in self.zones)]
        (self.dir / 'knot.conf').write_text('\n'.join(lines) + '\n')
        return [tool('knotd'), '-c', self.dir / 'knot.conf']


class Nsd(Server):
    """options: server = lines of the section server, zone = lines of each zone."""

    kind = 'nsd'

    def command(self):
        lines = ['server:', f'  ip-address: {self.v4}', f'  ip-address: {self.v6}', '  username: ""',
                 f'  zonesdir: "{self.dir}"', f'  pidfile: "{self.dir}/nsd.pid"', '  database: ""',
                 f'  xfrdfile: "{self.dir}/xfrd.state"', f'  zonelistfile: "{self.dir}/zone.list"',
                 f'  xfrdir: "{self.dir}"', '  server-count: 1', '  rrl-ratelimit: 0',
                 *(f'  {line}' for line in self.options.get('server', [])),
                 'remote-control:', '  control-enable: no']
        for zone in self.zones:
            lines += ['zone:', f'  name: {zone}', f'  zonefile: "{zone}.zone"',
                      *(f'  {line}' for line in self.options.get('zone', []))]
        (self.dir / 'nsd.conf').write_text('\n'.join(lines) + '\n')
        return [tool('nsd'), '-d', '-c', self.dir / 'nsd.conf']


class Bind(Server):
    """options: options = lines of the section options, zone = lines of each zone, flags = of named -T."""

    kind = 'named'

    def command(self):
        lines = ['options {', f'  directory "{self.dir}"; pid-file none; session-keyfile none;',
                 f'  listen-on {{ {self.v4}; }}; listen-on-v6 {{ {self.v6}; }};',
                 '  recursion no; notify no; dnssec-validation no; minimal-responses no-auth;',
                 f'  managed-keys-directory "{self.dir}"; lock-file none;',
                 *(f'  {line}' for line in self.options.get('options', [])), '};',
                 'controls { };']
        for zone in self.zones:
            lines += [f'zone "{zone}" {{ type primary; file "{zone}.zone";',
                      *(f'  {line}' for line in self.options.get('zone', [])), '};']
        (self.dir / 'named.conf').write_text('\n'.join(lines) + '\n')
        flags = [word for flag in self.options.get('flags', []) for word in ('-T', flag)]
        return [tool('named'), '-g', '-n', '1', *flags, '-c', self.dir / 'named.conf']


class Farm:
    """Makes the namespaces, and removes them and all that runs in them."""

    def __init__(self):
        self.prefix = f'caaudit-{os.getpid()}-{next(_numbers)}'
        self.hub = f'{self.prefix}-hub'
        self.namespaces = []
        self.server = {}
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix='caaudit-farm-'))
        atexit.register(self.close)
        try:
            call(tool('ip'), 'netns', 'add', self.hub)
            self.namespaces.append(self.hub)
            call(tool('ip'), '-n', self.hub, 'link', 'add', 'bridge', 'type', 'bridge')
            call(tool('ip'), '-n', self.hub, 'link', 'set', 'bridge', 'up')
            self.client = Host(self, 'client', 200)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for server in self.server.values():
            server.stop()
        for name in self.namespaces:
            subprocess.run([tool('ip'), 'netns', 'del', name], capture_output=True, check=False)
        self.namespaces = []
        shutil.rmtree(self.dir, ignore_errors=True)

    def add(self, name, kind, zones):
        """Adds a server that is not started yet."""
        self.server[name] = kind(self, name, len(self.server) + 1, zones)
        return self.server[name]

    def start(self):
        for server in self.server.values():
            if server.process is None:
                server.start()

    @contextlib.contextmanager
    def inside(self):
        """The calling thread is on the host that asks."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open('/proc/thread-self/ns/net', 'rb') as home, open(f'/run/netns/{self.client.netns}', 'rb') as there:
            if libc.setns(there.fileno(), 0x40000000) != 0:
                raise OSError(ctypes.get_errno(), 'setns')
            try:
                yield
            finally:
                libc.setns(home.fileno(), 0x40000000)

    def answers(self, server):
        """Does the server answer for its first zone, over IPv4 and IPv6?"""
        zone = next(iter(server.zones))
        name = b''.join(bytes([len(label)]) + label.encode() for label in zone.split('.') if label)
        query = b'\x12\x34\0\0\0\1\0\0\0\0\0\0' + name + b'\0\0\6\0\1'
        with self.inside():
            for family, address in ((socket.AF_INET, server.v4), (socket.AF_INET6, server.v6)):
                with socket.socket(family, socket.SOCK_DGRAM) as client:
                    client.settimeout(0.3)
                    try:
                        client.connect((address, 53))
                        client.send(query)
                        if client.recv(4096)[3] & 15 != 0:
                            return bool(server.options.get('refuses'))
                    except OSError:
                        return False
        return True

    def run(self, words, limit=None, env=None, cwd=None):
        """Runs a command on the host that asks."""
        return subprocess.run([tool('ip'), 'netns', 'exec', self.client.netns, *map(str, words)],
                              capture_output=True, text=True, check=False, timeout=limit or 60 * PATIENCE,
                              env={**os.environ, **(env or {})}, cwd=cwd or self.dir)


class Signer:
    """Signs zones with BIND's tools; the keys are made once."""

    def __init__(self, zone, directory):
        self.zone, self.dir = zone, pathlib.Path(directory)
        self.dir.mkdir(exist_ok=True)
        for flags in (['-f', 'KSK'], []):
            call(tool('dnssec-keygen'), '-q', '-K', self.dir, '-a', 'ECDSAP256SHA256', *flags, zone)

    def sign(self, text, *options, nsec3=False):
        """The signed zone as text. Options are those of dnssec-signzone."""
        (self.dir / 'zone').write_text(text)
        call(tool('dnssec-signzone'), '-q', '-S', '-P', '-x', '-K', self.dir, '-d', self.dir, '-o', self.zone,
             *(['-3', '-', '-H', '0'] if nsec3 else []), *options, '-f', self.dir / 'signed', self.dir / 'zone')
        return (self.dir / 'signed').read_text()

    def ds(self):
        """DS of the key that signs keys."""
        call_output = call(tool('dnssec-dsfromkey'), '-2', *sorted(
            path for path in self.dir.glob('K*.key') if ' 257 ' in path.read_text()))
        return call_output.split(' DS ', 1)[1].strip()
