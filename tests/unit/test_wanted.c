/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Who is meant by the name of a product, whose name is a slip of the pen, and where CAs look. */

#include "test.h"

#include <stdlib.h>

#include "caaudit/audit.h"
#include "caaudit/policy.h"
#include "caaudit/synthesis.h"
#include "known.h"
#include "policy.h"
#include "questions.h"

#define TARGET "00112233445566778899aabbccddeeff.ffeeddccbbaa99887766554433221100.sectigo.com."

/*! Finished policy that wants CAs, separated by blanks. */
static caaudit_policy_t *policy_of(const char *cas, uint64_t now)
{
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	char *list = strdup(cas), *rest = list;
	for (char *name; (name = strsep(&rest, " ")) != NULL;) {
		assert_int_equal(caaudit_policy_add_ca(policy, name, NULL), KNOT_EOK);
	}
	free(list);
	assert_int_equal(caaudit_policy_finish(policy, now), KNOT_EOK);
	return policy;
}

static void every_product_has_one_issuer_at_every_time(void **state)
{
	(void)state;
	static const uint64_t times[] = { 0,
		                          CAAUDIT_DAY(2024, 12, 31),
		                          CAAUDIT_DAY(2025, 1, 1),
		                          CAAUDIT_DAY(2026, 5, 31),
		                          CAAUDIT_DAY(2026, 6, 1),
		                          CAAUDIT_DAY(2100, 1, 1) };
	for (size_t i = 0; i < caaudit_products_count; i++) {
		for (const char *const *name = caaudit_products[i].name; *name != NULL; name++) {
			const uint8_t *octets = (const uint8_t *)*name;
			assert_null(known_ca_find(octets, strlen(*name)));
			assert_null(known_ca_lookalike(octets, strlen(*name)));
			for (size_t j = 0; j < COUNT(times); j++) {
				assert_non_null(known_product(octets, strlen(*name), times[j]));
			}
		}
	}
}

static void wanted_cas_are_those_of_the_day(void **state)
{
	(void)state;
	static const struct {
		uint64_t now;
		const char *cas, *names, *kinds; /*!< Of each: CA, product, hearsay, lookalike. */
	} tests[] = {
		{ CAAUDIT_DAY(2026, 11, 28), "zerossl.com", "sectigo.com", "p" },
		{ CAAUDIT_DAY(2026, 11, 28), "TENCENT.", "trustasia.com", "h" },
		{ CAAUDIT_DAY(2026, 5, 31), "tencent", "digicert.com", "h" },
		{ CAAUDIT_DAY(2024, 12, 31), "tencent", "sectigo.com", "p" },
		{ CAAUDIT_DAY(2024, 12, 31), "geant-tcs", "sectigo.com", "p" },
		{ CAAUDIT_DAY(2025, 1, 1), "geant-tcs", "harica.gr", "p" },
		// The surest way in which a CA is wanted, in the place of the first.
		{ 0, "sectigo.com zerossl.com", "sectigo.com", "c" },
		{ 0, "zerossl.com sectigo.com", "sectigo.com", "c" },
		{ 0, "cpanel letsencrypt.org zerossl.com", "letsencrypt.org sectigo.com", "cp" },
		{ 0, "zerossl.com zerossl cpanel", "sectigo.com", "p" },
		{ 0, "zerossl.com usertrust.com", "usertrust.com", "c" },
		{ 0, "letsencrypt.com ca.example.net", "letsencrypt.com ca.example.net", "lc" },
		{ 0, "sectgo.com sectigo.net sectigo.com", "sectgo.com sectigo.net sectigo.com",
		  "llc" },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].cas);
		caaudit_policy_t *policy = policy_of(tests[i].cas, tests[i].now);
		char names[256] = "", kinds[16] = "";
		for (size_t j = 0; j < policy->ca_count; j++) {
			const caaudit_ca_t *ca = &policy->ca[j];
			snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			         j > 0 ? " " : "", ca->name);
			kinds[j] = ca->meant != NULL             ? 'l' :
			           ca->product == NULL           ? 'c' :
			           known_is_hearsay(ca->product) ? 'h' :
			                                           'p';
		}
		assert_string_equal(names, tests[i].names);
		assert_string_equal(kinds, tests[i].kinds);
		caaudit_policy_free(policy);
	}
}

static void only_cas_that_are_asked_for_are_synthesised(void **state)
{
	(void)state;
	static const struct {
		const char *ca;
		caaudit_synthesis_t result;
	} tests[] = {
		{ "sectigo.com", CAAUDIT_SYNTHESIS_DONE },
		{ "ca.example.net", CAAUDIT_SYNTHESIS_DONE },
		{ "zerossl.com", CAAUDIT_SYNTHESIS_UNSURE },
		{ "tencent", CAAUDIT_SYNTHESIS_UNSURE },
		{ "sectigo.net", CAAUDIT_SYNTHESIS_UNSURE },
	};
	caaudit_view_t *view = view_of_text(ZONE, SOA "@ CAA 0 issue \"other.example.net\"\n");
	caaudit_rrset_t rrset = caaudit_view_rrset(view, dname(ZONE), KNOT_RRTYPE_CAA);
	assert_int_equal(rrset.count, 1);
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].ca);
		caaudit_policy_t *policy = policy_of(tests[i].ca, CAAUDIT_DAY(2026, 11, 28));
		caaudit_added_t added[8];
		size_t count;
		assert_int_equal(caaudit_synthesize(rrset, policy, added, COUNT(added), &count),
		                 tests[i].result);
		assert_int_equal(count, tests[i].result == CAAUDIT_SYNTHESIS_DONE);
		caaudit_policy_free(policy);
	}
	caaudit_view_free(view);
}

static void texts_stand_at_labels_of_their_kind(void **state)
{
	(void)state;
	static const struct {
		const char *owner, *method; /*!< "-": none is known. */
	} tests[] = {
		{ "_acme-challenge.example.com.", "dns-01" },
		{ "_ACME-challenge.www.example.com.", "dns-01" },
		{ "_acme-challenge_ujmmovf2vn55tgye.example.com.", "dns-01" },
		{ "_ujmmovf2vn55tgye._acme-challenge.example.com.", "dns-account-01" },
		{ "_ujmmovf2vn55tgyeu._acme-challenge.example.com.", NULL },
		{ "_validation-persist.example.com.", "dns-persist-01" },
		{ "_ip-validation-persist.example.com.", "-" },
		{ "_validation-contactemail.example.com.", "ca-tbr-14" },
		{ "_validation-contactphone.example.com.", "ca-tbr-16" },
		{ "_dnsauth.example.com.", "ca-tbr-7" },
		{ "_pki-validation.example.com.", "ca-tbr-7" },
		{ "_globalsign-domain-verification.example.com.", "ca-tbr-7" },
		// RFC 8552 has many others.
		{ "_dmarc.example.com.", NULL },
		{ "selector._domainkey.example.com.", NULL },
		{ "_25._tcp.mail.example.com.", NULL },
		{ "_acme.example.com.", NULL },
		{ "acme-challenge.example.com.", NULL },
		{ "_validation-persistent.example.com.", NULL },
		{ "example.com.", NULL },
		{ ".", NULL },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].owner);
		const caaudit_txt_t *txt = known_txt(dname(tests[i].owner));
		assert_int_equal(txt != NULL, tests[i].method != NULL);
		if (txt != NULL) {
			assert_string_equal(txt->method != NULL ? txt->method : "-",
			                    tests[i].method);
		}
	}
}

static void expected_records_are_looked_for_where_their_ca_asks(void **state)
{
	(void)state;
	static const struct {
		const char *validation;
		caaudit_climb_t climb;
	} tests[] = {
		{ "_0123456789abcdef0123456789abcdef.www " TARGET, CAAUDIT_CLIMBS },
		{ "_0123456789abcdef0123456789abcdef.www _00112233445566778899aabbccddeeff.a."
		  "acm-validations.aws.",
		  CAAUDIT_EXACT },
		{ "_acme-challenge.www a.auth.acme-dns.example.", CAAUDIT_EXACT },
		{ "_acme-challenge.www", CAAUDIT_EXACT },
		{ "_ujmmovf2vn55tgye._acme-challenge.www a.example.net.", CAAUDIT_EXACT },
		{ "_dnsauth.www a.dcv.digicert.com.", CAAUDIT_NOT_KNOWN },
		{ "_a.www b.example.net.", CAAUDIT_NOT_KNOWN },
		{ "_0123456789abcdef0123456789abcdef.www", CAAUDIT_NOT_KNOWN },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].validation);
		caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
		assert_int_equal(caaudit_policy_add_validation(policy, tests[i].validation, NULL),
		                 KNOT_EOK);
		assert_int_equal(expected_climb(&policy->validation[0]), tests[i].climb);
		// What is looked for at the host alone has no role at the zone.
		assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
		knot_dname_storage_t above;
		const knot_dname_t *owner = policy->validation[0].owner;
		memcpy(above, owner, 1 + owner[0]);
		memcpy(above + 1 + owner[0], dname(ZONE), knot_dname_size(dname(ZONE)));
		size_t pos = 0;
		assert_int_equal(caaudit_policy_find(policy, above, &pos) != NULL,
		                 tests[i].climb != CAAUDIT_EXACT);
		caaudit_policy_free(policy);
	}
}

/*! Counts the steps of questions about a name. */
typedef struct {
	const knot_dname_t *name;
	unsigned count;
} counted_t;

static bool count_step(void *context, const caaudit_chain_t *step, asked_t asked)
{
	counted_t *counted = context;
	(void)asked;
	counted->count += step->type == KNOT_RRTYPE_CNAME &&
	                  knot_dname_is_equal(step->at, counted->name);
	return true;
}

static void acme_asks_nothing_above_the_host(void **state)
{
	(void)state;
	static const struct {
		const char *label, *target;
		unsigned asked;
	} tests[] = {
		{ "_acme-challenge", "a.example.net.", 0 },
		{ "_a", "b.example.net.", 1 },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		char text[512], owner[128];
		snprintf(text, sizeof(text), SOA "www A 192.0.2.1\n%s CNAME %s\n", tests[i].label,
		         tests[i].target);
		zone_t zone = zone_of_text(ZONE, text);
		caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
		snprintf(text, sizeof(text), "%s.www %s", tests[i].label, tests[i].target);
		assert_int_equal(caaudit_policy_add_validation(policy, text, NULL), KNOT_EOK);
		assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
		caaudit_view_t *view = zone_push(&zone, policy);
		assert_int_equal(caaudit_view_finish(view), KNOT_EOK);
		snprintf(owner, sizeof(owner), "%s." ZONE, tests[i].label);
		counted_t counted = { dname(owner), 0 };
		assert_true(questions_visit(view, policy, count_step, &counted));
		assert_int_equal(counted.count, tests[i].asked);
		caaudit_view_free(view);
		caaudit_policy_free(policy);
		zone_free(&zone);
	}
}

static void what_nobody_can_meet_is_told_from_what_binds(void **state)
{
	(void)state;
	static const struct {
		const char *values; /*!< Separated by "|". */
		bool unsatisfiable;
	} tests[] = {
		{ "letsencrypt.org; accounturi=1", true },
		{ "letsencrypt.org; validationmethods=", true },
		{ "letsencrypt.org; accounturi=https://ca.example/2", false },
		{ "letsencrypt.org; validationmethods=http-01", false },
		{ "letsencrypt.org; accounturi=1; validationmethods=http-01", true },
		{ "letsencrypt.org; accounturi=1|letsencrypt.org; accounturi=2", true },
		{ "letsencrypt.org; accounturi=1|letsencrypt.org; validationmethods=http-01",
		  false },
		{ "letsencrypt.org; accounturi=1|ca.example.net; accounturi=x:1", true },
	};
	caaudit_policy_t *policy = policy_of("letsencrypt.org", 0);
	assert_int_equal(caaudit_policy_set_account(policy, "https://ca.example/1", NULL),
	                 KNOT_EOK);
	assert_int_equal(caaudit_policy_set_method(policy, "dns-01", NULL), KNOT_EOK);
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].values);
		char text[512] = SOA, *list = strdup(tests[i].values), *rest = list;
		for (char *value; (value = strsep(&rest, "|")) != NULL;) {
			snprintf(text + strlen(text), sizeof(text) - strlen(text),
			         "@ CAA 0 issue \"%s\"\n", value);
		}
		free(list);
		caaudit_view_t *view = view_of_text(ZONE, text);
		caaudit_decision_t decision;
		caaudit_evaluate(caaudit_view_rrset(view, dname(ZONE), KNOT_RRTYPE_CAA), policy,
		                 false, &policy->ca[0], &decision);
		assert_int_equal(decision.permit, CAAUDIT_DENIED);
		assert_int_equal(decision.reason, CAAUDIT_REASON_PARAMETERS);
		assert_int_equal(decision.unsatisfiable, tests[i].unsatisfiable);
		caaudit_view_free(view);
	}
	caaudit_policy_free(policy);
}

int main(void)
{
	const struct CMUnitTest all[] = {
		cmocka_unit_test(every_product_has_one_issuer_at_every_time),
		cmocka_unit_test(wanted_cas_are_those_of_the_day),
		cmocka_unit_test(only_cas_that_are_asked_for_are_synthesised),
		cmocka_unit_test(texts_stand_at_labels_of_their_kind),
		cmocka_unit_test(expected_records_are_looked_for_where_their_ca_asks),
		cmocka_unit_test(acme_asks_nothing_above_the_host),
		cmocka_unit_test(what_nobody_can_meet_is_told_from_what_binds),
	};
	return cmocka_run_group_tests(all, NULL, NULL);
}
