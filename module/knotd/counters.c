/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdatomic.h>
#include <string.h>

#include <libknot/libknot.h>

#include "counters.h"

/* Sums of what the zones show now, and of audits so far. */
static struct {
	uint64_t by_id[CAAUDIT_FINDING__COUNT];
	uint64_t by_severity[CAAUDIT_SEVERITY__COUNT];
	uint64_t zones[ZONE_STATE__COUNT];
	uint64_t not_checked;
	uint64_t audits;
	uint64_t failures;
} sums;

/* Sums of look-ups: queries add to them without a lock. */
static struct {
	atomic_ulong lookups[LOOKUP__COUNT];
	atomic_ulong failures[LOOKUP_FAILURE__COUNT];
	atomic_ulong validation_ip;
	atomic_ulong synthesized[LOOKUP__COUNT];
	atomic_ulong synth_refused;
} seen;

/* Names of zones[]: audited comes before the states. */
static const char *const zone_names[] = {
	"audited", "pending", "failed", "clean", "warning", "error",
};
#define ZONE_NAME_COUNT (sizeof(zone_names) / sizeof(*zone_names))

static char *finding_to_str(uint32_t idx, uint32_t count)
{
	return idx < count ? strdup(caaudit_finding_info(idx)->id) : NULL;
}

static char *severity_to_str(uint32_t idx, uint32_t count)
{
	return idx < count ? strdup(caaudit_severity_name(idx)) : NULL;
}

static char *lookup_to_str(uint32_t idx, uint32_t count)
{
	static const char *const name[] = { "caa", "validation" };
	return idx < count ? strdup(name[idx]) : NULL;
}

static char *failure_to_str(uint32_t idx, uint32_t count)
{
	static const char *const name[] = { "nxdomain", "nodata", "refused" };
	return idx < count ? strdup(name[idx]) : NULL;
}

static char *zone_to_str(uint32_t idx, uint32_t count)
{
	return idx < count ? strdup(zone_names[idx]) : NULL;
}

typedef struct {
	const char *name;
	uint32_t count;
	knotd_mod_idx_to_str_f to_str;
} counter_t;

static const counter_t common[] = {
	[CTR_FINDINGS] = { "findings", CAAUDIT_FINDING__COUNT, finding_to_str },
	[CTR_SEVERITY] = { "severity", CAAUDIT_SEVERITY__COUNT, severity_to_str },
	[CTR_AUDITS] = { "audits", 1, NULL },
	[CTR_FAILURES] = { "audit-failures", 1, NULL },
	[CTR_NOT_CHECKED] = { "not-checked", 1, NULL },
	[CTR_LOOKUPS] = { "lookups", LOOKUP__COUNT, lookup_to_str },
	[CTR_LOOKUP_FAILURES] = { "lookup-failures", LOOKUP_FAILURE__COUNT, failure_to_str },
	[CTR_VALIDATION_IP] = { "validation-ip-lookups", 1, NULL },
	[CTR_SYNTHESIZED] = { "synthesized", LOOKUP__COUNT, lookup_to_str },
	[CTR_SYNTH_REFUSED] = { "synth-refused", 1, NULL },
};
static const counter_t of_zone = { "serial", 1, NULL };
static const counter_t of_all = { "zones", ZONE_NAME_COUNT, zone_to_str };

int counters_register(knotd_mod_t *mod, bool global)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; i <= CTR_SERIAL && ret == KNOT_EOK; i++) {
		const counter_t *ctr = i < CTR_SERIAL ? &common[i] : global ? &of_all : &of_zone;
		ret = knotd_mod_stats_add(mod, ctr->name, ctr->count, ctr->to_str);
	}
	return ret;
}

void counters_lookup(knotd_mod_t *mod, unsigned thread_id, lookup_t what, lookup_failure_t failure,
                     bool validation_ip)
{
	knotd_mod_stats_incr(mod, thread_id, CTR_LOOKUPS, what, 1);
	atomic_fetch_add_explicit(&seen.lookups[what], 1, memory_order_relaxed);
	if (failure != LOOKUP_ANSWERED) {
		knotd_mod_stats_incr(mod, thread_id, CTR_LOOKUP_FAILURES, failure, 1);
		atomic_fetch_add_explicit(&seen.failures[failure], 1, memory_order_relaxed);
	}
	if (validation_ip) {
		knotd_mod_stats_incr(mod, thread_id, CTR_VALIDATION_IP, 0, 1);
		atomic_fetch_add_explicit(&seen.validation_ip, 1, memory_order_relaxed);
	}
}

void counters_synthesized(knotd_mod_t *mod, unsigned thread_id, lookup_t what)
{
	knotd_mod_stats_incr(mod, thread_id, CTR_SYNTHESIZED, what, 1);
	atomic_fetch_add_explicit(&seen.synthesized[what], 1, memory_order_relaxed);
}

void counters_synth_refused(knotd_mod_t *mod, unsigned thread_id)
{
	knotd_mod_stats_incr(mod, thread_id, CTR_SYNTH_REFUSED, 0, 1);
	atomic_fetch_add_explicit(&seen.synth_refused, 1, memory_order_relaxed);
}

void counters_show(knotd_mod_t *mod, const held_t *held, uint32_t not_checked)
{
	for (uint32_t i = 0; i < CAAUDIT_FINDING__COUNT; i++) {
		knotd_mod_stats_store(mod, 0, CTR_FINDINGS, i, held != NULL ? held->by_id[i] : 0);
	}
	for (uint32_t i = 0; i < CAAUDIT_SEVERITY__COUNT; i++) {
		knotd_mod_stats_store(mod, 0, CTR_SEVERITY, i,
		                      held != NULL ? held->by_severity[i] : 0);
	}
	knotd_mod_stats_store(mod, 0, CTR_NOT_CHECKED, 0, not_checked);
}

void counters_share(const share_t *share, bool add)
{
	uint64_t sign = add ? 1 : UINT64_MAX;
	sums.zones[share->state] += sign;
	sums.not_checked += sign * share->not_checked;
	if (share->held != NULL) {
		for (uint32_t i = 0; i < CAAUDIT_FINDING__COUNT; i++) {
			sums.by_id[i] += sign * share->held->by_id[i];
		}
		for (uint32_t i = 0; i < CAAUDIT_SEVERITY__COUNT; i++) {
			sums.by_severity[i] += sign * share->held->by_severity[i];
		}
	}
}

void counters_audited(bool failed)
{
	sums.audits++;
	sums.failures += failed;
}

void counters_base(counters_base_t *base)
{
	base->audits = sums.audits;
	base->failures = sums.failures;
	for (size_t i = 0; i < LOOKUP__COUNT; i++) {
		base->lookups[i] = atomic_load(&seen.lookups[i]);
		base->synthesized[i] = atomic_load(&seen.synthesized[i]);
	}
	for (size_t i = 0; i < LOOKUP_FAILURE__COUNT; i++) {
		base->lookup_failures[i] = atomic_load(&seen.failures[i]);
	}
	base->validation_ip = atomic_load(&seen.validation_ip);
	base->synth_refused = atomic_load(&seen.synth_refused);
}

void counters_publish(knotd_mod_t *mod, const counters_base_t *base)
{
	for (uint32_t i = 0; i < CAAUDIT_FINDING__COUNT; i++) {
		knotd_mod_stats_store(mod, 0, CTR_FINDINGS, i, sums.by_id[i]);
	}
	for (uint32_t i = 0; i < CAAUDIT_SEVERITY__COUNT; i++) {
		knotd_mod_stats_store(mod, 0, CTR_SEVERITY, i, sums.by_severity[i]);
	}
	knotd_mod_stats_store(mod, 0, CTR_AUDITS, 0, sums.audits - base->audits);
	knotd_mod_stats_store(mod, 0, CTR_FAILURES, 0, sums.failures - base->failures);
	knotd_mod_stats_store(mod, 0, CTR_NOT_CHECKED, 0, sums.not_checked);

	for (uint32_t i = 0; i < LOOKUP__COUNT; i++) {
		knotd_mod_stats_store(mod, 0, CTR_LOOKUPS, i,
		                      atomic_load(&seen.lookups[i]) - base->lookups[i]);
		knotd_mod_stats_store(mod, 0, CTR_SYNTHESIZED, i,
		                      atomic_load(&seen.synthesized[i]) - base->synthesized[i]);
	}
	for (uint32_t i = 0; i < LOOKUP_FAILURE__COUNT; i++) {
		knotd_mod_stats_store(mod, 0, CTR_LOOKUP_FAILURES, i,
		                      atomic_load(&seen.failures[i]) - base->lookup_failures[i]);
	}
	knotd_mod_stats_store(mod, 0, CTR_VALIDATION_IP, 0,
	                      atomic_load(&seen.validation_ip) - base->validation_ip);
	knotd_mod_stats_store(mod, 0, CTR_SYNTH_REFUSED, 0,
	                      atomic_load(&seen.synth_refused) - base->synth_refused);

	uint64_t audited = sums.zones[ZONE_CLEAN] + sums.zones[ZONE_WARNING] +
	                   sums.zones[ZONE_ERROR];
	knotd_mod_stats_store(mod, 0, CTR_ZONES, 0, audited);
	for (uint32_t i = 0; i < ZONE_STATE__COUNT; i++) {
		knotd_mod_stats_store(mod, 0, CTR_ZONES, i + 1, sums.zones[i]);
	}
}
