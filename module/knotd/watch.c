/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The stack of zones about which queries have noticed something. */

#include <stddef.h>

#include <libknot/rrtype/soa.h>

#include "watch.h"

/* Two names of at least one octet and five numbers (RFC 1035 section 3.3.13). */
#define SOA_MIN_LEN 22

/* On the stack; a bit beside those of plan_noticed_t. */
#define QUEUED 0x100u

atomic_uint watch_tick = 1;

static _Atomic(watch_t *) stack;

void watch_note(watch_t *watch, unsigned noticed)
{
	if (atomic_fetch_or(&watch->noticed, noticed | QUEUED) & QUEUED) {
		return;
	}
	atomic_fetch_add(&watch->refs, 1);
	watch_t *head = atomic_load(&stack);
	do {
		watch->next = head;
	} while (!atomic_compare_exchange_weak(&stack, &head, watch));
}

/* Tells what a look at the SOA RRset shows that is new. A new one may stand where the server has freed
 * the last one, so an address alone does not tell two loads apart. */
static unsigned compare(watch_t *watch, const knot_rrset_t *soa)
{
	const knot_rdata_t *rdata = soa->rrs.count > 0 ? soa->rrs.rdata : NULL;
	if (rdata == NULL || rdata->len < SOA_MIN_LEN) {
		return atomic_exchange(&watch->state, WATCH_UNSERVED) != WATCH_UNSERVED ?
		               PLAN_UNSERVED :
		               0;
	}
	unsigned serial = knot_soa_serial(rdata);
	unsigned before = atomic_exchange(&watch->serial, serial);
	uintptr_t contents = atomic_exchange(&watch->contents, (uintptr_t)rdata);
	unsigned state = atomic_exchange(&watch->state, WATCH_SERVED);
	return state != WATCH_SERVED || before != serial ? PLAN_SERIAL :
	       contents != (uintptr_t)rdata              ? PLAN_RELOADED :
	                                                   0;
}

void watch_look(watch_t *watch, atomic_uint *seen, const knot_rrset_t *soa)
{
	unsigned noticed = compare(watch, soa);
	if (noticed != 0) {
		atomic_fetch_add(&watch->loads, 1);
		watch_note(watch, noticed);
	}
	/* Last: a query that sees this tick may rely on the serial. */
	atomic_store(seen, atomic_load(&watch_tick));
}

watch_t *watch_drain(void)
{
	return atomic_exchange(&stack, NULL);
}

unsigned watch_take(watch_t *watch)
{
	return atomic_exchange(&watch->noticed, 0) & ~QUEUED;
}
