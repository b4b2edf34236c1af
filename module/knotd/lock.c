/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Mutexes with a rank; in builds with assertions their order is checked. */

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lock.h"

#define BIT(rank) (1U << (rank))

/* Locks under which there is no input and output. */
#define SHORT (BIT(LOCK_SCHEDULE) | BIT(LOCK_KEYS) | BIT(LOCK_LEAF))

#ifndef NDEBUG
/* Ranks of the locks that the thread holds, as bits. */
static _Thread_local unsigned held;

static void forbid(unsigned ranks)
{
	if ((held & ranks) != 0) {
		(void)fprintf(stderr, "mod-caaudit: locks %#x are held, of %#x none may be\n", held,
		              ranks);
		abort();
	}
}

static void mark(lock_rank_t rank, bool taken)
{
	held = taken ? held | BIT(rank) : held & ~BIT(rank);
}
#else
static void forbid(unsigned ranks)
{
	(void)ranks;
}

static void mark(lock_rank_t rank, bool taken)
{
	(void)rank;
	(void)taken;
}
#endif

void lock_assert_io(void)
{
	forbid(SHORT);
}

void lock_assert_none(void)
{
	forbid(~0U);
}

/* Of this rank and the higher ones a thread may hold none. */
static void check_order(const lock_t *lock)
{
	forbid(~(BIT(lock->rank) - 1));
}

void lock_init(lock_t *lock, lock_rank_t rank)
{
	pthread_mutex_init(&lock->mutex, NULL);
	lock->rank = rank;
}

void lock_deinit(lock_t *lock)
{
	pthread_mutex_destroy(&lock->mutex);
}

static bool taken(const lock_t *lock, int ret)
{
	if (ret == 0) {
		mark(lock->rank, true);
	}
	return ret == 0;
}

void lock_take(lock_t *lock)
{
	check_order(lock);
	(void)taken(lock, pthread_mutex_lock(&lock->mutex));
}

bool lock_try(lock_t *lock)
{
	check_order(lock);
	return taken(lock, pthread_mutex_trylock(&lock->mutex));
}

bool lock_take_within(lock_t *lock, unsigned ms)
{
	check_order(lock);
	struct timespec until;
	(void)clock_gettime(CLOCK_REALTIME, &until);
	until.tv_nsec += ms % 1000 * 1000000L;
	until.tv_sec += ms / 1000 + until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	return taken(lock, pthread_mutex_timedlock(&lock->mutex, &until));
}

void lock_give(lock_t *lock)
{
	mark(lock->rank, false);
	pthread_mutex_unlock(&lock->mutex);
}

void lock_wait(pthread_cond_t *cond, lock_t *lock, uint64_t time)
{
	struct timespec until = {
		.tv_sec = (time_t)(time / 1000),
		.tv_nsec = (long)(time % 1000) * 1000000,
	};
	mark(lock->rank, false);
	lock_assert_none();
	(void)pthread_cond_timedwait(cond, &lock->mutex, &until);
	mark(lock->rank, true);
}
