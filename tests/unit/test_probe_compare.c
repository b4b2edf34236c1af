/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Columns that are put together by hand: which answer is the reference, and who is at fault. */

#include "test.h"

#include <libknot/codes.h>
#include <libknot/descriptor.h>

#include "probe.h"

#define SERVERS 6

static probe_server_t server[SERVERS];

/*! A zone with servers that all answer every question, with serial 7. */
static probe_zone_t *sound(size_t count)
{
	probe_zone_t *zone = probe_zone_new(dname(ZONE));
	assert_non_null(zone);
	assert_int_equal(probe_zone_ask_climb(zone, dname("www.example.com.")), KNOT_EOK);
	for (size_t i = 0; i < count; i++) {
		server[i] = (probe_server_t){
			.edns = PROBE_EDNS_FINE,
			.tcp_asked = true,
			.tcp = PROBE_ANSWERED,
		};
		snprintf(server[i].label, sizeof(server[i].label), "192.0.2.%zu", i + 1);
		probe_column_t *column = probe_zone_add(zone, &server[i]);
		assert_non_null(column);
		column->state = PROBE_COLUMN_GOOD;
		column->has_serial = true;
		column->serial = column->serial_max = 7;
		for (size_t j = 0; j < zone->question_count; j++) {
			column->answer[j] = (probe_answer_t){
				.outcome = PROBE_ANSWERED,
				.said = PROBE_SAID_NODATA,
				.size = 100,
				.tries = 1,
				.aa = true,
				.edns = true,
			};
		}
	}
	return zone;
}

static size_t row(const probe_zone_t *zone, const char *name, uint16_t type)
{
	size_t i = probe_zone_find(zone, dname(name), type, false);
	assert_true(i < zone->question_count);
	return i;
}

/*! Lets a server answer CAA of the zone with these values. */
static void set_caa(probe_zone_t *zone, size_t column, const char *text)
{
	zone_t parsed = zone_of_text(ZONE, text);
	caaudit_record_t record[8];
	for (size_t i = 0; i < parsed.count; i++) {
		record[i] = (caaudit_record_t){
			.owner = parsed.record[i].owner,
			.rdata = parsed.record[i].rdata,
			.type = parsed.record[i].type,
			.ttl = parsed.record[i].ttl,
			.rdlen = parsed.record[i].rdlen,
		};
	}
	probe_answer_t *answer = &zone->column[column].answer[PROBE_ROW_CAA];
	answer->said = parsed.count > 0 ? PROBE_SAID_DATA : PROBE_SAID_NODATA;
	assert_int_equal(probe_answer_set(answer, record, parsed.count, parsed.count, NULL),
	                 KNOT_EOK);
	zone_free(&parsed);
}

/*! Compares, and expects findings such as "probe-serial-behind warning 2". */
static void expect(probe_zone_t *zone, const char *expected)
{
	probe_result_t result;
	char said[1024] = "";
	assert_int_equal(probe_compare(zone, &result), KNOT_EOK);
	for (size_t i = 0; i < result.finding_count; i++) {
		const probe_finding_t *finding = &result.finding[i];
		size_t len = strlen(said);
		snprintf(said + len, sizeof(said) - len, "%s%s %s", len > 0 ? "; " : "",
		         caaudit_finding_info(finding->id)->id,
		         caaudit_severity_name(finding->severity));
		for (size_t j = 0; j < finding->column_count; j++) {
			len = strlen(said);
			snprintf(said + len, sizeof(said) - len, " %zu", finding->column[j] + 1);
		}
		assert_non_null(finding->text);
	}
	assert_string_equal(said, expected);
	probe_result_clear(&result);
}

static void expect_alike(probe_zone_t *zone, size_t alike, size_t asked, size_t reference)
{
	probe_result_t result;
	assert_int_equal(probe_compare(zone, &result), KNOT_EOK);
	assert_int_equal(result.alike, alike);
	assert_int_equal(result.asked, asked);
	assert_int_equal(result.reference[PROBE_ROW_CAA], reference);
	probe_result_clear(&result);
}

#define ONE   "@ CAA 0 issue \"a.example\"\n"
#define SIG   "@ RRSIG CAA 13 2 3600 20300101000000 20200101000000 1 @ "
#define OTHER "@ CAA 0 issue \"b.example\"\n"

static void what_most_say_is_the_reference(void **state)
{
	(void)state;
	static const struct {
		const char *what, *caa[4];
		const char *expected;
		size_t alike, reference;
	} tests[] = {
		{ "all alike", { ONE, ONE, ONE, ONE }, "", 4, 0 },
		{ "order and TTL do not count",
		  { ONE OTHER, OTHER ONE, "@ 60 CAA 0 issue \"a.example\"\n" OTHER,
		    OTHER "@ 9 CAA 0 issue \"a.example\"\n" },
		  "",
		  4,
		  0 },
		{ "signatures of two signers",
		  { ONE SIG "a2V5\n", ONE SIG "a2V6\n", ONE, ONE SIG "a2V5\n" },
		  "",
		  4,
		  0 },
		{ "the last", { ONE, ONE, ONE, OTHER }, "probe-answers-differ error 4", 3, 0 },
		{ "the first", { OTHER, ONE, ONE, ONE }, "probe-answers-differ error 1", 3, 1 },
		{ "a tie: the first",
		  { ONE, ONE, OTHER, OTHER },
		  "probe-answers-differ error 3 4",
		  2,
		  0 },
		{ "each otherwise",
		  { ONE, OTHER, "@ CAA 0 iodef \"mailto:a@b.c\"\n", "" },
		  "probe-answers-differ error 2; probe-answers-differ error 3; probe-answers-differ error 4",
		  1,
		  0 },
		{ "one record more",
		  { ONE, ONE, ONE OTHER, ONE },
		  "probe-answers-differ error 3",
		  3,
		  0 },
		{ "none at one", { ONE, ONE, "", ONE }, "probe-answers-differ error 3", 3, 0 },
		{ "case of the value",
		  { ONE, ONE, "@ CAA 0 issue \"A.example\"\n", ONE },
		  "probe-answers-differ error 3",
		  3,
		  0 },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].what);
		probe_zone_t *zone = sound(4);
		for (size_t j = 0; j < 4; j++) {
			set_caa(zone, j, tests[i].caa[j]);
		}
		expect(zone, tests[i].expected);
		expect_alike(zone, tests[i].alike, 4, tests[i].reference);
		probe_zone_free(zone);
	}
}

static void serials_are_compared_as_rfc_1982_says(void **state)
{
	(void)state;
	static const struct {
		uint32_t first, second;
		const char *expected;
	} tests[] = {
		{ 7, 7, "" },
		{ 7, 8, "probe-serial-behind warning 1" },
		{ 8, 7, "probe-serial-behind warning 2" },
		{ UINT32_MAX, 0, "probe-serial-behind warning 1" },
		{ 0, UINT32_MAX, "probe-serial-behind warning 2" },
		{ 1, INT32_MAX, "probe-serial-behind warning 1" },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%u and %u\n", tests[i].first, tests[i].second);
		probe_zone_t *zone = sound(2);
		zone->column[0].serial = zone->column[0].serial_max = tests[i].first;
		zone->column[1].serial = zone->column[1].serial_max = tests[i].second;
		expect(zone, tests[i].expected);
		probe_zone_free(zone);
	}
	/* Several machines behind one address. */
	probe_zone_t *zone = sound(3);
	zone->column[1].serial = 6;
	expect(zone, "probe-serial-behind warning 2");
	probe_zone_free(zone);
}

static void who_lags_is_not_blamed_twice(void **state)
{
	(void)state;
	probe_zone_t *zone = sound(3);
	for (size_t i = 0; i < 3; i++) {
		set_caa(zone, i, i == 1 ? OTHER : ONE);
	}
	zone->column[1].serial = 6;
	expect(zone, "probe-serial-behind error 2");
	/* Two that lag are no majority against one that does not. */
	zone->column[2].serial = 6;
	set_caa(zone, 2, OTHER);
	expect(zone, "probe-serial-behind error 2 3");
	expect_alike(zone, 1, 3, 0);
	probe_zone_free(zone);
}

static void the_zone_itself_is_the_reference(void **state)
{
	(void)state;
	probe_zone_t *zone = sound(3);
	server[0].kind = PROBE_ZONE;
	set_caa(zone, 0, ONE);
	set_caa(zone, 1, OTHER);
	set_caa(zone, 2, OTHER);
	expect(zone, "probe-answers-differ error 2 3");
	expect_alike(zone, 0, 2, 0);
	/* A file may have an older serial than the zone that the server signs. */
	zone->column[0].serial = zone->column[0].serial_max = 6;
	set_caa(zone, 0, OTHER);
	expect(zone, "");
	/* A newer one is not served yet. */
	zone->column[0].serial = zone->column[0].serial_max = 8;
	expect(zone, "probe-serial-behind warning 2 3");
	probe_zone_free(zone);
}

static void resolvers_are_compared_with_servers(void **state)
{
	(void)state;
	probe_zone_t *zone = sound(3);
	server[1].kind = server[2].kind = PROBE_RESOLVER;
	set_caa(zone, 0, ONE);
	set_caa(zone, 1, OTHER);
	set_caa(zone, 2, OTHER);
	zone->column[1].serial = zone->column[2].serial = 3;
	zone->column[1].serial_max = zone->column[2].serial_max = 3;
	expect(zone, "probe-answers-differ warning 2 3");
	expect_alike(zone, 1, 3, 0);
	probe_zone_free(zone);
}

static void what_need_not_be_the_same_is_not_compared(void **state)
{
	(void)state;
	probe_zone_t *zone = sound(3);
	size_t caa = row(zone, "www.example.com.", KNOT_RRTYPE_CAA);
	size_t a = row(zone, "www.example.com.", KNOT_RRTYPE_A);
	/* A server of parent and child answers from the child. */
	zone->column[1].answer[caa].said = PROBE_SAID_REFERRAL;
	expect(zone, "");
	/* An alias within the zone need not be followed. */
	zone->column[1].answer[caa].said = PROBE_SAID_ALIAS;
	zone->column[1].answer[caa].open = true;
	expect(zone, "");
	zone->column[1].answer[caa].open = false;
	expect(zone, "probe-answers-differ error 2");
	zone->column[1].answer[caa].said = PROBE_SAID_NODATA;
	/* Addresses may depend on who asks. */
	zone->column[1].answer[a].said = PROBE_SAID_NXDOMAIN;
	expect(zone, "");
	/* A name that is there at one server, and not at another. */
	zone->column[1].answer[caa].said = PROBE_SAID_NXDOMAIN;
	expect(zone, "probe-answers-differ error 2");
	probe_zone_free(zone);
}

static void types_are_dropped_if_others_are_answered(void **state)
{
	(void)state;
	probe_zone_t *zone = sound(2);
	size_t www = row(zone, "www.example.com.", KNOT_RRTYPE_CAA);
	probe_answer_t *answer = zone->column[1].answer;
	/* One of two is a loss, all are a filter. */
	answer[PROBE_ROW_CAA].outcome = PROBE_SILENT;
	expect(zone, "probe-udp-limited warning 2");
	answer[www].outcome = PROBE_SILENT;
	expect(zone, "probe-type-dropped error 2");
	/* Without a control nobody can tell. */
	answer[PROBE_ROW_A].outcome = PROBE_SILENT;
	answer[row(zone, "www.example.com.", KNOT_RRTYPE_A)].outcome = PROBE_SILENT;
	expect(zone, "probe-udp-limited warning 2");
	answer[PROBE_ROW_A].outcome = PROBE_ANSWERED;
	answer[row(zone, "www.example.com.", KNOT_RRTYPE_A)].outcome = PROBE_ANSWERED;
	/* An error is no better than silence, for one question or for all. */
	answer[PROBE_ROW_CAA] = answer[www] = (probe_answer_t){
		.outcome = PROBE_ANSWERED,
		.said = PROBE_SAID_ERROR,
		.rcode = KNOT_RCODE_NOTIMPL,
	};
	expect(zone, "probe-type-dropped error 2");
	answer[www].said = PROBE_SAID_NODATA;
	expect(zone, "probe-server-lame warning 2");
	/* Any other type as well. */
	answer[PROBE_ROW_CAA].said = PROBE_SAID_NODATA;
	answer[PROBE_ROW_DNSKEY].outcome = PROBE_SILENT;
	expect(zone, "probe-type-dropped error 2");
	probe_zone_free(zone);
}

static void truncation_is_needless_up_to_512_octets(void **state)
{
	(void)state;
	for (uint32_t size = PROBE_UDP_LEAST - 1; size <= PROBE_UDP_LEAST + 1; size++) {
		probe_zone_t *zone = sound(2);
		probe_answer_t *answer = &zone->column[0].answer[PROBE_ROW_CAA];
		answer->cut = answer->tcp = true;
		answer->size = size;
		expect(zone, size <= PROBE_UDP_LEAST ? "probe-udp-limited warning 1" : "");
		probe_zone_free(zone);
	}
}

static void tcp_is_an_error_where_it_is_needed(void **state)
{
	(void)state;
	probe_zone_t *zone = sound(2);
	server[0].tcp = PROBE_CLOSED;
	expect(zone, "probe-tcp-refused warning 1");
	probe_answer_t *answer = &zone->column[0].answer[PROBE_ROW_CAA];
	answer->outcome = PROBE_CLOSED;
	answer->cut = true;
	expect(zone, "probe-tcp-refused error 1");
	/* What this host cannot send is no fault of the server. */
	server[0].tcp = PROBE_LOCAL;
	answer->outcome = PROBE_LOCAL;
	expect(zone, "");
	probe_zone_free(zone);
}

static void edns_is_an_error_where_the_zone_is_signed(void **state)
{
	(void)state;
	static const probe_edns_t broken[] = { PROBE_EDNS_STRIPPED, PROBE_EDNS_ERROR,
		                               PROBE_EDNS_SILENT };
	for (size_t i = 0; i < COUNT(broken); i++) {
		probe_zone_t *zone = sound(2);
		server[1].edns = broken[i];
		expect(zone, "probe-edns-broken warning 2");
		zone->column[0].answer[PROBE_ROW_DNSKEY].said = PROBE_SAID_DATA;
		zone->column[1].answer[PROBE_ROW_DNSKEY].said = PROBE_SAID_DATA;
		expect(zone, "probe-edns-broken error 2");
		probe_zone_free(zone);
	}
}

static void servers_that_do_not_serve(void **state)
{
	(void)state;
	static const struct {
		probe_column_state_t state;
		probe_outcome_t outcome;
		const char *expected;
	} tests[] = {
		{ PROBE_COLUMN_DEAD, PROBE_SILENT, "probe-server-silent warning 2" },
		{ PROBE_COLUMN_DEAD, PROBE_CLOSED, "probe-server-silent warning 2" },
		{ PROBE_COLUMN_DEAD, PROBE_UNREACHABLE, "probe-server-silent warning 2" },
		{ PROBE_COLUMN_DEAD, PROBE_GARBAGE, "probe-server-silent warning 2" },
		{ PROBE_COLUMN_DEAD, PROBE_LOCAL, "" },
		{ PROBE_COLUMN_SKIPPED, PROBE_UNASKED, "probe-server-silent warning 2" },
		{ PROBE_COLUMN_LAME, PROBE_ANSWERED, "probe-server-lame warning 2" },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		probe_zone_t *zone = sound(3);
		zone->column[1].state = tests[i].state;
		for (size_t j = 0; j < zone->question_count; j++) {
			zone->column[1].answer[j].outcome = PROBE_UNASKED;
		}
		zone->column[1].answer[PROBE_ROW_SOA].outcome = tests[i].outcome;
		zone->column[1].answer[PROBE_ROW_SOA].said = PROBE_SAID_LAME;
		server[1].tcp_asked = false;
		expect(zone, tests[i].expected);
		expect_alike(zone, 2, 3, 0);
		probe_zone_free(zone);
	}
}

static void negative_answers_need_a_soa_record(void **state)
{
	(void)state;
	probe_zone_t *zone = sound(2);
	zone->column[1].answer[PROBE_ROW_CAA].no_soa = true;
	expect(zone, "probe-negative-without-soa warning 2");
	server[1].kind = PROBE_RESOLVER;
	expect(zone, "");
	probe_zone_free(zone);
}

static void questions_are_asked_once(void **state)
{
	(void)state;
	probe_zone_t *zone = sound(1);
	size_t count = zone->question_count;
	assert_int_equal(probe_zone_ask(zone, dname("WWW.Example.com."), KNOT_RRTYPE_CAA, false,
	                                PROBE_FOR_ALIAS),
	                 KNOT_EOK);
	assert_int_equal(zone->question_count, count);
	assert_int_equal(zone->question[row(zone, "www.example.com.", KNOT_RRTYPE_CAA)].purpose,
	                 PROBE_FOR_CLIMB | PROBE_FOR_ALIAS);
	assert_int_equal(probe_zone_ask(zone, dname("www.example.net."), KNOT_RRTYPE_CAA, false, 1),
	                 KNOT_ERANGE);
	/* The climb: a.b and b are new, the zone is there; two names have a control. */
	assert_int_equal(probe_zone_ask_climb(zone, dname("a.b.example.com.")), KNOT_EOK);
	assert_int_equal(zone->question_count, count + 2);
	/* Room for answers grows with the questions. */
	for (unsigned i = 0; i < 100; i++) {
		char name[64];
		snprintf(name, sizeof(name), "h%u.example.com.", i);
		assert_int_equal(probe_zone_ask(zone, dname(name), KNOT_RRTYPE_CAA, false, 1),
		                 KNOT_EOK);
	}
	assert_int_equal(zone->column[0].answer[zone->question_count - 1].outcome, PROBE_UNASKED);
	probe_zone_free(zone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_most_say_is_the_reference),
		cmocka_unit_test(serials_are_compared_as_rfc_1982_says),
		cmocka_unit_test(who_lags_is_not_blamed_twice),
		cmocka_unit_test(the_zone_itself_is_the_reference),
		cmocka_unit_test(resolvers_are_compared_with_servers),
		cmocka_unit_test(what_need_not_be_the_same_is_not_compared),
		cmocka_unit_test(types_are_dropped_if_others_are_answered),
		cmocka_unit_test(truncation_is_needless_up_to_512_octets),
		cmocka_unit_test(tcp_is_an_error_where_it_is_needed),
		cmocka_unit_test(edns_is_an_error_where_the_zone_is_signed),
		cmocka_unit_test(servers_that_do_not_serve),
		cmocka_unit_test(negative_answers_need_a_soa_record),
		cmocka_unit_test(questions_are_asked_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
