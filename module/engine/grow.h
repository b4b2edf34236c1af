/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Arrays that grow with the zone.
 *
 * Small ones come from malloc(). Large ones come from the system in huge pages
 * where it has them, since to make small pages, each when it is first touched,
 * takes longer than to fill them; they grow without being copied, and go back
 * to the system at once. That saves a tenth of the check of a large zone.
 */

#pragma once

#include <stddef.h>

/*!
 * \brief Makes an array larger, at least twice as large as it was.
 *
 * \param[in]     array  Array, or NULL for the first.
 * \param[in,out] size   Its octets, then those of the new one.
 * \param[in]     need   Octets that are needed.
 *
 * \return Array in place of the old one, to be freed by grow_free(); NULL if out of memory, then
 *         the old one stays.
 */
void *grow(void *array, size_t *size, size_t need);

/*! Frees an array of \a size octets; NULL is fine. */
void grow_free(void *array, size_t size);
