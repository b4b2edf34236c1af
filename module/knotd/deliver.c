/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * When a line may be logged.
 *
 * The server frees the name of a zone, then its contents, then calls unload:
 * in between, a log line through the module context would read freed memory.
 * So lines are logged in an RCU read-side section, under the mutex, and only if
 *  - the instance is alive and not superseded. When a zone is replaced, load of
 *    the new instance supersedes the old one before the server waits for
 *    a grace period and frees the old zone;
 *  - and the running configuration still has the module in the zone. When
 *    a zone is removed, the configuration (or the catalog) is changed before
 *    such a wait. What cannot be proved that way is logged in the next query
 *    for the zone, which keeps it alive; the auditor asks one itself;
 *  - and the module is configured from the same file as at the last load: from
 *    another one the server loads a second copy of all this, which knows nothing
 *    of the instances here. Then lines are left for queries as well;
 *  - and a thread of the server that has answered a query for a zone with the module
 *    still runs. When the server stops it ends and joins those threads before it
 *    frees a zone, without a grace period; and to end, each of them takes the mutex.
 *    While there is none, lines are left for queries as well: the auditor asks one,
 *    so only a server that listens nowhere stays silent.
 */

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <urcu.h>

#include <libknot/libknot.h>

#include "auditor.h"
#include "choose.h"
#include "counters.h"
#include "deliver.h"
#include "engine/hash.h"
#include "pool.h"
#include "report.h"

/* All times in milliseconds. */
#define START_GRACE    5000 /* A server that starts may not answer yet... */
#define START_PER_ZONE 5    /* ...with many zones less so. */
#define WAITING_MAX    1000

static const uint64_t retry_gap[] = { 5000, 15000, 60000 };
static const uint64_t poke_gap[] = { 10000, 30000, 120000 };
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static void log_line(instance_t *inst, const line_t *line)
{
	knotd_mod_log(inst->mod, line->priority, "%s", line->text);
}

void deliver_waiting(instance_t *inst)
{
	for (size_t i = 0; i < inst->waiting_count; i++) {
		log_line(inst, &inst->waiting[i]);
	}
	lines_free(inst->waiting, inst->waiting_count);
	inst->waiting = NULL;
	inst->waiting_count = 0;
}

/* Leaves the lines of a report for the zone's next query. False if out of memory. */
static bool leave_waiting(instance_t *inst, report_t *report)
{
	size_t count = inst->waiting_count + report->line_count;
	if (count > WAITING_MAX) {
		count = WAITING_MAX;
	}
	if (count == inst->waiting_count) {
		return true;
	}
	line_t *grown = realloc(inst->waiting, count * sizeof(*grown));
	if (grown == NULL) {
		return false;
	}
	inst->waiting = grown;
	atomic_store(&inst->watch.seen, 0);
	for (size_t i = 0; inst->waiting_count < count; i++) {
		grown[inst->waiting_count++] = report->line[i];
		report->line[i].text = NULL;
	}
	return true;
}

/* Tells whether the zone is there, see above. */
static proof_t prove(const instance_t *inst)
{
	proof_t proof = conf_zone_proof(inst->mod, inst->zone);
	if (proof == PROOF_THERE && (atomic_load(&pool.answering) == 0 ||
	                             conf_module_file(inst->mod) != pool.module_file)) {
		proof = PROOF_NONE;
	}
	return proof;
}

/* Logs the lines of a report. False if out of memory. */
static bool log_report(instance_t *inst, report_t *report, proof_t proof)
{
	if (report->failed) {
		return false;
	}
	if (proof == PROOF_NONE) {
		return leave_waiting(inst, report);
	}
	deliver_waiting(inst);
	for (size_t i = 0; i < report->line_count; i++) {
		log_line(inst, &report->line[i]);
	}
	return true;
}

static uint32_t hash_text(const char *text)
{
	uint32_t hash = (uint32_t)hash_octets(HASH_SEED, text, strlen(text));
	return hash == 0 ? 1 : hash;
}

static void set_held(instance_t *inst, held_t *held)
{
	pool_unshare(inst);
	held_unref(inst->held);
	inst->held = held;
	if (held != NULL) {
		held->refs = 1;
	}
}

/* Counts an audit that could not look. */
static void count_failure(instance_t *inst)
{
	counters_audited(true);
	knotd_mod_stats_incr(inst->mod, 0, CTR_FAILURES, 0, 1);
	pool_share(inst, ZONE_FAILED, 1);
	counters_show(inst->mod, inst->held, 1);
}

void deliver_no_thread(instance_t *inst, int code)
{
	char why[128];
	(void)snprintf(why, sizeof(why), "failed to start a thread (%s)", strerror(code));
	inst->why = hash_text(why);
	inst->fails = 1;
	source_t source = auditor_settings(inst) == KNOT_EOK ? inst->options->source : SOURCE_AUTO;
	knotd_mod_log(inst->mod, LOG_WARNING, "not checked, source %s, %s", source_name(source),
	              why);
	count_failure(inst);
	pool_publish(); /* There is no tick that does. */
}

static void deliver_failure(instance_t *inst, job_t *job, proof_t proof, uint64_t now)
{
	inst->last.valid = false;
	report_t *report = &job->report;
	uint64_t started = inst->born + START_GRACE + pool.zones / START_PER_ZONE;
	bool grace = job->soon && (now < started || inst->fails == 0);

	uint32_t why = hash_text(job->why);
	if (why != inst->why && !grace) {
		report_clear(report);
		report_begin(report, NULL, false, 0, inst->zone, inst->id_len);
		report_line(report, LOG_WARNING, "not checked, source %s, %s",
		            source_name(job->source), job->why);
		if (log_report(inst, report, proof)) {
			inst->why = why;
		}
	}
	count_failure(inst);

	/* No options: there was no memory for them. */
	uint64_t gap = inst->options == NULL ? retry_gap[COUNT(retry_gap) - 1] :
	                                       (uint64_t)inst->options->audit_interval * 1000;
	if (grace) {
		gap = retry_gap[0];
		inst->fails = 1;
	} else if (inst->fails < COUNT(retry_gap)) {
		gap = retry_gap[inst->fails++];
	} else if (job->soon && gap > retry_gap[COUNT(retry_gap) - 1]) {
		gap = retry_gap[COUNT(retry_gap) - 1];
	}
	pool_make_due(inst, now + gap);
}

static void add_audit_line(instance_t *inst, job_t *job)
{
	report_t *report = &job->report;
	const held_t *held = job->unchanged ? inst->held : report->now;
	bool change = report->fresh + report->gone > 0;
	bool quiet = !inst->first && inst->fails == 0 && !change && job->serial == inst->serial;
	bool notice = change || held != NULL || report->not_checked > 0;
	report_line(report,
	            quiet  ? LOG_DEBUG :
	            notice ? LOG_NOTICE :
	                     LOG_INFO,
	            "audit, serial %u, errors %u, warnings %u, notices %u, not checked %u, "
	            "source %s, %u ms%s",
	            job->serial, held == NULL ? 0 : held->by_severity[CAAUDIT_ERROR],
	            held == NULL ? 0 : held->by_severity[CAAUDIT_WARNING],
	            held == NULL ? 0 : held->by_severity[CAAUDIT_NOTICE], report->not_checked,
	            source_name(job->source), job->ms, job->unchanged ? ", unchanged" : "");
}

/* Adds what is wrong with the validation file, once; returns its hash or 0. */
static uint32_t add_note(instance_t *inst, job_t *job)
{
	if (job->note[0] == '\0') {
		return 0;
	}
	job->report.not_checked++;
	uint32_t note = hash_text(job->note);
	if (note != inst->note) {
		report_line(&job->report, LOG_WARNING, "not checked, source validation-file, %s",
		            job->note);
	}
	return note;
}

/* False if the result could not be logged. */
static bool deliver_result(instance_t *inst, job_t *job, proof_t proof, uint64_t now)
{
	report_t *report = &job->report;
	uint32_t note = add_note(inst, job);
	add_audit_line(inst, job);
	if (!log_report(inst, report, proof)) {
		return false;
	}
	inst->note = note;

	if (!job->unchanged) {
		set_held(inst, report->now);
		report->now = NULL;
		counters_audited(false);
		knotd_mod_stats_incr(inst->mod, 0, CTR_AUDITS, 0, 1);
		inst->last = (last_t){
			.valid = inst->note == 0 && inst->synth == NULL && !inst->again,
			.stamp = job->stamp,
			.time = now,
			.serial = job->serial,
			.ms = job->ms,
			.not_checked = report->not_checked,
			.source = job->source,
		};
	}
	const held_t *held = inst->held;
	zone_state_t state = held == NULL                           ? ZONE_CLEAN :
	                     held->by_severity[CAAUDIT_ERROR] > 0   ? ZONE_ERROR :
	                     held->by_severity[CAAUDIT_WARNING] > 0 ? ZONE_WARNING :
	                                                              ZONE_CLEAN;
	pool_share(inst, state, report->not_checked);
	counters_show(inst->mod, held, report->not_checked);
	knotd_mod_stats_store(inst->mod, 0, CTR_SERIAL, 0, job->serial);

	/* An update takes its time: look again until it shows. */
	uint64_t due = pool_next_regular(inst);
	if (job->again > 0 && now + job->again * 1000 < due) {
		due = now + job->again * 1000;
	}
	if (inst->poked && job->serial == inst->serial && inst->poke_step < COUNT(poke_gap)) {
		due = now + poke_gap[inst->poke_step++];
	} else {
		inst->poked = false;
	}
	inst->serial = job->serial;
	inst->first = false;
	inst->fails = 0;
	inst->why = 0;
	pool_make_due(inst, due);
	return true;
}

void deliver(instance_t *inst, job_t *job)
{
	inst->running = false;
	if (atomic_load(&inst->gone)) {
		return;
	}
	uint64_t now = pool_now();
	rcu_read_lock();
	if (job->file != 0) {
		inst->file = job->file;
		pool_watch_file(inst);
	} else {
		pool_ignore_file(inst);
	}
	proof_t proof = prove(inst);
	if (job->ret == KNOT_ENOENT && inst->options == NULL) {
		proof = PROOF_GONE; /* The zone has another instance by now. */
	}
	if (proof == PROOF_GONE) {
		count_failure(inst); /* Or there is no memory to see that it is not. */
		pool_make_due(inst, now + retry_gap[0]);
	} else if (job->ret != KNOT_EOK || !deliver_result(inst, job, proof, now)) {
		if (job->ret == KNOT_EOK) {
			(void)snprintf(job->why, sizeof(job->why), "%s",
			               knot_strerror(KNOT_ENOMEM));
		}
		deliver_failure(inst, job, proof, now);
	}
	pool_publish();
	rcu_read_unlock();
	if (inst->again || (inst->seen && atomic_load(&inst->watch.serial) != inst->serial)) {
		pool_make_due(inst, now + pool_delay(inst));
	}
}
