/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief CAA RDATA and the issue value grammar (RFC 8659 section 4).
 *
 * Nothing here allocates; results point into the input.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*! Issuer critical flag, bit 0 of the flags octet (RFC 8659 section 4.1). */
#define CAAUDIT_CAA_CRITICAL 128

/*! Property tags of the IANA registry, and what is outside it. */
typedef enum {
	CAAUDIT_TAG_UNKNOWN,      /*!< Not registered. */
	CAAUDIT_TAG_ISSUE,        /*!< RFC 8659 section 4.2. */
	CAAUDIT_TAG_ISSUEWILD,    /*!< RFC 8659 section 4.3. */
	CAAUDIT_TAG_IODEF,        /*!< RFC 8659 section 4.4. */
	CAAUDIT_TAG_ISSUEMAIL,    /*!< RFC 9495 section 3. */
	CAAUDIT_TAG_ISSUEVMC,     /*!< Registered for mark certificates. */
	CAAUDIT_TAG_CONTACTEMAIL, /*!< CA/B Forum Baseline Requirements, appendix A.1. */
	CAAUDIT_TAG_CONTACTPHONE, /*!< CA/B Forum Baseline Requirements, appendix A.1. */
	CAAUDIT_TAG_RESERVED,     /*!< auth, path, policy: reserved, never specified. */
} caaudit_tag_t;

/*! One CAA property. The pointers lead into the RDATA. */
typedef struct {
	uint8_t flags;
	uint8_t tag_len;      /*!< Octets of \a tag, 0 if the tag is empty. */
	uint16_t value_len;   /*!< Octets of \a value. */
	const uint8_t *tag;   /*!< Property tag, not terminated. */
	const uint8_t *value; /*!< Property value, not terminated. */
} caaudit_caa_t;

/*! Value of an issue, issuewild, issuemail or issuevmc property. */
typedef struct {
	const uint8_t *issuer; /*!< Issuer domain name, not terminated. */
	size_t issuer_len;     /*!< Octets of \a issuer; 0 = no issuer may issue. */
	const uint8_t *params; /*!< What follows the first ";". */
	size_t params_len;     /*!< Octets of \a params. */
} caaudit_issue_t;

/*! One parameter of an issue value. */
typedef struct {
	const uint8_t *tag;
	size_t tag_len;
	const uint8_t *value;
	size_t value_len;
} caaudit_param_t;

/*!
 * \brief Splits CAA RDATA into flags, tag and value (RFC 8659 section 4.1).
 *
 * An empty tag is split as well: it is wrong, but every octet has its place.
 *
 * \param[in]  rdata  RDATA.
 * \param[in]  len    Octets of \a rdata.
 * \param[out] out    Property; untouched on error.
 *
 * \retval KNOT_EOK    on success.
 * \retval KNOT_EMALF  if it is shorter than two octets or the tag ends beyond it.
 */
int caaudit_caa_parse(const uint8_t *rdata, size_t len, caaudit_caa_t *out);

/*!
 * \brief Recognizes a property tag without regard to case (RFC 8659 section 4.1).
 *
 * \param[in] tag  Tag octets.
 * \param[in] len  Octets of \a tag.
 *
 * \return Tag, or CAAUDIT_TAG_UNKNOWN.
 */
caaudit_tag_t caaudit_caa_tag(const uint8_t *tag, size_t len);

/*!
 * \brief Parses an issue value (RFC 8659 section 4.2 with errata 5934 and 7139).
 *
 * White space (SP, HTAB) around the issuer domain name is not part of it. A
 * value that is malformed must be treated as one with an empty issuer: it
 * restricts and authorises nobody.
 *
 * \param[in]  value  Property value.
 * \param[in]  len    Octets of \a value.
 * \param[out] out    Parsed value; untouched on error.
 * \param[out] error  Offset of the first octet that fits no production, \a len
 *                    if the value ends too early; set on error only; may be NULL.
 *
 * \retval KNOT_EOK    on success.
 * \retval KNOT_EMALF  if the value is outside the grammar.
 */
int caaudit_issue_parse(const uint8_t *value, size_t len, caaudit_issue_t *out, size_t *error);

/*!
 * \brief Takes the next parameter of a parsed issue value.
 *
 * \param[in,out] issue  Value from caaudit_issue_parse(); its params shrink.
 * \param[out]    out    Parameter.
 *
 * \retval true   if \a out holds a parameter.
 * \retval false  if there is none left.
 */
bool caaudit_issue_next(caaudit_issue_t *issue, caaudit_param_t *out);

/*!
 * \brief Checks that a value is a URI by the generic syntax (RFC 3986 section 3).
 *
 * A scheme, a colon and only characters that a URI may hold, with each "%"
 * followed by two hexadecimal digits. What the scheme itself demands is not
 * looked at.
 *
 * \param[in] value  Octets.
 * \param[in] len    Octets of \a value.
 *
 * \retval true   if it is a URI.
 * \retval false  otherwise.
 */
bool caaudit_is_uri(const uint8_t *value, size_t len);
