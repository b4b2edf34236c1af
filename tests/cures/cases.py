# SPDX-License-Identifier: GPL-2.0-or-later

"""Zones in which a cure must be printed, or must not: at least one for each finding of the catalogue."""

import shlex

ORIGIN = 'example.com.'
BASE = ['example.com. 3600 SOA ns.example.com. hostmaster.example.com. 7 3600 600 86400 300',
        'example.com. 3600 NS ns.example.com.',
        'ns.example.com. 3600 A 192.0.2.1',
        'example.com. 3600 A 192.0.2.2']
HASH = '0123456789abcdef0123456789abcdef'
TARGET = f'{HASH[::-1]}.{HASH}.sectigo.com.'
OTHER = f'{HASH}.{HASH}.sectigo.com.'
PERSIST = '_validation-persist.example.com.'
SET = 'example.com. 300 CAA 0 issue "letsencrypt.org"'

# Findings that no record cures, and why.
NO_RECORD = {
    'caa-tag-long': 'what was meant is not known',
    'caa-parameter-duplicate': 'which of the two is meant is not known',
    'caa-method-excluded': 'which methods are wanted is the operator\'s to say',
    'caa-method-sunset': 'which method is to follow is the operator\'s to say',
    'caa-product-unconfirmed': 'who issues the product is not known',
    'caa-wanted-lookalike': 'the fault is in the policy',
    'caa-owner-wildcard': 'the record may be meant as it is',
    'caa-alias-decides': 'nothing is broken',
    'caa-alias-external': 'the answer is in another zone',
    'caa-record-occluded': 'the record belongs into another zone',
    'caa-ttl-long': 'the TTL of a set is the operator\'s to say',
    'caa-answer-large': 'which records are wanted is the operator\'s to say',
    'caa-alias-loop': 'where the alias is to lead is not known',
    'caa-locked': 'the denial is taken for one on purpose',
    'caa-wildcard-locked': 'the denial is taken for one on purpose',
    'caa-owner-outside': 'the record belongs into another zone',
    'host-missing': 'what the host is to be is not known',
    'dcv-record-occluded': 'the record belongs into another zone',
    'dcv-expectation-conflict': 'which order is open is not known',
    'dcv-lookup-unanswered': 'a finding of the running server',
    'dcv-lookup-absent': 'a finding of the running server',
    **{f'probe-{fault}': 'a finding about servers' for fault in (
        'server-silent', 'server-lame', 'tcp-refused', 'udp-limited', 'type-dropped', 'answers-differ', 'serial-behind',
        'delegation-differs', 'glue-wrong', 'ds-mismatch', 'answer-bogus', 'negative-without-soa', 'edns-broken')},
    **{f'server-{what}': 'a finding about the configuration of the server' for what in (
        'query-refused', 'answers-limited', 'answers-vary')},
    'synth-unsafe': 'a finding of the running server',
    'dnssec-rrsig-missing': 'the signer\'s', 'dnssec-rrsig-expired': 'the signer\'s',
    'dnssec-rrsig-expiring': 'the signer\'s', 'dnssec-rrsig-invalid': 'the signer\'s',
    'dnssec-denial-missing': 'the signer\'s', 'dnssec-denial-iterations': 'the signer\'s',
    'dnssec-algorithm-weak': 'the signer\'s', 'dnssec-chain-broken': 'the parent\'s',
}


class Case:
    """Records beside those of BASE, options, and the change of the finding: lines that begin with - or +."""

    def __init__(self, id_, records, change, options='', expected=(), ca=None):
        self.id, self.change, self.expected, self.ca = id_, change, list(expected), ca
        self.origin, self.lines, self.options = ORIGIN, BASE + records, shlex.split(options)

    def __str__(self):
        return f'{self.id}: {self.lines[len(BASE):]} {self.options} {self.expected}'


def caa(words, owner='example.com.', ttl=300):
    return f'{owner} {ttl} CAA {words}'


def edit(id_, wrong, right, options='', more=()):
    """One record of the apex is wrong; no record to the right: it is to be removed."""
    return Case(id_, [caa(wrong), *more], [f'-{caa(wrong)}', *([f'+{caa(right)}'] if right else [])], options)


NO_HOST = '--ca letsencrypt.org --no-wildcard'
ACCOUNT = 'https://acme-v02.api.letsencrypt.org/acme/acct/'
BOUND = f'letsencrypt.org; accounturi={ACCOUNT}1; validationmethods=dns-01'

CASES = [
    # The record that permits the CA, with the TTL of its set.
    Case('caa-issue-denied', [SET], ['+' + caa('0 issue "sectigo.com"')]),
    Case('caa-issue-denied', [SET], ['+' + caa('0 issue "sectigo.com; accounturi=https://ca.example.net/1"')],
         '--account-uri https://ca.example.net/1'),
    Case('caa-issuewild-denied', [caa('0 issue "sectigo.com"'), caa('0 issuewild "letsencrypt.org"')],
         ['+' + caa('0 issuewild "sectigo.com"')]),
    Case('caa-fallback-denied', [SET, 'www.example.com. 3600 CNAME www.example.net.'],
         ['+' + caa('0 issue "sectigo.com"')], '--host www'),
    # What binds the CA in the RRset above binds it below as well; of several records none is chosen.
    Case('caa-ancestor-overridden', [caa(f'0 issue "{BOUND}"'), caa('0 issue "digicert.com"', 'd.example.com.')],
         ['+' + caa(f'0 issue "{BOUND}"', 'd.example.com.')], f'{NO_HOST} --host @'),
    Case('caa-ancestor-overridden', [caa(f'0 issue "{BOUND}"'), caa('0 issue "letsencrypt.org; validationmethods=dns-01"'),
                                     caa('0 issue "digicert.com"', 'd.example.com.')], [], f'{NO_HOST} --host @'),
    Case('caa-ancestor-overridden', [caa(f'0 issue "{BOUND}"'), caa('0 issue "letsencrypt.org"'),
                                     caa('0 issue "digicert.com"', 'd.example.com.')],
         ['+' + caa('0 issue "letsencrypt.org"', 'd.example.com.')], f'{NO_HOST} --host @'),
    Case('caa-issue-denied', [caa(f'0 issue "{BOUND}"'), caa('0 issue "digicert.com"', 'd.example.com.')],
         ['+' + caa(f'0 issue "{BOUND}"', 'd.example.com.')], f'{NO_HOST} --host d'),
    Case('caa-issue-denied', [caa('0 issue "letsencrypt.org; validationmethods=dns-01"'),
                              caa('0 issue "digicert.com"', 'd.example.com.')],
         ['+' + caa(f'0 issue "{BOUND}"', 'd.example.com.')], f'{NO_HOST} --host d --account-uri {ACCOUNT}1'),
    Case('caa-issue-denied', [caa(f'0 issue "{BOUND}"'), caa('0 issue "digicert.com"', 'd.example.com.')],
         [], f'{NO_HOST} --host d --account-uri {ACCOUNT}2'),
    Case('caa-issue-denied', [caa(f'0 issue "{BOUND}"'), caa('0 issue "digicert.com"', 'd.example.com.')],
         [], f'{NO_HOST} --host d --validation-method http-01'),
    Case('caa-issuewild-denied', [caa('0 issue "letsencrypt.org"'), caa(f'0 issuewild "{BOUND}"'),
                                  *(caa(f'0 {tag} "digicert.com"', 'd.example.com.') for tag in ('issue', 'issuewild'))],
         ['+' + caa(f'0 issuewild "{BOUND}"', 'd.example.com.')],
         '--ca letsencrypt.org --host d --wildcard on'),
    Case('dcv-issuer-denied', [caa('0 issue "digicert.com"', 'd.example.com.'), caa('0 issue "digicert.com"'),
                               caa('0 issue "sectigo.com; validationmethods=ca-tbr-7"'),
                               f'_{HASH}.d.example.com. 3600 CNAME {TARGET}'],
         ['+' + caa('0 issue "sectigo.com; validationmethods=ca-tbr-7"', 'd.example.com.')], '--ca digicert.com --host @'),
    Case('caa-ancestor-overridden', [caa('0 issue "sectigo.com"'), caa('0 issue "letsencrypt.org"', 'a.example.com.')],
         ['+' + caa('0 issue "sectigo.com"', 'a.example.com.')]),
    Case('caa-strict-incomplete', [caa('0 issue "sectigo.com"')], ['+' + caa('0 issuewild "sectigo.com"')],
         '--strict'),
    Case('dcv-issuer-denied', [SET, f'_{HASH}.example.com. 3600 CNAME {TARGET}'],
         ['+' + caa('0 issue "sectigo.com"')], '--ca letsencrypt.org'),
    # A restriction stays; only the method that is asked for is added.
    Case('caa-issue-denied', [caa('0 issue "letsencrypt.org; accounturi=https://ca.example.net/1; '
                                  'validationmethods=dns-01"')],
         ['-' + caa('0 issue "letsencrypt.org; accounturi=https://ca.example.net/1; validationmethods=dns-01"'),
          '+' + caa('0 issue "letsencrypt.org; accounturi=https://ca.example.net/1; '
                    'validationmethods=dns-01,http-01"')],
         f'{NO_HOST} --validation-method http-01 --account-uri https://ca.example.net/1'),
    edit('caa-issue-denied', '0 issue "letsencrypt.org; validationmethods=HTTP-01,dns-01"',
         '0 issue "letsencrypt.org; validationmethods=dns-01,http-01"', f'{NO_HOST} --validation-method http-01'),
    Case('caa-parameter-unsatisfiable', [caa('0 issue "letsencrypt.org; accounturi=https://ca.example.net/1,'
                                             'validationmethods=dns-01"')], [], NO_HOST),
    Case('caa-issue-denied', [caa('0 issue "letsencrypt.org; accounturi=https://ca.example.net/1"')], [],
         f'{NO_HOST} --account-uri https://ca.example.net/2'),
    Case('caa-strict-incomplete', [caa('0 issue "sectigo.com; accounturi=https://ca.example.net/1"')],
         ['+' + caa('0 issuewild "sectigo.com; accounturi=https://ca.example.net/1"')], '--strict'),
    Case('caa-strict-incomplete', [caa('0 issue "sectigo.com"')], ['+' + caa('0 issuewild "sectigo.com"')],
         '--strict --account-uri https://ca.example.net/1'),
    # Wildcards of the other account would be lost.
    Case('caa-strict-incomplete', [caa('0 issue "sectigo.com; accounturi=x:1"'), caa('0 issue "sectigo.com; accounturi=x:2"')],
         [], '--strict --account-uri x:1'),
    # Amazon takes its name as DigiCert does, and would lose its wildcards.
    Case('caa-strict-incomplete', [caa('0 issue "amazon.com"')], [], '--strict --ca digicert.com'),
    Case('caa-strict-incomplete', [caa('0 iodef "mailto:me@example.com"')], [], '--strict'),
    Case('caa-issue-denied', [caa('0 issue ";"')], [], '--host @'),
    # The method is one of two lists, and CAs heed neither.
    Case('caa-issue-denied', [caa('0 issue "letsencrypt.org; validationmethods=dns-01; validationmethods=http-01"')], [],
         f'{NO_HOST} --validation-method dns-01'),
    # DigiCert takes the name of Amazon, and would issue for every account.
    Case('caa-issue-denied', [caa('0 issue "digicert.com; accounturi=https://ca.example.net/1"')], [], '--ca amazon.com'),
    # The parameters of the pair, but not the name, which would permit Amazon as well.
    Case('caa-issue-denied', [caa('0 issue "letsencrypt.org"'), caa('0 issuewild "amazon.com; accounturi=https://ca.example.net/1"')],
         ['+' + caa('0 issue "digicert.com; accounturi=https://ca.example.net/1"')], '--ca digicert.com'),
    Case('caa-issue-denied', [caa('0 issue "digicert.com; accounturi=https://ca.example.net/1"')],
         ['+' + caa('0 issue "amazon.com"')], '--ca amazon.com --override-denial'),
    # The value that is malformed has the method; a record without it would let in others.
    Case('caa-issue-denied', [caa('0 issue "letsencrypt.org; validationmethods=dns-01;"')], [], NO_HOST),
    # The account is of one CA; the other gets none.
    Case('caa-issue-denied', [SET], ['+' + caa('0 issue "sectigo.com"')], '--ca letsencrypt.org --ca sectigo.com '
         '--account-uri https://acme-v02.api.letsencrypt.org/acme/acct/1'),
    # Two findings about one record, and one change that cures both.
    *(Case(id_, [caa('0 issue "letsencrypt.org; ValidationMethods=DNS-01,dns-01"')],
           ['-' + caa('0 issue "letsencrypt.org; ValidationMethods=DNS-01,dns-01"'),
            '+' + caa('0 issue "letsencrypt.org; validationmethods=dns-01,http-01"')],
           f'{NO_HOST} --validation-method http-01') for id_ in ('caa-issue-denied', 'caa-method-case')),
    # The same methods in another case, of a CA that nobody asks for as well.
    Case('caa-method-case', [caa('0 issue "letsencrypt.org; validationmethods=DNS-01,dns-1"'), caa('0 issue "sectigo.com"')],
         ['-' + caa('0 issue "letsencrypt.org; validationmethods=DNS-01,dns-1"'),
          '+' + caa('0 issue "letsencrypt.org; validationmethods=dns-01"')]),
    # Of two records for the CA the one for the account is mended.
    # A list without an account is for every account, and is not extended for the one that asks.
    Case('caa-issue-denied', [caa(f'0 issue "letsencrypt.org; accounturi={ACCOUNT}1"'),
                              caa('0 issue "letsencrypt.org; validationmethods=dns-01"')],
         ['+' + caa(f'0 issue "letsencrypt.org; accounturi={ACCOUNT}2; validationmethods=http-01"')],
         f'{NO_HOST} --validation-method http-01 --account-uri {ACCOUNT}2'),
    Case('caa-issue-denied', [caa('0 issue "letsencrypt.org; validationmethods=dns-01"'), caa(f'0 issue "{BOUND}"')],
         ['-' + caa(f'0 issue "{BOUND}"'), '+' + caa(f'0 issue "{BOUND},http-01"')],
         f'{NO_HOST} --validation-method http-01 --account-uri {ACCOUNT}1'),
    Case('caa-issue-denied', [caa('0 issue "letsencrypt.org; accounturi=x:1"'),
                              caa('0 issue "letsencrypt.org; accounturi=x:2; validationmethods=dns-01"')],
         ['-' + caa('0 issue "letsencrypt.org; accounturi=x:2; validationmethods=dns-01"'),
          '+' + caa('0 issue "letsencrypt.org; accounturi=x:2; validationmethods=dns-01,http-01"')],
         f'{NO_HOST} --validation-method http-01 --account-uri x:2'),
    # One record at a time.
    Case('caa-critical-unknown', [caa('0 issue "sectigo.com"'), caa('128 tbs "x"')], ['-' + caa('128 tbs "x"')]),
    edit('caa-critical-unknown', '128 isue "sectigo.com"', '0 issue "sectigo.com"'),
    Case('caa-rdata-malformed', [caa('0 issue "sectigo.com"'), caa('\\# 7 00096973737565')],
         ['-' + caa('\\# 7 00096973737565')]),
    Case('caa-tag-empty', [caa('0 issue "sectigo.com"'), caa('\\# 3 000061')], ['-' + caa('\\# 3 000061')]),
    edit('caa-tag-charset', '\\# 19 000669732D73756573656374 69676F2E636F6D'.replace(' 69', '69'),
         '0 issue "sectigo.com"'),
    # The whole property in the tag.
    edit('caa-tag-charset', '\\# 19 00116973737565207365637469676F2E636F6D', '0 issue "sectigo.com"'),
    edit('caa-tag-charset', '\\# 36 00223020697373756577696C64202268747470733A2F2F7365637469676F2E636F6D2F22', '0 issuewild "sectigo.com"', more=[SET]),
    edit('caa-critical-unknown', '\\# 19 80116973737565207365637469676F2E636F6D', '0 issue "sectigo.com"'),
    edit('caa-tag-unknown', '0 isue "sectigo.com"', '0 issue "sectigo.com"'),
    # With the tag that was meant the value is malformed, and mended in the same record.
    edit('caa-tag-unknown', '0 isue "https://sectigo.com/"', '0 issue "sectigo.com"'),
    edit('caa-critical-unknown', '128 isuewild "SectiGo.com."', '0 issuewild "sectigo.com"', more=[caa('0 issue "sectigo.com"')]),
    edit('caa-tag-unknown', '0 iodeff "mailto:me@example.com"', '0 iodef "mailto:me@example.com"'),
    Case('caa-tag-reserved', [caa('0 issue "sectigo.com"'), caa('0 auth "x"')], ['-' + caa('0 auth "x"')]),
    edit('caa-flags-reserved', '4 issue "sectigo.com"', '0 issue "sectigo.com"'),
    edit('caa-flags-one', '1 issue "sectigo.com"', '0 issue "sectigo.com"'),
    edit('caa-value-malformed', '0 issue "https://sectigo.com/"', '0 issue "sectigo.com"'),
    edit('caa-issuer-lookalike', '0 issue "NONE"', '0 issue ";"'),
    Case('caa-issuer-lookalike', [SET, caa('0 issue "none"')], ['-' + caa('0 issue "none"')], NO_HOST),
    Case('caa-issuer-lookalike', [caa('0 issue "none"'), caa('0 issuewild "null"')],
         ['-' + caa('0 issue "none"'), '+' + caa('0 issue ";"')], NO_HOST),
    edit('caa-issuer-lookalike', '0 issue "no-ca"', '0 issue ";"', NO_HOST),
    edit('caa-value-malformed', '0 issue "N/A"', '0 issue ";"', NO_HOST),
    Case('caa-value-malformed', [SET, caa('0 issue "."')], ['-' + caa('0 issue "."')], NO_HOST),
    # A word for nobody denies on purpose, as ";" does.
    Case('caa-issue-denied', [caa('0 issue "none"')], [], f'{NO_HOST} --host @'),
    Case('caa-issue-denied', [caa('0 issue "."')], [], f'{NO_HOST} --host @'),
    Case('caa-issue-denied', [caa('0 issue "None"'), caa('0 issue ";"')],
         ['-' + caa('0 issue "None"'), '-' + caa('0 issue ";"'), '+' + caa('0 issue "letsencrypt.org"')],
         f'{NO_HOST} --host @ --override-denial'),
    Case('caa-issuewild-denied', [caa('0 issue "letsencrypt.org"'), caa('0 issuewild "deny"')], [],
         '--ca letsencrypt.org --wildcard on'),
    # Bound by a mistyped name: a record beside it would lift that.
    Case('caa-issue-denied', [caa('0 issue "sectigo; accounturi=https://acme.sectigo.com/a/5"')], [],
         '--ca sectigo.com --no-wildcard'),
    edit('caa-value-malformed', '0 issue "letsencrypt.org: validationmethods=dns-01"',
         '0 issue "letsencrypt.org; validationmethods=dns-01"', f'{NO_HOST} --validation-method dns-01'),
    edit('caa-value-malformed', '0 issue "sectigo.com."', '0 issue "sectigo.com"'),
    edit('caa-value-malformed', '0 issue "sectigo,com"', '0 issue "sectigo.com"'),
    edit('caa-value-malformed', '0 issue "letsencrypt .org"', '0 issue "letsencrypt.org"'),
    edit('caa-value-malformed', '0 issue "Let\'s Encrypt"', '0 issue "letsencrypt.org"'),
    # Something else stands where a ";" should, and the other way round.
    edit('caa-value-malformed', '0 issue "sectigo.com, accounturi=x:1"', '0 issue "sectigo.com; accounturi=x:1"'),
    edit('caa-value-malformed', '0 issue "sectigo.com accounturi=x:1,2 , validationmethods = dns-01,http-01"',
         '0 issue "sectigo.com; accounturi=x:1,2; validationmethods = dns-01,http-01"'),
    edit('caa-value-malformed', '0 issue "sectigo.com; ; accounturi=x:1;;"', '0 issue "sectigo.com; accounturi=x:1"'),
    Case('caa-value-malformed', [caa('0 issue "sectigo.com digicert.com; accounturi=x:1"')], []),
    Case('caa-value-malformed', [caa('0 issue "letsencrypt.org/pki.goog"')], []),
    edit('caa-value-malformed', '0 issue "letsencrypt.org/docs/pki.html"', '0 issue "letsencrypt.org"'),
    edit('caa-value-case', '0 issue "SectiGo.com"', '0 issue "sectigo.com"'),
    edit('caa-issuer-deprecated', '0 issue "comodo.com"', '0 issue "sectigo.com"'),
    edit('caa-issuer-lookalike', '0 issue "sectgo.com"', '0 issue "sectigo.com"'),
    edit('caa-iodef-malformed', '0 iodef "me@example.com"', '0 iodef "mailto:me@example.com"'),
    edit('caa-contact-malformed', '0 contactemail "mailto:me@example.com"', '0 contactemail "me@example.com"'),
    edit('caa-contact-critical', '128 contactemail "me@example.com"', '0 contactemail "me@example.com"'),
    edit('caa-property-swapped', '\\# 18 000B7365637469676F2E636F6D6973737565', '0 issue "sectigo.com"'),
    # Parameters. A method that is not asked for is not let in.
    edit('caa-parameter-unknown', '0 issue "sectigo.com; verificationmethods=ca-tbr-7"',
         '0 issue "sectigo.com; validationmethods=ca-tbr-7"'),
    edit('caa-parameter-unsatisfiable', '0 issue "letsencrypt.org; validationmethods=dns-o1,http-01"',
         '0 issue "letsencrypt.org; validationmethods=dns-01,http-01"', f'{NO_HOST} --validation-method dns-01'),
    edit('caa-method-case', '0 issue "letsencrypt.org; AccountURI=https://acme-v02.api.letsencrypt.org/acme/acct/1"',
         '0 issue "letsencrypt.org; accounturi=https://acme-v02.api.letsencrypt.org/acme/acct/1"', NO_HOST),
    edit('caa-policy-contradictory', '0 issue ";"', None, more=[caa('0 issue "sectigo.com"')]),
    Case('caa-policy-redundant', [caa('0 issue "sectigo.com"'), caa('0 issue "sectigo.com "')],
         ['-' + caa('0 issue "sectigo.com "')]),
    # The alias comes under the set that is mended, and the CA of its validation is denied there.
    Case('caa-property-swapped', [caa('\\# 22 000F6C657473656E63727970742E6F72676973737565', 'a.example.com.'),
                                  'www.example.com. 3600 CNAME a.example.com.',
                                  f'_{HASH}.www.example.com. 300 CNAME {TARGET}'], [], NO_HOST),
    # The alias is above a set that drops the CA, and permits it after the cure.
    edit('caa-issuer-lookalike', '0 issue "letsencrypt.com"', '0 issue "letsencrypt.org"', NO_HOST,
         ['a.example.com. 3600 CNAME example.com.', caa('0 issue "digicert.com"', 'x.a.example.com.')]),
    # A set below that drops the CA does so as before.
    Case('caa-issue-denied', [SET, caa('0 issue "pki.goog"', 'a.example.com.'), caa('0 issue "pki.goog"', 'b.example.com.')],
         ['+' + caa('0 issue "sectigo.com"')]),
    # What binds a CA in a malformed value is not lifted for its validation.
    Case('dcv-issuer-denied', [SET, caa('0 issue "sectigo.com; accounturi=https://ca.example.net/1;"'),
                               f'_{HASH}.example.com. 3600 CNAME {TARGET}'], [], '--ca letsencrypt.org'),
    Case('dcv-persist-denied', [SET, caa('0 issue "sectigo.com; accounturi=https://ca.example.net/1;"'),
                                f'{PERSIST} 3600 TXT "sectigo.com; accounturi=x:1"'], [], '--ca letsencrypt.org'),
    # The other one of the pair does not say which account may issue.
    Case('caa-issue-denied', [caa('0 issue "letsencrypt.org; accounturi=https://ca.example.net/1"'),
                              caa('0 issuewild "letsencrypt.org"')],
         ['+' + caa('0 issue "letsencrypt.org; accounturi=https://ca.example.net/2"')],
         '--ca letsencrypt.org --account-uri https://ca.example.net/2 --override-denial'),
    # Both changes together permit the CA at www, for it is added to the set that decides there.
    Case('caa-beside-cname', [caa('0 issue "pki.goog"'), 'www.example.com. 3600 CNAME web.example.com.',
                              'web.example.com. 3600 A 192.0.2.3', caa('0 issue "letsencrypt.org"', 'www.example.com.')],
         ['-' + caa('0 issue "letsencrypt.org"', 'www.example.com.')], '--ca letsencrypt.org --wildcard off'),
    # The zone name stands twice: the record as it should be comes where it should be.
    Case('caa-tag-unknown', [caa('0 isue "sectigo.com"', 'www.example.com.example.com.')],
         ['-' + caa('0 isue "sectigo.com"', 'www.example.com.example.com.'), '+' + caa('0 issue "sectigo.com"', 'www.example.com.')],
         '--host www'),
    # The owner stays denied by the alias above it; names whose alias leads there would not.
    *(Case('caa-rdata-malformed', ['x.a.example.com. 3600 TXT "v=spf1 -all"', caa('\\# 3 000569', 'x.a.example.com.'),
                                   'a.example.com. 3600 CNAME b.example.com.', caa('0 issue ";"', 'b.example.com.'),
                                   alias], [], '--ca ca.example.net --host @ --wildcard off')
      for alias in ('*.example.com. 3600 CNAME x.a.example.com.', 'c.example.com. 3600 DNAME a.example.com.')),
    Case('caa-owner-doubled', [caa('0 issue "digicert.com"', 'www.example.com.example.com.'),
                               'web.example.com. 3600 CNAME www.example.com.example.com.'], []),
    # No record cures it; with the other cures its record changes, and it weighs less.
    Case('caa-owner-doubled', [caa('0 issuewild "amazon.com"'), caa('4 issue "sectigo.com"', 'www.example.com.example.com.'),
                               'www.example.com. 3600 A 192.0.2.3'], [],
         '--ca letsencrypt.org --ca sectigo.com --wildcard on --host @ --host www'),
    # Owners.
    Case('caa-owner-doubled', [caa('0 issue "sectigo.com"', 'www.example.com.example.com.')],
         ['-' + caa('0 issue "sectigo.com"', 'www.example.com.example.com.'),
          '+' + caa('0 issue "sectigo.com"', 'www.example.com.')]),
    Case('caa-owner-doubled', [caa('0 issue "sectigo.com"', 'example.com.example.com.'), caa('0 issue "digicert.com"',
                                                                                             ttl=7200)],
         ['-' + caa('0 issue "sectigo.com"', 'example.com.example.com.'), '+' + caa('0 issue "sectigo.com"', ttl=7200)]),
    Case('dcv-owner-doubled', ['_dnsauth.example.com.example.com. 300 TXT "one"', '_dnsauth.example.com. 900 TXT "two"'],
         ['-_dnsauth.example.com.example.com. 300 TXT "one"', '+_dnsauth.example.com. 900 TXT "one"'],
         expected=['_dnsauth.example.com. 60 TXT "one"']),
    Case('caa-owner-doubled', [caa('0 issue "sectigo.com"', 'www.example.com.example.com.'),
                               '*.example.com. 3600 A 192.0.2.3'], []),
    Case('caa-beside-cname', [caa('0 issue "sectigo.com"', 'www.example.com.'), caa('0 iodef "mailto:me@example.com"',
                                                                                     'www.example.com.'),
                              'www.example.com. 3600 CNAME example.com.'],
         ['-' + caa('0 iodef "mailto:me@example.com"', 'www.example.com.'),
          '-' + caa('0 issue "sectigo.com"', 'www.example.com.')]),
    # Validations, with the TTL of what they replace, else that of the file.
    Case('dcv-cname-missing', [], [f'+_{HASH}.example.com. 60 CNAME {TARGET}'],
         expected=[f'_{HASH}.example.com. 60 CNAME {TARGET}']),
    Case('dcv-cname-missing', [], [f'+_{HASH}.example.com. 3600 CNAME {TARGET}'],
         f'--validation "_{HASH} {TARGET}"'),
    # The record that is a slip is moved, and both findings say so.
    *(Case(id_, [f'_{HASH}.example.com.example.com. 300 CNAME {TARGET}'],
           [f'-_{HASH}.example.com.example.com. 300 CNAME {TARGET}', f'+_{HASH}.example.com. 300 CNAME {TARGET}'],
           f'--validation "_{HASH} {TARGET}"') for id_ in ('dcv-cname-missing', 'dcv-owner-doubled')),
    *(Case(id_, ['_dnsauth.example.com.example.com. 300 TXT "one"'],
           ['-_dnsauth.example.com.example.com. 300 TXT "one"', '+_dnsauth.example.com. 300 TXT "one"'],
           expected=['_dnsauth.example.com. 60 TXT "one"']) for id_ in ('dcv-txt-missing', 'dcv-owner-doubled')),
    Case('dcv-target-mismatch', [f'_{HASH}.example.com. 300 CNAME {OTHER}'],
         [f'-_{HASH}.example.com. 300 CNAME {OTHER}', f'+_{HASH}.example.com. 300 CNAME {TARGET}'],
         expected=[f'_{HASH}.example.com. 60 CNAME {TARGET}']),
    # Two at one name: the right one stays.
    Case('dcv-target-mismatch', [f'_{HASH}.example.com. 300 CNAME {OTHER}', f'_{HASH}.example.com. 300 CNAME {TARGET}'],
         [f'-_{HASH}.example.com. 300 CNAME {OTHER}'], f'--validation "_{HASH} {TARGET}"'),
    Case('dcv-target-mismatch', [f'_{HASH}.example.com. 300 CNAME {OTHER}', f'_{HASH}.example.com. 300 CNAME '
                                                                            'elsewhere.example.net.'],
         [f'-_{HASH}.example.com. 300 CNAME {OTHER}', f'-_{HASH}.example.com. 300 CNAME elsewhere.example.net.',
          f'+_{HASH}.example.com. 300 CNAME {TARGET}'], f'--validation "_{HASH} {TARGET}"'),
    Case('dcv-target-doubled', [f'_{HASH}.example.com. 300 CNAME {TARGET}example.com.'],
         [f'-_{HASH}.example.com. 300 CNAME {TARGET}example.com.', f'+_{HASH}.example.com. 300 CNAME {TARGET}']),
    # Lost are the final dot of the target and the underscore of the owner.
    Case('dcv-target-doubled', [f'{HASH}.example.com. 300 CNAME {TARGET}example.com.'],
         [f'-{HASH}.example.com. 300 CNAME {TARGET}example.com.', f'+_{HASH}.example.com. 300 CNAME {TARGET}']),
    Case('dcv-type-conflict', [f'_{HASH}.example.com. 300 TXT "one"', f'_{HASH}.example.com. 300 TXT "two"'],
         [f'-_{HASH}.example.com. 300 TXT "one"', f'-_{HASH}.example.com. 300 TXT "two"',
          f'+_{HASH}.example.com. 300 CNAME {TARGET}'], f'--validation "_{HASH} {TARGET}"'),
    Case('dcv-underscore-missing', ['acme-challenge.a.example.com. 300 CNAME example.com.0123456789abcdef.dcv.cloudflare.com.',
                                    f'_{HASH}.b.example.com. 300 CNAME {TARGET}',
                                    caa('0 issue "sectigo.com; validationmethods=http-01"')], []),
    Case('dcv-owner-doubled', [f'_{HASH}.example.com.example.com. 300 CNAME {TARGET}'],
         [f'-_{HASH}.example.com.example.com. 300 CNAME {TARGET}', f'+_{HASH}.example.com. 300 CNAME {TARGET}']),
    # The name stands twice on both sides.
    Case('dcv-target-doubled', [f'_{HASH}.example.com.example.com. 300 CNAME {TARGET}example.com.'],
         [f'-_{HASH}.example.com.example.com. 300 CNAME {TARGET}example.com.', f'+_{HASH}.example.com. 300 CNAME {TARGET}'],
         f'--validation "_{HASH} {TARGET}"'),
    # Nothing is served below a DNAME.
    Case('dcv-owner-doubled', ['_dnsauth.www.dn.example.com.example.com. 300 TXT "one"',
                               'dn.example.com. 3600 DNAME example.net.'], [],
         expected=['_dnsauth.www.dn.example.com. 300 TXT "one"']),
    Case('dcv-underscore-missing', [f'{HASH}.example.com. 300 CNAME {TARGET}'],
         [f'-{HASH}.example.com. 300 CNAME {TARGET}', f'+_{HASH}.example.com. 300 CNAME {TARGET}']),
    Case('dcv-label-malformed', [f'_{HASH[:-1]}.example.com. 300 CNAME {TARGET}'],
         [f'-_{HASH[:-1]}.example.com. 300 CNAME {TARGET}', f'+_{HASH}.example.com. 300 CNAME {TARGET}'],
         f'--validation "_{HASH} {TARGET}"'),
    Case('dcv-label-malformed', [f'_{HASH}.*.example.com. 300 CNAME {TARGET}', '*.example.com. 300 A 192.0.2.3'],
         [f'-_{HASH}.*.example.com. 300 CNAME {TARGET}', f'+_{HASH}.example.com. 300 CNAME {TARGET}']),
    Case('dcv-label-malformed', ['_acme-challenge.*.app.example.com. 300 TXT "one"', '*.app.example.com. 300 A 192.0.2.3'],
         ['-_acme-challenge.*.app.example.com. 300 TXT "one"', '+_acme-challenge.app.example.com. 300 TXT "one"']),
    Case('dcv-label-malformed', ['_acme-challenge.*.app.example.com. 300 CNAME one.example.net.', '*.app.example.com. 300 A 192.0.2.3'],
         ['-_acme-challenge.*.app.example.com. 300 CNAME one.example.net.',
          '+_acme-challenge.app.example.com. 300 CNAME one.example.net.']),
    # The label "*" is there for this record alone, and goes with it.
    *(Case('dcv-label-malformed', [f'_acme-challenge.*.{at}example.com. 300 TXT "one"'],
           [f'-_acme-challenge.*.{at}example.com. 300 TXT "one"', f'+_acme-challenge.{at}example.com. 300 TXT "one"'])
      for at in ('', 'foo.')),
    Case('dcv-owner-doubled', ['_acme-challenge.*.example.com.example.com. 300 TXT "one"'],
         ['-_acme-challenge.*.example.com.example.com. 300 TXT "one"', '+_acme-challenge.example.com. 300 TXT "one"']),
    Case('dcv-underscore-missing', [f'acme-challenge.www.example.com. 300 TXT "{"aB-_" * 10}xyz"'],
         [f'-acme-challenge.www.example.com. 300 TXT "{"aB-_" * 10}xyz"',
          f'+_acme-challenge.www.example.com. 300 TXT "{"aB-_" * 10}xyz"']),
    Case('dcv-label-malformed', [f'_acme_challenge.www.example.com. 300 TXT "{"aB-_" * 10}xyz"'],
         [f'-_acme_challenge.www.example.com. 300 TXT "{"aB-_" * 10}xyz"',
          f'+_acme-challenge.www.example.com. 300 TXT "{"aB-_" * 10}xyz"']),
    Case('dcv-underscore-missing', ['validation-persist.www.example.com. 300 TXT "letsencrypt.org; accounturi=https://ca.example.net/1"'],
         ['-validation-persist.www.example.com. 300 TXT "letsencrypt.org; accounturi=https://ca.example.net/1"',
          '+_validation-persist.www.example.com. 300 TXT "letsencrypt.org; accounturi=https://ca.example.net/1"']),
    # Whatever is led to: the zone name stands twice.
    Case('dcv-target-doubled', ['_acme-challenge.example.com. 300 CNAME www.acme.example.com.example.com.'],
         ['-_acme-challenge.example.com. 300 CNAME www.acme.example.com.example.com.',
          '+_acme-challenge.example.com. 300 CNAME www.acme.example.com.']),
    Case('dcv-record-stale', [f'_{HASH[::-1]}.example.com. 300 CNAME {OTHER}', f'_{HASH}.example.com. 300 CNAME {TARGET}'],
         [f'-_{HASH[::-1]}.example.com. 300 CNAME {OTHER}'], f'--validation "_{HASH} {TARGET}"'),
    # old is there for this record alone, and the wildcard would answer for it.
    Case('dcv-record-stale', [f'_{HASH[::-1]}.old.example.com. 300 CNAME {OTHER}', '*.example.com. 300 A 192.0.2.3',
                              f'_{HASH}.example.com. 300 CNAME {TARGET}'], [], f'--validation "_{HASH} {TARGET}"'),
    # The alias of a host passes through the record, and would come to other CAA.
    Case('dcv-target-mismatch', [caa('0 issue "letsencrypt.org"'), 'www.example.com. 3600 CNAME _v.app.example.com.',
                                 '_v.app.example.com. 3600 CNAME old.app.example.com.', 'old.app.example.com. 3600 A 192.0.2.7',
                                 caa('0 issue ";"', 'old.app.example.com.'), 'new.app.example.com. 3600 A 192.0.2.8'], [],
         '--ca letsencrypt.org --host @ --validation "_v.app new.app.example.com."'),
    Case('dcv-cname-missing', [caa('0 issue "letsencrypt.org"'), 'www.example.com. 3600 CNAME _v.app.example.com.',
                               'open.app.example.com. 3600 A 192.0.2.7', caa('0 issue "digicert.com"', 'open.app.example.com.')],
         [], '--ca letsencrypt.org --host @ --validation "_v.app open.app.example.com."'),
    # Which of the two is of the open order is not known.
    Case('dcv-type-conflict', [f'_{HASH}.example.com. 300 TXT "{TARGET}"', f'_{HASH}.example.com. 300 TXT "{OTHER}"'], []),
    Case('dcv-owner-doubled', ['_acme-challenge.example.com.example.com. 300 TXT "one"'],
         ['-_acme-challenge.example.com.example.com. 300 TXT "one"', '+_acme-challenge.example.com. 300 TXT "one"']),
    # Whatever is led to: no CA asks for the zone name twice.
    *(Case('dcv-owner-doubled', [f'{label}.www.example.com.example.com. 300 CNAME one.example.net.'],
           [f'-{label}.www.example.com.example.com. 300 CNAME one.example.net.', f'+{label}.www.example.com. 300 CNAME one.example.net.'])
      for label in ('_acme-challenge', '_validation-persist')),
    Case('dcv-owner-doubled', ['_validation-persist.www.example.com.example.com. 300 TXT "sectigo.com; accounturi=x:1"'],
         ['-_validation-persist.www.example.com.example.com. 300 TXT "sectigo.com; accounturi=x:1"',
          '+_validation-persist.www.example.com. 300 TXT "sectigo.com; accounturi=x:1"']),
    # An alias leads to what would go.
    Case('dcv-record-stale', [f'_{HASH[::-1]}.example.com. 300 CNAME {OTHER}',
                              f'_{HASH}.example.com. 300 CNAME _{HASH[::-1]}.example.com.'], [],
         f'--validation "_{HASH} _{HASH[::-1]}.example.com."'),
    Case('dcv-record-stale', [f'_{HASH[::-1]}.www.example.com. 300 CNAME {OTHER}', 'www.example.com. 300 A 192.0.2.3',
                              f'_{HASH}.www.example.com. 300 CNAME {TARGET}', 'shop.example.com. 300 DNAME www.example.com.'], [],
         f'--validation "_{HASH}.www {TARGET}"'),
    Case('dcv-underscore-missing', [f'{HASH}.example.com. 300 CNAME {TARGET}',
                                    f'_{HASH}.pay.example.com. 300 CNAME {HASH}.example.com.'], []),
    Case('dcv-record-above', ['_dnsauth.example.com. 300 CNAME one.dcv.digicert.com.',
                              'www.example.com. 3600 A 192.0.2.3'],
         ['+_dnsauth.www.example.com. 300 CNAME one.dcv.digicert.com.'],
         '--ca digicert.com --validation "_dnsauth.www one.dcv.digicert.com."'),
    Case('dcv-form-retired', ['_one.example.com. 300 CNAME dcv.digicert.com.'],
         ['-_one.example.com. 300 CNAME dcv.digicert.com.'], '--ca digicert.com'),
    # The host comes before its wildcard.
    Case('dcv-persist-denied', [caa('0 issue "sectigo.com"'), caa('0 issuewild "sectigo.com"'),
                                f'{PERSIST} 300 TXT "letsencrypt.org; accounturi=x:1; policy=wildcard"'],
         ['+' + caa('0 issue "letsencrypt.org"')]),
    Case('dcv-persist-malformed', [f'{PERSIST} 300 TXT "Sectigo.com.; accounturi=acct:1@sectigo.com;"'],
         [f'-{PERSIST} 300 TXT "Sectigo.com.; accounturi=acct:1@sectigo.com;"',
          f'+{PERSIST} 300 TXT "sectigo.com; accounturi=acct:1@sectigo.com"']),
    # A product has no name of its own in CAA: the CA that issues it is named.
    Case('dcv-persist-malformed', [caa('0 issue "sectigo.com"'), f'{PERSIST} 300 TXT "zerossl.com; accounturi=acct:1@sectigo.com"'],
         [f'-{PERSIST} 300 TXT "zerossl.com; accounturi=acct:1@sectigo.com"',
          f'+{PERSIST} 300 TXT "sectigo.com; accounturi=acct:1@sectigo.com"']),
    # After the cure the CA would be denied, or what is expected would be missing.
    Case('dcv-persist-malformed', [SET, f'{PERSIST} 300 TXT "sectigo.com; accounturi=acct:1@sectigo.com;"'], [],
         '--ca letsencrypt.org'),
    Case('dcv-persist-malformed', [f'{PERSIST} 300 TXT "sectigo.com; accounturi=acct:1@sectigo.com;"'], [],
         f'--validation "{PERSIST} TXT sectigo.com; accounturi=acct:1@sectigo.com;"'),
    Case('dcv-persist-expired', [f'{PERSIST} 300 TXT "sectigo.com; accounturi=x:1; persistUntil=1"',
                                 f'{PERSIST} 300 TXT "sectigo.com; accounturi=x:1"'],
         [f'-{PERSIST} 300 TXT "sectigo.com; accounturi=x:1; persistUntil=1"']),
    Case('dcv-persist-expired', [f'{PERSIST} 300 TXT "sectigo.com; accounturi=x:1; persistUntil=1"'], []),
    # What is expected has a fault itself, and comes where the alias leads.
    Case('dcv-txt-missing', [f'{PERSIST} 300 CNAME x.example.com.', 'x.example.com. 300 A 192.0.2.4'], [],
         f'--validation "{PERSIST} TXT sectigo.com; accounturi=x:1; persistUntil=1"'),
    Case('dcv-persist-denied', [SET, f'{PERSIST} 300 TXT "sectigo.com; accounturi=x:1"'],
         ['+' + caa('0 issue "sectigo.com"')], '--ca letsencrypt.org'),
    Case('dcv-persist-denied', [caa('0 issue "sectigo.com; accounturi=x:2"'),
                                f'{PERSIST} 300 TXT "sectigo.com; accounturi=x:1"'], [], '--ca letsencrypt.org'),
    # What else is at the target of the alias, and its TTL, is not kept; but where nothing else is there can be none.
    Case('dcv-txt-missing', ['_acme-challenge.example.com. 300 CNAME x.example.com.', 'x.example.com. 900 TXT "v=spf1 -all"'],
         [], expected=['_acme-challenge.example.com. 60 TXT "two"']),
    Case('dcv-txt-missing', ['_acme-challenge.example.com. 300 CNAME x.example.com.', 'y.x.example.com. 900 A 192.0.2.3'],
         ['+x.example.com. 60 TXT "two"'], expected=['_acme-challenge.example.com. 60 TXT "two"']),
    Case('dcv-txt-missing', ['_acme-challenge.example.com. 300 TXT "one"'],
         ['+_acme-challenge.example.com. 300 TXT "two"'], expected=['_acme-challenge.example.com. 60 TXT "two"']),
    Case('dcv-wildcard-answers', ['*.example.com. 300 CNAME www.example.net.'],
         [f'+_{HASH}.example.com. 300 CNAME {TARGET}'], f'--validation "_{HASH} {TARGET}"'),
    # Which order is open says what is expected.
    Case('dcv-type-conflict', [f'_{HASH}.example.com. 300 CNAME {TARGET}', f'_{HASH}.example.com. 300 CNAME {OTHER}'],
         [f'-_{HASH}.example.com. 300 CNAME {OTHER}'], f'--validation "_{HASH} {TARGET}"'),
    Case('dcv-type-conflict', [f'_{HASH}.example.com. 300 CNAME {TARGET}', f'_{HASH}.example.com. 300 TXT "x"'],
         [f'-_{HASH}.example.com. 300 TXT "x"'], f'--validation "_{HASH} {TARGET}"'),
    Case('dcv-type-conflict', [f'_{HASH}.example.com. 300 CNAME {TARGET}', f'_{HASH}.example.com. 300 TXT "x"'], [],
         f'--validation "_{HASH}"'),
    # The owner that lost its dot has an address: nobody's host, and one record of its own that governs nothing.
    Case('caa-owner-doubled', [caa('0 issue "digicert.com"'), 'www.example.com.example.com. 300 A 192.0.2.5',
                               'www.example.com.example.com. 300 CAA 0 issue "letsencrypt.org"'],
         ['-www.example.com.example.com. 300 CAA 0 issue "letsencrypt.org"',
          '+www.example.com. 300 CAA 0 issue "letsencrypt.org"'], '--ca letsencrypt.org --host www'),
    Case('caa-owner-doubled', ['www.example.com.example.com.example.com. 300 CAA 0 issue "letsencrypt.org"', SET],
         ['-www.example.com.example.com.example.com. 300 CAA 0 issue "letsencrypt.org"',
          '+www.example.com. 300 CAA 0 issue "letsencrypt.org"'], '--ca letsencrypt.org'),
    # Where the record that lost its dot cannot stand, the denial has a cure of its own.
    Case('caa-issue-denied', [caa('0 issue "digicert.com"'), 'www.example.com. 300 CNAME web.example.com.',
                              'web.example.com. 300 A 192.0.2.5',
                              'www.example.com.example.com. 300 CAA 0 issue "letsencrypt.org"'],
         ['+' + caa('0 issue "letsencrypt.org"')], '--ca letsencrypt.org --host www'),
    Case('caa-issue-denied', [caa('0 issue "digicert.com"'), 'example.com.example.com. 300 A 192.0.2.5',
                              'example.com.example.com. 300 CAA 0 issue "letsencrypt.org"'],
         ['+' + caa('0 issue "letsencrypt.org"')],
         '--ca letsencrypt.org --host www --host example.com.example.com.'),
    # ...or where it would cost another wanted CA its permission, or decides nothing for the host.
    Case('caa-issue-denied', [caa('0 issue "digicert.com"'), 'www.example.com. 300 A 192.0.2.5',
                              'www.example.com.example.com. 300 CAA 0 issue "letsencrypt.org"'],
         ['+' + caa('0 issue "letsencrypt.org"')], '--ca letsencrypt.org --ca digicert.com --host www'),
    Case('caa-issue-denied', [caa('0 issue "digicert.com"', 'www.example.com.'), 'www.example.com. 300 A 192.0.2.5',
                              'example.com.example.com. 300 CAA 0 issue "letsencrypt.org"'],
         ['+' + caa('0 issue "letsencrypt.org"', 'www.example.com.')], '--ca letsencrypt.org --host www'),
    # An alias or a DNAME leads to what lost its dot: there it decides, or keeps a wildcard away.
    Case('caa-owner-doubled', [caa('0 issue "digicert.com"'), 'd.example.com. 300 DNAME example.com.example.com.',
                               'www.example.com.example.com. 300 A 192.0.2.5', 'www.example.com. 300 A 192.0.2.5',
                               'www.example.com.example.com. 300 CAA 0 issue "letsencrypt.org"'], [],
         '--ca letsencrypt.org --host www'),
    Case('caa-owner-doubled', [caa('0 issue "letsencrypt.org"'), 'x.www.example.com. 300 A 192.0.2.5',
                               'shop.example.com. 300 CNAME www.example.com.example.com.',
                               '*.example.com.example.com. 300 A 192.0.2.5',
                               'x.www.example.com.example.com. 300 CAA 0 issue "letsencrypt.org"'], [],
         '--ca letsencrypt.org --host x.www'),
    # Both are expected, or an address stands there as well.
    Case('dcv-type-conflict', [f'_{HASH}.example.com. 300 CNAME {TARGET}', f'_{HASH}.example.com. 300 CNAME {OTHER}'],
         [], f'--validation "_{HASH} {TARGET}" --validation "_{HASH} {OTHER}"'),
    Case('dcv-type-conflict', [f'_{HASH}.example.com. 300 CNAME {TARGET}', f'_{HASH}.example.com. 300 TXT "x"',
                               f'_{HASH}.example.com. 300 A 192.0.2.5'], [], f'--validation "_{HASH} {TARGET}"'),
    # A malformed value names nobody, and the ";" beside it was meant.
    Case('caa-issue-denied', [caa('0 issue ";"'), caa('0 issue "sectigo.com; accounturi=https://a.example/1;"')], [],
         '--host @'),
    Case('caa-issue-denied', [caa('0 issue ";"'), caa('0 issue "digicert.com digicert.com"')], [], '--host @'),
    # A CNAME has no room beside an address.
    Case('dcv-cname-missing', [f'_{HASH}.example.com. 300 A 192.0.2.9'], [], f'--validation "_{HASH} {TARGET}"'),
    Case('dcv-cname-missing', [f'_{HASH}.example.com. 300 DNSKEY 257 3 13 {"A" * 86}=='], [],
         f'--validation "_{HASH} {TARGET}"'),
    # app stops answering, www starts to exist.
    Case('dcv-cname-missing', ['*.example.com. 3600 A 192.0.2.3'], [], f'--validation "_{HASH}.app {TARGET}"'),
    Case('dcv-cname-missing', ['*.example.com. 3600 TXT "v=spf1 -all"'], [], f'--validation "_{HASH}._dmarc {TARGET}"'),
    Case('dcv-cname-missing', ['*.example.com. 3600 A 192.0.2.3', 'app.example.com. 3600 A 192.0.2.3'],
         [f'+_{HASH}.app.example.com. 3600 CNAME {TARGET}'], f'--validation "_{HASH}.app {TARGET}"'),
]
# Where the command has the option.
OVERRIDE = [
    Case('caa-issue-denied', [caa('0 issue ";"'), 'example.com.example.com. 300 CAA 0 issue "sectigo.com"'],
         ['-' + caa('0 issue ";"'), '+' + caa('0 issue "sectigo.com"')], '--host @ --override-denial'),
    Case('caa-issue-denied', [caa('0 issue ";"'), caa('0 issue "digicert.com digicert.com"')],
         ['-' + caa('0 issue ";"'), '+' + caa('0 issue "sectigo.com"')], '--host @ --override-denial'),
    Case('caa-issue-denied', [caa('0 issue ";"')], ['-' + caa('0 issue ";"'), '+' + caa('0 issue "sectigo.com"')],
         '--host @ --override-denial'),
    Case('caa-issue-denied', [caa('0 issue "letsencrypt.org; validationmethods="')],
         ['-' + caa('0 issue "letsencrypt.org; validationmethods="'), '+' + caa('0 issue "letsencrypt.org"')],
         f'{NO_HOST} --validation-method dns-01 --override-denial'),
    # The methods of the other account are no obstacle, or only what is asked for is permitted.
    Case('caa-issue-denied', [caa(f'0 issue "{BOUND}"')],
         ['+' + caa(f'0 issue "letsencrypt.org; accounturi={ACCOUNT}2; validationmethods=dns-01"')],
         f'{NO_HOST} --account-uri {ACCOUNT}2 --override-denial'),
    Case('caa-issue-denied', [caa(f'0 issue "{BOUND}"')],
         ['+' + caa(f'0 issue "letsencrypt.org; accounturi={ACCOUNT}2; validationmethods=http-01"')],
         f'{NO_HOST} --account-uri {ACCOUNT}2 --validation-method http-01 --override-denial'),
    # What stands twice asks for two records, not for one without.
    Case('caa-issue-denied', [caa(f'0 issue "letsencrypt.org; accounturi={ACCOUNT}1; accounturi={ACCOUNT}2"')], [],
         f'{NO_HOST} --override-denial'),
    Case('caa-issue-denied', [caa(f'0 issue "{BOUND}; accounturi={ACCOUNT}2"')], [], f'{NO_HOST} --override-denial'),
    Case('caa-issue-denied', [caa(f'0 issue "{BOUND}; validationmethods=http-01"')], [], f'{NO_HOST} --override-denial'),
    Case('caa-issue-denied', [caa(f'0 issue "letsencrypt.org; accounturi={ACCOUNT}1; accounturi={ACCOUNT}2"')],
         ['-' + caa(f'0 issue "letsencrypt.org; accounturi={ACCOUNT}1; accounturi={ACCOUNT}2"'),
          '+' + caa(f'0 issue "letsencrypt.org; accounturi={ACCOUNT}2"')],
         f'{NO_HOST} --account-uri {ACCOUNT}2 --override-denial'),
    Case('caa-issuewild-denied', [caa('0 issue "sectigo.com"'), caa('0 issuewild ";"')], [], '--wildcard on'),
    Case('caa-issuewild-denied', [caa('0 issue "sectigo.com"'), caa('0 issuewild ";"')],
         ['-' + caa('0 issuewild ";"'), '+' + caa('0 issuewild "sectigo.com"')], '--wildcard on --override-denial'),
]
