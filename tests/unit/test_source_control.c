/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "test_source.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include <libknot/control/control.h>

#include "fill.h"

#define TIMEOUT 300 /* ms */

/* Codes of the protocol: units, and items as they are numbered. */
enum { END = 0, DATA = 1, EXTRA = 2, BLOCK = 3, ITEM = 16 };

static char directory[] = "/tmp/caaudit-test-XXXXXX";
static char path[sizeof(directory) + 16];

/*! Clients that a server answers at most. */
enum { ANSWERS_MAX = 4 };

/*! A server: takes a command from each client, gives it the next answer and hangs up. */
static struct {
	int listener;
	uint8_t answer[4 * 1024 * 1024]; /*!< All of them. */
	size_t length;
	size_t end[ANSWERS_MAX]; /*!< Of each answer but the last one. */
	unsigned answers;        /*!< Answers before the last one. */
	bool stall;              /*!< Does not hang up before the client. */
	char command[512];       /*!< All of them. */
	size_t command_len;
	pthread_t thread;
} server;

static int make_directory(void **state)
{
	(void)state;
	(void)snprintf(path, sizeof(path), "%s", directory);
	if (mkdtemp(path) == NULL) {
		return -1;
	}
	memcpy(directory, path, sizeof(directory));
	(void)snprintf(path, sizeof(path), "%s/knot.sock", directory);

	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	(void)unlink(path);

	return rmdir(directory);
}

static void answer_unit(uint8_t unit)
{
	server.answer[server.length++] = unit;
}

static void answer_item(knot_ctl_idx_t index, const char *text)
{
	size_t len = strlen(text);
	assert_true(server.length + len + 3 < sizeof(server.answer));
	server.answer[server.length++] = ITEM + index;
	server.answer[server.length++] = len >> 8;
	server.answer[server.length++] = len & 0xff;
	memcpy(server.answer + server.length, text, len);
	server.length += len;
}

/*! What follows is for the next client. */
static void next_answer(void)
{
	assert_true(server.answers + 1 < ANSWERS_MAX);
	server.end[server.answers++] = server.length;
}

static void answer_record(const char *owner, const char *ttl, const char *type, const char *data)
{
	answer_unit(DATA);
	answer_item(KNOT_CTL_IDX_ZONE, ZONE);
	answer_item(KNOT_CTL_IDX_OWNER, owner);
	answer_item(KNOT_CTL_IDX_TTL, ttl);
	answer_item(KNOT_CTL_IDX_TYPE, type);
	answer_item(KNOT_CTL_IDX_DATA, data);
}

static void answer_error(const char *text)
{
	answer_unit(DATA);
	answer_item(KNOT_CTL_IDX_ZONE, ZONE);
	answer_item(KNOT_CTL_IDX_ERROR, text);
}

static void answer_soa(void)
{
	answer_record(ZONE, "300", "SOA", "ns.example.com. a.example.com. 42 3600 900 86400 300");
}

static void serve_client(int fd, const uint8_t *answer, size_t length)
{
	// The command ends with a block.
	size_t begin = server.command_len;
	while (server.command_len == begin || server.command[server.command_len - 1] != BLOCK) {
		ssize_t ret = recv(fd, server.command + server.command_len,
		                   sizeof(server.command) - server.command_len, 0);
		if (ret <= 0) {
			break;
		}
		server.command_len += ret;
	}

	for (size_t sent = 0; sent < length;) {
		ssize_t ret = send(fd, answer + sent, length - sent, MSG_NOSIGNAL);
		if (ret <= 0) {
			break;
		}
		sent += ret;
	}
	close(fd);
}

static void *serve(void *arg)
{
	(void)arg;
	size_t begin = 0;
	for (unsigned i = 0; i <= server.answers; i++) {
		size_t end = i < server.answers ? server.end[i] : server.length;
		int fd = accept(server.listener, NULL, NULL);
		if (fd < 0) {
			break; // The reader has given up.
		}
		serve_client(fd, server.answer + begin, end - begin);
		begin = end;
	}

	return NULL;
}

static void *serve_and_stall(void *arg)
{
	(void)arg;
	int fd = accept(server.listener, NULL, NULL);
	assert_true(fd >= 0);
	assert_int_equal(send(fd, server.answer, server.length, MSG_NOSIGNAL), server.length);
	char rest[64];
	while (recv(fd, rest, sizeof(rest), 0) > 0) {
	}
	close(fd);

	return NULL;
}

static void start_server(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	(void)unlink(path);
	server.listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_true(server.listener >= 0);
	assert_int_equal(bind(server.listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(server.listener, 1), 0);
	server.command_len = 0;
	assert_int_equal(pthread_create(&server.thread, NULL,
	                                server.stall ? serve_and_stall : serve, NULL),
	                 0);
}

static void stop_server(void)
{
	// Whoever still waits for a client waits no longer.
	(void)shutdown(server.listener, SHUT_RDWR);
	assert_int_equal(pthread_join(server.thread, NULL), 0);
	close(server.listener);
	server.length = 0;
	server.answers = 0;
	server.stall = false;
}

/*! Reads what the server has to say; the reading is gone afterwards. */
static void read_expect(int wanted, const char *text)
{
	test_reading_t *reading = new_reading();
	start_server();
	int ret = source_control(&reading->listener, path, TIMEOUT, zone_name, push, reading);
	stop_server();
	expect(reading, ret, wanted, text);
	if (ret == KNOT_EOK) {
		assert_int_equal(pushed.serial, 42);
	}
	free_reading(reading);
}

static void whole_zone(void **state)
{
	(void)state;
	answer_soa();
	answer_record(ZONE, "7", "CAA", "0 issue \"sectigo.com\"");
	answer_record(ZONE, "7", "TXT", "\"; not a comment (\" \"\\\"\\010\"");
	answer_record("\\$\\*.example.com.", "8", "TYPE65280", "\\# 2 0102");
	answer_record("*.example.com.", "8", "CNAME", "a.example.com.");
	answer_record("a.example.com.", "9", "RRSIG",
	              "A 8 3 9 20300101000000 20200101000000 1 example.com. AAAA");
	answer_unit(BLOCK);
	read_expect(KNOT_EOK, NULL);
	assert_int_equal(pushed.count, 6);

	static const uint8_t command[] = "\1\x10\0\x09zone-read\x16\0\x0c" ZONE "\3";
	assert_true(server.command_len >= sizeof(command) - 1);
	assert_memory_equal(server.command, command, sizeof(command) - 1);

	// The same records, the same hash.
	uint64_t hash = pushed.hash;
	answer_soa();
	answer_record(ZONE, "7", "TYPE257", "\\# 18 000569737375657365637469676f2e636f6d");
	answer_record(ZONE, "7", "TXT", "\"\\059 not a comment (\" \"\\034\\010\"");
	answer_record("$*.example.com.", "8", "TYPE65280", "\\# 2 0102");
	answer_record("*.example.com.", "8", "CNAME", "a.example.com.");
	answer_record("a.example.com.", "9", "RRSIG",
	              "A 8 3 9 20300101000000 20200101000000 1 example.com. AAAA");
	answer_unit(END);
	// An owner that begins a directive is not taken for one.
	read_expect(KNOT_EMALF, "cannot understand record 4 of the answer");
	assert_int_not_equal(pushed.hash, hash);
}

static void large_zone(void **state)
{
	(void)state;
	answer_soa();
	char owner[32];
	for (unsigned i = 0; i < 20000; i++) {
		(void)snprintf(owner, sizeof(owner), "h%u.example.com.", i / 3);
		answer_record(owner, "3600", "TXT", i % 3 == 0 ? "a" : i % 3 == 1 ? "b" : "c");
	}
	// Longer than a block that is received, shorter than one that is stored.
	enum { LONG = 60000 };
	char *text = malloc(LONG + 1);
	assert_non_null(text);
	for (size_t i = 0; i < LONG; i++) {
		text[i] = i % 100 == 99 ? ' ' : 'x';
	}
	text[LONG] = '\0';
	for (unsigned i = 0; i < 9; i++) {
		answer_record("long.example.com.", "3600", "TXT", text);
	}
	free(text);
	answer_unit(BLOCK);
	read_expect(KNOT_EOK, NULL);
	assert_int_equal(pushed.count, 20010);
}

static void answer_is_short(void **state)
{
	(void)state;
	// Cut at every octet of a short answer.
	answer_soa();
	answer_record("a.example.com.", "7", "A", "192.0.2.1");
	answer_unit(BLOCK);
	size_t whole = server.length;
	static uint8_t answer[512];
	assert_true(whole < sizeof(answer));
	memcpy(answer, server.answer, whole);
	for (size_t i = 0; i < whole; i++) {
		memcpy(server.answer, answer, whole);
		server.length = i;
		read_expect(KNOT_ECONN, "knot.sock:0: answer ended early, after ");
		assert_int_equal(pushed.count, 0);
	}
}

static void server_stalls(void **state)
{
	(void)state;
	answer_soa();
	answer_unit(DATA);
	server.stall = true;
	read_expect(KNOT_ETIMEOUT, "answer ended early, after 1 records (connection timeout)\n");
}

static void server_reports_an_error(void **state)
{
	(void)state;
	answer_error("no such zone found");
	answer_unit(BLOCK);
	read_expect(KNOT_EDENIED, "knot.sock:0: the server reports: no such zone found\n");

	// A record that the server cannot write down.
	answer_soa();
	answer_record("b.example.com.", "7", "A", "192.0.2.1");
	answer_error("not enough space\nprovided");
	answer_unit(BLOCK);
	read_expect(KNOT_EMALF, "after 2 records: not enough space?provided; the record that it "
	                        "stopped at is at b.example.com. or after it\n");
}

/*! Fills a view from what the server has to say. */
static void fill_expect(int wanted, const char *text)
{
	caaudit_policy_t *policy = caaudit_policy_new(zone_name);
	assert_non_null(policy);
	assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
	caaudit_view_t *view = caaudit_view_new(policy);
	assert_non_null(view);
	test_reading_t *reading = new_reading();
	start_server();
	int ret = source_fill_control(&reading->listener, path, TIMEOUT, view);
	stop_server();
	expect(reading, ret, wanted, text);
	free_reading(reading);
	caaudit_view_free(view);
	caaudit_policy_free(policy);
}

/*! An answer that is complete, and no zone. */
static void empty_answers(void **state)
{
	(void)state;
	answer_unit(BLOCK);
	fill_expect(KNOT_ENOENT, "knot.sock:0: example.com. has no SOA record\n");
	answer_unit(END);
	fill_expect(KNOT_ENOENT, "knot.sock:0: example.com. has no SOA record\n");

	answer_soa();
	answer_record(ZONE, "300", "SOA", "ns. a. 43 3600 900 86400 300");
	answer_unit(BLOCK);
	fill_expect(KNOT_ESEMCHECK, "has more than one SOA record\n");
}

static void garbage(void **state)
{
	(void)state;
	static const struct {
		const char *owner, *ttl, *type, *data;
		const char *text;
	} tests[] = {
		{ "a.example.com", "7", "A", "192.0.2.1", "a wrong owner" },
		{ "", "7", "A", "192.0.2.1", "a wrong owner" },
		{ "a.example.com.", "x", "A", "192.0.2.1", "cannot understand record 2 " },
		{ "a.example.com.", "7", "B", "192.0.2.1", "cannot understand record 2 " },
		{ "a.example.com.", "7", "A", "192.0.2.300", "cannot understand record 2 " },
		{ "a.example.com.", "7", "A", "", "cannot understand record 2 " },
		{ "a.example.com.", "7", "TXT", "\"a", "cannot understand record 2 " },
		{ "a.example.com.", "7", "TXT", "( \"a", "cannot understand record " },
		{ "a.example.com.", "7", "TXT", "a (", "cannot understand record " },
		{ "a.example.com.", "7", "TXT", "a )", "cannot understand record 2 " },
		{ "a.example.com.", "7", "TXT", "a\\", "cannot understand record 2 " },
		{ "a.example.com.", "7", "A", "192.0.2.1\nb A 192.0.2.2", "several lines" },
		{ "a\n.example.com.", "7", "A", "192.0.2.1", "several lines" },
		{ ";.", "7", "A", "192.0.2.1", "(not a record)" },
		{ "$INCLUDE /dev/null .", "", ";", "", "(not a record)" },
		{ "$TTL 5 ;.", "", "", "", "(not a record)" },
		{ "$ORIGIN a.", ";", "", "", "(not a record)" },
		{ " .", ";", "", "", "cannot understand record 2 " },
	};
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		answer_soa();
		answer_record(tests[i].owner, tests[i].ttl, tests[i].type, tests[i].data);
		answer_record("b.example.com.", "7", "A", "192.0.2.1");
		answer_unit(BLOCK);
		read_expect(KNOT_EMALF, tests[i].text);
	}

	// Directives at the end make the count of lines wrong.
	answer_soa();
	answer_record("$TTL 5 ;.", "", "", "");
	answer_unit(BLOCK);
	read_expect(KNOT_EMALF, "a line without a record");

	// A value of another zone, of nothing, of an unknown kind.
	answer_soa();
	answer_unit(DATA);
	answer_item(KNOT_CTL_IDX_ZONE, "example.net.");
	answer_item(KNOT_CTL_IDX_OWNER, "example.net.");
	answer_item(KNOT_CTL_IDX_TTL, "7");
	answer_item(KNOT_CTL_IDX_TYPE, "A");
	answer_item(KNOT_CTL_IDX_DATA, "192.0.2.1");
	answer_unit(BLOCK);
	read_expect(KNOT_EMALF, "unexpected answer after 1 records, a record of another zone\n");
	answer_soa();
	answer_unit(DATA);
	answer_item(KNOT_CTL_IDX_ZONE, ZONE);
	answer_unit(BLOCK);
	read_expect(KNOT_EMALF, "an incomplete record\n");
	answer_soa();
	answer_unit(EXTRA);
	answer_unit(BLOCK);
	read_expect(KNOT_EMALF, "an unknown item\n");
	memset(server.answer, 0xff, 100);
	server.length = 100;
	read_expect(KNOT_EINVAL, "answer ended early, after 0 records");
}

static void random_octets(void **state)
{
	(void)state;
	uint32_t x = 1;
	for (unsigned i = 0; i < 200; i++) {
		answer_soa();
		answer_record("a.example.com.", "7", "TXT", "\"text\"");
		answer_record("b.example.com.", "7", "CAA", "0 issue \"sectigo.com\"");
		answer_unit(BLOCK);
		for (unsigned j = 0; j < 1 + i % 5; j++) {
			x = x * 1664525 + 1013904223;
			server.answer[(x >> 8) % server.length] = x >> 24;
		}
		test_reading_t *reading = new_reading();
		start_server();
		int ret = source_control(&reading->listener, path, TIMEOUT, zone_name, push,
		                         reading);
		stop_server();
		assert_true(ret == KNOT_EOK || reading->complaints > 0);
		free_reading(reading);
	}
}

static void nobody_listens(void **state)
{
	(void)state;
	test_reading_t *reading = new_reading();
	int ret = source_control(&reading->listener, "/nonexistent/knot.sock", TIMEOUT, zone_name,
	                         push, reading);
	expect(reading, ret, KNOT_ENOENT, "knot.sock:0: cannot connect (");
	free_reading(reading);

	// A socket that nobody accepts from, with a full queue.
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	(void)unlink(path);
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 0), 0);
	int first = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(connect(first, (struct sockaddr *)&address, sizeof(address)), 0);
	reading = new_reading();
	struct timespec begin, end;
	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &begin), 0);
	ret = source_control(&reading->listener, path, TIMEOUT, zone_name, push, reading);
	assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &end), 0);
	expect(reading, ret, KNOT_EAGAIN, "cannot connect (server is busy)\n");
	// Not without having tried again for a while.
	assert_true((end.tv_sec - begin.tv_sec) * 1000 + (end.tv_nsec - begin.tv_nsec) / 1000000 >=
	            TIMEOUT);
	free_reading(reading);

	close(first);
	close(listener);
	reading = new_reading();
	ret = source_control(&reading->listener, path, TIMEOUT, zone_name, push, reading);
	expect(reading, ret, KNOT_ECONNREFUSED, "cannot connect (connection refused)\n");
	free_reading(reading);
}

static void listener_gives_up(void **state)
{
	(void)state;
	for (unsigned i = 1; i <= 4; i++) {
		answer_soa();
		for (unsigned j = 0; j < 2 * 4096; j++) {
			answer_record("a.example.com.", "7", "A", "192.0.2.1");
		}
		answer_unit(BLOCK);
		test_reading_t *reading = new_reading();
		reading->stop_at = i;
		start_server();
		int ret = source_control(&reading->listener, path, TIMEOUT, zone_name, push,
		                         reading);
		stop_server();
		expect(reading, ret, KNOT_ELIMIT, NULL);
		assert_int_equal(reading->all, i <= 2 ? 0 : 2 * 4096 + 1);
		free_reading(reading);
	}
}

static void out_of_memory(void **state)
{
	(void)state;
	int ret = KNOT_ENOMEM;
	int failures = 0;
	for (; ret != KNOT_EOK && failures < 1000; failures++) {
		answer_soa();
		answer_record("a.example.com.", "7", "CAA", "0 issue \"sectigo.com\"");
		answer_unit(BLOCK);
		test_reading_t *reading = new_reading();
		start_server();
		// The other thread only waits by now.
		allocations = failures;
		ret = source_control(&reading->listener, path, TIMEOUT, zone_name, push, reading);
		allocations = -1;
		stop_server();
		if (ret != KNOT_EOK) {
			expect(reading, ret, KNOT_ENOMEM, "not enough memory\n");
		}
		free_reading(reading);
	}
	assert_in_range(failures, 2, 999);
}

/* --- The open transaction: zone-diff, zone-get, zone-diff ---------------------------------- */

/*! Where a server puts the sign of a difference. */
enum { SIGN_IN_FILTERS = KNOT_CTL_IDX_DATA + 1, SIGN_IN_FLAGS = KNOT_CTL_IDX_FLAGS };

static void answer_difference(int where, const char *sign, const char *owner, const char *ttl,
                              const char *type, const char *data)
{
	answer_record(owner, ttl, type, data);
	answer_item((knot_ctl_idx_t)where, sign);
}

/*! One record removed, one added. */
static void answer_differences(int where)
{
	answer_difference(where, "-", "a.example.com.", "7", "A", "192.0.2.1");
	answer_difference(where, "+", "b.example.com.", "7", "A", "192.0.2.2");
	answer_unit(BLOCK);
}

/*! What they make of a zone with another record. */
static void answer_new_zone(void)
{
	answer_soa();
	answer_record("b.example.com.", "7", "A", "192.0.2.2");
	answer_record("c.example.com.", "7", "A", "192.0.2.3");
	answer_unit(BLOCK);
}

static void answer_transaction(void)
{
	answer_differences(SIGN_IN_FILTERS);
	next_answer();
	answer_new_zone();
	next_answer();
	answer_differences(SIGN_IN_FILTERS);
}

/*! Reads a transaction from what the server has to say, and both states of the zone. Both are empty
 *  after an error. */
static int read_transaction(test_reading_t *reading, size_t *served, size_t *made)
{
	source_transaction_t *transaction = NULL;
	start_server();
	int ret = source_transaction_read(&reading->listener, path, TIMEOUT, zone_name,
	                                  &transaction);
	stop_server();
	*served = *made = 0;
	if (ret != KNOT_EOK) {
		assert_null(transaction);
		assert_int_equal(pushed.count, 0);
		return ret;
	}
	ret = source_transaction_records(transaction, &reading->listener, path, true, push,
	                                 reading);
	*served = pushed.count;
	if (ret == KNOT_EOK) {
		ret = source_transaction_records(transaction, &reading->listener, path, false, push,
		                                 reading);
		*made = pushed.count - *served;
	}
	source_transaction_free(transaction);

	return ret;
}

static void transaction_expect(int wanted, const char *text)
{
	size_t served, made;
	test_reading_t *reading = new_reading();
	expect(reading, read_transaction(reading, &served, &made), wanted, text);
	free_reading(reading);
}

/*! Reads a transaction that must be right: its numbers of records. */
static void transaction_counts(size_t wanted_served, size_t wanted_made)
{
	size_t served, made;
	test_reading_t *reading = new_reading();
	expect(reading, read_transaction(reading, &served, &made), KNOT_EOK, NULL);
	free_reading(reading);
	assert_int_equal(served, wanted_served);
	assert_int_equal(made, wanted_made);
	assert_int_equal(pushed.serial, 42);
}

static void transaction_gives_both_states(void **state)
{
	(void)state;
	// Served: SOA, a, c. To come: SOA, b, c. Up to 3.4.0 the sign is a flag.
	static const int places[] = { SIGN_IN_FILTERS, SIGN_IN_FLAGS };
	uint64_t hash = 0;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		answer_differences(places[i]);
		next_answer();
		answer_new_zone();
		next_answer();
		answer_differences(places[i]);
		transaction_counts(3, 3);
		assert_true(hash == 0 || hash == pushed.hash);
		hash = pushed.hash;
	}

	static const uint8_t commands[] = "\1\x10\0\x09zone-diff\x16\0\x0c" ZONE "\3"
					  "\1\x10\0\x08zone-get\x16\0\x0c" ZONE "\3"
					  "\1\x10\0\x09zone-diff\x16\0\x0c" ZONE "\3";
	assert_int_equal(server.command_len, sizeof(commands) - 1);
	assert_memory_equal(server.command, commands, sizeof(commands) - 1);

	// Nothing has changed yet.
	answer_unit(BLOCK);
	next_answer();
	answer_new_zone();
	next_answer();
	answer_unit(END);
	transaction_counts(3, 3);
}

/*! Records that a server makes when it signs are of neither state. */
static void transaction_without_proofs(void **state)
{
	(void)state;
	static const char *const types[] = {
		"RRSIG", "dnskey", "NSEC", "NSEC3", "Nsec3param", "A"
	};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		answer_unit(BLOCK);
		next_answer();
		answer_soa();
		answer_record("a.example.com.", "7", types[i], "192.0.2.1");
		answer_unit(BLOCK);
		next_answer();
		answer_unit(BLOCK);
		test_reading_t *reading = new_reading();
		source_transaction_t *transaction = NULL;
		start_server();
		int ret = source_transaction_read(&reading->listener, path, TIMEOUT, zone_name,
		                                  &transaction);
		stop_server();
		expect(reading, ret, KNOT_EOK, NULL);
		bool proof = strcmp(types[i], "A") != 0;
		assert_int_equal(source_transaction_lacks_proofs(transaction), proof);
		ret = source_transaction_records(transaction, &reading->listener, path, true, push,
		                                 reading);
		expect(reading, ret, KNOT_EOK, NULL);
		assert_int_equal(pushed.count, proof ? 1 : 2);
		source_transaction_free(transaction);
		free_reading(reading);
	}
	source_transaction_free(NULL);
}

/*! Answers that do not fit together: the transaction was another one meanwhile. */
static void transaction_changes(void **state)
{
	(void)state;
	static const char busy[] = "the transaction changed while it was read\n";

	// What is added is not in the zone, or twice.
	for (unsigned times = 0; times <= 2; times += 2) {
		answer_differences(SIGN_IN_FILTERS);
		next_answer();
		answer_soa();
		for (unsigned i = 0; i < times; i++) {
			answer_record("b.example.com.", "7", "A", "192.0.2.2");
		}
		answer_unit(BLOCK);
		next_answer();
		answer_differences(SIGN_IN_FILTERS);
		transaction_expect(KNOT_EBUSY, busy);
	}

	// What is removed is still there.
	answer_differences(SIGN_IN_FILTERS);
	next_answer();
	answer_record("a.example.com.", "7", "A", "192.0.2.1");
	answer_new_zone();
	next_answer();
	answer_differences(SIGN_IN_FILTERS);
	transaction_expect(KNOT_EBUSY, busy);

	// The differences afterwards: none, fewer, more, others, in another order.
	for (unsigned i = 0; i < 5; i++) {
		answer_differences(SIGN_IN_FILTERS);
		next_answer();
		answer_new_zone();
		next_answer();
		if (i == 1 || i == 2) {
			answer_difference(SIGN_IN_FILTERS, "+", "b.example.com.", "7", "A",
			                  "192.0.2.2");
		}
		if (i == 2 || i == 3) {
			answer_difference(SIGN_IN_FILTERS, "-", "a.example.com.", "7", "A",
			                  i == 2 ? "192.0.2.9" : "192.0.2.1");
		}
		if (i == 3) {
			answer_difference(SIGN_IN_FILTERS, "+", "b.example.com.", "8", "A",
			                  "192.0.2.2");
		}
		if (i == 4) {
			answer_difference(SIGN_IN_FILTERS, "+", "a.example.com.", "7", "A",
			                  "192.0.2.1");
			answer_difference(SIGN_IN_FILTERS, "-", "b.example.com.", "7", "A",
			                  "192.0.2.2");
		}
		answer_unit(BLOCK);
		transaction_expect(KNOT_EBUSY, busy);
	}

	// The server answers the commands in another order.
	answer_new_zone();
	next_answer();
	answer_differences(SIGN_IN_FILTERS);
	next_answer();
	answer_new_zone();
	transaction_expect(KNOT_EMALF, "a difference that neither adds nor removes\n");
	answer_differences(SIGN_IN_FILTERS);
	next_answer();
	answer_differences(SIGN_IN_FILTERS);
	next_answer();
	answer_new_zone();
	transaction_expect(KNOT_EBUSY, busy);

	// Records that have another TTL than a difference of the same owner and type.
	static char ttl[65536];
	memset(ttl, '7', sizeof(ttl) - 1);
	const char *const ttls[] = { "70", "6", "", ttl };
	for (size_t i = 0; i < sizeof(ttls) / sizeof(ttls[0]); i++) {
		answer_differences(SIGN_IN_FILTERS);
		next_answer();
		answer_record("b.example.com.", ttls[i], "A", "192.0.2.9");
		answer_new_zone();
		next_answer();
		answer_differences(SIGN_IN_FILTERS);
		transaction_expect(KNOT_EMALF, "zone-diff does not tell all");
	}
}

/*! The server reports an error, before the first record or after some, to each command. */
static void transaction_ends_meanwhile(void **state)
{
	(void)state;
	for (unsigned nth = 0; nth < 3; nth++) {
		for (unsigned after = 0; after < 2; after++) {
			for (unsigned i = 0; i <= nth; i++) {
				if (i > 0) {
					next_answer();
				}
				if (i < nth) {
					i == 1 ? answer_new_zone() :
						 answer_differences(SIGN_IN_FILTERS);
					continue;
				}
				if (after) {
					answer_difference(SIGN_IN_FILTERS, "-", "a.example.com.",
					                  "7", "A", "192.0.2.1");
				}
				answer_error(after ? "not enough space provided" :
				                     "no active transaction");
				answer_unit(BLOCK);
			}
			// That the removed record is there is noticed before the error.
			transaction_expect(!after   ? KNOT_EDENIED :
			                   nth == 1 ? KNOT_EBUSY :
			                              KNOT_EMALF,
			                   !after   ? "reports: no active transaction\n" :
			                   nth == 1 ? "changed while it was read" :
			                              "reports after 1 records: not enough space");
		}
	}
}

/*! A record that the server cannot write down, which the transaction adds, leaves or removes. */
static void transaction_cannot_be_written(void **state)
{
	(void)state;
	for (unsigned after = 0; after < 2; after++) {
		for (unsigned removed = 0; removed < 2; removed++) {
			if (after) {
				answer_difference(SIGN_IN_FILTERS, "-", "a.example.com.", "7", "A",
				                  "192.0.2.1");
			}
			answer_error("not enough space provided");
			answer_unit(BLOCK);
			next_answer();
			if (removed) {
				answer_new_zone();
			} else {
				answer_soa();
				answer_error("not enough space provided");
				answer_unit(BLOCK);
			}
			transaction_expect(removed ? KNOT_ESPACE : KNOT_EMALF,
			                   "not enough space provided");
		}
	}

	// It is served, and stays.
	answer_differences(SIGN_IN_FILTERS);
	next_answer();
	answer_soa();
	answer_error("not enough space provided");
	answer_unit(BLOCK);
	transaction_expect(KNOT_EMALF, "after 1 records: not enough space provided");
}

/*! Records and differences that no server sends, in the first answer and in the second one. */
static void transaction_garbage(void **state)
{
	(void)state;
	enum { LONG = 65535 };
	static char text[LONG + 1], owner[2000];
	memset(text, '9', LONG);
	memset(owner, 'o', sizeof(owner) - 2);
	owner[sizeof(owner) - 2] = '.';
	const struct {
		const char *sign, *owner, *ttl, *type, *data;
		const char *text;
	} tests[] = {
		{ "", "x.example.com.", "7", "A", "192.0.2.1", "neither adds nor removes" },
		{ "++", "x.example.com.", "7", "A", "192.0.2.1", "neither adds nor removes" },
		{ "B", "x.example.com.", "7", "A", "192.0.2.1", "neither adds nor removes" },
		{ "+", "x.example.com", "7", "A", "192.0.2.1", "a wrong owner" },
		{ "+", "", "7", "A", "192.0.2.1", "a wrong owner" },
		{ "+", owner, "7", "A", "192.0.2.1", "a wrong owner" },
		{ "+", text, "7", "A", "192.0.2.1", "a wrong owner" },
		{ "-", "x\ty.", "7", "A", "192.0.2.1", "several lines" },
		{ "+", "x\ny.", "7", "A", "192.0.2.1", "several lines" },
		{ "+", "x.example.com.", "7\t8", "A", "192.0.2.1", "several lines" },
		{ "-", "x.example.com.", "7", "A\n", "192.0.2.1", "several lines" },
		{ "-", "x.example.com.", "7", "A", "192.0.2.1\ny", "several lines" },
		{ "+", "x.example.com.", text, "A", "192.0.2.1", "cannot understand record" },
		{ "+", "x.example.com.", "7", text, "192.0.2.1", "cannot understand record" },
		{ "+", "x.example.com.", "7", "A", text, "cannot understand record" },
		{ "+", "x.example.com.", "7", "A", "192.0.2.300", "cannot understand record" },
		{ "+", "x.example.com.", "7", "CAA", "0 issue", "cannot understand record" },
		{ "+", "x.example.com.", "7", "TXT", "\"a", "cannot understand record" },
		{ "+", "$INCLUDE /dev/null .", "", ";", "", " a record" },
		{ "+", ";.", "7", "A", "192.0.2.1", " a record" },
	};
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		for (unsigned j = 0; j < 2; j++) {
			if (j == 1 && strstr(tests[i].text, "neither") != NULL) {
				continue; // Records have no sign there.
			}
			for (unsigned k = 0; k < 2; k++) {
				if (j == 0) {
					answer_difference(SIGN_IN_FILTERS, tests[i].sign,
					                  tests[i].owner, tests[i].ttl,
					                  tests[i].type, tests[i].data);
				}
				answer_unit(BLOCK);
				next_answer();
				if (k == 1) {
					break;
				}
				answer_soa();
				if (j == 1 || tests[i].sign[0] == '+') {
					answer_record(tests[i].owner, tests[i].ttl, tests[i].type,
					              tests[i].data);
				}
				answer_unit(BLOCK);
				next_answer();
			}
			transaction_expect(KNOT_EMALF, tests[i].text);
		}
	}

	// Units and items that do not belong there, in each answer.
	for (unsigned nth = 0; nth < 3; nth++) {
		for (unsigned kind = 0; kind < 4; kind++) {
			if (nth > 0) {
				answer_differences(SIGN_IN_FILTERS);
				next_answer();
			}
			if (nth > 1) {
				answer_new_zone();
				next_answer();
			}
			answer_unit(kind == 0 ? EXTRA : DATA);
			if (kind == 1) {
				answer_item(KNOT_CTL_IDX_ZONE, ZONE);
				answer_item((knot_ctl_idx_t)SIGN_IN_FILTERS, "+");
			} else if (kind == 2) {
				answer_item(KNOT_CTL_IDX_ZONE, "example.net.");
				answer_item(KNOT_CTL_IDX_OWNER, "a.example.net.");
				answer_item(KNOT_CTL_IDX_TTL, "7");
				answer_item(KNOT_CTL_IDX_TYPE, "A");
				answer_item(KNOT_CTL_IDX_DATA, "192.0.2.1");
				answer_item((knot_ctl_idx_t)SIGN_IN_FILTERS, "+");
			} else if (kind == 3) {
				memset(server.answer + server.length, 0xff, 20);
				server.length += 20;
			}
			answer_unit(BLOCK);
			transaction_expect(kind == 3 ? KNOT_EINVAL : KNOT_EMALF,
			                   kind == 0 ? "an unknown item\n" :
			                   kind == 1 ? "an incomplete record\n" :
			                   kind == 2 ? "a record of another zone\n" :
			                               "answer ended early, after 0 records");
		}
	}
}

/*! The three answers are cut at each octet. */
static void transaction_is_short(void **state)
{
	(void)state;
	answer_transaction();
	static uint8_t answer[1024];
	size_t whole = server.length, end[2] = { server.end[0], server.end[1] };
	assert_true(whole < sizeof(answer));
	memcpy(answer, server.answer, whole);
	for (size_t length = 0; length < whole; length++) {
		memcpy(server.answer, answer, whole);
		server.length = length;
		server.answers = (length >= end[0]) + (length >= end[1]);
		memcpy(server.end, end, sizeof(end));
		transaction_expect(KNOT_ECONN, "knot.sock:0: answer ended early, after ");
	}
	memcpy(server.answer, answer, whole);
	server.length = whole;
	server.answers = 2;
	transaction_counts(3, 3);
}

static void transaction_of_random_octets(void **state)
{
	(void)state;
	uint32_t x = 7;
	for (unsigned i = 0; i < 300; i++) {
		answer_transaction();
		for (unsigned j = 0; j < 1 + i % 4; j++) {
			x = x * 1664525 + 1013904223;
			server.answer[(x >> 8) % server.length] = x >> 24;
		}
		size_t served, made;
		test_reading_t *reading = new_reading();
		int ret = read_transaction(reading, &served, &made);
		assert_true(ret == KNOT_EOK || reading->complaints > 0);
		free_reading(reading);
	}
}

static void transaction_out_of_memory(void **state)
{
	(void)state;
	int ret = KNOT_ENOMEM;
	int failures = 0;
	for (; ret != KNOT_EOK && failures < 1000; failures++) {
		answer_transaction();
		test_reading_t *reading = new_reading();
		source_transaction_t *transaction = NULL;
		start_server();
		allocations = failures;
		ret = source_transaction_read(&reading->listener, path, TIMEOUT, zone_name,
		                              &transaction);
		for (unsigned served = 0; served < 2 && ret == KNOT_EOK; served++) {
			ret = source_transaction_records(transaction, &reading->listener, path,
			                                 served, push, reading);
		}
		allocations = -1;
		stop_server();
		if (ret != KNOT_EOK) {
			expect(reading, ret, KNOT_ENOMEM, "not enough memory\n");
		}
		source_transaction_free(transaction);
		free_reading(reading);
	}
	assert_in_range(failures, 6, 999);
}

/*! More records than one chunk has, which come in the order of the zone. */
static void transaction_of_a_large_zone(void **state)
{
	(void)state;
	enum { ALL = 12000 };
	char owner[32];
	for (unsigned nth = 0; nth < 3; nth++) {
		if (nth > 0) {
			next_answer();
		}
		if (nth == 1) {
			answer_soa();
		}
		for (unsigned i = 0; i < ALL; i++) {
			// A third is removed, another one is added.
			(void)snprintf(owner, sizeof(owner), "h%u.example.com.", i);
			if (nth == 1 && i % 3 != 0) {
				answer_record(owner, "3600", "TXT", "a");
			} else if (nth != 1 && i % 3 != 2) {
				answer_difference(SIGN_IN_FILTERS, i % 3 == 0 ? "-" : "+", owner,
				                  "3600", "TXT", "a");
			}
		}
		answer_unit(BLOCK);
	}
	transaction_counts(1 + ALL / 3 * 2, 1 + ALL / 3 * 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_zone),
		cmocka_unit_test(large_zone),
		cmocka_unit_test(answer_is_short),
		cmocka_unit_test(server_stalls),
		cmocka_unit_test(server_reports_an_error),
		cmocka_unit_test(empty_answers),
		cmocka_unit_test(garbage),
		cmocka_unit_test(random_octets),
		cmocka_unit_test(nobody_listens),
		cmocka_unit_test(listener_gives_up),
		cmocka_unit_test(out_of_memory),
		cmocka_unit_test(transaction_gives_both_states),
		cmocka_unit_test(transaction_without_proofs),
		cmocka_unit_test(transaction_changes),
		cmocka_unit_test(transaction_ends_meanwhile),
		cmocka_unit_test(transaction_cannot_be_written),
		cmocka_unit_test(transaction_garbage),
		cmocka_unit_test(transaction_is_short),
		cmocka_unit_test(transaction_of_random_octets),
		cmocka_unit_test(transaction_out_of_memory),
		cmocka_unit_test(transaction_of_a_large_zone),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
