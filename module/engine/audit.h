/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What the checks of one audit share.
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
	bool edit;     /*!< The record must be edited by hand: removing it is no cure... */
	bool replaced; /*!< ...unless what it should be is there already. */
	text_t text;
	text_t record; /*!< Empty = none, as \a remedy. */
	text_t remedy;
} draft_t;

/*! A name in a sorted array of such, and what it belongs to. */
typedef struct {
	uint64_t hash;
	size_t nth;
} audit_name_t;

typedef struct audit audit_t;
struct audit {
	const caaudit_view_t *view;
	const caaudit_policy_t *policy;
	uint64_t now;
	caaudit_sink_t *sink;
	caaudit_verdict_t *verdict; /*!< Each host, plain and wildcard, each CA. */
	size_t verdict_count;
	audit_name_t *host; /*!< Hosts that were judged, and the first verdict of each. */
	size_t host_count;
	audit_name_t *expected; /*!< Where validations are expected; see checks_dcv.c. */
	size_t expected_count;
	const caaudit_record_t **slip; /*!< Records reported as an expected one in a wrong place. */
	size_t slip_count;
	draft_t draft;
	caaudit_finding_t **found;
	size_t found_count;
	size_t found_size;
	bool failed; /*!< Out of memory. */
};

/*! Sorts an array by hash; equal ones by \a nth. */
void audit_sort(audit_name_t *array, size_t count);

/*! Position of the first item with a hash, or of the first one after it. */
size_t audit_find(const audit_name_t *array, size_t count, uint64_t hash);

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

/*! Keeps the finding begun last. What it asks for follows from record and remedy. */
void audit_report(audit_t *audit);

/*! Tells what could not be looked at and why, unless nobody wants to know. Frees both texts. */
void audit_not_checked(audit_t *audit, text_t *what, text_t *why);

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
