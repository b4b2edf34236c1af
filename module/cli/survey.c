/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Sums up what zones show of their certificates, one line a zone. */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>

#include "caaudit/caa.h"
#include "engine/array.h"
#include "engine/caaset.h"
#include "engine/known.h"
#include "engine/view.h"
#include "survey.h"

/* Columns of the table that may be cut: the zone and who may issue. */
#define ZONE_WIDTH_MAX   40
#define ISSUER_WIDTH_MAX 32
/* Issuers and validations that a line names; the others are counted. */
#define NAMES_MAX 3

/* Counts a name. */
static bool add(survey_list_t *list, const char *name, size_t count)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->item[i].name, name) == 0) {
			list->item[i].count += count;
			list->item[i].zones++;
			return true;
		}
	}
	survey_item_t *item = array_extend(&list->item, &list->count, sizeof(*item));
	if (item == NULL || (item->name = strdup(name)) == NULL) {
		return false;
	}
	item->count = count;
	item->zones = 1;
	return true;
}

static void list_clear(survey_list_t *list)
{
	for (size_t i = 0; i < list->count; i++) {
		free(list->item[i].name);
	}
	free(list->item);
	*list = (survey_list_t){ 0 };
}

void survey_clear(survey_zone_t *zone)
{
	list_clear(&zone->issuer);
	list_clear(&zone->wildcard);
	list_clear(&zone->below);
	list_clear(&zone->validation);
}

/* What an RRset says of a CA, whatever account and method it uses. */
static caaudit_decision_t decide(caaudit_rrset_t rrset, bool wildcard, const char *name)
{
	const caaudit_policy_t any = { .zone = NULL };
	const caaudit_ca_t ca = { .name = name };
	caaudit_decision_t decision;
	caaudit_evaluate(rrset, &any, wildcard, &ca, &decision);
	return decision;
}

/* Counts the issuers that the properties of one tag permit: letters, digits, "-" and ".". */
static bool add_issuers(survey_list_t *list, caaudit_rrset_t rrset, caaudit_tag_t tag)
{
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_issue_t issue;
		char name[KNOT_DNAME_TXT_MAXLEN + 1];
		if (!caaset_issue(rrset.record[i], tag, &issue) ||
		    caaset_denies(rrset.record[i], tag)) {
			continue;
		}
		snprintf(name, sizeof(name), "%.*s", (int)issue.issuer_len,
		         (const char *)issue.issuer);
		for (char *c = name; *c != '\0'; c++) {
			*c = (char)tolower((unsigned char)*c);
		}
		if (decide(rrset, tag == CAAUDIT_TAG_ISSUEWILD, name).permit == CAAUDIT_PERMITTED &&
		    !add(list, name, 1)) {
			return false;
		}
	}
	return true;
}

static bool has_finding(const report_t *report, caaudit_id_t id, const knot_dname_t *owner)
{
	for (size_t i = 0; i < report->audit->finding_count; i++) {
		const caaudit_finding_t *f = &report->audit->finding[i];
		if (f->id == id && knot_dname_is_equal(f->owner, owner)) {
			return true;
		}
	}
	return false;
}

static bool look_at_apex(const report_t *report, survey_zone_t *out)
{
	const caaudit_view_t *view = report->audit->view;
	const knot_dname_t *zone = caaudit_view_zone(view);
	caaudit_rrset_t rrset = caaudit_view_rrset(view, zone, KNOT_RRTYPE_CAA);
	const caaudit_decision_t other = decide(rrset, false, "other.invalid");
	out->wildcard_differs = caaset_tag(rrset, CAAUDIT_TAG_ISSUEWILD).any;
	if (!add_issuers(&out->issuer, rrset, CAAUDIT_TAG_ISSUE) ||
	    !add_issuers(&out->wildcard, rrset, CAAUDIT_TAG_ISSUEWILD)) {
		return false;
	}
	if (view_is_partial(view)) {
		out->state = SURVEY_UNREAD;
	} else if (other.permit == CAAUDIT_PERMITTED) {
		out->state = SURVEY_ANYONE;
	} else if (out->issuer.count > 0) {
		out->state = SURVEY_SOME;
	} else if (caaset_tag(rrset, CAAUDIT_TAG_ISSUE).malformed || !caaset_is_refused(&other)) {
		out->state = SURVEY_BROKEN;
	} else {
		out->state = has_finding(report, CAAUDIT_CAA_LOCKED, zone) ? SURVEY_LOCKED :
		                                                             SURVEY_CLOSED;
	}
	return true;
}

static bool look_below(const caaudit_view_t *view, survey_zone_t *out)
{
	size_t pos = 0;
	caaudit_rrset_t rrset;
	while (caaudit_view_next(view, KNOT_RRTYPE_CAA, &pos, &rrset)) {
		uint16_t type;
		const knot_dname_t *owner = rrset.record[0]->owner;
		if (knot_dname_is_equal(owner, caaudit_view_zone(view)) ||
		    caaudit_view_occluded(view, owner, &type) != NULL) {
			continue;
		}
		out->sets++;
		if (!add_issuers(&out->below, rrset, CAAUDIT_TAG_ISSUE)) {
			return false;
		}
	}
	return true;
}

#define PURPOSE_MAX 80

/* Writes what a record is for: a product, or the label where CAs look. */
static bool purpose(const caaudit_record_t *record, char out[PURPOSE_MAX])
{
	bool is_cname = record->type == KNOT_RRTYPE_CNAME;
	if (is_cname) {
		known_fit_t fit = KNOWN_MALFORMED;
		const caaudit_form_t *form = known_validation(record->rdata, record->rdlen, &fit);
		if (form != NULL) {
			snprintf(out, PURPOSE_MAX, "%s", form->name);
			return fit == KNOWN_FITS &&
			       known_validation_owner(form, record->owner) == KNOWN_FITS;
		}
	}
	const caaudit_txt_t *txt = known_txt(record->owner);
	if (txt == NULL) {
		return false;
	}
	const char *dot = strrchr(txt->labels, '.');
	const char *label = dot != NULL ? dot + 1 : txt->labels;
	snprintf(out, PURPOSE_MAX, "%.*s %s", (int)strcspn(label, "*"), label,
	         is_cname ? "CNAME" : "TXT");
	return true;
}

static bool look_for_validations(const caaudit_view_t *view, survey_zone_t *out)
{
	static const uint16_t types[] = { KNOT_RRTYPE_CNAME, KNOT_RRTYPE_TXT };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t pos = 0;
		caaudit_rrset_t rrset;
		while (caaudit_view_next(view, types[i], &pos, &rrset)) {
			uint16_t type;
			const caaudit_record_t *record = rrset.record[0];
			char name[PURPOSE_MAX];
			if (purpose(record, name) &&
			    caaudit_view_occluded(view, record->owner, &type) == NULL &&
			    !add(&out->validation, name, 1)) {
				return false;
			}
		}
	}
	return true;
}

/* Is it a finding only because of the CA that is wanted? What validations show needs no wish. */
static bool is_of_wish(const caaudit_finding_t *f)
{
	return f->ca != NULL && strncmp(caaudit_finding_info(f->id)->id, "caa-", 4) == 0;
}

bool survey_zone(const report_t *report, bool wanted, survey_zone_t *out)
{
	*out = (survey_zone_t){ .state = SURVEY_ANYONE };
	for (size_t i = 0; i < report->audit->finding_count; i++) {
		const caaudit_finding_t *f = &report->audit->finding[i];
		out->severity[f->severity] += wanted || !is_of_wish(f);
	}
	return look_at_apex(report, out) && look_below(report->audit->view, out) &&
	       look_for_validations(report->audit->view, out);
}

/* --- The table ------------------------------------------------------------------------------ */

static void put_names(FILE *out, const survey_list_t *list, bool counts)
{
	for (size_t i = 0; i < list->count && i < NAMES_MAX; i++) {
		fprintf(out, "%s%s", i > 0 ? ", " : "", list->item[i].name);
		if (counts) {
			fprintf(out, " %zu", list->item[i].count);
		}
	}
	if (list->count > NAMES_MAX) {
		fprintf(out, " and %zu more", list->count - NAMES_MAX);
	}
}

/* Who may issue, as the table says it; to be freed, NULL if out of memory. */
static char *issuer_text(const survey_zone_t *zone)
{
	static const char *const word[SURVEY_STATE__COUNT] = {
		[SURVEY_ANYONE] = "anyone",
		[SURVEY_SOME] = "",
		[SURVEY_LOCKED] = "nobody",
		[SURVEY_CLOSED] = "nobody, but in use",
		[SURVEY_BROKEN] = "nobody, by a fault of CAA",
		[SURVEY_UNREAD] = "not known, a part was not read",
	};
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	if (out == NULL) {
		return NULL;
	}
	fputs(word[zone->state], out);
	if (zone->state == SURVEY_SOME) {
		put_names(out, &zone->issuer, false);
	}
	if (zone->state == SURVEY_UNREAD) {
		return fclose(out) == 0 ? text : NULL;
	}
	if (zone->wildcard_differs && (zone->state != SURVEY_BROKEN || zone->wildcard.count > 0)) {
		fputs("; wildcards ", out);
		put_names(out, &zone->wildcard, false);
		fputs(zone->wildcard.count == 0 ? "nobody" : "", out);
	}
	if (zone->sets > 0) {
		fprintf(out, "; %zu below", zone->sets);
	}
	return fclose(out) == 0 ? text : NULL;
}

static look_t state_look(survey_state_t state)
{
	switch (state) {
	case SURVEY_CLOSED:
	case SURVEY_BROKEN:
		return LOOK_BAD;
	case SURVEY_LOCKED:
		return LOOK_CARE;
	case SURVEY_SOME:
		return LOOK_GOOD;
	default:
		return LOOK_PLAIN;
	}
}

static size_t shorter(size_t a, size_t b)
{
	return a < b ? a : b;
}

static size_t longer(size_t a, size_t b)
{
	return a > b ? a : b;
}

static void put_cell(FILE *out, const style_t *style, look_t look, const char *text, size_t width)
{
	put_look(out, style, look, text);
	size_t len = strlen(text);
	fprintf(out, "%*s", (int)(len < width ? width - len : 0) + 2, "");
}

/* Validations and findings; to be freed, NULL if out of memory. */
static char *evidence_text(const survey_zone_t *zone)
{
	static const char *const word[] = { "error", "warning" };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	if (out == NULL) {
		return NULL;
	}
	put_names(out, &zone->validation, true);
	fputs(zone->validation.count == 0 ? "-" : "", out);
	for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++) {
		if (zone->severity[i] > 0) {
			fprintf(out, "; %zu %s%s", zone->severity[i], word[i],
			        zone->severity[i] > 1 ? "s" : "");
		}
	}
	return fclose(out) == 0 ? text : NULL;
}

static bool put_row(const survey_row_t *row, const char *issuers, size_t zone_width,
                    size_t issuer_width, const style_t *style, FILE *out)
{
	const survey_zone_t *zone = row->zone;
	knot_dname_txt_storage_t name;
	put_cell(out, style, LOOK_PLAIN, report_name(row->name, name), zone_width);
	if (zone == NULL) {
		put_look(out, style, LOOK_CARE, "could not be read");
		fputc('\n', out);
		return true;
	}
	put_cell(out, style, state_look(zone->state), issuers, issuer_width);
	look_t look = zone->severity[CAAUDIT_ERROR] > 0   ? LOOK_BAD :
	              zone->severity[CAAUDIT_WARNING] > 0 ? LOOK_CARE :
	                                                    LOOK_PLAIN;
	char *evidence = evidence_text(zone);
	if (evidence == NULL) {
		return false;
	}
	unsigned column = longer(strlen(name), zone_width) + longer(strlen(issuers), issuer_width) +
	                  4;
	put_wrapped_look(out, style, look, column, 4, evidence);
	free(evidence);
	return true;
}

static bool put_table(const survey_row_t *row, char **issuers, size_t count, const style_t *style,
                      FILE *out)
{
	size_t zone_width = strlen("zone"), issuer_width = strlen("may issue");
	for (size_t i = 0; i < count; i++) {
		if (row[i].zone != NULL && (issuers[i] = issuer_text(row[i].zone)) == NULL) {
			return false;
		}
		knot_dname_txt_storage_t name;
		zone_width = longer(zone_width, shorter(strlen(report_name(row[i].name, name)),
		                                        ZONE_WIDTH_MAX));
		if (issuers[i] != NULL) {
			issuer_width = longer(issuer_width,
			                      shorter(strlen(issuers[i]), ISSUER_WIDTH_MAX));
		}
	}
	put_cell(out, style, LOOK_HEADING, "zone", zone_width);
	put_cell(out, style, LOOK_HEADING, "may issue", issuer_width);
	put_look(out, style, LOOK_HEADING, "validations; findings");
	fputc('\n', out);
	bool ok = true;
	for (size_t i = 0; ok && i < count; i++) {
		ok = put_row(&row[i], issuers[i], zone_width, issuer_width, style, out);
	}
	return ok;
}

static int compare_items(const void *a, const void *b)
{
	const survey_item_t *one = a, *other = b;
	if (one->zones != other->zones) {
		return one->zones > other->zones ? -1 : 1;
	}
	return strcmp(one->name, other->name);
}

static void put_count(FILE *out, size_t count, const char *what)
{
	fprintf(out, "  %6zu %s\n", count, what);
}

/* The sum over the zones. */
static bool put_total(const survey_row_t *row, size_t count, const style_t *style, FILE *out)
{
	static const char *const phrase[SURVEY_STATE__COUNT] = {
		[SURVEY_ANYONE] = "anyone may issue",
		[SURVEY_SOME] = "some CAs may issue",
		[SURVEY_LOCKED] = "nobody may issue, and no certificate seems to be wanted: locked",
		[SURVEY_CLOSED] = "nobody may issue, but names are in use",
		[SURVEY_BROKEN] = "nobody may issue, by a fault of CAA",
		[SURVEY_UNREAD] = "not known, since a part was not read",
	};
	size_t state[SURVEY_STATE__COUNT] = { 0 };
	size_t unread = 0, errors = 0, warnings = 0, wild = 0;
	survey_list_t issuer = { 0 }, validation = { 0 };
	bool ok = true;
	for (size_t i = 0; ok && i < count; i++) {
		const survey_zone_t *zone = row[i].zone;
		if (zone == NULL) {
			unread++;
			continue;
		}
		state[zone->state]++;
		errors += zone->severity[CAAUDIT_ERROR] > 0;
		warnings += zone->severity[CAAUDIT_ERROR] == 0 &&
		            zone->severity[CAAUDIT_WARNING] > 0;
		if (zone->state == SURVEY_UNREAD) {
			continue;
		}
		wild += zone->wildcard_differs && zone->wildcard.count == 0 &&
		        (zone->state == SURVEY_ANYONE || zone->state == SURVEY_SOME);
		for (size_t j = 0; ok && j < zone->issuer.count; j++) {
			ok = add(&issuer, zone->issuer.item[j].name, 1);
		}
		for (size_t j = 0; ok && j < zone->validation.count; j++) {
			ok = add(&validation, zone->validation.item[j].name,
			         zone->validation.item[j].count);
		}
	}
	fputc('\n', out);
	char head[64];
	snprintf(head, sizeof(head), "%zu zone%s", count, count == 1 ? "" : "s");
	put_look(out, style, LOOK_HEADING, head);
	fputc('\n', out);
	for (int i = 0; i < SURVEY_STATE__COUNT; i++) {
		if (state[i] > 0) {
			put_count(out, state[i], phrase[i]);
		}
	}
	if (wild > 0) {
		put_count(out, wild, "nobody may issue for wildcards");
	}
	if (unread > 0) {
		put_count(out, unread, "could not be read");
	}
	if (errors + warnings > 0) {
		fprintf(out,
		        "  %6zu with errors, %zu with warnings alone: check without --survey\n",
		        errors, warnings);
	}
	if (issuer.count > 1) {
		qsort(issuer.item, issuer.count, sizeof(*issuer.item), compare_items);
	}
	if (validation.count > 1) {
		qsort(validation.item, validation.count, sizeof(*validation.item), compare_items);
	}
	for (size_t i = 0; i < issuer.count; i++) {
		fprintf(out, "%s  %6zu %s\n", i == 0 ? "may issue, by zones\n" : "",
		        issuer.item[i].zones, issuer.item[i].name);
	}
	for (size_t i = 0; i < validation.count; i++) {
		const survey_item_t *item = &validation.item[i];
		fprintf(out, "%s  %6zu %s, %zu record%s\n", i == 0 ? "validations, by zones\n" : "",
		        item->zones, item->name, item->count, item->count == 1 ? "" : "s");
	}
	list_clear(&issuer);
	list_clear(&validation);
	return ok;
}

bool survey_print(const survey_row_t *row, size_t count, const style_t *style, FILE *out)
{
	char **issuers = calloc(count, sizeof(*issuers));
	bool ok = issuers != NULL && put_table(row, issuers, count, style, out) &&
	          put_total(row, count, style, out);
	for (size_t i = 0; issuers != NULL && i < count; i++) {
		free(issuers[i]);
	}
	free(issuers);
	return ok;
}
