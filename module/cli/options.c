/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The command line: the table of the options, their parser, the rules between them, and
 *        the help.
 */

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/array.h"
#include "options.h"
#include "probe.h"
#include "text.h"
#include "values.h"

enum {
	OPT_ORIGIN,
	OPT_CA,
	OPT_HOST,
	OPT_WILDCARD,
	OPT_NO_WILDCARD,
	OPT_STRICT,
	OPT_OVERRIDE_DENIAL,
	OPT_VALIDATION,
	OPT_VALIDATION_FILE,
	OPT_ACCOUNT_URI,
	OPT_VALIDATION_METHOD,
	OPT_DS,
	OPT_TRUST_ANCHOR,
	OPT_RRSIG_WARNING,
	OPT_NOW,
	OPT_LIVE,
	OPT_CONTROL,
	OPT_TRANSACTION,
	OPT_AXFR,
	OPT_SERVER,
	OPT_SERVERS,
	OPT_RESOLVER,
	OPT_ROOT_HINTS,
	OPT_PARENT,
	OPT_ZONE,
	OPT_RATE,
	OPT_MERGE,
	OPT_TSIG,
	OPT_CONFIG,
	OPT_SURVEY,
	OPT_FORMAT,
	OPT_LIST_FORMAT,
	OPT_FIX,
	OPT_FAIL_ON,
	OPT_FORCE,
	OPT_JOBS,
	OPT_QUIET,
	OPT_VERBOSE,
	OPT_HELP,
	OPT_VERSION,
	OPT__COUNT,
	/* What the rules treat like options. */
	OPT_OPERAND = OPT__COUNT,
	OPT_STDIN,       /* "-" among the operands. */
	OPT_STDIN_TWICE, /* More than one. */
	OPT_METRICS,     /* --format prometheus. */
};

#define CMD_ZONES (CMD_CHECK | CMD_PROBE)
#define CMD_LISTS (CMD_FINDINGS | CMD_EXPLAIN | CMD_CAS)
#define CMD_ALL   (CMD_ZONES | CMD_LISTS | CMD_STATS)

/* Kind and place of an option. */
#define FLAG(member)    .kind = OPTION_FLAG, .place = offsetof(options_t, member)
#define TEXT(member)    .kind = OPTION_TEXT, .place = offsetof(options_t, member), .once = true
#define WORDS(member)   .kind = OPTION_WORDS, .place = offsetof(options_t, member)
#define SERVERS(member) WORDS(member), .parse = add_server, .wanted = "an address, or address@port"
#define ENUM(member)    .kind = OPTION_ENUM, .place = offsetof(options_t, member)
#define VALUE(member, by, text)                                                                    \
	.kind = OPTION_VALUE, .place = offsetof(options_t, member), .parse = (by), .wanted = (text)

static bool add_server(const char *text, void *servers)
{
	struct sockaddr_storage address;
	return parse_server(text, &address) && words_add(servers, text);
}

const option_t option_table[] = {
	[OPT_ORIGIN] = { 'o', "origin", "ZONE", CMD_CHECK, HELP_LINE,
	                 "zone name [owner of the SOA, file name]", TEXT(origin) },
	[OPT_CA] = { 0, "ca", "NAME", CMD_ZONES, HELP_LINE, "CA that is to issue [sectigo.com]*",
	             WORDS(ca) },
	[OPT_HOST] = { 0, "host", "NAME", CMD_ZONES, HELP_LINE,
	               "name that needs a certificate [@]*", WORDS(host) },
	[OPT_WILDCARD] = { 0, "wildcard", "auto|on|off", CMD_ZONES, HELP_LINE,
	                   "their wildcards too [auto]; --no-wildcard", ENUM(wildcard) },
	[OPT_NO_WILDCARD] = { 0, "no-wildcard", NULL, CMD_ZONES, HELP_USAGE, "as --wildcard off",
	                      FLAG(no_wildcard) },
	[OPT_STRICT] = { 0, "strict", NULL, CMD_ZONES, HELP_LINE,
	                 "demand no CAA, or issue and issuewild", FLAG(strict) },
	[OPT_OVERRIDE_DENIAL] = { 0, "override-denial", NULL, CMD_CHECK, HELP_LINE,
	                          "cures may open a set that says \";\"", FLAG(override_denial) },
	[OPT_VALIDATION] = { 0, "validation", "'OWNER TARGET'", CMD_ZONES, HELP_LINE,
	                     "validation record that must exist*", WORDS(validation) },
	[OPT_VALIDATION_FILE] = { 0, "validation-file", "FILE", CMD_ZONES, HELP_LINE,
	                          "the same, as a master file*", WORDS(validation_file) },
	[OPT_ACCOUNT_URI] = { 0, "account-uri", "URI", CMD_ZONES, HELP_USAGE,
	                      "account at the CA (RFC 8657)", TEXT(account_uri) },
	[OPT_VALIDATION_METHOD] = { 0, "validation-method", "NAME", CMD_ZONES, HELP_USAGE,
	                            "method that the CA will use (RFC 8657)", TEXT(method) },
	[OPT_DS] = { 0, "ds", "DS", CMD_ZONES, HELP_USAGE, "DS of the zone at its parent",
	             WORDS(ds) },
	[OPT_TRUST_ANCHOR] = { 0, "trust-anchor", "ANCHOR", CMD_ZONES, HELP_USAGE,
	                       "DS or DNSKEY of a zone", WORDS(trust_anchor) },
	[OPT_RRSIG_WARNING] = { 0, "rrsig-warning", "TIME", CMD_ZONES, HELP_USAGE,
	                        "least time that signatures must last",
	                        VALUE(rrsig_warning, parse_duration, "a time such as 36h or 3d"),
	                        .once = true },
	[OPT_NOW] = { 0, "now", "TIME", CMD_ZONES, HELP_LINE, "judge at that time: epoch, ISO 8601",
	              VALUE(now, parse_time,
	                    "seconds since the epoch, "
	                    "YYYY-MM-DD[THH:MM[:SS]][Z|+HH:MM] or YYYYMMDDHHMMSS") },
	[OPT_LIVE] = { 0, "live", "ZONE", CMD_ZONES, HELP_USAGE, "zone of a running knotd",
	               TEXT(live) },
	[OPT_CONTROL] = { 0, "control", "SOCKET", CMD_ZONES | CMD_STATS, HELP_USAGE,
	                  "control socket of knotd", TEXT(control) },
	[OPT_TRANSACTION] = { 0, "transaction", NULL, CMD_CHECK, HELP_USAGE,
	                      "what zone-commit changes", FLAG(transaction) },
	[OPT_AXFR] = { 0, "axfr", "ZONE", CMD_ZONES, HELP_USAGE, "zone to transfer", TEXT(axfr) },
	[OPT_SERVER] = { 0, "server", "ADDR[@PORT]", CMD_CHECK, HELP_USAGE, "server, for --axfr",
	                 VALUE(server, parse_server, "an address, or address@port") },
	[OPT_SERVERS] = { 0, "server", "ADDR[@PORT]", CMD_PROBE, HELP_USAGE, "name server to ask",
	                  SERVERS(server_list) },
	[OPT_RESOLVER] = { 0, "resolver", "ADDR[@PORT]", CMD_PROBE, HELP_USAGE,
	                   "recursive resolver to ask", SERVERS(resolver) },
	[OPT_ROOT_HINTS] = { 0, "root-hints", "FILE", CMD_PROBE, HELP_USAGE,
	                     "servers of the root, as a master file", TEXT(root_hints) },
	[OPT_PARENT] = { 0, "parent", "ADDR[@PORT]", CMD_PROBE, HELP_USAGE,
	                 "server of the parent zone", SERVERS(parent) },
	[OPT_ZONE] = { 0, "zone", "FILE", CMD_PROBE, HELP_LINE, "zone file to compare with",
	               TEXT(zone_file) },
	[OPT_RATE] = { 0, "rate", "N", CMD_PROBE, HELP_LINE, "queries a second to one address [20]",
	               VALUE(rate, parse_rate, "a number from 1 to 1000") },
	[OPT_MERGE] = { 0, "merge", NULL, CMD_PROBE, HELP_USAGE,
	                "put reports of several places together", FLAG(merge) },
	[OPT_TSIG] = { 0, "tsig", "[ALG:]NAME:KEY", CMD_ZONES, HELP_USAGE, "key, for --axfr",
	               VALUE(tsig, parse_tsig, NULL), .once = true },
	[OPT_CONFIG] = { 0, "config", "KNOT.CONF", CMD_ZONES, HELP_USAGE,
	                 "every zone of a server's configuration", TEXT(config) },
	[OPT_SURVEY] = { 0, "survey", NULL, CMD_CHECK, HELP_LINE, "who may issue, a line a zone",
	                 FLAG(survey) },
	[OPT_FORMAT] = { 0, "format", "text|json|short|prometheus", CMD_CHECK, HELP_LINE,
	                 "form of the report [text]", ENUM(format) },
	[OPT_LIST_FORMAT] = { 0, "format", "text|json", CMD_LISTS | CMD_PROBE, HELP_LINE,
	                      "form of list or report [text]", ENUM(format) },
	[OPT_FIX] = { 0, "fix", "zonefile|knotc|nsupdate", CMD_CHECK, HELP_LINE,
	              "print the cure instead of the report", ENUM(fix) },
	[OPT_FAIL_ON] = { 0, "fail-on", "error|warning|notice", CMD_ZONES, HELP_LINE,
	                  "exit 1 from this severity on [error]", ENUM(fail_on) },
	[OPT_FORCE] = { 0, "force", NULL, CMD_CHECK, HELP_LINE,
	                "audit what could be read of a broken file", FLAG(force) },
	[OPT_JOBS] = { 'j', "jobs", "N", CMD_CHECK, HELP_LINE, "zones checked at the same time [1]",
	               VALUE(jobs, parse_jobs, "a number from 1 to 256") },
	[OPT_QUIET] = { 'q', "quiet", NULL, CMD_ZONES, HELP_PAIR, "only the exit code",
	                FLAG(quiet) },
	[OPT_VERBOSE] = { 'v', "verbose", NULL, CMD_ZONES, HELP_PAIR, "details and timings",
	                  FLAG(verbose) },
	[OPT_HELP] = { 'h', "help", NULL, CMD_ALL, HELP_PAIR, "this help", FLAG(help) },
	[OPT_VERSION] = { 'V', "version", NULL, CMD_ALL, HELP_PAIR, "the version", FLAG(version) },
	[OPT__COUNT] = { 0 },
};

/* A bit in options_t.given. */
#define BIT(option) (UINT64_C(1) << (option))
#define B(name)     BIT(OPT_##name)

/* A rule for options that need or exclude each other. */
typedef struct {
	unsigned commands; /* Subcommands that keep it. */
	uint64_t given;    /* It concerns command lines with this option; 0: all. */
	uint64_t needs;    /* One of these has to be given too; 0: none. */
	uint64_t excludes; /* None of these may be given too. */
	const char *text;  /* Says that the rule is broken. */
} rule_t;

#define TWO_SOURCES "give zone files, or --live, --axfr or --config, but not two of them"
#define TWO_ZONES   "give zones, or --live, --axfr or --config, but not two of them"
#define NO_ORIGIN   "--origin goes with zone files, but not with --"
#define QUIET       "--quiet prints nothing, so that --"
#define TRANSACTION "--transaction tells what gets worse, so that --"
#define NOT_WITH    " does not go with it"
#define TO_COMPARE  " are two zones to compare with, but one is needed"

/* The first broken rule is told. */
static const rule_t rules[] = {
	{ CMD_CHECK, 0, B(OPERAND) | B(LIVE) | B(AXFR) | B(CONFIG), 0,
	  "no zone file given ('-' is the standard input); see 'caaudit check --help'" },
	{ CMD_CHECK, B(OPERAND), 0, B(LIVE) | B(AXFR) | B(CONFIG), TWO_SOURCES },
	{ CMD_CHECK, B(LIVE), 0, B(AXFR) | B(CONFIG), TWO_SOURCES },
	{ CMD_CHECK, B(AXFR), 0, B(CONFIG), TWO_SOURCES },
	{ CMD_PROBE, B(MERGE), B(OPERAND), 0,
	  "merge what? 'caaudit probe --format json' writes such files" },
	{ CMD_PROBE, B(MERGE), 0,
	  B(LIVE) | B(AXFR) | B(CONFIG) | B(SERVERS) | B(RESOLVER) | B(ZONE) | B(ROOT_HINTS) |
	          B(PARENT),
	  "--merge asks nobody: give files, but no zones and servers" },
	{ CMD_PROBE, 0, B(OPERAND) | B(LIVE) | B(AXFR) | B(CONFIG), 0,
	  "no zone given; see 'caaudit probe --help'" },
	{ CMD_PROBE, B(OPERAND), 0, B(LIVE) | B(AXFR) | B(CONFIG), TWO_ZONES },
	{ CMD_PROBE, B(LIVE), 0, B(AXFR) | B(CONFIG), TWO_ZONES },
	{ CMD_PROBE, B(AXFR), 0, B(CONFIG), TWO_ZONES },
	{ CMD_PROBE, B(PARENT), 0, B(ROOT_HINTS),
	  "--parent begins at the parent, --root-hints at the root: give one of them" },
	{ CMD_ZONES, B(CONTROL), B(LIVE), 0, "--control goes with --live ZONE" },
	{ CMD_CHECK, B(TRANSACTION), B(LIVE), 0, "--transaction goes with --live ZONE" },
	{ CMD_CHECK, B(TRANSACTION), 0, B(FAIL_ON), TRANSACTION "fail-on" NOT_WITH },
	{ CMD_CHECK, B(TRANSACTION), 0, B(FIX), TRANSACTION "fix" NOT_WITH },
	{ CMD_CHECK, B(TRANSACTION), 0, B(SURVEY), TRANSACTION "survey" NOT_WITH },
	{ CMD_CHECK, B(TRANSACTION), 0, B(METRICS), TRANSACTION "format prometheus" NOT_WITH },
	{ CMD_CHECK, B(TRANSACTION), 0, B(DS) | B(TRUST_ANCHOR) | B(RRSIG_WARNING),
	  "--transaction sees no signatures, which zone-commit makes: --ds, --trust-anchor and "
	  "--rrsig-warning do not go with it" },
	{ CMD_CHECK, B(SERVER), B(AXFR), 0, "--server goes with --axfr ZONE" },
	{ CMD_ZONES, B(TSIG), B(AXFR), 0, "--tsig goes with --axfr ZONE" },
	{ CMD_PROBE, B(ZONE), 0, B(LIVE), "--zone and --live" TO_COMPARE },
	{ CMD_PROBE, B(ZONE), 0, B(AXFR), "--zone and --axfr" TO_COMPARE },
	{ CMD_CHECK, B(ORIGIN), 0, B(LIVE), NO_ORIGIN "live" },
	{ CMD_CHECK, B(ORIGIN), 0, B(AXFR), NO_ORIGIN "axfr" },
	{ CMD_CHECK, B(ORIGIN), 0, B(CONFIG), NO_ORIGIN "config" },
	{ CMD_ZONES, B(WILDCARD), 0, B(NO_WILDCARD),
	  "--no-wildcard is --wildcard off: give one of them" },
	{ CMD_CHECK, B(FIX), 0, B(FORMAT), "--fix prints no report, so that --format" NOT_WITH },
	{ CMD_CHECK, B(SURVEY), 0, B(FIX), "--survey prints no cure, so that --fix" NOT_WITH },
	{ CMD_CHECK, B(SURVEY), 0, B(FORMAT), "--survey has one form, so that --format" NOT_WITH },
	{ CMD_CHECK, B(QUIET), 0, B(SURVEY), QUIET "survey" NOT_WITH },
	{ CMD_CHECK, B(QUIET), 0, B(FIX), QUIET "fix" NOT_WITH },
	{ CMD_ZONES, B(QUIET), 0, B(VERBOSE), QUIET "verbose" NOT_WITH },
	{ CMD_ZONES, B(QUIET), 0, B(FORMAT) | B(LIST_FORMAT), QUIET "format" NOT_WITH },
	{ CMD_CHECK, B(STDIN), 0, B(STDIN_TWICE),
	  "'-' is given twice, but there is one standard input" },
};

static bool agree(const options_t *opts)
{
	uint64_t given = opts->given | (opts->operand.count > 0 ? B(OPERAND) : 0);
	for (size_t i = 0; i < opts->operand.count; i++) {
		if (strcmp(opts->operand.item[i], "-") == 0) {
			given |= (given & B(STDIN)) != 0 ? B(STDIN_TWICE) : B(STDIN);
		}
	}
	given |= opts->format == FORMAT_PROMETHEUS ? B(METRICS) : 0;
	for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
		const rule_t *rule = &rules[i];
		bool concerned = (rule->commands & opts->command) != 0 &&
		                 (rule->given == 0 || (given & rule->given) != 0);
		bool lacks = rule->needs != 0 && (given & rule->needs) == 0;
		if (concerned && (lacks || (given & rule->excludes) != 0)) {
			complain(stderr, "%s", rule->text);
			return false;
		}
	}
	return true;
}

static bool check_operands(command_t command, const options_t *opts)
{
	if (command == CMD_EXPLAIN && opts->operand.count == 0) {
		complain(stderr, "explain what? 'caaudit findings' lists the ids");
		return false;
	}
	if (command == CMD_FINDINGS && opts->operand.count > 0) {
		complain(stderr, "findings takes no argument; try 'caaudit explain %s'",
		         opts->operand.item[0]);
		return false;
	}
	if (command == CMD_STATS && opts->operand.count > 0) {
		complain(stderr, "stats takes no argument; try --control '%s'",
		         opts->operand.item[0]);
		return false;
	}
	return (command & CMD_ZONES) == 0 || agree(opts);
}

bool words_add(words_t *words, const char *word)
{
	const char **item = array_extend(&words->item, &words->count, sizeof(*item));
	if (item == NULL) {
		complain(stderr, "%s", strerror(ENOMEM));
		return false;
	}
	*item = word;
	return true;
}

/* Finds a word among words separated by bars. */
static bool find_word(const char *words, const char *word, unsigned *out)
{
	size_t len = strlen(word);
	for (unsigned i = 0; *words != '\0'; i++) {
		size_t end = strcspn(words, "|");
		if (end == len && memcmp(words, word, len) == 0) {
			*out = i;
			return true;
		}
		words += end + (words[end] == '|');
	}
	return false;
}

static bool set_option(options_t *opts, int id, const char *value)
{
	const option_t *o = &option_table[id];
	void *place = (char *)opts + o->place;
	if (o->once && (opts->given & BIT(id)) != 0) {
		complain(stderr, "--%s is given twice", o->name);
		return false;
	}
	opts->given |= BIT(id);
	switch (o->kind) {
	case OPTION_FLAG:
		*(bool *)place = true;
		return true;
	case OPTION_TEXT:
		*(const char **)place = value;
		if (*value == '\0') {
			complain(stderr, "--%s: the argument is empty", o->name);
		}
		return *value != '\0';
	case OPTION_WORDS:
		if (o->parse == NULL) {
			return words_add(place, value);
		}
		break;
	case OPTION_ENUM:
		if (find_word(o->arg, value, place)) {
			return true;
		}
		complain(stderr, "--%s '%s': write one of %s", o->name, value, o->arg);
		return false;
	case OPTION_VALUE:
		break;
	}
	if (o->parse(value, place)) {
		return true;
	}
	if (o->wanted != NULL) {
		complain(stderr, "--%s '%s': write %s", o->name, value, o->wanted);
	}
	return false;
}

/* An option that the subcommand does not have, or that is cut too short. */
static void complain_unknown(command_t command, const char *word)
{
	char given[64];
	snprintf(given, sizeof(given), "%.*s", (int)strcspn(word, "="), word);
	const char *name = strlen(given) > 2 ? given + 2 : NULL;
	const char *known[OPT__COUNT];
	size_t count = 0;
	size_t begins = 0;
	for (const option_t *o = option_table; o->name != NULL; o++) {
		if (o->commands & command) {
			known[count++] = o->name;
			begins += name != NULL && strncmp(o->name, name, strlen(name)) == 0;
		}
	}
	const char *best = name != NULL ? nearest(name, known, count) : NULL;
	if (begins > 1) {
		complain(stderr, "option '%s' is ambiguous; 'caaudit %s --help' lists them", given,
		         command_name(command));
	} else if (best != NULL) {
		complain(stderr, "no option '%s'; did you mean '--%s'?", given, best);
	} else {
		complain(stderr, "no option '%s'; 'caaudit %s --help' lists them", given,
		         command_name(command));
	}
}

/* Where getopt's values of long options begin. */
#define LONG_BASE 256

/* What getopt_long() could not make sense of. */
static void complain_option(command_t command, int result, const char *word)
{
	const option_t *o = optopt >= LONG_BASE ? &option_table[optopt - LONG_BASE] : NULL;
	if (result == ':' && o != NULL) {
		complain(stderr, "--%s needs an argument: %s", o->name, o->arg);
	} else if (result == ':') {
		complain(stderr, "-%c needs an argument", optopt);
	} else if (o != NULL) {
		complain(stderr, "--%s takes no argument", o->name);
	} else if (optopt != 0) {
		char letter[2] = { (char)optopt, '\0' };
		complain(stderr, "no option '-%s'; 'caaudit %s --help' lists them", letter,
		         command_name(command));
	} else {
		complain_unknown(command, word);
	}
}

/* What getopt_long() has to know of a subcommand. */
typedef struct {
	struct option word[OPT__COUNT + 1];
	char letters[2 * OPT__COUNT + 2];
} getopt_t;

static void fill_getopt(command_t command, getopt_t *out)
{
	*out = (getopt_t){ .letters = ":" };
	struct option *word = out->word;
	char *letter = out->letters + 1;
	for (int i = 0; i < OPT__COUNT; i++) {
		const option_t *o = &option_table[i];
		if (!(o->commands & command)) {
			continue;
		}
		*word++ = (struct option){
			.name = o->name,
			.has_arg = o->arg != NULL ? required_argument : no_argument,
			.val = LONG_BASE + i,
		};
		if (o->letter != 0) {
			*letter++ = (char)o->letter;
		}
		if (o->letter != 0 && o->arg != NULL) {
			*letter++ = ':';
		}
	}
}

/* The option that getopt_long() has found, by its long form or its letter. */
static int find_option(int result)
{
	int id = result - LONG_BASE;
	for (int i = 0; result < LONG_BASE && i < OPT__COUNT; i++) {
		if (option_table[i].letter == result) {
			id = i;
		}
	}
	return id;
}

bool options_parse(command_t command, int argc, char **argv, options_t *out)
{
	*out = (options_t){
		.command = command,
		.jobs = 1,
		.rate = PROBE_RATE_DEFAULT,
		.fix = FIX_OFF,
		.fail_on = CAAUDIT_ERROR,
		.now = time(NULL),
		.control = CONTROL_DEFAULT,
	};
	(void)parse_server(SERVER_DEFAULT, &out->server);
	getopt_t table;
	fill_getopt(command, &table);
	opterr = 0;
	optind = 0; /* Lets getopt forget an earlier command line. */
	int result;
	while ((result = getopt_long(argc, argv, table.letters, table.word, NULL)) != -1) {
		if (result == '?' || result == ':') {
			complain_option(command, result, argv[optind - 1]);
			return false;
		}
		if (!set_option(out, find_option(result), optarg)) {
			return false;
		}
	}
	for (int i = optind; i < argc; i++) {
		if (!words_add(&out->operand, argv[i])) {
			return false;
		}
	}
	/* Of several servers the first is also the one to transfer from. */
	if (out->server_list.count > 0 && !parse_server(out->server_list.item[0], &out->server)) {
		return false;
	}
	return out->help || out->version || check_operands(command, out);
}

void options_free(options_t *opts)
{
	for (const option_t *o = option_table; o->name != NULL; o++) {
		if (o->kind == OPTION_WORDS) {
			free(((words_t *)((char *)opts + o->place))->item);
		}
	}
	free(opts->operand.item);
	knot_tsig_key_deinit(&opts->tsig);
}

/* Names and usage of the subcommands. */
static const struct {
	command_t command;
	const char *name;
	const char *usage;
	const char *end;
} helps[] = {
	{ CMD_CHECK, "check",
	  "Usage: caaudit check [OPTION]... ZONEFILE...        (-: standard input)\n"
	  "       or: --config KNOT.CONF, --live ZONE [--control SOCKET] [--transaction],\n"
	  "           --axfr ZONE [--server ADDR[@PORT]] [--tsig KEY]\n"
	  "       by RFC 8657: [--account-uri URI] [--validation-method NAME]\n"
	  "       if signed: [--ds DS] [--trust-anchor ANCHOR] [--rrsig-warning TIME]\n",
	  "*: repeatable.  Exit code: 0 clean, 1 findings, 2 could not check.  caaudit(1)\n" },
	{ CMD_PROBE, "probe",
	  "Usage: caaudit probe [OPTION]... ZONE...    (servers: as the parent says)\n"
	  "       caaudit probe [OPTION]... --config KNOT.CONF\n"
	  "       caaudit probe [OPTION]... --merge FILE...\n"
	  "       whom:      [--server ADDR[@PORT]]... [--resolver ADDR[@PORT]]...\n"
	  "       from where: [--root-hints FILE] [--parent ADDR[@PORT]]...\n"
	  "       the zone:  [--live ZONE [--control SOCKET]] [--axfr ZONE [--tsig KEY]]\n"
	  "       by RFC 8657: [--account-uri URI] [--validation-method NAME]\n"
	  "       if signed: [--ds DS] [--trust-anchor ANCHOR] [--rrsig-warning TIME]\n",
	  "*: repeatable.  Exit code: 0 clean, 1 findings, 2 could not check.  caaudit(1)\n" },
	{ CMD_FINDINGS, "findings",
	  "Usage: caaudit findings [OPTION]...\n"
	  "Lists what an audit can find.\n",
	  "" },
	{ CMD_EXPLAIN, "explain",
	  "Usage: caaudit explain [OPTION]... ID...\n"
	  "Says what a finding means, why it matters and how to cure it.\n",
	  "" },
	{ CMD_CAS, "cas",
	  "Usage: caaudit cas [OPTION]... [NAME]...\n"
	  "Says what is known of CAs: all, or those with the issuer domain name, the\n"
	  "owner or the product NAME.\n",
	  "" },
	{ CMD_STATS, "stats",
	  "Usage: caaudit stats [--control SOCKET]             [/run/knot/knot.sock]\n"
	  "Prints the counters of mod-caaudit in a running server for Prometheus.\n",
	  "" },
};

static size_t find_help(command_t command)
{
	size_t i = 0;
	while (helps[i].command != command) {
		i++;
	}
	return i;
}

const char *command_name(command_t command)
{
	return helps[find_help(command)].name;
}

#define HELP_COLUMN 36

static void help_line(const option_t *o, FILE *out)
{
	char left[80];
	char letter[] = { '-', (char)o->letter, ',', '\0' };
	snprintf(left, sizeof(left), "%3s --%s%s%s", o->letter != 0 ? letter : "", o->name,
	         o->arg != NULL ? " " : "", o->arg != NULL ? o->arg : "");
	fprintf(out, " %-*s %s\n", HELP_COLUMN, left, o->help);
}

void options_help(command_t command, FILE *out)
{
	fputs(helps[find_help(command)].usage, out);
	size_t pairs = 0;
	for (const option_t *o = option_table; o->name != NULL; o++) {
		if (!(o->commands & command)) {
			continue;
		}
		if (o->shown == HELP_LINE) {
			help_line(o, out);
		} else if (o->shown == HELP_PAIR) {
			fprintf(out, pairs % 2 == 0 ? " -%c, --%-8s %-22s" : "-%c, --%-8s %s\n",
			        o->letter, o->name, o->help);
			pairs++;
		}
	}
	fputs(helps[find_help(command)].end, out);
}
