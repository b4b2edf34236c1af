/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Asks the server itself which serial it serves, by a query over loopback.
 *
 * The functions block: no lock of the schedule may be held.
 */

#pragma once

#include <stdint.h>
#include <sys/socket.h>

#include <libknot/dname.h>

/*! What the server said. */
typedef enum {
	ASK_SERIAL,   /*!< It serves the zone. */
	ASK_UNSERVED, /*!< It knows the zone, but has nothing to serve (SERVFAIL). */
	ASK_UNKNOWN,  /*!< The answer tells nothing. */
	ASK_SILENCE,  /*!< No answer. */
} ask_t;

/*!
 * \brief Asks for the SOA record of a zone over UDP.
 *
 * \param[in]  server   Address and port.
 * \param[in]  zone     Zone name.
 * \param[in]  timeout  Milliseconds.
 * \param[out] serial   Serial, for ASK_SERIAL.
 *
 * \return What the server said.
 */
ask_t ask_serial(const struct sockaddr_storage *server, const knot_dname_t *zone, int timeout,
                 uint32_t *serial);

/*!
 * \brief Does the same within a second. After a question without an answer the server is not
 *        asked for a minute.
 */
ask_t ask_served(const struct sockaddr_storage *server, const knot_dname_t *zone, uint32_t *serial);
