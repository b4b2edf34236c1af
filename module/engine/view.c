/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Takes the records of a zone in, and answers from them as the authoritative server would. */

#include <stdlib.h>
#include <string.h>

#include <libdnssec/error.h>
#include <libknot/descriptor.h>
#include <libknot/errcode.h>
#include <libknot/rrtype/soa.h>

#include "caaudit/view.h"
#include "hash.h"
#include "known.h"
#include "names.h"
#include "nameset.h"
#include "policy.h"
#include "store.h"
#include "view.h"

/*! Labels of the longest name. */
#define MAX_LABELS KNOT_DNAME_MAXLABELS
/*! Keeps rare paths out of line, so that the common path saves no registers. */
#define NOINLINE __attribute__((noinline))

/*! A name in the zone taken apart: labels from the apex down. */
typedef struct {
	unsigned depth;                           /*!< Labels below the apex. */
	knot_dname_storage_t name;                /*!< Lower case. */
	const knot_dname_t *node[MAX_LABELS + 1]; /*!< [0] is the apex, [depth] the name. */
	uint64_t hash[MAX_LABELS + 1];
} path_t;

/*! What look-ups sort: that changes no answer. */
typedef struct {
	nameset_t names; /*!< Names below the apex that exist, empty non-terminals included. */
	store_t store;
} lazy_t;

struct caaudit_view {
	knot_dname_storage_t zone;
	size_t zone_size;
	const caaudit_policy_t *policy;
	size_t records;
	lazy_t *lazy;
	proofs_t *proofs;
	uint32_t serial;
	dnssec_nsec3_params_t nsec3; /*!< Of the chain; algorithm 0: there is none. */
	bool signed_soa;             /*!< There is a signature over SOA. */
	bool of_ca;                  /*!< The target of a validation may be in the zone. */
	bool malformed;              /*!< A record that look-ups follow is. */
	bool again;                  /*!< The second reading has begun. */
	bool confirmed;              /*!< It has shown the same SOA record. */
	bool changed;                /*!< It has shown another one. */
	int error;                   /*!< Sticky. */

	/* The owner that came last: zone data comes in runs of owners and of siblings. */
	unsigned last_depth;                /*!< Labels below the apex. */
	uint64_t last_hash[MAX_LABELS + 1]; /*!< Of the apex, ..., of the owner. */
	bool last_noted;                    /*!< The owner is among the names. */
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
	for (unsigned i = 0; i <= label[0]; i++) {
		parent = (parent ^ ascii_lower(label[i])) * HASH_PRIME;
	}
	return parent;
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
	if (view->lazy != NULL) {
		store_clear(&view->lazy->store);
		nameset_clear(&view->lazy->names);
	}
	free(view->lazy);
	proofs_free(view->proofs);
	dnssec_nsec3_params_free(&view->nsec3);
	free(view);
}

/* --- Adding -------------------------------------------------------------------------------- */

/*! Is it one name, uncompressed (RFC 1035 section 3.1)? */
static bool is_name(const uint8_t *rdata, size_t rdlen)
{
	size_t at = 0;
	while (at < rdlen && rdata[at] != 0) {
		if (rdata[at] > KNOT_DNAME_MAXLABELLEN) {
			return false;
		}
		at += 1 + rdata[at];
	}
	return at + 1 == rdlen && rdlen <= KNOT_DNAME_MAXLEN;
}

/*! Look-ups follow the names in these; malformed ones would lead beyond the RDATA. */
static bool is_sound(const caaudit_record_t *record)
{
	const uint8_t *rdata = record->rdata, *end = rdata + record->rdlen;
	int mname, rname;
	switch (record->type) {
	case KNOT_RRTYPE_CNAME:
	case KNOT_RRTYPE_DNAME:
	case KNOT_RRTYPE_NS:
		return is_name(rdata, record->rdlen);
	case KNOT_RRTYPE_SOA: // RFC 1035 section 3.3.13.
		mname = record->rdlen > 0 ? knot_dname_wire_check(rdata, end, NULL) : -1;
		rname = mname > 0 && mname < record->rdlen ?
		                knot_dname_wire_check(rdata + mname, end, NULL) :
		                -1;
		return rname > 0 && mname + rname + 20 == record->rdlen;
	default:
		return true;
	}
}

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

/*! Is a TXT record one that an expected validation is, or that stands where one should? */
static bool is_stored_txt(const caaudit_view_t *view, const caaudit_record_t *record)
{
	const knot_dname_t *owner = record->owner;
	if (begins_with_underscore(owner)) {
		return true;
	} else if (view->policy->validation_count == 0) {
		return false;
	}
	size_t pos = 0;
	knot_dname_storage_t lower;
	name_lower(lower, owner);
	return name_is_wildcard(owner) || is_expected_content(view, record) ||
	       caaudit_policy_find(view->policy, lower, &pos) != NULL;
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
	case KNOT_RRTYPE_NSEC3PARAM:
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
	return (!in_zone && known_validation(record->rdata, record->rdlen, &fit) != NULL) ||
	       is_expected_content(view, record);
}

/*! NSEC3 owners and the signatures over them are no names of the zone (RFC 5155 section 3). */
static bool makes_name(uint16_t type)
{
	return type != KNOT_RRTYPE_NSEC3 && type != KNOT_RRTYPE_RRSIG;
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

/*!
 * \brief Makes \a owner the last one: hashes it, and notes that it and its ancestors exist.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ERANGE  if it is outside the zone.
 * \retval KNOT_ENOMEM  if out of memory.
 */
static NOINLINE int set_path(caaudit_view_t *view, const knot_dname_t *owner, bool exists)
{
	path_t path;
	if (!path_init(&path, view, owner)) {
		return KNOT_ERANGE;
	}
	unsigned common = common_depth(view, &path);
	bool same = common == path.depth && common == view->last_depth;
	// The ancestors of the last name are noted, if it has siblings, but not yet the last name.
	unsigned noted = !view->siblings ? 0 : common < view->last_depth ? common : common - 1;
	for (unsigned i = noted + 1; exists && i < path.depth; i++) {
		if (!nameset_add(&view->lazy->names, path.hash[i], true)) {
			return KNOT_ENOMEM;
		}
	}
	view->last_noted = same && view->last_noted;
	view->last_depth = path.depth;
	memcpy(view->last_hash, path.hash, (path.depth + 1) * sizeof(path.hash[0]));
	view->siblings = exists && path.depth > 0;
	if (view->siblings) {
		const knot_dname_t *parent = name_parent(owner);
		view->parent_size = name_size(parent);
		memcpy(view->parent, parent, view->parent_size);
	}
	if (view->siblings && !view->last_noted) {
		view->last_noted = true;
		if (!nameset_add(&view->lazy->names, path.hash[path.depth], false)) {
			return KNOT_ENOMEM;
		}
	}
	return KNOT_EOK;
}

/*!
 * \brief The same, fast, for one that has the parent of the last one.
 *
 * \retval true   if that is done.
 * \retval false  if set_path() must do it.
 */
static inline bool set_sibling(caaudit_view_t *view, const knot_dname_t *owner, bool exists)
{
	nameset_t *names = &view->lazy->names;
	if (!view->siblings || owner[0] == 0 || !nameset_has_room(names)) {
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
	if (exists && !view->last_noted) {
		view->last_noted = true;
		names->hash[names->count++] = hash;
	}
	return true;
}

/*! Adds a record that may concern more than the existence of its owner. */
static NOINLINE int add_kept(caaudit_view_t *view, const caaudit_record_t *record)
{
	if (is_stored(view, record)) {
		uint64_t hash = view->last_hash[view->last_depth];
		view->malformed = view->malformed || !is_sound(record);
		if (!store_add(&view->lazy->store, hash, record, name_size(record->owner),
		               is_walked(view, record))) {
			return view->error = KNOT_ENOMEM;
		}
		return KNOT_EOK;
	}
	view->signed_soa = view->signed_soa ||
	                   (record->type == KNOT_RRTYPE_RRSIG && view->last_depth == 0 &&
	                    rrsig_covered(record->rdata, record->rdlen) == KNOT_RRTYPE_SOA);
	return proofs_add(view->proofs, record) ? KNOT_EOK : (view->error = KNOT_ENOMEM);
}

/*! Adds a record in the second reading: SOA tells whether it is the same zone. */
static NOINLINE int add_again(caaudit_view_t *view, const caaudit_record_t *record)
{
	knot_dname_storage_t owner;
	switch (record->type) {
	case KNOT_RRTYPE_SOA:
		if (knot_dname_is_case_equal(record->owner, view->zone)) {
			caaudit_rrset_t soa = caaudit_view_rrset(view, view->zone, KNOT_RRTYPE_SOA);
			bool same = soa.record[0]->rdlen == record->rdlen &&
			            memcmp(soa.record[0]->rdata, record->rdata, record->rdlen) == 0;
			view->confirmed = view->confirmed || same;
			view->changed = view->changed || !same;
		}
		return KNOT_EOK;
	case KNOT_RRTYPE_DS:
	case KNOT_RRTYPE_RRSIG:
	case KNOT_RRTYPE_NSEC:
	case KNOT_RRTYPE_NSEC3:
		name_lower(owner, record->owner);
		if (name_in(owner, view->zone) && !proofs_add(view->proofs, record)) {
			return view->error = KNOT_ENOMEM;
		}
		return KNOT_EOK;
	default:
		return KNOT_EOK;
	}
}

int caaudit_view_add(caaudit_view_t *view, const caaudit_record_t *record)
{
	if (view->error != KNOT_EOK) {
		return view->error;
	} else if (view->again) {
		return add_again(view, record);
	}
	bool exists = makes_name(record->type);
	// Most records are addresses of siblings: these few steps without a call are for them.
	if (!set_sibling(view, record->owner, exists)) {
		int ret = set_path(view, record->owner, exists);
		if (ret != KNOT_EOK) {
			return ret == KNOT_ERANGE ? KNOT_EOK : (view->error = ret);
		}
	}
	view->records++;
	if (record->type == KNOT_RRTYPE_A || record->type == KNOT_RRTYPE_AAAA) {
		return KNOT_EOK;
	}
	return add_kept(view, record);
}

/*! Chooses the chain that the server answers from. */
static int choose_chain(caaudit_view_t *view)
{
	caaudit_rrset_t set = caaudit_view_rrset(view, view->zone, KNOT_RRTYPE_NSEC3PARAM);
	for (size_t i = 0; i < set.count; i++) {
		const caaudit_record_t *record = set.record[i];
		const dnssec_binary_t rdata = { record->rdlen,
			                        (uint8_t *)(uintptr_t)record->rdata };
		dnssec_nsec3_params_t params = { 0 };
		int ret = dnssec_nsec3_params_from_rdata(&params, &rdata);
		if (ret == DNSSEC_ENOMEM) {
			return KNOT_ENOMEM;
		} else if (ret != DNSSEC_EOK) {
			continue;
		}
		// With flags other than 0 it is one to ignore (RFC 5155 section 4.1.2).
		if (params.algorithm == DNSSEC_NSEC3_ALGORITHM_SHA1 && params.flags == 0) {
			view->nsec3 = params;
			break;
		}
		dnssec_nsec3_params_free(&params);
	}
	return KNOT_EOK;
}

int caaudit_view_finish(caaudit_view_t *view)
{
	if (view->error != KNOT_EOK) {
		return view->error;
	}
	if (view->malformed) {
		return KNOT_EMALF;
	}
	if (!store_finish(&view->lazy->store)) {
		return view->error = KNOT_ENOMEM;
	}
	caaudit_rrset_t soa = caaudit_view_rrset(view, view->zone, KNOT_RRTYPE_SOA);
	if (soa.count != 1) {
		return soa.count == 0 ? KNOT_ENOENT : KNOT_ESEMCHECK;
	}
	const uint8_t *serial = soa.record[0]->rdata + soa.record[0]->rdlen - 20;
	view->serial = (uint32_t)serial[0] << 24 | serial[1] << 16 | serial[2] << 8 | serial[3];
	return view->error = choose_chain(view);
}

/* --- The second reading -------------------------------------------------------------------- */

proofs_t *view_proofs(const caaudit_view_t *view)
{
	return view->proofs;
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

void view_read_again(caaudit_view_t *view)
{
	view->again = true;
}

int view_finish_again(caaudit_view_t *view)
{
	bool same = view->confirmed && !view->changed;
	if (view->error == KNOT_EOK && same && !proofs_finish(view->proofs)) {
		view->error = KNOT_ENOMEM;
	}
	return view->error != KNOT_EOK ? view->error : same ? KNOT_EOK : KNOT_EAGAIN;
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

bool caaudit_view_next(const caaudit_view_t *view, uint16_t type, size_t *pos, caaudit_rrset_t *out)
{
	return store_next(&view->lazy->store, type, pos, out);
}

/*! Stored owner of the cut or DNAME that hides the end of the path, the highest one. */
static caaudit_rrset_t find_occluding(const caaudit_view_t *view, const path_t *path,
                                      unsigned *depth)
{
	for (unsigned i = 0; i <= path->depth; i++) {
		*depth = i;
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
	return depth == 0 || nameset_has(&view->lazy->names, path->hash[depth]);
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
	size_t prefix = path->node[depth] - path->name;
	size_t size = knot_dname_size(target);
	if (prefix + size > KNOT_DNAME_MAXLEN) {
		out->answer = CAAUDIT_DNAME_LONG;
		return;
	}
	memcpy(out->target, path->name, prefix);
	memcpy(out->target + prefix, target, size);
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
		out->answer = nameset_has(&view->lazy->names, hash) ? CAAUDIT_NODATA :
		                                                      CAAUDIT_NXDOMAIN;
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
