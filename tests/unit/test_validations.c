/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Validation files that zones share, without a server: how often they are read, and what a zone
 * expects if its file cannot be used. The linker sends the reading, the clock and the allocation of
 * memory through this file.
 */

#include <sys/stat.h>
#include <time.h>

#include "test_source.h"

#include "filestat.h"
#include "validations.h"

static char file_path[] = "/tmp/caaudit-validations-XXXXXX";
static unsigned reads;
static time_t later;     /* Seconds by which the clock is ahead. */
static uint64_t version; /* What the file's status tells. */

/* A zone: its name, and the file that it has used last. */
typedef struct {
	const char *name;
	validations_t *used;
} user_t;

static validations_shared_t *place; /* Of the file. */
static user_t com = { .name = "example.com" }, net = { .name = "example.net" },
	      org = { .name = "example.org" };

int __real_source_validations_read(source_listener_t *reader, const char *file,
                                   source_validations_t **out);
int __wrap_source_validations_read(source_listener_t *reader, const char *file,
                                   source_validations_t **out);
int __wrap_source_validations_read(source_listener_t *reader, const char *file,
                                   source_validations_t **out)
{
	reads++;
	return __real_source_validations_read(reader, file, out);
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
uint64_t file_signature(const char *path)
{
	return access(path, F_OK) == 0 ? version : 1;
}

static int make_file(void **state)
{
	(void)state;
	int fd = mkstemp(file_path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	(void)unlink(file_path);
	return 0;
}

static void put(const char *text)
{
	FILE *file = fopen(file_path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	version++;
}

static int begin(void **state)
{
	(void)state;
	place = validations_share(file_path);
	reads = 0;
	later = 10;
	version = 100;
	return place == NULL ? -1 : 0;
}

static void drop(user_t *user)
{
	validations_unref(user->used);
	user->used = NULL;
}

static int end(void **state)
{
	(void)state;
	drop(&com);
	drop(&net);
	drop(&org);
	validations_unshare(place);
	return 0;
}

/* Asks for a zone; requires the number of its records, and parts of the reason. */
static void ask_for(user_t *user, size_t count, const char *what, const char *instead)
{
	knot_dname_storage_t name;
	char why[400];
	assert_non_null(knot_dname_from_str(name, user->name, sizeof(name)));
	caaudit_policy_t *policy = caaudit_policy_new(name);
	assert_int_equal(validations_add(file_path, place, policy, &user->used, why, sizeof(why)),
	                 KNOT_EOK);
	assert_int_equal(policy->validation_count, count);
	assert_int_equal(policy->partial, what != NULL && strstr(instead, "nothing") != NULL);
	if (what == NULL) {
		assert_string_equal(why, "");
	} else if (strstr(why, what) == NULL || strstr(why, instead) == NULL ||
	           strstr(why, file_path) == NULL) {
		fail_msg("%s: '%s' and '%s' are not in it", why, what, instead);
	}
	caaudit_policy_free(policy);
}

#define LAST    "last readable contents"
#define NOTHING "nothing of it"

static void zones_share_what_was_read(void **state)
{
	(void)state;
	put("_a.example.com. CNAME a.\n_b.example.net. CNAME b.\n_c.example.net. CNAME c.\n");
	for (int i = 0; i < 3; i++) {
		ask_for(&com, 1, NULL, NULL);
		ask_for(&net, 2, NULL, NULL);
		ask_for(&org, 0, NULL, NULL);
	}
	assert_int_equal(reads, 1);
	assert_ptr_equal(com.used, net.used);
}

static void sections_with_one_path_share_one_place(void **state)
{
	(void)state;
	validations_shared_t *other = validations_share(file_path);
	assert_ptr_equal(other, place);
	validations_unshare(other);
	assert_null(validations_share("/etc/knot/%s.validation"));
	other = validations_share("/etc/knot/other");
	assert_non_null(other);
	assert_ptr_not_equal(other, place);
	validations_unshare(other);
}

static void change_is_read(void **state)
{
	(void)state;
	put("_a.example.com. CNAME a.\n");
	ask_for(&com, 1, NULL, NULL);
	put("_a.example.com. CNAME a.\n_b.example.com. CNAME b.\n");
	ask_for(&com, 2, NULL, NULL);
	ask_for(&com, 2, NULL, NULL);
	assert_int_equal(reads, 2);
	assert_int_equal(unlink(file_path), 0);
	ask_for(&com, 2, "cannot open", LAST);
	ask_for(&com, 2, "cannot open", LAST);
	assert_int_equal(reads, 4);
	put("_a.example.com. CNAME a.\n");
	ask_for(&com, 1, NULL, NULL);
}

/* Another change in the same instant would not show. */
static void young_file_is_read_again(void **state)
{
	(void)state;
	put("_a.example.com. CNAME a.\n");
	later = 0;
	ask_for(&com, 1, NULL, NULL);
	ask_for(&com, 1, NULL, NULL);
	assert_int_equal(reads, 2);
	later = -1000; /* The clock was set back. */
	ask_for(&com, 1, NULL, NULL);
	ask_for(&com, 1, NULL, NULL);
	assert_int_equal(reads, 4);
}

static void all_zones_hear_what_is_wrong(void **state)
{
	(void)state;
	put("_a.example.com. CNAME a.\n_b A 192.0.2.1\n_c A 192.0.2.1\n");
	for (int i = 0; i < 2; i++) {
		ask_for(&com, 0, "line 2, a validation file holds", NOTHING);
		ask_for(&net, 0, "line 2, a validation file holds", NOTHING);
	}
	assert_int_equal(reads, 1);
}

/* Each zone goes on with what it has used last. */
static void zone_keeps_what_it_could_use(void **state)
{
	(void)state;
	put("_a.example.com. CNAME a.\n");
	ask_for(&com, 1, NULL, NULL);
	put("_a.example.com. CNAME a.\n_b.example.com. CNAME b.\n_c.example.net. CNAME c.\n");
	ask_for(&net, 1, NULL, NULL);
	put("_a A 192.0.2.1\n");
	ask_for(&com, 1, "line 1", LAST);
	ask_for(&net, 1, "line 1", LAST);
	ask_for(&org, 0, "line 1", NOTHING);
	put("_c.example.org. CNAME c.\n");
	ask_for(&com, 0, NULL, NULL);
	ask_for(&org, 1, NULL, NULL);
}

/* When the option names another file, the contents of the first one are no substitute. */
static void other_file_is_another_one(void **state)
{
	(void)state;
	put("_a.example.com. CNAME a.\n");
	ask_for(&com, 1, NULL, NULL);
	knot_dname_storage_t name;
	char why[400];
	assert_non_null(knot_dname_from_str(name, "example.com", sizeof(name)));
	caaudit_policy_t *policy = caaudit_policy_new(name);
	assert_int_equal(validations_add("/nonexistent/file", NULL, policy, &com.used, why,
	                                 sizeof(why)),
	                 KNOT_EOK);
	assert_int_equal(policy->validation_count, 0);
	assert_true(policy->partial);
	assert_non_null(strstr(why, NOTHING));
	caaudit_policy_free(policy);
}

/* Asks for a zone that has a file of its own. */
static void ask_own(user_t *user, const char *pattern, size_t count)
{
	knot_dname_storage_t name;
	char why[400];
	assert_non_null(knot_dname_from_str(name, user->name, sizeof(name)));
	caaudit_policy_t *policy = caaudit_policy_new(name);
	assert_int_equal(validations_add(pattern, NULL, policy, &user->used, why, sizeof(why)),
	                 KNOT_EOK);
	assert_string_equal(why, "");
	assert_int_equal(policy->validation_count, count);
	caaudit_policy_free(policy);
}

static void file_for_each_zone(void **state)
{
	(void)state;
	char pattern[64], copy[64];
	(void)snprintf(pattern, sizeof(pattern), "%s.%%s", file_path);
	(void)snprintf(copy, sizeof(copy), "%s.example.com", file_path);
	for (unsigned count = 1; count <= 2; count++) {
		put(count == 1 ? "_a CNAME a.\n" : "_a CNAME a.\n_b CNAME b.\n");
		assert_int_equal(rename(file_path, copy), 0);
		ask_own(&com, pattern, count);
		ask_own(&com, pattern, count);
		ask_own(&net, pattern, 0); /* It has none. */
		assert_int_equal(reads, count);
	}
	assert_int_equal(unlink(copy), 0);
	ask_own(&com, pattern, 0);
	put("");
}

static void out_of_memory(void **state)
{
	(void)state;
	put("_a.example.com. CNAME a.\n");
	knot_dname_storage_t name;
	char why[400];
	assert_non_null(knot_dname_from_str(name, "example.com", sizeof(name)));
	for (int failures = 0; failures < 100; failures++) {
		caaudit_policy_t *policy = caaudit_policy_new(name);
		allocations = failures;
		int ret = validations_add(file_path, place, policy, &com.used, why, sizeof(why));
		allocations = -1;
		if (ret != KNOT_EOK) {
			assert_int_equal(ret, KNOT_ENOMEM);
		}
		assert_int_equal(policy->validation_count, ret == KNOT_EOK);
		caaudit_policy_free(policy);
		drop(&com);
	}
	for (int failures = 0; failures < 10; failures++) {
		allocations = failures;
		validations_unshare(validations_share("/etc/knot/other"));
		allocations = -1;
	}
	ask_for(&com, 1, NULL, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(zones_share_what_was_read, begin, end),
		cmocka_unit_test_setup_teardown(sections_with_one_path_share_one_place, begin, end),
		cmocka_unit_test_setup_teardown(change_is_read, begin, end),
		cmocka_unit_test_setup_teardown(young_file_is_read_again, begin, end),
		cmocka_unit_test_setup_teardown(all_zones_hear_what_is_wrong, begin, end),
		cmocka_unit_test_setup_teardown(zone_keeps_what_it_could_use, begin, end),
		cmocka_unit_test_setup_teardown(other_file_is_another_one, begin, end),
		cmocka_unit_test_setup_teardown(file_for_each_zone, begin, end),
		cmocka_unit_test_setup_teardown(out_of_memory, begin, end),
	};
	return cmocka_run_group_tests(tests, make_file, remove_file);
}
