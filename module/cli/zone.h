/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Reads and audits one zone.
 */

#pragma once

#include <stdio.h>

#include "caaudit/policy.h"
#include "options.h"
#include "report.h"

/*!
 * \brief Adds the records of validation files to a policy.
 *
 * \param[in] files   Paths, with the formatters of the server's 'zone.file'.
 * \param[in] policy  Policy.
 * \param[in] report  Report of the zone.
 * \param[in] err     Where complaints go.
 *
 * \return true if all of them could be read.
 */
bool zone_validations(const words_t *files, caaudit_policy_t *policy, const report_t *report,
                      FILE *err);

/*!
 * \brief Reads a zone from where the options say; the whole of it, or nothing.
 *
 * \param[in] opts    Options.
 * \param[in] path    Zone file; unused for a server.
 * \param[in] policy  What must hold, for the zone; it must stay as long as the view.
 * \param[in] report  Report of the zone.
 * \param[in] err     Where complaints go.
 *
 * \return Finished view, to be freed by caaudit_view_free(), or NULL.
 */
caaudit_view_t *zone_view(const options_t *opts, const char *path, const caaudit_policy_t *policy,
                          const report_t *report, FILE *err);

/*!
 * \brief Reads a zone from where the options say and audits it.
 *
 * \param[in]  opts    Options.
 * \param[in]  path    Zone file, "-" for the standard input; unused for a server.
 * \param[in]  policy  What must hold, for the zone.
 * \param[out] report  Report, to be cleared in any case.
 * \param[in]  err     Where complaints go.
 *
 * \return true if the report is complete, whatever it says.
 */
bool zone_check(const options_t *opts, const char *path, const caaudit_policy_t *policy,
                report_t *report, FILE *err);
