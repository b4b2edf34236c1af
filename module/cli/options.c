/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libknot/errcode.h>
#include <libknot/error.h>

#include "options.h"
#include "probe.h"
#include "text.h"
#include "values.h"

#define JOBS_MAX 256

enum {
	OPT_ORIGIN,
	OPT_CA,
	OPT_HOST,
	OPT_NO_WILDCARD,
	OPT_STRICT,
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
	OPT_AXFR,
	OPT_SERVER,
	OPT_SERVERS,
	OPT_RESOLVER,
	OPT_ZONE,
	OPT_RATE,
	OPT_MERGE,
	OPT_TSIG,
	OPT_CONFIG,
	OPT_FORMAT,
	OPT_FIX,
	OPT_FAIL_ON,
	OPT_FORCE,
	OPT_JOBS,
	OPT_QUIET,
	OPT_VERBOSE,
	OPT_HELP,
	OPT_VERSION,
	OPT__COUNT
};

#define CMD_ALL   (CMD_CHECK | CMD_FINDINGS | CMD_EXPLAIN | CMD_PROBE)
#define CMD_ZONES (CMD_CHECK | CMD_PROBE)

const option_t option_table[] = {
	[OPT_ORIGIN] = { 'o', "origin", "ZONE", CMD_CHECK, false, HELP_LINE,
	                 "zone name [file name without \".zone\"]" },
	[OPT_CA] = { 0, "ca", "NAME", CMD_ZONES, true, HELP_LINE,
	             "CA that is to issue [sectigo.com]*" },
	[OPT_HOST] = { 0, "host", "NAME", CMD_ZONES, true, HELP_LINE,
	               "name that needs a certificate [@]*" },
	[OPT_NO_WILDCARD] = { 0, "no-wildcard", NULL, CMD_ZONES, false, HELP_LINE,
	                      "the wildcards of the hosts need none" },
	[OPT_STRICT] = { 0, "strict", NULL, CMD_ZONES, false, HELP_LINE,
	                 "demand no CAA, or issue and issuewild" },
	[OPT_VALIDATION] = { 0, "validation", "'OWNER TARGET'", CMD_ZONES, true, HELP_LINE,
	                     "validation CNAME that must exist*" },
	[OPT_VALIDATION_FILE] = { 0, "validation-file", "FILE", CMD_ZONES, true, HELP_LINE,
	                          "the same, as a master file*" },
	[OPT_ACCOUNT_URI] = { 0, "account-uri", "URI", CMD_ZONES, false, HELP_LINE,
	                      "account at the CA (RFC 8657)" },
	[OPT_VALIDATION_METHOD] = { 0, "validation-method", "NAME", CMD_ZONES, false, HELP_LINE,
	                            "method that the CA will use (RFC 8657)" },
	[OPT_DS] = { 0, "ds", "DS", CMD_ZONES, true, HELP_USAGE, "DS of the zone at its parent" },
	[OPT_TRUST_ANCHOR] = { 0, "trust-anchor", "ANCHOR", CMD_ZONES, true, HELP_USAGE,
	                       "DS or DNSKEY of a zone" },
	[OPT_RRSIG_WARNING] = { 0, "rrsig-warning", "TIME", CMD_ZONES, false, HELP_USAGE,
	                        "least time that signatures must last" },
	[OPT_NOW] = { 0, "now", "TIME", CMD_ZONES, false, HELP_LINE,
	              "judge at that time: epoch, ISO 8601" },
	[OPT_LIVE] = { 0, "live", "ZONE", CMD_ZONES, false, HELP_USAGE, "zone of a running knotd" },
	[OPT_CONTROL] = { 0, "control", "SOCKET", CMD_ZONES, false, HELP_USAGE,
	                  "control socket of knotd, for --live" },
	[OPT_AXFR] = { 0, "axfr", "ZONE", CMD_ZONES, false, HELP_USAGE, "zone to transfer" },
	[OPT_SERVER] = { 0, "server", "ADDR[@PORT]", CMD_CHECK, false, HELP_USAGE,
	                 "server, for --axfr" },
	[OPT_SERVERS] = { 0, "server", "ADDR[@PORT]", CMD_PROBE, true, HELP_USAGE,
	                  "name server to ask" },
	[OPT_RESOLVER] = { 0, "resolver", "ADDR[@PORT]", CMD_PROBE, true, HELP_USAGE,
	                   "recursive resolver to ask" },
	[OPT_ZONE] = { 0, "zone", "FILE", CMD_PROBE, false, HELP_LINE,
	               "zone file to compare with" },
	[OPT_RATE] = { 0, "rate", "N", CMD_PROBE, false, HELP_LINE,
	               "queries a second to one address [20]" },
	[OPT_MERGE] = { 0, "merge", NULL, CMD_PROBE, false, HELP_USAGE,
	                "put reports of several places together" },
	[OPT_TSIG] = { 0, "tsig", "[ALG:]NAME:KEY", CMD_ZONES, false, HELP_USAGE,
	               "key, for --axfr" },
	[OPT_CONFIG] = { 0, "config", "KNOT.CONF", CMD_ZONES, false, HELP_USAGE,
	                 "every zone of a server's configuration" },
	[OPT_FORMAT] = { 0, "format", "text|json", CMD_ALL, false, HELP_LINE,
	                 "form of the report [text]" },
	[OPT_FIX] = { 0, "fix", "zonefile|knotc|nsupdate", CMD_CHECK, false, HELP_LINE,
	              "print the cure instead of the report" },
	[OPT_FAIL_ON] = { 0, "fail-on", "error|warning|notice", CMD_ZONES, false, HELP_LINE,
	                  "exit 1 from this severity on [error]" },
	[OPT_FORCE] = { 0, "force", NULL, CMD_CHECK, false, HELP_LINE,
	                "audit what could be read of a broken file" },
	[OPT_JOBS] = { 'j', "jobs", "N", CMD_CHECK, false, HELP_LINE,
	               "zones checked at the same time [1]" },
	[OPT_QUIET] = { 'q', "quiet", NULL, CMD_ZONES, false, HELP_PAIR, "only the exit code" },
	[OPT_VERBOSE] = { 'v', "verbose", NULL, CMD_ZONES, false, HELP_PAIR,
	                  "details and timings" },
	[OPT_HELP] = { 'h', "help", NULL, CMD_ALL, false, HELP_PAIR, "this help" },
	[OPT_VERSION] = { 'V', "version", NULL, CMD_ALL, false, HELP_PAIR, "the version" },
	[OPT__COUNT] = { 0 },
};

/* Where getopt's values of options without a letter begin. */
#define LONG_BASE 256

static const char *const format_word[] = { "text", "json", NULL };
static const char *const fix_word[] = { "", "zonefile", "knotc", "nsupdate", NULL };
static const char *const severity_word[] = { "error", "warning", "notice", NULL };

const char *command_name(command_t command)
{
	switch (command) {
	case CMD_CHECK:
		return "check";
	case CMD_FINDINGS:
		return "findings";
	case CMD_EXPLAIN:
		return "explain";
	case CMD_PROBE:
		return "probe";
	}
	return "";
}

static bool list_add(list_t *list, const char *word)
{
	const char **item = realloc(list->item, (list->count + 1) * sizeof(*item));
	if (item == NULL) {
		complain(stderr, "%s", strerror(ENOMEM));
		return false;
	}
	item[list->count++] = word;
	list->item = item;
	return true;
}

static bool one_of(const char *option, const char *const *words, const char *value, int *out)
{
	for (int i = 0; words[i] != NULL; i++) {
		if (words[i][0] != '\0' && strcmp(words[i], value) == 0) {
			*out = i;
			return true;
		}
	}
	for (const option_t *o = option_table; o->name != NULL; o++) {
		if (strcmp(o->name, option) == 0) {
			complain(stderr, "--%s '%s': write one of %s", option, value, o->arg);
		}
	}
	return false;
}

static bool set_once(const char **where, const char *option, const char *value)
{
	if (*where != NULL) {
		complain(stderr, "--%s is given twice", option);
		return false;
	}
	if (*value == '\0') {
		complain(stderr, "--%s: the argument is empty", option);
		return false;
	}
	*where = value;
	return true;
}

static bool set_jobs(options_t *opts, const char *value)
{
	char *end = NULL;
	errno = 0;
	unsigned long n = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end != '\0' || errno != 0 || n < 1 || n > JOBS_MAX) {
		complain(stderr, "--jobs '%s': write a number from 1 to %d", value, JOBS_MAX);
		return false;
	}
	opts->jobs = n;
	return true;
}

static bool set_rate(options_t *opts, const char *value)
{
	char *end = NULL;
	errno = 0;
	unsigned long n = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || *end != '\0' || errno != 0 || n < 1 ||
	    n > PROBE_RATE_MAX) {
		complain(stderr, "--rate '%s': write a number from 1 to %d", value, PROBE_RATE_MAX);
		return false;
	}
	opts->rate = n;
	return true;
}

/* Of several servers the first is also the one to transfer from. */
static bool add_server(options_t *opts, list_t *list, const char *option, const char *value)
{
	struct sockaddr_storage addr;
	if (!parse_server(value, &addr)) {
		complain(stderr, "--%s '%s': write an address, or address@port", option, value);
		return false;
	}
	if (list == &opts->server_list && !opts->server_given) {
		opts->server = addr;
		opts->server_given = true;
	}
	return list_add(list, value);
}

static bool set_tsig(options_t *opts, const char *value)
{
	if (opts->tsig.name != NULL) {
		complain(stderr, "--tsig is given twice");
		return false;
	}
	if (value[0] == '@' && access(value + 1, R_OK) != 0) {
		char why[128];
		complain(stderr, "--tsig '%s': %s", value, errno_text(errno, why, sizeof(why)));
		return false;
	}
	int ret = value[0] == '@' ? knot_tsig_key_init_file(&opts->tsig, value + 1) :
	                            knot_tsig_key_init_str(&opts->tsig, value);
	if (ret != KNOT_EOK) {
		/* The key is a secret: it is not repeated. */
		complain(stderr, "--tsig: %s; write [ALG:]NAME:KEY with KEY in Base64, or @FILE",
		         knot_strerror(ret));
		opts->tsig = (knot_tsig_key_t){ 0 };
		return false;
	}
	return true;
}

static bool apply(options_t *opts, int id, const char *value)
{
	int word = 0;
	switch (id) {
	case OPT_ORIGIN:
		return set_once(&opts->origin, "origin", value);
	case OPT_CA:
		return list_add(&opts->ca, value);
	case OPT_HOST:
		return list_add(&opts->host, value);
	case OPT_NO_WILDCARD:
		opts->no_wildcard = true;
		return true;
	case OPT_STRICT:
		opts->strict = true;
		return true;
	case OPT_VALIDATION:
		return list_add(&opts->validation, value);
	case OPT_VALIDATION_FILE:
		return list_add(&opts->validation_file, value);
	case OPT_ACCOUNT_URI:
		return set_once(&opts->account_uri, "account-uri", value);
	case OPT_VALIDATION_METHOD:
		return set_once(&opts->method, "validation-method", value);
	case OPT_DS:
		return list_add(&opts->ds, value);
	case OPT_TRUST_ANCHOR:
		return list_add(&opts->trust_anchor, value);
	case OPT_RRSIG_WARNING:
		if (opts->rrsig_warning > 0) {
			complain(stderr, "--rrsig-warning is given twice");
			return false;
		}
		if (!parse_duration(value, &opts->rrsig_warning)) {
			complain(stderr, "--rrsig-warning '%s': write a time such as 36h or 3d",
			         value);
			return false;
		}
		return true;
	case OPT_NOW:
		if (!parse_time(value, &opts->now)) {
			complain(stderr,
			         "--now '%s': write seconds since the epoch, "
			         "YYYY-MM-DD[THH:MM[:SS]][Z|+HH:MM] or YYYYMMDDHHMMSS",
			         value);
			return false;
		}
		return true;
	case OPT_LIVE:
		return set_once(&opts->live, "live", value);
	case OPT_CONTROL:
		return set_once(&opts->control, "control", value);
	case OPT_AXFR:
		return set_once(&opts->axfr, "axfr", value);
	case OPT_SERVER:
		if (!parse_server(value, &opts->server)) {
			complain(stderr, "--server '%s': write an address, or address@port", value);
			return false;
		}
		opts->server_given = true;
		return true;
	case OPT_SERVERS:
		return add_server(opts, &opts->server_list, "server", value);
	case OPT_RESOLVER:
		return add_server(opts, &opts->resolver, "resolver", value);
	case OPT_ZONE:
		return set_once(&opts->zone_file, "zone", value);
	case OPT_RATE:
		return set_rate(opts, value);
	case OPT_MERGE:
		opts->merge = true;
		return true;
	case OPT_TSIG:
		return set_tsig(opts, value);
	case OPT_CONFIG:
		return set_once(&opts->config, "config", value);
	case OPT_FORMAT:
		if (!one_of("format", format_word, value, &word)) {
			return false;
		}
		opts->format = word;
		opts->format_given = true;
		return true;
	case OPT_FIX:
		if (!one_of("fix", fix_word, value, &word)) {
			return false;
		}
		opts->fix = word;
		return true;
	case OPT_FAIL_ON:
		if (!one_of("fail-on", severity_word, value, &word)) {
			return false;
		}
		opts->fail_on = word;
		return true;
	case OPT_FORCE:
		opts->force = true;
		return true;
	case OPT_JOBS:
		return set_jobs(opts, value);
	case OPT_QUIET:
		opts->quiet = true;
		return true;
	case OPT_VERBOSE:
		opts->verbose = true;
		return true;
	case OPT_HELP:
		opts->help = true;
		return true;
	case OPT_VERSION:
		opts->version = true;
		return true;
	}
	return false;
}

/* What getopt_long() could not make sense of. */
static void complain_option(command_t command, int result, char **argv)
{
	const char *word = argv[optind - 1];
	if (result == ':') {
		if (optopt >= LONG_BASE) {
			const option_t *o = &option_table[optopt - LONG_BASE];
			complain(stderr, "--%s needs an argument: %s", o->name, o->arg);
		} else {
			complain(stderr, "-%c needs an argument", optopt);
		}
		return;
	}
	if (optopt >= LONG_BASE) {
		complain(stderr, "--%s takes no argument", option_table[optopt - LONG_BASE].name);
		return;
	}
	if (optopt != 0) {
		char letter[2] = { (char)optopt, '\0' };
		complain(stderr, "no option '-%s'; 'caaudit %s --help' lists them", letter,
		         command_name(command));
		return;
	}

	size_t len = strcspn(word, "=");
	char given[64];
	snprintf(given, sizeof(given), "%.*s", (int)len, word);
	const char *near[OPT__COUNT];
	size_t count = 0;
	for (const option_t *o = option_table; o->name != NULL; o++) {
		if (o->command & command) {
			near[count++] = o->name;
		}
	}
	const char *best = strlen(given) > 2 ? nearest(given + 2, near, count) : NULL;
	size_t begins = 0;
	for (size_t i = 0; i < count; i++) {
		begins += strlen(given) > 2 && strncmp(near[i], given + 2, strlen(given) - 2) == 0;
	}
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

/* The same for probe. */
static bool agree_probe(const options_t *opts)
{
	int sources = (opts->operand.count > 0) + (opts->live != NULL) + (opts->axfr != NULL) +
	              (opts->config != NULL);
	size_t asked = opts->server_list.count + opts->resolver.count;
	if (opts->quiet && (opts->verbose || opts->format_given)) {
		complain(stderr, "--quiet prints nothing, so that --%s does not go with it",
		         opts->verbose ? "verbose" : "format");
		return false;
	}
	if (opts->merge) {
		if (opts->operand.count == 0) {
			complain(stderr,
			         "merge what? 'caaudit probe --format json' writes such files");
			return false;
		}
		if (sources > 1 || asked > 0 || opts->zone_file != NULL) {
			complain(stderr,
			         "--merge asks nobody: give files, but no zones and servers");
			return false;
		}
		return true;
	}
	if (sources != 1) {
		complain(stderr, sources == 0 ?
		                         "no zone given; see 'caaudit probe --help'" :
		                         "give zones, or --live, --axfr or --config, but not "
		                         "two of them");
		return false;
	}
	if (asked == 0 && opts->config == NULL) {
		complain(stderr, "whom to ask? give --server ADDR[@PORT], or --resolver");
		return false;
	}
	if ((opts->live != NULL) != (opts->control != NULL)) {
		complain(stderr,
		         opts->live != NULL ?
		                 "--live needs --control SOCKET, such as /run/knot/knot.sock" :
		                 "--control goes with --live ZONE");
		return false;
	}
	if (opts->axfr != NULL && !opts->server_given) {
		complain(stderr, "--axfr needs --server ADDR[@PORT]");
		return false;
	}
	if (opts->tsig.name != NULL && opts->axfr == NULL) {
		complain(stderr, "--tsig goes with --axfr ZONE");
		return false;
	}
	if (opts->zone_file != NULL && (opts->live != NULL || opts->axfr != NULL)) {
		complain(stderr, "--zone and --%s are two zones to compare with, but one is needed",
		         opts->live != NULL ? "live" : "axfr");
		return false;
	}
	return true;
}

/* Options that exclude or need each other. */
static bool agree(command_t command, const options_t *opts)
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
	if (command == CMD_PROBE) {
		return agree_probe(opts);
	}
	if (command != CMD_CHECK) {
		return true;
	}

	int sources = (opts->operand.count > 0) + (opts->live != NULL) + (opts->axfr != NULL) +
	              (opts->config != NULL);
	if (sources == 0) {
		complain(stderr, "no zone file given ('-' is the standard input); "
		                 "see 'caaudit check --help'");
		return false;
	}
	if (sources > 1) {
		complain(stderr,
		         "give zone files, or --live, --axfr or --config, but not two of them");
		return false;
	}
	if (opts->live != NULL && opts->control == NULL) {
		complain(stderr, "--live needs --control SOCKET, such as /run/knot/knot.sock");
		return false;
	}
	if (opts->axfr != NULL && !opts->server_given) {
		complain(stderr, "--axfr needs --server ADDR[@PORT]");
		return false;
	}
	if (opts->control != NULL && opts->live == NULL) {
		complain(stderr, "--control goes with --live ZONE");
		return false;
	}
	if ((opts->server_given || opts->tsig.name != NULL) && opts->axfr == NULL) {
		complain(stderr, "--%s goes with --axfr ZONE",
		         opts->server_given ? "server" : "tsig");
		return false;
	}
	if (opts->origin != NULL && opts->operand.count == 0) {
		complain(stderr, "--origin goes with zone files, but not with --%s",
		         opts->live != NULL ? "live" :
		         opts->axfr != NULL ? "axfr" :
		                              "config");
		return false;
	}
	if (opts->fix != FIX_OFF && opts->format_given) {
		complain(stderr, "--fix prints no report, so that --format does not go with it");
		return false;
	}
	if (opts->quiet && (opts->fix != FIX_OFF || opts->verbose || opts->format_given)) {
		complain(stderr, "--quiet prints nothing, so that --%s does not go with it",
		         opts->fix != FIX_OFF ? "fix" :
		         opts->verbose        ? "verbose" :
		                                "format");
		return false;
	}
	size_t stdin_count = 0;
	for (size_t i = 0; i < opts->operand.count; i++) {
		stdin_count += strcmp(opts->operand.item[i], "-") == 0;
	}
	if (stdin_count > 1) {
		complain(stderr, "'-' is given twice, but there is one standard input");
		return false;
	}
	if (stdin_count > 0 && opts->origin == NULL) {
		complain(stderr, "the standard input has no name: give the zone with -o ZONE");
		return false;
	}
	return true;
}

bool options_parse(command_t command, int argc, char **argv, options_t *out)
{
	*out = (options_t){
		.command = command,
		.jobs = 1,
		.rate = PROBE_RATE_DEFAULT,
		.fail_on = CAAUDIT_ERROR,
		.now = time(NULL),
	};

	struct option longopts[OPT__COUNT + 1] = { 0 };
	char letters[2 * OPT__COUNT + 2] = ":";
	size_t count = 0;
	size_t len = 1;
	for (int i = 0; i < OPT__COUNT; i++) {
		const option_t *o = &option_table[i];
		if (!(o->command & command)) {
			continue;
		}
		longopts[count++] = (struct option){
			.name = o->name,
			.has_arg = o->arg != NULL ? required_argument : no_argument,
			.val = LONG_BASE + i,
		};
		if (o->letter != 0) {
			letters[len++] = (char)o->letter;
			if (o->arg != NULL) {
				letters[len++] = ':';
			}
		}
	}

	opterr = 0;
	optind = 0; /* Lets getopt forget an earlier command line. */
	int result;
	while ((result = getopt_long(argc, argv, letters, longopts, NULL)) != -1) {
		if (result == '?' || result == ':') {
			complain_option(command, result, argv);
			return false;
		}
		int id = result - LONG_BASE;
		for (int i = 0; result < LONG_BASE && i < OPT__COUNT; i++) {
			if (option_table[i].letter == result) {
				id = i;
			}
		}
		if (!apply(out, id, optarg)) {
			return false;
		}
	}
	for (int i = optind; i < argc; i++) {
		if (!list_add(&out->operand, argv[i])) {
			return false;
		}
	}
	return out->help || out->version || agree(command, out);
}

void options_free(options_t *opts)
{
	free(opts->operand.item);
	free(opts->ca.item);
	free(opts->host.item);
	free(opts->validation.item);
	free(opts->validation_file.item);
	free(opts->ds.item);
	free(opts->trust_anchor.item);
	free(opts->server_list.item);
	free(opts->resolver.item);
	knot_tsig_key_deinit(&opts->tsig);
}

#define HELP_COLUMN 34

static void help_line(const option_t *o, FILE *out)
{
	char left[80];
	int len = 0;
	if (o->letter != 0) {
		len = snprintf(left, sizeof(left), "-%c, --%s", o->letter, o->name);
	} else {
		len = snprintf(left, sizeof(left), "    --%s", o->name);
	}
	if (o->arg != NULL) {
		len += snprintf(left + len, sizeof(left) - len, " %s", o->arg);
	}
	fprintf(out, " %-*s %s\n", HELP_COLUMN, left, o->help);
}

void options_help(command_t command, FILE *out)
{
	switch (command) {
	case CMD_CHECK:
		fputs("Usage: caaudit check [OPTION]... ZONEFILE...        "
		      "(-: standard input)\n"
		      "       caaudit check [OPTION]... --live ZONE --control SOCKET\n"
		      "       caaudit check [OPTION]... --axfr ZONE --server ADDR[@PORT] "
		      "[--tsig KEY]\n"
		      "       caaudit check [OPTION]... --config KNOT.CONF\n"
		      "       if signed: [--ds DS] [--trust-anchor ANCHOR] "
		      "[--rrsig-warning TIME]\n",
		      out);
		break;
	case CMD_PROBE:
		fputs("Usage: caaudit probe [OPTION]... ZONE... --server ADDR[@PORT]...\n"
		      "       caaudit probe [OPTION]... --config KNOT.CONF\n"
		      "       caaudit probe [OPTION]... --merge FILE...\n"
		      "       whom else: [--resolver ADDR[@PORT]]...\n"
		      "       the zone:  [--live ZONE --control SOCKET] [--axfr ZONE [--tsig KEY]]\n"
		      "       if signed: [--ds DS] [--trust-anchor ANCHOR] "
		      "[--rrsig-warning TIME]\n",
		      out);
		break;
	case CMD_FINDINGS:
		fputs("Usage: caaudit findings [OPTION]...\n"
		      "Lists what an audit can find.\n",
		      out);
		break;
	case CMD_EXPLAIN:
		fputs("Usage: caaudit explain [OPTION]... ID...\n"
		      "Says what a finding means, why it matters and how to cure it.\n",
		      out);
		break;
	}

	size_t pairs = 0;
	for (const option_t *o = option_table; o->name != NULL; o++) {
		if (!(o->command & command)) {
			continue;
		}
		if (o->place == HELP_LINE) {
			help_line(o, out);
		} else if (o->place == HELP_PAIR) {
			fprintf(out, pairs % 2 == 0 ? " -%c, --%-8s %-22s" : "-%c, --%-8s %s\n",
			        o->letter, o->name, o->help);
			pairs++;
		}
	}
	if (command & CMD_ZONES) {
		fputs("*: repeatable.  Exit code: 0 clean, 1 findings, 2 could not check.  "
		      "caaudit(1)\n",
		      out);
	}
}
