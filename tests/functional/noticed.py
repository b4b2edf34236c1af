# SPDX-License-Identifier: GPL-2.0-or-later

"""Base of the tests of what the module notices without a query."""

import time

from harness import CONTROL_IS_SAFE, LOOPBACK_ACL, PATIENCE, KnotTest, zone_file

ZONE = 'example.com'
LOCKED = '@ 3600 CAA 0 issue "letsencrypt.org"'
OPEN = LOCKED + '\n@ 3600 CAA 0 issue "sectigo.com"'
EXPECTED = '_0123456789abcdef0123456789abcdef'
TARGET = '00112233445566778899aabbccddeeff.ffeeddccbbaa99887766554433221100.sectigo.com.'

# Seconds: the period of the questions, and what a change may take beside it.
CHECK = 2
BOUND = CHECK + 5


class Noticed(KnotTest):
    def audited(self, contents=None, options=(), template=(), zones=None, wait=True, delay=0, **more):
        """A server whose zones nobody asks for."""
        server = self.server(zones or {ZONE: contents or zone_file(LOCKED)}, modules={
            'default': [f'audit-delay: {delay}', f'change-check: {CHECK}', *options], 'all': []},
            template=['module: mod-caaudit/default', 'global-module: mod-caaudit/all',
                      *(template or ['acl: [ loopback, transfer ]'])],
            **{'extra': LOOPBACK_ACL, **more})
        for zone in (zones or [ZONE]) if wait else ():
            server.wait_audit(zone)
        return server

    def measured(self, what, act, bound=BOUND):
        """Says how long something took, beside what it may take."""
        begin = time.monotonic()
        result = act()
        took = time.monotonic() - begin
        print(f'{self._testMethodName}: {what} after {took:.1f} s, bound {bound:g} s')
        self.assertLess(took, bound * PATIENCE)
        return result

    def unseen_update(self, server, *commands, zone=ZONE):
        server.update(zone, *commands)
        server.visited.clear()

    def steady(self, server, zone=ZONE):
        """Waits until another zone was noticed twice, and returns the counters of this one."""
        other = 'other.example.net'
        serial = 1
        for _ in range(2):
            mark = server.log.mark()
            serial += 1
            server.write(other, zone_file(LOCKED, serial=serial))
            server.control('zone-reload', other)
            server.wait_audit(other, mark, serial=serial)
        return server.stats(zone)

    def sources(self):
        """Ways in which zones are read on this version."""
        yield 'transfer', ['acl: [ loopback, transfer ]']
        if CONTROL_IS_SAFE:
            yield 'control', ['acl: loopback']
        else:
            yield 'zonefile', ['acl: loopback']
