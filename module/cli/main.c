/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Finds the subcommand, and what of it is asked for: to run, its help, the version.
 */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "source.h"
#include "text.h"

static const struct {
	command_t command;
	int (*run)(const options_t *opts);
	const char *synopsis;
	const char *help;
} commands[] = {
	{ CMD_CHECK, command_check, "check [OPTION]... ZONEFILE...", "audit zones" },
	{ CMD_PROBE, command_probe, "probe [OPTION]... ZONE...",
	  "compare what its servers answer" },
	{ CMD_FINDINGS, command_findings, "findings [OPTION]...", "list what an audit can find" },
	{ CMD_EXPLAIN, command_explain, "explain [OPTION]... ID...",
	  "say what a finding means and how to cure it" },
	{ CMD_CAS, command_cas, "cas [OPTION]... [NAME]...", "say what is known of CAs" },
	{ CMD_STATS, command_stats, "stats [OPTION]...", "print a server's counters" },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static void help(FILE *out)
{
	fputs("Usage: caaudit COMMAND [OPTION]... [ARGUMENT]...\n"
	      "Audits DNS zones for CAA and certificate validation trouble.\n\n",
	      out);
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		fprintf(out, "  %-32s %s\n", commands[i].synopsis, commands[i].help);
	}
	fputs("  -h, --help                       this help; after a command, its options\n"
	      "  -V, --version                    the version\n\n"
	      "Example: caaudit check --ca letsencrypt.org --host www example.com.zone\n"
	      "See caaudit(1).\n",
	      out);
}

static void version(void)
{
	printf("caaudit %s\n", CAAUDIT_VERSION);
}

static void complain_command(const char *word)
{
	const char *name[COMMAND_COUNT];
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		name[i] = command_name(commands[i].command);
	}
	const char *near = nearest(word, name, COMMAND_COUNT);
	if (word[0] == '-' && word[1] != '\0') {
		complain(stderr, "option '%s' goes after a command; see 'caaudit --help'", word);
	} else if (access(word, F_OK) == 0) {
		complain(stderr, "no command '%s'; did you mean 'caaudit check %s'?", word, word);
	} else if (near != NULL) {
		complain(stderr, "no command '%s'; did you mean '%s'?", word, near);
	} else {
		complain(stderr, "no command '%s'; see 'caaudit --help'", word);
	}
}

/* A report that could not be written is no report. */
static int finish(int code)
{
	bool failed = ferror(stdout) != 0;
	if (fflush(stdout) != 0 || failed) {
		char why[128];
		complain(stderr, "standard output: %s",
		         source_errno_text(errno != 0 ? errno : EIO, why, sizeof(why)));
		return EXIT_UNCHECKED;
	}
	return code;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		help(stderr);
		return EXIT_UNCHECKED;
	}
	const char *word = argv[1];
	if (strcmp(word, "-h") == 0 || strcmp(word, "--help") == 0) {
		help(stdout);
		return finish(EXIT_CLEAN);
	}
	if (strcmp(word, "-V") == 0 || strcmp(word, "--version") == 0) {
		version();
		return finish(EXIT_CLEAN);
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++) {
		command_t command = commands[i].command;
		if (strcmp(word, command_name(command)) != 0) {
			continue;
		}
		options_t opts;
		int code = EXIT_UNCHECKED;
		if (options_parse(command, argc - 1, argv + 1, &opts)) {
			code = EXIT_CLEAN;
			if (opts.help) {
				options_help(command, stdout);
			} else if (opts.version) {
				version();
			} else {
				code = commands[i].run(&opts);
			}
		}
		options_free(&opts);
		return finish(code);
	}
	complain_command(word);
	return EXIT_UNCHECKED;
}
