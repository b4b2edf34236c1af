/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libknot/libknot.h>
#include <libzscanner/scanner.h>

#include "anchors.h"
#include "text.h"

#define ANCHORS_MAX (64 << 10) /* Octets of a file; a zone has a few records of 500. */
#define DEFAULT_TTL 3600

/* Where an anchor comes from, for complaints. */
typedef struct {
	batch_t *batch;
	const char *option;
	const char *value;
} origin_t;

static bool refuse(const origin_t *origin, const char *why)
{
	complain(stderr, "--%s '%s': %s", origin->option, origin->value, why);
	return false;
}

/* Gives a record to the zone that it is of. */
static bool add_record(const origin_t *origin, const zs_scanner_t *scanner)
{
	knot_dname_storage_t owner;
	size_t size = knot_dname_size(scanner->r_owner);
	memcpy(owner, scanner->r_owner, size);
	knot_dname_to_lower(owner);
	size_t fits = 0;
	for (size_t i = 0; i < origin->batch->count; i++) {
		caaudit_policy_t *policy = origin->batch->job[i].policy;
		if (!knot_dname_is_equal(policy->zone, owner)) {
			continue;
		}
		fits++;
		const char *why = NULL;
		int ret = caaudit_policy_add_anchor(policy, scanner->r_type, scanner->r_data,
		                                    scanner->r_data_length, &why);
		if (ret != KNOT_EOK) {
			return refuse(origin, why != NULL ? why : knot_strerror(ret));
		}
	}
	return fits > 0 || refuse(origin, "the record is of none of the zones");
}

static bool scan(const origin_t *origin, const char *text, size_t len, const char *zone)
{
	zs_scanner_t *scanner = malloc(sizeof(*scanner)); /* Too large for a stack. */
	if (scanner == NULL || zs_init(scanner, zone, KNOT_CLASS_IN, DEFAULT_TTL) != 0) {
		free(scanner);
		return refuse(origin, knot_strerror(KNOT_ENOMEM));
	}
	bool ok = zs_set_input_string(scanner, text, len) == 0;
	size_t found = 0;
	while (ok && zs_parse_record(scanner) == 0) {
		if (scanner->state == ZS_STATE_DATA) {
			found++;
			ok = add_record(origin, scanner);
		} else if (scanner->state == ZS_STATE_ERROR) {
			ok = refuse(origin, zs_strerror(scanner->error.code));
		} else if (scanner->state == ZS_STATE_INCLUDE) {
			ok = refuse(origin, "$INCLUDE has no place here");
		} else {
			break;
		}
	}
	zs_deinit(scanner);
	free(scanner);
	return ok && (found > 0 || refuse(origin, "no DS or DNSKEY record"));
}

static bool add_ds(batch_t *batch, const char *value)
{
	const origin_t origin = { batch, "ds", value };
	if (batch->count != 1) {
		return refuse(&origin, "for which zone? --trust-anchor takes a whole record");
	}
	if (strpbrk(value, "\n;()\"") != NULL) {
		return refuse(&origin, "write key tag, algorithm, digest type and digest");
	}
	char *record = NULL;
	int len = asprintf(&record, "@ DS %s\n", value);
	if (len < 0) {
		return refuse(&origin, strerror(ENOMEM));
	}
	bool ok = scan(&origin, record, len, batch->job[0].report.zone);
	free(record);
	return ok;
}

static bool add_file(const origin_t *origin)
{
	FILE *file = fopen(origin->value, "re");
	char why[128];
	if (file == NULL) {
		return refuse(origin, errno_text(errno, why, sizeof(why)));
	}
	char *text = malloc(ANCHORS_MAX + 1);
	size_t len = text != NULL ? fread(text, 1, ANCHORS_MAX, file) : 0;
	int error = text == NULL ? ENOMEM : ferror(file) ? errno : 0;
	fclose(file);
	bool ok = false;
	if (error != 0) {
		refuse(origin, errno_text(error, why, sizeof(why)));
	} else if (len == ANCHORS_MAX) {
		refuse(origin, "too large for a file of trust anchors");
	} else {
		text[len] = '\n'; /* The last line may have no end. */
		ok = scan(origin, text, len + 1, ".");
	}
	free(text);
	return ok;
}

static bool add_anchor(batch_t *batch, const char *value)
{
	const origin_t origin = { batch, "trust-anchor", value };
	if (access(value, F_OK) == 0 || strpbrk(value, " \t") == NULL) {
		return add_file(&origin);
	}
	char *record = NULL;
	int len = asprintf(&record, "%s\n", value);
	if (len < 0) {
		return refuse(&origin, strerror(ENOMEM));
	}
	bool ok = scan(&origin, record, len, ".");
	free(record);
	return ok;
}

bool anchors_add(batch_t *batch)
{
	const options_t *opts = batch->opts;
	for (size_t i = 0; i < opts->ds.count; i++) {
		if (!add_ds(batch, opts->ds.item[i])) {
			return false;
		}
	}
	for (size_t i = 0; i < opts->trust_anchor.count; i++) {
		if (!add_anchor(batch, opts->trust_anchor.item[i])) {
			return false;
		}
	}
	return true;
}
