/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The records that a view stores, and how to find those of an owner.
 *
 * Most records of a large zone are never asked for. So they are packed one
 * after the other as they come; store_finish() only divides them into buckets
 * by the hash of their owner, a bucket is sorted when the first look-up comes
 * to it, and a record is unpacked when it is asked for. That saves a third of
 * the check of a large zone, and a third of its memory. Room for all records is
 * set aside before: a look-up needs no memory. Whoever makes the hashes of his
 * owners collide has more names compared when a bucket is sorted, and no slower
 * search.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caaudit/view.h"

#define STORE_BUCKETS 256

/*! What a search needs, so that it touches no record. */
typedef struct {
	uint64_t hash;      /*!< Of the owner. */
	uint64_t pos : 48;  /*!< Position of the packed record; unused once it is unpacked. */
	uint64_t type : 16; /*!< 0 for a duplicate. */
} store_entry_t;

/*! Records in buckets; all zero is an empty table. */
typedef struct {
	store_entry_t *entry;
	size_t count;
	size_t size;                     /*!< Octets of \a entry. */
	uint8_t *room;                   /*!< For unpacked records. */
	size_t room_size;                /*!< Octets that all of them take. */
	size_t unpacked;                 /*!< Octets that are taken. */
	const caaudit_record_t **index;  /*!< In the order of \a entry, for RRsets; NULL as long as
	                                      the record is not unpacked. */
	size_t start[STORE_BUCKETS + 1]; /*!< Of each bucket in \a entry. */
	size_t end[STORE_BUCKETS];       /*!< Of its records without duplicates; 0 as long as it is
	                                      not sorted by hash, owner, type, RDATA. */
} store_table_t;

/*! All zero but for the zone is an empty store. */
typedef struct {
	const knot_dname_t *zone; /*!< Lower case. */
	size_t zone_size;         /*!< Octets of \a zone. */
	uint8_t *octets;          /*!< Packed records. */
	size_t used;
	size_t size; /*!< Of \a octets. */
	char **file; /*!< Files that records come from, again after an included one. */
	size_t file_count;
	store_table_t walked;  /*!< All records but CNAME, and the CNAME that a walk shows. */
	store_table_t aliases; /*!< All CNAME. */
} store_t;

/*!
 * \brief Adds a record.
 *
 * \param[in] store   Store, not yet finished.
 * \param[in] hash    Hash of the owner.
 * \param[in] record  Record, copied; its owner is in the zone, any case.
 * \param[in] size    Octets of the owner.
 * \param[in] walked  store_next() shows it; only a CNAME may be left out.
 *
 * \retval true   on success.
 * \retval false  if out of memory.
 */
bool store_add(store_t *store, uint64_t hash, const caaudit_record_t *record, size_t size,
               bool walked);

/*! Makes look-ups possible; false if out of memory. */
bool store_finish(store_t *store);

/*! Frees what a store holds. */
void store_clear(store_t *store);

/*! The records of one owner. */
typedef struct {
	const store_table_t *table;
	size_t pos; /*!< Of the first record. */
	size_t end; /*!< Of the bucket; \a pos if the owner has none. */
} store_owner_t;

/*! Finds an owner in lower case, with its CNAME if \a alias, else with its other records. */
store_owner_t store_owner(store_t *store, uint64_t hash, const knot_dname_t *owner, bool alias);

/*! Gets the records of one type; of duplicates the shortest TTL stays. */
caaudit_rrset_t store_rrset(store_owner_t at, uint16_t type);

/*! Walks over the RRsets of one type, in an order that depends on the names only; false at the
 *  end. */
bool store_next(store_t *store, uint16_t type, size_t *pos, caaudit_rrset_t *out);

/*! Walks over the RRsets of CNAME, those as well that store_next() leaves out. */
bool store_next_alias(store_t *store, size_t *pos, caaudit_rrset_t *out);
