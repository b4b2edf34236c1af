/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "grow.h"
#include "names.h"
#include "table.h"
#include "words.h"

/*! Bits of a hash after those that choose the bucket. */
#define SHIFT 56
/*! So few entries are compared with each other, more are divided first. */
#define FEW 32
/*! Entries of each bucket that are fetched in advance. */
#define AHEAD 4

/* --- Packed records ------------------------------------------------------------------------ */

const packed_head_t *packed_add(packed_t *packed, const knot_dname_t *owner, size_t prefix,
                                uint16_t type, uint32_t ttl, const uint8_t *rdata, uint16_t rdlen)
{
	bool in_zone = rdlen >= packed->zone_size && words_equal(rdata + rdlen - packed->zone_size,
	                                                         packed->zone, packed->zone_size);
	size_t rest = rdlen - (in_zone ? packed->zone_size : 0);
	size_t need = sizeof(packed_head_t) + prefix + rest;
	if (packed->size - packed->used < need) {
		uint8_t *grown = grow(packed->octets, &packed->size, packed->used + need);
		if (grown == NULL) {
			return NULL;
		}
		packed->octets = grown;
	}
	packed_head_t *head = (packed_head_t *)(packed->octets + packed->used);
	*head = (packed_head_t){ ttl, type, rdlen, prefix, in_zone };
	uint8_t *tail = (uint8_t *)(head + 1);
	words_lower(tail, owner, prefix);
	if (rest > 0) {
		memcpy(tail + prefix, rdata, rest);
	}
	packed->used += need;
	return head;
}

void packed_clear(packed_t *packed)
{
	grow_free(packed->octets, packed->size);
}

/*! Octets of the RDATA that are there. */
static inline size_t rest_of(const packed_t *packed, const packed_head_t *head)
{
	return head->rdlen - (head->in_zone ? packed->zone_size : 0);
}

/*! Octets that a record takes unpacked. */
static inline size_t unpacked_size(const packed_t *packed, const packed_head_t *head)
{
	const size_t align = _Alignof(caaudit_record_t);
	size_t size = sizeof(caaudit_record_t) + head->prefix + packed->zone_size + head->rdlen;
	return (size + align - 1) / align * align;
}

static void unpack(const packed_t *packed, const packed_head_t *head, caaudit_record_t *record)
{
	const uint8_t *from = (const uint8_t *)(head + 1);
	size_t rest = rest_of(packed, head);
	uint8_t *owner = (uint8_t *)(record + 1);
	uint8_t *rdata = owner + head->prefix + packed->zone_size;
	memcpy(owner, from, head->prefix);
	memcpy(owner + head->prefix, packed->zone, packed->zone_size);
	memcpy(rdata, from + head->prefix, rest);
	memcpy(rdata + rest, packed->zone, head->rdlen - rest);
	*record = (caaudit_record_t){ owner, rdata, head->ttl, head->type, head->rdlen };
}

const caaudit_record_t *packed_alias(const packed_t *packed, const packed_head_t *head,
                                     uint8_t room[UNPACKED_ALIAS_MAX])
{
	if ((head->type != KNOT_RRTYPE_CNAME && head->type != KNOT_RRTYPE_DNAME) ||
	    head->rdlen > KNOT_DNAME_MAXLEN) {
		return NULL;
	}
	unpack(packed, head, (caaudit_record_t *)room);
	return (const caaudit_record_t *)room;
}

const packed_head_t *packed_next(const packed_t *packed, const packed_head_t *head)
{
	size_t next = 0;
	if (head != NULL) {
		const uint8_t *tail = (const uint8_t *)(head + 1);
		next = tail + head->prefix + rest_of(packed, head) - packed->octets;
	}
	return next < packed->used ? (const packed_head_t *)(packed->octets + next) : NULL;
}

/* --- Tables -------------------------------------------------------------------------------- */

static inline unsigned bucket_of(uint64_t hash, unsigned shift)
{
	return hash >> shift & (TABLE_BUCKETS - 1);
}

int table_add(table_t *table, uint64_t hash, const packed_t *packed, const packed_head_t *head)
{
	size_t used = table->count * sizeof(*table->entry);
	if (used == table->size) {
		entry_t *grown = grow(table->entry, &table->size, used + sizeof(*grown));
		if (grown == NULL) {
			return KNOT_ENOMEM;
		}
		table->entry = grown;
	}
	size_t pos = (const uint8_t *)head - packed->octets;
	table->entry[table->count++] = (entry_t){ hash, pos, head->type };
	table->octets[bucket_of(hash, SHIFT)] += unpacked_size(packed, head);
	return KNOT_EOK;
}

/*!
 * \brief Puts entries into buckets, in place: each goes where the next one of its bucket belongs.
 *
 * \param[in,out] entry  Entries.
 * \param[in]     count  Their number.
 * \param[in]     shift  Bits of the hash after those that choose the bucket.
 * \param[out]    start  Where each bucket begins, and the last one ends.
 */
static void divide(entry_t *entry, size_t count, unsigned shift, size_t start[TABLE_BUCKETS + 1])
{
	size_t next[TABLE_BUCKETS];
	memset(start, 0, (TABLE_BUCKETS + 1) * sizeof(*start));
	for (size_t i = 0; i < count; i++) {
		start[bucket_of(entry[i].hash, shift) + 1]++;
	}
	for (unsigned i = 0; i < TABLE_BUCKETS; i++) {
		start[i + 1] += start[i];
		next[i] = start[i];
	}
	for (unsigned i = 0; i < TABLE_BUCKETS; i++) {
		while (next[i] < start[i + 1]) {
			entry_t moved = entry[next[i]];
			for (unsigned to; (to = bucket_of(moved.hash, shift)) != i;) {
				entry_t other = entry[next[to]];
				entry[next[to]++] = moved;
				__builtin_prefetch(&entry[next[to] + AHEAD]);
				moved = other;
			}
			entry[next[i]++] = moved;
		}
	}
}

int table_finish(table_t *table, const packed_t *packed)
{
	size_t octets = 0;
	for (unsigned i = 0; i < TABLE_BUCKETS; i++) {
		size_t size = table->octets[i];
		table->octets[i] = octets;
		octets += size;
	}
	table->packed = packed;
	// Most of this is never touched.
	table->room = malloc(octets + 1);
	table->index = malloc((table->count + 1) * sizeof(*table->index));
	if (table->room == NULL || table->index == NULL) {
		return KNOT_ENOMEM;
	}
	divide(table->entry, table->count, SHIFT, table->start);
	return KNOT_EOK;
}

void table_clear(table_t *table)
{
	grow_free(table->entry, table->size);
	free(table->room);
	free(table->index);
}

static inline const caaudit_record_t *record_of(const table_t *table, const entry_t *entry)
{
	return (const caaudit_record_t *)(table->room + entry->pos);
}

/*! Some order of owners in lower case. */
static int compare_owners(const knot_dname_t *x, const knot_dname_t *y)
{
	size_t size = knot_dname_size(x), other = knot_dname_size(y);
	return size != other ? (size < other ? -1 : 1) : memcmp(x, y, size);
}

/*! Order of owner, type and RDATA. */
static int compare_records(const caaudit_record_t *x, const caaudit_record_t *y)
{
	int ret = compare_owners(x->owner, y->owner);
	if (ret != 0) {
		return ret;
	}
	if (x->type != y->type) {
		return x->type < y->type ? -1 : 1;
	}
	size_t len = x->rdlen < y->rdlen ? x->rdlen : y->rdlen;
	ret = memcmp(x->rdata, y->rdata, len);
	return ret != 0 ? ret : (int)x->rdlen - (int)y->rdlen;
}

/*! The same after the hash, and of duplicates the shortest TTL first: that one is kept. */
static int compare_entries(const void *a, const void *b, void *table)
{
	const entry_t *i = a, *j = b;
	if (i->hash != j->hash) {
		return i->hash < j->hash ? -1 : 1;
	}
	const caaudit_record_t *x = record_of(table, i);
	const caaudit_record_t *y = record_of(table, j);
	int ret = compare_records(x, y);
	return ret != 0 ? ret : (x->ttl > y->ttl) - (x->ttl < y->ttl);
}

/*! Sorts entries whose hashes are equal down to the given bits. */
static void sort(table_t *table, entry_t *entry, size_t count, unsigned shift)
{
	if (count > FEW && shift > 0) {
		size_t start[TABLE_BUCKETS + 1];
		shift -= 8;
		divide(entry, count, shift, start);
		for (unsigned i = 0; i < TABLE_BUCKETS; i++) {
			sort(table, entry + start[i], start[i + 1] - start[i], shift);
		}
	} else if (count > 1) {
		qsort_r(entry, count, sizeof(*entry), compare_entries, table);
	}
}

/*! Unpacks and sorts a bucket unless it is done, and drops duplicates as the server does. */
static void settle(table_t *table, unsigned bucket)
{
	if (table->end[bucket] > 0) {
		return;
	}
	size_t from = table->start[bucket], to = table->start[bucket + 1], kept = from;
	size_t pos = table->octets[bucket];
	for (size_t i = from; i < to; i++) {
		entry_t *entry = &table->entry[i];
		const packed_head_t *head = (const packed_head_t *)(table->packed->octets +
		                                                    entry->pos);
		unpack(table->packed, head, (caaudit_record_t *)(table->room + pos));
		entry->pos = pos;
		pos += unpacked_size(table->packed, head);
	}
	if (from < to) {
		sort(table, &table->entry[from], to - from, SHIFT);
	}
	for (size_t i = from; i < to; i++) {
		const entry_t entry = table->entry[i];
		const caaudit_record_t *record = record_of(table, &entry);
		if (kept == from || table->entry[kept - 1].hash != entry.hash ||
		    compare_records(table->index[kept - 1], record) != 0) {
			table->index[kept] = record;
			table->entry[kept++] = entry;
		}
	}
	for (size_t i = kept; i < to; i++) {
		table->entry[i].type = 0;
	}
	table->end[bucket] = kept;
}

/*! First position in sorted entries that is not before a hash, and an owner unless that is NULL. */
static size_t search(const table_t *table, size_t low, size_t high, uint64_t hash,
                     const knot_dname_t *owner)
{
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		uint64_t at = table->entry[mid].hash;
		if (at < hash || (at == hash && owner != NULL &&
		                  compare_owners(table->index[mid]->owner, owner) < 0)) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low;
}

size_t table_find(table_t *table, uint64_t hash, const knot_dname_t *owner)
{
	unsigned bucket = bucket_of(hash, SHIFT);
	settle(table, bucket);
	size_t end = table->end[bucket];
	size_t pos = search(table, table->start[bucket], end, hash, NULL);
	if (pos == end || table->entry[pos].hash != hash) {
		return table->count;
	} else if (knot_dname_is_case_equal(table->index[pos]->owner, owner)) {
		return pos;
	}
	// Another name with the same hash.
	knot_dname_storage_t lower;
	name_lower(lower, owner);
	pos = search(table, pos, end, hash, lower);
	return pos < end && knot_dname_is_equal(table->index[pos]->owner, lower) ? pos :
	                                                                           table->count;
}

caaudit_rrset_t table_rrset(const table_t *table, size_t pos, uint16_t type)
{
	caaudit_rrset_t rrset = { NULL, 0 };
	if (pos == table->count) {
		return rrset;
	}
	uint64_t hash = table->entry[pos].hash;
	const knot_dname_t *owner = table->index[pos]->owner;
	size_t end = table->end[bucket_of(hash, SHIFT)];
	for (size_t i = pos; i < end && table->entry[i].hash == hash &&
	                     (i == pos || knot_dname_is_equal(table->index[i]->owner, owner));
	     i++) {
		if (table->entry[i].type == type) {
			if (rrset.count++ == 0) {
				rrset.record = &table->index[i];
			}
		} else if (rrset.count > 0) {
			break;
		}
	}
	return rrset;
}

bool table_next(table_t *table, uint16_t type, size_t *pos, caaudit_rrset_t *out)
{
	for (; *pos < table->count; (*pos)++) {
		settle(table, bucket_of(table->entry[*pos].hash, SHIFT));
		if (table->entry[*pos].type == type) {
			break;
		}
	}
	if (*pos == table->count) {
		return false;
	}
	*out = table_rrset(table, *pos, type);
	*pos += out->count;
	return true;
}
