/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Changes laid over a view: the RRsets and names that differ.
 *
 * Made for the cures of one audit: an RRset or a name is searched for among all
 * that were changed before, so that the work grows with the square of their
 * number, which caaudit_policy_t.cure_limit bounds.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caaudit/view.h"

/*! An RRset that differs. */
typedef struct {
	uint64_t hash;             /*!< Of the owner. */
	const knot_dname_t *owner; /*!< Lower case. */
	uint16_t type;
	bool fresh;          /*!< The view has no RRset of this owner and type. */
	caaudit_rrset_t set; /*!< Empty if all its records are gone. */
} overlay_set_t;

/*! A name of which something else is known. */
typedef struct {
	uint64_t hash;
	unsigned has; /*!< NAME_* bits of nametree.h. */
} overlay_name_t;

/*! All zero is no change. */
typedef struct {
	overlay_set_t *set; /*!< As they came; by hash, type and owner after overlay_sort_sets(). */
	size_t set_count;
	overlay_name_t *name; /*!< Sorted by hash at any time. */
	size_t name_count;
} overlay_t;

/*!
 * \brief Adds a record to an RRset, or takes it away.
 *
 * \param[in] overlay  Overlay, not yet sorted.
 * \param[in] hash     Hash of the owner.
 * \param[in] base     RRset of the view.
 * \param[in] record   Record, which must stay; its owner in lower case.
 * \param[in] add      Add it, if it is not there; else take it away.
 *
 * \retval true   on success.
 * \retval false  if out of memory.
 */
bool overlay_change(overlay_t *overlay, uint64_t hash, caaudit_rrset_t base,
                    const caaudit_record_t *record, bool add);

/*! Sets what a name has; false if out of memory. The last word counts. */
bool overlay_note(overlay_t *overlay, uint64_t hash, unsigned has);

/*! Sorts RRsets for overlay_find(); may be called again. */
void overlay_sort_sets(overlay_t *overlay);

/*! Finds an RRset that differs, NULL if it does not. */
const overlay_set_t *overlay_find(const overlay_t *overlay, uint64_t hash,
                                  const knot_dname_t *owner, uint16_t type);

/*! Finds a name of which something else is known, NULL if there is none. */
const overlay_name_t *overlay_find_name(const overlay_t *overlay, uint64_t hash);

/*! Frees what an overlay holds. */
void overlay_clear(overlay_t *overlay);
