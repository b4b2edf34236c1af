/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Compares a property to add with the other one of issue and issuewild. */

#include <string.h>

#include "caaset.h"
#include "known.h"
#include "names.h"
#include "pair.h"

caaudit_decision_t pair_alone(caaudit_rrset_t rrset, size_t nth, const caaudit_policy_t *policy,
                              bool wildcard, const caaudit_ca_t *ca)
{
	caaudit_decision_t alone;
	caaudit_evaluate((caaudit_rrset_t){ &rrset.record[nth], 1 }, policy, wildcard, ca, &alone);
	return alone;
}

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
		bound = bound || is_bound_mistyped(rrset.record[i], ca);
		if (!caaset_issue_for(rrset.record[i], other, ca, out)) {
			continue;
		}
		if (pair_alone(rrset, i, policy, !plain, ca).reason == CAAUDIT_REASON_LISTED) {
			return true;
		}
		bound = true;
	}
	*out = (caaudit_issue_t){ .issuer = NULL };
	return !bound;
}

/*! Have two values the same parameters, octet by octet? */
static bool same_params(const caaudit_issue_t *a, const caaudit_issue_t *b)
{
	return a->params_len == b->params_len && memcmp(a->params, b->params, a->params_len) == 0;
}

bool pair_above(const caaudit_view_t *view, const caaudit_policy_t *policy,
                const knot_dname_t *owner, caaudit_tag_t tag, const caaudit_ca_t *ca,
                caaudit_issue_t *out, const knot_dname_t **above)
{
	*out = (caaudit_issue_t){ .issuer = NULL };
	*above = NULL;
	if (!name_in(owner, policy->zone) || knot_dname_is_equal(owner, policy->zone)) {
		return true;
	}
	caaudit_verdict_t verdict;
	bool wild = tag == CAAUDIT_TAG_ISSUEWILD;
	caaudit_permit(view, policy, name_parent(owner), wild, ca, &verdict);
	caaudit_rrset_t rrset = verdict.is.rrset;
	tag = caaset_deciding_tag(&verdict.is);
	bool bound = pair_is_bound(rrset, tag, ca), several = false;
	*above = verdict.is.decided_by;
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_issue_t issue;
		bound = bound || is_bound_mistyped(rrset.record[i], ca);
		if (!caaset_issue_for(rrset.record[i], tag, ca, &issue)) {
			continue;
		}
		bound = true;
		if (pair_alone(rrset, i, policy, wild, ca).reason != CAAUDIT_REASON_LISTED) {
			continue;
		} else if (issue.params_len == 0) {
			*out = (caaudit_issue_t){ .issuer = NULL };
			return true; // Whatever others bind, this one is free.
		} else if (out->issuer == NULL) {
			*out = issue;
		} else {
			several = several || !same_params(out, &issue);
		}
	}
	return out->issuer != NULL ? !several : !bound;
}
