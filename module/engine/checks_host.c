/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Checks of what CAA means for the hosts: the verdicts, and the literal pair of resellers. */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "audit.h"
#include "caaset.h"
#include "known.h"
#include "names.h"

/*! Why the CA is denied, up to the cure. */
static void explain_denial(text_t *text, const caaudit_verdict_t *verdict)
{
	const char *tag = verdict->by_issuewild ? "issuewild" : "issue";
	switch (verdict->reason) {
	case CAAUDIT_REASON_CRITICAL:
		text_add(text,
		         "an unknown tag with flag 128 stops every CA, see caa-critical-unknown");
		return;
	case CAAUDIT_REASON_RDATA:
		text_add(text, "a CAA record that no CA can decode, see caa-rdata-malformed");
		return;
	case CAAUDIT_REASON_PARAMETERS:
		text_add(text, "CAA %s names %s, but for another account or validation method", tag,
		         verdict->ca);
		return;
	default:
		if (verdict->wildcard && !verdict->by_issuewild) {
			text_add(text, "without issuewild, issue decides for wildcards as well: ");
		}
		if (verdict->reason == CAAUDIT_REASON_NOBODY) {
			text_add(text, "CAA %s \";\" permits nobody", tag);
			return;
		}
		text_add(text, verdict->by_issuewild ? "CAA issuewild permits " : "CAA permits ");
		caaset_add_issuers(text, verdict->rrset,
		                   verdict->by_issuewild ? CAAUDIT_TAG_ISSUEWILD :
		                                           CAAUDIT_TAG_ISSUE);
		if (verdict->reason == CAAUDIT_REASON_MALFORMED) {
			text_add(text, ", a malformed value counts as nobody");
		}
	}
}

/*! Order of the denials: those that one finding is about come together. */
static int compare_denials(const void *a, const void *b)
{
	const caaudit_verdict_t *x = *(const caaudit_verdict_t *const *)a;
	const caaudit_verdict_t *y = *(const caaudit_verdict_t *const *)b;
	if (x->decided_by != y->decided_by) {
		return x->decided_by < y->decided_by ? -1 : 1;
	}
	if (x->ca != y->ca) {
		return x->ca < y->ca ? -1 : 1;
	}
	return x->wildcard != y->wildcard ? x->wildcard - y->wildcard : (x > y) - (x < y);
}

/*! Is it the same denial, met from another host? */
static bool same_denial(const caaudit_verdict_t *a, const caaudit_verdict_t *b)
{
	return a->decided_by == b->decided_by && a->wildcard == b->wildcard && a->ca == b->ca;
}

/*! ", for www.example.com. and 2 more" unless the only host is the owner itself. */
static void add_hosts(text_t *text, const caaudit_verdict_t *const *verdict, size_t count)
{
	const knot_dname_t *owner = verdict[0]->decided_by, *other = NULL;
	for (size_t i = 0; i < count && other == NULL; i++) {
		other = knot_dname_is_equal(verdict[i]->host, owner) ? NULL : verdict[i]->host;
	}
	if (other != NULL) {
		text_add(text, ", for %s", verdict[0]->wildcard ? "*." : "");
		text_name(text, other);
		if (count > 1) {
			text_add(text, " and %zu more", count - 1);
		}
	}
}

/*! Reports a denial that several hosts meet. */
static void report_denial(audit_t *audit, const caaudit_verdict_t *const *same, size_t count)
{
	const caaudit_verdict_t *verdict = same[0];
	draft_t *draft = audit_draft(audit,
	                             verdict->wildcard ? CAAUDIT_CAA_ISSUEWILD_DENIED :
	                                                 CAAUDIT_CAA_ISSUE_DENIED,
	                             verdict->decided_by);
	draft->ca = verdict->ca;
	explain_denial(&draft->what, verdict);
	add_hosts(&draft->what, same, count);
	if (verdict->reason != CAAUDIT_REASON_CRITICAL && verdict->reason != CAAUDIT_REASON_RDATA) {
		audit_add_issue(&draft->remedy, verdict->decided_by, verdict->rrset.record[0]->ttl,
		                verdict->by_issuewild ? "issuewild" : "issue", verdict->ca,
		                audit->policy);
	}
	audit_report(audit);
}

static void report_alias(audit_t *audit, const caaudit_verdict_t *verdict)
{
	caaudit_chain_t chain;
	caaudit_chain_begin(&chain, audit->view, verdict->asked, KNOT_RRTYPE_CAA);
	const caaudit_lookup_t *lookup = &chain.lookup;
	if (lookup->answer == CAAUDIT_DNAME_LONG) {
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_ALIAS_LOOP, verdict->asked);
		text_add(&draft->what, "DNAME at ");
		text_name(&draft->what, lookup->source);
		text_add(&draft->what, " makes too long a name of this one, CAA look-ups fail");
		audit_report(audit);
		return;
	}
	if (lookup->answer != CAAUDIT_CNAME && lookup->answer != CAAUDIT_DNAME) {
		return;
	}
	if (verdict->reason == CAAUDIT_REASON_EXTERNAL) {
		while (caaudit_chain_follow(&chain)) {
		}
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_ALIAS_EXTERNAL, verdict->asked);
		text_add(&draft->what, "the alias leads out of the zone, to ");
		text_name(&draft->what, chain.at);
		text_add(&draft->what, ", whose CAA decides and is not known here; look: dig CAA ");
		text_name(&draft->what, chain.at);
	} else if (verdict->reason == CAAUDIT_REASON_LOOP) {
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_ALIAS_LOOP, verdict->asked);
		text_add(&draft->what, "the alias to ");
		text_name(&draft->what, lookup->target);
		text_add(&draft->what, " leads in a circle or too far, CAA look-ups fail");
	} else if (verdict->decided_by != NULL) {
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_ALIAS_DECIDES, verdict->asked);
		text_add(&draft->what, "the name is an alias, CAA at ");
		text_name(&draft->what, verdict->decided_by);
		text_add(&draft->what, " decides for it");
	} else {
		return;
	}
	audit_report(audit);
}

/*! Says what cannot be judged. */
static void report_unknown(audit_t *audit, const caaudit_verdict_t *verdict)
{
	text_t what = TEXT_EMPTY, why = TEXT_EMPTY;
	text_add(&what, "CAA of ");
	text_name(&what, verdict->host);
	switch (verdict->reason) {
	case CAAUDIT_REASON_EXTERNAL:
		text_add(&why, "an alias leads out of the zone at ");
		break;
	case CAAUDIT_REASON_DELEGATED:
		text_add(&why, "another zone answers at ");
		break;
	default:
		text_add(&why, "aliases lead in a circle or too far at ");
		break;
	}
	text_name(&why, verdict->asked);
	audit_gap(audit, &what, &why);
}

/*! Reports each denial once, whatever the hosts that meet it. */
static void report_denials(audit_t *audit)
{
	const caaudit_verdict_t **denied = calloc(audit->verdict_count + 1, sizeof(*denied));
	if (denied == NULL) {
		audit->failed = true;
		return;
	}
	size_t count = 0;
	for (size_t i = 0; i < audit->verdict_count; i++) {
		if (audit->verdict[i].permit == CAAUDIT_DENIED) {
			denied[count++] = &audit->verdict[i];
		}
	}
	qsort(denied, count, sizeof(*denied), compare_denials);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && same_denial(denied[i], denied[end]);) {
			end++;
		}
		report_denial(audit, &denied[i], end - i);
	}
	free(denied);
}

void check_verdicts(audit_t *audit)
{
	const knot_dname_t *unknown = NULL;
	for (size_t i = 0; i < audit->verdict_count; i++) {
		const caaudit_verdict_t *verdict = &audit->verdict[i];
		if (verdict->asked != NULL) {
			report_alias(audit, verdict);
		}
		if (verdict->permit == CAAUDIT_UNKNOWN && verdict->host != unknown) {
			unknown = verdict->host; // Once a host, whatever the CA and kind.
			report_unknown(audit, verdict);
		}
	}
	report_denials(audit);
}

/* --- The literal pair ---------------------------------------------------------------------- */

/*!
 * \brief Would a first issuewild for the CA take wildcards from another issuer?
 *
 * As long as there is none, issue governs wildcards as well (RFC 8659 section 4.3).
 */
static bool others_lose_wildcards(caaudit_rrset_t rrset, const caaudit_ca_t *ca)
{
	if (caaset_tag(rrset, CAAUDIT_TAG_ISSUEWILD).any) {
		return false;
	}
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_issue_t issue;
		if (caaset_issue(rrset.record[i], CAAUDIT_TAG_ISSUE, &issue) &&
		    issue.issuer_len > 0 &&
		    !caaudit_ca_accepts(ca, issue.issuer, issue.issuer_len)) {
			return true;
		}
	}
	return false;
}

static void check_pair(audit_t *audit, const caaudit_verdict_t *verdict, const caaudit_ca_t *ca,
                       caaudit_tag_t tag, const char *tag_name)
{
	if (caaset_names(verdict->rrset, tag, ca)) {
		return;
	}
	bool harm = tag == CAAUDIT_TAG_ISSUEWILD && others_lose_wildcards(verdict->rrset, ca);
	if (harm && !audit->policy->strict) {
		return; // Advice that helps one CA must not lock another out.
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_CAA_STRICT_INCOMPLETE, verdict->decided_by);
	if (audit->policy->strict) {
		draft->severity = CAAUDIT_ERROR;
	}
	draft->ca = ca->name;
	text_add(&draft->what, "resellers such as Tencent Cloud demand CAA %s for %s as well",
	         tag_name, ca->name);
	if (harm) {
		text_add(&draft->what,
		         "; add one together with an issuewild for each other issuer, which would "
		         "lose its wildcards: CAA permits ");
		caaset_add_issuers(&draft->what, verdict->rrset, CAAUDIT_TAG_ISSUE);
	} else {
		audit_add_issue(&draft->remedy, verdict->decided_by, verdict->rrset.record[0]->ttl,
		                tag_name, ca->name, audit->policy);
	}
	audit_report(audit);
}

/*! Is the wildcard of the same host permitted? */
static bool wildcard_permitted(const audit_t *audit, const caaudit_verdict_t *plain)
{
	const caaudit_verdict_t *next = plain + 1;
	return next < audit->verdict + audit->verdict_count && next->wildcard &&
	       next->permit == CAAUDIT_PERMITTED;
}

void check_literal_pair(audit_t *audit)
{
	const caaudit_policy_t *policy = audit->policy;
	for (size_t i = 0; i < audit->verdict_count; i++) {
		const caaudit_verdict_t *verdict = &audit->verdict[i];
		size_t j = 0;
		while (verdict->ca != policy->ca[j].name) {
			j++;
		}
		const caaudit_ca_t *ca = &policy->ca[j];
		const known_ca_t *known = known_ca_find((const uint8_t *)ca->name,
		                                        strlen(ca->name));
		bool demanded = policy->strict || (known != NULL && known->literal_pair);
		if (verdict->wildcard || verdict->rrset.count == 0 || !demanded) {
			continue;
		}
		// Advice follows only where the CA has been chosen and nothing graver is said.
		if (!policy->strict && (verdict->reason != CAAUDIT_REASON_LISTED ||
		                        !wildcard_permitted(audit, verdict))) {
			continue;
		}
		check_pair(audit, verdict, ca, CAAUDIT_TAG_ISSUE, "issue");
		check_pair(audit, verdict, ca, CAAUDIT_TAG_ISSUEWILD, "issuewild");
	}
}
