/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief What the audit says of the server's configuration: each finding and its near miss. */

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "caaudit/audit.h"
#include "caaudit/server.h"
#include "test.h"

/*! A configuration, one statement a word: "queryacl/ID" and "+rrl/ID" (global) begin a module, what
 *  follows belongs to it. "listen=", "ip=" and "tcp=off" are about the server. Findings are their
 *  names in order, after "!" one of another severity than that of the catalogue: an error. */
typedef struct {
	const char *server;
	const char *findings;
	unsigned hosts;
} row_t;

#define REFUSED "server-query-refused"
#define LIMITED "server-answers-limited"
#define VARY    "server-answers-vary"

static const row_t rows[] = {
	{ "", "", 1 },

	/* queryacl: the twin of a list is the list of everybody. */
	{ "queryacl/q", "", 1 },
	{ "queryacl/q address=192.0.2.0/24", REFUSED, 1 },
	{ "queryacl/q address=0.0.0.0/0", REFUSED, 1 },
	{ "queryacl/q address=::/0", REFUSED, 1 },
	{ "queryacl/q address=0.0.0.0/0 address=::/0", "", 1 },
	{ "+queryacl/q address=192.0.2.0/24", REFUSED, 1 },
	{ "+queryacl/q address=0.0.0.0/0 address=::/0", "", 1 },
	{ "queryacl/q address=/run/socket", REFUSED, 1 },

	/* One family is enough where the server listens on that alone. */
	{ "queryacl/q address=0.0.0.0/0 listen=0.0.0.0/0", "", 1 },
	{ "queryacl/q address=0.0.0.0/0 listen=0.0.0.0/0 listen=::/0", REFUSED, 1 },
	{ "queryacl/q address=::/0 listen=2001:db8::1", "", 1 },
	{ "queryacl/q address=::/0 listen=192.0.2.1", REFUSED, 1 },

	/* Ranges that together have every address, in any order, and those that lack one. */
	{ "queryacl/q address=128.0.0.0/1 address=0.0.0.0/1 listen=192.0.2.1", "", 1 },
	{ "queryacl/q address=128.0.0.1-255.255.255.255 address=0.0.0.0/1 listen=192.0.2.1",
	  REFUSED, 1 },
	{ "queryacl/q address=0.0.0.0-9.255.255.255 address=10.0.0.0-255.255.255.255 "
	  "listen=192.0.2.1",
	  "", 1 },
	{ "queryacl/q address=0.0.0.0-9.255.255.255 address=10.0.0.0-255.255.255.254 "
	  "listen=192.0.2.1",
	  REFUSED, 1 },
	{ "queryacl/q address=0.0.0.0-200.0.0.0 address=100.0.0.0-255.255.255.255 listen=192.0.2.1",
	  "", 1 },
	{ "queryacl/q address=::/1 address=8000::/1 listen=::1", "", 1 },
	{ "queryacl/q address=::/1 address=8000::1-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
	  "listen=::1",
	  REFUSED, 1 },
	{ "queryacl/q address=9.0.0.0-1.0.0.0 listen=192.0.2.1", REFUSED, 1 },

	/* An address of a CA that was named, and is not let in. */
	{ "queryacl/q address=192.0.2.0/24 ip=192.0.2.7", REFUSED, 1 },
	{ "queryacl/q address=192.0.2.0/24 ip=192.0.3.7", "!" REFUSED, 1 },
	{ "queryacl/q address=192.0.2.0/24 ip=192.0.2.7 ip=2001:db8::7", "!" REFUSED, 1 },
	{ "queryacl/q address=192.0.2.0/25 ip=192.0.2.0/24", "!" REFUSED, 1 },
	{ "queryacl/q address=192.0.2.0/25 address=192.0.2.128/25 ip=192.0.2.0/24", REFUSED, 1 },
	{ "queryacl/q address=192.0.2.7 ip=192.0.2.7", REFUSED, 1 },
	{ "queryacl/q address=192.0.2.6 ip=192.0.2.7", "!" REFUSED, 1 },
	{ "queryacl/q address=2001:db8::/32 ip=2001:db8::1-2001:db8::9", REFUSED, 1 },
	{ "queryacl/q address=2001:db8::/125 ip=2001:db8::1-2001:db8::9", "!" REFUSED, 1 },

	/* Interfaces; what is asked over loopback is of no concern. */
	{ "queryacl/q interface=192.0.2.1 listen=192.0.2.1", "", 1 },
	{ "queryacl/q interface=192.0.2.2 listen=192.0.2.1", REFUSED, 1 },
	{ "queryacl/q interface=192.0.2.1 listen=0.0.0.0/0", REFUSED, 1 },
	{ "queryacl/q interface=192.0.2.1 listen=192.0.2.1 listen=127.0.0.1 listen=::1", "", 1 },
	{ "queryacl/q interface=192.0.2.1 listen=192.0.2.1 listen=2001:db8::1", REFUSED, 1 },
	{ "queryacl/q interface=192.0.2.1 listen=127.0.0.1", REFUSED, 1 },
	{ "queryacl/q interface=192.0.2.1", "", 1 },
	{ "queryacl/q address=192.0.2.1 interface=192.0.2.2 listen=192.0.2.1", REFUSED " " REFUSED,
	  1 },

	/* rrl: slip, and the rate for the names of an order. */
	{ "rrl/r rate=1000 slip=1", "", 1 },
	{ "rrl/r rate=1000 slip=0", LIMITED, 1 },
	{ "rrl/r rate=1000 slip=2", LIMITED, 1 },
	{ "+rrl/r rate=1000 slip=2", LIMITED, 1 },
	{ "rrl/r rate=0 slip=0", "", 1 },
	{ "rrl/r rate=1000 slip=0 dry=1", "", 1 },
	{ "rrl/r rate=1000 slip=0 address=192.0.2.0/24", LIMITED, 1 },
	{ "rrl/r rate=1000 slip=0 address=0.0.0.0/0 address=::/0", "", 1 },
	{ "rrl/r", "", 8 },
	{ "rrl/r", LIMITED, 9 },
	{ "rrl/r burst=125", "", 20 },
	{ "rrl/r burst=125", LIMITED, 21 },
	{ "rrl/r rate=6", "", 1 },
	{ "rrl/r rate=5", LIMITED, 1 },
	{ "rrl/r rate=5 slip=0", LIMITED " " LIMITED, 1 },

	/* noudp is of no concern while there is TCP. */
	{ "noudp/", "", 1 },
	{ "noudp/ tcp=off", LIMITED, 1 },
	{ "+noudp/n tcp=off", LIMITED, 1 },
	{ "tcp=off", "", 1 },

	{ "geoip/g", VARY, 1 },

	/* Several instances; what is global counts as well. */
	{ "queryacl/a address=192.0.2.0/24 queryacl/b address=198.51.100.0/24", REFUSED " " REFUSED,
	  1 },
	{ "+queryacl/a address=192.0.2.0/24 queryacl/b address=0.0.0.0/0 address=::/0", REFUSED,
	  1 },
	{ "queryacl/a address=192.0.2.0/24 rrl/r slip=0 geoip/g +noudp/ tcp=off",
	  REFUSED " " LIMITED " " LIMITED " " VARY, 1 },
};

/*! Adds "A", "A/N" or "A-A"; false if it is none. */
static bool add(caaudit_ranges_t *ranges, char *text)
{
	uint8_t first[16], last[16];
	int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
	uint8_t len = family == AF_INET ? 4 : 16;
	char *dash = strchr(text, '-'), *slash = text[0] == '/' ? NULL : strchr(text, '/');
	int prefix = -1;
	if (dash != NULL) {
		*dash = '\0';
		assert_int_equal(inet_pton(family, dash + 1, last), 1);
	} else if (slash != NULL) {
		*slash = '\0';
		prefix = (int)strtol(slash + 1, NULL, 10);
	}
	if (inet_pton(family, text, first) != 1) {
		return false;
	}
	assert_true(dash != NULL ? caaudit_ranges_add(ranges, first, last, len) :
	                           caaudit_ranges_add_net(ranges, first, len, prefix));
	return true;
}

static void set(caaudit_server_t *server, caaudit_guard_t *guard, const char *key, char *value)
{
	if (strcmp(key, "listen") == 0) {
		assert_true(add(&server->listen, value));
	} else if (strcmp(key, "ip") == 0) {
		assert_true(add(&server->validation_ip, value));
	} else if (strcmp(key, "tcp") == 0) {
		server->tcp_off = true;
	} else if (strcmp(key, "address") == 0) {
		guard->addresses++;
		(void)add(&guard->address, value);
	} else if (strcmp(key, "interface") == 0) {
		guard->interfaces++;
		(void)add(&guard->interface, value);
	} else if (strcmp(key, "rate") == 0) {
		guard->rate = (int)strtol(value, NULL, 10);
	} else if (strcmp(key, "burst") == 0) {
		guard->burst = (int)strtol(value, NULL, 10);
	} else if (strcmp(key, "slip") == 0) {
		guard->slip = (int)strtol(value, NULL, 10);
	} else if (strcmp(key, "dry") == 0) {
		guard->dry = true;
	} else {
		fail_msg("no such statement: %s", key);
	}
}

static void make_server(const char *text, caaudit_server_t *out)
{
	char copy[512], *save = NULL;
	snprintf(copy, sizeof(copy), "%s", text);
	caaudit_guard_t *guard = NULL;
	*out = (caaudit_server_t){ .tcp_off = false };
	for (char *word = strtok_r(copy, " ", &save); word != NULL;
	     word = strtok_r(NULL, " ", &save)) {
		char *value = strchr(word, '=');
		if (value != NULL) {
			*value++ = '\0';
			set(out, guard, word, value);
			continue;
		}
		char name[32];
		bool global = word[0] == '+';
		char *id = strchr(word, '/');
		assert_non_null(id);
		int len = snprintf(name, sizeof(name), "mod-%.*s", (int)(id - word - global),
		                   word + global);
		caaudit_guard_kind_t kind = caaudit_guard_kind(name, len);
		assert_int_not_equal(kind, CAAUDIT_GUARD__COUNT);
		guard = caaudit_server_add(out, kind, id + 1, strlen(id + 1), global);
		assert_non_null(guard);
	}
}

static caaudit_policy_t *make_policy(const caaudit_server_t *server, unsigned hosts)
{
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	assert_non_null(policy);
	for (unsigned i = 0; i < hosts; i++) {
		char host[16];
		snprintf(host, sizeof(host), "h%u", i);
		assert_int_equal(caaudit_policy_add_host(policy, i == 0 ? "@" : host, NULL),
		                 KNOT_EOK);
	}
	assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
	policy->server = server;
	return policy;
}

/*! Audits a zone; the report must go before the policy. */
static caaudit_report_t *audit(const caaudit_policy_t *policy)
{
	zone_t zone = zone_of_text(ZONE, SOA);
	caaudit_report_t *report = NULL;
	assert_int_equal(caaudit_audit(policy, zone_read, &zone, 0, &report), KNOT_EOK);
	zone_free(&zone);
	return report;
}

/*! Appends the findings about the server. */
static void list(const caaudit_report_t *report, char *out, size_t size)
{
	out[0] = '\0';
	for (size_t i = 0; i < report->finding_count; i++) {
		const caaudit_finding_t *f = &report->finding[i];
		const caaudit_finding_info_t *info = caaudit_finding_info(f->id);
		if (strncmp(info->id, "server-", 7) != 0) {
			continue;
		}
		size_t len = strlen(out);
		snprintf(out + len, size - len, "%s%s%s", len > 0 ? " " : "",
		         f->severity != info->severity ? "!" : "", info->id);
		assert_int_equal(f->fix, CAAUDIT_FIX_NONE);
		assert_int_equal(f->line, 0);
		assert_true(knot_dname_is_equal(f->owner, dname(ZONE)));
		assert_true(strlen(f->what) < 350);
	}
}

static void findings_and_near_misses(void **state)
{
	(void)state;
	unsigned bad = 0;
	for (size_t i = 0; i < COUNT(rows); i++) {
		caaudit_server_t server;
		make_server(rows[i].server, &server);
		caaudit_policy_t *policy = make_policy(&server, rows[i].hosts);
		caaudit_report_t *report = audit(policy);
		char found[512];
		list(report, found, sizeof(found));
		if (strcmp(found, rows[i].findings) != 0) {
			print_error("%s: '%s' instead of '%s'\n", rows[i].server, found,
			            rows[i].findings);
			bad++;
		}
		caaudit_report_free(report);
		caaudit_policy_free(policy);
		caaudit_server_clear(&server);
	}
	assert_int_equal(bad, 0);
}

/*! Nothing is said of a server that is not known. */
static void without_server(void **state)
{
	(void)state;
	char found[64];
	caaudit_policy_t *policy = make_policy(NULL, 1);
	caaudit_report_t *report = audit(policy);
	list(report, found, sizeof(found));
	assert_string_equal(found, "");
	caaudit_report_free(report);
	caaudit_policy_free(policy);
}

/*! Each text names the section, the id, the option and the line to write. */
static void texts_name_the_place(void **state)
{
	(void)state;
	static const struct {
		const char *server;
		const char *parts[8];
	} texts[] = {
		{ "queryacl/q address=192.0.2.0/24 address=10.0.0.1 address=10.0.0.0-10.0.0.9 "
		  "address=2001:db8::/32 ip=2001:db9::5",
		  { "section mod-queryacl", "id q", "option address", "192.0.2.0/24, 10.0.0.1, ",
		    "10.0.0.0-10.0.0.9", "and 1 more", "2001:db9:0:0:0:0:0:5",
		    "write: address: [ 0.0.0.0/0, ::/0 ]" } },
		{ "queryacl/q address=2001:db8::/32", { "2001:db8::/32", NULL } },
		{ "queryacl/q interface=192.0.2.1 listen=2001:db8::1:0",
		  { "section mod-queryacl", "id q", "option interface", "2001:db8:0:0:0:0:1:0",
		    "write: interface: [ 0.0.0.0/0, ::/0 ]" } },
		{ "+rrl/glob slip=3",
		  { "section mod-rrl", "id glob", "global-module", "option slip", "one answer in 3",
		    "write: slip: 1" } },
		{ "rrl/r rate=2",
		  { "section mod-rrl", "id r", "option rate-limit", "write: rate-limit: 6" } },
		{ "noudp/ tcp=off",
		  { "section mod-noudp, option", "section xdp", "write", "tcp: on" } },
		{ "geoip/g\1",
		  { "section mod-geoip", "id g\\001", "option config-file", "write" } },
	};
	for (size_t i = 0; i < COUNT(texts); i++) {
		caaudit_server_t server;
		make_server(texts[i].server, &server);
		caaudit_policy_t *policy = make_policy(&server, 1);
		caaudit_report_t *report = audit(policy);
		const caaudit_finding_t *f = NULL;
		for (size_t j = 0; j < report->finding_count; j++) {
			const caaudit_finding_t *one = &report->finding[j];
			if (strncmp(caaudit_finding_info(one->id)->id, "server-", 7) == 0) {
				f = one;
			}
		}
		assert_non_null(f);
		for (size_t j = 0; j < COUNT(texts[i].parts) && texts[i].parts[j] != NULL; j++) {
			if (strstr(f->what, texts[i].parts[j]) == NULL) {
				fail_msg("'%s' not in: %s", texts[i].parts[j], f->what);
			}
		}
		caaudit_report_free(report);
		caaudit_policy_free(policy);
		caaudit_server_clear(&server);
	}
}

/*! A range of any prefix has its first and its last address, and not those beside it. */
static void networks(void **state)
{
	(void)state;
	const uint8_t address[16] = { 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5,
		                      0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5, 0xa5 };
	for (int len = 4; len <= 16; len += 12) {
		for (int prefix = -1; prefix <= 8 * len + 1; prefix++) {
			caaudit_ranges_t ranges = { .count = 0 };
			assert_true(caaudit_ranges_add_net(&ranges, address, len, prefix));
			int bits = prefix < 0 || prefix > 8 * len ? 8 * len : prefix;
			for (int i = 0; i < 8 * len; i++) {
				uint8_t mask = 0x80 >> i % 8;
				bool is = (address[i / 8] & mask) != 0;
				bool first = (ranges.item->first[i / 8] & mask) != 0;
				bool last = (ranges.item->last[i / 8] & mask) != 0;
				assert_int_equal(first, i < bits && is);
				assert_int_equal(last, i >= bits || is);
			}
			free(ranges.item);
		}
	}
}

/*! Whatever is said otherwise hashes otherwise. */
static void hash_of_each_row(void **state)
{
	(void)state;
	uint64_t hash[COUNT(rows)];
	for (size_t i = 0; i < COUNT(rows); i++) {
		caaudit_server_t server;
		make_server(rows[i].server, &server);
		hash[i] = caaudit_server_hash(&server);
		caaudit_server_clear(&server);
		make_server(rows[i].server, &server);
		assert_true(caaudit_server_hash(&server) == hash[i]);
		caaudit_server_clear(&server);
		for (size_t j = 0; j < i; j++) {
			assert_int_equal(hash[i] == hash[j],
			                 strcmp(rows[i].server, rows[j].server) == 0);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(findings_and_near_misses), cmocka_unit_test(without_server),
		cmocka_unit_test(texts_name_the_place),     cmocka_unit_test(networks),
		cmocka_unit_test(hash_of_each_row),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
