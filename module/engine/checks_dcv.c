/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>

#include "audit.h"
#include "hash.h"
#include "known.h"
#include "names.h"
#include "txt.h"

/*! TTL of a record to add where there is none to go by. */
#define DEFAULT_TTL 3600
/*! Aliases that are followed, as for CAA. */
#define FOLLOW_MAX 16
/*! Labels that differ in so many characters are taken for the same, mistyped. */
#define SLIP_DISTANCE 2
/*! Shortest label that others are compared with by its beginning. */
#define SLIP_PREFIX 8
/*! Of so many missed records with one target, labels are compared: a target that many have in
 *  common does not tell whose it is. */
#define SLIP_SHARED 16

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
	                       known_validation_owner(family, owner) == KNOWN_FITS ?
	               family :
	               NULL;
}

static bool satisfies(const caaudit_record_t *cname, const knot_dname_t *owner,
                      const caaudit_expected_t *expected)
{
	return expected->target != NULL ? knot_dname_is_case_equal(cname->rdata, expected->target) :
	                                  well_formed_family(cname, owner) != NULL;
}

/* --- Where validations are expected --------------------------------------------------------- */

/*!
 * \brief Makes the array of owners: of each expected record, and for a CNAME the same label at
 *        each name above, where it serves as well.
 */
static void index_expected(audit_t *audit)
{
	const caaudit_policy_t *policy = audit->policy;
	size_t zone_labels = knot_dname_labels(policy->zone, NULL), room = 0;
	for (size_t i = 0; i < policy->validation_count; i++) {
		room += knot_dname_labels(policy->validation[i].owner, NULL) - zone_labels + 1;
	}
	audit->expected = calloc(room + 1, sizeof(*audit->expected));
	if (audit->expected == NULL) {
		audit->failed = true;
		return;
	}
	for (size_t i = 0; i < policy->validation_count; i++) {
		const caaudit_expected_t *expected = &policy->validation[i];
		const knot_dname_t *name = expected->owner;
		audit->expected[audit->expected_count++] = (audit_name_t){ hash_name(name), i };
		if (expected->txt != NULL || knot_dname_is_equal(name, policy->zone)) {
			continue;
		}
		for (name = name_parent(name); !knot_dname_is_equal(name, policy->zone);) {
			name = name_parent(name);
			knot_dname_storage_t above;
			name_move(above, expected->owner, name);
			audit->expected[audit->expected_count++] = (audit_name_t){ hash_name(above),
				                                                   i };
		}
	}
	audit_sort(audit->expected, audit->expected_count);
}

/*! Is a record one that the policy expects, there or for a host below? */
static bool is_expected(const audit_t *audit, const knot_dname_t *owner,
                        const caaudit_record_t *record)
{
	uint64_t hash = hash_name(owner);
	for (size_t i = audit_find(audit->expected, audit->expected_count, hash);
	     i < audit->expected_count && audit->expected[i].hash == hash; i++) {
		const caaudit_expected_t *expected =
			&audit->policy->validation[audit->expected[i].nth];
		if (expected->txt != NULL) {
			if (record->type == KNOT_RRTYPE_TXT &&
			    knot_dname_is_equal(owner, expected->owner) &&
			    txt_equal(record->rdata, record->rdlen, expected->txt,
			              expected->txt_len)) {
				return true;
			}
			continue;
		}
		bool label = owner[0] == expected->owner[0] &&
		             memcmp(owner, expected->owner, 1 + owner[0]) == 0;
		if (record->type == KNOT_RRTYPE_CNAME && label && owner[0] > 0 &&
		    name_in(name_parent(expected->owner), name_parent(owner)) &&
		    (expected->target == NULL ||
		     knot_dname_is_case_equal(record->rdata, expected->target))) {
			return true;
		}
	}
	return false;
}

/*! Does the policy expect any record at this very name? */
static bool expects_at(const audit_t *audit, const knot_dname_t *owner)
{
	uint64_t hash = hash_name(owner);
	for (size_t i = audit_find(audit->expected, audit->expected_count, hash);
	     i < audit->expected_count && audit->expected[i].hash == hash; i++) {
		if (knot_dname_is_equal(audit->policy->validation[audit->expected[i].nth].owner,
		                        owner)) {
			return true;
		}
	}
	return false;
}

/* --- Records in a wrong place --------------------------------------------------------------- */

/*! How the owner of a record came to be another than the one that is expected. */
typedef enum {
	SLIP_NONE,
	SLIP_ELSEWHERE,  /*!< No way that is known. */
	SLIP_LABEL,      /*!< Labels changed places, stand twice, or one is mistyped. */
	SLIP_UNDERSCORE, /*!< The underscore is missing. */
	SLIP_DOUBLED,    /*!< The zone name was appended. */
} slip_t;

/*! An expected record that is not served, and one in the zone that was meant to be it. */
typedef struct {
	const caaudit_record_t *record; /*!< NULL = there is none. */
	slip_t slip;
	bool missed; /*!< The expected record is not served. */
} stray_t;

/*! Collects the labels of a name below the zone. */
static unsigned split(const knot_dname_t *name, const knot_dname_t *zone,
                      const uint8_t *label[KNOT_DNAME_MAXLABELS])
{
	unsigned count = 0;
	for (; !knot_dname_is_equal(name, zone); name = name_parent(name)) {
		label[count++] = name;
	}
	return count;
}

static bool same_label(const uint8_t *a, const uint8_t *b)
{
	return a[0] == b[0] && memcmp(a + 1, b + 1, a[0]) == 0;
}

/*! Are they the same labels in another order? */
static bool is_reordered(const uint8_t *const *a, const uint8_t *const *b, unsigned count)
{
	bool taken[KNOT_DNAME_MAXLABELS] = { false };
	for (unsigned i = 0; i < count; i++) {
		unsigned j = 0;
		while (j < count && (taken[j] || !same_label(a[i], b[j]))) {
			j++;
		}
		if (j == count) {
			return false;
		}
		taken[j] = true;
	}
	return true;
}

/*! Is one the other, cut or mistyped? */
static bool is_mistyped(const uint8_t *a, const uint8_t *b)
{
	size_t shorter = a[0] < b[0] ? a[0] : b[0];
	return (shorter >= SLIP_PREFIX && memcmp(a + 1, b + 1, shorter) == 0) ||
	       (shorter > 2 * SLIP_DISTANCE &&
	        octets_distance(a + 1, a[0], b + 1, b[0], SLIP_DISTANCE) <= SLIP_DISTANCE);
}

/*! The labels of the host stand twice, are in another order, or the first label is mistyped. */
static bool is_label_slip(const knot_dname_t *zone, const knot_dname_t *at,
                          const knot_dname_t *owner)
{
	const uint8_t *a[KNOT_DNAME_MAXLABELS], *b[KNOT_DNAME_MAXLABELS];
	unsigned m = split(at, zone, a), n = split(owner, zone, b);
	if (n == 0 || m == 0) {
		return false;
	} else if (m == n) {
		return is_reordered(a, b, n) ||
		       (knot_dname_is_equal(name_parent(at), name_parent(owner)) &&
		        is_mistyped(a[0], b[0]));
	}
	bool twice = m == 2 * n - 1 && same_label(a[0], b[0]);
	for (unsigned i = 1; twice && i < n; i++) {
		twice = same_label(a[i], b[i]) && same_label(a[i + n - 1], b[i]);
	}
	return twice;
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

/*! Puts an underscore before the first label; false if it does not fit. */
static bool add_underscore(const knot_dname_t *name, knot_dname_storage_t out)
{
	size_t size = knot_dname_size(name);
	if (name[0] == 0 || size >= KNOT_DNAME_MAXLEN || name[0] >= KNOT_DNAME_MAXLABELLEN) {
		return false;
	}
	out[0] = name[0] + 1;
	out[1] = '_';
	memcpy(out + 2, name + 1, size - 1);
	return true;
}

/*! Hash of what a record says: its target or text. */
static uint64_t content_hash(uint16_t type, const uint8_t *rdata, size_t rdlen)
{
	if (type == KNOT_RRTYPE_TXT) {
		return txt_hash(rdata, rdlen);
	}
	knot_dname_storage_t target;
	name_lower(target, rdata);
	return hash_name(target);
}

static bool says(const caaudit_record_t *record, const caaudit_expected_t *expected)
{
	if (expected->txt != NULL) {
		return record->type == KNOT_RRTYPE_TXT &&
		       txt_equal(record->rdata, record->rdlen, expected->txt, expected->txt_len);
	}
	return record->type == KNOT_RRTYPE_CNAME && expected->target != NULL &&
	       knot_dname_is_case_equal(record->rdata, expected->target);
}

/*! Takes a record for the one that is missed, unless there is one that fits better. */
static void set_stray(stray_t *stray, const caaudit_record_t *record, slip_t slip)
{
	if (slip > stray->slip) {
		stray->record = record;
		stray->slip = slip;
	}
}

/*! Looks whether a record is one that is missed at a name that it might have. */
static void match_name(const audit_t *audit, const knot_dname_t *name,
                       const caaudit_record_t *record, slip_t slip, stray_t *stray)
{
	uint64_t hash = hash_name(name);
	for (size_t i = audit_find(audit->expected, audit->expected_count, hash);
	     i < audit->expected_count && audit->expected[i].hash == hash; i++) {
		size_t nth = audit->expected[i].nth;
		const caaudit_expected_t *expected = &audit->policy->validation[nth];
		if (stray[nth].missed && knot_dname_is_equal(expected->owner, name) &&
		    says(record, expected)) {
			set_stray(&stray[nth], record, slip);
		}
	}
}

/*! Looks whether a record is one of those that are missed. */
static void match_stray(audit_t *audit, const audit_name_t *missed, size_t count,
                        const caaudit_record_t *record, stray_t *stray)
{
	uint64_t hash = content_hash(record->type, record->rdata, record->rdlen);
	uint16_t type;
	size_t first = audit_find(missed, count, hash);
	if (first == count || missed[first].hash != hash ||
	    is_expected(audit, record->owner, record) ||
	    caaudit_view_occluded(audit->view, record->owner, &type) != NULL) {
		return;
	}
	const knot_dname_t *zone = caaudit_view_zone(audit->view);
	knot_dname_storage_t off, with;
	if (take_zone_off(zone, record->owner, knot_dname_size(record->owner), off)) {
		match_name(audit, off, record, SLIP_DOUBLED, stray);
		if (add_underscore(off, with)) {
			match_name(audit, with, record, SLIP_UNDERSCORE, stray);
		}
	}
	if (add_underscore(record->owner, with)) {
		match_name(audit, with, record, SLIP_UNDERSCORE, stray);
	}
	size_t end = first + SLIP_SHARED < count ? first + SLIP_SHARED : count;
	for (size_t i = first; i < end && missed[i].hash == hash; i++) {
		const caaudit_expected_t *expected = &audit->policy->validation[missed[i].nth];
		if (says(record, expected)) {
			set_stray(&stray[missed[i].nth], record,
			          is_label_slip(zone, record->owner, expected->owner) ?
			                  SLIP_LABEL :
			                  SLIP_ELSEWHERE);
		}
	}
}

/*!
 * \brief Looks in the zone for the records that are missed.
 *
 * \param[in]  audit   Audit.
 * \param[in]  missed  Hashes of what they say, sorted, and their positions in the policy.
 * \param[in]  count   Number of them.
 * \param[out] stray   For each of the policy's validations.
 */
static void find_strays(audit_t *audit, const audit_name_t *missed, size_t count, stray_t *stray)
{
	static const uint16_t types[] = { KNOT_RRTYPE_CNAME, KNOT_RRTYPE_TXT };
	for (size_t i = 0; count > 0 && i < sizeof(types) / sizeof(types[0]); i++) {
		size_t pos = 0;
		caaudit_rrset_t rrset;
		while (caaudit_view_next(audit->view, types[i], &pos, &rrset)) {
			for (size_t j = 0; j < rrset.count; j++) {
				match_stray(audit, missed, count, rrset.record[j], stray);
			}
		}
	}
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
		name_move(owner, expected->owner, host);

		caaudit_lookup_t lookup;
		const caaudit_record_t *cname = find_cname(view, owner, &lookup);
		if (cname != NULL && !lookup.wildcard && satisfies(cname, owner, expected)) {
			return cname;
		}
	}
	return NULL;
}

/*! Appends a record as one would write it. */
static void text_record(text_t *text, const caaudit_record_t *record)
{
	if (record->type == KNOT_RRTYPE_TXT) {
		text_txt(text, record);
	} else {
		text_cname(text, record->owner, record->ttl, record->rdata);
	}
}

/*! The record that is expected, to be published at a name. */
static caaudit_record_t expected_record(const caaudit_expected_t *expected, const knot_dname_t *at,
                                        uint32_t ttl)
{
	bool txt = expected->txt != NULL;
	return (caaudit_record_t){
		.owner = at,
		.rdata = txt ? expected->txt : expected->target,
		.ttl = ttl,
		.type = txt ? KNOT_RRTYPE_TXT : KNOT_RRTYPE_CNAME,
		.rdlen = txt ? expected->txt_len : knot_dname_size(expected->target),
	};
}

/*! Adds the record to publish at a name, or where to find it. */
static void add_expected(draft_t *draft, const caaudit_expected_t *expected, const knot_dname_t *at,
                         uint32_t ttl, const char *verb)
{
	if (expected->target == NULL && expected->txt == NULL) {
		text_add(&draft->text, "; %s the CNAME that the CA's console shows", verb);
		return;
	}
	const caaudit_record_t record = expected_record(expected, at, ttl);
	text_record(&draft->remedy, &record);
	if (!draft->remedy.failed) {
		text_add(&draft->text, "; %s: %s", verb, draft->remedy.str);
	}
}

/*! Says that a cut or a DNAME hides a name. */
static void add_hidden(draft_t *draft, const knot_dname_t *by, bool delegation)
{
	text_add(&draft->text, "never served, %s at ", delegation ? "the delegation" : "DNAME");
	text_name(&draft->text, by);
	text_add(&draft->text, " hides it; publish it %s",
	         delegation ? "in the child zone" : "at the DNAME's target");
}

/*! Says where the record stands that was meant. */
static void add_stray(draft_t *draft, const stray_t *stray)
{
	if (stray->record != NULL) {
		text_add(&draft->text, ", one like it stands at ");
		text_name(&draft->text, stray->record->owner);
	}
}

static void add_record(draft_t *draft, const caaudit_record_t *record)
{
	text_record(&draft->record, record);
	draft->edit = true;
}

/*! Reports a record that was meant to be an expected one, where it stands. */
static void report_slip(audit_t *audit, const caaudit_expected_t *expected, const stray_t *stray)
{
	static const caaudit_id_t id[] = {
		[SLIP_LABEL] = CAAUDIT_DCV_LABEL_MALFORMED,
		[SLIP_UNDERSCORE] = CAAUDIT_DCV_UNDERSCORE_MISSING,
		[SLIP_DOUBLED] = CAAUDIT_DCV_OWNER_DOUBLED,
	};
	const caaudit_record_t *record = stray->record;
	draft_t *draft = audit_draft(audit, id[stray->slip], record->owner);
	draft->severity = CAAUDIT_ERROR;
	switch (stray->slip) {
	case SLIP_DOUBLED:
		text_add(&draft->text,
		         "the zone name stands twice in the owner of an expected validation");
		break;
	case SLIP_UNDERSCORE:
		text_add(&draft->text,
		         "the owner of an expected validation begins with an underscore");
		break;
	default:
		text_add(&draft->text, "this record is expected at ");
		text_name(&draft->text, expected->owner);
		break;
	}
	add_record(draft, record);
	add_expected(draft, expected, expected->owner, record->ttl, "replace with");
	audit_report(audit);
}

/*! Says at which name above the host another CNAME stands, if one does. */
static void add_above(audit_t *audit, draft_t *draft, const caaudit_expected_t *expected)
{
	const knot_dname_t *zone = caaudit_view_zone(audit->view);
	if (knot_dname_is_equal(expected->owner, zone)) {
		return;
	}
	for (const knot_dname_t *host = name_parent(expected->owner);
	     !knot_dname_is_equal(host, zone);) {
		host = name_parent(host);
		knot_dname_storage_t owner;
		name_move(owner, expected->owner, host);
		caaudit_lookup_t lookup;
		const caaudit_record_t *cname = find_cname(audit->view, owner, &lookup);
		if (cname != NULL && !lookup.wildcard) {
			text_add(&draft->text, ", and that of a name above, ");
			text_name(&draft->text, owner);
			text_add(&draft->text, ", leads to ");
			text_name(&draft->text, cname->rdata);
			return;
		}
	}
}

static void report_missing(audit_t *audit, const caaudit_expected_t *expected,
                           const caaudit_lookup_t *lookup, const stray_t *stray)
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
		add_record(draft, txt.record[0]);
		add_expected(draft, expected, expected->owner, txt.record[0]->ttl, "replace with");
	} else {
		draft = audit_draft(audit, CAAUDIT_DCV_CNAME_MISSING, expected->owner);
		text_add(&draft->text, lookup->answer == CAAUDIT_NODATA ?
		                               "the name exists, but has no CNAME" :
		                               "the validation CNAME is not there");
		add_above(audit, draft, expected);
		add_stray(draft, stray);
		add_expected(draft, expected, expected->owner, DEFAULT_TTL, "add");
	}
	audit_report(audit);
}

/*! Is the target the expected one with the zone name appended? */
static bool lost_its_dot(const audit_t *audit, const caaudit_expected_t *expected,
                         const caaudit_record_t *cname)
{
	knot_dname_storage_t target;
	return expected->target != NULL &&
	       take_zone_off(caaudit_view_zone(audit->view), cname->rdata, cname->rdlen, target) &&
	       knot_dname_is_case_equal(target, expected->target);
}

static void report_mismatch(audit_t *audit, const caaudit_expected_t *expected,
                            const caaudit_record_t *cname, bool wildcard, const stray_t *stray)
{
	bool doubled = !wildcard && lost_its_dot(audit, expected, cname);
	draft_t *draft = audit_draft(audit,
	                             wildcard ? CAAUDIT_DCV_WILDCARD_ANSWERS :
	                             doubled  ? CAAUDIT_DCV_TARGET_DOUBLED :
	                                        CAAUDIT_DCV_TARGET_MISMATCH,
	                             expected->owner);
	if (wildcard) {
		text_add(&draft->text, "the name does not exist, and the wildcard ");
		text_name(&draft->text, cname->owner);
		text_add(&draft->text, " answers with ");
		text_name(&draft->text, cname->rdata);
		add_stray(draft, stray);
		add_expected(draft, expected, expected->owner, cname->ttl, "add");
	} else if (doubled) {
		text_add(&draft->text, "the target lost its final dot");
		add_record(draft, cname);
		add_expected(draft, expected, expected->owner, cname->ttl, "replace with");
	} else {
		text_add(&draft->text, "the CNAME leads to ");
		text_name(&draft->text, cname->rdata);
		if (expected->target == NULL) {
			text_add(&draft->text, ", which is no target of a known CA");
		} else {
			text_cname(&draft->record, cname->owner, cname->ttl, cname->rdata);
		}
		add_expected(draft, expected, expected->owner, cname->ttl, "replace with");
	}
	audit_report(audit);
}

/*! Finds the expected CNAME, at its owner or above; \a lookup is that at the owner. */
static const caaudit_record_t *find_expected(const audit_t *audit,
                                             const caaudit_expected_t *expected,
                                             caaudit_lookup_t *lookup)
{
	const caaudit_record_t *cname = find_cname(audit->view, expected->owner, lookup);
	return cname != NULL && satisfies(cname, expected->owner, expected) ?
	               cname :
	               find_above(audit->view, expected);
}

static void tell_state(audit_t *audit, caaudit_validation_t *state, const caaudit_record_t *found)
{
	knot_dname_storage_t target;
	text_t text = TEXT_EMPTY;
	if (found != NULL) {
		state->found_at = found->owner;
		if (found->type == KNOT_RRTYPE_TXT) {
			text_strings(&text, found->rdata, found->rdlen);
			state->found_txt = text.str;
		} else {
			name_lower(target, found->rdata);
			state->found = target;
		}
	}
	if (text.failed) {
		audit->failed = true;
	} else if (audit->sink->validation != NULL) {
		audit->sink->validation(audit->sink, state);
	}
	state->found = NULL; // It is of this function.
	text_free(&text);
}

static void check_expected_cname(audit_t *audit, const caaudit_expected_t *expected,
                                 const stray_t *stray)
{
	caaudit_validation_t state = {
		.owner = expected->owner,
		.type = KNOT_RRTYPE_CNAME,
		.expected = expected->target,
	};
	caaudit_lookup_t lookup;
	const caaudit_record_t *cname = find_expected(audit, expected, &lookup);
	if (cname != NULL) {
		bool here = lookup.answer == CAAUDIT_ANSWER && cname == lookup.rrset.record[0];
		state.state = here ? "present" : "present-above";
	} else if (lookup.answer == CAAUDIT_ANSWER) {
		cname = lookup.rrset.record[0];
		state.state = "mismatch";
		report_mismatch(audit, expected, cname, lookup.wildcard, stray);
	} else {
		state.state = "missing";
		report_missing(audit, expected, &lookup, stray);
	}
	tell_state(audit, &state, cname);
}

/* --- Expected TXT records ------------------------------------------------------------------- */

/*!
 * \brief Asks for TXT as a resolver does, along the aliases in the zone.
 *
 * \param[in]  view    View.
 * \param[in]  owner   Name that is asked for.
 * \param[out] at      Name that the answer is from.
 * \param[out] lookup  Answer at that name: an alias if there are too many.
 *
 * \return True if there were aliases.
 */
static bool follow_txt(const caaudit_view_t *view, const knot_dname_t *owner,
                       knot_dname_storage_t at, caaudit_lookup_t *lookup)
{
	name_lower(at, owner);
	caaudit_view_lookup(view, at, KNOT_RRTYPE_TXT, lookup);
	unsigned count = 0;
	while ((lookup->answer == CAAUDIT_CNAME || lookup->answer == CAAUDIT_DNAME) &&
	       count < FOLLOW_MAX) {
		name_lower(at, lookup->target);
		caaudit_view_lookup(view, at, KNOT_RRTYPE_TXT, lookup);
		count++;
	}
	return count > 0;
}

/*! Finds the expected text among the records of an answer: several TXT at one name are sound. */
static const caaudit_record_t *find_txt(const caaudit_lookup_t *lookup,
                                        const caaudit_expected_t *expected)
{
	for (size_t i = 0; lookup->answer == CAAUDIT_ANSWER && i < lookup->rrset.count; i++) {
		if (says(lookup->rrset.record[i], expected)) {
			return lookup->rrset.record[i];
		}
	}
	return NULL;
}

/*! An alias leads to where another zone answers. */
static void tell_unseen(audit_t *audit, const knot_dname_t *owner, const knot_dname_t *at)
{
	text_t what = TEXT_EMPTY, why = TEXT_EMPTY;
	text_add(&what, "validation TXT of ");
	text_name(&what, owner);
	text_add(&why, "an alias leads to ");
	text_name(&why, at);
	text_add(&why, ", where another zone answers");
	audit_not_checked(audit, &what, &why);
}

static void report_txt(audit_t *audit, const caaudit_expected_t *expected, bool aliased,
                       const knot_dname_t *at, const caaudit_lookup_t *lookup, const stray_t *stray)
{
	draft_t *draft;
	if (lookup->answer == CAAUDIT_DELEGATED) {
		draft = audit_draft(audit, CAAUDIT_DCV_RECORD_OCCLUDED, expected->owner);
		add_hidden(draft, lookup->source, true);
		audit_report(audit);
		return;
	}
	draft = audit_draft(audit,
	                    lookup->wildcard ? CAAUDIT_DCV_WILDCARD_ANSWERS :
	                                       CAAUDIT_DCV_TXT_MISSING,
	                    expected->owner);
	if (lookup->answer == CAAUDIT_CNAME || lookup->answer == CAAUDIT_DNAME) {
		text_add(&draft->text, "the aliases lead in a circle or too far");
		audit_report(audit);
		return;
	} else if (lookup->answer == CAAUDIT_DNAME_LONG) {
		text_add(&draft->text, "DNAME at ");
		text_name(&draft->text, lookup->source);
		text_add(&draft->text, " makes too long a name of this one");
		audit_report(audit);
		return;
	}
	if (aliased) {
		text_add(&draft->text, "the name is an alias for ");
		text_name(&draft->text, at);
		text_add(&draft->text, "; ");
	}
	uint32_t ttl = DEFAULT_TTL;
	if (lookup->wildcard && lookup->answer == CAAUDIT_ANSWER) {
		text_add(&draft->text, "the name does not exist, and the wildcard ");
		text_name(&draft->text, lookup->source);
		text_add(&draft->text, " answers with another TXT");
	} else if (lookup->answer == CAAUDIT_ANSWER && lookup->rrset.count == 1) {
		text_add(&draft->text, "the TXT record there is not the expected one");
		// NOLINTNEXTLINE(*NullDereference): an answer has records.
		ttl = lookup->rrset.record[0]->ttl;
	} else if (lookup->answer == CAAUDIT_ANSWER) {
		text_add(&draft->text, "none of the %zu TXT records there is the expected one",
		         lookup->rrset.count);
		// NOLINTNEXTLINE(*NullDereference): an answer has records.
		ttl = lookup->rrset.record[0]->ttl;
	} else {
		text_add(&draft->text, "the validation TXT record is not there");
	}
	add_stray(draft, stray);
	add_expected(draft, expected, at, ttl, "add");
	audit_report(audit);
}

static void check_expected_txt(audit_t *audit, const caaudit_expected_t *expected,
                               const stray_t *stray)
{
	text_t text = TEXT_EMPTY;
	text_strings(&text, expected->txt, expected->txt_len);
	caaudit_validation_t state = {
		.owner = expected->owner,
		.type = KNOT_RRTYPE_TXT,
		.expected_txt = text.str,
	};
	audit->failed = audit->failed || text.failed;
	knot_dname_storage_t at;
	caaudit_lookup_t lookup;
	bool aliased = follow_txt(audit->view, expected->owner, at, &lookup);
	const caaudit_record_t *found = find_txt(&lookup, expected);
	if (found != NULL) {
		state.state = "present";
	} else if (lookup.answer == CAAUDIT_OUTSIDE ||
	           (aliased && lookup.answer == CAAUDIT_DELEGATED)) {
		state.state = "not-checked";
		tell_unseen(audit, expected->owner, at);
	} else {
		found = lookup.answer == CAAUDIT_ANSWER ? lookup.rrset.record[0] : NULL;
		state.state = found != NULL ? "mismatch" : "missing";
		report_txt(audit, expected, aliased, at, &lookup, stray);
	}
	tell_state(audit, &state, found);
	text_free(&text);
}

/*! Collects what is missed of the policy's records, and looks where it may stand instead. */
static void look_for_missed(audit_t *audit, stray_t *stray)
{
	const caaudit_policy_t *policy = audit->policy;
	audit_name_t *missed = calloc(policy->validation_count, sizeof(*missed));
	if (missed == NULL) {
		audit->failed = true;
		return;
	}
	size_t count = 0;
	for (size_t i = 0; i < policy->validation_count; i++) {
		const caaudit_expected_t *expected = &policy->validation[i];
		caaudit_lookup_t lookup;
		knot_dname_storage_t at;
		bool there = true;
		if (expected->txt != NULL) {
			(void)follow_txt(audit->view, expected->owner, at, &lookup);
			there = find_txt(&lookup, expected) != NULL;
		} else if (expected->target != NULL) {
			there = find_expected(audit, expected, &lookup) != NULL;
		}
		if (!there) {
			const caaudit_record_t record = expected_record(expected, expected->owner,
			                                                0);
			uint64_t hash = content_hash(record.type, record.rdata, record.rdlen);
			missed[count++] = (audit_name_t){ hash, i };
			stray[i].missed = true;
		}
	}
	audit_sort(missed, count);
	find_strays(audit, missed, count, stray);
	free(missed);
}

static int compare_records(const void *a, const void *b)
{
	const caaudit_record_t *const *x = a, *const *y = b;
	return (*x > *y) - (*x < *y);
}

void check_expected(audit_t *audit)
{
	const caaudit_policy_t *policy = audit->policy;
	if (policy->validation_count == 0) {
		return;
	}
	index_expected(audit);
	stray_t *stray = calloc(policy->validation_count, sizeof(*stray));
	audit->slip = calloc(policy->validation_count, sizeof(*audit->slip));
	if (audit->failed || stray == NULL || audit->slip == NULL) {
		free(stray);
		audit->failed = true;
		return;
	}
	look_for_missed(audit, stray);
	for (size_t i = 0; !audit->failed && i < policy->validation_count; i++) {
		const caaudit_expected_t *expected = &policy->validation[i];
		if (expected->txt != NULL) {
			check_expected_txt(audit, expected, &stray[i]);
		} else {
			check_expected_cname(audit, expected, &stray[i]);
		}
		if (stray[i].slip > SLIP_ELSEWHERE) {
			report_slip(audit, expected, &stray[i]);
			audit->slip[audit->slip_count++] = stray[i].record;
		}
	}
	free(stray);
	qsort(audit->slip, audit->slip_count, sizeof(*audit->slip), compare_records);
}

/* --- What the zone holds ------------------------------------------------------------------- */

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
	if (expects_at(audit, record->owner)) {
		return true; // Said already.
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
	if (expects_at(audit, cname->owner)) {
		return true; // Said already.
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
	if (is_expected(audit, owner, cname)) {
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
		if (add_underscore(cname->owner, owner)) {
			add_replacement(draft, cname, owner, cname->rdata);
		}
		audit_report(audit);
		return true;
	}
	default: {
		draft_t *draft = audit_draft(audit, CAAUDIT_DCV_LABEL_MALFORMED, cname->owner);
		text_add(&draft->text,
		         "the target is from %s, which never asks for this name; "
		         "copy the name once more: ",
		         family->name);
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
	text_add(&draft->text,
	         "the target has not the form that %s gives out, it is cut or mistyped; "
	         "copy it once more: ",
	         family->name);
	add_record(draft, cname);
	text_cname(&draft->text, cname->owner, cname->ttl, cname->rdata);
	audit_report(audit);
}

/*! Has the policy's own verdict said so already? */
static bool is_denied(const audit_t *audit, const knot_dname_t *host, const caaudit_ca_t *ca)
{
	size_t count;
	const caaudit_verdict_t *first = audit_verdicts(audit, host, &count);
	for (size_t i = 0; first != NULL && i < count; i++) {
		const caaudit_verdict_t *verdict = &first[i];
		if (verdict->permit == CAAUDIT_DENIED &&
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
		text_caa_new(&draft->remedy, plain.decided_by, plain.rrset.record[0]->ttl, 0,
		             "issue", (const uint8_t *)family->ca, strlen(family->ca));
		if (!draft->remedy.failed) {
			text_add(&draft->text,
			         "; add: %s, or remove the validation if it is no longer used",
			         draft->remedy.str);
		}
	}
	audit_report(audit);
}

/*! Without configured orders nothing is known to be over. */
static void check_stale(audit_t *audit, const caaudit_record_t *cname,
                        const known_validation_t *family)
{
	if (audit->policy->validation_count == 0 || audit->policy->partial || family->renewal ||
	    is_expected(audit, cname->owner, cname) ||
	    expects_at(audit, cname->owner)) { // dcv-target-mismatch says more.
		return;
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_RECORD_STALE, cname->owner);
	text_cname(&draft->record, cname->owner, cname->ttl, cname->rdata);
	text_add(&draft->text,
	         "no configured order expects this validation (%s); if none needs it, remove: ",
	         family->name);
	text_cname(&draft->text, cname->owner, cname->ttl, cname->rdata);
	audit_report(audit);
}

/*! Has the record been reported as an expected one in a wrong place? */
static bool is_slip(const audit_t *audit, const caaudit_record_t *record)
{
	return audit->slip_count > 0 && bsearch(&record, audit->slip, audit->slip_count,
	                                        sizeof(*audit->slip), compare_records) != NULL;
}

static void check_cname(audit_t *audit, const caaudit_record_t *cname)
{
	if (is_slip(audit, cname)) {
		return;
	}
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
		text_add(&draft->text,
		         cnames.count > 1 ? "%zu CNAMEs at one name" :
		                            "a CNAME and TXT at one name",
		         cnames.count);
		text_add(&draft->text, ", the name can hold one CNAME and nothing else; "
		                       "keep the one of the open order");
		audit_report(audit);
	}
}

/*! Text of a TXT record as a name, false if it is none. */
static bool txt_name(const caaudit_record_t *txt, knot_dname_storage_t out)
{
	// Strings of no octets take one each and give none.
	char text[KNOT_DNAME_TXT_MAXLEN + 1];
	if (txt->rdlen >= sizeof(text)) {
		return false;
	}
	size_t len = txt_join(txt->rdata, txt->rdlen, (uint8_t *)text);
	text[len] = '\0';
	return txt_is_sound(txt->rdata, txt->rdlen) && len > 0 && strlen(text) == len &&
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
	if (expects_at(audit, txt->owner)) {
		return; // Said already.
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
