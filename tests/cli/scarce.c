/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Preloaded: one allocation fails, that with the number in the environment variable SCARCE.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

/* glibc's own, for those who put something in their place. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t nmemb, size_t size);
extern void *__libc_realloc(void *ptr, size_t size);

static bool fails(void)
{
	static bool begun;
	static long left = -1;
	if (!begun) {
		begun = true;
		const char *nth = getenv("SCARCE");
		left = nth != NULL ? strtol(nth, NULL, 10) : -1;
	}
	if (left < 0 || left-- > 0) {
		return false;
	}
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t nmemb, size_t size)
{
	return fails() ? NULL : __libc_calloc(nmemb, size);
}

void *realloc(void *ptr, size_t size)
{
	return fails() ? NULL : __libc_realloc(ptr, size);
}
