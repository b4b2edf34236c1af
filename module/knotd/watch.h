/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Change detection on the query path: what a query shows about its zone.
 *
 * The server tells a module nothing when a zone changes, so the module looks at the SOA record
 * in the first query of a tick and zone, be it a client's or the module's own; every other query
 * costs one comparison. What was noticed goes onto a lock-free stack that the auditor empties once
 * a tick: no lock, no allocation and no system call in a query.
 */

#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <libknot/rrset.h>

#include "plan.h"

/*! What queries show of a zone. */
typedef enum {
	WATCH_UNKNOWN,  /*!< There was no query. */
	WATCH_SERVED,   /*!< The zone is there. */
	WATCH_UNSERVED, /*!< It has no contents: it is not loaded, or has expired. */
} watch_state_t;

/*! Part of a zone that queries touch. Embed it as the first member. */
typedef struct watch watch_t;
struct watch {
	atomic_uint serial; /*!< Serial that a query has shown last. */
	atomic_uintptr_t
		contents;    /*!< Where the server has the SOA record: elsewhere if the zone was
	                                loaded anew, whatever its serial. */
	atomic_uint loads;   /*!< How often the zone was seen to be another one, or not served. */
	atomic_uint state;   /*!< What the last query has shown, watch_state_t. */
	atomic_uint noticed; /*!< Bits of plan_noticed_t since the stack was emptied. */
	atomic_uint refs;    /*!< References to the zone, that of the stack included. */
	watch_t *next;       /*!< Link of the stack. */
};

/*! Milliseconds of a tick. */
#define WATCH_TICK 1000

/*! Ticks so far; they stand still while no zone is loaded. Never 0. The attribute lets a
 *  query reach it without a detour: -fvisibility does not apply to what is external. */
extern __attribute__((visibility("hidden"))) atomic_uint watch_tick;

/*!
 * \brief Tells whether this is the first query of the tick.
 *
 * \param[in] seen  Tick of the last look; 0 makes the next query the first one.
 */
static inline bool watch_due(const atomic_uint *seen)
{
	return atomic_load_explicit(seen, memory_order_relaxed) !=
	       atomic_load_explicit(&watch_tick, memory_order_relaxed);
}

/*!
 * \brief Looks at the SOA record of the zone.
 *
 * \param[in] watch  Watch of the zone.
 * \param[in] seen   Set to the current tick.
 * \param[in] soa    SOA RRset of the apex; empty if the zone is not loaded.
 */
void watch_look(watch_t *watch, atomic_uint *seen, const knot_rrset_t *soa);

/*!
 * \brief Notes something about the zone.
 *
 * \param[in] watch    Watch of a zone that stays referenced meanwhile.
 * \param[in] noticed  Bits of plan_noticed_t.
 */
void watch_note(watch_t *watch, unsigned noticed);

/*!
 * \brief Takes all zones about which something was noticed.
 *
 * Each carries a reference, and its \a noticed. Read its \a next before watch_take(), which
 * allows it onto the stack again.
 *
 * \return First element or NULL.
 */
watch_t *watch_drain(void);

/*!
 * \brief Takes what was noticed about a drained element.
 *
 * \return Bits of plan_noticed_t.
 */
unsigned watch_take(watch_t *watch);
