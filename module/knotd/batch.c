/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Sends queries in groups, and receives what comes back. */

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include <libknot/libknot.h>

#include "batch.h"
#include "source/clock.h"
#include "lock.h"

/* Queries of a group. The next group waits until half of them are answered, so that the server
 * has room for all in its socket. */
#define GROUP 64

/* Milliseconds: a group waits so long for the answers to the one before, */
#define GROUP_WAIT 20
/* the last one so long, */
#define LAST_WAIT 200
/* and all of it takes so long at most. */
#define TIMEOUT 1000

/* Octets of a query: the header, one question. */
#define QUERY_MAX (KNOT_WIRE_HEADER_SIZE + KNOT_DNAME_MAXLEN + 4)

/* Questions of a batch and what became of them; the message id of a query is its place. */
typedef struct {
	const knot_dname_t *const *zone;
	batch_t *result;
	size_t count;
	size_t waiting; /* Queries without an answer. */
	uint16_t base;  /* Message id of the first query. */
	int fd;
	uint64_t end; /* Time in milliseconds at which it is over. */
} run_t;

static size_t write_query(uint8_t *wire, uint16_t id, const knot_dname_t *zone)
{
	size_t len = knot_dname_size(zone);
	memset(wire, 0, KNOT_WIRE_HEADER_SIZE);
	knot_wire_set_id(wire, id);
	knot_wire_set_qdcount(wire, 1);
	memcpy(wire + KNOT_WIRE_HEADER_SIZE, zone, len);
	uint8_t *end = wire + KNOT_WIRE_HEADER_SIZE + len;
	knot_wire_write_u16(end, KNOT_RRTYPE_SOA);
	knot_wire_write_u16(end + 2, KNOT_CLASS_IN);
	return KNOT_WIRE_HEADER_SIZE + len + 4;
}

/* Sends the queries from a place on; returns how many. */
static size_t send_group(run_t *run, size_t first)
{
	uint8_t wire[GROUP][QUERY_MAX];
	struct iovec part[GROUP];
	struct mmsghdr message[GROUP];
	size_t count = run->count - first < GROUP ? run->count - first : GROUP;
	memset(message, 0, sizeof(message));
	for (size_t i = 0; i < count; i++) {
		part[i].iov_base = wire[i];
		part[i].iov_len = write_query(wire[i], (uint16_t)(run->base + first + i),
		                              run->zone[first + i]);
		message[i].msg_hdr.msg_iov = &part[i];
		message[i].msg_hdr.msg_iovlen = 1;
	}
	int sent = sendmmsg(run->fd, message, (unsigned)count, MSG_NOSIGNAL);
	if (sent < 0 && errno == ECONNREFUSED) {
		/* An earlier query has met a port that nobody listens on. */
		sent = sendmmsg(run->fd, message, (unsigned)count, MSG_NOSIGNAL);
	}
	for (int i = 0; i < sent; i++) {
		run->result[first + (size_t)i] = BATCH_SENT;
	}
	return sent < 0 ? 0 : (size_t)sent;
}

static void take_answer(run_t *run, const uint8_t *wire)
{
	size_t nth = (uint16_t)(knot_wire_get_id(wire) - run->base);
	if (nth < run->count && run->result[nth] == BATCH_SENT && knot_wire_get_qr(wire)) {
		run->result[nth] = knot_wire_get_tc(wire) ? BATCH_TRUNCATED : BATCH_ANSWERED;
		run->waiting -= run->waiting > 0;
	}
}

static void receive(run_t *run)
{
	uint8_t wire[GROUP][KNOT_WIRE_HEADER_SIZE]; /* The rest is cut off. */
	struct iovec part[GROUP];
	struct mmsghdr message[GROUP];
	int count;
	do {
		memset(message, 0, sizeof(message));
		for (size_t i = 0; i < GROUP; i++) {
			part[i] = (struct iovec){ wire[i], sizeof(wire[i]) };
			message[i].msg_hdr.msg_iov = &part[i];
			message[i].msg_hdr.msg_iovlen = 1;
		}
		count = recvmmsg(run->fd, message, GROUP, MSG_DONTWAIT, NULL);
		for (int i = 0; i < count; i++) {
			if (message[i].msg_len == sizeof(wire[i])) {
				take_answer(run, wire[i]);
			}
		}
	} while (count == GROUP);
}

/* Receives until few enough queries wait for an answer, or no more answers come in time. */
static void await(run_t *run, size_t few, uint64_t patience)
{
	uint64_t now = clock_ms();
	uint64_t end = now + patience < run->end ? now + patience : run->end;
	receive(run);
	while (run->waiting > few && now < end) {
		struct pollfd wait = { .fd = run->fd, .events = POLLIN };
		if (poll(&wait, 1, (int)(end - now)) > 0 && (wait.revents & POLLIN) == 0) {
			break; /* Nobody listens. */
		}
		receive(run);
		now = clock_ms();
	}
}

static bool connect_to(run_t *run, const struct sockaddr_storage *server)
{
	socklen_t len = server->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
	                                                sizeof(struct sockaddr_in);
	run->fd = socket(server->ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return run->fd >= 0 && connect(run->fd, (const struct sockaddr *)server, len) == 0 &&
	       getrandom(&run->base, sizeof(run->base), 0) == sizeof(run->base);
}

void batch_ask(const struct sockaddr_storage *server, const knot_dname_t *const *zone, size_t count,
               batch_t *result)
{
	run_t run = {
		.zone = zone,
		.result = result,
		.count = count,
		.end = clock_ms() + TIMEOUT,
	};
	lock_assert_io();
	for (size_t i = 0; i < count; i++) {
		result[i] = BATCH_UNSENT;
	}
	if (connect_to(&run, server)) {
		size_t first = 0, sent = 1;
		while (first < count && sent > 0 && clock_ms() < run.end) {
			sent = send_group(&run, first);
			first += sent;
			run.waiting += sent;
			await(&run, GROUP / 2, GROUP_WAIT);
			if (run.waiting > GROUP / 2) {
				run.waiting = GROUP / 2; /* The others are lost. */
			}
		}
		await(&run, 0, LAST_WAIT);
	}
	if (run.fd >= 0) {
		close(run.fd);
	}
}
