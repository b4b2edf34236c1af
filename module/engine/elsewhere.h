/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Keeps what other zones say: the CAA RRsets that a CA meets outside a view. */

#pragma once

#include <stdbool.h>

#include "caaudit/view.h"
#include "namemap.h"

typedef struct elsewhere_set elsewhere_set_t;

/*! All zero is empty. */
typedef struct {
	namemap_t index;      /*!< Of the names asked for: number of the set, and 1 more. */
	elsewhere_set_t *set; /*!< NULL while there is none. */
	size_t count;
} elsewhere_t;

/*!
 * \brief Keeps what is answered to the question for CAA at a name; the first word counts.
 *
 * \param[in] elsewhere  Where to keep it.
 * \param[in] name       Name asked for, lower case.
 * \param[in] record     Records, copied with what they point to.
 * \param[in] count      Number of \a record; 0 = there is no CAA.
 *
 * \retval true   on success.
 * \retval false  if out of memory.
 */
bool elsewhere_add(elsewhere_t *elsewhere, const knot_dname_t *name, const caaudit_record_t *record,
                   size_t count);

/*! Finds that RRset for a name in lower case, empty if there is no CAA; false if not known. */
bool elsewhere_find(const elsewhere_t *elsewhere, const knot_dname_t *name, caaudit_rrset_t *out);

/*! Frees what is kept. */
void elsewhere_clear(elsewhere_t *elsewhere);
