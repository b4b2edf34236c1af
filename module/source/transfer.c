/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Reads a zone by AXFR over TCP (RFC 5936), with TSIG (RFC 8945): messages are checked, and
 *        their records passed on.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/un.h>
#include <unistd.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>
#include <libknot/error.h>
#include <libknot/packet/pkt.h>
#include <libknot/packet/rrset-wire.h>
#include <libknot/packet/wire.h>
#include <libknot/rrtype/soa.h>
#include <libknot/rrtype/tsig.h>
#include <libknot/tsig-op.h>

#include "engine/array.h"
#include "complain.h"
#include "clock.h"
#include "records.h"

/*! Octets of the length before each message (RFC 1035 section 4.2.2). */
#define LENGTH_SIZE 2
/*! Octets of the query, more than a name and a signature take. */
#define QUERY_SIZE 2048
/*! Octets received at once, two messages at least. */
#define RECEIVE_SIZE (2 * (LENGTH_SIZE + UINT16_MAX))
/*! Octets of the longest MAC, HMAC-SHA512. */
#define MAC_MAX 64
/*! Messages without a signature between two with one (RFC 8945 section 5.3.1). */
#define UNSIGNED_MAX 99

/*! One transfer. */
typedef struct {
	source_listener_t *listener;
	source_record_f record;
	void *context;
	const knot_dname_t *zone;
	const knot_tsig_key_t *key;
	char peer[SOURCE_ADDRESS_MAX];
	int timeout;
	uint64_t started;
	int fd;
	uint16_t id;

	records_t *walk; /*!< Of the last message. */
	uint8_t *buffer; /*!< Received octets. */
	size_t begin;    /*!< Offset of the next message in the buffer. */
	size_t end;      /*!< End of the received octets in the buffer. */

	uint8_t mac[MAC_MAX]; /*!< The last MAC; at first that of the query. */
	size_t mac_len;
	uint64_t signed_time; /*!< Time of the last signed message, 0 before the first. */
	uint8_t *pending;     /*!< Messages since the last signed one, not yet verified. */
	size_t pending_len;
	size_t pending_size;
	unsigned unsigned_count; /*!< Messages since the last signed one. */

	uint64_t messages;
	uint64_t records;
	knot_rdata_t *soa; /*!< The first SOA record. */
	bool done;         /*!< The last SOA record has been received. */
} transfer_t;

__attribute__((format(printf, 3, 4))) static int fail(const transfer_t *transfer, int ret,
                                                      const char *format, ...)
{
	char text[SOURCE_TEXT_MAX];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);

	source_complain(transfer->listener, transfer->peer, 0, "%s", text);
	return ret;
}

static int fail_errno(const transfer_t *transfer, const char *what, int code)
{
	source_complain_errno(transfer->listener, transfer->peer, 0, what, code);
	return knot_map_errno_code(code);
}

static int no_memory(const transfer_t *transfer)
{
	return fail(transfer, KNOT_ENOMEM, "not enough memory");
}

/*! Writes an address as the server's configuration does; without the port if \a port is false. */
static socklen_t describe(const struct sockaddr_storage *address, bool port, char *out, size_t size)
{
	char host[INET6_ADDRSTRLEN] = "";
	uint16_t number = 0;
	socklen_t len = 0;

	if (address->ss_family == AF_INET) {
		struct sockaddr_in in;
		len = sizeof(in);
		memcpy(&in, address, len);
		(void)inet_ntop(AF_INET, &in.sin_addr, host, sizeof(host));
		number = ntohs(in.sin_port);
	} else if (address->ss_family == AF_INET6) {
		struct sockaddr_in6 in;
		len = sizeof(in);
		memcpy(&in, address, len);
		(void)inet_ntop(AF_INET6, &in.sin6_addr, host, sizeof(host));
		number = ntohs(in.sin6_port);
	} else if (address->ss_family == AF_UNIX) {
		struct sockaddr_un un;
		len = sizeof(un);
		memcpy(&un, address, len);
		(void)snprintf(out, size, "%.*s", (int)sizeof(un.sun_path), un.sun_path);
		return len;
	}

	(void)snprintf(out, size, port ? "%s@%u" : "%s", host, number);
	return len;
}

void source_address_text(const struct sockaddr_storage *address, char out[SOURCE_ADDRESS_MAX])
{
	(void)describe(address, true, out, SOURCE_ADDRESS_MAX);
}

/*! Waits for the socket until a point in time. */
static int wait_for(const transfer_t *transfer, short events, uint64_t until)
{
	while (true) {
		int rest = -1;
		if (transfer->timeout > 0) {
			uint64_t now = clock_ms();
			rest = now < until ? (int)(until - now) : 0;
		}

		struct pollfd pfd = { .fd = transfer->fd, .events = events };
		int ret = poll(&pfd, 1, rest);
		if (ret > 0) {
			return KNOT_EOK;
		} else if (ret == 0) {
			return KNOT_ETIMEOUT;
		} else if (errno != EINTR) {
			return fail_errno(transfer, "cannot wait for the server", errno);
		}
	}
}

static int connect_to(transfer_t *transfer, const struct sockaddr_storage *server)
{
	socklen_t len = describe(server, true, transfer->peer, sizeof(transfer->peer));
	if (len == 0) {
		return fail(transfer, KNOT_EINVAL, "not an address of a server");
	}

	transfer->fd = socket(server->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (transfer->fd < 0) {
		return fail_errno(transfer, "cannot make a socket", errno);
	}

	if (connect(transfer->fd, (const struct sockaddr *)server, len) != 0) {
		if (errno != EINPROGRESS) {
			return fail_errno(transfer, "cannot connect", errno);
		}
		int ret = wait_for(transfer, POLLOUT, clock_ms() + transfer->timeout);
		if (ret == KNOT_ETIMEOUT) {
			return fail(transfer, ret, "no connection within %i ms", transfer->timeout);
		} else if (ret != KNOT_EOK) {
			return ret;
		}
		int code = 0;
		socklen_t code_len = sizeof(code);
		if (getsockopt(transfer->fd, SOL_SOCKET, SO_ERROR, &code, &code_len) != 0) {
			code = errno;
		}
		if (code != 0) {
			return fail_errno(transfer, "cannot connect", code);
		}
	}
	return KNOT_EOK;
}

static int send_all(transfer_t *transfer, const uint8_t *data, size_t len)
{
	uint64_t until = clock_ms() + transfer->timeout;
	while (len > 0) {
		ssize_t ret = send(transfer->fd, data, len, MSG_NOSIGNAL);
		if (ret >= 0) {
			data += ret;
			len -= ret;
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			int wait = wait_for(transfer, POLLOUT, until);
			if (wait == KNOT_ETIMEOUT) {
				return fail(transfer, wait, "query not taken within %i ms",
				            transfer->timeout);
			} else if (wait != KNOT_EOK) {
				return wait;
			}
		} else if (errno != EINTR) {
			return fail_errno(transfer, "cannot send the query", errno);
		}
	}
	return KNOT_EOK;
}

static int send_query(transfer_t *transfer)
{
	if (getrandom(&transfer->id, sizeof(transfer->id), 0) != sizeof(transfer->id)) {
		return fail_errno(transfer, "no random number", errno);
	}

	uint8_t wire[LENGTH_SIZE + QUERY_SIZE];
	knot_pkt_t *query = knot_pkt_new(wire + LENGTH_SIZE, QUERY_SIZE, NULL);
	if (query == NULL) {
		return no_memory(transfer);
	}
	knot_pkt_clear(query);
	knot_wire_set_id(query->wire, transfer->id);
	int ret = knot_pkt_put_question(query, transfer->zone, KNOT_CLASS_IN, KNOT_RRTYPE_AXFR);

	size_t size = query->size;
	if (ret == KNOT_EOK && transfer->key != NULL) {
		transfer->mac_len = sizeof(transfer->mac);
		ret = knot_tsig_sign(query->wire, &size, QUERY_SIZE, NULL, 0, transfer->mac,
		                     &transfer->mac_len, transfer->key, 0, 0);
	}
	knot_pkt_free(query);
	if (ret != KNOT_EOK) {
		return fail(transfer, ret, "cannot make the query (%s)", knot_strerror(ret));
	}

	knot_wire_write_u16(wire, size);
	return send_all(transfer, wire, LENGTH_SIZE + size);
}

static uint64_t deadline(const transfer_t *transfer)
{
	return source_deadline(transfer->started, transfer->timeout, transfer->records);
}

static int too_slow(const transfer_t *transfer)
{
	unsigned long long records = transfer->records;
	uint64_t now = clock_ms();
	if (now >= deadline(transfer)) {
		return fail(transfer, KNOT_ETIMEOUT,
		            "transfer is too slow, %llu records within %llu s", records,
		            (unsigned long long)(now - transfer->started) / 1000);
	}
	return fail(transfer, KNOT_ETIMEOUT, "no message within %i ms, after %llu records",
	            transfer->timeout, records);
}

/*! Receives until the buffer has a number of octets from \a begin on. */
static int receive(transfer_t *transfer, size_t len, uint64_t until)
{
	while (transfer->end - transfer->begin < len) {
		if (transfer->begin + len > RECEIVE_SIZE) {
			transfer->end -= transfer->begin;
			memmove(transfer->buffer, transfer->buffer + transfer->begin,
			        transfer->end);
			transfer->begin = 0;
		}

		ssize_t ret = recv(transfer->fd, transfer->buffer + transfer->end,
		                   RECEIVE_SIZE - transfer->end, 0);
		if (ret > 0) {
			transfer->end += ret;
		} else if (ret == 0) {
			bool cut = transfer->end != transfer->begin;
			return fail(transfer, KNOT_ECONN,
			            "connection closed %s message %llu, after %llu records",
			            cut ? "within" : "before",
			            (unsigned long long)transfer->messages + 1,
			            (unsigned long long)transfer->records);
		} else if (errno == EAGAIN || errno == EWOULDBLOCK) {
			int wait = wait_for(transfer, POLLIN, until);
			if (wait == KNOT_ETIMEOUT) {
				return too_slow(transfer);
			} else if (wait != KNOT_EOK) {
				return wait;
			}
		} else if (errno != EINTR) {
			return fail_errno(transfer, "cannot receive", errno);
		}
	}
	return KNOT_EOK;
}

/*! Says why the server refuses, and what would permit the transfer. */
static int refused(const transfer_t *transfer, const knot_pkt_t *answer)
{
	uint16_t rcode = knot_pkt_ext_rcode(answer);
	const char *name = knot_pkt_ext_rcode_name(answer);

	char own[SOURCE_ADDRESS_MAX] = "this address";
	struct sockaddr_storage local = { 0 };
	socklen_t len = sizeof(local);
	if (getsockname(transfer->fd, (struct sockaddr *)&local, &len) == 0 &&
	    local.ss_family != AF_UNIX) {
		(void)describe(&local, false, own, sizeof(own));
	}

	knot_dname_txt_storage_t key = "";
	if (transfer->key != NULL) {
		(void)knot_dname_to_str(key, transfer->key->name, sizeof(key));
	}

	if (transfer->messages > 1) {
		return fail(transfer, KNOT_EDENIED, "transfer broken off by the server (%s)", name);
	} else if (rcode == KNOT_RCODE_BADKEY) {
		return fail(
			transfer, KNOT_EDENIED,
			"transfer refused (%s); the server does not know the TSIG key %s, or no "
			"acl of the zone names it",
			name, key);
	} else if (rcode == KNOT_RCODE_BADSIG) {
		return fail(transfer, KNOT_EDENIED,
		            "transfer refused (%s); the TSIG key %s has another secret there", name,
		            key);
	} else if (rcode == KNOT_RCODE_BADTIME) {
		return fail(transfer, KNOT_EDENIED,
		            "transfer refused (%s); the clocks are too far apart", name);
	} else if (rcode != KNOT_RCODE_REFUSED && rcode != KNOT_RCODE_NOTAUTH) {
		return fail(transfer, KNOT_EDENIED, "transfer failed (%s)", name);
	} else if (transfer->key != NULL) {
		return fail(transfer, KNOT_EDENIED,
		            "transfer refused (%s); the zone is not served there, or needs an acl "
		            "that permits transfer with the key %s for %s",
		            name, key, own);
	}

	return fail(transfer, KNOT_EDENIED,
	            "transfer refused (%s); the zone is not served there, or needs an acl that "
	            "permits transfer for %s, or a TSIG key",
	            name, own);
}

/*! Puts a message, without its TSIG record, behind those not yet verified. */
static int pend(transfer_t *transfer, const knot_pkt_t *message)
{
	size_t need = transfer->pending_len + message->size;
	if (!array_reserve(&transfer->pending, &transfer->pending_size, need, 1)) {
		return no_memory(transfer);
	}
	memcpy(transfer->pending + transfer->pending_len, message->wire, message->size);
	transfer->pending_len = need;
	return KNOT_EOK;
}

/*! Checks the signature of a message, or that it needs none yet. */
static int verify(transfer_t *transfer, const knot_pkt_t *message)
{
	unsigned long long number = transfer->messages;
	const knot_rrset_t *tsig = message->tsig_rr;

	if (transfer->key == NULL) {
		return tsig == NULL ? KNOT_EOK :
		                      fail(transfer, KNOT_EMALF, "a signature nobody asked for");
	}

	int ret = pend(transfer, message);
	if (ret != KNOT_EOK) {
		return ret;
	}
	if (tsig == NULL) {
		if (number == 1) {
			return fail(transfer, KNOT_ENOTSIG, "the answer is not signed");
		} else if (++transfer->unsigned_count > UNSIGNED_MAX) {
			return fail(transfer, KNOT_ENOTSIG, "more than %i messages not signed",
			            UNSIGNED_MAX);
		}
		return KNOT_EOK;
	}

	if (number == 1) {
		ret = knot_tsig_client_check(tsig, transfer->pending, transfer->pending_len,
		                             transfer->mac, transfer->mac_len, transfer->key, 0);
	} else {
		ret = knot_tsig_client_check_next(tsig, transfer->pending, transfer->pending_len,
		                                  transfer->mac, transfer->mac_len, transfer->key,
		                                  transfer->signed_time);
	}
	if (ret != KNOT_EOK) {
		return fail(transfer, ret, "signature of message %llu is wrong (%s)", number,
		            knot_strerror(ret));
	}

	size_t len = knot_tsig_rdata_mac_length(tsig);
	if (len > sizeof(transfer->mac)) {
		return fail(transfer, KNOT_EMALF, "signature of message %llu is too long", number);
	}
	memcpy(transfer->mac, knot_tsig_rdata_mac(tsig), len);
	transfer->mac_len = len;
	transfer->signed_time = knot_tsig_rdata_time_signed(tsig);
	transfer->pending_len = 0;
	transfer->unsigned_count = 0;
	return KNOT_EOK;
}

/*! Compares SOA RDATA; the case of letters in names does not matter. */
static bool same_soa(const knot_rdata_t *a, const knot_rdata_t *b)
{
	size_t names = knot_soa_names_len(a);
	return a->len == b->len &&
	       knot_dname_is_case_equal(knot_soa_primary(a), knot_soa_primary(b)) &&
	       knot_dname_is_case_equal(knot_soa_mailbox(a), knot_soa_mailbox(b)) &&
	       memcmp(a->data + names, b->data + names, a->len - names) == 0;
}

/*! Takes an SOA record: the first or the last record of the zone. */
static int take_soa(transfer_t *transfer, const caaudit_record_t *record)
{
	knot_rdata_t *soa = malloc(knot_rdata_size(record->rdlen));
	if (soa == NULL) {
		return no_memory(transfer);
	}
	knot_rdata_init(soa, record->rdlen, record->rdata);
	if (transfer->soa == NULL) {
		transfer->soa = soa;
		return KNOT_EOK;
	}

	transfer->done = same_soa(transfer->soa, soa);
	int ret = transfer->done ?
	                  KNOT_EOK :
	                  fail(transfer, KNOT_EBUSY,
	                       "zone changed during the transfer, SOA serial %u at the beginning "
	                       "and %u at the end",
	                       knot_soa_serial(transfer->soa), knot_soa_serial(soa));
	free(soa);
	return ret;
}

static int take_record(transfer_t *transfer, const caaudit_record_t *record, uint16_t rclass)
{
	if (transfer->done) {
		return fail(transfer, KNOT_EMALF, "records after the last SOA record");
	}
	if (rclass != KNOT_CLASS_IN) {
		return fail(transfer, KNOT_EMALF, "a record of class %u", rclass);
	}

	bool last = false;
	if (record->type == KNOT_RRTYPE_SOA) {
		if (!knot_dname_is_case_equal(record->owner, transfer->zone)) {
			return fail(transfer, KNOT_EMALF, "an SOA record of another zone");
		}
		last = transfer->soa != NULL;
		int ret = take_soa(transfer, record);
		if (ret != KNOT_EOK) {
			return ret;
		}
	} else if (transfer->soa == NULL) {
		return fail(transfer, KNOT_EMALF, "the first record is not an SOA record");
	}

	transfer->records++;
	if (last) {
		return KNOT_EOK;
	}
	int ret = transfer->record(transfer->context, record);
	return ret == KNOT_ENOMEM ? no_memory(transfer) : ret;
}

/*! Checks the header and question of a message. */
static int check_message(const transfer_t *transfer, const knot_pkt_t *message)
{
	if (knot_wire_get_id(message->wire) != transfer->id || !knot_wire_get_qr(message->wire) ||
	    knot_wire_get_opcode(message->wire) != KNOT_OPCODE_QUERY) {
		return fail(transfer, KNOT_EMALF, "not an answer to the query");
	}
	if (knot_pkt_ext_rcode(message) != KNOT_RCODE_NOERROR) {
		return refused(transfer, message);
	}
	if (knot_wire_get_tc(message->wire)) {
		return fail(transfer, KNOT_EMALF, "a truncated answer");
	}

	// Only the first message must repeat the question (RFC 5936 section 2.2.1).
	bool question = message->qname_size > 0;
	if (question ? !knot_dname_is_equal(knot_pkt_qname(message), transfer->zone) ||
	                       knot_pkt_qtype(message) != KNOT_RRTYPE_AXFR ||
	                       knot_pkt_qclass(message) != KNOT_CLASS_IN :
	               transfer->messages == 1) {
		return fail(transfer, KNOT_EMALF, "an answer to another question");
	}
	return KNOT_EOK;
}

static int malformed(const transfer_t *transfer)
{
	return fail(transfer, KNOT_EMALF, "message %llu is malformed, after %llu records",
	            (unsigned long long)transfer->messages, (unsigned long long)transfer->records);
}

/*!
 * \brief Checks that a message ends where its records do, and takes the TSIG record off.
 *
 * It must be the last record, of the additional section (RFC 8945 section 5.1).
 *
 * \param[in]     transfer  Transfer.
 * \param[in,out] message   Message, its question parsed; gets \a tsig if there is one.
 * \param[out]    tsig      TSIG record, to be cleared in any case.
 */
static int split(const transfer_t *transfer, knot_pkt_t *message, knot_rrset_t *tsig)
{
	records_t *walk = transfer->walk;
	unsigned answer = knot_wire_get_ancount(message->wire);
	unsigned additional = answer + knot_wire_get_nscount(message->wire);
	unsigned all = additional + knot_wire_get_arcount(message->wire);
	for (unsigned i = 0; i < all; i++) {
		size_t begin = walk->pos;
		uint16_t type;
		if (!records_skip(walk, &type) || (type == KNOT_RRTYPE_OPT && i < answer)) {
			return malformed(transfer);
		} else if (type != KNOT_RRTYPE_TSIG) {
			continue;
		}

		size_t end = begin;
		int ret = knot_rrset_rr_from_wire(message->wire, &end, message->size, tsig, NULL,
		                                  RECORDS_AS_IS);
		if (ret == KNOT_ENOMEM) {
			return no_memory(transfer);
		} else if (ret != KNOT_EOK || tsig->rrs.rdata == NULL ||
		           !knot_tsig_rdata_is_ok(tsig) || i < additional || i + 1 < all ||
		           end != message->size) {
			return malformed(transfer);
		}
		message->tsig_rr = tsig;
		message->size = begin;
		knot_wire_set_arcount(message->wire, all - additional - 1);
		return KNOT_EOK;
	}
	return walk->pos == message->size ? KNOT_EOK : malformed(transfer);
}

/*! Takes the records of the answer section. */
static int take_answer(transfer_t *transfer, uint16_t count)
{
	for (uint16_t i = 0; i < count; i++) {
		caaudit_record_t record;
		uint16_t rclass;
		int ret = records_next(transfer->walk, &record, &rclass);
		if (ret == KNOT_ENOMEM) {
			return no_memory(transfer);
		} else if (ret != KNOT_EOK) {
			return malformed(transfer);
		}
		ret = take_record(transfer, &record, rclass);
		if (ret != KNOT_EOK) {
			return ret;
		}
	}
	return KNOT_EOK;
}

static int take_message(transfer_t *transfer, uint8_t *wire, uint16_t len)
{
	unsigned long long number = ++transfer->messages;
	if (len < KNOT_WIRE_HEADER_SIZE) {
		return fail(transfer, KNOT_EMALF, "message %llu has %u octets only", number, len);
	}

	knot_pkt_t *message = knot_pkt_new(wire, len, NULL);
	if (message == NULL) {
		return no_memory(transfer);
	}
	knot_rrset_t tsig;
	knot_rrset_init_empty(&tsig);
	records_t *walk = transfer->walk;
	int ret = knot_pkt_parse_question(message) == KNOT_EOK ? KNOT_EOK : malformed(transfer);
	if (ret == KNOT_EOK) {
		size_t begin = message->parsed;
		walk->wire = wire;
		walk->size = len;
		walk->pos = begin;
		ret = split(transfer, message, &tsig);
		walk->pos = begin;
	}
	if (ret == KNOT_EOK && (ret = check_message(transfer, message)) == KNOT_EOK) {
		ret = verify(transfer, message);
	}
	knot_rrset_clear(&tsig, NULL);
	knot_pkt_free(message);
	if (ret != KNOT_EOK) {
		return ret;
	}

	uint16_t count = knot_wire_get_ancount(wire);
	if (count == 0) {
		return fail(transfer, KNOT_EMALF, "message %llu has no records", number);
	}
	ret = take_answer(transfer, count);
	if (ret == KNOT_EOK && transfer->done && transfer->unsigned_count > 0) {
		return fail(transfer, KNOT_ENOTSIG, "the last message is not signed");
	}
	return ret;
}

static int take_all(transfer_t *transfer)
{
	while (!transfer->done) {
		if (!source_go_on(transfer->listener, transfer->records, 0)) {
			return KNOT_ELIMIT;
		}

		uint64_t until = clock_ms() + transfer->timeout, whole = deadline(transfer);
		until = until < whole ? until : whole;
		int ret = receive(transfer, LENGTH_SIZE, until);
		if (ret != KNOT_EOK) {
			return ret;
		}
		uint16_t len = knot_wire_read_u16(transfer->buffer + transfer->begin);
		ret = receive(transfer, LENGTH_SIZE + len, until);
		if (ret != KNOT_EOK) {
			return ret;
		}
		ret = take_message(transfer, transfer->buffer + transfer->begin + LENGTH_SIZE, len);
		if (ret != KNOT_EOK) {
			return ret;
		}

		transfer->begin += LENGTH_SIZE + len;
		if (transfer->begin == transfer->end) {
			transfer->begin = transfer->end = 0;
		}
	}
	return KNOT_EOK;
}

int source_transfer(source_listener_t *listener, const struct sockaddr_storage *server,
                    const knot_tsig_key_t *key, int timeout, const knot_dname_t *zone,
                    source_record_f record, void *context)
{
	transfer_t transfer = {
		.listener = listener,
		.record = record,
		.context = context,
		.zone = zone,
		.key = key,
		.timeout = timeout,
		.started = clock_ms(),
		.fd = -1,
		.buffer = malloc(RECEIVE_SIZE),
		.walk = calloc(1, sizeof(records_t)),
	};

	int ret;
	if (transfer.buffer == NULL || transfer.walk == NULL) {
		ret = no_memory(&transfer);
	} else if ((ret = connect_to(&transfer, server)) == KNOT_EOK &&
	           (ret = send_query(&transfer)) == KNOT_EOK) {
		ret = take_all(&transfer);
	}

	if (transfer.fd >= 0) {
		close(transfer.fd);
	}
	if (transfer.walk != NULL) {
		records_clear(transfer.walk);
	}
	free(transfer.walk);
	free(transfer.buffer);
	free(transfer.pending);
	free(transfer.soa);
	return ret;
}
