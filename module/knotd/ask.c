/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief One query for the SOA record over UDP, and its answer. */

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <libknot/libknot.h>

#include "ask.h"
#include "lock.h"

#define MESSAGE_MAX 1232
#define SOA_MIN_LEN 22

#define TIMEOUT 1000 /* Milliseconds that the server has for an answer. */
#define PAUSE   60   /* Seconds without questions after one that had no answer. */

static ask_t judge(knot_pkt_t *reply, const knot_dname_t *zone, uint32_t *serial)
{
	if (knot_pkt_parse(reply, 0) != KNOT_EOK || !knot_wire_get_qr(reply->wire)) {
		return ASK_UNKNOWN;
	}
	if (knot_wire_get_rcode(reply->wire) == KNOT_RCODE_SERVFAIL) {
		return ASK_UNSERVED;
	}
	const knot_pktsection_t *answer = knot_pkt_section(reply, KNOT_ANSWER);
	for (unsigned i = 0; i < answer->count; i++) {
		const knot_rrset_t *rr = knot_pkt_rr(answer, i);
		if (rr->type == KNOT_RRTYPE_SOA && knot_dname_is_case_equal(rr->owner, zone) &&
		    rr->rrs.count > 0 && rr->rrs.rdata->len >= SOA_MIN_LEN) {
			*serial = knot_soa_serial(rr->rrs.rdata);
			return ASK_SERIAL;
		}
	}
	return ASK_UNKNOWN;
}

static socklen_t address_len(const struct sockaddr_storage *addr)
{
	return addr->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
	                                     sizeof(struct sockaddr_in);
}

/* Sends the query and receives what comes back. */
static bool exchange(const struct sockaddr_storage *server, const knot_pkt_t *query,
                     knot_pkt_t *reply, int timeout)
{
	int fd = socket(server->ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return false;
	}
	bool done = false;
	if (connect(fd, (const struct sockaddr *)server, address_len(server)) == 0 &&
	    send(fd, query->wire, query->size, MSG_NOSIGNAL) == (ssize_t)query->size) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		ssize_t len = poll(&wait, 1, timeout) == 1 ?
		                      recv(fd, reply->wire, reply->max_size, 0) :
		                      -1;
		if (len >= KNOT_WIRE_HEADER_SIZE) {
			reply->size = (size_t)len;
			done = knot_wire_get_id(reply->wire) == knot_wire_get_id(query->wire);
		}
	}
	close(fd);
	return done;
}

ask_t ask_serial(const struct sockaddr_storage *server, const knot_dname_t *zone, int timeout,
                 uint32_t *serial)
{
	ask_t out = ASK_SILENCE;
	lock_assert_io();
	knot_pkt_t *query = knot_pkt_new(NULL, MESSAGE_MAX, NULL);
	knot_pkt_t *reply = knot_pkt_new(NULL, MESSAGE_MAX, NULL);
	uint16_t id = 0;
	if (query != NULL && reply != NULL && getrandom(&id, sizeof(id), 0) == sizeof(id) &&
	    knot_pkt_put_question(query, zone, KNOT_CLASS_IN, KNOT_RRTYPE_SOA) == KNOT_EOK) {
		knot_wire_set_id(query->wire, id);
		if (exchange(server, query, reply, timeout)) {
			out = judge(reply, zone, serial);
		}
	}
	knot_pkt_free(query);
	knot_pkt_free(reply);
	return out;
}

static long long seconds(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

ask_t ask_served(const struct sockaddr_storage *server, const knot_dname_t *zone, uint32_t *serial)
{
	static atomic_llong silent_until;
	if (seconds() < atomic_load(&silent_until)) {
		return ASK_SILENCE;
	}
	ask_t answer = ask_serial(server, zone, TIMEOUT, serial);
	if (answer == ASK_SILENCE) {
		atomic_store(&silent_until, seconds() + PAUSE);
	}
	return answer;
}
