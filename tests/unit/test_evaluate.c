/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "test.h"

#include <time.h>

#include "caaudit/audit.h"

static const char *const permits[] = { "DENIED", "PERMITTED", "UNKNOWN" };

typedef struct {
	const char *zone; /* Records after the SOA. */
	const char *host;
	bool wildcard;
	caaudit_permit_t permit;
	caaudit_reason_t reason;
	const char *decided_by; /* NULL = none. */
	const char *asked;      /* NULL = none. */
	bool by_issuewild;
	const char *ca; /* NULL = ca.example.net. */
	const char *account;
	const char *method;
} case_t;

static void check_case(const case_t *c)
{
	print_message("%s%s for %s\n%s\n", c->wildcard ? "*." : "", c->host,
	              c->ca == NULL ? "ca.example.net" : c->ca, c->zone);
	size_t size = strlen(SOA) + strlen(c->zone) + 1;
	char *text = malloc(size);
	snprintf(text, size, "%s%s", SOA, c->zone);
	zone_t zone = zone_of_text(ZONE, text);
	free(text);

	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	assert_int_equal(caaudit_policy_add_ca(policy, c->ca == NULL ? "ca.example.net" : c->ca,
	                                       NULL),
	                 KNOT_EOK);
	if (c->account != NULL) {
		assert_int_equal(caaudit_policy_set_account(policy, c->account, NULL), KNOT_EOK);
	}
	if (c->method != NULL) {
		assert_int_equal(caaudit_policy_set_method(policy, c->method, NULL), KNOT_EOK);
	}

	uint64_t random = 3;
	for (unsigned round = 0; round < 5; round++) {
		caaudit_view_t *view = view_of_zone(&zone, ZONE);
		caaudit_verdict_t verdict;
		memset(&verdict, 0xa5, sizeof(verdict));
		caaudit_permit(view, policy, dname(c->host), c->wildcard, &policy->ca[0], &verdict);
		if (verdict.is.permit != c->permit || verdict.is.reason != c->reason) {
			print_error("%s (%d), not %s (%d)\n", permits[verdict.is.permit],
			            verdict.is.reason, permits[c->permit], c->reason);
		}
		assert_int_equal(verdict.is.permit, c->permit);
		assert_int_equal(verdict.is.reason, c->reason);
		assert_string_equal(dname_text(verdict.is.decided_by),
		                    c->decided_by == NULL ? "-" : c->decided_by);
		assert_string_equal(dname_text(verdict.asked), c->asked == NULL ? "-" : c->asked);
		assert_int_equal(verdict.is.by_issuewild, c->by_issuewild);
		assert_int_equal(verdict.wildcard, c->wildcard);
		assert_string_equal(dname_text(verdict.host), c->host);
		assert_ptr_equal(verdict.ca, policy->ca[0].name);
		assert_int_equal(verdict.is.rrset.count > 0, c->decided_by != NULL);
		caaudit_view_free(view);
		zone_shuffle(&zone, &random);
	}
	caaudit_policy_free(policy);
	zone_free(&zone);
}

static void check_cases(const case_t *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		check_case(&cases[i]);
	}
}

#define APEX "example.com."
/* The RRset at the apex decides for the apex. */
#define AT_APEX(permit, reason, records)                                                           \
	{                                                                                          \
		records, APEX, false, CAAUDIT_##permit, CAAUDIT_REASON_##reason, APEX, APEX,       \
			false, NULL, NULL, NULL                                                    \
	}
#define WILD_AT_APEX(permit, reason, by_issuewild, records)                                        \
	{                                                                                          \
		records, APEX, true, CAAUDIT_##permit, CAAUDIT_REASON_##reason, APEX, APEX,        \
			by_issuewild, NULL, NULL, NULL                                             \
	}
#define PARAMETERS(permit, reason, account, method, records)                                       \
	{                                                                                          \
		records, APEX, false, CAAUDIT_##permit, CAAUDIT_REASON_##reason, APEX, APEX,       \
			false, NULL, account, method                                               \
	}

static void an_rrset_permits_what_its_properties_say(void **state)
{
	(void)state;
	static const case_t cases[] = {
		{ "", APEX, false, CAAUDIT_PERMITTED, CAAUDIT_REASON_NO_CAA, NULL, NULL, false,
		  NULL, NULL, NULL },
		AT_APEX(PERMITTED, LISTED, "@ CAA 0 issue \"ca.example.net\"\n"),
		AT_APEX(PERMITTED, LISTED, "@ CAA 0 issue \"CA.Example.NET\"\n"),
		AT_APEX(PERMITTED, LISTED, "@ CAA 0 ISSUE \" ca.example.net \"\n"),
		AT_APEX(PERMITTED, LISTED, "@ CAA 128 issue \"ca.example.net\"\n"),
		AT_APEX(DENIED, NOT_LISTED, "@ CAA 0 issue \"other.example.net\"\n"),
		AT_APEX(DENIED, NOT_LISTED, "@ CAA 0 issue \"example.net\"\n"),
		AT_APEX(DENIED, NOT_LISTED, "@ CAA 0 issue \"x.ca.example.net\"\n"),
		AT_APEX(DENIED, NOBODY, "@ CAA 0 issue \";\"\n"),
		AT_APEX(DENIED, NOBODY, "@ CAA 0 issue \"\"\n"),
		AT_APEX(DENIED, NOBODY, "@ CAA 0 issue \"; a=b\"\n"),
		AT_APEX(DENIED, MALFORMED, "@ CAA 0 issue \"ca.example.net.\"\n"),
		AT_APEX(DENIED, MALFORMED, "@ CAA 0 issue \"%%%%\"\n"),
		AT_APEX(DENIED, MALFORMED,
		        "@ CAA 0 issue \"x..y\"\n@ CAA 0 issue \"other.example.net\"\n"),
		/* Properties add up. */
		AT_APEX(PERMITTED, LISTED,
		        "@ CAA 0 issue \";\"\n@ CAA 0 issue \"ca.example.net\"\n"),
		AT_APEX(PERMITTED, LISTED,
		        "@ CAA 0 issue \"x..y\"\n@ CAA 0 issue \"ca.example.net\"\n"),
		AT_APEX(PERMITTED, LISTED,
		        "@ CAA 0 issue \"other.example.net\"\n@ CAA 0 issue \"ca.example.net\"\n"),
		AT_APEX(DENIED, NOT_LISTED,
		        "@ CAA 0 issue \";\"\n@ CAA 0 issue \"other.example.net\"\n"),
		/* Nothing that restricts. */
		AT_APEX(PERMITTED, UNRESTRICTED, "@ CAA 0 iodef \"mailto:admin@example.com\"\n"),
		AT_APEX(PERMITTED, UNRESTRICTED, "@ CAA 0 issuewild \";\"\n"),
		AT_APEX(PERMITTED, UNRESTRICTED, "@ CAA 0 issuemail \";\"\n"),
		AT_APEX(PERMITTED, UNRESTRICTED, "@ CAA 0 issuevmc \";\"\n"),
		AT_APEX(PERMITTED, UNRESTRICTED, "@ CAA 128 issuemail \";\"\n"),
		AT_APEX(PERMITTED, UNRESTRICTED, "@ CAA 128 contactemail \"admin@example.com\"\n"),
		AT_APEX(PERMITTED, UNRESTRICTED, "@ CAA 0 tbs \"Unknown\"\n"),
		AT_APEX(PERMITTED, UNRESTRICTED, "@ CAA 127 tbs \"Unknown\"\n"),
		AT_APEX(PERMITTED, UNRESTRICTED, "@ CAA 1 tbs \"Unknown\"\n"),
		AT_APEX(PERMITTED, UNRESTRICTED, "@ CAA 0 policy \"x\"\n"),
		AT_APEX(PERMITTED, UNRESTRICTED, "@ CAA \\# 2 0000\n"),
		/* Critical. */
		AT_APEX(DENIED, CRITICAL, "@ CAA 128 tbs \"Unknown\"\n"),
		AT_APEX(DENIED, CRITICAL, "@ CAA 255 tbs \"Unknown\"\n"),
		AT_APEX(DENIED, CRITICAL, "@ CAA 128 policy \"x\"\n"),
		AT_APEX(DENIED, CRITICAL, "@ CAA \\# 2 8000\n"),
		AT_APEX(DENIED, CRITICAL,
		        "@ CAA 128 tbs \"x\"\n@ CAA 0 issue \"ca.example.net\"\n"),
		/* Undecodable. */
		AT_APEX(DENIED, RDATA, "@ CAA \\# 1 00\n"),
		AT_APEX(DENIED, RDATA, "@ CAA \\# 2 0001\n"),
		AT_APEX(DENIED, RDATA, "@ CAA \\# 2 0001\n@ CAA 0 issue \"ca.example.net\"\n"),
		AT_APEX(DENIED, RDATA, "@ CAA \\# 2 0001\n@ CAA 128 tbs \"x\"\n"),
	};
	check_cases(cases, COUNT(cases));
}

static void wildcards_obey_issuewild_alone_if_there_is_one(void **state)
{
	(void)state;
	static const case_t cases[] = {
		WILD_AT_APEX(PERMITTED, LISTED, false, "@ CAA 0 issue \"ca.example.net\"\n"),
		WILD_AT_APEX(DENIED, NOBODY, false, "@ CAA 0 issue \";\"\n"),
		WILD_AT_APEX(PERMITTED, LISTED, true, "@ CAA 0 issuewild \"ca.example.net\"\n"),
		WILD_AT_APEX(PERMITTED, LISTED, true,
		             "@ CAA 0 issue \";\"\n@ CAA 0 issuewild \"ca.example.net\"\n"),
		WILD_AT_APEX(DENIED, NOBODY, true,
		             "@ CAA 0 issue \"ca.example.net\"\n@ CAA 0 issuewild \";\"\n"),
		WILD_AT_APEX(
			DENIED, NOT_LISTED, true,
			"@ CAA 0 issue \"ca.example.net\"\n@ CAA 0 issuewild \"other.example.net\"\n"),
		WILD_AT_APEX(
			DENIED, MALFORMED, true,
			"@ CAA 0 issue \"ca.example.net\"\n@ CAA 0 issuewild \"ca.example.net.\"\n"),
		WILD_AT_APEX(PERMITTED, UNRESTRICTED, false,
		             "@ CAA 0 iodef \"mailto:admin@example.com\"\n"),
		AT_APEX(PERMITTED, LISTED,
		        "@ CAA 0 issue \"ca.example.net\"\n@ CAA 0 issuewild \";\"\n"),
		AT_APEX(DENIED, NOBODY,
		        "@ CAA 0 issue \";\"\n@ CAA 0 issuewild \"ca.example.net\"\n"),
		WILD_AT_APEX(DENIED, CRITICAL, true,
		             "@ CAA 128 x \"\"\n@ CAA 0 issuewild \"ca.example.net\"\n"),
	};
	check_cases(cases, COUNT(cases));
}

/* RFC 8657 sections 3 and 4. */
static void parameters_bind_the_permission(void **state)
{
	(void)state;
	static const char one[] = "https://ca.example.net/acct/1";
	static const case_t cases[] = {
		PARAMETERS(
			PERMITTED, LISTED, one, NULL,
			"@ CAA 0 issue \"ca.example.net; accounturi=https://ca.example.net/acct/1\"\n"),
		PARAMETERS(
			PERMITTED, LISTED, one, NULL,
			"@ CAA 0 issue \"ca.example.net; AccountURI = https://ca.example.net/acct/1\"\n"),
		PARAMETERS(
			PERMITTED, LISTED, NULL, NULL,
			"@ CAA 0 issue \"ca.example.net; accounturi=https://ca.example.net/acct/1\"\n"),
		PARAMETERS(PERMITTED, LISTED, one, NULL, "@ CAA 0 issue \"ca.example.net\"\n"),
		PARAMETERS(PERMITTED, LISTED, one, NULL, "@ CAA 0 issue \"ca.example.net; x=y\"\n"),
		PARAMETERS(
			DENIED, PARAMETERS, one, NULL,
			"@ CAA 0 issue \"ca.example.net; accounturi=https://ca.example.net/acct/2\"\n"),
		PARAMETERS(
			DENIED, PARAMETERS, one, NULL,
			"@ CAA 0 issue \"ca.example.net; accounturi=https://ca.example.net/acct/12\"\n"),
		PARAMETERS(
			DENIED, PARAMETERS, one, NULL,
			"@ CAA 0 issue \"ca.example.net; accounturi=https://ca.example.net/acct/\"\n"),
		PARAMETERS(
			DENIED, PARAMETERS, one, NULL,
			"@ CAA 0 issue \"ca.example.net; accounturi=HTTPS://ca.example.net/acct/1\"\n"),
		PARAMETERS(DENIED, PARAMETERS, NULL, NULL,
		           "@ CAA 0 issue \"ca.example.net; accounturi=\"\n"),
		PARAMETERS(DENIED, PARAMETERS, NULL, NULL,
		           "@ CAA 0 issue \"ca.example.net; accounturi=1\"\n"),
		/* Two of them can be satisfied by nobody, even if they are the same. */
		PARAMETERS(
			DENIED, PARAMETERS, one, NULL,
			"@ CAA 0 issue \"ca.example.net; accounturi=https://ca.example.net/acct/1; "
			"accounturi=https://ca.example.net/acct/1\"\n"),
		/* Another property makes up for it. */
		PARAMETERS(
			PERMITTED, LISTED, one, NULL,
			"@ CAA 0 issue \"ca.example.net; accounturi=https://ca.example.net/acct/2\"\n"
			"@ CAA 0 issue \"ca.example.net; accounturi=https://ca.example.net/acct/1\"\n"),
		PARAMETERS(
			DENIED, PARAMETERS, one, NULL,
			"@ CAA 0 issue \"ca.example.net; accounturi=https://ca.example.net/acct/2\"\n"
			"@ CAA 0 issue \"other.example.net\"\n"),
		PARAMETERS(PERMITTED, LISTED, NULL, "dns-01",
		           "@ CAA 0 issue \"ca.example.net; validationmethods=dns-01\"\n"),
		PARAMETERS(PERMITTED, LISTED, NULL, "dns-01",
		           "@ CAA 0 issue \"ca.example.net; validationmethods=http-01,dns-01\"\n"),
		PARAMETERS(PERMITTED, LISTED, NULL, "ca-tbr-7",
		           "@ CAA 0 issue \"ca.example.net; VALIDATIONMETHODS=ca-tbr-7,x\"\n"),
		PARAMETERS(PERMITTED, LISTED, NULL, NULL,
		           "@ CAA 0 issue \"ca.example.net; validationmethods=http-01\"\n"),
		PARAMETERS(PERMITTED, LISTED, NULL, "dns-01", "@ CAA 0 issue \"ca.example.net\"\n"),
		PARAMETERS(DENIED, PARAMETERS, NULL, "dns-01",
		           "@ CAA 0 issue \"ca.example.net; validationmethods=http-01\"\n"),
		PARAMETERS(DENIED, PARAMETERS, NULL, "dns-01",
		           "@ CAA 0 issue \"ca.example.net; validationmethods=dns-011\"\n"),
		PARAMETERS(DENIED, PARAMETERS, NULL, "dns-01",
		           "@ CAA 0 issue \"ca.example.net; validationmethods=dns-0\"\n"),
		PARAMETERS(DENIED, PARAMETERS, NULL, NULL,
		           "@ CAA 0 issue \"ca.example.net; validationmethods=\"\n"),
		PARAMETERS(DENIED, PARAMETERS, NULL, "dns-01",
		           "@ CAA 0 issue \"ca.example.net; validationmethods=dns-01,\"\n"),
		PARAMETERS(DENIED, PARAMETERS, NULL, "dns-01",
		           "@ CAA 0 issue \"ca.example.net; validationmethods=,dns-01\"\n"),
		PARAMETERS(DENIED, PARAMETERS, NULL, "dns-01",
		           "@ CAA 0 issue \"ca.example.net; validationmethods=dns_01,dns-01\"\n"),
		PARAMETERS(
			DENIED, PARAMETERS, NULL, "dns-01",
			"@ CAA 0 issue \"ca.example.net; validationmethods=dns-01; validationmethods=dns-01\"\n"),
		PARAMETERS(
			DENIED, PARAMETERS, one, "dns-01",
			"@ CAA 0 issue \"ca.example.net; accounturi=https://ca.example.net/acct/1; "
			"validationmethods=http-01\"\n"),
	};
	check_cases(cases, COUNT(cases));
}

static void a_known_ca_is_met_under_each_of_its_names(void **state)
{
	(void)state;
	static const case_t cases[] = {
		{ "@ CAA 0 issue \"sectigo.com\"\n", APEX, false, CAAUDIT_PERMITTED,
		  CAAUDIT_REASON_LISTED, APEX, APEX, false, "usertrust.com", NULL, NULL },
		{ "@ CAA 0 issue \"comodoca.com\"\n", APEX, false, CAAUDIT_PERMITTED,
		  CAAUDIT_REASON_LISTED, APEX, APEX, false, "sectigo.com", NULL, NULL },
		{ "@ CAA 0 issue \"digicert.com\"\n", APEX, false, CAAUDIT_DENIED,
		  CAAUDIT_REASON_NOT_LISTED, APEX, APEX, false, "sectigo.com", NULL, NULL },
	};
	check_cases(cases, COUNT(cases));
}

#define NO_CAA(host, wildcard, records)                                                            \
	{                                                                                          \
		records, host, wildcard, CAAUDIT_PERMITTED, CAAUDIT_REASON_NO_CAA, NULL, NULL,     \
			false, NULL, NULL, NULL                                                    \
	}
#define LISTED(host, wildcard, by, asked, records)                                                 \
	{                                                                                          \
		records, host, wildcard, CAAUDIT_PERMITTED, CAAUDIT_REASON_LISTED, by, asked,      \
			false, NULL, NULL, NULL                                                    \
	}
#define NOBODY(host, wildcard, by, asked, records)                                                 \
	{                                                                                          \
		records, host, wildcard, CAAUDIT_DENIED, CAAUDIT_REASON_NOBODY, by, asked, false,  \
			NULL, NULL, NULL                                                           \
	}
#define UNKNOWN(reason, host, asked, records)                                                      \
	{                                                                                          \
		records, host, false, CAAUDIT_UNKNOWN, CAAUDIT_REASON_##reason, NULL, asked,       \
			false, NULL, NULL, NULL                                                    \
	}

#define GOOD "CAA 0 issue \"ca.example.net\"\n"
#define BAD  "CAA 0 issue \";\"\n"

/* RFC 8659 section 3. */
static void the_first_rrset_on_the_way_up_decides(void **state)
{
	(void)state;
	static const case_t cases[] = {
		LISTED("a.b.example.com.", false, APEX, APEX, "@ " GOOD "a.b A 192.0.2.1\n"),
		LISTED("a.b.example.com.", false, APEX, APEX, "@ " GOOD),
		LISTED("a.b.example.com.", false, "b.example.com.", "b.example.com.",
		       "@ " BAD "b " GOOD),
		NOBODY("a.b.example.com.", false, "b.example.com.", "b.example.com.",
		       "@ " GOOD "b " BAD),
		NOBODY("a.b.example.com.", false, "a.b.example.com.", "a.b.example.com.",
		       "b " GOOD "a.b " BAD),
		/* An RRset without a restriction ends the climb as well. */
		{ "@ " BAD "b CAA 0 iodef \"mailto:admin@example.com\"\n", "a.b.example.com.",
		  false, CAAUDIT_PERMITTED, CAAUDIT_REASON_UNRESTRICTED, "b.example.com.",
		  "b.example.com.", false, NULL, NULL, NULL },
		/* What stands above the zone is not seen. */
		NO_CAA("a.b.example.com.", false, "b A 192.0.2.1\n"),
		/* For "*.b" the climb begins at "b", whatever stands at "*.b". */
		LISTED("b.example.com.", true, "b.example.com.", "b.example.com.",
		       "b " GOOD "*.b " BAD),
		NO_CAA("b.example.com.", true, "*.b " BAD),
		/* A wildcard answers for a name that does not exist. */
		NOBODY("a.b.example.com.", false, "*.b.example.com.", "a.b.example.com.",
		       "*.b " BAD "b " GOOD),
		NOBODY("x.a.b.example.com.", false, "*.b.example.com.", "x.a.b.example.com.",
		       "*.b " BAD),
		LISTED("a.b.example.com.", false, "b.example.com.", "b.example.com.",
		       "*.b " BAD "b " GOOD "a.b A 192.0.2.1\n"),
	};
	check_cases(cases, COUNT(cases));
}

static void aliases_are_followed_at_each_step(void **state)
{
	(void)state;
	static const case_t cases[] = {
		NOBODY("a.example.com.", false, "t.example.com.", "a.example.com.",
		       "a CNAME t\nt " BAD "@ " GOOD),
		/* From a target without CAA the climb goes on from the original name. */
		LISTED("a.example.com.", false, APEX, APEX,
		       "a CNAME x.t\nt " BAD "x.t A 192.0.2.1\n@ " GOOD),
		LISTED("a.example.com.", false, APEX, APEX, "a CNAME x.t\nt " BAD "@ " GOOD),
		NOBODY("x.a.example.com.", false, "t.example.com.", "a.example.com.",
		       "a CNAME t\nt " BAD),
		NOBODY("a.example.com.", false, "t.example.com.", "a.example.com.",
		       "a CNAME b\nb CNAME c\nc CNAME t\nt " BAD),
		NOBODY("a.d.example.com.", false, "a.t.example.com.", "a.d.example.com.",
		       "d DNAME t\na.t " BAD "@ " GOOD),
		LISTED("d.example.com.", false, APEX, APEX, "d DNAME t\nt " BAD "@ " GOOD),
		LISTED("b.d.example.com.", false, "d.example.com.", "d.example.com.",
		       "d DNAME t\nd " GOOD "a.t " BAD),
		NOBODY("a.example.com.", false, "*.t.example.com.", "a.example.com.",
		       "a CNAME x.t\n*.t " BAD),
		NOBODY("a.example.com.", false, "t.example.com.", "a.example.com.",
		       "*.example.com. CNAME t\nt " BAD),
		NOBODY("a.example.com.", true, "t.example.com.", "a.example.com.",
		       "a CNAME t\nt " BAD),
	};
	check_cases(cases, COUNT(cases));
}

static void what_another_zone_answers_is_unknown(void **state)
{
	(void)state;
	static const case_t cases[] = {
		UNKNOWN(EXTERNAL, "a.example.com.", "a.example.com.",
		        "a CNAME x.example.net.\n@ " GOOD),
		UNKNOWN(EXTERNAL, "a.example.com.", "a.example.com.",
		        "a CNAME b\nb CNAME x.example.net.\n@ " GOOD),
		UNKNOWN(EXTERNAL, "x.a.example.com.", "a.example.com.", "a CNAME x.example.net.\n"),
		UNKNOWN(EXTERNAL, "x.d.example.com.", "x.d.example.com.",
		        "d DNAME example.net.\n@ " GOOD),
		UNKNOWN(EXTERNAL, "a.example.com.", "a.example.com.", "a CNAME com.\n"),
		UNKNOWN(DELEGATED, "a.b.example.com.", "a.b.example.com.",
		        "b NS ns.example.net.\n@ " GOOD),
		UNKNOWN(DELEGATED, "b.example.com.", "b.example.com.",
		        "b NS ns.example.net.\nb " GOOD),
		UNKNOWN(EXTERNAL, "a.example.com.", "a.example.com.",
		        "a CNAME x.b\nb NS ns.example.net.\n"),
		/* A RRset below the alias decides before it matters. */
		LISTED("x.a.example.com.", false, "x.a.example.com.", "x.a.example.com.",
		       "a CNAME x.example.net.\nx.a " GOOD),
	};
	check_cases(cases, COUNT(cases));
}

/*! The verdict if nothing is there where another zone answers: the climb goes on. */
static void the_climb_goes_on_if_nothing_is_there(void **state)
{
	(void)state;
	static const struct {
		const char *zone, *host;
		caaudit_reason_t is;
		caaudit_permit_t otherwise;
		caaudit_reason_t reason;
		const char *decided_by;
	} tests[] = {
		/* Each way out of the zone, and each answer. */
		{ "a CNAME x.example.net.\n@ " BAD, "a.example.com.", CAAUDIT_REASON_EXTERNAL,
		  CAAUDIT_DENIED, CAAUDIT_REASON_NOBODY, APEX },
		{ "a CNAME x.example.net.\n@ " GOOD, "a.example.com.", CAAUDIT_REASON_EXTERNAL,
		  CAAUDIT_PERMITTED, CAAUDIT_REASON_LISTED, APEX },
		{ "a CNAME x.example.net.\n", "a.example.com.", CAAUDIT_REASON_EXTERNAL,
		  CAAUDIT_PERMITTED, CAAUDIT_REASON_NO_CAA, NULL },
		{ "* CNAME x.example.net.\n@ " BAD, "a.b.example.com.", CAAUDIT_REASON_EXTERNAL,
		  CAAUDIT_DENIED, CAAUDIT_REASON_NOBODY, APEX },
		{ "d DNAME example.net.\n@ " BAD, "x.d.example.com.", CAAUDIT_REASON_EXTERNAL,
		  CAAUDIT_DENIED, CAAUDIT_REASON_NOBODY, APEX },
		{ "d DNAME example.net.\nd " GOOD "@ " BAD, "x.d.example.com.",
		  CAAUDIT_REASON_EXTERNAL, CAAUDIT_PERMITTED, CAAUDIT_REASON_LISTED,
		  "d.example.com." },
		{ "b NS ns.example.net.\n@ " BAD, "a.b.example.com.", CAAUDIT_REASON_DELEGATED,
		  CAAUDIT_DENIED, CAAUDIT_REASON_NOBODY, APEX },
		{ "b NS ns.example.net.\nb " GOOD "@ " BAD, "b.example.com.",
		  CAAUDIT_REASON_DELEGATED, CAAUDIT_DENIED, CAAUDIT_REASON_NOBODY, APEX },
		/* From the original name, not from where the alias led. */
		{ "a CNAME x.b\nb NS ns.example.net.\nc.b " BAD "@ " GOOD, "a.example.com.",
		  CAAUDIT_REASON_EXTERNAL, CAAUDIT_PERMITTED, CAAUDIT_REASON_LISTED, APEX },
		{ "x.b CNAME y.example.net.\nb " BAD "@ " GOOD, "x.b.example.com.",
		  CAAUDIT_REASON_EXTERNAL, CAAUDIT_DENIED, CAAUDIT_REASON_NOBODY,
		  "b.example.com." },
		/* Through an alias inside the zone, and past a second way out. */
		{ "x.b CNAME y.example.net.\nb CNAME t\nt " BAD "@ " GOOD, "x.b.example.com.",
		  CAAUDIT_REASON_EXTERNAL, CAAUDIT_DENIED, CAAUDIT_REASON_NOBODY,
		  "t.example.com." },
		{ "x.b CNAME y.example.net.\nb CNAME z.example.net.\n@ " BAD, "x.b.example.com.",
		  CAAUDIT_REASON_EXTERNAL, CAAUDIT_DENIED, CAAUDIT_REASON_NOBODY, APEX },
		/* Where the look-up of a name above fails, nothing is decided. */
		{ "x.b CNAME y.example.net.\nb CNAME b\n@ " BAD, "x.b.example.com.",
		  CAAUDIT_REASON_EXTERNAL, CAAUDIT_UNKNOWN, 0, NULL },
		{ "x.b CNAME x.b\nb " BAD, "x.b.example.com.", CAAUDIT_REASON_LOOP, CAAUDIT_UNKNOWN,
		  0, NULL },
		/* What is decided needs no second answer. */
		{ "x.b A 192.0.2.1\nb " BAD, "x.b.example.com.", CAAUDIT_REASON_NOBODY,
		  CAAUDIT_UNKNOWN, 0, NULL },
	};
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	assert_int_equal(caaudit_policy_add_ca(policy, "ca.example.net", NULL), KNOT_EOK);
	for (size_t i = 0; i < COUNT(tests); i++) {
		char text[512];
		print_message("%s\n%s\n", tests[i].host, tests[i].zone);
		(void)snprintf(text, sizeof(text), "%s%s", SOA, tests[i].zone);
		caaudit_view_t *view = view_of_text(ZONE, text);
		for (int wildcard = 0; wildcard < 2; wildcard++) {
			caaudit_verdict_t verdict;
			memset(&verdict, 0xa5, sizeof(verdict));
			caaudit_permit(view, policy, dname(tests[i].host), wildcard, &policy->ca[0],
			               &verdict);
			const caaudit_decision_t *otherwise = &verdict.otherwise;
			assert_int_equal(verdict.is.reason, tests[i].is);
			assert_int_equal(otherwise->permit, tests[i].otherwise);
			assert_string_equal(dname_text(otherwise->decided_by),
			                    tests[i].decided_by == NULL ? "-" :
			                                                  tests[i].decided_by);
			if (otherwise->permit != CAAUDIT_UNKNOWN) {
				assert_int_equal(verdict.is.permit, CAAUDIT_UNKNOWN);
				assert_null(verdict.is.decided_by);
				assert_int_equal(otherwise->reason, tests[i].reason);
				assert_int_equal(otherwise->rrset.count > 0,
				                 tests[i].decided_by != NULL);
			}
		}
		caaudit_view_free(view);
	}
	caaudit_policy_free(policy);
}

/*! What a part that was not read may hold is neither permitted nor denied by it. */
static void a_zone_that_was_not_read_to_its_end_proves_no_absence(void **state)
{
	(void)state;
	static const struct {
		const char *zone;
		caaudit_permit_t permit;
		caaudit_reason_t reason;
	} tests[] = {
		{ "", CAAUDIT_UNKNOWN, CAAUDIT_REASON_UNREAD },
		{ "@ " BAD, CAAUDIT_UNKNOWN, CAAUDIT_REASON_UNREAD },
		{ "a A 192.0.2.1\n@ " GOOD, CAAUDIT_UNKNOWN, CAAUDIT_REASON_UNREAD },
		{ "a CNAME x.example.net.\n@ " BAD, CAAUDIT_UNKNOWN, CAAUDIT_REASON_UNREAD },
		/* A record that is not read can add an issuer, or refuse to every CA. */
		{ "a " BAD, CAAUDIT_UNKNOWN, CAAUDIT_REASON_UNREAD },
		{ "a " GOOD, CAAUDIT_UNKNOWN, CAAUDIT_REASON_UNREAD },
		/* Nothing that is added takes this away. */
		{ "a CAA 128 tbs \"x\"\n", CAAUDIT_DENIED, CAAUDIT_REASON_CRITICAL },
		{ "a CAA \\# 1 00\n", CAAUDIT_DENIED, CAAUDIT_REASON_RDATA },
	};
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	assert_int_equal(caaudit_policy_add_ca(policy, "ca.example.net", NULL), KNOT_EOK);
	for (size_t i = 0; i < COUNT(tests); i++) {
		char text[512];
		print_message("%s\n", tests[i].zone);
		(void)snprintf(text, sizeof(text), "%s%s", SOA, tests[i].zone);
		zone_t zone = zone_of_text(ZONE, text);
		caaudit_view_t *view = zone_push(&zone, no_policy(ZONE));
		caaudit_view_set_partial(view);
		assert_int_equal(caaudit_view_finish(view), KNOT_EOK);
		caaudit_verdict_t verdict;
		caaudit_permit(view, policy, dname("a.example.com."), false, &policy->ca[0],
		               &verdict);
		if (verdict.is.permit != tests[i].permit) {
			print_error("%s, not %s\n", permits[verdict.is.permit],
			            permits[tests[i].permit]);
		}
		assert_int_equal(verdict.is.permit, tests[i].permit);
		assert_int_equal(verdict.is.reason, tests[i].reason);
		assert_int_equal(verdict.otherwise.permit, CAAUDIT_UNKNOWN);
		caaudit_view_free(view);
		zone_free(&zone);
	}
	caaudit_policy_free(policy);
}

static void aliases_in_a_circle_are_unknown(void **state)
{
	(void)state;
	static const case_t cases[] = {
		UNKNOWN(LOOP, "a.example.com.", "a.example.com.", "a CNAME a\n@ " GOOD),
		UNKNOWN(LOOP, "a.example.com.", "a.example.com.", "a CNAME b\nb CNAME a\n"),
		UNKNOWN(LOOP, "x.a.example.com.", "a.example.com.", "a CNAME b\nb CNAME a\n"),
		UNKNOWN(LOOP, "x.d.example.com.", "x.d.example.com.", "d DNAME d\n"),
		UNKNOWN(LOOP, "x.d.example.com.", "x.d.example.com.", "d DNAME e.d\n"),
	};
	check_cases(cases, COUNT(cases));
}

static void eleven_aliases_are_followed_and_no_more(void **state)
{
	(void)state;
	for (unsigned aliases = 10; aliases <= 12; aliases++) {
		char text[1024] = "";
		for (unsigned i = 0; i < aliases; i++) {
			snprintf(text + strlen(text), sizeof(text) - strlen(text),
			         "c%u CNAME c%u\n", i, i + 1);
		}
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "c%u " BAD, aliases);
		char target[32];
		snprintf(target, sizeof(target), "c%u.example.com.", aliases);
		case_t c = NOBODY("c0.example.com.", false, target, "c0.example.com.", text);
		if (aliases > 11) {
			c.permit = CAAUDIT_UNKNOWN;
			c.reason = CAAUDIT_REASON_LOOP;
			c.decided_by = NULL;
		}
		check_case(&c);
	}
}

static void a_name_that_a_dname_makes_too_long_is_unknown(void **state)
{
	(void)state;
	char host[256] = "", text[256];
	for (unsigned i = 0; i < 119; i++) {
		strcat(host, "x.");
	}
	strcat(host, "d.example.com.");
	assert_int_equal(knot_dname_size(dname(host)), 253);
	snprintf(text, sizeof(text), "d DNAME longer.example.com.\n@ " GOOD);
	check_case(&(case_t)UNKNOWN(LOOP, host, host, text));
}

static void the_climb_ends_below_the_root(void **state)
{
	(void)state;
	caaudit_view_t *view =
		view_of_text(".", ". SOA . . 1 1 1 1 1\n. CAA 0 issue \"other.example\"\n");
	caaudit_policy_t *policy = caaudit_policy_new(dname("."));
	assert_int_equal(caaudit_policy_add_ca(policy, "ca.example.net", NULL), KNOT_EOK);
	caaudit_verdict_t verdict;
	caaudit_permit(view, policy, dname("a.b.test."), false, &policy->ca[0], &verdict);
	assert_int_equal(verdict.is.reason, CAAUDIT_REASON_NO_CAA);
	assert_null(verdict.is.decided_by);
	caaudit_view_free(view);

	view = view_of_text(".", ". SOA . . 1 1 1 1 1\n");
	caaudit_permit(view, policy, dname("a.b.test."), true, &policy->ca[0], &verdict);
	assert_int_equal(verdict.is.reason, CAAUDIT_REASON_NO_CAA);
	caaudit_permit(view, policy, dname("."), false, &policy->ca[0], &verdict);
	assert_int_equal(verdict.is.reason, CAAUDIT_REASON_NO_CAA);
	caaudit_view_free(view);
	caaudit_policy_free(policy);
}

/* CAA at a name in another zone. */
static void know(caaudit_view_t *view, const char *asked, const char *owner, const char *caa)
{
	zone_t zone = zone_of_text(owner, caa);
	caaudit_record_t record[4];
	assert_true(zone.count <= COUNT(record));
	for (size_t i = 0; i < zone.count; i++) {
		record[i] = (caaudit_record_t){
			.owner = zone.record[i].owner,
			.rdata = zone.record[i].rdata,
			.type = zone.record[i].type,
			.rdlen = zone.record[i].rdlen,
		};
	}
	assert_int_equal(caaudit_view_add_elsewhere(view, dname(asked), record, zone.count),
	                 KNOT_EOK);
	zone_free(&zone);
}

static void what_other_zones_say_decides_where_it_is_known(void **state)
{
	(void)state;
	static const struct {
		const char *zone, *asked, *owner, *caa, *host;
		caaudit_permit_t permit;
		caaudit_reason_t reason;
		const char *decided_by;
	} tests[] = {
		// The alias, and the climb from the name that was asked for.
		{ "a CNAME x.example.net.\n@ " BAD, "A.example.com.", "x.example.net.", "@ " GOOD,
		  "a.example.com.", CAAUDIT_PERMITTED, CAAUDIT_REASON_LISTED, "x.example.net." },
		{ "a CNAME x.example.net.\n@ " GOOD, "a.example.com.", "x.example.net.", "@ " BAD,
		  "a.example.com.", CAAUDIT_DENIED, CAAUDIT_REASON_NOBODY, "x.example.net." },
		{ "a CNAME x.example.net.\n@ " BAD, "a.example.com.", "x.example.net.", "",
		  "a.example.com.", CAAUDIT_DENIED, CAAUDIT_REASON_NOBODY, APEX },
		{ "a CNAME x.example.net.\n@ " GOOD, "b.example.com.", "x.example.net.", "@ " BAD,
		  "a.example.com.", CAAUDIT_UNKNOWN, CAAUDIT_REASON_EXTERNAL, NULL },
		// What the zone itself answers is not asked elsewhere.
		{ "a " GOOD, "a.example.com.", "x.example.net.", "@ " BAD, "a.example.com.",
		  CAAUDIT_PERMITTED, CAAUDIT_REASON_LISTED, "a.example.com." },
		// Below a cut.
		{ "s NS x.example.net.\n@ " GOOD, "s.example.com.", "s.example.com.", "@ " BAD,
		  "s.example.com.", CAAUDIT_DENIED, CAAUDIT_REASON_NOBODY, "s.example.com." },
		{ "s NS x.example.net.\n@ " GOOD, "s.example.com.", "s.example.com.", "",
		  "s.example.com.", CAAUDIT_PERMITTED, CAAUDIT_REASON_LISTED, APEX },
		{ "s NS x.example.net.\n@ " GOOD, "s.example.com.", "s.example.com.", "",
		  "h.s.example.com.", CAAUDIT_UNKNOWN, CAAUDIT_REASON_DELEGATED, NULL },
		// Above the apex, if nothing is below.
		{ "", "com.", "com.", "@ " BAD, "a.example.com.", CAAUDIT_DENIED,
		  CAAUDIT_REASON_NOBODY, "com." },
		{ "@ " GOOD, "com.", "com.", "@ " BAD, "a.example.com.", CAAUDIT_PERMITTED,
		  CAAUDIT_REASON_LISTED, APEX },
		{ "", "com.", "com.", "", "a.example.com.", CAAUDIT_PERMITTED,
		  CAAUDIT_REASON_NO_CAA, NULL },
		{ "", ".", ".", "@ " BAD, "a.example.com.", CAAUDIT_PERMITTED,
		  CAAUDIT_REASON_NO_CAA, NULL },
	};
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	assert_int_equal(caaudit_policy_add_ca(policy, "ca.example.net", NULL), KNOT_EOK);
	for (size_t i = 0; i < COUNT(tests); i++) {
		char text[512];
		print_message("%s: %s at %s\n", tests[i].zone, tests[i].caa, tests[i].owner);
		(void)snprintf(text, sizeof(text), "%s%s", SOA, tests[i].zone);
		caaudit_view_t *view = view_of_text(ZONE, text);
		know(view, tests[i].asked, tests[i].owner, tests[i].caa);
		/* The first word counts. */
		know(view, tests[i].asked, "other.example.net.", "@ CAA 128 unknown \"\"\n");
		caaudit_verdict_t verdict;
		caaudit_permit(view, policy, dname(tests[i].host), false, &policy->ca[0], &verdict);
		assert_int_equal(verdict.is.permit, tests[i].permit);
		assert_int_equal(verdict.is.reason, tests[i].reason);
		assert_string_equal(dname_text(verdict.is.decided_by),
		                    tests[i].decided_by == NULL ? "-" : tests[i].decided_by);
		caaudit_view_free(view);
	}
	caaudit_policy_free(policy);
}

/*! Processor time of many climbs from a name of so many labels below the zone. */
static double climb_time(unsigned depth)
{
	knot_dname_storage_t name;
	for (unsigned i = 0; i < depth; i++) {
		memcpy(name + 2 * (size_t)i, "\1a", 2);
	}
	memcpy(name + 2 * (size_t)depth, dname(ZONE), knot_dname_size(dname(ZONE)));
	zone_t zone = zone_of_text(ZONE, SOA);
	zone_add(&zone, name, KNOT_RRTYPE_A, 1, (const uint8_t *)"\300\0\2\1", 4);
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	assert_int_equal(caaudit_policy_add_ca(policy, "ca.example.net", NULL), KNOT_EOK);
	assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
	caaudit_view_t *view = caaudit_view_new(policy);
	assert_int_equal(zone_read(&zone, view), KNOT_EOK);
	assert_int_equal(caaudit_view_finish(view), KNOT_EOK);
	clock_t begin = clock();
	for (unsigned i = 0; i < 3000; i++) {
		caaudit_verdict_t verdict;
		caaudit_permit(view, policy, name, false, &policy->ca[0], &verdict);
		assert_int_equal(verdict.is.reason, CAAUDIT_REASON_NO_CAA);
	}
	double time = (double)(clock() - begin);
	caaudit_view_free(view);
	caaudit_policy_free(policy);
	zone_free(&zone);
	return time;
}

/* Ten times the labels take ten times the time, and not a hundred times. */
static void a_deep_name_takes_time_by_its_labels(void **state)
{
	(void)state;
	double best = 1000;
	for (unsigned i = 0; i < 5 && best > 30; i++) {
		double shallow = climb_time(11), deep = climb_time(110);
		best = deep / shallow < best ? deep / shallow : best;
	}
	print_message("ratio %.1f\n", best);
	assert_true(best < 30);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deep_name_takes_time_by_its_labels),
		cmocka_unit_test(an_rrset_permits_what_its_properties_say),
		cmocka_unit_test(wildcards_obey_issuewild_alone_if_there_is_one),
		cmocka_unit_test(parameters_bind_the_permission),
		cmocka_unit_test(a_known_ca_is_met_under_each_of_its_names),
		cmocka_unit_test(the_first_rrset_on_the_way_up_decides),
		cmocka_unit_test(aliases_are_followed_at_each_step),
		cmocka_unit_test(what_another_zone_answers_is_unknown),
		cmocka_unit_test(the_climb_goes_on_if_nothing_is_there),
		cmocka_unit_test(a_zone_that_was_not_read_to_its_end_proves_no_absence),
		cmocka_unit_test(aliases_in_a_circle_are_unknown),
		cmocka_unit_test(eleven_aliases_are_followed_and_no_more),
		cmocka_unit_test(a_name_that_a_dname_makes_too_long_is_unknown),
		cmocka_unit_test(the_climb_ends_below_the_root),
		cmocka_unit_test(what_other_zones_say_decides_where_it_is_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
