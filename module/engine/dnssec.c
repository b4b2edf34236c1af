/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include <libdnssec/error.h>
#include <libdnssec/key.h>
#include <libdnssec/keytag.h>
#include <libdnssec/sign.h>
#include <libknot/consts.h>
#include <libknot/descriptor.h>

#include "dnssec.h"
#include "names.h"

/*! RRSIG RDATA before the signer's name (RFC 4034 section 3.1). */
#define RRSIG_FIXED 18
/*! Tries of a key on one RRset; validators give up as well, or they could be kept busy. */
#define MAX_TRIES 16

/*! DNSKEY flags (RFC 4034 section 2.1.1, RFC 5011 section 7). */
#define FLAG_ZONE   0x0100
#define FLAG_REVOKE 0x0080
#define FLAG_SEP    0x0001

/*! Digest types of DS (RFC 4034 section 5.1.3, RFC 4509, RFC 6605). */
#define DIGEST_SHA1   1
#define DIGEST_SHA256 2
#define DIGEST_SHA384 4

typedef struct {
	const caaudit_record_t *record;
	dnssec_key_t *key; /*!< NULL if the library cannot use it. */
	uint16_t flags;
	uint16_t tag;
	uint8_t algorithm;
} zonekey_t;

struct keys {
	knot_dname_storage_t zone;
	size_t count;
	zonekey_t key[];
};

static uint16_t get_u16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

static uint32_t get_u32(const uint8_t *at)
{
	return (uint32_t)get_u16(at) << 16 | get_u16(at + 2);
}

/*! libdnssec takes what it does not change without const. */
static dnssec_binary_t binary(const uint8_t *octets, size_t len)
{
	return (dnssec_binary_t){ .size = len, .data = (uint8_t *)(uintptr_t)octets };
}

/* --- Keys ----------------------------------------------------------------------------------- */

keys_t *keys_new(const knot_dname_t *zone, caaudit_rrset_t dnskey)
{
	keys_t *keys = calloc(1, sizeof(*keys) + dnskey.count * sizeof(keys->key[0]));
	if (keys == NULL) {
		return NULL;
	}
	name_lower(keys->zone, zone);
	for (size_t i = 0; i < dnskey.count; i++) {
		const caaudit_record_t *record = dnskey.record[i];
		// Only zone keys of protocol 3 verify anything (RFC 4034 section 2.1).
		if (record->rdlen < 5 || !(get_u16(record->rdata) & FLAG_ZONE) ||
		    record->rdata[2] != 3) {
			continue;
		}
		zonekey_t *key = &keys->key[keys->count++];
		*key = (zonekey_t){
			.record = record,
			.flags = get_u16(record->rdata),
			.algorithm = record->rdata[3],
		};
		dnssec_binary_t rdata = binary(record->rdata, record->rdlen);
		(void)dnssec_keytag(&rdata, &key->tag);
		if (dnssec_key_new(&key->key) != DNSSEC_EOK) {
			key->key = NULL;
		} else if (dnssec_key_set_rdata(key->key, &rdata) != DNSSEC_EOK ||
		           dnssec_key_set_dname(key->key, keys->zone) != DNSSEC_EOK) {
			dnssec_key_free(key->key);
			key->key = NULL;
		}
	}
	return keys;
}

void keys_free(keys_t *keys)
{
	if (keys == NULL) {
		return;
	}
	for (size_t i = 0; i < keys->count; i++) {
		dnssec_key_free(keys->key[i].key);
	}
	free(keys);
}

/*! Algorithms that must not sign, and that validators may take for none (RFC 8624 section 3.1). */
static bool is_weak(uint8_t algorithm)
{
	return algorithm == DNSSEC_KEY_ALGORITHM_RSA_MD5 ||
	       algorithm == DNSSEC_KEY_ALGORITHM_DSA ||
	       algorithm == DNSSEC_KEY_ALGORITHM_RSA_SHA1 ||
	       algorithm == DNSSEC_KEY_ALGORITHM_DSA_NSEC3_SHA1 ||
	       algorithm == DNSSEC_KEY_ALGORITHM_RSA_SHA1_NSEC3 ||
	       algorithm == DNSSEC_KEY_ALGORITHM_ECC_GOST;
}

bool keys_strong(const keys_t *keys, uint8_t *weak, bool *entry)
{
	bool strong = false;
	*weak = 0;
	*entry = false;
	for (size_t i = 0; i < keys->count; i++) {
		const zonekey_t *key = &keys->key[i];
		if (key->flags & FLAG_REVOKE) {
			continue;
		}
		*entry = *entry || (key->flags & FLAG_SEP);
		if (!is_weak(key->algorithm)) {
			strong = true;
		} else if (*weak == 0 || key->algorithm < *weak) {
			*weak = key->algorithm;
		}
	}
	return strong;
}

/* --- Signatures ----------------------------------------------------------------------------- */

/*! RRSIG taken apart (RFC 4034 section 3.1). */
typedef struct {
	const uint8_t *rdata;
	uint16_t covered;
	uint8_t algorithm;
	uint8_t labels;
	uint32_t ttl;
	uint32_t expiration;
	uint32_t inception;
	uint16_t tag;
	const knot_dname_t *signer;
	const uint8_t *signature;
	size_t signature_len;
} rrsig_t;

static bool parse_rrsig(rrsig_t *out, const caaudit_record_t *record)
{
	const uint8_t *at = record->rdata, *end = at + record->rdlen;
	if (record->rdlen <= RRSIG_FIXED) {
		return false;
	}
	int signer = knot_dname_wire_check(at + RRSIG_FIXED, end, NULL);
	if (signer <= 0 || at + RRSIG_FIXED + signer >= end) {
		return false;
	}
	*out = (rrsig_t){
		.rdata = at,
		.covered = get_u16(at),
		.algorithm = at[2],
		.labels = at[3],
		.ttl = get_u32(at + 4),
		.expiration = get_u32(at + 8),
		.inception = get_u32(at + 12),
		.tag = get_u16(at + 16),
		.signer = at + RRSIG_FIXED,
		.signature = at + RRSIG_FIXED + signer,
		.signature_len = end - (at + RRSIG_FIXED + signer),
	};
	return true;
}

/*! Is \a a after \a b? Times wrap around (RFC 4034 section 3.1.5, RFC 1982). */
static bool later(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

/*! Labels of a name, without the root and a leading "*" (RFC 4034 section 3.1.3). */
static unsigned count_labels(const knot_dname_t *name)
{
	unsigned count = 0;
	for (const knot_dname_t *at = name; *at != 0; at = name_parent(at)) {
		count++;
	}
	return count - name_is_wildcard(name);
}

static bool add_octets(dnssec_sign_ctx_t *ctx, const uint8_t *octets, size_t len)
{
	dnssec_binary_t data = binary(octets, len);
	return len == 0 || dnssec_sign_add(ctx, &data) == DNSSEC_EOK;
}

/*! Adds RDATA in canonical form: names in it in lower case (RFC 4034 section 6.2, RFC 6840 5.1). */
static bool add_rdata(dnssec_sign_ctx_t *ctx, const caaudit_record_t *record)
{
	const uint8_t *rdata = record->rdata;
	size_t len = record->rdlen;
	int names = record->type == KNOT_RRTYPE_CNAME || record->type == KNOT_RRTYPE_DNAME ||
	            record->type == KNOT_RRTYPE_NS ? 1 : record->type == KNOT_RRTYPE_SOA ? 2 : 0;
	for (; names > 0; names--) {
		int size = knot_dname_wire_check(rdata, record->rdata + record->rdlen, NULL);
		if (size <= 0) {
			return false;
		}
		knot_dname_storage_t lower;
		name_lower(lower, rdata);
		if (!add_octets(ctx, lower, size)) {
			return false;
		}
		rdata += size;
		len -= size;
	}
	return add_octets(ctx, rdata, len);
}

/*! Adds what is signed (RFC 4034 section 3.1.8.1). */
static bool add_signed(dnssec_sign_ctx_t *ctx, const rrsig_t *sig, caaudit_rrset_t set)
{
	knot_dname_storage_t signer;
	name_lower(signer, sig->signer);
	if (!add_octets(ctx, sig->rdata, RRSIG_FIXED) ||
	    !add_octets(ctx, signer, knot_dname_size(signer))) {
		return false;
	}
	for (size_t i = 0; i < set.count; i++) {
		const caaudit_record_t *record = set.record[i];
		uint8_t head[10] = { record->type >> 8, record->type & 255, 0, 1 }; // Class IN.
		memcpy(head + 4, sig->rdata + 4, 4); // Original TTL.
		head[8] = record->rdlen >> 8;
		head[9] = record->rdlen & 255;
		if (!add_octets(ctx, record->owner, knot_dname_size(record->owner)) ||
		    !add_octets(ctx, head, sizeof(head)) || !add_rdata(ctx, record)) {
			return false;
		}
	}
	return true;
}

/*! Outcome of one key on one signature. */
typedef enum { TRIED_GOOD, TRIED_BAD, TRIED_UNSUPPORTED, TRIED_NO_MEMORY } tried_t;

static tried_t try_key(const zonekey_t *key, const rrsig_t *sig, caaudit_rrset_t set)
{
	dnssec_sign_ctx_t *ctx = NULL;
	int ret = dnssec_sign_new(&ctx, key->key);
	if (ret != DNSSEC_EOK) {
		return ret == DNSSEC_ENOMEM ? TRIED_NO_MEMORY : TRIED_UNSUPPORTED;
	}
	tried_t tried = TRIED_NO_MEMORY;
	if (add_signed(ctx, sig, set)) {
		dnssec_binary_t signature = binary(sig->signature, sig->signature_len);
		ret = dnssec_sign_verify(ctx, false, &signature);
		tried = ret == DNSSEC_EOK ? TRIED_GOOD : TRIED_BAD;
		// The library may be forbidden to verify SHA-1: that says nothing about the signature.
		if (ret == DNSSEC_ERROR && is_weak(key->algorithm)) {
			tried = TRIED_UNSUPPORTED;
		}
	}
	dnssec_sign_free(ctx);
	return tried;
}

/*! Algorithms that the library verifies. */
static bool is_supported(uint8_t algorithm)
{
	return dnssec_algorithm_key_support(algorithm) ||
	       algorithm == DNSSEC_KEY_ALGORITHM_RSA_SHA1 ||
	       algorithm == DNSSEC_KEY_ALGORITHM_RSA_SHA1_NSEC3;
}

/*! Verdict on one signature; \a only is the one key that may have made it, NULL = any. */
static bool judge(const keys_t *keys, const rrsig_t *sig, caaudit_rrset_t set, uint64_t now,
                  const zonekey_t *only, unsigned *tries, signed_by_t *out)
{
	const caaudit_record_t *first = set.record[0];
	unsigned labels = count_labels(first->owner);
	knot_dname_storage_t signer;
	name_lower(signer, sig->signer);

	*out = (signed_by_t){
		.state = SIGNED_WRONG,
		.tag = sig->tag,
		.algorithm = sig->algorithm,
		.labels = sig->labels,
		.inception = sig->inception,
		.expiration = sig->expiration,
	};
	if (!knot_dname_is_equal(signer, keys->zone)) {
		out->why = "its signer is not the zone";
		return true;
	} else if (sig->labels != labels) {
		out->why = sig->labels > labels ? "it counts more labels than the owner has"
		                                : "it is for a wildcard, not for the owner";
		return true;
	} else if (later(sig->inception, sig->expiration)) {
		out->why = "it ends before it begins";
		return true;
	}

	bool known = false, unsupported = false, bad = false;
	for (size_t i = 0; i < keys->count; i++) {
		const zonekey_t *key = &keys->key[i];
		if ((only != NULL && key != only) || key->tag != sig->tag ||
		    key->algorithm != sig->algorithm) {
			continue;
		}
		if (key->flags & FLAG_REVOKE) { // RFC 5011 section 2.1.
			out->why = "its key is revoked";
			continue;
		}
		known = true;
		if (key->key == NULL && is_supported(key->algorithm)) {
			out->why = "its key is malformed";
			bad = true;
			continue;
		} else if (key->key == NULL) {
			unsupported = true;
			continue;
		} else if ((*tries)++ >= MAX_TRIES) {
			out->why = "too many keys and signatures with one key tag";
			bad = true;
			break;
		}
		switch (try_key(key, sig, set)) {
		case TRIED_NO_MEMORY:
			return false;
		case TRIED_UNSUPPORTED:
			unsupported = true;
			continue;
		case TRIED_BAD:
			bad = true;
			continue;
		case TRIED_GOOD:
			break;
		}
		if (later((uint32_t)now, sig->expiration)) {
			out->state = SIGNED_EXPIRED;
		} else if (later(sig->inception, (uint32_t)now)) {
			out->why = "its time has not begun";
		} else {
			out->state = SIGNED_WELL;
			out->entry = key->flags & FLAG_SEP;
		}
		return true;
	}
	if (!known && out->why == NULL) {
		out->why = "no DNSKEY has its key tag and algorithm";
	} else if (unsupported && !bad) {
		out->state = SIGNED_UNSUPPORTED;
	} else if (out->why == NULL) {
		out->why = "it does not verify";
	}
	return true;
}

/*! The best of the signatures; \a only as above. */
static bool verify(const keys_t *keys, caaudit_rrset_t set, caaudit_rrset_t sigs, uint64_t now,
                   const zonekey_t *only, signed_by_t *out)
{
	unsigned tries = 0;
	*out = (signed_by_t){ .state = SIGNED_NOT };
	for (size_t i = 0; i < sigs.count; i++) {
		rrsig_t sig;
		signed_by_t by = { .state = SIGNED_WRONG, .why = "it is malformed" };
		if (parse_rrsig(&sig, sigs.record[i]) &&
		    !judge(keys, &sig, set, now, only, &tries, &by)) {
			return false;
		}
		by.entry = by.entry || out->entry;
		if (by.state > out->state ||
		    (by.state == out->state && later(by.expiration, out->expiration))) {
			*out = by;
		}
		out->entry = by.entry;
	}
	return true;
}

bool keys_verify(const keys_t *keys, caaudit_rrset_t set, caaudit_rrset_t sigs, uint64_t now,
                 signed_by_t *out)
{
	return verify(keys, set, sigs, now, NULL, out);
}

/* --- Anchors -------------------------------------------------------------------------------- */

/*! Can the anchor be followed by this library, or by any? (RFC 4035 section 5.2) */
static bool anchor_is_known(const caaudit_anchor_t *anchor)
{
	if (anchor->type == KNOT_RRTYPE_DNSKEY) {
		return anchor->rdlen >= 5 && is_supported(anchor->rdata[3]);
	}
	return anchor->rdlen > 4 && is_supported(anchor->rdata[2]) &&
	       (anchor->rdata[3] == DIGEST_SHA1 || anchor->rdata[3] == DIGEST_SHA256 ||
	        anchor->rdata[3] == DIGEST_SHA384);
}

/*! Does the anchor stand for the key? */
static bool anchor_is_for(const caaudit_anchor_t *anchor, const zonekey_t *key)
{
	if (anchor->type == KNOT_RRTYPE_DNSKEY) {
		return anchor->rdlen == key->record->rdlen &&
		       memcmp(anchor->rdata, key->record->rdata, anchor->rdlen) == 0;
	}
	if (get_u16(anchor->rdata) != key->tag || anchor->rdata[2] != key->algorithm ||
	    key->key == NULL) {
		return false;
	}
	dnssec_binary_t ds = { 0 };
	bool equal = dnssec_key_create_ds(key->key, anchor->rdata[3], &ds) == DNSSEC_EOK &&
	             ds.size == anchor->rdlen && memcmp(ds.data, anchor->rdata, ds.size) == 0;
	dnssec_binary_free(&ds);
	return equal;
}

chain_state_t keys_follow(const keys_t *keys, const caaudit_anchor_t *anchor, size_t count,
                          caaudit_rrset_t set, caaudit_rrset_t sigs, uint64_t now,
                          const char **why, bool *weak)
{
	chain_state_t state = CHAIN_INSECURE;
	bool sha2 = false, matched = false;
	*weak = false;
	*why = NULL;
	for (size_t i = 0; i < count; i++) {
		sha2 = sha2 || (anchor_is_known(&anchor[i]) && anchor[i].type == KNOT_RRTYPE_DS &&
		                anchor[i].rdata[3] != DIGEST_SHA1);
	}
	for (size_t i = 0; i < count; i++) {
		bool sha1 = anchor[i].type == KNOT_RRTYPE_DS && anchor_is_known(&anchor[i]) &&
		            anchor[i].rdata[3] == DIGEST_SHA1;
		// With a SHA-2 digest beside it a SHA-1 one counts for nothing (RFC 4509 section 3).
		if (!anchor_is_known(&anchor[i]) || (sha1 && sha2)) {
			continue;
		}
		state = CHAIN_BROKEN;
		for (size_t j = 0; j < keys->count; j++) {
			if (!anchor_is_for(&anchor[i], &keys->key[j])) {
				continue;
			}
			matched = true;
			signed_by_t by;
			if (verify(keys, set, sigs, now, &keys->key[j], &by) &&
			    by.state == SIGNED_WELL) {
				*weak = sha1;
				return CHAIN_WHOLE;
			}
		}
	}
	*why = matched ? "the key that it names does not sign the DNSKEY RRset"
	               : "no DNSKEY of the zone fits it";
	return state;
}

/* --- Denials -------------------------------------------------------------------------------- */

/*! Is the type in the bitmap? (RFC 4034 section 4.1.2) */
static bool bitmap_has(const uint8_t *at, const uint8_t *end, uint16_t type)
{
	while (end - at >= 2) {
		uint8_t window = at[0], len = at[1];
		at += 2;
		if (len == 0 || len > 32 || end - at < len) {
			return false;
		}
		if (window == type >> 8) {
			unsigned octet = (type & 255) / 8;
			return octet < len && (at[octet] & 0x80 >> (type & 7));
		}
		at += len;
	}
	return false;
}

/*! Does a bitmap at a name deny the type there? */
static denial_t bitmap_denies(const uint8_t *at, const uint8_t *end, bool at_apex, uint16_t type)
{
	// One from above a cut says nothing of what is below it (RFC 6840 section 4.1).
	bool cut = !at_apex && bitmap_has(at, end, KNOT_RRTYPE_NS) &&
	           !bitmap_has(at, end, KNOT_RRTYPE_SOA);
	// An alias would have been followed (RFC 6840 section 4.3).
	return cut || bitmap_has(at, end, type) || bitmap_has(at, end, KNOT_RRTYPE_CNAME)
	       ? DENIES_LIE : DENIES_TYPE;
}

denial_t nsec_denies(const caaudit_record_t *nsec, const knot_dname_t *zone,
                     const knot_dname_t *name, uint16_t type)
{
	const uint8_t *end = nsec->rdata + nsec->rdlen;
	int size = nsec->rdlen > 0 ? knot_dname_wire_check(nsec->rdata, end, NULL) : 0;
	if (size <= 0) {
		return DENIES_NOT;
	}
	const uint8_t *bitmap = nsec->rdata + size;
	knot_dname_storage_t next;
	name_lower(next, nsec->rdata);

	if (knot_dname_is_equal(nsec->owner, name)) {
		return bitmap_denies(bitmap, end, knot_dname_is_equal(name, zone), type);
	}
	bool last = knot_dname_is_equal(next, zone) || knot_dname_cmp(next, nsec->owner) <= 0;
	if (knot_dname_cmp(nsec->owner, name) > 0 || !name_in(next, zone) ||
	    (!last && knot_dname_cmp(name, next) >= 0)) {
		return DENIES_NOT;
	}
	if (!last && name_in(next, name)) {
		return DENIES_EMPTY;
	}
	// Below a cut or a redirection it proves nothing (RFC 6840 section 4.1).
	if (name_in(name, nsec->owner) &&
	    (bitmap_has(bitmap, end, KNOT_RRTYPE_DNAME) ||
	     (bitmap_has(bitmap, end, KNOT_RRTYPE_NS) &&
	      !bitmap_has(bitmap, end, KNOT_RRTYPE_SOA)))) {
		return DENIES_NOT;
	}
	return DENIES_NAME;
}

/*! Splits an NSEC3 into its parts (RFC 5155 section 3.2). */
static bool parse_nsec3(const caaudit_record_t *nsec3, uint8_t own[KEEP_HASH_SIZE],
                        const uint8_t **next, const uint8_t **bitmap)
{
	nsec3_params_t params;
	if (!nsec3_params(nsec3->rdata, nsec3->rdlen, &params) ||
	    !nsec3_owner_hash(nsec3->owner, own)) {
		return false;
	}
	const uint8_t *at = params.salt + params.salt_len, *end = nsec3->rdata + nsec3->rdlen;
	if (end - at < 1 + KEEP_HASH_SIZE || at[0] != KEEP_HASH_SIZE) {
		return false;
	}
	*next = at + 1;
	*bitmap = at + 1 + KEEP_HASH_SIZE;
	return true;
}

denial_t nsec3_denies(const caaudit_record_t *nsec3, const knot_dname_t *zone,
                      const uint8_t hash[KEEP_HASH_SIZE], bool at_apex, uint16_t type)
{
	uint8_t own[KEEP_HASH_SIZE];
	const uint8_t *next, *bitmap, *end = nsec3->rdata + nsec3->rdlen;
	if (!parse_nsec3(nsec3, own, &next, &bitmap) ||
	    !knot_dname_is_equal(name_parent(nsec3->owner), zone)) {
		return DENIES_NOT;
	}
	int from = memcmp(own, hash, KEEP_HASH_SIZE);
	if (from == 0) {
		return bitmap_denies(bitmap, end, at_apex, type);
	}
	int to = memcmp(hash, next, KEEP_HASH_SIZE);
	bool around = memcmp(next, own, KEEP_HASH_SIZE) <= 0;
	if (around ? from > 0 && to >= 0 : from > 0 || to >= 0) {
		return DENIES_NOT;
	}
	return nsec3->rdata[1] & 1 ? DENIES_OPT_OUT : DENIES_NAME; // RFC 5155 section 3.1.2.1.
}

bool nsec3_encloses(const caaudit_record_t *nsec3, const uint8_t hash[KEEP_HASH_SIZE],
                    bool at_apex)
{
	uint8_t own[KEEP_HASH_SIZE];
	const uint8_t *next, *bitmap, *end = nsec3->rdata + nsec3->rdlen;
	if (!parse_nsec3(nsec3, own, &next, &bitmap) || memcmp(own, hash, KEEP_HASH_SIZE) != 0) {
		return false;
	}
	bool cut = !at_apex && bitmap_has(bitmap, end, KNOT_RRTYPE_NS) &&
	           !bitmap_has(bitmap, end, KNOT_RRTYPE_SOA);
	return !cut && !bitmap_has(bitmap, end, KNOT_RRTYPE_DNAME);
}
