/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The cures of a report as one change: for the zone file, knotc or knsupdate. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "text.h"

/* A record in zone file form, cut into its fields. They point into the line. */
typedef struct {
	const char *line;
	const char *owner;
	const char *ttl;
	const char *type;
	const char *rdata; /* The rest of the line. */
	int owner_len;
	int ttl_len;
	int type_len;
} fields_t;

/* One record that must go or come. */
typedef struct {
	fields_t record;
	bool add;
	bool replaces; /* The change before it removes what this one stands for. */
	bool dropped;  /* Said before, or in the way of another change. */
	char *merged;  /* Line made from several cures of one record. */
	size_t order;
} change_t;

typedef struct {
	change_t *change;
	size_t count;
	size_t conflicts; /* Cures left out, since the record has another one. */
} plan_t;

static const char *field(const char *pos, const char **start, int *len)
{
	pos += strspn(pos, " ");
	*start = pos;
	*len = (int)strcspn(pos, " ");
	return pos + *len;
}

/* Engine records are "OWNER TTL TYPE RDATA"; a blank inside a name is escaped. */
static fields_t split(const char *line)
{
	fields_t f = { .line = line };
	const char *pos = field(line, &f.owner, &f.owner_len);
	pos = field(pos, &f.ttl, &f.ttl_len);
	pos = field(pos, &f.type, &f.type_len);
	f.rdata = pos + strspn(pos, " ");
	return f;
}

static void plan_add(plan_t *plan, const char *line, bool add, bool replaces)
{
	plan->change[plan->count] = (change_t){
		.record = split(line),
		.add = add,
		.replaces = replaces,
		.order = plan->count,
	};
	plan->count++;
}

static int compare_lines(const void *a, const void *b)
{
	const change_t *x = *(change_t *const *)a;
	const change_t *y = *(change_t *const *)b;
	int ret = strcmp(x->record.line, y->record.line);
	return ret != 0 ? ret : (x->order > y->order) - (x->order < y->order);
}

/* Cuts "OWNER TTL CAA FLAGS TAG VALUE" into words; the value is the rest of the line. */
static bool caa_words(const fields_t *f, const char *word[], int len[])
{
	if (f->type_len != 3 || strncmp(f->type, "CAA", 3) != 0 || f->rdata[0] == '\\') {
		return false;
	}
	word[0] = f->owner;
	len[0] = f->owner_len;
	word[1] = f->ttl;
	len[1] = f->ttl_len;
	const char *pos = field(f->rdata, &word[2], &len[2]);
	pos = field(pos, &word[3], &len[3]);
	word[4] = pos + strspn(pos, " ");
	len[4] = (int)strlen(word[4]);
	return len[4] > 0;
}

#define CAA_WORDS 5

static bool same_word(const char *a, int alen, const char *b, int blen)
{
	return alen == blen && memcmp(a, b, alen) == 0;
}

/*
 * Two findings want the same record replaced, say for its flags and for its
 * value: one record with both corrections. NULL if they contradict each other.
 */
static char *merge(const fields_t *base, const fields_t *one, const fields_t *two)
{
	const char *b[CAA_WORDS], *x[CAA_WORDS], *y[CAA_WORDS];
	int blen[CAA_WORDS], xlen[CAA_WORDS], ylen[CAA_WORDS];
	if (!caa_words(base, b, blen) || !caa_words(one, x, xlen) || !caa_words(two, y, ylen)) {
		return NULL;
	}
	for (int i = 0; i < CAA_WORDS; i++) {
		if (same_word(x[i], xlen[i], b[i], blen[i])) {
			x[i] = y[i];
			xlen[i] = ylen[i];
		} else if (!same_word(y[i], ylen[i], b[i], blen[i]) &&
		           !same_word(y[i], ylen[i], x[i], xlen[i])) {
			return NULL;
		}
	}
	char *line = NULL;
	int len = asprintf(&line, "%.*s %.*s CAA %.*s %.*s %s", xlen[0], x[0], xlen[1], x[1],
	                   xlen[2], x[2], xlen[3], x[3], x[4]);
	return len >= 0 ? line : NULL;
}

/* The record is removed already: its second cure goes into the first, or must wait. */
static void join_replacement(plan_t *plan, const change_t *kept, const change_t *removal)
{
	size_t next = removal->order + 1;
	if (next >= plan->count || !plan->change[next].replaces) {
		return;
	}
	change_t *second = &plan->change[next];
	change_t *first = &plan->change[kept->order + 1];
	second->dropped = true;
	if (!first->replaces || strcmp(first->record.line, second->record.line) == 0) {
		return;
	}
	char *line = merge(&kept->record, &first->record, &second->record);
	if (line == NULL) {
		plan->conflicts++;
		return;
	}
	free(first->merged);
	first->merged = line;
	first->record = split(line);
}

/* Drops what is said twice: first among what goes, then among what comes. */
static bool settle(plan_t *plan)
{
	change_t **sorted = calloc(plan->count, sizeof(*sorted));
	if (sorted == NULL) {
		return false;
	}
	for (int add = 0; add < 2; add++) {
		size_t count = 0;
		for (size_t i = 0; i < plan->count; i++) {
			if (plan->change[i].add == (add == 1) && !plan->change[i].dropped) {
				sorted[count++] = &plan->change[i];
			}
		}
		qsort(sorted, count, sizeof(*sorted), compare_lines);
		change_t *first = count > 0 ? sorted[0] : NULL;
		for (size_t i = 1; i < count; i++) {
			if (strcmp(sorted[i]->record.line, first->record.line) != 0) {
				first = sorted[i];
				continue;
			}
			sorted[i]->dropped = true;
			if (add == 0) {
				join_replacement(plan, first, sorted[i]);
			}
		}
	}
	free(sorted);
	return true;
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

static void put_begin(fix_form_t form, const report_t *report, FILE *out)
{
	switch (form) {
	case FIX_ZONEFILE:
		fprintf(out, "; zone %s serial %" PRIu32 ", to be raised\n", report->zone,
		        caaudit_view_serial(report->audit->view));
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

static void put_change(fix_form_t form, const report_t *report, const change_t *change, FILE *out)
{
	const fields_t *f = &change->record;
	switch (form) {
	case FIX_ZONEFILE:
		fprintf(out, "%s%s\n", change->add ? "" : "; remove: ", f->line);
		break;
	case FIX_KNOTC:
		fputs(change->add ? "zone-set " : "zone-unset ", out);
		put_quoted(out, report->zone, strlen(report->zone));
		fputc(' ', out);
		put_quoted(out, f->owner, f->owner_len);
		if (change->add) {
			fprintf(out, " %.*s", f->ttl_len, f->ttl);
		}
		fprintf(out, " %.*s ", f->type_len, f->type);
		put_quoted(out, f->rdata, strlen(f->rdata));
		fputc('\n', out);
		break;
	default:
		fprintf(out, "update %s %.*s", change->add ? "add" : "delete", f->owner_len,
		        f->owner);
		if (change->add) {
			fprintf(out, " %.*s", f->ttl_len, f->ttl);
		}
		fprintf(out, " %.*s %s\n", f->type_len, f->type, f->rdata);
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

/* What a script cannot cure must not look cured. */
static void tell_rest(const report_t *report, const plan_t *plan, caaudit_severity_t fail_on,
                      FILE *err)
{
	for (size_t i = 0; i < report->audit->finding_count; i++) {
		const caaudit_finding_t *f = &report->audit->finding[i];
		if (f->severity <= fail_on && f->fix == CAAUDIT_FIX_NONE) {
			knot_dname_txt_storage_t owner;
			complain(err, "%s: no record to change cures %s at %s: %s%s%s",
			         report->zone, caaudit_finding_info(f->id)->id,
			         report_name(f->owner, owner), f->what,
			         f->advice != NULL ? "; " : "", f->advice != NULL ? f->advice : "");
		}
	}
	if (plan->conflicts > 0) {
		complain(err,
		         "%s: %zu more change%s of the same records; check again after this one",
		         report->zone, plan->conflicts, plan->conflicts == 1 ? "" : "s");
	}
	size_t below = report->audit->finding_count - report_count(report, fail_on);
	if (below > 0) {
		complain(err, "%s: %zu finding%s below '%s' left alone; see --fail-on",
		         report->zone, below, below == 1 ? "" : "s",
		         caaudit_severity_name(fail_on));
	}
}

bool report_fix(const report_t *report, fix_form_t form, caaudit_severity_t fail_on, FILE *out,
                FILE *err)
{
	plan_t plan = { .change = calloc(2 * report->audit->finding_count + 1,
		                         sizeof(*plan.change)) };
	if (plan.change == NULL) {
		return false;
	}
	for (size_t i = 0; i < report->audit->finding_count; i++) {
		const caaudit_finding_t *f = &report->audit->finding[i];
		if (f->severity > fail_on) {
			continue;
		}
		if (f->fix == CAAUDIT_FIX_REMOVE || f->fix == CAAUDIT_FIX_REPLACE) {
			const char *also = f->also;
			plan_add(&plan, f->record, false, false);
			for (size_t j = 0; j < f->also_count; j++, also += strlen(also) + 1) {
				plan_add(&plan, also, false, false);
			}
		}
		if (f->fix == CAAUDIT_FIX_ADD || f->fix == CAAUDIT_FIX_REPLACE) {
			plan_add(&plan, f->remedy, true, f->fix == CAAUDIT_FIX_REPLACE);
		}
	}

	bool ok = plan.count == 0 || settle(&plan);
	if (ok && plan.count > 0) {
		put_begin(form, report, out);
		/* First what goes: beside an old CNAME there is no room for a new one. */
		for (int add = 0; add < 2; add++) {
			for (size_t i = 0; i < plan.count; i++) {
				const change_t *change = &plan.change[i];
				if (!change->dropped && change->add == (add == 1)) {
					put_change(form, report, change, out);
				}
			}
		}
		put_end(form, report, out);
	}
	tell_rest(report, &plan, fail_on, err);
	for (size_t i = 0; i < plan.count; i++) {
		free(plan.change[i].merged);
	}
	free(plan.change);
	return ok;
}
