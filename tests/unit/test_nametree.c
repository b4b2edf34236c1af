/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "test.h"

#include "nametree.h"

#define NAMES 300000

/*! Hashes that differ in every octet; \a number leads to one of them. */
static uint64_t hash_of(uint64_t number)
{
	uint64_t state = number + 1;
	return zone_random(&state) & ~(uint64_t)NAME_MASK;
}

static void an_empty_tree_has_nothing(void **state)
{
	(void)state;
	nametree_t tree = { .count = 0 };
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(nametree_find(&tree, 0), 0);
		assert_int_equal(nametree_find(&tree, UINT64_MAX), 0);
	}
	nametree_clear(&tree);
}

/* Before the tree is sorted, when it is, and after; hashes at both ends, and some twice. */
static void sorting_changes_no_answer(void **state)
{
	(void)state;
	static const uint64_t hashes[] = { 8, 0, 8, 16, UINT64_MAX - 7, 1ull << 63, 256, 0 };
	static const uint64_t absent[] = { 24, 32, 248, 264, (1ull << 63) + 8, UINT64_MAX - 15 };
	nametree_t tree = { .count = 0 };
	assert_true(nametree_begin_run(&tree, 1ull << 40));
	for (size_t i = 0; i < COUNT(hashes); i++) {
		assert_true(nametree_add(&tree, hashes[i], i == 2 ? NAME_HOST : NAME_OWNER));
	}
	nametree_amend(&tree, NAME_OTHER);
	bool sorted = false;
	for (unsigned round = 0; round < 200; round++) {
		size_t i = round % COUNT(hashes), j = round % COUNT(absent);
		unsigned has = hashes[i] == 8 ? NAME_OWNER | NAME_HOST :
		               hashes[i] == 0 ? NAME_OWNER | NAME_OTHER :
		                                NAME_OWNER;
		assert_int_equal(nametree_find(&tree, hashes[i]), has);
		assert_int_equal(nametree_find(&tree, absent[j]), 0);
		sorted = sorted || tree.sorted;
	}
	assert_true(sorted);
	assert_int_equal(tree.count, 6);
	nametree_clear(&tree);
}

/* A name with names below it exists, whether it has records or not. */
static void inner_names_exist(void **state)
{
	(void)state;
	nametree_t tree = { .count = 0 };
	for (uint64_t i = 0; i < 1000; i++) {
		assert_true(nametree_add_inner(&tree, hash_of(i), hash_of(i / 10)));
		assert_true(nametree_begin_run(&tree, hash_of(i)));
		assert_true(nametree_add(&tree, hash_of(10000 + i), NAME_OWNER));
	}
	assert_true(nametree_add(&tree, hash_of(7), NAME_HOST));
	for (uint64_t i = 0; i < 1000; i++) {
		assert_int_equal(nametree_find(&tree, hash_of(i)),
		                 NAME_PARENT | (i == 7 ? NAME_HOST : 0));
		assert_int_equal(nametree_find(&tree, hash_of(10000 + i)), NAME_OWNER);
		assert_int_equal(nametree_find(&tree, hash_of(20000 + i)), 0);
	}
	nametree_clear(&tree);
}

/* Names come again and again, as in a zone that is not sorted; the memory holds each a few times. */
static void repeated_names_are_few(void **state)
{
	(void)state;
	nametree_t tree = { .count = 0 };
	assert_true(nametree_begin_run(&tree, 0));
	for (uint64_t i = 0; i < 20ull * NAMES; i++) {
		assert_true(nametree_add(&tree, hash_of(i * 7919 % NAMES), NAME_OWNER));
	}
	for (uint64_t i = 0; i < NAMES; i += 97) {
		assert_int_equal(nametree_find(&tree, hash_of(i)), NAME_OWNER);
		assert_int_equal(nametree_find(&tree, hash_of(i + NAMES)), 0);
	}
	for (unsigned i = 0; i < 100; i++) {
		(void)nametree_find(&tree, i * 8);
	}
	assert_int_equal(tree.count, NAMES);
	nametree_clear(&tree);
}

/* zone > a > b > host, zone > c: of the names in the list, the closest above a host governs it. */
static void the_closest_name_governs(void **state)
{
	(void)state;
	enum { ZONE_NAME = 1, A, B, C };
	static const struct {
		unsigned list[4]; /* Names, ended by 0. */
		unsigned governs; /* The one that does, or 0. */
	} tests[] = {
		{ { ZONE_NAME }, ZONE_NAME },
		{ { A }, A },
		{ { B }, B },
		{ { C }, 0 },
		{ { ZONE_NAME, C }, ZONE_NAME },
		{ { ZONE_NAME, A, B }, B },
		{ { ZONE_NAME, A, C }, A },
		{ { 0 }, 0 },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		nametree_t tree = { .count = 0 };
		assert_true(nametree_add_inner(&tree, hash_of(ZONE_NAME), hash_of(0)));
		assert_true(nametree_add_inner(&tree, hash_of(A), hash_of(ZONE_NAME)));
		assert_true(nametree_add_inner(&tree, hash_of(B), hash_of(A)));
		assert_true(nametree_begin_run(&tree, hash_of(ZONE_NAME)));
		assert_true(nametree_add(&tree, hash_of(C), NAME_OTHER));
		assert_true(nametree_begin_run(&tree, hash_of(B)));
		assert_true(nametree_add(&tree, hash_of(100), NAME_HOST));
		uint64_t list[4];
		bool found[4] = { false };
		size_t count = 0;
		for (; count < 4 && tests[i].list[count] != 0; count++) {
			list[count] = hash_of(tests[i].list[count]);
		}
		for (size_t j = 0; j < count; j++) {
			for (size_t k = j + 1; k < count; k++) {
				uint64_t swap = list[j];
				if (list[k] < list[j]) {
					list[j] = list[k];
					list[k] = swap;
				}
			}
		}
		assert_true(nametree_governors(&tree, list, count, found));
		for (size_t j = 0; j < count; j++) {
			assert_int_equal(found[j], list[j] == hash_of(tests[i].governs));
		}
		nametree_clear(&tree);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_tree_has_nothing),
		cmocka_unit_test(sorting_changes_no_answer),
		cmocka_unit_test(inner_names_exist),
		cmocka_unit_test(repeated_names_are_few),
		cmocka_unit_test(the_closest_name_governs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
