/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "test.h"

#include "caaudit/finding.h"
#include "text.h"

/*! The record in the text is this one, to the octet. */
static void check_parsed_back(const char *text, const caaudit_record_t *record)
{
	zone_t zone = zone_of_text(".", text);
	assert_int_equal(zone.count, 1);
	assert_string_equal(dname_text(zone.record[0].owner), dname_text(record->owner));
	assert_int_equal(zone.record[0].type, record->type);
	assert_int_equal(zone.record[0].ttl, record->ttl);
	assert_int_equal(zone.record[0].rdlen, record->rdlen);
	assert_memory_equal(zone.record[0].rdata, record->rdata, record->rdlen);
	zone_free(&zone);
}

static void check_printable(const text_t *text)
{
	assert_false(text->failed);
	assert_int_equal(strlen(text->str), text->len);
	for (size_t i = 0; i < text->len; i++) {
		assert_in_range((uint8_t)text->str[i], 0x20, 0x7e);
	}
}

static void octets_are_escaped_where_a_zone_file_needs_it(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		char expected[8];
		if (c == '"' || c == '\\') {
			snprintf(expected, sizeof(expected), "\\%c", c);
		} else if (c < 0x20 || c >= 0x7f) {
			snprintf(expected, sizeof(expected), "\\%03u", c);
		} else {
			snprintf(expected, sizeof(expected), "%c", c);
		}
		text_t text = TEXT_EMPTY;
		const uint8_t octet = c;
		text_octets(&text, &octet, 1);
		assert_string_equal(text.str, expected);
		check_printable(&text);
		text_free(&text);
	}
}

static void long_octets_are_cut_before_the_limit_is_passed(void **state)
{
	(void)state;
	static const struct {
		const char *octets, *expected;
	} tests[] = {
		{ "", "" },
		{ "ab", "ab" },
		{ "abc", "abc" },
		{ "abcd", "abc..." },
		{ "\\\"\x01\x02", "\\\\\\\"\\001..." },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		text_t text = TEXT_EMPTY;
		text_octets_max(&text, (const uint8_t *)tests[i].octets, strlen(tests[i].octets),
		                3);
		assert_string_equal(text.str, tests[i].expected);
		check_printable(&text);
		text_free(&text);
	}
}

static void text_grows_and_can_be_emptied(void **state)
{
	(void)state;
	text_t text = TEXT_EMPTY;
	text_reset(&text);
	assert_null(text.str);
	for (unsigned i = 0; i < 10000; i++) {
		text_add(&text, "%s%u", i > 0 ? "," : "", i % 10);
		if (i % 1000 == 0) {
			check_printable(&text);
		}
	}
	assert_int_equal(text.len, 19999);
	assert_memory_equal(text.str, "0,1,2,3,4,5,6,7,8,9,0,", 22);
	text_reset(&text);
	assert_int_equal(text.len, 0);
	assert_string_equal(text.str, "");
	text_add(&text, "x");
	assert_string_equal(text.str, "x");
	text_free(&text);
	assert_null(text.str);
	text_free(&text);
}

static void names_are_printed_as_the_scanner_reads_them(void **state)
{
	(void)state;
	text_t text = TEXT_EMPTY;
	text_name(&text, dname("."));
	assert_string_equal(text.str, ".");
	text_reset(&text);
	text_name(&text, dname("a.example.com."));
	assert_string_equal(text.str, "a.example.com.");

	for (unsigned c = 0; c < 256; c++) {
		const uint8_t name[] = { 3, 'a', c, 'b', 4, 't', 'e', 's', 't', 0 };
		const caaudit_record_t record = {
			.owner = name,
			.type = KNOT_RRTYPE_CNAME,
			.ttl = 5,
			.rdata = (const uint8_t *)"\1x",
			.rdlen = 3,
		};
		text_reset(&text);
		text_record(&text, &record);
		check_printable(&text);
		check_parsed_back(text.str, &record);
	}

	// The longest text: 63 + 63 + 63 + 61 octets, each as \DDD.
	knot_dname_storage_t name;
	memset(name, 1, sizeof(name));
	name[0] = name[64] = name[128] = 63;
	name[192] = 61;
	name[254] = 0;
	assert_int_equal(knot_dname_size(name), 255);
	text_reset(&text);
	text_name(&text, name);
	assert_int_equal(text.len, 250 * 4 + 4);
	check_printable(&text);
	text_free(&text);
}

static void check_caa(const uint8_t *rdata, uint16_t rdlen)
{
	const caaudit_record_t record = {
		.owner = dname("a.example.com."),
		.type = KNOT_RRTYPE_CAA,
		.ttl = 86400,
		.rdata = rdata,
		.rdlen = rdlen,
	};
	text_t text = TEXT_EMPTY;
	text_caa(&text, &record);
	check_printable(&text);
	if (rdlen > 0) {
		check_parsed_back(text.str, &record);
	} else {
		assert_string_equal(text.str, "a.example.com. 86400 CAA \\# 0");
	}
	text_free(&text);
}

static void caa_records_survive_printing_and_parsing(void **state)
{
	(void)state;
	// Every octet at each place: flags, length, tag, value.
	for (unsigned c = 0; c < 256; c++) {
		for (size_t place = 0; place < 6; place++) {
			uint8_t rdata[] = { 0, 2, 'i', 'd', 'a', 'b' };
			rdata[place] = c;
			check_caa(rdata, sizeof(rdata));
		}
	}
	// Every length of RDATA, of the tag and of the value around 256.
	uint8_t rdata[600];
	memset(rdata, 'x', sizeof(rdata));
	rdata[0] = 128;
	for (unsigned tag = 0; tag < 256; tag++) {
		rdata[1] = tag;
		for (size_t len = 0; len < 3; len++) {
			check_caa(rdata, len);
			check_caa(rdata, 2 + tag + len);
		}
		check_caa(rdata, sizeof(rdata));
	}
	// Random octets.
	uint64_t random = 257;
	for (unsigned i = 0; i < 5000; i++) {
		size_t len = zone_random(&random) % 40;
		for (size_t j = 0; j < len; j++) {
			rdata[j] = zone_random(&random);
		}
		if (len > 1) {
			rdata[1] %= 8;
		}
		check_caa(rdata, len);
	}
	// The longest.
	uint8_t *longest = malloc(UINT16_MAX);
	memset(longest, 0xff, UINT16_MAX);
	check_caa(longest, UINT16_MAX);
	free(longest);
}

static void caa_records_are_printed_like_this(void **state)
{
	(void)state;
	static const struct {
		const char *in, *out;
	} tests[] = {
		{ "0 issue \";\"", "0 issue \";\"" },
		{ "128 IsSuE \"ca.example.net; a=b\"", "128 IsSuE \"ca.example.net; a=b\"" },
		{ "0 issue ca", "0 issue \"ca\"" },
		{ "0 iodef \"\"", "0 iodef \"\"" },
		{ "0 issue \"a\\\"b\\\\c\\009\"", "0 issue \"a\\\"b\\\\c\\009\"" },
		{ "\\# 2 0000", "\\# 2 0000" },
		{ "\\# 3 0000ab", "\\# 3 0000AB" },
		{ "\\# 1 FF", "\\# 1 FF" },
		{ "\\# 4 00016161", "0 a \"a\"" },
		{ "\\# 4 00012d61", "\\# 4 00012D61" },
		{ "\\# 3 000361", "\\# 3 000361" },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		char in[128], out[128];
		snprintf(in, sizeof(in), "x 60 CAA %s\n", tests[i].in);
		snprintf(out, sizeof(out), "x.example.com. 60 CAA %s", tests[i].out);
		zone_t zone = zone_of_text(ZONE, in);
		const caaudit_record_t record = {
			.owner = zone.record[0].owner,
			.type = KNOT_RRTYPE_CAA,
			.ttl = 60,
			.rdata = zone.record[0].rdata,
			.rdlen = zone.record[0].rdlen,
		};
		text_t text = TEXT_EMPTY;
		text_caa(&text, &record);
		assert_string_equal(text.str, out);
		text_free(&text);
		zone_free(&zone);
	}
}

/* --- The catalogue ------------------------------------------------------------------------------ */

static void every_finding_has_its_line(void **state)
{
	(void)state;
	for (unsigned id = 0; id < CAAUDIT_FINDING__COUNT; id++) {
		const caaudit_finding_info_t *info = caaudit_finding_info(id);
		print_message("%s\n", info->id);
		assert_int_equal(caaudit_finding_by_name(info->id), id);
		assert_in_range(strlen(info->id), 5, 63);
		assert_in_range(info->severity, 0, CAAUDIT_SEVERITY__COUNT - 1);
		for (const char *c = info->id; *c != '\0'; c++) {
			assert_true((*c >= 'a' && *c <= 'z') || *c == '-');
		}
		const char *const texts[] = { info->citation, info->summary, info->why,
			                      info->cure };
		for (size_t i = 0; i < COUNT(texts); i++) {
			assert_non_null(texts[i]);
			assert_true(strlen(texts[i]) > 5);
			for (const char *c = texts[i]; *c != '\0'; c++) {
				assert_in_range(*c, 0x20, 0x7e);
			}
		}
	}
	assert_int_equal(caaudit_finding_by_name(""), CAAUDIT_FINDING__COUNT);
	assert_int_equal(caaudit_finding_by_name("caa-issue-denie"), CAAUDIT_FINDING__COUNT);
	assert_int_equal(caaudit_finding_by_name("CAA-ISSUE-DENIED"), CAAUDIT_FINDING__COUNT);
}

static void severities_have_names(void **state)
{
	(void)state;
	assert_string_equal(caaudit_severity_name(CAAUDIT_ERROR), "error");
	assert_string_equal(caaudit_severity_name(CAAUDIT_WARNING), "warning");
	assert_string_equal(caaudit_severity_name(CAAUDIT_NOTICE), "notice");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(octets_are_escaped_where_a_zone_file_needs_it),
		cmocka_unit_test(long_octets_are_cut_before_the_limit_is_passed),
		cmocka_unit_test(text_grows_and_can_be_emptied),
		cmocka_unit_test(names_are_printed_as_the_scanner_reads_them),
		cmocka_unit_test(caa_records_survive_printing_and_parsing),
		cmocka_unit_test(caa_records_are_printed_like_this),
		cmocka_unit_test(every_finding_has_its_line),
		cmocka_unit_test(severities_have_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
