/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The walk from the root: from one zone cut to the next, as a resolver does.
 *
 * What a server says counts for names below its zone only. Queries go through the loop of the run,
 * so that other zones go on meanwhile, and nobody is asked faster than the rate allows.
 */

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/codes.h>
#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "engine/array.h"
#include "run.h"

/*! Zone cuts between the root and any name: more is a circle. */
#define STEPS_MAX 32
/*! Queries for one question of the caller: a tree of servers without addresses has an end. */
#define QUERIES_MAX 200
/*! Addresses that are looked up for addresses. */
#define DEPTH_MAX 3
/*! Name servers of one zone that are looked at. */
#define SERVERS_MAX 16
/*! Addresses of the servers of one zone. */
#define ADDRESSES_MAX 64
#define DNS_PORT      53

/*! A zone, and who serves it. */
typedef struct {
	knot_dname_t *zone; /*!< Lower case. */
	struct sockaddr_storage *addr;
	size_t addr_count;
} cut_t;

struct probe_walk {
	probe_t *probe;
	cut_t *cut; /*!< The first is where the walk begins. */
	size_t cut_count;
	namemap_t index;  /*!< Of the cuts: number, and 1 more. */
	unsigned queries; /*!< For the question of the caller. */
};

/*! A question on its way. */
typedef struct {
	exchange_t exchange; /*!< Must be the first. */
	knot_dname_storage_t name;
	probe_answer_t answer;
	bool done;
	bool left; /*!< The loop has failed, and nobody waits. */
} waiting_t;

/*! What is known of a step. */
typedef struct {
	const cut_t *cut;       /*!< Who was asked. */
	probe_server_t *server; /*!< Which of its servers answered. */
	probe_answer_t answer;
} step_t;

/* --- Asking -------------------------------------------------------------------------------- */

static void on_done(exchange_t *exchange, probe_answer_t *answer)
{
	waiting_t *waiting = (waiting_t *)exchange;
	if (waiting->left) {
		probe_answer_clear(answer);
		free(waiting);
		return;
	}
	waiting->answer = *answer;
	waiting->done = true;
	*answer = (probe_answer_t){ 0 };
}

static void on_drop(exchange_t *exchange)
{
	free(exchange);
}

/*! Asks one server and waits for the answer; returns false if out of memory, or if the loop fails. */
static bool ask(probe_walk_t *walk, const knot_dname_t *zone, probe_server_t *server,
                const knot_dname_t *name, uint16_t type, bool edns, probe_answer_t *out)
{
	net_t *net = run_net(walk->probe);
	waiting_t *waiting = calloc(1, sizeof(*waiting));
	if (waiting == NULL) {
		return false;
	}
	memcpy(waiting->name, name, knot_dname_size(name));
	waiting->exchange = (exchange_t){
		.query = { .zone = zone,
		           .name = waiting->name,
		           .type = type,
		           .edns = edns,
		           .glue = true },
		.queue = run_queue(server),
		.done = on_done,
		.drop = on_drop,
	};
	net_ask(net, &waiting->exchange);
	walk->queries++;
	while (!waiting->done) {
		if (net_step(net) != KNOT_EOK && !waiting->done) {
			waiting->left = true;
			return false;
		}
	}
	*out = waiting->answer;
	free(waiting);
	return true;
}

/*! Asks the servers of a zone, one after the other, until one says something of use. */
static int ask_any(probe_walk_t *walk, size_t nth, const knot_dname_t *name, uint16_t type,
                   step_t *out)
{
	for (size_t i = 0; i < walk->cut[nth].addr_count; i++) {
		cut_t *cut = &walk->cut[nth];
		if (walk->queries >= QUERIES_MAX) {
			return KNOT_ELIMIT;
		}
		probe_server_t *server = probe_server(walk->probe, &cut->addr[i], PROBE_SERVER);
		if (server == NULL) {
			return KNOT_ENOMEM;
		}
		probe_answer_t answer = { 0 };
		if (!ask(walk, cut->zone, server, name, type, true, &answer)) {
			return KNOT_ENOMEM;
		}
		if (run_is_edns_error(&answer)) {
			probe_answer_clear(&answer);
			if (!ask(walk, cut->zone, server, name, type, false, &answer)) {
				return KNOT_ENOMEM;
			}
		}
		if (probe_is_usable(&answer)) {
			// The next question begins with the server that answers.
			struct sockaddr_storage first = cut->addr[0];
			cut->addr[0] = cut->addr[i];
			cut->addr[i] = first;
			*out = (step_t){ cut, server, answer };
			return KNOT_EOK;
		}
		probe_answer_clear(&answer);
	}
	return KNOT_ETIMEOUT;
}

/* --- Zone cuts ----------------------------------------------------------------------------- */

static bool add_address(cut_t *cut, const struct sockaddr_storage *addr)
{
	for (size_t i = 0; i < cut->addr_count; i++) {
		if (memcmp(&cut->addr[i], addr, sizeof(*addr)) == 0) {
			return true;
		}
	}
	if (cut->addr_count == ADDRESSES_MAX) {
		return true;
	}
	struct sockaddr_storage *slot = array_extend(&cut->addr, &cut->addr_count, sizeof(*slot));
	if (slot == NULL) {
		return false;
	}
	*slot = *addr;
	return true;
}

bool probe_address(const caaudit_record_t *record, struct sockaddr_storage *out)
{
	*out = (struct sockaddr_storage){ 0 };
	if (record->type == KNOT_RRTYPE_A && record->rdlen == 4) {
		struct sockaddr_in *in = (struct sockaddr_in *)out;
		in->sin_family = AF_INET;
		in->sin_port = htons(DNS_PORT);
		memcpy(&in->sin_addr, record->rdata, 4);
		uint32_t host = ntohl(in->sin_addr.s_addr);
		// Not for a server of others: this network, this host, groups (RFC 6890).
		return host >> 24 != 0 && host >> 24 != 127 && host >> 28 < 0xe;
	}
	if (record->type == KNOT_RRTYPE_AAAA && record->rdlen == 16) {
		struct sockaddr_in6 *in = (struct sockaddr_in6 *)out;
		in->sin6_family = AF_INET6;
		in->sin6_port = htons(DNS_PORT);
		memcpy(&in->sin6_addr, record->rdata, 16);
		return !IN6_IS_ADDR_UNSPECIFIED(&in->sin6_addr) &&
		       !IN6_IS_ADDR_LOOPBACK(&in->sin6_addr) &&
		       !IN6_IS_ADDR_MULTICAST(&in->sin6_addr) &&
		       !IN6_IS_ADDR_LINKLOCAL(&in->sin6_addr) &&
		       !IN6_IS_ADDR_V4MAPPED(&in->sin6_addr);
	}
	return false;
}

static size_t find_cut(const probe_walk_t *walk, const knot_dname_t *zone)
{
	const namemap_item_t *item = namemap_find(&walk->index, zone, 0);
	return item != NULL ? item->value - 1 : walk->cut_count;
}

/*! The closest zone to a name that is known; above the name itself if \a above. */
static size_t closest_cut(const probe_walk_t *walk, const knot_dname_t *name, bool above)
{
	for (; *name != 0; name = probe_name_above(name), above = false) {
		size_t nth = find_cut(walk, name);
		if (!above && nth < walk->cut_count) {
			return nth;
		}
	}
	return 0;
}

/*! Notes a zone, or finds it; \a out is its number. */
static bool note_cut(probe_walk_t *walk, const knot_dname_t *zone, size_t *out)
{
	bool added = false;
	namemap_item_t *item = namemap_add(&walk->index, zone, 0, &added);
	if (item == NULL) {
		return false;
	}
	if (!added) {
		*out = item->value - 1;
		return true;
	}
	cut_t *cut = array_extend(&walk->cut, &walk->cut_count, sizeof(*cut));
	if (cut == NULL || (cut->zone = knot_dname_copy(zone, NULL)) == NULL) {
		return false;
	}
	item->value = walk->cut_count;
	*out = walk->cut_count - 1;
	return true;
}

probe_walk_t *probe_walk_new(probe_t *probe, const struct sockaddr_storage *addr, size_t count)
{
	static const knot_dname_t root[] = "";
	probe_walk_t *walk = calloc(1, sizeof(*walk));
	size_t nth = 0;
	if (walk == NULL) {
		return NULL;
	}
	walk->probe = probe;
	bool ok = note_cut(walk, root, &nth);
	for (size_t i = 0; ok && i < count; i++) {
		ok = add_address(&walk->cut[0], &addr[i]);
	}
	if (!ok) {
		probe_walk_free(walk);
		return NULL;
	}
	return walk;
}

void probe_walk_free(probe_walk_t *walk)
{
	if (walk == NULL) {
		return;
	}
	for (size_t i = 0; i < walk->cut_count; i++) {
		knot_dname_free(walk->cut[i].zone, NULL);
		free(walk->cut[i].addr);
	}
	free(walk->cut);
	namemap_clear(&walk->index);
	free(walk);
}

/* --- Steps --------------------------------------------------------------------------------- */

/*! The zone that a referral leads to, closer to the name than the one asked; NULL if it is none. */
static const knot_dname_t *referred(const step_t *step, const knot_dname_t *name)
{
	const probe_answer_t *answer = &step->answer;
	const knot_dname_t *to = NULL;
	if (answer->said != PROBE_SAID_REFERRAL) {
		return NULL;
	}
	for (size_t i = answer->answer_count; i < answer->record_count; i++) {
		const caaudit_record_t *record = &answer->record[i];
		if (record->type == KNOT_RRTYPE_SOA) {
			return NULL; // A server of the zone below as well has answered from there.
		}
		if (record->type == KNOT_RRTYPE_NS && *record->owner != 0 &&
		    knot_dname_in_bailiwick(record->owner, step->cut->zone) > 0 &&
		    knot_dname_in_bailiwick(name, record->owner) >= 0) {
			to = record->owner;
		}
	}
	return answer->answer_count == 0 ? to : NULL;
}

static int resolve(probe_walk_t *walk, const knot_dname_t *name, uint16_t type, unsigned depth,
                   step_t *out);

/*! Adds the addresses that a walk of its own finds for a server. */
static int add_looked_up(probe_walk_t *walk, size_t nth, const knot_dname_t *server, unsigned depth)
{
	static const uint16_t types[] = { KNOT_RRTYPE_A, KNOT_RRTYPE_AAAA };
	for (size_t i = 0; i < 2; i++) {
		step_t step = { NULL };
		int ret = resolve(walk, server, types[i], depth + 1, &step);
		for (size_t j = 0; ret == KNOT_EOK && j < step.answer.answer_count; j++) {
			struct sockaddr_storage addr;
			if (step.answer.record[j].type == types[i] &&
			    probe_address(&step.answer.record[j], &addr) &&
			    !add_address(&walk->cut[nth], &addr)) {
				ret = KNOT_ENOMEM;
			}
		}
		probe_answer_clear(&step.answer);
		if (ret == KNOT_ENOMEM) {
			return ret;
		}
	}
	return KNOT_EOK;
}

/*!
 * \brief Finds the addresses of the servers that a referral names.
 *
 * \param[in] all  Look for those of every server, not only if there is none otherwise.
 */
static int find_addresses(probe_walk_t *walk, const step_t *step, const knot_dname_t *zone,
                          bool all, unsigned depth, size_t *out)
{
	const probe_answer_t *answer = &step->answer;
	size_t servers = 0;
	int ret = KNOT_EOK;
	const caaudit_record_t *bare[SERVERS_MAX];
	size_t bare_count = 0;
	if (!note_cut(walk, zone, out)) {
		return KNOT_ENOMEM;
	}
	for (size_t i = answer->answer_count; i < answer->record_count; i++) {
		const caaudit_record_t *ns = &answer->record[i];
		size_t glue = 0;
		if (ns->type != KNOT_RRTYPE_NS || !probe_is_name(ns) ||
		    !knot_dname_is_equal(ns->owner, zone) || servers++ == SERVERS_MAX) {
			continue;
		}
		for (size_t j = answer->record_count; j < answer->record_count + answer->glue_count;
		     j++) {
			struct sockaddr_storage addr;
			if (!knot_dname_is_equal(answer->record[j].owner, ns->rdata) ||
			    !probe_address(&answer->record[j], &addr)) {
				continue;
			}
			glue++;
			if (!add_address(&walk->cut[*out], &addr)) {
				return KNOT_ENOMEM;
			}
		}
		// Below the zone itself only glue leads there.
		if (glue == 0 && knot_dname_in_bailiwick(ns->rdata, zone) < 0 &&
		    bare_count < SERVERS_MAX) {
			bare[bare_count++] = ns;
		}
	}
	for (size_t i = 0; ret == KNOT_EOK && i < bare_count && depth < DEPTH_MAX; i++) {
		if (all || walk->cut[*out].addr_count == 0) {
			ret = add_looked_up(walk, *out, bare[i]->rdata, depth);
		}
	}
	return ret;
}

/*! Goes down to whoever answers for a name, without following an alias. */
static int descend(probe_walk_t *walk, const knot_dname_t *name, uint16_t type, unsigned depth,
                   step_t *out)
{
	// DS is the parent's word (RFC 4035 section 3.1.4.1).
	size_t nth = closest_cut(walk, name, type == KNOT_RRTYPE_DS);
	for (unsigned steps = 0; steps < STEPS_MAX; steps++) {
		knot_dname_storage_t zone;
		int ret = ask_any(walk, nth, name, type, out);
		if (ret != KNOT_EOK) {
			return ret;
		}
		const knot_dname_t *to = referred(out, name);
		if (to == NULL) {
			return KNOT_EOK;
		}
		memcpy(zone, to, knot_dname_size(to));
		ret = find_addresses(walk, out, zone, false, depth, &nth);
		probe_answer_clear(&out->answer);
		if (ret != KNOT_EOK) {
			return ret;
		}
	}
	return KNOT_ELIMIT;
}

/*! The end of the aliases in an answer; the name itself without any. */
static const knot_dname_t *end_of(const probe_answer_t *answer, const knot_dname_t *name)
{
	return answer->target != NULL ? answer->target : name;
}

static bool has_data(const probe_answer_t *answer, const knot_dname_t *name, uint16_t type)
{
	for (size_t i = 0; i < answer->answer_count; i++) {
		if (answer->record[i].type == type &&
		    knot_dname_is_equal(answer->record[i].owner, end_of(answer, name))) {
			return true;
		}
	}
	return false;
}

static bool has_soa(const probe_answer_t *answer)
{
	for (size_t i = answer->answer_count; i < answer->record_count; i++) {
		if (answer->record[i].type == KNOT_RRTYPE_SOA) {
			return true;
		}
	}
	return false;
}

/*! Goes down, and along aliases. */
static int resolve(probe_walk_t *walk, const knot_dname_t *name, uint16_t type, unsigned depth,
                   step_t *out)
{
	knot_dname_storage_t at;
	memcpy(at, name, knot_dname_size(name));
	for (unsigned aliases = 0; aliases <= CAAUDIT_ALIASES_MAX; aliases++) {
		int ret = descend(walk, at, type, depth, out);
		if (ret != KNOT_EOK) {
			return ret;
		}
		const knot_dname_t *end = end_of(&out->answer, at);
		if (has_data(&out->answer, at, type)) {
			return KNOT_EOK;
		}
		if (knot_dname_is_equal(end, at) || has_soa(&out->answer)) {
			// RFC 2308 section 2: there is none, and an answer without SOA is no worse.
			return out->answer.aa ? KNOT_EOK : KNOT_ETIMEOUT;
		}
		memmove(at, end, knot_dname_size(end));
		probe_answer_clear(&out->answer);
	}
	return KNOT_ELIMIT;
}

int probe_walk_resolve(probe_walk_t *walk, const knot_dname_t *name, uint16_t type,
                       probe_answer_t *out)
{
	knot_dname_storage_t lower;
	step_t step = { NULL };
	memcpy(lower, name, knot_dname_size(name));
	knot_dname_to_lower(lower);
	walk->queries = 0;
	int ret = resolve(walk, lower, type, 0, &step);
	if (ret == KNOT_EOK) {
		*out = step.answer;
	} else {
		probe_answer_clear(&step.answer);
	}
	return ret;
}

/* --- The delegation ------------------------------------------------------------------------ */

/*! Is the zone answered for by the servers of its parent, so that nobody shows the delegation? */
static bool is_answered_by_child(const step_t *step, const knot_dname_t *zone)
{
	return has_data(&step->answer, zone, KNOT_RRTYPE_NS) && step->answer.aa;
}

static int ask_ds(probe_walk_t *walk, size_t parent, const knot_dname_t *zone,
                  probe_delegation_t *out)
{
	step_t step = { NULL };
	int ret = ask_any(walk, parent, zone, KNOT_RRTYPE_DS, &step);
	if (ret == KNOT_EOK) {
		out->ds = step.answer;
		out->has_ds = true;
	}
	return ret == KNOT_ENOMEM ? ret : KNOT_EOK;
}

int probe_walk_delegation(probe_walk_t *walk, const knot_dname_t *zone, probe_delegation_t *out)
{
	*out = (probe_delegation_t){ 0 };
	walk->queries = 0;
	size_t nth = closest_cut(walk, zone, true);
	for (unsigned steps = 0; steps < STEPS_MAX; steps++) {
		step_t step = { NULL };
		size_t below = nth;
		int ret = ask_any(walk, nth, zone, KNOT_RRTYPE_NS, &step);
		if (ret != KNOT_EOK) {
			return ret;
		}
		const knot_dname_t *to = referred(&step, zone);
		bool child = is_answered_by_child(&step, zone);
		if (to == NULL && !child) {
			probe_answer_clear(&step.answer);
			return KNOT_ENOENT;
		}
		knot_dname_storage_t at;
		memcpy(at, child ? zone : to, knot_dname_size(child ? zone : to));
		bool found = knot_dname_is_equal(at, zone);
		if (!child) {
			ret = find_addresses(walk, &step, at, found, 0, &below);
		}
		if (!found || ret != KNOT_EOK) {
			probe_answer_clear(&step.answer);
			if (ret != KNOT_EOK) {
				return ret;
			}
			nth = below;
			continue;
		}
		out->server = step.server;
		out->shown = !child;
		out->referral = step.answer;
		ret = ask_ds(walk, nth, zone, out);
		const cut_t *cut = &walk->cut[child ? nth : below];
		out->addr = calloc(cut->addr_count + 1, sizeof(*out->addr));
		if (ret != KNOT_EOK || out->addr == NULL) {
			return KNOT_ENOMEM;
		}
		for (size_t i = 0; i < cut->addr_count; i++) {
			out->addr[out->addr_count++] = cut->addr[i];
		}
		return KNOT_EOK;
	}
	return KNOT_ELIMIT;
}

void probe_delegation_clear(probe_delegation_t *delegation)
{
	probe_answer_clear(&delegation->referral);
	probe_answer_clear(&delegation->ds);
	free(delegation->addr);
	*delegation = (probe_delegation_t){ 0 };
}
