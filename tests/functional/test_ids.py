# SPDX-License-Identifier: GPL-2.0-or-later

"""Each module id of a zone keeps its own findings while others come and go."""

import unittest

import harness
from harness import LOOPBACK_ACL, TOOLS, knot_version, zone_file
from noticed import CHECK, ZONE, Noticed


class Ids(Noticed):
    CAS = {'a': 'sectigo.com', 'b': 'digicert.com', 'c': 'letsencrypt.org'}

    def start_with(self, *ids, database=False):
        server = self.server({ZONE: zone_file('@ 3600 CAA 0 issue "ca.example.net"')}, start=False,
                             extra=LOOPBACK_ACL, modules={
                                 id: ['audit-delay: 0', f'change-check: {CHECK}', f'ca: {ca}', 'wildcard: off']
                                 for id, ca in self.CAS.items()})
        self.configure(server, ids)
        if database:
            confdb = server.directory / 'confdb'
            result = harness.subprocess.run([TOOLS['knotc'], '-C', str(confdb), '-f', 'conf-import', str(server.conf)],
                                            capture_output=True, text=True)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            server.arguments = ['-C', str(confdb)]
        server.start()
        self.check(server, 0, ids)
        return server

    def configure(self, server, ids):
        server.template = ['acl: [ loopback, transfer ]', f'module: [ {", ".join(f"mod-caaudit/{id}" for id in ids)} ]']
        server.configure()

    def check(self, server, mark, ids):
        """All of them are audited, with their own findings, said once, and nobody's are resolved."""
        for id in ids:
            self.measured(f'audit of {id}',
                          lambda id=id: server.wait_audit(ZONE, mark, module=id, errors=1))
            self.assertEqual(server.found(ZONE, 0, id), [('caa-issue-denied', 'example.com.', self.CAS[id])])
        self.assertEqual(server.events('resolved', ZONE, mark), [])

    def none_is_lost(self, server, ids):
        """A change is noticed by each, and resolves only what is."""
        mark = server.log.mark()
        server.write(ZONE, zone_file('@ 3600 CAA 0 issue "sectigo.com"', serial=2))
        server.control('zone-reload', ZONE)
        for id in ids:
            self.measured(f'change for {id}', lambda id=id: server.wait_audit(
                ZONE, mark, module=id, serial=2, errors=0 if id == 'a' else 1))
        self.assertEqual([(line.module, line.fields['ca']) for line in server.events('resolved', ZONE, mark)],
                         [('a', 'sectigo.com')] if 'a' in ids else [])

    def test_by_reload(self):
        for before, after in (('a', 'ab'), ('ab', 'abc'), ('ab', 'cab'), ('abc', 'bc'), ('ab', 'ba')):
            with self.subTest(f'{before} to {after}'):
                server = self.start_with(*before)
                mark = server.log.mark()
                self.configure(server, after)
                server.reload()
                self.check(server, mark, after)
                self.none_is_lost(server, after)

    @unittest.skipIf(knot_version() < (3, 3), 'Knot DNS 3.2 crashes by itself when a module is added so')
    def test_by_configuration_database(self):
        for before, more in (('a', 'b'), ('ab', 'c')):
            with self.subTest(f'{before} and {more}'):
                server = self.start_with(*before, database=True)
                mark = server.log.mark()
                server.control('conf-begin')
                server.control('conf-set', 'template[default].module', f'mod-caaudit/{more}')
                server.control('conf-commit')
                self.check(server, mark, before + more)
                self.none_is_lost(server, before + more)


if __name__ == '__main__':
    harness.main()
