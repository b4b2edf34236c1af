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

/*! A zone with changes that its seed decides. */
typedef struct {
	const zone_t *zone;
	uint64_t seed;
	unsigned every;  /*!< One of so many records is mangled. */
	unsigned calls;  /*!< So many readings so far. */
	bool heavy;      /*!< There is more than one reading can keep. */
	bool complete;   /*!< The SOA record was not left out of the first reading. */
	bool out_of_mem; /*!< The view was, or this program. */
} mangler_t;

/*! Hands over one record, perhaps mangled, perhaps not at all. */
static bool push(mangler_t *mangler, caaudit_view_t *view, const zone_record_t *r, uint64_t *random)
{
	uint8_t *rdata = malloc(r->rdlen + 8);
	uint16_t rdlen = r->rdlen;
	if (rdata == NULL) {
		return false;
	}
	memcpy(rdata, r->rdata, rdlen);
	if (is_mangled(r->type) && next(random) % mangler->every == 0) {
		rdlen = mangle(rdata, rdlen, random);
	}
	bool ok = true;
	if (next(random) % 100 > 0) {
		// Exactly as long as it says, so that a step too far is seen.
		uint8_t *exact = malloc(rdlen > 0 ? rdlen : 1);
		ok = exact != NULL;
		if (ok) {
			memcpy(exact, rdata, rdlen);
			const caaudit_record_t record = { r->owner, exact, r->ttl, r->type, rdlen };
			ok = caaudit_view_add(view, &record) == KNOT_EOK;
			mangler->complete = mangler->complete || r->type == KNOT_RRTYPE_SOA;
		}
		free(exact);
	}
	free(rdata);
	return ok;
}

/*! More signatures than wait for a selection, at a name that nobody asks for. */
static bool push_ballast(caaudit_view_t *view)
{
	static const uint8_t rdata[UINT16_MAX] = { KNOT_RRTYPE_CAA >> 8, KNOT_RRTYPE_CAA & 255 };
	const caaudit_record_t record = { (const uint8_t *)"\5heavy\7example\3com", rdata, 1,
		                          KNOT_RRTYPE_RRSIG, UINT16_MAX };
	bool ok = true;
	for (unsigned i = 0; ok && i < 257; i++) {
		ok = caaudit_view_add(view, &record) == KNOT_EOK;
	}
	return ok;
}

static int read_mangled(void *context, caaudit_view_t *view)
{
	mangler_t *mangler = context;
	uint64_t random = mangler->seed;
	// Now and then the zone is another one the second time.
	if (mangler->calls++ > 0 && next(&random) % 8 == 0) {
		random += mangler->calls;
	}
	bool ok = !mangler->heavy || push_ballast(view);
	for (size_t i = 0; ok && i < mangler->zone->count; i++) {
		ok = push(mangler, view, &mangler->zone->record[i], &random);
	}
	mangler->out_of_mem = mangler->out_of_mem || !ok;
	return ok ? KNOT_EOK : KNOT_ENOMEM;
}

/*! A policy that asks for the hosts, with mangled records of the zone as trust anchors. */
static caaudit_policy_t *make_policy(const zone_t *zone, uint64_t *random)
{
	caaudit_policy_t *policy = caaudit_policy_new(zone->record[0].owner);
	bool ok = policy != NULL;
	for (size_t i = 0; ok && i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		ok = caaudit_policy_add_host(policy, hosts[i], NULL) == KNOT_EOK;
	}
	for (unsigned i = next(random) % 4; ok && i > 0; i--) {
		const zone_record_t *r = &zone->record[next(random) % zone->count];
		uint8_t *rdata = malloc(r->rdlen + 8);
		ok = rdata != NULL;
		if (ok) {
			memcpy(rdata, r->rdata, r->rdlen);
			uint16_t rdlen = mangle(rdata, r->rdlen, random);
			ok = caaudit_policy_add_anchor(policy, r->type, rdata, rdlen, NULL) !=
			     KNOT_ENOMEM;
		}
		free(rdata);
	}
	if (!ok || caaudit_policy_finish(policy, NOW) != KNOT_EOK) {
		caaudit_policy_free(policy);
		return NULL;
	}
	return policy;
}

static bool round_of(const zone_t *zone, uint64_t seed)
{
	uint64_t random = seed * 0x9e3779b97f4a7c15u | 1;
	mangler_t mangler = {
		.zone = zone,
		.every = 1 + next(&random) % 40,
		.heavy = next(&random) % 64 == 0,
	};
	caaudit_policy_t *policy = make_policy(zone, &random);
	mangler.seed = random;
	caaudit_report_t *report = NULL;
	int ret = policy != NULL ? caaudit_audit(policy, read_mangled, &mangler, NOW, &report) :
	                           KNOT_ENOMEM;
	bool ok = !mangler.out_of_mem && (report != NULL) == (ret == KNOT_EOK);
	if (report != NULL) {
		const caaudit_dnssec_t *dnssec = &report->dnssec;
		// What is not valid is in a finding; what was not looked at is a gap.
		ok = ok && mangler.complete && dnssec->valid <= dnssec->checked &&
		     (dnssec->valid == dnssec->checked || report->finding_count > 0) &&
		     (!dnssec->is_signed || dnssec->checked > 0 || report->gap_count > 0);
	} else {
		ok = ok && ret == KNOT_ENOENT; // The SOA record was left out.
	}
	caaudit_report_free(report);
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
