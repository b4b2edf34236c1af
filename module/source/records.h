/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Walks over the records of a DNS message (RFC 1035 section 4.1), without memory for each.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/packet/pkt.h>
#include <libknot/packet/rrset-wire.h>
#include <libknot/rrset.h>
#include <libknot/version.h>

#include "caaudit/view.h"

/*! For knot_rrset_rr_from_wire(): no letter is changed. Since Knot DNS 3.5 that is a flag. */
#if KNOT_VERSION_HEX >= 0x030500
#define RECORDS_AS_IS KNOT_PF_NOCANON
#else
#define RECORDS_AS_IS false
#endif

/*! A walk. The message must stay, and have no more than UINT16_MAX octets. */
typedef struct {
	const uint8_t *wire; /*!< The message. */
	size_t size;         /*!< Octets of the message. */
	size_t pos;          /*!< Offset of the next record, at most \a size. */
	knot_rrset_t odd;    /*!< The last record if libknot has read it. */
	knot_dname_storage_t owner;
	uint8_t rdata[UINT16_MAX];
} records_t;

/*!
 * \brief Goes past the next record: what is in its names and RDATA is not looked at.
 *
 * \param[in,out] records  Walk.
 * \param[out]    type     Type of the record.
 *
 * \return False if the record does not end within the message; the walk stays.
 */
bool records_skip(records_t *records, uint16_t *type);

/*!
 * \brief Reads the next record; valid is what is valid for knot_rrset_rr_from_wire(), and, other
 *        than in Knot 3.2, a name in RDATA that is nothing but a pointer to the root.
 *
 * \param[in,out] records  Walk.
 * \param[out]    out      Record, its names uncompressed, in the case of the message; it is gone with
 *                         the next call.
 * \param[out]    rclass   Class of the record.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_EMALF   if the record is malformed; the walk must not go on.
 * \retval KNOT_ENOMEM  if out of memory; the walk must not go on.
 */
int records_next(records_t *records, caaudit_record_t *out, uint16_t *rclass);

/*!
 * \brief Frees what a walk holds.
 *
 * \param[in] records  Walk.
 */
void records_clear(records_t *records);
