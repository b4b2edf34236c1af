/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The records of one zone, as far as an audit needs them.
 *
 * A source pushes every record of the zone, in any order; the view keeps CAA,
 * CNAME, DNAME, NS, SOA, DNSKEY, NSEC3PARAM, wildcards and underscored names
 * whole, and of all the others only that their owner exists. Signatures and
 * denials (RRSIG, NSEC, NSEC3) are kept if the zone is small; of a large zone
 * those that concern the names that are wanted, see caaudit_view_want(). After
 * caaudit_view_finish() it answers look-ups as the authoritative server would
 * (RFC 1034 section 4.3.2, RFC 4592, RFC 6672). It is not thread safe, not even
 * when it is finished: what a look-up comes to is sorted then.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/dname.h>

typedef struct caaudit_view caaudit_view_t;

/*! One stored record; owned by the view. */
typedef struct {
	const knot_dname_t *owner; /*!< Lower case. */
	const uint8_t *rdata;      /*!< Uncompressed. */
	uint32_t ttl;              /*!< Seconds. */
	uint16_t type;
	uint16_t rdlen; /*!< Octets of \a rdata. */
} caaudit_record_t;

/*! Stored records of one owner and type, sorted by RDATA, without duplicates. */
typedef struct {
	const caaudit_record_t *const *record;
	size_t count;
} caaudit_rrset_t;

/*! What the server answers for a name and type, one step of an alias chain. */
typedef enum {
	CAAUDIT_ANSWER,     /*!< The RRset is there. */
	CAAUDIT_NODATA,     /*!< The name exists, the type does not. */
	CAAUDIT_NXDOMAIN,   /*!< The name does not exist. */
	CAAUDIT_CNAME,      /*!< An alias: \a target. */
	CAAUDIT_DNAME,      /*!< A redirection: \a target is the substituted name. */
	CAAUDIT_DNAME_LONG, /*!< The substituted name is too long (YXDOMAIN). */
	CAAUDIT_DELEGATED,  /*!< Not answered here: a zone cut at \a source. */
	CAAUDIT_OUTSIDE,    /*!< Not in this zone. */
} caaudit_answer_t;

/*! Result of a look-up. */
typedef struct {
	caaudit_answer_t answer;
	caaudit_rrset_t rrset;       /*!< For CAAUDIT_ANSWER, and the alias for the two aliases. */
	const knot_dname_t *source;  /*!< Owner in the zone that the answer comes from: the name
	                                 itself, a wildcard, a DNAME owner or a zone cut; NULL for
	                                 NODATA, NXDOMAIN and OUTSIDE. */
	bool wildcard;               /*!< \a source is a wildcard that was expanded. */
	knot_dname_storage_t target; /*!< Next name of an alias chain, lower case. */
} caaudit_lookup_t;

/*!
 * \brief Creates an empty view.
 *
 * \param[in] zone  Zone name, copied.
 *
 * \return View, to be freed by caaudit_view_free(); NULL if out of memory.
 */
caaudit_view_t *caaudit_view_new(const knot_dname_t *zone);

/*!
 * \brief Frees a view and all it holds.
 *
 * \param[in] view  View or NULL.
 */
void caaudit_view_free(caaudit_view_t *view);

/*!
 * \brief Wants the signatures and denials that concern a name, in a large zone as well.
 *
 * Names wanted before the first record is added are served best. Where an
 * alias at one of them leads in the zone is wanted by itself, but what of it
 * went by before is lost; see caaudit_view_again(). The view can be used
 * without; signatures are then checked in small zones only.
 *
 * \param[in] view  View, not yet finished.
 * \param[in] name  Name, any case; outside the zone it is ignored.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory; the view must not be finished.
 */
int caaudit_view_want(caaudit_view_t *view, const knot_dname_t *name);

/*!
 * \brief Wants TXT records.
 *
 * Of TXT records the view keeps those at names that begin with an underscore;
 * with this also those at wanted names, and those with the same text wherever
 * they stand.
 *
 * \param[in] view   View without any record.
 * \param[in] rdata  RDATA of a TXT record; how the text is divided into strings does not matter.
 * \param[in] rdlen  Octets of \a rdata.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory; the view must not be finished.
 */
int caaudit_view_want_txt(caaudit_view_t *view, const uint8_t *rdata, uint16_t rdlen);

/*!
 * \brief Wants CNAME records with a target.
 *
 * caaudit_view_next() shows of the aliases those that may be validations; with
 * this also those that lead to \a target, whatever their owner.
 *
 * \param[in] view    View without any record.
 * \param[in] target  Target, any case.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory; the view must not be finished.
 */
int caaudit_view_want_target(caaudit_view_t *view, const knot_dname_t *target);

/*!
 * \brief Adds one record of class IN.
 *
 * Records outside the zone are dropped, as the server does.
 *
 * \param[in] view   View, not yet finished.
 * \param[in] owner  Owner, any case, valid wire form.
 * \param[in] type   RR type.
 * \param[in] ttl    TTL in seconds.
 * \param[in] rdata  RDATA, uncompressed; any octets.
 * \param[in] rdlen  Octets of \a rdata.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory; the view must not be finished.
 */
int caaudit_view_add(caaudit_view_t *view, const knot_dname_t *owner, uint16_t type, uint32_t ttl,
                     const uint8_t *rdata, uint16_t rdlen);

/*!
 * \brief Ends the input, and makes look-ups possible.
 *
 * \param[in] view  View.
 *
 * \retval KNOT_EOK        on success.
 * \retval KNOT_ENOMEM     if out of memory, now or before.
 * \retval KNOT_ENOENT     if the zone has no SOA record at its apex.
 * \retval KNOT_EMALF      if a stored CNAME, DNAME, NS or SOA has malformed RDATA.
 * \retval KNOT_ESEMCHECK  if there is more than one SOA record at the apex.
 */
int caaudit_view_finish(caaudit_view_t *view);

/*!
 * \brief Begins again where a large zone has to be read twice.
 *
 * An alias may lead to a name whose signatures and denials had gone by before
 * the alias came. Whoever can read the zone once more puts it into the new
 * view, which wants that name from the beginning; else the view at hand is good
 * for all but these, which an audit tells as not checked.
 *
 * \param[in]  view  Finished view.
 * \param[out] out   Empty view, to be freed by caaudit_view_free(); NULL if nothing was missed.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int caaudit_view_again(const caaudit_view_t *view, caaudit_view_t **out);

/*!
 * \brief Gets the zone name.
 *
 * \param[in] view  View.
 *
 * \return Name in lower case, owned by the view.
 */
const knot_dname_t *caaudit_view_zone(const caaudit_view_t *view);

/*!
 * \brief Gets the serial of the SOA record.
 *
 * \param[in] view  Finished view.
 *
 * \return Serial.
 */
uint32_t caaudit_view_serial(const caaudit_view_t *view);

/*!
 * \brief Gets the number of records added, those outside the zone not counted.
 *
 * \param[in] view  View.
 *
 * \return Number of records.
 */
size_t caaudit_view_records(const caaudit_view_t *view);

/*!
 * \brief Answers for one name and type, without following an alias.
 *
 * \param[in]  view  Finished view.
 * \param[in]  name  Name, any case.
 * \param[in]  type  RR type.
 * \param[out] out   Result; what it points to is owned by the view.
 */
void caaudit_view_lookup(const caaudit_view_t *view, const knot_dname_t *name, uint16_t type,
                         caaudit_lookup_t *out);

/*!
 * \brief Gets the stored records of one owner and type, occluded or not.
 *
 * \param[in] view   Finished view.
 * \param[in] owner  Owner, any case.
 * \param[in] type   RR type.
 *
 * \return RRset, empty if there is none; owned by the view.
 */
caaudit_rrset_t caaudit_view_rrset(const caaudit_view_t *view, const knot_dname_t *owner,
                                   uint16_t type);

/*!
 * \brief Walks over the stored RRsets of one type, in an order that depends on
 *        the names only.
 *
 * Most aliases are not worth a walk: of CNAME it shows the RRsets at owners that
 * begin with an underscore, those with the target of a validation of a known CA,
 * and those with a target that is wanted, see caaudit_view_want_target().
 *
 * \param[in]     view  Finished view.
 * \param[in]     type  RR type.
 * \param[in,out] pos   Position, 0 at first.
 * \param[out]    out   RRset; owned by the view.
 *
 * \retval true   if \a out is set.
 * \retval false  if there is none left.
 */
bool caaudit_view_next(const caaudit_view_t *view, uint16_t type, size_t *pos,
                       caaudit_rrset_t *out);

/*!
 * \brief Finds what hides a name from the zone's answers.
 *
 * \param[in]  view  Finished view.
 * \param[in]  name  Name at or below the apex.
 * \param[out] type  KNOT_RRTYPE_NS for a zone cut at or above \a name,
 *                   KNOT_RRTYPE_DNAME for a redirection above it.
 *
 * \return Owner of the cut or DNAME, owned by the view; NULL if nothing hides it.
 */
const knot_dname_t *caaudit_view_occluded(const caaudit_view_t *view, const knot_dname_t *name,
                                          uint16_t *type);

/*!
 * \brief Finds whether a name exists, empty non-terminals included (RFC 4592 section 2.2).
 *
 * \param[in] view  Finished view.
 * \param[in] name  Name, any case.
 *
 * \retval true   if it exists in the zone's data.
 * \retval false  otherwise.
 */
bool caaudit_view_exists(const caaudit_view_t *view, const knot_dname_t *name);
