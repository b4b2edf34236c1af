/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What do the checks of signatures cost beyond reading the zone? Reads a zone
 * file again and again: the scanner alone, with a view that keeps neither
 * signatures nor denials, with one that does, and with the audit behind it,
 * which reads a zone with many signatures once more. The first two are the same
 * work without DNSSEC; the linker puts a switch before the function that keeps.
 *
 * usage: cost ORIGIN FILE ROUNDS [HOST]...
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libknot/errcode.h>
#include <libzscanner/scanner.h>

#include "caaudit/audit.h"
#include "proofs.h"

#define NOW        1795521600 /* 2026-11-24 12:00:00 UTC. */
#define ROUNDS_MAX 99

static const char *const ways[] = { "scanner alone", "and a view", "with signatures",
	                            "and the audit" };
enum { BARE, PLAIN, KEPT, AUDIT, WAYS };

static int way;
static size_t findings, gaps;

bool __real_proofs_add(proofs_t *proofs, const caaudit_record_t *record);
bool __wrap_proofs_add(proofs_t *proofs, const caaudit_record_t *record);

bool __wrap_proofs_add(proofs_t *proofs, const caaudit_record_t *record)
{
	return way == PLAIN || __real_proofs_add(proofs, record);
}

static void take(zs_scanner_t *s)
{
	caaudit_view_t *view = s->process.data;
	const caaudit_record_t record = { s->r_owner, s->r_data, s->r_ttl, s->r_type,
		                          (uint16_t)s->r_data_length };
	if (view != NULL && caaudit_view_add(view, &record) != KNOT_EOK) {
		s->state = ZS_STATE_STOP;
	}
}

static bool scan(const char *origin, const char *file, caaudit_view_t *view)
{
	zs_scanner_t *scanner = malloc(sizeof(*scanner));
	bool ok = scanner != NULL && zs_init(scanner, origin, 1, 3600) == 0;
	if (!ok) {
		free(scanner);
		return false;
	}
	ok = zs_set_input_file(scanner, file) == 0 &&
	     zs_set_processing(scanner, take, NULL, view) == 0 && zs_parse_all(scanner) == 0 &&
	     scanner->error.counter == 0;
	zs_deinit(scanner);
	free(scanner);
	return ok;
}

/*! What to read. */
typedef struct {
	const char *origin;
	const char *file;
	unsigned readings; /*!< Of the last audit. */
} source_t;

static int read_source(void *context, caaudit_view_t *view)
{
	source_t *source = context;
	source->readings++;
	return scan(source->origin, source->file, view) ? KNOT_EOK : KNOT_ERROR;
}

static bool round_of(source_t *source, const caaudit_policy_t *policy)
{
	source->readings = 0;
	if (way == BARE) {
		return scan(source->origin, source->file, NULL);
	} else if (way == AUDIT) {
		caaudit_report_t *report;
		bool audited = caaudit_audit(policy, read_source, source, NOW, &report) == KNOT_EOK;
		findings = audited ? report->finding_count : 0;
		gaps = audited ? report->gap_count : 0;
		caaudit_report_free(report);
		return audited;
	}
	caaudit_view_t *view = caaudit_view_new(policy);
	bool ok = view != NULL && read_source(source, view) == KNOT_EOK &&
	          caaudit_view_finish(view) == KNOT_EOK;
	caaudit_view_free(view);
	return ok;
}

static double seconds(void)
{
	struct timespec now = { 0 };
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	unsigned long rounds = argc < 4 ? 0 : strtoul(argv[3], NULL, 10);
	knot_dname_storage_t zone;
	if (rounds < 1 || rounds > ROUNDS_MAX ||
	    knot_dname_from_str(zone, argv[1], sizeof(zone)) == NULL) {
		fprintf(stderr, "usage: cost ORIGIN FILE ROUNDS [HOST]...\n");
		return 2;
	}
	caaudit_policy_t *policy = caaudit_policy_new(zone);
	bool ok = policy != NULL && caaudit_policy_add_ca(policy, "sectigo.com", NULL) == KNOT_EOK;
	for (int i = 4; ok && i < argc; i++) {
		ok = caaudit_policy_add_host(policy, argv[i], NULL) == KNOT_EOK;
	}
	ok = ok && caaudit_policy_finish(policy, NOW) == KNOT_EOK;
	source_t source = { .origin = argv[1], .file = argv[2] };
	static double took[WAYS][ROUNDS_MAX];
	for (unsigned long i = 0; ok && i < rounds; i++) {
		for (way = 0; ok && way < WAYS;
		     way++) { // Side by side: the machine may get slower.
			double begin = seconds();
			ok = round_of(&source, policy);
			took[way][i] = seconds() - begin;
		}
	}
	caaudit_policy_free(policy);
	if (!ok) {
		fprintf(stderr, "%s: cannot be read\n", argv[2]);
		return 1;
	}
	for (way = 0; way < WAYS; way++) {
		qsort(took[way], rounds, sizeof(took[way][0]), compare);
	}
	double view = took[PLAIN][rounds / 2];
	for (way = 0; way < WAYS; way++) {
		double median = took[way][rounds / 2];
		printf("%-16s %8.1f ms %6.3f of reading, %.3f at best\n", ways[way], 1e3 * median,
		       median / view, took[way][0] / took[PLAIN][0]);
	}
	printf("%zu findings, %zu gaps, %u readings\n", findings, gaps, source.readings);
	return 0;
}
