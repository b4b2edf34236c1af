/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Validation files, each parsed once for all the zones that share it.
 *
 * Without that, a file with a line for each of the server's zones would take
 * time that grows with the square of their number, in the audits and, with
 * synthesis, while the server starts or reloads.
 */

#pragma once

#include "caaudit/policy.h"
#include "source.h"

/*!
 * \brief Adds the records of a validation file to a policy, as caaudit_read_validations() does.
 *
 * A file that has not changed since another zone asked is not read again. Any thread may call.
 *
 * \param[in] pattern  Path, with the formatters of 'zone.file'.
 * \param[in] reader   Told what is wrong; in a file that was read for another zone, the first thing.
 * \param[in] policy   Policy; after an error it is as before.
 *
 * \return As caaudit_read_validations().
 */
int validations_add(const char *pattern, caaudit_reader_t *reader, caaudit_policy_t *policy);

/*!
 * \brief Forgets a file that no options name any more.
 *
 * \param[in] pattern  Path, or NULL.
 */
void validations_forget(const char *pattern);
