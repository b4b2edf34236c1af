/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Asks the server for the SOA records of many zones at once, over UDP.
 *
 * The answers are not read but for what became of them: a question is a query, and the module looks
 * at the zone in it.
 */

#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <libknot/dname.h>

/*! Questions of one batch at most. */
#define BATCH_MAX 1000

/*! What became of a question. */
typedef enum {
	BATCH_UNSENT,    /*!< It was not sent: there was no time left, or no socket. */
	BATCH_SENT,      /*!< It was, and no answer has come. */
	BATCH_ANSWERED,  /*!< There is an answer, whatever it says. */
	BATCH_TRUNCATED, /*!< There is one with the flag TC. */
} batch_t;

/*!
 * \brief Asks for the SOA records, and waits for the answers for a second at most. Without a lock.
 *
 * \param[in]  server  Address and port.
 * \param[in]  zone    Zone names.
 * \param[in]  count   Zone names, at most BATCH_MAX.
 * \param[out] result  What became of each question.
 */
void batch_ask(const struct sockaddr_storage *server, const knot_dname_t *const *zone, size_t count,
               batch_t *result);
