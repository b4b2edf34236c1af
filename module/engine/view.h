/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief What a view shows to the engine alone, and its second reading. */

#pragma once

#include "caaudit/view.h"
#include "proofs.h"

/*! Finds what other zones answer to the question for CAA at a name in lower case, if it is known. */
bool view_elsewhere(const caaudit_view_t *view, const knot_dname_t *name, caaudit_rrset_t *out);

/*! Is a part of the zone missing? See caaudit_view_set_partial(). */
bool view_is_partial(const caaudit_view_t *view);

/*! Does a CAA RRset govern a name with an address or alias? Its owner is in the view. */
bool view_governs_host(const caaudit_view_t *view, const knot_dname_t *owner);

/*! Walks over CAA records outside the zone, at most a few; NULL at the end. */
const caaudit_record_t *view_outside(const caaudit_view_t *view, size_t pos);

/*!
 * \brief Goes from a name towards the apex, past names that exist and have no such RRset.
 *
 * A climb that looks up each name takes time with the square of the depth, this does not.
 *
 * \param[in] view  View, with all of the zone.
 * \param[in] name  Name in the zone.
 * \param[in] type  Type.
 *
 * \return The first name at which a look-up may say anything but NODATA, a part of \a name; the
 *         apex if there is none. \a name itself if it does not exist, or is hidden.
 */
const knot_dname_t *view_climb(const caaudit_view_t *view, const knot_dname_t *name, uint16_t type);

/*! Seconds for which resolvers may keep that a name does not exist (RFC 2308 section 5). */
uint32_t view_negative_ttl(const caaudit_view_t *view);

/*! Signatures and denials of a view; never NULL. */
proofs_t *view_proofs(const caaudit_view_t *view);

/*! Has a finished view a DNSKEY RRset at the apex? */
bool view_is_signed(const caaudit_view_t *view);

/*! Is there a signature over the SOA record? */
bool view_has_signed_soa(const caaudit_view_t *view);

/*! Gets the parameters of the NSEC3 chain that the server answers from; NULL if that is NSEC. */
const dnssec_nsec3_params_t *view_nsec3_params(const caaudit_view_t *view);

/*! Begins the second reading: until caaudit_view_finish() records go to the proofs alone. */
void view_read_again(caaudit_view_t *view);

/*! A change of a zone. */
typedef struct {
	const caaudit_record_t *const *wrong; /*!< Records of the view that go. */
	size_t wrong_count;
	const caaudit_record_t *right; /*!< CAA, CNAME or TXT record that comes, its owner in lower
	                                    case; NULL if there is none. */
} view_change_t;

/*!
 * \brief Lays changes over a view.
 *
 * The work grows with the square of their number: see overlay.h.
 *
 * \param[in] base    Finished view, which must stay.
 * \param[in] change  Changes, whose records must stay.
 * \param[in] count   Number of \a change.
 *
 * \return View, to be freed by caaudit_view_free(); NULL if out of memory.
 */
caaudit_view_t *view_patch(const caaudit_view_t *base, const view_change_t *change, size_t count);

/*!
 * \brief Walks over all aliases, as caaudit_view_next() does over most types.
 *
 * Aliases that changes have added are left out.
 */
bool view_next_alias(const caaudit_view_t *view, size_t *pos, caaudit_rrset_t *out);

/*! Has a name data that the view does not store? */
bool view_has_other_data(const caaudit_view_t *view, const knot_dname_t *name);

/*! Has a name data beside which no CNAME may stand? (RFC 1034 section 3.6.2) */
bool view_has_beside_cname(const caaudit_view_t *view, const knot_dname_t *name);

/*! Is a name below the apex there for the names below it alone? (RFC 4592 section 2.2.2) */
bool view_is_empty(const caaudit_view_t *view, const knot_dname_t *name);

/*!
 * \brief Gets a name that a wildcard answers for no longer if a record comes (RFC 4592 section 2.2.2).
 *
 * A new name makes its ancestors exist. Nobody asks for anything else where a validation stands.
 *
 * \param[in]  view      View.
 * \param[in]  owner     Owner of the record, lower case, in the zone.
 * \param[out] wildcard  Owner of the wildcard.
 * \param[out] encloser  What exists above \a owner; the names between go as well.
 *
 * \return The lowest of them, part of \a owner; NULL if there is none.
 */
const knot_dname_t *view_shadowed(const caaudit_view_t *view, const knot_dname_t *owner,
                                  knot_dname_storage_t wildcard, const knot_dname_t **encloser);

/*! Are there names below a name? A view with changes may say yes where they are gone. */
bool view_has_below(const caaudit_view_t *view, const knot_dname_t *name);
