# SPDX-License-Identifier: GPL-2.0-or-later

"""Zones signed by the signers of the packages, and single defects in them."""

import base64
import calendar
import hashlib
import pathlib
import re
import shutil
import subprocess
import time

ZONE = 'example.com.'
NOW = 1795521600  # 2026-11-24 12:00:00 UTC
DAY = 86400
TIMES = {'now': '20261120000000 20261220000000', 'old': '20260901000000 20261001000000',
         'new': '20270201000000 20270301000000'}
STAMPS = {'now': 1795132800, 'old': 1788220800, 'new': 1801440000}

ALGORITHMS = {'RSASHA256': 2048, 'ECDSAP256SHA256': 256, 'ED25519': 256}
DENIALS = ('nsec', 'nsec3', 'optout')
SIGNERS = ('ldns', 'bind', 'knot')

HASH = '0123456789abcdef' * 2
VALIDATION = f'_{HASH}.www'
PLAIN = f'''$ORIGIN {ZONE}
$TTL 3600
@ SOA ns1 hostmaster 1 7200 900 1209600 300
@ NS ns1
@ CAA 0 issue "sectigo.com"
@ CAA 0 issuewild "sectigo.com"
ns1 A 192.0.2.1
www A 192.0.2.2
shop CAA 0 issue "sectigo.com"
a.ent A 192.0.2.3
alias CNAME WWW
toshop CNAME shop
*.wild CNAME www
*.wcaa CAA 0 issue "sectigo.com"
*.wtxt TXT "a wildcard without CAA"
sub NS ns1.example.net.
sub.cut NS ns1.example.net.
sec NS ns1.example.net.
sec DS 12345 13 2 {'0123456789abcdef' * 4}
dn DNAME shop
{VALIDATION} CNAME {HASH}.{HASH}.sectigo.com.
'''
# Asked for, each with the climb from it.
HOSTS = ('@', 'www', 'shop', 'ent', 'alias', 'toshop', 'x.wild', 'x.wcaa', 'y.x.wtxt', 'y.x.absent', 'cut',
         'z.dn', 'a.sub', 'sub.cut', 'sec')
# Delegations, of which the last one has a DS.
CUTS = ('sub', 'sub.cut', 'sec')


def run(*command, cwd=None, stdin=None):
    result = subprocess.run([str(word) for word in command], cwd=cwd, input=stdin, capture_output=True,
                            text=True, timeout=60, check=False)
    if result.returncode != 0:
        raise RuntimeError(f'{command}: {result.returncode}: {result.stderr[-1000:]}')
    return result.stdout


# --- records

class Record:
    """One record of a signed zone: owner, TTL, type and the words of its data."""

    def __init__(self, owner, ttl, type_, data):
        self.owner, self.ttl, self.type, self.data = owner, ttl, type_, data

    @property
    def covers(self):
        """Type that a signature covers."""
        return self.data[0] if self.type == 'RRSIG' else None

    def change(self, **fields):
        return Record(**{'owner': self.owner, 'ttl': self.ttl, 'type_': self.type, 'data': self.data, **fields})

    def __str__(self):
        return f'{self.owner} {self.ttl} IN {self.type} {" ".join(self.data)}'


def parse(text):
    """Records of a zone file with one record a line and absolute names."""
    records = []
    for line in text.splitlines():
        words = line.split(';', 1)[0].split()
        if not words:
            continue
        rest = words[1:]
        ttl = rest.pop(0)
        if rest[0] == 'IN':
            rest.pop(0)
        type_ = rest.pop(0)
        if type_ in ('RRSIG', 'DNSKEY'):  # Base64 may come in pieces.
            head = 8 if type_ == 'RRSIG' else 3
            rest = rest[:head] + [''.join(rest[head:])]
        records.append(Record(words[0].lower(), ttl, type_, rest))
    return records


def absolute(name):
    return ZONE if name == '@' else f'{name}.{ZONE}'.lower()


def order(name):
    """Key of the canonical order (RFC 4034 section 6.1)."""
    return [label.encode() for label in reversed(name.rstrip('.').lower().split('.'))]


def hashed(name, records):
    """Owner of the NSEC3 of a name (RFC 5155 section 5)."""
    salt, iterations = next((r.data[3], int(r.data[2])) for r in records if r.type == 'NSEC3PARAM')
    salt = b'' if salt == '-' else bytes.fromhex(salt)
    digest = b''.join(bytes([len(label)]) + label.encode() for label in name.rstrip('.').split('.')) + b'\0'
    for _ in range(iterations + 1):
        digest = hashlib.sha1(digest + salt).digest()
    table = bytes.maketrans(b'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', b'0123456789abcdefghijklmnopqrstuv')
    return base64.b32encode(digest).translate(table).decode() + '.' + ZONE


def denier(name, records):
    """Owner of the NSEC or NSEC3 at a name, or before it."""
    if any(r.type == 'NSEC3PARAM' for r in records):
        at = hashed(name, records)
        owners = sorted(r.owner for r in records if r.type == 'NSEC3')
        before = [owner for owner in owners if owner <= at]
        return before[-1] if before else owners[-1]
    owners = sorted((r.owner for r in records if r.type == 'NSEC'), key=order)
    return [owner for owner in owners if order(owner) <= order(name)][-1]


# --- signers

class Signer:
    """Keys of one algorithm and the zones signed with them."""

    def __init__(self, directory, algorithm):
        self.dir = pathlib.Path(directory)
        self.dir.mkdir()
        self.algorithm = algorithm
        self.bits = ALGORITHMS[algorithm]
        self.keys()

    def sign(self, text, denial, times='now'):
        (self.dir / 'plain.zone').write_text(text)
        return parse(self.signed(denial, times))


class Ldns(Signer):
    def keys(self):
        self.ksk, self.zsk = (run('ldns-keygen', *flag, '-a', self.algorithm, '-b', self.bits, ZONE[:-1],
                                  cwd=self.dir).strip() for flag in (['-k'], []))

    def signed(self, denial, times):
        begin, end = TIMES[times].split()
        flags = {'nsec': [], 'nsec3': ['-n', '-s', 'abcd', '-t', '5'], 'optout': ['-n', '-p']}[denial]
        run('ldns-signzone', '-i', begin, '-e', end, *flags, '-f', 'signed.zone', 'plain.zone', self.ksk,
            self.zsk, cwd=self.dir)
        return (self.dir / 'signed.zone').read_text()


class Bind(Signer):
    def keys(self):
        bits = ['-b', self.bits] if self.algorithm.startswith('RSA') else []
        for flag in (['-f', 'KSK'], []):
            run('dnssec-keygen', '-q', *flag, '-a', self.algorithm, *bits, '-P', '20200101', '-A', '20200101',
                ZONE, cwd=self.dir)

    def signed(self, denial, times):
        begin, end = TIMES[times].split()
        flags = {'nsec': [], 'nsec3': ['-3', 'abcd', '-H', '5'], 'optout': ['-3', '-', '-A', '-H', '0']}[denial]
        run('dnssec-signzone', '-q', '-S', '-P', '-O', 'full', '-s', begin, '-e', end, *flags, '-o', ZONE, '-f',
            'signed.zone', 'plain.zone', cwd=self.dir)
        return (self.dir / 'signed.zone').read_text()


class Knot(Signer):
    CONFIG = '''
database:
    storage: {dir}
policy:
  - id: test
    manual: on
    algorithm: {algorithm}
    rrsig-lifetime: 14d
    nsec3: {nsec3}
    nsec3-iterations: 5
    nsec3-opt-out: {optout}
zone:
  - domain: {zone}
    file: {dir}/plain.zone
    dnssec-signing: on
    dnssec-policy: test
'''

    def config(self, denial):
        (self.dir / 'knot.conf').write_text(self.CONFIG.format(
            dir=self.dir, zone=ZONE, algorithm=self.algorithm, nsec3='off' if denial == 'nsec' else 'on',
            optout='on' if denial == 'optout' else 'off'))
        return self.dir / 'knot.conf'

    def keys(self):
        for flag in ('yes', 'no'):
            run('keymgr', '-c', self.config('nsec'), ZONE, 'generate', f'algorithm={self.algorithm}',
                f'size={self.bits}', f'ksk={flag}', f'zsk={"no" if flag == "yes" else "yes"}',
                *(f'{timer}=1577836800' for timer in ('created', 'publish', 'ready', 'active')))

    def signed(self, denial, times):
        out = self.dir / 'out'
        out.mkdir(exist_ok=True)
        run('kzonesign', '-c', self.config(denial), '-t', STAMPS[times], '-o', out, ZONE)
        return (out / f'{ZONE}zone').read_text() if (out / f'{ZONE}zone').exists() else \
            next(out.iterdir()).read_text()


def rollovers(directory):
    """(name, records, anchors): key sets that are unusual and right."""
    directory.mkdir()
    (directory / 'plain.zone').write_text(PLAIN)
    begin, end = TIMES['now'].split()

    def key(algorithm, *flags):
        return run('ldns-keygen', *flags, '-a', algorithm, '-b', ALGORITHMS[algorithm], ZONE[:-1],
                   cwd=directory).strip()

    def sign(*keys, flags=()):
        run('ldns-signzone', '-i', begin, '-e', end, *flags, '-f', 'signed.zone', 'plain.zone', *keys,
            cwd=directory)
        return parse((directory / 'signed.zone').read_text())

    def anchor(ksk):
        return [str(r) for r in parse((directory / f'{ksk}.key').read_text().replace(
            f'{ZONE}\t', f'{ZONE} 3600 '))]

    ec, ed, rsa = (key(algorithm, '-k') for algorithm in ('ECDSAP256SHA256', 'ED25519', 'RSASHA256'))
    ec_zone, ed_zone, ed_next = key('ECDSAP256SHA256'), key('ED25519'), key('ED25519')
    ec_only = sign(ec, ec_zone)
    standby = [Record(ZONE, '3600', 'DNSKEY', parse((directory / f'{ed_next}.key').read_text().replace(
        f'{ZONE}\t', f'{ZONE} 3600 '))[0].data)]

    yield 'one key for all', sign(ed), anchor(ed)
    yield 'anchor of a key that is gone', ec_only, anchor(rsa) + anchor(ec)
    yield 'two algorithms', sign(ec, ec_zone, ed, ed_zone), anchor(ec)
    yield 'two algorithms, anchor of both', sign(ec, ec_zone, ed, ed_zone), anchor(ec) + anchor(ed)
    yield 'two entry keys', sign(ed, rsa, ed_zone), anchor(rsa)
    yield 'two zone keys', sign(ed, ed_zone, ed_next), anchor(ed)
    yield 'keys sign DNSKEY all', sign(ec, ec_zone, flags=['-A']), anchor(ec)
    # A standby key is in the set that the entry key signs, and signs nothing.
    both = sign(ed, ed_zone, ed_next)
    gone = [r for r in both if r.type == 'RRSIG' and r.data[6] == tag(standby[0])]
    yield 'standby zone key', without(both, gone), anchor(ed)
    # The next algorithm signs before its keys are published (RFC 6781 section 4.1.4).
    both = sign(ec, ec_zone, ed, ed_zone)
    early = [r for r in both if r.type == 'RRSIG' and r.covers != 'DNSKEY' and r.data[1] == '15']
    yield 'signatures before their keys', ec_only + early, anchor(ec)


class Offline(Knot):
    """Knot with a key signing key that is elsewhere: the DNSKEY RRset is signed months ahead."""

    # Both sides must know by themselves what they otherwise take from the zone.
    CONFIG = Knot.CONFIG.replace('manual: on', '\n    '.join((
        'manual: on', 'offline-ksk: on', 'dnskey-ttl: 3600', 'zone-max-ttl: 3600', 'rrsig-refresh: 7d')))

    def keys(self):
        # A key database for each side; what goes between them are two texts.
        config, elsewhere = self.config('nsec'), self.dir / 'elsewhere'
        elsewhere.mkdir()
        away = elsewhere / 'knot.conf'
        away.write_text(config.read_text().replace(f'storage: {self.dir}', f'storage: {elsewhere}'))
        for side, ksk in ((config, 'no'), (away, 'yes')):
            run('keymgr', '-c', side, ZONE, 'generate', f'algorithm={self.algorithm}', f'size={self.bits}',
                f'ksk={ksk}', f'zsk={"no" if ksk == "yes" else "yes"}',
                *(f'{timer}=1577836800' for timer in ('created', 'publish', 'ready', 'active')))
        request, response = self.dir / 'ksr', self.dir / 'skr'
        # The signer goes by the clock on the wall, whatever time it is told.
        end = max(STAMPS['new'], int(time.time()) + 30 * DAY)
        request.write_text(run('keymgr', '-c', config, ZONE, 'generate-ksr', STAMPS['old'], end))
        response.write_text(run('keymgr', '-c', away, ZONE, 'sign-ksr', request))
        run('keymgr', '-c', config, ZONE, 'import-skr', response)

    def ceremony(self, now):
        """The signature over DNSKEY that was made beforehand for a time."""
        text = re.sub(r';.*', '', (self.dir / 'skr').read_text())
        text = re.sub(r'\(([^)]*)\)', lambda match: ' '.join(match.group(1).split()), text)
        # They overlap: the last one that has begun.
        return [r for r in parse(text) if r.type == 'RRSIG' and self.begins(r) <= now][-1]

    @staticmethod
    def begins(signature):
        return calendar.timegm(time.strptime(signature.data[5], '%Y%m%d%H%M%S'))


def offline(directory):
    """(name, records, anchors) of zones whose key signing key is offline."""
    tool = Offline(directory, 'ECDSAP256SHA256')
    now = tool.sign(PLAIN, 'nsec')
    anchor = [str(r) for r in now if r.type == 'DNSKEY' and r.data[0] == '257']
    bare = without(now, signatures(now, ZONE, 'DNSKEY'))
    yield 'sound: offline KSK', bare + [tool.ceremony(NOW)], anchor
    # The zone is signed every day, and the signatures of the ceremony have run out.
    yield 'expired: pre-generated signature', bare + [tool.ceremony(STAMPS['old'])], anchor
    yield 'not yet valid: pre-generated signature', bare + [tool.ceremony(STAMPS['new'])], anchor
    yield 'signature gone: pre-generated', bare, anchor


def tag(key):
    """Key tag of a DNSKEY (RFC 4034 appendix B)."""
    flags, protocol, algorithm = map(int, key.data[:3])
    octets = bytes([flags >> 8, flags & 255, protocol, algorithm]) + base64.b64decode(key.data[3])
    total = sum(octet << 8 if i % 2 == 0 else octet for i, octet in enumerate(octets))
    return str(total + (total >> 16) & 0xffff)


CLASSES = {'ldns': Ldns, 'bind': Bind, 'knot': Knot}


def missing_tools():
    return [tool for tool in ('ldns-signzone', 'ldns-keygen', 'dnssec-signzone', 'dnssec-keygen', 'kzonesign',
                              'keymgr') if shutil.which(tool) is None]


# --- defects

def signatures(records, owner, *types):
    return [r for r in records if r.type == 'RRSIG' and r.owner == owner and r.covers in types]


def without(records, gone):
    gone = set(map(id, gone))
    return [r for r in records if id(r) not in gone]


def replaced(records, change, select):
    return [change(r) if select(r) else r for r in records]


def flip(signature):
    """One bit of the signature."""
    octets = bytearray(base64.b64decode(signature.data[8]))
    octets[len(octets) // 2] ^= 4
    return signature.change(data=signature.data[:8] + [base64.b64encode(octets).decode()])


def field(signature, index, value):
    data = list(signature.data)
    data[index] = value
    return signature.change(data=data)


def defects(zones):
    """(name, records) of each variant; zones holds signed variants of one zone.

    zones: 'now', 'old', 'new' (times), 'extra' (www has CAA), 'few' (late is not there).
    """
    now = zones['now']
    is_sig = lambda owner, *types: lambda r: r.type == 'RRSIG' and r.owner == owner and r.covers in types
    nsec = 'NSEC3' if any(r.type == 'NSEC3PARAM' for r in now) else 'NSEC'

    yield 'sound', now
    yield 'sound: TTL raised', replaced(now, lambda r: r.change(ttl='86400'), lambda r: r.type != 'SOA')
    yield 'sound: other signature gone', without(now, signatures(now, absolute('ns1'), 'A'))
    bad = [flip(s) for s in signatures(now, ZONE, 'CAA', 'SOA')]
    yield 'sound: broken beside good', now + bad
    yield 'sound: expired beside good', now + signatures(zones['old'], ZONE, 'CAA', 'SOA', 'DNSKEY')

    for owner, type_ in (('@', 'CAA'), ('@', 'SOA'), ('@', 'DNSKEY'), ('shop', 'CAA'), ('alias', 'CNAME'),
                         ('*.wild', 'CNAME'), ('*.wcaa', 'CAA'), ('dn', 'DNAME'), (VALIDATION, 'CNAME')):
        yield f'signature gone: {owner} {type_}', without(now, signatures(now, absolute(owner), type_))
    for name in ('www', 'ent', 'x.wild', 'y.x.absent', '*.wtxt', 'sub'):
        owner = denier(absolute(name), now)
        yield f'signature gone: {nsec} of {name}', without(now, signatures(now, owner, nsec))
        yield f'{nsec} gone: {name}', [r for r in now if r.owner != owner or
                                       nsec not in (r.type, r.covers)]
    yield 'signature gone: sec DS', without(now, signatures(now, absolute('sec'), 'DS'))
    yield f'{nsec} gone: all', [r for r in now if nsec not in (r.type, r.covers)]
    yield 'signatures gone: all', [r for r in now if r.type != 'RRSIG']

    for times, word in (('old', 'expired'), ('new', 'not yet valid')):
        other = zones[times]
        yield f'{word}: all', other
        for owner, type_ in (('@', 'CAA'), ('@', 'DNSKEY'), ('alias', 'CNAME')):
            owner = absolute(owner)
            yield f'{word}: {owner} {type_}', \
                without(now, signatures(now, owner, type_)) + signatures(other, owner, type_)
        owner = denier(absolute('www'), now)
        yield f'{word}: {nsec} of www', \
            without(now, signatures(now, owner, nsec)) + signatures(other, owner, nsec)

    for owner, types in (('@', ['CAA']), ('@', ['SOA']), ('shop', ['CAA']), ('*.wcaa', ['CAA'])):
        yield f'bit flipped: {owner} {types[0]}', replaced(now, flip, is_sig(absolute(owner), *types))
    yield 'bit flipped: sec DS', replaced(now, flip, is_sig(absolute('sec'), 'DS'))
    yield f'bit flipped: {nsec} of www', replaced(now, flip, is_sig(denier(absolute('www'), now), nsec))
    caa = is_sig(ZONE, 'CAA')
    yield 'signer is another zone', replaced(now, lambda r: field(r, 7, 'example.net.'), caa)
    yield 'signer is a name of the zone', replaced(now, lambda r: field(r, 7, f'www.{ZONE}'), caa)
    yield 'labels too few', replaced(now, lambda r: field(r, 2, '1'), caa)
    yield 'labels too many', replaced(now, lambda r: field(r, 2, '3'), caa)
    yield 'key tag of no key', replaced(now, lambda r: field(r, 6, str(int(r.data[6]) ^ 1)), caa)
    yield 'algorithm of no key', replaced(now, lambda r: field(r, 1, '14'), caa)
    yield 'covers another type', replaced(now, lambda r: field(r, 0, 'TXT'), caa)
    yield 'original TTL changed', replaced(now, lambda r: field(r, 3, '3601'), caa)
    yield 'zone key gone', [r for r in now if r.type != 'DNSKEY' or r.data[0] != '256']
    yield 'entry key gone', [r for r in now if r.type != 'DNSKEY' or r.data[0] != '257']
    yield 'keys gone', [r for r in now if r.type != 'DNSKEY']
    yield 'record added', now + [Record(ZONE, '3600', 'CAA', ['0', 'issue', '"example.net"'])]
    yield 'record changed', replaced(now, lambda r: r.change(data=['128', *r.data[1:]]),
                                     lambda r: r.type == 'CAA' and r.owner == ZONE)
    extra = zones['extra']
    yield 'CAA gone after signing', [r for r in extra if r.owner != absolute('www') or
                                     'CAA' not in (r.type, r.covers)]
    yield 'DS gone after signing', [r for r in now if r.owner != absolute('sec') or 'DS' not in (r.type, r.covers)]
    few = zones['few']
    yield 'name added after signing', few + [r for r in now if r.owner == absolute('www') and r.type == 'A']
