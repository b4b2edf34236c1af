/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What is known about a zone, and about one load of the module for it.
 *
 * A zone here is a zone under one module id: with two ids in its 'module' list there are two of
 * them. It outlives reloads of the server; an instance is one load. Each member says in brackets
 * which lock guards it, or who may use it; README.md has the rules.
 *
 * - [made]: set before others see it, then read only.
 * - [atomic]: no lock.
 * - [schedule], [log]: with that lock.
 * - [audit]: by the thread that audits the zone, of which there is one at a time.
 */

#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "counters.h"
#include "job.h"
#include "lookups.h"
#include "options.h"
#include "plan.h"
#include "report.h"
#include "synth.h"
#include "targets.h"
#include "watch.h"

typedef struct zone zone_t;

/*! Times of a zone, each with a heap of the schedule: when an audit is due, when a question is, and
 * when the last audit was that could look. */
typedef enum { ZONE_AUDIT, ZONE_QUESTION, ZONE_AUDITED, ZONE_TIMES } zone_time_t;

/*! One load of the module: the context of the module. */
typedef struct {
	atomic_uint seen; /*!< Tick of the last look of a query. [atomic] */
	unsigned refs;    /*!< References. [schedule] */
	zone_t *zone;     /*!< Zone, a reference; NULL for global scope. [made] */
	knotd_mod_t *mod; /*!< Module context, NULL once it is unloaded. [schedule or log to read,
	                        none in load and in queries, both to write] */
	const void *load; /*!< Which load of the zone it belongs to, see instance_new(). [made] */
	_Atomic(options_t *) options; /*!< Options, NULL until instance_options(). [atomic] */
	synth_t *synth;               /*!< NULL unless 'synthesize' is set. [made] */
	_Atomic(lines_t *)
		waiting; /*!< Lines that wait for a query, or NULL. [atomic to see whether
	                                 there are any, else log] */
} instance_t;

/*! An instance of global scope. */
typedef struct global global_t;
struct global {
	instance_t instance;  /*!< Must come first. */
	counters_base_t base; /*!< Where the sums stood at the load. [made] */
	global_t *next;       /*!< The next one. [schedule] */
};

/*! A zone under one module id. */
struct zone {
	watch_t watch;                 /*!< Must come first. Its references: instances, the stack
	                                    of watches. [atomic] */
	_Atomic(instance_t *) current; /*!< Instance that is audited, NULL if there is none. [atomic
	                                    to read, schedule to write] */
	plan_t plan;                   /*!< State, and the time of the next audit. [schedule] */
	uint64_t audited;              /*!< Time of the last audit that could look, in seconds since
	                                    the epoch; 0 = never. [schedule] */
	uint32_t heap_pos[ZONE_TIMES]; /*!< Place in the heaps of the schedule. [schedule] */
	counters_share_t share;        /*!< What it adds to the sums. [schedule] */
	findings_t *findings;          /*!< Of the last audit, NULL if there was none; a reference.
	                                    [schedule; audit may read] */
	job_last_t last;               /*!< Circumstances of the last audit. [schedule] */
	lines_t *unsaid;               /*!< Lines of an instance that was unloaded before they were
	                                    logged, or NULL. [schedule] */
	uint32_t why;                  /*!< Hash of the reason why it was not checked that was
	                                    logged last, or 0. [schedule] */
	uint32_t note;                 /*!< The same for the validation file. [schedule] */
	char *path;                    /*!< Zone file that is watched, or NULL, [schedule] */
	uint64_t file;                 /*!< and its signature at the last audit. [schedule] */
	zone_t *sibling;               /*!< The same zone under another id. [schedule] */
	lookups_t lookups;             /*!< Look-ups of validation names. [see lookups.h] */
	targets_t *targets;            /*!< Alias targets; NULL until an instance synthesises.
	                                    [schedule to write] */
	validations_t *used;           /*!< Validation file that was used last. [audit] */
	caaudit_memo_t *memo;          /*!< Signatures that were verified last. [audit] */
	uint64_t id;                   /*!< Hash of the module id, or CONF_ID_UNKNOWN. [made] */
	uint32_t id_len;               /*!< Octets of the module id. [made] */
	knot_dname_t name[];           /*!< Zone name. [made] */
};

/*!
 * \brief Creates a zone that is not in the schedule.
 *
 * \param[in] name    Name.
 * \param[in] id      Hash of the module id.
 * \param[in] id_len  Octets of the module id.
 *
 * \return Zone with one reference; NULL if out of memory.
 */
zone_t *zone_new(const knot_dname_t *name, uint64_t id, size_t id_len);

/*!
 * \brief Frees a zone to which there is no reference.
 */
void zone_free(zone_t *zone);

/*!
 * \brief Frees the lines that no instance has logged.
 */
void zone_drop_lines(zone_t *zone);

/*!
 * \brief Takes a reference to findings. The schedule's lock is held.
 *
 * \param[in] findings  Findings or NULL.
 *
 * \return The same.
 */
findings_t *findings_ref(findings_t *findings);

/*!
 * \brief Gives a reference back. The schedule's lock is held.
 *
 * \param[in] findings  Findings or NULL.
 */
void findings_unref(findings_t *findings);

/*!
 * \brief Creates an instance of a zone with one reference.
 *
 * \param[in] mod   Module context, while it is being loaded.
 * \param[in] zone  Zone, a reference that is taken over.
 * \param[in] load  Stands for the load: the instances of a zone that the server loads together,
 *                  and no others that are loaded, have the same one.
 *
 * \return Instance; NULL if out of memory.
 */
instance_t *instance_new(knotd_mod_t *mod, zone_t *zone, const void *load);

/*!
 * \brief Creates an instance of global scope with one reference.
 *
 * \param[in] mod  Module context, while it is being loaded.
 *
 * \return Instance; NULL if out of memory.
 */
global_t *global_new(knotd_mod_t *mod);

/*!
 * \brief Frees an instance to which there is no reference, but for its zone.
 */
void instance_free(instance_t *instance);

/*!
 * \brief Reads the options of an instance of a zone, once.
 *
 * The server loads one zone after the other, and looking all options up takes longer than the
 * rest of a load. So the first audit reads them, or a query that comes before it. A change of the
 * configuration loads a new instance; an old one that has not read its options finds those of its
 * section as they are now, if the section is still there.
 *
 * \param[in] instance  Instance that is loaded; in an RCU read-side section.
 *
 * \retval KNOT_EOK     on success: \a options is set.
 * \retval KNOT_ENOENT  if the configuration no longer has such an instance.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int instance_options(instance_t *instance);

/*!
 * \brief Tells whether an instance is the one of its zone that is audited. Any thread may ask.
 */
static inline bool instance_is_current(const instance_t *instance)
{
	return atomic_load(&instance->zone->current) == instance;
}
