# SPDX-License-Identifier: GPL-2.0-or-later

"""A knotd that serves some zones without any module, to apply changes with its own tools."""

import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import time

PLACES = os.pathsep.join([os.environ.get('PATH', ''), '/usr/sbin', '/usr/local/sbin'])
TOOLS = {name: shutil.which(name, path=PLACES) for name in ('knotd', 'knotc', 'knsupdate')}
LIMIT = 20


def version():
    """Version of knotd as numbers, such as (3, 2, 6)."""
    said = subprocess.run([TOOLS['knotd'], '-V'], capture_output=True, text=True, check=True).stdout
    return tuple(map(int, re.search(r'(\d+)\.(\d+)(?:\.(\d+))?', said).groups(default='0')))


class Server:
    """Serves zones given as {name: text} until closed; a key (name, secret) is then demanded."""

    def __init__(self, zones, key=None):
        self.temporary = tempfile.TemporaryDirectory(prefix='caaudit-knotd-')
        self.dir = pathlib.Path(self.temporary.name)
        # Also keeps servers of tests that run at the same time apart.
        self.address = f'127.{random.randint(1, 250)}.{random.randint(0, 250)}.{random.randint(1, 250)}'
        self.port = random.randint(20000, 60000)
        config = [
            'server:', f'  rundir: "{self.dir}"', f'  listen: {self.address}@{self.port}',
            'control:', f'  listen: "{self.dir}/knot.sock"',
            'database:', f'  storage: "{self.dir}"',
            'log:', '- target: stderr', '  any: info',
            *(('key:', f'- id: {key[0]}', '  algorithm: hmac-sha256', f'  secret: {key[1]}') if key else ()),
            'acl:', '- id: all', '  address: 127.0.0.0/8', '  action: [transfer, update]',
            *((f'  key: {key[0]}',) if key else ()),
            'zone:']
        for name, text in zones.items():
            file = name.replace('/', '_') + 'zone'
            (self.dir / file).write_text(text)
            # The journal has the changes, the file keeps what was given.
            config += [f'- domain: {name}', f'  file: "{self.dir}/{file}"', '  zonefile-sync: -1',
                       '  journal-content: all', '  acl: all']
        (self.dir / 'knot.conf').write_text('\n'.join(config) + '\n')
        self.log = open(self.dir / 'log', 'wb')
        self.process = subprocess.Popen([TOOLS['knotd'], '-c', self.dir / 'knot.conf'],
                                        stdout=self.log, stderr=self.log)
        try:
            self.wait(lambda: all(f'[{name}] loaded' in self.said() for name in zones)
                      and (self.dir / 'knot.sock').exists())
        except BaseException:
            self.close()
            raise

    def said(self):
        return (self.dir / 'log').read_text(errors='replace')

    def wait(self, ready):
        end = time.monotonic() + LIMIT
        while not ready():
            if time.monotonic() > end or self.process.poll() is not None:
                raise AssertionError('knotd: ' + self.said()[-2000:])
            time.sleep(0.02)

    def knotc(self, script):
        """Feeds commands to knotc; returns what it says."""
        run = subprocess.run([TOOLS['knotc'], '-t', str(LIMIT), '-x', '-s', self.dir / 'knot.sock'], input=script,
                             text=True, capture_output=True, timeout=LIMIT, check=True, cwd=self.dir,
                             env={**os.environ, 'HOME': str(self.dir)})
        return run.stdout + run.stderr

    def nsupdate(self, script):
        """Feeds a script to knsupdate; returns what it says."""
        run = subprocess.run([TOOLS['knsupdate'], '-v'], text=True, capture_output=True, timeout=LIMIT,
                             input=f'server {self.address} {self.port}\n{script}', check=False)
        return run.stdout + run.stderr

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(LIMIT)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()
        self.temporary.cleanup()
