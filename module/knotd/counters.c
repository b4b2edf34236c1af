/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Names, sums and values of the counters. */

#include <stdatomic.h>
#include <string.h>

#include <libknot/libknot.h>

#include "counters.h"

/* Sums of what the zones show now, and of audits so far. Guarded by the lock of the schedule. */
static struct {
	uint64_t by_id[CAAUDIT_FINDING__COUNT];
	uint64_t by_severity[CAAUDIT_SEVERITY__COUNT];
	uint64_t zones[VERDICT__COUNT];
	uint64_t not_checked;
	uint64_t audits;
	uint64_t failures;
} sums;

/* Sums of what queries count, in the order of CTR_LOOKUPS to CTR_SYNTH_REFUSED. */
static atomic_ulong seen[COUNTERS_SUMS];

/* Names of zones[]: audited in the place of VERDICT_NONE, then the verdicts. */
static const char *const zone_names[] = {
	"audited", "pending", "failed", "clean", "warning", "error", "unclear",
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
	static const char *const name[] = { "nxdomain", "nodata", "refused", "servfail" };
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
	[CTR_AUDITED] = { "audited", 1, NULL },
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

/* Counts something that a query has seen, for the zone and in the sums. */
static void count(knotd_mod_t *mod, unsigned thread_id, uint32_t ctr, uint32_t idx)
{
	size_t nth = idx;
	for (uint32_t before = CTR_LOOKUPS; before < ctr; before++) {
		nth += common[before].count;
	}
	knotd_mod_stats_incr(mod, thread_id, ctr, idx, 1);
	atomic_fetch_add_explicit(&seen[nth], 1, memory_order_relaxed);
}

void counters_lookup(knotd_mod_t *mod, unsigned thread_id, lookup_t what, lookup_failure_t failure,
                     bool validation_ip)
{
	count(mod, thread_id, CTR_LOOKUPS, what);
	if (failure != LOOKUP_ANSWERED) {
		count(mod, thread_id, CTR_LOOKUP_FAILURES, failure);
	}
	if (validation_ip) {
		count(mod, thread_id, CTR_VALIDATION_IP, 0);
	}
}

void counters_synthesized(knotd_mod_t *mod, unsigned thread_id, lookup_t what)
{
	count(mod, thread_id, CTR_SYNTHESIZED, what);
}

void counters_synth_refused(knotd_mod_t *mod, unsigned thread_id)
{
	count(mod, thread_id, CTR_SYNTH_REFUSED, 0);
}

/* Shows an array of values. */
static void show(knotd_mod_t *mod, uint32_t ctr, const uint64_t *value)
{
	for (uint32_t i = 0; i < common[ctr].count; i++) {
		knotd_mod_stats_store(mod, 0, ctr, i, value[i]);
	}
}

void counters_show(knotd_mod_t *mod, const findings_t *findings, uint32_t not_checked)
{
	static const findings_t none;
	if (findings == NULL) {
		findings = &none;
	}
	for (uint32_t i = 0; i < CAAUDIT_FINDING__COUNT; i++) {
		knotd_mod_stats_store(mod, 0, CTR_FINDINGS, i, findings->by_id[i]);
	}
	for (uint32_t i = 0; i < CAAUDIT_SEVERITY__COUNT; i++) {
		knotd_mod_stats_store(mod, 0, CTR_SEVERITY, i, findings->by_severity[i]);
	}
	knotd_mod_stats_store(mod, 0, CTR_NOT_CHECKED, 0, not_checked);
}

void counters_serial(knotd_mod_t *mod, uint32_t serial)
{
	knotd_mod_stats_store(mod, 0, CTR_SERIAL, 0, serial);
}

void counters_time(knotd_mod_t *mod, uint64_t time)
{
	knotd_mod_stats_store(mod, 0, CTR_AUDITED, 0, time);
}

uint64_t counters_zones(verdict_t verdict)
{
	return sums.zones[verdict];
}

uint64_t counters_not_checked(void)
{
	return sums.not_checked;
}

void counters_audited(knotd_mod_t *mod, bool failed)
{
	sums.audits += !failed;
	sums.failures += failed;
	knotd_mod_stats_incr(mod, 0, failed ? CTR_FAILURES : CTR_AUDITS, 0, 1);
}

/* Adds a share to the sums; with the sign -1 takes it out. */
static void add(const counters_share_t *share, uint64_t sign)
{
	sums.zones[share->verdict] += sign;
	sums.not_checked += sign * share->not_checked;
	for (uint32_t i = 0; share->findings != NULL && i < CAAUDIT_FINDING__COUNT; i++) {
		sums.by_id[i] += sign * share->findings->by_id[i];
	}
	for (uint32_t i = 0; share->findings != NULL && i < CAAUDIT_SEVERITY__COUNT; i++) {
		sums.by_severity[i] += sign * share->findings->by_severity[i];
	}
}

void counters_share(counters_share_t *share, counters_share_t now)
{
	add(share, (uint64_t)-1);
	*share = now;
	add(share, 1);
}

void counters_base(counters_base_t *base)
{
	base->audits = sums.audits;
	base->failures = sums.failures;
	for (size_t i = 0; i < COUNTERS_SUMS; i++) {
		base->seen[i] = atomic_load(&seen[i]);
	}
}

void counters_publish(knotd_mod_t *mod, const counters_base_t *base)
{
	show(mod, CTR_FINDINGS, sums.by_id);
	show(mod, CTR_SEVERITY, sums.by_severity);
	knotd_mod_stats_store(mod, 0, CTR_AUDITS, 0, sums.audits - base->audits);
	knotd_mod_stats_store(mod, 0, CTR_FAILURES, 0, sums.failures - base->failures);
	knotd_mod_stats_store(mod, 0, CTR_NOT_CHECKED, 0, sums.not_checked);

	uint64_t since[COUNTERS_SUMS];
	for (size_t i = 0; i < COUNTERS_SUMS; i++) {
		since[i] = atomic_load(&seen[i]) - base->seen[i];
	}
	const uint64_t *pos = since;
	for (uint32_t ctr = CTR_LOOKUPS; ctr <= CTR_SYNTH_REFUSED; ctr++) {
		show(mod, ctr, pos);
		pos += common[ctr].count;
	}

	uint64_t audited = sums.zones[VERDICT_CLEAN] + sums.zones[VERDICT_WARNING] +
	                   sums.zones[VERDICT_ERROR] + sums.zones[VERDICT_UNCLEAR];
	knotd_mod_stats_store(mod, 0, CTR_ZONES, 0, audited);
	for (uint32_t i = VERDICT_PENDING; i < VERDICT__COUNT; i++) {
		knotd_mod_stats_store(mod, 0, CTR_ZONES, i, sums.zones[i]);
	}
}
