/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libdnssec/error.h>
#include <libdnssec/key.h>
#include <libdnssec/keystore.h>
#include <libdnssec/sign.h>
#include <libknot/libknot.h>

#include "test.h"

#include "../../module/knotd/cache.h"
#include "../../module/engine/hash.h"
#include "../../module/engine/proofs.h"
#include "../../module/knotd/signer.h" /* Another one is beside this file. */

#define THREADS 4
/* dname() is not for threads. */
#define ZONE_WIRE ((const knot_dname_t *)"\007example\003com")
#define HEAD      (64 + SIGNER_MAX)

/* Memory of a query: freed at once. */
typedef struct block {
	struct block *next;
	_Alignas(16) uint8_t octets[];
} block_t;

static void *block_alloc(void *ctx, size_t len)
{
	block_t **first = ctx, *block = malloc(sizeof(*block) + len);
	assert_non_null(block);
	block->next = *first;
	*first = block;
	return block->octets;
}

static void block_free(block_t *block)
{
	while (block != NULL) {
		block_t *next = block->next;
		free(block);
		block = next;
	}
}

/* A key store, and the public halves of its keys as a DNSKEY RRset. */
typedef struct {
	char dir[64];
	char *id[2];
	dnssec_key_t *key[2];
	knot_rdataset_t dnskeys;
	signer_t *signer;
} store_t;

static int make_store(void **state)
{
	static const unsigned algorithms[] = { DNSSEC_KEY_ALGORITHM_ECDSA_P256_SHA256,
		                               DNSSEC_KEY_ALGORITHM_RSA_SHA256 };
	store_t *store = calloc(1, sizeof(*store));
	snprintf(store->dir, sizeof(store->dir), "/tmp/caaudit-signer-XXXXXX");
	assert_non_null(mkdtemp(store->dir));
	dnssec_keystore_t *keys = NULL;
	assert_int_equal(dnssec_keystore_init_pkcs8(&keys), DNSSEC_EOK);
	assert_int_equal(dnssec_keystore_open(keys, store->dir), DNSSEC_EOK);
	for (size_t i = 0; i < COUNT(algorithms); i++) {
		assert_int_equal(dnssec_keystore_generate(keys, algorithms[i], i == 0 ? 256 : 2048,
		                                          NULL, &store->id[i]),
		                 DNSSEC_EOK);
		assert_int_equal(dnssec_key_new(&store->key[i]), DNSSEC_EOK);
		dnssec_key_set_algorithm(store->key[i], (uint8_t)algorithms[i]);
		dnssec_key_set_dname(store->key[i], dname(ZONE));
		assert_int_equal(dnssec_keystore_get_private(keys, store->id[i], store->key[i]),
		                 DNSSEC_EOK);
		dnssec_binary_t rdata;
		dnssec_key_get_rdata(store->key[i], &rdata);
		knot_rrset_t rrset;
		knot_rrset_init(&rrset, NULL, KNOT_RRTYPE_DNSKEY, KNOT_CLASS_IN, 3600);
		rrset.rrs = store->dnskeys;
		assert_int_equal(knot_rrset_add_rdata(&rrset, rdata.data, (uint16_t)rdata.size,
		                                      NULL),
		                 KNOT_EOK);
		store->dnskeys = rrset.rrs;
	}
	dnssec_keystore_deinit(keys);

	char **dirs = calloc(2, sizeof(*dirs));
	dirs[0] = strdup("/nonexistent/keys");
	dirs[1] = strdup(store->dir);
	store->signer = signer_new(dirs, 2, 1);
	assert_non_null(store->signer);
	*state = store;
	return 0;
}

static int free_store(void **state)
{
	store_t *store = *state;
	signer_free(store->signer);
	signer_free(NULL);
	for (size_t i = 0; i < COUNT(store->id); i++) {
		char path[256];
		snprintf(path, sizeof(path), "%s/%s.pem", store->dir, store->id[i]);
		(void)unlink(path);
		free(store->id[i]);
		dnssec_key_free(store->key[i]);
	}
	assert_int_equal(rmdir(store->dir), 0);
	knot_rdataset_clear(&store->dnskeys, NULL);
	free(store);
	return 0;
}

/* RDATA of a signature up to the signature, which is read only if the key is not in the zone. */
static knot_rdata_t *rrsig_of(const store_t *store, size_t nth, unsigned labels, uint8_t *buffer)
{
	knot_rdata_t *rrsig = (knot_rdata_t *)buffer;
	uint8_t *pos = rrsig->data;
	knot_wire_write_u16(pos, KNOT_RRTYPE_CAA);
	pos[2] = dnssec_key_get_algorithm(store->key[nth]);
	pos[3] = (uint8_t)labels;
	knot_wire_write_u32(pos + 4, 1800);
	knot_wire_write_u32(pos + 8, 2000000000);
	knot_wire_write_u32(pos + 12, 1000000000);
	knot_wire_write_u16(pos + 16, dnssec_key_get_keytag(store->key[nth]));
	size_t len = knot_dname_size(ZONE_WIRE);
	memcpy(pos + RRSIG_FIXED, ZONE_WIRE, len);
	rrsig->len = (uint16_t)(RRSIG_FIXED + len);
	return rrsig;
}

static knot_rrset_t caa_set(void)
{
	knot_rrset_t rrset;
	knot_rrset_init(&rrset, NULL, KNOT_RRTYPE_CAA, KNOT_CLASS_IN, 1800);
	static const char *const rdata[] = { "\0\5issueca.example", "\0\5issueb.example" };
	for (size_t i = 0; i < COUNT(rdata); i++) {
		assert_int_equal(knot_rrset_add_rdata(&rrset, (const uint8_t *)rdata[i],
		                                      (uint16_t)(7 + strlen(rdata[i] + 2) - 5),
		                                      NULL),
		                 KNOT_EOK);
	}
	return rrset;
}

static signer_rrsig_t made_by(const store_t *store, const knot_rdata_t *rdata, const char *owner,
                              const knot_rrset_t *set)
{
	return (signer_rrsig_t){
		.rdata = rdata,
		.owner = owner == NULL ? ZONE_WIRE : dname(owner),
		.type = KNOT_RRTYPE_CAA,
		.rrs = &set->rrs,
		.dnskeys = &store->dnskeys,
	};
}

/* The data that is signed (RFC 4034 section 3.1.8.1). Returns its length. */
static size_t signed_data_of(const knot_rdata_t *rrsig, const knot_dname_t *owner,
                             const knot_rdataset_t *rrs, uint8_t *data)
{
	uint8_t *pos = data;
	memcpy(pos, rrsig->data, rrsig->len);
	pos += rrsig->len;
	for (uint16_t i = 0; i < rrs->count; i++) {
		knot_rdata_t *rdata = knot_rdataset_at(rrs, i);
		size_t size = knot_dname_size(owner);
		memcpy(pos, owner, size);
		pos += size;
		knot_wire_write_u16(pos, KNOT_RRTYPE_CAA);
		knot_wire_write_u16(pos + 2, KNOT_CLASS_IN);
		knot_wire_write_u32(pos + 4, 1800);
		knot_wire_write_u16(pos + 8, rdata->len);
		memcpy(pos + 10, rdata->data, rdata->len);
		pos += 10 + rdata->len;
	}
	return (size_t)(pos - data);
}

/* Verifies as a validator does: RFC 4035 section 5.3.2. */
static bool verifies(const store_t *store, size_t nth, const knot_rdata_t *rrsig,
                     const knot_dname_t *owner, const knot_rdataset_t *rrs, uint8_t *signature,
                     size_t len)
{
	uint8_t data[2048];
	dnssec_sign_ctx_t *ctx = NULL;
	assert_int_equal(dnssec_sign_new(&ctx, store->key[nth]), DNSSEC_EOK);
	const dnssec_binary_t over = { .data = data,
		                       .size = signed_data_of(rrsig, owner, rrs, data) };
	const dnssec_binary_t made = { .data = signature, .size = len };
	assert_int_equal(dnssec_sign_add(ctx, &over), DNSSEC_EOK);
	bool right = dnssec_sign_verify(ctx, false, &made) == DNSSEC_EOK;
	dnssec_sign_free(ctx);
	return right;
}

/* Adds the signature to the RDATA of an RRSIG. */
static void sign_as(const store_t *store, size_t nth, knot_rdata_t *rrsig,
                    const knot_dname_t *owner, const knot_rdataset_t *rrs)
{
	uint8_t data[2048];
	const dnssec_binary_t over = { .data = data,
		                       .size = signed_data_of(rrsig, owner, rrs, data) };
	dnssec_binary_t made = { 0 };
	dnssec_sign_ctx_t *ctx = NULL;
	assert_int_equal(dnssec_sign_new(&ctx, store->key[nth]), DNSSEC_EOK);
	assert_int_equal(dnssec_sign_add(ctx, &over), DNSSEC_EOK);
	assert_int_equal(dnssec_sign_write(ctx, DNSSEC_SIGN_NORMAL, &made), DNSSEC_EOK);
	memcpy(rrsig->data + rrsig->len, made.data, made.size);
	rrsig->len += (uint16_t)made.size;
	dnssec_binary_free(&made);
	dnssec_sign_free(ctx);
}

static void signatures_validate_and_are_kept(void **state)
{
	const store_t *store = *state;
	static const struct {
		const char *owner;
		unsigned labels;
		const char *signed_as;
	} cases[] = {
		{ "example.com.", 2, "example.com." },
		{ "www.example.com.", 3, "www.example.com." },
		{ "*.example.com.", 2, "*.example.com." },
		{ "a.example.com.", 2, "*.example.com." },
		{ "c.b.a.example.com.", 3, "*.a.example.com." },
		{ "*.b.a.example.com.", 2, "*.example.com." },
	};
	knot_rrset_t set = caa_set();
	block_t *blocks = NULL;
	knot_mm_t mm = { .ctx = &blocks, .alloc = block_alloc };
	for (size_t i = 0; i < COUNT(cases); i++) {
		for (size_t nth = 0; nth < 2; nth++) {
			_Alignas(16) uint8_t buffer[HEAD];
			knot_rdata_t *rrsig = rrsig_of(store, nth, cases[i].labels, buffer);
			uint8_t one[SIGNER_MAX], two[SIGNER_MAX];
			size_t len = 0, again = 0;
			print_message("%s, %u labels\n", cases[i].owner, cases[i].labels);
			signer_rrsig_t stored = made_by(store, rrsig, cases[i].owner, &set);
			assert_true(signer_able(store->signer, &stored, &mm));
			assert_int_equal(signer_sign(store->signer, &stored, &set.rrs, &mm, one,
			                             &len),
			                 KNOT_EOK);
			assert_true(verifies(store, nth, rrsig, dname(cases[i].signed_as), &set.rrs,
			                     one, len));
			one[len - 1] ^= 1;
			assert_false(verifies(store, nth, rrsig, dname(cases[i].signed_as),
			                      &set.rrs, one, len));
			one[len - 1] ^= 1;
			stored.owner = dname(cases[i].owner);
			assert_int_equal(signer_sign(store->signer, &stored, &set.rrs, &mm, two,
			                             &again),
			                 KNOT_EOK);
			assert_int_equal(again, len);
			assert_memory_equal(one, two, len);
		}
	}
	block_free(blocks);
	knot_rdataset_clear(&set.rrs, NULL);
}

static void a_key_that_is_not_there_signs_nothing(void **state)
{
	const store_t *store = *state;
	knot_rrset_t set = caa_set();
	block_t *blocks = NULL;
	knot_mm_t mm = { .ctx = &blocks, .alloc = block_alloc };
	_Alignas(16) uint8_t buffer[HEAD];
	uint8_t out[SIGNER_MAX];
	size_t len = 77;

	/* The zone has no such key, and no file has it. */
	knot_rdata_t *rrsig = rrsig_of(store, 0, 2, buffer);
	signer_rrsig_t stored = made_by(store, rrsig, NULL, &set);
	knot_wire_write_u16(rrsig->data + 16, (uint16_t)(knot_rrsig_key_tag(rrsig) + 1));
	assert_false(signer_able(store->signer, &stored, &mm));

	/* The zone has it, the store does not. */
	char path[256];
	snprintf(path, sizeof(path), "%s/%s.pem", store->dir, store->id[0]);
	assert_int_equal(unlink(path), 0);
	rrsig = rrsig_of(store, 0, 2, buffer);
	assert_int_equal(signer_sign(store->signer, &stored, &set.rrs, &mm, out, &len),
	                 KNOT_ENOENT);
	assert_int_equal(len, 77);
	rrsig = rrsig_of(store, 1, 2, buffer);
	assert_true(signer_able(store->signer, &stored, &mm));

	/* What has no meaning as a key. */
	static const uint8_t bad[] = { 1, 0, 3, 8, 1, 2, 3 };
	knot_rrset_t dnskey;
	knot_rrset_init(&dnskey, NULL, KNOT_RRTYPE_DNSKEY, KNOT_CLASS_IN, 3600);
	for (size_t size = 1; size <= sizeof(bad); size++) {
		knot_rdataset_clear(&dnskey.rrs, NULL);
		assert_int_equal(knot_rrset_add_rdata(&dnskey, bad, (uint16_t)size, NULL),
		                 KNOT_EOK);
		stored.dnskeys = &dnskey.rrs;
		assert_false(signer_able(store->signer, &stored, &mm));
	}
	knot_rdataset_clear(&dnskey.rrs, NULL);
	block_free(blocks);
	knot_rdataset_clear(&set.rrs, NULL);
}

/* To open a pipe takes until somebody writes into it. */
static void a_pipe_in_the_place_of_a_key_holds_up_nobody(void **state)
{
	const store_t *store = *state;
	knot_rrset_t set = caa_set();
	block_t *blocks = NULL;
	knot_mm_t mm = { .ctx = &blocks, .alloc = block_alloc };
	const knot_rdataset_t none = { .count = 0 };
	char path[256];
	snprintf(path, sizeof(path), "%s/%s.pem", store->dir, store->id[0]);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);

	/* By its id, and in a search for another one: the pipe is the latest. */
	_Alignas(16) uint8_t buffer[HEAD];
	signer_rrsig_t stored = made_by(store, rrsig_of(store, 0, 2, buffer), NULL, &set);
	uint8_t out[SIGNER_MAX];
	size_t len;
	assert_int_equal(signer_sign(store->signer, &stored, &set.rrs, &mm, out, &len),
	                 KNOT_ENOENT);
	knot_rdata_t *rrsig = rrsig_of(store, 1, 2, buffer);
	stored.dnskeys = &none;
	sign_as(store, 1, rrsig, ZONE_WIRE, &set.rrs);
	assert_true(signer_able(store->signer, &stored, &mm));
	block_free(blocks);
	knot_rdataset_clear(&set.rrs, NULL);
}

/* While an algorithm comes or goes, signatures are there and the DNSKEY is not. */
static void a_key_that_the_zone_does_not_show_is_found_by_its_signature(void **state)
{
	const store_t *store = *state;
	knot_rrset_t set = caa_set();
	block_t *blocks = NULL;
	knot_mm_t mm = { .ctx = &blocks, .alloc = block_alloc };
	const knot_rdataset_t none = { .count = 0 };
	for (size_t nth = 0; nth < 2; nth++) {
		for (uint16_t flags = 256; flags <= 257; flags++) {
			_Alignas(16) uint8_t buffer[HEAD];
			uint8_t one[SIGNER_MAX], two[SIGNER_MAX];
			size_t len = 0, again = 0;
			print_message("key %zu, flags %u\n", nth, flags);
			dnssec_key_set_flags(store->key[nth], flags);
			knot_rdata_t *rrsig = rrsig_of(store, nth, 2, buffer);
			signer_rrsig_t stored = made_by(store, rrsig, "www.example.com.", &set);
			stored.dnskeys = &none;

			/* Neither without a signature, nor by a wrong one. */
			assert_false(signer_able(store->signer, &stored, &mm));
			stored.dnskeys = &store->dnskeys;
			if (flags == 257) {
				/* The key is shown, and with it the tag of another one is not. */
				assert_false(signer_able(store->signer, &stored, &mm));
			}
			memset(rrsig->data + rrsig->len, 1, 64);
			rrsig->len += 64;
			stored.dnskeys = &none;
			assert_false(signer_able(store->signer, &stored, &mm));

			/* A signer that has not looked in vain yet. */
			char **dirs = calloc(1, sizeof(*dirs));
			dirs[0] = strdup(store->dir);
			signer_t *signer = signer_new(dirs, 1, 1);
			rrsig = rrsig_of(store, nth, 2, buffer);
			sign_as(store, nth, rrsig, dname("*.example.com."), &set.rrs);
			stored.owner = dname("www.example.com.");
			assert_true(signer_able(signer, &stored, &mm));
			assert_int_equal(signer_sign(signer, &stored, &set.rrs, &mm, one, &len),
			                 KNOT_EOK);
			uint16_t whole = rrsig->len;
			rrsig->len = (uint16_t)(RRSIG_FIXED + knot_dname_size(ZONE_WIRE));
			assert_true(verifies(store, nth, rrsig, dname("*.example.com."), &set.rrs,
			                     one, len));
			rrsig->len = whole;

			/* It stays, without its file too, for what it has signed. */
			char path[256], hidden[256];
			snprintf(path, sizeof(path), "%s/%s.pem", store->dir, store->id[nth]);
			snprintf(hidden, sizeof(hidden), "%s/hidden", store->dir);
			assert_int_equal(rename(path, hidden), 0);
			assert_int_equal(signer_sign(signer, &stored, &set.rrs, &mm, two, &again),
			                 KNOT_EOK);
			assert_int_equal(len, again);
			assert_memory_equal(one, two, len);
			rrsig->data[rrsig->len - 1] ^= 1;
			assert_false(signer_able(signer, &stored, &mm));
			assert_int_equal(rename(hidden, path), 0);
			signer_free(signer);
			dnssec_key_set_flags(store->key[nth], 256);
		}
	}
	block_free(blocks);
	knot_rdataset_clear(&set.rrs, NULL);
}

static void *sign_much(void *arg)
{
	const store_t *store = arg;
	knot_rrset_t set = caa_set();
	for (unsigned i = 0; i < 400; i++) {
		block_t *blocks = NULL;
		knot_mm_t mm = { .ctx = &blocks, .alloc = block_alloc };
		_Alignas(16) uint8_t buffer[HEAD];
		knot_rdata_t *rrsig = rrsig_of(store, i % 2, 2, buffer);
		/* More contents than the cache has room for. */
		knot_wire_write_u32(rrsig->data + 8, 2000000000 + i % 100);
		uint8_t out[SIGNER_MAX];
		size_t len;
		signer_rrsig_t stored = made_by(store, rrsig, NULL, &set);
		if (signer_sign(store->signer, &stored, &set.rrs, &mm, out, &len) != KNOT_EOK ||
		    !verifies(store, i % 2, rrsig, ZONE_WIRE, &set.rrs, out, len)) {
			block_free(blocks);
			knot_rdataset_clear(&set.rrs, NULL);
			return arg;
		}
		block_free(blocks);
	}
	knot_rdataset_clear(&set.rrs, NULL);
	return NULL;
}

static void many_threads_sign(void **state)
{
	pthread_t thread[THREADS];
	for (size_t i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_create(&thread[i], NULL, sign_much, *state), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		void *failed = *state;
		assert_int_equal(pthread_join(thread[i], &failed), 0);
		assert_null(failed);
	}
}

static void a_cache_gives_what_was_kept_and_forgets_the_oldest(void **state)
{
	(void)state;
	cache_t *cache = cache_new(1);
	assert_non_null(cache);
	block_t *blocks = NULL;
	knot_mm_t mm = { .ctx = &blocks, .alloc = block_alloc };
	uint8_t *value;
	size_t len, kept = 0;
	assert_false(cache_get(cache, 1, "a", 1, &mm, &value, &len));
	for (uint32_t i = 0; i < 1000; i++) {
		uint64_t hash = hash_octets(HASH_SEED, &i, sizeof(i));
		cache_put(cache, hash, &i, sizeof(i), &i, i % 5);
		assert_true(cache_get(cache, hash, &i, sizeof(i), &mm, &value, &len));
		assert_int_equal(len, i % 5);
		assert_memory_equal(value, &i, len);
		/* Neither another key nor another hash. */
		assert_false(cache_get(cache, hash, &i, sizeof(i) - 1, &mm, &value, &len));
		assert_false(cache_get(cache, hash + 1, &i, sizeof(i), &mm, &value, &len));
		assert_false(cache_get(cache, hash, &hash, sizeof(i), &mm, &value, &len));
	}
	for (uint32_t i = 0; i < 1000; i++) {
		uint64_t hash = hash_octets(HASH_SEED, &i, sizeof(i));
		kept += cache_get(cache, hash, &i, sizeof(i), &mm, &value, &len);
	}
	assert_in_range(kept, 1, 32);
	block_free(blocks);
	cache_free(cache);
	cache_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(signatures_validate_and_are_kept, make_store,
		                                free_store),
		cmocka_unit_test_setup_teardown(a_key_that_is_not_there_signs_nothing, make_store,
		                                free_store),
		cmocka_unit_test_setup_teardown(
			a_key_that_the_zone_does_not_show_is_found_by_its_signature, make_store,
			free_store),
		cmocka_unit_test_setup_teardown(a_pipe_in_the_place_of_a_key_holds_up_nobody,
		                                make_store, free_store),
		cmocka_unit_test_setup_teardown(many_threads_sign, make_store, free_store),
		cmocka_unit_test(a_cache_gives_what_was_kept_and_forgets_the_oldest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
