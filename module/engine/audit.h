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

typedef struct audit audit_t;
struct audit {
	const caaudit_view_t *view;
	const caaudit_policy_t *policy;
	uint64_t now;
	caaudit_sink_t *sink;
	caaudit_verdict_t *verdict; /*!< Each host, plain and wildcard, each CA. */
	size_t verdict_count;
	draft_t draft;
	caaudit_finding_t **found;
	size_t found_count;
	size_t found_size;
	bool failed; /*!< Out of memory. */
};

/*! Begins a finding; owned by the audit, valid until the next one. */
draft_t *audit_draft(audit_t *audit, caaudit_id_t id, const knot_dname_t *owner);

/*! Keeps the finding begun last. What it asks for follows from record and remedy. */
void audit_report(audit_t *audit);

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
/*! Expected validation records. */
void check_expected(audit_t *audit);
/*! Validation records that the zone holds, expected or not. */
void check_validations(audit_t *audit);
/*! Signatures and denials: dnssec-*. */
void check_dnssec(audit_t *audit);
