/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Owners of the CAA RRsets that decide for the hosts of a zone: a host, a name above it, or
 *        what it is an alias for.
 *
 * Resolvers ask for the target of an alias itself, too, and have to get the same RRset as
 * through the alias. An audit names the owners; a set outlives the reloads of its zone. Any
 * thread may call.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef struct targets targets_t;

/*!
 * \brief Creates an empty set.
 *
 * \return Set, to be freed by targets_free(); NULL if out of memory.
 */
targets_t *targets_new(void);

/*!
 * \brief Frees a set.
 *
 * \param[in] targets  Set or NULL.
 */
void targets_free(targets_t *targets);

/*!
 * \brief Tells whether a name is a target.
 *
 * \param[in] targets  Set.
 * \param[in] hash     Hash of the name.
 */
bool targets_has(targets_t *targets, uint64_t hash);

/*!
 * \brief Adds a target, or names it once more. Beyond a bound it is left out.
 *
 * \param[in] targets  Set.
 * \param[in] hash     Hash of the name.
 */
void targets_add(targets_t *targets, uint64_t hash);

/*!
 * \brief Begins an audit, which names all targets anew.
 */
void targets_begin(targets_t *targets);

/*!
 * \brief Ends the audit: forgets the targets that nobody has named since it began.
 *
 * \return True if none had to be left out.
 */
bool targets_end(targets_t *targets);
