/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Compares a property to add with the other one of issue and issuewild. */

#include <string.h>

#include "caaset.h"
#include "known.h"
#include "names.h"
#include "pair.h"

bool pair_is_bound(caaudit_rrset_t rrset, caaudit_tag_t tag, const caaudit_ca_t *ca)
{
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_caa_t caa;
		caaudit_tag_t has;
		caaudit_issue_t issue;
		if (!caaset_property(rrset.record[i], &caa, &has) || has != tag ||
		    caaset_issue(rrset.record[i], tag, &issue) ||
		    memchr(caa.value, '=', caa.value_len) == NULL) {
			continue;
		}
		for (size_t at = 0; at < caa.value_len; at++) {
			size_t len = 0;
			while (at + len < caa.value_len && ascii_host(caa.value[at + len])) {
				len++;
			}
			size_t name = len > 0 && caa.value[at + len - 1] == '.' ? len - 1 : len;
			if (name > 0 && caaudit_ca_accepts(ca, caa.value + at, name)) {
				return true;
			}
			at += len;
		}
	}
	return false;
}

/*! Does a property bind a CA by a name that is mistyped? */
static bool is_bound_mistyped(const caaudit_record_t *record, const caaudit_ca_t *ca)
{
	caaudit_issue_t issue;
	if (!caaset_issue_either(record, &issue) || issue.params_len == 0) {
		return false;
	}
	const char *meant = known_ca_lookalike(issue.issuer, issue.issuer_len);
	return meant != NULL && caaudit_ca_accepts(ca, OCTETS(meant));
}

bool pair_to_add(caaudit_rrset_t rrset, const caaudit_policy_t *policy, caaudit_tag_t tag,
                 const caaudit_ca_t *ca, caaudit_issue_t *out)
{
	bool plain = tag == CAAUDIT_TAG_ISSUEWILD; // The other one governs plain names.
	caaudit_tag_t other = plain ? CAAUDIT_TAG_ISSUE : CAAUDIT_TAG_ISSUEWILD;
	bool bound = false;
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_decision_t alone;
		bound = bound || is_bound_mistyped(rrset.record[i], ca);
		if (!caaset_issue_for(rrset.record[i], other, ca, out)) {
			continue;
		}
		caaudit_evaluate((caaudit_rrset_t){ &rrset.record[i], 1 }, policy, !plain, ca,
		                 &alone);
		if (alone.reason == CAAUDIT_REASON_LISTED) {
			return true;
		}
		bound = true;
	}
	*out = (caaudit_issue_t){ .issuer = NULL };
	return !bound;
}
