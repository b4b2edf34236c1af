/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Arrays that grow by one element at a time. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/*!
 * \brief Moves \a low to the first position below \a high for which \a before is false, else to \a high.
 *
 * The array is sorted: \a before, an expression of the position \a mid, is true up to there.
 */
#define ARRAY_SEARCH(low, high, before)                                                            \
	while ((low) < (high)) {                                                                   \
		size_t mid = (low) + ((high) - (low)) / 2;                                         \
		if (before) {                                                                      \
			(low) = mid + 1;                                                           \
		} else {                                                                           \
			(high) = mid;                                                              \
		}                                                                                  \
	}

/*!
 * \brief Appends one element, all of it zero, to an array made by malloc().
 *
 * The memory doubles at each power of two: only this function may append.
 *
 * \param[in,out] array  Address of the pointer to the array, which is NULL at first.
 * \param[in,out] count  Elements of the array.
 * \param[in]     size   Octets of an element.
 *
 * \return The new element; NULL if out of memory, then the array is as before.
 */
static inline void *array_extend(void *array, size_t *count, size_t size)
{
	char *data;
	memcpy(&data, array, sizeof(data));
	if ((*count & (*count - 1)) == 0) {
		char *grown = reallocarray(data, *count > 0 ? 2 * *count : 1, size);
		if (grown == NULL) {
			return NULL;
		}
		data = grown;
		memcpy(array, &data, sizeof(data));
	}
	return memset(data + (*count)++ * size, 0, size);
}

/*!
 * \brief Makes room in an array for a number of elements; it grows to twice its size at least.
 *
 * \param[in,out] array  Address of the pointer to the array, which is NULL at first.
 * \param[in,out] room   Elements that there is room for.
 * \param[in]     need   Elements that there must be room for.
 * \param[in]     size   Octets of an element.
 *
 * \return False if out of memory; then the array is as before.
 */
static inline bool array_reserve(void *array, size_t *room, size_t need, size_t size)
{
	char *old;
	if (need <= *room) {
		return true;
	}
	size_t more = need > 2 * *room ? need : 2 * *room;
	memcpy(&old, array, sizeof(old));
	char *data = reallocarray(old, more, size);
	if (data != NULL) {
		memcpy(array, &data, sizeof(data));
		*room = more;
	}
	return data != NULL;
}

/*! For qsort() and bsearch() in an array of hashes. */
static inline int array_compare_hashes(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return (*x > *y) - (*x < *y);
}

/*! For qsort() and bsearch() in an array of pointers, by where they point to. */
static inline int array_compare_pointers(const void *a, const void *b)
{
	const char *const *x = a, *const *y = b;
	return (*x > *y) - (*x < *y);
}
