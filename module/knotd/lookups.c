/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Which names are kept: one that is expected before one that a known address
 * asks for, before one that looks like a CA's at a host, before one elsewhere,
 * before any other. Among its equals a name that is there stays, so that a flood
 * does not turn the table over, and the log with it; but one that was asked for
 * once, and not again for an hour, gives way. A CA asks again.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <libknot/libknot.h>

#include "engine/hash.h"
#include "lock.h"
#include "lookups.h"

#define ONCE_AGE   3600  /* Seconds after which a name asked for once gives way. */
#define FORGET_AGE 86400 /* Seconds after which a name is forgotten. */
#define NEW_TTL    3600  /* TTL of a record to add. */

typedef enum {
	RANK_OTHER,    /* Underscored, and no more is known. */
	RANK_FORM,     /* The label looks like a CA's, */
	RANK_HOST,     /* and the name above is a host, or above one. */
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
	uint64_t key[LOOKUPS_MAX]; /* Hashes of zone and name, 0 = free. Close together: a flood
	                               goes through them in each query. */
	entry_t entry[LOOKUPS_MAX];
} table = { .lock = LOCK_INIT(LOCK_LEAF) };

#define NOWHERE LOOKUPS_MAX

/* The coarse clock is read from memory that is shared with the kernel. */
static uint64_t seconds(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (uint64_t)now.tv_sec;
}

static const knot_dname_t *parent(const knot_dname_t *name)
{
	return name + 1 + name[0];
}

/*
 * Life of an instance.
 */

void lookups_init(lookups_t *lookups, const knot_dname_t *zone, uint64_t id)
{
	memset(lookups, 0, sizeof(*lookups));
	lookups->zone = hash_octets(hash_name(zone), &id, sizeof(id));
}

void lookups_inherit(lookups_t *lookups, lookups_t *old)
{
	lock_take(&table.lock);
	uint64_t zone = lookups->zone;
	*lookups = *old;
	lookups->zone = zone;
	memset(old, 0, sizeof(*old));
	old->zone = zone;
	lock_give(&table.lock);
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

void lookups_forget(const lookups_t *lookups)
{
	lock_take(&table.lock);
	for (size_t i = 0; i < LOOKUPS_MAX; i++) {
		if (table.key[i] != 0 && table.entry[i].zone == lookups->zone) {
			drop(i);
		}
	}
	lock_give(&table.lock);
}

void lookups_clear(lookups_t *lookups)
{
	free(lookups->expected);
	free(lookups->host);
	lookups->expected = NULL;
	lookups->host = NULL;
	lookups->expected_count = lookups->host_count = 0;
}

/*
 * Queries.
 */

static int compare_hash(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static int compare_expected(const void *a, const void *b)
{
	const lookups_expected_t *x = a, *y = b;
	return compare_hash(&x->owner, &y->owner);
}

static bool is_host(const lookups_t *lookups, uint64_t hash)
{
	return lookups->host_count > 0 && bsearch(&hash, lookups->host, lookups->host_count,
	                                          sizeof(hash), compare_hash) != NULL;
}

static bool is_expected(const lookups_t *lookups, uint64_t hash)
{
	const lookups_expected_t key = { .owner = hash };
	return lookups->expected_count > 0 &&
	       bsearch(&key, lookups->expected, lookups->expected_count, sizeof(key),
	               compare_expected) != NULL;
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

/* Labels of domain validation: "_" and 32 hexadecimal digits, or a known one. */
static bool has_form(const knot_dname_t *name)
{
	return lookups_is_txt_label(name) ||
	       (name[0] == 33 && strspn((const char *)name + 2, "0123456789abcdefABCDEF") >= 32);
}

static rank_t rank_of(const lookups_t *lookups, const knot_dname_t *name, uint64_t hash,
                      bool known_ip)
{
	if (is_expected(lookups, hash)) {
		return RANK_EXPECTED;
	} else if (known_ip) {
		return RANK_ADDRESS;
	} else if (!has_form(name)) {
		return RANK_OTHER;
	}
	return is_host(lookups, hash_name(parent(name))) ? RANK_HOST : RANK_FORM;
}

static bool gives_way(const entry_t *entry, rank_t rank, uint32_t now)
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

/* Finds room: within what the zone has if that is all that it may have. */
static size_t find_room(uint64_t zone, rank_t rank, uint32_t now)
{
	size_t own = 0, empty = NOWHERE, own_worst = NOWHERE, worst = NOWHERE;
	for (size_t i = 0; i < LOOKUPS_MAX; i++) {
		if (table.key[i] == 0) {
			empty = i;
			continue;
		}
		const entry_t *entry = &table.entry[i];
		bool way = gives_way(entry, rank, now);
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

/* An expected record was answered, here or at a name above. */
static bool note_expected(lookups_t *lookups, uint64_t hash)
{
	bool news = false;
	for (size_t i = 0; i < lookups->expected_count; i++) {
		lookups_expected_t *expected = &lookups->expected[i];
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
	/* A flood that found no room a moment ago does not look for it again. */
	if (lookups->closed == now && rank <= lookups->closed_rank) {
		return false;
	}
	size_t nth = find_room(lookups->zone, rank, now);
	if (nth == NOWHERE) {
		lookups->closed = now;
		lookups->closed_rank = rank;
		return false;
	}
	table.count += table.key[nth] == 0;
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
	/* With the lock: a new instance may be taking over what this one has. */
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
		uint32_t now = (uint32_t)seconds();
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

static void on_verdict(caaudit_sink_t *sink, const caaudit_verdict_t *verdict)
{
	lookups_audit_t *audit = (lookups_audit_t *)sink;
	if (audit->next->verdict != NULL) {
		audit->next->verdict(audit->next, verdict);
	}
}

static void on_validation(caaudit_sink_t *sink, const caaudit_validation_t *validation)
{
	lookups_audit_t *audit = (lookups_audit_t *)sink;
	bool there = strncmp(validation->state, "present", strlen("present")) == 0;
	if (!audit->failed && audit->expected_count < audit->policy->validation_count) {
		if (there && !knot_dname_is_equal(validation->owner, validation->found_at)) {
			knot_dname_t *copy = knot_dname_copy(validation->found_at, NULL);
			audit->elsewhere[audit->expected_count] = copy;
			audit->failed = copy == NULL;
		}
		audit->expected[audit->expected_count++] = (lookups_expected_t){
			.owner = hash_name(validation->owner),
			.found_at = there ? hash_name(validation->found_at) : 0,
			.since = audit->now,
		};
	}
	if (audit->next->validation != NULL) {
		audit->next->validation(audit->next, validation);
	}
}

static void on_finding(caaudit_sink_t *sink, const caaudit_finding_t *finding)
{
	lookups_audit_t *audit = (lookups_audit_t *)sink;
	audit->next->finding(audit->next, finding);
}

static void on_not_checked(caaudit_sink_t *sink, const char *what, const char *why)
{
	lookups_audit_t *audit = (lookups_audit_t *)sink;
	if (audit->next->not_checked != NULL) {
		audit->next->not_checked(audit->next, what, why);
	}
}

caaudit_sink_t *lookups_begin(lookups_audit_t *audit, caaudit_sink_t *next, lookups_t *lookups,
                              const caaudit_policy_t *policy, const caaudit_view_t *view)
{
	*audit = (lookups_audit_t) {
		.sink = {
			.verdict = on_verdict,
			.validation = on_validation,
			.finding = on_finding,
			.not_checked = on_not_checked,
		},
		.next = next,
		.lookups = lookups,
		.policy = policy,
		.view = view,
		.now = seconds(),
	};
	if (policy->validation_count > 0) {
		audit->expected = calloc(policy->validation_count, sizeof(*audit->expected));
		audit->elsewhere = calloc(policy->validation_count, sizeof(*audit->elsewhere));
		audit->failed = audit->expected == NULL || audit->elsewhere == NULL;
	}
	return &audit->sink;
}

/* The hosts and the names above them in the zone: a CA asks at every level. */
static bool take_hosts(const caaudit_policy_t *policy, uint64_t **out, size_t *count)
{
	size_t room = 0;
	for (size_t i = 0; i < policy->host_count; i++) {
		room += knot_dname_labels(policy->host[i], NULL) + 1;
	}
	uint64_t *host = room == 0 ? NULL : malloc(room * sizeof(*host));
	*out = host;
	*count = 0;
	if (host == NULL) {
		return room == 0;
	}
	for (size_t i = 0; i < policy->host_count; i++) {
		const knot_dname_t *name = policy->host[i];
		host[(*count)++] = hash_name(name);
		while (name[0] != 0 && !knot_dname_is_equal(name, policy->zone)) {
			name = parent(name);
			host[(*count)++] = hash_name(name);
		}
	}
	qsort(host, *count, sizeof(*host), compare_hash);
	return true;
}

/* What is known of an expected record stays known while it is there. */
static void carry_over(const lookups_t *lookups, lookups_expected_t *expected)
{
	const lookups_expected_t *old = lookups->expected_count == 0 ?
	                                        NULL :
	                                        bsearch(expected, lookups->expected,
	                                                lookups->expected_count, sizeof(*expected),
	                                                compare_expected);
	if (old != NULL && old->found_at != 0 && expected->found_at != 0) {
		expected->since = old->since;
		expected->asked = old->asked;
	}
}

/* Gives the instance the new state, and gets the names of its zone. */
static entry_t *exchange(lookups_audit_t *audit, uint64_t *host, size_t host_count, size_t *count)
{
	lookups_t *lookups = audit->lookups;
	entry_t *entry = malloc(LOOKUPS_ZONE_MAX * sizeof(*entry));
	*count = 0;
	lookups_t old;

	lock_take(&table.lock);
	uint32_t now = (uint32_t)audit->now;
	for (size_t i = 0; i < LOOKUPS_MAX; i++) {
		const entry_t *known = &table.entry[i];
		if (table.key[i] == 0 || known->zone != lookups->zone) {
			continue;
		}
		if ((int32_t)(now - known->last) > FORGET_AGE) {
			drop(i);
		} else if (entry != NULL && *count < LOOKUPS_ZONE_MAX) {
			entry[(*count)++] = *known;
		}
	}
	for (size_t i = 0; i < audit->expected_count; i++) {
		lookups_expected_t *expected = &audit->expected[i];
		carry_over(lookups, expected);
		uint64_t age = audit->now - expected->since;
		if (expected->found_at == 0 || expected->asked) {
			continue;
		}
		expected->reported = age >= LOOKUPS_ABSENT_AFTER;
		uint64_t left = expected->reported ? 0 : LOOKUPS_ABSENT_AFTER - age + 1;
		if (left > 0 && (audit->again == 0 || left < audit->again)) {
			audit->again = left;
		}
	}
	old = *lookups;
	lookups->expected = audit->expected;
	lookups->expected_count = audit->expected_count;
	lookups->host = host;
	lookups->host_count = host_count;
	lock_give(&table.lock);

	audit->expected = NULL;
	lookups_clear(&old);
	audit->failed = audit->failed || entry == NULL;
	return entry;
}

__attribute__((format(printf, 2, 3))) static char *format(bool *failed, const char *form, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, form);
	if (vasprintf(&text, form, args) < 0) {
		text = NULL;
		*failed = true;
	}
	va_end(args);
	return text;
}

/* Finds what is expected at a name: of the type that was asked for, if there is one. */
static const caaudit_expected_t *find_policy(const caaudit_policy_t *policy,
                                             const knot_dname_t *name, bool txt)
{
	const caaudit_expected_t *found = NULL;
	for (size_t i = 0; i < policy->validation_count; i++) {
		const caaudit_expected_t *expected = &policy->validation[i];
		if (knot_dname_is_equal(expected->owner, name)) {
			found = found == NULL || (expected->txt != NULL) == txt ? expected : found;
		}
	}
	return found;
}

static void report(lookups_audit_t *audit, caaudit_id_t id, const knot_dname_t *owner,
                   const char *text, const char *remedy)
{
	const caaudit_finding_t finding = {
		.id = id,
		.severity = caaudit_finding_info(id)->severity,
		.owner = owner,
		.text = text,
		.remedy = remedy,
		.fix = remedy != NULL ? CAAUDIT_FIX_ADD : CAAUDIT_FIX_NONE,
	};
	if (text != NULL) {
		audit->next->finding(audit->next, &finding);
	}
}

static void report_unanswered(lookups_audit_t *audit, const entry_t *entry)
{
	caaudit_lookup_t lookup;
	caaudit_view_lookup(audit->view, entry->name, KNOT_RRTYPE_CNAME, &lookup);
	if ((lookup.answer != CAAUDIT_NXDOMAIN && lookup.answer != CAAUDIT_NODATA) ||
	    caaudit_view_rrset(audit->view, entry->name, KNOT_RRTYPE_TXT).count > 0) {
		/* It is there now, or not ours to answer: forget it. */
		lock_take(&table.lock);
		size_t nth = find(key_of(entry->zone, hash_name(entry->name)));
		if (nth != NOWHERE) {
			drop(nth);
		}
		lock_give(&table.lock);
		return;
	}

	/* The words must not change from audit to audit: they would be logged anew. */
	const char *type = entry->txt ? "TXT" : "CNAME";
	const char *rcode = lookup.answer == CAAUDIT_NXDOMAIN ? "NXDOMAIN" : "NODATA";
	const caaudit_expected_t *expected = find_policy(audit->policy, entry->name, entry->txt);
	char *remedy = NULL, *text;
	if (expected != NULL && (expected->target != NULL || expected->txt != NULL)) {
		remedy = caaudit_expected_text(expected, NEW_TTL);
		audit->failed = audit->failed || remedy == NULL;
		text = format(&audit->failed,
		              "somebody asked for the %s, the answer was %s; add: %s", type, rcode,
		              remedy == NULL ? "" : remedy);
	} else if (expected != NULL) {
		text = format(&audit->failed,
		              "somebody asked for the %s, the answer was %s; add the "
		              "CNAME that the CA's console shows",
		              type, rcode);
	} else {
		text = format(&audit->failed,
		              "somebody asked for the %s, the answer was %s; if a CA did, "
		              "the record to add is in the console of the order",
		              type, rcode);
	}
	report(audit, CAAUDIT_DCV_LOOKUP_UNANSWERED, entry->name, text, remedy);
	free(text);
	free(remedy);
}

static void report_absent(lookups_audit_t *audit, const lookups_expected_t *expected, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!expected[i].reported) {
			continue;
		}
		knot_dname_txt_storage_t at;
		bool elsewhere = audit->elsewhere[i] != NULL &&
		                 knot_dname_to_str(at, audit->elsewhere[i], sizeof(at)) != NULL;
		char *text = format(
			&audit->failed,
			"the record is there%s%s, and nobody has asked for it in "
			"thirty minutes; see in the CA's console whether the order is open, and "
			"in the parent zone whether its NS lead here",
			elsewhere ? ", at " : "", elsewhere ? at : "");
		report(audit, CAAUDIT_DCV_LOOKUP_ABSENT, audit->policy->validation[i].owner, text,
		       NULL);
		free(text);
	}
}

/* Frees what the audit holds by itself. */
static void clear(lookups_audit_t *audit)
{
	for (size_t i = 0; audit->elsewhere != NULL && i < audit->expected_count; i++) {
		free(audit->elsewhere[i]);
	}
	free(audit->elsewhere);
	free(audit->expected);
	audit->elsewhere = NULL;
	audit->expected = NULL;
}

static int finish(lookups_audit_t *audit, bool complete)
{
	uint64_t *host = NULL;
	size_t host_count = 0, count = 0, absent_count = 0;
	if (!complete || audit->failed || !take_hosts(audit->policy, &host, &host_count)) {
		return complete ? KNOT_ENOMEM : KNOT_EOK;
	}
	/* The policy's order is lost when the records are sorted for queries. */
	lookups_expected_t *absent = NULL;
	if (audit->expected_count > 0) {
		absent = malloc(audit->expected_count * sizeof(*absent));
		if (absent == NULL) {
			free(host);
			return KNOT_ENOMEM;
		}
		absent_count = audit->expected_count;
		memcpy(absent, audit->expected, absent_count * sizeof(*absent));
		qsort(audit->expected, audit->expected_count, sizeof(*absent), compare_expected);
	}
	const lookups_expected_t *sorted = audit->expected;
	entry_t *entry = exchange(audit, host, host_count, &count);
	for (size_t i = 0; i < absent_count; i++) {
		/* Only an audit changes the array, and there is one at a time. */
		lock_take(&table.lock);
		const lookups_expected_t *now = audit->lookups->expected != sorted ?
		                                        NULL :
		                                        bsearch(&absent[i], sorted, absent_count,
		                                                sizeof(*absent), compare_expected);
		absent[i].reported = now != NULL && now->reported;
		lock_give(&table.lock);
	}
	report_absent(audit, absent, absent_count);
	for (size_t i = 0; i < count; i++) {
		report_unanswered(audit, &entry[i]);
	}
	free(absent);
	free(entry);
	return audit->failed ? KNOT_ENOMEM : KNOT_EOK;
}

int lookups_end(lookups_audit_t *audit, bool complete)
{
	int ret = finish(audit, complete);
	clear(audit);
	return ret;
}
