/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief A report with one line a finding, as compilers write them and editors read them. */

#include <inttypes.h>
#include <stdlib.h>

#include "report.h"
#include "text.h"

/* Where the record stands: file and line, else the zone file, else the zone. */
static void put_place(const report_t *report, const char *file, uint64_t line, FILE *out)
{
	file = report_file(report, file != NULL ? file : report->path);
	put_safe(out, file != NULL ? file : report->zone);
	if (line > 0) {
		fprintf(out, ":%" PRIu64, line);
	}
	fputs(": ", out);
}

static bool put_finding(const report_t *report, const caaudit_finding_t *f, FILE *out)
{
	size_t size = caaudit_finding_sentence(f, NULL, NULL, 0) + 1;
	char *text = malloc(size);
	if (text == NULL) {
		return false;
	}
	(void)caaudit_finding_sentence(f, NULL, text, size);
	knot_dname_txt_storage_t owner;
	put_place(report, f->file, f->line, out);
	fprintf(out, "%s: %s: %s [%s]\n", caaudit_severity_name(f->severity),
	        report_name(f->owner, owner), text, caaudit_finding_info(f->id)->id);
	free(text);
	return true;
}

static void put_change(const report_t *report, const change_t *change, FILE *out)
{
	char text[3 * KNOT_DNAME_TXT_MAXLEN];
	change_text(change, text, sizeof(text));
	put_place(report, NULL, 0, out);
	fprintf(out, "%s: %s\n", change_word(change->way), text);
}

bool report_short(const report_t *report, FILE *out)
{
	bool ok = true;
	for (size_t i = 0; i < report->change_count; i++) {
		put_change(report, &report->change[i], out);
	}
	for (size_t i = 0; ok && i < report->audit->finding_count; i++) {
		ok = put_finding(report, &report->audit->finding[i], out);
	}
	caaudit_gap_t gap;
	for (size_t i = 0; ok && report_gap(report, i, &gap); i++) {
		put_place(report, NULL, 0, out);
		fprintf(out, "not checked: %s: %s\n", gap.what, gap.why);
	}
	return ok;
}
