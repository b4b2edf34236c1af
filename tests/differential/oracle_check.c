/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The second opinion as a command that takes the options of "caaudit check"
 * which the cases use, so that cases and oracle check each other.
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>
#include <libzscanner/scanner.h>

#include "oracle.h"

#define EXIT_BROKEN 2
#define CA_MAX      16

__attribute__((noreturn)) static void fail(const char *why)
{
	fprintf(stderr, "%s\n", why);
	exit(EXIT_BROKEN);
}

static oracle_name_t name_from_text(const char *text, const char *origin)
{
	char buf[2048];
	size_t len = strlen(text);
	if (strcmp(text, "@") == 0) {
		text = origin;
	} else if (len == 0 || text[len - 1] != '.') {
		snprintf(buf, sizeof(buf), "%s.%s", text, origin);
		text = buf;
	}
	knot_dname_storage_t wire;
	oracle_name_t out;
	if (knot_dname_from_str(wire, text, sizeof(wire)) == NULL ||
	    !oracle_name(&out, wire, knot_dname_size(wire))) {
		fail("bad name");
	}
	return out;
}

static void take(zs_scanner_t *scanner)
{
	oracle_zone_t *zone = scanner->process.data;
	oracle_name_t owner;
	if (!oracle_name(&owner, scanner->r_owner, scanner->r_owner_length) ||
	    !oracle_add(zone, &owner, scanner->r_type, scanner->r_data, scanner->r_data_length)) {
		fail("record out of bounds");
	}
}

static void stumble(zs_scanner_t *scanner)
{
	fprintf(stderr, "line %llu: %s\n", (unsigned long long)scanner->line_counter,
	        zs_strerror(scanner->error.code));
	exit(EXIT_BROKEN);
}

static void print_name(const oracle_name_t *name)
{
	knot_dname_txt_storage_t text;
	if (name->len == 0) {
		printf("null");
	} else if (knot_dname_to_str(text, name->wire, sizeof(text)) == NULL) {
		fail("name cannot be printed");
	} else {
		printf("\"%s\"", text);
	}
}

int main(int argc, char *argv[])
{
	static const struct option opts[] = {
		{ "format", required_argument, NULL, 'f' },
		{ "origin", required_argument, NULL, 'o' },
		{ "ca", required_argument, NULL, 'c' },
		{ "host", required_argument, NULL, 'h' },
		{ "account-uri", required_argument, NULL, 'a' },
		{ "validation-method", required_argument, NULL, 'm' },
		{ "no-wildcard", no_argument, NULL, 'n' },
		{ NULL, 0, NULL, 0 },
	};
	const char *origin = NULL, *host = NULL, *account = NULL, *method = NULL;
	const char *ca[CA_MAX];
	size_t ca_count = 0;
	bool wildcard = true;

	int opt;
	while ((opt = getopt_long(argc, argv, "o:", opts, NULL)) != -1) {
		switch (opt) {
		case 'f':
			break;
		case 'o':
			origin = optarg;
			break;
		case 'h':
			host = optarg;
			break;
		case 'a':
			account = optarg;
			break;
		case 'm':
			method = optarg;
			break;
		case 'n':
			wildcard = false;
			break;
		case 'c':
			if (ca_count == CA_MAX) {
				fail("too many CAs");
			}
			ca[ca_count++] = optarg;
			break;
		default:
			return EXIT_BROKEN;
		}
	}
	if (optind + 2 != argc || strcmp(argv[optind], "check") != 0 || origin == NULL ||
	    host == NULL) {
		fail("usage: oracle check -o ORIGIN --host HOST --ca CA [option...] FILE");
	}

	oracle_zone_t zone = { .apex = name_from_text("@", origin) };
	zs_scanner_t *scanner = malloc(sizeof(*scanner));
	if (scanner == NULL || zs_init(scanner, origin, KNOT_CLASS_IN, 3600) != 0 ||
	    zs_set_input_file(scanner, argv[optind + 1]) != 0 ||
	    zs_set_processing(scanner, take, stumble, &zone) != 0 || zs_parse_all(scanner) != 0) {
		fail("the zone cannot be read");
	}
	zs_deinit(scanner);
	free(scanner);

	printf("{\"hosts\":[");
	const char *comma = "";
	for (size_t i = 0; i < ca_count; i++) {
		for (int kind = 0; kind <= wildcard; kind++) {
			const char *self[2];
			oracle_question_t question = {
				.host = name_from_text(host, origin),
				.wildcard = kind,
				.issuer = oracle_issuers(ca[i], self),
				.account = account,
				.method = method,
			};
			oracle_answer_t answer;
			oracle_ask(&zone, &question, &answer);
			static const char *const verdict[] = { "false", "true", "null" };
			printf("%s{\"host\":", comma);
			print_name(&question.host);
			printf(",\"wildcard\":%s,\"ca\":\"%s\",\"permitted\":%s,\"decided_by\":",
			       kind ? "true" : "false", ca[i], verdict[answer.permitted]);
			print_name(&answer.decided_by);
			printf("}");
			comma = ",";
		}
	}
	printf("]}\n");
	oracle_free(&zone);
	return EXIT_SUCCESS;
}
