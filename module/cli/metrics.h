/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Metrics for Prometheus: what is not zero, grouped as its text format demands. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*! Metrics, in the order in which they are printed. */
typedef enum {
	METRIC_FINDINGS,
	METRIC_SEVERITY,
	METRIC_NOT_CHECKED,
	METRIC_ZONES,
	METRIC_AUDITED,
	METRIC_AUDITS,
	METRIC_AUDIT_FAILURES,
	METRIC_LOOKUPS,
	METRIC_LOOKUP_FAILURES,
	METRIC_VALIDATION_IP,
	METRIC_SYNTHESIZED,
	METRIC_SYNTH_REFUSED,
	METRIC__COUNT
} metric_t;

/*! One value. */
typedef struct {
	metric_t metric;
	char *zone; /*!< NULL for a value of all zones. */
	char *type; /*!< Which of the values of the metric, as knot-exporter has it; or NULL. */
	uint64_t value;
} metric_sample_t;

/*! Values; starts zeroed. */
typedef struct {
	metric_sample_t *sample;
	size_t count;
} metrics_t;

/*! Adds a value with copies of zone and type, or NULL; zero is left out. False if out of memory. */
bool metrics_add(metrics_t *metrics, metric_t metric, const char *zone, const char *type,
                 uint64_t value);

/*! Finds the metric of a counter of the module; METRIC__COUNT if it is none of these. */
metric_t metrics_find(const char *counter);

/*!
 * \brief Prints the values, with help and type of each metric.
 *
 * Values that were added several times, as for a zone with two instances of the module, are summed;
 * of times the oldest is printed.
 *
 * \param[in] metrics  Values; they are sorted and summed.
 * \param[in] out      Stream.
 */
void metrics_print(metrics_t *metrics, FILE *out);

/*! Frees the values. */
void metrics_clear(metrics_t *metrics);
