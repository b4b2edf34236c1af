/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From findings to log lines: what is new, what is resolved, and what is remembered until it can be
 * seen again. */

#include "test.h"

#include <stdio.h>
#include <string.h>

#include "knotd/report.h"

/* What an audit has found and knows. */
typedef struct {
	caaudit_id_t found[2];
	const char *at[2];   /* Their owners; NULL = no more. */
	const char *expects; /* A validation whose names are known, or NULL. */
	bool partial;        /* More may be expected. */
	size_t lines;        /* Lines that it is to log, */
	const char *line;    /* one of them, */
	size_t kept;         /* and findings to remember. */
} audit_t;

static caaudit_policy_t *make_policy(const audit_t *audit)
{
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	assert_non_null(policy);
	if (audit->expects != NULL) {
		assert_int_equal(caaudit_policy_add_validation(policy, audit->expects, NULL),
		                 KNOT_EOK);
	}
	assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
	return policy;
}

static bool has_line(const lines_t *lines, const char *part)
{
	for (size_t i = 0; i < lines->count; i++) {
		if (strstr(lines->line[i].text, part) != NULL) {
			return true;
		}
	}
	return false;
}

/* Makes the report of an audit; returns the findings for the next one. */
static findings_t *run(const audit_t *audit, const findings_t *before)
{
	report_t report;
	uint32_t count = 0;
	caaudit_policy_t *policy = make_policy(audit);
	report_begin(&report, before, 100, dname(ZONE), 0);
	report.partial = audit->partial ? policy : NULL;
	for (size_t i = 0; i < COUNT(audit->at) && audit->at[i] != NULL; i++, count++) {
		const caaudit_finding_t finding = {
			.id = audit->found[i],
			.severity = CAAUDIT_ERROR,
			.owner = dname(audit->at[i]),
			.ca = "letsencrypt.org",
			.what = "it is wrong",
		};
		report_finding(&report, &finding, NULL, NULL);
	}
	assert_int_equal(report_end(&report), KNOT_EOK);
	caaudit_policy_free(policy);
	assert_int_equal(report.lines.count, audit->lines);
	assert_true(audit->line == NULL || has_line(&report.lines, audit->line));
	findings_t *now = report.now;
	assert_int_equal(now == NULL ? 0 : now->count, audit->kept);
	assert_int_equal(now == NULL ? 0 : now->by_severity[CAAUDIT_ERROR], count);
	for (uint32_t i = 1; now != NULL && i < now->count; i++) {
		assert_true(now->item[i - 1].key <= now->item[i].key);
	}
	report.now = NULL;
	report_clear(&report);
	return now;
}

static void check(const audit_t *audit, size_t count)
{
	findings_t *before = NULL;
	for (size_t i = 0; i < count; i++) {
		findings_t *now = run(&audit[i], before);
		findings_free(before);
		before = now;
	}
	findings_free(before);
}

#define CHECK(...)                                                                                 \
	do {                                                                                       \
		static const audit_t audits[] = { __VA_ARGS__ };                                   \
		check(audits, COUNT(audits));                                                      \
	} while (0)

#define MISSING CAAUDIT_DCV_CNAME_MISSING
#define DENIED  CAAUDIT_CAA_ISSUE_DENIED

static void new_and_resolved(void **state)
{
	(void)state;
	CHECK({ { MISSING, DENIED }, { "_a." ZONE, ZONE }, .lines = 2, .kept = 2 },
	      { { DENIED }, { ZONE }, .lines = 1, .line = "resolved, id dcv-cname", .kept = 1 },
	      { .lines = 1, .line = "resolved, id caa-issue-denied", .kept = 0 },
	      { { DENIED }, { ZONE }, .lines = 1, .line = "finding", .kept = 1 });
}

/* Meanwhile nothing is called resolved, and nothing is forgotten. */
static void what_cannot_be_seen_is_kept(void **state)
{
	(void)state;
	CHECK({ { MISSING, DENIED }, { "_a." ZONE, ZONE }, .lines = 2, .kept = 2 },
	      { { DENIED }, { ZONE }, .partial = true, .kept = 2 },
	      { { DENIED }, { ZONE }, .partial = true, .kept = 2 },
	      { .partial = true, .lines = 1, .line = "resolved, id caa", .kept = 1 },
	      { { MISSING }, { "_a." ZONE }, .kept = 1 }, { .partial = true, .kept = 1 },
	      { .lines = 1,
	        .line = "resolved, id dcv-cname-missing, owner _a.example.com., "
	                "ca letsencrypt.org",
	        .kept = 0 });
	CHECK({ .partial = true, .kept = 0 },
	      { { MISSING }, { "_a." ZONE }, .lines = 1, .kept = 1 },
	      { { MISSING }, { "_b." ZONE }, .partial = true, .lines = 1, .kept = 2 },
	      { { MISSING }, { "_b." ZONE }, .lines = 1, .line = "owner _a.", .kept = 1 });
}

/* A slip in one expectation hides nothing of the others. */
static void what_is_expected_can_be_seen(void **state)
{
	(void)state;
	CHECK({ { MISSING, MISSING }, { "_a." ZONE, "_b." ZONE }, .lines = 2, .kept = 2 },
	      { .expects = "_a x.example.net",
	        .partial = true,
	        .lines = 1,
	        .line = "resolved, id dcv-cname-missing, owner _a.",
	        .kept = 1 },
	      { .expects = "_b x.example.net", .lines = 1, .line = "owner _b.", .kept = 0 });
}

/* Whatever is read of it: how grave it is, what to do, whether synthesis answers. */
static void what_says_something_else_is_new(void **state)
{
	(void)state;
	const caaudit_finding_t first = {
		.id = DENIED,
		.severity = CAAUDIT_WARNING,
		.owner = dname(ZONE),
		.ca = "sectigo.com",
		.record = "r",
		.what = "w",
		.remedy = "m",
		.advice = "a",
	};
	caaudit_finding_t other[] = { first, first, first, first, first, first, first, first };
	other[1].severity = CAAUDIT_ERROR;
	other[2].record = "R"; // It was changed, and is wrong still.
	other[2].remedy = NULL;
	other[3].what = "W";
	other[4].remedy = "M";
	other[5].advice = NULL;
	caaudit_finding_t bare = first;
	bare.remedy = NULL;
	for (size_t i = 0; i < COUNT(other); i++) {
		report_t before, now;
		report_begin(&before, NULL, 10, dname(ZONE), 0);
		report_finding(&before, i == 2 ? &bare : &first, NULL, NULL);
		assert_int_equal(report_end(&before), KNOT_EOK);
		report_begin(&now, before.now, 10, dname(ZONE), 0);
		report_finding(&now, &other[i], i == 6 ? "publish" : NULL, i == 7 ? "n" : NULL);
		assert_int_equal(report_end(&now), KNOT_EOK);
		assert_int_equal(now.fresh, i > 0);
		assert_int_equal(now.gone, 0);
		size_t pos = 0;
		assert_int_equal(report_next_fresh(&now, &pos) != NULL, i > 0);
		report_clear(&now);
		report_clear(&before);
	}
}

/* Of two records either of which may be shown as the wrong one, the line has neither. */
static void what_is_not_shown_is_no_news(void **state)
{
	(void)state;
	caaudit_finding_t finding = {
		.id = DENIED, .owner = dname(ZONE), .record = "r", .what = "w", .remedy = "m"
	};
	report_t before, now;
	report_begin(&before, NULL, 10, dname(ZONE), 0);
	report_finding(&before, &finding, NULL, NULL);
	assert_int_equal(report_end(&before), KNOT_EOK);
	report_begin(&now, before.now, 10, dname(ZONE), 0);
	finding.record = "R";
	report_finding(&now, &finding, NULL, NULL);
	assert_int_equal(report_end(&now), KNOT_EOK);
	assert_int_equal(now.fresh, 0);
	report_clear(&now);
	report_clear(&before);
}

static void no_more_than_there_is_room_for(void **state)
{
	(void)state;
	report_t report;
	caaudit_policy_t *policy = make_policy(&(audit_t){ .partial = true });
	findings_t *before = NULL;
	for (unsigned round = 0; round < 2; round++) {
		report_begin(&report, before, 0, dname(ZONE), 0);
		report.partial = round == 0 ? NULL : policy;
		for (unsigned i = 0; i < FINDINGS_MAX - 1 - 3 * round; i++) {
			char name[64];
			(void)snprintf(name, sizeof(name), "_%u.%u." ZONE, i, round);
			const caaudit_finding_t finding = { .id = MISSING,
				                            .owner = dname(name),
				                            .what = "it is wrong" };
			report_finding(&report, &finding, NULL, NULL);
		}
		assert_int_equal(report_end(&report), KNOT_EOK);
		assert_int_equal(report.gone, 0);
		findings_free(before);
		before = report.now;
		report.now = NULL;
		report_clear(&report);
	}
	assert_int_equal(before->count, FINDINGS_MAX);
	findings_free(before);
	caaudit_policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_and_resolved),
		cmocka_unit_test(what_cannot_be_seen_is_kept),
		cmocka_unit_test(what_is_expected_can_be_seen),
		cmocka_unit_test(what_says_something_else_is_new),
		cmocka_unit_test(what_is_not_shown_is_no_news),
		cmocka_unit_test(no_more_than_there_is_room_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
