/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The world around a zone that is probed: who delegates it, what other zones say of its hosts,
 *        and whether a validating resolver believes its servers.
 */

#pragma once

#include "batch.h"
#include "probe.h"
#include "probe_report.h"

/*! Where root hints and trust anchors are unless the options say: Debian's package dns-root-data. */
#define ROOT_HINTS_DEFAULT "/usr/share/dns/root.hints"
#define ROOT_KEY_DEFAULT   "/usr/share/dns/root.key"

typedef struct world world_t;

/*!
 * \brief Makes the world of a run.
 *
 * \param[in]  batch  Batch that is planned; it must stay as long as the world.
 * \param[in]  probe  Run; it must stay as long as the world.
 * \param[out] out    World to be freed by world_free(); NULL if the options ask for none.
 *
 * \return false if the options cannot be followed; standard error says why.
 */
bool world_new(const batch_t *batch, probe_t *probe, world_t **out);

/*! Frees a world; NULL is fine. */
void world_free(world_t *world);

/*! Finds the delegation of a zone, to be cleared in any case; says why there is none, else NULL. */
const char *world_delegation(world_t *world, const knot_dname_t *zone, probe_delegation_t *out);

/*!
 * \brief Asks for CAA in other zones, and lets a resolver validate; what that comes to is in the world
 *        and in the answers of the zone, what cannot be asked is a gap of the report.
 *
 * \return false if out of memory.
 */
bool world_ask(world_t *world, const caaudit_policy_t *policy, const probe_delegation_t *delegation,
               probe_report_t *report);

/*!
 * \brief Tells a view what other zones say to those who have asked a server.
 *
 * \return KNOT_EOK or KNOT_ENOMEM.
 */
int world_fill(const world_t *world, const caaudit_policy_t *policy, const probe_zone_t *zone,
               const probe_column_t *column, caaudit_view_t *view);
