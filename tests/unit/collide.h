/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Labels that have the same hash, as anybody can make them.
 */

#pragma once

#include "zone.h"

#include "hash.h"

#define COLLIDE_OCTETS 12

/*!
 * \brief Makes two labels that lead from one hash to the same other one (FNV-1a).
 *
 * An octet changes the lowest eight bits of the hash, which is then multiplied.
 * So the difference of the two hashes is a sum of small numbers, each times a
 * power of the prime, and these small numbers make it zero.
 *
 * \param[in]     before  Hash of what comes before.
 * \param[in,out] random  State of the generator.
 * \param[out]    label   Two labels without upper case.
 *
 * \return Hash after either of them.
 */
static inline uint64_t collide(uint64_t before, uint64_t *random,
                               uint8_t label[2][1 + COLLIDE_OCTETS])
{
	static const int step[COLLIDE_OCTETS] = { 1, 8, -2, -4, -10, -6, 14, 2, 18, 13, -15, 17 };
	label[0][0] = label[1][0] = COLLIDE_OCTETS;
	uint64_t hash[2];
	for (unsigned i = 0; i < COLLIDE_OCTETS;) {
		if (i == 0) {
			hash[0] = hash[1] = (before ^ COLLIDE_OCTETS) * HASH_PRIME;
		}
		int low[2] = { hash[0] & 255, hash[1] & 255 };
		int to[2] = { zone_random(random) & 255, 0 };
		to[1] = to[0] + step[i] + low[1] - low[0];
		bool good = to[1] >= 0 && to[1] <= 255;
		for (unsigned j = 0; good && j < 2; j++) {
			uint8_t octet = to[j] ^ low[j];
			good = octet < 'A' || octet > 'Z';
			label[j][1 + i] = octet;
			hash[j] = (hash[j] ^ octet) * HASH_PRIME;
		}
		i = good ? i + 1 : 0; // Once more from the beginning.
	}
	return hash[0];
}
