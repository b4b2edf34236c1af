/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A module of the server that takes the signatures over CAA out of answers, as if there were none. */

#include <libknot/libknot.h>

#include "compat.h"

static knotd_in_state_t strip(knotd_in_state_t state, knot_pkt_t *pkt, knotd_qdata_t *qdata,
                              knotd_mod_t *mod)
{
	(void)qdata;
	(void)mod;
	const knot_rrset_t *last = pkt->rrset_count > 0 ? &pkt->rr[pkt->rrset_count - 1] : NULL;
	if (last != NULL && last->type == KNOT_RRTYPE_RRSIG &&
	    knot_rrsig_type_covered(last->rrs.rdata) == KNOT_RRTYPE_CAA) {
		pkt->rrset_count--;
		pkt->sections[KNOT_ANSWER].count--;
		pkt->size = pkt->rr_info[pkt->rrset_count].pos;
		knot_wire_set_ancount(pkt->wire, (uint16_t)(knot_wire_get_ancount(pkt->wire) -
		                                            last->rrs.count));
	}
	return state;
}

static int load(knotd_mod_t *mod)
{
	return knotd_mod_in_hook(mod, KNOTD_STAGE_ANSWER, strip);
}

KNOTD_MOD_API(strip, KNOTD_MOD_FLAG_SCOPE_ZONE | KNOTD_MOD_FLAG_OPT_CONF, load, NULL, NULL, NULL);
