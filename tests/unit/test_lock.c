/* SPDX-License-Identifier: GPL-2.0-or-later */

/* The order of the module's locks: a thread that breaks it aborts. */

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#include "lock.h"

static void in_order(void)
{
	lock_t log, keys, leaf;
	lock_init(&log, LOCK_LOG);
	lock_init(&keys, LOCK_KEYS);
	lock_init(&leaf, LOCK_LEAF);
	lock_take(&log);
	assert_true(lock_try(&keys));
	assert_true(lock_take_within(&leaf, 10));
	lock_give(&leaf);
	lock_take(&leaf);
	/* In any order. */
	lock_give(&log);
	lock_give(&leaf);
	lock_give(&keys);
	lock_assert_none();
	lock_deinit(&leaf);
	lock_deinit(&keys);
	lock_deinit(&log);
}

static void against_the_order(void)
{
	lock_t outer = LOCK_INIT(LOCK_SCHEDULE), inner = LOCK_INIT(LOCK_LEAF);
	lock_take(&inner);
	lock_take(&outer);
}

static void tried_against_the_order(void)
{
	lock_t outer = LOCK_INIT(LOCK_SCHEDULE), inner = LOCK_INIT(LOCK_LEAF);
	lock_take(&inner);
	(void)lock_try(&outer);
}

static void patiently_against_the_order(void)
{
	lock_t outer = LOCK_INIT(LOCK_SCHEDULE), inner = LOCK_INIT(LOCK_LEAF);
	lock_take(&inner);
	(void)lock_take_within(&outer, 10);
}

static void two_of_one_rank(void)
{
	lock_t one = LOCK_INIT(LOCK_LEAF), other = LOCK_INIT(LOCK_LEAF);
	lock_take(&one);
	lock_take(&other);
}

static void io_with_the_schedule(void)
{
	lock_t lock = LOCK_INIT(LOCK_SCHEDULE);
	lock_take(&lock);
	lock_assert_io();
}

static void io_with_a_leaf(void)
{
	lock_t lock = LOCK_INIT(LOCK_LEAF);
	lock_take(&lock);
	lock_assert_io();
}

static void io_with_the_log(void)
{
	lock_t lock = LOCK_INIT(LOCK_LOG);
	lock_take(&lock);
	lock_assert_io();
	lock_give(&lock);
}

static void grace_period_with_the_log(void)
{
	lock_t lock = LOCK_INIT(LOCK_LOG);
	lock_take(&lock);
	lock_assert_none();
}

static void waiting_with_another_lock(void)
{
	lock_t outer = LOCK_INIT(LOCK_LOG), inner = LOCK_INIT(LOCK_SCHEDULE);
	pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
	lock_take(&outer);
	lock_take(&inner);
	lock_wait(&cond, &inner, 1);
}

/* Runs it in a process of its own. */
static bool aborts(void (*act)(void))
{
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		(void)close(STDERR_FILENO);
		(void)signal(SIGABRT, SIG_DFL);
		act();
		_exit(0);
	}
	int status;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void order_is_checked(void **state)
{
	(void)state;
	in_order();
	assert_false(aborts(in_order));
	assert_false(aborts(io_with_the_log));
	assert_true(aborts(against_the_order));
	assert_true(aborts(tried_against_the_order));
	assert_true(aborts(patiently_against_the_order));
	assert_true(aborts(two_of_one_rank));
	assert_true(aborts(io_with_the_schedule));
	assert_true(aborts(io_with_a_leaf));
	assert_true(aborts(grace_period_with_the_log));
	assert_true(aborts(waiting_with_another_lock));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(order_is_checked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
