/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Walks over the records of a DNS message: what is plain is read here, and all else by
 *        libknot.
 *
 * libknot checks, measures and unpacks a name in three rounds, and has memory
 * for each record. That is most of the work of reading a transfer.
 */

#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>
#include <libknot/packet/rrset-wire.h>
#include <libknot/wire.h>

#include "records.h"

/*! Octets of type, class, TTL and length of the RDATA. */
#define FIXED_SIZE 10

/*!
 * \brief Unpacks a name (RFC 1035 section 4.1.4).
 *
 * A pointer leads back, and each label makes the name longer, so that there is an end.
 *
 * \param[in]     wire  Message.
 * \param[in,out] pos   Offset of the name; on success that behind it.
 * \param[in]     end   Offset at which the name, and all that it points to, must have ended.
 * \param[out]    out   KNOT_DNAME_MAXLEN octets.
 *
 * \return Octets of the unpacked name; 0 if it is malformed.
 */
static size_t unpack(const uint8_t *wire, size_t *pos, size_t end, knot_dname_t *out)
{
	size_t at = *pos, behind = 0, len = 0;
	while (at < end && wire[at] != 0) {
		size_t label = wire[at];
		if (label <= KNOT_DNAME_MAXLABELLEN) {
			if (at + 1 + label >= end || len + 1 + label >= KNOT_DNAME_MAXLEN) {
				return 0;
			}
			memcpy(out + len, wire + at, 1 + label);
			len += 1 + label;
			at += 1 + label;
			continue;
		}
		if (at + 2 > end || !knot_wire_is_pointer(wire + at)) {
			return 0;
		}
		size_t to = knot_wire_get_pointer(wire + at);
		if (to >= at) {
			return 0;
		}
		behind = behind == 0 ? at + 2 : behind;
		at = to;
	}
	if (at >= end) {
		return 0;
	}
	out[len] = 0;
	*pos = behind == 0 ? at + 1 : behind;
	return len + 1;
}

/*!
 * \brief Reads RDATA of a known type.
 *
 * \param[in,out] records  Walk, which gets the RDATA.
 * \param[in]     type     Type.
 * \param[in]     pos      Offset of the RDATA.
 * \param[in]     end      Offset behind it.
 * \param[out]    len      Octets of the uncompressed RDATA.
 *
 * \return False if it is not plainly right.
 */
static bool read_rdata(records_t *records, uint16_t type, size_t pos, size_t end, size_t *len)
{
	const knot_rdata_descriptor_t *form = knot_get_rdata_descriptor(type);
	if (form->type_name == NULL) {
		return false;
	}

	size_t used = 0;
	for (unsigned i = 0; form->block_types[i] != KNOT_RDATA_WF_END; i++) {
		int block = form->block_types[i];
		size_t rest = end - pos, size = 0;
		switch (block) {
		case KNOT_RDATA_WF_FIXED_DNAME:
		case KNOT_RDATA_WF_COMPRESSIBLE_DNAME:
		case KNOT_RDATA_WF_DECOMPRESSIBLE_DNAME:
			if (sizeof(records->rdata) - used >= KNOT_DNAME_MAXLEN) {
				size = unpack(records->wire, &pos, end, records->rdata + used);
			}
			break;
		default:
			size = block == KNOT_RDATA_WF_REMAINDER ? rest : block > 0 ? block : 0;
			if (size > rest || size > sizeof(records->rdata) - used) {
				return false;
			}
			memcpy(records->rdata + used, records->wire + pos, size);
			pos += size;
			break;
		}
		if (size == 0) {
			return false;
		}
		used += size;
	}
	*len = used;
	return pos == end;
}

/*! Has libknot read the next record, or say what is wrong with it. */
static int read_odd(records_t *records, caaudit_record_t *out, uint16_t *rclass)
{
	int ret = knot_rrset_rr_from_wire(records->wire, &records->pos, records->size,
	                                  &records->odd, NULL, RECORDS_AS_IS);
	if (ret != KNOT_EOK) {
		// It has freed the record.
		knot_rrset_init_empty(&records->odd);
		return ret == KNOT_ENOMEM ? ret : KNOT_EMALF;
	}

	// Since Knot DNS 3.5 there is no RDATA if it has no octets.
	const knot_rdata_t *rdata = records->odd.rrs.rdata;
	*out = (caaudit_record_t){
		.owner = records->odd.owner,
		.rdata = rdata != NULL ? rdata->data : records->rdata,
		.ttl = records->odd.ttl,
		.type = records->odd.type,
		.rdlen = rdata != NULL ? rdata->len : 0,
	};
	*rclass = records->odd.rclass;
	return KNOT_EOK;
}

bool records_skip(records_t *records, uint16_t *type)
{
	const uint8_t *wire = records->wire;
	size_t at = records->pos, size = records->size;
	while (at < size && wire[at] != 0 && wire[at] <= KNOT_DNAME_MAXLABELLEN) {
		at += 1 + wire[at];
	}
	if (at >= size) {
		return false;
	}
	at += wire[at] == 0 ? 1 : 2;
	if (at + FIXED_SIZE > size) {
		return false;
	}
	size_t end = at + FIXED_SIZE + knot_wire_read_u16(wire + at + 8);
	if (end > size) {
		return false;
	}
	*type = knot_wire_read_u16(wire + at);
	records->pos = end;
	return true;
}

int records_next(records_t *records, caaudit_record_t *out, uint16_t *rclass)
{
	records_clear(records);

	const uint8_t *wire = records->wire;
	size_t at = records->pos;
	if (unpack(wire, &at, records->size, records->owner) == 0 ||
	    at + FIXED_SIZE > records->size) {
		return KNOT_EMALF;
	}
	uint16_t type = knot_wire_read_u16(wire + at);
	size_t rdata = at + FIXED_SIZE, end = rdata + knot_wire_read_u16(wire + at + 8), len = 0;
	if (end > records->size) {
		return KNOT_EMALF;
	}
	if (!read_rdata(records, type, rdata, end, &len)) {
		return read_odd(records, out, rclass);
	}

	*out = (caaudit_record_t){
		.owner = records->owner,
		.rdata = records->rdata,
		.ttl = knot_wire_read_u32(wire + at + 4),
		.type = type,
		.rdlen = len,
	};
	*rclass = knot_wire_read_u16(wire + at + 2);
	records->pos = end;
	return KNOT_EOK;
}

void records_clear(records_t *records)
{
	if (records->odd.owner != NULL) {
		knot_rrset_clear(&records->odd, NULL);
		knot_rrset_init_empty(&records->odd);
	}
}
