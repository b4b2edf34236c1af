/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Judges the hosts of a policy, and runs the checks over a view. */

#pragma once

#include "draft.h"

/*!
 * \brief Judges the hosts and runs the checks, but for check_dnssec() and check_server(): these
 *        caaudit_audit() alone runs, since they are not repeated when a cure is tried.
 *
 * \param[in,out] audit  Audit with view, policy, time and scope; to be cleared in any case.
 */
void judge(audit_t *audit);
