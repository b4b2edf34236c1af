/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The subcommand "check": audits the zones, several at a time, and prints in their order.
 */

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include <libknot/libknot.h>

#include "batch.h"
#include "commands.h"
#include "report.h"
#include "terminal.h"
#include "text.h"
#include "zone.h"

/* With several zones the sane ones are only counted. */
static bool is_hidden(const batch_t *batch, const report_t *report)
{
	return batch->count > 1 && !batch->opts->verbose &&
	       report_count(report, CAAUDIT_WARNING) == 0;
}

static bool print_report(const batch_t *batch, const zone_job_t *job, FILE *out, FILE *err)
{
	const options_t *opts = batch->opts;
	const report_t *report = &job->report;
	if (opts->quiet || opts->survey) {
		return true;
	}
	if (opts->fix != FIX_OFF) {
		return report_fix(report, opts->fix, opts->fail_on, out, err);
	}
	switch (opts->format) {
	case FORMAT_JSON:
		return report_json(report, out);
	case FORMAT_SHORT:
		return is_hidden(batch, report) || report_short(report, out);
	case FORMAT_TEXT:
		if (batch->count > 1 && !opts->verbose) {
			return is_hidden(batch, report) || report_brief(report, &batch->style, out);
		}
		report_text(report, &batch->style, opts->verbose, out);
		return true;
	case FORMAT_PROMETHEUS:
		break;
	}
	return true;
}

/* Counts the findings of a zone. */
static void count_findings(batch_t *batch, const report_t *report)
{
	const caaudit_report_t *audit = report->audit;
	bool seen[CAAUDIT_SEVERITY__COUNT][CAAUDIT_FINDING__COUNT] = { 0 };
	pthread_mutex_lock(&batch->lock);
	batch->hidden += is_hidden(batch, report);
	size_t gaps = audit->gap_count + report->gap_count;
	batch->gaps.findings += gaps;
	batch->gaps.zones += gaps > 0;
	for (size_t i = 0; i < audit->finding_count; i++) {
		const caaudit_finding_t *f = &audit->finding[i];
		tally_t *tally = &batch->tally[f->severity][f->id];
		tally->findings++;
		tally->zones += !seen[f->severity][f->id];
		seen[f->severity][f->id] = true;
	}
	pthread_mutex_unlock(&batch->lock);
}

/* Adds what Prometheus is to know of a zone. */
static bool add_metrics(batch_t *batch, const report_t *report)
{
	const caaudit_report_t *audit = report->audit;
	size_t by_id[CAAUDIT_FINDING__COUNT] = { 0 };
	for (size_t i = 0; i < audit->finding_count; i++) {
		by_id[audit->finding[i].id]++;
	}
	const char *state = report_severity(report, CAAUDIT_ERROR) > 0   ? "error" :
	                    report_severity(report, CAAUDIT_WARNING) > 0 ? "warning" :
	                                                                   "clean";
	pthread_mutex_lock(&batch->lock);
	metrics_t *metrics = &batch->metrics;
	bool ok = metrics_add(metrics, METRIC_ZONES, NULL, state, 1) &&
	          metrics_add(metrics, METRIC_NOT_CHECKED, report->zone, NULL,
	                      audit->gap_count + report->gap_count);
	for (size_t i = 0; ok && i < CAAUDIT_FINDING__COUNT; i++) {
		ok = metrics_add(metrics, METRIC_FINDINGS, report->zone,
		                 caaudit_finding_info(i)->id, by_id[i]);
	}
	for (int i = 0; ok && i < CAAUDIT_SEVERITY__COUNT; i++) {
		ok = metrics_add(metrics, METRIC_SEVERITY, report->zone, caaudit_severity_name(i),
		                 report_severity(report, i));
	}
	pthread_mutex_unlock(&batch->lock);
	return ok;
}

/* Sums a zone up for what is printed after all of them. */
static bool sum_up(batch_t *batch, zone_job_t *job)
{
	const options_t *opts = batch->opts;
	if (opts->survey) {
		job->surveyed = survey_zone(&job->report, job->planned || opts->ca.count > 0,
		                            &job->survey);
		return job->surveyed;
	}
	count_findings(batch, &job->report);
	return opts->format != FORMAT_PROMETHEUS || add_metrics(batch, &job->report);
}

/* Of a transaction, what cannot be looked at here and may be worse is not clean. */
static int exit_transaction(const options_t *opts, const report_t *report, FILE *err)
{
	size_t doubts = report_doubts(report);
	if (doubts > 0 && !opts->quiet) {
		complain(
			err,
			"%s: %zu unclear change%s may be worse: another zone decides, which is not "
			"read; ask for CAA where the findings say before 'knotc zone-commit'",
			report->zone, doubts, doubts == 1 ? "" : "s");
	}
	return report_changes(report, CHANGE_WORSE) > 0 ? EXIT_FINDINGS :
	       doubts > 0                               ? EXIT_UNCHECKED :
	                                                  EXIT_CLEAN;
}

static size_t count_grave(const options_t *opts, const zone_job_t *job)
{
	if (!opts->survey) {
		return report_count(&job->report, opts->fail_on);
	}
	size_t count = 0;
	for (caaudit_severity_t i = 0; i <= opts->fail_on; i++) {
		count += job->survey.severity[i];
	}
	return count;
}

/* A zone whose validations are not known is not clean. */
static int exit_zone(const options_t *opts, const zone_job_t *job)
{
	return count_grave(opts, job) > 0 ? EXIT_FINDINGS :
	       job->partial               ? EXIT_UNCHECKED :
	                                    EXIT_CLEAN;
}

/* Audits a zone and prints its report; says on \a err why it cannot. */
static bool check_job(batch_t *batch, zone_job_t *job, FILE *out, FILE *err)
{
	const options_t *opts = batch->opts;
	if (!zone_validations(&job->validation_file, job->file_configured, job->policy,
	                      &job->report, err)) {
		return false;
	}
	int ret = caaudit_policy_finish(job->policy, opts->now);
	if (ret == KNOT_EOK) {
		if (!zone_check(opts, job->policy, &job->report, err)) {
			return false;
		}
		bool ok = print_report(batch, job, out, err) && sum_up(batch, job);
		ret = ok ? KNOT_EOK : KNOT_ENOMEM;
	}
	if (ret != KNOT_EOK) {
		complain(err, "%s: could not check: %s", job->report.zone, knot_strerror(ret));
	}
	return ret == KNOT_EOK;
}

/* Ends a text that grows in memory: false if a part of it is lost. */
static bool end_text(FILE *stream, char *const *text)
{
	if (stream == NULL) {
		return false;
	}
	bool ok = ferror(stream) == 0;
	/* At the end glibc may tell it by the latter alone. */
	return fclose(stream) == 0 && *text != NULL && ok;
}

static void run_job(batch_t *batch, zone_job_t *job)
{
	const options_t *opts = batch->opts;
	FILE *out = open_memstream(&job->out, &job->out_len);
	FILE *err = open_memstream(&job->err, &job->err_len);
	bool ok = out != NULL && err != NULL && check_job(batch, job, out, err);
	if (ok) {
		job->partial = job->policy->partial;
		job->code = opts->transaction ? exit_transaction(opts, &job->report, err) :
		                                exit_zone(opts, job);
	}
	if (!end_text(out, &job->out)) {
		complain(err != NULL ? err : stderr, "%s: could not check: %s", job->report.zone,
		         knot_strerror(KNOT_ENOMEM));
		ok = false;
	}
	if (!end_text(err, &job->err)) {
		complain(stderr, "%s: could not check: %s", job->report.zone,
		         knot_strerror(KNOT_ENOMEM));
		ok = false;
	}
	if (!ok) {
		job->code = EXIT_UNCHECKED;
		job->partial = false;
		job->out_len = 0;
	}
	report_clear(&job->report);
	caaudit_policy_free(job->policy);
	job->policy = NULL;
	progress_zone_done();
}

static bool is_text(const options_t *opts)
{
	return !opts->quiet && !opts->survey && opts->fix == FIX_OFF && opts->format == FORMAT_TEXT;
}

static void print_job(batch_t *batch, zone_job_t *job)
{
	progress_clear();
	/* Standard error is not buffered: without this the two could change places on a terminal. */
	fflush(stdout);
	if (job->err != NULL) {
		fwrite(job->err, 1, job->err_len, stderr);
	}
	if (job->out_len > 0) {
		if (batch->printed && is_text(batch->opts)) {
			putchar('\n');
		}
		batch->printed = true;
		fwrite(job->out, 1, job->out_len, stdout);
		fflush(stdout);
	}
	free(job->out);
	free(job->err);
	job->out = NULL;
	job->err = NULL;
}

static void *work(void *arg)
{
	batch_t *batch = arg;
	pthread_mutex_lock(&batch->lock);
	while (batch->next < batch->count) {
		zone_job_t *job = &batch->job[batch->next++];
		pthread_mutex_unlock(&batch->lock);
		run_job(batch, job);
		pthread_mutex_lock(&batch->lock);
		job->done = true;
		pthread_cond_signal(&batch->changed);
	}
	pthread_mutex_unlock(&batch->lock);
	return NULL;
}

static int worst(int a, int b)
{
	return a > b ? a : b;
}

static int run_parallel(batch_t *batch, size_t workers)
{
	pthread_t *thread = calloc(workers, sizeof(*thread));
	size_t started = 0;
	while (thread != NULL && started < workers &&
	       pthread_create(&thread[started], NULL, work, batch) == 0) {
		started++;
	}
	if (started == 0) {
		work(batch);
	}

	int code = EXIT_CLEAN;
	for (size_t i = 0; i < batch->count; i++) {
		zone_job_t *job = &batch->job[i];
		pthread_mutex_lock(&batch->lock);
		while (!job->done) {
			pthread_cond_wait(&batch->changed, &batch->lock);
		}
		pthread_mutex_unlock(&batch->lock);
		print_job(batch, job);
		code = worst(code, job->code);
	}
	for (size_t i = 0; i < started; i++) {
		pthread_join(thread[i], NULL);
	}
	free(thread);
	return code;
}

static void print_tally_row(const batch_t *batch, const tally_t *tally, bool *first,
                            const char *severity, const char *id)
{
	if (tally->findings == 0) {
		return;
	}
	if (*first) {
		printf("%sfindings  zones\n", batch->printed ? "\n" : "");
	}
	*first = false;
	printf("%8zu  %5zu  %-7s  %s\n", tally->findings, tally->zones, severity, id);
}

/* How often each finding was made. */
static void print_tally(const batch_t *batch)
{
	bool first = true;
	for (int severity = 0; severity < CAAUDIT_SEVERITY__COUNT; severity++) {
		for (int id = 0; id < CAAUDIT_FINDING__COUNT; id++) {
			print_tally_row(batch, &batch->tally[severity][id], &first,
			                caaudit_severity_name(severity),
			                caaudit_finding_info(id)->id);
		}
	}
	print_tally_row(batch, &batch->gaps, &first, "-", "not checked");
}

/* The sum over the zones. */
static void print_total(const batch_t *batch)
{
	if (batch->count < 2 || !is_text(batch->opts)) {
		return;
	}
	print_tally(batch);
	size_t count[EXIT_UNCHECKED + 1] = { 0 };
	for (size_t i = 0; i < batch->count; i++) {
		count[batch->job[i].code]++;
	}
	printf("\n%zu zones: %zu passed, %zu failed, %zu could not be checked\n", batch->count,
	       count[EXIT_CLEAN], count[EXIT_FINDINGS], count[EXIT_UNCHECKED]);
	if (batch->hidden > 0) {
		printf("not shown: %zu zone%s without errors and warnings; -v shows all of it\n",
		       batch->hidden, batch->hidden == 1 ? "" : "s");
	}
}

static bool print_survey(const batch_t *batch)
{
	survey_row_t *row = calloc(batch->count + 1, sizeof(*row));
	for (size_t i = 0; row != NULL && i < batch->count; i++) {
		const zone_job_t *job = &batch->job[i];
		row[i].name = job->zone;
		row[i].zone = job->surveyed ? &job->survey : NULL;
	}
	bool ok = row != NULL && survey_print(row, batch->count, &batch->style, stdout);
	free(row);
	return ok;
}

static bool print_metrics(batch_t *batch)
{
	size_t failed = 0;
	for (size_t i = 0; i < batch->count; i++) {
		failed += batch->job[i].code == EXIT_UNCHECKED && !batch->job[i].partial;
	}
	bool ok = metrics_add(&batch->metrics, METRIC_ZONES, NULL, "failed", failed) &&
	          metrics_add(&batch->metrics, METRIC_AUDITED, NULL, NULL, time(NULL));
	metrics_print(&batch->metrics, stdout);
	return ok;
}

/* What is printed after all zones. */
static bool print_end(batch_t *batch)
{
	const options_t *opts = batch->opts;
	if (opts->survey) {
		return print_survey(batch);
	}
	if (opts->format == FORMAT_PROMETHEUS) {
		return print_metrics(batch);
	}
	print_total(batch);
	return true;
}

static int run(batch_t *batch)
{
	progress_start(batch->count);
	size_t workers = batch->opts->jobs < batch->count ? batch->opts->jobs : batch->count;
	int code = EXIT_CLEAN;
	if (workers > 1) {
		code = run_parallel(batch, workers);
	} else {
		for (size_t i = 0; i < batch->count; i++) {
			run_job(batch, &batch->job[i]);
			print_job(batch, &batch->job[i]);
			code = worst(code, batch->job[i].code);
		}
	}
	return print_end(batch) ? code : EXIT_UNCHECKED;
}

int command_check(const options_t *opts)
{
	batch_t batch = {
		.opts = opts,
		.style = terminal_style(stdout),
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};
	progress_start(opts->operand.count);
	int code = batch_plan(&batch) ? run(&batch) : EXIT_UNCHECKED;
	batch_clear(&batch);
	return code;
}
