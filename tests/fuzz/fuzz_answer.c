/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The input is a message, as a name server would answer a probe of farm.test. It is taken apart, said in
 * words, pushed into a view, and compared with itself. The question is the one that the message repeats, if it
 * is about the zone, so that much is believed.
 */

#include "fuzz.h"

#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>
#include <libknot/wire.h>

#include "packet.h"

#define HEADER_SIZE 12

static const knot_dname_t zone_name[] = "\4farm\4test";
static const knot_dname_t host_name[] = "\3www\4farm\4test";

static packet_query_t read_question(const uint8_t *data, size_t size, knot_dname_storage_t name)
{
	packet_query_t query = {
		.zone = zone_name,
		.name = host_name,
		.type = KNOT_RRTYPE_CAA,
		.id = size >= 2 ? knot_wire_read_u16(data) : 0,
		.edns = size > 0 && (data[0] & 1),
		.resolver = size > 0 && (data[0] & 2),
		.glue = size > 0 && (data[0] & 4),
	};
	int len = size > HEADER_SIZE ?
	                  knot_dname_wire_check(data + HEADER_SIZE, data + size, NULL) :
	                  0;
	if (len > 0 && size >= (size_t)HEADER_SIZE + len + 4) {
		memcpy(name, data + HEADER_SIZE, len);
		knot_dname_to_lower(name);
		if (knot_dname_in_bailiwick(name, zone_name) >= 0) {
			query.name = name;
			query.type = knot_wire_read_u16(data + HEADER_SIZE + len);
		}
	}
	return query;
}

/* What a walk from the root does with a referral. */
static void check_delegation(const packet_query_t *query, const probe_answer_t *answer)
{
	static const probe_server_t parent = { .label = "192.0.2.1" };
	const probe_delegation_t delegation = { .server = &parent,
		                                .shown = true,
		                                .referral = *answer };
	probe_zone_t *zone = probe_zone_new(zone_name);
	probe_result_t result;
	REQUIRE(zone != NULL);
	REQUIRE(probe_delegation_ask(zone, &delegation) != KNOT_ENOMEM);
	REQUIRE(probe_compare(zone, &result) == KNOT_EOK);
	REQUIRE(probe_compare_delegation(zone, &delegation, &result) == KNOT_EOK);
	probe_result_clear(&result);
	probe_zone_free(zone);
	for (size_t i = 0; i < answer->glue_count; i++) {
		struct sockaddr_storage addr;
		REQUIRE(query->glue);
		(void)probe_address(&answer->record[answer->record_count + i], &addr);
	}
}

static void check_words(const probe_answer_t *answer, const packet_query_t *query)
{
	char text[300];
	knot_dname_storage_t name;
	memcpy(name, query->name, knot_dname_size(query->name));
	const probe_question_t question = { .name = name, .type = query->type };
	for (size_t size = 1; size <= sizeof(text); size += 23) {
		probe_answer_text(answer, &question, text, size);
		REQUIRE(strlen(text) < size);
	}
}

static void check_records(const probe_answer_t *answer)
{
	REQUIRE(answer->outcome == PROBE_ANSWERED);
	REQUIRE(answer->answer_count <= answer->record_count);
	for (size_t i = 0; i < answer->record_count; i++) {
		const caaudit_record_t *record = &answer->record[i];
		REQUIRE(knot_dname_in_bailiwick(record->owner, zone_name) >= 0);
		REQUIRE(record->type != KNOT_RRTYPE_OPT && record->type != KNOT_RRTYPE_TSIG);
		char text[8192];
		if (probe_rdata_text(record->type, record->rdata, record->rdlen, text,
		                     i % 2 == 0 ? sizeof(text) : 32)) {
			REQUIRE(strlen(text) < (i % 2 == 0 ? sizeof(text) : 32));
		}
	}
	REQUIRE(!answer->open || (answer->said == PROBE_SAID_ALIAS &&
	                          knot_dname_in_bailiwick(answer->target, zone_name) >= 0));
	REQUIRE(!answer->no_soa || answer->said == PROBE_SAID_NODATA ||
	        answer->said == PROBE_SAID_NXDOMAIN);
}

/* Two servers that say the same differ in nothing, and what they say fits into a view. */
static void check_zone(const packet_query_t *query, const probe_answer_t *answer)
{
	static const uint8_t soa[] = "\0\0"
				     "\0\0\0\7"
				     "\0\0\0\1"
				     "\0\0\0\1"
				     "\0\0\0\1"
				     "\0\0\0\1";
	const caaudit_record_t apex = {
		.owner = zone_name,
		.rdata = soa,
		.type = KNOT_RRTYPE_SOA,
		.rdlen = sizeof(soa) - 1,
	};
	probe_server_t server[2] = { { .label = "a" }, { .label = "b" } };
	probe_zone_t *zone = probe_zone_new(zone_name);
	REQUIRE(zone != NULL);
	REQUIRE(probe_zone_ask(zone, query->name, query->type, false, PROBE_FOR_CLIMB) == KNOT_EOK);
	size_t nth = probe_zone_find(zone, query->name, query->type, false);
	for (size_t i = 0; i < 2; i++) {
		probe_column_t *column = probe_zone_add(zone, &server[i]);
		REQUIRE(column != NULL);
		probe_answer_t *first = &column->answer[PROBE_ROW_SOA];
		*first = (probe_answer_t){ .outcome = PROBE_ANSWERED,
			                   .has_serial = true,
			                   .serial = 7 };
		REQUIRE(probe_answer_set(first, &apex, 1, 1, NULL) == KNOT_EOK);
		column->state = PROBE_COLUMN_GOOD;
		column->has_serial = true;
		column->serial = column->serial_max = 7;
		if (nth == PROBE_ROW_SOA) {
			continue;
		}
		column->answer[nth] = *answer;
		column->answer[nth].record = NULL;
		REQUIRE(probe_answer_set(&column->answer[nth], answer->record, answer->answer_count,
		                         answer->record_count, answer->target) == KNOT_EOK);
	}

	probe_result_t result;
	REQUIRE(probe_compare(zone, &result) == KNOT_EOK);
	REQUIRE(result.asked == 2 && result.alike != 1);
	for (size_t i = 0; i < result.finding_count; i++) {
		REQUIRE(result.finding[i].id != CAAUDIT_PROBE_ANSWERS_DIFFER);
		REQUIRE(result.finding[i].column_count == 2);
	}
	probe_result_clear(&result);

	caaudit_policy_t *policy = caaudit_policy_new(zone_name);
	REQUIRE(policy != NULL && caaudit_policy_finish(policy, 0) == KNOT_EOK);
	caaudit_view_t *view = caaudit_view_new(policy);
	REQUIRE(view != NULL);
	REQUIRE(probe_fill(zone, &zone->column[0], view) == KNOT_EOK);
	if (caaudit_view_finish(view) == KNOT_EOK) {
		REQUIRE(probe_answer_from(zone, &zone->column[1], view) == KNOT_EOK);
	}
	caaudit_view_free(view);
	caaudit_policy_free(policy);
	probe_zone_free(zone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	knot_dname_storage_t name;
	packet_query_t query = read_question(data, size, name);
	uint8_t *wire = malloc(size + (size == 0));
	REQUIRE(wire != NULL);
	if (size > 0) {
		memcpy(wire, data, size);
	}
	probe_answer_t answer;
	probe_refused_t refused = PROBE_REFUSED__COUNT;
	int ret = packet_read(&query, wire, size, &answer, &refused);
	free(wire);
	REQUIRE(ret == KNOT_EOK || (ret == KNOT_EMALF && refused < PROBE_REFUSED__COUNT));
	if (ret == KNOT_EOK) {
		check_records(&answer);
		check_words(&answer, &query);
		check_delegation(&query, &answer);
		check_zone(&query, &answer);
		probe_answer_clear(&answer);
	}
	return 0;
}
