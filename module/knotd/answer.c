/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The packet: what is written anew in an answer. */

#include <string.h>

#include "answer.h"
#include "compat.h"

bool answer_find(knot_pkt_t *pkt, answer_t *out)
{
	const knot_pktsection_t *section = knot_pkt_section(pkt, KNOT_ANSWER);
	uint16_t i = section->count;
	while (i > 0 && knot_pkt_rr(section, i - 1)->type == KNOT_RRTYPE_RRSIG) {
		i--;
	}
	if (i == 0 || knot_pkt_rr(section, i - 1)->type != KNOT_RRTYPE_CAA ||
	    knot_pkt_rr(section, i - 1)->rclass != KNOT_CLASS_IN ||
	    section->pos + section->count != pkt->rrset_count) {
		return false;
	}
	out->pkt = pkt;
	out->at = section->pos + i - 1;
	out->rest = section->count - i;
	out->pos = pkt->rr_info[out->at].pos;
	const uint8_t *written = pkt->wire + out->pos;
	out->hint = knot_wire_is_pointer(written) ? knot_wire_get_pointer(written) : 0;
	/* As mod-onlinesign does: the RRset may be owned by a wildcard, the answer never is. */
	if (knot_dname_unpack(out->owner, written, sizeof(out->owner), pkt->wire) <= 0) {
		return false;
	}
	knot_dname_to_lower(out->owner);
	return true;
}

const knot_rrset_t *answer_rrsig(const answer_t *answer)
{
	for (uint16_t i = 0; i < answer->rest; i++) {
		const knot_rrset_t *rr = &answer->pkt->rr[answer->at + 1 + i];
		if (rr->rrs.count > 0 &&
		    knot_rrsig_type_covered(rr->rrs.rdata) == KNOT_RRTYPE_CAA) {
			return rr;
		}
	}
	return NULL;
}

/* Winds the packet back to where the CAA RRset begins. */
static void rewind_to(answer_t *answer)
{
	knot_pkt_t *pkt = answer->pkt;
	knot_rrset_t *old = &pkt->rr[answer->at];
	uint16_t records = old->rrs.count;
	for (uint16_t i = 0; i < answer->rest; i++) {
		records += answer->rr[i].rrs.count;
	}
	if (pkt->rr_info[answer->at].flags & KNOT_PF_FREE) {
		knot_rrset_clear(old, &pkt->mm);
	}
	pkt->size = answer->pos;
	pkt->rrset_count = answer->at;
	pkt->sections[KNOT_ANSWER].count -= 1 + answer->rest;
	knot_wire_set_ancount(pkt->wire, (uint16_t)(knot_wire_get_ancount(pkt->wire) - records));

	/* The name that the next ones are compressed by, as before the CAA RRset was written: its
	 * owner if that is where the pointer leads to, else the question. */
	uint16_t suffix = KNOT_WIRE_HEADER_SIZE;
	if (answer->hint >= KNOT_WIRE_HEADER_SIZE + knot_pkt_question_size(pkt)) {
		suffix = answer->hint;
	}
	pkt->compr.suffix.pos = suffix;
	pkt->compr.suffix.labels = (uint8_t)knot_dname_labels(pkt->wire + suffix, pkt->wire);
}

bool answer_save(answer_t *answer)
{
	if (answer->rest == 0) {
		return true;
	}
	knot_pkt_t *pkt = answer->pkt;
	answer->rr = compat_alloc(&pkt->mm, answer->rest * sizeof(*answer->rr));
	answer->info = compat_alloc(&pkt->mm, answer->rest * sizeof(*answer->info));
	if (answer->rr == NULL || answer->info == NULL) {
		return false;
	}
	memcpy(answer->rr, &pkt->rr[answer->at + 1], answer->rest * sizeof(*answer->rr));
	memcpy(answer->info, &pkt->rr_info[answer->at + 1], answer->rest * sizeof(*answer->info));
	return true;
}

static knotd_in_state_t after_put(int ret, knotd_in_state_t state)
{
	switch (ret) {
	case KNOT_EOK:
		return state;
	case KNOT_ESPACE:
		return KNOTD_IN_STATE_TRUNC;
	default:
		return KNOTD_IN_STATE_ERROR;
	}
}

knotd_in_state_t answer_replace(answer_t *answer, knotd_in_state_t state, knotd_qdata_t *qdata,
                                knot_rrset_t *set, knot_rrset_t *rrsig, bool rotate)
{
	knot_pkt_t *pkt = answer->pkt;
	bool udp = qdata->params->proto == KNOTD_QUERY_PROTO_UDP;
	uint16_t by = rotate ? knot_wire_get_id(qdata->query->wire) : 0;

	rewind_to(answer);
	int ret = knot_pkt_put_rotate(pkt, answer->hint, set, by,
	                              (udp ? KNOT_PF_NULL : KNOT_PF_NOTRUNC) | KNOT_PF_ORIGTTL |
	                                      KNOT_PF_FREE);
	if (ret != KNOT_EOK) {
		knot_rrset_clear(set, &pkt->mm);
	}
	uint16_t owner_hint = ret == KNOT_EOK ?
	                              pkt->rr_info[answer->at].compress_ptr[KNOT_COMPR_HINT_OWNER] :
	                              0;
	for (uint16_t i = 0; i < answer->rest; i++) {
		knot_rrset_t *rr = &answer->rr[i];
		uint16_t hint = answer->info[i].compress_ptr[KNOT_COMPR_HINT_OWNER];
		uint16_t flags = answer->info[i].flags;
		if (knot_rrsig_type_covered(rr->rrs.rdata) == KNOT_RRTYPE_CAA) {
			if (flags & KNOT_PF_FREE) {
				knot_rrset_clear(rr, &pkt->mm);
			}
			rr = rrsig;
			flags |= KNOT_PF_FREE;
			hint = owner_hint;
		} else if (hint >= answer->pos) {
			hint = KNOT_COMPR_HINT_NONE;
		}
		if (ret == KNOT_EOK) {
			ret = knot_pkt_put(pkt, hint, rr, flags);
			if (ret == KNOT_EOK) {
				continue;
			}
		}
		if (flags & KNOT_PF_FREE) {
			knot_rrset_clear(rr, &pkt->mm);
		}
	}
	return after_put(ret, state);
}

knotd_in_state_t answer_cname(knot_pkt_t *pkt, knotd_qdata_t *qdata, const knot_dname_t *owner,
                              const knot_dname_t *target, uint32_t ttl)
{
	knot_dname_t *copy = knot_dname_copy(owner, &pkt->mm);
	if (copy == NULL) {
		return KNOTD_IN_STATE_ERROR;
	}
	knot_rrset_t cname;
	knot_rrset_init(&cname, copy, KNOT_RRTYPE_CNAME, KNOT_CLASS_IN, ttl);
	int ret = knot_rrset_add_rdata(&cname, target, (uint16_t)knot_dname_size(target), &pkt->mm);
	if (ret == KNOT_EOK) {
		uint16_t type = knot_pkt_qtype(pkt);
		bool whole = qdata->params->proto != KNOTD_QUERY_PROTO_UDP &&
		             (type == KNOT_RRTYPE_CNAME || type == KNOT_RRTYPE_ANY);
		ret = knot_pkt_put(pkt,
		                   pkt->rrset_count == 0 ? KNOT_COMPR_HINT_QNAME :
		                                           KNOT_COMPR_HINT_NONE,
		                   &cname, KNOT_PF_FREE | (whole ? KNOT_PF_NOTRUNC : 0));
	}
	if (ret != KNOT_EOK) {
		knot_rrset_clear(&cname, &pkt->mm);
	}
	return after_put(ret, KNOTD_IN_STATE_HIT);
}
