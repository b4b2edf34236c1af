/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The module's mutexes, and the one order in which a thread may take them.
 *
 * A thread that holds a lock takes only locks of a higher rank. Builds with debugging
 * information check that: a thread that breaks the order aborts.
 */

#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/*! Ranks, the outermost lock first; README.md says what each lock guards. Input and output are
 *  allowed under those that are marked. */
typedef enum {
	LOCK_LOG,         /*!< log.c: log lines, and the module contexts they go through (I/O). */
	LOCK_SCHEDULE,    /*!< schedule.c: the zones. */
	LOCK_VALIDATIONS, /*!< validations.c: one thread reads a validation file (I/O). */
	LOCK_KEY_LOAD,    /*!< signer.c: one thread loads keys of a zone (I/O). */
	LOCK_KEY_SEARCH,  /*!< keystore.c: one thread searches the keystores (I/O). */
	LOCK_KEYS,        /*!< signer.c: the keys of a zone. */
	LOCK_LEAF,        /*!< All others: no lock is taken while one of them is held. */
} lock_rank_t;

/*! A mutex with its rank. */
typedef struct {
	pthread_mutex_t mutex;
	lock_rank_t rank;
} lock_t;

/*! A static lock. */
#define LOCK_INIT(rank)                                                                            \
	{                                                                                          \
		PTHREAD_MUTEX_INITIALIZER, rank                                                    \
	}

/*!
 * \brief Initialises a lock, to be destroyed by lock_deinit().
 */
void lock_init(lock_t *lock, lock_rank_t rank);

/*!
 * \brief Destroys a lock that nobody holds.
 */
void lock_deinit(lock_t *lock);

/*!
 * \brief Takes a lock.
 */
void lock_take(lock_t *lock);

/*!
 * \brief Takes a lock if nobody holds it.
 *
 * \return True if it was taken.
 */
bool lock_try(lock_t *lock);

/*!
 * \brief Takes a lock unless that takes too long.
 *
 * \param[in] lock  Lock.
 * \param[in] ms    Longest wait in milliseconds of the real-time clock: if that is set back
 *                  meanwhile, the wait is longer.
 *
 * \return True if it was taken.
 */
bool lock_take_within(lock_t *lock, unsigned ms);

/*!
 * \brief Gives a lock back.
 */
void lock_give(lock_t *lock);

/*!
 * \brief Waits on a condition whose lock the thread holds, and no other; the lock is given
 *        back meanwhile.
 *
 * \param[in] cond  Condition with the monotonic clock.
 * \param[in] lock  Lock.
 * \param[in] time  Milliseconds of that clock at which the wait ends.
 */
void lock_wait(pthread_cond_t *cond, lock_t *lock, uint64_t time);

/*!
 * \brief Requires that the thread may do input and output, or write a line of the log: it holds
 *        no lock that others expect to be free in a moment.
 *
 * Checked in builds with assertions only, as is the next one.
 */
void lock_assert_io(void);

/*!
 * \brief Requires that the thread may wait for a grace period: it holds no lock.
 */
void lock_assert_none(void);
