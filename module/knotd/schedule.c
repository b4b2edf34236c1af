/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief A tree of zones by name, and binary heaps of them by their times. */

#include <search.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libknot/libknot.h>

#include "source/clock.h"
#include "schedule.h"

/* Place of a zone that is not in a heap. */
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
	return clock_ms();
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

/* Makes room in the heaps for one more zone, so that none is lost when its plan changes. */
static bool reserve(void)
{
	if (schedule.tree_count < schedule.heap_size) {
		return true;
	}
	size_t size = schedule.heap_size == 0 ? 64 : 2 * schedule.heap_size;
	for (size_t i = 0; i < ZONE_TIMES; i++) {
		zone_t **grown = realloc(schedule.heap[i].zone, size * sizeof(*grown));
		if (grown == NULL) {
			return false;
		}
		schedule.heap[i].zone = grown;
	}
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
	for (size_t i = 0; i < ZONE_TIMES; i++) {
		zone->heap_pos[i] = NOWHERE;
	}
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
		for (size_t i = 0; i < ZONE_TIMES; i++) {
			free(schedule.heap[i].zone);
			schedule.heap[i].zone = NULL;
		}
		schedule.heap_size = 0;
	}
}

/*
 * By time: a heap for each of the times of a zone.
 */

static uint64_t time_of(const zone_t *zone, zone_time_t which)
{
	return which == ZONE_AUDIT    ? zone->plan.due :
	       which == ZONE_QUESTION ? zone->plan.ask :
	                                zone->audited;
}

static void place(zone_time_t which, size_t pos, zone_t *zone)
{
	schedule.heap[which].zone[pos] = zone;
	zone->heap_pos[which] = (uint32_t)pos;
}

/* Moves a zone from a place of a heap to where it belongs. */
static void sift(zone_time_t which, size_t pos, zone_t *zone)
{
	zone_t **heap = schedule.heap[which].zone;
	size_t count = schedule.heap[which].count;
	uint64_t time = time_of(zone, which);
	while (pos > 0 && time < time_of(heap[(pos - 1) / 2], which)) {
		place(which, pos, heap[(pos - 1) / 2]);
		pos = (pos - 1) / 2;
	}
	for (;;) {
		size_t child = 2 * pos + 1;
		if (child + 1 < count &&
		    time_of(heap[child + 1], which) < time_of(heap[child], which)) {
			child++;
		}
		if (child >= count || time_of(heap[child], which) >= time) {
			break;
		}
		place(which, pos, heap[child]);
		pos = child;
	}
	place(which, pos, zone);
}

static void heap_put(zone_time_t which, zone_t *zone)
{
	uint32_t pos = zone->heap_pos[which];
	sift(which, pos == NOWHERE ? schedule.heap[which].count++ : pos, zone);
}

static void heap_remove(zone_time_t which, zone_t *zone)
{
	size_t pos = zone->heap_pos[which];
	if (pos == NOWHERE) {
		return;
	}
	zone->heap_pos[which] = NOWHERE;
	zone_t *last = schedule.heap[which].zone[--schedule.heap[which].count];
	if (last != zone) {
		sift(which, pos, last);
	}
}

static void heap_set(zone_time_t which, zone_t *zone, bool in)
{
	if (in) {
		heap_put(which, zone);
	} else {
		heap_remove(which, zone);
	}
}

void schedule_event(zone_t *zone, plan_event_t event)
{
	const instance_t *instance = atomic_load(&zone->current);
	const options_t *options = instance == NULL ? NULL : atomic_load(&instance->options);
	event.delay = options == NULL ? 0 : (uint64_t)options->audit_delay * 1000;
	event.interval = options == NULL ? 0 : (uint64_t)options->audit_interval * 1000;
	event.check = options == NULL ? 0 : (uint64_t)options->change_check * 1000;
	event.spread = (uint32_t)zone->lookups.zone;
	event.seen = atomic_load(&zone->watch.serial);
	event.zones = schedule.zones;
	zone->plan = plan_next(zone->plan, &event);
	heap_set(ZONE_AUDIT, zone, zone->plan.state == PLAN_WAITING);
	heap_set(ZONE_QUESTION, zone, zone->plan.ask != 0);
	heap_set(ZONE_AUDITED, zone, zone->audited != 0 && instance != NULL);
}

bool schedule_in_grace(const zone_t *zone, bool soon, uint64_t now)
{
	const plan_event_t event = { .now = now, .soon = soon, .zones = schedule.zones };
	return plan_in_grace(&zone->plan, &event);
}

zone_t *schedule_first(zone_time_t which)
{
	return schedule.heap[which].count == 0 ? NULL : schedule.heap[which].zone[0];
}

zone_t *schedule_take(uint64_t now)
{
	zone_t *zone;
	while ((zone = schedule_first(ZONE_AUDIT)) != NULL && zone->plan.due <= now) {
		bool begin = !zone->plan.big || schedule.big_running == 0;
		schedule_event(zone, (plan_event_t){ .what = begin ? PLAN_BEGIN : PLAN_POSTPONE,
		                                     .now = now });
		if (begin) {
			return zone;
		}
	}
	return NULL;
}

zone_t *schedule_take_question(uint64_t now)
{
	zone_t *zone = schedule_first(ZONE_QUESTION);
	if (zone == NULL || zone->plan.ask > now) {
		return NULL;
	}
	heap_remove(ZONE_QUESTION, zone);
	return zone;
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
	const zone_t *oldest = schedule_first(ZONE_AUDITED);
	for (global_t *global = schedule.global; global != NULL; global = global->next) {
		counters_publish(global->instance.mod, &global->base);
		counters_time(global->instance.mod, oldest == NULL ? 0 : oldest->audited);
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
