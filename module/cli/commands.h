/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The subcommands. */

#pragma once

#include "options.h"

struct json_t;

/*! Prints a document and frees it; gives the exit code. Without \a ok memory was missing. */
int print_document(struct json_t *document, bool ok);

/*! Checks the zones that the options name and prints the reports. */
int command_check(const options_t *opts);

/*! Lists the findings that an audit can report. */
int command_findings(const options_t *opts);

/*! Explains the findings that the operands name. */
int command_explain(const options_t *opts);

/*! Lists the CAs that are known, or tells what is known of some. */
int command_cas(const options_t *opts);

/*! Asks the servers of zones what a CA asks, and prints how they compare. */
int command_probe(const options_t *opts);

/*! Prints the counters of a running server as metrics. */
int command_stats(const options_t *opts);
