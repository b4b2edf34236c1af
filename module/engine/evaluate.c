/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Whether CAA permits a CA: the climb to the relevant RRset, and its evaluation. */

#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "caaudit/audit.h"
#include "caaudit/caa.h"
#include "known.h"
#include "names.h"

/*!
 * \brief Does a validationmethods value admit the method? (RFC 8657 section 4)
 *
 * value = [*(label ",") label]; an empty list admits none.
 */
static bool method_matches(const caaudit_param_t *param, const char *method)
{
	bool matches = false;
	const uint8_t *at = param->value, *end = at + param->value_len, *comma;
	do {
		comma = at < end ? memchr(at, ',', end - at) : NULL;
		size_t len = (comma != NULL ? comma : end) - at;
		if (!known_is_method_label(at, len)) {
			return false;
		}
		matches = matches || method == NULL ||
		          (len == strlen(method) && memcmp(at, method, len) == 0);
		at += comma != NULL ? len + 1 : len;
	} while (comma != NULL);
	return matches;
}

/*!
 * \brief Do the parameters of a property let this request through? (RFC 8657 sections 3, 4)
 *
 * A property with two accounturi parameters, or with one that is no URI, is
 * unsatisfiable. The text is silent on two validationmethods; no CA is known
 * to accept them, so they are taken the same way.
 */
static bool params_match(caaudit_issue_t issue, const caaudit_policy_t *policy)
{
	unsigned accounts = 0, methods = 0;
	caaudit_param_t param;
	while (caaudit_issue_next(&issue, &param)) {
		if (octets_equal_str(param.tag, param.tag_len, "accounturi")) {
			const char *uri = policy->account_uri;
			if (++accounts > 1 || !caaudit_is_uri(param.value, param.value_len) ||
			    (uri != NULL && (param.value_len != strlen(uri) ||
			                     memcmp(param.value, uri, param.value_len) != 0))) {
				return false;
			}
		} else if (octets_equal_str(param.tag, param.tag_len, "validationmethods")) {
			if (++methods > 1 || !method_matches(&param, policy->method)) {
				return false;
			}
		}
	}
	return true;
}

/*! What the properties of one tag say about one CA. */
typedef struct {
	bool any; /*!< There is one, so others are shut out. */
	bool permits;
	bool params; /*!< One names the CA and fails by its parameters. */
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
	} else if (params_match(issue, policy)) {
		to->permits = true;
	} else {
		to->params = true;
	}
}

void caaudit_evaluate(caaudit_rrset_t rrset, const caaudit_policy_t *policy, bool wildcard,
                      const caaudit_ca_t *ca, caaudit_verdict_t *out)
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
	out->by_issuewild = wildcard && issuewild.any;
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
		out->reason = decide->params    ? CAAUDIT_REASON_PARAMETERS :
		              decide->malformed ? CAAUDIT_REASON_MALFORMED :
		              decide->others    ? CAAUDIT_REASON_NOT_LISTED :
		                                  CAAUDIT_REASON_NOBODY;
	}
}

void caaudit_permit(const caaudit_view_t *view, const caaudit_policy_t *policy,
                    const knot_dname_t *host, bool wildcard, const caaudit_ca_t *ca,
                    caaudit_verdict_t *out)
{
	*out = (caaudit_verdict_t){
		.host = host,
		.wildcard = wildcard,
		.ca = ca->name,
		.permit = CAAUDIT_UNKNOWN,
	};

	// For "*.X" the climb starts at X; it ends at the apex: RFC 8659 section 3.
	const knot_dname_t *zone = caaudit_view_zone(view);
	for (const knot_dname_t *name = host; name_in(name, zone); name = name_parent(name)) {
		caaudit_chain_t chain;
		out->asked = name;
		switch (caaudit_chain_end(&chain, view, name, KNOT_RRTYPE_CAA)) {
		case CAAUDIT_ANSWER:
			out->rrset = chain.lookup.rrset;
			out->decided_by = chain.lookup.source;
			caaudit_evaluate(chain.lookup.rrset, policy, wildcard, ca, out);
			return;
		case CAAUDIT_NODATA:
		case CAAUDIT_NXDOMAIN:
			break; // Climb from the original name, not from where an alias led.
		case CAAUDIT_DELEGATED:
			out->reason = CAAUDIT_REASON_DELEGATED;
			return;
		case CAAUDIT_OUTSIDE:
			out->reason = CAAUDIT_REASON_EXTERNAL;
			return;
		default:
			out->reason = CAAUDIT_REASON_LOOP;
			return;
		}
		if (*name == 0) {
			break; // The zone is the root.
		}
	}
	out->asked = NULL;
	out->permit = CAAUDIT_PERMITTED;
	out->reason = CAAUDIT_REASON_NO_CAA;
}
