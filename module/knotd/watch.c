/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stddef.h>

#include <libknot/rrtype/soa.h>

#include "watch.h"

/* Two names of at least one octet and five numbers (RFC 1035 section 3.3.13). */
#define SOA_MIN_LEN 22

atomic_uint watch_tick = 1;

static _Atomic(watch_t *) noticed;

static void notice(watch_t *watch, unsigned flag)
{
	unsigned before = atomic_fetch_or(&watch->flags, flag | WATCH_QUEUED);
	if (before & WATCH_QUEUED) {
		return;
	}
	/* The query is being answered from the zone, so its instance lives. */
	atomic_fetch_add(&watch->refs, 1);
	watch_t *head = atomic_load(&noticed);
	do {
		watch->next = head;
	} while (!atomic_compare_exchange_weak(&noticed, &head, watch));
}

void watch_look(watch_t *watch, const knot_rrset_t *soa)
{
	const knot_rdata_t *rdata = soa->rrs.count > 0 ? soa->rrs.rdata : NULL;
	if (rdata != NULL && rdata->len >= SOA_MIN_LEN) {
		unsigned serial = knot_soa_serial(rdata);
		unsigned before = atomic_exchange(&watch->serial, serial);
		bool known = atomic_exchange(&watch->known, true);
		if (!known || before != serial) {
			notice(watch, WATCH_SERIAL);
		}
	}
	/* Last: who sees this tick sees the serial as well. */
	atomic_store(&watch->seen, atomic_load(&watch_tick));
}

void watch_poke(watch_t *watch)
{
	notice(watch, WATCH_POKED);
}

void watch_wake(watch_t *watch)
{
	notice(watch, WATCH_WOKEN);
}

void watch_asked(watch_t *watch)
{
	notice(watch, WATCH_ASKED);
}

watch_t *watch_drain(void)
{
	return atomic_exchange(&noticed, NULL);
}
