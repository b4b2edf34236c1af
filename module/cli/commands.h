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
 * \brief Asks the servers of zones what a CA asks, and prints how they compare.
 *
 * \return Exit code.
 */
int command_probe(const options_t *opts);
