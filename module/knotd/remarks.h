/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What the server adds to the findings of an audit.
 *
 * A finding remains while a synthesised answer covers it, since transfers and other servers do
 * not; its text says so. What synthesis cannot do is a finding of its own; so are validation names
 * that were asked for and are not there, and records that nobody has asked for. The look-ups are told
 * what is expected.
 */

#pragma once

#include "caaudit/audit.h"
#include "lookups.h"
#include "options.h"
#include "report.h"
#include "synth.h"

/*! What an audit is about. */
typedef struct {
	const caaudit_report_t *audit; /*!< What the engine says. */
	const caaudit_policy_t *policy;
	const options_t *options;
	lookups_t *lookups; /*!< Look-ups of the zone. */
	synth_t *synth;     /*!< Synthesis of the zone, or NULL; it follows \a policy. */
} remarks_subject_t;

/*!
 * \brief Reports what the engine has found, and what the server adds.
 *
 * \param[in]  subject   What the audit is about.
 * \param[in]  report    Receives the findings, after report_begin().
 * \param[out] answered  Look-ups that can be forgotten if what was audited is served.
 * \param[out] again     Seconds after which there is more to report, 0 = never.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int remarks_report(const remarks_subject_t *subject, report_t *report, lookups_answered_t *answered,
                   uint64_t *again);
