/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Checks of what CAA means for the hosts: the verdicts, and the literal pair of
 *        resellers.
 */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "checks.h"
#include "caaset.h"
#include "known.h"
#include "names.h"
#include "pair.h"
#include "params.h"
#include "policy.h"
#include "view.h"

/*! Hosts that a message names before it says how many more there are. */
#define HOSTS_MAX 5

/* --- Denials ------------------------------------------------------------------------------- */

/*! A decision that denies, and the verdict that it is part of. */
typedef struct {
	const caaudit_verdict_t *verdict;
	const caaudit_decision_t *decision;
	bool fallback; /*!< It counts only if the answer in another zone is no CAA. */
} denial_t;

/*! What keeps a property that names the CA from permitting it. */
static void explain_parameters(text_t *text, const caaudit_decision_t *decision,
                               const caaudit_policy_t *policy)
{
	if (decision->unsatisfiable) {
		text_add(text, "with parameters that nobody can meet");
		return;
	}
	if (decision->account_differs) {
		text_add(text, policy->account_uri != NULL ? "accounturi is another account" :
		                                             "accounturi can be no account");
	}
	if (decision->method_differs) {
		text_add(text, "%svalidationmethods %s%s", decision->account_differs ? " and " : "",
		         policy->method != NULL ? "do not list " : "admit no method",
		         policy->method != NULL ? policy->method : "");
	}
}

/*! The finding that tells of the first property that stops every CA. */
static caaudit_id_t critical_id(caaudit_rrset_t rrset)
{
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_caa_t caa;
		caaudit_tag_t tag;
		if (caaset_property(rrset.record[i], &caa, &tag) &&
		    (caa.flags & CAAUDIT_CAA_CRITICAL) && property_is_swapped(&caa)) {
			return CAAUDIT_CAA_PROPERTY_SWAPPED;
		}
	}
	return CAAUDIT_CAA_CRITICAL_UNKNOWN;
}

/*! Why the CA is denied, up to the cure. */
static void explain_denial(text_t *text, const char *ca, const caaudit_decision_t *decision,
                           const caaudit_policy_t *policy)
{
	const char *tag = caaset_tag_name(caaset_deciding_tag(decision));
	switch (decision->reason) {
	case CAAUDIT_REASON_CRITICAL:
		text_add(text, "an unknown tag with flag 128 stops every CA, see %s",
		         caaudit_finding_info(critical_id(decision->rrset))->id);
		return;
	case CAAUDIT_REASON_RDATA:
		text_add(text, "a CAA record that no CA can decode, see caa-rdata-malformed");
		return;
	case CAAUDIT_REASON_PARAMETERS:
		text_add(text, "CAA %s names %s, but ", tag, ca);
		explain_parameters(text, decision, policy);
		return;
	case CAAUDIT_REASON_NOBODY:
		text_add(text, "CAA %s \";\" permits nobody", tag);
		return;
	default:
		text_add(text, decision->by_issuewild ? "CAA issuewild permits " : "CAA permits ");
		caaset_add_issuers(text, decision->rrset, caaset_deciding_tag(decision));
		if (decision->reason == CAAUDIT_REASON_MALFORMED) {
			text_add(text, ", a malformed value counts as nobody");
		} else if (caaset_is_refused(decision)) {
			text_add(text, ", which means nobody");
		}
	}
}

/*! Is a record that permits wildcards the cure? Where no record is, one finding speaks for both. */
static bool is_about_issuewild(const caaudit_decision_t *decision)
{
	return decision->by_issuewild && decision->reason != CAAUDIT_REASON_CRITICAL &&
	       decision->reason != CAAUDIT_REASON_RDATA;
}

/*! Is it the CAA of another zone that denies? */
static bool is_foreign(const audit_t *audit, const denial_t *denial)
{
	return !name_in(denial->decision->decided_by, audit->policy->zone);
}

/*! Name in the zone that a denial is reported at: where the RRset is, or where the zone is left. */
static const knot_dname_t *denial_owner(const audit_t *audit, const denial_t *denial)
{
	const knot_dname_t *zone = audit->policy->zone, *asked = denial->verdict->asked;
	return !is_foreign(audit, denial) ? denial->decision->decided_by :
	       name_in(asked, zone)       ? asked :
	                                    zone;
}

/*! Says which zone denies; no record of the audited one changes what stands there. */
static void explain_foreign(audit_t *audit, draft_t *draft, const denial_t *denial)
{
	bool above = !name_in(denial->verdict->asked, audit->policy->zone);
	text_add(&draft->what, ": so says another zone, in the CAA at %s",
	         NAME(denial->decision->decided_by));
	draft->advice =
		above ? "CAA at the apex of this zone decides instead; it shuts out every "
			"CA that it does not name" :
			"ask whoever runs that zone to permit the CA, or give the host CAA and "
			"addresses of its own";
}

/*! Order of the denials: those that one finding is about come together, shorter hosts first. */
static int compare_denials(const void *a, const void *b)
{
	const denial_t *x = a, *y = b;
	if (x->fallback != y->fallback) {
		return (int)x->fallback - (int)y->fallback;
	} else if (x->decision->decided_by != y->decision->decided_by) {
		return x->decision->decided_by < y->decision->decided_by ? -1 : 1;
	} else if (x->verdict->ca != y->verdict->ca) {
		return x->verdict->ca < y->verdict->ca ? -1 : 1;
	} else if (is_about_issuewild(x->decision) != is_about_issuewild(y->decision)) {
		return (int)is_about_issuewild(x->decision) - (int)is_about_issuewild(y->decision);
	}
	int ret = knot_dname_cmp(x->verdict->host, y->verdict->host);
	return ret != 0 ? ret : (int)x->verdict->wildcard - (int)y->verdict->wildcard;
}

/*! Does one record cure both? */
static bool same_denial(const denial_t *a, const denial_t *b)
{
	return a->fallback == b->fallback && a->verdict->ca == b->verdict->ca &&
	       a->decision->decided_by == b->decision->decided_by &&
	       is_about_issuewild(a->decision) == is_about_issuewild(b->decision);
}

/*! ", for example.com., www.example.com. and 2 more" unless the only host is the owner itself. */
static void add_hosts(text_t *text, const denial_t *same, size_t count)
{
	const knot_dname_t *last = NULL;
	bool wild = is_about_issuewild(same[0].decision);
	size_t hosts = 0;
	text_t list = TEXT_EMPTY;
	for (size_t i = 0; i < count; i++) {
		const knot_dname_t *host = same[i].verdict->host;
		if (last != NULL && knot_dname_is_equal(host, last)) {
			continue;
		}
		last = host;
		if (hosts++ < HOSTS_MAX) {
			text_add(&list, hosts == 1 ? ", for %s" : ", %s", wild ? "*." : "");
			text_name(&list, host);
		}
	}
	if (list.failed) {
		text->failed = true;
	} else if (hosts > 1 || !knot_dname_is_equal(last, same[0].decision->decided_by)) {
		text_add(text, "%s", list.str);
		if (hosts > HOSTS_MAX) {
			text_add(text, " and %zu more", hosts - HOSTS_MAX);
		}
	}
	text_free(&list);
}

/*! Is a wildcard refused on purpose, and the operator leaves it to the zone? */
static bool is_wildcard_locked(const audit_t *audit, const denial_t *denial)
{
	return caaset_is_wildcard_refused(denial->decision) &&
	       audit->policy->wildcard == CAAUDIT_WILDCARD_AUTO && !audit->policy->strict;
}

/*! Is it a record that a CA has asked for? By its owner, which may be an alias, or its target. */
static bool is_validation(const caaudit_record_t *record)
{
	return known_txt(record->owner) != NULL ||
	       (record->type == KNOT_RRTYPE_CNAME &&
	        known_target(record->rdata, record->rdlen) != NULL);
}

/*! Is there a validation in the zone for a name that an owner governs? */
static bool has_validation(const audit_t *audit, const knot_dname_t *owner)
{
	static const uint16_t types[] = { KNOT_RRTYPE_CNAME, KNOT_RRTYPE_TXT };
	const caaudit_policy_t any = { .zone = audit->policy->zone };
	const caaudit_ca_t nobody = { .name = "" };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t pos = 0;
		caaudit_rrset_t set;
		while (audit_next_all(audit, types[i], &pos, &set)) {
			caaudit_verdict_t verdict;
			if (set.record[0]->owner[0] == 0 || !is_validation(set.record[0])) {
				continue;
			}
			caaudit_permit(audit->view, &any, name_parent(set.record[0]->owner), false,
			               &nobody, &verdict);
			if (verdict.is.decided_by == owner) {
				return true;
			}
		}
	}
	return false;
}

/*! Is a validation expected for a host that an owner decides for? */
static bool expects_validation(const audit_t *audit, const knot_dname_t *owner)
{
	const caaudit_policy_t *policy = audit->policy;
	for (size_t i = 0; i < policy->validation_count; i++) {
		const knot_dname_t *host = policy_host_of(policy, &policy->validation[i]);
		size_t count;
		const caaudit_verdict_t *verdict = host != NULL ?
		                                           audit_verdicts(audit, host, &count) :
		                                           NULL;
		if (verdict != NULL && verdict->is.decided_by == owner) {
			return true;
		}
	}
	return false;
}

/*! Does nothing show that a certificate is wanted where a set denies everybody? */
static bool is_locked(const audit_t *audit, const denial_t *denial)
{
	const knot_dname_t *owner = denial->decision->decided_by;
	const caaudit_policy_t *policy = audit->policy;
	if (policy->strict || denial->fallback || is_foreign(audit, denial) ||
	    !caaset_is_locked(denial->decision->rrset) || view_governs_host(audit->view, owner)) {
		return false;
	}
	for (size_t i = 0; policy->hosts_named && i < audit->verdict_count; i++) {
		if (audit->verdict[i].is.decided_by == owner) {
			return false;
		}
	}
	return !expects_validation(audit, owner) && !has_validation(audit, owner);
}

/*! Does an RRset, below the one that decides, deny another wanted CA that is permitted now? */
static bool costs_others(const audit_t *audit, const denial_t *denial, caaudit_rrset_t rrset)
{
	size_t count;
	const caaudit_verdict_t *now = audit_verdicts(audit, denial->verdict->host, &count);
	bool costs = false;
	for (size_t i = 0; i < count && !costs; i++) {
		caaudit_decision_t then;
		caaudit_evaluate(rrset, audit->policy, now[i].wildcard, audit_ca_of(audit, &now[i]),
		                 &then);
		costs = now[i].wildcard == denial->verdict->wildcard &&
		        now[i].is.permit == CAAUDIT_PERMITTED && then.permit == CAAUDIT_DENIED;
	}
	return costs;
}

/*!
 * \brief Finds CAA that permits the CA and stands at an owner with the zone name twice.
 *
 * \return Owner in the view; NULL if there is none, or if it cannot stand at the name that was meant,
 *         or costs another wanted CA its permission there. Its finding has the cure.
 */
static const knot_dname_t *find_doubled(const audit_t *audit, const denial_t *denial)
{
	const knot_dname_t *zone = caaudit_view_zone(audit->view);
	const caaudit_policy_t *policy = audit->policy;
	const caaudit_ca_t *ca = audit_ca_of(audit, denial->verdict);
	size_t zone_size = knot_dname_size(zone);
	bool last = false; // What is above the set that decides decides nothing.
	for (const knot_dname_t *name = denial->verdict->host;
	     !last && name_in(name, zone) && *name != 0; name = name_parent(name)) {
		last = knot_dname_is_equal(name, denial->decision->decided_by);
		knot_dname_storage_t doubled, meant;
		caaudit_lookup_t at;
		size_t size = knot_dname_size(name) - 1;
		caaudit_view_lookup(audit->view, name, KNOT_RRTYPE_CAA, &at);
		bool fits = at.answer == CAAUDIT_NXDOMAIN ||
		            ((at.answer == CAAUDIT_ANSWER || at.answer == CAAUDIT_NODATA) &&
		             caaudit_view_exists(audit->view, name));
		if (size + zone_size > KNOT_DNAME_MAXLEN || !fits) {
			continue;
		}
		memcpy(doubled, name, size);
		memcpy(doubled + size, zone, zone_size);
		if (!audit_is_doubled(audit, doubled, meant)) {
			continue;
		}
		caaudit_rrset_t set = caaudit_view_rrset(audit->view, doubled, KNOT_RRTYPE_CAA);
		caaudit_decision_t decision;
		caaudit_evaluate(set, policy, denial->verdict->wildcard, ca, &decision);
		if (set.count > 0 && decision.reason == CAAUDIT_REASON_LISTED &&
		    caaudit_view_rrset(audit->view, doubled, KNOT_RRTYPE_CNAME).count == 0 &&
		    (last ? !caaset_is_refused(denial->decision) :
		            !costs_others(audit, denial, set))) {
			return set.record[0]->owner;
		}
	}
	return NULL;
}

static const char bound_by_pair[] =
	"another property, by whatever name, binds the CA to an account or a method: mend it, or "
	"decide whether that is still wanted";

void cure_above(audit_t *audit, const caaudit_policy_t *request, const caaudit_decision_t *decision,
                const caaudit_ca_t *ca, caaudit_tag_t tag)
{
	draft_t *draft = &audit->draft;
	caaudit_issue_t like;
	const knot_dname_t *above, *owner = decision->decided_by;
	bool free = pair_above(audit->view, request, owner, tag, ca, &like, &above);
	bool several = !free && like.issuer != NULL;
	if (free || (!several && request->override_denial)) {
		text_t value = TEXT_EMPTY;
		params_reissue(like, ca->name, audit_account(request, ca->name), &value);
		audit_right_text(audit, owner, decision->rrset.record[0]->ttl, 0,
		                 caaset_tag_name(tag), &value);
		return;
	}
	text_add(&draft->what,
	         several ? "; CAA at %s names %s in several records" :
	                   "; CAA at %s binds %s to an account or a method",
	         NAME(above), ca->name);
	draft->wrong_count = 0;
	draft->advice = several ? "repeat those that are to apply here" :
	                          "decide whether that is to apply here as well";
}

/*!
 * \brief Sets the property that a CA lacks, with the parameters of the other one of the pair, or
 *        else of the RRset above.
 *
 * \return False if the other one of the pair binds the CA, and nobody has said that it may be lifted.
 */
static bool cure_pair(audit_t *audit, const caaudit_decision_t *decision, const caaudit_ca_t *ca,
                      caaudit_tag_t tag)
{
	const char *name = caaset_tag_name(tag);
	uint32_t ttl = decision->rrset.record[0]->ttl;
	caaudit_issue_t like;
	bool free = pair_to_add(decision->rrset, audit->policy, tag, ca, &like);
	if (!free && !audit->policy->override_denial) {
		return false;
	} else if (free && like.issuer == NULL) {
		cure_above(audit, audit->policy, decision, ca, tag);
		return true;
	} else if (like.issuer == NULL) {
		audit_right_issue(audit, decision->decided_by, ttl, name, ca->name);
		return true;
	}
	text_t value = TEXT_EMPTY;
	text_issue(&value, OCTETS(ca->name), &like);
	audit_right_text(audit, decision->decided_by, ttl, 0, name, &value);
	return true;
}

/*! Notes what denies as wrong: the properties that nobody can meet, or else those that name nobody. */
static void wrong_properties(audit_t *audit, const caaudit_decision_t *decision, caaudit_tag_t tag,
                             const caaudit_ca_t *ca)
{
	for (size_t i = 0; i < decision->rrset.count; i++) {
		caaudit_issue_t issue;
		if (decision->unsatisfiable ?
		            caaset_issue_for(decision->rrset.record[i], tag, ca, &issue) :
		            caaset_denies(decision->rrset.record[i], tag)) {
			audit_wrong(audit, decision->rrset.record[i]);
		}
	}
}

/*!
 * \brief Replaces a property that nobody can meet by what others of its parameters bind the CA to.
 *
 * \return False if none is left, or they do not fit what is asked for.
 */
static bool cure_unsatisfiable(audit_t *audit, const caaudit_ca_t *ca,
                               const caaudit_decision_t *decision)
{
	const caaudit_policy_t *policy = audit->policy;
	caaudit_tag_t tag = caaset_deciding_tag(decision);
	bool cured = false;
	for (size_t i = 0; i < decision->rrset.count && !cured; i++) {
		const caaudit_record_t *record = decision->rrset.record[i];
		caaudit_issue_t issue, relaxed;
		caaudit_caa_t caa;
		caaudit_tag_t has;
		params_t params;
		text_t value = TEXT_EMPTY;
		if (!caaset_issue_for(record, tag, ca, &issue) ||
		    !caaset_property(record, &caa, &has)) {
			continue;
		}
		if (params_relax(issue, ca->name, policy->account_uri, &value) && !value.failed &&
		    caaudit_issue_parse((const uint8_t *)value.str, value.len, &relaxed, NULL) ==
		            KNOT_EOK) {
			params_decide(relaxed, &params);
			cured = (policy->account_uri == NULL ||
			         octets_are(params.account.value, params.account.value_len,
			                    policy->account_uri)) &&
			        (policy->method == NULL || params_admit(&params, policy->method));
		}
		if (cured || value.failed) {
			audit_right_text(audit, record->owner, record->ttl,
			                 caa.flags & CAAUDIT_CAA_CRITICAL, caaset_tag_name(tag),
			                 &value);
		}
		text_free(&value);
	}
	return cured;
}

/*! Names a property several accounts or lists of methods, of which no request says which is meant? */
static bool has_doubled(const audit_t *audit, const caaudit_decision_t *decision,
                        const caaudit_ca_t *ca)
{
	bool asked = audit_account(audit->policy, ca->name) != NULL;
	bool doubled = false;
	for (size_t i = 0; i < decision->rrset.count && !doubled; i++) {
		caaudit_issue_t issue;
		params_t params;
		if (caaset_issue_for(decision->rrset.record[i], caaset_deciding_tag(decision), ca,
		                     &issue)) {
			params_decide(issue, &params);
			doubled = (params.faults & PARAMS_METHODS_TWICE) ||
			          (!asked && (params.faults & PARAMS_ACCOUNT_TWICE));
		}
	}
	return doubled;
}

/*!
 * \brief Replaces what denies by a record for the CA, if the operator has said that it may go.
 *
 * \param[in] advice  What to say if he has not.
 */
static void override(audit_t *audit, draft_t *draft, const caaudit_ca_t *ca,
                     const caaudit_decision_t *decision, const char *advice)
{
	caaudit_tag_t tag = caaset_deciding_tag(decision);
	if (!audit->policy->override_denial) {
		draft->advice = advice;
		return;
	}
	if (decision->unsatisfiable && has_doubled(audit, decision, ca)) {
		draft->advice = "write a record for each, see caa-parameter-duplicate";
		return; // Without what stands twice it would be free of it.
	}
	wrong_properties(audit, decision, tag, ca);
	if (!decision->unsatisfiable || !cure_unsatisfiable(audit, ca, decision)) {
		(void)cure_pair(audit, decision, ca, tag);
	}
}

/*! Adds a property for no more than the account and the method that are asked for. */
static void right_as_asked(audit_t *audit, const caaudit_decision_t *decision,
                           const caaudit_ca_t *ca, const char *account)
{
	text_t value = TEXT_EMPTY;
	text_add(&value, "%s; accounturi=%s; validationmethods=%s", ca->name, account,
	         audit->policy->method);
	audit_right_text(audit, decision->decided_by, decision->rrset.record[0]->ttl, 0,
	                 caaset_tag_name(caaset_deciding_tag(decision)), &value);
}

/*! Adds a property for the account that is asked for, where others are bound to other accounts: with
 *  the methods that one of them lists, if they are no obstacle. */
static void override_account(audit_t *audit, const caaudit_decision_t *decision,
                             const caaudit_ca_t *ca)
{
	const caaudit_policy_t *policy = audit->policy;
	const char *account = audit_account(policy, ca->name);
	caaudit_tag_t tag = caaset_deciding_tag(decision);
	uint32_t ttl = decision->rrset.record[0]->ttl;
	for (size_t i = 0; account != NULL && i < decision->rrset.count; i++) {
		caaudit_issue_t issue;
		const caaudit_decision_t alone = pair_alone(decision->rrset, i, policy,
		                                            decision->by_issuewild, ca);
		if (!caaset_issue_for(decision->rrset.record[i], tag, ca, &issue) ||
		    !alone.account_differs || alone.method_differs) {
			continue;
		}
		text_t value = TEXT_EMPTY;
		params_reissue(issue, ca->name, account, &value);
		audit_right_text(audit, decision->decided_by, ttl, 0, caaset_tag_name(tag), &value);
		return;
	}
	if (account != NULL && policy->method != NULL) {
		right_as_asked(audit, decision, ca, account);
	} else {
		audit_right_issue(audit, decision->decided_by, ttl, caaset_tag_name(tag), ca->name);
	}
}

/*! A property names the CA and binds it: only a method that is asked for may be added. */
static void cure_parameters(audit_t *audit, draft_t *draft, const caaudit_ca_t *ca,
                            const caaudit_decision_t *decision)
{
	const caaudit_policy_t *policy = audit->policy;
	caaudit_tag_t tag = caaset_deciding_tag(decision);
	if (decision->unsatisfiable) {
		override(audit, draft, ca, decision,
		         "correct them; a record without what nobody can meet is shown with "
		         "'override-denial' (--override-denial)");
		return;
	}
	if (decision->account_differs || policy->method == NULL) {
		if (policy->override_denial) {
			override_account(audit, decision, ca);
			return;
		}
		draft->advice = decision->account_differs ?
		                        "the CA is bound to that account: order with it, or decide "
		                        "whether it is still yours" :
		                        "decide which methods are to be permitted";
		return;
	}
	const char *account = audit_account(policy, ca->name);
	for (size_t i = 0; i < decision->rrset.count; i++) {
		const caaudit_record_t *record = decision->rrset.record[i];
		caaudit_issue_t issue;
		caaudit_caa_t caa;
		caaudit_tag_t has;
		params_t params;
		text_t value = TEXT_EMPTY;
		if (!caaset_issue_for(record, tag, ca, &issue) ||
		    !caaset_property(record, &caa, &has)) {
			continue;
		}
		// Of several the one for this account; a list without one is for every account.
		params_decide(issue, &params);
		if (account != NULL && params.account.tag_len == 0) {
			continue;
		}
		const caaudit_decision_t alone = pair_alone(decision->rrset, i, policy,
		                                            decision->by_issuewild, ca);
		if (alone.account_differs || !alone.method_differs || alone.unsatisfiable) {
			continue;
		}
		if (params_add_method(issue, policy->method, &value)) {
			audit_wrong(audit, record);
			audit_right_text(audit, record->owner, record->ttl,
			                 caa.flags & CAAUDIT_CAA_CRITICAL, caaset_tag_name(tag),
			                 &value);
		}
		audit->failed = audit->failed || value.failed;
		text_free(&value);
		return;
	}
	if (account != NULL) {
		right_as_asked(audit, decision, ca, account);
	}
}

/*! Sets the record that lets the CA issue, if there is one that lifts nothing else. */
static void cure_denial(audit_t *audit, draft_t *draft, const denial_t *denial)
{
	const caaudit_decision_t *decision = denial->decision;
	const caaudit_ca_t *ca = audit_ca_of(audit, denial->verdict);
	caaudit_tag_t tag = caaset_deciding_tag(decision);
	if (caaset_is_refused(decision)) {
		override(audit, draft, ca, decision,
		         caaset_is_refused_by_word(decision) ?
		                 "a word for nobody denies on purpose as \";\" does: the record is "
		                 "shown with 'override-denial' (--override-denial)" :
		                 "\";\" denies on purpose: the record is shown with "
		                 "'override-denial' (--override-denial)");
		return;
	} else if (decision->reason == CAAUDIT_REASON_MALFORMED &&
	           pair_is_bound(decision->rrset, tag, ca)) {
		draft->advice = "a malformed value names the CA and binds it: mend that, see "
				"caa-value-malformed";
		return;
	}
	switch (decision->reason) {
	case CAAUDIT_REASON_CRITICAL:
	case CAAUDIT_REASON_RDATA:
		return;
	case CAAUDIT_REASON_PARAMETERS:
		cure_parameters(audit, draft, ca, decision);
		return;
	default:
		if (!cure_pair(audit, decision, ca, tag)) {
			draft->advice = bound_by_pair;
		}
	}
}

static void report_denial(audit_t *audit, const denial_t *same, size_t count)
{
	const caaudit_verdict_t *verdict = same->verdict;
	const caaudit_decision_t *decision = same->decision;
	draft_t *draft = audit_draft(audit,
	                             same->fallback               ? CAAUDIT_CAA_FALLBACK_DENIED :
	                             is_about_issuewild(decision) ? CAAUDIT_CAA_ISSUEWILD_DENIED :
	                                                            CAAUDIT_CAA_ISSUE_DENIED,
	                             denial_owner(audit, same));
	draft->ca = verdict->ca;
	draft->wild = is_about_issuewild(decision);
	if (same->fallback) {
		text_add(&draft->what, "if there is no CAA where another zone answers, this set "
		                       "decides: ");
	}
	explain_denial(&draft->what, verdict->ca, decision, audit->policy);
	add_hosts(&draft->what, same, count);
	const knot_dname_t *doubled = find_doubled(audit, same);
	if (is_foreign(audit, same)) {
		explain_foreign(audit, draft, same);
	} else if (doubled != NULL) {
		text_add(&draft->what, "; what permits it stands at %s, see caa-owner-doubled",
		         NAME(doubled));
	} else {
		cure_denial(audit, draft, same);
	}
	audit_report(audit);
}

static void report_locked(audit_t *audit, const denial_t *denial, bool wildcard)
{
	draft_t *draft = audit_draft(audit,
	                             wildcard ? CAAUDIT_CAA_WILDCARD_LOCKED : CAAUDIT_CAA_LOCKED,
	                             denial_owner(audit, denial));
	const char *refusal = caaset_is_refused_by_word(denial->decision) ? "by a word for nobody" :
	                                                                    "\";\"";
	text_add(&draft->what,
	         wildcard ? "CAA issuewild %s refuses wildcard certificates to every CA, on "
	                    "purpose it seems" :
	                    "CAA %s refuses every CA, and no name that it governs has an address: "
	                    "no certificate is wanted, it seems",
	         refusal);
	draft->advice = wildcard ? "if one is wanted: 'wildcard: on' (--wildcard on)" :
	                           "if one is wanted, name its host: 'host' (--host)";
	audit_report(audit);
}

/*! Is a denial of the CA worth a finding? Not where it may be another CA that is meant. */
static bool is_sure(const caaudit_ca_t *ca)
{
	return ca->meant == NULL && (ca->product == NULL || !known_is_hearsay(ca->product));
}

/*! Is it a wildcard, asked for by a method that validates none? (BR 3.2.2.4.18 to 3.2.2.4.20) */
static bool is_unasked(const audit_t *audit, const caaudit_verdict_t *verdict)
{
	const caaudit_policy_t *policy = audit->policy;
	if (!verdict->wildcard || policy->wildcard != CAAUDIT_WILDCARD_AUTO ||
	    policy->method == NULL) {
		return false;
	}
	const caaudit_method_t *method = known_method(OCTETS(policy->method));
	return method != NULL && method->kind == CAAUDIT_METHOD_WEB &&
	       !verdict->is.account_differs && verdict->is.method_differs;
}

/*! Lists what denies, the decisions for the case that another zone has no CAA among it. */
static size_t list_denials(const audit_t *audit, denial_t *denial)
{
	size_t count = 0;
	for (size_t i = 0; i < audit->verdict_count; i++) {
		const caaudit_verdict_t *verdict = &audit->verdict[i];
		if (!is_sure(audit_ca_of(audit, verdict)) || is_unasked(audit, verdict)) {
			continue;
		} else if (verdict->is.permit == CAAUDIT_DENIED) {
			denial[count++] = (denial_t){ verdict, &verdict->is, false };
		} else if (verdict->otherwise.permit == CAAUDIT_DENIED) {
			denial[count++] = (denial_t){ verdict, &verdict->otherwise, true };
		}
	}
	return count;
}

/*! Reports each denial once, whatever the hosts that meet it. */
static void report_denials(audit_t *audit)
{
	denial_t *denial = calloc(audit->verdict_count + 1, sizeof(*denial));
	if (denial == NULL) {
		audit->failed = true;
		return;
	}
	size_t count = list_denials(audit, denial);
	qsort(denial, count, sizeof(*denial), compare_denials);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && same_denial(&denial[i], &denial[end]);) {
			end++;
		}
		// One notice an owner, whatever the CA: repetitions are dropped at the end.
		if (is_locked(audit, &denial[i])) {
			report_locked(audit, &denial[i], false);
		} else if (is_wildcard_locked(audit, &denial[i])) {
			report_locked(audit, &denial[i], true);
		} else {
			report_denial(audit, &denial[i], end - i);
		}
	}
	free(denial);
}

/* --- Who is wanted ------------------------------------------------------------------------- */

static void report_lookalike(audit_t *audit, const caaudit_ca_t *ca)
{
	draft_t *draft = audit_draft(audit, CAAUDIT_CAA_WANTED_LOOKALIKE, audit->policy->zone);
	draft->ca = ca->name;
	text_add(&draft->what, "no CA is known as %s, which is wanted (did you mean %s?)", ca->name,
	         ca->meant);
	audit_report(audit);
}

/*! The issuers that a product has had. */
static void add_product_issuers(text_t *text, const caaudit_product_t *product)
{
	const char *comma = "";
	for (size_t i = 0; i < caaudit_products_count; i++) {
		if (strcmp(caaudit_products[i].product, product->product) == 0) {
			text_add(text, "%s%s", comma, caaudit_cas[caaudit_products[i].ca].name[0]);
			comma = ", ";
		}
	}
}

/*! Does an RRset name all of them? */
static bool names_product_issuers(caaudit_rrset_t rrset, caaudit_tag_t tag,
                                  const caaudit_product_t *product)
{
	bool all = true;
	for (size_t i = 0; all && i < caaudit_products_count; i++) {
		const caaudit_ca_t ca = known_ca_of(&caaudit_cas[caaudit_products[i].ca]);
		all = strcmp(caaudit_products[i].product, product->product) != 0 ||
		      caaset_names(rrset, tag, &ca);
	}
	return all;
}

/*! Says of a product that is restricted that its issuer is hearsay, once an owner. */
static void report_hearsay(audit_t *audit, const caaudit_verdict_t *verdict, const caaudit_ca_t *ca)
{
	const caaudit_decision_t *decision = &verdict->is;
	caaudit_tag_t tag = caaset_deciding_tag(decision);
	if (decision->decided_by == NULL || decision->reason == CAAUDIT_REASON_UNRESTRICTED ||
	    !name_in(decision->decided_by, audit->policy->zone) ||
	    names_product_issuers(decision->rrset, tag, ca->product)) {
		return;
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_CAA_PRODUCT_UNCONFIRMED, decision->decided_by);
	draft->ca = ca->name;
	text_add(
		&draft->what,
		"that %s issues what is wanted (%s) is only said by third parties, and CAA permits ",
		ca->name, ca->product->product);
	caaset_add_issuers(&draft->what, decision->rrset, tag);
	text_add(&draft->what, "; to be sure, permit all that have issued it: ");
	add_product_issuers(&draft->what, ca->product);
	audit_report(audit);
}

static void check_wanted(audit_t *audit)
{
	const caaudit_policy_t *policy = audit->policy;
	for (size_t i = 0; i < policy->ca_count; i++) {
		if (policy->ca[i].meant != NULL) {
			report_lookalike(audit, &policy->ca[i]);
		}
	}
	for (size_t i = 0; i < audit->verdict_count; i++) {
		const caaudit_ca_t *ca = audit_ca_of(audit, &audit->verdict[i]);
		if (ca->product != NULL && known_is_hearsay(ca->product)) {
			report_hearsay(audit, &audit->verdict[i], ca);
		}
	}
}

/* --- Aliases and other zones --------------------------------------------------------------- */

/*! Names where a CA looks in other zones, from a name on, before CAA here decides (RFC 8659 section 3). */
static void add_asked(text_t *text, const caaudit_view_t *view, const knot_dname_t *name)
{
	unsigned count = 0;
	knot_dname_storage_t last = "";
	for (; *name != 0 && name_in(name, caaudit_view_zone(view)); name = name_parent(name)) {
		caaudit_chain_t chain;
		caaudit_rrset_t known;
		switch (caaudit_chain_end(&chain, view, name, KNOT_RRTYPE_CAA)) {
		case CAAUDIT_NODATA:
		case CAAUDIT_NXDOMAIN:
			continue;
		case CAAUDIT_OUTSIDE:
		case CAAUDIT_DELEGATED:
			break;
		default:
			return;
		}
		if (view_elsewhere(view, name, &known)) {
			if (known.count > 0) {
				return;
			}
			continue;
		}
		if (knot_dname_is_equal(chain.at, last)) {
			continue; // One host at a provider for several names.
		}
		memcpy(last, chain.at, knot_dname_size(chain.at));
		if (++count > HOSTS_MAX) {
			text_add(text, ", and so on");
			return;
		}
		text_add(text, "; %s dig CAA %s", count == 1 ? "look:" : "if there is none,",
		         NAME(chain.at));
	}
}

static void report_alias(audit_t *audit, const caaudit_verdict_t *verdict)
{
	caaudit_chain_t chain;
	caaudit_chain_begin(&chain, audit->view, verdict->asked, KNOT_RRTYPE_CAA);
	const caaudit_lookup_t *lookup = &chain.lookup;
	if (lookup->answer == CAAUDIT_DNAME_LONG) {
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_ALIAS_LOOP, verdict->asked);
		text_add(&draft->what,
		         "DNAME at %s makes too long a name of this one, CAA look-ups fail",
		         NAME(lookup->source));
		audit_report(audit);
		return;
	}
	if (lookup->answer != CAAUDIT_CNAME && lookup->answer != CAAUDIT_DNAME) {
		return;
	}
	if (verdict->is.reason == CAAUDIT_REASON_EXTERNAL) {
		while (caaudit_chain_follow(&chain)) {
		}
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_ALIAS_EXTERNAL, verdict->asked);
		text_add(&draft->what,
		         "the alias leads out of the zone, to %s: CAA there decides and is not "
		         "known here",
		         NAME(chain.at));
		add_asked(&draft->what, audit->view, verdict->asked);
		if (verdict->otherwise.decided_by != NULL) {
			text_add(&draft->what, "; if there is none, CAA at %s decides",
			         NAME(verdict->otherwise.decided_by));
		}
	} else if (verdict->is.reason == CAAUDIT_REASON_LOOP) {
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_ALIAS_LOOP, verdict->asked);
		text_add(&draft->what, "the alias to %s", NAME(lookup->target));
		bool inward;
		do {
			inward = lookup->answer == CAAUDIT_DNAME &&
			         name_in(lookup->target, lookup->source);
		} while (!inward && caaudit_chain_follow(&chain));
		if (inward && !view_is_signed(audit->view)) {
			draft->severity = CAAUDIT_WARNING;
			text_add(&draft->what,
			         " leads below the DNAME at %s, again and again: some resolvers "
			         "give up, and CAA look-ups fail, others take it for a name "
			         "without CAA",
			         NAME(lookup->source));
		} else {
			text_add(&draft->what,
			         " leads in a circle, or on over more than %u aliases: resolvers "
			         "give up, and CAA look-ups fail",
			         CAAUDIT_ALIASES_MAX);
		}
	} else if (verdict->is.decided_by != NULL) {
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_ALIAS_DECIDES, verdict->asked);
		text_add(&draft->what, "the name is an alias, CAA at %s decides for it",
		         NAME(verdict->is.decided_by));
	} else {
		return;
	}
	audit_report(audit);
}

/*! Says what cannot be judged. */
static void report_unknown(audit_t *audit, const caaudit_verdict_t *verdict)
{
	text_t what = TEXT_EMPTY, why = TEXT_EMPTY;
	text_add(&what, "CAA of %s", NAME(verdict->host));
	switch (verdict->is.reason) {
	case CAAUDIT_REASON_EXTERNAL:
		text_add(&why, "an alias leads out of the zone at ");
		break;
	case CAAUDIT_REASON_DELEGATED:
		text_add(&why, "another zone answers at ");
		break;
	case CAAUDIT_REASON_UNREAD:
		text_add(&why, "a part of the zone was not read, and CAA may stand there, for ");
		break;
	default:
		text_add(&why, "aliases lead in a circle or too far at ");
		break;
	}
	text_name(&why, verdict->cut != NULL ? verdict->cut : verdict->asked);
	audit_gap(audit, &what, &why);
	if (!audit->failed) {
		// See report_alias().
		audit->gap[audit->gap_count - 1].told = verdict->is.reason ==
		                                                CAAUDIT_REASON_EXTERNAL ||
		                                        verdict->is.reason == CAAUDIT_REASON_LOOP;
	}
}

/* --- Hosts --------------------------------------------------------------------------------- */

/*! Reports a host that somebody has named, and that is not there. */
static void check_exists(audit_t *audit, const knot_dname_t *host)
{
	const knot_dname_t *zone = caaudit_view_zone(audit->view);
	caaudit_lookup_t lookup;
	caaudit_view_lookup(audit->view, host, KNOT_RRTYPE_A, &lookup);
	if (lookup.answer != CAAUDIT_NXDOMAIN || view_is_partial(audit->view)) {
		return;
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_HOST_MISSING, host);
	knot_dname_storage_t meant;
	text_add(&draft->what, "this host is not in the zone");
	if (name_is_doubled(zone, host, meant)) {
		text_add(&draft->what,
		         ", the zone name stands twice in it; write it with a final dot: %s",
		         NAME(meant));
	}
	audit_report(audit);
}

/*! Says that there is nobody to judge for: one list of hosts may serve many zones, but not this one. */
static void report_no_host(audit_t *audit)
{
	text_t what = TEXT_EMPTY, why = TEXT_EMPTY;
	text_add(&what, "hosts");
	text_add(&why, "none of the names in 'host' lies in the zone; '@' is the zone itself");
	audit_gap(audit, &what, &why);
}

void check_verdicts(audit_t *audit)
{
	const caaudit_policy_t *policy = audit->policy;
	const knot_dname_t *unknown = NULL;
	if (policy->hosts_named && policy->named_count == 0) {
		report_no_host(audit);
	}
	for (size_t i = 0; i < audit->verdict_count; i++) {
		const caaudit_verdict_t *verdict = &audit->verdict[i];
		if (verdict->asked != NULL) {
			report_alias(audit, verdict);
		}
		if (verdict->is.permit == CAAUDIT_UNKNOWN && verdict->host != unknown) {
			unknown = verdict->host; // Once a host, whatever the CA and kind.
			report_unknown(audit, verdict);
		}
	}
	report_denials(audit);
	check_wanted(audit);
	for (size_t i = 0; i < policy->named_count; i++) {
		if (!knot_dname_is_equal(policy->host[i], policy->zone)) {
			check_exists(audit, policy->host[i]);
		}
	}
}

/* --- The literal pair ---------------------------------------------------------------------- */

/*! Does a CA accept an issuer domain name that does not accept another one? Names are shared. */
static bool permits_other(const uint8_t *issuer, size_t len, const char *name)
{
	const caaudit_ca_info_t *ca = NULL;
	while ((ca = known_ca_next(ca, issuer, len)) != NULL) {
		const caaudit_ca_t one = known_ca_of(ca);
		if (!caaudit_ca_accepts(&one, OCTETS(name))) {
			return true;
		}
	}
	return false;
}

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
	unsigned count = 0;
	bool bound = false; // Accounts or methods of one property are not those of another.
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_issue_t issue;
		if (!caaset_issue(rrset.record[i], CAAUDIT_TAG_ISSUE, &issue) ||
		    issue.issuer_len == 0) {
			continue;
		} else if (!caaudit_ca_accepts(ca, issue.issuer, issue.issuer_len) ||
		           permits_other(issue.issuer, issue.issuer_len, ca->name)) {
			return true;
		}
		count++;
		bound = bound || issue.params_len > 0;
	}
	return count > 1 && bound;
}

/*! Would a first property of a tag shut others out, since nothing restricts what it governs? */
static bool restricts_first(caaudit_rrset_t rrset, caaudit_tag_t tag)
{
	return !caaset_tag(rrset, CAAUDIT_TAG_ISSUE).any &&
	       (tag == CAAUDIT_TAG_ISSUE || !caaset_tag(rrset, CAAUDIT_TAG_ISSUEWILD).any);
}

static void check_pair(audit_t *audit, const caaudit_verdict_t *verdict, const caaudit_ca_t *ca,
                       caaudit_tag_t tag)
{
	if (caaset_names(verdict->is.rrset, tag, ca)) {
		return;
	}
	bool first = restricts_first(verdict->is.rrset, tag);
	bool harm = first ||
	            (tag == CAAUDIT_TAG_ISSUEWILD && others_lose_wildcards(verdict->is.rrset, ca));
	if (harm && !audit->policy->strict) {
		return; // Advice that helps one CA must not lock another out.
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_CAA_STRICT_INCOMPLETE, verdict->is.decided_by);
	if (audit->policy->strict) {
		draft->severity = CAAUDIT_ERROR;
	}
	draft->ca = ca->name;
	draft->wild = tag == CAAUDIT_TAG_ISSUEWILD;
	text_add(&draft->what, "resellers such as Tencent Cloud demand CAA %s for %s as well",
	         caaset_tag_name(tag), ca->name);
	if (first) {
		draft->advice =
			tag == CAAUDIT_TAG_ISSUE ?
				"no record is shown: a first issue would shut out every CA "
				"that it does not name; add one for each CA that is to "
				"issue" :
				"no record is shown: a first issuewild would shut out every "
				"CA that it does not name; add one for each CA that is to "
				"issue";
	} else if (harm) {
		text_add(&draft->what,
		         "; a first issuewild alone would take the wildcards from the other issue "
		         "records: add one like each, with its parameters; CAA issue names ");
		caaset_add_issuers(&draft->what, verdict->is.rrset, CAAUDIT_TAG_ISSUE);
	} else if (!cure_pair(audit, &verdict->is, ca, tag)) {
		draft->advice = bound_by_pair;
	}
	audit_report(audit);
}

/*! The verdict about the wildcard of the same host; NULL if none is wanted. */
static const caaudit_verdict_t *wildcard_of(const audit_t *audit, const caaudit_verdict_t *plain)
{
	const caaudit_verdict_t *next = plain + 1;
	return next < audit->verdict + audit->verdict_count && next->wildcard ? next : NULL;
}

void check_literal_pair(audit_t *audit)
{
	const caaudit_policy_t *policy = audit->policy;
	for (size_t i = 0; i < audit->verdict_count; i++) {
		const caaudit_verdict_t *verdict = &audit->verdict[i];
		const caaudit_ca_t *ca = audit_ca_of(audit, verdict);
		const caaudit_ca_info_t *known = known_ca_find(OCTETS(ca->name));
		bool demanded = policy->strict || (known != NULL && known->pair != NULL);
		if (verdict->wildcard || verdict->is.rrset.count == 0 || !demanded ||
		    !is_sure(ca) || !name_in(verdict->is.decided_by, policy->zone)) {
			continue;
		}
		// Advice follows only where the CA has been chosen and nothing graver is said.
		const caaudit_verdict_t *wildcard = wildcard_of(audit, verdict);
		if (!policy->strict &&
		    (verdict->is.reason != CAAUDIT_REASON_LISTED || wildcard == NULL ||
		     wildcard->is.permit != CAAUDIT_PERMITTED)) {
			continue;
		}
		// What lacks for a denial is told with it.
		if (verdict->is.permit != CAAUDIT_DENIED) {
			check_pair(audit, verdict, ca, CAAUDIT_TAG_ISSUE);
		}
		if (wildcard == NULL || wildcard->is.permit != CAAUDIT_DENIED ||
		    !wildcard->is.by_issuewild) {
			check_pair(audit, verdict, ca, CAAUDIT_TAG_ISSUEWILD);
		}
	}
}
