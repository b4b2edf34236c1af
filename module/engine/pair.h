/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What a property to add for a CA must say, so that plain names and wildcards are permitted
 *        alike (RFC 8659 section 4.3, RFC 8657).
 */

#pragma once

#include "caaudit/audit.h"

/*! Evaluates one record of an RRset as if it stood alone. */
caaudit_decision_t pair_alone(caaudit_rrset_t rrset, size_t nth, const caaudit_policy_t *policy,
                              bool wildcard, const caaudit_ca_t *ca);

/*!
 * \brief Does a malformed value name a CA and bind it?
 *
 * It permits nobody; whoever adds a record without the bounds beside it lifts them.
 *
 * \param[in] rrset  CAA RRset.
 * \param[in] tag    CAAUDIT_TAG_ISSUE or CAAUDIT_TAG_ISSUEWILD.
 * \param[in] ca     CA.
 */
bool pair_is_bound(caaudit_rrset_t rrset, caaudit_tag_t tag, const caaudit_ca_t *ca);

/*!
 * \brief Finds the parameters of a property to add for a CA: those of the other one of the pair.
 *
 * They go under the name of the CA itself. The other one may have a name that it accepts of
 * another CA, which would be permitted as well.
 *
 * \param[in]  rrset   CAA RRset.
 * \param[in]  policy  Account and method of the request.
 * \param[in]  tag     CAAUDIT_TAG_ISSUE or CAAUDIT_TAG_ISSUEWILD: that of the property to add.
 * \param[in]  ca      CA.
 * \param[out] out     Value of the other one that lets the request through; its params, none among
 *                     them, are those to add. \a issuer is NULL if there is no other one.
 *
 * \return False if the other one names the CA, and binds it to an account or a method that the
 *         request has not; or if one of any tag binds the CA by a mistyped name.
 */
bool pair_to_add(caaudit_rrset_t rrset, const caaudit_policy_t *policy, caaudit_tag_t tag,
                 const caaudit_ca_t *ca, caaudit_issue_t *out);

/*!
 * \brief Finds what the next RRset above says of a CA that an RRset does not name (RFC 8659 section 3).
 *
 * A record without parameters would lift what binds the CA there.
 *
 * \param[in]  view    Zone.
 * \param[in]  policy  Account and method of the request.
 * \param[in]  owner   Owner of the RRset that does not name the CA.
 * \param[in]  tag     CAAUDIT_TAG_ISSUE or CAAUDIT_TAG_ISSUEWILD: that of the property to add.
 * \param[in]  ca      CA.
 * \param[out] out     The only value above that lets the request through; \a issuer is NULL if there is
 *                     none, or if one has no parameters. Where several do, the first of them.
 * \param[out] above   Owner of the RRset above; NULL if there is none.
 *
 * \return False if there are several, or if those that name the CA do not let the request through.
 */
bool pair_above(const caaudit_view_t *view, const caaudit_policy_t *policy,
                const knot_dname_t *owner, caaudit_tag_t tag, const caaudit_ca_t *ca,
                caaudit_issue_t *out, const knot_dname_t **above);
