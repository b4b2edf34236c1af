/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief When a zone is audited next: a pure function of its state, of an event, and of the time.
 *
 * Nothing here has a lock, a clock or a side effect. All times are milliseconds of one clock
 * that never jumps. README.md has a picture of the states.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*! State of a zone. */
typedef enum {
	PLAN_RETIRED, /*!< There is no instance to audit. */
	PLAN_WAITING, /*!< The next audit is due at a time. */
	PLAN_RUNNING, /*!< A thread audits the zone. */
	PLAN_SEEN,    /*!< PLAN_RUNNING, and a query has shown a serial meanwhile: audit again
	                   unless that serial is the one that was read. */
	PLAN_AGAIN,   /*!< PLAN_RUNNING, and something has changed meanwhile: audit again. */
	PLAN_LEAVING, /*!< PLAN_RUNNING, and there is no instance to audit any more: drop the result. */
} plan_state_t;

/*! What the next audit of a zone depends on; all zero is a zone that was never loaded. */
typedef struct {
	plan_state_t state;
	uint8_t fails;   /*!< Audits in a row that could not look, since the load. */
	uint8_t filed;   /*!< 0, or 1 + the audits since the zone file has changed. */
	uint8_t unheard; /*!< Questions over UDP in a row that did not reach the zone. */
	bool reported;   /*!< A result was reported since the load. */
	bool big;        /*!< Its audits take long. */
	uint32_t serial; /*!< Serial of the last result. */
	uint64_t rest;   /*!< Time before which no change begins an audit. */
	uint64_t read;   /*!< Time of the last reading, 0 = never. */
	uint64_t loaded; /*!< Time of the load. */
	uint64_t due;    /*!< PLAN_WAITING: time of the next audit. */
	uint64_t ask;    /*!< Time of the next question for the serial, 0 = none. */
} plan_t;

/*! Events; each names the members of plan_event_t that it needs besides \a now. */
typedef enum {
	PLAN_LOAD,     /*!< An instance was loaded: zones. */
	PLAN_RETIRE,   /*!< The instance was unloaded, or superseded without a successor. */
	PLAN_NOTICE,   /*!< A query has noticed something: noticed, seen, delay. */
	PLAN_CHANGE,   /*!< The zone file has changed: delay, seen. */
	PLAN_POSTPONE, /*!< The audit was due and has to wait for another one. */
	PLAN_BEGIN,    /*!< A thread begins the audit. */
	PLAN_DONE,     /*!< It has a result: serial, unchanged, took, large, again, interval, delay,
	                  seen, check, spread. */
	PLAN_FAIL,     /*!< It could not look: soon, zones, took, large, interval, delay, seen,
	                  check, spread. */
	PLAN_VANISH,   /*!< The zone is no longer configured, or nobody can tell: delay, seen. */
	PLAN_DROP,     /*!< Its instance was superseded or unloaded meanwhile: took, large. */
	PLAN_HEARD,    /*!< A query has shown the zone: looked, tcp, check. */
	PLAN_UNHEARD,  /*!< The module's own question has not reached it: check. */
	PLAN_UNASKED,  /*!< It could not be sent, which tells nothing of the zone: check. */
} plan_what_t;

/*! What queries notice about a zone, as bits. */
typedef enum {
	PLAN_SERIAL = 1, /*!< The zone has a new serial. */
	PLAN_UNSERVED =
		2, /*!< The server has nothing to serve any more: the zone expired, or was purged. */
	PLAN_WOKEN = 4,    /*!< There is something to report that no record shows. */
	PLAN_RELOADED = 8, /*!< The zone was loaded anew, with the serial that it had. */
	PLAN_LEFT = 16, /*!< The module was unloaded. For a moment the zone is kept, unless it was
	                        the last: knotc zone-restore loads it again. */
} plan_noticed_t;

/*! An event. */
typedef struct {
	plan_what_t what;
	uint64_t now;
	unsigned noticed;  /*!< Bits of plan_noticed_t. */
	uint32_t seen;     /*!< Serial that a query has shown last. */
	uint64_t delay;    /*!< 'audit-delay'; 0 before the options were read. */
	uint64_t interval; /*!< 'audit-interval'; 0 before the options were read. */
	uint32_t serial;   /*!< Serial of the result. */
	bool unchanged;    /*!< The zone was not read: the last result still holds. */
	uint32_t took;     /*!< Time that the audit took. */
	bool large;        /*!< The zone has a large zone file. */
	uint64_t again;    /*!< Time after which there may be more to report, 0 = never. */
	bool soon;         /*!< Whatever prevents the audit may pass in a moment. */
	size_t zones;      /*!< Zones that are loaded. */
	uint64_t check;    /*!< 'change-check'; 0 before the options were read. */
	uint32_t spread;   /*!< Number of the zone that spreads the questions over the time. */
	uint64_t looked;   /*!< Time at which a query has shown the zone. */
	bool tcp;          /*!< That was the module's own one over TCP. */
} plan_event_t;

/*!
 * \brief Gets the plan of a zone after an event.
 *
 * \param[in] plan   Plan before.
 * \param[in] event  Event.
 *
 * \return Plan after.
 */
plan_t plan_next(plan_t plan, const plan_event_t *event);

/*!
 * \brief Tells whether a failure is to be expected of a server that starts, or that is busy for
 *        a moment: then it is not logged yet, and the next attempt comes soon.
 *
 * \param[in] plan   Plan before the failure.
 * \param[in] event  PLAN_FAIL.
 */
bool plan_in_grace(const plan_t *plan, const plan_event_t *event);

/*!
 * \brief Tells whether so many questions over UDP were lost that TCP is tried as well.
 */
bool plan_wants_tcp(const plan_t *plan);
