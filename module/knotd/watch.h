/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Change detection on the query path: what a query shows about its zone.
 *
 * The server tells a module nothing when a zone changes, so the module looks
 * at the SOA record in a query: once in a tick and zone, for the price of one
 * comparison in every other query. What was noticed goes onto a lock-free
 * stack that the auditor empties once a second: no lock, no allocation and no
 * system call in a query.
 */

#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <libknot/rrset.h>

/*! What was noticed, as bits. */
typedef enum {
	WATCH_QUEUED = 1, /*!< On the stack. */
	WATCH_SERIAL = 2, /*!< The zone has a new serial. */
	WATCH_POKED = 4,  /*!< An update or a NOTIFY arrived. */
	WATCH_WOKEN = 8,  /*!< There is something to report that no record shows. */
	WATCH_ASKED = 16, /*!< The same, and anybody can bring it about. */
} watch_flag_t;

/*! Part of a zone's instance that queries touch. Embed it as the first member. */
typedef struct watch watch_t;
struct watch {
	atomic_uint seen;   /*!< Tick of the last look. */
	atomic_uint serial; /*!< Serial at that time, valid if \a known. */
	atomic_bool known;
	atomic_uint flags;
	atomic_uint refs; /*!< References to the instance, those of the stack included. */
	watch_t *next;    /*!< Link of the stack. */
};

/*! Seconds, coarse; it stands still while there is nothing to audit. Never 0. The attribute
 *  lets a query reach it without a detour: -fvisibility does not apply to what is external. */
extern __attribute__((visibility("hidden"))) atomic_uint watch_tick;

/*!
 * \brief Tells whether this is the zone's first query in the tick.
 */
static inline bool watch_due(watch_t *watch)
{
	return atomic_load_explicit(&watch->seen, memory_order_relaxed) !=
	       atomic_load_explicit(&watch_tick, memory_order_relaxed);
}

/*!
 * \brief Looks at the SOA record of the zone.
 *
 * \param[in] watch  Watch.
 * \param[in] soa    SOA RRset of the apex; empty if the zone is not loaded.
 */
void watch_look(watch_t *watch, const knot_rrset_t *soa);

/*!
 * \brief Notes that the zone may change soon.
 *
 * \param[in] watch  Watch.
 */
void watch_poke(watch_t *watch);

/*!
 * \brief Notes that an audit has something to report.
 *
 * \param[in] watch  Watch.
 */
void watch_wake(watch_t *watch);

/*!
 * \brief Notes that somebody asked for a name that an audit should report.
 *
 * \param[in] watch  Watch.
 */
void watch_asked(watch_t *watch);

/*!
 * \brief Takes all that was noticed.
 *
 * Each element carries a reference to its instance. Read its \a next before
 * watch_take(), which allows it onto the stack again.
 *
 * \return First element or NULL.
 */
watch_t *watch_drain(void);

/*!
 * \brief Takes the flags of a drained element.
 */
static inline unsigned watch_take(watch_t *watch)
{
	return atomic_exchange(&watch->flags, 0);
}
