/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The result of an audit becomes log lines, counters, and the time of the next audit.
 */

#pragma once

#include "job.h"
#include "plan.h"
#include "zone.h"

/*!
 * \brief Delivers the result of an audit. Without a lock, by the thread that has audited.
 *
 * \param[in]     instance  Instance, a reference; it may have been superseded meanwhile.
 * \param[in,out] job       Job that has run.
 * \param[in]     plan      Plan of the zone when the audit began.
 */
void result_deliver(instance_t *instance, job_t *job, const plan_t *plan);

/*!
 * \brief Says in one line what the zones are like, once all that were loaded together have a verdict:
 *        after an audit, and in each tick, since the last one may have been unloaded instead.
 *
 * With the lock of the schedule, which is given back meanwhile.
 */
void result_sum_up(void);

/*!
 * \brief Counts a zone as not checked because no thread is there to audit it. In load, without
 *        a lock.
 *
 * \param[in] instance  Instance that is being loaded.
 * \param[in] code      Error of pthread_create().
 */
void result_no_thread(instance_t *instance, int code);
