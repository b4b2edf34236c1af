#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later

"""What the command finds on the day before and on the day on which rules of CAs change."""

import datetime
import re
import unittest

from support import SANE, CliTest

DAY = datetime.timedelta(days=1)
ACCOUNT = 'accounturi=acct:1@sectigo.com'
HASH = '0123456789abcdef0123456789abcdef'
TARGET = f'{HASH}.{HASH}.sectigo.com.'
CAA = '@ CAA 0 issue "sectigo.com"\n@ CAA 0 issuewild "sectigo.com"\n'
SHUT_OUT = CAA.replace('issue "sectigo.com', 'issue "sectigo.com; validationmethods=http-01')

# Records, the finding, the first day of its severity, severity until then and from then on.
CHANGES = (
    ('@ CAA 0 contactphone "+1 555 123 4567"', 'caa-method-sunset', '2026-12-15', 'notice', 'warning'),
    ('@ CAA 0 issue "sectigo.com; validationmethods=ca-tbr-7,ca-tbr-16"', 'caa-method-sunset', '2026-12-15', 'notice',
     'warning'),
    ('@ CAA 0 issue "sectigo.com; validationmethods=ca-tbr-7,ca-tbr-17"', 'caa-method-sunset', '2026-12-15', 'notice',
     'warning'),
    ('@ CAA 0 contactemail "me@example.com"', 'caa-method-sunset', '2027-12-16', 'notice', 'warning'),
    ('@ CAA 0 issue "sectigo.com; validationmethods=ca-tbr-7,ca-tbr-4"', 'caa-method-sunset', '2027-12-16', 'notice',
     'warning'),
    ('@ CAA 0 issue "sectigo.com; validationmethods=ca-tbr-7,ca-tbr-14"', 'caa-method-sunset', '2027-12-16', 'notice',
     'warning'),
    (f'_{HASH} CNAME {TARGET}\n{SHUT_OUT}', 'caa-method-excluded', '2027-03-15', 'warning', 'error'),
    (f'_validation-persist TXT "sectigo.com; {ACCOUNT}"\n{SHUT_OUT}', 'caa-method-excluded', '2027-03-15', 'warning',
     'error'),
    ('_one CNAME dcv.digicert.com.', 'dcv-form-retired', '2025-10-28', None, 'notice'),
    (f'_validation-persist TXT "sectigo.com; {ACCOUNT}; persistUntil=1868227200"', 'dcv-persist-expired', '2029-03-15',
     'warning', 'warning'),
    (f'_validation-persist TXT "sectigo.com; {ACCOUNT}; persistUntil=1868227200"', 'dcv-persist-expired', '2029-02-13',
     None, 'warning'),
)
# From a day on so many days; the day before, others.
REUSE = (('2026-03-15', 398, 200), ('2027-03-15', 200, 100), ('2029-03-15', 100, 10))


class Dates(CliTest):
    def found(self, records, day, id_, *words):
        zone = self.put('example.com.zone', SANE + records + '\n')
        return [finding for finding in self.document('--now', str(day), *words, zone)['findings']
                if finding['id'] == id_]

    def test_severities_change_on_their_day(self):
        for records, id_, day, before, since in CHANGES:
            day = datetime.date.fromisoformat(day)
            for now, severity in ((day - DAY, before), (day, since)):
                with self.subTest(records=records, now=now):
                    self.assertEqual({finding['severity'] for finding in self.found(records, now, id_)},
                                     {severity} - {None})

    def test_a_list_of_methods_that_have_ended_admits_none(self):
        # Nothing else about the set changes on the day.
        records = '@ CAA 0 issue "sectigo.com; validationmethods=ca-tbr-16"'
        day = datetime.date(2027, 3, 15)
        self.assertEqual([len(self.found(records, now, 'caa-parameter-unsatisfiable')) for now in (day - DAY, day)],
                         [0, 1])

    def test_stale_records_tell_how_long_validations_hold(self):
        records = f'{CAA}_{HASH} CNAME {TARGET}\n_{HASH[::-1]} CNAME {TARGET}'
        for day, before, since in REUSE:
            day = datetime.date.fromisoformat(day)
            for now, days in ((day - DAY, before), (day, since)):
                with self.subTest(now=now):
                    finding, = self.found(records, now, 'dcv-record-stale', '--validation', f'_{HASH} {TARGET}')
                    self.assertEqual(re.findall(r'(?<![\w-])\d+(?![\w-])', finding['text'])[0], str(days))


if __name__ == '__main__':
    unittest.main()
