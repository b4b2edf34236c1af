/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Words of the JSON of a probe, by the values of probe.h. Each list ends with NULL.
 */

#pragma once

#include "probe_report.h"

extern const char *const probe_kind_word[];
extern const char *const probe_state_word[];
extern const char *const probe_outcome_word[];
extern const char *const probe_said_word[];
extern const char *const probe_edns_word[];
extern const char *const probe_refused_word[];
extern const char *const probe_trust_word[];
