/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Expands file names with the formatters of the server's 'zone.file' option. */

#pragma once

#include <stdbool.h>

#include <libknot/dname.h>

/*!
 * \brief Expands a file name for a zone.
 *
 * Known are %s (zone name without the final dot), %c[N], %c[N-M] (characters),
 * %l[N] (label, 0 is the rightmost) and %%. A slash in an inserted text becomes
 * an underscore, as in the server.
 *
 * \param[in] pattern  File name.
 * \param[in] zone     Zone name.
 *
 * \return File name, to be freed by free(); NULL if a formatter is malformed, or
 *         if out of memory (errno is ENOMEM then).
 */
char *zonepath_expand(const char *pattern, const knot_dname_t *zone);

/*!
 * \brief Puts a directory before a file name that is not absolute.
 *
 * \param[in] dir   Directory, or NULL.
 * \param[in] name  File name.
 *
 * \return Path, to be freed by free(); NULL if out of memory.
 */
char *zonepath_join(const char *dir, const char *name);
