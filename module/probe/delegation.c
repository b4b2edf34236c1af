/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Compares what the parent of a zone says of its name servers with what the zone says. */

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "probe.h"

/*! Octets of the list of names or addresses in a finding; longer ones are cut. */
#define LIST_MAX 1024
#define TEXT_MAX (3 * LIST_MAX)

/*! Records of a kind among many. */
typedef struct {
	const caaudit_record_t *record;
	size_t count;
	const knot_dname_t *owner;
	uint16_t type;
} among_t;

static const caaudit_record_t *next(const among_t *among, size_t *pos)
{
	while (among->record != NULL && *pos < among->count) {
		const caaudit_record_t *record = &among->record[(*pos)++];
		if (record->type == among->type &&
		    (record->type != KNOT_RRTYPE_NS || probe_is_name(record)) &&
		    knot_dname_is_case_equal(record->owner, among->owner)) {
			return record;
		}
	}
	return NULL;
}

static bool has(const among_t *among, const caaudit_record_t *wanted)
{
	size_t pos = 0;
	const caaudit_record_t *record;
	while ((record = next(among, &pos)) != NULL) {
		if (record->rdlen == wanted->rdlen &&
		    memcmp(record->rdata, wanted->rdata, wanted->rdlen) == 0) {
			return true;
		}
	}
	return false;
}

/*! Is each record of the one among the other? */
static bool is_within(const among_t *a, const among_t *b)
{
	size_t pos = 0;
	const caaudit_record_t *record;
	while ((record = next(a, &pos)) != NULL) {
		if (!has(b, record)) {
			return false;
		}
	}
	return true;
}

static void list(const among_t *among, char *out)
{
	size_t pos = 0, len = strlen(out);
	const caaudit_record_t *record;
	while ((record = next(among, &pos)) != NULL && len < LIST_MAX) {
		char text[KNOT_DNAME_TXT_MAXLEN + 1];
		if (!probe_rdata_text(record->type, record->rdata, record->rdlen, text,
		                      sizeof(text))) {
			continue;
		}
		int added = snprintf(out + len, LIST_MAX - len, "%s%s", len > 0 ? ", " : "", text);
		len += added > 0 ? (size_t)added : 0;
	}
}

/*! Records of an answer from one on; it may have none. */
static const caaudit_record_t *from(const probe_answer_t *answer, size_t first)
{
	return answer->record != NULL ? answer->record + first : NULL;
}

static among_t delegated(const probe_zone_t *zone, const probe_delegation_t *delegation)
{
	const probe_answer_t *answer = &delegation->referral;
	return (among_t){ from(answer, answer->answer_count),
		          answer->record_count - answer->answer_count, zone->zone, KNOT_RRTYPE_NS };
}

/*! What the reference server says; NULL if none says it. */
static const probe_answer_t *reference(const probe_zone_t *zone, const probe_result_t *result,
                                       const knot_dname_t *name, uint16_t type)
{
	size_t i = probe_zone_find(zone, name, type, false);
	if (i == zone->question_count || result->reference[i] == zone->column_count) {
		return NULL;
	}
	return &zone->column[result->reference[i]].answer[i];
}

int probe_delegation_ask(probe_zone_t *zone, const probe_delegation_t *delegation)
{
	const among_t servers = delegated(zone, delegation);
	const caaudit_record_t *ns;
	int ret = KNOT_EOK;
	size_t pos = 0;
	while (delegation->shown && ret == KNOT_EOK && (ns = next(&servers, &pos)) != NULL) {
		if (knot_dname_in_bailiwick(ns->rdata, zone->zone) >= 0) {
			ret = probe_zone_ask(zone, ns->rdata, KNOT_RRTYPE_A, false, PROBE_FOR_GLUE);
			ret = ret == KNOT_EOK ? probe_zone_ask(zone, ns->rdata, KNOT_RRTYPE_AAAA,
			                                       false, PROBE_FOR_GLUE) :
			                        ret;
		}
	}
	return ret;
}

static int compare_servers(const probe_zone_t *zone, const probe_delegation_t *delegation,
                           probe_result_t *out)
{
	const probe_answer_t *answer = reference(zone, out, zone->zone, KNOT_RRTYPE_NS);
	const among_t parent = delegated(zone, delegation);
	if (answer == NULL || answer->said != PROBE_SAID_DATA) {
		return KNOT_EOK;
	}
	const among_t child = { answer->record, answer->answer_count, zone->zone, KNOT_RRTYPE_NS };
	char above[LIST_MAX] = "", below[LIST_MAX] = "", text[TEXT_MAX];
	if (is_within(&parent, &child) && is_within(&child, &parent)) {
		return KNOT_EOK;
	}
	list(&parent, above);
	list(&child, below);
	(void)snprintf(text, sizeof(text), "the parent (%s) names %s, the zone itself %s.",
	               delegation->server->label, above, below);
	return probe_result_add(out, CAAUDIT_PROBE_DELEGATION_DIFFERS, CAAUDIT_WARNING, zone->zone,
	                        text) ?
	               KNOT_EOK :
	               KNOT_ENOMEM;
}

/*! The addresses that a server of the zone has there; false if it is not known. */
static bool find_addresses(const probe_zone_t *zone, const probe_result_t *result,
                           const knot_dname_t *name, uint16_t type, among_t *out)
{
	const probe_answer_t *answer = reference(zone, result, name, type);
	if (answer == NULL || answer->target != NULL ||
	    (answer->said != PROBE_SAID_DATA && answer->said != PROBE_SAID_NODATA &&
	     answer->said != PROBE_SAID_NXDOMAIN)) {
		return false;
	}
	*out = (among_t){ answer->record, answer->answer_count, name, type };
	return true;
}

static int compare_glue(const probe_zone_t *zone, const probe_delegation_t *delegation,
                        const knot_dname_t *name, probe_result_t *out)
{
	static const uint16_t types[] = { KNOT_RRTYPE_A, KNOT_RRTYPE_AAAA };
	const probe_answer_t *referral = &delegation->referral;
	char above[LIST_MAX] = "", below[LIST_MAX] = "", text[TEXT_MAX];
	bool wrong = false;
	for (size_t i = 0; i < 2; i++) {
		const among_t glue = { from(referral, referral->record_count), referral->glue_count,
			               name, types[i] };
		among_t own;
		if (!find_addresses(zone, out, name, types[i], &own)) {
			return KNOT_EOK;
		}
		// A referral may lack addresses for want of room, but not all of one kind (RFC 9471).
		wrong = wrong || !is_within(&glue, &own) || !is_within(&own, &glue);
		list(&glue, above);
		list(&own, below);
	}
	if (!wrong) {
		return KNOT_EOK;
	}
	(void)snprintf(text, sizeof(text),
	               "the parent (%s) has %s for this name server, the zone %s.",
	               delegation->server->label, *above != '\0' ? above : "no address",
	               *below != '\0' ? below : "none");
	return probe_result_add(out, CAAUDIT_PROBE_GLUE_WRONG, CAAUDIT_WARNING, name, text) ?
	               KNOT_EOK :
	               KNOT_ENOMEM;
}

int probe_compare_delegation(const probe_zone_t *zone, const probe_delegation_t *delegation,
                             probe_result_t *out)
{
	if (!delegation->shown) {
		return KNOT_EOK;
	}
	const among_t servers = delegated(zone, delegation);
	const caaudit_record_t *ns;
	size_t pos = 0;
	int ret = compare_servers(zone, delegation, out);
	while (ret == KNOT_EOK && (ns = next(&servers, &pos)) != NULL) {
		if (knot_dname_in_bailiwick(ns->rdata, zone->zone) >= 0) {
			ret = compare_glue(zone, delegation, ns->rdata, out);
		}
	}
	return ret;
}
