/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What a validator makes of signatures and denials (RFC 4035 section 5, RFC 5155 section 8).
 *
 * Pure: keys, records and the time come in, verdicts go out.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/dname.h>

#include "caaudit/policy.h"
#include "caaudit/view.h"
#include "proofs.h"

typedef struct keys keys_t;

/*! State of an RRset; the better the higher. */
typedef enum {
	SIGNED_NOT,         /*!< No signature over it. */
	SIGNED_WRONG,       /*!< None that a validator accepts: \a why. */
	SIGNED_EXPIRED,     /*!< The best one is right, but over. */
	SIGNED_UNSUPPORTED, /*!< No verdict: the library does not know the algorithm, or failed. */
	SIGNED_WELL,
} signed_t;

/*! What the signatures over an RRset are worth. */
typedef struct {
	signed_t state;
	const char *why; /*!< For SIGNED_WRONG: static text; of the best signature. */
	uint16_t tag;    /*!< Key tag of the best signature. */
	uint8_t algorithm;
	bool entry; /*!< A key with the SEP flag made one that is well (RFC 4034 section 2.1.1). */
	uint32_t inception;
	uint32_t expiration;
} signed_by_t;

/*! What the anchors make of the DNSKEY RRset (RFC 4035 section 5.2). */
typedef struct {
	enum {
		CHAIN_WHOLE,    /*!< An anchor leads to a key that signs the set. */
		CHAIN_BROKEN,   /*!< None does: \a why. */
		CHAIN_INSECURE, /*!< No anchor is of a known algorithm and digest. */
		CHAIN_OPEN, /*!< None does, but the library could not tell about \a algorithm. */
	} state;
	const char *why; /*!< Static text. */
	uint8_t algorithm;
	bool matched; /*!< If broken: an anchor stands for a key, whose signature is missing. */
	bool weak;    /*!< Only SHA-1 digests lead there (RFC 8624 section 3.3). */
} trust_t;

/*!
 * \brief Takes in the DNSKEY RRset of a zone; what is malformed is no key.
 *
 * \param[in] zone    Zone name.
 * \param[in] dnskey  DNSKEY RRset.
 * \param[in] memo    Signatures verified before, or NULL.
 *
 * \return Keys, to be freed by keys_free(); NULL if out of memory.
 */
keys_t *keys_new(const knot_dname_t *zone, caaudit_rrset_t dnskey, caaudit_memo_t *memo);

void keys_free(keys_t *keys);

/*!
 * \brief Tells about the algorithms of the keys that may sign.
 *
 * \param[in]  keys   Keys.
 * \param[out] weak   Weakest algorithm that must not be used any more, 0 if there is none.
 * \param[out] entry  A key has the SEP flag.
 *
 * \return true if one of them is none of those.
 */
bool keys_strong(const keys_t *keys, uint8_t *weak, bool *entry);

/*!
 * \brief Verifies the signatures over an RRset (RFC 4035 section 5.3).
 *
 * One good signature is enough, whatever the others are (RFC 6840 section
 * 5.11). At most 16 pairs of key and signature are tried, and nothing is that
 * does not fit into a message, so that nobody can make it work for long.
 *
 * \param[in]  keys  Keys; they are read when they are needed.
 * \param[in]  set   RRset of one owner.
 * \param[in]  sigs  RRSIG records over it.
 * \param[in]  now   Time.
 * \param[out] out   Verdict; that the library has none is SIGNED_UNSUPPORTED.
 *
 * \retval true   if \a out is set.
 * \retval false  if out of memory.
 */
bool keys_verify(keys_t *keys, caaudit_rrset_t set, caaudit_rrset_t sigs, uint64_t now,
                 signed_by_t *out);

/*!
 * \brief Follows the anchors to the DNSKEY RRset.
 *
 * Of each anchor at most 16 keys with its key tag are tried.
 *
 * \param[in]  keys    Keys.
 * \param[in]  anchor  Anchors, \a count of them, at least one.
 * \param[in]  set     DNSKEY RRset.
 * \param[in]  sigs    RRSIG records over it.
 * \param[in]  now     Time.
 * \param[out] out     Verdict.
 *
 * \retval true   if \a out is set.
 * \retval false  if out of memory.
 */
bool keys_follow(keys_t *keys, const caaudit_anchor_t *anchor, size_t count, caaudit_rrset_t set,
                 caaudit_rrset_t sigs, uint64_t now, trust_t *out);

/*! What one NSEC or NSEC3 says about a name and type. */
typedef enum {
	DENIES_NOT,     /*!< Nothing, or that the name or type is there. */
	DENIES_LIE,     /*!< It stands at the name and lists the type, or an alias or a cut. */
	DENIES_TYPE,    /*!< The name is there, the type is not; the NSEC or NSEC3 stands there. */
	DENIES_EMPTY,   /*!< The name is an empty non-terminal; the NSEC stands before it. */
	DENIES_NAME,    /*!< The name is not there. */
	DENIES_OPT_OUT, /*!< The name is not signed, whether it is there or not. */
} denial_t;

/*! Reads an NSEC (RFC 4034 section 4, RFC 6840 section 4.1). */
denial_t nsec_denies(const caaudit_record_t *nsec, const knot_dname_t *zone,
                     const knot_dname_t *name, uint16_t type);

/*! Reads an NSEC3 (RFC 5155 section 8). */
denial_t nsec3_denies(const caaudit_record_t *nsec3, const knot_dname_t *zone,
                      const uint8_t hash[NSEC3_HASH_SIZE], bool at_apex, uint16_t type);

/*! Does an NSEC3 stand at the hash, and can it be a closest encloser? (RFC 5155 section 8.3) */
bool nsec3_encloses(const caaudit_record_t *nsec3, const uint8_t hash[NSEC3_HASH_SIZE],
                    bool at_apex);
