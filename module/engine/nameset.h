/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The names that exist in a zone, as a set of hashes: eight octets a name.
 *
 * Hashes are appended while the zone is read, and sorted when look-ups have
 * become many. The radix sort saves a tenth of the check of a large zone beside
 * qsort(). Two names of one zone may share a hash; whoever brings that about in
 * his own zone gets a wrong answer whether one of them exists.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*! All zero is an empty set. */
typedef struct {
	uint64_t *hash;
	size_t count;
	size_t size;     /*!< Octets of \a hash. */
	size_t repeated; /*!< So many may be in the set already. */
	unsigned scans;
	bool sorted;
} nameset_t;

/*!
 * \brief Adds a hash.
 *
 * \param[in] set       Set that nobody has asked yet.
 * \param[in] hash      Hash.
 * \param[in] repeated  The hash may be in the set already, as that of an ancestor.
 *
 * \retval true   on success.
 * \retval false  if out of memory.
 */
bool nameset_add(nameset_t *set, uint64_t hash, bool repeated);

/*! Is there room for one more hash? Then nameset_add() cannot fail. */
static inline bool nameset_has_room(const nameset_t *set)
{
	return set->count * sizeof(*set->hash) < set->size;
}

/*!
 * \brief Finds a hash.
 *
 * \param[in] set   Set.
 * \param[in] hash  Hash.
 *
 * \return True if it has been added.
 */
bool nameset_has(nameset_t *set, uint64_t hash);

/*! Frees what a set holds. */
void nameset_clear(nameset_t *set);
