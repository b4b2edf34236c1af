/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "test.h"

#include "caaudit/policy.h"

static int new_policy(void **state)
{
	*state = caaudit_policy_new(dname("Example.COM."));
	return *state == NULL;
}

static int free_policy(void **state)
{
	caaudit_policy_free(*state);
	return 0;
}

/*! A reason that suits conf-check: lower case, no full stop. */
static void check_why(const char *why)
{
	assert_non_null(why);
	size_t len = strlen(why);
	assert_true(len > 0);
	assert_true(why[0] >= 'a' && why[0] <= 'z');
	assert_true(why[len - 1] != '.');
}

static void a_new_policy_wants_nothing_but_wildcards(void **state)
{
	const caaudit_policy_t *policy = *state;
	assert_string_equal(dname_text(policy->zone), ZONE);
	assert_int_equal(policy->ca_count, 0);
	assert_int_equal(policy->host_count, 0);
	assert_int_equal(policy->validation_count, 0);
	assert_null(policy->account_uri);
	assert_null(policy->method);
	assert_true(policy->wildcard);
	assert_false(policy->strict);
	caaudit_policy_free(NULL);
}

static void cas_are_issuer_domain_names(void **state)
{
	static const char *const good[] = {
		"ca.example.net",   "ca", "0", "a-b.example", "1.2", "CA2.Example.NET",
		"ca3.example.net.",
	};
	static const char *const bad[] = {
		"",           ".",       "..",        "ca.example.net..",
		".ca",        "ca..net", "-ca",       "ca-",
		"*.ca",       "_ca",     "ca;",       "ca; a=b",
		";",          " ca",     "ca ",       "ca net",
		"https://ca", "\"ca\"",  "c\xc3\xa4",
	};
	caaudit_policy_t *policy = *state;
	const char *why = NULL;
	for (size_t i = 0; i < COUNT(good); i++) {
		print_message("%s\n", good[i]);
		assert_int_equal(caaudit_policy_add_ca(policy, good[i], &why), KNOT_EOK);
		assert_null(why);
		assert_int_equal(policy->ca_count, i + 1);
	}
	for (size_t i = 0; i < COUNT(bad); i++) {
		print_message("'%s'\n", bad[i]);
		why = NULL;
		assert_int_equal(caaudit_policy_add_ca(policy, bad[i], &why), KNOT_EINVAL);
		check_why(why);
		assert_int_equal(caaudit_policy_add_ca(policy, bad[i], NULL), KNOT_EINVAL);
		assert_int_equal(policy->ca_count, COUNT(good));
	}
	assert_string_equal(policy->ca[5].name, "ca2.example.net");
	assert_string_equal(policy->ca[6].name, "ca3.example.net");
}

static void a_ca_name_has_253_characters_at_most(void **state)
{
	caaudit_policy_t *policy = *state;
	char name[260];
	for (size_t len = 252; len <= 254; len++) {
		memset(name, 'a', len);
		name[len] = '\0';
		assert_int_equal(caaudit_policy_add_ca(policy, name, NULL),
		                 len <= 253 ? KNOT_EOK : KNOT_EINVAL);
		strcpy(name + len, ".");
		assert_int_equal(caaudit_policy_add_ca(policy, name, NULL),
		                 len <= 253 ? KNOT_EOK : KNOT_EINVAL);
	}
	assert_int_equal(policy->ca_count, 2);
}

static bool accepts(const caaudit_ca_t *ca, const char *name)
{
	return caaudit_ca_accepts(ca, (const uint8_t *)name, strlen(name));
}

static void a_known_ca_stands_for_all_its_names(void **state)
{
	static const struct {
		const char *wanted, *published;
	} tests[] = {
		{ "sectigo.com", "sectigo.com" },
		{ "usertrust.com", "usertrust.com" },
		{ "Trust-Provider.com", "trust-provider.com" },
		{ "comodo.com", "sectigo.com" },
		{ "comodoca.com.", "sectigo.com" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].wanted);
		caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
		assert_int_equal(caaudit_policy_add_ca(policy, tests[i].wanted, NULL), KNOT_EOK);
		const caaudit_ca_t *ca = &policy->ca[0];
		assert_string_equal(ca->name, tests[i].published);
		assert_true(accepts(ca, "sectigo.com"));
		assert_true(accepts(ca, "SECTIGO.COM"));
		assert_true(accepts(ca, "comodo.com"));
		assert_true(accepts(ca, "usertrust.com"));
		assert_false(accepts(ca, "sectigo.co"));
		assert_false(accepts(ca, "sectigo.comm"));
		assert_false(accepts(ca, "letsencrypt.org"));
		assert_false(accepts(ca, ""));

		// Once is enough, whatever the name.
		assert_int_equal(caaudit_policy_add_ca(policy, "sectigo.com", NULL), KNOT_EOK);
		assert_int_equal(caaudit_policy_add_ca(policy, "usertrust.com.", NULL), KNOT_EOK);
		assert_int_equal(caaudit_policy_add_ca(policy, "comodo.com", NULL), KNOT_EOK);
		assert_int_equal(policy->ca_count, 1);
		assert_int_equal(caaudit_policy_add_ca(policy, "letsencrypt.org", NULL), KNOT_EOK);
		assert_int_equal(policy->ca_count, 2);
		caaudit_policy_free(policy);
	}
}

static void an_unknown_ca_has_one_name(void **state)
{
	caaudit_policy_t *policy = *state;
	assert_int_equal(caaudit_policy_add_ca(policy, "ca.example.net", NULL), KNOT_EOK);
	assert_int_equal(caaudit_policy_add_ca(policy, "CA.example.net.", NULL), KNOT_EOK);
	assert_int_equal(policy->ca_count, 1);
	assert_true(accepts(&policy->ca[0], "Ca.Example.Net"));
	assert_false(accepts(&policy->ca[0], "example.net"));
	assert_false(accepts(&policy->ca[0], "ca.example.net."));
}

static void hosts_are_names_in_the_zone(void **state)
{
	static const struct {
		const char *host;
		int ret;
		const char *name;
	} tests[] = {
		{ "@", KNOT_EOK, "example.com." },
		{ "www", KNOT_EOK, "www.example.com." },
		{ "WWW2.Example.com.", KNOT_EOK, "www2.example.com." },
		{ "a.b", KNOT_EOK, "a.b.example.com." },
		{ "_a", KNOT_EOK, "_a.example.com." },
		{ "a.*", KNOT_EOK, "a.*.example.com." },
		{ "www.example.com", KNOT_EOK, "www.example.com.example.com." },
		{ "*", KNOT_EINVAL, NULL },
		{ "*.www", KNOT_EINVAL, NULL },
		{ "*.example.net.", KNOT_EINVAL, NULL },
		{ "", KNOT_EINVAL, NULL },
		{ "a..b", KNOT_EINVAL, NULL },
		{ "a b", KNOT_EINVAL, NULL },
		{ "www.example.net.", KNOT_ERANGE, NULL },
		{ "com.", KNOT_ERANGE, NULL },
		{ ".", KNOT_ERANGE, NULL },
	};
	caaudit_policy_t *policy = *state;
	size_t count = 0;
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("'%s'\n", tests[i].host);
		const char *why = NULL;
		assert_int_equal(caaudit_policy_add_host(policy, tests[i].host, &why),
		                 tests[i].ret);
		if (tests[i].ret == KNOT_EINVAL) {
			check_why(why);
			assert_int_equal(caaudit_policy_add_host(policy, tests[i].host, NULL),
			                 KNOT_EINVAL);
		}
		count += tests[i].ret == KNOT_EOK;
		assert_int_equal(policy->host_count, count);
		if (tests[i].ret == KNOT_EOK) {
			assert_string_equal(dname_text(policy->host[count - 1]), tests[i].name);
		}
	}
	// A second time nothing is added.
	assert_int_equal(caaudit_policy_add_host(policy, "www.example.com.", NULL), KNOT_EOK);
	assert_int_equal(caaudit_policy_add_host(policy, "WWW", NULL), KNOT_EOK);
	assert_int_equal(policy->host_count, count);
}

static void validations_are_an_owner_and_perhaps_a_target(void **state)
{
	static const struct {
		const char *text;
		int ret;
		const char *owner, *target;
	} tests[] = {
		{ "_a", KNOT_EOK, "_a.example.com.", NULL },
		{ "_a b.example.net", KNOT_EOK, "_a.example.com.", "b.example.net." },
		{ "_a b.example.net.", KNOT_EOK, "_a.example.com.", "b.example.net." },
		{ "_A.example.COM. B.example.net.", KNOT_EOK, "_a.example.com.", "b.example.net." },
		{ " \t_a \t b.example.net \t ", KNOT_EOK, "_a.example.com.", "b.example.net." },
		{ "_a ", KNOT_EOK, "_a.example.com.", NULL },
		{ "@ b.example.net", KNOT_EOK, "example.com.", "b.example.net." },
		{ "_a .", KNOT_EOK, "_a.example.com.", "." },
		{ "", KNOT_EINVAL, NULL, NULL },
		{ " ", KNOT_EINVAL, NULL, NULL },
		{ "a..b c", KNOT_EINVAL, NULL, NULL },
		{ "_a b..c", KNOT_EINVAL, NULL, NULL },
		{ "_a @", KNOT_EINVAL, NULL, NULL },
		{ "_a b.example.net c", KNOT_EINVAL, NULL, NULL },
		{ "_a CNAME b.example.net.", KNOT_EINVAL, NULL, NULL },
		{ "_a.example.net. b.example.net", KNOT_ERANGE, NULL, NULL },
		{ "_a.example.net.", KNOT_ERANGE, NULL, NULL },
	};
	caaudit_policy_t *policy = *state;
	size_t count = 0;
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("'%s'\n", tests[i].text);
		const char *why = NULL;
		assert_int_equal(caaudit_policy_add_validation(policy, tests[i].text, &why),
		                 tests[i].ret);
		if (tests[i].ret == KNOT_EINVAL) {
			check_why(why);
		}
		count += tests[i].ret == KNOT_EOK;
		assert_int_equal(policy->validation_count, count);
		if (tests[i].ret == KNOT_EOK) {
			const caaudit_expected_t *expected = &policy->validation[count - 1];
			assert_string_equal(dname_text(expected->owner), tests[i].owner);
			assert_string_equal(dname_text(expected->target),
			                    tests[i].target == NULL ? "-" : tests[i].target);
		}
	}
	// A word longer than any name.
	char text[3000];
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(caaudit_policy_add_validation(policy, text, NULL), KNOT_EINVAL);
	memcpy(text, "_a ", 3);
	assert_int_equal(caaudit_policy_add_validation(policy, text, NULL), KNOT_EINVAL);
	assert_int_equal(policy->validation_count, count);
}

static void validations_by_wire_names_are_copied(void **state)
{
	caaudit_policy_t *policy = *state;
	knot_dname_storage_t owner, target;
	memcpy(owner, dname("_A.Example.com."), knot_dname_size(dname("_A.Example.com.")));
	memcpy(target, dname("B.example.net."), knot_dname_size(dname("B.example.net.")));
	assert_int_equal(caaudit_policy_add_expected(policy, owner, target, NULL), KNOT_EOK);
	assert_int_equal(caaudit_policy_add_expected(policy, owner, NULL, NULL), KNOT_EOK);
	assert_int_equal(caaudit_policy_add_expected(policy, target, owner, NULL), KNOT_ERANGE);
	memset(owner, 0, sizeof(owner));
	memset(target, 0, sizeof(target));
	assert_int_equal(policy->validation_count, 2);
	assert_string_equal(dname_text(policy->validation[0].owner), "_a.example.com.");
	assert_string_equal(dname_text(policy->validation[0].target), "b.example.net.");
	assert_null(policy->validation[1].target);
}

static void texts_are_copied(void **state)
{
	caaudit_policy_t *policy = *state;
	uint8_t rdata[] = { 1, 'a', 0, 2, 'b', '"' };
	const char *why = NULL;
	const knot_dname_t *owner = dname("_A.Www.example.com.");
	assert_int_equal(caaudit_policy_add_expected_txt(policy, owner, rdata, 6, &why), KNOT_EOK);
	for (uint16_t len = 0; len < 6; len++) {
		// Strings end after two and three octets as well.
		bool whole = len == 2 || len == 3;
		size_t count = policy->validation_count;
		why = NULL;
		assert_int_equal(caaudit_policy_add_expected_txt(policy, owner, rdata, len, &why),
		                 whole ? KNOT_EOK : KNOT_EINVAL);
		assert_int_equal(policy->validation_count, count + whole);
		if (!whole) {
			check_why(why);
		}
	}
	assert_int_equal(caaudit_policy_add_expected_txt(policy, dname("_a.example.net."), rdata, 6,
	                                                 NULL),
	                 KNOT_ERANGE);
	memset(rdata, 0, sizeof(rdata));
	char *text = caaudit_expected_text(&policy->validation[0], 60);
	assert_string_equal(text, "_a.www.example.com. 60 TXT \"a\" \"\" \"b\\\"\"");
	free(text);
	assert_string_equal(dname_text(caaudit_policy_host(policy, policy->host_count)),
	                    "www.example.com.");
	caaudit_policy_keep_validations(policy, 1);
	assert_int_equal(policy->validation_count, 1);
	assert_int_equal(caaudit_policy_add_expected_txt(policy, dname(ZONE), (const uint8_t *)"",
	                                                 1, NULL),
	                 KNOT_EOK);
	assert_string_equal(dname_text(caaudit_policy_host(policy, policy->host_count + 1)), ZONE);
}

static void there_is_room_for_so_many(void **state)
{
	caaudit_policy_t *policy = *state;
	static const struct {
		int (*add)(caaudit_policy_t *policy, const char *text, const char **why);
		const char *name;
	} tests[] = {
		{ caaudit_policy_add_ca, "ca" },
		{ caaudit_policy_add_host, "h" },
		{ caaudit_policy_add_validation, "_v" },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		char text[32];
		const char *why = NULL;
		for (unsigned j = 0; j < CAAUDIT_POLICY_MAX; j++) {
			(void)snprintf(text, sizeof(text), "%s%u", tests[i].name, j);
			assert_int_equal(tests[i].add(policy, text, &why), KNOT_EOK);
		}
		assert_null(why);
		(void)snprintf(text, sizeof(text), "%s%d", tests[i].name, CAAUDIT_POLICY_MAX);
		assert_int_equal(tests[i].add(policy, text, NULL), KNOT_ELIMIT);
		assert_int_equal(tests[i].add(policy, text, &why), KNOT_ELIMIT);
		check_why(why);
	}
	assert_int_equal(policy->ca_count, CAAUDIT_POLICY_MAX);
	assert_int_equal(policy->host_count, CAAUDIT_POLICY_MAX);
	assert_int_equal(policy->validation_count, CAAUDIT_POLICY_MAX);
	// One that is there already needs no room.
	assert_int_equal(caaudit_policy_add_host(policy, "H9999", NULL), KNOT_EOK);
}

static void the_account_is_a_uri(void **state)
{
	caaudit_policy_t *policy = *state;
	const char *why = NULL;
	assert_int_equal(caaudit_policy_set_account(policy, "ca.example.net/1", &why), KNOT_EINVAL);
	check_why(why);
	assert_null(policy->account_uri);
	assert_int_equal(caaudit_policy_set_account(policy, "https://ca.example.net/1", &why),
	                 KNOT_EOK);
	assert_string_equal(policy->account_uri, "https://ca.example.net/1");
	assert_int_equal(caaudit_policy_set_account(policy, "", &why), KNOT_EINVAL);
	assert_string_equal(policy->account_uri, "https://ca.example.net/1");
	assert_int_equal(caaudit_policy_set_account(policy, "urn:x", NULL), KNOT_EOK);
	assert_string_equal(policy->account_uri, "urn:x");
}

static void the_method_is_a_label(void **state)
{
	caaudit_policy_t *policy = *state;
	const char *why = NULL;
	assert_int_equal(caaudit_policy_set_method(policy, "dns_01", &why), KNOT_EINVAL);
	check_why(why);
	assert_int_equal(caaudit_policy_set_method(policy, "", NULL), KNOT_EINVAL);
	assert_int_equal(caaudit_policy_set_method(policy, "dns-01,http-01", NULL), KNOT_EINVAL);
	assert_null(policy->method);
	assert_int_equal(caaudit_policy_set_method(policy, "dns-01", &why), KNOT_EOK);
	assert_int_equal(caaudit_policy_set_method(policy, "ca-tbr-7", &why), KNOT_EOK);
	assert_string_equal(policy->method, "ca-tbr-7");
}

static void items_are_limited(void **state)
{
	caaudit_policy_t *policy = *state;
	char text[32];
	for (unsigned i = 0; i <= 10000; i++) {
		bool fits = i < 10000;
		snprintf(text, sizeof(text), "_%u", i);
		assert_int_equal(caaudit_policy_add_validation(policy, text, NULL) == KNOT_EOK,
		                 fits);
		// The other two compare with all before.
		if (i < 100 || !fits) {
			snprintf(text, sizeof(text), "h%u", i);
			assert_int_equal(caaudit_policy_add_host(policy, text, NULL), KNOT_EOK);
			assert_int_equal(caaudit_policy_add_ca(policy, text, NULL), KNOT_EOK);
		}
	}
	assert_int_equal(policy->validation_count, 10000);
	assert_int_equal(policy->host_count, 101);
	assert_int_equal(policy->ca_count, 101);
}

static void the_root_zone_has_hosts_too(void **state)
{
	(void)state;
	caaudit_policy_t *policy = caaudit_policy_new(dname("."));
	assert_int_equal(caaudit_policy_add_host(policy, "@", NULL), KNOT_EOK);
	assert_int_equal(caaudit_policy_add_host(policy, "test", NULL), KNOT_EOK);
	assert_int_equal(caaudit_policy_add_host(policy, "www.test.", NULL), KNOT_EOK);
	assert_int_equal(policy->host_count, 3);
	assert_string_equal(dname_text(policy->host[1]), "test.");
	caaudit_policy_free(policy);
}

#define WITH_POLICY(test) cmocka_unit_test_setup_teardown(test, new_policy, free_policy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_POLICY(a_new_policy_wants_nothing_but_wildcards),
		WITH_POLICY(cas_are_issuer_domain_names),
		WITH_POLICY(a_ca_name_has_253_characters_at_most),
		cmocka_unit_test(a_known_ca_stands_for_all_its_names),
		WITH_POLICY(an_unknown_ca_has_one_name),
		WITH_POLICY(hosts_are_names_in_the_zone),
		WITH_POLICY(validations_are_an_owner_and_perhaps_a_target),
		WITH_POLICY(validations_by_wire_names_are_copied),
		WITH_POLICY(texts_are_copied),
		WITH_POLICY(there_is_room_for_so_many),
		WITH_POLICY(the_account_is_a_uri),
		WITH_POLICY(the_method_is_a_label),
		WITH_POLICY(items_are_limited),
		cmocka_unit_test(the_root_zone_has_hosts_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
