/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief A clock that never jumps. */

#pragma once

#include <stdint.h>
#include <time.h>

/*! Microseconds of CLOCK_MONOTONIC. */
static inline uint64_t clock_us(void)
{
	struct timespec now = { 0 };
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

/*! Milliseconds of the same clock. */
static inline uint64_t clock_ms(void)
{
	return clock_us() / 1000;
}
