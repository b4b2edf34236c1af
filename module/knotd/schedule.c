/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief A tree of zones by name, and a binary heap of those that wait. */

#include <search.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libknot/libknot.h>

#include "schedule.h"

/* Place of a zone that is not in the heap. */
#define NOWHERE UINT32_MAX

schedule_t schedule = { .lock = LOCK_INIT(LOCK_SCHEDULE) };

void schedule_init(void)
{
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&schedule.wake, &attr);
	pthread_condattr_destroy(&attr);
}

uint64_t schedule_now(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void schedule_wait(uint64_t time)
{
	lock_wait(&schedule.wake, &schedule.lock, time);
}

/*
 * By name: the tree holds the names of the zones.
 */

static int compare_names(const void *a, const void *b)
{
	size_t x = knot_dname_size(a), y = knot_dname_size(b);
	return x != y ? (x < y ? -1 : 1) : memcmp(a, b, x);
}

static zone_t *zone_of(knot_dname_t *name)
{
	return (zone_t *)(void *)(name - offsetof(zone_t, name));
}

zone_t *schedule_find(const knot_dname_t *name)
{
	knot_dname_t **node = tfind(name, &schedule.tree, compare_names);
	return node == NULL ? NULL : zone_of(*node);
}

/* Makes room in the heap for one more zone, so that none is lost when its plan changes. */
static bool reserve(void)
{
	if (schedule.tree_count < schedule.heap_size) {
		return true;
	}
	size_t size = schedule.heap_size == 0 ? 64 : 2 * schedule.heap_size;
	zone_t **grown = realloc(schedule.heap, size * sizeof(*grown));
	if (grown == NULL) {
		return false;
	}
	schedule.heap = grown;
	schedule.heap_size = size;
	return true;
}

bool schedule_add(zone_t *zone)
{
	knot_dname_t **node = reserve() ? tsearch(zone->name, &schedule.tree, compare_names) : NULL;
	if (node == NULL) {
		return false;
	}
	zone_t *first = zone_of(*node);
	if (first != zone) {
		zone->sibling = first->sibling;
		first->sibling = zone;
	}
	zone->heap_pos = NOWHERE;
	schedule.tree_count++;
	return true;
}

static void leave(zone_t *zone)
{
	knot_dname_t **node = tfind(zone->name, &schedule.tree, compare_names);
	zone_t *first = zone_of(*node);
	if (first != zone) {
		while (first->sibling != zone) {
			first = first->sibling;
		}
		first->sibling = zone->sibling;
	} else if (zone->sibling != NULL) {
		*node = zone->sibling->name;
	} else {
		(void)tdelete(zone->name, &schedule.tree, compare_names);
	}
	if (--schedule.tree_count == 0) {
		free(schedule.heap);
		schedule.heap = NULL;
		schedule.heap_size = 0;
	}
}

/*
 * By time.
 */

static void place(size_t pos, zone_t *zone)
{
	schedule.heap[pos] = zone;
	zone->heap_pos = (uint32_t)pos;
}

/* Moves a zone from a place of the heap to where it belongs. */
static void sift(size_t pos, zone_t *zone)
{
	zone_t **heap = schedule.heap;
	while (pos > 0 && zone->plan.due < heap[(pos - 1) / 2]->plan.due) {
		place(pos, heap[(pos - 1) / 2]);
		pos = (pos - 1) / 2;
	}
	for (;;) {
		size_t child = 2 * pos + 1;
		if (child + 1 < schedule.heap_count &&
		    heap[child + 1]->plan.due < heap[child]->plan.due) {
			child++;
		}
		if (child >= schedule.heap_count || heap[child]->plan.due >= zone->plan.due) {
			break;
		}
		place(pos, heap[child]);
		pos = child;
	}
	place(pos, zone);
}

static void heap_put(zone_t *zone)
{
	sift(zone->heap_pos == NOWHERE ? schedule.heap_count++ : zone->heap_pos, zone);
}

static void heap_remove(zone_t *zone)
{
	if (zone->heap_pos == NOWHERE) {
		return;
	}
	size_t pos = zone->heap_pos;
	zone->heap_pos = NOWHERE;
	zone_t *last = schedule.heap[--schedule.heap_count];
	if (last != zone) {
		sift(pos, last);
	}
}

void schedule_event(zone_t *zone, plan_event_t event)
{
	const instance_t *instance = atomic_load(&zone->current);
	const options_t *options = instance == NULL ? NULL : atomic_load(&instance->options);
	event.delay = options == NULL ? 0 : (uint64_t)options->audit_delay * 1000;
	event.interval = options == NULL ? 0 : (uint64_t)options->audit_interval * 1000;
	event.seen = atomic_load(&zone->watch.serial);
	event.zones = schedule.zones;
	zone->plan = plan_next(zone->plan, &event);
	if (zone->plan.state == PLAN_WAITING) {
		heap_put(zone);
	} else {
		heap_remove(zone);
	}
}

bool schedule_in_grace(const zone_t *zone, bool soon, uint64_t now)
{
	const plan_event_t event = { .now = now, .soon = soon, .zones = schedule.zones };
	return plan_in_grace(&zone->plan, &event);
}

uint64_t schedule_next(void)
{
	return schedule.heap_count == 0 ? UINT64_MAX : schedule.heap[0]->plan.due;
}

zone_t *schedule_take(uint64_t now)
{
	while (schedule_next() <= now) {
		zone_t *zone = schedule.heap[0];
		bool begin = !zone->big || schedule.big_running == 0;
		schedule_event(zone, (plan_event_t){ .what = begin ? PLAN_BEGIN : PLAN_POSTPONE,
		                                     .now = now });
		if (begin) {
			return zone;
		}
	}
	return NULL;
}

/*
 * Sums.
 */

void schedule_share(zone_t *zone, verdict_t verdict, uint32_t not_checked)
{
	counters_share(&zone->share,
	               (counters_share_t){
			       .verdict = verdict,
			       .not_checked = not_checked,
			       .findings = verdict == VERDICT_NONE ? NULL : zone->findings,
		       });
}

void schedule_publish(void)
{
	for (global_t *global = schedule.global; global != NULL; global = global->next) {
		counters_publish(global->instance.mod, &global->base);
	}
}

/*
 * References.
 */

void zone_unref(zone_t *zone)
{
	if (atomic_fetch_sub(&zone->watch.refs, 1) == 1) {
		leave(zone);
		zone_free(zone);
	}
}

void instance_ref(instance_t *instance)
{
	instance->refs++;
}

void instance_unref(instance_t *instance)
{
	if (--instance->refs > 0) {
		return;
	}
	zone_t *zone = instance->zone;
	instance_free(instance);
	if (zone != NULL) {
		zone_unref(zone);
	}
}
