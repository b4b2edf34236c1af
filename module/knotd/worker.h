/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The threads that audit: they take zones from the queue, and once a second
 *        what queries have noticed.
 */

#pragma once

/*!
 * \brief Starts the threads that are missing. Called with the auditor's lock held.
 *
 * They end when there are no zones any more.
 *
 * \return 0, or if there is not even one the error of pthread_create().
 */
int worker_start(void);
