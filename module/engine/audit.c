/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief One audit from begin to end: reads the zone, has it judged and the cures proven, makes
 *        the report.
 */

#include <stdlib.h>

#include <libknot/errcode.h>

#include "checks.h"
#include "judge.h"
#include "prove.h"
#include "questions.h"
#include "view.h"

/*! Pairs of readings that are tried while the zone changes in between. */
#define READINGS_MAX 2

/*! A report, and what only its end needs. */
typedef struct {
	caaudit_report_t public; /*!< The first, so that a report leads to it. */
	caaudit_view_t *view;
	caaudit_finding_t *finding;
	audit_t audit;
} report_t;

/* --- Reading ------------------------------------------------------------------------------- */

/*! Wants all that the answer to a question depends on. */
static bool want_step(void *context, const caaudit_chain_t *step, asked_t asked)
{
	(void)asked;
	return step->lookup.answer == CAAUDIT_OUTSIDE || proofs_want(context, step->at);
}

/*! Selects the signatures and denials, in a second reading if there are many. */
static int read_proofs(caaudit_view_t *view, const caaudit_policy_t *policy, caaudit_read_f read,
                       void *context)
{
	proofs_t *proofs = view_proofs(view);
	if (!proofs_want(proofs, caaudit_view_zone(view)) ||
	    !questions_visit(view, policy, want_step, proofs)) {
		return KNOT_ENOMEM;
	}
	int ret = proofs_select(proofs, view_nsec3_params(view));
	if (ret != KNOT_EAGAIN) {
		return ret;
	}
	view_read_again(view);
	ret = read(context, view);
	ret = ret == KNOT_EOK ? caaudit_view_finish(view) : ret;
	return ret == KNOT_EOK || ret == KNOT_ENOMEM ? ret : KNOT_EAGAIN;
}

static int read_zone(caaudit_view_t **out, const caaudit_policy_t *policy, caaudit_read_f read,
                     void *context)
{
	for (unsigned i = 1;; i++) {
		caaudit_view_t *view = *out = caaudit_view_new(policy);
		int ret = view != NULL ? read(context, view) : KNOT_ENOMEM;
		ret = ret == KNOT_EOK ? caaudit_view_finish(view) : ret;
		if (ret != KNOT_EOK || !view_is_signed(view)) {
			return ret;
		}
		ret = read_proofs(view, policy, read, context);
		if (ret != KNOT_EAGAIN) {
			return ret;
		} else if (i == READINGS_MAX) {
			proofs_give_up(view_proofs(view),
			               "the zone changed while it was read a second "
			               "time for them, or could not be read again");
			return KNOT_EOK;
		}
		caaudit_view_free(view);
	}
}

/* --- The report ---------------------------------------------------------------------------- */

int caaudit_audit(const caaudit_policy_t *policy, caaudit_read_f read, void *context, uint64_t now,
                  caaudit_report_t **out)
{
	*out = NULL;
	report_t *report = calloc(1, sizeof(*report));
	int ret = report != NULL ? read_zone(&report->view, policy, read, context) : KNOT_ENOMEM;
	if (ret != KNOT_EOK) {
		caaudit_report_free(report != NULL ? &report->public : NULL);
		return ret;
	}
	audit_t *audit = &report->audit;
	audit->view = report->view;
	audit->policy = policy;
	audit->now = now;
	judge(audit);
	if (!audit->failed) {
		size_t judged = audit->found_count;
		check_dnssec(audit);
		check_server(audit);
		for (size_t i = judged; i < audit->found_count; i++) {
			audit->found[i].apart = true;
		}
		audit_sort(audit);
		prove_cures(audit);
		audit_sort(
			audit); // Two may differ in nothing but the records that are not shown now.
	}
	report->finding = calloc(audit->found_count + 1, sizeof(*report->finding));
	if (audit->failed || report->finding == NULL) {
		caaudit_report_free(&report->public);
		return KNOT_ENOMEM;
	}
	for (size_t i = 0; i < audit->found_count; i++) {
		report->finding[i] = audit->found[i].public;
	}
	report->public = (caaudit_report_t){
		.view = report->view,
		.verdict = audit->verdict,
		.verdict_count = audit->verdict_count,
		.validation = audit->validation,
		.validation_count = audit->validation_count,
		.finding = report->finding,
		.finding_count = audit->found_count,
		.gap = audit->gap,
		.gap_count = audit->gap_count,
		.dnssec = audit->dnssec,
		.audit = audit,
	};
	*out = &report->public;
	return KNOT_EOK;
}

void caaudit_report_free(caaudit_report_t *report)
{
	report_t *whole = (report_t *)report;
	if (whole != NULL) {
		free(whole->finding);
		audit_clear(&whole->audit);
		caaudit_view_free(whole->view);
		free(whole);
	}
}

const char *caaudit_validation_state_name(caaudit_validation_state_t state)
{
	static const char *const names[] = {
		[CAAUDIT_VALIDATION_PRESENT] = "present",
		[CAAUDIT_VALIDATION_PRESENT_ABOVE] = "present-above",
		[CAAUDIT_VALIDATION_PRESENT_AT_TARGET] = "present-at-target",
		[CAAUDIT_VALIDATION_MISMATCH] = "mismatch",
		[CAAUDIT_VALIDATION_MISSING] = "missing",
		[CAAUDIT_VALIDATION_NOT_CHECKED] = "not-checked",
	};
	return names[state];
}
