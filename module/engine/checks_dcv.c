/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <string.h>

#include <libknot/descriptor.h>

#include "audit.h"
#include "known.h"
#include "names.h"

/*! TTL of a record to add where there is none to go by. */
#define DEFAULT_TTL 3600

/*! CNAME served at a name, NULL if there is none. */
static const caaudit_record_t *find_cname(const caaudit_view_t *view, const knot_dname_t *owner,
                                          caaudit_lookup_t *lookup)
{
	caaudit_view_lookup(view, owner, KNOT_RRTYPE_CNAME, lookup);
	return lookup->answer == CAAUDIT_ANSWER ? lookup->rrset.record[0] : NULL;
}

/*! Family of a record that is as the CA gave it, NULL if it is none. */
static const known_validation_t *well_formed_family(const caaudit_record_t *cname,
                                                    const knot_dname_t *owner)
{
	known_fit_t fit;
	const known_validation_t *family = known_validation(cname->rdata, cname->rdlen, &fit);
	return family != NULL && fit == KNOWN_FITS &&
	       known_validation_owner(family, owner) == KNOWN_FITS ? family : NULL;
}

static bool satisfies(const caaudit_record_t *cname, const knot_dname_t *owner,
                      const caaudit_expected_t *expected)
{
	return expected->target != NULL ? knot_dname_is_case_equal(cname->rdata, expected->target)
	                                : well_formed_family(cname, owner) != NULL;
}

/* --- Expected records ---------------------------------------------------------------------- */

/*!
 * \brief Finds the record at an ancestor of the host, down to the apex.
 *
 * The CA asks at every level from the host up to the registrable domain, so
 * "_hash.example.com" serves for "_hash.www.example.com".
 */
static const caaudit_record_t *find_above(const caaudit_view_t *view,
                                          const caaudit_expected_t *expected)
{
	const knot_dname_t *zone = caaudit_view_zone(view);
	if (knot_dname_is_equal(expected->owner, zone)) {
		return NULL;
	}
	const knot_dname_t *host = name_parent(expected->owner);
	while (!knot_dname_is_equal(host, zone)) {
		host = name_parent(host);
		knot_dname_storage_t owner;
		size_t label = 1 + expected->owner[0];
		memcpy(owner, expected->owner, label);
		memcpy(owner + label, host, knot_dname_size(host));

		caaudit_lookup_t lookup;
		const caaudit_record_t *cname = find_cname(view, owner, &lookup);
		if (cname != NULL && !lookup.wildcard && satisfies(cname, owner, expected)) {
			return cname;
		}
	}
	return NULL;
}

/*! Adds the record to publish, or where to find it. */
static void add_expected(draft_t *draft, const caaudit_expected_t *expected, uint32_t ttl,
                         const char *verb)
{
	if (expected->target == NULL) {
		text_add(&draft->text, "; %s the CNAME that the CA's console shows", verb);
		return;
	}
	text_cname(&draft->remedy, expected->owner, ttl, expected->target);
	if (!draft->remedy.failed) {
		text_add(&draft->text, "; %s: %s", verb, draft->remedy.str);
	}
}

/*! Says that a cut or a DNAME hides a name. */
static void add_hidden(draft_t *draft, const knot_dname_t *by, bool delegation)
{
	text_add(&draft->text, "never served, %s at ", delegation ? "the delegation" : "DNAME");
	text_name(&draft->text, by);
	text_add(&draft->text, " hides it; publish it %s", delegation ? "in the child zone" :
	                                                              "at the DNAME's target");
}

static void report_missing(audit_t *audit, const caaudit_expected_t *expected,
                           const caaudit_lookup_t *lookup)
{
	draft_t *draft;
	caaudit_rrset_t txt = caaudit_view_rrset(audit->view, expected->owner, KNOT_RRTYPE_TXT);
	if (lookup->answer == CAAUDIT_DELEGATED || lookup->answer == CAAUDIT_DNAME ||
	    lookup->answer == CAAUDIT_DNAME_LONG) {
		draft = audit_draft(audit, CAAUDIT_DCV_RECORD_OCCLUDED, expected->owner);
		add_hidden(draft, lookup->source, lookup->answer == CAAUDIT_DELEGATED);
	} else if (txt.count > 0) {
		draft = audit_draft(audit, CAAUDIT_DCV_TYPE_CONFLICT, expected->owner);
		text_add(&draft->text, "TXT stands where the CA asks for a CNAME");
		text_txt(&draft->record, txt.record[0]);
		draft->edit = true;
		add_expected(draft, expected, txt.record[0]->ttl, "replace with");
	} else {
		draft = audit_draft(audit, CAAUDIT_DCV_CNAME_MISSING, expected->owner);
		text_add(&draft->text, lookup->answer == CAAUDIT_NODATA ?
		         "the name exists, but has no CNAME" : "the validation CNAME is not there");
		add_expected(draft, expected, DEFAULT_TTL, "add");
	}
	audit_report(audit);
}

static void report_mismatch(audit_t *audit, const caaudit_expected_t *expected,
                            const caaudit_record_t *cname, bool wildcard)
{
	draft_t *draft = audit_draft(audit, wildcard ? CAAUDIT_DCV_WILDCARD_ANSWERS :
	                             CAAUDIT_DCV_TARGET_MISMATCH, expected->owner);
	if (wildcard) {
		text_add(&draft->text, "the name does not exist, and the wildcard ");
		text_name(&draft->text, cname->owner);
		text_add(&draft->text, " answers with ");
		text_name(&draft->text, cname->rdata);
		add_expected(draft, expected, cname->ttl, "add");
	} else {
		text_add(&draft->text, "the CNAME leads to ");
		text_name(&draft->text, cname->rdata);
		if (expected->target == NULL) {
			text_add(&draft->text, ", which is no target of a known CA");
		} else {
			text_cname(&draft->record, cname->owner, cname->ttl, cname->rdata);
		}
		add_expected(draft, expected, cname->ttl, "replace with");
	}
	audit_report(audit);
}

void check_expected(audit_t *audit)
{
	for (size_t i = 0; i < audit->policy->validation_count; i++) {
		const caaudit_expected_t *expected = &audit->policy->validation[i];
		caaudit_lookup_t lookup;
		const caaudit_record_t *cname = find_cname(audit->view, expected->owner, &lookup);
		const caaudit_record_t *above = NULL;
		caaudit_validation_t state = { .owner = expected->owner, .expected = expected->target };

		if (cname != NULL && satisfies(cname, expected->owner, expected)) {
			state.state = "present";
		} else if ((above = find_above(audit->view, expected)) != NULL) {
			state.state = "present-above";
			cname = above;
		} else if (cname != NULL) {
			state.state = "mismatch";
			report_mismatch(audit, expected, cname, lookup.wildcard);
		} else {
			state.state = "missing";
			report_missing(audit, expected, &lookup);
		}

		knot_dname_storage_t found;
		if (cname != NULL) {
			name_lower(found, cname->rdata);
			state.found = found;
			state.found_at = cname->owner;
		}
		if (audit->sink->validation != NULL) {
			audit->sink->validation(audit->sink, &state);
		}
	}
}

/* --- What the zone holds ------------------------------------------------------------------- */

/*! Is the record one that the policy expects, there or for a host below? */
static bool is_expected(const audit_t *audit, const knot_dname_t *owner,
                        const knot_dname_t *target)
{
	for (size_t i = 0; i < audit->policy->validation_count; i++) {
		const caaudit_expected_t *expected = &audit->policy->validation[i];
		bool label = owner[0] == expected->owner[0] &&
		             memcmp(owner, expected->owner, 1 + owner[0]) == 0;
		if (label && name_in(name_parent(expected->owner), name_parent(owner)) &&
		    (expected->target == NULL || knot_dname_is_case_equal(target, expected->target))) {
			return true;
		}
	}
	return false;
}

/*!
 * \brief Takes the zone name off the end of a name.
 *
 * \retval true   if \a out is what stood before it, as an absolute name.
 * \retval false  if the name is not in the zone.
 */
static bool take_zone_off(const knot_dname_t *zone, const knot_dname_t *name, size_t size,
                          knot_dname_storage_t out)
{
	size_t zone_size = knot_dname_size(zone);
	if (zone_size == 1 || size < zone_size ||
	    !octets_equal(name + size - zone_size, zone_size, zone, zone_size)) {
		return false;
	}
	// A target is stored as it was written.
	knot_dname_storage_t lower;
	name_lower(lower, name);
	if (!name_in(lower, zone)) {
		return false; // The octets are the end of a label.
	}
	memcpy(out, name, size - zone_size);
	out[size - zone_size] = 0;
	return true;
}

static void add_record(draft_t *draft, const caaudit_record_t *cname)
{
	text_cname(&draft->record, cname->owner, cname->ttl, cname->rdata);
	draft->edit = true;
}

static void add_replacement(draft_t *draft, const caaudit_record_t *cname,
                            const knot_dname_t *owner, const knot_dname_t *target)
{
	add_record(draft, cname);
	text_cname(&draft->remedy, owner, cname->ttl, target);
	if (!draft->remedy.failed) {
		text_add(&draft->text, "; replace with: %s", draft->remedy.str);
	}
}

static bool report_occluded(audit_t *audit, const caaudit_record_t *record)
{
	uint16_t type = 0;
	const knot_dname_t *by = caaudit_view_occluded(audit->view, record->owner, &type);
	if (by == NULL) {
		return false;
	}
	for (size_t i = 0; i < audit->policy->validation_count; i++) {
		if (knot_dname_is_equal(audit->policy->validation[i].owner, record->owner)) {
			return true; // Said already.
		}
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_RECORD_OCCLUDED, record->owner);
	draft->severity = CAAUDIT_WARNING;
	add_hidden(draft, by, type == KNOT_RRTYPE_NS);
	audit_report(audit);
	return true;
}

/*! The target lost its final dot. */
static bool report_target_doubled(audit_t *audit, const caaudit_record_t *cname)
{
	knot_dname_storage_t target;
	const knot_dname_t *zone = caaudit_view_zone(audit->view);
	known_fit_t fit;
	if (!take_zone_off(zone, cname->rdata, cname->rdlen, target)) {
		return false;
	}
	const known_validation_t *family = known_validation(target, knot_dname_size(target), &fit);
	if (family == NULL || fit != KNOWN_FITS) {
		return false;
	}
	if (report_occluded(audit, cname)) {
		return true; // A right target would not be served either.
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_TARGET_DOUBLED, cname->owner);
	text_add(&draft->text, "the target (%s) lost its final dot", family->name);
	add_replacement(draft, cname, cname->owner, target);
	audit_report(audit);
	return true;
}

/*! The owner lost its final dot. */
static bool report_owner_doubled(audit_t *audit, const caaudit_record_t *cname,
                                 const known_validation_t *family)
{
	knot_dname_storage_t owner;
	const knot_dname_t *zone = caaudit_view_zone(audit->view);
	if (!take_zone_off(zone, cname->owner, knot_dname_size(cname->owner), owner) ||
	    !name_in(owner, zone)) {
		return false;
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_OWNER_DOUBLED, cname->owner);
	if (is_expected(audit, owner, cname->rdata)) {
		draft->severity = CAAUDIT_ERROR;
	}
	text_add(&draft->text, "the zone name stands twice in the owner of a validation (%s)",
	         family->name);
	add_replacement(draft, cname, owner, cname->rdata);
	audit_report(audit);
	return true;
}

/*! The owner is none that the CA could ask for. */
static bool report_bad_owner(audit_t *audit, const caaudit_record_t *cname,
                             const known_validation_t *family)
{
	switch (known_validation_owner(family, cname->owner)) {
	case KNOWN_FITS:
		return false;
	case KNOWN_UNDERSCORE: {
		draft_t *draft = audit_draft(audit, CAAUDIT_DCV_UNDERSCORE_MISSING, cname->owner);
		text_add(&draft->text, "the owner of a validation (%s) begins with an underscore",
		         family->name);
		knot_dname_storage_t owner;
		size_t size = knot_dname_size(cname->owner);
		if (size < KNOT_DNAME_MAXLEN && cname->owner[0] < KNOT_DNAME_MAXLABELLEN) {
			owner[0] = cname->owner[0] + 1;
			owner[1] = '_';
			memcpy(owner + 2, cname->owner + 1, size - 1);
			add_replacement(draft, cname, owner, cname->rdata);
		}
		audit_report(audit);
		return true;
	}
	default: {
		draft_t *draft = audit_draft(audit, CAAUDIT_DCV_LABEL_MALFORMED, cname->owner);
		text_add(&draft->text, "the target is from %s, which never asks for this name; "
		         "copy the name once more: ", family->name);
		add_record(draft, cname);
		text_cname(&draft->text, cname->owner, cname->ttl, cname->rdata);
		audit_report(audit);
		return true;
	}
	}
}

static void report_bad_target(audit_t *audit, const caaudit_record_t *cname,
                              const known_validation_t *family)
{
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_LABEL_MALFORMED, cname->owner);
	text_add(&draft->text, "the target has not the form that %s gives out, it is cut or mistyped; "
	         "copy it once more: ", family->name);
	add_record(draft, cname);
	text_cname(&draft->text, cname->owner, cname->ttl, cname->rdata);
	audit_report(audit);
}

/*! Has the policy's own verdict said so already? */
static bool is_denied(const audit_t *audit, const knot_dname_t *host, const caaudit_ca_t *ca)
{
	for (size_t i = 0; i < audit->verdict_count; i++) {
		const caaudit_verdict_t *verdict = &audit->verdict[i];
		if (verdict->permit == CAAUDIT_DENIED && knot_dname_is_equal(verdict->host, host) &&
		    caaudit_ca_accepts(ca, (const uint8_t *)verdict->ca, strlen(verdict->ca))) {
			return true;
		}
	}
	return false;
}

/*! The CA that the record is for may not issue, neither the host nor its wildcard. */
static void check_issuer_denied(audit_t *audit, const caaudit_record_t *cname,
                                const known_validation_t *family)
{
	if (family->ca == NULL) {
		return;
	}
	const known_ca_t *known = known_ca_find((const uint8_t *)family->ca, strlen(family->ca));
	const caaudit_ca_t ca = { family->ca, known != NULL ? known->name : NULL };
	const caaudit_policy_t any = { .zone = audit->policy->zone };
	const knot_dname_t *host = name_parent(cname->owner);
	caaudit_verdict_t plain, wildcard;
	caaudit_permit(audit->view, &any, host, false, &ca, &plain);
	caaudit_permit(audit->view, &any, host, true, &ca, &wildcard);
	if (plain.permit != CAAUDIT_DENIED || wildcard.permit != CAAUDIT_DENIED ||
	    is_denied(audit, host, &ca)) {
		return;
	}

	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_ISSUER_DENIED, cname->owner);
	draft->ca = family->ca;
	text_add(&draft->text, "validation for %s, but CAA at ", family->name);
	text_name(&draft->text, plain.decided_by);
	text_add(&draft->text, " does not permit %s for ", family->ca);
	text_name(&draft->text, host);
	if (plain.reason != CAAUDIT_REASON_CRITICAL && plain.reason != CAAUDIT_REASON_RDATA) {
		text_caa_new(&draft->remedy, plain.decided_by, plain.rrset.record[0]->ttl, 0, "issue",
		             (const uint8_t *)family->ca, strlen(family->ca));
		if (!draft->remedy.failed) {
			text_add(&draft->text, "; add: %s, or remove the validation if it is no longer used",
			         draft->remedy.str);
		}
	}
	audit_report(audit);
}

/*! Without configured orders nothing is known to be over. */
static void check_stale(audit_t *audit, const caaudit_record_t *cname,
                        const known_validation_t *family)
{
	if (audit->policy->validation_count == 0 || family->renewal ||
	    is_expected(audit, cname->owner, cname->rdata)) {
		return;
	}
	for (size_t i = 0; i < audit->policy->validation_count; i++) {
		if (knot_dname_is_equal(audit->policy->validation[i].owner, cname->owner)) {
			return; // dcv-target-mismatch says more.
		}
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_RECORD_STALE, cname->owner);
	text_cname(&draft->record, cname->owner, cname->ttl, cname->rdata);
	text_add(&draft->text, "no configured order expects this validation (%s); if none needs it, remove: ",
	         family->name);
	text_cname(&draft->text, cname->owner, cname->ttl, cname->rdata);
	audit_report(audit);
}

static void check_cname(audit_t *audit, const caaudit_record_t *cname)
{
	known_fit_t fit;
	const known_validation_t *family = known_validation(cname->rdata, cname->rdlen, &fit);
	if (family == NULL) {
		// Any other alias inside the zone is none of our business.
		if (cname->owner[0] > 0 && cname->owner[1] == '_') {
			(void)report_target_doubled(audit, cname);
		}
		return;
	}
	if (fit != KNOWN_FITS) {
		// Other names below the CA's domain are no validations: the owner must say so.
		if (known_validation_owner(family, cname->owner) == KNOWN_FITS) {
			report_bad_target(audit, cname, family);
		}
		return;
	}
	if (report_owner_doubled(audit, cname, family) || report_bad_owner(audit, cname, family) ||
	    report_occluded(audit, cname)) {
		return;
	}
	check_issuer_denied(audit, cname, family);
	check_stale(audit, cname, family);
}

/*! More than one record where the CA looks for one CNAME (RFC 1034 section 3.6.2). */
static void check_alone(audit_t *audit, caaudit_rrset_t cnames)
{
	const knot_dname_t *owner = cnames.record[0]->owner;
	if (owner[0] == 0 || owner[1] != '_') {
		return;
	}
	caaudit_rrset_t txt = caaudit_view_rrset(audit->view, owner, KNOT_RRTYPE_TXT);
	if (cnames.count > 1 || txt.count > 0) {
		draft_t *draft = audit_draft(audit, CAAUDIT_DCV_TYPE_CONFLICT, owner);
		text_add(&draft->text, cnames.count > 1 ? "%zu CNAMEs at one name" : "a CNAME and TXT at one name",
		         cnames.count);
		text_add(&draft->text, ", the name can hold one CNAME and nothing else; "
		         "keep the one of the open order");
		audit_report(audit);
	}
}

/*! Text of a TXT record as a name, false if it is none. */
static bool txt_name(const caaudit_record_t *txt, knot_dname_storage_t out)
{
	char text[KNOT_DNAME_TXT_MAXLEN + 1];
	size_t len = 0;
	for (size_t i = 0; i < txt->rdlen; i += 1 + txt->rdata[i]) {
		size_t part = txt->rdata[i];
		if (part > (size_t)txt->rdlen - i - 1 || len + part >= sizeof(text)) {
			return false;
		}
		memcpy(text + len, txt->rdata + i + 1, part);
		len += part;
	}
	text[len] = '\0';
	return len > 0 && strlen(text) == len &&
	       knot_dname_from_str(out, text, sizeof(knot_dname_storage_t)) != NULL;
}

/*! The target of a CNAME validation, put into a TXT record. */
static void check_txt(audit_t *audit, const caaudit_record_t *txt)
{
	knot_dname_storage_t target;
	known_fit_t fit;
	if (!txt_name(txt, target)) {
		return;
	}
	const known_validation_t *family = known_validation(target, knot_dname_size(target), &fit);
	if (family == NULL || fit != KNOWN_FITS ||
	    known_validation_owner(family, txt->owner) != KNOWN_FITS ||
	    caaudit_view_rrset(audit->view, txt->owner, KNOT_RRTYPE_CNAME).count > 0) {
		return;
	}
	for (size_t i = 0; i < audit->policy->validation_count; i++) {
		if (knot_dname_is_equal(audit->policy->validation[i].owner, txt->owner)) {
			return; // Said already.
		}
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_TYPE_CONFLICT, txt->owner);
	text_add(&draft->text, "TXT holds a target from %s, which asks for a CNAME", family->name);
	text_txt(&draft->record, txt);
	text_cname(&draft->remedy, txt->owner, txt->ttl, target);
	if (!draft->remedy.failed) {
		text_add(&draft->text, "; replace with: %s", draft->remedy.str);
	}
	audit_report(audit);
}

void check_validations(audit_t *audit)
{
	size_t pos = 0;
	caaudit_rrset_t rrset;
	while (caaudit_view_next(audit->view, KNOT_RRTYPE_CNAME, &pos, &rrset)) {
		check_alone(audit, rrset);
		for (size_t i = 0; i < rrset.count; i++) {
			check_cname(audit, rrset.record[i]);
		}
	}
	pos = 0;
	while (caaudit_view_next(audit->view, KNOT_RRTYPE_TXT, &pos, &rrset)) {
		for (size_t i = 0; i < rrset.count; i++) {
			check_txt(audit, rrset.record[i]);
		}
	}
}
