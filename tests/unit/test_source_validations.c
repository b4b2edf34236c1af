/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "test_source.h"

#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L50 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static char path[] = "/tmp/caaudit-validations-XXXXXX";

static int make_file(void **state)
{
	(void)state;
	int fd = mkstemp(path);

	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;

	return unlink(path);
}

static void put(const char *text)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static caaudit_policy_t *new_policy(const char *zone)
{
	knot_dname_storage_t name;
	assert_non_null(knot_dname_from_str(name, zone, sizeof(name)));
	caaudit_policy_t *policy = caaudit_policy_new(name);
	assert_non_null(policy);

	return policy;
}

static source_validations_t *read_list(void)
{
	test_reading_t *reading = new_reading();
	source_validations_t *list = NULL;
	expect(reading, source_validations_read(&reading->listener, path, &list), KNOT_EOK, NULL);
	free_reading(reading);

	return list;
}

/*! Requires what a zone expects: "OWNER TARGET|" each, in the order of the policy. */
static void expects(const source_validations_t *list, const char *zone, const char *wanted)
{
	test_reading_t *reading = new_reading();
	caaudit_policy_t *policy = new_policy(zone);
	expect(reading, source_validations_add(list, &reading->listener, policy), KNOT_EOK, NULL);
	char text[2048] = "";
	for (size_t i = 0; i < policy->validation_count; i++) {
		const caaudit_expected_t *item = &policy->validation[i];
		knot_dname_txt_storage_t owner, target = "TXT";
		assert_non_null(knot_dname_to_str(owner, item->owner, sizeof(owner)));
		if (item->target != NULL) {
			assert_non_null(knot_dname_to_str(target, item->target, sizeof(target)));
		}
		size_t len = strlen(text);
		(void)snprintf(text + len, sizeof(text) - len, "%s %s|", owner, target);
	}
	assert_string_equal(text, wanted);
	caaudit_policy_free(policy);
	free_reading(reading);
}

static void one_file_for_all_zones(void **state)
{
	(void)state;
	put("_a.example.com. CNAME a.sectigo.com.\n"
	    "_B CNAME b\n"
	    "_c.www.EXAMPLE.com. CNAME c.sectigo.com.\n"
	    "_d.example.net. CNAME d.example.com.\n"
	    "@ TXT \"e\"\n"
	    "_f.sub CNAME f.sectigo.com.\n"
	    "$ORIGIN example.com.\n"
	    "_g CNAME @\n"
	    "_h.notexample.com. CNAME h.sectigo.com.\n");
	source_validations_t *list = read_list();
	expects(list, "example.com",
	        "_a.example.com. a.sectigo.com.|_b.example.com. b.example.com.|"
	        "_c.www.example.com. c.sectigo.com.|example.com. TXT|"
	        "_f.sub.example.com. f.sectigo.com.|_g.example.com. example.com.|");
	expects(list, "www.example.com",
	        "_b.www.example.com. b.www.example.com.|_c.www.example.com. c.sectigo.com.|"
	        "www.example.com. TXT|_f.sub.www.example.com. f.sectigo.com.|");
	expects(list, "example.net",
	        "_b.example.net. b.example.net.|_d.example.net. d.example.com.|example.net. TXT|"
	        "_f.sub.example.net. f.sectigo.com.|");
	expects(list, "org", "_b.org. b.org.|org. TXT|_f.sub.org. f.sectigo.com.|");
	expects(list, ".",
	        "_a.example.com. a.sectigo.com.|_b. b.|_c.www.example.com. c.sectigo.com.|"
	        "_d.example.net. d.example.com.|. TXT|_f.sub. f.sectigo.com.|"
	        "_g.example.com. example.com.|_h.notexample.com. h.sectigo.com.|");
	source_validations_free(list);
}

static void empty_file(void **state)
{
	(void)state;
	put("; nothing yet\n");
	source_validations_t *list = read_list();
	expects(list, ZONE, "");
	source_validations_free(list);
}

/*! A relative name may fit into one zone and not into another one. */
static void names_at_the_limit(void **state)
{
	(void)state;
	put(L63 "." L63 "." L63 "." L50 " CNAME a.\n");
	source_validations_t *list = read_list();
	expects(list, "example.co", L63 "." L63 "." L63 "." L50 ".example.co. a.|");

	test_reading_t *reading = new_reading();
	caaudit_policy_t *policy = new_policy("example.com");
	assert_int_equal(caaudit_policy_add_validation(policy, "_x y.", NULL), KNOT_EOK);
	expect(reading, source_validations_add(list, &reading->listener, policy), KNOT_EPARSEFAIL,
	       ":1: too long a name in this zone\n");
	assert_int_equal(policy->validation_count, 1);
	caaudit_policy_free(policy);
	free_reading(reading);
	source_validations_free(list);
}

static void wrong_lines(void **state)
{
	(void)state;
	put("_a CNAME a.\n_b A 192.0.2.1\n_c CNAME b c\n_d CNAME d.\n");
	test_reading_t *reading = new_reading();
	source_validations_t *list = NULL;
	int ret = source_validations_read(&reading->listener, path, &list);
	expect(reading, ret, KNOT_EPARSEFAIL, ":2: a validation file holds");
	expect(reading, ret, KNOT_EPARSEFAIL, ":3: ");
	assert_int_equal(reading->complaints, 2);
	assert_null(list);
	free_reading(reading);
}

/*! Puts a record in the form of RFC 3597 section 5: labels of 63 octets, and what is at the end. */
static void put_labels(const char *type, unsigned labels, const char *end)
{
	char text[2048];
	size_t size = 64 * labels + strlen(end) / 2;
	int len = snprintf(text, sizeof(text), "_x %s \\# %zu ", type, size);
	for (unsigned i = 0; i < 64 * labels; i++) {
		len += snprintf(text + len, sizeof(text) - len, i % 64 == 0 ? "3f" : "41");
	}
	(void)snprintf(text + len, sizeof(text) - len, "%s\n", end);
	put(text);
}

/*! In the form of RFC 3597 the scanner takes any octets for the data of a type that it knows. */
static void unsound_data(void **state)
{
	(void)state;
	static const struct {
		const char *type;
		unsigned labels;
		const char *end;
		bool sound;
	} cases[] = {
		{ "CNAME", 0, "41", false },   { "CNAME", 0, "00", true },
		{ "CNAME", 0, "3f", false },   { "CNAME", 0, "014100", true },
		{ "CNAME", 1, "", false },     { "CNAME", 0, "01410042", false },
		{ "CNAME", 3, "00", true },    { "CNAME", 0, "014101", false },
		{ "CNAME", 4, "00", false },   { "CNAME", 0, "c000", false },
		{ "CNAME", 10, "00", false },  { "TXT", 0, "00", true },
		{ "TXT", 0, "014101", false }, { "TXT", 0, "01410142", true },
		{ "TXT", 0, "ff41", false },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		put_labels(cases[i].type, cases[i].labels, cases[i].end);
		test_reading_t *reading = new_reading();
		caaudit_policy_t *policy = new_policy(ZONE);
		int ret = source_read_validations(&reading->listener, path, policy);
		if (cases[i].sound) {
			expect(reading, ret, KNOT_EOK, NULL);
		} else {
			expect(reading, ret, KNOT_EPARSEFAIL, ":1: the data of the ");
		}
		assert_int_equal(reading->complaints, !cases[i].sound);
		assert_int_equal(policy->validation_count, cases[i].sound);
		caaudit_policy_free(policy);
		free_reading(reading);
	}
}

static void out_of_memory(void **state)
{
	(void)state;
	put("_a CNAME a.\n_b.example.net. CNAME b.\n_c TXT \"c\"\n");
	int ret = KNOT_ENOMEM;
	int failures = 0;
	for (; ret != KNOT_EOK && failures < 1000; failures++) {
		test_reading_t *reading = new_reading();
		caaudit_policy_t *policy = new_policy(ZONE);
		allocations = failures;
		ret = source_read_validations(&reading->listener, path, policy);
		allocations = -1;
		if (ret != KNOT_EOK) {
			expect(reading, ret, KNOT_ENOMEM, "not enough memory\n");
		}
		assert_int_equal(policy->validation_count, ret == KNOT_EOK ? 2 : 0);
		caaudit_policy_free(policy);
		free_reading(reading);
	}
	assert_in_range(failures, 10, 999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_file_for_all_zones), cmocka_unit_test(empty_file),
		cmocka_unit_test(names_at_the_limit),     cmocka_unit_test(wrong_lines),
		cmocka_unit_test(unsound_data),           cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
