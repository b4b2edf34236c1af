/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief A report as one JSON document, see caaudit.schema.json. */

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <libknot/descriptor.h>

#include "report.h"
#include "text.h"

/* Adds a string or null; a failure shows at the end, as a document without it. */
static bool put(json_t *object, const char *key, const char *text)
{
	return json_object_set_new(object, key, text != NULL ? json_string(text) : json_null()) ==
	       0;
}

static bool put_name(json_t *object, const char *key, const knot_dname_t *name)
{
	knot_dname_txt_storage_t text;
	return put(object, key, report_name(name, text));
}

/* Adds what a record says, or null if there is none. */
static bool put_rdata(json_t *object, const char *key, uint16_t type, const uint8_t *rdata,
                      size_t rdlen)
{
	char *text = rdata != NULL ? caaudit_rdata_text(type, rdata, rdlen) : NULL;
	bool ok = (rdata == NULL || text != NULL) && put(object, key, text);
	free(text);
	return ok;
}

static json_t *permit_json(caaudit_permit_t permit)
{
	return permit == CAAUDIT_UNKNOWN ? json_null() : json_boolean(permit == CAAUDIT_PERMITTED);
}

static json_t *verdict_json(const caaudit_verdict_t *v)
{
	json_t *object = json_object();
	bool ok = put_name(object, "host", v->host) &&
	          json_object_set_new(object, "wildcard", json_boolean(v->wildcard)) == 0 &&
	          put(object, "ca", v->ca) &&
	          json_object_set_new(object, "permitted", permit_json(v->is.permit)) == 0 &&
	          put_name(object, "decided_by", v->is.decided_by) &&
	          put(object, "reason", reason_word(v->is.reason)) &&
	          json_object_set_new(object, "otherwise", permit_json(v->otherwise.permit)) == 0;
	if (!ok) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *validation_json(const report_t *report, size_t nth)
{
	const caaudit_validation_t *v = &report->audit->validation[nth];
	json_t *object = json_object();
	const caaudit_expected_t *expected = v->expected;
	bool txt = expected->txt != NULL;
	uint16_t type = txt ? KNOT_RRTYPE_TXT : KNOT_RRTYPE_CNAME;
	bool ok = put_name(object, "owner", expected->owner) &&
	          (txt ? put_rdata(object, "expected", type, expected->txt, expected->txt_len) :
	                 put_name(object, "expected", expected->target)) &&
	          put_rdata(object, "found", v->found != NULL ? v->found->type : type,
	                    v->found != NULL ? v->found->rdata : NULL,
	                    v->found != NULL ? v->found->rdlen : 0) &&
	          put(object, "state", report_state(report, nth)) &&
	          put_name(object, "found_at", v->found != NULL ? v->found->owner : NULL) &&
	          put(object, "type", txt ? "TXT" : "CNAME");
	if (!ok) {
		json_decref(object);
		return NULL;
	}
	return object;
}

/* What is wrong, and the advice; the cure has members of its own. */
static bool put_text(json_t *object, const caaudit_finding_t *f)
{
	caaudit_finding_t bare = *f;
	bare.fix = CAAUDIT_FIX_NONE;
	bare.remedy = NULL;
	size_t size = caaudit_finding_sentence(&bare, NULL, NULL, 0) + 1;
	char *text = malloc(size);
	if (text != NULL) {
		(void)caaudit_finding_sentence(&bare, NULL, text, size);
	}
	bool ok = text != NULL && put(object, "text", text);
	free(text);
	return ok;
}

/* Adds the records that must go with the wrong one. */
static bool put_also(json_t *object, const caaudit_finding_t *f)
{
	json_t *also = json_array();
	bool ok = json_object_set_new(object, "also", also) == 0;
	const char *record = f->also;
	for (size_t i = 0; ok && i < f->also_count; i++, record += strlen(record) + 1) {
		ok = json_array_append_new(also, json_string(record)) == 0;
	}
	return ok;
}

/* Adds where the record stands; a path that is not UTF-8 is escaped as in complaints. */
static bool put_place(json_t *object, const report_t *report, const caaudit_finding_t *f)
{
	const char *file = report_file(report, f->file);
	char *text = file != NULL ? safe_copy(file) : NULL;
	json_t *line = f->line > 0 ? json_integer((json_int_t)f->line) : json_null();
	bool ok = (file == NULL || text != NULL) && put(object, "file", text);
	ok = json_object_set_new(object, "line", line) == 0 && ok;
	free(text);
	return ok;
}

static json_t *finding_json(const report_t *report, const caaudit_finding_t *f)
{
	json_t *object = json_object();
	bool ok = put(object, "id", caaudit_finding_info(f->id)->id) &&
	          put(object, "severity", caaudit_severity_name(f->severity)) &&
	          put_name(object, "owner", f->owner) && put(object, "ca", f->ca) &&
	          put_text(object, f) && put(object, "record", f->record) &&
	          put(object, "remedy", f->remedy) && put(object, "fix", fix_kind(f->fix)) &&
	          put_also(object, f) && put_place(object, report, f);
	if (!ok) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *gap_json(const caaudit_gap_t *gap)
{
	json_t *object = json_object();
	if (!put(object, "what", gap->what) || !put(object, "why", gap->why)) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *change_json(const change_t *change)
{
	json_t *object = json_object();
	const caaudit_verdict_t *v = change->verdict;
	bool ok = put(object, "change", change_word(change->way)) &&
	          put(object, "of",
	              v != NULL                  ? "host" :
	              change->validation != NULL ? "validation" :
	                                           "caa") &&
	          put_name(object, "owner", change->owner) &&
	          json_object_set_new(object, "wildcard", json_boolean(v != NULL && v->wildcard)) ==
	                  0 &&
	          put(object, "ca", v != NULL ? v->ca : NULL) &&
	          put(object, "before", change->before) && put(object, "after", change->after);
	if (!ok) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static bool put_changes(json_t *document, const report_t *report)
{
	json_t *changes = json_array();
	bool ok = json_object_set_new(document, "changes", changes) == 0;
	for (size_t i = 0; ok && i < report->change_count; i++) {
		ok = json_array_append_new(changes, change_json(&report->change[i])) == 0;
	}
	return ok;
}

static json_t *dnssec_json(const caaudit_dnssec_t *dnssec)
{
	json_t *object = json_object();
	json_t *expires = dnssec->expires > 0 ? json_integer((json_int_t)dnssec->expires) :
	                                        json_null();
	bool ok = json_object_set_new(object, "signed", json_boolean(dnssec->is_signed)) == 0;
	ok = json_object_set_new(object, "checked", json_integer((json_int_t)dnssec->checked)) ==
	             0 &&
	     ok;
	ok = json_object_set_new(object, "valid", json_integer((json_int_t)dnssec->valid)) == 0 &&
	     ok;
	ok = json_object_set_new(object, "expires", expires) == 0 && ok;
	if (!put(object, "chain", trust_word(dnssec->trust)) || !ok) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static bool fill(json_t *document, const report_t *report)
{
	const caaudit_report_t *audit = report->audit;
	json_int_t serial = report->serial;
	json_int_t records = (json_int_t)report->records;
	if (json_object_set_new(document, "caaudit", json_integer(1)) != 0 ||
	    !put(document, "zone", report->zone) ||
	    json_object_set_new(document, "serial", json_integer(serial)) != 0 ||
	    !put(document, "source", report->source) ||
	    json_object_set_new(document, "records", json_integer(records)) != 0) {
		return false;
	}

	/* The lists stand in the document before they are filled: it owns them. */
	json_t *hosts = json_array();
	json_t *validations = json_array();
	json_t *findings = json_array();
	json_t *gaps = json_array();
	bool ok = json_object_set_new(document, "hosts", hosts) == 0;
	ok = json_object_set_new(document, "validations", validations) == 0 && ok;
	ok = json_object_set_new(document, "findings", findings) == 0 && ok;
	ok = json_object_set_new(document, "not_checked", gaps) == 0 && ok;
	for (size_t i = 0; ok && i < audit->verdict_count; i++) {
		ok = json_array_append_new(hosts, verdict_json(&audit->verdict[i])) == 0;
	}
	for (size_t i = 0; ok && i < audit->validation_count; i++) {
		ok = json_array_append_new(validations, validation_json(report, i)) == 0;
	}
	for (size_t i = 0; ok && i < audit->finding_count; i++) {
		ok = json_array_append_new(findings, finding_json(report, &audit->finding[i])) == 0;
	}
	caaudit_gap_t gap;
	for (size_t i = 0; ok && report_gap(report, i, &gap); i++) {
		ok = json_array_append_new(gaps, gap_json(&gap)) == 0;
	}
	ok = json_object_set_new(document, "dnssec", dnssec_json(&audit->dnssec)) == 0 && ok;
	return ok && (report->served == NULL || put_changes(document, report));
}

json_t *report_document(const report_t *report)
{
	json_t *document = json_object();
	if (document != NULL && !fill(document, report)) {
		json_decref(document);
		return NULL;
	}
	return document;
}

bool report_json(const report_t *report, FILE *out)
{
	json_t *document = report_document(report);
	bool ok = document != NULL && json_dumpf(document, out, JSON_COMPACT) == 0;
	json_decref(document);
	fputc('\n', out);
	return ok;
}
