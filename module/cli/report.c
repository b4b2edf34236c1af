/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief What the forms of a report share. */

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"

void report_init(report_t *report, const knot_dname_t *zone, const char *source)
{
	*report = (report_t){ .source = source };
	(void)report_name(zone, report->zone);
}

const char *report_file(const report_t *report, const char *file)
{
	if (file != NULL && report->copy != NULL && strcmp(file, report->copy) == 0) {
		file = report->path;
	}
	return file != NULL && strcmp(file, "-") == 0 ? "standard input" : file;
}

bool report_add_gap(report_t *report, const char *what, char *why)
{
	assert(report->gap_count < sizeof(report->gap) / sizeof(report->gap[0]));
	char *copy = strdup(what);
	if (copy == NULL || why == NULL) {
		free(copy);
		free(why);
		return false;
	}
	report->gap[report->gap_count++] = (caaudit_gap_t){ copy, why };
	return true;
}

void report_clear(report_t *report)
{
	caaudit_report_free(report->audit);
	caaudit_report_free(report->served);
	free(report->change);
	for (size_t i = 0; i < report->gap_count; i++) {
		free((char *)(uintptr_t)report->gap[i].what);
		free((char *)(uintptr_t)report->gap[i].why);
	}
	*report = (report_t){ 0 };
}

size_t report_severity(const report_t *report, caaudit_severity_t severity)
{
	size_t count = 0;
	for (size_t i = 0; i < report->audit->finding_count; i++) {
		count += report->audit->finding[i].severity == severity;
	}
	return count;
}

size_t report_count(const report_t *report, caaudit_severity_t severity)
{
	size_t count = 0;
	for (size_t i = 0; i < report->audit->finding_count; i++) {
		count += report->audit->finding[i].severity <= severity;
	}
	return count;
}

bool report_gap(const report_t *report, size_t nth, caaudit_gap_t *out)
{
	if (nth >= report->gap_count + report->audit->gap_count) {
		return false;
	}
	*out = nth < report->gap_count ? report->gap[nth] :
	                                 report->audit->gap[nth - report->gap_count];
	return true;
}

const char *report_state(const report_t *report, size_t nth)
{
	bool differs = report->where != NULL && report->where->differs[nth];
	return differs ? "differs" :
	                 caaudit_validation_state_name(report->audit->validation[nth].state);
}

const char *report_name(const knot_dname_t *name, knot_dname_txt_storage_t out)
{
	return name != NULL ? knot_dname_to_str(out, name, sizeof(knot_dname_txt_storage_t)) : NULL;
}

void report_relative(const knot_dname_t *zone, const knot_dname_t *name,
                     knot_dname_txt_storage_t out)
{
	knot_dname_txt_storage_t apex;
	(void)report_name(name, out);
	int labels = knot_dname_in_bailiwick(name, zone);
	if (labels == 0) {
		strcpy(out, "@");
	} else if (labels > 0 && zone[0] != 0) {
		out[strlen(out) - strlen(report_name(zone, apex)) - 1] = '\0';
	}
}

look_t severity_look(caaudit_severity_t severity)
{
	switch (severity) {
	case CAAUDIT_ERROR:
		return LOOK_BAD;
	case CAAUDIT_WARNING:
		return LOOK_CARE;
	default:
		return LOOK_HINT;
	}
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
		[CAAUDIT_REASON_UNREAD] = "unread",
	};
	return (size_t)reason < sizeof(word) / sizeof(word[0]) ? word[reason] : NULL;
}

const char *trust_word(caaudit_trust_t trust)
{
	static const char *const word[] = {
		[CAAUDIT_CHAIN_UNKNOWN] = "unknown",
		[CAAUDIT_CHAIN_WHOLE] = "whole",
		[CAAUDIT_CHAIN_BROKEN] = "broken",
		[CAAUDIT_CHAIN_INSECURE] = "insecure",
	};
	return (size_t)trust < sizeof(word) / sizeof(word[0]) ? word[trust] : NULL;
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
