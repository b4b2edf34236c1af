/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "test.h"

#include "nameset.h"

/*! Look-ups that search from end to end before the set is sorted. */
#define SCANS 16
/*! A set is sorted before it grows if it is that large, and a quarter may be repeated. */
#define SQUEEZE (1u << 20)

/*! Hashes that differ in every octet; \a number leads to one of them. */
static uint64_t hash_of(uint64_t number)
{
	uint64_t state = number + 1;
	return zone_random(&state);
}

static void an_empty_set_has_nothing(void **state)
{
	(void)state;
	nameset_t set = { NULL };
	assert_false(nameset_has_room(&set));
	for (unsigned i = 0; i < 3 * SCANS; i++) {
		assert_false(nameset_has(&set, 0));
		assert_false(nameset_has(&set, UINT64_MAX));
	}
	nameset_clear(&set);
}

/* Before the set is sorted, when it is, and after; hashes at both ends, and some twice. */
static void sorting_changes_no_answer(void **state)
{
	(void)state;
	static const uint64_t hashes[] = { 5,          0,   UINT64_MAX, 5, 1, UINT64_MAX - 1,
		                           1ull << 63, 255, 256,        0 };
	static const uint64_t absent[] = { 2, 4, 6, 254, 257, (1ull << 63) + 1, UINT64_MAX - 2 };
	nameset_t set = { NULL };
	for (size_t i = 0; i < COUNT(hashes); i++) {
		assert_true(nameset_add(&set, hashes[i], i % 2 == 0));
	}
	for (unsigned round = 0; round < 3 * SCANS; round++) {
		bool there = round % 2 == 0;
		assert_int_equal(nameset_has(&set, there ? hashes[round % COUNT(hashes)] :
		                                           absent[round % COUNT(absent)]),
		                 there);
		assert_int_equal(set.sorted, round >= SCANS);
		assert_int_equal(set.count, set.sorted ? 8 : COUNT(hashes));
	}
	for (size_t i = 0; i < COUNT(hashes); i++) {
		assert_true(nameset_has(&set, hashes[i]));
	}
	for (size_t i = 0; i < COUNT(absent); i++) {
		assert_false(nameset_has(&set, absent[i]));
	}
	for (size_t i = 1; i < set.count; i++) {
		assert_true(set.hash[i - 1] < set.hash[i]);
	}
	nameset_clear(&set);
}

/* The array grows when it is full, and not before; room is what the next one needs. */
static void room_is_there_until_the_array_is_full(void **state)
{
	(void)state;
	nameset_t set = { NULL };
	size_t sizes = 0, last = 0;
	for (uint64_t i = 0; i < 300000; i++) {
		bool room = nameset_has_room(&set);
		size_t size = set.size;
		assert_int_equal(room, set.count * sizeof(uint64_t) < set.size);
		assert_true(nameset_add(&set, hash_of(i), false));
		assert_int_equal(set.size == size, room);
		assert_int_equal(set.count, i + 1);
		sizes += set.size != last;
		last = set.size;
	}
	assert_in_range(sizes, 5, 20);
	for (uint64_t i = 0; i < 300000; i += 97) {
		assert_true(nameset_has(&set, hash_of(i)));
		assert_false(nameset_has(&set, hash_of(i + 300000)));
	}
	nameset_clear(&set);
}

/* When it is full, a large set is squeezed, if more than a quarter of it may be there twice. */
static void repeated_hashes_are_squeezed_out(void **state)
{
	(void)state;
	static const struct {
		uint64_t different; /* So many hashes differ; they come again and again. */
		unsigned repeated;  /* So many of eight are said to be repeated. */
		bool squeezed, grown;
	} tests[] = {
		{ 1000, 8, true, false },
		{ 1000, 3, true, false },
		{ 1000, 2, false, true }, /* A quarter, and no more. */
		{ 1000, 0, false, true },
		{ UINT64_MAX, 0, false, true },
		{ UINT64_MAX, 8, true, true }, /* They were not, after all. */
		/* It grows if more than half of it is full then. */
		{ SQUEEZE * 3ull / 4, 8, true, true },
		{ SQUEEZE / 2, 8, true, false },
	};
	for (size_t i = 0; i < COUNT(tests); i++) {
		nameset_t set = { NULL };
		uint64_t next = 0;
		while (set.count < SQUEEZE || nameset_has_room(&set)) {
			assert_true(nameset_add(&set, hash_of(next % tests[i].different),
			                        next % 8 < tests[i].repeated));
			next++;
		}
		size_t count = set.count, size = set.size, repeated = set.repeated;
		assert_int_equal(count, next);
		assert_true(nameset_add(&set, hash_of(0), false));
		bool sorted = tests[i].squeezed;
		assert_int_equal(set.count, sorted && tests[i].different < count ?
		                                    tests[i].different + 1 :
		                                    count + 1);
		assert_int_equal(set.size > size, tests[i].grown);
		assert_int_equal(set.repeated, sorted ? 0 : repeated);
		// It goes on as before.
		for (uint64_t j = 0; j < 5000; j++) {
			assert_true(nameset_add(&set, hash_of(j % 3000), true));
		}
		for (uint64_t j = 0; j < 3000; j++) {
			assert_true(nameset_has(&set, hash_of(j)));
			assert_false(nameset_has(&set, hash_of(j + (1ull << 40))));
		}
		nameset_clear(&set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_set_has_nothing),
		cmocka_unit_test(sorting_changes_no_answer),
		cmocka_unit_test(room_is_there_until_the_array_is_full),
		cmocka_unit_test(repeated_hashes_are_squeezed_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
