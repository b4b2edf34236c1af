/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Values of options and what follows from file names.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <libknot/dname.h>

/*!
 * \brief Parses a time: seconds since the epoch, YYYYMMDDHHMMSS, or ISO 8601,
 *        which is UTC unless it says otherwise.
 */
bool parse_time(const char *text, uint64_t *out);

/*!
 * \brief Parses a length of time: a number with an optional unit s, m, h, d or w.
 *
 * \return true if it is one of 1 second to 68 years.
 */
bool parse_duration(const char *text, uint32_t *out);

/*!
 * \brief Parses an address with an optional port: ADDR[@PORT].
 */
bool parse_server(const char *text, struct sockaddr_storage *out);

/*!
 * \brief Parses a zone name, absolute with or without a final dot.
 *
 * \param[in]  text  Name.
 * \param[out] out   Name in lower case.
 *
 * \return \a out, or NULL if it is no name.
 */
knot_dname_t *parse_zone(const char *text, knot_dname_storage_t out);

/*!
 * \brief Takes the zone name from a path: the file name without ".zone".
 *
 * Only letters, digits, "-" and "_" count as a name here: a file name with
 * anything else is a slip rather than a zone.
 *
 * \return \a out, or NULL if there is no name in it.
 */
knot_dname_t *zone_from_path(const char *path, knot_dname_storage_t out);
