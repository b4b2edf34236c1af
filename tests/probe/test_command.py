# SPDX-License-Identifier: GPL-2.0-or-later

"""The command probe with fake servers on loopback: bad input, manners, the table, JSON, configuration, merging."""

import collections
import fcntl
import json
import os
import pathlib
import pty
import re
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

import fake
from fake import Fake, Zone, caa, record, soa, wire

SOURCE = pathlib.Path(os.environ.get('CAAUDIT_SOURCE') or pathlib.Path(__file__).parents[2])
sys.path.insert(0, str(SOURCE / 'tests' / 'cli'))
import schema  # noqa: E402

COMMAND = os.environ.get('CAAUDIT', 'caaudit')
PATIENCE = float(os.environ.get('CAAUDIT_PATIENCE', '1'))
SCHEMA = json.loads((SOURCE / 'module/cli/caaudit.schema.json').read_text())
ZONE = 'command.test'
CAA = fake.TYPES['CAA']
DEAD = '127.0.0.1@9'  # discard: nobody listens


# Data that is no name: too short, and with labels beyond 255 octets.
UNSOUND = ('\\# 1 3F', '\\# 641 ' + ('3f' + '41' * 63) * 10 + '00')


def silent(query, tcp):
    """A server that never answers."""


class ProbeCase(unittest.TestCase):
    maxDiff = 3000

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix='caaudit-probe-')
        self.addCleanup(directory.cleanup)
        self.dir = pathlib.Path(directory.name)

    def put(self, name, text):
        (self.dir / name).write_text(text)
        return name

    def fake(self, answer=None):
        return self.enterContext(Fake(answer or Zone(ZONE)))

    def caaudit(self, *words, env=None):
        begin = time.monotonic()
        result = subprocess.run([COMMAND, 'probe', *words], capture_output=True, text=True, check=False, cwd=self.dir,
                                timeout=100 * PATIENCE, env={**os.environ, **(env or {})})
        self.seconds = time.monotonic() - begin
        self.assertIn(result.returncode, (0, 1, 2), result.stderr[-2000:])
        return result

    def documents(self, *words, code=None):
        result = self.caaudit('--format', 'json', *words)
        self.assertEqual(result.stderr, '')
        if code is not None:
            self.assertEqual(result.returncode, code)
        documents = json.loads(result.stdout)
        for document in documents:
            self.assertEqual(schema.check(document, SCHEMA), [])
        return documents

    def fails(self, *words, says):
        """Exit 2, one line, and nothing on standard output."""
        result = self.caaudit(*words)
        self.assertEqual((result.returncode, result.stdout), (2, ''), result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertRegex(result.stderr, says)


class BadInput(ProbeCase):
    def test_command_line(self):
        for words, says in (
                ([], 'no zone'),
                ([ZONE, '--root-hints', 'missing.hints'], 'missing.hints'),
                ([ZONE, '--parent', 'ns.test'], 'address'),
                ([ZONE, '--parent', DEAD, '--root-hints', 'x'], 'one of them'),
                ([ZONE, '--parent', DEAD], 'no name server found'),
                (['.', '--parent', DEAD], 'nobody delegates the root'),
                (['a..b', '--server', DEAD], 'not a domain name'),
                (['', '--server', DEAD], 'not a domain name'),
                (['a' * 64 + '.test', '--server', DEAD], 'not a domain name'),
                ([ZONE, '--server', 'ns1.command.test'], 'address'),
                ([ZONE, '--resolver', '127.1'], 'address'),
                ([ZONE, '--server', DEAD, '--host', 'www.other.test.'], 'not in zone'),
                ([ZONE, '--server', DEAD, '--host', 'a..b'], 'name'),
                ([ZONE, '--server', DEAD, '--rate', '0'], '1 to 1000'),
                ([ZONE, '--server', DEAD, '--rate', '1001'], '1 to 1000'),
                ([ZONE, '--server', DEAD, '--rate', '1x'], '1 to 1000'),
                ([ZONE, '--server', DEAD, '--zone', 'missing.zone'], 'missing.zone'),
                ([ZONE, '--server', DEAD, '--zone', 'a', '--zone', 'b'], 'twice'),
                ([ZONE, '--server', DEAD, '--zone', '%q.zone'], 'not understood'),
                ([ZONE, '--live', ZONE, '--control', 's', '--server', DEAD], 'not two'),
                (['--live', ZONE, '--server', DEAD, '--control', 'missing.sock'], 'missing.sock'),
                (['--axfr', ZONE, '--zone', 'x', '--server', DEAD], 'one is needed'),
                ([ZONE, '--server', DEAD, '--tsig', 'k:AAAA'], '--axfr'),
                ([ZONE, '--server', DEAD, '-q', '-v'], '--verbose'),
                (['--merge'], 'merge what'),
                (['--merge', 'a.json', '--server', DEAD], 'asks nobody'),
                (['--merge', 'a.json', '--parent', DEAD], 'asks nobody'),
                (['--merge', 'missing.json'], 'missing.json'),
                (['--config', 'missing.conf'], 'missing.conf')):
            with self.subTest(words):
                self.fails(*words, says=says)

    def test_parent_that_leads_nowhere(self):
        """Servers without addresses whose servers have none either, referrals in a circle, and names that are none."""
        asked = []

        def bare(query, tcp):
            asked.append(query.name)
            return query.reply(flags=0x8000, authority=[
                record(query.name, 'NS', wire(f'ns.n{len(asked)}-{number}.test')) for number in range(20)])

        def circle(query, tcp):
            asked.append(query.name)
            return query.reply(flags=0x8000, authority=[record('test', 'NS', wire('ns.test'))])

        def broken(query, tcp):
            asked.append(query.name)
            return query.reply(flags=0x8000, authority=[record(ZONE, 'NS', b''), record(ZONE, 'NS', b'\x3fx')])

        for answer, says in ((bare, 'no name server'), (circle, 'no name server'), (broken, 'no name server'),
                             (silent, 'no name server')):
            with self.subTest(answer.__name__), Fake(answer) as server:
                asked.clear()
                self.fails(ZONE, '--parent', server.server, '--rate', '1000', says=says)
                self.assertLess(self.seconds, 5 * PATIENCE)
                self.assertLessEqual(len(asked), 200)

    def test_zone_that_is_not_there(self):
        answers = {
            'REFUSED': lambda query, tcp: query.reply(flags=0x8005),
            'SERVFAIL': lambda query, tcp: query.reply(flags=0x8002),
            'NXDOMAIN': lambda query, tcp: query.reply(flags=0x8403, authority=[soa('test')]),
            'no AA': lambda query, tcp: query.reply(flags=0x8000, authority=[record('test', 'NS', wire('ns.test'))]),
        }
        for says, answer in answers.items():
            with self.subTest(says), Fake(answer) as server:
                self.fails(ZONE, '--server', server.server, says=f'none of 1 servers gives the zone: .*{says}')
                self.assertLess(self.seconds, 1 * PATIENCE)

    def test_nobody_answers(self):
        self.fails(ZONE, '--server', DEAD, says='closed')
        self.fails(ZONE, '--server', self.fake(silent).server, says='no answer')
        self.assertLess(self.seconds, 3 * PATIENCE)

    def test_part_of_the_servers(self):
        """The verdict stands, and says what is missing."""
        good, quiet = self.fake(), self.fake(silent)
        document = self.documents(ZONE, '--server', good.server, '--server', quiet.server, code=0)[0]
        self.assertEqual([host['permitted'] for host in document['hosts']], [True, True])
        self.assertEqual([finding['id'] for finding in document['findings']], ['probe-server-silent'])
        result = self.caaudit(ZONE, '--server', good.server, '--server', quiet.server)
        self.assertIn('1 of 2 servers answer alike; a CA that looks from five places may fail', result.stdout)

    def test_part_of_the_answers(self):
        """A host of which something is not answered is not judged there."""
        zone = Zone(ZONE)
        part = self.fake(lambda query, tcp: None if query.name.startswith('www') else zone(query, tcp))
        document = self.documents(ZONE, '--host', '@', '--host', 'www', '--server', part.server)[0]
        self.assertEqual({host['host'] for host in document['hosts']}, {f'{ZONE}.'})
        self.assertEqual(len(document['not_checked']), 1)
        self.assertIn('probe-udp-limited', [finding['id'] for finding in document['findings']])


class FollowUp(ProbeCase):
    def test_questions_that_follow_from_answers(self):
        """They come at any number of questions: the tables grow while an answer is looked at."""
        zone = Zone(ZONE)

        def answer(query, tcp):
            if query.name.endswith(f'sub.{ZONE}') and query.type != fake.TYPES['DS']:
                labels = query.name.split('.')
                return query.reply(flags=0x8000, authority=[record('.'.join(labels[-3 - n:]), 'NS', wire('ns.test'))
                                                            for n in range(len(labels) - 3)])
            if query.name.startswith('alias'):
                return query.reply([record(query.name, 'CNAME', wire(f'to-{query.name}'))])
            return zone(query, tcp)
        server = self.fake(answer)
        for count in range(1, 18):
            hosts = [word for number in range(count) for name in (f'a.b.c{number}.sub', f'alias{number}')
                     for word in ('--host', name)]
            document = self.documents(ZONE, '--rate', '1000', '--validation', f'_x.w.v{count}', *hosts,
                                      '--server', server.server)[0]
            asked = {(entry['question']['name'], entry['question']['type']) for entry in document['answers']}
            for name, type in ((f'sub.{ZONE}.', 'DS'), (f'c0.sub.{ZONE}.', 'DS'), (f'to-alias0.{ZONE}.', 'CAA'),
                               (f'_x.{ZONE}.', 'CNAME')):
                self.assertIn((name, type), asked)


class Manners(ProbeCase):
    def arrivals(self, answer, *words):
        """Times at which queries came, and what was asked."""
        times = []

        def note(query, tcp):
            times.append((time.monotonic(), query.name, query.type, tcp))
            return answer(query, tcp)
        server = self.fake(note)
        hosts = [word for number in range(40) for word in ('--host', f'h{number}')]
        self.caaudit(ZONE, *hosts, '--server', server.server, *words)
        return times

    def most_in_a_second(self, times):
        return max(sum(begin <= at < begin + 1 for at, *_ in times) for begin, *_ in times)

    def test_rate(self):
        """Never more than asked for; the scheduler of a busy machine may delay two on their way."""
        for words, rate in (([], 20), (['--rate', '50'], 50)):
            times = self.arrivals(Zone(ZONE), *words)
            self.assertGreater(len(times), 40)
            self.assertLessEqual(self.most_in_a_second(times), rate + 2)

    def test_two_tries(self):
        """Every question comes twice at most: those for CAA, the SOA record, with and without EDNS, and over TCP."""
        zone = Zone(ZONE)
        for answer in (silent, lambda query, tcp: None if query.type == CAA else zone(query, tcp)):
            times = self.arrivals(answer, '--rate', '500')
            asked = collections.Counter((name, type, tcp) for _, name, type, tcp in times)
            soa_count = asked.pop((ZONE, fake.TYPES['SOA'], False))
            self.assertLessEqual(soa_count, 3)  # twice with EDNS, once without
            self.assertLessEqual(max(asked.values(), default=0), 2)

    def test_silent_server_gets_no_more_than_the_first_question(self):
        times = self.arrivals(silent)
        self.assertLessEqual(len(times), 4)

    def test_flight(self):
        """With nothing answered but the SOA record, fifty queries are out, and no more come before some end."""
        zone = Zone(ZONE)
        times = self.arrivals(lambda query, tcp: zone(query, tcp) if query.type == fake.TYPES['SOA'] else None,
                              '--rate', '1000', *[word for number in range(40, 120) for word in ('--host', f'h{number}')])
        asked = [(name, type) for _, name, type, _ in times if type != fake.TYPES['SOA']]
        distinct = list(dict.fromkeys(asked))
        before = asked[:asked.index(distinct[50])]
        # No end comes before the second query, so the order tells, however late the machine is.
        self.assertTrue(any(before.count(question) == 2 for question in distinct[:50]), before)
        self.assertGreater(len(times), 100)

    def test_dead_server_is_left_alone(self):
        """After three zones without an answer it is not asked any more."""
        quiet, good = self.fake(silent), self.fake(
            lambda query, tcp: Zone('.'.join(query.name.split('.')[-2:]))(query, tcp))
        zones = [f'z{number}.test' for number in range(40)]
        documents = self.documents(*zones, '--rate', '1000', '--server', quiet.server, '--server', good.server)
        states = [server['state'] for document in documents for server in document['servers'] if server['server'] == quiet.server]
        self.assertEqual(set(states), {'silent', 'skipped'})
        self.assertGreaterEqual(states.count('skipped'), 20)
        self.assertLessEqual(len({query.name for query, _ in quiet.queries}), 20)
        self.assertEqual({tuple(finding['id'] for finding in document['findings']) for document in documents},
                         {('probe-server-silent',)})


class Report(ProbeCase):
    def terminal(self, columns, *words, env=None):
        settings = {name: value for name, value in os.environ.items()
                    if name not in ('COLUMNS', 'NO_COLOR', 'LC_ALL', 'LC_CTYPE', 'LANG')}
        settings.update({'TERM': 'xterm', 'LC_ALL': 'C.UTF-8', **(env or {})})
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
        process = subprocess.Popen([COMMAND, 'probe', *words], cwd=self.dir, stdin=slave, stdout=slave, stderr=slave,
                                   env=settings)
        os.close(slave)
        said = b''
        try:
            while block := os.read(master, 65536):
                said += block
        except OSError:
            pass
        os.close(master)
        process.wait(timeout=60)
        return said.decode().replace('\r\n', '\n')

    def servers(self, count, odd=()):
        """Servers, some of which say something else about CAA."""
        words = []
        for number in range(count):
            other = Zone(ZONE, [(f'www.{ZONE}', 'CAA', caa(f'www.{ZONE}', f'long-name-{number}.example.net')),
                                (f'www.{ZONE}', 'A', record(f'www.{ZONE}', 'A', b'\1\2\3\4'))])
            words += ['--server', self.fake(other if number in odd else None).server]
        return words

    def test_table_fits_the_terminal(self):
        words = [ZONE, '--host', '@', '--host', 'www', '--host', 'a-name-that-is-rather-long-for-a-column.of.this.table',
                 *self.servers(6, odd=[2, 5])]
        for columns in (20, 40, 60, 80, 100, 132, 200):
            with self.subTest(columns=columns):
                said = re.sub(r'\033\[[0-9;]*m', '', self.terminal(columns, *words))
                table = said.split('\n\n')[0].splitlines()
                self.assertLessEqual(max(map(len, table[1:])), max(columns, 33))
                self.assertEqual(said.count('\u2713') > 10, True)
                for number in range(1, 7):
                    self.assertTrue(f'[{number}]' in said or columns == 200)

    def test_tick_and_colours(self):
        words = [ZONE, *self.servers(2, odd=[])]
        said = self.terminal(80, *words)
        self.assertIn('\033[32m\u2713\033[0m', said)
        self.assertNotIn('\033', self.terminal(80, *words, env={'NO_COLOR': '1'}))
        self.assertNotIn('\u2713', self.terminal(80, *words, env={'LC_ALL': 'C'}))
        piped = self.caaudit(*words).stdout
        self.assertNotIn('\033', piped)
        self.assertTrue(piped.isascii())
        self.assertRegex(piped, r'(?m)^  @ CAA +ok +ok +0 issue "sectigo.com"')

    def test_what_is_odd_stands_out(self):
        words = [ZONE, '--host', 'www', *self.servers(3, odd=[1])]
        said = self.caaudit(*words).stdout
        self.assertRegex(said, r'(?m)^  www CAA +ok +0 issue "long-name-1.example.net" +ok +none$')
        self.assertIn('  probe-answers-differ  www.command.test.  at ' + words[-3], said)

    def test_many_names(self):
        """Of many names that are alike the table has a number only, and the odd ones."""
        hosts = [word for number in range(60) for word in ('--host', f'h{number}')]
        said = self.caaudit(ZONE, '--rate', '1000', '--host', 'www', *hosts, *self.servers(2, odd=[1])).stdout
        self.assertRegex(said, r'(?m)^  60 more names, the same everywhere$')
        self.assertRegex(said, r'(?m)^  www CAA ')
        verbose = self.caaudit(ZONE, '-v', '--rate', '1000', *hosts, *self.servers(2)).stdout
        self.assertEqual(len(re.findall(r'(?m)^  h\d+ CAA ', verbose)), 60)

    def test_several_zones(self):
        """Those without a fault are counted, and the findings are summed up by id."""
        good = self.fake(lambda query, tcp: Zone('.'.join(query.name.split('.')[-2:]))(query, tcp))
        odd = self.fake(lambda query, tcp: query.reply(flags=0x8005) if query.name.startswith('b') else
                        Zone('.'.join(query.name.split('.')[-2:]))(query, tcp))
        words = ['a.test', 'b.test', 'c.test', '--server', good.server, '--server', odd.server]
        said = self.caaudit(*words).stdout
        self.assertIn('b.test.  serial 7', said)
        self.assertNotIn('a.test.', said)
        self.assertRegex(said, r'3 zones: 3 passed, 0 failed, 0 could not be probed\n  probe-server-lame +1 zone\n$')
        self.assertEqual(len(self.documents(*words)), 3)
        self.assertEqual(self.caaudit('-q', *words).stdout, '')
        self.assertIn('a.test.  serial 7', self.caaudit('-v', *words).stdout)

    def test_exit_codes(self):
        servers = self.servers(3, odd=[1])
        self.assertEqual(self.caaudit(ZONE, '--host', 'www', *servers).returncode, 1)
        self.assertEqual(self.caaudit(ZONE, *servers).returncode, 0)
        self.assertEqual(self.caaudit(ZONE, *servers, '--server', DEAD).returncode, 0)
        self.assertEqual(self.caaudit(ZONE, *servers, '--server', DEAD, '--fail-on', 'warning').returncode, 1)
        self.assertEqual(self.caaudit(ZONE, 'other.test', *servers).returncode, 2)

    def test_every_member_of_the_schema_appears(self):
        server, other = self.servers(2, odd=[1])[1::2]
        document = self.documents(ZONE, '--host', 'www', '--server', server, '--server', other)[0]
        self.assertEqual(set(document), set(SCHEMA['properties']) - {'changes'})  # of check --transaction
        for key, name in (('hosts', 'verdict'), ('findings', 'finding'), ('servers', 'server'), ('answers', 'answer')):
            self.assertEqual({member for entry in document[key] for member in entry},
                             set(SCHEMA['$defs'][name]['properties']))

    def test_twin_broken_documents(self):
        good = self.documents(ZONE, *self.servers(1))[0]
        for spoil in (lambda d: d['servers'][0].update(state='fine'), lambda d: d['servers'][0].pop('refused'),
                      lambda d: d['answers'][0].update(transport='tls'), lambda d: d['answers'][0].pop('question'),
                      lambda d: d['answers'][0].update(flags=['cd'])):
            document = json.loads(json.dumps(good))
            spoil(document)
            self.assertEqual(len(schema.check(document, SCHEMA)), 1)


class Reference(ProbeCase):
    """The zone itself to compare with."""

    TEXT = ('@ 3600 SOA ns hostmaster {} 1 1 1 1\n@ 3600 NS ns\nns 3600 A 192.0.2.1\n@ 3600 CAA 0 issue "{}"\n'
            '@ 3600 CAA 0 issuewild "sectigo.com"\n')

    def found(self, *words):
        document = self.documents(ZONE, '--fail-on', 'notice', *words)[0]
        return {finding['id']: finding['servers'] for finding in document['findings']}

    def test_zone_file(self):
        server = self.fake().server
        words = ['--server', server, '--zone']
        self.assertEqual(self.found(*words, self.put('same.zone', self.TEXT.format(7, 'sectigo.com'))), {})
        self.assertEqual(self.found(*words, self.put('newer.zone', self.TEXT.format(8, 'sectigo.com'))),
                         {'probe-serial-behind': [server]})
        self.assertEqual(self.found(*words, self.put('older.zone', self.TEXT.format(6, 'sectigo.com'))), {})
        self.assertEqual(self.found(*words, self.put('other.zone', self.TEXT.format(7, 'letsencrypt.org'))),
                         {'probe-answers-differ': [server]})
        document = self.documents(ZONE, *words, 'same.zone')[0]
        self.assertEqual([(entry['server'], entry['kind']) for entry in document['servers']],
                         [('same.zone', 'zone'), (server, 'server')])

    def test_zone_files_of_several_zones(self):
        server = self.fake(lambda query, tcp: Zone('.'.join(query.name.split('.')[-2:]))(query, tcp)).server
        for name in ('a.test', 'b.test'):
            self.put(f'{name}.file', self.TEXT.format(7, 'sectigo.com'))
        result = self.caaudit('a.test', 'b.test', '--zone', '%s.file', '--server', server, '--fail-on', 'notice')
        self.assertEqual((result.returncode, result.stderr), (0, ''))

    def test_broken_zone_file(self):
        self.fails(ZONE, '--server', self.fake().server, '--zone', self.put('broken.zone', self.TEXT.format(7, 'x') + 'x A 1\n'), says='broken.zone:6')


class Configuration(ProbeCase):
    def configuration(self, first, second, more=''):
        return self.put('knot.conf', f'''
remote:
  - id: one
    address: {first}
  - id: two
    address: [ {second}, /run/knot/local.sock ]
remotes:
  - id: both
    remote: [ one, two ]
mod-caaudit:
  - id: other
    ca: letsencrypt.org
    wildcard: off
template:
  - id: default
    notify: one
zone:
  - domain: a.test
  - domain: b.test
    notify: both
    module: mod-caaudit/other
{more}''')

    def test_zones_with_their_servers_and_options(self):
        first, second = (self.fake(lambda query, tcp: Zone('.'.join(query.name.split('.')[-2:]))(query, tcp)).server
                         for _ in range(2))
        documents = self.documents('--config', self.configuration(first, second))
        self.assertEqual([[server['server'] for server in document['servers']] for document in documents],
                         [[first], [first, second]])
        self.assertEqual([{host['ca'] for host in document['hosts']} for document in documents],
                         [{'sectigo.com'}, {'letsencrypt.org'}])
        self.assertEqual([document['hosts'][0]['permitted'] for document in documents], [True, False])
        documents = self.documents('--config', 'knot.conf', '--server', second)
        self.assertEqual([len(document['servers']) for document in documents], [2, 2])

    def test_validation_file_that_cannot_be_read(self):
        server = self.fake(lambda query, tcp: Zone('.'.join(query.name.split('.')[-2:]))(query, tcp)).server
        text = (self.dir / self.configuration(server, server)).read_text()
        self.put('knot.conf', text.replace('letsencrypt.org', 'sectigo.com\n    validation-file: missing'))
        result = self.caaudit('--config', 'knot.conf', '--format', 'json')
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertRegex(result.stderr, r'missing: cannot open \(no such file.*\ncaaudit: b\.test\.: not checked: ')
        documents = json.loads(result.stdout)
        self.assertEqual([document['hosts'][0]['permitted'] for document in documents], [True, True])
        self.assertEqual([[gap['what'] for gap in document['not_checked'] if 'file' in gap['what']]
                          for document in documents], [[], ['validation-file']])

    def test_what_is_missing(self):
        self.configuration(DEAD, DEAD, '  - domain: c.test\n    notify: three\n')
        self.fails('--config', 'knot.conf', says="no remote 'three'")
        self.put('knot.conf', 'zone:\n  - domain: a.test\n')
        self.fails('--config', 'knot.conf', says='--server')


class Merge(ProbeCase):
    def test_two_places(self):
        """What one place alone hears shows in the table of both."""
        good, odd = self.fake(), self.fake(Zone(ZONE, [(ZONE, 'CAA', caa(ZONE, 'letsencrypt.org'))]))
        for place, server in (('tokyo', good), ('paris', odd), ('lima', good)):
            self.put(f'{place}.json', self.caaudit(ZONE, '--server', server.server, '--format', 'json').stdout)
        document = self.documents('--merge', 'tokyo.json', 'paris.json', 'lima.json', code=1)[0]
        self.assertEqual([server['server'] for server in document['servers']],
                         [f'tokyo {good.server}', f'paris {odd.server}', f'lima {good.server}'])
        self.assertEqual({finding['id']: finding['servers'] for finding in document['findings']},
                         {'probe-answers-differ': [f'paris {odd.server}']})
        text = self.caaudit('--merge', 'tokyo.json', 'paris.json', 'lima.json').stdout
        self.assertIn('2 of 3 servers answer alike', text)

    def test_merged_again(self):
        """A merged report is a report; and nothing is lost on the way."""
        zone = Zone(ZONE, [(f'www.{ZONE}', 'CNAME', record(f'www.{ZONE}', 'CNAME', wire('cdn.example.net'))),
                           (f'odd.{ZONE}', 'CAA', record(f'odd.{ZONE}', 'CAA', b'\0\2a\\\xff"')),
                           (f'_x.{ZONE}', 'TXT', record(f'_x.{ZONE}', 'TXT', b'\3a"\xff')),
                           (f'_y.{ZONE}', 'TXT', record(f'_y.{ZONE}', 'TXT', b'\3a'))])
        server = self.fake(zone)
        words = ['--host', '@', '--host', 'www', '--host', 'odd', '--validation', '_x', '--validation', '_y']
        self.put('a.json', self.caaudit(ZONE, *words, '--server', server.server, '--format', 'json').stdout)
        once = self.documents('--merge', 'a.json')[0]
        (self.dir / 'b.json').write_text(json.dumps([once]))
        twice = self.documents('--merge', 'b.json')[0]
        original = json.loads((self.dir / 'a.json').read_text())[0]
        for one, other in ((original, once), (once, twice)):
            for key in ('zone', 'serial', 'records', 'validations'):
                self.assertEqual(one[key], other[key], key)
            self.assertEqual([{**host, 'unknown_at': 0} for host in one['hosts']],
                             [{**host, 'unknown_at': 0} for host in other['hosts']])
            self.assertEqual([finding['id'] for finding in one['findings']], [finding['id'] for finding in other['findings']])
            for a, b in zip(one['answers'], other['answers'], strict=True):
                self.assertEqual({**a, 'server': 0, 'why': 0}, {**b, 'server': 0, 'why': 0})

    def test_verdicts_that_contradict_each_other(self):
        for place, ca in (('a', 'sectigo.com'), ('b', 'letsencrypt.org')):
            zone = Zone(ZONE)
            zone.records[ZONE, CAA] = [caa(ZONE, ca), caa(ZONE, ca, 'issuewild')]
            self.put(f'{place}.json', self.caaudit(ZONE, '--server', self.fake(zone).server, '--format', 'json').stdout)
        document = self.documents('--merge', 'a.json', 'b.json')[0]
        self.assertEqual([host['permitted'] for host in document['hosts']], [None, None])
        self.assertEqual({label.split()[0] for host in document['hosts'] for label in host['denied_at']}, {'b'})

    def test_what_is_no_report(self):
        good = json.loads(self.caaudit(ZONE, '--server', self.fake().server, '--format', 'json').stdout)
        self.put('good.json', json.dumps(good))
        for text in ('', '{', '[]', '{}', '[1]', '[{}]', '[{"zone": "a..b"}]', '[{"zone": 1}]', 'null', '"x"'):
            with self.subTest(text):
                self.put('bad.json', text)
                self.fails('--merge', 'good.json', 'bad.json', says='bad.json')
        spoils = [('servers', 0, 'kind', 'king'), ('servers', 0, 'server', None), ('servers', 0, 'tcp', 7),
                  ('answers', 0, 'question', {}), ('answers', 0, 'question', {'name': 'x.other.test.', 'type': 'CAA'}),
                  ('answers', 0, 'server', 'nobody'), ('answers', 0, 'says', 'perhaps'),
                  ('answers', 0, 'records', ['not a record']), ('answers', 0, 'records', [1]),
                  ('answers', 0, 'records', ['x. 1 CAA \\# 5 00']),
                  *(('answers', 0, 'records', [f'{ZONE}. 1 {type} {data}'])
                    for type in ('CNAME', 'DNAME', 'NS', 'SOA') for data in UNSOUND),
                  ('answers', 0, 'authority', [f'{ZONE}. 1 SOA \\# 22 ' + '3f' * 22]),
                  ('answers', 0, 'authority', ['$INCLUDE /etc/passwd']),
                  ('hosts', 0, 'host', None)]
        for key, index, member, value in spoils:
            with self.subTest((key, member, value)):
                document = json.loads(json.dumps(good))
                document[0][key][index][member] = value
                self.put('bad.json', json.dumps(document))
                self.fails('--merge', 'bad.json', says='bad.json')
        for key in ('servers', 'answers', 'hosts', 'validations', 'findings', 'not_checked'):
            document = json.loads(json.dumps(good))
            del document[0][key]
            self.put('bad.json', json.dumps(document))
            self.fails('--merge', 'bad.json', says='bad.json')

    def test_validations_that_are_none(self):
        words = ('--validation', '_x y.sectigo.com.', '--server', self.fake().server, '--format', 'json')
        good = json.loads(self.caaudit(ZONE, *words).stdout)
        for spoiled in (*({'expected': data} for data in UNSOUND),
                        *({'found': data, 'found_at': ZONE + '.'} for data in ('a b', 'a' * 64, '"a', '\\# 2 3F')),
                        {'type': 'TXT', 'expected': '\\# 2 ff41'},
                        {'owner': 'a. 0 A 63.1.1.1 ;.example.', 'expected': 'y.sectigo.com.'},
                        {'found_at': 'a. 0 A 63.1.1.1 ;.example.', 'found': 'y.sectigo.com.'}):
            with self.subTest(spoiled):
                document = json.loads(json.dumps(good))
                document[0]['validations'][0].update(spoiled)
                self.put('bad.json', json.dumps(document))
                self.fails('--merge', 'bad.json', says='bad.json: a validation is not understood')


if __name__ == '__main__':
    unittest.main(verbosity=2)
