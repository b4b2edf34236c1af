# SPDX-License-Identifier: GPL-2.0-or-later

"""CAA records of any octets are served, reported, and never read past their end."""

import random

import harness
import watch
from harness import LOOPBACK_ACL, KnotTest, zone_file

ZONE = 'example.com'


def generic(data):
    """RDATA in the form of RFC 3597."""
    return f'\\# {len(data)} {data.hex()}'


def caa(flags, tag, value, length=None):
    return bytes([flags, len(tag) if length is None else length]) + tag + value


# What each is, its octets, and the finding that must be there, if one is certain.
RDATA = [
    ('no-tag-length', b'\0', 'caa-rdata-malformed'),
    ('tag-beyond-the-end', caa(0, b'issue', b'', 6), 'caa-rdata-malformed'),
    ('tag-far-beyond', caa(0, b'issue', b'', 255), 'caa-rdata-malformed'),
    ('tag-up-to-the-end', caa(0, b'issue', b''), 'caa-issue-denied'),
    ('tag-empty', caa(0, b'', b'sectigo.com'), 'caa-tag-empty'),
    ('tag-empty-and-nothing', caa(0, b'', b''), 'caa-tag-empty'),
    ('tag-critical-unknown', caa(128, b'tbs', b'x'), 'caa-critical-unknown'),
    ('tag-not-letters', caa(0, b'is-ue', b'x'), 'caa-tag-charset'),
    ('tag-all-zero', caa(0, b'\0' * 5, b'\0' * 9), 'caa-tag-charset'),
    ('tag-255-octets', caa(0, b'a' * 255, b''), 'caa-tag-long'),
    ('value-of-control-characters', caa(0, b'issue', b'\r\n\x1b[31m\0%s%n'), 'caa-value-malformed'),
    ('value-like-a-log-line', caa(0, b'issue', b"x', finding, id caa-ttl-long, owner a."), 'caa-value-malformed'),
    ('value-high-octets', caa(0, b'issue', bytes(range(128, 256))), 'caa-value-malformed'),
    ('value-long', caa(0, b'issue', b'a' * 65000), None),
    ('value-many-parameters', caa(0, b'issue', b'sectigo.com;' + b'a=b;' * 16000 + b'a=b'), None),
    ('value-quotes-and-backslashes', caa(0, b'issue', b'"\\"\\\\"'), 'caa-value-malformed'),
    ('iodef-any-octets', caa(0, b'iodef', bytes(range(256))), 'caa-iodef-malformed'),
    ('contact-any-octets', caa(128, b'contactemail', bytes(range(256))), 'caa-contact-malformed'),
    ('issuemail-any-octets', caa(128, b'issuemail', bytes(range(256))), 'caa-value-malformed'),
]


# Newer versions refuse a record without the two octets that are always there, and the zone with it.
if harness.knot_version() >= (3, 5, 7):
    RDATA = [row for row in RDATA if len(row[1]) > 1]
# With ThreadSanitizer knotd dies of a record of this size, module or not.
if watch.KIND == 'thread':
    RDATA = [row for row in RDATA if len(row[1]) < 60000]
SIZES = (1, 2, 3, 5, 8, 20, 60, 300) if harness.knot_version() < (3, 5, 7) else (2, 3, 5, 8, 20, 60, 300)


class Hostile(KnotTest):
    def audited(self, records, hosts, acl='loopback'):
        server = self.server({ZONE: zone_file(records)}, extra=LOOPBACK_ACL,
                             template=[f'acl: {acl}', 'module: mod-caaudit/default', 'semantic-checks: off'],
                             modules={'default': ['audit-delay: 0', 'log-limit: 10000', f'host: [ {hosts} ]']})
        server.wait_loaded(ZONE)
        server.wait_audit(ZONE)
        return server

    def lines_are_sane(self, server):
        for line in server.events():
            self.assertLess(len(line.text.encode()), 512, line.text)
            self.assertTrue(line.text.isascii() and line.text.isprintable(), line.text)
        for line in server.log.read():
            self.assertNotEqual(line.severity, '', f'not a log line: {line.text}')

    def test_each_of_them(self):
        records = '\n'.join(f'{name} 60 CAA {generic(data)}' for name, data, _ in RDATA)
        server = self.audited(records, ', '.join(name for name, _, _ in RDATA))
        found = {(id, owner) for id, owner, _ in server.found(ZONE)}
        for name, _, id in RDATA:
            with self.subTest(name):
                if id:
                    self.assertIn((id, f'{name}.{ZONE}.'), found)
                server.kdig(f'{name}.{ZONE}', 'CAA', '+tcp', '+short')
        self.lines_are_sane(server)
        stats = server.stats(ZONE)
        self.assertEqual(sum(stats.findings().values()),
                         sum(stats[f'severity[{severity}]'] for severity in ('error', 'warning', 'notice')))
        self.assertTrue(server.alive)
        self.assertEqual(server.stop(), 0)

    def test_records_without_rdata(self):
        """By transfer: an empty APL is valid (RFC 3123 section 4), and so is whatever nobody knows (RFC 3597)."""
        records = '@ 3600 CAA 0 issue "letsencrypt.org"\na APL\nb TYPE65500 \\# 0\nc TYPE65501 \\# 1 00'
        server = self.audited(records, '"@"', acl='[ loopback, transfer ]')
        line = server.wait_audit(ZONE, source='transfer')
        self.assertTrue(server.alive, line.text)
        self.assertEqual(server.stats(ZONE)['findings[caa-issue-denied]'], 1)

    def test_random_octets(self):
        source = random.Random(20261123)
        records = []
        for number in range(3000):
            data = bytearray(source.randbytes(source.choice(SIZES)))
            shape = source.random()
            if len(data) > 2 and shape < .7:
                data[1] = source.randrange(min(len(data), 256))
            if len(data) > 8 and shape < .5:
                tag = source.choice((b'issue', b'issuewild', b'iodef', b'issuemail', b'contactemail'))
                data[1:2 + len(tag)] = bytes([len(tag)]) + tag
            if shape < .3:
                data[0] = source.choice((0, 1, 128))
            records.append(f'h{number % 1000} 60 CAA {generic(bytes(data))}')
        server = self.audited('\n'.join(records), ', '.join(f'h{number}' for number in range(40)))
        self.lines_are_sane(server)
        self.assertGreater(server.stats(ZONE)['findings[caa-rdata-malformed]'], 0)
        self.assertTrue(server.alive)
        self.assertEqual(server.stop(), 0)

    def update_all(self, server):
        for name, data, _ in RDATA:
            if len(data) < 1000:
                server.update(ZONE, f'add u-{name}.{ZONE}. 60 CAA {generic(data)}')

    def test_by_update(self):
        server = self.audited('@ CAA 0 issue "sectigo.com"', '"@"', '[ loopback, transfer ]')
        mark = server.log.mark()
        self.update_all(server)
        server.wait_audit(ZONE, mark, serial=server.serial(ZONE))
        self.assertGreater(server.stats(ZONE)['findings[caa-rdata-malformed]'], 0)
        self.lines_are_sane(server)

    def test_by_update_that_the_server_cannot_write_to_its_zone_file(self):
        """Knot cannot print such a record: neither zone file nor control socket shows it."""
        server = self.audited('@ CAA 0 issue "sectigo.com"', '"@"')
        self.update_all(server)
        stats = server.wait_stats('verdict or none', lambda stats: stats['not-checked'] or stats['audit-failures']
                                  or stats['findings[caa-rdata-malformed]'], ZONE)
        self.assertIn(stats['serial'], (1, server.serial(ZONE)))
        self.lines_are_sane(server)
        self.assertTrue(server.alive)

    def test_thousand_records_in_a_set(self):
        records = '\n'.join(f'@ 3600 CAA 0 issue "ca{number}.example.net"' for number in range(1000))
        server = self.audited(records + '\n@ 3600 CAA 0 issue "sectigo.com"', '"@"')
        self.assertEqual(server.stats(ZONE)['findings[caa-issue-denied]'], 0)
        self.lines_are_sane(server)

    def test_alias_loops_and_long_chains(self):
        chain = '\n'.join(f'c{number} CNAME c{number + 1}' for number in range(200))
        server = self.audited(f'a CNAME b\nb CNAME a\nself CNAME self\n{chain}\nd DNAME e.d2\nd2 DNAME d\n'
                              '*.w CNAME x.w', 'a, self, c0, x.d, y.w')
        self.lines_are_sane(server)
        self.assertGreater(server.stats(ZONE)['findings[caa-alias-loop]'], 0)
        self.assertEqual(server.stop(), 0)


if __name__ == '__main__':
    harness.main()
