# SPDX-License-Identifier: GPL-2.0-or-later

"""What the memory tests share: a busy life for the server, and modules that are broken on purpose."""

import contextlib
import os
import shlex
import subprocess

from harness import LOOPBACK_ACL, KnotTest, zone_file

CC = shlex.split(os.environ.get('CAAUDIT_CC', 'cc'))

# Stands in for the module. What it does wrong is what the detector must see.
TWIN = '''
#include <stdint.h>
#include <stdlib.h>
#include <knot/module.h>
static char *volatile lost;
static int load(knotd_mod_t *mod)
{
	char *volatile block = malloc(32);
	volatile int32_t number = INT32_MAX;
	(void)number;
	(void)mod;
	%s
	free(block);
	return 0;
}
static void unload(knotd_mod_t *mod)
{
	(void)mod;
}
KNOTD_MOD_API(caaudit, KNOTD_MOD_FLAG_SCOPE_ANY | KNOTD_MOD_FLAG_OPT_CONF, load, unload, NULL, NULL);
'''
WRONGS = {
    'nothing': '',
    'overrun': 'block[32] = 1;',
    'use-after-free': 'free(block); block[0] = 1; block = NULL;',
    'leak': 'lost = malloc(77); lost = NULL;',
    'overflow': 'number = number + 1;',
}


MALFORMED = 'b CAA \\# 1 00\nc CAA \\# 7 0009 6973737565\n'


class MemoryTest(KnotTest):
    """A server with the module in a wrapper or environment that looks for errors."""

    def watched(self, module_path=None):
        """Returns a server that is looked at, not started."""
        raise NotImplementedError

    def complaints(self, server):
        """Returns what the detector said, after the end."""
        raise NotImplementedError

    def options(self):
        return dict(
            # Read from their files, by transfer, and not at all. Knot cannot write a malformed CAA record
            # into a file, so the updates of the last but one are few.
            zones={'a.example.com': zone_file('@ 3600 CAA 0 issue "letsencrypt.org"\n*.d CNAME e\n'
                                              'e CAA 128 tbs "x"'),
                   'b.example.com': zone_file('@ 3600 CAA 0 issue "sectigo.com"\n' + MALFORMED),
                   't.example.com': zone_file('@ 3600 CAA 0 issue "letsencrypt.org"\n' + MALFORMED),
                   # Answers are synthesised: signed, and validation names.
                   's.example.com': zone_file('@ CAA 0 issue "letsencrypt.org"\nw CNAME e\n'
                                              'e CAA 0 issuewild "letsencrypt.org"'),
                   'v.example.com': zone_file('@ CAA 0 issue "letsencrypt.org"'),
                   'c.example.com': None},
            extra=LOOPBACK_ACL,
            modules={'default': ['audit-delay: 0', 'host: [ "@", "b", "c", "x.d", "e" ]',
                                 'validation: [ "_x x.sectigo.com.", "_y" ]'],
                     'synth': ['audit-delay: 0', 'synthesize: [ caa, validation ]', 'host: [ "@", w ]',
                               'validation: "_x.y x.sectigo.com."'],
                     'other': ['ca: [ letsencrypt.org, sectigo.com ]', 'strict: on'], 'all': []},
            template=['acl: loopback', 'module: mod-caaudit/default', 'global-module: mod-caaudit/all'],
            zone_options={'b.example.com': ['module: mod-caaudit/other'],
                          's.example.com': ['dnssec-signing: on', 'module: mod-caaudit/synth'],
                          'v.example.com': ['module: mod-caaudit/synth'],
                          't.example.com': ['acl: [ loopback, transfer ]']}, start=False)

    def twin(self, wrong, *flags):
        """Builds a module that does one thing wrong."""
        directory = self.temporary()
        source = directory / 'twin.c'
        source.write_text(TWIN % WRONGS[wrong])
        subprocess.run([*CC, '-g', '-O0', '-shared', '-fPIC', '-o', directory / 'twin.so', source, *flags,
                        '-Wl,-z,nodelete'], check=True)
        return directory / 'twin.so'

    def twin_is_caught(self, wrong, *words, flags=()):
        """The detector sees what the broken module does, or nothing in one that is not."""
        server = self.watched(self.twin(wrong, *flags))
        server.modules = {}
        server.template = ['global-module: mod-caaudit']
        server.zone_options = {}
        server.configure()
        if not words:
            server.start()
            self.assertEqual(server.stop(), 0)
            self.assertEqual(self.complaints(server), '')
            return
        with contextlib.suppress(AssertionError):  # the detector may end it early
            server.start()
        self.assertEqual(server.stop(), 99)
        for word in words:
            self.assertIn(word, self.complaints(server))

    def synthesized(self, server):
        """Answers with records that are missing, cached and not."""
        for name in ('s.example.com', 'w.s.example.com', 'v.example.com'):
            for options in ([], ['+dnssec'], ['+tcp', '+dnssec'], ['+dnssec', '+bufsize=512']):
                self.assertIn('sectigo.com', server.kdig(name, 'CAA', *options))
        for type in ('CNAME', 'TXT', 'NSEC'):
            server.kdig('_x.y.v.example.com', type)
            server.kdig('y.v.example.com', type)
            server.kdig('_x.y.s.example.com', type)

    def live(self):
        """Start, 20 reloads, dynamic updates, control commands, stop."""
        server = self.watched()
        server.start()
        for zone in ('a.example.com', 'b.example.com', 't.example.com'):
            server.wait_audit(zone)
        for number in range(20):
            server.reload()
            self.synthesized(server)
            server.update('a.example.com', f'add u{number}.a.example.com. 60 CAA 0 issue "example.net"')
            if number % 5 == 0:
                server.update('t.example.com', f'add u{number}.t.example.com. 60 CAA 0 issue "example.net"')
                server.control('-f', 'zone-reload', 'b.example.com')
                server.stats('a.example.com')
        mark = server.log.mark()
        server.update('a.example.com', 'del e.a.example.com. CAA',
                      'add a.example.com. 3600 CAA 0 issue "sectigo.com"',
                      'add a.example.com. 3600 CAA 0 issuewild "sectigo.com"')
        for zone in ('a.example.com', 't.example.com'):
            server.wait_audit(zone, serial=server.serial(zone))
        server.stats()
        server.reload()
        code = server.stop()
        self.assertEqual(self.complaints(server), '')
        self.assertEqual(code, 0)
