/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * What is in the report of a probe: the words of the audits and those of the comparison, and who is concerned.
 */

#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>

#include "probe_report.h"
#include "text.h"

static void free_lists(column_list_t *list, size_t count)
{
	for (size_t i = 0; list != NULL && i < count; i++) {
		free(list[i].item);
	}
	free(list);
}

void probe_report_clear(probe_report_t *out)
{
	free_lists(out->finding_at, out->report.finding_count);
	free_lists(out->denied_at, out->report.verdict_count);
	free_lists(out->unknown_at, out->report.verdict_count);
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

/* --- What comes together ------------------------------------------------------------------- */

bool probe_column_add(column_list_t *list, size_t column)
{
	void *item = reallocarray(list->item, list->count + 1, sizeof(*list->item));
	if (item == NULL) {
		return false;
	}
	list->item = item;
	list->item[list->count++] = column;
	return true;
}

/* Makes room for one more, which is zero; arrays that go together grow together. */
static bool grow(void **array, size_t count, size_t size)
{
	void *grown = reallocarray(*array, count + 1, size);
	if (grown == NULL) {
		return false;
	}
	*array = grown;
	memset((char *)grown + count * size, 0, size);
	return true;
}

static bool same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void free_finding(report_finding_t *finding)
{
	free(finding->owner);
	free(finding->ca);
	free(finding->text);
	free(finding->record);
	free(finding->remedy);
	free(finding->at);
	*finding = (report_finding_t){ 0 };
}

static bool same_finding(const report_finding_t *a, const report_finding_t *b)
{
	return a->id == b->id && a->severity == b->severity && same(a->owner, b->owner) &&
	       same(a->ca, b->ca) && same(a->text, b->text) && same(a->record, b->record) &&
	       same(a->remedy, b->remedy);
}

bool probe_add_finding(probe_report_t *out, report_finding_t *finding, const column_list_t *at)
{
	report_t *report = &out->report;
	size_t i = 0, count = report->finding_count;
	while (i < count && !same_finding(&report->finding[i], finding)) {
		i++;
	}
	if (i < count) {
		free_finding(finding);
	} else {
		if (!grow((void **)&report->finding, count, sizeof(*report->finding)) ||
		    !grow((void **)&out->finding_at, count, sizeof(*out->finding_at))) {
			free_finding(finding);
			return false;
		}
		report->finding[count] = *finding;
		report->by_severity[finding->severity]++;
		report->finding_count++;
		*finding = (report_finding_t){ 0 };
	}
	bool ok = true;
	for (size_t j = 0; ok && j < at->count; j++) {
		ok = probe_column_add(&out->finding_at[i], at->item[j]);
	}
	return ok;
}

static void free_verdict(report_verdict_t *verdict)
{
	free(verdict->host);
	free(verdict->ca);
	free(verdict->decided_by);
	free(verdict->asked);
	free(verdict->at);
	*verdict = (report_verdict_t){ 0 };
}

bool probe_add_verdict(probe_report_t *out, report_verdict_t *verdict, size_t *nth)
{
	report_t *report = &out->report;
	size_t i = 0, count = report->verdict_count;
	while (i < count && !(report->verdict[i].wildcard == verdict->wildcard &&
	                      same(report->verdict[i].host, verdict->host) &&
	                      same(report->verdict[i].ca, verdict->ca))) {
		i++;
	}
	*nth = i;
	if (i < count) {
		report_verdict_t *v = &report->verdict[i];
		caaudit_permit_t both = v->permit == verdict->permit ? v->permit : CAAUDIT_UNKNOWN;
		if (verdict->permit == CAAUDIT_DENIED && v->permit == CAAUDIT_PERMITTED) {
			report_verdict_t permitted = *v; /* What denies is of more interest. */
			*v = *verdict;
			*verdict = permitted;
		}
		v->permit = both;
		free_verdict(verdict);
		return true;
	}
	if (!grow((void **)&report->verdict, count, sizeof(*report->verdict)) ||
	    !grow((void **)&out->denied_at, count, sizeof(*out->denied_at)) ||
	    !grow((void **)&out->unknown_at, count, sizeof(*out->unknown_at))) {
		free_verdict(verdict);
		return false;
	}
	report->verdict[count] = *verdict;
	report->verdict_count++;
	*verdict = (report_verdict_t){ 0 };
	return true;
}

static void free_validation(report_validation_t *validation)
{
	free(validation->owner);
	free(validation->expected);
	free(validation->found);
	free(validation->found_at);
	free(validation->state);
	*validation = (report_validation_t){ 0 };
}

bool probe_add_validation(probe_report_t *out, report_validation_t *validation)
{
	report_t *report = &out->report;
	for (size_t i = 0; i < report->validation_count; i++) {
		report_validation_t *v = &report->validation[i];
		if (!same(v->owner, validation->owner) || !same(v->type, validation->type) ||
		    !same(v->expected, validation->expected)) {
			continue;
		}
		if (!same(v->state, validation->state)) {
			free(v->state);
			v->state = strdup("differs");
		}
		free_validation(validation);
		return v->state != NULL;
	}
	size_t count = report->validation_count;
	if (!grow((void **)&report->validation, count, sizeof(*report->validation))) {
		free_validation(validation);
		return false;
	}
	report->validation[count] = *validation;
	report->validation_count++;
	*validation = (report_validation_t){ 0 };
	return true;
}

bool probe_locate_verdicts(probe_report_t *out)
{
	for (size_t i = 0; i < out->report.verdict_count; i++) {
		report_verdict_t *v = &out->report.verdict[i];
		char text[512] = "", where[256];
		if (v->permit == CAAUDIT_DENIED) {
			out->denied_at[i].count = 0; /* Everywhere. */
		} else if (out->denied_at[i].count > 0) {
			probe_columns_text(out->zone, &out->denied_at[i], where, sizeof(where));
			snprintf(text, sizeof(text), "denied at %s only", where);
		}
		if (out->unknown_at[i].count > 0) {
			size_t len = strlen(text);
			probe_columns_text(out->zone, &out->unknown_at[i], where, sizeof(where));
			snprintf(text + len, sizeof(text) - len, "%snot answered by %s",
			         len > 0 ? ", " : "", where);
		}
		if (text[0] != '\0' && (v->at = strdup(text)) == NULL) {
			return false;
		}
	}
	return true;
}

/* --- The end ------------------------------------------------------------------------------- */

/* A finding and who is concerned, to be sorted together. */
typedef struct {
	report_finding_t finding;
	column_list_t at;
} located_t;

static int compare_text(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}

/* Is it about the server, and perhaps the cause of the others? */
static bool is_cause(const located_t *located)
{
	return strncmp(caaudit_finding_info(located->finding.id)->id, "probe-", 6) == 0;
}

static int compare_located(const void *a, const void *b)
{
	const located_t *x = a;
	const located_t *y = b;
	if (x->finding.severity != y->finding.severity) {
		return x->finding.severity < y->finding.severity ? -1 : 1;
	}
	if (is_cause(x) != is_cause(y)) {
		return is_cause(x) ? -1 : 1;
	}
	if (x->finding.id != y->finding.id) {
		return x->finding.id < y->finding.id ? -1 : 1;
	}
	int ret = compare_text(x->finding.owner, y->finding.owner);
	ret = ret == 0 ? compare_text(x->finding.ca, y->finding.ca) : ret;
	return ret == 0 ? compare_text(x->finding.text, y->finding.text) : ret;
}

/* Adds the word of the comparison to a report, with the cure that the catalogue has. */
static bool locate_finding(const probe_finding_t *from, located_t *out)
{
	const char *cure = caaudit_finding_info(from->id)->cure;
	knot_dname_txt_storage_t owner;
	char *text = NULL;
	if (knot_dname_to_str(owner, from->owner, sizeof(owner)) == NULL ||
	    asprintf(&text, "%s %s", from->text, cure) < 0) {
		return false;
	}
	*out = (located_t){
		.finding = {
			.id = from->id,
			.severity = from->severity,
			.owner = safe_copy(owner),
			.text = safe_copy(text),
		},
		.at = { .item = calloc(from->column_count, sizeof(size_t)),
		        .count = from->column_count },
	};
	free(text);
	if (out->finding.owner == NULL || out->finding.text == NULL || out->at.item == NULL) {
		free(out->finding.owner);
		free(out->finding.text);
		free(out->at.item);
		return false;
	}
	memcpy(out->at.item, from->column, from->column_count * sizeof(size_t));
	return true;
}

bool probe_report_finish(probe_report_t *out)
{
	report_t *report = &out->report;
	size_t own = report->finding_count, count = own + out->result.finding_count;
	located_t *located = calloc(count + 1, sizeof(*located));
	report_finding_t *finding = calloc(count + 1, sizeof(*finding));
	column_list_t *at = calloc(count + 1, sizeof(*at));
	bool ok = located != NULL && finding != NULL && at != NULL;
	size_t done = 0;
	for (; ok && done < out->result.finding_count; done++) {
		ok = locate_finding(&out->result.finding[done], &located[own + done]);
	}
	if (!ok) {
		for (size_t i = 0; located != NULL && i + 1 < done; i++) {
			free(located[own + i].finding.owner);
			free(located[own + i].finding.text);
			free(located[own + i].at.item);
		}
		free(located);
		free(finding);
		free(at);
		return false;
	}
	for (size_t i = 0; i < own; i++) {
		located[i] = (located_t){ report->finding[i], out->finding_at[i] };
	}
	for (size_t i = own; i < count; i++) {
		report->by_severity[located[i].finding.severity]++;
	}
	qsort(located, count, sizeof(*located), compare_located);
	for (size_t i = 0; i < count; i++) {
		char where[256];
		finding[i] = located[i].finding;
		at[i] = located[i].at;
		probe_columns_text(out->zone, &at[i], where, sizeof(where));
		finding[i].at = strdup(where);
		ok = ok && finding[i].at != NULL;
	}
	free(located);
	free(report->finding);
	free(out->finding_at);
	report->finding = finding;
	report->finding_count = count;
	out->finding_at = at;
	return ok;
}
