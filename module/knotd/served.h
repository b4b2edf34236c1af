/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief For zone files only: does the server serve what the file says?
 *
 * A zone file says what was written, not what is served. Knot DNS before 3.2.7 (Debian 12) has no
 * control socket that is safe to read, so there audits read zone files wherever no transfer is
 * permitted. Later versions read them with 'source: zonefile', or if nothing else can be read.
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "conf.h"

/*!
 * \brief Compares the serial of a zone file with the one that is served.
 *
 * \param[in]  access  How the server is asked; one that listens nowhere is not.
 * \param[in]  zone    Zone name.
 * \param[in]  serial  Serial of the zone file.
 * \param[out] why     Reason and remedy on an error.
 * \param[in]  size    Octets of \a why.
 *
 * \retval KNOT_EOK        if they are the same, or the server does not tell.
 * \retval KNOT_ENOZONE    if the zone is not served.
 * \retval KNOT_ESEMCHECK  if they differ.
 */
int served_check(const conf_access_t *access, const knot_dname_t *zone, uint32_t serial, char *why,
                 size_t size);
