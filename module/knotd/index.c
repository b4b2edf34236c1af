/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Makes and searches the index of a policy. */

#include <stdlib.h>

#include "engine/array.h"
#include "engine/hash.h"
#include "engine/names.h"
#include "index.h"

static int compare_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

/* Adds the hashes of a name and of those above it, as long as they have so many labels. */
static bool add_names(uint64_t **list, size_t *count, const knot_dname_t *name, size_t least)
{
	for (size_t labels = knot_dname_labels(name, NULL); labels >= least;
	     labels--, name = name_parent(name)) {
		uint64_t *hash = array_extend(list, count, sizeof(*hash));
		if (hash == NULL) {
			return false;
		}
		*hash = hash_name(name);
		if (name[0] == 0) {
			break; /* The root has no name above it. */
		}
	}
	return true;
}

static void sort(uint64_t *list, size_t count)
{
	if (count > 1) {
		qsort(list, count, sizeof(*list), compare_u64);
	}
}

size_t index_list(const caaudit_policy_t *policy, uint64_t **out)
{
	size_t zone_labels = knot_dname_labels(policy->zone, NULL), count = 0;
	*out = NULL;
	for (size_t i = 0; i < policy->host_count; i++) {
		if (!add_names(out, &count, policy->host[i], zone_labels)) {
			free(*out);
			*out = NULL;
			return SIZE_MAX;
		}
	}
	sort(*out, count);
	return count;
}

bool index_has(const uint64_t *list, size_t count, uint64_t hash)
{
	return count > 0 && bsearch(&hash, list, count, sizeof(hash), compare_u64) != NULL;
}

/* Finds the CNAME that is expected at a name; NULL unless it is one, and nothing beside it: else
 * it is not clear which record to answer with. */
static const caaudit_expected_t *find_certain(const caaudit_policy_t *policy,
                                              const knot_dname_t *name)
{
	const caaudit_expected_t *found = NULL;
	const caaudit_mention_t *mention;
	for (size_t pos = 0; (mention = caaudit_policy_find(policy, name, &pos)) != NULL;) {
		if (mention->role != CAAUDIT_NAME_EXPECTED) {
			continue;
		}
		const caaudit_expected_t *expected = &policy->validation[mention->nth];
		if (expected->txt != NULL ||
		    (expected->target != NULL && found != NULL &&
		     !knot_dname_is_equal(expected->target, found->target))) {
			return NULL;
		}
		found = expected->target != NULL ? expected : found;
	}
	return found;
}

index_t *index_new(caaudit_policy_t *policy)
{
	index_t *index = calloc(1, sizeof(*index));
	if (index == NULL) {
		return NULL;
	}
	size_t below_zone = knot_dname_labels(policy->zone, NULL) + 1;
	for (size_t i = 0; i < policy->validation_count; i++) {
		const knot_dname_t *owner = policy->validation[i].owner;
		if (!knot_dname_is_equal(owner, policy->zone) &&
		    find_certain(policy, owner) != NULL &&
		    !add_names(&index->above, &index->above_count, name_parent(owner),
		               below_zone)) {
			index_free(index);
			return NULL;
		}
	}
	sort(index->above, index->above_count);
	index->hash = index_hash(policy);
	index->policy = policy;
	return index;
}

void index_free(index_t *index)
{
	if (index != NULL) {
		free(index->above);
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

bool index_is_host(const index_t *index, const knot_dname_t *name)
{
	const caaudit_mention_t *mention;
	for (size_t pos = 0; (mention = caaudit_policy_find(index->policy, name, &pos)) != NULL;) {
		if (mention->role == CAAUDIT_NAME_HOST) {
			return true;
		}
	}
	return false;
}

index_kind_t index_find(const index_t *index, const knot_dname_t *name,
                        const caaudit_expected_t **out)
{
	if (!knot_dname_is_equal(name, index->policy->zone)) {
		*out = find_certain(index->policy, name);
		if (*out != NULL) {
			return INDEX_EXPECTED;
		}
	}
	return index_has(index->above, index->above_count, hash_name(name)) ? INDEX_ABOVE :
	                                                                      INDEX_OTHER;
}
