/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What became of one zone that was probed: the audits of what each server says put together, and
 *        how the servers compare.
 */

#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "caaudit/policy.h"
#include "options.h"
#include "probe.h"
#include "report.h"
#include "terminal.h"

/*! Some columns of a zone, ascending. */
typedef struct {
	size_t *item;
	size_t count;
} column_list_t;

/*! Report about one zone. */
typedef struct {
	report_t report;           /*!< What all columns come to. */
	column_list_t *finding_at; /*!< Of each finding: who is concerned. */
	column_list_t
		*denied_at; /*!< Of each verdict: where it is denied although others permit. */
	column_list_t *unknown_at; /*!< Of each verdict: who did not answer what it takes. */
	probe_zone_t *zone;        /*!< Complete. */
	probe_result_t result;     /*!< How the columns compare. */
} probe_report_t;

/*!
 * \brief Adds the questions that a CA asks for a policy to a zone.
 *
 * \return false if out of memory.
 */
bool probe_plan(probe_zone_t *zone, const caaudit_policy_t *policy);

/*!
 * \brief Audits what each server says, and puts the reports together.
 *
 * A host or validation of which a server did not answer everything is not judged there.
 *
 * \param[in]     opts    Options.
 * \param[in]     policy  What must hold.
 * \param[in,out] out     Report with zone and result; to be cleared in any case.
 *
 * \return false if out of memory.
 */
bool probe_judge(const options_t *opts, const caaudit_policy_t *policy, probe_report_t *out);

/*! Frees what a report holds, the zone included. */
void probe_report_clear(probe_report_t *out);

/*!
 * \brief Adds the findings of the comparison, and sorts all of them.
 *
 * \return false if out of memory.
 */
bool probe_report_finish(probe_report_t *out);

/*! Adds a column to a list that is ascending; false if out of memory. */
bool probe_column_add(column_list_t *list, size_t column);

/*!
 * \brief Adds a finding, or notes that one that is there stands at more servers.
 *
 * \param[in,out] out      Report.
 * \param[in]     finding  Finding; what it holds is taken over, or freed.
 * \param[in]     at       Columns that are concerned, copied.
 *
 * \return false if out of memory.
 */
bool probe_add_finding(probe_report_t *out, report_finding_t *finding, const column_list_t *at);

/*!
 * \brief Adds the verdict of one server or place for a host and CA; where it contradicts the one that is
 *        there, nothing is known.
 *
 * \param[in,out] out      Report.
 * \param[in]     verdict  Verdict; what it holds is taken over, or freed.
 * \param[out]    nth      Its position.
 *
 * \return false if out of memory.
 */
bool probe_add_verdict(probe_report_t *out, report_verdict_t *verdict, size_t *nth);

/*! The same for the state of a validation: "differs" where servers contradict each other. */
bool probe_add_validation(probe_report_t *out, report_validation_t *validation);

/*!
 * \brief Says in words at which servers verdicts are otherwise, when all of them are there.
 *
 * \return false if out of memory.
 */
bool probe_locate_verdicts(probe_report_t *out);

/*! Writes "192.0.2.1, 192.0.2.2 and 3 more", or "all servers". */
void probe_columns_text(const probe_zone_t *zone, const column_list_t *list, char *out,
                        size_t size);

/*! Prints the report for people. */
void probe_text(const probe_report_t *report, const style_t *style, bool verbose, FILE *out);

/*!
 * \brief Prints the report as one JSON document.
 *
 * \return false if out of memory.
 */
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
bool probe_merge(probe_t *probe, const list_t *files, probe_report_t **out, size_t *count);
