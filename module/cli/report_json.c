/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <jansson.h>

#include "report.h"

/* Adds a string or null; a failure shows at the end, as a document without it. */
static bool put(json_t *object, const char *key, const char *text)
{
	return json_object_set_new(object, key, text != NULL ? json_string(text) : json_null()) ==
	       0;
}

static json_t *verdict_json(const report_verdict_t *v)
{
	json_t *object = json_object();
	json_t *permitted = v->permit == CAAUDIT_UNKNOWN ?
	                            json_null() :
	                            json_boolean(v->permit == CAAUDIT_PERMITTED);
	bool ok = put(object, "host", v->host) &&
	          json_object_set_new(object, "wildcard", json_boolean(v->wildcard)) == 0 &&
	          put(object, "ca", v->ca) &&
	          json_object_set_new(object, "permitted", permitted) == 0 &&
	          put(object, "decided_by", v->decided_by) &&
	          put(object, "reason", reason_word(v->reason));
	if (!ok) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *validation_json(const report_validation_t *v)
{
	json_t *object = json_object();
	bool ok = put(object, "owner", v->owner) && put(object, "expected", v->expected) &&
	          put(object, "found", v->found) && put(object, "state", v->state) &&
	          put(object, "found_at", v->found_at) && put(object, "type", v->type);
	if (!ok) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *finding_json(const report_finding_t *f)
{
	json_t *object = json_object();
	bool ok = put(object, "id", caaudit_finding_info(f->id)->id) &&
	          put(object, "severity", caaudit_severity_name(f->severity)) &&
	          put(object, "owner", f->owner) && put(object, "ca", f->ca) &&
	          put(object, "text", f->text) && put(object, "record", f->record) &&
	          put(object, "remedy", f->remedy) && put(object, "fix", fix_kind(f->fix));
	if (!ok) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static json_t *gap_json(const report_gap_t *gap)
{
	json_t *object = json_object();
	if (!put(object, "what", gap->what) || !put(object, "why", gap->why)) {
		json_decref(object);
		return NULL;
	}
	return object;
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
	if (!put(object, "chain", chain_word(dnssec->chain)) || !ok) {
		json_decref(object);
		return NULL;
	}
	return object;
}

static bool fill(json_t *document, const report_t *report)
{
	if (json_object_set_new(document, "caaudit", json_integer(1)) != 0 ||
	    !put(document, "zone", report->zone) ||
	    json_object_set_new(document, "serial", json_integer(report->serial)) != 0 ||
	    !put(document, "source", report->source) ||
	    json_object_set_new(document, "records", json_integer(report->records)) != 0) {
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
	for (size_t i = 0; ok && i < report->verdict_count; i++) {
		ok = json_array_append_new(hosts, verdict_json(&report->verdict[i])) == 0;
	}
	for (size_t i = 0; ok && i < report->validation_count; i++) {
		ok = json_array_append_new(validations, validation_json(&report->validation[i])) ==
		     0;
	}
	for (size_t i = 0; ok && i < report->finding_count; i++) {
		ok = json_array_append_new(findings, finding_json(&report->finding[i])) == 0;
	}
	for (size_t i = 0; ok && i < report->gap_count; i++) {
		ok = json_array_append_new(gaps, gap_json(&report->gap[i])) == 0;
	}
	return json_object_set_new(document, "dnssec", dnssec_json(&report->dnssec)) == 0 && ok;
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
