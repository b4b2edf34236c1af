/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief What the engine asks a policy beside caaudit_policy_find(). */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "caaudit/policy.h"
#include "caaudit/view.h"

/*! Gets the host that an expected record is for; NULL if it is none of the zone. */
const knot_dname_t *policy_host_of(const caaudit_policy_t *policy,
                                   const caaudit_expected_t *expected);

/*! Is it one of the CAs that the policy wants? */
bool policy_wants(const caaudit_policy_t *policy, const caaudit_ca_t *ca);

/*!
 * \brief Finds a final dot that is missing in an expected record (RFC 1035 section 5.1).
 *
 * \param[in] policy  Policy.
 * \param[in] owner   Owner with the zone name, if it was written without; else NULL.
 * \param[in] target  The same of the target.
 *
 * \return What is wrong; NULL if nothing is.
 */
const char *policy_find_slip(const caaudit_policy_t *policy, const knot_dname_t *owner,
                             const knot_dname_t *target);

/*! Hashes what a validation record says: its target without regard to case, or its text. */
uint64_t content_hash(uint16_t type, const uint8_t *rdata, size_t rdlen);

/*!
 * \brief Finds expected records by the hash of what they say, one a call.
 *
 * \param[in]     policy  Finished policy.
 * \param[in]     hash    Hash from content_hash(); two contents may share it.
 * \param[in,out] pos     Position, 0 at first.
 *
 * \return Item with the number of the validation; NULL if there is none left.
 */
const caaudit_mention_t *policy_find_content(const caaudit_policy_t *policy, uint64_t hash,
                                             size_t *pos);

/*!
 * \brief Makes the record that is expected.
 *
 * \param[in] expected  Expected record.
 * \param[in] at        Owner to publish it at.
 * \param[in] ttl       TTL, seconds.
 *
 * \return Record that points into \a expected; without RDATA if any target will do.
 */
caaudit_record_t expected_record(const caaudit_expected_t *expected, const knot_dname_t *at,
                                 uint32_t ttl);

/*! The form of an expected CNAME, NULL if it is none that is known, or if any target will do. */
const caaudit_form_t *expected_form(const caaudit_expected_t *expected);

/*! Tells where the CA asks for an expected record: CAAUDIT_EXACT for a TXT, CAAUDIT_NOT_KNOWN also
 *  where any target will do. */
caaudit_climb_t expected_climb(const caaudit_expected_t *expected);
