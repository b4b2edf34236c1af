/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The checks: each looks at one audit, and reports what it finds. */

#pragma once

#include "caaudit/caa.h"
#include "draft.h"

/*! The hosts' verdicts: caa-issue-denied, caa-issuewild-denied, caa-alias-*. */
void check_verdicts(audit_t *audit);
/*! The literal pair: caa-strict-incomplete. */
void check_literal_pair(audit_t *audit);
/*! Every CAA record by itself: flags, tag, value. */
void check_properties(audit_t *audit);
/*! Every CAA RRset as a whole, and where it stands. */
void check_policies(audit_t *audit);
/*! Validations that validationmethods shut out: caa-method-excluded. */
void check_methods(audit_t *audit);
/*! Expected validation records: dcv-*. Comes before check_validations(). */
void check_expected(audit_t *audit);
/*! Validation records that the zone holds, expected or not. */
void check_validations(audit_t *audit);
/*! Persistent validation records: dcv-persist-*. */
void check_persist(audit_t *audit);
/*! Signatures and denials: dnssec-*. */
void check_dnssec(audit_t *audit);
/*! The configuration of the server, if the policy has it: server-*. */
void check_server(audit_t *audit);

/*! Are tag and value of a property exchanged? */
bool property_is_swapped(const caaudit_caa_t *caa);

/*!
 * \brief Sets the property that an RRset lacks for a CA, with the parameters by which the RRset above
 *        binds the CA (RFC 8659 section 3), or says why none is shown.
 *
 * \param[in] request   Account and method that are asked for, and what may be overridden.
 * \param[in] decision  Decision of the RRset.
 * \param[in] ca        CA that the RRset does not name.
 * \param[in] tag       Tag of the property.
 */
void cure_above(audit_t *audit, const caaudit_policy_t *request, const caaudit_decision_t *decision,
                const caaudit_ca_t *ca, caaudit_tag_t tag);

/*! Has a denial of the CA at a host been reported as one of a wanted CA? */
bool dcv_is_denied(const audit_t *audit, const knot_dname_t *host, const caaudit_ca_t *ca);

/*! Does the policy expect a record at an owner? */
bool dcv_is_expected(const audit_t *audit, const knot_dname_t *owner,
                     const caaudit_record_t *record);

/*! Reports a validation record that the zone does not serve, with static advice or NULL; false if it does. */
bool dcv_report_occluded(audit_t *audit, const caaudit_record_t *record, const char *advice);
