/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libknot/libknot.h>
#include <libzscanner/scanner.h>

#include "master.h"
#include "text.h"
#include "zonepath.h"

#define VALIDATIONS_MAX (16 << 20)
#define DEFAULT_TTL     3600

/* A file in memory and the scanner on it. */
typedef struct {
	char *text;
	size_t len;
	zs_scanner_t *scanner;
	char why[128];
} master_t;

static void master_close(master_t *master)
{
	if (master->scanner != NULL) {
		zs_deinit(master->scanner);
	}
	free(master->scanner);
	free(master->text);
}

/* Reads rather than maps: a file that shrinks meanwhile must not kill us. */
static int read_file(master_t *master, const char *path, size_t max)
{
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		return errno;
	}
	int error = 0;
	master->text = malloc(max);
	if (master->text == NULL) {
		error = ENOMEM;
	} else {
		master->len = fread(master->text, 1, max, file);
		error = ferror(file) ? errno : 0;
	}
	fclose(file);
	return error;
}

/* Returns NULL or what is wrong. */
static const char *master_open(master_t *master, const char *path, const char *origin, size_t max)
{
	*master = (master_t){ 0 };
	int error = read_file(master, path, max);
	if (error != 0) {
		return errno_text(error, master->why, sizeof(master->why));
	}
	zs_scanner_t *scanner = malloc(sizeof(*scanner)); /* Too large for a stack. */
	if (scanner == NULL) {
		return knot_strerror(KNOT_ENOMEM);
	}
	if (zs_init(scanner, origin, KNOT_CLASS_IN, DEFAULT_TTL) != 0) {
		const char *what = zs_strerror(scanner->error.code);
		free(scanner);
		return what;
	}
	master->scanner = scanner;
	if (zs_set_input_string(scanner, master->text, master->len) != 0) {
		return zs_strerror(scanner->error.code);
	}
	return NULL;
}

/* Returns NULL or what is wrong with the record. */
static const char *add_validation(const zs_scanner_t *scanner, caaudit_policy_t *policy,
				  report_t *report)
{
	char owner[KNOT_DNAME_TXT_MAXLEN + 1];
	char what[KNOT_DNAME_TXT_MAXLEN + 32];
	int ret = KNOT_EOK;
	switch (scanner->r_type) {
	case KNOT_RRTYPE_CNAME:
		ret = caaudit_policy_add_expected(policy, scanner->r_owner, scanner->r_data);
		return ret == KNOT_EOK || ret == KNOT_ERANGE ? NULL : knot_strerror(ret);
	case KNOT_RRTYPE_TXT:
		if (knot_dname_in_bailiwick(scanner->r_owner, policy->zone) >= 0 &&
		    knot_dname_to_str(owner, scanner->r_owner, sizeof(owner)) != NULL) {
			snprintf(what, sizeof(what), "validation TXT record %s", owner);
			report_gap(report, what,
				   "only CNAME records of a validation file are checked");
		}
		return NULL;
	default:
		return "a validation file holds CNAME and TXT records only";
	}
}

static bool scan_validations(const master_t *master, const char *path, caaudit_policy_t *policy,
			     report_t *report, FILE *err)
{
	bool ok = true;
	zs_scanner_t *scanner = master->scanner;
	while (zs_parse_record(scanner) == 0) {
		const char *why = NULL;
		switch (scanner->state) {
		case ZS_STATE_DATA:
			why = add_validation(scanner, policy, report);
			break;
		case ZS_STATE_ERROR:
			why = zs_strerror(scanner->error.code);
			break;
		case ZS_STATE_INCLUDE:
			why = "$INCLUDE has no place in a validation file; "
			      "give --validation-file again";
			break;
		default:
			return ok;
		}
		if (why != NULL) {
			complain(err, "%s:%" PRIu64 ": %s", path, scanner->line_counter, why);
			ok = false;
		}
	}
	return false; /* A fatal error, and it has been told. */
}

bool master_validations(const char *path, caaudit_policy_t *policy, report_t *report, FILE *err)
{
	char zone[KNOT_DNAME_TXT_MAXLEN + 1];
	if (knot_dname_to_str(zone, policy->zone, sizeof(zone)) == NULL) {
		return false;
	}
	char *expanded = zonepath_expand(path, policy->zone);
	if (expanded == NULL) {
		complain(err, "%s: not understood as a pattern of file names", path);
		return false;
	}
	/* Where each zone has a file of its own, a zone without one expects nothing. */
	if (strcmp(expanded, path) != 0 && access(expanded, F_OK) != 0 && errno == ENOENT) {
		free(expanded);
		return true;
	}

	bool ok = false;
	master_t master;
	const char *why = master_open(&master, expanded, zone, VALIDATIONS_MAX);
	if (why == NULL && master.len == VALIDATIONS_MAX) {
		why = "too large for a validation file";
	}
	if (why != NULL) {
		complain(err, "%s: %s", expanded, why);
	} else {
		ok = scan_validations(&master, expanded, policy, report, err);
	}
	master_close(&master);
	free(expanded);
	return ok;
}
