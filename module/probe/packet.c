/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Makes queries and takes answers apart. */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>
#include <libknot/packet/pkt.h>
#include <libknot/packet/wire.h>
#include <libknot/rrtype/rdname.h>
#include <libknot/rrtype/soa.h>

#include "engine/proofs.h"
#include "packet.h"

/*! Octets of a SOA RDATA with two root names (RFC 1035 section 3.3.13). */
#define SOA_MIN 22

/*! Names from the one asked for to the end of its aliases. */
typedef struct {
	const knot_dname_t *name[CAAUDIT_ALIASES_MAX + 1];
	size_t count;
} chain_t;

size_t packet_write(const packet_query_t *query, uint8_t *out)
{
	knot_pkt_t *pkt = knot_pkt_new(out, PACKET_QUERY_MAX, NULL);
	if (pkt == NULL) {
		return 0;
	}
	knot_pkt_clear(pkt);
	knot_wire_set_id(pkt->wire, query->id);
	if (query->resolver) {
		knot_wire_set_rd(pkt->wire);
	}
	int ret = knot_pkt_put_question(pkt, query->name, KNOT_CLASS_IN, query->type);
	if (ret == KNOT_EOK && query->edns) {
		knot_rrset_t opt;
		ret = knot_edns_init(&opt, PROBE_UDP_SIZE, 0, KNOT_EDNS_VERSION, &pkt->mm);
		if (ret == KNOT_EOK) {
			knot_edns_set_do(&opt);
			ret = knot_pkt_begin(pkt, KNOT_ADDITIONAL);
			ret = ret == KNOT_EOK ?
			              knot_pkt_put(pkt, KNOT_COMPR_HINT_NONE, &opt, KNOT_PF_FREE) :
			              ret;
			if (ret != KNOT_EOK) {
				knot_rrset_clear(&opt, &pkt->mm);
			}
		}
	}
	size_t size = ret == KNOT_EOK ? pkt->size : 0;
	knot_pkt_free(pkt);
	return size;
}

/*! Checks header and question; the sections are not looked at. */
static bool is_answer(const packet_query_t *query, const knot_pkt_t *pkt, probe_refused_t *refused)
{
	if (knot_wire_get_id(pkt->wire) != query->id) {
		*refused = PROBE_REFUSED_ID;
		return false;
	}
	if (!knot_wire_get_qr(pkt->wire) || knot_wire_get_opcode(pkt->wire) != KNOT_OPCODE_QUERY) {
		*refused = PROBE_REFUSED_QUERY;
		return false;
	}
	uint8_t rcode = knot_wire_get_rcode(pkt->wire);
	if (pkt->qname_size == 0) {
		// A server that could not read the query has no question to repeat.
		*refused = PROBE_REFUSED_QUESTION;
		return rcode != KNOT_RCODE_NOERROR && rcode != KNOT_RCODE_NXDOMAIN;
	}
	*refused = PROBE_REFUSED_QUESTION;
	return knot_dname_is_equal(knot_pkt_qname(pkt), query->name) &&
	       knot_pkt_qtype(pkt) == query->type && knot_pkt_qclass(pkt) == KNOT_CLASS_IN;
}

static bool in_zone(const knot_dname_t *name, const knot_dname_t *zone)
{
	return knot_dname_in_bailiwick(name, zone) >= 0;
}

static const knot_rrset_t *find(const knot_pktsection_t *section, const knot_dname_t *owner,
                                uint16_t type)
{
	for (uint16_t i = 0; i < section->count; i++) {
		const knot_rrset_t *rr = knot_pkt_rr(section, i);
		if (rr->type == type && rr->rclass == KNOT_CLASS_IN && rr->rrs.count > 0 &&
		    knot_dname_is_equal(rr->owner, owner)) {
			return rr;
		}
	}
	return NULL;
}

/*! Follows the aliases as far as they stay in the zone; returns whether the RRset is at their end. */
static bool follow(const packet_query_t *query, const knot_pktsection_t *answer, chain_t *chain)
{
	chain->name[0] = query->name;
	chain->count = 1;
	while (true) {
		const knot_dname_t *at = chain->name[chain->count - 1];
		if (!in_zone(at, query->zone)) {
			return false;
		}
		if (find(answer, at, query->type) != NULL) {
			return true;
		}
		const knot_rrset_t *cname = query->type != KNOT_RRTYPE_CNAME ?
		                                    find(answer, at, KNOT_RRTYPE_CNAME) :
		                                    NULL;
		if (cname == NULL || chain->count > CAAUDIT_ALIASES_MAX) {
			return false;
		}
		chain->name[chain->count++] = knot_cname_name(cname->rrs.rdata);
	}
}

static bool on_chain(const chain_t *chain, const knot_dname_t *owner)
{
	for (size_t i = 0; i < chain->count; i++) {
		if (knot_dname_is_equal(chain->name[i], owner)) {
			return true;
		}
	}
	return false;
}

static bool above_chain(const chain_t *chain, const knot_dname_t *owner)
{
	for (size_t i = 0; i < chain->count; i++) {
		if (knot_dname_in_bailiwick(chain->name[i], owner) > 0) {
			return true;
		}
	}
	return false;
}

/*! Type of a record, or the type that a signature covers (RFC 4034 section 3.1). */
static uint16_t about(const knot_rrset_t *rr)
{
	if (rr->type != KNOT_RRTYPE_RRSIG) {
		return rr->type;
	}
	const knot_rdata_t *rdata = rr->rrs.rdata;
	return rdata->len >= 2 ? knot_wire_read_u16(rdata->data) : 0;
}

static bool is_kept(const packet_query_t *query, const chain_t *chain, const knot_rrset_t *rr,
                    bool answer)
{
	if (rr->rclass != KNOT_CLASS_IN || rr->rrs.count == 0 || !in_zone(rr->owner, query->zone)) {
		return false;
	}
	uint16_t type = about(rr);
	if (answer) {
		return ((type == query->type || type == KNOT_RRTYPE_CNAME) &&
		        on_chain(chain, rr->owner)) ||
		       (type == KNOT_RRTYPE_DNAME && above_chain(chain, rr->owner));
	}
	return type == KNOT_RRTYPE_SOA || type == KNOT_RRTYPE_NS || type == KNOT_RRTYPE_DS ||
	       type == KNOT_RRTYPE_NSEC || type == KNOT_RRTYPE_NSEC3;
}

static bool is_glue(const packet_query_t *query, const knot_rrset_t *rr)
{
	return rr->rclass == KNOT_CLASS_IN && rr->rrs.count > 0 &&
	       in_zone(rr->owner, query->zone) &&
	       (rr->type == KNOT_RRTYPE_A || rr->type == KNOT_RRTYPE_AAAA);
}

/*! Copies what is kept of the sections. */
static int keep(const packet_query_t *query, const chain_t *chain, const knot_pkt_t *pkt,
                probe_answer_t *out)
{
	const knot_pktsection_t *section[] = { knot_pkt_section(pkt, KNOT_ANSWER),
		                               knot_pkt_section(pkt, KNOT_AUTHORITY),
		                               knot_pkt_section(pkt, KNOT_ADDITIONAL) };
	size_t room = section[0]->count + section[1]->count + section[2]->count;
	size_t count = 0, end[] = { 0, 0, 0 };
	caaudit_record_t *record = calloc(room > 0 ? room : 1, sizeof(*record));
	if (record == NULL) {
		return KNOT_ENOMEM;
	}
	for (size_t s = 0; s < (query->glue ? 3 : 2); s++) {
		for (uint16_t i = 0; i < section[s]->count; i++) {
			const knot_rrset_t *rr = knot_pkt_rr(section[s], i);
			if (s == 2 ? is_glue(query, rr) : is_kept(query, chain, rr, s == 0)) {
				record[count++] = (caaudit_record_t){
					.owner = rr->owner,
					.rdata = rr->rrs.rdata->data,
					.ttl = rr->ttl,
					.type = rr->type,
					.rdlen = rr->rrs.rdata->len,
				};
			}
		}
		end[s] = count;
	}
	int ret = probe_answer_set(out, record, end[0], count,
	                           chain->count > 1 ? chain->name[chain->count - 1] : NULL);
	if (ret == KNOT_EOK && query->glue) {
		out->record_count = end[1];
		out->glue_count = count - end[1];
	}
	free(record);
	return ret;
}

/*! Is the RRset signed by a zone below, which the same server has? (RFC 4034 section 3.1.7) */
static bool is_of_child(const packet_query_t *query, const knot_pktsection_t *answer,
                        const knot_dname_t *owner)
{
	for (uint16_t i = 0; i < answer->count; i++) {
		const knot_rrset_t *rr = knot_pkt_rr(answer, i);
		const knot_rdata_t *rdata = rr->rrs.rdata;
		if (rr->type == KNOT_RRTYPE_RRSIG && about(rr) == query->type &&
		    rdata->len > RRSIG_FIXED && knot_dname_is_equal(rr->owner, owner)) {
			return knot_dname_in_bailiwick(rdata->data + RRSIG_FIXED, query->zone) > 0;
		}
	}
	return false;
}

/*! What the authority section says of a name without the RRset. */
static void judge_negative(const packet_query_t *query, const knot_pktsection_t *authority,
                           const knot_dname_t *name, probe_answer_t *out)
{
	bool soa = false, below = false, up = false;
	for (uint16_t i = 0; i < authority->count; i++) {
		const knot_rrset_t *rr = knot_pkt_rr(authority, i);
		if (rr->rclass != KNOT_CLASS_IN || !in_zone(name, rr->owner)) {
			continue;
		}
		int depth = knot_dname_in_bailiwick(rr->owner, query->zone);
		if (rr->type == KNOT_RRTYPE_SOA) {
			soa = soa || depth >= 0;
			below = below || depth > 0;
		} else if (rr->type == KNOT_RRTYPE_NS) {
			below = below || depth > 0;
			up = up || depth < 0;
		}
	}
	if (below) {
		out->said = PROBE_SAID_REFERRAL;
	} else if (up && !out->aa && !soa) {
		out->said = PROBE_SAID_LAME;
	} else if (out->rcode == KNOT_RCODE_NXDOMAIN) {
		out->said = PROBE_SAID_NXDOMAIN;
		out->no_soa = !soa;
	} else if (out->target != NULL && !soa) {
		out->said = PROBE_SAID_ALIAS;
		out->open = true;
	} else {
		out->said = PROBE_SAID_NODATA;
		out->no_soa = !soa;
	}
}

static void judge(const packet_query_t *query, const knot_pkt_t *pkt, const chain_t *chain,
                  bool found, probe_answer_t *out)
{
	const knot_pktsection_t *answer = knot_pkt_section(pkt, KNOT_ANSWER);
	const knot_pktsection_t *authority = knot_pkt_section(pkt, KNOT_AUTHORITY);
	const knot_dname_t *end = chain->name[chain->count - 1];
	const knot_rrset_t *soa = find(authority, query->zone, KNOT_RRTYPE_SOA);
	if (found && query->type == KNOT_RRTYPE_SOA && knot_dname_is_equal(end, query->zone)) {
		soa = find(answer, end, KNOT_RRTYPE_SOA);
	}
	if (soa != NULL && soa->rrs.rdata->len >= SOA_MIN) {
		out->has_serial = true;
		out->serial = knot_soa_serial(soa->rrs.rdata);
	}

	if (out->rcode != KNOT_RCODE_NOERROR && out->rcode != KNOT_RCODE_NXDOMAIN) {
		out->said = PROBE_SAID_ERROR;
	} else if (found) {
		out->said = is_of_child(query, answer, end) ? PROBE_SAID_REFERRAL : PROBE_SAID_DATA;
	} else if (!in_zone(end, query->zone)) {
		out->said = PROBE_SAID_ALIAS;
	} else {
		judge_negative(query, authority, end, out);
	}
	// RFC 1034 section 4.3.1: without AA it may be anybody's word.
	if (!query->resolver && !out->aa && out->said != PROBE_SAID_ERROR &&
	    out->said != PROBE_SAID_REFERRAL) {
		out->said = PROBE_SAID_LAME;
		out->open = out->no_soa = false;
	}
}

static int read_sections(const packet_query_t *query, knot_pkt_t *pkt, probe_answer_t *out,
                         probe_refused_t *refused)
{
	int ret = knot_pkt_parse(pkt, 0);
	if (ret != KNOT_EOK) {
		*refused = PROBE_REFUSED_MALFORMED;
		return ret == KNOT_ENOMEM ? ret : KNOT_EMALF;
	}
	out->edns = knot_pkt_has_edns(pkt);
	out->rcode = knot_pkt_ext_rcode(pkt);
	chain_t chain;
	bool found = follow(query, knot_pkt_section(pkt, KNOT_ANSWER), &chain);
	ret = keep(query, &chain, pkt, out);
	if (ret == KNOT_EOK) {
		judge(query, pkt, &chain, found, out);
	}
	return ret;
}

int packet_read(const packet_query_t *query, uint8_t *wire, size_t size, probe_answer_t *out,
                probe_refused_t *refused)
{
	if (size < KNOT_WIRE_HEADER_SIZE) {
		*refused = PROBE_REFUSED_SHORT;
		return KNOT_EMALF;
	}
	if (size > UINT16_MAX) {
		*refused = PROBE_REFUSED_LARGE;
		return KNOT_EMALF;
	}
	knot_pkt_t *pkt = knot_pkt_new(wire, size, NULL);
	if (pkt == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = knot_pkt_parse_question(pkt);
	if (ret != KNOT_EOK) {
		*refused = PROBE_REFUSED_MALFORMED;
		ret = KNOT_EMALF;
	} else if (!is_answer(query, pkt, refused)) {
		ret = KNOT_EMALF;
	} else {
		*out = (probe_answer_t){
			.outcome = PROBE_ANSWERED,
			.size = size,
			.rcode = knot_wire_get_rcode(wire),
			.cut = knot_wire_get_tc(wire),
			.aa = knot_wire_get_aa(wire),
			.ra = knot_wire_get_ra(wire),
			.ad = knot_wire_get_ad(wire),
		};
		// What is left of a truncated answer is not looked at: a record may be cut through.
		out->said = PROBE_SAID_CUT;
		ret = out->cut ? KNOT_EOK : read_sections(query, pkt, out, refused);
		if (ret != KNOT_EOK) {
			probe_answer_clear(out);
		}
	}
	knot_pkt_free(pkt);
	return ret;
}
