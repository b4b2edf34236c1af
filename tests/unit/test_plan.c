/* SPDX-License-Identifier: GPL-2.0-or-later */

/* When a zone is audited next: each row is a plan, an event, and the plan after it. */

#include "test.h"

#include "plan.h"

/* A row states how it differs from the usual one. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif

typedef struct {
	const char *what;
	plan_t before;
	plan_event_t event;
	plan_t after;
} row_t;

/* A plan of the usual zone: loaded at 1000, audited at 20000, serial 7, due at 3620000. */
#define SETTLED(state_, ...)                                                                       \
	{                                                                                          \
		.state = PLAN_##state_, .reported = true, .serial = 7, .read = 20000,              \
		.rest = 20600, .loaded = 1000, .due = 3620000, .ask = 60000, __VA_ARGS__           \
	}
/* A plan of a zone that was loaded at 1000 and has no result yet. */
#define FRESH(state_, ...)                                                                         \
	{                                                                                          \
		.state = PLAN_##state_, .loaded = 1000, .due = 1000, __VA_ARGS__                   \
	}
/* An event at 50000, with an 'audit-delay' of 5 seconds, an 'audit-interval' of an hour, and a
 * 'change-check' of 10 seconds. */
#define EVENT(what_, ...)                                                                          \
	{                                                                                          \
		.what = PLAN_##what_, .now = 50000, .delay = 5000, .interval = 3600000,            \
		.check = 10000, .spread = 12345, __VA_ARGS__                                       \
	}

static void check(const row_t *row, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const plan_t now = plan_next(row[i].before, &row[i].event);
		const plan_t *then = &row[i].after;
		if (now.state != then->state || now.fails != then->fails ||
		    now.filed != then->filed || now.reported != then->reported ||
		    now.serial != then->serial || now.rest != then->rest ||
		    now.read != then->read || now.loaded != then->loaded || now.ask != then->ask ||
		    now.unheard != then->unheard || now.big != then->big ||
		    (then->state == PLAN_WAITING && now.due != then->due)) {
			fail_msg(
				"%s: state %d, fails %u, filed %u, reported %d, serial %u, "
				"rest %llu, read %llu, loaded %llu, due %llu, ask %llu, unheard %u, "
				"big %d",
				row[i].what, now.state, now.fails, now.filed, now.reported,
				now.serial, (unsigned long long)now.rest,
				(unsigned long long)now.read, (unsigned long long)now.loaded,
				(unsigned long long)now.due, (unsigned long long)now.ask,
				now.unheard, now.big);
		}
	}
}

#define CHECK(rows) check(rows, COUNT(rows))

static void loads_and_unloads(void **state)
{
	(void)state;
	static const row_t rows[] = {
		{ "first load: more loads may follow",
		  { .state = PLAN_RETIRED },
		  { .what = PLAN_LOAD, .now = 1000 },
		  FRESH(WAITING, .due = 2000) },
		{ "first load of many zones: longer",
		  { .state = PLAN_RETIRED },
		  { .what = PLAN_LOAD, .now = 1000, .zones = 100000 },
		  FRESH(WAITING, .due = 12000) },
		{ "reload: everything is reported anew, questions wait for the options",
		  SETTLED(WAITING), EVENT(LOAD),
		  SETTLED(WAITING, .reported = false, .loaded = 50000, .due = 51000, .ask = 0) },
		{ "one more while it waits: its audit is not put off",
		  SETTLED(WAITING, .reported = false, .loaded = 49500, .due = 50500, .ask = 0),
		  EVENT(LOAD),
		  SETTLED(WAITING, .reported = false, .loaded = 50000, .due = 50500, .ask = 0) },
		{ "nor where it is overdue",
		  SETTLED(WAITING, .reported = false, .loaded = 30000, .due = 31000, .ask = 0),
		  EVENT(LOAD),
		  SETTLED(WAITING, .reported = false, .loaded = 50000, .due = 31000, .ask = 0) },
		{ "reload after failures: they are forgotten",
		  SETTLED(WAITING, .fails = 3, .unheard = 4), EVENT(LOAD),
		  SETTLED(WAITING, .reported = false, .loaded = 50000, .due = 51000, .ask = 0) },
		{ "reload after a change of the file: its looks begin anew",
		  SETTLED(WAITING, .filed = 3), EVENT(LOAD),
		  SETTLED(WAITING, .filed = 1, .reported = false, .loaded = 50000, .due = 51000,
		          .ask = 0) },
		{ "reload while it is audited: once more afterwards", SETTLED(RUNNING), EVENT(LOAD),
		  SETTLED(AGAIN, .reported = false, .loaded = 50000, .ask = 0) },
		{ "reload while a dropped audit still runs", SETTLED(LEAVING), EVENT(LOAD),
		  SETTLED(AGAIN, .reported = false, .loaded = 50000, .ask = 0) },
		{ "load again after it was retired: what is known is kept", SETTLED(RETIRED),
		  EVENT(LOAD),
		  SETTLED(WAITING, .reported = false, .loaded = 50000, .due = 51000, .ask = 0) },
		{ "unload", SETTLED(WAITING), EVENT(RETIRE), SETTLED(RETIRED, .ask = 0) },
		{ "unload before the first audit", FRESH(WAITING), EVENT(RETIRE), FRESH(RETIRED) },
		{ "unload while it is audited", SETTLED(RUNNING), EVENT(RETIRE),
		  SETTLED(LEAVING, .ask = 0) },
		{ "the same, a serial seen", SETTLED(SEEN), EVENT(RETIRE),
		  SETTLED(LEAVING, .ask = 0) },
		{ "the same, due again", SETTLED(AGAIN), EVENT(RETIRE),
		  SETTLED(LEAVING, .ask = 0) },
		{ "retired twice", SETTLED(RETIRED, .ask = 0), EVENT(RETIRE),
		  SETTLED(RETIRED, .ask = 0) },
		{ "the audit of a zone that left ends", SETTLED(LEAVING, .ask = 0), EVENT(DROP),
		  SETTLED(RETIRED, .ask = 0) },
		{ "a superseded audit ends: due since the load", SETTLED(AGAIN, .due = 40000),
		  EVENT(DROP), SETTLED(WAITING, .due = 40000) },
	};
	CHECK(rows);
}

static void notices(void **state)
{
	(void)state;
	static const row_t rows[] = {
		{ "new serial: after audit-delay", SETTLED(WAITING),
		  EVENT(NOTICE, .noticed = PLAN_SERIAL, .seen = 8),
		  SETTLED(WAITING, .due = 55000) },
		{ "lower serial is new as well", SETTLED(WAITING),
		  EVENT(NOTICE, .noticed = PLAN_SERIAL, .seen = 6),
		  SETTLED(WAITING, .due = 55000) },
		{ "serial of the last audit", SETTLED(WAITING),
		  EVENT(NOTICE, .noticed = PLAN_SERIAL, .seen = 7), SETTLED(WAITING) },
		{ "the same serial after a failure", SETTLED(WAITING, .fails = 1),
		  EVENT(NOTICE, .noticed = PLAN_SERIAL, .seen = 7),
		  SETTLED(WAITING, .fails = 1, .due = 55000) },
		{ "the same serial after a reload: the first audit is due anyway",
		  SETTLED(WAITING, .reported = false, .due = 50500),
		  EVENT(NOTICE, .noticed = PLAN_SERIAL, .seen = 7),
		  SETTLED(WAITING, .reported = false, .due = 50500) },
		{ "a second change does not put the audit off", SETTLED(WAITING, .due = 52000),
		  EVENT(NOTICE, .noticed = PLAN_SERIAL, .seen = 9),
		  SETTLED(WAITING, .due = 52000) },
		{ "without a delay: at once",
		  SETTLED(WAITING),
		  { .what = PLAN_NOTICE, .now = 50000, .noticed = PLAN_SERIAL, .seen = 8 },
		  SETTLED(WAITING, .due = 50000) },
		{ "new serial, and the last reading took 2 s: one twentieth of the time",
		  SETTLED(WAITING, .rest = 60000), EVENT(NOTICE, .noticed = PLAN_SERIAL, .seen = 8),
		  SETTLED(WAITING, .rest = 60000, .due = 60000) },
		{ "the same, and that is long ago", SETTLED(WAITING, .rest = 40000),
		  EVENT(NOTICE, .noticed = PLAN_SERIAL, .seen = 8),
		  SETTLED(WAITING, .rest = 40000, .due = 55000) },
		{ "the same after an attempt that failed",
		  SETTLED(WAITING, .rest = 650000, .fails = 3),
		  EVENT(NOTICE, .noticed = PLAN_SERIAL, .seen = 8),
		  SETTLED(WAITING, .rest = 650000, .fails = 3, .due = 650000) },
		{ "nothing is served any more: at once", SETTLED(WAITING, .rest = 60000),
		  EVENT(NOTICE, .noticed = PLAN_UNSERVED, .seen = 7),
		  SETTLED(WAITING, .rest = 60000, .due = 50000) },
		{ "the same while it is audited", SETTLED(RUNNING),
		  EVENT(NOTICE, .noticed = PLAN_UNSERVED, .seen = 7), SETTLED(AGAIN) },
		{ "the same, and a serial was seen", SETTLED(SEEN),
		  EVENT(NOTICE, .noticed = PLAN_UNSERVED, .seen = 7), SETTLED(AGAIN) },
		{ "something to report that no record shows", SETTLED(WAITING),
		  EVENT(NOTICE, .noticed = PLAN_WOKEN, .seen = 7), SETTLED(WAITING, .due = 55000) },
		{ "loaded anew with the old serial", SETTLED(WAITING, .due = 100000),
		  EVENT(NOTICE, .noticed = PLAN_RELOADED, .seen = 7),
		  SETTLED(WAITING, .due = 55000) },
		{ "the same, and the last reading took 2 s", SETTLED(WAITING, .rest = 60000),
		  EVENT(NOTICE, .noticed = PLAN_WOKEN, .seen = 7),
		  SETTLED(WAITING, .rest = 60000, .due = 60000) },
		{ "new serial while it is audited: perhaps the one that is read", SETTLED(RUNNING),
		  EVENT(NOTICE, .noticed = PLAN_SERIAL, .seen = 8), SETTLED(SEEN) },
		{ "one more", SETTLED(SEEN), EVENT(NOTICE, .noticed = PLAN_SERIAL, .seen = 9),
		  SETTLED(SEEN) },
		{ "something to report while it is audited", SETTLED(RUNNING),
		  EVENT(NOTICE, .noticed = PLAN_WOKEN, .seen = 7), SETTLED(AGAIN) },
		{ "the same with a new serial", SETTLED(SEEN),
		  EVENT(NOTICE, .noticed = PLAN_WOKEN | PLAN_SERIAL, .seen = 8), SETTLED(AGAIN) },
		{ "serial while it is due again already", SETTLED(AGAIN),
		  EVENT(NOTICE, .noticed = PLAN_SERIAL, .seen = 8), SETTLED(AGAIN) },
		{ "retired", SETTLED(RETIRED), EVENT(NOTICE, .noticed = PLAN_SERIAL, .seen = 8),
		  SETTLED(RETIRED) },
		{ "leaving", SETTLED(LEAVING), EVENT(NOTICE, .noticed = PLAN_WOKEN, .seen = 8),
		  SETTLED(LEAVING) },
		{ "zone file: perhaps it will be loaded later", SETTLED(WAITING),
		  EVENT(CHANGE, .seen = 7), SETTLED(WAITING, .filed = 1, .due = 55000) },
		{ "zone file that the server has written, or loaded already", SETTLED(WAITING),
		  EVENT(CHANGE, .seen = 8), SETTLED(WAITING, .due = 55000) },
		{ "zone file, due sooner", SETTLED(WAITING, .due = 51000), EVENT(CHANGE, .seen = 7),
		  SETTLED(WAITING, .filed = 1, .due = 51000) },
		{ "zone file again: the looks begin anew", SETTLED(WAITING, .filed = 3),
		  EVENT(CHANGE, .seen = 7), SETTLED(WAITING, .filed = 1, .due = 55000) },
		{ "zone file while it is audited", SETTLED(RUNNING), EVENT(CHANGE, .seen = 7),
		  SETTLED(AGAIN, .filed = 1) },
		{ "zone file, a serial seen", SETTLED(SEEN), EVENT(CHANGE, .seen = 8),
		  SETTLED(AGAIN) },
		{ "zone file of a zone that left", SETTLED(LEAVING), EVENT(CHANGE, .seen = 8),
		  SETTLED(LEAVING) },
		{ "begin", SETTLED(WAITING), EVENT(BEGIN), SETTLED(RUNNING) },
		{ "postponed", SETTLED(WAITING, .due = 49000), EVENT(POSTPONE),
		  SETTLED(WAITING, .due = 51000) },
	};
	CHECK(rows);
}

static void results(void **state)
{
	(void)state;
#define RESULT(...) EVENT(DONE, .serial = 8, .seen = 7, .took = 40, __VA_ARGS__)
#define AFTER(...)                                                                                 \
	SETTLED(WAITING, .serial = 8, .read = 50000, .rest = 50800, .due = 3650000, __VA_ARGS__)
	static const row_t rows[] = {
		{ "first result: the first question somewhere in the period", FRESH(RUNNING),
		  RESULT(.seen = 0), AFTER(.ask = 52346) },
		{ "the same without questions", FRESH(RUNNING), RESULT(.seen = 0, .check = 0),
		  AFTER(.ask = 0) },
		{ "failures before are forgotten", SETTLED(RUNNING, .fails = 3), RESULT(),
		  AFTER() },
		{ "not read: findings age from the last reading",
		  SETTLED(RUNNING, .reported = false),
		  RESULT(.serial = 7, .unchanged = true, .took = 1),
		  SETTLED(WAITING, .due = 3620000) },
		{ "there may be more to report sooner", SETTLED(RUNNING), RESULT(.again = 9000),
		  AFTER(.due = 59000) },
		{ "or later", SETTLED(RUNNING), RESULT(.again = 4000000), AFTER() },
		{ "a serial was seen: the one that was read", SETTLED(SEEN), RESULT(.seen = 8),
		  AFTER() },
		{ "another one", SETTLED(SEEN), RESULT(.seen = 9), AFTER(.due = 55000) },
		{ "something changed meanwhile", SETTLED(AGAIN), RESULT(), AFTER(.due = 55000) },
		{ "the same, and due sooner anyway", SETTLED(AGAIN), RESULT(.again = 2000),
		  AFTER(.due = 52000) },
		{ "the same, and the reading took 2 s", SETTLED(AGAIN), RESULT(.took = 2000),
		  AFTER(.rest = 90000, .due = 90000) },
		{ "the file has changed, and the server has not loaded it yet",
		  SETTLED(RUNNING, .filed = 1), RESULT(.serial = 7),
		  AFTER(.serial = 7, .filed = 2, .due = 60000) },
		{ "nor at the second look", SETTLED(RUNNING, .filed = 2), RESULT(.serial = 7),
		  AFTER(.serial = 7, .filed = 3, .due = 80000) },
		{ "nor at the third", SETTLED(RUNNING, .filed = 3), RESULT(.serial = 7),
		  AFTER(.serial = 7, .filed = 4, .due = 170000) },
		{ "nor at the last: it is left alone", SETTLED(RUNNING, .filed = 4),
		  RESULT(.serial = 7), AFTER(.serial = 7) },
		{ "it has", SETTLED(RUNNING, .filed = 2), RESULT(), AFTER() },
	};
	CHECK(rows);
}

static void big_zones(void **state)
{
	(void)state;
	static const row_t rows[] = {
		{ "the audit took long", FRESH(RUNNING), RESULT(.seen = 0, .took = 2001),
		  AFTER(.rest = 90020, .ask = 52346, .big = true) },
		{ "not any more", SETTLED(RUNNING, .big = true), RESULT(), AFTER() },
		{ "it was not read", SETTLED(RUNNING, .big = true),
		  RESULT(.serial = 7, .unchanged = true), SETTLED(WAITING, .big = true) },
		{ "a large zone file, however fast", SETTLED(RUNNING), RESULT(.large = true),
		  AFTER(.big = true) },
		{ "it could not be read", SETTLED(RUNNING, .big = true), EVENT(FAIL, .took = 40),
		  SETTLED(WAITING, .fails = 1, .rest = 50800, .due = 55000, .big = true) },
		{ "and that took long", SETTLED(RUNNING), EVENT(FAIL, .took = 2001),
		  SETTLED(WAITING, .fails = 1, .rest = 90020, .due = 55000, .big = true) },
		{ "dropped in the midst", SETTLED(AGAIN, .due = 40000), EVENT(DROP, .took = 2001),
		  SETTLED(WAITING, .due = 40000, .big = true) },
		{ "dropped before", SETTLED(LEAVING, .big = true), EVENT(DROP, .took = 1),
		  SETTLED(RETIRED, .big = true) },
		{ "load", SETTLED(RETIRED, .ask = 0, .big = true), EVENT(LOAD),
		  SETTLED(WAITING, .reported = false, .loaded = 50000, .due = 51000, .ask = 0,
		          .big = true) },
	};
	CHECK(rows);
#undef RESULT
#undef AFTER
}

static void failures(void **state)
{
	(void)state;
	/* Started: 5 s after the load. */
#define FAILURE(...) EVENT(FAIL, .seen = 7, __VA_ARGS__)
	static const row_t rows[] = {
		{ "first failure: retry after 5 s", SETTLED(RUNNING), FAILURE(),
		  SETTLED(WAITING, .rest = 50000, .fails = 1, .due = 55000) },
		{ "second: 15 s", SETTLED(RUNNING, .fails = 1), FAILURE(),
		  SETTLED(WAITING, .rest = 50000, .fails = 2, .due = 65000) },
		{ "third: 60 s", SETTLED(RUNNING, .fails = 2), FAILURE(),
		  SETTLED(WAITING, .rest = 50000, .fails = 3, .due = 110000) },
		{ "from then on: audit-interval", SETTLED(RUNNING, .fails = 3), FAILURE(),
		  SETTLED(WAITING, .rest = 50000, .fails = 3, .due = 3650000) },
		{ "unless it may pass soon", SETTLED(RUNNING, .fails = 3), FAILURE(.soon = true),
		  SETTLED(WAITING, .rest = 50000, .fails = 3, .due = 110000) },
		{ "and audit-interval is shorter", SETTLED(RUNNING, .fails = 3),
		  FAILURE(.soon = true, .interval = 2000),
		  SETTLED(WAITING, .rest = 50000, .fails = 3, .due = 52000) },
		{ "no options: no memory for them", SETTLED(RUNNING, .fails = 3),
		  FAILURE(.interval = 0),
		  SETTLED(WAITING, .rest = 50000, .fails = 3, .due = 110000) },
		{ "the server starts: as after the first",
		  FRESH(RUNNING, .loaded = 46000, .fails = 1), FAILURE(.soon = true),
		  FRESH(WAITING, .rest = 50000, .loaded = 46000, .fails = 1, .due = 55000,
		        .ask = 52346) },
		{ "it has started", FRESH(RUNNING, .loaded = 45000, .fails = 1),
		  FAILURE(.soon = true),
		  FRESH(WAITING, .rest = 50000, .loaded = 45000, .fails = 2, .due = 65000,
		        .ask = 52346) },
		{ "with many zones it starts longer", FRESH(RUNNING, .loaded = 45000, .fails = 1),
		  FAILURE(.soon = true, .zones = 10000),
		  FRESH(WAITING, .rest = 50000, .loaded = 45000, .fails = 1, .due = 55000,
		        .ask = 52346) },
		{ "the server starts, and the reason is no such one",
		  FRESH(RUNNING, .loaded = 46000, .fails = 1), FAILURE(),
		  FRESH(WAITING, .rest = 50000, .loaded = 46000, .fails = 2, .due = 65000,
		        .ask = 52346) },
		{ "something changed meanwhile", SETTLED(AGAIN, .fails = 2), FAILURE(),
		  SETTLED(WAITING, .rest = 50000, .fails = 3, .due = 55000) },
		{ "a serial was seen that nobody has audited", SETTLED(SEEN, .fails = 2),
		  FAILURE(.seen = 8), SETTLED(WAITING, .rest = 50000, .fails = 3, .due = 55000) },
		{ "the same, and the attempt took 30 s: changes are no reason to begin anew",
		  SETTLED(SEEN), FAILURE(.seen = 8, .took = 30000),
		  SETTLED(WAITING, .rest = 650000, .big = true, .fails = 1, .due = 55000) },
		{ "the file is still expected to be loaded", SETTLED(RUNNING, .filed = 2),
		  FAILURE(),
		  SETTLED(WAITING, .rest = 50000, .filed = 2, .fails = 1, .due = 55000) },
		{ "first failure after a load: questions begin all the same", FRESH(RUNNING),
		  FAILURE(),
		  FRESH(WAITING, .rest = 50000, .fails = 1, .due = 55000, .ask = 52346) },
		{ "not configured any more: it will be unloaded soon", SETTLED(RUNNING, .fails = 1),
		  EVENT(VANISH, .seen = 7), SETTLED(WAITING, .fails = 2, .due = 65000) },
		{ "the same, something changed meanwhile", SETTLED(AGAIN),
		  EVENT(VANISH, .seen = 7, .delay = 1000),
		  SETTLED(WAITING, .fails = 1, .due = 51000) },
		{ "not configured any more, for long", SETTLED(RUNNING, .fails = 3),
		  EVENT(VANISH, .seen = 7), SETTLED(WAITING, .fails = 3, .due = 110000) },
	};
	CHECK(rows);
#undef FAILURE
}

static void grace(void **state)
{
	(void)state;
	static const struct {
		plan_t plan;
		plan_event_t event;
		bool grace;
	} rows[] = {
		{ FRESH(RUNNING), EVENT(FAIL, .soon = true), true },
		{ FRESH(RUNNING), EVENT(FAIL), false },
		{ FRESH(RUNNING, .fails = 1), EVENT(FAIL, .soon = true), false },
		{ FRESH(RUNNING, .fails = 1, .loaded = 45001), EVENT(FAIL, .soon = true), true },
		{ FRESH(RUNNING, .fails = 1, .loaded = 45000), EVENT(FAIL, .soon = true), false },
		{ FRESH(RUNNING, .fails = 1, .loaded = 43001),
		  EVENT(FAIL, .soon = true, .zones = 10000), true },
		{ FRESH(RUNNING, .fails = 1, .loaded = 43000),
		  EVENT(FAIL, .soon = true, .zones = 10000), false },
	};
	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(plan_in_grace(&rows[i].plan, &rows[i].event), rows[i].grace);
	}
}

static void questions(void **state)
{
	(void)state;
	static const row_t rows[] = {
		{ "the question has reached the zone", SETTLED(WAITING, .ask = 50000),
		  EVENT(HEARD, .looked = 50000), SETTLED(WAITING) },
		{ "a client has asked before", SETTLED(WAITING, .ask = 50000),
		  EVENT(HEARD, .looked = 44000), SETTLED(WAITING, .ask = 54000) },
		{ "long before", SETTLED(WAITING, .ask = 50000), EVENT(HEARD, .looked = 40000),
		  SETTLED(WAITING, .ask = 50001) },
		{ "it was lost: once more soon", SETTLED(WAITING, .ask = 50000), EVENT(UNHEARD),
		  SETTLED(WAITING, .unheard = 1, .ask = 52000) },
		{ "within the period, if that is shorter", SETTLED(WAITING, .ask = 50000),
		  EVENT(UNHEARD, .check = 1000), SETTLED(WAITING, .unheard = 1, .ask = 51000) },
		{ "again", SETTLED(WAITING, .unheard = 1, .ask = 50000), EVENT(UNHEARD),
		  SETTLED(WAITING, .unheard = 2, .ask = 52000) },
		{ "for the third time: seldom", SETTLED(WAITING, .unheard = 2, .ask = 50000),
		  EVENT(UNHEARD), SETTLED(WAITING, .unheard = 3, .ask = 110000) },
		{ "not for ever", SETTLED(WAITING, .unheard = 255, .ask = 50000), EVENT(UNHEARD),
		  SETTLED(WAITING, .unheard = 255, .ask = 110000) },
		{ "it could not be sent: no mark against the zone",
		  SETTLED(WAITING, .unheard = 2, .ask = 50000), EVENT(UNASKED),
		  SETTLED(WAITING, .unheard = 2, .ask = 52000) },
		{ "the same in a short period, TCP or not",
		  SETTLED(WAITING, .unheard = 3, .ask = 50000), EVENT(UNASKED, .check = 1000),
		  SETTLED(WAITING, .unheard = 3, .ask = 51000) },
		{ "over TCP it is there: seldom, but it is", SETTLED(WAITING, .unheard = 3),
		  EVENT(HEARD, .looked = 50000, .tcp = true),
		  SETTLED(WAITING, .unheard = 3, .ask = 110000) },
		{ "over UDP again", SETTLED(WAITING, .unheard = 3), EVENT(HEARD, .looked = 50000),
		  SETTLED(WAITING) },
		{ "while it is audited", SETTLED(RUNNING, .ask = 50000),
		  EVENT(HEARD, .looked = 50000), SETTLED(RUNNING) },
		{ "no more questions", SETTLED(WAITING, .ask = 50000),
		  EVENT(HEARD, .looked = 50000, .check = 0), SETTLED(WAITING, .ask = 0) },
		{ "no more zone", SETTLED(RETIRED, .ask = 0), EVENT(HEARD, .looked = 50000),
		  SETTLED(RETIRED, .ask = 0) },
		{ "the same while it is audited", SETTLED(LEAVING, .ask = 0), EVENT(UNHEARD),
		  SETTLED(LEAVING, .ask = 0) },
	};
	CHECK(rows);
	assert_false(plan_wants_tcp(&(plan_t){ .unheard = 2 }));
	assert_true(plan_wants_tcp(&(plan_t){ .unheard = 3 }));
}

/* Whatever happens, a zone that is loaded is waiting or running, and one that is not is retired
 * as soon as no thread audits it. */
static void no_event_loses_a_zone(void **state)
{
	(void)state;
	static const struct {
		plan_what_t what;
		bool ends; /* It ends an audit. */
	} events[] = {
		{ PLAN_LOAD, false },   { PLAN_RETIRE, false },  { PLAN_NOTICE, false },
		{ PLAN_CHANGE, false }, { PLAN_BEGIN, false },   { PLAN_DONE, true },
		{ PLAN_FAIL, true },    { PLAN_VANISH, true },   { PLAN_DROP, true },
		{ PLAN_HEARD, false },  { PLAN_UNHEARD, false }, { PLAN_UNASKED, false },
	};
	uint32_t random = 1;
	plan_t plan = { .state = PLAN_RETIRED };
	bool loaded = false, running = false, dropped = false;
	for (unsigned i = 0; i < 100000; i++) {
		random = random * 1103515245 + 12345;
		size_t nth = (random >> 16) % COUNT(events);
		plan_event_t event = { .what = events[nth].what,
			               .now = i,
			               .noticed = random >> 8 & 7,
			               .check = random >> 12 & 15,
			               .looked = i,
			               .seen = random >> 24,
			               .delay = 5,
			               .interval = 100,
			               .serial = random >> 26 };
		/* What cannot happen. */
		if ((events[nth].ends && !running) ||
		    (event.what == PLAN_BEGIN && (running || !loaded)) ||
		    (event.what == PLAN_RETIRE && !loaded) ||
		    (events[nth].ends && (event.what == PLAN_DROP) != dropped)) {
			continue;
		}
		plan = plan_next(plan, &event);
		loaded = event.what == PLAN_LOAD || (loaded && event.what != PLAN_RETIRE);
		running = event.what == PLAN_BEGIN || (running && !events[nth].ends);
		dropped = running &&
		          (dropped || event.what == PLAN_LOAD || event.what == PLAN_RETIRE);
		assert_int_equal(plan.state >= PLAN_RUNNING, running);
		assert_int_equal(plan.state == PLAN_RETIRED || plan.state == PLAN_LEAVING, !loaded);
		assert_true(loaded || plan.ask == 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loads_and_unloads), cmocka_unit_test(notices),
		cmocka_unit_test(results),           cmocka_unit_test(big_zones),
		cmocka_unit_test(failures),          cmocka_unit_test(grace),
		cmocka_unit_test(questions),         cmocka_unit_test(no_event_loses_a_zone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
