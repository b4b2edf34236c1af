/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief From answers to the records of a view, and from a view to answers.
 */

#include <stdlib.h>
#include <string.h>

#include <libknot/codes.h>
#include <libknot/descriptor.h>
#include <libknot/errcode.h>
#include <libknot/rrtype/rrsig.h>
#include <libknot/rrtype/soa.h>
#include <libknot/wire.h>

#include "denial.h"
#include "engine/array.h"
#include "engine/proofs.h"
#include "probe.h"

/* --- To a view ----------------------------------------------------------------------------- */

/*! Labels of the name that was signed, of a record that came with a signature; else -1. */
static int signed_labels(const probe_answer_t *answer, const caaudit_record_t *record)
{
	uint16_t type = record->type;
	if (type == KNOT_RRTYPE_RRSIG) {
		return record->rdlen > RRSIG_FIXED ? record->rdata[3] : -1;
	}
	for (size_t i = 0; i < answer->answer_count; i++) {
		const caaudit_record_t *sig = &answer->record[i];
		if (sig->type == KNOT_RRTYPE_RRSIG && sig->rdlen > RRSIG_FIXED &&
		    knot_wire_read_u16(sig->rdata) == type &&
		    knot_dname_is_equal(sig->owner, record->owner)) {
			return sig->rdata[3];
		}
	}
	return -1;
}

/*!
 * \brief Finds where a record stands in the zone.
 *
 * A wildcard's record comes with the name asked for; its signature tells of how many labels the
 * wildcard is (RFC 4035 section 5.3.4).
 */
static const knot_dname_t *stands_at(const probe_answer_t *answer, const caaudit_record_t *record,
                                     knot_dname_storage_t wildcard)
{
	int labels = signed_labels(answer, record);
	size_t all = knot_dname_labels(record->owner, NULL);
	bool literal = *record->owner == 1 && record->owner[1] == '*';
	if (labels < 0 || (size_t)labels + literal >= all) {
		return record->owner;
	}
	const knot_dname_t *above = record->owner;
	for (; all > (size_t)labels; all--) {
		above = probe_name_above(above);
	}
	size_t size = knot_dname_size(above);
	if (size + 2 > KNOT_DNAME_MAXLEN) {
		return record->owner;
	}
	memcpy(wildcard, "\1*", 2);
	memcpy(wildcard + 2, above, size);
	return wildcard;
}

/*! The parameters of the chain stand in each of its records, and nobody asks for NSEC3PARAM. */
static int fill_parameters(const probe_zone_t *zone, const caaudit_record_t *nsec3,
                           caaudit_view_t *view)
{
	if (nsec3->rdlen < NSEC3_FIXED || nsec3->rdlen < NSEC3_FIXED + nsec3->rdata[4]) {
		return KNOT_EOK;
	}
	uint8_t rdata[NSEC3_FIXED + UINT8_MAX];
	size_t size = NSEC3_FIXED + nsec3->rdata[4];
	memcpy(rdata, nsec3->rdata, size);
	rdata[1] = 0; // Opt-out is a flag of NSEC3 alone (RFC 5155 section 4.1.2).
	const caaudit_record_t record = {
		.owner = zone->zone,
		.rdata = rdata,
		.ttl = nsec3->ttl,
		.type = KNOT_RRTYPE_NSEC3PARAM,
		.rdlen = size,
	};
	return caaudit_view_add(view, &record);
}

/*! Names at which zones begin that the answers show to be below. */
typedef struct {
	const knot_dname_t **name;
	size_t count;
} cuts_t;

static bool is_cut_off(const cuts_t *cuts, const knot_dname_t *name)
{
	for (size_t i = 0; i < cuts->count; i++) {
		if (knot_dname_in_bailiwick(name, cuts->name[i]) >= 0) {
			return true;
		}
	}
	return false;
}

/*!
 * \brief Collects the cuts, and puts an NS record at each.
 *
 * A server that has the zone below as well answers from there, without a referral.
 */
static int fill_cuts(const probe_zone_t *zone, const probe_column_t *column, cuts_t *cuts,
                     caaudit_view_t *view)
{
	static const knot_dname_t root[] = "";
	int ret = KNOT_EOK;
	for (size_t i = 0; ret == KNOT_EOK && i < zone->question_count; i++) {
		const probe_answer_t *answer = &column->answer[i];
		bool below = answer->outcome == PROBE_ANSWERED &&
		             answer->said == PROBE_SAID_REFERRAL;
		for (size_t j = 0; below && ret == KNOT_EOK && j < answer->record_count; j++) {
			const knot_dname_t *cut = denial_cut(zone->zone, answer,
			                                     &answer->record[j]);
			if (cut == NULL || is_cut_off(cuts, cut)) {
				continue;
			}
			const knot_dname_t **slot = array_extend(&cuts->name, &cuts->count,
			                                         sizeof(*slot));
			if (slot == NULL) {
				return KNOT_ENOMEM;
			}
			*slot = cut;
			const caaudit_record_t ns = {
				.owner = cut, .rdata = root, .type = KNOT_RRTYPE_NS, .rdlen = 1
			};
			ret = caaudit_view_add(view, &ns);
		}
	}
	return ret;
}

/*! Did the zone below answer, and not the parent refer to it? */
static bool is_of_child(const probe_zone_t *zone, const probe_answer_t *answer)
{
	for (size_t i = answer->answer_count; i < answer->record_count; i++) {
		if (answer->record[i].type == KNOT_RRTYPE_SOA &&
		    knot_dname_in_bailiwick(answer->record[i].owner, zone->zone) > 0) {
			return true;
		}
	}
	// RFC 1034 section 4.3.2: a referral is not authoritative, but for the alias before it.
	return answer->said == PROBE_SAID_REFERRAL && answer->aa && answer->target == NULL;
}

/*! Does a record belong into the view? */
static bool is_filled(const cuts_t *cuts, const probe_question_t *question,
                      const caaudit_record_t *record, bool answer, bool child)
{
	uint16_t type = record->type == KNOT_RRTYPE_RRSIG && record->rdlen > RRSIG_FIXED ?
	                        knot_wire_read_u16(record->rdata) :
	                        record->type;
	if (type == KNOT_RRTYPE_SOA) {
		// One SOA record makes a zone: that of the question for it.
		return answer && question->type == KNOT_RRTYPE_SOA;
	}
	// DS is the parent's, although it stands at the name of the child (RFC 4035 section 2.4).
	return answer ? type == KNOT_RRTYPE_DS || !is_cut_off(cuts, record->owner) : !child;
}

static int fill_answer(const probe_zone_t *zone, const cuts_t *cuts,
                       const probe_question_t *question, const probe_answer_t *answer,
                       bool *parameters, caaudit_view_t *view)
{
	int ret = KNOT_EOK;
	bool child = is_of_child(zone, answer);
	for (size_t i = 0; ret == KNOT_EOK && i < answer->record_count; i++) {
		const caaudit_record_t *record = &answer->record[i];
		bool section = i < answer->answer_count;
		if (!is_filled(cuts, question, record, section, child)) {
			continue;
		}
		knot_dname_storage_t wildcard;
		caaudit_record_t placed = *record;
		placed.owner = section ? stands_at(answer, record, wildcard) : record->owner;
		ret = caaudit_view_add(view, &placed);
		if (ret == KNOT_EOK && record->type == KNOT_RRTYPE_NSEC3 && !*parameters) {
			*parameters = true;
			ret = fill_parameters(zone, record, view);
		}
	}
	if (ret == KNOT_EOK && answer->said == PROBE_SAID_NODATA) {
		const knot_dname_t *name = answer->target != NULL ? answer->target : question->name;
		knot_dname_storage_t wildcard;
		const caaudit_record_t exists = {
			.owner = denial_place(zone->zone, answer, name, wildcard),
			.type = KNOT_RRTYPE_NULL,
		};
		ret = caaudit_view_add(view, &exists);
	}
	return ret;
}

int probe_fill(const probe_zone_t *zone, const probe_column_t *column, caaudit_view_t *view)
{
	cuts_t cuts = { 0 };
	bool parameters = false;
	int ret = fill_cuts(zone, column, &cuts, view);
	for (size_t i = 0; ret == KNOT_EOK && i < zone->question_count; i++) {
		const probe_answer_t *answer = &column->answer[i];
		if (answer->outcome == PROBE_ANSWERED && i != PROBE_ROW_TCP) {
			ret = fill_answer(zone, &cuts, &zone->question[i], answer, &parameters,
			                  view);
		}
	}
	free(cuts.name);
	return ret;
}

/* --- From a view --------------------------------------------------------------------------- */

/*! Records of an answer that is put together. */
typedef struct {
	caaudit_record_t *record;
	size_t count;
	size_t room;
} gathered_t;

static bool gather(gathered_t *gathered, caaudit_rrset_t set, const knot_dname_t *owner)
{
	if (!array_reserve(&gathered->record, &gathered->room, gathered->count + set.count,
	                   sizeof(*gathered->record))) {
		return false;
	}
	for (size_t i = 0; i < set.count; i++) {
		gathered->record[gathered->count] = *set.record[i];
		gathered->record[gathered->count++].owner = owner;
	}
	return true;
}

static bool is_kept(const probe_question_t *question, const caaudit_lookup_t *lookup)
{
	switch (question->type) {
	case KNOT_RRTYPE_SOA:
	case KNOT_RRTYPE_NS:
	case KNOT_RRTYPE_CAA:
	case KNOT_RRTYPE_CNAME:
		return true;
	case KNOT_RRTYPE_DNSKEY:
		// A zone that the server signs has its keys there alone.
		return lookup->answer == CAAUDIT_ANSWER;
	case KNOT_RRTYPE_TXT:
		return *question->name > 0 && question->name[1] == '_';
	default:
		return false;
	}
}

static void say(probe_answer_t *answer, const caaudit_lookup_t *lookup)
{
	answer->outcome = PROBE_ANSWERED;
	answer->aa = true;
	switch (lookup->answer) {
	case CAAUDIT_ANSWER:
		answer->said = PROBE_SAID_DATA;
		return;
	case CAAUDIT_NODATA:
		answer->said = PROBE_SAID_NODATA;
		return;
	case CAAUDIT_NXDOMAIN:
		answer->said = PROBE_SAID_NXDOMAIN;
		answer->rcode = KNOT_RCODE_NXDOMAIN;
		return;
	case CAAUDIT_OUTSIDE:
		answer->said = PROBE_SAID_ALIAS;
		return;
	case CAAUDIT_DELEGATED:
		answer->said = PROBE_SAID_REFERRAL;
		return;
	default:
		// What servers make of a loop, or of a name that is too long, differs.
		answer->outcome = PROBE_UNASKED;
		return;
	}
}

/*! Makes the CNAME record that a server puts together from a DNAME (RFC 6672 section 3.1). */
static caaudit_record_t made_cname(const knot_dname_t *owner, const knot_dname_t *target)
{
	return (caaudit_record_t){
		.owner = owner,
		.rdata = target,
		.type = KNOT_RRTYPE_CNAME,
		.rdlen = knot_dname_size(target),
	};
}

static int answer_one(const caaudit_view_t *view, const probe_question_t *question,
                      probe_answer_t *out)
{
	knot_dname_storage_t name[CAAUDIT_ALIASES_MAX + 1];
	gathered_t gathered = { 0 };
	caaudit_lookup_t lookup;
	size_t aliases = 0;
	bool ok = true;
	memcpy(name[0], question->name, knot_dname_size(question->name));
	while (true) {
		const knot_dname_t *at = name[aliases];
		caaudit_view_lookup(view, at, question->type, &lookup);
		bool alias = lookup.answer == CAAUDIT_CNAME || lookup.answer == CAAUDIT_DNAME;
		bool made = lookup.answer == CAAUDIT_DNAME && question->type == KNOT_RRTYPE_CNAME;
		if (lookup.answer == CAAUDIT_ANSWER || alias) {
			bool dname = lookup.answer == CAAUDIT_DNAME;
			ok = ok && gather(&gathered, lookup.rrset, dname ? lookup.source : at);
		}
		if (!alias || aliases == CAAUDIT_ALIASES_MAX) {
			break;
		}
		memcpy(name[aliases + 1], lookup.target, knot_dname_size(lookup.target));
		if (lookup.answer == CAAUDIT_DNAME) {
			const caaudit_record_t cname = made_cname(at, name[aliases + 1]);
			const caaudit_record_t *one = &cname;
			ok = ok && gather(&gathered, (caaudit_rrset_t){ &one, 1 }, at);
		}
		if (made) {
			lookup.answer = CAAUDIT_ANSWER;
			break;
		}
		aliases++;
	}
	int ret = ok ? KNOT_EOK : KNOT_ENOMEM;
	if (ok && is_kept(question, &lookup)) {
		say(out, &lookup);
		ret = probe_answer_set(out, gathered.record, gathered.count, gathered.count,
		                       aliases > 0 ? name[aliases] : NULL);
	}
	free(gathered.record);
	return ret;
}

int probe_answer_from(const probe_zone_t *zone, probe_column_t *column, const caaudit_view_t *view)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; ret == KNOT_EOK && i < zone->question_count; i++) {
		if (!zone->question[i].tcp) {
			ret = answer_one(view, &zone->question[i], &column->answer[i]);
		}
	}
	probe_answer_t *soa = &column->answer[PROBE_ROW_SOA];
	soa->has_serial = column->has_serial = true;
	soa->serial = column->serial = column->serial_max = caaudit_view_serial(view);
	column->state = PROBE_COLUMN_GOOD;
	return ret;
}
