/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The second reading of a view, which keeps signatures and denials.
 */

#pragma once

#include "caaudit/view.h"
#include "proofs.h"

/*! Signatures and denials of a view; never NULL. */
proofs_t *view_proofs(const caaudit_view_t *view);

/*! Has a finished view a DNSKEY RRset at the apex? */
bool view_is_signed(const caaudit_view_t *view);

/*! Is there a signature over the SOA record? */
bool view_has_signed_soa(const caaudit_view_t *view);

/*!
 * \brief Gets the parameters of the NSEC3 chain that the server answers from.
 *
 * \param[in] view  Finished view.
 *
 * \return Parameters, owned by the view; NULL if it answers from NSEC.
 */
const dnssec_nsec3_params_t *view_nsec3_params(const caaudit_view_t *view);

/*!
 * \brief Begins the second reading: from now on records go to the proofs alone.
 *
 * \param[in] view  Finished view.
 */
void view_read_again(caaudit_view_t *view);

/*!
 * \brief Ends the second reading.
 *
 * \param[in] view  View.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_EAGAIN  if there was another SOA record than in the first reading, or none.
 * \retval KNOT_ENOMEM  if out of memory, now or before.
 */
int view_finish_again(caaudit_view_t *view);
