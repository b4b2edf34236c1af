/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The names of a zone as hashes: filled once, then asked. */

#include <stdlib.h>

#include "array.h"
#include "grow.h"
#include "nametree.h"

/*! Look-ups that search the names from end to end before it pays to sort them. */
#define SCANS_BEFORE_SORT 16
/*! So many names with names below them are sorted before they grow: they may be repeated. */
#define SQUEEZE_FROM (1 << 16)

/* --- Sorting ------------------------------------------------------------------------------- */

/*!
 * \brief Sorts elements of one or two words by the first word, its least significant octet first.
 *
 * \retval true   on success.
 * \retval false  if out of memory.
 */
static bool sort_words(uint64_t *array, size_t count, unsigned words)
{
	uint64_t *spare = malloc((count + 1) * words * sizeof(*spare));
	if (spare == NULL) {
		return false;
	}
	uint64_t *from = array, *to = spare;
	for (unsigned shift = 0; shift < 64; shift += 8) {
		size_t start[257] = { 0 };
		for (size_t i = 0; i < count; i++) {
			start[(from[i * words] >> shift & 255) + 1]++;
		}
		for (unsigned i = 1; i < 256; i++) {
			start[i] += start[i - 1];
		}
		for (size_t i = 0; i < count; i++) {
			size_t pos = start[from[i * words] >> shift & 255]++;
			for (unsigned j = 0; j < words; j++) {
				to[pos * words + j] = from[i * words + j];
			}
		}
		uint64_t *swap = from;
		from = to;
		to = swap;
	}
	free(spare); // After eight passes the elements are where they were at first.
	return true;
}

static bool sort_names(nametree_t *tree)
{
	if (!sort_words(tree->name, tree->count, 1)) {
		return false;
	}
	size_t kept = 0;
	for (size_t i = 0; i < tree->count; i++) {
		if (kept > 0 && (tree->name[kept - 1] ^ tree->name[i]) <= NAME_MASK) {
			tree->name[kept - 1] |= tree->name[i] & NAME_MASK;
		} else {
			tree->name[kept++] = tree->name[i];
		}
	}
	tree->count = kept;
	return true;
}

static bool sort_inner(nametree_t *tree)
{
	if (!sort_words((uint64_t *)tree->inner, tree->inner_count, 2)) {
		return false;
	}
	size_t kept = 0;
	for (size_t i = 0; i < tree->inner_count; i++) {
		if (kept == 0 || tree->inner[kept - 1].hash != tree->inner[i].hash) {
			tree->inner[kept++] = tree->inner[i];
		}
	}
	tree->inner_count = kept;
	return true;
}

/* --- Filling ------------------------------------------------------------------------------- */

bool nametree_add_inner(nametree_t *tree, uint64_t hash, uint64_t parent)
{
	size_t used = tree->inner_count * sizeof(*tree->inner);
	if (used == tree->inner_size) {
		// Owners in no order repeat their ancestors, and would fill the memory with them.
		if (tree->inner_count >= SQUEEZE_FROM) {
			if (!sort_inner(tree)) {
				return false;
			}
			used = tree->inner_count * sizeof(*tree->inner);
		}
		if (used > tree->inner_size / 2 || used == 0) {
			nametree_inner_t *grown = grow(tree->inner, &tree->inner_size,
			                               used + sizeof(*grown));
			if (grown == NULL) {
				return false;
			}
			tree->inner = grown;
		}
	}
	tree->inner[tree->inner_count++] = (nametree_inner_t){ hash, parent };
	return true;
}

bool nametree_begin_run(nametree_t *tree, uint64_t parent)
{
	size_t used = tree->run_count * sizeof(*tree->run);
	if (tree->run_count > 0 && tree->run[tree->run_count - 1].start == tree->count) {
		tree->run_count--; // No name has come.
	} else if (used == tree->run_size) {
		nametree_run_t *grown = grow(tree->run, &tree->run_size, used + sizeof(*grown));
		if (grown == NULL) {
			return false;
		}
		tree->run = grown;
	}
	tree->run[tree->run_count++] = (nametree_run_t){ tree->count, parent };
	return true;
}

bool nametree_grow(nametree_t *tree)
{
	size_t used = tree->count * sizeof(*tree->name);
	uint64_t *grown = grow(tree->name, &tree->size, used + sizeof(*grown));
	if (grown != NULL) {
		tree->name = grown;
	}
	return grown != NULL;
}

void nametree_clear(nametree_t *tree)
{
	grow_free(tree->name, tree->size);
	grow_free(tree->run, tree->run_size);
	grow_free(tree->inner, tree->inner_size);
}

/* --- Asking -------------------------------------------------------------------------------- */

/*! Position of a hash in a sorted list, compared without what the names have; \a count if it is not there. */
static size_t find_listed(const uint64_t *list, size_t count, uint64_t hash)
{
	size_t low = 0, high = count;
	ARRAY_SEARCH(low, high, (list[mid] & ~(uint64_t)NAME_MASK) < (hash & ~(uint64_t)NAME_MASK))
	return low < count && (list[low] ^ hash) <= NAME_MASK ? low : count;
}

static unsigned find_name(nametree_t *tree, uint64_t hash)
{
	unsigned has = 0;
	if (!tree->sorted && tree->scans++ >= SCANS_BEFORE_SORT) {
		tree->sorted = sort_names(tree);
	}
	if (!tree->sorted) {
		for (size_t i = 0; i < tree->count; i++) {
			has |= (tree->name[i] ^ hash) <= NAME_MASK ? tree->name[i] & NAME_MASK : 0;
		}
		return has;
	}
	size_t at = find_listed(tree->name, tree->count, hash);
	return at < tree->count ? tree->name[at] & NAME_MASK : 0;
}

/*! The name with names below it that has a hash, NULL if there is none. */
static const nametree_inner_t *find_inner(const nametree_t *tree, uint64_t hash)
{
	if (!tree->inner_sorted) {
		for (size_t i = 0; i < tree->inner_count; i++) {
			if (tree->inner[i].hash == hash) {
				return &tree->inner[i];
			}
		}
		return NULL;
	}
	size_t low = 0, high = tree->inner_count;
	ARRAY_SEARCH(low, high, tree->inner[mid].hash < hash)
	return low < tree->inner_count && tree->inner[low].hash == hash ? &tree->inner[low] : NULL;
}

unsigned nametree_find(nametree_t *tree, uint64_t hash)
{
	unsigned has = find_name(tree, hash & ~(uint64_t)NAME_MASK);
	if (!tree->inner_sorted && tree->scans >= SCANS_BEFORE_SORT) {
		tree->inner_sorted = sort_inner(tree);
	}
	return has | (find_inner(tree, hash) != NULL ? NAME_PARENT : 0);
}

/*! Position of the closest name at or above one that is in a list; \a count if there is none. */
static size_t find_closest(const nametree_t *tree, const uint64_t *list, size_t count,
                           uint64_t hash)
{
	size_t found;
	while ((found = find_listed(list, count, hash)) == count) {
		const nametree_inner_t *inner = find_inner(tree, hash);
		if (inner == NULL) {
			break; // The apex has no parent.
		}
		hash = inner->parent;
	}
	return found;
}

bool nametree_governors(nametree_t *tree, const uint64_t *list, size_t count, bool *found)
{
	tree->inner_sorted = tree->inner_sorted || sort_inner(tree);
	for (size_t i = 0; tree->inner_sorted && i < tree->run_count; i++) {
		size_t end = i + 1 < tree->run_count ? tree->run[i + 1].start : tree->count;
		size_t by = find_closest(tree, list, count, tree->run[i].parent);
		for (size_t j = tree->run[i].start; by < count && !found[by] && j < end; j++) {
			found[by] = (tree->name[j] & NAME_HOST) &&
			            find_listed(list, count, tree->name[j]) == count;
		}
	}
	return tree->inner_sorted;
}
