/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What is written in place of parameters that are slips of the pen, and what of them decides. */

#include "test.h"

#include "caaudit/cas.h"
#include "params.h"
#include "text.h"

#define NOW CAAUDIT_DAY(2026, 11, 28)

static caaudit_issue_t parse(const char *value)
{
	caaudit_issue_t issue;
	assert_int_equal(caaudit_issue_parse((const uint8_t *)value, strlen(value), &issue, NULL),
	                 KNOT_EOK);
	return issue;
}

#define ACCOUNT "accounturi=https://acme-v02.api.letsencrypt.org/acme/acct/1"

static void slips_are_corrected_and_the_rest_is_kept(void **state)
{
	(void)state;
	static const struct {
		const char *value, *mended;
		uint32_t fault;
	} tests[] = {
		{ "letsencrypt.org;verificationmethods=dns-01",
		  "letsencrypt.org; validationmethods=dns-01", PARAMS_UNKNOWN },
		{ "letsencrypt.org; validation-methods=dns-01; " ACCOUNT,
		  "letsencrypt.org; validationmethods=dns-01; " ACCOUNT, PARAMS_HYPHEN },
		{ "letsencrypt.org; a-b=c", "letsencrypt.org", PARAMS_HYPHEN },
		{ "letsencrypt.org; a-b=c; " ACCOUNT, "letsencrypt.org; " ACCOUNT, PARAMS_HYPHEN },
		{ "letsencrypt.org; validationmethods=DNS,Http-01",
		  "letsencrypt.org; validationmethods=dns-01,http-01",
		  PARAMS_METHOD_CASE | PARAMS_METHOD_UNKNOWN },
		{ "letsencrypt.org; validationmethods=dns-01,",
		  "letsencrypt.org; validationmethods=dns-01", PARAMS_METHODS_MALFORMED },
		{ "letsencrypt.org; validationmethods=dns_01",
		  "letsencrypt.org; validationmethods=dns-01", PARAMS_METHODS_MALFORMED },
		{ "letsencrypt.org; AccountURI=https://ca.example.net/acme/acct/A",
		  "letsencrypt.org; "
		  "accounturi=https://ca.example.net/acme/acct/A",
		  PARAMS_TAG_CASE },
		// What the fault is not about is as it was.
		{ "sectigo.com; x=y; ValidationMethods=ca-tbr-7",
		  "sectigo.com; x=y; validationmethods=ca-tbr-7", PARAMS_TAG_CASE },
		// What nobody can meet is not written.
		{ "letsencrypt.org; account=123456789", NULL, PARAMS_UNKNOWN },
		{ "letsencrypt.org; accounturi=1", NULL, PARAMS_ACCOUNT_NO_URI },
		{ "letsencrypt.org; validationmethods=", NULL, PARAMS_METHODS_EMPTY },
		{ "letsencrypt.org; validationmethods=,", NULL, PARAMS_METHODS_MALFORMED },
		{ "letsencrypt.org; validationmethods=none", NULL, PARAMS_METHODS_NONE },
		{ "letsencrypt.org; " ACCOUNT "; " ACCOUNT, NULL, PARAMS_ACCOUNT_TWICE },
		// Nor what cures nothing.
		{ "sectigo.com; x=y", NULL, PARAMS_UNKNOWN },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		text_t text = TEXT_EMPTY;
		bool mended = params_mend(parse(tests[i].value), NOW, tests[i].fault, &text);
		print_message("%s: %s\n", tests[i].value, text.str);
		assert_int_equal(mended, tests[i].mended != NULL);
		if (mended) {
			assert_string_equal(text.str, tests[i].mended);
		}
		text_free(&text);
	}
}

static void long_values_are_left_alone(void **state)
{
	(void)state;
	char value[1200];
	for (size_t len = 1022; len <= 1026; len++) {
		// "ca.example; " before the parameters, "a-b=" before the value.
		memset(value, 'x', sizeof(value));
		memcpy(value, "ca.example; a-b=", 16);
		value[12 + len] = '\0';
		text_t text = TEXT_EMPTY;
		assert_int_equal(params_mend(parse(value), NOW, PARAMS_HYPHEN, &text), len <= 1024);
		text_free(&text);
	}
}

static void what_decides_is_judged_without_the_rest(void **state)
{
	(void)state;
	static const struct {
		const char *value;
		uint32_t faults;
	} tests[] = {
		{ "letsencrypt.org; a-b=c; a-b=c; x=y", 0 },
		{ "letsencrypt.org; validationmethods=XYZ,tls-sni-01", 0 },
		{ "letsencrypt.org; validationmethods=email-reply-00", PARAMS_METHODS_NONE },
		{ "letsencrypt.org; validationmethods=none,dns01", PARAMS_METHODS_NONE },
		{ "letsencrypt.org; validationmethods=none,dns-02", 0 },
		{ "letsencrypt.org; validationmethods=ca-tbr-99", 0 },
		{ "letsencrypt.org; validationmethods=,", PARAMS_METHODS_MALFORMED },
		{ "letsencrypt.org; validationmethods=", PARAMS_METHODS_EMPTY },
		{ "letsencrypt.org; validationmethods=x-01; ValidationMethods=y-01",
		  PARAMS_METHODS_TWICE },
		{ "letsencrypt.org; accounturi=1", PARAMS_ACCOUNT_NO_URI },
		{ "letsencrypt.org; accounturi=acct:1@sectigo.com", PARAMS_ACCOUNT_FOREIGN },
		{ "ssl.com; accounturi=https://acme-try.ssl.com/1", PARAMS_ACCOUNT_STAGING },
		{ "ssl.com; accounturi=x:1; accounturi=x:2", PARAMS_ACCOUNT_TWICE },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].value);
		params_t decided, judged;
		params_decide(parse(tests[i].value), &decided);
		params_judge(parse(tests[i].value), NOW, &judged);
		assert_int_equal(decided.faults, tests[i].faults);
		assert_int_equal(decided.faults & ~judged.faults, 0);
		assert_int_equal(decided.faults & ~PARAMS_METHODS_NONE,
		                 judged.faults & (PARAMS_ACCOUNT_UNMET | PARAMS_METHODS_UNMET));
		assert_ptr_equal(decided.methods.value, judged.methods.value);
		assert_ptr_equal(decided.account.value, judged.account.value);
	}
}

static void the_method_that_ends_first_is_named(void **state)
{
	(void)state;
	static const struct {
		const char *methods, *ending;
	} tests[] = {
		{ "ca-tbr-7,dns-01", NULL },
		{ "ca-tbr-4,ca-tbr-7", "ca-tbr-4" },
		{ "ca-tbr-4,ca-tbr-16", "ca-tbr-16" },
		{ "ca-tbr-4,tls-sni-01,ca-tbr-16", "tls-sni-01" },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		char value[128];
		snprintf(value, sizeof(value), "sectigo.com; validationmethods=%s",
		         tests[i].methods);
		params_t params;
		params_judge(parse(value), NOW, &params);
		assert_int_equal(params.ending != NULL, tests[i].ending != NULL);
		if (params.ending != NULL) {
			assert_string_equal(params.ending->label, tests[i].ending);
		}
	}
}

static void days_are_written_as_the_calendar_has_them(void **state)
{
	(void)state;
	static const struct {
		uint64_t time;
		const char *day, *full;
	} tests[] = {
		{ 0, "1970-01-01", "1970-01-01 00:00 UTC" },
		{ CAAUDIT_DAY(2024, 2, 29), "2024-02-29", "2024-02-29 00:00 UTC" },
		{ CAAUDIT_DAY(2027, 3, 15) - 1, "2027-03-14", "2027-03-14 23:59 UTC" },
		{ CAAUDIT_DAY(2027, 3, 15), "2027-03-15", "2027-03-15 00:00 UTC" },
		{ CAAUDIT_DAY(2000, 12, 31), "2000-12-31", "2000-12-31 00:00 UTC" },
		{ CAAUDIT_DAY(2100, 3, 1), "2100-03-01", "2100-03-01 00:00 UTC" },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		text_t text = TEXT_EMPTY;
		text_day(&text, tests[i].time);
		assert_string_equal(text.str, tests[i].day);
		text_reset(&text);
		text_time(&text, tests[i].time);
		assert_string_equal(text.str, tests[i].full);
		text_free(&text);
	}
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(slips_are_corrected_and_the_rest_is_kept),
		cmocka_unit_test(long_values_are_left_alone),
		cmocka_unit_test(what_decides_is_judged_without_the_rest),
		cmocka_unit_test(the_method_that_ends_first_is_named),
		cmocka_unit_test(days_are_written_as_the_calendar_has_them),
	};
	return cmocka_run_group_tests(all, NULL, NULL);
}
