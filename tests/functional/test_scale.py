# SPDX-License-Identifier: GPL-2.0-or-later

"""2,000 zones by template: all audited, few threads, and reload neither waits nor logs much."""

import threading
import time

import harness
from harness import KnotTest, zone_file

COUNT = 2000


class Scale(KnotTest):
    def server_of(self, count, **options):
        zones = {f'z{number}.example.com': zone_file('@ CAA 0 issue "letsencrypt.org"' if number % 2 else
                                                     '@ CAA 0 issue "sectigo.com"\n@ CAA 0 issuewild ";"')
                 for number in range(count)}
        return self.server(zones, slow=3, **options)

    def timed(self, act):
        begin = time.monotonic()
        act()
        return time.monotonic() - begin

    def all_loaded(self, server):
        server.wait('all zones loaded',
                    lambda: sum(line.zone is not None and line.text.startswith('loaded, ')
                                for line in server.log.read()) >= COUNT)

    def test_two_thousand_zones(self):
        plain = self.server_of(COUNT, module=False)
        self.all_loaded(plain)
        reload_without = self.timed(plain.reload)
        threads_without = plain.threads()
        plain.stop()

        server = self.server_of(COUNT, modules={'default': ['log-limit: 1', 'wildcard: on'], 'all': []},
                                template=['module: mod-caaudit/default', 'global-module: mod-caaudit/all'])
        begin = time.monotonic()
        self.all_loaded(server)
        stats = server.wait_stats('all zones audited', lambda stats: stats['zones[audited]'] == COUNT)
        audited = time.monotonic() - begin
        self.assertEqual((stats['zones[pending]'], stats['zones[failed]'], stats['zones[error]']), (0, 0, COUNT))
        self.assertEqual((stats['findings[caa-issue-denied]'], stats['findings[caa-issuewild-denied]']),
                         (COUNT // 2, COUNT - COUNT // 2))
        # One pool for all zones.
        self.assertLessEqual(server.threads(), threads_without + 8)

        # A reload returns although every zone is queued again, and queries are answered meanwhile.
        answered = []
        done = threading.Event()

        def ask():
            while not done.is_set():
                answered.append(len(server.query('z1.example.com', 'CAA', '+timeout=2')))
        asking = threading.Thread(target=ask)
        asking.start()
        try:
            mark = server.log.mark()
            reload_with = self.timed(server.reload)
        finally:
            done.set()
            asking.join()
        self.assertTrue(answered and all(answered))
        server.wait_stats('all zones audited again',
                          lambda stats: stats['zones[audited]'] == COUNT and stats['zones[pending]'] == 0)
        server.wait('a summary of each zone', lambda: len(server.events('audit', since=mark)) >= COUNT)
        # Nothing has changed: one line for all of them.
        server.wait_line(lambda line: line.event == 'all zones', mark)
        self.assertEqual([line.event for line in server.events(since=mark) if line.severity != 'debug'], ['all zones'])
        self.assertLessEqual(server.threads(), threads_without + 8)
        print(f'{COUNT} zones: all audited {audited:.1f} s after the start; '
              f'reload {reload_with:.2f} s, {reload_without:.2f} s without the module; '
              f'{len(answered)} queries answered during the reload')
        # Generous: this is no benchmark, it catches a reload that waits for audits.
        self.assertLess(reload_with, 10 * reload_without + 5 * harness.PATIENCE)

        # A reload while audits are in the queue, and then the end.
        for _ in range(3):
            server.reload()
        stopped = self.timed(server.stop)
        self.assertEqual(server.process.returncode, 0)
        self.assertLess(stopped, 10 * harness.PATIENCE)


if __name__ == '__main__':
    harness.main()
