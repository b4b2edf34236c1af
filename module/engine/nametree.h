/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The names that exist in a zone: eight octets a name, sixteen for one with names below it.
 *
 * A name is its hash, made from that of its parent, and so is found without
 * being stored. Names are appended while the zone is read, in runs with one
 * parent, and sorted when look-ups have become many; the radix sort saves a
 * tenth of the check of a large zone beside qsort(). Two names of one zone may
 * share a hash; whoever brings that about in his own zone gets a wrong answer
 * whether one of them exists.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*! What a name has; the lowest bits of its hash. */
#define NAME_OWNER 1 /*!< A record. */
#define NAME_HOST  2 /*!< An address or an alias, and no label that begins with an underscore. */
#define NAME_OTHER 4 /*!< A record that the view does not store. */
#define NAME_MASK  7
/*! Not in the hash: names below it. */
#define NAME_PARENT 8

/*! A name with names below it. */
typedef struct {
	uint64_t hash;
	uint64_t parent; /*!< Hash of its parent. */
} nametree_inner_t;

/*! Names with one parent. */
typedef struct {
	size_t start;    /*!< Of the first one. */
	uint64_t parent; /*!< Hash of the parent. */
} nametree_run_t;

/*! All zero is an empty tree. */
typedef struct {
	uint64_t *name; /*!< Hashes with what the name has. */
	size_t count;
	size_t size; /*!< Octets of \a name. */
	nametree_run_t *run;
	size_t run_count;
	size_t run_size; /*!< Octets of \a run. */
	nametree_inner_t *inner;
	size_t inner_count;
	size_t inner_size; /*!< Octets of \a inner. */
	unsigned scans;
	bool sorted;       /*!< \a name is, by hash and without repetitions. */
	bool inner_sorted; /*!< So is \a inner. */
} nametree_t;

/*! Notes that a name has names below it; false if out of memory. */
bool nametree_add_inner(nametree_t *tree, uint64_t hash, uint64_t parent);

/*! Begins a run of names with one parent; false if out of memory. */
bool nametree_begin_run(nametree_t *tree, uint64_t parent);

/*! Makes room for one more name; false if out of memory. */
bool nametree_grow(nametree_t *tree);

/*! Adds a name to the run; false if out of memory. */
static inline bool nametree_add(nametree_t *tree, uint64_t hash, uint64_t has)
{
	if (tree->count * sizeof(*tree->name) == tree->size && !nametree_grow(tree)) {
		return false;
	}
	tree->name[tree->count++] = (hash & ~(uint64_t)NAME_MASK) | has;
	return true;
}

/*! Notes what the name that was added last has as well. */
static inline void nametree_amend(nametree_t *tree, uint64_t has)
{
	tree->name[tree->count - 1] |= has;
}

/*! Finds what a name has, by its hash: NAME_* bits, 0 if the name does not exist. */
unsigned nametree_find(nametree_t *tree, uint64_t hash);

/*!
 * \brief Finds the names that govern a host: those of a list that are closest above one.
 *
 * A host that is in the list itself does not count.
 *
 * \param[in]  tree   Tree that nametree_find() has not sorted yet.
 * \param[in]  list   Hashes, sorted.
 * \param[in]  count  Number of \a list.
 * \param[out] found  Set to true for each that governs a host, else untouched.
 *
 * \retval true   on success.
 * \retval false  if out of memory.
 */
bool nametree_governors(nametree_t *tree, const uint64_t *list, size_t count, bool *found);

/*! Frees what a tree holds. */
void nametree_clear(nametree_t *tree);
