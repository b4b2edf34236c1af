/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <libknot/libknot.h>

#include "ask.h"
#include "engine/hash.h"
#include "job.h"
#include "mark.h"
#include "source.h"
#include "zonepath.h"

#define ASK_TIMEOUT 1000

/* After an unanswered question the server is not asked for a while. */
#define ASK_PAUSE 60

typedef struct {
	caaudit_reader_t reader; /* Must come first. */
	job_t *job;
	uint64_t size; /* Octets of the zone file. */
	bool complained;
} reader_t;

static void on_complaint(caaudit_reader_t *reader, const char *file, uint64_t line,
                         const char *what)
{
	reader_t *self = (reader_t *)reader;
	job_t *job = self->job;
	if (self->complained) {
		return; /* The first is the cause of the others. */
	}
	self->complained = true;
	if (file != NULL && line > 0) {
		(void)snprintf(job->why, sizeof(job->why), "'%s', line %" PRIu64 ", %s", file, line,
		               what);
	} else if (file != NULL) {
		(void)snprintf(job->why, sizeof(job->why), "'%s', %s", file, what);
	} else {
		(void)snprintf(job->why, sizeof(job->why), "%s", what);
	}
}

static bool on_go_on(caaudit_reader_t *reader, uint64_t done, uint64_t all)
{
	(void)done;
	reader_t *self = (reader_t *)reader;
	if (self->size != 0 && all != self->size) {
		self->job->includes = true;
	}
	return !atomic_load(self->job->gone);
}

/* What is wrong with the validation file: the first, which is the cause of the others. */
static void on_validation_file(caaudit_reader_t *reader, const char *file, uint64_t line,
                               const char *what)
{
	job_t *job = ((reader_t *)reader)->job;
	if (job->note[0] != '\0') {
		return;
	}
	if (line > 0) {
		(void)snprintf(job->note, sizeof(job->note), "'%.200s', line %" PRIu64 ", %.100s",
		               file, line, what);
	} else {
		(void)snprintf(job->note, sizeof(job->note), "'%.200s', %.100s", file, what);
	}
}

/* Makes the policy. If the validation file cannot be used, the policy of the last
 * audit that could is as good: the options are the same. */
static caaudit_policy_t *make_policy(job_t *job)
{
	caaudit_policy_t *policy = NULL;
	reader_t reader = { .reader = { .complain = on_validation_file }, .job = job };
	job->ret = options_policy(job->options, job->zone, &reader.reader, &policy);
	if (job->ret != KNOT_EOK || !policy->partial) {
		return policy;
	}
	size_t len = strlen(job->note);
	bool kept = *job->kept != NULL;
	(void)snprintf(job->note + len, sizeof(job->note) - len,
	               kept ? "; its last readable contents are expected" :
	                      "; nothing of it is expected");
	if (kept) {
		caaudit_policy_free(policy);
		policy = *job->kept;
		*job->kept = NULL;
	}
	return policy;
}

static void keep_policy(job_t *job, caaudit_policy_t *policy)
{
	if (job->options->validation_file == NULL || policy->partial) {
		caaudit_policy_free(policy);
		return;
	}
	caaudit_policy_free(*job->kept);
	*job->kept = policy;
}

uint64_t job_file_signature(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0) {
		return 1;
	}
	const uint64_t part[] = {
		(uint64_t)st.st_dev,          (uint64_t)st.st_ino,
		(uint64_t)st.st_size,         (uint64_t)st.st_mtim.tv_sec,
		(uint64_t)st.st_mtim.tv_nsec, (uint64_t)st.st_ctim.tv_sec,
		(uint64_t)st.st_ctim.tv_nsec, /* Permissions as well. */
	};
	uint64_t hash = hash_octets(HASH_SEED, part, sizeof(part));
	return hash < 2 ? hash + 2 : hash;
}

int64_t job_file_size(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0) {
		return 0;
	}
	return S_ISREG(st.st_mode) ? st.st_size : -1;
}

static long long seconds(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

/* Asks the server which serial it serves. */
static ask_t ask_served(job_t *job, uint32_t *serial)
{
	static atomic_llong silent_until;

	if (!job->choice.listens || seconds() < atomic_load(&silent_until)) {
		return ASK_SILENCE;
	}
	ask_t answer = ask_serial(&job->choice.server, job->zone, ASK_TIMEOUT, serial);
	if (answer == ASK_SILENCE) {
		atomic_store(&silent_until, seconds() + ASK_PAUSE);
	}
	return answer;
}

/* Compares the zone file with what the server serves; it must be the same. */
static int check_served(job_t *job, uint32_t serial)
{
	uint32_t served;
	switch (ask_served(job, &served)) {
	case ASK_UNSERVED:
		(void)snprintf(job->why, sizeof(job->why),
		               "the server does not serve the zone "
		               "(SERVFAIL): it is not loaded or has expired");
		return KNOT_ENOZONE;
	case ASK_UNKNOWN:
	case ASK_SILENCE:
		return KNOT_EOK; /* The file is all there is to go by. */
	default:
		break;
	}
	if (served == serial) {
		return KNOT_EOK;
	}
	bool newer = (int32_t)(serial - served) > 0;
	(void)snprintf(job->why, sizeof(job->why),
	               "the zone file has serial %" PRIu32 ", the server "
	               "serves %" PRIu32 "; %s, or set 'source: transfer'",
	               serial, served,
	               newer ? "load the file (knotc zone-reload)" :
	                       "write the zone to its file "
	                       "(knotc zone-flush)");
	return KNOT_ESEMCHECK;
}

static int read_file(job_t *job, reader_t *reader, caaudit_view_t *view)
{
	const char *path = job->choice.zonefile;
	job->file = job_file_signature(path);
	/* Nobody may ever write into a pipe, and a thread that opens it waits. */
	int64_t size = job_file_size(path);
	reader->size = size < 0 ? 0 : (uint64_t)size;
	if (size < 0) {
		(void)snprintf(job->why, sizeof(job->why), "'%s', not a regular file", path);
		return KNOT_EFILE;
	}
	int ret = caaudit_read_zonefile(&reader->reader, path, view);
	if (ret == KNOT_EOK) {
		ret = check_served(job, caaudit_view_serial(view));
		job->soon = ret != KNOT_EOK;
	}
	return ret;
}

static int read_step(job_t *job, source_t source, caaudit_view_t *view)
{
	reader_t reader = {
		.reader = { .complain = on_complaint, .go_on = on_go_on },
		.job = job,
	};
	int ret;
	job->source = source;
	job->why[0] = '\0';
	switch (source) {
	case SOURCE_CONTROL:
		ret = caaudit_read_control(&reader.reader, job->choice.control, job->choice.timeout,
		                           view);
		break;
	case SOURCE_TRANSFER:
		ret = caaudit_read_transfer(&reader.reader, &job->choice.server,
		                            job->choice.key.name != NULL ? &job->choice.key : NULL,
		                            job->choice.timeout, view);
		break;
	default:
		return read_file(job, &reader, view);
	}
	/* While the server starts it answers neither. */
	job->soon = ret != KNOT_EOK;
	return ret;
}

/* Reads a large signed zone once more, where aliases lead back. */
static caaudit_view_t *read_again(job_t *job, source_t source, caaudit_view_t *view)
{
	caaudit_view_t *again = NULL;
	if (caaudit_view_again(view, &again) != KNOT_EOK || again == NULL) {
		return view;
	}
	bool ok = read_step(job, source, again) == KNOT_EOK;
	/* What was read before is good. */
	job->soon = false;
	job->why[0] = '\0';
	caaudit_view_free(ok ? view : again);
	return ok ? again : view;
}

/* Reads the zone from the first source that gives it. */
static caaudit_view_t *read_zone(job_t *job, const caaudit_policy_t *policy)
{
	char before[sizeof(job->why)] = "";

	for (unsigned i = 0; i < job->choice.count; i++) {
		caaudit_view_t *view = caaudit_view_new(job->zone);
		if (view == NULL || caaudit_audit_want(policy, view) != KNOT_EOK) {
			caaudit_view_free(view);
			job->ret = KNOT_ENOMEM;
			(void)snprintf(job->why, sizeof(job->why), "%s", knot_strerror(job->ret));
			return NULL;
		}
		job->ret = read_step(job, job->choice.step[i], view);
		if (job->ret == KNOT_EOK) {
			return read_again(job, job->choice.step[i], view);
		}
		caaudit_view_free(view);
		if (atomic_load(job->gone)) {
			return NULL;
		}
		if (job->why[0] == '\0') {
			(void)snprintf(job->why, sizeof(job->why), "%s", knot_strerror(job->ret));
		}
		if (before[0] != '\0') {
			size_t len = strlen(job->why);
			(void)snprintf(job->why + len, sizeof(job->why) - len, "; %s", before);
		}
		(void)snprintf(before, sizeof(before), "before that source %s, %.300s",
		               source_name(job->source), job->why);
	}
	return NULL;
}

/* What is to be read, by the looks of it. A file that includes others does not
 * show when those change. */
static uint64_t stamp(const job_t *job)
{
	const choice_t *choice = &job->choice;
	uint64_t out = hash_octets(HASH_SEED, choice->step, choice->count * sizeof(*choice->step));
	if (choice->zonefile != NULL) {
		uint64_t file = job_file_signature(choice->zonefile);
		out = hash_octets(out, choice->zonefile, strlen(choice->zonefile));
		out = hash_octets(out, &file, sizeof(file));
	}
	if (job->options->validation_file != NULL) {
		char *path = zonepath_expand(job->options->validation_file, job->zone);
		if (path == NULL) {
			return 0;
		}
		uint64_t file = job_file_signature(path);
		out = hash_octets(out, &file, sizeof(file));
		free(path);
	}
	return out == 0 ? 1 : out;
}

/* Tells whether an audit would have the same result as the last one. Whatever
 * is in doubt is read. */
static bool is_unchanged(job_t *job)
{
	uint32_t served;
	if (!job->last.valid || job->last.stamp == 0 || job->last.stamp != job->stamp) {
		return false;
	}
	if (job->choice.listens) {
		return ask_served(job, &served) == ASK_SERIAL && served == job->last.serial;
	}
	return job->last.source == SOURCE_ZONEFILE;
}

/* Takes the last result for this one. */
static void repeat(job_t *job)
{
	job->unchanged = true;
	job->source = job->last.source;
	job->serial = job->last.serial;
	if (job->source == SOURCE_ZONEFILE) {
		job->file = job_file_signature(job->choice.zonefile);
	}
	report_begin(&job->report, NULL, true, job->options->log_limit, job->zone, job->id_len);
	job->report.not_checked = job->last.not_checked;
	job->ret = report_repeat(&job->report, job->before);
	if (job->ret != KNOT_EOK) {
		(void)snprintf(job->why, sizeof(job->why), "%s", knot_strerror(job->ret));
	}
}

static unsigned elapsed(const struct timespec *since)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned)((now.tv_sec - since->tv_sec) * 1000 +
	                  (now.tv_nsec - since->tv_nsec) / 1000000);
}

void job_run(job_t *job)
{
	struct timespec since;
	(void)clock_gettime(CLOCK_MONOTONIC, &since);

	job->ret = KNOT_ENOENT;
	if (job->choice.count == 0) {
		job->source = job->choice.blocked;
		(void)snprintf(job->why, sizeof(job->why), "%s%s", job->choice.why,
		               job->synth != NULL ? "; nothing is synthesized until then" : "");
		return;
	}
	job->stamp = stamp(job);
	if (is_unchanged(job)) {
		repeat(job);
		job->ms = elapsed(&since);
		return;
	}
	/* The policy comes first: of a large zone only what it asks for is kept. */
	caaudit_policy_t *policy = make_policy(job);
	if (job->ret != KNOT_EOK) {
		(void)snprintf(job->why, sizeof(job->why), "%s", knot_strerror(job->ret));
		return;
	}
	caaudit_view_t *view = read_zone(job, policy);
	if (view == NULL) {
		keep_policy(job, policy);
		return;
	}
	if (job->includes) {
		job->stamp = 0;
	}

	if (job->ret == KNOT_EOK) {
		report_begin(&job->report, job->before, job->all, job->options->log_limit,
		             job->zone, job->id_len);
		mark_t mark;
		lookups_audit_t lookups;
		caaudit_sink_t *sink = mark_begin(&mark, &job->report.sink, job->synth,
		                                  job->options, policy, view);
		sink = lookups_begin(&lookups, sink, job->lookups, policy, view);
		if (*job->memo == NULL) {
			*job->memo = caaudit_memo_new(); /* Without, all is verified. */
		}
		policy->memo = *job->memo;
		job->ret = caaudit_audit(view, policy, (uint64_t)time(NULL), sink);
		int ret = lookups_end(&lookups, job->ret == KNOT_EOK);
		job->ret = job->ret == KNOT_EOK ? ret : job->ret;
		job->again = lookups.again;
		if (job->ret == KNOT_EOK) {
			job->ret = mark_end(&mark);
		}
	}
	if (job->ret == KNOT_EOK) {
		job->ret = report_end(&job->report);
	}
	job->serial = caaudit_view_serial(view);
	keep_policy(job, policy);
	caaudit_view_free(view);
	if (job->ret != KNOT_EOK) {
		(void)snprintf(job->why, sizeof(job->why), "%s", knot_strerror(job->ret));
	}
	job->ms = elapsed(&since);
}

void job_clear(job_t *job)
{
	choice_clear(&job->choice);
	report_clear(&job->report);
}
