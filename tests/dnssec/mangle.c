/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Audits signed zones with records mangled at random: every octet is hostile.
 * Nothing is expected but an end, and that what is not reported verified.
 *
 * usage: mangle FIRST COUNT ZONEFILE...
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caaudit/audit.h"
#include "zone.h"

#define ORIGIN "example.com."
#define NOW    1795521600 // 2026-11-24 12:00:00 UTC.

static const char *const hosts[] = { "@", "www", "a.b.www", "none", "ns1" };

typedef struct {
	caaudit_sink_t sink; /*!< The first, so that a sink leads to it. */
	caaudit_dnssec_t state;
	size_t findings;
	size_t gaps;
} heard_t;

static void hear_finding(caaudit_sink_t *self, const caaudit_finding_t *finding)
{
	heard_t *heard = (heard_t *)self;
	heard->findings += finding->text[0] != '\0';
}

static void hear_gap(caaudit_sink_t *self, const char *what, const char *why)
{
	heard_t *heard = (heard_t *)self;
	heard->gaps += what[0] != '\0' && why[0] != '\0';
}

static void hear_dnssec(caaudit_sink_t *self, const caaudit_dnssec_t *dnssec)
{
	((heard_t *)self)->state = *dnssec;
}

/*! xorshift64*; the same everywhere. */
static uint64_t next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 2685821657736338717u;
}

static bool is_mangled(uint16_t type)
{
	return type == KNOT_RRTYPE_RRSIG || type == KNOT_RRTYPE_DNSKEY ||
	       type == KNOT_RRTYPE_NSEC || type == KNOT_RRTYPE_NSEC3 ||
	       type == KNOT_RRTYPE_NSEC3PARAM;
}

/*! Changes RDATA of a copy: octets, the length, or both. */
static uint16_t mangle(uint8_t *rdata, uint16_t rdlen, uint64_t *random)
{
	switch (next(random) % 4) {
	case 0:
		return next(random) % (rdlen + 1);
	case 1:
		for (unsigned i = next(random) % 8; i > 0; i--) {
			rdata[rdlen++] = next(random);
		}
		return rdlen;
	default:
		for (unsigned i = 1 + next(random) % 3; rdlen > 0 && i > 0; i--) {
			// The fields come first.
			size_t room = next(random) % 2 == 0 && rdlen > 24 ? 24 : rdlen;
			uint8_t *octet = &rdata[next(random) % room];
			uint8_t other = next(random);
			*octet = next(random) % 3 == 0 ? other : *octet ^ 1 << other % 8;
		}
		return rdlen;
	}
}

static bool round_of(const zone_t *zone, uint64_t seed)
{
	uint64_t random = seed * 0x9e3779b97f4a7c15u | 1;
	unsigned every = 1 + next(&random) % 40;
	caaudit_policy_t *policy = caaudit_policy_new(zone->record[0].owner);
	caaudit_view_t *view = caaudit_view_new(zone->record[0].owner);
	bool ok = policy != NULL && view != NULL;
	for (size_t i = 0; ok && i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		ok = caaudit_policy_add_host(policy, hosts[i], NULL) == KNOT_EOK;
	}
	ok = ok && (next(&random) % 2 == 0 || caaudit_audit_want(policy, view) == KNOT_EOK);
	for (size_t i = 0; ok && i < zone->count; i++) {
		const zone_record_t *r = &zone->record[i];
		uint8_t *rdata = malloc(r->rdlen + 8);
		uint16_t rdlen = r->rdlen;
		ok = rdata != NULL;
		if (!ok) {
			break;
		}
		memcpy(rdata, r->rdata, rdlen);
		if (is_mangled(r->type) && next(&random) % every == 0) {
			rdlen = mangle(rdata, rdlen, &random);
			if (next(&random) % 4 == 0) {
				ok = caaudit_policy_add_anchor(policy, r->type, rdata, rdlen,
				                               NULL) != KNOT_ENOMEM;
			}
		}
		if (next(&random) % 100 > 0) {
			// Exactly as long as it says, so that a step too far is seen.
			uint8_t *exact = malloc(rdlen > 0 ? rdlen : 1);
			ok = ok && exact != NULL;
			if (ok) {
				memcpy(exact, rdata, rdlen);
				ok = caaudit_view_add(view, r->owner, r->type, r->ttl, exact,
				                      rdlen) == KNOT_EOK;
			}
			free(exact);
		}
		free(rdata);
	}

	heard_t heard = {
		.sink = { .finding = hear_finding, .not_checked = hear_gap, .dnssec = hear_dnssec }
	};
	int ret = ok ? caaudit_view_finish(view) : KNOT_ENOMEM;
	if (ret == KNOT_EOK) {
		ok = caaudit_audit(view, policy, NOW, &heard.sink) == KNOT_EOK;
		ok = ok && heard.state.valid <= heard.state.checked;
		ok = ok && (heard.state.valid == heard.state.checked || heard.findings > 0);
	} else {
		ok = ret == KNOT_ENOENT; // The SOA record was left out.
	}
	caaudit_view_free(view);
	caaudit_policy_free(policy);
	return ok;
}

static char *read_text(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = file != NULL ? calloc(1, 1 << 20) : NULL;
	if (text != NULL) {
		text[fread(text, 1, (1 << 20) - 1, file)] = '\0';
	}
	if (file != NULL) {
		fclose(file);
	}
	return text;
}

int main(int argc, char **argv)
{
	if (argc < 4) {
		fprintf(stderr, "usage: mangle FIRST COUNT ZONEFILE...\n");
		return 2;
	}
	uint64_t first = strtoull(argv[1], NULL, 10), count = strtoull(argv[2], NULL, 10);
	for (int i = 3; i < argc; i++) {
		char *text = read_text(argv[i]);
		zone_t zone = { NULL };
		const char *error = text != NULL ? zone_parse(&zone, ORIGIN, text) :
		                                   "cannot be read";
		free(text);
		if (error != NULL || zone.count == 0) {
			fprintf(stderr, "%s: %s\n", argv[i], error != NULL ? error : "no records");
			return 1;
		}
		for (uint64_t seed = first; seed < first + count; seed++) {
			if (!round_of(&zone, seed)) {
				fprintf(stderr, "%s: seed %llu\n", argv[i],
				        (unsigned long long)seed);
				return 1;
			}
		}
		zone_free(&zone);
	}
	printf("%llu zones each of %d\n", (unsigned long long)count, argc - 3);
	return 0;
}
