/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Proves that a zone is there, and logs; or lets the lines wait for a query. */

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <urcu.h>

#include <libknot/libknot.h>

#include "conf.h"
#include "lock.h"
#include "log.h"
#include "schedule.h"

/* Lines that are logged before the lock is given back, since unload may wait for it. */
#define BATCH 16

/* Lines that one query logs. */
#define IN_QUERY 8

/* Lines that may wait. */
#define WAITING_MAX 1000

static struct {
	lock_t lock;
	atomic_ullong module_file; /* File of the module by the configuration. */
	atomic_uint answering;     /* Threads of the server that have answered for a zone with
	                              the module and have not ended. */
	pthread_key_t key;         /* Set in those threads. */
	bool keyed;
} state = { .lock = LOCK_INIT(LOCK_LOG) };

static void on_thread_end(void *value)
{
	(void)value;
	lock_take(&state.lock);
	atomic_fetch_sub(&state.answering, 1);
	lock_give(&state.lock);
}

void log_init(void)
{
	state.keyed = pthread_key_create(&state.key, on_thread_end) == 0;
}

void log_loading(knotd_mod_t *mod)
{
	atomic_store(&state.module_file, conf_module_file(mod));
}

void log_hold(void)
{
	lock_take(&state.lock);
}

void log_release(void)
{
	lock_give(&state.lock);
}

/* With the lock held: logs the first lines of a list. */
static void write_some(instance_t *instance, lines_t *lines, size_t max)
{
	size_t count = lines->count < max ? lines->count : max;
	lock_assert_io();
	for (size_t i = 0; i < count; i++) {
		knotd_mod_log(instance->mod, lines->line[i].priority, "%s", lines->line[i].text);
	}
	lines_drop(lines, count);
}

/* With the lock held, in an RCU read-side section: tells whether the zone is there. */
static conf_proof_t prove(const instance_t *instance)
{
	conf_proof_t proof = conf_zone_proof(instance->mod, instance->zone->name);
	if (proof == CONF_THERE &&
	    (atomic_load(&state.answering) == 0 ||
	     conf_module_file(instance->mod) != atomic_load(&state.module_file))) {
		proof = CONF_UNKNOWN;
	}
	return proof;
}

/* With the lock held: lets the lines wait. */
static log_result_t let_wait(instance_t *instance, lines_t *lines)
{
	lines_t *waiting = atomic_load(&instance->waiting);
	if (waiting == NULL) {
		waiting = calloc(1, sizeof(*waiting));
	}
	if (waiting == NULL || !lines_move(waiting, lines, WAITING_MAX)) {
		if (waiting != atomic_load(&instance->waiting)) {
			free(waiting);
		}
		return LOG_FAILED;
	}
	atomic_store(&instance->waiting, waiting);
	atomic_store(&instance->seen, 0);
	return LOG_WAITING;
}

/* With the lock held: logs some of the lines that wait. False if there is none. */
static bool write_waiting(instance_t *instance, size_t max)
{
	lines_t *waiting = atomic_load(&instance->waiting);
	if (waiting == NULL) {
		return false;
	}
	write_some(instance, waiting, max);
	if (waiting->count == 0) {
		atomic_store(&instance->waiting, NULL);
		lines_clear(waiting);
		free(waiting);
	} else {
		atomic_store(&instance->seen, 0); /* The next query logs more. */
	}
	return true;
}

/* With the lock held, in an RCU read-side section: logs a batch of lines, those that wait first. */
static log_result_t write_batch(instance_t *instance, lines_t *lines)
{
	if (instance->mod == NULL || !instance_is_current(instance)) {
		return LOG_GONE;
	}
	conf_proof_t proof = prove(instance);
	if (proof == CONF_GONE) {
		return LOG_GONE;
	} else if (proof == CONF_UNKNOWN) {
		return lines->count > 0 ? let_wait(instance, lines) : LOG_WRITTEN;
	}
	if (!write_waiting(instance, BATCH)) {
		write_some(instance, lines, BATCH);
	}
	return LOG_WRITTEN;
}

log_result_t log_lines(instance_t *instance, lines_t *lines)
{
	log_result_t result;
	do {
		lock_take(&state.lock);
		rcu_read_lock();
		result = write_batch(instance, lines);
		rcu_read_unlock();
		lock_give(&state.lock);
	} while (result == LOG_WRITTEN && lines->count > 0);
	return result;
}

void log_in_query(instance_t *instance)
{
	if (state.keyed && pthread_getspecific(state.key) == NULL &&
	    pthread_setspecific(state.key, &state) == 0) {
		atomic_fetch_add(&state.answering, 1);
	}
	if (atomic_load(&instance->waiting) != NULL && lock_try(&state.lock)) {
		(void)write_waiting(instance, IN_QUERY);
		lock_give(&state.lock);
	}
}
