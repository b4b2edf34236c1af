/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A set of 64-bit hashes that is filled once and then asked. */

#include <stdlib.h>

#include "grow.h"
#include "nameset.h"

/*! Look-ups that search the set from end to end before it pays to sort it. */
#define SCANS_BEFORE_SORT 16
/*! A set of so many hashes, of which a quarter may be repeated, is sorted before it grows. */
#define SQUEEZE_FROM (1 << 20)

/*! Sorts by the least significant octet first, and drops repetitions; false if out of memory. */
static bool sort(nameset_t *set)
{
	uint64_t *spare = malloc((set->count + 1) * sizeof(*spare));
	if (spare == NULL) {
		return false;
	}
	uint64_t *from = set->hash, *to = spare;
	for (unsigned shift = 0; shift < 64; shift += 8) {
		size_t start[257] = { 0 };
		for (size_t i = 0; i < set->count; i++) {
			start[(from[i] >> shift & 255) + 1]++;
		}
		for (unsigned i = 1; i < 256; i++) {
			start[i] += start[i - 1];
		}
		for (size_t i = 0; i < set->count; i++) {
			to[start[from[i] >> shift & 255]++] = from[i];
		}
		uint64_t *swap = from;
		from = to;
		to = swap;
	}
	free(spare); // After eight passes the hashes are where they were at first.

	size_t kept = 0;
	for (size_t i = 0; i < set->count; i++) {
		if (kept == 0 || set->hash[kept - 1] != set->hash[i]) {
			set->hash[kept++] = set->hash[i];
		}
	}
	set->count = kept;
	return true;
}

bool nameset_add(nameset_t *set, uint64_t hash, bool repeated)
{
	if (!nameset_has_room(set)) {
		// Owners in no order repeat their ancestors, and would fill the memory with them.
		if (set->count >= SQUEEZE_FROM && set->repeated > set->count / 4) {
			if (!sort(set)) {
				return false;
			}
			set->repeated = 0;
		}
		size_t used = set->count * sizeof(*set->hash);
		if (used > set->size / 2 || set->size == 0) {
			uint64_t *grown = grow(set->hash, &set->size, used + sizeof(*grown));
			if (grown == NULL) {
				return false;
			}
			set->hash = grown;
		}
	}
	set->hash[set->count++] = hash;
	set->repeated += repeated;
	return true;
}

bool nameset_has(nameset_t *set, uint64_t hash)
{
	if (!set->sorted && set->scans++ >= SCANS_BEFORE_SORT) {
		set->sorted = sort(set);
	}
	if (!set->sorted) {
		size_t i = 0;
		while (i < set->count && set->hash[i] != hash) {
			i++;
		}
		return i < set->count;
	}
	size_t low = 0, high = set->count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (set->hash[mid] < hash) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low < set->count && set->hash[low] == hash;
}

void nameset_clear(nameset_t *set)
{
	grow_free(set->hash, set->size);
}
