/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What became of one zone that was probed: the audits of what each server says put
 *        together, and how the servers compare.
 */

#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "caaudit/audit.h"
#include "options.h"
#include "probe.h"
#include "report.h"
#include "terminal.h"

/*! Some columns of a zone, ascending. */
typedef struct {
	size_t *item;
	size_t count;
} column_list_t;

/*! A finding, and who is concerned. */
typedef struct {
	caaudit_finding_t finding;
	column_list_t at;
	size_t nth; /*!< In the order in which they came. */
} probe_found_t;

/*! A verdict, and who says so. */
typedef struct {
	caaudit_verdict_t verdict;
	column_list_t said_at;    /*!< Who has a verdict. */
	column_list_t denied_at;  /*!< Where it is denied although others permit. */
	column_list_t unknown_at; /*!< Who did not answer what it takes. */
	size_t nth;
} probe_verdict_t;

/*! The state of a validation. */
typedef struct {
	caaudit_validation_t validation;
	bool differs; /*!< Servers contradict each other. */
	size_t nth;
} probe_validation_t;

/*!
 * \brief Report about one zone.
 *
 * First the word of each server is added, then probe_report_finish() puts together what is the same.
 * What texts and names point to is owned by the audits, the policies, or \a kept.
 */
typedef struct {
	report_t report;           /*!< To be printed; it points into the rest. */
	probe_zone_t *zone;        /*!< Complete. */
	const struct world *world; /*!< That was asked beside the servers, or NULL; not owned. */
	const probe_delegation_t *delegation; /*!< Of the zone, or NULL; not owned. */
	bool anchored;             /*!< The trust anchors are the DS records of the parent. */
	probe_result_t result;     /*!< How the columns compare. */
	caaudit_report_t **audit;  /*!< Of each column, or NULL. */
	caaudit_policy_t **policy; /*!< That an audit was made by, or NULL for the zone's own. */
	probe_found_t *found;
	size_t found_count;
	probe_verdict_t *verdict;
	size_t verdict_count;
	probe_validation_t *validation;
	size_t validation_count;
	caaudit_gap_t *gap;
	size_t gap_count;
	void **kept;
	size_t kept_count;
	caaudit_report_t all; /*!< All columns put together. */
	report_where_t where;
} probe_report_t;

/*! Adds the questions that a CA asks for a policy to a zone; false if out of memory. */
bool probe_plan(probe_zone_t *zone, const caaudit_policy_t *policy);

/*!
 * \brief Audits what each server says, and adds it to the report.
 *
 * A host or validation of which a server did not answer everything is not judged there.
 *
 * \param[in]     opts    Options.
 * \param[in]     policy  What must hold; it must stay as long as the report.
 * \param[in,out] out     Report with zone and result; to be cleared in any case.
 *
 * \return false if out of memory.
 */
bool probe_judge(const options_t *opts, const caaudit_policy_t *policy, probe_report_t *out);

/*! Frees what a report holds, the zone included. */
void probe_report_clear(probe_report_t *out);

/*! Keeps a block of malloc() as long as the report; NULL, also if out of memory, when it is freed. */
void *probe_keep(probe_report_t *out, void *block);

/*! Adds a finding at some columns, which are copied; false if out of memory. */
bool probe_add_finding(probe_report_t *out, const caaudit_finding_t *finding,
                       const column_list_t *at);

/*! Adds the verdict of one server or place; NULL if out of memory. */
probe_verdict_t *probe_add_verdict(probe_report_t *out, const caaudit_verdict_t *verdict);

/*! Adds the state of a validation at one server or place; false if out of memory. */
bool probe_add_validation(probe_report_t *out, const caaudit_validation_t *validation,
                          bool differs);

/*! Adds something that could not be looked at; false if out of memory. Texts are copied. */
bool probe_add_gap(probe_report_t *out, const char *what, const char *why);

/*!
 * \brief Puts together what is the same, adds the findings of the comparison, and sorts all of them.
 *
 * \return false if out of memory.
 */
bool probe_report_finish(probe_report_t *out);

/*! Adds a column to a list that is ascending, unless it is the last; false if out of memory. */
bool probe_column_add(column_list_t *list, size_t column);

/*! Writes "192.0.2.1, 192.0.2.2 and 3 more", or "all servers". */
void probe_columns_text(const probe_zone_t *zone, const column_list_t *list, char *out,
                        size_t size);

/*! Prints the report for people. */
void probe_text(const probe_report_t *report, const style_t *style, bool verbose, FILE *out);

/*! Prints the report as one JSON document; false if out of memory. */
bool probe_json(const probe_report_t *report, FILE *out);

/*!
 * \brief Reads reports that probe_json() wrote, and puts those of one zone together.
 *
 * Labels of servers get the name of the file as their place.
 *
 * \param[in]  probe    Run that will own the servers.
 * \param[in]  files    Paths.
 * \param[out] out      Reports, one a zone, to be cleared and freed.
 * \param[out] count    Their number.
 *
 * \return false if a file is not such a report; standard error says why.
 */
bool probe_merge(probe_t *probe, const words_t *files, probe_report_t **out, size_t *count);
