/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What is selected of the signatures and denials of a zone, from what one
 * reading has kept and in a second reading. The limit between the two is lower
 * here than elsewhere: PROOFS_BUFFER_MAX.
 */

#include "signer.h"

#include "proofs_model.h"
#include "report.h"

static const knot_dname_t apex[] = "\7example\3com";

static void add(proofs_t *proofs, const knot_dname_t *owner, uint16_t type, const uint8_t *rdata,
                uint16_t rdlen)
{
	const caaudit_record_t record = { owner, rdata, 1, type, rdlen };
	assert_int_equal(proofs_add(proofs, &record), KNOT_EOK);
}

static void add_rrsig(proofs_t *proofs, const char *owner, uint16_t covered, uint8_t mark)
{
	uint8_t rdata[20] = { covered >> 8, covered & 255 };
	rdata[19] = mark;
	add(proofs, dname(owner), KNOT_RRTYPE_RRSIG, rdata, sizeof(rdata));
}

/*! Fills a store before any name is wanted, so that there will be a second reading. */
static void overfill(proofs_t *proofs)
{
	static const uint8_t rdata[PROOFS_BUFFER_MAX] = { KNOT_RRTYPE_CAA >> 8,
		                                          KNOT_RRTYPE_CAA & 255 };
	const caaudit_record_t record = { dname("heavy.example.com."), rdata, 1, KNOT_RRTYPE_RRSIG,
		                          PROOFS_BUFFER_MAX };
	assert_int_equal(proofs_add(proofs, &record), KNOT_ELIMIT);
	assert_true(proofs_foresee(proofs, NULL));
}

static size_t signatures(const proofs_t *proofs, const char *owner, uint16_t covered,
                         const char **gap)
{
	proof_t out;
	memset(&out, 0xa5, sizeof(out));
	proofs_at(proofs, dname(owner), covered, &out);
	*gap = out.gap;
	return out.sigs.count;
}

/* --- Hashes (RFC 5155) --------------------------------------------------------------------------- */

/* RFC 5155 appendix A. */
static void hashes_are_those_of_rfc_5155(void **state)
{
	(void)state;
	static uint8_t salt[] = { 0xaa, 0xbb, 0xcc, 0xdd };
	const dnssec_nsec3_params_t params = { .algorithm = 1,
		                               .iterations = 12,
		                               .salt = { sizeof(salt), salt } };
	static const struct {
		const char *name, *hash;
	} tests[] = {
		{ "example.", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom" },
		{ "a.example.", "35mthgpgcu1qg68fab165klnsnk3dpvl" },
		{ "ai.example.", "gjeqe526plbf1g8mklp59enfd789njgi" },
		{ "ns1.example.", "2t7b4g4vsa5smi47k61mv5bv1a22bojr" },
		{ "*.w.example.", "r53bq7cc2uvmubfu5ocmm6pers9tk9en" },
		{ "xx.example.", "t644ebqk9bibcna874givr6joj62mlhv" },
	};
	static const knot_dname_t zone[] = "\7example";
	proofs_t *proofs = proofs_new(zone);
	for (size_t i = 0; i < COUNT(tests); i++) {
		assert_true(proofs_want(proofs, dname(tests[i].name)));
	}
	assert_int_equal(proofs_select(proofs, &params), KNOT_EOK);
	for (size_t i = 0; i < COUNT(tests); i++) {
		uint8_t hash[NSEC3_HASH_SIZE], decoded[NSEC3_HASH_SIZE];
		char text[33], owner[64];
		proof_t out;
		proofs_denial(proofs, dname(tests[i].name), &out, hash);
		assert_null(out.gap);
		assert_int_equal(out.set.count, 0);
		signer_base32(hash, text);
		assert_string_equal(text, tests[i].hash);
		snprintf(owner, sizeof(owner), "%s.example.", text);
		assert_true(nsec3_owner_hash(dname(owner), decoded));
		assert_memory_equal(decoded, hash, sizeof(hash));
	}
	proofs_free(proofs);
	proofs_free(NULL);
}

static void many_iterations_are_not_made(void **state)
{
	(void)state;
	for (unsigned more = 0; more < 2; more++) {
		const dnssec_nsec3_params_t params = { .algorithm = 1,
			                               .iterations = NSEC3_ITERATIONS_MAX + more };
		proofs_t *proofs = proofs_new(apex);
		assert_true(proofs_want(proofs, dname(ZONE)));
		assert_int_equal(proofs_select(proofs, &params), KNOT_EOK);
		uint8_t hash[NSEC3_HASH_SIZE];
		proof_t out;
		proofs_denial(proofs, dname(ZONE), &out, hash);
		assert_int_equal(out.gap != NULL, more);
		proofs_free(proofs);
	}
}

static void owners_of_nsec3_have_32_digits(void **state)
{
	(void)state;
	uint8_t hash[NSEC3_HASH_SIZE];
	assert_true(nsec3_owner_hash(dname("0P9MHAVEQVM6T7VBL5LOP2U3T2RP3TOM."), hash));
	assert_false(nsec3_owner_hash(dname("0p9mhaveqvm6t7vbl5lop2u3t2rp3to."), hash));
	assert_false(nsec3_owner_hash(dname("0p9mhaveqvm6t7vbl5lop2u3t2rp3tomm."), hash));
	assert_false(nsec3_owner_hash(dname("."), hash));
	for (unsigned c = 0; c < 256; c++) {
		uint8_t owner[] = "\40"
				  "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom";
		owner[32] = c;
		bool expected = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'v') ||
		                (c >= 'A' && c <= 'V');
		assert_int_equal(nsec3_owner_hash(owner, hash), expected);
	}
}

/* RFC 5155 section 3.2: flags are no parameter, and something follows the salt. */
static void an_nsec3_belongs_to_the_chain_of_its_parameters(void **state)
{
	(void)state;
	static uint8_t salt[] = { 0xaa, 0xbb };
	const dnssec_nsec3_params_t params = { .algorithm = 1,
		                               .iterations = 3,
		                               .salt = { sizeof(salt), salt } };
	static const struct {
		uint8_t rdata[8];
		uint16_t rdlen;
		bool ours;
	} tests[] = {
		{ { 1, 0, 0, 3, 2, 0xaa, 0xbb, 0 }, 8, true },
		{ { 1, 1, 0, 3, 2, 0xaa, 0xbb, 0 }, 8, true },
		{ { 1, 255, 0, 3, 2, 0xaa, 0xbb, 0 }, 8, true },
		{ { 2, 0, 0, 3, 2, 0xaa, 0xbb, 0 }, 8, false },
		{ { 1, 0, 1, 3, 2, 0xaa, 0xbb, 0 }, 8, false },
		{ { 1, 0, 0, 2, 2, 0xaa, 0xbb, 0 }, 8, false },
		{ { 1, 0, 0, 3, 1, 0xaa, 0xbb, 0 }, 8, false },
		{ { 1, 0, 0, 3, 3, 0xaa, 0xbb, 0 }, 8, false },
		{ { 1, 0, 0, 3, 255, 0xaa, 0xbb, 0 }, 8, false },
		{ { 1, 0, 0, 3, 2, 0xaa, 0xbc, 0 }, 8, false },
		{ { 1, 0, 0, 3, 2, 0xab, 0xbb, 0 }, 8, false },
		{ { 1, 0, 0, 3, 2, 0xaa, 0xbb, 0 }, 7, false },
		{ { 1, 0, 0, 3, 2, 0xaa, 0xbb, 0 }, 5, false },
		{ { 1, 0, 0, 3, 2, 0xaa, 0xbb, 0 }, 4, false },
		{ { 1, 0, 0, 3, 2, 0xaa, 0xbb, 0 }, 0, false },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		proofs_t *proofs = proofs_new(apex);
		add(proofs, dname("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.example.com."),
		    KNOT_RRTYPE_NSEC3, tests[i].rdata, tests[i].rdlen);
		assert_true(proofs_want(proofs, dname(ZONE)));
		assert_int_equal(proofs_select(proofs, &params), KNOT_EOK);
		uint8_t hash[NSEC3_HASH_SIZE];
		proof_t out;
		proofs_denial(proofs, dname(ZONE), &out, hash);
		assert_int_equal(out.set.count, tests[i].ours);
		assert_null(out.gap);
		proofs_free(proofs);
	}
}

#define HASH_OWNER "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"

static const uint8_t no_salt[] = { 1, 0, 0, 0, 0, 1 }, iterated[] = { 1, 0, 0, 7, 0, 1 };
static const dnssec_nsec3_params_t plain_params = { .algorithm = 1 };

/* What stands at a hash below another name is no part of the chain. */
static void an_nsec3_stands_right_below_the_apex(void **state)
{
	(void)state;
	static const struct {
		const char *owner;
		bool ours;
	} tests[] = {
		{ HASH_OWNER ".example.com.", true },
		{ "0P9MHAVEQVM6T7VBL5LOP2U3T2RP3TOM.Example.COM.", true },
		{ HASH_OWNER ".a.example.com.", false },
		{ HASH_OWNER "." HASH_OWNER ".example.com.", false },
		{ HASH_OWNER ".", false },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		proofs_t *proofs = proofs_new(apex);
		add(proofs, dname(tests[i].owner), KNOT_RRTYPE_NSEC3, no_salt, sizeof(no_salt));
		add_rrsig(proofs, tests[i].owner, KNOT_RRTYPE_NSEC3, 0);
		assert_true(proofs_want(proofs, apex));
		assert_int_equal(proofs_select(proofs, &plain_params), KNOT_EOK);
		uint8_t hash[NSEC3_HASH_SIZE];
		proof_t out;
		proofs_denial(proofs, apex, &out, hash);
		assert_int_equal(out.set.count, tests[i].ours);
		assert_int_equal(out.sigs.count, tests[i].ours);
		assert_null(out.gap);
		proofs_free(proofs);
	}
}

static void of_duplicates_the_shortest_ttl_stays(void **state)
{
	(void)state;
	static const uint32_t ttls[] = { 7200, 300, 86400, UINT32_MAX, 301 };
	static const uint8_t rdata[20] = { 0, KNOT_RRTYPE_NSEC };
	for (size_t first = 0; first < COUNT(ttls); first++) {
		proofs_t *proofs = proofs_new(apex);
		for (size_t i = 0; i < 2 * COUNT(ttls); i++) {
			bool sig = i % 2 == 0;
			const caaudit_record_t record = { apex, sig ? rdata : no_salt,
				                          ttls[(first + i / 2) % COUNT(ttls)],
				                          sig ? KNOT_RRTYPE_RRSIG :
				                                KNOT_RRTYPE_NSEC,
				                          sig ? sizeof(rdata) : sizeof(no_salt) };
			assert_int_equal(proofs_add(proofs, &record), KNOT_EOK);
		}
		assert_true(proofs_want(proofs, apex));
		assert_int_equal(proofs_select(proofs, NULL), KNOT_EOK);
		proof_t out;
		proofs_denial(proofs, apex, &out, NULL);
		assert_int_equal(out.set.count, 1);
		assert_int_equal(out.set.record[0]->ttl, 300);
		assert_int_equal(out.sigs.count, 1);
		assert_int_equal(out.sigs.record[0]->ttl, 300);
		proofs_free(proofs);
	}
}

/* A signature beside an NSEC3 of another chain seems to be over that. It need not be. */
static void what_is_dropped_with_another_chain_may_be_missed(void **state)
{
	(void)state;
	static const char owner[] = HASH_OWNER ".example.com.";
	for (unsigned apart = 0; apart < 2; apart++) {
		proofs_t *proofs = proofs_new(apex);
		overfill(proofs);
		assert_true(proofs_want(proofs, apex));
		assert_int_equal(proofs_select(proofs, &plain_params), KNOT_EAGAIN);
		add(proofs, dname(owner), KNOT_RRTYPE_NSEC3, iterated, sizeof(iterated));
		add_rrsig(proofs, owner, KNOT_RRTYPE_NSEC3, 0);
		if (apart) {
			add(proofs, dname("00000000000000000000000000000000.example.com."),
			    KNOT_RRTYPE_NSEC3, iterated, sizeof(iterated));
		}
		add(proofs, dname(owner), KNOT_RRTYPE_NSEC3, no_salt, sizeof(no_salt));
		assert_true(proofs_finish(proofs));
		uint8_t hash[NSEC3_HASH_SIZE];
		proof_t out;
		proofs_denial(proofs, apex, &out, hash);
		assert_int_equal(out.set.count, 1);
		assert_int_equal(out.sigs.count, !apart);
		assert_int_equal(out.gap != NULL, apart);
		proofs_free(proofs);
	}
}

static void a_short_signature_covers_nothing(void **state)
{
	(void)state;
	uint8_t rdata[19] = { 0x01, 0x01 };
	assert_int_equal(rrsig_covered(rdata, 18), 0);
	assert_int_equal(rrsig_covered(rdata, 19), 257);
	assert_int_equal(rrsig_covered(NULL, 0), 0);
}

/* --- What is wanted -------------------------------------------------------------------------------- */

/* With a name its ancestors are wanted, and the wildcards that may answer for it. */
static void what_an_answer_depends_on_is_wanted(void **state)
{
	(void)state;
	static const struct {
		const char *want[3];
		const char *wanted[8], *unwanted[3];
	} tests[] = {
		{ { "b.a.example.com." },
		  { "b.a.example.com.", "a.example.com.", "example.com.", "*.a.example.com.",
		    "*.example.com." },
		  { "*.b.a.example.com.", "c.example.com.", "com." } },
		{ { "example.com." }, { "example.com." }, { "*.example.com.", "a.example.com." } },
		/* A wildcard may be asked for itself, as the target of an alias. */
		{ { "*.b.a.example.com." },
		  { "*.b.a.example.com.", "b.a.example.com.", "a.example.com.", "example.com.",
		    "*.a.example.com.", "*.example.com." },
		  { "*.*.b.a.example.com." } },
		{ { "*.b.a.example.com.", "x.b.a.example.com." },
		  { "x.b.a.example.com.", "b.a.example.com.", "*.a.example.com.",
		    "*.example.com." } },
		{ { "*.a.example.com.", "c.b.a.example.com.", "d.a.example.com." },
		  { "*.b.a.example.com.", "b.a.example.com.", "d.a.example.com.", "a.example.com.",
		    "*.example.com.", "example.com." } },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].want[0]);
		proofs_t *proofs = proofs_new(apex);
		for (size_t j = 0; j < 3 && tests[i].want[j] != NULL; j++) {
			assert_true(proofs_want(proofs, dname(tests[i].want[j])));
		}
		assert_int_equal(proofs_select(proofs, NULL), KNOT_EOK);
		for (size_t j = 0; j < 11; j++) {
			bool wanted = j < 8;
			const char *name = wanted ? tests[i].wanted[j] : tests[i].unwanted[j - 8];
			if (name == NULL) {
				continue;
			}
			const char *gap;
			proof_t out;
			(void)signatures(proofs, name, KNOT_RRTYPE_CAA, &gap);
			assert_int_equal(gap == NULL, wanted);
			proofs_denial(proofs, dname(name), &out, NULL);
			assert_int_equal(out.gap == NULL, wanted);
		}
		proofs_free(proofs);
	}
}

static void a_wildcard_too_long_to_exist_is_not_wanted(void **state)
{
	(void)state;
	// A parent of 254 octets: "*." does not fit before it.
	char name[512] = "x.";
	for (unsigned i = 0; i < 121; i++) {
		strcat(name, "a.");
	}
	strcat(name, "example.com.");
	assert_int_equal(knot_dname_size(dname(name + 2)) + 2, 257);
	proofs_t *proofs = proofs_new(apex);
	assert_true(proofs_want(proofs, dname(name + 2)));
	assert_int_equal(proofs_select(proofs, NULL), KNOT_EOK);
	const char *gap;
	for (const char *at = name + 2; *at == 'a'; at += 2) {
		(void)signatures(proofs, at, KNOT_RRTYPE_CAA, &gap);
		assert_null(gap);
	}
	proofs_free(proofs);
}

/* --- Against the model ------------------------------------------------------------------------------ */

static void the_selection_is_that_of_the_model(void **state)
{
	(void)state;
	uint64_t random = 4034;
	size_t records = 0;
	for (unsigned round = 0; round < 2500; round++) {
		uint8_t octets[160];
		for (size_t i = 0; i < sizeof(octets); i++) {
			octets[i] = zone_random(&random);
		}
		octets[1] = round % ORDER__COUNT + ORDER__COUNT * (round % 7);
		scene_t scene;
		scene_make(&scene, octets, 9 + zone_random(&random) % (sizeof(octets) - 8));
		records += scene.zone.count;
		for (reading_t reading = 0; reading < READING__COUNT; reading++) {
			const char *broken = scene_broken(&scene, reading);
			if (broken != NULL) {
				char *text = zone_generic(&scene.zone);
				fputs(text, stderr);
				print_error("round %u, order %d, reading %u: %s\n", round,
				            scene.order, reading, broken);
				for (size_t i = 0; i < scene.wanted; i++) {
					print_error("wanted %s\n", dname_text(scene.want[i]));
				}
				free(text);
				fail();
			}
		}
		zone_free(&scene.zone);
	}
	print_message("%zu records\n", records);
}

/* --- Limits ------------------------------------------------------------------------------------------ */

/*! Feeds a store once or twice. */
static proofs_t *feed(void (*fill)(proofs_t *, unsigned), unsigned count, bool again)
{
	proofs_t *proofs = proofs_new(apex);
	if (again) {
		overfill(proofs);
	}
	fill(proofs, count);
	assert_true(proofs_want(proofs, dname("b.example.com.")));
	assert_int_equal(proofs_select(proofs, NULL), again ? KNOT_EAGAIN : KNOT_EOK);
	if (again) {
		fill(proofs, count);
		assert_true(proofs_finish(proofs));
	}
	return proofs;
}

static void fill_signatures(proofs_t *proofs, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		add_rrsig(proofs, "b.example.com.", KNOT_RRTYPE_CAA, i);
		add_rrsig(proofs, "c.example.com.", KNOT_RRTYPE_CAA, i);
	}
}

static void fill_ds(proofs_t *proofs, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const uint8_t rdata[] = { i, 0, 0, 0 };
		add(proofs, dname("b.example.com."), KNOT_RRTYPE_DS, rdata, sizeof(rdata));
	}
}

static void fill_nsec(proofs_t *proofs, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		const uint8_t rdata[] = { i };
		add(proofs, dname("a.example.com."), KNOT_RRTYPE_NSEC, rdata, sizeof(rdata));
	}
	add_rrsig(proofs, "a.example.com.", KNOT_RRTYPE_NSEC, 0);
}

static void fill_nsec_signatures(proofs_t *proofs, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		add_rrsig(proofs, "a.example.com.", KNOT_RRTYPE_NSEC, i);
	}
	add(proofs, dname("a.example.com."), KNOT_RRTYPE_NSEC, (const uint8_t *)"", 1);
}

static void of_one_kind_64_are_kept_at_a_name(void **state)
{
	(void)state;
	static const struct {
		void (*fill)(proofs_t *, unsigned);
		uint16_t covered; /* 0: the denial. */
	} tests[] = {
		{ fill_signatures, KNOT_RRTYPE_CAA },
		{ fill_ds, KNOT_RRTYPE_DS },
		{ fill_nsec, 0 },
		{ fill_nsec_signatures, 0 },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		for (unsigned count = 63; count <= 300; count += count < 66 ? 1 : 100) {
			for (unsigned again = 0; again < 2; again++) {
				proofs_t *proofs = feed(tests[i].fill, count, again == 1);
				proof_t out;
				if (tests[i].covered != 0) {
					proofs_at(proofs, dname("b.example.com."), tests[i].covered,
					          &out);
				} else {
					proofs_denial(proofs, dname("b.example.com."), &out, NULL);
				}
				size_t most = out.set.count > out.sigs.count ? out.set.count :
				                                               out.sigs.count;
				assert_int_equal(out.gap != NULL, count > 64);
				assert_true(count > 64 || most == count);
				// Some signatures are better than none, a part of a set is not.
				bool sigs = tests[i].covered == KNOT_RRTYPE_CAA;
				assert_true(count <= 64 || most == (sigs ? 64 : 0));
				// Other names are not concerned.
				const char *gap;
				(void)signatures(proofs, ZONE, KNOT_RRTYPE_CAA, &gap);
				assert_null(gap);
				proofs_free(proofs);
			}
		}
	}
}

/* Exactly so many octets: RDATA, owners, and nine octets for each record. */
static void so_many_octets_wait_for_the_selection(void **state)
{
	(void)state;
	enum { OWNER = 15, EACH = 9 + OWNER + 1000 };
	static uint8_t rdata[2000] = { KNOT_RRTYPE_CAA >> 8, KNOT_RRTYPE_CAA & 255 };
	// Full or not, and then with a name that was not foreseen, or without one.
	for (unsigned mode = 0; mode < 3; mode++) {
		bool full = mode > 0, surprised = mode == 2;
		proofs_t *proofs = proofs_new(apex);
		size_t left = PROOFS_BUFFER_MAX, count = 1;
		for (; left >= 2 * EACH; left -= EACH) {
			rdata[999]++;
			add(proofs, dname("a.example.com."), KNOT_RRTYPE_RRSIG, rdata, 1000);
			count++;
		}
		rdata[999]++;
		const caaudit_record_t last = {
			.owner = dname("a.example.com."),
			.rdata = rdata,
			.ttl = 1,
			.type = KNOT_RRTYPE_RRSIG,
			.rdlen = left - 9 - OWNER + full,
		};
		assert_int_equal(proofs_add(proofs, &last), full ? KNOT_ELIMIT : KNOT_EOK);
		assert_true(proofs_want(proofs, dname("a.example.com.")));
		if (full) {
			assert_true(proofs_foresee(proofs, NULL));
			assert_int_equal(proofs_add(proofs, &last), KNOT_EOK);
		}
		// What is of no concern takes no room.
		add(proofs, dname("b.example.com."), KNOT_RRTYPE_TXT, rdata, 2000);
		rdata[1]++;
		add(proofs, dname("b.example.com."), KNOT_RRTYPE_RRSIG, rdata, 2000);
		rdata[1]--;
		if (surprised) {
			assert_true(proofs_want(proofs, dname("b.example.com.")));
		}
		assert_int_equal(proofs_select(proofs, NULL), surprised ? KNOT_EAGAIN : KNOT_EOK);
		if (!surprised) {
			const char *gap;
			assert_int_equal(signatures(proofs, "a.example.com.", KNOT_RRTYPE_CAA,
			                            &gap),
			                 count);
			assert_null(gap);
		}
		proofs_free(proofs);
	}
}

static void a_store_that_was_given_up_knows_nothing(void **state)
{
	(void)state;
	static const char why[] = "it was given up";
	for (unsigned again = 0; again < 2; again++) {
		proofs_t *proofs = feed(fill_signatures, 3, again == 1);
		const char *gap;
		assert_int_equal(signatures(proofs, "b.example.com.", KNOT_RRTYPE_CAA, &gap), 3);
		assert_null(gap);
		proofs_give_up(proofs, why);
		assert_int_equal(signatures(proofs, "b.example.com.", KNOT_RRTYPE_CAA, &gap), 0);
		assert_ptr_equal(gap, why);
		proof_t out;
		proofs_denial(proofs, dname("b.example.com."), &out, NULL);
		assert_ptr_equal(out.gap, why);
		assert_int_equal(out.set.count, 0);
		proofs_free(proofs);
	}
}

/* --- Second readings --------------------------------------------------------------------------------- */

#define NOW 1800000000u
#define CA  "ca.example.net"

static uint8_t salts[][2] = { { 0xaa, 0xbb }, { 0xaa, 0xbc } };

static const signer_t signers[] = {
	{ .inception = NOW - 1000, .expiration = NOW + 1000000 },
	{ .inception = NOW - 1000, .expiration = NOW + 1000000, .nsec3 = true },
	{ .inception = NOW - 1000,
	  .expiration = NOW + 1000000,
	  .nsec3 = true,
	  .opt_out = true,
	  .salt_len = 2,
	  .salt = salts[0] },
	{ .inception = NOW - 1000,
	  .expiration = NOW + 1000000,
	  .nsec3 = true,
	  .salt_len = 2,
	  .salt = salts[1] },
};

static caaudit_policy_t *make_policy(void)
{
	static const char *const hosts[] = { "@",     "www",   "a.w", "none",
		                             "x.old", "x.cut", "ent", "out" };
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	assert_int_equal(caaudit_policy_add_ca(policy, CA, NULL), KNOT_EOK);
	for (size_t i = 0; i < COUNT(hosts); i++) {
		assert_int_equal(caaudit_policy_add_host(policy, hosts[i], NULL), KNOT_EOK);
	}
	assert_int_equal(caaudit_policy_add_validation(policy, "_v.b x.example.net", NULL),
	                 KNOT_EOK);
	signer_anchor(policy);
	assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
	return policy;
}

/*! A signed zone with one answer of each kind, and so many names that nobody asks for. */
static zone_t signed_zone(const signer_t *signer, unsigned others)
{
	zone_t zone = zone_of_text(ZONE, SOA "www CNAME t\nt CAA 0 issue \"" CA "\"\n"
	                                     "*.w CAA 0 issue \"" CA "\"\nold DNAME t\n"
	                                     "cut NS ns.example.net.\na.ent A 192.0.2.1\n"
	                                     "_v CNAME x.example.net.\nfar A 192.0.2.1\n"
	                                     "out CNAME y.example.net.\n");
	for (unsigned i = 0; i < others; i++) {
		char text[32];
		snprintf(text, sizeof(text), "n%u A 192.0.2.1\n", i);
		assert_null(zone_parse(&zone, ZONE, text));
	}
	signer_run(&zone, signer);
	return zone;
}

/*! Reads a zone, and something else in some of the readings. */
typedef struct {
	zone_t *zone;
	bool heavy;       /*!< There is more than the first reading keeps. */
	unsigned calls;   /*!< So many readings so far. */
	unsigned changed; /*!< Bits: in that reading the serial is another one. */
	unsigned failing; /*!< In that reading the source fails. */
	unsigned empty;   /*!< In that reading there is nothing. */
	unsigned both;    /*!< In that reading the SOA record stands beside another one. */
	int error;        /*!< What a source that fails returns. */
} reader_t;

static int read_zone(void *context, caaudit_view_t *view)
{
	static const uint8_t ballast[PROOFS_BUFFER_MAX] = { KNOT_RRTYPE_CAA >> 8,
		                                            KNOT_RRTYPE_CAA & 255 };
	reader_t *reader = context;
	unsigned now = 1u << reader->calls++;
	if (reader->empty & now) {
		return KNOT_EOK;
	}
	for (size_t i = 0; i < reader->zone->count; i++) {
		caaudit_record_t record = zone_as_record(&reader->zone->record[i]);
		uint8_t rdata[256];
		bool soa = record.type == KNOT_RRTYPE_SOA;
		if (soa && (reader->both & now)) {
			assert_int_equal(caaudit_view_add(view, &record), KNOT_EOK);
		}
		if (soa && ((reader->changed | reader->both) & now)) {
			memcpy(rdata, record.rdata, record.rdlen);
			rdata[record.rdlen - 17] += (uint8_t)reader->calls; // The serial.
			record.rdata = rdata;
		}
		assert_int_equal(caaudit_view_add(view, &record), KNOT_EOK);
	}
	if (reader->heavy) {
		const caaudit_record_t heavy = { dname("far.example.com."), ballast, 1,
			                         KNOT_RRTYPE_RRSIG, PROOFS_BUFFER_MAX };
		assert_int_equal(caaudit_view_add(view, &heavy), KNOT_EOK);
	}
	return reader->failing & now ? reader->error : KNOT_EOK;
}

static const caaudit_report_t *audit(reader_t *reader, const caaudit_policy_t *policy)
{
	caaudit_report_t *report = NULL;
	assert_int_equal(caaudit_audit(policy, read_zone, reader, NOW, &report), KNOT_EOK);
	const char *broken = report_broken(report, policy, reader->zone);
	if (broken != NULL) {
		print_error("%s\n", broken);
		fail();
	}
	return report;
}

static void free_report(const caaudit_report_t *report)
{
	caaudit_report_free((caaudit_report_t *)(uintptr_t)report);
}

static void check_same(const caaudit_report_t *a, const caaudit_report_t *b)
{
	assert_int_equal(a->finding_count, b->finding_count);
	for (size_t i = 0; i < a->finding_count; i++) {
		assert_true(report_same(&a->finding[i], &b->finding[i]));
	}
	assert_int_equal(a->gap_count, b->gap_count);
	assert_int_equal(a->verdict_count, b->verdict_count);
	for (size_t i = 0; i < a->verdict_count; i++) {
		assert_int_equal(a->verdict[i].is.permit, b->verdict[i].is.permit);
		assert_int_equal(a->verdict[i].is.reason, b->verdict[i].is.reason);
	}
	assert_int_equal(a->validation_count, b->validation_count);
	for (size_t i = 0; i < a->validation_count; i++) {
		assert_int_equal(a->validation[i].state, b->validation[i].state);
	}
	assert_int_equal(a->dnssec.is_signed, b->dnssec.is_signed);
	assert_int_equal(a->dnssec.checked, b->dnssec.checked);
	assert_int_equal(a->dnssec.valid, b->dnssec.valid);
	assert_int_equal(a->dnssec.expires, b->dnssec.expires);
	assert_int_equal(a->dnssec.trust, b->dnssec.trust);
}

static size_t count_dnssec(const caaudit_report_t *report)
{
	size_t count = 0;
	for (size_t i = 0; i < report->finding_count; i++) {
		count += strncmp(caaudit_finding_info(report->finding[i].id)->id, "dnssec-", 7) ==
		         0;
	}
	return count;
}

/*!
 * \brief Copies a zone with one record left out, or with one of its octets changed.
 *
 * \param which  Number of the record; beyond the last one the same with a change.
 */
static zone_t spoil(const zone_t *zone, size_t which)
{
	zone_t some = ZONE_EMPTY;
	for (size_t i = 0; i < zone->count; i++) {
		const zone_record_t *r = &zone->record[i];
		if (i == which && r->type != KNOT_RRTYPE_SOA) {
			continue;
		}
		zone_add(&some, r->owner, r->type, r->ttl, r->rdata, r->rdlen);
		// Others would be malformed.
		bool dnssec = r->type == KNOT_RRTYPE_RRSIG || r->type == KNOT_RRTYPE_NSEC ||
		              r->type == KNOT_RRTYPE_NSEC3 || r->type == KNOT_RRTYPE_DNSKEY;
		if (i + zone->count == which && dnssec) {
			some.record[some.count - 1].rdata[which % r->rdlen] ^= 1;
		}
	}
	return some;
}

/* Sound zones, and zones with a defect: one reading and two find the same, in each order. */
static void two_readings_find_what_one_finds(void **state)
{
	(void)state;
	caaudit_policy_t *policy = make_policy();
	caaudit_memo_t *memo = policy->memo = caaudit_memo_new(); // What was right stays right.
	size_t found = 0;
	for (size_t i = 0; i < COUNT(signers); i++) {
		zone_t zone = signed_zone(&signers[i], 0);
		for (size_t which = 0; which <= 2 * zone.count; which++) {
			bool sound = which == 2 * zone.count;
			zone_t some = spoil(&zone, which);
			const caaudit_report_t *first = NULL;
			for (unsigned order = 0; order <= ORDER__COUNT; order++) {
				scene_sort(&some, order % ORDER__COUNT, 1 + which);
				reader_t reader = { .zone = &some, .heavy = order > 0 };
				const caaudit_report_t *report = audit(&reader, policy);
				bool is_signed = report->dnssec.is_signed;
				assert_int_equal(reader.calls, reader.heavy && is_signed ? 2 : 1);
				assert_true(!sound || count_dnssec(report) == 0);
				found += count_dnssec(report);
				if (first == NULL) {
					first = report;
					continue;
				}
				// A signature whose denial is gone, or seems to be of another chain, may
				// have hidden others: that is a gap, and nothing else.
				uint16_t type = zone.record[which % zone.count].type;
				bool denial = type == KNOT_RRTYPE_NSEC ||
				              type == KNOT_RRTYPE_NSEC3 ||
				              type == KNOT_RRTYPE_RRSIG;
				if (!denial || report->gap_count == first->gap_count) {
					check_same(first, report);
				}
				assert_true(count_dnssec(report) <= count_dnssec(first));
				assert_true(count_dnssec(report) == count_dnssec(first) ||
				            report->gap_count > 0);
				free_report(report);
			}
			free_report(first);
			zone_free(&some);
		}
		zone_free(&zone);
	}
	assert_true(found > 100);
	caaudit_memo_free(memo);
	caaudit_policy_free(policy);
}

/* While the salt changes there are two chains. Where owners come one by one, all is known. */
static void two_chains_are_told_apart(void **state)
{
	(void)state;
	caaudit_policy_t *policy = make_policy();
	zone_t zone = signed_zone(&signers[2], 30), other = signed_zone(&signers[3], 30);
	for (size_t i = 0; i < other.count; i++) {
		const zone_record_t *r = &other.record[i];
		if (scene_about(r) == KNOT_RRTYPE_NSEC3) {
			zone_add(&zone, r->owner, r->type, r->ttl, r->rdata, r->rdlen);
		}
	}
	size_t gaps = 0;
	for (unsigned order = 0; order < 2 * ORDER__COUNT; order++) {
		scene_sort(&zone, order % ORDER__COUNT, 1);
		reader_t reader = { .zone = &zone, .heavy = order >= ORDER__COUNT };
		const caaudit_report_t *report = audit(&reader, policy);
		bool apart = order % ORDER__COUNT == ORDER_FILE ||
		             order % ORDER__COUNT == ORDER_RANDOM;
		assert_int_equal(count_dnssec(report), 0);
		assert_int_equal(report->dnssec.valid, report->dnssec.checked);
		// Two gaps are those of the delegation and of the alias that leads out.
		assert_int_equal(reader.calls, reader.heavy ? 2 : 1);
		assert_true(report->gap_count == 2 || (reader.heavy && apart));
		gaps += report->gap_count - 2;
		free_report(report);
	}
	assert_true(gaps > 0); // In the order of Knot's zone files it cannot be known.
	zone_free(&zone);
	zone_free(&other);
	caaudit_policy_free(policy);
}

static void a_change_between_the_readings_is_noticed(void **state)
{
	(void)state;
	static const struct {
		reader_t reader;
		unsigned calls;
		bool gap;
	} tests[] = {
		{ { .heavy = false }, 1, false },
		{ { .heavy = true }, 2, false },
		{ { .heavy = true, .changed = 1 }, 4, false },
		{ { .heavy = true, .changed = 2 }, 4, false },
		{ { .heavy = true, .changed = 2 | 8 }, 4, true },
		{ { .heavy = true, .changed = 1 | 2 | 4 | 8 }, 4, true },
		{ { .heavy = true, .both = 2 }, 4, false },
		{ { .heavy = true, .both = 2 | 8 }, 4, true },
		{ { .heavy = true, .failing = 2, .error = KNOT_EFILE }, 4, false },
		{ { .heavy = true, .failing = 2 | 8, .error = KNOT_EFILE }, 4, true },
		{ { .heavy = true, .failing = 2 | 8, .error = KNOT_EAGAIN }, 4, true },
		{ { .heavy = true, .failing = 2, .error = 1 }, 4, false },
		{ { .heavy = true, .changed = 2, .failing = 8, .error = KNOT_EBUSY }, 4, true },
		/* Nothing at all is no zone, whatever the source says. */
		{ { .heavy = true, .empty = 2 }, 4, false },
		{ { .heavy = true, .empty = 2 | 8 }, 4, true },
	};
	caaudit_policy_t *policy = make_policy();
	for (size_t i = 0; i < COUNT(signers); i++) {
		zone_t zone = signed_zone(&signers[i], 0);
		reader_t plain = { .zone = &zone };
		const caaudit_report_t *whole = audit(&plain, policy);
		assert_true(whole->dnssec.checked > 8);
		assert_int_equal(whole->dnssec.valid, whole->dnssec.checked);
		assert_int_equal(whole->dnssec.trust, CAAUDIT_CHAIN_WHOLE);
		for (size_t j = 0; j < COUNT(tests); j++) {
			print_message("%zu %zu\n", i, j);
			reader_t reader = tests[j].reader;
			reader.zone = &zone;
			const caaudit_report_t *report = audit(&reader, policy);
			assert_int_equal(reader.calls, tests[j].calls);
			if (!tests[j].gap) {
				check_same(whole, report);
				free_report(report);
				continue;
			}
			// The verdicts stand; of the signatures nothing is known, good or bad.
			assert_int_equal(report->gap_count, whole->gap_count + 1);
			assert_int_equal(report->finding_count, whole->finding_count);
			for (size_t k = 0; k < whole->finding_count; k++) {
				assert_true(report_same(&whole->finding[k], &report->finding[k]));
			}
			for (size_t k = 0; k < whole->verdict_count; k++) {
				assert_int_equal(report->verdict[k].is.permit,
				                 whole->verdict[k].is.permit);
			}
			for (size_t k = 0; k < whole->validation_count; k++) {
				assert_int_equal(report->validation[k].state,
				                 whole->validation[k].state);
			}
			assert_true(report->dnssec.is_signed);
			assert_int_equal(report->dnssec.checked, 0);
			assert_int_equal(report->dnssec.valid, 0);
			assert_int_equal(report->dnssec.trust, CAAUDIT_CHAIN_UNKNOWN);
			free_report(report);
		}
		free_report(whole);
		zone_free(&zone);
	}
	caaudit_policy_free(policy);
}

/* Nobody asks for anything: the keys of the zone are looked at all the same. */
static void without_any_host_the_apex_is_looked_at(void **state)
{
	(void)state;
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	signer_anchor(policy);
	assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
	zone_t zone = signed_zone(&signers[0], 0);
	for (unsigned heavy = 0; heavy < 2; heavy++) {
		reader_t reader = { .zone = &zone, .heavy = heavy == 1 };
		const caaudit_report_t *report = audit(&reader, policy);
		assert_int_equal(reader.calls, 1); // The apex is foreseen.
		assert_int_equal(report->dnssec.checked, 2);
		assert_int_equal(report->dnssec.valid, 2);
		assert_int_equal(report->dnssec.trust, CAAUDIT_CHAIN_WHOLE);
		assert_int_equal(count_dnssec(report), 0);
		assert_int_equal(report->gap_count, 0);
		free_report(report);
	}
	zone_free(&zone);
	caaudit_policy_free(policy);
}

static void a_first_reading_that_fails_gives_no_report(void **state)
{
	(void)state;
	caaudit_policy_t *policy = make_policy();
	zone_t zone = signed_zone(&signers[0], 0);
	static const unsigned failing[] = { 1, 1 | 2, 4 | 2 };
	for (size_t i = 0; i < COUNT(failing); i++) {
		reader_t reader = {
			.zone = &zone, .heavy = true, .failing = failing[i], .error = KNOT_EFILE
		};
		caaudit_report_t *report = (caaudit_report_t *)&reader;
		assert_int_equal(caaudit_audit(policy, read_zone, &reader, NOW, &report),
		                 KNOT_EFILE);
		assert_null(report);
		assert_int_equal(reader.calls, failing[i] & 1 ? 1 : 3);
	}
	zone_free(&zone);
	caaudit_policy_free(policy);
}

/* No keys, no second reading: there is nothing to verify with. */
static void an_unsigned_zone_is_read_once(void **state)
{
	(void)state;
	zone_t zone = zone_of_text(ZONE, SOA "@ RRSIG \\# 1 00\n");
	reader_t reader = { .zone = &zone, .heavy = true };
	const caaudit_report_t *report = audit(&reader, no_policy(ZONE));
	assert_int_equal(reader.calls, 1);
	assert_int_equal(report->gap_count, 0);
	free_report(report);
	zone_free(&zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_those_of_rfc_5155),
		cmocka_unit_test(many_iterations_are_not_made),
		cmocka_unit_test(owners_of_nsec3_have_32_digits),
		cmocka_unit_test(an_nsec3_belongs_to_the_chain_of_its_parameters),
		cmocka_unit_test(an_nsec3_stands_right_below_the_apex),
		cmocka_unit_test(of_duplicates_the_shortest_ttl_stays),
		cmocka_unit_test(what_is_dropped_with_another_chain_may_be_missed),
		cmocka_unit_test(a_short_signature_covers_nothing),
		cmocka_unit_test(what_an_answer_depends_on_is_wanted),
		cmocka_unit_test(a_wildcard_too_long_to_exist_is_not_wanted),
		cmocka_unit_test(the_selection_is_that_of_the_model),
		cmocka_unit_test(of_one_kind_64_are_kept_at_a_name),
		cmocka_unit_test(so_many_octets_wait_for_the_selection),
		cmocka_unit_test(a_store_that_was_given_up_knows_nothing),
		cmocka_unit_test(two_readings_find_what_one_finds),
		cmocka_unit_test(two_chains_are_told_apart),
		cmocka_unit_test(a_change_between_the_readings_is_noticed),
		cmocka_unit_test(without_any_host_the_apex_is_looked_at),
		cmocka_unit_test(a_first_reading_that_fails_gives_no_report),
		cmocka_unit_test(an_unsigned_zone_is_read_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
