/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Synthesis: answers with the records that are missing.
 *
 * The answer that the server has put together from the live zone is extended in
 * place. What would not validate is left alone, and the reason is kept for the
 * next audit.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <knot/module.h>

#include "caaudit/policy.h"
#include "options.h"

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

typedef struct synth synth_t;

/*!
 * \brief Prepares the synthesis of a zone.
 *
 * \param[in]  mod       Module context, while it is being loaded.
 * \param[in]  options  Options; they must outlive the synthesis.
 * \param[out] out       Synthesis, NULL if none is asked for.
 *
 * \return KNOT_EOK, or an error.
 */
int synth_load(knotd_mod_t *mod, const options_t *options, synth_t **out);

/*!
 * \brief Registers the hook of the synthesis.
 *
 * The hook leaves answers alone as long as the module has no context.
 *
 * \param[in] mod    Module context, while it is being loaded.
 * \param[in] synth  Synthesis; without one there is no hook.
 *
 * \return KNOT_EOK, or an error.
 */
int synth_hook(knotd_mod_t *mod, const synth_t *synth);

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
 * \brief Tells whether a validation name that does not exist is answered for.
 *
 * \param[in] owner  Owner, lower case.
 */
bool synth_answers(const synth_t *synth, const knot_dname_t *owner);

/*!
 * \brief Takes the validations of a policy from now on. In an audit, of which there is
 *        one at a time; it waits until no query uses the ones before.
 *
 * \param[in] policy  Policy of the same options, with what the validation file says now.
 *
 * \return False if out of memory; nothing has changed then.
 */
bool synth_follow(synth_t *synth, const caaudit_policy_t *policy);

/*!
 * \brief Takes over what an older instance of the zone knows about aliases.
 *
 * \param[in] synth  Synthesis or NULL.
 * \param[in] old    Synthesis of the older instance, or NULL.
 */
void synth_inherit(synth_t *synth, synth_t *old);

/*!
 * \brief Begins to take the targets of hosts that are aliases from an audit.
 */
void synth_targets_begin(synth_t *synth);

/*!
 * \brief Takes the owner of an RRset that decides for a host.
 */
void synth_target(synth_t *synth, const knot_dname_t *owner);

/*!
 * \brief Forgets the targets that neither the audit nor a query since has named.
 */
void synth_targets_end(synth_t *synth);
