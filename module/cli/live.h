/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Asks a running server over its control socket, and tells whether its zones can be read.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <libknot/control/control.h>

/*! Octets of the longest version text, the final zero included. */
#define VERSION_MAX 64

/*! Takes one reply of a server; the texts are those of the connection. */
typedef void (*live_reply_f)(void *context, const knot_ctl_data_t reply);

/*!
 * \brief Sends a command to a server and takes all that it replies.
 *
 * \param[in] socket    Control socket.
 * \param[in] timeout   Milliseconds for each operation.
 * \param[in] request   Command.
 * \param[in] on_reply  Called for each reply.
 * \param[in] context   For \a on_reply.
 *
 * \return KNOT_EOK, KNOT_ENOMEM, or an error of the connection.
 */
int live_ask(const char *socket, int timeout, knot_ctl_data_t request, live_reply_f on_reply,
             void *context);

/*!
 * \brief Asks a server for its version.
 *
 * \param[in]  socket   Control socket.
 * \param[in]  timeout  Milliseconds for each operation.
 * \param[out] version  Version text, VERSION_MAX octets.
 *
 * \return KNOT_EOK, KNOT_ENOENT if the answer has no version, KNOT_ENOMEM, or an error of the
 *         connection.
 */
int live_version(const char *socket, int timeout, char *version);

/*!
 * \brief Tells whether a server of that version survives "zone-read" at any time.
 *
 * Before 3.2.7 the command can crash the server while the zone is updated.
 *
 * \param[in] version  Version, such as "3.4.6".
 *
 * \return false before 3.2.7, and if it is no version.
 */
bool live_is_safe(const char *version);
