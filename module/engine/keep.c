/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include <libdnssec/error.h>
#include <libdnssec/nsec.h>
#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "keep.h"
#include "names.h"

/*! All records are kept up to that many, and that many octets. */
#define LIMIT_COUNT 8192
#define LIMIT_SIZE (4 * 1024 * 1024)
/*! NSEC3 parameters that a thin store follows: two while the chain changes, and some spare. */
#define MAX_CHAINS 4
/*! Records of one kind at one owner; no sane zone has so many signatures over one RRset. */
#define MAX_PER_SLOT 64

/*! What octets are compared by: sorting them sorts what they stand for. */
typedef struct {
	uint8_t len;
	uint8_t data[KNOT_DNAME_MAXLEN];
} order_t;

/*! Which key a record is found by. */
typedef enum {
	SPACE_NAME,  /*!< RRSIG over other types: owner. */
	SPACE_NSEC,  /*!< NSEC and the RRSIGs over it: owner in canonical order. */
	SPACE_NSEC3, /*!< NSEC3 and the RRSIGs over it: hash. */
} space_t;

/*! A record and its key. Key, owner and RDATA follow it in memory. */
typedef struct {
	caaudit_record_t record;
	uint8_t space;
	uint8_t signature;
	uint8_t key_len;
	const uint8_t *key;
} item_t;

typedef struct {
	item_t **item;
	size_t count;
	size_t size;
} list_t;

/*! A point of a chain, and the closest records at or before it, but after the point before. */
typedef struct {
	const uint8_t *key;
	uint8_t key_len;
	bool late;     /*!< Wanted when records had been dropped already. */
	list_t set;    /*!< NSEC or NSEC3 of one owner. */
	list_t sigs;   /*!< RRSIGs of one owner over them. */
	list_t at;     /*!< RRSIGs over other types at the name itself. */
} point_t;

/*! Points of one chain in order; the last one has no key and comes after all. */
typedef struct {
	point_t *point;
	size_t count;
	size_t hint; /*!< Where the last record belonged: chains come in order. */
} ring_t;

typedef struct {
	nsec3_params_t params;
	uint8_t salt[UINT8_MAX];
	ring_t ring;
} chain_t;

/*! A wanted name, and its key. */
typedef struct {
	knot_dname_t *name;
	order_t key;
} wanted_t;

struct keep {
	wanted_t **wanted; /*!< Sorted if not \a dirty. */
	size_t wanted_count;
	size_t wanted_size;
	bool dirty;
	bool thin;
	bool unsure;       /*!< A signature was dropped that may be needed. */
	list_t all;        /*!< Everything, while not thin and when finished. */
	size_t octets;     /*!< Of \a all. */
	const caaudit_record_t **index; /*!< In the order of \a all, when finished. */
	ring_t names;
	chain_t *chain[MAX_CHAINS];
	size_t chain_count;
};

/* --- RDATA ---------------------------------------------------------------------------------- */

bool nsec3_params(const uint8_t *rdata, size_t rdlen, nsec3_params_t *out)
{
	if (rdlen < 5 || rdlen - 5 < rdata[4]) {
		return false;
	}
	*out = (nsec3_params_t){
		.algorithm = rdata[0],
		.salt_len = rdata[4],
		.iterations = (uint16_t)(rdata[2] << 8 | rdata[3]),
		.salt = rdata + 5,
	};
	return true;
}

bool nsec3_params_equal(const nsec3_params_t *a, const nsec3_params_t *b)
{
	return a->algorithm == b->algorithm && a->iterations == b->iterations &&
	       a->salt_len == b->salt_len && memcmp(a->salt, b->salt, a->salt_len) == 0;
}

bool nsec3_hash(const nsec3_params_t *params, const knot_dname_t *name,
                uint8_t hash[KEEP_HASH_SIZE])
{
	if (params->algorithm != DNSSEC_NSEC3_ALGORITHM_SHA1 ||
	    params->iterations > KEEP_ITERATIONS_MAX) {
		return false;
	}
	knot_dname_storage_t lower;
	name_lower(lower, name);
	uint8_t salt[UINT8_MAX + 1];
	memcpy(salt, params->salt, params->salt_len);
	const dnssec_binary_t data = { .size = knot_dname_size(lower), .data = lower };
	const dnssec_nsec3_params_t with = {
		.algorithm = DNSSEC_NSEC3_ALGORITHM_SHA1,
		.iterations = params->iterations,
		.salt = { .size = params->salt_len, .data = salt },
	};
	dnssec_binary_t out = { 0 };
	bool ok = dnssec_nsec3_hash(&data, &with, &out) == DNSSEC_EOK &&
	          out.size == KEEP_HASH_SIZE;
	if (ok) {
		memcpy(hash, out.data, KEEP_HASH_SIZE);
	}
	dnssec_binary_free(&out);
	return ok;
}

bool nsec3_owner_hash(const knot_dname_t *owner, uint8_t hash[KEEP_HASH_SIZE])
{
	if (owner[0] != KEEP_HASH_SIZE * 8 / 5) {
		return false;
	}
	uint64_t bits = 0;
	unsigned have = 0;
	for (unsigned i = 0, out = 0; i < owner[0]; i++) {
		uint8_t c = ascii_lower(owner[1 + i]);
		unsigned digit;
		if (c >= '0' && c <= '9') {
			digit = c - '0';
		} else if (c >= 'a' && c <= 'v') {
			digit = c - 'a' + 10;
		} else {
			return false;
		}
		bits = bits << 5 | digit;
		have += 5;
		if (have >= 8) {
			have -= 8;
			hash[out++] = (uint8_t)(bits >> have);
		}
	}
	return true;
}

/* --- Keys ----------------------------------------------------------------------------------- */

/*! Makes the key of a name: its labels from the root down, so that octets sort canonically. */
static void name_key(order_t *key, const knot_dname_t *name)
{
	knot_dname_storage_t storage, lower;
	name_lower(lower, name);
	const uint8_t *lf = knot_dname_lf(lower, storage);
	key->len = lf[0];
	memcpy(key->data, lf + 1, lf[0]);
}

static int compare_keys(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	int ret = memcmp(a, b, a_len < b_len ? a_len : b_len);
	return ret != 0 ? ret : (int)a_len - (int)b_len;
}

/*! Makes the key of a record. */
static bool record_key(order_t *key, space_t *space, const knot_dname_t *owner, uint16_t type,
                       const uint8_t *rdata, uint16_t rdlen)
{
	uint16_t about = type == KNOT_RRTYPE_RRSIG ? rrsig_covered(rdata, rdlen) : type;
	if (about == KNOT_RRTYPE_NSEC3) {
		*space = SPACE_NSEC3;
		key->len = KEEP_HASH_SIZE;
		return nsec3_owner_hash(owner, key->data);
	}
	*space = about == KNOT_RRTYPE_NSEC ? SPACE_NSEC : SPACE_NAME;
	name_key(key, owner);
	return true;
}

/* --- Lists ---------------------------------------------------------------------------------- */

static int list_add(list_t *list, item_t *item)
{
	if (list->count == list->size) {
		size_t size = list->size == 0 ? 2 : 2 * list->size;
		item_t **grown = realloc(list->item, size * sizeof(*grown));
		if (grown == NULL) {
			return KNOT_ENOMEM;
		}
		list->item = grown;
		list->size = size;
	}
	list->item[list->count++] = item;
	return KNOT_EOK;
}

static void list_drop(list_t *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->item[i]);
	}
	list->count = 0;
}

static void list_free(list_t *list)
{
	list_drop(list);
	free(list->item);
	*list = (list_t){ NULL };
}

static item_t *item_new(const order_t *key, space_t space, const knot_dname_t *owner,
                        uint16_t type, uint32_t ttl, const uint8_t *rdata, uint16_t rdlen)
{
	size_t owner_size = knot_dname_size(owner);
	item_t *item = malloc(sizeof(*item) + key->len + owner_size + rdlen);
	if (item == NULL) {
		return NULL;
	}
	uint8_t *tail = (uint8_t *)(item + 1);
	memcpy(tail, key->data, key->len);
	uint8_t *copy = tail + key->len;
	memcpy(copy, owner, owner_size);
	knot_dname_to_lower(copy);
	if (rdlen > 0) {
		memcpy(copy + owner_size, rdata, rdlen);
	}
	*item = (item_t){
		.record = {
			.owner = copy,
			.rdata = copy + owner_size,
			.ttl = ttl,
			.type = type,
			.rdlen = rdlen,
		},
		.space = space,
		.signature = type == KNOT_RRTYPE_RRSIG,
		.key_len = key->len,
		.key = tail,
	};
	return item;
}

/* --- Rings ---------------------------------------------------------------------------------- */

static void ring_free(ring_t *ring)
{
	for (size_t i = 0; i < ring->count; i++) {
		list_free(&ring->point[i].set);
		list_free(&ring->point[i].sigs);
		list_free(&ring->point[i].at);
	}
	free(ring->point);
}

/*! Is the key at or before the point? */
static bool before_point(const point_t *point, const uint8_t *key, size_t key_len)
{
	return point->key == NULL || compare_keys(key, key_len, point->key, point->key_len) <= 0;
}

/*! First point at or after the key. */
static point_t *ring_find(ring_t *ring, const uint8_t *key, size_t key_len)
{
	size_t at = ring->hint;
	if (!before_point(&ring->point[at], key, key_len) ||
	    (at > 0 && before_point(&ring->point[at - 1], key, key_len))) {
		size_t low = 0, high = ring->count - 1; // The last point is after all.
		while (low < high) {
			size_t mid = low + (high - low) / 2;
			if (before_point(&ring->point[mid], key, key_len)) {
				high = mid;
			} else {
				low = mid + 1;
			}
		}
		ring->hint = at = low;
	}
	return &ring->point[at];
}

/*!
 * \brief Puts a point into a ring.
 *
 * What was closest to the point after it may be closer to the new one; what
 * was not may have hidden another that was.
 */
static int ring_insert(ring_t *ring, const uint8_t *key, uint8_t key_len, bool late)
{
	point_t *grown = realloc(ring->point, (ring->count + 1) * sizeof(*grown));
	if (grown == NULL) {
		return KNOT_ENOMEM;
	}
	ring->point = grown;
	if (ring->count == 0) {
		ring->point[ring->count++] = (point_t){ .key = NULL }; // After all.
		return key == NULL ? KNOT_EOK : ring_insert(ring, key, key_len, late);
	}
	point_t *next = ring_find(ring, key, key_len);
	if (next->key != NULL &&
	    compare_keys(key, key_len, next->key, next->key_len) == 0) {
		return KNOT_EOK;
	}
	point_t point = { .key = key, .key_len = key_len, .late = late };
	list_t *lists[2][2] = { { &next->set, &point.set }, { &next->sigs, &point.sigs } };
	for (int i = 0; i < 2; i++) {
		list_t *from = lists[i][0], *to = lists[i][1];
		if (from->count > 0 && compare_keys(from->item[0]->key, from->item[0]->key_len,
		                                    key, key_len) <= 0) {
			*to = *from;
			*from = (list_t){ NULL };
		}
	}
	memmove(next + 1, next, (ring->point + ring->count - next) * sizeof(*next));
	*next = point;
	ring->count++;
	return KNOT_EOK;
}

/*! Keeps a record in a list of those that are closest to a point. */
static int closest_add(keep_t *keep, list_t *list, item_t *item)
{
	if (list->count > 0) {
		int ret = compare_keys(item->key, item->key_len, list->item[0]->key,
		                       list->item[0]->key_len);
		if (ret < 0 || (ret == 0 && list->count == MAX_PER_SLOT)) {
			keep->unsure = keep->unsure || ret == 0;
			free(item);
			return KNOT_EOK;
		} else if (ret > 0) {
			list_drop(list);
		}
	}
	int ret = list_add(list, item);
	if (ret != KNOT_EOK) {
		free(item);
	}
	return ret;
}

static int ring_add(keep_t *keep, ring_t *ring, item_t *item)
{
	point_t *point = ring_find(ring, item->key, item->key_len);
	return closest_add(keep, item->signature ? &point->sigs : &point->set, item);
}

/* --- Wanted names --------------------------------------------------------------------------- */

static int compare_wanted(const void *a, const void *b)
{
	const order_t *x = &(*(wanted_t *const *)a)->key;
	const order_t *y = &(*(wanted_t *const *)b)->key;
	return compare_keys(x->data, x->len, y->data, y->len);
}

/*! Sorts the wanted names and drops repetitions. */
static void settle_wanted(keep_t *keep)
{
	if (!keep->dirty) {
		return;
	}
	keep->dirty = false;
	qsort(keep->wanted, keep->wanted_count, sizeof(*keep->wanted), compare_wanted);
	size_t kept = 0;
	for (size_t i = 0; i < keep->wanted_count; i++) {
		if (kept > 0 && compare_wanted(&keep->wanted[kept - 1], &keep->wanted[i]) == 0) {
			free(keep->wanted[i]);
		} else {
			keep->wanted[kept++] = keep->wanted[i];
		}
	}
	keep->wanted_count = kept;
}

static bool find_wanted(const keep_t *keep, const order_t *key)
{
	size_t low = 0, high = keep->wanted_count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const order_t *at = &keep->wanted[mid]->key;
		int ret = compare_keys(at->data, at->len, key->data, key->len);
		if (ret == 0) {
			return true;
		} else if (ret < 0) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return false;
}

bool keep_wanted(keep_t *keep, const knot_dname_t *name)
{
	order_t key;
	name_key(&key, name);
	settle_wanted(keep);
	return find_wanted(keep, &key);
}

const knot_dname_t *keep_next(keep_t *keep, size_t pos)
{
	return pos < keep->wanted_count ? keep->wanted[pos]->name : NULL;
}

/*! Adds a name to the chain; its hash needs a place of its own. */
static int chain_want(chain_t *chain, const knot_dname_t *name, bool late)
{
	uint8_t *hash = malloc(KEEP_HASH_SIZE);
	if (hash == NULL || !nsec3_hash(&chain->params, name, hash)) {
		free(hash);
		return KNOT_ENOMEM;
	}
	size_t before = chain->ring.count;
	int ret = ring_insert(&chain->ring, hash, KEEP_HASH_SIZE, late);
	if (ret != KNOT_EOK || chain->ring.count == before) {
		free(hash);
	}
	return ret;
}

int keep_want(keep_t *keep, const knot_dname_t *name)
{
	if (keep->wanted_count == keep->wanted_size) {
		size_t size = keep->wanted_size == 0 ? 16 : 2 * keep->wanted_size;
		wanted_t **grown = realloc(keep->wanted, size * sizeof(*grown));
		if (grown == NULL) {
			return KNOT_ENOMEM;
		}
		keep->wanted = grown;
		keep->wanted_size = size;
	}
	size_t size = knot_dname_size(name);
	wanted_t *wanted = malloc(sizeof(*wanted) + size);
	if (wanted == NULL) {
		return KNOT_ENOMEM;
	}
	wanted->name = memcpy(wanted + 1, name, size);
	name_key(&wanted->key, name);
	if (keep->thin && find_wanted(keep, &wanted->key)) {
		free(wanted);
		return KNOT_EOK;
	}
	keep->wanted[keep->wanted_count++] = wanted;
	keep->dirty = true;
	if (!keep->thin) {
		return KNOT_EOK;
	}
	settle_wanted(keep);
	int ret = ring_insert(&keep->names, wanted->key.data, wanted->key.len, true);
	for (size_t i = 0; ret == KNOT_EOK && i < keep->chain_count; i++) {
		ret = chain_want(keep->chain[i], wanted->name, true);
	}
	return ret;
}

/* --- Adding --------------------------------------------------------------------------------- */

/*! Finds the chain of an NSEC3, or begins it; NULL if it is none to follow. */
static int find_chain(keep_t *keep, const caaudit_record_t *nsec3, chain_t **out)
{
	nsec3_params_t params;
	*out = NULL;
	if (!nsec3_params(nsec3->rdata, nsec3->rdlen, &params)) {
		return KNOT_EOK;
	}
	for (size_t i = 0; i < keep->chain_count; i++) {
		if (nsec3_params_equal(&keep->chain[i]->params, &params)) {
			*out = keep->chain[i];
			return KNOT_EOK;
		}
	}
	if (params.algorithm != DNSSEC_NSEC3_ALGORITHM_SHA1 ||
	    params.iterations > KEEP_ITERATIONS_MAX) {
		return KNOT_EOK; // Never asked for.
	}
	// Signatures do not say which chain they are of: with two they may hide each other.
	keep->unsure = keep->unsure || keep->chain_count > 0;
	if (keep->chain_count == MAX_CHAINS) {
		return KNOT_EOK;
	}
	chain_t *chain = calloc(1, sizeof(*chain));
	if (chain == NULL) {
		return KNOT_ENOMEM;
	}
	keep->chain[keep->chain_count++] = chain;
	memcpy(chain->salt, params.salt, params.salt_len);
	chain->params = params;
	chain->params.salt = chain->salt;
	int ret = ring_insert(&chain->ring, NULL, 0, false);
	for (size_t i = 0; ret == KNOT_EOK && i < keep->wanted_count; i++) {
		// What was wanted before the thinning has missed nothing: this is the first one.
		ret = chain_want(chain, keep->wanted[i]->name, false);
	}
	*out = chain;
	return ret;
}

/*! Adds an item to a thin store, or frees it. */
static int thin_add(keep_t *keep, item_t *item)
{
	if (item->space == SPACE_NSEC) {
		return ring_add(keep, &keep->names, item);
	} else if (item->space == SPACE_NAME) {
		point_t *point = ring_find(&keep->names, item->key, item->key_len);
		bool there = point->key != NULL && compare_keys(item->key, item->key_len, point->key,
		                                                point->key_len) == 0;
		if (there && point->at.count < MAX_PER_SLOT) {
			int ret = list_add(&point->at, item);
			if (ret != KNOT_EOK) {
				free(item);
			}
			return ret;
		}
		keep->unsure = keep->unsure || there;
		free(item);
		return KNOT_EOK;
	}

	chain_t *chain = NULL;
	int ret = KNOT_EOK;
	if (!item->signature) {
		ret = find_chain(keep, &item->record, &chain);
	} else if (keep->chain_count == 0) {
		keep->unsure = true;
	} else {
		// Whose it is shows only with the NSEC3: each chain may need it.
		for (size_t i = 1; ret == KNOT_EOK && i < keep->chain_count; i++) {
			order_t key = { .len = item->key_len };
			memcpy(key.data, item->key, key.len);
			const caaudit_record_t *r = &item->record;
			item_t *copy = item_new(&key, SPACE_NSEC3, r->owner, r->type, r->ttl,
			                        r->rdata, r->rdlen);
			ret = copy == NULL ? KNOT_ENOMEM :
			      ring_add(keep, &keep->chain[i]->ring, copy);
		}
		chain = keep->chain[0];
	}
	if (ret != KNOT_EOK || chain == NULL) {
		free(item);
		return ret;
	}
	return ring_add(keep, &chain->ring, item);
}

int keep_add(keep_t *keep, const knot_dname_t *owner, uint16_t type, uint32_t ttl,
             const uint8_t *rdata, uint16_t rdlen)
{
	order_t key;
	space_t space;
	if (!record_key(&key, &space, owner, type, rdata, rdlen)) {
		return KNOT_EOK; // No NSEC3 of any chain.
	}
	if (!keep->thin && (keep->all.count >= LIMIT_COUNT || keep->octets >= LIMIT_SIZE)) {
		return KNOT_ELIMIT;
	}
	item_t *item = item_new(&key, space, owner, type, ttl, rdata, rdlen);
	if (item == NULL) {
		return KNOT_ENOMEM;
	}
	if (keep->thin) {
		return thin_add(keep, item);
	}
	keep->octets += sizeof(*item) + rdlen;
	int ret = list_add(&keep->all, item);
	if (ret != KNOT_EOK) {
		free(item);
	}
	return ret;
}

bool keep_is_thin(const keep_t *keep)
{
	return keep->thin;
}

int keep_thin(keep_t *keep)
{
	if (keep->thin) {
		return KNOT_EOK;
	}
	settle_wanted(keep);
	int ret = ring_insert(&keep->names, NULL, 0, false);
	for (size_t i = 0; ret == KNOT_EOK && i < keep->wanted_count; i++) {
		const order_t *key = &keep->wanted[i]->key;
		ret = ring_insert(&keep->names, key->data, key->len, false);
	}
	keep->thin = true;

	// NSEC3 before the signatures over them: they tell the parameters.
	list_t all = keep->all;
	keep->all = (list_t){ NULL };
	for (int signature = 0; signature <= 1; signature++) {
		for (size_t i = 0; i < all.count; i++) {
			item_t *item = all.item[i];
			if (item == NULL || item->signature != signature) {
				continue;
			}
			all.item[i] = NULL;
			if (ret == KNOT_EOK) {
				ret = thin_add(keep, item);
			} else {
				free(item);
			}
		}
	}
	free(all.item);
	return ret;
}

keep_t *keep_new(void)
{
	return calloc(1, sizeof(keep_t));
}

void keep_free(keep_t *keep)
{
	if (keep == NULL) {
		return;
	}
	for (size_t i = 0; i < keep->wanted_count; i++) {
		free(keep->wanted[i]);
	}
	free(keep->wanted);
	list_free(&keep->all);
	free(keep->index);
	ring_free(&keep->names);
	for (size_t i = 0; i < keep->chain_count; i++) {
		ring_t *ring = &keep->chain[i]->ring;
		for (size_t j = 0; j < ring->count; j++) {
			free((void *)(uintptr_t)ring->point[j].key);
		}
		ring_free(ring);
		free(keep->chain[i]);
	}
	free(keep);
}

/* --- Looking up ----------------------------------------------------------------------------- */

static int compare_places(const item_t *x, const item_t *y)
{
	if (x->space != y->space) {
		return x->space < y->space ? -1 : 1;
	}
	int ret = compare_keys(x->key, x->key_len, y->key, y->key_len);
	return ret != 0 ? ret : (int)x->signature - (int)y->signature;
}

/*! Order of space, key, kind, RDATA; RDATA of signatures begins with the type covered. */
static int compare_items(const void *a, const void *b)
{
	const item_t *x = *(item_t *const *)a, *y = *(item_t *const *)b;
	int ret = compare_places(x, y);
	return ret != 0 ? ret : compare_keys(x->record.rdata, x->record.rdlen, y->record.rdata,
	                                     y->record.rdlen);
}

static int gather_list(keep_t *keep, list_t *list)
{
	int ret = KNOT_EOK;
	size_t i = 0;
	for (; ret == KNOT_EOK && i < list->count; i++) {
		ret = list_add(&keep->all, list->item[i]);
		i -= ret != KNOT_EOK;
	}
	if (ret == KNOT_EOK) {
		list->count = 0; // Else both lists would free them.
	} else {
		memmove(list->item, list->item + i, (list->count - i) * sizeof(*list->item));
		list->count -= i;
	}
	return ret;
}

static int gather_ring(keep_t *keep, ring_t *ring)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; ret == KNOT_EOK && i < ring->count; i++) {
		point_t *point = &ring->point[i];
		ret = gather_list(keep, &point->set);
		ret = ret == KNOT_EOK ? gather_list(keep, &point->sigs) : ret;
		ret = ret == KNOT_EOK ? gather_list(keep, &point->at) : ret;
	}
	return ret;
}

int keep_finish(keep_t *keep)
{
	settle_wanted(keep);
	int ret = gather_ring(keep, &keep->names);
	for (size_t i = 0; ret == KNOT_EOK && i < keep->chain_count; i++) {
		ret = gather_ring(keep, &keep->chain[i]->ring);
	}
	if (ret != KNOT_EOK) {
		return ret;
	}
	list_t *all = &keep->all;
	if (all->count > 1) {
		qsort(all->item, all->count, sizeof(*all->item), compare_items);
	}
	size_t kept = 0;
	for (size_t i = 0; i < all->count; i++) {
		if (kept > 0 && compare_items(&all->item[kept - 1], &all->item[i]) == 0) {
			free(all->item[i]); // Servers drop duplicates.
		} else {
			all->item[kept++] = all->item[i];
		}
	}
	all->count = kept;
	keep->index = malloc((kept + 1) * sizeof(*keep->index));
	if (keep->index == NULL) {
		return KNOT_ENOMEM;
	}
	for (size_t i = 0; i < kept; i++) {
		keep->index[i] = &all->item[i]->record;
	}
	return KNOT_EOK;
}

/*! Number of items before the place, or up to its end. */
static size_t find_place(const keep_t *keep, const item_t *place, bool behind)
{
	size_t low = 0, high = keep->all.count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int ret = compare_places(keep->all.item[mid], place);
		if (ret < 0 || (ret == 0 && behind)) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low;
}

/*! Items at one place. */
static caaudit_rrset_t items_at(const keep_t *keep, const item_t *place)
{
	size_t from = find_place(keep, place, false), to = find_place(keep, place, true);
	return (caaudit_rrset_t){ keep->index + from, to - from };
}

/*! Of signatures at one owner those over one type; they are sorted by it. */
static caaudit_rrset_t over_type(caaudit_rrset_t sigs, uint16_t covered)
{
	caaudit_rrset_t out = { sigs.record, 0 };
	for (size_t i = 0; i < sigs.count; i++) {
		const caaudit_record_t *record = sigs.record[i];
		if (rrsig_covered(record->rdata, record->rdlen) != covered) {
			continue;
		}
		if (out.count++ == 0) {
			out.record = &sigs.record[i];
		}
	}
	return out;
}

/*! Is nothing lost that concerns the point? */
static bool is_sure(const keep_t *keep, const ring_t *ring, const uint8_t *key, size_t key_len)
{
	if (!keep->thin) {
		return true;
	}
	if (keep->unsure) {
		return false;
	}
	size_t low = 0, high = ring->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const point_t *point = &ring->point[mid];
		int ret = point->key == NULL ? 1 :
		          compare_keys(point->key, point->key_len, key, key_len);
		if (ret == 0) {
			return !point->late;
		} else if (ret < 0) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return false;
}

void keep_signatures(const keep_t *keep, const knot_dname_t *owner, uint16_t covered, kept_t *out)
{
	order_t key;
	name_key(&key, owner);
	const item_t place = {
		.space = SPACE_NAME, .signature = true, .key_len = key.len, .key = key.data,
	};
	*out = (kept_t){
		.sigs = over_type(items_at(keep, &place), covered),
		.sure = is_sure(keep, &keep->names, key.data, key.len),
	};
}

void keep_nsec(const keep_t *keep, const knot_dname_t *name, kept_t *out)
{
	order_t key;
	name_key(&key, name);
	item_t place = { .space = SPACE_NSEC, .key_len = key.len, .key = key.data };
	*out = (kept_t){ .sure = is_sure(keep, &keep->names, key.data, key.len) };
	for (size_t i = find_place(keep, &place, true); i > 0; i--) {
		const item_t *item = keep->all.item[i - 1];
		if (item->space != SPACE_NSEC) {
			return;
		} else if (item->signature) {
			continue; // Over an NSEC that is not there.
		}
		place.key = item->key;
		place.key_len = item->key_len;
		out->set = items_at(keep, &place);
		place.signature = true;
		out->sigs = items_at(keep, &place);
		return;
	}
}

void keep_nsec3(const keep_t *keep, const uint8_t hash[KEEP_HASH_SIZE],
                const nsec3_params_t *params, kept_t *out)
{
	const ring_t *ring = NULL;
	for (size_t i = 0; i < keep->chain_count; i++) {
		if (nsec3_params_equal(&keep->chain[i]->params, params)) {
			ring = &keep->chain[i]->ring;
		}
	}
	*out = (kept_t){ .sure = !keep->thin ||
	                         (ring != NULL && is_sure(keep, ring, hash, KEEP_HASH_SIZE)) };
	item_t place = { .space = SPACE_NSEC3, .key = hash };
	size_t begin = find_place(keep, &place, false); // The space is the last one.
	place.key_len = KEEP_HASH_SIZE;
	size_t start = find_place(keep, &place, true), end = keep->all.count;
	for (size_t i = 0; i < end - begin; i++) {
		// Down to the first one, then from the last one: the chain is a circle.
		size_t pos = i < start - begin ? start - 1 - i : end - 1 - (i - (start - begin));
		const item_t *item = keep->all.item[pos];
		nsec3_params_t found;
		if (item->signature ||
		    !nsec3_params(item->record.rdata, item->record.rdlen, &found) ||
		    !nsec3_params_equal(&found, params)) {
			continue;
		}
		place.key = item->key;
		out->set = items_at(keep, &place);
		place.signature = true;
		out->sigs = items_at(keep, &place);
		return;
	}
}
