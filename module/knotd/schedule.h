/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The zones, by name and by the time of their next audit, under one lock.
 *
 * Everything here is guarded by the lock, and every function is called with it held, unless it
 * says otherwise. Nobody does input or output, writes a log line, or waits for a grace period
 * while holding it: the server's threads take it in load and unload, and rarely try it in a query.
 */

#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lock.h"
#include "plan.h"
#include "zone.h"

/*! The schedule. All times are milliseconds of schedule_now(). */
typedef struct {
	lock_t lock;
	pthread_cond_t wake; /*!< There may be something to do for the worker threads. */
	size_t zones;        /*!< Instances of zones that are loaded. */
	global_t *global;    /*!< Instances of global scope that are loaded. */
	uint64_t loading;    /*!< Last load that the log was told of. */
	uint64_t started;    /*!< First load, until the server answers; else 0. */
	size_t wave;         /*!< Zones that were loaded since all zones had a verdict. */
	size_t big_running;  /*!< Audits of big zones that are under way. */
	struct {
		zone_t **zone; /*!< The first one due first. */
		size_t count;
	} heap[ZONE_TIMES]; /*!< Zones that wait for an audit, for a question; all that were audited. */
	size_t heap_size;  /*!< Room in each heap. */
	void *tree;        /*!< All zones, by name; siblings follow each other. */
	size_t tree_count; /*!< Zones in the tree. */
} schedule_t;

extern schedule_t schedule;

/*!
 * \brief Initialises the schedule. Once, without the lock.
 */
void schedule_init(void);

/*!
 * \brief Gets the time, which never jumps, in milliseconds. Needs no lock.
 */
uint64_t schedule_now(void);

/*!
 * \brief Waits for a time, or until somebody wakes the threads; the lock is given back meanwhile.
 */
void schedule_wait(uint64_t time);

/*!
 * \brief Gets the first zone of a name; the others are its siblings.
 *
 * \return Zone or NULL.
 */
zone_t *schedule_find(const knot_dname_t *name);

/*!
 * \brief Adds a zone.
 *
 * \param[in] zone  Zone that is not in the schedule. It leaves it with its last reference.
 *
 * \retval true   on success.
 * \retval false  if out of memory; the zone is not added.
 */
bool schedule_add(zone_t *zone);

/*!
 * \brief Lets something happen to a zone: its plan changes.
 *
 * \param[in] zone   Zone.
 * \param[in] event  Event. Its members \a delay, \a interval, \a check, \a spread, \a seen and
 *                   \a zones are set here.
 */
void schedule_event(zone_t *zone, plan_event_t event);

/*!
 * \brief Tells whether a failure of an audit is no concern yet, see plan_in_grace().
 *
 * \param[in] zone  Zone that is being audited.
 * \param[in] soon  Whatever prevents the audit may pass in a moment.
 * \param[in] now   Time.
 */
bool schedule_in_grace(const zone_t *zone, bool soon, uint64_t now);

/*!
 * \brief Takes the next zone that is due: its audit begins.
 *
 * One big zone is audited at a time: the other thread is for the small ones.
 *
 * \param[in] now  Time.
 *
 * \return Zone; NULL if none is due.
 */
zone_t *schedule_take(uint64_t now);

/*!
 * \brief Takes the next zone whose serial is to be asked for. The event PLAN_HEARD, PLAN_UNHEARD
 *        or PLAN_UNASKED makes the next question due.
 *
 * \param[in] now  Time.
 *
 * \return Zone; NULL if none is due.
 */
zone_t *schedule_take_question(uint64_t now);

/*!
 * \brief Gets the zone that is due first.
 *
 * \param[in] which  What is due.
 *
 * \return Zone; NULL if none waits.
 */
zone_t *schedule_first(zone_time_t which);

/*!
 * \brief Sets what a zone adds to the sums over all zones; the findings are the zone's.
 */
void schedule_share(zone_t *zone, verdict_t verdict, uint32_t not_checked);

/*!
 * \brief Shows the sums in the global instances.
 */
void schedule_publish(void);

/*!
 * \brief Takes a reference to an instance.
 */
void instance_ref(instance_t *instance);

/*!
 * \brief Gives a reference back; with the last one the instance is freed, and its zone if that was
 *        the last reference to it.
 */
void instance_unref(instance_t *instance);

/*!
 * \brief Gives a reference to a zone back; with the last one the zone leaves the schedule.
 */
void zone_unref(zone_t *zone);
