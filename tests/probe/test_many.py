# SPDX-License-Identifier: GPL-2.0-or-later

"""Many zones in one run at the default rate: time, packets a second at one address, memory.

CAAUDIT_ZONES is the number of zones, 60 unless it is set: 1,000 take about five minutes.
"""

import json
import os
import subprocess
import sys
import threading
import time
import unittest

import farm
from support import COMMAND, KINDS, found

ZONES = int(os.environ.get('CAAUDIT_ZONES', '60'))
RATE = 20
QUESTIONS = 5  # SOA, NS, DNSKEY, CAA, A; over TCP it is one a server and run

TEXT = '''@ 3600 SOA ns1 hostmaster 7 3600 600 86400 300
@ 3600 NS ns1
ns1 3600 A 192.0.2.1
@ 3600 A 192.0.2.1
@ 3600 CAA 0 issue "sectigo.com"
@ 3600 CAA 0 issuewild "sectigo.com"
'''


@unittest.skipIf(farm.available(), farm.available())
class Many(unittest.TestCase):
    def test_many_zones(self):
        zones = [f'z{number:04}.test' for number in range(ZONES)]
        odd = zones[ZONES // 2]
        with farm.Farm() as made:
            for number, kind in enumerate(KINDS * 2, 1):
                made.add(f's{number}', kind, dict.fromkeys(zones, TEXT))
            servers = list(made.server.values())
            servers[4].write(odd, TEXT.replace(' 7 3600', ' 6 3600'))
            made.start()
            servers[0].nft('udp dport 53 counter', 'tcp dport 53 counter')
            samples = []
            stop = threading.Event()

            def sample():
                while not stop.wait(1 - time.monotonic() % 1):
                    samples.append((time.monotonic(), sum(servers[0].counters())))
            thread = threading.Thread(target=sample)
            thread.start()
            words = [COMMAND, 'probe', '--format', 'json', '--fail-on', 'notice', *zones,
                     *(word for server in servers for word in ('--server', server.v4))]
            begin = time.monotonic()
            with open(made.dir / 'out', 'wb') as out:
                process = made.client.popen(words, stdout=out, stderr=subprocess.PIPE)
                _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - begin
            stop.set()
            thread.join()
            process.returncode = os.waitstatus_to_exitcode(status)  # it was waited for
            self.assertEqual(process.returncode, 1, process.stderr.read())
            process.stderr.close()
            documents = json.loads((made.dir / 'out').read_text())
        rates = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in zip(samples, samples[1:])]
        print(f'\n{ZONES} zones, six servers, {seconds:.1f} s; to one address '
              f'{samples[-1][1]} packets, at most {max(rates):.1f} a second; '
              f'{usage.ru_maxrss / 1024:.1f} MiB, {usage.ru_utime + usage.ru_stime:.2f} s of CPU', file=sys.stderr)
        self.assertEqual([document['zone'] for document in documents], [f'{zone}.' for zone in zones])
        self.assertEqual({document['zone']: found(document) for document in documents if found(document)},
                         {f'{odd}.': {'probe-serial-behind': ['192.0.2.5']}})
        # The TCP handshake and end are some packets more, once.
        self.assertLessEqual(max(rates), RATE + 10)
        self.assertEqual(max(server['sent'] for server in documents[-1]['servers']), QUESTIONS * ZONES + 1)
        self.assertGreater(seconds, QUESTIONS * ZONES / RATE)


if __name__ == '__main__':
    unittest.main(verbosity=2)
