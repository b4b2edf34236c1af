/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What is selected of the signatures and denials of a zone, from what one
 * reading has kept and in a second reading. The limit between the two is lower
 * here than elsewhere: PROOFS_BUFFER_MAX.
 */

#include "signer.h"

#include "proofs.h"

static const knot_dname_t apex[] = "\7example\3com";

static void add(proofs_t *proofs, const knot_dname_t *owner, uint16_t type, const uint8_t *rdata,
                uint16_t rdlen)
{
	const caaudit_record_t record = { owner, rdata, 1, type, rdlen };
	assert_true(proofs_add(proofs, &record));
}

static void add_rrsig(proofs_t *proofs, const char *owner, uint16_t covered, uint8_t mark)
{
	uint8_t rdata[20] = { covered >> 8, covered & 255 };
	rdata[19] = mark;
	add(proofs, dname(owner), KNOT_RRTYPE_RRSIG, rdata, sizeof(rdata));
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

/* --- Limits ------------------------------------------------------------------------------------------ */

/* Exactly so many octets: RDATA, owners, and nine octets for each record. */
static void so_many_octets_wait_for_the_selection(void **state)
{
	(void)state;
	enum { OWNER = 15, EACH = 9 + OWNER + 1000 };
	static uint8_t rdata[2000] = { KNOT_RRTYPE_CAA >> 8, KNOT_RRTYPE_CAA & 255 };
	for (unsigned more = 0; more < 2; more++) {
		proofs_t *proofs = proofs_new(apex);
		size_t left = PROOFS_BUFFER_MAX;
		for (; left >= 2 * EACH; left -= EACH) {
			rdata[999]++;
			add(proofs, dname("a.example.com."), KNOT_RRTYPE_RRSIG, rdata, 1000);
		}
		add(proofs, dname("a.example.com."), KNOT_RRTYPE_RRSIG, rdata,
		    left - 9 - OWNER + more);
		// What is of no concern takes no room.
		add(proofs, dname("b.example.com."), KNOT_RRTYPE_TXT, rdata, 2000);
		rdata[1]++;
		add(proofs, dname("b.example.com."), KNOT_RRTYPE_RRSIG, rdata, 2000);
		rdata[1]--;
		assert_true(proofs_want(proofs, dname("a.example.com.")));
		assert_int_equal(proofs_select(proofs, NULL), more ? KNOT_EAGAIN : KNOT_EOK);
		proofs_free(proofs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_are_those_of_rfc_5155),
		cmocka_unit_test(owners_of_nsec3_have_32_digits),
		cmocka_unit_test(an_nsec3_belongs_to_the_chain_of_its_parameters),
		cmocka_unit_test(a_short_signature_covers_nothing),
		cmocka_unit_test(what_an_answer_depends_on_is_wanted),
		cmocka_unit_test(a_wildcard_too_long_to_exist_is_not_wanted),
		cmocka_unit_test(so_many_octets_wait_for_the_selection),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
