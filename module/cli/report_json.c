/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief A report as one JSON document, see caaudit.schema.json. */

#include <stdlib.h>
#include <string.h>

#include <jansson.h>
#include <libknot/descriptor.h>

#include "report.h"
#include "text.h"

/* Ends a list; NULL if something could not be added. */
static json_t *end_list(json_t *list, bool ok)
{
	if (!ok) {
		json_decref(list);
		return NULL;
	}
	return list;
}

/* A text to be freed; NULL stands for out of memory. */
static json_t *text_json(char *text)
{
	json_t *out = text != NULL ? json_string(text) : NULL;
	free(text);
	return out;
}

static json_t *permit_json(caaudit_permit_t permit)
{
	return permit == CAAUDIT_UNKNOWN ? json_null() : json_boolean(permit == CAAUDIT_PERMITTED);
}

static json_t *verdict_json(const caaudit_verdict_t *v)
{
	knot_dname_txt_storage_t host, by;
	return json_pack("{s:s?, s:b, s:s?, s:o, s:s?, s:s?, s:o}", "host",
	                 report_name(v->host, host), "wildcard", v->wildcard, "ca", v->ca,
	                 "permitted", permit_json(v->is.permit), "decided_by",
	                 report_name(v->is.decided_by, by), "reason", reason_word(v->is.reason),
	                 "otherwise", permit_json(v->otherwise.permit));
}

static json_t *name_json(const knot_dname_t *name)
{
	knot_dname_txt_storage_t text;
	return name != NULL ? json_string(report_name(name, text)) : json_null();
}

/* What a validation record says, or null if there is none. */
static json_t *rdata_json(uint16_t type, const uint8_t *rdata, size_t rdlen)
{
	return rdata != NULL ? text_json(caaudit_rdata_text(type, rdata, rdlen)) : json_null();
}

static json_t *validation_json(const report_t *report, size_t nth)
{
	const caaudit_validation_t *v = &report->audit->validation[nth];
	const caaudit_expected_t *expected = v->expected;
	const caaudit_record_t none = { .owner = NULL };
	const caaudit_record_t *found = v->found != NULL ? v->found : &none;
	bool txt = expected->txt != NULL;
	knot_dname_txt_storage_t owner, at;
	return json_pack("{s:s?, s:o, s:o, s:s?, s:s?, s:s}", "owner",
	                 report_name(expected->owner, owner), "expected",
	                 txt ? rdata_json(KNOT_RRTYPE_TXT, expected->txt, expected->txt_len) :
	                       name_json(expected->target),
	                 "found", rdata_json(found->type, found->rdata, found->rdlen), "state",
	                 report_state(report, nth), "found_at", report_name(found->owner, at),
	                 "type", txt ? "TXT" : "CNAME");
}

/* What is wrong, and the advice; the cure has members of its own. */
static json_t *sentence_json(const caaudit_finding_t *f)
{
	caaudit_finding_t bare = *f;
	bare.fix = CAAUDIT_FIX_NONE;
	bare.remedy = NULL;
	size_t size = caaudit_finding_sentence(&bare, NULL, NULL, 0) + 1;
	char *text = malloc(size);
	if (text != NULL) {
		(void)caaudit_finding_sentence(&bare, NULL, text, size);
	}
	return text_json(text);
}

/* The records that must go with the wrong one. */
static json_t *also_json(const caaudit_finding_t *f)
{
	json_t *also = json_array();
	bool ok = true;
	const char *record = f->also;
	for (size_t i = 0; ok && i < f->also_count; i++, record += strlen(record) + 1) {
		ok = json_array_append_new(also, json_string(record)) == 0;
	}
	return end_list(also, ok);
}

/* A path that is not UTF-8 is escaped as in complaints. */
static json_t *file_json(const report_t *report, const caaudit_finding_t *f)
{
	const char *file = report_file(report, f->file);
	return file != NULL ? text_json(safe_copy(file)) : json_null();
}

static json_t *finding_json(const report_t *report, const caaudit_finding_t *f)
{
	knot_dname_txt_storage_t owner;
	return json_pack("{s:s, s:s, s:s?, s:s?, s:o, s:s?, s:s?, s:s?, s:o, s:o, s:o}", "id",
	                 caaudit_finding_info(f->id)->id, "severity",
	                 caaudit_severity_name(f->severity), "owner", report_name(f->owner, owner),
	                 "ca", f->ca, "text", sentence_json(f), "record", f->record, "remedy",
	                 f->remedy, "fix", fix_kind(f->fix), "also", also_json(f), "file",
	                 file_json(report, f), "line",
	                 f->line > 0 ? json_integer((json_int_t)f->line) : json_null());
}

static json_t *change_json(const change_t *change)
{
	const caaudit_verdict_t *v = change->verdict;
	knot_dname_txt_storage_t owner;
	return json_pack("{s:s, s:s, s:s?, s:b, s:s?, s:s?, s:s?}", "change",
	                 change_word(change->way), "of",
	                 v != NULL                  ? "host" :
	                 change->validation != NULL ? "validation" :
	                                              "caa",
	                 "owner", report_name(change->owner, owner), "wildcard",
	                 v != NULL && v->wildcard, "ca", v != NULL ? v->ca : NULL, "before",
	                 change->before, "after", change->after);
}

static json_t *changes_json(const report_t *report)
{
	json_t *list = json_array();
	bool ok = true;
	for (size_t i = 0; ok && i < report->change_count; i++) {
		ok = json_array_append_new(list, change_json(&report->change[i])) == 0;
	}
	return end_list(list, ok);
}

static json_t *dnssec_json(const caaudit_dnssec_t *dnssec)
{
	return json_pack("{s:b, s:I, s:I, s:o, s:s?}", "signed", dnssec->is_signed, "checked",
	                 (json_int_t)dnssec->checked, "valid", (json_int_t)dnssec->valid, "expires",
	                 dnssec->expires > 0 ? json_integer((json_int_t)dnssec->expires) :
	                                       json_null(),
	                 "chain", trust_word(dnssec->trust));
}

json_t *report_document(const report_t *report)
{
	const caaudit_report_t *audit = report->audit;
	json_t *hosts = json_array(), *validations = json_array();
	json_t *findings = json_array(), *gaps = json_array();
	bool ok = true;
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
		ok = json_array_append_new(gaps, json_pack("{s:s?, s:s?}", "what", gap.what, "why",
		                                           gap.why)) == 0;
	}
	json_t *document = json_pack("{s:i, s:s, s:I, s:s?, s:I, s:o, s:o, s:o, s:o, s:o}",
	                             "caaudit", 1, "zone", report->zone, "serial",
	                             (json_int_t)report->serial, "source", report->source,
	                             "records", (json_int_t)report->records, "hosts", hosts,
	                             "validations", validations, "findings", findings,
	                             "not_checked", gaps, "dnssec", dnssec_json(&audit->dnssec));
	ok = ok && document != NULL &&
	     (report->served == NULL ||
	      json_object_set_new(document, "changes", changes_json(report)) == 0);
	return end_list(document, ok);
}

bool report_json(const report_t *report, FILE *out)
{
	json_t *document = report_document(report);
	bool ok = document != NULL && json_dumpf(document, out, JSON_COMPACT) == 0;
	json_decref(document);
	fputc('\n', out);
	return ok;
}
