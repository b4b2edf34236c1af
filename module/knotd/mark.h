/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What an audit says about synthesis.
 *
 * A finding remains while a synthesised answer covers it, since transfers and
 * other servers do not; its text says so. What synthesis cannot do is a finding
 * of its own. The audit in turn tells synthesis which names hosts are aliases
 * for.
 */

#pragma once

#include "caaudit/audit.h"
#include "options.h"
#include "synth.h"

/*! A sink between an audit and its report; the sink comes first. */
typedef struct {
	caaudit_sink_t sink;
	caaudit_sink_t *report;
	synth_t *synth;
	const options_t *options;
	const caaudit_policy_t *policy;
	const caaudit_view_t *view;
	bool failed; /*!< Out of memory. */
} mark_t;

/*!
 * \brief Begins an audit.
 *
 * \param[out] mark      State.
 * \param[in]  report    Receiver of the findings.
 * \param[in]  synth     Synthesis of the zone, NULL if there is none.
 * \param[in]  options  Options.
 * \param[in]  policy    Policy.
 * \param[in]  view      View.
 *
 * \return Sink to audit into.
 */
caaudit_sink_t *mark_begin(mark_t *mark, caaudit_sink_t *report, synth_t *synth,
                           const options_t *options, const caaudit_policy_t *policy,
                           const caaudit_view_t *view);

/*!
 * \brief Ends an audit that was complete.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int mark_end(mark_t *mark);
