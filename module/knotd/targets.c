/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The set of alias targets of a zone. */

#include <stdlib.h>

#include "engine/array.h"
#include "lock.h"
#include "targets.h"

/* Targets of a zone: more are left out. */
#define TARGETS_MAX 1024

typedef struct {
	uint64_t hash;
	unsigned round; /* Audit that named it last. */
} target_t;

struct targets {
	lock_t lock;
	unsigned round;
	bool overflow; /* One that was named in this round is left out. */
	size_t count;
	target_t *target;
};

targets_t *targets_new(void)
{
	targets_t *targets = calloc(1, sizeof(*targets));
	if (targets != NULL) {
		lock_init(&targets->lock, LOCK_LEAF);
	}
	return targets;
}

void targets_free(targets_t *targets)
{
	if (targets != NULL) {
		lock_deinit(&targets->lock);
		free(targets->target);
		free(targets);
	}
}

/* With the lock held. */
static target_t *find(const targets_t *targets, uint64_t hash)
{
	for (size_t i = 0; i < targets->count; i++) {
		if (targets->target[i].hash == hash) {
			return &targets->target[i];
		}
	}
	return NULL;
}

/* With the lock held: makes a place for one more, NULL if there is none. */
static target_t *append(targets_t *targets)
{
	return targets->count < TARGETS_MAX ?
	               array_extend(&targets->target, &targets->count, sizeof(*targets->target)) :
	               NULL;
}

bool targets_has(targets_t *targets, uint64_t hash)
{
	lock_take(&targets->lock);
	bool found = find(targets, hash) != NULL;
	lock_give(&targets->lock);
	return found;
}

void targets_add(targets_t *targets, uint64_t hash)
{
	lock_take(&targets->lock);
	target_t *target = find(targets, hash);
	if (target == NULL) {
		target = append(targets);
	}
	if (target != NULL) {
		*target = (target_t){ hash, targets->round };
	}
	targets->overflow = targets->overflow || target == NULL;
	lock_give(&targets->lock);
}

void targets_begin(targets_t *targets)
{
	lock_take(&targets->lock);
	targets->round++;
	targets->overflow = false;
	lock_give(&targets->lock);
}

bool targets_end(targets_t *targets)
{
	lock_take(&targets->lock);
	size_t left = 0;
	for (size_t i = 0; i < targets->count; i++) {
		if (targets->target[i].round == targets->round) {
			targets->target[left++] = targets->target[i];
		}
	}
	targets->count = left;
	bool all = !targets->overflow;
	lock_give(&targets->lock);
	return all;
}
