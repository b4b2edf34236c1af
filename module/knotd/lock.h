/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief A lock that a query waits for, but not for long.
 */

#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

/*!
 * \brief Takes a mutex if it is to be had soon.
 *
 * \param[in] mutex  Mutex.
 * \param[in] ms     Milliseconds to wait at most. By the clock of the day: if it is
 *                   set back meanwhile, the wait is longer.
 *
 * \return True if it was taken.
 */
static inline bool lock_within(pthread_mutex_t *mutex, unsigned ms)
{
	struct timespec until;
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += ms % 1000 * 1000000L;
	until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	return pthread_mutex_timedlock(mutex, &until) == 0;
}
