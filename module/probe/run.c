/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief A run: which question goes to which server, and what follows from an answer.
 *
 * A server is first asked for the SOA record of a zone, and the first time over TCP as
 * well. Only one that has the zone is asked the rest. Zones are asked about side by
 * side, WINDOW of them at most, and are handed back in their order.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/codes.h>
#include <libknot/errcode.h>

#include "denial.h"
#include "run.h"

/*! Zones that are asked about at the same time. */
#define WINDOW 16
/*! Zones without an answer, one after the other, after which a server is not asked any more. */
#define SILENT_MAX 3
#define DNS_PORT   53

/*! A server, and what only the run needs of it. */
typedef struct listed {
	probe_server_t server; /*!< Must be the first. */
	net_queue_t *queue;    /*!< NULL if nobody asks it. */
	unsigned silent;       /*!< Zones without an answer, one after the other. */
	bool tcp_begun;        /*!< It was asked over TCP. */
	struct listed *next;
} listed_t;

struct probe {
	net_t *net;
	listed_t *listed;
	probe_zone_t *window[WINDOW];
	size_t first; /*!< In the window, the zone that is handed back next. */
	size_t count; /*!< Zones in the window. */
	size_t asked; /*!< Queries of all zones in the window so far. */
	size_t ended; /*!< Those that have ended. */
	bool failed;  /*!< Out of memory. */
};

/*! What a query is for. */
typedef enum {
	ROLE_FIRST,    /*!< SOA, before the server is asked anything else. */
	ROLE_PLAIN,    /*!< The same without EDNS. */
	ROLE_TCP,      /*!< The same over TCP. */
	ROLE_QUESTION, /*!< One of the zone's questions. */
} role_t;

/*! A query on its way. */
typedef struct {
	exchange_t exchange; /*!< Must be the first. */
	probe_t *probe;
	probe_zone_t *zone;
	size_t column;
	size_t question;
	role_t role;
} ask_t;

/* --- Servers ------------------------------------------------------------------------------- */

probe_t *probe_new(unsigned rate)
{
	probe_t *probe = calloc(1, sizeof(*probe));
	if (probe == NULL || (probe->net = net_new(rate)) == NULL) {
		free(probe);
		return NULL;
	}
	return probe;
}

void probe_free(probe_t *probe)
{
	if (probe == NULL) {
		return;
	}
	net_free(probe->net);
	for (; probe->count > 0; probe->count--) {
		probe_zone_free(probe->window[probe->first]);
		probe->first = (probe->first + 1) % WINDOW;
	}
	while (probe->listed != NULL) {
		listed_t *next = probe->listed->next;
		free(probe->listed);
		probe->listed = next;
	}
	free(probe);
}

net_t *run_net(const probe_t *probe)
{
	return probe->net;
}

net_queue_t *run_queue(probe_server_t *server)
{
	return ((listed_t *)server)->queue;
}

static bool same_address(const struct sockaddr_storage *a, const struct sockaddr_storage *b)
{
	if (a->ss_family != b->ss_family) {
		return false;
	}
	if (a->ss_family == AF_INET) {
		const struct sockaddr_in *x = (const struct sockaddr_in *)a;
		const struct sockaddr_in *y = (const struct sockaddr_in *)b;
		return x->sin_port == y->sin_port && x->sin_addr.s_addr == y->sin_addr.s_addr;
	}
	const struct sockaddr_in6 *x = (const struct sockaddr_in6 *)a;
	const struct sockaddr_in6 *y = (const struct sockaddr_in6 *)b;
	return x->sin6_port == y->sin6_port && x->sin6_scope_id == y->sin6_scope_id &&
	       memcmp(&x->sin6_addr, &y->sin6_addr, sizeof(x->sin6_addr)) == 0;
}

void run_address_text(const struct sockaddr_storage *addr, bool port_always, char *out, size_t size)
{
	char host[INET6_ADDRSTRLEN] = "";
	unsigned port = 0;
	if (addr->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)addr;
		(void)inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
		port = ntohs(in->sin_port);
	} else {
		const struct sockaddr_in6 *in = (const struct sockaddr_in6 *)addr;
		(void)inet_ntop(AF_INET6, &in->sin6_addr, host, sizeof(host));
		port = ntohs(in->sin6_port);
	}
	(void)snprintf(out, size, port == DNS_PORT && !port_always ? "%s" : "%s@%u", host, port);
}

static listed_t *list_server(probe_t *probe, probe_kind_t kind)
{
	listed_t *listed = calloc(1, sizeof(*listed));
	if (listed != NULL) {
		listed->server.kind = kind;
		listed->next = probe->listed;
		probe->listed = listed;
	}
	return listed;
}

probe_server_t *probe_server(probe_t *probe, const struct sockaddr_storage *addr, probe_kind_t kind)
{
	for (listed_t *listed = probe->listed; listed != NULL; listed = listed->next) {
		if (listed->server.kind == kind && listed->queue != NULL &&
		    same_address(&listed->server.addr, addr)) {
			return &listed->server;
		}
	}
	listed_t *listed = list_server(probe, kind);
	if (listed == NULL) {
		return NULL;
	}
	listed->server.addr = *addr;
	run_address_text(addr, false, listed->server.label, sizeof(listed->server.label));
	listed->queue = net_queue(probe->net, &listed->server);
	return listed->queue != NULL ? &listed->server : NULL;
}

probe_server_t *probe_server_named(probe_t *probe, const char *label, probe_kind_t kind)
{
	listed_t *listed = list_server(probe, kind);
	if (listed == NULL) {
		return NULL;
	}
	(void)snprintf(listed->server.label, sizeof(listed->server.label), "%s", label);
	return &listed->server;
}

/* --- Asking -------------------------------------------------------------------------------- */

static void on_again(exchange_t *exchange);
static void on_done(exchange_t *exchange, probe_answer_t *answer);

static void on_drop(exchange_t *exchange)
{
	free(exchange);
}

static void ask(probe_t *probe, probe_zone_t *zone, size_t column, size_t question, role_t role)
{
	listed_t *listed = (listed_t *)zone->column[column].server;
	const probe_question_t *q = &zone->question[question];
	ask_t *a = calloc(1, sizeof(*a));
	if (a == NULL) {
		probe->failed = true;
		return;
	}
	*a = (ask_t){
		.exchange = {
			.query = {
				.zone = zone->zone,
				.name = q->name,
				.type = q->type,
				// What TCP is like must not depend on EDNS.
				.edns = role != ROLE_PLAIN && role != ROLE_TCP &&
				        listed->server.edns != PROBE_EDNS_ERROR &&
				        listed->server.edns != PROBE_EDNS_SILENT,
				.resolver = listed->server.kind == PROBE_RESOLVER,
			},
			.queue = listed->queue,
			.tcp = q->tcp,
			.once = role == ROLE_PLAIN,
			.again = on_again,
			.done = on_done,
			.drop = on_drop,
		},
		.probe = probe,
		.zone = zone,
		.column = column,
		.question = question,
		.role = role,
	};
	zone->column[column].waiting++;
	probe->asked++;
	net_ask(probe->net, &a->exchange);
}

static void ask_from(probe_t *probe, probe_zone_t *zone, size_t column, size_t question)
{
	bool resolver = zone->column[column].server->kind == PROBE_RESOLVER;
	for (; question < zone->question_count; question++) {
		bool beside = zone->question[question].purpose == PROBE_FOR_BESIDE;
		if (question != PROBE_ROW_SOA && question != PROBE_ROW_TCP &&
		    !(resolver && beside)) {
			ask(probe, zone, column, question, ROLE_QUESTION);
		}
	}
}

/*! Asks questions that have come since of all servers that are being asked. */
static void ask_new(probe_t *probe, probe_zone_t *zone, size_t question)
{
	for (size_t i = 0; question < zone->question_count && i < zone->column_count; i++) {
		if (zone->column[i].asking) {
			ask_from(probe, zone, i, question);
		}
	}
}

/*! Where else a CA looks for a validation CNAME that is not at its owner: at every name above the host. */
static int ask_above(probe_zone_t *zone, const knot_dname_t *owner)
{
	int ret = KNOT_EOK;
	const knot_dname_t *host = *owner == 0 ? owner : probe_name_above(owner);
	while (ret == KNOT_EOK && knot_dname_in_bailiwick(host, zone->zone) > 0) {
		host = probe_name_above(host);
		knot_dname_storage_t above;
		size_t label = 1 + *owner;
		memcpy(above, owner, label);
		memcpy(above + label, host, knot_dname_size(host));
		ret = probe_zone_ask(zone, above, KNOT_RRTYPE_CNAME, false, PROBE_FOR_ABOVE);
	}
	return ret;
}

/*! What a validator asks the parent of a zone below (RFC 4035 section 5.2). */
static int ask_ds(probe_zone_t *zone, const probe_answer_t *answer)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; ret == KNOT_EOK && i < answer->record_count; i++) {
		const knot_dname_t *cut = denial_cut(zone->zone, answer, &answer->record[i]);
		if (cut != NULL) {
			ret = probe_zone_ask(zone, cut, KNOT_RRTYPE_DS, false, PROBE_FOR_ZONE);
		}
	}
	return ret;
}

/*! A server need not follow aliases within the zone; a resolver asks for the target. */
static int ask_target(probe_zone_t *zone, const probe_question_t *from, const knot_dname_t *target)
{
	size_t before = zone->question_count;
	if (from->aliases == CAAUDIT_ALIASES_MAX) {
		return KNOT_EOK;
	}
	int ret = probe_zone_ask(zone, target, from->type, false, PROBE_FOR_ALIAS);
	if (ret == KNOT_EOK && zone->question_count > before) {
		zone->question[before].aliases = from->aliases + 1;
	}
	return ret;
}

/*! Adds the questions that follow from an answer. */
static void follow_up(probe_t *probe, probe_zone_t *zone, size_t column, size_t question)
{
	// Copies: both arrays move when they grow. What they point to stays.
	const probe_question_t q = zone->question[question];
	const probe_answer_t answer = zone->column[column].answer[question];
	size_t before = zone->question_count;
	int ret = KNOT_EOK;
	if (answer.outcome != PROBE_ANSWERED) {
		return;
	}
	if (answer.said == PROBE_SAID_ALIAS && answer.open && q.type != KNOT_RRTYPE_A) {
		ret = ask_target(zone, &q, answer.target);
	} else if (answer.said == PROBE_SAID_REFERRAL) {
		ret = ask_ds(zone, &answer);
	} else if (q.purpose & PROBE_FOR_VALIDATION && q.type == KNOT_RRTYPE_CNAME &&
	           (answer.said == PROBE_SAID_NODATA || answer.said == PROBE_SAID_NXDOMAIN)) {
		ret = ask_above(zone, q.name);
	}
	probe->failed = probe->failed || ret == KNOT_ENOMEM;
	ask_new(probe, zone, before);
}

/* --- Answers ------------------------------------------------------------------------------- */

static void note_serial(probe_column_t *column, const probe_answer_t *answer)
{
	if (answer->outcome != PROBE_ANSWERED || !answer->has_serial) {
		return;
	}
	if (!column->has_serial || probe_serial_before(answer->serial, column->serial)) {
		column->serial = answer->serial;
	}
	if (!column->has_serial || probe_serial_before(column->serial_max, answer->serial)) {
		column->serial_max = answer->serial;
	}
	column->has_serial = true;
}

/*! Puts an answer into its cell, unless the server says too much altogether. */
static void put(probe_column_t *column, size_t question, probe_answer_t *answer)
{
	for (size_t i = 0; i < answer->record_count; i++) {
		column->octets += sizeof(*answer->record) +
		                  knot_dname_size(answer->record[i].owner) +
		                  answer->record[i].rdlen;
	}
	if (column->octets > PROBE_OCTETS_MAX) {
		uint8_t tries = answer->tries;
		probe_answer_clear(answer);
		answer->outcome = PROBE_GARBAGE;
		answer->why = "too much for one zone";
		answer->tries = tries;
		column->server->refused[PROBE_REFUSED_LARGE]++;
	}
	probe_answer_clear(&column->answer[question]);
	column->answer[question] = *answer;
	note_serial(column, answer);
	*answer = (probe_answer_t){ 0 };
}

/*! The server has said whether it has the zone. */
static void settle(probe_t *probe, probe_zone_t *zone, size_t nth, probe_answer_t *answer)
{
	probe_column_t *column = &zone->column[nth];
	listed_t *listed = (listed_t *)column->server;
	bool answered = answer->outcome == PROBE_ANSWERED;
	bool good = answered && answer->said == PROBE_SAID_DATA && answer->has_serial;
	put(column, PROBE_ROW_SOA, answer);
	listed->silent = answered ? 0 : listed->silent + 1;
	if (good) {
		column->asking = true;
		ask_from(probe, zone, nth, 0);
	} else {
		column->state = answered ? PROBE_COLUMN_LAME : PROBE_COLUMN_DEAD;
	}
}

bool run_is_edns_error(const probe_answer_t *answer)
{
	return answer->outcome == PROBE_ANSWERED && answer->said == PROBE_SAID_ERROR &&
	       (answer->rcode == KNOT_RCODE_FORMERR || answer->rcode == KNOT_RCODE_NOTIMPL ||
	        answer->rcode == KNOT_RCODE_BADVERS);
}

/*! Both questions for the SOA record have ended, or the one that was asked. */
static void settle_first(probe_t *probe, probe_zone_t *zone, size_t nth)
{
	probe_column_t *column = &zone->column[nth];
	probe_server_t *server = column->server;
	if (column->plain_done && column->plain.outcome == PROBE_ANSWERED &&
	    !run_is_edns_error(&column->plain)) {
		if (server->edns == PROBE_EDNS_UNKNOWN) {
			bool error = column->first.outcome == PROBE_ANSWERED;
			server->edns = error ? PROBE_EDNS_ERROR : PROBE_EDNS_SILENT;
			server->edns_rcode = error ? column->first.rcode : 0;
		}
		probe_answer_clear(&column->first);
		settle(probe, zone, nth, &column->plain);
		return;
	}
	probe_answer_clear(&column->plain);
	settle(probe, zone, nth, &column->first);
}

static void on_first(probe_t *probe, probe_zone_t *zone, size_t nth, bool edns,
                     probe_answer_t *answer)
{
	probe_column_t *column = &zone->column[nth];
	probe_server_t *server = column->server;
	bool unknown = edns && server->edns == PROBE_EDNS_UNKNOWN;
	bool error = unknown && run_is_edns_error(answer);
	column->first_done = true;
	column->first = *answer;
	*answer = (probe_answer_t){ 0 };
	if (column->first.outcome == PROBE_ANSWERED && !error) {
		if (unknown) {
			server->edns = column->first.edns ? PROBE_EDNS_FINE : PROBE_EDNS_STRIPPED;
		}
		column->plain_done = false; // EDNS works: what comes without is of no interest.
		settle_first(probe, zone, nth);
		return;
	}
	if (error && !column->plain_asked) {
		column->plain_asked = true;
		ask(probe, zone, nth, PROBE_ROW_SOA, ROLE_PLAIN);
	} else if (!column->plain_asked || column->plain_done) {
		settle_first(probe, zone, nth);
	}
}

static void on_plain(probe_t *probe, probe_zone_t *zone, size_t nth, probe_answer_t *answer)
{
	probe_column_t *column = &zone->column[nth];
	if (column->asking || column->state != PROBE_COLUMN_WAITING) {
		probe_answer_clear(answer);
		return;
	}
	column->plain_done = true;
	column->plain = *answer;
	*answer = (probe_answer_t){ 0 };
	if (column->first_done) {
		settle_first(probe, zone, nth);
	}
}

static void on_tcp(probe_zone_t *zone, size_t nth, probe_answer_t *answer)
{
	probe_column_t *column = &zone->column[nth];
	probe_server_t *server = column->server;
	server->tcp_asked = true;
	server->tcp = answer->outcome;
	server->tcp_why = answer->why;
	put(column, PROBE_ROW_TCP, answer);
}

static void on_again(exchange_t *exchange)
{
	ask_t *a = (ask_t *)exchange;
	probe_column_t *column = &a->zone->column[a->column];
	if (a->role == ROLE_FIRST && exchange->query.edns && !column->plain_asked &&
	    column->server->edns == PROBE_EDNS_UNKNOWN) {
		column->plain_asked = true;
		ask(a->probe, a->zone, a->column, PROBE_ROW_SOA, ROLE_PLAIN);
	}
}

static void on_done(exchange_t *exchange, probe_answer_t *answer)
{
	ask_t *a = (ask_t *)exchange;
	probe_t *probe = a->probe;
	a->zone->column[a->column].waiting--;
	probe->ended++;
	switch (a->role) {
	case ROLE_FIRST:
		on_first(probe, a->zone, a->column, exchange->query.edns, answer);
		break;
	case ROLE_PLAIN:
		on_plain(probe, a->zone, a->column, answer);
		break;
	case ROLE_TCP:
		on_tcp(a->zone, a->column, answer);
		break;
	case ROLE_QUESTION:
		put(&a->zone->column[a->column], a->question, answer);
		follow_up(probe, a->zone, a->column, a->question);
		break;
	}
	free(a);
}

/* --- Zones --------------------------------------------------------------------------------- */

static void start_zone(probe_t *probe, probe_zone_t *zone)
{
	for (size_t i = 0; i < zone->column_count; i++) {
		probe_column_t *column = &zone->column[i];
		listed_t *listed = (listed_t *)column->server;
		if (column->state != PROBE_COLUMN_WAITING || listed->queue == NULL) {
			continue;
		}
		if (listed->silent >= SILENT_MAX) {
			column->state = PROBE_COLUMN_SKIPPED;
			continue;
		}
		ask(probe, zone, i, PROBE_ROW_SOA, ROLE_FIRST);
		if (!listed->tcp_begun && listed->server.kind == PROBE_SERVER) {
			listed->tcp_begun = true;
			ask(probe, zone, i, PROBE_ROW_TCP, ROLE_TCP);
		}
	}
}

static bool is_complete(probe_zone_t *zone)
{
	for (size_t i = 0; i < zone->column_count; i++) {
		const probe_column_t *column = &zone->column[i];
		const listed_t *listed = (const listed_t *)column->server;
		if (column->waiting > 0 || (listed->tcp_begun && !listed->server.tcp_asked)) {
			return false;
		}
	}
	for (size_t i = 0; i < zone->column_count; i++) {
		probe_column_t *column = &zone->column[i];
		if (column->state == PROBE_COLUMN_WAITING && column->asking) {
			column->state = PROBE_COLUMN_GOOD;
		}
	}
	return true;
}

/*! Fills the window; returns whether the caller may have more zones. */
static bool fill_window(probe_t *probe, probe_caller_t *caller)
{
	while (probe->count < WINDOW) {
		probe_zone_t *zone = caller->next(caller);
		if (zone == NULL) {
			return false;
		}
		probe->window[(probe->first + probe->count++) % WINDOW] = zone;
		start_zone(probe, zone);
	}
	return true;
}

/*! Hands back the zones that are complete, in their order. */
static void empty_window(probe_t *probe, probe_caller_t *caller)
{
	while (probe->count > 0 && is_complete(probe->window[probe->first])) {
		probe_zone_t *zone = probe->window[probe->first];
		probe->first = (probe->first + 1) % WINDOW;
		probe->count--;
		caller->done(caller, zone);
	}
}

int probe_run(probe_t *probe, probe_caller_t *caller)
{
	bool more = true;
	int ret = KNOT_EOK;
	while (ret == KNOT_EOK) {
		more = more && fill_window(probe, caller);
		empty_window(probe, caller);
		if (probe->count == 0) {
			if (!more) {
				return KNOT_EOK;
			}
			continue;
		}
		if (caller->progress != NULL) {
			caller->progress(caller, probe->window[probe->first], probe->ended,
			                 probe->asked);
		}
		ret = net_step(probe->net);
		ret = probe->failed ? KNOT_ENOMEM : ret;
	}
	return ret == KNOT_ENOENT ? KNOT_ERROR : ret;
}
