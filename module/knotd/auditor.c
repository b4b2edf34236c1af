/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Locks and lifetimes.
 *
 * One mutex guards all of this file. Nobody waits for an RCU grace period while
 * holding it, and nobody does I/O but for the PID file; so the server's threads,
 * which take it in load and unload and rarely in a query (inside a read-side
 * section), get it soon and cannot deadlock with a grace period.
 *
 * The server frees the name of a zone, then its contents, then calls unload:
 * in between, a log line through the module context would read freed memory.
 * So lines are logged in an RCU read-side section, under the mutex, and only if
 *  - the instance is alive and not superseded. When a zone is replaced, load of
 *    the new instance supersedes the old one before the server waits for
 *    a grace period and frees the old zone;
 *  - and the running configuration still has the module in the zone. When
 *    a zone is removed, the configuration (or the catalog) is changed before
 *    such a wait. What cannot be proved that way is logged in the next query
 *    for the zone, which keeps it alive; the auditor asks one itself;
 *  - and the module is configured from the same file as at the last load: from
 *    another one the server loads a second copy of all this, which knows nothing
 *    of the instances here. Then lines are left for queries as well;
 *  - and the server is not stopping, when zones are freed without any wait.
 *    Before that its worker threads end and the PID file is removed, and both
 *    is noticed.
 */

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>
#include <urcu.h>

#include <libknot/libknot.h>

#include "ask.h"
#include "auditor.h"
#include "choose.h"
#include "counters.h"
#include "hash.h"
#include "instance.h"
#include "job.h"
#include "queue.h"

#define THREADS 2

/* All times in milliseconds. */
#define TICK 1000
#define LOAD_QUIET 1000     /* Audits begin when nothing was loaded for so long. */
#define LOAD_QUIET_MAX 60000
#define UNLOAD_PAUSE 2000   /* No line after a zone went away: the server may be stopping. */
#define STOP_PAUSE 60000    /* No line after a sign that it is. */
#define START_WAIT 10000    /* Wait for the server's first answer, and... */
#define WAIT_PER_ZONE 2     /* ...so many zones a millisecond longer. */
#define START_GRACE 5000    /* A server that starts may not answer yet... */
#define START_PER_ZONE 5    /* ...with many zones less so. */

#define ASKED_SHARE 20      /* Audits that clients bring about take that part of the time. */

#define FILE_CHECKS 200     /* Zone files looked at in a tick. */
#define BIG_FILE (16 * 1024 * 1024)
#define BIG_TIME 2000
#define WAITING_MAX 1000

static const uint64_t retry_gap[] = { 5000, 15000, 60000 };
static const uint64_t poke_gap[] = { 10000, 30000, 120000 };
#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static struct {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_key_t worker;       /* Set in the server's worker threads. */
	unsigned threads;
	bool thread_error;
	size_t zones;               /* Instances of zone scope. */
	size_t big_running;
	instance_t **table;         /* The same by zone name. */
	size_t table_size;          /* Power of two. */
	instance_t *global;         /* Instances of global scope, linked by chain. */
	instance_t *ring;           /* Zone files that are watched; the next to look at. */
	queue_t queue;
	uint64_t next_tick;
	uint64_t quiet_until;       /* No audit before. */
	uint64_t quiet_since;
	uint64_t pause_until;       /* No line before. */
	uint64_t started;           /* First load, while the server starts; else 0. */
	char *pid_file;             /* NULL if it tells nothing. */
	uint64_t module_file;       /* File of the module by the configuration. */
	bool pid_known;
	knot_dname_storage_t last_zone; /* What was loaded last. */
	size_t last_nth;
	bool last_known;
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER };

static uint64_t clock_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Worker threads end only when the server stops, before it frees the zones. */
static void on_worker_end(void *value)
{
	(void)value;
	pthread_mutex_lock(&pool.lock);
	pool.pause_until = clock_ms() + STOP_PAUSE;
	pthread_mutex_unlock(&pool.lock);
}

static void init(void)
{
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&pool.wake, &attr);
	pthread_condattr_destroy(&attr);
	if (pthread_key_create(&pool.worker, on_worker_end) != 0) {
		abort(); /* The process is out of 1024 keys: a bug elsewhere. */
	}
}

static void ref(instance_t *inst)
{
	atomic_fetch_add(&inst->watch.refs, 1);
}

static void free_lines(line_t *line, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(line[i].text);
	}
	free(line);
}

static void held_unref(held_t *held)
{
	if (held != NULL && --held->refs == 0) {
		held_free(held);
	}
}

/* With the lock held: results are counted by hand. */
static void unref(instance_t *inst)
{
	if (atomic_fetch_sub(&inst->watch.refs, 1) > 1) {
		return;
	}
	held_unref(inst->held);
	free_lines(inst->waiting, inst->waiting_count);
	synth_free(inst->synth);
	lookups_clear(&inst->lookups);
	settings_put(inst->settings);
	free(inst->base);
	free(inst);
}

static void wait_until(uint64_t time)
{
	struct timespec at = {
		.tv_sec = (time_t)(time / 1000),
		.tv_nsec = (long)(time % 1000) * 1000000,
	};
	(void)pthread_cond_timedwait(&pool.wake, &pool.lock, &at);
}

/*
 * Table of zones.
 */

static size_t slot_of(const knot_dname_t *zone, size_t size)
{
	uint64_t hash = hash_name(zone);
	return (size_t)(hash ^ hash >> 29) & (size - 1);
}

/* Makes room for one more; a table that cannot grow is slower, not wrong. */
static bool table_reserve(void)
{
	if (pool.zones < pool.table_size) {
		return true;
	}
	size_t size = pool.table_size == 0 ? 64 : 2 * pool.table_size;
	instance_t **table = calloc(size, sizeof(*table));
	if (table == NULL) {
		return pool.table_size > 0;
	}
	for (size_t i = 0; i < pool.table_size; i++) {
		/* The newest of a zone stays in front. */
		instance_t *turned = NULL, *next;
		for (instance_t *inst = pool.table[i]; inst != NULL; inst = next) {
			next = inst->chain;
			inst->chain = turned;
			turned = inst;
		}
		for (; turned != NULL; turned = next) {
			next = turned->chain;
			size_t slot = slot_of(turned->zone, size);
			turned->chain = table[slot];
			table[slot] = turned;
		}
	}
	free(pool.table);
	pool.table = table;
	pool.table_size = size;
	return true;
}

static void table_add(instance_t *inst)
{
	size_t slot = slot_of(inst->zone, pool.table_size);
	inst->chain = pool.table[slot];
	pool.table[slot] = inst;
	pool.zones++;
}

static void chain_remove(instance_t **pos, const instance_t *inst)
{
	while (*pos != inst) {
		pos = &(*pos)->chain;
	}
	*pos = inst->chain;
}

static void table_remove(instance_t *inst)
{
	chain_remove(&pool.table[slot_of(inst->zone, pool.table_size)], inst);
	if (--pool.zones == 0) {
		free(pool.table);
		pool.table = NULL;
		pool.table_size = 0;
		queue_clear(&pool.queue);
	}
}

/*
 * Ring of watched zone files.
 */

static void ring_add(instance_t *inst)
{
	if (inst->ring_next != NULL) {
		return;
	}
	if (pool.ring == NULL) {
		inst->ring_next = inst->ring_prev = pool.ring = inst;
		return;
	}
	inst->ring_next = pool.ring;
	inst->ring_prev = pool.ring->ring_prev;
	inst->ring_prev->ring_next = inst;
	pool.ring->ring_prev = inst;
}

static void ring_remove(instance_t *inst)
{
	if (inst->ring_next == NULL) {
		return;
	}
	if (inst->ring_next == inst) {
		pool.ring = NULL;
	} else {
		inst->ring_next->ring_prev = inst->ring_prev;
		inst->ring_prev->ring_next = inst->ring_next;
		if (pool.ring == inst) {
			pool.ring = inst->ring_next;
		}
	}
	inst->ring_next = inst->ring_prev = NULL;
}

/*
 * Sums and queue.
 */

static void set_share(instance_t *inst, zone_state_t state, uint32_t not_checked)
{
	if (inst->counted) {
		counters_share(&inst->share, false);
	}
	inst->share = (share_t){ .held = inst->held, .state = state, .not_checked = not_checked };
	inst->counted = true;
	counters_share(&inst->share, true);
}

static void drop_share(instance_t *inst)
{
	if (inst->counted) {
		counters_share(&inst->share, false);
		inst->counted = false;
	}
}

static void publish(void)
{
	for (instance_t *inst = pool.global; inst != NULL; inst = inst->chain) {
		counters_publish(inst->mod, inst->base);
	}
}

/* Makes an instance due, unless it is due sooner anyway. */
static void make_due(instance_t *inst, uint64_t due)
{
	if (inst->running) {
		inst->again = true;
	} else if (inst->queue_pos == QUEUE_NONE || inst->due > due) {
		inst->due = due;
		queue_put(&pool.queue, inst);
	}
}

static uint64_t delay_of(const instance_t *inst)
{
	return (uint64_t)inst->settings->audit_delay * 1000;
}

/* Takes an instance out of everything but the table. */
static void retire(instance_t *inst)
{
	atomic_store(&inst->gone, true);
	queue_remove(&pool.queue, inst);
	ring_remove(inst);
	drop_share(inst);
}

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
				make_due(inst, max_u64(now + delay_of(inst), inst->last.time +
				                       (uint64_t)inst->last.ms * ASKED_SHARE));
			}
			bool change = (flags & (WATCH_POKED | WATCH_WOKEN)) != 0;
			if (new_serial && inst->running && !change) {
				inst->seen = true;
			} else if (new_serial || change) {
				make_due(inst, now + delay_of(inst));
			}
		}
		unref(inst);
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
		char *path = inst->file == 0 || inst->running ? NULL :
		             conf_zone_file(inst->mod, inst->zone);
		ref(inst);
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
		if (check[i].file != 0 && check[i].file != inst->file && !atomic_load(&inst->gone)) {
			make_due(inst, now + delay_of(inst));
		}
		unref(inst);
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

	ref(inst);
	pthread_mutex_unlock(&pool.lock);
	uint32_t serial;
	ask_t answer = ask_serial(&server, inst->zone, TICK, &serial);
	pthread_mutex_lock(&pool.lock);
	unref(inst);
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
	publish();
	if (pool.started != 0) {
		await_start(now);
	} else {
		check_files(now);
	}
}

/*
 * Delivery.
 */

/* Tells by the PID file whether the server has begun to stop. */
static bool is_stopping(knotd_mod_t *mod)
{
	if (!pool.pid_known) {
		pool.pid_known = true;
		rcu_read_lock();
		char *path = conf_pid_file(mod);
		rcu_read_unlock();
		FILE *file = path == NULL ? NULL : fopen(path, "re");
		long pid = 0;
		if (file == NULL || fscanf(file, "%ld", &pid) != 1 || pid != getpid()) {
			free(path);
			path = NULL;
		}
		if (file != NULL) {
			fclose(file);
		}
		pool.pid_file = path;
	}
	if (pool.pid_file == NULL || access(pool.pid_file, F_OK) == 0) {
		return false;
	}
	/* Removed by somebody else, it tells nothing after this pause. */
	free(pool.pid_file);
	pool.pid_file = NULL;
	pool.pause_until = max_u64(pool.pause_until, clock_ms() + STOP_PAUSE);
	return true;
}

static void log_line(instance_t *inst, const line_t *line)
{
	knotd_mod_log(inst->mod, line->priority, "%s", line->text);
}

static void log_waiting(instance_t *inst)
{
	for (size_t i = 0; i < inst->waiting_count; i++) {
		log_line(inst, &inst->waiting[i]);
	}
	free_lines(inst->waiting, inst->waiting_count);
	inst->waiting = NULL;
	inst->waiting_count = 0;
}

/* Leaves the lines of a report for the zone's next query. */
static void leave_waiting(instance_t *inst, report_t *report)
{
	size_t count = inst->waiting_count + report->line_count;
	if (count > WAITING_MAX) {
		count = WAITING_MAX;
	}
	line_t *grown = count == 0 ? NULL : realloc(inst->waiting, count * sizeof(*grown));
	if (grown == NULL) {
		return;
	}
	inst->waiting = grown;
	atomic_store(&inst->watch.seen, 0);
	for (size_t i = 0; inst->waiting_count < count; i++) {
		grown[inst->waiting_count++] = report->line[i];
		report->line[i].text = NULL;
	}
}

/* Waits until lines may be logged. False if there is nobody to log for. */
static bool may_log(instance_t *inst)
{
	for (;;) {
		if (atomic_load(&inst->gone)) {
			return false;
		}
		uint64_t now = clock_ms();
		if (now < pool.pause_until) {
			wait_until(now + TICK / 4 < pool.pause_until ? now + TICK / 4 :
			                                               pool.pause_until);
			continue;
		}
		if (!is_stopping(inst->mod)) {
			return true;
		}
	}
}

/* Logs the lines of a report. False if the zone is about to go. */
static bool log_report(instance_t *inst, report_t *report)
{
	proof_t proof = conf_zone_proof(inst->mod, inst->zone);
	if (proof == PROOF_THERE && conf_module_file(inst->mod) != pool.module_file) {
		proof = PROOF_NONE;
	}
	switch (proof) {
	case PROOF_GONE:
		return false;
	case PROOF_NONE:
		leave_waiting(inst, report);
		return true;
	default:
		log_waiting(inst);
		for (size_t i = 0; i < report->line_count; i++) {
			log_line(inst, &report->line[i]);
		}
		return true;
	}
}

static uint32_t hash_text(const char *text)
{
	uint32_t hash = (uint32_t)hash_octets(HASH_SEED, text, strlen(text));
	return hash == 0 ? 1 : hash;
}

static void set_held(instance_t *inst, held_t *held)
{
	drop_share(inst);
	held_unref(inst->held);
	inst->held = held;
	if (held != NULL) {
		held->refs = 1;
	}
}

static bool deliver_failure(instance_t *inst, job_t *job, uint64_t now)
{
	inst->last.valid = false;
	report_t *report = &job->report;
	uint64_t started = inst->born + START_GRACE + pool.zones / START_PER_ZONE;
	bool grace = job->soon && (now < started || inst->fails == 0);

	uint32_t why = hash_text(job->why);
	if (why != inst->why && !grace) {
		report_clear(report);
		report_begin(report, NULL, false, 0, inst->zone, inst->id_len);
		report_line(report, LOG_WARNING, "not checked, source %s, %s",
		            source_name(job->source), job->why);
		if (!log_report(inst, report)) {
			return false;
		}
		inst->why = why;
	}

	counters_audited(true);
	knotd_mod_stats_incr(inst->mod, 0, CTR_FAILURES, 0, 1);
	set_share(inst, ZONE_FAILED, 1);
	counters_show(inst->mod, inst->held, 1);

	uint64_t gap = (uint64_t)inst->settings->audit_interval * 1000;
	if (grace) {
		gap = retry_gap[0];
		inst->fails = 1;
	} else if (inst->fails < COUNT(retry_gap)) {
		gap = retry_gap[inst->fails++];
	} else if (job->soon && gap > retry_gap[COUNT(retry_gap) - 1]) {
		gap = retry_gap[COUNT(retry_gap) - 1];
	}
	make_due(inst, now + gap);
	return true;
}

static void add_audit_line(instance_t *inst, job_t *job)
{
	report_t *report = &job->report;
	const held_t *held = job->unchanged ? inst->held : report->now;
	bool change = report->fresh + report->gone > 0;
	bool quiet = !inst->first && inst->fails == 0 && !change && job->serial == inst->serial;
	bool notice = change || held != NULL || report->not_checked > 0;
	report_line(report, quiet ? LOG_DEBUG : notice ? LOG_NOTICE : LOG_INFO,
	            "audit, serial %u, errors %u, warnings %u, notices %u, not checked %u, "
	            "source %s, %u ms%s", job->serial,
	            held == NULL ? 0 : held->by_severity[CAAUDIT_ERROR],
	            held == NULL ? 0 : held->by_severity[CAAUDIT_WARNING],
	            held == NULL ? 0 : held->by_severity[CAAUDIT_NOTICE], report->not_checked,
	            source_name(job->source), job->ms, job->unchanged ? ", unchanged" : "");
}

static void add_note(instance_t *inst, job_t *job)
{
	uint32_t note = 0;
	if (job->note[0] != '\0') {
		job->report.not_checked++;
		note = hash_text(job->note);
		if (note != inst->note) {
			report_line(&job->report, LOG_WARNING, "not checked, source validation-file, %s",
			            job->note);
		}
	}
	inst->note = note;
}

/* Findings age: the interval counts from the last time that the zone was read. */
static uint64_t next_regular(const instance_t *inst)
{
	return inst->last.time + (uint64_t)inst->settings->audit_interval * 1000;
}

static bool deliver_result(instance_t *inst, job_t *job, uint64_t now)
{
	report_t *report = &job->report;
	add_note(inst, job);
	add_audit_line(inst, job);
	if (!log_report(inst, report)) {
		return false;
	}

	if (!job->unchanged) {
		set_held(inst, report->now);
		report->now = NULL;
		counters_audited(false);
		knotd_mod_stats_incr(inst->mod, 0, CTR_AUDITS, 0, 1);
		inst->last = (last_t) {
			.valid = inst->note == 0 && inst->synth == NULL && !inst->again,
			.stamp = job->stamp,
			.time = now,
			.serial = job->serial,
			.ms = job->ms,
			.not_checked = report->not_checked,
			.source = job->source,
		};
	}
	const held_t *held = inst->held;
	zone_state_t state = held == NULL ? ZONE_CLEAN :
	                     held->by_severity[CAAUDIT_ERROR] > 0 ? ZONE_ERROR :
	                     held->by_severity[CAAUDIT_WARNING] > 0 ? ZONE_WARNING : ZONE_CLEAN;
	set_share(inst, state, report->not_checked);
	counters_show(inst->mod, held, report->not_checked);
	knotd_mod_stats_store(inst->mod, 0, CTR_SERIAL, 0, job->serial);

	/* An update takes its time: look again until it shows. */
	uint64_t due = next_regular(inst);
	if (job->again > 0 && now + job->again * 1000 < due) {
		due = now + job->again * 1000;
	}
	if (inst->poked && job->serial == inst->serial && inst->poke_step < COUNT(poke_gap)) {
		due = now + poke_gap[inst->poke_step++];
	} else {
		inst->poked = false;
	}
	inst->serial = job->serial;
	inst->first = false;
	inst->fails = 0;
	inst->why = 0;
	make_due(inst, due);
	return true;
}

static void deliver(instance_t *inst, job_t *job)
{
	bool log = may_log(inst);
	inst->running = false;
	if (!log) {
		return;
	}
	uint64_t now = clock_ms();
	rcu_read_lock();
	if (job->file != 0) {
		inst->file = job->file;
		ring_add(inst);
	} else {
		ring_remove(inst);
	}
	bool done = job->ret == KNOT_EOK ? deliver_result(inst, job, now) :
	                                   deliver_failure(inst, job, now);
	if (!done) {
		make_due(inst, now + retry_gap[0]);
	}
	publish();
	rcu_read_unlock();
	if (inst->again || (inst->seen && atomic_load(&inst->watch.serial) != inst->serial)) {
		make_due(inst, now + delay_of(inst));
	}
}

/*
 * Threads.
 */

static bool is_big(const job_t *job)
{
	return job->choice.zonefile != NULL && job_file_size(job->choice.zonefile) > BIG_FILE;
}

/* Audits a zone; the lock is not held while it is read. */
static void audit(instance_t *inst)
{
	job_t job = {
		.zone = inst->zone,
		.settings = inst->settings,
		.synth = inst->synth,
		.lookups = &inst->lookups,
		.before = inst->held,
		.gone = &inst->gone,
		.id_len = inst->id_len,
		.all = inst->first,
	};
	if (inst->first && clock_ms() < next_regular(inst)) {
		job.last = inst->last;
	}
	rcu_read_lock();
	int ret = choose(inst->mod, inst->zone, inst->settings, &job.choice);
	rcu_read_unlock();

	ref(inst);
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
	unref(inst);
}

/* Takes the next instance that is due. One big zone at a time: the other
 * thread is for the small ones. */
static instance_t *take_due(uint64_t now)
{
	if (pool.started != 0 || now < pool.quiet_until || now < pool.pause_until) {
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
	rcu_register_thread();
	pthread_mutex_lock(&pool.lock);
	while (pool.zones > 0) {
		uint64_t now = clock_ms();
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
		uint64_t first = max_u64(pool.quiet_until, pool.pause_until);
		if (inst != NULL && pool.started == 0 && max_u64(inst->due, first) < until) {
			until = max_u64(inst->due, first);
		}
		wait_until(until);
	}
	drain(0);
	pool.threads--;
	pthread_mutex_unlock(&pool.lock);
	rcu_unregister_thread();
	return NULL;
}

/* Starts the threads that are missing; signals are the server's. */
static int start_threads(void)
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
	return pool.threads > 0 ? 0 : ret;
}

/*
 * Load and unload.
 */

/* Finds the instance's place among those of its zone. */
static size_t identify(instance_t *inst)
{
	size_t nth = 0, count, len;
	if (pool.last_known && knot_dname_is_equal(pool.last_zone, inst->zone)) {
		nth = pool.last_nth + 1;
	}
	inst->id = conf_zone_id(inst->mod, inst->zone, nth, &count, &len);
	if (nth >= count && nth > 0) {
		nth = 0;
		inst->id = conf_zone_id(inst->mod, inst->zone, nth, &count, &len);
	}
	inst->id_len = (uint32_t)len;
	memcpy(pool.last_zone, inst->zone, knot_dname_size(inst->zone));
	pool.last_nth = nth;
	pool.last_known = true;
	return nth;
}

static void supersede(const instance_t *inst)
{
	instance_t *old = pool.table_size == 0 ? NULL :
	                  pool.table[slot_of(inst->zone, pool.table_size)];
	for (; old != NULL; old = old->chain) {
		if (!old->superseded && knot_dname_is_equal(old->zone, inst->zone)) {
			old->superseded = true;
			retire(old);
		}
	}
}

/* Takes the findings over from the instance that was superseded last, so that
 * one that went away in between is known to be resolved. */
static void inherit(instance_t *inst)
{
	instance_t *old = pool.table[slot_of(inst->zone, pool.table_size)];
	for (; old != NULL; old = old->chain) {
		if (old->superseded && old->id == inst->id &&
		    knot_dname_is_equal(old->zone, inst->zone)) {
			inst->held = old->held;
			inst->serial = old->serial;
			inst->poked = old->poked;
			old->held = NULL;
			synth_inherit(inst->synth, old->synth);
			lookups_inherit(&inst->lookups, &old->lookups);
			if (inst->settings == old->settings && inst->synth == NULL &&
			    (atomic_load(&old->watch.flags) & (WATCH_WOKEN | WATCH_ASKED)) == 0) {
				inst->last = old->last;
			}
			break;
		}
	}
	set_share(inst, ZONE_PENDING, 0);
	if (inst->held != NULL) {
		counters_show(inst->mod, inst->held, 0);
	}
}

static void hold_off(uint64_t now)
{
	if (now > pool.quiet_until) {
		pool.quiet_since = now;
	}
	pool.quiet_until = now + LOAD_QUIET;
	if (pool.quiet_until > pool.quiet_since + LOAD_QUIET_MAX) {
		pool.quiet_until = pool.quiet_since + LOAD_QUIET_MAX;
	}
}

static instance_t *instance_new(knotd_mod_t *mod, const knot_dname_t *zone)
{
	size_t len = zone == NULL ? 0 : knot_dname_size(zone);
	instance_t *inst = calloc(1, sizeof(*inst) + len);
	if (inst != NULL) {
		atomic_init(&inst->watch.refs, 1);
		inst->mod = mod;
		inst->first = true;
		inst->queue_pos = QUEUE_NONE;
		inst->born = clock_ms();
		if (zone != NULL) {
			memcpy(inst->zone, zone, len);
		}
	}
	return inst;
}

int auditor_load(knotd_mod_t *mod, settings_t *settings, synth_t *synth, instance_t **out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, init);

	instance_t *inst = instance_new(mod, knotd_mod_zone(mod));
	if (inst == NULL) {
		return KNOT_ENOMEM;
	}
	inst->settings = settings;
	inst->synth = synth;

	pthread_mutex_lock(&pool.lock);
	/* The old zone will go even if there is no memory for the new one. */
	if (identify(inst) == 0) {
		supersede(inst);
	}
	if (!table_reserve() || !queue_reserve(&pool.queue, pool.zones + 1)) {
		pthread_mutex_unlock(&pool.lock);
		free(inst);
		return KNOT_ENOMEM;
	}
	lookups_init(&inst->lookups, inst->zone, inst->id);
	pool.module_file = conf_module_file(mod);
	if (pool.zones == 0) {
		pool.started = inst->born;
		pool.next_tick = 0;
	}
	inherit(inst);
	table_add(inst);
	make_due(inst, inst->born);
	hold_off(inst->born);
	int ret = start_threads();
	bool complain = ret != 0 && !pool.thread_error;
	pool.thread_error = ret != 0;
	pthread_mutex_unlock(&pool.lock);

	if (complain) {
		knotd_mod_log(mod, LOG_ERR, "failed to start a thread, zones are not audited (%s)",
		              strerror(ret));
	}
	*out = inst;
	return KNOT_EOK;
}

int auditor_load_global(knotd_mod_t *mod, instance_t **out)
{
	instance_t *inst = instance_new(mod, NULL);
	counters_base_t *base = malloc(sizeof(*base));
	if (inst == NULL || base == NULL) {
		free(inst);
		free(base);
		return KNOT_ENOMEM;
	}
	inst->base = base;

	pthread_mutex_lock(&pool.lock);
	counters_base(base);
	inst->chain = pool.global;
	pool.global = inst;
	pool.last_known = false;
	counters_publish(mod, base);
	pthread_mutex_unlock(&pool.lock);

	*out = inst;
	return KNOT_EOK;
}

void auditor_unload(instance_t *inst)
{
	pthread_mutex_lock(&pool.lock);
	inst->mod = NULL;
	atomic_store(&inst->gone, true);
	if (inst->settings == NULL) {
		chain_remove(&pool.global, inst);
	} else {
		if (!inst->superseded) {
			lookups_forget(&inst->lookups);
			retire(inst);
			pool.pause_until = max_u64(pool.pause_until, clock_ms() + UNLOAD_PAUSE);
		}
		table_remove(inst);
		if (pool.zones == 0) {
			pthread_cond_broadcast(&pool.wake);
		}
	}
	unref(inst);
	pthread_mutex_unlock(&pool.lock);
}

/*
 * Queries.
 */

void auditor_in_query(instance_t *inst)
{
	(void)pthread_setspecific(pool.worker, inst);
	if (atomic_load(&inst->waiting_count) == 0 || pthread_mutex_trylock(&pool.lock) != 0) {
		return;
	}
	log_waiting(inst);
	pthread_mutex_unlock(&pool.lock);
}

const settings_t *auditor_settings(const instance_t *inst)
{
	return inst->settings;
}
