/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What the checks of one audit share: the input, the verdicts, and the report in the making.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caaudit/audit.h"
#include "text.h"

/*! A finding in the making: fill in, then audit_report(). */
typedef struct {
	caaudit_id_t id;
	caaudit_severity_t severity; /*!< That of the catalogue at first. */
	const knot_dname_t *owner;
	const char *ca;
	const char *advice; /*!< Static text, or NULL. */
	bool removable;     /*!< Removing the record is a cure; true at first. */
	text_t what;
	text_t record; /*!< Empty = none, as \a remedy. */
	text_t remedy;
	text_t also;       /*!< Records that must go as well, each with its terminator. */
	size_t also_count; /*!< Their number. */
} draft_t;

typedef struct {
	const caaudit_view_t *view;
	const caaudit_policy_t *policy;
	uint64_t now;
	caaudit_verdict_t *verdict; /*!< Of each host each CA, plain and wildcard. */
	size_t verdict_count;
	caaudit_validation_t *validation;
	size_t validation_count;
	const caaudit_record_t **slip; /*!< Records reported as an expected one in a wrong place. */
	size_t slip_count;
	caaudit_dnssec_t dnssec;
	draft_t draft;
	caaudit_finding_t *finding; /*!< Each holds what it points to in one block, see audit.c. */
	size_t finding_count;
	size_t finding_size;
	caaudit_gap_t *gap;
	size_t gap_count;
	size_t gap_size;
	bool failed; /*!< Out of memory. */
} audit_t;

/*!
 * \brief Finds the verdicts of a host.
 *
 * \param[in]  audit  Audit.
 * \param[in]  host   Host in lower case.
 * \param[out] count  Number of verdicts: each CA, plain and wildcard.
 *
 * \return The first; NULL if the host was not judged.
 */
const caaudit_verdict_t *audit_verdicts(const audit_t *audit, const knot_dname_t *host,
                                        size_t *count);

/*! Begins a finding; owned by the audit, valid until the next one. */
draft_t *audit_draft(audit_t *audit, caaudit_id_t id, const knot_dname_t *owner);

/*! The same about one CAA record; removing it is a cure. */
draft_t *audit_draft_record(audit_t *audit, caaudit_id_t id, const caaudit_record_t *record);

/*! The same about one that must be edited: removed, it might leave no restriction at all. */
draft_t *audit_draft_edit(audit_t *audit, caaudit_id_t id, const caaudit_record_t *record);

/*! Appends the record that permits a CA, with the account that the policy asks for. */
void audit_add_issue(text_t *text, const knot_dname_t *owner, uint32_t ttl, const char *tag,
                     const char *ca, const caaudit_policy_t *policy);

/*! Adds the finding begun last. What it asks for follows from record and remedy. */
void audit_report(audit_t *audit);

/*! Adds what could not be looked at, and why. Frees both texts. */
void audit_gap(audit_t *audit, text_t *what, text_t *why);

/*! One check: a row of the table in audit.c. */
typedef void (*check_f)(audit_t *audit);

/*! The hosts' verdicts: caa-issue-denied, caa-issuewild-denied, caa-alias-*. */
void check_verdicts(audit_t *audit);
/*! The literal pair: caa-strict-incomplete. */
void check_literal_pair(audit_t *audit);
/*! Every CAA record by itself: flags, tag, value. */
void check_properties(audit_t *audit);
/*! Every CAA RRset as a whole, and where it stands. */
void check_policies(audit_t *audit);
/*! Expected validation records: dcv-*. Comes before check_validations(). */
void check_expected(audit_t *audit);
/*! Validation records that the zone holds, expected or not. */
void check_validations(audit_t *audit);
/*! Signatures and denials: dnssec-*. */
void check_dnssec(audit_t *audit);
