/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Statistics counters, of one zone and summed over all zones.
 *
 * The sums are kept by differences, never by a walk over the zones. Queries count without
 * a lock.
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
	CTR_AUDITED,
	CTR_SERIAL,            /*!< Of a zone. */
	CTR_ZONES = CTR_SERIAL /*!< Of a global instance. */
};

/*! Look-ups that a CA may have made, and answers with synthesised records. */
typedef enum { LOOKUP_CAA, LOOKUP_VALIDATION, LOOKUP__COUNT } lookup_t;

/*! Answers that no CA can use. */
typedef enum {
	LOOKUP_NXDOMAIN,
	LOOKUP_NODATA,
	LOOKUP_REFUSED,
	LOOKUP_SERVFAIL,
	LOOKUP_ANSWERED, /*!< Not counted. */
	LOOKUP_FAILURE__COUNT = LOOKUP_ANSWERED
} lookup_failure_t;

/*! Sums over all zones of the values that queries count. */
#define COUNTERS_SUMS (2 * LOOKUP__COUNT + LOOKUP_FAILURE__COUNT + 2)

/*! What is known about a zone, as the global instance counts it. */
typedef enum {
	VERDICT_NONE,    /*!< The zone is not counted. */
	VERDICT_PENDING, /*!< Not audited since it was loaded, or the last audit could not look, and
	                      that is no concern yet: see plan_in_grace(). */
	VERDICT_FAILED,  /*!< The last audit could not look. */
	VERDICT_CLEAN,   /*!< Audited: no error and no warning. */
	VERDICT_WARNING, /*!< Audited: warnings, or expected validations that could not be read; no
	                      error. */
	VERDICT_ERROR,   /*!< Audited: errors. */
	VERDICT_UNCLEAR, /*!< Audited: no error and no warning, and not all could be looked at. */
	VERDICT__COUNT
} verdict_t;

/*! What one zone adds to the sums; all zero is nothing. */
typedef struct {
	verdict_t verdict;
	uint32_t not_checked;
	const findings_t *findings; /*!< They must live as long as they are counted. */
} counters_share_t;

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
 *
 * \param[in] mod          Module context.
 * \param[in] findings     Findings, NULL if there is none.
 * \param[in] not_checked  Things that could not be looked at.
 */
void counters_show(knotd_mod_t *mod, const findings_t *findings, uint32_t not_checked);

/*!
 * \brief Shows the serial that was audited in the counters of the zone.
 */
void counters_serial(knotd_mod_t *mod, uint32_t serial);

/*!
 * \brief Shows the time of the last audit that could look; in a global instance the oldest one.
 *
 * \param[in] mod   Module context.
 * \param[in] time  Seconds since the epoch, 0 = never.
 */
void counters_time(knotd_mod_t *mod, uint64_t time);

/*!
 * \brief Gets how many zones have a verdict. The schedule's lock is held.
 */
uint64_t counters_zones(verdict_t verdict);

/*!
 * \brief Gets how many things could not be looked at in all zones. The schedule's lock is held.
 */
uint64_t counters_not_checked(void);

/*!
 * \brief Counts an audit, for the zone and in the sums. The schedule's lock is held.
 *
 * \param[in] mod     Module context.
 * \param[in] failed  The audit could not look.
 */
void counters_audited(knotd_mod_t *mod, bool failed);

/*!
 * \brief Changes what a zone adds to the sums. The schedule's lock is held.
 *
 * \param[in,out] share  Share of the zone.
 * \param[in]     now    Share from now on.
 */
void counters_share(counters_share_t *share, counters_share_t now);

/*! The sums when a global instance was loaded, which shows what has been added since. */
typedef struct {
	uint64_t audits;
	uint64_t failures;
	uint64_t seen[COUNTERS_SUMS];
} counters_base_t;

/*!
 * \brief Takes the base of a new global instance. The schedule's lock is held.
 */
void counters_base(counters_base_t *base);

/*!
 * \brief Shows the sums in a global instance. The schedule's lock is held.
 */
void counters_publish(knotd_mod_t *mod, const counters_base_t *base);
