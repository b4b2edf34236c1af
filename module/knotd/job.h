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

#include "choose.h"
#include "lookups.h"
#include "report.h"
#include "synth.h"

/*! Circumstances of the last audit that was complete. */
typedef struct {
	bool valid;     /*!< There was one, and nothing is known to have changed since. */
	uint64_t stamp; /*!< Hash of what was to be read, see job_t. */
	uint64_t time;  /*!< When it was, milliseconds. */
	uint32_t serial;
	uint32_t ms;          /*!< How long it took. */
	uint32_t not_checked; /*!< Things that could not be looked at. */
	source_t source;
} last_t;

/*! What an audit is given, and what comes out. */
typedef struct {
	/* Given. */
	const knot_dname_t *zone;
	const options_t *options;
	synth_t *synth;          /*!< Synthesis of the zone, or NULL. */
	lookups_t *lookups;      /*!< Look-ups of the zone. */
	caaudit_policy_t **kept; /*!< Policy with the last validation file that could be read, or
	                                 NULL; the audit changes it. */
	caaudit_memo_t **memo;   /*!< Signatures verified in audits before; the audit changes it. */
	const held_t *before;    /*!< Result of the last audit, or NULL. */
	const atomic_bool *gone; /*!< Give up if it gets true. */
	size_t id_len;
	bool all;    /*!< Log old findings as well. */
	last_t last; /*!< If the same would come out again it is not read. */
	choice_t choice;

	/* Result. */
	int ret;         /*!< KNOT_EOK if the zone was audited. */
	bool unchanged;  /*!< It was not read: the result is the last one. */
	bool includes;   /*!< The zone file includes others. */
	uint64_t stamp;  /*!< Hash of source, files and their signatures; 0 if not known. */
	bool soon;       /*!< Not audited, but what hinders it may pass in a moment. */
	source_t source; /*!< Source that was read, or failed last. */
	uint32_t serial;
	unsigned ms;
	uint64_t again; /*!< Seconds to the next audit at most, 0 = no matter. */
	uint64_t file;  /*!< Signature of the zone file, 0 if none was read. */
	char why[400];  /*!< Reason if not audited. */
	char note[400]; /*!< Reason if the validation file could not be used, or empty. */
	report_t report;
} job_t;

/*!
 * \brief Makes a signature that changes with a file.
 *
 * \param[in] path  File.
 *
 * \return Signature, never 0.
 */
uint64_t job_file_signature(const char *path);

/*!
 * \brief Gets the size of a regular file.
 *
 * \param[in] path  File.
 *
 * \return Octets; 0 if there is no such file, -1 if it is no regular one.
 */
int64_t job_file_size(const char *path);

/*!
 * \brief Audits a zone.
 *
 * \param[in,out] job  Job; what it was given must live on until job_clear().
 */
void job_run(job_t *job);

/*!
 * \brief Frees what a job holds.
 */
void job_clear(job_t *job);
