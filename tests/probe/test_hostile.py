# SPDX-License-Identifier: GPL-2.0-or-later

"""Answers that nobody may believe: they are refused and counted, and keep nobody waiting. The server is a fake
one on loopback; neither root nor packages are needed."""

import json
import os
import re
import struct
import subprocess
import time
import unittest

import fake
from fake import Fake, Zone, caa, record, soa, wire

COMMAND = os.environ.get('CAAUDIT', 'caaudit')
PATIENCE = float(os.environ.get('CAAUDIT_PATIENCE', '1'))
ZONE = 'hostile.test'
CAA = fake.TYPES['CAA']


class Hostile(unittest.TestCase):
    maxDiff = 3000

    def run_command(self, *words):
        begin = time.monotonic()
        result = subprocess.run([COMMAND, 'probe', *words], capture_output=True, text=True, check=False,
                                timeout=60 * PATIENCE)
        self.seconds = time.monotonic() - begin
        self.assertIn(result.returncode, (0, 1, 2), result.stderr[-2000:])
        for text in (result.stdout, result.stderr):
            self.assertNotIn('Sanitizer', text)
            self.assertNotRegex(text, r'[\x00-\x08\x0b-\x1f\x7f\x80-\x9f]')
        return result

    def probe(self, answer, *words):
        """The document about one fake server, and the server."""
        with Fake(answer) as server:
            result = self.run_command(ZONE, '--server', server.server, '--format', 'json', '--fail-on', 'notice', *words)
        self.assertEqual(result.stderr, '')
        return json.loads(result.stdout)[0], server

    def found(self, document):
        return sorted({finding['id'] for finding in document['findings']})

    def of(self, document, type, name=ZONE):
        return next(answer for answer in document['answers'] if answer['question'] == {'name': f'{name}.', 'type': type})

    def refused(self, document):
        return {reason: number for reason, number in document['servers'][0]['refused'].items() if number}

    def to_caa(self, wrong, before=True):
        """A sound server but for CAA, to which it gives other messages, and then the right one if asked to."""
        zone = Zone(ZONE)

        def answer(query, tcp):
            if query.type != CAA:
                return zone(query, tcp)
            said = wrong(query)
            said = said if isinstance(said, list) else [said]
            return said + [zone(query, tcp)] if before else said
        return answer

    def test_sound(self):
        document, server = self.probe(Zone(ZONE))
        self.assertEqual((self.found(document), self.refused(document)), ([], {}))
        self.assertEqual(len([query for query, tcp in server.queries if tcp]), 1)
        self.assertEqual(document['servers'][0]['sent'], len(server.queries))

    def test_queries(self):
        """As the manual promises: random ids and ports, RD=0, EDNS with 1232 octets and DO; over TCP without."""
        document, server = self.probe(Zone(ZONE), '--host', 'www', '--host', 'shop')
        ids = {query.id for query, _ in server.queries}
        self.assertGreaterEqual(len(ids), len(server.queries) - 1)
        self.assertGreaterEqual(len(set(server.ports)), len(server.ports) - 1)
        steps = {b - a for a, b in zip(server.ports, server.ports[1:])}
        self.assertGreater(len(steps), 2)  # they do not count up
        for query, tcp in server.queries:
            self.assertEqual(query.data[2:10], b'\0\0\0\1\0\0\0\0')
            self.assertEqual(query.data[10:12], b'\0\0' if tcp else b'\0\1')
            if not tcp:
                self.assertEqual(query.data[-11:], b'\0' + struct.pack('>HHIH', 41, 1232, 0x8000, 0))

    def test_wrong_messages_before_the_right_one(self):
        """A forger does not get through, and does no harm."""
        big = b'\0' * 64000
        cases = {
            'id': lambda query: query.reply(id=bytes([query.id[0] ^ 1, query.id[1]])),
            'question': lambda query: query.reply(question=wire('other.test') + struct.pack('>HH', CAA, 1)),
            'query': lambda query: query.data,
            'short': lambda query: query.id + b'\x84',
            'large': lambda query: query.reply(tail=big),
            'malformed': lambda query: query.reply(tail=b'\0'),
        }
        for reason, wrong in cases.items():
            with self.subTest(reason):
                document, _ = self.probe(self.to_caa(wrong))
                self.assertEqual((self.found(document), self.refused(document)), ([], {reason: 1}))
                self.assertEqual(self.of(document, 'CAA')['says'], 'data')

    def test_type_and_class_of_the_question(self):
        for question in (lambda query: query.question[:-4] + struct.pack('>HH', 1, 1),
                         lambda query: query.question[:-4] + struct.pack('>HH', CAA, 3),
                         lambda query: b''):
            wrong = (lambda question: lambda query: query.reply(
                question=question(query), counts=(1 if question(query) else 0, 0, 0, 1)))(question)
            document, _ = self.probe(self.to_caa(wrong))
            self.assertEqual((self.found(document), self.refused(document)), ([], {'question': 1}))

    def test_garbage_only(self):
        """Nothing but refused messages is no answer: it is told from silence."""
        header = 12 + len(wire(ZONE)) + 4
        cases = {
            'pointer to itself': lambda query: query.reply([struct.pack('>H', 0xc000 | header) + b'\1\1\0\1\0\0\0\1\0\0']),
            'pointer forward': lambda query: query.reply([struct.pack('>H', 0xc000 | header + 4) + b'\1\1\0\1\0\0\0\1\0\0']),
            'two pointers in a circle': lambda query: query.reply(
                [b'\1a' + struct.pack('>H', 0xc000 | header + 4) + struct.pack('>H', 0xc000 | header) + bytes(10)]),
            'more records than octets': lambda query: query.reply(counts=(1, 65535, 65535, 65535)),
            'rdata beyond the end': lambda query: query.reply([wire(ZONE) + struct.pack('>HHIH', CAA, 1, 1, 900)]),
            'two questions': lambda query: query.reply(question=query.question * 2, counts=(2, 0, 0, 1)),
            'two OPT records': lambda query: query.reply(tail=b'\0' + struct.pack('>HHIH', 41, 512, 0, 0), counts=(1, 0, 0, 2)),
            'name too long': lambda query: query.reply([b'\x3f' + b'a' * 63 + struct.pack('>H', 0xc00c)] * 5),
        }
        for name, wrong in cases.items():
            with self.subTest(name):
                document, _ = self.probe(self.to_caa(wrong, before=False))
                self.assertEqual(self.of(document, 'CAA')['outcome'], 'refused')
                self.assertEqual(self.refused(document), {'malformed': 2})
                self.assertEqual(self.found(document), ['probe-server-lame'])
                self.assertLess(self.seconds, 4 * PATIENCE)

    def test_flood(self):
        """A flood of wrong messages is not read for ever."""
        document, _ = self.probe(self.to_caa(lambda query: [query.reply(id=b'\0\0')] * 200, before=False))
        self.assertEqual(self.of(document, 'CAA')['outcome'], 'refused')
        self.assertLessEqual(self.refused(document)['id'], 64)
        self.assertLess(self.seconds, 4 * PATIENCE)

    def test_records_of_others(self):
        """Records that were not asked for are not taken: neither another name nor another zone."""
        def wrong(query):
            return query.reply([caa(ZONE, 'sectigo.com'), caa(f'www.{ZONE}', 'evil.example'), caa('example.net', 'evil.example')],
                               [soa('test', 9), record('test', 'NS', wire('evil.example'))])
        document, _ = self.probe(self.to_caa(wrong, before=False))
        self.assertEqual(self.of(document, 'CAA')['records'], [f'{ZONE}. 300 CAA 0 issue "sectigo.com"'])
        self.assertNotIn('evil', json.dumps(document))
        self.assertEqual(document['serial'], 7)

    def test_aliases_in_a_circle(self):
        def wrong(query):
            return query.reply([record(f'{name}.{ZONE}', 'CNAME', wire(f'{target}.{ZONE}'))
                                for name, target in (('www', 'a'), ('a', 'b'), ('b', 'www'))])
        zone = Zone(ZONE)
        document, _ = self.probe(lambda query, tcp: wrong(query) if query.name != ZONE else zone(query, tcp), '--host', 'www')
        self.assertEqual(self.found(document), ['caa-alias-loop'])

    def test_chain_without_end(self):
        """Each alias leads to one more name in the zone: the questions that follow are bounded."""
        zone = Zone(ZONE)

        def answer(query, tcp):
            if query.name == ZONE:
                return zone(query, tcp)
            number = int(re.sub(r'\D', '', query.name) or 0)
            return query.reply([record(query.name, 'CNAME', wire(f'x{number + 1}.{ZONE}'))])
        document, server = self.probe(answer, '--host', 'www', '--rate', '1000')
        self.assertLess(len(server.queries), 40)
        self.assertLess(self.seconds, 10 * PATIENCE)

    def test_a_thousand_records_over_tcp(self):
        """64 kB of CAA over TCP are an answer all the same."""
        zone = Zone(ZONE)
        records = [caa(wire(ZONE), f'ca{number}.example.net', 'issue') for number in range(1300)]

        def answer(query, tcp):
            if query.type != CAA:
                return zone(query, tcp)
            return query.reply(records) if tcp else query.reply(flags=0x8600)
        document, _ = self.probe(answer)
        self.assertEqual(len(self.of(document, 'CAA')['records']), 1300)
        self.assertIn('caa-issue-denied', self.found(document))
        self.assertLess(self.seconds, 5 * PATIENCE)

    def slow(self, send):
        zone = Zone(ZONE)

        def answer(query, tcp):
            if query.type != CAA:
                return zone(query, tcp)
            message = zone(query, tcp)
            return (lambda sock, stop: send(sock, stop, message)) if tcp else query.reply(flags=0x8600)
        document, _ = self.probe(answer)
        self.assertEqual(self.found(document), ['probe-tcp-refused'])
        self.assertEqual(document['findings'][0]['severity'], 'error')
        self.assertLess(self.seconds, 4 * PATIENCE)
        return self.of(document, 'CAA')

    def test_slow_tcp(self):
        def drip(sock, stop, message):
            for octet in struct.pack('>H', len(message)) + message:
                sock.sendall(bytes([octet]))
                if stop.wait(0.1):
                    return
        self.assertEqual(self.slow(drip)['outcome'], 'silent')

    def test_tcp_that_promises_more(self):
        def promise(sock, stop, message):
            sock.sendall(struct.pack('>H', 65535) + message)
            stop.wait(5)
        self.assertEqual(self.slow(promise)['outcome'], 'silent')

    def test_tcp_closed_early(self):
        for part in (0, 1, 2, 30):
            def close(sock, stop, message):
                sock.sendall((struct.pack('>H', len(message)) + message)[:part])
            self.assertEqual(self.slow(close)['outcome'], 'closed')

    def test_tcp_garbage(self):
        for message in (b'', b'\0', b'\xff' * 65535):
            document, _ = self.probe(lambda query, tcp: message if tcp else Zone(ZONE)(query, tcp))
            self.assertEqual(self.found(document), ['probe-tcp-refused'])
            self.assertEqual(document['servers'][0]['tcp'], 'refused')

    def test_rcodes(self):
        for rcode in range(16):
            with self.subTest(rcode=rcode):
                zone = Zone(ZONE)
                document, _ = self.probe(lambda query, tcp: query.reply(flags=0x8400 | rcode) if query.type == CAA
                                         else zone(query, tcp))
                expected = {0: ['probe-negative-without-soa'], 3: ['probe-negative-without-soa']}
                found = [id for id in self.found(document) if id != 'caa-strict-incomplete']
                self.assertEqual(found, expected.get(rcode, ['probe-type-dropped']))

    def test_extended_rcode(self):
        """BADVERS to EDNS, and a number without a name."""
        zone = Zone(ZONE)

        def answer(query, tcp):
            if query.edns:
                return query.reply(edns=False, counts=(1, 0, 0, 1), tail=b'\0' + struct.pack('>HHIH', 41, 512, 0x01000000, 0))
            return zone(query, tcp)
        document, _ = self.probe(answer)
        self.assertEqual(self.found(document), ['probe-edns-broken'])
        self.assertIn('BADVERS', document['findings'][0]['text'])

        def odd(query, tcp):
            if query.type != CAA:
                return zone(query, tcp)
            return query.reply(edns=False, counts=(1, 0, 0, 1), tail=b'\0' + struct.pack('>HHIH', 41, 512, 0xee000000, 0))
        document, _ = self.probe(odd)
        self.assertEqual(self.found(document), ['probe-type-dropped'])
        self.assertEqual(self.of(document, 'CAA')['rcode'], 'RCODE 3808')

    def test_refused_messages_are_told(self):
        with Fake(self.to_caa(lambda query: query.reply(id=b'\0\0'))) as server:
            result = self.run_command(ZONE, '--server', server.server)
            self.assertRegex(result.stdout, rf'(?m)^  {server.server}: 6 queries, 6 answers, .* 1 messages refused$')
        with Fake(Zone(ZONE)) as server:
            self.assertNotIn('refused', self.run_command(ZONE, '--server', server.server).stdout)
            self.assertIn(' 0 messages refused', self.run_command(ZONE, '-v', '--server', server.server).stdout)

    def test_octets_that_steer_a_terminal(self):
        zone = Zone(ZONE, [(ZONE, 'CAA', caa(ZONE, '\x1b[31m\u202e"\\'))])
        with Fake(zone) as server:
            result = self.run_command(ZONE, '--server', server.server)
            self.assertIn(result.returncode, (0, 1))
            result = self.run_command(ZONE, '--server', server.server, '--format', 'json')
            self.assertTrue(json.loads(result.stdout))

    def test_too_much_for_one_zone(self):
        """Each answer is sound, and all together are more than anybody keeps."""
        zone = Zone(ZONE)
        big = [record(b'\xc0\x0c', 'CAA', b'\0\5issue' + b';' * 60000)]

        def answer(query, tcp):
            if query.type != CAA or query.name == ZONE:
                return zone(query, tcp)
            return query.reply(big) if tcp else query.reply(flags=0x8600)
        hosts = [word for number in range(90) for word in ('--host', f'h{number}')]
        document, _ = self.probe(answer, *hosts, '--rate', '1000')
        self.assertGreater(self.refused(document)['large'], 10)
        self.assertIn('probe-server-lame', self.found(document))
        self.assertTrue(document['not_checked'])


if __name__ == '__main__':
    unittest.main(verbosity=2)
