# SPDX-License-Identifier: GPL-2.0-or-later

"""Answers of a zone, and what its CAA permits, in the plainest way: nothing of this is the engine's.

Answers are those of RFC 1034 section 4.3.2 with the wildcards of RFC 4592 and the DNAMEs of
RFC 6672; CAA is RFC 8659 and RFC 8657.
"""

import functools
import re

TOKEN = re.compile(r'"((?:[^"\\]|\\.)*)"|((?:[^\s";\\]|\\.)+)|(;.*)|(\S)')
ESCAPE = re.compile(rb'\\(\d{3}|.)', re.S)
ALIASES_MAX = 16
NAMES = {'CNAME': 0, 'DNAME': 0, 'NS': 0, 'MX': 1}


# --- records

def unescape(text):
    return ESCAPE.sub(lambda m: bytes([int(m[1])]) if len(m[1]) == 3 else m[1], text.encode('latin-1'))


def name(text, origin=()):
    """Labels in lower case, from the first to the one before the root."""
    if text == '@':
        return origin
    labels = [unescape(label).lower() for label in re.findall(r'(?:[^.\\]|\\\d{3}|\\.)+', text)]
    return tuple(labels) + (() if re.search(r'(?<!\\)(?:\\\\)*\.$', text) else origin)


def show(labels):
    return '.'.join(label.decode('latin-1') for label in labels) + '.'


def tokens(line):
    """Words of a line; a quoted one begins with a quote."""
    words = []
    for match in TOKEN.finditer(line):
        if match[3] is not None:
            break
        words.append('"' + match[1] if match[1] is not None else match[2] or match[4])
    return words


def rdata(type_, words, origin):
    """Data that can be compared, whatever way it is written."""
    if words and words[0] == '\\#':
        wire = bytes.fromhex(''.join(words[2:]))
        return wire if type_ == 'CAA' else (r'\#', wire)
    if type_ == 'CAA':
        tag = unescape(words[1]) if len(words) == 3 else b''  # Knot writes an empty one as nothing.
        return bytes([int(words[0]), len(tag)]) + tag + unescape(words[-1].removeprefix('"'))
    if type_ == 'TXT':
        return tuple(unescape(word.removeprefix('"')) for word in words)
    if type_ in NAMES:
        at = NAMES[type_]
        return tuple(words[:at]) + (name(words[at], origin),)
    return tuple(word.lower() for word in words)


@functools.lru_cache(1000)
def record(line, origin=()):
    """(owner, TTL, type, data) of a line with all its fields; None if it has no record."""
    words = tokens(line)
    if not words or words[0].startswith('$'):
        return None
    owner, ttl, rest = words[0], words[1], words[2:]
    if rest[0] == 'IN':
        rest = rest[1:]
    return name(owner, origin), int(ttl), rest[0], rdata(rest[0], rest[1:], origin)


class Zone:
    """A zone file with one record a line."""

    def __init__(self, origin, lines):
        self.origin = name(origin)
        self.lines = lines
        self.data = {}
        self.ttl = {}
        self.decided = {}
        self.answered = {}
        for line in lines:
            found = record(line, self.origin)
            if found is None or found[0][-len(self.origin):] != self.origin:
                continue
            owner, ttl, type_, data = found
            self.data.setdefault(owner, {}).setdefault(type_, set()).add(data)
            self.ttl.setdefault((owner, type_), set()).add(ttl)
        self.names = {self.origin}
        for owner, sets in self.data.items():
            if sets.keys() <= {'NSEC3', 'RRSIG'}:
                continue  # They make no name, and those of a record that is gone stay in the text.
            self.names.update(owner[i:] for i in range(len(owner) - len(self.origin) + 1))

    def has(self, owner):
        return owner[-len(self.origin):] == self.origin

    def step(self, owner, type_):
        """('data', set), ('alias', name), ('referral', cut), ('nodata',) or ('nxdomain',)."""
        depth = len(owner) - len(self.origin)
        for i in range(depth, -1, -1):
            node = owner[i:]
            if node not in self.names:
                node = (b'*',) + owner[i + 1:]
                if node not in self.names:
                    return ('nxdomain',)
                i = 0
            sets = self.data.get(node, {})
            if node != self.origin and 'NS' in sets:
                return ('referral', node)
            if i == 0:
                if 'CNAME' in sets and type_ != 'CNAME':
                    return ('alias', min(sets['CNAME'])[0])
                return ('data', frozenset(sets[type_])) if type_ in sets else ('nodata',)
            if 'DNAME' in sets:
                return ('alias', owner[:i] + min(sets['DNAME'])[0])
        raise AssertionError(owner)

    def answer(self, owner, type_):
        """Where the aliases lead, and what is found there: data, or () if there is none."""
        if (owner, type_) not in self.answered:
            self.answered[owner, type_] = self.follow(owner, type_)
        return self.answered[owner, type_]

    def follow(self, owner, type_):
        hops = []
        while True:
            if not self.has(owner):
                return tuple(hops), ('outside', owner)
            kind, *what = self.step(owner, type_)
            if kind != 'alias':
                return tuple(hops), {'data': ('data', *what), 'referral': ('referral', *what)}.get(kind, ())
            owner = what[0]
            if len(hops) == ALIASES_MAX or sum(map(len, owner)) + len(owner) > 254:
                return tuple(hops), ('loop',)
            hops.append(owner)

    def deciding(self, host):
        """CAA that decides for a name: (what is known, what decides if another zone has none).

        'unknown' is known in another zone, and 'failed' to nobody: aliases in a circle.
        """
        if host not in self.decided:
            self.decided[host] = self.climb(host)
        return self.decided[host]

    def climb(self, host):
        is_, otherwise = None, None
        for i in range(len(host) - len(self.origin) + 1):
            _, found = self.answer(host[i:], 'CAA')
            if found and found[0] == 'data':
                otherwise = found[1]
                break
            if found and is_ is None:
                is_ = 'unknown'
                if found[0] == 'loop':
                    return 'failed', 'failed'
        otherwise = otherwise if otherwise is not None else frozenset()
        return is_ if is_ is not None else otherwise, otherwise


# --- CAA

LABEL = rb'[0-9A-Za-z](?:[0-9A-Za-z-]*[0-9A-Za-z])?'
PARAMETER = rb'[0-9A-Za-z](?:[0-9A-Za-z-]*[0-9A-Za-z])?[ \t]*=[ \t]*[\x21-\x3a\x3c-\x7e]*'
VALUE = re.compile(rb'[ \t]*(' + LABEL + rb'(?:\.' + LABEL + rb')*)?[ \t]*(?:;[ \t]*(' + PARAMETER
                   + rb'(?:[ \t]*;[ \t]*' + PARAMETER + rb')*)?[ \t]*)?')
# BR 4.2.2.1.2: another label that a method may stand under in the list.
OTHER_LABEL = {b'dns-01': b'ca-tbr-7', b'dns-account-01': b'ca-tbr-21', b'dns-persist-01': b'ca-tbr-22',
               b'http-01': b'ca-tbr-19', b'ca-tbr-19': b'http-01', b'ca-tbr-21': b'dns-account-01'}
TAGS = (b'issue', b'issuewild', b'issuemail', b'issuevmc', b'iodef', b'contactemail', b'contactphone')


@functools.lru_cache(1000)
def properties(rrset):
    """(flags, tag, value) of each record; None if a record cannot be read."""
    found = []
    for wire in rrset:
        if len(wire) < 2 or 2 + wire[1] > len(wire):
            return None
        found.append((wire[0], wire[2:2 + wire[1]].lower(), wire[2 + wire[1]:]))
    return found


@functools.lru_cache(1000)
def issue(value):
    """(issuer, list of parameters) of a value; None if it is malformed."""
    match = VALUE.fullmatch(value)
    if match is None:
        return None
    parameters = [part.split(b'=', 1) for part in (match[2] or b'').split(b';') if part]
    return (match[1] or b'').lower(), [(tag.strip().lower(), value.strip()) for tag, value in parameters]


# A label that may be of a method, ever: those of ACME end in a number of two digits, those of CAs begin so.
LABEL = re.compile('(^|,)([^,]+-[0-9]{2}|ca-[^,]+)(,|$)', re.IGNORECASE)


def judge(rrset, wildcard, names, account, method):
    """'permitted', or why not: 'unreadable', 'nobody', 'account', 'method' or 'others'.

    No account or method asks whether there is one that would do. CAs may compare methods in any case
    (BR 4.2.2.1.2), so a cure that writes one otherwise lifts nothing.
    """
    found = properties(rrset) if rrset != 'failed' else None
    if found is None or any(flags & 128 and tag not in TAGS for flags, tag, _ in found):
        return 'unreadable'
    tag = b'issuewild' if wildcard and any(tag == b'issuewild' for _, tag, _ in found) else b'issue'
    values = [issue(value) for _, has, value in found if has == tag]
    if not values:
        return 'permitted'
    # Beside ";" a malformed value, which names nobody either, makes nothing less refused.
    why = 'nobody' if all(value is None or not value[0] for value in values) and any(values) else 'others'
    for value in values:
        if value is None or value[0] not in names:
            continue
        accounts = [value for tag, value in value[1] if tag == b'accounturi']
        methods = [value for tag, value in value[1] if tag == b'validationmethods']
        if accounts and (len(accounts) > 1 or accounts[0] != account):
            why = why if why == 'method' else 'account'
        elif methods and (len(methods) > 1 or not LABEL.search(methods[0].decode()) or not {method.lower(), OTHER_LABEL.get(method.lower())}
                          & set(methods[0].lower().split(b','))):
            why = 'method'  # Of several records the one for this account counts.
        else:
            return 'permitted'
    return why
