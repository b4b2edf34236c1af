/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Makes and searches the index of a policy. */

#include <stdlib.h>

#include "engine/hash.h"
#include "index.h"

typedef struct index_item {
	uint64_t hash;
	const caaudit_expected_t *expected; /* NULL = a name above one. */
} item_t;

static int compare_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static int compare_items(const void *a, const void *b)
{
	const item_t *x = a, *y = b;
	return compare_u64(&x->hash, &y->hash);
}

static int compare_expected(const void *a, const void *b)
{
	const caaudit_expected_t *const *x = a, *const *y = b;
	return knot_dname_cmp((*x)->owner, (*y)->owner);
}

size_t index_list(const caaudit_policy_t *policy, size_t count, uint64_t **out)
{
	size_t zone_labels = knot_dname_labels(policy->zone, NULL), room = 0, listed = 0;
	for (size_t i = 0; i < count; i++) {
		const knot_dname_t *name = caaudit_policy_host(policy, i);
		room += name == NULL ? 0 : knot_dname_labels(name, NULL) - zone_labels + 1;
	}
	uint64_t *list = room == 0 ? NULL : malloc(room * sizeof(*list));
	*out = list;
	if (list == NULL) {
		return room == 0 ? 0 : SIZE_MAX;
	}
	for (size_t i = 0; i < count; i++) {
		const knot_dname_t *name = caaudit_policy_host(policy, i);
		if (name == NULL) {
			continue;
		}
		for (; knot_dname_labels(name, NULL) > zone_labels; name = index_parent(name)) {
			list[listed++] = hash_name(name);
		}
		list[listed++] = hash_name(name);
	}
	qsort(list, listed, sizeof(*list), compare_u64);
	return listed;
}

bool index_has(const uint64_t *list, size_t count, uint64_t hash)
{
	return count > 0 && bsearch(&hash, list, count, sizeof(hash), compare_u64) != NULL;
}

/* Tells whether one CNAME is expected at a name, and nothing beside it: else it is not clear
 * which record to answer with. */
static bool is_certain(const caaudit_expected_t **at, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (at[i]->target == NULL || !knot_dname_is_equal(at[i]->target, at[0]->target)) {
			return false;
		}
	}
	return true;
}

static void put_items(index_t *index, const caaudit_expected_t *expected, size_t zone_labels)
{
	const knot_dname_t *name = expected->owner;
	index->item[index->item_count++] = (item_t){ hash_name(name), expected };
	for (name = index_parent(name); knot_dname_labels(name, NULL) > zone_labels;
	     name = index_parent(name)) {
		index->item[index->item_count++] = (item_t){ .hash = hash_name(name) };
	}
}

static bool make_items(index_t *index, const caaudit_policy_t *policy)
{
	size_t zone_labels = knot_dname_labels(policy->zone, NULL), count = 0, labels = 0;
	const caaudit_expected_t **by_owner = calloc(policy->validation_count + 1,
	                                             sizeof(*by_owner));
	if (by_owner == NULL) {
		return false;
	}
	for (size_t i = 0; i < policy->validation_count; i++) {
		const caaudit_expected_t *expected = &policy->validation[i];
		if ((expected->target != NULL || expected->txt != NULL) &&
		    !knot_dname_is_equal(expected->owner, policy->zone)) {
			by_owner[count++] = expected;
			labels += knot_dname_labels(expected->owner, NULL) - zone_labels;
		}
	}
	qsort(by_owner, count, sizeof(*by_owner), compare_expected);
	index->item = calloc(labels + 1, sizeof(*index->item));
	for (size_t i = 0, next; index->item != NULL && i < count; i = next) {
		next = i + 1;
		while (next < count && compare_expected(&by_owner[i], &by_owner[next]) == 0) {
			next++;
		}
		if (is_certain(&by_owner[i], next - i)) {
			put_items(index, by_owner[i], zone_labels);
		}
	}
	free(by_owner);
	if (index->item != NULL) {
		qsort(index->item, index->item_count, sizeof(*index->item), compare_items);
	}
	return index->item != NULL;
}

index_t *index_new(caaudit_policy_t *policy)
{
	index_t *index = calloc(1, sizeof(*index));
	if (index == NULL) {
		return NULL;
	}
	index->owner_count = index_list(policy, policy->host_count + policy->validation_count,
	                                &index->owner);
	if (index->owner_count == SIZE_MAX || !make_items(index, policy)) {
		index_free(index);
		return NULL;
	}
	index->hash = index_hash(policy);
	index->policy = policy;
	return index;
}

void index_free(index_t *index)
{
	if (index != NULL) {
		free(index->owner);
		free(index->item);
		caaudit_policy_free(index->policy);
		free(index);
	}
}

uint64_t index_hash(const caaudit_policy_t *policy)
{
	uint64_t hash = HASH_SEED;
	for (size_t i = 0; i < policy->validation_count; i++) {
		const caaudit_expected_t *expected = &policy->validation[i];
		hash = hash_octets(hash, expected->owner, knot_dname_size(expected->owner));
		hash = hash_octets(hash, expected->txt != NULL ? "t" : "c", 1);
		if (expected->target != NULL) {
			hash = hash_octets(hash, expected->target,
			                   knot_dname_size(expected->target));
		}
	}
	return hash;
}

bool index_is_owner(const index_t *index, uint64_t hash)
{
	return index_has(index->owner, index->owner_count, hash);
}

index_kind_t index_find(const index_t *index, const knot_dname_t *name,
                        const caaudit_expected_t **out)
{
	const item_t key = { .hash = hash_name(name) };
	const item_t *at = bsearch(&key, index->item, index->item_count, sizeof(key),
	                           compare_items);
	if (at == NULL) {
		return INDEX_OTHER;
	}
	while (at > index->item && at[-1].hash == key.hash) {
		at--;
	}
	index_kind_t kind = INDEX_ABOVE;
	for (; at < index->item + index->item_count && at->hash == key.hash; at++) {
		if (at->expected != NULL && knot_dname_is_equal(at->expected->owner, name)) {
			*out = at->expected;
			kind = INDEX_EXPECTED;
		}
	}
	return kind;
}
