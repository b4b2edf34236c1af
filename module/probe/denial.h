/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What an answer shows of the tree of names: wildcards, and zones below.
 */

#pragma once

#include "probe.h"

/*!
 * \brief Finds the name that exists, of an answer that a name exists and its type does not.
 *
 * Without NSEC or NSEC3 nobody can tell, and the name stands for itself.
 *
 * \param[in]  zone    Zone name.
 * \param[in]  answer  NODATA answer.
 * \param[in]  name    Name that it is about, the end of a chain of aliases.
 * \param[out] out     Room for a wildcard.
 *
 * \return \a name or \a out.
 */
const knot_dname_t *denial_place(const knot_dname_t *zone, const probe_answer_t *answer,
                                 const knot_dname_t *name, knot_dname_storage_t out);

/*!
 * \brief Gets the zone below the one asked about that a record of an answer tells of.
 *
 * \param[in] zone    Zone name.
 * \param[in] answer  Answer of PROBE_SAID_REFERRAL.
 * \param[in] record  One of its records: NS of a referral, SOA or the signer's name of a child.
 *
 * \return Name within the record, or NULL.
 */
const knot_dname_t *denial_cut(const knot_dname_t *zone, const probe_answer_t *answer,
                               const caaudit_record_t *record);
