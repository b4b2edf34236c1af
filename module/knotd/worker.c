/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>
#include <urcu.h>

#include <libknot/libknot.h>

#include "ask.h"
#include "auditor.h"
#include "choose.h"
#include "deliver.h"
#include "job.h"
#include "pool.h"
#include "worker.h"

#define THREADS 2
#define NICE    10

/* All times in milliseconds. */
#define TICK          1000
#define START_WAIT    10000 /* Wait for the server's first answer, and... */
#define WAIT_PER_ZONE 2     /* ...so many zones a millisecond longer. */
#define ASKED_SHARE   20    /* Audits that clients bring about take that part of the time. */
#define BIG_TIME      2000
#define BIG_FILE      (16 * 1024 * 1024)
#define FILE_CHECKS   200 /* Zone files looked at in a tick. */

/*
 * Changes.
 */

static void drain(uint64_t now)
{
	watch_t *next;
	for (watch_t *watch = watch_drain(); watch != NULL; watch = next) {
		instance_t *inst = (instance_t *)watch;
		next = watch->next;
		unsigned flags = watch_take(watch);
		if (!atomic_load(&inst->gone)) {
			bool new_serial = (flags & WATCH_SERIAL) &&
			                  (inst->first || inst->fails > 0 ||
			                   atomic_load(&watch->serial) != inst->serial);
			if (flags & WATCH_POKED) {
				inst->poked = true;
				inst->poke_step = 0;
			}
			if (flags & (WATCH_WOKEN | WATCH_ASKED)) {
				inst->last.valid = false;
			}
			if (flags & WATCH_ASKED) {
				pool_make_due(inst,
				              pool_later(now + pool_delay(inst),
				                         inst->last.time + (uint64_t)inst->last.ms *
				                                                   ASKED_SHARE));
			}
			bool change = (flags & (WATCH_POKED | WATCH_WOKEN)) != 0;
			if (new_serial && inst->running && !change) {
				inst->seen = true;
			} else if (new_serial || change) {
				pool_make_due(inst, now + pool_delay(inst));
			}
		}
		instance_unref(inst);
	}
}

typedef struct {
	instance_t *inst;
	char *path;
	uint64_t file;
} file_check_t;

/* Looks at some zone files; the lock is not held meanwhile. */
static void check_files(uint64_t now)
{
	file_check_t check[FILE_CHECKS];
	size_t count = 0;

	rcu_read_lock();
	instance_t *inst = pool.ring;
	while (inst != NULL && count < FILE_CHECKS && (count == 0 || inst != check[0].inst)) {
		/* With a new instance or a running audit the look comes later. */
		char *path = inst->file == 0 || inst->running ?
		                     NULL :
		                     conf_zone_file(inst->mod, inst->zone);
		instance_ref(inst);
		check[count++] = (file_check_t){ .inst = inst, .path = path };
		inst = inst->ring_next;
	}
	pool.ring = inst;
	rcu_read_unlock();

	pthread_mutex_unlock(&pool.lock);
	for (size_t i = 0; i < count; i++) {
		if (check[i].path != NULL) {
			check[i].file = job_file_signature(check[i].path);
			free(check[i].path);
		}
	}
	pthread_mutex_lock(&pool.lock);

	for (size_t i = 0; i < count; i++) {
		inst = check[i].inst;
		if (check[i].file != 0 && check[i].file != inst->file &&
		    !atomic_load(&inst->gone)) {
			pool_make_due(inst, now + pool_delay(inst));
		}
		instance_unref(inst);
	}
}

/* Waits for the server to answer before the first audits: while it starts, it
 * needs the processors for itself. */
static void await_start(uint64_t now)
{
	instance_t *inst = queue_top(&pool.queue);
	struct sockaddr_storage server;
	rcu_read_lock();
	bool listens = inst != NULL && conf_server(inst->mod, &server);
	rcu_read_unlock();
	if (!listens || now > pool.started + START_WAIT + pool.zones / WAIT_PER_ZONE) {
		pool.started = 0;
		return;
	}

	instance_ref(inst);
	pthread_mutex_unlock(&pool.lock);
	uint32_t serial;
	ask_t answer = ask_serial(&server, inst->zone, TICK, &serial);
	pthread_mutex_lock(&pool.lock);
	instance_unref(inst);
	if (answer != ASK_SILENCE) {
		pool.started = 0;
		pthread_cond_broadcast(&pool.wake);
	}
}

static void tick(uint64_t now)
{
	pool.next_tick = now + TICK;
	if (atomic_fetch_add(&watch_tick, 1) == UINT_MAX) {
		atomic_store(&watch_tick, 1);
	}
	drain(now);
	pool_publish();
	if (pool.threads < THREADS) {
		(void)worker_start();
	}
	if (pool.started != 0) {
		await_start(now);
	} else {
		check_files(now);
	}
}

/*
 * Threads.
 */

static bool is_big(const job_t *job)
{
	return job->choice.zonefile != NULL && job_file_size(job->choice.zonefile) > BIG_FILE;
}

/* Finds out how to read a zone, and with which options. In an RCU read-side section. */
static int prepare(instance_t *inst, choice_t *choice)
{
	int ret = auditor_settings(inst);
	if (ret != KNOT_EOK) {
		return ret;
	}
	if (inst->former != NULL && inst->former != inst->options) {
		caaudit_policy_free(inst->kept);
		inst->kept = NULL;
		inst->last = (last_t){ .valid = false };
	}
	options_put(inst->former);
	inst->former = NULL;
	return choose(inst->mod, inst->zone, inst->options, choice);
}

/* Audits a zone; the lock is not held while it is read. */
static void audit(instance_t *inst)
{
	job_t job = {
		.zone = inst->zone,
		.synth = inst->synth,
		.lookups = &inst->lookups,
		.kept = &inst->kept,
		.memo = &inst->memo,
		.before = inst->held,
		.gone = &inst->gone,
		.id_len = inst->id_len,
		.all = inst->first,
	};
	rcu_read_lock();
	int ret = prepare(inst, &job.choice);
	rcu_read_unlock();
	job.options = inst->options;
	if (ret == KNOT_EOK && inst->first && pool_now() < pool_next_regular(inst)) {
		job.last = inst->last;
	}

	instance_ref(inst);
	inst->running = true;
	inst->again = false;
	inst->seen = false;
	held_t *before = inst->held;
	if (before != NULL) {
		before->refs++;
	}
	bool big = inst->big;
	pool.big_running += big;
	pthread_mutex_unlock(&pool.lock);

	big = big || is_big(&job);
	if (ret == KNOT_EOK) {
		job_run(&job);
	} else {
		job.ret = ret;
		(void)snprintf(job.why, sizeof(job.why), "%s", knot_strerror(ret));
	}

	pthread_mutex_lock(&pool.lock);
	pool.big_running -= inst->big;
	inst->big = big || job.ms > BIG_TIME;
	deliver(inst, &job);
	if (inst->waiting_count > 0 && job.choice.listens && !atomic_load(&inst->gone)) {
		uint32_t serial;
		pthread_mutex_unlock(&pool.lock);
		(void)ask_serial(&job.choice.server, inst->zone, TICK, &serial);
		pthread_mutex_lock(&pool.lock);
	}
	job_clear(&job);
	held_unref(before);
	instance_unref(inst);
}

/* Takes the next instance that is due. One big zone at a time: the other
 * thread is for the small ones. */
static instance_t *take_due(uint64_t now)
{
	if (pool.started != 0 || now < pool.quiet_until) {
		return NULL;
	}
	for (;;) {
		instance_t *inst = queue_top(&pool.queue);
		if (inst == NULL || inst->due > now) {
			return NULL;
		}
		if (inst->big && pool.big_running > 0) {
			inst->due = now + TICK;
			queue_put(&pool.queue, inst);
			continue;
		}
		queue_remove(&pool.queue, inst);
		return inst;
	}
}

static void *work(void *arg)
{
	(void)arg;
	(void)pthread_setname_np(pthread_self(), "caaudit");
	/* Of this thread alone, on Linux: queries come first. */
	(void)setpriority(PRIO_PROCESS, (id_t)gettid(), NICE);
	rcu_register_thread();
	pthread_mutex_lock(&pool.lock);
	while (pool.zones > 0) {
		uint64_t now = pool_now();
		if (now >= pool.next_tick) {
			tick(now);
			continue;
		}
		instance_t *inst = take_due(now);
		if (inst != NULL) {
			audit(inst);
			continue;
		}
		inst = queue_top(&pool.queue);
		uint64_t until = pool.next_tick;
		if (inst != NULL && pool.started == 0 &&
		    pool_later(inst->due, pool.quiet_until) < until) {
			until = pool_later(inst->due, pool.quiet_until);
		}
		pool_wait(until);
	}
	drain(0);
	pool.threads--;
	pthread_mutex_unlock(&pool.lock);
	rcu_unregister_thread();
	return NULL;
}

/* Signals are the server's. */
int worker_start(void)
{
	int ret = 0;
	sigset_t all, before;
	pthread_attr_t attr;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	while (pool.threads < THREADS && ret == 0) {
		pthread_t thread;
		ret = pthread_create(&thread, &attr, work, NULL);
		pool.threads += ret == 0;
	}
	pthread_attr_destroy(&attr);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pool.next_start = pool_now() + TICK;
	atomic_store(&pool.stalled, pool.threads == 0);
	return pool.threads > 0 ? 0 : ret;
}
