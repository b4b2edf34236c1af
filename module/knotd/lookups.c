/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The table of names that were asked for.
 *
 * Ranks decide which names it retains: one that is expected before one that a known address asks
 * for, before one that looks like a CA's at a host, before one elsewhere, before any other. A name
 * does not evict another of its rank, so that a flood of invented names evicts nothing and logs
 * nothing; but a name that was asked for once, and not again for an hour, is evicted. A CA asks
 * again.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <libknot/libknot.h>

#include "engine/hash.h"
#include "engine/names.h"
#include "index.h"
#include "lock.h"
#include "lookups.h"

#define ONCE_AGE   3600  /* Seconds after which a name that was asked for once can be evicted. */
#define FORGET_AGE 86400 /* Seconds after which a name expires. */

typedef enum {
	RANK_OTHER,    /* The label begins with an underscore. */
	RANK_FORM,     /* The label looks like a CA's. */
	RANK_HOST,     /* The same, and the name above is a host, or above one. */
	RANK_ADDRESS,  /* Asked for by a known address. */
	RANK_EXPECTED, /* The configuration expects a record. */
} rank_t;

typedef struct {
	uint64_t zone;
	uint32_t last; /* Time it was last asked for, seconds. */
	uint8_t rank;
	bool again; /* More than once. */
	bool txt;
	knot_dname_storage_t name;
} entry_t;

_Static_assert(LOOKUPS_MAX *(sizeof(entry_t) + sizeof(uint64_t)) <= 65536,
               "the documentation says 64 kB");

static struct {
	lock_t lock;
	unsigned count;            /* Names in the table. */
	uint64_t key[LOOKUPS_MAX]; /* Hashes of zone and name, 0 = free. Apart from the entries:
	                              each query of a flood compares all of them. */
	entry_t entry[LOOKUPS_MAX];
} table = { .lock = LOCK_INIT(LOCK_LEAF) };

#define NOWHERE LOOKUPS_MAX

/* The last names that went without an answer, to tell them from those that were answered. */
#define LAST_MAX 64
static struct {
	uint64_t key[LAST_MAX];
	unsigned next;
} forgotten; /* With the lock of the table. */

/* The coarse clock costs no system call. */
uint64_t lookups_now(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec;
}

/*
 * Life of a zone.
 */

void lookups_init(lookups_t *lookups, const knot_dname_t *zone, uint64_t id)
{
	memset(lookups, 0, sizeof(*lookups));
	lookups->zone = hash_octets(hash_name(zone), &id, sizeof(id));
	atomic_init(&lookups->refused_next, 1);
}

static uint64_t key_of(uint64_t zone, uint64_t hash)
{
	uint64_t key = (zone ^ hash) * 1099511628211ULL;
	return key == 0 ? 1 : key;
}

static void drop(size_t nth)
{
	table.key[nth] = 0;
	table.entry[nth].zone = 0;
	table.count--;
}

static void forget(size_t nth)
{
	forgotten.key[forgotten.next++ % LAST_MAX] = table.key[nth];
	drop(nth);
}

/* Finds a name among those that went; LAST_MAX if it is not there. */
static size_t find_forgotten(uint64_t key)
{
	size_t i = 0;
	while (i < LAST_MAX && forgotten.key[i] != key) {
		i++;
	}
	return i;
}

static void known_clear(lookups_known_t *known)
{
	free(known->expected);
	free(known->host);
	memset(known, 0, sizeof(*known));
}

void lookups_deinit(lookups_t *lookups)
{
	lock_take(&table.lock);
	for (size_t i = 0; i < LOOKUPS_MAX && table.count > 0; i++) {
		if (table.key[i] != 0 && table.entry[i].zone == lookups->zone) {
			drop(i);
		}
	}
	lock_give(&table.lock);
	known_clear(&lookups->known);
}

/*
 * Queries.
 */

bool lookups_refuse(lookups_t *lookups)
{
	unsigned long long count = 1 + atomic_fetch_add_explicit(&lookups->refused, 1,
	                                                         memory_order_relaxed);
	return count == atomic_load_explicit(&lookups->refused_next, memory_order_relaxed);
}

unsigned long long lookups_refused(lookups_t *lookups)
{
	unsigned long long count = atomic_load(&lookups->refused);
	if (count >= atomic_load(&lookups->refused_next)) {
		lookups->refused_said = count;
		atomic_store(&lookups->refused_next, 10 * count);
	}
	return lookups->refused_said;
}

static int compare_expected(const void *a, const void *b)
{
	const lookups_expected_t *x = a, *y = b;
	return x->owner < y->owner ? -1 : x->owner > y->owner;
}

static lookups_expected_t *find_expected(const lookups_known_t *known, uint64_t hash)
{
	const lookups_expected_t key = { .owner = hash };
	return known->expected_count == 0 ? NULL :
	                                    bsearch(&key, known->expected, known->expected_count,
	                                            sizeof(key), compare_expected);
}

bool lookups_is_txt_label(const uint8_t *label)
{
	static const char *const known[] = {
		"_acme-challenge",
		"_dnsauth",
		"_pki-validation",
		"_validation-",
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		size_t len = strlen(known[i]);
		if (label[0] >= len && strncasecmp((const char *)label + 1, known[i], len) == 0) {
			return true;
		}
	}
	return false;
}

/* Global underscored names, by octets: those of the registry of RFC 8552 that are not for validation,
 * and a few in wide use that are not in it. A name below a service (_25._tcp) has such a label too. */
static const char *const registered[] = {
	"_acct",      "_adsp",       "_agent",   "_atproto", "_bimi",        "_dane",
	"_dccp",      "_dmarc",      "_dns",     "_dns-sd",  "_dnslink",     "_domainconnect",
	"_domainkey", "_dsboot",     "_email",   "_ems",     "_fax",         "_ft",
	"_h323",      "_http",       "_https",   "_iax",     "_ical-access", "_ical-sched",
	"_ifax",      "_im",         "_ipv6",    "_ldap",    "_mms",         "_mta-sts",
	"_ocsp",      "_openpgpkey", "_pres",    "_psl",     "_pstn",        "_report",
	"_sctp",      "_signal",     "_sip",     "_sips",    "_sites",       "_smimecert",
	"_sms",       "_smtp",       "_spf",     "_sztp",    "_tacc",        "_tcp",
	"_tls",       "_udp",        "_unifmsg", "_vcard",   "_videomsg",    "_voice",
	"_voicemsg",  "_vouch",      "_vpim",    "_web",     "_xmp",         "_xmpp",
	"_msdcs",
};

bool lookups_is_registered(const knot_dname_t *name, const knot_dname_t *zone)
{
	size_t below = knot_dname_size(name) - knot_dname_size(zone);
	for (const knot_dname_t *end = name + below; name < end; name += 1 + name[0]) {
		for (size_t i = 0; i < sizeof(registered) / sizeof(*registered) && name[1] == '_';
		     i++) {
			if (strlen(registered[i]) == name[0] &&
			    strncasecmp((const char *)name + 1, registered[i], name[0]) == 0) {
				return true;
			}
		}
	}
	return false;
}

/* Tells whether a label is one of domain validation: "_" and 32 hexadecimal digits, or a known
 * one. */
static bool has_form(const knot_dname_t *name)
{
	return lookups_is_txt_label(name) ||
	       (name[0] == 33 && strspn((const char *)name + 2, "0123456789abcdefABCDEF") >= 32);
}

static rank_t rank_of(const lookups_t *lookups, const knot_dname_t *name, uint64_t hash,
                      bool known_ip)
{
	if (find_expected(&lookups->known, hash) != NULL) {
		return RANK_EXPECTED;
	} else if (known_ip) {
		return RANK_ADDRESS;
	} else if (!has_form(name)) {
		return RANK_OTHER;
	}
	return index_has(lookups->known.host, lookups->known.host_count,
	                 hash_name(name_parent(name))) ?
	               RANK_HOST :
	               RANK_FORM;
}

static bool can_be_evicted(const entry_t *entry, rank_t rank, uint32_t now)
{
	uint32_t age = now - entry->last;
	return entry->rank < rank || age > FORGET_AGE ||
	       (entry->rank == rank && !entry->again && age > ONCE_AGE);
}

static bool is_worse(size_t nth, size_t than)
{
	const entry_t *a = &table.entry[nth], *b = &table.entry[than == NOWHERE ? nth : than];
	return than == NOWHERE || a->rank < b->rank || (a->rank == b->rank && a->last < b->last);
}

/* Finds room for a name. A zone that has as many names as it may have evicts one of its own. */
static size_t find_room(uint64_t zone, rank_t rank, uint32_t now)
{
	size_t own = 0, empty = NOWHERE, own_worst = NOWHERE, worst = NOWHERE;
	for (size_t i = 0; i < LOOKUPS_MAX; i++) {
		if (table.key[i] == 0) {
			empty = i;
			continue;
		}
		const entry_t *entry = &table.entry[i];
		bool way = can_be_evicted(entry, rank, now);
		if (entry->zone == zone) {
			own++;
			if (way && is_worse(i, own_worst)) {
				own_worst = i;
			}
		}
		if (way && is_worse(i, worst)) {
			worst = i;
		}
	}
	if (own >= LOOKUPS_ZONE_MAX) {
		return own_worst;
	}
	return empty != NOWHERE ? empty : worst;
}

static size_t find(uint64_t key)
{
	for (size_t i = 0; i < LOOKUPS_MAX && table.count > 0; i++) {
		if (table.key[i] == key) {
			return i;
		}
	}
	return NOWHERE;
}

/* Notes that an expected record was answered, here or at a name above. */
static bool note_expected(lookups_t *lookups, uint64_t hash)
{
	bool news = false;
	for (size_t i = 0; i < lookups->known.expected_count; i++) {
		lookups_expected_t *expected = &lookups->known.expected[i];
		if (expected->found_at != 0 &&
		    (expected->owner == hash || expected->found_at == hash)) {
			expected->asked = true;
			news = news || expected->reported;
			expected->reported = false;
		}
	}
	return news;
}

/* Puts a name into the table, if there is room for it. */
static bool enter(lookups_t *lookups, const knot_dname_t *name, uint64_t key, rank_t rank, bool txt,
                  uint32_t now)
{
	/* A flood that has found no room does not look for it again within the second. */
	if (lookups->closed == now && rank <= lookups->closed_rank) {
		return false;
	}
	size_t nth = find_room(lookups->zone, rank, now);
	if (nth == NOWHERE) {
		lookups->closed = now;
		lookups->closed_rank = rank;
		return false;
	}
	if (table.key[nth] != 0) {
		forget(nth);
	}
	size_t back = find_forgotten(key);
	if (back < LAST_MAX) {
		forgotten.key[back] = 0;
	}
	table.count++;
	table.key[nth] = key;
	entry_t *entry = &table.entry[nth];
	entry->zone = lookups->zone;
	entry->last = now;
	entry->rank = (uint8_t)rank;
	entry->again = false;
	entry->txt = txt;
	memcpy(entry->name, name, knot_dname_size(name));
	return true;
}

bool lookups_note(lookups_t *lookups, const knot_dname_t *name, uint16_t type, bool answered,
                  bool known_ip)
{
	uint64_t hash = hash_name(name);
	if (!lock_try(&table.lock)) {
		return false;
	}
	uint64_t key = key_of(lookups->zone, hash);
	bool news = false;
	size_t nth = find(key);
	if (answered) {
		news = note_expected(lookups, hash);
		if (nth != NOWHERE) {
			drop(nth);
			news = true;
		}
	} else {
		uint32_t now = (uint32_t)lookups_now();
		rank_t rank = rank_of(lookups, name, hash, known_ip);
		if (nth == NOWHERE) {
			news = enter(lookups, name, key, rank, type == KNOT_RRTYPE_TXT, now);
		} else {
			entry_t *entry = &table.entry[nth];
			entry->again = true;
			entry->last = now;
			entry->rank = rank > entry->rank ? (uint8_t)rank : entry->rank;
		}
	}
	lock_give(&table.lock);
	return news;
}

/*
 * Audits.
 */

void lookups_forget(const lookups_t *lookups, const knot_dname_t *name)
{
	lock_take(&table.lock);
	size_t nth = find(key_of(lookups->zone, hash_name(name)));
	if (nth != NOWHERE) {
		drop(nth);
	}
	lock_give(&table.lock);
}

bool lookups_is_forgotten(const lookups_t *lookups, const knot_dname_t *name)
{
	lock_take(&table.lock);
	bool is = find_forgotten(key_of(lookups->zone, hash_name(name))) < LAST_MAX;
	lock_give(&table.lock);
	return is;
}

/* With the lock held: gets the names of a zone that have not expired. */
static size_t get_names(uint64_t zone, uint32_t now, lookups_name_t *out)
{
	size_t count = 0;
	for (size_t i = 0; i < LOOKUPS_MAX; i++) {
		const entry_t *entry = &table.entry[i];
		if (table.key[i] == 0 || entry->zone != zone) {
			continue;
		}
		if ((int32_t)(now - entry->last) > FORGET_AGE) {
			forget(i);
		} else if (count < LOOKUPS_ZONE_MAX) {
			out[count].txt = entry->txt;
			memcpy(out[count].name, entry->name, knot_dname_size(entry->name));
			count++;
		}
	}
	return count;
}

/* With the lock held: finds out about a record, and when there is more to report about it. */
static uint64_t judge(const lookups_t *lookups, lookups_expected_t *expected, uint64_t now)
{
	const lookups_expected_t *old = find_expected(&lookups->known, expected->owner);
	if (old != NULL && old->found_at != 0 && expected->found_at != 0) {
		expected->since = old->since;
		expected->asked = old->asked;
	}
	if (expected->found_at == 0 || expected->asked) {
		return 0;
	}
	uint64_t age = now - expected->since;
	expected->reported = age >= LOOKUPS_ABSENT_AFTER;
	return expected->reported ? 0 : LOOKUPS_ABSENT_AFTER - age + 1;
}

uint64_t lookups_exchange(lookups_t *lookups, lookups_known_t *known, uint64_t now, bool *absent,
                          lookups_name_t *name, size_t *count)
{
	uint64_t again = 0;
	if (known->expected_count > 0) {
		qsort(known->expected, known->expected_count, sizeof(*known->expected),
		      compare_expected);
	}
	lock_take(&table.lock);
	*count = get_names(lookups->zone, (uint32_t)now, name);
	for (size_t i = 0; i < known->expected_count; i++) {
		lookups_expected_t *expected = &known->expected[i];
		uint64_t left = judge(lookups, expected, now);
		absent[expected->nth] = expected->reported;
		if (left > 0 && (again == 0 || left < again)) {
			again = left;
		}
	}
	lookups_known_t old = lookups->known;
	lookups->known = *known;
	lock_give(&table.lock);
	known_clear(&old);
	memset(known, 0, sizeof(*known));
	return again;
}
