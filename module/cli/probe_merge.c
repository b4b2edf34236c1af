/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Reports of several places, written as JSON, put together. What a file says is
 *        as little to be trusted as what comes from the network.
 */

#include <jansson.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>
#include <libzscanner/scanner.h>

#include "engine/names.h"
#include "engine/txt.h"
#include "probe_words.h"
#include "text.h"
#include "values.h"

#define SOA_MIN 22 /* Octets of SOA RDATA with two root names (RFC 1035 section 3.3.13). */

/* One file that is being read. */
typedef struct {
	probe_t *probe;
	const char *path;
	char place[64]; /* From its name; stands before the labels. */
	probe_report_t **report;
	size_t *count;
	probe_report_t *into; /* That the document belongs to. */
	size_t first;         /* The first column of the document. */
	const char *wrong;    /* What is wrong, if anything is. */
} merge_t;

static bool fail(merge_t *merge, const char *what)
{
	merge->wrong = merge->wrong != NULL ? merge->wrong : what;
	return false;
}

/* --- Values -------------------------------------------------------------------------------- */

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* Finds a word in a list; false if it is none of them. */
static bool word_of(const json_t *object, const char *key, const char *const *words, unsigned *out)
{
	const char *text = text_of(object, key);
	for (unsigned i = 0; text != NULL && words[i] != NULL; i++) {
		if (strcmp(words[i], text) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

static uint64_t number_of(const json_t *object, const char *key, uint64_t most)
{
	json_int_t value = json_integer_value(json_object_get(object, key));
	return value < 0 ? 0 : (uint64_t)value < most ? (uint64_t)value : most;
}

/* What reads a text of a document, safe to print; NULL if there is none, or no memory. */
static const char *copy_of(const merge_t *merge, const json_t *object, const char *key)
{
	const char *text = text_of(object, key);
	return text != NULL ? probe_keep(merge->into, safe_copy(text)) : NULL;
}

/* A name of a document, in lower case. */
static const knot_dname_t *name_of(const merge_t *merge, const json_t *object, const char *key)
{
	const char *text = text_of(object, key);
	knot_dname_t *name = text != NULL ? knot_dname_from_str_alloc(text) : NULL;
	if (name != NULL) {
		knot_dname_to_lower(name);
	}
	return probe_keep(merge->into, name);
}

/* Columns of the document by their labels; those that it has not are left out. */
static bool columns_of(const merge_t *merge, const json_t *labels, column_list_t *out)
{
	const probe_zone_t *zone = merge->into->zone;
	char full[PROBE_LABEL_MAX];
	for (size_t i = merge->first; i < zone->column_count; i++) {
		for (size_t j = 0; j < json_array_size(labels); j++) {
			const char *label = json_string_value(json_array_get(labels, j));
			snprintf(full, sizeof(full), "%s %s", merge->place,
			         label != NULL ? label : "");
			if (strcmp(full, zone->column[i].server->label) == 0 &&
			    !probe_column_add(out, i)) {
				return false;
			}
		}
	}
	return true;
}

static bool all_columns(const merge_t *merge, column_list_t *out)
{
	const probe_zone_t *zone = merge->into->zone;
	for (size_t i = merge->first; i < zone->column_count; i++) {
		if (zone->column[i].state == PROBE_COLUMN_GOOD &&
		    zone->column[i].server->kind != PROBE_ZONE && !probe_column_add(out, i)) {
			return false;
		}
	}
	return true;
}

/* --- Servers and answers ------------------------------------------------------------------- */

static bool read_server(merge_t *merge, const json_t *object)
{
	const char *label = text_of(object, "server");
	const json_t *refused = json_object_get(object, "refused");
	unsigned kind = 0, state = 0, tcp = 0, edns = 0;
	char full[PROBE_LABEL_MAX];
	if (label == NULL || !word_of(object, "kind", probe_kind_word, &kind) ||
	    !word_of(object, "state", probe_state_word, &state) ||
	    !word_of(object, "tcp", probe_outcome_word, &tcp) ||
	    !word_of(object, "edns", probe_edns_word, &edns)) {
		return fail(merge, "a server is not described as it should be");
	}
	char *safe = safe_copy(label);
	snprintf(full, sizeof(full), "%s %s", merge->place, safe != NULL ? safe : "");
	free(safe);
	probe_server_t *server = probe_server_named(merge->probe, full, kind);
	probe_column_t *column = server != NULL ? probe_zone_add(merge->into->zone, server) : NULL;
	if (column == NULL) {
		return fail(merge, "too many servers");
	}
	server->tcp_asked = tcp != PROBE_UNASKED;
	server->tcp = tcp;
	server->edns = edns;
	server->sent = number_of(object, "sent", INT64_MAX);
	server->answered = number_of(object, "answered", INT64_MAX);
	for (size_t i = 0; i < PROBE_REFUSED__COUNT; i++) {
		server->refused[i] = number_of(refused, probe_refused_word[i], INT64_MAX);
	}
	column->state = state;
	column->has_serial = json_is_integer(json_object_get(object, "serial"));
	column->serial = column->serial_max = number_of(object, "serial", UINT32_MAX);
	return true;
}

/* Records of one answer; each has a block for owner and RDATA. */
typedef struct {
	caaudit_record_t *record;
	uint8_t **block;
	size_t count;
} gathered_t;

static bool gather(gathered_t *gathered, const zs_scanner_t *s)
{
	size_t count = gathered->count;
	void *record = reallocarray(gathered->record, count + 1, sizeof(*gathered->record));
	gathered->record = record != NULL ? record : gathered->record;
	void *block = reallocarray(gathered->block, count + 1, sizeof(*gathered->block));
	gathered->block = block != NULL ? block : gathered->block;
	uint8_t *octets = malloc(s->r_owner_length + s->r_data_length + 1);
	if (record == NULL || block == NULL || octets == NULL) {
		free(octets);
		return false;
	}
	memcpy(octets, s->r_owner, s->r_owner_length);
	memcpy(octets + s->r_owner_length, s->r_data, s->r_data_length);
	knot_dname_to_lower(octets);
	gathered->block[count] = octets;
	gathered->record[count] = (caaudit_record_t){
		.owner = octets,
		.rdata = octets + s->r_owner_length,
		.ttl = s->r_ttl,
		.type = s->r_type,
		.rdlen = s->r_data_length,
	};
	gathered->count++;
	return true;
}

/* Reads one record in zone file form. */
static bool gather_text(const char *text, gathered_t *gathered)
{
	zs_scanner_t *s = malloc(sizeof(*s)); /* Large for a stack. */
	bool ok = s != NULL && zs_init(s, ".", KNOT_CLASS_IN, 0) == 0;
	if (ok) {
		ok = zs_set_input_string(s, text, strlen(text)) == 0 && zs_parse_record(s) == 0 &&
		     s->state == ZS_STATE_DATA &&
		     names_are_sound(s->r_type, s->r_data, s->r_data_length) && gather(gathered, s);
		zs_deinit(s);
	}
	free(s);
	return ok;
}

static bool gather_all(merge_t *merge, const json_t *list, gathered_t *gathered)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));
		if (text == NULL || !gather_text(text, gathered)) {
			return fail(merge, "a record is not understood");
		}
	}
	return true;
}

/* The end of the chain of aliases, as the answer has it. */
static const knot_dname_t *find_target(const probe_question_t *question, const gathered_t *gathered,
                                       size_t answer_count)
{
	const knot_dname_t *at = question->name;
	for (unsigned steps = 0;
	     question->type != KNOT_RRTYPE_CNAME && steps <= CAAUDIT_ALIASES_MAX; steps++) {
		const knot_dname_t *next = NULL;
		for (size_t i = 0; next == NULL && i < answer_count; i++) {
			const caaudit_record_t *record = &gathered->record[i];
			if (record->type == KNOT_RRTYPE_CNAME &&
			    knot_dname_is_case_equal(record->owner, at)) {
				next = record->rdata;
			}
		}
		if (next == NULL) {
			break;
		}
		at = next;
	}
	return at != question->name ? at : NULL;
}

/* What follows from the records of an answer. */
static void derive(const probe_zone_t *zone, probe_answer_t *answer)
{
	bool soa = false;
	for (size_t i = 0; i < answer->record_count; i++) {
		const caaudit_record_t *record = &answer->record[i];
		if (record->type != KNOT_RRTYPE_SOA || record->rdlen < SOA_MIN) {
			continue;
		}
		soa = true;
		if (knot_dname_is_equal(record->owner, zone->zone)) {
			answer->has_serial = true;
			answer->serial = knot_wire_read_u32(record->rdata + record->rdlen - 20);
		}
	}
	bool negative = answer->said == PROBE_SAID_NODATA || answer->said == PROBE_SAID_NXDOMAIN;
	answer->no_soa = negative && !soa;
	answer->open = answer->said == PROBE_SAID_ALIAS && answer->target != NULL &&
	               knot_dname_in_bailiwick(answer->target, zone->zone) >= 0;
}

static uint16_t read_rcode(const char *text)
{
	for (const knot_lookup_t *item = knot_rcode_names; text != NULL && item->name != NULL;
	     item++) {
		if (strcmp(item->name, text) == 0) {
			return item->id;
		}
	}
	/* As probe_rcode_name() writes one that has no name. */
	static const char unnamed[] = "RCODE ";
	size_t len = sizeof(unnamed) - 1;
	unsigned long number = text != NULL && strncmp(text, unnamed, len) == 0 ?
	                               strtoul(text + len, NULL, 10) :
	                               0;
	return number <= 4095 ? number : 0;
}

static void read_flags(const json_t *flags, probe_answer_t *answer)
{
	for (size_t i = 0; i < json_array_size(flags); i++) {
		const char *flag = json_string_value(json_array_get(flags, i));
		flag = flag != NULL ? flag : "";
		answer->aa = answer->aa || strcmp(flag, "aa") == 0;
		answer->cut = answer->cut || strcmp(flag, "tc") == 0;
		answer->ra = answer->ra || strcmp(flag, "ra") == 0;
		answer->ad = answer->ad || strcmp(flag, "ad") == 0;
	}
}

static bool read_message(merge_t *merge, const json_t *object, const probe_question_t *question,
                         probe_answer_t *answer)
{
	unsigned said = 0;
	gathered_t gathered = { 0 };
	if (!word_of(object, "says", probe_said_word, &said)) {
		return fail(merge, "an answer says nothing");
	}
	answer->said = said;
	answer->rcode = read_rcode(text_of(object, "rcode"));
	bool ok = gather_all(merge, json_object_get(object, "records"), &gathered);
	size_t answer_count = gathered.count;
	ok = ok && gather_all(merge, json_object_get(object, "authority"), &gathered);
	ok = ok && probe_answer_set(answer, gathered.record, answer_count, gathered.count,
	                            find_target(question, &gathered, answer_count)) == KNOT_EOK;
	for (size_t i = 0; i < gathered.count; i++) {
		free(gathered.block[i]);
	}
	free(gathered.block);
	free(gathered.record);
	if (ok) {
		derive(merge->into->zone, answer);
	}
	return ok || fail(merge, "out of memory");
}

static bool read_answer(merge_t *merge, const json_t *object)
{
	probe_zone_t *zone = merge->into->zone;
	const json_t *question = json_object_get(object, "question");
	const char *label = text_of(object, "server"), *begun = text_of(object, "begun");
	const char *name = text_of(question, "name"), *type_name = text_of(question, "type");
	const char *transport = text_of(object, "transport");
	knot_dname_storage_t owner;
	uint16_t type = 0;
	unsigned outcome = 0;
	if (label == NULL || begun == NULL || name == NULL || transport == NULL ||
	    type_name == NULL || knot_rrtype_from_string(type_name, &type) != 0 ||
	    knot_dname_from_str(owner, name, sizeof(owner)) == NULL ||
	    !word_of(object, "outcome", probe_outcome_word, &outcome)) {
		return fail(merge, "an answer is not described as it should be");
	}
	bool tcp = strcmp(begun, "tcp") == 0;
	int ret = probe_zone_ask(zone, owner, type, tcp, number_of(object, "purpose", 255));
	if (ret != KNOT_EOK) {
		return fail(merge, ret == KNOT_ERANGE ? "a question is not in the zone" :
		                                        "too many questions");
	}
	knot_dname_to_lower(owner);
	size_t nth = probe_zone_find(zone, owner, type, tcp);
	column_list_t at = { 0 };
	json_t *labels = json_pack("[s]", label);
	bool ok = labels != NULL && columns_of(merge, labels, &at) && at.count == 1;
	json_decref(labels);
	if (ok) {
		probe_answer_t *answer = &zone->column[at.item[0]].answer[nth];
		probe_answer_clear(answer);
		answer->outcome = outcome;
		answer->ms = number_of(object, "ms", UINT32_MAX);
		answer->size = number_of(object, "size", UINT32_MAX);
		answer->tries = number_of(object, "tries", UINT8_MAX);
		answer->tcp = strcmp(transport, "tcp") == 0;
		answer->edns = json_is_true(json_object_get(object, "edns"));
		read_flags(json_object_get(object, "flags"), answer);
		ok = outcome != PROBE_ANSWERED ||
		     read_message(merge, object, &zone->question[nth], answer);
	}
	free(at.item);
	return ok || fail(merge, "an answer is of no server that is described");
}

/* --- Findings and verdicts ----------------------------------------------------------------- */

/* Can the finding be made from answers alone? */
static bool is_made_anew(caaudit_id_t id)
{
	return strncmp(caaudit_finding_info(id)->id, "probe-", strlen("probe-")) == 0 &&
	       id != CAAUDIT_PROBE_DELEGATION_DIFFERS && id != CAAUDIT_PROBE_GLUE_WRONG &&
	       id != CAAUDIT_PROBE_DS_MISMATCH && id != CAAUDIT_PROBE_ANSWER_BOGUS;
}

/* Findings of the audits and of the delegation; those of the comparison are made anew. */
static bool read_finding(merge_t *merge, const json_t *object)
{
	static const char *const severity_word[] = { "error", "warning", "notice", NULL };
	const char *id = text_of(object, "id");
	unsigned severity = 0;
	caaudit_id_t known = id != NULL ? caaudit_finding_by_name(id) : CAAUDIT_FINDING__COUNT;
	if (id == NULL || text_of(object, "owner") == NULL || text_of(object, "text") == NULL ||
	    !word_of(object, "severity", severity_word, &severity)) {
		return fail(merge, "a finding is not described as it should be");
	}
	if (known == CAAUDIT_FINDING__COUNT || is_made_anew(known)) {
		return true;
	}
	caaudit_finding_t finding = {
		.id = known,
		.severity = severity,
		.owner = name_of(merge, object, "owner"),
		.ca = copy_of(merge, object, "ca"),
		.what = copy_of(merge, object, "text"),
		.record = copy_of(merge, object, "record"),
		.remedy = copy_of(merge, object, "remedy"),
	};
	const char *fix = text_of(object, "fix");
	for (caaudit_fix_t i = CAAUDIT_FIX_ADD; fix != NULL && i <= CAAUDIT_FIX_REMOVE; i++) {
		finding.fix = strcmp(fix_kind(i), fix) == 0 ? i : finding.fix;
	}
	column_list_t at = { 0 };
	bool ok = finding.owner != NULL && finding.what != NULL &&
	          columns_of(merge, json_object_get(object, "servers"), &at) &&
	          probe_add_finding(merge->into, &finding, &at);
	free(at.item);
	return ok || fail(merge, "a finding is not understood");
}

static caaudit_permit_t permit_of(const json_t *object, const char *key)
{
	const json_t *permit = json_object_get(object, key);
	return json_is_true(permit)  ? CAAUDIT_PERMITTED :
	       json_is_false(permit) ? CAAUDIT_DENIED :
	                               CAAUDIT_UNKNOWN;
}

/* A verdict of one place, beside that of the places before. */
static bool read_verdict(merge_t *merge, const json_t *object)
{
	caaudit_reason_t reason = CAAUDIT_REASON_NO_CAA;
	const char *word = text_of(object, "reason");
	while (word != NULL && reason_word(reason) != NULL &&
	       strcmp(reason_word(reason), word) != 0) {
		reason++;
	}
	const caaudit_verdict_t verdict = {
		.host = name_of(merge, object, "host"),
		.ca = copy_of(merge, object, "ca"),
		.wildcard = json_is_true(json_object_get(object, "wildcard")),
		.is = {
			.permit = permit_of(object, "permitted"),
			.reason = reason_word(reason) != NULL ? reason : CAAUDIT_REASON_NO_CAA,
			.decided_by = name_of(merge, object, "decided_by"),
		},
		.otherwise.permit = permit_of(object, "otherwise"),
	};
	if (verdict.host == NULL || verdict.ca == NULL) {
		return fail(merge, "a verdict is not described as it should be");
	}
	probe_verdict_t *slot = probe_add_verdict(merge->into, &verdict);
	bool ok = slot != NULL &&
	          (verdict.is.permit == CAAUDIT_DENIED ?
	                   all_columns(merge, &slot->denied_at) :
	                   columns_of(merge, json_object_get(object, "denied_at"),
	                              &slot->denied_at)) &&
	          columns_of(merge, json_object_get(object, "unknown_at"), &slot->unknown_at);
	return ok || fail(merge, "out of memory");
}

/* Reads "OWNER TTL TYPE DATA" made of parts of a document; the record belongs to the report. */
static caaudit_record_t *record_of(const merge_t *merge, const char *owner, bool txt,
                                   const char *data)
{
	gathered_t gathered = { 0 };
	caaudit_record_t *record = NULL;
	char *line = NULL;
	if (asprintf(&line, "%s 0 %s %s", owner, txt ? "TXT" : "CNAME", data) < 0) {
		return NULL;
	}
	// An owner with blanks in it would be a record of any type.
	if (gather_text(line, &gathered) &&
	    gathered.record->type == (txt ? KNOT_RRTYPE_TXT : KNOT_RRTYPE_CNAME)) {
		record = probe_keep(merge->into, gathered.record);
		(void)probe_keep(merge->into, gathered.block[0]);
	} else {
		if (gathered.count > 0) {
			free(gathered.block[0]);
		}
		free(gathered.record);
	}
	free(gathered.block);
	free(line);
	return record;
}

static bool find_state(const char *word, caaudit_validation_state_t *out)
{
	for (caaudit_validation_state_t i = 0; i <= CAAUDIT_VALIDATION_NOT_CHECKED; i++) {
		if (strcmp(caaudit_validation_state_name(i), word) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

static bool read_validation(merge_t *merge, const json_t *object)
{
	const char *owner = text_of(object, "owner"), *state = text_of(object, "state");
	const char *type = text_of(object, "type"), *expected = text_of(object, "expected");
	const char *found = text_of(object, "found"), *found_at = text_of(object, "found_at");
	bool txt = type != NULL && strcmp(type, "TXT") == 0;
	caaudit_expected_t *slot = probe_keep(merge->into, calloc(1, sizeof(*slot)));
	caaudit_validation_t validation = { .expected = slot };
	bool differs = state != NULL && strcmp(state, "differs") == 0;
	if (slot == NULL || owner == NULL || type == NULL || state == NULL ||
	    (txt && expected == NULL) || (!differs && !find_state(state, &validation.state)) ||
	    (slot->owner = name_of(merge, object, "owner")) == NULL) {
		return fail(merge, "a validation is not described as it should be");
	}
	const caaudit_record_t *record = expected != NULL ? record_of(merge, owner, txt, expected) :
	                                                    NULL;
	if (expected != NULL &&
	    (record == NULL || (txt && !txt_is_sound(record->rdata, record->rdlen)))) {
		return fail(merge, "a validation is not understood");
	}
	if (txt) {
		slot->txt = record->rdata;
		slot->txt_len = record->rdlen;
	} else if (record != NULL) {
		slot->target = record->rdata;
	}
	if (found != NULL && found_at != NULL) {
		// What stands there has the other type, where that is what is wrong; of a TXT that
		// is no strings the octets are written.
		bool is_txt = found[0] == '"' || strncmp(found, "\\# ", 3) == 0;
		validation.found = record_of(merge, found_at, is_txt, found);
		if (validation.found == NULL) {
			return fail(merge, "a validation is not understood");
		}
	}
	return probe_add_validation(merge->into, &validation, differs) ||
	       fail(merge, "out of memory");
}

static bool read_gap(merge_t *merge, const json_t *object)
{
	const char *what = copy_of(merge, object, "what"), *why = copy_of(merge, object, "why");
	char text[512];
	if (what == NULL || why == NULL) {
		return fail(merge, "a gap is not described as it should be");
	}
	snprintf(text, sizeof(text), "%s: %s", merge->place, what);
	return probe_add_gap(merge->into, text, why) || fail(merge, "out of memory");
}

/* --- Documents ----------------------------------------------------------------------------- */

typedef bool (*read_f)(merge_t *, const json_t *);

static bool read_list(merge_t *merge, const json_t *document, const char *key, read_f read)
{
	const json_t *list = json_object_get(document, key);
	if (!json_is_array(list)) {
		return fail(merge, "it was not written by 'caaudit probe --format json'");
	}
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (!read(merge, json_array_get(list, i))) {
			return false;
		}
	}
	return true;
}

/* Finds the report of a zone, or begins one. */
static bool find_report(merge_t *merge, const json_t *document)
{
	const char *text = text_of(document, "zone");
	knot_dname_storage_t zone;
	if (text == NULL || parse_zone(text, zone) == NULL) {
		return fail(merge, "it was not written by 'caaudit probe --format json'");
	}
	size_t i = 0;
	while (i < *merge->count && !knot_dname_is_equal((*merge->report)[i].zone->zone, zone)) {
		i++;
	}
	if (i == *merge->count) {
		void *grown = reallocarray(*merge->report, i + 1, sizeof(**merge->report));
		if (grown == NULL) {
			return fail(merge, "out of memory");
		}
		*merge->report = grown;
		probe_report_t *report = &(*merge->report)[i];
		*report = (probe_report_t){ 0 };
		report->zone = probe_zone_new(zone);
		if (report->zone == NULL) {
			return fail(merge, "out of memory");
		}
		report_init(&report->report, zone, "probe");
		(*merge->count)++;
	}
	merge->into = &(*merge->report)[i];
	merge->first = merge->into->zone->column_count;
	return true;
}

static bool read_document(merge_t *merge, const json_t *document)
{
	if (!find_report(merge, document) || !read_list(merge, document, "servers", read_server) ||
	    !read_list(merge, document, "answers", read_answer) ||
	    !read_list(merge, document, "hosts", read_verdict) ||
	    !read_list(merge, document, "validations", read_validation) ||
	    !read_list(merge, document, "findings", read_finding) ||
	    !read_list(merge, document, "not_checked", read_gap)) {
		return false;
	}
	uint64_t records = number_of(document, "records", SIZE_MAX);
	if (records > merge->into->report.records) {
		merge->into->report.records = records;
	}
	return true;
}

/* The file name without ".json" is the place. */
static bool name_place(merge_t *merge)
{
	char *copy = safe_copy(merge->path);
	if (copy == NULL) {
		return false;
	}
	const char *base = basename(copy);
	size_t len = strlen(base);
	if (len > 5 && strcmp(base + len - 5, ".json") == 0) {
		len -= 5;
	}
	snprintf(merge->place, sizeof(merge->place), "%.*s", (int)len, base);
	free(copy);
	return true;
}

bool probe_merge(probe_t *probe, const words_t *files, probe_report_t **out, size_t *count)
{
	*out = NULL;
	*count = 0;
	for (size_t i = 0; i < files->count; i++) {
		merge_t merge = {
			.probe = probe,
			.path = files->item[i],
			.report = out,
			.count = count,
		};
		if (!name_place(&merge)) {
			complain(stderr, "%s", knot_strerror(KNOT_ENOMEM));
			return false;
		}
		json_error_t error;
		json_t *root = json_load_file(merge.path, 0, &error);
		if (root == NULL) {
			complain(stderr, "%s: %s", merge.path, error.text);
			return false;
		}
		bool ok = json_is_array(root) && json_array_size(root) > 0;
		if (!ok) {
			fail(&merge, "it was not written by 'caaudit probe --format json'");
		}
		for (size_t j = 0; ok && j < json_array_size(root); j++) {
			ok = read_document(&merge, json_array_get(root, j));
		}
		json_decref(root);
		if (!ok) {
			complain(stderr, "%s: %s", merge.path, merge.wrong);
			return false;
		}
	}
	return true;
}
