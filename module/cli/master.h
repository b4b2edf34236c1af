/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Small master files that are no zone: validation records, and a look at
 *        a zone file that turned out to be of another zone.
 */

#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "caaudit/policy.h"
#include "report.h"

/*!
 * \brief Adds the CNAME records of a file to a policy.
 *
 * Records outside the zone are for other zones. TXT records are not checked,
 * and the report says so.
 *
 * \param[in] path    Path, with the formatters of the server's 'zone.file'.
 * \param[in] policy  Policy.
 * \param[in] report  Report of the zone.
 * \param[in] err     Where complaints go.
 *
 * \return true if the whole file could be read.
 */
bool master_validations(const char *path, caaudit_policy_t *policy, report_t *report, FILE *err);
