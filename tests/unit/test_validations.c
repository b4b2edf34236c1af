/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Validation files that zones share, without a server: how often they are read. The
 * linker sends the reading, the clock and the allocation of memory through this file.
 */

#include <sys/stat.h>
#include <time.h>

#include "test_source.h"

#include "job.h"
#include "validations.h"

static char shared[] = "/tmp/caaudit-validations-XXXXXX";
static unsigned reads;
static time_t later;     /* Seconds by which the clock is ahead. */
static uint64_t version; /* What the file's status tells. */

int __real_source_validations_read(source_listener_t *reading, const char *path,
                                   source_validations_t **out);
int __wrap_source_validations_read(source_listener_t *reading, const char *path,
                                   source_validations_t **out);
int __wrap_source_validations_read(source_listener_t *reading, const char *path,
                                   source_validations_t **out)
{
	reads++;

	return __real_source_validations_read(reading, path, out);
}

int __real_clock_gettime(clockid_t clock, struct timespec *out);
int __wrap_clock_gettime(clockid_t clock, struct timespec *out);
int __wrap_clock_gettime(clockid_t clock, struct timespec *out)
{
	int ret = __real_clock_gettime(clock, out);
	out->tv_sec += later;

	return ret;
}

/* The times of the file are too coarse for a test. */
uint64_t job_file_signature(const char *path)
{
	return access(path, F_OK) == 0 ? version : 1;
}

static int make_file(void **state)
{
	(void)state;
	int fd = mkstemp(shared);

	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	(void)unlink(shared);

	return 0;
}

static void put(const char *text)
{
	FILE *file = fopen(shared, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	version++;
}

static int begin(void **state)
{
	(void)state;
	validations_forget(shared);
	reads = 0;
	later = 10;
	version = 100;

	return 0;
}

/* Asks for a zone; requires the result, the number of records and a complaint. */
static void ask_for(const char *zone, const char *pattern, int ret, size_t count, const char *text)
{
	knot_dname_storage_t name;
	assert_non_null(knot_dname_from_str(name, zone, sizeof(name)));
	caaudit_policy_t *policy = caaudit_policy_new(name);
	test_reading_t *reading = new_reading();
	expect(reading, validations_add(pattern, &reading->listener, policy), ret, text);
	assert_int_equal(policy->validation_count, count);
	caaudit_policy_free(policy);
	free_reading(reading);
}

static void zones_share_what_was_read(void **state)
{
	(void)state;
	put("_a.example.com. CNAME a.\n_b.example.net. CNAME b.\n_c.example.net. CNAME c.\n");
	for (int i = 0; i < 3; i++) {
		ask_for("example.com", shared, KNOT_EOK, 1, NULL);
		ask_for("example.net", shared, KNOT_EOK, 2, NULL);
		ask_for("example.org", shared, KNOT_EOK, 0, NULL);
	}
	assert_int_equal(reads, 1);
}

static void change_is_read(void **state)
{
	(void)state;
	put("_a.example.com. CNAME a.\n");
	ask_for("example.com", shared, KNOT_EOK, 1, NULL);
	put("_a.example.com. CNAME a.\n_b.example.com. CNAME b.\n");
	ask_for("example.com", shared, KNOT_EOK, 2, NULL);
	ask_for("example.com", shared, KNOT_EOK, 2, NULL);
	assert_int_equal(reads, 2);
	assert_int_equal(unlink(shared), 0);
	ask_for("example.com", shared, KNOT_ENOENT, 0, "cannot open");
	ask_for("example.com", shared, KNOT_ENOENT, 0, "cannot open");
	assert_int_equal(reads, 4);
	put("_a.example.com. CNAME a.\n");
	ask_for("example.com", shared, KNOT_EOK, 1, NULL);
}

/* Another change in the same instant would not show. */
static void young_file_is_read_again(void **state)
{
	(void)state;
	put("_a.example.com. CNAME a.\n");
	later = 0;
	ask_for("example.com", shared, KNOT_EOK, 1, NULL);
	ask_for("example.com", shared, KNOT_EOK, 1, NULL);
	assert_int_equal(reads, 2);
	later = -1000; /* The clock was set back. */
	ask_for("example.com", shared, KNOT_EOK, 1, NULL);
	ask_for("example.com", shared, KNOT_EOK, 1, NULL);
	assert_int_equal(reads, 4);
}

static void all_zones_hear_what_is_wrong(void **state)
{
	(void)state;
	put("_a.example.com. CNAME a.\n_b A 192.0.2.1\n_c A 192.0.2.1\n");
	for (int i = 0; i < 2; i++) {
		ask_for("example.com", shared, KNOT_EPARSEFAIL, 0, ":2: a validation file holds");
		ask_for("example.net", shared, KNOT_EPARSEFAIL, 0, ":2: a validation file holds");
	}
	assert_int_equal(reads, 1);
}

/* Nothing to share: it is read each time. */
static void file_for_each_zone(void **state)
{
	(void)state;
	char pattern[64], copy[64];
	(void)snprintf(pattern, sizeof(pattern), "%s.%%s", shared);
	(void)snprintf(copy, sizeof(copy), "%s.example.com", shared);
	for (size_t count = 1; count <= 2; count++) {
		put(count == 1 ? "_a CNAME a.\n" : "_a CNAME a.\n_b CNAME b.\n");
		version = 100;
		assert_int_equal(rename(shared, copy), 0);
		ask_for("example.com", pattern, KNOT_EOK, count, NULL);
		ask_for("example.net", pattern, KNOT_EOK, 0, NULL); /* It has none. */
	}
	assert_int_equal(unlink(copy), 0);
}

static void out_of_memory(void **state)
{
	(void)state;
	put("_a.example.com. CNAME a.\n");
	knot_dname_storage_t name;
	assert_non_null(knot_dname_from_str(name, "example.com", sizeof(name)));
	for (int failures = 0; failures < 100; failures++) {
		caaudit_policy_t *policy = caaudit_policy_new(name);
		test_reading_t *reading = new_reading();
		allocations = failures;
		int ret = validations_add(shared, &reading->listener, policy);
		allocations = -1;
		if (ret != KNOT_EOK) {
			expect(reading, ret, KNOT_ENOMEM, "not enough memory\n");
		}
		assert_int_equal(policy->validation_count, ret == KNOT_EOK);
		caaudit_policy_free(policy);
		free_reading(reading);
	}
	ask_for("example.com", shared, KNOT_EOK, 1, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(zones_share_what_was_read, begin),
		cmocka_unit_test_setup(change_is_read, begin),
		cmocka_unit_test_setup(young_file_is_read_again, begin),
		cmocka_unit_test_setup(all_zones_hear_what_is_wrong, begin),
		cmocka_unit_test_setup(file_for_each_zone, begin),
		cmocka_unit_test_setup(out_of_memory, begin),
	};
	int ret = cmocka_run_group_tests(tests, make_file, remove_file);
	validations_forget(shared);

	return ret;
}
