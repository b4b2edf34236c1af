/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief One audit of one zone: read, judge, report. Without any lock.
 */

#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "caaudit/policy.h"
#include "choose.h"
#include "conf.h"
#include "lookups.h"
#include "report.h"
#include "synth.h"
#include "targets.h"
#include "validations.h"

/*! Circumstances of the last audit that was complete. */
typedef struct {
	uint64_t stamp;       /*!< Hash of what it has read, see job_t; 0 = do not rely on it. */
	options_t *options;   /*!< Options that it had: a reference, or NULL. */
	uint32_t not_checked; /*!< Things that could not be looked at. */
	uint64_t gaps;        /*!< Hash of what they are and why. */
	uint64_t again; /*!< Seconds since the epoch at which there is more to report, 0 = never. */
	source_t source;
	uint64_t file;  /*!< Signature of the zone file, 0 if it is of no concern. */
	uint64_t files; /*!< Signature of the files that were read, 0 if none was. */
	unsigned loads; /*!< Loads that had been seen, see watch_t. */
} job_last_t;

/*! What an audit is given, and its result. */
typedef struct {
	/* Given: it must live until job_clear(), which of this frees \a access and \a server. */
	const knot_dname_t *zone;
	size_t id_len; /*!< Octets of the module id. */
	const options_t *options;
	conf_access_t access;          /*!< How the zone can be read. */
	caaudit_server_t server;       /*!< Who is answered. */
	synth_t *synth;                /*!< Synthesis of the zone, or NULL. */
	targets_t *targets;            /*!< Alias targets of the zone, NULL without synthesis. */
	const atomic_uint *seen_loads; /*!< Loads that queries have seen, see watch_t. */
	lookups_t *lookups;            /*!< Look-ups of the zone. */
	validations_t **used;          /*!< Validation file that was used last; replaced. */
	caaudit_memo_t **memo;         /*!< Signatures that were verified last; replaced. */
	const findings_t *before;      /*!< Findings of the last audit, or NULL. */
	uint32_t said_why;    /*!< Hash of the reason why the zone was not checked that was logged
	                        last, or 0; replaced. */
	uint32_t said_note;   /*!< The same for the validation file. */
	bool alone;           /*!< No other zone was loaded with it. */
	bool big;             /*!< The audit is known to take long. */
	job_last_t last;      /*!< The last audit. No reference to its options. */
	uint32_t last_serial; /*!< Serial of that. */
	bool may_repeat;      /*!< If nothing has changed since, the zone is not read. */
	bool (*superseded)(void *ctx); /*!< Tells whether the audit should be given up. */
	void *ctx;                     /*!< Context of that. */

	/* Result. */
	int ret;         /*!< KNOT_EOK if the zone was audited. */
	uint64_t gaps;   /*!< See job_last_t. */
	bool gone;       /*!< The configuration has not the module for the zone any more. */
	bool unchanged;  /*!< It was not read: the findings are the last ones. */
	bool includes;   /*!< The zone file includes others. */
	uint64_t stamp;  /*!< Hash of sources, files and their signatures; 0 if not known. */
	bool soon;       /*!< Not audited, but the cause may pass in a moment, */
	bool grace;      /*!< and that is no concern yet; set when the result is delivered. */
	source_t source; /*!< Source that was read, or failed last. */
	uint32_t serial;
	unsigned ms;      /*!< How long it took. */
	uint64_t again;   /*!< Seconds to the next audit at most, 0 = never. */
	uint64_t file;    /*!< Signature of the zone file, 0 if it is of no concern. */
	uint64_t files;   /*!< Signature of the files that were read, 0 if none was. */
	unsigned loads;   /*!< Loads that had been seen of what was read. */
	bool serial_left; /*!< The zone has changed, and not its serial. */
	bool large;       /*!< The zone has a large zone file. */
	char why[400];    /*!< Reason if not audited. */
	/*! Reason if the validation file or a word of the options could not be used, or empty. */
	char note[480];
	report_t report;
	lookups_answered_t answered; /*!< Look-ups to be forgotten once their records are served. */
} job_t;

/*!
 * \brief Audits a zone.
 *
 * \param[in,out] job  Job.
 */
void job_run(job_t *job);

/*!
 * \brief Ends a job without an audit.
 *
 * \param[in,out] job  Job.
 * \param[in]     ret  Error.
 */
void job_fail(job_t *job, int ret);

/*!
 * \brief Frees what a job holds.
 */
void job_clear(job_t *job);
