/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief A hash table of fixed size in which the oldest of a few places is evicted. */

#include <stdlib.h>
#include <string.h>

#include "cache.h"
#include "compat.h"
#include "lock.h"

#define SLOTS_MIN 32
#define SLOTS_MAX 8192
#define WAYS      4

typedef struct {
	uint64_t hash;
	uint64_t used;
	size_t key_len;
	size_t len;
	uint8_t octets[]; /* Key, then value. */
} entry_t;

struct cache {
	lock_t lock;
	entry_t **slot; /* NULL until something is kept. */
	size_t slots;   /* Power of two. */
	uint64_t clock; /* Number of uses. */
};

cache_t *cache_new(size_t room)
{
	cache_t *cache = calloc(1, sizeof(*cache));
	if (cache != NULL) {
		lock_init(&cache->lock, LOCK_LEAF);
		cache->slots = SLOTS_MIN;
		while (cache->slots < 2 * room && cache->slots < SLOTS_MAX) {
			cache->slots *= 2;
		}
	}
	return cache;
}

void cache_free(cache_t *cache)
{
	if (cache == NULL) {
		return;
	}
	for (size_t i = 0; cache->slot != NULL && i < cache->slots; i++) {
		free(cache->slot[i]);
	}
	free(cache->slot);
	lock_deinit(&cache->lock);
	free(cache);
}

static entry_t **ways(const cache_t *cache, uint64_t hash)
{
	return &cache->slot[(size_t)((hash ^ hash >> 29) * WAYS) & (cache->slots - 1)];
}

bool cache_get(cache_t *cache, uint64_t hash, const void *key, size_t key_len, const knot_mm_t *mm,
               uint8_t **value, size_t *len)
{
	bool found = false;
	lock_take(&cache->lock);
	entry_t **way = cache->slot == NULL ? NULL : ways(cache, hash);
	for (size_t i = 0; way != NULL && i < WAYS && !found; i++) {
		entry_t *has = way[i];
		if (has == NULL || has->hash != hash || has->key_len != key_len ||
		    memcmp(has->octets, key, key_len) != 0) {
			continue;
		}
		*value = compat_alloc(mm, has->len + 1);
		if (*value == NULL) {
			break;
		}
		has->used = ++cache->clock;
		memcpy(*value, has->octets + key_len, has->len);
		*len = has->len;
		found = true;
	}
	lock_give(&cache->lock);
	return found;
}

void cache_put(cache_t *cache, uint64_t hash, const void *key, size_t key_len, const void *value,
               size_t len)
{
	entry_t *new = malloc(sizeof(*new) + key_len + len), *old = NULL;
	if (new == NULL) {
		return;
	}
	*new = (entry_t){ .hash = hash, .key_len = key_len, .len = len };
	memcpy(new->octets, key, key_len);
	memcpy(new->octets + key_len, value, len);

	lock_take(&cache->lock);
	if (cache->slot == NULL) {
		cache->slot = calloc(cache->slots, sizeof(*cache->slot));
	}
	if (cache->slot != NULL) {
		entry_t **way = ways(cache, hash), **oldest = way;
		for (size_t i = 0; i < WAYS && *oldest != NULL; i++) {
			if (way[i] == NULL || way[i]->used < (*oldest)->used) {
				oldest = &way[i];
			}
		}
		old = *oldest;
		new->used = ++cache->clock;
		*oldest = new;
		new = NULL;
	}
	lock_give(&cache->lock);
	free(old);
	free(new);
}
