/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Reads a zone from the first source that gives it, and lets the engine judge. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libknot/libknot.h>

#include "ask.h"
#include "source/clock.h"
#include "engine/hash.h"
#include "filestat.h"
#include "fill.h"
#include "job.h"
#include "remarks.h"
#include "served.h"
#include "zonepath.h"

#define LARGE (16 * 1024 * 1024) /* Octets from which on a zone file is large. */

typedef struct {
	source_listener_t listener; /* Must come first. */
	job_t *job;
	source_t source;
	int timeout; /* Milliseconds. */
	bool again;  /* It has been read once: what comes of it now is no matter of the job. */
} reader_t;

/* The first complaint is the cause of the others. */
static void on_complaint(source_listener_t *listener, const char *file, uint64_t line,
                         const char *what)
{
	const reader_t *reader = (const reader_t *)listener;
	job_t *job = reader->job;
	if (job->why[0] != '\0' || reader->again) {
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

static void add_file(job_t *job, uint64_t signature)
{
	job->files = hash_octets(job->files, &signature, sizeof(signature));
}

static void on_opened(source_listener_t *listener, const char *file)
{
	const reader_t *reader = (const reader_t *)listener;
	job_t *job = reader->job;
	if (!reader->again) {
		job->includes = job->files != 0;
		add_file(job, file_signature(file));
	}
}

static bool on_go_on(source_listener_t *listener, uint64_t done, uint64_t all)
{
	(void)done;
	(void)all;
	job_t *job = ((reader_t *)listener)->job;
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

static int read_file(reader_t *reader, caaudit_view_t *view)
{
	job_t *job = reader->job;
	const char *path = job->access.zonefile;
	/* A thread that opens a pipe waits until somebody writes into it. */
	if (file_size(path) < 0) {
		(void)snprintf(job->why, sizeof(job->why), "'%s', not a regular file", path);
		return KNOT_EFILE;
	}
	int ret = source_fill_zonefile(&reader->listener, path, SOURCE_INCLUDES, view);
	if (ret == KNOT_EOK && !reader->again) {
		ret = served_check(&job->access, job->zone, caaudit_view_serial(view), job->why,
		                   sizeof(job->why));
	}
	return ret;
}

/* Reads the zone from one source: once, or once more for the signatures of a large zone. */
static int read_view(void *context, caaudit_view_t *view)
{
	reader_t *reader = context;
	const conf_access_t *access = &reader->job->access;
	int ret;
	switch (reader->source) {
	case SOURCE_CONTROL:
		ret = source_fill_control(&reader->listener, access->control, reader->timeout,
		                          view);
		break;
	case SOURCE_TRANSFER:
		ret = source_fill_transfer(&reader->listener, &access->server,
		                           access->key.name != NULL ? &access->key : NULL,
		                           reader->timeout, view);
		break;
	default:
		ret = read_file(reader, view);
		break;
	}
	reader->again = reader->again || ret == KNOT_EOK;
	return ret;
}

/* Audits the zone as one source gives it. */
static int audit_source(job_t *job, const caaudit_policy_t *policy, source_t source, int timeout,
                        caaudit_report_t **out)
{
	reader_t reader = {
		.listener = { .complain = on_complaint, .opened = on_opened, .go_on = on_go_on },
		.job = job,
		.source = source,
		.timeout = timeout,
	};
	job->source = source;
	job->why[0] = '\0';
	job->files = 0;
	if (source != SOURCE_ZONEFILE && job->file != 0) {
		add_file(job, job->file); /* What is read is what the server had loaded. */
	}
	int ret = caaudit_audit(policy, read_view, &reader, (uint64_t)time(NULL), out);
	/* A server that starts answers nothing, and its zone file may be older than the zone. */
	job->soon = ret != KNOT_EOK && ret != KNOT_EFILE && !reader.again;
	if (ret != KNOT_EOK && job->why[0] == '\0') {
		job_fail(job, ret);
	}
	return ret;
}

/* Audits the zone as the first source gives it that can; all reasons if none can. */
static int audit_sources(job_t *job, const choice_t *choice, const caaudit_policy_t *policy,
                         caaudit_report_t **out)
{
	char before[sizeof(job->why)] = "";
	int ret = KNOT_ENOENT;
	for (unsigned i = 0; i < choice->count; i++) {
		ret = audit_source(job, policy, choice->step[i], choice->timeout, out);
		if (ret == KNOT_EOK || job->superseded(job->ctx)) {
			return ret;
		}
		if (before[0] != '\0') {
			size_t len = strlen(job->why);
			(void)snprintf(job->why + len, sizeof(job->why) - len, "; %s", before);
		}
		(void)snprintf(before, sizeof(before), "before that source %s, %.300s",
		               source_name(job->source), job->why);
	}
	return ret;
}

/*
 * Unchanged zones.
 */

/* Hashes the sources, who is answered, and the signatures of the files that are read. A file that
 * includes others does not show when those change. */
static uint64_t make_stamp(const job_t *job, const choice_t *choice)
{
	const char *zonefile = job->access.zonefile;
	uint64_t out = hash_octets(HASH_SEED, choice->step, choice->count * sizeof(*choice->step));
	if (zonefile != NULL) {
		out = hash_octets(out, zonefile, strlen(zonefile));
		out = hash_octets(out, &job->file, sizeof(job->file));
	}
	uint64_t server = caaudit_server_hash(&job->server);
	out = hash_octets(out, &server, sizeof(server));
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
	if (!job->may_repeat || job->last.stamp == 0 || job->last.stamp != job->stamp ||
	    (job->last.again > 0 && (uint64_t)time(NULL) >= job->last.again) ||
	    job->last.options != job->options || job->synth != NULL || !job->access.listens) {
		return false;
	}
	uint32_t served;
	ask_talk_t talk;
	ask_begin(&talk, &job->access.server);
	ask_t said = ask_serial(&talk, job->zone, &served);
	ask_end(&talk);
	return said == ASK_ANSWER && served == job->last_serial;
}

/* Takes the last result for this one. */
static void repeat(job_t *job)
{
	job->unchanged = true;
	job->source = job->last.source;
	job->serial = job->last_serial;
	report_begin(&job->report, NULL, job->options->log_limit, job->zone, job->id_len);
	job->report.not_checked = job->last.not_checked;
	uint64_t now = (uint64_t)time(NULL);
	job->again = job->last.again > now ? job->last.again - now : job->last.again > 0;
	job->ret = KNOT_EOK;
}

/*
 * The audit.
 */

/* Says what the engine could not look at, and why, if neither the last audit nor a finding does. */
static void report_gaps(job_t *job, const caaudit_report_t *audit)
{
	job->gaps = HASH_SEED;
	for (size_t i = 0; i < audit->gap_count; i++) {
		const caaudit_gap_t *gap = &audit->gap[i];
		job->gaps = hash_octets(job->gaps, gap->what, strlen(gap->what) + 1);
		job->gaps = hash_octets(job->gaps, gap->why, strlen(gap->why) + 1);
	}
	size_t limit = job->gaps != job->last.gaps ? job->options->log_limit : 0;
	for (size_t i = 0; i < audit->gap_count && limit > 0; i++) {
		const caaudit_gap_t *gap = &audit->gap[i];
		if (!gap->told) {
			lines_format(&job->report.lines, LOG_NOTICE,
			             "not checked, source %s, %s: %s", source_name(job->source),
			             gap->what, gap->why);
			limit--;
		}
	}
}

/* Makes log lines of what the engine, and then the server, have found. */
static int report(job_t *job, const caaudit_policy_t *policy, const caaudit_report_t *audit)
{
	const remarks_subject_t subject = {
		.audit = audit,
		.policy = policy,
		.options = job->options,
		.lookups = job->lookups,
		.synth = job->synth,
	};
	report_begin(&job->report, job->before, job->options->log_limit, job->zone, job->id_len);
	job->report.partial = policy->partial ? policy : NULL;
	int ret = remarks_report(&subject, &job->report, &job->answered, &job->again);
	report_gaps(job, audit);
	return ret != KNOT_EOK ? ret : report_end(&job->report);
}

/* Were files changed after the server had loaded them? Much of what findings depend on cannot be
 * compared by queries: an address anywhere below a set makes it decide. What other validations have
 * brought about says nothing of the zone. */
static int check_loaded(job_t *job, const validations_t *used)
{
	if (job->last.files == 0 || job->files == job->last.files ||
	    job->loads != job->last.loads || job->report.turned == 0 || *job->used != used) {
		return KNOT_EOK;
	}
	(void)snprintf(job->why, sizeof(job->why),
	               "the zone file was changed after the server had loaded it, with the same "
	               "serial; load the file (knotc zone-reload), and raise the serial with each "
	               "change");
	return KNOT_ESEMCHECK;
}

/* Tells whether the zone has other findings than before with the same serial, and nothing else
 * explains them: the file was changed and loaded, and secondaries do not fetch it. A secondary
 * writes its file itself. */
static bool is_serial_left(const job_t *job, const validations_t *used)
{
	bool loaded = job->loads != job->last.loads || job->file != job->last.file;
	return job->last.file != 0 && job->file != 0 && loaded && !job->access.served.secondary &&
	       job->last.options == job->options && job->serial == job->last_serial &&
	       *job->used == used && job->report.turned > 0;
}

/* Tells synthesis which RRsets decide for a host, by their owners in the zone. */
static void name_targets(const job_t *job, const caaudit_report_t *audit)
{
	targets_begin(job->targets);
	for (size_t i = 0; i < audit->verdict_count; i++) {
		const caaudit_verdict_t *verdict = &audit->verdict[i];
		const caaudit_decision_t *decision = verdict->is.decided_by != NULL ?
		                                             &verdict->is :
		                                             &verdict->otherwise;
		if (decision->decided_by != NULL) {
			targets_add(job->targets, hash_name(decision->decided_by));
		}
	}
	if (targets_end(job->targets)) {
		synth_set_audited(job->synth, job->serial);
	}
}

static int deliver(job_t *job, const caaudit_policy_t *policy, const caaudit_report_t *audit,
                   const validations_t *used)
{
	bool is_file = job->source == SOURCE_ZONEFILE;
	int ret = KNOT_EOK;
	if (is_file) { /* First: a report tells the look-ups what is there. */
		ret = served_compare(&job->access, job->zone, audit, job->why, sizeof(job->why));
	}
	if (ret == KNOT_EOK && (ret = report(job, policy, audit)) != KNOT_EOK) {
		job_fail(job, ret);
		return ret;
	}
	if (ret == KNOT_EOK && is_file) {
		ret = served_compare_changes(&job->access, audit, &job->report, &job->answered,
		                             job->why, sizeof(job->why));
	}
	if (is_file) { /* The comparison has asked for SOA. */
		job->loads = atomic_load(job->seen_loads);
		ret = ret == KNOT_EOK ? check_loaded(job, used) : ret;
	}
	job->soon = ret != KNOT_EOK;
	for (size_t i = 0; ret == KNOT_EOK && i < job->answered.count; i++) {
		lookups_forget(job->lookups, job->answered.name[i].name);
	}
	if (ret == KNOT_EOK && job->synth != NULL) {
		name_targets(job, audit); /* It is what is served. */
	}
	job->serial_left = ret == KNOT_EOK && is_serial_left(job, used);
	return ret;
}

static void audit(job_t *job, const choice_t *choice)
{
	caaudit_policy_t *policy = NULL;
	caaudit_report_t *audit = NULL;
	bool taken = false;
	const validations_t *used = *job->used;
	job->ret = options_policy(job->options, job->zone, job->used, job->note, sizeof(job->note),
	                          &policy);
	if (job->ret != KNOT_EOK) {
		job_fail(job, job->ret);
		return;
	}
	if (*job->memo == NULL) {
		*job->memo = caaudit_memo_new(); /* Without it every signature is verified. */
	}
	policy->memo = *job->memo;
	policy->server = &job->server;
	job->ret = audit_sources(job, choice, policy, &audit);
	policy->server = NULL; /* Synthesis may keep the policy longer than there is a job. */
	if (job->ret != KNOT_EOK) {
		caaudit_policy_free(policy);
		return;
	}
	if (job->includes) {
		job->stamp = 0;
	}
	job->serial = caaudit_view_serial(audit->view);
	if (job->synth != NULL) {
		job->ret = synth_follow(job->synth, policy, &taken);
	}
	if (job->ret != KNOT_EOK) {
		job_fail(job, job->ret);
	} else {
		job->ret = deliver(job, policy, audit, used);
	}
	caaudit_report_free(audit);
	if (!taken) {
		caaudit_policy_free(policy);
	}
}

void job_run(job_t *job)
{
	choice_t choice;
	uint64_t since = clock_us();

	job->loads = atomic_load(job->seen_loads);
	const char *zonefile = job->access.zonefile;
	job->large = zonefile != NULL && file_size(zonefile) > LARGE;
	job->file = zonefile == NULL ? 0 : file_signature(zonefile);
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
	} else {
		audit(job, &choice);
	}
	job->ms = (unsigned)((clock_us() - since) / 1000);
}

void job_clear(job_t *job)
{
	conf_access_clear(&job->access);
	caaudit_server_clear(&job->server);
	report_clear(&job->report);
}
