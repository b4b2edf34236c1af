/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Threads, the tick, and the course of one audit. */

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>
#include <urcu.h>

#include <libknot/libknot.h>

#include "batch.h"
#include "changes.h"
#include "conf.h"
#include "job.h"
#include "result.h"
#include "schedule.h"
#include "worker.h"

#define THREADS 2
#define NICE    10

/* Questions that are asked at most so that queries log the lines of an audit. */
#define QUESTIONS 200

/* Guarded by the schedule's lock, but for stalled. */
static struct {
	unsigned threads; /* Threads that run. */
	uint64_t next_tick;
	uint64_t next_start; /* Missing threads are not started before. */
	atomic_bool stalled; /* Not a single thread could be started. */
} workers;

/*
 * The tick.
 */

/* Turns everything that queries have noticed into events. */
static void drain(uint64_t now)
{
	watch_t *next;
	for (watch_t *watch = watch_drain(); watch != NULL; watch = next) {
		zone_t *zone = (zone_t *)watch;
		next = watch->next;
		unsigned noticed = watch_take(watch);
		if (noticed & (PLAN_WOKEN | PLAN_RELOADED)) {
			zone->last.stamp = 0;
		}
		if ((noticed & PLAN_LEFT) && schedule.zones > 0) {
			watch_note(watch, 0); /* Until the next tick, a second from now. */
		}
		schedule_event(zone, (plan_event_t){
					     .what = PLAN_NOTICE, .now = now, .noticed = noticed });
		zone_unref(zone);
	}
}

static void tick(uint64_t now)
{
	workers.next_tick = now + WATCH_TICK;
	if (atomic_fetch_add(&watch_tick, 1) == UINT_MAX) {
		atomic_store(&watch_tick, 1);
	}
	drain(now);
	schedule_publish();
	result_sum_up();
	if (workers.threads < THREADS) {
		(void)worker_start();
	}
	if (schedule.started != 0) {
		changes_await_start(now);
	} else {
		changes_look(now);
	}
}

/*
 * Audits.
 */

static bool is_superseded(void *ctx)
{
	return !instance_is_current(ctx);
}

/* Finds out how to read the zone, and with which options. In an RCU read-side section. */
static int prepare(instance_t *instance, job_t *job)
{
	zone_t *zone = instance->zone;
	/* A member of a catalog that has left its group keeps its modules until a reload. */
	if (conf_zone_proof(instance->mod, zone->name) == CONF_GONE) {
		job->gone = true;
		return KNOT_ENOENT;
	}
	int ret = instance_options(instance);
	if (ret != KNOT_EOK) {
		job->gone = ret == KNOT_ENOENT && instance->options == NULL;
		return ret;
	}
	job->options = instance->options;
	conf_access_read(instance->mod, zone->name, job->options, &job->access);
	ret = conf_server_read(instance->mod, zone->name, &job->server, &job->access.served);
	if (ret != KNOT_EOK) {
		return ret;
	}

	/* The first audit after a load may find that nothing has changed, unless the findings are
	 * too old. */
	uint64_t expires = zone->plan.read + (uint64_t)job->options->audit_interval * 1000;
	job->last = zone->last;
	job->may_repeat = !zone->plan.reported && schedule_now() < expires;
	return KNOT_EOK;
}

/* Lets the server answer queries for the zone, so that they log the lines that wait. */
static void ask_for_lines(instance_t *instance, const job_t *job)
{
	const knot_dname_t *name = job->zone;
	batch_t answer = BATCH_ANSWERED;
	for (unsigned i = 0;
	     i < QUESTIONS && job->access.listens && answer >= BATCH_ANSWERED &&
	     atomic_load(&instance->waiting) != NULL && instance_is_current(instance);
	     i++) {
		batch_ask(&job->access.server, &name, 1, &answer);
	}
}

/* Audits a zone that was taken. The lock is held, and given back meanwhile. */
static void audit(zone_t *zone)
{
	instance_t *instance = atomic_load(&zone->current);
	findings_t *before = findings_ref(zone->findings);
	const plan_t plan = zone->plan;
	job_t job = {
		.zone = zone->name,
		.id_len = zone->id_len,
		.synth = instance->synth,
		.targets = zone->targets,
		.seen_loads = &zone->watch.loads,
		.lookups = &zone->lookups,
		.used = &zone->used,
		.memo = &zone->memo,
		.before = before,
		.said_why = zone->why,
		.said_note = zone->note,
		.alone = schedule.wave <= 1,
		.last_serial = plan.serial,
		.big = plan.big,
		.superseded = is_superseded,
		.ctx = instance,
	};
	instance_ref(instance);
	schedule.big_running += job.big;
	rcu_read_lock();
	int ret = prepare(instance, &job);
	rcu_read_unlock();
	lock_give(&schedule.lock);

	if (ret == KNOT_EOK) {
		job_run(&job);
	} else {
		job_fail(&job, ret);
	}
	result_deliver(instance, &job, &plan);
	ask_for_lines(instance, &job);
	job_clear(&job);

	lock_take(&schedule.lock);
	findings_unref(before);
	instance_unref(instance);
	result_sum_up();
}

/*
 * Threads.
 */

/* Gets the time at which a thread has something to do. */
static uint64_t next_work(void)
{
	const zone_t *zone = schedule.started != 0 ? NULL : schedule_first(ZONE_AUDIT);
	return zone != NULL && zone->plan.due < workers.next_tick ? zone->plan.due :
	                                                            workers.next_tick;
}

static void *work(void *arg)
{
	(void)arg;
	(void)pthread_setname_np(pthread_self(), "caaudit");
	/* Linux sets the priority of this thread alone: queries come first. */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	rcu_register_thread();
	lock_take(&schedule.lock);
	while (schedule.zones > 0) {
		uint64_t now = schedule_now();
		zone_t *zone = NULL;
		if (now >= workers.next_tick) {
			tick(now);
		} else if (schedule.started == 0 && (zone = schedule_take(now)) != NULL) {
			audit(zone);
		} else {
			schedule_wait(next_work());
		}
	}
	drain(0);
	schedule_publish(); /* The last zone is gone, and no tick comes any more. */
	workers.threads--;
	lock_give(&schedule.lock);
	rcu_unregister_thread();
	return NULL;
}

/* The threads block all signals: the server handles them. */
int worker_start(void)
{
	if (workers.threads == THREADS) {
		return 0;
	}
	int ret = 0;
	sigset_t all, before;
	pthread_attr_t attr;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	while (workers.threads < THREADS && ret == 0) {
		pthread_t thread;
		ret = pthread_create(&thread, &attr, work, NULL);
		workers.threads += ret == 0;
	}
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	workers.next_start = schedule_now() + WATCH_TICK;
	atomic_store(&workers.stalled, workers.threads == 0);
	return workers.threads > 0 ? 0 : ret;
}

void worker_revive(atomic_uint *seen)
{
	if (!atomic_load(&workers.stalled)) {
		return;
	}
	atomic_store(seen, 0);
	if (lock_try(&schedule.lock)) {
		if (schedule_now() >= workers.next_start) {
			(void)worker_start();
		}
		lock_give(&schedule.lock);
	}
}
