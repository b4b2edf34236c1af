/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The command probe: whom to ask about which zones, and what to print. */

#include <stdlib.h>

#include <libknot/libknot.h>

#include "batch.h"
#include "commands.h"
#include "probe_report.h"
#include "probe_world.h"
#include "source.h"
#include "text.h"
#include "values.h"
#include "zone.h"
#include "zonepath.h"

/* A run of the command. */
typedef struct {
	probe_caller_t caller; /* Must be the first. */
	const options_t *opts;
	batch_t *batch; /* NULL where nobody is asked. */
	probe_t *probe;
	world_t *world;       /* NULL: only the servers are asked. */
	caaudit_memo_t *memo; /* Servers of a zone have the same signatures. */
	style_t style;
	size_t zones;   /* That there are to print. */
	size_t next;    /* Zone to ask about next. */
	size_t printed; /* Documents or reports so far. */
	size_t by_code[EXIT_UNCHECKED + 1];
	size_t by_id[CAAUDIT_FINDING__COUNT]; /* Zones that have it. */
	bool local_told;
	int code;
} command_run_t;

static int worst(int a, int b)
{
	return a > b ? a : b;
}

static int no_memory(void)
{
	complain(stderr, "%s", knot_strerror(KNOT_ENOMEM));
	return EXIT_UNCHECKED;
}

/* --- One zone ------------------------------------------------------------------------------ */

static bool has_good(const probe_zone_t *zone)
{
	for (size_t i = 0; i < zone->column_count; i++) {
		if (zone->column[i].state == PROBE_COLUMN_GOOD &&
		    zone->column[i].server->kind != PROBE_ZONE) {
			return true;
		}
	}
	return false;
}

/* Nobody serves the zone: what each server says instead. */
static void complain_nobody(const probe_report_t *report)
{
	const probe_zone_t *zone = report->zone;
	char *line = NULL;
	size_t size = 0, asked = 0;
	FILE *out = open_memstream(&line, &size);
	if (out == NULL) {
		return;
	}
	for (size_t i = 0; i < zone->column_count; i++) {
		const probe_column_t *column = &zone->column[i];
		const probe_answer_t *soa = &column->answer[PROBE_ROW_SOA];
		char says[256];
		if (column->server->kind == PROBE_ZONE) {
			continue;
		}
		if (soa->outcome == PROBE_LOCAL) {
			source_errno_text(soa->code, says, sizeof(says));
		} else if (column->state == PROBE_COLUMN_SKIPPED) {
			snprintf(says, sizeof(says), "no answer before");
		} else {
			probe_answer_text(soa, &zone->question[PROBE_ROW_SOA], says, sizeof(says));
		}
		bool why = soa->why != NULL && soa->outcome == PROBE_GARBAGE;
		fprintf(out, "%s%s %s%s%s%s", asked > 0 ? ", " : "", column->server->label, says,
		        why ? " (" : "", why ? soa->why : "", why ? ")" : "");
		asked++;
	}
	if (fclose(out) == 0) {
		complain(stderr, "%s: none of %zu servers gives the zone: %s", report->report.zone,
		         asked, line);
	}
	free(line);
}

static bool is_printed(const command_run_t *run, const report_t *report)
{
	return run->opts->verbose || run->zones == 1 || run->opts->format == FORMAT_JSON ||
	       report_count(report, CAAUDIT_WARNING) > 0;
}

static bool print_report(command_run_t *run, const probe_report_t *report)
{
	const options_t *opts = run->opts;
	progress_clear();
	if (opts->quiet || !is_printed(run, &report->report)) {
		return true;
	}
	if (opts->format == FORMAT_JSON) {
		fputs(run->printed++ == 0 ? "[" : ",\n", stdout);
		return probe_json(report, stdout);
	}
	if (run->printed++ > 0) {
		putchar('\n');
	}
	probe_text(report, &run->style, opts->verbose, stdout);
	return true;
}

static void count_ids(command_run_t *run, const report_t *report)
{
	bool seen[CAAUDIT_FINDING__COUNT] = { false };
	for (size_t i = 0; i < report->audit->finding_count; i++) {
		caaudit_id_t id = report->audit->finding[i].id;
		run->by_id[id] += !seen[id];
		seen[id] = true;
	}
}

/* Compares, audits unless that was done elsewhere (no policy), and prints what that comes to. */
static int conclude(command_run_t *run, probe_report_t *report, const caaudit_policy_t *policy)
{
	if (!has_good(report->zone)) {
		progress_clear();
		complain_nobody(report);
		return EXIT_UNCHECKED;
	}
	if (probe_compare(report->zone, &report->result) != KNOT_EOK) {
		return no_memory();
	}
	if (report->delegation != NULL && probe_compare_delegation(report->zone, report->delegation,
	                                                           &report->result) != KNOT_EOK) {
		return no_memory();
	}
	report->report.serial = report->result.serial;
	if ((policy != NULL && !probe_judge(run->opts, policy, report)) ||
	    !probe_report_finish(report) || !print_report(run, report)) {
		return no_memory();
	}
	count_ids(run, &report->report);
	return report_count(&report->report, run->opts->fail_on) > 0 ? EXIT_FINDINGS : EXIT_CLEAN;
}

/* --- Zones that servers are asked about ----------------------------------------------------- */

/* The job of a zone waits behind it. */
typedef struct {
	caaudit_view_t *view; /* The zone itself, or NULL. */
	zone_job_t *job;
	probe_delegation_t delegation;
	const char *undelegated; /* Why there is none; NULL: there is, or nobody has looked. */
	bool anchored;           /* The trust anchors are the DS records of the parent. */
} waiting_t;

static void forget(waiting_t *waiting)
{
	if (waiting != NULL) {
		caaudit_view_free(waiting->view);
		probe_delegation_clear(&waiting->delegation);
	}
	free(waiting);
}

/* The zone itself, to compare with: a column that nobody is asked for. */
static bool add_zone_itself(command_run_t *run, waiting_t *waiting, probe_zone_t *zone)
{
	const options_t *opts = run->opts;
	const zone_job_t *job = waiting->job;
	char *path = NULL;
	if (opts->zone_file == NULL && opts->live == NULL && opts->axfr == NULL) {
		return true;
	}
	if (opts->zone_file != NULL &&
	    (path = zonepath_expand(opts->zone_file, zone->zone)) == NULL) {
		complain(stderr, "--zone '%s': not understood", opts->zone_file);
		return false;
	}
	caaudit_view_t *view = zone_view(opts, path, job->policy, &job->report, stderr);
	probe_server_t *server = probe_server_named(run->probe,
	                                            path != NULL       ? path :
	                                            opts->live != NULL ? "control socket" :
	                                                                 "transfer",
	                                            PROBE_ZONE);
	free(path);
	probe_column_t *column = view != NULL && server != NULL ? probe_zone_add(zone, server) :
	                                                          NULL;
	if (column == NULL) {
		caaudit_view_free(view);
		return false;
	}
	waiting->view = view;
	column->state = PROBE_COLUMN_GOOD; /* Its answers come when all questions are known. */
	return true;
}

static bool add_servers(const command_run_t *run, probe_zone_t *zone, const words_t *list,
                        probe_kind_t kind)
{
	for (size_t i = 0; i < list->count; i++) {
		struct sockaddr_storage addr;
		if (!parse_server(list->item[i], &addr)) {
			complain(stderr, "'%s': not an address of a server", list->item[i]);
			return false;
		}
		probe_server_t *server = probe_server(run->probe, &addr, kind);
		bool before = false;
		for (size_t j = 0; j < zone->column_count; j++) {
			before = before || zone->column[j].server == server;
		}
		if (server == NULL || (!before && probe_zone_add(zone, server) == NULL)) {
			complain(stderr, "more than %d servers of one zone, or no memory",
			         PROBE_SERVERS_MAX);
			return false;
		}
	}
	return true;
}

/* The DS records of the parent are trust anchors, unless the operator has given others. */
static bool add_anchors(waiting_t *waiting)
{
	caaudit_policy_t *policy = waiting->job->policy;
	const probe_answer_t *ds = &waiting->delegation.ds;
	if (policy->anchor_count > 0) {
		return true;
	}
	for (size_t i = 0; i < ds->answer_count; i++) {
		const caaudit_record_t *record = &ds->record[i];
		if (record->type != KNOT_RRTYPE_DS) {
			continue;
		}
		int ret = caaudit_policy_add_anchor(policy, record->type, record->rdata,
		                                    record->rdlen, NULL);
		if (ret == KNOT_ENOMEM) {
			return false;
		}
		waiting->anchored = waiting->anchored || ret == KNOT_EOK;
	}
	return true;
}

/* Walks from the root to the zone; false if nobody can be asked then. */
static bool find_delegation(command_run_t *run, waiting_t *waiting)
{
	const options_t *opts = run->opts;
	zone_job_t *job = waiting->job;
	if (run->world == NULL) {
		return true;
	}
	waiting->undelegated = world_delegation(run->world, job->policy->zone,
	                                        &waiting->delegation);
	bool given = opts->server_list.count + opts->resolver.count + job->notify.count > 0;
	if (!given && waiting->undelegated != NULL) {
		complain(stderr, "%s: no name server found: %s", job->report.zone,
		         waiting->undelegated);
		return false;
	}
	if (!given && waiting->delegation.addr_count == 0) {
		complain(stderr, "%s: the parent names no name server that has an address",
		         job->report.zone);
		return false;
	}
	return add_anchors(waiting) || no_memory() == EXIT_CLEAN;
}

/* Adds the servers that the parent names, if nobody has named others. */
static bool add_delegated(const command_run_t *run, const waiting_t *waiting, probe_zone_t *zone)
{
	const options_t *opts = run->opts;
	if (opts->server_list.count + opts->resolver.count + waiting->job->notify.count > 0) {
		return true;
	}
	for (size_t i = 0; i < waiting->delegation.addr_count; i++) {
		probe_server_t *server = probe_server(run->probe, &waiting->delegation.addr[i],
		                                      PROBE_SERVER);
		if (server == NULL || probe_zone_add(zone, server) == NULL) {
			return no_memory() == EXIT_CLEAN;
		}
	}
	return true;
}

/* Makes the zone of a job with its columns and questions; NULL if it cannot be asked about. */
static probe_zone_t *plan_zone(command_run_t *run, waiting_t *waiting)
{
	const options_t *opts = run->opts;
	zone_job_t *job = waiting->job;
	if (!zone_validations(&job->validation_file, job->file_configured, job->policy,
	                      &job->report, stderr) ||
	    !find_delegation(run, waiting)) {
		return NULL;
	}
	job->policy->memo = run->memo;
	if (caaudit_policy_finish(job->policy, opts->now) != KNOT_EOK) {
		no_memory();
		return NULL;
	}
	probe_zone_t *zone = probe_zone_new(job->policy->zone);
	if (zone == NULL || !probe_plan(zone, job->policy) ||
	    probe_delegation_ask(zone, &waiting->delegation) == KNOT_ENOMEM) {
		probe_zone_free(zone);
		no_memory();
		return NULL;
	}
	if (!add_zone_itself(run, waiting, zone) ||
	    !add_servers(run, zone, &job->notify, PROBE_SERVER) ||
	    !add_servers(run, zone, &opts->server_list, PROBE_SERVER) ||
	    !add_servers(run, zone, &opts->resolver, PROBE_RESOLVER) ||
	    !add_delegated(run, waiting, zone)) {
		probe_zone_free(zone);
		return NULL;
	}
	if (zone->column_count == (waiting->view != NULL)) {
		complain(stderr,
		         "%s: no server to ask: the configuration notifies none; give --server",
		         job->report.zone);
		probe_zone_free(zone);
		return NULL;
	}
	return zone;
}

static void count(command_run_t *run, int code)
{
	run->by_code[code]++;
	run->code = worst(run->code, code);
	progress_zone_done();
}

static probe_zone_t *on_next(probe_caller_t *self)
{
	command_run_t *run = (command_run_t *)self;
	while (run->next < run->batch->count) {
		zone_job_t *job = &run->batch->job[run->next++];
		waiting_t *waiting = calloc(1, sizeof(*waiting));
		if (waiting != NULL) {
			waiting->job = job;
		}
		probe_zone_t *zone = waiting != NULL ? plan_zone(run, waiting) : NULL;
		if (zone != NULL) {
			zone->ctx = waiting;
			return zone;
		}
		forget(waiting);
		count(run, EXIT_UNCHECKED);
	}
	return NULL;
}

/* The zone itself answers the questions, those included that followed from answers. */
static bool answer_itself(probe_zone_t *zone, const caaudit_view_t *view)
{
	for (size_t i = 0; view != NULL && i < zone->column_count; i++) {
		if (zone->column[i].server->kind == PROBE_ZONE) {
			return probe_answer_from(zone, &zone->column[i], view) == KNOT_EOK;
		}
	}
	return true;
}

/* Said once a run: it is the same for every zone. */
static void tell_local(command_run_t *run, const probe_zone_t *zone)
{
	for (size_t i = 0; i < zone->column_count && !run->local_told && run->zones > 1; i++) {
		const probe_answer_t *soa = &zone->column[i].answer[PROBE_ROW_SOA];
		char why[128];
		if (soa->outcome == PROBE_LOCAL) {
			run->local_told = true;
			progress_clear();
			complain(stderr,
			         "this host cannot send to %s (%s); what such servers say is "
			         "not known",
			         zone->column[i].server->label,
			         source_errno_text(soa->code, why, sizeof(why)));
		}
	}
}

/* Whatever is asked beside the servers of the zone. */
static bool ask_world(command_run_t *run, waiting_t *waiting, probe_report_t *report)
{
	if (run->world == NULL || !has_good(report->zone)) {
		return true;
	}
	report->world = run->world;
	report->anchored = waiting->anchored;
	report->delegation = &waiting->delegation;
	if (waiting->undelegated != NULL) {
		return probe_add_gap(report, "the delegation of the zone", waiting->undelegated) &&
		       world_ask(run->world, waiting->job->policy, &waiting->delegation, report);
	}
	if (!waiting->delegation.shown &&
	    !probe_add_gap(report, "the delegation of the zone",
	                   "the servers of the parent have the zone as well, and answer from it")) {
		return false;
	}
	return world_ask(run->world, waiting->job->policy, &waiting->delegation, report);
}

static void on_done(probe_caller_t *self, probe_zone_t *zone)
{
	command_run_t *run = (command_run_t *)self;
	waiting_t *waiting = zone->ctx;
	zone_job_t *job = waiting->job;
	probe_report_t report = { .zone = zone, .report = job->report };
	job->report = (report_t){ 0 };
	tell_local(run, zone);
	int code = answer_itself(zone, waiting->view) && ask_world(run, waiting, &report) ?
	                   conclude(run, &report, job->policy) :
	                   no_memory();
	/* Validations that are not known are not clean. */
	code = code == EXIT_CLEAN && job->policy->partial ? EXIT_UNCHECKED : code;
	forget(waiting);
	probe_report_clear(&report);
	caaudit_policy_free(job->policy);
	job->policy = NULL;
	count(run, code);
}

static void on_progress(probe_caller_t *self, const probe_zone_t *zone, size_t answered,
                        size_t asked)
{
	(void)self;
	knot_dname_txt_storage_t name;
	if (knot_dname_to_str(name, zone->zone, sizeof(name)) != NULL) {
		progress_show(name, answered, asked);
	}
}

/* --- The command --------------------------------------------------------------------------- */

/* With many zones nobody counts the reports. */
static void print_total(const command_run_t *run)
{
	if (run->zones < 2 || run->opts->quiet || run->opts->format == FORMAT_JSON) {
		return;
	}
	printf("%s%zu zones: %zu passed, %zu failed, %zu could not be probed\n",
	       run->printed > 0 ? "\n" : "", run->zones, run->by_code[EXIT_CLEAN],
	       run->by_code[EXIT_FINDINGS], run->by_code[EXIT_UNCHECKED]);
	for (size_t i = 0; i < CAAUDIT_FINDING__COUNT; i++) {
		if (run->by_id[i] > 0) {
			printf("  %-28s %zu zone%s\n", caaudit_finding_info(i)->id, run->by_id[i],
			       run->by_id[i] == 1 ? "" : "s");
		}
	}
}

static void run_batch(command_run_t *run)
{
	batch_t *batch = run->batch;
	if (!batch_plan(batch) || !world_new(batch, run->probe, &run->world)) {
		run->code = EXIT_UNCHECKED;
		return;
	}
	run->zones = batch->count;
	progress_start(batch->count);
	int ret = probe_run(run->probe, &run->caller);
	if (ret != KNOT_EOK) {
		progress_clear();
		complain(stderr, "%s", knot_strerror(ret));
		run->code = EXIT_UNCHECKED;
	}
}

static void run_merge(command_run_t *run)
{
	probe_report_t *report = NULL;
	size_t reports = 0;
	if (!probe_merge(run->probe, &run->opts->operand, &report, &reports)) {
		run->code = EXIT_UNCHECKED;
	}
	run->zones = reports;
	for (size_t i = 0; i < reports; i++) {
		if (run->code != EXIT_UNCHECKED) {
			count(run, conclude(run, &report[i], NULL));
		}
		probe_report_clear(&report[i]);
	}
	free(report);
}

int command_probe(const options_t *opts)
{
	batch_t batch = {
		.opts = opts,
		.lock = PTHREAD_MUTEX_INITIALIZER,
		.changed = PTHREAD_COND_INITIALIZER,
	};
	command_run_t run = {
		.caller = { .next = on_next, .done = on_done, .progress = on_progress },
		.opts = opts,
		.batch = &batch,
		.probe = probe_new(opts->rate),
		.memo = caaudit_memo_new(),
		.style = terminal_style(stdout),
	};
	if (run.probe == NULL || run.memo == NULL) {
		run.code = no_memory();
	} else if (opts->merge) {
		run_merge(&run);
	} else {
		run_batch(&run);
	}
	if (opts->format == FORMAT_JSON && !opts->quiet && run.printed > 0) {
		puts("]");
	}
	print_total(&run);
	world_free(run.world);
	batch_clear(&batch);
	caaudit_memo_free(run.memo);
	probe_free(run.probe);
	return run.code;
}
