/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Instances by the time at which they are due: a binary heap.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "instance.h"

#define QUEUE_NONE UINT32_MAX

/*! Queue; all zero is an empty one. */
typedef struct {
	instance_t **heap;
	size_t count;
	size_t size;
} queue_t;

/*!
 * \brief Makes room, so that queue_put() cannot fail.
 *
 * \param[in] queue  Queue.
 * \param[in] count  Instances that may be in the queue at a time.
 *
 * \retval true   on success.
 * \retval false  if out of memory.
 */
bool queue_reserve(queue_t *queue, size_t count);

/*!
 * \brief Puts an instance in, or moves it, by its \a due.
 */
void queue_put(queue_t *queue, instance_t *inst);

/*!
 * \brief Takes an instance out, if it is in.
 */
void queue_remove(queue_t *queue, instance_t *inst);

/*!
 * \brief Gets the instance that is due first.
 *
 * \return Instance or NULL.
 */
static inline instance_t *queue_top(const queue_t *queue)
{
	return queue->count > 0 ? queue->heap[0] : NULL;
}

/*!
 * \brief Frees what an empty queue holds.
 */
void queue_clear(queue_t *queue);
