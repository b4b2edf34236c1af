/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>

#include "commands.h"
#include "master.h"
#include "report.h"
#include "terminal.h"
#include "text.h"
#include "values.h"
#include "zone.h"

#define CA_DEFAULT   "sectigo.com"
#define HOST_DEFAULT "@"

/* One zone to check. Its output waits here until its turn. */
typedef struct {
	const char *path; /* NULL for a server. */
	caaudit_policy_t *policy;
	report_t report;
	char *out;
	char *err;
	size_t out_len;
	size_t err_len;
	int code;
	bool done;
} job_t;

/* All zones of a command line. */
typedef struct {
	const options_t *opts;
	style_t style;
	job_t *job;
	size_t count;
	size_t next; /* First one that nobody has begun. */
	pthread_mutex_t lock;
	pthread_cond_t changed;
} batch_t;

static const char *source_word(const options_t *opts)
{
	return opts->live != NULL ? "control" : opts->axfr != NULL ? "transfer" : "zonefile";
}

static bool find_zone(const options_t *opts, const char *path, knot_dname_storage_t zone)
{
	if (path == NULL || opts->origin != NULL) {
		const char *option = opts->live != NULL   ? "live"
				     : opts->axfr != NULL ? "axfr"
							  : "origin";
		const char *text = opts->live != NULL   ? opts->live
				   : opts->axfr != NULL ? opts->axfr
							: opts->origin;
		if (parse_zone(text, zone) == NULL) {
			complain(stderr, "--%s '%s': not a domain name", option, text);
			return false;
		}
		return true;
	}
	if (zone_from_path(path, zone) == NULL) {
		complain(stderr, "%s: the file name is no zone name; give the zone with -o ZONE",
			 path);
		return false;
	}
	return true;
}

/* Adds a list of words; one that fits no zone at all is a slip. */
static bool add_words(batch_t *batch, const list_t *list, const char *option,
		      int (*add)(caaudit_policy_t *, const char *, const char **))
{
	for (size_t i = 0; i < list->count; i++) {
		size_t fits = 0;
		for (size_t j = 0; j < batch->count; j++) {
			const char *why = NULL;
			int ret = add(batch->job[j].policy, list->item[i], &why);
			if (ret == KNOT_EOK) {
				fits++;
			} else if (ret != KNOT_ERANGE) {
				complain(stderr, "--%s '%s': %s", option, list->item[i],
					 ret == KNOT_EINVAL && why != NULL ? why
									   : knot_strerror(ret));
				return false;
			}
		}
		if (fits > 0) {
			continue;
		}
		if (batch->count == 1) {
			complain(stderr, "--%s '%s': not in zone %s", option, list->item[i],
				 batch->job[0].report.zone);
		} else {
			complain(stderr, "--%s '%s': in none of the zones", option, list->item[i]);
		}
		return false;
	}
	return true;
}

static bool set_word(batch_t *batch, const char *word, const char *option,
		     int (*set)(caaudit_policy_t *, const char *, const char **))
{
	return word == NULL ||
	       add_words(batch, &(list_t){ .item = &word, .count = 1 }, option, set);
}

/* Everything that can be wrong with the command line is found before any zone is read. */
static bool make_policies(batch_t *batch)
{
	const options_t *opts = batch->opts;
	for (size_t i = 0; i < batch->count; i++) {
		job_t *job = &batch->job[i];
		knot_dname_storage_t zone;
		if (!find_zone(opts, job->path, zone)) {
			return false;
		}
		report_init(&job->report, zone, source_word(opts));
		job->policy = caaudit_policy_new(zone);
		if (job->policy == NULL || job->report.failed) {
			complain(stderr, "%s", knot_strerror(KNOT_ENOMEM));
			return false;
		}
		job->policy->wildcard = !opts->no_wildcard;
		job->policy->strict = opts->strict;
	}

	const char *ca = opts->ca.count == 0 ? CA_DEFAULT : NULL;
	const char *host = opts->host.count == 0 ? HOST_DEFAULT : NULL;
	return set_word(batch, ca, "ca", caaudit_policy_add_ca) &&
	       add_words(batch, &opts->ca, "ca", caaudit_policy_add_ca) &&
	       set_word(batch, host, "host", caaudit_policy_add_host) &&
	       add_words(batch, &opts->host, "host", caaudit_policy_add_host) &&
	       add_words(batch, &opts->validation, "validation", caaudit_policy_add_validation) &&
	       set_word(batch, opts->account_uri, "account-uri", caaudit_policy_set_account) &&
	       set_word(batch, opts->method, "validation-method", caaudit_policy_set_method);
}

static bool print_report(const batch_t *batch, const job_t *job, FILE *out, FILE *err)
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

static void run_job(const batch_t *batch, job_t *job)
{
	const options_t *opts = batch->opts;
	job->code = EXIT_UNCHECKED;
	FILE *out = open_memstream(&job->out, &job->out_len);
	FILE *err = open_memstream(&job->err, &job->err_len);
	if (out != NULL && err != NULL) {
		bool ok = true;
		for (size_t i = 0; i < opts->validation_file.count; i++) {
			ok = master_validations(opts->validation_file.item[i], job->policy,
						&job->report, err) &&
			     ok;
		}
		ok = ok && zone_check(opts, job->path, job->policy, &job->report, err);
		if (ok && print_report(batch, job, out, err)) {
			job->code = report_count(&job->report, opts->fail_on) > 0 ? EXIT_FINDINGS
										  : EXIT_CLEAN;
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

static void print_job(job_t *job)
{
	progress_clear();
	/* Else the two could change places on a terminal. */
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
		job_t *job = &batch->job[batch->next++];
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
		job_t *job = &batch->job[i];
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

/* With many zones nobody counts the summaries. */
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
		.count = opts->operand.count > 0 ? opts->operand.count : 1,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};
	batch.job = calloc(batch.count, sizeof(*batch.job));
	if (batch.job == NULL) {
		complain(stderr, "%s", knot_strerror(KNOT_ENOMEM));
		return EXIT_UNCHECKED;
	}
	for (size_t i = 0; i < opts->operand.count; i++) {
		batch.job[i].path = opts->operand.item[i];
	}

	int code = make_policies(&batch) ? run(&batch) : EXIT_UNCHECKED;
	for (size_t i = 0; i < batch.count; i++) {
		report_clear(&batch.job[i].report);
		caaudit_policy_free(batch.job[i].policy);
	}
	free(batch.job);
	return code;
}
