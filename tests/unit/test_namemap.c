/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "test.h"

#include "collide.h"
#include "namemap.h"

static void an_empty_table_has_nothing(void **state)
{
	(void)state;
	namemap_t map = { NULL };
	assert_null(namemap_find(&map, dname(ZONE), 0));
	assert_null(namemap_find(&map, dname("."), 0));
	namemap_clear(&map);
}

static void a_name_is_added_once_for_each_key(void **state)
{
	(void)state;
	static const char *const names[] = { ".", "a.", "example.com.", "a.example.com.",
		                             "b.example.com." };
	static const uint32_t keys[] = { 0, 1, 257, 1 << 16, UINT32_MAX };
	namemap_t map = { NULL };
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < COUNT(names) * COUNT(keys); i++) {
			const char *name = names[i / COUNT(keys)];
			uint32_t key = keys[i % COUNT(keys)];
			assert_int_equal(namemap_find(&map, dname(name), key) != NULL, round == 1);
			knot_dname_storage_t copy;
			memcpy(copy, dname(name), knot_dname_size(dname(name)));
			bool added = round == 1;
			namemap_item_t *item = namemap_add(&map, copy, key, &added);
			assert_int_equal(added, round == 0);
			assert_int_equal(item->key, key);
			assert_int_equal(item->value, round == 0 ? 0 : i + 1);
			item->value = i + 1;
			memset(copy, 0xff, sizeof(copy)); // The table has its own.
			assert_true(knot_dname_is_equal(item->name, dname(name)));
			assert_ptr_equal(namemap_find(&map, dname(name), key), item);
		}
	}
	assert_int_equal(map.count, COUNT(names) * COUNT(keys));
	assert_null(namemap_find(&map, dname("c.example.com."), 0));
	assert_null(namemap_find(&map, dname(ZONE), 2));
	namemap_clear(&map);
}

static const knot_dname_t *numbered(unsigned number)
{
	char name[32];
	snprintf(name, sizeof(name), "n%u." ZONE, number);
	return dname(name);
}

/* Values stay where they are when the table grows; half of the places are free. */
static void a_table_grows_with_its_names(void **state)
{
	(void)state;
	namemap_t map = { NULL };
	size_t sizes = 0, last = 0;
	for (unsigned i = 0; i < 5000; i++) {
		bool added;
		namemap_add(&map, numbered(i), i % 3, &added)->value = i;
		assert_true(added);
		assert_int_equal(map.count, i + 1);
		assert_true(2 * map.count <= map.size + 1);
		assert_int_equal(map.size & (map.size - 1), 0);
		sizes += map.size != last;
		last = map.size;
		if (i < 300 || i % 100 == 0) {
			for (unsigned j = 0; j <= i; j++) {
				assert_int_equal(namemap_find(&map, numbered(j), j % 3)->value, j);
			}
			assert_null(namemap_find(&map, numbered(i + 1), (i + 1) % 3));
			assert_null(namemap_find(&map, numbered(i), (i + 1) % 3));
		}
	}
	assert_true(sizes >= 7);
	namemap_clear(&map);
}

static void names_with_the_same_hash_are_told_apart(void **state)
{
	(void)state;
	enum { LEVELS = 8, NAMES = 1 << LEVELS };
	static uint8_t name[NAMES][LEVELS * (1 + COLLIDE_OCTETS) + 1];
	uint8_t label[LEVELS][2][1 + COLLIDE_OCTETS];
	uint64_t random = 1, hash = HASH_SEED;
	for (unsigned i = 0; i < LEVELS; i++) {
		hash = collide(hash, &random, label[i]);
	}
	namemap_t map = { NULL };
	for (unsigned i = 0; i < NAMES; i++) {
		for (unsigned j = 0; j < LEVELS; j++) {
			memcpy(name[i] + j * sizeof(label[0][0]), label[j][i >> j & 1],
			       sizeof(label[0][0]));
		}
		assert_true(hash_name(name[i]) == hash_name(name[0]));
		bool added;
		if (i % 2 == 0) {
			namemap_add(&map, name[i], 7, &added)->value = i;
			assert_true(added);
		}
	}
	for (unsigned i = 0; i < NAMES; i++) {
		const namemap_item_t *item = namemap_find(&map, name[i], 7);
		assert_int_equal(item != NULL, i % 2 == 0);
		assert_true(item == NULL || item->value == i);
	}
	namemap_clear(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_table_has_nothing),
		cmocka_unit_test(a_name_is_added_once_for_each_key),
		cmocka_unit_test(a_table_grows_with_its_names),
		cmocka_unit_test(names_with_the_same_hash_are_told_apart),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
