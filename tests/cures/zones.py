# SPDX-License-Identifier: GPL-2.0-or-later

"""Random zones with what people get wrong in them, and random policies for them."""

import random

import naive

CAS = ('sectigo.com', 'letsencrypt.org', 'digicert.com', 'amazon.com', 'ca.example.net')
ACCOUNTS = ('https://acme.example.net/acct/1', 'https://acme.example.net/acct/2')
METHODS = ('http-01', 'dns-01', 'tls-alpn-01', 'ca-tbr-7')
HOSTS = ('@', '@', '@', 'www', 'www', 'a', 'b', 'shop', 'x.a', 'www.a', 'y.x.a', 'ent', 'deep.ent', 'host.app',
         'host.dn', 'host.sub', 'nothing', '_s.app', 'long')
ORIGINS = ('example.com.', 'example.com.', 'example.com.', 'a.test.', 'dept.example.org.')
HEX = '0123456789abcdef'


def join(label, host):
    """A name below a host; both are relative to the zone."""
    return label if host == '@' else host if label == '@' else f'{label}.{host}'


class Maker:
    """Makes one zone and its policy from a seed."""

    def __init__(self, seed, origin=None):
        self.random = random.Random(seed)
        pick = self.random.choice(ORIGINS)
        self.origin = origin or pick
        self.lines = []
        self.expected = []  # lines of a validation file
        self.options = []
        self.ttl = {}
        self.least = self.pick('error', 'warning', 'notice', 'notice')  # --fail-on of the whole change
        self.denial = self.pick('nsec', 'nsec3')

    def chance(self, percent):
        return self.random.randrange(100) < percent

    def pick(self, *among):
        return self.random.choice(among)

    def word(self, size, letters=HEX):
        return ''.join(self.random.choice(letters) for _ in range(size))

    def absolute(self, owner):
        return self.origin if owner == '@' else owner if owner.endswith('.') else f'{owner}.{self.origin}'

    def add(self, owner, type_, data, ttl):
        # One TTL for a set (RFC 2181 section 5.2).
        ttl = self.ttl.setdefault((self.absolute(owner), type_), ttl)
        self.lines.append(f'{self.absolute(owner)} {ttl} {type_} {data}')

    # --- names

    def address(self, owner):
        for type_, data in (('A', f'192.0.2.{self.random.randrange(1, 250)}'), ('AAAA', '2001:db8::1'),
                            ('MX', f'10 mail.{self.origin}'), ('TXT', '"v=spf1 -all"')):
            if self.chance({'A': 80, 'AAAA': 20, 'MX': 15, 'TXT': 15}[type_]):
                self.add(owner, type_, data, 3600)

    def alias(self, owner):
        target = self.pick(*map(self.absolute, HOSTS), 'cdn.example.net.')
        self.add(owner, 'CNAME', target, 3600)

    def names(self):
        self.add('@', 'SOA', f'ns.{self.origin} hostmaster.{self.origin} 7 3600 600 86400 300', 3600)
        self.add('@', 'NS', f'ns.{self.origin}', 3600)
        self.add('ns', 'A', '192.0.2.1', 3600)
        if self.chance(60):
            self.address('@')
        taken = set()
        for owner in self.random.sample(('www', 'a', 'b', 'shop', 'x.a', 'www.a', 'y.x.a', 'deep.ent', 'host.app',
                                         'mail'), self.random.randrange(1, 7)):
            if self.chance(20):
                self.alias(owner)
                taken.add(owner)
            else:
                self.address(owner)
        for parent in ('@', 'a', 'app', 'ent', 'www'):
            if self.chance(12):
                wildcard = join('*', parent)
                if self.chance(20):
                    self.alias(wildcard)
                    taken.add(wildcard)
                else:
                    self.address(wildcard)
                    if self.chance(20):
                        self.caa_set(wildcard)
        if self.chance(15):
            self.add('dn', 'DNAME', self.pick(self.absolute('a'), 'example.net.', self.absolute('ent')), 3600)
        if self.chance(10):  # So long that few labels fit before it, or none.
            deep = '.'.join((*('l' * 63,) * 3, 'l' * self.random.randrange(25, 60 - len(self.origin))))
            self.add('long', 'CNAME', self.absolute(deep), 3600)
            self.address(deep)
            taken.add('long')
        if self.chance(15):
            self.add('sub', 'NS', self.pick('ns.example.net.', f'ns.sub.{self.origin}'), 3600)
            if self.chance(50):
                self.add('ns.sub', 'A', '192.0.2.9', 3600)
        return taken

    # --- CAA

    def value(self):
        ca, other = self.pick(*CAS), self.pick(*CAS)
        account, more = self.pick(*ACCOUNTS), ','.join(self.random.sample(METHODS, self.random.randrange(1, 3)))
        if self.chance(45):
            return ca
        return self.pick(
            ';', ';', ';', '', ca.upper(), f'{ca}; accounturi={account}', f'{ca}; accounturi={account}',
            f'{ca}; validationmethods={more}', f'{ca}; validationmethods={more}',
            f'{ca}; accounturi={account}; validationmethods={more}', f'{ca}.', f'https://{ca}/', f'"{ca}"',
            f'{ca} {other}', f'{ca},{other}', f'{ca};', f'{ca}; accounturi={account};', f'{ca}; ;', f'{ca}; foo',
            f'{ca}; accounturi=1', f'{ca}; validationmethods=', f'{ca}; a-b=1', f' {ca} ', f'*.{ca}', 'sectgo.com',
            'letsencrypt.com', 'comodo.com', f'{ca}; accounturi={account}; accounturi={account}',
            f'comodoca.com; accounturi={account}', f'{ca.upper()}.', f'sectigo.com; account={account}',
            f'{ca}; AccountURI={account}', f'{ca}; validationmethods=DNS-01', f'{ca}; validationmethods=dns01',
            f'{ca}; validationmethods=none', ca.title(), f'{ca}/{other}', f'{ca}; accounturi={account},{ACCOUNTS[0]}',
            f'{ca}; validationmethods=ca-tbr-4', f'{ca}; verificationmethods={more}', 'zerossl.com',
            f'letsencrypt.org; accounturi=https://acme-staging-v02.api.letsencrypt.org/acme/acct/{self.word(2)}',
            f'{ca}\\000', f'{ca}, accounturi={account}',
            f'{ca}; accounturi={account} validationmethods={more}',
            f'{ca}; validationmethods=dns-01; validationmethods=http-01')

    def caa(self, owner, ttl):
        flags = self.pick(*[0] * 12, 128, 128, 1, 3, 4, 129)
        kind = self.random.randrange(100)
        tag, value = self.pick('issue', 'issue', 'issue', 'issuewild'), self.value()
        if kind < 70:
            pass
        elif kind < 75:
            tag, value = 'iodef', self.pick('mailto:me@example.com', 'me@example.com', 'https://example.com/', '')
        elif kind < 78:
            tag = self.pick('contactemail', 'contactphone', 'issuemail', 'issuevmc')
            value = self.pick('me@example.com', 'mailto:me@example.com', 'tel:+49123', '+49123', self.pick(*CAS))
        elif kind < 86:
            tag = self.pick('isue', 'issu', 'issuewlid', 'Issue', 'isuewild', 'tbs', 'auth', 'policy',
                            'averyverylongtagnobodyknows')
        elif kind < 92:
            tag, value = self.pick('sectigo', *CAS), self.pick('issue', 'issuewild', 'Issue', 'iodef')
        elif kind < 94:
            tag = self.pick('is-sue', 'issue_', '')
        elif kind < 96:
            wire = self.pick('00', '000569', '0000', '00096973737565')
            self.add(owner, 'CAA', f'\\# {len(wire) // 2} {wire}', ttl)
            return
        if tag.isalnum():
            self.add(owner, 'CAA', '{} {} "{}"'.format(flags, tag, value.replace('"', '\\"')), ttl)
        else:
            wire = bytes([flags, len(tag)]) + tag.encode() + value.replace('\\000', '\0').encode()
            self.add(owner, 'CAA', f'\\# {len(wire)} {wire.hex()}', ttl)

    def caa_set(self, owner):
        ttl = self.pick(300, 3600, 3600, 86400)
        for _ in range(self.pick(1, 1, 1, 2, 2, 3, 4)):
            self.caa(owner, ttl)

    def caa_sets(self, taken):
        for owner in dict.fromkeys(self.random.choices(HOSTS, k=self.random.randrange(0, 5))):
            if owner not in taken or self.chance(15):
                self.caa_set(owner)
        if self.chance(12):
            owner = join(self.pick(*HOSTS), self.origin[:-1])
            self.caa_set(owner)
            if self.chance(25):
                self.address(owner)
            if self.chance(15):
                self.caa_set(join(owner, self.origin[:-1]))
            if self.chance(25):
                self.add_alias(self.pick('b', 'shop', 'www.a'), self.absolute(owner))
            if self.chance(10):
                self.add_alias('dn', self.absolute(self.origin[:-1]), 'DNAME')
        if self.chance(3):
            self.caa_set('@' if self.chance(50) else 'elsewhere.example.org.')

    def add_alias(self, owner, target, type_='CNAME'):
        """Where there is one already, which of the two a CA follows is not known."""
        if not any(line.split()[0] == self.absolute(owner) and line.split()[2] == type_ for line in self.lines):
            self.add(owner, type_, target, 3600)

    def led(self):
        """An RRset that an alias leads to, with another above its owner: from the alias a CA climbs past that one."""
        owner, above = self.pick(('x.a', 'a'), ('y.x.a', 'x.a'), ('y.x.a', 'a'))
        if self.chance(50):
            self.add_alias(above, self.absolute('mail'))
        at = 'mail' if self.lines[-1].split()[2] == 'CNAME' else above
        if self.chance(50):
            self.add(at, 'CAA', '0 issue ";"', 3600)
        else:
            self.caa_set(at)
        if self.chance(70):  # Nobody can issue, so that it is to go.
            self.add(owner, 'CAA', self.pick('\\# 3 000569', '\\# 1 00', '128 tbs "x"', '128 auth "x"'), 3600)
        else:
            self.caa_set(owner)
        if self.chance(30):
            self.add_alias(self.pick('dn', 'deep.ent'), self.absolute(above), 'DNAME')
        else:
            self.add_alias(self.pick('b', 'shop', 'www.a', '*', '*.ent'), self.absolute(owner))

    # --- validations

    def validation(self):
        """(first label, type, data) of a validation, as a CA gives it."""
        label, hex_ = f'_{self.word(32)}', f'{self.word(32)}.{self.word(32)}.sectigo.com.'
        return self.pick(
            (label, 'CNAME', hex_), (label, 'CNAME', hex_), (label, 'CNAME', hex_),
            (label, 'CNAME', f'_{self.word(32)}.{self.word(10)}.acm-validations.aws.'),
            ('_dnsauth', 'CNAME', f'_{self.word(32)}.dcv.digicert.com.'),
            (f'_{self.word(32)}', 'CNAME', 'dcv.digicert.com.'),
            ('_acme-challenge', 'CNAME', f'example.com.{self.word(16)}.dcv.cloudflare.com.'),
            ('_acme-challenge', 'CNAME', f'{self.word(8)}.auth.example.net.'),
            ('_acme-challenge', 'TXT', f'"{self.word(43)}"'), ('_acme-challenge', 'TXT', f'"{self.word(43)}"'),
            ('_dnsauth', 'TXT', f'"{self.word(32)}"'), ('_validation-persist', 'TXT', self.persistent()))

    def persistent(self):
        value = f'{self.pick(*CAS)}; accounturi={self.pick(*ACCOUNTS)}'
        value += self.pick('', '', '', '; policy=wildcard', '; persistUntil=1', '; persistUntil=1796000000')
        return '"{}"'.format(self.pick(value, value, value, f'{value};', value.title(), value.split(';')[0]))

    def broken(self, owner, label, host, type_, data):
        """Records that stand where the right one should."""
        bare = self.origin[:-1]
        wrong = self.random.randrange(13)
        if wrong == 0:
            return [(f'{owner}.{bare}', type_, data)]
        if wrong == 1 and type_ == 'CNAME':
            return [(owner, type_, data + self.origin)]
        if wrong == 2:
            return [(join(label[1:], host), type_, data)]
        if wrong == 3 and type_ == 'CNAME':
            return [(owner, 'TXT', f'"{data[:-1]}"')]
        if wrong == 4:
            return [(owner, 'TXT', f'"{self.word(8)}"') for _ in range(self.pick(1, 2, 3))]
        if wrong == 5:
            return [(owner, 'CNAME', self.validation()[2] if self.chance(60) else f'{self.word(5)}.example.net.')]\
                if type_ == 'CNAME' else [(owner, 'TXT', f'"{self.word(43)}"')]
        if wrong == 6:
            return [(join(label[:-3] + 'xyz', host), type_, data)]
        if wrong == 7 and type_ == 'CNAME':
            return [(owner, type_, data[3:].lstrip('.'))]
        if wrong == 8:
            return [(owner, type_, data), (owner, 'TXT', '"beside it"')]
        if wrong == 9:
            return [(owner, type_, data), (owner, type_, self.validation()[2])]\
                if type_ == 'CNAME' else [(owner, 'CNAME', self.absolute(self.pick(*HOSTS)))]
        if wrong == 10:
            return [(join(label, self.pick(*HOSTS)), type_, data)]
        if wrong == 12:
            return [(join(f'{label}.*', host) + self.pick('', '', f'.{bare}'), type_,
                     data + self.pick('', self.origin) if type_ == 'CNAME' else data)]
        if wrong == 11 and type_ == 'CNAME':
            return [(f'{join(label[1:] if self.chance(50) else label, host)}.{bare}', type_, data + self.origin)]
        return []

    def validations(self):
        for _ in range(self.pick(0, 0, 1, 1, 2, 3)):
            host, ttl = self.pick(*HOSTS), self.pick(300, 3600)
            label, type_, data = self.validation()
            owner = join(label, host)
            if type_ == 'CNAME' and self.chance(5):
                data = data.upper()
            records = [(owner, type_, data)] if self.chance(30) else \
                [] if self.chance(20) else self.broken(owner, label, host, type_, data)
            for record in records:
                if record[1] == 'CNAME' and record[2].startswith('"'):
                    continue
                self.add(*record, ttl)
            if self.chance(55):
                if self.chance(5):
                    data = data if type_ == 'TXT' else ''
                line = f'{self.absolute(owner)} {self.pick(60, 3600, 7200)} {type_} {data}'
                if data and self.chance(70):
                    self.expected.append(line)
                elif type_ == 'CNAME':
                    self.options += ['--validation', f'{self.absolute(owner)} {data}'.strip()]
        if self.expected and self.chance(5):
            fields = self.expected[0].split()
            self.expected.append(' '.join((*fields[:2], 'TXT', '"also here"')))

    def passed(self):
        """A host that gets to a validation by an alias, or by a DNAME: without the record it would lead nowhere."""
        owners = dict.fromkeys(line.split()[0] for line in self.lines if line.startswith('_'))
        owner = self.pick(*owners, self.absolute('_s.app'))
        at, host = self.pick('c', 'd.ent', '*.c'), owner.partition('.')[2]
        if self.chance(40) and len(host) > len(self.origin):
            self.add('dn2', 'DNAME', host, 3600)
        else:
            self.add_alias(at, owner)

    # --- the policy

    def policy(self, known):
        """Options for the command; those that it does not know are left out."""
        for ca in self.random.sample(CAS, self.pick(1, 1, 1, 2, 2, 3)):
            self.options += ['--ca', ca]
        for host in dict.fromkeys(self.random.choices(HOSTS, k=self.pick(0, 1, 1, 2, 3))):
            self.options += ['--host', host]
        if self.chance(25):
            self.options += ['--account-uri', self.pick(*ACCOUNTS)]
        wildcard = self.pick('auto', 'auto', 'on', 'off')
        if self.chance(30):
            method = self.pick(*METHODS)
            self.options += ['--validation-method', method]
            if wildcard == 'on' and method in ('http-01', 'tls-alpn-01'):
                wildcard = 'auto'  # They validate no wildcard, and the two are refused.
        override = self.chance(30)
        if self.chance(25):
            self.options += ['--strict']
        if '--wildcard' in known:
            self.options += ['--wildcard', wildcard]
        elif wildcard == 'off':
            self.options += ['--no-wildcard']
        if override and '--override-denial' in known:
            self.options += ['--override-denial']

    def make(self, known, led=False):
        self.caa_sets(self.names())
        if led:
            self.led()
        self.validations()
        if led:
            self.passed()
        self.policy(known)
        # A person writes a record once. It is the same in any case of a name.
        self.lines = list({naive.record(line): line for line in reversed(self.lines)}.values())[::-1]
        return self
