/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief A sink that keeps all it is told.
 */

#pragma once

#include "zone.h"

#include "caaudit/audit.h"

typedef struct {
	caaudit_id_t id;
	caaudit_severity_t severity;
	knot_dname_storage_t owner;
	char *ca; /*!< NULL if there is none, as the next three. */
	char *text;
	char *record;
	char *remedy;
	caaudit_fix_t fix;
} heard_finding_t;

typedef struct {
	caaudit_sink_t sink; /*!< The first, so that a sink leads to it. */
	heard_finding_t *finding;
	size_t findings;
	char *validations; /*!< States, one a line. */
	char *not_checked; /*!< Lines "what: why". */
	size_t verdicts;
	size_t denied;
	size_t misordered; /*!< Verdicts before a finding, and so on. */
} heard_t;

static inline char *heard_copy(const char *str)
{
	return str == NULL ? NULL : strdup(str);
}

static inline void heard_append(char **to, const char *a, const char *b)
{
	char *text = NULL;
	if (asprintf(&text, "%s%s%s\n", *to == NULL ? "" : *to, a, b) < 0) {
		abort();
	}
	free(*to);
	*to = text;
}

static inline void heard_verdict(caaudit_sink_t *self, const caaudit_verdict_t *verdict)
{
	heard_t *heard = (heard_t *)self;
	heard->misordered += heard->findings > 0;
	heard->verdicts++;
	heard->denied += verdict->permit == CAAUDIT_DENIED;
}

static inline void heard_validation(caaudit_sink_t *self, const caaudit_validation_t *validation)
{
	heard_append(&((heard_t *)self)->validations, validation->state, "");
}

static inline void heard_finding(caaudit_sink_t *self, const caaudit_finding_t *finding)
{
	heard_t *heard = (heard_t *)self;
	heard->finding = realloc(heard->finding, (heard->findings + 1) * sizeof(*heard->finding));
	heard_finding_t *copy = &heard->finding[heard->findings++];
	copy->id = finding->id;
	copy->severity = finding->severity;
	memcpy(copy->owner, finding->owner, knot_dname_size(finding->owner));
	copy->ca = heard_copy(finding->ca);
	copy->text = heard_copy(finding->text);
	copy->record = heard_copy(finding->record);
	copy->remedy = heard_copy(finding->remedy);
	copy->fix = finding->fix;
}

static inline void heard_not_checked(caaudit_sink_t *self, const char *what, const char *why)
{
	char line[2048];
	snprintf(line, sizeof(line), "%s: ", what);
	heard_append(&((heard_t *)self)->not_checked, line, why);
}

static inline heard_t heard_new(void)
{
	return (heard_t){
		.sink = {
			.verdict = heard_verdict,
			.validation = heard_validation,
			.finding = heard_finding,
			.not_checked = heard_not_checked,
		},
	};
}

static inline void heard_free(heard_t *heard)
{
	for (size_t i = 0; i < heard->findings; i++) {
		free(heard->finding[i].ca);
		free(heard->finding[i].text);
		free(heard->finding[i].record);
		free(heard->finding[i].remedy);
	}
	free(heard->finding);
	free(heard->validations);
	free(heard->not_checked);
	memset(heard, 0, sizeof(*heard));
}

static inline const char *heard_str(const char *str)
{
	return str == NULL ? "" : str;
}

/*! Order of the contract: the gravest first, then by owner and id. */
static inline int heard_order(const heard_finding_t *a, const heard_finding_t *b)
{
	if (a->severity != b->severity) {
		return a->severity < b->severity ? -1 : 1;
	}
	int ret = knot_dname_cmp(a->owner, b->owner);
	return ret != 0 ? ret : (int)a->id - (int)b->id;
}

static inline bool heard_printable(const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text < 0x20 || *text > 0x7e) {
			return false;
		}
	}
	return true;
}

/*! The one record of a text; to be freed with zone_free(). False if it is not one record. */
static inline bool heard_parse(const char *text, zone_t *out)
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

/*!
 * \brief What the contract says of every finding.
 *
 * \return NULL, or the rule that is broken.
 */
static inline const char *heard_broken(const heard_t *heard, const zone_t *zone)
{
	if (heard->misordered > 0) {
		return "a verdict after a finding";
	}
	for (size_t i = 0; i < heard->findings; i++) {
		const heard_finding_t *f = &heard->finding[i];
		if (f->id >= CAAUDIT_FINDING__COUNT || f->severity >= CAAUDIT_SEVERITY__COUNT) {
			return "no id or severity";
		}
		if (f->text == NULL || f->text[0] == '\0' || !heard_printable(f->text) ||
		    !heard_printable(heard_str(f->record)) ||
		    !heard_printable(heard_str(f->remedy))) {
			return "a text that is empty or not printable";
		}
		if (i > 0 && heard_order(f - 1, f) > 0) {
			return "findings out of order";
		}
		for (size_t j = 0; j < i; j++) {
			const heard_finding_t *g = &heard->finding[j];
			if (heard_order(f, g) == 0 && strcmp(f->text, g->text) == 0 &&
			    strcmp(heard_str(f->ca), heard_str(g->ca)) == 0 &&
			    strcmp(heard_str(f->record), heard_str(g->record)) == 0) {
				return "a finding twice";
			}
		}
		if ((f->fix == CAAUDIT_FIX_ADD && (f->remedy == NULL || f->record != NULL)) ||
		    (f->fix == CAAUDIT_FIX_REPLACE && (f->remedy == NULL || f->record == NULL)) ||
		    (f->fix == CAAUDIT_FIX_REMOVE && (f->remedy != NULL || f->record == NULL)) ||
		    (f->fix == CAAUDIT_FIX_NONE && f->remedy != NULL)) {
			return "a fix that does not go with record and remedy";
		}
		zone_t parsed;
		if (f->record != NULL && strstr(f->record, " \\# 0") == NULL) {
			bool good = heard_parse(f->record, &parsed);
			bool there = good && zone_find(zone, &parsed.record[0]) < zone->count;
			zone_free(&parsed);
			if (!good) {
				return "a record that does not parse";
			} else if (!there) {
				return "a record that is not in the zone";
			}
		}
		if (f->remedy != NULL) {
			bool good = heard_parse(f->remedy, &parsed);
			bool there = good && zone_find(zone, &parsed.record[0]) < zone->count;
			zone_free(&parsed);
			if (!good) {
				return "a remedy that does not parse";
			} else if (there && f->fix == CAAUDIT_FIX_ADD) {
				return "a record to add that is in the zone already";
			}
		}
	}
	return NULL;
}

/*! Does to the zone what a finding asks for; false if that is nothing. */
static inline bool heard_apply(zone_t *zone, const heard_finding_t *f)
{
	zone_t parsed;
	if (f->fix == CAAUDIT_FIX_REPLACE || f->fix == CAAUDIT_FIX_REMOVE) {
		if (!heard_parse(f->record, &parsed)) {
			return false;
		}
		size_t pos;
		while ((pos = zone_find(zone, &parsed.record[0])) < zone->count) {
			zone_remove(zone, pos);
		}
		zone_free(&parsed);
	}
	if (f->fix == CAAUDIT_FIX_REPLACE || f->fix == CAAUDIT_FIX_ADD) {
		if (!heard_parse(f->remedy, &parsed)) {
			return false;
		}
		zone_add(zone, parsed.record[0].owner, parsed.record[0].type, parsed.record[0].ttl,
		         parsed.record[0].rdata, parsed.record[0].rdlen);
		zone_free(&parsed);
	}
	return f->fix != CAAUDIT_FIX_NONE;
}
