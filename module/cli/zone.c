/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <libknot/libknot.h>

#include "caaudit/audit.h"
#include "live.h"
#include "source.h"
#include "terminal.h"
#include "text.h"
#include "zone.h"

#define TIMEOUT_MS 10000

/* Reader of one zone. */
typedef struct {
	caaudit_reader_t reader; /* Must be the first. */
	const char *zone;
	FILE *err;
	uint64_t complaints;
	char *first; /* First complaint. */
} reading_t;

static void on_complaint(caaudit_reader_t *self, const char *file, uint64_t line, const char *what)
{
	reading_t *reading = (reading_t *)self;
	char *text = NULL;
	int len = -1;
	if (file != NULL && strcmp(file, "-") == 0) {
		file = "standard input";
	}
	if (file == NULL) {
		len = asprintf(&text, "%s: %s", reading->zone, what);
	} else if (line == 0) {
		len = asprintf(&text, "%s: %s", file, what);
	} else {
		len = asprintf(&text, "%s:%" PRIu64 ": %s", file, line, what);
	}
	complain(reading->err, "%s", len >= 0 ? text : what);
	if (reading->complaints == 0 && len >= 0) {
		reading->first = text;
	} else if (len >= 0) {
		free(text);
	}
	reading->complaints++;
}

/* Says in the reader's name what no source has found. */
__attribute__((format(printf, 3, 4))) static void tell(reading_t *reading, const char *file,
                                                       const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	on_complaint(&reading->reader, file, 0, text);
}

static bool on_progress(caaudit_reader_t *self, uint64_t done, uint64_t all)
{
	const reading_t *reading = (const reading_t *)self;
	progress_show(reading->zone, done, all);
	return true;
}

static double seconds(void)
{
	struct timespec now = { 0 };
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int read_control(const options_t *opts, reading_t *reading, caaudit_view_t *view)
{
	struct stat st;
	if (stat(opts->control, &st) != 0) {
		char why[128];
		tell(reading, opts->control, "cannot connect (%s)",
		     errno_text(errno, why, sizeof(why)));
		return KNOT_ENOENT;
	}
	char version[VERSION_MAX];
	int ret = live_version(opts->control, TIMEOUT_MS, version);
	if (ret != KNOT_EOK) {
		tell(reading, opts->control,
		     "cannot ask the server for its version (%s); is it knotd's control socket?",
		     knot_strerror(ret));
		return ret;
	}
	if (!live_is_safe(version)) {
		tell(reading, opts->control,
		     "knotd %s can crash when a zone is read over the control socket "
		     "(mended in 3.2.7); use --axfr, or the zone file",
		     version);
		return KNOT_ENOTSUP;
	}
	ret = caaudit_read_control(&reading->reader, opts->control, TIMEOUT_MS, view);
	if (ret == KNOT_EMALF) {
		tell(reading, opts->control,
		     "that may be a record that the server cannot write down; "
		     "--axfr or the zone file shows it");
	}
	return ret;
}

static int read_transfer(const options_t *opts, reading_t *reading, caaudit_view_t *view)
{
	const knot_tsig_key_t *key = opts->tsig.name != NULL ? &opts->tsig : NULL;
	return caaudit_read_transfer(&reading->reader, &opts->server, key, TIMEOUT_MS, view);
}

/* A zone file under the wrong name is the usual reason for a missing SOA. */
static void hint_origin(const char *path, const caaudit_policy_t *policy, reading_t *reading)
{
	knot_dname_storage_t owner;
	knot_dname_txt_storage_t text;
	if (caaudit_find_soa(path, policy->zone, owner) &&
	    !knot_dname_is_case_equal(owner, policy->zone) &&
	    knot_dname_to_str(text, owner, sizeof(text)) != NULL) {
		tell(reading, path, "its SOA record is at %s; if it is that zone: -o %s", text,
		     text);
	}
}

/* One line instead of one for every octet that is no master file. */
static bool is_binary(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) {
		return false;
	}
	FILE *file = fopen(path, "re");
	if (file == NULL) {
		return false;
	}
	char head[4096];
	size_t len = fread(head, 1, sizeof(head), file);
	fclose(file);
	return memchr(head, '\0', len) != NULL;
}

static int read_zone(const options_t *opts, const char *path, const caaudit_policy_t *policy,
                     reading_t *reading, caaudit_view_t *view)
{
	if (opts->live != NULL) {
		return read_control(opts, reading, view);
	}
	if (opts->axfr != NULL) {
		return read_transfer(opts, reading, view);
	}
	if (!opts->force && is_binary(path)) {
		tell(reading, path, "binary data, not a master file; write the zone as text first");
		return KNOT_EMALF;
	}
	int ret = caaudit_read_zonefile(&reading->reader, path, view);
	if (ret == KNOT_ENOENT) {
		hint_origin(path, policy, reading);
	}
	return ret;
}

static bool audit(const options_t *opts, const caaudit_policy_t *policy, const caaudit_view_t *view,
                  report_t *report, FILE *err)
{
	report->serial = caaudit_view_serial(view);
	report->records = caaudit_view_records(view);
	double begin = seconds();
	int ret = caaudit_audit(view, policy, opts->now, &report->sink);
	report->audit_time = seconds() - begin;
	if (ret == KNOT_EOK && report->failed) {
		ret = KNOT_ENOMEM;
	}
	if (ret != KNOT_EOK) {
		complain(err, "%s: could not check: %s", report->zone, knot_strerror(ret));
	}
	return ret == KNOT_EOK;
}

/* With --force the rest is better than nothing, but nobody may take it for the zone. */
static bool go_on_broken(const options_t *opts, const reading_t *reading, report_t *report)
{
	if (!opts->force) {
		return false;
	}
	char why[1024];
	snprintf(why, sizeof(why), "%" PRIu64 " line%s could not be read, the first: %s",
	         reading->complaints, reading->complaints == 1 ? "" : "s",
	         reading->first != NULL ? reading->first : "-");
	report_gap(report, "a part of the zone file", why);
	return true;
}

bool zone_validations(const list_t *files, caaudit_policy_t *policy, const report_t *report,
                      FILE *err)
{
	reading_t reading = {
		.reader = { .complain = on_complaint },
		.zone = report->zone,
		.err = err,
	};
	bool ok = true;
	for (size_t i = 0; i < files->count; i++) {
		ok = caaudit_read_validations(&reading.reader, files->item[i], policy) ==
		             KNOT_EOK &&
		     ok;
	}
	free(reading.first);
	return ok;
}

/* Standard input and pipes are gone once they are read. */
static bool is_repeatable(const options_t *opts, const char *path)
{
	struct stat st;
	return opts->live != NULL || opts->axfr != NULL ||
	       (strcmp(path, "-") != 0 && stat(path, &st) == 0 && S_ISREG(st.st_mode));
}

/* Reads a large signed zone once more, where aliases lead back. */
static void read_again(const options_t *opts, const char *path, const caaudit_policy_t *policy,
                       reading_t *reading, caaudit_view_t **view)
{
	caaudit_view_t *again = NULL;
	if (!is_repeatable(opts, path) || caaudit_view_again(*view, &again) != KNOT_EOK ||
	    again == NULL) {
		return;
	}
	bool ok = read_zone(opts, path, policy, reading, again) == KNOT_EOK;
	caaudit_view_free(ok ? *view : again);
	*view = ok ? again : *view;
}

caaudit_view_t *zone_view(const options_t *opts, const char *path, const caaudit_policy_t *policy,
                          const report_t *report, FILE *err)
{
	reading_t reading = {
		.reader = { .complain = on_complaint, .go_on = on_progress },
		.zone = report->zone,
		.err = err,
	};
	caaudit_view_t *view = caaudit_view_new(policy->zone);
	if (view != NULL && caaudit_audit_want(policy, view) == KNOT_EOK &&
	    read_zone(opts, path, policy, &reading, view) == KNOT_EOK) {
		free(reading.first);
		return view;
	}
	if (reading.complaints == 0) {
		complain(err, "%s: could not read the zone to compare with", report->zone);
	}
	free(reading.first);
	caaudit_view_free(view);
	return NULL;
}

bool zone_check(const options_t *opts, const char *path, const caaudit_policy_t *policy,
                report_t *report, FILE *err)
{
	reading_t reading = {
		.reader = { .complain = on_complaint, .go_on = on_progress },
		.zone = report->zone,
		.err = err,
	};
	caaudit_view_t *view = caaudit_view_new(policy->zone);
	if (view == NULL || report->zone == NULL || caaudit_audit_want(policy, view) != KNOT_EOK) {
		complain(err, "%s", knot_strerror(KNOT_ENOMEM));
		caaudit_view_free(view);
		return false;
	}

	bool ok = false;
	double begin = seconds();
	int ret = read_zone(opts, path, policy, &reading, view);
	if (ret == KNOT_EOK) {
		read_again(opts, path, policy, &reading, &view);
	}
	report->read_time = seconds() - begin;
	if (ret == KNOT_EOK || (ret == KNOT_EPARSEFAIL && go_on_broken(opts, &reading, report))) {
		ok = audit(opts, policy, view, report, err);
	} else if (ret == KNOT_EPARSEFAIL) {
		complain(err,
		         "%s: could not check: %" PRIu64 " error%s; "
		         "--force audits what could be read",
		         report->zone, reading.complaints, reading.complaints == 1 ? "" : "s");
	} else if (reading.complaints == 0) {
		complain(err, "%s: could not check: %s", report->zone, knot_strerror(ret));
	}
	free(reading.first);
	caaudit_view_free(view);
	return ok;
}
