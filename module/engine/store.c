/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Packs the records of a view, and unpacks those that look-ups come to. */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>

#include "array.h"
#include "grow.h"
#include "names.h"
#include "store.h"

/*! Bits of a hash after those that choose the bucket. */
#define SHIFT 56
/*! Up to so many entries are sorted by insertion, more are divided first. */
#define FEW 32

/*! What stands before the octets of a packed record, which lack the zone name at their ends. */
typedef struct {
	uint32_t ttl;
	uint32_t line;
	uint16_t
		file; /*!< Number of the file, from 1; 0 if there is none, or if there are too many. */
	uint16_t type;
	uint16_t rdlen; /*!< Of the whole RDATA. */
	uint8_t prefix; /*!< Octets of the owner without the zone name. */
	bool in_zone;   /*!< The RDATA ends with the zone name. */
} __attribute__((packed)) head_t;

/* --- Packed records ------------------------------------------------------------------------ */

/*! Octets of the RDATA that are there. */
static inline size_t rest_of(const store_t *store, const head_t *head)
{
	return head->rdlen - (head->in_zone ? store->zone_size : 0);
}

/*! Octets that a record takes unpacked. */
static inline size_t unpacked_size(const store_t *store, const head_t *head)
{
	const size_t align = _Alignof(caaudit_record_t);
	size_t size = sizeof(caaudit_record_t) + head->prefix + store->zone_size + head->rdlen;
	return (size + align - 1) / align * align;
}

/*! Finds the number of a file. False if out of memory. */
static bool number_file(store_t *store, const char *file, uint16_t *out)
{
	size_t last = store->file_count;
	if (file == NULL || (last > 0 && strcmp(store->file[last - 1], file) == 0)) {
		*out = file == NULL ? 0 : (uint16_t)last;
		return true;
	} else if (last == UINT16_MAX) {
		*out = 0;
		return true;
	}
	char **slot = array_extend(&store->file, &store->file_count, sizeof(*slot));
	if (slot == NULL || (*slot = strdup(file)) == NULL) {
		return false;
	}
	*out = (uint16_t)store->file_count;
	return true;
}

static const head_t *pack(store_t *store, const caaudit_record_t *record, size_t prefix)
{
	size_t zone = store->zone_size;
	bool in_zone = record->rdlen >= zone &&
	               memcmp(record->rdata + record->rdlen - zone, store->zone, zone) == 0;
	size_t rest = record->rdlen - (in_zone ? zone : 0);
	size_t need = sizeof(head_t) + prefix + rest;
	uint16_t file;
	if (!number_file(store, record->file, &file)) {
		return NULL;
	}
	if (store->size - store->used < need) {
		uint8_t *grown = grow(store->octets, &store->size, store->used + need);
		if (grown == NULL) {
			return NULL;
		}
		store->octets = grown;
	}
	head_t *head = (head_t *)(store->octets + store->used);
	*head = (head_t){
		.ttl = record->ttl,
		.line = record->line <= UINT32_MAX ? (uint32_t)record->line : 0,
		.file = file,
		.type = record->type,
		.rdlen = record->rdlen,
		.prefix = (uint8_t)prefix,
		.in_zone = in_zone,
	};
	uint8_t *tail = (uint8_t *)(head + 1);
	octets_lower(tail, record->owner, prefix);
	if (rest > 0) {
		memcpy(tail + prefix, record->rdata, rest);
	}
	store->used += need;
	return head;
}

/*! Unpacks a record into the room of a table, which was made for all of them. */
static const caaudit_record_t *unpack(const store_t *store, store_table_t *table, size_t pos)
{
	const head_t *head = (const head_t *)(store->octets + pos);
	const uint8_t *from = (const uint8_t *)(head + 1);
	size_t rest = rest_of(store, head);
	caaudit_record_t *record = (caaudit_record_t *)(table->room + table->unpacked);
	table->unpacked += unpacked_size(store, head);
	uint8_t *owner = (uint8_t *)(record + 1);
	uint8_t *rdata = owner + head->prefix + store->zone_size;
	memcpy(owner, from, head->prefix);
	memcpy(owner + head->prefix, store->zone, store->zone_size);
	memcpy(rdata, from + head->prefix, rest);
	memcpy(rdata + rest, store->zone, head->rdlen - rest);
	*record = (caaudit_record_t){
		.owner = owner,
		.rdata = rdata,
		.ttl = head->ttl,
		.type = head->type,
		.rdlen = head->rdlen,
		.file = head->file > 0 ? store->file[head->file - 1] : NULL,
		.line = head->line,
	};
	return record;
}

/* --- Tables -------------------------------------------------------------------------------- */

static inline unsigned bucket_of(uint64_t hash, unsigned shift)
{
	return hash >> shift & (STORE_BUCKETS - 1);
}

static bool enter(store_table_t *table, const store_t *store, uint64_t hash, const head_t *head)
{
	size_t used = table->count * sizeof(*table->entry);
	if (used == table->size) {
		store_entry_t *grown = grow(table->entry, &table->size, used + sizeof(*grown));
		if (grown == NULL) {
			return false;
		}
		table->entry = grown;
	}
	size_t pos = (const uint8_t *)head - store->octets;
	table->entry[table->count++] = (store_entry_t){ hash, pos, head->type };
	table->room_size += unpacked_size(store, head);
	return true;
}

bool store_add(store_t *store, uint64_t hash, const caaudit_record_t *record, size_t size,
               bool walked)
{
	const head_t *head = pack(store, record, size - store->zone_size);
	return head != NULL &&
	       (record->type != KNOT_RRTYPE_CNAME || enter(&store->aliases, store, hash, head)) &&
	       (!walked || enter(&store->walked, store, hash, head));
}

/*!
 * \brief Puts entries into buckets, in place: each goes where the next one of its bucket belongs.
 *
 * \param[in,out] entry  Entries.
 * \param[in]     count  Their number.
 * \param[in]     shift  Bits of the hash after those that choose the bucket.
 * \param[out]    start  Where each bucket begins, and the last one ends.
 */
static void divide(store_entry_t *entry, size_t count, unsigned shift,
                   size_t start[STORE_BUCKETS + 1])
{
	size_t next[STORE_BUCKETS];
	memset(start, 0, (STORE_BUCKETS + 1) * sizeof(*start));
	for (size_t i = 0; i < count; i++) {
		start[bucket_of(entry[i].hash, shift) + 1]++;
	}
	for (unsigned i = 0; i < STORE_BUCKETS; i++) {
		start[i + 1] += start[i];
		next[i] = start[i];
	}
	for (unsigned i = 0; i < STORE_BUCKETS; i++) {
		while (next[i] < start[i + 1]) {
			store_entry_t moved = entry[next[i]];
			for (unsigned to; (to = bucket_of(moved.hash, shift)) != i;) {
				store_entry_t other = entry[next[to]];
				entry[next[to]++] = moved;
				moved = other;
			}
			entry[next[i]++] = moved;
		}
	}
}

static bool finish(store_table_t *table)
{
	// The system gives memory when it is touched, and most of this never is.
	table->room = malloc(table->room_size + 1);
	table->index = calloc(table->count + 1, sizeof(*table->index));
	if (table->room == NULL || table->index == NULL) {
		return false;
	}
	divide(table->entry, table->count, SHIFT, table->start);
	return true;
}

bool store_finish(store_t *store)
{
	return finish(&store->walked) && finish(&store->aliases);
}

static void clear(store_table_t *table)
{
	grow_free(table->entry, table->size);
	free(table->room);
	free(table->index);
}

void store_clear(store_t *store)
{
	grow_free(store->octets, store->size);
	for (size_t i = 0; i < store->file_count; i++) {
		free(store->file[i]);
	}
	free(store->file);
	clear(&store->walked);
	clear(&store->aliases);
}

/* --- Look-ups ------------------------------------------------------------------------------ */

/*! Gets the record of a settled entry. */
static const caaudit_record_t *record_at(const store_t *store, store_table_t *table, size_t pos)
{
	if (table->index[pos] == NULL) {
		table->index[pos] = unpack(store, table, table->entry[pos].pos);
	}
	return table->index[pos];
}

/*! Some order of owners in lower case. */
static int compare_owners(const knot_dname_t *x, const knot_dname_t *y)
{
	size_t size = knot_dname_size(x), other = knot_dname_size(y);
	return size != other ? (size < other ? -1 : 1) : memcmp(x, y, size);
}

/*! Order of RDATA. A name is the same in any case (RFC 4343), and the server keeps it in lower case. */
static int compare_rdata(const caaudit_record_t *x, const caaudit_record_t *y)
{
	bool name = x->type == KNOT_RRTYPE_CNAME || x->type == KNOT_RRTYPE_NS ||
	            x->type == KNOT_RRTYPE_DNAME;
	size_t len = x->rdlen < y->rdlen ? x->rdlen : y->rdlen;
	int ret = name ? 0 : memcmp(x->rdata, y->rdata, len);
	for (size_t i = 0; name && ret == 0 && i < len; i++) {
		ret = ascii_lower(x->rdata[i]) - ascii_lower(y->rdata[i]);
	}
	return ret != 0 ? ret : (int)x->rdlen - (int)y->rdlen;
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
	return compare_rdata(x, y);
}

/*! The same, and of duplicates the shortest TTL first: that one is kept. */
static int compare_indexed(const void *a, const void *b)
{
	const caaudit_record_t *x = *(const caaudit_record_t *const *)a;
	const caaudit_record_t *y = *(const caaudit_record_t *const *)b;
	int ret = compare_records(x, y);
	ret = ret != 0 ? ret : (x->ttl > y->ttl) - (x->ttl < y->ttl);
	return ret != 0 ? ret : memcmp(x->rdata, y->rdata, x->rdlen);
}

/*! Sorts entries by their hashes, which are equal down to the given bits. */
static void sort(store_entry_t *entry, size_t count, unsigned shift)
{
	if (count <= FEW) {
		for (size_t i = 1; i < count; i++) {
			const store_entry_t moved = entry[i];
			size_t to = i;
			for (; to > 0 && entry[to - 1].hash > moved.hash; to--) {
				entry[to] = entry[to - 1];
			}
			entry[to] = moved;
		}
	} else if (shift > 0) {
		size_t start[STORE_BUCKETS + 1];
		shift -= 8;
		divide(entry, count, shift, start);
		for (unsigned i = 0; i < STORE_BUCKETS; i++) {
			sort(entry + start[i], start[i + 1] - start[i], shift);
		}
	}
}

/*!
 * \brief Sorts the records of one hash, and drops duplicates as the server does.
 *
 * \param[in] store  Store.
 * \param[in] table  Table.
 * \param[in] from   Position of the first record.
 * \param[in] to     Position after the last one.
 * \param[in] kept   Where they go, at or before \a from.
 *
 * \return Position after those that were kept.
 */
static size_t settle_records(const store_t *store, store_table_t *table, size_t from, size_t to,
                             size_t kept)
{
	const uint64_t hash = table->entry[from].hash;
	for (size_t i = from; i < to; i++) {
		(void)record_at(store, table, i);
	}
	qsort(&table->index[from], to - from, sizeof(*table->index), compare_indexed);
	for (size_t i = from; i < to; i++) {
		const caaudit_record_t *record = table->index[i];
		if (i == from || compare_records(table->index[kept - 1], record) != 0) {
			table->index[kept] = record;
			table->entry[kept++] = (store_entry_t){ hash, 0, record->type };
		}
	}
	return kept;
}

/*! Sorts a bucket unless it is done. Where a hash has one record, that stays packed. */
static void settle(const store_t *store, store_table_t *table, unsigned bucket)
{
	if (table->end[bucket] > 0) {
		return;
	}
	size_t from = table->start[bucket], to = table->start[bucket + 1], kept = from;
	if (from < to) { // A table without records has no entries.
		sort(&table->entry[from], to - from, SHIFT);
	}
	for (size_t i = from, next; i < to; i = next) {
		for (next = i + 1; next < to && table->entry[next].hash == table->entry[i].hash;) {
			next++;
		}
		if (next > i + 1) {
			kept = settle_records(store, table, i, next, kept);
		} else {
			table->index[kept] = NULL;
			table->entry[kept++] = table->entry[i];
		}
	}
	for (size_t i = kept; i < to; i++) {
		table->entry[i].type = 0;
	}
	table->end[bucket] = kept;
}

/*! First position in sorted entries that is not before a hash, and an owner unless that is NULL. */
static size_t search(const store_table_t *table, size_t low, size_t high, uint64_t hash,
                     const knot_dname_t *owner)
{
	const store_entry_t *entry = table->entry;
	ARRAY_SEARCH(low, high,
	             entry[mid].hash < hash ||
	                     (entry[mid].hash == hash && owner != NULL &&
	                      compare_owners(table->index[mid]->owner, owner) < 0))
	return low;
}

store_owner_t store_owner(store_t *store, uint64_t hash, const knot_dname_t *owner, bool alias)
{
	store_table_t *table = alias ? &store->aliases : &store->walked;
	unsigned bucket = bucket_of(hash, SHIFT);
	settle(store, table, bucket);
	size_t end = table->end[bucket];
	size_t pos = search(table, table->start[bucket], end, hash, NULL);
	if (pos < end && table->entry[pos].hash == hash &&
	    compare_owners(record_at(store, table, pos)->owner, owner) != 0) {
		// Another name with the same hash comes before it, or is the only one.
		pos = search(table, pos, end, hash, owner);
	}
	bool found = pos < end && table->entry[pos].hash == hash &&
	             compare_owners(table->index[pos]->owner, owner) == 0;
	return (store_owner_t){ table, found ? pos : end, end };
}

/*! Comes an entry of the same owner before a type? */
static bool is_before(store_owner_t at, size_t pos, uint32_t type)
{
	const store_table_t *table = at.table;
	return pos < at.end && table->entry[pos].hash == table->entry[at.pos].hash &&
	       table->entry[pos].type < type &&
	       (pos == at.pos ||
	        compare_owners(table->index[pos]->owner, table->index[at.pos]->owner) == 0);
}

/*! First position that is not before a type. Most owners have a few records, some have thousands. */
static size_t skip(store_owner_t at, size_t pos, uint32_t type)
{
	size_t step = 1;
	while (is_before(at, pos + step - 1, type)) {
		pos += step;
		step *= 2;
	}
	for (step /= 2; step > 0; step /= 2) {
		if (is_before(at, pos + step - 1, type)) {
			pos += step;
		}
	}
	return pos;
}

caaudit_rrset_t store_rrset(store_owner_t at, uint16_t type)
{
	if (at.pos == at.end) {
		return (caaudit_rrset_t){ NULL, 0 };
	}
	size_t begin = skip(at, at.pos, type), end = skip(at, begin, (uint32_t)type + 1);
	return (caaudit_rrset_t){
		.record = end > begin ? &at.table->index[begin] : NULL,
		.count = end - begin,
	};
}

/*! Gets the next RRset of a type in a table. */
static bool next_rrset(store_t *store, store_table_t *table, uint16_t type, size_t *pos,
                       caaudit_rrset_t *out)
{
	for (; *pos < table->count; (*pos)++) {
		settle(store, table, bucket_of(table->entry[*pos].hash, SHIFT));
		if (table->entry[*pos].type == type) {
			break;
		}
	}
	if (*pos == table->count) {
		return false;
	}
	size_t end = table->end[bucket_of(table->entry[*pos].hash, SHIFT)];
	(void)record_at(store, table, *pos);
	*out = store_rrset((store_owner_t){ table, *pos, end }, type);
	*pos += out->count;
	return true;
}

bool store_next(store_t *store, uint16_t type, size_t *pos, caaudit_rrset_t *out)
{
	store_table_t *table = &store->walked;
	if (!next_rrset(store, table, type, pos, out)) {
		return false;
	} else if (type ==
	           KNOT_RRTYPE_CNAME) { // The owner may have others, which a walk leaves out.
		uint64_t hash = table->entry[*pos - 1].hash;
		*out = store_rrset(store_owner(store, hash, out->record[0]->owner, true), type);
	}
	return true;
}

bool store_next_alias(store_t *store, size_t *pos, caaudit_rrset_t *out)
{
	return next_rrset(store, &store->aliases, KNOT_RRTYPE_CNAME, pos, out);
}
