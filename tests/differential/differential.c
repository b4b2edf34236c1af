/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Asks the engine and the oracle the same questions about random zones.
 *
 * usage: differential FIRST-SEED COUNT
 *
 * Exit 0: they agree; 1: they do not, and the first difference is printed;
 * 99: the test itself is broken.
 */

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>

#include "caaudit/audit.h"
#include "caaudit/policy.h"
#include "caaudit/view.h"
#include "generate.h"
#include "oracle.h"

#define EXIT_BROKEN 99

/* 2026-11-28; no verdict of RFC 8659 or RFC 8657 depends on the day. */
#define NOW 1795824000

/* From here on each rule must have been met. */
#define FLOOR_FROM 10000

typedef struct {
	unsigned long long questions;
	unsigned long long left_out;
	unsigned long long verdict[3];
	unsigned long long met[ORACLE_MET__COUNT];
} tally_t;

__attribute__((format(printf, 2, 3), noreturn)) static void broken(uint64_t seed,
                                                                   const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fprintf(stderr, "seed %llu: ", (unsigned long long)seed);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(EXIT_BROKEN);
}

static const char *name_text(const uint8_t *wire)
{
	static knot_dname_txt_storage_t text[4];
	static size_t turn;
	turn = (turn + 1) % 4;
	return knot_dname_to_str(text[turn], wire, sizeof(text[turn]));
}

static void print_octets(const uint8_t *octets, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (octets[i] == '"' || octets[i] == '\\') {
			printf("\\%c", octets[i]);
		} else if (octets[i] < 128 && isprint(octets[i])) {
			putchar(octets[i]);
		} else {
			printf("\\%03u", octets[i]);
		}
	}
}

static void print_record(const generate_record_t *record)
{
	char type[16];
	knot_rrtype_to_string(record->type, type, sizeof(type));
	printf("%s 60 %s ", name_text(record->owner), type);
	switch (record->type) {
	case KNOT_RRTYPE_CNAME:
	case KNOT_RRTYPE_DNAME:
	case KNOT_RRTYPE_NS:
		printf("%s", name_text(record->rdata));
		break;
	case KNOT_RRTYPE_SOA:
		printf("ns.example.net. hm.example.net. 1 60 60 60 60");
		break;
	default:
		printf("\\# %u ", record->rdlen);
		for (size_t i = 0; i < record->rdlen; i++) {
			printf("%02x", record->rdata[i]);
		}
		break;
	}
	if (record->type == KNOT_RRTYPE_CAA && record->rdlen >= 2 &&
	    record->rdlen >= 2 + record->rdata[1]) {
		size_t value = 2 + record->rdata[1];
		printf(" ; %u \"", record->rdata[0]);
		print_octets(record->rdata + 2, record->rdata[1]);
		printf("\" \"");
		print_octets(record->rdata + value, record->rdlen - value);
		printf("\"");
	}
	printf("\n");
}

static const char *verdict_text(oracle_verdict_t verdict)
{
	static const char *const text[] = { "denied", "permitted", "not known" };
	return text[verdict];
}

static oracle_verdict_t verdict_of(const caaudit_decision_t *decision)
{
	return decision->permit == CAAUDIT_PERMITTED ? ORACLE_YES :
	       decision->permit == CAAUDIT_DENIED    ? ORACLE_NO :
	                                               ORACLE_UNKNOWN;
}

static void print_decision(const char *what, const caaudit_decision_t *decision)
{
	printf("%s%s by %s, reason %d\n", what, verdict_text(verdict_of(decision)),
	       decision->decided_by != NULL ? name_text(decision->decided_by) : "nobody",
	       decision->reason);
}

static void print_difference(const generate_zone_t *zone, uint64_t seed,
                             const oracle_question_t *question, const char *ca,
                             const oracle_answer_t *ours, const caaudit_verdict_t *theirs)
{
	printf("seed %llu: the answers differ\n$ORIGIN %s\n", (unsigned long long)seed,
	       name_text(zone->apex));
	for (size_t i = 0; i < zone->count; i++) {
		print_record(&zone->record[i]);
	}
	printf("question: --ca %s --host %s%s", ca, name_text(question->host.wire),
	       question->wildcard ? " (its wildcard)" : "");
	if (question->account != NULL) {
		printf(" --account-uri %s", question->account);
	}
	if (question->method != NULL) {
		printf(" --validation-method %s", question->method);
	}
	printf("\noracle: %s by %s, otherwise %s by %s, met:", verdict_text(ours->permitted),
	       ours->decided_by.len > 0 ? name_text(ours->decided_by.wire) : "nobody",
	       verdict_text(ours->otherwise),
	       ours->otherwise_by.len > 0 ? name_text(ours->otherwise_by.wire) : "nobody");
	const char *comma = " ";
	for (size_t i = 0; i < ORACLE_MET__COUNT; i++) {
		if (ours->met[i]) {
			printf("%s%s", comma, oracle_met_name[i]);
			comma = ", ";
		}
	}
	print_decision("\nengine: ", &theirs->is);
	print_decision("otherwise: ", &theirs->otherwise);
}

static bool same_decision(const caaudit_decision_t *theirs, oracle_verdict_t verdict,
                          const oracle_name_t *decided_by)
{
	if (verdict_of(theirs) != verdict) {
		return false;
	}
	if (theirs->decided_by == NULL || decided_by->len == 0) {
		return theirs->decided_by == NULL && decided_by->len == 0;
	}
	return knot_dname_size(theirs->decided_by) == decided_by->len &&
	       memcmp(theirs->decided_by, decided_by->wire, decided_by->len) == 0;
}

static bool compare_one(const generate_zone_t *zone, uint64_t seed, const oracle_zone_t *oracle,
                        const caaudit_view_t *view, const caaudit_policy_t *policy,
                        const uint8_t *host, size_t ca, bool wildcard, tally_t *tally)
{
	const char *self[2];
	oracle_question_t question = {
		.wildcard = wildcard,
		.issuer = oracle_issuers(zone->ca[ca], self),
		.account = zone->account,
		.method = zone->method,
	};
	if (!oracle_name(&question.host, host, sizeof(question.host.wire))) {
		broken(seed, "the host is no name");
	}
	oracle_answer_t ours;
	oracle_ask(oracle, &question, &ours);

	caaudit_verdict_t theirs;
	caaudit_permit(view, policy, host, wildcard, &policy->ca[ca], &theirs);
	tally->questions++;
	// Where the engine stops is not the question.
	if (ours.aliases > CAAUDIT_ALIASES_MAX && !ours.met[ORACLE_MET_ENDLESS]) {
		tally->left_out++;
		return true;
	}
	tally->verdict[ours.permitted]++;
	for (size_t i = 0; i < ORACLE_MET__COUNT; i++) {
		tally->met[i] += ours.met[i];
	}
	if (same_decision(&theirs.is, ours.permitted, &ours.decided_by) &&
	    same_decision(&theirs.otherwise, ours.otherwise, &ours.otherwise_by)) {
		return true;
	}
	print_difference(zone, seed, &question, zone->ca[ca], &ours, &theirs);
	return false;
}

static bool compare(const generate_zone_t *zone, uint64_t seed, const oracle_zone_t *oracle,
                    const caaudit_view_t *view, const caaudit_policy_t *policy, tally_t *tally)
{
	for (size_t host = 0; host < GENERATE_HOSTS; host++) {
		for (size_t ca = 0; ca < policy->ca_count; ca++) {
			for (int wildcard = 0; wildcard < 2; wildcard++) {
				if (!compare_one(zone, seed, oracle, view, policy, zone->host[host],
				                 ca, wildcard, tally)) {
					return false;
				}
			}
		}
	}
	return true;
}

static caaudit_policy_t *make_policy(const generate_zone_t *zone, uint64_t seed)
{
	caaudit_policy_t *policy = caaudit_policy_new(zone->apex);
	if (policy == NULL) {
		broken(seed, "out of memory");
	}
	const char *why = "out of memory";
	for (size_t i = 0; i < GENERATE_CAS; i++) {
		if (caaudit_policy_add_ca(policy, zone->ca[i], &why) != KNOT_EOK) {
			broken(seed, "CA %s: %s", zone->ca[i], why);
		}
	}
	if (policy->ca_count > GENERATE_CAS) {
		broken(seed, "%zu CAs", policy->ca_count);
	}
	if ((zone->account != NULL &&
	     caaudit_policy_set_account(policy, zone->account, &why) != KNOT_EOK) ||
	    (zone->method != NULL &&
	     caaudit_policy_set_method(policy, zone->method, &why) != KNOT_EOK)) {
		broken(seed, "account or method: %s", why);
	}
	if (caaudit_policy_finish(policy, NOW) != KNOT_EOK) {
		broken(seed, "out of memory");
	}
	return policy;
}

static bool try_zone(const generate_zone_t *zone, uint64_t seed, oracle_zone_t *oracle,
                     tally_t *tally)
{
	oracle_clear(oracle);
	caaudit_policy_t *policy = make_policy(zone, seed);
	caaudit_view_t *view = caaudit_view_new(policy);
	if (!oracle_name(&oracle->apex, zone->apex, sizeof(zone->apex)) || view == NULL) {
		broken(seed, "cannot begin");
	}
	for (size_t i = 0; i < zone->count; i++) {
		const generate_record_t *record = &zone->record[i];
		const caaudit_record_t given = { record->owner, record->rdata, 60, record->type,
			                         record->rdlen };
		oracle_name_t owner;
		int ret = caaudit_view_add(view, &given);
		if (ret != KNOT_EOK || !oracle_name(&owner, record->owner, sizeof(record->owner)) ||
		    !oracle_add(oracle, &owner, record->type, record->rdata, record->rdlen)) {
			broken(seed, "record %zu is refused (%s)", i, knot_strerror(ret));
		}
	}
	int ret = caaudit_view_finish(view);
	if (ret != KNOT_EOK) {
		broken(seed, "the view is refused (%s)", knot_strerror(ret));
	}
	bool same = compare(zone, seed, oracle, view, policy, tally);
	caaudit_view_free(view);
	caaudit_policy_free(policy);
	return same;
}

static bool number(const char *text, uint64_t *out)
{
	char *end;
	errno = 0;
	*out = strtoull(text, &end, 10);
	return errno == 0 && isdigit((unsigned char)text[0]) && *end == '\0';
}

/*! That of engine_bug.c, where it is linked. */
__attribute__((weak)) bool engine_plant(uint64_t bug);

int main(int argc, char *argv[])
{
	uint64_t first, count, bug = 0;
	if (argc < 3 || argc > 4 || !number(argv[1], &first) || !number(argv[2], &count) ||
	    count == 0 || (argc == 4 && !number(argv[3], &bug))) {
		fprintf(stderr, "usage: differential FIRST-SEED COUNT [BUG]\n");
		return EXIT_BROKEN;
	}
	if (engine_plant != NULL ? !engine_plant(bug) : !oracle_plant(bug)) {
		fprintf(stderr, "no such bug to plant\n");
		return EXIT_BROKEN;
	}

	static generate_zone_t zone;
	oracle_zone_t oracle = { 0 };
	tally_t tally = { 0 };
	for (uint64_t seed = first; seed < first + count; seed++) {
		generate(&zone, seed);
		if (!try_zone(&zone, seed, &oracle, &tally)) {
			oracle_free(&oracle);
			return EXIT_FAILURE;
		}
	}
	oracle_free(&oracle);

	printf("%llu zones, %llu questions: %llu denied, %llu permitted, %llu not known; "
	       "%llu left out\n",
	       (unsigned long long)count, tally.questions, tally.verdict[ORACLE_NO],
	       tally.verdict[ORACLE_YES], tally.verdict[ORACLE_UNKNOWN], tally.left_out);
	bool complete = true;
	for (size_t i = 0; i < ORACLE_MET__COUNT; i++) {
		printf("%10llu %s\n", tally.met[i], oracle_met_name[i]);
		complete &= tally.met[i] > 0;
	}
	if (count >= FLOOR_FROM && !complete) {
		fprintf(stderr, "the zones do not reach every rule\n");
		return EXIT_BROKEN;
	}
	return EXIT_SUCCESS;
}
