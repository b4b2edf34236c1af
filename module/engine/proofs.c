/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Keeps the signatures and denials of a zone in a buffer, and selects those that wanted
 *        names need.
 */

#include <stdlib.h>
#include <string.h>

#include <libdnssec/error.h>
#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "array.h"
#include "grow.h"
#include "namemap.h"
#include "names.h"
#include "proofs.h"

/*! Octets of signatures and denials that the first reading keeps; tests have a smaller value. */
#ifndef PROOFS_BUFFER_MAX
#define PROOFS_BUFFER_MAX (16 * 1024 * 1024)
#endif
/*! Records of one kind at one name; no sane zone has so many signatures over one RRset. */
#define SLOT_MAX 64
/*! Work on hashes for one zone, in blocks of SHA-1: about a second. A salt may fill many blocks, and
    whoever owns a zone may have aliases lead to names with many labels. */
#define HASHING_MAX 2000000

static const char too_many[] = "more than 64 records of one kind stand at one name";
static const char too_slow[] = "the NSEC3 hashes would take too long";
static const char not_hashed[] = "libdnssec does not compute the NSEC3 hash";
static const char unforeseen[] = "no question for it was foreseen";
static const char astray[] =
	"the zone is large, and a signature there is over no NSEC or NSEC3 of its chain";

/*! What names and hashes are sorted by: as octets they sort as the chain does. */
typedef struct {
	uint8_t len;
	uint8_t octets[KNOT_DNAME_MAXLEN];
} sort_key_t;

/*! Records of one owner, the closest so far to a point: key, owner, and of each TTL, length, RDATA. */
typedef struct {
	uint8_t *octets;
	size_t used; /*!< 0: there is none. */
	size_t size;
	uint8_t key_len;
	uint8_t owner_len;
	uint8_t count;
} closest_t;

/*! A wanted name, or its hash, in the order of the chain. */
typedef struct {
	const uint8_t *key;
	uint8_t key_len; /*!< 0: after all, since the end of an NSEC3 chain leads to its begin. */
	uint8_t crowded; /*!< It has more records than are kept. */
	uint8_t dropped; /*!< Signatures that seemed to be over another chain were dropped. */
	uint8_t at_count;
	closest_t set;  /*!< NSEC or NSEC3 at the point or before it, but after the point before. */
	closest_t sigs; /*!< The same of signatures over them: they may come first. */
} point_t;

typedef struct {
	point_t *point;
	size_t count;
	size_t hint; /*!< Where the last record belonged: zones come in order. */
} points_t;

/*! What a selected record is. */
typedef enum { KIND_AT, KIND_SET, KIND_SIG } kind_t;

/*! A selected record. */
typedef struct {
	uint32_t point;
	uint16_t kind;
	caaudit_record_t record; /*!< Its octets follow in memory. */
} item_t;

/*! Denials and signatures over them that came last, all of one owner. */
typedef struct {
	sort_key_t key;
	bool ours;   /*!< An NSEC or NSEC3 of the chain was among them. */
	bool others; /*!< An NSEC3 of another chain was. */
	closest_t sigs;
} current_t;

struct proofs {
	const knot_dname_t *zone;
	uint8_t *buffer;
	size_t used;
	size_t size;
	bool selecting;       /*!< Records are selected when they come, and no longer kept. */
	bool surprised;       /*!< Names have become wanted since. */
	bool sets_known;      /*!< All of the chain has been seen, signatures are still to come. */
	namemap_t wanted;     /*!< With its point in the chain as value, 0 if it was not hashed. */
	sort_key_t *name_key; /*!< Of the wanted names. */
	uint8_t (*hash)[NSEC3_HASH_SIZE];
	const char *unhashed;        /*!< Why wanted names have no hash, or NULL. */
	dnssec_nsec3_params_t nsec3; /*!< Parameters of the chain, with this salt. */
	uint8_t salt[UINT8_MAX];
	const dnssec_nsec3_params_t *params; /*!< \a nsec3, or NULL for NSEC. */
	points_t names;
	points_t hashes; /*!< With NSEC3. */
	current_t current;
	item_t **item;
	const caaudit_record_t **index; /*!< In the order of \a item. */
	size_t item_count;
	const char *lost; /*!< Why the second reading was given up, or NULL. */
};

/* --- RDATA ---------------------------------------------------------------------------------- */

/*! Which of the second reading's records is it? */
typedef enum { ABOUT_NOTHING, ABOUT_NAME, ABOUT_CHAIN } about_t;

static about_t about_type(uint16_t type)
{
	switch (type) {
	case KNOT_RRTYPE_NSEC:
	case KNOT_RRTYPE_NSEC3:
		return ABOUT_CHAIN;
	case KNOT_RRTYPE_CAA:
	case KNOT_RRTYPE_CNAME:
	case KNOT_RRTYPE_DNAME:
	case KNOT_RRTYPE_SOA:
	case KNOT_RRTYPE_DS:
	case KNOT_RRTYPE_DNSKEY:
		return ABOUT_NAME;
	default:
		return ABOUT_NOTHING;
	}
}

static about_t about(const caaudit_record_t *record)
{
	switch (record->type) {
	case KNOT_RRTYPE_RRSIG:
		return about_type(rrsig_covered(record->rdata, record->rdlen));
	case KNOT_RRTYPE_DS:
	case KNOT_RRTYPE_NSEC:
	case KNOT_RRTYPE_NSEC3:
		return about_type(record->type);
	default:
		return ABOUT_NOTHING;
	}
}

/*! Is an NSEC3 of the chain? (RFC 5155 section 3.2) */
static bool has_params(const dnssec_nsec3_params_t *params, const uint8_t *rdata, size_t rdlen)
{
	return rdlen > 5 && rdlen - 5 > rdata[4] && rdata[0] == params->algorithm &&
	       (rdata[2] << 8 | rdata[3]) == params->iterations && rdata[4] == params->salt.size &&
	       (rdata[4] == 0 || memcmp(rdata + 5, params->salt.data, rdata[4]) == 0);
}

bool nsec3_owner_hash(const knot_dname_t *owner, uint8_t hash[NSEC3_HASH_SIZE])
{
	if (owner[0] != NSEC3_HASH_SIZE * 8 / 5) {
		return false;
	}
	uint64_t bits = 0;
	for (unsigned i = 0; i < NSEC3_HASH_SIZE * 8 / 5; i++) {
		uint8_t digit = ascii_lower(owner[1 + i]);
		if (digit >= '0' && digit <= '9') {
			digit -= '0';
		} else if (digit >= 'a' && digit <= 'v') {
			digit -= 'a' - 10;
		} else {
			return false;
		}
		bits = bits << 5 | digit;
		if (i % 8 == 7) { // Eight digits make five octets.
			for (unsigned j = 0; j < 5; j++) {
				*hash++ = bits >> (32 - 8 * j) & 255;
			}
		}
	}
	return true;
}

/*! Hashes a name (RFC 5155 section 5); returns an error of the library. */
static int hash_wanted(const dnssec_nsec3_params_t *params, const knot_dname_t *name,
                       uint8_t hash[NSEC3_HASH_SIZE])
{
	const dnssec_binary_t data = { knot_dname_size(name), (uint8_t *)(uintptr_t)name };
	dnssec_binary_t out = { 0 };
	int ret = dnssec_nsec3_hash(&data, params, &out);
	if (ret == DNSSEC_EOK && out.size != NSEC3_HASH_SIZE) {
		ret = DNSSEC_ERROR;
	}
	if (ret == DNSSEC_EOK) {
		memcpy(hash, out.data, NSEC3_HASH_SIZE);
	}
	dnssec_binary_free(&out);
	return ret;
}

/*! Work of one hash: SHA-1 takes 64 octets at a time, and adds at least nine (FIPS 180-4 5.1.1). */
static uint64_t hashing_work(const dnssec_nsec3_params_t *params)
{
	return (params->iterations + UINT64_C(1)) *
	       ((NSEC3_HASH_SIZE + params->salt.size + 9 + 63) / 64);
}

/* --- Keys ----------------------------------------------------------------------------------- */

/*! Key of a name: canonical order (RFC 4034 section 6.1). */
static void make_name_key(sort_key_t *key, const knot_dname_t *name)
{
	knot_dname_storage_t lower, format;
	name_lower(lower, name);
	const uint8_t *lf = knot_dname_lf(lower, format);
	key->len = lf[0];
	memcpy(key->octets, lf + 1, lf[0]);
}

/*! Key of the owner of an NSEC or NSEC3; false if it is no hash right below the apex. */
static bool make_chain_key(const proofs_t *proofs, sort_key_t *key, const knot_dname_t *owner)
{
	if (proofs->params == NULL) {
		make_name_key(key, owner);
		return true;
	}
	key->len = NSEC3_HASH_SIZE;
	return nsec3_owner_hash(owner, key->octets) &&
	       knot_dname_is_case_equal(name_parent(owner), proofs->zone);
}

/*! Is the key at or before the point? The apex has the shortest key, and it may be empty. */
static bool reaches(const point_t *point, const sort_key_t *key)
{
	return point->key == NULL ||
	       octets_compare(key->octets, key->len, point->key, point->key_len) <= 0;
}

/*! Position of the first point at or after a key. */
static size_t find_point(const points_t *points, const sort_key_t *key)
{
	size_t low = 0, high = points->count;
	ARRAY_SEARCH(low, high, !reaches(&points->point[mid], key))
	return low;
}

/*! The same, fast for records in order; NULL if there is none. */
static point_t *next_point(points_t *points, const sort_key_t *key)
{
	size_t at = points->hint;
	if (at >= points->count || !reaches(&points->point[at], key) ||
	    (at > 0 && reaches(&points->point[at - 1], key))) {
		points->hint = at = find_point(points, key);
	}
	return at < points->count ? &points->point[at] : NULL;
}

static points_t *chain_of(proofs_t *proofs)
{
	return proofs->params != NULL ? &proofs->hashes : &proofs->names;
}

/* --- The closest owner ---------------------------------------------------------------------- */

/*! What stands before the RDATA of a record. */
typedef struct {
	uint32_t ttl;
	uint16_t rdlen;
} closest_head_t;

static uint8_t *closest_grow(closest_t *closest, size_t size)
{
	if (!array_reserve(&closest->octets, &closest->size, closest->used + size, 1)) {
		return NULL;
	}
	uint8_t *at = closest->octets + closest->used;
	closest->used += size;
	return at;
}

/*! Compares a key with that of the closest owner; there is one. */
static int closest_compare(const closest_t *closest, const sort_key_t *key)
{
	return octets_compare(key->octets, key->len, closest->octets, closest->key_len);
}

/*!
 * \brief Notes a record if its owner is as close as the closest so far, or closer.
 *
 * \param[in,out] closest  Owner and its records.
 * \param[in]     key      Key of the owner.
 * \param[in]     record   Record.
 * \param[out]    crowded  Set if the owner has too many.
 *
 * \return False if out of memory.
 */
static bool closest_add(closest_t *closest, const sort_key_t *key, const caaudit_record_t *record,
                        uint8_t *crowded)
{
	int closer = closest->used == 0 ? 1 : closest_compare(closest, key);
	if (closer < 0) {
		return true;
	} else if (closer > 0) {
		size_t owner_len = knot_dname_size(record->owner);
		closest->used = closest->count = 0;
		uint8_t *at = closest_grow(closest, key->len + owner_len);
		if (at == NULL) {
			return false;
		}
		closest->key_len = key->len;
		closest->owner_len = (uint8_t)owner_len;
		memcpy(at, key->octets, key->len);
		memcpy(at + key->len, record->owner, owner_len);
	} else if (closest->count == SLOT_MAX) {
		*crowded = true;
		return true;
	}
	const closest_head_t head = { record->ttl, record->rdlen };
	uint8_t *at = closest_grow(closest, sizeof(head) + record->rdlen);
	if (at == NULL) {
		return false;
	}
	memcpy(at, &head, sizeof(head));
	if (record->rdlen > 0) {
		memcpy(at + sizeof(head), record->rdata, record->rdlen);
	}
	closest->count++;
	return true;
}

/*! Takes the record at a position, and moves it to the next one; false at the end. */
static bool closest_next(const closest_t *closest, size_t *pos, uint16_t type,
                         caaudit_record_t *out)
{
	if (*pos == 0) {
		*pos = closest->key_len + closest->owner_len;
	}
	if (closest->used == 0 || *pos >= closest->used) {
		return false;
	}
	closest_head_t head;
	memcpy(&head, closest->octets + *pos, sizeof(head));
	*out = (caaudit_record_t){
		.owner = closest->octets + closest->key_len,
		.rdata = closest->octets + *pos + sizeof(head),
		.ttl = head.ttl,
		.type = type,
		.rdlen = head.rdlen,
	};
	*pos += sizeof(head) + head.rdlen;
	return true;
}

/* --- Selecting ------------------------------------------------------------------------------ */

/*! Copies a record to the selected ones. */
static bool add_item(proofs_t *proofs, const point_t *point, const points_t *points, kind_t kind,
                     const caaudit_record_t *record)
{
	size_t owner_size = knot_dname_size(record->owner);
	item_t *item = malloc(sizeof(*item) + owner_size + record->rdlen);
	item_t **slot = item != NULL ?
	                        array_extend(&proofs->item, &proofs->item_count, sizeof(*slot)) :
	                        NULL;
	if (slot == NULL) {
		free(item);
		return false;
	}
	uint8_t *owner = (uint8_t *)(item + 1), *rdata = owner + owner_size;
	memcpy(owner, record->owner, owner_size);
	knot_dname_to_lower(owner);
	if (record->rdlen > 0) {
		memcpy(rdata, record->rdata, record->rdlen);
	}
	item->point = (uint32_t)(point - points->point);
	item->kind = kind;
	item->record = *record;
	item->record.owner = owner;
	item->record.rdata = rdata;
	*slot = item;
	return true;
}

/*! Adds a DS, or a signature over what stands at a name. */
static bool select_at(proofs_t *proofs, const caaudit_record_t *record)
{
	knot_dname_storage_t owner;
	name_lower(owner, record->owner);
	if (namemap_find(&proofs->wanted, owner, 0) == NULL) {
		return true;
	}
	sort_key_t key;
	make_name_key(&key, owner);
	point_t *point = next_point(&proofs->names, &key);
	if (point->at_count == SLOT_MAX) {
		point->crowded = true;
		return true;
	}
	point->at_count++;
	return add_item(proofs, point, &proofs->names, KIND_AT, record);
}

/*! Puts the signatures of the owner that came last where they belong. */
static bool settle_current(proofs_t *proofs)
{
	current_t *current = &proofs->current;
	point_t *point = current->sigs.used > 0 ? next_point(chain_of(proofs), &current->key) :
	                                          NULL;
	caaudit_record_t record;
	bool ok = true;
	if (point != NULL && current->others && !current->ours) {
		// Those over an NSEC3 of another chain might take the place of others.
		point->dropped = true;
	} else if (point != NULL) {
		for (size_t pos = 0;
		     ok && closest_next(&current->sigs, &pos, KNOT_RRTYPE_RRSIG, &record);) {
			ok = closest_add(&point->sigs, &current->key, &record, &point->crowded);
		}
	}
	current->sigs.used = 0;
	current->ours = current->others = false;
	return ok;
}

/*! Adds an NSEC or NSEC3, or a signature over one. */
static bool select_chain(proofs_t *proofs, const caaudit_record_t *record)
{
	sort_key_t key;
	current_t *current = &proofs->current;
	if (!make_chain_key(proofs, &key, record->owner)) {
		return true; // No NSEC3 of any chain.
	}
	bool same = octets_compare(key.octets, key.len, current->key.octets, current->key.len) == 0;
	if (!same) {
		if (!settle_current(proofs)) {
			return false;
		}
		current->key = key;
	}
	point_t *point = next_point(chain_of(proofs), &key);
	if (point == NULL) {
		return true; // After every name that is wanted.
	}
	if (record->type == KNOT_RRTYPE_RRSIG) {
		if (proofs->sets_known) {
			return point->set.used == 0 || closest_compare(&point->set, &key) != 0 ||
			       closest_add(&point->sigs, &key, record, &point->crowded);
		}
		return closest_add(&current->sigs, &key, record, &point->crowded);
	}
	if (proofs->params != NULL ?
	            record->type != KNOT_RRTYPE_NSEC3 ||
	                    !has_params(proofs->params, record->rdata, record->rdlen) :
	            record->type != KNOT_RRTYPE_NSEC) {
		current->others = true;
		return true;
	}
	current->ours = true;
	return closest_add(&point->set, &key, record, &point->crowded);
}

/*! Is a signature over a denial of the kind that the chain is made of? */
static bool is_of_chain(const proofs_t *proofs, const caaudit_record_t *record)
{
	uint16_t type = record->type == KNOT_RRTYPE_RRSIG ?
	                        rrsig_covered(record->rdata, record->rdlen) :
	                        record->type;
	return type == (proofs->params != NULL ? KNOT_RRTYPE_NSEC3 : KNOT_RRTYPE_NSEC);
}

static bool select_record(proofs_t *proofs, const caaudit_record_t *record)
{
	switch (about(record)) {
	case ABOUT_NAME:
		return select_at(proofs, record);
	case ABOUT_CHAIN:
		return !is_of_chain(proofs, record) || select_chain(proofs, record);
	default:
		return true;
	}
}

/* --- The first reading ---------------------------------------------------------------------- */

/*! What stands before owner and RDATA of a record in the buffer. */
typedef struct {
	uint32_t ttl;
	uint16_t type;
	uint16_t rdlen;
	uint8_t owner_len;
} __attribute__((packed)) buffer_head_t;

static int keep(proofs_t *proofs, const caaudit_record_t *record)
{
	size_t owner_len = knot_dname_size(record->owner);
	size_t need = sizeof(buffer_head_t) + owner_len + record->rdlen;
	if (proofs->used + need > PROOFS_BUFFER_MAX) {
		return KNOT_ELIMIT;
	}
	if (proofs->size - proofs->used < need) {
		uint8_t *grown = grow(proofs->buffer, &proofs->size, proofs->used + need);
		if (grown == NULL) {
			return KNOT_ENOMEM;
		}
		proofs->buffer = grown;
	}
	uint8_t *at = proofs->buffer + proofs->used;
	const buffer_head_t head = { record->ttl, record->type, record->rdlen, (uint8_t)owner_len };
	memcpy(at, &head, sizeof(head));
	memcpy(at + sizeof(head), record->owner, owner_len);
	if (record->rdlen > 0) {
		memcpy(at + sizeof(head) + owner_len, record->rdata, record->rdlen);
	}
	proofs->used += need;
	return KNOT_EOK;
}

/*! What of the buffer is selected. */
typedef enum { PASS_ALL, PASS_SETS, PASS_SIGS } pass_t;

static bool select_kept(proofs_t *proofs, pass_t pass)
{
	for (size_t pos = 0; pos < proofs->used;) {
		buffer_head_t head;
		memcpy(&head, proofs->buffer + pos, sizeof(head));
		const uint8_t *owner = proofs->buffer + pos + sizeof(head);
		const caaudit_record_t record = { owner, owner + head.owner_len, head.ttl,
			                          head.type, head.rdlen };
		if ((pass == PASS_ALL || (head.type == KNOT_RRTYPE_RRSIG) == (pass == PASS_SIGS)) &&
		    !select_record(proofs, &record)) {
			return false;
		}
		pos += sizeof(head) + head.owner_len + head.rdlen;
	}
	return true;
}

static void drop_kept(proofs_t *proofs)
{
	grow_free(proofs->buffer, proofs->size);
	proofs->buffer = NULL;
	proofs->used = proofs->size = 0;
}

int proofs_add(proofs_t *proofs, const caaudit_record_t *record)
{
	if (proofs->selecting) {
		return select_record(proofs, record) ? KNOT_EOK : KNOT_ENOMEM;
	}
	return about(record) == ABOUT_NOTHING ? KNOT_EOK : keep(proofs, record);
}

/* --- Wanted names --------------------------------------------------------------------------- */

/*! Wants a name; \a added is false if it is wanted already. */
static bool want(proofs_t *proofs, const knot_dname_t *name, bool *added)
{
	bool ok = namemap_add(&proofs->wanted, name, 0, added) != NULL;
	proofs->surprised = proofs->surprised || *added;
	return ok;
}

bool proofs_want(proofs_t *proofs, const knot_dname_t *name)
{
	bool added;
	if (!want(proofs, name, &added)) {
		return false;
	}
	while (!knot_dname_is_equal(name, proofs->zone)) {
		name = name_parent(name);
		knot_dname_storage_t wildcard;
		if (name_wildcard(wildcard, name) && !want(proofs, wildcard, &added)) {
			return false;
		}
		if (!want(proofs, name, &added)) {
			return false;
		} else if (!added) {
			return true; // What is above a name came with it.
		}
	}
	return true;
}

static int compare_points(const void *a, const void *b)
{
	const point_t *x = a, *y = b;
	return octets_compare(x->key, x->key_len, y->key, y->key_len);
}

/*! Sorts the points, and lets the wanted names know theirs. */
static bool make_points(proofs_t *proofs)
{
	size_t count = proofs->wanted.count, at = 0, hashed = 0;
	uint64_t work = 0;
	proofs->name_key = malloc((count + 1) * sizeof(*proofs->name_key));
	proofs->names.point = calloc(count + 1, sizeof(point_t));
	if (proofs->name_key == NULL || proofs->names.point == NULL) {
		return false;
	}
	if (proofs->params != NULL) {
		proofs->hash = malloc((count + 1) * sizeof(*proofs->hash));
		proofs->hashes.point = calloc(count + 2, sizeof(point_t));
		if (proofs->hash == NULL || proofs->hashes.point == NULL) {
			return false;
		}
		// Nobody follows such a chain.
		proofs->unhashed = proofs->params->iterations > NSEC3_ITERATIONS_MAX ? too_slow :
		                                                                       NULL;
	}
	for (size_t i = 0; i < proofs->wanted.size; i++) {
		namemap_item_t *item = &proofs->wanted.item[i];
		if (item->name == NULL) {
			continue;
		}
		sort_key_t *key = &proofs->name_key[at];
		make_name_key(key, item->name);
		proofs->names.point[at++] = (point_t){ .key = key->octets, .key_len = key->len };
		item->value = 0;
		if (proofs->params == NULL || proofs->unhashed != NULL) {
			continue;
		}
		int ret = hash_wanted(proofs->params, item->name, proofs->hash[hashed]);
		if (ret == DNSSEC_ENOMEM) {
			return false;
		} else if (ret != DNSSEC_EOK) {
			proofs->unhashed = not_hashed;
			continue;
		}
		work += hashing_work(proofs->params);
		if (work > HASHING_MAX) {
			proofs->unhashed = too_slow;
		}
		proofs->hashes.point[hashed] = (point_t){ .key = proofs->hash[hashed],
			                                  .key_len = NSEC3_HASH_SIZE };
		item->value = (uint32_t)++hashed;
	}
	proofs->names.count = at;
	qsort(proofs->names.point, at, sizeof(point_t), compare_points);
	if (proofs->params != NULL) {
		qsort(proofs->hashes.point, hashed, sizeof(point_t), compare_points);
		proofs->hashes.count = hashed + 1; // The last one has no key and comes after all.
	}
	return true;
}

static void free_points(points_t *points)
{
	for (size_t i = 0; i < points->count; i++) {
		free(points->point[i].set.octets);
		free(points->point[i].sigs.octets);
	}
	free(points->point);
}

/*! Drops what has been selected. */
static void clear_selected(proofs_t *proofs)
{
	free_points(&proofs->names);
	free_points(&proofs->hashes);
	free(proofs->name_key);
	free(proofs->hash);
	free(proofs->current.sigs.octets);
	for (size_t i = 0; i < proofs->item_count; i++) {
		free(proofs->item[i]);
	}
	free(proofs->item);
	proofs->names = proofs->hashes = (points_t){ NULL };
	proofs->name_key = NULL;
	proofs->hash = NULL;
	proofs->current = (current_t){ .ours = false };
	proofs->item = NULL;
	proofs->item_count = 0;
}

/*! Begins to select anew. */
static bool begin(proofs_t *proofs, const dnssec_nsec3_params_t *params)
{
	clear_selected(proofs);
	proofs->params = NULL;
	if (params != NULL) {
		proofs->nsec3 = *params;
		proofs->nsec3.salt.data = proofs->salt;
		if (params->salt.size > 0) { // Without a salt there may be no octets.
			memcpy(proofs->salt, params->salt.data, params->salt.size);
		}
		proofs->params = &proofs->nsec3;
	}
	proofs->selecting = true;
	proofs->surprised = false;
	return make_points(proofs);
}

bool proofs_foresee(proofs_t *proofs, const dnssec_nsec3_params_t *params)
{
	bool ok = begin(proofs, params) && select_kept(proofs, PASS_ALL);
	drop_kept(proofs);
	return ok;
}

/*! Are the parameters those that were selected by? */
static bool same_params(const dnssec_nsec3_params_t *a, const dnssec_nsec3_params_t *b)
{
	return a == b || (a != NULL && b != NULL && dnssec_nsec3_params_match(a, b));
}

int proofs_select(proofs_t *proofs, const dnssec_nsec3_params_t *params)
{
	bool ok;
	if (!proofs->selecting) {
		ok = begin(proofs, params) && select_kept(proofs, PASS_SETS);
		proofs->sets_known = true;
		ok = ok && select_kept(proofs, PASS_SIGS);
		drop_kept(proofs);
	} else if (!proofs->surprised && same_params(proofs->params, params)) {
		ok = true;
	} else {
		return begin(proofs, params) ? KNOT_EAGAIN : KNOT_ENOMEM;
	}
	return ok && proofs_finish(proofs) ? KNOT_EOK : KNOT_ENOMEM;
}

/* --- The end -------------------------------------------------------------------------------- */

/*! Order of kind, point, type and RDATA; that of a signature begins with the type covered. */
static int compare_contents(const item_t *x, const item_t *y)
{
	if (x->kind != y->kind) {
		return (int)x->kind - (int)y->kind;
	} else if (x->point != y->point) {
		return x->point < y->point ? -1 : 1;
	} else if (x->record.type != y->record.type) {
		return (int)x->record.type - (int)y->record.type;
	}
	return octets_compare(x->record.rdata, x->record.rdlen, y->record.rdata, y->record.rdlen);
}

/*! The same, and of duplicates the shortest TTL first: that one is kept. */
static int compare_items(const void *a, const void *b)
{
	const item_t *x = *(item_t *const *)a, *y = *(item_t *const *)b;
	int ret = compare_contents(x, y);
	return ret != 0 ? ret : (x->record.ttl > y->record.ttl) - (x->record.ttl < y->record.ttl);
}

/*! Takes the closest owners as they are now. */
static bool take_closest(proofs_t *proofs, const points_t *points, const point_t *point)
{
	static const uint16_t nsec_type[] = { KNOT_RRTYPE_NSEC, KNOT_RRTYPE_NSEC3 };
	uint16_t type = nsec_type[proofs->params != NULL];
	caaudit_record_t record;
	for (size_t pos = 0; closest_next(&point->set, &pos, type, &record);) {
		if (!add_item(proofs, point, points, KIND_SET, &record)) {
			return false;
		}
	}
	bool same = point->set.used > 0 && point->sigs.used > 0 &&
	            point->set.key_len == point->sigs.key_len &&
	            memcmp(point->set.octets, point->sigs.octets, point->set.key_len) == 0;
	for (size_t pos = 0;
	     same && closest_next(&point->sigs, &pos, KNOT_RRTYPE_RRSIG, &record);) {
		if (!add_item(proofs, point, points, KIND_SIG, &record)) {
			return false;
		}
	}
	return true;
}

bool proofs_finish(proofs_t *proofs)
{
	if (!settle_current(proofs)) {
		return false;
	}
	const points_t *points = chain_of(proofs);
	for (size_t i = 0; i < points->count; i++) {
		if (!take_closest(proofs, points, &points->point[i])) {
			return false;
		}
	}
	proofs->index = malloc((proofs->item_count + 1) * sizeof(*proofs->index));
	if (proofs->index == NULL) {
		return false;
	}
	if (proofs->item_count > 1) {
		qsort(proofs->item, proofs->item_count, sizeof(*proofs->item), compare_items);
	}
	size_t kept = 0;
	for (size_t i = 0; i < proofs->item_count; i++) {
		item_t *item = proofs->item[i];
		if (kept > 0 && compare_contents(proofs->item[kept - 1], item) == 0) {
			free(item); // Servers drop duplicates.
		} else {
			proofs->index[kept] = &item->record;
			proofs->item[kept++] = item;
		}
	}
	proofs->item_count = kept;
	return true;
}

void proofs_give_up(proofs_t *proofs, const char *why)
{
	proofs->lost = why;
}

proofs_t *proofs_new(const knot_dname_t *zone)
{
	proofs_t *proofs = calloc(1, sizeof(*proofs));
	if (proofs != NULL) {
		proofs->zone = zone;
	}
	return proofs;
}

void proofs_free(proofs_t *proofs)
{
	if (proofs == NULL) {
		return;
	}
	drop_kept(proofs);
	clear_selected(proofs);
	namemap_clear(&proofs->wanted);
	free(proofs->index);
	free(proofs);
}

/* --- Looking up ----------------------------------------------------------------------------- */

/*! Position of the first item of a kind and point, or of what comes after it. */
static size_t find_items(const proofs_t *proofs, kind_t kind, size_t point)
{
	size_t low = 0, high = proofs->item_count;
	ARRAY_SEARCH(low, high,
	             proofs->item[mid]->kind < kind ||
	                     (proofs->item[mid]->kind == kind && proofs->item[mid]->point < point))
	return low;
}

static caaudit_rrset_t items_at(const proofs_t *proofs, kind_t kind, size_t point)
{
	size_t from = find_items(proofs, kind, point), to = find_items(proofs, kind, point + 1);
	return (caaudit_rrset_t){ proofs->index + from, to - from };
}

/*! Of records sorted by type those of one, and of signatures those over one type. */
static caaudit_rrset_t of_type(caaudit_rrset_t all, uint16_t type, uint16_t covered)
{
	caaudit_rrset_t out = { all.record, 0 };
	for (size_t i = 0; i < all.count; i++) {
		const caaudit_record_t *record = all.record[i];
		if (record->type == type &&
		    (type != KNOT_RRTYPE_RRSIG ||
		     rrsig_covered(record->rdata, record->rdlen) == covered)) {
			if (out.count++ == 0) {
				out.record = &all.record[i];
			}
		}
	}
	return out;
}

/*! Position of a name that is among the points; their number if it is not. */
static size_t find_name(const proofs_t *proofs, const knot_dname_t *name)
{
	sort_key_t key;
	make_name_key(&key, name);
	size_t at = find_point(&proofs->names, &key);
	const point_t *point = &proofs->names.point[at];
	return at < proofs->names.count && point->key_len == key.len &&
	                       memcmp(point->key, key.octets, key.len) == 0 ?
	               at :
	               proofs->names.count;
}

void proofs_at(const proofs_t *proofs, const knot_dname_t *owner, uint16_t covered, proof_t *out)
{
	*out = (proof_t){ .gap = proofs->lost };
	if (proofs->lost != NULL) {
		return;
	}
	size_t at = find_name(proofs, owner);
	if (at == proofs->names.count) {
		out->gap = unforeseen;
		return;
	}
	caaudit_rrset_t all = items_at(proofs, KIND_AT, at);
	out->gap = proofs->names.point[at].crowded ? too_many : NULL;
	out->sigs = of_type(all, KNOT_RRTYPE_RRSIG, covered);
	if (covered == KNOT_RRTYPE_DS && out->gap == NULL) {
		out->set = of_type(all, KNOT_RRTYPE_DS, 0);
	}
}

/*! May signatures over the set be missing, since others were closer, or since they seemed to be others? */
static bool is_hidden(const point_t *point)
{
	if (point->dropped || point->sigs.used == 0) {
		return point->dropped;
	}
	size_t len = point->set.key_len, other = point->sigs.key_len;
	return octets_compare(point->sigs.octets, other, point->set.octets, len) > 0;
}

void proofs_denial(const proofs_t *proofs, const knot_dname_t *name, proof_t *out,
                   uint8_t hash[NSEC3_HASH_SIZE])
{
	*out = (proof_t){ .gap = proofs->lost };
	if (proofs->lost != NULL) {
		return;
	}
	bool nsec3 = proofs->params != NULL;
	const points_t *points = nsec3 ? &proofs->hashes : &proofs->names;
	size_t at;
	if (nsec3) {
		const namemap_item_t *item = namemap_find(&proofs->wanted, name, 0);
		if (item == NULL || item->value == 0) {
			out->gap = item == NULL ? unforeseen : proofs->unhashed;
			return;
		}
		memcpy(hash, proofs->hash[item->value - 1], NSEC3_HASH_SIZE);
		sort_key_t key = { .len = NSEC3_HASH_SIZE };
		memcpy(key.octets, hash, NSEC3_HASH_SIZE);
		at = find_point(points, &key);
	} else {
		at = find_name(proofs, name);
		out->gap = at == points->count ? unforeseen : NULL;
	}
	// Down to the first point with an owner, and with NSEC3 round the end.
	for (size_t i = 0; i < points->count && at < points->count; i++) {
		const point_t *point = &points->point[at];
		if (point->crowded) {
			out->gap = too_many;
			return;
		} else if (point->set.used > 0) {
			out->set = items_at(proofs, KIND_SET, at);
			out->sigs = items_at(proofs, KIND_SIG, at);
			out->gap = is_hidden(point) ? astray : NULL;
			return;
		}
		if (at == 0 && !nsec3) {
			return;
		}
		at = at == 0 ? points->count - 1 : at - 1;
	}
}
