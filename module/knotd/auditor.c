/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Load and unload of instances. */

#include <stdlib.h>

#include <libknot/libknot.h>

#include "auditor.h"
#include "choose.h"
#include "conf.h"
#include "counters.h"
#include "log.h"
#include "result.h"
#include "schedule.h"
#include "synth.h"
#include "worker.h"

/* Milliseconds; the log is told of loads that often at most. */
#define LOADING 1000

static void init(void)
{
	schedule_init();
	log_init();
}

/*
 * Zones. The lock of the schedule is held.
 */

static bool is_of_load(const zone_t *zone, const void *load)
{
	const instance_t *instance = atomic_load(&zone->current);
	return instance != NULL && instance->load == load;
}

static size_t count_of_load(const zone_t *first, const void *load)
{
	size_t count = 0;
	for (const zone_t *zone = first; zone != NULL; zone = zone->sibling) {
		count += is_of_load(zone, load);
	}
	return count;
}

/* No instance of the zone is audited any more. What it has not logged yet, the next one does: of a
 * finding that is gone no later audit knows. The log is held. */
static void retire(zone_t *zone)
{
	instance_t *instance = atomic_load(&zone->current);
	if (instance != NULL) {
		lines_t *waiting = atomic_exchange(&instance->waiting, NULL);
		if (waiting != NULL) {
			zone_drop_lines(zone);
			zone->unsaid = waiting;
		}
		schedule.wave -= schedule.wave > 0 && zone->share.verdict == VERDICT_PENDING;
		atomic_store(&zone->current, NULL);
		schedule_share(zone, VERDICT_NONE, 0);
		schedule_event(zone, (plan_event_t){ .what = PLAN_RETIRE });
	}
}

/* Gets a reference to the zone of the instance that is being loaded, by its id; NULL if out of
 * memory. The first instance of a load supersedes those of older loads. */
static zone_t *take_zone(knotd_mod_t *mod, const knot_dname_t *name)
{
	zone_t *first = schedule_find(name), *zone;
	size_t nth = count_of_load(first, name), id_len;
	for (zone = first; zone != NULL && nth == 0; zone = zone->sibling) {
		retire(zone);
	}
	uint64_t id = conf_module_id(mod, name, nth, &id_len);
	zone = first;
	/* Without memory for the id any zone is better than one about which nothing is known. */
	while (zone != NULL &&
	       ((id != CONF_ID_UNKNOWN && zone->id != id) || is_of_load(zone, name))) {
		zone = zone->sibling;
	}
	if (zone != NULL) {
		atomic_fetch_add(&zone->watch.refs, 1);
		return zone;
	}
	zone = zone_new(name, id, id_len);
	if (zone != NULL && !schedule_add(zone)) {
		zone_free(zone);
		zone = NULL;
	}
	return zone;
}

/* The instance is the one that is audited from now on. What is known about the zone is shown until
 * its first audit. */
static void attach(instance_t *instance, uint64_t now)
{
	zone_t *zone = instance->zone;
	atomic_store(&instance->waiting, zone->unsaid);
	zone->unsaid = NULL;
	atomic_store(&zone->current, instance);
	schedule_share(zone, VERDICT_PENDING, 0);
	if (zone->findings != NULL) {
		counters_show(instance->mod, zone->findings, 0);
	}
	counters_serial(instance->mod, zone->plan.serial);
	counters_time(instance->mod, zone->audited);
	schedule.wave++;
	schedule_event(zone, (plan_event_t){ .what = PLAN_LOAD, .now = now });
	schedule.started = schedule.zones == 0 ? now : schedule.started;
	schedule.zones++;
}

/*
 * Load and unload.
 */

static targets_t *make_targets(zone_t *zone)
{
	lock_take(&schedule.lock);
	if (zone->targets == NULL) {
		zone->targets = targets_new();
	}
	lock_give(&schedule.lock);
	return zone->targets;
}

/* Tells whether audits have a way to read the zone. */
static int find_way(const instance_t *instance, bool *readable)
{
	conf_access_t access;
	choice_t choice;
	conf_access_read(instance->mod, instance->zone->name, instance->options, &access);
	int ret = choose(&access, instance->options, &choice);
	*readable = choice.count > 0;
	conf_access_clear(&access);
	return ret;
}

static int make_synth(instance_t *instance, caaudit_policy_t *policy)
{
	conf_signing_t signing;
	targets_t *targets = make_targets(instance->zone);
	bool readable;
	int ret = targets == NULL ? KNOT_ENOMEM : find_way(instance, &readable);
	if (ret != KNOT_EOK) {
		return ret;
	}
	ret = conf_signing_read(instance->mod, instance->zone->name, &signing);
	if (ret == KNOT_EOK) {
		instance->synth = synth_new(instance->options, policy, &signing, readable, targets);
	}
	conf_signing_clear(&signing);
	return instance->synth == NULL ? KNOT_ENOMEM : ret;
}

/* Synthesis alone needs the options at the load, since it registers a hook. */
static int prepare(instance_t *instance)
{
	unsigned synthesize;
	options_t *options;
	int ret = options_synthesize(instance->mod, &synthesize);
	if (ret != KNOT_EOK || synthesize == 0) {
		return ret;
	}
	ret = options_get(instance->mod, &options);
	if (ret != KNOT_EOK) {
		return ret;
	}
	atomic_store(&instance->options, options);

	char why[256]; /* The audit reports the reason. */
	validations_t *used = NULL;
	caaudit_policy_t *policy = NULL;
	ret = options_policy(options, instance->zone->name, &used, why, sizeof(why), &policy);
	validations_unref(used);
	if (ret == KNOT_EOK) {
		ret = make_synth(instance, policy);
	}
	if (ret != KNOT_EOK) {
		caaudit_policy_free(policy);
	}
	return ret;
}

static void let_go(instance_t *instance)
{
	synth_stop(instance->synth);
	lock_take(&schedule.lock);
	instance_unref(instance);
	lock_give(&schedule.lock);
}

static void begin_audits(instance_t *instance)
{
	uint64_t now = schedule_now();
	lock_take(&schedule.lock);
	bool first = schedule.zones == 0 || now - schedule.loading > LOADING;
	schedule.loading = first ? now : schedule.loading;
	attach(instance, now);
	int error = worker_start();
	lock_give(&schedule.lock);
	if (first) {
		log_loading(instance->mod);
	}
	if (error != 0) {
		result_no_thread(instance, error);
	}
}

int auditor_load(knotd_mod_t *mod, instance_t **out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, init);

	/* The first step, since the server replaces the zone even if memory is out. */
	const knot_dname_t *name = knotd_mod_zone(mod);
	log_hold();
	lock_take(&schedule.lock);
	zone_t *zone = take_zone(mod, name);
	instance_t *instance = zone == NULL ? NULL : instance_new(mod, zone, name);
	if (instance == NULL && zone != NULL) {
		zone_unref(zone);
	}
	lock_give(&schedule.lock);
	log_release();
	if (instance == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = prepare(instance);
	if (ret != KNOT_EOK) {
		let_go(instance);
		return ret;
	}
	begin_audits(instance);
	*out = instance;
	return KNOT_EOK;
}

int auditor_load_global(knotd_mod_t *mod, instance_t **out)
{
	global_t *global = global_new(mod);
	if (global == NULL) {
		return KNOT_ENOMEM;
	}
	lock_take(&schedule.lock);
	counters_base(&global->base);
	global->next = schedule.global;
	schedule.global = global;
	counters_publish(mod, &global->base);
	lock_give(&schedule.lock);
	*out = &global->instance;
	return KNOT_EOK;
}

static void unload_global(global_t *global)
{
	global_t **pos = &schedule.global;
	while (*pos != global) {
		pos = &(*pos)->next;
	}
	*pos = global->next;
}

static void unload_zone(instance_t *instance)
{
	if (instance_is_current(instance)) {
		retire(instance->zone);
		watch_note(&instance->zone->watch, PLAN_LEFT);
	}
	if (--schedule.zones == 0) {
		pthread_cond_broadcast(&schedule.wake);
	}
}

void auditor_unload(instance_t *instance)
{
	synth_stop(instance->synth);
	log_hold();
	lock_take(&schedule.lock);
	instance->mod = NULL;
	if (instance->zone == NULL) {
		unload_global((global_t *)instance);
	} else {
		unload_zone(instance);
	}
	instance_unref(instance);
	lock_give(&schedule.lock);
	log_release();
}
