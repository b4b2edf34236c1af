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

static bool satisfies(const caaudit_record_t *cname, const knot_dname_t *owner,
                      const caaudit_expected_t *expected)
{
	knot_dname_storage_t target;
	name_lower(target, cname->rdata);
	return expected->target != NULL ? knot_dname_is_equal(target, expected->target)
	                                : known_validation(owner, target) != NULL;
}

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

static void report_missing(audit_t *audit, const caaudit_expected_t *expected,
                           const caaudit_lookup_t *lookup)
{
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_CNAME_MISSING, expected->owner);
	switch (lookup->answer) {
	case CAAUDIT_DELEGATED:
		text_add(&draft->text, "another zone answers below ");
		text_name(&draft->text, lookup->source);
		text_add(&draft->text, ", the CNAME belongs there");
		break;
	case CAAUDIT_DNAME:
	case CAAUDIT_DNAME_LONG:
		text_add(&draft->text, "DNAME at ");
		text_name(&draft->text, lookup->source);
		text_add(&draft->text, " hides the name, the CNAME belongs at its target");
		break;
	case CAAUDIT_NODATA:
		text_add(&draft->text, "the name exists, but has no CNAME");
		add_expected(draft, expected, DEFAULT_TTL, "add");
		break;
	default:
		text_add(&draft->text, "the validation CNAME is not there");
		add_expected(draft, expected, DEFAULT_TTL, "add");
		break;
	}
	audit_report(audit);
}

static void report_mismatch(audit_t *audit, const caaudit_expected_t *expected,
                            const caaudit_record_t *cname, bool wildcard)
{
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_TARGET_MISMATCH, expected->owner);
	text_add(&draft->text, "the CNAME leads to ");
	text_name(&draft->text, cname->rdata);
	if (wildcard) {
		// The wildcard serves other names as well: it stays, and the record is added.
		text_add(&draft->text, " (from wildcard ");
		text_name(&draft->text, cname->owner);
		text_add(&draft->text, ")");
		add_expected(draft, expected, cname->ttl, "add");
	} else {
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
