/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The rules by which a zone's next audit is due. */

#include "plan.h"

/* All times in milliseconds. */
#define BURST_QUIET    1000  /* Audits begin this long after the last load of a burst... */
#define BURST_MAX      60000 /* ...and this long after its first load at the latest. */
#define START_GRACE    5000  /* A server that starts may not answer for this long... */
#define START_PER_ZONE 5     /* ...and for one millisecond more per this many zones. */
#define POSTPONED      1000  /* A postponed audit is due again after this time. */
#define ASKED_SHARE    20    /* Audits that clients trigger take at most 1/20 of the time. */

/* After the first failures in a row the zone is audited again after these times, later after
 * 'audit-interval'. */
static const uint64_t retry_gap[] = { 5000, 15000, 60000 };

/* After an update or a NOTIFY the zone is audited after these times until a new serial shows:
 * the server may apply an update long after it has arrived. */
static const uint64_t poke_gap[] = { 10000, 30000, 120000 };

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define RETRY_MAX    retry_gap[COUNT(retry_gap) - 1]

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
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

static void load(plan_t *plan, uint64_t now)
{
	plan->state = plan_is_running(plan) ? PLAN_AGAIN : PLAN_WAITING;
	plan->due = now;
	plan->loaded = now;
	plan->fails = 0;
	plan->poked = plan->poked > 0;
	plan->reported = false;
}

static void notice(plan_t *plan, const plan_event_t *event)
{
	bool change = (event->noticed & (PLAN_POKED | PLAN_WOKEN)) != 0;
	bool new_serial = (event->noticed & PLAN_SERIAL) &&
	                  (plan->fails > 0 || event->seen != plan->serial);
	if (event->noticed & PLAN_POKED) {
		plan->poked = 1;
	}
	if (event->noticed & PLAN_ASKED) {
		make_due(plan, later(event->now + event->delay,
		                     plan->read + (uint64_t)plan->took * ASKED_SHARE));
	}
	if (new_serial && plan->state == PLAN_RUNNING && !change) {
		plan->state = PLAN_SEEN;
	} else if (change || (new_serial && plan->state != PLAN_SEEN)) {
		make_due(plan, event->now + event->delay);
	}
}

/* When the zone is audited again after a result. */
static uint64_t after_result(plan_t *plan, const plan_event_t *event)
{
	if (!event->unchanged) {
		plan->read = event->now;
		plan->took = event->took;
	}
	/* Findings age from the time at which the zone was read. */
	uint64_t due = plan->read + event->interval;
	if (event->again > 0 && event->now + event->again < due) {
		due = event->now + event->again;
	}
	if (plan->poked > 0 && event->serial == plan->serial && plan->poked <= COUNT(poke_gap)) {
		due = event->now + poke_gap[plan->poked++ - 1];
	} else {
		plan->poked = 0;
	}
	plan->serial = event->serial;
	plan->fails = 0;
	plan->reported = true;
	return due;
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

/* The audit has ended: the next one is due at a time, or sooner. */
static void end(plan_t *plan, const plan_event_t *event, uint64_t due)
{
	bool again = plan->state == PLAN_AGAIN ||
	             (plan->state == PLAN_SEEN && event->seen != plan->serial);
	plan->state = PLAN_WAITING;
	plan->due = due;
	if (again) {
		make_due(plan, event->now + event->delay);
	}
}

plan_t plan_next(plan_t plan, const plan_event_t *event)
{
	switch (event->what) {
	case PLAN_LOAD:
		load(&plan, event->now);
		break;
	case PLAN_RETIRE:
		plan.state = plan_is_running(&plan) ? PLAN_LEAVING : PLAN_RETIRED;
		break;
	case PLAN_NOTICE:
		notice(&plan, event);
		break;
	case PLAN_CHANGE:
		make_due(&plan, event->now + event->delay);
		break;
	case PLAN_POSTPONE:
		plan.due = event->now + POSTPONED;
		break;
	case PLAN_BEGIN:
		plan.state = PLAN_RUNNING;
		break;
	case PLAN_DONE:
		end(&plan, event, after_result(&plan, event));
		break;
	case PLAN_FAIL:
		end(&plan, event, after_failure(&plan, event));
		break;
	case PLAN_VANISH:
		end(&plan, event, event->now + retry_gap[0]);
		break;
	case PLAN_DROP:
		plan.state = plan.state == PLAN_LEAVING ? PLAN_RETIRED : PLAN_WAITING;
		break;
	}
	return plan;
}

plan_burst_t plan_burst(plan_burst_t burst, uint64_t now)
{
	if (now > burst.until) {
		burst.since = now;
	}
	burst.until = now + BURST_QUIET;
	if (burst.until > burst.since + BURST_MAX) {
		burst.until = burst.since + BURST_MAX;
	}
	return burst;
}
