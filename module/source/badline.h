/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What a line of a zone file is that the scanner cannot read, and how it is mended.
 *
 * Zone files come from other servers, from providers' exports, and from people. What they hold that
 * is no zone file (RFC 1035 section 5.1) is mostly one of a few things.
 */

#pragma once

#include <stddef.h>

/*!
 * \brief Explains an error of the scanner by the line that it stands in.
 *
 * \param[in] code  Error of libzscanner, as ZS_BAD_DIRECTIVE.
 * \param[in] line  Octets of the line, without its newline; any.
 * \param[in] len   Their number.
 * \param[out] out  What the line is and what to do, terminated, cut if it is too long; empty if the
 *                  line is nothing that is known.
 * \param[in] size  Octets of \a out, at least 1.
 */
void source_explain_line(int code, const char *line, size_t len, char *out, size_t size);
