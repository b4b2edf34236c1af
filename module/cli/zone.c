/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Reads one zone from where the options say, and audits it. */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <libknot/libknot.h>

#include "caaudit/audit.h"
#include "source/clock.h"
#include "fill.h"
#include "live.h"
#include "terminal.h"
#include "text.h"
#include "zone.h"

/* Milliseconds for each operation on a socket. */
#define TIMEOUT_MS 10000

/* Reading of one zone; prints every complaint. */
typedef struct {
	source_first_t first; /* Must come first. */
	const report_t *report;
	FILE *err;
	bool again; /* The zone has been read before: what is wrong was told then. */
} reading_t;

static void on_complaint(source_listener_t *self, const char *file, uint64_t line, const char *what)
{
	reading_t *reading = (reading_t *)self;
	if (reading->again) {
		return;
	}
	file = file != NULL ? report_file(reading->report, file) : reading->report->zone;
	source_keep_first(self, file, line, what);
	if (line == 0) {
		complain(reading->err, "%s: %s", file, what);
	} else {
		complain(reading->err, "%s:%" PRIu64 ": %s", file, line, what);
	}
}

/* Adds a complaint that no source makes. */
__attribute__((format(printf, 4, 5))) static void tell(reading_t *reading, const char *file,
                                                       uint64_t line, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	on_complaint(&reading->first.listener, file, line, text);
}

static bool on_progress(source_listener_t *self, uint64_t done, uint64_t all)
{
	const reading_t *reading = (const reading_t *)self;
	progress_show(reading->report->zone, done, all);
	return true;
}

static double seconds(void)
{
	return (double)clock_us() / 1e6;
}

/* Finds the server, and asks it for its version. */
static int find_server(const options_t *opts, reading_t *reading, char version[VERSION_MAX])
{
	struct stat st;
	if (stat(opts->control, &st) != 0) {
		char why[128];
		bool usual = strcmp(opts->control, CONTROL_DEFAULT) == 0;
		tell(reading, opts->control, 0, "cannot connect (%s)%s",
		     source_errno_text(errno, why, sizeof(why)),
		     usual ? "; this is the default, --control names another socket" : "");
		return KNOT_ENOENT;
	}
	int ret = live_version(opts->control, TIMEOUT_MS, version);
	if (ret != KNOT_EOK) {
		tell(reading, opts->control, 0,
		     "cannot ask the server for its version (%s); is it knotd's control socket?",
		     knot_strerror(ret));
	}
	return ret;
}

static int read_control(const options_t *opts, reading_t *reading, caaudit_view_t *view)
{
	char version[VERSION_MAX];
	int ret = find_server(opts, reading, version);
	if (ret != KNOT_EOK) {
		return ret;
	}
	if (!live_is_safe(version)) {
		tell(reading, opts->control, 0,
		     "knotd %s can crash when a zone is read over the control socket "
		     "(mended in 3.2.7); use --axfr, or the zone file",
		     version);
		return KNOT_ENOTSUP;
	}
	ret = source_fill_control(&reading->first.listener, opts->control, TIMEOUT_MS, view);
	if (ret == KNOT_EMALF) {
		tell(reading, opts->control, 0,
		     "that may be a record that the server cannot write down; "
		     "--axfr or the zone file shows it");
	}
	return ret;
}

static int read_transaction(const options_t *opts, reading_t *reading, const knot_dname_t *zone,
                            source_transaction_t **out)
{
	char version[VERSION_MAX];
	int ret = find_server(opts, reading, version);
	if (ret != KNOT_EOK) {
		return ret;
	}
	ret = source_transaction_read(&reading->first.listener, opts->control, TIMEOUT_MS, zone,
	                              out);
	if (ret == KNOT_EMALF) {
		tell(reading, opts->control, 0,
		     "zone-commit would serve what could not be looked at; take malformed records "
		     "back with 'knotc zone-unset', or begin anew after 'knotc zone-abort %s'",
		     reading->report->zone);
	} else if (ret == KNOT_ESPACE) {
		tell(reading, opts->control, 0,
		     "zone-commit would take that record out; what else it changes cannot be "
		     "compared: see 'knotc zone-get %s', and check the zone after zone-commit",
		     reading->report->zone);
	} else if (ret == KNOT_EDENIED) {
		tell(reading, opts->control, 0, "a transaction is opened by 'knotc zone-begin %s'",
		     reading->report->zone);
	} else if (ret == KNOT_EOK && !opts->quiet) {
		complain(reading->err,
		         "%s: the transaction is open: updates wait until 'knotc zone-commit' or "
		         "'knotc zone-abort'%s",
		         reading->report->zone,
		         live_is_safe(version) ?
		                 "" :
		                 ", and 'knotc reload' meanwhile can hang this old server");
	}
	return ret;
}

static int read_transfer(const options_t *opts, reading_t *reading, caaudit_view_t *view)
{
	const knot_tsig_key_t *key = opts->tsig.name != NULL ? &opts->tsig : NULL;
	char server[SOURCE_ADDRESS_MAX];
	source_address_text(&opts->server, server);
	int ret = source_fill_transfer(&reading->first.listener, &opts->server, key, TIMEOUT_MS,
	                               view);
	if (ret == KNOT_ECONNREFUSED || ret == KNOT_ECONN || ret == KNOT_ETIMEOUT) {
		if (strcmp(server, SERVER_DEFAULT) == 0) {
			tell(reading, server, 0,
			     "this is the default, --server names another address");
		}
	}
	return ret;
}

/*
 * A missing SOA record means that the file is of another zone, or that its owner has lost the final
 * dot.
 */
static void hint_origin(const char *path, reading_t *reading)
{
	source_soa_t soa;
	knot_dname_txt_storage_t owner;
	if (!source_find_soa(path, &soa) || report_name(soa.owner, owner) == NULL ||
	    (soa.relative && soa.owner[0] == 0)) {
		return;
	}
	if (!soa.relative) {
		tell(reading, path, soa.line, "the SOA record is at %s; for that zone use -o %s",
		     owner, owner);
	} else {
		tell(reading, path, soa.line,
		     "the owner of the SOA record lacks its final dot, as in files that "
		     "Cloudflare exports; write %s",
		     owner);
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

static int read_zone(const options_t *opts, reading_t *reading, caaudit_view_t *view)
{
	if (opts->live != NULL) {
		return read_control(opts, reading, view);
	}
	if (opts->axfr != NULL) {
		return read_transfer(opts, reading, view);
	}
	const report_t *report = reading->report;
	const char *path = report->copy != NULL ? report->copy : report->path;
	if (!opts->force && is_binary(path)) {
		tell(reading, path, 0,
		     "binary data, not a master file; write the zone as text first");
		return KNOT_EMALF;
	}
	int ret = source_fill_zonefile(&reading->first.listener, path, SOURCE_INCLUDES, view);
	if (ret == KNOT_ENOENT) {
		hint_origin(path, reading);
	}
	return ret;
}

/* "FILE:LINE: WHAT"; NULL if out of memory. */
static char *first_complaint(const source_first_t *first)
{
	char line[32] = "";
	if (first->line > 0) {
		snprintf(line, sizeof(line), ":%" PRIu64, first->line);
	}
	char *text = NULL;
	return asprintf(&text, "%s%s: %s", first->file, line, first->what) < 0 ? NULL : text;
}

/* With --force the lines that could be read are audited; the report names those that could not. */
static bool go_on_broken(const options_t *opts, const reading_t *reading, report_t *report)
{
	if (!opts->force) {
		return false;
	}
	const source_first_t *first = &reading->first;
	char *what = first_complaint(first), *why = NULL;
	if (what == NULL || asprintf(&why, "%" PRIu64 " line%s could not be read, the first: %s",
	                             first->count, first->count == 1 ? "" : "s", what) < 0) {
		why = NULL;
	}
	free(what);
	return report_add_gap(report, "a part of the zone file", why);
}

bool zone_validations(const words_t *files, bool configured, caaudit_policy_t *policy,
                      report_t *report, FILE *err)
{
	reading_t reading = {
		.first.listener = { .complain = on_complaint },
		.report = report,
		.err = err,
	};
	int ret = KNOT_EOK;
	for (size_t i = 0; i < files->count && ret != KNOT_ENOMEM; i++) {
		int one = source_read_validations(&reading.first.listener, files->item[i], policy);
		ret = ret == KNOT_EOK || one == KNOT_ENOMEM ? one : ret;
	}
	if (ret == KNOT_EOK || !configured || ret == KNOT_ENOMEM) {
		return ret == KNOT_EOK;
	}
	policy->partial = true;
	complain(err, "%s: not checked: nothing of its validation-file is expected", report->zone);
	if (!report_add_gap(report, "validation-file", first_complaint(&reading.first))) {
		complain(err, "%s", knot_strerror(KNOT_ENOMEM));
		return false;
	}
	return true;
}

/* What reads a zone, and what comes of it. */
typedef struct {
	reading_t reading; /* Must come first. */
	const options_t *opts;
	report_t *report;
	source_transaction_t *transaction; /* NULL if none is audited. */
	bool served;                       /* Of the transaction: what it has not changed yet. */
	double time;                       /* Seconds. */
} check_t;

/* Writes all of it: where no more goes in, a part may be written before the error comes. */
static bool write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t done = write(fd, data, len);
		if (done < 0 && errno != EINTR) {
			return false;
		}
		data += done > 0 ? done : 0;
		len -= done > 0 ? (size_t)done : 0;
	}
	return true;
}

/* Copies what can be read only once into memory. Gives a file descriptor, or -1. */
static int keep(int from, const char *name)
{
	int fd = memfd_create("zone", MFD_CLOEXEC);
	char buffer[65536];
	ssize_t len = 0;
	int code = fd < 0 ? errno : 0; /* The progress line may set another. */
	uint64_t done = 0;
	while (code == 0 && (len = read(from, buffer, sizeof(buffer))) != 0) {
		bool ok = len > 0 ? write_all(fd, buffer, (size_t)len) : errno == EINTR;
		code = ok ? 0 : errno;
		done += len > 0 ? (uint64_t)len : 0;
		progress_show(name, done, 0);
	}
	progress_clear();
	if (code == 0 && lseek(fd, 0, SEEK_SET) != 0) {
		code = errno;
	}
	if (code != 0 && fd >= 0) {
		close(fd);
	}
	errno = code;
	return code == 0 ? fd : -1;
}

bool zone_keep(const char *path, zone_copy_t *out)
{
	struct stat st;
	bool standard = strcmp(path, "-") == 0;
	*out = (zone_copy_t){ .path = "" };
	if (!standard && (stat(path, &st) != 0 || !S_ISFIFO(st.st_mode))) {
		return true; // The source complains of what is wrong.
	}
	int from = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	out->fd = from < 0 ? -1 : keep(from, standard ? "the standard input" : "a pipe");
	int code = errno;
	if (from >= 0 && !standard) {
		close(from);
	}
	if (out->fd >= 0) {
		snprintf(out->path, sizeof(out->path), "/proc/self/fd/%d", out->fd);
	}
	errno = code;
	return out->fd >= 0;
}

void zone_forget(zone_copy_t *copy)
{
	if (copy->path[0] != '\0') {
		close(copy->fd);
	}
	copy->path[0] = '\0';
}

static int read_view(void *context, caaudit_view_t *view)
{
	check_t *check = context;
	double begin = seconds();
	int ret = check->transaction == NULL ?
	                  read_zone(check->opts, &check->reading, view) :
	                  source_fill_transaction(&check->reading.first.listener,
	                                          check->opts->control, check->transaction,
	                                          check->served, view);
	check->time += seconds() - begin;
	if (ret == KNOT_EPARSEFAIL &&
	    (check->reading.again || go_on_broken(check->opts, &check->reading, check->report))) {
		caaudit_view_set_partial(view);
		ret = KNOT_EOK;
	}
	check->reading.again = true;
	return ret;
}

caaudit_view_t *zone_view(const options_t *opts, const char *path, const caaudit_policy_t *policy,
                          const report_t *report, FILE *err)
{
	report_t at = *report;
	at.path = path;
	at.copy = NULL;
	reading_t reading = {
		.first.listener = { .complain = on_complaint, .go_on = on_progress },
		.report = &at,
		.err = err,
	};
	caaudit_view_t *view = caaudit_view_new(policy);
	if (view != NULL && read_zone(opts, &reading, view) == KNOT_EOK) {
		return view;
	}
	if (reading.first.count == 0) {
		complain(err, "%s: could not read the zone to compare with", report->zone);
	}
	caaudit_view_free(view);
	return NULL;
}

/* Audits what is served, to compare the transaction with. */
static int check_served(check_t *check, const caaudit_policy_t *policy)
{
	report_t *report = check->report;
	double begin = seconds();
	int ret = read_transaction(check->opts, &check->reading, policy->zone, &check->transaction);
	check->time += seconds() - begin;
	if (ret == KNOT_EOK && source_transaction_lacks_proofs(check->transaction) &&
	    !report_add_gap(report, "signatures and denials",
	                    strdup("a server that signs makes them at zone-commit"))) {
		ret = KNOT_ENOMEM;
	}
	if (ret != KNOT_EOK) {
		return ret;
	}
	check->served = true;
	ret = caaudit_audit(policy, read_view, check, check->opts->now, &report->served);
	check->served = false;
	check->reading.again = false;
	return ret;
}

bool zone_check(const options_t *opts, const caaudit_policy_t *policy, report_t *report, FILE *err)
{
	check_t check = {
		.reading = {
			.first.listener = { .complain = on_complaint, .go_on = on_progress },
			.report = report,
			.err = err,
		},
		.opts = opts,
		.report = report,
	};
	double begin = seconds();
	int ret = opts->transaction ? check_served(&check, policy) : KNOT_EOK;
	if (ret == KNOT_EOK) {
		ret = caaudit_audit(policy, read_view, &check, opts->now, &report->audit);
	}
	if (ret == KNOT_EOK && opts->transaction && !report_find_changes(report, policy)) {
		ret = KNOT_ENOMEM;
	}
	source_transaction_free(check.transaction);
	if (ret == KNOT_EOK) {
		report->serial = caaudit_view_serial(report->audit->view);
		report->records = caaudit_view_records(report->audit->view);
	}
	report->read_time = check.time;
	report->audit_time = seconds() - begin - check.time;
	const source_first_t *first = &check.reading.first;
	if (ret == KNOT_EPARSEFAIL) {
		complain(err,
		         "%s: could not check: %" PRIu64 " error%s; "
		         "--force audits what could be read",
		         report->zone, first->count, first->count == 1 ? "" : "s");
	} else if (ret != KNOT_EOK && first->count == 0) {
		complain(err, "%s: could not check: %s", report->zone, knot_strerror(ret));
	}
	return ret == KNOT_EOK;
}
