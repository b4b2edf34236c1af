/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The text of TXT RDATA: its character strings put together.
 *
 * So does everybody who looks a text up (RFC 7208 section 3.3, RFC 8555 section
 * 8.4): where it is divided has no meaning.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*! Is it one or more character strings, and nothing else? (RFC 1035 section 3.3.14) */
bool txt_is_sound(const uint8_t *rdata, size_t rdlen);

/*!
 * \brief Puts the character strings together.
 *
 * \param[in]  rdata  RDATA.
 * \param[in]  rdlen  Octets of \a rdata.
 * \param[out] out    Text, at most \a rdlen octets.
 *
 * \return Octets of the text; what follows a string that is cut is left out.
 */
size_t txt_join(const uint8_t *rdata, size_t rdlen, uint8_t *out);

/*!
 * \brief Divides a text into character strings.
 *
 * \param[in]  text  Text.
 * \param[in]  len   Octets of \a text, at most 65279.
 * \param[out] out   RDATA, one string even of an empty text: at most \a len + \a len / 255 + 1 octets.
 *
 * \return Octets of \a out.
 */
uint16_t txt_split(const uint8_t *text, size_t len, uint8_t *out);

/*! Have two sound RDATA the same text? */
bool txt_equal(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);

/*! Does a word stand in the text, undivided and in any case? */
bool txt_mentions(const uint8_t *rdata, size_t rdlen, const char *word);

/*! Hash of the text. */
uint64_t txt_hash(const uint8_t *rdata, size_t rdlen);
