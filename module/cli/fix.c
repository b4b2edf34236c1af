/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The cures of a report as one change: for the zone file, knotc or knsupdate. */

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include <libknot/dname.h>
#include <libknot/errcode.h>

#include "caaudit/cure.h"
#include "report.h"
#include "text.h"

/* A record in zone file form, cut into its fields. They point into the line. */
typedef struct {
	const char *owner;
	const char *ttl;
	const char *type;
	const char *rdata; /* The rest of the line. */
	int owner_len;
	int ttl_len;
	int type_len;
} fields_t;

static const char *field(const char *pos, const char **start, int *len)
{
	pos += strspn(pos, " ");
	*start = pos;
	*len = (int)strcspn(pos, " ");
	return pos + *len;
}

/* Records of the engine are "OWNER TTL TYPE RDATA"; a blank inside a name is escaped. */
static fields_t split(const char *line)
{
	fields_t f;
	const char *pos = field(line, &f.owner, &f.owner_len);
	pos = field(pos, &f.ttl, &f.ttl_len);
	pos = field(pos, &f.type, &f.type_len);
	f.rdata = pos + strspn(pos, " ");
	return f;
}

/* A word for a shell, and for knotc, which reads its input the same way. */
static void put_quoted(FILE *out, const char *word, size_t len)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789.-_/:@";
	if (len > 0 && strspn(word, plain) >= len) {
		fwrite(word, 1, len, out);
		return;
	}
	fputc('\'', out);
	for (size_t i = 0; i < len; i++) {
		if (word[i] == '\'') {
			fputs("'\\''", out);
		} else {
			fputc(word[i], out);
		}
	}
	fputc('\'', out);
}

/* RDATA for knotc: the server holds targets in lower case, and zone-unset finds no other. */
static void put_data(FILE *out, const fields_t *f)
{
	char target[KNOT_DNAME_TXT_MAXLEN + 1];
	size_t len = strlen(f->rdata);
	if (strncmp(f->type, "CNAME ", 6) != 0 || len >= sizeof(target)) {
		put_quoted(out, f->rdata, len);
		return;
	}
	for (size_t i = 0; i < len; i++) {
		target[i] = (char)tolower((unsigned char)f->rdata[i]);
	}
	target[len] = '\0';
	put_quoted(out, target, len);
}

static void put_begin(fix_form_t form, const report_t *report, FILE *out)
{
	switch (form) {
	case FIX_ZONEFILE:
		fprintf(out, "; zone %s serial %" PRIu32 ", to be raised\n", report->zone,
		        report->serial);
		break;
	case FIX_KNOTC:
		fputs("zone-begin ", out);
		put_quoted(out, report->zone, strlen(report->zone));
		fputc('\n', out);
		break;
	default:
		fprintf(out, "zone %s\n", report->zone);
	}
}

static void put_change(fix_form_t form, const report_t *report, const char *line, bool add,
                       FILE *out)
{
	const fields_t f = split(line);
	switch (form) {
	case FIX_ZONEFILE:
		fprintf(out, "%s%s\n", add ? "" : "; remove: ", line);
		break;
	case FIX_KNOTC:
		fputs(add ? "zone-set " : "zone-unset ", out);
		put_quoted(out, report->zone, strlen(report->zone));
		fputc(' ', out);
		put_quoted(out, f.owner, f.owner_len);
		if (add) {
			fprintf(out, " %.*s", f.ttl_len, f.ttl);
		}
		fprintf(out, " %.*s ", f.type_len, f.type);
		put_data(out, &f);
		fputc('\n', out);
		break;
	default:
		fprintf(out, "update %s %.*s", add ? "add" : "delete", f.owner_len, f.owner);
		if (add) {
			fprintf(out, " %.*s", f.ttl_len, f.ttl);
		}
		fprintf(out, " %.*s %s\n", f.type_len, f.type, f.rdata);
	}
}

static void put_end(fix_form_t form, const report_t *report, FILE *out)
{
	if (form == FIX_KNOTC) {
		fputs("zone-commit ", out);
		put_quoted(out, report->zone, strlen(report->zone));
		fputc('\n', out);
	} else if (form == FIX_NSUPDATE) {
		fputs("send\n", out);
	}
}

/* What the change takes away, or leaves to look at. */
static void tell_effects(const report_t *report, const caaudit_cure_t *cure, FILE *err)
{
	const char *losers = cure->losers;
	for (size_t i = 0; i < cure->losers_count; i++, losers += strlen(losers) + 1) {
		complain(err, "%s: cured at %s", report->zone, losers);
	}
	if (cure->is_signed && cure->removed_count + cure->added_count > 0) {
		complain(
			err,
			"%s: a signed zone; unless the server signs it, sign it anew after this change",
			report->zone);
	}
	if (cure->notice != CAAUDIT_FINDING__COUNT) {
		complain(err, "%s: after this change see %s", report->zone,
		         caaudit_finding_info(cure->notice)->id);
	}
}

/* What a script cannot cure must not look cured. */
static void tell_rest(const report_t *report, const caaudit_cure_t *cure,
                      caaudit_severity_t fail_on, FILE *err)
{
	for (size_t i = 0; i < cure->rest_count; i++) {
		const caaudit_finding_t *f = cure->rest[i];
		knot_dname_txt_storage_t owner;
		complain(err, "%s: %s %s at %s: %s%s%s", report->zone,
		         f->fix == CAAUDIT_FIX_NONE ? "no record to change cures" :
		                                      "yours to decide is",
		         caaudit_finding_info(f->id)->id, report_name(f->owner, owner), f->what,
		         f->advice != NULL ? "; " : "", f->advice != NULL ? f->advice : "");
	}
	if (cure->left > 0) {
		complain(
			err,
			"%s: %zu more finding%s with a cure that does not go with the others; check "
			"again after this change",
			report->zone, cure->left, cure->left == 1 ? "" : "s");
	}
	if (cure->untried > 0) {
		complain(
			err,
			"%s: %zu more finding%s whose cure was not tried, too many come before; check "
			"again after this change",
			report->zone, cure->untried, cure->untried == 1 ? "" : "s");
	}
	size_t below = report->audit->finding_count - report_count(report, fail_on);
	if (below > 0) {
		complain(err, "%s: %zu finding%s below '%s' left alone; see --fail-on",
		         report->zone, below, below == 1 ? "" : "s",
		         caaudit_severity_name(fail_on));
	}
	caaudit_gap_t gap;
	if (report_gap(report, 0, &gap)) {
		char more[64] = "";
		size_t count = report->audit->gap_count + report->gap_count - 1;
		if (count > 0) {
			snprintf(more, sizeof(more), " (and %zu more)", count);
		}
		complain(err, "%s: not checked: %s: %s%s", report->zone, gap.what, gap.why, more);
	}
}

bool report_fix(const report_t *report, fix_form_t form, caaudit_severity_t fail_on, FILE *out,
                FILE *err)
{
	caaudit_cure_t *cure;
	if (caaudit_cure(report->audit, fail_on, &cure) != KNOT_EOK) {
		return false;
	}
	if (cure->removed_count + cure->added_count > 0) {
		put_begin(form, report, out);
		/* First what goes: beside an old CNAME there is no room for a new one. */
		for (size_t i = 0; i < cure->removed_count; i++) {
			put_change(form, report, cure->removed[i], false, out);
		}
		for (size_t i = 0; i < cure->added_count; i++) {
			put_change(form, report, cure->added[i], true, out);
		}
		put_end(form, report, out);
	}
	tell_effects(report, cure, err);
	tell_rest(report, cure, fail_on, err);
	caaudit_cure_free(cure);
	return true;
}
