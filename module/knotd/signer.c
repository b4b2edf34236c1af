/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libdnssec/binary.h>
#include <libdnssec/error.h>
#include <libdnssec/key.h>
#include <libdnssec/keystore.h>
#include <libdnssec/keytag.h>
#include <libdnssec/sign.h>

#include "cache.h"
#include "compat.h"
#include "hash.h"
#include "signer.h"

/* Keys of one zone that are remembered; a rollover of two algorithms has eight. */
#define KEYS_MAX 16

/* Milliseconds: before a key that is not at hand is looked for again, and for
 * which another thread may look meanwhile. */
#define RETRY 5000
#define PATIENCE 200

/* DNSKEY flags (RFC 4034 section 2.1.1, RFC 5011 section 7). */
#define FLAG_ZONE 0x0100
#define FLAG_REVOKE 0x0080
#define DNSKEY_FIXED 4

/* A key of the zone; shared by the threads that sign with it. */
typedef struct {
	unsigned refs;
	uint64_t retry;     /* When to look again, if there is no private key. */
	dnssec_key_t *key;  /* NULL = not at hand. */
	uint16_t rdata_len;
	uint8_t rdata[];
} private_t;

struct signer {
	pthread_mutex_t lock;
	pthread_mutex_t load; /* Held while a key is loaded; never waited for with the lock held. */
	char **store;
	size_t store_count;
	private_t *key[KEYS_MAX];
	cache_t *made;        /* Signatures by what they were made over. */
};

static uint64_t now_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

signer_t *signer_new(char **store, size_t count, size_t room)
{
	signer_t *signer = calloc(1, sizeof(*signer));
	cache_t *made = cache_new(room);
	if (signer == NULL || made == NULL) {
		free(signer);
		cache_free(made);
		return NULL;
	}
	pthread_mutex_init(&signer->lock, NULL);
	pthread_mutex_init(&signer->load, NULL);
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
	pthread_mutex_destroy(&signer->lock);
	pthread_mutex_destroy(&signer->load);
	free(signer);
}

/*
 * Keys.
 */

static bool same_rdata(const private_t *private, const knot_rdata_t *rdata)
{
	return private->rdata_len == rdata->len &&
	       memcmp(private->rdata, rdata->data, rdata->len) == 0;
}

/* With the lock held. */
static private_t *find(const signer_t *signer, const knot_rdata_t *rdata)
{
	for (size_t i = 0; i < KEYS_MAX; i++) {
		if (signer->key[i] != NULL && same_rdata(signer->key[i], rdata)) {
			return signer->key[i];
		}
	}
	return NULL;
}

static bool is_published(const private_t *private, const knot_rdataset_t *dnskeys)
{
	knot_rdata_t *rdata = dnskeys->rdata;
	for (uint16_t i = 0; i < dnskeys->count; i++, rdata = knot_rdataset_next(rdata)) {
		if (same_rdata(private, rdata)) {
			return true;
		}
	}
	return false;
}

/* With the lock held: forgets the keys that the zone has dropped, and takes a new one. */
static bool keep(signer_t *signer, private_t *private, const knot_rdataset_t *dnskeys)
{
	private_t **place = NULL;
	for (size_t i = 0; i < KEYS_MAX; i++) {
		if (signer->key[i] != NULL && !is_published(signer->key[i], dnskeys)) {
			unref(signer->key[i]);
			signer->key[i] = NULL;
		}
		if (signer->key[i] == NULL && place == NULL) {
			place = &signer->key[i];
		}
	}
	if (place != NULL) {
		*place = private;
	}
	return place != NULL;
}

static bool get_private(const char *dir, dnssec_key_t *key)
{
	dnssec_keystore_t *store = NULL;
	char *id = NULL;
	bool found = dnssec_keystore_init_pkcs8(&store) == DNSSEC_EOK &&
	             dnssec_keystore_open(store, dir) == DNSSEC_EOK &&
	             dnssec_key_get_keyid(key, &id) == DNSSEC_EOK &&
	             dnssec_keystore_get_private(store, id, key) == DNSSEC_EOK;
	free(id);
	if (store != NULL) {
		dnssec_keystore_deinit(store);
	}
	return found;
}

/* Reads the private half of a key from the keystore. */
static dnssec_key_t *load(const signer_t *signer, const knot_rdata_t *rdata,
                          const knot_dname_t *zone)
{
	dnssec_key_t *key = NULL;
	union {
		const uint8_t *in;
		uint8_t *out;
	} cast = { rdata->data };
	const dnssec_binary_t binary = { .data = cast.out, .size = rdata->len };
	if (dnssec_key_new(&key) != DNSSEC_EOK) {
		return NULL;
	}
	bool found = false;
	if (dnssec_key_set_dname(key, zone) == DNSSEC_EOK &&
	    dnssec_key_set_rdata(key, &binary) == DNSSEC_EOK) {
		for (size_t i = 0; i < signer->store_count && !found; i++) {
			found = get_private(signer->store[i], key);
		}
	}
	if (!found) {
		dnssec_key_free(key);
		return NULL;
	}
	return key;
}

/* Looks for a key that is in memory. True if there is no need to look further. */
static bool recall(signer_t *signer, const knot_rdata_t *rdata, private_t **out)
{
	*out = NULL;
	pthread_mutex_lock(&signer->lock);
	private_t *private = find(signer, rdata);
	bool enough = private != NULL && (private->key != NULL || now_ms() < private->retry);
	if (enough && private->key != NULL) {
		private->refs++;
		*out = private;
	}
	pthread_mutex_unlock(&signer->lock);
	return enough;
}

/* Gets a reference to a key, NULL if its private half is not at hand. */
static private_t *get_key(signer_t *signer, const knot_rdata_t *rdata,
                          const knot_dname_t *zone, const knot_rdataset_t *dnskeys)
{
	private_t *private;
	if (recall(signer, rdata, &private)) {
		return private;
	}

	struct timespec until;
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += PATIENCE * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	if (pthread_mutex_timedlock(&signer->load, &until) != 0) {
		return NULL;
	}
	if (recall(signer, rdata, &private)) {
		pthread_mutex_unlock(&signer->load);
		return private;
	}
	dnssec_key_t *key = load(signer, rdata, zone);

	pthread_mutex_lock(&signer->lock);
	private = find(signer, rdata);
	if (private == NULL) {
		private = calloc(1, sizeof(*private) + rdata->len);
		if (private != NULL) {
			private->refs = 1;
			private->rdata_len = rdata->len;
			memcpy(private->rdata, rdata->data, rdata->len);
			if (!keep(signer, private, dnskeys)) {
				free(private);
				private = NULL;
			}
		}
	}
	if (private == NULL) {
		dnssec_key_free(key);
	} else if (key == NULL) {
		private->retry = now_ms() + RETRY;
		private = NULL;
	} else {
		private->key = key;
		private->refs++;
	}
	pthread_mutex_unlock(&signer->lock);
	pthread_mutex_unlock(&signer->load);
	return private;
}

static void put_key(signer_t *signer, private_t *private)
{
	pthread_mutex_lock(&signer->lock);
	unref(private);
	pthread_mutex_unlock(&signer->lock);
}

/* Finds the key that made a signature. Another one may have the same tag. */
static private_t *key_of(signer_t *signer, const knot_rdataset_t *dnskeys,
                         const knot_rdata_t *rrsig)
{
	knot_rdata_t *rdata = dnskeys->rdata;
	for (uint16_t i = 0; i < dnskeys->count; i++, rdata = knot_rdataset_next(rdata)) {
		if (rdata->len <= DNSKEY_FIXED || knot_dnskey_alg(rdata) != knot_rrsig_alg(rrsig)) {
			continue;
		}
		uint16_t flags = knot_dnskey_flags(rdata), tag = 0;
		if ((flags & FLAG_ZONE) == 0 || (flags & FLAG_REVOKE) != 0) {
			continue;
		}
		const dnssec_binary_t binary = { .data = rdata->data, .size = rdata->len };
		if (dnssec_keytag(&binary, &tag) != DNSSEC_EOK || tag != knot_rrsig_key_tag(rrsig)) {
			continue;
		}
		private_t *private = get_key(signer, rdata, knot_rrsig_signer_name(rrsig), dnskeys);
		if (private != NULL) {
			return private;
		}
	}
	return NULL;
}

bool signer_able(signer_t *signer, const knot_rdataset_t *dnskeys, const knot_rdata_t *rrsig)
{
	private_t *private = key_of(signer, dnskeys, rrsig);
	if (private == NULL) {
		return false;
	}
	put_key(signer, private);
	return true;
}

/*
 * Signatures.
 */

/* The data that is signed (RFC 4034 section 3.1.8.1). */
static uint8_t *signed_data(const knot_rdata_t *rrsig, const knot_dname_t *owner, uint16_t type,
                            const knot_rdataset_t *rrs, knot_mm_t *mm, size_t *len)
{
	/* A wildcard that was expanded is signed by its own name (RFC 4035 section 5.3.2). */
	knot_dname_storage_t name;
	size_t labels = knot_dname_labels(owner, NULL);
	if (labels > knot_rrsig_labels(rrsig) + 1U ||
	    (labels > knot_rrsig_labels(rrsig) && !knot_dname_is_wildcard(owner))) {
		for (; labels > knot_rrsig_labels(rrsig); labels--) {
			owner += 1 + owner[0];
		}
		memcpy(name, "\x01*", 2);
		memcpy(name + 2, owner, knot_dname_size(owner));
	} else {
		memcpy(name, owner, knot_dname_size(owner));
	}
	size_t name_len = knot_dname_size(name);
	size_t head_len = SIGNER_FIXED + knot_dname_size(knot_rrsig_signer_name(rrsig));

	*len = head_len;
	knot_rdata_t *rdata = rrs->rdata;
	for (uint16_t i = 0; i < rrs->count; i++, rdata = knot_rdataset_next(rdata)) {
		*len += name_len + 10 + rdata->len;
	}
	uint8_t *data = compat_alloc(mm, *len), *pos = data;
	if (data == NULL) {
		return NULL;
	}
	memcpy(pos, rrsig->data, head_len);
	knot_dname_to_lower(pos + SIGNER_FIXED);
	pos += head_len;
	rdata = rrs->rdata;
	for (uint16_t i = 0; i < rrs->count; i++, rdata = knot_rdataset_next(rdata)) {
		memcpy(pos, name, name_len);
		pos += name_len;
		knot_wire_write_u16(pos, type);
		knot_wire_write_u16(pos + 2, KNOT_CLASS_IN);
		knot_wire_write_u32(pos + 4, knot_rrsig_original_ttl(rrsig));
		knot_wire_write_u16(pos + 8, rdata->len);
		memcpy(pos + 10, rdata->data, rdata->len);
		pos += 10 + rdata->len;
	}
	return data;
}

static int make(dnssec_key_t *key, uint8_t *data, size_t data_len, uint8_t *out, size_t *len)
{
	dnssec_sign_ctx_t *ctx = NULL;
	dnssec_binary_t made = { 0 };
	const dnssec_binary_t over = { .data = data, .size = data_len };
	int ret = KNOT_ERROR;
	/* What a validator would refuse must not leave: it is checked once, then cached. */
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

int signer_sign(signer_t *signer, const knot_rdataset_t *dnskeys, const knot_rdata_t *rrsig,
                const knot_dname_t *owner, uint16_t type, const knot_rdataset_t *rrs,
                knot_mm_t *mm, uint8_t out[SIGNER_MAX], size_t *len)
{
	/* Not from the cache without the key: one that left the zone must sign no more. */
	private_t *private = key_of(signer, dnskeys, rrsig);
	if (private == NULL) {
		return KNOT_ENOENT;
	}
	size_t data_len;
	uint8_t *data = signed_data(rrsig, owner, type, rrs, mm, &data_len);
	int ret = data == NULL ? KNOT_ENOMEM : KNOT_EOK;
	if (ret == KNOT_EOK) {
		/* Two keys may have one tag. */
		uint64_t hash = hash_octets(HASH_SEED, private->rdata, private->rdata_len);
		hash = hash_octets(hash, data, data_len);
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
