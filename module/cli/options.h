/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Options of the command: one table for the parser, the help and the tests. */

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
	CMD_CAS = 1 << 3,
	CMD_STATS = 1 << 4,
	CMD_PROBE = 1 << 5,
} command_t;

/*! Where the server is asked if the options do not say: its own defaults. */
#define CONTROL_DEFAULT "/run/knot/knot.sock"
#define SERVER_DEFAULT  "127.0.0.1@53"

/*! Form of the report. */
typedef enum {
	FORMAT_TEXT,
	FORMAT_JSON,
	FORMAT_SHORT,      /*!< One line a finding; of zones only, as the next. */
	FORMAT_PROMETHEUS, /*!< Metrics. */
} format_t;

/*! Whether the wildcards of the hosts need a certificate. */
typedef enum {
	WILDCARD_AUTO,
	WILDCARD_ON,
	WILDCARD_OFF,
} wildcard_t;

/*! Form of the cure. */
typedef enum {
	FIX_ZONEFILE,
	FIX_KNOTC,
	FIX_NSUPDATE,
	FIX_OFF, /*!< No cure is asked for. */
} fix_form_t;

/*! How --help shows an option. */
typedef enum {
	HELP_LINE,  /*!< On a line of its own. */
	HELP_PAIR,  /*!< Two on a line. */
	HELP_USAGE, /*!< In the usage lines only. */
} help_place_t;

/*! What an option sets in options_t. */
typedef enum {
	OPTION_FLAG, /*!< bool; the option takes no argument. */
	OPTION_TEXT, /*!< const char *, not empty. */
	OPTION_WORDS, /*!< words_t; the option can be repeated. \a parse adds a word, if it is set. */
	OPTION_ENUM,  /*!< An enum: the number of the argument among the words of \a arg. */
	OPTION_VALUE, /*!< What \a parse makes of the argument. */
} option_kind_t;

/*! One row of the table. */
typedef struct {
	int letter;        /*!< Short form, or 0. */
	const char *name;  /*!< Long form. */
	const char *arg;   /*!< Word for its argument, or its words separated by bars, or NULL. */
	unsigned commands; /*!< Subcommands that take it. */
	help_place_t shown;
	const char *help;
	option_kind_t kind;
	size_t place; /*!< Offset in options_t. */
	bool once;    /*!< Given twice it is an error; else the last one counts. */
	/*! Parses an argument; \a out is the place in options_t. False if it is wrong. */
	bool (*parse)(const char *text, void *out);
	/*! What a right argument is; NULL if \a parse itself says what is wrong. */
	const char *wanted;
} option_t;

/*! The table; ends with a row without a name. */
extern const option_t option_table[];

/*! Some words, which belong to somebody else. */
typedef struct {
	const char **item;
	size_t count;
} words_t;

/*! What the command line says; texts point into argv. */
typedef struct {
	uint64_t given; /*!< Options that were given, a bit each. */
	command_t command;
	words_t operand; /*!< Zone files, zones to probe, documents to merge, finding ids, or names of
	                      CAs. */
	words_t ca;
	words_t host;
	words_t validation;
	words_t validation_file;
	words_t ds;
	words_t trust_anchor;
	words_t server_list; /*!< Of probe: every --server; \a server is the first. */
	words_t resolver;
	words_t parent;
	const char *root_hints;
	uint32_t rrsig_warning; /*!< Seconds, 0 if not given. */
	const char *origin;
	const char *account_uri;
	const char *method;
	const char *live;
	const char *control;
	bool transaction; /*!< Of \a live: its open transaction. */
	const char *axfr;
	const char *config;
	const char *zone_file; /*!< To compare with. */
	struct sockaddr_storage server;
	knot_tsig_key_t tsig; /*!< No name if there is none. */
	bool merge;
	wildcard_t wildcard;
	bool no_wildcard;
	bool strict;
	bool override_denial;
	bool force;
	bool survey;
	bool quiet;
	bool verbose;
	bool help;
	bool version;
	uint64_t now; /*!< Seconds since the epoch. */
	unsigned jobs;
	unsigned rate; /*!< Queries a second to one address. */
	format_t format;
	fix_form_t fix;
	caaudit_severity_t fail_on;
} options_t;

/*! Appends a word, not copied; says on standard error if out of memory, and returns false. */
bool words_add(words_t *words, const char *word);

/*!
 * \brief Parses the words after the subcommand; says on standard error what is wrong.
 *
 * \param[in]  command  Subcommand.
 * \param[in]  argc     Number of words, the subcommand being the first.
 * \param[in]  argv     Words; they are reordered, and must outlive the options.
 * \param[out] out      Options, to be freed by options_free() in any case.
 *
 * \retval true   if the command line makes sense.
 * \retval false  otherwise.
 */
bool options_parse(command_t command, int argc, char **argv, options_t *out);

/*! Frees what options_parse() allocated. */
void options_free(options_t *opts);

/*! Prints the help of a subcommand. */
void options_help(command_t command, FILE *out);

/*! Gets the name of a subcommand. */
const char *command_name(command_t command);
