# SPDX-License-Identifier: GPL-2.0-or-later

"""The harness itself: it runs without the module and leaves nothing behind."""

import os
import unittest

import harness
from harness import Impatient, KnotTest, Line, zone_file


class Parsing(unittest.TestCase):
    def test_finding(self):
        line = Line.parse(0, "2026-11-23T10:00:00+0000 error: [example.com.] module 'mod-caaudit/default', finding, "
                          'id caa-issue-denied, owner example.com., ca sectigo.com, CAA permits only '
                          'letsencrypt.org; add: example.com. 3600 CAA 0 issue "sectigo.com"')
        self.assertEqual((line.severity, line.zone, line.module, line.event),
                         ('error', 'example.com.', 'default', 'finding'))
        self.assertEqual(line.fields, {'id': 'caa-issue-denied', 'owner': 'example.com.', 'ca': 'sectigo.com'})
        self.assertTrue(line.rest.startswith('CAA permits only'))

    def test_empty_fields_and_commas_in_the_text(self):
        line = Line.parse(0, "notice: [example.com.] module 'mod-caaudit', finding, id caa-ttl-long, "
                          'owner a.example.com., ca -, owner is long, ca is not')
        self.assertEqual(line.fields, {'id': 'caa-ttl-long', 'owner': 'a.example.com.', 'ca': '-'})
        self.assertEqual(line.rest, 'owner is long, ca is not')
        self.assertEqual(line.module, '')

    def test_audit(self):
        line = Line.parse(0, "notice: [example.com.] module 'mod-caaudit/default', audit, serial 7, errors 1, "
                          'warnings 0, notices 2, not checked 0, source control, 12 ms')
        self.assertEqual(line.fields, {'serial': '7', 'errors': '1', 'warnings': '0', 'notices': '2',
                                       'not checked': '0', 'source': 'control'})
        self.assertEqual(line.rest, '12 ms')

    def test_line_of_the_server(self):
        line = Line.parse(0, '2026-11-23T10:00:00+0000 info: [example.com.] loaded, serial 1')
        self.assertEqual((line.zone, line.event), ('example.com.', None))

    def test_no_log_line(self):
        self.assertEqual(Line.parse(0, 'Segmentation fault').severity, '')


class PlainServer(KnotTest):
    def test_life(self):
        server = self.server({'example.com': zone_file('@ CAA 0 issue "example.net"')}, module=False,
                             extra=harness.LOOPBACK_ACL, template=['acl: loopback'])
        server.wait_loaded('example.com')
        self.assertEqual(server.serial('example.com'), 1)
        self.assertEqual(server.query('example.com', 'CAA'), ['0 issue "example.net"'])
        server.update('example.com', 'add example.com. 60 CAA 0 issue "example.org"')
        self.assertEqual(len(server.query('example.com', 'CAA')), 2)
        self.assertEqual(server.check_configuration().returncode, 0)
        process = server.process
        self.assertEqual(server.stop(), 0)
        self.assertFalse(os.path.exists(f'/proc/{process.pid}'))

    def test_two_at_a_time(self):
        zones = {'example.com': zone_file()}
        first = self.server(zones, module=False)
        second = self.server(zones, module=False)
        self.assertNotEqual((first.address, first.port), (second.address, second.port))
        first.wait_loaded('example.com')
        second.wait_loaded('example.com')

    def test_waiting_ends(self):
        server = self.server({}, module=False)
        with self.assertRaisesRegex(Impatient, 'not within 0.1 s: a miracle'):
            server.wait('a miracle', lambda: False, limit=0.1)

    def test_death_is_noticed(self):
        server = self.server({}, module=False)
        server.process.kill()
        with self.assertRaisesRegex(Impatient, 'has ended with -9'):
            server.wait('a miracle', lambda: False)

    def test_refused_update_is_an_error(self):
        server = self.server({'example.com': zone_file()}, module=False)
        server.wait_loaded('example.com')
        with self.assertRaises(AssertionError):
            server.update('example.com', 'add example.com. 60 CAA 0 issue "example.org"')


if __name__ == '__main__':
    harness.main()
