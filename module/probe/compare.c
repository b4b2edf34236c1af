/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What the answers of several servers come to: which is the reference, which
 *        differ, and who is at fault.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/codes.h>
#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "engine/array.h"
#include "engine/names.h"
#include "probe.h"

/*! Octets of the text of one finding; longer ones are cut. */
#define TEXT_MAX 2048
/*! Octets of what an answer says within such a text. */
#define SAYS_MAX 256

typedef struct {
	probe_zone_t *zone;
	probe_result_t *out;
	bool failed; /*!< Out of memory. */
} compare_t;

/* --- Answers ------------------------------------------------------------------------------- */

static int compare_records(const void *a, const void *b)
{
	const caaudit_record_t *x = *(const caaudit_record_t *const *)a;
	const caaudit_record_t *y = *(const caaudit_record_t *const *)b;
	if (x->type != y->type) {
		return x->type < y->type ? -1 : 1;
	}
	int ret = knot_dname_cmp(x->owner, y->owner);
	return ret != 0 ? ret : octets_compare(x->rdata, x->rdlen, y->rdata, y->rdlen);
}

/*! Sorts the records of the answer section that are no signatures: two signers may differ in these. */
static const caaudit_record_t **sort_records(const probe_answer_t *answer, size_t *count)
{
	const caaudit_record_t **record = calloc(answer->answer_count + 1, sizeof(*record));
	*count = 0;
	for (size_t i = 0; record != NULL && i < answer->answer_count; i++) {
		if (answer->record[i].type != KNOT_RRTYPE_RRSIG) {
			record[(*count)++] = &answer->record[i];
		}
	}
	if (*count > 1) {
		qsort(record, *count, sizeof(*record), compare_records);
	}
	return record;
}

static bool same_records(compare_t *compare, const probe_answer_t *a, const probe_answer_t *b)
{
	size_t a_count = 0, b_count = 0;
	const caaudit_record_t **x = sort_records(a, &a_count);
	const caaudit_record_t **y = sort_records(b, &b_count);
	compare->failed = compare->failed || x == NULL || y == NULL;
	bool same = x != NULL && y != NULL && a_count == b_count;
	for (size_t i = 0; same && i < a_count; i++) {
		same = compare_records(&x[i], &y[i]) == 0;
	}
	free(x);
	free(y);
	return same;
}

static bool same_answer(compare_t *compare, const probe_answer_t *a, const probe_answer_t *b)
{
	return a->said == b->said && same_records(compare, a, b);
}

/*! May two answers differ although the zone is the same? */
static bool is_comparable(const probe_answer_t *a, const probe_answer_t *b)
{
	// A server of the parent and the child answers from the child; aliases need not be followed.
	return a->said == b->said ||
	       (a->said != PROBE_SAID_REFERRAL && b->said != PROBE_SAID_REFERRAL &&
	        !(a->said == PROBE_SAID_ALIAS && a->open) &&
	        !(b->said == PROBE_SAID_ALIAS && b->open));
}

/*! Is what servers say to that question compared? */
static bool is_compared(const probe_question_t *question)
{
	return question->type != KNOT_RRTYPE_SOA &&
	       (question->purpose & ~(unsigned)PROBE_FOR_CONTROL) != 0;
}

/*! Does a CA decide by the answer? */
static bool is_decisive(const probe_question_t *question)
{
	return (question->purpose & (PROBE_FOR_CLIMB | PROBE_FOR_VALIDATION | PROBE_FOR_ABOVE |
	                             PROBE_FOR_ALIAS | PROBE_FOR_BESIDE)) != 0 ||
	       question->type == KNOT_RRTYPE_DNSKEY;
}

/* --- Reference ----------------------------------------------------------------------------- */

static void find_serial(compare_t *compare)
{
	probe_result_t *out = compare->out;
	for (size_t i = 0; i < compare->zone->column_count; i++) {
		const probe_column_t *column = &compare->zone->column[i];
		if (column->state == PROBE_COLUMN_GOOD && column->has_serial &&
		    column->server->kind != PROBE_RESOLVER &&
		    (!out->has_serial || probe_serial_before(out->serial, column->serial_max))) {
			out->has_serial = true;
			out->serial = column->serial_max;
		}
	}
	for (size_t i = 0; i < compare->zone->column_count && !out->has_serial; i++) {
		const probe_column_t *column = &compare->zone->column[i];
		if (column->state == PROBE_COLUMN_GOOD && column->has_serial) {
			out->has_serial = true;
			out->serial = column->serial_max;
		}
	}
}

static bool is_behind(const compare_t *compare, const probe_column_t *column)
{
	return column->state == PROBE_COLUMN_GOOD && column->has_serial &&
	       column->server->kind != PROBE_RESOLVER &&
	       probe_serial_before(column->serial, compare->out->serial);
}

/*! How much the word of a column is worth as a reference; 0 = nothing. */
static unsigned weight(const compare_t *compare, const probe_column_t *column)
{
	if (column->state != PROBE_COLUMN_GOOD) {
		return 0;
	}
	switch (column->server->kind) {
	case PROBE_ZONE:
		return 4;
	case PROBE_SERVER:
		return is_behind(compare, column) ? 2 : 3;
	case PROBE_RESOLVER:
		return 1;
	}
	return 0;
}

/*! Finds what most say of those whose word is worth most. */
static size_t find_reference(compare_t *compare, size_t question)
{
	const probe_zone_t *zone = compare->zone;
	size_t best = zone->column_count, best_votes = 0;
	unsigned best_weight = 0;
	for (size_t i = 0; i < zone->column_count; i++) {
		const probe_answer_t *answer = &zone->column[i].answer[question];
		unsigned own = weight(compare, &zone->column[i]);
		if (own == 0 || own < best_weight || !probe_is_usable(answer)) {
			continue;
		}
		size_t votes = 0;
		for (size_t j = 0; j < zone->column_count; j++) {
			const probe_answer_t *other = &zone->column[j].answer[question];
			votes += weight(compare, &zone->column[j]) == own &&
			         probe_is_usable(other) && same_answer(compare, answer, other);
		}
		if (own > best_weight || votes > best_votes) {
			best = i;
			best_votes = votes;
			best_weight = own;
		}
	}
	return best;
}

/* --- Cells --------------------------------------------------------------------------------- */

static probe_cell_t serial_cell(const compare_t *compare, const probe_column_t *column)
{
	const probe_answer_t *answer = &column->answer[PROBE_ROW_SOA];
	if (column->state != PROBE_COLUMN_GOOD) {
		return answer->outcome == PROBE_UNASKED ? PROBE_CELL_UNKNOWN : PROBE_CELL_FAILED;
	}
	if (column->serial == compare->out->serial) {
		return PROBE_CELL_SAME;
	}
	// What a resolver has in its cache, or a file was before it was signed, is no fault.
	return is_behind(compare, column) && column->server->kind == PROBE_SERVER ?
	               PROBE_CELL_OTHER :
	               PROBE_CELL_UNKNOWN;
}

static probe_cell_t tcp_cell(const probe_column_t *column)
{
	const probe_server_t *server = column->server;
	if (!server->tcp_asked || server->tcp == PROBE_LOCAL) {
		return PROBE_CELL_UNKNOWN;
	}
	return server->tcp == PROBE_ANSWERED ? PROBE_CELL_SAME : PROBE_CELL_FAILED;
}

static probe_cell_t find_cell(compare_t *compare, size_t question, size_t nth)
{
	const probe_zone_t *zone = compare->zone;
	const probe_column_t *column = &zone->column[nth];
	const probe_answer_t *answer = &column->answer[question];
	size_t reference = compare->out->reference[question];
	if (question == PROBE_ROW_SOA) {
		return serial_cell(compare, column);
	}
	if (zone->question[question].tcp) {
		return tcp_cell(column);
	}
	if (answer->outcome == PROBE_UNASKED || answer->outcome == PROBE_LOCAL) {
		return PROBE_CELL_UNKNOWN;
	}
	if (!probe_is_usable(answer)) {
		return PROBE_CELL_FAILED;
	}
	if (!is_compared(&zone->question[question])) {
		return PROBE_CELL_SAME;
	}
	if (reference == zone->column_count) {
		return PROBE_CELL_UNKNOWN;
	}
	const probe_answer_t *expected = &zone->column[reference].answer[question];
	if (reference != nth && !is_comparable(answer, expected)) {
		return PROBE_CELL_UNKNOWN;
	}
	return reference == nth || same_answer(compare, answer, expected) ? PROBE_CELL_SAME :
	                                                                    PROBE_CELL_OTHER;
}

static probe_cell_t cell(const compare_t *compare, size_t question, size_t column)
{
	return compare->out->cell[question * compare->zone->column_count + column];
}

static void find_cells(compare_t *compare)
{
	probe_zone_t *zone = compare->zone;
	probe_result_t *out = compare->out;
	for (size_t i = 0; i < zone->question_count; i++) {
		out->reference[i] = find_reference(compare, i);
		for (size_t j = 0; j < zone->column_count; j++) {
			out->cell[i * zone->column_count + j] = find_cell(compare, i, j);
		}
	}
	for (size_t j = 0; j < zone->column_count; j++) {
		probe_column_t *column = &zone->column[j];
		column->alike = column->state == PROBE_COLUMN_GOOD;
		for (size_t i = 0; i < zone->question_count && column->alike; i++) {
			probe_cell_t of = cell(compare, i, j);
			column->alike = zone->question[i].tcp ||
			                (of != PROBE_CELL_OTHER && of != PROBE_CELL_FAILED);
		}
		if (column->server->kind != PROBE_ZONE) {
			out->asked++;
			out->alike += column->alike;
		}
	}
}

/* --- Findings ------------------------------------------------------------------------------ */

static bool add_column(compare_t *compare, probe_finding_t *finding, size_t column)
{
	size_t *slot = array_extend(&finding->column, &finding->column_count, sizeof(*slot));
	if (slot == NULL) {
		compare->failed = true;
		return false;
	}
	*slot = column;
	return true;
}

bool probe_result_add(probe_result_t *out, caaudit_id_t id, caaudit_severity_t severity,
                      const knot_dname_t *owner, const char *text)
{
	probe_finding_t *finding = array_extend(&out->finding, &out->finding_count,
	                                        sizeof(*finding));
	if (finding == NULL) {
		return false;
	}
	*finding = (probe_finding_t){
		.id = id,
		.severity = severity,
		.owner = knot_dname_copy(owner, NULL),
		.text = strdup(text),
	};
	return finding->owner != NULL && finding->text != NULL;
}

/*! Adds a finding; one that says the same of another server speaks for both. */
__attribute__((format(printf, 6, 7))) static void report(compare_t *compare, size_t column,
                                                         caaudit_id_t id,
                                                         caaudit_severity_t severity,
                                                         const knot_dname_t *owner,
                                                         const char *format, ...)
{
	char text[TEXT_MAX];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	probe_result_t *out = compare->out;
	for (size_t i = 0; i < out->finding_count; i++) {
		probe_finding_t *finding = &out->finding[i];
		if (finding->id == id && finding->severity == severity &&
		    knot_dname_is_equal(finding->owner, owner) &&
		    strcmp(finding->text, text) == 0) {
			(void)add_column(compare, finding, column);
			return;
		}
	}
	compare->failed = !probe_result_add(out, id, severity, owner, text) ||
	                  !add_column(compare, &out->finding[out->finding_count - 1], column) ||
	                  compare->failed;
}

static const char *name_text(const knot_dname_t *name, knot_dname_txt_storage_t out)
{
	return knot_dname_to_str(out, name, sizeof(knot_dname_txt_storage_t)) != NULL ? out : "?";
}

const char *probe_type_text(uint16_t type, char *out, size_t size)
{
	if (knot_rrtype_to_string(type, out, size) <= 0) {
		(void)snprintf(out, size, "TYPE%u", type);
	}
	return out;
}

/*! "CAA at www.example.com.", and how many more questions that goes for. */
static void question_text(const probe_question_t *question, size_t more, char *out, size_t size)
{
	knot_dname_txt_storage_t name;
	char type[32];
	int len = snprintf(out, size, "%s at %s",
	                   probe_type_text(question->type, type, sizeof(type)),
	                   name_text(question->name, name));
	if (more > 0 && len > 0 && (size_t)len < size) {
		(void)snprintf(out + len, size - len, " and to %zu more question%s", more,
		               more == 1 ? "" : "s");
	}
}

static size_t count_good(const compare_t *compare)
{
	size_t good = 0;
	for (size_t i = 0; i < compare->zone->column_count; i++) {
		const probe_column_t *column = &compare->zone->column[i];
		good += column->state == PROBE_COLUMN_GOOD && column->server->kind != PROBE_ZONE;
	}
	return good;
}

static void others_text(const compare_t *compare, char *out, size_t size)
{
	(void)snprintf(out, size, "%zu of %zu servers", count_good(compare), compare->out->asked);
}

/*! What did not come, of an answer that is missing. */
static void missing_text(const probe_answer_t *answer, const char *by, char *out, size_t size)
{
	switch (answer->outcome) {
	case PROBE_CLOSED:
		(void)snprintf(out, size, "%s over %s",
		               answer->why != NULL ? answer->why : "closed", by);
		return;
	case PROBE_UNREACHABLE:
		(void)snprintf(out, size, "unreachable over %s", by);
		return;
	case PROBE_GARBAGE:
		(void)snprintf(out, size, "only messages over %s that nobody may believe (%s)", by,
		               answer->why != NULL ? answer->why : "refused");
		return;
	default:
		(void)snprintf(out, size, "%s over %s",
		               answer->why != NULL ? answer->why : "no answer", by);
		return;
	}
}

/*! Is it one of several addresses of IPv6, none of which answers from here? */
static bool is_without_ipv6(const compare_t *compare, size_t nth)
{
	size_t dead = 0;
	for (size_t i = 0; i < compare->zone->column_count; i++) {
		const probe_column_t *column = &compare->zone->column[i];
		if (column->server->addr.ss_family == AF_INET6) {
			if (column->state == PROBE_COLUMN_GOOD ||
			    column->state == PROBE_COLUMN_LAME) {
				return false;
			}
			dead++;
		}
	}
	return dead > 1 && compare->zone->column[nth].server->addr.ss_family == AF_INET6;
}

static void report_dead(compare_t *compare, size_t nth)
{
	const probe_column_t *column = &compare->zone->column[nth];
	const probe_server_t *server = column->server;
	char others[64], udp[128], tcp[128] = "";
	others_text(compare, others, sizeof(others));
	missing_text(&column->answer[PROBE_ROW_SOA], "UDP", udp, sizeof(udp));
	if (column->state == PROBE_COLUMN_SKIPPED) {
		(void)snprintf(udp, sizeof(udp), "no answer for the zones before");
	}
	if (server->tcp_asked && server->tcp == PROBE_ANSWERED) {
		(void)snprintf(tcp, sizeof(tcp), ", but an answer over TCP");
	} else if (server->tcp_asked && server->tcp != PROBE_LOCAL) {
		const probe_answer_t answer = { .outcome = server->tcp, .why = server->tcp_why };
		tcp[0] = ',';
		tcp[1] = ' ';
		missing_text(&answer, "TCP", tcp + 2, sizeof(tcp) - 2);
	}
	report(compare, nth, CAAUDIT_PROBE_SERVER_SILENT, CAAUDIT_WARNING, compare->zone->zone,
	       "%s%s; %s answer%s. A CA's resolver turns to another server after seconds, and fails "
	       "where too many are like that.",
	       udp, tcp, others,
	       is_without_ipv6(compare, nth) ?
	               "; no IPv6 address does, so that it may be the IPv6 of this host" :
	               "");
}

static void report_lame(compare_t *compare, size_t nth)
{
	const probe_column_t *column = &compare->zone->column[nth];
	const probe_answer_t *soa = &column->answer[PROBE_ROW_SOA];
	char others[64], says[SAYS_MAX];
	others_text(compare, others, sizeof(others));
	probe_answer_text(soa, &compare->zone->question[PROBE_ROW_SOA], says, sizeof(says));
	report(compare, nth, CAAUDIT_PROBE_SERVER_LAME, CAAUDIT_WARNING, compare->zone->zone,
	       "%s for the zone's SOA record; %s serve it. A CA's resolver turns to another "
	       "server, and fails where all are like that.",
	       says, others);
}

/*! Answers that a CA cannot use, of a server that has the zone. */
static void report_useless(compare_t *compare, size_t nth, const bool *dropped)
{
	const probe_zone_t *zone = compare->zone;
	const probe_column_t *column = &zone->column[nth];
	size_t first = zone->question_count, count = 0;
	for (size_t i = 0; i < zone->question_count; i++) {
		const probe_answer_t *answer = &column->answer[i];
		bool useless = (answer->outcome == PROBE_ANSWERED && !probe_is_usable(answer)) ||
		               answer->outcome == PROBE_GARBAGE;
		if (useless && !zone->question[i].tcp && !dropped[i]) {
			first = count == 0 ? i : first;
			count++;
		}
	}
	if (count == 0) {
		return;
	}
	const probe_answer_t *answer = &column->answer[first];
	char asked[KNOT_DNAME_TXT_MAXLEN + 64], says[SAYS_MAX];
	question_text(&zone->question[first], count - 1, asked, sizeof(asked));
	probe_answer_text(answer, &zone->question[first], says, sizeof(says));
	report(compare, nth, CAAUDIT_PROBE_SERVER_LAME, CAAUDIT_WARNING, zone->question[first].name,
	       "%s%s%s%s in answer to %s, from a server that has the zone. A CA's resolver turns to "
	       "another server, and fails where all are like that.",
	       says, answer->why != NULL ? " (" : "", answer->why != NULL ? answer->why : "",
	       answer->why != NULL ? ")" : "", asked);
}

/*!
 * \brief Finds the types that a server, or something before it, does not answer at all.
 *
 * \param[out] dropped  For each question whether its type is one of these.
 */
static void report_dropped(compare_t *compare, size_t nth, bool *dropped)
{
	const probe_zone_t *zone = compare->zone;
	const probe_answer_t *answer = zone->column[nth].answer;
	bool control = false;
	for (size_t i = 0; i < zone->question_count; i++) {
		control = control ||
		          (zone->question[i].type == KNOT_RRTYPE_A && probe_is_usable(&answer[i]));
	}
	for (size_t i = 0; control && i < zone->question_count; i++) {
		uint16_t type = zone->question[i].type;
		size_t asked = 0, silent = 0, errors = 0;
		bool before = false;
		if (type == KNOT_RRTYPE_SOA || type == KNOT_RRTYPE_A) {
			continue;
		}
		for (size_t j = 0; j < zone->question_count; j++) {
			if (zone->question[j].type == type && answer[j].outcome != PROBE_UNASKED) {
				before = before || j < i;
				asked++;
				silent += answer[j].outcome == PROBE_SILENT && !answer[j].cut;
				errors += answer[j].outcome == PROBE_ANSWERED &&
				          answer[j].said == PROBE_SAID_ERROR;
			}
		}
		if (before || asked == 0 || (silent < asked && errors < asked)) {
			continue;
		}
		for (size_t j = 0; j < zone->question_count; j++) {
			dropped[j] = dropped[j] || zone->question[j].type == type;
		}
		char word[32], name[32];
		bool caa = type == KNOT_RRTYPE_CAA;
		report(compare, nth, CAAUDIT_PROBE_TYPE_DROPPED, CAAUDIT_ERROR,
		       zone->question[i].name,
		       "%s to any question for type %s (%u), while A is answered. %s",
		       errors == asked ? probe_rcode_name(answer[i].rcode, word, sizeof(word)) :
		                         "no answer",
		       probe_type_text(type, name, sizeof(name)), type,
		       caa ? "A CA that gets no answer for CAA must not issue." :
		             "A CA that asks here does not see what it looks for.");
	}
}

/*! Answers that are lost or cut although others come: limits, or losses on the way. */
static void report_limited(compare_t *compare, size_t nth, const bool *dropped)
{
	const probe_zone_t *zone = compare->zone;
	size_t asked = 0, lost = 0, cut = 0;
	for (size_t i = 0; i < zone->question_count; i++) {
		const probe_answer_t *answer = &zone->column[nth].answer[i];
		if (zone->question[i].tcp || answer->outcome == PROBE_UNASKED || dropped[i]) {
			continue;
		}
		asked++;
		lost += answer->outcome == PROBE_SILENT && !answer->cut;
		// Any datagram holds so much: nothing but a limit truncates it.
		cut += answer->outcome == PROBE_ANSWERED && answer->cut && answer->tcp &&
		       answer->size <= PROBE_UDP_LEAST;
	}
	if (lost == 0 && cut == 0) {
		return;
	}
	report(compare, nth, CAAUDIT_PROBE_UDP_LIMITED, CAAUDIT_WARNING, zone->zone,
	       "of %zu questions over UDP %zu got no answer, twice, and %zu an answer that is truncated "
	       "although it would fit. An order makes as many, from each of several places.",
	       asked, lost, cut);
}

static void report_tcp(compare_t *compare, size_t nth)
{
	const probe_zone_t *zone = compare->zone;
	const probe_column_t *column = &zone->column[nth];
	const probe_server_t *server = column->server;
	const probe_answer_t first = { .outcome = server->tcp, .why = server->tcp_why };
	size_t question = zone->question_count, lost = 0;
	char missing[128], asked[KNOT_DNAME_TXT_MAXLEN + 64];
	for (size_t i = 0; i < zone->question_count; i++) {
		const probe_answer_t *answer = &column->answer[i];
		if (!zone->question[i].tcp && answer->cut && answer->outcome != PROBE_ANSWERED &&
		    answer->outcome != PROBE_LOCAL) {
			question = lost == 0 ? i : question;
			lost++;
		}
	}
	if (lost > 0) {
		question_text(&zone->question[question], lost - 1, asked, sizeof(asked));
		missing_text(&column->answer[question], "TCP", missing, sizeof(missing));
		report(compare, nth, CAAUDIT_PROBE_TCP_REFUSED, CAAUDIT_ERROR,
		       zone->question[question].name,
		       "%s, and over UDP the answer to %s is truncated. A CA that asks here gets no "
		       "answer.",
		       missing, asked);
	} else if (server->tcp_asked && server->tcp != PROBE_ANSWERED &&
	           server->tcp != PROBE_LOCAL) {
		missing_text(&first, "TCP", missing, sizeof(missing));
		report(compare, nth, CAAUDIT_PROBE_TCP_REFUSED, CAAUDIT_WARNING, zone->zone,
		       "%s, while UDP is answered. An answer that does not fit into a datagram is lost to "
		       "a CA that asks here.",
		       missing);
	}
}

static bool is_signed(const probe_zone_t *zone)
{
	for (size_t i = 0; i < zone->column_count; i++) {
		const probe_answer_t *dnskey = &zone->column[i].answer[PROBE_ROW_DNSKEY];
		if (dnskey->outcome == PROBE_ANSWERED && dnskey->said == PROBE_SAID_DATA) {
			return true;
		}
	}
	return false;
}

static void report_edns(compare_t *compare, size_t nth)
{
	const probe_server_t *server = compare->zone->column[nth].server;
	bool secure = is_signed(compare->zone);
	char word[32];
	if (server->edns == PROBE_EDNS_UNKNOWN || server->edns == PROBE_EDNS_FINE) {
		return;
	}
	// Which error it was, a report from elsewhere does not say.
	const char *error = server->edns_rcode == KNOT_RCODE_NOERROR ?
	                            "an error" :
	                            probe_rcode_name(server->edns_rcode, word, sizeof(word));
	report(compare, nth, CAAUDIT_PROBE_EDNS_BROKEN, secure ? CAAUDIT_ERROR : CAAUDIT_WARNING,
	       compare->zone->zone, "%s to a query with EDNS%s. %s",
	       server->edns == PROBE_EDNS_ERROR  ? error :
	       server->edns == PROBE_EDNS_SILENT ? "no answer" :
	                                           "an answer without EDNS",
	       server->edns == PROBE_EDNS_STRIPPED ? "" : ", while one without is answered",
	       secure ? "Without EDNS there are no signatures, and a CA must validate those of a "
	                "signed zone." :
	                "A CA's resolver tries without, and loses time.");
}

static void report_negative(compare_t *compare, size_t nth)
{
	const probe_zone_t *zone = compare->zone;
	size_t first = zone->question_count, count = 0;
	for (size_t i = 0; i < zone->question_count; i++) {
		const probe_answer_t *answer = &zone->column[nth].answer[i];
		if (answer->outcome == PROBE_ANSWERED && answer->no_soa) {
			first = count == 0 ? i : first;
			count++;
		}
	}
	if (count == 0) {
		return;
	}
	char asked[KNOT_DNAME_TXT_MAXLEN + 64];
	question_text(&zone->question[first], count - 1, asked, sizeof(asked));
	report(compare, nth, CAAUDIT_PROBE_NEGATIVE_WITHOUT_SOA, CAAUDIT_WARNING,
	       zone->question[first].name,
	       "a negative answer without SOA to %s. Some resolvers take such a server for lame, and "
	       "nobody can cache the answer.",
	       asked);
}

/*! What a validating resolver that asks this server does not believe. */
static void report_bogus(compare_t *compare, size_t nth)
{
	const probe_zone_t *zone = compare->zone;
	size_t first = zone->question_count, count = 0;
	for (size_t i = 0; i < zone->question_count; i++) {
		if (zone->column[nth].answer[i].trust == PROBE_TRUST_BOGUS) {
			first = count == 0 ? i : first;
			count++;
		}
	}
	if (count == 0) {
		return;
	}
	char asked[KNOT_DNAME_TXT_MAXLEN + 64], why[SAYS_MAX] = "", from[PROBE_LABEL_MAX + 8];
	const char *said = zone->column[nth].answer[first].trust_why;
	(void)snprintf(why, sizeof(why), "%s", said != NULL ? said : "");
	// The finding names the server anyway, so that one speaks for several.
	(void)snprintf(from, sizeof(from), " from %s", zone->column[nth].server->label);
	char *at = strstr(why, from);
	if (at != NULL) {
		memmove(at, at + strlen(from), strlen(at + strlen(from)) + 1);
	}
	question_text(&zone->question[first], count - 1, asked, sizeof(asked));
	report(compare, nth, CAAUDIT_PROBE_ANSWER_BOGUS, CAAUDIT_ERROR, zone->question[first].name,
	       "a CA's resolver that asks this server does not believe the answer to %s%s%s. Where it "
	       "finds no other server, no certificate is issued.",
	       asked, *why != '\0' ? ": " : "", why);
}

/*! The first question that is answered otherwise, decisive ones before others, and how many are. */
static size_t find_differing(const compare_t *compare, size_t nth, size_t *count, bool *decisive)
{
	const probe_zone_t *zone = compare->zone;
	size_t first = zone->question_count;
	*count = 0;
	*decisive = false;
	for (size_t i = 0; i < zone->question_count; i++) {
		if (!is_compared(&zone->question[i]) || cell(compare, i, nth) != PROBE_CELL_OTHER) {
			continue;
		}
		bool decides = is_decisive(&zone->question[i]);
		if (*count == 0 || (decides && !*decisive)) {
			first = i;
		}
		*decisive = *decisive || decides;
		(*count)++;
	}
	return first;
}

/*! Who gives the reference answer, as a subject. */
static void source_text(const compare_t *compare, size_t question, char *out, size_t size)
{
	const probe_zone_t *zone = compare->zone;
	size_t same = 0;
	const probe_column_t *reference = &zone->column[compare->out->reference[question]];
	for (size_t i = 0; i < zone->column_count; i++) {
		same += cell(compare, question, i) == PROBE_CELL_SAME &&
		        zone->column[i].server->kind != PROBE_ZONE;
	}
	if (reference->server->kind == PROBE_ZONE) {
		(void)snprintf(out, size, "%s", reference->server->label);
	} else if (same == 1) {
		(void)snprintf(out, size, "%s", reference->server->label);
	} else {
		(void)snprintf(out, size, "%zu servers", same);
	}
}

static void difference_text(const compare_t *compare, size_t nth, size_t question, size_t count,
                            char *out, size_t size)
{
	const probe_zone_t *zone = compare->zone;
	const probe_question_t *q = &zone->question[question];
	char asked[KNOT_DNAME_TXT_MAXLEN + 64], own[SAYS_MAX], theirs[SAYS_MAX];
	char source[PROBE_LABEL_MAX];
	question_text(q, 0, asked, sizeof(asked));
	probe_answer_text(&zone->column[nth].answer[question], q, own, sizeof(own));
	probe_answer_text(&zone->column[compare->out->reference[question]].answer[question], q,
	                  theirs, sizeof(theirs));
	source_text(compare, question, source, sizeof(source));
	int len = snprintf(out, size, "%s is %s here, and %s from %s", asked, own, theirs, source);
	if (count > 1 && len > 0 && (size_t)len < size) {
		(void)snprintf(out + len, size - len, " (%zu answers differ)", count);
	}
}

#define SEVERAL_PLACES                                                                             \
	"A CA asks from at least five places, and at most one of them may hear otherwise."

static void report_behind(compare_t *compare, size_t nth)
{
	const probe_zone_t *zone = compare->zone;
	const probe_column_t *column = &zone->column[nth];
	char differs[TEXT_MAX / 2] = "", serials[32];
	size_t count = 0, same = 0;
	bool decisive = false;
	size_t first = find_differing(compare, nth, &count, &decisive);
	int len = snprintf(serials, sizeof(serials), "%u", column->serial);
	if (column->serial_max != column->serial) {
		(void)snprintf(serials + len, sizeof(serials) - len, " and %u", column->serial_max);
	}
	if (count > 0) {
		memcpy(differs, "; ", sizeof("; "));
		difference_text(compare, nth, first, count, differs + 2, sizeof(differs) - 2);
	}
	for (size_t i = 0; i < zone->column_count; i++) {
		same += cell(compare, PROBE_ROW_SOA, i) == PROBE_CELL_SAME;
	}
	report(compare, nth, CAAUDIT_PROBE_SERIAL_BEHIND,
	       decisive ? CAAUDIT_ERROR : CAAUDIT_WARNING, zone->zone,
	       "serial %s, while %zu have %u%s. %s", serials, same, compare->out->serial, differs,
	       decisive ? SEVERAL_PLACES : "The next change may not arrive there either.");
}

static void report_differing(compare_t *compare, size_t nth)
{
	const probe_zone_t *zone = compare->zone;
	size_t count = 0;
	bool decisive = false;
	size_t first = find_differing(compare, nth, &count, &decisive);
	if (count == 0) {
		return;
	}
	char differs[TEXT_MAX / 2];
	difference_text(compare, nth, first, count, differs, sizeof(differs));
	bool resolver = zone->column[nth].server->kind == PROBE_RESOLVER;
	report(compare, nth, CAAUDIT_PROBE_ANSWERS_DIFFER,
	       decisive && !resolver ? CAAUDIT_ERROR : CAAUDIT_WARNING, zone->question[first].name,
	       "%s. %s", differs,
	       resolver ? "A resolver keeps what it has heard until the TTL ends." :
	       decisive ? SEVERAL_PLACES :
	                  "No certificate depends on it, but the zone is not the same there.");
}

static void report_column(compare_t *compare, size_t nth, bool *dropped)
{
	const probe_column_t *column = &compare->zone->column[nth];
	const probe_answer_t *soa = &column->answer[PROBE_ROW_SOA];
	bool server = column->server->kind == PROBE_SERVER;
	memset(dropped, 0, compare->zone->question_count * sizeof(*dropped));
	switch (column->state) {
	case PROBE_COLUMN_DEAD:
	case PROBE_COLUMN_SKIPPED:
		if (soa->outcome != PROBE_LOCAL) {
			report_dead(compare, nth);
		}
		return;
	case PROBE_COLUMN_LAME:
		report_lame(compare, nth);
		return;
	case PROBE_COLUMN_WAITING:
		return;
	case PROBE_COLUMN_GOOD:
		break;
	}
	if (column->server->kind == PROBE_ZONE) {
		return;
	}
	report_dropped(compare, nth, dropped);
	report_useless(compare, nth, dropped);
	report_limited(compare, nth, dropped);
	report_bogus(compare, nth);
	if (server) {
		report_tcp(compare, nth);
		report_edns(compare, nth);
		report_negative(compare, nth);
	}
	if (is_behind(compare, column)) {
		report_behind(compare, nth);
	} else {
		report_differing(compare, nth);
	}
}

static int compare_findings(const void *a, const void *b)
{
	const probe_finding_t *x = a, *y = b;
	if (x->severity != y->severity) {
		return x->severity < y->severity ? -1 : 1;
	}
	if (x->id != y->id) {
		return x->id < y->id ? -1 : 1;
	}
	if (x->column[0] != y->column[0]) {
		return x->column[0] < y->column[0] ? -1 : 1;
	}
	return knot_dname_cmp(x->owner, y->owner);
}

int probe_compare(probe_zone_t *zone, probe_result_t *out)
{
	compare_t compare = { .zone = zone, .out = out };
	*out = (probe_result_t){
		.reference = calloc(zone->question_count, sizeof(*out->reference)),
		.cell = calloc(zone->question_count * (zone->column_count + 1), sizeof(*out->cell)),
	};
	bool *dropped = calloc(zone->question_count, sizeof(*dropped));
	if (out->reference == NULL || out->cell == NULL || dropped == NULL) {
		free(dropped);
		return KNOT_ENOMEM;
	}
	find_serial(&compare);
	find_cells(&compare);
	for (size_t i = 0; i < zone->column_count; i++) {
		report_column(&compare, i, dropped);
	}
	free(dropped);
	if (compare.failed) {
		return KNOT_ENOMEM;
	}
	if (out->finding_count > 1) {
		qsort(out->finding, out->finding_count, sizeof(*out->finding), compare_findings);
	}
	return KNOT_EOK;
}

void probe_result_clear(probe_result_t *result)
{
	for (size_t i = 0; i < result->finding_count; i++) {
		knot_dname_free(result->finding[i].owner, NULL);
		free(result->finding[i].text);
		free(result->finding[i].column);
	}
	free(result->finding);
	free(result->reference);
	free(result->cell);
	*result = (probe_result_t){ 0 };
}
