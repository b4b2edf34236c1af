/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The file of expected validation records (option 'validation-file').
 */

#pragma once

#include <stdint.h>

#include "caaudit/policy.h"

/*!
 * \brief Reads a master file of CNAME records that must exist into a policy.
 *
 * Names are relative to the zone. Owners outside the zone are left out, TXT
 * records are accepted and left out, anything else is an error.
 *
 * \param[in]  path    File.
 * \param[in]  policy  Policy; it may have grown on error.
 * \param[out] line    Line of the error, 0 if it has none.
 * \param[out] why     Reason on error, lower case, static.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 * \retval KNOT_E*      if the file cannot be read or is wrong.
 */
int expected_read(const char *path, caaudit_policy_t *policy, uint64_t *line,
                  const char **why);
