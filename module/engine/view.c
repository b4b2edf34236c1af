/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Takes the records of a zone in, and answers from them as the authoritative server
 *        would.
 */

#include <stdlib.h>
#include <string.h>

#include <libdnssec/error.h>
#include <libknot/descriptor.h>
#include <libknot/errcode.h>
#include <libknot/wire.h>

#include "array.h"
#include "caaudit/view.h"
#include "caaset.h"
#include "elsewhere.h"
#include "hash.h"
#include "known.h"
#include "names.h"
#include "nametree.h"
#include "overlay.h"
#include "policy.h"
#include "store.h"
#include "txt.h"
#include "view.h"

/*! Labels of the longest name. */
#define MAX_LABELS KNOT_DNAME_MAXLABELS
/*! CAA records outside the zone that are kept, to be reported. */
#define OUTSIDE_MAX 16
/*! Keeps rare paths out of line, so that the common path saves no registers. */
#define NOINLINE __attribute__((noinline))
/*! ALIAS, which leads to addresses; not in the headers before Knot DNS 3.5. */
#define TYPE_ALIAS 65401

/*! A name in the zone taken apart: labels from the apex down. */
typedef struct {
	unsigned depth;                           /*!< Labels below the apex. */
	knot_dname_storage_t name;                /*!< Lower case. */
	const knot_dname_t *node[MAX_LABELS + 1]; /*!< [0] is the apex, [depth] the name. */
	uint64_t hash[MAX_LABELS + 1];
} path_t;

/*! What look-ups sort: that changes no answer. */
typedef struct {
	nametree_t names; /*!< Names below the apex that exist, empty non-terminals included. */
	store_t store;
} lazy_t;

struct caaudit_view {
	knot_dname_storage_t zone;
	size_t zone_size;
	const caaudit_policy_t *policy;
	size_t records;
	lazy_t *lazy;
	proofs_t *proofs;
	uint64_t apex_has; /*!< As of a name in the tree. */
	uint32_t serial;
	dnssec_nsec3_params_t nsec3; /*!< Of the chain; algorithm 0: there is none. */
	bool signed_soa;             /*!< There is a signature over SOA. */
	const caaudit_view_t *base;  /*!< View that this one is laid over, or NULL. */
	overlay_t overlay;
	elsewhere_t elsewhere;
	bool partial;       /*!< A part of the zone was not read. */
	uint64_t *governor; /*!< Hashes of the owners of CAA and of delegations, sorted. */
	bool *governs;      /*!< Which of them are the closest above a host; NULL: not looked at. */
	size_t governor_count;
	caaudit_record_t *outside; /*!< CAA records outside the zone. */
	size_t outside_count;
	bool of_ca;     /*!< The target of a validation may be in the zone. */
	bool malformed; /*!< A record that look-ups follow is. */
	bool finished;
	bool again;     /*!< The second reading has begun. */
	bool same_soa;  /*!< It has shown the SOA record of the first. */
	bool other_soa; /*!< It has shown another one. */
	int error;      /*!< Sticky. */

	/* The owner that came last: zone data comes in runs of owners and of siblings. */
	unsigned last_depth;                /*!< Labels below the apex. */
	uint64_t last_hash[MAX_LABELS + 1]; /*!< Of the apex, ..., of the owner. */
	bool last_noted;                    /*!< The owner is the last one of the names. */
	bool hidden;                        /*!< An ancestor of it begins with an underscore. */
	bool siblings;                      /*!< Its ancestors are, and it is not the apex. */
	size_t parent_size;                 /*!< Octets of its parent. */
	knot_dname_storage_t parent;        /*!< Its parent as it was written. */
};

/*! Octets of a name; like knot_dname_size(), which is not inlined. */
static inline size_t name_size(const knot_dname_t *name)
{
	const knot_dname_t *at = name;
	while (*at != 0) {
		at = name_parent(at);
	}
	return at + 1 - name;
}

/*! Hash of a name from that of its parent, HASH_SEED for the apex, and its first label. */
static inline uint64_t hash_label(uint64_t parent, const uint8_t *label)
{
	return hash_lower(parent, label, 1 + (size_t)label[0]);
}

/*!
 * \brief Takes a name apart.
 *
 * \retval true   if it is in the zone.
 * \retval false  otherwise.
 */
static bool path_init(path_t *path, const caaudit_view_t *view, const knot_dname_t *name)
{
	size_t size = name_size(name);
	if (size < view->zone_size) {
		return false;
	}
	memcpy(path->name, name, size);
	knot_dname_to_lower(path->name);
	const knot_dname_t *apex = path->name + size - view->zone_size, *at = path->name;
	const knot_dname_t *label[MAX_LABELS + 1];
	unsigned depth = 0;
	for (; at < apex; at = name_parent(at)) {
		label[depth++] = at;
	}
	if (at != apex || memcmp(apex, view->zone, view->zone_size) != 0) {
		return false;
	}
	path->depth = depth;
	path->node[0] = apex;
	path->hash[0] = HASH_SEED;
	for (unsigned i = 1; i <= depth; i++) {
		path->node[i] = label[depth - i];
		path->hash[i] = hash_label(path->hash[i - 1], path->node[i]);
	}
	return true;
}

caaudit_view_t *caaudit_view_new(const caaudit_policy_t *policy)
{
	caaudit_view_t *view = calloc(1, sizeof(*view));
	if (view == NULL) {
		return NULL;
	}
	name_lower(view->zone, policy->zone);
	view->zone_size = knot_dname_size(view->zone);
	view->policy = policy;
	view->of_ca = known_validation_near(view->zone, view->zone_size);
	view->lazy = calloc(1, sizeof(*view->lazy));
	view->proofs = proofs_new(view->zone);
	if (view->lazy == NULL || view->proofs == NULL) {
		caaudit_view_free(view);
		return NULL;
	}
	view->lazy->store = (store_t){ .zone = view->zone, .zone_size = view->zone_size };
	return view;
}

void caaudit_view_free(caaudit_view_t *view)
{
	if (view == NULL) {
		return;
	}
	overlay_clear(&view->overlay);
	if (view->base != NULL) { // All else is the base's.
		free(view);
		return;
	}
	if (view->lazy != NULL) {
		store_clear(&view->lazy->store);
		nametree_clear(&view->lazy->names);
	}
	free(view->lazy);
	proofs_free(view->proofs);
	free(view->governor);
	free(view->governs);
	for (size_t i = 0; i < view->outside_count; i++) {
		free((uint8_t *)(uintptr_t)view->outside[i].owner);
	}
	free(view->outside);
	elsewhere_clear(&view->elsewhere);
	dnssec_nsec3_params_free(&view->nsec3);
	free(view);
}

/* --- Adding -------------------------------------------------------------------------------- */

static bool begins_with_underscore(const knot_dname_t *name)
{
	return name[0] > 0 && name[1] == '_';
}

/*! Does the policy expect a validation that says the same? */
static bool is_expected_content(const caaudit_view_t *view, const caaudit_record_t *record)
{
	size_t pos = 0;
	return view->policy->validation_count > 0 &&
	       policy_find_content(view->policy,
	                           content_hash(record->type, record->rdata, record->rdlen),
	                           &pos) != NULL;
}

/*! Is the owner that of a challenge (RFC 8555 section 8.4) that has lost its underscore? */
static bool is_bare_challenge(const knot_dname_t *owner)
{
	static const char label[] = "acme-challenge";
	return owner[0] == sizeof(label) - 1 && octets_equal_str(owner + 1, owner[0], label);
}

bool caaudit_view_has_all_txt(const caaudit_view_t *view, const knot_dname_t *name)
{
	if (begins_with_underscore(name) || is_bare_challenge(name)) {
		return true;
	} else if (view->policy->validation_count == 0) {
		return false;
	}
	size_t pos = 0;
	knot_dname_storage_t lower;
	name_lower(lower, name);
	return name_is_wildcard(name) || caaudit_policy_find(view->policy, lower, &pos) != NULL;
}

/*! Is a TXT record one that an expected validation is, or that stands where one should? */
static bool is_stored_txt(const caaudit_view_t *view, const caaudit_record_t *record)
{
	// An alias at "_validation-persist" may lead to what names an account.
	return caaudit_view_has_all_txt(view, record->owner) ||
	       txt_mentions(record->rdata, record->rdlen, "accounturi") ||
	       is_expected_content(view, record);
}

static bool is_stored(const caaudit_view_t *view, const caaudit_record_t *record)
{
	switch (record->type) {
	case KNOT_RRTYPE_CAA:
	case KNOT_RRTYPE_CNAME:
	case KNOT_RRTYPE_DNAME:
	case KNOT_RRTYPE_NS:
	case KNOT_RRTYPE_SOA:
	case KNOT_RRTYPE_DNSKEY:
		return true;
	case KNOT_RRTYPE_TXT:
		return is_stored_txt(view, record);
	default:
		return false;
	}
}

/*! Does a walk show an alias, since it may be a validation, or be meant to be one? */
static bool is_walked(const caaudit_view_t *view, const caaudit_record_t *record)
{
	known_fit_t fit;
	if (record->type != KNOT_RRTYPE_CNAME || begins_with_underscore(record->owner)) {
		return true;
	}
	bool in_zone = !view->of_ca && record->rdlen >= view->zone_size &&
	               memcmp(record->rdata + record->rdlen - view->zone_size, view->zone,
	                      view->zone_size) == 0;
	knot_dname_storage_t off;
	const knot_dname_t *target = record->rdata;
	size_t size = record->rdlen;
	// It may have lost its final dot. What a CA gives out has several labels, most targets here one.
	if (in_zone && size - view->zone_size > 1u + target[0] &&
	    name_take_off(view->zone, target, size, off)) {
		target = off;
		size -= view->zone_size - 1;
		in_zone = false;
	}
	return (!in_zone && known_validation(target, size, &fit) != NULL) ||
	       is_expected_content(view, record);
}

/*! What a record says of its owner; 0 if it makes no name (RFC 5155 section 3). */
static inline uint64_t has_of(uint16_t type)
{
	switch (type) {
	case KNOT_RRTYPE_A:
	case KNOT_RRTYPE_AAAA:
	case KNOT_RRTYPE_HTTPS: // It offers TLS, or is an alias: RFC 9460 section 9.
	case KNOT_RRTYPE_SVCB:
	case TYPE_ALIAS:
		return NAME_OWNER | NAME_HOST | NAME_OTHER;
	case KNOT_RRTYPE_NSEC3:
	case KNOT_RRTYPE_RRSIG:
		return 0;
	case KNOT_RRTYPE_CNAME:
		return NAME_OWNER | NAME_HOST;
	case KNOT_RRTYPE_CAA:
	case KNOT_RRTYPE_DNAME:
	case KNOT_RRTYPE_NS:
	case KNOT_RRTYPE_SOA:
	case KNOT_RRTYPE_DNSKEY:
	case KNOT_RRTYPE_TXT:
	case KNOT_RRTYPE_NSEC:
		return NAME_OWNER;
	default:
		return NAME_OWNER | NAME_OTHER;
	}
}

/*! Notes what the last owner has. */
static inline bool note(caaudit_view_t *view, const knot_dname_t *owner, uint64_t has)
{
	nametree_t *names = &view->lazy->names;
	if (view->last_depth == 0) {
		view->apex_has |= has;
		return true;
	}
	if (view->hidden || owner[1] == '_') {
		has &= ~(uint64_t)NAME_HOST;
	}
	if (view->last_noted) {
		nametree_amend(names, has);
		return true;
	}
	view->last_noted = true;
	return nametree_add(names, view->last_hash[view->last_depth], has);
}

/*! Labels that a name and the last one have in common, from the apex down. */
static unsigned common_depth(const caaudit_view_t *view, const path_t *path)
{
	unsigned depth = 0;
	while (depth < path->depth && depth < view->last_depth &&
	       path->hash[depth + 1] == view->last_hash[depth + 1]) {
		depth++;
	}
	return depth;
}

/*! Has a name below the apex a label that begins with an underscore, the first one aside? */
static bool is_hidden(const path_t *path)
{
	for (unsigned i = 1; i < path->depth; i++) {
		if (path->node[i][1] == '_') {
			return true;
		}
	}
	return false;
}

/*!
 * \brief Makes an owner the last one: hashes it, and notes its ancestors and what it has.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ERANGE  if it is outside the zone.
 * \retval KNOT_ENOMEM  if out of memory.
 */
static NOINLINE int set_path(caaudit_view_t *view, const knot_dname_t *owner, uint64_t has)
{
	path_t path;
	if (!path_init(&path, view, owner)) {
		return KNOT_ERANGE;
	}
	nametree_t *names = &view->lazy->names;
	unsigned common = common_depth(view, &path);
	bool same = common == path.depth && common == view->last_depth;
	// The ancestors of the last name are noted, if it has siblings, but not yet the last name.
	unsigned noted = !view->siblings ? 0 : common < view->last_depth ? common : common - 1;
	for (unsigned i = noted + 1; has != 0 && i < path.depth; i++) {
		if (!nametree_add_inner(names, path.hash[i], path.hash[i - 1])) {
			return KNOT_ENOMEM;
		}
	}
	view->last_noted = same && view->last_noted;
	view->last_depth = path.depth;
	memcpy(view->last_hash, path.hash, (path.depth + 1) * sizeof(path.hash[0]));
	if (has == 0) {
		view->siblings = false;
		return KNOT_EOK;
	}
	view->siblings = path.depth > 0;
	if (view->siblings) {
		const knot_dname_t *parent = name_parent(owner);
		view->parent_size = name_size(parent);
		memcpy(view->parent, parent, view->parent_size);
		view->hidden = is_hidden(&path);
		if (!view->last_noted && !nametree_begin_run(names, path.hash[path.depth - 1])) {
			return KNOT_ENOMEM;
		}
	}
	return note(view, owner, has) ? KNOT_EOK : KNOT_ENOMEM;
}

/*!
 * \brief The same, fast, for one that has the parent of the last one.
 *
 * \retval true   if that is done.
 * \retval false  if set_path() must do it.
 */
static inline bool set_sibling(caaudit_view_t *view, const knot_dname_t *owner, uint64_t has)
{
	if (!view->siblings || owner[0] == 0) {
		return false;
	}
	const knot_dname_t *parent = name_parent(owner);
	size_t size = name_size(parent);
	if (size != view->parent_size || memcmp(parent, view->parent, size) != 0) {
		return false;
	}
	uint64_t hash = hash_label(view->last_hash[view->last_depth - 1], owner);
	if (hash != view->last_hash[view->last_depth]) {
		view->last_hash[view->last_depth] = hash;
		view->last_noted = false;
	}
	return has == 0 || note(view, owner, has);
}

/*! Does a chain come before another in the order of their NSEC3PARAM RDATA? */
static bool is_before(const dnssec_nsec3_params_t *a, const dnssec_nsec3_params_t *b)
{
	if (a->iterations != b->iterations) {
		return a->iterations < b->iterations;
	} else if (a->salt.size != b->salt.size) {
		return a->salt.size < b->salt.size;
	}
	return a->salt.size > 0 && memcmp(a->salt.data, b->salt.data, a->salt.size) < 0;
}

/*! Takes the chain for the one that the server answers from: the first one. */
static int choose_chain(caaudit_view_t *view, const caaudit_record_t *nsec3param)
{
	const dnssec_binary_t rdata = { nsec3param->rdlen,
		                        (uint8_t *)(uintptr_t)nsec3param->rdata };
	dnssec_nsec3_params_t params = { 0 };
	int ret = dnssec_nsec3_params_from_rdata(&params, &rdata);
	if (ret == DNSSEC_ENOMEM) {
		return view->error = KNOT_ENOMEM;
	}
	// With flags other than 0 it is one to ignore (RFC 5155 section 4.1.2).
	bool first = ret == DNSSEC_EOK && params.algorithm == DNSSEC_NSEC3_ALGORITHM_SHA1 &&
	             params.flags == 0 &&
	             (view->nsec3.algorithm == 0 || is_before(&params, &view->nsec3));
	dnssec_nsec3_params_free(first ? &view->nsec3 : &params);
	if (first) {
		view->nsec3 = params;
	}
	return KNOT_EOK;
}

/*! Wants the names that a CA will ask for whatever is in the zone. */
static bool foresee(caaudit_view_t *view)
{
	const caaudit_policy_t *policy = view->policy;
	bool ok = proofs_want(view->proofs, view->zone);
	for (size_t i = 0; ok && i < policy->host_count; i++) {
		ok = proofs_want(view->proofs, policy->host[i]);
	}
	for (size_t i = 0; ok && i < policy->validation_count; i++) {
		const knot_dname_t *owner = policy->validation[i].owner, *host = owner;
		while (ok && !knot_dname_is_equal(host, view->zone)) {
			knot_dname_storage_t at;
			host = name_parent(host);
			ok = name_move(at, owner, host) && proofs_want(view->proofs, at);
		}
	}
	return ok && proofs_foresee(view->proofs, view_nsec3_params(view));
}

/*! Adds a record that may be a signature or a denial. */
static int add_proof(caaudit_view_t *view, const caaudit_record_t *record)
{
	int ret = proofs_add(view->proofs, record);
	if (ret == KNOT_ELIMIT) {
		ret = foresee(view) ? proofs_add(view->proofs, record) : KNOT_ENOMEM;
	}
	return view->error = ret;
}

/*! Adds a record that may concern more than the existence of its owner. */
static NOINLINE int add_kept(caaudit_view_t *view, const caaudit_record_t *record)
{
	if (record->type == KNOT_RRTYPE_NSEC3PARAM && view->last_depth == 0) {
		return choose_chain(view, record);
	} else if (is_stored(view, record)) {
		uint64_t hash = view->last_hash[view->last_depth];
		view->malformed = view->malformed ||
		                  !names_are_sound(record->type, record->rdata, record->rdlen);
		if (!store_add(&view->lazy->store, hash, record, name_size(record->owner),
		               is_walked(view, record))) {
			return view->error = KNOT_ENOMEM;
		}
		return KNOT_EOK;
	} else if (record->type == KNOT_RRTYPE_TXT) {
		return note(view, record->owner, NAME_OTHER) ? KNOT_EOK :
		                                               (view->error = KNOT_ENOMEM);
	}
	view->signed_soa = view->signed_soa ||
	                   (record->type == KNOT_RRTYPE_RRSIG && view->last_depth == 0 &&
	                    rrsig_covered(record->rdata, record->rdlen) == KNOT_RRTYPE_SOA);
	return add_proof(view, record);
}

/*! Adds a record in the second reading: SOA tells whether it is the same zone. */
static NOINLINE int add_again(caaudit_view_t *view, const caaudit_record_t *record)
{
	knot_dname_storage_t owner;
	switch (record->type) {
	case KNOT_RRTYPE_SOA:
		if (knot_dname_is_case_equal(record->owner, view->zone)) {
			caaudit_rrset_t soa = caaudit_view_rrset(view, view->zone, KNOT_RRTYPE_SOA);
			bool same = soa.count > 0 && soa.record[0]->rdlen == record->rdlen &&
			            memcmp(soa.record[0]->rdata, record->rdata, record->rdlen) == 0;
			*(same ? &view->same_soa : &view->other_soa) = true;
		}
		return KNOT_EOK;
	case KNOT_RRTYPE_DS:
	case KNOT_RRTYPE_RRSIG:
	case KNOT_RRTYPE_NSEC:
	case KNOT_RRTYPE_NSEC3:
		name_lower(owner, record->owner);
		return name_in(owner, view->zone) ? add_proof(view, record) : KNOT_EOK;
	default:
		return KNOT_EOK;
	}
}

/*! Keeps a CAA record that the server will leave out, as long as there are few. */
static NOINLINE int add_outside(caaudit_view_t *view, const caaudit_record_t *record)
{
	if (record->type != KNOT_RRTYPE_CAA || view->outside_count == OUTSIDE_MAX) {
		return KNOT_EOK;
	}
	// The owner begins a block that holds the RDATA as well.
	size_t size = knot_dname_size(record->owner);
	uint8_t *block = malloc(size + record->rdlen);
	caaudit_record_t *copy = block != NULL ? array_extend(&view->outside, &view->outside_count,
	                                                      sizeof(*copy)) :
	                                         NULL;
	if (copy == NULL) {
		free(block);
		return view->error = KNOT_ENOMEM;
	}
	memcpy(block, record->owner, size);
	knot_dname_to_lower(block);
	if (record->rdlen > 0) {
		memcpy(block + size, record->rdata, record->rdlen);
	}
	*copy = *record;
	copy->owner = block;
	copy->rdata = block + size;
	return KNOT_EOK;
}

int caaudit_view_add(caaudit_view_t *view, const caaudit_record_t *record)
{
	if (view->error != KNOT_EOK) {
		return view->error;
	} else if (view->again) {
		return add_again(view, record);
	}
	uint64_t has = has_of(record->type);
	// Most records are addresses of siblings: these few steps without a call are for them.
	if (!set_sibling(view, record->owner, has)) {
		int ret = set_path(view, record->owner, has);
		if (ret == KNOT_ERANGE) {
			return add_outside(view, record);
		} else if (ret != KNOT_EOK) {
			return view->error = ret;
		}
	}
	view->records++;
	if (record->type == KNOT_RRTYPE_A || record->type == KNOT_RRTYPE_AAAA) {
		return KNOT_EOK;
	}
	return add_kept(view, record);
}

/*! Adds the owners of RRsets of one type to the governors; \a locked is set if one denies all. */
static bool add_governors(caaudit_view_t *view, uint16_t type, bool *locked)
{
	size_t pos = 0;
	caaudit_rrset_t set;
	while (caaudit_view_next(view, type, &pos, &set)) {
		path_t path;
		if (path_init(&path, view, set.record[0]->owner) &&
		    (type == KNOT_RRTYPE_CAA || path.depth > 0)) {
			uint64_t *hash = array_extend(&view->governor, &view->governor_count,
			                              sizeof(*hash));
			if (hash == NULL) {
				return false;
			}
			*hash = path.hash[path.depth];
		}
		*locked = *locked || (type == KNOT_RRTYPE_CAA && caaset_is_locked(set));
	}
	return true;
}

/*! Finds the CAA RRsets that govern hosts, if there is one that denies all: only then it matters. */
static bool find_governors(caaudit_view_t *view)
{
	bool locked = false;
	if (!add_governors(view, KNOT_RRTYPE_CAA, &locked)) {
		return false;
	} else if (!locked) {
		return true;
	} else if (!add_governors(view, KNOT_RRTYPE_NS, &locked)) {
		return false;
	}
	qsort(view->governor, view->governor_count, sizeof(*view->governor), array_compare_hashes);
	size_t kept = 0;
	for (size_t i = 0; i < view->governor_count; i++) {
		if (kept == 0 || view->governor[kept - 1] != view->governor[i]) {
			view->governor[kept++] = view->governor[i];
		}
	}
	view->governor_count = kept;
	view->governs = calloc(view->governor_count, sizeof(*view->governs));
	return view->governs != NULL && nametree_governors(&view->lazy->names, view->governor,
	                                                   view->governor_count, view->governs);
}

/*! Ends the first reading. */
static int finish_records(caaudit_view_t *view)
{
	if (view->malformed) {
		return KNOT_EMALF;
	}
	if (!store_finish(&view->lazy->store)) {
		return KNOT_ENOMEM;
	}
	caaudit_rrset_t soa = caaudit_view_rrset(view, view->zone, KNOT_RRTYPE_SOA);
	if (soa.count != 1) {
		return soa.count == 0 ? KNOT_ENOENT : KNOT_ESEMCHECK;
	}
	const uint8_t *serial = soa.record[0]->rdata + soa.record[0]->rdlen - 20;
	view->serial = knot_wire_read_u32(serial);
	return find_governors(view) ? KNOT_EOK : KNOT_ENOMEM;
}

/*! Ends the second reading. */
static int finish_proofs(caaudit_view_t *view)
{
	return !view->same_soa || view->other_soa ? KNOT_EAGAIN :
	       proofs_finish(view->proofs)        ? KNOT_EOK :
	                                            KNOT_ENOMEM;
}

int caaudit_view_finish(caaudit_view_t *view)
{
	if (view->error == KNOT_EOK && !view->finished) {
		view->error = view->again ? finish_proofs(view) : finish_records(view);
		view->finished = true;
	}
	return view->error;
}

/* --- The second reading -------------------------------------------------------------------- */

proofs_t *view_proofs(const caaudit_view_t *view)
{
	return view->proofs;
}

/*! What a name below the apex has; 0 if it does not exist. */
static unsigned name_has(const caaudit_view_t *view, uint64_t hash)
{
	for (; view->base != NULL; view = view->base) {
		const overlay_name_t *changed = overlay_find_name(&view->overlay, hash);
		if (changed != NULL) {
			return changed->has;
		}
	}
	return nametree_find(&view->lazy->names, hash);
}

void caaudit_view_set_partial(caaudit_view_t *view)
{
	view->partial = true;
}

int caaudit_view_add_elsewhere(caaudit_view_t *view, const knot_dname_t *name,
                               const caaudit_record_t *record, size_t count)
{
	knot_dname_storage_t lower;
	name_lower(lower, name);
	return elsewhere_add(&view->elsewhere, lower, record, count) ? KNOT_EOK : KNOT_ENOMEM;
}

bool view_elsewhere(const caaudit_view_t *view, const knot_dname_t *name, caaudit_rrset_t *out)
{
	return elsewhere_find(&view->elsewhere, name, out);
}

bool view_is_partial(const caaudit_view_t *view)
{
	return view->partial;
}

bool view_governs_host(const caaudit_view_t *view, const knot_dname_t *owner)
{
	path_t path;
	if (view->governs == NULL || !path_init(&path, view, owner)) {
		return true; // Nobody has looked.
	}
	uint64_t hash = path.hash[path.depth];
	const uint64_t *found = bsearch(&hash, view->governor, view->governor_count,
	                                sizeof(*view->governor), array_compare_hashes);
	unsigned has = path.depth == 0 ? (unsigned)view->apex_has : name_has(view, hash);
	return (has & NAME_HOST) || found == NULL || view->governs[found - view->governor];
}

const caaudit_record_t *view_outside(const caaudit_view_t *view, size_t pos)
{
	return pos < view->outside_count ? &view->outside[pos] : NULL;
}

uint32_t view_negative_ttl(const caaudit_view_t *view)
{
	caaudit_rrset_t soa = caaudit_view_rrset(view, view->zone, KNOT_RRTYPE_SOA);
	if (soa.count == 0) {
		return 0;
	}
	const caaudit_record_t *record = soa.record[0];
	uint32_t minimum = knot_wire_read_u32(record->rdata + record->rdlen - 4);
	return record->ttl < minimum ? record->ttl : minimum;
}

const dnssec_nsec3_params_t *view_nsec3_params(const caaudit_view_t *view)
{
	return view->nsec3.algorithm != 0 ? &view->nsec3 : NULL;
}

bool view_has_signed_soa(const caaudit_view_t *view)
{
	return view->signed_soa;
}

bool view_is_signed(const caaudit_view_t *view)
{
	return caaudit_view_rrset(view, view->zone, KNOT_RRTYPE_DNSKEY).count > 0;
}

bool caaudit_view_signatures(const caaudit_view_t *view, const knot_dname_t *owner, uint16_t type,
                             caaudit_rrset_t *out)
{
	proof_t proof;
	proofs_at(view->proofs, owner, type, &proof);
	*out = proof.sigs;
	return proof.gap == NULL || !(view->signed_soa || view_is_signed(view));
}

void view_read_again(caaudit_view_t *view)
{
	view->again = true;
	view->finished = false;
}

/* --- Looking up ---------------------------------------------------------------------------- */

const knot_dname_t *caaudit_view_zone(const caaudit_view_t *view)
{
	return view->zone;
}

uint32_t caaudit_view_serial(const caaudit_view_t *view)
{
	return view->serial;
}

size_t caaudit_view_records(const caaudit_view_t *view)
{
	return view->records;
}

/*! Records of one type at an owner in lower case. */
static caaudit_rrset_t find_rrset(const caaudit_view_t *view, uint64_t hash,
                                  const knot_dname_t *owner, uint16_t type)
{
	for (; view->base != NULL; view = view->base) {
		const overlay_set_t *changed = overlay_find(&view->overlay, hash, owner, type);
		if (changed != NULL) {
			return changed->set;
		}
	}
	bool alias = type == KNOT_RRTYPE_CNAME;
	return store_rrset(store_owner(&view->lazy->store, hash, owner, alias), type);
}

caaudit_rrset_t caaudit_view_rrset(const caaudit_view_t *view, const knot_dname_t *owner,
                                   uint16_t type)
{
	path_t path;
	if (!path_init(&path, view, owner)) {
		return (caaudit_rrset_t){ NULL, 0 };
	}
	return find_rrset(view, path.hash[path.depth], path.name, type);
}

/*! Number of positions of a walk. */
static size_t walk_size(const caaudit_view_t *view)
{
	size_t size = 0;
	for (; view->base != NULL; view = view->base) {
		size += view->overlay.set_count;
	}
	return size + view->lazy->store.walked.count;
}

bool caaudit_view_next(const caaudit_view_t *view, uint16_t type, size_t *pos, caaudit_rrset_t *out)
{
	if (view->base == NULL) {
		return store_next(&view->lazy->store, type, pos, out);
	}
	size_t before = walk_size(view->base);
	while (*pos < before && caaudit_view_next(view->base, type, pos, out)) {
		*out = caaudit_view_rrset(view, out->record[0]->owner, type);
		if (out->count > 0) {
			return true;
		}
	}
	// What the base has none of comes at the end.
	*pos = *pos < before ? before : *pos;
	for (; *pos - before < view->overlay.set_count; (*pos)++) {
		const overlay_set_t *changed = &view->overlay.set[*pos - before];
		if (changed->type == type && changed->fresh && changed->set.count > 0) {
			*out = changed->set;
			(*pos)++;
			return true;
		}
	}
	return false;
}

bool view_next_alias(const caaudit_view_t *view, size_t *pos, caaudit_rrset_t *out)
{
	const caaudit_view_t *stored = view;
	while (stored->base != NULL) {
		stored = stored->base;
	}
	while (store_next_alias(&stored->lazy->store, pos, out)) {
		if (view->base != NULL) {
			*out = caaudit_view_rrset(view, out->record[0]->owner, KNOT_RRTYPE_CNAME);
		}
		if (out->count > 0) {
			return true;
		}
	}
	return false;
}

/*! Stored owner of the cut or DNAME that hides the end of the path, the highest one. */
static caaudit_rrset_t find_occluding(const caaudit_view_t *view, const path_t *path,
                                      unsigned *depth)
{
	for (unsigned i = 0; i <= path->depth; i++) {
		*depth = i;
		// No change is one of NS or DNAME.
		store_owner_t owner = store_owner(&view->lazy->store, path->hash[i], path->node[i],
		                                  false);
		caaudit_rrset_t rrset = { NULL, 0 };
		if (i > 0) {
			rrset = store_rrset(owner, KNOT_RRTYPE_NS);
		}
		if (rrset.count == 0 && i < path->depth) {
			rrset = store_rrset(owner, KNOT_RRTYPE_DNAME);
		}
		if (rrset.count > 0) {
			return rrset;
		}
	}
	return (caaudit_rrset_t){ NULL, 0 };
}

const knot_dname_t *caaudit_view_occluded(const caaudit_view_t *view, const knot_dname_t *name,
                                          uint16_t *type)
{
	path_t path;
	unsigned depth;
	if (!path_init(&path, view, name)) {
		return NULL;
	}
	caaudit_rrset_t rrset = find_occluding(view, &path, &depth);
	if (rrset.count == 0) {
		return NULL;
	}
	*type = rrset.record[0]->type;
	return rrset.record[0]->owner;
}

static bool path_exists(const caaudit_view_t *view, const path_t *path, unsigned depth)
{
	return depth == 0 || name_has(view, path->hash[depth]) != 0;
}

bool caaudit_view_exists(const caaudit_view_t *view, const knot_dname_t *name)
{
	path_t path;
	return path_init(&path, view, name) && path_exists(view, &path, path.depth);
}

/*! An RRset of the wanted type, or the alias in its place. */
static bool answer_from(const caaudit_view_t *view, uint64_t hash, const knot_dname_t *owner,
                        uint16_t type, caaudit_lookup_t *out)
{
	caaudit_rrset_t cname = find_rrset(view, hash, owner, KNOT_RRTYPE_CNAME);
	if (cname.count > 0 && type != KNOT_RRTYPE_CNAME) {
		out->answer = CAAUDIT_CNAME;
		out->rrset = cname;
		name_lower(out->target, cname.record[0]->rdata);
	} else {
		out->answer = CAAUDIT_ANSWER;
		out->rrset = find_rrset(view, hash, owner, type);
	}
	if (out->rrset.count == 0) {
		return false;
	}
	out->source = out->rrset.record[0]->owner;
	return true;
}

/*! Replaces the suffix of the path at \a depth (RFC 6672 section 2.2). */
static void substitute(const path_t *path, unsigned depth, caaudit_lookup_t *out)
{
	const knot_dname_t *target = out->rrset.record[0]->rdata;
	if (!name_replace(out->target, path->name, path->node[depth] - path->name, target)) {
		out->answer = CAAUDIT_DNAME_LONG;
		return;
	}
	knot_dname_to_lower(out->target);
	out->answer = CAAUDIT_DNAME;
}

/*! Answers for a name that does not exist: from the wildcard at the closest encloser, if there is one. */
static void answer_absent(const caaudit_view_t *view, const path_t *path, uint16_t type,
                          caaudit_lookup_t *out)
{
	// The closest encloser is the longest ancestor that exists (RFC 4592 section 3.3.1).
	unsigned encloser = path->depth - 1;
	while (!path_exists(view, path, encloser)) {
		encloser--;
	}
	knot_dname_storage_t wildcard;
	out->answer = CAAUDIT_NXDOMAIN;
	if (!name_wildcard(wildcard, path->node[encloser])) {
		return;
	}
	uint64_t hash = hash_label(path->hash[encloser], wildcard);
	if (answer_from(view, hash, wildcard, type, out)) {
		out->wildcard = true;
	} else {
		out->answer = name_has(view, hash) != 0 ? CAAUDIT_NODATA : CAAUDIT_NXDOMAIN;
	}
}

void caaudit_view_lookup(const caaudit_view_t *view, const knot_dname_t *name, uint16_t type,
                         caaudit_lookup_t *out)
{
	out->rrset = (caaudit_rrset_t){ NULL, 0 };
	out->source = NULL;
	out->wildcard = false;

	path_t path;
	if (!path_init(&path, view, name)) {
		out->answer = CAAUDIT_OUTSIDE;
		return;
	}

	unsigned depth;
	caaudit_rrset_t occluding = find_occluding(view, &path, &depth);
	if (occluding.count > 0) {
		out->rrset = occluding;
		out->source = occluding.record[0]->owner;
		if (occluding.record[0]->type == KNOT_RRTYPE_DNAME) {
			substitute(&path, depth, out);
		} else {
			out->answer = CAAUDIT_DELEGATED;
			out->rrset = (caaudit_rrset_t){ NULL, 0 };
		}
	} else if (answer_from(view, path.hash[path.depth], path.name, type, out)) {
		return;
	} else if (path_exists(view, &path, path.depth)) {
		out->answer = CAAUDIT_NODATA;
	} else {
		answer_absent(view, &path, type, out);
	}
}

const knot_dname_t *view_climb(const caaudit_view_t *view, const knot_dname_t *name, uint16_t type)
{
	path_t path;
	unsigned depth;
	if (!path_init(&path, view, name) || !path_exists(view, &path, path.depth) ||
	    find_occluding(view, &path, &depth).count > 0) {
		return name;
	}
	for (depth = path.depth; depth > 0; depth--) {
		if (find_rrset(view, path.hash[depth], path.node[depth], type).count > 0 ||
		    find_rrset(view, path.hash[depth], path.node[depth], KNOT_RRTYPE_CNAME).count >
		            0) {
			break;
		}
	}
	return name + (path.node[depth] - path.name);
}

/* --- Aliases ------------------------------------------------------------------------------- */

void caaudit_chain_begin(caaudit_chain_t *chain, const caaudit_view_t *view,
                         const knot_dname_t *name, uint16_t type)
{
	chain->view = view;
	chain->type = type;
	chain->aliases = 0;
	name_lower(chain->at, name);
	caaudit_view_lookup(view, chain->at, type, &chain->lookup);
}

bool caaudit_chain_follow(caaudit_chain_t *chain)
{
	caaudit_lookup_t *lookup = &chain->lookup;
	if (lookup->answer != CAAUDIT_CNAME && lookup->answer != CAAUDIT_DNAME) {
		return false;
	} else if (chain->aliases == CAAUDIT_ALIASES_MAX) {
		lookup->answer = CAAUDIT_ALIASES_LONG;
		return false;
	}
	chain->aliases++;
	memcpy(chain->at, lookup->target, knot_dname_size(lookup->target));
	caaudit_view_lookup(chain->view, chain->at, chain->type, lookup);
	return true;
}

caaudit_answer_t caaudit_chain_end(caaudit_chain_t *chain, const caaudit_view_t *view,
                                   const knot_dname_t *name, uint16_t type)
{
	caaudit_chain_begin(chain, view, name, type);
	while (caaudit_chain_follow(chain)) {
	}
	return chain->lookup.answer;
}

/* --- Changes ------------------------------------------------------------------------------- */

/*! Is there a record at an owner, of the types that the view stores, CNAME aside? */
static bool has_stored(const caaudit_view_t *view, const path_t *path)
{
	static const uint16_t types[] = { KNOT_RRTYPE_CAA, KNOT_RRTYPE_DNAME, KNOT_RRTYPE_NS,
		                          KNOT_RRTYPE_DNSKEY, KNOT_RRTYPE_TXT };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (find_rrset(view, path->hash[path->depth], path->name, types[i]).count > 0) {
			return true;
		}
	}
	return false;
}

/*! Notes what a change makes of its owner and of the names above. */
static bool note_change(caaudit_view_t *view, const caaudit_record_t *record)
{
	path_t path;
	if (!path_init(&path, view, record->owner) || path.depth == 0) {
		return true;
	}
	uint64_t hash = path.hash[path.depth];
	unsigned has = name_has(view, hash);
	bool alias = find_rrset(view, hash, path.name, KNOT_RRTYPE_CNAME).count > 0;
	if (alias || (has & NAME_OTHER) || has_stored(view, &path)) {
		has |= NAME_OWNER;
	} else {
		has &= ~(unsigned)NAME_OWNER;
	}
	if (!alias && !(has & NAME_OTHER)) {
		has &= ~(unsigned)NAME_HOST;
	}
	if (!overlay_note(&view->overlay, hash, has)) {
		return false;
	}
	for (unsigned i = path.depth - 1; (has & NAME_OWNER) && i > 0; i--) {
		unsigned above = name_has(view, path.hash[i]);
		if (!overlay_note(&view->overlay, path.hash[i], above | NAME_PARENT)) {
			return false;
		}
	}
	return true;
}

static bool change_set(caaudit_view_t *view, const caaudit_record_t *record, bool add)
{
	path_t path;
	if (!path_init(&path, view, record->owner)) {
		return true; // Outside the zone.
	}
	uint64_t hash = path.hash[path.depth];
	caaudit_rrset_t base = find_rrset(view->base, hash, path.name, record->type);
	return overlay_change(&view->overlay, hash, base, record, add);
}

caaudit_view_t *view_patch(const caaudit_view_t *base, const view_change_t *change, size_t count)
{
	caaudit_view_t *view = malloc(sizeof(*view));
	if (view == NULL) {
		return NULL;
	}
	*view = *base;
	view->base = base;
	view->overlay = (overlay_t){ .set = NULL };
	bool ok = true;
	for (size_t i = 0; ok && i < count; i++) {
		for (size_t j = 0; ok && j < change[i].wrong_count; j++) {
			ok = change_set(view, change[i].wrong[j], false);
		}
	}
	for (size_t i = 0; ok && i < count; i++) {
		ok = change[i].right == NULL || change_set(view, change[i].right, true);
	}
	overlay_sort_sets(&view->overlay);
	for (size_t i = 0; ok && i < count; i++) {
		for (size_t j = 0; ok && j < change[i].wrong_count; j++) {
			ok = note_change(view, change[i].wrong[j]);
		}
		ok = ok && (change[i].right == NULL || note_change(view, change[i].right));
	}
	if (!ok) {
		caaudit_view_free(view);
		return NULL;
	}
	return view;
}

bool view_has_other_data(const caaudit_view_t *view, const knot_dname_t *name)
{
	path_t path;
	if (!path_init(&path, view, name)) {
		return false;
	}
	unsigned has = path.depth == 0 ? (unsigned)view->apex_has :
	                                 name_has(view, path.hash[path.depth]);
	return has & NAME_OTHER;
}

bool view_has_beside_cname(const caaudit_view_t *view, const knot_dname_t *name)
{
	path_t path;
	return view_has_other_data(view, name) ||
	       (path_init(&path, view, name) && has_stored(view, &path));
}

bool view_is_empty(const caaudit_view_t *view, const knot_dname_t *name)
{
	path_t path;
	return path_init(&path, view, name) && path.depth > 0 &&
	       (name_has(view, path.hash[path.depth]) & (NAME_OWNER | NAME_OTHER | NAME_PARENT)) ==
	               NAME_PARENT;
}

bool view_has_below(const caaudit_view_t *view, const knot_dname_t *name)
{
	path_t path;
	return !path_init(&path, view, name) || path.depth == 0 ||
	       (name_has(view, path.hash[path.depth]) & NAME_PARENT);
}

const knot_dname_t *view_shadowed(const caaudit_view_t *view, const knot_dname_t *owner,
                                  knot_dname_storage_t wildcard, const knot_dname_t **encloser)
{
	const knot_dname_t *above = owner;
	while (!caaudit_view_exists(view, above)) {
		above = name_parent(above);
	}
	*encloser = above;
	if (above == owner || !name_wildcard(wildcard, above) ||
	    !caaudit_view_exists(view, wildcard)) {
		return NULL;
	}
	const knot_dname_t *at = owner[1] == '_' ? name_parent(owner) : owner;
	return at != above ? at : NULL;
}
