/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Arrays that grow by one element at a time.
 */

#pragma once

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

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
