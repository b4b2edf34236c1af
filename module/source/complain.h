/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Helpers that the sources share: complaints, deadlines, a placeholder for the zone, the size of
 *        a piece of a zone file.
 */

#pragma once

#include <stdint.h>

#include "source.h"

/*! Placeholder for the name of a zone that is not known yet: unused, and only the root is shorter. */
#define PLACEHOLDER      ((const knot_dname_t *)"\1\1")
#define PLACEHOLDER_SIZE 3

/*! Passes a complaint to the listener, made printable; \a line is 0 if there is none. */
__attribute__((format(printf, 4, 5))) void source_complain(source_listener_t *listener,
                                                           const char *file, uint64_t line,
                                                           const char *format, ...);

/*! Passes a complaint with an error of the system, 0 for none, as its cause in parentheses. */
void source_complain_errno(source_listener_t *listener, const char *file, uint64_t line,
                           const char *what, int code);

/*! Asks the listener whether to go on; \a all is 0 if it is not known. */
bool source_go_on(source_listener_t *listener, uint64_t done, uint64_t all);

/*!
 * \brief Gets the time at which a reading from a socket is too slow as a whole: after some timeouts,
 *        and a second more for each thousand records that have come.
 *
 * \param[in] begin    Time at which it began.
 * \param[in] timeout  Milliseconds that each operation may take, 0 for no limit.
 * \param[in] records  Records that have come.
 *
 * \return Time; UINT64_MAX without a limit.
 */
uint64_t source_deadline(uint64_t begin, int timeout, uint64_t records);

/*!
 * \brief Reads a zone file in pieces of a given size; for tests.
 *
 * \param[in] block  Octets of a piece, at least 1; of a longer line, as many as it has.
 *
 * The other parameters and the values are those of source_zonefile().
 */
int source_zonefile_blocks(source_listener_t *listener, const char *path, const knot_dname_t *zone,
                           unsigned flags, size_t block, source_record_f record, void *context);
