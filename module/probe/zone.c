/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief A zone with its questions and columns.
 */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "engine/array.h"
#include "probe.h"

/*! Questions that there is room for at first. */
#define ROOM_LEAST 16

probe_zone_t *probe_zone_new(const knot_dname_t *name)
{
	static const struct {
		uint16_t type;
		bool tcp;
		unsigned purpose;
	} rows[] = {
		[PROBE_ROW_SOA] = { KNOT_RRTYPE_SOA, false, PROBE_FOR_ZONE },
		[PROBE_ROW_TCP] = { KNOT_RRTYPE_SOA, true, PROBE_FOR_ZONE },
		[PROBE_ROW_NS] = { KNOT_RRTYPE_NS, false, PROBE_FOR_ZONE },
		[PROBE_ROW_DNSKEY] = { KNOT_RRTYPE_DNSKEY, false, PROBE_FOR_ZONE },
		[PROBE_ROW_CAA] = { KNOT_RRTYPE_CAA, false, PROBE_FOR_CLIMB },
		[PROBE_ROW_A] = { KNOT_RRTYPE_A, false, PROBE_FOR_CONTROL },
	};
	probe_zone_t *zone = calloc(1, sizeof(*zone));
	if (zone == NULL || (zone->zone = knot_dname_copy(name, NULL)) == NULL) {
		free(zone);
		return NULL;
	}
	knot_dname_to_lower(zone->zone);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (probe_zone_ask(zone, zone->zone, rows[i].type, rows[i].tcp, rows[i].purpose) !=
		    KNOT_EOK) {
			probe_zone_free(zone);
			return NULL;
		}
	}
	return zone;
}

void probe_zone_free(probe_zone_t *zone)
{
	if (zone == NULL) {
		return;
	}
	for (size_t i = 0; i < zone->column_count; i++) {
		probe_column_t *column = &zone->column[i];
		for (size_t j = 0; j < zone->question_count; j++) {
			probe_answer_clear(&column->answer[j]);
		}
		probe_answer_clear(&column->first);
		probe_answer_clear(&column->plain);
		free(column->answer);
	}
	namemap_clear(&zone->index);
	free(zone->column);
	free(zone->question);
	knot_dname_free(zone->zone, NULL);
	free(zone);
}

probe_column_t *probe_zone_add(probe_zone_t *zone, probe_server_t *server)
{
	if (zone->column_count == PROBE_SERVERS_MAX) {
		return NULL;
	}
	probe_answer_t *answer = calloc(zone->room, sizeof(*answer));
	probe_column_t *column = answer != NULL ? array_extend(&zone->column, &zone->column_count,
	                                                       sizeof(*column)) :
	                                          NULL;
	if (column == NULL) {
		free(answer);
		return NULL;
	}
	*column = (probe_column_t){ .server = server, .answer = answer };
	return column;
}

/*! What tells the questions for one name apart. */
static uint32_t index_key(uint16_t type, bool tcp)
{
	return (uint32_t)type << 1 | tcp;
}

size_t probe_zone_find(const probe_zone_t *zone, const knot_dname_t *name, uint16_t type, bool tcp)
{
	const namemap_item_t *item = namemap_find(&zone->index, name, index_key(type, tcp));
	return item != NULL ? item->value - 1 : zone->question_count;
}

/*! Makes room for one more question, and for its answers. */
static bool make_room(probe_zone_t *zone)
{
	if (zone->question_count < zone->room) {
		return true;
	}
	size_t room = zone->room == 0 ? ROOM_LEAST : 2 * zone->room;
	void *question = reallocarray(zone->question, room, sizeof(*zone->question));
	if (question == NULL) {
		return false;
	}
	zone->question = question;
	for (size_t i = 0; i < zone->column_count; i++) {
		probe_answer_t *answer = reallocarray(zone->column[i].answer, room,
		                                      sizeof(*answer));
		if (answer == NULL) {
			return false;
		}
		memset(answer + zone->room, 0, (room - zone->room) * sizeof(*answer));
		zone->column[i].answer = answer;
	}
	zone->room = room;
	return true;
}

int probe_zone_ask(probe_zone_t *zone, const knot_dname_t *name, uint16_t type, bool tcp,
                   unsigned purpose)
{
	knot_dname_storage_t lower;
	memcpy(lower, name, knot_dname_size(name));
	knot_dname_to_lower(lower);
	if (knot_dname_in_bailiwick(lower, zone->zone) < 0) {
		return KNOT_ERANGE;
	}
	size_t i = probe_zone_find(zone, lower, type, tcp);
	if (i < zone->question_count) {
		zone->question[i].purpose |= purpose;
		return KNOT_EOK;
	}
	if (zone->question_count == PROBE_QUESTIONS_MAX) {
		zone->truncated = true;
		return KNOT_ELIMIT;
	}
	bool added = false;
	namemap_item_t *item = make_room(zone) ? namemap_add(&zone->index, lower,
	                                                     index_key(type, tcp), &added) :
	                                         NULL;
	if (item == NULL) {
		return KNOT_ENOMEM;
	}
	item->value = zone->question_count + 1;
	zone->question[zone->question_count++] = (probe_question_t){
		.name = item->name,
		.type = type,
		.tcp = tcp,
		.purpose = purpose,
	};
	return KNOT_EOK;
}

int probe_zone_ask_climb(probe_zone_t *zone, const knot_dname_t *host)
{
	size_t controls = 0;
	for (size_t i = 0; i < zone->question_count; i++) {
		controls += (zone->question[i].purpose & PROBE_FOR_CONTROL) != 0;
	}
	int ret = KNOT_EOK;
	if (controls < 2) {
		ret = probe_zone_ask(zone, host, KNOT_RRTYPE_A, false, PROBE_FOR_CONTROL);
	}
	for (const knot_dname_t *name = host;
	     ret == KNOT_EOK && knot_dname_in_bailiwick(name, zone->zone) >= 0;
	     name = probe_name_above(name)) {
		ret = probe_zone_ask(zone, name, KNOT_RRTYPE_CAA, false, PROBE_FOR_CLIMB);
		if (*name == 0) {
			break;
		}
	}
	return ret;
}
