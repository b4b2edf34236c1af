/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Whether a running server can be read over its control socket.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

/*! Longest version text. */
#define VERSION_MAX 64

/*!
 * \brief Asks a server for its version.
 *
 * \param[in]  socket   Control socket.
 * \param[in]  timeout  Milliseconds for each operation.
 * \param[out] version  Version text, VERSION_MAX octets.
 *
 * \return KNOT_EOK or an error.
 */
int live_version(const char *socket, int timeout, char *version);

/*!
 * \brief Tells whether a server of that version survives "zone-read" at any time.
 *
 * Before 3.2.7 the command can crash the server while the zone is updated.
 */
bool live_is_safe(const char *version);
