/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/consts.h>
#include <libknot/descriptor.h>
#include <libknot/errcode.h>
#include <libknot/rrtype/soa.h>

#include "caaudit/view.h"
#include "keep.h"
#include "names.h"
#include "txt.h"
#include "view.h"

/*! Octets of one block of stored records. */
#define CHUNK_SIZE (64 * 1024)
/*! Existing names are searched one by one that often before it pays to sort them. */
#define SCANS_BEFORE_SORT 16
/*! Aliases are followed that often to see which names are wanted, and lead to that many. */
#define ALIAS_ROUNDS 4
#define ALIAS_TARGETS 1024
/*! Records that a walk fetches in advance. */
#define AHEAD 16
/*! Aliases that a look-up follows, as in evaluate.c. */
#define ALIAS_DEPTH 16
/*! Labels of the longest name. */
#define MAX_LABELS KNOT_DNAME_MAXLABELS
/*! Keeps what few records need out of the way of the others. */
#define NOINLINE __attribute__((noinline))

typedef struct chunk chunk_t;
struct chunk {
	chunk_t *next;
	size_t used;
	size_t size;
	_Alignas(caaudit_record_t) uint8_t data[];
};

/*! What a search needs, so that it touches no record: those are scattered over the memory. */
typedef struct {
	uint64_t hash; /*!< Of the owner. */
	uint32_t pos;  /*!< Position in the array of records. */
	uint16_t type;
} entry_t;

/*! Hashes of the names that exist, empty non-terminals included. */
typedef struct {
	uint64_t *hash;
	size_t count;
	size_t size;
	unsigned scans;
	bool sorted;
} names_t;

/*! Owner taken apart: labels from the apex down. */
typedef struct {
	unsigned depth;                          /*!< Labels below the apex. */
	const knot_dname_t *node[MAX_LABELS + 1]; /*!< [0] is the apex, [depth] the name. */
	uint64_t hash[MAX_LABELS + 1];
} path_t;

struct caaudit_view {
	knot_dname_storage_t zone;
	size_t zone_size;
	chunk_t *chunks;
	entry_t *entry;                  /*!< Sorted by hash, owner, type, RDATA when finished. */
	const caaudit_record_t **record; /*!< In the order of addition. */
	const caaudit_record_t **index;  /*!< In the order of \a entry, for RRsets. */
	size_t count;
	size_t size;
	size_t records;
	names_t *names; /*!< Behind a pointer: sorting it changes no answer. */
	keep_t *keep;   /*!< Signatures and denials; none before the first or a wanted name. */
	names_t texts;  /*!< Hashes of the texts of TXT records that are wanted. */
	unsigned targets; /*!< Names wanted since aliases lead to them. */
	uint32_t serial;
	bool malformed; /*!< A record that look-ups follow is. */
	int error;      /*!< Sticky. */

	/* The last owner added: zone data comes in runs of owners and of siblings. */
	uint64_t last_hash;
	bool last_noted;                 /*!< It is among \a names. */
	const knot_dname_t *last_stored; /*!< Copy of it among the stored records, or NULL. */
	size_t parent_size;              /*!< Not 0: the next two are valid, \a names has the parent. */
	uint64_t parent_hash;
	knot_dname_storage_t parent;     /*!< As it was given. */
};

static void *chunk_alloc(caaudit_view_t *view, size_t size)
{
	const size_t align = _Alignof(caaudit_record_t);
	size = (size + align - 1) / align * align;
	chunk_t *chunk = view->chunks;
	if (chunk == NULL || chunk->size - chunk->used < size) {
		size_t want = size > CHUNK_SIZE ? size : CHUNK_SIZE;
		chunk = malloc(sizeof(*chunk) + want);
		if (chunk == NULL) {
			return NULL;
		}
		chunk->used = 0;
		chunk->size = want;
		chunk->next = view->chunks;
		view->chunks = chunk;
	}
	void *mem = chunk->data + chunk->used;
	chunk->used += size;
	return mem;
}

/*! Loads one to eight octets; which of them goes where does not matter, but none is lost. */
static inline uint64_t load(const uint8_t *octets, size_t len)
{
	uint64_t word;
	uint32_t low, high;
	if (len == sizeof(word)) {
		memcpy(&word, octets, sizeof(word));
		return word;
	} else if (len >= sizeof(low)) {
		memcpy(&low, octets, sizeof(low));
		memcpy(&high, octets + len - sizeof(high), sizeof(high));
		return low | (uint64_t)high << 32;
	}
	return octets[0] | octets[len / 2] << 8 | (uint64_t)octets[len - 1] << 16;
}

/*! Lower-cases eight octets at once: 0x20 where 'A' <= octet <= 'Z'. */
static inline uint64_t lower(uint64_t word)
{
	uint64_t heptet = word & 0x7f7f7f7f7f7f7f7fu;
	uint64_t from_a = heptet + 0x3f3f3f3f3f3f3f3fu;
	uint64_t past_z = heptet + 0x2525252525252525u;
	return word | ((from_a ^ past_z) & ~word & 0x8080808080808080u) >> 2;
}

/*!
 * \brief Hash of a name from that of its parent and its first label.
 *
 * It has no secret: whoever makes two of his own names collide gets a wrong
 * hint about them, and no slower search, since nothing is hashed into buckets.
 */
static inline uint64_t hash_label(uint64_t parent, const uint8_t *label)
{
	const uint64_t prime = 0x9e3779b97f4a7c15u;
	uint64_t hash = (parent ^ label[0]) * prime;
	size_t len = label[0];
	label++;
	while (len > 0) {
		size_t take = len < sizeof(uint64_t) ? len : sizeof(uint64_t);
		hash = (hash ^ lower(load(label, take))) * prime;
		hash ^= hash >> 29;
		label += take;
		len -= take;
	}
	hash *= prime;
	return hash ^ hash >> 32;
}

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
	if ((depth < count ? label[depth] : name + size - 1) != apex || !suffix_is_zone(view, apex)) {
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

/*!
 * Least significant digit radix sort by the upper bits of the key, 8 bits a pass; passes without
 * effect are skipped.
 */
#define RADIX_SORT(type, key, bits, array, count, failed) do { \
	type *spare_ = (count) > 1 ? malloc((count) * sizeof(type)) : NULL; \
	(failed) = (count) > 1 && spare_ == NULL; \
	if (spare_ != NULL) { \
		type *from_ = (array), *to_ = spare_; \
		for (unsigned shift_ = 64 - (bits); shift_ < 64; shift_ += 8) { \
			size_t start_[257] = { 0 }; \
			for (size_t i_ = 0; i_ < (count); i_++) { \
				start_[(key(from_[i_]) >> shift_ & 255) + 1]++; \
			} \
			if (start_[(key(from_[0]) >> shift_ & 255) + 1] == (count)) { \
				continue; \
			} \
			for (unsigned i_ = 1; i_ < 256; i_++) { \
				start_[i_] += start_[i_ - 1]; \
			} \
			for (size_t i_ = 0; i_ < (count); i_++) { \
				to_[start_[key(from_[i_]) >> shift_ & 255]++] = from_[i_]; \
			} \
			type *swap_ = from_; \
			from_ = to_; \
			to_ = swap_; \
		} \
		if (from_ != (array)) { \
			memcpy((array), from_, (count) * sizeof(type)); \
		} \
		free(spare_); \
	} \
} while (0)

#define KEY_ITSELF(x) (x)
#define KEY_HASH(x) ((x).hash)

static int names_sort(names_t *names)
{
	bool failed;
	RADIX_SORT(uint64_t, KEY_ITSELF, 64, names->hash, names->count, failed);
	if (failed) {
		return KNOT_ENOMEM;
	}
	size_t kept = 0;
	for (size_t i = 0; i < names->count; i++) {
		if (kept == 0 || names->hash[kept - 1] != names->hash[i]) {
			names->hash[kept++] = names->hash[i];
		}
	}
	names->count = kept;
	return KNOT_EOK;
}

static int names_add(names_t *names, uint64_t hash)
{
	if (names->count == names->size) {
		// Owners that come in no order repeat their ancestors: squeeze before growing.
		if (names->size >= 1 << 20 && names_sort(names) != KNOT_EOK) {
			return KNOT_ENOMEM;
		}
		if (names->count > names->size / 2 || names->size == 0) {
			size_t size = names->size == 0 ? 256 : 2 * names->size;
			uint64_t *grown = realloc(names->hash, size * sizeof(*grown));
			if (grown == NULL) {
				return KNOT_ENOMEM;
			}
			names->hash = grown;
			names->size = size;
		}
	}
	names->hash[names->count++] = hash;
	return KNOT_EOK;
}

static bool names_have(names_t *names, uint64_t hash)
{
	if (!names->sorted && (names->scans++ < SCANS_BEFORE_SORT || names_sort(names) != KNOT_EOK)) {
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

caaudit_view_t *caaudit_view_new(const knot_dname_t *zone)
{
	caaudit_view_t *view = calloc(1, sizeof(*view));
	names_t *names = calloc(1, sizeof(*names));
	if (view == NULL || names == NULL) {
		free(view);
		free(names);
		return NULL;
	}
	view->names = names;
	name_lower(view->zone, zone);
	view->zone_size = knot_dname_size(zone);
	return view;
}

void caaudit_view_free(caaudit_view_t *view)
{
	if (view == NULL) {
		return;
	}
	for (chunk_t *chunk = view->chunks, *next; chunk != NULL; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(view->entry);
	free(view->record);
	free(view->index);
	free(view->names->hash);
	free(view->names);
	free(view->texts.hash);
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
		return (owner[0] > 0 && owner[1] == '_') || is_wanted_txt(view, owner, rdata, rdlen);
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

/*! Compares runs of equal length, eight octets at once. */
static inline bool run_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	const size_t word = sizeof(uint64_t);
	if (len < word) {
		return len == 0 || load(a, len) == load(b, len);
	}
	for (size_t i = 0; i + word < len; i += word) {
		if (load(a + i, word) != load(b + i, word)) {
			return false;
		}
	}
	return load(a + len - word, word) == load(b + len - word, word);
}

/*! Sets an owner by its hash. */
static inline int set_hash(caaudit_view_t *view, uint64_t hash, bool exists)
{
	if (hash != view->last_hash) {
		view->last_hash = hash;
		view->last_noted = false;
		view->last_stored = NULL;
	}
	if (exists && !view->last_noted) {
		view->last_noted = true;
		return names_add(view->names, hash);
	}
	return KNOT_EOK;
}

/*! Sets an owner below another parent than the last one. Rare, and it needs much stack: not inlined. */
static NOINLINE int set_path(caaudit_view_t *view, const knot_dname_t *owner, bool exists)
{
	path_t path;
	if (!path_init(&path, view, owner)) {
		return KNOT_ERANGE;
	}
	for (unsigned i = 1; exists && i < path.depth; i++) {
		if (names_add(view->names, path.hash[i]) != KNOT_EOK) {
			return KNOT_ENOMEM;
		}
	}
	if (exists && path.depth > 0) {
		const knot_dname_t *parent = name_parent(owner);
		view->parent_size = name_size(parent);
		view->parent_hash = path.hash[path.depth - 1];
		memcpy(view->parent, parent, view->parent_size);
	}
	return set_hash(view, path.hash[path.depth], exists && path.depth > 0);
}

/*!
 * \brief Makes \a owner the last one: hashes it and notes that it exists.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ERANGE  if it is outside the zone.
 * \retval KNOT_ENOMEM  if out of memory.
 */
static inline int set_owner(caaudit_view_t *view, const knot_dname_t *owner, bool exists)
{
	if (owner[0] > 0) {
		const knot_dname_t *parent = name_parent(owner);
		size_t size = name_size(parent);
		if (size == view->parent_size && run_equal(parent, view->parent, size)) {
			return set_hash(view, hash_label(view->parent_hash, owner), exists);
		}
	}
	return set_path(view, owner, exists);
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
static bool is_sound(const caaudit_record_t *record)
{
	const uint8_t *end = record->rdata + record->rdlen;
	int mname, rname;
	switch (record->type) {
	case KNOT_RRTYPE_CNAME:
	case KNOT_RRTYPE_DNAME:
	case KNOT_RRTYPE_NS:
		return is_name(record->rdata, record->rdlen);
	case KNOT_RRTYPE_SOA:
		mname = record->rdlen > 0 ? knot_dname_wire_check(record->rdata, end, NULL) : -1;
		rname = mname > 0 && mname < record->rdlen
		        ? knot_dname_wire_check(record->rdata + mname, end, NULL) : -1;
		return rname > 0 && mname + rname + 20 == record->rdlen;
	default:
		return true;
	}
}

/*! Copies octets in lower case; those of a name's lengths are no letters. */
static inline void copy_lower(uint8_t *to, const uint8_t *from, size_t len)
{
	const size_t word = sizeof(uint64_t);
	uint64_t low;
	if (len < word) {
		for (size_t i = 0; i < len; i++) {
			to[i] = ascii_lower(from[i]);
		}
		return;
	}
	for (size_t i = 0; i + word < len; i += word) {
		low = lower(load(from + i, word));
		memcpy(to + i, &low, word);
	}
	low = lower(load(from + len - word, word));
	memcpy(to + len - word, &low, word);
}

static NOINLINE int store(caaudit_view_t *view, const knot_dname_t *owner, uint16_t type,
                          uint32_t ttl, const uint8_t *rdata, uint16_t rdlen)
{
	if (view->count == view->size) {
		size_t grow = view->size == 0 ? 64 : 2 * view->size;
		entry_t *entry = realloc(view->entry, grow * sizeof(*entry));
		if (entry == NULL) {
			return KNOT_ENOMEM;
		}
		view->entry = entry;
		const caaudit_record_t **record = realloc(view->record, grow * sizeof(*record));
		if (record == NULL) {
			return KNOT_ENOMEM;
		}
		view->record = record;
		view->size = grow;
	}
	bool again = view->last_stored != NULL && knot_dname_is_case_equal(view->last_stored, owner);
	size_t owner_size = again ? 0 : name_size(owner);
	caaudit_record_t *record = chunk_alloc(view, sizeof(*record) + owner_size + rdlen);
	if (record == NULL) {
		return KNOT_ENOMEM;
	}
	uint8_t *tail = (uint8_t *)(record + 1);
	if (owner_size > 0) {
		copy_lower(tail, owner, owner_size);
		view->last_stored = tail;
		record->owner = tail;
		tail += owner_size;
	} else {
		record->owner = view->last_stored;
	}
	if (rdlen > 0) {
		memcpy(tail, rdata, rdlen);
	}
	record->rdata = tail;
	record->ttl = ttl;
	record->type = type;
	record->rdlen = rdlen;
	view->malformed = view->malformed || !is_sound(record);
	view->entry[view->count] = (entry_t){ view->last_hash, view->count, type };
	view->record[view->count++] = record;
	return KNOT_EOK;
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

/*! Wants where the stored alias at \a pos leads wanted names, if it leads on in the zone. */
static int want_targets(caaudit_view_t *view, size_t pos)
{
	const caaudit_record_t *alias = view->record[pos];
	bool cname = alias->type == KNOT_RRTYPE_CNAME;
	if ((!cname && alias->type != KNOT_RRTYPE_DNAME) || !is_sound(alias) ||
	    view->targets >= ALIAS_TARGETS) {
		return KNOT_EOK;
	}
	knot_dname_storage_t target, longer;
	name_lower(target, alias->rdata);
	if (!name_in(target, view->zone)) {
		return KNOT_EOK;
	}
	if (cname) {
		if (!keep_wanted(view->keep, alias->owner) || keep_wanted(view->keep, target)) {
			return KNOT_EOK;
		}
		view->targets++;
		return want(view, target);
	}
	// Names that the redirection makes are made once: it may lead to itself.
	int ret = KNOT_EOK;
	const knot_dname_t *name;
	size_t size = knot_dname_size(target);
	for (size_t i = 0; ret == KNOT_EOK && view->targets < ALIAS_TARGETS &&
	     (name = keep_next(view->keep, i)) != NULL; i++) {
		if (!name_in(name, alias->owner) || name_in(name, target) ||
		    knot_dname_is_equal(name, alias->owner)) {
			continue;
		}
		size_t prefix = knot_dname_size(name) - knot_dname_size(alias->owner);
		if (prefix + size <= KNOT_DNAME_MAXLEN) {
			memcpy(longer, name, prefix);
			memcpy(longer + prefix, target, size);
			if (!keep_wanted(view->keep, longer)) {
				view->targets++;
				ret = want(view, longer);
			}
		}
	}
	return ret;
}

/*! Wants the targets of the aliases seen so far, and their targets, then drops the rest. */
static int thin(caaudit_view_t *view)
{
	int ret = KNOT_EOK;
	unsigned before = UINT_MAX;
	for (unsigned round = 0; ret == KNOT_EOK && round < ALIAS_ROUNDS && before != view->targets;
	     round++) {
		before = view->targets;
		for (size_t i = 0; ret == KNOT_EOK && i < view->count; i++) {
			ret = want_targets(view, i);
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

int caaudit_view_add(caaudit_view_t *view, const knot_dname_t *owner, uint16_t type, uint32_t ttl,
                     const uint8_t *rdata, uint16_t rdlen)
{
	if (view->error != KNOT_EOK) {
		return view->error;
	}
	int ret = set_owner(view, owner, makes_name(type));
	if (ret == KNOT_ERANGE) {
		return KNOT_EOK;
	} else if (ret != KNOT_EOK) {
		return view->error = ret;
	}
	view->records++;
	if (is_stored(view, type, owner, rdata, rdlen)) {
		view->error = store(view, owner, type, ttl, rdata, rdlen);
		if (view->error == KNOT_EOK && view->keep != NULL && keep_is_thin(view->keep)) {
			view->error = want_targets(view, view->count - 1);
		}
	} else if (is_kept(type, rdata, rdlen)) {
		view->error = keep(view, owner, type, ttl, rdata, rdlen);
	}
	return view->error;
}

/*! Order of owner, type and RDATA. */
static int compare_records(const caaudit_record_t *x, const caaudit_record_t *y)
{
	int ret = x->owner == y->owner ? 0 : knot_dname_cmp(x->owner, y->owner);
	if (ret != 0) {
		return ret;
	}
	if (x->type != y->type) {
		return x->type < y->type ? -1 : 1;
	}
	size_t len = x->rdlen < y->rdlen ? x->rdlen : y->rdlen;
	ret = memcmp(x->rdata, y->rdata, len);
	return ret != 0 ? ret : (int)x->rdlen - (int)y->rdlen;
}

/*! The same after the hash, and of duplicates the shortest TTL first: that one is kept. */
static int compare_entries(const void *a, const void *b, void *records)
{
	const entry_t *i = a, *j = b;
	if (i->hash != j->hash) {
		return i->hash < j->hash ? -1 : 1;
	}
	const caaudit_record_t *const *record = records;
	const caaudit_record_t *x = record[i->pos];
	const caaudit_record_t *y = record[j->pos];
	int ret = compare_records(x, y);
	return ret != 0 ? ret : (x->ttl > y->ttl) - (x->ttl < y->ttl);
}

/*! Sorts entries that the radix sort left together, and drops duplicates as the server does. */
static size_t settle_run(caaudit_view_t *view, size_t from, size_t to, size_t kept)
{
	if (to - from > 1) {
		qsort_r(&view->entry[from], to - from, sizeof(entry_t), compare_entries, view->record);
	}
	for (size_t i = from; i < to; i++) {
		const caaudit_record_t *record = view->record[view->entry[i].pos];
		if (i == from || compare_records(view->index[kept - 1], record) != 0) {
			view->index[kept] = record;
			view->entry[kept++] = view->entry[i];
		}
	}
	return kept;
}

int caaudit_view_finish(caaudit_view_t *view)
{
	if (view->error != KNOT_EOK) {
		return view->error;
	}
	if (view->malformed) {
		return KNOT_EMALF;
	}

	// So many bits that what is left together are a few, unless somebody wants them to be more.
	unsigned bits = 8;
	while (bits < 64 && view->count >> (bits - 6) > 0) {
		bits += 8;
	}
	bool failed;
	RADIX_SORT(entry_t, KEY_HASH, bits, view->entry, view->count, failed);
	view->index = malloc((view->count + 1) * sizeof(*view->index));
	if (failed || view->index == NULL) {
		return view->error = KNOT_ENOMEM;
	}

	size_t kept = 0;
	for (size_t i = 0, end; i < view->count; i = end) {
		uint64_t upper = view->entry[i].hash >> (64 - bits);
		for (end = i + 1; end < view->count && view->entry[end].hash >> (64 - bits) == upper;) {
			end++;
		}
		kept = settle_run(view, i, end, kept);
	}
	view->count = kept;
	free(view->record);
	view->record = NULL;

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

/*! First stored record of an owner. */
static size_t find_owner(const caaudit_view_t *view, uint64_t hash, const knot_dname_t *owner)
{
	size_t low = 0, high = view->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (view->entry[mid].hash < hash) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	while (low < view->count && view->entry[low].hash == hash &&
	       !knot_dname_is_case_equal(view->index[low]->owner, owner)) {
		low++;
	}
	return low < view->count && view->entry[low].hash == hash ? low : view->count;
}

static caaudit_rrset_t rrset_at(const caaudit_view_t *view, size_t pos, uint16_t type)
{
	caaudit_rrset_t rrset = { NULL, 0 };
	if (pos == view->count) {
		return rrset;
	}
	uint64_t hash = view->entry[pos].hash;
	const knot_dname_t *owner = view->index[pos]->owner;
	for (; pos < view->count && view->entry[pos].hash == hash &&
	     (view->index[pos]->owner == owner ||
	      knot_dname_is_equal(view->index[pos]->owner, owner)); pos++) {
		if (view->entry[pos].type == type) {
			if (rrset.count++ == 0) {
				rrset.record = &view->index[pos];
			}
		} else if (rrset.count > 0) {
			break;
		}
	}
	return rrset;
}

static caaudit_rrset_t find_rrset(const caaudit_view_t *view, uint64_t hash,
                                  const knot_dname_t *owner, uint16_t type)
{
	return rrset_at(view, find_owner(view, hash, owner), type);
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

bool caaudit_view_next(const caaudit_view_t *view, uint16_t type, size_t *pos,
                       caaudit_rrset_t *out)
{
	while (*pos < view->count && view->entry[*pos].type != type) {
		(*pos)++;
	}
	if (*pos == view->count) {
		return false;
	}
	// The caller reads every record: fetch one of those to come.
	__builtin_prefetch(view->index[*pos + AHEAD < view->count ? *pos + AHEAD : *pos]);
	*out = rrset_at(view, *pos, type);
	*pos += out->count;
	return true;
}

/*! Stored owner of the cut or DNAME that hides the end of the path, the highest one. */
static caaudit_rrset_t find_occluding(const caaudit_view_t *view, const path_t *path,
                                      unsigned *depth)
{
	for (unsigned i = 0; i <= path->depth; i++) {
		*depth = i;
		size_t pos = find_owner(view, path->hash[i], path->node[i]);
		caaudit_rrset_t rrset = { NULL, 0 };
		if (i > 0) {
			rrset = rrset_at(view, pos, KNOT_RRTYPE_NS);
		}
		if (rrset.count == 0 && i < path->depth) {
			rrset = rrset_at(view, pos, KNOT_RRTYPE_DNAME);
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
	return depth == 0 || names_have(view->names, path->hash[depth]);
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
	size_t pos = find_owner(view, hash, owner);
	caaudit_rrset_t cname = rrset_at(view, pos, KNOT_RRTYPE_CNAME);
	if (cname.count > 0 && type != KNOT_RRTYPE_CNAME) {
		out->answer = CAAUDIT_CNAME;
		out->rrset = cname;
		name_lower(out->target, cname.record[0]->rdata);
	} else {
		out->answer = CAAUDIT_ANSWER;
		out->rrset = rrset_at(view, pos, type);
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
		out->answer = names_have(view->names, hash) ? CAAUDIT_NODATA : CAAUDIT_NXDOMAIN;
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
	for (unsigned depth = 0; depth < ALIAS_DEPTH && before != again->targets; depth++) {
		before = again->targets;
		for (size_t i = 0; (name = keep_next(again->keep, i)) != NULL; i++) {
			caaudit_lookup_t lookup;
			caaudit_view_lookup(view, name, KNOT_RRTYPE_CAA, &lookup);
			if ((lookup.answer != CAAUDIT_CNAME && lookup.answer != CAAUDIT_DNAME) ||
			    !name_in(lookup.target, view->zone) || again->targets >= ALIAS_TARGETS ||
			    keep_wanted(again->keep, lookup.target)) {
				continue;
			}
			again->targets++;
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
