/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The records of one zone, as far as an audit needs them, and what the server answers from
 *        them.
 *
 * A source pushes every record of the zone, in any order. The view keeps CAA,
 * CNAME, DNAME, NS, SOA, DNSKEY and the TXT records that may be
 * validations; of all others only that their owner exists, and whether it has
 * an address or other data. Signatures and
 * denials (DS, RRSIG, NSEC, NSEC3) are kept as far as the names that a CA asks
 * for need them, see caaudit_audit(). After caaudit_view_finish() the view
 * answers look-ups as the authoritative server would (RFC 1034 section 4.3.2,
 * RFC 4592, RFC 6672). A view belongs to one thread, look-ups included: they
 * sort what they come to.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/dname.h>

#include "caaudit/policy.h"

/*! Most aliases that a look-up follows: resolvers of CAs give up after as many. */
#define CAAUDIT_ALIASES_MAX 11

typedef struct caaudit_view caaudit_view_t;

/*! One record of class IN. A view keeps the place only of what it keeps the RDATA of. */
typedef struct {
	const knot_dname_t *owner; /*!< Lower case in records of a view, else any case. */
	const uint8_t *rdata;      /*!< Uncompressed; any octets. */
	uint32_t ttl;              /*!< Seconds. */
	uint16_t type;
	uint16_t rdlen;   /*!< Octets of \a rdata. */
	const char *file; /*!< File in which it stands; NULL if it comes from elsewhere. */
	uint64_t line;    /*!< Line in which it ends, from 1; 0 if it comes from elsewhere. */
} caaudit_record_t;

/*!
 * \brief Stored records of one owner and type, sorted by RDATA, without duplicates.
 *
 * They are unpacked and sorted inside of the view by the look-up that comes to
 * them first, so that no two threads may look up in one view.
 */
typedef struct {
	const caaudit_record_t *const *record;
	size_t count;
} caaudit_rrset_t;

/*! What the server answers for a name and type, one step of an alias chain. */
typedef enum {
	CAAUDIT_ANSWER,      /*!< The RRset is there. */
	CAAUDIT_NODATA,      /*!< The name exists, the type does not. */
	CAAUDIT_NXDOMAIN,    /*!< The name does not exist. */
	CAAUDIT_CNAME,       /*!< An alias: \a target. */
	CAAUDIT_DNAME,       /*!< A redirection: \a target is the substituted name. */
	CAAUDIT_DNAME_LONG,  /*!< The substituted name is too long (YXDOMAIN). */
	CAAUDIT_DELEGATED,   /*!< Not answered here: a zone cut at \a source. */
	CAAUDIT_OUTSIDE,     /*!< Not in this zone. */
	CAAUDIT_ALIASES_LONG /*!< More than CAAUDIT_ALIASES_MAX aliases, or a circle of them. */
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
 * \brief A question on its way along the aliases.
 *
 * Begin with caaudit_chain_begin(), which makes the first look-up, and go on
 * with caaudit_chain_follow() as long as that returns true.
 */
typedef struct {
	const caaudit_view_t *view;
	uint16_t type;
	unsigned aliases;        /*!< Followed so far. */
	knot_dname_storage_t at; /*!< Name that \a lookup is for, lower case. */
	caaudit_lookup_t
		lookup; /*!< The last answer; CAAUDIT_ALIASES_LONG if there were too many. */
} caaudit_chain_t;

/*!
 * \brief Creates an empty view.
 *
 * \param[in] policy  Finished policy of the zone, which tells what may be a validation; it must
 *                    stay as long as the view.
 *
 * \return View, to be freed by caaudit_view_free(); NULL if out of memory.
 */
caaudit_view_t *caaudit_view_new(const caaudit_policy_t *policy);

/*!
 * \brief Frees a view and all it holds.
 *
 * \param[in] view  View or NULL.
 */
void caaudit_view_free(caaudit_view_t *view);

/*!
 * \brief Adds one record.
 *
 * Records outside the zone are dropped, as the server does, but for a few CAA
 * records, which caaudit_audit() reports. What the view needs of a record is copied.
 *
 * \param[in] view    View, not yet finished.
 * \param[in] record  Record; its owner is a valid name in wire form.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory; the view must not be finished.
 */
int caaudit_view_add(caaudit_view_t *view, const caaudit_record_t *record);

/*!
 * \brief Notes that a part of the zone could not be read, so that nothing can be taken for absent.
 *
 * \param[in] view  View, in the first reading.
 */
void caaudit_view_set_partial(caaudit_view_t *view);

/*!
 * \brief Tells a view what other zones answer to the question for CAA at a name.
 *
 * A CA meets other zones where an alias leads out of the zone, at and below a cut, and above the
 * apex. Without their word a verdict is not known there, or ends at the apex. The first word
 * counts; of a name that the zone itself answers it is not asked for.
 *
 * \param[in] view    View, finished or not.
 * \param[in] name    Name that the CA asks for, any case: the alias, not its target.
 * \param[in] record  CAA records at the end of the answer, copied.
 * \param[in] count   Number of \a record; 0 = there is no CAA.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int caaudit_view_add_elsewhere(caaudit_view_t *view, const knot_dname_t *name,
                               const caaudit_record_t *record, size_t count);

/*!
 * \brief Ends a reading; after the first one look-ups are possible.
 *
 * Called once more it returns the same again.
 *
 * \param[in] view  View.
 *
 * \retval KNOT_EOK        on success.
 * \retval KNOT_ENOMEM     if out of memory, now or before.
 * \retval KNOT_ENOENT     if the zone has no SOA record at its apex.
 * \retval KNOT_EMALF      if a stored CNAME, DNAME, NS or SOA has malformed RDATA.
 * \retval KNOT_ESEMCHECK  if there is more than one SOA record at the apex.
 * \retval KNOT_EAGAIN     if the second reading has shown another SOA record than the first.
 */
int caaudit_view_finish(caaudit_view_t *view);

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
 * \brief Begins a question that follows aliases (RFC 1034 section 3.6.2, RFC 6672 section 3.1).
 *
 * \param[out] chain  Chain, with the answer for \a name itself.
 * \param[in]  view   Finished view.
 * \param[in]  name   Name, any case.
 * \param[in]  type   RR type.
 */
void caaudit_chain_begin(caaudit_chain_t *chain, const caaudit_view_t *view,
                         const knot_dname_t *name, uint16_t type);

/*!
 * \brief Follows one alias.
 *
 * \param[in,out] chain  Chain.
 *
 * \retval true   if \a chain has the answer for the next name.
 * \retval false  if the last answer is no alias, or if there are too many.
 */
bool caaudit_chain_follow(caaudit_chain_t *chain);

/*!
 * \brief Follows all the aliases of a question.
 *
 * \param[out] chain  Chain, with the last answer.
 * \param[in]  view   Finished view.
 * \param[in]  name   Name, any case.
 * \param[in]  type   RR type.
 *
 * \return The last answer.
 */
caaudit_answer_t caaudit_chain_end(caaudit_chain_t *chain, const caaudit_view_t *view,
                                   const knot_dname_t *name, uint16_t type);

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
 * \brief Tells whether a view holds all TXT records of a name: of most names it keeps none.
 *
 * \param[in] view  View.
 * \param[in] name  Owner in the zone, a wildcard as it is written; any case.
 */
bool caaudit_view_has_all_txt(const caaudit_view_t *view, const knot_dname_t *name);

/*!
 * \brief Gets the signatures over an RRset, for the names that a CA asks for and the apex.
 *
 * \param[in]  view   View of an audit.
 * \param[in]  owner  Owner in the zone, lower case.
 * \param[in]  type   Type that they cover: CAA, CNAME, DNAME, SOA, DS or DNSKEY.
 * \param[out] out    RRSIG records (RFC 4034 section 3), owned by the view.
 *
 * \return False if there may be others.
 */
bool caaudit_view_signatures(const caaudit_view_t *view, const knot_dname_t *owner, uint16_t type,
                             caaudit_rrset_t *out);

/*!
 * \brief Walks over the stored RRsets of one type, in an order that depends on
 *        the names only.
 *
 * It unpacks and sorts what it comes to, inside of the view: no two threads may
 * do so in one view.
 *
 * Most aliases are not worth a walk: of CNAME it shows the RRsets at owners that
 * begin with an underscore, those with the target of a validation of a known CA,
 * and those with a target that the policy expects.
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

/*!
 * \brief Writes down what a validation record says, in zone file form (RFC 1035 section 5.1).
 *
 * \param[in] type   KNOT_RRTYPE_CNAME or KNOT_RRTYPE_TXT.
 * \param[in] rdata  RDATA; that of a CNAME is a valid name.
 * \param[in] rdlen  Octets of \a rdata.
 *
 * \return Target in lower case, or the strings in quotes, printable, to be freed; NULL if out of
 *         memory.
 */
char *caaudit_rdata_text(uint16_t type, const uint8_t *rdata, uint16_t rdlen);
