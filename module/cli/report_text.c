/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief A report for people, on a terminal or in a file. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libknot/descriptor.h>

#include "engine/text.h"
#include "report.h"
#include "source.h"
#include "text.h"

#define INDENT 2

static const char *source_phrase(const char *source)
{
	if (strcmp(source, "control") == 0) {
		return "read over the control socket";
	}
	if (strcmp(source, "transaction") == 0) {
		return "in the open transaction";
	}
	return strcmp(source, "transfer") == 0 ? "transferred" : "read from the zone file";
}

/* Says what a verdict rests on; names what decides. */
static void reason_phrase(const caaudit_verdict_t *v, char *out, size_t size)
{
	knot_dname_txt_storage_t by_text, at_text;
	const char *by = v->is.decided_by != NULL ? report_name(v->is.decided_by, by_text) :
	                                            "the relevant name";
	const char *at = report_name(v->asked != NULL ? v->asked : v->host, at_text);
	const char *set = v->is.by_issuewild ? "CAA issuewild" : "CAA";
	switch (v->is.reason) {
	case CAAUDIT_REASON_NO_CAA:
		snprintf(out, size, "no CAA from the host up to the zone");
		return;
	case CAAUDIT_REASON_UNRESTRICTED:
		snprintf(out, size, "CAA at %s restricts nobody", by);
		return;
	case CAAUDIT_REASON_LISTED:
		snprintf(out, size, "listed in %s at %s", set, by);
		return;
	case CAAUDIT_REASON_NOT_LISTED:
		snprintf(out, size, "not listed in %s at %s", set, by);
		return;
	case CAAUDIT_REASON_NOBODY:
		snprintf(out, size, "%s at %s permits nobody", set, by);
		return;
	case CAAUDIT_REASON_MALFORMED:
		snprintf(out, size, "not listed in %s at %s, where a value is malformed", set, by);
		return;
	case CAAUDIT_REASON_PARAMETERS:
		snprintf(out, size, "listed in %s at %s, but for another account or method", set,
		         by);
		return;
	case CAAUDIT_REASON_CRITICAL:
		snprintf(out, size, "unknown critical property in CAA at %s", by);
		return;
	case CAAUDIT_REASON_RDATA:
		snprintf(out, size, "CAA at %s cannot be decoded", by);
		return;
	case CAAUDIT_REASON_EXTERNAL:
		snprintf(out, size, "the alias at %s leads out of the zone", at);
		return;
	case CAAUDIT_REASON_DELEGATED:
		snprintf(out, size, "%s is delegated: its own zone decides",
		         v->cut != NULL ? report_name(v->cut, at_text) : at);
		return;
	case CAAUDIT_REASON_LOOP:
		snprintf(out, size, "the aliases at %s lead in a circle or too far", at);
		return;
	case CAAUDIT_REASON_UNREAD:
		snprintf(out, size, "a part of the zone was not read, and CAA may stand there");
		return;
	}
	snprintf(out, size, "%s", "");
}

static const char *permit_word(caaudit_permit_t permit, look_t *look)
{
	switch (permit) {
	case CAAUDIT_PERMITTED:
		*look = LOOK_GOOD;
		return "permitted";
	case CAAUDIT_DENIED:
		*look = LOOK_BAD;
		return "denied";
	default:
		*look = LOOK_CARE;
		return "not known";
	}
}

static void look_word(FILE *out, const style_t *style, look_t look, const char *word,
                      unsigned width)
{
	size_t len = strlen(word);
	fprintf(out, "%*s", INDENT, "");
	put_look(out, style, look, word);
	fprintf(out, "%*s", len < width ? (int)(width - len) : 0, "");
}

#define WORD_WIDTH 11 /* "not known" and two blanks. */

/* Octets of a host with "[*.]" before it. */
#define HOST_MAX (KNOT_DNAME_TXT_MAXLEN + 5)

/* A line of the table: the verdict for a host, for its wildcard, or one that is the same for both. */
typedef struct {
	const caaudit_verdict_t *verdict;
	bool both;
} row_t;

static bool is_same(const caaudit_decision_t *a, const caaudit_decision_t *b)
{
	return a->permit == b->permit && a->reason == b->reason && a->decided_by == b->decided_by &&
	       a->by_issuewild == b->by_issuewild;
}

/* Are a verdict and the next one said of the same servers? */
static bool is_alike(const report_t *report, size_t nth)
{
	const char *const *where = report->where != NULL ? &report->where->verdict[nth] : NULL;
	return where == NULL || where[0] == where[1] ||
	       (where[0] != NULL && where[1] != NULL && strcmp(where[0], where[1]) == 0);
}

/* Takes the next line of the table; a wildcard follows its host. */
static bool next_row(const report_t *report, bool verbose, size_t *pos, row_t *out)
{
	const caaudit_report_t *audit = report->audit;
	if (*pos >= audit->verdict_count) {
		return false;
	}
	const caaudit_verdict_t *v = &audit->verdict[(*pos)++];
	*out = (row_t){ v, false };
	if (!verbose && !v->wildcard && *pos < audit->verdict_count && v[1].wildcard &&
	    is_same(&v->is, &v[1].is) && is_same(&v->otherwise, &v[1].otherwise) &&
	    is_alike(report, *pos - 1)) {
		out->both = true;
		(*pos)++;
	}
	return true;
}

static void host_text(const row_t *row, char out[HOST_MAX])
{
	const caaudit_verdict_t *v = row->verdict;
	knot_dname_txt_storage_t host;
	(void)report_name(v->host, host);
	const char *before = row->both ? "[*.]" : v->wildcard ? "*." : "";
	snprintf(out, HOST_MAX, "%s%s", before, v->wildcard && v->host[0] == 0 ? "" : host);
}

static void put_verdicts(const report_t *report, const style_t *style, bool verbose, FILE *out)
{
	char host[HOST_MAX];
	size_t host_width = 0;
	size_t ca_width = 0;
	row_t row;
	for (size_t pos = 0; next_row(report, verbose, &pos, &row);) {
		const caaudit_verdict_t *v = row.verdict;
		host_text(&row, host);
		host_width = strlen(host) > host_width ? strlen(host) : host_width;
		ca_width = strlen(v->ca) > ca_width ? strlen(v->ca) : ca_width;
	}
	/* One long name must not push all the others to the right. */
	size_t host_limit = style->width > 0 ? style->width / 3 : 40;
	host_width = host_width < host_limit ? host_width : host_limit;
	ca_width = ca_width < 24 ? ca_width : 24;

	char reason[3 * KNOT_DNAME_TXT_MAXLEN];
	char line[6 * KNOT_DNAME_TXT_MAXLEN];
	for (size_t pos = 0; next_row(report, verbose, &pos, &row);) {
		const caaudit_verdict_t *v = row.verdict;
		const char *where = report->where != NULL ?
		                            report->where->verdict[v - report->audit->verdict] :
		                            NULL;
		look_t look = LOOK_PLAIN;
		const char *word = permit_word(v->is.permit, &look);
		look_word(out, style, look, word, WORD_WIDTH);
		host_text(&row, host);
		reason_phrase(v, reason, sizeof(reason));
		if (v->otherwise.permit != CAAUDIT_UNKNOWN) {
			size_t used = strlen(reason);
			snprintf(reason + used, sizeof(reason) - used, "; %s if no CAA is there",
			         v->otherwise.permit == CAAUDIT_DENIED ? "denied" : "permitted");
		}
		if (where != NULL) {
			size_t used = strlen(reason);
			snprintf(reason + used, sizeof(reason) - used, "; %s", where);
		}
		int len = snprintf(line, sizeof(line), "%-*s  %-*s", (int)host_width, host,
		                   (int)ca_width, v->ca);
		const unsigned column = INDENT + WORD_WIDTH;
		if (style->width == 0 || column + len + 2 + strlen(reason) <= style->width) {
			fprintf(out, "%s  %s\n", line, reason);
		} else {
			put_wrapped(out, style, column, column, line);
			fprintf(out, "%*s", (int)column, "");
			put_wrapped(out, style, column, column, reason);
		}
		if (verbose) {
			knot_dname_txt_storage_t by, at;
			snprintf(line, sizeof(line), "reason %s, decided by %s, asked at %s%s",
			         reason_word(v->is.reason),
			         v->is.decided_by != NULL ? report_name(v->is.decided_by, by) : "-",
			         v->asked != NULL ? report_name(v->asked, at) : "-",
			         v->is.by_issuewild ? ", by issuewild" : "");
			fprintf(out, "%*s", INDENT + WORD_WIDTH + INDENT, "");
			put_wrapped(out, style, INDENT + WORD_WIDTH + INDENT,
			            INDENT + WORD_WIDTH + INDENT, line);
		}
	}
}

/* What is expected, and what of it is there; a TXT record may be long. */
static char *validation_line(const caaudit_validation_t *v, bool verbose)
{
	const caaudit_expected_t *e = v->expected;
	uint16_t type = e->txt != NULL ? KNOT_RRTYPE_TXT : KNOT_RRTYPE_CNAME;
	char *expected = e->txt != NULL    ? caaudit_rdata_text(type, e->txt, e->txt_len) :
	                 e->target != NULL ? caaudit_rdata_text(type, e->target, 0) :
	                                     NULL;
	char *found = v->found != NULL ?
	                      caaudit_rdata_text(v->found->type, v->found->rdata, v->found->rdlen) :
	                      NULL;
	knot_dname_txt_storage_t name;
	char *line = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&line, &len);
	if (out != NULL) {
		fprintf(out, "%s %s %s", report_name(e->owner, name),
		        type == KNOT_RRTYPE_TXT ? "TXT" : "CNAME",
		        expected != NULL ? expected : "(any known CA)");
		if (found != NULL && (expected == NULL || strcmp(found, expected) != 0)) {
			fprintf(out, ", found %s", found);
		}
		if (v->found != NULL && (verbose || v->state == CAAUDIT_VALIDATION_PRESENT_ABOVE ||
		                         v->state == CAAUDIT_VALIDATION_PRESENT_AT_TARGET)) {
			fprintf(out, ", at %s", report_name(v->found->owner, name));
		}
		fclose(out);
	}
	free(expected);
	free(found);
	return line;
}

static look_t state_look(caaudit_validation_state_t state)
{
	switch (state) {
	case CAAUDIT_VALIDATION_PRESENT:
	case CAAUDIT_VALIDATION_PRESENT_ABOVE:
		return LOOK_GOOD;
	case CAAUDIT_VALIDATION_PRESENT_AT_TARGET:
	case CAAUDIT_VALIDATION_NOT_CHECKED:
		return LOOK_CARE;
	default:
		return LOOK_BAD;
	}
}

static void put_validations(const report_t *report, const style_t *style, bool verbose, FILE *out)
{
	for (size_t i = 0; i < report->audit->validation_count; i++) {
		const caaudit_validation_t *v = &report->audit->validation[i];
		const char *state = report_state(report, i);
		bool differs = report->where != NULL && report->where->differs[i];
		look_word(out, style, differs ? LOOK_BAD : state_look(v->state), state, WORD_WIDTH);
		char *line = validation_line(v, verbose);
		size_t used = strlen(state) < WORD_WIDTH ? WORD_WIDTH : strlen(state) + 1;
		if (strlen(state) >= WORD_WIDTH) {
			fputc(' ', out);
		}
		put_wrapped(out, style, INDENT + used, INDENT + WORD_WIDTH,
		            line != NULL ? line : "out of memory");
		free(line);
	}
}

/*
 * A record stays on one line where it fits, and where the width is not known; else its data go to
 * the next line, in parentheses, so that it can be copied into a zone file all the same.
 */
static void put_record(FILE *out, const style_t *style, look_t look, const char *sign,
                       const char *record)
{
	fprintf(out, "%*s", 2 * INDENT, "");
	put_look(out, style, look, sign);
	const char *data = record;
	for (int i = 0; i < 3; i++) { // Owner, TTL, type.
		data += strcspn(data, " ");
		data += *data == ' ';
	}
	if (style->width == 0 || 2 * INDENT + 2 + strlen(record) <= style->width || *data == '\0') {
		fprintf(out, " %s\n", record);
	} else {
		fprintf(out, " %.*s(\n%*s%s )\n", (int)(data - record), record, 3 * INDENT + 2, "",
		        data);
	}
}

/* A sentence of a finding, below its first line. */
static void put_sentence(const char *text, const style_t *style, FILE *out)
{
	fprintf(out, "%*s", 2 * INDENT, "");
	put_wrapped(out, style, 2 * INDENT, 2 * INDENT, text);
}

/* What is wrong; the records of a cure follow, each on its own line, and behind them what else can be done. */
static void put_what(const caaudit_finding_t *f, const style_t *style, FILE *out)
{
	static const char *const verbs[] = {
		[CAAUDIT_FIX_ADD] = "; add:",
		[CAAUDIT_FIX_REPLACE] = "; replace with:",
		[CAAUDIT_FIX_REMOVE] = "; remove:",
	};
	char text[8192];
	if (f->fix != CAAUDIT_FIX_NONE) {
		snprintf(text, sizeof(text), "%s%s", f->what, verbs[f->fix]);
	} else {
		snprintf(text, sizeof(text), "%s%s%s", f->what, f->advice != NULL ? "; " : "",
		         f->advice != NULL ? f->advice : "");
	}
	put_sentence(text, style, out);
}

/* Where the record stands that is wrong or decides. */
static void put_place(const report_t *report, const caaudit_finding_t *f, const style_t *style,
                      FILE *out)
{
	char *file = f->file != NULL ? safe_copy(report_file(report, f->file)) : NULL;
	if (file == NULL) {
		return;
	}
	char line[SOURCE_FILE_MAX + 32];
	snprintf(line, sizeof(line), "at %s:%" PRIu64, file, f->line);
	free(file);
	put_sentence(line, style, out);
}

static bool is_same_text(const caaudit_finding_t *a, const caaudit_finding_t *b)
{
	return a->id == b->id && a->fix == b->fix && strcmp(a->what, b->what) == 0 &&
	       text_compare(a->advice, b->advice) == 0;
}

/* What the finding before it has said is not said again. */
static void put_finding(const report_t *report, const caaudit_finding_t *f,
                        const caaudit_finding_t *before, const style_t *style, bool verbose,
                        FILE *out)
{
	char line[3 * KNOT_DNAME_TXT_MAXLEN];
	knot_dname_txt_storage_t owner;
	const char *id = caaudit_finding_info(f->id)->id;
	const char *where = report->where != NULL ?
	                            report->where->finding[f - report->audit->finding] :
	                            NULL;
	fprintf(out, "%*s", INDENT, "");
	put_look(out, style, severity_look(f->severity), id);
	snprintf(line, sizeof(line), "  %s%s%s%s%s", report_name(f->owner, owner),
	         f->ca != NULL ? ", " : "", f->ca != NULL ? f->ca : "",
	         where != NULL ? "  at " : "", where != NULL ? where : "");
	put_wrapped(out, style, INDENT + strlen(id), 2 * INDENT, line);
	bool said = before != NULL && is_same_text(f, before);
	if (!said) {
		put_what(f, style, out);
	}
	if (verbose) {
		put_place(report, f, style, out);
	}
	// A sign tells what to do: a record that no cure touches has none.
	const char *sign = f->fix != CAAUDIT_FIX_NONE ? "-" : " ";
	if (f->record != NULL) {
		put_record(out, style, LOOK_BAD, sign, f->record);
	}
	const char *also = f->also;
	for (size_t i = 0; i < f->also_count; i++, also += strlen(also) + 1) {
		put_record(out, style, LOOK_BAD, sign, also);
	}
	if (f->remedy != NULL) {
		put_record(out, style, LOOK_GOOD, "+", f->remedy);
	}
	if (!said && f->fix != CAAUDIT_FIX_NONE && f->advice != NULL) {
		put_sentence(f->advice, style, out);
	}
}

static void put_findings(const report_t *report, const style_t *style, bool verbose, FILE *out)
{
	static const char *const heading[] = { "Errors", "Warnings", "Notices" };
	for (int severity = 0; severity < CAAUDIT_SEVERITY__COUNT; severity++) {
		if (report_severity(report, severity) == 0) {
			continue;
		}
		fputc('\n', out);
		put_look(out, style, LOOK_HEADING, heading[severity]);
		fputc('\n', out);
		const caaudit_finding_t *before = NULL;
		for (size_t i = 0; i < report->audit->finding_count; i++) {
			const caaudit_finding_t *f = &report->audit->finding[i];
			if ((int)f->severity == severity) {
				put_finding(report, f, before, style, verbose, out);
				before = f;
			}
		}
	}
}

static void put_gaps(const report_t *report, const style_t *style, FILE *out)
{
	caaudit_gap_t gap;
	char line[8192];
	for (size_t i = 0; report_gap(report, i, &gap); i++) {
		if (i == 0) {
			fputc('\n', out);
			put_look(out, style, LOOK_HEADING, "Not checked");
			fputc('\n', out);
		}
		snprintf(line, sizeof(line), "%s: %s", gap.what, gap.why);
		fprintf(out, "%*s", INDENT, "");
		put_wrapped(out, style, INDENT, 2 * INDENT, line);
	}
}

static int count_phrase(char *out, size_t size, size_t count, const char *what)
{
	return snprintf(out, size, "%zu %s%s", count, what, count == 1 ? "" : "s");
}

static void put_summary(const report_t *report, const style_t *style, FILE *out)
{
	char line[256];
	int len = 0;
	look_t look = LOOK_GOOD;
	size_t findings = report->audit->finding_count;
	size_t gaps = report->audit->gap_count + report->gap_count;
	if (findings == 0) {
		// What could not be looked at is not clean.
		len = snprintf(line, sizeof(line), gaps > 0 ? "no finding" : "clean");
	} else {
		look = report_severity(report, CAAUDIT_ERROR) > 0 ? LOOK_BAD : LOOK_CARE;
		for (int i = 0; i < CAAUDIT_SEVERITY__COUNT; i++) {
			len += snprintf(line + len, sizeof(line) - len, "%s", i > 0 ? ", " : "");
			len += count_phrase(line + len, sizeof(line) - len,
			                    report_severity(report, i), caaudit_severity_name(i));
		}
	}
	if (gaps > 0) {
		snprintf(line + len, sizeof(line) - len, ", %zu not checked", gaps);
		look = look == LOOK_GOOD ? LOOK_CARE : look;
	}
	if (findings > 0 || gaps > 0) {
		fputc('\n', out);
	}
	put_look(out, style, LOOK_HEADING, report->zone);
	fputs(": ", out);
	put_wrapped_look(out, style, look, strlen(report->zone) + 2, INDENT, line);
}

/* What the parent says is not known here as a rule, so that nobody is told without asking. */
static void put_dnssec(const report_t *report, const style_t *style, FILE *out)
{
	static const char *const chain[] = {
		[CAAUDIT_CHAIN_UNKNOWN] = "DS at the parent not checked, see --ds",
		[CAAUDIT_CHAIN_WHOLE] = "a trust anchor leads here",
		[CAAUDIT_CHAIN_BROKEN] = "no trust anchor leads here",
		[CAAUDIT_CHAIN_INSECURE] = "the trust anchors are of unknown kinds",
	};
	const caaudit_dnssec_t *dnssec = &report->audit->dnssec;
	if (!dnssec->is_signed) {
		return;
	}
	char line[256];
	char end[32] = "";
	time_t expires = (time_t)dnssec->expires;
	struct tm tm;
	if (expires > 0 && gmtime_r(&expires, &tm) != NULL) {
		strftime(end, sizeof(end), "%Y-%m-%d %H:%M UTC", &tm);
	}
	snprintf(line, sizeof(line), "signed, %zu of %zu RRsets valid%s%s; %s", dnssec->valid,
	         dnssec->checked, end[0] != '\0' ? ", earliest signature expires " : "", end,
	         chain[dnssec->trust]);
	fprintf(out, "%*s", INDENT, "");
	put_wrapped(out, style, INDENT, 2 * INDENT, line);
}

/* What zone-commit would do, which is what was asked. */
static void put_changes(const report_t *report, const style_t *style, FILE *out)
{
	static const look_t look[] = {
		[CHANGE_WORSE] = LOOK_BAD,
		[CHANGE_BETTER] = LOOK_GOOD,
		[CHANGE_UNCLEAR] = LOOK_CARE,
	};
	if (report->served == NULL) {
		return;
	}
	fputc('\n', out);
	put_look(out, style, LOOK_HEADING, "Changes by zone-commit");
	fputc('\n', out);
	char text[3 * KNOT_DNAME_TXT_MAXLEN];
	for (size_t i = 0; i < report->change_count; i++) {
		const change_t *change = &report->change[i];
		look_word(out, style, look[change->way], change_word(change->way), WORD_WIDTH);
		change_text(change, text, sizeof(text));
		put_wrapped(out, style, INDENT + WORD_WIDTH, INDENT + WORD_WIDTH, text);
	}
	if (report->change_count == 0) {
		fprintf(out, "%*snothing gets worse or better\n", INDENT, "");
	}
}

void report_text_body(const report_t *report, const style_t *style, bool verbose, FILE *out)
{
	put_verdicts(report, style, verbose, out);
	put_validations(report, style, verbose, out);
	if (verbose) {
		put_dnssec(report, style, out);
	}
	put_findings(report, style, verbose, out);
	put_gaps(report, style, out);
	put_changes(report, style, out);
	put_summary(report, style, out);
}

void report_text(const report_t *report, const style_t *style, bool verbose, FILE *out)
{
	char line[128];
	put_look(out, style, LOOK_HEADING, report->zone);
	if (verbose) {
		snprintf(line, sizeof(line), "  serial %" PRIu32 ", %zu records %s", report->serial,
		         report->records, source_phrase(report->source));
	} else {
		snprintf(line, sizeof(line), "  serial %" PRIu32, report->serial);
	}
	put_wrapped(out, style, strlen(report->zone), INDENT, line);

	report_text_body(report, style, verbose, out);
	if (verbose) {
		snprintf(line, sizeof(line), "read in %.3f s, audited in %.3f s", report->read_time,
		         report->audit_time);
		fprintf(out, "%*s", INDENT, "");
		put_wrapped(out, style, INDENT, INDENT, line);
	}
}
