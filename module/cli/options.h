/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Options of the command: one table for parser, help and tests.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include <libknot/tsig.h>

#include "caaudit/finding.h"

/*! Exit codes of every subcommand. */
enum {
	EXIT_CLEAN = 0,
	EXIT_FINDINGS = 1,
	EXIT_UNCHECKED = 2, /*!< Could not check, wrong usage among the reasons. */
};

/*! Subcommands; a bit each, so that an option can belong to several. */
typedef enum {
	CMD_CHECK = 1 << 0,
	CMD_FINDINGS = 1 << 1,
	CMD_EXPLAIN = 1 << 2,
	CMD_PROBE = 1 << 3,
} command_t;

/*! Form of the report. */
typedef enum {
	FORMAT_TEXT,
	FORMAT_JSON,
} format_t;

/*! Form of the cure. */
typedef enum {
	FIX_OFF,
	FIX_ZONEFILE,
	FIX_KNOTC,
	FIX_NSUPDATE,
} fix_form_t;

/*! How --help shows an option. */
typedef enum {
	HELP_LINE,  /*!< On a line of its own. */
	HELP_PAIR,  /*!< Two on a line. */
	HELP_USAGE, /*!< In the usage lines only. */
} help_place_t;

/*! One row of the table. */
typedef struct {
	int letter;       /*!< Short form, or 0. */
	const char *name; /*!< Long form. */
	const char *arg;  /*!< Word for its argument, or NULL. */
	unsigned command; /*!< Subcommands that take it. */
	bool repeatable;
	help_place_t place;
	const char *help;
} option_t;

/*! The table; ends with a row without a name. */
extern const option_t option_table[];

/*! Words of the command line; they point into argv. */
typedef struct {
	const char **item;
	size_t count;
} list_t;

/*! What the command line says. */
typedef struct {
	command_t command;
	list_t operand; /*!< Zone files, zones to probe, documents to merge, or finding ids. */
	list_t ca;
	list_t host;
	list_t validation;
	list_t validation_file;
	list_t ds;
	list_t trust_anchor;
	list_t server_list; /*!< All of --server; \a server is the first. */
	list_t resolver;
	uint32_t rrsig_warning; /*!< Seconds, 0 if not given. */
	const char *origin;
	const char *account_uri;
	const char *method;
	const char *live;
	const char *control;
	const char *axfr;
	const char *config;
	const char *zone_file;
	struct sockaddr_storage server;
	knot_tsig_key_t tsig; /*!< No name if there is none. */
	bool server_given;
	bool format_given;
	bool merge;
	bool no_wildcard;
	bool strict;
	bool force;
	bool quiet;
	bool verbose;
	bool help;
	bool version;
	uint64_t now;
	unsigned jobs;
	unsigned rate; /*!< Queries a second to one address. */
	format_t format;
	fix_form_t fix;
	caaudit_severity_t fail_on;
} options_t;

/*!
 * \brief Parses the words after the subcommand; says on standard error what is wrong.
 *
 * \param[in]  command  Subcommand.
 * \param[in]  argc     Number of words, the subcommand being the first.
 * \param[in]  argv     Words; they are reordered.
 * \param[out] out      Options, to be freed in any case.
 *
 * \retval true   if the command line makes sense.
 * \retval false  otherwise.
 */
bool options_parse(command_t command, int argc, char **argv, options_t *out);

/*!
 * \brief Frees what options_parse() allocated.
 */
void options_free(options_t *opts);

/*!
 * \brief Prints the help of a subcommand.
 */
void options_help(command_t command, FILE *out);

/*!
 * \brief Gets the name of a subcommand.
 */
const char *command_name(command_t command);
