/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What the server adds to the findings of an audit.
 *
 * A finding remains while a synthesised answer covers it, since transfers and other servers do
 * not; its text says so. What synthesis cannot do is a finding of its own; so are validation names
 * that were asked for and are not there, and records that nobody has asked for. The audit in turn
 * tells synthesis which names hosts are aliases for, and the look-ups what is expected.
 */

#pragma once

#include "caaudit/audit.h"
#include "lookups.h"
#include "options.h"
#include "report.h"
#include "synth.h"
#include "targets.h"

/*! What an audit is about, for its remarks. */
typedef struct {
	report_t *report; /*!< Receives the findings. */
	const options_t *options;
	const caaudit_policy_t *policy;
	const caaudit_view_t *view;
	lookups_t *lookups; /*!< Look-ups of the zone. */
	synth_t *synth;     /*!< Synthesis of the zone, or NULL. */
	targets_t *targets; /*!< Alias targets of the zone, NULL without synthesis. */
} remarks_subject_t;

/*! Remarks on one audit; the sink comes first. */
typedef struct {
	caaudit_sink_t sink;
	remarks_subject_t of;
	lookups_known_t known;    /*!< What the audit tells the look-ups. */
	knot_dname_t **elsewhere; /*!< For each expected record: where it was found if that is not
	                               its owner, or NULL. */
	uint64_t now;             /*!< Seconds, as lookups_now(). */
	uint64_t again;           /*!< Seconds after which there is more to report, 0 = never. */
	bool failed;              /*!< Out of memory. */
} remarks_t;

/*!
 * \brief Begins an audit.
 *
 * \param[out] remarks  Remarks, to be ended by remarks_end().
 * \param[in]  subject  What the audit is about.
 *
 * \return Sink to audit into.
 */
caaudit_sink_t *remarks_begin(remarks_t *remarks, const remarks_subject_t *subject);

/*!
 * \brief Ends an audit, and adds the findings of the server.
 *
 * \param[in] remarks   Remarks.
 * \param[in] complete  The audit was complete; else nothing is added.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int remarks_end(remarks_t *remarks, bool complete);
