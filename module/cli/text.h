/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Text that is safe to print, and words that resemble each other. */

#pragma once

#include <stddef.h>
#include <stdio.h>

/*!
 * \brief Prints text from outside so that no octet of it can steer a terminal.
 *
 * Printable characters pass if the text is UTF-8; everything else is written
 * as a backslash and three decimal digits, as in a zone file.
 *
 * \param[in] out   Stream.
 * \param[in] text  Text.
 */
void put_safe(FILE *out, const char *text);

/*! Makes a copy of text as put_safe() prints it, to be freed; NULL if out of memory. */
char *safe_copy(const char *text);

/*! Writes one line "caaudit: ...", safe to print. */
__attribute__((format(printf, 2, 3))) void complain(FILE *err, const char *format, ...);

/*!
 * \brief Finds the word that was probably meant, in any case of letters.
 *
 * \param[in] given  What was written.
 * \param[in] words  Words to choose from.
 * \param[in] count  Number of \a words.
 *
 * \return One of \a words, or NULL if none is near: more than one edit, and one more for every
 *         three characters of \a given.
 */
const char *nearest(const char *given, const char *const *words, size_t count);
