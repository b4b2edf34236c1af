/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief A zone among many: its errors and warnings alone, those of a kind together. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "source.h"
#include "text.h"

#define INDENT 2

static int compare_findings(const void *a, const void *b)
{
	const caaudit_finding_t *one = *(caaudit_finding_t *const *)a;
	const caaudit_finding_t *other = *(caaudit_finding_t *const *)b;
	if (one->severity != other->severity) {
		return one->severity < other->severity ? -1 : 1;
	}
	if (one->id != other->id) {
		return one->id < other->id ? -1 : 1;
	}
	int order = strcmp(one->what, other->what);
	// Findings of a report are in the order of their owners.
	return order != 0 ? order : one < other ? -1 : one > other;
}

static bool is_of_kind(const caaudit_finding_t *a, const caaudit_finding_t *b)
{
	return a->severity == b->severity && a->id == b->id && strcmp(a->what, b->what) == 0;
}

/* Where the record stands; the file is named only if it is not that of the zone. */
static void put_place(const report_t *report, const caaudit_finding_t *f, FILE *out)
{
	if (f->file == NULL) {
		return;
	}
	const char *file = report_file(report, f->file);
	if (strcmp(file, report_file(report, report->path)) == 0) {
		fprintf(out, ", line %" PRIu64, f->line);
	} else {
		fputs(", ", out);
		put_safe(out, file);
		fprintf(out, ":%" PRIu64, f->line);
	}
}

static bool put_owner(const report_t *report, const caaudit_finding_t *f, const style_t *style,
                      FILE *out)
{
	char *line = NULL;
	size_t len = 0;
	FILE *text = open_memstream(&line, &len);
	if (text == NULL) {
		return false;
	}
	knot_dname_txt_storage_t owner;
	report_relative(caaudit_view_zone(report->audit->view), f->owner, owner);
	fprintf(text, "%s%s%s", owner, f->ca != NULL ? ", " : "", f->ca != NULL ? f->ca : "");
	put_place(report, f, text);
	bool ok = fclose(text) == 0 && line != NULL; /* glibc tells only by the latter. */
	if (ok) {
		fprintf(out, "%*s", 2 * INDENT, "");
		put_wrapped(out, style, 2 * INDENT, 3 * INDENT, line);
	}
	free(line);
	return ok;
}

static void put_heading(const report_t *report, const style_t *style, FILE *out)
{
	char count[64];
	size_t errors = report_severity(report, CAAUDIT_ERROR);
	size_t warnings = report_severity(report, CAAUDIT_WARNING);
	int len = 0;
	if (errors > 0) {
		len = snprintf(count, sizeof(count), "%zu error%s%s", errors,
		               errors == 1 ? "" : "s", warnings > 0 ? ", " : "");
	}
	if (warnings > 0) {
		snprintf(count + len, sizeof(count) - (size_t)len, "%zu warning%s", warnings,
		         warnings == 1 ? "" : "s");
	}
	put_look(out, style, LOOK_HEADING, report->zone);
	fputs("  ", out);
	put_look(out, style, severity_look(errors > 0 ? CAAUDIT_ERROR : CAAUDIT_WARNING), count);
	const char *path = report_file(report, report->path);
	fputs(path != NULL ? " in " : "", out);
	put_safe(out, path != NULL ? path : "");
	fputc('\n', out);
}

bool report_brief(const report_t *report, const style_t *style, FILE *out)
{
	const caaudit_report_t *audit = report->audit;
	size_t count = report_count(report, CAAUDIT_WARNING);
	const caaudit_finding_t **finding = calloc(count + 1, sizeof(const caaudit_finding_t *));
	if (finding == NULL) {
		return false;
	}
	size_t used = 0;
	for (size_t i = 0; i < audit->finding_count; i++) {
		if (audit->finding[i].severity <= CAAUDIT_WARNING) {
			finding[used++] = &audit->finding[i];
		}
	}
	qsort(finding, count, sizeof(*finding), compare_findings);
	put_heading(report, style, out);
	bool ok = true;
	for (size_t i = 0; ok && i < count; i++) {
		const caaudit_finding_t *f = finding[i];
		if (i == 0 || !is_of_kind(f, finding[i - 1])) {
			const char *id = caaudit_finding_info(f->id)->id;
			fprintf(out, "%*s", INDENT, "");
			put_look(out, style, severity_look(f->severity), id);
			fputs(": ", out);
			put_wrapped(out, style, INDENT + strlen(id) + 2, 3 * INDENT, f->what);
		}
		ok = put_owner(report, f, style, out);
	}
	free(finding);
	return ok;
}
