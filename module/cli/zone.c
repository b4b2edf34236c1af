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
	const char *zone;
	const char *path; /* As it was given, NULL if the zone is in no file. */
	const char *copy; /* What is read in place of a pipe, else NULL. */
	FILE *err;
	bool again; /* The zone has been read before: what is wrong was told then. */
} reading_t;

/* Gets the name of a file as the operator knows it. */
static const char *file_name(const reading_t *reading, const char *file)
{
	if (file == NULL) {
		return reading->zone;
	} else if (reading->copy != NULL && strcmp(file, reading->copy) == 0) {
		return reading->path;
	}
	return strcmp(file, "-") == 0 ? "standard input" : file;
}

static void on_complaint(source_listener_t *self, const char *file, uint64_t line, const char *what)
{
	reading_t *reading = (reading_t *)self;
	if (reading->again) {
		return;
	}
	file = file_name(reading, file);
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

static int read_zone(const options_t *opts, const caaudit_policy_t *policy, reading_t *reading,
                     caaudit_view_t *view)
{
	if (opts->live != NULL) {
		return read_control(opts, reading, view);
	}
	if (opts->axfr != NULL) {
		return read_transfer(opts, reading, view);
	}
	const char *path = reading->copy != NULL ? reading->copy : reading->path;
	if (!opts->force && is_binary(path)) {
		tell(reading, path, "binary data, not a master file; write the zone as text first");
		return KNOT_EMALF;
	}
	int ret = source_fill_zonefile(&reading->first.listener, path, SOURCE_INCLUDES, view);
	if (ret == KNOT_ENOENT) {
		hint_origin(path, policy, reading);
	}
	return ret;
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
	char *why = NULL;
	if (asprintf(&why, "%" PRIu64 " line%s could not be read, the first: %s%s: %s",
	             first->count, first->count == 1 ? "" : "s", first->file, line,
	             first->what) < 0) {
		why = NULL;
	}
	return report_add_gap(report, "a part of the zone file", why);
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

/* What reads a zone, and what comes of it. */
typedef struct {
	reading_t reading; /* Must come first. */
	const options_t *opts;
	const caaudit_policy_t *policy;
	report_t *report;
	double time;       /* Seconds. */
	off_t stdin_begin; /* Where the zone begins in the standard input, -1 if it is elsewhere. */
} check_t;

/* Copies what can be read only once into memory. Gives a file descriptor, or -1. */
static int keep(int from)
{
	int fd = memfd_create("zone", MFD_CLOEXEC);
	char buffer[65536];
	ssize_t len = 0;
	bool ok = fd >= 0;
	while (ok && (len = read(from, buffer, sizeof(buffer))) != 0) {
		ok = len > 0 ? write(fd, buffer, (size_t)len) == len : errno == EINTR;
	}
	if (ok && lseek(fd, 0, SEEK_SET) == 0) {
		return fd;
	}
	int code = errno;
	if (fd >= 0) {
		close(fd);
	}
	errno = code;
	return -1;
}

/* Makes the standard input one that can be read twice. */
static int keep_stdin(void)
{
	struct stat st;
	if (fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode)) {
		return KNOT_EOK;
	}
	int fd = keep(STDIN_FILENO);
	if (fd < 0) {
		return knot_map_errno();
	}
	int ret = dup2(fd, STDIN_FILENO) < 0 ? knot_map_errno() : KNOT_EOK;
	close(fd);
	return ret;
}

/* Opens a copy of a pipe, whose writer is waited for; \a out is -1 if the path is none. */
static int keep_pipe(const char *path, int *out)
{
	struct stat st;
	*out = -1;
	if (stat(path, &st) != 0 || !S_ISFIFO(st.st_mode)) {
		return KNOT_EOK; // The source complains of what is wrong.
	}
	int from = open(path, O_RDONLY | O_CLOEXEC);
	*out = from < 0 ? -1 : keep(from);
	int ret = *out < 0 ? knot_map_errno() : KNOT_EOK;
	if (from >= 0) {
		close(from);
	}
	return ret;
}

static int read_view(void *context, caaudit_view_t *view)
{
	check_t *check = context;
	double begin = seconds();
	if (check->stdin_begin >= 0) {
		(void)lseek(STDIN_FILENO, check->stdin_begin, SEEK_SET);
	}
	int ret = read_zone(check->opts, check->policy, &check->reading, view);
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
	reading_t reading = {
		.first.listener = { .complain = on_complaint, .go_on = on_progress },
		.zone = report->zone,
		.path = path,
		.err = err,
	};
	caaudit_view_t *view = caaudit_view_new(policy);
	if (view != NULL && read_zone(opts, policy, &reading, view) == KNOT_EOK) {
		return view;
	}
	if (reading.first.count == 0) {
		complain(err, "%s: could not read the zone to compare with", report->zone);
	}
	caaudit_view_free(view);
	return NULL;
}

bool zone_check(const options_t *opts, const char *path, const caaudit_policy_t *policy,
                report_t *report, FILE *err)
{
	check_t check = {
		.reading = {
			.first.listener = { .complain = on_complaint, .go_on = on_progress },
			.zone = report->zone,
			.path = path,
			.err = err,
		},
		.opts = opts,
		.policy = policy,
		.report = report,
		.stdin_begin = -1,
	};
	int ret = KNOT_EOK, pipe = -1;
	char copy[32];
	if (path != NULL && strcmp(path, "-") == 0) {
		ret = keep_stdin();
		check.stdin_begin = lseek(STDIN_FILENO, 0, SEEK_CUR);
	} else if (path != NULL) {
		ret = keep_pipe(path, &pipe);
		snprintf(copy, sizeof(copy), "/proc/self/fd/%d", pipe);
		check.reading.copy = pipe >= 0 ? copy : NULL;
	}
	double begin = seconds();
	if (ret == KNOT_EOK) {
		ret = caaudit_audit(policy, read_view, &check, opts->now, &report->audit);
	}
	if (ret == KNOT_EOK) {
		report->serial = caaudit_view_serial(report->audit->view);
		report->records = caaudit_view_records(report->audit->view);
	}
	report->read_time = check.time;
	report->audit_time = seconds() - begin - check.time;
	if (pipe >= 0) {
		close(pipe);
	}
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
