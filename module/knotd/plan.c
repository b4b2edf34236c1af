/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The rules by which a zone's next audit is due. */

#include "plan.h"

/* All times in milliseconds. */
#define LOAD_WAIT      1000 /* A zone that was loaded is audited after this time... */
#define LOAD_PER_ZONE  10   /* ...and one millisecond more per this many zones. */
#define START_GRACE    5000 /* A server that starts may not answer for this long... */
#define START_PER_ZONE 5    /* ...and for one millisecond more per this many zones. */
#define POSTPONED      1000 /* A postponed audit is due again after this time. */
#define BIG_TIME       2000 /* Of zones whose audits take longer one is audited at a time. */
#define CHANGE_SHARE   20   /* Audits after changes take at most 1/20 of the time. */
#define QUESTION_GAP   2000 /* A question that was lost or not sent is repeated after this time; */
#define QUESTIONS_UDP  3    /* where so many in a row are lost, TCP is tried as well, */
#define QUESTION_SLOW  6    /* in every so many periods. */

/* After the first failures in a row the zone is audited again after these times, later after
 * 'audit-interval'. */
static const uint64_t retry_gap[] = { 5000, 15000, 60000 };

/* After a change of the zone file the zone is audited after these times until a new serial shows: the
 * server may load the file long after, and the serial in it may be the old one. */
static const uint64_t file_gap[] = { 10000, 30000, 120000 };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define RETRY_MAX    retry_gap[COUNT(retry_gap) - 1]

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Tells whether a thread audits the zone. */
static bool is_running(const plan_t *plan)
{
	return plan->state >= PLAN_RUNNING;
}

/* Lets an audit be due at a time, or after the one that is running. */
static void make_due(plan_t *plan, uint64_t due)
{
	if (plan->state == PLAN_WAITING && due < plan->due) {
		plan->due = due;
	} else if (plan->state == PLAN_RUNNING || plan->state == PLAN_SEEN) {
		plan->state = PLAN_AGAIN;
	}
}

/* The audit waits for more loads of the zone, and while many zones are loaded, for the server. Each
 * load of a zone that waits already leaves its time as it is. */
static void load(plan_t *plan, const plan_event_t *event)
{
	uint64_t due = event->now + LOAD_WAIT + event->zones / LOAD_PER_ZONE;
	if (plan->state != PLAN_WAITING || plan->reported || due < plan->due) {
		plan->due = due;
	}
	plan->state = is_running(plan) ? PLAN_AGAIN : PLAN_WAITING;
	plan->loaded = event->now;
	plan->fails = 0;
	plan->filed = plan->filed > 0;
	plan->reported = false;
	plan->ask = 0;
	plan->unheard = 0;
}

/* A change is audited after 'audit-delay', and so that audits take a small part of the time only. */
static void change(plan_t *plan, const plan_event_t *event)
{
	make_due(plan, later(event->now + event->delay, plan->rest));
}

static void notice(plan_t *plan, const plan_event_t *event)
{
	bool new_serial = (event->noticed & PLAN_SERIAL) &&
	                  (plan->fails > 0 || event->seen != plan->serial);
	if (event->noticed & PLAN_UNSERVED) {
		make_due(plan, event->now);
	} else if (event->noticed & (PLAN_WOKEN | PLAN_RELOADED)) {
		change(plan, event);
	} else if (new_serial && plan->state == PLAN_RUNNING) {
		plan->state = PLAN_SEEN;
	} else if (new_serial && plan->state != PLAN_SEEN) {
		change(plan, event);
	}
}

static void rest(plan_t *plan, const plan_event_t *event)
{
	plan->rest = event->now + (uint64_t)event->took * CHANGE_SHARE;
}

/* An audit that was short shows that the zone is no longer big, unless it has not read it. */
static void weigh(plan_t *plan, const plan_event_t *event, bool read)
{
	plan->big = event->large || event->took > BIG_TIME || (plan->big && !read);
}

/* When the zone is audited again after a result. */
static uint64_t after_result(plan_t *plan, const plan_event_t *event)
{
	if (!event->unchanged) {
		plan->read = event->now;
		rest(plan, event);
	}
	/* Findings age from the time at which the zone was read. */
	uint64_t due = plan->read + event->interval;
	if (event->again > 0 && event->now + event->again < due) {
		due = event->now + event->again;
	}
	if (plan->filed > 0 && event->serial == plan->serial && plan->filed <= COUNT(file_gap)) {
		due = event->now + file_gap[plan->filed++ - 1];
	} else {
		plan->filed = 0;
	}
	plan->serial = event->serial;
	plan->fails = 0;
	plan->reported = true;
	return due;
}

bool plan_wants_tcp(const plan_t *plan)
{
	return plan->unheard >= QUESTIONS_UDP;
}

bool plan_in_grace(const plan_t *plan, const plan_event_t *event)
{
	uint64_t started = plan->loaded + START_GRACE + event->zones / START_PER_ZONE;
	return event->soon && (event->now < started || plan->fails == 0);
}

/* When the zone is audited again after an audit that could not look. */
static uint64_t after_failure(plan_t *plan, const plan_event_t *event)
{
	uint64_t gap = event->interval == 0 ? RETRY_MAX : event->interval;
	rest(plan, event);
	if (plan_in_grace(plan, event)) {
		gap = retry_gap[0];
		plan->fails = 1;
	} else if (plan->fails < COUNT(retry_gap)) {
		gap = retry_gap[plan->fails++];
	} else if (event->soon && gap > RETRY_MAX) {
		gap = RETRY_MAX;
	}
	return event->now + gap;
}

/* When the zone is looked for again that is no longer configured. */
static uint64_t after_vanishing(plan_t *plan, const plan_event_t *event)
{
	return event->now + (plan->fails < COUNT(retry_gap) ? retry_gap[plan->fails++] : RETRY_MAX);
}

/* The audit has ended: the next one is due at a time, or sooner. */
static void end(plan_t *plan, const plan_event_t *event, uint64_t due)
{
	bool again = plan->state == PLAN_AGAIN ||
	             (plan->state == PLAN_SEEN && event->seen != plan->serial);
	plan->state = PLAN_WAITING;
	plan->due = due;
	if (again) {
		change(plan, event);
	}
	if (plan->ask == 0 && event->check > 0) {
		plan->ask = event->now + 1 + event->spread % event->check;
	}
}

/* A query, perhaps the module's own question, has shown the zone. */
static void heard(plan_t *plan, const plan_event_t *event)
{
	plan->unheard = event->tcp ? plan->unheard : 0;
	plan->ask = later(event->looked + event->check * (event->tcp ? QUESTION_SLOW : 1),
	                  event->now + 1);
}

static void unasked(plan_t *plan, const plan_event_t *event)
{
	plan->ask = event->now + (event->check < QUESTION_GAP ? event->check : QUESTION_GAP);
}

static void unheard(plan_t *plan, const plan_event_t *event)
{
	plan->unheard += plan->unheard < UINT8_MAX;
	if (plan_wants_tcp(plan)) {
		plan->ask = event->now + event->check * QUESTION_SLOW;
	} else {
		unasked(plan, event);
	}
}

plan_t plan_next(plan_t plan, const plan_event_t *event)
{
	switch (event->what) {
	case PLAN_LOAD:
		load(&plan, event);
		break;
	case PLAN_RETIRE:
		plan.state = is_running(&plan) ? PLAN_LEAVING : PLAN_RETIRED;
		plan.ask = 0;
		break;
	case PLAN_NOTICE:
		notice(&plan, event);
		break;
	case PLAN_CHANGE:
		plan.filed = event->seen == plan.serial; /* Else the server has written it. */
		change(&plan, event);
		break;
	case PLAN_POSTPONE:
		plan.due = event->now + POSTPONED;
		break;
	case PLAN_BEGIN:
		plan.state = PLAN_RUNNING;
		break;
	case PLAN_DONE:
		weigh(&plan, event, !event->unchanged);
		end(&plan, event, after_result(&plan, event));
		break;
	case PLAN_FAIL:
		weigh(&plan, event, false);
		end(&plan, event, after_failure(&plan, event));
		break;
	case PLAN_VANISH:
		end(&plan, event, after_vanishing(&plan, event));
		break;
	case PLAN_DROP:
		weigh(&plan, event, false);
		plan.state = plan.state == PLAN_LEAVING ? PLAN_RETIRED : PLAN_WAITING;
		break;
	case PLAN_HEARD:
	case PLAN_UNHEARD:
	case PLAN_UNASKED:
		if (event->check == 0 || plan.state == PLAN_RETIRED || plan.state == PLAN_LEAVING) {
			plan.ask = 0;
		} else if (event->what == PLAN_HEARD) {
			heard(&plan, event);
		} else if (event->what == PLAN_UNASKED) {
			unasked(&plan, event);
		} else {
			unheard(&plan, event);
		}
		break;
	}
	return plan;
}
