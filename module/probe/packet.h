/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Makes queries and takes answers apart. Pure: no socket, no clock.
 *
 * An answer comes from whoever can send one: every octet of it is hostile.
 */

#pragma once

#include "probe.h"

/*! Octets of the longest query: header, name, type and class, OPT record. */
#define PACKET_QUERY_MAX (12 + KNOT_DNAME_MAXLEN + 4 + 11)

/*! What an answer must fit. */
typedef struct {
	const knot_dname_t *zone; /*!< Zone that is asked about. */
	const knot_dname_t *name; /*!< Name asked for, lower case. */
	uint16_t type;
	uint16_t id;
	bool edns;     /*!< Query with EDNS, and the DO flag (RFC 3225). */
	bool glue;     /*!< Addresses in the additional section are kept as well. */
	bool resolver; /*!< Query with the RD flag; the answer need not have AA. */
} packet_query_t;

/*!
 * \brief Writes a query.
 *
 * \param[in]  query  What to ask.
 * \param[out] out    PACKET_QUERY_MAX octets.
 *
 * \return Octets written, 0 if out of memory.
 */
size_t packet_write(const packet_query_t *query, uint8_t *out);

/*!
 * \brief Takes an answer apart.
 *
 * Kept are records of the chain of aliases from the name asked for, and of the authority section
 * SOA, NS, DS, NSEC, NSEC3; with the signatures over them, and only within the zone.
 *
 * \param[in]  query    What was asked.
 * \param[in]  wire     Message; it may be changed.
 * \param[in]  size     Octets of \a wire.
 * \param[out] out      Answer of outcome PROBE_ANSWERED, to be cleared; only on KNOT_EOK.
 * \param[out] refused  Why not, on KNOT_EMALF.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_EMALF   if it is no answer to the query, or malformed.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int packet_read(const packet_query_t *query, uint8_t *wire, size_t size, probe_answer_t *out,
                probe_refused_t *refused);
