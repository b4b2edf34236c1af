/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Parses the values of options, and zone names from text and file names. */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <libknot/dname.h>

#include "caaudit/server.h"

/*!
 * \brief Parses a time: seconds since the epoch, YYYYMMDDHHMMSS, or ISO 8601,
 *        which is UTC unless it says otherwise.
 *
 * \param[in]  text  Text.
 * \param[out] out   uint64_t: seconds since the epoch; not set after an error.
 *
 * \return true if it is a time.
 */
bool parse_time(const char *text, void *out);

/*! Parses a number with an optional unit s, m, h, d or w into uint32_t seconds, up to 68 years. */
bool parse_duration(const char *text, void *out);

/*! Parses a number of zones that are checked at the same time, an unsigned from 1 to 256. */
bool parse_jobs(const char *text, void *out);

/*! Parses a number of queries a second to one address, an unsigned from 1 to 1000. */
bool parse_rate(const char *text, void *out);

/*! Parses ADDR[@PORT] into a struct sockaddr_storage, which is not set after an error. */
bool parse_server(const char *text, void *out);

/*!
 * \brief Parses a range of addresses as the server's configuration has them: ADDR[/INT] or
 *        ADDR-ADDR.
 *
 * \param[in] text    Text.
 * \param[in] ranges  Ranges that get it.
 *
 * \retval KNOT_EOK     if it was added.
 * \retval KNOT_EINVAL  if it is none.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int parse_range(const char *text, caaudit_ranges_t *ranges);

/*!
 * \brief Parses a TSIG key, [ALG:]NAME:KEY or @FILE; says on standard error what is wrong.
 *
 * \param[in]  text  Text.
 * \param[out] out   knot_tsig_key_t, to be freed by knot_tsig_key_deinit(); empty after an error.
 *
 * \return true if it is a key.
 */
bool parse_tsig(const char *text, void *out);

/*! Parses a zone name, absolute with or without a final dot, in lower case; NULL if it is none. */
knot_dname_t *parse_zone(const char *text, knot_dname_storage_t out);

/*!
 * \brief Takes the zone name from a path by the usual habits: example.org.zone, db.example.org,
 *        example.org.db, pri.example.org, example.org.hosts, .dns and .txt, each also .signed.
 *
 * Only letters, digits, "-" and "_" count as a name here: a file name with
 * anything else, or with numbers alone, is a slip rather than a zone.
 *
 * \param[in]  path  Path.
 * \param[out] out   Name in lower case.
 *
 * \return \a out, or NULL if there is no name in it.
 */
knot_dname_t *zone_from_path(const char *path, knot_dname_storage_t out);
