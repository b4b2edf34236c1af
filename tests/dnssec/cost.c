/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What do the checks of signatures cost beyond reading the zone? Reads a zone
 * file again and again: the scanner alone, with a view that keeps neither
 * signatures nor denials, with one that does, and with the audit behind it. The
 * first two are the same work without DNSSEC; the linker puts a switch before
 * the function that keeps.
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
#include "keep.h"

#define NOW        1795521600 /* 2026-11-24 12:00:00 UTC. */
#define ROUNDS_MAX 99

static const char *const ways[] = { "scanner alone", "and a view", "with signatures",
	                            "and the audit" };
enum { BARE, PLAIN, KEPT, AUDIT, WAYS };

static int way;
static unsigned long findings;

int __real_keep_add(keep_t *keep, const knot_dname_t *owner, uint16_t type, uint32_t ttl,
                    const uint8_t *rdata, uint16_t rdlen);
int __wrap_keep_add(keep_t *keep, const knot_dname_t *owner, uint16_t type, uint32_t ttl,
                    const uint8_t *rdata, uint16_t rdlen);

int __wrap_keep_add(keep_t *keep, const knot_dname_t *owner, uint16_t type, uint32_t ttl,
                    const uint8_t *rdata, uint16_t rdlen)
{
	return way == PLAIN ? KNOT_EOK : __real_keep_add(keep, owner, type, ttl, rdata, rdlen);
}

static void take(zs_scanner_t *s)
{
	caaudit_view_t *view = s->process.data;
	if (view != NULL && caaudit_view_add(view, s->r_owner, s->r_type, s->r_ttl, s->r_data,
	                                     s->r_data_length) != KNOT_EOK) {
		s->state = ZS_STATE_STOP;
	}
}

static void count_finding(caaudit_sink_t *self, const caaudit_finding_t *finding)
{
	(void)self;
	findings += finding->text[0] != '\0';
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

static bool round_of(const char *origin, const char *file, const caaudit_policy_t *policy)
{
	if (way == BARE) {
		return scan(origin, file, NULL);
	}
	caaudit_view_t *view = caaudit_view_new(policy->zone);
	caaudit_sink_t sink = { .finding = count_finding };
	findings = 0;
	bool ok = view != NULL && caaudit_audit_want(policy, view) == KNOT_EOK &&
	          scan(origin, file, view) && caaudit_view_finish(view) == KNOT_EOK &&
	          (way < AUDIT || caaudit_audit(view, policy, NOW, &sink) == KNOT_EOK);
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
	static double took[WAYS][ROUNDS_MAX];
	for (unsigned long i = 0; ok && i < rounds; i++) {
		for (way = 0; ok && way < WAYS;
		     way++) { // Side by side: the machine may get slower.
			double begin = seconds();
			ok = round_of(argv[1], argv[2], policy);
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
	printf("%lu findings\n", findings);
	return 0;
}
