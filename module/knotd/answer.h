/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Changes an answer that the server has put together: a CAA RRset is replaced, a CNAME added.
 *
 * How an answer comes about (Knot DNS 3.2 to 3.5): PREANSWER hooks, the look-up with aliases
 * followed, the RRSIGs of the answer section, ANSWER hooks, AUTHORITY, ADDITIONAL. An ANSWER hook
 * sees the complete answer section, and it is what the live zone says.
 *
 * The last RRset but RRSIGs is the one that decides. The packet is wound back to where that RRset
 * begins, and written anew from there. Nothing is wound back before everything that can fail has
 * been done.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <knot/module.h>
#include <libknot/libknot.h>

/*! The answer section from the CAA RRset on. */
typedef struct {
	knot_pkt_t *pkt;
	uint16_t at;                /*!< Index of the CAA RRset. */
	uint16_t rest;              /*!< RRsets after it, all of them RRSIGs. */
	uint16_t pos;               /*!< Offset of the CAA RRset. */
	uint16_t hint;              /*!< Offset that its owner points to, 0 if it is written out. */
	knot_dname_storage_t owner; /*!< Its owner in the answer, lower case. */
	knot_rrset_t *rr;           /*!< Copies of the RRsets after it, see answer_save(). */
	knot_rrinfo_t *info;
} answer_t;

/*!
 * \brief Finds the CAA RRset that ends the answer's chain of aliases.
 *
 * \param[in]  pkt  Answer.
 * \param[out] out  The answer from there on.
 *
 * \return False if there is none.
 */
bool answer_find(knot_pkt_t *pkt, answer_t *out);

/*!
 * \brief Gets the CAA RRset.
 */
static inline const knot_rrset_t *answer_caa(const answer_t *answer)
{
	return &answer->pkt->rr[answer->at];
}

/*!
 * \brief Gets the RRSIGs over the CAA RRset.
 *
 * \return RRset or NULL.
 */
const knot_rrset_t *answer_rrsig(const answer_t *answer);

/*!
 * \brief Copies what comes after the CAA RRset; answer_replace() overwrites it.
 *
 * \return False if out of memory.
 */
bool answer_save(answer_t *answer);

/*!
 * \brief Replaces the CAA RRset and the RRSIGs over it, after answer_save().
 *
 * \param[in] answer  Answer.
 * \param[in] state   State of the answer.
 * \param[in] qdata   Query.
 * \param[in] set     RRset in the packet's memory; it becomes the packet's.
 * \param[in] rrsig   RRSIGs over it, if the answer has any; the same.
 * \param[in] rotate  The server rotates records.
 *
 * \return State of the new answer.
 */
knotd_in_state_t answer_replace(answer_t *answer, knotd_in_state_t state, knotd_qdata_t *qdata,
                                knot_rrset_t *set, knot_rrset_t *rrsig, bool rotate);

/*!
 * \brief Adds a CNAME for a name that does not exist.
 *
 * \param[in] pkt     Answer.
 * \param[in] qdata   Query.
 * \param[in] owner   Owner, copied.
 * \param[in] target  Target, copied.
 * \param[in] ttl     TTL in seconds.
 *
 * \return State of the new answer.
 */
knotd_in_state_t answer_cname(knot_pkt_t *pkt, knotd_qdata_t *qdata, const knot_dname_t *owner,
                              const knot_dname_t *target, uint32_t ttl);
