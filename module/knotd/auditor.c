/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Locks.
 *
 * One mutex guards the zones, the queue and the results. Nobody waits for an RCU
 * grace period or does I/O while holding it; so the server's threads, which take
 * it in load and unload and rarely in a query (inside a read-side section), get it
 * soon and cannot deadlock with a grace period.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libknot/libknot.h>

#include "auditor.h"
#include "choose.h"
#include "counters.h"
#include "deliver.h"
#include "instance.h"
#include "pool.h"
#include "queue.h"
#include "worker.h"

/* All times in milliseconds. */
#define LOAD_QUIET     1000 /* Audits begin when nothing was loaded for so long. */
#define LOAD_QUIET_MAX 60000

/* Set in the threads of the server that have answered for a zone with the module. */
static pthread_key_t answering;
static bool answering_known;

/* What was loaded last, to tell the instances of a zone from each other. */
static knot_dname_storage_t last_zone;
static size_t last_nth;
static bool last_known;

static uint64_t quiet_since; /* First load of those that pool.quiet_until is about. */

static void on_answering_end(void *value)
{
	(void)value;
	pthread_mutex_lock(&pool.lock);
	atomic_fetch_sub(&pool.answering, 1);
	pthread_mutex_unlock(&pool.lock);
}

static void init(void)
{
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&pool.wake, &attr);
	pthread_condattr_destroy(&attr);
	answering_known = pthread_key_create(&answering, on_answering_end) == 0;
}

/*
 * Load and unload.
 */

/* Finds the instance's place among those of its zone. */
static size_t identify(instance_t *inst)
{
	size_t nth = 0, count, len;
	if (last_known && knot_dname_is_equal(last_zone, inst->zone)) {
		nth = last_nth + 1;
	}
	inst->id = conf_zone_id(inst->mod, inst->zone, nth, &count, &len);
	if (nth >= count && nth > 0) {
		nth = 0;
		inst->id = conf_zone_id(inst->mod, inst->zone, nth, &count, &len);
	}
	inst->id_len = (uint32_t)len;
	memcpy(last_zone, inst->zone, knot_dname_size(inst->zone));
	last_nth = nth;
	last_known = true;
	return nth;
}

static void supersede(const instance_t *inst)
{
	instance_t *old = pool_first(inst->zone);
	for (; old != NULL; old = old->chain) {
		if (!old->superseded && knot_dname_is_equal(old->zone, inst->zone)) {
			old->superseded = true;
			pool_retire(old);
		}
	}
}

/* Takes the findings over from the instance that was superseded last, so that
 * one that went away in between is known to be resolved. What depends on the options
 * is checked when they are read. */
static void inherit(instance_t *inst)
{
	instance_t *old = pool_first(inst->zone);
	for (; old != NULL; old = old->chain) {
		if (old->superseded && old->id == inst->id &&
		    knot_dname_is_equal(old->zone, inst->zone)) {
			inst->held = old->held;
			inst->serial = old->serial;
			inst->poked = old->poked;
			old->held = NULL;
			synth_inherit(inst->synth, old->synth);
			lookups_inherit(&inst->lookups, &old->lookups);
			inst->former = options_ref(old->former != NULL ? old->former :
			                                                 old->options);
			if (!old->running) {
				inst->kept = old->kept;
				old->kept = NULL;
				inst->memo = old->memo;
				old->memo = NULL;
			}
			if (inst->synth == NULL &&
			    (atomic_load(&old->watch.flags) & (WATCH_WOKEN | WATCH_ASKED)) == 0) {
				inst->last = old->last;
			}
			break;
		}
	}
	pool_share(inst, ZONE_PENDING, 0);
	if (inst->held != NULL) {
		counters_show(inst->mod, inst->held, 0);
	}
}

/* True for the first load of those that come in a row. */
static bool hold_off(uint64_t now)
{
	bool first = now > pool.quiet_until;
	if (first) {
		quiet_since = now;
	}
	pool.quiet_until = now + LOAD_QUIET;
	if (pool.quiet_until > quiet_since + LOAD_QUIET_MAX) {
		pool.quiet_until = quiet_since + LOAD_QUIET_MAX;
	}
	return first;
}

/* Synthesis alone needs the options now: it has a hook. */
static int prepare(instance_t *inst)
{
	unsigned synthesize;
	options_t *options = NULL;
	int ret = options_synthesize(inst->mod, &synthesize);
	if (ret != KNOT_EOK || synthesize == 0) {
		return ret;
	}
	ret = options_get(inst->mod, &options);
	atomic_store(&inst->options, options);
	return ret == KNOT_EOK ? synth_load(inst->mod, options, &inst->synth) : ret;
}

static instance_t *instance_new(knotd_mod_t *mod, const knot_dname_t *zone)
{
	size_t len = zone == NULL ? 0 : knot_dname_size(zone);
	instance_t *inst = calloc(1, sizeof(*inst) + len);
	if (inst != NULL) {
		atomic_init(&inst->watch.refs, 1);
		inst->mod = mod;
		inst->first = true;
		inst->queue_pos = QUEUE_NONE;
		inst->born = pool_now();
		if (zone != NULL) {
			memcpy(inst->zone, zone, len);
		}
	}
	return inst;
}

int auditor_load(knotd_mod_t *mod, instance_t **out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, init);

	instance_t *inst = instance_new(mod, knotd_mod_zone(mod));
	if (inst == NULL) {
		return KNOT_ENOMEM;
	}
	int ret = prepare(inst);

	pthread_mutex_lock(&pool.lock);
	/* The old zone will go even if there is no memory for the new one. */
	if (identify(inst) == 0) {
		supersede(inst);
	}
	if (ret == KNOT_EOK && !(pool_reserve() && queue_reserve(&pool.queue, pool.zones + 1))) {
		ret = KNOT_ENOMEM;
	}
	if (ret != KNOT_EOK) {
		pthread_mutex_unlock(&pool.lock);
		synth_stop(inst->synth);
		instance_unref(inst);
		return ret;
	}
	lookups_init(&inst->lookups, inst->zone, inst->id);
	if (hold_off(inst->born) || pool.zones == 0) {
		pool.module_file = conf_module_file(mod);
	}
	if (pool.zones == 0) {
		pool.started = inst->born;
		pool.next_tick = 0;
	}
	inherit(inst);
	pool_add(inst);
	pool_make_due(inst, inst->born);
	int error = worker_start();
	if (error != 0) {
		deliver_no_thread(inst, error);
	}
	pthread_mutex_unlock(&pool.lock);

	*out = inst;
	return KNOT_EOK;
}

int auditor_load_global(knotd_mod_t *mod, instance_t **out)
{
	instance_t *inst = instance_new(mod, NULL);
	counters_base_t *base = malloc(sizeof(*base));
	if (inst == NULL || base == NULL) {
		free(inst);
		free(base);
		return KNOT_ENOMEM;
	}
	inst->base = base;

	pthread_mutex_lock(&pool.lock);
	counters_base(base);
	inst->chain = pool.global;
	pool.global = inst;
	last_known = false;
	counters_publish(mod, base);
	pthread_mutex_unlock(&pool.lock);

	*out = inst;
	return KNOT_EOK;
}

void auditor_unload(instance_t *inst)
{
	synth_stop(inst->synth);
	pthread_mutex_lock(&pool.lock);
	inst->mod = NULL;
	atomic_store(&inst->gone, true);
	if (inst->base != NULL) {
		pool_unchain(&pool.global, inst);
	} else {
		if (!inst->superseded) {
			lookups_forget(&inst->lookups);
			pool_retire(inst);
		}
		pool_remove(inst);
		if (pool.zones == 0) {
			pthread_cond_broadcast(&pool.wake);
		}
	}
	instance_unref(inst);
	pthread_mutex_unlock(&pool.lock);
}

/*
 * Queries.
 */

/* Without a thread nobody turns the tick, so each query is the first of one. */
static bool is_stalled(instance_t *inst)
{
	bool stalled = atomic_load(&pool.stalled);
	if (stalled) {
		atomic_store(&inst->watch.seen, 0);
	}
	return stalled;
}

void auditor_in_query(instance_t *inst)
{
	if (answering_known && pthread_getspecific(answering) == NULL &&
	    pthread_setspecific(answering, &pool) == 0) {
		atomic_fetch_add(&pool.answering, 1);
	}
	bool stalled = is_stalled(inst);
	if ((!stalled && atomic_load(&inst->waiting_count) == 0) ||
	    pthread_mutex_trylock(&pool.lock) != 0) {
		return;
	}
	deliver_waiting(inst);
	if (stalled && pool_now() >= pool.next_start) {
		(void)worker_start();
	}
	pthread_mutex_unlock(&pool.lock);
}

int auditor_settings(instance_t *inst)
{
	if (atomic_load(&inst->options) != NULL) {
		return KNOT_EOK;
	}
	options_t *options, *none = NULL;
	int ret = conf_find_id(inst->mod, inst->zone, inst->id);
	if (ret == KNOT_EOK) {
		ret = options_get(inst->mod, &options);
	}
	if (ret == KNOT_EOK && !atomic_compare_exchange_strong(&inst->options, &none, options)) {
		options_put(options); /* A query and an audit at once. */
	}
	return ret;
}
