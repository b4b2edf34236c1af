/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Questions of the module's own, and looks at zone files. */

#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <urcu.h>

#include <libknot/libknot.h>

#include "ask.h"
#include "batch.h"
#include "changes.h"
#include "conf.h"
#include "filestat.h"
#include "log.h"
#include "schedule.h"

/* All times in milliseconds. */
#define START_WAIT    10000 /* Audits wait this long for the first answer of a server that starts... */
#define WAIT_PER_ZONE 2     /* ...and one millisecond longer per this many zones. */

/* Questions a second: a thousand take one to two hundredths of a processor. Where answers are truncated
 * or dropped, others from this host may suffer as well: down to RATE_MIN. */
#define RATE_MAX BATCH_MAX
#define RATE_MIN 20

/* Questions over TCP that a tick asks. */
#define TCP_MAX 20

/* A zone that is being looked at. */
typedef struct {
	instance_t *instance; /* Its current instance, a reference. */
	char *path;           /* Its zone file, or NULL, */
	uint64_t known;       /* the signature of that at the last audit, */
	uint64_t file;        /* and now. */
	bool tcp;             /* So many questions were lost that TCP is to be tried. */
	bool unsent;          /* There was no time for the question, or no room. */
	bool heard;           /* A query has shown the zone, */
	bool by_tcp;          /* the question over TCP alone, */
	uint64_t looked;      /* at this time. */
} look_t;

/* Guarded by the schedule's lock, but what belongs to the thread that looks. */
static struct {
	bool busy;     /* A thread looks. */
	bool limited;  /* It was said that answers are truncated or dropped. */
	bool hit;      /* Of the last questions many were. */
	unsigned rate; /* Questions a second. */
	uint64_t last; /* Time of the last look. */
	unsigned tick; /* Of this look; the thread's, with all below. */
	size_t count;  /* Zones, */
	size_t asked;  /* questions, */
	look_t *first; /* zone of the first question whose answer was truncated or dropped. */
	look_t look[RATE_MAX];
	size_t place[RATE_MAX]; /* By question: its zone in look. */
	const knot_dname_t *name[RATE_MAX];
	batch_t result[RATE_MAX];
} state = { .rate = RATE_MAX };

/* Tells whether a query has shown the zone in a tick or later. */
static bool is_seen(const instance_t *instance, unsigned tick)
{
	unsigned seen = atomic_load(&instance->seen);
	return seen != 0 && (int)(seen - tick) >= 0;
}

/* Takes a zone. It needs no question if queries have shown it within the period. */
static void take(zone_t *zone, uint64_t now)
{
	instance_t *instance = atomic_load(&zone->current);
	const options_t *options = atomic_load(&instance->options);
	unsigned seen = atomic_load(&instance->seen);
	unsigned age = state.tick - seen;
	look_t *look = &state.look[state.count++];
	*look = (look_t){ .instance = instance, .tcp = plan_wants_tcp(&zone->plan) };
	instance_ref(instance);
	if (zone->path != NULL) {
		look->path = strdup(zone->path); /* Without memory the file is looked at later. */
		look->known = zone->file;
	}
	if (seen != 0 && options != NULL && age < options->change_check) {
		look->heard = true;
		look->looked = now - (uint64_t)age * WATCH_TICK;
	} else {
		state.place[state.asked] = state.count - 1;
		state.name[state.asked++] = zone->name;
	}
}

static void take_due(uint64_t now)
{
	uint64_t since = now - state.last < 2 * WATCH_TICK ? now - state.last : 2 * WATCH_TICK;
	size_t max = (size_t)(state.rate * since / WATCH_TICK);
	zone_t *zone;
	state.count = state.asked = 0;
	state.first = NULL;
	state.last = now;
	while (state.count < RATE_MAX && state.asked < max &&
	       (zone = schedule_take_question(now)) != NULL) {
		take(zone, now);
	}
}

static void ask_over_tcp_all(const struct sockaddr_storage *server)
{
	ask_talk_t talk;
	size_t left = TCP_MAX;
	for (size_t i = 0; i < state.asked && left > 0; i++) {
		look_t *look = &state.look[state.place[i]];
		if (look->tcp && !is_seen(look->instance, state.tick)) {
			ask_begin(&talk, server);
			ask_over_tcp(&talk);
			left = ask_question(&talk, state.name[i], KNOT_RRTYPE_SOA) == ASK_SILENCE ?
			               0 :
			               left - 1;
			look->by_tcp = is_seen(look->instance, state.tick);
			ask_end(&talk);
		}
	}
}

/* Without the lock: asks, and finds out what the questions have reached. */
static void ask_all(const struct sockaddr_storage *server)
{
	size_t limited = 0;
	batch_ask(server, state.name, state.asked, state.result);
	ask_over_tcp_all(server);
	uint64_t now = schedule_now();
	for (size_t i = 0; i < state.asked; i++) {
		look_t *look = &state.look[state.place[i]];
		look->heard = is_seen(look->instance, state.tick);
		look->looked = now;
		look->unsent = state.result[i] == BATCH_UNSENT;
		if (state.result[i] == BATCH_TRUNCATED ||
		    (state.result[i] == BATCH_SENT && look->heard && !look->by_tcp)) {
			state.first = limited++ == 0 ? look : state.first;
		}
	}
	/* Of few questions one answer that is late is many: that does not happen twice in a row. */
	bool hit = limited * 10 > state.asked, lasting = hit && state.hit;
	state.hit = hit;
	if (lasting) {
		unsigned rate = state.asked < state.rate ? (unsigned)state.asked : state.rate;
		state.rate = rate / 2 > RATE_MIN ? rate / 2 : RATE_MIN;
	} else if (!hit) {
		state.rate += state.rate / 4 + 1;
		state.rate = state.rate > RATE_MAX ? RATE_MAX : state.rate;
	}
	state.first = lasting ? state.first : NULL;
}

/* Says once that fewer questions are asked. */
static void report_limit(void)
{
	if (state.first == NULL || state.limited) {
		return;
	}
	instance_t *instance = state.first->instance;
	lines_t lines;
	lines_init(&lines, instance->zone->name, instance->zone->id_len);
	lines_format(&lines, LOG_NOTICE,
	             "change-check, answers to the module's own questions are truncated or dropped "
	             "(mod-rrl, mod-noudp); fewer are asked, %u a second at least, for all zones",
	             RATE_MIN);
	log_result_t result = log_lines(instance, &lines);
	state.limited = result == LOG_WRITTEN || result == LOG_WAITING;
	lines_clear(&lines);
}

/* With the lock: what was found becomes events. */
static void end(look_t *look, uint64_t now)
{
	instance_t *instance = look->instance;
	zone_t *zone = instance->zone;
	if (instance_is_current(instance)) {
		/* An audit that has ended meanwhile has read what is there now. */
		if (look->path != NULL && look->file != look->known && zone->file == look->known) {
			zone->file = look->file;
			schedule_event(zone, (plan_event_t){ .what = PLAN_CHANGE, .now = now });
		}
		plan_what_t what = look->heard  ? PLAN_HEARD :
		                   look->unsent ? PLAN_UNASKED :
		                                  PLAN_UNHEARD;
		schedule_event(zone, (plan_event_t){ .what = what,
		                                     .now = now,
		                                     .looked = look->looked,
		                                     .tcp = look->by_tcp });
	}
	free(look->path);
	instance_unref(instance);
}

static bool get_server(zone_t *zone, struct sockaddr_storage *server)
{
	instance_t *instance = zone == NULL ? NULL : atomic_load(&zone->current);
	rcu_read_lock();
	bool listens = instance != NULL && conf_server(instance->mod, server);
	rcu_read_unlock();
	return listens;
}

void changes_look(uint64_t now)
{
	struct sockaddr_storage server;
	zone_t *zone = schedule_first(ZONE_QUESTION);
	if (state.busy || zone == NULL || zone->plan.ask > now) {
		return;
	}
	bool listens = get_server(zone, &server);
	state.tick = atomic_load(&watch_tick);
	state.busy = true;
	take_due(now);
	lock_give(&schedule.lock);
	for (size_t i = 0; i < state.count; i++) {
		look_t *look = &state.look[i];
		look->file = look->path == NULL ? 0 : file_signature(look->path);
	}
	if (listens && state.asked > 0) {
		ask_all(&server);
		report_limit();
	}
	now = schedule_now();
	lock_take(&schedule.lock);
	for (size_t i = 0; i < state.count; i++) {
		end(&state.look[i], now);
	}
	state.busy = false;
}

void changes_await_start(uint64_t now)
{
	struct sockaddr_storage server;
	zone_t *zone = schedule_first(ZONE_AUDIT);
	if (!get_server(zone, &server) ||
	    now > schedule.started + START_WAIT + schedule.zones / WAIT_PER_ZONE) {
		schedule.started = 0;
		return;
	}
	const knot_dname_t *name = zone->name;
	instance_t *instance = atomic_load(&zone->current);
	batch_t answer;
	instance_ref(instance);
	lock_give(&schedule.lock);
	batch_ask(&server, &name, 1, &answer);
	lock_take(&schedule.lock);
	instance_unref(instance);
	if (answer >= BATCH_ANSWERED) {
		schedule.started = 0;
		pthread_cond_broadcast(&schedule.wake);
	}
}
