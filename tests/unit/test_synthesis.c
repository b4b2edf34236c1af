/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "test.h"

#include "caaudit/audit.h"
#include "caaudit/caa.h"
#include "caaudit/synthesis.h"

#define CA   "ca.example.net"
#define ROOM 64

typedef struct {
	const char *set; /* CAA records, the part after the type, separated by "|". */
	caaudit_synthesis_t result;
	const char *added; /* The same form, sorted. */
	bool strict;
	bool no_wildcard;
	bool override;
	bool automatic; /* Wildcards are wanted unless the set says no. */
	const char *ca; /* Wanted CAs, separated by blanks; NULL = CA. */
	const char *account;
} case_t;

static caaudit_policy_t *policy_of(const case_t *c)
{
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	char names[256];
	snprintf(names, sizeof(names), "%s", c->ca == NULL ? CA : c->ca);
	for (char *name = strtok(names, " "); name != NULL; name = strtok(NULL, " ")) {
		assert_int_equal(caaudit_policy_add_ca(policy, name, NULL), KNOT_EOK);
	}
	policy->strict = c->strict;
	policy->override_denial = c->override;
	policy->wildcard = c->no_wildcard ? CAAUDIT_WILDCARD_OFF :
	                   c->automatic   ? CAAUDIT_WILDCARD_AUTO :
	                                    CAAUDIT_WILDCARD_ON;
	if (c->account != NULL) {
		assert_int_equal(caaudit_policy_set_account(policy, c->account, NULL), KNOT_EOK);
	}
	return policy;
}

/* A view with the set and more records. */
static caaudit_view_t *view_of_set(const char *set, const caaudit_added_t *added, size_t count)
{
	char text[4096] = SOA;
	char copy[2048];
	snprintf(copy, sizeof(copy), "%s", set);
	for (char *record = strtok(copy, "|"); record != NULL; record = strtok(NULL, "|")) {
		size_t len = strlen(text);
		snprintf(text + len, sizeof(text) - len, "@ CAA %s\n", record);
	}
	zone_t zone = zone_of_text(ZONE, text);
	for (size_t i = 0; i < count; i++) {
		uint8_t rdata[1024];
		size_t size = caaudit_added_size(&added[i]);
		assert_true(size <= sizeof(rdata));
		memset(rdata, 0xa5, sizeof(rdata));
		caaudit_added_write(&added[i], rdata);
		if (size < sizeof(rdata)) {
			assert_int_equal(rdata[size], 0xa5);
		}
		zone_add(&zone, dname(ZONE), KNOT_RRTYPE_CAA, 3600, rdata, (uint16_t)size);
	}
	caaudit_view_t *view = view_of_zone(&zone, ZONE);
	zone_free(&zone);
	return view;
}

static caaudit_rrset_t set_of(const caaudit_view_t *view)
{
	return caaudit_view_rrset(view, dname(ZONE), KNOT_RRTYPE_CAA);
}

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void added_text(char *out, size_t size, const caaudit_added_t *added, size_t count)
{
	static char line[ROOM][512];
	for (size_t i = 0; i < count; i++) {
		uint8_t rdata[512];
		caaudit_caa_t caa;
		caaudit_added_write(&added[i], rdata);
		assert_int_equal(caaudit_caa_parse(rdata, caaudit_added_size(&added[i]), &caa),
		                 KNOT_EOK);
		assert_int_equal(caa.flags, 0);
		snprintf(line[i], sizeof(line[i]), "0 %.*s \"%.*s\"", caa.tag_len,
		         (const char *)caa.tag, caa.value_len, (const char *)caa.value);
	}
	qsort(line, count, sizeof(line[0]), compare);
	out[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		size_t len = strlen(out);
		snprintf(out + len, size - len, "%s%.511s", i > 0 ? "|" : "", line[i]);
	}
}

static caaudit_decision_t decide(caaudit_rrset_t rrset, const caaudit_policy_t *policy,
                                 bool wildcard, const caaudit_ca_t *ca)
{
	caaudit_decision_t decision;
	caaudit_evaluate(rrset, policy, wildcard, ca, &decision);
	return decision;
}

static bool permits(caaudit_rrset_t rrset, const caaudit_policy_t *policy, bool wildcard,
                    const caaudit_ca_t *ca)
{
	return decide(rrset, policy, wildcard, ca).permit == CAAUDIT_PERMITTED;
}

static bool wanted(const caaudit_policy_t *policy, const char *name)
{
	for (size_t i = 0; i < policy->ca_count; i++) {
		if (strcmp(policy->ca[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

/* What denies on purpose, and what binds a CA, stays in force whoever asks and however. */
static void check_restrictions(caaudit_rrset_t before, caaudit_rrset_t after,
                               const caaudit_policy_t *policy)
{
	static const char *const accounts[] = { "urn:1", "urn:2", "urn:3" };
	static const char *const methods[] = { "dns-01", "http-01" };
	caaudit_policy_t request = *policy;
	for (size_t i = 0; i < policy->ca_count * COUNT(accounts) * COUNT(methods) * 2; i++) {
		const caaudit_ca_t *ca = &policy->ca[i / 12];
		request.account_uri = accounts[i / 2 % COUNT(accounts)];
		request.method = methods[i / 6 % COUNT(methods)];
		caaudit_decision_t was = decide(before, &request, i % 2, ca);
		if (was.reason == CAAUDIT_REASON_NOBODY ||
		    was.reason == CAAUDIT_REASON_PARAMETERS) {
			assert_false(permits(after, &request, i % 2, ca));
		}
	}
}

/* What holds whatever the set: see caaudit_synthesize(). */
static void check_promise(const char *set, const caaudit_policy_t *policy, caaudit_rrset_t before,
                          caaudit_synthesis_t result, const caaudit_added_t *added, size_t count)
{
	static const char *const others[] = { "a.example", "b.example", "c.example",
		                              "ca.example.org" };
	caaudit_view_t *view = view_of_set(set, added, count);
	caaudit_rrset_t after = set_of(view);
	if (result == CAAUDIT_SYNTHESIS_DONE || result == CAAUDIT_SYNTHESIS_PERMITTED) {
		for (size_t i = 0; i < policy->ca_count; i++) {
			assert_true(permits(after, policy, false, &policy->ca[i]));
			// A wildcard that nobody wants stays refused.
			bool locked = policy->wildcard == CAAUDIT_WILDCARD_AUTO &&
			              decide(before, policy, true, &policy->ca[i]).reason ==
			                      CAAUDIT_REASON_NOBODY;
			assert_true(policy->wildcard == CAAUDIT_WILDCARD_OFF || locked ||
			            permits(after, policy, true, &policy->ca[i]));
		}
	}
	assert_int_equal(after.count, before.count + count);
	assert_true(result != CAAUDIT_SYNTHESIS_DONE || count > 0);
	for (size_t i = 0; i < COUNT(others) + policy->ca_count; i++) {
		const caaudit_ca_t ca = { .name = i < COUNT(others) ?
			                                  others[i] :
			                                  policy->ca[i - COUNT(others)].name };
		for (unsigned wildcard = 0; wildcard <= 1; wildcard++) {
			if (permits(before, policy, wildcard, &ca)) {
				assert_true(permits(after, policy, wildcard, &ca));
			} else if (!wanted(policy, ca.name)) {
				assert_false(permits(after, policy, wildcard, &ca));
			}
		}
	}
	if (!policy->override_denial) {
		check_restrictions(before, after, policy);
	}

	/* Once it is published, nothing is left to do. */
	caaudit_added_t again[ROOM];
	size_t again_count;
	caaudit_synthesis_t then = caaudit_synthesize(after, policy, again, ROOM, &again_count);
	if (result == CAAUDIT_SYNTHESIS_DONE) {
		assert_int_equal(then, CAAUDIT_SYNTHESIS_PERMITTED);
		assert_int_equal(again_count, 0);
	}
	caaudit_view_free(view);
}

static void check_case(const case_t *c)
{
	print_message("%s%s%s%s\n", c->set, c->strict ? " (strict)" : "",
	              c->no_wildcard ? " (no wildcard)" : "", c->override ? " (override)" : "");
	caaudit_policy_t *policy = policy_of(c);
	caaudit_view_t *view = view_of_set(c->set, NULL, 0);
	caaudit_rrset_t rrset = set_of(view);

	caaudit_added_t added[ROOM];
	size_t count = 99;
	assert_true(caaudit_synthesis_room(rrset, policy) <= ROOM);
	caaudit_synthesis_t result = caaudit_synthesize(rrset, policy, added,
	                                                caaudit_synthesis_room(rrset, policy),
	                                                &count);
	char text[2048];
	added_text(text, sizeof(text), added, count);
	assert_string_equal(text, c->added);
	assert_int_equal(result, c->result);
	if (rrset.count > 0) {
		check_promise(c->set, policy, rrset, result, added, count);
	}
	if (count > 0) {
		size_t none = 99;
		assert_int_equal(caaudit_synthesize(rrset, policy, added, count - 1, &none),
		                 CAAUDIT_SYNTHESIS_ROOM);
		assert_int_equal(none, 0);
	}
	caaudit_view_free(view);
	caaudit_policy_free(policy);
}

#define DONE      CAAUDIT_SYNTHESIS_DONE
#define PERMITTED CAAUDIT_SYNTHESIS_PERMITTED
#define DENIAL    CAAUDIT_SYNTHESIS_DENIAL
#define BOUND     CAAUDIT_SYNTHESIS_BOUND
#define ISSUE     "0 issue \"" CA "\""
#define WILD      "0 issuewild \"" CA "\""
#define BOTH      ISSUE "|" WILD

static void what_is_missing_is_added(void **state)
{
	(void)state;
	static const case_t cases[] = {
		{ "0 issue \"a.example\"", DONE, ISSUE, .strict = false },
		{ ISSUE, PERMITTED, "", .strict = false },
		{ "0 IssuE \"CA.Example.NET\"", PERMITTED, "", .strict = false },
		{ "0 issue \"a.example\"|0 iodef \"mailto:a@example.com\"", DONE, ISSUE,
		  .strict = false },
		{ "0 issue \"a.example\"|0 issuewild \"a.example\"", DONE, BOTH, .strict = false },
		{ "0 issue \"a.example\"|0 issuewild \"a.example\"", DONE, ISSUE,
		  .no_wildcard = true },
		{ ISSUE "|0 issuewild \"a.example\"", DONE, WILD, .strict = false },
		{ ISSUE "|0 issuewild \"a.example\"", PERMITTED, "", .no_wildcard = true },
		{ "0 issue \"a.example\"|" WILD, DONE, ISSUE, .strict = false },
		{ "0 issuewild \"a.example\"", DONE, WILD, .strict = false },
		{ "0 issue \"a.example\"", DONE, "0 issue \"b.example\"|" ISSUE,
		  .ca = CA " b.example" },
		{ "0 issue \"a.example\"", DONE, ISSUE, .ca = "a.example " CA },
		{ "0 issue \"sectigo.com\"", PERMITTED, "", .ca = "usertrust.com" },
		{ "128 issue \"a.example\"", DONE, ISSUE, .strict = false },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		check_case(&cases[i]);
	}
}

static void sets_that_restrict_nobody_stay(void **state)
{
	(void)state;
	static const case_t cases[] = {
		{ "", CAAUDIT_SYNTHESIS_NO_CAA, "", .strict = false },
		{ "", CAAUDIT_SYNTHESIS_NO_CAA, "", .strict = true },
		{ "0 iodef \"mailto:a@example.com\"", PERMITTED, "", .strict = false },
		{ "0 iodef \"mailto:a@example.com\"", CAAUDIT_SYNTHESIS_UNRESTRICTED, "",
		  .strict = true },
		{ "0 tbs \"x\"", PERMITTED, "", .strict = false },
		{ "0 issuewild \"a.example\"", PERMITTED, "", .no_wildcard = true },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		check_case(&cases[i]);
	}
}

static void a_denial_on_purpose_stays_unless_overridden(void **state)
{
	(void)state;
	static const case_t cases[] = {
		{ "0 issue \";\"", DENIAL, "", .strict = false },
		{ "0 issue \"\"", DENIAL, "", .strict = false },
		{ "0 issue \"; a=b\"", DENIAL, "", .strict = false },
		{ "0 issue \";\"", DONE, ISSUE, .override = true },
		{ "0 issue \";\"", DENIAL, "", .strict = true },
		{ "0 issue \";\"", DONE, BOTH, .strict = true, .override = true },
		{ "0 issue \";\"|0 issue \"a.example\"", DONE, ISSUE, .strict = false },
		{ "0 issuewild \";\"", DENIAL, "", .strict = false },
		{ "0 issuewild \";\"", DONE, WILD, .override = true },
		{ "0 issuewild \";\"", PERMITTED, "", .no_wildcard = true },
		{ ISSUE "|0 issuewild \";\"", DENIAL, "", .strict = false },
		{ "0 issue \"a.example\"|0 issuewild \";\"", DENIAL, ISSUE, .strict = false },
		{ "0 issue \"a.example\"|0 issuewild \";\"", DONE, BOTH, .override = true },
		{ "0 issue \";\"|0 issuewild \"a.example\"", DENIAL, WILD, .strict = false },
		/* A malformed value beside it counts as nobody, and changes nothing. */
		{ "0 issue \";\"|0 issue \"a_example\"", DENIAL, "", .strict = false },
		{ "0 issue \";\"|0 issue \"a_example\"", DONE, ISSUE, .override = true },
		/* So does a word for nobody. */
		{ "0 issue \"none\"", DENIAL, "", .strict = false },
		{ "0 issue \"None\"|0 issue \";\"", DENIAL, "", .strict = false },
		{ "0 issue \"N/A\"", DENIAL, "", .strict = false },
		{ "0 issue \"none\"", DONE, ISSUE, .override = true },
		{ "0 issue \"none\"|0 issue \"a.example\"", DONE, ISSUE, .strict = false },
		{ ISSUE "|0 issuewild \"deny\"", DENIAL, "", .strict = false },
		/* No wildcard is wanted, unless the pair is demanded. */
		{ ISSUE "|0 issuewild \";\"", PERMITTED, "", .automatic = true },
		{ "0 issue \"a.example\"|0 issuewild \";\"", DONE, ISSUE, .automatic = true },
		{ ISSUE "|0 issuewild \";\"", DENIAL, "", .automatic = true, .strict = true },
		{ ISSUE "|0 issuewild \"a.example\"", DONE, WILD, .automatic = true },
		{ "0 issue \";\"", DENIAL, "", .automatic = true },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		check_case(&cases[i]);
	}
}

static void what_no_record_repairs_stays(void **state)
{
	(void)state;
	static const case_t cases[] = {
		{ "0 issue \"a.example\"|128 tbs \"x\"", CAAUDIT_SYNTHESIS_CRITICAL, "",
		  .strict = false },
		{ "0 issue \"a.example\"|128 tbs \"x\"", CAAUDIT_SYNTHESIS_CRITICAL, "",
		  .override = true },
		{ "0 issue \"a.example\"|128 auth \"x\"", CAAUDIT_SYNTHESIS_CRITICAL, "",
		  .strict = true },
		{ "0 issue \"a.example\"|1 tbs \"x\"", DONE, ISSUE, .strict = false },
		{ "0 issue \"a.example\"|128 iodef \"mailto:a@example.com\"", DONE, ISSUE,
		  .strict = false },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		check_case(&cases[i]);
	}
}

static void a_malformed_value_is_no_denial_on_purpose(void **state)
{
	(void)state;
	static const case_t cases[] = {
		{ "0 issue \"" CA ".\"", DONE, ISSUE, .strict = false },
		{ "0 issue \"https://" CA "\"", DONE, ISSUE, .strict = false },
		{ "0 issuewild \"" CA ".\"", DONE, WILD, .strict = false },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		check_case(&cases[i]);
	}
}

#define URN1 "; accounturi=urn:1"
#define URN2 "; accounturi=urn:2"
#define DNS  "; validationmethods=dns-01"

static void parameters_that_bind_the_ca_stay_unless_overridden(void **state)
{
	(void)state;
	static const case_t cases[] = {
		{ "0 issue \"" CA URN1 "\"", PERMITTED, "", .strict = false },
		{ "0 issue \"" CA URN1 "\"", PERMITTED, "", .account = "urn:1" },
		{ "0 issue \"" CA URN1 "\"", BOUND, "", .account = "urn:2" },
		{ "0 issue \"" CA URN1 "\"", DONE, "0 issue \"" CA URN2 "\"", .account = "urn:2",
		  .override = true },
		{ "0 issue \"" CA URN1 "\"|0 issue \"" CA URN2 "\"", PERMITTED, "",
		  .account = "urn:2" },
		/* What nobody can meet. */
		{ "0 issue \"" CA "; accounturi=1\"", BOUND, "", .strict = false },
		{ "0 issue \"" CA "; accounturi=1\"", DONE, ISSUE, .override = true },
		{ "0 issue \"" CA URN1 URN1 "\"", BOUND, "", .strict = false },
		{ "0 issue \"" CA URN1 URN2 "\"", BOUND, "", .account = "urn:1" },
		{ "0 issue \"" CA URN1 URN2 "\"", DONE, ISSUE, .override = true },
		{ "0 issue \"" CA "; validationmethods=\"", BOUND, "", .strict = false },
		/* In a value that is malformed, and so permits nobody. */
		{ "0 issue \"" CA URN1 ";\"", BOUND, "", .strict = false },
		{ "0 issue \"a.example\"|0 issue \"" CA URN1 ";\"", BOUND, "", .strict = false },
		{ "0 issue \"" CA URN1 ";\"", DONE, ISSUE, .override = true },
		/* The other one of the pair binds it. */
		{ "0 issue \"a.example\"|0 issuewild \"" CA URN1 "\"", DONE,
		  "0 issue \"" CA URN1 "\"", .strict = false },
		{ "0 issue \"a.example\"|0 issuewild \"" CA URN1 "\"", BOUND, "",
		  .account = "urn:2" },
		{ "0 issue \"a.example\"|0 issuewild \"" CA URN1 "\"", BOUND, "",
		  .account = "urn:2", .no_wildcard = true },
		{ "0 issue \"a.example\"|0 issuewild \"" CA URN1 "\"", DONE,
		  "0 issue \"" CA URN2 "\"", .account = "urn:2", .no_wildcard = true,
		  .override = true },
		{ "0 issue \"" CA URN1 "\"|0 issue \"" CA URN2 "\"|0 issuewild \"a.example\"", DONE,
		  "0 issuewild \"" CA URN2 "\"", .account = "urn:2" },
		{ "0 issue \"" CA DNS "\"|0 issuewild \"a.example\"", DONE,
		  "0 issuewild \"" CA DNS "\"", .strict = false },
		/* Of two CAs the other one gets its property. */
		{ "0 issue \"" CA URN1 "\"", BOUND, "0 issue \"b.example" URN2 "\"",
		  .ca = CA " b.example", .account = "urn:2" },
		/* DigiCert accepts the name of Amazon: what binds it must bind it still. */
		{ "0 issue \"digicert.com; accounturi=1\"", BOUND, "",
		  .ca = "digicert.com amazon.com" },
		{ "0 issue \"digicert.com; accounturi=1\"", BOUND, "",
		  .ca = "amazon.com digicert.com" },
		{ "0 issue \"digicert.com accounturi=1\"", BOUND, "",
		  .ca = "amazon.com digicert.com" },
		{ "0 issue \"digicert.com; validationmethods=ca-x-1\"", BOUND, "",
		  .ca = "amazon.com digicert.com" },
		{ "0 issue \"digicert.com" URN1 "\"", DONE, "0 issue \"amazon.com" URN1 "\"",
		  .ca = "amazon.com digicert.com", .account = "urn:1" },
		{ "0 issue \"digicert.com" URN1 "\"|0 issuewild \"a.example\"", BOUND,
		  "0 issuewild \"amazon.com" URN2 "\"", .ca = "amazon.com digicert.com",
		  .account = "urn:2" },
		{ "0 issue \"digicert.com; accounturi=1\"", BOUND, "", .ca = "amazon.com" },
		{ "0 issue \"entrust.net\"|0 issuewild \"ssl.com; accounturi=1\"", BOUND, "",
		  .ca = "entrust.net" },
		{ "0 issue \"digicert.com; accounturi=1\"", DONE, "0 issue \"sectigo.com\"",
		  .ca = "sectigo.com" },
		{ "0 issue \"digicert.com; accounturi=1\"", DONE,
		  "0 issue \"amazon.com\"|0 issue \"digicert.com\"",
		  .ca = "amazon.com digicert.com", .override = true },
		/* The parameters of the pair go under the name of the CA: nobody wants Amazon. */
		{ "0 issue \"a.example\"|0 issuewild \"amazon.com" URN1 "\"", DONE,
		  "0 issue \"digicert.com" URN1 "\"", .ca = "digicert.com" },
		{ "0 issue \"amazon.com" URN1 "\"|0 issuewild \"a.example\"", DONE,
		  "0 issuewild \"digicert.com" URN1 "\"", .ca = "digicert.com",
		  .account = "urn:1" },
		{ "0 issue \"a.example\"|0 issuewild \"amazon.com;\"", DONE,
		  "0 issue \"digicert.com\"", .ca = "digicert.com", .account = "urn:1" },
		{ "0 issue \"digicert.com\"|0 issue \"digicert.com; accounturi=1\"", DONE,
		  "0 issue \"amazon.com\"", .ca = "amazon.com digicert.com" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		check_case(&cases[i]);
	}
}

static void strict_adds_the_pair_and_shuts_nobody_out(void **state)
{
	(void)state;
	static const case_t cases[] = {
		{ ISSUE, DONE, WILD, .strict = true },
		{ BOTH, PERMITTED, "", .strict = true },
		{ WILD, CAAUDIT_SYNTHESIS_UNRESTRICTED, "", .strict = true },
		{ "0 issue \"a.example\"", DONE, ISSUE "|0 issuewild \"a.example\"|" WILD,
		  .strict = true },
		{ "0 issue \"a.example\"|0 issue \"b.example; validationmethods=dns-01\"", DONE,
		  ISSUE
		  "|0 issuewild \"a.example\"|0 issuewild \"b.example; validationmethods=dns-01\"|" WILD,
		  .strict = true },
		{ "0 issue \"a.example\"|128 issue \"a.example\"|" ISSUE, DONE,
		  "0 issuewild \"a.example\"|" WILD, .strict = true },
		{ "0 issue \"a.example\"|0 issuewild \"a.example\"", DONE, BOTH, .strict = true },
		{ "0 issue \"a.example\"|0 issue \";\"", DONE,
		  ISSUE "|0 issuewild \"a.example\"|" WILD, .strict = true, .no_wildcard = true },
		{ "0 issue \"" CA "; validationmethods=dns-01\"", DONE,
		  "0 issuewild \"" CA "; validationmethods=dns-01\"", .strict = true },
		{ ISSUE "|0 issue \"x_y\"", DONE, WILD, .strict = true },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		check_case(&cases[i]);
	}
}

static void the_account_of_the_request_is_named(void **state)
{
	(void)state;
	static const case_t cases[] = {
		{ "0 issue \"a.example\"", DONE,
		  "0 issue \"" CA "; accounturi=https://ca.example/1\"",
		  .account = "https://ca.example/1" },
		{ ISSUE, PERMITTED, "", .account = "https://ca.example/1" },
		{ "0 issue \"a.example\"", DONE, ISSUE, .account = "https://ca.example/1;2" },
		{ "0 issue \"a.example\"", DONE,
		  "0 issue \"" CA "; accounturi=https://ca.example/1\"|"
		  "0 issuewild \"a.example\"|0 issuewild \"" CA
		  "; accounturi=https://ca.example/1\"",
		  .strict = true, .account = "https://ca.example/1" },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		check_case(&cases[i]);
	}
}

static void rdata_that_no_ca_decodes_stays(void **state)
{
	(void)state;
	static const uint8_t bad[][2] = { { 0 }, { 0, 5 } };
	caaudit_policy_t *policy = policy_of(&(case_t){ .set = "" });
	for (size_t i = 0; i < COUNT(bad); i++) {
		zone_t zone = zone_of_text(ZONE, SOA "@ CAA 0 issue \"a.example\"\n");
		zone_add(&zone, dname(ZONE), KNOT_RRTYPE_CAA, 3600, bad[i], (uint16_t)(i + 1));
		caaudit_view_t *view = view_of_zone(&zone, ZONE);
		caaudit_added_t added[ROOM];
		size_t count = 99;
		assert_int_equal(caaudit_synthesize(set_of(view), policy, added, ROOM, &count),
		                 CAAUDIT_SYNTHESIS_UNDECODABLE);
		assert_int_equal(count, 0);
		caaudit_view_free(view);
		zone_free(&zone);
	}
	caaudit_policy_free(policy);
}

static void nothing_is_wanted_without_a_ca(void **state)
{
	(void)state;
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	caaudit_view_t *view = view_of_set("0 issue \"a.example\"", NULL, 0);
	caaudit_added_t added[1];
	size_t count = 99;
	assert_int_equal(caaudit_synthesize(set_of(view), policy, added, 1, &count), PERMITTED);
	assert_int_equal(count, 0);
	caaudit_view_free(view);
	caaudit_policy_free(policy);
}

static void every_result_has_a_text(void **state)
{
	(void)state;
	for (unsigned i = 0; i <= CAAUDIT_SYNTHESIS_ROOM; i++) {
		const char *text = caaudit_synthesis_text(i);
		assert_non_null(text);
		assert_true(strlen(text) > 5 && text[strlen(text) - 1] != '.');
		for (unsigned j = 0; j < i; j++) {
			assert_string_not_equal(text, caaudit_synthesis_text(j));
		}
	}
}

static void random_sets_keep_the_promise(void **state)
{
	(void)state;
	static const char *const parts[] = {
		ISSUE,
		WILD,
		"0 issue \"a.example\"",
		"0 issue \"b.example; x=y\"",
		"0 issue \";\"",
		"0 issue \"c.example.\"",
		"0 issuewild \"a.example\"",
		"0 issuewild \";\"",
		"0 issuewild \"b.example\"",
		"0 iodef \"mailto:a@example.com\"",
		"0 tbs \"x\"",
		"128 tbs \"x\"",
		"128 issue \"c.example\"",
		"0 issuemail \"a.example\"",
		"0 issue \"" CA "; accounturi=x\"",
		"0 issue \"" CA URN1 "\"",
		"0 issue \"" CA DNS "\"",
		"0 issuewild \"" CA URN2 "\"",
		"0 issuewild \"" CA "; validationmethods=http-01\"",
	};
	uint64_t random = 5;
	for (unsigned round = 0; round < 5000; round++) {
		char set[2048] = "";
		for (unsigned i = zone_random(&random) % 6 + 1; i > 0; i--) {
			const char *part = parts[zone_random(&random) % COUNT(parts)];
			if (strstr(set, part) == NULL) {
				size_t len = strlen(set);
				snprintf(set + len, sizeof(set) - len, "%s%s", len > 0 ? "|" : "",
				         part);
			}
		}
		uint64_t bits = zone_random(&random);
		const case_t c = {
			.set = set,
			.strict = bits & 1,
			.no_wildcard = bits & 2,
			.override = bits & 4,
			.automatic = bits & 16,
			.account = bits & 32 ? "urn:1" :
			           bits & 64 ? "urn:2" :
			                       NULL,
			.ca = bits & 8 ? CA " ca.example.org" : CA,
		};
		caaudit_policy_t *policy = policy_of(&c);
		caaudit_view_t *view = view_of_set(set, NULL, 0);
		caaudit_rrset_t rrset = set_of(view);
		caaudit_added_t added[ROOM];
		size_t count;
		caaudit_synthesis_t result = caaudit_synthesize(rrset, policy, added, ROOM, &count);
		if (result == CAAUDIT_SYNTHESIS_CRITICAL) {
			assert_int_equal(count, 0);
		}
		check_promise(set, policy, rrset, result, added, count);
		caaudit_view_free(view);
		caaudit_policy_free(policy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_missing_is_added),
		cmocka_unit_test(sets_that_restrict_nobody_stay),
		cmocka_unit_test(a_denial_on_purpose_stays_unless_overridden),
		cmocka_unit_test(what_no_record_repairs_stays),
		cmocka_unit_test(a_malformed_value_is_no_denial_on_purpose),
		cmocka_unit_test(parameters_that_bind_the_ca_stay_unless_overridden),
		cmocka_unit_test(strict_adds_the_pair_and_shuts_nobody_out),
		cmocka_unit_test(the_account_of_the_request_is_named),
		cmocka_unit_test(rdata_that_no_ca_decodes_stays),
		cmocka_unit_test(nothing_is_wanted_without_a_ca),
		cmocka_unit_test(every_result_has_a_text),
		cmocka_unit_test(random_sets_keep_the_promise),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
