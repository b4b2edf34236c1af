/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Text that is safe to print, and words that resemble each other.
 */

#pragma once

#include <stddef.h>
#include <stdio.h>

/*!
 * \brief Prints text from outside so that no octet of it can steer a terminal.
 *
 * Printable characters pass if the text is UTF-8; everything else is written
 * as a backslash and three decimal digits, as in a zone file.
 */
void put_safe(FILE *out, const char *text);

/*!
 * \brief Makes a copy of text as put_safe() would print it.
 *
 * \return Text to be freed, or NULL if out of memory.
 */
char *safe_copy(const char *text);

/*!
 * \brief Writes one line "caaudit: ...", safe to print.
 */
__attribute__((format(printf, 2, 3))) void complain(FILE *err, const char *format, ...);

/*!
 * \brief Gets the text of an error of the system, in lower case as all complaints are.
 *
 * \return \a out.
 */
const char *errno_text(int code, char *out, size_t size);

/*!
 * \brief Finds the word that was probably meant.
 *
 * \param[in] given  What was written.
 * \param[in] words  Words to choose from.
 * \param[in] count  Number of \a words.
 *
 * \return One of \a words, or NULL if none is near.
 */
const char *nearest(const char *given, const char *const *words, size_t count);
