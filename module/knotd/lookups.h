/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Look-ups of validation names: what was asked for and is not there, and what is there and
 *        nobody has asked for.
 *
 * One table serves the process, of a fixed size: names that are invented by the million take no
 * more memory. Queries take its lock only if it is free.
 */

#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/dname.h>

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
	uint32_t nth;      /*!< Place among the expected records of the audit. */
	bool asked;        /*!< It was answered since. */
	bool reported;     /*!< There is a finding about it. */
} lookups_expected_t;

/*! What an audit tells about a zone; all zero before the first one. */
typedef struct {
	lookups_expected_t *expected; /*!< Expected records, by owner. */
	size_t expected_count;
	uint64_t *host; /*!< Hashes of hosts and of the names above, sorted. */
	size_t host_count;
} lookups_known_t;

/*! Look-ups of one zone. */
typedef struct {
	uint64_t zone; /*!< Stands for zone and module id. */
	lookups_known_t known;
	uint32_t closed;                 /*!< Second in which there was no room, */
	unsigned closed_rank;            /*!< for a name of this rank. */
	atomic_ullong refused;           /*!< Look-ups of any kind that were refused, */
	atomic_ullong refused_next;      /*!< how many must be for the next report, */
	unsigned long long refused_said; /*!< and how many the last one told of. Of the audit. */
} lookups_t;

/*! A name that was asked for and is not there. */
typedef struct {
	knot_dname_storage_t name; /*!< Lower case. */
	bool txt;                  /*!< The TXT record was asked for, else the CNAME. */
} lookups_name_t;

/*! Those for which the audited zone has an answer now. */
typedef struct {
	lookups_name_t name[LOOKUPS_ZONE_MAX];
	size_t count;
} lookups_answered_t;

/*!
 * \brief Prepares the look-ups of a zone.
 *
 * \param[out] lookups  Look-ups, to be cleared by lookups_deinit().
 * \param[in]  zone     Zone name.
 * \param[in]  id       Hash of the module id.
 */
void lookups_init(lookups_t *lookups, const knot_dname_t *zone, uint64_t id);

/*!
 * \brief Forgets the names of the zone, and frees what it holds.
 */
void lookups_deinit(lookups_t *lookups);

/*!
 * \brief Tells whether CAs look TXT records up at names with this label.
 *
 * Other underscored names that have TXT records belong to mail and have nothing to do with
 * certificates.
 *
 * \param[in] label  First label of a name in wire format.
 *
 * \return True if they do.
 */
bool lookups_is_txt_label(const uint8_t *label);

/*!
 * \brief Has a name a label that is registered for other ends than validation (RFC 8552)?
 *
 * \param[in] name  Name in wire format, in any case.
 * \param[in] zone  Zone of the name: its own labels do not count.
 */
bool lookups_is_registered(const knot_dname_t *name, const knot_dname_t *zone);

/*!
 * \brief Notes a look-up of a validation name. In a query.
 *
 * No allocation and no system call; if the table is in use the look-up is not noted.
 *
 * \param[in] lookups   Look-ups of the zone.
 * \param[in] name      Name that was asked for, lower case.
 * \param[in] type      CNAME or TXT.
 * \param[in] answered  The record was answered.
 * \param[in] known_ip  The client is a CA by configuration.
 *
 * \return True if an audit should report it.
 */
bool lookups_note(lookups_t *lookups, const knot_dname_t *name, uint16_t type, bool answered,
                  bool known_ip);

/*!
 * \brief Notes a look-up that was refused or dropped. In a query, without a lock.
 *
 * \param[in] lookups  Look-ups of the zone.
 *
 * \return True if an audit should report it: the first one, and each time that there are ten times
 *         as many.
 */
bool lookups_refuse(lookups_t *lookups);

/*!
 * \brief Gets the number of refused look-ups to report. For the audit of the zone.
 *
 * The number stays until there are ten times as many: a text that changes is logged anew.
 *
 * \param[in] lookups  Look-ups of the zone.
 *
 * \return Number.
 */
unsigned long long lookups_refused(lookups_t *lookups);

/*!
 * \brief Gives the zone what an audit knows, and gets what queries have noted.
 *
 * What is known of an expected record stays known while the record is there.
 *
 * \param[in]     lookups  Look-ups of the zone.
 * \param[in,out] known    Expected records in any order, and hosts, both allocated. They are
 *                         taken over.
 * \param[in]     now      Time, seconds of lookups_now().
 * \param[out]    absent   For each expected record, by its \a nth: report that nobody has asked.
 * \param[out]    name     Room for LOOKUPS_ZONE_MAX names that were asked for and not there.
 * \param[out]    count    Names.
 *
 * \return Seconds after which there is more to report, 0 = never.
 */
uint64_t lookups_exchange(lookups_t *lookups, lookups_known_t *known, uint64_t now, bool *absent,
                          lookups_name_t *name, size_t *count);

/*!
 * \brief Forgets a name of the zone.
 */
void lookups_forget(const lookups_t *lookups, const knot_dname_t *name);

/*!
 * \brief Has a name gone without an answer: expired, or evicted by another one?
 *
 * Of the last 64 names of all zones that is known.
 */
bool lookups_is_forgotten(const lookups_t *lookups, const knot_dname_t *name);

/*!
 * \brief Gets the time, which never jumps, in seconds.
 */
uint64_t lookups_now(void);
