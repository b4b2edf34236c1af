/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Zones for tests: master file text, taken apart by libzscanner.
 *
 * Nothing here depends on a test library; the fuzz targets use it as well.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>
#include <libzscanner/scanner.h>

#include "caaudit/view.h"

/*! One record of a zone under construction. */
typedef struct {
	knot_dname_storage_t owner;
	uint16_t type;
	uint32_t ttl;
	uint16_t rdlen;
	uint8_t *rdata;
} zone_record_t;

/*! Records in the order of the text. */
typedef struct {
	zone_record_t *record;
	size_t count;
	size_t size;
} zone_t;

/*! A zone without records. */
#define ZONE_EMPTY ((zone_t){ .record = NULL })

/*! Compares names in canonical order (RFC 4034 section 6.1), without regard to case. */
static inline int zone_name_order(const knot_dname_t *a, const knot_dname_t *b)
{
	knot_dname_storage_t x, y;
	memcpy(x, a, knot_dname_size(a));
	memcpy(y, b, knot_dname_size(b));
	knot_dname_to_lower(x);
	knot_dname_to_lower(y);
	return knot_dname_cmp(x, y);
}

/*! Drops the records, and keeps room for others. */
static inline void zone_clear(zone_t *zone)
{
	for (size_t i = 0; i < zone->count; i++) {
		free(zone->record[i].rdata);
	}
	zone->count = 0;
}

static inline void zone_free(zone_t *zone)
{
	zone_clear(zone);
	free(zone->record);
	memset(zone, 0, sizeof(*zone));
}

static inline void zone_add(zone_t *zone, const knot_dname_t *owner, uint16_t type, uint32_t ttl,
                            const uint8_t *rdata, uint16_t rdlen)
{
	if (zone->count == zone->size) {
		zone->size = zone->size == 0 ? 16 : 2 * zone->size;
		zone->record = realloc(zone->record, zone->size * sizeof(*zone->record));
	}
	zone_record_t *record = &zone->record[zone->count++];
	memcpy(record->owner, owner, knot_dname_size(owner));
	record->type = type;
	record->ttl = ttl;
	record->rdlen = rdlen;
	record->rdata = malloc(rdlen + 1);
	memcpy(record->rdata, rdata, rdlen);
}

/*!
 * \brief Appends the records of a text; TTL 3600 where there is none.
 *
 * \return NULL, or what the scanner dislikes.
 */
static inline const char *zone_parse(zone_t *zone, const char *origin, const char *text)
{
	static zs_scanner_t s; // Too large for a stack.
	const char *error = NULL;
	if (zs_init(&s, origin, KNOT_CLASS_IN, 3600) != 0 ||
	    zs_set_input_string(&s, text, strlen(text)) != 0) {
		return zs_strerror(s.error.code);
	}
	s.process.automatic = false;
	while (error == NULL && zs_parse_record(&s) == 0 && s.state != ZS_STATE_EOF) {
		if (s.state == ZS_STATE_DATA) {
			zone_add(zone, s.r_owner, s.r_type, s.r_ttl, s.r_data, s.r_data_length);
		} else {
			error = zs_strerror(s.error.code);
		}
	}
	zs_deinit(&s);
	return error;
}

/*! Index of a record of the same owner, type and RDATA, or \a count. */
static inline size_t zone_find(const zone_t *zone, const zone_record_t *record)
{
	size_t i = 0;
	while (i < zone->count &&
	       !(knot_dname_is_case_equal(zone->record[i].owner, record->owner) &&
	         zone->record[i].type == record->type && zone->record[i].rdlen == record->rdlen &&
	         memcmp(zone->record[i].rdata, record->rdata, record->rdlen) == 0)) {
		i++;
	}
	return i;
}

static inline void zone_remove(zone_t *zone, size_t pos)
{
	free(zone->record[pos].rdata);
	zone->count--;
	memmove(&zone->record[pos], &zone->record[pos + 1],
	        (zone->count - pos) * sizeof(*zone->record));
}

/*! The records in the form for unknown types (RFC 3597 section 5), to be freed. */
static inline char *zone_generic(const zone_t *zone)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	for (size_t i = 0; i < zone->count; i++) {
		const zone_record_t *record = &zone->record[i];
		knot_dname_txt_storage_t owner;
		knot_dname_to_str(owner, record->owner, sizeof(owner));
		fprintf(out, "%s %u TYPE%u \\# %u ", owner, record->ttl, record->type,
		        record->rdlen);
		for (size_t j = 0; j < record->rdlen; j++) {
			fprintf(out, "%02x", record->rdata[j]);
		}
		fprintf(out, "\n");
	}
	fclose(out);
	return text;
}

static inline zone_t zone_copy(const zone_t *zone)
{
	zone_t copy = ZONE_EMPTY;
	for (size_t i = 0; i < zone->count; i++) {
		const zone_record_t *record = &zone->record[i];
		zone_add(&copy, record->owner, record->type, record->ttl, record->rdata,
		         record->rdlen);
	}
	return copy;
}

/*! Small generator, so that failures can be repeated (xorshift64*). */
static inline uint64_t zone_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1du;
}

static inline void zone_shuffle(zone_t *zone, uint64_t *state)
{
	for (size_t i = zone->count; i > 1; i--) {
		size_t j = zone_random(state) % i;
		zone_record_t swap = zone->record[i - 1];
		zone->record[i - 1] = zone->record[j];
		zone->record[j] = swap;
	}
}

/*! The record as a view takes it. */
static inline caaudit_record_t zone_as_record(const zone_record_t *record)
{
	return (caaudit_record_t){
		.owner = record->owner,
		.rdata = record->rdata,
		.ttl = record->ttl,
		.type = record->type,
		.rdlen = record->rdlen,
	};
}

/*! Reads a zone into a view, as a source does; the context is a zone_t. */
static inline int zone_read(void *context, caaudit_view_t *view)
{
	const zone_t *zone = context;
	int ret = KNOT_EOK;
	for (size_t i = 0; ret == KNOT_EOK && i < zone->count; i++) {
		const caaudit_record_t record = zone_as_record(&zone->record[i]);
		ret = caaudit_view_add(view, &record);
	}
	return ret;
}

/*! View with all the records, not finished. NULL if out of memory. */
static inline caaudit_view_t *zone_push(zone_t *zone, const caaudit_policy_t *policy)
{
	caaudit_view_t *view = caaudit_view_new(policy);
	if (view != NULL && zone_read(zone, view) != KNOT_EOK) {
		caaudit_view_free(view);
		return NULL;
	}
	return view;
}
