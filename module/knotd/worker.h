/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The threads that audit: they take the zones that are due, and once a tick whatever queries
 *        have noticed.
 */

#pragma once

#include <stdatomic.h>

/*!
 * \brief Starts the threads that are missing. The schedule's lock is held.
 *
 * They end when no zone is loaded.
 *
 * \return 0, or if there is not even one the error of pthread_create().
 */
int worker_start(void);

/*!
 * \brief Tries again to start threads, if there is not even one. In a query, without a lock.
 *
 * Without a thread the tick stands still; each query counts as the first of its tick.
 *
 * \param[out] seen  Tick of the last look, set to 0 while there is no thread.
 */
void worker_revive(atomic_uint *seen);
