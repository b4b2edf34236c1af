/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What the sources have in common: complaints and the end of a zone.
 */

#pragma once

#include <stdint.h>

#include "source.h"

/*! Octets of the longest complaint, the final zero included; longer ones are cut. */
#define SOURCE_TEXT_MAX 512

/*!
 * \brief Passes a complaint to the reader, made printable.
 *
 * \param[in] reader  Reader.
 * \param[in] file    File or socket, or NULL.
 * \param[in] line    Line, 0 if there is none.
 * \param[in] format  As for printf().
 */
__attribute__((format(printf, 4, 5))) void caaudit_source_complain(caaudit_reader_t *reader,
                                                                   const char *file, uint64_t line,
                                                                   const char *format, ...);

/*!
 * \brief Passes a complaint with an errno as the cause in parentheses.
 *
 * \param[in] reader  Reader.
 * \param[in] file    File or socket, or NULL.
 * \param[in] line    Line, 0 if there is none.
 * \param[in] what    What went wrong.
 * \param[in] code    Value of errno, 0 for none.
 */
void caaudit_source_complain_errno(caaudit_reader_t *reader, const char *file, uint64_t line,
                                   const char *what, int code);

/*!
 * \brief Asks the reader whether to go on.
 *
 * \param[in] reader  Reader.
 * \param[in] done    What has been read.
 * \param[in] all     What there is, 0 if not known.
 *
 * \return True to go on.
 */
bool caaudit_source_go_on(caaudit_reader_t *reader, uint64_t done, uint64_t all);

/*!
 * \brief Finishes the view and complains if that fails.
 *
 * \param[in] reader  Reader.
 * \param[in] file    File or socket, or NULL.
 * \param[in] view    View.
 *
 * \return As caaudit_view_finish().
 */
int caaudit_source_finish(caaudit_reader_t *reader, const char *file, caaudit_view_t *view);

/*!
 * \brief Reads a master file in blocks of a given size; for tests.
 *
 * \param[in] reader  Reader.
 * \param[in] path    Path, "-" is the standard input.
 * \param[in] view    Empty view.
 * \param[in] block   Octets read at once, at least 1.
 *
 * \return As caaudit_read_zonefile().
 */
int caaudit_source_read_file(caaudit_reader_t *reader, const char *path, caaudit_view_t *view,
                             size_t block);
