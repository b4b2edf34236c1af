/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Validation files, each parsed once and held once for all the zones that share it.
 *
 * Without that, a file with a line for each of the server's zones would take time that grows
 * with the square of their number, in the audits and, with synthesis, while the server starts
 * or reloads. Any thread may call.
 */

#pragma once

#include <stddef.h>

#include "caaudit/policy.h"

/*! A validation file as it was read, never changed afterwards. */
typedef struct validations validations_t;

/*! A file that zones share: what it said when it was read last. */
typedef struct validations_shared validations_shared_t;

/*!
 * \brief Gets the place for a file that all zones with one path share.
 *
 * \param[in] pattern  Path, with the formatters of 'zone.file'.
 *
 * \return Place, to be given back by validations_unshare(). NULL if each zone has a file of its
 *         own, and if memory is out: then each zone reads the file for itself.
 */
validations_shared_t *validations_share(const char *pattern);

/*!
 * \brief Gives a place back, and what it holds with the last reference.
 *
 * \param[in] shared  Place or NULL.
 */
void validations_unshare(validations_shared_t *shared);

/*!
 * \brief Adds the records of a validation file to the policy of a zone.
 *
 * A file that has not changed since it was read is not read again. If it cannot be used, the
 * records of the file that the zone has used last are added; if there is none, the policy says
 * that it is partial.
 *
 * \param[in]     pattern  Path, with the formatters of 'zone.file'.
 * \param[in]     shared   Place of this path, or NULL.
 * \param[in]     policy   Policy.
 * \param[in,out] used     File that the zone has used last, or NULL; to be freed by
 *                         validations_unref(). One caller at a time.
 * \param[out]    why      Why the file cannot be used, and what is expected instead; else empty.
 * \param[in]     size     Octets of \a why.
 *
 * \retval KNOT_EOK     on success, even if the file cannot be used.
 * \retval KNOT_ENOMEM  if out of memory; then only \a policy may have changed.
 */
int validations_add(const char *pattern, validations_shared_t *shared, caaudit_policy_t *policy,
                    validations_t **used, char *why, size_t size);

/*!
 * \brief Gives a reference to a file back.
 *
 * \param[in] file  File or NULL.
 */
void validations_unref(validations_t *file);
