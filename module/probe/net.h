/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief One poll(2) loop for all queries: pace, queries in flight, time-outs, UDP and TCP.
 *
 * Each exchange has a socket of its own, connected to the server, so that the kernel chooses a random
 * port and drops what comes from elsewhere.
 */

#pragma once

#include "packet.h"

typedef struct net net_t;
typedef struct net_queue net_queue_t;

/*! One question to one server. The caller embeds it and owns it until \a done is called. */
typedef struct exchange exchange_t;
struct exchange {
	packet_query_t query; /*!< The id is set by the loop. */
	net_queue_t *queue;   /*!< Whom to ask. */
	bool tcp;             /*!< Begin with TCP. */
	bool once;            /*!< Send one query only, and wait for as long as for a second one. */
	/*! The query over UDP was not answered and is sent again; may be NULL. */
	void (*again)(exchange_t *self);
	/*! The end, once; the answer's records are the caller's then. */
	void (*done)(exchange_t *self, probe_answer_t *answer);
	/*! The loop is freed before the end. */
	void (*drop)(exchange_t *self);
	exchange_t *next; /*!< This and what follows is for the loop. */
	int64_t began;
	uint8_t tries;
	bool cut;
};

/*!
 * \brief Makes a loop.
 *
 * \param[in] rate  Queries a second to one address.
 *
 * \return Loop to be freed by net_free(), or NULL if out of memory.
 */
net_t *net_new(unsigned rate);

/*! Frees a loop; exchanges that are not done are dropped. NULL is fine. */
void net_free(net_t *net);

/*!
 * \brief Makes the queue of a server.
 *
 * \param[in] net     Loop, which owns the queue.
 * \param[in] server  Server; its counters are kept up to date.
 *
 * \return Queue, or NULL if out of memory.
 */
net_queue_t *net_queue(net_t *net, probe_server_t *server);

/*! Puts an exchange into its queue. */
void net_ask(net_t *net, exchange_t *exchange);

/*!
 * \brief The same, and waits for descriptors of others to be readable as well, which it leaves to them.
 *
 * \param[in] net    Loop; it may have nothing to do.
 * \param[in] fd     Descriptors, negative ones are passed over.
 * \param[in] count  Number of \a fd, at most PROBE_SERVERS_MAX + 1.
 * \param[in] ms     Milliseconds to wait at most.
 *
 * \return As net_step(), but never KNOT_ENOENT.
 */
int net_wait(net_t *net, const int *fd, size_t count, int ms);

/*!
 * \brief Sends what may be sent, waits for an event, and handles it.
 *
 * \retval KNOT_EOK      if there is more to do.
 * \retval KNOT_ENOENT   if every queue is empty and nothing is in flight.
 * \retval KNOT_ENOMEM   if out of memory.
 * \retval KNOT_ERROR    if the system has no random numbers, or does not wait.
 */
int net_step(net_t *net);
