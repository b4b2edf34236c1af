# SPDX-License-Identifier: GPL-2.0-or-later

"""In the farm: the zone by transfer to compare with, resolvers, and what this host cannot reach."""

import shutil
import subprocess
import unittest

import farm
from farm import Bind, Knot, Nsd
from support import COMMAND, HOSTS, ZONE, FarmCase, found, zone

UNBOUND = farm.tool('unbound')


class Reference(FarmCase):
    kinds = (Knot, Nsd, Bind)

    def test_transfer(self):
        """All servers but the first lag: compared with what the first transfers."""
        primary = self.servers[0]
        acl = {'modules': ['acl:', '  - id: all', '    address: 192.0.2.0/24', '    action: transfer'],
               'template': ['acl: all']}
        words = [COMMAND, 'probe', '--axfr', ZONE, *HOSTS]
        for server in self.servers:
            words += ['--server', server.v4]
        result = self.farm.run(words)
        self.assertEqual((result.returncode, result.stdout), (2, ''))
        self.assertIn('transfer refused', result.stderr)
        primary.write(ZONE, zone(serial=8))
        primary.restart(**acl)
        document = self.json(words, code=1)
        self.assertEqual(found(document), {'probe-serial-behind': [server.v4 for server in self.servers[1:]]})
        self.assertEqual([entry['kind'] for entry in document['servers']], ['zone', 'server', 'server', 'server'])
        primary.write(ZONE, zone(serial=7, more='@ 3600 CAA 0 issue "letsencrypt.org"\n'))
        primary.restart(**acl)
        self.assertEqual(found(self.json(words, code=1)),
                         {'probe-answers-differ': [server.v4 for server in self.servers[1:]]})

    def test_ipv6_that_this_host_cannot_reach(self):
        """It is said once, and is no fault of these servers."""
        words = self.words() + ['--server', '2001:db8:1::1', '--server', '2001:db8:1::2']
        document = self.json(words, code=0)
        self.assertEqual(found(document), {})
        self.assertEqual([gap['what'] for gap in document['not_checked']], ['2001:db8:1::1, 2001:db8:1::2'])
        self.assertEqual({entry['alike'] for entry in document['servers'][-2:]}, {False})
        result = self.farm.run([*words, 'other.test'])
        self.assertEqual(result.stderr.count('2001:db8:1::'), 3)  # once, and in the line of the zone that is not there

    def test_no_network(self):
        alone = f'{self.farm.prefix}-alone'
        farm.call(farm.tool('ip'), 'netns', 'add', alone)
        self.farm.namespaces.append(alone)
        result = subprocess.run([farm.tool('ip'), 'netns', 'exec', alone, *self.words()], capture_output=True, text=True,
                                timeout=60, check=False)
        self.assertEqual((result.returncode, result.stdout), (2, ''))
        self.assertEqual(len(result.stderr.splitlines()), 1)
        self.assertIn('network is unreachable', result.stderr)

    @unittest.skipUnless(UNBOUND, 'no unbound')
    def test_resolvers(self):
        """One that is fresh, one with an old answer in its cache, one that refuses."""
        fresh, old, closed = (self.resolver(name, number, allow) for name, number, allow in
                              (('fresh', 100, True), ('old', 101, True), ('closed', 102, False)))
        words = [COMMAND, 'probe', ZONE, *HOSTS]
        for server in self.servers:
            words += ['--server', server.v4]
        words += [word for resolver in (fresh, old) for word in ('--resolver', resolver.v4)]
        self.serve(zone(serial=6, more='@ 3600 CAA 0 issue "letsencrypt.org"\n'), *self.servers)
        self.json([COMMAND, 'probe', ZONE, '--resolver', old.v4])
        self.serve_all(zone())
        document = self.json(words, code=1)
        self.assertEqual(found(document), {'probe-answers-differ': [old.v4]})
        self.assertEqual(document['findings'][0]['severity'], 'warning')
        self.assertEqual(document['serial'], 7)
        document = self.json([*words, '--resolver', closed.v4], code=1)
        self.assertEqual(found(document), {'probe-answers-differ': [old.v4], 'probe-server-lame': [closed.v4]})
        document = self.json([COMMAND, 'probe', ZONE, *HOSTS, '--resolver', fresh.v4], code=0)
        self.assertEqual([host['permitted'] for host in document['hosts']], [True] * len(document['hosts']))
        self.assertEqual({entry['tcp'] for entry in document['servers']}, {'unasked'})

    def resolver(self, name, number, allow):
        """unbound on a host of its own, which asks the first server of the farm."""
        host = farm.Host(self.farm, f'r{number}', number)
        directory = self.farm.dir / name
        directory.mkdir()
        (directory / 'unbound.conf').write_text(f'''server:
  interface: {host.v4}
  access-control: 192.0.2.0/24 {"allow" if allow else "refuse"}
  username: ""
  chroot: ""
  directory: "{directory}"
  pidfile: "{directory}/pid"
  use-syslog: no
  module-config: "iterator"
  do-not-query-localhost: no
  local-zone: test. nodefault
stub-zone:
  name: {ZONE}
  stub-addr: {self.servers[0].v4}
''')
        process = host.popen([UNBOUND, '-d', '-c', directory / 'unbound.conf'], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        self.addCleanup(shutil.rmtree, directory)
        end = farm.time.monotonic() + farm.LIMIT
        while True:
            result = self.farm.run([COMMAND, 'probe', 'version.bind.test', '--resolver', host.v4])
            if 'closed' not in result.stderr or farm.time.monotonic() > end:
                return host
            farm.time.sleep(0.1)


if __name__ == '__main__':
    unittest.main(verbosity=2)
