/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Helpers for domain names in wire form that libknot does not have. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <libknot/dname.h>

/*! Lower-cases one ASCII letter. */
static inline uint8_t ascii_lower(uint8_t c)
{
	return (c >= 'A' && c <= 'Z') ? c | 0x20 : c;
}

/*! Is it an ASCII letter or digit? */
static inline bool ascii_alnum(uint8_t c)
{
	uint8_t l = c | 0x20;
	return (c >= '0' && c <= '9') || (l >= 'a' && l <= 'z');
}

/*! Is it a hexadecimal digit? */
static inline bool ascii_hex(uint8_t c)
{
	uint8_t l = c | 0x20;
	return (c >= '0' && c <= '9') || (l >= 'a' && l <= 'f');
}

/*! Is it white space of CAA: SP or HTAB (RFC 5234 appendix B.1)? */
static inline bool ascii_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/*! Is it an octet of a host name: a letter, a digit, "-" or "."? */
static inline bool ascii_host(uint8_t c)
{
	return ascii_alnum(c) || c == '-' || c == '.';
}

/*! Compares two runs of octets without regard to ASCII case. */
bool octets_equal(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);

/*! A string as octets and their number: two arguments. */
#define OCTETS(str) (const uint8_t *)(str), strlen(str)

/*! Compares a run of octets with a string without regard to ASCII case. */
static inline bool octets_equal_str(const uint8_t *a, size_t a_len, const char *b)
{
	// Most differ at once: no need to know how long it is.
	return (a_len == 0 || ascii_lower(a[0]) == ascii_lower(b[0])) &&
	       octets_equal(a, a_len, OCTETS(b));
}

/*! Order of two runs of octets; where one is the beginning of the other, the shorter one is first. */
static inline int octets_compare(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	size_t least = a_len < b_len ? a_len : b_len;
	int ret = least > 0 ? memcmp(a, b, least) : 0;
	return ret != 0 ? ret : (a_len > b_len) - (a_len < b_len);
}

/*! Copies octets in lower case; \a out may be \a octets. */
static inline void octets_lower(uint8_t *out, const uint8_t *octets, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		out[i] = ascii_lower(octets[i]);
	}
}

/*! Are octets without a capital letter? */
bool octets_are_lower(const uint8_t *octets, size_t len);

/*! Is a run of octets the same as a string? */
bool octets_are(const uint8_t *octets, size_t len, const char *text);

/*!
 * \brief Takes the letters and digits of a text, in lower case, to compare it with what was meant.
 *
 * \param[in]  octets  Text.
 * \param[in]  len     Its octets.
 * \param[in]  also    Other octets that are taken.
 * \param[out] out     What was taken.
 * \param[in]  size    Octets of \a out.
 *
 * \return Octets taken, 0 if there are none or more than \a size.
 */
size_t octets_plain(const uint8_t *octets, size_t len, const char *also, uint8_t *out, size_t size);

/*!
 * \brief Damerau-Levenshtein distance (optimal string alignment) without regard to case.
 *
 * \return Distance, or \a limit + 1 if it is greater, or if a text is longer than 63 octets.
 */
unsigned octets_distance(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len,
                         unsigned limit);

/*! Are these octets, of which nothing is known, one name, uncompressed (RFC 1035 section 3.1)? */
bool name_is_whole(const uint8_t *rdata, size_t rdlen);

/*!
 * \brief Can the names in RDATA be followed?
 *
 * In the form of RFC 3597 a zone file scanner takes any octets.
 *
 * \param[in] type   Type: the names of CNAME, DNAME, NS and SOA are looked at.
 * \param[in] rdata  RDATA.
 * \param[in] rdlen  Its octets.
 *
 * \return False if they would lead beyond the RDATA.
 */
bool names_are_sound(uint16_t type, const uint8_t *rdata, size_t rdlen);

/*! Reads a name in zone file notation (RFC 1035 section 5.1), in lower case; KNOT_EINVAL if it
 *  is none. */
int name_from_text(knot_dname_storage_t out, const char *text, const knot_dname_t *origin);

/*! Copies a name in lower case. The buffers must not overlap. */
void name_lower(knot_dname_storage_t out, const knot_dname_t *name);

/*! Skips the first label. \a name must not be the root. */
static inline const knot_dname_t *name_parent(const knot_dname_t *name)
{
	return name + 1 + name[0];
}

/*! Puts the first label of a name before another parent; false if the result would be too long for a
 *  name. */
bool name_move(knot_dname_storage_t out, const knot_dname_t *name, const knot_dname_t *parent)
	__attribute__((warn_unused_result));

/*!
 * \brief Puts the beginning of a name before another name, as a DNAME does (RFC 6672 section 2.2).
 *
 * \param[out] out     Result; may be \a name.
 * \param[in]  name    Name.
 * \param[in]  prefix  Octets of whole labels at its beginning.
 * \param[in]  by      What comes in the place of the rest; must not overlap \a out.
 *
 * \return False if the result would be too long for a name.
 */
bool name_replace(knot_dname_storage_t out, const knot_dname_t *name, size_t prefix,
                  const knot_dname_t *by);

/*! Makes the wildcard at a name (RFC 4592 section 2.1.1); false if it would be too long for a name. */
bool name_wildcard(knot_dname_storage_t out, const knot_dname_t *encloser);

/*!
 * \brief Takes the zone name off the end of a name, as somebody has put it there who forgot a dot.
 *
 * \param[in]  zone  Zone name in lower case.
 * \param[in]  name  Name, any case.
 * \param[in]  size  Octets of \a name.
 * \param[out] out   What stood before it, as an absolute name.
 *
 * \return False if the name is not in the zone, or if the zone is the root.
 */
bool name_take_off(const knot_dname_t *zone, const knot_dname_t *name, size_t size,
                   knot_dname_storage_t out);

/*!
 * \brief Does a name end with the zone name twice? Gets it with the zone name once.
 *
 * \param[in]  zone   Zone name in lower case.
 * \param[in]  name   Name, any case.
 * \param[out] meant  What was meant, whose contents are of use only if it is so.
 */
bool name_is_doubled(const knot_dname_t *zone, const knot_dname_t *name,
                     knot_dname_storage_t meant);

/*! Is \a name equal to or below \a zone? Both in lower case. */
bool name_in(const knot_dname_t *name, const knot_dname_t *zone);

/*! Is the first label "*"? (RFC 4592 section 2.1.1) */
static inline bool name_is_wildcard(const knot_dname_t *name)
{
	return name[0] == 1 && name[1] == '*';
}
