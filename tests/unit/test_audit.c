/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "test.h"

#include "heard.h"

/*! What an audit is asked for. Lists are separated by "|". */
typedef struct {
	const char *cas, *hosts, *validations;
	const char *texts; /*!< "OWNER TEXT"; two spaces divide the text into strings. */
	const char *account, *method;
	bool strict;
	bool plain; /*!< No wildcards. */
} order_t;

#define CA     "ca.example.net"
#define HASH   "0123456789abcdef0123456789abcdef"
#define TARGET HASH "." HASH ".sectigo.com."

static void add_items(caaudit_policy_t *policy, const char *items,
                      int (*add)(caaudit_policy_t *, const char *, const char **))
{
	char *list = items == NULL ? NULL : strdup(items), *rest = list;
	for (char *item; rest != NULL && (item = strsep(&rest, "|")) != NULL;) {
		assert_int_equal(add(policy, item, NULL), KNOT_EOK);
	}
	free(list);
}

static int add_text(caaudit_policy_t *policy, const char *item, const char **why)
{
	(void)why;
	size_t len = strcspn(item, " ");
	char *name = strndup(item, len);
	knot_dname_storage_t owner;
	size_t size = 0;
	assert_non_null(knot_dname_from_str(owner, name, sizeof(owner)));
	size = knot_dname_size(owner) - 1;
	memcpy(owner + size, dname(ZONE), knot_dname_size(dname(ZONE)));
	free(name);
	uint8_t rdata[512];
	uint16_t rdlen = 0;
	for (const char *text = item + len + 1; text != NULL;) {
		const char *end = strstr(text, "  ");
		size_t part = end != NULL ? (size_t)(end - text) : strlen(text);
		rdata[rdlen] = (uint8_t)part;
		memcpy(rdata + rdlen + 1, text, part);
		rdlen += 1 + part;
		text = end != NULL ? end + 2 : NULL;
	}
	return caaudit_policy_add_expected_txt(policy, owner, rdata, rdlen, NULL);
}

static caaudit_policy_t *policy_of_order(const order_t *order)
{
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	add_items(policy, order->cas, caaudit_policy_add_ca);
	add_items(policy, order->hosts, caaudit_policy_add_host);
	add_items(policy, order->validations, caaudit_policy_add_validation);
	add_items(policy, order->texts, add_text);
	if (order->account != NULL) {
		assert_int_equal(caaudit_policy_set_account(policy, order->account, NULL),
		                 KNOT_EOK);
	}
	if (order->method != NULL) {
		assert_int_equal(caaudit_policy_set_method(policy, order->method, NULL), KNOT_EOK);
	}
	policy->strict = order->strict;
	policy->wildcard = !order->plain;
	return policy;
}

static heard_t audit_zone(const zone_t *zone, const order_t *order, uint64_t now)
{
	heard_t heard = heard_new();
	caaudit_policy_t *policy = policy_of_order(order);
	caaudit_view_t *view = caaudit_view_new(dname(ZONE));
	assert_int_equal(caaudit_audit_want(policy, view), KNOT_EOK);
	for (size_t i = 0; i < zone->count; i++) {
		const zone_record_t *r = &zone->record[i];
		assert_int_equal(caaudit_view_add(view, r->owner, r->type, r->ttl, r->rdata,
		                                  r->rdlen),
		                 KNOT_EOK);
	}
	assert_int_equal(caaudit_view_finish(view), KNOT_EOK);
	assert_int_equal(caaudit_audit(view, policy, now, &heard.sink), KNOT_EOK);
	caaudit_view_free(view);
	caaudit_policy_free(policy);
	const char *broken = heard_broken(&heard, zone);
	if (broken != NULL) {
		print_error("%s\n", broken);
		fail();
	}
	return heard;
}

static zone_t zone_of_rows(const char *rows)
{
	size_t size = strlen(SOA) + strlen(rows) + 1;
	char *text = malloc(size);
	snprintf(text, size, "%s%s", SOA, rows);
	zone_t zone = zone_of_text(ZONE, text);
	free(text);
	return zone;
}

static void print_heard(const heard_t *heard)
{
	for (size_t i = 0; i < heard->findings; i++) {
		const heard_finding_t *f = &heard->finding[i];
		print_error("%s %s %s: %s\n", caaudit_severity_name(f->severity),
		            dname_text(f->owner), caaudit_finding_info(f->id)->id, f->text);
	}
}

static bool same_str(const char *a, const char *b)
{
	return (a == NULL) == (b == NULL) && (a == NULL || strcmp(a, b) == 0);
}

/*! Two audits found the same, word by word. */
static void check_same(const heard_t *a, const heard_t *b)
{
	assert_int_equal(a->findings, b->findings);
	for (size_t i = 0; i < a->findings; i++) {
		const heard_finding_t *f = &a->finding[i], *g = &b->finding[i];
		assert_int_equal(heard_order(f, g), 0);
		assert_string_equal(f->text, g->text);
		assert_true(same_str(f->ca, g->ca));
		assert_true(same_str(f->record, g->record));
		assert_true(same_str(f->remedy, g->remedy));
		assert_int_equal(f->fix, g->fix);
	}
	assert_true(same_str(a->validations, b->validations));
	assert_true(same_str(a->not_checked, b->not_checked));
	assert_int_equal(a->verdicts, b->verdicts);
	assert_int_equal(a->denied, b->denied);
}

/*! The generic form, and any order of the records, lead to the same findings. */
static void check_forms(const zone_t *zone, const order_t *order, const heard_t *heard)
{
	char *text = zone_generic(zone);
	zone_t other = zone_of_text(ZONE, text);
	uint64_t random = 5;
	for (unsigned round = 0; round < 4; round++) {
		heard_t again = audit_zone(&other, order, round * 1000000000u);
		check_same(heard, &again);
		heard_free(&again);
		zone_shuffle(&other, &random);
	}
	free(text);
	zone_free(&other);
}

static size_t count_id(const heard_t *heard, caaudit_id_t id)
{
	size_t count = 0;
	for (size_t i = 0; i < heard->findings; i++) {
		count += heard->finding[i].id == id;
	}
	return count;
}

/* --- Each finding ------------------------------------------------------------------------------ */

typedef struct {
	caaudit_id_t id;
	const char *zone; /*!< The finding fires here. */
	const char *miss; /*!< It does not here, though it nearly would. */
	const char *owner;
	caaudit_severity_t severity;
	caaudit_fix_t fix;
	order_t order;
	const char *remedy; /*!< In full, or NULL if it is not looked at. */
	bool half;          /*!< The remedy needs something else to be done. */
} row_t;

#define ORDER               .order = { .cas = CA, .hosts = "@" }
#define ADD                 CAAUDIT_FIX_ADD
#define NONE                CAAUDIT_FIX_NONE
#define REMOVE              CAAUDIT_FIX_REMOVE
#define REPLACE             CAAUDIT_FIX_REPLACE
#define ROW(sym, sev, fix_) .id = CAAUDIT_##sym, .severity = CAAUDIT_##sev, .fix = fix_
#define APEX                "example.com."

/*! Zones that are filled in by main(): too long to be written here. */
static char large[2048], not_large[2048];

#define LABEL63 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde"

static const row_t rows[] = {
	/* Verdicts. */
	{ ROW(CAA_ISSUE_DENIED, ERROR, ADD), .owner = APEX, ORDER,
	  .zone = "@ 60 CAA 0 issue \"other.example.net\"\n",
	  .miss = "@ CAA 0 issue \"other.example.net\"\n@ CAA 0 issue \"ca.example.net\"\n",
	  .remedy = "example.com. 60 CAA 0 issue \"ca.example.net\"" },
	{ ROW(CAA_ISSUE_DENIED, ERROR, ADD), .owner = APEX,
	  .order = { .cas = CA, .hosts = "www|@" }, .zone = "@ CAA 0 issue \";\"\n",
	  .miss = "@ CAA 0 iodef \"mailto:a@example.com\"\n" },
	{ ROW(CAA_ISSUE_DENIED, ERROR, ADD), .owner = "b.example.com.",
	  .order = { .cas = CA, .hosts = "a.b" }, .zone = "b CAA 0 issue \";\"\n",
	  .miss = "a.b A 192.0.2.1\n*.b CAA 0 issue \";\"\n" },
	{ ROW(CAA_ISSUE_DENIED, ERROR, ADD), .owner = "t.example.com.",
	  .order = { .cas = CA, .hosts = "a" }, .zone = "a CNAME t\nt CAA 0 issue \";\"\n",
	  .miss = "a CNAME x.t\nt CAA 0 issue \";\"\n" },
	{ ROW(CAA_ISSUE_DENIED, ERROR, ADD), .owner = APEX,
	  .order = { .cas = CA, .hosts = "@", .account = "https://ca.example.net/1" },
	  .zone = "@ CAA 0 issue \"ca.example.net; accounturi=https://ca.example.net/2\"\n",
	  .miss = "@ CAA 0 issue \"ca.example.net; accounturi=https://ca.example.net/1\"\n",
	  .remedy =
	          "example.com. 3600 CAA 0 issue \"ca.example.net; accounturi=https://ca.example.net/1\"" },
	{ ROW(CAA_ISSUE_DENIED, ERROR, ADD), .owner = APEX,
	  .order = { .cas = CA, .hosts = "@", .account = "https://ca.example.net/1;2" },
	  .zone = "@ CAA 0 issue \"ca.example.net; accounturi=https://ca.example.net/2\"\n",
	  .miss = "@ CAA 0 issue \"ca.example.net\"\n",
	  .remedy = "example.com. 3600 CAA 0 issue \"ca.example.net\"" },
	{ ROW(CAA_ISSUE_DENIED, ERROR, ADD), .owner = APEX,
	  .order = { .cas = CA, .hosts = "@", .method = "ca-tbr-7" },
	  .zone = "@ CAA 0 issue \"ca.example.net; validationmethods=dns-01\"\n",
	  .miss = "@ CAA 0 issue \"ca.example.net; validationmethods=dns-01,ca-tbr-7\"\n" },
	{ ROW(CAA_ISSUE_DENIED, ERROR, ADD), .owner = APEX, ORDER,
	  .zone = "@ CAA 0 issue \"ca.example.net.\"\n",
	  .miss = "@ CAA 0 issue \"ca.example.net;\"\n" },
	{ ROW(CAA_ISSUE_DENIED, ERROR, NONE), .owner = APEX, ORDER, .zone = "@ CAA \\# 1 00\n",
	  .miss = "@ CAA \\# 2 0000\n" },
	{ ROW(CAA_ISSUE_DENIED, ERROR, NONE), .owner = APEX, ORDER, .zone = "@ CAA 128 tbs \"\"\n",
	  .miss = "@ CAA 127 tbs \"\"\n" },
	{ ROW(CAA_ISSUE_DENIED, ERROR, ADD), .owner = APEX,
	  .order = { .cas = CA, .validations = "_a|_a.b" },
	  .zone = "@ CAA 0 issue \"a.test\"\n@ CAA 0 issue \"b.test\"\n@ CAA 0 issue \"c.test\"\n"
	          "@ CAA 0 issue \"d.test\"\n@ CAA 0 issue \"e.test\"\n",
	  .miss = "@ CAA 0 issue \"ca.example.net\"\n" },
	{ ROW(CAA_ISSUEWILD_DENIED, ERROR, ADD), .owner = APEX, ORDER,
	  .zone = "@ CAA 0 issue \"ca.example.net\"\n@ CAA 0 issuewild \";\"\n",
	  .miss = "@ CAA 0 issue \"ca.example.net\"\n",
	  .remedy = "example.com. 3600 CAA 0 issuewild \"ca.example.net\"" },
	{ ROW(CAA_ISSUEWILD_DENIED, ERROR, ADD), .owner = APEX,
	  .order = { .cas = CA, .hosts = "a|b|c" }, .zone = "@ CAA 0 issue \"other.example.net\"\n",
	  .miss = "@ CAA 0 issue \";\"\n@ CAA 0 issuewild \"ca.example.net\"\n",
	  .remedy = "example.com. 3600 CAA 0 issue \"ca.example.net\"" },

	/* The literal pair. */
	{ ROW(CAA_STRICT_INCOMPLETE, NOTICE, ADD), .owner = APEX,
	  .order = { .cas = "sectigo.com", .hosts = "@" },
	  .zone = "@ CAA 0 issue \"sectigo.com\"\n",
	  .miss = "@ CAA 0 issue \"sectigo.com\"\n@ CAA 0 issuewild \"sectigo.com\"\n",
	  .remedy = "example.com. 3600 CAA 0 issuewild \"sectigo.com\"" },
	{ ROW(CAA_STRICT_INCOMPLETE, ERROR, ADD), .owner = APEX,
	  .order = { .cas = CA, .hosts = "@", .strict = true },
	  .zone = "@ CAA 0 issue \"ca.example.net\"\n",
	  .miss = "@ CAA 0 issue \"ca.example.net\"\n@ CAA 0 issuewild \"ca.example.net\"\n" },
	{ ROW(CAA_STRICT_INCOMPLETE, ERROR, ADD), .owner = APEX,
	  .order = { .cas = CA, .hosts = "@", .strict = true },
	  .zone = "@ CAA 0 iodef \"mailto:a@example.com\"\n", .miss = "" },
	{ ROW(CAA_STRICT_INCOMPLETE, NOTICE, ADD), .owner = APEX,
	  .order = { .cas = "usertrust.com", .hosts = "@" },
	  .zone = "@ CAA 0 issue \"sectigo.com\"\n", .miss = "@ CAA 0 issue \"digicert.com\"\n",
	  .remedy = "example.com. 3600 CAA 0 issuewild \"usertrust.com\"" },
	/* A first issuewild for one CA would take wildcards from the other. */
	{ ROW(CAA_STRICT_INCOMPLETE, ERROR, NONE), .owner = APEX,
	  .order = { .cas = "sectigo.com", .hosts = "@", .strict = true },
	  .zone = "@ CAA 0 issue \"sectigo.com\"\n@ CAA 0 issue \"letsencrypt.org\"\n",
	  .miss = "@ CAA 0 issue \"sectigo.com\"\n@ CAA 0 issue \"letsencrypt.org\"\n"
	          "@ CAA 0 issuewild \"sectigo.com\"\n@ CAA 0 issuewild \"letsencrypt.org\"\n" },
	{ ROW(CAA_STRICT_INCOMPLETE, NOTICE, ADD), .owner = APEX,
	  .order = { .cas = "sectigo.com", .hosts = "@" },
	  .zone = "@ CAA 0 issue \"sectigo.com\"\n@ CAA 0 issue \";\"\n",
	  .miss = "@ CAA 0 issue \"sectigo.com\"\n@ CAA 0 issue \"letsencrypt.org\"\n" },

	/* Tags. */
	{ ROW(CAA_CRITICAL_UNKNOWN, ERROR, REMOVE), .owner = APEX,
	  .zone = "@ CAA 128 tbs \"Unknown\"\n", .miss = "@ CAA 127 tbs \"Unknown\"\n" },
	{ ROW(CAA_CRITICAL_UNKNOWN, ERROR, REPLACE), .owner = APEX,
	  .zone = "@ CAA 128 isue \"ca.example.net\"\n",
	  .miss = "@ CAA 128 issue \"ca.example.net\"\n",
	  .remedy = "example.com. 3600 CAA 0 issue \"ca.example.net\"" },
	{ ROW(CAA_CRITICAL_UNKNOWN, ERROR, REMOVE), .owner = APEX,
	  .zone = "@ CAA 128 policy \"x\"\n", .miss = "@ CAA 128 issuemail \";\"\n" },
	{ ROW(CAA_CRITICAL_UNKNOWN, ERROR, REMOVE), .owner = APEX, .zone = "@ CAA \\# 2 8000\n",
	  .miss = "@ CAA \\# 2 7F00\n" },
	{ ROW(CAA_RDATA_MALFORMED, ERROR, REMOVE), .owner = APEX, .zone = "@ CAA \\# 1 00\n",
	  .miss = "@ CAA \\# 2 0000\n" },
	{ ROW(CAA_RDATA_MALFORMED, ERROR, REMOVE), .owner = "a.example.com.",
	  .zone = "a CAA \\# 4 0003 6161\n", .miss = "a CAA \\# 4 0002 6161\n" },
	{ ROW(CAA_TAG_EMPTY, WARNING, REMOVE), .owner = APEX, .zone = "@ CAA \\# 2 0000\n",
	  .miss = "@ CAA \\# 3 0001 61\n" },
	{ ROW(CAA_TAG_CHARSET, WARNING, REPLACE), .owner = APEX,
	  .zone = "@ CAA \\# 9 0006 69732d737565 3b\n", .miss = "@ CAA \\# 8 0005 6973737565 3b\n",
	  .remedy = "example.com. 3600 CAA 0 issue \";\"" },
	{ ROW(CAA_TAG_CHARSET, WARNING, REMOVE), .owner = APEX, .zone = "@ CAA \\# 5 0003 785f79\n",
	  .miss = "@ CAA \\# 5 0003 785a79\n" },
	{ ROW(CAA_TAG_LONG, NOTICE, NONE), .owner = APEX, .zone = "@ CAA 0 abcdefghijklmnop \"\"\n",
	  .miss = "@ CAA 0 abcdefghijklmno \"\"\n" },
	{ ROW(CAA_TAG_UNKNOWN, NOTICE, REMOVE), .owner = APEX, .zone = "@ CAA 0 tbs \"x\"\n",
	  .miss = "@ CAA 0 issuevmc \";\"\n" },
	{ ROW(CAA_TAG_UNKNOWN, WARNING, REPLACE), .owner = APEX, .zone = "@ CAA 0 isuse \";\"\n",
	  .miss = "@ CAA 0 ISSUE \";\"\n", .remedy = "example.com. 3600 CAA 0 issue \";\"" },
	{ ROW(CAA_TAG_UNKNOWN, WARNING, REPLACE), .owner = APEX,
	  .zone = "@ CAA 0 isueewild \";\"\n", .miss = "@ CAA 0 issuewild \";\"\n",
	  .remedy = "example.com. 3600 CAA 0 issuewild \";\"" },
	{ ROW(CAA_TAG_UNKNOWN, NOTICE, REMOVE), .owner = APEX, .zone = "@ CAA 0 isxxe \";\"\n",
	  .miss = "@ CAA 0 policy \";\"\n" },
	{ ROW(CAA_TAG_RESERVED, WARNING, REMOVE), .owner = APEX,
	  .zone = "@ CAA 0 policy \"1.2.3\"\n", .miss = "@ CAA 0 policies \"1.2.3\"\n" },

	/* Flags. */
	{ ROW(CAA_FLAGS_RESERVED, NOTICE, REPLACE), .owner = APEX, .zone = "@ CAA 10 issue \";\"\n",
	  .miss = "@ CAA 128 issue \";\"\n", .remedy = "example.com. 3600 CAA 0 issue \";\"" },
	{ ROW(CAA_FLAGS_RESERVED, NOTICE, REPLACE), .owner = APEX,
	  .zone = "@ CAA 129 IsSuE \";\"\n", .miss = "@ CAA 1 issue \";\"\n",
	  .remedy = "example.com. 3600 CAA 128 IsSuE \";\"" },
	{ ROW(CAA_FLAGS_RESERVED, NOTICE, NONE), .owner = APEX, .zone = "@ CAA 2 tbs \";\"\n",
	  .miss = "@ CAA 0 tbs \";\"\n" },
	{ ROW(CAA_FLAGS_ONE, NOTICE, REPLACE), .owner = APEX, .zone = "@ CAA 1 issue \";\"\n",
	  .miss = "@ CAA 3 issue \";\"\n", .remedy = "example.com. 3600 CAA 0 issue \";\"" },
	{ ROW(CAA_FLAGS_ONE, WARNING, NONE), .owner = APEX, .zone = "@ CAA 1 tbs \";\"\n",
	  .miss = "@ CAA 2 tbs \";\"\n" },

	/* Values. */
	{ ROW(CAA_VALUE_MALFORMED, WARNING, REPLACE), .owner = APEX,
	  .zone = "@ CAA 0 issue \"ca.example.net.\"\n",
	  .miss = "@ CAA 0 issue \" ca.example.net \"\n",
	  .remedy = "example.com. 3600 CAA 0 issue \"ca.example.net\"" },
	{ ROW(CAA_VALUE_MALFORMED, WARNING, REPLACE), .owner = APEX,
	  .zone = "@ CAA 128 issuewild \"HTTPS://Ca.example.net/x\"\n",
	  .miss = "@ CAA 0 issuewild \"\"\n",
	  .remedy = "example.com. 3600 CAA 128 issuewild \"ca.example.net\"" },
	{ ROW(CAA_VALUE_MALFORMED, WARNING, REPLACE), .owner = APEX,
	  .zone = "@ CAA 0 issue \"http://ca.example.net\"\n",
	  .miss = "@ CAA 0 iodef \"http://ca.example.net\"\n",
	  .remedy = "example.com. 3600 CAA 0 issue \"ca.example.net\"" },
	{ ROW(CAA_VALUE_MALFORMED, WARNING, REPLACE), .owner = APEX,
	  .zone = "@ CAA 0 issue \"\\\"ca.example.net\\\"\"\n",
	  .miss = "@ CAA 0 issue \"ca.example.net;\"\n",
	  .remedy = "example.com. 3600 CAA 0 issue \"ca.example.net\"" },
	{ ROW(CAA_VALUE_MALFORMED, WARNING, REPLACE), .owner = APEX,
	  .zone = "@ CAA 0 issue \"\\226\\128\\156ca.example.net\\226\\128\\157\"\n", .miss = "",
	  .remedy = "example.com. 3600 CAA 0 issue \"ca.example.net\"" },
	{ ROW(CAA_VALUE_MALFORMED, WARNING, REPLACE), .owner = APEX,
	  .zone = "@ CAA 0 issuemail \"*.ca.example.net\"\n",
	  .miss = "@ CAA 0 issuemail \"ca.example.net\"\n",
	  .remedy = "example.com. 3600 CAA 0 issuemail \"ca.example.net\"" },
	{ ROW(CAA_VALUE_MALFORMED, WARNING, REPLACE), .owner = APEX,
	  .zone = "@ CAA 0 issuevmc \"ca.example.net;;\"\n",
	  .miss = "@ CAA 0 issuevmc \"ca.example.net;\"\n",
	  .remedy = "example.com. 3600 CAA 0 issuevmc \"ca.example.net\"" },
	{ ROW(CAA_VALUE_MALFORMED, WARNING, NONE), .owner = APEX,
	  .zone = "@ CAA 0 issue \"ca.example.net other.example.net\"\n",
	  .miss = "@ CAA 0 issue \"ca.example.net\"\n@ CAA 0 issue \"other.example.net\"\n" },
	/* Parameters restrict: a remedy keeps them, or there is none. */
	{ ROW(CAA_VALUE_MALFORMED, WARNING, REPLACE), .owner = APEX,
	  .zone = "@ CAA 0 issue \"ca.example.net; a=b ; \"\n",
	  .miss = "@ CAA 0 issue \"ca.example.net; a=b\"\n",
	  .remedy = "example.com. 3600 CAA 0 issue \"ca.example.net; a=b\"" },
	{ ROW(CAA_VALUE_MALFORMED, WARNING, NONE), .owner = APEX,
	  .zone = "@ CAA 0 issue \"ca.example.net.; a=b\"\n",
	  .miss = "@ CAA 0 issue \"ca.example.net; a=b\"\n" },
	{ ROW(CAA_VALUE_MALFORMED, WARNING, NONE), .owner = APEX,
	  .zone = "@ CAA 0 issue \"%%%%\"\n", .miss = "@ CAA 0 tbs \"%%%%\"\n" },
	{ ROW(CAA_VALUE_CASE, NOTICE, REPLACE), .owner = APEX,
	  .zone = "@ CAA 0 issue \"Ca.example.net; A=B\"\n",
	  .miss = "@ CAA 0 issue \"ca.example.net; A=B\"\n",
	  .remedy = "example.com. 3600 CAA 0 issue \"ca.example.net; A=B\"" },
	/* The record that it should be is there: the other can go. */
	{ ROW(CAA_VALUE_CASE, NOTICE, REMOVE), .owner = APEX,
	  .zone = "@ CAA 0 issue \"Ca.example.net\"\n@ CAA 0 issue \"ca.example.net\"\n",
	  .miss = "@ CAA 0 Issue \"ca.example.net\"\n@ CAA 0 issuewild \"ca.example.net\"\n" },
	{ ROW(CAA_ISSUER_DEPRECATED, NOTICE, REPLACE), .owner = APEX,
	  .zone = "@ CAA 0 issue \"comodo.com; a=b\"\n",
	  .miss = "@ CAA 0 issue \"usertrust.com; a=b\"\n",
	  .remedy = "example.com. 3600 CAA 0 issue \"sectigo.com; a=b\"" },
	{ ROW(CAA_ISSUER_LOOKALIKE, WARNING, REPLACE), .owner = APEX,
	  .zone = "@ CAA 0 issue \"sectgo.com\"\n", .miss = "@ CAA 0 issue \"sectigo.com\"\n",
	  .remedy = "example.com. 3600 CAA 0 issue \"sectigo.com\"" },
	{ ROW(CAA_ISSUER_LOOKALIKE, WARNING, REPLACE), .owner = APEX,
	  .order = { .cas = "www.sectigo.com", .hosts = "@" },
	  .zone = "@ CAA 0 issue \"letsencrypt.com\"\n",
	  .miss = "@ CAA 0 issue \"www.sectigo.com\"\n",
	  .remedy = "example.com. 3600 CAA 0 issue \"letsencrypt.org\"" },
	{ ROW(CAA_PARAMETER_DUPLICATE, WARNING, NONE), .owner = APEX,
	  .zone = "@ CAA 0 issue \"ca.example.net; a=b; c=d; A=b\"\n",
	  .miss = "@ CAA 0 issue \"ca.example.net; a=b; c=a; aa=b\"\n" },
	{ ROW(CAA_METHOD_EXCLUDED, WARNING, NONE), .owner = APEX, ORDER,
	  .zone = "@ CAA 0 issue \"ca.example.net; validationmethods=http-01,tls-alpn-01\"\n",
	  .miss = "@ CAA 0 issue \"ca.example.net; validationmethods=http-01,dns-01\"\n" },
	{ ROW(CAA_METHOD_EXCLUDED, WARNING, NONE), .owner = APEX, ORDER,
	  .zone = "@ CAA 0 issuewild \"ca.example.net; validationmethods=http-01\"\n",
	  .miss = "@ CAA 0 issuewild \"ca.example.net; validationmethods=http-01\"\n"
	          "@ CAA 0 issuewild \"ca.example.net; x=y\"\n" },
	{ ROW(CAA_METHOD_EXCLUDED, WARNING, NONE), .owner = APEX, ORDER,
	  .zone = "@ CAA 0 issue \"ca.example.net; validationmethods=\"\n",
	  .miss = "@ CAA 0 issue \"other.example.net; validationmethods=http-01\"\n" },
	{ ROW(CAA_IODEF_MALFORMED, WARNING, REPLACE), .owner = APEX,
	  .zone = "@ CAA 0 iodef \"admin@example.com\"\n",
	  .miss = "@ CAA 0 iodef \"MAILTO:admin@example.com\"\n",
	  .remedy = "example.com. 3600 CAA 0 iodef \"mailto:admin@example.com\"" },
	{ ROW(CAA_IODEF_MALFORMED, WARNING, NONE), .owner = APEX,
	  .zone = "@ CAA 0 iodef \"ftp://example.com/\"\n",
	  .miss = "@ CAA 0 iodef \"https://example.com/\"\n" },
	{ ROW(CAA_IODEF_MALFORMED, WARNING, NONE), .owner = APEX,
	  .zone = "@ CAA 0 iodef \"http://example.com/a b\"\n",
	  .miss = "@ CAA 0 iodef \"http://example.com/a%20b\"\n" },
	{ ROW(CAA_IODEF_MALFORMED, WARNING, NONE), .owner = APEX,
	  .zone = "@ CAA 0 iodef \"mailto:\"\n", .miss = "@ CAA 0 iodef \"mailto:a@b\"\n" },
	{ ROW(CAA_IODEF_MALFORMED, WARNING, NONE), .owner = APEX,
	  .zone = "@ CAA 0 iodef \"mailto:admin@\"\n",
	  .miss = "@ CAA 0 iodef \"mailto:admin@example.com,root@example.com\"\n" },
	{ ROW(CAA_IODEF_MALFORMED, WARNING, NONE), .owner = APEX, .zone = "@ CAA 0 iodef \"\"\n",
	  .miss = "@ CAA 0 iodef \"mailto:admin@example.com?cc=root@example.com\"\n" },
	{ ROW(CAA_CONTACT_MALFORMED, WARNING, REPLACE), .owner = APEX,
	  .zone = "@ CAA 0 contactemail \"mailto:admin@example.com\"\n",
	  .miss = "@ CAA 0 contactemail \"admin@example.com\"\n",
	  .remedy = "example.com. 3600 CAA 0 contactemail \"admin@example.com\"" },
	{ ROW(CAA_CONTACT_MALFORMED, WARNING, NONE), .owner = APEX,
	  .zone = "@ CAA 0 contactemail \"mailto:\"\n", .miss = "" },
	{ ROW(CAA_CONTACT_MALFORMED, WARNING, NONE), .owner = APEX,
	  .zone = "@ CAA 0 contactemail \"admin @example.com\"\n", .miss = "" },
	{ ROW(CAA_CONTACT_MALFORMED, WARNING, REPLACE), .owner = APEX,
	  .zone = "@ CAA 0 contactphone \"tel:+1-555-0100\"\n",
	  .miss = "@ CAA 0 contactphone \"+1-(555).0100\"\n",
	  .remedy = "example.com. 3600 CAA 0 contactphone \"+1-555-0100\"" },
	{ ROW(CAA_CONTACT_MALFORMED, WARNING, NONE), .owner = APEX,
	  .zone = "@ CAA 0 contactphone \"555-0100\"\n", .miss = "@ CAA 0 contactphone \"+5\"\n" },
	{ ROW(CAA_CONTACT_MALFORMED, WARNING, NONE), .owner = APEX,
	  .zone = "@ CAA 0 contactphone \"tel:555-0100\"\n", .miss = "" },
	{ ROW(CAA_CONTACT_MALFORMED, WARNING, NONE), .owner = APEX,
	  .zone = "@ CAA 0 contactphone \"+\"\n", .miss = "" },
	{ ROW(CAA_CONTACT_MALFORMED, WARNING, NONE), .owner = APEX,
	  .zone = "@ CAA 0 contactphone \"+1\\000\"\n", .miss = "" },
	{ ROW(CAA_CONTACT_CRITICAL, WARNING, REPLACE), .owner = APEX,
	  .zone = "@ CAA 128 contactemail \"admin@example.com\"\n",
	  .miss = "@ CAA 128 issuemail \"ca.example.net\"\n",
	  .remedy = "example.com. 3600 CAA 0 contactemail \"admin@example.com\"" },
	{ ROW(CAA_CONTACT_CRITICAL, WARNING, REPLACE), .owner = APEX,
	  .zone = "@ CAA 128 issuevmc \";\"\n", .miss = "@ CAA 0 issuevmc \";\"\n" },

	/* RRsets. */
	{ ROW(CAA_POLICY_CONTRADICTORY, WARNING, REMOVE), .owner = APEX,
	  .zone = "@ CAA 0 issue \";\"\n@ CAA 0 issue \"ca.example.net\"\n",
	  .miss = "@ CAA 0 issuewild \";\"\n@ CAA 0 issue \"ca.example.net\"\n" },
	{ ROW(CAA_POLICY_CONTRADICTORY, WARNING, REMOVE), .owner = APEX,
	  .zone = "@ CAA 0 issuewild \"\"\n@ CAA 0 issuewild \"ca.example.net\"\n",
	  .miss = "@ CAA 0 issuewild \";\"\n@ CAA 0 issuewild \"a..b\"\n" },
	{ ROW(CAA_POLICY_REDUNDANT, NOTICE, REMOVE), .owner = APEX,
	  .zone = "@ CAA 0 issue \"ca.example.net\"\n@ CAA 128 ISSUE \" CA.example.net ;\"\n",
	  .miss = "@ CAA 0 issue \"ca.example.net\"\n@ CAA 0 issuewild \"ca.example.net\"\n" },
	{ ROW(CAA_POLICY_REDUNDANT, NOTICE, REMOVE), .owner = APEX,
	  .zone = "@ CAA 0 issue \"ca.example.net; a=b;c=d\"\n@ CAA 0 issue \"ca.example.net;A = b; c=d\"\n",
	  .miss = "@ CAA 0 issue \"ca.example.net; a=b\"\n@ CAA 0 issue \"ca.example.net; a=B\"\n"
	          "@ CAA 0 issue \"ca.example.net; a=b;c=d\"\n@ CAA 0 issue \"ca.example.net; c=b\"\n"
	          "@ CAA 0 issue \"ca.example.net; a=bb\"\n" },
	{ ROW(CAA_POLICY_REDUNDANT, NOTICE, REMOVE), .owner = APEX,
	  .zone = "@ CAA 0 iodef \"mailto:a@example.com\"\n@ CAA 128 iodef \"mailto:a@example.com\"\n",
	  .miss = "@ CAA 0 iodef \"mailto:a@example.com\"\n@ CAA 0 iodef \"mailto:A@example.com\"\n" },
	{ ROW(CAA_ANCESTOR_OVERRIDDEN, WARNING, ADD), .owner = "sub.example.com.", ORDER,
	  .zone = "@ CAA 0 issue \"ca.example.net\"\nsub 60 CAA 0 issue \"other.example.net\"\n",
	  .miss = "@ CAA 0 issue \"ca.example.net\"\nsub CAA 0 issue \";\"\n",
	  .remedy = "sub.example.com. 60 CAA 0 issue \"ca.example.net\"" },
	{ ROW(CAA_ANCESTOR_OVERRIDDEN, WARNING, ADD), .owner = "x.sub.example.com.",
	  .order = { .cas = CA, .hosts = "y.sub" },
	  .zone = "sub CAA 0 issue \"ca.example.net\"\nx.sub CAA 0 issue \"other.example.net\"\n",
	  .miss = "sub CAA 0 iodef \"mailto:a@example.com\"\nx.sub CAA 0 issue \"other.example.net\"\n" },
	/* A denial of a wanted host says it already. */
	{ ROW(CAA_ANCESTOR_OVERRIDDEN, WARNING, ADD), .owner = "sub.example.com.",
	  .order = { .cas = CA, .hosts = "@" },
	  .zone = "@ CAA 0 issue \"ca.example.net\"\nsub CAA 0 issue \"other.example.net\"\n",
	  .miss = "@ CAA 0 issue \"other.example.net\"\nsub CAA 0 issue \"other.example.net\"\n" },
	{ ROW(CAA_OWNER_WILDCARD, NOTICE, NONE), .owner = "*.example.com.",
	  .zone = "* CAA 0 issue \"ca.example.net\"\n",
	  .miss = "a.* CAA 0 issue \"ca.example.net\"\n" },
	{ ROW(CAA_RECORD_OCCLUDED, WARNING, NONE), .owner = "a.sub.example.com.",
	  .zone = "sub NS ns.example.net.\na.sub CAA 0 issue \";\"\n",
	  .miss = "@ NS ns.example.net.\na.sub CAA 0 issue \";\"\n" },
	{ ROW(CAA_RECORD_OCCLUDED, WARNING, NONE), .owner = "sub.example.com.",
	  .zone = "sub NS ns.example.net.\nsub CAA 0 issue \";\"\n",
	  .miss = "sub DNAME x\nsub CAA 0 issue \";\"\n" },
	{ ROW(CAA_RECORD_OCCLUDED, WARNING, NONE), .owner = "*.sub.example.com.",
	  .zone = "sub DNAME x\n*.sub CAA 0 issue \";\"\n",
	  .miss = "xsub DNAME x\n*.sub CAA 0 issue \";\"\n" },
	{ ROW(CAA_TTL_LONG, NOTICE, NONE), .owner = APEX, .zone = "@ 28801 CAA 0 issue \";\"\n",
	  .miss = "@ 28800 CAA 0 issue \";\"\n" },
	{ ROW(CAA_ANSWER_LARGE, NOTICE, NONE), .owner = APEX, .zone = large, .miss = not_large },

	/* Aliases. */
	{ ROW(CAA_ALIAS_DECIDES, NOTICE, NONE), .owner = "www.example.com.",
	  .order = { .cas = CA, .hosts = "www" },
	  .zone = "www CNAME t\nt CAA 0 issue \"ca.example.net\"\n",
	  .miss = "www CNAME t\n@ CAA 0 issue \"ca.example.net\"\n" },
	{ ROW(CAA_ALIAS_DECIDES, NOTICE, NONE), .owner = "x.d.example.com.",
	  .order = { .cas = CA, .hosts = "x.d" },
	  .zone = "d DNAME t\nx.t CAA 0 issue \"ca.example.net\"\n",
	  .miss = "d DNAME t\nt CAA 0 issue \"ca.example.net\"\n" },
	{ ROW(CAA_ALIAS_EXTERNAL, NOTICE, NONE), .owner = "www.example.com.",
	  .order = { .cas = CA, .hosts = "www" }, .zone = "www CNAME x.example.net.\n",
	  .miss = "www CNAME x\n" },
	{ ROW(CAA_ALIAS_EXTERNAL, NOTICE, NONE), .owner = "a.example.com.",
	  .order = { .cas = CA, .hosts = "www.a" }, .zone = "a CNAME x.example.net.\n",
	  .miss = "b CNAME x.example.net.\n" },
	{ ROW(CAA_ALIAS_LOOP, ERROR, NONE), .owner = "www.example.com.",
	  .order = { .cas = CA, .hosts = "www" }, .zone = "www CNAME a\na CNAME www\n",
	  .miss = "www CNAME a\na CNAME b\n" },
	/* A substituted name of more than 255 octets is YXDOMAIN (RFC 6672 section 2.2). */
	{ ROW(CAA_ALIAS_LOOP, ERROR, NONE), .owner = LABEL63 ".d.example.com.",
	  .order = { .cas = CA, .hosts = LABEL63 ".d" },
	  .zone = "d DNAME " LABEL63 "." LABEL63 "." LABEL63 ".example.net.\n",
	  .miss = "d DNAME " LABEL63 "." LABEL63 ".example.net.\n" },

	/* Validations. */
	{ ROW(DCV_CNAME_MISSING, ERROR, ADD), .owner = "_" HASH ".example.com.",
	  .order = { .validations = "_" HASH " " TARGET }, .zone = "",
	  .miss = "_" HASH " CNAME " TARGET "\n",
	  .remedy = "_" HASH ".example.com. 3600 CNAME " TARGET },
	{ ROW(DCV_CNAME_MISSING, ERROR, ADD), .owner = "_" HASH ".www.example.com.",
	  .order = { .validations = "_" HASH ".www " TARGET },
	  .zone = "_" HASH ".www A 192.0.2.1\n", .miss = "_" HASH " CNAME " TARGET "\n" },
	{ ROW(DCV_CNAME_MISSING, ERROR, NONE), .owner = "_" HASH ".example.com.",
	  .order = { .validations = "_" HASH }, .zone = "",
	  .miss = "_" HASH " CNAME " TARGET "\n" },
	{ ROW(DCV_TARGET_MISMATCH, ERROR, REPLACE), .owner = "_a.example.com.",
	  .order = { .validations = "_a x.example.net" }, .zone = "_a 60 CNAME y.example.net.\n",
	  .miss = "_a CNAME X.Example.net.\n",
	  .remedy = "_a.example.com. 60 CNAME x.example.net." },
	{ ROW(DCV_TARGET_MISMATCH, ERROR, NONE), .owner = "_" HASH ".example.com.",
	  .order = { .validations = "_" HASH }, .zone = "_" HASH " CNAME y.example.net.\n",
	  .miss = "_" HASH " CNAME " TARGET "\n" },
	{ ROW(DCV_TYPE_CONFLICT, ERROR, REPLACE), .owner = "_a.example.com.",
	  .order = { .validations = "_a x.example.net" }, .zone = "_a TXT \"x.example.net\"\n",
	  .miss = "_a CNAME x.example.net.\n",
	  .remedy = "_a.example.com. 3600 CNAME x.example.net." },
	{ ROW(DCV_TYPE_CONFLICT, ERROR, NONE), .owner = "_a.example.com.",
	  .order = { .validations = "_a" }, .zone = "_a TXT \"x.example.net\"\n",
	  .miss = "a TXT \"x\"\n" },
	{ ROW(DCV_TYPE_CONFLICT, ERROR, NONE), .owner = "_a.example.com.",
	  .zone = "_a CNAME x\n_a CNAME y\n", .miss = "a CNAME x\na CNAME y\n" },
	{ ROW(DCV_TYPE_CONFLICT, ERROR, NONE), .owner = "_a.example.com.",
	  .zone = "_a CNAME x\n_a TXT \"x\"\n", .miss = "_a CNAME x\n_b TXT \"x\"\n" },
	{ ROW(DCV_TYPE_CONFLICT, ERROR, REPLACE), .owner = "_" HASH ".example.com.",
	  .zone = "_" HASH " TXT \"" HASH "." HASH "\" \".sectigo.com\"\n",
	  .miss = "_" HASH " TXT \"" HASH "." HASH ".example.net\"\n",
	  .remedy = "_" HASH ".example.com. 3600 CNAME " TARGET },
	{ ROW(DCV_RECORD_OCCLUDED, ERROR, NONE), .owner = "_a.sub.example.com.",
	  .order = { .validations = "_a.sub x.example.net" },
	  .zone = "sub NS ns.example.net.\n_a.sub CNAME x.example.net.\n",
	  .miss = "_a.sub CNAME x.example.net.\n" },
	{ ROW(DCV_RECORD_OCCLUDED, ERROR, NONE), .owner = "_a.sub.example.com.",
	  .order = { .validations = "_a.sub x.example.net" }, .zone = "sub DNAME example.net.\n",
	  .miss = "sub CNAME example.net.\n" },
	{ ROW(DCV_RECORD_OCCLUDED, WARNING, NONE), .owner = "_" HASH ".sub.example.com.",
	  .zone = "sub NS ns.example.net.\n_" HASH ".sub CNAME " TARGET "\n",
	  .miss = "sub NS ns.example.net.\n_" HASH " CNAME " TARGET "\n" },
	{ ROW(DCV_WILDCARD_ANSWERS, ERROR, ADD), .owner = "_a.example.com.",
	  .order = { .validations = "_a x.example.net" }, .zone = "* CNAME y.example.net.\n",
	  .miss = "* CNAME x.example.net.\n" },
	{ ROW(DCV_OWNER_DOUBLED, WARNING, REPLACE), .owner = "_" HASH ".example.com.example.com.",
	  .zone = "_" HASH ".example.com CNAME " TARGET "\n",
	  .miss = "_" HASH ".example.net CNAME " TARGET "\n",
	  .remedy = "_" HASH ".example.com. 3600 CNAME " TARGET },
	{ ROW(DCV_OWNER_DOUBLED, ERROR, REPLACE), .owner = "_" HASH ".www.example.com.example.com.",
	  .order = { .validations = "_" HASH ".www" },
	  .zone = "_" HASH ".www.example.com CNAME " TARGET "\n",
	  .miss = "_" HASH ".www CNAME " TARGET "\n" },
	{ ROW(DCV_TARGET_DOUBLED, ERROR, REPLACE), .owner = "_" HASH ".example.com.",
	  .zone = "_" HASH " CNAME " HASH "." HASH ".sectigo.com\n",
	  .miss = "_" HASH " CNAME " HASH "." HASH ".sectigo.net\n",
	  .remedy = "_" HASH ".example.com. 3600 CNAME " TARGET },
	/* $ORIGIN may have been written in capitals. */
	{ ROW(DCV_TARGET_DOUBLED, ERROR, REPLACE), .owner = "_" HASH ".example.com.",
	  .zone = "_" HASH " CNAME " HASH "." HASH ".sectigo.com.EXAMPLE.COM.\n",
	  .miss = "_" HASH " CNAME " HASH "." HASH ".sectigo.com.EXAMPLE.NET.\n",
	  .remedy = "_" HASH ".example.com. 3600 CNAME " TARGET },
	{ ROW(DCV_UNDERSCORE_MISSING, ERROR, REPLACE), .owner = HASH ".example.com.",
	  .zone = HASH " CNAME " TARGET "\n", .miss = HASH "0 CNAME " TARGET "\n",
	  .remedy = "_" HASH ".example.com. 3600 CNAME " TARGET },
	{ ROW(DCV_LABEL_MALFORMED, WARNING, NONE), .owner = "www.example.com.",
	  .zone = "www CNAME " TARGET "\n", .miss = "www CNAME www.sectigo.com.\n" },
	{ ROW(DCV_LABEL_MALFORMED, WARNING, NONE), .owner = "_" HASH ".example.com.",
	  .zone = "_" HASH " CNAME " HASH ".sectigo.com.\n",
	  .miss = "_" HASH " CNAME " TARGET "\n" },
	{ ROW(DCV_ISSUER_DENIED, WARNING, ADD), .owner = "_" HASH ".www.example.com.",
	  .zone = "_" HASH ".www CNAME " TARGET "\n@ 60 CAA 0 issue \"digicert.com\"\n",
	  .miss = "_" HASH ".www CNAME " TARGET "\n@ CAA 0 issue \"digicert.com\"\n"
	          "@ CAA 0 issuewild \"usertrust.com\"\n",
	  .remedy = "example.com. 60 CAA 0 issue \"sectigo.com\"" },
	{ ROW(DCV_ISSUER_DENIED, WARNING, NONE), .owner = "_" HASH ".example.com.",
	  .zone = "_" HASH " CNAME " TARGET "\n@ CAA 128 tbs \"\"\n",
	  .miss = "_" HASH " CNAME " TARGET "\n@ CAA 0 tbs \"\"\n" },
	{ ROW(DCV_ISSUER_DENIED, WARNING, ADD), .owner = "_" HASH ".example.com.",
	  .order = { .cas = "digicert.com", .hosts = "@" },
	  .zone = "_" HASH " CNAME " TARGET "\n@ CAA 0 issue \"digicert.com\"\n",
	  .miss = "_acme-challenge CNAME x.dcv.cloudflare.com.\n@ CAA 0 issue \"digicert.com\"\n" },
	{ ROW(DCV_RECORD_STALE, NOTICE, REMOVE), .owner = "_" HASH ".example.com.",
	  .order = { .validations = "_a x.example.net" },
	  .zone = "_a CNAME x.example.net.\n_" HASH " CNAME " TARGET "\n",
	  .miss = "_a CNAME x.example.net.\n_" HASH " CNAME _" HASH ".acm-validations.aws.\n" },
	{ ROW(DCV_RECORD_STALE, NOTICE, REMOVE), .owner = "_" HASH ".example.com.",
	  .order = { .validations = "_" HASH ".www x.example.net" },
	  .zone = "_" HASH ".www CNAME x.example.net.\n_" HASH " CNAME " TARGET "\n",
	  .miss = "_" HASH ".www CNAME " TARGET "\n" },

	/* Expected records of no known family, in a wrong place. */
	{ ROW(DCV_OWNER_DOUBLED, ERROR, REPLACE), .owner = "_ab12.www.example.com.example.com.",
	  .order = { .validations = "_ab12.www x.example.net" },
	  .zone = "_ab12.www.example.com 60 CNAME X.example.net.\n",
	  .miss = "_ab12.www.example.com CNAME y.example.net.\n",
	  .remedy = "_ab12.www.example.com. 60 CNAME x.example.net." },
	{ ROW(DCV_UNDERSCORE_MISSING, ERROR, REPLACE), .owner = "ab12.www.example.com.",
	  .order = { .validations = "_ab12.www x.example.net" },
	  .zone = "ab12.www CNAME x.example.net.\n",
	  .miss = "_ab12.www CNAME x.example.net.\nab12.www CNAME x.example.net.\n",
	  .remedy = "_ab12.www.example.com. 3600 CNAME x.example.net." },
	{ ROW(DCV_UNDERSCORE_MISSING, ERROR, REPLACE), .owner = "ab12.www.example.com.example.com.",
	  .order = { .validations = "_ab12.www x.example.net" },
	  .zone = "ab12.www.example.com CNAME x.example.net.\n",
	  .miss = "ab12.shop.example.com CNAME x.example.net.\n",
	  .remedy = "_ab12.www.example.com. 3600 CNAME x.example.net." },
	{ ROW(DCV_LABEL_MALFORMED, ERROR, REPLACE), .owner = "www._ab12.example.com.",
	  .order = { .validations = "_ab12.www x.example.net" },
	  .zone = "www._ab12 CNAME x.example.net.\n", .miss = "shop._ab12 CNAME x.example.net.\n",
	  .remedy = "_ab12.www.example.com. 3600 CNAME x.example.net." },
	{ ROW(DCV_LABEL_MALFORMED, ERROR, REPLACE), .owner = "_ab12.www.www.example.com.",
	  .order = { .validations = "_ab12.www x.example.net" },
	  .zone = "_ab12.www.www CNAME x.example.net.\n",
	  .miss = "_ab12.www.shop CNAME x.example.net.\n",
	  .remedy = "_ab12.www.example.com. 3600 CNAME x.example.net." },
	/* Mistyped: two characters, not three. */
	{ ROW(DCV_LABEL_MALFORMED, ERROR, REPLACE), .owner = "_ab1xx6.www.example.com.",
	  .order = { .validations = "_ab123456.www x.example.net|_ab1236.www x.example.net" },
	  .zone = "_ab1xx6.www CNAME x.example.net.\n",
	  .miss = "_abxxx6.www CNAME x.example.net.\n",
	  .remedy = "_ab1236.www.example.com. 3600 CNAME x.example.net." },
	/* Cut: eight characters are left, not seven. */
	{ ROW(DCV_LABEL_MALFORMED, ERROR, REPLACE), .owner = "_abcdefg.example.com.",
	  .order = { .validations = "_abcdefg0123456789 x.example.net" },
	  .zone = "_abcdefg CNAME x.example.net.\n", .miss = "_abcdef CNAME x.example.net.\n" },
	/* The record of another host that expects the same is none in a wrong place. */
	{ ROW(DCV_LABEL_MALFORMED, ERROR, REPLACE), .owner = "_ab12.www.www.example.com.",
	  .order = { .validations = "_ab12.www x.example.net" },
	  .zone = "_ab12.www.www CNAME x.example.net.\n_ab12.shop CNAME x.example.net.\n",
	  .miss = "_ab12.shop CNAME x.example.net.\n" },
	{ ROW(DCV_TARGET_DOUBLED, ERROR, REPLACE), .owner = "_a.example.com.",
	  .order = { .validations = "_a x.example.net" }, .zone = "_a 60 CNAME x.example.net\n",
	  .miss = "_a CNAME x.example.org\n", .remedy = "_a.example.com. 60 CNAME x.example.net." },
	{ ROW(DCV_TARGET_DOUBLED, ERROR, REPLACE), .owner = "_" HASH ".example.com.",
	  .order = { .validations = "_" HASH " " TARGET },
	  .zone = "_" HASH " CNAME " HASH "." HASH ".sectigo.com\n",
	  .miss = "_" HASH " CNAME " TARGET "\n",
	  .remedy = "_" HASH ".example.com. 3600 CNAME " TARGET },

	/* Expected TXT records. */
	{ ROW(DCV_TXT_MISSING, ERROR, ADD), .owner = "_a.example.com.",
	  .order = { .texts = "_a t\"1" }, .zone = "", .miss = "_a TXT \"t\\\"1\"\n",
	  .remedy = "_a.example.com. 3600 TXT \"t\\\"1\"" },
	{ ROW(DCV_TXT_MISSING, ERROR, ADD), .owner = "_a.example.com.",
	  .order = { .texts = "_a one  two" },
	  .zone = "_a 60 TXT \"onetw\"\n_a 60 TXT \"onetwoo\"\n_a 60 TXT \"oneTwo\"\n",
	  .miss = "_a TXT \"x\"\n_a TXT \"o\" \"\" \"netwo\"\n",
	  .remedy = "_a.example.com. 60 TXT \"one\" \"two\"" },
	{ ROW(DCV_TXT_MISSING, ERROR, ADD), .owner = "_a.b.example.com.",
	  .order = { .texts = "_a.b t" }, .zone = "_a TXT \"t\"\n", .miss = "_a.b TXT \"t\"\n" },
	{ ROW(DCV_TXT_MISSING, ERROR, ADD), .owner = "www.example.com.",
	  .order = { .texts = "www t" }, .zone = "www A 192.0.2.1\nwww 60 TXT \"v=spf1 -all\"\n",
	  .miss = "www TXT \"v=spf1 -all\"\nwww TXT \"t\"\n",
	  .remedy = "www.example.com. 60 TXT \"t\"" },
	{ ROW(DCV_TXT_MISSING, ERROR, ADD), .owner = "_a.example.com.",
	  .order = { .texts = "_a t" }, .zone = "_a CNAME b.acme\n",
	  .miss = "_a CNAME b.acme\nb.acme TXT \"t\"\n",
	  .remedy = "b.acme.example.com. 3600 TXT \"t\"" },
	{ ROW(DCV_TXT_MISSING, ERROR, NONE), .owner = "_a.example.com.",
	  .order = { .texts = "_a t" }, .zone = "_a CNAME _b\n_b CNAME _a\n",
	  .miss = "_a CNAME _b\n_b CNAME _c\n_c TXT \"t\"\n" },
	{ ROW(DCV_TXT_MISSING, ERROR, ADD), .owner = "_a.d.example.com.",
	  .order = { .texts = "_a.d t" }, .zone = "d DNAME e\n",
	  .miss = "d DNAME e\n_a.e TXT \"t\"\n", .remedy = "_a.e.example.com. 3600 TXT \"t\"" },
	{ ROW(DCV_RECORD_OCCLUDED, ERROR, NONE), .owner = "_a.sub.example.com.",
	  .order = { .texts = "_a.sub t" }, .zone = "sub NS ns.example.net.\n_a.sub TXT \"t\"\n",
	  .miss = "_a.sub TXT \"t\"\n" },
	{ ROW(DCV_WILDCARD_ANSWERS, ERROR, ADD), .owner = "_a.example.com.",
	  .order = { .texts = "_a t" }, .zone = "* TXT \"u\"\n",
	  .miss = "* TXT \"u\"\n* TXT \"t\"\n", .remedy = "_a.example.com. 3600 TXT \"t\"" },
	{ ROW(DCV_OWNER_DOUBLED, ERROR, REPLACE), .owner = "_a.example.com.example.com.",
	  .order = { .texts = "_a t" }, .zone = "_a.example.com 60 TXT \"t\"\n",
	  .miss = "_a.example.com TXT \"u\"\n", .remedy = "_a.example.com. 60 TXT \"t\"" },
	{ ROW(DCV_UNDERSCORE_MISSING, ERROR, REPLACE), .owner = "a.www.example.com.",
	  .order = { .texts = "_a.www t" }, .zone = "a.www TXT \"t\"\n",
	  .miss = "b.www TXT \"t\"\n", .remedy = "_a.www.example.com. 3600 TXT \"t\"" },
	/* The host of a TXT record with an underscore is the name above, else its owner. */
	{ ROW(CAA_ISSUE_DENIED, ERROR, ADD), .owner = "a.example.com.",
	  .order = { .cas = CA, .texts = "a t" },
	  .zone = "a TXT \"t\"\na CAA 0 issue \"x.example\"\n", .miss = "a TXT \"t\"\n" },
	{ ROW(CAA_ISSUE_DENIED, ERROR, ADD), .owner = "a.example.com.",
	  .order = { .cas = CA, .texts = "_b.a t" },
	  .zone = "_b.a TXT \"t\"\na CAA 0 issue \"x.example\"\n",
	  .miss = "_b.a TXT \"t\"\n_b.a CAA 0 issue \"x.example\"\n" },
};

static void check_row(const row_t *row)
{
	zone_t zone = zone_of_rows(row->zone);
	heard_t heard = audit_zone(&zone, &row->order, 0);
	bool fired = false;
	for (size_t i = 0; i < heard.findings; i++) {
		const heard_finding_t *f = &heard.finding[i];
		if (f->id == row->id && strcmp(dname_text(f->owner), row->owner) == 0 &&
		    f->severity == row->severity && f->fix == row->fix &&
		    (row->remedy == NULL || strcmp(row->remedy, f->remedy) == 0)) {
			fired = true;
		}
	}
	if (!fired) {
		print_heard(&heard);
		for (size_t i = 0; i < heard.findings; i++) {
			print_error("fix %d remedy %s\n", heard.finding[i].fix,
			            heard.finding[i].remedy);
		}
	}
	assert_true(fired);
	check_forms(&zone, &row->order, &heard);

	zone_t miss = zone_of_rows(row->miss);
	heard_t missed = audit_zone(&miss, &row->order, 0);
	if (count_id(&missed, row->id) > 0) {
		print_error("in the near miss\n%s\n", row->miss);
		print_heard(&missed);
	}
	assert_int_equal(count_id(&missed, row->id), 0);
	heard_free(&missed);
	zone_free(&miss);

	// All remedies of that finding together cure it.
	bool applied = false;
	for (size_t i = 0; i < heard.findings; i++) {
		if (heard.finding[i].id == row->id) {
			applied = heard_apply(&zone, &heard.finding[i]) || applied;
		}
	}
	assert_int_equal(applied, row->fix != NONE);
	if (applied && !row->half) {
		heard_t cured = audit_zone(&zone, &row->order, 0);
		if (count_id(&cured, row->id) > 0) {
			print_error("after the remedy\n");
			print_heard(&cured);
		}
		assert_int_equal(count_id(&cured, row->id), 0);
		heard_free(&cured);
	}
	heard_free(&heard);
	zone_free(&zone);
}

static void each_finding_fires_and_its_remedy_cures_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		print_message("%s\n%s\n", caaudit_finding_info(rows[i].id)->id, rows[i].zone);
		check_row(&rows[i]);
	}
}

/*! Findings that a view alone cannot lead to. */
static void every_finding_has_a_row(void **state)
{
	(void)state;
	for (unsigned id = 0; id < CAAUDIT_FINDING__COUNT; id++) {
		const char *name = caaudit_finding_info(id)->id;
		bool elsewhere = strncmp(name, "dcv-lookup-", 11) == 0 ||
		                 strncmp(name, "dnssec-", 7) == 0 ||
		                 strncmp(name, "probe-", 6) == 0 || strncmp(name, "synth-", 6) == 0;
		size_t i = 0;
		while (i < COUNT(rows) && rows[i].id != id) {
			i++;
		}
		if (i == COUNT(rows) && !elsewhere) {
			print_error("%s\n", name);
			fail();
		}
	}
}

/* --- Silence ------------------------------------------------------------------------------------ */

static void sane_zones_stay_silent(void **state)
{
	(void)state;
	static const struct {
		const char *zone;
		order_t order;
	} shapes[] = {
		/* No CAA at all. */
		{ "", { .cas = CA, .hosts = "@|www" } },
		{ "www A 192.0.2.1\n@ NS ns\nns A 192.0.2.1\n",
		  { .cas = CA "|sectigo.com", .hosts = "@|www|none" } },
		{ "", { NULL } },
		{ "* A 192.0.2.1\n", { .cas = CA, .hosts = "a.b" } },
		/* One CA. */
		{ "@ CAA 0 issue \"ca.example.net\"\n", { .cas = CA, .hosts = "@|www|a.b.c" } },
		{ "@ CAA 0 issue \"letsencrypt.org\"\n",
		  { .cas = "letsencrypt.org", .hosts = "@|www" } },
		{ "@ CAA 128 issue \"letsencrypt.org\"\n",
		  { .cas = "letsencrypt.org", .hosts = "@" } },
		{ "@ CAA 0 issue \"pki.goog\"\n@ CAA 0 issuewild \"pki.goog\"\n",
		  { .cas = "pki.goog", .hosts = "@" } },
		{ "@ CAA 0 issue \"sectigo.com\"\n@ CAA 0 issuewild \"sectigo.com\"\n",
		  { .cas = "sectigo.com", .hosts = "@|www" } },
		{ "@ CAA 0 issue \"sectigo.com\"\n@ CAA 0 issuewild \"sectigo.com\"\n",
		  { .cas = "sectigo.com", .hosts = "@|www", .strict = true } },
		{ "@ CAA 0 issue \"sectigo.com\"\n",
		  { .cas = "sectigo.com", .hosts = "@", .plain = true } },
		{ "@ CAA 0 issue \"sectigo.com\"\n", { .cas = "letsencrypt.org" } },
		{ "@ CAA 0 issue \"trust-provider.com\"\n@ CAA 0 issuewild \"usertrust.com\"\n",
		  { .cas = "sectigo.com", .hosts = "@" } },
		{ "@ CAA 0 issue \"amazon.com\"\n@ CAA 0 issue \"amazontrust.com\"\n"
		  "@ CAA 0 issue \"awstrust.com\"\n@ CAA 0 issue \"amazonaws.com\"\n",
		  { .cas = "amazon.com", .hosts = "@" } },
		/* Several. */
		{ "@ CAA 0 issue \"ca.example.net\"\n@ CAA 0 issue \"letsencrypt.org\"\n"
		  "@ CAA 0 issue \"digicert.com\"\n@ CAA 0 issue \"globalsign.com\"\n@ CAA 0 issue \"godaddy.com\"\n",
		  { .cas = CA "|digicert.com|godaddy.com", .hosts = "@|www" } },
		{ "@ CAA 0 issue \"ca.example.net\"\n@ CAA 0 issue \"other.example.net\"\n"
		  "@ CAA 0 issuewild \"ca.example.net\"\n",
		  { .cas = CA, .hosts = "@" } },
		/* Wildcards. */
		{ "@ CAA 0 issue \"ca.example.net\"\n@ CAA 0 issuewild \";\"\n",
		  { .cas = CA, .hosts = "@", .plain = true } },
		{ "@ CAA 0 issue \";\"\n@ CAA 0 issuewild \"ca.example.net\"\n", { NULL } },
		{ "@ CAA 0 issuewild \"ca.example.net\"\n", { .cas = CA, .hosts = "@" } },
		/* Nobody, on purpose. */
		{ "@ CAA 0 issue \";\"\n", { NULL } },
		{ "@ CAA 0 issue \";\"\n@ CAA 0 issuewild \";\"\n@ CAA 0 issuemail \";\"\n@ CAA 0 issuevmc \";\"\n",
		  { .cas = CA } },
		{ "@ CAA 0 issue \"ca.example.net\"\nparked CAA 0 issue \";\"\n",
		  { .cas = CA, .hosts = "@|www" } },
		{ "@ CAA 0 issue \"\"\n", { NULL } },
		{ "@ CAA 0 issue \"ca.example.net\"\nint CAA 0 issue \";\"\nint CAA 0 issuewild \";\"\n",
		  { .cas = CA, .hosts = "www" } },
		/* Reports and contacts. */
		{ "@ CAA 0 iodef \"mailto:security@example.com\"\n", { .cas = CA, .hosts = "@" } },
		{ "@ CAA 128 iodef \"mailto:security@example.com\"\n",
		  { .cas = CA, .hosts = "@" } },
		{ "@ CAA 0 iodef \"https://example.com/caa?zone=example.com#x\"\n",
		  { .cas = CA, .hosts = "@" } },
		{ "@ CAA 0 iodef \"http://iodef.example.com/\"\n@ CAA 0 iodef \"mailto:security@example.com\"\n",
		  { .cas = CA, .hosts = "@" } },
		{ "@ CAA 0 iodef \"mailto:security@example.com?subject=CAA%20report\"\n",
		  { NULL } },
		{ "@ CAA 0 iodef \"mailto:a@example.com,b@example.net\"\n", { NULL } },
		{ "@ CAA 0 contactemail \"domain-owner+tls@example.com\"\n@ CAA 0 contactphone \"+1-555-0100\"\n",
		  { .cas = CA, .hosts = "@" } },
		/* Mail and mark certificates. */
		{ "@ CAA 0 issuemail \"ca.example.net\"\n", { .cas = CA, .hosts = "@" } },
		{ "@ CAA 0 issue \"ca.example.net\"\n@ CAA 0 issuemail \";\"\n",
		  { .cas = CA, .hosts = "@" } },
		{ "@ CAA 128 issuemail \"ca.example.net; account=123456\"\n",
		  { .cas = CA, .hosts = "@" } },
		{ "@ CAA 0 issuevmc \"digicert.com\"\n@ CAA 0 issue \"ca.example.net\"\n",
		  { .cas = CA, .hosts = "@" } },
		/* Parameters. */
		{ "@ CAA 0 issue \"letsencrypt.org; accounturi=https://acme-v02.api.letsencrypt.org/acme/acct/1\"\n",
		  { .cas = "letsencrypt.org",
		    .hosts = "@",
		    .account = "https://acme-v02.api.letsencrypt.org/acme/acct/1" } },
		{ "@ CAA 0 issue \"letsencrypt.org;validationmethods=dns-01\"\n",
		  { .cas = "letsencrypt.org", .hosts = "@", .method = "dns-01" } },
		{ "@ CAA 0 issue \"letsencrypt.org; validationmethods=http-01,dns-01; "
		  "accounturi=https://acme-v02.api.letsencrypt.org/acme/acct/1\"\n",
		  { .cas = "letsencrypt.org", .hosts = "@" } },
		{ "@ CAA 0 issue \"ca.example.net; validationmethods=ca-tbr-7\"\n",
		  { .cas = CA, .hosts = "@", .method = "ca-tbr-7" } },
		{ "@ CAA 0 issue \"ca.example.net; account=230123; policy=ev\"\n",
		  { .cas = CA, .hosts = "@" } },
		{ "@ CAA 0 issue \"ca.example.net; accounturi=https://ca.example.net/1\"\n"
		  "@ CAA 0 issue \"ca.example.net; accounturi=https://ca.example.net/2\"\n",
		  { .cas = CA, .hosts = "@", .account = "https://ca.example.net/2" } },
		{ "@ CAA 0 issue \"other.example.net; validationmethods=http-01\"\n@ CAA 0 issue \"ca.example.net\"\n",
		  { .cas = CA, .hosts = "@" } },
		/* As content delivery networks publish them. */
		{ "@ CAA 0 issue \"digicert.com; cansignhttpexchanges=yes\"\n"
		  "@ CAA 0 issuewild \"digicert.com; cansignhttpexchanges=yes\"\n"
		  "@ CAA 0 issue \"letsencrypt.org\"\n@ CAA 0 issuewild \"letsencrypt.org\"\n"
		  "@ CAA 0 issue \"pki.goog; cansignhttpexchanges=yes\"\n"
		  "@ CAA 0 issuewild \"pki.goog; cansignhttpexchanges=yes\"\n"
		  "@ CAA 0 issue \"ssl.com\"\n@ CAA 0 issuewild \"ssl.com\"\n",
		  { .cas = "letsencrypt.org|digicert.com|pki.goog", .hosts = "@|www" } },
		/* White space and a final ";" that the grammar allows. */
		{ "@ CAA 0 issue \" ca.example.net ; \"\n", { .cas = CA, .hosts = "@" } },
		/* Lower names. */
		{ "@ CAA 0 issue \"ca.example.net\"\nsub CAA 0 issue \"ca.example.net\"\n"
		  "sub CAA 0 issue \"other.example.net\"\n",
		  { .cas = CA, .hosts = "@|sub" } },
		{ "@ CAA 0 issue \"other.example.net\"\nsub CAA 0 issue \"ca.example.net\"\n",
		  { .cas = CA, .hosts = "a.sub" } },
		/* A delegation and what it needs. */
		{ "@ NS ns\nsub NS ns.sub\nns.sub A 192.0.2.1\n@ CAA 0 issue \"ca.example.net\"\n",
		  { .cas = CA, .hosts = "@" } },
		/* Aliases whose targets say nothing. */
		{ "www CNAME @\n@ A 192.0.2.1\n", { .cas = CA, .hosts = "www" } },
		{ "www CNAME web\nweb A 192.0.2.1\n@ CAA 0 issue \"ca.example.net\"\n",
		  { .cas = CA, .hosts = "www" } },
		{ "old DNAME new\nnew A 192.0.2.1\n@ CAA 0 issue \"ca.example.net\"\n",
		  { .cas = CA, .hosts = "a.old" } },
		/* Validations. */
		{ "_" HASH " CNAME " TARGET
		  "\n@ CAA 0 issue \"sectigo.com\"\n@ CAA 0 issuewild \"sectigo.com\"\n",
		  { .cas = "sectigo.com", .hosts = "@", .validations = "_" HASH " " TARGET } },
		{ "_" HASH " CNAME " TARGET "\n",
		  { .cas = "sectigo.com", .validations = "_" HASH ".www" } },
		{ "_" HASH " CNAME " TARGET "\n", { NULL } },
		{ "_" HASH ".www CNAME _" HASH
		  ".abcdefghij.acm-validations.aws.\n@ CAA 0 issue \"amazonaws.com\"\n",
		  { .cas = "amazon.com", .hosts = "www" } },
		{ "_acme-challenge CNAME x.dcv.cloudflare.com.\n_acme-challenge.www CNAME acme.example.net.\n"
		  "@ CAA 0 issue \"letsencrypt.org\"\n",
		  { .cas = "letsencrypt.org", .hosts = "@" } },
		{ "_acme-challenge TXT \"gfj9Xq...Rg85nM\"\n_acme-challenge TXT \"second\"\n",
		  { NULL } },
		{ "_dmarc TXT \"v=DMARC1; p=none\"\n_mta-sts TXT \"v=STSv1; id=1;\"\ns1._domainkey CNAME s1.example.net.\n",
		  { .cas = CA, .hosts = "@" } },
		{ "_dnsauth CNAME x.dcv.digicert.com.\n@ CAA 0 issue \"digicert.com\"\n",
		  { .cas = "digicert.com", .hosts = "@" } },
		/* TTLs. */
		{ "@ 28800 CAA 0 issue \"ca.example.net\"\n", { .cas = CA, .hosts = "@" } },
		{ "@ 0 CAA 0 issue \"ca.example.net\"\n", { .cas = CA, .hosts = "@" } },
		/* Host with signatures. */
		{ "@ CAA 0 issue \"ca.example.net\"\n@ RRSIG \\# 1 00\na1b2c3 NSEC3 \\# 1 00\n",
		  { .cas = CA, .hosts = "@" } },
	};
	for (size_t i = 0; i < COUNT(shapes); i++) {
		print_message("%s\n", shapes[i].zone);
		zone_t zone = zone_of_rows(shapes[i].zone);
		heard_t heard = audit_zone(&zone, &shapes[i].order, 0);
		print_heard(&heard);
		assert_int_equal(heard.findings, 0);
		assert_null(heard.not_checked);
		check_forms(&zone, &shapes[i].order, &heard);
		heard_free(&heard);
		zone_free(&zone);
	}
}

/* --- Texts -------------------------------------------------------------------------------------- */

/*! The first finding of that id says this. */
static void texts_say_what_is_wrong(void **state)
{
	(void)state;
	static const struct {
		caaudit_id_t id;
		const char *zone;
		const char *says;
		order_t order;
	} tests[] = {
		/* Malformed values, by what they suffer from. */
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"ca.test.\"\n",
		  "a final dot",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \".ca.test\"\n",
		  "a leading dot",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"ca..test\"\n",
		  "an empty label",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"https://ca.test\"\n",
		  "a URL",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED, "@ CAA 0 issue \"ca.test/x\"\n", "a URL", { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"*.ca.test\"\n",
		  "issuewild",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"_ca.test\"\n",
		  "an underscore",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"a@ca.test\"\n",
		  "an e-mail address",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"ca.test, cb.test\"\n",
		  "several CAs",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"ca.test cb.test\"\n",
		  "several words",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED, "@ CAA 0 issue \"ca-.test\"\n", "'-'", { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED, "@ CAA 0 issue \"ca.;\"\n", "cut short", { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"ca!test\"\n",
		  "no domain name",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"\\\"ca.test\\\"\"\n",
		  "quotes",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"'ca.test'\"\n",
		  "quotes",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"ca.test\\226\\128\\157\"\n",
		  "not printable ASCII",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"ca.test\\010\"\n",
		  "not printable ASCII",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"ca.test; a=b;\"\n",
		  "last parameter",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"ca.test; a=b; \"\n",
		  "last parameter",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"ca.test; a=b;\\009\"\n",
		  "last parameter",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"ca.test;;\"\n",
		  "an empty parameter",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"ca.test; a\"\n",
		  "without '='",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"ca.test; a \"\n",
		  "without '='",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"ca.test; a:b\"\n",
		  "without '='",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"ca.test; a,b\"\n",
		  "','",
		  { NULL } },
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"ca.test; a=b c\"\n",
		  "'tag=value'",
		  { NULL } },
		/* Octets are escaped, and cut after 64. */
		{ CAAUDIT_CAA_VALUE_MALFORMED,
		  "@ CAA 0 issue \"\\001\\255\\\"\"\n",
		  "\"\\001\\255\\\"\"",
		  { NULL } },
		{ CAAUDIT_CAA_IODEF_MALFORMED,
		  "@ CAA 0 iodef \"0123456789012345678901234567890123456789012345678901234567890123\"\n",
		  "0123\" is",
		  { NULL } },
		{ CAAUDIT_CAA_IODEF_MALFORMED,
		  "@ CAA 0 iodef \"01234567890123456789012345678901234567890123456789012345678901234\"\n",
		  "0123...\" is",
		  { NULL } },
		/* Denials. */
		{ CAAUDIT_CAA_ISSUE_DENIED,
		  "@ CAA 0 issue \";\"\n",
		  "permits nobody",
		  { .cas = CA, .hosts = "@" } },
		{ CAAUDIT_CAA_ISSUE_DENIED,
		  "@ CAA 0 issue \"a.test\"\n",
		  "permits only a.test;",
		  { .cas = CA, .hosts = "@" } },
		{ CAAUDIT_CAA_ISSUE_DENIED,
		  "@ CAA 0 issue \"a.test\"\n@ CAA 0 issue \"b.test\"\n"
		  "@ CAA 0 issue \"c.test\"\n@ CAA 0 issue \"d.test\"\n@ CAA 0 issue \"e.test\"\n",
		  "only a.test, b.test, c.test and 2 more;",
		  { .cas = CA, .hosts = "@" } },
		{ CAAUDIT_CAA_ISSUE_DENIED,
		  "@ CAA 0 issue \"a.test\"\n",
		  ", for x.example.com.;",
		  { .cas = CA, .hosts = "x" } },
		{ CAAUDIT_CAA_ISSUE_DENIED,
		  "@ CAA 0 issue \"a.test\"\n",
		  ", for x.example.com. and 2 more;",
		  { .cas = CA, .hosts = "@|x|y" } },
		{ CAAUDIT_CAA_ISSUEWILD_DENIED,
		  "@ CAA 0 issuewild \"a.test\"\n",
		  ", for *.x.example.com.;",
		  { .cas = CA, .hosts = "x" } },
		{ CAAUDIT_CAA_ISSUE_DENIED,
		  "@ CAA 0 issue \"a..b\"\n",
		  "malformed value counts as nobody",
		  { .cas = CA, .hosts = "@" } },
		{ CAAUDIT_CAA_ISSUE_DENIED,
		  "@ CAA 128 x \"\"\n",
		  "see caa-critical-unknown",
		  { .cas = CA, .hosts = "@" } },
		{ CAAUDIT_CAA_ISSUE_DENIED,
		  "@ CAA \\# 1 00\n",
		  "see caa-rdata-malformed",
		  { .cas = CA, .hosts = "@" } },
		{ CAAUDIT_CAA_ISSUE_DENIED,
		  "@ CAA 0 issue \"ca.example.net; validationmethods=x\"\n",
		  "another account or validation method",
		  { .cas = CA, .hosts = "@", .method = "y" } },
		{ CAAUDIT_CAA_TAG_UNKNOWN,
		  "@ CAA 0 isuemail \"x\"\n",
		  "did you mean issuemail?",
		  { NULL } },
		{ CAAUDIT_CAA_TAG_UNKNOWN,
		  "@ CAA 0 contactmail \"x\"\n",
		  "did you mean contactemail?",
		  { NULL } },
		{ CAAUDIT_CAA_RECORD_OCCLUDED,
		  "s NS x\ns CAA 0 issue \";\"\n",
		  "in the child zone",
		  { NULL } },
		{ CAAUDIT_CAA_RECORD_OCCLUDED,
		  "s DNAME x\na.s CAA 0 issue \";\"\n",
		  "at the DNAME's target",
		  { NULL } },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s\n", tests[i].zone);
		zone_t zone = zone_of_rows(tests[i].zone);
		heard_t heard = audit_zone(&zone, &tests[i].order, 0);
		size_t at = 0;
		while (at < heard.findings && heard.finding[at].id != tests[i].id) {
			at++;
		}
		assert_true(at < heard.findings);
		if (strstr(heard.finding[at].text, tests[i].says) == NULL) {
			print_error("'%s' is not in: %s\n", tests[i].says, heard.finding[at].text);
			fail();
		}
		heard_free(&heard);
		zone_free(&zone);
	}
}

/* --- Validations and verdicts -------------------------------------------------------------------- */

static void validations_have_a_state(void **state)
{
	(void)state;
	static const struct {
		const char *zone, *validations, *states, *texts;
	} tests[] = {
		{ "_a CNAME x.example.net.\n", "_a x.example.net", "present\n" },
		{ "_a CNAME x.example.net.\n", "_A X.example.NET.", "present\n" },
		{ "_a CNAME x.example.net.\n", "_a.b.c x.example.net", "present-above\n" },
		{ "_a.c CNAME x.example.net.\n", "_a.b.c x.example.net", "present-above\n" },
		{ "_a.b.c CNAME y.example.net.\n_a CNAME x.example.net.\n", "_a.b.c x.example.net",
		  "present-above\n" },
		{ "_a CNAME y.example.net.\n", "_a.b x.example.net", "missing\n" },
		{ "_a CNAME y.example.net.\n", "_a x.example.net", "mismatch\n" },
		{ "* CNAME x.example.net.\n", "_a x.example.net", "present\n" },
		{ "* CNAME y.example.net.\n", "_a x.example.net", "mismatch\n" },
		/* A wildcard is not counted as the record of a host above. */
		{ "* CNAME x.example.net.\n_a.b A 192.0.2.1\n", "_a.b x.example.net", "missing\n" },
		{ "", "_a x.example.net", "missing\n" },
		{ "_a TXT \"x\"\n", "_a x.example.net", "missing\n" },
		{ "_a CNAME x.example.net.\n", "_a", "mismatch\n" },
		{ "_" HASH " CNAME " TARGET "\n", "_" HASH, "present\n" },
		{ "", "_a|_b", "missing\nmissing\n" },
		{ "@ CNAME x.example.net.\n", "@ x.example.net", "present\n" },
		{ "", "@ x.example.net", "missing\n" },
		{ "_a TXT \"t\"\n", NULL, "present\n", "_a t" },
		{ "_a TXT \"u\"\n", NULL, "mismatch\n", "_a t" },
		{ "", NULL, "missing\n", "_a t" },
		{ "* TXT \"t\"\n", NULL, "present\n", "_a t" },
		{ "_a CNAME x.example.net.\n", NULL, "not-checked\n", "_a t" },
		{ "_a CNAME b.sub\nsub NS ns.example.net.\n", NULL, "not-checked\n", "_a t" },
		{ "sub NS ns.example.net.\n", NULL, "missing\n", "_a.sub t" },
		{ "_a CNAME x.example.net.\n_b TXT \"t\"\n", "_a x.example.net",
		  "present\npresent\n", "_b t" },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		print_message("%s%s\n", tests[i].zone, tests[i].validations);
		zone_t zone = zone_of_rows(tests[i].zone);
		const order_t order = { .validations = tests[i].validations,
			                .texts = tests[i].texts };
		heard_t heard = audit_zone(&zone, &order, 0);
		assert_string_equal(heard.validations, tests[i].states);
		check_forms(&zone, &order, &heard);
		heard_free(&heard);
		zone_free(&zone);
	}
}

/*! A target that many missed records share does not tell which of them a record was meant to be. */
static void labels_are_compared_for_sixteen(void **state)
{
	(void)state;
	for (unsigned last = 14; last <= 17; last++) {
		char list[1024] = "_ab12.h0 x.example.net", text[64];
		for (unsigned i = 1; i < 18; i++) {
			size_t len = strlen(list);
			(void)snprintf(list + len, sizeof(list) - len, "|_ab12.h%u x.example.net",
			               i);
		}
		(void)snprintf(text, sizeof(text), "h%u._ab12 CNAME x.example.net.\n", last);
		zone_t zone = zone_of_rows(text);
		const order_t order = { .validations = list };
		heard_t heard = audit_zone(&zone, &order, 0);
		unsigned found = 0;
		for (size_t i = 0; i < heard.findings; i++) {
			found += heard.finding[i].id == CAAUDIT_DCV_LABEL_MALFORMED;
		}
		assert_int_equal(found, last < 16);
		heard_free(&heard);
		zone_free(&zone);
		// A clear slip is found all the same.
		(void)snprintf(text, sizeof(text), "_ab12.h%u.example.com CNAME x.example.net.\n",
		               last);
		zone = zone_of_rows(text);
		heard = audit_zone(&zone, &order, 0);
		assert_int_equal(heard.finding[heard.findings - 1].severity, CAAUDIT_ERROR);
		found = 0;
		for (size_t i = 0; i < heard.findings; i++) {
			found += heard.finding[i].id == CAAUDIT_DCV_OWNER_DOUBLED;
		}
		assert_int_equal(found, 1);
		heard_free(&heard);
		zone_free(&zone);
	}
}

static void what_is_not_checked_is_said_once_a_host(void **state)
{
	(void)state;
	zone_t zone = zone_of_rows("a CNAME x.example.net.\nb NS ns.example.net.\nc CNAME c\n");
	const order_t order = { .cas = CA "|sectigo.com", .hosts = "a|x.b|c|d" };
	heard_t heard = audit_zone(&zone, &order, 0);
	assert_string_equal(
		heard.not_checked,
		"CAA of a.example.com.: an alias leads out of the zone at a.example.com.\n"
		"CAA of x.b.example.com.: another zone answers at x.b.example.com.\n"
		"CAA of c.example.com.: aliases lead in a circle or too far at c.example.com.\n");
	assert_int_equal(heard.verdicts, 4 * 2 * 2);
	heard_free(&heard);
	zone_free(&zone);
}

/*! Verdicts in the order of the policy, and all that they say. */
typedef struct {
	caaudit_sink_t sink;
	char text[2048];
} order_sink_t;

static void list_verdict(caaudit_sink_t *self, const caaudit_verdict_t *verdict)
{
	order_sink_t *list = (order_sink_t *)self;
	size_t len = strlen(list->text);
	snprintf(list->text + len, sizeof(list->text) - len, "%s%s %s %d\n",
	         verdict->wildcard ? "*." : "", dname_text(verdict->host), verdict->ca,
	         verdict->permit);
}

static void verdicts_come_in_the_order_of_the_policy(void **state)
{
	(void)state;
	zone_t zone = zone_of_rows("@ CAA 0 issue \"b.test\"\n");
	const order_t order = { .cas = "b.test|a.test",
		                .hosts = "y|x",
		                .validations = "_v.z|_v.x" };
	caaudit_policy_t *policy = policy_of_order(&order);
	caaudit_view_t *view = view_of_zone(&zone, ZONE);
	order_sink_t list = { .sink = { .verdict = list_verdict } };
	assert_int_equal(caaudit_audit(view, policy, 0, &list.sink), KNOT_EOK);
	assert_string_equal(list.text, "y.example.com. b.test 1\n*.y.example.com. b.test 1\n"
	                               "y.example.com. a.test 0\n*.y.example.com. a.test 0\n"
	                               "x.example.com. b.test 1\n*.x.example.com. b.test 1\n"
	                               "x.example.com. a.test 0\n*.x.example.com. a.test 0\n"
	                               "z.example.com. b.test 1\n*.z.example.com. b.test 1\n"
	                               "z.example.com. a.test 0\n*.z.example.com. a.test 0\n");

	policy->wildcard = false;
	list.text[0] = '\0';
	assert_int_equal(caaudit_audit(view, policy, 0, &list.sink), KNOT_EOK);
	assert_string_equal(list.text, "y.example.com. b.test 1\ny.example.com. a.test 0\n"
	                               "x.example.com. b.test 1\nx.example.com. a.test 0\n"
	                               "z.example.com. b.test 1\nz.example.com. a.test 0\n");
	caaudit_view_free(view);
	caaudit_policy_free(policy);
	zone_free(&zone);
}

static void a_sink_may_be_deaf(void **state)
{
	(void)state;
	zone_t zone = zone_of_rows("@ CAA 0 issue \";\"\na CNAME x.example.net.\n");
	const order_t order = { .cas = CA, .hosts = "@|a", .validations = "_a" };
	caaudit_policy_t *policy = policy_of_order(&order);
	caaudit_view_t *view = view_of_zone(&zone, ZONE);
	caaudit_sink_t sink = { NULL };
	assert_int_equal(caaudit_audit(view, policy, 0, &sink), KNOT_EOK);
	caaudit_view_free(view);
	caaudit_policy_free(policy);
	zone_free(&zone);
}

static void one_denial_is_reported_for_all_its_hosts(void **state)
{
	(void)state;
	zone_t zone = zone_of_rows("@ CAA 0 issue \"a.test\"\nsub CAA 0 issue \"b.test\"\n");
	const order_t order = { .cas = CA "|c.test", .hosts = "a|b|c|x.sub|y.sub", .plain = true };
	heard_t heard = audit_zone(&zone, &order, 0);
	// Two owners and two CAs.
	assert_int_equal(count_id(&heard, CAAUDIT_CAA_ISSUE_DENIED), 4);
	assert_int_equal(heard.findings, 4);
	assert_int_equal(heard.denied, 10);
	check_forms(&zone, &order, &heard);
	heard_free(&heard);
	zone_free(&zone);
}

static void the_time_changes_nothing_in_these_checks(void **state)
{
	(void)state;
	zone_t zone = zone_of_rows("@ CAA 0 issue \"a.test.\"\n@ CAA 1 iodef \"x\"\n");
	const order_t order = { .cas = CA, .hosts = "@" };
	static const uint64_t times[] = { 0, 1, INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_MAX };
	heard_t first = audit_zone(&zone, &order, times[0]);
	for (size_t i = 1; i < COUNT(times); i++) {
		heard_t heard = audit_zone(&zone, &order, times[i]);
		check_same(&first, &heard);
		heard_free(&heard);
	}
	heard_free(&first);
	zone_free(&zone);
}

static void many_records_are_audited(void **state)
{
	(void)state;
	// A thousand records of one owner, of which some say the same.
	zone_t zone = zone_of_text(ZONE, SOA);
	for (unsigned i = 0; i < 1000; i++) {
		char text[64];
		snprintf(text, sizeof(text), "@ CAA 0 issue \"%s%u.test\"\n", i % 2 ? "ca" : " ca",
		         i / 2);
		assert_null(zone_parse(&zone, ZONE, text));
	}
	const order_t order = { .cas = "ca77.test", .hosts = "@" };
	heard_t heard = audit_zone(&zone, &order, 0);
	assert_int_equal(heard.denied, 0);
	assert_int_equal(count_id(&heard, CAAUDIT_CAA_ANSWER_LARGE), 1);
	heard_free(&heard);
	zone_free(&zone);
}

/*! An answer of so many octets: header, question, OPT, and one record with a compressed owner. */
static void fill_answer(char *out, size_t size, size_t octets)
{
	size_t value = octets - (12 + 13 + 4 + 11 + 12 + 2 + 5);
	int len = snprintf(out, size, "@ CAA 0 iodef \"https://");
	memset(out + len, 'x', value - strlen("https://"));
	strcpy(out + len + value - strlen("https://"), "\"\n");
}

int main(void)
{
	fill_answer(large, sizeof(large), 1233);
	fill_answer(not_large, sizeof(not_large), 1232);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_finding_fires_and_its_remedy_cures_it),
		cmocka_unit_test(every_finding_has_a_row),
		cmocka_unit_test(sane_zones_stay_silent),
		cmocka_unit_test(texts_say_what_is_wrong),
		cmocka_unit_test(validations_have_a_state),
		cmocka_unit_test(labels_are_compared_for_sixteen),
		cmocka_unit_test(what_is_not_checked_is_said_once_a_host),
		cmocka_unit_test(verdicts_come_in_the_order_of_the_policy),
		cmocka_unit_test(a_sink_may_be_deaf),
		cmocka_unit_test(one_denial_is_reported_for_all_its_hosts),
		cmocka_unit_test(the_time_changes_nothing_in_these_checks),
		cmocka_unit_test(many_records_are_audited),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
