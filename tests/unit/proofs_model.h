/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Scenes for the selection of signatures and denials, and a naive model of it.
 *
 * A scene is made from octets, random ones or those of a fuzzer: records in one
 * of the orders that zones come in, and names that are wanted. The model keeps
 * all records and goes over them for every question. Nothing here depends on a
 * test library.
 */

#pragma once

#include <libdnssec/nsec.h>

#include "zone.h"

#include "proofs.h"

/*! Records of one kind at one owner that the engine keeps. */
#define SCENE_CROWD 64

/*! Orders that zones come in. */
typedef enum {
	ORDER_ZONE, /*!< By owner, signatures last. */
	ORDER_FILE, /*!< Knot's zone files: all else, RRSIG, NSEC; NSEC3, the RRSIG over them. */
	ORDER_BIND, /*!< By owner, the RRSIG after each RRset. */
	ORDER_TRANSFER, /*!< Knot's AXFR: NSEC3 nodes last, by owner and type number. */
	ORDER_RANDOM,
	ORDER__COUNT
} order_t;

#define SCENE_RECORDS 512

typedef struct {
	zone_t zone;
	uint16_t first[SCENE_RECORDS]; /*!< Of each record the first one of the same owner. */
	bool repeated[SCENE_RECORDS];  /*!< The same record comes before. */
	uint32_t ttl[SCENE_RECORDS];   /*!< The shortest of those that are the same. */
	knot_dname_storage_t apex;
	order_t order;
	bool nsec3;
	dnssec_nsec3_params_t params; /*!< With NSEC3, of the chain that answers. */
	size_t wanted;
	knot_dname_storage_t want[4];
} scene_t;

typedef struct {
	const uint8_t *at;
	const uint8_t *end;
} scene_input_t;

static inline uint8_t scene_take(scene_input_t *in)
{
	return in->at < in->end ? *in->at++ : 0;
}

/* --- Records ---------------------------------------------------------------------------------- */

/*! Type that a record is about: its own, or the one that it signs; 0 if that is malformed. */
static inline uint16_t scene_about(const zone_record_t *r)
{
	if (r->type != KNOT_RRTYPE_RRSIG) {
		return r->type;
	}
	return r->rdlen > 18 ? r->rdata[0] << 8 | r->rdata[1] : 0;
}

/*! Is an owner a hash in the zone, in the alphabet of RFC 4648 section 7? */
static inline bool scene_is_hash(const scene_t *scene, const knot_dname_t *owner)
{
	bool good = owner[0] == 32 && knot_dname_is_case_equal(owner + 33, scene->apex);
	for (unsigned i = 1; good && i <= 32; i++) {
		good = (owner[i] >= '0' && owner[i] <= '9') ||
		       (owner[i] >= 'a' && owner[i] <= 'v') || (owner[i] >= 'A' && owner[i] <= 'V');
	}
	return good;
}

/*! Is a record an NSEC of the zone, or an NSEC3 of the chain that answers (RFC 5155 section 3.2)? */
static inline bool scene_is_link(const scene_t *scene, const zone_record_t *r)
{
	if (!scene->nsec3) {
		return r->type == KNOT_RRTYPE_NSEC;
	}
	const dnssec_nsec3_params_t *params = &scene->params;
	return r->type == KNOT_RRTYPE_NSEC3 && scene_is_hash(scene, r->owner) &&
	       r->rdlen > 5u + params->salt.size && r->rdata[0] == params->algorithm &&
	       r->rdata[2] == params->iterations >> 8 &&
	       r->rdata[3] == (params->iterations & 255) && r->rdata[4] == params->salt.size &&
	       (params->salt.size == 0 ||
	        memcmp(r->rdata + 5, params->salt.data, params->salt.size) == 0);
}

/*! Is a record a signature over such? */
static inline bool scene_is_signature(const scene_t *scene, const zone_record_t *r)
{
	return r->type == KNOT_RRTYPE_RRSIG &&
	       scene_about(r) == (scene->nsec3 ? KNOT_RRTYPE_NSEC3 : KNOT_RRTYPE_NSEC) &&
	       (!scene->nsec3 || scene_is_hash(scene, r->owner));
}

/*! Is a record a DS, or a signature over what answers are made of, at its own name? */
static inline bool scene_is_at_name(const zone_record_t *r)
{
	static const uint16_t types[] = { KNOT_RRTYPE_CAA, KNOT_RRTYPE_CNAME, KNOT_RRTYPE_DNAME,
		                          KNOT_RRTYPE_SOA, KNOT_RRTYPE_DS,    KNOT_RRTYPE_DNSKEY };
	bool found = false;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		found = found || scene_about(r) == types[i];
	}
	return found && (r->type == KNOT_RRTYPE_RRSIG || r->type == KNOT_RRTYPE_DS);
}

/* --- Making a scene --------------------------------------------------------------------------- */

static inline void scene_name(scene_input_t *in, const knot_dname_t *apex, knot_dname_storage_t out)
{
	// Some sort in another way as octets of the name than label by label.
	static const char *const labels[] = {
		"\1a", "\1b",         "\1*", "\1B", "\2aa", "_",        "\1\001a", "\3a\200b",
		"\1c", "\10abcdefgh", "\1d", "\1A", "\1[",  "\2a\001b", "\1z",
	};
	size_t size = 0;
	for (unsigned i = scene_take(in) % 4; i > 0; i--) {
		const char *label = labels[scene_take(in) % (sizeof(labels) / sizeof(labels[0]))];
		if (label[0] == '_') { // A label with a zero octet.
			memcpy(out + size, "\2a\0", 3);
			size += 3;
		} else {
			memcpy(out + size, label, 1 + (size_t)label[0]);
			size += 1 + (size_t)label[0];
		}
	}
	memcpy(out + size, apex, knot_dname_size(apex));
}

/*! Name of a hash, in the zone or in a name below it. */
static inline void scene_hash_owner(const scene_t *scene, const uint8_t hash[20], bool upper,
                                    const knot_dname_t *parent, knot_dname_storage_t out)
{
	out[0] = 32;
	for (unsigned i = 0; i < 32; i++) {
		unsigned digit = 0;
		for (unsigned bit = 5 * i; bit < 5 * i + 5; bit++) {
			digit = digit << 1 | (hash[bit / 8] >> (7 - bit % 8) & 1);
		}
		out[1 + i] = (upper ? "0123456789ABCDEFGHIJKLMNOPQRSTUV" :
		                      "0123456789abcdefghijklmnopqrstuv")[digit];
	}
	const knot_dname_t *end = parent != NULL ? parent : scene->apex;
	memcpy(out + 33, end, knot_dname_size(end));
}

/*! Hash of a name, 20 octets of zero if the library refuses. */
static inline void scene_hash(const dnssec_nsec3_params_t *params, const knot_dname_t *name,
                              uint8_t hash[20])
{
	knot_dname_storage_t lower;
	memcpy(lower, name, knot_dname_size(name));
	knot_dname_to_lower(lower);
	const dnssec_binary_t data = { .size = knot_dname_size(lower), .data = lower };
	dnssec_binary_t out = { 0 };
	memset(hash, 0, 20);
	if (dnssec_nsec3_hash(&data, params, &out) == 0 && out.size == 20) {
		memcpy(hash, out.data, 20);
	}
	dnssec_binary_free(&out);
}

static inline void scene_add_rrsig(scene_t *scene, const knot_dname_t *owner, uint16_t covered,
                                   uint8_t mark, uint32_t ttl)
{
	uint8_t rdata[20] = { covered >> 8, covered & 255 };
	rdata[19] = mark;
	zone_add(&scene->zone, owner, KNOT_RRTYPE_RRSIG, ttl, rdata, sizeof(rdata));
}

static uint8_t scene_salts[][2] = { { 0xaa, 0xbb }, { 0xaa, 0xbc } };

static inline dnssec_nsec3_params_t scene_params(unsigned which)
{
	return (dnssec_nsec3_params_t){
		.algorithm = 1,
		.iterations = which == 2,
		.salt = { .size = which == 1 ? 0 : 2, .data = scene_salts[which == 3] },
	};
}

/*! Adds an NSEC3 of a chain at an owner. */
static inline void scene_add_nsec3(scene_t *scene, const dnssec_nsec3_params_t *params,
                                   const knot_dname_t *owner, uint8_t mark, uint32_t ttl)
{
	uint8_t rdata[64] = { params->algorithm, mark & 1, params->iterations >> 8,
		              params->iterations & 255, params->salt.size };
	if (params->salt.size > 0) {
		memcpy(rdata + 5, params->salt.data, params->salt.size);
	}
	size_t len = 5 + params->salt.size;
	rdata[len++] = mark;
	zone_add(&scene->zone, owner, KNOT_RRTYPE_NSEC3, ttl, rdata, len);
}

/*! Adds a record, or some that belong together. */
static inline void scene_add(scene_t *scene, scene_input_t *in, bool hostile)
{
	static const uint16_t covered[] = { KNOT_RRTYPE_CAA, KNOT_RRTYPE_CNAME, KNOT_RRTYPE_SOA,
		                            KNOT_RRTYPE_DS, KNOT_RRTYPE_A };
	uint8_t what = scene_take(in), how = scene_take(in), hash[20], rdata[64] = { 0 };
	uint8_t mark = how & 3;
	uint32_t ttl = 60 + (how >> 2 & 3);
	unsigned sigs = how >> 4 & 3,
		 many = hostile && what >= 0xe0 && how >= 0xf0 ? SCENE_CROWD + (how & 1) : 1;
	knot_dname_storage_t name, owner;
	scene_name(in, scene->apex, name);
	const dnssec_nsec3_params_t ours = scene->params, other = scene_params(how & 3);
	switch (what % (hostile ? 12 : 7)) {
	case 0:
	case 1:
		for (unsigned i = 0; i < many; i++) {
			scene_add_rrsig(scene, name, covered[what / 12 % 5], mark + i, ttl);
		}
		break;
	case 2:
		rdata[0] = mark;
		zone_add(&scene->zone, name, KNOT_RRTYPE_DS, ttl, rdata, 4);
		break;
	case 3:
	case 4:
		for (unsigned i = 0; i < many; i++) {
			rdata[0] = mark + i;
			zone_add(&scene->zone, name, KNOT_RRTYPE_NSEC, ttl, rdata, 1);
		}
		for (unsigned i = 0; i < sigs * many; i++) {
			scene_add_rrsig(scene, name, KNOT_RRTYPE_NSEC, i, ttl);
		}
		break;
	case 5:
	case 6:
		// Of the chain that answers, or of another one that is coming or going.
		scene_hash(what & 64 ? &other : &ours, name, hash);
		scene_hash_owner(scene, hash, what & 128, NULL, owner);
		for (unsigned i = 0; i < many; i++) {
			scene_add_nsec3(scene, what & 64 ? &other : &ours, owner, mark + i, ttl);
		}
		for (unsigned i = 0; i < sigs * many; i++) {
			scene_add_rrsig(scene, owner, KNOT_RRTYPE_NSEC3, i, ttl);
		}
		break;
	case 7: // Signatures over a denial that is not there.
		scene_add_rrsig(scene, name, KNOT_RRTYPE_NSEC, mark, ttl);
		scene_hash(&ours, name, hash);
		scene_hash_owner(scene, hash, false, NULL, owner);
		scene_add_rrsig(scene, owner, KNOT_RRTYPE_NSEC3, mark, ttl);
		break;
	case 8: // Owners that are no hash, or no hash of this zone.
		scene_add_nsec3(scene, &ours, name, mark, ttl);
		scene_hash(&ours, name, hash);
		scene_hash_owner(scene, hash, false, name, owner);
		scene_add_nsec3(scene, &ours, owner, mark, ttl);
		scene_add_rrsig(scene, owner, KNOT_RRTYPE_NSEC3, mark, ttl);
		scene_hash_owner(scene, hash, false, NULL, owner);
		owner[1 + how % 32] = 'w' + mark;
		scene_add_nsec3(scene, &ours, owner, mark, ttl);
		scene_add_rrsig(scene, owner, KNOT_RRTYPE_NSEC3, mark, ttl);
		break;
	case 9: // Malformed, as far as RDATA can be.
		scene_hash(&ours, name, hash);
		scene_hash_owner(scene, hash, false, NULL, owner);
		memset(rdata, how & 64 ? 0xff : 0, sizeof(rdata));
		rdata[1] = KNOT_RRTYPE_NSEC3;
		zone_add(&scene->zone, owner, KNOT_RRTYPE_NSEC3, ttl, rdata, how % 32);
		zone_add(&scene->zone, owner, KNOT_RRTYPE_RRSIG, ttl, rdata, how % 20);
		zone_add(&scene->zone, name, KNOT_RRTYPE_NSEC, ttl, rdata, how % 3);
		zone_add(&scene->zone, name, KNOT_RRTYPE_DS, ttl, rdata, how % 5);
		zone_add(&scene->zone, name, KNOT_RRTYPE_RRSIG, ttl, rdata, how % 20);
		break;
	case 10: // One owner in two chains.
		scene_hash(&ours, name, hash);
		scene_hash_owner(scene, hash, false, NULL, owner);
		scene_add_nsec3(scene, &ours, owner, mark, ttl);
		scene_add_nsec3(scene, &other, owner, mark, ttl);
		scene_add_rrsig(scene, owner, KNOT_RRTYPE_NSEC3, mark, ttl);
		break;
	default: // The kind of denial that does not answer, and what is of no concern.
		scene_add_rrsig(scene, name, covered[4], mark, ttl);
		zone_add(&scene->zone, name, KNOT_RRTYPE_A, ttl, rdata, 4);
		zone_add(&scene->zone, name, scene->nsec3 ? KNOT_RRTYPE_NSEC : KNOT_RRTYPE_NSEC3,
		         ttl, rdata, 7);
		break;
	}
}

/*! Where a record stands in an order, before its owner is looked at. */
static inline unsigned scene_phase(order_t order, const zone_record_t *r)
{
	bool chain3 = scene_about(r) == KNOT_RRTYPE_NSEC3, sig = r->type == KNOT_RRTYPE_RRSIG;
	if (order == ORDER_TRANSFER) {
		return chain3;
	} else if (order == ORDER_FILE) {
		return chain3 ? 3 + sig : sig ? 1 : r->type == KNOT_RRTYPE_NSEC ? 2 : 0;
	}
	return 0;
}

/*! The same, of records of one owner. */
static inline unsigned scene_rank(order_t order, const zone_record_t *r)
{
	bool sig = r->type == KNOT_RRTYPE_RRSIG;
	switch (order) {
	case ORDER_TRANSFER:
		return r->type;
	case ORDER_BIND:
		return 2u * scene_about(r) + sig;
	default:
		return sig;
	}
}

static inline int scene_order_of(const zone_record_t *a, const zone_record_t *b, order_t order)
{
	int ret = (int)scene_phase(order, a) - (int)scene_phase(order, b);
	ret = ret != 0 ? ret : zone_name_order(a->owner, b->owner);
	return ret != 0 ? ret : (int)scene_rank(order, a) - (int)scene_rank(order, b);
}

/*! Puts the records into an order; those that are equal in it stay as they are. */
static inline void scene_sort(zone_t *zone, order_t order, uint64_t seed)
{
	if (order == ORDER_RANDOM) {
		zone_shuffle(zone, &seed);
		return;
	}
	for (size_t i = 1; i < zone->count; i++) {
		zone_record_t moved = zone->record[i];
		size_t j = i;
		for (; j > 0 && scene_order_of(&zone->record[j - 1], &moved, order) > 0; j--) {
			zone->record[j] = zone->record[j - 1];
		}
		zone->record[j] = moved;
	}
}

/*! Notes which records before one have its owner, or are the same. */
static inline void scene_note(scene_t *scene, size_t at)
{
	const zone_record_t *r = &scene->zone.record[at];
	size_t first = 0;
	while (!knot_dname_is_case_equal(scene->zone.record[first].owner, r->owner)) {
		first++;
	}
	scene->first[at] = (uint16_t)first;
	scene->repeated[at] = false;
	scene->ttl[at] = r->ttl;
	for (size_t i = first; i < at; i++) {
		const zone_record_t *other = &scene->zone.record[i];
		if (scene->first[i] != first || scene->repeated[i] || other->type != r->type ||
		    other->rdlen != r->rdlen || memcmp(other->rdata, r->rdata, r->rdlen) != 0) {
			continue;
		}
		scene->repeated[at] = true;
		scene->ttl[i] = scene->ttl[i] < r->ttl ? scene->ttl[i] : r->ttl;
	}
}

/*! Makes a scene from octets; to be freed by zone_free(). */
static inline void scene_make(scene_t *scene, const uint8_t *octets, size_t len)
{
	scene_input_t in = { octets, octets + len };
	uint8_t kind = scene_take(&in), order = scene_take(&in);
	memset(scene, 0, sizeof(*scene));
	if ((kind & 1) == 0) {
		memcpy(scene->apex, "\7example\3com", 13);
	} // Else it is the root.
	scene->nsec3 = kind & 2;
	bool hostile = kind & 4;
	scene->params = scene_params(kind >> 3 & 3);
	scene->order = order % ORDER__COUNT;
	scene->wanted = 1 + (kind >> 5 & 3);
	for (size_t i = 0; i < scene->wanted; i++) {
		scene_name(&in, scene->apex, scene->want[i]);
		knot_dname_to_lower(scene->want[i]);
	}
	// The largest addition is a crowd with three signatures each.
	while (in.at < in.end && scene->zone.count + 4 * (SCENE_CROWD + 1) < SCENE_RECORDS) {
		scene_add(scene, &in, hostile);
	}
	scene_sort(&scene->zone, scene->order, order * UINT64_C(0x9e3779b97f4a7c15) | 1);
	for (size_t i = 0; i < scene->zone.count; i++) {
		scene_note(scene, i);
	}
}

/* --- The model -------------------------------------------------------------------------------- */

/*! What a question is about. */
typedef bool (*scene_match_f)(const scene_t *scene, const zone_record_t *r, uint16_t covered);

static inline bool scene_match_link(const scene_t *scene, const zone_record_t *r, uint16_t covered)
{
	(void)covered;
	return scene_is_link(scene, r);
}

static inline bool scene_match_link_sig(const scene_t *scene, const zone_record_t *r,
                                        uint16_t covered)
{
	(void)covered;
	return scene_is_signature(scene, r);
}

static inline bool scene_match_sig(const scene_t *scene, const zone_record_t *r, uint16_t covered)
{
	(void)scene;
	return r->type == KNOT_RRTYPE_RRSIG && scene_about(r) == covered;
}

static inline bool scene_match_type(const scene_t *scene, const zone_record_t *r, uint16_t covered)
{
	(void)scene;
	return r->type == covered;
}

static inline bool scene_match_at(const scene_t *scene, const zone_record_t *r, uint16_t covered)
{
	(void)scene;
	(void)covered;
	return scene_is_at_name(r);
}

/*! Number of records that match at the owner of one of them, repetitions included. */
static inline size_t scene_count(const scene_t *scene, size_t at, scene_match_f match,
                                 uint16_t covered)
{
	size_t count = 0;
	for (size_t i = 0; i < scene->zone.count; i++) {
		count += scene->first[i] == scene->first[at] &&
		         match(scene, &scene->zone.record[i], covered);
	}
	return count;
}

/*! Is a name another one in lower case? */
static inline bool scene_is_lower(const knot_dname_t *lower, const knot_dname_t *name)
{
	knot_dname_storage_t copy;
	memcpy(copy, name, knot_dname_size(name));
	knot_dname_to_lower(copy);
	return knot_dname_is_equal(lower, copy);
}

/*!
 * \brief Compares an RRset with the different records of an owner that match.
 *
 * \param some  Some may be missing, and a shorter TTL.
 */
static inline bool scene_same(const scene_t *scene, caaudit_rrset_t set, const knot_dname_t *owner,
                              scene_match_f match, uint16_t covered, bool some)
{
	size_t count = 0, at = 0;
	while (owner != NULL && at < scene->zone.count &&
	       !knot_dname_is_case_equal(scene->zone.record[at].owner, owner)) {
		at++;
	}
	for (size_t i = at; owner != NULL && i < scene->zone.count; i++) {
		const zone_record_t *r = &scene->zone.record[i];
		if (scene->first[i] != at || scene->repeated[i] || !match(scene, r, covered)) {
			continue;
		}
		size_t found = 0;
		for (size_t j = 0; j < set.count; j++) {
			const caaudit_record_t *record = set.record[j];
			found += record->type == r->type && record->rdlen == r->rdlen &&
			         memcmp(record->rdata, r->rdata, r->rdlen) == 0 &&
			         scene_is_lower(record->owner, r->owner) &&
			         (some || record->ttl == scene->ttl[i]);
		}
		if (found > 1 || (found == 0 && !some)) {
			return false;
		}
		count += found;
	}
	for (size_t j = 1; j < set.count; j++) {
		const caaudit_record_t *a = set.record[j - 1], *b = set.record[j];
		int ret = memcmp(a->rdata, b->rdata, a->rdlen < b->rdlen ? a->rdlen : b->rdlen);
		if (ret > 0 || (ret == 0 && a->rdlen >= b->rdlen)) {
			return false; // Not sorted.
		}
	}
	return count == set.count;
}

/*! Owner of the link at a name or closest before it; with NSEC3 at its hash, or round the end. */
static inline const knot_dname_t *scene_closest(const scene_t *scene, const knot_dname_t *name)
{
	knot_dname_storage_t point;
	memcpy(point, name, knot_dname_size(name));
	if (scene->nsec3) {
		uint8_t hash[20];
		scene_hash(&scene->params, name, hash);
		scene_hash_owner(scene, hash, false, NULL, point); // Digits sort as octets do.
	}
	const knot_dname_t *best = NULL, *last = NULL;
	for (size_t i = 0; i < scene->zone.count; i++) {
		const zone_record_t *r = &scene->zone.record[i];
		if (!scene_is_link(scene, r)) {
			continue;
		}
		if (zone_name_order(r->owner, point) <= 0 &&
		    (best == NULL || zone_name_order(r->owner, best) > 0)) {
			best = r->owner;
		}
		if (last == NULL || zone_name_order(r->owner, last) > 0) {
			last = r->owner;
		}
	}
	return best == NULL && scene->nsec3 ? last : best;
}

/*! May a store not know, although the zone is sound? Only where too much stands at one owner. */
static inline bool scene_is_crowded(const scene_t *scene)
{
	bool crowded = false;
	for (size_t i = 0; !crowded && i < scene->zone.count; i++) {
		crowded = scene->first[i] == i &&
		          (scene_count(scene, i, scene_match_link, 0) > SCENE_CROWD ||
		           scene_count(scene, i, scene_match_link_sig, 0) > SCENE_CROWD ||
		           scene_count(scene, i, scene_match_at, 0) > SCENE_CROWD);
	}
	return crowded;
}

/*! Is there a signature over a link that is not there, or that is in another chain? */
static inline bool scene_has_strays(const scene_t *scene)
{
	bool strays = false;
	for (size_t i = 0; !strays && i < scene->zone.count; i++) {
		if (scene_is_signature(scene, &scene->zone.record[i])) {
			size_t ours = scene_count(scene, i, scene_match_link, 0);
			strays = ours == 0 ||
			         (scene->nsec3 && scene_count(scene, i, scene_match_type,
			                                      KNOT_RRTYPE_NSEC3) > ours);
		}
	}
	return strays;
}

/*! NULL, or what is wrong with the proofs of a name, all that has to do with it being wanted. */
static inline const char *scene_broken_at(const scene_t *scene, const proofs_t *proofs,
                                          const knot_dname_t *name, bool sure_at, bool sure_denial)
{
	static const uint16_t types[] = { KNOT_RRTYPE_CAA, KNOT_RRTYPE_CNAME, KNOT_RRTYPE_SOA,
		                          KNOT_RRTYPE_DS, KNOT_RRTYPE_DNSKEY };
	proof_t out;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		proofs_at(proofs, name, types[i], &out);
		bool ds = types[i] == KNOT_RRTYPE_DS, gap = out.gap != NULL;
		if (gap && sure_at) {
			return "no signatures, for no reason";
		} else if (!scene_same(scene, out.sigs, name, scene_match_sig, types[i], gap)) {
			return "wrong signatures";
		} else if (ds ? !scene_same(scene, out.set, name, scene_match_type, types[i], gap) :
		                out.set.count > 0) {
			return "a wrong DS";
		}
	}
	uint8_t hash[NSEC3_HASH_SIZE], expected[NSEC3_HASH_SIZE];
	proofs_denial(proofs, name, &out, hash);
	bool gap = out.gap != NULL;
	const knot_dname_t *owner = scene_closest(scene, name);
	if (gap && sure_denial) {
		return "no denial, for no reason";
	} else if (!scene_same(scene, out.set, owner, scene_match_link, 0, gap)) {
		return "a wrong denial";
	} else if (!scene_same(scene, out.sigs, owner, scene_match_link_sig, 0, gap)) {
		return "wrong signatures over a denial";
	} else if (owner != NULL && out.set.count == 0 && sure_at) {
		return "no denial"; // One that stands in a crowd is not shown.
	}
	scene_hash(&scene->params, name, expected);
	return scene->nsec3 && memcmp(hash, expected, sizeof(hash)) != 0 ? "a wrong hash" : NULL;
}

/*! The same for a wanted name, its ancestors and their wildcards. */
static inline const char *scene_broken_below(const scene_t *scene, const proofs_t *proofs,
                                             const knot_dname_t *name, bool sure_at,
                                             bool sure_denial)
{
	const char *broken = scene_broken_at(scene, proofs, name, sure_at, sure_denial);
	while (broken == NULL && !knot_dname_is_equal(name, scene->apex)) {
		name += 1 + name[0];
		knot_dname_storage_t wildcard = { 1, '*' };
		memcpy(wildcard + 2, name, knot_dname_size(name));
		broken = scene_broken_at(scene, proofs, name, sure_at, sure_denial);
		broken = broken != NULL ?
		                 broken :
		                 scene_broken_at(scene, proofs, wildcard, sure_at, sure_denial);
	}
	return broken;
}

/*! How a scene is read. */
typedef enum {
	READING_ONE,      /*!< All is kept. */
	READING_FORESEEN, /*!< There is more than is kept; the names were wanted by then. */
	READING_TWO,      /*!< There is more than is kept; the names were not known by then. */
	READING__COUNT
} reading_t;

static inline bool scene_want(const scene_t *scene, proofs_t *proofs)
{
	bool ok = true;
	for (size_t i = 0; ok && i < scene->wanted; i++) {
		ok = proofs_want(proofs, scene->want[i]);
	}
	return ok;
}

static inline bool scene_read(const scene_t *scene, proofs_t *proofs)
{
	bool ok = true;
	for (size_t i = 0; ok && i < scene->zone.count; i++) {
		const caaudit_record_t record = zone_as_record(&scene->zone.record[i]);
		ok = proofs_add(proofs, &record) == KNOT_EOK;
	}
	return ok;
}

/*! Reads a scene, and compares all answers with the model; returns NULL, or what is wrong. */
static inline const char *scene_broken(const scene_t *scene, reading_t reading)
{
	static const uint8_t ballast[PROOFS_BUFFER_MAX < 65536 ? PROOFS_BUFFER_MAX : 1] = {
		KNOT_RRTYPE_CAA >> 8, KNOT_RRTYPE_CAA & 255
	};
	const caaudit_record_t heavy = { (const uint8_t *)"\5heavy", ballast, 1, KNOT_RRTYPE_RRSIG,
		                         sizeof(ballast) };
	const dnssec_nsec3_params_t *params = scene->nsec3 ? &scene->params : NULL;
	bool full = reading != READING_ONE, again = reading == READING_TWO;
	proofs_t *proofs = proofs_new(scene->apex);
	bool ok = proofs != NULL && (!full || proofs_add(proofs, &heavy) == KNOT_ELIMIT) &&
	          (again || scene_want(scene, proofs)) &&
	          (!full || proofs_foresee(proofs, params)) && scene_read(scene, proofs) &&
	          scene_want(scene, proofs);
	int ret = ok ? proofs_select(proofs, params) : KNOT_ENOMEM;
	const char *broken = ret == (again ? KNOT_EAGAIN : KNOT_EOK) ? NULL : "no selection";
	if (broken == NULL && again && (!scene_read(scene, proofs) || !proofs_finish(proofs))) {
		broken = "no second selection";
	}
	bool crowded = scene_is_crowded(scene), strays = full && scene_has_strays(scene);
	for (size_t i = 0; broken == NULL && i < scene->wanted; i++) {
		broken = scene_broken_below(scene, proofs, scene->want[i], !crowded,
		                            !crowded && !strays);
	}
	proofs_free(proofs);
	return broken;
}
