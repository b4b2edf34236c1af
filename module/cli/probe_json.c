/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The report of a probe as JSON. */

#include <jansson.h>
#include <stdlib.h>

#include <libknot/libknot.h>

#include "probe_words.h"

#define LINE_MAX_OCTETS (4 * UINT16_MAX + 2048)

const char *const probe_kind_word[] = {
	[PROBE_SERVER] = "server",
	[PROBE_RESOLVER] = "resolver",
	[PROBE_ZONE] = "zone",
	NULL,
};

const char *const probe_state_word[] = {
	[PROBE_COLUMN_WAITING] = "unasked", [PROBE_COLUMN_GOOD] = "good",
	[PROBE_COLUMN_LAME] = "lame",       [PROBE_COLUMN_DEAD] = "silent",
	[PROBE_COLUMN_SKIPPED] = "skipped", NULL,
};

const char *const probe_outcome_word[] = {
	[PROBE_UNASKED] = "unasked", [PROBE_ANSWERED] = "answer",
	[PROBE_SILENT] = "silent",   [PROBE_CLOSED] = "closed",
	[PROBE_LOCAL] = "not-sent",  [PROBE_UNREACHABLE] = "unreachable",
	[PROBE_GARBAGE] = "refused", NULL,
};

const char *const probe_said_word[] = {
	[PROBE_SAID_DATA] = "data",
	[PROBE_SAID_ALIAS] = "alias",
	[PROBE_SAID_NODATA] = "nodata",
	[PROBE_SAID_NXDOMAIN] = "nxdomain",
	[PROBE_SAID_REFERRAL] = "referral",
	[PROBE_SAID_LAME] = "lame",
	[PROBE_SAID_ERROR] = "error",
	[PROBE_SAID_CUT] = "truncated",
	NULL,
};

const char *const probe_edns_word[] = {
	[PROBE_EDNS_UNKNOWN] = "unknown", [PROBE_EDNS_FINE] = "fine",
	[PROBE_EDNS_STRIPPED] = "absent", [PROBE_EDNS_ERROR] = "error",
	[PROBE_EDNS_SILENT] = "silent",   NULL,
};

const char *const probe_refused_word[] = {
	[PROBE_REFUSED_SHORT] = "short",
	[PROBE_REFUSED_LARGE] = "large",
	[PROBE_REFUSED_ID] = "id",
	[PROBE_REFUSED_QUERY] = "query",
	[PROBE_REFUSED_QUESTION] = "question",
	[PROBE_REFUSED_MALFORMED] = "malformed",
	NULL,
};

const char *const probe_trust_word[] = {
	[PROBE_TRUST_UNASKED] = "unasked",   [PROBE_TRUST_SECURE] = "secure",
	[PROBE_TRUST_INSECURE] = "insecure", [PROBE_TRUST_BOGUS] = "bogus",
	[PROBE_TRUST_FAILED] = "failed",     NULL,
};

/* Sets a member, and takes it over; NULL is out of memory. */
static bool set(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) == 0;
}

/* Ends a list; NULL if something could not be added. */
static json_t *end_list(json_t *list, bool ok)
{
	if (!ok) {
		json_decref(list);
		return NULL;
	}
	return list;
}

static json_t *labels_json(const probe_zone_t *zone, const column_list_t *list)
{
	json_t *array = json_array();
	bool ok = true;
	for (size_t i = 0; ok && i < list->count; i++) {
		const char *label = zone->column[list->item[i]].server->label;
		ok = json_array_append_new(array, json_string(label)) == 0;
	}
	return end_list(array, ok);
}

static json_t *server_json(const probe_column_t *column)
{
	const probe_server_t *server = column->server;
	bool serial = column->state == PROBE_COLUMN_GOOD && column->has_serial;
	json_t *refused = json_object();
	bool ok = true;
	for (size_t i = 0; ok && i < PROBE_REFUSED__COUNT; i++) {
		ok = set(refused, probe_refused_word[i],
		         json_integer((json_int_t)server->refused[i]));
	}
	return json_pack("{s:s, s:s, s:s, s:b, s:o, s:s, s:s, s:I, s:I, s:o}", "server",
	                 server->label, "kind", probe_kind_word[server->kind], "state",
	                 probe_state_word[column->state], "alike", column->alike, "serial",
	                 serial ? json_integer(column->serial) : json_null(), "tcp",
	                 probe_outcome_word[server->tcp_asked ? server->tcp : PROBE_UNASKED],
	                 "edns", probe_edns_word[server->edns], "sent", (json_int_t)server->sent,
	                 "answered", (json_int_t)server->answered, "refused",
	                 end_list(refused, ok));
}

static json_t *record_json(const caaudit_record_t *record, char *line)
{
	knot_dname_txt_storage_t owner;
	char type[32];
	if (knot_dname_to_str(owner, record->owner, sizeof(owner)) == NULL) {
		return NULL;
	}
	int len = snprintf(line, LINE_MAX_OCTETS, "%s %u %s ", owner, record->ttl,
	                   probe_type_text(record->type, type, sizeof(type)));
	if (len <= 0 || !probe_rdata_text(record->type, record->rdata, record->rdlen, line + len,
	                                  LINE_MAX_OCTETS - len)) {
		return NULL;
	}
	return json_string(line);
}

static json_t *records_json(const probe_answer_t *answer, size_t first, size_t end)
{
	json_t *array = json_array();
	char *line = malloc(LINE_MAX_OCTETS);
	bool ok = line != NULL;
	for (size_t i = first; ok && i < end; i++) {
		ok = json_array_append_new(array, record_json(&answer->record[i], line)) == 0;
	}
	free(line);
	return end_list(array, ok);
}

static json_t *flags_json(const probe_answer_t *answer)
{
	const struct {
		bool is;
		const char *word;
	} flags[] = {
		{ answer->aa, "aa" },
		{ answer->cut, "tc" },
		{ answer->ra, "ra" },
		{ answer->ad, "ad" },
	};
	json_t *array = json_array();
	bool ok = true;
	for (size_t i = 0; ok && i < sizeof(flags) / sizeof(flags[0]); i++) {
		ok = !flags[i].is || json_array_append_new(array, json_string(flags[i].word)) == 0;
	}
	return end_list(array, ok);
}

static json_t *answer_json(const probe_server_t *server, const probe_question_t *question,
                           const probe_answer_t *answer)
{
	bool message = answer->outcome == PROBE_ANSWERED;
	char rcode[32], type[32];
	knot_dname_txt_storage_t name;
	return json_pack(
		"{s:s, s:s, s:{s:s, s:s}, s:i, s:s, s:s, s:s?, s:I, s:i, s:I, s:b, s:s?, s:s?, "
		"s:s, s:o, s:o, s:o}",
		"server", server->label, "transport", answer->tcp ? "tcp" : "udp", "question",
		"name", knot_dname_to_str(name, question->name, sizeof(name)), "type",
		probe_type_text(question->type, type, sizeof(type)), "purpose", question->purpose,
		"begun", question->tcp ? "tcp" : "udp", "outcome",
		probe_outcome_word[answer->outcome], "why", answer->why, "ms",
		(json_int_t)answer->ms, "tries", answer->tries, "size", (json_int_t)answer->size,
		"edns", answer->edns, "rcode",
		message ? probe_rcode_name(answer->rcode, rcode, sizeof(rcode)) : NULL, "says",
		message ? probe_said_word[answer->said] : NULL, "validated",
		probe_trust_word[answer->trust], "flags", flags_json(answer), "records",
		records_json(answer, 0, answer->answer_count), "authority",
		records_json(answer, answer->answer_count, answer->record_count));
}

static bool add_answers(const probe_zone_t *zone, json_t *array)
{
	for (size_t i = 0; i < zone->column_count; i++) {
		const probe_column_t *column = &zone->column[i];
		for (size_t j = 0; j < zone->question_count; j++) {
			if (column->answer[j].outcome != PROBE_UNASKED &&
			    json_array_append_new(array,
			                          answer_json(column->server, &zone->question[j],
			                                      &column->answer[j])) != 0) {
				return false;
			}
		}
	}
	return true;
}

static bool fill(const probe_report_t *report, json_t *document)
{
	const probe_zone_t *zone = report->zone;
	json_t *hosts = json_object_get(document, "hosts");
	json_t *findings = json_object_get(document, "findings");
	json_t *servers = json_array();
	json_t *answers = json_array();
	bool ok = set(document, "servers", servers);
	ok = set(document, "answers", answers) && ok;
	for (size_t i = 0; ok && i < report->verdict_count; i++) {
		json_t *host = json_array_get(hosts, i);
		ok = set(host, "denied_at", labels_json(zone, &report->verdict[i].denied_at)) &&
		     set(host, "unknown_at", labels_json(zone, &report->verdict[i].unknown_at));
	}
	for (size_t i = 0; ok && i < report->found_count; i++) {
		ok = set(json_array_get(findings, i), "servers",
		         labels_json(zone, &report->found[i].at));
	}
	for (size_t i = 0; ok && i < zone->column_count; i++) {
		ok = json_array_append_new(servers, server_json(&zone->column[i])) == 0;
	}
	return ok && add_answers(zone, answers);
}

bool probe_json(const probe_report_t *report, FILE *out)
{
	json_t *document = report_document(&report->report);
	bool ok = document != NULL && fill(report, document) &&
	          json_dumpf(document, out, JSON_COMPACT) == 0;
	json_decref(document);
	return ok;
}
