/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief A ring of zones whose files are looked at in turn. */

#include <stdlib.h>
#include <urcu.h>
#include <urcu/list.h>

#include "conf.h"
#include "filering.h"
#include "filestat.h"
#include "schedule.h"

#define LOOKS 200 /* Files that are looked at in a tick. */

/* Zones with a file to look at, the next one first. Guarded by the schedule's lock. */
static CDS_LIST_HEAD(ring);

void filering_add(zone_t *zone)
{
	if (cds_list_empty(&zone->ring)) {
		cds_list_add_tail(&zone->ring, &ring);
	}
}

void filering_remove(zone_t *zone)
{
	cds_list_del_init(&zone->ring);
}

typedef struct {
	zone_t *zone; /* A reference. */
	char *path;
	uint64_t file;
} look_t;

/* Takes the next zones. One that is being audited, or that has a new instance, is left out. */
static size_t take(look_t *look)
{
	size_t count = 0;
	const zone_t *first = NULL;
	rcu_read_lock();
	for (size_t i = 0; i < LOOKS && !cds_list_empty(&ring); i++) {
		zone_t *zone = cds_list_first_entry(&ring, zone_t, ring);
		if (zone == first) {
			break;
		}
		first = first == NULL ? zone : first;
		cds_list_del(&zone->ring);
		cds_list_add_tail(&zone->ring, &ring);
		if (zone->plan.state != PLAN_WAITING || !zone->plan.reported) {
			continue;
		}
		look[count].path = conf_zone_file(atomic_load(&zone->current)->mod, zone->name);
		if (look[count].path != NULL) {
			atomic_fetch_add(&zone->watch.refs, 1);
			look[count++].zone = zone;
		}
	}
	rcu_read_unlock();
	return count;
}

void filering_look(uint64_t now)
{
	look_t look[LOOKS];
	size_t count = take(look);
	if (count == 0) {
		return;
	}
	lock_give(&schedule.lock);
	for (size_t i = 0; i < count; i++) {
		look[i].file = file_signature(look[i].path);
		free(look[i].path);
	}
	lock_take(&schedule.lock);
	for (size_t i = 0; i < count; i++) {
		zone_t *zone = look[i].zone;
		if (look[i].file != zone->file && !cds_list_empty(&zone->ring)) {
			schedule_event(zone, (plan_event_t){ .what = PLAN_CHANGE, .now = now });
		}
		zone_unref(zone);
	}
}
