/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The zones of a command line, the policy of each, and its output. */

#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "caaudit/policy.h"
#include "config.h"
#include "metrics.h"
#include "options.h"
#include "report.h"
#include "survey.h"
#include "terminal.h"
#include "zone.h"

/*! One zone to check. Its output waits here until that of the zones before is printed. */
typedef struct {
	knot_dname_t *zone; /*!< Name, to be freed. */
	zone_copy_t copy;   /*!< Of the zone file, if it can be read only once. */
	caaudit_policy_t *policy;
	words_t validation_file; /*!< Paths, not read yet; not owned. */
	words_t notify;          /*!< Addresses of the servers that are notified; not owned. */
	report_t report;
	survey_zone_t survey;
	char *out;
	char *err;
	size_t out_len;
	size_t err_len;
	int code;
	bool surveyed;        /*!< \a survey is of this zone. */
	bool planned;         /*!< Its policy comes from a configuration, not from the options. */
	bool file_configured; /*!< So does \a validation_file. */
	bool partial;         /*!< Its validations could not be read, all else is checked. */
	bool done;
} zone_job_t;

/*! How often a finding was made. */
typedef struct {
	size_t findings;
	size_t zones;
} tally_t;

/*! All zones. What all of them share, \a next to \a tally, changes under the lock. */
typedef struct {
	const options_t *opts;
	config_t *config; /*!< NULL without --config. */
	char **anchor;    /*!< Of probe: trust anchors of names above the zones, as text. */
	size_t anchor_count;
	style_t style;
	zone_job_t *job;
	size_t count;
	size_t next;   /*!< First zone that no thread has begun. */
	size_t hidden; /*!< Zones whose report is not printed: no error, no warning. */
	bool printed;  /*!< A report has been printed. */
	metrics_t metrics;
	tally_t gaps; /*!< What was not checked. */
	tally_t tally[CAAUDIT_SEVERITY__COUNT][CAAUDIT_FINDING__COUNT];
	pthread_mutex_t lock;
	pthread_cond_t changed;
} batch_t;

/*!
 * \brief Finds the zones and makes their policies; says on standard error what is wrong.
 *
 * Everything that can be wrong with a command line is found here, before any
 * zone is read.
 *
 * \param[in,out] batch  Batch with its options; to be cleared in any case.
 *
 * \return true if the zones can be checked.
 */
bool batch_plan(batch_t *batch);

/*! Frees what a batch holds. */
void batch_clear(batch_t *batch);
