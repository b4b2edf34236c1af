/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Stored records, and how to find those of an owner.
 *
 * Most records of a large zone are never asked for. So they are packed one
 * after the other when they come; table_finish() only puts them into buckets by
 * the hash of their owner, and a bucket is unpacked and sorted when the first
 * look-up comes to it. Room for that is set aside before: a look-up needs no
 * memory. Whoever makes the hashes of his owners collide has more names
 * compared when a bucket is sorted, and no slower search.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caaudit/view.h"

/*! Buckets of a table, and of each step of sorting one. */
#define TABLE_BUCKETS 256
/*! Octets of an unpacked alias at most, malformed ones apart. */
#define UNPACKED_ALIAS_MAX (sizeof(caaudit_record_t) + 2 * KNOT_DNAME_MAXLEN)

/*! Records one after the other, without the zone name at the end of owner and RDATA. */
typedef struct {
	const knot_dname_t *zone; /*!< Lower case. */
	size_t zone_size;
	uint8_t *octets;
	size_t used;
	size_t size; /*!< Of \a octets. */
} packed_t;

/*! What stands before the octets of a packed record. */
typedef struct {
	uint32_t ttl;
	uint16_t type;
	uint16_t rdlen; /*!< Of the whole RDATA. */
	uint8_t prefix; /*!< Octets of the owner without the zone name. */
	bool in_zone;   /*!< The RDATA ends with the zone name, which is left out. */
} __attribute__((packed)) packed_head_t;

/*!
 * \brief Packs a record.
 *
 * \param[in] packed  Records.
 * \param[in] owner   Owner in the zone, any case.
 * \param[in] prefix  Octets of the owner before the zone name.
 * \param[in] type    Type.
 * \param[in] ttl     TTL.
 * \param[in] rdata   RDATA, any octets.
 * \param[in] rdlen   Octets of \a rdata.
 *
 * \return Packed record, there until the next one is added; NULL if out of memory.
 */
const packed_head_t *packed_add(packed_t *packed, const knot_dname_t *owner, size_t prefix,
                                uint16_t type, uint32_t ttl, const uint8_t *rdata, uint16_t rdlen);

/*! Frees packed records. */
void packed_clear(packed_t *packed);

/*!
 * \brief Unpacks a record if it is a CNAME or DNAME of sound length.
 *
 * \param[in]  packed  Records.
 * \param[in]  head    Packed record.
 * \param[out] room    Room for the record and for what it points to.
 *
 * \return Record in \a room, or NULL if it is another one.
 */
const caaudit_record_t *packed_alias(const packed_t *packed, const packed_head_t *head,
                                     uint8_t room[UNPACKED_ALIAS_MAX]);

/*!
 * \brief Walks over the records in the order of addition.
 *
 * \param[in] packed  Records.
 * \param[in] head    Packed record, NULL to begin.
 *
 * \return Next record, or NULL.
 */
const packed_head_t *packed_next(const packed_t *packed, const packed_head_t *head);

/*! What a search needs, so that it touches no record. */
typedef struct {
	uint64_t hash;      /*!< Of the owner. */
	uint64_t pos : 48;  /*!< Position of the packed, later of the unpacked record. */
	uint64_t type : 16; /*!< 0 for a duplicate. */
} entry_t;

/*! A table; all zero is an empty one. */
typedef struct {
	entry_t *entry; /*!< In buckets by the first octet of the hash. */
	size_t count;
	size_t size; /*!< Octets for entries. */
	const packed_t *packed;
	uint8_t *room;                   /*!< For unpacked records. */
	const caaudit_record_t **index;  /*!< In the order of \a entry, for RRsets. */
	size_t start[TABLE_BUCKETS + 1]; /*!< Of each bucket in \a entry. */
	size_t end[TABLE_BUCKETS];       /*!< Of its records without duplicates; 0 as long as it is
	                                      not unpacked and sorted by hash, owner, type, RDATA. */
	size_t octets[TABLE_BUCKETS]; /*!< It takes unpacked; later where it begins in \a room. */
} table_t;

/*!
 * \brief Adds a record.
 *
 * \param[in] table   Table, not yet finished.
 * \param[in] hash    Hash of the owner.
 * \param[in] packed  Packed records.
 * \param[in] head    The last one of them.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int table_add(table_t *table, uint64_t hash, const packed_t *packed, const packed_head_t *head);

/*!
 * \brief Makes look-ups possible.
 *
 * \param[in] table   Table.
 * \param[in] packed  Packed records, which must stay.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int table_finish(table_t *table, const packed_t *packed);

/*! Frees what a table holds. */
void table_clear(table_t *table);

/*!
 * \brief Finds an owner.
 *
 * \param[in] table  Finished table.
 * \param[in] hash   Hash of the owner.
 * \param[in] owner  Owner, any case.
 *
 * \return Position of its first record, or the number of records if there is none.
 */
size_t table_find(table_t *table, uint64_t hash, const knot_dname_t *owner);

/*!
 * \brief Gets the records of one type at the owner that was found.
 *
 * \param[in] table  Finished table.
 * \param[in] pos    What table_find() has returned.
 * \param[in] type   Type.
 *
 * \return RRset without duplicates, of which the shortest TTL stays; it is empty if there is none.
 */
caaudit_rrset_t table_rrset(const table_t *table, size_t pos, uint16_t type);

/*!
 * \brief Walks over the RRsets of one type, in an order that depends on the names only.
 *
 * \param[in]     table  Finished table.
 * \param[in]     type   Type.
 * \param[in,out] pos    Position, 0 at first.
 * \param[out]    out    RRset.
 *
 * \retval true   if \a out is set.
 * \retval false  if there is none left.
 */
bool table_next(table_t *table, uint16_t type, size_t *pos, caaudit_rrset_t *out);
