/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "test.h"

#include "collide.h"
#include "policy.h"

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

static void a_ca_name_is_no_longer_than_a_domain_name(void **state)
{
	caaudit_policy_t *policy = *state;
	char name[260];
	for (size_t len = 252; len <= 254; len++) {
		memset(name, 'a', len);
		for (size_t i = 63; i < len; i += 64) {
			name[i] = '.';
		}
		name[len] = '\0';
		assert_int_equal(caaudit_policy_add_ca(policy, name, NULL),
		                 len <= 253 ? KNOT_EOK : KNOT_EINVAL);
		strcpy(name + len, ".");
		assert_int_equal(caaudit_policy_add_ca(policy, name, NULL),
		                 len <= 253 ? KNOT_EOK : KNOT_EINVAL);
	}
	assert_int_equal(policy->ca_count, 2);
	for (size_t len = 63; len <= 64; len++) {
		memset(name, 'a', len);
		strcpy(name + len, ".net");
		assert_int_equal(caaudit_policy_add_ca(policy, name, NULL),
		                 len <= 63 ? KNOT_EOK : KNOT_EINVAL);
	}
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
		// Of several the one is advised that the CA names first.
		assert_string_equal(policy->ca[0].name, "sectigo.com");
		assert_int_equal(caaudit_policy_add_ca(policy, "letsencrypt.org", NULL), KNOT_EOK);
		assert_int_equal(policy->ca_count, 2);
		caaudit_policy_free(policy);
	}
}

/* Others may accept the name that a CA is wanted by. */
static void cas_with_a_name_in_common_are_two(void **state)
{
	static const char *const pairs[][2] = {
		{ "digicert.com", "amazon.com" },
		{ "amazon.com", "digicert.com" },
		{ "sectigo.com", "ssl.com" },
		{ "ssl.com", "entrust.net" },
	};
	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
		for (size_t j = 0; j < 4; j++) {
			assert_int_equal(caaudit_policy_add_ca(policy, pairs[i][j % 2], NULL),
			                 KNOT_EOK);
		}
		assert_int_equal(policy->ca_count, 2);
		assert_string_equal(policy->ca[0].name, pairs[i][0]);
		assert_string_equal(policy->ca[1].name, pairs[i][1]);
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
	// A second time nothing stays.
	assert_int_equal(caaudit_policy_add_host(policy, "www.example.com.", NULL), KNOT_EOK);
	assert_int_equal(caaudit_policy_add_host(policy, "WWW", NULL), KNOT_EOK);
	assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
	assert_int_equal(policy->host_count, count);
	assert_int_equal(policy->named_count, count);
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
		// What no CA asks for, and what has lost its final dot.
		{ "_a.* b.example.net", KNOT_EINVAL, NULL, NULL },
		{ "*.www b.example.net", KNOT_EINVAL, NULL, NULL },
		{ "_a.www.example.com b.example.net", KNOT_EINVAL, NULL, NULL },
		{ "_a.www.example.com.example.com. b.example.net", KNOT_EOK,
		  "_a.www.example.com.example.com.", "b.example.net." },
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

static void texts_are_taken_as_consoles_and_zone_files_show_them(void **state)
{
	static const struct {
		const char *text;
		const char *shown; /* NULL = it is refused. */
	} tests[] = {
		{ "_a TXT b", "_a.example.com. 3600 TXT \"b\"" },
		{ " _a \ttxt \t b; c=d  e \t", "_a.example.com. 3600 TXT \"b; c=d  e\"" },
		{ "_a TXT b\"c\\", "_a.example.com. 3600 TXT \"b\\\"c\\\\\"" },
		{ "_a TXT \"b\"", "_a.example.com. 3600 TXT \"b\"" },
		{ "_a TXT \"b; \" \"c\" ", "_a.example.com. 3600 TXT \"b; c\"" },
		{ "_a TXT \"b\"\"c\"", "_a.example.com. 3600 TXT \"bc\"" },
		{ "_a TXT \"\"", "_a.example.com. 3600 TXT \"\"" },
		{ "_a TXT \"\\\"\\\\\\065\"", "_a.example.com. 3600 TXT \"\\\"\\\\A\"" },
		{ "_a TXT \"b", NULL },
		{ "_a TXT \"b\" c", NULL },
		{ "_a TXT \"\\256\"", NULL },
		{ "_a TXT \"\\25\"", NULL },
		{ "_a TXT \"\\", NULL },
		{ "_a TXT \"\\1", NULL },
	};
	caaudit_policy_t *policy = *state;
	size_t count = 0;
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("'%s'\n", tests[i].text);
		const char *why = NULL;
		int ret = caaudit_policy_add_validation(policy, tests[i].text, &why);
		assert_int_equal(ret, tests[i].shown != NULL ? KNOT_EOK : KNOT_EINVAL);
		if (tests[i].shown == NULL) {
			check_why(why);
			continue;
		}
		char *shown = caaudit_expected_text(&policy->validation[count++]);
		assert_string_equal(shown, tests[i].shown);
		free(shown);
	}
	assert_int_equal(policy->validation_count, count);
	// A script whose token is empty means no target.
	assert_int_equal(caaudit_policy_add_validation(policy, "_a TXT", NULL), KNOT_EINVAL);
	assert_int_equal(caaudit_policy_add_validation(policy, "_a cname ", NULL), KNOT_EINVAL);
	assert_int_equal(policy->validation_count, count);

	// The longest text, divided into strings; one more octet is refused.
	char text[60008] = "_a TXT ";
	memset(text + 7, 'x', 60000);
	assert_int_equal(caaudit_policy_add_validation(policy, text, NULL), KNOT_EOK);
	assert_int_equal(policy->validation[count].txt_len, 60000 + 60000 / 255 + 1);
	char *longer = malloc(60009);
	memcpy(longer, text, 60007);
	memcpy(longer + 60007, "x", 2);
	assert_int_equal(caaudit_policy_add_validation(policy, longer, NULL), KNOT_EINVAL);
	free(longer);
}

static void the_host_of_a_text_is_above_all_its_labels(void **state)
{
	static const struct {
		const char *text, *host; /* No host: none is added. */
	} tests[] = {
		{ "_acme-challenge.a TXT x", "a.example.com." },
		{ "_0123456789abcdef._acme-challenge.b TXT x", "b.example.com." },
		{ "_validation-persist.c TXT x", "c.example.com." },
		{ "_0123456789abcdef.d TXT x", "d.example.com." },
		{ "_ip-validation-persist.e TXT x", NULL },
	};
	caaudit_policy_t *policy = *state;
	size_t count = 0;
	for (size_t i = 0; i < COUNT(tests); i++) {
		assert_int_equal(caaudit_policy_add_validation(policy, tests[i].text, NULL),
		                 KNOT_EOK);
	}
	assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
	for (size_t i = 0; i < COUNT(tests); i++) {
		if (tests[i].host != NULL) {
			assert_string_equal(dname_text(policy->host[count++]), tests[i].host);
		}
	}
	assert_int_equal(policy->host_count, count);
}

static void validations_by_wire_names_are_copied(void **state)
{
	caaudit_policy_t *policy = *state;
	knot_dname_storage_t owner, target;
	memcpy(owner, dname("_A.Example.com."), knot_dname_size(dname("_A.Example.com.")));
	memcpy(target, dname("B.example.net."), knot_dname_size(dname("B.example.net.")));
	assert_int_equal(caaudit_policy_add_expected(policy, owner, target, 3600, NULL), KNOT_EOK);
	assert_int_equal(caaudit_policy_add_expected(policy, owner, NULL, 3600, NULL), KNOT_EOK);
	assert_int_equal(caaudit_policy_add_expected(policy, target, owner, 3600, NULL),
	                 KNOT_ERANGE);
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
	assert_int_equal(caaudit_policy_add_expected_txt(policy, owner, rdata, 6, 60, &why),
	                 KNOT_EOK);
	for (uint16_t len = 0; len < 6; len++) {
		// Strings end after two and three octets as well.
		bool whole = len == 2 || len == 3;
		size_t count = policy->validation_count;
		why = NULL;
		assert_int_equal(caaudit_policy_add_expected_txt(policy, owner, rdata, len, 3600,
		                                                 &why),
		                 whole ? KNOT_EOK : KNOT_EINVAL);
		assert_int_equal(policy->validation_count, count + whole);
		if (!whole) {
			check_why(why);
		}
	}
	assert_int_equal(caaudit_policy_add_expected_txt(policy, dname("_a.example.net."), rdata, 6,
	                                                 3600, NULL),
	                 KNOT_ERANGE);
	memset(rdata, 0, sizeof(rdata));
	char *text = caaudit_expected_text(&policy->validation[0]);
	assert_string_equal(text, "_a.www.example.com. 60 TXT \"a\" \"\" \"b\\\"\"");
	free(text);
	caaudit_policy_truncate_validations(policy, 1);
	assert_int_equal(policy->validation_count, 1);
	caaudit_policy_truncate_validations(policy, 2);
	assert_int_equal(policy->validation_count, 1);
	assert_int_equal(caaudit_policy_add_expected_txt(policy, dname(ZONE), (const uint8_t *)"",
	                                                 1, 3600, NULL),
	                 KNOT_EOK);
	assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
	assert_int_equal(policy->host_count, 2);
	assert_int_equal(policy->named_count, 0);
	assert_string_equal(dname_text(policy->host[0]), "www.example.com.");
	assert_string_equal(dname_text(policy->host[1]), ZONE);
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
	// A CA that is there already needs no room; hosts are compared at the end.
	assert_int_equal(caaudit_policy_add_ca(policy, "CA9999", NULL), KNOT_EOK);
	assert_int_equal(caaudit_policy_add_host(policy, "H9999", NULL), KNOT_ELIMIT);
	assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
	// All the validations are for the zone's name.
	assert_int_equal(policy->host_count, CAAUDIT_POLICY_MAX + 1);
	assert_int_equal(policy->named_count, CAAUDIT_POLICY_MAX);
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

/* --- The index ----------------------------------------------------------------------------------- */

static void add_all(caaudit_policy_t *policy, const char *items,
                    int (*add)(caaudit_policy_t *, const char *, const char **))
{
	char *list = strdup(items), *rest = list;
	for (char *item; (item = strsep(&rest, "|")) != NULL;) {
		assert_int_equal(items[0] == '\0' ? KNOT_EOK : add(policy, item, NULL), KNOT_EOK);
	}
	free(list);
}

/*! "OWNER" alone; the text is always the same. */
static int add_text(caaudit_policy_t *policy, const char *owner, const char **why)
{
	static const uint8_t rdata[] = "\3one";
	return caaudit_policy_add_expected_txt(policy, dname(owner), rdata, sizeof(rdata) - 1, 3600,
	                                       why);
}

static void hosts_are_those_named_and_those_of_validations(void **state)
{
	(void)state;
	static const struct {
		const char *hosts, *validations, *texts;
		const char *expected;
		size_t named;
	} tests[] = {
		{ "", "", "", "", 0 },
		{ "b|a", "", "", "b.example.com. a.example.com. ", 2 },
		{ "b|B|a|b.example.com.|A", "", "", "b.example.com. a.example.com. ", 2 },
		{ "@|b", "_x.a y.|_x.b y.|_z.a y.", "",
		  "example.com. b.example.com. a.example.com. ", 2 },
		{ "", "_x.a y.|_z.A y.|_x y.", "", "a.example.com. example.com. ", 0 },
		/* The name above a CNAME, and above a text with an underscore; else its owner. */
		{ "", "x.a y.|@ y.", "", "a.example.com. ", 0 },
		{ "", "", "_x.a.example.com.|x.b.example.com.|example.com.|_x.example.com.",
		  "a.example.com. x.b.example.com. example.com. ", 0 },
		{ "a|c|a", "_x.a y.|_x.b y.|_x.c y.|_x.b z.",
		  "a.example.com.|b.example.com.|d.example.com.",
		  "a.example.com. c.example.com. b.example.com. d.example.com. ", 2 },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s; %s; %s\n", tests[i].hosts, tests[i].validations, tests[i].texts);
		caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
		add_all(policy, tests[i].hosts, caaudit_policy_add_host);
		add_all(policy, tests[i].validations, caaudit_policy_add_validation);
		add_all(policy, tests[i].texts, add_text);
		assert_false(policy->finished);
		assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
		assert_true(policy->finished);
		char hosts[512] = "";
		for (size_t j = 0; j < policy->host_count; j++) {
			strcat(hosts, dname_text(policy->host[j]));
			strcat(hosts, " ");
		}
		assert_string_equal(hosts, tests[i].expected);
		assert_int_equal(policy->named_count, tests[i].named);
		caaudit_policy_free(policy);
	}
}

/*! All that a policy says of a name, as "ROLE NUMBER" each. */
static const char *mentions(const caaudit_policy_t *policy, const char *name)
{
	static const char *const roles[] = { "host", "expected", "above", "none" };
	static char text[512];
	text[0] = '\0';
	const caaudit_mention_t *item;
	for (size_t pos = 0; (item = caaudit_policy_find(policy, dname(name), &pos)) != NULL;) {
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s %u ",
		         roles[item->role], item->nth);
	}
	return text;
}

static void a_name_is_found_in_all_its_roles(void **state)
{
	static const struct {
		const char *name, *expected;
	} tests[] = {
		{ "example.com.", "host 2 " },
		{ "www.example.com.", "host 0 " },
		{ "b.a.example.com.", "host 1 " },
		{ "_x.b.a.example.com.", "expected 0 expected 2 " },
		{ "_x.a.example.com.", "expected 3 above 0 above 2 " },
		{ "_x.example.com.", "expected 1 above 0 above 2 above 3 " },
		{ "a.example.com.", "host 3 " },
		{ "_y.a.example.com.", "expected 4 " },
		{ "_y.example.com.", "" }, /* Of a text nobody asks above the host. */
		{ "_x.b.example.com.", "" },
		{ "x.b.a.example.com.", "" },
		{ "_x.c.b.a.example.com.", "" },
		{ "_x.com.", "" },
		{ "com.", "" },
		{ ".", "" },
		{ "_x.example.net.", "" },
		{ "t.example.com.", "host 4 expected 5 " },
	};
	caaudit_policy_t *policy = *state;
	add_all(policy, "WWW|b.a", caaudit_policy_add_host);
	add_all(policy, "_X.b.a y.|_x y.|_x.b.A|_x.a z.", caaudit_policy_add_validation);
	add_all(policy, "_y.a.example.com.|t.example.com.", add_text);
	assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].name);
		assert_string_equal(mentions(policy, tests[i].name), tests[i].expected);
	}
}

/*! Does a policy say that of a name? The definitions, one by one, over all it has. */
static bool is_mentioned(const caaudit_policy_t *policy, const knot_dname_t *name,
                         caaudit_role_t role, size_t nth)
{
	if (role == CAAUDIT_NAME_HOST) {
		return nth < policy->host_count && knot_dname_is_equal(policy->host[nth], name);
	} else if (nth >= policy->validation_count) {
		return false;
	}
	const caaudit_expected_t *expected = &policy->validation[nth];
	if (role == CAAUDIT_NAME_EXPECTED) {
		return knot_dname_is_equal(expected->owner, name);
	} else if (role == CAAUDIT_NAME_NONE || expected->txt != NULL || name[0] == 0 ||
	           knot_dname_is_equal(expected->owner, policy->zone) ||
	           memcmp(name, expected->owner, 1 + (size_t)name[0]) != 0) {
		return false;
	}
	// The same label, and the rest is above the host, in the zone.
	const knot_dname_t *host = expected->owner + 1 + expected->owner[0];
	const knot_dname_t *above = name + 1 + name[0];
	return knot_dname_in_bailiwick(host, above) > 0 &&
	       knot_dname_in_bailiwick(above, policy->zone) >= 0;
}

static void random_name(char *out, uint64_t *random)
{
	static const char *const labels[] = { "a.", "b.", "_x.", "_y.", "*." };
	*out = '\0';
	for (unsigned i = zone_random(random) % 5; i > 0; i--) {
		strcat(out, labels[zone_random(random) % COUNT(labels)]);
	}
	strcat(out, ZONE);
}

static void the_index_says_what_the_definitions_say(void **state)
{
	(void)state;
	static const uint8_t texts[][5] = { "\3one", "\3two", "\1a\1b", "\2ab" };
	// The hash of a target is that of the name.
	static const char *const targets[] = { "a.example.net.", "A.example.com.",
		                               "b.a.example.com." };
	uint64_t random = 8659;
	size_t found = 0;
	for (unsigned round = 0; round < 300; round++) {
		char name[64];
		caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
		for (unsigned i = zone_random(&random) % 6; i > 0; i--) {
			random_name(name, &random);
			int ret = caaudit_policy_add_host(policy, name, NULL);
			assert_true(ret == KNOT_EOK || name[0] == '*');
		}
		for (unsigned i = zone_random(&random) % 8; i > 0; i--) {
			random_name(name, &random);
			unsigned which = zone_random(&random) % 8;
			int ret = which < 4 ?
			                  caaudit_policy_add_expected_txt(
						  policy, dname(name), texts[which],
						  strlen((const char *)texts[which]), 3600, NULL) :
			                  caaudit_policy_add_expected(
						  policy, dname(name),
						  which == 7 ? NULL : dname(targets[which - 4]),
						  3600, NULL);
			assert_int_equal(ret, strchr(name, '*') ? KNOT_EINVAL : KNOT_EOK);
		}
		assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
		for (unsigned i = 0; i < 40; i++) {
			random_name(name, &random);
			const knot_dname_t *wire = dname(name);
			size_t said = 0, expected = 0;
			const caaudit_mention_t *item, *last = NULL;
			for (size_t pos = 0;
			     (item = caaudit_policy_find(policy, wire, &pos)) != NULL; said++) {
				assert_true(is_mentioned(policy, wire, item->role, item->nth));
				// By role, then by number: none of them twice.
				assert_true(last == NULL || item->role > last->role ||
				            (item->role == last->role && item->nth > last->nth));
				last = item;
			}
			for (size_t role = 0; role <= CAAUDIT_NAME_NONE; role++) {
				for (size_t nth = 0; nth < 16; nth++) {
					expected += is_mentioned(policy, wire, role, nth);
				}
			}
			assert_int_equal(said, expected);
			found += said;
		}
		// What validations say, by its hash.
		for (size_t i = 0; i < policy->validation_count; i++) {
			const caaudit_expected_t *expected = &policy->validation[i];
			bool txt = expected->txt != NULL;
			if (!txt && expected->target == NULL) {
				continue;
			}
			uint64_t hash = content_hash(txt ? KNOT_RRTYPE_TXT : KNOT_RRTYPE_CNAME,
			                             txt ? expected->txt : expected->target,
			                             txt ? expected->txt_len :
			                                   knot_dname_size(expected->target));
			bool there = false;
			const caaudit_mention_t *item;
			for (size_t pos = 0;
			     (item = policy_find_content(policy, hash, &pos)) != NULL;) {
				assert_int_equal(item->role, CAAUDIT_NAME_NONE);
				assert_int_equal(policy->validation[item->nth].txt != NULL, txt);
				there = there || item->nth == i;
			}
			assert_true(there);
		}
		size_t pos = 0;
		assert_null(policy_find_content(policy, 1, &pos));
		caaudit_policy_free(policy);
	}
	assert_true(found > 1000);
}

/* Whoever wants to can make names with one hash. */
static void names_with_the_same_hash_have_roles_of_their_own(void **state)
{
	(void)state;
	enum { LEVELS = 6, NAMES = 1 << LEVELS };
	static const uint8_t zone[] = "\7example\3com";
	static uint8_t name[NAMES][LEVELS * (1 + COLLIDE_OCTETS) + sizeof(zone)];
	uint8_t label[LEVELS][2][1 + COLLIDE_OCTETS];
	uint64_t random = 4086, hash = HASH_SEED;
	for (unsigned i = 0; i < LEVELS; i++) { // From the first octet on.
		hash = collide(hash, &random, label[i]);
	}
	for (unsigned i = 0; i < NAMES; i++) {
		uint8_t *at = name[i];
		for (unsigned j = 0; j < LEVELS; j++, at += sizeof(label[0][0])) {
			memcpy(at, label[j][i >> j & 1], sizeof(label[0][0]));
		}
		memcpy(at, zone, sizeof(zone));
		assert_true(hash_name(name[i]) == hash_name(name[0]));
	}
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	for (unsigned i = 0; i < NAMES; i += 2) { // Some of them twice.
		knot_dname_txt_storage_t text;
		assert_non_null(knot_dname_to_str(text, name[i % 16 == 2 ? 0 : i], sizeof(text)));
		assert_int_equal(caaudit_policy_add_host(policy, text, NULL), KNOT_EOK);
		assert_int_equal(caaudit_policy_add_expected_txt(policy, name[i],
		                                                 (const uint8_t *)"\1x", 2, 3600,
		                                                 NULL),
		                 KNOT_EOK);
	}
	assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
	assert_int_equal(policy->host_count, NAMES / 2);
	assert_int_equal(policy->named_count, NAMES / 2 - NAMES / 16);
	for (unsigned i = 0; i < NAMES; i++) {
		size_t count = 0;
		const caaudit_mention_t *item;
		for (size_t pos = 0; (item = caaudit_policy_find(policy, name[i], &pos)) != NULL;) {
			const knot_dname_t *at = item->role == CAAUDIT_NAME_HOST ?
			                                 policy->host[item->nth] :
			                                 policy->validation[item->nth].owner;
			assert_true(knot_dname_is_equal(at, name[i]));
			count++;
		}
		assert_int_equal(count, i % 2 == 0 ? 2 : 0);
	}
	caaudit_policy_free(policy);

	// So may a name that is above no host have the hash of one that is.
	knot_dname_storage_t owner = "\2_v\1h", other = "\2_v";
	(void)collide(hash_octets(HASH_SEED, other, 3), &random, label[0]);
	memcpy(owner + 5, label[0][0], sizeof(label[0][0]));
	memcpy(owner + 5 + sizeof(label[0][0]), zone, sizeof(zone));
	policy = caaudit_policy_new(dname(ZONE));
	assert_int_equal(caaudit_policy_add_expected(policy, owner, NULL, 3600, NULL), KNOT_EOK);
	assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
	for (unsigned i = 0; i < 2; i++) {
		memcpy(other + 3, label[0][i], sizeof(label[0][i]));
		memcpy(other + 3 + sizeof(label[0][i]), zone, sizeof(zone));
		size_t pos = 0;
		assert_int_equal(caaudit_policy_find(policy, other, &pos) != NULL, i == 0);
	}
	caaudit_policy_free(policy);
}

static void contents_are_hashed_by_what_they_mean(void **state)
{
	(void)state;
	static const struct {
		uint16_t type;
		const char *a, *b;
		bool same;
	} tests[] = {
		{ KNOT_RRTYPE_CNAME, "\1a\3net", "\1A\3nEt", true },
		{ KNOT_RRTYPE_CNAME, "\1a\3net", "\1b\3net", false },
		{ KNOT_RRTYPE_CNAME, "\1a\3net", "\5a\003net", false },
		{ KNOT_RRTYPE_TXT, "\3one", "\1o\2ne", true },
		{ KNOT_RRTYPE_TXT, "\3one", "\3One", false },
		{ KNOT_RRTYPE_TXT, "\3one", "\2on", false },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		uint64_t a = content_hash(tests[i].type, (const uint8_t *)tests[i].a,
		                          strlen(tests[i].a));
		uint64_t b = content_hash(tests[i].type, (const uint8_t *)tests[i].b,
		                          strlen(tests[i].b));
		assert_int_equal(a == b, tests[i].same);
	}
	// Any octets, and none.
	const uint8_t bad[] = { 200, 1, 2 };
	(void)content_hash(KNOT_RRTYPE_TXT, bad, sizeof(bad));
	(void)content_hash(KNOT_RRTYPE_TXT, NULL, 0);
	(void)content_hash(KNOT_RRTYPE_CNAME, NULL, 0);
}

#define WITH_POLICY(test) cmocka_unit_test_setup_teardown(test, new_policy, free_policy)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_POLICY(a_new_policy_wants_nothing_but_wildcards),
		WITH_POLICY(cas_are_issuer_domain_names),
		WITH_POLICY(a_ca_name_is_no_longer_than_a_domain_name),
		cmocka_unit_test(a_known_ca_stands_for_all_its_names),
		cmocka_unit_test(cas_with_a_name_in_common_are_two),
		WITH_POLICY(an_unknown_ca_has_one_name),
		WITH_POLICY(hosts_are_names_in_the_zone),
		WITH_POLICY(validations_are_an_owner_and_perhaps_a_target),
		WITH_POLICY(texts_are_taken_as_consoles_and_zone_files_show_them),
		WITH_POLICY(the_host_of_a_text_is_above_all_its_labels),
		WITH_POLICY(validations_by_wire_names_are_copied),
		WITH_POLICY(texts_are_copied),
		WITH_POLICY(there_is_room_for_so_many),
		WITH_POLICY(the_account_is_a_uri),
		WITH_POLICY(the_method_is_a_label),
		WITH_POLICY(items_are_limited),
		cmocka_unit_test(the_root_zone_has_hosts_too),
		cmocka_unit_test(hosts_are_those_named_and_those_of_validations),
		WITH_POLICY(a_name_is_found_in_all_its_roles),
		cmocka_unit_test(the_index_says_what_the_definitions_say),
		cmocka_unit_test(names_with_the_same_hash_have_roles_of_their_own),
		cmocka_unit_test(contents_are_hashed_by_what_they_mean),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
