/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What the auditor's parts share: the zones, and what is to be done when.
 *
 * Everything here is guarded by the lock, and every function is called with it
 * held, unless it says otherwise.
 */

#pragma once

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "instance.h"
#include "queue.h"

/*! The auditor. All times in milliseconds of pool_now(). */
typedef struct {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	size_t zones;       /*!< Instances of zone scope. */
	instance_t **table; /*!< The same by name. */
	size_t table_size;  /*!< Power of two. */
	instance_t *global; /*!< Instances of global scope, linked by chain. */
	instance_t *ring;   /*!< Zone files that are watched; the next to look at. */
	queue_t queue;      /*!< What is due when. */
	size_t big_running; /*!< Audits of big zones that are under way. */
	uint64_t next_tick;
	uint64_t quiet_until;  /*!< No audit before. */
	uint64_t started;      /*!< First load, while the server starts; else 0. */
	uint64_t module_file;  /*!< File of the module by the configuration. */
	unsigned threads;      /*!< Threads that run. */
	uint64_t next_start;   /*!< Those that are missing are not tried to start before. */
	atomic_bool stalled;   /*!< Not a single one could be started. */
	atomic_uint answering; /*!< Threads of the server that have answered for a zone with the
	                            module and have not ended; to end, each takes the lock. */
} pool_t;

extern pool_t pool;

/*!
 * \brief Gets the time, which never jumps. Needs no lock.
 */
uint64_t pool_now(void);

/*!
 * \brief Waits for a time, or until somebody wakes the threads; the lock is not held meanwhile.
 */
void pool_wait(uint64_t time);

static inline uint64_t pool_later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/*!
 * \brief Makes room for one more zone, so that pool_add() cannot fail.
 *
 * \retval true   on success.
 * \retval false  if out of memory.
 */
bool pool_reserve(void);

/*!
 * \brief Adds an instance of zone scope: the first of its zone from now on.
 */
void pool_add(instance_t *inst);

/*!
 * \brief Removes an instance that was added.
 */
void pool_remove(instance_t *inst);

/*!
 * \brief Gets the first instance that may be of a zone; the others follow by \a chain.
 *
 * Instances of other zones are among them.
 */
instance_t *pool_first(const knot_dname_t *zone);

/*!
 * \brief Takes an instance out of a chain in which it is.
 */
void pool_unchain(instance_t **pos, const instance_t *inst);

/*!
 * \brief Lets the zone file of an instance be looked at now and then.
 */
void pool_watch_file(instance_t *inst);

/*!
 * \brief Ends that, if it is so.
 */
void pool_ignore_file(instance_t *inst);

/*!
 * \brief Sets what an instance adds to the sums over all zones.
 */
void pool_share(instance_t *inst, zone_state_t state, uint32_t not_checked);

/*!
 * \brief Takes that out of the sums.
 */
void pool_unshare(instance_t *inst);

/*!
 * \brief Shows the sums in the global instances.
 */
void pool_publish(void);

/*!
 * \brief Makes an instance due, unless it is due sooner anyway.
 */
void pool_make_due(instance_t *inst, uint64_t due);

/*!
 * \brief Takes an instance out of everything but the table.
 */
void pool_retire(instance_t *inst);

/*!
 * \brief Gets the least gap between audits of a zone. Needs no lock.
 */
static inline uint64_t pool_delay(const instance_t *inst)
{
	/* The first audit, which reads the options, follows none. */
	const settings_t *settings = inst->settings;
	return settings != NULL ? (uint64_t)settings->audit_delay * 1000 : 0;
}

/*!
 * \brief Gets the time of the next audit without a change: findings age from the last time
 *        that the zone was read. For instances whose options were read.
 */
static inline uint64_t pool_next_regular(const instance_t *inst)
{
	return inst->last.time + (uint64_t)inst->settings->audit_interval * 1000;
}

/*!
 * \brief Takes a reference to an instance. Needs no lock.
 */
void instance_ref(instance_t *inst);

/*!
 * \brief Gives it back; with the last one the instance is freed.
 */
void instance_unref(instance_t *inst);

/*!
 * \brief Gives a reference to a result back, which may be NULL.
 */
void held_unref(held_t *held);
