/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "test_source.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sys/socket.h>

#include <libknot/packet/pkt.h>
#include <libknot/rrtype/tsig.h>
#include <libknot/tsig-op.h>

#define TIMEOUT 300 /* ms */

#define KEY             "hmac-sha256:key.example.:c2VjcmV0IG9mIHRoZSB0ZXN0cw=="
#define OTHER_SECRET    "hmac-sha256:key.example.:b3RoZXIgc2VjcmV0"
#define OTHER_NAME      "hmac-sha256:other.example.:c2VjcmV0IG9mIHRoZSB0ZXN0cw=="
#define OTHER_ALGORITHM "hmac-sha512:key.example.:c2VjcmV0IG9mIHRoZSB0ZXN0cw=="

#define HEADER   12
#define QUESTION "\7example\3com\0\0\xfc\0\1"
/* Owners and RDATA as they go over the wire, the names compressed. */
#define APEX "\xc0\x0c"
#define SOA_RDATA(serial)                                                                          \
	"\2ns\xc0\x0c\5admin\xc0\x0c\0\0\0" serial "\0\0\x0e\x10\0\0\3\x84\0\1\x51\x80\0\0\1\x2c"

/*! A server for one client: takes a query, gives an answer and hangs up. */
static struct {
	int listener;
	struct sockaddr_storage address;
	uint8_t answer[4 * 1024 * 1024]; /*!< Messages with their lengths; ids are set later. */
	size_t length;
	size_t message;        /*!< Where the last message begins, after its length. */
	const char *key;       /*!< Signs with it. */
	unsigned unsigned_run; /*!< Messages not signed after each signed one. */
	bool last_unsigned;    /*!< The last message is not signed. */
	bool keep_id;          /*!< The ids are wrong on purpose. */
	bool stall;            /*!< Does not hang up. */
	size_t chop;           /*!< Octets sent at once, 0 for all. */
	size_t cut;            /*!< Octets kept back at the end. */
	pthread_t thread;
} server;

static void put(const void *data, size_t len)
{
	assert_true(server.length + len <= sizeof(server.answer));
	memcpy(server.answer + server.length, data, len);
	server.length += len;
}

static void end_message(void)
{
	uint8_t *length = server.answer + server.message - 2;
	size_t size = server.length - server.message;
	length[0] = size >> 8;
	length[1] = size & 0xff;
}

static void begin_message(unsigned rcode, const char *question, size_t question_len)
{
	const uint8_t header[2 + HEADER] = { [4] = 0x84, [5] = rcode, [7] = question_len > 0 };
	put(header, sizeof(header));
	server.message = server.length - HEADER;
	put(question, question_len);
	end_message();
}

#define BEGIN() begin_message(0, QUESTION, sizeof(QUESTION) - 1)

static void put_record(const char *owner, size_t owner_len, uint16_t type, uint16_t class,
                       const char *rdata, size_t rdata_len)
{
	const uint8_t fixed[10] = { type >> 8, type & 0xff, class >> 8,     class & 0xff,    0, 0,
		                    0,         7,           rdata_len >> 8, rdata_len & 0xff };
	put(owner, owner_len);
	put(fixed, sizeof(fixed));
	put(rdata, rdata_len);
	uint8_t *count = server.answer + server.message + 6;
	if (++count[1] == 0) {
		count[0]++;
	}
	end_message();
}

#define RECORD(owner, type, rdata)                                                                 \
	put_record(owner, sizeof(owner) - 1, type, KNOT_CLASS_IN, rdata, sizeof(rdata) - 1)
#define SOA(serial) RECORD(APEX, KNOT_RRTYPE_SOA, SOA_RDATA(serial))

/*! Signs the messages and sets their ids, as a server would. */
static size_t finish_answer(uint8_t *out, size_t max, const knot_pkt_t *query)
{
	knot_tsig_key_t key = { 0 };
	uint8_t mac[64];
	size_t mac_len = 0;
	if (server.key != NULL) {
		(void)knot_tsig_key_init_str(&key, server.key);
		if (query->tsig_rr != NULL) {
			mac_len = knot_tsig_rdata_mac_length(query->tsig_rr);
			memcpy(mac, knot_tsig_rdata_mac(query->tsig_rr), mac_len);
		}
	}

	// Messages since the last signature.
	uint8_t *since = __real_malloc(max);
	size_t since_len = 0;
	size_t used = 0;
	unsigned run = 0;
	bool first = true;
	for (size_t i = 0; i + 2 <= server.length;) {
		size_t size = server.answer[i] << 8 | server.answer[i + 1];
		if (i + 2 + size > server.length || size < HEADER) {
			// Not a message on purpose.
			memcpy(out + used, server.answer + i, server.length - i);
			used += server.length - i;
			break;
		}
		uint8_t *wire = out + used + 2;
		memcpy(wire, server.answer + i + 2, size);
		i += 2 + size;
		bool last = i >= server.length;
		if (!server.keep_id) {
			knot_wire_set_id(wire, knot_wire_get_id(query->wire));
		}
		memcpy(since + since_len, wire, size);
		since_len += size;

		bool sign = server.key != NULL && (first || run >= server.unsigned_run || last);
		if (last && server.last_unsigned) {
			sign = false;
		}
		if (sign) {
			uint8_t old[64];
			memcpy(old, mac, mac_len);
			size_t new_len = sizeof(mac);
			if (first) {
				(void)knot_tsig_sign(wire, &size, 65535, old, mac_len, mac,
				                     &new_len, &key, 0, 0);
			} else {
				(void)knot_tsig_sign_next(wire, &size, 65535, old, mac_len, mac,
				                          &new_len, &key, since, since_len);
			}
			mac_len = new_len;
			since_len = 0;
			run = 0;
		} else {
			run++;
		}
		first = false;
		knot_wire_write_u16(out + used, size);
		used += 2 + size;
	}
	free(since);
	knot_tsig_key_deinit(&key);

	return used;
}

static void *serve(void *arg)
{
	(void)arg;
	int fd = accept(server.listener, NULL, NULL);
	uint8_t wire[2 + 1024];
	size_t got = 0;
	while (got < 2 || got < 2U + knot_wire_read_u16(wire)) {
		ssize_t ret = recv(fd, wire + got, sizeof(wire) - got, 0);
		if (ret <= 0) {
			close(fd);
			return NULL;
		}
		got += ret;
	}
	knot_pkt_t *query = knot_pkt_new(wire + 2, got - 2, NULL);
	(void)knot_pkt_parse(query, 0);

	enum { SPARE = 1024 * 1024 };
	uint8_t *out = __real_malloc(sizeof(server.answer) + SPARE);
	size_t length = finish_answer(out, sizeof(server.answer) + SPARE, query) - server.cut;
	knot_pkt_free(query);
	for (size_t sent = 0; sent < length;) {
		size_t part = server.chop > 0 && server.chop < length - sent ? server.chop :
		                                                               length - sent;
		ssize_t ret = send(fd, out + sent, part, MSG_NOSIGNAL);
		if (ret <= 0) {
			break;
		}
		sent += ret;
	}
	free(out);

	if (server.stall) {
		while (recv(fd, wire, sizeof(wire), 0) > 0) {
		}
	}
	close(fd);

	return NULL;
}

static void start_server(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		                       .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	server.listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(server.listener >= 0);
	assert_int_equal(bind(server.listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(server.listener, 1), 0);
	socklen_t len = sizeof(server.address);
	assert_int_equal(getsockname(server.listener, (struct sockaddr *)&server.address, &len), 0);
	assert_int_equal(pthread_create(&server.thread, NULL, serve, NULL), 0);
}

static void stop_server(void)
{
	// If the client has not come, this is it.
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (connect(fd, (struct sockaddr *)&server.address, sizeof(struct sockaddr_in)) == 0) {
		(void)shutdown(fd, SHUT_RDWR);
	}
	assert_int_equal(pthread_join(server.thread, NULL), 0);
	close(fd);
	close(server.listener);
	memset(&server, 0, offsetof(typeof(server), answer));
	server.length = 0;
	memset(&server.message, 0, sizeof(server) - offsetof(typeof(server), message));
}

/*! Transfers what the server has; the reading is gone afterwards. */
static void transfer_expect(const char *key_text, int wanted, const char *text)
{
	test_reading_t *reading = new_reading();
	knot_tsig_key_t key;
	if (key_text != NULL) {
		assert_int_equal(knot_tsig_key_init_str(&key, key_text), KNOT_EOK);
	}
	start_server();
	int ret = source_transfer(&reading->listener, &server.address,
	                          key_text != NULL ? &key : NULL, TIMEOUT, zone_name, push,
	                          reading);
	stop_server();
	expect(reading, ret, wanted, text);
	if (ret == KNOT_EOK) {
		assert_int_equal(pushed.serial, 42);
	} else if (strncmp(reading->log, "127.0.0.1@", 10) != 0) {
		fail();
	}
	if (key_text != NULL) {
		knot_tsig_key_deinit(&key);
	}
	free_reading(reading);
}

/*! A zone of four records in three messages. */
static void answer_zone(void)
{
	BEGIN();
	SOA("\x2a");
	RECORD("\1a" APEX, KNOT_RRTYPE_A, "\xc0\0\2\1");
	BEGIN();
	RECORD("\1c" APEX, KNOT_RRTYPE_CNAME, "\1a\xc0\x0c");
	begin_message(0, "", 0);
	RECORD("\1d\7example\3com\0", KNOT_RRTYPE_CAA, "\0\5issue;");
	RECORD("\7example\3com\0", KNOT_RRTYPE_SOA,
	       "\2NS\7example\3com\0\5admin\7example\3com\0\0\0\0\x2a"
	       "\0\0\x0e\x10\0\0\3\x84\0\1\x51\x80\0\0\1\x2c");
}

/*! A zone in many messages. */
static void answer_large_zone(unsigned messages)
{
	for (unsigned i = 0; i < messages; i++) {
		BEGIN();
		if (i == 0) {
			SOA("\x2a");
		}
		for (unsigned j = 0; j < 10; j++) {
			char owner[16] = "\x06";
			(void)snprintf(owner + 1, sizeof(owner) - 1, "%06u%s", i * 10 + j, APEX);
			put_record(owner, 9, KNOT_RRTYPE_A, KNOT_CLASS_IN, "\xc0\0\2\1", 4);
		}
		if (i == messages - 1) {
			SOA("\x2a");
		}
	}
}

static void whole_zone(void **state)
{
	(void)state;
	answer_zone();
	transfer_expect(NULL, KNOT_EOK, NULL);
	assert_int_equal(pushed.count, 4);

	// Uncompressed, the names.
	static const uint8_t cname[] = "\1a\7example\3com";
	static const uint8_t soa[] = "\2ns\7example\3com\0\5admin\7example\3com\0\0\0\0\x2a"
				     "\0\0\x0e\x10\0\0\3\x84\0\1\x51\x80\0\0\1\x2c";
	uint64_t hash = 0;
	hash = hash_record(hash, (const uint8_t *)"\7example\3com", KNOT_RRTYPE_SOA, 7, soa,
	                   sizeof(soa) - 1);
	hash = hash_record(hash, (const uint8_t *)"\1a\7example\3com", KNOT_RRTYPE_A, 7,
	                   (const uint8_t *)"\xc0\0\2\1", 4);
	hash = hash_record(hash, (const uint8_t *)"\1c\7example\3com", KNOT_RRTYPE_CNAME, 7, cname,
	                   sizeof(cname));
	hash = hash_record(hash, (const uint8_t *)"\1d\7example\3com", KNOT_RRTYPE_CAA, 7,
	                   (const uint8_t *)"\0\5issue;", 8);
	assert_true(pushed.hash == hash);

	// Octet by octet.
	answer_zone();
	server.chop = 1;
	transfer_expect(NULL, KNOT_EOK, NULL);
	assert_true(pushed.hash == hash);
}

static void large_zone(void **state)
{
	(void)state;
	for (size_t chop = 0; chop < 4000; chop += 1999) {
		answer_large_zone(3000);
		server.chop = chop;
		transfer_expect(NULL, KNOT_EOK, NULL);
		assert_int_equal(pushed.count, 30001);
	}
}

static void signed_zone(void **state)
{
	(void)state;
	answer_zone();
	server.key = KEY;
	transfer_expect(KEY, KNOT_EOK, NULL);
	assert_int_equal(pushed.count, 4);

	// Up to 99 messages need no signature of their own.
	for (unsigned run = 0; run <= 99; run += 33) {
		answer_large_zone(350);
		server.key = KEY;
		server.unsigned_run = run;
		transfer_expect(KEY, KNOT_EOK, NULL);
		assert_int_equal(pushed.count, 3501);
	}
	answer_large_zone(350);
	server.key = KEY;
	server.unsigned_run = 100;
	transfer_expect(KEY, KNOT_ENOTSIG, ": more than 99 messages not signed\n");

	answer_zone();
	server.key = KEY;
	server.last_unsigned = true;
	transfer_expect(KEY, KNOT_ENOTSIG, ": the last message is not signed\n");
}

static void wrong_signatures(void **state)
{
	(void)state;
	answer_zone();
	transfer_expect(KEY, KNOT_ENOTSIG, ": the answer is not signed\n");

	answer_zone();
	server.key = OTHER_SECRET;
	transfer_expect(KEY, KNOT_TSIG_EBADSIG, ": signature of message 1 is wrong (");
	answer_zone();
	server.key = OTHER_NAME;
	transfer_expect(KEY, KNOT_TSIG_EBADKEY, ": signature of message 1 is wrong (");
	answer_zone();
	server.key = OTHER_ALGORITHM;
	transfer_expect(KEY, KNOT_TSIG_EBADSIG, ": signature of message 1 is wrong (");

	answer_zone();
	server.key = KEY;
	transfer_expect(NULL, KNOT_EMALF, ": a signature nobody asked for\n");
}

/*! Puts a TSIG record that refuses, which is not signed itself. */
static void put_tsig_error(uint16_t error)
{
	const uint8_t rest[] = { 0, 0, 0, 0, 0, 1, 1, 0x2c, 0, 0, 0, 0, error >> 8, error & 0xff,
		                 0, 0 };
	char rdata[64] = "\x0bhmac-sha256";
	memcpy(rdata + 13, rest, sizeof(rest));
	static const char owner[] = "\3key\7example";
	const uint8_t fixed[10] = { 0, 250, 0, 255, 0, 0, 0, 0, 0, 13 + sizeof(rest) };
	put(owner, sizeof(owner));
	put(fixed, sizeof(fixed));
	put(rdata, 13 + sizeof(rest));
	server.answer[server.message + 11]++;
	end_message();
}

static void server_refuses(void **state)
{
	(void)state;
	begin_message(KNOT_RCODE_REFUSED, QUESTION, sizeof(QUESTION) - 1);
	transfer_expect(NULL, KNOT_EDENIED,
	                ": transfer refused (REFUSED); the zone is not served there, or needs an "
	                "acl that permits transfer for 127.0.0.1, or a TSIG key\n");
	begin_message(KNOT_RCODE_NOTAUTH, QUESTION, sizeof(QUESTION) - 1);
	transfer_expect(NULL, KNOT_EDENIED, ": transfer refused (NOTAUTH); ");
	begin_message(KNOT_RCODE_REFUSED, "", 0);
	transfer_expect(KEY, KNOT_EDENIED, "transfer with the key key.example. for 127.0.0.1\n");
	begin_message(KNOT_RCODE_SERVFAIL, QUESTION, sizeof(QUESTION) - 1);
	transfer_expect(NULL, KNOT_EDENIED, ": transfer failed (SERVFAIL)\n");

	static const struct {
		uint16_t error;
		const char *text;
	} tests[] = {
		{ KNOT_RCODE_BADKEY,
		  "(BADKEY); the server does not know the TSIG key key.example., or " },
		{ KNOT_RCODE_BADSIG,
		  "(BADSIG); the TSIG key key.example. has another secret there\n" },
		{ KNOT_RCODE_BADTIME, "(BADTIME); the clocks are too far apart\n" },
	};
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		begin_message(KNOT_RCODE_NOTAUTH, QUESTION, sizeof(QUESTION) - 1);
		put_tsig_error(tests[i].error);
		transfer_expect(KEY, KNOT_EDENIED, tests[i].text);
	}

	// In the middle.
	BEGIN();
	SOA("\x2a");
	begin_message(KNOT_RCODE_SERVFAIL, QUESTION, sizeof(QUESTION) - 1);
	transfer_expect(NULL, KNOT_EDENIED, ": transfer broken off by the server (SERVFAIL)\n");
}

static void server_stalls(void **state)
{
	(void)state;
	server.stall = true;
	transfer_expect(NULL, KNOT_ETIMEOUT, ": no message within 300 ms, after 0 records\n");
	BEGIN();
	SOA("\x2a");
	put("\1\0\0", 3);
	server.stall = true;
	transfer_expect(NULL, KNOT_ETIMEOUT, ": no message within 300 ms, after 1 records\n");
}

static void answer_is_short(void **state)
{
	(void)state;
	answer_zone();
	size_t whole = server.length;
	server.cut = whole;
	transfer_expect(NULL, KNOT_ECONN,
	                ": connection closed before message 1, after 0 records\n");
	for (size_t cut = 1; cut < whole; cut++) {
		answer_zone();
		server.cut = cut;
		transfer_expect(NULL, KNOT_ECONN, ": connection closed ");
	}
}

static void zone_changes(void **state)
{
	(void)state;
	BEGIN();
	SOA("\x2a");
	SOA("\x2b");
	transfer_expect(NULL, KNOT_EBUSY,
	                ": zone changed during the transfer, SOA serial 42 at the beginning and 43 "
	                "at the end\n");
	BEGIN();
	SOA("\x2a");
	RECORD(APEX, KNOT_RRTYPE_SOA,
	       "\2nt" APEX "\5admin" APEX "\0\0\0\x2a"
	       "\0\0\x0e\x10\0\0\3\x84\0\1\x51\x80\0\0\1\x2c");
	transfer_expect(NULL, KNOT_EBUSY, ": zone changed during the transfer");
	BEGIN();
	SOA("\x2a");
	RECORD(APEX, KNOT_RRTYPE_SOA,
	       "\2ns" APEX "\5admin" APEX "\0\0\0\x2a"
	       "\0\0\x0e\x10\0\0\3\x84\0\1\x51\x80\0\0\1\x2d");
	transfer_expect(NULL, KNOT_EBUSY, ": zone changed during the transfer");
}

/*! TSIG and OPT records have their place (RFC 8945 section 5.1, RFC 6891 section 6.1.1). */
static void misplaced_records(void **state)
{
	(void)state;
	static const char *malformed = ": message 1 is malformed, after 0 records\n";
	// Among the records of the zone, before another one of the additional section.
	BEGIN();
	SOA("\x2a");
	put_tsig_error(0);
	server.answer[server.message + 7]++;
	server.answer[server.message + 11]--;
	transfer_expect(NULL, KNOT_EMALF, malformed);
	for (unsigned i = 0; i < 2; i++) {
		BEGIN();
		SOA("\x2a");
		SOA("\x2a");
		put_tsig_error(0);
		if (i == 0) {
			RECORD(APEX, KNOT_RRTYPE_A, "\xc0\0\2\1");
			server.answer[server.message + 7]--;
			server.answer[server.message + 11]++;
		}
		transfer_expect(NULL, KNOT_EMALF, i == 0 ? malformed : ": a signature nobody");
	}
	// With another one counted, and with octets behind it.
	for (unsigned i = 0; i < 2; i++) {
		BEGIN();
		SOA("\x2a");
		SOA("\x2a");
		put_tsig_error(0);
		if (i == 0) {
			server.answer[server.message + 11]++;
		} else {
			put("x", 1);
			end_message();
		}
		transfer_expect(NULL, KNOT_EMALF, malformed);
	}
	// One that is cut short.
	BEGIN();
	SOA("\x2a");
	SOA("\x2a");
	put_record("", 1, KNOT_RRTYPE_TSIG, KNOT_CLASS_ANY, "\0\0\0", 3);
	server.answer[server.message + 7]--;
	server.answer[server.message + 11]++;
	transfer_expect(NULL, KNOT_EMALF, malformed);

	// The other sections say nothing about the zone.
	for (unsigned section = 7; section <= 11; section += 2) {
		BEGIN();
		SOA("\x2a");
		SOA("\x2a");
		put_record("", 1, KNOT_RRTYPE_OPT, KNOT_CLASS_IN, "", 0);
		server.answer[server.message + 7]--;
		server.answer[server.message + section]++;
		if (section == 7) {
			transfer_expect(NULL, KNOT_EMALF, malformed);
		} else {
			transfer_expect(NULL, KNOT_EOK, NULL);
			assert_int_equal(pushed.count, 1);
		}
	}
}

static void wrong_answers(void **state)
{
	(void)state;
	answer_zone();
	server.keep_id = true;
	transfer_expect(NULL, KNOT_EMALF, ": not an answer to the query\n");
	answer_zone();
	server.answer[4] = 0x04;
	transfer_expect(NULL, KNOT_EMALF, ": not an answer to the query\n");
	answer_zone();
	server.answer[4] = 0xa4;
	transfer_expect(NULL, KNOT_EMALF, ": not an answer to the query\n");
	answer_zone();
	server.answer[4] = 0x86;
	transfer_expect(NULL, KNOT_EMALF, ": a truncated answer\n");

	static const struct {
		const char *question;
		size_t len;
	} questions[] = {
		{ "", 0 },
		{ "\7example\3net\0\0\xfc\0\1", 17 },
		{ "\7example\3com\0\0\6\0\1", 17 },
		{ "\7example\3com\0\0\xfc\0\3", 17 },
	};
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		begin_message(0, questions[i].question, questions[i].len);
		transfer_expect(NULL, KNOT_EMALF, ": an answer to another question\n");
	}

	BEGIN();
	transfer_expect(NULL, KNOT_EMALF, ": message 1 has no records\n");
	BEGIN();
	SOA("\x2a");
	BEGIN();
	transfer_expect(NULL, KNOT_EMALF, ": message 2 has no records\n");
	BEGIN();
	RECORD("\1a" APEX, KNOT_RRTYPE_A, "\xc0\0\2\1");
	transfer_expect(NULL, KNOT_EMALF, ": the first record is not an SOA record\n");
	BEGIN();
	RECORD("\1a" APEX, KNOT_RRTYPE_SOA, SOA_RDATA("\x2a"));
	transfer_expect(NULL, KNOT_EMALF, ": an SOA record of another zone\n");
	BEGIN();
	SOA("\x2a");
	put_record(APEX, 2, KNOT_RRTYPE_TXT, KNOT_CLASS_CH, "\1a", 2);
	transfer_expect(NULL, KNOT_EMALF, ": a record of class 3\n");
	BEGIN();
	SOA("\x2a");
	SOA("\x2a");
	RECORD("\1a" APEX, KNOT_RRTYPE_A, "\xc0\0\2\1");
	transfer_expect(NULL, KNOT_EMALF, ": records after the last SOA record\n");

	// Nobody waits for what comes after the end.
	answer_zone();
	put("garbage", 7);
	server.stall = true;
	transfer_expect(NULL, KNOT_EOK, NULL);

	put("\0\0", 2);
	transfer_expect(NULL, KNOT_EMALF, ": message 1 has 0 octets only\n");
	put("\0\13abcdefghijk", 13);
	transfer_expect(NULL, KNOT_EMALF, ": message 1 has 11 octets only\n");
	BEGIN();
	SOA("\x2a");
	put("x", 1);
	end_message();
	transfer_expect(NULL, KNOT_EMALF, ": message 1 is malformed, after 0 records\n");
	BEGIN();
	SOA("\x2a");
	server.answer[server.message + 7]++;
	transfer_expect(NULL, KNOT_EMALF, ": message 1 is malformed, after 0 records\n");
	// A name that points to itself, an address that is too short.
	BEGIN();
	SOA("\x2a");
	RECORD("\xc0\x50", KNOT_RRTYPE_A, "\xc0\0\2\1");
	transfer_expect(NULL, KNOT_EMALF, ": message 1 is malformed, after 1 records\n");
	BEGIN();
	SOA("\x2a");
	RECORD("\1a" APEX, KNOT_RRTYPE_A, "\xc0\0\2");
	transfer_expect(NULL, KNOT_EMALF, ": message 1 is malformed, after 1 records\n");
}

/*! CAA and unknown types may have any RDATA: it is for the audit to judge. */
static void malformed_caa_is_read(void **state)
{
	(void)state;
	BEGIN();
	SOA("\x2a");
	RECORD("\1a" APEX, KNOT_RRTYPE_CAA, "\0\5");
	RECORD("\1b" APEX, KNOT_RRTYPE_CAA, "\0");
	RECORD("\1c" APEX, 65280, "");
	SOA("\x2a");
	transfer_expect(NULL, KNOT_EOK, NULL);
	assert_int_equal(pushed.count, 4);
}

/*! A message of many records, the names of which are long when they are uncompressed. */
static void message_that_needs_much_memory(void **state)
{
	(void)state;
	BEGIN();
	SOA("\x2a");
	char name[243];
	for (size_t i = 0; i < sizeof(name); i += 2) {
		name[i] = 1;
		name[i + 1 < sizeof(name) ? i + 1 : i] = 'a';
	}
	name[240] = (char)0xc0;
	name[241] = 0x0c;
	size_t at = server.length - server.message;
	put_record(name, 242, KNOT_RRTYPE_A, KNOT_CLASS_IN, "\xc0\0\2\1", 4);
	char pointer[2] = { (char)(0xc0 | at >> 8), (char)(at & 0xff) };
	for (unsigned i = 0; i < 4500; i++) {
		put_record(pointer, 2, KNOT_RRTYPE_CNAME, KNOT_CLASS_IN, pointer, 2);
	}
	SOA("\x2a");
	transfer_expect(NULL, KNOT_EOK, NULL);
	assert_int_equal(pushed.count, 4502);
}

static void random_octets(void **state)
{
	(void)state;
	uint32_t x = 1;
	for (unsigned i = 0; i < 500; i++) {
		answer_zone();
		for (unsigned j = 0; j < 1 + i % 3; j++) {
			x = x * 1664525 + 1013904223;
			server.answer[(x >> 8) % server.length] = x >> 24;
		}
		test_reading_t *reading = new_reading();
		start_server();
		int ret = source_transfer(&reading->listener, &server.address, NULL, TIMEOUT,
		                          zone_name, push, reading);
		stop_server();
		assert_true(ret == KNOT_EOK || reading->complaints > 0);
		free_reading(reading);
	}
}

static void nobody_listens(void **state)
{
	(void)state;
	start_server();
	struct sockaddr_storage address = server.address;
	stop_server();
	test_reading_t *reading = new_reading();
	int ret = source_transfer(&reading->listener, &address, NULL, TIMEOUT, zone_name, push,
	                          reading);
	expect(reading, ret, KNOT_ECONNREFUSED, ": cannot connect (connection refused)\n");
	free_reading(reading);

	// No address at all, and one that swallows everything: a queue that is full.
	const struct sockaddr_storage none = { .ss_family = AF_UNSPEC };
	reading = new_reading();
	ret = source_transfer(&reading->listener, &none, NULL, TIMEOUT, zone_name, push, reading);
	expect(reading, ret, KNOT_EINVAL, "not an address of a server\n");
	free_reading(reading);

	int listener = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in in = { .sin_family = AF_INET,
		                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_int_equal(bind(listener, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(listener, 0), 0);
	socklen_t len = sizeof(address);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
	int fill[4];
	for (size_t i = 0; i < sizeof(fill) / sizeof(fill[0]); i++) {
		fill[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)connect(fill[i], (struct sockaddr *)&address, sizeof(in));
	}
	reading = new_reading();
	ret = source_transfer(&reading->listener, &address, NULL, TIMEOUT, zone_name, push,
	                      reading);
	expect(reading, ret, KNOT_ETIMEOUT, " within 300 ms");
	free_reading(reading);
	for (size_t i = 0; i < sizeof(fill) / sizeof(fill[0]); i++) {
		close(fill[i]);
	}
	close(listener);
}

static void listener_gives_up(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 3; i++) {
		answer_zone();
		test_reading_t *reading = new_reading();
		reading->stop_at = i;
		start_server();
		int ret = source_transfer(&reading->listener, &server.address, NULL, TIMEOUT,
		                          zone_name, push, reading);
		stop_server();
		expect(reading, ret, KNOT_ELIMIT, NULL);
		assert_int_equal(reading->done, i == 1 ? 0 : i);
		free_reading(reading);
	}
}

static void out_of_memory(void **state)
{
	(void)state;
	knot_tsig_key_t key;
	assert_int_equal(knot_tsig_key_init_str(&key, KEY), KNOT_EOK);
	int ret = KNOT_ENOMEM;
	int failures = 0;
	for (; ret != KNOT_EOK && failures < 1000; failures++) {
		answer_zone();
		server.key = KEY;
		test_reading_t *reading = new_reading();
		start_server();
		allocations = failures;
		ret = source_transfer(&reading->listener, &server.address, &key, TIMEOUT, zone_name,
		                      push, reading);
		allocations = -1;
		stop_server();
		if (ret != KNOT_EOK) {
			expect(reading, ret, KNOT_ENOMEM, "not enough memory\n");
		}
		free_reading(reading);
	}
	assert_in_range(failures, 4, 999);
	knot_tsig_key_deinit(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_zone),
		cmocka_unit_test(large_zone),
		cmocka_unit_test(signed_zone),
		cmocka_unit_test(wrong_signatures),
		cmocka_unit_test(server_refuses),
		cmocka_unit_test(server_stalls),
		cmocka_unit_test(answer_is_short),
		cmocka_unit_test(zone_changes),
		cmocka_unit_test(misplaced_records),
		cmocka_unit_test(wrong_answers),
		cmocka_unit_test(malformed_caa_is_read),
		cmocka_unit_test(message_that_needs_much_memory),
		cmocka_unit_test(random_octets),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(listener_gives_up),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
