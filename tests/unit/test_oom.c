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
void *__wrap_reallocarray(void *mem, size_t count, size_t size);
void __wrap_free(void *mem);
void *__wrap_mmap64(void *at, size_t size, int protection, int flags, int fd, off_t offset);
void *__wrap_mremap(void *mem, size_t old, size_t size, int flags, ...);
int __wrap_munmap(void *mem, size_t size);
char *__wrap_strdup(const char *str);
char *__wrap_strndup(const char *str, size_t len);

static long until;      /* Allocations before the one that fails; negative = none fails. */
static bool and_beyond; /* All those that follow fail as well. */
static bool failed;     /* One has failed. */
static bool memory;     /* One that has failed was one of memory, not a call of the library. */
static long live;       /* Blocks in use. */

static bool refuse(void)
{
	if (until < 0) {
		return false;
	} else if (failed) {
		return and_beyond;
	}
	failed = until == 0;
	until -= !failed;
	return failed;
}

static bool refuse_memory(void)
{
	bool refused = refuse();
	memory = memory || refused;
	return refused;
}

void *__wrap_malloc(size_t size)
{
	if (refuse_memory()) {
		return NULL;
	}
	live++;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	if (refuse_memory()) {
		return NULL;
	}
	live++;
	return __real_calloc(count, size);
}

void *__wrap_realloc(void *mem, size_t size)
{
	if (refuse_memory()) {
		return NULL;
	}
	live += mem == NULL;
	return __real_realloc(mem, size);
}

void *__wrap_reallocarray(void *mem, size_t count, size_t size)
{
	size_t all;
	return !__builtin_mul_overflow(count, size, &all) ? __wrap_realloc(mem, all) : NULL;
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
	if (refuse_memory()) {
		return MAP_FAILED;
	}
	live++;
	note_size(size);
	return __real_mmap64(at, size, protection, flags, fd, offset);
}

void *__wrap_mremap(void *mem, size_t old, size_t size, int flags, ...)
{
	note_size(size);
	return !refuse_memory() ? __real_mremap(mem, old, size, flags) : MAP_FAILED;
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

knot_dname_t *__real_knot_dname_copy(const knot_dname_t *name, knot_mm_t *mm);
knot_dname_t *__wrap_knot_dname_copy(const knot_dname_t *name, knot_mm_t *mm);

knot_dname_t *__wrap_knot_dname_copy(const knot_dname_t *name, knot_mm_t *mm)
{
	if (refuse_memory()) {
		return NULL;
	}
	live++; // It is freed here.
	return __real_knot_dname_copy(name, mm);
}

/*! The library is out of memory, or fails for reasons of its own that are no verdict. */
static bool sick;

#define WRAP(function, parameters, arguments, error)                                               \
	int __real_##function parameters;                                                          \
	int __wrap_##function parameters;                                                          \
	int __wrap_##function parameters                                                           \
	{                                                                                          \
		if (!refuse()) {                                                                   \
			return __real_##function arguments;                                        \
		}                                                                                  \
		memory = memory || !sick || (error) == DNSSEC_SIGN_ERROR;                          \
		return sick ? DNSSEC_ERROR : (error);                                              \
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
/* This one fails for want of memory only. */
WRAP(dnssec_sign_add, (dnssec_sign_ctx_t * ctx, const dnssec_binary_t *data), (ctx, data),
     DNSSEC_SIGN_ERROR)
WRAP(dnssec_sign_verify, (dnssec_sign_ctx_t * ctx, bool compare, const dnssec_binary_t *signature),
     (ctx, compare, signature), DNSSEC_ENOMEM)
WRAP(dnssec_nsec3_hash,
     (const dnssec_binary_t *data, const dnssec_nsec3_params_t *params, dnssec_binary_t *hash),
     (data, params, hash), DNSSEC_ENOMEM)

/*! Beyond so many allocations of a scenario some are left out, for the sake of time. */
#define EACH_MAX 1500

/*!
 * \brief Runs a scenario once for each of its allocations, with that one failing.
 *
 * The scenario checks what it gets; \a failed tells whether an allocation failed. The last
 * allocations of a long scenario are those of one cure after another, which are all alike.
 */
static void for_each_allocation(void (*scenario)(void *), void *data)
{
	for (unsigned mode = 0; mode < 2; mode++) {
		unsigned count = 0;
		do {
			long before = live;
			until = count;
			count += count < EACH_MAX ? 1 : 97;
			and_beyond = mode == 1;
			failed = memory = false;
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
	caaudit_view_t *view = caaudit_view_new(no_policy(ZONE));
	if (view == NULL) {
		assert_true(failed);
		return;
	}
	int ret = KNOT_EOK;
	for (size_t i = 0; i < zone->count; i++) {
		const caaudit_record_t record = zone_as_record(&zone->record[i]);
		int add = caaudit_view_add(view, &record);
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
	caaudit_view_t *view = caaudit_view_new(no_policy(ZONE));
	largest = 0;
	for (unsigned i = 0; i < 40000; i++) {
		char name[256];
		int len = snprintf(name, sizeof(name), "a%u.", i);
		for (unsigned j = 0; j < 100; j++) {
			len += snprintf(name + len, sizeof(name) - (size_t)len, "%c.",
			                i % 2 == 0 ? 'x' : 'y');
		}
		snprintf(name + len, sizeof(name) - (size_t)len, ZONE);
		const caaudit_record_t record = { dname(name), (const uint8_t *)"\1\2\3\4", 1,
			                          KNOT_RRTYPE_A, 4 };
		assert_int_equal(caaudit_view_add(view, &record), KNOT_EOK);
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
	                                       (const uint8_t *)text, (uint16_t)strlen(text), 3600,
	                                       why);
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
	// Without memory it can only be freed.
	bool before = failed;
	int ret = caaudit_policy_finish(policy, 0);
	assert_int_equal(ret == KNOT_EOK, failed == before && !(failed && and_beyond));
	assert_true(ret == KNOT_EOK || ret == KNOT_ENOMEM);
	assert_int_equal(policy->finished, ret == KNOT_EOK);
	caaudit_policy_free(policy);
}

static void a_policy_says_that_memory_is_out(void **state)
{
	(void)state;
	for_each_allocation(build_policy, NULL);
}

/* --- Audit --------------------------------------------------------------------------------------- */

typedef struct {
	zone_t *zone;
	const caaudit_policy_t *policy;
	uint64_t now;
	unsigned reads;    /* So many times the zone was read. */
	bool changing;     /* It was another one in the second reading. */
	uint64_t expected; /* What the report adds up to without a failure. */
	size_t findings;   /* So many without a failure. */
} run_t;

static int read_run(void *context, caaudit_view_t *view)
{
	run_t *run = context;
	int ret = zone_read(run->zone, view);
	return ++run->reads == 2 && run->changing && ret == KNOT_EOK ? KNOT_ERROR : ret;
}

static void add_text(uint64_t *sum, const char *text)
{
	for (; text != NULL && *text != '\0'; text++) {
		*sum = (*sum ^ (uint8_t)*text) * 0x100000001b3u;
	}
}

/*! Adds up all that a report says. */
static uint64_t weigh(const caaudit_report_t *report)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < report->finding_count; i++) {
		const caaudit_finding_t *f = &report->finding[i];
		add_text(&sum, f->what);
		add_text(&sum, f->advice);
		add_text(&sum, f->record);
		add_text(&sum, f->remedy);
		add_text(&sum, f->ca);
	}
	for (size_t i = 0; i < report->gap_count; i++) {
		add_text(&sum, report->gap[i].what);
		add_text(&sum, report->gap[i].why);
	}
	for (size_t i = 0; i < report->verdict_count; i++) {
		sum = sum * 31 + report->verdict[i].is.permit * 16 + report->verdict[i].is.reason;
	}
	for (size_t i = 0; i < report->validation_count; i++) {
		sum = sum * 31 + report->validation[i].state;
	}
	const caaudit_dnssec_t *dnssec = &report->dnssec;
	return ((sum * 31 + dnssec->checked) * 31 + dnssec->valid) * 31 + dnssec->trust;
}

static void run_audit(void *data)
{
	run_t *run = data;
	run->reads = 0;
	caaudit_report_t *report = NULL;
	int ret = caaudit_audit(run->policy, read_run, run, run->now, &report);
	assert_int_equal(report != NULL, ret == KNOT_EOK);
	if (ret != KNOT_EOK) {
		// A library that fails for reasons of its own takes no report away.
		assert_true(failed && memory);
		assert_int_equal(ret, KNOT_ENOMEM);
	} else if (failed && sick && !memory && report->gap_count > 0) {
		// It says that it could not look, and finds nothing beyond what is there.
		assert_int_equal(report->finding_count, run->findings);
	} else {
		// Of a reading that another one followed nothing stays.
		assert_true(!failed || !sick || memory || run->reads > 1);
		assert_true(weigh(report) == run->expected);
	}
	caaudit_report_free(report);
}

/*! Audits without a failure, to know what it should be, and then with each. */
static void run_with_each_failure(run_t *run, size_t findings, size_t gaps, unsigned reads)
{
	caaudit_report_t *report;
	run->reads = 0;
	assert_int_equal(caaudit_audit(run->policy, read_run, run, run->now, &report), KNOT_EOK);
	assert_true(report->finding_count >= findings);
	assert_int_equal(report->gap_count, gaps);
	assert_int_equal(run->reads, reads);
	run->expected = weigh(report);
	run->findings = report->finding_count;
	caaudit_report_free(report);
	for_each_allocation(run_audit, run);
}

static void an_audit_says_that_memory_is_out(void **state)
{
	(void)state;
	zone_t zone = zone_of_text(ZONE, zone_text);
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
		assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);
		policy->strict = strict == 1;

		run_t run = { .zone = &zone, .policy = policy };
		run_with_each_failure(&run, 30, 5, 1);
		caaudit_policy_free(policy);
	}
	zone_free(&zone);
}

/* --- Signatures ---------------------------------------------------------------------------------- */

#define SIGNED_NOW 1800000000u

static const signer_t signers[] = {
	{ .inception = SIGNED_NOW - 1000, .expiration = SIGNED_NOW + 1000000 },
	{ .inception = SIGNED_NOW - 1000, .expiration = SIGNED_NOW + 1000000, .nsec3 = true },
};

static void signed_zones_say_that_memory_is_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < 3 * COUNT(signers); i++) {
		const signer_t *signer = &signers[i / 3];
		zone_t zone = zone_of_text(ZONE,
		                           SOA "www CNAME t\nt A 192.0.2.1\n*.w CAA 0 issue \";\"\n"
		                               "old DNAME t\n_a CNAME x.example.net.\n"
		                               "cut NS ns.example.net.\n");
		signer_run(&zone, signer);
		// More than the first reading keeps, at a name that nobody wants: a second one.
		bool again = i % 3 > 0, changing = i % 3 == 2;
		static uint8_t rdata[PROOFS_BUFFER_MAX / 2 + 1] = { KNOT_RRTYPE_CAA >> 8,
			                                            KNOT_RRTYPE_CAA & 255 };
		for (unsigned j = 0; again && j < 2; j++) {
			zone_add(&zone, dname("x.example.com."), KNOT_RRTYPE_RRSIG, 1, rdata,
			         sizeof(rdata));
		}
		caaudit_policy_t *policy = caaudit_policy_new(dname(ZONE));
		assert_int_equal(caaudit_policy_add_ca(policy, "other.example.net", NULL),
		                 KNOT_EOK);
		static const char *const hosts[] = { "www", "none", "a.w", "x.old" };
		for (size_t j = 0; j < COUNT(hosts); j++) {
			assert_int_equal(caaudit_policy_add_host(policy, hosts[j], NULL), KNOT_EOK);
		}
		assert_int_equal(caaudit_policy_add_validation(policy, "_a.b x.example.net", NULL),
		                 KNOT_EOK);
		signer_anchor(policy);
		assert_int_equal(caaudit_policy_finish(policy, 0), KNOT_EOK);

		run_t run = {
			.zone = &zone, .policy = policy, .now = SIGNED_NOW, .changing = changing
		};
		run_with_each_failure(&run, 1, 0, changing ? 4 : again ? 2 : 1);
		sick = true;
		for_each_allocation(run_audit, &run);
		sick = false;
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
	(void)no_policy(ZONE); // It stays: no scenario should be the one that makes it.
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_view_says_that_memory_is_out, nothing_fails),
		cmocka_unit_test_teardown(a_large_view_says_that_memory_is_out, nothing_fails),
		cmocka_unit_test_teardown(octets_in_great_number_say_that_memory_is_out,
		                          nothing_fails),
		cmocka_unit_test_teardown(repeated_ancestors_take_no_memory, nothing_fails),
		cmocka_unit_test_teardown(answers_need_no_memory, nothing_fails),
		cmocka_unit_test_teardown(a_policy_says_that_memory_is_out, nothing_fails),
		cmocka_unit_test_teardown(an_audit_says_that_memory_is_out, nothing_fails),
		cmocka_unit_test_teardown(signed_zones_say_that_memory_is_out, nothing_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
