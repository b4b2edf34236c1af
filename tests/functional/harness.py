# SPDX-License-Identifier: GPL-2.0-or-later

"""A private knotd for one test: started, questioned, read, and always stopped.

A test derives from KnotTest and calls self.server(). The server has its own
directory, loopback address and port; its log comes as parsed lines, its
counters as dictionaries. Waiting is for something that the log or the counters
say, never for a time, and ends with the tail of the log when it does not come.

The environment names what is under test: CAAUDIT_MODULE (path of the module),
CAAUDIT_SOURCE (root of the tree), and where they are not in the PATH, KNOTD,
KNOTC, KDIG and KNSUPDATE. CAAUDIT_PATIENCE multiplies every limit of time.
"""

import atexit
import collections
import ctypes
import dataclasses
import functools
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import watch

MODULE = os.environ.get('CAAUDIT_MODULE')
SOURCE = pathlib.Path(os.environ.get('CAAUDIT_SOURCE') or pathlib.Path(__file__).parents[2])
PATIENCE = float(os.environ.get('CAAUDIT_PATIENCE', '1'))
LIMIT = 20

TOOLS = {name: os.environ.get(name.upper()) or shutil.which(name, path=os.environ.get('PATH', '') +
                                                            ':/usr/sbin:/sbin:/usr/local/sbin')
         for name in ('knotd', 'knotc', 'kdig', 'knsupdate', 'kzonecheck')}


@functools.cache
def knot_version():
    """Version of knotd as a tuple of numbers."""
    said = subprocess.run([TOOLS['knotd'], '-V'], check=True, capture_output=True, text=True).stdout
    return tuple(int(number) for number in re.search(r'(\d+)\.(\d+)\.(\d+)', said).groups())


# On these versions reading a zone over the control socket can crash the server.
CONTROL_IS_SAFE = knot_version() >= (3, 2, 7)


def zone_file(records='', serial=1):
    """A small zone around some records, relative to its name."""
    return (f'@ 3600 SOA ns hostmaster {serial} 3600 600 86400 300\n'
            f'@ 3600 NS ns\nns 3600 A 192.0.2.1\n{records}\n')


# --- the log

@dataclasses.dataclass
class Line:
    """One log line. For a line of the module, event is its first word, as in
    "finding", and fields are what the line names: id, owner, ca, serial..."""

    number: int
    severity: str
    zone: str
    text: str
    module: str = None
    event: str = None
    fields: dict = dataclasses.field(default_factory=dict)
    rest: str = ''

    LINE = re.compile(r'(?:\d{4}-\S+ )?(critical|error|warning|notice|info|debug): (?:\[([^\]]+)\] )?(.*)')
    MODULE = re.compile(r"module 'mod-caaudit(?:/([^']*))?', (.*)")
    FIELD = re.compile(r'(id|owner|ca|serial|errors|warnings|notices|not checked|source) (\S+)')

    @classmethod
    def parse(cls, number, raw):
        match = cls.LINE.match(raw)
        if not match:
            return cls(number, '', None, raw)
        line = cls(number, match[1], match[2], match[3])
        match = cls.MODULE.match(line.text)
        if match:
            line.module = match[1] or ''
            line.event, _, rest = match[2].partition(', ')
            while True:
                part, comma, behind = rest.partition(', ')
                match = cls.FIELD.fullmatch(part)
                if not match or match[1] in line.fields:
                    break
                line.fields[match[1]] = match[2]
                rest = behind
                if not comma:
                    break
            line.rest = rest
        return line


class Log:
    """Log of a server, read as it grows."""

    def __init__(self, path):
        self.path = path
        self.lines = []
        self._offset = 0

    def read(self):
        """Takes in the whole lines that were added, and returns all lines."""
        with open(self.path, 'rb') as file:
            file.seek(self._offset)
            data = file.read()
        data = data[:data.rfind(b'\n') + 1]
        self._offset += len(data)
        for raw in data.decode('utf-8', 'replace').splitlines():
            self.lines.append(Line.parse(len(self.lines), raw))
        return self.lines

    def mark(self):
        """Position of the next line."""
        return len(self.read())

    def tail(self, count=60):
        """The last lines as text; what tests do in large numbers is left out."""
        lines = self.path.read_text(errors='replace').splitlines()
        return '\n'.join([line for line in lines if "received command 'zone-stats'" not in line
                          and "received command 'stats'" not in line and 'debug: ' not in line][-count:])


class Impatient(AssertionError):
    """Something did not come in time."""


class Counters(collections.Counter):
    """Counters of the module without its name: a missing one is 0."""

    def findings(self):
        """Findings that stand, as {id: count}."""
        return {match[1]: value for name, value in self.items() if value
                for match in [re.fullmatch(r'findings\[(.+)\]', name)] if match}


# --- the server

def _die_with_parent():
    """A server must not outlive a test that was killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def free_endpoint():
    """A loopback address and a port where both UDP and TCP can be bound."""
    for _ in range(200):
        address = f'127.{random.randint(1, 254)}.{random.randint(0, 255)}.{random.randint(1, 254)}'
        port = random.randint(10000, 32000)
        try:
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                with socket.socket(socket.AF_INET, kind) as probe:
                    probe.bind((address, port))
        except OSError:
            continue
        return address, port
    raise RuntimeError('no free address and port')


class Server:
    """A knotd of its own. Made by KnotTest.server()."""

    def __init__(self, directory, zones, template=(), templates=None, zone_options=None, modules=None, extra='',
                 server_options=(), module=True, module_path=None, wrapper=(), environment=None,
                 user=None, slow=1):
        self.directory = pathlib.Path(directory)
        self.storage = self.directory / 'zones'
        self.run_directory = self.directory / 'run'
        self.socket = self.run_directory / 'knot.sock'
        self.conf = self.directory / 'knot.conf'
        for path in (self.storage, self.run_directory, self.directory / 'db'):
            path.mkdir()
        (self.directory / 'knotd.log').touch()
        self.log = Log(self.directory / 'knotd.log')
        self.address, self.port = free_endpoint()
        self.template = list(template)
        self.templates = dict(templates or {})
        self.zone_options = {name: list(options) for name, options in (zone_options or {}).items()}
        self.modules = {name: list(options) for name, options in (modules or {}).items()}
        self.extra = extra
        self.server_options = list(server_options)
        self.with_module = module
        self.module_path = module_path or MODULE
        self.wrapper = list(wrapper)
        self.arguments = ['-c', str(self.conf)]
        self.environment = dict(environment or {})
        self.user = user
        self.limit = LIMIT * PATIENCE * slow
        self.zones = []
        self.visited = []
        self.process = None
        for name, contents in zones.items():
            self.add_zone(name, contents)
        self.configure()

    # configuration

    def file(self, zone):
        """Path of a zone file."""
        return self.storage / f'{zone.rstrip(".")}.zone'

    def write(self, zone, contents):
        """Replaces a zone file at once, as careful editors do."""
        path = self.file(zone)
        fresh = path.with_suffix('.new')
        fresh.write_text(contents)
        fresh.replace(path)

    def add_zone(self, name, contents):
        """Adds a zone to the configuration; contents None = without a file."""
        self.zones.append(name)
        if contents is not None:
            self.write(name, contents)

    def configure(self):
        """Writes the configuration file."""
        self.conf.write_text(self.configuration())

    def configuration(self):
        def section(name, items):
            text = f'{name}:\n'
            for key, options in items:
                text += f'  - {key}\n' + ''.join(f'    {option}\n' for option in options)
            return text if items else ''

        options = [f'rundir: "{self.run_directory}"', f'listen: {self.address}@{self.port}', 'udp-workers: 1',
                   'tcp-workers: 2', 'background-workers: 2', *([f'user: {self.user}'] if self.user else []),
                   *self.server_options]
        text = 'server:\n' + ''.join(f'    {option}\n' for option in options)
        text += f'control:\n    listen: "{self.socket}"\n'
        text += f'database:\n    storage: "{self.directory / "db"}"\n    journal-db-max-size: 64M\n'
        text += 'log:\n  - target: stderr\n    any: debug\n'
        if self.with_module:
            text += f'module:\n  - id: mod-caaudit\n    file: "{self.module_path}"\n'
        text += self.extra.strip() + '\n' if self.extra.strip() else ''
        if self.with_module:
            text += section('mod-caaudit', [(f'id: {name}', lines) for name, lines in self.modules.items()])
        text += section('template', [(f'id: {name}', [f'storage: "{self.storage}"', *lines]) for name, lines
                                     in {'default': self.template, **self.templates}.items()])
        text += section('zone', [(f'domain: {name}', self.zone_options.get(name, [])) for name in self.zones])
        return text

    # life

    def start(self):
        """Starts knotd and waits until it listens and takes commands."""
        command = [*watch.command(self.directory, SOURCE), *self.wrapper, TOOLS['knotd'], *self.arguments]
        with open(self.log.path, 'ab') as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            cwd=self.directory, env={**os.environ, **self.environment},
                                            preexec_fn=_die_with_parent)
        self.wait_line(lambda line: line.text.startswith('server started'))
        self.wait('answer of the control socket',
                  lambda: self.socket.exists() and self.control('status', check=False).returncode == 0)
        return self

    def stop(self):
        """Stops knotd and returns its exit code."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(self.limit)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        return self.process.returncode

    @property
    def alive(self):
        return self.process is not None and self.process.poll() is None

    def threads(self):
        """Number of threads of the process."""
        return len(os.listdir(f'/proc/{self.process.pid}/task'))

    # waiting

    def wait(self, what, condition, limit=None, pause=0.02):
        """Waits until the condition is true, and returns what it returned."""
        limit = limit or self.limit
        end = time.monotonic() + limit
        asked = 0
        while True:
            if self.visited and time.monotonic() > asked + 0.2:
                asked = time.monotonic()
                for zone in self.visited:
                    self.visitor(zone)
            result = condition()
            if result:
                return result
            if self.process.poll() is not None:
                raise Impatient(f'knotd has ended with {self.process.returncode} while waiting for {what}')
            if time.monotonic() > end:
                raise Impatient(f'not within {limit:g} s: {what}')
            time.sleep(pause)

    def wait_line(self, matches, since=0, what='a log line', limit=None):
        """Waits for a log line at or after a mark."""
        position = since

        def look():
            nonlocal position
            lines = self.log.read()
            while position < len(lines):
                position += 1
                if matches(lines[position - 1]):
                    return lines[position - 1]
            return None
        return self.wait(what, look, limit)

    def wait_event(self, event, zone, since=0, module=None, limit=None, **fields):
        """Waits for a line of the module."""
        zone = absolute(zone)
        named = ', '.join([event, *(f'{name} {value}' for name, value in fields.items())])
        return self.wait_line(lambda line: line.event == event and line.zone == zone
                              and (module is None or line.module == module)
                              and all(line.fields.get(name) == str(value) for name, value in fields.items()),
                              since, f'{zone}: {named}', limit)

    def wait_audit(self, zone, since=0, **fields):
        """Waits for the summary of an audit."""
        return self.wait_event('audit', zone, since, **fields)

    def wait_loaded(self, zone, since=0, limit=None):
        """Waits until the server has loaded a zone."""
        return self.wait_line(lambda line: line.zone == absolute(zone) and
                              re.match(r'(loaded|AXFR, incoming.*finished|refresh.*updated)', line.text),
                              since, f'{zone} loaded', limit)

    def events(self, event=None, zone=None, since=0, **fields):
        """Lines of the module so far."""
        return [line for line in self.log.read()[since:] if line.event is not None
                and (event is None or line.event == event) and (zone is None or line.zone == absolute(zone))
                and all(line.fields.get(name) == str(value) for name, value in fields.items())]

    def found(self, zone, since=0, module=None):
        """Logged findings as a sorted list of (id, owner, ca)."""
        return sorted((line.fields['id'], line.fields.get('owner'), line.fields.get('ca'))
                      for line in self.events('finding', zone, since)
                      if 'id' in line.fields and (module is None or line.module == module))

    # control

    def control(self, *words, check=True, limit=None):
        """Runs knotc on the control socket only, so that it does not load the module."""
        limit = limit or self.limit
        result = subprocess.run([TOOLS['knotc'], '-t', str(int(limit) or 1), '-s', str(self.socket), *words],
                                capture_output=True, text=True, timeout=limit + 10)
        if check and result.returncode != 0:
            raise AssertionError(f'knotc {" ".join(words)}: {result.stdout}{result.stderr}')
        return result

    def reload(self, check=True):
        return self.control('reload', check=check)

    def check_configuration(self):
        """Runs knotc conf-check on the configuration file."""
        return subprocess.run([*watch.command(self.directory, SOURCE, leaks=False),
                               TOOLS['knotc'], '-c', str(self.conf), 'conf-check'],
                              capture_output=True, text=True, timeout=self.limit)

    def stats(self, zone=None):
        """Counters of the module: of a zone, or of the global instance."""
        text = self.control('zone-stats', zone).stdout if zone else self.control('stats').stdout
        counters = Counters()
        for name, value in re.findall(r'mod-caaudit\.(\S+) = (\d+)', text):
            counters[name] += int(value)
        return counters

    def wait_stats(self, what, condition, zone=None, limit=None):
        """Waits for counters that satisfy a condition, and returns them."""
        seen = Counters()

        def look():
            nonlocal seen
            seen = self.stats(zone)
            return condition(seen)
        try:
            self.wait(what, look, limit, pause=0.1)
        except Impatient as error:
            raise Impatient(f'{error}; counters: {dict(seen)}') from None
        return seen

    # questions

    def query(self, name, type='SOA', *options):
        """Asks with kdig; returns its short output as sorted lines."""
        return sorted(line.strip() for line in self.kdig(name, type, '+short', *options).splitlines())

    def visit(self, zone):
        """From now on somebody asks for the zone while a test waits: the module notices a change
        of a zone that is asked for."""
        if zone not in self.visited:
            self.visited.append(zone)

    def visitor(self, zone):
        """Sends a query for the SOA record, and does not wait for the answer."""
        name = b''.join(bytes([len(label)]) + label.encode() for label in zone.rstrip('.').split('.') if label)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto(random.randbytes(2) + b'\0\0\0\1\0\0\0\0\0\0' + name + b'\0\0\6\0\1',
                          (self.address, self.port))

    def kdig(self, *words):
        result = subprocess.run([TOOLS['kdig'], f'@{self.address}', '-p', str(self.port),
                                 f'+timeout={int(5 * PATIENCE)}', *words],
                                capture_output=True, text=True, timeout=60 * PATIENCE)
        if result.returncode != 0:
            raise AssertionError(f'kdig {" ".join(words)}: {result.stdout}{result.stderr}')
        return result.stdout

    def serial(self, zone):
        """Serial that the server answers with."""
        answer = self.query(zone, 'SOA')
        return int(answer[0].split()[2]) if answer else None

    def update(self, zone, *commands):
        """Sends a dynamic update with knsupdate. The zone is visited from then on."""
        script = [f'server {self.address} {self.port}', f'zone {absolute(zone)}', *commands, 'send', 'quit']
        result = subprocess.run([TOOLS['knsupdate'], '-t', str(int(12 * PATIENCE))], input='\n'.join(script) + '\n',
                                capture_output=True, text=True, timeout=60 * PATIENCE)
        if result.returncode != 0 or 'fail' in result.stdout + result.stderr:
            raise AssertionError(f'knsupdate: {result.stdout}{result.stderr}')
        self.visit(zone)


def absolute(name):
    return name if name.endswith('.') else name + '.'


# ACLs for the loopback network. Where transfer is permitted, the module reads zones by transfer.
LOOPBACK_ACL = '''
acl:
  - id: loopback
    address: 127.0.0.0/8
    action: [update, notify]
  - id: transfer
    address: 127.0.0.0/8
    action: transfer
'''


class KnotTest(unittest.TestCase):
    """Base of the tests: servers are stopped, and on failure their logs are shown."""

    maxDiff = None

    def run(self, result=None):
        self._servers = []
        self._directories = []
        result = result if result is not None else self.defaultTestResult()
        begin = time.monotonic()
        before = len(result.failures) + len(result.errors)
        try:
            super().run(result)
        finally:
            for server in self._servers:
                server.stop()
                if len(result.failures) + len(result.errors) > before:
                    print(f'--- {self.id()}: log of knotd at {server.address}@{server.port}\n'
                          f'{server.log.tail()}\n---', file=sys.stderr)
                said = watch.complaints(server.directory)
                if said:
                    result.addFailure(self, (AssertionError, AssertionError(said), None))
            for directory in self._directories:
                shutil.rmtree(directory, ignore_errors=True)
            print(f'    {time.monotonic() - begin:.1f} s', file=sys.stderr)
        return result

    def temporary(self):
        """A directory that goes when the test ends. Its path is short: it holds a socket."""
        directory = tempfile.mkdtemp(prefix='caaudit-')
        self._directories.append(directory)
        atexit.register(shutil.rmtree, directory, True)
        return pathlib.Path(directory)

    def server(self, zones, start=True, **options):
        """Makes a server, see Server, and starts it."""
        server = Server(self.temporary(), zones, **options)
        self._servers.append(server)
        if start:
            server.start()
        return server


def _stop_on_signal(number, frame):
    raise KeyboardInterrupt  # the one that unittest lets through, after the servers are stopped


def main():
    """Runs the tests of a file."""
    signal.signal(signal.SIGTERM, _stop_on_signal)
    unittest.main(module='__main__', verbosity=2, catchbreak=False)
