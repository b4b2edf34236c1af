/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Compares a zone file with what is served. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <libknot/libknot.h>

#include "ask.h"
#include "engine/hash.h"
#include "engine/names.h"
#include "engine/proofs.h"
#include "served.h"

/* Reason for everything that the server does not tell. */
static int unknown(ask_t said, uint8_t rcode, char *why, size_t size)
{
	if (said == ASK_MEMORY) {
		(void)snprintf(why, size, "%s", knot_strerror(KNOT_ENOMEM));
		return KNOT_ENOMEM;
	} else if (said == ASK_UNSERVED) {
		(void)snprintf(
			why, size,
			"the server does not serve the zone (SERVFAIL): it is not loaded or has "
			"expired");
		return KNOT_ENOZONE;
	} else if (said == ASK_REFUSED) {
		const knot_lookup_t *name = knot_lookup_by_id(knot_rcode_names, rcode);
		(void)snprintf(
			why, size,
			"the server does not tell whether it serves what the zone file says (%s); "
			"let it answer its own address, or set another 'source'",
			name == NULL || rcode == KNOT_RCODE_NOERROR ? "no such record" :
								      name->name);
	} else {
		(void)snprintf(
			why, size,
			"the server does not tell whether it serves what the zone file says (no "
			"answer over UDP or TCP); let it answer its own address, or set another "
			"'source'");
	}
	return KNOT_ENOENT;
}

int served_check(const conf_access_t *access, const knot_dname_t *zone, uint32_t serial, char *why,
                 size_t size)
{
	uint32_t served;
	if (!access->listens) {
		(void)snprintf(why, size,
		               "the server listens on no address, so whether it serves what the "
		               "zone file says is not known; set 'server.listen'");
		return KNOT_ENOENT;
	}
	ask_talk_t talk;
	ask_begin(&talk, &access->server);
	ask_t said = ask_serial(&talk, zone, &served);
	ask_end(&talk);
	if (said != ASK_ANSWER) {
		return unknown(said, talk.rcode, why, size);
	} else if (served == serial) {
		return KNOT_EOK;
	}
	bool newer = (int32_t)(serial - served) > 0;
	(void)snprintf(
		why, size,
		"the zone file has serial %" PRIu32 ", the server serves %" PRIu32
		"; %sset 'source: transfer', and permit transfer to 127.0.0.1 in the zone's acl",
		serial, served,
		newer                 ? "load the file (knotc zone-reload), or " :
		access->never_written ? "the server does not write it, by 'zonefile-sync: -1'; " :
					"write the zone to its file (knotc zone-flush), or ");
	return KNOT_ESEMCHECK;
}

/*
 * Records.
 */

/* Questions that are not asked again at once: hosts share the names above them. */
#define ASKED 16

/* New findings whose owners are compared: a file that is not served differs at the first of them. */
#define FRESH 64

/* A comparison: ends with the first difference. */
typedef struct {
	ask_talk_t talk;
	const conf_access_t *access;
	const caaudit_view_t *view;
	uint64_t asked[ASKED]; /* Hashes of the last questions. */
	unsigned next;         /* Place of the next one. */
	char *why;
	size_t size;
	int ret;
} compare_t;

static int differs(compare_t *compare, const knot_dname_t *name, uint16_t type)
{
	knot_dname_txt_storage_t text;
	char type_text[16];
	if (knot_dname_to_str(text, name, sizeof(text)) == NULL ||
	    knot_rrtype_to_string(type, type_text, sizeof(type_text)) < 0) {
		return KNOT_EINVAL;
	}
	(void)snprintf(compare->why, compare->size,
	               "the server answers other %s records at %.200s than the zone file has, with "
	               "the same serial; load the file (knotc zone-reload), and raise the serial "
	               "with each change%s",
	               type_text, text,
	               compare->access->served.answers_else ?
	                       "; if it is another query module that answers there, set 'source: "
	                       "transfer', and permit transfer to 127.0.0.1 in the zone's acl" :
	                       "");
	return KNOT_ESEMCHECK;
}

static bool is_same(const knot_rrset_t *rr, const caaudit_record_t *record)
{
	const knot_rdata_t *rdata = rr->rrs.rdata;
	if (rr->type != record->type || rdata->len != record->rdlen) {
		return false;
	}
	/* The server writes names in RDATA in lower case. */
	return rr->type == KNOT_RRTYPE_CNAME || rr->type == KNOT_RRTYPE_SOA ?
	               octets_equal(rdata->data, rdata->len, record->rdata, record->rdlen) :
	               memcmp(rdata->data, record->rdata, rdata->len) == 0;
}

/* Tells whether the server answers a record, and with the TTL of one of its RRset. */
static bool has_record(const knot_pktsection_t *answer, const knot_dname_t *name,
                       caaudit_rrset_t rrset, const caaudit_record_t *record)
{
	for (unsigned i = 0; i < answer->count; i++) {
		const knot_rrset_t *rr = knot_pkt_rr(answer, i);
		if (!knot_dname_is_case_equal(rr->owner, name) || !is_same(rr, record)) {
			continue;
		}
		for (size_t j = 0; j < rrset.count; j++) {
			if (rrset.record[j]->ttl == rr->ttl) {
				return true;
			}
		}
	}
	return false;
}

static unsigned count_records(const knot_pktsection_t *answer, const knot_dname_t *name,
                              uint16_t type)
{
	unsigned count = 0;
	for (unsigned i = 0; i < answer->count; i++) {
		const knot_rrset_t *rr = knot_pkt_rr(answer, i);
		count += (rr->type == type || rr->type == KNOT_RRTYPE_CNAME) &&
		         knot_dname_is_case_equal(rr->owner, name);
	}
	return count;
}

/* Tells whether the answer leads to the target of an alias. */
static bool leads_to(const knot_pktsection_t *answer, const knot_dname_t *name,
                     const knot_dname_t *target)
{
	for (unsigned i = 0; i < answer->count; i++) {
		const knot_rrset_t *rr = knot_pkt_rr(answer, i);
		if (rr->type == KNOT_RRTYPE_CNAME && knot_dname_is_case_equal(rr->owner, name)) {
			return knot_dname_is_case_equal(rr->rrs.rdata->data, target);
		}
	}
	return false;
}

/* Tells whether the question for SOA at a zone cut was answered with a referral (RFC 1034 section
 * 4.3.2), or by the child, which the server may have as well. */
static bool is_cut(const knot_pkt_t *reply, const knot_dname_t *cut)
{
	const knot_pktsection_t *answer = knot_pkt_section(reply, KNOT_ANSWER);
	return answer->count == 0 ? !knot_wire_get_aa(reply->wire) :
	                            count_records(answer, cut, KNOT_RRTYPE_SOA) > 0;
}

/* Tells whether the server answers what the file says. */
static bool agrees(const compare_t *compare, const knot_dname_t *name, uint16_t type,
                   const caaudit_lookup_t *lookup)
{
	const ask_talk_t *talk = &compare->talk;
	const knot_pktsection_t *answer = knot_pkt_section(talk->reply, KNOT_ANSWER);
	unsigned count = count_records(answer, name, type);
	bool may_have_more = type == KNOT_RRTYPE_TXT &&
	                     !caaudit_view_has_all_txt(compare->view,
	                                               lookup->wildcard ? lookup->source : name);
	switch (lookup->answer) {
	case CAAUDIT_ANSWER:
		for (size_t i = 0; i < lookup->rrset.count; i++) {
			if (!has_record(answer, name, lookup->rrset, lookup->rrset.record[i])) {
				return false;
			}
		}
		return may_have_more || count == lookup->rrset.count;
	case CAAUDIT_CNAME:
	case CAAUDIT_DNAME:
		return leads_to(answer, name, lookup->target);
	case CAAUDIT_DELEGATED:
		return is_cut(talk->reply, name);
	default:
		if (may_have_more || count > 0) {
			return may_have_more;
		}
		/* mod-onlinesign says of every name that it is there (RFC 4470). */
		return compare->access->served.onlinesign ||
		       (talk->rcode == KNOT_RCODE_NXDOMAIN) == (lookup->answer == CAAUDIT_NXDOMAIN);
	}
}

/* Is it the same signature? The name of the signer is the zone in any case. */
static bool is_same_signature(const knot_rdata_t *rdata, const caaudit_record_t *record)
{
	size_t fixed = RRSIG_FIXED + knot_dname_size(rdata->data + RRSIG_FIXED);
	return rdata->len == record->rdlen && rdata->len > fixed &&
	       memcmp(rdata->data, record->rdata, RRSIG_FIXED) == 0 &&
	       memcmp(rdata->data + fixed, record->rdata + fixed, rdata->len - fixed) == 0;
}

static bool has_signature(caaudit_rrset_t signatures, const knot_rdata_t *rdata)
{
	for (size_t i = 0; i < signatures.count; i++) {
		if (is_same_signature(rdata, signatures.record[i])) {
			return true;
		}
	}
	return false;
}

/* Tells whether the answer has the signatures over an RRset that the file has. */
static bool is_signed_alike(const compare_t *compare, const knot_dname_t *name,
                            const knot_dname_t *owner, uint16_t type)
{
	caaudit_rrset_t signatures;
	if (!caaudit_view_signatures(compare->view, owner, type, &signatures)) {
		return true;
	}
	const knot_pktsection_t *answer = knot_pkt_section(compare->talk.reply, KNOT_ANSWER);
	size_t count = 0;
	for (unsigned i = 0; i < answer->count; i++) {
		const knot_rrset_t *rr = knot_pkt_rr(answer, i);
		const knot_rdata_t *rdata = rr->rrs.rdata;
		if (rr->type != KNOT_RRTYPE_RRSIG || rdata->len <= RRSIG_FIXED ||
		    knot_rrsig_type_covered(rdata) != type ||
		    !knot_dname_is_case_equal(rr->owner, name)) {
			continue;
		}
		if (!has_signature(signatures, rdata)) {
			return false;
		}
		count++;
	}
	/* Whether a zone is signed at all shows at the apex; elsewhere another module may take a
	 * signature out of the answer. */
	return count == signatures.count || type != KNOT_RRTYPE_SOA;
}

static bool is_asked(compare_t *compare, const knot_dname_t *name, uint16_t type)
{
	uint64_t hash = hash_octets(hash_name(name), &type, sizeof(type));
	for (unsigned i = 0; i < ASKED; i++) {
		if (compare->asked[i] == hash) {
			return true;
		}
	}
	compare->asked[compare->next++ % ASKED] = hash;
	return false;
}

static void compare_name(compare_t *compare, const knot_dname_t *name, uint16_t type)
{
	caaudit_lookup_t lookup;
	caaudit_view_lookup(compare->view, name, type, &lookup);
	if (lookup.answer == CAAUDIT_DELEGATED) {
		name = lookup.source;
		type = KNOT_RRTYPE_SOA;
	}
	if (compare->ret != KNOT_EOK || lookup.answer == CAAUDIT_OUTSIDE ||
	    is_asked(compare, name, type)) {
		return;
	}
	ask_t said = ask_question(&compare->talk, name, type);
	bool too_long = lookup.answer == CAAUDIT_DNAME_LONG;
	if (too_long && said == ASK_REFUSED && compare->talk.rcode == KNOT_RCODE_YXDOMAIN) {
		return;
	} else if (said != ASK_ANSWER) {
		compare->ret = unknown(said, compare->talk.rcode, compare->why, compare->size);
	} else if (too_long || !agrees(compare, name, type, &lookup)) {
		bool cut = lookup.answer == CAAUDIT_DELEGATED;
		compare->ret = differs(compare, name, cut ? KNOT_RRTYPE_NS : type);
	} else if (lookup.answer == CAAUDIT_ANSWER && type != KNOT_RRTYPE_TXT &&
	           !compare->access->served.onlinesign &&
	           !is_signed_alike(compare, name, lookup.source, type)) {
		compare->ret = differs(compare, name, KNOT_RRTYPE_RRSIG);
	}
}

/* Compares what a CA asks for on its way from a host to the set that decides, or to the apex (RFC 8659
 * section 3): what the file does not have there, the server may. */
static void compare_climb(compare_t *compare, const caaudit_verdict_t *verdict,
                          const knot_dname_t *apex)
{
	bool decided = verdict->is.decided_by != NULL && verdict->asked != NULL;
	const knot_dname_t *last = decided ? verdict->asked : apex;
	for (const knot_dname_t *name = verdict->host;; name += 1 + name[0]) {
		caaudit_chain_t chain;
		caaudit_chain_begin(&chain, compare->view, name, KNOT_RRTYPE_CAA);
		do {
			compare_name(compare, chain.at, KNOT_RRTYPE_CAA);
		} while (caaudit_chain_follow(&chain));
		if (name[0] == 0 || knot_dname_is_case_equal(name, last) ||
		    knot_dname_is_case_equal(name, apex)) {
			break;
		}
	}
}

/* Compares what a finding may be about: with DNSKEY, the keys and the signatures of a zone. */
static void compare_owner(compare_t *compare, const knot_dname_t *owner)
{
	if (!compare->access->served.onlinesign &&
	    caaudit_view_rrset(compare->view, owner, KNOT_RRTYPE_DNSKEY).count > 0) {
		compare_name(compare, owner, KNOT_RRTYPE_DNSKEY);
	}
	compare_name(compare, owner, KNOT_RRTYPE_CAA);
	compare_name(compare, owner, KNOT_RRTYPE_CNAME);
	compare_name(compare, owner, KNOT_RRTYPE_TXT);
}

static void begin(compare_t *compare, const conf_access_t *access, const caaudit_report_t *audit,
                  char *why, size_t size)
{
	*compare = (compare_t){ .access = access, .view = audit->view, .why = why, .size = size };
	ask_begin(&compare->talk, &access->server);
	compare->talk.signatures = true;
}

int served_compare(const conf_access_t *access, const knot_dname_t *zone,
                   const caaudit_report_t *audit, char *why, size_t size)
{
	compare_t compare;
	begin(&compare, access, audit, why, size);
	/* A zone that is signed anew has another signature there, or none. */
	compare_name(&compare, zone, KNOT_RRTYPE_SOA);
	for (size_t i = 0; i < audit->verdict_count; i++) {
		const caaudit_verdict_t *verdict = &audit->verdict[i];
		if (i == 0 || !knot_dname_is_equal(verdict->host, verdict[-1].host)) {
			compare_climb(&compare, verdict, zone);
		}
	}
	for (size_t i = 0; i < audit->validation_count; i++) {
		const caaudit_validation_t *validation = &audit->validation[i];
		uint16_t type = validation->expected->txt != NULL ? KNOT_RRTYPE_TXT :
		                                                    KNOT_RRTYPE_CNAME;
		compare_name(&compare, validation->expected->owner, type);
		if (validation->found != NULL) {
			compare_name(&compare, validation->found->owner, validation->found->type);
		}
	}
	ask_end(&compare.talk);
	return compare.ret;
}

int served_compare_changes(const conf_access_t *access, const caaudit_report_t *audit,
                           const report_t *report, const lookups_answered_t *answered, char *why,
                           size_t size)
{
	compare_t compare;
	begin(&compare, access, audit, why, size);
	size_t pos = 0;
	const findings_item_t *item;
	while ((item = report_next_gone(report, &pos)) != NULL) {
		compare_owner(&compare, report->before->names + item->owner);
	}
	pos = 0;
	for (unsigned i = 0; i < FRESH && (item = report_next_fresh(report, &pos)) != NULL; i++) {
		compare_owner(&compare, report->now->names + item->owner);
	}
	for (size_t i = 0; i < answered->count; i++) {
		compare_owner(&compare, answered->name[i].name);
	}
	ask_end(&compare.talk);
	return compare.ret;
}
