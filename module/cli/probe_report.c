/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What is in the report of a probe: the words of the audits and those of the comparison,
 *        and who is concerned.
 */

#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>

#include "engine/array.h"
#include "engine/names.h"
#include "engine/text.h"
#include "probe_report.h"
#include "text.h"

void probe_report_clear(probe_report_t *out)
{
	for (size_t i = 0; i < out->found_count; i++) {
		free(out->found[i].at.item);
	}
	for (size_t i = 0; i < out->verdict_count; i++) {
		free(out->verdict[i].said_at.item);
		free(out->verdict[i].denied_at.item);
		free(out->verdict[i].unknown_at.item);
	}
	for (size_t i = 0; out->audit != NULL && i < out->zone->column_count; i++) {
		caaudit_report_free(out->audit[i]);
		caaudit_policy_free(out->policy[i]);
	}
	for (size_t i = 0; i < out->kept_count; i++) {
		free(out->kept[i]);
	}
	free(out->audit);
	free(out->policy);
	free(out->found);
	free(out->verdict);
	free(out->validation);
	free(out->gap);
	free(out->kept);
	out->report.audit = NULL; /* It is part of this one. */
	report_clear(&out->report);
	probe_result_clear(&out->result);
	probe_zone_free(out->zone);
	*out = (probe_report_t){ 0 };
}

void probe_columns_text(const probe_zone_t *zone, const column_list_t *list, char *out, size_t size)
{
	size_t asked = 0;
	for (size_t i = 0; i < zone->column_count; i++) {
		asked += zone->column[i].server->kind != PROBE_ZONE;
	}
	if (list->count == asked && asked > 1) {
		snprintf(out, size, "all servers");
		return;
	}
	size_t len = 0;
	out[0] = '\0';
	for (size_t i = 0; i < list->count && len < size; i++) {
		if (i == 3 && list->count > 4) {
			snprintf(out + len, size - len, " and %zu more", list->count - i);
			return;
		}
		int ret = snprintf(out + len, size - len, "%s%s", i > 0 ? ", " : "",
		                   zone->column[list->item[i]].server->label);
		len += ret > 0 ? (size_t)ret : 0;
	}
}

/* --- What each server says ----------------------------------------------------------------- */

void *probe_keep(probe_report_t *out, void *block)
{
	void **slot = block != NULL ? array_extend(&out->kept, &out->kept_count, sizeof(*slot)) :
	                              NULL;
	if (slot == NULL) {
		free(block);
		return NULL;
	}
	*slot = block;
	return block;
}

bool probe_column_add(column_list_t *list, size_t column)
{
	if (list->count > 0 && list->item[list->count - 1] == column) {
		return true;
	}
	size_t *item = array_extend(&list->item, &list->count, sizeof(*item));
	if (item != NULL) {
		*item = column;
	}
	return item != NULL;
}

static bool add_columns(column_list_t *list, const column_list_t *more)
{
	bool ok = true;
	for (size_t i = 0; ok && i < more->count; i++) {
		ok = probe_column_add(list, more->item[i]);
	}
	return ok;
}

bool probe_add_finding(probe_report_t *out, const caaudit_finding_t *finding,
                       const column_list_t *at)
{
	probe_found_t *found = array_extend(&out->found, &out->found_count, sizeof(*found));
	if (found == NULL) {
		return false;
	}
	found->finding = *finding;
	found->nth = out->found_count;
	return add_columns(&found->at, at);
}

probe_verdict_t *probe_add_verdict(probe_report_t *out, const caaudit_verdict_t *verdict)
{
	probe_verdict_t *slot = array_extend(&out->verdict, &out->verdict_count, sizeof(*slot));
	if (slot != NULL) {
		slot->verdict = *verdict;
		slot->nth = out->verdict_count;
	}
	return slot;
}

bool probe_add_validation(probe_report_t *out, const caaudit_validation_t *validation, bool differs)
{
	probe_validation_t *slot = array_extend(&out->validation, &out->validation_count,
	                                        sizeof(*slot));
	if (slot != NULL) {
		*slot = (probe_validation_t){ *validation, differs, out->validation_count };
	}
	return slot != NULL;
}

static bool same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

bool probe_add_gap(probe_report_t *out, const char *what, const char *why)
{
	for (size_t i = 0; i < out->gap_count; i++) {
		if (same(out->gap[i].what, what) && same(out->gap[i].why, why)) {
			return true;
		}
	}
	caaudit_gap_t gap = { probe_keep(out, strdup(what)), probe_keep(out, strdup(why)) };
	caaudit_gap_t *slot = gap.what != NULL && gap.why != NULL ?
	                              array_extend(&out->gap, &out->gap_count, sizeof(*slot)) :
	                              NULL;
	if (slot != NULL) {
		*slot = gap;
	}
	return slot != NULL;
}

/* --- Verdicts ------------------------------------------------------------------------------ */

static int compare_numbers(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int compare_same_verdict(const probe_verdict_t *x, const probe_verdict_t *y)
{
	int ret = knot_dname_cmp(x->verdict.host, y->verdict.host);
	ret = ret == 0 ? (int)x->verdict.wildcard - (int)y->verdict.wildcard : ret;
	return ret == 0 ? strcmp(x->verdict.ca, y->verdict.ca) : ret;
}

static int compare_verdicts(const void *a, const void *b)
{
	const probe_verdict_t *x = a, *y = b;
	int ret = compare_same_verdict(x, y);
	return ret == 0 ? compare_numbers(x->nth, y->nth) : ret;
}

static int compare_verdict_order(const void *a, const void *b)
{
	return compare_numbers(((const probe_verdict_t *)a)->nth,
	                       ((const probe_verdict_t *)b)->nth);
}

/* Of two verdicts the one that denies tells more; where they differ nothing is known. */
static bool join_verdicts(probe_verdict_t *into, probe_verdict_t *from)
{
	caaudit_permit_t before = into->verdict.is.permit, after = from->verdict.is.permit;
	if (after == CAAUDIT_DENIED && before != CAAUDIT_DENIED) {
		into->verdict = from->verdict;
	}
	if (before != after) {
		into->verdict.is.permit = CAAUDIT_UNKNOWN;
		into->verdict.otherwise.permit = CAAUDIT_UNKNOWN;
	}
	bool ok = add_columns(&into->said_at, &from->said_at) &&
	          add_columns(&into->denied_at, &from->denied_at) &&
	          add_columns(&into->unknown_at, &from->unknown_at);
	free(from->said_at.item);
	free(from->denied_at.item);
	free(from->unknown_at.item);
	return ok;
}

/* Columns that were audited, and have no such verdict. */
static bool find_unknown(const probe_report_t *out, probe_verdict_t *verdict)
{
	bool ok = true;
	for (size_t i = 0, said = 0; ok && i < out->zone->column_count; i++) {
		if (said < verdict->said_at.count && verdict->said_at.item[said] == i) {
			said++;
		} else if (out->audit != NULL && out->audit[i] != NULL) {
			ok = probe_column_add(&verdict->unknown_at, i);
		}
	}
	return ok;
}

/* Says in words at which servers a verdict is otherwise; NULL is nowhere, or out of memory. */
static char *locate_verdict(probe_report_t *out, probe_verdict_t *verdict)
{
	char text[512] = "", where[256];
	if (verdict->verdict.is.permit == CAAUDIT_DENIED) {
		verdict->denied_at.count = 0; /* Everywhere. */
	} else if (verdict->denied_at.count > 0) {
		probe_columns_text(out->zone, &verdict->denied_at, where, sizeof(where));
		snprintf(text, sizeof(text), "denied at %s only", where);
	}
	if (verdict->unknown_at.count > 0) {
		size_t len = strlen(text);
		probe_columns_text(out->zone, &verdict->unknown_at, where, sizeof(where));
		snprintf(text + len, sizeof(text) - len, "%snot answered by %s",
		         len > 0 ? ", " : "", where);
	}
	return text[0] != '\0' ? probe_keep(out, strdup(text)) : NULL;
}

static bool finish_verdicts(probe_report_t *out)
{
	probe_verdict_t *verdict = out->verdict;
	size_t count = 0;
	bool ok = true;
	if (out->verdict_count > 1) {
		qsort(verdict, out->verdict_count, sizeof(*verdict), compare_verdicts);
	}
	for (size_t i = 0; i < out->verdict_count; i++) {
		if (count > 0 && compare_same_verdict(&verdict[count - 1], &verdict[i]) == 0) {
			ok = join_verdicts(&verdict[count - 1], &verdict[i]) && ok;
		} else {
			verdict[count++] = verdict[i];
		}
	}
	out->verdict_count = count;
	if (count > 1) {
		qsort(verdict, count, sizeof(*verdict), compare_verdict_order);
	}
	caaudit_verdict_t *all = probe_keep(out, calloc(count + 1, sizeof(*all)));
	const char **where = probe_keep(out, calloc(count + 1, sizeof(*where)));
	ok = ok && all != NULL && where != NULL;
	for (size_t i = 0; ok && i < count; i++) {
		ok = find_unknown(out, &verdict[i]);
		where[i] = locate_verdict(out, &verdict[i]);
		all[i] = verdict[i].verdict;
	}
	out->all.verdict = all;
	out->all.verdict_count = count;
	out->where.verdict = where;
	return ok;
}

/* --- Validations --------------------------------------------------------------------------- */

static int compare_same_validation(const probe_validation_t *a, const probe_validation_t *b)
{
	const caaudit_expected_t *x = a->validation.expected, *y = b->validation.expected;
	int ret = knot_dname_cmp(x->owner, y->owner);
	if (ret != 0 || (x->txt != NULL) != (y->txt != NULL)) {
		return ret != 0 ? ret : x->txt != NULL ? 1 : -1;
	}
	if (x->txt != NULL) {
		return octets_compare(x->txt, x->txt_len, y->txt, y->txt_len);
	}
	if (x->target == NULL || y->target == NULL) {
		return (x->target != NULL) - (y->target != NULL);
	}
	return knot_dname_cmp(x->target, y->target);
}

static int compare_validations(const void *a, const void *b)
{
	const probe_validation_t *x = a, *y = b;
	int ret = compare_same_validation(x, y);
	return ret == 0 ? compare_numbers(x->nth, y->nth) : ret;
}

static int compare_validation_order(const void *a, const void *b)
{
	return compare_numbers(((const probe_validation_t *)a)->nth,
	                       ((const probe_validation_t *)b)->nth);
}

static bool finish_validations(probe_report_t *out)
{
	probe_validation_t *validation = out->validation;
	size_t count = 0;
	if (out->validation_count > 1) {
		qsort(validation, out->validation_count, sizeof(*validation), compare_validations);
	}
	for (size_t i = 0; i < out->validation_count; i++) {
		probe_validation_t *last = count > 0 ? &validation[count - 1] : NULL;
		if (last != NULL && compare_same_validation(last, &validation[i]) == 0) {
			last->differs = last->differs || validation[i].differs ||
			                last->validation.state != validation[i].validation.state;
		} else {
			validation[count++] = validation[i];
		}
	}
	out->validation_count = count;
	if (count > 1) {
		qsort(validation, count, sizeof(*validation), compare_validation_order);
	}
	caaudit_validation_t *all = probe_keep(out, calloc(count + 1, sizeof(*all)));
	bool *differs = probe_keep(out, calloc(count + 1, sizeof(*differs)));
	for (size_t i = 0; all != NULL && differs != NULL && i < count; i++) {
		all[i] = validation[i].validation;
		differs[i] = validation[i].differs;
	}
	out->all.validation = all;
	out->all.validation_count = count;
	out->where.differs = differs;
	return all != NULL && differs != NULL;
}

/* --- Findings ------------------------------------------------------------------------------ */

/* Is it about the server, and perhaps the cause of the others? */
static bool is_cause(const probe_found_t *found)
{
	return strncmp(caaudit_finding_info(found->finding.id)->id, "probe-", 6) == 0;
}

static int compare_same_finding(const probe_found_t *a, const probe_found_t *b)
{
	const caaudit_finding_t *x = &a->finding, *y = &b->finding;
	if (x->severity != y->severity) {
		return x->severity < y->severity ? -1 : 1;
	}
	if (is_cause(a) != is_cause(b)) {
		return is_cause(a) ? -1 : 1;
	}
	if (x->id != y->id) {
		return x->id < y->id ? -1 : 1;
	}
	int ret = knot_dname_cmp(x->owner, y->owner);
	ret = ret == 0 ? text_compare(x->ca, y->ca) : ret;
	ret = ret == 0 ? text_compare(x->what, y->what) : ret;
	ret = ret == 0 ? text_compare(x->advice, y->advice) : ret;
	ret = ret == 0 ? text_compare(x->record, y->record) : ret;
	ret = ret == 0 ? text_compare(x->remedy, y->remedy) : ret;
	return ret == 0 ? (int)x->fix - (int)y->fix : ret;
}

static int compare_found(const void *a, const void *b)
{
	const probe_found_t *x = a, *y = b;
	int ret = compare_same_finding(x, y);
	return ret == 0 ? compare_numbers(x->nth, y->nth) : ret;
}

/* Adds the word of the comparison, with the cure that the catalogue has. */
static bool add_compared(probe_report_t *out, const probe_finding_t *from)
{
	char *text = NULL;
	if (asprintf(&text, "%s %s", from->text, caaudit_finding_info(from->id)->cure) < 0) {
		return false;
	}
	const caaudit_finding_t finding = {
		.id = from->id,
		.severity = from->severity,
		.owner = from->owner,
		.what = probe_keep(out, safe_copy(text)),
	};
	const column_list_t at = { from->column, from->column_count };
	free(text);
	return finding.what != NULL && probe_add_finding(out, &finding, &at);
}

static bool finish_findings(probe_report_t *out)
{
	bool ok = true;
	for (size_t i = 0; ok && i < out->result.finding_count; i++) {
		ok = add_compared(out, &out->result.finding[i]);
	}
	probe_found_t *found = out->found;
	size_t count = 0;
	if (out->found_count > 1) {
		qsort(found, out->found_count, sizeof(*found), compare_found);
	}
	for (size_t i = 0; i < out->found_count; i++) {
		if (count > 0 && compare_same_finding(&found[count - 1], &found[i]) == 0) {
			ok = add_columns(&found[count - 1].at, &found[i].at) && ok;
			free(found[i].at.item);
		} else {
			found[count++] = found[i];
		}
	}
	out->found_count = count;
	caaudit_finding_t *all = probe_keep(out, calloc(count + 1, sizeof(*all)));
	const char **where = probe_keep(out, calloc(count + 1, sizeof(*where)));
	ok = ok && all != NULL && where != NULL;
	for (size_t i = 0; ok && i < count; i++) {
		char text[256];
		probe_columns_text(out->zone, &found[i].at, text, sizeof(text));
		all[i] = found[i].finding;
		where[i] = found[i].at.count > 0 ? probe_keep(out, strdup(text)) : NULL;
		ok = found[i].at.count == 0 || where[i] != NULL;
	}
	out->all.finding = all;
	out->all.finding_count = count;
	out->where.finding = where;
	return ok;
}

bool probe_report_finish(probe_report_t *out)
{
	if (!finish_verdicts(out) || !finish_validations(out) || !finish_findings(out)) {
		return false;
	}
	out->all.gap = out->gap;
	out->all.gap_count = out->gap_count;
	out->report.audit = &out->all;
	out->report.where = &out->where;
	return true;
}
