/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Makes one change of the cures of many findings: applies them in memory, audits again,
 *        and goes on.
 */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "caaudit/cure.h"
#include "array.h"
#include "judge.h"
#include "names.h"
#include "prove.h"

/*! Rounds of cures: what one record suffers from is cured one after the other. */
#define ROUNDS_MAX 8

/*! A zone with the cures of the rounds before, and what an audit says of it. */
typedef struct {
	caaudit_view_t *view; /*!< NULL in the first round: the view of the report. */
	audit_t audit;
	const found_t **picked; /*!< Findings that are cured in this round. */
	size_t count;
} round_t;

/*! The change so far. */
typedef struct {
	const caaudit_record_t **gone; /*!< Records of the zone. */
	size_t gone_count;
	const caaudit_record_t **come; /*!< Owned by the findings of the rounds. */
	size_t come_count;
	round_t round[ROUNDS_MAX + 1];
	unsigned rounds;
} plan_t;

static bool push(void *array, size_t *count, const void *item)
{
	const void **slot = array_extend(array, count, sizeof(*slot));
	if (slot != NULL) {
		*slot = item;
	}
	return slot != NULL;
}

static bool same_record(const caaudit_record_t *a, const caaudit_record_t *b)
{
	return a->type == b->type && a->rdlen == b->rdlen &&
	       knot_dname_is_equal(a->owner, b->owner) && memcmp(a->rdata, b->rdata, a->rdlen) == 0;
}

static bool has(const caaudit_record_t *const *list, size_t count, const caaudit_record_t *record)
{
	size_t i = 0;
	while (i < count && !same_record(list[i], record)) {
		i++;
	}
	return i < count;
}

/*! Takes an equal record out of a list; false if there is none. */
static bool take_out(const caaudit_record_t **list, size_t *count, const caaudit_record_t *record)
{
	for (size_t i = 0; i < *count; i++) {
		if (same_record(list[i], record)) {
			list[i] = list[--*count];
			return true;
		}
	}
	return false;
}

/*! Adds the cure of a finding to the change. */
static bool note(plan_t *plan, const found_t *found)
{
	for (size_t i = 0; i < found->wrong_count; i++) {
		const caaudit_record_t *wrong = found->wrong[i];
		if (!take_out(plan->come, &plan->come_count, wrong) &&
		    !has(plan->gone, plan->gone_count, wrong) &&
		    !push(&plan->gone, &plan->gone_count, wrong)) {
			return false;
		}
	}
	return found->right.owner == NULL || has(plan->come, plan->come_count, &found->right) ||
	       take_out(plan->gone, &plan->gone_count, &found->right) ||
	       push(&plan->come, &plan->come_count, &found->right);
}

/*! Does each of two cures add a CAA record, and not the same one? */
static bool both_add(const found_t *a, const found_t *b)
{
	return a->wrong_count == 0 && b->wrong_count == 0 && a->right.owner != NULL &&
	       b->right.owner != NULL && a->right.type == KNOT_RRTYPE_CAA &&
	       b->right.type == KNOT_RRTYPE_CAA && !same_record(&a->right, &b->right);
}

/*! Names that a cure touches must not be touched by another one of the same round; CAs that share a
 *  name get a record each all the same. */
static bool overlaps(const found_t *found, const found_t *const *picked, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!both_add(found, picked[i]) &&
		    (knot_dname_is_equal(found->public.owner, picked[i]->public.owner) ||
		     (found->right.owner != NULL && picked[i]->right.owner != NULL &&
		      knot_dname_is_equal(found->right.owner, picked[i]->right.owner)))) {
			return true;
		}
	}
	return false;
}

/*! Has a finding a cure that is made without asking? */
static bool is_curable(const caaudit_finding_t *finding, caaudit_severity_t least)
{
	return finding->severity <= least && finding->fix != CAAUDIT_FIX_NONE && !finding->optional;
}

/*! Picks cures that do not meet; false if out of memory. */
static bool pick(round_t *round, caaudit_severity_t least)
{
	const audit_t *audit = &round->audit;
	round->count = 0;
	round->picked = calloc(audit->found_count + 1, sizeof(*round->picked));
	for (size_t i = 0; round->picked != NULL && i < audit->found_count; i++) {
		const found_t *found = &audit->found[i];
		if (is_curable(&found->public, least) &&
		    !overlaps(found, round->picked, round->count)) {
			round->picked[round->count++] = found;
		}
	}
	return round->picked != NULL;
}

/*! Applies the cures that have been picked, all or the first, and audits the result. */
static int apply(round_t *round, round_t *next)
{
	const audit_t *audit = &round->audit;
	view_change_t *change = calloc(round->count, sizeof(*change));
	bool ok = change != NULL, together = true;
	for (size_t i = 0; ok && i < round->count; i++) {
		change[i] = prove_change(round->picked[i]);
	}
	ok = ok && prove_changes(audit, change, round->count, round->picked, round->count,
	                         &together, NULL);
	round->count = together ? round->count : 1; // Each has been proven alone.
	next->audit = (audit_t){ .policy = audit->policy, .now = audit->now };
	next->audit.view = next->view = ok ? view_patch(audit->view, change, round->count) : NULL;
	free(change);
	if (next->view == NULL) {
		return KNOT_ENOMEM;
	}
	judge(&next->audit);
	if (!next->audit.failed) {
		audit_sort(&next->audit);
		prove_cures(&next->audit);
	}
	return next->audit.failed ? KNOT_ENOMEM : KNOT_EOK;
}

static int run_rounds(plan_t *plan, caaudit_severity_t least)
{
	int ret = KNOT_EOK;
	while (ret == KNOT_EOK && plan->rounds < ROUNDS_MAX) {
		round_t *round = &plan->round[plan->rounds];
		if (!pick(round, least)) {
			return KNOT_ENOMEM;
		} else if (round->count == 0) {
			break;
		}
		plan->rounds++;
		ret = apply(round, round + 1);
	}
	return ret;
}

/*! Makes one change of the first rounds; false if out of memory. */
static bool gather(plan_t *plan, unsigned rounds)
{
	bool ok = true;
	plan->gone_count = plan->come_count = 0;
	for (unsigned i = 0; ok && i < rounds; i++) {
		for (size_t j = 0; ok && j < plan->round[i].count; j++) {
			ok = note(plan, plan->round[i].picked[j]);
		}
	}
	return ok;
}

/*! Proves the change as a whole, from the zone as it is, and lists what it leaves. */
static int prove_whole(const plan_t *plan, bool *ok, rest_t *rest)
{
	view_change_t *change = calloc(plan->come_count + 1, sizeof(*change));
	if (change == NULL) {
		return KNOT_ENOMEM;
	}
	change[0] = (view_change_t){ .wrong = plan->gone, .wrong_count = plan->gone_count };
	for (size_t i = 0; i < plan->come_count; i++) {
		change[i + 1].right = plan->come[i];
	}
	const round_t *first = &plan->round[0];
	bool done = prove_changes(&first->audit, change, plan->come_count + 1, first->picked,
	                          first->count, ok, rest);
	free(change);
	return done ? KNOT_EOK : KNOT_ENOMEM;
}

/*! Makes the change of as many rounds as pass as a whole: the first one does. */
static int make_change(plan_t *plan, unsigned *rounds, bool *whole, rest_t *rest)
{
	for (*rounds = plan->rounds;; (*rounds)--) {
		free(rest->item);
		*rest = (rest_t){ .notice = CAAUDIT_FINDING__COUNT };
		int ret = gather(plan, *rounds) ? prove_whole(plan, whole, rest) : KNOT_ENOMEM;
		if (ret != KNOT_EOK || *whole || *rounds <= 1) {
			return ret;
		}
	}
}

/*! Counts the findings that another change would cure, or may; some have come with this one. */
static void count_left(const audit_t *audit, caaudit_severity_t least, caaudit_cure_t *cure)
{
	size_t left = 0;
	for (size_t i = 0; i < audit->found_count; i++) {
		const caaudit_finding_t *finding = &audit->found[i].public;
		left += is_curable(finding, least);
		cure->untried += finding->severity <= least && finding->untried;
	}
	cure->left = left > cure->left ? left : cure->left;
}

/*! Writes records down, one string each. */
static char **write_records(const caaudit_record_t *const *record, size_t count)
{
	char **text = calloc(count + 1, sizeof(*text));
	for (size_t i = 0; text != NULL && i < count; i++) {
		text_t line = TEXT_EMPTY;
		text_record(&line, record[i]);
		text[i] = line.str;
		if (line.failed) {
			for (size_t j = 0; j <= i; j++) {
				free(text[j]);
			}
			free(text);
			return NULL;
		}
	}
	return text;
}

static int write_cure(const plan_t *plan, caaudit_cure_t *cure)
{
	cure->removed = write_records(plan->gone, plan->gone_count);
	cure->removed_count = cure->removed != NULL ? plan->gone_count : 0;
	cure->added = write_records(plan->come, plan->come_count);
	cure->added_count = cure->added != NULL ? plan->come_count : 0;
	return cure->removed != NULL && cure->added != NULL ? KNOT_EOK : KNOT_ENOMEM;
}

/*! Tells of the findings that are left: those that no cure was picked for, and the number of the others. */
static void note_rest(const rest_t *rest, caaudit_severity_t least, caaudit_cure_t *cure)
{
	cure->rest = rest->item;
	cure->losers = rest->losers;
	cure->losers_count = rest->losers_count;
	cure->notice = rest->notice;
	for (size_t i = 0; i < rest->count; i++) {
		const caaudit_finding_t *finding = rest->item[i];
		if (is_curable(finding, least)) {
			cure->left++;
		} else if (finding->severity <= least && !finding->untried) {
			cure->rest[cure->rest_count++] = finding;
		}
	}
}

static void free_plan(plan_t *plan)
{
	for (unsigned i = 0; i <= plan->rounds; i++) {
		if (i > 0) {
			audit_clear(&plan->round[i].audit);
			caaudit_view_free(plan->round[i].view);
		}
		free(plan->round[i].picked);
	}
	free(plan->gone);
	free(plan->come);
	free(plan);
}

int caaudit_cure(const caaudit_report_t *report, caaudit_severity_t least, caaudit_cure_t **out)
{
	plan_t *plan = calloc(1, sizeof(*plan));
	caaudit_cure_t *cure = *out = calloc(1, sizeof(*cure));
	int ret = plan != NULL && cure != NULL ? KNOT_EOK : KNOT_ENOMEM;
	bool whole = true;
	unsigned rounds = 0;
	rest_t rest = { .item = NULL };
	if (ret == KNOT_EOK) {
		plan->round[0].audit = *report->audit; // Lent: only what comes after it is freed.
		ret = run_rounds(plan, least);
	}
	if (ret == KNOT_EOK) {
		ret = make_change(plan, &rounds, &whole, &rest);
	}
	if (ret == KNOT_EOK) {
		cure->is_signed = view_is_signed(report->audit->view);
		note_rest(&rest, least, cure);
		count_left(&plan->round[rounds].audit, least, cure);
		ret = whole ? write_cure(plan, cure) : KNOT_EOK;
	} else {
		free(rest.item);
		free(rest.losers);
	}
	if (plan != NULL) {
		free_plan(plan);
	}
	if (ret != KNOT_EOK) {
		caaudit_cure_free(cure);
		*out = NULL;
	}
	return ret;
}

void caaudit_cure_free(caaudit_cure_t *cure)
{
	if (cure == NULL) {
		return;
	}
	for (size_t i = 0; i < cure->removed_count; i++) {
		free(cure->removed[i]);
	}
	for (size_t i = 0; i < cure->added_count; i++) {
		free(cure->added[i]);
	}
	free(cure->removed);
	free(cure->added);
	free(cure->rest);
	free(cure->losers);
	free(cure);
}
