/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Keys and signatures of one zone. */

#include <stdlib.h>
#include <string.h>

#include <libdnssec/binary.h>
#include <libdnssec/error.h>
#include <libdnssec/key.h>
#include <libdnssec/keytag.h>
#include <libdnssec/sign.h>

#include "cache.h"
#include "compat.h"
#include "source/clock.h"
#include "engine/hash.h"
#include "engine/names.h"
#include "engine/proofs.h"
#include "keystore.h"
#include "lock.h"
#include "signer.h"

/* Keys of one zone that are retained; a rollover of two algorithms has eight. */
#define KEYS_MAX 16

/* All times in milliseconds. */
#define RETRY    5000  /* A key that is not at hand is looked for again after this time. */
#define PATIENCE 200   /* A thread waits at most this time while another one loads keys. */
#define LINGER   60000 /* A key that left the zone expires when it was not used for this time. */

/* DNSKEY flags (RFC 4034 section 2.1.1, RFC 5011 section 7). */
#define FLAG_ZONE    0x0100
#define FLAG_REVOKE  0x0080
#define DNSKEY_FIXED 4

/* By these members a key is found. */
typedef struct {
	const uint8_t *rdata; /* Of the DNSKEY; none if only an RRSIG tells of the key. */
	uint16_t rdata_len;
	uint16_t tag;
	uint8_t alg;
} key_name_t;

/* A key of the zone; shared by the threads that sign with it. */
typedef struct {
	unsigned refs;
	uint64_t used;     /* Time of the last use. */
	uint64_t retry;    /* Time of the next search, if there is no private key. */
	dnssec_key_t *key; /* NULL = not at hand. */
	uint8_t alg;
	uint16_t tag;
	uint16_t rdata_len; /* 0 = not at hand, and its DNSKEY is not in the zone. */
	uint8_t rdata[];
} private_t;

struct signer {
	lock_t lock;
	lock_t load; /* Held while a key is loaded. */
	char **store;
	size_t store_count;
	private_t *key[KEYS_MAX];
	cache_t *made; /* Signatures by the data that they cover. */
};

signer_t *signer_new(char **store, size_t count, size_t room)
{
	signer_t *signer = calloc(1, sizeof(*signer));
	cache_t *made = cache_new(room);
	if (signer == NULL || made == NULL) {
		free(signer);
		cache_free(made);
		return NULL;
	}
	lock_init(&signer->lock, LOCK_KEYS);
	lock_init(&signer->load, LOCK_KEY_LOAD);
	signer->store = store;
	signer->store_count = count;
	signer->made = made;
	return signer;
}

/* With the lock held, or alone. */
static void unref(private_t *private)
{
	if (private != NULL && --private->refs == 0) {
		dnssec_key_free(private->key);
		free(private);
	}
}

void signer_free(signer_t *signer)
{
	if (signer == NULL) {
		return;
	}
	for (size_t i = 0; i < KEYS_MAX; i++) {
		unref(signer->key[i]);
	}
	for (size_t i = 0; i < signer->store_count; i++) {
		free(signer->store[i]);
	}
	cache_free(signer->made);
	free(signer->store);
	lock_deinit(&signer->lock);
	lock_deinit(&signer->load);
	free(signer);
}

/*
 * Data to sign.
 */

/* The data that is signed (RFC 4034 section 3.1.8.1), and room behind it. */
static uint8_t *signed_data(const signer_rrsig_t *rrsig, const knot_rdataset_t *rrs, size_t room,
                            knot_mm_t *mm, size_t *len)
{
	const knot_dname_t *owner = rrsig->owner;
	unsigned signed_labels = knot_rrsig_labels(rrsig->rdata);
	/* A wildcard that was expanded is signed by its own name (RFC 4035 section 5.3.2). */
	knot_dname_storage_t name;
	size_t labels = knot_dname_labels(owner, NULL);
	if (labels > signed_labels + 1U ||
	    (labels > signed_labels && !knot_dname_is_wildcard(owner))) {
		for (; labels > signed_labels; labels--) {
			owner = name_parent(owner);
		}
		(void)name_wildcard(name, owner); /* It fits where a label was. */
	} else {
		memcpy(name, owner, knot_dname_size(owner));
	}
	size_t name_len = knot_dname_size(name);
	size_t head_len = RRSIG_FIXED + knot_dname_size(knot_rrsig_signer_name(rrsig->rdata));

	*len = head_len;
	knot_rdata_t *rdata = rrs->rdata;
	for (uint16_t i = 0; i < rrs->count; i++, rdata = knot_rdataset_next(rdata)) {
		*len += name_len + 10 + rdata->len;
	}
	uint8_t *data = compat_alloc(mm, *len + room), *pos = data;
	if (data == NULL) {
		return NULL;
	}
	memcpy(pos, rrsig->rdata->data, head_len);
	knot_dname_to_lower(pos + RRSIG_FIXED);
	pos += head_len;
	rdata = rrs->rdata;
	for (uint16_t i = 0; i < rrs->count; i++, rdata = knot_rdataset_next(rdata)) {
		memcpy(pos, name, name_len);
		pos += name_len;
		knot_wire_write_u16(pos, rrsig->type);
		knot_wire_write_u16(pos + 2, KNOT_CLASS_IN);
		knot_wire_write_u32(pos + 4, knot_rrsig_original_ttl(rrsig->rdata));
		knot_wire_write_u16(pos + 8, rdata->len);
		memcpy(pos + 10, rdata->data, rdata->len);
		pos += 10 + rdata->len;
	}
	return data;
}

static uint64_t hash_made(const dnssec_key_t *key, const uint8_t *data, size_t len)
{
	/* Two keys may have one tag. */
	dnssec_binary_t rdata = { 0 };
	(void)dnssec_key_get_rdata(key, &rdata);
	return hash_octets(hash_octets(HASH_SEED, rdata.data, rdata.size), data, len);
}

static bool verify(dnssec_key_t *key, uint8_t *data, size_t len, uint8_t *signature,
                   size_t signature_len)
{
	dnssec_sign_ctx_t *ctx = NULL;
	const dnssec_binary_t over = { .data = data, .size = len };
	const dnssec_binary_t made = { .data = signature, .size = signature_len };
	bool right = dnssec_sign_new(&ctx, key) == DNSSEC_EOK &&
	             dnssec_sign_add(ctx, &over) == DNSSEC_EOK &&
	             dnssec_sign_verify(ctx, false, &made) == DNSSEC_EOK;
	dnssec_sign_free(ctx);
	return right;
}

/* Tells whether the key made the signature over the stored RRset; cached like signatures. */
static bool has_made(signer_t *signer, dnssec_key_t *key, const signer_rrsig_t *rrsig,
                     knot_mm_t *mm)
{
	size_t head = RRSIG_FIXED + knot_dname_size(knot_rrsig_signer_name(rrsig->rdata));
	if (rrsig->rdata->len <= head) {
		return false;
	}
	size_t size = rrsig->rdata->len - head, len, kept_len;
	uint8_t *data = signed_data(rrsig, rrsig->rrs, size, mm, &len), *kept;
	if (data == NULL) {
		return false;
	}
	memcpy(data + len, rrsig->rdata->data + head, size);
	uint64_t hash = hash_made(key, data, len + size);
	if (cache_get(signer->made, hash, data, len + size, mm, &kept, &kept_len)) {
		return kept[0];
	}
	uint8_t right = verify(key, data, len, data + len, size);
	cache_put(signer->made, hash, data, len + size, &right, sizeof(right));
	return right;
}

/*
 * Keys.
 */

static bool has_name(const private_t *private, const key_name_t *name)
{
	return private->alg == name->alg && private->tag == name->tag &&
	       private->rdata_len == name->rdata_len &&
	       memcmp(private->rdata, name->rdata, name->rdata_len) == 0;
}

/* With the lock held. */
static private_t *find(const signer_t *signer, const key_name_t *name)
{
	for (size_t i = 0; i < KEYS_MAX; i++) {
		if (signer->key[i] != NULL && has_name(signer->key[i], name)) {
			return signer->key[i];
		}
	}
	return NULL;
}

static bool is_published(const private_t *private, const knot_rdataset_t *dnskeys)
{
	knot_rdata_t *rdata = dnskeys->rdata;
	for (uint16_t i = 0; i < dnskeys->count; i++, rdata = knot_rdataset_next(rdata)) {
		if (private->rdata_len == rdata->len &&
		    memcmp(private->rdata, rdata->data, rdata->len) == 0) {
			return true;
		}
	}
	return false;
}

/* With the lock held: adds a key. Keys that have left the zone expire; if there is no room, the one of
 * them that was used longest ago is evicted. */
static bool keep(signer_t *signer, private_t *private, const knot_rdataset_t *dnskeys)
{
	private_t **place = NULL, **oldest = NULL;
	for (size_t i = 0; i < KEYS_MAX; i++) {
		private_t **at = &signer->key[i];
		if (*at != NULL && !is_published(*at, dnskeys)) {
			if ((*at)->used + LINGER < private->used) {
				unref(*at);
				*at = NULL;
			} else if (oldest == NULL || (*at)->used < (*oldest)->used) {
				oldest = at;
			}
		}
		if (*at == NULL) {
			place = at;
		}
	}
	if (place == NULL && oldest != NULL) {
		unref(*oldest);
		place = oldest;
	}
	if (place != NULL) {
		*place = private;
	}
	return place != NULL;
}

/* With the lock held: finds a key that was looked for, or makes a place for it. */
static private_t *find_place(signer_t *signer, const key_name_t *name,
                             const knot_rdataset_t *dnskeys)
{
	private_t *private = find(signer, name);
	if (private != NULL) {
		return private;
	}
	private = calloc(1, sizeof(*private) + name->rdata_len);
	if (private == NULL) {
		return NULL;
	}
	private->refs = 1;
	private->used = clock_ms();
	private->alg = name->alg;
	private->tag = name->tag;
	private->rdata_len = name->rdata_len;
	if (name->rdata_len > 0) {
		memcpy(private->rdata, name->rdata, name->rdata_len);
	}
	if (!keep(signer, private, dnskeys)) {
		free(private);
		return NULL;
	}
	return private;
}

/* Retains a key, NULL if it is not at hand, and gets a reference to it. */
static private_t *take(signer_t *signer, const key_name_t *name, dnssec_key_t *key,
                       const knot_rdataset_t *dnskeys)
{
	lock_take(&signer->lock);
	private_t *private = find_place(signer, name, dnskeys);
	if (private == NULL || private->key != NULL) {
		dnssec_key_free(key);
	} else {
		private->key = key;
	}
	if (private != NULL && private->key == NULL) {
		private->retry = clock_ms() + RETRY;
		private = NULL;
	} else if (private != NULL) {
		private->refs++;
	}
	lock_give(&signer->lock);
	return private;
}

static void put_key(signer_t *signer, private_t *private)
{
	lock_take(&signer->lock);
	unref(private);
	lock_give(&signer->lock);
}

/* Looks for a key that is in memory. True if there is no need to look further. */
static bool recall(signer_t *signer, const key_name_t *name, private_t **out)
{
	uint64_t now = clock_ms();
	*out = NULL;
	lock_take(&signer->lock);
	private_t *private = find(signer, name);
	bool enough = private != NULL && (private->key != NULL || now < private->retry);
	if (private != NULL) {
		private->used = now;
	}
	if (enough && private->key != NULL) {
		private->refs++;
		*out = private;
	}
	lock_give(&signer->lock);
	return enough;
}

/* Gets a reference to a key of the zone, NULL if its private half is not at hand. */
static private_t *get_published(signer_t *signer, const signer_rrsig_t *rrsig,
                                const knot_rdata_t *dnskey)
{
	const key_name_t name = {
		.rdata = dnskey->data,
		.rdata_len = dnskey->len,
		.alg = knot_rrsig_alg(rrsig->rdata),
		.tag = knot_rrsig_key_tag(rrsig->rdata),
	};
	private_t *private;
	if (recall(signer, &name, &private) || !lock_take_within(&signer->load, PATIENCE)) {
		return private;
	}
	if (!recall(signer, &name, &private)) {
		private = take(signer, &name,
		               keystore_get(signer->store, signer->store_count, dnskey,
		                            knot_rrsig_signer_name(rrsig->rdata)),
		               rrsig->dnskeys);
	}
	lock_give(&signer->load);
	return private;
}

/* Looks in memory for the key that made a signature. */
static bool recall_maker(signer_t *signer, const signer_rrsig_t *rrsig, knot_mm_t *mm,
                         const key_name_t *name, private_t **out)
{
	for (size_t i = 0; i < KEYS_MAX; i++) {
		lock_take(&signer->lock);
		private_t *private = signer->key[i];
		bool like = private != NULL && private->key != NULL && private->alg == name->alg &&
		            private->tag == name->tag;
		if (like) {
			private->refs++;
			private->used = clock_ms();
		}
		lock_give(&signer->lock);
		if (like && has_made(signer, private->key, rrsig, mm)) {
			*out = private;
			return true;
		} else if (like) {
			put_key(signer, private);
		}
	}
	return recall(signer, name, out); /* It may have been looked for in vain. */
}

typedef struct {
	signer_t *signer;
	const signer_rrsig_t *rrsig;
	knot_mm_t *mm;
} maker_t;

static bool is_maker(void *ctx, dnssec_key_t *key)
{
	const maker_t *maker = ctx;
	return has_made(maker->signer, key, maker->rrsig, maker->mm);
}

/* Gets a reference to a key whose DNSKEY is not in the zone: that of a new algorithm is
 * published after the signatures, and withdrawn before them (RFC 6781 section 4.1.4). */
static private_t *get_unpublished(signer_t *signer, const signer_rrsig_t *rrsig, knot_mm_t *mm)
{
	key_name_t name = {
		.rdata = (const uint8_t *)"",
		.alg = knot_rrsig_alg(rrsig->rdata),
		.tag = knot_rrsig_key_tag(rrsig->rdata),
	};
	private_t *private;
	if (recall_maker(signer, rrsig, mm, &name, &private) ||
	    !lock_take_within(&signer->load, PATIENCE)) {
		return private;
	}
	if (!recall_maker(signer, rrsig, mm, &name, &private)) {
		maker_t maker = { signer, rrsig, mm };
		dnssec_key_t *key;
		int ret = keystore_find(signer->store, signer->store_count, name.alg, name.tag,
		                        knot_rrsig_signer_name(rrsig->rdata), is_maker, &maker,
		                        &key);
		dnssec_binary_t rdata;
		if (ret == KNOT_EOK && dnssec_key_get_rdata(key, &rdata) == DNSSEC_EOK) {
			name.rdata = rdata.data;
			name.rdata_len = (uint16_t)rdata.size;
		}
		private = ret == KNOT_EBUSY ? NULL : take(signer, &name, key, rrsig->dnskeys);
	}
	lock_give(&signer->load);
	return private;
}

/* Finds the key that made a signature. Another one may have the same tag. */
static private_t *key_of(signer_t *signer, const signer_rrsig_t *rrsig, knot_mm_t *mm)
{
	bool published = false;
	knot_rdata_t *rdata = rrsig->dnskeys->rdata;
	for (uint16_t i = 0; i < rrsig->dnskeys->count; i++, rdata = knot_rdataset_next(rdata)) {
		if (rdata->len <= DNSKEY_FIXED ||
		    knot_dnskey_alg(rdata) != knot_rrsig_alg(rrsig->rdata)) {
			continue;
		}
		uint16_t flags = knot_dnskey_flags(rdata), tag = 0;
		if ((flags & FLAG_ZONE) == 0 || (flags & FLAG_REVOKE) != 0) {
			continue;
		}
		const dnssec_binary_t binary = { .data = rdata->data, .size = rdata->len };
		if (dnssec_keytag(&binary, &tag) != DNSSEC_EOK ||
		    tag != knot_rrsig_key_tag(rrsig->rdata)) {
			continue;
		}
		published = true;
		private_t *private = get_published(signer, rrsig, rdata);
		if (private != NULL) {
			return private;
		}
	}
	return published ? NULL : get_unpublished(signer, rrsig, mm);
}

bool signer_able(signer_t *signer, const signer_rrsig_t *rrsig, knot_mm_t *mm)
{
	private_t *private = key_of(signer, rrsig, mm);
	if (private == NULL) {
		return false;
	}
	put_key(signer, private);
	return true;
}

/*
 * Signatures.
 */

static int make(dnssec_key_t *key, uint8_t *data, size_t data_len, uint8_t *out, size_t *len)
{
	dnssec_sign_ctx_t *ctx = NULL;
	dnssec_binary_t made = { 0 };
	const dnssec_binary_t over = { .data = data, .size = data_len };
	int ret = KNOT_ERROR;
	/* A signature is verified before it is cached and sent: a validator must not refuse it. */
	if (dnssec_sign_new(&ctx, key) == DNSSEC_EOK && dnssec_sign_add(ctx, &over) == DNSSEC_EOK &&
	    dnssec_sign_write(ctx, DNSSEC_SIGN_NORMAL, &made) == DNSSEC_EOK &&
	    made.size <= SIGNER_MAX && dnssec_sign_verify(ctx, false, &made) == DNSSEC_EOK) {
		memcpy(out, made.data, made.size);
		*len = made.size;
		ret = KNOT_EOK;
	}
	dnssec_binary_free(&made);
	dnssec_sign_free(ctx);
	return ret;
}

int signer_sign(signer_t *signer, const signer_rrsig_t *rrsig, const knot_rdataset_t *rrs,
                knot_mm_t *mm, uint8_t out[SIGNER_MAX], size_t *len)
{
	/* The key first, then the cache: a key that left the zone must not sign any more. */
	private_t *private = key_of(signer, rrsig, mm);
	if (private == NULL) {
		return KNOT_ENOENT;
	}
	size_t data_len;
	uint8_t *data = signed_data(rrsig, rrs, 0, mm, &data_len);
	int ret = data == NULL ? KNOT_ENOMEM : KNOT_EOK;
	if (ret == KNOT_EOK) {
		uint64_t hash = hash_made(private->key, data, data_len);
		uint8_t *kept;
		if (cache_get(signer->made, hash, data, data_len, mm, &kept, len)) {
			memcpy(out, kept, *len);
		} else {
			ret = make(private->key, data, data_len, out, len);
			if (ret == KNOT_EOK) {
				cache_put(signer->made, hash, data, data_len, out, *len);
			}
		}
	}
	put_key(signer, private);
	return ret;
}
