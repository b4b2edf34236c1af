/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "signer.h"

#include "dnssec.h"
#include "report.h"

#define NOW    1800000000u
#define DAY    86400u
#define CA     "ca.example.net"
#define HASH   "0123456789abcdef0123456789abcdef"
#define TARGET HASH "." HASH ".sectigo.com."

static const uint8_t salt[] = { 0xaa, 0xbb };

static const signer_t signers[] = {
	{ .inception = NOW - DAY, .expiration = NOW + 14 * DAY },
	{ .inception = NOW - DAY, .expiration = NOW + 14 * DAY, .nsec3 = true },
	{ .inception = NOW - DAY,
	  .expiration = NOW + 14 * DAY,
	  .nsec3 = true,
	  .iterations = 5,
	  .salt_len = 2,
	  .salt = salt },
	{ .inception = NOW - DAY, .expiration = NOW + 14 * DAY, .nsec3 = true, .opt_out = true },
};

/* How often the library was asked: linked with --wrap. */
static unsigned verified, keys_read, hashed;

int __real_dnssec_sign_verify(dnssec_sign_ctx_t *ctx, bool compare,
                              const dnssec_binary_t *signature);
int __wrap_dnssec_sign_verify(dnssec_sign_ctx_t *ctx, bool compare,
                              const dnssec_binary_t *signature);
int __real_dnssec_key_set_rdata(dnssec_key_t *key, const dnssec_binary_t *rdata);
int __wrap_dnssec_key_set_rdata(dnssec_key_t *key, const dnssec_binary_t *rdata);
int __real_dnssec_nsec3_hash(const dnssec_binary_t *data, const dnssec_nsec3_params_t *params,
                             dnssec_binary_t *hash);
int __wrap_dnssec_nsec3_hash(const dnssec_binary_t *data, const dnssec_nsec3_params_t *params,
                             dnssec_binary_t *hash);

int __wrap_dnssec_sign_verify(dnssec_sign_ctx_t *ctx, bool compare,
                              const dnssec_binary_t *signature)
{
	verified++;
	return __real_dnssec_sign_verify(ctx, compare, signature);
}

int __wrap_dnssec_key_set_rdata(dnssec_key_t *key, const dnssec_binary_t *rdata)
{
	keys_read++;
	return __real_dnssec_key_set_rdata(key, rdata);
}

int __wrap_dnssec_nsec3_hash(const dnssec_binary_t *data, const dnssec_nsec3_params_t *params,
                             dnssec_binary_t *hash)
{
	hashed++;
	return __real_dnssec_nsec3_hash(data, params, hash);
}

typedef struct {
	const char *hosts, *validations; /*!< Separated by "|". */
} order_t;

static caaudit_policy_t *make_policy(const order_t *order)
{
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	assert_int_equal(caaudit_policy_add_ca(policy, CA, NULL), KNOT_EOK);
	const char *const lists[] = { order->hosts, order->validations };
	for (unsigned i = 0; i < 2; i++) {
		char *list = lists[i] == NULL ? NULL : strdup(lists[i]), *rest = list;
		for (char *item; rest != NULL && (item = strsep(&rest, "|")) != NULL;) {
			assert_int_equal((i == 0 ? caaudit_policy_add_host :
			                           caaudit_policy_add_validation)(policy, item,
			                                                          NULL),
			                 KNOT_EOK);
		}
		free(list);
	}
	return policy;
}

/*! Audits with a policy that is not finished yet, and stays. */
static const caaudit_report_t *audit(zone_t *zone, caaudit_policy_t *policy, uint64_t now)
{
	caaudit_report_t *report = NULL;
	assert_true(policy->finished || caaudit_policy_finish(policy, NOW) == KNOT_EOK);
	assert_int_equal(caaudit_audit(policy, zone_read, zone, now, &report), KNOT_EOK);
	const char *broken = report_broken(report, policy, zone);
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

/*! Findings about DNSSEC, as "ID OWNER" each on a line. */
static const char *findings(const caaudit_report_t *report)
{
	static char text[1 << 16];
	text[0] = '\0';
	for (size_t i = 0; i < report->finding_count; i++) {
		const caaudit_finding_t *f = &report->finding[i];
		const char *id = caaudit_finding_info(f->id)->id;
		if (strncmp(id, "dnssec-", 7) == 0) {
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %s\n", id,
			         dname_text(f->owner));
		}
	}
	return text;
}

static void print_texts(const caaudit_report_t *report)
{
	for (size_t i = 0; i < report->finding_count; i++) {
		print_error("%s: %s\n", dname_text(report->finding[i].owner),
		            report->finding[i].what);
	}
	for (size_t i = 0; i < report->gap_count; i++) {
		print_error("%s: %s\n", report->gap[i].what, report->gap[i].why);
	}
}

static void check_findings(zone_t *zone, const order_t *order, uint64_t now, const char *expected)
{
	caaudit_policy_t *policy = make_policy(order);
	const caaudit_report_t *report = audit(zone, policy, now);
	if (strcmp(findings(report), expected) != 0) {
		print_texts(report);
	}
	assert_string_equal(findings(report), expected);
	free_report(report);
	caaudit_policy_free(policy);
}

static zone_t signed_zone(const char *rows, const signer_t *signer)
{
	char text[2048];
	snprintf(text, sizeof(text), "%s%s", SOA, rows);
	zone_t zone = zone_of_text(ZONE, text);
	signer_run(&zone, signer);
	return zone;
}

/* --- Sound zones -------------------------------------------------------------------------------- */

static void a_zone_that_is_signed_well_is_silent(void **state)
{
	(void)state;
	static const struct {
		const char *rows;
		order_t order;
	} shapes[] = {
		{ "", { .hosts = "@" } },
		{ "@ CAA 0 issue \"" CA "\"\n", { .hosts = "@|www|a.b.c" } },
		{ "www A 192.0.2.1\nb.c A 192.0.2.1\n", { .hosts = "www|a.www|c|b.c|none" } },
		{ "* A 192.0.2.1\nreal A 192.0.2.1\n", { .hosts = "x|x.y|real|x.real" } },
		{ "* CAA 0 issue \"" CA "\"\nsub.real A 192.0.2.1\n",
		  { .hosts = "x|x.y|real|sub.real|x.sub.real" } },
		{ "*.w CNAME t\nt CAA 0 issue \"" CA "\"\n", { .hosts = "x.w|y.x.w|w" } },
		{ "www CNAME t\nt A 192.0.2.1\n", { .hosts = "www|x.www" } },
		{ "www CNAME t.example.net.\n", { .hosts = "www" } },
		{ "old DNAME new\nx.new A 192.0.2.1\n", { .hosts = "x.old|y.old|old" } },
		{ "sub NS ns.example.net.\n@ CAA 0 issue \"" CA "\"\n",
		  { .hosts = "a.sub|sub|other" } },
		{ "ent.sub NS ns.example.net.\n@ NS ns.example.net.\n", { .hosts = "sub|x" } },
		{ "sub NS ns.example.net.\nsub DS \\# 4 00010f02\n",
		  { .hosts = "tub|rub|sub|a.sub" } },
		{ "www CNAME a.sub\nsub NS ns.example.net.\nent.cut NS ns.example.net.\n",
		  { .hosts = "www|a.sub|a.ent.cut" } },
		{ "_" HASH " CNAME " TARGET "\n",
		  { .hosts = "www", .validations = "_" HASH ".www " TARGET } },
		{ "_" HASH ".a CNAME " TARGET "\nb.a A 192.0.2.1\n",
		  { .validations = "_" HASH ".b.a " TARGET } },
		{ "", { .validations = "_a x.example.net|@ x.example.net" } },
		{ "a A 192.0.2.1\nz A 192.0.2.1\n", { .hosts = "0|zz|a.z|m" } },
	};
	for (size_t i = 0; i < COUNT(shapes); i++) {
		for (size_t j = 0; j < COUNT(signers); j++) {
			print_message("%zu\n%s\n", j, shapes[i].rows);
			zone_t zone = signed_zone(shapes[i].rows, &signers[j]);
			caaudit_policy_t *policy = make_policy(&shapes[i].order);
			const caaudit_report_t *report = audit(&zone, policy, NOW);
			if (findings(report)[0] != '\0') {
				print_texts(report);
			}
			assert_string_equal(findings(report), "");
			assert_true(report->dnssec.is_signed);
			assert_true(report->dnssec.checked > 1);
			assert_int_equal(report->dnssec.valid, report->dnssec.checked);
			assert_int_equal(report->dnssec.expires, NOW + 14 * DAY);
			assert_int_equal(report->dnssec.trust, CAAUDIT_CHAIN_UNKNOWN);
			free_report(report);
			caaudit_policy_free(policy);
			zone_free(&zone);
		}
	}
}

static void random_zones_that_are_signed_well_are_silent(void **state)
{
	(void)state;
	static const char *const labels[] = { "a", "b", "*", "c" };
	static const char *const rdata[] = {
		"A 192.0.2.1",
		"CAA 0 issue \"" CA "\"",
		"A 192.0.2.1",
		"NS ns.example.net.",
		"DNAME d.example.com.",
		"CNAME a.example.com.",
		"CNAME b.a.example.com.",
		"TXT \"x\"",
	};
	uint64_t random = 4035;
	for (unsigned round = 0; round < 400; round++) {
		zone_t zone = zone_of_text(ZONE, SOA);
		for (unsigned i = 2 + zone_random(&random) % 8; i > 0; i--) {
			char text[256] = "";
			for (unsigned j = 1 + zone_random(&random) % 3; j > 0; j--) {
				snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s.",
				         labels[zone_random(&random) % COUNT(labels)]);
			}
			const char *data = rdata[zone_random(&random) % COUNT(rdata)];
			// An alias, a cut or a redirection stands alone, and is no wildcard.
			bool alone = data[0] == 'N' || data[0] == 'D' ||
			             (data[0] == 'C' && data[1] == 'N');
			zone_t one = ZONE_EMPTY;
			snprintf(text + strlen(text), sizeof(text) - strlen(text), ZONE " %s\n",
			         data);
			assert_null(zone_parse(&one, ZONE, text));
			const zone_record_t *r = &one.record[0];
			bool taken = false;
			for (size_t j = 0; j < zone.count; j++) {
				bool other = zone.record[j].type == KNOT_RRTYPE_CNAME ||
				             zone.record[j].type == KNOT_RRTYPE_NS ||
				             zone.record[j].type == KNOT_RRTYPE_DNAME;
				taken = taken ||
				        (zone_name_order(zone.record[j].owner, r->owner) == 0 &&
				         (alone || other));
			}
			// With opt-out, empty non-terminals that only lead to unsigned cuts are not in the
			// chain, and what is below them may have no proof that a validator accepts.
			bool deep = data[0] == 'N' && knot_dname_labels(r->owner, NULL) > 3;
			if (!taken && !deep && !(alone && text[0] == '*' && data[0] != 'C')) {
				zone_add(&zone, r->owner, r->type, r->ttl, r->rdata, r->rdlen);
			}
			zone_free(&one);
		}
		signer_run(&zone, &signers[round % COUNT(signers)]);
		zone_shuffle(&zone, &random);
		char *text = zone_generic(&zone);
		const order_t order = { .hosts =
			                        "a|b|c|x|a.a|b.a|c.b|x.y|a.b.c|x.a.b|c.c.c|x.d|d" };
		caaudit_policy_t *policy = make_policy(&order);
		const caaudit_report_t *report = audit(&zone, policy, NOW);
		if (findings(report)[0] != '\0') {
			fputs(text, stderr);
			print_texts(report);
		}
		assert_string_equal(findings(report), "");
		free_report(report);
		caaudit_policy_free(policy);
		zone_free(&zone);
		free(text);
	}
}

static void an_unsigned_zone_is_silent(void **state)
{
	(void)state;
	zone_t zone = zone_of_text(ZONE, SOA "@ CAA 0 issue \"" CA "\"\n");
	caaudit_policy_t *policy = make_policy(&(order_t){ .hosts = "@" });
	const caaudit_report_t *report = audit(&zone, policy, NOW);
	assert_int_equal(report->finding_count, 0);
	assert_false(report->dnssec.is_signed);
	assert_int_equal(report->dnssec.checked, 0);
	free_report(report);
	caaudit_policy_free(policy);
	zone_free(&zone);
}

/* --- Signatures ---------------------------------------------------------------------------------- */

/*! Position of the signature over a type at a name. */
static size_t find_rrsig(const zone_t *zone, const char *name, uint16_t covered)
{
	size_t i = 0;
	while (i < zone->count &&
	       !(zone->record[i].type == KNOT_RRTYPE_RRSIG &&
	         (zone->record[i].rdata[0] << 8 | zone->record[i].rdata[1]) == covered &&
	         zone_name_order(zone->record[i].owner, dname(name)) == 0)) {
		i++;
	}
	assert_true(i < zone->count);
	return i;
}

#define APEX "example.com."
static const order_t at_apex = { .hosts = "@" };
static const char apex_caa[] = "@ CAA 0 issue \"" CA "\"\n";

static void a_missing_signature_is_found(void **state)
{
	(void)state;
	static const uint16_t types[] = { KNOT_RRTYPE_CAA, KNOT_RRTYPE_SOA, KNOT_RRTYPE_DNSKEY };
	for (size_t i = 0; i < COUNT(types); i++) {
		zone_t zone = signed_zone(apex_caa, &signers[0]);
		zone_remove(&zone, find_rrsig(&zone, APEX, types[i]));
		check_findings(&zone, &at_apex, NOW, "dnssec-rrsig-missing " APEX "\n");
		zone_free(&zone);
	}
	// What nobody asks for is not looked at.
	zone_t zone = signed_zone("@ CAA 0 issue \"" CA "\"\nx CAA 0 issue \";\"\n", &signers[0]);
	zone_remove(&zone, find_rrsig(&zone, "x.example.com.", KNOT_RRTYPE_CAA));
	check_findings(&zone, &at_apex, NOW, "");
	check_findings(&zone, &(order_t){ .hosts = "x" }, NOW,
	               "dnssec-rrsig-missing x.example.com.\n");
	zone_free(&zone);
}

static void every_octet_of_a_signature_counts(void **state)
{
	(void)state;
	zone_t zone = signed_zone(apex_caa, &signers[0]);
	size_t pos = find_rrsig(&zone, APEX, KNOT_RRTYPE_CAA);
	uint8_t *rdata = zone.record[pos].rdata;
	for (size_t i = 2; i < zone.record[pos].rdlen; i++) {
		print_message("octet %zu\n", i);
		rdata[i] ^= 0x40;
		// Not 0x20: the name of the signer may be in upper case.
		check_findings(&zone, &at_apex, NOW, "dnssec-rrsig-invalid " APEX "\n");
		rdata[i] ^= 0x40;
	}
	check_findings(&zone, &at_apex, NOW, "");
	// So does every octet that is signed.
	for (size_t i = 0; i < zone.count; i++) {
		zone_record_t *r = &zone.record[i];
		for (size_t j = 0; r->type == KNOT_RRTYPE_CAA && j < r->rdlen; j++) {
			if (j == 1) {
				continue;
			}
			r->rdata[j] ^= 1;
			check_findings(&zone, &at_apex, NOW, "dnssec-rrsig-invalid " APEX "\n");
			r->rdata[j] ^= 1;
		}
	}
	zone_free(&zone);
}

static void a_cut_signature_is_malformed(void **state)
{
	(void)state;
	zone_t zone = signed_zone(apex_caa, &signers[0]);
	size_t pos = find_rrsig(&zone, APEX, KNOT_RRTYPE_CAA);
	uint16_t full = zone.record[pos].rdlen;
	for (uint16_t len = 0; len < full; len++) {
		zone.record[pos].rdlen = len;
		// Too short to say what it covers, it is no signature over CAA.
		check_findings(&zone, &at_apex, NOW,
		               len > 18 ? "dnssec-rrsig-invalid " APEX "\n" :
		                          "dnssec-rrsig-missing " APEX "\n");
	}
	zone_free(&zone);
}

static void times_of_a_signature_are_kept(void **state)
{
	(void)state;
	static const struct {
		int64_t inception, expiration; /* Seconds from now. */
		const char *expected;
	} tests[] = {
		{ -1000000, 1000000, "" },
		{ 0, 1000000, "" },
		{ 1, 1000000, "dnssec-rrsig-invalid" },
		{ -1000000, -1, "dnssec-rrsig-expired" },
		{ -1000000, 0, "dnssec-rrsig-expiring" },
		/* TTL 3600 and half an hour. */
		{ -1000000, 5399, "dnssec-rrsig-expiring" },
		{ -1000000, 5400, "" },
		/* A sixteenth of a short life. */
		{ -1600, 0, "dnssec-rrsig-expiring" },
		{ -1501, 99, "dnssec-rrsig-expiring" },
		{ -1500, 100, "" },
		{ 100, -100, "dnssec-rrsig-invalid" },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%lld %lld\n", (long long)tests[i].inception,
		              (long long)tests[i].expiration);
		zone_t zone = signed_zone(apex_caa, &signers[0]);
		zone_remove(&zone, find_rrsig(&zone, APEX, KNOT_RRTYPE_CAA));
		dnssec_key_t *key = signer_key(0, 257);
		const signer_t signer = { .inception = NOW + tests[i].inception,
			                  .expiration = NOW + tests[i].expiration };
		signer_sign(&zone, dname(APEX), KNOT_RRTYPE_CAA, key, &signer);
		char expected[64] = "";
		if (tests[i].expected[0] != '\0') {
			snprintf(expected, sizeof(expected), "%s " APEX "\n", tests[i].expected);
		}
		check_findings(&zone, &at_apex, NOW, expected);

		// One that is well beside it is enough.
		signer_sign(&zone, dname(APEX), KNOT_RRTYPE_CAA, key, &signers[0]);
		check_findings(&zone, &at_apex, NOW, "");
		dnssec_key_free(key);
		zone_free(&zone);
	}
}

static void the_warning_time_can_be_set(void **state)
{
	(void)state;
	zone_t zone = signed_zone(apex_caa, &signers[0]);
	for (unsigned off = 0; off < 2; off++) {
		caaudit_policy_t *policy = make_policy(&at_apex);
		policy->rrsig_warning = 14 * DAY + off;
		const caaudit_report_t *report = audit(&zone, policy, NOW);
		const char *found = findings(report);
		assert_int_equal(strstr(found, "dnssec-rrsig-expiring") != NULL, off == 1);
		free_report(report);
		caaudit_policy_free(policy);
	}
	zone_free(&zone);
}

static void times_wrap_around(void **state)
{
	(void)state;
	// Serial number arithmetic: RFC 4034 section 3.1.5.
	const signer_t signer = { .inception = UINT32_MAX - 1000, .expiration = 2000000 };
	zone_t zone = signed_zone(apex_caa, &signer);
	check_findings(&zone, &at_apex, UINT32_MAX, "");
	check_findings(&zone, &at_apex, (uint64_t)UINT32_MAX + 1000, "");
	caaudit_policy_t *policy = make_policy(&at_apex);
	const caaudit_report_t *report = audit(&zone, policy, UINT32_MAX);
	assert_true(report->dnssec.expires == (uint64_t)UINT32_MAX + 1 + 2000000);
	free_report(report);
	caaudit_policy_free(policy);
	zone_free(&zone);
}

static void dates_are_those_of_the_calendar(void **state)
{
	(void)state;
	static const struct {
		uint32_t time;
		const char *date;
	} tests[] = {
		{ 951782400, "2000-02-29 00:00 UTC" },  { 951868799, "2000-02-29 23:59 UTC" },
		{ 951868800, "2000-03-01 00:00 UTC" },  { 1709164800, "2024-02-29 00:00 UTC" },
		{ 1735689599, "2024-12-31 23:59 UTC" }, { 1735689600, "2025-01-01 00:00 UTC" },
		{ 1800000000, "2027-01-15 08:00 UTC" }, { 4107542400, "2100-03-01 00:00 UTC" },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		const signer_t signer = { .inception = tests[i].time - DAY,
			                  .expiration = tests[i].time };
		zone_t zone = signed_zone(apex_caa, &signer);
		caaudit_policy_t *policy = make_policy(&at_apex);
		const caaudit_report_t *report = audit(&zone, policy, (uint64_t)tests[i].time + 1);
		assert_true(report->finding_count > 0);
		if (strstr(report->finding[0].what, tests[i].date) == NULL) {
			print_error("%s\n", report->finding[0].what);
			fail();
		}
		free_report(report);
		caaudit_policy_free(policy);
		zone_free(&zone);
	}
}

static void only_a_zone_key_verifies(void **state)
{
	(void)state;
	static const struct {
		uint16_t flags;
		uint8_t protocol, algorithm;
		const char *expected;
	} tests[] = {
		{ 257, 3, 15, "" },
		{ 256, 3, 15, "" },
		{ 1, 3, 15, "dnssec-rrsig-invalid" },
		{ 257, 2, 15, "dnssec-rrsig-invalid" },
		{ 257 | 128, 3, 15, "dnssec-rrsig-invalid" },
		/* Flags without a meaning have none (RFC 4034 section 2.1.1). */
		{ 257 | 0x8000, 3, 15, "" },
		{ 257 | 0x0002, 3, 15, "" },
		{ 257, 3, 13, "dnssec-rrsig-invalid" },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%u %u %u\n", tests[i].flags, tests[i].protocol, tests[i].algorithm);
		zone_t zone = zone_of_text(ZONE, SOA "@ CAA 0 issue \"" CA "\"\n");
		dnssec_key_t *key = signer_key(0, tests[i].flags);
		signer_add_dnskey(&zone, key);
		zone_record_t *dnskey = &zone.record[zone.count - 1];
		dnskey->rdata[2] = tests[i].protocol;
		dnskey->rdata[3] = tests[i].algorithm;
		// The tag changes with the octets: sign as the key that is published.
		uint16_t tag;
		const dnssec_binary_t rdata = { .size = dnskey->rdlen, .data = dnskey->rdata };
		assert_int_equal(dnssec_keytag(&rdata, &tag), 0);
		signer_sign(&zone, dname(APEX), KNOT_RRTYPE_DNSKEY, key, &signers[0]);
		signer_sign(&zone, dname(APEX), KNOT_RRTYPE_SOA, key, &signers[0]);
		signer_sign(&zone, dname(APEX), KNOT_RRTYPE_CAA, key, &signers[0]);
		char expected[256] = "";
		if (tests[i].expected[0] != '\0') {
			for (unsigned j = 0; j < 3; j++) {
				snprintf(expected + strlen(expected),
				         sizeof(expected) - strlen(expected), "%s " APEX "\n",
				         tests[i].expected);
			}
		}
		check_findings(&zone, &at_apex, NOW, expected);
		dnssec_key_free(key);
		zone_free(&zone);
	}
}

static void a_key_of_another_zone_or_none_is_told(void **state)
{
	(void)state;
	// Signed by a key that is not published.
	zone_t zone = signed_zone(apex_caa, &signers[0]);
	zone_remove(&zone, find_rrsig(&zone, APEX, KNOT_RRTYPE_CAA));
	dnssec_key_t *other = signer_key(1, 256);
	signer_sign(&zone, dname(APEX), KNOT_RRTYPE_CAA, other, &signers[0]);
	check_findings(&zone, &at_apex, NOW, "dnssec-rrsig-invalid " APEX "\n");

	// Signed, and no key at all.
	for (size_t i = 0; i < zone.count;) {
		if (zone.record[i].type == KNOT_RRTYPE_DNSKEY) {
			zone_remove(&zone, i);
		} else {
			i++;
		}
	}
	check_findings(&zone, &at_apex, NOW, "dnssec-rrsig-invalid " APEX "\n");
	zone_free(&zone);

	// The zone key signs, the key with the SEP flag does not: the DS as a rule names that.
	zone = zone_of_text(ZONE, SOA "@ CAA 0 issue \"" CA "\"\n");
	dnssec_key_t *sep = signer_key(0, 257);
	signer_add_dnskey(&zone, sep);
	signer_add_dnskey(&zone, other);
	signer_sign(&zone, dname(APEX), KNOT_RRTYPE_DNSKEY, other, &signers[0]);
	signer_sign(&zone, dname(APEX), KNOT_RRTYPE_SOA, other, &signers[0]);
	signer_sign(&zone, dname(APEX), KNOT_RRTYPE_CAA, other, &signers[0]);
	check_findings(&zone, &at_apex, NOW, "dnssec-rrsig-missing " APEX "\n");
	signer_sign(&zone, dname(APEX), KNOT_RRTYPE_DNSKEY, sep, &signers[0]);
	check_findings(&zone, &at_apex, NOW, "");
	dnssec_key_free(sep);
	dnssec_key_free(other);
	zone_free(&zone);
}

static void names_in_rdata_are_signed_in_lower_case(void **state)
{
	(void)state;
	static const char *const rows[] = { "a CNAME x.example.net.\n",
		                            "a DNAME x.example.net.\n" };
	for (size_t i = 0; i < COUNT(rows); i++) {
		zone_t zone = signed_zone(rows[i], &signers[0]);
		for (size_t j = 0; j < zone.count; j++) {
			zone_record_t *r = &zone.record[j];
			if (r->type == KNOT_RRTYPE_CNAME || r->type == KNOT_RRTYPE_DNAME) {
				r->rdata[1] = 'X';
			} else if (r->type == KNOT_RRTYPE_SOA) {
				r->rdata[1] = 'N';
			}
			r->owner[1] &= r->owner[1] >= 'a' && r->owner[1] <= 'z' ? 0xdf : 0xff;
		}
		check_findings(&zone, &(order_t){ .hosts = "a|b.a" }, NOW, "");
		zone_free(&zone);
	}
}

static void keys_that_cannot_be_used_are_told(void **state)
{
	(void)state;
	static const struct {
		uint8_t algorithm;
		const char *finding;
		bool not_checked;
	} tests[] = {
		{ 1, "dnssec-algorithm-weak " APEX "\n", true },
		{ 3, "dnssec-algorithm-weak " APEX "\n", true },
		{ 12, "dnssec-algorithm-weak " APEX "\n", true },
		{ 253, "", true },
		/* Ed25519 keys have 32 octets. */
		{ 15,
		  "dnssec-rrsig-invalid " APEX "\ndnssec-rrsig-invalid " APEX "\n"
		  "dnssec-rrsig-invalid " APEX "\n",
		  false },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%u\n", tests[i].algorithm);
		zone_t zone = zone_of_text(ZONE, SOA "@ CAA 0 issue \"" CA "\"\n");
		const uint8_t dnskey[] = { 1, 1, 3, tests[i].algorithm, 1, 2, 3, 4, 5, 6, 7, 8 };
		zone_add(&zone, dname(APEX), KNOT_RRTYPE_DNSKEY, 3600, dnskey, sizeof(dnskey));
		uint16_t tag;
		const dnssec_binary_t key = { .size = sizeof(dnskey),
			                      .data = zone.record[zone.count - 1].rdata };
		assert_int_equal(dnssec_keytag(&key, &tag), 0);
		static const uint16_t types[] = { KNOT_RRTYPE_DNSKEY, KNOT_RRTYPE_SOA,
			                          KNOT_RRTYPE_CAA };
		for (size_t j = 0; j < COUNT(types); j++) {
			uint8_t rrsig[18 + 13 + 4] = {
				types[j] >> 8,
				types[j] & 255,
				tests[i].algorithm,
				2,
				0,
				0,
				14,
				16,
				0x7f,
				0,
				0,
				0,
				0x60,
				0,
				0,
				0,
				tag >> 8,
				tag & 255,
			};
			memcpy(rrsig + 18, dname(APEX), 13);
			zone_add(&zone, dname(APEX), KNOT_RRTYPE_RRSIG, 3600, rrsig, sizeof(rrsig));
		}
		caaudit_policy_t *policy = make_policy(&at_apex);
		const caaudit_report_t *report = audit(&zone, policy, NOW);
		assert_string_equal(findings(report), tests[i].finding);
		assert_int_equal(report->gap_count > 0, tests[i].not_checked);
		free_report(report);
		caaudit_policy_free(policy);
		zone_free(&zone);
	}
}

/* --- Denials -------------------------------------------------------------------------------------- */

/*! Removes the NSEC or NSEC3 of a name, and the signatures over it. */
static void remove_denial(zone_t *zone, const char *name, const signer_t *signer)
{
	char owner[64];
	if (signer->nsec3) {
		const knot_dname_t *wire = dname(name);
		knot_dname_storage_t copy;
		memcpy(copy, wire, knot_dname_size(wire));
		uint8_t with[2] = { 0 };
		memcpy(with, signer->salt_len > 0 ? signer->salt : with, signer->salt_len);
		const dnssec_binary_t data = { .size = knot_dname_size(copy), .data = copy };
		const dnssec_nsec3_params_t params = {
			.algorithm = 1,
			.iterations = signer->iterations,
			.salt = { .size = signer->salt_len, .data = with },
		};
		dnssec_binary_t hash = { 0 };
		assert_int_equal(dnssec_nsec3_hash(&data, &params, &hash), 0);
		signer_base32(hash.data, owner);
		dnssec_binary_free(&hash);
		strcpy(owner + 32, "." ZONE);
		name = owner;
	}
	uint16_t type = signer->nsec3 ? KNOT_RRTYPE_NSEC3 : KNOT_RRTYPE_NSEC;
	size_t before = zone->count;
	for (size_t i = 0; i < zone->count;) {
		const zone_record_t *r = &zone->record[i];
		uint16_t about = r->type == KNOT_RRTYPE_RRSIG ? r->rdata[0] << 8 | r->rdata[1] :
		                                                r->type;
		if (about == type && zone_name_order(r->owner, dname(name)) == 0) {
			zone_remove(zone, i);
		} else {
			i++;
		}
	}
	assert_int_equal(before - zone->count, 2);
}

static void a_missing_denial_is_found(void **state)
{
	(void)state;
	static const struct {
		const char *rows;
		const char *host;
		const char *removed; /* Its NSEC or NSEC3. */
		const char *owner;   /* Of the finding. */
		bool nsec3_only;
	} tests[] = {
		/* NODATA. */
		{ "www A 192.0.2.1\n@ CAA 0 issue \"" CA "\"\n", "www", "www.example.com.",
		  "www.example.com.", false },
		{ "", "@", APEX, APEX, false },
		/* NXDOMAIN: the record before the name, or the closest encloser. */
		{ "a A 192.0.2.1\nz A 192.0.2.1\n@ CAA 0 issue \"" CA "\"\n", "m", "a.example.com.",
		  "m.example.com.", false },
		{ "@ CAA 0 issue \"" CA "\"\n", "m", APEX, "m.example.com.", false },
		/* An empty non-terminal. */
		{ "a.ent A 192.0.2.1\n@ CAA 0 issue \"" CA "\"\n", "ent", "ent.example.com.",
		  "ent.example.com.", true },
		/* The wildcard that has none. */
		{ "*.w A 192.0.2.1\n@ CAA 0 issue \"" CA "\"\n", "x.w", "*.w.example.com.",
		  "x.w.example.com.", false },
		/* That a child zone is unsigned; opt-out needs none. */
		{ "sub NS ns.example.net.\n@ CAA 0 issue \"" CA "\"\n", "a.sub", "sub.example.com.",
		  "sub.example.com.", false },
		{ "www CNAME a.sub\nsub NS ns.example.net.\n", "www", "sub.example.com.",
		  "sub.example.com.", false },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		for (size_t j = 0; j < COUNT(signers); j++) {
			// With NSEC3 the hash order decides which record covers the missing "m".
			bool by_order = strstr(tests[i].removed, "a.example.com.") ==
			                tests[i].removed;
			bool is_cut = strcmp(tests[i].removed, "sub.example.com.") == 0;
			if (((tests[i].nsec3_only || by_order) &&
			     signers[j].nsec3 != tests[i].nsec3_only) ||
			    (is_cut && signers[j].opt_out)) {
				continue;
			}
			print_message("%zu %s without %s\n", j, tests[i].host, tests[i].removed);
			zone_t zone = signed_zone(tests[i].rows, &signers[j]);
			remove_denial(&zone, tests[i].removed, &signers[j]);
			caaudit_policy_t *policy = make_policy(
				&(order_t){ .hosts = tests[i].host });
			const caaudit_report_t *report = audit(&zone, policy, NOW);
			char expected[128];
			snprintf(expected, sizeof(expected), "dnssec-denial-missing %s\n",
			         tests[i].owner);
			// With opt-out a wildcard's answer is insecure, whatever is proven (RFC 5155 section 9.2).
			bool insecure = signers[j].opt_out && tests[i].removed[0] == '*';
			bool warned = false;
			for (size_t k = 0; k < report->finding_count; k++) {
				const caaudit_finding_t *f = &report->finding[k];
				warned = warned || (f->id == CAAUDIT_DNSSEC_DENIAL_MISSING &&
				                    f->severity == CAAUDIT_WARNING);
			}
			if (strstr(findings(report), expected) == NULL || warned != insecure) {
				print_error("%s", findings(report));
				print_texts(report);
				fail();
			}
			free_report(report);
			caaudit_policy_free(policy);
			zone_free(&zone);
		}
	}
}

static void a_denial_needs_a_signature_and_the_truth(void **state)
{
	(void)state;
	for (size_t j = 0; j < COUNT(signers); j++) {
		// No signature over it.
		zone_t zone = signed_zone("www A 192.0.2.1\n@ CAA 0 issue \"" CA "\"\n",
		                          &signers[j]);
		uint16_t type = signers[j].nsec3 ? KNOT_RRTYPE_NSEC3 : KNOT_RRTYPE_NSEC;
		for (size_t i = 0; i < zone.count;) {
			const zone_record_t *r = &zone.record[i];
			if (r->type == KNOT_RRTYPE_RRSIG &&
			    (r->rdata[0] << 8 | r->rdata[1]) == type) {
				zone_remove(&zone, i);
			} else {
				i++;
			}
		}
		caaudit_policy_t *policy = make_policy(&(order_t){ .hosts = "www" });
		const caaudit_report_t *report = audit(&zone, policy, NOW);
		assert_non_null(strstr(findings(report), "dnssec-rrsig-missing"));
		free_report(report);
		zone_free(&zone);

		// CAA is listed, and has been removed since.
		zone = signed_zone("www A 192.0.2.1\nwww CAA 0 issue \"" CA "\"\n", &signers[j]);
		for (size_t i = 0; i < zone.count; i++) {
			if (zone.record[i].type == KNOT_RRTYPE_CAA) {
				zone_remove(&zone, i);
				break;
			}
		}
		report = audit(&zone, policy, NOW);
		assert_string_equal(findings(report), "dnssec-denial-missing www.example.com.\n");
		free_report(report);
		caaudit_policy_free(policy);
		zone_free(&zone);
	}
}

/*! An NSEC or NSEC3 of a text. */
static zone_record_t one_record(const char *text)
{
	zone_t zone = zone_of_text(ZONE, text);
	assert_int_equal(zone.count, 1);
	zone_record_t record = zone.record[0];
	free(zone.record);
	return record;
}

/* RFC 4035 section 5.2, RFC 6840 section 4.4: what a child says is believed if its DS is, or its absence. */
static void a_child_zone_needs_a_ds_or_a_denial(void **state)
{
	(void)state;
	static const char rows[] =
		"sub NS ns.example.net.\nsub DS \\# 4 00010f02\n@ CAA 0 issue \"" CA "\"\n";
	for (size_t j = 0; j < COUNT(signers); j++) {
		zone_t zone = signed_zone(rows, &signers[j]);
		size_t pos = find_rrsig(&zone, "sub.example.com.", KNOT_RRTYPE_DS);
		zone.record[pos].rdata[40] ^= 1;
		check_findings(&zone, &(order_t){ .hosts = "a.sub" }, NOW,
		               "dnssec-rrsig-invalid sub.example.com.\n");
		zone_remove(&zone, pos);
		check_findings(&zone, &(order_t){ .hosts = "a.sub" }, NOW,
		               "dnssec-rrsig-missing sub.example.com.\n");
		check_findings(&zone, &(order_t){ .hosts = "sub" }, NOW,
		               "dnssec-rrsig-missing sub.example.com.\n");
		check_findings(&zone, &(order_t){ .hosts = "b" }, NOW, "");
		// The DS is gone, and its NSEC or NSEC3 says that it is there.
		for (size_t i = 0; i < zone.count; i++) {
			if (zone.record[i].type == KNOT_RRTYPE_DS) {
				zone_remove(&zone, i);
				break;
			}
		}
		check_findings(&zone, &(order_t){ .hosts = "a.sub" }, NOW,
		               "dnssec-denial-missing sub.example.com.\n");
		zone_free(&zone);
	}

	static const struct {
		const char *nsec;
		denial_t expected;
	} tests[] = {
		{ "sub NSEC d NS RRSIG NSEC", DENIES_TYPE },
		{ "sub NSEC d NS DS RRSIG NSEC", DENIES_LIE },
		{ "sub NSEC d NS SOA RRSIG NSEC", DENIES_LIE },
		{ "sub NSEC d A RRSIG NSEC", DENIES_LIE },
		{ "sub NSEC d RRSIG NSEC", DENIES_LIE },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		zone_record_t r = one_record(tests[i].nsec);
		const caaudit_record_t record = { r.owner, r.rdata, r.ttl, r.type, r.rdlen };
		assert_int_equal(nsec_denies(&record, dname(ZONE), dname("sub.example.com."),
		                             KNOT_RRTYPE_DS),
		                 tests[i].expected);
		free(r.rdata);
	}
}

/* What nobody expects may still be asked for: the operator is warned. */
static void a_validation_that_nothing_expects_is_verified(void **state)
{
	(void)state;
	static const char rows[] = "_" HASH ".a CNAME " TARGET "\n_" HASH
				   ".b CNAME x.example.net.\n"
				   "sub NS ns.example.net.\n_" HASH ".sub CNAME " TARGET "\n"
				   "@ CAA 0 issue \"" CA "\"\n";
	zone_t zone = signed_zone(rows, &signers[0]);
	check_findings(&zone, &at_apex, NOW, "");
	zone_remove(&zone, find_rrsig(&zone, "_" HASH ".b.example.com.", KNOT_RRTYPE_CNAME));
	check_findings(&zone, &at_apex, NOW, "");
	zone_remove(&zone, find_rrsig(&zone, "_" HASH ".a.example.com.", KNOT_RRTYPE_CNAME));
	for (unsigned expected = 0; expected < 2; expected++) {
		caaudit_policy_t *policy = make_policy(
			&(order_t){ .hosts = "@",
		                    .validations = expected == 1 ? "_" HASH ".a " TARGET : NULL });
		const caaudit_report_t *report = audit(&zone, policy, NOW);
		assert_string_equal(findings(report),
		                    "dnssec-rrsig-missing _" HASH ".a.example.com.\n");
		bool told = false;
		for (size_t i = 0; i < report->finding_count; i++) {
			const caaudit_finding_t *f = &report->finding[i];
			told = told ||
			       (f->id == CAAUDIT_DNSSEC_RRSIG_MISSING &&
			        f->severity == (expected == 1 ? CAAUDIT_ERROR : CAAUDIT_WARNING));
		}
		assert_true(told);
		free_report(report);
		caaudit_policy_free(policy);
	}
	zone_free(&zone);
}

static void an_expanded_wildcard_needs_a_denial(void **state)
{
	(void)state;
	static const char rows[] = "*.w CAA 0 issue \"" CA "\"\n";
	for (size_t j = 0; j < COUNT(signers); j++) {
		zone_t zone = signed_zone(rows, &signers[j]);
		check_findings(&zone, &(order_t){ .hosts = "x.w" }, NOW, "");
		// Without any chain.
		for (size_t i = 0; i < zone.count;) {
			uint16_t type = zone.record[i].type;
			if (type == KNOT_RRTYPE_NSEC || type == KNOT_RRTYPE_NSEC3) {
				zone_remove(&zone, i);
			} else {
				i++;
			}
		}
		check_findings(&zone, &(order_t){ .hosts = "x.w" }, NOW,
		               "dnssec-denial-missing x.w.example.com.\n");
		zone_free(&zone);
	}
}

static void many_iterations_are_told(void **state)
{
	(void)state;
	static const struct {
		uint16_t iterations;
		const char *expected;
	} tests[] = {
		{ 50, "" },
		{ 51, "dnssec-denial-iterations " APEX "\n" },
		{ 150, "dnssec-denial-iterations " APEX "\n" },
		{ 151, "dnssec-denial-iterations " APEX "\n" },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%u\n", tests[i].iterations);
		signer_t signer = signers[1];
		signer.iterations = tests[i].iterations;
		zone_t zone = signed_zone("*.w CAA 0 issue \"" CA "\"\n", &signer);
		check_findings(&zone, &(order_t){ .hosts = "none|x.w" }, NOW, tests[i].expected);
		zone_free(&zone);
	}
}

/* RFC 4034 section 4, RFC 4035 section 5.4, RFC 6840 section 4. */
static void an_nsec_says_so_much_and_no_more(void **state)
{
	(void)state;
	static const struct {
		const char *nsec, *name;
		denial_t expected;
	} tests[] = {
		/* At the name. */
		{ "b NSEC d A RRSIG NSEC", "b.example.com.", DENIES_TYPE },
		{ "b NSEC d A CAA RRSIG NSEC", "b.example.com.", DENIES_LIE },
		{ "b NSEC d CNAME RRSIG NSEC", "b.example.com.", DENIES_LIE },
		{ "b NSEC d NS RRSIG NSEC", "b.example.com.", DENIES_LIE },
		{ "@ NSEC d NS SOA RRSIG NSEC", APEX, DENIES_TYPE },
		{ "@ NSEC d NS RRSIG NSEC", APEX, DENIES_TYPE },
		{ "b NSEC d NS SOA RRSIG NSEC", "b.example.com.", DENIES_TYPE },
		/* Between. */
		{ "b NSEC d A RRSIG NSEC", "c.example.com.", DENIES_NAME },
		{ "b NSEC d A RRSIG NSEC", "x.b.example.com.", DENIES_NAME },
		{ "b NSEC d A RRSIG NSEC", "a.example.com.", DENIES_NOT },
		{ "b NSEC d A RRSIG NSEC", "d.example.com.", DENIES_NOT },
		{ "b NSEC d A RRSIG NSEC", "e.example.com.", DENIES_NOT },
		{ "b NSEC x.d A RRSIG NSEC", "d.example.com.", DENIES_EMPTY },
		{ "b NSEC y.x.d A RRSIG NSEC", "x.d.example.com.", DENIES_EMPTY },
		/* The last one. */
		{ "b NSEC @ A RRSIG NSEC", "c.example.com.", DENIES_NAME },
		{ "b NSEC @ A RRSIG NSEC", "zz.example.com.", DENIES_NAME },
		{ "b NSEC @ A RRSIG NSEC", "a.example.com.", DENIES_NOT },
		{ "@ NSEC @ SOA RRSIG NSEC", "a.example.com.", DENIES_NAME },
		/* Below a cut or a redirection it says nothing. */
		{ "b NSEC d NS RRSIG NSEC", "x.b.example.com.", DENIES_NOT },
		{ "b NSEC d DNAME RRSIG NSEC", "x.b.example.com.", DENIES_NOT },
		{ "b NSEC d NS RRSIG NSEC", "c.example.com.", DENIES_NAME },
		{ "b NSEC d NS SOA RRSIG NSEC", "x.b.example.com.", DENIES_NAME },
		/* Out of the zone, and malformed. */
		{ "b NSEC d.example.net. A RRSIG NSEC", "c.example.com.", DENIES_NOT },
		{ "b NSEC \\# 1 01", "b.example.com.", DENIES_NOT },
		{ "b NSEC \\# 2 0161", "b.example.com.", DENIES_NOT },
		/* Bitmaps: without any window, of a wrong length, cut, with CAA in window 1. */
		{ "b NSEC \\# 1 00", "b.example.com.", DENIES_TYPE },
		{ "b NSEC \\# 3 00 0100", "b.example.com.", DENIES_TYPE },
		{ "b NSEC \\# 4 00 0121ff", "b.example.com.", DENIES_TYPE },
		{ "b NSEC \\# 4 00 0102ff", "b.example.com.", DENIES_TYPE },
		{ "b NSEC \\# 4 00 010140", "b.example.com.", DENIES_LIE },
		{ "b NSEC \\# 7 00 000140 010140", "b.example.com.", DENIES_LIE },
		/* Where DNAME would be, the next window begins. */
		{ "b NSEC \\# 22 076578616d706c6503636f6d00 000440000000 010180",
		  "x.b.example.com.", DENIES_NAME },
		{ "b NSEC \\# 7 00 000140 020140", "b.example.com.", DENIES_TYPE },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s: %s\n", tests[i].nsec, tests[i].name);
		zone_record_t r = one_record(tests[i].nsec);
		const caaudit_record_t record = { r.owner, r.rdata, r.ttl, r.type, r.rdlen };
		assert_int_equal(nsec_denies(&record, dname(ZONE), dname(tests[i].name),
		                             KNOT_RRTYPE_CAA),
		                 tests[i].expected);
		free(r.rdata);
	}
}

#define H(digit)                                                                                   \
#digit #digit #digit #digit #digit #digit #digit #digit #digit #digit #digit #digit #digit #digit #digit #digit
#define HASH_OF(digit) H(digit) H(digit)

/* RFC 5155 section 8. */
static void an_nsec3_says_so_much_and_no_more(void **state)
{
	(void)state;
	static const struct {
		const char *nsec3, *hash; /* The hash is that of the name in question. */
		bool at_apex, encloses;
		denial_t expected;
	} tests[] = {
		{ HASH_OF(4) " NSEC3 1 0 0 - " HASH_OF(8) " A RRSIG", HASH_OF(4), false, true,
		  DENIES_TYPE },
		{ HASH_OF(4) " NSEC3 1 0 0 - " HASH_OF(8) " A CAA RRSIG", HASH_OF(4), false, true,
		  DENIES_LIE },
		{ HASH_OF(4) " NSEC3 1 0 0 - " HASH_OF(8) " CNAME RRSIG", HASH_OF(4), false, true,
		  DENIES_LIE },
		{ HASH_OF(4) " NSEC3 1 0 0 - " HASH_OF(8) " NS", HASH_OF(4), false, false,
		  DENIES_LIE },
		{ HASH_OF(4) " NSEC3 1 0 0 - " HASH_OF(8) " NS SOA RRSIG", HASH_OF(4), true, true,
		  DENIES_TYPE },
		{ HASH_OF(4) " NSEC3 1 0 0 - " HASH_OF(8) " NS RRSIG", HASH_OF(4), true, true,
		  DENIES_TYPE },
		{ HASH_OF(4) " NSEC3 1 0 0 - " HASH_OF(8) " DNAME RRSIG", HASH_OF(4), false, false,
		  DENIES_TYPE },
		{ HASH_OF(4) " NSEC3 1 0 0 - " HASH_OF(8) " A RRSIG", HASH_OF(5), false, false,
		  DENIES_NAME },
		{ HASH_OF(4) " NSEC3 1 1 0 - " HASH_OF(8) " A RRSIG", HASH_OF(5), false, false,
		  DENIES_OPT_OUT },
		{ HASH_OF(4) " NSEC3 1 0 0 - " HASH_OF(8) " A RRSIG", HASH_OF(3), false, false,
		  DENIES_NOT },
		{ HASH_OF(4) " NSEC3 1 0 0 - " HASH_OF(8) " A RRSIG", HASH_OF(8), false, false,
		  DENIES_NOT },
		{ HASH_OF(4) " NSEC3 1 0 0 - " HASH_OF(8) " A RRSIG", HASH_OF(9), false, false,
		  DENIES_NOT },
		/* The last one, and the only one. */
		{ HASH_OF(8) " NSEC3 1 0 0 - " HASH_OF(4) " A RRSIG", HASH_OF(9), false, false,
		  DENIES_NAME },
		{ HASH_OF(8) " NSEC3 1 0 0 - " HASH_OF(4) " A RRSIG", HASH_OF(3), false, false,
		  DENIES_NAME },
		{ HASH_OF(8) " NSEC3 1 0 0 - " HASH_OF(4) " A RRSIG", HASH_OF(4), false, false,
		  DENIES_NOT },
		{ HASH_OF(8) " NSEC3 1 0 0 - " HASH_OF(4) " A RRSIG", HASH_OF(5), false, false,
		  DENIES_NOT },
		{ HASH_OF(4) " NSEC3 1 0 0 - " HASH_OF(4) " A RRSIG", HASH_OF(5), false, false,
		  DENIES_NAME },
		/* Elsewhere, and malformed. */
		{ HASH_OF(4) ".x NSEC3 1 0 0 - " HASH_OF(8) " A RRSIG", HASH_OF(5), false, false,
		  DENIES_NOT },
		{ "short NSEC3 1 0 0 - " HASH_OF(8) " A RRSIG", HASH_OF(5), false, false,
		  DENIES_NOT },
		{ HASH_OF(4) " NSEC3 \\# 4 01000000", HASH_OF(4), false, false, DENIES_NOT },
		{ HASH_OF(4) " NSEC3 \\# 6 010000000014", HASH_OF(4), false, false, DENIES_NOT },
		{ HASH_OF(4) " NSEC3 \\# 27 010000000015000000000000000000000000000000000000000000",
		  HASH_OF(4), false, false, DENIES_NOT },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s: %s\n", tests[i].nsec3, tests[i].hash);
		zone_record_t r = one_record(tests[i].nsec3);
		const caaudit_record_t record = { r.owner, r.rdata, r.ttl, r.type, r.rdlen };
		char owner[64];
		uint8_t hash[NSEC3_HASH_SIZE];
		snprintf(owner, sizeof(owner), "%s.", tests[i].hash);
		assert_true(nsec3_owner_hash(dname(owner), hash));
		assert_int_equal(nsec3_denies(&record, dname(ZONE), hash, tests[i].at_apex,
		                              KNOT_RRTYPE_CAA),
		                 tests[i].expected);
		assert_int_equal(nsec3_encloses(&record, hash, tests[i].at_apex),
		                 tests[i].encloses);
		free(r.rdata);
	}
}

static void a_key_is_tried_so_often_and_no_more(void **state)
{
	(void)state;
	for (unsigned bad = 15; bad <= 16; bad++) {
		zone_t zone = signed_zone(apex_caa, &signers[0]);
		size_t pos = find_rrsig(&zone, APEX, KNOT_RRTYPE_CAA);
		zone_record_t good = zone.record[pos];
		for (unsigned i = 0; i < bad; i++) {
			uint8_t rdata[256];
			memcpy(rdata, good.rdata, good.rdlen);
			rdata[7] =
				i; // An original TTL that was not signed, less than the right one.
			zone_add(&zone, dname(APEX), KNOT_RRTYPE_RRSIG, 3600, rdata, good.rdlen);
		}
		check_findings(&zone, &at_apex, NOW,
		               bad < 16 ? "" : "dnssec-rrsig-invalid " APEX "\n");
		zone_free(&zone);
	}
}

static void a_cut_key_verifies_nothing(void **state)
{
	(void)state;
	zone_t zone = signed_zone(apex_caa, &signers[0]);
	for (size_t i = 0; i < zone.count; i++) {
		if (zone.record[i].type == KNOT_RRTYPE_DNSKEY) {
			zone.record[i].rdlen = 4;
		}
	}
	check_findings(&zone, &at_apex, NOW,
	               "dnssec-rrsig-invalid " APEX "\ndnssec-rrsig-invalid " APEX "\n"
	               "dnssec-rrsig-invalid " APEX "\n");
	zone_free(&zone);
}

/* --- Hostile zones ------------------------------------------------------------------------------- */

/* A key and a signature of any form. Nothing here is signed: well would be wrong. */
static void keys_and_signatures_of_any_size_get_a_verdict(void **state)
{
	(void)state;
	static const struct {
		uint8_t algorithm;
		uint16_t
			exponent; /* Octets; 0x100 and more in the long form. 0 = the key has the octets below. */
		uint16_t key; /* Octets of the modulus, or of the key. */
		uint16_t signature;
		uint8_t fill; /* Octet that the signature consists of. */
		signed_t expected;
	} tests[] = {
		/* RSA (RFC 3110): modulus and signature have the same size; what takes too long is left alone. */
		{ 8, 3, 256, 256, 0x55, SIGNED_WRONG },
		{ 8, 3, 256, 255, 0x55, SIGNED_WRONG },
		{ 8, 3, 256, 257, 0x55, SIGNED_WRONG },
		{ 8, 3, 256, 256, 0xff, SIGNED_WRONG },
		{ 8, 3, 256, 256, 0, SIGNED_WRONG },
		{ 8, 3, 256, 1, 0, SIGNED_WRONG },
		{ 8, 3, 64, 64, 0x55, SIGNED_WRONG },
		{ 8, 3, 512, 512, 0x55, SIGNED_WRONG },
		{ 8, 3, 513, 513, 0x55, SIGNED_UNSUPPORTED },
		{ 8, 3, 60000, 60000, 0x55, SIGNED_UNSUPPORTED },
		{ 10, 8, 256, 256, 0x55, SIGNED_WRONG },
		{ 10, 9, 256, 256, 0x55, SIGNED_UNSUPPORTED },
		{ 10, 255, 256, 256, 0x55, SIGNED_UNSUPPORTED },
		{ 10, 0x100, 512, 512, 0x55, SIGNED_UNSUPPORTED },
		{ 8, 3, 0, 256, 0x55, SIGNED_WRONG },
		{ 8, 0, 1, 1, 1, SIGNED_WRONG },
		{ 8, 0, 2, 2, 1, SIGNED_WRONG },
		/* Elliptic curves have sizes of their own (RFC 6605, RFC 8080). */
		{ 13, 0, 64, 0, 0, SIGNED_WRONG },
		{ 13, 0, 64, 63, 1, SIGNED_WRONG },
		{ 13, 0, 63, 64, 1, SIGNED_WRONG },
		{ 13, 0, 64, 64, 0, SIGNED_WRONG },
		{ 13, 0, 64, 65, 1, SIGNED_WRONG },
		{ 13, 0, 65, 64, 1, SIGNED_WRONG },
		{ 14, 0, 96, 95, 1, SIGNED_WRONG },
		{ 14, 0, 95, 96, 1, SIGNED_WRONG },
		{ 15, 0, 32, 64, 1, SIGNED_WRONG },
		{ 15, 0, 32, 63, 1, SIGNED_WRONG },
		{ 15, 0, 33, 64, 1, SIGNED_WRONG },
		{ 15, 0, 31, 64, 1, SIGNED_WRONG },
		{ 15, 0, 32, 64, 0, SIGNED_WRONG },
		{ 15, 0, 32, 64, 0xff, SIGNED_WRONG },
		{ 16, 0, 57, 114, 1, SIGNED_WRONG },
		{ 16, 0, 56, 114, 1, SIGNED_WRONG },
		/* Not for zones, reserved and private (RFC 4034 appendix A.1). */
		{ 0, 0, 32, 64, 1, SIGNED_UNSUPPORTED },
		{ 2, 0, 32, 64, 1, SIGNED_UNSUPPORTED },
		{ 253, 0, 32, 64, 1, SIGNED_UNSUPPORTED },
		{ 254, 0, 32, 64, 1, SIGNED_UNSUPPORTED },
		{ 255, 0, 32, 64, 1, SIGNED_UNSUPPORTED },
	};
	static uint8_t dnskey[UINT16_MAX], rrsig[UINT16_MAX];
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%zu: algorithm %u, %u, %u octets\n", i, tests[i].algorithm,
		              tests[i].key, tests[i].signature);
		size_t len = 4;
		memcpy(dnskey, (uint8_t[]){ 1, 0, 3, tests[i].algorithm }, 4);
		if (tests[i].exponent > 0) {
			bool large = tests[i].exponent >= 0x100;
			dnskey[len++] = large ? 0 : tests[i].exponent;
			if (large) {
				dnskey[len++] = tests[i].exponent >> 8;
				dnskey[len++] = tests[i].exponent & 255;
			}
			memset(dnskey + len, 0x11, tests[i].exponent);
			len += tests[i].exponent;
		}
		memset(dnskey + len, 0x77, tests[i].key);
		len += tests[i].key;
		const caaudit_record_t key = { dname(ZONE), dnskey, 3600, KNOT_RRTYPE_DNSKEY, len };
		const caaudit_record_t soa = { dname(ZONE),
			                       (const uint8_t *)"\0\0aaaabbbbccccddddeeee", 3600,
			                       KNOT_RRTYPE_SOA, 22 };
		uint16_t tag;
		const dnssec_binary_t rdata = { .size = len, .data = dnskey };
		assert_int_equal(dnssec_keytag(&rdata, &tag), 0);
		memcpy(rrsig,
		       (uint8_t[]){ 0, 6, tests[i].algorithm, 2, 0, 0, 14, 16, 0x7f, 0, 0, 0, 0x60,
		                    0, 0, 0, tag >> 8, tag & 255 },
		       18);
		memcpy(rrsig + 18, dname(ZONE), knot_dname_size(dname(ZONE)));
		size_t head = 18 + knot_dname_size(dname(ZONE));
		memset(rrsig + head, tests[i].fill, tests[i].signature);
		const caaudit_record_t sig = { dname(ZONE), rrsig, 3600, KNOT_RRTYPE_RRSIG,
			                       head + tests[i].signature };
		const caaudit_record_t *records[] = { &key, &soa, &sig };
		keys_t *keys = keys_new(dname(ZONE), (caaudit_rrset_t){ &records[0], 1 }, NULL);
		signed_by_t by;
		assert_true(keys_verify(keys, (caaudit_rrset_t){ &records[1], 1 },
		                        (caaudit_rrset_t){ &records[2], 1 }, NOW, &by));
		assert_int_equal(by.state, tests[i].expected);
		keys_free(keys);
	}
}

/*! Adds keys that have the key tag of the one that signs (RFC 4034 appendix B), and verify nothing. */
static void add_colliding_keys(zone_t *zone, unsigned count)
{
	dnssec_key_t *key = signer_key(0, 257);
	dnssec_binary_t rdata;
	assert_int_equal(dnssec_key_get_rdata(key, &rdata), 0);
	for (unsigned i = 1; i <= count; i++) {
		uint8_t other[64];
		memcpy(other, rdata.data, rdata.size);
		// One word more, another less: the sum is the same.
		unsigned more = (other[4] << 8 | other[5]) / 2 + i,
			 less = (other[6] << 8 | other[7]) + (other[4] << 8 | other[5]) - more;
		assert_true(less < 0x10000);
		memcpy(other + 4, (uint8_t[]){ more >> 8, more & 255, less >> 8, less & 255 }, 4);
		zone_add(zone, dname(APEX), KNOT_RRTYPE_DNSKEY, 3600, other, rdata.size);
	}
	dnssec_key_free(key);
}

/* CVE-2023-50387, "KeyTrap": n keys and n signatures of one key tag make n * n pairs to try. */
static void colliding_keys_and_signatures_cost_little(void **state)
{
	(void)state;
	for (unsigned round = 0; round < 4; round++) {
		// More keys do not fit into a message, more than 64 signatures at a name are not kept.
		bool large = round % 2 == 1, crowded = round >= 2;
		zone_t zone = zone_of_text(ZONE, SOA "@ CAA 0 issue \"" CA "\"\n");
		dnssec_key_t *key = signer_key(0, 257);
		signer_add_dnskey(&zone, key);
		dnssec_key_free(key);
		add_colliding_keys(&zone, large ? 20000 : 900);
		static const uint16_t types[] = { KNOT_RRTYPE_SOA, KNOT_RRTYPE_CAA,
			                          KNOT_RRTYPE_DNSKEY };
		for (size_t i = 0; i < COUNT(types); i++) {
			uint8_t rdata[18 + 13 + 64] = {
				types[i] >> 8,
				types[i] & 255,
				15,
				2,
				0,
				0,
				14,
				16,
				0x7f,
				0,
				0,
				0,
				0x60,
				0,
				0,
				0,
			};
			const zone_record_t *dnskey = NULL;
			for (size_t j = 0; dnskey == NULL; j++) {
				dnskey = zone.record[j].type == KNOT_RRTYPE_DNSKEY ?
				                 &zone.record[j] :
				                 NULL;
			}
			uint16_t tag;
			const dnssec_binary_t binary = { .size = dnskey->rdlen,
				                         .data = dnskey->rdata };
			assert_int_equal(dnssec_keytag(&binary, &tag), 0);
			rdata[16] = tag >> 8;
			rdata[17] = tag & 255;
			memcpy(rdata + 18, dname(APEX), 13);
			for (unsigned j = 1; j <= (crowded ? 2000 : 20); j++) {
				rdata[40] = j >> 8;
				rdata[41] = j & 255;
				zone_add(&zone, dname(APEX), KNOT_RRTYPE_RRSIG, 3600, rdata,
				         sizeof(rdata));
			}
		}
		verified = keys_read = 0;
		caaudit_policy_t *policy = make_policy(&at_apex);
		const caaudit_report_t *report = audit(&zone, policy, NOW);
		assert_string_equal(findings(report), crowded ? "" :
		                                                "dnssec-rrsig-invalid " APEX "\n"
		                                                "dnssec-rrsig-invalid " APEX "\n"
		                                                "dnssec-rrsig-invalid " APEX "\n");
		assert_int_equal(report->gap_count, crowded);
		assert_int_equal(report->dnssec.valid, 0);
		assert_in_range(verified, 16, large ? 2 * 16 : 3 * 16);
		assert_true(crowded || verified == (large ? 2 * 16 : 3 * 16));
		assert_int_equal(keys_read, 16);
		free_report(report);
		caaudit_policy_free(policy);

		// So do anchors.
		policy = make_policy(&at_apex);
		uint8_t ds[36] = { zone.record[zone.count - 1].rdata[16],
			           zone.record[zone.count - 1].rdata[17], 15, 2 };
		for (unsigned i = 0; i < 10; i++) {
			ds[4] = i;
			assert_int_equal(caaudit_policy_add_anchor(policy, KNOT_RRTYPE_DS, ds,
			                                           sizeof(ds), NULL),
			                 KNOT_EOK);
		}
		report = audit(&zone, policy, NOW);
		assert_int_equal(report->dnssec.trust, CAAUDIT_CHAIN_BROKEN);
		free_report(report);
		caaudit_policy_free(policy);
		zone_free(&zone);
	}
}

/* What was right stays right as long as key, signature and records are the same; times pass. */
static void a_signature_is_verified_once(void **state)
{
	(void)state;
	zone_t zone = signed_zone(apex_caa, &signers[0]);
	caaudit_memo_t *memo = caaudit_memo_new();
	caaudit_policy_t *policy = make_policy(&at_apex);
	policy->memo = memo;
	static const struct {
		int64_t later;
		unsigned verified;
		const char *expected;
	} audits[] = {
		{ 0, 3, "" },
		{ 0, 0, "" },
		{ 1, 0, "" },
		{ 15 * DAY, 0,
		  "dnssec-rrsig-expired " APEX "\n" }, // One for all that the key has signed.
		{ 0, 0, "" },
	};
	for (size_t i = 0; i < COUNT(audits); i++) {
		verified = 0;
		const caaudit_report_t *report = audit(&zone, policy, NOW + audits[i].later);
		assert_int_equal(verified, audits[i].verified);
		assert_string_equal(findings(report), audits[i].expected);
		free_report(report);
	}
	// An octet of the record, of the signature or of the key more or less, and it is another one.
	size_t caa = 0, sig = find_rrsig(&zone, APEX, KNOT_RRTYPE_CAA), key = 0;
	while (zone.record[caa].type != KNOT_RRTYPE_CAA) {
		caa++;
	}
	while (zone.record[key].type != KNOT_RRTYPE_DNSKEY) {
		key++;
	}
	const size_t pos[] = { caa, sig, key };
	for (size_t i = 0; i < COUNT(pos); i++) {
		uint8_t *rdata = zone.record[pos[i]].rdata,
			*octet = &rdata[zone.record[pos[i]].rdlen - 1];
		if (i < 2) {
			*octet ^= 1;
		} else { // With the same key tag: one word more, the next one less.
			assert_true(rdata[5] < 255 && rdata[7] > 0);
			rdata[5]++;
			rdata[7]--;
		}
		const caaudit_report_t *report = audit(&zone, policy, NOW);
		assert_string_equal(findings(report), i < 2 ? "dnssec-rrsig-invalid " APEX "\n" :
		                                              "dnssec-rrsig-invalid " APEX
		                                              "\ndnssec-rrsig-invalid " APEX "\n"
		                                              "dnssec-rrsig-invalid " APEX "\n");
		free_report(report);
		if (i < 2) {
			*octet ^= 1;
		} else {
			rdata[5]--;
			rdata[7]++;
		}
		// What an audit did not need is forgotten.
		verified = 0;
		report = audit(&zone, policy, NOW);
		assert_string_equal(findings(report), "");
		assert_int_equal(verified, i < 2 ? 1 : 3);
		free_report(report);
	}
	caaudit_policy_free(policy);
	caaudit_memo_free(memo);
	caaudit_memo_free(NULL);
	zone_free(&zone);
}

/* CVE-2023-50868: what hashing costs is chosen by the zone, how often it is done by its names. */
static void hashes_cost_so_much_and_no_more(void **state)
{
	(void)state;
	enum { WORK_MAX = 2000000 }; // Blocks of SHA-1.
	static uint8_t long_salt[255] = { 1 };
	static const struct {
		uint16_t iterations;
		uint8_t salt_len;
		bool hashed, limited;
	} tests[] = {
		{ 0, 0, true, false },       { 150, 255, true, true },     { 151, 0, false, false },
		{ 2500, 255, false, false }, { 65535, 255, false, false },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		uint16_t iterations = tests[i].iterations;
		uint8_t salt_len = tests[i].salt_len;
		uint64_t work = (iterations + UINT64_C(1)) * ((20 + salt_len + 9 + 63) / 64);
		zone_t zone = signed_zone("www A 192.0.2.1\n", &signers[1]);
		for (size_t j = 0; j < zone.count; j++) {
			zone_record_t *r = &zone.record[j];
			if (r->type == KNOT_RRTYPE_NSEC3PARAM) {
				uint8_t rdata[5 + 255] = { 1, 0, iterations >> 8, iterations & 255,
					                   salt_len };
				memcpy(rdata + 5, long_salt, salt_len);
				zone_remove(&zone, j);
				zone_add(&zone, dname(APEX), KNOT_RRTYPE_NSEC3PARAM, 0, rdata,
				         5 + salt_len);
				break;
			}
		}
		// Each of the hosts has more than a hundred ancestors.
		caaudit_policy_t *policy = make_policy(&at_apex);
		for (unsigned host = 0; host < 60; host++) {
			char name[512] = "";
			for (unsigned label = 0; label < 110; label++) {
				strcat(name, "a.");
			}
			snprintf(name + strlen(name), 16, "x%u", host);
			assert_int_equal(caaudit_policy_add_host(policy, name, NULL), KNOT_EOK);
		}
		hashed = 0;
		const caaudit_report_t *report = audit(&zone, policy, NOW);
		print_message("%u iterations, salt of %u: %u hashes\n", iterations, salt_len,
		              hashed);
		assert_int_equal(hashed > 0, tests[i].hashed);
		assert_true(hashed * work <= WORK_MAX + 2 * work);
		assert_int_equal(report->gap_count > 0, tests[i].limited);
		free_report(report);
		caaudit_policy_free(policy);
		zone_free(&zone);
	}
}

/* Keys that share a tag are sound, and a CA's resolver tries the second one as well. */
static void two_keys_may_share_a_tag(void **state)
{
	(void)state;
	zone_t zone = zone_of_text(ZONE, SOA "@ CAA 0 issue \"" CA "\"\n");
	dnssec_key_t *key = signer_key(0, 257);
	signer_add_dnskey(&zone, key);
	add_colliding_keys(&zone, 2);
	signer_sign(&zone, dname(APEX), KNOT_RRTYPE_DNSKEY, key, &signers[0]);
	signer_sign(&zone, dname(APEX), KNOT_RRTYPE_SOA, key, &signers[0]);
	signer_sign(&zone, dname(APEX), KNOT_RRTYPE_CAA, key, &signers[0]);
	check_findings(&zone, &at_apex, NOW, "");
	dnssec_key_free(key);
	zone_free(&zone);
}

/* Of more than are tried it must be the same ones, in whatever order the keys come. */
static void the_order_of_colliding_keys_does_not_matter(void **state)
{
	(void)state;
	for (unsigned last = 0; last < 2; last++) {
		zone_t zone = zone_of_text(ZONE, SOA "@ CAA 0 issue \"" CA "\"\n");
		dnssec_key_t *key = signer_key(0, 257);
		if (last) {
			add_colliding_keys(&zone, 20);
		}
		signer_add_dnskey(&zone, key);
		if (!last) {
			add_colliding_keys(&zone, 20);
		}
		signer_sign(&zone, dname(APEX), KNOT_RRTYPE_DNSKEY, key, &signers[0]);
		signer_sign(&zone, dname(APEX), KNOT_RRTYPE_SOA, key, &signers[0]);
		signer_sign(&zone, dname(APEX), KNOT_RRTYPE_CAA, key, &signers[0]);
		check_findings(&zone, &at_apex, NOW,
		               "dnssec-rrsig-invalid " APEX "\n"
		               "dnssec-rrsig-invalid " APEX "\n"
		               "dnssec-rrsig-invalid " APEX "\n");
		dnssec_key_free(key);
		zone_free(&zone);
	}
}

/* --- Anchors --------------------------------------------------------------------------------------- */

static void anchors_lead_to_the_key_that_signs(void **state)
{
	(void)state;
	zone_t zone = signed_zone(apex_caa, &signers[0]);
	dnssec_key_t *good = signer_key(0, 257), *other = signer_key(1, 257);
	dnssec_binary_t sha1, sha256, sha384, wrong, key;
	assert_int_equal(dnssec_key_create_ds(good, 1, &sha1), 0);
	assert_int_equal(dnssec_key_create_ds(good, 2, &sha256), 0);
	assert_int_equal(dnssec_key_create_ds(good, 4, &sha384), 0);
	assert_int_equal(dnssec_key_create_ds(other, 2, &wrong), 0);
	assert_int_equal(dnssec_key_get_rdata(good, &key), 0);
	uint8_t octet[2][8] = { { 0, 1, 253, 2 }, { 0, 1, 15, 200 } };
	const dnssec_binary_t unknown = { .size = 8, .data = octet[1] };
	dnssec_binary_t private_algorithm = { .size = 36, .data = calloc(1, 36) };
	memcpy(private_algorithm.data, octet[0], 4);

	const struct {
		const dnssec_binary_t *anchor[2];
		uint16_t type;
		caaudit_trust_t trust;
		const char *expected;
	} tests[] = {
		{ { &sha256 }, KNOT_RRTYPE_DS, CAAUDIT_CHAIN_WHOLE, "" },
		{ { &sha384 }, KNOT_RRTYPE_DS, CAAUDIT_CHAIN_WHOLE, "" },
		{ { &sha1 },
		  KNOT_RRTYPE_DS,
		  CAAUDIT_CHAIN_WHOLE,
		  "dnssec-algorithm-weak " APEX "\n" },
		{ { &sha1, &sha256 }, KNOT_RRTYPE_DS, CAAUDIT_CHAIN_WHOLE, "" },
		{ { &wrong, &sha256 }, KNOT_RRTYPE_DS, CAAUDIT_CHAIN_WHOLE, "" },
		{ { &key }, KNOT_RRTYPE_DNSKEY, CAAUDIT_CHAIN_WHOLE, "" },
		{ { &wrong },
		  KNOT_RRTYPE_DS,
		  CAAUDIT_CHAIN_BROKEN,
		  "dnssec-chain-broken " APEX "\n" },
		/* With a SHA-2 digest beside it a SHA-1 one counts for nothing. */
		{ { &wrong, &sha1 },
		  KNOT_RRTYPE_DS,
		  CAAUDIT_CHAIN_BROKEN,
		  "dnssec-chain-broken " APEX "\n" },
		{ { &unknown }, KNOT_RRTYPE_DS, CAAUDIT_CHAIN_INSECURE, "" },
		{ { &private_algorithm }, KNOT_RRTYPE_DS, CAAUDIT_CHAIN_INSECURE, "" },
		{ { &unknown, &wrong },
		  KNOT_RRTYPE_DS,
		  CAAUDIT_CHAIN_BROKEN,
		  "dnssec-chain-broken " APEX "\n" },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%zu\n", i);
		caaudit_policy_t *policy = make_policy(&at_apex);
		for (unsigned j = 0; j < 2 && tests[i].anchor[j] != NULL; j++) {
			assert_int_equal(caaudit_policy_add_anchor(policy, tests[i].type,
			                                           tests[i].anchor[j]->data,
			                                           tests[i].anchor[j]->size, NULL),
			                 KNOT_EOK);
		}
		const caaudit_report_t *report = audit(&zone, policy, NOW);
		assert_string_equal(findings(report), tests[i].expected);
		assert_int_equal(report->dnssec.trust, tests[i].trust);
		free_report(report);
		caaudit_policy_free(policy);
	}

	// The key is there and does not sign DNSKEY.
	zone_remove(&zone, find_rrsig(&zone, APEX, KNOT_RRTYPE_DNSKEY));
	caaudit_policy_t *policy = make_policy(&at_apex);
	assert_int_equal(caaudit_policy_add_anchor(policy, KNOT_RRTYPE_DS, sha256.data, sha256.size,
	                                           NULL),
	                 KNOT_EOK);
	const caaudit_report_t *report = audit(&zone, policy, NOW);
	assert_non_null(strstr(findings(report), "dnssec-chain-broken"));
	free_report(report);

	// An anchor, and a zone that is not signed.
	zone_t plain = zone_of_text(ZONE, SOA);
	report = audit(&plain, policy, NOW);
	assert_string_equal(findings(report), "dnssec-chain-broken " APEX "\n");
	assert_int_equal(report->dnssec.trust, CAAUDIT_CHAIN_BROKEN);
	free_report(report);
	caaudit_policy_free(policy);
	zone_free(&plain);

	dnssec_binary_free(&sha1);
	dnssec_binary_free(&sha256);
	dnssec_binary_free(&sha384);
	dnssec_binary_free(&wrong);
	free(private_algorithm.data);
	dnssec_key_free(good);
	dnssec_key_free(other);
	zone_free(&zone);
}

static void anchors_are_checked_when_added(void **state)
{
	(void)state;
	static const uint8_t rdata[64] = { 0, 1, 15, 2 };
	static const struct {
		uint16_t type, len;
		uint8_t digest;
		bool good;
	} tests[] = {
		{ KNOT_RRTYPE_DS, 35, 2, false },    { KNOT_RRTYPE_DS, 36, 2, true },
		{ KNOT_RRTYPE_DS, 37, 2, false },    { KNOT_RRTYPE_DS, 23, 1, false },
		{ KNOT_RRTYPE_DS, 24, 1, true },     { KNOT_RRTYPE_DS, 25, 1, false },
		{ KNOT_RRTYPE_DS, 51, 4, false },    { KNOT_RRTYPE_DS, 52, 4, true },
		{ KNOT_RRTYPE_DS, 53, 4, false },    { KNOT_RRTYPE_DS, 4, 3, false },
		{ KNOT_RRTYPE_DS, 5, 3, true },      { KNOT_RRTYPE_DS, 5, 9, true },
		{ KNOT_RRTYPE_DS, 0, 2, false },     { KNOT_RRTYPE_DNSKEY, 4, 15, false },
		{ KNOT_RRTYPE_DNSKEY, 5, 15, true }, { KNOT_RRTYPE_CAA, 36, 2, false },
	};
	caaudit_policy_t *policy = make_policy(&at_apex);
	size_t count = 0;
	for (size_t i = 0; i < COUNT(tests); i++) {
		uint8_t copy[sizeof(rdata)];
		memcpy(copy, rdata, sizeof(copy));
		copy[3] = tests[i].digest;
		const char *why = NULL;
		assert_int_equal(caaudit_policy_add_anchor(policy, tests[i].type, copy,
		                                           tests[i].len, &why),
		                 tests[i].good ? KNOT_EOK : KNOT_EINVAL);
		count += tests[i].good;
		assert_int_equal(why == NULL, tests[i].good);
		assert_int_equal(policy->anchor_count, count);
	}
	caaudit_policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_zone_that_is_signed_well_is_silent),
		cmocka_unit_test(random_zones_that_are_signed_well_are_silent),
		cmocka_unit_test(an_unsigned_zone_is_silent),
		cmocka_unit_test(a_missing_signature_is_found),
		cmocka_unit_test(every_octet_of_a_signature_counts),
		cmocka_unit_test(a_cut_signature_is_malformed),
		cmocka_unit_test(times_of_a_signature_are_kept),
		cmocka_unit_test(the_warning_time_can_be_set),
		cmocka_unit_test(times_wrap_around),
		cmocka_unit_test(dates_are_those_of_the_calendar),
		cmocka_unit_test(only_a_zone_key_verifies),
		cmocka_unit_test(a_key_of_another_zone_or_none_is_told),
		cmocka_unit_test(names_in_rdata_are_signed_in_lower_case),
		cmocka_unit_test(keys_that_cannot_be_used_are_told),
		cmocka_unit_test(a_missing_denial_is_found),
		cmocka_unit_test(a_denial_needs_a_signature_and_the_truth),
		cmocka_unit_test(a_child_zone_needs_a_ds_or_a_denial),
		cmocka_unit_test(a_validation_that_nothing_expects_is_verified),
		cmocka_unit_test(an_expanded_wildcard_needs_a_denial),
		cmocka_unit_test(many_iterations_are_told),
		cmocka_unit_test(an_nsec_says_so_much_and_no_more),
		cmocka_unit_test(an_nsec3_says_so_much_and_no_more),
		cmocka_unit_test(a_key_is_tried_so_often_and_no_more),
		cmocka_unit_test(a_cut_key_verifies_nothing),
		cmocka_unit_test(keys_and_signatures_of_any_size_get_a_verdict),
		cmocka_unit_test(colliding_keys_and_signatures_cost_little),
		cmocka_unit_test(a_signature_is_verified_once),
		cmocka_unit_test(hashes_cost_so_much_and_no_more),
		cmocka_unit_test(two_keys_may_share_a_tag),
		cmocka_unit_test(the_order_of_colliding_keys_does_not_matter),
		cmocka_unit_test(anchors_lead_to_the_key_that_signs),
		cmocka_unit_test(anchors_are_checked_when_added),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
