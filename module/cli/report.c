/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>

#include "report.h"
#include "text.h"

/* Makes room for one more item in a list; the item is zero. */
static void *extend(report_t *report, void **list, size_t *count, size_t size)
{
	/* Grows at each power of two. */
	if ((*count & (*count - 1)) == 0) {
		void *larger = reallocarray(*list, *count > 0 ? 2 * *count : 1, size);
		if (larger == NULL) {
			report->failed = true;
			return NULL;
		}
		*list = larger;
	}
	void *item = (char *)*list + *count * size;
	memset(item, 0, size);
	*count += 1;
	return item;
}

#define EXTEND(report, list)                                                                       \
	extend(report, (void **)&(report)->list, &(report)->list##_count, sizeof(*(report)->list))

static char *keep_text(report_t *report, const char *text)
{
	if (text == NULL) {
		return NULL;
	}
	char *copy = safe_copy(text);
	if (copy == NULL) {
		report->failed = true;
	}
	return copy;
}

static char *keep_name(report_t *report, const knot_dname_t *name)
{
	if (name == NULL) {
		return NULL;
	}
	char text[KNOT_DNAME_TXT_MAXLEN + 1];
	if (knot_dname_to_str(text, name, sizeof(text)) == NULL) {
		report->failed = true;
		return NULL;
	}
	return keep_text(report, text);
}

static void keep_verdict(caaudit_sink_t *self, const caaudit_verdict_t *verdict)
{
	report_t *report = (report_t *)self;
	report_verdict_t *v = EXTEND(report, verdict);
	if (v == NULL) {
		return;
	}
	v->host = keep_name(report, verdict->host);
	v->ca = keep_text(report, verdict->ca);
	v->decided_by = keep_name(report, verdict->decided_by);
	v->asked = keep_name(report, verdict->asked);
	v->wildcard = verdict->wildcard;
	v->by_issuewild = verdict->by_issuewild;
	v->permit = verdict->permit;
	v->reason = verdict->reason;
}

static void keep_validation(caaudit_sink_t *self, const caaudit_validation_t *validation)
{
	report_t *report = (report_t *)self;
	report_validation_t *v = EXTEND(report, validation);
	if (v == NULL) {
		return;
	}
	bool txt = validation->type == KNOT_RRTYPE_TXT;
	v->type = txt ? "TXT" : "CNAME";
	v->owner = keep_name(report, validation->owner);
	v->expected = txt ? keep_text(report, validation->expected_txt) :
	                    keep_name(report, validation->expected);
	v->found = txt ? keep_text(report, validation->found_txt) :
	                 keep_name(report, validation->found);
	v->found_at = keep_name(report, validation->found_at);
	v->state = keep_text(report, validation->state);
}

static void keep_finding(caaudit_sink_t *self, const caaudit_finding_t *finding)
{
	report_t *report = (report_t *)self;
	report_finding_t *f = EXTEND(report, finding);
	if (f == NULL) {
		return;
	}
	f->id = finding->id;
	f->severity = finding->severity;
	f->fix = finding->fix;
	f->owner = keep_name(report, finding->owner);
	f->ca = keep_text(report, finding->ca);
	f->text = keep_text(report, finding->text);
	f->record = keep_text(report, finding->record);
	f->remedy = keep_text(report, finding->remedy);
	report->by_severity[finding->severity]++;
}

static void keep_not_checked(caaudit_sink_t *self, const char *what, const char *why)
{
	report_gap((report_t *)self, what, why);
}

static void keep_dnssec(caaudit_sink_t *self, const caaudit_dnssec_t *dnssec)
{
	((report_t *)self)->dnssec = *dnssec;
}

void report_init(report_t *report, const knot_dname_t *zone, const char *source)
{
	*report = (report_t){
		.sink = {
			.verdict = keep_verdict,
			.validation = keep_validation,
			.finding = keep_finding,
			.not_checked = keep_not_checked,
			.dnssec = keep_dnssec,
		},
		.source = source,
	};
	report->zone = keep_name(report, zone);
}

void report_gap(report_t *report, const char *what, const char *why)
{
	report_gap_t *gap = EXTEND(report, gap);
	if (gap != NULL) {
		gap->what = keep_text(report, what);
		gap->why = keep_text(report, why);
	}
}

void report_clear(report_t *report)
{
	for (size_t i = 0; i < report->verdict_count; i++) {
		report_verdict_t *v = &report->verdict[i];
		free(v->host);
		free(v->ca);
		free(v->decided_by);
		free(v->asked);
		free(v->at);
	}
	for (size_t i = 0; i < report->validation_count; i++) {
		report_validation_t *v = &report->validation[i];
		free(v->owner);
		free(v->expected);
		free(v->found);
		free(v->found_at);
		free(v->state);
	}
	for (size_t i = 0; i < report->finding_count; i++) {
		report_finding_t *f = &report->finding[i];
		free(f->owner);
		free(f->ca);
		free(f->text);
		free(f->record);
		free(f->remedy);
		free(f->at);
	}
	for (size_t i = 0; i < report->gap_count; i++) {
		free(report->gap[i].what);
		free(report->gap[i].why);
	}
	free(report->verdict);
	free(report->validation);
	free(report->finding);
	free(report->gap);
	free(report->zone);
	*report = (report_t){ 0 };
}

size_t report_count(const report_t *report, caaudit_severity_t severity)
{
	size_t count = 0;
	for (int i = 0; i <= (int)severity; i++) {
		count += report->by_severity[i];
	}
	return count;
}

const char *reason_word(caaudit_reason_t reason)
{
	static const char *const word[] = {
		[CAAUDIT_REASON_NO_CAA] = "no-caa",
		[CAAUDIT_REASON_UNRESTRICTED] = "unrestricted",
		[CAAUDIT_REASON_LISTED] = "listed",
		[CAAUDIT_REASON_NOT_LISTED] = "not-listed",
		[CAAUDIT_REASON_NOBODY] = "nobody",
		[CAAUDIT_REASON_MALFORMED] = "malformed",
		[CAAUDIT_REASON_PARAMETERS] = "parameters",
		[CAAUDIT_REASON_CRITICAL] = "critical",
		[CAAUDIT_REASON_RDATA] = "rdata",
		[CAAUDIT_REASON_EXTERNAL] = "external",
		[CAAUDIT_REASON_DELEGATED] = "delegated",
		[CAAUDIT_REASON_LOOP] = "loop",
	};
	return (size_t)reason < sizeof(word) / sizeof(word[0]) ? word[reason] : NULL;
}

const char *chain_word(caaudit_chain_t chain)
{
	static const char *const word[] = {
		[CAAUDIT_CHAIN_UNKNOWN] = "unknown",
		[CAAUDIT_CHAIN_WHOLE] = "whole",
		[CAAUDIT_CHAIN_BROKEN] = "broken",
		[CAAUDIT_CHAIN_INSECURE] = "insecure",
	};
	return (size_t)chain < sizeof(word) / sizeof(word[0]) ? word[chain] : NULL;
}

const char *fix_kind(caaudit_fix_t fix)
{
	switch (fix) {
	case CAAUDIT_FIX_ADD:
		return "add";
	case CAAUDIT_FIX_REPLACE:
		return "replace";
	case CAAUDIT_FIX_REMOVE:
		return "remove";
	case CAAUDIT_FIX_NONE:
		break;
	}
	return NULL;
}
