/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief For zone files only: looks now and then whether a file that was audited has changed.
 *
 * Knot DNS before 3.2.7 (Debian 12) has no control socket that is safe to read, so there audits
 * read zone files wherever no transfer is permitted. Later versions read them with
 * 'source: zonefile', or if nothing else can be read.
 */

#pragma once

#include "zone.h"

/*!
 * \brief Lets the zone file of a zone be looked at. The schedule's lock is held.
 */
void filering_add(zone_t *zone);

/*!
 * \brief Ends that, if it is so. The schedule's lock is held.
 */
void filering_remove(zone_t *zone);

/*!
 * \brief Looks at the next zone files. The schedule's lock is held, and given back meanwhile.
 *
 * \param[in] now  Time.
 */
void filering_look(uint64_t now);
