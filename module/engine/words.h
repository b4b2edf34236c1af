/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Compares, copies, lower-cases and hashes runs of octets, eight at a time.
 *
 * The octets of a name can be lower-cased as they are: those of its lengths are
 * no letters.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "names.h"

/*! Loads one to eight octets; which of them goes where does not matter, but none is lost. */
static inline uint64_t word_load(const uint8_t *octets, size_t len)
{
	uint64_t word;
	uint32_t low, high;
	if (len == sizeof(word)) {
		memcpy(&word, octets, sizeof(word));
		return word;
	} else if (len >= sizeof(low)) {
		memcpy(&low, octets, sizeof(low));
		memcpy(&high, octets + len - sizeof(high), sizeof(high));
		return low | (uint64_t)high << 32;
	}
	return octets[0] | octets[len / 2] << 8 | (uint64_t)octets[len - 1] << 16;
}

/*! Lower-cases eight octets at once: 0x20 where 'A' <= octet <= 'Z'. */
static inline uint64_t word_lower(uint64_t word)
{
	uint64_t heptet = word & 0x7f7f7f7f7f7f7f7fu;
	uint64_t from_a = heptet + 0x3f3f3f3f3f3f3f3fu;
	uint64_t past_z = heptet + 0x2525252525252525u;
	return word | ((from_a ^ past_z) & ~word & 0x8080808080808080u) >> 2;
}

/*! Compares runs of equal length. */
static inline bool words_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
	const size_t word = sizeof(uint64_t);
	if (len < word) {
		return len == 0 || word_load(a, len) == word_load(b, len);
	}
	for (size_t i = 0; i + word < len; i += word) {
		if (word_load(a + i, word) != word_load(b + i, word)) {
			return false;
		}
	}
	return word_load(a + len - word, word) == word_load(b + len - word, word);
}

/*! The same without regard to ASCII case. */
static inline bool words_equal_lower(const uint8_t *a, const uint8_t *b, size_t len)
{
	const size_t word = sizeof(uint64_t);
	if (len < word) {
		return len == 0 || word_lower(word_load(a, len)) == word_lower(word_load(b, len));
	}
	for (size_t i = 0; i + word < len; i += word) {
		if (word_lower(word_load(a + i, word)) != word_lower(word_load(b + i, word))) {
			return false;
		}
	}
	return word_lower(word_load(a + len - word, word)) ==
	       word_lower(word_load(b + len - word, word));
}

/*! Copies a run in lower case. */
static inline void words_lower(uint8_t *to, const uint8_t *from, size_t len)
{
	const size_t word = sizeof(uint64_t);
	uint64_t low;
	if (len < word) {
		for (size_t i = 0; i < len; i++) {
			to[i] = ascii_lower(from[i]);
		}
		return;
	}
	for (size_t i = 0; i + word < len; i += word) {
		low = word_lower(word_load(from + i, word));
		memcpy(to + i, &low, word);
	}
	low = word_lower(word_load(from + len - word, word));
	memcpy(to + len - word, &low, word);
}

/*!
 * \brief Hash of a name from that of its parent, 0 for the zone, and its first label in any case.
 *
 * It has no secret: whoever makes two of his own names collide gets a wrong
 * hint whether they exist, and no slower search, since what is found by hash is
 * sorted by name then.
 */
static inline uint64_t hash_label(uint64_t parent, const uint8_t *label)
{
	const uint64_t prime = 0x9e3779b97f4a7c15u;
	const size_t word = sizeof(uint64_t);
	size_t len = label[0];
	uint64_t hash = (parent ^ len) * prime;
	for (label++; len >= word; label += word, len -= word) {
		hash = (hash ^ word_lower(word_load(label, word))) * prime;
		hash ^= hash >> 29;
	}
	if (len > 0) {
		hash = (hash ^ word_lower(word_load(label, len))) * prime;
		hash ^= hash >> 29;
	}
	hash *= prime;
	return hash ^ hash >> 32;
}
