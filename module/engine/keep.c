/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <endian.h>
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
#define LIMIT_SIZE  (4 * 1024 * 1024)
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
	SPACE_NAME,  /*!< DS, and RRSIG over other types: owner. */
	SPACE_NSEC,  /*!< NSEC and the RRSIGs over it: owner in canonical order. */
	SPACE_NSEC3, /*!< NSEC3 and the RRSIGs over it: hash. */
} space_t;

/*!
 * \brief Where an owner stands.
 *
 * Most comparisons are decided by the first octets below the zone name. The
 * whole key of a name is made when they are not.
 */
typedef struct {
	uint64_t prefix; /*!< Sorts like the key; if it is the same, the key decides. */
	const knot_dname_t *owner;
	size_t size; /*!< Octets of \a owner. */
	bool made;   /*!< \a key is there; of a hash it always is. */
	order_t key;
} place_t;

/*! A record and its key. Key, owner and RDATA follow it in memory. */
typedef struct {
	caaudit_record_t record;
	uint8_t space;
	uint8_t signature;
	uint8_t hole; /*!< Stands for an NSEC or NSEC3 that reaches no wanted name. */
	uint8_t key_len;
	const uint8_t *key;
} item_t;

typedef struct {
	item_t **item;
	size_t count;
	size_t size;
} list_t;

/*! An owner, and perhaps records of it, copied with the least effort. */
typedef struct {
	uint64_t prefix;
	uint8_t *data;  /*!< Owner, then of each record TTL, length and RDATA. */
	size_t owner;   /*!< Octets of the owner. */
	size_t used;    /*!< Octets of all; 0 = there is none. */
	size_t room;    /*!< Octets allocated. */
	unsigned count; /*!< Records. */
} spot_t;

/*!
 * \brief A point of a chain, and what comes closest to it from below.
 *
 * That is one owner at or before it, but after the point before. In order the
 * records of a chain come closer one by one, and only the last of them reaches
 * the point: of the others the owner is noted, and no more.
 */
typedef struct {
	uint64_t prefix;
	const uint8_t *key; /*!< NULL = after all. */
	uint8_t key_len;
	bool late;    /*!< Wanted when records had been dropped already. */
	bool spoilt;  /*!< More records than are kept, or lost for good. */
	bool unsure;  /*!< Signatures over the closest record may be lost. */
	bool lost;    /*!< An owner has lost its place in \a early to another. */
	spot_t best;  /*!< The closest owner. */
	spot_t early; /*!< RRSIGs of a closer one without NSEC or NSEC3 so far. */
	list_t set;   /*!< NSEC or NSEC3, none if it does not reach the point. */
	list_t sigs;  /*!< RRSIGs over them. */
	list_t at;    /*!< DS, and RRSIGs over other types, at the name itself. */
} point_t;

/*! Points of one chain in order; the last one has no key and comes after all. */
typedef struct {
	point_t *point;
	size_t count;
	size_t hint; /*!< Where the last record belonged: chains come in order. */
	space_t space;
	bool unsure; /*!< Something was lost before there was the ring, or a point. */
} ring_t;

typedef struct {
	nsec3_params_t params;
	uint8_t salt[UINT8_MAX];
	ring_t ring;
} chain_t;

/*! A wanted name, and its key. */
typedef struct {
	knot_dname_t *name;
	uint64_t prefix;
	order_t key;
} wanted_t;

struct keep {
	size_t zone_size;  /*!< Octets of the zone name. */
	wanted_t **wanted; /*!< Sorted if not \a dirty. */
	size_t wanted_count;
	size_t wanted_size;
	bool dirty;
	bool thin;
	bool crowded;                   /*!< More in \a loose than is kept. */
	list_t all;                     /*!< Everything, while not thin and when finished. */
	size_t octets;                  /*!< Of \a all, or of \a loose. */
	const caaudit_record_t **index; /*!< In the order of \a all, when finished. */
	ring_t names;
	list_t loose; /*!< Signatures over names that may be validations, wanted or not. */
	chain_t *chain[MAX_CHAINS];
	size_t chain_count;
	size_t unclaimed; /*!< Signatures over an NSEC3 that was not there. */
	uint64_t hashing; /*!< Work of all the hashes so far. */
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
	bool ok = dnssec_nsec3_hash(&data, &with, &out) == DNSSEC_EOK && out.size == KEEP_HASH_SIZE;
	if (ok) {
		memcpy(hash, out.data, KEEP_HASH_SIZE);
	}
	dnssec_binary_free(&out);
	return ok;
}

uint64_t nsec3_work(const nsec3_params_t *params)
{
	// SHA-1 takes 64 octets at a time, and adds at least nine (FIPS 180-4 section 5.1.1).
	return (params->iterations + UINT64_C(1)) *
	       ((KEEP_HASH_SIZE + params->salt_len + 9 + 63) / 64);
}

/*! Loads eight octets, the first one into the upper end: words then sort as octets do. */
static inline uint64_t load_octets(const uint8_t *at)
{
	uint64_t word;
	memcpy(&word, at, sizeof(word));
	return be64toh(word);
}

/*! Every octet of a word the same. */
#define OCTETS(octet) (UINT64_C(0x0101010101010101) * (octet))
/*! Bit 7 of each octet that is \a least or more; octets must be below 128, \a least above 0. */
#define AT_LEAST(word, least) ((word) + OCTETS(128 - (least)))

bool nsec3_owner_hash(const knot_dname_t *owner, uint8_t hash[KEEP_HASH_SIZE])
{
	if (owner[0] != KEEP_HASH_SIZE * 8 / 5) {
		return false;
	}
	// Eight digits at once make forty bits.
	for (unsigned i = 0; i < KEEP_HASH_SIZE / 5; i++) {
		uint64_t word = load_octets(owner + 1 + 8 * i);
		if (word & OCTETS(0x80)) {
			return false;
		}
		uint64_t letter = word >> 6 & OCTETS(1);
		word |= letter << 5; // Lower case.
		uint64_t digit = AT_LEAST(word, '0') & ~AT_LEAST(word, '9' + 1);
		uint64_t from_a = AT_LEAST(word, 'a') & ~AT_LEAST(word, 'v' + 1);
		if (((digit | from_a) & OCTETS(0x80)) != OCTETS(0x80)) {
			return false;
		}
		word = (word & OCTETS(0x1f)) + letter * 25 - OCTETS(16);
		word = (word >> 3 & UINT64_C(0x03e003e003e003e0)) |
		       (word & UINT64_C(0x001f001f001f001f));
		word = (word >> 6 & UINT64_C(0x000ffc00000ffc00)) |
		       (word & UINT64_C(0x000003ff000003ff));
		word = (word >> 12 & UINT64_C(0xfffff00000)) | (word & UINT64_C(0xfffff));
		word = htobe64(word << 24);
		memcpy(hash + 5 * i, &word, 5);
	}
	return true;
}

/* --- Keys ----------------------------------------------------------------------------------- */

/*! Makes the key of a name: its labels from the root down, so that octets sort as in Knot. */
static void name_key(order_t *key, const knot_dname_t *name)
{
	const uint8_t *label[KNOT_DNAME_MAXLABELS];
	unsigned count = 0;
	for (; *name != 0; name = name_parent(name)) {
		label[count++] = name;
	}
	uint8_t *out = key->data;
	while (count > 0) {
		const uint8_t *at = label[--count];
		for (unsigned i = at[0]; i > 0; i--) {
			*out++ = ascii_lower(*++at);
		}
		*out++ = 0;
	}
	key->len = out - key->data;
}

static int compare_keys(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	int ret = memcmp(a, b, a_len < b_len ? a_len : b_len);
	return ret != 0 ? ret : (int)a_len - (int)b_len;
}

/*! Upper case letters of a word as lower case. */
static inline uint64_t lower_octets(uint64_t word)
{
	uint64_t low = word & OCTETS(0x7f);
	uint64_t upper = AT_LEAST(low, 'A') & ~AT_LEAST(low, 'Z' + 1) & ~word & OCTETS(0x80);
	return word | upper >> 2;
}

/*! The first octets of the label below the zone name; the end of a label comes before any octet. */
static inline uint64_t name_prefix(const keep_t *keep, const knot_dname_t *name, size_t size)
{
	if (size <= keep->zone_size) {
		return 0;
	}
	const uint8_t *apex = name + size - keep->zone_size, *top = name;
	for (const uint8_t *at = name; at < apex; at = name_parent(at)) {
		top = at;
	}
	unsigned len = top[0];
	if (len >= 8) {
		return lower_octets(load_octets(top + 1));
	}
	uint64_t prefix = 0;
	for (unsigned i = 1; i <= len; i++) {
		prefix = prefix << 8 | top[i];
	}
	return len == 0 ? 0 : lower_octets(prefix << 8 * (8 - len));
}

static inline size_t name_size(const knot_dname_t *name)
{
	const uint8_t *at = name;
	while (*at != 0) {
		at = name_parent(at);
	}
	return at + 1 - name;
}

static inline void place_name(place_t *place, const keep_t *keep, const knot_dname_t *owner)
{
	place->owner = owner;
	place->size = name_size(owner);
	place->prefix = name_prefix(keep, owner, place->size);
	place->made = false;
}

/*! Places an owner of NSEC3; false if it is none. */
static bool place_hash(place_t *place, const knot_dname_t *owner)
{
	if (!nsec3_owner_hash(owner, place->key.data)) {
		return false;
	}
	place->key.len = KEEP_HASH_SIZE;
	place->made = true;
	place->owner = owner;
	place->size = name_size(owner);
	place->prefix = load_octets(place->key.data);
	return true;
}

static const order_t *place_key(place_t *place)
{
	if (!place->made) {
		name_key(&place->key, place->owner);
		place->made = true;
	}
	return &place->key;
}

/*! Compares the place to a key with its prefix. */
static int compare_place(place_t *place, uint64_t prefix, const uint8_t *key, size_t key_len)
{
	if (place->prefix != prefix) {
		return place->prefix < prefix ? -1 : 1;
	}
	const order_t *own = place_key(place);
	return compare_keys(own->data, own->len, key, key_len);
}

static space_t record_space(uint16_t type, const uint8_t *rdata, uint16_t rdlen)
{
	uint16_t about = type == KNOT_RRTYPE_RRSIG ? rrsig_covered(rdata, rdlen) : type;
	return about == KNOT_RRTYPE_NSEC3 ? SPACE_NSEC3 :
	       about == KNOT_RRTYPE_NSEC  ? SPACE_NSEC :
	                                    SPACE_NAME;
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

/*! A record that is being added. */
typedef struct {
	const knot_dname_t *owner;
	const uint8_t *rdata;
	uint32_t ttl;
	uint16_t type;
	uint16_t rdlen;
} input_t;

static item_t *item_make(space_t space, const order_t *key, const input_t *in)
{
	size_t owner_size = knot_dname_size(in->owner);
	item_t *item = malloc(sizeof(*item) + key->len + owner_size + in->rdlen);
	if (item == NULL) {
		return NULL;
	}
	uint8_t *tail = (uint8_t *)(item + 1);
	memcpy(tail, key->data, key->len);
	uint8_t *copy = tail + key->len;
	memcpy(copy, in->owner, owner_size);
	knot_dname_to_lower(copy);
	if (in->rdlen > 0) {
		memcpy(copy + owner_size, in->rdata, in->rdlen);
	}
	*item = (item_t){
		.record = {
			.owner = copy,
			.rdata = copy + owner_size,
			.ttl = in->ttl,
			.type = in->type,
			.rdlen = in->rdlen,
		},
		.space = space,
		.signature = in->type == KNOT_RRTYPE_RRSIG,
		.key_len = key->len,
		.key = tail,
	};
	return item;
}

/*! Copies a record into a list. */
static int list_copy(list_t *list, space_t space, place_t *place, const input_t *in)
{
	item_t *item = item_make(space, place_key(place), in);
	int ret = item != NULL ? list_add(list, item) : KNOT_ENOMEM;
	if (ret != KNOT_EOK) {
		free(item);
	}
	return ret;
}

/* --- Spots ---------------------------------------------------------------------------------- */

/*! Makes room for octets at the end; NULL if out of memory. */
static uint8_t *spot_grow(spot_t *spot, size_t size)
{
	if (spot->room - spot->used < size) {
		size_t room = 2 * (spot->used + size);
		uint8_t *grown = realloc(spot->data, room);
		if (grown == NULL) {
			return NULL;
		}
		spot->data = grown;
		spot->room = room;
	}
	uint8_t *at = spot->data + spot->used;
	spot->used += size;
	return at;
}

/*! Forgets what was there and begins with another owner. */
static int spot_set(spot_t *spot, const place_t *place)
{
	spot->used = 0;
	spot->count = 0;
	uint8_t *at = spot_grow(spot, place->size);
	if (at == NULL) {
		return KNOT_ENOMEM;
	}
	memcpy(at, place->owner, place->size);
	spot->prefix = place->prefix;
	spot->owner = place->size;
	return KNOT_EOK;
}

/*! What stands before the RDATA of a record. */
typedef struct {
	uint32_t ttl;
	uint16_t rdlen;
} head_t;

static int spot_add(spot_t *spot, const input_t *in)
{
	const head_t head = { in->ttl, in->rdlen };
	uint8_t *at = spot_grow(spot, sizeof(head) + in->rdlen);
	if (at == NULL) {
		return KNOT_ENOMEM;
	}
	memcpy(at, &head, sizeof(head));
	memcpy(at + sizeof(head), in->rdata, in->rdlen);
	spot->count++;
	return KNOT_EOK;
}

/*! Makes the key of its owner. */
static void spot_key(const spot_t *spot, space_t space, order_t *key)
{
	if (space != SPACE_NSEC3) {
		name_key(key, spot->data);
	} else if (nsec3_owner_hash(spot->data, key->data)) {
		key->len = KEEP_HASH_SIZE;
	}
}

/*! Compares a place to a spot; there is always something. */
static int spot_compare(const spot_t *spot, space_t space, place_t *place)
{
	if (place->prefix != spot->prefix) {
		return place->prefix < spot->prefix ? -1 : 1;
	} else if (place->size == spot->owner &&
	           memcmp(place->owner, spot->data, place->size) == 0) {
		return 0;
	}
	order_t key = { .len = 0 };
	spot_key(spot, space, &key);
	return compare_place(place, spot->prefix, key.data, key.len);
}

/* --- Rings ---------------------------------------------------------------------------------- */

static void ring_free(ring_t *ring)
{
	for (size_t i = 0; i < ring->count; i++) {
		list_free(&ring->point[i].set);
		list_free(&ring->point[i].sigs);
		list_free(&ring->point[i].at);
		free(ring->point[i].best.data);
		free(ring->point[i].early.data);
	}
	free(ring->point);
}

/*! Is the place at or before the point? */
static bool before_point(const point_t *point, place_t *place)
{
	return point->key == NULL ||
	       compare_place(place, point->prefix, point->key, point->key_len) <= 0;
}

/*! First point at or after the place. */
static point_t *ring_find(ring_t *ring, place_t *place)
{
	size_t at = ring->hint;
	if (!before_point(&ring->point[at], place) ||
	    (at > 0 && before_point(&ring->point[at - 1], place))) {
		size_t low = 0, high = ring->count - 1; // The last point is after all.
		while (low < high) {
			size_t mid = low + (high - low) / 2;
			if (before_point(&ring->point[mid], place)) {
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
 * If the closest owner to the point after it is as close to the new one, it is
 * that of the new one. If it is not, it may have hidden another that was: such
 * a point is late.
 */
static int ring_insert(ring_t *ring, uint64_t prefix, const uint8_t *key, uint8_t key_len,
                       bool late)
{
	point_t *grown = realloc(ring->point, (ring->count + 1) * sizeof(*grown));
	if (grown == NULL) {
		return KNOT_ENOMEM;
	}
	ring->point = grown;
	if (ring->count == 0) {
		ring->point[ring->count++] = (point_t){ .key = NULL }; // After all.
		return key == NULL ? KNOT_EOK : ring_insert(ring, prefix, key, key_len, late);
	}
	place_t place = { .prefix = prefix,
		          .owner = (const uint8_t *)"",
		          .made = true,
		          .key = { .len = key_len } };
	// NOLINTNEXTLINE(*NonNullParamChecker): only the first point has no key.
	memcpy(place.key.data, key, key_len);
	point_t *next = ring_find(ring, &place);
	if (next->key != NULL &&
	    compare_place(&place, next->prefix, next->key, next->key_len) == 0) {
		return KNOT_EOK;
	}
	point_t point = { .prefix = prefix,
		          .key = key,
		          .key_len = key_len,
		          .late = late,
		          .spoilt = next->lost || next->spoilt };
	if (next->best.used > 0 && spot_compare(&next->best, ring->space, &place) >= 0) {
		point.unsure = next->unsure;
		point.best = next->best;
		point.set = next->set;
		point.sigs = next->sigs;
		next->unsure = false;
		next->best = (spot_t){ .data = NULL };
		next->set = next->sigs = (list_t){ NULL };
	}
	if (next->early.used > 0 && spot_compare(&next->early, ring->space, &place) >= 0) {
		point.early = next->early;
		next->early = (spot_t){ .data = NULL };
	}
	memmove(next + 1, next, (ring->point + ring->count - next) * sizeof(*next));
	*next = point;
	ring->count++;
	return KNOT_EOK;
}

/*! Copies a record into a list of a point: so many and no more. */
static int point_copy(point_t *point, list_t *list, space_t space, place_t *place,
                      const input_t *in)
{
	if (list->count == MAX_PER_SLOT) {
		point->spoilt = true;
		return KNOT_EOK;
	}
	return list_copy(list, space, place, in);
}

/*!
 * \brief May an NSEC or NSEC3 say something about the point?
 *
 * It does not if the next owner is another one before the point. Whatever is in
 * doubt may.
 */
static bool reaches(const keep_t *keep, const ring_t *ring, const point_t *point, place_t *place,
                    const input_t *in)
{
	const uint8_t *end = in->rdata + in->rdlen;
	if (ring->space == SPACE_NSEC) {
		int size = in->rdlen > 0 ? knot_dname_wire_check(in->rdata, end, NULL) : 0;
		if (size <= 0) {
			return true;
		}
		uint64_t next = name_prefix(keep, in->rdata, size);
		return next <= place->prefix || next >= point->prefix;
	}
	size_t head = 5 + in->rdata[4]; // There is a chain, so the parameters are right.
	if (in->rdlen < head + 1 + KEEP_HASH_SIZE || in->rdata[head] != KEEP_HASH_SIZE) {
		return true;
	}
	const uint8_t *next = in->rdata + head + 1;
	return memcmp(next, place->key.data, KEEP_HASH_SIZE) <= 0 ||
	       (point->key != NULL && memcmp(next, point->key, KEEP_HASH_SIZE) > 0);
}

/*! Takes the signatures that came before what they are over. */
static int take_early(point_t *point, space_t space, place_t *place)
{
	const spot_t *early = &point->early;
	int ret = KNOT_EOK;
	size_t at = early->owner;
	for (unsigned i = 0; ret == KNOT_EOK && i < early->count; i++) {
		head_t head;
		memcpy(&head, early->data + at, sizeof(head));
		const input_t in = { place->owner, early->data + at + sizeof(head), head.ttl,
			             KNOT_RRTYPE_RRSIG, head.rdlen };
		ret = point_copy(point, &point->sigs, space, place, &in);
		at += sizeof(head) + head.rdlen;
	}
	return ret;
}

/*! Adds an NSEC or NSEC3. */
static int ring_add_set(const keep_t *keep, ring_t *ring, point_t *point, place_t *place,
                        const input_t *in)
{
	int closer = point->best.used == 0 ? 1 : spot_compare(&point->best, ring->space, place);
	if (closer < 0) {
		return KNOT_EOK;
	}
	bool reached = reaches(keep, ring, point, place, in);
	if (closer == 0) {
		// Two at one owner: if only one of them is there, nothing can be said.
		point->unsure = point->unsure || reached != (point->set.count > 0);
		return reached ? point_copy(point, &point->set, ring->space, place, in) : KNOT_EOK;
	}
	int ret = spot_set(&point->best, place);
	list_drop(&point->set);
	list_drop(&point->sigs);
	// Owners that have lost their place stood before the one that took it.
	int ahead = point->early.used == 0 ? -1 : spot_compare(&point->early, ring->space, place);
	point->lost = point->lost && ahead < 0;
	point->unsure = point->lost;
	if (ahead == 0 && reached && ret == KNOT_EOK) {
		ret = take_early(point, ring->space, place);
	}
	if (ahead >= 0) {
		point->early.used = 0;
	}
	return ret == KNOT_EOK && reached ? point_copy(point, &point->set, ring->space, place, in) :
	                                    ret;
}

/*! Adds a signature over an NSEC or NSEC3; \a claimed says that this is there. */
static int ring_add_sig(ring_t *ring, point_t *point, place_t *place, const input_t *in,
                        bool *claimed)
{
	int closer = point->best.used == 0 ? 1 : spot_compare(&point->best, ring->space, place);
	*claimed = closer == 0;
	if (closer < 0 || (closer == 0 && point->set.count == 0)) {
		return KNOT_EOK;
	} else if (closer == 0) {
		return point_copy(point, &point->sigs, ring->space, place, in);
	}
	int ahead = point->early.used == 0 ? 1 : spot_compare(&point->early, ring->space, place);
	point->lost = point->lost || (ahead != 0 && point->early.used > 0);
	if (ahead < 0) {
		return KNOT_EOK;
	} else if (ahead == 0 && point->early.count == MAX_PER_SLOT) {
		point->spoilt = true;
		return KNOT_EOK;
	}
	int ret = ahead > 0 ? spot_set(&point->early, place) : KNOT_EOK;
	return ret == KNOT_EOK ? spot_add(&point->early, in) : ret;
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

static bool find_wanted(const keep_t *keep, place_t *place)
{
	size_t low = 0, high = keep->wanted_count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const wanted_t *at = keep->wanted[mid];
		int ret = compare_place(place, at->prefix, at->key.data, at->key.len);
		if (ret == 0) {
			return true;
		} else if (ret > 0) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return false;
}

bool keep_wanted(keep_t *keep, const knot_dname_t *name)
{
	place_t place;
	place_name(&place, keep, name);
	settle_wanted(keep);
	return find_wanted(keep, &place);
}

const knot_dname_t *keep_next(keep_t *keep, size_t pos)
{
	return pos < keep->wanted_count ? keep->wanted[pos]->name : NULL;
}

/*! Adds a name to the chain; its hash needs a place of its own. */
static int chain_want(keep_t *keep, chain_t *chain, const knot_dname_t *name, bool late)
{
	if (keep->hashing > KEEP_WORK_MAX) {
		chain->ring.unsure = true;
		return KNOT_EOK;
	}
	keep->hashing += nsec3_work(&chain->params);
	uint8_t *hash = malloc(KEEP_HASH_SIZE);
	if (hash == NULL || !nsec3_hash(&chain->params, name, hash)) {
		free(hash);
		return KNOT_ENOMEM;
	}
	size_t before = chain->ring.count;
	int ret = ring_insert(&chain->ring, load_octets(hash), hash, KEEP_HASH_SIZE, late);
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
	place_t place;
	place_name(&place, keep, name);
	if (keep->thin && find_wanted(keep, &place)) {
		free(wanted);
		return KNOT_EOK;
	}
	wanted->name = memcpy(wanted + 1, name, size);
	wanted->prefix = place.prefix;
	wanted->key = *place_key(&place);
	keep->wanted[keep->wanted_count++] = wanted;
	keep->dirty = true;
	if (!keep->thin) {
		return KNOT_EOK;
	}
	settle_wanted(keep);
	int ret = ring_insert(&keep->names, wanted->prefix, wanted->key.data, wanted->key.len,
	                      true);
	for (size_t i = 0; ret == KNOT_EOK && i < keep->chain_count; i++) {
		ret = chain_want(keep, keep->chain[i], wanted->name, true);
	}
	return ret;
}

/* --- Adding --------------------------------------------------------------------------------- */

/*! Finds the chain of an NSEC3, or begins it; NULL if it is none to follow. */
static int find_chain(keep_t *keep, const input_t *nsec3, chain_t **out)
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
	    params.iterations > KEEP_ITERATIONS_MAX || keep->chain_count == MAX_CHAINS) {
		return KNOT_EOK; // Never asked for, or one too many to be sure of.
	}
	chain_t *chain = calloc(1, sizeof(*chain));
	if (chain == NULL) {
		return KNOT_ENOMEM;
	}
	keep->chain[keep->chain_count++] = chain;
	memcpy(chain->salt, params.salt, params.salt_len);
	chain->params = params;
	chain->params.salt = chain->salt;
	chain->ring.space = SPACE_NSEC3;
	// Signatures do not say which chain they are of.
	chain->ring.unsure = keep->unclaimed > 0;
	int ret = ring_insert(&chain->ring, 0, NULL, 0, false);
	for (size_t i = 0; ret == KNOT_EOK && i < keep->wanted_count; i++) {
		// What is wanted by now has missed nothing: this is the first one.
		ret = chain_want(keep, chain, keep->wanted[i]->name, false);
	}
	*out = chain;
	return ret;
}

/*! Adds an NSEC3, or a signature over one, to a thin store. */
static int thin_add_nsec3(keep_t *keep, place_t *place, const input_t *in)
{
	if (in->type != KNOT_RRTYPE_RRSIG) {
		chain_t *chain;
		int ret = find_chain(keep, in, &chain);
		return ret != KNOT_EOK || chain == NULL ?
		               ret :
		               ring_add_set(keep, &chain->ring, ring_find(&chain->ring, place),
		                            place, in);
	}
	// Whose it is shows only with the NSEC3: each chain may need it.
	int ret = KNOT_EOK;
	bool claimed = false;
	for (size_t i = 0; ret == KNOT_EOK && i < keep->chain_count; i++) {
		ring_t *ring = &keep->chain[i]->ring;
		bool here;
		ret = ring_add_sig(ring, ring_find(ring, place), place, in, &here);
		claimed = claimed || here;
	}
	keep->unclaimed += !claimed;
	return ret;
}

/*! May the name be one that a CA asks for, although nobody said so? */
static bool may_validate(const knot_dname_t *name)
{
	return name[0] > 1 && name[1] == '_';
}

/*! Adds a DS or a signature over any other type to a thin store. */
static int thin_add_name(keep_t *keep, place_t *place, const input_t *in)
{
	point_t *point = ring_find(&keep->names, place);
	if (point->key != NULL && point->prefix == place->prefix &&
	    compare_place(place, point->prefix, point->key, point->key_len) == 0) {
		return point_copy(point, &point->at, SPACE_NAME, place, in);
	}
	if (!may_validate(in->owner) || in->type != KNOT_RRTYPE_RRSIG ||
	    rrsig_covered(in->rdata, in->rdlen) != KNOT_RRTYPE_CNAME) {
		return KNOT_EOK;
	}
	if (keep->octets >= LIMIT_SIZE) {
		keep->crowded = true;
		return KNOT_EOK;
	}
	keep->octets += sizeof(item_t) + in->rdlen;
	return list_copy(&keep->loose, SPACE_NAME, place, in);
}

static int thin_add(keep_t *keep, space_t space, place_t *place, const input_t *in)
{
	if (space == SPACE_NSEC3) {
		return thin_add_nsec3(keep, place, in);
	} else if (space == SPACE_NAME) {
		return thin_add_name(keep, place, in);
	}
	point_t *point = ring_find(&keep->names, place);
	if (point->key == NULL) {
		return KNOT_EOK; // After every name that is wanted.
	}
	bool claimed;
	return in->type == KNOT_RRTYPE_RRSIG ?
	               ring_add_sig(&keep->names, point, place, in, &claimed) :
	               ring_add_set(keep, &keep->names, point, place, in);
}

int keep_add(keep_t *keep, const knot_dname_t *owner, uint16_t type, uint32_t ttl,
             const uint8_t *rdata, uint16_t rdlen)
{
	const input_t in = { owner, rdata, ttl, type, rdlen };
	space_t space = record_space(type, rdata, rdlen);
	place_t place;
	if (space != SPACE_NSEC3) {
		place_name(&place, keep, owner);
	} else if (!place_hash(&place, owner)) {
		return KNOT_EOK; // No NSEC3 of any chain.
	}
	if (keep->thin) {
		return thin_add(keep, space, &place, &in);
	}
	if (keep->all.count >= LIMIT_COUNT || keep->octets >= LIMIT_SIZE) {
		return KNOT_ELIMIT;
	}
	keep->octets += sizeof(item_t) + rdlen;
	return list_copy(&keep->all, space, &place, &in);
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
	keep->names.space = SPACE_NSEC;
	int ret = ring_insert(&keep->names, 0, NULL, 0, false);
	for (size_t i = 0; ret == KNOT_EOK && i < keep->wanted_count; i++) {
		const wanted_t *wanted = keep->wanted[i];
		ret = ring_insert(&keep->names, wanted->prefix, wanted->key.data, wanted->key.len,
		                  false);
	}
	keep->thin = true;
	keep->octets = 0;

	// NSEC3 before the signatures over them: they tell the parameters.
	list_t all = keep->all;
	keep->all = (list_t){ NULL };
	for (unsigned signature = 0; signature <= 1; signature++) {
		for (size_t i = 0; ret == KNOT_EOK && i < all.count; i++) {
			const caaudit_record_t *r = &all.item[i]->record;
			if (all.item[i]->signature == signature) {
				ret = keep_add(keep, r->owner, r->type, r->ttl, r->rdata, r->rdlen);
			}
		}
	}
	list_free(&all);
	return ret;
}

keep_t *keep_new(const knot_dname_t *zone)
{
	keep_t *keep = calloc(1, sizeof(*keep));
	if (keep != NULL) {
		keep->zone_size = knot_dname_size(zone);
	}
	return keep;
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
	list_free(&keep->loose);
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
	// A DS and a signature share no kind, a hole and a record no key.
	return ret != 0 ? ret :
	                  compare_keys(x->record.rdata, x->record.rdlen, y->record.rdata,
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

/*! Leaves a mark where the closest owner reaches no further, so that nothing before it counts. */
static int add_hole(keep_t *keep, const ring_t *ring, const point_t *point,
                    const nsec3_params_t *params)
{
	order_t key = { .len = 0 };
	uint8_t rdata[5 + UINT8_MAX] = { 0 };
	size_t rdlen = 0;
	if (params != NULL) {
		const uint8_t head[] = { params->algorithm, 0, params->iterations >> 8,
			                 params->iterations & 255, params->salt_len };
		memcpy(rdata, head, sizeof(head));
		memcpy(rdata + sizeof(head), params->salt, params->salt_len);
		rdlen = sizeof(head) + params->salt_len;
	}
	spot_key(&point->best, ring->space, &key);
	const input_t in = { .owner = (const uint8_t *)"", .rdata = rdata, .rdlen = rdlen };
	item_t *item = item_make(ring->space, &key, &in);
	int ret = item != NULL ? list_add(&keep->all, item) : KNOT_ENOMEM;
	if (ret != KNOT_EOK) {
		free(item);
		return ret;
	}
	item->hole = true;
	return KNOT_EOK;
}

static int gather_ring(keep_t *keep, ring_t *ring, const nsec3_params_t *params)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; ret == KNOT_EOK && i < ring->count; i++) {
		point_t *point = &ring->point[i];
		if (point->best.used > 0 && point->set.count == 0) {
			ret = add_hole(keep, ring, point, params);
		}
		ret = ret == KNOT_EOK ? gather_list(keep, &point->set) : ret;
		ret = ret == KNOT_EOK ? gather_list(keep, &point->sigs) : ret;
		ret = ret == KNOT_EOK ? gather_list(keep, &point->at) : ret;
	}
	return ret;
}

int keep_finish(keep_t *keep)
{
	settle_wanted(keep);
	int ret = gather_ring(keep, &keep->names, NULL);
	for (size_t i = 0; ret == KNOT_EOK && i < keep->chain_count; i++) {
		ret = gather_ring(keep, &keep->chain[i]->ring, &keep->chain[i]->params);
	}
	ret = ret == KNOT_EOK ? gather_list(keep, &keep->loose) : ret;
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

/*! The point at a key, NULL if there is none. */
static const point_t *find_point(const ring_t *ring, const uint8_t *key, size_t key_len)
{
	size_t low = 0, high = ring->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const point_t *point = &ring->point[mid];
		int ret = point->key == NULL ?
		                  1 :
		                  compare_keys(point->key, point->key_len, key, key_len);
		if (ret == 0) {
			return point;
		} else if (ret < 0) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return NULL;
}

/*! Is nothing lost of what comes closest to a key? */
static bool is_sure(const ring_t *ring, const uint8_t *key, size_t key_len)
{
	const point_t *point = ring->unsure ? NULL : find_point(ring, key, key_len);
	if (point == NULL || point->late || point->spoilt) {
		return false;
	}
	// Down to the first with an owner, and round the end.
	for (size_t i = 0; i < ring->count && point->best.used == 0; i++) {
		point = point == ring->point ? ring->point + ring->count - 1 : point - 1;
	}
	return !point->unsure && !point->spoilt;
}

bool keep_missed(const keep_t *keep, const knot_dname_t *name)
{
	order_t key;
	name_key(&key, name);
	const point_t *point = find_point(&keep->names, key.data, key.len);
	return keep->thin && (point == NULL || point->late);
}

void keep_signatures(const keep_t *keep, const knot_dname_t *owner, uint16_t covered, kept_t *out)
{
	order_t key;
	name_key(&key, owner);
	const item_t place = {
		.space = SPACE_NAME,
		.signature = true,
		.key_len = key.len,
		.key = key.data,
	};
	*out = (kept_t){
		.sigs = over_type(items_at(keep, &place), covered),
		.sure = !keep->thin,
	};
	if (keep->thin) {
		const point_t *point = find_point(&keep->names, key.data, key.len);
		out->sure = point != NULL ? !point->late && !point->spoilt :
		                            may_validate(owner) && covered == KNOT_RRTYPE_CNAME &&
		                                    !keep->crowded;
	}
	if (covered == KNOT_RRTYPE_DS) {
		const item_t ds = { .space = SPACE_NAME, .key_len = key.len, .key = key.data };
		out->set = items_at(keep, &ds);
	}
}

void keep_nsec(const keep_t *keep, const knot_dname_t *name, kept_t *out)
{
	order_t key;
	name_key(&key, name);
	item_t place = { .space = SPACE_NSEC, .key_len = key.len, .key = key.data };
	*out = (kept_t){ .sure = !keep->thin || is_sure(&keep->names, key.data, key.len) };
	for (size_t i = find_place(keep, &place, true); i > 0; i--) {
		const item_t *item = keep->all.item[i - 1];
		if (item->space != SPACE_NSEC) {
			return;
		} else if (item->hole) {
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
		                 (ring != NULL && is_sure(ring, hash, KEEP_HASH_SIZE)) };
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
		} else if (item->hole) {
			return;
		}
		place.key = item->key;
		out->set = items_at(keep, &place);
		place.signature = true;
		out->sigs = items_at(keep, &place);
		return;
	}
}
