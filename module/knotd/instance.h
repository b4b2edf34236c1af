/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief One loaded instance of the module.
 *
 * Whatever is not atomic belongs to the auditor and its lock.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "counters.h"
#include "job.h"
#include "lookups.h"
#include "report.h"
#include "options.h"
#include "synth.h"
#include "watch.h"

typedef struct instance instance_t;
struct instance {
	watch_t watch;     /*!< Must come first. */
	atomic_bool gone;  /*!< Unloaded or superseded: whoever is busy with it may stop. */
	bool superseded;   /*!< A newer instance of the zone was loaded. */
	bool running;      /*!< A thread audits the zone. */
	bool again;        /*!< A change was noticed meanwhile. */
	bool seen;         /*!< A query showed a serial meanwhile, perhaps the one that is read. */
	bool first;        /*!< Nothing was reported yet. */
	bool poked;        /*!< An update or NOTIFY arrived, and no new serial was seen. */
	bool big;          /*!< The audit takes long. */
	bool counted;      /*!< \a share is in the sums. */
	uint8_t fails;     /*!< Audits in a row that could not look. */
	uint8_t poke_step; /*!< Looks since the update. */
	knotd_mod_t *mod;  /*!< Module context; NULL when it is unloaded. */
	_Atomic(options_t *)
		options;   /*!< Options, NULL until they are needed: auditor_settings(). */
	options_t *former; /*!< Those that \a kept and \a last of the instance before came from. */
	synth_t *synth;    /*!< NULL unless 'synthesize' is set. */
	uint64_t id;       /*!< Hash of the id in the configuration, or ID_UNKNOWN. */
	uint32_t id_len;   /*!< Octets of the id. */
	lookups_t lookups; /*!< Look-ups of validation names. */
	caaudit_policy_t
		*kept;        /*!< Policy of the last audit that could read the validation file. */
	caaudit_memo_t *memo; /*!< Signatures that the last audit has verified. */
	last_t last;          /*!< Circumstances of the last audit. */
	uint32_t serial;      /*!< Serial of the last audit. */
	uint64_t due;         /*!< Time of the next audit, milliseconds. */
	uint64_t born;        /*!< Time of the load. */
	uint32_t queue_pos;   /*!< Place in the queue, QUEUE_NONE if it is not in it. */
	uint32_t why;         /*!< Hash of the last reason why it was not checked, or 0. */
	uint32_t note;        /*!< The same for the validation file. */
	atomic_uint waiting_count;
	line_t *waiting; /*!< Lines that wait for the zone's next query. */
	uint64_t file;   /*!< Signature of the zone file that was read. */
	held_t *held;    /*!< Result of the last audit, NULL if there was no finding. */
	share_t share;
	instance_t *chain;     /*!< Link of the table of zones. */
	instance_t *ring_next; /*!< Links of the zone files that are watched, or NULL. */
	instance_t *ring_prev;
	counters_base_t *base; /*!< For global scope. */
	knot_dname_t zone[];   /*!< Name of the zone. */
};
