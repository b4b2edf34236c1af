/* SPDX-License-Identifier: GPL-2.0-or-later */

/* One audit from begin to end: reads the zone, judges the hosts, runs the checks, makes the report. */

#include <stdlib.h>
#include <string.h>

#include <libknot/errcode.h>

#include "audit.h"
#include "names.h"
#include "questions.h"
#include "view.h"

/*! Pairs of readings that are tried while the zone changes in between. */
#define READINGS_MAX 2

static const check_f checks[] = {
	check_verdicts, check_literal_pair, check_properties, check_policies,
	check_expected, check_validations,  check_dnssec,
};

/*! A report, and what only its end needs. */
typedef struct {
	caaudit_report_t public; /*!< The first, so that a report leads to it. */
	caaudit_view_t *view;
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

/* --- Verdicts ------------------------------------------------------------------------------ */

const caaudit_verdict_t *audit_verdicts(const audit_t *audit, const knot_dname_t *host,
                                        size_t *count)
{
	const caaudit_policy_t *policy = audit->policy;
	*count = policy->ca_count * (policy->wildcard != CAAUDIT_WILDCARD_OFF ? 2 : 1);
	const caaudit_mention_t *item;
	for (size_t pos = 0;
	     *count > 0 && (item = caaudit_policy_find(policy, host, &pos)) != NULL;) {
		if (item->role == CAAUDIT_NAME_HOST) {
			return &audit->verdict[item->nth * *count];
		}
	}
	return NULL;
}

/*! Judges each host for every CA, plain and wildcard. */
static void judge(audit_t *audit)
{
	const caaudit_policy_t *policy = audit->policy;
	audit->verdict = calloc(policy->host_count * policy->ca_count * 2 + 1,
	                        sizeof(*audit->verdict));
	if (audit->verdict == NULL) {
		audit->failed = true;
		return;
	}
	for (size_t i = 0; i < policy->host_count; i++) {
		for (size_t j = 0; j < policy->ca_count; j++) {
			for (int wildcard = 0;
			     wildcard <= (policy->wildcard != CAAUDIT_WILDCARD_OFF); wildcard++) {
				caaudit_permit(audit->view, policy, policy->host[i], wildcard,
				               &policy->ca[j],
				               &audit->verdict[audit->verdict_count++]);
			}
		}
	}
}

/* --- Findings ------------------------------------------------------------------------------ */

draft_t *audit_draft(audit_t *audit, caaudit_id_t id, const knot_dname_t *owner)
{
	draft_t *draft = &audit->draft;
	draft->id = id;
	draft->severity = caaudit_finding_info(id)->severity;
	draft->owner = owner;
	draft->ca = NULL;
	draft->advice = NULL;
	draft->removable = true;
	text_reset(&draft->what);
	text_reset(&draft->record);
	text_reset(&draft->remedy);
	text_reset(&draft->also);
	draft->also_count = 0;
	return draft;
}

draft_t *audit_draft_record(audit_t *audit, caaudit_id_t id, const caaudit_record_t *record)
{
	draft_t *draft = audit_draft(audit, id, record->owner);
	text_caa(&draft->record, record);
	return draft;
}

draft_t *audit_draft_edit(audit_t *audit, caaudit_id_t id, const caaudit_record_t *record)
{
	draft_t *draft = audit_draft_record(audit, id, record);
	draft->removable = false;
	return draft;
}

void audit_add_issue(text_t *text, const knot_dname_t *owner, uint32_t ttl, const char *tag,
                     const char *ca, const caaudit_policy_t *policy)
{
	text_t value = TEXT_EMPTY;
	text_add(&value, "%s", ca);
	// A parameter value has no ";": RFC 8659 section 4.2.
	if (policy->account_uri != NULL && strchr(policy->account_uri, ';') == NULL) {
		text_add(&value, "; accounturi=%s", policy->account_uri);
	}
	if (value.failed) {
		text->failed = true;
	} else {
		text_caa_new(text, owner, ttl, 0, tag, (const uint8_t *)value.str, value.len);
	}
	text_free(&value);
}

/*! Makes room for one more item; NULL if out of memory. */
static void *extend(void *array, size_t count, size_t *size, size_t item)
{
	if (count < *size) {
		return array;
	}
	size_t larger = *size == 0 ? 16 : 2 * *size;
	void *grown = realloc(array, larger * item);
	if (grown != NULL) {
		*size = larger;
	}
	return grown;
}

/*! Copies a text, if there is one, to the end of a block. */
static const char *put(char **tail, const text_t *text)
{
	if (text->len == 0) {
		return NULL;
	}
	char *str = *tail;
	memcpy(str, text->str, text->len + 1);
	*tail += text->len + 1;
	return str;
}

static caaudit_fix_t fix_of(const draft_t *draft)
{
	bool record = draft->record.len > 0;
	if (draft->remedy.len > 0) {
		return record ? CAAUDIT_FIX_REPLACE : CAAUDIT_FIX_ADD;
	}
	return record && draft->removable ? CAAUDIT_FIX_REMOVE : CAAUDIT_FIX_NONE;
}

void audit_report(audit_t *audit)
{
	const draft_t *draft = &audit->draft;
	if (audit->failed || draft->what.failed || draft->record.failed || draft->remedy.failed ||
	    draft->also.failed) {
		audit->failed = true;
		return;
	}
	caaudit_finding_t *grown = extend(audit->finding, audit->finding_count,
	                                  &audit->finding_size, sizeof(*grown));
	if (grown == NULL) {
		audit->failed = true;
		return;
	}
	audit->finding = grown;

	// The owner begins a block that holds the texts as well.
	size_t owner_size = knot_dname_size(draft->owner);
	uint8_t *block = malloc(owner_size + draft->what.len + draft->record.len +
	                        draft->remedy.len + draft->also.len + 4);
	if (block == NULL) {
		audit->failed = true;
		return;
	}
	memcpy(block, draft->owner, owner_size);
	char *tail = (char *)block + owner_size;
	caaudit_finding_t *finding = &audit->finding[audit->finding_count++];
	*finding = (caaudit_finding_t){
		.id = draft->id,
		.severity = draft->severity,
		.owner = block,
		.ca = draft->ca,
		.advice = draft->advice,
		.fix = fix_of(draft),
	};
	finding->what = put(&tail, &draft->what);
	finding->record = put(&tail, &draft->record);
	finding->remedy = put(&tail, &draft->remedy);
	finding->also = put(&tail, &draft->also);
	finding->also_count = draft->also_count;
}

static void free_finding(const caaudit_finding_t *finding)
{
	free((uint8_t *)(uintptr_t)finding->owner);
}

static int compare_strings(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}

static int compare_findings(const void *a, const void *b)
{
	const caaudit_finding_t *x = a, *y = b;
	if (x->severity != y->severity) {
		return x->severity < y->severity ? -1 : 1;
	}
	int ret = knot_dname_cmp(x->owner, y->owner);
	if (ret == 0) {
		ret = (int)x->id - (int)y->id;
	}
	if (ret == 0) {
		ret = compare_strings(x->ca, y->ca);
	}
	if (ret == 0) {
		ret = compare_strings(x->record, y->record);
	}
	if (ret == 0) {
		ret = compare_strings(x->what, y->what);
	}
	return ret != 0 ? ret : compare_strings(x->remedy, y->remedy);
}

/*! Puts the findings into their order, and drops repetitions. */
static void sort_findings(audit_t *audit)
{
	size_t kept = 0;
	if (audit->finding_count > 1) {
		qsort(audit->finding, audit->finding_count, sizeof(*audit->finding),
		      compare_findings);
	}
	for (size_t i = 0; i < audit->finding_count; i++) {
		caaudit_finding_t *finding = &audit->finding[i];
		if (kept > 0 && compare_findings(&audit->finding[kept - 1], finding) == 0) {
			free_finding(finding);
		} else {
			audit->finding[kept++] = *finding;
		}
	}
	audit->finding_count = kept;
}

void audit_gap(audit_t *audit, text_t *what, text_t *why)
{
	caaudit_gap_t *grown = extend(audit->gap, audit->gap_count, &audit->gap_size,
	                              sizeof(*grown));
	if (grown != NULL) {
		audit->gap = grown;
	}
	if (what->failed || why->failed || grown == NULL) {
		audit->failed = true;
		text_free(what);
		text_free(why);
		return;
	}
	audit->gap[audit->gap_count++] = (caaudit_gap_t){ what->str, why->str };
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
	for (size_t i = 0; !audit->failed && i < sizeof(checks) / sizeof(checks[0]); i++) {
		checks[i](audit);
	}
	text_free(&audit->draft.what);
	text_free(&audit->draft.record);
	text_free(&audit->draft.remedy);
	text_free(&audit->draft.also);
	free(audit->slip);
	audit->slip = NULL;
	if (audit->failed) {
		caaudit_report_free(&report->public);
		return KNOT_ENOMEM;
	}
	sort_findings(audit);
	report->public = (caaudit_report_t){
		.view = report->view,
		.verdict = audit->verdict,
		.verdict_count = audit->verdict_count,
		.validation = audit->validation,
		.validation_count = audit->validation_count,
		.finding = audit->finding,
		.finding_count = audit->finding_count,
		.gap = audit->gap,
		.gap_count = audit->gap_count,
		.dnssec = audit->dnssec,
	};
	*out = &report->public;
	return KNOT_EOK;
}

void caaudit_report_free(caaudit_report_t *public)
{
	report_t *report = (report_t *)public;
	if (report == NULL) {
		return;
	}
	audit_t *audit = &report->audit;
	for (size_t i = 0; i < audit->finding_count; i++) {
		free_finding(&audit->finding[i]);
	}
	for (size_t i = 0; i < audit->gap_count; i++) {
		free((char *)(uintptr_t)audit->gap[i].what);
		free((char *)(uintptr_t)audit->gap[i].why);
	}
	free(audit->finding);
	free(audit->gap);
	free(audit->validation);
	free(audit->verdict);
	caaudit_view_free(report->view);
	free(report);
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
