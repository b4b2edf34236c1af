/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Reads validation files.
 *
 * One file can serve all zones of a server, so it is parsed for none of them: relative names get
 * a placeholder for the zone. An index holds, for each record, its owner and all names above it;
 * one of these is its zone.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "engine/array.h"
#include "complain.h"
#include "engine/hash.h"
#include "engine/names.h"
#include "engine/policy.h"
#include "engine/txt.h"
#include "zonepath.h"

/*! Most records of a file. */
#define RECORDS_MAX 1000000

/*! A record with its data: the owner in lower case, RDATA. */
typedef struct {
	uint64_t line;
	uint32_t ttl;
	uint16_t type;
	uint16_t owner_len;
	uint16_t rdlen;
	uint8_t data[];
} expected_t;

/*! Entry of the index: a name that a record is at or below. */
typedef struct {
	uint64_t hash; /*!< Of the name. */
	uint32_t nth;  /*!< Number of the record. */
} above_t;

/*! Entries of one name, in the order of the file. */
typedef struct {
	const above_t *first;
	size_t count;
} range_t;

struct source_validations {
	expected_t **record;
	size_t count;
	above_t *above; /*!< Sorted by hash, then by record. */
	size_t above_count;
	char path[];
};

/*! Context of take_record(). */
typedef struct {
	source_validations_t *list;
	source_listener_t *listener;
	bool wrong; /*!< A record was refused. */
} taking_t;

static bool index_record(source_validations_t *list, uint32_t nth)
{
	const knot_dname_t *name = list->record[nth]->data;
	while (true) {
		above_t *above = array_extend(&list->above, &list->above_count, sizeof(*above));
		if (above == NULL) {
			return false;
		}
		*above = (above_t){ .hash = hash_name(name), .nth = nth };
		if (name[0] == 0) {
			return true;
		}
		name += 1 + name[0];
	}
}

static int take_record(void *context, const caaudit_record_t *record)
{
	taking_t *taking = context;
	source_validations_t *list = taking->list;
	uint16_t type = record->type;
	if (type != KNOT_RRTYPE_CNAME && type != KNOT_RRTYPE_TXT) {
		taking->wrong = true;
		source_complain(taking->listener, record->file, record->line,
		                "a validation file holds CNAME and TXT records only");
		return KNOT_EOK;
	}
	// In the form of RFC 3597 the scanner takes any octets.
	if (type == KNOT_RRTYPE_CNAME ? !name_is_whole(record->rdata, record->rdlen) :
	                                !txt_is_sound(record->rdata, record->rdlen)) {
		taking->wrong = true;
		source_complain(taking->listener, record->file, record->line,
		                type == KNOT_RRTYPE_CNAME ?
		                        "the data of the CNAME record is not one domain name" :
		                        "the data of the TXT record is not made of whole strings");
		return KNOT_EOK;
	}
	if (list->count >= RECORDS_MAX) {
		source_complain(taking->listener, record->file, record->line,
		                "more than %d records in one file; give each zone its own by %%s",
		                RECORDS_MAX);
		return KNOT_ELIMIT;
	}
	size_t owner_len = knot_dname_size(record->owner);
	expected_t **slot = array_extend(&list->record, &list->count, sizeof(*slot));
	if (slot == NULL || (*slot = malloc(sizeof(**slot) + owner_len + record->rdlen)) == NULL) {
		return KNOT_ENOMEM;
	}
	expected_t *expected = *slot;
	*expected = (expected_t){
		.line = record->line,
		.ttl = record->ttl,
		.type = type,
		.owner_len = owner_len,
		.rdlen = record->rdlen,
	};
	memcpy(expected->data, record->owner, owner_len);
	knot_dname_to_lower(expected->data);
	memcpy(expected->data + owner_len, record->rdata, record->rdlen);
	return index_record(list, list->count - 1) ? KNOT_EOK : KNOT_ENOMEM;
}

static int compare_entries(const void *a, const void *b)
{
	const above_t *one = a, *other = b;
	if (one->hash != other->hash) {
		return one->hash < other->hash ? -1 : 1;
	}
	return one->nth < other->nth ? -1 : one->nth > other->nth;
}

int source_validations_read(source_listener_t *listener, const char *path,
                            source_validations_t **out)
{
	source_validations_t *list = calloc(1, sizeof(*list) + strlen(path) + 1);
	if (list == NULL) {
		source_complain(listener, path, 0, "not enough memory");
		return KNOT_ENOMEM;
	}
	strcpy(list->path, path);
	taking_t taking = { .list = list, .listener = listener };
	int ret = source_zonefile(listener, path, PLACEHOLDER, 0, take_record, &taking);
	if (ret == KNOT_EOK && taking.wrong) {
		ret = KNOT_EPARSEFAIL;
	}
	if (ret != KNOT_EOK) {
		source_validations_free(list);
		return ret;
	}
	if (list->above_count > 0) {
		qsort(list->above, list->above_count, sizeof(*list->above), compare_entries);
	}
	*out = list;
	return KNOT_EOK;
}

void source_validations_free(source_validations_t *list)
{
	if (list == NULL) {
		return;
	}
	for (size_t i = 0; i < list->count; i++) {
		free(list->record[i]);
	}
	free(list->record);
	free(list->above);
	free(list);
}

static range_t find_range(const source_validations_t *list, const knot_dname_t *name)
{
	uint64_t hash = hash_name(name);
	size_t low = 0, high = list->above_count;
	ARRAY_SEARCH(low, high, list->above[mid].hash < hash)
	range_t out = { .count = 0 };
	if (low == list->above_count) {
		return out;
	}
	out.first = list->above + low;
	while (low + out.count < list->above_count && out.first[out.count].hash == hash) {
		out.count++;
	}
	return out;
}

/*! Replaces the placeholder in a name. False if the name gets too long. */
static bool put_zone(knot_dname_storage_t out, const knot_dname_t *name, const knot_dname_t *zone)
{
	size_t size = knot_dname_size(name), zone_size = knot_dname_size(zone);
	if (knot_dname_in_bailiwick(name, PLACEHOLDER) < 0) {
		memcpy(out, name, size);
		return true;
	}
	size -= PLACEHOLDER_SIZE;
	if (size + zone_size > KNOT_DNAME_MAXLEN) {
		return false;
	}
	memcpy(out, name, size);
	memcpy(out + size, zone, zone_size);
	return true;
}

static int add_record(const expected_t *record, caaudit_policy_t *policy, const char **why)
{
	const uint8_t *rdata = record->data + record->owner_len;
	knot_dname_storage_t owner, target;
	if (!put_zone(owner, record->data, policy->zone) ||
	    (record->type == KNOT_RRTYPE_CNAME && !put_zone(target, rdata, policy->zone))) {
		*why = "too long a name in this zone";
		return KNOT_EPARSEFAIL;
	}
	bool cname = record->type == KNOT_RRTYPE_CNAME;
	bool owner_moves = knot_dname_in_bailiwick(record->data, PLACEHOLDER) >= 0;
	*why = policy_find_slip(policy, owner_moves ? owner : NULL, cname ? target : NULL);
	if (*why != NULL) {
		return KNOT_EPARSEFAIL;
	}
	int ret = cname ? caaudit_policy_add_expected(policy, owner, target, record->ttl, why) :
	                  caaudit_policy_add_expected_txt(policy, owner, rdata, record->rdlen,
	                                                  record->ttl, why);
	// Out of range is a record of another zone whose name has the same hash.
	return ret == KNOT_ERANGE ? KNOT_EOK : ret == KNOT_EINVAL ? KNOT_EPARSEFAIL : ret;
}

int source_validations_add(const source_validations_t *list, source_listener_t *listener,
                           caaudit_policy_t *policy)
{
	range_t own = find_range(list, policy->zone), relative = { .count = 0 };
	// All names are below the root, the placeholder as well.
	if (policy->zone[0] != 0) {
		relative = find_range(list, PLACEHOLDER);
	}
	size_t before = policy->validation_count;
	int ret = KNOT_EOK;
	while (ret == KNOT_EOK && own.count + relative.count > 0) {
		bool is_own = relative.count == 0 ||
		              (own.count > 0 && own.first->nth < relative.first->nth);
		range_t *from = is_own ? &own : &relative;
		const expected_t *record = list->record[from->first->nth];
		const char *why = NULL;
		ret = add_record(record, policy, &why);
		if (why != NULL) {
			source_complain(listener, list->path, record->line, "%s", why);
		}
		from->first++;
		from->count--;
	}
	if (ret == KNOT_ENOMEM) {
		source_complain(listener, list->path, 0, "not enough memory");
	}
	if (ret != KNOT_EOK) {
		caaudit_policy_truncate_validations(policy, before);
	}
	return ret;
}

/*!
 * \brief Has a zone no file of its own, though the directory for those files is there?
 *
 * A link that leads nowhere is a file that cannot be read.
 */
static bool is_absent(const char *pattern, char *path)
{
	struct stat st;
	size_t len = strcspn(pattern, "%"); // So far all zones have the same path.
	while (len > 0 && pattern[len - 1] != '/') {
		len--;
	}
	if (strcmp(path, pattern) == 0 || lstat(path, &st) == 0 || errno != ENOENT) {
		return false;
	}
	char cut = path[len];
	path[len] = '\0';
	bool there = stat(len > 0 ? path : ".", &st) == 0;
	path[len] = cut;
	return there;
}

int source_validations_path(source_listener_t *listener, const char *pattern,
                            const knot_dname_t *zone, char **out)
{
	errno = 0;
	char *path = zonepath_expand(pattern, zone);
	if (path == NULL && errno == ENOMEM) {
		source_complain(listener, pattern, 0, "not enough memory");
		return KNOT_ENOMEM;
	} else if (path == NULL) {
		source_complain(listener, pattern, 0,
		                "unknown formatter after '%%'; known are %%s, %%c[N], "
		                "%%c[N-M], %%l[N] and %%%%");
		return KNOT_EINVAL;
	}
	// Where each zone has a file of its own, a zone without one expects nothing.
	if (is_absent(pattern, path)) {
		free(path);
		path = NULL;
	}
	*out = path;
	return KNOT_EOK;
}

int source_read_validations(source_listener_t *listener, const char *pattern,
                            caaudit_policy_t *policy)
{
	char *path;
	int ret = source_validations_path(listener, pattern, policy->zone, &path);
	if (ret != KNOT_EOK || path == NULL) {
		return ret;
	}
	source_validations_t *list;
	ret = source_validations_read(listener, path, &list);
	free(path);
	if (ret == KNOT_EOK) {
		ret = source_validations_add(list, listener, policy);
		source_validations_free(list);
	}
	return ret;
}
