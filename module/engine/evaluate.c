/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Whether CAA permits a CA: the climb to the relevant RRset, and its evaluation. */

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "caaudit/audit.h"
#include "caaudit/caa.h"
#include "names.h"
#include "params.h"
#include "view.h"

/*! What of a request a property does not let through, the lesser first. */
#define DIFFERS_METHOD  1
#define DIFFERS_ACCOUNT 2
/*! Nobody's request gets through. */
#define DIFFERS_ALWAYS 4

/*!
 * \brief Do the parameters of a property let this request through? (RFC 8657 sections 3, 4)
 *
 * A label of a method that has ended leaves the verdict: which day a CA acts on it is not known.
 */
static unsigned find_mismatch(caaudit_issue_t issue, const caaudit_policy_t *policy)
{
	params_t params;
	params_decide(issue, &params);
	unsigned differs = 0;
	if (params.faults & PARAMS_ACCOUNT_UNMET) {
		differs |= DIFFERS_ACCOUNT | DIFFERS_ALWAYS;
	} else if (policy->account_uri != NULL && params.account.tag_len > 0 &&
	           !octets_are(params.account.value, params.account.value_len,
	                       policy->account_uri)) {
		differs |= DIFFERS_ACCOUNT;
	}
	if (params.faults & (PARAMS_METHODS_UNMET | PARAMS_METHODS_NONE)) {
		differs |= DIFFERS_METHOD | DIFFERS_ALWAYS;
	} else if (policy->method != NULL && !params_admit(&params, policy->method)) {
		differs |= DIFFERS_METHOD;
	}
	return differs;
}

/*! What the properties of one tag say about one CA. */
typedef struct {
	bool any; /*!< There is one, so others are shut out. */
	bool permits;
	unsigned differs; /*!< Some name the CA: what does not match of the one that is nearest. */
	bool may_match;   /*!< One names the CA, and another request may get through. */
	bool malformed;
	bool others; /*!< One names another issuer. */
} properties_t;

static void add_property(properties_t *to, const caaudit_caa_t *caa, const caaudit_policy_t *policy,
                         const caaudit_ca_t *ca)
{
	caaudit_issue_t issue;
	to->any = true;
	if (caaudit_issue_parse(caa->value, caa->value_len, &issue, NULL) != KNOT_EOK) {
		to->malformed = true; // As if the issuer were empty: RFC 8659 section 4.2.
	} else if (issue.issuer_len == 0) {
		return; // Permits nobody, takes nothing away.
	} else if (!caaudit_ca_accepts(ca, issue.issuer, issue.issuer_len)) {
		to->others = true;
	} else {
		unsigned differs = find_mismatch(issue, policy);
		to->permits = to->permits || differs == 0;
		if (to->differs == 0 || (differs != 0 && differs < to->differs)) {
			to->differs = differs;
		}
		to->may_match = to->may_match || !(differs & DIFFERS_ALWAYS);
	}
}

void caaudit_evaluate(caaudit_rrset_t rrset, const caaudit_policy_t *policy, bool wildcard,
                      const caaudit_ca_t *ca, caaudit_decision_t *out)
{
	properties_t issue = { false }, issuewild = { false };
	bool critical = false, undecodable = false;

	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_caa_t caa;
		if (caaudit_caa_parse(rrset.record[i]->rdata, rrset.record[i]->rdlen, &caa) !=
		    KNOT_EOK) {
			undecodable = true;
			continue;
		}
		switch (caaudit_caa_tag(caa.tag, caa.tag_len)) {
		case CAAUDIT_TAG_ISSUE:
			add_property(&issue, &caa, policy, ca);
			break;
		case CAAUDIT_TAG_ISSUEWILD:
			add_property(&issuewild, &caa, policy, ca);
			break;
		case CAAUDIT_TAG_UNKNOWN:
		case CAAUDIT_TAG_RESERVED:
			critical = critical || (caa.flags & CAAUDIT_CAA_CRITICAL);
			break;
		default:
			break; // No bearing on TLS certificates: RFC 8659 section 4.4, RFC 9495 section 3.
		}
	}

	// For a wildcard, issuewild makes every issue ignored: RFC 8659 section 4.3.
	*out = (caaudit_decision_t){
		.by_issuewild = wildcard && issuewild.any,
		.decided_by = rrset.count > 0 ? rrset.record[0]->owner : NULL,
		.rrset = rrset,
	};
	const properties_t *decide = out->by_issuewild ? &issuewild : &issue;

	if (undecodable) {
		out->permit = CAAUDIT_DENIED;
		out->reason = CAAUDIT_REASON_RDATA;
	} else if (critical) { // RFC 8659 section 4.1.
		out->permit = CAAUDIT_DENIED;
		out->reason = CAAUDIT_REASON_CRITICAL;
	} else if (!decide->any || decide->permits) {
		out->permit = CAAUDIT_PERMITTED;
		out->reason = decide->any ? CAAUDIT_REASON_LISTED : CAAUDIT_REASON_UNRESTRICTED;
	} else {
		out->permit = CAAUDIT_DENIED;
		out->account_differs = decide->differs & DIFFERS_ACCOUNT;
		out->method_differs = decide->differs & DIFFERS_METHOD;
		out->unsatisfiable = decide->differs && !decide->may_match;
		out->reason = decide->differs   ? CAAUDIT_REASON_PARAMETERS :
		              decide->malformed ? CAAUDIT_REASON_MALFORMED :
		              decide->others    ? CAAUDIT_REASON_NOT_LISTED :
		                                  CAAUDIT_REASON_NOBODY;
	}
}

/*!
 * \brief Takes a decision back that a record in the unread part of a zone may change.
 *
 * It may add an issuer, a first issuewild, or a critical tag that nobody knows; what refuses to
 * every CA stays.
 */
static void allow_for_unread(caaudit_decision_t *decision)
{
	if (decision->reason != CAAUDIT_REASON_CRITICAL &&
	    decision->reason != CAAUDIT_REASON_RDATA) {
		decision->permit = CAAUDIT_UNKNOWN;
		decision->reason = CAAUDIT_REASON_UNREAD;
	}
}

/*! Why an answer that is none here leaves the verdict open. */
static caaudit_reason_t open_reason(caaudit_answer_t answer, unsigned aliases)
{
	switch (answer) {
	case CAAUDIT_DELEGATED: // It is the target of an alias that is delegated, or the name itself.
		return aliases > 0 ? CAAUDIT_REASON_EXTERNAL : CAAUDIT_REASON_DELEGATED;
	case CAAUDIT_OUTSIDE:
		return CAAUDIT_REASON_EXTERNAL;
	default:
		return CAAUDIT_REASON_LOOP;
	}
}

/*! Does a look-up lead to another zone? */
static bool is_elsewhere(caaudit_answer_t answer)
{
	return answer == CAAUDIT_OUTSIDE || answer == CAAUDIT_DELEGATED;
}

/*! The climb goes on above the apex, as far as it is known what stands there. */
static bool climb_above(const caaudit_view_t *view, const caaudit_policy_t *policy,
                        const knot_dname_t *name, const caaudit_ca_t *ca,
                        caaudit_decision_t *decision, caaudit_verdict_t *out)
{
	caaudit_rrset_t rrset;
	while (*name != 0 && view_elsewhere(view, name = name_parent(name), &rrset)) {
		if (rrset.count > 0) {
			caaudit_evaluate(rrset, policy, out->wildcard, ca, decision);
			if (decision == &out->is) {
				out->asked = name;
			}
			return true;
		}
	}
	return false;
}

void caaudit_permit(const caaudit_view_t *view, const caaudit_policy_t *policy,
                    const knot_dname_t *host, bool wildcard, const caaudit_ca_t *ca,
                    caaudit_verdict_t *out)
{
	static const caaudit_decision_t unknown = { .permit = CAAUDIT_UNKNOWN };
	*out = (caaudit_verdict_t){
		.host = host,
		.wildcard = wildcard,
		.ca = ca->name,
		.is = unknown,
		.otherwise = unknown,
	};

	// For "*.X" the climb starts at X, and it ends below the root: RFC 8659 section 3.
	const knot_dname_t *zone = caaudit_view_zone(view);
	bool partial = view_is_partial(view);
	caaudit_decision_t *decision = &out->is;
	for (const knot_dname_t *name = host; *name != 0 && name_in(name, zone);) {
		caaudit_chain_t chain;
		caaudit_answer_t answer = caaudit_chain_end(&chain, view, name, KNOT_RRTYPE_CAA);
		caaudit_rrset_t rrset = chain.lookup.rrset;
		if (is_elsewhere(answer) && view_elsewhere(view, name, &rrset)) {
			answer = rrset.count > 0 ? CAAUDIT_ANSWER : CAAUDIT_NODATA;
		}
		if (decision == &out->is) {
			out->asked = name;
		}
		if (answer == CAAUDIT_ANSWER) {
			caaudit_evaluate(rrset, policy, wildcard, ca, decision);
			if (partial) {
				allow_for_unread(decision);
			}
			return;
		} else if (partial) {
			out->is.reason =
				CAAUDIT_REASON_UNREAD; // What is absent may not have been read.
			return;
		} else if (answer != CAAUDIT_NODATA && answer != CAAUDIT_NXDOMAIN) {
			if (decision == &out->is) {
				out->is.reason = open_reason(answer, chain.aliases);
				out->cut = out->is.reason == CAAUDIT_REASON_DELEGATED ?
				                   chain.lookup.source :
				                   NULL;
			}
			if (open_reason(answer, chain.aliases) == CAAUDIT_REASON_LOOP) {
				return; // The look-up fails, and with it the request.
			}
			decision = &out->otherwise; // If nothing is there, the climb goes on.
		}
		// It goes on from the original name, not from where an alias led.
		if (knot_dname_is_case_equal(name, zone)) {
			break;
		}
		name = view_climb(view, name_parent(name), KNOT_RRTYPE_CAA);
	}
	if (climb_above(view, policy, zone, ca, decision, out)) {
		return;
	}
	if (decision == &out->is) {
		out->asked = NULL;
	}
	decision->permit = CAAUDIT_PERMITTED;
	decision->reason = CAAUDIT_REASON_NO_CAA;
}
