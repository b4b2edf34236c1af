/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief One query over UDP or TCP, and its answer. */

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <libknot/libknot.h>

#include "ask.h"
#include "source/clock.h"
#include "engine/hash.h"
#include "lock.h"

#define QUERY_MAX   512
#define UDP_MAX     1232 /* Octets of an answer over UDP: no fragments (RFC 9715). */
#define LENGTH_SIZE 2    /* Before each message over TCP (RFC 1035 section 4.2.2). */
#define SOA_MIN_LEN 22

/* Milliseconds that the server has for an answer; over TCP for all of it. */
#define TIMEOUT_UDP 500
#define TIMEOUT_TCP 3000

/* Milliseconds that all questions of a talk may take, and what each answer adds. */
#define WHOLE      30000
#define PER_ANSWER 10

/* Sockets that are open at a time: two of each thread, which has one talk at a time. There is room for
 * twice as many threads. */
#define SOCKETS 8

/* Hashes of the addresses and ports of these sockets; 0 is a free place. */
static _Atomic(uint64_t) own[SOCKETS];

static uint64_t hash_client(const struct sockaddr_storage *client)
{
	uint64_t hash;
	if (client->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)client;
		hash = hash_octets(HASH_SEED, &in6->sin6_addr, sizeof(in6->sin6_addr));
		hash = hash_octets(hash, &in6->sin6_port, sizeof(in6->sin6_port));
	} else {
		const struct sockaddr_in *in = (const struct sockaddr_in *)client;
		hash = hash_octets(HASH_SEED, &in->sin_addr, sizeof(in->sin_addr));
		hash = hash_octets(hash, &in->sin_port, sizeof(in->sin_port));
	}
	return hash == 0 ? 1 : hash;
}

bool ask_is_own(const struct sockaddr_storage *client)
{
	uint64_t hash = hash_client(client);
	bool found = false;
	for (size_t i = 0; i < SOCKETS; i++) {
		found = found || atomic_load(&own[i]) == hash;
	}
	return found;
}

/* Puts a value into a place that has another one. */
static void replace_own(uint64_t before, uint64_t after)
{
	for (size_t i = 0; i < SOCKETS; i++) {
		uint64_t expected = before;
		if (atomic_compare_exchange_strong(&own[i], &expected, after)) {
			return;
		}
	}
}

static uint64_t hash_socket(int fd)
{
	struct sockaddr_storage local = { .ss_family = AF_UNSPEC };
	socklen_t len = sizeof(local);
	(void)getsockname(fd, (struct sockaddr *)&local, &len);
	return hash_client(&local);
}

static void close_socket(int *fd)
{
	if (*fd >= 0) {
		replace_own(hash_socket(*fd), 0);
		close(*fd);
		*fd = -1;
	}
}

void ask_begin(ask_talk_t *talk, const struct sockaddr_storage *server)
{
	*talk = (ask_talk_t){ .server = server, .udp = -1, .tcp = -1, .end = clock_ms() + WHOLE };
	talk->buffer = malloc(LENGTH_SIZE + UINT16_MAX);
	talk->query = knot_pkt_new(NULL, QUERY_MAX, NULL);
}

static void close_all(ask_talk_t *talk)
{
	close_socket(&talk->udp);
	close_socket(&talk->tcp);
}

void ask_end(ask_talk_t *talk)
{
	close_all(talk);
	knot_pkt_free(talk->query);
	knot_pkt_free(talk->reply);
	free(talk->buffer);
}

/* Waits for a socket until a time. */
static bool await(int fd, short events, uint64_t until)
{
	for (;;) {
		uint64_t now = clock_ms();
		struct pollfd wait = { .fd = fd, .events = events };
		int ret = poll(&wait, 1, now < until ? (int)(until - now) : 0);
		if (ret >= 0 || errno != EINTR) {
			return ret > 0;
		}
	}
}

static int connect_to(const struct sockaddr_storage *server, int type, uint64_t until)
{
	socklen_t len = server->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
	                                                sizeof(struct sockaddr_in);
	int fd = socket(server->ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (const struct sockaddr *)server, len) != 0 &&
	    (errno != EINPROGRESS || !await(fd, POLLOUT, until))) {
		close(fd);
		return -1;
	}
	if (fd >= 0) {
		replace_own(0, hash_socket(fd));
	}
	return fd;
}

/* Takes a message for the answer if it is one. */
static bool take_reply(ask_talk_t *talk, const uint8_t *wire, size_t len)
{
	if (len < KNOT_WIRE_HEADER_SIZE || !knot_wire_get_qr(wire) ||
	    knot_wire_get_id(wire) != knot_wire_get_id(talk->query->wire)) {
		return false;
	}
	union {
		const uint8_t *in;
		uint8_t *out;
	} octets = { .in = wire };
	knot_pkt_free(talk->reply);
	talk->reply = knot_pkt_new(octets.out, (uint16_t)len, NULL);
	int ret = talk->reply == NULL ? KNOT_ENOMEM : knot_pkt_parse(talk->reply, 0);
	talk->memory = ret == KNOT_ENOMEM;
	return ret == KNOT_EOK && talk->reply->qname_size > 0 &&
	       knot_dname_is_case_equal(knot_pkt_qname(talk->reply), knot_pkt_qname(talk->query)) &&
	       knot_pkt_qtype(talk->reply) == knot_pkt_qtype(talk->query);
}

/* False if there is no whole answer. */
static bool exchange_udp(ask_talk_t *talk)
{
	uint64_t until = clock_ms() + TIMEOUT_UDP;
	if (talk->udp < 0) {
		talk->udp = connect_to(talk->server, SOCK_DGRAM, until);
	}
	if (talk->udp < 0 || send(talk->udp, talk->query->wire, talk->query->size, MSG_NOSIGNAL) !=
	                             (ssize_t)talk->query->size) {
		return false;
	}
	while (await(talk->udp, POLLIN, until)) {
		ssize_t len = recv(talk->udp, talk->buffer, UINT16_MAX, 0);
		if (len < 0) {
			return false; /* Nobody listens. */
		} else if (take_reply(talk, talk->buffer, (size_t)len)) {
			return !knot_wire_get_tc(talk->reply->wire);
		}
	}
	return false;
}

static bool send_all(int fd, const uint8_t *data, size_t len, uint64_t until)
{
	while (len > 0) {
		ssize_t sent = send(fd, data, len, MSG_NOSIGNAL);
		if (sent >= 0) {
			data += sent;
			len -= (size_t)sent;
		} else if ((errno != EAGAIN && errno != EINTR) || !await(fd, POLLOUT, until)) {
			return false;
		}
	}
	return true;
}

static bool receive_all(int fd, uint8_t *data, size_t len, uint64_t until)
{
	while (len > 0) {
		ssize_t got = recv(fd, data, len, 0);
		if (got > 0) {
			data += got;
			len -= (size_t)got;
		} else if (got == 0 || (errno != EAGAIN && errno != EINTR) ||
		           !await(fd, POLLIN, until)) {
			return false;
		}
		if (len > 0 && clock_ms() >= until) {
			return false;
		}
	}
	return true;
}

static bool exchange_tcp(ask_talk_t *talk)
{
	uint64_t until = clock_ms() + TIMEOUT_TCP;
	if (talk->tcp < 0) {
		talk->tcp = connect_to(talk->server, SOCK_STREAM, until);
	}
	uint8_t wire[LENGTH_SIZE + QUERY_MAX];
	knot_wire_write_u16(wire, (uint16_t)talk->query->size);
	memcpy(wire + LENGTH_SIZE, talk->query->wire, talk->query->size);
	if (talk->tcp < 0 || !send_all(talk->tcp, wire, LENGTH_SIZE + talk->query->size, until) ||
	    !receive_all(talk->tcp, talk->buffer, LENGTH_SIZE, until)) {
		return false;
	}
	uint16_t len = knot_wire_read_u16(talk->buffer);
	return receive_all(talk->tcp, talk->buffer + LENGTH_SIZE, len, until) &&
	       take_reply(talk, talk->buffer + LENGTH_SIZE, len);
}

void ask_over_tcp(ask_talk_t *talk)
{
	if (talk->tcp < 0) {
		talk->tcp = connect_to(talk->server, SOCK_STREAM, clock_ms() + TIMEOUT_TCP);
	}
}

static bool exchange(ask_talk_t *talk)
{
	if (talk->tcp < 0 && exchange_udp(talk)) {
		return true;
	}
	bool fresh = talk->tcp < 0;
	if (exchange_tcp(talk)) {
		return true;
	}
	close_all(talk);
	/* The server closes connections when it needs them: once more over another one. */
	return !fresh && exchange_tcp(talk);
}

/* Makes the question; false if it does not fit, or memory is out. */
static bool put_question(ask_talk_t *talk, const knot_dname_t *name, uint16_t type)
{
	knot_pkt_t *query = talk->query;
	if (knot_pkt_put_question(query, name, KNOT_CLASS_IN, type) != KNOT_EOK) {
		return false;
	} else if (!talk->signatures) {
		return true;
	}
	knot_rrset_t opt;
	if (knot_edns_init(&opt, UDP_MAX, 0, 0, &query->mm) != KNOT_EOK) {
		talk->memory = true;
		return false;
	}
	knot_edns_set_do(&opt);
	if (knot_pkt_begin(query, KNOT_ADDITIONAL) != KNOT_EOK ||
	    knot_pkt_put(query, KNOT_COMPR_HINT_NONE, &opt, KNOT_PF_FREE) != KNOT_EOK) {
		knot_rrset_clear(&opt, &query->mm);
		talk->memory = true; /* There is room for it behind any name. */
		return false;
	}
	return true;
}

ask_t ask_question(ask_talk_t *talk, const knot_dname_t *name, uint16_t type)
{
	uint16_t id;
	lock_assert_io();
	if (talk->buffer == NULL || talk->query == NULL) {
		return ASK_MEMORY;
	}
	if (clock_ms() >= talk->end || getrandom(&id, sizeof(id), 0) != sizeof(id)) {
		return ASK_SILENCE;
	}
	talk->memory = false;
	knot_pkt_clear(talk->query);
	knot_wire_set_id(talk->query->wire, id);
	if (!put_question(talk, name, type) || !exchange(talk)) {
		return talk->memory ? ASK_MEMORY : ASK_SILENCE;
	}
	talk->end += PER_ANSWER;
	talk->rcode = knot_wire_get_rcode(talk->reply->wire);
	switch (talk->rcode) {
	case KNOT_RCODE_NOERROR:
	case KNOT_RCODE_NXDOMAIN:
		return ASK_ANSWER;
	case KNOT_RCODE_SERVFAIL:
		return ASK_UNSERVED;
	default:
		return ASK_REFUSED;
	}
}

ask_t ask_serial(ask_talk_t *talk, const knot_dname_t *zone, uint32_t *serial)
{
	ask_t said = ask_question(talk, zone, KNOT_RRTYPE_SOA);
	if (said != ASK_ANSWER) {
		return said;
	}
	const knot_pktsection_t *answer = knot_pkt_section(talk->reply, KNOT_ANSWER);
	for (unsigned i = 0; i < answer->count; i++) {
		const knot_rrset_t *rr = knot_pkt_rr(answer, i);
		if (rr->type == KNOT_RRTYPE_SOA && knot_dname_is_case_equal(rr->owner, zone) &&
		    rr->rrs.count > 0 && rr->rrs.rdata->len >= SOA_MIN_LEN) {
			*serial = knot_soa_serial(rr->rrs.rdata);
			return ASK_ANSWER;
		}
	}
	return ASK_REFUSED;
}
