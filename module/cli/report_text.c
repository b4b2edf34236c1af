/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "report.h"

#define INDENT 2

static const char *source_phrase(const char *source)
{
	if (strcmp(source, "control") == 0) {
		return "read over the control socket";
	}
	return strcmp(source, "transfer") == 0 ? "transferred" : "read from the zone file";
}

static look_t severity_look(caaudit_severity_t severity)
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

/* Says what a verdict rests on; names what decides. */
static void reason_phrase(const report_verdict_t *v, char *out, size_t size)
{
	const char *by = v->decided_by != NULL ? v->decided_by : "the relevant name";
	const char *at = v->asked != NULL ? v->asked : v->host;
	const char *set = v->by_issuewild ? "CAA issuewild" : "CAA";
	switch (v->reason) {
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
		snprintf(out, size, "%s is delegated: its own zone decides", at);
		return;
	case CAAUDIT_REASON_LOOP:
		snprintf(out, size, "the aliases at %s lead in a circle or too far", at);
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

static void put_verdicts(const report_t *report, const style_t *style, bool verbose, FILE *out)
{
	size_t host_width = 0;
	size_t ca_width = 0;
	for (size_t i = 0; i < report->verdict_count; i++) {
		const report_verdict_t *v = &report->verdict[i];
		size_t len = strlen(v->host) + (v->wildcard ? 2 : 0);
		host_width = len > host_width ? len : host_width;
		ca_width = strlen(v->ca) > ca_width ? strlen(v->ca) : ca_width;
	}
	/* One long name must not push all the others to the right. */
	size_t host_limit = style->width > 0 ? style->width / 3 : 40;
	host_width = host_width < host_limit ? host_width : host_limit;
	ca_width = ca_width < 24 ? ca_width : 24;

	char reason[2 * KNOT_DNAME_TXT_MAXLEN];
	char line[5 * KNOT_DNAME_TXT_MAXLEN];
	char host[KNOT_DNAME_TXT_MAXLEN + 3];
	for (size_t i = 0; i < report->verdict_count; i++) {
		const report_verdict_t *v = &report->verdict[i];
		look_t look = LOOK_PLAIN;
		const char *word = permit_word(v->permit, &look);
		look_word(out, style, look, word, WORD_WIDTH);
		bool root = strcmp(v->host, ".") == 0;
		snprintf(host, sizeof(host), "%s%s", v->wildcard ? "*." : "",
		         v->wildcard && root ? "" : v->host);
		reason_phrase(v, reason, sizeof(reason));
		if (v->at != NULL) {
			size_t len = strlen(reason);
			snprintf(reason + len, sizeof(reason) - len, "; %s", v->at);
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
			snprintf(line, sizeof(line), "reason %s, decided by %s, asked at %s%s",
			         reason_word(v->reason),
			         v->decided_by != NULL ? v->decided_by : "-",
			         v->asked != NULL ? v->asked : "-",
			         v->by_issuewild ? ", by issuewild" : "");
			fprintf(out, "%*s", INDENT + WORD_WIDTH + INDENT, "");
			put_wrapped(out, style, INDENT + WORD_WIDTH + INDENT,
			            INDENT + WORD_WIDTH + INDENT, line);
		}
	}
}

/* What is expected, and what of it is there; a TXT record may be long. */
static char *validation_line(const report_validation_t *v, bool verbose)
{
	char *line = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&line, &len);
	if (out == NULL) {
		return NULL;
	}
	fprintf(out, "%s %s %s", v->owner, v->type,
	        v->expected != NULL ? v->expected : "(any known CA)");
	if (v->found != NULL && (v->expected == NULL || strcmp(v->found, v->expected) != 0)) {
		fprintf(out, ", found %s", v->found);
	}
	if (v->found_at != NULL && (verbose || strcmp(v->state, "present-above") == 0)) {
		fprintf(out, ", at %s", v->found_at);
	}
	fclose(out);
	return line;
}

static void put_validations(const report_t *report, const style_t *style, bool verbose, FILE *out)
{
	for (size_t i = 0; i < report->validation_count; i++) {
		const report_validation_t *v = &report->validation[i];
		bool present = strncmp(v->state, "present", strlen("present")) == 0;
		bool open = strcmp(v->state, "not-checked") == 0;
		look_word(out, style,
		          present ? LOOK_GOOD :
		          open    ? LOOK_CARE :
		                    LOOK_BAD,
		          v->state, WORD_WIDTH);
		char *line = validation_line(v, verbose);
		size_t used = strlen(v->state) < WORD_WIDTH ? WORD_WIDTH : strlen(v->state) + 1;
		if (strlen(v->state) >= WORD_WIDTH) {
			fputc(' ', out);
		}
		put_wrapped(out, style, INDENT + used, INDENT + WORD_WIDTH,
		            line != NULL ? line : v->owner);
		free(line);
	}
}

/* A record stays on one line whatever the width: it is there to be copied. */
static void put_record(FILE *out, const style_t *style, look_t look, const char *sign,
                       const char *record)
{
	fprintf(out, "%*s", 2 * INDENT, "");
	put_look(out, style, look, sign);
	fprintf(out, " %s\n", record);
}

/* The text up to the record that it ends with, which follows on its own line. */
static void put_finding_text(const report_finding_t *f, const style_t *style, FILE *out)
{
	size_t len = strlen(f->text);
	size_t tail = f->remedy != NULL ? strlen(f->remedy) : 0;
	if (tail > 0 && tail < len && strcmp(f->text + len - tail, f->remedy) == 0) {
		len -= tail;
		len -= len > 0 && f->text[len - 1] == ' ';
	}
	char *head = strndup(f->text, len);
	fprintf(out, "%*s", 2 * INDENT, "");
	put_wrapped(out, style, 2 * INDENT, 2 * INDENT, head != NULL ? head : f->text);
	free(head);
}

static void put_finding(const report_finding_t *f, const style_t *style, FILE *out)
{
	char line[3 * KNOT_DNAME_TXT_MAXLEN];
	const char *id = caaudit_finding_info(f->id)->id;
	fprintf(out, "%*s", INDENT, "");
	put_look(out, style, severity_look(f->severity), id);
	snprintf(line, sizeof(line), "  %s%s%s%s%s", f->owner != NULL ? f->owner : "",
	         f->ca != NULL ? ", " : "", f->ca != NULL ? f->ca : "",
	         f->at != NULL ? "  at " : "", f->at != NULL ? f->at : "");
	put_wrapped(out, style, INDENT + strlen(id), 2 * INDENT, line);
	put_finding_text(f, style, out);
	if (f->record != NULL) {
		put_record(out, style, LOOK_BAD, "-", f->record);
	}
	if (f->remedy != NULL) {
		put_record(out, style, LOOK_GOOD, "+", f->remedy);
	}
}

static void put_findings(const report_t *report, const style_t *style, FILE *out)
{
	static const char *const heading[] = { "Errors", "Warnings", "Notices" };
	for (int severity = 0; severity < CAAUDIT_SEVERITY__COUNT; severity++) {
		if (report->by_severity[severity] == 0) {
			continue;
		}
		fputc('\n', out);
		put_look(out, style, LOOK_HEADING, heading[severity]);
		fputc('\n', out);
		for (size_t i = 0; i < report->finding_count; i++) {
			if ((int)report->finding[i].severity == severity) {
				put_finding(&report->finding[i], style, out);
			}
		}
	}
}

static void put_gaps(const report_t *report, const style_t *style, FILE *out)
{
	if (report->gap_count == 0) {
		return;
	}
	fputc('\n', out);
	put_look(out, style, LOOK_HEADING, "Not checked");
	fputc('\n', out);
	char line[8192];
	for (size_t i = 0; i < report->gap_count; i++) {
		snprintf(line, sizeof(line), "%s: %s", report->gap[i].what, report->gap[i].why);
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
	if (report->finding_count == 0) {
		len = snprintf(line, sizeof(line), "clean");
	} else {
		look = report->by_severity[CAAUDIT_ERROR] > 0 ? LOOK_BAD : LOOK_CARE;
		for (int i = 0; i < CAAUDIT_SEVERITY__COUNT; i++) {
			len += snprintf(line + len, sizeof(line) - len, "%s", i > 0 ? ", " : "");
			len += count_phrase(line + len, sizeof(line) - len, report->by_severity[i],
			                    caaudit_severity_name(i));
		}
	}
	if (report->gap_count > 0) {
		snprintf(line + len, sizeof(line) - len, ", %zu not checked", report->gap_count);
		look = look == LOOK_GOOD ? LOOK_CARE : look;
	}
	if (report->finding_count > 0 || report->gap_count > 0) {
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
	const caaudit_dnssec_t *dnssec = &report->dnssec;
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
	         dnssec->checked, end[0] != '\0' ? ", first end " : "", end, chain[dnssec->chain]);
	fprintf(out, "%*s", INDENT, "");
	put_wrapped(out, style, INDENT, 2 * INDENT, line);
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

void report_text_body(const report_t *report, const style_t *style, bool verbose, FILE *out)
{
	put_verdicts(report, style, verbose, out);
	put_validations(report, style, verbose, out);
	if (verbose) {
		put_dnssec(report, style, out);
	}
	put_findings(report, style, out);
	put_gaps(report, style, out);
	put_summary(report, style, out);
}
