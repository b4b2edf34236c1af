/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Parses the trust anchors of the command line and adds each to the policy of its zone.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libknot/libknot.h>
#include <libzscanner/scanner.h>

#include "anchors.h"
#include "engine/array.h"
#include "probe.h"
#include "source.h"
#include "text.h"

#define ANCHORS_MAX (64 << 10) /* Octets of a file; a zone has a few records of 500. */
#define DEFAULT_TTL 3600       /* Seconds; the TTL of an anchor has no effect. */

/* An anchor as it was given, and what it is for. */
typedef struct {
	batch_t *batch;
	const char *option;
	const char *value;
} anchor_t;

static bool refuse(const anchor_t *anchor, const char *why)
{
	complain(stderr, "--%s '%s': %s", anchor->option, anchor->value, why);
	return false;
}

/* Keeps an anchor for the resolver of a probe, which begins above the zones. */
static bool keep_above(const anchor_t *anchor, const zs_scanner_t *scanner,
                       const knot_dname_t *owner)
{
	batch_t *batch = anchor->batch;
	knot_dname_txt_storage_t name;
	size_t size = 4 * (size_t)scanner->r_data_length + 256;
	char *rdata = malloc(size);
	bool text = rdata != NULL && probe_rdata_text(scanner->r_type, scanner->r_data,
	                                              scanner->r_data_length, rdata, size);
	char **slot = text && knot_dname_to_str(name, owner, sizeof(name)) != NULL ?
	                      array_extend(&batch->anchor, &batch->anchor_count, sizeof(*slot)) :
	                      NULL;
	bool ok = slot != NULL &&
	          asprintf(slot, "%s IN %s %s", name,
	                   scanner->r_type == KNOT_RRTYPE_DS ? "DS" : "DNSKEY", rdata) >= 0;
	free(rdata);
	return ok || refuse(anchor, knot_strerror(KNOT_ENOMEM));
}

/* Adds a record to the policies of the zone that owns it. */
static bool add_record(const anchor_t *anchor, const zs_scanner_t *scanner)
{
	knot_dname_storage_t owner;
	size_t size = knot_dname_size(scanner->r_owner);
	memcpy(owner, scanner->r_owner, size);
	knot_dname_to_lower(owner);
	size_t fits = 0;
	for (size_t i = 0; i < anchor->batch->count; i++) {
		caaudit_policy_t *policy = anchor->batch->job[i].policy;
		if (!knot_dname_is_equal(policy->zone, owner)) {
			continue;
		}
		fits++;
		const char *why = NULL;
		int ret = caaudit_policy_add_anchor(policy, scanner->r_type, scanner->r_data,
		                                    scanner->r_data_length, &why);
		if (ret != KNOT_EOK) {
			return refuse(anchor, why != NULL ? why : knot_strerror(ret));
		}
	}
	bool key = scanner->r_type == KNOT_RRTYPE_DS || scanner->r_type == KNOT_RRTYPE_DNSKEY;
	if (fits == 0 && key && anchor->batch->opts->command == CMD_PROBE) {
		for (size_t i = 0; i < anchor->batch->count; i++) {
			if (knot_dname_in_bailiwick(anchor->batch->job[i].policy->zone, owner) >
			    0) {
				return keep_above(anchor, scanner, owner);
			}
		}
	}
	return fits > 0 || refuse(anchor, "the record is of none of the zones");
}

static bool scan(const anchor_t *anchor, const char *text, size_t len, const char *zone)
{
	zs_scanner_t *scanner = malloc(sizeof(*scanner)); /* Too large for a stack. */
	if (scanner == NULL || zs_init(scanner, zone, KNOT_CLASS_IN, DEFAULT_TTL) != 0) {
		free(scanner);
		return refuse(anchor, knot_strerror(KNOT_ENOMEM));
	}
	bool ok = zs_set_input_string(scanner, text, len) == 0;
	size_t found = 0;
	while (ok && zs_parse_record(scanner) == 0) {
		if (scanner->state == ZS_STATE_DATA) {
			found++;
			ok = add_record(anchor, scanner);
		} else if (scanner->state == ZS_STATE_ERROR) {
			ok = refuse(anchor, zs_strerror(scanner->error.code));
		} else if (scanner->state == ZS_STATE_INCLUDE) {
			ok = refuse(anchor, "$INCLUDE has no place here");
		} else {
			break;
		}
	}
	zs_deinit(scanner);
	free(scanner);
	return ok && (found > 0 || refuse(anchor, "no DS or DNSKEY record"));
}

/* Scans the value itself, which lacks the beginning of the record. */
static bool scan_record(const anchor_t *anchor, const char *begin, const char *zone)
{
	char *record = NULL;
	int len = asprintf(&record, "%s%s\n", begin, anchor->value);
	if (len < 0) {
		return refuse(anchor, strerror(ENOMEM));
	}
	bool ok = scan(anchor, record, len, zone);
	free(record);
	return ok;
}

static bool add_ds(batch_t *batch, const char *value)
{
	const anchor_t anchor = { batch, "ds", value };
	if (batch->count != 1) {
		return refuse(&anchor, "for which zone? --trust-anchor takes a whole record");
	}
	if (strpbrk(value, "\n;()\"") != NULL) {
		return refuse(&anchor, "write key tag, algorithm, digest type and digest");
	}
	return scan_record(&anchor, "@ DS ", batch->job[0].report.zone);
}

static bool add_file(const anchor_t *anchor)
{
	FILE *file = fopen(anchor->value, "re");
	char why[128];
	if (file == NULL) {
		return refuse(anchor, source_errno_text(errno, why, sizeof(why)));
	}
	char *text = malloc(ANCHORS_MAX + 1);
	size_t len = text != NULL ? fread(text, 1, ANCHORS_MAX, file) : 0;
	int error = text == NULL ? ENOMEM : ferror(file) ? errno : 0;
	fclose(file);
	bool ok = false;
	if (error != 0) {
		refuse(anchor, source_errno_text(error, why, sizeof(why)));
	} else if (len == ANCHORS_MAX) {
		refuse(anchor, "too large for a file of trust anchors");
	} else {
		text[len] = '\n'; /* The last line may have no end. */
		ok = scan(anchor, text, len + 1, ".");
	}
	free(text);
	return ok;
}

static bool add_anchor(batch_t *batch, const char *value)
{
	const anchor_t anchor = { batch, "trust-anchor", value };
	if (access(value, F_OK) == 0 || strpbrk(value, " \t") == NULL) {
		return add_file(&anchor);
	}
	return scan_record(&anchor, "", ".");
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
