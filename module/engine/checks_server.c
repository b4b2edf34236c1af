/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Checks whether the server's own configuration keeps CAs from their answers. */

#include <inttypes.h>
#include <string.h>

#include "caaudit/server.h"
#include "checks.h"

/*! Queries that an order asks for each of its names, from each place, within some seconds: CAA on
 *  the way up to the apex, and the validation, some of it twice. Orders of a hundred names: 500 to
 *  700. */
#define QUERIES_A_NAME 6

/*! Ranges that a text names; the others are counted. */
#define RANGES_MAX 3

#define EVERYBODY "[ 0.0.0.0/0, ::/0 ]"

/* --- Ranges -------------------------------------------------------------------------------- */

/*! Makes an address the next one; false after the last one. */
static bool next_address(uint8_t *address, uint8_t len)
{
	for (int i = len - 1; i >= 0; i--) {
		if (++address[i] != 0) {
			return true;
		}
	}
	return false;
}

/*! Tells whether every address of a range is in one of a list. */
static bool covers(const caaudit_ranges_t *list, const caaudit_range_t *range)
{
	uint8_t at[16];
	memcpy(at, range->first, sizeof(at));
	for (;;) {
		const caaudit_range_t *best = NULL;
		for (size_t i = 0; i < list->count; i++) {
			const caaudit_range_t *item = &list->item[i];
			if (item->len == range->len && memcmp(item->first, at, item->len) <= 0 &&
			    memcmp(item->last, at, item->len) >= 0 &&
			    (best == NULL || memcmp(item->last, best->last, item->len) > 0)) {
				best = item;
			}
		}
		if (best == NULL) {
			return false;
		}
		if (memcmp(best->last, range->last, range->len) >= 0) {
			return true;
		}
		memcpy(at, best->last, sizeof(at));
		(void)next_address(at, range->len); // There is one: the range goes on.
	}
}

/*! Tells whether the server listens on addresses of a family, as far as that is known. */
static bool listens(const caaudit_server_t *server, uint8_t len)
{
	bool found = server->listen.count == 0;
	for (size_t i = 0; i < server->listen.count && !found; i++) {
		found = server->listen.item[i].len == len;
	}
	return found;
}

/*! Tells whether a list has every address that the server can be asked from. */
static bool covers_everybody(const caaudit_server_t *server, const caaudit_ranges_t *list)
{
	static const uint8_t lens[] = { 4, 16 };
	for (size_t i = 0; i < sizeof(lens); i++) {
		caaudit_range_t all = { .len = lens[i] };
		memset(all.last, 0xff, lens[i]);
		if (listens(server, lens[i]) && !covers(list, &all)) {
			return false;
		}
	}
	return true;
}

static bool is_loopback(const caaudit_range_t *range)
{
	static const uint8_t one[16] = { [15] = 1 };
	return range->len == 4 ?
	               range->first[0] == 127 && range->last[0] == 127 :
	               memcmp(range->first, one, 16) == 0 && memcmp(range->last, one, 16) == 0;
}

/*! Finds an address that the server listens on and a list has not; NULL if there is none. What is
 *  asked over loopback is asked by no CA, unless there is nothing else. */
static const caaudit_range_t *left_out(const caaudit_server_t *server, const caaudit_ranges_t *list)
{
	const caaudit_range_t *found = NULL;
	bool other = false;
	for (size_t i = 0; i < server->listen.count; i++) {
		other = other || !is_loopback(&server->listen.item[i]);
	}
	for (size_t i = 0; i < server->listen.count && found == NULL; i++) {
		const caaudit_range_t *range = &server->listen.item[i];
		found = (other && is_loopback(range)) || covers(list, range) ? NULL : range;
	}
	return found;
}

/*! Appends an address; the zeros at the end of an IPv6 address are left out. */
static void put_address(text_t *text, const uint8_t *address, uint8_t len)
{
	if (len == 4) {
		text_add(text, "%u.%u.%u.%u", address[0], address[1], address[2], address[3]);
		return;
	}
	int groups = 8;
	while (groups > 0 && address[2 * groups - 1] == 0 && address[2 * groups - 2] == 0) {
		groups--;
	}
	groups = groups == 7 ? 8 : groups;
	for (int i = 0; i < groups; i++) {
		text_add(text, "%s%x", i > 0 ? ":" : "",
		         (unsigned)address[2 * i] << 8 | address[2 * i + 1]);
	}
	text_add(text, "%s", groups < 8 ? "::" : "");
}

/*! Gets the bits that the addresses of a range share, if it is a network; -1 if it is none. */
static int prefix_of(const caaudit_range_t *range)
{
	int bits = 0;
	int all = 8 * range->len;
	while (bits < all &&
	       ((range->first[bits / 8] ^ range->last[bits / 8]) & (0x80 >> bits % 8)) == 0) {
		bits++;
	}
	for (int i = bits; i < all; i++) {
		int bit = 0x80 >> i % 8;
		if ((range->first[i / 8] & bit) != 0 || (range->last[i / 8] & bit) == 0) {
			return -1;
		}
	}
	return bits;
}

static void put_range(text_t *text, const caaudit_range_t *range)
{
	int prefix = prefix_of(range);
	put_address(text, range->first, range->len);
	if (prefix < 0) {
		text_add(text, "-");
		put_address(text, range->last, range->len);
	} else if (prefix < 8 * range->len) {
		text_add(text, "/%d", prefix);
	}
}

/* --- Modules ------------------------------------------------------------------------------- */

/*! Begins a finding about an option of a module. */
static draft_t *begin(audit_t *audit, caaudit_id_t id, const caaudit_guard_t *guard,
                      const char *section, const char *option)
{
	draft_t *draft = audit_draft(audit, id, audit->policy->zone);
	draft->elsewhere = true;
	text_add(&draft->what, "section %s", section);
	if (guard->id[0] != '\0') {
		text_add(&draft->what, ", id ");
		text_octets(&draft->what, (const uint8_t *)guard->id, strlen(guard->id));
	}
	text_add(&draft->what, "%s, option %s: ", guard->global ? " (global-module)" : "", option);
	return draft;
}

/*! Gets an address of a CA that the operator has named and a list has not; NULL if there is none. */
static const caaudit_range_t *shut_out(const caaudit_server_t *server, const caaudit_ranges_t *list)
{
	for (size_t i = 0; i < server->validation_ip.count; i++) {
		if (!covers(list, &server->validation_ip.item[i])) {
			return &server->validation_ip.item[i];
		}
	}
	return NULL;
}

static void check_queryacl(audit_t *audit, const caaudit_guard_t *guard)
{
	const caaudit_server_t *server = audit->policy->server;
	const char *section = "mod-queryacl";
	if (guard->addresses > 0 && !covers_everybody(server, &guard->address)) {
		draft_t *draft = begin(audit, CAAUDIT_SERVER_QUERY_REFUSED, guard, section,
		                       "address");
		const caaudit_range_t *known = shut_out(server, &guard->address);
		text_add(&draft->what, "all but ");
		for (size_t i = 0; i < guard->address.count && i < RANGES_MAX; i++) {
			text_add(&draft->what, "%s", i > 0 ? ", " : "");
			put_range(&draft->what, &guard->address.item[i]);
		}
		size_t more = guard->addresses - (guard->address.count < RANGES_MAX ?
		                                          guard->address.count :
		                                          RANGES_MAX);
		if (more > 0) {
			text_add(&draft->what, "%s%zu more",
			         guard->address.count > 0 ? " and " : "", more);
		}
		text_add(&draft->what, " get NOTAUTH");
		if (known != NULL) {
			draft->severity = CAAUDIT_ERROR;
			text_add(&draft->what, ", and so does the validation-ip ");
			put_range(&draft->what, known);
		}
		text_add(&draft->what, "; write: address: " EVERYBODY);
		audit_report(audit);
	}
	const caaudit_range_t *left = guard->interfaces > 0 ? left_out(server, &guard->interface) :
	                                                      NULL;
	if (left != NULL) {
		draft_t *draft = begin(audit, CAAUDIT_SERVER_QUERY_REFUSED, guard, section,
		                       "interface");
		text_add(&draft->what, "who asks at ");
		put_range(&draft->what, left);
		text_add(&draft->what, " gets NOTAUTH; write: interface: " EVERYBODY);
		audit_report(audit);
	}
}

static void check_rrl(audit_t *audit, const caaudit_guard_t *guard)
{
	const caaudit_policy_t *policy = audit->policy;
	const char *section = "mod-rrl";
	if (guard->dry || guard->rate == 0 || covers_everybody(policy->server, &guard->address)) {
		return;
	}
	if (guard->slip != 1) {
		draft_t *draft = begin(audit, CAAUDIT_SERVER_ANSWERS_LIMITED, guard, section,
		                       "slip");
		text_add(&draft->what, "of what one address asks beyond the limit, ");
		if (guard->slip == 0) {
			text_add(&draft->what, "all answers are dropped");
		} else {
			text_add(&draft->what, "only one answer in %" PRId64 " is sent",
			         guard->slip);
		}
		text_add(&draft->what, "; write: slip: 1");
		audit_report(audit);
	}
	int64_t wanted = QUERIES_A_NAME *
	                 (int64_t)(policy->host_count > 0 ? policy->host_count : 1);
	if (guard->rate < wanted && guard->burst < wanted) {
		draft_t *draft = begin(audit, CAAUDIT_SERVER_ANSWERS_LIMITED, guard, section,
		                       "rate-limit");
		text_add(&draft->what,
		         "%" PRId64
		         " a second for one address, and an order of %zu name%s asks for "
		         "some %" PRId64 " at once; write: rate-limit: %" PRId64,
		         guard->rate, policy->host_count > 0 ? policy->host_count : 1,
		         policy->host_count > 1 ? "s" : "", wanted, wanted);
		audit_report(audit);
	}
}

static void check_noudp(audit_t *audit, const caaudit_guard_t *guard)
{
	if (!audit->policy->server->tcp_off) {
		return;
	}
	draft_t *draft = begin(audit, CAAUDIT_SERVER_ANSWERS_LIMITED, guard, "mod-noudp",
	                       "udp-allow-rate");
	text_add(&draft->what, "answers over UDP are cut short, and nothing is answered over TCP; "
	                       "write in section xdp: tcp: on");
	audit_report(audit);
}

static void check_geoip(audit_t *audit, const caaudit_guard_t *guard)
{
	draft_t *draft = begin(audit, CAAUDIT_SERVER_ANSWERS_VARY, guard, "mod-geoip",
	                       "config-file");
	text_add(&draft->what,
	         "answers depend on who asks, and CAs look from several places; write no "
	         "CAA, CNAME or TXT there, or the same for each place");
	audit_report(audit);
}

void check_server(audit_t *audit)
{
	static void (*const check[CAAUDIT_GUARD__COUNT])(audit_t *, const caaudit_guard_t *) = {
		[CAAUDIT_GUARD_QUERYACL] = check_queryacl,
		[CAAUDIT_GUARD_RRL] = check_rrl,
		[CAAUDIT_GUARD_NOUDP] = check_noudp,
		[CAAUDIT_GUARD_GEOIP] = check_geoip,
	};
	const caaudit_server_t *server = audit->policy->server;
	for (size_t i = 0; server != NULL && i < server->guard_count; i++) {
		check[server->guard[i].kind](audit, &server->guard[i]);
	}
}
