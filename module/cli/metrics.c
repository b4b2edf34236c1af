/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Prints metrics in Prometheus' text format, version 0.0.4. */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "engine/array.h"
#include "engine/text.h"
#include "metrics.h"

static const struct {
	const char *counter; /* Counter of the module. */
	const char *name;
	const char *type;
	const char *help;
} metric_info[METRIC__COUNT] = {
	[METRIC_FINDINGS] = { "findings", "caaudit_findings", "gauge",
	                      "Findings that stand, by id." },
	[METRIC_SEVERITY] = { "severity", "caaudit_severity", "gauge",
	                      "Findings that stand, by severity." },
	[METRIC_NOT_CHECKED] = { "not-checked", "caaudit_not_checked", "gauge",
	                         "What the last audit could not look at." },
	[METRIC_ZONES] = { "zones", "caaudit_zones", "gauge",
	                   "Zones by the state of their last audit." },
	[METRIC_AUDITED] = { "audited", "caaudit_audited_timestamp_seconds", "gauge",
	                     "Time of the last audit." },
	[METRIC_AUDITS] = { "audits", "caaudit_audits_total", "counter", "Audits." },
	[METRIC_AUDIT_FAILURES] = { "audit-failures", "caaudit_audit_failures_total", "counter",
	                            "Audits that could not read the zone." },
	[METRIC_LOOKUPS] = { "lookups", "caaudit_lookups_total", "counter",
	                     "Questions as CAs ask them." },
	[METRIC_LOOKUP_FAILURES] = { "lookup-failures", "caaudit_lookup_failures_total", "counter",
	                             "Such questions without a usable answer." },
	[METRIC_VALIDATION_IP] = { "validation-ip-lookups", "caaudit_validation_ip_lookups_total",
	                           "counter", "Such questions from the validation-ip." },
	[METRIC_SYNTHESIZED] = { "synthesized", "caaudit_synthesized_total", "counter",
	                         "Answers with a synthesized record." },
	[METRIC_SYNTH_REFUSED] = { "synth-refused", "caaudit_synth_refused_total", "counter",
	                           "Answers for which synthesis was refused." },
};

bool metrics_add(metrics_t *metrics, metric_t metric, const char *zone, const char *type,
                 uint64_t value)
{
	if (value == 0) {
		return true;
	}
	metric_sample_t *sample = array_extend(&metrics->sample, &metrics->count, sizeof(*sample));
	if (sample == NULL) {
		return false;
	}
	*sample = (metric_sample_t){
		.metric = metric,
		.zone = zone != NULL ? strdup(zone) : NULL,
		.type = type != NULL ? strdup(type) : NULL,
		.value = value,
	};
	return (zone == NULL || sample->zone != NULL) && (type == NULL || sample->type != NULL);
}

metric_t metrics_find(const char *counter)
{
	metric_t metric = 0;
	while (metric < METRIC__COUNT && strcmp(metric_info[metric].counter, counter) != 0) {
		metric++;
	}
	return metric;
}

static int compare_samples(const void *a, const void *b)
{
	const metric_sample_t *one = a, *other = b;
	if (one->metric != other->metric) {
		return one->metric < other->metric ? -1 : 1;
	}
	int order = text_compare(one->zone, other->zone);
	return order != 0 ? order : text_compare(one->type, other->type);
}

/* Adds a label to those before; backslash, quote and newline are escaped. */
static void put_label(FILE *out, const char *name, const char *value, char before)
{
	if (value == NULL) {
		return;
	}
	fprintf(out, "%c%s=\"", before, name);
	for (const char *c = value; *c != '\0'; c++) {
		if (*c == '\n') {
			fputs("\\n", out);
			continue;
		}
		if (*c == '\\' || *c == '"') {
			fputc('\\', out);
		}
		fputc(*c, out);
	}
	fputc('"', out);
}

/* Sums values that have the same name; of times the oldest remains. */
static void merge(metrics_t *metrics)
{
	size_t kept = 0;
	for (size_t i = 0; i < metrics->count; i++) {
		metric_sample_t *sample = &metrics->sample[i];
		metric_sample_t *last = kept > 0 ? &metrics->sample[kept - 1] : NULL;
		if (last == NULL || compare_samples(last, sample) != 0) {
			metric_sample_t copy = *sample;
			*sample = (metric_sample_t){ 0 };
			metrics->sample[kept++] = copy;
			continue;
		}
		if (sample->metric != METRIC_AUDITED) {
			last->value += sample->value;
		} else if (sample->value < last->value) {
			last->value = sample->value;
		}
		free(sample->zone);
		free(sample->type);
	}
	metrics->count = kept;
}

void metrics_print(metrics_t *metrics, FILE *out)
{
	if (metrics->count > 0) {
		qsort(metrics->sample, metrics->count, sizeof(*metrics->sample), compare_samples);
	}
	merge(metrics);
	for (size_t i = 0; i < metrics->count; i++) {
		const metric_sample_t *sample = &metrics->sample[i];
		const char *name = metric_info[sample->metric].name;
		if (i == 0 || sample[-1].metric != sample->metric) {
			fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name,
			        metric_info[sample->metric].help, name,
			        metric_info[sample->metric].type);
		}
		fputs(name, out);
		put_label(out, "zone", sample->zone, '{');
		put_label(out, "type", sample->type, sample->zone != NULL ? ',' : '{');
		fprintf(out, "%s %" PRIu64 "\n",
		        sample->zone != NULL || sample->type != NULL ? "}" : "", sample->value);
	}
}

void metrics_clear(metrics_t *metrics)
{
	for (size_t i = 0; i < metrics->count; i++) {
		free(metrics->sample[i].zone);
		free(metrics->sample[i].type);
	}
	free(metrics->sample);
	*metrics = (metrics_t){ 0 };
}
