/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Findings become lines, and are remembered until the next audit. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include <libknot/libknot.h>

#include "engine/array.h"
#include "engine/hash.h"
#include "report.h"

/* Octets of a whole line of the server, and those that are left to the module where the
 * zone name is long. */
#define LINE_MAX_LEN  511
#define LINE_MIN_ROOM 160

/* Characters of what is wrong that stay for the sake of the record to publish. */
#define WHAT_MIN_LEN 60

static const int priorities[] = {
	[CAAUDIT_ERROR] = LOG_ERR,
	[CAAUDIT_WARNING] = LOG_WARNING,
	[CAAUDIT_NOTICE] = LOG_NOTICE,
};

/*
 * Lines.
 */

void lines_init(lines_t *lines, const knot_dname_t *zone, size_t id_len)
{
	knot_dname_txt_storage_t name;
	if (knot_dname_to_str(name, zone, sizeof(name)) == NULL) {
		name[0] = '\0';
	}
	size_t prefix = strlen("warning: [] module 'mod-caaudit/', ") + strlen(name) + id_len;
	*lines = (lines_t){ .room = LINE_MIN_ROOM };
	if (prefix + LINE_MIN_ROOM < LINE_MAX_LEN) {
		lines->room = LINE_MAX_LEN + 1 - prefix;
	}
}

/* Copies a string; in the middle of one that is too long stands "...". Octets that are not printable
 * ASCII become "?". */
static void shorten(char *out, size_t size, const char *str)
{
	size_t len = strlen(str);
	if (len < size) {
		memcpy(out, str, len + 1);
	} else {
		size_t keep = size - 4, head = (keep + 1) / 2, tail = keep - head;
		memcpy(out, str, head);
		memcpy(out + head, "...", 3);
		memcpy(out + head + 3, str + len - tail, tail);
		out[size - 1] = '\0';
	}
	for (; *out != '\0'; out++) {
		if (*out < ' ' || *out > '~') {
			*out = '?';
		}
	}
}

static bool reserve_lines(lines_t *lines, size_t more)
{
	return array_reserve(&lines->line, &lines->size, lines->count + more, sizeof(*lines->line));
}

static void add_line(lines_t *lines, int priority, const char *text)
{
	char *copy = reserve_lines(lines, 1) ? strdup(text) : NULL;
	if (copy == NULL) {
		lines->failed = true;
		return;
	}
	lines->line[lines->count++] = (line_t){ priority, copy };
}

void lines_format(lines_t *lines, int priority, const char *format, ...)
{
	char text[LINE_MAX_LEN * 4];
	char cut[LINE_MAX_LEN + 1];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	shorten(cut, lines->room, text);
	add_line(lines, priority, cut);
}

bool lines_move(lines_t *to, lines_t *from, size_t max)
{
	size_t count = from->count;
	if (to->count + count > max) {
		count = to->count < max ? max - to->count : 0;
	}
	if (!reserve_lines(to, count)) {
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		to->line[to->count++] = from->line[i];
	}
	for (size_t i = count; i < from->count; i++) {
		free(from->line[i].text);
	}
	from->count = 0;
	return true;
}

void lines_drop(lines_t *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(lines->line[i].text);
	}
	for (size_t i = count; i < lines->count; i++) {
		lines->line[i - count] = lines->line[i];
	}
	lines->count -= count;
}

void lines_clear(lines_t *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		free(lines->line[i].text);
	}
	free(lines->line);
	*lines = (lines_t){ .room = lines->room };
}

/*
 * Findings.
 */

static uint64_t hash_str(uint64_t hash, const char *str)
{
	return str == NULL ? hash_octets(hash, "\xff", 1) : hash_octets(hash, str, strlen(str) + 1);
}

static int compare_items(const void *a, const void *b)
{
	const findings_item_t *x = a, *y = b;
	if (x->key != y->key) {
		return x->key < y->key ? -1 : 1;
	}
	return x->text < y->text ? -1 : x->text > y->text;
}

/* Finds the first item with a key. */
static const findings_item_t *find_item(const findings_t *findings, uint64_t key)
{
	if (findings == NULL) {
		return NULL;
	}
	size_t low = 0, high = findings->count;
	ARRAY_SEARCH(low, high, findings->item[mid].key < key)
	return low < findings->count && findings->item[low].key == key ? &findings->item[low] :
	                                                                 NULL;
}

/* Tells whether the last audit had the same finding with the same text. */
static bool is_old(const findings_t *before, const findings_item_t *item)
{
	const findings_item_t *old = find_item(before, item->key);
	for (; old != NULL && old < before->item + before->count && old->key == item->key; old++) {
		if (old->text == item->text) {
			return true;
		}
	}
	return false;
}

static bool remember(report_t *report, findings_item_t *item, const knot_dname_t *owner,
                     const char *ca)
{
	findings_t *now = report->now;
	size_t len = knot_dname_size(owner);
	size_t ca_len = ca == NULL ? 0 : strlen(ca) + 1;
	if (!array_reserve(&now->item, &report->item_size, now->count + 1, sizeof(*now->item)) ||
	    !array_reserve(&now->names, &report->names_size, report->names_len + len + ca_len, 1)) {
		return false;
	}
	item->owner = (uint32_t)report->names_len;
	memcpy(now->names + report->names_len, owner, len);
	report->names_len += len;
	if (ca != NULL) {
		item->ca = (uint32_t)report->names_len;
		memcpy(now->names + report->names_len, ca, ca_len);
		report->names_len += ca_len;
	}
	now->item[now->count++] = *item;
	return true;
}

/* Ends a sentence behind the last of its clauses that fits, in its second half, with "...". */
static bool end_early(char *sentence, size_t size)
{
	for (size_t at = size > 4 ? size - 4 : 0; at > size / 2; at--) {
		if ((sentence[at] == ',' || sentence[at] == ';') && sentence[at + 1] == ' ') {
			memcpy(sentence + at, "...", sizeof("..."));
			return true;
		}
	}
	return false;
}

/* Makes the text of a finding. Where it is too long, what is wrong is shortened first: the record to
 * publish is of use as a whole only. Why there is none ends early. */
static void format_text(const caaudit_finding_t *finding, const char *verb, const char *note,
                        char *text, size_t room)
{
	char whole[LINE_MAX_LEN * 4], what[LINE_MAX_LEN + 1];
	size_t note_len = note == NULL ? 0 : strlen("; ") + strlen(note);
	size_t len = caaudit_finding_sentence(finding, verb, whole, sizeof(whole)) + note_len;
	caaudit_finding_t shorter = *finding;
	size_t what_len = strlen(finding->what);
	if (len >= room && what_len > WHAT_MIN_LEN) {
		size_t over = len - room + 1;
		size_t keep = what_len > over + WHAT_MIN_LEN ? what_len - over : WHAT_MIN_LEN;
		shorten(what, keep < sizeof(what) ? keep + 1 : sizeof(what), finding->what);
		shorter.what = what;
	}
	len = caaudit_finding_sentence(&shorter, verb, whole, sizeof(whole));
	if (finding->fix == CAAUDIT_FIX_NONE && len + note_len >= room && len < sizeof(whole) &&
	    room > note_len && end_early(whole, room - note_len)) {
		len = strlen(whole);
	}
	if (note != NULL && len < sizeof(whole)) {
		(void)snprintf(whole + len, sizeof(whole) - len, "; %s", note);
	}
	shorten(text, room, whole);
}

/* Makes the log line of a finding. */
static void format_finding(const report_t *report, const caaudit_finding_t *finding,
                           const char *verb, const char *note, char *line, size_t size)
{
	const char *id = caaudit_finding_info(finding->id)->id;
	knot_dname_txt_storage_t owner;
	if (knot_dname_to_str(owner, finding->owner, sizeof(owner)) == NULL) {
		owner[0] = '\0';
	}

	/* Id and CA are not shortened; owner and text share the room that is left. */
	char ca[72], text[LINE_MAX_LEN + 1];
	shorten(ca, sizeof(ca), finding->ca == NULL ? "-" : finding->ca);
	int fixed = snprintf(NULL, 0, "finding, id %s, owner , ca %s, ", id, ca);
	size_t left = report->lines.room > (size_t)fixed + 64 ? report->lines.room - (size_t)fixed :
	                                                        64;
	size_t text_len = caaudit_finding_sentence(finding, verb, NULL, 0) +
	                  (note == NULL ? 0 : strlen("; ") + strlen(note));
	size_t owner_len = strlen(owner);
	size_t owner_room = left / 2;
	if (text_len < left / 2) {
		owner_room = left - text_len;
	}
	if (owner_len < owner_room) {
		owner_room = owner_len + 1;
	}
	char owner_cut[sizeof(owner)];
	shorten(owner_cut, owner_room, owner);
	size_t text_room = left - strlen(owner_cut);
	format_text(finding, verb, note, text, text_room < sizeof(text) ? text_room : sizeof(text));
	(void)snprintf(line, size, "finding, id %s, owner %s, ca %s, %s", id, owner_cut, ca, text);
}

/* Tells whether records alone bring a finding about, and neither time nor look-ups. */
static bool is_of_records(unsigned id)
{
	static const caaudit_id_t dated[] = {
		CAAUDIT_CAA_METHOD_SUNSET,           CAAUDIT_CAA_METHOD_EXCLUDED,
		CAAUDIT_CAA_PARAMETER_UNSATISFIABLE, CAAUDIT_DCV_PERSIST_DENIED,
		CAAUDIT_DCV_PERSIST_EXPIRED,         CAAUDIT_DCV_FORM_RETIRED
	};
	for (size_t i = 0; i < sizeof(dated) / sizeof(dated[0]); i++) {
		if (id == dated[i]) {
			return false;
		}
	}
	const char *text = caaudit_finding_info(id)->id;
	return strncmp(text, "caa-", 4) == 0 ||
	       (strncmp(text, "dcv-", 4) == 0 && strncmp(text, "dcv-lookup-", 11) != 0);
}

void report_finding(report_t *report, const caaudit_finding_t *finding, const char *verb,
                    const char *note)
{
	if (report->now == NULL) {
		report->now = calloc(1, sizeof(*report->now));
	}
	if (report->now == NULL) {
		report->failed = true;
		return;
	}
	report->now->by_id[finding->id]++;
	report->now->by_severity[finding->severity]++;

	findings_item_t item = { .id = (uint16_t)finding->id };
	item.key = hash_octets(HASH_SEED, &item.id, sizeof(item.id));
	item.key = hash_octets(item.key, finding->owner, knot_dname_size(finding->owner));
	item.key = hash_str(item.key, finding->ca);
	/* All that is read, and how grave it is: an error that was a warning is news. Where no record is
	 * shown, one that was changed and is wrong still is news as well. */
	const char *record = finding->remedy == NULL ? finding->record : NULL;
	const char *const said[] = { record,          finding->what,   verb,
		                     finding->remedy, finding->advice, note };
	uint64_t text = HASH_SEED + finding->severity;
	for (size_t i = 0; i < sizeof(said) / sizeof(said[0]); i++) {
		text = hash_str(text, said[i]);
	}
	item.text = (uint32_t)text;

	bool fresh = !is_old(report->before, &item);
	if (report->now->count < FINDINGS_MAX) {
		if (!remember(report, &item, finding->owner, finding->ca)) {
			report->failed = true;
			return;
		}
	} else {
		/* A finding that is not remembered must not be logged as new by each audit. */
		fresh = fresh && (report->before == NULL || report->before->count < FINDINGS_MAX);
	}
	report->fresh += fresh;
	report->turned += fresh && is_of_records(finding->id);
	if (fresh && report->fresh <= report->limit) {
		char line[4 * LINE_MAX_LEN];
		format_finding(report, finding, verb, note, line, sizeof(line));
		add_line(&report->lines, priorities[finding->severity], line);
	}
}

void report_begin(report_t *report, const findings_t *before, uint32_t limit,
                  const knot_dname_t *zone, size_t id_len)
{
	memset(report, 0, sizeof(*report));
	report->before = before;
	report->limit = limit;
	lines_init(&report->lines, zone, id_len);
}

void report_forget(report_t *report, const findings_item_t *item)
{
	if (report->forgotten_count < FORGOTTEN_MAX) {
		report->forgotten[report->forgotten_count++] = item->key;
	}
}

static bool is_forgotten(const report_t *report, const findings_item_t *item)
{
	for (unsigned i = 0; i < report->forgotten_count; i++) {
		if (report->forgotten[i] == item->key) {
			return true;
		}
	}
	return false;
}

static void log_gone(report_t *report, const findings_t *before, const findings_item_t *item)
{
	knot_dname_txt_storage_t owner;
	if (knot_dname_to_str(owner, before->names + item->owner, sizeof(owner)) == NULL) {
		owner[0] = '\0';
	}
	const char *id = caaudit_finding_info(item->id)->id;
	const char *ca = item->ca == 0 ? NULL : (const char *)before->names + item->ca;
	if (is_forgotten(report, item)) {
		lines_format(&report->lines, LOG_INFO, "forgotten, id %s, owner %s", id, owner);
		return;
	}
	lines_format(&report->lines, LOG_INFO, "resolved, id %s, owner %s%s%s", id, owner,
	             ca == NULL ? "" : ", ca ", ca == NULL ? "" : ca);
}

static void log_rest(report_t *report, uint32_t count)
{
	lines_format(&report->lines, LOG_NOTICE,
	             "finding, %u more not logged, see knotc zone-stats", count);
}

/* Frees the unused end of a block: findings are retained for long. */
static void *trim(void *block, size_t size)
{
	void *less = block == NULL || size == 0 ? NULL : realloc(block, size);
	return less != NULL ? less : block;
}

const findings_item_t *report_next_gone(const report_t *report, size_t *pos)
{
	const findings_t *before = report->before, *now = report->now;
	if (before == NULL || (now != NULL && now->count >= FINDINGS_MAX)) {
		return NULL;
	}
	while (*pos < before->count) {
		const findings_item_t *item = &before->item[(*pos)++];
		/* Several of a key are the same finding about several records. */
		bool first = *pos < 2 || item[-1].key != item->key;
		if (first && find_item(now, item->key) == NULL) {
			return item;
		}
	}
	return NULL;
}

const findings_item_t *report_next_fresh(const report_t *report, size_t *pos)
{
	const findings_t *now = report->now;
	while (report->before != NULL && now != NULL && *pos < now->count) {
		const findings_item_t *item = &now->item[(*pos)++];
		if (!is_old(report->before, item)) {
			return item;
		}
	}
	return NULL;
}

static bool is_expected_at(const caaudit_policy_t *policy, const knot_dname_t *owner)
{
	const caaudit_mention_t *item;
	for (size_t pos = 0; (item = caaudit_policy_find(policy, owner, &pos)) != NULL;) {
		if (item->role == CAAUDIT_NAME_EXPECTED) {
			return true;
		}
	}
	return false;
}

/* Tells whether a finding of the last audit may stand, and would not be seen. */
static bool is_open(const report_t *report, const findings_item_t *item)
{
	return report->partial != NULL &&
	       strncmp(caaudit_finding_info(item->id)->id, "dcv-", 4) == 0 &&
	       !is_expected_at(report->partial, report->before->names + item->owner);
}

static void sort(findings_t *findings)
{
	if (findings->count > 0) {
		qsort(findings->item, findings->count, sizeof(*findings->item), compare_items);
	}
}

/* Remembers what may stand unseen: once it can be seen again, it is no news, or it is resolved. */
static void carry_open(report_t *report)
{
	const findings_t *before = report->before;
	findings_t *now = report->now;
	uint32_t pos = 0, sorted = now->count;
	for (uint32_t i = 0; i < before->count && now->count < FINDINGS_MAX; i++) {
		findings_item_t item = before->item[i];
		while (pos < sorted && now->item[pos].key < item.key) {
			pos++;
		}
		bool seen = pos < sorted && now->item[pos].key == item.key;
		const char *ca = item.ca == 0 ? NULL : (const char *)before->names + item.ca;
		if (!seen && is_open(report, &item) &&
		    !remember(report, &item, before->names + item.owner, ca)) {
			report->failed = true;
			return;
		}
	}
}

/* Puts the findings in order, with those that may stand unseen. */
static void complete(report_t *report)
{
	/* Where there were findings, there are names. */
	bool carry = report->partial != NULL && report->before != NULL &&
	             report->before->names != NULL;
	if (report->now == NULL && carry) {
		report->now = calloc(1, sizeof(*report->now));
		report->failed = report->failed || report->now == NULL;
	}
	findings_t *now = report->now;
	if (now == NULL) {
		return;
	}
	sort(now);
	if (carry) {
		carry_open(report);
		sort(now);
	}
	if (now->count > 0) {
		now->item = trim(now->item, now->count * sizeof(*now->item));
		now->names = trim(now->names, report->names_len);
	}
	report->partial = NULL;
}

int report_end(report_t *report)
{
	complete(report);
	if (report->fresh > report->limit) {
		log_rest(report, report->fresh - report->limit);
	}

	size_t pos = 0;
	const findings_item_t *item;
	while ((item = report_next_gone(report, &pos)) != NULL) {
		report->turned += is_of_records(item->id);
		if (++report->gone <= report->limit) {
			log_gone(report, report->before, item);
		}
	}
	if (report->gone > report->limit) {
		lines_format(&report->lines, LOG_INFO, "resolved, %u more not logged",
		             report->gone - report->limit);
	}
	return report->failed || report->lines.failed ? KNOT_ENOMEM : KNOT_EOK;
}

void findings_free(findings_t *findings)
{
	if (findings != NULL) {
		free(findings->item);
		free(findings->names);
		free(findings);
	}
}

void report_clear(report_t *report)
{
	lines_clear(&report->lines);
	findings_free(report->now);
	memset(report, 0, sizeof(*report));
}
