/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "test.h"

#include "collide.h"

static const char *const answers[] = {
	[CAAUDIT_ANSWER] = "ANSWER",
	[CAAUDIT_NODATA] = "NODATA",
	[CAAUDIT_NXDOMAIN] = "NXDOMAIN",
	[CAAUDIT_CNAME] = "CNAME",
	[CAAUDIT_DNAME] = "DNAME",
	[CAAUDIT_DNAME_LONG] = "DNAME_LONG",
	[CAAUDIT_DELEGATED] = "DELEGATED",
	[CAAUDIT_OUTSIDE] = "OUTSIDE",
	[CAAUDIT_ALIASES_LONG] = "ALIASES_LONG",
};

/*! One look-up and all that it should say. */
typedef struct {
	const char *name;
	uint16_t type;
	caaudit_answer_t answer;
	const char *source; /* NULL = none. */
	bool wildcard;
	size_t count;
	const char *target; /* For aliases. */
} look_t;

#define CAA KNOT_RRTYPE_CAA

static void check_lookup(const caaudit_view_t *view, const look_t *look)
{
	caaudit_lookup_t out;
	memset(&out, 0xa5, sizeof(out));
	caaudit_view_lookup(view, dname(look->name), look->type, &out);
	if (out.answer != look->answer) {
		print_error("%s: %s, not %s\n", look->name, answers[out.answer],
		            answers[look->answer]);
	}
	assert_int_equal(out.answer, look->answer);
	if (look->source == NULL) {
		assert_null(out.source);
	} else {
		assert_string_equal(dname_text(out.source), look->source);
	}
	assert_int_equal(out.wildcard, look->wildcard);
	assert_int_equal(out.rrset.count, look->count);
	if (look->target != NULL) {
		assert_string_equal(dname_text(out.target), look->target);
	}
}

static void add(caaudit_view_t *view, const knot_dname_t *owner, uint16_t type, uint32_t ttl,
                const uint8_t *rdata, uint16_t rdlen)
{
	const caaudit_record_t record = { owner, rdata, ttl, type, rdlen };
	assert_int_equal(caaudit_view_add(view, &record), KNOT_EOK);
}

/*! The table holds for the text as it is, in the generic form, and in any order. */
static void check_lookups(const char *origin, const char *text, const look_t *look, size_t count)
{
	uint64_t random = 1034;
	zone_t zone = zone_of_text(origin, text);
	char *generic = zone_generic(&zone);
	for (unsigned round = 0; round < 12; round++) {
		caaudit_view_t *view;
		if (round == 1) {
			view = view_of_text(origin, generic);
		} else {
			view = view_of_zone(&zone, origin);
			zone_shuffle(&zone, &random);
		}
		for (size_t i = 0; i < count; i++) {
			if (round == 0) {
				print_message("%s\n", look[i].name);
			}
			check_lookup(view, &look[i]);
		}
		caaudit_view_free(view);
	}
	free(generic);
	zone_free(&zone);
}

/* --- Look-ups --------------------------------------------------------------------------------- */

static void names_are_answered_as_the_server_does(void **state)
{
	(void)state;
	static const char text[] = SOA "@ NS ns\n"
				       "ns A 192.0.2.1\n"
				       "@ CAA 0 issue \"a.example\"\n"
				       "@ CAA 0 issue \"b.example\"\n"
				       "www A 192.0.2.1\n"
				       "caa CAA 0 issue \";\"\n"
				       "deep.ent.er A 192.0.2.1\n"
				       "_dv TXT \"x\"\n"
				       "plain TXT \"x\"\n"
				       "alias CNAME Target.Example.NET.\n"
				       "both CNAME target\n"
				       "both CAA 0 issue \"a.example\"\n";
	static const look_t tests[] = {
		{ "example.com.", CAA, CAAUDIT_ANSWER, "example.com.", false, 2, NULL },
		{ "EXAMPLE.com.", CAA, CAAUDIT_ANSWER, "example.com.", false, 2, NULL },
		{ "example.com.", KNOT_RRTYPE_NS, CAAUDIT_ANSWER, "example.com.", false, 1, NULL },
		{ "example.com.", KNOT_RRTYPE_CNAME, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "www.example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "wwW.eXample.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "caa.example.com.", CAA, CAAUDIT_ANSWER, "caa.example.com.", false, 1, NULL },
		{ "CAA.EXAMPLE.COM.", CAA, CAAUDIT_ANSWER, "caa.example.com.", false, 1, NULL },
		{ "none.example.com.", CAA, CAAUDIT_NXDOMAIN, NULL, false, 0, NULL },
		{ "x.www.example.com.", CAA, CAAUDIT_NXDOMAIN, NULL, false, 0, NULL },
		{ "*.example.com.", CAA, CAAUDIT_NXDOMAIN, NULL, false, 0, NULL },
		{ "er.example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "ent.er.example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "x.ent.er.example.com.", CAA, CAAUDIT_NXDOMAIN, NULL, false, 0, NULL },
		{ "_dv.example.com.", KNOT_RRTYPE_TXT, CAAUDIT_ANSWER, "_dv.example.com.", false, 1,
		  NULL },
		{ "plain.example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "alias.example.com.", CAA, CAAUDIT_CNAME, "alias.example.com.", false, 1,
		  "target.example.net." },
		{ "alias.example.com.", KNOT_RRTYPE_CNAME, CAAUDIT_ANSWER, "alias.example.com.",
		  false, 1, NULL },
		{ "x.alias.example.com.", CAA, CAAUDIT_NXDOMAIN, NULL, false, 0, NULL },
		{ "both.example.com.", CAA, CAAUDIT_CNAME, "both.example.com.", false, 1,
		  "target.example.com." },
		{ "com.", CAA, CAAUDIT_OUTSIDE, NULL, false, 0, NULL },
		{ ".", CAA, CAAUDIT_OUTSIDE, NULL, false, 0, NULL },
		{ "example.net.", CAA, CAAUDIT_OUTSIDE, NULL, false, 0, NULL },
		{ "xexample.com.", CAA, CAAUDIT_OUTSIDE, NULL, false, 0, NULL },
		{ "example.com.example.net.", CAA, CAAUDIT_OUTSIDE, NULL, false, 0, NULL },
		{ "com.com.", CAA, CAAUDIT_OUTSIDE, NULL, false, 0, NULL },
	};
	check_lookups(ZONE, text, tests, COUNT(tests));
}

/* The zone and the questions of RFC 4592 section 2.2.1, with CAA in place of MX and A. */
static void wildcards_answer_as_in_rfc_4592(void **state)
{
	(void)state;
	static const char text[] = SOA "@ NS ns.example.com.\n"
				       "@ NS ns.example.net.\n"
				       "* TXT \"this is a wildcard\"\n"
				       "* CAA 10 issue \"host1.example\"\n"
				       "sub.* TXT \"this is not a wildcard\"\n"
				       "host1 A 192.0.2.1\n"
				       "_ssh._tcp.host1 SRV 0 0 0 .\n"
				       "_ssh._tcp.host2 SRV 0 0 0 .\n"
				       "subdel NS ns.example.com.\n"
				       "subdel NS ns.example.net.\n";
	static const look_t tests[] = {
		{ "host3.example.com.", CAA, CAAUDIT_ANSWER, "*.example.com.", true, 1, NULL },
		{ "host3.example.com.", KNOT_RRTYPE_CNAME, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "foo.bar.example.com.", CAA, CAAUDIT_ANSWER, "*.example.com.", true, 1, NULL },
		{ "host1.example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "sub.*.example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "_telnet._tcp.host1.example.com.", CAA, CAAUDIT_NXDOMAIN, NULL, false, 0, NULL },
		{ "host.subdel.example.com.", CAA, CAAUDIT_DELEGATED, "subdel.example.com.", false,
		  0, NULL },
		{ "ghost.*.example.com.", CAA, CAAUDIT_NXDOMAIN, NULL, false, 0, NULL },
		{ "*.example.com.", CAA, CAAUDIT_ANSWER, "*.example.com.", false, 1, NULL },
		{ "host2.example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "_tcp.host2.example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "x.host2.example.com.", CAA, CAAUDIT_NXDOMAIN, NULL, false, 0, NULL },
	};
	check_lookups(ZONE, text, tests, COUNT(tests));
}

static void wildcards_of_other_kinds(void **state)
{
	(void)state;
	static const char text[] = SOA "*.cname CNAME target.example.net.\n"
				       "real.cname A 192.0.2.1\n"
				       "sub.*.empty A 192.0.2.1\n"
				       "*.a.a CAA 0 issue \"deep.example\"\n"
				       "*.a CAA 0 issue \"high.example\"\n"
				       "**.like CAA 0 issue \"a.example\"\n"
				       "*x.like CAA 0 issue \"a.example\"\n"
				       "*.*.twice CAA 0 issue \"a.example\"\n";
	static const look_t tests[] = {
		{ "x.cname.example.com.", CAA, CAAUDIT_CNAME, "*.cname.example.com.", true, 1,
		  "target.example.net." },
		{ "x.y.cname.example.com.", CAA, CAAUDIT_CNAME, "*.cname.example.com.", true, 1,
		  "target.example.net." },
		{ "x.cname.example.com.", KNOT_RRTYPE_CNAME, CAAUDIT_ANSWER, "*.cname.example.com.",
		  true, 1, NULL },
		{ "real.cname.example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "x.real.cname.example.com.", CAA, CAAUDIT_NXDOMAIN, NULL, false, 0, NULL },
		{ "cname.example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		/* "*.empty" is there because of what is below it, and matches. */
		{ "x.empty.example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "empty.example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "x.a.example.com.", CAA, CAAUDIT_ANSWER, "*.a.example.com.", true, 1, NULL },
		{ "x.a.a.example.com.", CAA, CAAUDIT_ANSWER, "*.a.a.example.com.", true, 1, NULL },
		{ "x.b.a.example.com.", CAA, CAAUDIT_ANSWER, "*.a.example.com.", true, 1, NULL },
		{ "a.a.example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "x.like.example.com.", CAA, CAAUDIT_NXDOMAIN, NULL, false, 0, NULL },
		{ "x.*.twice.example.com.", CAA, CAAUDIT_ANSWER, "*.*.twice.example.com.", true, 1,
		  NULL },
		{ "x.twice.example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "x.y.twice.example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
	};
	check_lookups(ZONE, text, tests, COUNT(tests));
}

static void cuts_hide_what_is_below_them(void **state)
{
	(void)state;
	static const char text[] = SOA
		"@ NS ns.sub\n"
		"sub NS ns.sub\n"
		"sub CAA 0 issue \"a.example\"\n"
		"sub DS 1 8 2 00000000000000000000000000000000000000000000000000000000000000aa\n"
		"ns.sub A 192.0.2.1\n"
		"x.sub CAA 0 issue \"a.example\"\n"
		"lower.sub NS ns.example.net.\n"
		"alias.sub CNAME target.example.net.\n"
		"redirect.sub DNAME example.net.\n"
		"*.wild NS ns.example.net.\n"
		"cutalias NS ns.example.net.\n"
		"cutalias CNAME target.example.net.\n";
	static const look_t tests[] = {
		{ "example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "sub.example.com.", CAA, CAAUDIT_DELEGATED, "sub.example.com.", false, 0, NULL },
		{ "SUB.example.com.", CAA, CAAUDIT_DELEGATED, "sub.example.com.", false, 0, NULL },
		{ "ns.sub.example.com.", CAA, CAAUDIT_DELEGATED, "sub.example.com.", false, 0,
		  NULL },
		{ "x.sub.example.com.", CAA, CAAUDIT_DELEGATED, "sub.example.com.", false, 0,
		  NULL },
		{ "none.sub.example.com.", CAA, CAAUDIT_DELEGATED, "sub.example.com.", false, 0,
		  NULL },
		{ "x.lower.sub.example.com.", CAA, CAAUDIT_DELEGATED, "sub.example.com.", false, 0,
		  NULL },
		{ "alias.sub.example.com.", CAA, CAAUDIT_DELEGATED, "sub.example.com.", false, 0,
		  NULL },
		{ "x.redirect.sub.example.com.", CAA, CAAUDIT_DELEGATED, "sub.example.com.", false,
		  0, NULL },
		{ "subx.example.com.", CAA, CAAUDIT_NXDOMAIN, NULL, false, 0, NULL },
		{ "cutalias.example.com.", CAA, CAAUDIT_DELEGATED, "cutalias.example.com.", false,
		  0, NULL },
		/* Below the literal "*.wild" is a cut; a name that it matches has no CAA. */
		{ "x.*.wild.example.com.", CAA, CAAUDIT_DELEGATED, "*.wild.example.com.", false, 0,
		  NULL },
		{ "x.wild.example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
	};
	check_lookups(ZONE, text, tests, COUNT(tests));
}

/* RFC 6672 section 2.2, table 1, where the zone holds the owner of the DNAME. */
static void dnames_substitute_as_in_rfc_6672(void **state)
{
	(void)state;
	static const struct {
		const char *owner, *target, *qname;
		caaudit_answer_t answer;
		const char *result;
	} tests[] = {
		{ "example.com.", "example.net.", "com.", CAAUDIT_OUTSIDE, NULL },
		{ "example.com.", "example.net.", "example.com.", CAAUDIT_NODATA, NULL },
		{ "example.com.", "example.net.", "a.example.com.", CAAUDIT_DNAME,
		  "a.example.net." },
		{ "example.com.", "example.net.", "a.b.example.com.", CAAUDIT_DNAME,
		  "a.b.example.net." },
		{ "example.com.", "example.net.", "ab.example.com.", CAAUDIT_DNAME,
		  "ab.example.net." },
		{ "example.com.", "example.net.", "foo.xexample.com.", CAAUDIT_OUTSIDE, NULL },
		{ "example.com.", "x.example.com.", "a.example.com.", CAAUDIT_DNAME,
		  "a.x.example.com." },
		{ "example.com.", "y.net.", "A.Example.COM.", CAAUDIT_DNAME, "a.y.net." },
		{ "b.example.com.", "b.Y.net.", "a.b.example.com.", CAAUDIT_DNAME, "a.b.y.net." },
		{ "b.example.com.", ".", "a.b.example.com.", CAAUDIT_DNAME, "a." },
		{ "b.example.com.", "net.", "b.example.com.", CAAUDIT_NODATA, NULL },
		{ "b.example.com.", "net.", "c.example.com.", CAAUDIT_NXDOMAIN, NULL },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		char text[256];
		snprintf(text, sizeof(text), SOA "%s DNAME %s\n", tests[i].owner, tests[i].target);
		look_t look = { tests[i].qname, CAA, tests[i].answer, NULL,
			        false,          0,   tests[i].result };
		if (tests[i].answer == CAAUDIT_DNAME) {
			look.source = tests[i].owner;
			look.count = 1;
		}
		check_lookups(ZONE, text, &look, 1);
	}
}

static void dnames_rank_between_cuts_and_aliases(void **state)
{
	(void)state;
	static const char text[] = SOA "high DNAME example.net.\n"
				       "high CAA 0 issue \"a.example\"\n"
				       "low.high DNAME example.org.\n"
				       "cut.high NS ns.example.net.\n"
				       "caa.high CAA 0 issue \"a.example\"\n"
				       "both DNAME example.net.\n"
				       "both NS ns.example.net.\n"
				       "*.wild DNAME example.net.\n"
				       "*.under CAA 0 issue \"a.example\"\n"
				       "d.under DNAME example.net.\n";
	static const look_t tests[] = {
		{ "high.example.com.", CAA, CAAUDIT_ANSWER, "high.example.com.", false, 1, NULL },
		{ "high.example.com.", KNOT_RRTYPE_DNAME, CAAUDIT_ANSWER, "high.example.com.",
		  false, 1, NULL },
		{ "x.low.high.example.com.", CAA, CAAUDIT_DNAME, "high.example.com.", false, 1,
		  "x.low.example.net." },
		{ "x.cut.high.example.com.", CAA, CAAUDIT_DNAME, "high.example.com.", false, 1,
		  "x.cut.example.net." },
		{ "caa.high.example.com.", CAA, CAAUDIT_DNAME, "high.example.com.", false, 1,
		  "caa.example.net." },
		{ "x.both.example.com.", CAA, CAAUDIT_DELEGATED, "both.example.com.", false, 0,
		  NULL },
		{ "x.d.under.example.com.", CAA, CAAUDIT_DNAME, "d.under.example.com.", false, 1,
		  "x.example.net." },
		{ "d.under.example.com.", CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "e.under.example.com.", CAA, CAAUDIT_ANSWER, "*.under.example.com.", true, 1,
		  NULL },
	};
	check_lookups(ZONE, text, tests, COUNT(tests));
}

/*! Name of "x" labels and a suffix, "octets" long in wire form. */
static void long_name(char *out, size_t octets, const char *suffix)
{
	// strlen() + 1 is the length in wire form of a name with a final dot.
	size_t left = octets - 1 - strlen(suffix);
	while (left > 0) {
		size_t label = left > 64 ? (left == 65 ? 32 : 64) : left;
		memset(out, 'x', label - 1);
		out[label - 1] = '.';
		out += label;
		left -= label;
	}
	strcpy(out, suffix);
}

static void a_substituted_name_has_255_octets_at_most(void **state)
{
	(void)state;
	// "d.example.com." gives way to "dd.example.net.", one octet longer.
	static const char text[] = SOA "d DNAME dd.example.net.\n";
	for (size_t octets = 253; octets <= 255; octets++) {
		char name[256], target[256];
		long_name(name, octets, "d.example.com.");
		assert_int_equal(knot_dname_size(dname(name)), octets);
		look_t look = { name, CAA, CAAUDIT_DNAME, "d.example.com.", false, 1, target };
		if (octets < 255) {
			snprintf(target, sizeof(target), "%.*sdd.example.net.",
			         (int)(octets - 1 - strlen("d.example.com.")), name);
			assert_int_equal(knot_dname_size(dname(target)), octets + 1);
		} else {
			look.answer = CAAUDIT_DNAME_LONG;
			look.target = NULL;
		}
		check_lookups(ZONE, text, &look, 1);
	}
}

static void names_of_255_octets_and_127_labels_are_found(void **state)
{
	(void)state;
	char name[256], text[1024], labels[256] = "", above[256];
	long_name(name, 255, "example.com.");
	// 127 labels of one octet make 255 octets.
	for (unsigned i = 0; i < 127; i++) {
		strcat(labels, "a.");
	}
	snprintf(text, sizeof(text), SOA "%s CAA 0 issue \"a.example\"\n", name);
	strcpy(above, strchr(name, '.') + 1);
	look_t tests[] = {
		{ name, CAA, CAAUDIT_ANSWER, name, false, 1, NULL },
		{ above, CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
	};
	check_lookups(ZONE, text, tests, COUNT(tests));

	snprintf(text, sizeof(text), "a. SOA . . 1 1 1 1 1\n%s CAA 0 issue \"a.example\"\n",
	         labels);
	look_t many[] = {
		{ labels, CAA, CAAUDIT_ANSWER, labels, false, 1, NULL },
		{ labels + 2, CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ labels + 2 * 120, CAA, CAAUDIT_NODATA, NULL, false, 0, NULL },
		{ "b.a.", CAA, CAAUDIT_NXDOMAIN, NULL, false, 0, NULL },
	};
	check_lookups("a.", text, many, COUNT(many));

	// The deepest zone: its apex has 127 labels, and nothing can be below it.
	snprintf(text, sizeof(text), "@ SOA . . 1 1 1 1 1\n@ CAA 0 issue \"a.example\"\n");
	many[0] = (look_t){ labels, CAA, CAAUDIT_ANSWER, labels, false, 1, NULL };
	many[1] = (look_t){ labels + 2, CAA, CAAUDIT_OUTSIDE, NULL, false, 0, NULL };
	check_lookups(labels, text, many, 2);
}

static void a_wildcard_too_long_to_exist_is_not_looked_for(void **state)
{
	(void)state;
	// An encloser of 254 octets leaves no room for "*.": two octets more.
	for (size_t octets = 250; octets <= 253; octets++) {
		char encloser[256], text[512], name[264];
		long_name(encloser, octets, "example.com.");
		snprintf(text, sizeof(text), SOA "%s A 192.0.2.1\n", encloser);
		snprintf(name, sizeof(name), "x.%s", encloser);
		look_t look = { name, CAA, CAAUDIT_NXDOMAIN, NULL, false, 0, NULL };
		check_lookups(ZONE, text, &look, 1);
		if (octets == 253) {
			snprintf(text, sizeof(text), SOA "*.%s CAA 0 issue \"a.example\"\n",
			         encloser);
			char wildcard[264];
			snprintf(wildcard, sizeof(wildcard), "*.%s", encloser);
			look = (look_t){ name, CAA, CAAUDIT_ANSWER, wildcard, true, 1, NULL };
			check_lookups(ZONE, text, &look, 1);
		}
	}
}

static void the_root_can_be_a_zone(void **state)
{
	(void)state;
	static const char text[] = ". SOA . . 1 1 1 1 1\n"
				   ". NS ns.test.\n"
				   ". CAA 0 issue \"root.example\"\n"
				   "test. CAA 0 issue \"test.example\"\n"
				   "*. CAA 0 issue \"wild.example\"\n"
				   "org. NS ns.example.net.\n";
	static const look_t tests[] = {
		{ ".", CAA, CAAUDIT_ANSWER, ".", false, 1, NULL },
		{ "test.", CAA, CAAUDIT_ANSWER, "test.", false, 1, NULL },
		{ "TEST.", CAA, CAAUDIT_ANSWER, "test.", false, 1, NULL },
		{ "x.test.", CAA, CAAUDIT_NXDOMAIN, NULL, false, 0, NULL },
		{ "x.y.z.", CAA, CAAUDIT_ANSWER, "*.", true, 1, NULL },
		{ "example.org.", CAA, CAAUDIT_DELEGATED, "org.", false, 0, NULL },
	};
	check_lookups(".", text, tests, COUNT(tests));
}

static void labels_may_hold_any_octet(void **state)
{
	(void)state;
	for (unsigned c = 0; c < 256; c++) {
		char name[64], text[256];
		// At the end of a word of eight octets, and alone in the next one.
		snprintf(name, sizeof(name), "abcdefg\\%03u\\%03u.example.com.", c, c);
		snprintf(text, sizeof(text), SOA "%s CAA 0 issue \"a.example\"\n", name);
		caaudit_view_t *view = view_of_text(ZONE, text);
		for (unsigned other = 0; other < 256; other++) {
			snprintf(name, sizeof(name), "ABCDEFG\\%03u\\%03u.example.com.", other,
			         other);
			bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
			bool same = other == c || (letter && (other ^ 0x20) == c);
			assert_int_equal(caaudit_view_exists(view, dname(name)), same);
			assert_int_equal(caaudit_view_rrset(view, dname(name), CAA).count, same);
		}
		caaudit_view_free(view);
	}
}

/* --- Aliases ----------------------------------------------------------------------------------- */

static void a_chain_ends_where_the_answer_is(void **state)
{
	(void)state;
	static const char text[] = SOA
		"a CNAME B\nb CNAME c\nc CAA 0 issue \";\"\n"
		"out CNAME x.example.net.\ncut CNAME x.sub\nsub NS ns.example.net.\n"
		"none CNAME none2\nempty CNAME c2\nc2 A 192.0.2.1\n"
		"loop CNAME loop2\nloop2 CNAME loop\nself CNAME self\n"
		"d DNAME e\nx.e CNAME c\ny.e CNAME y.d\nd2 DNAME d2.d2\n"
		"*.w CNAME c\n@ CAA 0 issue \";\"\n";
	static const struct {
		const char *name;
		uint16_t type;
		caaudit_answer_t answer;
		unsigned aliases;
		const char *at;
	} tests[] = {
		{ "C.Example.com.", CAA, CAAUDIT_ANSWER, 0, "c.example.com." },
		{ "A.Example.com.", CAA, CAAUDIT_ANSWER, 2, "c.example.com." },
		{ "a.example.com.", KNOT_RRTYPE_CNAME, CAAUDIT_ANSWER, 0, "a.example.com." },
		{ "out.example.com.", CAA, CAAUDIT_OUTSIDE, 1, "x.example.net." },
		{ "example.net.", CAA, CAAUDIT_OUTSIDE, 0, "example.net." },
		{ "cut.example.com.", CAA, CAAUDIT_DELEGATED, 1, "x.sub.example.com." },
		{ "none.example.com.", CAA, CAAUDIT_NXDOMAIN, 1, "none2.example.com." },
		{ "empty.example.com.", CAA, CAAUDIT_NODATA, 1, "c2.example.com." },
		{ "loop.example.com.", CAA, CAAUDIT_ALIASES_LONG, 11, "loop2.example.com." },
		{ "loop2.example.com.", CAA, CAAUDIT_ALIASES_LONG, 11, "loop.example.com." },
		{ "self.example.com.", CAA, CAAUDIT_ALIASES_LONG, 11, "self.example.com." },
		{ "x.d.example.com.", CAA, CAAUDIT_ANSWER, 2, "c.example.com." },
		{ "x.d.example.com.", KNOT_RRTYPE_CNAME, CAAUDIT_ANSWER, 1, "x.e.example.com." },
		{ "y.d.example.com.", CAA, CAAUDIT_ALIASES_LONG, 11, "y.e.example.com." },
		{ "x.w.example.com.", CAA, CAAUDIT_ANSWER, 1, "c.example.com." },
		{ ZONE, CAA, CAAUDIT_ANSWER, 0, ZONE },
	};
	caaudit_view_t *view = view_of_text(ZONE, text);
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].name);
		caaudit_chain_t chain, step;
		memset(&chain, 0xa5, sizeof(chain));
		assert_int_equal(caaudit_chain_end(&chain, view, dname(tests[i].name),
		                                   tests[i].type),
		                 tests[i].answer);
		assert_int_equal(chain.lookup.answer, tests[i].answer);
		assert_int_equal(chain.aliases, tests[i].aliases);
		assert_string_equal(dname_text(chain.at), tests[i].at);
		assert_false(caaudit_chain_follow(&chain));
		assert_int_equal(chain.lookup.answer, tests[i].answer);

		// Step by step each name has the answer that it has alone.
		caaudit_chain_begin(&step, view, dname(tests[i].name), tests[i].type);
		unsigned steps = 0;
		do {
			caaudit_lookup_t alone;
			caaudit_view_lookup(view, step.at, tests[i].type, &alone);
			assert_int_equal(step.lookup.answer, alone.answer);
			assert_int_equal(step.lookup.rrset.count, alone.rrset.count);
			assert_int_equal(step.aliases, steps++);
		} while (caaudit_chain_follow(&step));
		assert_int_equal(step.aliases, tests[i].aliases);
		assert_int_equal(step.lookup.answer, tests[i].answer);
		assert_true(knot_dname_is_equal(step.at, chain.at));
	}
	caaudit_view_free(view);
}

static void eleven_aliases_are_followed(void **state)
{
	(void)state;
	for (unsigned count = 10; count <= 12; count++) {
		zone_t zone = zone_of_text(ZONE, SOA);
		char text[64];
		for (unsigned i = 0; i < count; i++) {
			snprintf(text, sizeof(text), "a%u CNAME a%u\n", i, i + 1);
			assert_null(zone_parse(&zone, ZONE, text));
		}
		snprintf(text, sizeof(text), "a%u CAA 0 issue \";\"\n", count);
		assert_null(zone_parse(&zone, ZONE, text));
		caaudit_view_t *view = view_of_zone(&zone, ZONE);
		caaudit_chain_t chain;
		bool fits = count <= 11;
		assert_int_equal(caaudit_chain_end(&chain, view, dname("a0.example.com."), CAA),
		                 fits ? CAAUDIT_ANSWER : CAAUDIT_ALIASES_LONG);
		assert_int_equal(chain.aliases, fits ? count : 11);
		caaudit_view_free(view);
		zone_free(&zone);
	}
}

static void a_chain_may_become_too_long_a_name(void **state)
{
	(void)state;
	char name[256];
	long_name(name, 250, "d.example.com.");
	caaudit_view_t *view = view_of_text(ZONE, SOA "d DNAME e.e.e.e.e\n");
	caaudit_chain_t chain;
	assert_int_equal(caaudit_chain_end(&chain, view, dname(name), CAA), CAAUDIT_DNAME_LONG);
	assert_int_equal(chain.aliases, 0);
	caaudit_view_free(view);
}

/* --- What is stored --------------------------------------------------------------------------- */

static void duplicates_are_merged_and_sorted(void **state)
{
	(void)state;
	static const char text[] = SOA "a CAA 0 issue \"b.example\"\n"
				       "A CAA 0 issue \"a.example\"\n"
				       "a CAA 0 issue \"b.example\"\n"
				       "a CAA 0 issue \"B.example\"\n"
				       "a CAA 1 issue \"a.example\"\n"
				       "a CAA 0 issue \"b.exampl\"\n"
				       "@ SOA ns.example.net. admin.example.net. 7 1 1 1 1\n";
	zone_t zone = zone_of_text(ZONE, text);
	uint64_t random = 1;
	for (unsigned round = 0; round < 50; round++) {
		caaudit_view_t *view = view_of_zone(&zone, ZONE);
		assert_int_equal(caaudit_view_records(view), zone.count);
		caaudit_rrset_t rrset = caaudit_view_rrset(view, dname("a.example.com."), CAA);
		assert_int_equal(rrset.count, 5);
		for (size_t i = 0; i < rrset.count; i++) {
			const caaudit_record_t *r = rrset.record[i];
			assert_string_equal(dname_text(r->owner), "a.example.com.");
			assert_int_equal(r->type, CAA);
			if (i > 0) {
				const caaudit_record_t *last = rrset.record[i - 1];
				size_t len = r->rdlen < last->rdlen ? r->rdlen : last->rdlen;
				int cmp = memcmp(last->rdata, r->rdata, len);
				assert_true(cmp < 0 || (cmp == 0 && last->rdlen < r->rdlen));
			}
		}
		size_t pos = 0;
		caaudit_rrset_t walked;
		assert_true(caaudit_view_next(view, CAA, &pos, &walked));
		assert_ptr_equal(walked.record, rrset.record);
		assert_false(caaudit_view_next(view, CAA, &pos, &walked));
		caaudit_view_free(view);
		zone_shuffle(&zone, &random);
	}
	zone_free(&zone);
}

/* What the server reads into one record is one. */
static void names_in_rdata_are_the_same_in_any_case(void **state)
{
	(void)state;
	static const struct {
		const char *owner;
		uint16_t type;
	} sets[] = { { "a.example.com.", KNOT_RRTYPE_CNAME },
		     { "b.example.com.", KNOT_RRTYPE_DNAME },
		     { "c.example.com.", KNOT_RRTYPE_NS } };
	static const char text[] = SOA
		"a CNAME b.Example.net.\nA CNAME B.example.NET.\n"
		"b DNAME B.example.net.\nb DNAME b.example.net.\n"
		"c NS ns.example.net.\nc NS NS.example.net.\nc NS ns.example.org.\n";
	zone_t zone = zone_of_text(ZONE, text);
	uint64_t random = 1;
	for (unsigned round = 0; round < 50; round++) {
		caaudit_view_t *view = view_of_zone(&zone, ZONE);
		for (size_t i = 0; i < sizeof(sets) / sizeof(*sets); i++) {
			caaudit_rrset_t rrset = caaudit_view_rrset(view, dname(sets[i].owner),
			                                           sets[i].type);
			assert_int_equal(rrset.count, sets[i].type == KNOT_RRTYPE_NS ? 2 : 1);
		}
		/* Upper case comes first; which one stays must not depend on the order. */
		assert_int_equal(caaudit_view_rrset(view, dname("a.example.com."),
		                                    KNOT_RRTYPE_CNAME)
		                         .record[0]
		                         ->rdata[1],
		                 'B');
		caaudit_view_free(view);
		zone_shuffle(&zone, &random);
	}
	zone_free(&zone);
}

/* Exact duplicates but for the TTL: which one stays must not depend on the order. */
static void of_duplicates_the_shortest_ttl_stays(void **state)
{
	(void)state;
	static const char text[] = SOA "a 7200 CAA 0 issue \"a.example\"\n"
				       "a 300 CAA 0 issue \"a.example\"\n"
				       "a 86400 CAA 0 issue \"a.example\"\n"
				       "a 4294967295 CAA 0 issue \"a.example\"\n";
	zone_t zone = zone_of_text(ZONE, text);
	uint64_t random = 1;
	for (unsigned round = 0; round < 50; round++) {
		caaudit_view_t *view = view_of_zone(&zone, ZONE);
		caaudit_rrset_t rrset = caaudit_view_rrset(view, dname("a.example.com."), CAA);
		assert_int_equal(rrset.count, 1);
		assert_int_equal(rrset.record[0]->ttl, 300);
		caaudit_view_free(view);
		zone_shuffle(&zone, &random);
	}
	zone_free(&zone);
}

static void records_outside_the_zone_are_dropped(void **state)
{
	(void)state;
	static const char text[] = SOA "a A 192.0.2.1\n"
				       "example.net. CAA 0 issue \"a.example\"\n"
				       "a.example.net. CAA 0 issue \"a.example\"\n"
				       "com. CAA 0 issue \"a.example\"\n"
				       ". CAA 0 issue \"a.example\"\n"
				       "b A 192.0.2.1\n"
				       "xexample.com. CAA 0 issue \"a.example\"\n";
	caaudit_view_t *view = view_of_text(ZONE, text);
	assert_int_equal(caaudit_view_records(view), 3);
	assert_false(caaudit_view_exists(view, dname("a.example.net.")));
	assert_false(caaudit_view_exists(view, dname("com.")));
	assert_int_equal(caaudit_view_rrset(view, dname("com."), CAA).count, 0);
	size_t pos = 0;
	caaudit_rrset_t rrset;
	assert_false(caaudit_view_next(view, CAA, &pos, &rrset));
	caaudit_view_free(view);
}

static void walking_over_a_type_meets_every_rrset_once(void **state)
{
	(void)state;
	static const char text[] = SOA "@ CAA 0 issue \"a.example\"\n"
				       "a CAA 0 issue \"a.example\"\n"
				       "a CAA 0 issue \"b.example\"\n"
				       "a CNAME x\n"
				       "_a CNAME x\n"
				       "_a CNAME y\n"
				       "a NS x\n"
				       "_a TXT \"x\"\n"
				       "b.a CAA 0 issue \"a.example\"\n"
				       "c A 192.0.2.1\n"
				       "d DNAME x\n";
	static const struct {
		uint16_t type;
		size_t rrsets, records;
	} tests[] = {
		{ CAA, 3, 4 },
		{ KNOT_RRTYPE_CNAME, 1, 2 },
		{ KNOT_RRTYPE_NS, 1, 1 },
		{ KNOT_RRTYPE_DNAME, 1, 1 },
		{ KNOT_RRTYPE_SOA, 1, 1 },
		{ KNOT_RRTYPE_A, 0, 0 },
		{ KNOT_RRTYPE_TXT, 1, 1 },
	};
	zone_t zone = zone_of_text(ZONE, text);
	uint64_t random = 7;
	char first[256];
	for (unsigned round = 0; round < 10; round++) {
		caaudit_view_t *view = view_of_zone(&zone, ZONE);
		char order[256] = "";
		for (size_t i = 0; i < COUNT(tests); i++) {
			size_t pos = 0, rrsets = 0, records = 0;
			caaudit_rrset_t rrset;
			while (caaudit_view_next(view, tests[i].type, &pos, &rrset)) {
				rrsets++;
				records += rrset.count;
				assert_int_equal(rrset.record[0]->type, tests[i].type);
				caaudit_rrset_t again = caaudit_view_rrset(view,
				                                           rrset.record[0]->owner,
				                                           tests[i].type);
				assert_ptr_equal(again.record, rrset.record);
				assert_int_equal(again.count, rrset.count);
				strcat(order, dname_text(rrset.record[0]->owner));
			}
			assert_int_equal(rrsets, tests[i].rrsets);
			assert_int_equal(records, tests[i].records);
		}
		if (round == 0) {
			strcpy(first, order);
		}
		assert_string_equal(order, first);
		caaudit_view_free(view);
		zone_shuffle(&zone, &random);
	}
	zone_free(&zone);
}

#define HEX "0123456789abcdef0123456789abcdef"

/*! Finished policy that expects validations, separated by "|". */
static caaudit_policy_t *policy_of_validations(const char *items)
{
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	char *list = strdup(items), *rest = list;
	for (char *item; (item = strsep(&rest, "|")) != NULL;) {
		assert_int_equal(caaudit_policy_add_validation(policy, item, NULL), KNOT_EOK);
	}
	free(list);
	assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
	return policy;
}

/* An RRset that is shown is whole. */
static void of_the_aliases_a_walk_shows_what_may_be_a_validation(void **state)
{
	(void)state;
	static const struct {
		const char *owner, *target;
		bool shown;
		size_t count;
	} tests[] = {
		{ "_x", "y", true, 1 },
		{ "_", "y", true, 1 },
		{ "*._x", "y", false, 0 },
		{ "x._x", "y", false, 0 },
		{ "www", "y", false, 0 },
		{ "@", "y", false, 0 },
		{ "kn", HEX "." HEX ".sectigo.com.", true, 1 },
		{ "KC", "x.SECTIGO.com.", true, 1 },
		{ "kd", "dcv.digicert.com.", true, 1 },
		{ "kx", "sectigo.com.", false, 0 },
		{ "kz", HEX "." HEX ".sectigo.com", true, 1 }, // It lost its final dot.
		{ "w1", "wanted.example.net.", true, 1 },
		{ "w2", "WANTED.example.NET.", true, 1 },
		{ "w3", "wanted", true, 1 },
		{ "w4", "wanted.example.net", false, 0 },
		{ "w5", "x.wanted.example.net.", false, 0 },
		{ "w6", ".", false, 0 },
		// One shows the others at its owner.
		{ "m", "y", true, 3 },
		{ "m", "wanted.example.net.", true, 3 },
		{ "M", "z", true, 3 },
	};
	zone_t zone = zone_of_text(ZONE, SOA);
	for (size_t i = 0; i < COUNT(tests); i++) {
		char text[256];
		snprintf(text, sizeof(text), "%s CNAME %s\n", tests[i].owner, tests[i].target);
		assert_null(zone_parse(&zone, ZONE, text));
	}
	caaudit_policy_t *policy = policy_of_validations(
		"_e Wanted.example.net.|_f wanted.example.com.");
	uint64_t random = 3;
	for (unsigned round = 0; round < 10; round++) {
		caaudit_view_t *view = zone_push(&zone, policy);
		assert_non_null(view);
		assert_int_equal(caaudit_view_finish(view), KNOT_EOK);
		for (size_t i = 0; i < COUNT(tests); i++) {
			char name[64];
			bool apex = strcmp(tests[i].owner, "@") == 0;
			snprintf(name, sizeof(name), "%s%s" ZONE, apex ? "" : tests[i].owner,
			         apex ? "" : ".");
			size_t pos = 0, count = 0;
			caaudit_rrset_t rrset;
			while (caaudit_view_next(view, KNOT_RRTYPE_CNAME, &pos, &rrset)) {
				if (knot_dname_is_case_equal(rrset.record[0]->owner, dname(name))) {
					assert_int_equal(count, 0);
					count = rrset.count;
				}
			}
			print_message("%s %s\n", name, tests[i].target);
			assert_int_equal(count > 0, tests[i].shown);
			assert_int_equal(count, tests[i].count);
			assert_true(caaudit_view_rrset(view, dname(name), KNOT_RRTYPE_CNAME).count >
			            0);
		}
		caaudit_view_free(view);
		zone_shuffle(&zone, &random);
	}
	caaudit_policy_free(policy);
	zone_free(&zone);
}

/*! Of the texts those are stored that are expected, or that stand where a validation may. */
static void of_the_texts_those_of_validations_are_stored(void **state)
{
	(void)state;
	static const struct {
		const char *owner, *text;
		bool without, with; /* Without a policy, and with one. */
	} tests[] = {
		{ "_any", "\"x\"", true, true },
		{ "_", "\"x\"", true, true },
		{ "@", "\"v=spf1\"", false, false },
		{ "www", "\"x\"", false, false },
		/* Where one is expected, at the host that it is for, and at the names above. */
		{ "Expected", "\"x\"", false, true },
		{ "h.b.a", "\"x\"", false, true },
		{ "b.a", "\"x\"", false, false },
		{ "host", "\"x\"", false, true },
		/* What is expected, wherever it stands, and however it is divided. */
		{ "elsewhere", "\"wanted\"", false, true },
		{ "elsewhere2", "\"wan\" \"\" \"ted\"", false, true },
		{ "elsewhere3", "\"Wanted\"", false, false },
		{ "elsewhere4", "\"wanted \"", false, false },
		/* A wildcard may answer for the name. */
		{ "*", "\"x\"", false, true },
		{ "*.a", "\"x\"", false, true },
		{ "a.*", "\"x\"", false, false },
	};
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	const uint8_t wanted[] = "\6wanted";
	assert_int_equal(caaudit_policy_add_expected_txt(policy, dname("expected.example.com."),
	                                                 wanted, sizeof(wanted) - 1, 3600, NULL),
	                 KNOT_EOK);
	assert_int_equal(caaudit_policy_add_validation(policy, "_v.h.b.a x.example.net", NULL),
	                 KNOT_EOK);
	assert_int_equal(caaudit_policy_add_host(policy, "host", NULL), KNOT_EOK);
	assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
	for (size_t i = 0; i < COUNT(tests); i++) {
		char text[256], name[64];
		print_message("%s %s\n", tests[i].owner, tests[i].text);
		snprintf(text, sizeof(text), SOA "%s TXT %s\n", tests[i].owner, tests[i].text);
		bool apex = tests[i].owner[0] == '@';
		snprintf(name, sizeof(name), "%s%s" ZONE, apex ? "" : tests[i].owner,
		         apex ? "" : ".");
		zone_t zone = zone_of_text(ZONE, text);
		for (unsigned with = 0; with < 2; with++) {
			caaudit_view_t *view = zone_push(&zone, with ? policy : no_policy(ZONE));
			assert_int_equal(caaudit_view_finish(view), KNOT_EOK);
			assert_int_equal(caaudit_view_rrset(view, dname(name), KNOT_RRTYPE_TXT)
			                         .count,
			                 with ? tests[i].with : tests[i].without);
			assert_true(caaudit_view_exists(view, dname(name)));
			caaudit_view_free(view);
		}
		zone_free(&zone);
	}
	caaudit_policy_free(policy);
}

/* Where a CA or one above it has the zone, targets in the zone are those of validations as well. */
static void in_the_zone_of_a_ca_an_alias_may_be_a_validation(void **state)
{
	(void)state;
	static const struct {
		const char *zone, *target;
		bool shown;
	} tests[] = {
		{ "sectigo.com.", HEX "." HEX, true },
		{ "sectigo.com.", HEX "." HEX ".SECTIGO.com.", true },
		{ "a.sectigo.com.", HEX "." HEX, true },
		{ HEX ".sectigo.com.", HEX, true },
		{ "com.", HEX "." HEX ".sectigo", true },
		{ ".", HEX "." HEX ".sectigo.com", true },
		{ "dcv.digicert.com.", "@", true },
		{ "SECTIGO.COM.", HEX "." HEX, true },
		{ "xsectigo.com.", HEX "." HEX, false },
		{ "example.com.", HEX "." HEX, false },
		{ "example.com.", HEX "." HEX ".sectigo.com.", true },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		char text[256];
		print_message("%s %s\n", tests[i].zone, tests[i].target);
		snprintf(text, sizeof(text), SOA "x CNAME %s\n", tests[i].target);
		caaudit_view_t *view = view_of_text(tests[i].zone, text);
		size_t pos = 0;
		caaudit_rrset_t rrset;
		assert_int_equal(caaudit_view_next(view, KNOT_RRTYPE_CNAME, &pos, &rrset),
		                 tests[i].shown);
		caaudit_view_free(view);
	}
}

static void occlusion_is_told_for_any_name(void **state)
{
	(void)state;
	static const char text[] = SOA "@ NS ns.example.net.\n"
				       "cut NS ns.example.net.\n"
				       "dname DNAME example.net.\n"
				       "cut.dname NS ns.example.net.\n"
				       "dname.cut DNAME example.net.\n";
	static const struct {
		const char *name, *owner;
		uint16_t type;
	} tests[] = {
		{ "example.com.", NULL, 0 },
		{ "none.example.com.", NULL, 0 },
		{ "example.net.", NULL, 0 },
		{ "cut.example.com.", "cut.example.com.", KNOT_RRTYPE_NS },
		{ "X.CUT.example.com.", "cut.example.com.", KNOT_RRTYPE_NS },
		{ "dname.example.com.", NULL, 0 },
		{ "x.dname.example.com.", "dname.example.com.", KNOT_RRTYPE_DNAME },
		{ "cut.dname.example.com.", "dname.example.com.", KNOT_RRTYPE_DNAME },
		{ "x.dname.cut.example.com.", "cut.example.com.", KNOT_RRTYPE_NS },
	};
	caaudit_view_t *view = view_of_text(ZONE, text);
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].name);
		uint16_t type = 0;
		const knot_dname_t *owner = caaudit_view_occluded(view, dname(tests[i].name),
		                                                  &type);
		assert_string_equal(dname_text(owner),
		                    tests[i].owner == NULL ? "-" : tests[i].owner);
		assert_int_equal(type, tests[i].type);
	}
	caaudit_view_free(view);

	// DNAME at the apex redirects all but the apex.
	view = view_of_text(ZONE, SOA "@ DNAME example.net.\n");
	uint16_t type = 0;
	assert_null(caaudit_view_occluded(view, dname(ZONE), &type));
	assert_non_null(caaudit_view_occluded(view, dname("a.example.com."), &type));
	assert_int_equal(type, KNOT_RRTYPE_DNAME);
	caaudit_view_free(view);
}

/* --- Owners ------------------------------------------------------------------------------------ */

#define RRSIG "RRSIG \\# 1 00\n"
#define NSEC3 "NSEC3 \\# 1 00\n"

/*
 * The view remembers the last owner, to hash siblings faster and to share the
 * owner between records. Each text is an order of records that could make it
 * remember too much or too little.
 */
static void remembering_the_last_owner_loses_no_name(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *exist[4], *none[4];
	} tests[] = {
		{ "a.x A 192.0.2.1\nb.x A 192.0.2.1\n",
		  { "x", "a.x", "b.x" },
		  { "c.x", "b", "a" } },
		{ "a A 192.0.2.1\n@ A 192.0.2.1\nb A 192.0.2.1\n", { "a", "b", "@" }, { "c" } },
		{ "a A 192.0.2.1\n@ NS x.\na A 192.0.2.2\n", { "a" }, { "b" } },
		/* The owner of an RRSIG alone is no name, nor are its ancestors. */
		{ "a.x " RRSIG, { NULL }, { "a.x", "x" } },
		{ "a.x " NSEC3 "a.x " RRSIG, { NULL }, { "a.x", "x" } },
		{ "a.x " RRSIG "a.x A 192.0.2.1\n", { "a.x", "x" }, { NULL } },
		{ "a.x " RRSIG "b.x A 192.0.2.1\n", { "b.x", "x" }, { "a.x" } },
		{ "a.x A 192.0.2.1\nb.x " RRSIG "c.x A 192.0.2.1\n",
		  { "a.x", "c.x", "x" },
		  { "b.x" } },
		{ "a.x A 192.0.2.1\nb.x " RRSIG "b.x A 192.0.2.1\n", { "a.x", "b.x" }, { NULL } },
		{ "a.x A 192.0.2.1\na.x " RRSIG "b.x A 192.0.2.1\n", { "a.x", "b.x" }, { NULL } },
		{ "a.x " NSEC3 "b.x " NSEC3 "c.y.x A 192.0.2.1\n",
		  { "c.y.x", "y.x", "x" },
		  { "a.x", "b.x" } },
		{ "@ " RRSIG "a " NSEC3 "a " RRSIG "b A 192.0.2.1\n", { "b" }, { "a" } },
		/* Case. */
		{ "a.X A 192.0.2.1\nb.x A 192.0.2.1\nC.x A 192.0.2.1\n",
		  { "a.x", "b.X", "c.x", "X" },
		  { "d.x" } },
		{ "A A 192.0.2.1\na A 192.0.2.1\nb A 192.0.2.1\n", { "a", "b" }, { "c" } },
		/* Parents of the same length, and of the same end. */
		{ "a.x A 192.0.2.1\na.y A 192.0.2.1\n", { "a.x", "a.y", "x", "y" }, { "b.x" } },
		{ "a.b.x A 192.0.2.1\nb.x A 192.0.2.1\nc.x A 192.0.2.1\n",
		  { "a.b.x", "b.x", "c.x" },
		  { "a.x", "c.b.x" } },
		{ "a A 192.0.2.1\nexample.net. A 192.0.2.1\nb A 192.0.2.1\n",
		  { "a", "b" },
		  { "c" } },
		{ "a A 192.0.2.1\nb.com. A 192.0.2.1\nb A 192.0.2.1\n", { "a", "b" }, { "com" } },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].text);
		for (unsigned soa_last = 0; soa_last < 2; soa_last++) {
			char text[512], name[128];
			snprintf(text, sizeof(text), "%s%s%s", soa_last ? "" : SOA, tests[i].text,
			         soa_last ? SOA : "");
			caaudit_view_t *view = view_of_text(ZONE, text);
			for (size_t j = 0; j < 8; j++) {
				const char *rel = j < 4 ? tests[i].exist[j] : tests[i].none[j - 4];
				if (rel == NULL) {
					continue;
				}
				snprintf(name, sizeof(name), "%s%s" ZONE,
				         strcmp(rel, "@") == 0 ? "" : rel,
				         strcmp(rel, "@") == 0 ? "" : ".");
				if (caaudit_view_exists(view, dname(name)) != (j < 4)) {
					print_error("%s\n", name);
				}
				assert_int_equal(caaudit_view_exists(view, dname(name)), j < 4);
			}
			caaudit_view_free(view);
		}
	}
}

static void remembering_the_last_owner_mixes_no_records(void **state)
{
	(void)state;
	static const char text[] = SOA "a CAA 0 issue \"a1.example\"\n"
				       "a " RRSIG "a CAA 0 issue \"a2.example\"\n"
				       "b " RRSIG "b CAA 0 issue \"b1.example\"\n"
				       "@ CAA 0 issue \"apex1.example\"\n"
				       "B CAA 0 issue \"b2.example\"\n"
				       "@ CAA 0 issue \"apex2.example\"\n"
				       "c " NSEC3 "c CAA 0 issue \"c1.example\"\n"
				       "A CAA 0 issue \"a3.example\"\n"
				       "example.net. CAA 0 issue \"x.example\"\n"
				       "A CAA 0 issue \"a4.example\"\n"
				       "a A 192.0.2.1\n";
	static const struct {
		const char *name;
		size_t count;
	} tests[] = {
		{ ZONE, 2 },
		{ "a.example.com.", 4 },
		{ "b.example.com.", 2 },
		{ "c.example.com.", 1 },
	};
	zone_t zone = zone_of_text(ZONE, text);
	uint64_t random = 99;
	for (unsigned round = 0; round < 100; round++) {
		caaudit_view_t *view = view_of_zone(&zone, ZONE);
		for (size_t i = 0; i < COUNT(tests); i++) {
			assert_int_equal(caaudit_view_rrset(view, dname(tests[i].name), CAA).count,
			                 tests[i].count);
		}
		assert_int_equal(caaudit_view_records(view), zone.count - 1);
		caaudit_view_free(view);
		zone_shuffle(&zone, &random);
	}
	zone_free(&zone);
}

/* --- The end of the input ---------------------------------------------------------------------- */

static void a_zone_has_one_soa_record_at_its_apex(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int ret;
	} tests[] = {
		{ "", KNOT_ENOENT },
		{ "a A 192.0.2.1\n", KNOT_ENOENT },
		{ "a "
		  "SOA ns.example.net. admin.example.net. 7 1 1 1 1\n",
		  KNOT_ENOENT },
		{ SOA, KNOT_EOK },
		{ SOA SOA, KNOT_EOK },
		{ SOA "a SOA ns.example.net. admin.example.net. 7 1 1 1 1\n", KNOT_EOK },
		{ SOA "@ SOA ns.example.net. admin.example.net. 8 1 1 1 1\n", KNOT_ESEMCHECK },
		/* Names of one octet, and five numbers: 22 octets. */
		{ "@ SOA \\# 22 0000 0000000700000001000000010000000100000001\n", KNOT_EOK },
		{ "@ SOA \\# 21 0000 00000007000000010000000100000001000000\n", KNOT_EMALF },
		{ "@ SOA \\# 23 0000 000000070000000100000001000000010000000100\n", KNOT_EMALF },
		{ "@ SOA \\# 1 00\n", KNOT_EMALF },
		{ "@ SOA \\# 2 0000\n", KNOT_EMALF },
		{ "@ SOA \\# 2 0161\n", KNOT_EMALF },
		{ "@ SOA \\# 3 000161\n", KNOT_EMALF },
		{ "@ SOA \\# 23 c000 00 0000000700000001000000010000000100000001\n", KNOT_EMALF },
		{ "@ SOA \\# 23 00 c000 0000000700000001000000010000000100000001\n", KNOT_EMALF },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].text);
		zone_t zone = zone_of_text(ZONE, tests[i].text);
		caaudit_view_t *view = zone_push(&zone, no_policy(ZONE));
		assert_int_equal(caaudit_view_finish(view), tests[i].ret);
		if (tests[i].ret == KNOT_EOK) {
			assert_int_equal(caaudit_view_serial(view), 7);
		}
		caaudit_view_free(view);
		zone_free(&zone);
	}
}

static void the_serial_is_that_of_the_soa(void **state)
{
	(void)state;
	static const uint32_t serials[] = { 0,          1,          0x7fffffff, 0x80000000,
		                            0xfffffffe, 0xffffffff, 0x01020304, 0xf0e0d0c0 };
	for (size_t i = 0; i < COUNT(serials); i++) {
		char text[128];
		snprintf(text, sizeof(text), "@ SOA a.example.net. b.example.net. %u 1 2 3 4\n",
		         serials[i]);
		caaudit_view_t *view = view_of_text(ZONE, text);
		assert_int_equal(caaudit_view_serial(view), serials[i]);
		caaudit_view_free(view);
	}
}

static void malformed_names_in_rdata_are_refused(void **state)
{
	(void)state;
	static const char *const types[] = { "CNAME", "DNAME", "NS" };
	static const struct {
		const char *rdata;
		int ret;
	} tests[] = {
		{ "\\# 1 00", KNOT_EOK },         { "\\# 3 016100", KNOT_EOK },
		{ "\\# 2 0161", KNOT_EMALF },     /* No end. */
		{ "\\# 3 026100", KNOT_EMALF },   /* A label beyond the end. */
		{ "\\# 4 01610000", KNOT_EMALF }, /* Something after the end. */
		{ "\\# 2 c000", KNOT_EMALF },     /* A compression pointer. */
		{ "\\# 3 40610000", KNOT_EMALF }, /* A label of another type. */
		{ "\\# 1 3f", KNOT_EMALF },
	};
	for (size_t i = 0; i < COUNT(types) * COUNT(tests); i++) {
		char text[128];
		const char *rdata = tests[i / COUNT(types)].rdata;
		if (strcmp(rdata, "\\# 3 40610000") == 0) {
			rdata = "\\# 3 406100";
		}
		snprintf(text, sizeof(text), SOA "a %s %s\n", types[i % COUNT(types)], rdata);
		print_message("%s\n", text);
		zone_t zone = zone_of_text(ZONE, text);
		caaudit_view_t *view = zone_push(&zone, no_policy(ZONE));
		assert_int_equal(caaudit_view_finish(view), tests[i / COUNT(types)].ret);
		caaudit_view_free(view);
		zone_free(&zone);
	}
	// Without any octet, as a transfer may bring it.
	caaudit_view_t *view = view_of_text(ZONE, SOA);
	caaudit_view_free(view);
	view = caaudit_view_new(no_policy(ZONE));
	add(view, dname("a.example.com."), KNOT_RRTYPE_CNAME, 0, NULL, 0);
	assert_int_equal(caaudit_view_finish(view), KNOT_EMALF);
	caaudit_view_free(view);
}

static void caa_may_have_any_rdata(void **state)
{
	(void)state;
	caaudit_view_t *view = caaudit_view_new(no_policy(ZONE));
	zone_t zone = zone_of_text(ZONE, SOA);
	assert_int_equal(zone_read(&zone, view), KNOT_EOK);
	zone_free(&zone);

	uint8_t *rdata = malloc(UINT16_MAX);
	memset(rdata, 0xff, UINT16_MAX);
	add(view, dname(ZONE), CAA, 1, rdata, UINT16_MAX);
	add(view, dname(ZONE), CAA, 1, rdata, UINT16_MAX);
	add(view, dname(ZONE), CAA, 1, rdata, 1);
	add(view, dname(ZONE), CAA, 1, NULL, 0);
	memset(rdata, 0, UINT16_MAX); // The view has its own copy.
	free(rdata);
	assert_int_equal(caaudit_view_finish(view), KNOT_EOK);
	caaudit_rrset_t rrset = caaudit_view_rrset(view, dname(ZONE), CAA);
	assert_int_equal(rrset.count, 3);
	assert_int_equal(rrset.record[0]->rdlen, 0);
	assert_int_equal(rrset.record[1]->rdlen, 1);
	assert_int_equal(rrset.record[2]->rdlen, UINT16_MAX);
	assert_int_equal(rrset.record[2]->rdata[UINT16_MAX - 1], 0xff);
	caaudit_view_free(view);
}

static void the_zone_name_is_kept_in_lower_case(void **state)
{
	(void)state;
	caaudit_view_t *view = view_of_text("EXAMPLE.Com.",
	                                    SOA "A.Example.COM. CAA 0 issue \";\"\n");
	assert_string_equal(dname_text(caaudit_view_zone(view)), ZONE);
	assert_int_equal(caaudit_view_rrset(view, dname("a.example.com."), CAA).count, 1);
	assert_string_equal(
		dname_text(caaudit_view_rrset(view, dname("a.example.com."), CAA).record[0]->owner),
		"a.example.com.");
	caaudit_view_free(view);
	caaudit_view_free(NULL);
}

/* --- Many names --------------------------------------------------------------------------------- */

static void add_numbered(caaudit_view_t *view, unsigned a, unsigned b)
{
	// "nAAAAAAA.nBBBBBBB.example.com."
	uint8_t name[32];
	static const uint8_t zone[] = "\7example\3com";
	uint8_t *at = name;
	for (unsigned i = 0; i < 2; i++) {
		unsigned n = i == 0 ? a : b;
		*at++ = 8;
		*at++ = 'n';
		for (unsigned j = 0; j < 7; j++) {
			*at++ = '0' + n % 10;
			n /= 10;
		}
	}
	memcpy(at, zone, sizeof(zone));
	add(view, name, KNOT_RRTYPE_A, 1, (const uint8_t *)"\1\2\3\4", 4);
}

static const char *numbered(unsigned a, unsigned b)
{
	static char name[64];
	char *at = name;
	for (unsigned i = 0; i < 2; i++) {
		unsigned n = i == 0 ? a : b;
		*at++ = 'n';
		for (unsigned j = 0; j < 7; j++) {
			*at++ = '0' + n % 10;
			n /= 10;
		}
		*at++ = '.';
	}
	strcpy(at, ZONE);
	return name;
}

static void add_soa(caaudit_view_t *view)
{
	zone_t zone = zone_of_text(ZONE, SOA);
	assert_int_equal(zone_read(&zone, view), KNOT_EOK);
	zone_free(&zone);
}

/* More than 1 << 20 ancestors noted, of which few, or nearly all, differ. */
static void a_million_repeated_or_different_names_are_kept(void **state)
{
	(void)state;
	for (unsigned different = 0; different < 2; different++) {
		caaudit_view_t *view = caaudit_view_new(no_policy(ZONE));
		unsigned count = 1100000;
		for (unsigned i = 0; i < count; i++) {
			add_numbered(view, different ? i : i % 1000,
			             i % 2 + (different ? i / 1000 * 2 : 0));
		}
		add_soa(view);
		assert_int_equal(caaudit_view_finish(view), KNOT_EOK);
		assert_int_equal(caaudit_view_records(view), count + 1);
		for (unsigned i = 0; i < count; i += 9973) {
			unsigned a = different ? i : i % 1000;
			unsigned b = i % 2 + (different ? i / 1000 * 2 : 0);
			assert_true(caaudit_view_exists(view, dname(numbered(a, b))));
			assert_true(
				caaudit_view_exists(view, dname(strchr(numbered(a, b), '.') + 1)));
			assert_false(caaudit_view_exists(view, dname(numbered(a, b + 1))));
		}
		caaudit_view_free(view);
	}
}

/* So many that hashes begin alike, and few enough to compare each. */
static void every_name_of_a_larger_zone_is_found(void **state)
{
	(void)state;
	enum { OWNERS = 1000 };
	static const uint8_t caa[] = "\0\5issuea.example";
	uint64_t random = 8659;
	zone_t zone = zone_of_text(ZONE, SOA);
	char name[32];
	for (unsigned i = 0; i < OWNERS; i++) {
		snprintf(name, sizeof(name), "h%u." ZONE, i);
		zone_add(&zone, dname(name), CAA, 3600, caa, sizeof(caa) - 1);
	}
	char *first = NULL;
	for (unsigned round = 0; round < 3; round++) {
		zone_shuffle(&zone, &random);
		caaudit_view_t *view = view_of_zone(&zone, ZONE);
		for (unsigned i = 0; i < OWNERS; i++) {
			snprintf(name, sizeof(name), "H%u." ZONE, i);
			assert_int_equal(caaudit_view_rrset(view, dname(name), CAA).count, 1);
		}
		char *order = calloc(OWNERS, sizeof(name));
		caaudit_rrset_t rrset;
		for (size_t pos = 0, seen = 0; caaudit_view_next(view, CAA, &pos, &rrset); seen++) {
			assert_in_range(seen, 0, OWNERS - 1);
			strcpy(order + seen * sizeof(name), dname_text(rrset.record[0]->owner));
		}
		if (first == NULL) {
			first = order;
		} else {
			assert_memory_equal(order, first, OWNERS * sizeof(name));
			free(order);
		}
		caaudit_view_free(view);
	}
	free(first);
	zone_free(&zone);
}

/* So many that a bucket is divided again; each tenth owner has several aliases, and repeats one. */
static void every_alias_of_a_larger_zone_is_found(void **state)
{
	(void)state;
	enum { OWNERS = 20000 };
	zone_t zone = zone_of_text(ZONE, SOA);
	char name[32];
	knot_dname_storage_t owner, target;
	for (unsigned i = 0; i < OWNERS; i++) {
		snprintf(name, sizeof(name), "h%u." ZONE, i);
		memcpy(owner, dname(name), knot_dname_size(dname(name)));
		for (unsigned j = 0; j < (i % 10 == 0 ? 4 : 1); j++) {
			snprintf(name, sizeof(name), "%c%u.%s", 'a' + j % 3, i,
			         i % 3 == 0 ? ZONE : "example.net.");
			memcpy(target, dname(name), knot_dname_size(dname(name)));
			zone_add(&zone, owner, KNOT_RRTYPE_CNAME, 100 - j, target,
			         (uint16_t)knot_dname_size(target));
		}
	}
	uint64_t random = 8659;
	for (unsigned round = 0; round < 2; round++) {
		caaudit_view_t *view = view_of_zone(&zone, ZONE);
		for (unsigned i = 0; i < OWNERS; i++) {
			snprintf(name, sizeof(name), "H%u." ZONE, i);
			caaudit_rrset_t rrset = caaudit_view_rrset(view, dname(name),
			                                           KNOT_RRTYPE_CNAME);
			assert_int_equal(rrset.count, i % 10 == 0 ? 3 : 1);
			for (unsigned j = 0; j < rrset.count; j++) {
				snprintf(name, sizeof(name), "%c%u.%s", 'a' + j, i,
				         i % 3 == 0 ? ZONE : "example.net.");
				assert_string_equal(dname_text(rrset.record[j]->rdata), name);
				// Of the first and the fourth the shorter TTL stays.
				assert_int_equal(rrset.record[j]->ttl,
				                 100 - (i % 10 == 0 && j == 0 ? 3 : j));
			}
		}
		snprintf(name, sizeof(name), "h%d." ZONE, OWNERS);
		assert_int_equal(caaudit_view_rrset(view, dname(name), KNOT_RRTYPE_CNAME).count, 0);
		caaudit_view_free(view);
		zone_shuffle(&zone, &random);
	}
	zone_free(&zone);
}

/* Whoever wants to can make names with one hash: a pair of labels at each of so many levels. */
static void names_with_the_same_hash_are_told_apart(void **state)
{
	(void)state;
	enum { LEVELS = 11, NAMES = 1 << LEVELS };
	static const uint8_t zone[] = "\7example\3com";
	static const uint8_t caa[] = "\0\5issuea.example";
	static uint8_t name[NAMES][LEVELS * (1 + COLLIDE_OCTETS) + sizeof(zone)];
	uint8_t label[LEVELS][2][1 + COLLIDE_OCTETS];
	uint64_t random = 4086, hash = HASH_SEED;
	for (unsigned i = 0; i < LEVELS; i++) { // From the apex down.
		hash = collide(hash, &random, label[i]);
	}
	for (unsigned i = 0; i < NAMES; i++) {
		uint8_t *at = name[i];
		for (unsigned j = LEVELS; j > 0; j--, at += sizeof(label[0][0])) {
			memcpy(at, label[j - 1][i >> (j - 1) & 1], sizeof(label[0][0]));
		}
		memcpy(at, zone, sizeof(zone));
	}
	caaudit_view_t *view = caaudit_view_new(no_policy(ZONE));
	add_soa(view);
	// Every second one is there, as CAA or as CNAME.
	for (unsigned i = 0; i < NAMES; i += 2) {
		uint16_t type = i % 4 == 0 ? CAA : KNOT_RRTYPE_CNAME;
		const uint8_t *rdata = type == CAA ? caa : name[i];
		size_t rdlen = type == CAA ? sizeof(caa) - 1 : sizeof(name[i]);
		add(view, name[i], type, i, rdata, (uint16_t)rdlen);
	}
	assert_int_equal(caaudit_view_finish(view), KNOT_EOK);
	for (unsigned i = 0; i < NAMES; i++) {
		knot_dname_t upper[sizeof(name[i])];
		for (size_t j = 0; j < sizeof(upper); j++) {
			bool letter = name[i][j] >= 'a' && name[i][j] <= 'z';
			upper[j] = name[i][j] - (letter ? 'a' - 'A' : 0);
		}
		assert_true(caaudit_view_exists(view, upper)); // The wrong hint: they do collide.
		for (unsigned j = 0; j < 2; j++) {
			caaudit_rrset_t rrset =
				caaudit_view_rrset(view, upper, j == 0 ? CAA : KNOT_RRTYPE_CNAME);
			bool there = i % 4 == 2 * j;
			assert_int_equal(rrset.count, there);
			assert_true(!there || rrset.record[0]->ttl == i);
		}
	}
	caaudit_view_free(view);
}

static void answers_stay_the_same_after_many_questions(void **state)
{
	(void)state;
	caaudit_view_t *view = caaudit_view_new(no_policy(ZONE));
	add_soa(view);
	for (unsigned i = 0; i < 300; i += 2) {
		add_numbered(view, i, i % 7);
	}
	assert_int_equal(caaudit_view_finish(view), KNOT_EOK);
	// The names are sorted only after some questions.
	for (unsigned i = 0; i < 300; i++) {
		assert_int_equal(caaudit_view_exists(view, dname(numbered(i, i % 7))), i % 2 == 0);
	}
	caaudit_view_free(view);

	view = view_of_text(ZONE, SOA);
	for (unsigned i = 0; i < 40; i++) {
		assert_false(caaudit_view_exists(view, dname("a.example.com.")));
		assert_true(caaudit_view_exists(view, dname(ZONE)));
	}
	caaudit_view_free(view);
}

/* --- A naive model ------------------------------------------------------------------------------ */

/*
 * Names are text, found by comparing ends of strings; every question goes over
 * all the records, from the apex down (RFC 1034 section 4.3.2).
 */

typedef struct {
	char owner[64];
	uint16_t type;
	char target[64]; /* For CNAME, DNAME, NS; the RDATA of CAA. */
} plain_t;

typedef struct {
	plain_t record[40];
	size_t count;
} plain_zone_t;

static bool ends_with(const char *name, const char *suffix)
{
	size_t len = strlen(name), cut = strlen(suffix);
	return len > cut && strcmp(name + len - cut, suffix) == 0 && name[len - cut - 1] == '.';
}

static bool at_or_below(const char *name, const char *above)
{
	return strcmp(name, above) == 0 || ends_with(name, above);
}

static bool plain_exists(const plain_zone_t *zone, const char *name)
{
	for (size_t i = 0; i < zone->count; i++) {
		const plain_t *r = &zone->record[i];
		if (r->type != KNOT_RRTYPE_RRSIG && r->type != KNOT_RRTYPE_NSEC3 &&
		    at_or_below(r->owner, name) && at_or_below(r->owner, ZONE)) {
			return true;
		}
	}
	return false;
}

static int rdata_cmp(const char *a, const char *b)
{
	const knot_dname_t *x = dname(a), *y = dname(b);
	size_t x_size = knot_dname_size(x), y_size = knot_dname_size(y);
	int ret = memcmp(x, y, x_size < y_size ? x_size : y_size);
	return ret != 0 ? ret : (int)x_size - (int)y_size;
}

/*! Number of different records, and the first of them in the order of the RDATA. */
static size_t plain_rrset(const plain_zone_t *zone, const char *owner, uint16_t type,
                          const plain_t **first)
{
	size_t count = 0;
	*first = NULL;
	for (size_t i = 0; i < zone->count; i++) {
		const plain_t *r = &zone->record[i];
		if (strcmp(r->owner, owner) != 0 || r->type != type) {
			continue;
		}
		bool again = false;
		for (size_t j = 0; j < i; j++) {
			const plain_t *earlier = &zone->record[j];
			again = again ||
			        (strcmp(earlier->owner, owner) == 0 && earlier->type == type &&
			         strcmp(earlier->target, r->target) == 0);
		}
		count += !again;
		if (*first == NULL || rdata_cmp(r->target, (*first)->target) < 0) {
			*first = r;
		}
	}
	return count;
}

typedef struct {
	caaudit_answer_t answer;
	char source[64];
	bool wildcard;
	size_t count;
	char target[128];
} plain_answer_t;

static bool plain_node(const plain_zone_t *zone, const char *owner, uint16_t type,
                       plain_answer_t *out)
{
	const plain_t *first;
	out->count = plain_rrset(zone, owner, KNOT_RRTYPE_CNAME, &first);
	out->answer = CAAUDIT_CNAME;
	if (type == KNOT_RRTYPE_CNAME || out->count == 0) {
		out->count = plain_rrset(zone, owner, type, &first);
		out->answer = CAAUDIT_ANSWER;
	}
	if (out->count == 0) {
		return false;
	}
	strcpy(out->source, owner);
	strcpy(out->target, out->answer == CAAUDIT_CNAME ? first->target : "");
	return true;
}

static void plain_lookup(const plain_zone_t *zone, const char *name, uint16_t type,
                         plain_answer_t *out)
{
	memset(out, 0, sizeof(*out));
	if (!at_or_below(name, ZONE)) {
		out->answer = CAAUDIT_OUTSIDE;
		return;
	}
	// Every ancestor from the apex down: those are the ends of the name after a dot.
	for (size_t cut = strlen(name) - strlen(ZONE) + 1; cut-- > 0;) {
		if (cut > 0 && name[cut - 1] != '.') {
			continue;
		}
		const char *node = name + cut;
		const plain_t *first;
		if (strcmp(node, ZONE) != 0 &&
		    plain_rrset(zone, node, KNOT_RRTYPE_NS, &first) > 0) {
			out->answer = CAAUDIT_DELEGATED;
			strcpy(out->source, node);
			return;
		}
		if (cut > 0 &&
		    (out->count = plain_rrset(zone, node, KNOT_RRTYPE_DNAME, &first)) > 0) {
			out->answer = CAAUDIT_DNAME;
			strcpy(out->source, node);
			snprintf(out->target, sizeof(out->target), "%.*s%s", (int)cut, name,
			         first->target);
			return;
		}
	}
	if (plain_node(zone, name, type, out)) {
		return;
	}
	if (plain_exists(zone, name) || strcmp(name, ZONE) == 0) {
		out->answer = CAAUDIT_NODATA;
		return;
	}
	const char *encloser = name;
	do {
		encloser = strchr(encloser, '.') + 1;
	} while (!plain_exists(zone, encloser) && strcmp(encloser, ZONE) != 0);
	char wildcard[128];
	snprintf(wildcard, sizeof(wildcard), "*.%s", encloser);
	if (plain_node(zone, wildcard, type, out)) {
		out->wildcard = true;
	} else {
		out->answer = plain_exists(zone, wildcard) ? CAAUDIT_NODATA : CAAUDIT_NXDOMAIN;
	}
}

/*! A name of at most "depth" of four labels below the apex, sometimes one outside. */
static void random_name(char *out, unsigned depth, bool outside, uint64_t *random)
{
	static const char *const labels[] = { "a.", "b.", "cc.", "*." };
	*out = '\0';
	for (unsigned i = zone_random(random) % (depth + 1); i > 0; i--) {
		strcat(out, labels[zone_random(random) % COUNT(labels)]);
	}
	strcat(out, outside && zone_random(random) % 16 == 0 ? "b.test." : ZONE);
}

static void random_zone(plain_zone_t *zone, uint64_t *random)
{
	// Mostly plain records, so that cuts do not hide everything.
	static const uint16_t types[] = {
		KNOT_RRTYPE_A,
		KNOT_RRTYPE_A,
		KNOT_RRTYPE_A,
		CAA,
		CAA,
		CAA,
		CAA,
		KNOT_RRTYPE_TXT,
		KNOT_RRTYPE_CNAME,
		KNOT_RRTYPE_CNAME,
		KNOT_RRTYPE_DNAME,
		KNOT_RRTYPE_NS,
		KNOT_RRTYPE_RRSIG,
		KNOT_RRTYPE_NSEC3,
	};
	zone->count = zone_random(random) % COUNT(zone->record);
	for (size_t i = 0; i < zone->count; i++) {
		plain_t *r = &zone->record[i];
		random_name(r->owner, 4, true, random);
		r->type = types[zone_random(random) % COUNT(types)];
		random_name(r->target, 2, true, random);
	}
}

static caaudit_view_t *view_of_plain(const plain_zone_t *plain, uint64_t *random)
{
	zone_t zone = zone_of_text(ZONE, SOA);
	for (size_t i = 0; i < plain->count; i++) {
		const plain_t *r = &plain->record[i];
		knot_dname_storage_t owner, target;
		knot_dname_from_str(owner, r->owner, sizeof(owner));
		knot_dname_from_str(target, r->target, sizeof(target));
		for (size_t j = 1; zone_random(random) % 2 == 0 && j <= owner[0]; j++) {
			owner[j] &= owner[j] == '*' ? 0xff : 0xdf; // Sometimes in upper case.
		}
		zone_add(&zone, owner, r->type, 1, target, knot_dname_size(target));
	}
	zone_shuffle(&zone, random);
	caaudit_view_t *view = view_of_zone(&zone, ZONE);
	zone_free(&zone);
	return view;
}

static void print_plain(const plain_zone_t *zone)
{
	for (size_t i = 0; i < zone->count; i++) {
		print_error("%s TYPE%u %s\n", zone->record[i].owner, zone->record[i].type,
		            zone->record[i].target);
	}
}

static void check_against_model(const caaudit_view_t *view, const plain_zone_t *zone,
                                const char *name, uint16_t type)
{
	plain_answer_t expected;
	plain_lookup(zone, name, type, &expected);
	caaudit_lookup_t out;
	caaudit_view_lookup(view, dname(name), type, &out);
	const char *source = out.source == NULL ? "" : dname_text(out.source);
	bool alias = expected.answer == CAAUDIT_CNAME || expected.answer == CAAUDIT_DNAME;
	bool same = out.answer == expected.answer && strcmp(source, expected.source) == 0 &&
	            out.wildcard == expected.wildcard && out.rrset.count == expected.count &&
	            (!alias || strcmp(dname_text(out.target), expected.target) == 0);
	bool exists = strcmp(name, ZONE) == 0 ||
	              (at_or_below(name, ZONE) && plain_exists(zone, name));
	if (!same || caaudit_view_exists(view, dname(name)) != exists) {
		print_plain(zone);
		print_error("%s TYPE%u: %s %s, not %s %s\n", name, type, answers[out.answer],
		            source, answers[expected.answer], expected.source);
		fail();
	}
}

static void random_zones_are_answered_as_by_the_model(void **state)
{
	(void)state;
	static const uint16_t types[] = { CAA, KNOT_RRTYPE_CNAME, KNOT_RRTYPE_DNAME };
	uint64_t random = 4592;
	for (unsigned round = 0; round < 3000; round++) {
		plain_zone_t zone;
		random_zone(&zone, &random);
		caaudit_view_t *view = view_of_plain(&zone, &random);
		for (unsigned i = 0; i < 60; i++) {
			char name[64];
			random_name(name, 5, true, &random);
			check_against_model(view, &zone, name,
			                    types[zone_random(&random) % COUNT(types)]);
		}
		caaudit_view_free(view);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_answered_as_the_server_does),
		cmocka_unit_test(wildcards_answer_as_in_rfc_4592),
		cmocka_unit_test(wildcards_of_other_kinds),
		cmocka_unit_test(cuts_hide_what_is_below_them),
		cmocka_unit_test(dnames_substitute_as_in_rfc_6672),
		cmocka_unit_test(dnames_rank_between_cuts_and_aliases),
		cmocka_unit_test(a_substituted_name_has_255_octets_at_most),
		cmocka_unit_test(names_of_255_octets_and_127_labels_are_found),
		cmocka_unit_test(a_wildcard_too_long_to_exist_is_not_looked_for),
		cmocka_unit_test(the_root_can_be_a_zone),
		cmocka_unit_test(labels_may_hold_any_octet),
		cmocka_unit_test(a_chain_ends_where_the_answer_is),
		cmocka_unit_test(eleven_aliases_are_followed),
		cmocka_unit_test(a_chain_may_become_too_long_a_name),
		cmocka_unit_test(duplicates_are_merged_and_sorted),
		cmocka_unit_test(names_in_rdata_are_the_same_in_any_case),
		cmocka_unit_test(of_duplicates_the_shortest_ttl_stays),
		cmocka_unit_test(records_outside_the_zone_are_dropped),
		cmocka_unit_test(walking_over_a_type_meets_every_rrset_once),
		cmocka_unit_test(of_the_aliases_a_walk_shows_what_may_be_a_validation),
		cmocka_unit_test(of_the_texts_those_of_validations_are_stored),
		cmocka_unit_test(in_the_zone_of_a_ca_an_alias_may_be_a_validation),
		cmocka_unit_test(occlusion_is_told_for_any_name),
		cmocka_unit_test(remembering_the_last_owner_loses_no_name),
		cmocka_unit_test(remembering_the_last_owner_mixes_no_records),
		cmocka_unit_test(a_zone_has_one_soa_record_at_its_apex),
		cmocka_unit_test(the_serial_is_that_of_the_soa),
		cmocka_unit_test(malformed_names_in_rdata_are_refused),
		cmocka_unit_test(caa_may_have_any_rdata),
		cmocka_unit_test(the_zone_name_is_kept_in_lower_case),
		cmocka_unit_test(a_million_repeated_or_different_names_are_kept),
		cmocka_unit_test(every_name_of_a_larger_zone_is_found),
		cmocka_unit_test(every_alias_of_a_larger_zone_is_found),
		cmocka_unit_test(names_with_the_same_hash_are_told_apart),
		cmocka_unit_test(answers_stay_the_same_after_many_questions),
		cmocka_unit_test(random_zones_are_answered_as_by_the_model),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
