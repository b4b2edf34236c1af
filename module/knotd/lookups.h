/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What was asked for and not there, and what is there and nobody asked for.
 *
 * One table serves the process, of a size that is fixed when it is built: names
 * that are invented by the million take no more. Queries take its lock only if
 * it is free.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/dname.h>

#include "caaudit/audit.h"
#include "caaudit/policy.h"

/*! Seconds after which a record that nobody has asked for is reported. Tests build with less. */
#ifndef LOOKUPS_ABSENT_AFTER
#define LOOKUPS_ABSENT_AFTER 1800
#endif

/*! Names in the table, 64 kB in all, and of one zone at most. */
#define LOOKUPS_MAX      224
#define LOOKUPS_ZONE_MAX 32

/*! An expected record. */
typedef struct {
	uint64_t owner;    /*!< Hash of its owner, */
	uint64_t found_at; /*!< and of the name that it was found at; 0 if it is not there. */
	uint64_t since;    /*!< Time it was first seen, seconds. */
	bool asked;        /*!< It was answered since. */
	bool reported;     /*!< There is a finding about it. */
} lookups_expected_t;

/*! Part of a zone's instance; zero at first, but for \a zone. */
typedef struct {
	uint64_t zone; /*!< Stands for zone and module id. */
	size_t expected_count;
	lookups_expected_t *expected; /*!< Sorted by owner. */
	size_t host_count;
	uint32_t closed;      /*!< Second in which there was no room, */
	unsigned closed_rank; /*!< for a name of this rank. */
	uint64_t *host;       /*!< Hashes of hosts and of the names above, sorted. */
} lookups_t;

/*!
 * \brief Prepares the part of an instance.
 *
 * \param[out] lookups  Part.
 * \param[in]  zone     Zone name.
 * \param[in]  id       Hash of the module id.
 */
void lookups_init(lookups_t *lookups, const knot_dname_t *zone, uint64_t id);

/*!
 * \brief Takes over from an older instance of the zone.
 */
void lookups_inherit(lookups_t *lookups, lookups_t *old);

/*!
 * \brief Forgets the names of a zone that goes away.
 */
void lookups_forget(const lookups_t *lookups);

/*!
 * \brief Frees what an instance holds.
 */
void lookups_clear(lookups_t *lookups);

/*!
 * \brief Tells whether CAs look TXT records up at names with this label.
 *
 * Other underscored names that have TXT records belong to mail and have nothing
 * to do with certificates.
 *
 * \param[in] label  First label of a name in wire format.
 *
 * \return True if they do.
 */
bool lookups_is_txt_label(const uint8_t *label);

/*!
 * \brief Notes a look-up of a validation name. In a query.
 *
 * No allocation and no system call; if the table is in use the look-up is not
 * noted.
 *
 * \param[in] lookups   Part of the instance.
 * \param[in] name      Name that was asked for, lower case.
 * \param[in] type      CNAME or TXT.
 * \param[in] answered  The record was answered.
 * \param[in] known_ip  The client is a CA by configuration.
 *
 * \return True if an audit should report it.
 */
bool lookups_note(lookups_t *lookups, const knot_dname_t *name, uint16_t type, bool answered,
                  bool known_ip);

/*! An audit's end of it: a sink between the audit and its report; the sink comes first. */
typedef struct {
	caaudit_sink_t sink;
	caaudit_sink_t *next;
	lookups_t *lookups;
	const caaudit_policy_t *policy;
	const caaudit_view_t *view;
	lookups_expected_t *expected;
	knot_dname_t *
		*elsewhere; /*!< Of each: where it was found if that is not its owner, or NULL. */
	size_t expected_count;
	uint64_t now;   /*!< Seconds, monotonic. */
	uint64_t again; /*!< Seconds after which there may be more to say, 0 = never. */
	bool failed;    /*!< Out of memory. */
} lookups_audit_t;

/*!
 * \brief Begins an audit.
 *
 * \param[out] audit    State.
 * \param[in]  next     Receiver of everything.
 * \param[in]  lookups  Part of the instance.
 * \param[in]  policy   Policy.
 * \param[in]  view     View.
 *
 * \return Sink to audit into.
 */
caaudit_sink_t *lookups_begin(lookups_audit_t *audit, caaudit_sink_t *next, lookups_t *lookups,
                              const caaudit_policy_t *policy, const caaudit_view_t *view);

/*!
 * \brief Ends an audit, and reports.
 *
 * \param[in] audit     State.
 * \param[in] complete  The audit was complete; else nothing is reported.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int lookups_end(lookups_audit_t *audit, bool complete);
