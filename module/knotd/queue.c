/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>

#include "queue.h"

bool queue_reserve(queue_t *queue, size_t count)
{
	if (count <= queue->size) {
		return true;
	}
	size_t size = queue->size == 0 ? 16 : queue->size;
	while (size < count) {
		size *= 2;
	}
	instance_t **grown = realloc(queue->heap, size * sizeof(*grown));
	if (grown == NULL) {
		return false;
	}
	queue->heap = grown;
	queue->size = size;
	return true;
}

static void place(queue_t *queue, size_t pos, instance_t *inst)
{
	queue->heap[pos] = inst;
	inst->queue_pos = (uint32_t)pos;
}

/* Moves an instance from a place to where it belongs. */
static void settle(queue_t *queue, size_t pos, instance_t *inst)
{
	while (pos > 0 && inst->due < queue->heap[(pos - 1) / 2]->due) {
		place(queue, pos, queue->heap[(pos - 1) / 2]);
		pos = (pos - 1) / 2;
	}
	for (;;) {
		size_t child = 2 * pos + 1;
		if (child + 1 < queue->count &&
		    queue->heap[child + 1]->due < queue->heap[child]->due) {
			child++;
		}
		if (child >= queue->count || queue->heap[child]->due >= inst->due) {
			break;
		}
		place(queue, pos, queue->heap[child]);
		pos = child;
	}
	place(queue, pos, inst);
}

void queue_put(queue_t *queue, instance_t *inst)
{
	settle(queue, inst->queue_pos == QUEUE_NONE ? queue->count++ : inst->queue_pos, inst);
}

void queue_remove(queue_t *queue, instance_t *inst)
{
	if (inst->queue_pos == QUEUE_NONE) {
		return;
	}
	size_t pos = inst->queue_pos;
	inst->queue_pos = QUEUE_NONE;
	instance_t *last = queue->heap[--queue->count];
	if (last != inst) {
		settle(queue, pos, last);
	}
}

void queue_clear(queue_t *queue)
{
	free(queue->heap);
	*queue = (queue_t){ 0 };
}
