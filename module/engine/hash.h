/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Hash of octets (FNV-1a, 64 bits).
 *
 * Not keyed: whoever uses it compares what was hashed, or bounds what a
 * collision can cost.
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include <libknot/dname.h>

#include "names.h"

/*! What a hash begins with. */
#define HASH_SEED 14695981039346656037ULL
/*! What it is multiplied with after each octet. */
#define HASH_PRIME 1099511628211ULL

/*! Hashes octets; \a seed is HASH_SEED, or the hash of what comes before. */
static inline uint64_t hash_octets(uint64_t seed, const void *octets, size_t len)
{
	const uint8_t *pos = octets;
	for (size_t i = 0; i < len; i++) {
		seed = (seed ^ pos[i]) * HASH_PRIME;
	}
	return seed;
}

/*! The same, for octets in any case as if they were lower case. */
static inline uint64_t hash_lower(uint64_t seed, const uint8_t *octets, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		seed = (seed ^ ascii_lower(octets[i])) * HASH_PRIME;
	}
	return seed;
}

/*! Hashes a name in lower case. */
static inline uint64_t hash_name(const knot_dname_t *name)
{
	return hash_octets(HASH_SEED, name, knot_dname_size(name));
}
