# SPDX-License-Identifier: GPL-2.0-or-later

"""Unbound's library as the judge.

It serves a zone file to itself, or asks a server, and validates the answers.
"""

import ctypes
import ctypes.util

TYPES = {'CNAME': 5, 'SOA': 6, 'DS': 43, 'DNSKEY': 48, 'CAA': 257}

SERVER = '''server:
    val-override-date: "{now}"
    do-ip6: no
    do-not-query-localhost: no
    use-syslog: no
    chroot: ""
    username: ""
    val-log-level: 0
stub-zone:
    name: "{zone}"
    stub-addr: {path}
'''

CONFIG = '''server:
    val-override-date: "{now}"
    do-ip6: no
    do-udp: no
    do-tcp: no
    use-syslog: no
    chroot: ""
    username: ""
    val-log-level: 0
auth-zone:
    name: "{zone}"
    zonefile: "{path}"
    for-downstream: no
    for-upstream: yes
    fallback-enabled: no
'''


class Result(ctypes.Structure):
    """struct ub_result of unbound.h."""

    _fields_ = [('qname', ctypes.c_char_p), ('qtype', ctypes.c_int), ('qclass', ctypes.c_int),
                ('data', ctypes.c_void_p), ('len', ctypes.c_void_p), ('canonname', ctypes.c_char_p),
                ('rcode', ctypes.c_int), ('answer_packet', ctypes.c_void_p), ('answer_len', ctypes.c_int),
                ('havedata', ctypes.c_int), ('nxdomain', ctypes.c_int), ('secure', ctypes.c_int),
                ('bogus', ctypes.c_int), ('why_bogus', ctypes.c_char_p)]


def library():
    """libunbound, or None."""
    try:
        lib = ctypes.CDLL(ctypes.util.find_library('unbound') or 'libunbound.so.8')
    except OSError:
        return None
    lib.ub_ctx_create.restype = ctypes.c_void_p
    for name, arguments in (('ub_ctx_config', [ctypes.c_void_p, ctypes.c_char_p]),
                            ('ub_ctx_add_ta', [ctypes.c_void_p, ctypes.c_char_p]),
                            ('ub_resolve', [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int,
                                            ctypes.POINTER(ctypes.POINTER(Result))]),
                            ('ub_resolve_free', [ctypes.POINTER(Result)]),
                            ('ub_ctx_delete', [ctypes.c_void_p])):
        getattr(lib, name).argtypes = arguments
    return lib


class Validator:
    """A resolver for one zone file, or for what a server (ADDRESS@PORT) says."""

    def __init__(self, lib, zone, path, anchors, now, server=None):
        self.lib, self.zone = lib, zone
        self.ctx = lib.ub_ctx_create()
        config = path.with_suffix('.unbound')
        config.write_text((SERVER if server else CONFIG).format(zone=zone, path=server or path, now=now))
        self.check(lib.ub_ctx_config(self.ctx, str(config).encode()))
        for anchor in anchors:
            self.check(lib.ub_ctx_add_ta(self.ctx, anchor.encode()))
        self.known = {}

    def check(self, ret):
        if ret != 0:
            raise RuntimeError(f'libunbound: error {ret}')

    def close(self):
        self.lib.ub_ctx_delete(self.ctx)

    def ask(self, name, type_):
        """'data', 'none', or why it is bogus or refused."""
        if (name, type_) not in self.known:
            result = ctypes.POINTER(Result)()
            self.check(self.lib.ub_resolve(self.ctx, name.encode(), TYPES[type_], 1, ctypes.byref(result)))
            answer = result.contents
            if answer.bogus:
                said = 'bogus: ' + (answer.why_bogus or b'').decode()
            elif answer.rcode not in (0, 3):
                # A server without the signatures it should have is lame to unbound: SERVFAIL.
                said = f'refused: {answer.rcode}'
            else:
                said = 'data' if answer.havedata else 'none'
            self.lib.ub_resolve_free(result)
            self.known[name, type_] = said
        return self.known[name, type_]

    def climb(self, host, cuts):
        """What a CA hears: None, or why it cannot go on."""
        name = host
        while True:
            cut = next((cut for cut in cuts if name == cut or name.endswith(f'.{cut}')), None)
            if cut is not None:
                # Beyond it only the proof that the child is unsigned is this zone's, or its DS.
                why = self.look_up(cut, 'DS')
                if why is not None:
                    return why
                name = cut.split('.', 1)[1]
                continue
            said = self.ask(name, 'CAA')
            if said == 'data' or (said == 'none' and name == self.zone):
                return None
            if said != 'none':
                return f'CAA at {name}: {said}'
            name = name.split('.', 1)[1]

    def look_up(self, name, type_):
        said = self.ask(name, type_)
        return None if said in ('data', 'none') else f'{type_} at {name}: {said}'
