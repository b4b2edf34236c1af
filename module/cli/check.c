/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The subcommand "check": audits the zones, several at a time, and prints in their order.
 */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>

#include "batch.h"
#include "commands.h"
#include "report.h"
#include "terminal.h"
#include "text.h"
#include "zone.h"

static bool print_report(const batch_t *batch, const zone_job_t *job, FILE *out, FILE *err)
{
	const options_t *opts = batch->opts;
	if (opts->quiet) {
		return true;
	}
	if (opts->fix != FIX_OFF) {
		return report_fix(&job->report, opts->fix, opts->fail_on, out, err);
	}
	if (opts->format == FORMAT_JSON) {
		return report_json(&job->report, out);
	}
	if (job != batch->job) {
		fputc('\n', out);
	}
	report_text(&job->report, &batch->style, opts->verbose, out);
	return true;
}

static void run_job(const batch_t *batch, zone_job_t *job)
{
	const options_t *opts = batch->opts;
	job->code = EXIT_UNCHECKED;
	FILE *out = open_memstream(&job->out, &job->out_len);
	FILE *err = open_memstream(&job->err, &job->err_len);
	if (out != NULL && err != NULL) {
		if (zone_validations(&job->validation_file, job->policy, &job->report, err) &&
		    caaudit_policy_finish(job->policy, opts->now) == KNOT_EOK &&
		    zone_check(opts, job->path, job->policy, &job->report, err) &&
		    print_report(batch, job, out, err)) {
			job->code = report_count(&job->report, opts->fail_on) > 0 ? EXIT_FINDINGS :
			                                                            EXIT_CLEAN;
		}
	}
	bool failed = out == NULL || fclose(out) != 0;
	failed = err == NULL || fclose(err) != 0 || failed;
	if (failed) {
		job->code = EXIT_UNCHECKED;
	}
	report_clear(&job->report);
	caaudit_policy_free(job->policy);
	job->policy = NULL;
	progress_zone_done();
}

static void print_job(zone_job_t *job)
{
	progress_clear();
	/* Standard error is not buffered: without this the two could change places on a terminal. */
	fflush(stdout);
	if (job->err != NULL) {
		fwrite(job->err, 1, job->err_len, stderr);
	}
	if (job->out != NULL && job->code != EXIT_UNCHECKED) {
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
		print_job(job);
		code = worst(code, job->code);
	}
	for (size_t i = 0; i < started; i++) {
		pthread_join(thread[i], NULL);
	}
	free(thread);
	return code;
}

/* The sum over the zones. */
static void print_total(const batch_t *batch)
{
	const options_t *opts = batch->opts;
	if (batch->count < 2 || opts->quiet || opts->fix != FIX_OFF ||
	    opts->format != FORMAT_TEXT) {
		return;
	}
	size_t count[EXIT_UNCHECKED + 1] = { 0 };
	for (size_t i = 0; i < batch->count; i++) {
		count[batch->job[i].code]++;
	}
	printf("\n%zu zones: %zu passed, %zu failed, %zu could not be checked\n", batch->count,
	       count[EXIT_CLEAN], count[EXIT_FINDINGS], count[EXIT_UNCHECKED]);
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
			print_job(&batch->job[i]);
			code = worst(code, batch->job[i].code);
		}
	}
	print_total(batch);
	return code;
}

int command_check(const options_t *opts)
{
	batch_t batch = {
		.opts = opts,
		.style = terminal_style(stdout),
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};
	int code = batch_plan(&batch) ? run(&batch) : EXIT_UNCHECKED;
	batch_clear(&batch);
	return code;
}
