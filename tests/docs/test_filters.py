# SPDX-License-Identifier: GPL-2.0-or-later

"""Runs what docs/troubleshooting.md shows about packet filters, in network namespaces.

A name server and a web server at 192.0.2.1 stand behind a filter that a test sets, and what the document shows
must tell a filter that blocks from one that does not.
"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

SOURCE = pathlib.Path(os.environ.get('CAAUDIT_SOURCE') or pathlib.Path(__file__).parents[2])
sys.path.insert(0, str(SOURCE / 'tests' / 'probe'))
import farm  # noqa: E402
from test_docs import CAAUDIT, DOCUMENTS, blocks  # noqa: E402

STEPS = {mark[1]: text for path in DOCUMENTS for _, mark, text in blocks(path.read_text())
         if mark and mark[0] == 'filter'}
CA = '64.78.193.238'
ZONE = '''@ 3600 SOA ns1 hostmaster 1 3600 600 86400 300
@ 3600 NS ns1
ns1 3600 A 192.0.2.1
www 3600 A 192.0.2.1
@ 3600 CAA 0 issue "sectigo.com"
@ 3600 CAA 0 issuewild "sectigo.com"
'''
# Accepts a connection at each port, and says nothing.
WEB = '''
import socket, time
servers = [socket.create_server(('', port), backlog=100) for port in (80, 443)]
print('ready', flush=True)
time.sleep(600)
'''
UNAVAILABLE = farm.available('knotd', 'kdig', 'nc', 'conntrack')
COUNTED = ('udp dport 53', 'tcp dport 53', 'web')


def table(rules, chain='input', policy='accept', priority=0, name='filter'):
    """A table as in Debian's /etc/nftables.conf."""
    lines = '\n'.join(rules)
    return f'table inet {name} {{\nchain {chain} {{\ntype filter hook {chain} priority {priority}; policy {policy};\n{lines}\n}}\n}}\n'


# What a filter that drops all else must have.
BASE = ('iif lo accept', 'ct state established,related accept', 'meta l4proto ipv6-icmp accept')
SHUT = table(BASE, policy='drop')
OPEN = table((*BASE, 'udp dport 53 accept', 'tcp dport { 53, 80, 443 } accept'), policy='drop')

# A filter; whether UDP 53, TCP 53 and the web come, pass and are answered, a digit each; what the trace says.
FILTERS = {
    'none': ('', (111, 111, 111), None),
    'open': (OPEN, (111, 111, 111), None),
    'shut': (SHUT, (100, 100, 100), 'inet filter input policy drop'),
    'udp': (table(['udp dport 53 drop']), (100, 111, 111), 'inet filter input rule udp dport 53 drop'),
    'tcp': (table(['tcp dport 53 drop']), (111, 100, 111), 'inet filter input rule tcp dport 53 drop'),
    'reject': (table(['tcp dport 53 reject with tcp reset']), (111, 101, 111), 'inet filter input rule tcp dport 53 reject'),
    'web': (table(['tcp dport { 80, 443 } drop']), (111, 111, 100), 'inet filter input rule tcp dport { 80, 443 } drop'),
    'ca': (table([f'ip saddr {CA} drop']), (111, 111, 100), f'inet filter input rule ip saddr {CA} drop'),
    'early': (table([f'ip saddr {CA} drop'], 'prerouting', priority=-300, name='raw'), (111, 111, 100),
              f'inet raw prerouting rule ip saddr {CA} drop'),
    'answers': (table(['udp sport 53 drop'], 'output'), (110, 111, 111), None),
}


class Twin(unittest.TestCase):
    def test_every_step_is_run(self):
        self.assertEqual(list(STEPS), ['rules', 'outside', 'count', 'read', 'trace', 'remove', 'pass'])


@unittest.skipIf(UNAVAILABLE, UNAVAILABLE)
class Filters(unittest.TestCase):
    maxDiff = 3000

    @classmethod
    def setUpClass(cls):
        cls.farm = farm.Farm()
        cls.addClassCleanup(cls.farm.close)
        cls.server = cls.farm.add('server', farm.Knot, {'example.com': ZONE})
        (cls.farm.dir / 'caaudit').symlink_to(CAAUDIT)
        cls.farm.start()
        cls.client = cls.farm.client
        # The address of the CA, which only the farm knows the way to.
        farm.call(farm.tool('ip'), '-n', cls.client.netns, 'addr', 'add', f'{CA}/32', 'dev', 'eth0')
        farm.call(farm.tool('ip'), '-n', cls.server.netns, 'route', 'add', f'{CA}/32', 'dev', 'eth0')
        web = cls.server.popen([sys.executable, '-c', WEB], stdout=subprocess.PIPE, text=True)
        cls.addClassCleanup(web.wait)
        cls.addClassCleanup(web.stdout.close)
        cls.addClassCleanup(web.kill)
        cls.assertEqual(cls(), web.stdout.readline(), 'ready\n')

    def sh(self, host, text, limit=60):
        """Runs commands on a host as they are in the document."""
        path = os.pathsep.join([str(self.farm.dir), farm.PLACES])
        return subprocess.run([farm.tool('ip'), 'netns', 'exec', host.netns, 'sh', '-eu', '-c', text], capture_output=True,
                              text=True, check=False, timeout=limit * farm.PATIENCE, env={**os.environ, 'PATH': path})

    def step(self, name):
        """Runs a step on the server, and returns what it prints."""
        result = self.sh(self.server, STEPS[name])
        self.assertEqual((result.returncode, result.stderr), (0, ''), STEPS[name])
        return result.stdout

    def set_filter(self, text):
        farm.call(farm.tool('ip'), 'netns', 'exec', self.server.netns, farm.tool('nft'), '-f', '-',
                  data='flush ruleset\n' + text)

        # What was let in before would still be let in, from the same port.
        farm.call(farm.tool('ip'), 'netns', 'exec', self.server.netns, farm.tool('conntrack'), '-F')

    def outside(self):
        """Runs the commands of the look from outside one by one: status and output of each."""
        found = []
        for line in STEPS['outside'].splitlines():
            result = self.sh(self.client, line)
            found.append((result.returncode, result.stdout + result.stderr))
        return found

    def ask(self):
        """Does what CAs and others do."""
        for words in ('kdig +time=1 +retry=0 example.com CAA @192.0.2.1', 'kdig +time=1 +retry=0 +tcp example.com CAA @192.0.2.1',
                      f'nc -s {CA} -zw 1 192.0.2.1 80', f'nc -s {CA} -zw 1 192.0.2.1 443'):
            self.sh(self.client, words)

    def counted(self):
        """Packets of UDP 53, TCP 53 and the web that have come, passed and been answered."""
        numbers = {}
        for chain, body in re.findall(r'chain (\w+) \{(.*?)\}\n', self.step('read').replace('{ 80, 443 }', 'web'), re.S):
            numbers[chain] = [int(number) for number in re.findall(r'counter packets (\d+)', body)]
        self.assertEqual({len(numbers[chain]) for chain in ('comes', 'passes', 'answers')}, {3})
        return list(zip(numbers['comes'], numbers['passes'], numbers['answers']))

    def test_counters(self):
        """For each filter: where the packets get lost, and a table that leaves nothing behind."""
        for name, (rules, expected, _) in FILTERS.items():
            with self.subTest(name):
                self.set_filter(rules)
                before = self.step('rules')
                self.step('count')
                self.assertEqual(self.counted(), [(0, 0, 0)] * 3)
                self.ask()
                lost = tuple(int(''.join('1' if number else '0' for number in row)) for row in self.counted())
                self.assertEqual(lost, expected, dict(zip(COUNTED, self.counted())))
                self.step('remove')
                self.assertEqual(self.step('rules'), before)

    def test_counters_of_the_ca_alone(self):
        self.set_filter('')
        self.step('count')
        self.sh(self.client, 'nc -zw 1 192.0.2.1 80')
        self.assertEqual(self.counted()[2], (0, 0, 0))
        self.sh(self.client, f'nc -s {CA} -zw 1 192.0.2.1 80')
        self.assertTrue(all(self.counted()[2]))

    def test_filters_know_nothing_of_the_last(self):
        ask = f'kdig +time=1 +retry=0 -b {self.client.v4}#40000 example.com CAA @192.0.2.1'
        for rules, expected in ((OPEN, 0), (SHUT, 1)):
            self.set_filter(rules)
            self.assertEqual(self.sh(self.client, ask).returncode, expected)

    def test_rules(self):
        self.set_filter('')
        self.assertEqual(self.step('rules'), '')
        self.set_filter(SHUT)
        self.assertRegex(self.step('rules'), 'hook input .*policy drop')

    def test_outside(self):
        """UDP, TCP, both ports of the web server, and the findings of a probe."""
        for name, expected in (('open', (0, 0, 0, 0)), ('shut', (1, 1, 1, 1)), ('udp', (1, 0, 0, 0)), ('tcp', (0, 1, 0, 0)),
                               ('reject', (0, 1, 0, 0)), ('web', (0, 0, 1, 1))):
            with self.subTest(name):
                self.set_filter(FILTERS[name][0])
                *found, probe = self.outside()
                self.assertEqual(tuple(status for status, _ in found), expected, found)
                status, ids = {'shut': (2, set()), 'udp': (2, set()), 'tcp': (0, {'probe-tcp-refused'}),
                               'reject': (0, {'probe-tcp-refused'})}.get(name, (0, set()))
                self.assertEqual((probe[0], set(re.findall(r'probe-[a-z-]+', probe[1]))), (status, ids), probe)

    def test_trace(self):
        """The trace names the rule that drops, and nothing where none does."""
        for name in ('open', 'shut', 'reject', 'early'):
            rules, _, words = FILTERS[name]
            with self.subTest(name):
                self.set_filter(rules)
                self.step('count')
                self.assertIn('timeout 30 ', STEPS['trace'])
                path = os.pathsep.join([str(self.farm.dir), farm.PLACES])
                text = STEPS['trace'].replace('timeout 30 ', f'timeout {3 * farm.PATIENCE} ')
                with self.server.popen(['sh', '-eu', '-c', text], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                       env={**os.environ, 'PATH': path}) as trace:
                    while trace.poll() is None:
                        self.ask()
                    said = trace.stdout.read()
                if words is None:
                    self.assertEqual(said, '')
                else:
                    self.assertIn(words, said)
                self.step('remove')

    def test_let_pass(self):
        """The last step opens what was shut."""
        self.set_filter(SHUT)
        self.assertEqual([status for status, _ in self.outside()][:4], [1, 1, 1, 1])
        self.step('pass')
        self.assertEqual([status for status, _ in self.outside()], [0, 0, 0, 0, 0])


if __name__ == '__main__':
    unittest.main(verbosity=2)
