/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which questions a CA asks about a zone, and about which names. */

#include "test.h"

#include "caaudit/audit.h"
#include "questions.h"

#define HASH   "0123456789abcdef0123456789abcdef"
#define TARGET HASH "." HASH ".sectigo.com."

static caaudit_policy_t *make_policy(const char *hosts, const char *validations)
{
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	add_items(policy, hosts, caaudit_policy_add_host);
	add_items(policy, validations, caaudit_policy_add_validation);
	return policy;
}

/*! Steps in their order, one a line. */
typedef struct {
	const caaudit_view_t *view;
	char text[1 << 15];
	unsigned left; /*!< Ends the visit after so many. */
} list_t;

static bool list_step(void *context, const caaudit_chain_t *step, asked_t asked)
{
	list_t *list = context;
	size_t len = strlen(list->text);
	snprintf(list->text + len, sizeof(list->text) - len, "%s%s %s\n",
	         asked == ASKED_PERHAPS ? "perhaps " : "", dname_text(step->at),
	         step->type == KNOT_RRTYPE_CAA ? "CAA" : "CNAME");
	// The answer comes with it.
	caaudit_lookup_t lookup;
	caaudit_view_lookup(list->view, step->at, step->type, &lookup);
	assert_int_equal(step->lookup.answer == CAAUDIT_ALIASES_LONG ? CAAUDIT_CNAME :
	                                                               step->lookup.answer,
	                 lookup.answer);
	assert_int_equal(step->lookup.rrset.count, lookup.rrset.count);
	return --list->left > 0;
}

static const struct {
	const char *zone, *hosts, *validations;
	const char *expected;
} tests[] = {
	{ "", NULL, NULL, "" },
	/* The climb, to the apex or to the first CAA. */
	{ "", "@", NULL, "example.com. CAA\n" },
	{ "", "b.a", NULL, "b.a.example.com. CAA\na.example.com. CAA\nexample.com. CAA\n" },
	{ "a CAA 0 issue \";\"\n", "c.b.a", NULL,
	  "c.b.a.example.com. CAA\nb.a.example.com. CAA\na.example.com. CAA\n" },
	{ "@ CAA 0 issue \";\"\n", "@|a", NULL,
	  "example.com. CAA\na.example.com. CAA\nexample.com. CAA\n" },
	{ "* CAA 0 issue \";\"\n", "b.a", NULL, "b.a.example.com. CAA\n" },
	/* Aliases, and on from the original name. */
	{ "www CNAME t\nt CAA 0 issue \";\"\n", "www", NULL,
	  "www.example.com. CAA\nt.example.com. CAA\n" },
	{ "www CNAME t.b\nt.b A 192.0.2.1\n", "www", NULL,
	  "www.example.com. CAA\nt.b.example.com. CAA\nexample.com. CAA\n" },
	{ "old DNAME new\n", "x.old", NULL,
	  "x.old.example.com. CAA\nx.new.example.com. CAA\nold.example.com. CAA\n"
	  "example.com. CAA\n" },
	{ "*.w CNAME t\n", "x.w", NULL,
	  "x.w.example.com. CAA\nt.example.com. CAA\nw.example.com. CAA\nexample.com. CAA\n" },
	/* Where another zone answers after an alias, or nobody can, that decides. */
	{ "a CNAME x.example.net.\n", "b.a", NULL,
	  "b.a.example.com. CAA\na.example.com. CAA\nx.example.net. CAA\n" },
	/* A child zone may have CAA or not: the climb goes on. */
	{ "sub NS ns.example.net.\n", "a.sub", NULL,
	  "a.sub.example.com. CAA\nsub.example.com. CAA\nexample.com. CAA\n" },
	{ "a CNAME x.sub\nsub NS ns.example.net.\n", "a", NULL,
	  "a.example.com. CAA\nx.sub.example.com. CAA\nexample.com. CAA\n" },
	/* Validations: not at all if there is none, else at each level down to it. */
	{ "", NULL, "_v.b.a x.example.net",
	  "b.a.example.com. CAA\na.example.com. CAA\nexample.com. CAA\n" },
	{ "_v.b.a CNAME x.example.net.\n", NULL, "_v.b.a x.example.net",
	  "b.a.example.com. CAA\na.example.com. CAA\nexample.com. CAA\n_v.b.a.example.com. CNAME\n" },
	{ "_v CNAME x.example.net.\n", NULL, "_v.b.a x.example.net",
	  "b.a.example.com. CAA\na.example.com. CAA\nexample.com. CAA\n"
	  "_v.b.a.example.com. CNAME\n_v.a.example.com. CNAME\n_v.example.com. CNAME\n" },
	{ "_v.a CNAME x.example.net.\n_v CNAME x.example.net.\n", NULL, "_v.b.a",
	  "b.a.example.com. CAA\na.example.com. CAA\nexample.com. CAA\n"
	  "_v.b.a.example.com. CNAME\n_v.a.example.com. CNAME\n" },
	{ "_v CNAME y.example.net.\n", NULL, "_v x.example.net",
	  "example.com. CAA\n_v.example.com. CNAME\n" },
	{ "", NULL, "@ x.example.net", "" },
	{ "@ CNAME x.example.net.\n", NULL, "@ x.example.net", "" },
	/* A redirection answers as well. */
	{ "d DNAME e\n_v.e CNAME x.example.net.\n", NULL, "_v.d x.example.net",
	  "d.example.com. CAA\nexample.com. CAA\n" },
	/* Validations of known CAs that nothing expects: as the CA gave them, and served. */
	{ "_" HASH ".a CNAME " TARGET "\n", NULL, NULL,
	  "perhaps _" HASH ".a.example.com. CNAME\n" },
	{ "_" HASH ".a CNAME " TARGET "\n", "a", "_" HASH ".a " TARGET,
	  "a.example.com. CAA\nexample.com. CAA\n_" HASH ".a.example.com. CNAME\n"
	  "perhaps _" HASH ".a.example.com. CNAME\n" },
	{ HASH ".a CNAME " TARGET "\nwww CNAME " TARGET "\n_x CNAME " TARGET "\n_" HASH
	       ".b CNAME x.example.net.\n_" HASH ".c CNAME " HASH ".sectigo.com.\n",
	  NULL, NULL, "" },
	{ "sub NS ns.example.net.\n_" HASH ".sub CNAME " TARGET "\n", NULL, NULL, "" },
	{ "d DNAME e\n_" HASH ".d CNAME " TARGET "\n", NULL, NULL, "" },
};

static void a_ca_asks_at_these_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s%s %s\n", tests[i].zone,
		              tests[i].hosts != NULL ? tests[i].hosts : "",
		              tests[i].validations != NULL ? tests[i].validations : "");
		char text[1024];
		snprintf(text, sizeof(text), SOA "%s", tests[i].zone);
		zone_t zone = zone_of_text(ZONE, text);
		caaudit_policy_t *policy = make_policy(tests[i].hosts, tests[i].validations);
		assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
		caaudit_view_t *view = zone_push(&zone, policy);
		assert_int_equal(caaudit_view_finish(view), KNOT_EOK);
		list_t list = { .view = view, .left = 1000 };
		assert_true(questions_visit(view, policy, list_step, &list));
		assert_string_equal(list.text, tests[i].expected);

		// It ends when it is told to.
		unsigned steps = 1000 - list.left;
		for (unsigned left = 1; left <= steps; left++) {
			list_t some = { .view = view, .left = left };
			assert_false(questions_visit(view, policy, list_step, &some));
			assert_int_equal(some.left, 0);
			assert_memory_equal(some.text, list.text, strlen(some.text));
		}
		caaudit_view_free(view);
		caaudit_policy_free(policy);
		zone_free(&zone);
	}
}

/* Nobody validates texts with DNSSEC here: a view keeps no signatures over them. */
static void nobody_is_asked_for_texts(void **state)
{
	(void)state;
	zone_t zone = zone_of_text(ZONE, SOA "_t.a TXT \"x\"\n_t CNAME x.example.net.\n");
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	assert_int_equal(caaudit_policy_add_expected_txt(policy, dname("_t.a.example.com."),
	                                                 (const uint8_t *)"\1x", 2, 3600, NULL),
	                 KNOT_EOK);
	assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
	caaudit_view_t *view = zone_push(&zone, policy);
	assert_int_equal(caaudit_view_finish(view), KNOT_EOK);
	list_t list = { .view = view, .left = 1000 };
	assert_true(questions_visit(view, policy, list_step, &list));
	assert_string_equal(list.text, "a.example.com. CAA\nexample.com. CAA\n");
	caaudit_view_free(view);
	caaudit_policy_free(policy);
	zone_free(&zone);
}

static void in_the_root_zone_the_climb_ends_at_the_root(void **state)
{
	(void)state;
	zone_t zone = zone_of_text(".", ". SOA . . 1 1 1 1 1\n_v. CNAME x.test.\n");
	caaudit_policy_t *policy = caaudit_policy_new(dname("."));
	assert_int_equal(caaudit_policy_add_host(policy, "a.test.", NULL), KNOT_EOK);
	assert_int_equal(caaudit_policy_add_validation(policy, "_v.b. x.test", NULL), KNOT_EOK);
	assert_int_equal(caaudit_policy_add_validation(policy, "@ x.test", NULL), KNOT_EOK);
	assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
	caaudit_view_t *view = zone_push(&zone, policy);
	assert_int_equal(caaudit_view_finish(view), KNOT_EOK);
	list_t list = { .view = view, .left = 1000 };
	assert_true(questions_visit(view, policy, list_step, &list));
	assert_string_equal(list.text, "a.test. CAA\ntest. CAA\n. CAA\nb. CAA\n. CAA\n"
	                               "_v.b. CNAME\n_v. CNAME\n");
	caaudit_view_free(view);
	caaudit_policy_free(policy);
	zone_free(&zone);
}

/* Every verdict depends on questions that were visited: those of the same climb. */
static void what_a_verdict_was_asked_for_is_visited(void **state)
{
	(void)state;
	static const char *const labels[] = { "a", "b", "*", "c" };
	static const char *const rdata[] = {
		"A 192.0.2.1",          "CAA 0 issue \"ca.example.net\"", "NS ns.example.net.",
		"DNAME d.example.com.", "CNAME a.example.com.",           "CNAME b.a.example.com.",
		"CNAME x.example.net.",
	};
	uint64_t random = 6844;
	const caaudit_ca_t ca = { "ca.example.net", NULL };
	for (unsigned round = 0; round < 500; round++) {
		zone_t zone = zone_of_text(ZONE, SOA);
		for (unsigned i = zone_random(&random) % 10; i > 0; i--) {
			char text[256] = "";
			for (unsigned j = zone_random(&random) % 3; j > 0; j--) {
				snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s.",
				         labels[zone_random(&random) % COUNT(labels)]);
			}
			snprintf(text + strlen(text), sizeof(text) - strlen(text), ZONE " %s\n",
			         rdata[zone_random(&random) % COUNT(rdata)]);
			assert_null(zone_parse(&zone, ZONE, text));
		}
		caaudit_policy_t *policy = make_policy("a|b|c|x|a.a|b.a|x.y|a.b.c", NULL);
		assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
		caaudit_view_t *view = zone_push(&zone, policy);
		assert_int_equal(caaudit_view_finish(view), KNOT_EOK);
		list_t list = { .view = view, .left = 1000 };
		assert_true(questions_visit(view, policy, list_step, &list));
		for (size_t i = 0; i < policy->host_count; i++) {
			caaudit_verdict_t verdict;
			caaudit_permit(view, policy, policy->host[i], false, &ca, &verdict);
			char line[128];
			const knot_dname_t *asked = verdict.asked != NULL ? verdict.asked :
			                                                    dname(ZONE);
			snprintf(line, sizeof(line), "%s CAA\n", dname_text(asked));
			assert_non_null(strstr(list.text, line));
			if (verdict.is.decided_by != NULL &&
			    !knot_dname_is_equal(asked, verdict.is.decided_by) &&
			    verdict.is.decided_by[1] != '*') {
				snprintf(line, sizeof(line), "%s CAA\n",
				         dname_text(verdict.is.decided_by));
				assert_non_null(strstr(list.text, line));
			}
		}
		caaudit_view_free(view);
		caaudit_policy_free(policy);
		zone_free(&zone);
	}
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(a_ca_asks_at_these_names),
		cmocka_unit_test(nobody_is_asked_for_texts),
		cmocka_unit_test(in_the_root_zone_the_climb_ends_at_the_root),
		cmocka_unit_test(what_a_verdict_was_asked_for_is_visited),
	};
	return cmocka_run_group_tests(all, NULL, NULL);
}
