/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Reads and audits one zone. */

#pragma once

#include <stdio.h>

#include "caaudit/policy.h"
#include "options.h"
#include "report.h"

/*! What is read in place of a file that can be read only once. */
typedef struct {
	int fd;        /*!< Meaningless if \a path is empty. */
	char path[32]; /*!< Path of the copy; empty if there is none. */
} zone_copy_t;

/*! Keeps the standard input ("-") or a pipe in memory, to be freed by zone_forget(); false with
 *  errno. */
bool zone_keep(const char *path, zone_copy_t *out);

/*! Frees a copy; an empty one is fine. */
void zone_forget(zone_copy_t *copy);

/*!
 * \brief Adds the records of validation files to a policy.
 *
 * \param[in] files       Paths, with the formatters of the server's 'zone.file'.
 * \param[in] configured  They are from a server's configuration: as there, one that cannot be read
 *                        is a gap of the report.
 * \param[in] policy      Policy.
 * \param[in] report      Report of the zone.
 * \param[in] err         Where complaints go.
 *
 * \return true if the zone can be audited.
 */
bool zone_validations(const words_t *files, bool configured, caaudit_policy_t *policy,
                      report_t *report, FILE *err);

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
 * \param[in]     opts    Options.
 * \param[in]     policy  What must hold, for the zone.
 * \param[in,out] report  Empty report, which says what file to read; to be cleared in any case.
 * \param[in]     err     Where complaints go.
 *
 * \return true if the report is complete, whatever it says.
 */
bool zone_check(const options_t *opts, const caaudit_policy_t *policy, report_t *report, FILE *err);
