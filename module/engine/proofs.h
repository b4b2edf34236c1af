/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The signatures and denials of a zone that a CA meets (DS, RRSIG, NSEC, NSEC3).
 *
 * Of a zone only those are selected that concern wanted names: the signatures
 * and the DS at a name, and of the chain (RFC 4034 section 4, RFC 5155 section 3)
 * the record at the name or the closest before it, which is the one that a
 * server answers with, and the signatures over it.
 *
 * Which names a CA asks for shows after the first reading, since aliases lead on.
 * Until then up to 16 MiB are kept, and selected from. A larger zone is selected
 * from at once with the names that are foreseen; only if others have become
 * wanted at the end, it is read once more. That saves half of the time where no
 * host is an alias.
 *
 *     proofs_add() ...                    first reading; if KNOT_ELIMIT:
 *         proofs_want() ...                   names that are foreseen
 *         proofs_foresee()
 *     proofs_want() ...                   all names
 *     proofs_select()                     if KNOT_EAGAIN:
 *         proofs_add() ...                    second reading
 *         proofs_finish()
 *     proofs_at(), proofs_denial()
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libdnssec/nsec.h>

#include "caaudit/view.h"

/*! Octets of an NSEC3 hash; SHA-1 is the only algorithm (RFC 5155 section 11). */
#define NSEC3_HASH_SIZE 20
/*! Hash iterations beyond which no validator looks at an NSEC3 (RFC 9276 section 3.2). */
#define NSEC3_ITERATIONS_MAX 150

typedef struct proofs proofs_t;

/*! Records of one owner, and the signatures over them. */
typedef struct {
	caaudit_rrset_t set;
	caaudit_rrset_t sigs;
	const char *gap; /*!< NULL: the zone has no others. Else why records may be missing here. */
} proof_t;

/*! Creates a store for a zone, whose name must stay; NULL if out of memory. */
proofs_t *proofs_new(const knot_dname_t *zone);

/*! Frees a store; NULL is fine. */
void proofs_free(proofs_t *proofs);

/*!
 * \brief Takes a record: keeps it, or selects it.
 *
 * \param[in] proofs  Store.
 * \param[in] record  Record of the zone of any type; most are of no concern.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ELIMIT  if no more can be kept: proofs_foresee(), and add the record once more.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int proofs_add(proofs_t *proofs, const caaudit_record_t *record);

/*!
 * \brief Wants all that concerns an answer for a name: its ancestors and the wildcards that may
 *        answer for it are wanted as well.
 *
 * \param[in] proofs  Store.
 * \param[in] name    Name in the zone, lower case.
 *
 * \retval true   on success.
 * \retval false  if out of memory.
 */
bool proofs_want(proofs_t *proofs, const knot_dname_t *name);

/*!
 * \brief Selects from now on what concerns the names that are wanted so far, and keeps no more.
 *
 * \param[in] proofs  Store, full.
 * \param[in] params  Parameters of the NSEC3 chain as far as they are known, copied; NULL for NSEC.
 *
 * \retval true   on success.
 * \retval false  if out of memory.
 */
bool proofs_foresee(proofs_t *proofs, const dnssec_nsec3_params_t *params);

/*!
 * \brief Ends the first reading and the wanted names.
 *
 * \param[in] proofs  Store.
 * \param[in] params  Parameters of the NSEC3 chain, copied; NULL for NSEC.
 *
 * \retval KNOT_EOK     if the store is finished.
 * \retval KNOT_EAGAIN  if the zone must be read again.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int proofs_select(proofs_t *proofs, const dnssec_nsec3_params_t *params);

/*! Ends the second reading; false if out of memory. */
bool proofs_finish(proofs_t *proofs);

/*! Gives the second reading up: every proof has a gap from now on, for this reason. */
void proofs_give_up(proofs_t *proofs, const char *why);

/*!
 * \brief Gets the signatures at a wanted name over one type; not for NSEC and NSEC3.
 *
 * \param[in]  proofs   Finished store.
 * \param[in]  owner    Owner in lower case.
 * \param[in]  covered  Type covered.
 * \param[out] out      Signatures in \a sigs. For KNOT_RRTYPE_DS the DS RRset in \a set.
 */
void proofs_at(const proofs_t *proofs, const knot_dname_t *owner, uint16_t covered, proof_t *out);

/*!
 * \brief Gets the NSEC or NSEC3 at a wanted name or the closest before it (RFC 4034 section 6.1),
 *        with NSEC3 around the end of the chain.
 *
 * \param[in]  proofs  Finished store.
 * \param[in]  name    Name in lower case.
 * \param[out] out     Proof; \a set is empty if there is none.
 * \param[out] hash    With NSEC3 the hash of the name, unless \a out has a gap.
 */
void proofs_denial(const proofs_t *proofs, const knot_dname_t *name, proof_t *out,
                   uint8_t hash[NSEC3_HASH_SIZE]);

/*! Octets of RRSIG RDATA before the signer's name (RFC 4034 section 3.1). */
#define RRSIG_FIXED 18
/*! Octets of NSEC3 RDATA before the salt (RFC 5155 section 3.2). */
#define NSEC3_FIXED 5

/*! Type that an RRSIG covers, 0 if it is malformed (RFC 4034 section 3.1). */
static inline uint16_t rrsig_covered(const uint8_t *rdata, size_t rdlen)
{
	return rdlen > RRSIG_FIXED ? (uint16_t)(rdata[0] << 8 | rdata[1]) : 0;
}

/*! Decodes the hash in the first label of an NSEC3 owner (RFC 4648 section 7); false if it is none. */
bool nsec3_owner_hash(const knot_dname_t *owner, uint8_t hash[NSEC3_HASH_SIZE]);
