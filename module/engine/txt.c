/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Compares and hashes TXT RDATA as the text that it is. */

#include <string.h>

#include "hash.h"
#include "names.h"
#include "txt.h"

/*! Walks over the octets of a text. */
typedef struct {
	const uint8_t *at;
	size_t rest; /*!< Octets to go. */
	size_t left; /*!< Octets to go in this string. */
} cursor_t;

/*! Gets the next octet; false at the end, or where a string is cut. */
static bool next(cursor_t *cursor, uint8_t *octet)
{
	while (cursor->left == 0) {
		if (cursor->rest == 0) {
			return false;
		}
		cursor->left = *cursor->at++;
		if (cursor->left > --cursor->rest) {
			cursor->rest = 0;
			cursor->left = 0;
			return false;
		}
	}
	cursor->left--;
	cursor->rest--;
	*octet = *cursor->at++;
	return true;
}

bool txt_is_sound(const uint8_t *rdata, size_t rdlen)
{
	size_t end = 0;
	while (end < rdlen) {
		end += 1 + (size_t)rdata[end];
	}
	return end == rdlen && end > 0;
}

size_t txt_join(const uint8_t *rdata, size_t rdlen, uint8_t *out)
{
	cursor_t cursor = { rdata, rdlen, 0 };
	size_t len = 0;
	uint8_t octet;
	while (next(&cursor, &octet)) {
		out[len++] = octet;
	}
	return len;
}

uint16_t txt_split(const uint8_t *text, size_t len, uint8_t *out)
{
	size_t size = 0, at = 0;
	do {
		size_t part = len - at < UINT8_MAX ? len - at : UINT8_MAX;
		out[size++] = (uint8_t)part;
		memcpy(out + size, text + at, part);
		size += part;
		at += part;
	} while (at < len);
	return (uint16_t)size;
}

bool txt_equal(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	cursor_t x = { a, a_len, 0 }, y = { b, b_len, 0 };
	uint8_t p, q;
	bool more;
	do {
		more = next(&x, &p);
		if (more != next(&y, &q)) {
			return false;
		}
	} while (more && p == q);
	return !more;
}

bool txt_mentions(const uint8_t *rdata, size_t rdlen, const char *word)
{
	size_t len = strlen(word);
	for (size_t i = 0; i + len <= rdlen; i++) {
		if (octets_equal_str(rdata + i, len, word)) {
			return true;
		}
	}
	return false;
}

uint64_t txt_hash(const uint8_t *rdata, size_t rdlen)
{
	cursor_t cursor = { rdata, rdlen, 0 };
	uint64_t hash = HASH_SEED;
	uint8_t octet;
	while (next(&cursor, &octet)) {
		hash = hash_octets(hash, &octet, 1);
	}
	return hash ^ hash >> 32;
}
