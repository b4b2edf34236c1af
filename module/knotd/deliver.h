/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief From the result of an audit to log, counters, and the time of the next one.
 *
 * All functions are called with the auditor's lock held.
 */

#pragma once

#include "instance.h"
#include "job.h"

/*!
 * \brief Delivers the result of an audit that has run.
 *
 * \param[in]     inst  Instance; it may have been unloaded meanwhile.
 * \param[in,out] job   Job that has run.
 */
void deliver(instance_t *inst, job_t *job);

/*!
 * \brief Logs the lines that wait for a query. Called in a query for the zone, or with
 *        the proof that it is there.
 */
void deliver_waiting(instance_t *inst);

/*!
 * \brief Counts a zone as not checked because nobody is there to audit it. Called in load.
 *
 * \param[in] inst  Instance that is being loaded.
 * \param[in] code  Error of pthread_create().
 */
void deliver_no_thread(instance_t *inst, int code);
