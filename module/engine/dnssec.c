/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Verifies signatures with libdnssec, follows trust anchors, and reads denials. */

#include <stdlib.h>
#include <string.h>

#include <libdnssec/error.h>
#include <libdnssec/key.h>
#include <libdnssec/keytag.h>
#include <libdnssec/nsec.h>
#include <libdnssec/sign.h>
#include <libknot/consts.h>
#include <libknot/descriptor.h>
#include <libknot/wire.h>

#include "array.h"
#include "dnssec.h"
#include "memo.h"
#include "names.h"

/*!
 * \brief Pairs of key and signature that are looked at for one RRset.
 *
 * Key tags may collide (RFC 4034 section 8), so that n keys and n signatures
 * make n * n pairs. Validators give up as well: BIND after 16.
 */
#define MAX_TRIES 16
/*! What is signed must fit into a message, or nobody gets it (RFC 1035 section 4.2.2). */
#define MAX_MESSAGE 65535
/*! Longest modulus (RFC 3110 section 2, RFC 5702 section 2) and exponent, in octets: the work of a
    verification grows with both, and other libraries refuse longer exponents. */
#define MAX_RSA_MODULUS  512
#define MAX_RSA_EXPONENT 8

/*! DNSKEY flags (RFC 4034 section 2.1.1, RFC 5011 section 7). */
#define FLAG_ZONE   0x0100
#define FLAG_REVOKE 0x0080
#define FLAG_SEP    0x0001

/*! Digest types of DS (RFC 4034 section 5.1.3, RFC 4509, RFC 6605). */
#define DIGEST_SHA1   1
#define DIGEST_SHA256 2
#define DIGEST_SHA384 4

/*! What a key is good for. */
typedef enum {
	KEY_UNREAD,
	KEY_USABLE,
	KEY_MALFORMED, /*!< A verdict: it verifies nothing. */
	KEY_BEYOND,    /*!< No verdict: the library cannot use it, or it would take too long. */
} key_state_t;

typedef struct {
	const caaudit_record_t *record;
	dnssec_key_t *key; /*!< If usable. Made when it is needed: a set may hold any number. */
	key_state_t state;
	uint16_t flags;
	uint16_t tag;
	uint8_t algorithm;
	size_t signature; /*!< Octets of its signatures, if usable. */
} zonekey_t;

struct keys {
	knot_dname_storage_t zone;
	caaudit_memo_t *memo;
	bool supported; /*!< One that is not revoked is of an algorithm that validators know. */
	size_t count;
	zonekey_t key[]; /*!< Sorted by key tag and algorithm. */
};

/*! libdnssec takes what it does not change without const. */
static dnssec_binary_t binary(const uint8_t *octets, size_t len)
{
	return (dnssec_binary_t){ .size = len, .data = (uint8_t *)(uintptr_t)octets };
}

/* --- Keys ----------------------------------------------------------------------------------- */

/*! Algorithms that the library verifies. */
static bool is_supported(uint8_t algorithm)
{
	return dnssec_algorithm_key_support(algorithm) ||
	       algorithm == DNSSEC_KEY_ALGORITHM_RSA_SHA1 ||
	       algorithm == DNSSEC_KEY_ALGORITHM_RSA_SHA1_NSEC3;
}

static int compare_keys(const void *a, const void *b)
{
	const zonekey_t *x = a, *y = b;
	int ret = x->tag != y->tag ? (int)x->tag - (int)y->tag :
	                             (int)x->algorithm - (int)y->algorithm;
	if (ret != 0) {
		return ret;
	}
	// Only so many are tried: which of them must not depend on how the records came.
	return octets_compare(x->record->rdata, x->record->rdlen, y->record->rdata,
	                      y->record->rdlen);
}

keys_t *keys_new(const knot_dname_t *zone, caaudit_rrset_t dnskey, caaudit_memo_t *memo)
{
	keys_t *keys = calloc(1, sizeof(*keys) + dnskey.count * sizeof(keys->key[0]));
	if (keys == NULL) {
		return NULL;
	}
	name_lower(keys->zone, zone);
	keys->memo = memo;
	for (size_t i = 0; i < dnskey.count; i++) {
		const caaudit_record_t *record = dnskey.record[i];
		// Only zone keys of protocol 3 verify anything (RFC 4034 sections 2.1.1 and 2.1.2).
		if (record->rdlen < 5 || !(knot_wire_read_u16(record->rdata) & FLAG_ZONE) ||
		    record->rdata[2] != 3) {
			continue;
		}
		zonekey_t *key = &keys->key[keys->count++];
		*key = (zonekey_t){
			.record = record,
			.flags = knot_wire_read_u16(record->rdata),
			.algorithm = record->rdata[3],
		};
		dnssec_binary_t rdata = binary(record->rdata, record->rdlen);
		(void)dnssec_keytag(&rdata, &key->tag); // Fails for what is shorter only.
		keys->supported = keys->supported ||
		                  (!(key->flags & FLAG_REVOKE) && is_supported(key->algorithm));
	}
	qsort(keys->key, keys->count, sizeof(keys->key[0]), compare_keys);
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

static bool is_zero(const uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (at[i] != 0) {
			return false;
		}
	}
	return true;
}

/*! Takes an RSA key apart (RFC 3110 section 2). */
static key_state_t rsa_shape(const uint8_t *at, size_t len, size_t *signature)
{
	size_t exponent = at[0], head = 1;
	if (exponent == 0) {
		if (len < 3) {
			return KEY_MALFORMED;
		}
		exponent = knot_wire_read_u16(at + 1);
		head = 3;
	}
	if (exponent == 0 || exponent >= len - head) {
		return KEY_MALFORMED;
	}
	const uint8_t *modulus = at + head + exponent, *end = at + len;
	for (at += head; exponent > 0 && *at == 0; at++) {
		exponent--;
	}
	while (modulus < end && *modulus == 0) {
		modulus++;
	}
	*signature = end - modulus;
	if (exponent == 0 || *signature == 0) {
		return KEY_MALFORMED;
	}
	return exponent > MAX_RSA_EXPONENT || *signature > MAX_RSA_MODULUS ? KEY_BEYOND :
	                                                                     KEY_USABLE;
}

/*! Is the public key one of its algorithm? */
static key_state_t key_shape(zonekey_t *key)
{
	const uint8_t *at = key->record->rdata + 4;
	size_t len = key->record->rdlen - 4, expected;
	switch (key->algorithm) {
	case DNSSEC_KEY_ALGORITHM_RSA_SHA1:
	case DNSSEC_KEY_ALGORITHM_RSA_SHA1_NSEC3:
	case DNSSEC_KEY_ALGORITHM_RSA_SHA256:
	case DNSSEC_KEY_ALGORITHM_RSA_SHA512:
		return rsa_shape(at, len, &key->signature);
	case DNSSEC_KEY_ALGORITHM_ECDSA_P256_SHA256: // RFC 6605 section 4.
		expected = key->signature = 64;
		break;
	case DNSSEC_KEY_ALGORITHM_ECDSA_P384_SHA384:
		expected = key->signature = 96;
		break;
	case DNSSEC_KEY_ALGORITHM_ED25519: // RFC 8080 sections 3 and 4.
		expected = 32;
		key->signature = 64;
		break;
	case DNSSEC_KEY_ALGORITHM_ED448:
		expected = 57;
		key->signature = 114;
		break;
	default:
		return KEY_BEYOND;
	}
	return len == expected ? KEY_USABLE : KEY_MALFORMED;
}

/*! Makes a key ready for use, once; false if out of memory. */
static bool read_key(keys_t *keys, zonekey_t *key)
{
	if (key->state != KEY_UNREAD) {
		return true;
	}
	key_state_t state = key_shape(key);
	if (state != KEY_USABLE) {
		key->state = state;
		return true;
	}
	uint8_t *copy = malloc(key->record->rdlen);
	if (copy == NULL) {
		return false;
	}
	memcpy(copy, key->record->rdata, key->record->rdlen);
	// Other flags mean nothing (RFC 4034 section 2.1.1), but the library wants none of them.
	copy[0] = FLAG_ZONE >> 8;
	dnssec_binary_t rdata = { .size = key->record->rdlen, .data = copy };
	int ret = dnssec_key_new(&key->key);
	ret = ret == DNSSEC_EOK ? dnssec_key_set_rdata(key->key, &rdata) : ret;
	ret = ret == DNSSEC_EOK ? dnssec_key_set_flags(key->key, key->flags) : ret;
	ret = ret == DNSSEC_EOK ? dnssec_key_set_dname(key->key, keys->zone) : ret;
	free(copy);
	if (ret == DNSSEC_EOK) {
		key->state = KEY_USABLE;
		return true;
	}
	dnssec_key_free(key->key);
	key->key = NULL;
	// Its form is right: what the library has against it is no verdict.
	if (ret != DNSSEC_ENOMEM) {
		key->state = KEY_BEYOND;
	}
	return ret != DNSSEC_ENOMEM;
}

/*! First of the keys with a tag and an algorithm. */
static size_t find_key(const keys_t *keys, uint16_t tag, uint8_t algorithm)
{
	size_t low = 0, high = keys->count;
	ARRAY_SEARCH(low, high,
	             keys->key[mid].tag < tag ||
	                     (keys->key[mid].tag == tag && keys->key[mid].algorithm < algorithm))
	return low;
}

/*! Algorithms that must not sign, and that validators may take for none (RFC 8624 section 3.1). */
static bool is_weak(uint8_t algorithm)
{
	return algorithm == DNSSEC_KEY_ALGORITHM_RSA_MD5 || algorithm == DNSSEC_KEY_ALGORITHM_DSA ||
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
	uint8_t algorithm;
	uint8_t labels;
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
		.algorithm = at[2],
		.labels = at[3],
		.expiration = knot_wire_read_u32(at + 8),
		.inception = knot_wire_read_u32(at + 12),
		.tag = knot_wire_read_u16(at + 16),
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

/*! Octets of a record as it is signed (RFC 4034 section 3.1.8.1). */
static size_t signed_size(const caaudit_record_t *record)
{
	return knot_dname_size(record->owner) + 10 + record->rdlen;
}

/*! Writes RDATA in canonical form: names in lower case (RFC 4034 section 6.2, RFC 6840 5.1). */
static uint8_t *put_rdata(uint8_t *out, const caaudit_record_t *record)
{
	const uint8_t *end = record->rdata + record->rdlen;
	memcpy(out, record->rdata, record->rdlen);
	int names = record->type == KNOT_RRTYPE_CNAME || record->type == KNOT_RRTYPE_DNAME ||
	                            record->type == KNOT_RRTYPE_NS ?
	                    1 :
	            record->type == KNOT_RRTYPE_SOA ? 2 :
	                                              0;
	uint8_t *at = out;
	for (const uint8_t *name = record->rdata; names > 0; names--) {
		int size = knot_dname_wire_check(name, end, NULL);
		if (size <= 0) {
			break; // The view takes no such record; as it is, it verifies or not.
		}
		knot_dname_to_lower(at);
		at += size;
		name += size;
	}
	return out + record->rdlen;
}

/*!
 * \brief Writes what is signed (RFC 4034 section 3.1.8.1).
 *
 * \param[in]  sig   Signature.
 * \param[in]  set   RRset; its owner is in lower case.
 * \param[out] out   Allocated octets; NULL if they do not fit into a message.
 *
 * \retval false  if out of memory.
 */
static bool write_signed(const rrsig_t *sig, caaudit_rrset_t set, dnssec_binary_t *out)
{
	size_t signer = knot_dname_size(sig->signer), size = RRSIG_FIXED + signer;
	for (size_t i = 0; i < set.count && size <= MAX_MESSAGE; i++) {
		size += signed_size(set.record[i]);
	}
	*out = (dnssec_binary_t){ .size = size };
	if (size > MAX_MESSAGE) {
		return true;
	}
	uint8_t *at = out->data = malloc(size);
	if (at == NULL) {
		return false;
	}
	memcpy(at, sig->rdata, RRSIG_FIXED + signer);
	knot_dname_to_lower(at + RRSIG_FIXED);
	at += RRSIG_FIXED + signer;
	for (size_t i = 0; i < set.count; i++) {
		const caaudit_record_t *record = set.record[i];
		size_t owner = knot_dname_size(record->owner);
		memcpy(at, record->owner, owner);
		at += owner;
		const uint8_t head[6] = { record->type >> 8, record->type & 255, 0,
			                  1 }; // Class IN.
		memcpy(at, head, 4);
		memcpy(at + 4, sig->rdata + 4, 4); // Original TTL.
		at[8] = record->rdlen >> 8;
		at[9] = record->rdlen & 255;
		at = put_rdata(at + 10, record);
	}
	return true;
}

/*! Outcome of one key on one signature. Only the first two are verdicts. */
typedef enum { TRIED_GOOD, TRIED_BAD, TRIED_UNSUPPORTED, TRIED_NO_MEMORY } tried_t;

/*! Can it be a signature of the key, by its form alone? */
static bool signature_fits(const zonekey_t *key, const rrsig_t *sig)
{
	if (sig->signature_len != key->signature) {
		return false; // RFC 8017 section 8.2.2, RFC 6605 section 4, RFC 8080 section 4.
	}
	bool ecdsa = key->algorithm == DNSSEC_KEY_ALGORITHM_ECDSA_P256_SHA256 ||
	             key->algorithm == DNSSEC_KEY_ALGORITHM_ECDSA_P384_SHA384;
	size_t half = sig->signature_len / 2;
	// No integer of an ECDSA signature is zero, nor is an RSA signature.
	return ecdsa ? !is_zero(sig->signature, half) && !is_zero(sig->signature + half, half) :
	               !is_zero(sig->signature, sig->signature_len);
}

static tried_t try_key(keys_t *keys, zonekey_t *key, const rrsig_t *sig,
                       const dnssec_binary_t *data)
{
	if (!read_key(keys, key)) {
		return TRIED_NO_MEMORY;
	} else if (key->state != KEY_USABLE) {
		return key->state == KEY_MALFORMED ? TRIED_BAD : TRIED_UNSUPPORTED;
	} else if (!signature_fits(key, sig)) {
		return TRIED_BAD;
	}
	const caaudit_record_t *record = key->record;
	dnssec_binary_t signature = binary(sig->signature, sig->signature_len);
	const dnssec_binary_t dnskey = binary(record->rdata, record->rdlen);
	uint8_t digest[MEMO_DIGEST];
	bool memo = keys->memo != NULL && memo_digest(&dnskey, &signature, data, digest);
	if (memo && memo_knows(keys->memo, digest)) {
		return TRIED_GOOD;
	}
	dnssec_sign_ctx_t *ctx = NULL;
	int ret = dnssec_sign_new(&ctx, key->key);
	if (ret != DNSSEC_EOK) {
		return ret == DNSSEC_ENOMEM ? TRIED_NO_MEMORY : TRIED_UNSUPPORTED;
	}
	// To add octets fails for want of memory only.
	tried_t tried = TRIED_NO_MEMORY;
	if (dnssec_sign_add(ctx, data) == DNSSEC_EOK) {
		switch (dnssec_sign_verify(ctx, false, &signature)) {
		case DNSSEC_EOK:
			tried = TRIED_GOOD;
			break;
		case DNSSEC_INVALID_SIGNATURE:
			tried = TRIED_BAD;
			break;
		case DNSSEC_ENOMEM:
			break;
		default: // SHA-1 may be forbidden, a curve may not hold the point, or worse.
			tried = TRIED_UNSUPPORTED;
			break;
		}
	}
	dnssec_sign_free(ctx);
	if (memo && tried == TRIED_GOOD) {
		memo_add(keys->memo, digest);
	}
	return tried;
}

/*! What is wrong with a signature whoever made it, NULL if nothing is (RFC 4035 section 5.3.1). */
static const char *find_fault(const keys_t *keys, const rrsig_t *sig, const knot_dname_t *owner)
{
	unsigned labels = count_labels(owner);
	knot_dname_storage_t signer;
	name_lower(signer, sig->signer);
	if (!knot_dname_is_equal(signer, keys->zone)) {
		return "its signer is not the zone";
	} else if (sig->labels != labels) {
		return sig->labels > labels ? "it counts more labels than the owner has" :
		                              "it is for a wildcard, not for the owner";
	} else if (later(sig->inception, sig->expiration)) {
		return "it ends before it begins";
	}
	return NULL;
}

/*! Verdict on one signature; \a only is the one key that may have made it, NULL = any. */
static bool judge(keys_t *keys, const rrsig_t *sig, caaudit_rrset_t set, uint64_t now,
                  const zonekey_t *only, unsigned *tries, signed_by_t *out)
{
	*out = (signed_by_t){
		.state = SIGNED_WRONG,
		.tag = sig->tag,
		.algorithm = sig->algorithm,
		.inception = sig->inception,
		.expiration = sig->expiration,
	};
	out->why = find_fault(keys, sig, set.record[0]->owner);
	if (out->why != NULL) {
		return true;
	}

	bool known = false, unsupported = false;
	dnssec_binary_t data = { 0 };
	size_t i = find_key(keys, sig->tag, sig->algorithm);
	for (; i < keys->count && keys->key[i].tag == sig->tag &&
	       keys->key[i].algorithm == sig->algorithm;
	     i++) {
		zonekey_t *key = &keys->key[i];
		if (only != NULL && key != only) {
			continue;
		}
		if (++*tries > MAX_TRIES) {
			out->why = "too many keys and signatures with one key tag";
			unsupported = false;
			break;
		}
		if (key->flags & FLAG_REVOKE) { // RFC 5011 section 2.1.
			out->why = "its key is revoked";
			continue;
		}
		known = true;
		if (data.data == NULL && data.size == 0 && !write_signed(sig, set, &data)) {
			return false;
		}
		if (data.data == NULL) {
			out->why = "the RRset does not fit into a message";
			return true;
		}
		tried_t tried = try_key(keys, key, sig, &data);
		if (tried == TRIED_NO_MEMORY) {
			free(data.data);
			return false;
		} else if (tried == TRIED_UNSUPPORTED) {
			unsupported = true;
			continue;
		} else if (tried == TRIED_BAD) {
			out->why = key->state == KEY_MALFORMED ? "its key is malformed" :
			                                         "it does not verify";
			continue;
		}
		free(data.data);
		out->why = NULL;
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
	free(data.data);
	if (unsupported) {
		out->state = SIGNED_UNSUPPORTED;
	} else if (!known && out->why == NULL) {
		out->why = "no DNSKEY has its key tag and algorithm";
	}
	return true;
}

/*! The better the higher. */
static int rank(const keys_t *keys, const signed_by_t *by)
{
	// Where a validator knows another algorithm of the zone, it goes by that one.
	bool nothing = by->state == SIGNED_UNSUPPORTED && keys->supported &&
	               !is_supported(by->algorithm);
	return nothing ? SIGNED_NOT : (int)by->state;
}

/*! The best of the signatures; \a only as above. */
static bool verify(keys_t *keys, caaudit_rrset_t set, caaudit_rrset_t sigs, uint64_t now,
                   const zonekey_t *only, signed_by_t *out)
{
	unsigned tries = 0;
	*out = (signed_by_t){ .state = SIGNED_NOT };
	for (size_t i = 0; i < sigs.count && tries <= MAX_TRIES; i++) {
		rrsig_t sig;
		signed_by_t by = { .state = SIGNED_WRONG, .why = "it is malformed" };
		if (parse_rrsig(&sig, sigs.record[i]) &&
		    !judge(keys, &sig, set, now, only, &tries, &by)) {
			return false;
		}
		by.entry = by.entry || out->entry;
		int better = rank(keys, &by) - rank(keys, out);
		if (better > 0 || i == 0 ||
		    (better == 0 && later(by.expiration, out->expiration))) {
			*out = by;
		}
		out->entry = by.entry;
	}
	return true;
}

bool keys_verify(keys_t *keys, caaudit_rrset_t set, caaudit_rrset_t sigs, uint64_t now,
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

/*! Is the anchor meant for the key, as far as can be seen without hashing? */
static bool anchor_names(const caaudit_anchor_t *anchor, const zonekey_t *key)
{
	if (anchor->type == KNOT_RRTYPE_DNSKEY) {
		return anchor->rdlen == key->record->rdlen &&
		       memcmp(anchor->rdata, key->record->rdata, anchor->rdlen) == 0;
	}
	return knot_wire_read_u16(anchor->rdata) == key->tag && anchor->rdata[2] == key->algorithm;
}

/*! Does an anchor that names the key stand for it? No memory and no answer are no verdicts. */
typedef enum { STANDS, STANDS_NOT, STANDS_PERHAPS, STANDS_NO_MEMORY } stands_t;

static stands_t anchor_stands(keys_t *keys, const caaudit_anchor_t *anchor, zonekey_t *key)
{
	if (!read_key(keys, key)) {
		return STANDS_NO_MEMORY;
	} else if (key->state != KEY_USABLE) {
		return key->state == KEY_MALFORMED ? STANDS_NOT : STANDS_PERHAPS;
	} else if (anchor->type == KNOT_RRTYPE_DNSKEY) {
		return STANDS;
	}
	dnssec_binary_t ds = { 0 };
	stands_t stands = STANDS_PERHAPS;
	int ret = dnssec_key_create_ds(key->key, anchor->rdata[3], &ds);
	if (ret == DNSSEC_EOK) {
		stands = ds.size == anchor->rdlen && memcmp(ds.data, anchor->rdata, ds.size) == 0 ?
		                 STANDS :
		                 STANDS_NOT;
	} else if (ret == DNSSEC_ENOMEM) {
		stands = STANDS_NO_MEMORY;
	}
	dnssec_binary_free(&ds);
	return stands;
}

static bool is_sha1(const caaudit_anchor_t *anchor)
{
	return anchor->type == KNOT_RRTYPE_DS && anchor->rdata[3] == DIGEST_SHA1;
}

/*! Is there a DS of a SHA-2 digest? Those of SHA-1 then count for nothing (RFC 4509 section 3). */
static bool has_sha2(const caaudit_anchor_t *anchor, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (anchor[i].type == KNOT_RRTYPE_DS && anchor_is_known(&anchor[i]) &&
		    !is_sha1(&anchor[i])) {
			return true;
		}
	}
	return false;
}

bool keys_follow(keys_t *keys, const caaudit_anchor_t *anchor, size_t count, caaudit_rrset_t set,
                 caaudit_rrset_t sigs, uint64_t now, trust_t *out)
{
	bool sha2 = has_sha2(anchor, count), perhaps = false;
	*out = (trust_t){ .state = CHAIN_INSECURE };
	for (size_t i = 0; i < count; i++) {
		if (!anchor_is_known(&anchor[i]) || (sha2 && is_sha1(&anchor[i]))) {
			continue;
		}
		out->state = CHAIN_BROKEN;
		unsigned tries = 0;
		for (size_t j = 0; j < keys->count && tries < MAX_TRIES; j++) {
			zonekey_t *key = &keys->key[j];
			if (!anchor_names(&anchor[i], key)) {
				continue;
			}
			tries++;
			signed_by_t by = { .state = SIGNED_NOT };
			stands_t stands = anchor_stands(keys, &anchor[i], key);
			if (stands == STANDS_NO_MEMORY ||
			    (stands == STANDS && !verify(keys, set, sigs, now, key, &by))) {
				return false;
			}
			if (by.state == SIGNED_WELL) {
				*out = (trust_t){ .state = CHAIN_WHOLE,
					          .weak = is_sha1(&anchor[i]) };
				return true;
			}
			out->matched = out->matched || stands == STANDS;
			if (stands == STANDS_PERHAPS || by.state == SIGNED_UNSUPPORTED) {
				perhaps = true;
				out->algorithm = key->algorithm;
			}
		}
	}
	if (perhaps) {
		out->state = CHAIN_OPEN;
	} else if (out->state == CHAIN_BROKEN) {
		out->why = out->matched ? "the key that it names does not sign the DNSKEY RRset" :
		                          "no DNSKEY of the zone fits it";
	}
	return true;
}

/* --- Denials -------------------------------------------------------------------------------- */

/*! Type bitmap of a denial (RFC 4034 section 4.1.2). */
typedef struct {
	const uint8_t *octets;
	uint16_t size;
} bitmap_t;

/*! The windows of a bitmap up to the first malformed one: the library takes their lengths on trust. */
static bitmap_t sound_bitmap(const uint8_t *octets, size_t size)
{
	size_t at = 0;
	while (size - at >= 2 && octets[at + 1] > 0 && octets[at + 1] <= 32 &&
	       size - at - 2 >= octets[at + 1]) {
		at += 2 + octets[at + 1];
	}
	return (bitmap_t){ octets, (uint16_t)at };
}

static bool bitmap_has(bitmap_t bitmap, uint16_t type)
{
	return dnssec_nsec_bitmap_contains(bitmap.octets, bitmap.size, type);
}

/*! Does a bitmap at a name deny the type there? */
static denial_t bitmap_denies(bitmap_t bitmap, bool at_apex, uint16_t type)
{
	// A delegation without DS, and no apex below it (RFC 6840 section 4.4, RFC 5155 section 8.9).
	if (type == KNOT_RRTYPE_DS) {
		return bitmap_has(bitmap, KNOT_RRTYPE_NS) && !bitmap_has(bitmap, KNOT_RRTYPE_DS) &&
		                       !bitmap_has(bitmap, KNOT_RRTYPE_SOA) ?
		               DENIES_TYPE :
		               DENIES_LIE;
	}
	// One from above a cut says nothing of what is below it (RFC 6840 section 4.1).
	bool cut = !at_apex && bitmap_has(bitmap, KNOT_RRTYPE_NS) &&
	           !bitmap_has(bitmap, KNOT_RRTYPE_SOA);
	// An alias would have been followed (RFC 6840 section 4.3).
	return cut || bitmap_has(bitmap, type) || bitmap_has(bitmap, KNOT_RRTYPE_CNAME) ?
	               DENIES_LIE :
	               DENIES_TYPE;
}

denial_t nsec_denies(const caaudit_record_t *nsec, const knot_dname_t *zone,
                     const knot_dname_t *name, uint16_t type)
{
	const uint8_t *end = nsec->rdata + nsec->rdlen;
	int size = nsec->rdlen > 0 ? knot_dname_wire_check(nsec->rdata, end, NULL) : 0;
	if (size <= 0) {
		return DENIES_NOT;
	}
	const bitmap_t bitmap = sound_bitmap(nsec->rdata + size, nsec->rdlen - size);
	knot_dname_storage_t next;
	name_lower(next, nsec->rdata);

	if (knot_dname_is_equal(nsec->owner, name)) {
		return bitmap_denies(bitmap, knot_dname_is_equal(name, zone), type);
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
	    (bitmap_has(bitmap, KNOT_RRTYPE_DNAME) ||
	     (bitmap_has(bitmap, KNOT_RRTYPE_NS) && !bitmap_has(bitmap, KNOT_RRTYPE_SOA)))) {
		return DENIES_NOT;
	}
	return DENIES_NAME;
}

/*! Splits an NSEC3 into its parts (RFC 5155 section 3.2). */
static bool parse_nsec3(const caaudit_record_t *nsec3, uint8_t own[NSEC3_HASH_SIZE],
                        const uint8_t **next, bitmap_t *bitmap)
{
	size_t salt = nsec3->rdlen >= 5 ? nsec3->rdata[4] : 0, fixed = 5 + salt + 1;
	if (nsec3->rdlen < fixed + NSEC3_HASH_SIZE || nsec3->rdata[5 + salt] != NSEC3_HASH_SIZE ||
	    !nsec3_owner_hash(nsec3->owner, own)) {
		return false;
	}
	*next = nsec3->rdata + fixed;
	*bitmap = sound_bitmap(*next + NSEC3_HASH_SIZE, nsec3->rdlen - fixed - NSEC3_HASH_SIZE);
	return true;
}

denial_t nsec3_denies(const caaudit_record_t *nsec3, const knot_dname_t *zone,
                      const uint8_t hash[NSEC3_HASH_SIZE], bool at_apex, uint16_t type)
{
	uint8_t own[NSEC3_HASH_SIZE];
	const uint8_t *next;
	bitmap_t bitmap;
	if (!parse_nsec3(nsec3, own, &next, &bitmap) ||
	    !knot_dname_is_equal(name_parent(nsec3->owner), zone)) {
		return DENIES_NOT;
	}
	int from = memcmp(own, hash, NSEC3_HASH_SIZE);
	if (from == 0) {
		return bitmap_denies(bitmap, at_apex, type);
	}
	int to = memcmp(hash, next, NSEC3_HASH_SIZE);
	bool around = memcmp(next, own, NSEC3_HASH_SIZE) <= 0;
	if (around ? from > 0 && to >= 0 : from > 0 || to >= 0) {
		return DENIES_NOT;
	}
	return nsec3->rdata[1] & 1 ? DENIES_OPT_OUT : DENIES_NAME; // RFC 5155 section 3.1.2.1.
}

bool nsec3_encloses(const caaudit_record_t *nsec3, const uint8_t hash[NSEC3_HASH_SIZE],
                    bool at_apex)
{
	uint8_t own[NSEC3_HASH_SIZE];
	const uint8_t *next;
	bitmap_t bitmap;
	if (!parse_nsec3(nsec3, own, &next, &bitmap) || memcmp(own, hash, NSEC3_HASH_SIZE) != 0) {
		return false;
	}
	bool cut = !at_apex && bitmap_has(bitmap, KNOT_RRTYPE_NS) &&
	           !bitmap_has(bitmap, KNOT_RRTYPE_SOA);
	return !cut && !bitmap_has(bitmap, KNOT_RRTYPE_DNAME);
}
