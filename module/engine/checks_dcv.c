/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Checks of validation records: those that are expected, and those that the zone holds.
 */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>

#include "array.h"
#include "checks.h"
#include "hash.h"
#include "known.h"
#include "names.h"
#include "persist.h"
#include "policy.h"
#include "txt.h"
#include "view.h"

/*! Labels that differ in so many characters are taken for the same, mistyped. */
#define SLIP_DISTANCE 2
/*! Shortest label that others are compared with by its beginning. */
#define SLIP_PREFIX 8
/*! Of so many expected records with one target, labels are compared: a target that many have in
 *  common does not tell whose it is. */
#define SLIP_SHARED 256

/*! CNAME served at a name, NULL if there is none. */
static const caaudit_record_t *find_cname(const caaudit_view_t *view, const knot_dname_t *owner,
                                          caaudit_lookup_t *lookup)
{
	caaudit_view_lookup(view, owner, KNOT_RRTYPE_CNAME, lookup);
	return lookup->answer == CAAUDIT_ANSWER ? lookup->rrset.record[0] : NULL;
}

/*! The validation of a host name that an owner is for; NULL if it is for none. */
static const caaudit_txt_t *find_challenge(const knot_dname_t *owner)
{
	const caaudit_txt_t *known = known_txt(owner);
	return known != NULL && known->method != NULL ? known : NULL;
}

/*! Does a CA ask a name for TXT alone? Then it takes what aliases lead to (RFC 1034 section 3.6.2). */
static bool asks_txt(const knot_dname_t *owner)
{
	const caaudit_txt_t *known = find_challenge(owner);
	return known != NULL && strcmp(known->method, "ca-tbr-7") != 0;
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

/*! Are two targets one to the CA? AWS takes its own with a leading underscore and without. */
static bool same_target(const knot_dname_t *a, const knot_dname_t *b)
{
	knot_dname_storage_t with;
	if (knot_dname_is_case_equal(a, b)) {
		return true;
	} else if (a[0] > b[0]) {
		return same_target(b, a);
	}
	const caaudit_form_t *form = known_target(a, knot_dname_size(a));
	return form != NULL && form->ca_id == CAAUDIT_CA_AMAZON && add_underscore(a, with) &&
	       knot_dname_is_case_equal(with, b);
}

/*! Is a record of whatever content expected? */
static bool is_any(const caaudit_expected_t *expected)
{
	return expected->target == NULL && expected->txt == NULL;
}

/*! Octets of a persistent validation that is compared by what it says. */
#define PERSIST_MAX 1024

/*! Takes a persistent validation apart; false if it is too long. */
static bool get_persist(const uint8_t *rdata, size_t rdlen, uint8_t *text, persist_t *out)
{
	if (rdlen > PERSIST_MAX) {
		return false;
	}
	persist_parse(text, txt_join(rdata, rdlen, text), out);
	return true;
}

/*! Has a TXT the text that is expected? One of a persistent validation may be written otherwise. */
static bool says_txt(const caaudit_record_t *record, const caaudit_expected_t *expected)
{
	uint8_t a_text[PERSIST_MAX], b_text[PERSIST_MAX];
	persist_t a, b;
	return txt_equal(record->rdata, record->rdlen, expected->txt, expected->txt_len) ||
	       (persist_label(expected->owner) != PERSIST_NONE &&
	        get_persist(record->rdata, record->rdlen, a_text, &a) &&
	        get_persist(expected->txt, expected->txt_len, b_text, &b) && persist_equal(&a, &b));
}

static bool says(const caaudit_record_t *record, const caaudit_expected_t *expected)
{
	if (expected->txt != NULL) {
		return record->type == KNOT_RRTYPE_TXT && says_txt(record, expected);
	}
	return record->type == KNOT_RRTYPE_CNAME && expected->target != NULL &&
	       same_target(record->rdata, expected->target);
}

/*! The same, where any CNAME as a CA gave it says what is expected without a target. */
static bool satisfies(const caaudit_record_t *record, const knot_dname_t *owner,
                      const caaudit_expected_t *expected)
{
	return is_any(expected) ? known_cname(record, owner) != NULL : says(record, expected);
}

/* --- Where validations are expected --------------------------------------------------------- */

/*! Is a record one that the policy expects, there or for a host below? */
bool dcv_is_expected(const audit_t *audit, const knot_dname_t *owner,
                     const caaudit_record_t *record)
{
	const caaudit_mention_t *item;
	for (size_t pos = 0; (item = caaudit_policy_find(audit->policy, owner, &pos)) != NULL;) {
		const caaudit_expected_t *expected = &audit->policy->validation[item->nth];
		if (item->role != CAAUDIT_NAME_HOST && (expected->txt != NULL || owner[0] > 0) &&
		    (says(record, expected) ||
		     (is_any(expected) && record->type == KNOT_RRTYPE_CNAME))) {
			return true;
		}
	}
	return false;
}

/*! Does the policy expect any record at this very name? */
static bool expects_at(const audit_t *audit, const knot_dname_t *owner)
{
	const caaudit_mention_t *item;
	for (size_t pos = 0; (item = caaudit_policy_find(audit->policy, owner, &pos)) != NULL;) {
		if (item->role == CAAUDIT_NAME_EXPECTED) {
			return true;
		}
	}
	return false;
}

/*! Can two expected records not stand side by side? (RFC 1034 section 3.6.2) */
static bool is_conflict(const caaudit_expected_t *a, const caaudit_expected_t *b)
{
	if (a->txt != NULL || b->txt != NULL) {
		return (a->txt != NULL) != (b->txt != NULL);
	}
	return a->target != NULL && b->target != NULL && !knot_dname_is_equal(a->target, b->target);
}

/*! The other expected record at an owner that a record cannot stand beside; NULL if there is none. */
static const caaudit_expected_t *find_conflict(const audit_t *audit,
                                               const caaudit_expected_t *expected)
{
	const caaudit_mention_t *item;
	for (size_t pos = 0;
	     (item = caaudit_policy_find(audit->policy, expected->owner, &pos)) != NULL;) {
		const caaudit_expected_t *other = &audit->policy->validation[item->nth];
		if (item->role == CAAUDIT_NAME_EXPECTED && is_conflict(expected, other)) {
			return other;
		}
	}
	return NULL;
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
typedef struct stray {
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
	if (m != 2 * n - 1) {
		return false;
	}
	// There are m and n of them; clang's analyser does not follow split().
	for (unsigned i = 0; i < m; i++) {
		const uint8_t *twin = b[i < n ? i : i - n + 1]; // NOLINT(clang-analyzer-core.*)
		if (!same_label(a[i], twin)) {                  // NOLINT(clang-analyzer-core.*)
			return false;
		}
	}
	return true;
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
	const caaudit_mention_t *item;
	for (size_t pos = 0; (item = caaudit_policy_find(audit->policy, name, &pos)) != NULL;) {
		if (item->role == CAAUDIT_NAME_EXPECTED && stray[item->nth].missed &&
		    says(record, &audit->policy->validation[item->nth])) {
			set_stray(&stray[item->nth], record, slip);
		}
	}
}

/*! Looks whether a record is one of those that are missed. */
static void match_stray(audit_t *audit, const caaudit_record_t *record, stray_t *stray)
{
	uint64_t hash = content_hash(record->type, record->rdata, record->rdlen);
	uint16_t type;
	const caaudit_mention_t *item;
	size_t pos = 0;
	if (policy_find_content(audit->policy, hash, &pos) == NULL ||
	    dcv_is_expected(audit, record->owner, record) ||
	    caaudit_view_occluded(audit->view, record->owner, &type) != NULL) {
		return;
	}
	const knot_dname_t *zone = caaudit_view_zone(audit->view);
	knot_dname_storage_t off, with;
	if (name_take_off(zone, record->owner, knot_dname_size(record->owner), off)) {
		match_name(audit, off, record, SLIP_DOUBLED, stray);
		if (add_underscore(off, with)) {
			match_name(audit, with, record, SLIP_UNDERSCORE, stray);
		}
	}
	if (add_underscore(record->owner, with)) {
		match_name(audit, with, record, SLIP_UNDERSCORE, stray);
	}
	pos = 0;
	for (unsigned i = 0;
	     i < SLIP_SHARED && (item = policy_find_content(audit->policy, hash, &pos)) != NULL;
	     i++) {
		const caaudit_expected_t *expected = &audit->policy->validation[item->nth];
		if (stray[item->nth].missed && says(record, expected)) {
			set_stray(&stray[item->nth], record,
			          is_label_slip(zone, record->owner, expected->owner) ?
			                  SLIP_LABEL :
			                  SLIP_ELSEWHERE);
		}
	}
}

/*! Walks over the RRsets in which records that are missed are looked for. */
typedef bool (*next_f)(const audit_t *audit, uint16_t type, size_t *pos, caaudit_rrset_t *out);

/*! Looks for the records that are missed. */
static void find_strays(audit_t *audit, stray_t *stray, next_f next)
{
	static const uint16_t types[] = { KNOT_RRTYPE_CNAME, KNOT_RRTYPE_TXT };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t pos = 0;
		caaudit_rrset_t rrset;
		while (next(audit, types[i], &pos, &rrset)) {
			for (size_t j = 0; j < rrset.count; j++) {
				match_stray(audit, rrset.record[j], stray);
			}
		}
	}
}

/* --- Expected records ---------------------------------------------------------------------- */

/*! Where does the CA of a record ask for it? */
static caaudit_climb_t climb_of(const caaudit_record_t *cname, const knot_dname_t *owner)
{
	return known_climb(owner, known_cname(cname, owner));
}

/*!
 * \brief Finds the record at an ancestor of the host, down to the apex; or \a any CNAME there.
 *
 * A CA that climbs asks at every level from the host up to the registrable domain, so
 * "_hash.example.com" serves for "_hash.www.example.com". Of others that is not known.
 */
static const caaudit_record_t *find_above(const caaudit_view_t *view,
                                          const caaudit_expected_t *expected, bool any)
{
	const knot_dname_t *zone = caaudit_view_zone(view);
	if (knot_dname_is_equal(expected->owner, zone)) {
		return NULL;
	}
	const knot_dname_t *host = name_parent(expected->owner);
	while (!knot_dname_is_equal(host, zone)) {
		host = name_parent(host);
		knot_dname_storage_t owner;
		if (!name_move(owner, expected->owner, host)) {
			return NULL;
		}
		caaudit_lookup_t lookup;
		const caaudit_record_t *cname = find_cname(view, owner, &lookup);
		if (cname != NULL && !lookup.wildcard &&
		    (any || (satisfies(cname, owner, expected) &&
		             climb_of(cname, owner) != CAAUDIT_EXACT))) {
			return cname;
		}
	}
	return NULL;
}

/*! Adds the record to publish at a name, or where to find it. */
static void add_expected(audit_t *audit, draft_t *draft, const caaudit_expected_t *expected,
                         const knot_dname_t *at, uint32_t ttl, const char *verb)
{
	if (is_any(expected)) {
		knot_dname_storage_t wildcard;
		const knot_dname_t *encloser;
		const knot_dname_t *lost = view_shadowed(audit->view, at, wildcard, &encloser);
		text_add(&draft->what, "; %s the CNAME that the CA's console shows", verb);
		if (lost != NULL) {
			text_add(&draft->what,
			         ", and what the wildcard %s has at %s, for which it answers no "
			         "longer then",
			         NAME(wildcard), NAME(lost));
		}
		return;
	}
	const caaudit_record_t record = expected_record(expected, at, ttl);
	audit_right(audit, &record);
}

/*! Notes a record that must be edited: its removal is no cure. */
static void edit(audit_t *audit, const caaudit_record_t *record)
{
	audit->draft.removable = false;
	audit_wrong(audit, record);
}

/*!
 * \brief Says where the record stands that was meant.
 *
 * One that is a slip is moved: report_slip() shows the same change.
 *
 * \return TTL for the expected record.
 */
static uint32_t add_stray(audit_t *audit, draft_t *draft, const stray_t *stray, uint32_t ttl)
{
	if (stray->record == NULL) {
		return ttl;
	}
	text_add(&draft->what, ", one like it stands at %s", NAME(stray->record->owner));
	if (stray->slip == SLIP_ELSEWHERE) {
		return ttl;
	}
	edit(audit, stray->record);
	return stray->record->ttl;
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
		text_add(&draft->what,
		         "the zone name stands twice in the owner of an expected validation");
		break;
	case SLIP_UNDERSCORE:
		text_add(&draft->what,
		         "the owner of an expected validation lacks its leading underscore");
		break;
	default:
		text_add(&draft->what, "this record is expected at %s", NAME(expected->owner));
		break;
	}
	edit(audit, record);
	add_expected(audit, draft, expected, expected->owner, record->ttl, "replace with");
	audit_report(audit);
}

/*! Says at which name above the host another CNAME stands, if one does. */
static void add_above(audit_t *audit, draft_t *draft, const caaudit_expected_t *expected)
{
	const caaudit_record_t *cname = find_above(audit->view, expected, true);
	if (cname != NULL) {
		text_add(&draft->what, ", and that of a name above, %s, leads to %s",
		         NAME(cname->owner), NAME(cname->rdata));
	}
}

/*! Says how long a resolver that has asked may remember that the record is not there. */
static void add_denial_time(const audit_t *audit, draft_t *draft)
{
	text_add(&draft->what, ", resolvers may keep the denial for %u s",
	         view_negative_ttl(audit->view));
}

static void report_missing(audit_t *audit, const caaudit_expected_t *expected,
                           const caaudit_lookup_t *lookup, const stray_t *stray)
{
	draft_t *draft;
	caaudit_rrset_t txt = caaudit_view_rrset(audit->view, expected->owner, KNOT_RRTYPE_TXT);
	if (lookup->answer == CAAUDIT_DELEGATED || lookup->answer == CAAUDIT_DNAME ||
	    lookup->answer == CAAUDIT_DNAME_LONG) {
		(void)audit_draft(audit, CAAUDIT_DCV_RECORD_OCCLUDED, expected->owner);
		audit_add_hidden(audit, lookup->source);
	} else if (txt.count > 0) {
		draft = audit_draft(audit, CAAUDIT_DCV_TYPE_CONFLICT, expected->owner);
		text_add(&draft->what, "TXT stands where the CA asks for a CNAME");
		for (size_t i = 0; i < txt.count; i++) {
			edit(audit, txt.record[i]); // Beside a CNAME there is room for none.
		}
		add_expected(audit, draft, expected, expected->owner, txt.record[0]->ttl,
		             "replace with");
	} else {
		draft = audit_draft(audit, CAAUDIT_DCV_CNAME_MISSING, expected->owner);
		text_add(&draft->what, lookup->answer != CAAUDIT_NODATA ?
		                               "the validation CNAME is not there" :
		                       caaudit_view_exists(audit->view, expected->owner) ?
		                               "the name exists, but has no CNAME" :
		                               "a wildcard answers for the name, but has no CNAME");
		bool climbs = expected_climb(expected) != CAAUDIT_EXACT;
		if (climbs) {
			add_above(audit, draft, expected);
		}
		uint32_t ttl = add_stray(audit, draft, stray, expected->ttl);
		if (!climbs && stray->record != NULL) {
			text_add(&draft->what, ", where the CA does not look");
		}
		add_denial_time(audit, draft);
		add_expected(audit, draft, expected, expected->owner, ttl, "add");
	}
	audit_report(audit);
}

/*! Is the target the expected one with the zone name appended? */
static bool lost_its_dot(const audit_t *audit, const caaudit_record_t *cname,
                         const caaudit_expected_t *expected)
{
	knot_dname_storage_t target;
	return expected->target != NULL &&
	       name_take_off(caaudit_view_zone(audit->view), cname->rdata, cname->rdlen, target) &&
	       knot_dname_is_case_equal(target, expected->target);
}

/*! Is the expected target the served one with the zone name appended? */
static bool is_without_zone(const audit_t *audit, const caaudit_record_t *cname,
                            const caaudit_expected_t *expected)
{
	knot_dname_storage_t target;
	return expected->target != NULL &&
	       name_take_off(caaudit_view_zone(audit->view), expected->target,
	                     knot_dname_size(expected->target), target) &&
	       knot_dname_is_case_equal(target, cname->rdata);
}

/*! A name has room for one CNAME: all go but the expected one, which comes if it is not there. */
static void replace_cnames(audit_t *audit, draft_t *draft, const caaudit_expected_t *expected)
{
	caaudit_rrset_t set = caaudit_view_rrset(audit->view, expected->owner, KNOT_RRTYPE_CNAME);
	bool there = false;
	for (size_t i = 0; i < set.count; i++) {
		if (says(set.record[i], expected)) {
			there = true;
		} else {
			audit_wrong(audit, set.record[i]);
		}
	}
	if (!there) {
		add_expected(audit, draft, expected, expected->owner, set.record[0]->ttl,
		             "replace with");
	}
}

static void report_mismatch(audit_t *audit, const caaudit_expected_t *expected,
                            const caaudit_record_t *cname, bool wildcard, const stray_t *stray)
{
	bool doubled = !wildcard && lost_its_dot(audit, cname, expected);
	draft_t *draft = audit_draft(audit,
	                             wildcard ? CAAUDIT_DCV_WILDCARD_ANSWERS :
	                             doubled  ? CAAUDIT_DCV_TARGET_DOUBLED :
	                                        CAAUDIT_DCV_TARGET_MISMATCH,
	                             expected->owner);
	if (wildcard) {
		text_add(&draft->what,
		         "the name does not exist, and the wildcard %s answers with %s",
		         NAME(cname->owner), NAME(cname->rdata));
		uint32_t ttl = add_stray(audit, draft, stray, cname->ttl);
		add_expected(audit, draft, expected, expected->owner, ttl, "add");
	} else if (doubled) {
		text_add(&draft->what, "the target lost its final dot");
		replace_cnames(audit, draft, expected);
	} else {
		text_add(&draft->what, "the CNAME leads to %s", NAME(cname->rdata));
		if (is_without_zone(audit, cname, expected)) {
			draft->severity = CAAUDIT_WARNING;
			text_add(&draft->what,
			         ", and the expected target has the zone name appended");
			draft->advice = "write the target that is expected with its final dot";
		} else if (expected->target == NULL) {
			text_add(&draft->what, ", which is no target of a known CA");
			add_expected(audit, draft, expected, expected->owner, cname->ttl,
			             "replace with");
		} else {
			replace_cnames(audit, draft, expected);
		}
	}
	audit_report(audit);
}

/*! Finds an expected CNAME on the way from its owner to a TXT. */
static const caaudit_record_t *find_on_way(const audit_t *audit, const caaudit_expected_t *expected)
{
	if (expected->target == NULL || !asks_txt(expected->owner)) {
		return NULL;
	}
	caaudit_chain_t chain;
	caaudit_chain_begin(&chain, audit->view, expected->owner, KNOT_RRTYPE_TXT);
	do {
		if (chain.lookup.answer == CAAUDIT_CNAME &&
		    says(chain.lookup.rrset.record[0], expected)) {
			return chain.lookup.rrset.record[0];
		}
	} while (caaudit_chain_follow(&chain));
	return NULL;
}

/*!
 * \brief Finds the expected CNAME: at its owner, where aliases lead to from there, or above.
 *
 * \param[out] lookup  Look-up at the owner.
 * \param[out] state   CAAUDIT_VALIDATION_PRESENT, _PRESENT_ABOVE or _MISSING.
 */
static const caaudit_record_t *find_expected(const audit_t *audit,
                                             const caaudit_expected_t *expected,
                                             caaudit_lookup_t *lookup,
                                             caaudit_validation_state_t *state)
{
	const caaudit_record_t *cname = find_cname(audit->view, expected->owner, lookup);
	*state = CAAUDIT_VALIDATION_PRESENT;
	if (cname != NULL && satisfies(cname, expected->owner, expected)) {
		return cname;
	}
	cname = find_on_way(audit, expected);
	if (cname == NULL) {
		cname = find_above(audit->view, expected, false);
		*state = cname != NULL ? CAAUDIT_VALIDATION_PRESENT_ABOVE :
		                         CAAUDIT_VALIDATION_MISSING;
	}
	return cname;
}

static void add_state(audit_t *audit, const caaudit_expected_t *expected,
                      caaudit_validation_state_t state, const caaudit_record_t *found)
{
	audit->validation[audit->validation_count++] = (caaudit_validation_t){
		.expected = expected,
		.state = state,
		.found = found,
	};
}

/*! Notes why nothing can be said of an expected record. */
static void report_open(audit_t *audit, const caaudit_expected_t *expected, const char *reason,
                        const knot_dname_t *name)
{
	text_t what = TEXT_EMPTY, why = TEXT_EMPTY;
	text_add(&what, "validation %s of %s", expected->txt != NULL ? "TXT" : "CNAME",
	         NAME(expected->owner));
	text_add(&why, "%s%s", reason, NAME(name));
	audit_gap(audit, &what, &why);
}

/*! Is the record in the file, though another zone answers? Then somebody has put it into the wrong one. */
static bool is_in_file(const audit_t *audit, const caaudit_expected_t *expected)
{
	uint16_t type = expected->txt != NULL ? KNOT_RRTYPE_TXT : KNOT_RRTYPE_CNAME;
	return caaudit_view_rrset(audit->view, expected->owner, type).count > 0;
}

/*! Does the CA of an expected record ask at its owner alone, whatever aliases the host has? */
static bool asks_owner_alone(const caaudit_expected_t *expected)
{
	const caaudit_txt_t *known = find_challenge(expected->owner);
	return (known != NULL && strncmp(known->method, "dns-", 4) == 0) ||
	       known_climb(expected->owner, expected_form(expected)) == CAAUDIT_EXACT;
}

/*!
 * \brief Finds an expected record at the target of its host's alias (BR 3.2.2.4, ballot SC-101).
 *
 * \return The record; NULL if the host is no alias in the zone, or if it is not there.
 */
static const caaudit_record_t *find_at_target(const audit_t *audit,
                                              const caaudit_expected_t *expected)
{
	const knot_dname_t *zone = caaudit_view_zone(audit->view);
	if (expected->owner[0] == 0 || expected->owner[1] != '_' ||
	    knot_dname_is_equal(expected->owner, zone) || asks_owner_alone(expected)) {
		return NULL;
	}
	caaudit_chain_t chain;
	caaudit_chain_begin(&chain, audit->view, name_parent(expected->owner), KNOT_RRTYPE_A);
	while (caaudit_chain_follow(&chain) && name_in(chain.at, zone)) {
		knot_dname_storage_t owner;
		caaudit_lookup_t lookup;
		if (!name_move(owner, expected->owner, chain.at)) {
			return NULL;
		}
		uint16_t type = expected->txt != NULL ? KNOT_RRTYPE_TXT : KNOT_RRTYPE_CNAME;
		caaudit_view_lookup(audit->view, owner, type, &lookup);
		for (size_t i = 0; lookup.answer == CAAUDIT_ANSWER && i < lookup.rrset.count; i++) {
			const caaudit_record_t *record = lookup.rrset.record[i];
			if (satisfies(record, owner, expected)) {
				return record;
			}
		}
	}
	return NULL;
}

/*!
 * \brief Settles an expected record that is not served, as far as no finding is due.
 *
 * \return True if it is settled.
 */
static bool settle_unserved(audit_t *audit, const caaudit_expected_t *expected,
                            const caaudit_chain_t *chain)
{
	const caaudit_record_t *at_target = find_at_target(audit, expected);
	const knot_dname_t *zone = caaudit_view_zone(audit->view), *name;
	const caaudit_lookup_t *lookup = &chain->lookup;
	const char *reason;
	if (at_target != NULL) {
		reason = "the CA must follow the alias of the host to find it at ";
		name = at_target->owner;
	} else if (view_is_partial(audit->view)) {
		reason = "a part of the zone was not read, see ";
		name = zone;
	} else if (lookup->answer == CAAUDIT_OUTSIDE ||
	           (chain->aliases > 0 && lookup->answer == CAAUDIT_DELEGATED)) {
		reason = "an alias leads into another zone, to ";
		name = chain->at;
	} else if (lookup->answer == CAAUDIT_DNAME && !is_in_file(audit, expected) &&
	           !name_in(lookup->target, zone)) {
		reason = "a DNAME leads into another zone, to ";
		name = lookup->target;
	} else if (lookup->answer == CAAUDIT_DELEGATED && !is_in_file(audit, expected)) {
		reason = "another zone answers at ";
		name = lookup->source;
	} else {
		return false;
	}
	add_state(audit, expected,
	          at_target != NULL ? CAAUDIT_VALIDATION_PRESENT_AT_TARGET :
	                              CAAUDIT_VALIDATION_NOT_CHECKED,
	          at_target);
	report_open(audit, expected, reason, name);
	return true;
}

/*! Says that the CA may not look where the record stands. */
static void report_above(audit_t *audit, const caaudit_expected_t *expected,
                         const caaudit_record_t *cname)
{
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_RECORD_ABOVE, expected->owner);
	text_add(&draft->what,
	         "the record stands at %s, and it is not known whether the CA looks above the host",
	         NAME(cname->owner));
	add_expected(audit, draft, expected, expected->owner, cname->ttl, "add");
	audit_report(audit);
}

/*! Is a form one that its CA takes no more? */
static bool is_retired(const audit_t *audit, const caaudit_form_t *form)
{
	return form != NULL && form->ended != 0 && audit->now >= form->ended;
}

/*!
 * \brief Says that the CA has ended what a record is for.
 *
 * \param[in] audit     Audit.
 * \param[in] cname     Record; NULL = it is expected and not there.
 * \param[in] expected  What is expected; NULL = nothing.
 * \param[in] form      Form.
 */
static void report_retired(audit_t *audit, const caaudit_record_t *cname,
                           const caaudit_expected_t *expected, const caaudit_form_t *form)
{
	const knot_dname_t *owner = expected != NULL ? expected->owner : audit->policy->zone;
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_FORM_RETIRED,
	                             cname != NULL ? cname->owner : owner);
	text_add(&draft->what, "%s takes this form of validation no more, since ", form->name);
	text_day(&draft->what, form->ended);
	if (expected != NULL) {
		draft->severity = CAAUDIT_WARNING;
		draft->removable = false;
		draft->advice = "ask the CA for a validation of today";
	}
	if (cname != NULL) {
		audit_wrong(audit, cname);
	}
	audit_report(audit);
}

/*! What is to be said of an expected record that is served. */
static void check_served(audit_t *audit, const caaudit_expected_t *expected,
                         const caaudit_record_t *cname, bool here)
{
	const caaudit_form_t *form = known_cname(cname, cname->owner);
	if (is_retired(audit, form)) {
		report_retired(audit, cname, expected, form);
	} else if (!here && climb_of(cname, expected->owner) == CAAUDIT_NOT_KNOWN) {
		report_above(audit, expected, cname);
	}
}

/*! Finds the expected text, or any, among the records of an answer: several TXT at one name are sound. */
static const caaudit_record_t *find_txt(const caaudit_lookup_t *lookup,
                                        const caaudit_expected_t *expected)
{
	for (size_t i = 0; lookup->answer == CAAUDIT_ANSWER && i < lookup->rrset.count; i++) {
		if (is_any(expected) || says(lookup->rrset.record[i], expected)) {
			return lookup->rrset.record[i];
		}
	}
	return NULL;
}

/*! Settles a record of whatever content where the CA asks for TXT; false if there is none. */
static bool settle_any(audit_t *audit, const caaudit_expected_t *expected)
{
	if (!is_any(expected) || !asks_txt(expected->owner)) {
		return false;
	}
	caaudit_chain_t chain;
	(void)caaudit_chain_end(&chain, audit->view, expected->owner, KNOT_RRTYPE_TXT);
	const caaudit_record_t *found = find_txt(&chain.lookup, expected);
	if (found != NULL) {
		add_state(audit, expected, CAAUDIT_VALIDATION_PRESENT, found);
		return true;
	} else if (chain.aliases > 0 && chain.lookup.answer == CAAUDIT_NODATA &&
	           chain.at[1] != '_') {
		// Of names that are no validations the view has no TXT.
		add_state(audit, expected, CAAUDIT_VALIDATION_NOT_CHECKED, NULL);
		report_open(audit, expected, "an alias leads to a name whose TXT is not read, ",
		            chain.at);
		return true;
	}
	return settle_unserved(audit, expected, &chain);
}

static void check_expected_cname(audit_t *audit, const caaudit_expected_t *expected,
                                 const stray_t *stray)
{
	caaudit_chain_t chain;
	caaudit_validation_state_t state;
	const caaudit_record_t *cname = find_expected(audit, expected, &chain.lookup, &state);
	const caaudit_lookup_t *lookup = &chain.lookup;
	chain.aliases = 0;
	if (cname != NULL) {
		add_state(audit, expected, state, cname);
		check_served(audit, expected, cname, state == CAAUDIT_VALIDATION_PRESENT);
	} else if (settle_any(audit, expected) || settle_unserved(audit, expected, &chain)) {
		return;
	} else if (is_retired(audit, expected_form(expected))) {
		add_state(audit, expected, CAAUDIT_VALIDATION_MISSING, NULL);
		report_retired(audit, NULL, expected, expected_form(expected));
	} else if (lookup->answer == CAAUDIT_ANSWER) {
		cname = lookup->rrset.record[0];
		add_state(audit, expected, CAAUDIT_VALIDATION_MISMATCH, cname);
		report_mismatch(audit, expected, cname, lookup->wildcard, stray);
	} else {
		add_state(audit, expected, CAAUDIT_VALIDATION_MISSING, NULL);
		report_missing(audit, expected, lookup, stray);
	}
}

/* --- Expected TXT records ------------------------------------------------------------------- */

static void report_txt(audit_t *audit, const caaudit_expected_t *expected,
                       const caaudit_chain_t *chain, const stray_t *stray)
{
	const caaudit_lookup_t *lookup = &chain->lookup;
	draft_t *draft;
	if (lookup->answer == CAAUDIT_DELEGATED) {
		(void)audit_draft(audit, CAAUDIT_DCV_RECORD_OCCLUDED, expected->owner);
		audit_add_hidden(audit, lookup->source);
		audit_report(audit);
		return;
	}
	draft = audit_draft(audit,
	                    lookup->wildcard ? CAAUDIT_DCV_WILDCARD_ANSWERS :
	                                       CAAUDIT_DCV_TXT_MISSING,
	                    expected->owner);
	if (lookup->answer == CAAUDIT_ALIASES_LONG) {
		text_add(&draft->what,
		         "the aliases from this name lead in a circle or too far, last to %s",
		         NAME(chain->at));
		draft->advice = "let one of them lead to a name that has the record";
		audit_report(audit);
		return;
	} else if (lookup->answer == CAAUDIT_DNAME_LONG) {
		text_add(&draft->what, "DNAME at %s makes too long a name of this one",
		         NAME(lookup->source));
		audit_report(audit);
		return;
	}
	if (chain->aliases > 0) {
		text_add(&draft->what, "the name is an alias for %s; ", NAME(chain->at));
	}
	uint32_t ttl = expected->ttl;
	if (lookup->wildcard && lookup->answer == CAAUDIT_ANSWER) {
		text_add(&draft->what,
		         "the name does not exist, and the wildcard %s answers with another TXT",
		         NAME(lookup->source));
	} else if (lookup->answer == CAAUDIT_ANSWER && lookup->rrset.count == 1) {
		text_add(&draft->what, "there is another TXT record, not the expected one");
		ttl = lookup->rrset.record[0]->ttl;
	} else if (lookup->answer == CAAUDIT_ANSWER) {
		text_add(&draft->what, "none of the %zu TXT records there is the expected one",
		         lookup->rrset.count);
		ttl = lookup->rrset.record[0]->ttl;
	} else {
		text_add(&draft->what, "the validation TXT record is not there");
		add_denial_time(audit, draft);
	}
	ttl = add_stray(audit, draft, stray, ttl);
	add_expected(audit, draft, expected, chain->at, ttl, "add");
	audit_report(audit);
}

/*! A wildcard that is an alias answers for a TXT that is not there. */
static void report_wildcard_alias(audit_t *audit, const caaudit_expected_t *expected,
                                  const caaudit_lookup_t *lookup)
{
	const caaudit_record_t *cname = lookup->rrset.record[0];
	add_state(audit, expected, CAAUDIT_VALIDATION_MISMATCH, cname);
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_WILDCARD_ANSWERS, expected->owner);
	text_add(&draft->what,
	         "the name does not exist, and the wildcard %s answers with an alias to %s",
	         NAME(cname->owner), NAME(cname->rdata));
	add_expected(audit, draft, expected, expected->owner, expected->ttl, "add");
	audit_report(audit);
}

static void check_expected_txt(audit_t *audit, const caaudit_expected_t *expected,
                               const stray_t *stray)
{
	caaudit_chain_t chain;
	caaudit_chain_begin(&chain, audit->view, expected->owner, KNOT_RRTYPE_TXT);
	const caaudit_lookup_t first = chain.lookup;
	while (caaudit_chain_follow(&chain)) {
	}
	const caaudit_record_t *found = find_txt(&chain.lookup, expected);
	if (found != NULL) {
		add_state(audit, expected, CAAUDIT_VALIDATION_PRESENT, found);
	} else if (first.answer == CAAUDIT_CNAME && first.wildcard &&
	           !view_is_partial(audit->view)) {
		report_wildcard_alias(audit, expected, &first);
	} else if (!settle_unserved(audit, expected, &chain)) {
		bool other = chain.lookup.answer == CAAUDIT_ANSWER;
		add_state(audit, expected,
		          other ? CAAUDIT_VALIDATION_MISMATCH : CAAUDIT_VALIDATION_MISSING,
		          other ? chain.lookup.rrset.record[0] : NULL);
		report_txt(audit, expected, &chain, stray);
	}
}

/*! Is an expected record served? One with any target is not looked for elsewhere. */
static bool is_served(const audit_t *audit, const caaudit_expected_t *expected)
{
	caaudit_lookup_t lookup;
	caaudit_chain_t chain;
	caaudit_validation_state_t state;
	if (expected->txt != NULL) {
		(void)caaudit_chain_end(&chain, audit->view, expected->owner, KNOT_RRTYPE_TXT);
		return find_txt(&chain.lookup, expected) != NULL;
	}
	return expected->target == NULL || find_expected(audit, expected, &lookup, &state) != NULL;
}

/*! Does it stand in a trial where the first audit found a record that is missed, or that there is none? */
static bool stands_as_before(const audit_t *audit, const stray_t *before)
{
	return before->missed &&
	       (before->record == NULL || !audit_in_scope(audit, before->record->owner));
}

/*! Looks where the records that are missed may stand instead. */
static void look_for_missed(audit_t *audit, stray_t *stray)
{
	const caaudit_policy_t *policy = audit->policy;
	const stray_t *before = audit->first != NULL ? audit->first->stray : NULL;
	bool any = false, anew = before == NULL;
	for (size_t i = 0; i < policy->validation_count; i++) {
		stray[i].missed = !is_served(audit, &policy->validation[i]);
		any = any || stray[i].missed;
		anew = anew || (stray[i].missed && !stands_as_before(audit, &before[i]));
	}
	// Out of the scope of a trial all is as it was.
	for (size_t i = 0; !anew && i < policy->validation_count; i++) {
		stray[i] = stray[i].missed ? before[i] : stray[i];
	}
	if (any) {
		find_strays(audit, stray, anew ? audit_next_all : audit_next);
	}
}

/*! "CNAME target", "TXT text". */
static void add_expectation(text_t *text, const caaudit_expected_t *expected)
{
	if (expected->txt != NULL) {
		text_add(text, "TXT ");
		text_strings(text, expected->txt, expected->txt_len);
	} else {
		text_add(text, "CNAME %s", NAME(expected->target));
	}
}

/*! Reports that not all that is expected at a name can stand there; nothing else is said of it. */
static void check_contested(audit_t *audit, const caaudit_expected_t *expected,
                            const caaudit_expected_t *other)
{
	caaudit_chain_t chain;
	const caaudit_record_t *found;
	caaudit_validation_state_t state;
	chain.aliases = 0;
	if (expected->txt != NULL) {
		(void)caaudit_chain_end(&chain, audit->view, expected->owner, KNOT_RRTYPE_TXT);
		found = find_txt(&chain.lookup, expected);
		state = found != NULL ? CAAUDIT_VALIDATION_PRESENT : CAAUDIT_VALIDATION_MISSING;
	} else {
		found = find_expected(audit, expected, &chain.lookup, &state);
	}
	if (found != NULL || !settle_unserved(audit, expected, &chain)) {
		add_state(audit, expected, state, found);
	}
	if (expected > other) {
		return; // Said when it was the other's turn.
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_EXPECTATION_CONFLICT, expected->owner);
	text_add(&draft->what, "expected are ");
	add_expectation(&draft->what, expected);
	text_add(&draft->what, " and ");
	add_expectation(&draft->what, other);
	text_add(&draft->what,
	         ", which cannot both stand at one name; drop the one whose order is over");
	audit_report(audit);
}

void check_expected(audit_t *audit)
{
	const caaudit_policy_t *policy = audit->policy;
	if (policy->validation_count == 0) {
		return;
	}
	stray_t *stray = audit->stray = calloc(policy->validation_count, sizeof(*stray));
	audit->claimed = calloc(2 * policy->validation_count, sizeof(*audit->claimed));
	audit->validation = calloc(policy->validation_count, sizeof(*audit->validation));
	if (stray == NULL || audit->claimed == NULL || audit->validation == NULL) {
		audit->failed = true;
		return;
	}
	look_for_missed(audit, stray);
	for (size_t i = 0; !audit->failed && i < policy->validation_count; i++) {
		const caaudit_expected_t *expected = &policy->validation[i];
		const caaudit_expected_t *other = find_conflict(audit, expected);
		if (other != NULL) {
			check_contested(audit, expected, other);
			continue;
		} else if (expected->txt != NULL) {
			check_expected_txt(audit, expected, &stray[i]);
		} else {
			check_expected_cname(audit, expected, &stray[i]);
		}
		if (stray[i].slip > SLIP_ELSEWHERE) {
			report_slip(audit, expected, &stray[i]);
			audit->claimed[audit->claimed_count++] = stray[i].record;
		}
		const caaudit_validation_t *last = &audit->validation[audit->validation_count - 1];
		if (last->state == CAAUDIT_VALIDATION_PRESENT_AT_TARGET) {
			audit->claimed[audit->claimed_count++] = last->found;
		}
	}
	qsort(audit->claimed, audit->claimed_count, sizeof(*audit->claimed),
	      array_compare_pointers);
}

/* --- Where aliases lead --------------------------------------------------------------------- */

/*! Notes the names that the alias of a challenge leads to. */
static void note_led(audit_t *audit, const knot_dname_t *owner)
{
	caaudit_chain_t chain;
	caaudit_chain_begin(&chain, audit->view, owner, KNOT_RRTYPE_TXT);
	while (!audit->failed && caaudit_chain_follow(&chain)) {
		uint64_t *slot = array_extend(&audit->led, &audit->led_count, sizeof(*slot));
		audit->failed = slot == NULL;
		if (slot != NULL) {
			*slot = hash_name(chain.at);
		}
	}
}

/*!
 * \brief Does the alias of a challenge lead to a name? Then it is the right one, whatever its labels.
 *
 * The names are gathered when one is asked for; a trial has those of the first audit.
 */
static bool is_led_to(audit_t *audit, const knot_dname_t *name)
{
	const audit_t *of = audit->first != NULL && audit->first->led_known ? audit->first : audit;
	if (!of->led_known) {
		size_t pos = 0;
		caaudit_rrset_t rrset;
		while (audit_next_all(audit, KNOT_RRTYPE_CNAME, &pos, &rrset)) {
			if (asks_txt(rrset.record[0]->owner)) {
				note_led(audit, rrset.record[0]->owner);
			}
		}
		if (audit->led_count > 0) {
			qsort(audit->led, audit->led_count, sizeof(*audit->led),
			      array_compare_hashes);
		}
		audit->led_known = true;
	}
	uint64_t hash = hash_name(name);
	return of->led_count > 0 &&
	       bsearch(&hash, of->led, of->led_count, sizeof(hash), array_compare_hashes) != NULL;
}

/* --- What the zone holds ------------------------------------------------------------------- */

static void add_replacement(audit_t *audit, const caaudit_record_t *cname,
                            const knot_dname_t *owner, const knot_dname_t *target)
{
	edit(audit, cname);
	audit_right(audit, &(caaudit_record_t){ owner, target, cname->ttl, KNOT_RRTYPE_CNAME,
	                                        (uint16_t)knot_dname_size(target) });
}

bool dcv_report_occluded(audit_t *audit, const caaudit_record_t *record, const char *advice)
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
	audit_add_hidden(audit, by);
	draft->advice = advice;
	audit_report(audit);
	return true;
}

/*! Reports the draft, with the record at the owner where it belongs. */
static void report_moved(audit_t *audit, const caaudit_record_t *record, const knot_dname_t *owner)
{
	caaudit_record_t right = *record;
	right.owner = owner;
	audit_right(audit, &right);
	audit_report(audit);
}

/*! Reports the draft of a target that its CA does not give out: some forms have gone, their day is not known. */
static void report_bad_form(audit_t *audit, const caaudit_record_t *cname, const char *subject,
                            const caaudit_form_t *family)
{
	draft_t *draft = &audit->draft;
	text_add(&draft->what,
	         "%s does not have the form that %s gives out, it is %scut or mistyped", subject,
	         family->name, family->renewal ? "" : "old, ");
	draft->advice = family->renewal ? "copy it once more" :
	                                  "copy it once more, or remove the record if its "
	                                  "order is over";
	edit(audit, cname);
	audit_report(audit);
}

/*! The target lost its final dot. */
static bool report_target_doubled(audit_t *audit, const caaudit_record_t *cname)
{
	knot_dname_storage_t target;
	const knot_dname_t *zone = caaudit_view_zone(audit->view);
	if (!name_take_off(zone, cname->rdata, cname->rdlen, target)) {
		return false;
	}
	known_fit_t fit;
	const caaudit_form_t *family = known_validation(target, knot_dname_size(target), &fit);
	const caaudit_txt_t *txt = find_challenge(cname->owner);
	known_fit_t own = family != NULL ? known_validation_owner(family, cname->owner) :
	                                   KNOWN_MALFORMED;
	bool bare = own == KNOWN_UNDERSCORE && !is_retired(audit, family);
	// Other names below the CA's domain are no validations: target or owner must say so.
	if (!bare && (cname->owner[1] != '_' || (fit != KNOWN_FITS && own != KNOWN_FITS))) {
		family = NULL;
	}
	// What a validation is led to may be anywhere: only the zone name that stands twice tells.
	if (family == NULL && (txt == NULL || !name_in(target, zone) ||
	                       caaudit_view_exists(audit->view, cname->rdata))) {
		return false;
	}
	if (dcv_report_occluded(audit, cname, "with the final dot that its target has lost")) {
		return true; // A right target would not be served either.
	}
	if (expects_at(audit, cname->owner)) {
		return true; // Said already.
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_TARGET_DOUBLED, cname->owner);
	knot_dname_storage_t owner;
	bool both = name_is_doubled(zone, cname->owner, owner);
	text_add(&draft->what, "the target (%s) lost its final dot%s%s",
	         family != NULL ? family->name : txt->labels, both ? ", and so did the owner" : "",
	         bare ? ", and the owner lacks its leading underscore" : "");
	if (family != NULL && fit != KNOWN_FITS) {
		draft->severity = CAAUDIT_WARNING; // As dcv-label-malformed.
		report_bad_form(audit, cname, "; it", family);
		return true;
	}
	const knot_dname_t *right = both ? owner : cname->owner;
	knot_dname_storage_t with;
	if (bare && add_underscore(right, with)) {
		right = with;
	}
	add_replacement(audit, cname, right, target);
	audit_report(audit);
	return true;
}

/*! Takes labels "*" below the first one out of a name; false if there is none. */
static bool take_out_stars(const knot_dname_t *name, knot_dname_storage_t out)
{
	size_t size = 0;
	bool found = false;
	for (const knot_dname_t *at = name; *at != 0; at += 1 + *at) {
		bool star = at != name && at[0] == 1 && at[1] == '*';
		if (!star) {
			memcpy(out + size, at, 1 + *at);
			size += 1 + *at;
		}
		found = found || star;
	}
	out[size] = 0;
	return found;
}

/*! The owner is that of a wildcard: a CA takes "*." off before it asks (RFC 8555 section 8.4). */
static bool report_starred(audit_t *audit, const caaudit_record_t *record, const char *what)
{
	knot_dname_storage_t owner;
	if (!take_out_stars(record->owner, owner)) {
		return false;
	}
	draft_t *draft = audit_draft_edit(audit, CAAUDIT_DCV_LABEL_MALFORMED, record);
	text_add(&draft->what,
	         "the owner of a validation (%s) has a label '*', and no CA asks there: it takes "
	         "\"*.\" off the name of a wildcard",
	         what);
	report_moved(audit, record, owner);
	return true;
}

/*! Does the zone name stand twice in an owner? Gets the one that was meant, without "*" as well. */
static bool is_doubled(const audit_t *audit, const knot_dname_t *owner, knot_dname_storage_t meant)
{
	knot_dname_storage_t once;
	if (!name_is_doubled(caaudit_view_zone(audit->view), owner, once)) {
		return false;
	}
	(void)take_out_stars(once, meant);
	return true;
}

/*! The owner lost its final dot. */
static bool report_owner_doubled(audit_t *audit, const caaudit_record_t *cname, const char *what)
{
	knot_dname_storage_t owner;
	// An alias for the very name that was meant would lead to itself there.
	if (!is_doubled(audit, cname->owner, owner) ||
	    knot_dname_is_case_equal(owner, cname->rdata)) {
		return false;
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_OWNER_DOUBLED, cname->owner);
	if (dcv_is_expected(audit, owner, cname)) {
		draft->severity = CAAUDIT_ERROR;
	}
	text_add(&draft->what, "the zone name stands twice in the owner of a validation (%s)",
	         what);
	add_replacement(audit, cname, owner, cname->rdata);
	audit_report(audit);
	return true;
}

/*! The owner is none that the CA could ask for. */
static bool report_bad_owner(audit_t *audit, const caaudit_record_t *cname,
                             const caaudit_form_t *family)
{
	switch (known_validation_owner(family, cname->owner)) {
	case KNOWN_FITS:
		return false;
	case KNOWN_UNDERSCORE: {
		if (is_retired(audit, family)) {
			return true; // The CA takes it no more, with an underscore or without.
		}
		draft_t *draft = audit_draft(audit, CAAUDIT_DCV_UNDERSCORE_MISSING, cname->owner);
		text_add(&draft->what,
		         "the owner of a validation (%s) lacks its leading underscore",
		         family->name);
		knot_dname_storage_t owner;
		if (add_underscore(cname->owner, owner)) {
			add_replacement(audit, cname, owner, cname->rdata);
		}
		audit_report(audit);
		return true;
	}
	default: {
		if (is_led_to(audit, cname->owner)) {
			return true;
		}
		draft_t *draft = audit_draft(audit, CAAUDIT_DCV_LABEL_MALFORMED, cname->owner);
		text_add(&draft->what,
		         "the target is from %s, which never asks for a name of this form",
		         family->name);
		draft->advice = "copy the name once more";
		edit(audit, cname);
		audit_report(audit);
		return true;
	}
	}
}

static void report_bad_target(audit_t *audit, const caaudit_record_t *cname,
                              const caaudit_form_t *family)
{
	(void)audit_draft(audit, CAAUDIT_DCV_LABEL_MALFORMED, cname->owner);
	report_bad_form(audit, cname, "the target", family);
}

/*! Has the policy's own verdict said so already? */
bool dcv_is_denied(const audit_t *audit, const knot_dname_t *host, const caaudit_ca_t *ca)
{
	size_t count;
	const caaudit_verdict_t *first = audit_verdicts(audit, host, &count);
	for (size_t i = 0; first != NULL && i < count; i++) {
		const caaudit_verdict_t *verdict = &first[i];
		if (verdict->is.permit == CAAUDIT_DENIED &&
		    caaudit_ca_accepts(ca, OCTETS(verdict->ca))) {
			return true;
		}
	}
	return false;
}

/*! May the CA of a form issue neither for a host nor for its wildcard? Gets the verdict on the host. */
static bool is_form_denied(const audit_t *audit, const caaudit_form_t *family,
                           const knot_dname_t *host, caaudit_verdict_t *plain)
{
	if (family->ca == NULL) {
		return false;
	}
	const caaudit_ca_t ca = known_ca_of(&caaudit_cas[family->ca_id]);
	const caaudit_policy_t any = { .zone = audit->policy->zone };
	caaudit_verdict_t wildcard;
	caaudit_permit(audit->view, &any, host, false, &ca, plain);
	caaudit_permit(audit->view, &any, host, true, &ca, &wildcard);
	return plain->is.permit == CAAUDIT_DENIED && wildcard.is.permit == CAAUDIT_DENIED &&
	       !dcv_is_denied(audit, host, &ca);
}

static void add_form_denied(text_t *text, const caaudit_form_t *family, const knot_dname_t *host,
                            const caaudit_verdict_t *plain)
{
	text_add(text, "CAA at %s does not permit %s for %s", NAME(plain->is.decided_by),
	         family->ca, NAME(host));
}

static void check_issuer_denied(audit_t *audit, const caaudit_record_t *cname,
                                const caaudit_form_t *family)
{
	const knot_dname_t *host = name_parent(cname->owner);
	caaudit_verdict_t plain;
	if (!is_form_denied(audit, family, host, &plain)) {
		return;
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_ISSUER_DENIED, cname->owner);
	draft->ca = family->ca;
	text_add(&draft->what, "validation for %s, but ", family->name);
	add_form_denied(&draft->what, family, host, &plain);
	bool unnamed = plain.is.reason == CAAUDIT_REASON_NOT_LISTED ||
	               plain.is.reason == CAAUDIT_REASON_MALFORMED;
	if (unnamed && name_in(plain.is.decided_by, audit->policy->zone)) {
		const caaudit_policy_t any = { .zone = audit->policy->zone };
		const caaudit_ca_t ca = known_ca_of(&caaudit_cas[family->ca_id]);
		draft->optional = true;
		draft->advice = "or remove the validation if it is no longer used";
		cure_above(audit, &any, &plain.is, &ca, CAAUDIT_TAG_ISSUE);
	} else {
		draft->advice = "decide whether that is still wanted, or remove the validation";
	}
	audit_report(audit);
}

/*! Reports a validation that is over; false if it is not. Without configured orders none is. */
static bool report_stale(audit_t *audit, const caaudit_record_t *cname,
                         const caaudit_form_t *family)
{
	if (audit->policy->validation_count == 0 || audit->policy->partial || family->renewal ||
	    dcv_is_expected(audit, cname->owner, cname) ||
	    expects_at(audit, cname->owner)) { // dcv-target-mismatch says more.
		return false;
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_RECORD_STALE, cname->owner);
	audit_wrong(audit, cname);
	text_add(
		&draft->what,
		"no configured order expects this validation (%s); it is asked for at each renewal, "
		"for ",
		family->name);
	known_reuse(&draft->what, audit->now);
	const knot_dname_t *host = name_parent(cname->owner);
	caaudit_verdict_t plain;
	if (is_form_denied(audit, family, host, &plain)) {
		text_add(&draft->what, "; ");
		add_form_denied(&draft->what, family, host, &plain);
	}
	text_add(&draft->what, "; if no order needs it, it can go");
	audit_report(audit);
	return true;
}

static bool is_claimed(const audit_t *audit, const caaudit_record_t *record)
{
	return audit->claimed_count > 0 &&
	       bsearch(&record, audit->claimed, audit->claimed_count, sizeof(*audit->claimed),
	               array_compare_pointers) != NULL;
}

static void check_cname(audit_t *audit, const caaudit_record_t *cname)
{
	if (is_claimed(audit, cname)) {
		return;
	}
	known_fit_t fit;
	const caaudit_form_t *family = known_validation(cname->rdata, cname->rdlen, &fit);
	if (family != NULL && family->by_owner &&
	    known_validation_owner(family, cname->owner) == KNOWN_MALFORMED) {
		family = NULL;
	}
	if (family == NULL) {
		// Any other alias inside the zone is none of our business.
		const caaudit_txt_t *txt = find_challenge(cname->owner);
		if (cname->owner[0] > 0 && !report_target_doubled(audit, cname) && txt != NULL &&
		    !report_owner_doubled(audit, cname, txt->labels)) {
			(void)report_starred(audit, cname, txt->labels);
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
	if (report_owner_doubled(audit, cname, family->name) ||
	    report_starred(audit, cname, family->name) || report_bad_owner(audit, cname, family) ||
	    dcv_report_occluded(audit, cname, NULL)) {
		return;
	}
	if (is_retired(audit, family)) {
		if (!dcv_is_expected(audit, cname->owner, cname)) {
			report_retired(audit, cname, NULL, family);
		}
		return; // Whether CAA permits it does not matter any more.
	}
	if (!report_stale(audit, cname, family)) {
		check_issuer_denied(audit, cname, family); // What is to go needs no permission.
	}
}

/*! Is it this very record that the policy expects at its name? */
static bool is_named(const audit_t *audit, const caaudit_record_t *record)
{
	const caaudit_mention_t *item;
	size_t pos = 0;
	while ((item = caaudit_policy_find(audit->policy, record->owner, &pos)) != NULL) {
		if (item->role == CAAUDIT_NAME_EXPECTED &&
		    says(record, &audit->policy->validation[item->nth])) {
			return true;
		}
	}
	return false;
}

/*! Of the records at a name, all are wrong but the CNAME that is expected, if it is there. */
static void keep_expected(audit_t *audit, caaudit_rrset_t cnames, caaudit_rrset_t txt)
{
	const caaudit_record_t *kept = NULL;
	size_t named = 0;
	for (size_t i = 0; i < cnames.count; i++) {
		if (is_named(audit, cnames.record[i])) {
			kept = cnames.record[i];
			named++;
		}
	}
	for (size_t i = 0; i < txt.count; i++) {
		named += is_named(audit, txt.record[i]);
	}
	if (named != 1) {
		return; // Which of the orders is open is not known.
	}
	for (size_t i = 0; kept != NULL && i < cnames.count; i++) {
		if (cnames.record[i] != kept) {
			audit_wrong(audit, cnames.record[i]);
		}
	}
	for (size_t i = 0; kept != NULL && i < txt.count; i++) {
		audit_wrong(audit, txt.record[i]);
	}
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
		text_add(&draft->what,
		         cnames.count > 1 ? "%zu CNAMEs at one name" :
		                            "a CNAME and TXT at one name",
		         cnames.count);
		text_add(&draft->what, ", the name can hold one CNAME and nothing else; "
		                       "keep the one of the open order");
		keep_expected(audit, cnames, txt);
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

/*! Counts TXT records that hold a target of a CA. */
static size_t count_targets(caaudit_rrset_t txt)
{
	size_t count = 0;
	for (size_t i = 0; i < txt.count; i++) {
		knot_dname_storage_t target;
		count += txt_name(txt.record[i], target) &&
		         known_target(target, knot_dname_size(target)) != NULL;
	}
	return count;
}

/*! A validation TXT whose owner has lost its final dot. */
static bool report_txt_doubled(audit_t *audit, const caaudit_record_t *txt)
{
	knot_dname_storage_t owner;
	if (!is_doubled(audit, txt->owner, owner)) {
		return false;
	}
	const caaudit_txt_t *known = find_challenge(owner);
	if (known == NULL || is_claimed(audit, txt)) {
		return false;
	}
	draft_t *draft = audit_draft_record(audit, CAAUDIT_DCV_OWNER_DOUBLED, txt);
	text_add(&draft->what, "the zone name stands twice in the owner of a validation (%s)",
	         known->labels);
	report_moved(audit, txt, owner);
	return true;
}

/*! Is a TXT the digest of a challenge: SHA-256 in base64url (RFC 8555 section 8.4)? */
static bool is_challenge(const caaudit_record_t *txt)
{
	enum { LEN = 43 };
	size_t i = 1;
	while (i < txt->rdlen &&
	       (ascii_alnum(txt->rdata[i]) || txt->rdata[i] == '-' || txt->rdata[i] == '_')) {
		i++;
	}
	return txt->rdlen == LEN + 1 && txt->rdata[0] == LEN && i == LEN + 1;
}

/*! The validation method that a TXT is for by what it says; NULL = none that is known. */
static const char *method_of(const caaudit_record_t *txt)
{
	return is_challenge(txt)                                  ? "dns-01" :
	       txt_mentions(txt->rdata, txt->rdlen, "accounturi") ? "dns-persist-01" :
	                                                            NULL;
}

/*! A validation whose owner lacks the underscore, or has one for a hyphen. */
static bool report_txt_mistyped(audit_t *audit, const caaudit_record_t *txt)
{
	knot_dname_storage_t owner;
	bool bare = txt->owner[0] > 0 && txt->owner[1] != '_';
	const char *method = method_of(txt);
	if (method == NULL || is_claimed(audit, txt) ||
	    (bare && !add_underscore(txt->owner, owner))) {
		return false;
	} else if (!bare) {
		name_lower(owner, txt->owner);
	}
	for (unsigned i = 2; i <= owner[0]; i++) {
		owner[i] = owner[i] == '_' ? '-' : owner[i];
	}
	const caaudit_txt_t *known = find_challenge(owner);
	if (known == NULL || known_txt(txt->owner) != NULL || strcmp(known->method, method) != 0 ||
	    is_led_to(audit, txt->owner)) {
		return false;
	}
	draft_t *draft = audit_draft_edit(audit,
	                                  bare ? CAAUDIT_DCV_UNDERSCORE_MISSING :
	                                         CAAUDIT_DCV_LABEL_MALFORMED,
	                                  txt);
	text_add(&draft->what,
	         bare ? "the owner of a validation (%s) lacks its leading underscore" :
	                "the owner of a validation (%s) has an underscore where a hyphen belongs",
	         known->labels);
	report_moved(audit, txt, owner);
	return true;
}

/*!
 * \brief The target of a CNAME validation, put into a TXT record.
 *
 * \param[in]     audit    Audit.
 * \param[in]     all      RRset.
 * \param[in]     nth      Number of the record in it.
 * \param[in,out] targets  Records of the RRset that hold a target; 0 until they are counted.
 */
static void check_txt(audit_t *audit, caaudit_rrset_t all, size_t nth, size_t *targets)
{
	const caaudit_record_t *txt = all.record[nth];
	const caaudit_txt_t *known = find_challenge(txt->owner);
	if (!txt_is_sound(txt->rdata, txt->rdlen)) {
		return; // It is shown to nobody as a record to publish.
	}
	if (report_txt_doubled(audit, txt) ||
	    (known != NULL && !is_claimed(audit, txt) &&
	     report_starred(audit, txt, known->labels)) ||
	    report_txt_mistyped(audit, txt)) {
		return;
	}
	knot_dname_storage_t target;
	if (!txt_name(txt, target)) {
		return;
	}
	const caaudit_form_t *family = known_target(target, knot_dname_size(target));
	if (family == NULL || known_validation_owner(family, txt->owner) != KNOWN_FITS ||
	    caaudit_view_rrset(audit->view, txt->owner, KNOT_RRTYPE_CNAME).count > 0) {
		return;
	}
	if (expects_at(audit, txt->owner)) {
		return; // Said already.
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_TYPE_CONFLICT, txt->owner);
	text_add(&draft->what, "TXT holds a target from %s, which asks for a CNAME", family->name);
	*targets = *targets > 0 ? *targets : count_targets(all);
	if (*targets > 1) {
		text_add(&draft->what,
		         ", and there are %zu of them; publish that of the open order", *targets);
		audit_report(audit);
		return;
	}
	for (size_t i = 0; i < all.count; i++) {
		audit_wrong(audit, all.record[i]);
	}
	audit_right(audit, &(caaudit_record_t){ txt->owner, target, txt->ttl, KNOT_RRTYPE_CNAME,
	                                        (uint16_t)knot_dname_size(target) });
	audit_report(audit);
}

void check_validations(audit_t *audit)
{
	size_t pos = 0;
	caaudit_rrset_t rrset;
	while (audit_next(audit, KNOT_RRTYPE_CNAME, &pos, &rrset)) {
		check_alone(audit, rrset);
		for (size_t i = 0; i < rrset.count; i++) {
			check_cname(audit, rrset.record[i]);
		}
	}
	pos = 0;
	while (audit_next(audit, KNOT_RRTYPE_TXT, &pos, &rrset)) {
		size_t targets = 0;
		for (size_t i = 0; i < rrset.count; i++) {
			check_txt(audit, rrset, i, &targets);
		}
	}
}
