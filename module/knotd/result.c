/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Lines about an audit, and what changes when it ends. */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>

#include <libknot/libknot.h>

#include "engine/hash.h"
#include "log.h"
#include "result.h"
#include "schedule.h"

static uint32_t hash_text(const char *text)
{
	uint32_t hash = (uint32_t)hash_octets(HASH_SEED, text, strlen(text));
	return hash == 0 ? 1 : hash;
}

/*
 * Lines.
 */

/* Adds the reason why the validation file cannot be used, once; its hash, or 0. */
static uint32_t add_note(job_t *job)
{
	if (job->note[0] == '\0') {
		return 0;
	}
	job->report.not_checked++;
	uint32_t note = hash_text(job->note);
	if (note != job->said_note) {
		lines_format(&job->report.lines, LOG_WARNING,
		             "not checked, source validation-file, %s", job->note);
	}
	return note;
}

/* Adds the summary, at debug level if it says the same as the last line about the zone. That all is
 * well in one of many zones says the line about all of them. */
static void add_summary(job_t *job, const plan_t *plan)
{
	static const findings_t none;
	report_t *report = &job->report;
	const findings_t *findings = job->unchanged ? job->before : report->now;
	bool change = report->fresh + report->gone > 0 ||
	              report->not_checked != (plan->read > 0 ? job->last.not_checked : 0);
	bool asked = job->alone && (plan->read == 0 || job->options != job->last.options);
	bool quiet = job->said_why == 0 && !change && !asked;
	if (findings == NULL) {
		findings = &none;
	}
	bool found = findings->by_severity[CAAUDIT_ERROR] + findings->by_severity[CAAUDIT_WARNING] +
	                     findings->by_severity[CAAUDIT_NOTICE] >
	             0;
	bool notice = change || found || report->not_checked > 0;
	lines_format(&report->lines,
	             quiet  ? LOG_DEBUG :
	             notice ? LOG_NOTICE :
	                      LOG_INFO,
	             "audit, serial %u, errors %u, warnings %u, notices %u, not checked %u, "
	             "source %s, %u ms%s",
	             job->serial, findings->by_severity[CAAUDIT_ERROR],
	             findings->by_severity[CAAUDIT_WARNING], findings->by_severity[CAAUDIT_NOTICE],
	             report->not_checked, source_name(job->source), job->ms,
	             job->unchanged ? ", unchanged" : "");
}

static log_result_t log_audit(instance_t *instance, job_t *job, const plan_t *plan)
{
	uint32_t note = add_note(job);
	if (job->serial_left) {
		lines_format(&job->report.lines, LOG_WARNING,
		             "serial-unchanged, serial %u, the zone file was changed and loaded "
		             "without a new serial, so secondaries do not fetch it; raise the "
		             "serial, and load the file again",
		             job->serial);
	}
	add_summary(job, plan);
	log_result_t result = job->report.lines.failed ? LOG_FAILED :
	                                                 log_lines(instance, &job->report.lines);
	if (result == LOG_WRITTEN || result == LOG_WAITING) {
		job->said_note = note;
	}
	return result;
}

/* Hashes what makes a reason another one. Of a zone file that is not what is served that is what to do:
 * serials move with each change. */
static uint32_t hash_why(const job_t *job)
{
	const char *cure = job->ret == KNOT_ESEMCHECK ? strchr(job->why, ';') : NULL;
	return hash_text(cure != NULL ? cure : job->why);
}

/* Logs the reason of a failure, unless it was logged last, or the failure is no concern yet. */
static log_result_t log_failure(instance_t *instance, job_t *job)
{
	zone_t *zone = instance->zone;
	uint32_t why = hash_why(job);
	lines_t lines;
	lines_init(&lines, zone->name, zone->id_len);
	lock_take(&schedule.lock);
	job->grace = schedule_in_grace(zone, job->soon, schedule_now());
	lock_give(&schedule.lock);
	if (why != job->said_why && !job->grace) {
		lines_format(&lines, LOG_WARNING, "not checked, source %s, %s",
		             source_name(job->source), job->why);
	}
	bool said = lines.count > 0 && !lines.failed;
	log_result_t result = log_lines(instance, &lines);
	if (said && (result == LOG_WRITTEN || result == LOG_WAITING)) {
		job->said_why = why;
	}
	lines_clear(&lines);
	return result;
}

/*
 * State. The lock of the schedule is held.
 */

static void count_failure(instance_t *instance, verdict_t verdict)
{
	zone_t *zone = instance->zone;
	counters_audited(instance->mod, true);
	schedule_share(zone, verdict, 1);
	counters_show(instance->mod, zone->findings, 1);
}

static void fail(instance_t *instance, const job_t *job, uint64_t now)
{
	instance->zone->last.stamp = 0;
	count_failure(instance, job->grace ? VERDICT_PENDING : VERDICT_FAILED);
	schedule_event(instance->zone, (plan_event_t){ .what = PLAN_FAIL,
	                                               .now = now,
	                                               .soon = job->soon,
	                                               .took = job->ms,
	                                               .large = job->large });
}

static void vanish(instance_t *instance, uint64_t now)
{
	count_failure(instance, VERDICT_FAILED);
	schedule_event(instance->zone, (plan_event_t){ .what = PLAN_VANISH, .now = now });
}

/* Takes the findings, and the circumstances of the audit for the next one. */
static void take_audit(instance_t *instance, job_t *job)
{
	zone_t *zone = instance->zone;
	schedule_share(zone, VERDICT_NONE, 0); /* It counts the findings before. */
	findings_unref(zone->findings);
	zone->findings = findings_ref(job->report.now);
	job->report.now = NULL;
	counters_audited(instance->mod, false);

	bool sure = job->note[0] == '\0' && zone->plan.state != PLAN_AGAIN;
	options_put(zone->last.options);
	zone->last = (job_last_t){
		.stamp = sure ? job->stamp : 0,
		.options = options_ref(instance->options),
		.not_checked = job->report.not_checked,
		.gaps = job->gaps,
		.again = job->again > 0 ? (uint64_t)time(NULL) + job->again : 0,
		.source = job->source,
		.file = job->file,
		.files = job->files,
		.loads = job->loads,
	};
}

static verdict_t judge(const findings_t *findings, bool expectations_read, uint32_t not_checked)
{
	if (findings != NULL && findings->by_severity[CAAUDIT_ERROR] > 0) {
		return VERDICT_ERROR;
	}
	bool warned = findings != NULL && findings->by_severity[CAAUDIT_WARNING] > 0;
	return warned || !expectations_read ? VERDICT_WARNING :
	       not_checked > 0              ? VERDICT_UNCLEAR :
	                                      VERDICT_CLEAN;
}

static void succeed(instance_t *instance, job_t *job, uint64_t now)
{
	zone_t *zone = instance->zone;
	if (!job->unchanged) {
		take_audit(instance, job);
	}
	zone->why = 0;
	uint32_t not_checked = job->report.not_checked;
	schedule_share(zone, judge(zone->findings, job->note[0] == '\0', not_checked), not_checked);
	counters_show(instance->mod, zone->findings, not_checked);
	counters_serial(instance->mod, job->serial);
	zone->audited = (uint64_t)time(NULL);
	counters_time(instance->mod, zone->audited);
	schedule_event(zone, (plan_event_t){ .what = PLAN_DONE,
	                                     .now = now,
	                                     .serial = job->serial,
	                                     .unchanged = job->unchanged,
	                                     .took = job->ms,
	                                     .large = job->large,
	                                     .again = job->again * 1000 });
}

/* From now on a change of the zone file is a change. */
static void watch_file(zone_t *zone, job_t *job)
{
	free(zone->path);
	zone->path = NULL;
	if (job->file != 0) {
		zone->path = job->access.zonefile;
		job->access.zonefile = NULL;
	}
	zone->file = job->file;
}

static void end(instance_t *instance, job_t *job, log_result_t logged)
{
	zone_t *zone = instance->zone;
	uint64_t now = schedule_now();
	schedule.big_running -= job->big;
	if (!instance_is_current(instance)) {
		schedule_event(zone, (plan_event_t){ .what = PLAN_DROP,
		                                     .now = now,
		                                     .took = job->ms,
		                                     .large = job->large });
		return;
	}
	watch_file(zone, job);
	zone->why = job->said_why;
	zone->note = job->said_note;
	if (logged == LOG_GONE) {
		vanish(instance, now);
	} else if (job->ret != KNOT_EOK) {
		fail(instance, job, now);
	} else {
		succeed(instance, job, now);
	}
	schedule_publish();
}

void result_deliver(instance_t *instance, job_t *job, const plan_t *plan)
{
	log_result_t logged = LOG_GONE;
	if (job->ret == KNOT_EOK) {
		logged = log_audit(instance, job, plan);
		if (logged == LOG_FAILED) {
			job_fail(job, KNOT_ENOMEM); /* The next audit logs the findings as new. */
		}
	}
	if (job->ret != KNOT_EOK && !job->gone) {
		logged = log_failure(instance, job);
	}
	lock_take(&schedule.lock);
	end(instance, job, logged);
	lock_give(&schedule.lock);
}

static void format_sum(const zone_t *zone, lines_t *lines)
{
	uint64_t bad = counters_zones(VERDICT_ERROR), care = counters_zones(VERDICT_WARNING),
		 failed = counters_zones(VERDICT_FAILED);
	lines_init(lines, zone->name, zone->id_len);
	lines_format(lines, bad + care + failed > 0 ? LOG_NOTICE : LOG_INFO,
	             "all zones, with errors %" PRIu64 ", with warnings %" PRIu64 ", clean %" PRIu64
	             ", failed %" PRIu64 ", not checked %" PRIu64,
	             bad, care, counters_zones(VERDICT_CLEAN), failed, counters_not_checked());
}

void result_sum_up(void)
{
	zone_t *zone = schedule_first(ZONE_AUDIT);
	if (zone == NULL || counters_zones(VERDICT_PENDING) > 0) {
		return;
	}
	size_t wave = schedule.wave;
	schedule.wave = 0;
	if (wave < 2) {
		return; /* A zone that is loaded alone has its own line. */
	}
	instance_t *instance = atomic_load(&zone->current);
	lines_t lines;
	format_sum(zone, &lines);
	instance_ref(instance);
	lock_give(&schedule.lock);
	log_result_t result = log_lines(instance, &lines);
	lines_clear(&lines);
	lock_take(&schedule.lock);
	if (result == LOG_GONE || result == LOG_FAILED) {
		schedule.wave += wave; /* The next tick tries another zone. */
	}
	instance_unref(instance);
}

void result_no_thread(instance_t *instance, int code)
{
	char why[128];
	(void)snprintf(why, sizeof(why), "failed to start a thread (%s)", strerror(code));
	source_t source = instance_options(instance) == KNOT_EOK ? instance->options->source :
	                                                           SOURCE_AUTO;
	knotd_mod_log(instance->mod, LOG_WARNING, "not checked, source %s, %s", source_name(source),
	              why);
	lock_take(&schedule.lock);
	instance->zone->why = hash_text(why);
	count_failure(instance, VERDICT_FAILED);
	schedule_publish(); /* Without a thread there is no tick that does so. */
	lock_give(&schedule.lock);
}
