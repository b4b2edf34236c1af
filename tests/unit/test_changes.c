/* SPDX-License-Identifier: GPL-2.0-or-later */

/* What becomes of the questions by which the module looks for changes: the server and the schedule
 * are played here. */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compat_cmocka.h"
#include "knotd/ask.h"
#include "knotd/batch.h"
#include "knotd/changes.h"
#include "knotd/filestat.h"
#include "knotd/log.h"
#include "knotd/schedule.h"

#define ZONES 12

/* What happens to a question. */
typedef enum {
	UNSENT = 'u',
	LOST = '-',
	LATE = 'l', /* The zone is shown, and the answer does not come in time. */
	GOOD = '.',
	CUT = 'c', /* The answer is truncated. */
} fate_t;

schedule_t schedule = { .lock = LOCK_INIT(LOCK_SCHEDULE) };
atomic_uint watch_tick = 1;

static zone_t *zones[ZONES];
static instance_t instances[ZONES];
static uint64_t clock_ms;
static size_t asked, taken, said;
static const char *fates; /* One for each zone. */
static plan_what_t events[ZONES];
static size_t changes;     /* Events PLAN_CHANGE. */
static uint64_t signature; /* Of all zone files. */
static uint64_t audited;   /* What an audit of the first zone has seen that ends meanwhile, or 0. */

uint64_t schedule_now(void)
{
	return clock_ms;
}

zone_t *schedule_first(zone_time_t which)
{
	(void)which;
	return taken < asked ? zones[taken] : NULL;
}

zone_t *schedule_take_question(uint64_t now)
{
	(void)now;
	return taken < asked ? zones[taken++] : NULL;
}

void schedule_event(zone_t *zone, plan_event_t event)
{
	changes += event.what == PLAN_CHANGE;
	for (size_t i = 0; i < asked; i++) {
		if (zones[i] == zone) {
			events[i] = event.what;
		}
	}
}

void instance_ref(instance_t *instance)
{
	instance->refs++;
}

void instance_unref(instance_t *instance)
{
	instance->refs--;
}

bool conf_server(knotd_mod_t *mod, struct sockaddr_storage *out)
{
	(void)mod;
	(void)out;
	return true;
}

uint64_t file_signature(const char *path)
{
	(void)path;
	return signature;
}

log_result_t log_lines(instance_t *instance, lines_t *lines)
{
	(void)instance;
	said += lines->count;
	return LOG_WRITTEN;
}

void batch_ask(const struct sockaddr_storage *server, const knot_dname_t *const *zone, size_t count,
               batch_t *result)
{
	(void)server;
	(void)zone;
	assert_int_equal(count, asked);
	zones[0]->file = audited != 0 ? audited : zones[0]->file;
	for (size_t i = 0; i < count; i++) {
		result[i] = fates[i] == UNSENT ? BATCH_UNSENT :
		            fates[i] == GOOD   ? BATCH_ANSWERED :
		            fates[i] == CUT    ? BATCH_TRUNCATED :
		                                 BATCH_SENT;
		if (fates[i] != UNSENT && fates[i] != LOST) {
			atomic_store(&instances[i].seen, atomic_load(&watch_tick));
		}
	}
}

void ask_begin(ask_talk_t *talk, const struct sockaddr_storage *server)
{
	(void)talk;
	(void)server;
	fail();
}

void ask_over_tcp(ask_talk_t *talk)
{
	(void)talk;
}

ask_t ask_question(ask_talk_t *talk, const knot_dname_t *name, uint16_t type)
{
	(void)talk;
	(void)name;
	(void)type;
	return ASK_SILENCE;
}

void ask_end(ask_talk_t *talk)
{
	(void)talk;
}

/* A look in which each zone is asked for. */
static void look(const char *what)
{
	fates = what;
	asked = strlen(what);
	taken = 0;
	clock_ms += 1000;
	atomic_fetch_add(&watch_tick, 1);
	lock_take(&schedule.lock);
	changes_look(clock_ms);
	lock_give(&schedule.lock);
	assert_int_equal(taken, asked);
	for (size_t i = 0; i < asked; i++) {
		assert_int_equal(instances[i].refs, 1);
	}
}

static int begin(void **state)
{
	(void)state;
	clock_ms = 1000000;
	for (size_t i = 0; i < ZONES; i++) {
		zones[i] = calloc(1, sizeof(*zones[i]) + 1);
		if (zones[i] == NULL) {
			return -1;
		}
		instances[i] = (instance_t){ .refs = 1, .zone = zones[i] };
		atomic_init(&zones[i]->current, &instances[i]);
	}
	return 0;
}

static int end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ZONES; i++) {
		free(zones[i]);
	}
	return 0;
}

/* What was not sent tells nothing of the zone. */
static void not_sent_is_not_lost(void **state)
{
	(void)state;
	look(".-u");
	assert_int_equal(events[0], PLAN_HEARD);
	assert_int_equal(events[1], PLAN_UNHEARD);
	assert_int_equal(events[2], PLAN_UNASKED);
}

/* The last look is the one in which it is said. */
static void limit_is_said_once_it_lasts(void **state)
{
	(void)state;
	static const char *const looks[] = {
		"l",          ".",          "c", "-",          "l.........",
		"..........", "ll........", ".", "lc........", "c...........",
	};
	/* Of ten answers one may be late, and of fewer, now and then. */
	for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++) {
		look(looks[i]);
		assert_int_equal(said, 0);
	}
	look("c");
	assert_int_equal(said, 0);
	look("l");
	assert_int_equal(said, 1);
	look("cccccccccccc");
	assert_int_equal(said, 1);
}

/* What an audit reads between the look at a file and its end is not a change after it. */
static void file_that_is_audited_meanwhile_has_not_changed(void **state)
{
	(void)state;
	char path[] = "zone";
	zones[0]->path = path;
	zones[0]->file = signature = 1;
	audited = 2;
	look(".");
	assert_int_equal(changes, 0);
	assert_int_equal(zones[0]->file, 2);
	audited = 0;
	signature = 2;
	look(".");
	assert_int_equal(changes, 0);
	signature = 3;
	look(".");
	assert_int_equal(changes, 1);
	look(".");
	assert_int_equal(changes, 1);
	zones[0]->path = NULL;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(not_sent_is_not_lost),
		cmocka_unit_test(limit_is_said_once_it_lasts),
		cmocka_unit_test(file_that_is_audited_meanwhile_has_not_changed),
	};
	return cmocka_run_group_tests(tests, begin, end);
}
