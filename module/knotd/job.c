/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Reads a zone from the first source that gives it, and lets the engine judge. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libknot/libknot.h>

#include "ask.h"
#include "engine/hash.h"
#include "filestat.h"
#include "job.h"
#include "remarks.h"
#include "served.h"
#include "source.h"
#include "zonepath.h"

#define LARGE (16 * 1024 * 1024) /* Octets from which on a zone file is large. */

typedef struct {
	caaudit_reader_t reader; /* Must come first. */
	job_t *job;
} reader_t;

/* The first complaint is the cause of the others. */
static void on_complaint(caaudit_reader_t *reader, const char *file, uint64_t line,
                         const char *what)
{
	job_t *job = ((reader_t *)reader)->job;
	if (job->why[0] != '\0') {
		return;
	}
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
	job_t *job = ((reader_t *)reader)->job;
	if (job->size > 0 && all != (uint64_t)job->size) {
		job->includes = true;
	}
	return !job->superseded(job->ctx);
}

void job_fail(job_t *job, int ret)
{
	job->ret = ret;
	(void)snprintf(job->why, sizeof(job->why), "%s", knot_strerror(ret));
}

/*
 * Reading.
 */

static int read_file(job_t *job, reader_t *reader, caaudit_view_t *view)
{
	const char *path = job->access.zonefile;
	job->file = file_signature(path);
	job->size = file_size(path);
	/* A thread that opens a pipe waits until somebody writes into it. */
	if (job->size < 0) {
		(void)snprintf(job->why, sizeof(job->why), "'%s', not a regular file", path);
		return KNOT_EFILE;
	}
	int ret = caaudit_read_zonefile(&reader->reader, path, view);
	if (ret == KNOT_EOK) {
		ret = served_check(&job->access, job->zone, caaudit_view_serial(view), job->why,
		                   sizeof(job->why));
		job->soon = ret != KNOT_EOK;
	}
	return ret;
}

static int read_source(job_t *job, source_t source, int timeout, caaudit_view_t *view)
{
	const conf_access_t *access = &job->access;
	reader_t reader = {
		.reader = { .complain = on_complaint, .go_on = on_go_on },
		.job = job,
	};
	int ret;
	switch (source) {
	case SOURCE_CONTROL:
		ret = caaudit_read_control(&reader.reader, access->control, timeout, view);
		break;
	case SOURCE_TRANSFER:
		ret = caaudit_read_transfer(&reader.reader, &access->server,
		                            access->key.name != NULL ? &access->key : NULL, timeout,
		                            view);
		break;
	default:
		return read_file(job, &reader, view);
	}
	/* A server that starts answers neither. */
	job->soon = ret != KNOT_EOK;
	return ret;
}

/* Reads a large signed zone once more for the names that its aliases lead to. If that fails
 * the first reading counts. */
static caaudit_view_t *read_again(job_t *job, source_t source, int timeout, caaudit_view_t *view)
{
	caaudit_view_t *again = NULL;
	if (caaudit_view_again(view, &again) != KNOT_EOK || again == NULL) {
		return view;
	}
	bool ok = read_source(job, source, timeout, again) == KNOT_EOK;
	job->soon = false;
	job->why[0] = '\0';
	caaudit_view_free(ok ? view : again);
	return ok ? again : view;
}

/* Reads the zone from one source; NULL if that fails. */
static caaudit_view_t *read_view(job_t *job, const caaudit_policy_t *policy, source_t source,
                                 int timeout)
{
	caaudit_view_t *view = caaudit_view_new(job->zone);
	job->source = source;
	job->why[0] = '\0';
	job->size = 0;
	job->ret = view == NULL ? KNOT_ENOMEM : caaudit_audit_want(policy, view);
	if (job->ret == KNOT_EOK) {
		job->ret = read_source(job, source, timeout, view);
	}
	if (job->ret == KNOT_EOK) {
		return read_again(job, source, timeout, view);
	}
	caaudit_view_free(view);
	return NULL;
}

/* Reads the zone from the first source that gives it; NULL with all reasons if none does. */
static caaudit_view_t *read_zone(job_t *job, const choice_t *choice, const caaudit_policy_t *policy)
{
	char before[sizeof(job->why)] = "";
	for (unsigned i = 0; i < choice->count; i++) {
		caaudit_view_t *view = read_view(job, policy, choice->step[i], choice->timeout);
		if (view != NULL || job->superseded(job->ctx)) {
			return view;
		}
		if (job->why[0] == '\0') {
			job_fail(job, job->ret);
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

/*
 * Unchanged zones.
 */

/* Hashes the sources, and the signatures of the files that are read. A file that includes others
 * does not show when those change. */
static uint64_t make_stamp(const job_t *job, const choice_t *choice)
{
	const char *zonefile = job->access.zonefile;
	uint64_t out = hash_octets(HASH_SEED, choice->step, choice->count * sizeof(*choice->step));
	if (zonefile != NULL) {
		uint64_t file = file_signature(zonefile);
		out = hash_octets(out, zonefile, strlen(zonefile));
		out = hash_octets(out, &file, sizeof(file));
	}
	if (job->options->validation_file != NULL) {
		char *path = zonepath_expand(job->options->validation_file, job->zone);
		if (path == NULL) {
			return 0;
		}
		uint64_t file = file_signature(path);
		out = hash_octets(out, &file, sizeof(file));
		free(path);
	}
	return out == 0 ? 1 : out;
}

/* Tells whether an audit would have the same result as the last one; false in doubt. */
static bool is_unchanged(const job_t *job)
{
	uint32_t served;
	if (job->last.stamp == 0 || job->last.stamp != job->stamp ||
	    job->last.options != job->options || job->synth != NULL) {
		return false;
	}
	if (job->access.listens) {
		return ask_served(&job->access.server, job->zone, &served) == ASK_SERIAL &&
		       served == job->last_serial;
	}
	return job->last.source == SOURCE_ZONEFILE;
}

/* Takes the last result for this one. */
static void repeat(job_t *job)
{
	job->unchanged = true;
	job->source = job->last.source;
	job->serial = job->last_serial;
	if (job->source == SOURCE_ZONEFILE) {
		job->file = file_signature(job->access.zonefile);
	}
	report_begin(&job->report, NULL, true, job->options->log_limit, job->zone, job->id_len);
	job->report.not_checked = job->last.not_checked;
	job->ret = report_repeat(&job->report, job->before);
}

/*
 * Judging.
 */

static void judge(job_t *job, caaudit_policy_t *policy, const caaudit_view_t *view)
{
	const remarks_subject_t subject = {
		.report = &job->report,
		.options = job->options,
		.policy = policy,
		.view = view,
		.lookups = job->lookups,
		.synth = job->synth,
		.targets = job->targets,
	};
	remarks_t remarks;
	report_begin(&job->report, job->before, job->all, job->options->log_limit, job->zone,
	             job->id_len);
	caaudit_sink_t *sink = remarks_begin(&remarks, &subject);
	if (*job->memo == NULL) {
		*job->memo = caaudit_memo_new(); /* Without it every signature is verified. */
	}
	policy->memo = *job->memo;
	job->ret = caaudit_audit(view, policy, (uint64_t)time(NULL), sink);
	int ret = remarks_end(&remarks, job->ret == KNOT_EOK);
	job->ret = job->ret == KNOT_EOK ? ret : job->ret;
	job->again = remarks.again;
	job->serial = caaudit_view_serial(view);
	if (job->ret == KNOT_EOK) {
		job->ret = report_end(&job->report);
	}
}

/* Reads the zone and judges it. The policy comes first: of a large zone only what it asks for
 * is kept. */
static void audit(job_t *job, const choice_t *choice)
{
	caaudit_policy_t *policy = NULL;
	bool taken = false;
	job->ret = options_policy(job->options, job->zone, job->used, job->note, sizeof(job->note),
	                          &policy);
	if (job->ret != KNOT_EOK) {
		job_fail(job, job->ret);
		return;
	}
	caaudit_view_t *view = read_zone(job, choice, policy);
	if (view == NULL) {
		caaudit_policy_free(policy);
		return;
	}
	if (job->includes) {
		job->stamp = 0;
	}
	if (job->synth != NULL) {
		job->ret = synth_follow(job->synth, policy, &taken);
	}
	if (job->ret == KNOT_EOK) {
		judge(job, policy, view);
	}
	if (!taken) {
		caaudit_policy_free(policy);
	}
	caaudit_view_free(view);
	if (job->ret != KNOT_EOK) {
		job_fail(job, job->ret);
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
	choice_t choice;
	struct timespec since;
	(void)clock_gettime(CLOCK_MONOTONIC, &since);

	const char *zonefile = job->access.zonefile;
	job->large = zonefile != NULL && file_size(zonefile) > LARGE;
	job->ret = choose(&job->access, job->options, &choice);
	if (job->ret != KNOT_EOK) {
		job_fail(job, job->ret);
		return;
	}
	if (choice.count == 0) {
		job->ret = KNOT_ENOENT;
		job->source = choice.blocked;
		(void)snprintf(job->why, sizeof(job->why), "%s%s", choice.why,
		               job->synth != NULL ? "; nothing is synthesized until then" : "");
		return;
	}
	job->stamp = make_stamp(job, &choice);
	if (is_unchanged(job)) {
		repeat(job);
		if (job->ret != KNOT_EOK) {
			job_fail(job, job->ret);
		}
	} else {
		audit(job, &choice);
	}
	job->ms = elapsed(&since);
}

void job_clear(job_t *job)
{
	conf_access_clear(&job->access);
	report_clear(&job->report);
}
