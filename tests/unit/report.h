/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What holds for every report of an audit, and how its remedies are applied.
 *
 * Nothing here depends on a test library; the fuzz targets use it as well.
 */

#pragma once

#include "zone.h"

#include "caaudit/audit.h"

static inline const char *report_str(const char *str)
{
	return str == NULL ? "" : str;
}

/*! Order of the contract: the gravest first, then by owner and id. */
static inline int report_order(const caaudit_finding_t *a, const caaudit_finding_t *b)
{
	if (a->severity != b->severity) {
		return a->severity < b->severity ? -1 : 1;
	}
	int ret = knot_dname_cmp(a->owner, b->owner);
	return ret != 0 ? ret : (int)a->id - (int)b->id;
}

/*! Do two findings say the same? */
static inline bool report_same(const caaudit_finding_t *a, const caaudit_finding_t *b)
{
	return report_order(a, b) == 0 && a->fix == b->fix && strcmp(a->what, b->what) == 0 &&
	       strcmp(report_str(a->ca), report_str(b->ca)) == 0 &&
	       strcmp(report_str(a->advice), report_str(b->advice)) == 0 &&
	       strcmp(report_str(a->record), report_str(b->record)) == 0 &&
	       strcmp(report_str(a->remedy), report_str(b->remedy)) == 0 &&
	       a->also_count == b->also_count;
}

static inline bool report_printable(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < 0x20 || *text > 0x7e) {
			return false;
		}
	}
	return true;
}

/*! The one record of a text; to be freed with zone_free(). False if it is not one record. */
static inline bool report_parse(const char *text, zone_t *out)
{
	// To set a scanner up takes longer than to parse a record.
	static zs_scanner_t s;
	static bool ready;
	*out = ZONE_EMPTY;
	if (!ready && zs_init(&s, ".", KNOT_CLASS_IN, 0) != 0) {
		return false;
	}
	ready = zs_set_input_string(&s, text, strlen(text)) == 0;
	s.process.automatic = false;
	while (ready && zs_parse_record(&s) == 0 && s.state != ZS_STATE_EOF) {
		ready = s.state == ZS_STATE_DATA;
		if (ready) {
			zone_add(out, s.r_owner, s.r_type, s.r_ttl, s.r_data, s.r_data_length);
		}
	}
	if (!ready) {
		zs_deinit(&s);
	}
	return ready && out->count == 1;
}

/*! NULL, or what is wrong with the texts of a finding. */
static inline const char *report_broken_texts(const caaudit_finding_t *f)
{
	static const char none[] = "";
	const char *texts[] = { f->what, f->ca, f->advice, f->record, f->remedy };
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		// What is not there is NULL, never empty.
		if (texts[i] != NULL && (*texts[i] == '\0' || !report_printable(texts[i]))) {
			return "a text that is empty or not printable";
		}
	}
	if (f->what == NULL) {
		return "a finding that says nothing";
	}
	char sentence[16384], cut[16];
	size_t len = caaudit_finding_sentence(f, NULL, sentence, sizeof(sentence));
	if (len >= sizeof(sentence) || strlen(sentence) != len || !report_printable(sentence) ||
	    strstr(sentence, f->what) != sentence ||
	    strstr(sentence, f->remedy != NULL ? f->remedy : none) == NULL ||
	    strstr(sentence, f->advice != NULL ? f->advice : none) == NULL) {
		return "a sentence that leaves something out";
	}
	if (caaudit_finding_sentence(f, NULL, NULL, 0) != len ||
	    caaudit_finding_sentence(f, NULL, cut, sizeof(cut)) != len ||
	    strncmp(cut, sentence, sizeof(cut) - 1) != 0 ||
	    strlen(cut) != (len < sizeof(cut) ? len : sizeof(cut) - 1)) {
		return "a sentence that is cut in a wrong place";
	}
	return NULL;
}

/*! The records that a finding is about: the first one is \a record, the others are in \a also. */
static inline const char *report_wrong(const caaudit_finding_t *f, size_t nth)
{
	const char *record = nth == 0 ? f->record : f->also;
	for (; nth > 1; nth--) {
		record += strlen(record) + 1;
	}
	return record;
}

/*! NULL, or what is wrong with record, remedy and fix of a finding. */
static inline const char *report_broken_fix(const caaudit_finding_t *f, const zone_t *zone)
{
	if ((f->fix == CAAUDIT_FIX_ADD && (f->remedy == NULL || f->record != NULL)) ||
	    (f->fix == CAAUDIT_FIX_REPLACE && (f->remedy == NULL || f->record == NULL)) ||
	    (f->fix == CAAUDIT_FIX_REMOVE && (f->remedy != NULL || f->record == NULL)) ||
	    (f->fix == CAAUDIT_FIX_NONE && f->remedy != NULL)) {
		return "a fix that does not go with record and remedy";
	}
	if ((f->also_count > 0) != (f->also != NULL) || (f->also != NULL && f->record == NULL)) {
		return "records beside none";
	}
	zone_t parsed;
	for (size_t i = 0; f->record != NULL && i <= f->also_count; i++) {
		const char *record = report_wrong(f, i);
		bool good = report_parse(record, &parsed);
		bool there = good && zone_find(zone, &parsed.record[0]) < zone->count;
		zone_free(&parsed);
		if (strstr(record, " \\# 0") != NULL) {
			// The scanner knows no CAA without RDATA.
		} else if (!good) {
			return "a record that does not parse";
		} else if (!there) {
			return "a record that is not in the zone";
		}
	}
	if (f->remedy != NULL) {
		bool good = report_parse(f->remedy, &parsed);
		bool there = good && zone_find(zone, &parsed.record[0]) < zone->count;
		zone_free(&parsed);
		if (!good) {
			return "a remedy that does not parse";
		} else if (there && f->fix == CAAUDIT_FIX_ADD) {
			return "a record to add that is in the zone already";
		}
	}
	return NULL;
}

/*! NULL, or what is wrong with verdicts, validations and gaps. */
static inline const char *report_broken_lists(const caaudit_report_t *report,
                                              const caaudit_policy_t *policy)
{
	size_t kinds = policy->wildcard ? 2 : 1, per_host = kinds * policy->ca_count;
	if (report->verdict_count != policy->host_count * per_host) {
		return "too few verdicts or too many";
	}
	for (size_t i = 0; i < report->verdict_count; i++) {
		const caaudit_verdict_t *verdict = &report->verdict[i];
		if (verdict->host != policy->host[i / per_host] ||
		    verdict->ca != policy->ca[i % per_host / kinds].name ||
		    verdict->wildcard != (i % kinds == 1)) {
			return "verdicts out of order";
		}
	}
	if (report->validation_count != policy->validation_count) {
		return "too few validations or too many";
	}
	for (size_t i = 0; i < report->validation_count; i++) {
		if (report->validation[i].expected != &policy->validation[i]) {
			return "validations out of order";
		}
	}
	for (size_t i = 0; i < report->gap_count; i++) {
		const caaudit_gap_t *gap = &report->gap[i];
		if (gap->what[0] == '\0' || gap->why[0] == '\0' || !report_printable(gap->what) ||
		    !report_printable(gap->why)) {
			return "a gap that is empty or not printable";
		}
	}
	return NULL;
}

/*!
 * \brief What the contract says of every report.
 *
 * \return NULL, or the rule that is broken.
 */
static inline const char *report_broken(const caaudit_report_t *report,
                                        const caaudit_policy_t *policy, const zone_t *zone)
{
	const char *broken = report_broken_lists(report, policy);
	for (size_t i = 0; broken == NULL && i < report->finding_count; i++) {
		const caaudit_finding_t *f = &report->finding[i];
		if (f->id >= CAAUDIT_FINDING__COUNT || f->severity >= CAAUDIT_SEVERITY__COUNT) {
			return "no id or severity";
		}
		broken = report_broken_texts(f);
		broken = broken == NULL ? report_broken_fix(f, zone) : broken;
		if (i > 0 && report_order(f - 1, f) > 0) {
			return "findings out of order";
		}
		for (size_t j = 0; j < i; j++) {
			if (report_same(f, &report->finding[j])) {
				return "a finding twice";
			}
		}
	}
	return broken;
}

/*! Does to the zone what a finding asks for; false if that is nothing. */
static inline bool report_apply(zone_t *zone, const caaudit_finding_t *f)
{
	zone_t parsed;
	if (f->fix == CAAUDIT_FIX_REPLACE || f->fix == CAAUDIT_FIX_REMOVE) {
		for (size_t i = 0; i <= f->also_count; i++) {
			if (!report_parse(report_wrong(f, i), &parsed)) {
				return false;
			}
			size_t pos;
			while ((pos = zone_find(zone, &parsed.record[0])) < zone->count) {
				zone_remove(zone, pos);
			}
			zone_free(&parsed);
		}
	}
	if (f->fix == CAAUDIT_FIX_REPLACE || f->fix == CAAUDIT_FIX_ADD) {
		if (!report_parse(f->remedy, &parsed)) {
			return false;
		}
		zone_add(zone, parsed.record[0].owner, parsed.record[0].type, parsed.record[0].ttl,
		         parsed.record[0].rdata, parsed.record[0].rdlen);
		zone_free(&parsed);
	}
	return f->fix != CAAUDIT_FIX_NONE;
}

/*! Are there so many findings with an id? */
static inline size_t report_count(const caaudit_report_t *report, caaudit_id_t id)
{
	size_t count = 0;
	for (size_t i = 0; i < report->finding_count; i++) {
		count += report->finding[i].id == id;
	}
	return count;
}
