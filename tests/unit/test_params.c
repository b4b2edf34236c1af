/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Holds params.c to the cases of tests/parameters/cases.txt, the argument. */

#include "test.h"

#include <stdlib.h>
#include <time.h>

#include "caaudit/cas.h"
#include "params.h"

static const char *cases_path;

static const struct {
	const char *word;
	uint32_t fault;
} words[] = {
	{ "unknown", PARAMS_UNKNOWN },
	{ "hyphen", PARAMS_HYPHEN },
	{ "tag-case", PARAMS_TAG_CASE },
	{ "duplicate", PARAMS_DUPLICATE },
	{ "account-twice", PARAMS_ACCOUNT_TWICE },
	{ "account-no-uri", PARAMS_ACCOUNT_NO_URI },
	{ "account-staging", PARAMS_ACCOUNT_STAGING },
	{ "account-foreign", PARAMS_ACCOUNT_FOREIGN },
	{ "account-none", PARAMS_ACCOUNT_NONE },
	{ "account-runs-on", PARAMS_ACCOUNT_RUNS_ON },
	{ "methods-twice", PARAMS_METHODS_TWICE },
	{ "methods-empty", PARAMS_METHODS_EMPTY },
	{ "methods-malformed", PARAMS_METHODS_MALFORMED },
	{ "methods-none", PARAMS_METHODS_NONE },
	{ "never", 0 },
	{ "method-unknown", PARAMS_METHOD_UNKNOWN },
	{ "method-ended", PARAMS_METHOD_ENDED },
	{ "method-case", PARAMS_METHOD_CASE },
};

static const char *text(const char *meant)
{
	return meant != NULL ? meant : "";
}

/*! Compares what is found with the faults of a line; returns what is wrong, or NULL. */
static const char *compare(const params_t *params, char *faults)
{
	uint32_t expected = 0;
	const char *tag = "", *label = "";
	for (char *word = strtok(faults, ","); word != NULL; word = strtok(NULL, ",")) {
		if (strcmp(word, "-") == 0) {
			continue;
		} else if (word[0] == '+' || word[0] == '!') {
			if (params_admit(params, word + 1) != (word[0] == '+')) {
				return word;
			}
			continue;
		}
		char *meant = strchr(word, '=');
		if (meant != NULL) {
			*meant++ = '\0';
		}
		size_t i = 0;
		while (i < COUNT(words) && strcmp(words[i].word, word) != 0) {
			i++;
		}
		if (i == COUNT(words)) {
			return "a word that is no fault";
		}
		expected |= words[i].fault;
		*(words[i].fault == PARAMS_UNKNOWN ? &tag : &label) =
			meant != NULL                    ? meant :
			words[i].fault == PARAMS_UNKNOWN ? tag :
							   label;
	}
	return params->faults != expected                    ? "faults" :
	       strcmp(text(params->unknown_meant), tag) != 0 ? "tag that was meant" :
	       strcmp(text(params->label_meant), label) != 0 ? "label that was meant" :
	                                                       NULL;
}

static void every_case_is_judged_as_the_texts_say(void **state)
{
	(void)state;
	FILE *file = fopen(cases_path, "r");
	assert_non_null(file);
	char line[512];
	unsigned number = 0, cases = 0, wrong = 0;
	uint64_t now = 0;
	while (fgets(line, sizeof(line), file) != NULL) {
		number++;
		line[strcspn(line, "\n")] = '\0';
		struct tm day = { 0 };
		if (strncmp(line, "at ", 3) == 0) {
			assert_non_null(strptime(line + 3, "%Y-%m-%d", &day));
			now = (uint64_t)timegm(&day);
			continue;
		} else if (line[0] == '#' || line[0] == '\0' || strncmp(line, "from ", 5) == 0) {
			continue;
		}
		char *value = strchr(line, '\t');
		assert_non_null(value);
		*value++ = '\0';
		cases++;

		caaudit_issue_t issue;
		params_t params;
		const char *why = "not of the grammar";
		if (caaudit_issue_parse((const uint8_t *)value, strlen(value), &issue, NULL) ==
		    KNOT_EOK) {
			params_judge(issue, now, &params);
			why = compare(&params, line);
		}
		if (why != NULL) {
			print_error("%u: %s: %s (faults %#x)\n", number, value, why, params.faults);
			wrong++;
		}
	}
	fclose(file);
	assert_int_equal(wrong, 0);
	assert_true(cases >= 120);
}

static caaudit_issue_t parse(const char *value)
{
	caaudit_issue_t issue;
	assert_int_equal(caaudit_issue_parse((const uint8_t *)value, strlen(value), &issue, NULL),
	                 KNOT_EOK);
	return issue;
}

static void the_first_of_each_is_kept(void **state)
{
	(void)state;
	params_t params;
	params_judge(parse("ca1.example.net; foo=1; bar=2; accounturi=x:1; accounturi=x:2; "
	                   "validationmethods=dns-01,abc,DNS-01; validationmethods=b"),
	             CAAUDIT_DAY(2026, 11, 28), &params);
	assert_memory_equal(params.unknown.tag, "foo", 3);
	assert_memory_equal(params.account.value, "x:1", 3);
	assert_int_equal(params.methods.value_len, strlen("dns-01,abc,DNS-01"));
	assert_memory_equal(params.label, "abc", 3);
	assert_int_equal(params.label_len, 3);

	params_judge(parse("ca1.example.net"), 0, &params);
	assert_int_equal(params.faults, 0);
	assert_int_equal(params.unknown.tag_len + params.account.tag_len + params.methods.tag_len,
	                 0);
	assert_null(params.label);
	assert_null(params.account_owner);
}

static void the_owner_of_a_foreign_account_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *value, *owner;
	} tests[] = {
		{ "sectigo.com; accounturi=https://acme-v02.api.letsencrypt.org/acme/acct/1",
		  "Let's Encrypt" },
		{ "letsencrypt.org; accounturi=https://acme-staging-v02.api.letsencrypt.org/a",
		  "Let's Encrypt" },
		{ "letsencrypt.org; accounturi=acct:1@trust-provider.com", "Sectigo" },
		{ "letsencrypt.org; accounturi=x:1", NULL },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		params_t params;
		params_judge(parse(tests[i].value), 0, &params);
		if (tests[i].owner == NULL) {
			assert_null(params.account_owner);
		} else {
			assert_string_equal(params.account_owner, tests[i].owner);
		}
	}
}

/* As many parameters, equal ones, or labels as fit into a record. */
static void the_longest_values_are_judged(void **state)
{
	(void)state;
	enum { MAX = 65535 };
	static char value[MAX + 32];
	for (unsigned kind = 0; kind < 3; kind++) {
		size_t len = sprintf(value, kind < 2 ? "a;" : "a;validationmethods=a");
		for (unsigned i = 0; len < MAX - 16; i++) {
			len += sprintf(value + len,
			               kind == 0 ? "%x=" :
			               kind == 1 ? "a=" :
			                           ",%x",
			               i);
			if (kind < 2 && len < MAX - 16) {
				value[len++] = ';';
			}
		}
		len -= value[len - 1] == ';';
		value[len] = '\0';
		params_t params;
		params_judge(parse(value), 0, &params);
		assert_int_equal(params.faults,
		                 kind == 0 ? PARAMS_UNKNOWN :
		                 kind == 1 ? PARAMS_UNKNOWN | PARAMS_DUPLICATE :
		                             PARAMS_METHOD_UNKNOWN | PARAMS_METHODS_NONE);
	}
}

/* A URI or label that is cut anywhere is read no further than it goes. */
static void values_are_not_read_beyond_their_end(void **state)
{
	(void)state;
	static const char *const values[] = {
		"a;accounturi=acct:x@sectigo.com:1",
		"a;accounturi=https://u@acme-v02.api.letsencrypt.org:443/acme/acct/1",
		"a;validationmethods=ca-tbr-7,DNS-01,ca-x",
		"a;verification-methods-and-more-than-thirty-two-letters=1",
	};
	for (size_t i = 0; i < COUNT(values); i++) {
		for (size_t len = 0; len <= strlen(values[i]); len++) {
			uint8_t *copy = malloc(len > 0 ? len : 1);
			assert_non_null(copy);
			memcpy(copy, values[i], len);
			caaudit_issue_t issue;
			params_t params;
			if (caaudit_issue_parse(copy, len, &issue, NULL) == KNOT_EOK) {
				params_judge(issue, 0, &params);
				(void)params_admit(&params, "dns-01");
			}
			free(copy);
		}
	}
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		print_error("usage: test_params CASES\n");
		return 1;
	}
	cases_path = argv[1];
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_case_is_judged_as_the_texts_say),
		cmocka_unit_test(the_first_of_each_is_kept),
		cmocka_unit_test(the_owner_of_a_foreign_account_is_named),
		cmocka_unit_test(the_longest_values_are_judged),
		cmocka_unit_test(values_are_not_read_beyond_their_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
