# SPDX-License-Identifier: GPL-2.0-or-later

"""From the root: delegation, glue and DS, what a validating resolver believes, CAA above and outside the zone.

Each fault is found by its id, and nothing else is. Without libunbound the tests of validation are skipped.
"""

import json
import os
import pathlib
import sys
import time
import unittest

import farm
from support import COMMAND, found
from world import ADDRESS, OUTSIDE, SERVERS, ZONE, World, addresses, glue, zone

SOURCE = pathlib.Path(os.environ.get('CAAUDIT_SOURCE') or pathlib.Path(__file__).parents[2])
sys.path.insert(0, str(SOURCE / 'tests/cli'))
import schema  # noqa: E402

SCHEMA = json.loads((SOURCE / 'module/cli/caaudit.schema.json').read_text())
VALIDATES = os.environ.get('CAAUDIT_UNBOUND') == '1'
ALL = sorted(address for name in SERVERS for address in ADDRESS[name])
NONE = ''
OTHER = '@ 3600 CAA 0 issue "letsencrypt.org"\n'


@unittest.skipIf(farm.available(), farm.available())
class WorldCase(unittest.TestCase):
    maxDiff = 3000

    @classmethod
    def setUpClass(cls):
        cls.world = World()
        cls.addClassCleanup(cls.world.close)

    def setUp(self):
        self.changed = set()

    def tearDown(self):
        for name in self.changed:
            if self.world.server[name].filtered:
                self.world.server[name].nft()
        self.world.serve_above()
        for name in SERVERS:
            self.world.serve(name, ZONE, zone())
        self.world.serve('cdn', OUTSIDE, self.world.outside())
        self.restart(*self.changed)

    def restart(self, *names):
        for name in names:
            self.world.server[name].restart()
        self.changed.update(names)

    def above(self, **parts):
        self.world.serve_above(**parts)
        self.restart('tld')

    def everywhere(self, text, *options):
        for name in SERVERS:
            self.world.serve(name, ZONE, text, *options)
        self.restart(*SERVERS)

    def document(self, *words, code=None):
        result = self.world.run([COMMAND, *self.world.words('--host', 'www', *words), '--format', 'json', '--fail-on',
                                 'notice'], limit=180)
        self.assertEqual(result.stderr, '')
        document = json.loads(result.stdout)[0]
        self.assertEqual(schema.check(document, SCHEMA), [])
        if not VALIDATES:
            document['not_checked'] = [gap for gap in document['not_checked'] if 'libunbound' not in gap['why']]
        if code is not None:
            self.assertEqual(result.returncode, code, json.dumps(document['findings'])[:3000])
        return document

    def finds(self, expected, *words):
        document = self.document(*words, code=1 if expected else 0)
        self.assertEqual(found(document), expected, json.dumps(document['findings'])[:3000])
        return document

    def verdicts(self, document):
        return {('*.' if host['wildcard'] else '') + host['host']: host['permitted'] for host in document['hosts']}


class Delegation(WorldCase):
    def test_sound(self):
        document = self.finds({})
        self.assertEqual(document['not_checked'], [])
        self.assertEqual(sorted(server['server'] for server in document['servers']), ALL)
        self.assertEqual(document['dnssec']['chain'], 'whole')
        self.assertEqual(set(self.verdicts(document).values()), {True})
        trust = {answer['validated'] for answer in document['answers'] if answer['question']['type'] == 'CAA'}
        self.assertEqual(trust, {'secure'} if VALIDATES else {'unasked'})

    def test_by_the_parent(self):
        """Without the root: --parent."""
        result = self.world.run([COMMAND, 'probe', ZONE, '--parent', ADDRESS['tld'][0], '--rate', '200', '--format',
                                 'json', '--fail-on', 'notice'])
        document = json.loads(result.stdout)[0]
        self.assertEqual((result.returncode, found(document), result.stderr), (0, {}, ''))
        self.assertEqual(document['dnssec']['chain'], 'whole')

    def test_other_servers(self):
        self.above(servers=SERVERS[:2])
        self.assertEqual(set(found(self.document(code=1))), {'probe-delegation-differs'})
        self.above()
        self.everywhere(zone(servers=SERVERS[1:]))
        self.finds({'probe-delegation-differs': []})

    def test_merged(self):
        """What one place saw of the delegation stands in the table of several."""
        self.above(servers=SERVERS[:2], ds=f'{ZONE}. 3600 DS 4711 13 2 {"ab" * 32}\n')
        document = self.document('--server', ADDRESS['s1'][0])
        for place in ('here', 'there'):
            (self.world.dir / f'{place}.json').write_text(json.dumps([document]))
        result = self.world.run([COMMAND, 'probe', '--merge', 'here.json', 'there.json', '--format', 'json'])
        self.assertEqual((result.returncode, result.stderr), (1, ''))
        merged = json.loads(result.stdout)[0]
        self.assertEqual(set(found(merged)), set(found(document)))
        self.assertEqual(found(merged)['probe-ds-mismatch'], [f'{place} {ADDRESS["s1"][0]}' for place in ('here', 'there')])

    def test_server_that_is_gone(self):
        """The parent still names it; the zone has forgotten it."""
        self.everywhere(zone(servers=SERVERS[:2]))
        self.world.server['s3'].nft('drop')
        self.changed.add('s3')
        self.finds({'probe-delegation-differs': [], 'probe-server-silent': sorted(ADDRESS['s3'])})

    def test_glue(self):
        """Another address, one too many, and one too few."""
        for at in (glue(('s2', 's3')) + addresses(f'ns-s1.{ZONE}.', 's1').replace('192.0.2.4', '192.0.2.5'),
                   glue() + f'ns-s1.{ZONE}. 3600 A 192.0.2.6\n',
                   glue(('s2', 's3')) + f'ns-s1.{ZONE}. 3600 A 192.0.2.4\n'):
            with self.subTest(at):
                self.above(at=at)
                document = self.document(code=1)
                self.assertEqual(set(found(document)), {'probe-glue-wrong'})
                self.assertEqual([finding['owner'] for finding in document['findings']], [f'ns-s1.{ZONE}.'])

    def test_ds(self):
        """Of another key; and of a zone that is not signed."""
        self.above(ds=f'{ZONE}. 3600 DS 4711 13 2 {"ab" * 32}\n')
        expected = {'probe-ds-mismatch': ALL, **({'probe-answer-bogus': ALL} if VALIDATES else {})}
        self.finds(expected)
        self.above()
        for name in SERVERS:
            self.world.serve(name, ZONE, zone(), signed=False)
        self.restart(*SERVERS)
        self.finds(expected)

    def test_no_ds(self):
        """Signed, and the parent says that it is not: nothing is wrong, and nothing is secure."""
        self.above(ds=NONE)
        document = self.finds({})
        self.assertEqual(document['dnssec']['chain'], None if document['dnssec']['chain'] is None else 'unknown')

    def test_zone_that_is_not_there(self):
        result = self.world.run([COMMAND, 'probe', 'nowhere.test', '--root-hints', self.world.hints])
        self.assertEqual((result.returncode, result.stdout), (2, ''))
        self.assertEqual(len(result.stderr.splitlines()), 1)
        self.assertIn('no such zone', result.stderr)

    def test_bad_hints(self):
        for text, words in (('x', []), ('. 3600 NS a.\n', []), (None, [])):
            path = self.world.dir / 'bad.hints'
            path.unlink(missing_ok=True)
            if text is not None:
                path.write_text(text)
            result = self.world.run([COMMAND, 'probe', ZONE, '--root-hints', path, *words])
            self.assertEqual((result.returncode, result.stdout, len(result.stderr.splitlines())), (2, '', 1), text)

    def test_dead_servers(self):
        """One, and all of them; the root itself; how long that takes."""
        hosts = [word for number in range(20) for word in ('--host', f'h{number}')]
        self.everywhere(zone(more=''.join(f'h{number} 3600 A 192.0.2.80\n' for number in range(20))))
        for dead, expected in ((None, {}), ('s2', {'probe-server-silent': sorted(ADDRESS['s2'])})):
            if dead:
                self.world.server[dead].nft('drop')
            begin = time.monotonic()
            self.finds(expected, *hosts)
            print(f'six addresses, twenty hosts, from the root, dead: {dead}: {time.monotonic() - begin:.2f} s',
                  file=sys.stderr)
        for name in SERVERS:
            self.world.server[name].nft('drop')
        begin = time.monotonic()
        result = self.world.run([COMMAND, *self.world.words()])
        print(f'all dead: {time.monotonic() - begin:.2f} s', file=sys.stderr)
        self.assertEqual((result.returncode, result.stdout, len(result.stderr.splitlines())), (2, '', 1))
        self.world.server['root'].nft('drop')
        self.changed.add('root')
        result = self.world.run([COMMAND, *self.world.words()])
        self.assertEqual((result.returncode, result.stdout, len(result.stderr.splitlines())), (2, '', 1))

    def test_lying_parent(self):
        """It names one server that refuses the zone, and a server that does not exist."""
        self.above(servers=('s1',), at=f'ns-s1.{ZONE}. 3600 A {ADDRESS["cdn"][0]}\n')
        result = self.world.run([COMMAND, *self.world.words()])
        self.assertEqual((result.returncode, result.stdout, len(result.stderr.splitlines())), (2, '', 1))
        document = self.document('--server', ADDRESS['s1'][0], code=1)
        self.assertEqual(set(found(document)), {'probe-delegation-differs', 'probe-glue-wrong'})


@unittest.skipUnless(VALIDATES, 'built without libunbound')
class Validation(WorldCase):
    def test_expired_at_one_server(self):
        for name in SERVERS:
            with self.subTest(name):
                self.world.serve(name, ZONE, zone(), '-s', '20200101000000', '-e', '20200201000000')
                self.restart(name)
                at = sorted(ADDRESS[name])
                self.finds({'dnssec-rrsig-expired': at, 'probe-answer-bogus': at, 'probe-ds-mismatch': at})
                self.world.serve(name, ZONE, zone())
                self.restart(name)

    def test_unsigned_at_one_server(self):
        self.world.serve('s2', ZONE, zone(), signed=False)
        self.restart('s2')
        document = self.document(code=1)
        at = found(document)
        self.assertEqual(at.pop('probe-answer-bogus'), sorted(ADDRESS['s2']))
        self.assertEqual(at, {'probe-answers-differ': sorted(ADDRESS['s2']),
                              'probe-ds-mismatch': sorted(ADDRESS['s2'])})

    def test_zone_outside(self):
        """A host depends on a zone whose signatures have expired: a CA gets no answer."""
        self.everywhere(zone(caa='', more=f'cdn 3600 CNAME edge.{OUTSIDE}.\n'))
        self.world.serve('cdn', OUTSIDE, self.world.outside(), '-s', '20200101000000', '-e', '20200201000000')
        self.restart('cdn')
        document = self.document('--host', 'cdn', code=1)
        bogus = [finding for finding in document['findings'] if finding['id'] == 'probe-answer-bogus']
        self.assertIn(f'edge.{OUTSIDE}.', [finding['owner'] for finding in bogus])
        self.assertIsNone(self.verdicts(document)[f'cdn.{ZONE}.'])


class OtherZones(WorldCase):
    """What another zone says becomes a verdict."""

    def test_above(self):
        self.everywhere(zone(caa=''))
        self.assertEqual(set(self.verdicts(self.finds({})).values()), {True})
        self.above(caa=OTHER)
        document = self.document(code=1)
        self.assertEqual(set(found(document)), {'caa-issue-denied'})
        self.assertEqual(set(self.verdicts(document).values()), {False})
        self.assertEqual({host['decided_by'] for host in document['hosts']}, {'test.'})
        self.assertEqual({finding['owner'] for finding in document['findings']}, {f'{ZONE}.'})
        self.everywhere(zone())
        self.assertEqual(set(self.verdicts(self.finds({})).values()), {True})

    def test_alias(self):
        """To a name with CAA, to one without, and with CAA of its own zone at the apex."""
        def check(outside, caa, permitted, ids):
            self.world.serve('cdn', OUTSIDE, self.world.outside(outside))
            self.restart('cdn')
            self.everywhere(zone(caa=caa, more=f'cdn 3600 CNAME edge.{OUTSIDE}.\n'))
            document = self.document('--host', 'cdn')
            self.assertEqual((self.verdicts(document)[f'cdn.{ZONE}.'], set(found(document))), (permitted, ids))
        own = '@ 3600 CAA 0 issue "sectigo.com"\n@ 3600 CAA 0 issuewild "sectigo.com"\n'
        check('', own, True, set())
        check('edge 3600 CAA 0 issue "sectigo.com"\n', own, True, {'caa-alias-decides'})
        check('edge 3600 CAA 0 issue "letsencrypt.org"\n', own, False, {'caa-issue-denied', 'caa-alias-decides'})
        # The climb goes on from the name that was asked for, and not from the target.
        check('@ 3600 CAA 0 issue "letsencrypt.org"\n', own, True, set())
        # Nothing there, so that the zone decides: what was caa-fallback-denied is a denial.
        check('', OTHER, False, {'caa-issue-denied'})

    def test_below(self):
        """Names at and below a delegation, on the same servers and on others."""
        below = f'sub.{ZONE}'
        child = f'$ORIGIN {below}.\n@ 3600 SOA ns hostmaster 7 3600 600 86400 300\n@ 3600 NS a.cdn-srv.\n'
        self.everywhere(zone(more='sub 3600 NS a.cdn-srv.\n'))
        for caa, permitted in (('', True), (OTHER, False)):
            self.world.server['cdn'].write(below, child + caa)
            self.restart('cdn')
            document = self.document('--host', 'sub', '--host', 'x.sub')
            verdicts = self.verdicts(document)
            self.assertEqual((verdicts[f'{below}.'], verdicts[f'x.{below}.']), (permitted, permitted))
            self.assertEqual(set(found(document)), set() if permitted else {'caa-issue-denied'})
        del self.world.server['cdn'].zones[below]

    def test_other_zone_that_does_not_answer(self):
        """What could not be looked at stays unknown."""
        self.everywhere(zone(more=f'cdn 3600 CNAME edge.{OUTSIDE}.\n'))
        self.world.server['cdn'].nft('drop')
        self.changed.add('cdn')
        document = self.document('--host', 'cdn')
        self.assertIsNone(self.verdicts(document)[f'cdn.{ZONE}.'])
        self.assertIn(f'CAA at edge.{OUTSIDE}.', [gap['what'] for gap in document['not_checked']])
        self.assertEqual(set(found(document)), {'caa-alias-external'})


if __name__ == '__main__':
    unittest.main(verbosity=2)
