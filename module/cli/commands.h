/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The subcommands.
 */

#pragma once

#include "options.h"

/*!
 * \brief Checks the zones that the options name and prints the reports.
 *
 * \return Exit code.
 */
int command_check(const options_t *opts);

/*!
 * \brief Lists the catalogue.
 *
 * \return Exit code.
 */
int command_findings(const options_t *opts);

/*!
 * \brief Explains findings.
 *
 * \return Exit code.
 */
int command_explain(const options_t *opts);

/*!
 * \brief Lists the CAs that are known, or tells what is known of some.
 *
 * \return Exit code.
 */
int command_cas(const options_t *opts);
