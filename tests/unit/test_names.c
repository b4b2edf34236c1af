/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "test.h"

#include "known.h"
#include "names.h"

static void names_are_read_in_zone_file_notation(void **state)
{
	(void)state;
	static const struct {
		const char *text, *origin;
		const char *expected; /* NULL = no name. */
	} tests[] = {
		{ "@", ZONE, "example.com." },
		{ "@", "EXAMPLE.com.", "example.com." },
		{ "@", ".", "." },
		{ "www", ZONE, "www.example.com." },
		{ "WWW", "Example.COM.", "www.example.com." },
		{ "a.b", ZONE, "a.b.example.com." },
		{ "a.b.", ZONE, "a.b." },
		{ ".", ZONE, "." },
		{ "a", ".", "a." },
		{ "*", ZONE, "*.example.com." },
		{ "*.a", ZONE, "*.a.example.com." },
		{ "_x", ZONE, "_x.example.com." },
		{ "example.com", ZONE, "example.com.example.com." },
		/* Only a free standing "@" is the origin. */
		{ "@.", ZONE, "\\@." },
		{ "a@", ZONE, "a\\@.example.com." },
		{ "", ZONE, NULL },
		{ "..", ZONE, NULL },
		{ ".a", ZONE, NULL },
		{ "a..b", ZONE, NULL },
		{ "a b", ZONE, NULL },
		{ " a", ZONE, NULL },
		{ "a\tb", ZONE, NULL },
		{ "a\n", ZONE, NULL },
		{ "a;b", ZONE, NULL },
		{ "a(b", ZONE, NULL },
		{ "a)", ZONE, NULL },
		{ "\"a\"", ZONE, NULL },
		{ "b\xc3\xbc"
		  "cher",
		  ZONE, NULL },
		{ "a\x7f", ZONE, NULL },
		{ "a\\;b\\ c", ZONE, "a\\;b\\032c.example.com." },
		/* Escapes: RFC 1035 section 5.1. */
		{ "a\\.b", ZONE, "a\\.b.example.com." },
		{ "a\\.", ZONE, "a\\..example.com." },
		{ "a\\\\.", ZONE, "a\\\\." },
		{ "a\\\\\\.", ZONE, "a\\\\\\..example.com." },
		{ "\\.", ZONE, "\\..example.com." },
		{ "\\064", ZONE, "\\@.example.com." },
		{ "\\@", ZONE, "\\@.example.com." },
		{ "\\065", ZONE, "a.example.com." },
		{ "a\\032b", ZONE, "a\\032b.example.com." },
		{ "a\\255", ZONE, "a\\255.example.com." },
		{ "a\\000", ZONE, "a\\000.example.com." },
		{ "a\\256", ZONE, NULL },
		{ "a\\99", ZONE, NULL },
		{ "a\\9", ZONE, NULL },
		{ "a\\", ZONE, NULL },
		{ "a\\046.", ZONE, "a\\.." },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("'%s'\n", tests[i].text);
		knot_dname_storage_t name;
		int ret = name_from_text(name, tests[i].text, dname(tests[i].origin));
		if (tests[i].expected == NULL) {
			assert_int_equal(ret, KNOT_EINVAL);
		} else {
			assert_int_equal(ret, KNOT_EOK);
			assert_string_equal(dname_text(name), tests[i].expected);
		}
	}
}

static void names_are_limited_to_255_octets_and_labels_to_63(void **state)
{
	(void)state;
	char text[512];
	knot_dname_storage_t name;
	for (size_t len = 62; len <= 64; len++) {
		memset(text, 'a', len);
		text[len] = '\0';
		assert_int_equal(name_from_text(name, text, dname(ZONE)),
		                 len < 64 ? KNOT_EOK : KNOT_EINVAL);
		strcpy(text + len, ".");
		assert_int_equal(name_from_text(name, text, dname(ZONE)),
		                 len < 64 ? KNOT_EOK : KNOT_EINVAL);
	}
	// example.com. has 13 octets: 242 are left for labels of two.
	for (unsigned labels = 120; labels <= 130; labels++) {
		text[0] = '\0';
		for (unsigned i = 0; i < labels; i++) {
			strcat(text, "a.");
		}
		assert_int_equal(name_from_text(name, text, dname(ZONE)),
		                 2 * labels + 1 <= 255 ? KNOT_EOK : KNOT_EINVAL);
		text[strlen(text) - 1] = '\0';
		assert_int_equal(name_from_text(name, text, dname(ZONE)),
		                 2 * labels + 13 <= 255 ? KNOT_EOK : KNOT_EINVAL);
	}
}

static void all_octets_come_through_as_escapes(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		char text[16];
		snprintf(text, sizeof(text), "a\\%03ub", c);
		knot_dname_storage_t name;
		assert_int_equal(name_from_text(name, text, dname(ZONE)), KNOT_EOK);
		assert_int_equal(name[0], 3);
		assert_int_equal(name[2], c >= 'A' && c <= 'Z' ? c + 0x20 : c);
	}
}

static void only_ascii_letters_change_case(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		bool upper = c >= 'A' && c <= 'Z';
		bool lower = c >= 'a' && c <= 'z';
		bool digit = c >= '0' && c <= '9';
		assert_int_equal(ascii_lower(c), upper ? c + 32 : c);
		assert_int_equal(ascii_alnum(c), upper || lower || digit);
		for (unsigned d = 0; d < 256; d++) {
			const uint8_t a = c, b = d;
			bool same = c == d || (upper && d == c + 32) || (lower && d == c - 32);
			assert_int_equal(octets_equal(&a, 1, &b, 1), same);
		}
	}
	// Eight are compared at once: a difference is seen wherever it is.
	for (size_t len = 1; len < 40; len++) {
		for (size_t at = 0; at < len; at++) {
			uint8_t lower[40], upper[40];
			memset(lower, 'x', len);
			memset(upper, 'X', len);
			assert_true(octets_equal(lower, len, upper, len));
			assert_false(octets_equal(lower, len, upper, len - 1));
			upper[at] = 'Y';
			assert_false(octets_equal(lower, len, upper, len));
			lower[at] = 'y';
			assert_true(octets_equal(lower, len, upper, len));
		}
	}
	assert_true(octets_equal(NULL, 0, NULL, 0));
	assert_true(octets_equal_str((const uint8_t *)"aBc", 3, "AbC"));
	assert_false(octets_equal_str((const uint8_t *)"abc", 3, "ab"));
	assert_false(octets_equal_str((const uint8_t *)"ab", 2, "abc"));
}

static void being_in_a_zone_goes_by_labels(void **state)
{
	(void)state;
	assert_true(name_in(dname(ZONE), dname(ZONE)));
	assert_true(name_in(dname("a.example.com."), dname(ZONE)));
	assert_true(name_in(dname("a.example.com."), dname(".")));
	assert_true(name_in(dname("."), dname(".")));
	assert_false(name_in(dname("xexample.com."), dname(ZONE)));
	assert_false(name_in(dname("com."), dname(ZONE)));
	assert_false(name_in(dname("."), dname(ZONE)));
	assert_true(name_is_wildcard(dname("*.example.com.")));
	assert_false(name_is_wildcard(dname("a.*.example.com.")));
	assert_false(name_is_wildcard(dname("**.example.com.")));
	assert_false(name_is_wildcard(dname("x.example.com.")));
	assert_false(name_is_wildcard(dname(".")));
}

static void names_are_made_of_others(void **state)
{
	(void)state;
	knot_dname_storage_t out;
	name_move(out, dname("a.b.example.com."), dname("x.test."));
	assert_string_equal(dname_text(out), "a.x.test.");
	name_move(out, dname("a.b.example.com."), dname("."));
	assert_string_equal(dname_text(out), "a.");
	name_lower(out, dname("A.bC."));
	assert_string_equal(dname_text(out), "a.bc.");
	assert_true(name_wildcard(out, dname(".")));
	assert_string_equal(dname_text(out), "*.");
	assert_true(name_wildcard(out, dname("*.a.")));
	assert_string_equal(dname_text(out), "*.*.a.");
	// 255 octets at most: two for the label, and the rest.
	for (unsigned size = 252; size <= 255; size++) {
		char text[300] = "";
		for (unsigned left = size - 1; left > 0; left -= left > 3 ? 2 : left) {
			strcat(text, left == 3 ? "aa." : "a.");
		}
		assert_int_equal(knot_dname_size(dname(text)), size);
		assert_int_equal(name_wildcard(out, dname(text)), size <= 253);
	}
}

/* --- Distance --------------------------------------------------------------------------------- */

static unsigned lowest(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* The definition of optimal string alignment, word by word. */
static unsigned naive(const char *a, size_t i, const char *b, size_t j)
{
	if (i == 0 || j == 0) {
		return i + j;
	}
	unsigned d = lowest(naive(a, i - 1, b, j), naive(a, i, b, j - 1)) + 1;
	d = lowest(d, naive(a, i - 1, b, j - 1) + (a[i - 1] != b[j - 1]));
	if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
		d = lowest(d, naive(a, i - 2, b, j - 2) + 1);
	}
	return d;
}

static unsigned distance(const char *a, const char *b, unsigned limit)
{
	return octets_distance((const uint8_t *)a, strlen(a), (const uint8_t *)b, strlen(b), limit);
}

static void distance_counts_slips_of_the_pen(void **state)
{
	(void)state;
	static const struct {
		const char *a, *b;
		unsigned expected;
	} tests[] = {
		{ "", "", 0 },
		{ "", "abc", 3 },
		{ "issue", "issue", 0 },
		{ "issue", "ISSUE", 0 },
		{ "issue", "isue", 1 },
		{ "issue", "isssue", 1 },
		{ "issue", "isuse", 1 },
		{ "issue", "issuf", 1 },
		{ "issue", "sisue", 1 },
		{ "ca", "abc", 3 }, /* No second edit within a transposition. */
		{ "issuewild", "issuewilt", 1 },
		{ "issuewild", "iusewild", 2 },
		{ "sectigo.com", "sectgio.com", 1 },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s %s\n", tests[i].a, tests[i].b);
		assert_int_equal(distance(tests[i].a, tests[i].b, 10), tests[i].expected);
		assert_int_equal(distance(tests[i].b, tests[i].a, 10), tests[i].expected);
		for (unsigned limit = 0; limit < 4; limit++) {
			assert_int_equal(distance(tests[i].a, tests[i].b, limit),
			                 lowest(tests[i].expected, limit + 1));
		}
	}
}

static void distance_is_that_of_the_definition(void **state)
{
	(void)state;
	uint64_t random = 4343;
	for (unsigned round = 0; round < 3000; round++) {
		char text[2][8];
		for (unsigned i = 0; i < 2; i++) {
			size_t len = zone_random(&random) % 7;
			for (size_t j = 0; j < len; j++) {
				text[i][j] = "abc"[zone_random(&random) % 3];
			}
			text[i][len] = '\0';
		}
		unsigned expected = naive(text[0], strlen(text[0]), text[1], strlen(text[1]));
		if (distance(text[0], text[1], 20) != expected) {
			print_error("'%s' '%s'\n", text[0], text[1]);
		}
		assert_int_equal(distance(text[0], text[1], 20), expected);
	}
}

static void long_texts_are_not_close(void **state)
{
	(void)state;
	uint8_t a[65], b[65];
	memset(a, 'a', sizeof(a));
	memset(b, 'a', sizeof(b));
	b[0] = 'b';
	assert_int_equal(octets_distance(a, 63, b, 63, 2), 1);
	assert_int_equal(octets_distance(a, 63, b, 63, 100), 1);
	b[0] = 'a';
	assert_int_equal(octets_distance(a, 63, b, 62, 2), 1);
	assert_int_equal(octets_distance(a, 64, b, 63, 2), 3);
	assert_int_equal(octets_distance(a, 63, b, 64, 2), 3);
	memset(b, 'b', sizeof(b));
	assert_int_equal(octets_distance(a, 63, b, 63, 100), 63);
}

/* --- What is known of CAs ------------------------------------------------------------------------ */

static void known_names_lead_to_their_ca(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const char *ca; /* Name to publish, NULL = not known. */
		bool current;
	} tests[] = {
		{ "sectigo.com", "sectigo.com", true },
		{ "SECTIGO.com", "sectigo.com", true },
		{ "usertrust.com", "sectigo.com", true },
		{ "trust-provider.com", "sectigo.com", true },
		{ "comodo.com", "sectigo.com", false },
		{ "comodoca.com", "sectigo.com", false },
		{ "letsencrypt.org", "letsencrypt.org", true },
		{ "digicert.com", "digicert.com", true },
		{ "pki.goog", "pki.goog", true },
		{ "amazonaws.com", "amazon.com", true },
		{ "globalsign.com", "globalsign.com", true },
		{ "godaddy.com", "godaddy.com", true },
		{ "ca.example.net", NULL, false },
		{ "www.sectigo.com", NULL, false },
		{ "sectigo.co", NULL, false },
		{ "", NULL, false },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].name);
		const uint8_t *name = (const uint8_t *)tests[i].name;
		size_t len = strlen(tests[i].name);
		const known_ca_t *ca = known_ca_find(name, len);
		if (tests[i].ca == NULL) {
			assert_null(ca);
		} else {
			assert_non_null(ca);
			assert_string_equal(ca->name[0], tests[i].ca);
			assert_int_equal(known_ca_is_current(ca, name, len), tests[i].current);
		}
	}
}

static void lookalikes_are_told_from_other_names(void **state)
{
	(void)state;
	static const struct {
		const char *name, *expected;
	} tests[] = {
		{ "sectgo.com", "sectigo.com" },
		{ "sectigo.co", "sectigo.com" },
		{ "sectigo.net", "sectigo.com" },
		{ "sectigo", "sectigo.com" },
		{ "www.sectigo.com", "sectigo.com" },
		{ "esctigo.com", "sectigo.com" },
		{ "letsencrypt.com", "letsencrypt.org" },
		{ "letsencrypt", "letsencrypt.org" },
		{ "letsencypt.org", "letsencrypt.org" },
		{ "digicert.org", "digicert.com" },
		{ "sectigo.com", NULL },
		{ "comodo.com", NULL },
		{ "ca.example.net", NULL },
		{ "sec.com", NULL },
		{ "xsectigo.com", "sectigo.com" },
		{ "xxsectigo.com", NULL },
		{ "pki.google", NULL },
		{ "", NULL },
		{ ".", NULL },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].name);
		const char *like = known_ca_lookalike((const uint8_t *)tests[i].name,
		                                      strlen(tests[i].name));
		if (tests[i].expected == NULL) {
			assert_null(like);
		} else {
			assert_non_null(like);
			assert_string_equal(like, tests[i].expected);
		}
	}
}

static void method_labels_are_letters_digits_and_hyphens(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		bool expected = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		                (c >= '0' && c <= '9') || c == '-';
		const uint8_t label[] = { 'a', c, 'b' };
		assert_int_equal(known_is_method_label(label, 3), expected);
		assert_int_equal(known_is_method_label(label, 2), expected);
		assert_int_equal(known_is_method_label(label + 1, 1), expected);
	}
	assert_false(known_is_method_label(NULL, 0));
	static const char *const dns[] = { "dns-01", "DNS-01", "dns-account-01", "dns-persist-01",
		                           "ca-tbr-7" };
	static const char *const other[] = { "",        "dns",         "dns-0",    "dns-011",
		                             "http-01", "tls-alpn-01", "ca-tbr-4", "ca-tbr-77" };
	for (size_t i = 0; i < COUNT(dns); i++) {
		assert_true(known_is_dns_method((const uint8_t *)dns[i], strlen(dns[i])));
	}
	for (size_t i = 0; i < COUNT(other); i++) {
		assert_false(known_is_dns_method((const uint8_t *)other[i], strlen(other[i])));
	}
}

#define HEX32 "0123456789abcdef0123456789abcdef"
#define HEX31 "0123456789abcdef0123456789abcde"

static void validation_targets_are_recognized(void **state)
{
	(void)state;
	static const struct {
		const char *target;
		const char *ca; /* "" = a family without a CA; NULL = none. */
		known_fit_t fit;
		bool renewal;
	} tests[] = {
		{ HEX32 "." HEX32 ".sectigo.com.", "sectigo.com", KNOWN_FITS, false },
		{ HEX32 "." HEX32 ".SECTIGO.com.", "sectigo.com", KNOWN_FITS, false },
		{ "0123456789ABCDEF0123456789abcdef." HEX32 ".sectigo.com.", "sectigo.com",
		  KNOWN_FITS, false },
		{ HEX32 "." HEX32 ".a1.sectigo.com.", "sectigo.com", KNOWN_FITS, false },
		{ HEX32 "." HEX32 ".trust-provider.com.", "sectigo.com", KNOWN_FITS, false },
		{ HEX32 "." HEX32 ".comodoca.com.", "sectigo.com", KNOWN_FITS, false },
		{ HEX32 "." HEX32 ".1234567890123456789.sectigo.com.", "sectigo.com", KNOWN_FITS,
		  false },
		{ HEX32 "." HEX32 ".12345678901234567890.sectigo.com.", "sectigo.com", KNOWN_FITS,
		  false },
		{ HEX32 "." HEX32 ".123456789012345678901.sectigo.com.", "sectigo.com",
		  KNOWN_MALFORMED, false },
		{ HEX32 "." HEX32 ".a-1.sectigo.com.", "sectigo.com", KNOWN_MALFORMED, false },
		{ HEX32 "." HEX32 ".a.b.sectigo.com.", "sectigo.com", KNOWN_MALFORMED, false },
		{ HEX31 "." HEX32 ".sectigo.com.", "sectigo.com", KNOWN_MALFORMED, false },
		{ HEX32 "." HEX31 ".sectigo.com.", "sectigo.com", KNOWN_MALFORMED, false },
		{ HEX32 "0." HEX32 ".sectigo.com.", "sectigo.com", KNOWN_MALFORMED, false },
		{ HEX32 "." HEX32 "0.sectigo.com.", "sectigo.com", KNOWN_MALFORMED, false },
		{ HEX31 "g." HEX32 ".sectigo.com.", "sectigo.com", KNOWN_MALFORMED, false },
		{ HEX32 ".sectigo.com.", "sectigo.com", KNOWN_MALFORMED, false },
		{ "sectigo.com.", NULL, KNOWN_MALFORMED, false },
		{ HEX32 "." HEX32 ".xsectigo.com.", NULL, KNOWN_MALFORMED, false },
		{ HEX32 "." HEX32 ".sectigo.com.example.com.", NULL, KNOWN_MALFORMED, false },
		/* The suffix in the middle of a label. */
		{ "aaa\\007sectigo.com.", NULL, KNOWN_MALFORMED, false },
		{ "_" HEX32 ".acm-validations.aws.", "amazon.com", KNOWN_FITS, true },
		{ "_" HEX32 ".abcdefghij.acm-validations.aws.", "amazon.com", KNOWN_FITS, true },
		{ "_" HEX32 ".a.b.acm-validations.aws.", "amazon.com", KNOWN_MALFORMED, true },
		{ HEX32 ".acm-validations.aws.", "amazon.com", KNOWN_MALFORMED, true },
		{ "_" HEX31 ".acm-validations.aws.", "amazon.com", KNOWN_MALFORMED, true },
		{ "acm-validations.aws.", NULL, KNOWN_MALFORMED, false },
		{ "dcv.digicert.com.", "digicert.com", KNOWN_FITS, false },
		{ "abc.dcv.digicert.com.", "digicert.com", KNOWN_FITS, false },
		{ "digicert.com.", NULL, KNOWN_MALFORMED, false },
		{ "u.0.authorize.certificatemanager.goog.", "pki.goog", KNOWN_FITS, true },
		{ "authorize.certificatemanager.goog.", NULL, KNOWN_MALFORMED, false },
		{ "example.com.u.dcv.cloudflare.com.", "", KNOWN_FITS, true },
		{ ".", NULL, KNOWN_MALFORMED, false },
		{ "com.", NULL, KNOWN_MALFORMED, false },
		{ "target.example.net.", NULL, KNOWN_MALFORMED, false },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].target);
		const knot_dname_t *target = dname(tests[i].target);
		known_fit_t fit = KNOWN_UNDERSCORE;
		const known_validation_t *family = known_validation(target, knot_dname_size(target),
		                                                    &fit);
		if (tests[i].ca == NULL) {
			assert_null(family);
			continue;
		}
		assert_non_null(family);
		assert_string_equal(family->ca == NULL ? "" : family->ca, tests[i].ca);
		assert_int_equal(fit, tests[i].fit);
		assert_int_equal(family->renewal, tests[i].renewal);
		assert_non_null(family->name);
		assert_non_null(family->source);
	}
}

static void validation_owners_go_with_their_family(void **state)
{
	(void)state;
	static const char sectigo[] = HEX32 "." HEX32 ".sectigo.com.";
	static const char digicert[] = "dcv.digicert.com.";
	static const char dnsauth[] = "x.dcv.digicert.com.";
	static const char google[] = "u.authorize.certificatemanager.goog.";
	static const struct {
		const char *target, *owner;
		known_fit_t fit;
	} tests[] = {
		{ sectigo, "_" HEX32 ".example.com.", KNOWN_FITS },
		{ sectigo, "_0123456789ABCDEF0123456789ABCDEF.example.com.", KNOWN_FITS },
		{ sectigo, "_" HEX32 ".", KNOWN_FITS },
		{ sectigo, HEX32 ".example.com.", KNOWN_UNDERSCORE },
		{ sectigo, "_" HEX31 ".example.com.", KNOWN_MALFORMED },
		{ sectigo, "_" HEX32 "0.example.com.", KNOWN_MALFORMED },
		{ sectigo, "_" HEX31 "g.example.com.", KNOWN_MALFORMED },
		{ sectigo, HEX31 ".example.com.", KNOWN_MALFORMED },
		{ sectigo, "__" HEX31 ".example.com.", KNOWN_MALFORMED },
		{ sectigo, "*.example.com.", KNOWN_MALFORMED },
		{ sectigo, "www.example.com.", KNOWN_MALFORMED },
		{ sectigo, ".", KNOWN_MALFORMED },
		{ digicert, "_x.example.com.", KNOWN_FITS },
		{ digicert, "_.example.com.", KNOWN_MALFORMED },
		{ digicert, "x.example.com.", KNOWN_UNDERSCORE },
		{ dnsauth, "_dnsauth.example.com.", KNOWN_FITS },
		{ dnsauth, "_DNSAUTH.example.com.", KNOWN_FITS },
		{ dnsauth, "dnsauth.example.com.", KNOWN_UNDERSCORE },
		{ dnsauth, "_dnsauth1.example.com.", KNOWN_MALFORMED },
		{ dnsauth, "_x.example.com.", KNOWN_MALFORMED },
		{ google, "_acme-challenge.example.com.", KNOWN_FITS },
		{ google, "_ACME-challenge_abc.example.com.", KNOWN_FITS },
		{ google, "acme-challenge.example.com.", KNOWN_UNDERSCORE },
		{ google, "_acme-challeng.example.com.", KNOWN_MALFORMED },
		/* 63 octets: no room for an underscore. */
		{ google, "acme-challenge0123456789012345678901234567890123456789012345678.test.",
		  KNOWN_UNDERSCORE },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s %s\n", tests[i].owner, tests[i].target);
		const knot_dname_t *target = dname(tests[i].target);
		known_fit_t fit;
		const known_validation_t *family = known_validation(target, knot_dname_size(target),
		                                                    &fit);
		assert_non_null(family);
		assert_int_equal(known_validation_owner(family, dname(tests[i].owner)),
		                 tests[i].fit);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_read_in_zone_file_notation),
		cmocka_unit_test(names_are_limited_to_255_octets_and_labels_to_63),
		cmocka_unit_test(all_octets_come_through_as_escapes),
		cmocka_unit_test(only_ascii_letters_change_case),
		cmocka_unit_test(being_in_a_zone_goes_by_labels),
		cmocka_unit_test(names_are_made_of_others),
		cmocka_unit_test(distance_counts_slips_of_the_pen),
		cmocka_unit_test(distance_is_that_of_the_definition),
		cmocka_unit_test(long_texts_are_not_close),
		cmocka_unit_test(known_names_lead_to_their_ca),
		cmocka_unit_test(lookalikes_are_told_from_other_names),
		cmocka_unit_test(method_labels_are_letters_digits_and_hyphens),
		cmocka_unit_test(validation_targets_are_recognized),
		cmocka_unit_test(validation_owners_go_with_their_family),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
