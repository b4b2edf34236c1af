/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/consts.h>
#include <libknot/descriptor.h>
#include <libknot/errcode.h>
#include <libknot/rrtype/soa.h>

#include "caaudit/view.h"
#include "grow.h"
#include "keep.h"
#include "known.h"
#include "names.h"
#include "table.h"
#include "txt.h"
#include "view.h"
#include "words.h"

/*! Existing names are searched one by one that often before it pays to sort them. */
#define SCANS_BEFORE_SORT 16
/*! Aliases are followed that often to see which names are wanted, and lead to that many. */
#define ALIAS_ROUNDS  4
#define ALIAS_TARGETS 1024
/*! Aliases that a look-up follows, as in evaluate.c. */
#define ALIAS_DEPTH 16
/*! Labels of the longest name. */
#define MAX_LABELS KNOT_DNAME_MAXLABELS
/*! Keeps what few records need out of the way of the others. */
#define NOINLINE __attribute__((noinline))

/*! Hashes of the names that exist, empty non-terminals included. */
typedef struct {
	uint64_t *hash;
	size_t count;
	size_t size;      /*!< Octets of \a hash. */
	size_t ancestors; /*!< So many were noted as ancestors of an owner, and may repeat others. */
	unsigned scans;
	bool sorted;
} names_t;

/*! Owner taken apart: labels from the apex down. */
typedef struct {
	unsigned depth;                           /*!< Labels below the apex. */
	const knot_dname_t *node[MAX_LABELS + 1]; /*!< [0] is the apex, [depth] the name. */
	uint64_t hash[MAX_LABELS + 1];
} path_t;

/*! What is sorted when somebody asks: that changes no answer. */
typedef struct {
	names_t names;
	table_t stored;  /*!< All stored records, but of the aliases those that a walk shows. */
	table_t aliases; /*!< All aliases (CNAME). */
} lazy_t;

struct caaudit_view {
	knot_dname_storage_t zone;
	size_t zone_size;
	packed_t packed; /*!< Stored records. */
	size_t records;
	lazy_t *lazy;    /*!< Behind a pointer, for look-ups in a view that does not change. */
	keep_t *keep;    /*!< Signatures and denials; none before the first or a wanted name. */
	names_t texts;   /*!< Hashes of the texts of TXT records that are wanted. */
	names_t targets; /*!< Hashes of the targets of aliases that a walk shows. */
	unsigned led;    /*!< Names wanted since aliases lead to them. */
	uint32_t serial;
	bool of_ca;     /*!< The target of a validation may be in the zone. */
	bool malformed; /*!< A record that look-ups follow is. */
	int error;      /*!< Sticky. */

	/* The last owner added: zone data comes in runs of owners and of siblings. */
	uint64_t last_hash;
	bool last_noted;    /*!< It is among \a names. */
	size_t parent_size; /*!< Not 0: the next two are valid, \a names has the parent. */
	uint64_t parent_hash;
	knot_dname_storage_t parent; /*!< As it was given. */
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

/*! Does the wire name \a suffix of known size equal the lower-case zone name? */
static bool suffix_is_zone(const caaudit_view_t *view, const uint8_t *suffix)
{
	for (size_t i = 0; i < view->zone_size; i++) {
		if (ascii_lower(suffix[i]) != view->zone[i]) {
			return false;
		}
	}
	return true;
}

/*!
 * \brief Takes a name apart.
 *
 * \retval true   if it is in the zone.
 * \retval false  otherwise.
 */
static bool path_init(path_t *path, const caaudit_view_t *view, const knot_dname_t *name)
{
	const knot_dname_t *label[MAX_LABELS + 1];
	unsigned count = 0;
	size_t size = 1;
	for (const knot_dname_t *at = name; *at != 0; at = name_parent(at)) {
		label[count++] = at;
		size += 1 + *at;
	}
	if (size < view->zone_size) {
		return false;
	}
	const knot_dname_t *apex = name + size - view->zone_size;
	unsigned depth = 0;
	while (depth < count && label[depth] < apex) {
		depth++;
	}
	if ((depth < count ? label[depth] : name + size - 1) != apex ||
	    !suffix_is_zone(view, apex)) {
		return false;
	}

	path->depth = depth;
	path->node[0] = apex;
	path->hash[0] = 0;
	for (unsigned i = 1; i <= depth; i++) {
		path->node[i] = label[depth - i];
		path->hash[i] = hash_label(path->hash[i - 1], path->node[i]);
	}
	return true;
}

/*! Sorts the names, and drops repetitions: radix sort from the least significant octet on. */
static int names_sort(names_t *names)
{
	uint64_t *spare = names->count > 1 ? malloc(names->count * sizeof(*spare)) : NULL;
	if (spare == NULL && names->count > 1) {
		return KNOT_ENOMEM;
	}
	uint64_t *from = names->hash, *to = spare;
	for (unsigned shift = 0; names->count > 1 && shift < 64; shift += 8) {
		size_t start[257] = { 0 };
		for (size_t i = 0; i < names->count; i++) {
			start[(from[i] >> shift & 255) + 1]++;
		}
		for (unsigned i = 1; i < 256; i++) {
			start[i] += start[i - 1];
		}
		for (size_t i = 0; i < names->count; i++) {
			to[start[from[i] >> shift & 255]++] = from[i];
		}
		uint64_t *swap = from;
		from = to;
		to = swap;
	}
	free(spare); // Eight passes: they end where they began.

	size_t kept = 0;
	for (size_t i = 0; i < names->count; i++) {
		if (kept == 0 || names->hash[kept - 1] != names->hash[i]) {
			names->hash[kept++] = names->hash[i];
		}
	}
	names->count = kept;
	return KNOT_EOK;
}

static NOINLINE int names_grow(names_t *names)
{
	// Owners that come in no order repeat their ancestors: squeeze before growing.
	if (names->count >= 1 << 20 && names->ancestors > names->count / 4) {
		if (names_sort(names) != KNOT_EOK) {
			return KNOT_ENOMEM;
		}
		names->ancestors = 0;
	}
	size_t used = names->count * sizeof(*names->hash);
	if (used > names->size / 2 || names->size == 0) {
		uint64_t *grown = grow(names->hash, &names->size, used + sizeof(*grown));
		if (grown == NULL) {
			return KNOT_ENOMEM;
		}
		names->hash = grown;
	}
	return KNOT_EOK;
}

static inline bool names_full(const names_t *names)
{
	return names->count * sizeof(*names->hash) == names->size;
}

static inline int names_add(names_t *names, uint64_t hash)
{
	if (names_full(names) && names_grow(names) != KNOT_EOK) {
		return KNOT_ENOMEM;
	}
	names->hash[names->count++] = hash;
	return KNOT_EOK;
}

static bool names_have(names_t *names, uint64_t hash)
{
	if (!names->sorted &&
	    (names->scans++ < SCANS_BEFORE_SORT || names_sort(names) != KNOT_EOK)) {
		for (size_t i = 0; i < names->count; i++) {
			if (names->hash[i] == hash) {
				return true;
			}
		}
		return false;
	}
	names->sorted = true;
	size_t low = 0, high = names->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (names->hash[mid] < hash) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low < names->count && names->hash[low] == hash;
}

static void names_clear(names_t *names)
{
	grow_free(names->hash, names->size);
}

caaudit_view_t *caaudit_view_new(const knot_dname_t *zone)
{
	caaudit_view_t *view = calloc(1, sizeof(*view));
	lazy_t *lazy = calloc(1, sizeof(*lazy));
	if (view == NULL || lazy == NULL) {
		free(view);
		free(lazy);
		return NULL;
	}
	view->lazy = lazy;
	name_lower(view->zone, zone);
	view->zone_size = knot_dname_size(zone);
	view->of_ca = known_validation_near(view->zone, view->zone_size);
	view->packed = (packed_t){ .zone = view->zone, .zone_size = view->zone_size };
	return view;
}

void caaudit_view_free(caaudit_view_t *view)
{
	if (view == NULL) {
		return;
	}
	packed_clear(&view->packed);
	table_clear(&view->lazy->stored);
	table_clear(&view->lazy->aliases);
	names_clear(&view->lazy->names);
	free(view->lazy);
	names_clear(&view->texts);
	names_clear(&view->targets);
	keep_free(view->keep);
	free(view);
}

/*! Is a TXT record one that an expected validation is, or stands where one should? */
static bool is_wanted_txt(caaudit_view_t *view, const knot_dname_t *owner, const uint8_t *rdata,
                          uint16_t rdlen)
{
	if (view->texts.count == 0) {
		return false;
	}
	knot_dname_storage_t name;
	name_lower(name, owner);
	return names_have(&view->texts, txt_hash(rdata, rdlen)) ||
	       (view->keep != NULL && keep_wanted(view->keep, name));
}

static bool is_stored(caaudit_view_t *view, uint16_t type, const knot_dname_t *owner,
                      const uint8_t *rdata, uint16_t rdlen)
{
	switch (type) {
	case KNOT_RRTYPE_CAA:
	case KNOT_RRTYPE_CNAME:
	case KNOT_RRTYPE_DNAME:
	case KNOT_RRTYPE_NS:
	case KNOT_RRTYPE_SOA:
	case KNOT_RRTYPE_DNSKEY:
	case KNOT_RRTYPE_NSEC3PARAM:
		return true;
	case KNOT_RRTYPE_TXT:
		// A validation may stand there.
		return (owner[0] > 0 && owner[1] == '_') ||
		       is_wanted_txt(view, owner, rdata, rdlen);
	default:
		return false;
	}
}

/*! Is it a denial, or a signature over one or over an answer that a CA may ask for? */
static bool is_kept(uint16_t type, const uint8_t *rdata, uint16_t rdlen)
{
	switch (type) {
	case KNOT_RRTYPE_DS:
	case KNOT_RRTYPE_NSEC:
	case KNOT_RRTYPE_NSEC3:
		return true;
	case KNOT_RRTYPE_RRSIG:
		switch (rrsig_covered(rdata, rdlen)) {
		case KNOT_RRTYPE_CAA:
		case KNOT_RRTYPE_CNAME:
		case KNOT_RRTYPE_DNAME:
		case KNOT_RRTYPE_SOA:
		case KNOT_RRTYPE_DS:
		case KNOT_RRTYPE_DNSKEY:
		case KNOT_RRTYPE_NSEC:
		case KNOT_RRTYPE_NSEC3:
			return true;
		}
		return false;
	default:
		return false;
	}
}

/*! NSEC3 owners and the signatures over them are no names of the zone (RFC 5155 section 3). */
static bool makes_name(uint16_t type)
{
	return type != KNOT_RRTYPE_NSEC3 && type != KNOT_RRTYPE_RRSIG;
}

static inline void set_hash(caaudit_view_t *view, uint64_t hash)
{
	if (hash != view->last_hash) {
		view->last_hash = hash;
		view->last_noted = false;
	}
}

/*!
 * \brief Makes \a owner the last one: hashes it and notes that it exists.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ERANGE  if it is outside the zone.
 * \retval KNOT_ENOMEM  if out of memory.
 */
static int set_path(caaudit_view_t *view, const knot_dname_t *owner, bool exists)
{
	path_t path;
	if (!path_init(&path, view, owner)) {
		return KNOT_ERANGE;
	}
	for (unsigned i = 1; exists && i < path.depth; i++) {
		if (names_add(&view->lazy->names, path.hash[i]) != KNOT_EOK) {
			return KNOT_ENOMEM;
		}
		view->lazy->names.ancestors++;
	}
	if (exists && path.depth > 0) {
		const knot_dname_t *parent = name_parent(owner);
		view->parent_size = name_size(parent);
		view->parent_hash = path.hash[path.depth - 1];
		memcpy(view->parent, parent, view->parent_size);
	}
	set_hash(view, path.hash[path.depth]);
	if (exists && path.depth > 0 && !view->last_noted) {
		view->last_noted = true;
		return names_add(&view->lazy->names, view->last_hash);
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
	if (owner[0] == 0) {
		return false;
	}
	const knot_dname_t *parent = name_parent(owner);
	size_t size = name_size(parent);
	if (size != view->parent_size || !words_equal(parent, view->parent, size)) {
		return false;
	}
	set_hash(view, hash_label(view->parent_hash, owner));
	if (exists && !view->last_noted) {
		names_t *names = &view->lazy->names;
		if (names_full(names)) {
			return false;
		}
		view->last_noted = true;
		names->hash[names->count++] = view->last_hash;
	}
	return true;
}

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
static bool is_sound(uint16_t type, const uint8_t *rdata, uint16_t rdlen)
{
	const uint8_t *end = rdata + rdlen;
	int mname, rname;
	switch (type) {
	case KNOT_RRTYPE_CNAME:
	case KNOT_RRTYPE_DNAME:
	case KNOT_RRTYPE_NS:
		return is_name(rdata, rdlen);
	case KNOT_RRTYPE_SOA:
		mname = rdlen > 0 ? knot_dname_wire_check(rdata, end, NULL) : -1;
		rname = mname > 0 && mname < rdlen ?
		                knot_dname_wire_check(rdata + mname, end, NULL) :
		                -1;
		return rname > 0 && mname + rname + 20 == rdlen;
	default:
		return true;
	}
}

/*! Hash of a target, without regard to case; what is no name ends somewhere. */
static uint64_t target_hash(const knot_dname_t *target, size_t size)
{
	uint64_t hash = 0;
	for (size_t at = 0; at < size && target[at] > 0 && target[at] < size - at;
	     at += 1 + target[at]) {
		hash = hash_label(hash, target + at);
	}
	return hash;
}

/*! Does a walk show the alias, since it may be a validation, or be meant to be one? */
static bool is_shown(caaudit_view_t *view, const knot_dname_t *owner, const uint8_t *rdata,
                     uint16_t rdlen, bool in_zone)
{
	known_fit_t fit;
	return (owner[0] > 0 && owner[1] == '_') ||
	       ((!in_zone || view->of_ca) && known_validation(rdata, rdlen, &fit) != NULL) ||
	       (view->targets.count > 0 && names_have(&view->targets, target_hash(rdata, rdlen)));
}

/*! Wants a name in the zone, its ancestors and the wildcards that may answer for it. */
static int want(caaudit_view_t *view, const knot_dname_t *name)
{
	if (view->keep == NULL) {
		view->keep = keep_new(view->zone);
	}
	int ret = view->keep != NULL ? keep_want(view->keep, name) : KNOT_ENOMEM;
	while (ret == KNOT_EOK && !knot_dname_is_equal(name, view->zone)) {
		name = name_parent(name);
		knot_dname_storage_t wildcard = { 1, '*' };
		size_t size = knot_dname_size(name);
		if (size + 2 <= KNOT_DNAME_MAXLEN) {
			memcpy(wildcard + 2, name, size);
			ret = keep_want(view->keep, wildcard);
		}
		if (ret == KNOT_EOK) {
			ret = keep_want(view->keep, name);
		}
	}
	return ret;
}

int caaudit_view_want(caaudit_view_t *view, const knot_dname_t *name)
{
	knot_dname_storage_t lower;
	name_lower(lower, name);
	if (view->error == KNOT_EOK && name_in(lower, view->zone)) {
		view->error = want(view, lower);
	}
	return view->error;
}

int caaudit_view_want_txt(caaudit_view_t *view, const uint8_t *rdata, uint16_t rdlen)
{
	if (view->error == KNOT_EOK) {
		view->error = names_add(&view->texts, txt_hash(rdata, rdlen));
	}
	return view->error;
}

int caaudit_view_want_target(caaudit_view_t *view, const knot_dname_t *target)
{
	if (view->error == KNOT_EOK) {
		view->error = names_add(&view->targets, target_hash(target, name_size(target)));
	}
	return view->error;
}

/*! Wants where a record leads wanted names, if it is an alias that leads on in the zone. */
static int want_targets(caaudit_view_t *view, const packed_head_t *head)
{
	_Alignas(caaudit_record_t) uint8_t room[UNPACKED_ALIAS_MAX];
	const caaudit_record_t *alias = packed_alias(&view->packed, head, room);
	if (alias == NULL || !is_sound(alias->type, alias->rdata, alias->rdlen) ||
	    view->led >= ALIAS_TARGETS) {
		return KNOT_EOK;
	}
	knot_dname_storage_t target, longer;
	name_lower(target, alias->rdata);
	if (!name_in(target, view->zone)) {
		return KNOT_EOK;
	}
	if (alias->type == KNOT_RRTYPE_CNAME) {
		if (!keep_wanted(view->keep, alias->owner) || keep_wanted(view->keep, target)) {
			return KNOT_EOK;
		}
		view->led++;
		return want(view, target);
	}
	// Names that the redirection makes are made once: it may lead to itself.
	int ret = KNOT_EOK;
	const knot_dname_t *name;
	size_t size = knot_dname_size(target);
	for (size_t i = 0; ret == KNOT_EOK && view->led < ALIAS_TARGETS &&
	                   (name = keep_next(view->keep, i)) != NULL;
	     i++) {
		if (!name_in(name, alias->owner) || name_in(name, target) ||
		    knot_dname_is_equal(name, alias->owner)) {
			continue;
		}
		size_t prefix = knot_dname_size(name) - knot_dname_size(alias->owner);
		if (prefix + size <= KNOT_DNAME_MAXLEN) {
			memcpy(longer, name, prefix);
			memcpy(longer + prefix, target, size);
			if (!keep_wanted(view->keep, longer)) {
				view->led++;
				ret = want(view, longer);
			}
		}
	}
	return ret;
}

static int store(caaudit_view_t *view, const knot_dname_t *owner, uint16_t type, uint32_t ttl,
                 const uint8_t *rdata, uint16_t rdlen)
{
	packed_t *packed = &view->packed;
	size_t prefix = name_size(owner) - view->zone_size;
	const packed_head_t *head = packed_add(packed, owner, prefix, type, ttl, rdata, rdlen);
	if (head == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = KNOT_EOK;
	bool shown = true;
	if (type == KNOT_RRTYPE_CNAME) {
		shown = is_shown(view, owner, rdata, rdlen, head->in_zone);
		ret = table_add(&view->lazy->aliases, view->last_hash, packed, head);
	}
	if (ret == KNOT_EOK && shown) {
		ret = table_add(&view->lazy->stored, view->last_hash, packed, head);
	}
	view->malformed = view->malformed || !is_sound(type, rdata, rdlen);
	if (ret == KNOT_EOK && view->keep != NULL && keep_is_thin(view->keep)) {
		ret = want_targets(view, head);
	}
	return ret;
}

/*! Wants the targets of the aliases seen so far, and their targets, then drops the rest. */
static int thin(caaudit_view_t *view)
{
	int ret = KNOT_EOK;
	unsigned before = UINT_MAX;
	for (unsigned round = 0; ret == KNOT_EOK && round < ALIAS_ROUNDS && before != view->led;
	     round++) {
		before = view->led;
		for (const packed_head_t *head = NULL;
		     ret == KNOT_EOK && (head = packed_next(&view->packed, head)) != NULL;) {
			ret = want_targets(view, head);
		}
	}
	return ret == KNOT_EOK ? keep_thin(view->keep) : ret;
}

static int keep(caaudit_view_t *view, const knot_dname_t *owner, uint16_t type, uint32_t ttl,
                const uint8_t *rdata, uint16_t rdlen)
{
	if (view->keep == NULL && (view->keep = keep_new(view->zone)) == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = keep_add(view->keep, owner, type, ttl, rdata, rdlen);
	if (ret == KNOT_ELIMIT) {
		ret = thin(view);
		ret = ret == KNOT_EOK ? keep_add(view->keep, owner, type, ttl, rdata, rdlen) : ret;
	}
	return ret;
}

const keep_t *view_keep(const caaudit_view_t *view)
{
	return view->keep;
}

/*! Adds a record that may concern more than the existence of its owner. */
static NOINLINE int add_kept(caaudit_view_t *view, const knot_dname_t *owner, uint16_t type,
                             uint32_t ttl, const uint8_t *rdata, uint16_t rdlen)
{
	if (is_stored(view, type, owner, rdata, rdlen)) {
		view->error = store(view, owner, type, ttl, rdata, rdlen);
	} else if (is_kept(type, rdata, rdlen)) {
		view->error = keep(view, owner, type, ttl, rdata, rdlen);
	}
	return view->error;
}

/*! Adds a record in all the steps. */
static NOINLINE int add_any(caaudit_view_t *view, const knot_dname_t *owner, uint16_t type,
                            uint32_t ttl, const uint8_t *rdata, uint16_t rdlen)
{
	int ret = set_path(view, owner, makes_name(type));
	if (ret == KNOT_ERANGE) {
		return KNOT_EOK;
	} else if (ret != KNOT_EOK) {
		return view->error = ret;
	}
	view->records++;
	return add_kept(view, owner, type, ttl, rdata, rdlen);
}

int caaudit_view_add(caaudit_view_t *view, const knot_dname_t *owner, uint16_t type, uint32_t ttl,
                     const uint8_t *rdata, uint16_t rdlen)
{
	if (view->error != KNOT_EOK) {
		return view->error;
	}
	// Most records are addresses of siblings: these few steps without a call are for them.
	if (!set_sibling(view, owner, makes_name(type))) {
		return add_any(view, owner, type, ttl, rdata, rdlen);
	}
	view->records++;
	if (type == KNOT_RRTYPE_A || type == KNOT_RRTYPE_AAAA) {
		return KNOT_EOK;
	}
	return add_kept(view, owner, type, ttl, rdata, rdlen);
}

int caaudit_view_finish(caaudit_view_t *view)
{
	if (view->error != KNOT_EOK) {
		return view->error;
	}
	if (view->malformed) {
		return KNOT_EMALF;
	}

	if (table_finish(&view->lazy->stored, &view->packed) != KNOT_EOK ||
	    table_finish(&view->lazy->aliases, &view->packed) != KNOT_EOK) {
		return view->error = KNOT_ENOMEM;
	}
	if (view->keep != NULL && keep_finish(view->keep) != KNOT_EOK) {
		return view->error = KNOT_ENOMEM;
	}

	caaudit_rrset_t soa = caaudit_view_rrset(view, view->zone, KNOT_RRTYPE_SOA);
	if (soa.count != 1) {
		return soa.count == 0 ? KNOT_ENOENT : KNOT_ESEMCHECK;
	}
	const caaudit_record_t *record = soa.record[0];
	const uint8_t *serial = record->rdata + record->rdlen - 20; // RFC 1035 section 3.3.13.
	view->serial = (uint32_t)serial[0] << 24 | serial[1] << 16 | serial[2] << 8 | serial[3];
	return KNOT_EOK;
}

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

static caaudit_rrset_t find_rrset(const caaudit_view_t *view, uint64_t hash,
                                  const knot_dname_t *owner, uint16_t type)
{
	lazy_t *lazy = view->lazy;
	table_t *table = type == KNOT_RRTYPE_CNAME ? &lazy->aliases : &lazy->stored;
	return table_rrset(table, table_find(table, hash, owner), type);
}

caaudit_rrset_t caaudit_view_rrset(const caaudit_view_t *view, const knot_dname_t *owner,
                                   uint16_t type)
{
	path_t path;
	if (!path_init(&path, view, owner)) {
		return (caaudit_rrset_t){ NULL, 0 };
	}
	return find_rrset(view, path.hash[path.depth], owner, type);
}

bool caaudit_view_next(const caaudit_view_t *view, uint16_t type, size_t *pos, caaudit_rrset_t *out)
{
	if (!table_next(&view->lazy->stored, type, pos, out)) {
		return false;
	}
	if (type == KNOT_RRTYPE_CNAME) {
		*out = caaudit_view_rrset(view, out->record[0]->owner, type);
	}
	return true;
}

/*! Stored owner of the cut or DNAME that hides the end of the path, the highest one. */
static caaudit_rrset_t find_occluding(const caaudit_view_t *view, const path_t *path,
                                      unsigned *depth)
{
	table_t *stored = &view->lazy->stored;
	for (unsigned i = 0; i <= path->depth; i++) {
		*depth = i;
		size_t pos = table_find(stored, path->hash[i], path->node[i]);
		caaudit_rrset_t rrset = { NULL, 0 };
		if (i > 0) {
			rrset = table_rrset(stored, pos, KNOT_RRTYPE_NS);
		}
		if (rrset.count == 0 && i < path->depth) {
			rrset = table_rrset(stored, pos, KNOT_RRTYPE_DNAME);
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
	return depth == 0 || names_have(&view->lazy->names, path->hash[depth]);
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
	const knot_dname_t *name = path->node[path->depth];
	size_t prefix = path->node[depth] - name;
	size_t size = knot_dname_size(target);
	if (prefix + size > KNOT_DNAME_MAXLEN) {
		out->answer = CAAUDIT_DNAME_LONG;
		return;
	}
	memcpy(out->target, name, prefix);
	memcpy(out->target + prefix, target, size);
	knot_dname_to_lower(out->target);
	out->answer = CAAUDIT_DNAME;
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
		return;
	}

	if (answer_from(view, path.hash[path.depth], name, type, out)) {
		return;
	}
	if (path_exists(view, &path, path.depth)) {
		out->answer = CAAUDIT_NODATA;
		return;
	}

	// The closest encloser is the longest ancestor that exists (RFC 4592 section 3.3.1).
	unsigned encloser = path.depth - 1;
	while (!path_exists(view, &path, encloser)) {
		encloser--;
	}
	knot_dname_storage_t wildcard = { 1, '*' };
	size_t size = knot_dname_size(path.node[encloser]);
	out->answer = CAAUDIT_NXDOMAIN;
	if (size + 2 > KNOT_DNAME_MAXLEN) {
		return;
	}
	memcpy(wildcard + 2, path.node[encloser], size);
	uint64_t hash = hash_label(path.hash[encloser], wildcard);
	if (answer_from(view, hash, wildcard, type, out)) {
		out->wildcard = true;
	} else {
		out->answer = names_have(&view->lazy->names, hash) ? CAAUDIT_NODATA :
		                                                     CAAUDIT_NXDOMAIN;
	}
}

/*!
 * \brief Wants where the wanted names of a view lead, as far as a look-up follows them.
 *
 * \param[in]     view    Finished view.
 * \param[in,out] again   View that wants the same names.
 * \param[out]    missed  One of the names was wanted too late in \a view.
 */
static int want_again(const caaudit_view_t *view, caaudit_view_t *again, bool *missed)
{
	const knot_dname_t *name;
	unsigned before = UINT_MAX;
	for (unsigned depth = 0; depth < ALIAS_DEPTH && before != again->led; depth++) {
		before = again->led;
		for (size_t i = 0; (name = keep_next(again->keep, i)) != NULL; i++) {
			caaudit_lookup_t lookup;
			caaudit_view_lookup(view, name, KNOT_RRTYPE_CAA, &lookup);
			if ((lookup.answer != CAAUDIT_CNAME && lookup.answer != CAAUDIT_DNAME) ||
			    !name_in(lookup.target, view->zone) || again->led >= ALIAS_TARGETS ||
			    keep_wanted(again->keep, lookup.target)) {
				continue;
			}
			again->led++;
			int ret = want(again, lookup.target);
			if (ret != KNOT_EOK) {
				return ret;
			}
		}
	}
	*missed = false;
	for (size_t i = 0; !*missed && (name = keep_next(again->keep, i)) != NULL; i++) {
		*missed = keep_missed(view->keep, name);
	}
	return KNOT_EOK;
}

int caaudit_view_again(const caaudit_view_t *view, caaudit_view_t **out)
{
	*out = NULL;
	if (view->keep == NULL || !keep_is_thin(view->keep)) {
		return KNOT_EOK;
	}
	caaudit_view_t *again = caaudit_view_new(view->zone);
	int ret = again != NULL ? KNOT_EOK : KNOT_ENOMEM;
	const knot_dname_t *name;
	for (size_t i = 0; ret == KNOT_EOK && (name = keep_next(view->keep, i)) != NULL; i++) {
		ret = want(again, name);
	}
	for (size_t i = 0; ret == KNOT_EOK && i < view->texts.count; i++) {
		ret = names_add(&again->texts, view->texts.hash[i]);
	}
	for (size_t i = 0; ret == KNOT_EOK && i < view->targets.count; i++) {
		ret = names_add(&again->targets, view->targets.hash[i]);
	}
	bool missed = false;
	if (ret == KNOT_EOK && again->keep != NULL) {
		ret = want_again(view, again, &missed);
	}
	if (ret != KNOT_EOK || !missed) {
		caaudit_view_free(again);
		return ret;
	}
	*out = again;
	return KNOT_EOK;
}
