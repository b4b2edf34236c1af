/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Queries as the manual promises them, and answers octet by octet. */

#include "test.h"

#include <libknot/codes.h>
#include <libknot/descriptor.h>
#include <libknot/wire.h>

#include "denial.h"
#include "packet.h"

#define HEADER 12
#define ID     0x1234

/*! A message that is put together from records in zone file form. */
typedef struct {
	uint8_t wire[UINT16_MAX];
	size_t size;
	knot_dname_storage_t name;
	packet_query_t query;
} message_t;

static void put(message_t *message, const void *data, size_t size)
{
	memcpy(message->wire + message->size, data, size);
	message->size += size;
}

static void put_u16(message_t *message, uint16_t number)
{
	uint8_t wire[2];
	knot_wire_write_u16(wire, number);
	put(message, wire, sizeof(wire));
}

static void put_records(message_t *message, const char *text, size_t count_at)
{
	zone_t zone = zone_of_text(ZONE, text);
	for (size_t i = 0; i < zone.count; i++) {
		const zone_record_t *record = &zone.record[i];
		put(message, record->owner, knot_dname_size(record->owner));
		put_u16(message, record->type);
		put_u16(message, KNOT_CLASS_IN);
		put_u16(message, 0);
		put_u16(message, record->ttl);
		put_u16(message, record->rdlen);
		put(message, record->rdata, record->rdlen);
	}
	knot_wire_write_u16(message->wire + count_at, zone.count);
	zone_free(&zone);
}

/*! An answer with these flags and sections. */
static message_t *make(const char *name, uint16_t type, uint16_t flags, const char *answer,
                       const char *authority)
{
	static message_t message;
	memset(&message, 0, HEADER);
	message.size = HEADER;
	knot_wire_write_u16(message.wire, ID);
	knot_wire_write_u16(message.wire + 2, flags);
	knot_wire_write_u16(message.wire + 4, 1);
	memcpy(message.name, dname(name), knot_dname_size(dname(name)));
	put(&message, message.name, knot_dname_size(message.name));
	put_u16(&message, type);
	put_u16(&message, KNOT_CLASS_IN);
	put_records(&message, answer, 6);
	put_records(&message, authority, 8);
	message.query = (packet_query_t){
		.zone = dname(ZONE),
		.name = message.name,
		.type = type,
		.id = ID,
		.edns = true,
	};
	return &message;
}

static int read_message(const message_t *message, probe_answer_t *answer, probe_refused_t *refused)
{
	/* In a block of its size, so that a sanitizer sees what is read beyond it. */
	uint8_t *wire = malloc(message->size + 1);
	assert_non_null(wire);
	memcpy(wire, message->wire, message->size);
	int ret = packet_read(&message->query, wire, message->size, answer, refused);
	free(wire);
	return ret;
}

static probe_answer_t must_read(const message_t *message)
{
	probe_answer_t answer;
	probe_refused_t refused;
	assert_int_equal(read_message(message, &answer, &refused), KNOT_EOK);
	assert_int_equal(answer.outcome, PROBE_ANSWERED);
	return answer;
}

static void queries_are_as_the_manual_says(void **state)
{
	(void)state;
	uint8_t wire[PACKET_QUERY_MAX];
	packet_query_t query = {
		.name = dname("www.example.com."),
		.type = KNOT_RRTYPE_CAA,
		.id = ID,
		.edns = true,
	};
	static const uint8_t expected[] = "\x12\x34\0\0\0\1\0\0\0\0\0\1"
					  "\3www\7example\3com\0\1\1\0\1"
					  "\0\0\x29\x04\xd0\0\0\x80\0\0\0";
	size_t size = packet_write(&query, wire);
	assert_int_equal(size, sizeof(expected) - 1);
	assert_memory_equal(wire, expected, size);

	query.edns = false;
	assert_int_equal(packet_write(&query, wire), size - 11);
	assert_int_equal(wire[11], 0);
	query.resolver = true;
	packet_write(&query, wire);
	assert_int_equal(wire[2], 1); /* RD */

	/* The longest name there is. */
	char name[KNOT_DNAME_TXT_MAXLEN];
	memset(name, 'a', sizeof(name));
	for (size_t i = 63; i < 254; i += 64) {
		name[i] = '.';
	}
	name[253] = '.';
	name[254] = '\0';
	query.name = dname(name);
	query.edns = true;
	assert_int_equal(knot_dname_size(query.name), 255);
	assert_int_equal(packet_write(&query, wire), PACKET_QUERY_MAX);
}

static void answers_are_told_apart(void **state)
{
	(void)state;
	static const struct {
		const char *what, *name;
		uint16_t type, flags;
		const char *answer, *authority;
		probe_said_t said;
		size_t answers, records;
		bool open, no_soa, serial;
	} tests[] = {
		{ "data", "www.example.com.", KNOT_RRTYPE_CAA, 0x8400, "www CAA 0 issue \"a\"\n",
		  "", PROBE_SAID_DATA, 1, 1, false, false, false },
		{ "no data", "www.example.com.", KNOT_RRTYPE_CAA, 0x8400, "", SOA,
		  PROBE_SAID_NODATA, 0, 1, false, false, true },
		{ "no data, no SOA", "www.example.com.", KNOT_RRTYPE_CAA, 0x8400, "", "",
		  PROBE_SAID_NODATA, 0, 0, false, true, false },
		{ "no name", "www.example.com.", KNOT_RRTYPE_CAA, 0x8403, "", SOA,
		  PROBE_SAID_NXDOMAIN, 0, 1, false, false, true },
		{ "no name, no SOA", "www.example.com.", KNOT_RRTYPE_CAA, 0x8403, "", "",
		  PROBE_SAID_NXDOMAIN, 0, 0, false, true, false },
		{ "SOA of the zone above", "www.example.com.", KNOT_RRTYPE_CAA, 0x8400, "",
		  "com. SOA a. b. 9 1 1 1 1\n", PROBE_SAID_NODATA, 0, 0, false, true, false },
		{ "SOA of the zone below", "www.sub.example.com.", KNOT_RRTYPE_CAA, 0x8400, "",
		  "sub SOA a. b. 9 1 1 1 1\n", PROBE_SAID_REFERRAL, 0, 1, false, false, false },
		{ "SOA of a name beside", "www.example.com.", KNOT_RRTYPE_CAA, 0x8400, "",
		  "sub SOA a. b. 9 1 1 1 1\n", PROBE_SAID_NODATA, 0, 1, false, true, false },
		{ "referral", "www.sub.example.com.", KNOT_RRTYPE_CAA, 0x8000, "",
		  "sub NS ns.example.net.\n", PROBE_SAID_REFERRAL, 0, 1, false, false, false },
		{ "referral upwards", "www.example.com.", KNOT_RRTYPE_CAA, 0x8000, "",
		  "com. NS ns.example.net.\n", PROBE_SAID_LAME, 0, 0, false, false, false },
		{ "no AA", "www.example.com.", KNOT_RRTYPE_CAA, 0x8000, "www CAA 0 issue \"a\"\n",
		  "", PROBE_SAID_LAME, 1, 1, false, false, false },
		{ "error", "www.example.com.", KNOT_RRTYPE_CAA, 0x8005, "", "", PROBE_SAID_ERROR, 0,
		  0, false, false, false },
		{ "truncated", "www.example.com.", KNOT_RRTYPE_CAA, 0x8600, "", "", PROBE_SAID_CUT,
		  0, 0, false, false, false },
		{ "alias", "www.example.com.", KNOT_RRTYPE_CAA, 0x8400,
		  "www CNAME web\nweb CAA 0 issue \"a\"\n", "", PROBE_SAID_DATA, 2, 2, false, false,
		  false },
		{ "alias without CAA", "www.example.com.", KNOT_RRTYPE_CAA, 0x8400,
		  "www CNAME web\n", SOA, PROBE_SAID_NODATA, 1, 2, false, false, true },
		{ "alias that is not followed", "www.example.com.", KNOT_RRTYPE_CAA, 0x8400,
		  "www CNAME web\n", "", PROBE_SAID_ALIAS, 1, 1, true, false, false },
		{ "alias out of the zone", "www.example.com.", KNOT_RRTYPE_CAA, 0x8400,
		  "www CNAME web.example.net.\nweb.example.net. CAA 0 issue \"a\"\n", "",
		  PROBE_SAID_ALIAS, 1, 1, false, false, false },
		{ "alias asked for", "www.example.com.", KNOT_RRTYPE_CNAME, 0x8400,
		  "www CNAME web\nweb CAA 0 issue \"a\"\n", "", PROBE_SAID_DATA, 1, 1, false, false,
		  false },
		{ "alias below a DNAME", "www.d.example.com.", KNOT_RRTYPE_CAA, 0x8400,
		  "d DNAME e\nwww.d CNAME www.e\nwww.e CAA 0 issue \"a\"\n", "", PROBE_SAID_DATA, 3,
		  3, false, false, false },
		{ "alias to a delegation", "www.example.com.", KNOT_RRTYPE_CAA, 0x8400,
		  "www CNAME x.sub\n", "sub NS ns.example.net.\n", PROBE_SAID_REFERRAL, 1, 2, false,
		  false, false },
		{ "the zone itself", "example.com.", KNOT_RRTYPE_SOA, 0x8400, SOA, "",
		  PROBE_SAID_DATA, 1, 1, false, false, true },
		{ "records of others", "www.example.com.", KNOT_RRTYPE_CAA, 0x8400,
		  "www CAA 0 issue \"a\"\nother CAA 0 issue \"b\"\nexample.net. CAA 0 issue \"c\"\nwww A "
		  "192.0.2.1\n",
		  "example.net. NS a.\nwww A 192.0.2.1\n@ NS ns\n", PROBE_SAID_DATA, 1, 2, false,
		  false, false },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].what);
		probe_answer_t answer = must_read(make(tests[i].name, tests[i].type, tests[i].flags,
		                                       tests[i].answer, tests[i].authority));
		assert_int_equal(answer.said, tests[i].said);
		assert_int_equal(answer.answer_count, tests[i].answers);
		assert_int_equal(answer.record_count, tests[i].records);
		assert_int_equal(answer.open, tests[i].open);
		assert_int_equal(answer.no_soa, tests[i].no_soa);
		assert_int_equal(answer.has_serial, tests[i].serial);
		assert_int_equal(answer.serial, tests[i].serial ? 7 : 0);
		probe_answer_clear(&answer);
	}
}

static void resolvers_need_no_authority(void **state)
{
	(void)state;
	message_t *message = make("www.example.com.", KNOT_RRTYPE_CAA, 0x8180,
	                          "www CAA 0 issue \"a\"\n", "");
	message->query.resolver = true;
	probe_answer_t answer = must_read(message);
	assert_int_equal(answer.said, PROBE_SAID_DATA);
	assert_true(answer.ra);
	probe_answer_clear(&answer);
}

static void aliases_are_followed_sixteen_times(void **state)
{
	(void)state;
	for (unsigned aliases = CAAUDIT_ALIASES_MAX - 1; aliases <= CAAUDIT_ALIASES_MAX + 1;
	     aliases++) {
		char text[4096] = "";
		size_t len = 0;
		for (unsigned i = 0; i < aliases; i++) {
			len += snprintf(text + len, sizeof(text) - len, "a%u CNAME a%u\n", i,
			                i + 1);
		}
		snprintf(text + len, sizeof(text) - len, "a%u CAA 0 issue \"a\"\n", aliases);
		probe_answer_t answer = must_read(
			make("a0.example.com.", KNOT_RRTYPE_CAA, 0x8400, text, ""));
		assert_int_equal(answer.said, aliases <= CAAUDIT_ALIASES_MAX ? PROBE_SAID_DATA :
		                                                               PROBE_SAID_ALIAS);
		probe_answer_clear(&answer);
	}
	/* In a circle they end as well. */
	probe_answer_t answer = must_read(
		make("a.example.com.", KNOT_RRTYPE_CAA, 0x8400, "a CNAME b\nb CNAME a\n", ""));
	assert_int_equal(answer.said, PROBE_SAID_ALIAS);
	probe_answer_clear(&answer);
}

static void every_cut_of_a_message_is_refused(void **state)
{
	(void)state;
	message_t *message = make("www.example.com.", KNOT_RRTYPE_CAA, 0x8400,
	                          "www CAA 0 issue \"a\"\n", SOA);
	size_t size = message->size;
	for (message->size = 0; message->size <= size + 1; message->size++) {
		probe_answer_t answer;
		probe_refused_t refused = PROBE_REFUSED__COUNT;
		int ret = read_message(message, &answer, &refused);
		assert_int_equal(ret, message->size == size ? KNOT_EOK : KNOT_EMALF);
		if (ret == KNOT_EOK) {
			probe_answer_clear(&answer);
		} else {
			assert_int_equal(refused, message->size < HEADER ? PROBE_REFUSED_SHORT :
			                                                   PROBE_REFUSED_MALFORMED);
		}
	}
	message->size = size;
}

static void messages_that_answer_something_else_are_refused(void **state)
{
	(void)state;
	static const struct {
		size_t at;
		uint8_t flip;
		probe_refused_t refused;
	} tests[] = {
		{ 0, 1, PROBE_REFUSED_ID },           { 1, 0x80, PROBE_REFUSED_ID },
		{ 2, 0x80, PROBE_REFUSED_QUERY },     { 2, 0x08, PROBE_REFUSED_QUERY },
		{ 2, 0x40, PROBE_REFUSED_QUERY },     { 5, 2, PROBE_REFUSED_MALFORMED },
		{ 13, 1, PROBE_REFUSED_QUESTION },    { 30, 1, PROBE_REFUSED_QUESTION },
		{ 32, 1, PROBE_REFUSED_QUESTION },    { 12, 1, PROBE_REFUSED_QUESTION },
		{ 7, 0x80, PROBE_REFUSED_MALFORMED }, { 6, 0xff, PROBE_REFUSED_MALFORMED },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("octet %zu\n", tests[i].at);
		message_t *message = make("www.example.com.", KNOT_RRTYPE_CAA, 0x8400,
		                          "www CAA 0 issue \"a\"\n", SOA);
		message->wire[tests[i].at] ^= tests[i].flip;
		probe_answer_t answer;
		probe_refused_t refused = PROBE_REFUSED__COUNT;
		assert_int_equal(read_message(message, &answer, &refused), KNOT_EMALF);
		/* A changed length of a label may end anywhere. */
		assert_true(refused == tests[i].refused ||
		            (tests[i].at == 12 && refused == PROBE_REFUSED_MALFORMED));
	}
	/* A server that could not read the query has no question to repeat; else there must be one. */
	for (unsigned rcode = 0; rcode < 16; rcode++) {
		message_t *message = make("www.example.com.", KNOT_RRTYPE_CAA, 0x8400 | rcode, "",
		                          "");
		message->size = HEADER;
		knot_wire_write_u16(message->wire + 4, 0);
		probe_answer_t answer;
		probe_refused_t refused = PROBE_REFUSED__COUNT;
		bool whole = rcode == KNOT_RCODE_NOERROR || rcode == KNOT_RCODE_NXDOMAIN;
		assert_int_equal(read_message(message, &answer, &refused),
		                 whole ? KNOT_EMALF : KNOT_EOK);
		assert_true(!whole || refused == PROBE_REFUSED_QUESTION);
	}
}

static void names_are_compared_without_regard_to_case(void **state)
{
	(void)state;
	message_t *message = make("www.example.com.", KNOT_RRTYPE_CAA, 0x8400,
	                          "WWW CNAME Web\nweB CAA 0 issue \"A\"\n", "");
	message->wire[HEADER + 1] = 'W';
	probe_answer_t answer = must_read(message);
	assert_int_equal(answer.said, PROBE_SAID_DATA);
	assert_true(knot_dname_is_equal(answer.target, dname("web.example.com.")));
	assert_memory_equal(answer.record[1].rdata + answer.record[1].rdlen - 1, "A", 1);
	probe_answer_clear(&answer);
}

static void the_name_that_exists_is_found(void **state)
{
	(void)state;
	static const struct {
		const char *what, *authority, *place;
	} tests[] = {
		{ "unsigned", SOA, "www.example.com." },
		{ "NSEC at the name", SOA "www NSEC x A\n", "www.example.com." },
		{ "NSEC at the wildcard", SOA "* NSEC a A\na NSEC z A\n", "*.example.com." },
		{ "empty non-terminal", SOA "a NSEC x.www A\n", "www.example.com." },
		{ "wildcard elsewhere", SOA "*.other NSEC a A\n", "www.example.com." },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].what);
		probe_answer_t answer = must_read(
			make("www.example.com.", KNOT_RRTYPE_CAA, 0x8400, "", tests[i].authority));
		knot_dname_storage_t out;
		assert_true(knot_dname_is_equal(denial_place(dname(ZONE), &answer,
		                                             dname("www.example.com."), out),
		                                dname(tests[i].place)));
		probe_answer_clear(&answer);
	}
}

static void addresses_beside_an_answer_are_kept_for_a_walk_alone(void **state)
{
	(void)state;
	message_t *message = make("a.sub.example.com.", KNOT_RRTYPE_NS, 0x8000, "",
	                          "sub NS ns.sub\nsub NS ns.example.net.\n");
	put_records(message,
	            "ns.sub A 192.0.2.7\nns.sub AAAA 2001:db8::7\nns.sub TXT x\n"
	            "ns.example.net. A 192.0.2.9\n",
	            10);
	probe_answer_t answer = must_read(message);
	assert_int_equal(answer.said, PROBE_SAID_REFERRAL);
	assert_int_equal(answer.record_count, 2);
	assert_int_equal(answer.glue_count, 0);
	probe_answer_clear(&answer);

	message->query.glue = true;
	answer = must_read(message);
	assert_int_equal(answer.record_count, 2);
	/* Not what is outside of the zone of the server: that is not its word. */
	assert_int_equal(answer.glue_count, 2);
	struct sockaddr_storage addr;
	assert_true(probe_address(&answer.record[2], &addr));
	assert_int_equal(addr.ss_family, AF_INET);
	assert_true(probe_address(&answer.record[3], &addr));
	assert_int_equal(addr.ss_family, AF_INET6);
	assert_false(probe_address(&answer.record[0], &addr));
	probe_answer_clear(&answer);
}

static void addresses_that_no_other_host_has_are_none(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool is;
	} tests[] = {
		{ "A 192.0.2.1", true },      { "A 10.0.0.1", true },
		{ "A 127.0.0.1", false },     { "A 0.0.0.0", false },
		{ "A 224.0.0.1", false },     { "A 255.255.255.255", false },
		{ "AAAA ::1", false },        { "AAAA ::", false },
		{ "AAAA 2001:db8::1", true }, { "AAAA ff02::1", false },
		{ "AAAA fe80::1", false },    { "AAAA fd00::1", true },
		{ "TXT x", false },           { "AAAA ::ffff:127.0.0.1", false },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		char text[64];
		struct sockaddr_storage addr;
		print_message("%s\n", tests[i].text);
		(void)snprintf(text, sizeof(text), "@ %s\n", tests[i].text);
		zone_t zone = zone_of_text(ZONE, text);
		const caaudit_record_t record = {
			.rdata = zone.record[0].rdata,
			.type = zone.record[0].type,
			.rdlen = zone.record[0].rdlen,
		};
		assert_int_equal(probe_address(&record, &addr), tests[i].is);
		zone_free(&zone);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(queries_are_as_the_manual_says),
		cmocka_unit_test(answers_are_told_apart),
		cmocka_unit_test(resolvers_need_no_authority),
		cmocka_unit_test(aliases_are_followed_sixteen_times),
		cmocka_unit_test(every_cut_of_a_message_is_refused),
		cmocka_unit_test(messages_that_answer_something_else_are_refused),
		cmocka_unit_test(names_are_compared_without_regard_to_case),
		cmocka_unit_test(the_name_that_exists_is_found),
		cmocka_unit_test(addresses_beside_an_answer_are_kept_for_a_walk_alone),
		cmocka_unit_test(addresses_that_no_other_host_has_are_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
