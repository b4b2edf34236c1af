/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "test.h"

#include "caaudit/caa.h"
#include "issue_model.h"

#define OCTETS(str) (const uint8_t *)(str), sizeof(str) - 1

/* --- RDATA (RFC 8659 section 4.1) ----------------------------------------------------------- */

static void rdata_ends_at_the_tag_not_before(void **state)
{
	(void)state;
	static const struct {
		const char *generic; /* RDATA in the form for unknown types. */
		const char *text;    /* The same in presentation form, if it has one. */
		int ret;
		unsigned flags, tag_len, value_len;
	} tests[] = {
		{ "\\# 1 00", NULL, KNOT_EMALF, 0, 0, 0 },
		{ "\\# 2 0000", NULL, KNOT_EOK, 0, 0, 0 },
		{ "\\# 3 000041", NULL, KNOT_EOK, 0, 0, 1 },
		{ "\\# 2 0001", NULL, KNOT_EMALF, 0, 0, 0 },
		{ "\\# 3 800141", "128 A \"\"", KNOT_EOK, 128, 1, 0 },
		{ "\\# 4 ff014142", "255 A \"B\"", KNOT_EOK, 255, 1, 1 },
		{ "\\# 6 000569737375", NULL, KNOT_EMALF, 0, 0, 0 },
		{ "\\# 7 00056973737565", "0 issue \"\"", KNOT_EOK, 0, 5, 0 },
		{ "\\# 8 000569737375653b", "0 issue \";\"", KNOT_EOK, 0, 5, 1 },
		{ "\\# 2 00ff", NULL, KNOT_EMALF, 0, 0, 0 },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		for (unsigned form = 0; form < 2; form++) {
			const char *rdata = form == 0 ? tests[i].generic : tests[i].text;
			if (rdata == NULL) {
				continue;
			}
			print_message("%s\n", rdata);
			char text[128];
			snprintf(text, sizeof(text), "@ CAA %s\n", rdata);
			zone_t zone = zone_of_text(ZONE, text);
			assert_int_equal(zone.count, 1);
			const zone_record_t *r = &zone.record[0];

			caaudit_caa_t caa;
			memset(&caa, 0xa5, sizeof(caa));
			caaudit_caa_t before = caa;
			assert_int_equal(caaudit_caa_parse(r->rdata, r->rdlen, &caa), tests[i].ret);
			if (tests[i].ret == KNOT_EOK) {
				assert_int_equal(caa.flags, tests[i].flags);
				assert_int_equal(caa.tag_len, tests[i].tag_len);
				assert_int_equal(caa.value_len, tests[i].value_len);
				assert_ptr_equal(caa.tag, r->rdata + 2);
				assert_ptr_equal(caa.value, caa.tag + caa.tag_len);
			} else {
				assert_memory_equal(&caa, &before, sizeof(caa));
			}
			zone_free(&zone);
		}
	}
}

static void every_tag_length_needs_that_many_octets(void **state)
{
	(void)state;
	for (unsigned tag_len = 0; tag_len <= 255; tag_len++) {
		for (int off = -1; off <= 1; off++) {
			// Exactly as large as the RDATA, so that a sanitizer sees the octet beyond.
			size_t len = 2 + tag_len + off;
			uint8_t *rdata = malloc(len);
			memset(rdata, 'a', len);
			rdata[0] = 0;
			if (len > 1) {
				rdata[1] = tag_len;
			}
			caaudit_caa_t caa;
			assert_int_equal(caaudit_caa_parse(rdata, len, &caa),
			                 off < 0 ? KNOT_EMALF : KNOT_EOK);
			if (off >= 0) {
				assert_int_equal(caa.tag_len, tag_len);
				assert_int_equal(caa.value_len, off);
			}
			free(rdata);
		}
	}
}

static void no_rdata_and_the_longest_are_taken_apart(void **state)
{
	(void)state;
	caaudit_caa_t caa;
	assert_int_equal(caaudit_caa_parse(NULL, 0, &caa), KNOT_EMALF);

	uint8_t *rdata = calloc(1, UINT16_MAX);
	rdata[1] = 255;
	assert_int_equal(caaudit_caa_parse(rdata, UINT16_MAX, &caa), KNOT_EOK);
	assert_int_equal(caa.tag_len, 255);
	assert_int_equal(caa.value_len, UINT16_MAX - 2 - 255);
	free(rdata);
}

static void critical_bit_is_128_not_1(void **state)
{
	(void)state;
	assert_int_equal(CAAUDIT_CAA_CRITICAL, 1 << 7);
}

/* --- Tags ----------------------------------------------------------------------------------- */

static void tags_of_the_registry_are_known_in_any_case(void **state)
{
	(void)state;
	static const struct {
		const char *tag;
		caaudit_tag_t expected;
	} tests[] = {
		{ "issue", CAAUDIT_TAG_ISSUE },
		{ "issuewild", CAAUDIT_TAG_ISSUEWILD },
		{ "iodef", CAAUDIT_TAG_IODEF },
		{ "issuemail", CAAUDIT_TAG_ISSUEMAIL },
		{ "issuevmc", CAAUDIT_TAG_ISSUEVMC },
		{ "contactemail", CAAUDIT_TAG_CONTACTEMAIL },
		{ "contactphone", CAAUDIT_TAG_CONTACTPHONE },
		{ "auth", CAAUDIT_TAG_RESERVED },
		{ "path", CAAUDIT_TAG_RESERVED },
		{ "policy", CAAUDIT_TAG_RESERVED },
		{ "", CAAUDIT_TAG_UNKNOWN },
		{ "x", CAAUDIT_TAG_UNKNOWN },
		{ "tbs", CAAUDIT_TAG_UNKNOWN },
		{ "issue ", CAAUDIT_TAG_UNKNOWN },
		{ "issuewildcard", CAAUDIT_TAG_UNKNOWN },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("'%s'\n", tests[i].tag);
		size_t len = strlen(tests[i].tag);
		uint8_t tag[64];
		memcpy(tag, tests[i].tag, len);
		assert_int_equal(caaudit_caa_tag(tag, len), tests[i].expected);
		for (size_t j = 0; j < len; j++) {
			if (tag[j] >= 'a' && tag[j] <= 'z') {
				tag[j] -= 0x20; // One more upper-case letter a round.
			}
			assert_int_equal(caaudit_caa_tag(tag, len), tests[i].expected);
		}
		// One octet less or more is another tag.
		if (tests[i].expected != CAAUDIT_TAG_UNKNOWN) {
			assert_int_equal(caaudit_caa_tag(tag, len - 1), CAAUDIT_TAG_UNKNOWN);
			tag[len] = 'x';
			assert_int_equal(caaudit_caa_tag(tag, len + 1), CAAUDIT_TAG_UNKNOWN);
			tag[len] = '\0';
			assert_int_equal(caaudit_caa_tag(tag, len + 1), CAAUDIT_TAG_UNKNOWN);
		}
	}
}

static void only_letters_compare_without_case(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		uint8_t tag[] = { 'i', 's', 's', c, 'e' };
		bool known = c == 'u' || c == 'U';
		assert_int_equal(caaudit_caa_tag(tag, sizeof(tag)) == CAAUDIT_TAG_ISSUE, known);
	}
}

/* --- Model of what a well-formed value says: cut at ";" and "=", and trim --------------------- */

typedef struct {
	const uint8_t *at;
	size_t len;
} piece_t;

static piece_t trim(piece_t piece)
{
	while (piece.len > 0 && model_wsp(piece.at[0])) {
		piece.at++;
		piece.len--;
	}
	while (piece.len > 0 && model_wsp(piece.at[piece.len - 1])) {
		piece.len--;
	}
	return piece;
}

/* Cuts the piece before the octet off the rest; false if the octet is not there. */
static bool cut(piece_t *rest, uint8_t octet, piece_t *out)
{
	*out = *rest;
	for (size_t i = 0; i < rest->len; i++) {
		if (rest->at[i] == octet) {
			out->len = i;
			rest->at += i + 1;
			rest->len -= i + 1;
			return true;
		}
	}
	rest->at += rest->len;
	rest->len = 0;
	return false;
}

static void check_pieces(const uint8_t *value, size_t len, caaudit_issue_t issue)
{
	piece_t rest = { value, len }, piece;
	cut(&rest, ';', &piece);
	piece = trim(piece);
	assert_int_equal(issue.issuer_len, piece.len);
	assert_memory_equal(issue.issuer, piece.at, piece.len);

	caaudit_param_t param;
	rest = trim(rest);
	while (rest.len > 0) {
		cut(&rest, ';', &piece);
		piece_t tag;
		assert_true(cut(&piece, '=', &tag));
		tag = trim(tag);
		piece = trim(piece);
		assert_true(caaudit_issue_next(&issue, &param));
		assert_int_equal(param.tag_len, tag.len);
		assert_memory_equal(param.tag, tag.at, tag.len);
		assert_int_equal(param.value_len, piece.len);
		assert_memory_equal(param.value, piece.at, piece.len);
	}
	assert_false(caaudit_issue_next(&issue, &param));
	assert_false(caaudit_issue_next(&issue, &param));
}

static void print_value(const uint8_t *value, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		print_error("%02x ", value[i]);
	}
	print_error("'%.*s'\n", (int)len, (const char *)value);
}

/* The parser and the model agree on a value; returns whether it is well-formed. */
static bool agree(const uint8_t *value, size_t len)
{
	model_t m;
	bool expected = issue_value(&m, value, len);

	// In a block of its own, so that a sanitizer sees an octet read beyond the end.
	uint8_t *copy = calloc(1, len + (len == 0));
	memcpy(copy, value, len);
	caaudit_issue_t issue;
	memset(&issue, 0xa5, sizeof(issue));
	const caaudit_issue_t before = issue;
	size_t error = 12345;
	int ret = caaudit_issue_parse(copy, len, &issue, &error);
	if ((ret == KNOT_EOK) != expected) {
		print_value(value, len);
	}
	assert_int_equal(ret, expected ? KNOT_EOK : KNOT_EMALF);
	assert_int_equal(caaudit_issue_parse(copy, len, &issue, NULL), ret);
	if (expected) {
		assert_int_equal(error, 12345);
		check_pieces(copy, len, issue);
	} else {
		assert_memory_equal(&issue, &before, sizeof(issue));
		// A hyphen that no letter or digit follows is wrong itself.
		size_t pos = furthest(&m);
		while (error < pos && pos > 0 && value[pos - 1] == '-') {
			pos--;
		}
		if (error != pos) {
			print_value(value, len);
		}
		assert_int_equal(error, pos);
	}
	free(copy);
	return expected;
}

/* --- The grammar ------------------------------------------------------------------------------ */

static void issue_values_follow_the_grammar(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		int error; /* Offset, -1 if it is well-formed. */
		const char *issuer;
	} tests[] = {
		/* Nobody. */
		{ "", -1, "" },
		{ " ", -1, "" },
		{ "\t \t", -1, "" },
		{ ";", -1, "" },
		{ " ; ", -1, "" },
		{ "\t;\t", -1, "" },
		{ ";a=b", -1, "" },
		{ "; a=b", -1, "" },
		/* Issuer domain names. */
		{ "a", -1, "a" },
		{ "0", -1, "0" },
		{ "ca.example.net", -1, "ca.example.net" },
		{ "CA.Example.NET", -1, "CA.Example.NET" },
		{ "  ca.example.net", -1, "ca.example.net" },
		{ "ca.example.net\t ", -1, "ca.example.net" },
		{ "ca.example.net;", -1, "ca.example.net" },
		{ "ca.example.net ; ", -1, "ca.example.net" },
		{ "1.2.3.4", -1, "1.2.3.4" },
		{ "xn--bcher-kva.example", -1, "xn--bcher-kva.example" },
		{ "a-b", -1, "a-b" },
		{ "a--b", -1, "a--b" },
		{ "a---0", -1, "a---0" },
		{ ".", 0, NULL },
		{ "ca.example.net.", 15, NULL },
		{ "ca.example.net.;", 15, NULL },
		{ ".example.net", 0, NULL },
		{ "a..b", 2, NULL },
		{ "-a", 0, NULL },
		{ "a-", 1, NULL },
		{ "a--", 1, NULL },
		{ "a-.b", 1, NULL },
		{ "a.-b", 2, NULL },
		{ "a-;", 1, NULL },
		{ "a.b-", 3, NULL },
		{ "*.example.net", 0, NULL },
		{ "_a.example.net", 0, NULL },
		{ "a_b.example.net", 1, NULL },
		{ "a.b c.d", 4, NULL },
		{ "a.b,c.d", 3, NULL },
		{ "a .b", 2, NULL },
		{ "a. b", 2, NULL },
		{ "https://ca.example.net", 5, NULL },
		{ "ca.example.net/", 14, NULL },
		{ "\"ca.example.net\"", 0, NULL },
		{ "'ca.example.net'", 0, NULL },
		{ "admin@ca.example.net", 5, NULL },
		{ "ca.example.net\n", 14, NULL },
		{ "\r\nca.example.net", 0, NULL },
		{ "ca.example\\.net", 10, NULL },
		{ "\xe2\x80\x9c"
		  "ca.example.net\xe2\x80\x9d",
		  0, NULL },
		{ "ca.example.net\xc2\xa0", 14, NULL },
		/* Parameters. */
		{ "ca;a=b", -1, "ca" },
		{ "ca; a=b", -1, "ca" },
		{ "ca ; a = b", -1, "ca" },
		{ "ca;\ta\t=\tb\t", -1, "ca" },
		{ "ca; a=", -1, "ca" },
		{ "ca; a= ", -1, "ca" },
		{ "ca; a=;b=", -1, "ca" },
		{ "ca; a=b; c=d", -1, "ca" },
		{ "ca; a=b ;c=d ; e=f", -1, "ca" },
		{ "ca; a=b=c", -1, "ca" },
		{ "ca; a==", -1, "ca" },
		{ "ca; a-b=c", -1, "ca" },
		{ "ca; a--1=c", -1, "ca" },
		{ "ca; 1=2", -1, "ca" },
		{ "ca; a=!\"#$%&'()*+,-./0:<=>?@A[\\]^_`a{|}~", -1, "ca" },
		{ "ca; accounturi=https://ca.example.net/acct/1", -1, "ca" },
		{ "ca; validationmethods=dns-01,ca-tbr-7", -1, "ca" },
		{ "ca; a=b;", 8, NULL },
		{ "ca; a=b; ", 9, NULL },
		{ "ca; a=b;;", 8, NULL },
		{ "ca;;", 3, NULL },
		{ ";;", 1, NULL },
		{ "; ;", 2, NULL },
		{ "ca; a", 5, NULL },
		{ "ca; a ", 6, NULL },
		{ "ca; a b", 6, NULL },
		{ "ca; =b", 4, NULL },
		{ "ca; -a=b", 4, NULL },
		{ "ca; a-=b", 5, NULL },
		{ "ca; a_b=c", 5, NULL },
		{ "ca; a.b=c", 5, NULL },
		{ "ca; a=b c", 8, NULL },
		{ "ca; a=b c=d", 8, NULL },
		{ "ca; a=b\x7f", 7, NULL },
		{ "ca; a=\xc3\xa4", 6, NULL },
		{ "ca a=b", 3, NULL },
		{ "a=b", 1, NULL },
		{ "; ca.example.net", 4, NULL },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("\"%s\"\n", tests[i].value);
		const uint8_t *value = (const uint8_t *)tests[i].value;
		size_t len = strlen(tests[i].value), error;
		assert_int_equal(agree(value, len), tests[i].error < 0);

		caaudit_issue_t issue;
		int ret = caaudit_issue_parse(value, len, &issue, &error);
		if (tests[i].error >= 0) {
			assert_int_equal(ret, KNOT_EMALF);
			assert_int_equal(error, tests[i].error);
		} else {
			assert_int_equal(ret, KNOT_EOK);
			assert_int_equal(issue.issuer_len, strlen(tests[i].issuer));
			assert_memory_equal(issue.issuer, tests[i].issuer, issue.issuer_len);
		}
	}
}

static void values_of_records_follow_the_grammar_in_both_forms(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *generic;
		bool good;
	} tests[] = {
		{ "0 issue \"a.b\"", "\\# 10 0005 6973737565 612e62", true },
		{ "0 issue \"a.b.\"", "\\# 11 0005 6973737565 612e622e", false },
		{ "0 issue \"a.\\098\"", "\\# 10 0005 6973737565 612e62", true },
		{ "0 issue \"a\\009\"", "\\# 9 0005 6973737565 6109", true },
		{ "0 issue \"a\\000\"", "\\# 9 0005 6973737565 6100", false },
		{ "0 issue \"\\\"a\\\"\"", "\\# 10 0005 6973737565 226122", false },
		{ "0 issue \"a\\;b=c\"", "\\# 12 0005 6973737565 613b623d63", true },
		{ "0 issue \"a;b=\\127\"", "\\# 12 0005 6973737565 613b623d7f", false },
		{ "0 issue ;", "\\# 8 0005 6973737565 3b", true },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].text);
		char text[256];
		// An unquoted ";" begins a comment, which is why it must be quoted.
		if (strchr(tests[i].text, '"') == NULL) {
			zone_t none = ZONE_EMPTY;
			snprintf(text, sizeof(text), "@ CAA %s\n", tests[i].text);
			assert_non_null(zone_parse(&none, ZONE, text));
			zone_free(&none);
			continue;
		}
		snprintf(text, sizeof(text), "@ CAA %s\n@ CAA %s\n", tests[i].text,
		         tests[i].generic);
		zone_t zone = zone_of_text(ZONE, text);
		assert_int_equal(zone.record[0].rdlen, zone.record[1].rdlen);
		assert_memory_equal(zone.record[0].rdata, zone.record[1].rdata,
		                    zone.record[0].rdlen);
		caaudit_caa_t caa;
		assert_int_equal(caaudit_caa_parse(zone.record[0].rdata, zone.record[0].rdlen,
		                                   &caa),
		                 KNOT_EOK);
		assert_int_equal(agree(caa.value, caa.value_len), tests[i].good);
		zone_free(&zone);
	}
}

/* X in a template is the place where one of 256 octets stands. */
static void check_octets(const char *template, bool (*good)(uint8_t c))
{
	print_message("\"%s\"\n", template);
	uint8_t value[64];
	size_t len = strlen(template);
	memcpy(value, template, len);
	uint8_t *place = memchr(value, 'X', len);
	for (unsigned c = 0; c < 256; c++) {
		*place = c;
		bool expected = good(c);
		if (agree(value, len) != expected) {
			print_value(value, len);
		}
		assert_int_equal(agree(value, len), expected);
	}
}

static bool alnum_or_hyphen(uint8_t c)
{
	return model_alnum(c) || c == '-';
}

static bool label_middle(uint8_t c)
{
	return model_alnum(c) || c == '-' || c == '.';
}

static bool label_last(uint8_t c)
{
	return model_alnum(c) || c == ' ' || c == '\t' || c == ';';
}

static bool alone(uint8_t c)
{
	return model_alnum(c) || model_wsp(c) || c == ';';
}

static bool alnum_or_wsp(uint8_t c)
{
	return model_alnum(c) || model_wsp(c);
}

static bool tag_middle(uint8_t c)
{
	return model_alnum(c) || c == '-' || c == '=';
}

static bool tag_last(uint8_t c)
{
	return model_alnum(c) || model_wsp(c) || c == '=';
}

static bool wsp_or_equals(uint8_t c)
{
	return model_wsp(c) || c == '=';
}

static bool wsp_or_semicolon(uint8_t c)
{
	return model_wsp(c) || c == ';';
}

static bool equals_only(uint8_t c)
{
	return c == '=';
}

static bool value_or_wsp(uint8_t c)
{
	return model_value_octet(c) || model_wsp(c);
}

static bool value_or_semicolon(uint8_t c)
{
	return model_value_octet(c) || c == ';';
}

static void all_octets_where_a_class_decides(void **state)
{
	(void)state;
	/* Issuer domain name. */
	check_octets("X", alone);
	check_octets("Xa", alnum_or_wsp);
	check_octets("Xa.example", alnum_or_wsp);
	check_octets("aXb.example", label_middle);
	check_octets("a.Xb", model_alnum);
	check_octets("a.bX", label_last);
	check_octets("aX.example", model_alnum);
	check_octets("a.b X", wsp_or_semicolon);
	check_octets("a-Xb", alnum_or_hyphen);
	/* Parameter tag. */
	check_octets("a;X", model_wsp);
	check_octets("a;Xt=v", alnum_or_wsp);
	check_octets("a; Xt=v", alnum_or_wsp);
	check_octets("a; X=v", model_alnum);
	check_octets("a; tXu=v", tag_middle);
	check_octets("a; tX=v", tag_last);
	check_octets("a; t X=v", wsp_or_equals);
	check_octets("a; t Xv", equals_only);
	/* Parameter value. */
	check_octets("a; t=X", value_or_wsp);
	check_octets("a; t=Xv", value_or_wsp);
	check_octets("a; t=vXw", model_value_octet);
	check_octets("a; t=vX", value_or_wsp);
	check_octets("a; t=v Xu=w", model_semicolon);
	check_octets("a; t=v;Xu=w", alnum_or_wsp);
	check_octets("a; t=vXu=w", value_or_semicolon);
}

/* Every string over an alphabet that has each class and each special octet. */
static void parser_and_model_agree_on_all_short_values(void **state)
{
	(void)state;
	static const uint8_t alphabet[] = { 'a', '0', '-', '.', ' ', ';', '=', '_' };
	size_t good = 0;
	for (size_t len = 0; len <= 6; len++) {
		for (size_t i = 0; i < (size_t)1 << 3 * len; i++) {
			uint8_t value[6];
			for (size_t j = 0; j < len; j++) {
				value[j] = alphabet[i >> 3 * j & 7];
			}
			good += agree(value, len);
		}
	}
	assert_in_range(good, 1000, 100000);
}

static void parser_and_model_agree_on_random_values(void **state)
{
	(void)state;
	static const char alphabet[] = "abZ09--..  \t;;==,:/\"\x7f\x80\x01_*";
	uint64_t random = 8659;
	size_t good = 0;
	for (size_t i = 0; i < 200000; i++) {
		// Octets changed in a value that is well-formed; random ones hardly ever are.
		uint8_t value[] = "ca-1.example.net ; t-a = v=1/2; u=; w\t=\tx ";
		size_t len = 1 + zone_random(&random) % (sizeof(value) - 1);
		for (size_t j = zone_random(&random) % 4; j > 0; j--) {
			value[zone_random(&random) % len] =
				alphabet[zone_random(&random) % (sizeof(alphabet) - 1)];
		}
		good += agree(value, len);
	}
	assert_in_range(good, 10000, 190000);
}

static void long_values_are_parsed_in_full(void **state)
{
	(void)state;
	// "a.a.a...; t=v;t=v...": the largest RDATA leaves 65528 octets for a value.
	size_t len = 65528;
	uint8_t *value = malloc(len);
	for (size_t i = 0; i < len / 2; i++) {
		value[i] = i % 2 == 0 ? 'a' : '.';
	}
	value[len / 2 - 1] = 'b';
	for (size_t i = len / 2; i < len; i++) {
		value[i] = ";t=v"[(i - len / 2) % 4];
	}
	caaudit_issue_t issue;
	caaudit_param_t param;
	size_t error, params = 0;
	assert_int_equal(caaudit_issue_parse(value, len, &issue, &error), KNOT_EOK);
	assert_int_equal(issue.issuer_len, len / 2);
	while (caaudit_issue_next(&issue, &param)) {
		params++;
	}
	assert_int_equal(params, len / 2 / 4);

	value[len - 1] = ' ';
	assert_int_equal(caaudit_issue_parse(value, len, &issue, &error), KNOT_EOK);
	value[len - 1] = ';';
	assert_int_equal(caaudit_issue_parse(value, len, &issue, &error), KNOT_EMALF);
	assert_int_equal(error, len);
	free(value);
}

static void parameters_come_one_by_one(void **state)
{
	(void)state;
	static const char value[] = " ca.example.net ; a = 1;b=;c-d=x=y;\te=;;f";
	caaudit_issue_t issue;
	caaudit_param_t param;
	size_t error;
	// Without ";;f" at the end.
	assert_int_equal(caaudit_issue_parse(OCTETS(value), &issue, &error), KNOT_EMALF);
	assert_int_equal(error, sizeof(value) - 3);
	assert_int_equal(caaudit_issue_parse((const uint8_t *)value, sizeof(value) - 4, &issue,
	                                     &error),
	                 KNOT_EOK);
	static const struct {
		const char *tag, *value;
	} expected[] = { { "a", "1" }, { "b", "" }, { "c-d", "x=y" }, { "e", "" } };
	for (size_t i = 0; i < COUNT(expected); i++) {
		assert_true(caaudit_issue_next(&issue, &param));
		assert_int_equal(param.tag_len, strlen(expected[i].tag));
		assert_memory_equal(param.tag, expected[i].tag, param.tag_len);
		assert_int_equal(param.value_len, strlen(expected[i].value));
		assert_memory_equal(param.value, expected[i].value, param.value_len);
	}
	assert_false(caaudit_issue_next(&issue, &param));
	assert_int_equal(issue.params_len, 0);
}

static void a_value_without_parameters_has_none(void **state)
{
	(void)state;
	static const char *const tests[] = { "", ";", "ca", "ca;", "ca ; " };
	for (size_t i = 0; i < COUNT(tests); i++) {
		caaudit_issue_t issue;
		caaudit_param_t param;
		assert_int_equal(caaudit_issue_parse((const uint8_t *)tests[i], strlen(tests[i]),
		                                     &issue, NULL),
		                 KNOT_EOK);
		assert_int_equal(issue.params_len, 0);
		assert_false(caaudit_issue_next(&issue, &param));
	}
}

/* --- URIs (RFC 3986) -------------------------------------------------------------------------- */

static void uris_are_told_from_other_text(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		bool expected;
	} tests[] = {
		{ "https://ca.example.net/acct/1", true },
		{ "http://ca.example.net", true },
		{ "mailto:admin@example.com", true },
		{ "urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6", true },
		{ "a:", true },
		{ "a+b-c.1:x", true },
		{ "HTTPS://CA.EXAMPLE.NET/", true },
		{ "https://[2001:db8::1]:8443/?a=b&c=d#e", true },
		{ "x:%00%fF%7e", true },
		{ "", false },
		{ ":", false },
		{ "a", false },
		{ ":a", false },
		{ "1a:b", false },
		{ "+a:b", false },
		{ "-a:b", false },
		{ ".a:b", false },
		{ "a_b:c", false },
		{ "ca.example.net/acct/1", false },
		{ "//ca.example.net/acct/1", false },
		{ "x:%", false },
		{ "x:%a", false },
		{ "x:%ag", false },
		{ "x:%ga", false },
		{ "x:a%", false },
		{ "x:a b", false },
		{ " x:a", false },
		{ "x:\xc3\xa4", false },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("'%s'\n", tests[i].value);
		assert_int_equal(caaudit_is_uri((const uint8_t *)tests[i].value,
		                                strlen(tests[i].value)),
		                 tests[i].expected);
	}
}

static void all_octets_of_a_uri(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		bool alpha = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
		bool digit = c >= '0' && c <= '9';
		bool hex = digit || (c >= 'A' && c <= 'F') || (c >= 'a' && c <= 'f');
		bool unreserved = alpha || digit || c == '-' || c == '.' || c == '_' || c == '~';
		bool reserved = c == ':' || c == '/' || c == '?' || c == '#' || c == '[' ||
		                c == ']' || c == '@' || c == '!' || c == '$' || c == '&' ||
		                c == '\'' || c == '(' || c == ')' || c == '*' || c == '+' ||
		                c == ',' || c == ';' || c == '=';

		const uint8_t first[] = { c, ':' };
		assert_int_equal(caaudit_is_uri(first, sizeof(first)), alpha);
		const uint8_t scheme[] = { 'a', c, ':' };
		assert_int_equal(caaudit_is_uri(scheme, sizeof(scheme)),
		                 alpha || digit || c == '+' || c == '-' || c == '.' || c == ':');
		const uint8_t rest[] = { 'a', ':', c };
		assert_int_equal(caaudit_is_uri(rest, sizeof(rest)), unreserved || reserved);
		const uint8_t high[] = { 'a', ':', '%', c, '0' };
		assert_int_equal(caaudit_is_uri(high, sizeof(high)), hex);
		const uint8_t low[] = { 'a', ':', '%', '0', c };
		assert_int_equal(caaudit_is_uri(low, sizeof(low)), hex);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rdata_ends_at_the_tag_not_before),
		cmocka_unit_test(every_tag_length_needs_that_many_octets),
		cmocka_unit_test(no_rdata_and_the_longest_are_taken_apart),
		cmocka_unit_test(critical_bit_is_128_not_1),
		cmocka_unit_test(tags_of_the_registry_are_known_in_any_case),
		cmocka_unit_test(only_letters_compare_without_case),
		cmocka_unit_test(issue_values_follow_the_grammar),
		cmocka_unit_test(values_of_records_follow_the_grammar_in_both_forms),
		cmocka_unit_test(all_octets_where_a_class_decides),
		cmocka_unit_test(parser_and_model_agree_on_all_short_values),
		cmocka_unit_test(parser_and_model_agree_on_random_values),
		cmocka_unit_test(long_values_are_parsed_in_full),
		cmocka_unit_test(parameters_come_one_by_one),
		cmocka_unit_test(a_value_without_parameters_has_none),
		cmocka_unit_test(uris_are_told_from_other_text),
		cmocka_unit_test(all_octets_of_a_uri),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
