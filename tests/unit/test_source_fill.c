/* SPDX-License-Identifier: GPL-2.0-or-later */

/* A view filled from a zone file, and what is said of a zone that is none. */

#include "test_source.h"

#include "fill.h"

#define SOA "@ 300 SOA ns hostmaster 7 3600 900 86400 300\n"

static char path[] = "/tmp/caaudit-fill-XXXXXX";

static caaudit_policy_t *policy;

static int set_up(void **state)
{
	(void)state;
	int fd = mkstemp(path);
	if (fd < 0 || close(fd) != 0) {
		return -1;
	}
	policy = caaudit_policy_new(zone_name);
	if (policy == NULL || caaudit_policy_finish(policy, 0) != KNOT_EOK) {
		return -1;
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	caaudit_policy_free(policy);

	return unlink(path);
}

/*! Fills a view; requires the result, the records and a complaint. */
static void fill(const char *text, int wanted, size_t records, const char *what)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);

	caaudit_view_t *view = caaudit_view_new(policy);
	assert_non_null(view);
	test_reading_t *reading = new_reading();
	int ret = source_fill_zonefile(&reading->listener, path, 0, view);
	expect(reading, ret, wanted, what);
	// Only a finished view counts its records and has a serial.
	if (ret == KNOT_EOK || ret == KNOT_EPARSEFAIL) {
		assert_int_equal(caaudit_view_records(view), records);
		assert_int_equal(caaudit_view_serial(view), 7);
	}
	free_reading(reading);
	caaudit_view_free(view);
}

static void zone(void **state)
{
	(void)state;
	fill(SOA "a CAA 0 issue \"x\"\nb.other. A 192.0.2.1\n", KNOT_EOK, 2, NULL);
}

static void wrong_line_leaves_the_rest(void **state)
{
	(void)state;
	fill(SOA "a A x\na A 192.0.2.1\n", KNOT_EPARSEFAIL, 2, ":2: invalid address character\n");
}

static void no_zone(void **state)
{
	(void)state;
	fill("", KNOT_ENOENT, 0, ":0: example.com. has no SOA record\n");
	fill("a A 192.0.2.1\n", KNOT_ENOENT, 0, ":0: example.com. has no SOA record\n");
	fill("a A x\n", KNOT_ENOENT, 0, ":0: example.com. has no SOA record\n");
	fill(SOA "@ SOA . . 2 1 1 1 1\n", KNOT_ESEMCHECK, 0,
	     ":0: example.com. has more than one SOA record\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zone),
		cmocka_unit_test(wrong_line_leaves_the_rest),
		cmocka_unit_test(no_zone),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
