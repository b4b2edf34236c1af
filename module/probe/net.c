/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The poll(2) loop: pace, queries in flight, time-outs, UDP and TCP. */

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <libknot/errcode.h>
#include <libknot/wire.h>

#include "source/clock.h"
#include "net.h"

/*! Octets of the length before each message over TCP (RFC 1035 section 4.2.2). */
#define LENGTH_SIZE 2
/*! Messages that one exchange refuses before it gives up, and that are read at one event. */
#define REFUSED_MAX 32
/*! Longest wait of poll(2) in milliseconds, so that progress can be shown. */
#define WAIT_MAX_MS 200

/*! What an exchange in flight waits for. */
typedef enum {
	STEP_UDP,        /*!< A datagram. */
	STEP_CONNECTING, /*!< The connection. */
	STEP_SENDING,    /*!< Room to send in. */
	STEP_RECEIVING,  /*!< The rest of the message. */
} step_t;

/*! A place for an exchange in flight. */
typedef struct {
	exchange_t *exchange; /*!< NULL if the slot is free. */
	step_t step;
	int fd;
	int64_t again; /*!< When to send once more, 0 if that is not to be. Times are microseconds of
	                       the monotonic clock. */
	int64_t deadline;       /*!< When to give up. */
	unsigned refused_count; /*!< Messages refused. */
	const char *refused;    /*!< The last reason. */
	uint8_t query[LENGTH_SIZE + PACKET_QUERY_MAX];
	size_t query_size; /*!< Without the length. */
	size_t sent;       /*!< Octets sent over TCP. */
	uint8_t *buffer;   /*!< Length and message that come over TCP, or NULL. */
	size_t received;
	size_t room; /*!< Octets of \a buffer. */
} slot_t;

struct net_queue {
	probe_server_t *server;
	exchange_t *head;
	exchange_t **tail;
	int64_t next; /*!< When the next query may be sent. */
	net_queue_t *other;
};

struct net {
	net_queue_t *queue; /*!< All of them, as a list. */
	int64_t gap;        /*!< Least time between two queries to one address. */
	slot_t slot[PROBE_FLIGHT_MAX];
	size_t flight; /*!< Slots that are taken. */
	size_t queued; /*!< Exchanges in queues. */
	uint8_t random[256];
	size_t random_left;
	bool broken;    /*!< No random numbers. */
	bool no_memory; /*!< Something was dropped. */
	uint8_t datagram[UINT16_MAX + 1];
};

static const char *const refused_text[PROBE_REFUSED__COUNT] = {
	[PROBE_REFUSED_SHORT] = "shorter than a header",
	[PROBE_REFUSED_LARGE] = "larger than was offered",
	[PROBE_REFUSED_ID] = "another id",
	[PROBE_REFUSED_QUERY] = "not an answer",
	[PROBE_REFUSED_QUESTION] = "another question",
	[PROBE_REFUSED_MALFORMED] = "malformed",
};

static uint16_t random_u16(net_t *net)
{
	if (net->random_left < 2) {
		net->random_left = sizeof(net->random);
		if (getrandom(net->random, sizeof(net->random), 0) != sizeof(net->random)) {
			net->broken = true;
		}
	}
	net->random_left -= 2;
	return knot_wire_read_u16(net->random + net->random_left);
}

net_t *net_new(unsigned rate)
{
	net_t *net = calloc(1, sizeof(*net));
	if (net == NULL) {
		return NULL;
	}
	net->gap = 1000000 / rate;
	return net;
}

static void slot_close(slot_t *slot)
{
	if (slot->fd >= 0) {
		close(slot->fd);
	}
	slot->fd = -1;
	free(slot->buffer);
	slot->buffer = NULL;
	slot->received = slot->room = slot->sent = 0;
}

void net_free(net_t *net)
{
	if (net == NULL) {
		return;
	}
	for (size_t i = 0; i < PROBE_FLIGHT_MAX; i++) {
		exchange_t *exchange = net->slot[i].exchange;
		if (exchange != NULL) {
			slot_close(&net->slot[i]);
			exchange->drop(exchange);
		}
	}
	while (net->queue != NULL) {
		net_queue_t *other = net->queue->other;
		while (net->queue->head != NULL) {
			exchange_t *exchange = net->queue->head;
			net->queue->head = exchange->next;
			exchange->drop(exchange);
		}
		free(net->queue);
		net->queue = other;
	}
	free(net);
}

net_queue_t *net_queue(net_t *net, probe_server_t *server)
{
	net_queue_t *queue = calloc(1, sizeof(*queue));
	if (queue == NULL) {
		return NULL;
	}
	queue->server = server;
	queue->tail = &queue->head;
	queue->other = net->queue;
	net->queue = queue;
	return queue;
}

void net_ask(net_t *net, exchange_t *exchange)
{
	exchange->next = NULL;
	exchange->began = 0;
	exchange->tries = 0;
	exchange->cut = false;
	*exchange->queue->tail = exchange;
	exchange->queue->tail = &exchange->next;
	net->queued++;
}

/* --- The end of an exchange ----------------------------------------------------------------- */

/*! Frees a slot. */
static exchange_t *leave(net_t *net, slot_t *slot)
{
	exchange_t *exchange = slot->exchange;
	slot_close(slot);
	slot->exchange = NULL;
	net->flight--;
	return exchange;
}

static void finish(net_t *net, slot_t *slot, probe_answer_t *answer)
{
	exchange_t *exchange = leave(net, slot);
	answer->tries = exchange->tries;
	answer->ms = ((int64_t)clock_us() - exchange->began) / 1000;
	answer->cut = answer->cut || exchange->cut;
	answer->tcp = exchange->tcp;
	exchange->done(exchange, answer);
}

/*! Asks again over TCP, before anything else is asked of that server. */
static void turn_to_tcp(net_t *net, slot_t *slot)
{
	exchange_t *exchange = leave(net, slot);
	net_queue_t *queue = exchange->queue;
	exchange->cut = true;
	exchange->tcp = true;
	exchange->next = queue->head;
	queue->tail = queue->head == NULL ? &exchange->next : queue->tail;
	queue->head = exchange;
	net->queued++;
}

static void finish_with(net_t *net, slot_t *slot, probe_outcome_t outcome, const char *why,
                        int code)
{
	probe_answer_t answer = { .outcome = outcome, .why = why, .code = code };
	finish(net, slot, &answer);
}

/*! Ends an exchange for which an operation on its socket failed. */
static void finish_errno(net_t *net, slot_t *slot, int code)
{
	switch (code) {
	case ECONNREFUSED:
		finish_with(net, slot, PROBE_CLOSED, "connection refused", 0);
		return;
	case ECONNRESET:
	case EPIPE:
		finish_with(net, slot, PROBE_CLOSED, "connection reset", 0);
		return;
	case EHOSTUNREACH:
	case ENETUNREACH:
	case EHOSTDOWN:
	case ENOPROTOOPT:
	case EPROTO:
		finish_with(net, slot, PROBE_UNREACHABLE, "unreachable", 0);
		return;
	case ETIMEDOUT:
		finish_with(net, slot, PROBE_SILENT, "no connection", 0);
		return;
	default:
		finish_with(net, slot, PROBE_LOCAL, NULL, code);
	}
}

static void finish_late(net_t *net, slot_t *slot)
{
	if (slot->refused_count > 0 && slot->step != STEP_CONNECTING) {
		finish_with(net, slot, PROBE_GARBAGE, slot->refused, 0);
		return;
	}
	finish_with(net, slot, PROBE_SILENT,
	            slot->step == STEP_CONNECTING ? "no connection" :
	            slot->step == STEP_SENDING    ? "query not taken" :
	            slot->step == STEP_RECEIVING  ? slot->received > 0 ? "answer not complete" :
	                                                                 "no answer" :
	                                            NULL,
	            0);
}

/*! Counts a message that is not believed. */
static void refuse(slot_t *slot, probe_server_t *server, probe_refused_t refused)
{
	server->refused[refused]++;
	slot->refused_count++;
	slot->refused = refused_text[refused];
}

/* --- Sending -------------------------------------------------------------------------------- */

static socklen_t address_size(const struct sockaddr_storage *addr)
{
	return addr->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6) :
	                                     sizeof(struct sockaddr_in);
}

/*! Takes the turn of a server: the next query waits for a gap that is never shorter than asked for. */
static void take_turn(net_t *net, net_queue_t *queue, int64_t now)
{
	queue->next = now + net->gap + random_u16(net) % (net->gap / 8 + 1);
	queue->server->sent++;
}

/*! Makes a socket; false if the exchange has ended. */
static bool open_socket(net_t *net, slot_t *slot, int type)
{
	const struct sockaddr_storage *addr = &slot->exchange->queue->server->addr;
	slot->fd = socket(addr->ss_family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (slot->fd < 0) {
		finish_with(net, slot, PROBE_LOCAL, NULL, errno);
		return false;
	}
	if (connect(slot->fd, (const struct sockaddr *)addr, address_size(addr)) == 0) {
		return true;
	}
	if (errno == EINPROGRESS) {
		return true;
	}
	// Of a socket for UDP nothing has left this host, so that it is the host's own fault.
	if (errno == ECONNREFUSED) {
		finish_errno(net, slot, errno);
	} else {
		finish_with(net, slot, PROBE_LOCAL, NULL, errno);
	}
	return false;
}

static bool send_datagram(net_t *net, slot_t *slot)
{
	slot->exchange->tries++;
	if (send(slot->fd, slot->query + LENGTH_SIZE, slot->query_size, MSG_NOSIGNAL) >= 0) {
		return true;
	}
	int code = errno;
	if (code == ECONNREFUSED || code == EHOSTUNREACH) {
		finish_errno(net, slot, code); // What became of the query before.
		return false;
	}
	if (code == EAGAIN || code == EWOULDBLOCK || code == ENOBUFS) {
		return true; // Lost on the way out, as on any other stretch.
	}
	finish_with(net, slot, PROBE_LOCAL, NULL, code);
	return false;
}

static void begin_tcp(net_t *net, slot_t *slot)
{
	slot->exchange->tries++;
	slot->step = STEP_CONNECTING;
	slot->again = 0;
	knot_wire_write_u16(slot->query, slot->query_size);
	(void)open_socket(net, slot, SOCK_STREAM);
}

/*! Writes the query with a new id. */
static bool write_query(net_t *net, slot_t *slot)
{
	slot->exchange->query.id = random_u16(net);
	slot->query_size = packet_write(&slot->exchange->query, slot->query + LENGTH_SIZE);
	net->no_memory = net->no_memory || slot->query_size == 0;
	return slot->query_size > 0;
}

/*! Takes the first exchange of a queue into a slot. */
static void start(net_t *net, net_queue_t *queue, int64_t now)
{
	slot_t *slot = net->slot;
	while (slot->exchange != NULL) {
		slot++;
	}
	exchange_t *exchange = queue->head;
	queue->head = exchange->next;
	if (queue->head == NULL) {
		queue->tail = &queue->head;
	}
	net->queued--;
	net->flight++;
	int64_t again = PROBE_AGAIN_MS * INT64_C(1000);
	*slot = (slot_t){
		.exchange = exchange,
		.fd = -1,
		.step = STEP_UDP,
		.again = exchange->once ? 0 : now + again,
		.deadline = now + PROBE_TIMEOUT_MS * INT64_C(1000) - (exchange->once ? again : 0),
	};
	exchange->began = exchange->began == 0 ? now : exchange->began;
	take_turn(net, queue, now);
	if (!write_query(net, slot)) {
		finish_with(net, slot, PROBE_LOCAL, NULL, ENOMEM);
	} else if (exchange->tcp) {
		begin_tcp(net, slot);
	} else if (open_socket(net, slot, SOCK_DGRAM)) {
		(void)send_datagram(net, slot);
	}
}

/*! Starts what may be started: one query a queue and turn, and no more than fit in flight. */
static void start_all(net_t *net, int64_t now)
{
	for (net_queue_t *queue = net->queue; queue != NULL; queue = queue->other) {
		if (queue->head != NULL && queue->next <= now && net->flight < PROBE_FLIGHT_MAX) {
			start(net, queue, now);
		}
	}
}

/* --- Receiving ------------------------------------------------------------------------------ */

/*! Takes a message; returns whether the exchange has ended or goes on over TCP. */
static bool take(net_t *net, slot_t *slot, uint8_t *wire, size_t size)
{
	probe_server_t *server = slot->exchange->queue->server;
	const packet_query_t *query = &slot->exchange->query;
	bool udp = slot->step == STEP_UDP;
	probe_answer_t answer = { 0 };
	probe_refused_t refused;
	if (udp && size > (query->edns ? PROBE_UDP_SIZE : PROBE_UDP_LEAST)) {
		refuse(slot, server, PROBE_REFUSED_LARGE);
		return false;
	}
	int ret = packet_read(query, wire, size, &answer, &refused);
	if (ret == KNOT_EMALF) {
		refuse(slot, server, refused);
		return false;
	}
	if (ret != KNOT_EOK) {
		net->no_memory = true;
		finish_with(net, slot, PROBE_LOCAL, NULL, ENOMEM);
		return true;
	}
	server->answered++;
	if (udp && answer.cut) {
		turn_to_tcp(net, slot);
		return true;
	}
	finish(net, slot, &answer);
	return true;
}

static void receive_datagrams(net_t *net, slot_t *slot)
{
	for (unsigned i = 0; i < REFUSED_MAX; i++) {
		ssize_t size = recv(slot->fd, net->datagram, sizeof(net->datagram), 0);
		if (size < 0) {
			if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
				finish_errno(net, slot, errno);
			}
			return;
		}
		if (take(net, slot, net->datagram, size)) {
			return;
		}
		if (slot->refused_count >= REFUSED_MAX) {
			finish_late(net, slot);
			return;
		}
	}
}

static void send_stream(net_t *net, slot_t *slot)
{
	size_t size = LENGTH_SIZE + slot->query_size;
	ssize_t ret = send(slot->fd, slot->query + slot->sent, size - slot->sent, MSG_NOSIGNAL);
	if (ret < 0) {
		if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
			finish_errno(net, slot, errno);
		}
		return;
	}
	slot->sent += ret;
	if (slot->sent == size) {
		slot->step = STEP_RECEIVING;
	}
}

/*! The buffer grows with what comes, not with what the length promises. */
static bool make_room(net_t *net, slot_t *slot)
{
	if (slot->received < slot->room) {
		return true;
	}
	size_t room = slot->room == 0 ? 2048 : 2 * slot->room;
	room = room < LENGTH_SIZE + UINT16_MAX ? room : LENGTH_SIZE + UINT16_MAX;
	uint8_t *buffer = realloc(slot->buffer, room);
	if (buffer == NULL) {
		net->no_memory = true;
		finish_with(net, slot, PROBE_LOCAL, NULL, ENOMEM);
		return false;
	}
	slot->buffer = buffer;
	slot->room = room;
	return true;
}

static void receive_stream(net_t *net, slot_t *slot)
{
	if (!make_room(net, slot)) {
		return;
	}
	size_t want = slot->room;
	if (slot->received >= LENGTH_SIZE) {
		size_t all = LENGTH_SIZE + knot_wire_read_u16(slot->buffer);
		want = all < want ? all : want;
	} else {
		want = LENGTH_SIZE;
	}
	if (slot->received < want) {
		ssize_t ret = recv(slot->fd, slot->buffer + slot->received, want - slot->received,
		                   0);
		if (ret == 0) {
			finish_with(net, slot, PROBE_CLOSED, "closed without an answer", 0);
			return;
		}
		if (ret < 0) {
			if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
				finish_errno(net, slot, errno);
			}
			return;
		}
		slot->received += ret;
	}
	if (slot->received < LENGTH_SIZE) {
		return;
	}
	size_t size = knot_wire_read_u16(slot->buffer);
	if (slot->received < LENGTH_SIZE + size) {
		return;
	}
	if (!take(net, slot, slot->buffer + LENGTH_SIZE, size)) {
		// One message is asked for, and one is read.
		finish_late(net, slot);
	}
}

static void handle(net_t *net, slot_t *slot, short events)
{
	int code = 0;
	socklen_t code_size = sizeof(code);
	switch (slot->step) {
	case STEP_UDP:
		receive_datagrams(net, slot);
		return;
	case STEP_CONNECTING:
		if (getsockopt(slot->fd, SOL_SOCKET, SO_ERROR, &code, &code_size) != 0) {
			code = errno;
		}
		if (code != 0) {
			finish_errno(net, slot, code);
			return;
		}
		slot->step = STEP_SENDING;
		send_stream(net, slot);
		return;
	case STEP_SENDING:
		send_stream(net, slot);
		return;
	case STEP_RECEIVING:
		if (events & (POLLIN | POLLHUP | POLLERR)) {
			receive_stream(net, slot);
		}
		return;
	}
}

/* --- Time ----------------------------------------------------------------------------------- */

/*! Does what is due for one exchange. */
static void check_time(net_t *net, slot_t *slot, int64_t now)
{
	net_queue_t *queue = slot->exchange->queue;
	if (slot->again > 0 && slot->again <= now && queue->next <= now) {
		slot->again = 0;
		// A second query gets a fair time, even where its turn came late.
		int64_t least = now + (PROBE_TIMEOUT_MS - PROBE_AGAIN_MS) * INT64_C(1000);
		slot->deadline = slot->deadline > least ? slot->deadline : least;
		take_turn(net, queue, now);
		if (send_datagram(net, slot) && slot->exchange->again != NULL) {
			slot->exchange->again(slot->exchange);
		}
		return;
	}
	if (slot->deadline <= now && (slot->again == 0 || slot->again > now)) {
		finish_late(net, slot);
	}
}

/*! When the loop has to wake up, at the latest. */
static int64_t next_event(const net_t *net, int64_t now)
{
	int64_t next = now + WAIT_MAX_MS * INT64_C(1000);
	for (size_t i = 0; i < PROBE_FLIGHT_MAX; i++) {
		const slot_t *slot = &net->slot[i];
		if (slot->exchange == NULL) {
			continue;
		}
		int64_t turn = slot->exchange->queue->next;
		int64_t due = slot->again == 0   ? slot->deadline :
		              slot->again > turn ? slot->again :
		                                   turn;
		next = due < next ? due : next;
	}
	for (const net_queue_t *queue = net->queue; queue != NULL && net->flight < PROBE_FLIGHT_MAX;
	     queue = queue->other) {
		if (queue->head != NULL && queue->next < next) {
			next = queue->next;
		}
	}
	return next;
}

static int wait_and_handle(net_t *net, const int *other, size_t others, int64_t most)
{
	struct pollfd fds[PROBE_FLIGHT_MAX + PROBE_SERVERS_MAX + 1];
	slot_t *slots[PROBE_FLIGHT_MAX];
	nfds_t count = 0;
	for (size_t i = 0; i < PROBE_FLIGHT_MAX; i++) {
		slot_t *slot = &net->slot[i];
		if (slot->exchange != NULL && slot->fd >= 0) {
			bool out = slot->step == STEP_CONNECTING || slot->step == STEP_SENDING;
			slots[count] = slot;
			fds[count++] = (struct pollfd){
				.fd = slot->fd,
				.events = out ? POLLOUT : POLLIN,
			};
		}
	}
	for (size_t i = 0; i < others && i <= PROBE_SERVERS_MAX; i++) {
		fds[count + i] = (struct pollfd){ .fd = other[i], .events = POLLIN };
	}
	int64_t now = (int64_t)clock_us();
	int64_t until = next_event(net, now);
	until = until - now > most ? now + most : until;
	int ready = poll(fds, count + others, until > now ? (int)((until - now + 999) / 1000) : 0);
	if (ready < 0) {
		return errno == EINTR ? KNOT_EOK : KNOT_ERROR;
	}
	for (nfds_t i = 0; i < count && ready > 0; i++) {
		// What one event does to others shows in their descriptors.
		if (fds[i].revents != 0 && slots[i]->exchange != NULL &&
		    slots[i]->fd == fds[i].fd) {
			handle(net, slots[i], fds[i].revents);
		}
	}
	now = (int64_t)clock_us();
	for (size_t i = 0; i < PROBE_FLIGHT_MAX; i++) {
		if (net->slot[i].exchange != NULL) {
			check_time(net, &net->slot[i], now);
		}
	}
	return KNOT_EOK;
}

int net_step(net_t *net)
{
	if (net->flight == 0 && net->queued == 0) {
		return KNOT_ENOENT;
	}
	// What is in flight goes on before anything is begun.
	int ret = wait_and_handle(net, NULL, 0, WAIT_MAX_MS * INT64_C(1000));
	start_all(net, (int64_t)clock_us());
	return net->no_memory ? KNOT_ENOMEM : net->broken ? KNOT_ERROR : ret;
}

int net_wait(net_t *net, const int *fd, size_t count, int ms)
{
	int ret = wait_and_handle(net, fd, count, ms * INT64_C(1000));
	start_all(net, (int64_t)clock_us());
	return net->no_memory ? KNOT_ENOMEM : net->broken ? KNOT_ERROR : ret;
}
