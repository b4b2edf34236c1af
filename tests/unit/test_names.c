/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "test.h"

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
	assert_true(name_move(out, dname("a.b.example.com."), dname("x.test.")));
	assert_string_equal(dname_text(out), "a.x.test.");
	assert_true(name_move(out, dname("a.b.example.com."), dname(".")));
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
		assert_int_equal(name_move(out, dname("x.example."), dname(text)), size <= 253);
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
		for (unsigned limit = 0; limit < 4; limit++) {
			assert_int_equal(distance(text[0], text[1], limit),
			                 lowest(expected, limit + 1));
		}
	}
}

static void octets_are_one_name(void **state)
{
	(void)state;
	uint8_t name[64 * 10 + 1] = "";
	for (size_t i = 0; i < sizeof(name) - 1; i++) {
		name[i] = i % 64 == 0 ? 63 : 'a';
	}
	assert_true(name_is_whole((const uint8_t *)"\0", 1));
	assert_true(name_is_whole((const uint8_t *)"\1a", 3));
	assert_false(name_is_whole(name, 0));
	assert_false(name_is_whole((const uint8_t *)"\1", 1));
	assert_false(name_is_whole((const uint8_t *)"\1a", 2));
	assert_false(name_is_whole((const uint8_t *)"\1a\0", 4));
	assert_false(name_is_whole((const uint8_t *)"\300\0", 2));
	name[0] = 64;
	assert_false(name_is_whole(name, 66));
	name[0] = 63;
	assert_false(name_is_whole(name, sizeof(name)));
	/* RFC 1035 section 2.3.4: 255 octets. */
	name[192] = 61;
	name[254] = 0;
	assert_true(name_is_whole(name, 255));
	name[192] = 62;
	name[254] = 'a';
	name[255] = 0;
	assert_false(name_is_whole(name, 256));
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
		cmocka_unit_test(octets_are_one_name),
		cmocka_unit_test(long_texts_are_not_close),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
