/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Reads one zone from where the options say, and audits it. */

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
#include "fill.h"
#include "terminal.h"
#include "text.h"
#include "zone.h"

/* Milliseconds for each operation on a socket. */
#define TIMEOUT_MS 10000

/* Reading of one zone; prints every complaint. */
typedef struct {
	source_first_t first; /* Must come first. */
	const char *zone;
	FILE *err;
} reading_t;

static void on_complaint(source_listener_t *self, const char *file, uint64_t line, const char *what)
{
	reading_t *reading = (reading_t *)self;
	if (file == NULL) {
		file = reading->zone;
	} else if (strcmp(file, "-") == 0) {
		file = "standard input";
	}
	source_keep_first(self, file, line, what);
	if (line == 0) {
		complain(reading->err, "%s: %s", file, what);
	} else {
		complain(reading->err, "%s:%" PRIu64 ": %s", file, line, what);
	}
}

/* Adds a complaint that no source makes. */
__attribute__((format(printf, 3, 4))) static void tell(reading_t *reading, const char *file,
                                                       const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	on_complaint(&reading->first.listener, file, 0, text);
}

static bool on_progress(source_listener_t *self, uint64_t done, uint64_t all)
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
		     source_errno_text(errno, why, sizeof(why)));
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
	ret = source_fill_control(&reading->first.listener, opts->control, TIMEOUT_MS, view);
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
	return source_fill_transfer(&reading->first.listener, &opts->server, key, TIMEOUT_MS, view);
}

/* A missing SOA record usually means that the file is of another zone. */
static void hint_origin(const char *path, const caaudit_policy_t *policy, reading_t *reading)
{
	knot_dname_storage_t owner;
	knot_dname_txt_storage_t text;
	if (source_find_soa(path, policy->zone, owner) &&
	    !knot_dname_is_case_equal(owner, policy->zone) &&
	    knot_dname_to_str(text, owner, sizeof(text)) != NULL) {
		tell(reading, path, "its SOA record is at %s; if it is that zone: -o %s", text,
		     text);
	}
}

/* Binary data gives one complaint, instead of one for each of its lines. */
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
	int ret = source_fill_zonefile(&reading->first.listener, path,
	                               SOURCE_INCLUDES | SOURCE_PIPES, view);
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

/* With --force the lines that could be read are audited; the report names those that could not. */
static bool go_on_broken(const options_t *opts, const reading_t *reading, report_t *report)
{
	if (!opts->force) {
		return false;
	}
	const source_first_t *first = &reading->first;
	char line[32] = "";
	if (first->line > 0) {
		snprintf(line, sizeof(line), ":%" PRIu64, first->line);
	}
	char why[SOURCE_FILE_MAX + SOURCE_TEXT_MAX + 96];
	snprintf(why, sizeof(why), "%" PRIu64 " line%s could not be read, the first: %s%s: %s",
	         first->count, first->count == 1 ? "" : "s", first->file, line, first->what);
	report_gap(report, "a part of the zone file", why);
	return true;
}

bool zone_validations(const words_t *files, caaudit_policy_t *policy, const report_t *report,
                      FILE *err)
{
	reading_t reading = {
		.first.listener = { .complain = on_complaint },
		.zone = report->zone,
		.err = err,
	};
	bool ok = true;
	for (size_t i = 0; i < files->count; i++) {
		ok = source_read_validations(&reading.first.listener, files->item[i], policy) ==
		             KNOT_EOK &&
		     ok;
	}
	return ok;
}

/* Standard input and pipes can be read once only. */
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

bool zone_check(const options_t *opts, const char *path, const caaudit_policy_t *policy,
                report_t *report, FILE *err)
{
	reading_t reading = {
		.first.listener = { .complain = on_complaint, .go_on = on_progress },
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
		         report->zone, reading.first.count, reading.first.count == 1 ? "" : "s");
	} else if (reading.first.count == 0) {
		complain(err, "%s: could not check: %s", report->zone, knot_strerror(ret));
	}
	caaudit_view_free(view);
	return ok;
}
