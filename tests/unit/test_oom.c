/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Linked with --wrap, so that each allocation of the engine and each call of
 * libdnssec can be made to fail, and that blocks which were not freed are seen
 * without a tool.
 */

#include <sys/mman.h>

#include <libdnssec/error.h>

#include "signer.h"

#include "caaudit/audit.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *mem, size_t size);
void __real_free(void *mem);
void *__real_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__real_mremap(void *mem, size_t old, size_t size, int flags, ...);
int __real_munmap(void *mem, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *mem, size_t size);
void __wrap_free(void *mem);
void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mremap(void *mem, size_t old, size_t size, int flags, ...);
int __wrap_munmap(void *mem, size_t size);
char *__wrap_strdup(const char *str);
char *__wrap_strndup(const char *str, size_t len);

static long until;      /* Allocations before the one that fails; negative = none fails. */
static bool and_beyond; /* All those that follow fail as well. */
static bool failed;     /* One has failed. */
static long live;       /* Blocks in use. */

static bool refuse(void)
{
	if (until < 0 || (failed && !and_beyond)) {
		return false;
	}
	failed = failed || until-- == 0;
	return failed;
}

void *__wrap_malloc(size_t size)
{
	if (refuse()) {
		return NULL;
	}
	live++;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	if (refuse()) {
		return NULL;
	}
	live++;
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *mem, size_t size)
{
	if (refuse()) {
		return NULL;
	}
	live += mem == NULL;
	return __real_realloc(mem, size);
}

void __wrap_free(void *mem)
{
	live -= mem != NULL;
	__real_free(mem);
}

/* Large arrays come from the system. */

static size_t largest; /* The most octets that one has had. */

static void note_size(size_t size)
{
	largest = size > largest ? size : largest;
}

void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset)
{
	if (refuse()) {
		return MAP_FAILED;
	}
	live++;
	note_size(size);
	return __real_mmap64(at, size, protection, flags, fd, offset);
}

void *__wrap_mremap(void *mem, size_t old, size_t size, int flags, ...)
{
	note_size(size);
	return !refuse() ? __real_mremap(mem, old, size, flags) : MAP_FAILED;
}

int __wrap_munmap(void *mem, size_t size)
{
	live--;
	return __real_munmap(mem, size);
}

char *__wrap_strndup(const char *str, size_t len)
{
	len = strnlen(str, len);
	char *copy = __wrap_malloc(len + 1);
	if (copy != NULL) {
		memcpy(copy, str, len);
		copy[len] = '\0';
	}
	return copy;
}

char *__wrap_strdup(const char *str)
{
	return __wrap_strndup(str, SIZE_MAX);
}

/*! The library is out of memory, or fails for reasons of its own that are no verdict. */
static bool sick;

#define WRAP(function, parameters, arguments, error)                                               \
	int __real_##function parameters;                                                          \
	int __wrap_##function parameters;                                                          \
	int __wrap_##function parameters                                                           \
	{                                                                                          \
		return !refuse() ? __real_##function arguments : sick ? DNSSEC_ERROR : (error);    \
	}

WRAP(dnssec_key_new, (dnssec_key_t * *key), (key), DNSSEC_ENOMEM)
WRAP(dnssec_key_set_rdata, (dnssec_key_t * key, const dnssec_binary_t *rdata), (key, rdata),
     DNSSEC_ENOMEM)
WRAP(dnssec_key_set_dname, (dnssec_key_t * key, const uint8_t *name), (key, name), DNSSEC_ENOMEM)
WRAP(dnssec_key_create_ds,
     (const dnssec_key_t *key, dnssec_key_digest_t digest, dnssec_binary_t *ds), (key, digest, ds),
     DNSSEC_ENOMEM)
WRAP(dnssec_sign_new, (dnssec_sign_ctx_t * *ctx, const dnssec_key_t *key), (ctx, key),
     DNSSEC_ENOMEM)
WRAP(dnssec_sign_add, (dnssec_sign_ctx_t * ctx, const dnssec_binary_t *data), (ctx, data),
     DNSSEC_SIGN_ERROR)
WRAP(dnssec_sign_verify, (dnssec_sign_ctx_t * ctx, bool compare, const dnssec_binary_t *signature),
     (ctx, compare, signature), DNSSEC_ENOMEM)
WRAP(dnssec_nsec3_hash,
     (const dnssec_binary_t *data, const dnssec_nsec3_params_t *params, dnssec_binary_t *hash),
     (data, params, hash), DNSSEC_ENOMEM)

/*!
 * \brief Runs a scenario once for each of its allocations, with that one failing.
 *
 * The scenario checks what it gets; \a failed tells whether an allocation failed.
 */
static void for_each_allocation(void (*scenario)(void *), void *data)
{
	for (unsigned mode = 0; mode < 2; mode++) {
		unsigned count = 0;
		do {
			long before = live;
			until = count++;
			and_beyond = mode == 1;
			failed = false;
			scenario(data);
			until = -1;
			assert_int_equal(live, before);
		} while (failed);
		print_message("%u allocations\n", count - 1);
		assert_true(count > 1);
	}
}

/*! Whatever a look-up or a check may be interested in. */
static const char zone_text[] = SOA
	"@ NS ns.example.net.\n"
	"@ CAA 0 issue \"other.example.net\"\n@ CAA 0 issue \";\"\n@ CAA 0 issuewild \";\"\n"
	"@ 99999 CAA 0 issue \"Other.example.net\"\n@ CAA 0 issue \"a.b. \"\n@ CAA 0 issue \"a b\"\n"
	"@ CAA 0 issue \"comodo.com\"\n@ CAA 0 issue \"sectgo.com; a=b; a=c\"\n"
	"@ CAA 1 iodef \"a@example.com\"\n@ CAA 2 isue \"x\"\n@ CAA 0 policy \"x\"\n"
	"@ CAA 0 contactemail \"mailto:a@example.com\"\n@ CAA 128 contactphone \"tel:+1\"\n"
	"@ CAA 0 abcdefghijklmnopqrst \"x\"\n@ CAA 0 issue \"other.example.net; validationmethods=x\"\n"
	"rd CAA \\# 1 00\nrd CAA \\# 2 0000\nrd CAA \\# 5 0003 785f79\n"
	"crit CAA 128 tbs \"x\"\n"
	"sec CAA 0 issue \"sectigo.com\"\n"
	"sub CAA 0 issue \"x.test\"\nlow.sub CAA 0 issue \"y.test\"\n"
	"* CAA 0 issue \"sectigo.com\"\n"
	"cut NS ns.example.net.\ncut CAA 0 issue \";\"\n"
	"www CNAME t\nt CAA 0 issue \"sectigo.com\"\nout CNAME x.example.net.\nloop CNAME loop\n"
	"old DNAME new\nx.old CAA 0 issue \";\"\n"
	"_a CNAME x.example.net.\n_a TXT \"x\"\n_b TXT \"x.example.net\"\n"
	"*.w CNAME y.example.net.\n"
	"_0123456789abcdef0123456789abcdef.example.com CNAME "
	"0123456789abcdef0123456789abcdef.0123456789abcdef0123456789abcdef.sectigo.com.\n"
	"_0123456789abcdef0123456789abcdef CNAME "
	"0123456789abcdef0123456789abcdef.0123456789abcdef0123456789abcdef.sectigo.com\n"
	"0123456789abcdef0123456789abcdef CNAME "
	"0123456789abcdef0123456789abcdef.0123456789abcdef0123456789abcdef.sectigo.com.\n"
	"_0123456789abcdef0123456789abcdef.crit CNAME "
	"0123456789abcdef0123456789abcdef.0123456789abcdef0123456789abcdef.sectigo.com.\n"
	"_1123456789abcdef0123456789abcdef.sub CNAME "
	"0123456789abcdef0123456789abcdef.0123456789abcdef0123456789abcdef.sectigo.com.\n"
	"_1123456789abcdef0123456789abcdef CNAME "
	"0123456789abcdef0123456789abcdef.sectigo.com.\n"
	"_0123456789abcdef0123456789abcdef.cut CNAME "
	"0123456789abcdef0123456789abcdef.0123456789abcdef0123456789abcdef.sectigo.com.\n"
	"_2123456789abcdef0123456789abcdef TXT "
	"\"0123456789abcdef0123456789abcdef.0123456789abcdef0123456789abcdef.sectigo.com\"\n";

/* --- View ---------------------------------------------------------------------------------------- */

static void build_view(void *data)
{
	const zone_t *zone = data;
	caaudit_view_t *view = caaudit_view_new(dname(ZONE));
	if (view == NULL) {
		assert_true(failed);
		return;
	}
	int ret = KNOT_EOK;
	for (size_t i = 0; i < zone->count; i++) {
		const zone_record_t *r = &zone->record[i];
		int add = caaudit_view_add(view, r->owner, r->type, r->ttl, r->rdata, r->rdlen);
		// An error is final, even if memory is there again.
		assert_int_equal(add, failed ? KNOT_ENOMEM : KNOT_EOK);
		assert_true(ret == KNOT_EOK || add == ret);
		ret = add;
	}
	int finish = caaudit_view_finish(view);
	assert_int_equal(finish, failed ? KNOT_ENOMEM : KNOT_EOK);
	caaudit_view_free(view);
}

static void a_view_says_that_memory_is_out(void **state)
{
	(void)state;
	zone_t zone = zone_of_text(ZONE, zone_text);
	for_each_allocation(build_view, &zone);
	zone_free(&zone);
}

static void a_large_view_says_that_memory_is_out(void **state)
{
	(void)state;
	// More records, names and octets than the first blocks of a view hold.
	zone_t zone = zone_of_text(ZONE, SOA);
	for (unsigned i = 0; i < 600; i++) {
		char text[1024];
		snprintf(text, sizeof(text), "a%u.b%u CAA 0 issue \"%0500u\"\nc%u CNAME d%u\n", i,
		         i, i, i, i);
		assert_null(zone_parse(&zone, ZONE, text));
	}
	for_each_allocation(build_view, &zone);
	zone_free(&zone);
}

static void octets_in_great_number_say_that_memory_is_out(void **state)
{
	(void)state;
	// They go from malloc() to the system, and grow there.
	static uint8_t rdata[60000];
	zone_t zone = zone_of_text(ZONE, SOA);
	for (unsigned i = 0; i < 80; i++) {
		zone_add(&zone, dname("a.example.com."), KNOT_RRTYPE_CAA, i, rdata, sizeof(rdata));
	}
	for_each_allocation(build_view, &zone);
	zone_free(&zone);
}

/* Two deep names take turns as parents: each record notes a hundred ancestors once more. */
static void repeated_ancestors_take_no_memory(void **state)
{
	(void)state;
	caaudit_view_t *view = caaudit_view_new(dname(ZONE));
	largest = 0;
	for (unsigned i = 0; i < 40000; i++) {
		char name[256];
		int len = snprintf(name, sizeof(name), "a%u.", i);
		for (unsigned j = 0; j < 100; j++) {
			len += snprintf(name + len, sizeof(name) - (size_t)len, "%c.",
			                i % 2 == 0 ? 'x' : 'y');
		}
		snprintf(name + len, sizeof(name) - (size_t)len, ZONE);
		assert_int_equal(caaudit_view_add(view, dname(name), KNOT_RRTYPE_A, 1,
		                                  (const uint8_t *)"\1\2\3\4", 4),
		                 KNOT_EOK);
	}
	// A million hashes, not four.
	assert_in_range(largest, 1, 8 << 20);
	caaudit_view_free(view);
}

static void ask_view(void *data)
{
	const caaudit_view_t *view = data;
	// Names are sorted on the way, or searched one by one if there is no memory for that.
	for (unsigned i = 0; i < 40; i++) {
		caaudit_lookup_t lookup;
		caaudit_view_lookup(view, dname("none.sub.example.com."), KNOT_RRTYPE_CAA, &lookup);
		assert_int_equal(lookup.answer, CAAUDIT_NXDOMAIN);
		caaudit_view_lookup(view, dname("www.example.com."), KNOT_RRTYPE_CAA, &lookup);
		assert_int_equal(lookup.answer, CAAUDIT_CNAME);
		assert_true(caaudit_view_exists(view, dname("old.example.com.")));
		assert_false(caaudit_view_exists(view, dname("olt.example.com.")));
	}
}

/*! So many questions that the names are sorted afterwards. */
static void ask_names(const caaudit_view_t *view)
{
	for (unsigned i = 0; i < 40; i++) {
		assert_false(caaudit_view_exists(view, dname("nowhere.example.com.")));
	}
}

static void answers_need_no_memory(void **state)
{
	(void)state;
	zone_t zone = zone_of_text(ZONE, zone_text);
	caaudit_view_t *view = view_of_zone(&zone, ZONE);
	until = 0;
	and_beyond = true;
	failed = false;
	ask_view(view);
	assert_true(failed);
	until = -1;
	ask_view(view);
	caaudit_view_free(view);
	zone_free(&zone);
}

/* --- Policy -------------------------------------------------------------------------------------- */

static int add_txt(caaudit_policy_t *policy, const char *text, const char **why)
{
	return caaudit_policy_add_expected_txt(policy, dname("_t.example.com."),
	                                       (const uint8_t *)text, (uint16_t)strlen(text), why);
}

static void build_policy(void *data)
{
	(void)data;
	caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
	if (policy == NULL) {
		assert_true(failed);
		return;
	}
	assert_false(failed);

	static const struct {
		int (*add)(caaudit_policy_t *, const char *, const char **);
		const char *item;
	} steps[] = {
		{ caaudit_policy_add_ca, "ca.example.net" },
		{ caaudit_policy_add_ca, "comodo.com" },
		{ caaudit_policy_add_ca, "sectigo.com" },
		{ caaudit_policy_add_host, "www" },
		{ caaudit_policy_add_host, "www" },
		{ caaudit_policy_add_host, "@" },
		{ caaudit_policy_add_validation, "_a x.example.net" },
		{ caaudit_policy_add_validation, "_a" },
		{ add_txt, "\003one" },
		{ caaudit_policy_set_account, "urn:a" },
		{ caaudit_policy_set_account, "urn:b" },
		{ caaudit_policy_set_method, "dns-01" },
		{ caaudit_policy_set_method, "http-01" },
	};
	for (size_t i = 0; i < COUNT(steps); i++) {
		bool before = failed;
		const caaudit_policy_t was = *policy;
		int ret = steps[i].add(policy, steps[i].item, NULL);
		// What is there already needs no memory.
		assert_true(ret == KNOT_EOK ||
		            (ret == KNOT_ENOMEM && failed && (!before || and_beyond)));
		assert_true(ret == KNOT_ENOMEM || failed == before);
		if (ret != KNOT_EOK) {
			// The arrays may have moved, what is in them is the same.
			assert_int_equal(policy->ca_count, was.ca_count);
			assert_int_equal(policy->host_count, was.host_count);
			assert_int_equal(policy->validation_count, was.validation_count);
			assert_ptr_equal(policy->account_uri, was.account_uri);
			assert_ptr_equal(policy->method, was.method);
		}
	}
	caaudit_policy_free(policy);
}

static void a_policy_says_that_memory_is_out(void **state)
{
	(void)state;
	for_each_allocation(build_policy, NULL);
}

/* --- Audit --------------------------------------------------------------------------------------- */

typedef struct {
	caaudit_sink_t sink;
	const caaudit_view_t *view;
	const caaudit_policy_t *policy;
	uint64_t now;
	uint64_t sum;      /* Of all the texts. */
	uint64_t expected; /* The sum without a failure. */
	size_t findings;
	size_t sound; /* Findings without a failure. */
	size_t gaps;
} audit_t;

static void add_text(caaudit_sink_t *self, const char *text)
{
	audit_t *audit = (audit_t *)self;
	for (; text != NULL && *text != '\0'; text++) {
		audit->sum = (audit->sum ^ (uint8_t)*text) * 0x100000001b3u;
	}
}

static void sum_finding(caaudit_sink_t *self, const caaudit_finding_t *finding)
{
	((audit_t *)self)->findings++;
	add_text(self, finding->text);
	add_text(self, finding->record);
	add_text(self, finding->remedy);
}

static void sum_not_checked(caaudit_sink_t *self, const char *what, const char *why)
{
	((audit_t *)self)->gaps++;
	add_text(self, what);
	add_text(self, why);
}

static void run_audit(void *data)
{
	audit_t *audit = data;
	audit->sum = 0;
	audit->findings = 0;
	audit->gaps = 0;
	int ret = caaudit_audit(audit->view, audit->policy, audit->now, &audit->sink);
	if (ret == KNOT_EOK && failed && sick) {
		// It says that it could not look, and finds nothing beyond what is there.
		assert_true(audit->gaps > 0);
		assert_int_equal(audit->findings, audit->sound);
	} else if (ret == KNOT_EOK) {
		assert_true(audit->sum == audit->expected);
	} else {
		assert_true(failed);
		assert_int_equal(ret, KNOT_ENOMEM);
		assert_int_equal(audit->findings, 0);
	}
}

static void an_audit_says_that_memory_is_out(void **state)
{
	(void)state;
	zone_t zone = zone_of_text(ZONE, zone_text);
	caaudit_view_t *view = view_of_zone(&zone, ZONE);
	ask_names(view); // The names are sorted: what fails is the audit's own.
	static const char *const hosts[] = { "@",  "www",  "out", "loop", "x.old", "x.cut",
		                             "rd", "crit", "sub", "sec",  "none" };
	static const char *const validations[] = { "_a z.example.net",   "_b z.example.net",
		                                   "_c z.example.net",   "_d",
		                                   "_x.w z.example.net", "_e.cut z.example.net" };
	for (unsigned strict = 0; strict < 2; strict++) {
		caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
		assert_int_equal(caaudit_policy_add_ca(policy, "sectigo.com", NULL), KNOT_EOK);
		assert_int_equal(caaudit_policy_add_ca(policy, "other.example.net", NULL),
		                 KNOT_EOK);
		assert_int_equal(caaudit_policy_set_account(policy, "urn:a", NULL), KNOT_EOK);
		for (size_t i = 0; i < COUNT(hosts); i++) {
			assert_int_equal(caaudit_policy_add_host(policy, hosts[i], NULL), KNOT_EOK);
		}
		for (size_t i = 0; i < COUNT(validations); i++) {
			assert_int_equal(caaudit_policy_add_validation(policy, validations[i],
			                                               NULL),
			                 KNOT_EOK);
		}
		assert_int_equal(add_txt(policy, "\003one", NULL), KNOT_EOK);
		policy->strict = strict == 1;

		audit_t audit = {
			.sink = { .finding = sum_finding, .not_checked = sum_not_checked },
			.view = view,
			.policy = policy,
		};
		assert_int_equal(caaudit_audit(view, policy, 0, &audit.sink), KNOT_EOK);
		assert_true(audit.findings > 30);
		audit.expected = audit.sum;
		for_each_allocation(run_audit, &audit);
		caaudit_policy_free(policy);
	}
	caaudit_view_free(view);
	zone_free(&zone);
}

/* --- Signatures ---------------------------------------------------------------------------------- */

#define SIGNED_NOW 1800000000u

static const signer_t signers[] = {
	{ .inception = SIGNED_NOW - 1000, .expiration = SIGNED_NOW + 1000000 },
	{ .inception = SIGNED_NOW - 1000, .expiration = SIGNED_NOW + 1000000, .nsec3 = true },
};

typedef struct {
	const zone_t *zone;
	const caaudit_policy_t *policy;
} large_t;

/*! So many octets of signatures that what nobody wants is dropped on the way. */
static void build_large_view(void *data)
{
	const large_t *large = data;
	caaudit_view_t *view = caaudit_view_new(dname(ZONE));
	if (view == NULL) {
		assert_true(failed);
		return;
	}
	int ret = caaudit_audit_want(large->policy, view);
	assert_true(ret == (failed ? KNOT_ENOMEM : KNOT_EOK));
	for (size_t i = 0; i < large->zone->count; i++) {
		const zone_record_t *r = &large->zone->record[i];
		int add = caaudit_view_add(view, r->owner, r->type, r->ttl, r->rdata, r->rdlen);
		assert_true(ret == KNOT_EOK || add == ret);
		assert_true(add == (failed ? KNOT_ENOMEM : KNOT_EOK));
		ret = add;
	}
	int finish = caaudit_view_finish(view);
	assert_int_equal(finish, failed ? KNOT_ENOMEM : KNOT_EOK);
	caaudit_view_free(view);
}

static void signed_views_and_audits_say_that_memory_is_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(signers); i++) {
		zone_t zone = zone_of_text(ZONE,
		                           SOA "www CNAME t\nt A 192.0.2.1\n*.w CAA 0 issue \";\"\n"
		                               "old DNAME t\n_a CNAME x.example.net.\n");
		signer_run(&zone, &signers[i]);
		caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
		assert_int_equal(caaudit_policy_add_ca(policy, "other.example.net", NULL),
		                 KNOT_EOK);
		static const char *const hosts[] = { "www", "none", "a.w", "x.old" };
		for (size_t j = 0; j < COUNT(hosts); j++) {
			assert_int_equal(caaudit_policy_add_host(policy, hosts[j], NULL), KNOT_EOK);
		}
		assert_int_equal(caaudit_policy_add_validation(policy, "_a.b x.example.net", NULL),
		                 KNOT_EOK);
		dnssec_key_t *key = signer_key(0, 257);
		dnssec_binary_t ds;
		assert_int_equal(dnssec_key_create_ds(key, 2, &ds), 0);
		assert_int_equal(caaudit_policy_add_anchor(policy, KNOT_RRTYPE_DS, ds.data, ds.size,
		                                           NULL),
		                 KNOT_EOK);
		dnssec_binary_free(&ds);
		dnssec_key_free(key);

		caaudit_view_t *view = view_of_zone(&zone, ZONE);
		ask_names(view);
		audit_t audit = {
			.sink = { .finding = sum_finding, .not_checked = sum_not_checked },
			.view = view,
			.policy = policy,
			.now = SIGNED_NOW,
		};
		assert_int_equal(caaudit_audit(view, policy, SIGNED_NOW, &audit.sink), KNOT_EOK);
		audit.expected = audit.sum;
		audit.sound = audit.findings;
		assert_int_equal(audit.gaps, 0);
		for_each_allocation(run_audit, &audit);
		sick = true;
		for_each_allocation(run_audit, &audit);
		sick = false;
		caaudit_view_free(view);

		// The same after 4 MiB of signatures at another name, and before as many.
		zone_t large = ZONE_EMPTY;
		static uint8_t rdata[UINT16_MAX] = { 0, 1 };
		for (unsigned half = 0; half < 2; half++) {
			for (unsigned j = 0; j < 40; j++) {
				rdata[20] = j;
				zone_add(&large, dname("x.example.com."), KNOT_RRTYPE_RRSIG, 1,
				         rdata, sizeof(rdata));
			}
			for (size_t j = 0; j < zone.count; j++) {
				const zone_record_t *r = &zone.record[j];
				zone_add(&large, r->owner, r->type, r->ttl, r->rdata, r->rdlen);
			}
		}
		large_t both = { &large, policy };
		for_each_allocation(build_large_view, &both);
		zone_free(&large);
		caaudit_policy_free(policy);
		zone_free(&zone);
	}
}

static int nothing_fails(void **state)
{
	(void)state;
	until = -1;
	sick = false;
	return 0;
}

int main(void)
{
	until = -1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_view_says_that_memory_is_out, nothing_fails),
		cmocka_unit_test_teardown(a_large_view_says_that_memory_is_out, nothing_fails),
		cmocka_unit_test_teardown(octets_in_great_number_say_that_memory_is_out,
		                          nothing_fails),
		cmocka_unit_test_teardown(repeated_ancestors_take_no_memory, nothing_fails),
		cmocka_unit_test_teardown(answers_need_no_memory, nothing_fails),
		cmocka_unit_test_teardown(a_policy_says_that_memory_is_out, nothing_fails),
		cmocka_unit_test_teardown(an_audit_says_that_memory_is_out, nothing_fails),
		cmocka_unit_test_teardown(signed_views_and_audits_say_that_memory_is_out,
		                          nothing_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
