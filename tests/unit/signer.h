/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Signs a zone: a naive signer for tests of what verifies signatures.
 *
 * RFC 4034, RFC 4035 section 2, RFC 5155 section 7.1. It goes over all the
 * records for every question, and shares nothing with the engine but hashes.
 */

#pragma once

#include <libdnssec/key.h>
#include <libdnssec/keytag.h>
#include <libdnssec/nsec.h>
#include <libdnssec/sign.h>

#include "test.h"

/*! How to sign. */
typedef struct {
	bool nsec3;
	bool opt_out;
	uint16_t iterations;
	uint8_t salt_len;
	const uint8_t *salt;
	uint32_t inception;
	uint32_t expiration;
} signer_t;

/*! Ed25519 keys, made for these tests: signatures need no random numbers. */
static const char *const signer_pems[] = {
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEIGb6fSpyLIcsPoolUc1v9pRzvUArClL9I7TtByg2HmlR\n"
	"-----END PRIVATE KEY-----\n",
	"-----BEGIN PRIVATE KEY-----\n"
	"MC4CAQAwBQYDK2VwBCIEIM+Ie2HjdERi82NAnIV9HHDvhnSn+clAsnWWLwBPVWR7\n"
	"-----END PRIVATE KEY-----\n",
};

static inline dnssec_key_t *signer_key(unsigned which, uint16_t flags)
{
	dnssec_key_t *key = NULL;
	char *pem = strdup(signer_pems[which]);
	const dnssec_binary_t data = { .size = strlen(pem), .data = (uint8_t *)pem };
	assert_int_equal(dnssec_key_new(&key), 0);
	assert_int_equal(dnssec_key_set_dname(key, dname(ZONE)), 0);
	assert_int_equal(dnssec_key_set_flags(key, flags), 0);
	assert_int_equal(dnssec_key_set_protocol(key, 3), 0);
	assert_int_equal(dnssec_key_set_algorithm(key, 15), 0);
	assert_int_equal(dnssec_key_load_pkcs8(key, &data), 0);
	free(pem);
	return key;
}

static inline void signer_add_dnskey(zone_t *zone, const dnssec_key_t *key)
{
	dnssec_binary_t rdata;
	assert_int_equal(dnssec_key_get_rdata(key, &rdata), 0);
	zone_add(zone, dname(ZONE), KNOT_RRTYPE_DNSKEY, 3600, rdata.data, rdata.size);
}

/*! Lets a policy trust the zone's key, by its DS record. */
static inline void signer_anchor(caaudit_policy_t *policy)
{
	dnssec_key_t *key = signer_key(0, 257);
	dnssec_binary_t ds;
	assert_int_equal(dnssec_key_create_ds(key, 2, &ds), 0);
	assert_int_equal(caaudit_policy_add_anchor(policy, KNOT_RRTYPE_DS, ds.data, ds.size, NULL),
	                 KNOT_EOK);
	dnssec_binary_free(&ds);
	dnssec_key_free(key);
}

static inline bool signer_is_apex(const knot_dname_t *owner)
{
	return knot_dname_is_case_equal(owner, dname(ZONE));
}

static inline bool signer_has(const zone_t *zone, const knot_dname_t *owner, uint16_t type)
{
	for (size_t i = 0; i < zone->count; i++) {
		if (zone->record[i].type == type &&
		    zone_name_order(zone->record[i].owner, owner) == 0) {
			return true;
		}
	}
	return false;
}

/*! Is the name below a cut or a DNAME? */
static inline bool signer_hidden(const zone_t *zone, const knot_dname_t *owner)
{
	for (const knot_dname_t *at = owner; !signer_is_apex(at);) {
		at += 1 + at[0];
		if ((!signer_is_apex(at) && signer_has(zone, at, KNOT_RRTYPE_NS)) ||
		    signer_has(zone, at, KNOT_RRTYPE_DNAME)) {
			return true;
		}
	}
	return false;
}

static inline bool signer_is_cut(const zone_t *zone, const knot_dname_t *owner)
{
	return !signer_is_apex(owner) && signer_has(zone, owner, KNOT_RRTYPE_NS);
}

static inline int signer_rdata_order(const void *a, const void *b)
{
	const zone_record_t *x = *(zone_record_t *const *)a, *y = *(zone_record_t *const *)b;
	size_t len = x->rdlen < y->rdlen ? x->rdlen : y->rdlen;
	int ret = memcmp(x->rdata, y->rdata, len);
	return ret != 0 ? ret : (int)x->rdlen - (int)y->rdlen;
}

static inline void signer_put(dnssec_sign_ctx_t *ctx, const uint8_t *octets, size_t len)
{
	uint8_t *copy = malloc(len + 1);
	memcpy(copy, octets, len);
	const dnssec_binary_t data = { .size = len, .data = copy };
	assert_int_equal(dnssec_sign_add(ctx, &data), 0);
	free(copy);
}

/*! Adds the signature over an RRset (RFC 4034 section 3.1.8.1). Names in RDATA are in lower case. */
static inline void signer_sign(zone_t *zone, const knot_dname_t *name, uint16_t type,
                               const dnssec_key_t *key, const signer_t *signer)
{
	zone_record_t *set[64];
	size_t count = 0;
	for (size_t i = 0; i < zone->count; i++) {
		zone_record_t *r = &zone->record[i];
		if (r->type == type && zone_name_order(r->owner, name) == 0 &&
		    zone_find(zone, r) == i) {
			assert_true(count < COUNT(set));
			set[count++] = r;
		}
	}
	assert_true(count > 0);
	qsort(set, count, sizeof(set[0]), signer_rdata_order);

	knot_dname_storage_t owner;
	memcpy(owner, name, knot_dname_size(name));
	knot_dname_to_lower(owner);
	unsigned labels = knot_dname_labels(owner, NULL) - (owner[0] == 1 && owner[1] == '*');
	uint32_t ttl = set[0]->ttl, end = signer->expiration, begin = signer->inception;
	uint16_t tag = dnssec_key_get_keytag(key);
	uint8_t rdata[512] = {
		type >> 8,       type & 255,        dnssec_key_get_algorithm(key),
		labels,          ttl >> 24,         ttl >> 16 & 255,
		ttl >> 8 & 255,  ttl & 255,         end >> 24,
		end >> 16 & 255, end >> 8 & 255,    end & 255,
		begin >> 24,     begin >> 16 & 255, begin >> 8 & 255,
		begin & 255,     tag >> 8,          tag & 255,
	};
	size_t apex = knot_dname_size(dname(ZONE)), len = 18 + apex;
	memcpy(rdata + 18, dname(ZONE), apex);

	dnssec_sign_ctx_t *ctx = NULL;
	assert_int_equal(dnssec_sign_new(&ctx, key), 0);
	signer_put(ctx, rdata, len);
	for (size_t i = 0; i < count; i++) {
		const uint8_t head[] = {
			type >> 8,
			type & 255,
			0,
			1,
			ttl >> 24,
			ttl >> 16 & 255,
			ttl >> 8 & 255,
			ttl & 255,
			set[i]->rdlen >> 8,
			set[i]->rdlen & 255,
		};
		signer_put(ctx, owner, knot_dname_size(owner));
		signer_put(ctx, head, sizeof(head));
		signer_put(ctx, set[i]->rdata, set[i]->rdlen);
	}
	dnssec_binary_t signature;
	assert_int_equal(dnssec_sign_write(ctx, DNSSEC_SIGN_NORMAL, &signature), 0);
	dnssec_sign_free(ctx);
	memcpy(rdata + len, signature.data, signature.size);
	zone_add(zone, owner, KNOT_RRTYPE_RRSIG, ttl, rdata, len + signature.size);
	dnssec_binary_free(&signature);
}

/*! Writes a type bitmap (RFC 4034 section 4.1.2). */
static inline size_t signer_bitmap(const zone_t *zone, const knot_dname_t *owner, bool nsec,
                                   uint8_t *out)
{
	bool types[512] = { false }, any = false;
	bool cut = signer_is_cut(zone, owner);
	for (size_t i = 0; i < zone->count; i++) {
		const zone_record_t *r = &zone->record[i];
		if (zone_name_order(r->owner, owner) == 0 && r->type < COUNT(types) &&
		    r->type != KNOT_RRTYPE_NSEC3 && r->type != KNOT_RRTYPE_NSEC &&
		    (!cut || r->type == KNOT_RRTYPE_NS || r->type == KNOT_RRTYPE_DS)) {
			types[r->type] = true;
			any = any || !cut || r->type == KNOT_RRTYPE_DS;
		}
	}
	types[KNOT_RRTYPE_RRSIG] = any || nsec;
	types[KNOT_RRTYPE_NSEC] = nsec;
	size_t size = 0;
	for (unsigned window = 0; window < 2; window++) {
		uint8_t octets[32] = { 0 };
		unsigned len = 0;
		for (unsigned i = 0; i < 256; i++) {
			if (types[256 * window + i]) {
				octets[i / 8] |= 0x80 >> i % 8;
				len = i / 8 + 1;
			}
		}
		if (len > 0) {
			out[size] = window;
			out[size + 1] = len;
			memcpy(out + size + 2, octets, len);
			size += 2 + len;
		}
	}
	return size;
}

/*! Does a name get an NSEC or NSEC3? */
static inline bool signer_in_chain(const zone_t *zone, const knot_dname_t *owner,
                                   const signer_t *signer)
{
	bool unsigned_cut = signer_is_cut(zone, owner) && !signer_has(zone, owner, KNOT_RRTYPE_DS);
	return !signer_hidden(zone, owner) && !(signer->nsec3 && signer->opt_out && unsigned_cut);
}

/*! Base32 with the extended hex alphabet (RFC 4648 section 7). */
static inline void signer_base32(const uint8_t hash[20], char out[33])
{
	for (unsigned i = 0; i < 32; i++) {
		unsigned digit = 0;
		for (unsigned bit = 5 * i; bit < 5 * i + 5; bit++) {
			digit = digit << 1 | (hash[bit / 8] >> (7 - bit % 8) & 1);
		}
		out[i] = "0123456789abcdefghijklmnopqrstuv"[digit];
	}
	out[32] = '\0';
}

typedef struct {
	knot_dname_storage_t name;
	uint8_t hash[20];
} signer_name_t;

static inline int signer_name_order(const void *a, const void *b)
{
	return zone_name_order(((const signer_name_t *)a)->name, ((const signer_name_t *)b)->name);
}

static inline int signer_hash_order(const void *a, const void *b)
{
	return memcmp(((const signer_name_t *)a)->hash, ((const signer_name_t *)b)->hash, 20);
}

static inline void signer_add_name(signer_name_t *names, size_t *count, const knot_dname_t *name)
{
	for (size_t i = 0; i < *count; i++) {
		if (zone_name_order(names[i].name, name) == 0) {
			return;
		}
	}
	assert_true(*count < 128);
	memcpy(names[*count].name, name, knot_dname_size(name));
	knot_dname_to_lower(names[(*count)++].name);
}

static inline void signer_add_chain(zone_t *zone, const signer_t *signer)
{
	static signer_name_t names[128];
	size_t count = 0, records = zone->count;
	for (size_t i = 0; i < records; i++) {
		const knot_dname_t *at = zone->record[i].owner;
		if (!signer_in_chain(zone, at, signer)) {
			continue;
		}
		signer_add_name(names, &count, at);
		while (signer->nsec3 && !signer_is_apex(at)) { // Empty non-terminals as well.
			at += 1 + at[0];
			signer_add_name(names, &count, at);
		}
	}
	for (size_t i = 0; i < count && signer->nsec3; i++) {
		const dnssec_binary_t name = { .size = knot_dname_size(names[i].name),
			                       .data = names[i].name };
		uint8_t salt[256];
		memcpy(salt, signer->salt_len > 0 ? signer->salt : salt, signer->salt_len);
		const dnssec_nsec3_params_t params = {
			.algorithm = 1,
			.iterations = signer->iterations,
			.salt = { .size = signer->salt_len, .data = salt },
		};
		dnssec_binary_t hash = { 0 };
		assert_int_equal(dnssec_nsec3_hash(&name, &params, &hash), 0);
		memcpy(names[i].hash, hash.data, 20);
		dnssec_binary_free(&hash);
	}
	qsort(names, count, sizeof(names[0]),
	      signer->nsec3 ? signer_hash_order : signer_name_order);

	for (size_t i = 0; i < count; i++) {
		const signer_name_t *next = &names[(i + 1) % count];
		uint8_t rdata[1024];
		size_t len = 0;
		if (!signer->nsec3) {
			len = knot_dname_size(next->name);
			memcpy(rdata, next->name, len);
			len += signer_bitmap(zone, names[i].name, true, rdata + len);
			zone_add(zone, names[i].name, KNOT_RRTYPE_NSEC, 300, rdata, len);
			continue;
		}
		rdata[0] = 1;
		rdata[1] = signer->opt_out;
		rdata[2] = signer->iterations >> 8;
		rdata[3] = signer->iterations & 255;
		rdata[4] = signer->salt_len;
		memcpy(rdata + 5, signer->salt_len > 0 ? signer->salt : rdata, signer->salt_len);
		len = 5 + signer->salt_len;
		rdata[len++] = 20;
		memcpy(rdata + len, next->hash, 20);
		len += 20;
		len += signer_bitmap(zone, names[i].name, false, rdata + len);
		char owner[64];
		signer_base32(names[i].hash, owner);
		strcpy(owner + 32, "." ZONE);
		zone_add(zone, dname(owner), KNOT_RRTYPE_NSEC3, 300, rdata, len);
	}
}

/*! Adds key, chain and signatures. */
static inline void signer_run(zone_t *zone, const signer_t *signer)
{
	dnssec_key_t *key = signer_key(0, 257);
	signer_add_dnskey(zone, key);
	if (signer->nsec3) {
		uint8_t param[5 + 255] = { 1, 0, signer->iterations >> 8, signer->iterations & 255,
			                   signer->salt_len };
		memcpy(param + 5, signer->salt_len > 0 ? signer->salt : param, signer->salt_len);
		zone_add(zone, dname(ZONE), KNOT_RRTYPE_NSEC3PARAM, 0, param, 5 + signer->salt_len);
	}
	signer_add_chain(zone, signer);
	size_t records = zone->count;
	for (size_t i = 0; i < records; i++) {
		const zone_record_t r = zone->record[i];
		bool first = true;
		for (size_t j = 0; j < i; j++) {
			first = first && (zone->record[j].type != r.type ||
			                  zone_name_order(zone->record[j].owner, r.owner) != 0);
		}
		bool chain = r.type == KNOT_RRTYPE_NSEC || r.type == KNOT_RRTYPE_NSEC3;
		if (first &&
		    (chain || (!signer_hidden(zone, r.owner) &&
		               (!signer_is_cut(zone, r.owner) || r.type == KNOT_RRTYPE_DS)))) {
			signer_sign(zone, r.owner, r.type, key, signer);
		}
	}
	dnssec_key_free(key);
}
