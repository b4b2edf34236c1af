/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Which CAA properties are missing from an RRset, so that wanted CAs may issue.
 *
 * It only ever extends a set that is in force: a first property of its kind would
 * shut out every CA that it does not name (RFC 8659 section 4). Nothing here
 * allocates.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caaudit/policy.h"
#include "caaudit/view.h"

/*! What became of it; the reason is for what is still missing afterwards. */
typedef enum {
	CAAUDIT_SYNTHESIS_DONE,        /*!< With the added properties nothing is missing. */
	CAAUDIT_SYNTHESIS_PERMITTED,   /*!< Nothing is missing as it stands. */
	CAAUDIT_SYNTHESIS_NO_CAA,      /*!< There is no RRset: it restricts nobody. */
	CAAUDIT_SYNTHESIS_CRITICAL,    /*!< An unknown tag with the issuer critical flag: no record
	                                     repairs that (RFC 8659 section 4.1). */
	CAAUDIT_SYNTHESIS_UNDECODABLE, /*!< RDATA that no CA can decode. */
	CAAUDIT_SYNTHESIS_BOUND,       /*!< A property names the CA, and binds it to an account or a
	                                     method that the request has not (RFC 8657). */
	CAAUDIT_SYNTHESIS_DENIAL,      /*!< ";" stands alone: a denial on purpose. */
	CAAUDIT_SYNTHESIS_UNRESTRICTED, /*!< 'strict' asks for a property that would be the first of
	                                     its kind and shut others out. */
	CAAUDIT_SYNTHESIS_UNSURE, /*!< A wanted CA is a product, or its name is close to that of a
	                               known CA: who issues is not sure enough. */
	CAAUDIT_SYNTHESIS_ROOM,   /*!< More properties than there was room for; none is set. */
} caaudit_synthesis_t;

/*! One property to add; flags are 0. It points into the RRset or the policy. */
typedef struct {
	const uint8_t *value;  /*!< Property value without what follows here, not terminated. */
	size_t value_len;      /*!< Octets of \a value. */
	const uint8_t *params; /*!< Parameters beside \a value, not terminated. */
	size_t params_len;     /*!< Octets of \a params; 0 if there are none. */
	const char
		*account; /*!< Account for a parameter accounturi (RFC 8657 section 3), or NULL. */
	bool wild;        /*!< issuewild, else issue. */
} caaudit_added_t;

/*!
 * \brief Tells whether nothing is ever synthesised for a CA, since who issues is not sure enough.
 *
 * \param[in] ca  CA of a policy.
 */
bool caaudit_synthesis_is_unsure(const caaudit_ca_t *ca);

/*!
 * \brief Gets the properties that caaudit_synthesize() may need room for.
 *
 * \param[in] rrset   CAA RRset.
 * \param[in] policy  Policy.
 *
 * \return Elements for \a out of caaudit_synthesize().
 */
size_t caaudit_synthesis_room(caaudit_rrset_t rrset, const caaudit_policy_t *policy);

/*!
 * \brief Finds the properties to add to the relevant RRset of a host.
 *
 * The extended set permits each wanted CA, its wildcards where the policy wants
 * them, and every issuer that it permitted before. The first issuewild of a set
 * comes with one for every issuer that issue permits. A ";" without an issuer
 * beside it, and parameters that bind the CA, stay in force, for issue and for
 * issuewild each, unless overridden; so something may be added although the
 * result is a refusal.
 *
 * \param[in]  rrset   CAA RRset.
 * \param[in]  policy  Wanted CAs, wildcard, strict, account and override_denial.
 * \param[out] out     Properties to add, in no particular order, without duplicates.
 * \param[in]  room    Elements of \a out.
 * \param[out] count   Elements set.
 *
 * \return CAAUDIT_SYNTHESIS_DONE, or why something is missing still.
 */
caaudit_synthesis_t caaudit_synthesize(caaudit_rrset_t rrset, const caaudit_policy_t *policy,
                                       caaudit_added_t *out, size_t room, size_t *count);

/*!
 * \brief Gets the size of the RDATA of a property to add (RFC 8659 section 4.1).
 *
 * \param[in] added  Property.
 *
 * \return Octets; more than UINT16_MAX if it fits into no record.
 */
size_t caaudit_added_size(const caaudit_added_t *added);

/*!
 * \brief Writes the RDATA of a property to add (RFC 8659 section 4.1).
 *
 * \param[in]  added  Property.
 * \param[out] out    caaudit_added_size() octets.
 */
void caaudit_added_write(const caaudit_added_t *added, uint8_t *out);

/*!
 * \brief Tells what a result means, for messages: lower case, no full stop.
 *
 * \param[in] result  Result.
 *
 * \return Static text.
 */
const char *caaudit_synthesis_text(caaudit_synthesis_t result);
