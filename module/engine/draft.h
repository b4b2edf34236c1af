/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What the checks of one audit share: the input, the verdicts, and findings in the making.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caaudit/audit.h"
#include "text.h"

/*!
 * \brief A finding in the making: fill in, then audit_report().
 *
 * What it asks for follows from the records: with both the ones are replaced by
 * the other.
 */
typedef struct {
	caaudit_id_t id;
	caaudit_severity_t severity; /*!< That of the catalogue at first. */
	const knot_dname_t *owner;
	const char *ca;
	bool wild;          /*!< See caaudit_finding_t. */
	const char *advice; /*!< Static text, or NULL. */
	bool optional;      /*!< Whether the cure is wanted is not known; false at first. */
	bool removable;     /*!< Removing the records is a cure; true at first. */
	bool elsewhere;     /*!< No record of the zone shows where it is; false at first. */
	text_t what;
	const caaudit_record_t **wrong; /*!< Records of the view. */
	size_t wrong_count;
	caaudit_record_t right; /*!< Record to publish, owned by the draft; no owner: none. */
} draft_t;

/*! A finding, and the records that its cure is made of. */
typedef struct {
	caaudit_finding_t public;       /*!< The first, for sorting. */
	const caaudit_record_t **wrong; /*!< Records of the view. */
	size_t wrong_count;
	caaudit_record_t right; /*!< No owner: none. */
	char *advice;           /*!< Owned text of \a public, or NULL. */
	bool apart; /*!< Of signatures or the server: not judged when a cure is tried. */
} found_t;

typedef struct caaudit_audit {
	const caaudit_view_t *view;
	const caaudit_policy_t *policy;
	uint64_t now;
	const knot_dname_t *scope[2]; /*!< Of the records of the zone only those at and below these
	                                   names are looked at; NULL: all, or no second name. */
	const struct caaudit_audit *first; /*!< In a trial: the audit of the zone as it is. */
	size_t *walked;                    /*!< In a trial: counts RRsets, see audit_next_all(). */
	caaudit_verdict_t *verdict;        /*!< Of each host each CA, plain and wildcard. */
	size_t verdict_count;
	caaudit_validation_t *validation;
	size_t validation_count;
	/*! Records that an expected one speaks for: reported in a wrong place, or found where the
	    host's alias leads. */
	const caaudit_record_t **claimed;
	size_t claimed_count;
	struct stray *stray; /*!< Of each expected record, where it stands instead. */
	uint64_t *led;       /*!< Hashes of names that aliases of challenges lead to, sorted... */
	size_t led_count;
	bool led_known; /*!< ...once they were asked for. */
	caaudit_dnssec_t dnssec;
	draft_t draft;
	found_t *found;
	size_t found_count;
	caaudit_gap_t *gap;
	size_t gap_count;
	bool failed; /*!< Out of memory. */
} audit_t;

/*! Finds the verdicts of a host and their number: each CA, plain and wildcard; NULL if it was
 *  not judged. */
const caaudit_verdict_t *audit_verdicts(const audit_t *audit, const knot_dname_t *host,
                                        size_t *count);

/*! Gets the CA that a verdict of an audit is about. */
const caaudit_ca_t *audit_ca_of(const audit_t *audit, const caaudit_verdict_t *verdict);

/*! Walks over the RRsets of one type in the scope of an audit, as caaudit_view_next(). */
bool audit_next(const audit_t *audit, uint16_t type, size_t *pos, caaudit_rrset_t *out);

/*! Walks over those of the whole zone, whatever the scope is; in a trial they are counted. */
bool audit_next_all(const audit_t *audit, uint16_t type, size_t *pos, caaudit_rrset_t *out);

/*! Passes audit_next() over the whole zone to find what is in the scope? */
bool audit_passes_over(const audit_t *audit);

/*!
 * \brief Says of the finding that is made that nothing is served at its owner, and where it is.
 *
 * \param[in,out] audit  Audit.
 * \param[in]     by     Delegation at or above the owner, or DNAME above it.
 */
void audit_add_hidden(audit_t *audit, const knot_dname_t *by);

/*! Is a name in the scope of an audit? */
bool audit_in_scope(const audit_t *audit, const knot_dname_t *name);

/*!
 * \brief Has an owner the zone name twice, and no host that the policy names at or below it?
 *
 * \param[in]  audit  Audit.
 * \param[in]  owner  Owner of a record, lower case.
 * \param[out] meant  What was meant: the owner with the zone name once.
 */
bool audit_is_doubled(const audit_t *audit, const knot_dname_t *owner, knot_dname_storage_t meant);

/*! Begins a finding; owned by the audit, valid until the next one. */
draft_t *audit_draft(audit_t *audit, caaudit_id_t id, const knot_dname_t *owner);

/*! The same about one record; removing it is a cure. */
draft_t *audit_draft_record(audit_t *audit, caaudit_id_t id, const caaudit_record_t *record);

/*! The same about one that must be edited: removed, it might leave no restriction at all. */
draft_t *audit_draft_edit(audit_t *audit, caaudit_id_t id, const caaudit_record_t *record);

/*! Adds a record of the view that is wrong. */
void audit_wrong(audit_t *audit, const caaudit_record_t *record);

/*! Sets the record to publish; it is copied, with the TTL of the set that it joins. */
void audit_right(audit_t *audit, const caaudit_record_t *record);

/*! Sets the CAA record to publish (RFC 8659 section 4.1). */
void audit_right_caa(audit_t *audit, const knot_dname_t *owner, uint32_t ttl, uint8_t flags,
                     const char *tag, const uint8_t *value, size_t value_len);

/*! The same with a value under construction, which is freed. */
void audit_right_text(audit_t *audit, const knot_dname_t *owner, uint32_t ttl, uint8_t flags,
                      const char *tag, text_t *value);

/*! Account of a policy that a record for a CA can name; NULL if there is none. */
const char *audit_account(const caaudit_policy_t *policy, const char *ca);

/*! The same for an issue or issuewild property that permits a CA, with the account of the policy. */
void audit_right_issue(audit_t *audit, const knot_dname_t *owner, uint32_t ttl, const char *tag,
                       const char *ca);

/*! Adds the finding begun last. */
void audit_report(audit_t *audit);

/*! Puts the findings into their order, and drops repetitions. */
void audit_sort(audit_t *audit);

/*! Adds what could not be looked at, and why. Frees both texts. */
void audit_gap(audit_t *audit, text_t *what, text_t *why);

/*! Frees what an audit holds. */
void audit_clear(audit_t *audit);
