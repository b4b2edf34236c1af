/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Instances come and go: a load supersedes the one before, and takes its zone over.
 *
 * The server loads the instances of a zone one after the other, in the order of the zone's
 * 'module' list, and gives all of them the same pointer to the zone's name. So that pointer stands
 * for the load: an instance with another one than those that are loaded begins a new load, which
 * supersedes them; and the place of an instance within its load tells its module id.
 */

#pragma once

#include <knot/module.h>

#include "zone.h"

/*!
 * \brief Makes the instance of a zone, and schedules its audit.
 *
 * The instances of an older load are superseded, on error too: the server replaces the zone, and
 * nothing may be reported through them any more.
 *
 * \param[in]  mod  Module context, while it is being loaded.
 * \param[out] out  Instance, to be given to auditor_unload().
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int auditor_load(knotd_mod_t *mod, instance_t **out);

/*!
 * \brief Makes a global instance, which shows the sums over all zones.
 *
 * \param[in]  mod  Module context, while it is being loaded.
 * \param[out] out  Instance, to be given to auditor_unload().
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int auditor_load_global(knotd_mod_t *mod, instance_t **out);

/*!
 * \brief Takes an instance out. Waits for a few log lines at most, never uses the module context.
 *
 * \param[in] instance  Instance; no query uses it any more.
 */
void auditor_unload(instance_t *instance);
