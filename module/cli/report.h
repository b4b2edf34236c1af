/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What the audit of one zone said, kept until it can be printed.
 *
 * The audit's words are valid during a call only, and must be dropped if it
 * fails; hence the copies. Every string is printable.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "caaudit/audit.h"
#include "options.h"
#include "terminal.h"

/*! Copy of caaudit_verdict_t. */
typedef struct {
	char *host;
	char *ca;
	char *decided_by;
	char *asked;
	bool wildcard;
	bool by_issuewild;
	caaudit_permit_t permit;
	caaudit_reason_t reason;
	char *at; /* Which servers say otherwise, or NULL. */
} report_verdict_t;

/*! Copy of caaudit_validation_t. */
typedef struct {
	char *owner;
	const char *type;
	char *expected; /* Target or text. */
	char *found;
	char *found_at;
	char *state;
} report_validation_t;

/*! Copy of caaudit_finding_t. */
typedef struct {
	caaudit_id_t id;
	caaudit_severity_t severity;
	caaudit_fix_t fix;
	char *owner;
	char *ca;
	char *text;
	char *record;
	char *remedy;
	char *at; /* At which servers, or NULL. */
} report_finding_t;

/*! What could not be looked at. */
typedef struct {
	char *what;
	char *why;
} report_gap_t;

/*! Report about one zone. */
typedef struct {
	caaudit_sink_t sink; /*!< Give this to the audit; it fills the lists. */
	char *zone;
	const char *source; /*!< "zonefile", "control" or "transfer". */
	uint32_t serial;
	size_t records;
	report_verdict_t *verdict;
	size_t verdict_count;
	report_validation_t *validation;
	size_t validation_count;
	report_finding_t *finding;
	size_t finding_count;
	report_gap_t *gap;
	size_t gap_count;
	caaudit_dnssec_t dnssec;
	size_t by_severity[CAAUDIT_SEVERITY__COUNT];
	double read_time;  /*!< Seconds. */
	double audit_time; /*!< Seconds. */
	bool failed;       /*!< Out of memory: the report is not complete. */
} report_t;

/*!
 * \brief Makes an empty report.
 */
void report_init(report_t *report, const knot_dname_t *zone, const char *source);

/*!
 * \brief Adds something that could not be looked at.
 */
void report_gap(report_t *report, const char *what, const char *why);

/*!
 * \brief Frees what a report holds.
 */
void report_clear(report_t *report);

/*!
 * \brief Counts the findings at or above a severity.
 */
size_t report_count(const report_t *report, caaudit_severity_t severity);

/*!
 * \brief Gets the word for the reason of a verdict, as in JSON.
 */
const char *reason_word(caaudit_reason_t reason);

/*!
 * \brief Gets the word for what became of the trust anchors, as in JSON.
 */
const char *chain_word(caaudit_chain_t chain);

/*!
 * \brief Gets the word for the kind of cure, as in JSON; NULL if there is none.
 */
const char *fix_kind(caaudit_fix_t fix);

/*!
 * \brief Prints a report for people.
 */
void report_text(const report_t *report, const style_t *style, bool verbose, FILE *out);

/*!
 * \brief Prints what follows the heading of a report for people.
 */
void report_text_body(const report_t *report, const style_t *style, bool verbose, FILE *out);

/*!
 * \brief Makes the JSON document of a report.
 *
 * \return Document, or NULL if out of memory.
 */
struct json_t *report_document(const report_t *report);

/*!
 * \brief Prints a report as one JSON document on one line.
 *
 * \return false if out of memory.
 */
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
