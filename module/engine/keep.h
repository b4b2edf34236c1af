/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What a view keeps of signatures and denials (RRSIG, NSEC, NSEC3).
 *
 * Up to a limit everything. Beyond it only what concerns the names that are
 * wanted: the signatures at the name, and of each chain (RFC 4034 section 4,
 * RFC 5155 section 3) the record at the name or the closest before it, which is
 * the one that a server answers with. So the memory grows with the number of
 * wanted names and not with the zone. To keep a record costs time, so that in
 * the usual order of a zone one is kept only if it reaches a wanted name.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/dname.h>

#include "caaudit/view.h"

/*! Octets of an NSEC3 hash; SHA-1 is the only algorithm (RFC 5155 section 11). */
#define KEEP_HASH_SIZE 20
/*! Work on hashes for one zone, in blocks of SHA-1: about a second. A salt may fill many blocks, and
    whoever owns a zone may have aliases lead to names with many labels. */
#define KEEP_WORK_MAX 2000000
/*! Hash iterations beyond which no validator looks at an NSEC3 (RFC 9276 section 3.2). */
#define KEEP_ITERATIONS_MAX 150

typedef struct keep keep_t;

/*! NSEC3 parameters (RFC 5155 section 3.1). */
typedef struct {
	uint8_t algorithm;
	uint8_t salt_len;
	uint16_t iterations;
	const uint8_t *salt;
} nsec3_params_t;

/*! Records of one owner in a chain, and the signatures over them. */
typedef struct {
	caaudit_rrset_t set; /*!< Empty if there is none at or before the name. */
	caaudit_rrset_t sigs;
	bool sure; /*!< What is not here is not in the zone. */
} kept_t;

/*! Creates an empty store for the records of a zone; NULL if out of memory. */
keep_t *keep_new(const knot_dname_t *zone);

void keep_free(keep_t *keep);

/*!
 * \brief Wants all that concerns one name.
 *
 * \param[in] keep  Store, not yet finished.
 * \param[in] name  Name in lower case.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int keep_want(keep_t *keep, const knot_dname_t *name);

/*! Is the name wanted? In lower case. */
bool keep_wanted(keep_t *keep, const knot_dname_t *name);

/*! Walks over the wanted names; NULL at the end. */
const knot_dname_t *keep_next(keep_t *keep, size_t pos);

/*!
 * \brief Adds a DS, NSEC, NSEC3 or RRSIG record.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ELIMIT  if the limit is reached: keep_thin(), and add it once more.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int keep_add(keep_t *keep, const knot_dname_t *owner, uint16_t type, uint32_t ttl,
             const uint8_t *rdata, uint16_t rdlen);

/*! Drops what no wanted name needs, now and from now on. */
int keep_thin(keep_t *keep);

/*! Has it been thinned? */
bool keep_is_thin(const keep_t *keep);

/*! May records that concern the name have been dropped before it was wanted? In lower case. */
bool keep_missed(const keep_t *keep, const knot_dname_t *name);

/*! Ends the input. */
int keep_finish(keep_t *keep);

/*!
 * \brief Gets the signatures at an owner over one type; not for NSEC and NSEC3. Of DS the records
 *        as well.
 *
 * \param[in]  keep     Finished store.
 * \param[in]  owner    Owner in lower case.
 * \param[in]  covered  Type covered.
 * \param[out] out      Signatures in \a sigs; DS in \a set, for other types it stays empty.
 */
void keep_signatures(const keep_t *keep, const knot_dname_t *owner, uint16_t covered, kept_t *out);

/*! Gets the NSEC at a name or the closest before it (RFC 4034 section 6.1), if it may reach the name. */
void keep_nsec(const keep_t *keep, const knot_dname_t *name, kept_t *out);

/*! Gets the NSEC3 at a hash or the closest before it, around the end of the chain, if it may reach it. */
void keep_nsec3(const keep_t *keep, const uint8_t hash[KEEP_HASH_SIZE],
                const nsec3_params_t *params, kept_t *out);

/*! Reads the parameters at the beginning of NSEC3 or NSEC3PARAM RDATA; false if malformed. */
bool nsec3_params(const uint8_t *rdata, size_t rdlen, nsec3_params_t *out);

/*! Work of one hash, see KEEP_WORK_MAX. */
uint64_t nsec3_work(const nsec3_params_t *params);

/*! Does an NSEC3 or NSEC3PARAM have these parameters? */
bool nsec3_params_equal(const nsec3_params_t *a, const nsec3_params_t *b);

/*!
 * \brief Hashes a name (RFC 5155 section 5).
 *
 * \retval true   if \a hash is set.
 * \retval false  if the parameters are not supported, or memory is out.
 */
bool nsec3_hash(const nsec3_params_t *params, const knot_dname_t *name,
                uint8_t hash[KEEP_HASH_SIZE]);

/*! Decodes the hash in the first label of an NSEC3 owner (RFC 4648 section 7). */
bool nsec3_owner_hash(const knot_dname_t *owner, uint8_t hash[KEEP_HASH_SIZE]);

/*! Type that an RRSIG covers, 0 if it is malformed (RFC 4034 section 3.1). */
static inline uint16_t rrsig_covered(const uint8_t *rdata, size_t rdlen)
{
	return rdlen > 18 ? (uint16_t)(rdata[0] << 8 | rdata[1]) : 0;
}
