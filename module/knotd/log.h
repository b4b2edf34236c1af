/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief When a line may be logged through a module context.
 *
 * The server frees the name of a zone, then its contents, then calls unload: in between, a log
 * line through the module context would read freed memory. So a thread of the auditor logs with
 * the lock held, in an RCU read-side section, and only if all of this is true:
 *
 * - The instance is the current one of its zone. When a zone is replaced, the load of its new
 *   instance supersedes the old one before the server waits for a grace period and frees the old
 *   zone. Unload takes the lock, too, before the server frees the module context.
 * - The running configuration still has the module in the zone. When a zone is removed, the
 *   configuration (or the catalog) is changed before such a wait, and so it is when a zone becomes
 *   a catalog, for which nothing is loaded. What cannot be proved that way
 *   waits for the next query for the zone, which keeps the zone alive; the auditor asks one itself.
 * - The module is configured from the same file as at the last load: from another one the server
 *   loads a second copy of all this, which knows nothing of the instances here. Else lines wait
 *   for queries as well.
 * - A thread of the server that has answered a query for a zone with the module still runs. When
 *   the server stops it ends and joins those threads before it frees a zone, without a grace
 *   period; and to end, each of them takes the lock. While there is none lines wait for queries;
 *   the auditor asks one, so only a server that listens nowhere stays silent.
 */

#pragma once

#include "zone.h"

/*!
 * \brief Initialises the log. Once, before any other function.
 */
void log_init(void);

/*!
 * \brief Learns of loads.
 *
 * \param[in] mod  Module context, while it is being loaded.
 */
void log_loading(knotd_mod_t *mod);

/*!
 * \brief Takes the lock: until log_release() nothing is logged through any instance.
 *
 * For load, which supersedes instances, and for unload, which takes the module context away.
 */
void log_hold(void);

/*!
 * \brief Gives the lock back.
 */
void log_release(void);

/*! What became of lines. */
typedef enum {
	LOG_WRITTEN, /*!< They were logged. */
	LOG_WAITING, /*!< They wait for a query. */
	LOG_GONE,   /*!< The instance was superseded, or the configuration no longer has the zone or
	                  the module in it. */
	LOG_FAILED, /*!< Out of memory. */
} log_result_t;

/*!
 * \brief Logs lines of an audit, or lets them wait for a query. Without a lock.
 *
 * \param[in] instance  Instance, a reference.
 * \param[in] lines     Lines; they are taken.
 *
 * \return What became of them.
 */
log_result_t log_lines(instance_t *instance, lines_t *lines);

/*!
 * \brief Called in the first query of a tick and zone: logs a few of the lines that wait.
 *
 * \param[in] instance  Instance of the module context.
 */
void log_in_query(instance_t *instance);
