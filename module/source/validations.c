/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * One file may be for all zones of a server, so it is parsed for none of them:
 * a name that is relative, is so to a stand-in. Each record is found by its
 * owner and all names above it, among them its zone, whichever that is.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "complain.h"
#include "engine/hash.h"
#include "master.h"
#include "zonepath.h"

/*! Stands for the zone: a name that nobody has, and but for the root none is shorter. */
static const knot_dname_t stand_in[] = "\1\1";

/*! Most records of a file. */
#define RECORDS_MAX 1000000

/*! A record with its data: the owner in lower case, RDATA. */
typedef struct {
	uint64_t line;
	uint16_t type;
	uint16_t owner_len;
	uint16_t rdlen;
	uint32_t ttl;
	uint8_t data[];
} record_t;

/*! A name that a record is at or below. */
typedef struct {
	uint64_t hash;
	uint32_t nth; /*!< Record. */
} place_t;

/*! Some of them in a row. */
typedef struct {
	const place_t *first;
	size_t count;
} places_t;

struct caaudit_validations {
	record_t **record;
	size_t count;
	place_t *place; /*!< Sorted. */
	size_t place_count;
	char path[];
};

/*! Fills a list. */
typedef struct {
	caaudit_source_sink_t sink;
	caaudit_validations_t *list;
} list_sink_t;

/*! Makes room for one more element in an array that has a power of two. */
static bool grow(void **array, size_t count, size_t size)
{
	if (count > 0 && (count & (count - 1)) != 0) {
		return true;
	}
	void *grown = realloc(*array, (count == 0 ? 1 : 2 * count) * size);
	if (grown == NULL) {
		return false;
	}
	*array = grown;
	return true;
}

static bool add_places(caaudit_validations_t *list, uint32_t nth)
{
	const knot_dname_t *name = list->record[nth]->data;
	while (true) {
		void *array = list->place;
		if (!grow(&array, list->place_count, sizeof(*list->place))) {
			return false;
		}
		list->place = array;
		list->place[list->place_count++] = (place_t){
			.hash = hash_name(name),
			.nth = nth,
		};
		if (name[0] == 0) {
			return true;
		}
		name += 1 + name[0];
	}
}

static int list_record(caaudit_source_sink_t *self, const knot_dname_t *owner, uint16_t type,
                       uint32_t ttl, const uint8_t *rdata, uint16_t rdlen, const char **why)
{
	caaudit_validations_t *list = ((const list_sink_t *)self)->list;
	if (type != KNOT_RRTYPE_CNAME && type != KNOT_RRTYPE_TXT) {
		*why = "a validation file holds CNAME and TXT records only";
		return KNOT_EOK;
	}
	if (list->count >= RECORDS_MAX) {
		*why = "more than 1000000 records in one file; give each zone its own by %s";
		return KNOT_ELIMIT;
	}
	size_t owner_len = knot_dname_size(owner);
	void *array = list->record;
	record_t *record = malloc(sizeof(*record) + owner_len + rdlen);
	if (record == NULL || !grow(&array, list->count, sizeof(*list->record))) {
		free(record);
		return KNOT_ENOMEM;
	}
	*record = (record_t){
		.line = self->line,
		.type = type,
		.owner_len = owner_len,
		.rdlen = rdlen,
		.ttl = ttl,
	};
	memcpy(record->data, owner, owner_len);
	knot_dname_to_lower(record->data);
	memcpy(record->data + owner_len, rdata, rdlen);
	list->record = array;
	list->record[list->count++] = record;
	return add_places(list, list->count - 1) ? KNOT_EOK : KNOT_ENOMEM;
}

static int compare_places(const void *a, const void *b)
{
	const place_t *one = a, *other = b;
	if (one->hash != other->hash) {
		return one->hash < other->hash ? -1 : 1;
	}
	return one->nth < other->nth ? -1 : one->nth > other->nth;
}

int caaudit_validations_read(caaudit_reader_t *reader, const char *path,
                             caaudit_validations_t **out)
{
	caaudit_validations_t *list = calloc(1, sizeof(*list) + strlen(path) + 1);
	if (list == NULL) {
		caaudit_source_complain(reader, path, 0, "not enough memory");
		return KNOT_ENOMEM;
	}
	strcpy(list->path, path);
	list_sink_t sink = {
		.sink = { .record = list_record, .alone = true },
		.list = list,
	};
	int ret = caaudit_source_scan(reader, path, stand_in, CAAUDIT_SOURCE_BLOCK, &sink.sink);
	if (ret != KNOT_EOK) {
		caaudit_validations_free(list);
		return ret;
	}
	if (list->place_count > 0) {
		qsort(list->place, list->place_count, sizeof(*list->place), compare_places);
	}
	*out = list;
	return KNOT_EOK;
}

void caaudit_validations_free(caaudit_validations_t *list)
{
	if (list == NULL) {
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		free(list->record[i]);
	}
	free(list->record);
	free(list->place);
	free(list);
}

/*! Finds the places of a name, in the order of the file. */
static places_t find_places(const caaudit_validations_t *list, const knot_dname_t *name)
{
	uint64_t hash = hash_name(name);
	size_t low = 0, high = list->place_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (list->place[middle].hash < hash) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	places_t out = { .first = list->place + low };
	while (low + out.count < list->place_count && out.first[out.count].hash == hash) {
		out.count++;
	}
	return out;
}

/*! Puts the zone in the place of its stand-in. False if the name gets too long. */
static bool settle(knot_dname_storage_t out, const knot_dname_t *name, const knot_dname_t *zone)
{
	size_t size = knot_dname_size(name), zone_size = knot_dname_size(zone);
	if (knot_dname_in_bailiwick(name, stand_in) < 0) {
		memcpy(out, name, size);
		return true;
	}
	size -= sizeof(stand_in);
	if (size + zone_size > KNOT_DNAME_MAXLEN) {
		return false;
	}
	memcpy(out, name, size);
	memcpy(out + size, zone, zone_size);
	return true;
}

static int add_record(const record_t *record, caaudit_policy_t *policy, const char **why)
{
	const uint8_t *rdata = record->data + record->owner_len;
	knot_dname_storage_t owner, target;
	if (!settle(owner, record->data, policy->zone) ||
	    (record->type == KNOT_RRTYPE_CNAME && !settle(target, rdata, policy->zone))) {
		*why = "too long a name in this zone";
		return KNOT_EPARSEFAIL;
	}
	int ret = record->type == KNOT_RRTYPE_CNAME ?
	                  caaudit_policy_add_expected(policy, owner, target, record->ttl, why) :
	                  caaudit_policy_add_expected_txt(policy, owner, rdata, record->rdlen,
	                                                  record->ttl, why);
	// Out of range is what belongs to another zone, by chance with the same hash.
	return ret == KNOT_ERANGE ? KNOT_EOK : ret == KNOT_EINVAL ? KNOT_EPARSEFAIL : ret;
}

int caaudit_validations_add(const caaudit_validations_t *list, caaudit_reader_t *reader,
                            caaudit_policy_t *policy)
{
	places_t own = find_places(list, policy->zone), relative = { .count = 0 };
	// All names are below the root, the stand-in as well.
	if (policy->zone[0] != 0) {
		relative = find_places(list, stand_in);
	}
	size_t before = policy->validation_count;
	int ret = KNOT_EOK;
	while (ret == KNOT_EOK && own.count + relative.count > 0) {
		bool is_own = relative.count == 0 ||
		              (own.count > 0 && own.first->nth < relative.first->nth);
		places_t *from = is_own ? &own : &relative;
		const record_t *record = list->record[from->first->nth];
		const char *why = NULL;
		ret = add_record(record, policy, &why);
		if (why != NULL) {
			caaudit_source_complain(reader, list->path, record->line, "%s", why);
		}
		from->first++;
		from->count--;
	}
	if (ret == KNOT_ENOMEM) {
		caaudit_source_complain(reader, list->path, 0, "not enough memory");
	}
	if (ret != KNOT_EOK) {
		caaudit_policy_truncate_validations(policy, before);
	}
	return ret;
}

int caaudit_validations_path(caaudit_reader_t *reader, const char *pattern,
                             const knot_dname_t *zone, char **out)
{
	errno = 0;
	char *path = zonepath_expand(pattern, zone);
	if (path == NULL && errno == ENOMEM) {
		caaudit_source_complain(reader, pattern, 0, "not enough memory");
		return KNOT_ENOMEM;
	} else if (path == NULL) {
		caaudit_source_complain(reader, pattern, 0,
		                        "unknown formatter after '%%'; known are %%s, %%c[N], "
		                        "%%c[N-M], %%l[N] and %%%%");
		return KNOT_EINVAL;
	}
	// Where each zone has a file of its own, a zone without one expects nothing.
	struct stat st;
	if (strcmp(path, pattern) != 0 && stat(path, &st) != 0 && errno == ENOENT) {
		free(path);
		path = NULL;
	}
	*out = path;
	return KNOT_EOK;
}

int caaudit_read_validations(caaudit_reader_t *reader, const char *pattern,
                             caaudit_policy_t *policy)
{
	char *path;
	int ret = caaudit_validations_path(reader, pattern, policy->zone, &path);
	if (ret != KNOT_EOK || path == NULL) {
		return ret;
	}
	caaudit_validations_t *list;
	ret = caaudit_validations_read(reader, path, &list);
	free(path);
	if (ret == KNOT_EOK) {
		ret = caaudit_validations_add(list, reader, policy);
		caaudit_validations_free(list);
	}
	return ret;
}
