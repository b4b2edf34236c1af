/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Checks whether validationmethods shut out what is wanted (RFC 8657 section 4). */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>

#include "array.h"
#include "caaset.h"
#include "checks.h"
#include "known.h"
#include "names.h"
#include "params.h"
#include "persist.h"
#include "policy.h"
#include "txt.h"

/*! From that day on every CA obeys RFC 8657 (BR 2.2.8). */
#define OBEYED_FROM CAAUDIT_DAY(2027, 3, 15)

/*! What is looked at, and what has been said. */
typedef struct {
	audit_t *audit;
	const caaudit_record_t **said; /*!< Records that were reported. */
	size_t said_count;
	size_t sorted; /*!< The first of them, that shut a validation out, in order. */
	size_t of_set; /*!< Where those of the RRset that is looked at begin. */
} methods_t;

/*! A validation that is there or expected. */
typedef struct {
	const knot_dname_t *host;
	const char *method;
	const char *product; /*!< What it is called. */
	caaudit_ca_id_t ca;  /*!< CAAUDIT_CA_ANY = one of the wanted CAs. */
} method_t;

/*! Tells whose a persistent record is; false if its CA takes it no more, or is not known. */
static bool find_persistent(const audit_t *audit, const caaudit_record_t *record, method_t *out)
{
	persist_t says;
	bool taken;
	uint8_t *text = malloc((size_t)record->rdlen + 1);
	if (text == NULL) {
		return false; // Another check fails by that.
	}
	persist_parse(text, txt_join(record->rdata, record->rdlen, text), &says);
	const caaudit_ca_info_t *ca = persist_ca(&says, &taken);
	free(text);
	if (ca != NULL) {
		out->ca = (caaudit_ca_id_t)(ca - caaudit_cas);
	}
	return ca != NULL && taken && !(says.faults & PERSIST_REFUSED) && says.time >= audit->now;
}

/*! Tells by what method a record validates, and whose; false if that is not known. */
static bool find_method(const audit_t *audit, const knot_dname_t *owner,
                        const caaudit_record_t *record, method_t *out)
{
	const caaudit_form_t *form = record != NULL ? known_cname(record, owner) : NULL;
	if (form != NULL) {
		*out = (method_t){ name_parent(owner), form->method, form->name, form->ca_id };
		return form->method != NULL && (form->ended == 0 || audit->now < form->ended) &&
		       name_in(out->host, audit->policy->zone);
	}
	const caaudit_txt_t *txt = known_txt(owner);
	if (txt == NULL || txt->method == NULL) {
		return false;
	}
	*out = (method_t){ known_txt_host(txt, owner), txt->method, txt->labels, txt->ca };
	const caaudit_method_t *method = known_method(OCTETS(txt->method));
	if (method != NULL && method->until != 0 && audit->now >= method->until) {
		return false; // Nobody may use it any more.
	}
	return name_in(out->host, audit->policy->zone) &&
	       (persist_label(owner) == PERSIST_NONE || record == NULL ||
	        record->type != KNOT_RRTYPE_TXT || find_persistent(audit, record, out));
}

/*! Judges a CA at a host, with or without the method. */
static void ask(const audit_t *audit, const method_t *method, bool asked, bool wildcard,
                const caaudit_ca_t *ca, caaudit_decision_t *out)
{
	caaudit_policy_t request = *audit->policy;
	caaudit_verdict_t verdict;
	request.method = asked ? method->method : NULL;
	caaudit_permit(audit->view, &request, method->host, wildcard, ca, &verdict);
	*out = verdict.is;
}

/*! The property that names the CA, and does not list the method. */
static const caaudit_record_t *find_excluding(const caaudit_decision_t *decision,
                                              const caaudit_ca_t *ca, const char *method)
{
	caaudit_tag_t tag = caaset_deciding_tag(decision);
	for (size_t i = 0; i < decision->rrset.count; i++) {
		caaudit_issue_t issue;
		params_t params;
		if (!caaset_issue_for(decision->rrset.record[i], tag, ca, &issue)) {
			continue;
		}
		params_decide(issue, &params);
		if (!params_admit(&params, method)) {
			return decision->rrset.record[i];
		}
	}
	return NULL;
}

static bool note_said(methods_t *m, const caaudit_record_t *record)
{
	const caaudit_record_t **said = array_extend(&m->said, &m->said_count, sizeof(*said));
	if (said == NULL) {
		m->audit->failed = true;
		return false;
	}
	*said = record;
	return true;
}

static void report_excluded(methods_t *m, const method_t *method, const caaudit_ca_t *ca,
                            const caaudit_record_t *record)
{
	audit_t *audit = m->audit;
	if (!note_said(m, record)) {
		return;
	}
	bool obeyed = audit->now >= OBEYED_FROM;
	draft_t *draft = audit_draft_edit(audit, CAAUDIT_CAA_METHOD_EXCLUDED, record);
	draft->ca = ca->name;
	if (obeyed && policy_wants(audit->policy, ca)) {
		draft->severity = CAAUDIT_ERROR;
	}
	text_add(&draft->what,
	         "validationmethods does not list %s, so that %s the validation (%s)%s",
	         method->method, obeyed ? "the CA must refuse" : "the CA may refuse",
	         method->product, obeyed ? "" : ", and must from 2027-03-15 on");
	text_add(&draft->what, "; add %s to the list", method->method);
	audit_report(audit);
}

/*!
 * \brief Does CAA permit the CA, but not by this method?
 *
 * \param[in]     audit    Audit.
 * \param[in]     method   Method.
 * \param[in]     ca       CA.
 * \param[in,out] permits  Set if it permits the CA by this method.
 *
 * \return The property that shuts the method out, or NULL.
 */
static const caaudit_record_t *find_excluded(const audit_t *audit, const method_t *method,
                                             const caaudit_ca_t *ca, bool *permits)
{
	bool wildcards = audit->policy->wildcard != CAAUDIT_WILDCARD_OFF;
	for (int wildcard = 0; wildcard <= wildcards; wildcard++) {
		caaudit_decision_t any, this;
		ask(audit, method, false, wildcard, ca, &any);
		ask(audit, method, true, wildcard, ca, &this);
		*permits = *permits || this.permit == CAAUDIT_PERMITTED;
		if (any.permit == CAAUDIT_PERMITTED && this.permit == CAAUDIT_DENIED) {
			return find_excluding(&this, ca, method->method);
		}
	}
	return NULL;
}

static void check_method(methods_t *m, const method_t *method)
{
	const caaudit_policy_t *policy = m->audit->policy;
	bool permits = false;
	if (method->ca != CAAUDIT_CA_ANY) {
		const caaudit_ca_t ca = known_ca_of(&caaudit_cas[method->ca]);
		const caaudit_record_t *record = find_excluded(m->audit, method, &ca, &permits);
		if (record != NULL) {
			report_excluded(m, method, &ca, record);
		}
		return;
	}
	// It may be for any of the wanted CAs: one that takes it is enough.
	const caaudit_record_t *excluding = NULL;
	const caaudit_ca_t *first = NULL;
	for (size_t i = 0; i < policy->ca_count && !permits; i++) {
		const caaudit_record_t *record = find_excluded(m->audit, method, &policy->ca[i],
		                                               &permits);
		if (record != NULL && excluding == NULL) {
			excluding = record;
			first = &policy->ca[i];
		}
	}
	if (excluding != NULL && !permits) {
		report_excluded(m, method, first, excluding);
	}
}

/*! Checks the validations that the policy expects, and those in the zone. */
static void check_wanted(methods_t *m)
{
	const caaudit_policy_t *policy = m->audit->policy;
	method_t method;
	for (size_t i = 0; i < policy->validation_count; i++) {
		const caaudit_expected_t *expected = &policy->validation[i];
		const caaudit_record_t record = expected_record(expected, expected->owner, 0);
		if (find_method(m->audit, expected->owner, record.rdata != NULL ? &record : NULL,
		                &method)) {
			check_method(m, &method);
		}
	}
	static const uint16_t types[] = { KNOT_RRTYPE_CNAME, KNOT_RRTYPE_TXT };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t pos = 0;
		caaudit_rrset_t set;
		while (audit_next(m->audit, types[i], &pos, &set)) {
			uint16_t type;
			const knot_dname_t *owner = set.record[0]->owner;
			if (owner[0] == 0 || owner[1] != '_' ||
			    caaudit_view_occluded(m->audit->view, owner, &type) != NULL) {
				continue;
			}
			for (size_t j = 0; j < set.count; j++) {
				if (find_method(m->audit, owner, set.record[j], &method)) {
					check_method(m, &method);
				}
			}
		}
	}
}

/*! Does a list name a method of a kind? */
static bool admits_kind(const params_t *params, caaudit_method_kind_t kind)
{
	bool admits = false;
	for (size_t i = 0; i < caaudit_methods_count && !admits; i++) {
		admits = caaudit_methods[i].kind == kind &&
		         params_admit(params, caaudit_methods[i].label);
	}
	return admits;
}

/*! Does a list name no method that takes place in the DNS, though others that exist? */
static bool excludes_dns(caaudit_issue_t issue, uint64_t now, params_t *params)
{
	params_judge(issue, now, params);
	// A label that is a slip of the pen has a finding of its own.
	return params->methods.tag_len > 0 && params->label_meant == NULL &&
	       !(params->faults & (PARAMS_METHODS_UNMET | PARAMS_METHODS_NONE)) &&
	       !admits_kind(params, CAAUDIT_METHOD_DNS);
}

/*! Was a property reported, for a validation or for another CA that accepts its issuer? */
static bool is_said(const methods_t *m, const caaudit_record_t *record)
{
	bool found = m->sorted > 0 && bsearch(&record, m->said, m->sorted, sizeof(*m->said),
	                                      array_compare_pointers) != NULL;
	for (size_t i = m->of_set; !found && i < m->said_count; i++) {
		found = m->said[i] == record;
	}
	return found;
}

/*! Is the wildcard of a host wanted, for sure, that an RRset decides about? */
static bool decides_wildcard(const audit_t *audit, const caaudit_record_t *record)
{
	bool found = false;
	for (size_t i = 0; i < audit->verdict_count && !found; i++) {
		const caaudit_verdict_t *verdict = &audit->verdict[i];
		found = verdict->wildcard && verdict->is.decided_by != NULL &&
		        knot_dname_is_equal(verdict->is.decided_by, record->owner);
	}
	return found && audit->policy->wildcard == CAAUDIT_WILDCARD_ON;
}

/*! Where no validation tells what is wanted: does a set shut out all that is done in the DNS? */
static void check_dns(methods_t *m, caaudit_rrset_t rrset, caaudit_tag_t tag,
                      const caaudit_ca_t *ca)
{
	audit_t *audit = m->audit;
	const caaudit_record_t *excluding = NULL;
	bool by_contact = false; // A method that is listed validates wildcards.
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_issue_t issue;
		params_t params;
		if (caaset_issue_for(rrset.record[i], tag, ca, &issue)) {
			if (!excludes_dns(issue, audit->now, &params)) {
				return;
			}
			by_contact = by_contact || admits_kind(&params, CAAUDIT_METHOD_CONTACT);
			excluding = rrset.record[i];
		}
	}
	if (excluding == NULL || is_said(m, excluding) || !note_said(m, excluding)) {
		return;
	}
	draft_t *draft = audit_draft_edit(audit, CAAUDIT_CAA_METHOD_EXCLUDED, excluding);
	draft->ca = ca->name;
	text_add(&draft->what, "validationmethods admits no DNS validation");
	draft->advice =
		"if DNS validation is wanted, add ca-tbr-7 and dns-01 to the list; else name "
		"the method that is used (--validation-method)";
	bool wildcards = tag == CAAUDIT_TAG_ISSUEWILD;
	bool governs = wildcards || !caaset_tag(rrset, CAAUDIT_TAG_ISSUEWILD).any;
	bool wanted = governs && decides_wildcard(audit, excluding);
	if (!by_contact && (wildcards || wanted)) {
		text_add(&draft->what, ", and by HTTP or TLS no CA validates a wildcard "
		                       "(BR 3.2.2.4.18 to 3.2.2.4.20)");
		draft->severity = wanted ? CAAUDIT_ERROR : draft->severity;
		draft->advice =
			wanted ? "add ca-tbr-7 and dns-01 to the list" :
				 "if wildcards are wanted, add ca-tbr-7 and dns-01 to the list";
	}
	audit_report(audit);
}

/*! Does any property in the zone list methods? Most zones have none. */
static bool has_lists(const audit_t *audit)
{
	size_t pos = 0;
	caaudit_rrset_t rrset;
	while (audit_next_all(audit, KNOT_RRTYPE_CAA, &pos, &rrset)) {
		for (size_t i = 0; i < rrset.count; i++) {
			caaudit_issue_t issue;
			params_t params;
			if (!caaset_issue_either(rrset.record[i], &issue)) {
				continue;
			}
			params_decide(issue, &params);
			if (params.methods.tag_len > 0) {
				return true;
			}
		}
	}
	return false;
}

void check_methods(audit_t *audit)
{
	const caaudit_policy_t *policy = audit->policy;
	methods_t m = { .audit = audit };
	if (policy->method != NULL || !has_lists(audit)) {
		return; // A method that is named and not listed is a denial.
	}
	check_wanted(&m);
	m.sorted = m.said_count;
	if (m.sorted > 1) {
		qsort(m.said, m.sorted, sizeof(*m.said), array_compare_pointers);
	}
	size_t pos = 0;
	caaudit_rrset_t rrset;
	while (!audit->failed && audit_next(audit, KNOT_RRTYPE_CAA, &pos, &rrset)) {
		m.of_set = m.said_count;
		for (size_t i = 0; i < policy->ca_count; i++) {
			if (policy->ca[i].meant != NULL) {
				continue;
			}
			check_dns(&m, rrset, CAAUDIT_TAG_ISSUE, &policy->ca[i]);
			check_dns(&m, rrset, CAAUDIT_TAG_ISSUEWILD, &policy->ca[i]);
		}
	}
	free(m.said);
}
