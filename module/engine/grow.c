/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Memory for arrays that grow: huge pages for those that grow with the zone, else
 *        malloc().
 */

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "grow.h"

/*! Octets of the first array. */
#define FIRST 1024
/*! Up to so many octets an array is small. */
#define SMALL_MAX (256 * 1024)
/*! Large arrays have a multiple of this. */
#define HUGE_PAGE (2 * 1024 * 1024)

static void *new_large(size_t size)
{
	void *array = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (array == MAP_FAILED) {
		return NULL;
	}
	(void)madvise(array, size, MADV_HUGEPAGE);
	return array;
}

static void *enlarge(void *array, size_t old, size_t size)
{
	if (size <= SMALL_MAX) {
		return realloc(array, size);
	} else if (old > SMALL_MAX) {
		void *moved = mremap(array, old, size, MREMAP_MAYMOVE);
		return moved != MAP_FAILED ? moved : NULL;
	}
	void *large = new_large(size);
	if (large != NULL && old > 0) {
		memcpy(large, array, old);
		free(array);
	}
	return large;
}

void *grow(void *array, size_t *size, size_t need)
{
	size_t larger = *size == 0 ? FIRST : 2 * *size;
	while (larger < need) {
		larger *= 2;
	}
	if (larger > SMALL_MAX) {
		larger = (larger + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
	}
	void *grown = enlarge(array, *size, larger);
	if (grown != NULL) {
		*size = larger;
	}
	return grown;
}

void grow_free(void *array, size_t size)
{
	if (size > SMALL_MAX) {
		(void)munmap(array, size);
	} else {
		free(array);
	}
}
