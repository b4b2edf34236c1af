/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <time.h>

#include <libknot/libknot.h>

#include "counters.h"
#include "engine/hash.h"
#include "pool.h"

pool_t pool = { .lock = PTHREAD_MUTEX_INITIALIZER };

uint64_t pool_now(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void instance_ref(instance_t *inst)
{
	atomic_fetch_add(&inst->watch.refs, 1);
}

void held_unref(held_t *held)
{
	if (held != NULL && --held->refs == 0) {
		held_free(held);
	}
}

/* The lock is held: results are counted by hand. */
void instance_unref(instance_t *inst)
{
	if (atomic_fetch_sub(&inst->watch.refs, 1) > 1) {
		return;
	}
	held_unref(inst->held);
	lines_free(inst->waiting, inst->waiting_count);
	synth_free(inst->synth);
	lookups_clear(&inst->lookups);
	caaudit_policy_free(inst->kept);
	caaudit_memo_free(inst->memo);
	options_put(inst->options);
	options_put(inst->former);
	free(inst->base);
	free(inst);
}

void pool_wait(uint64_t time)
{
	struct timespec at = {
		.tv_sec = (time_t)(time / 1000),
		.tv_nsec = (long)(time % 1000) * 1000000,
	};
	(void)pthread_cond_timedwait(&pool.wake, &pool.lock, &at);
}

/*
 * Table of zones.
 */

static size_t slot_of(const knot_dname_t *zone, size_t size)
{
	uint64_t hash = hash_name(zone);
	return (size_t)(hash ^ hash >> 29) & (size - 1);
}

/* A table that cannot grow is slower, not wrong. */
bool pool_reserve(void)
{
	if (pool.zones < pool.table_size) {
		return true;
	}
	size_t size = pool.table_size == 0 ? 64 : 2 * pool.table_size;
	instance_t **table = calloc(size, sizeof(*table));
	if (table == NULL) {
		return pool.table_size > 0;
	}
	for (size_t i = 0; i < pool.table_size; i++) {
		/* The newest of a zone stays in front. */
		instance_t *turned = NULL, *next;
		for (instance_t *inst = pool.table[i]; inst != NULL; inst = next) {
			next = inst->chain;
			inst->chain = turned;
			turned = inst;
		}
		for (; turned != NULL; turned = next) {
			next = turned->chain;
			size_t slot = slot_of(turned->zone, size);
			turned->chain = table[slot];
			table[slot] = turned;
		}
	}
	free(pool.table);
	pool.table = table;
	pool.table_size = size;
	return true;
}

void pool_add(instance_t *inst)
{
	size_t slot = slot_of(inst->zone, pool.table_size);
	inst->chain = pool.table[slot];
	pool.table[slot] = inst;
	pool.zones++;
}

instance_t *pool_first(const knot_dname_t *zone)
{
	return pool.table_size == 0 ? NULL : pool.table[slot_of(zone, pool.table_size)];
}

void pool_unchain(instance_t **pos, const instance_t *inst)
{
	while (*pos != inst) {
		pos = &(*pos)->chain;
	}
	*pos = inst->chain;
}

void pool_remove(instance_t *inst)
{
	pool_unchain(&pool.table[slot_of(inst->zone, pool.table_size)], inst);
	if (--pool.zones == 0) {
		free(pool.table);
		pool.table = NULL;
		pool.table_size = 0;
		queue_clear(&pool.queue);
	}
}

/*
 * Ring of watched zone files.
 */

void pool_watch_file(instance_t *inst)
{
	if (inst->ring_next != NULL) {
		return;
	}
	if (pool.ring == NULL) {
		inst->ring_next = inst->ring_prev = pool.ring = inst;
		return;
	}
	inst->ring_next = pool.ring;
	inst->ring_prev = pool.ring->ring_prev;
	inst->ring_prev->ring_next = inst;
	pool.ring->ring_prev = inst;
}

void pool_ignore_file(instance_t *inst)
{
	if (inst->ring_next == NULL) {
		return;
	}
	if (inst->ring_next == inst) {
		pool.ring = NULL;
	} else {
		inst->ring_next->ring_prev = inst->ring_prev;
		inst->ring_prev->ring_next = inst->ring_next;
		if (pool.ring == inst) {
			pool.ring = inst->ring_next;
		}
	}
	inst->ring_next = inst->ring_prev = NULL;
}

/*
 * Sums and queue.
 */

void pool_share(instance_t *inst, zone_state_t state, uint32_t not_checked)
{
	if (inst->counted) {
		counters_share(&inst->share, false);
	}
	inst->share = (share_t){ .held = inst->held, .state = state, .not_checked = not_checked };
	inst->counted = true;
	counters_share(&inst->share, true);
}

void pool_unshare(instance_t *inst)
{
	if (inst->counted) {
		counters_share(&inst->share, false);
		inst->counted = false;
	}
}

void pool_publish(void)
{
	for (instance_t *inst = pool.global; inst != NULL; inst = inst->chain) {
		counters_publish(inst->mod, inst->base);
	}
}

void pool_make_due(instance_t *inst, uint64_t due)
{
	if (inst->running) {
		inst->again = true;
	} else if (inst->queue_pos == QUEUE_NONE || inst->due > due) {
		inst->due = due;
		queue_put(&pool.queue, inst);
	}
}

void pool_retire(instance_t *inst)
{
	atomic_store(&inst->gone, true);
	queue_remove(&pool.queue, inst);
	pool_ignore_file(inst);
	pool_unshare(inst);
}
