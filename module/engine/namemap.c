/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief A hash table with open addressing: what has been noted of a name. */

#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "namemap.h"

/*! Places of the first table. */
#define FIRST_SIZE 64

/*! The item of a name, or the free place where it belongs. */
static namemap_item_t *find_place(const namemap_t *map, uint64_t hash, const knot_dname_t *name,
                                  uint32_t key)
{
	size_t pos = hash & (map->size - 1);
	while (map->item[pos].name != NULL &&
	       (map->item[pos].hash != hash || map->item[pos].key != key ||
	        !knot_dname_is_equal(map->item[pos].name, name))) {
		pos = (pos + 1) & (map->size - 1);
	}
	return &map->item[pos];
}

static bool enlarge(namemap_t *map)
{
	namemap_t larger = {
		.count = map->count,
		.size = map->size == 0 ? FIRST_SIZE : 2 * map->size,
	};
	larger.item = calloc(larger.size, sizeof(*larger.item));
	if (larger.item == NULL) {
		return false;
	}
	for (size_t i = 0; i < map->size; i++) {
		const namemap_item_t *item = &map->item[i];
		if (item->name != NULL) {
			*find_place(&larger, item->hash, item->name, item->key) = *item;
		}
	}
	free(map->item);
	*map = larger;
	return true;
}

static uint64_t hash_item(const knot_dname_t *name, uint32_t key)
{
	uint64_t hash = hash_octets(hash_name(name), &key, sizeof(key));
	return hash ^ hash >> 32; // The upper bits of FNV are the better ones.
}

namemap_item_t *namemap_find(const namemap_t *map, const knot_dname_t *name, uint32_t key)
{
	if (map->count == 0) {
		return NULL;
	}
	namemap_item_t *item = find_place(map, hash_item(name, key), name, key);
	return item->name != NULL ? item : NULL;
}

namemap_item_t *namemap_add(namemap_t *map, const knot_dname_t *name, uint32_t key, bool *added)
{
	*added = false;
	if (2 * map->count >= map->size && !enlarge(map)) {
		return NULL;
	}
	uint64_t hash = hash_item(name, key);
	namemap_item_t *item = find_place(map, hash, name, key);
	if (item->name != NULL) {
		return item;
	}
	knot_dname_t *copy = knot_dname_copy(name, NULL);
	if (copy == NULL) {
		return NULL;
	}
	*item = (namemap_item_t){ .hash = hash, .name = copy, .key = key };
	map->count++;
	*added = true;
	return item;
}

void namemap_clear(namemap_t *map)
{
	for (size_t i = 0; i < map->size; i++) {
		free(map->item[i].name);
	}
	free(map->item);
}
