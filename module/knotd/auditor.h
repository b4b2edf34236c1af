/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The auditor: one a process, shared by all instances of the module.
 *
 * A pool of threads takes zones from a queue by the time they are due, reads
 * and audits them without a lock, and delivers the results. An instance is
 * known to the auditor from its load to its unload; a thread that is busy with
 * it meanwhile holds a reference and drops the result.
 */

#pragma once

#include <knot/module.h>

#include "options.h"
#include "synth.h"
#include "watch.h"

/*! Instance of the module; its first member is a watch_t. */
typedef struct instance instance_t;

/*!
 * \brief Makes the instance of a zone, and takes it into the queue.
 *
 * Older instances of the zone are superseded, on error too: nothing is reported
 * through them any more. The new one inherits their findings.
 *
 * \param[in]  mod  Module context, while it is being loaded.
 * \param[out] out  Instance, to be given to auditor_unload().
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int auditor_load(knotd_mod_t *mod, instance_t **out);

/*!
 * \brief Takes a global instance, which shows the sums over all zones.
 *
 * \param[in]  mod  Module context, while it is being loaded.
 * \param[out] out  Instance.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int auditor_load_global(knotd_mod_t *mod, instance_t **out);

/*!
 * \brief Forgets an instance. Never waits for I/O, never uses the module context.
 *
 * \param[in] inst  Instance.
 */
void auditor_unload(instance_t *inst);

/*!
 * \brief Called in the zone's first query of a tick.
 *
 * \param[in] inst  Instance.
 */
void auditor_in_query(instance_t *inst);

/*!
 * \brief Reads the options of an instance of zone scope, once.
 *
 * The server loads one zone after the other, and looking all options up takes longer
 * than the rest of a load. So this is left to the first audit, or to a query that
 * comes before it. When the configuration changes the server loads a new instance; one
 * that is about to go reads the options of its section as they are now, if it is still
 * there.
 *
 * \param[in] inst  Instance that is loaded; in an RCU read-side section.
 *
 * \retval KNOT_EOK     on success: \a options is there.
 * \retval KNOT_ENOENT  if the configuration no longer has such an instance.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int auditor_settings(instance_t *inst);

/*!
 * \brief Gets the watch of an instance.
 */
static inline watch_t *auditor_watch(instance_t *inst)
{
	return (watch_t *)inst;
}
