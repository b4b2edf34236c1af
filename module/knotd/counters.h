/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Statistics counters, of one zone and summed over all zones.
 *
 * The sums are kept by differences, never by a walk over the zones.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <knot/module.h>

#include "report.h"

/*! Counters in the order of their registration: the order is the id. */
enum {
	CTR_FINDINGS,
	CTR_SEVERITY,
	CTR_AUDITS,
	CTR_FAILURES,
	CTR_NOT_CHECKED,
	CTR_LOOKUPS,
	CTR_LOOKUP_FAILURES,
	CTR_VALIDATION_IP,
	CTR_SYNTHESIZED,
	CTR_SYNTH_REFUSED,
	CTR_SERIAL,            /*!< Zone scope. */
	CTR_ZONES = CTR_SERIAL /*!< Global scope. */
};

/*! Look-ups that a CA may have made. */
typedef enum { LOOKUP_CAA, LOOKUP_VALIDATION, LOOKUP__COUNT } lookup_t;

/*! Answers that no CA can use. */
typedef enum {
	LOOKUP_NXDOMAIN,
	LOOKUP_NODATA,
	LOOKUP_REFUSED,
	LOOKUP_ANSWERED, /*!< Not counted. */
	LOOKUP_FAILURE__COUNT = LOOKUP_ANSWERED
} lookup_failure_t;

/*! State of a zone, as the global instance counts it. */
typedef enum {
	ZONE_PENDING, /*!< Not audited since it was loaded. */
	ZONE_FAILED,  /*!< The last audit could not look. */
	ZONE_CLEAN,   /*!< Audited: no error and no warning. */
	ZONE_WARNING, /*!< Audited: warnings, no error. */
	ZONE_ERROR,   /*!< Audited: errors. */
	ZONE_STATE__COUNT
} zone_state_t;

/*! What one zone adds to the sums. */
typedef struct {
	const held_t *held;
	uint32_t not_checked;
	zone_state_t state;
} share_t;

/*!
 * \brief Registers the counters of an instance.
 *
 * \param[in] mod     Module context.
 * \param[in] global  The instance has global scope.
 *
 * \return KNOT_EOK, or an error.
 */
int counters_register(knotd_mod_t *mod, bool global);

/*!
 * \brief Counts a look-up. Called in a query.
 */
void counters_lookup(knotd_mod_t *mod, unsigned thread_id, lookup_t what, lookup_failure_t failure,
                     bool validation_ip);

/*!
 * \brief Counts an answer with synthesised records. Called in a query.
 */
void counters_synthesized(knotd_mod_t *mod, unsigned thread_id, lookup_t what);

/*!
 * \brief Counts an answer that was left as it is for a reason. Called in a query.
 */
void counters_synth_refused(knotd_mod_t *mod, unsigned thread_id);

/*!
 * \brief Shows the result of an audit in the counters of its zone.
 */
void counters_show(knotd_mod_t *mod, const held_t *held, uint32_t not_checked);

/*!
 * \brief Adds a zone to the sums, or takes it out. Called with the auditor's lock held.
 *
 * \param[in] share  What the zone adds; the same when it is taken out.
 * \param[in] add    Add it.
 */
void counters_share(const share_t *share, bool add);

/*!
 * \brief Adds an audit to the sums. Called with the auditor's lock held.
 *
 * \param[in] failed  The audit could not look.
 */
void counters_audited(bool failed);

/*! Where the sums of look-ups and audits stood when a global instance was loaded. */
typedef struct {
	uint64_t audits;
	uint64_t failures;
	uint64_t lookups[LOOKUP__COUNT];
	uint64_t lookup_failures[LOOKUP_FAILURE__COUNT];
	uint64_t validation_ip;
	uint64_t synthesized[LOOKUP__COUNT];
	uint64_t synth_refused;
} counters_base_t;

/*!
 * \brief Takes the base of a new global instance. Called with the auditor's lock held.
 */
void counters_base(counters_base_t *base);

/*!
 * \brief Shows the sums in a global instance. Called with the auditor's lock held.
 */
void counters_publish(knotd_mod_t *mod, const counters_base_t *base);
