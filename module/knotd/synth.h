/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Synthesis: decides which answers get the records that are missing.
 *
 * What would not validate is left alone, and the reason is kept for the next audit.
 *
 * CAA: the RRset that decides for a host is extended by the missing properties; in a signed zone
 * it is signed as the stored one is.
 *
 * Validation: a configured name that does not exist (NXDOMAIN) is answered with its CNAME; the
 * state becomes "hit", so neither SOA nor NXDOMAIN follows. A name above it does exist then
 * (RFC 8020), so its NXDOMAIN becomes NODATA. The server tells NXDOMAIN only where no name,
 * wildcard, DNAME or delegation is in the way; where one is, the answers are left alone.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <knot/module.h>

#include "caaudit/policy.h"
#include "conf.h"
#include "options.h"
#include "targets.h"

/*! Reasons not to touch an answer, as bits; texts in synth_reason(). */
typedef enum {
	SYNTH_ELSEWHERE = 1 << 0, /*!< The zone is signed, and not by this server. */
	SYNTH_NO_KEY = 1 << 1,    /*!< A private key is not at hand. */
	SYNTH_NO_RRSIG = 1 << 2,  /*!< The zone is signed, the CAA RRset is not. */
	SYNTH_KEYSTORE = 1 << 3,  /*!< The keystore is no directory with keys. */
	SYNTH_ORDER = 1 << 4,     /*!< mod-onlinesign comes first. */
	SYNTH_DENIAL = 1 << 5,    /*!< A validation name would contradict NSEC or NSEC3. */
	SYNTH_SOURCE = 1 << 6,    /*!< The zone can never be audited. */
	SYNTH__COUNT = 7
} synth_reason_t;

/*! What came of an answer, as bits. */
typedef enum {
	SYNTH_ADDED = 1,   /*!< It has a record that is not in the zone. */
	SYNTH_REFUSED = 2, /*!< A record is missing, and there is a reason not to add it. */
	SYNTH_NEWS = 4,    /*!< A reason is new or gone: an audit should report it. */
} synth_result_t;

/*! Synthesis of one loaded instance. Queries use it in their RCU read-side section. */
typedef struct synth synth_t;

/*!
 * \brief Prepares the synthesis of a zone. Opens no file.
 *
 * \param[in]     options   Options with 'synthesize'; they must outlive the synthesis.
 * \param[in]     policy    Policy of the zone. The synthesis takes it over, unless it is not made.
 * \param[in,out] signing   How answers are signed; the keystores are taken over with success.
 * \param[in]     readable  An audit has a way to read the zone.
 * \param[in]     targets   Owners that decide in the zone; they must outlive the synthesis.
 *
 * \return Synthesis, to be freed by synth_free(); NULL if out of memory.
 */
synth_t *synth_new(const options_t *options, caaudit_policy_t *policy, conf_signing_t *signing,
                   bool readable, targets_t *targets);

/*!
 * \brief Notes that the targets are those of an audit with the policy of the synthesis.
 *
 * \param[in] synth   Synthesis.
 * \param[in] serial  Serial that was audited.
 */
void synth_set_audited(synth_t *synth, uint32_t serial);

/*!
 * \brief Drops keys and signatures. No query may come afterwards; audits may.
 *
 * \param[in] synth  Synthesis or NULL.
 */
void synth_stop(synth_t *synth);

/*!
 * \brief Frees a synthesis.
 *
 * \param[in] synth  Synthesis or NULL.
 */
void synth_free(synth_t *synth);

/*!
 * \brief Answers CAA: extends the RRset that decides. For an ANSWER hook in state "hit".
 *
 * \param[in]  synth   Synthesis.
 * \param[in]  state   State of the answer.
 * \param[in]  pkt     Answer.
 * \param[in]  qdata   Query.
 * \param[out] result  Bits of synth_result_t.
 *
 * \return State of the answer afterwards.
 */
knotd_in_state_t synth_caa(synth_t *synth, knotd_in_state_t state, knot_pkt_t *pkt,
                           knotd_qdata_t *qdata, unsigned *result);

/*!
 * \brief Answers for a validation name. For an ANSWER hook in state "miss".
 *
 * Parameters and result as for synth_caa().
 */
knotd_in_state_t synth_validation(synth_t *synth, knotd_in_state_t state, knot_pkt_t *pkt,
                                  knotd_qdata_t *qdata, unsigned *result);

/*!
 * \brief Looks once in a tick whether the zone can be synthesised at all. In a query.
 *
 * \return True if that has changed, and an audit should report it.
 */
bool synth_look(synth_t *synth, knotd_qdata_t *qdata);

/*!
 * \brief Gets the reasons why answers stay as they are, as bits of synth_reason_t.
 */
unsigned synth_unsafe(const synth_t *synth);

/*!
 * \brief Gets the text for a reason: what is wrong, and what to do.
 *
 * \param[in] nth  Number of the bit.
 */
const char *synth_reason(unsigned nth);

/*!
 * \brief Tells whether a validation name that does not exist is answered for. In an audit.
 *
 * \param[in] synth  Synthesis.
 * \param[in] owner  Owner, lower case.
 */
bool synth_answers(const synth_t *synth, const knot_dname_t *owner);

/*!
 * \brief Takes the validations of a policy from now on. In an audit, of which there is one at
 *        a time; waits until no query uses the ones before.
 *
 * \param[in]  synth   Synthesis.
 * \param[in]  policy  Policy of the same options, with what the validation file says now.
 * \param[out] taken   The synthesis has taken the policy over; it stays valid until the next
 *                     call, or until the synthesis is freed.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory; nothing has changed then.
 */
int synth_follow(synth_t *synth, caaudit_policy_t *policy, bool *taken);
