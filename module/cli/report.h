/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief What is printed about one zone: the engine's report, and how it came about. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "caaudit/audit.h"
#include "options.h"
#include "terminal.h"

/*! At which servers something stands, in the order of the audit's arrays. */
typedef struct {
	const char *const *verdict; /*!< Words such as "denied at 192.0.2.1 only", or NULL. */
	const char *const *finding; /*!< Labels of servers. */
	const bool *differs;        /*!< Servers contradict each other about the validation. */
} report_where_t;

/*! What zone-commit makes of something that the audit judges. */
typedef enum {
	CHANGE_WORSE,
	CHANGE_BETTER,
	CHANGE_UNCLEAR, /*!< It is not known here, before or after. */
} change_way_t;

/*! A difference between what is served and what a transaction makes of it. */
typedef struct {
	change_way_t way;
	const caaudit_verdict_t *verdict;       /*!< The new one, or NULL. */
	const caaudit_validation_t *validation; /*!< The new one, or NULL. */
	const knot_dname_t *owner; /*!< Host, validation, or CAA set if the others are NULL. */
	const char *before;        /*!< Words as in JSON. */
	const char *after;
	bool doubtful; /*!< It is unclear, and may be worse. */
} change_t;

/*! Report about one zone. */
typedef struct {
	knot_dname_txt_storage_t zone;
	const char *source; /*!< "zonefile", "control", "transaction", "transfer" or "probe". */
	const char *path;   /*!< Zone file as the operator named it; NULL for a server. */
	const char *copy;   /*!< What is read in its place; NULL for the file itself. */
	caaudit_report_t *audit;  /*!< NULL if there was none. */
	caaudit_report_t *served; /*!< What is served, if a transaction was audited; else NULL. */
	change_t *change;         /*!< What the transaction changes, the worse first. */
	size_t change_count;
	caaudit_gap_t gap[2]; /*!< What was not given to the audit; texts to be freed. */
	size_t gap_count;
	uint32_t serial; /*!< Of the SOA record. */
	size_t records;  /*!< Number of records that were read. */
	const report_where_t
		*where;    /*!< Where servers say otherwise; NULL unless several were asked. */
	double read_time;  /*!< Seconds. */
	double audit_time; /*!< Seconds. */
} report_t;

/*! Makes an empty report. */
void report_init(report_t *report, const knot_dname_t *zone, const char *source);

/*! Gets the name of a file as the operator knows it; NULL if \a file is. */
const char *report_file(const report_t *report, const char *file);

/*! Adds a gap; \a what is copied, \a why taken over. False if out of memory, or if \a why is
 *  NULL. */
bool report_add_gap(report_t *report, const char *what, char *why);

/*! Frees what a report holds. */
void report_clear(report_t *report);

/*! Counts the findings of a severity. */
size_t report_severity(const report_t *report, caaudit_severity_t severity);

/*! Gets the nth thing that could not be looked at, from 0; false if there are no more. */
bool report_gap(const report_t *report, size_t nth, caaudit_gap_t *out);

/*!
 * \brief Finds what a transaction changes in what the audits judge.
 *
 * Worse is: a CA may not issue any more, an expected validation is gone, a CAA
 * set becomes one that no CA can decode or that has an unknown critical property.
 * Unclear is what another zone decides, before or after: it may be worse unless it
 * was denied before or is permitted after.
 *
 * \param[in,out] report  Report with both audits.
 * \param[in]     policy  Policy of both.
 *
 * \return false if out of memory.
 */
bool report_find_changes(report_t *report, const caaudit_policy_t *policy);

/*! Counts the changes of a kind. */
size_t report_changes(const report_t *report, change_way_t way);

/*! Counts the unclear changes that may be worse. */
size_t report_doubts(const report_t *report);

/*! Gets the word for a kind of change, as in JSON. */
const char *change_word(change_way_t way);

/*! Says what changes, in one line, which is cut if it is too long. */
void change_text(const change_t *change, char *out, size_t size);

/*! Gets the word for the state of a validation, as in JSON. */
const char *report_state(const report_t *report, size_t nth);

/*! Gets a name as text: \a out, or NULL if \a name is. */
const char *report_name(const knot_dname_t *name, knot_dname_txt_storage_t out);

/*! Writes a name as one would in the zone's file: "@" for the apex, whole if it is outside. */
void report_relative(const knot_dname_t *zone, const knot_dname_t *name,
                     knot_dname_txt_storage_t out);

/*! Counts the findings at or above a severity. */
size_t report_count(const report_t *report, caaudit_severity_t severity);

/*! Gets the colour of a severity. */
look_t severity_look(caaudit_severity_t severity);

/*! Gets the word for the reason of a verdict, as in JSON. */
const char *reason_word(caaudit_reason_t reason);

/*! Gets the word for what became of the trust anchors, as in JSON. */
const char *trust_word(caaudit_trust_t trust);

/*! Gets the word for the kind of cure, as in JSON; NULL if there is none. */
const char *fix_kind(caaudit_fix_t fix);

/*! Prints a report for people. */
void report_text(const report_t *report, const style_t *style, bool verbose, FILE *out);

/*! Prints what follows the heading of a report for people. */
void report_text_body(const report_t *report, const style_t *style, bool verbose, FILE *out);

/*! Makes the JSON document of a report; NULL if out of memory. */
struct json_t *report_document(const report_t *report);

/*!
 * \brief Prints the errors and warnings of a zone alone, those of a kind together.
 *
 * Owners are in zone file notation, relative to the zone; records are left out.
 *
 * \return false if out of memory.
 */
bool report_brief(const report_t *report, const style_t *style, FILE *out);

/*!
 * \brief Prints a line for each finding: "FILE:LINE: severity: owner: text [id]".
 *
 * The zone stands in place of a file that there is none of. What was not checked
 * follows as "FILE: not checked: what: why".
 *
 * \return false if out of memory.
 */
bool report_short(const report_t *report, FILE *out);

/*! Prints a report as one JSON document on one line; false if out of memory. */
bool report_json(const report_t *report, FILE *out);

/*!
 * \brief Prints the change that cures the findings at or above a severity.
 *
 * \param[in] report   Report.
 * \param[in] form     Form of the change.
 * \param[in] fail_on  Least severity.
 * \param[in] out      Where the change goes.
 * \param[in] err      Where what no change of records cures is told.
 *
 * \return false if out of memory.
 */
bool report_fix(const report_t *report, fix_form_t form, caaudit_severity_t fail_on, FILE *out,
                FILE *err);
