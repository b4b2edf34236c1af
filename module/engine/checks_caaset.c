/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Checks of each CAA RRset as a whole, and of where it stands. */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "checks.h"
#include "caaset.h"
#include "hash.h"
#include "known.h"
#include "names.h"
#include "view.h"

/*! A CA must have issued within that time of its look-up: BR 4.2.2.1. */
#define TTL_MAX (8 * 3600)
/*! Largest answer that crosses every path over UDP (DNS flag day 2020; RFC 9715 tells what larger ones meet). */
#define ANSWER_MAX 1232

/*! Well-formed value of an issue-like property. */
static bool get_issue(const caaudit_caa_t *caa, caaudit_issue_t *issue)
{
	return caaudit_issue_parse(caa->value, caa->value_len, issue, NULL) == KNOT_EOK;
}

static void check_contradiction(audit_t *audit, caaudit_rrset_t rrset, caaudit_tag_t tag)
{
	const caaset_tag_t sum = caaset_tag(rrset, tag);
	if (!sum.nobody || !sum.somebody) {
		return;
	}
	text_t issuers = TEXT_EMPTY;
	caaset_add_issuers(&issuers, rrset, tag);
	audit->failed = audit->failed || issuers.failed;
	for (size_t i = 0; !audit->failed && i < rrset.count; i++) {
		caaudit_issue_t issue;
		if (!caaset_issue(rrset.record[i], tag, &issue) || issue.issuer_len > 0) {
			continue;
		}
		draft_t *draft = audit_draft_record(audit, CAAUDIT_CAA_POLICY_CONTRADICTORY,
		                                    rrset.record[i]);
		text_add(&draft->what,
		         "%s \";\" takes nothing away from the issuers beside it, CAA names %s",
		         caaset_tag_name(tag), issuers.str);
		audit_report(audit);
	}
	text_free(&issuers);
}

/*! Do two values mean the same? White space and the case of the issuer do not matter. */
static bool same_issue(caaudit_issue_t a, caaudit_issue_t b)
{
	if (!octets_equal(a.issuer, a.issuer_len, b.issuer, b.issuer_len)) {
		return false;
	}
	caaudit_param_t x, y;
	while (true) {
		bool more = caaudit_issue_next(&a, &x);
		if (caaudit_issue_next(&b, &y) != more) {
			return false;
		} else if (!more) {
			return true;
		} else if (!octets_equal(x.tag, x.tag_len, y.tag, y.tag_len) ||
		           x.value_len != y.value_len ||
		           memcmp(x.value, y.value, x.value_len) != 0) {
			return false;
		}
	}
}

static bool same_property(const caaudit_record_t *a, const caaudit_record_t *b)
{
	caaudit_caa_t x, y;
	caaudit_tag_t x_tag, y_tag;
	caaudit_issue_t x_issue, y_issue;
	if (!caaset_property(a, &x, &x_tag) || !caaset_property(b, &y, &y_tag) ||
	    !octets_equal(x.tag, x.tag_len, y.tag, y.tag_len)) {
		return false;
	}
	if (caaset_is_issue_like(x_tag)) {
		return get_issue(&x, &x_issue) && get_issue(&y, &y_issue) &&
		       same_issue(x_issue, y_issue);
	}
	return x.value_len == y.value_len && memcmp(x.value, y.value, x.value_len) == 0;
}

/*! Hashes what same_property() compares, so that few pairs are. */
static uint64_t hash_property(const caaudit_record_t *record)
{
	caaudit_caa_t caa;
	caaudit_tag_t tag;
	caaudit_issue_t issue;
	caaudit_param_t param;
	if (!caaset_property(record, &caa, &tag)) {
		return 0;
	} else if (!caaset_is_issue_like(tag)) {
		return hash_octets(HASH_SEED, caa.value, caa.value_len);
	} else if (!get_issue(&caa, &issue)) {
		return 0;
	}
	uint64_t hash = hash_lower(HASH_SEED + tag, issue.issuer, issue.issuer_len);
	while (caaudit_issue_next(&issue, &param)) {
		hash = hash_octets(hash, param.value, param.value_len);
	}
	return hash;
}

/*! Has an issuer or the tag of a parameter capital letters? Then another finding changes the record. */
static bool has_capitals(const caaudit_record_t *record)
{
	caaudit_caa_t caa;
	caaudit_tag_t tag;
	caaudit_issue_t issue;
	caaudit_param_t param;
	if (!caaset_property(record, &caa, &tag) || !caaset_is_issue_like(tag) ||
	    !get_issue(&caa, &issue)) {
		return false;
	}
	bool capitals = !octets_are_lower(issue.issuer, issue.issuer_len);
	while (caaudit_issue_next(&issue, &param)) {
		capitals = capitals || !octets_are_lower(param.tag, param.tag_len);
	}
	return capitals;
}

/*!
 * \brief Finds the record that one says the same as: of two spellings the one stays that no other
 *        finding changes, else the first.
 *
 * \return Its number, or that of the records if there is none.
 */
static size_t find_same(caaudit_rrset_t rrset, const uint64_t *hash, size_t count, size_t nth)
{
	bool capitals = has_capitals(rrset.record[nth]);
	size_t i = 0;
	while (i < count && (i == nth || hash[i] != hash[nth] ||
	                     !same_property(rrset.record[i], rrset.record[nth]) ||
	                     (capitals == has_capitals(rrset.record[i]) ? i > nth : !capitals))) {
		i++;
	}
	return i;
}

static void check_redundant(audit_t *audit, caaudit_rrset_t rrset)
{
	uint64_t hash[CAASET_PAIRS_MAX];
	size_t count = rrset.count < CAASET_PAIRS_MAX ? rrset.count : CAASET_PAIRS_MAX;
	for (size_t i = 0; i < count; i++) {
		hash[i] = hash_property(rrset.record[i]);
	}
	for (size_t i = 0; i < count; i++) {
		size_t same = find_same(rrset, hash, count, i);
		if (same < count) {
			draft_t *draft = audit_draft_record(audit, CAAUDIT_CAA_POLICY_REDUNDANT,
			                                    rrset.record[i]);
			text_add(&draft->what, "says the same as ");
			text_caa(&draft->what, rrset.record[same]);
			audit_report(audit);
		}
	}
}

/*! A wanted CA that the next RRset above permits, and this one drops without naming it. */
static void check_overridden(audit_t *audit, caaudit_rrset_t rrset, const caaudit_ca_t *ca)
{
	const knot_dname_t *owner = rrset.record[0]->owner;
	const knot_dname_t *zone = caaudit_view_zone(audit->view);
	if (name_is_wildcard(owner) || knot_dname_is_equal(owner, zone) || ca->meant != NULL ||
	    (ca->product != NULL && known_is_hearsay(ca->product))) {
		return;
	}
	for (size_t i = 0; i < audit->verdict_count; i++) {
		if (audit->verdict[i].is.permit == CAAUDIT_DENIED &&
		    audit->verdict[i].ca == ca->name && audit->verdict[i].is.decided_by == owner) {
			return; // Said already, and graver.
		}
	}

	caaudit_decision_t here;
	caaudit_verdict_t above;
	caaudit_evaluate(rrset, audit->policy, false, ca, &here);
	if (here.permit != CAAUDIT_DENIED || here.reason != CAAUDIT_REASON_NOT_LISTED ||
	    caaset_is_refused(&here)) {
		return; // ";" alone denies on purpose, and the rest has findings of its own.
	}
	caaudit_permit(audit->view, audit->policy, name_parent(owner), false, ca, &above);
	if (above.is.permit != CAAUDIT_PERMITTED || above.is.reason != CAAUDIT_REASON_LISTED) {
		return;
	}

	draft_t *draft = audit_draft(audit, CAAUDIT_CAA_ANCESTOR_OVERRIDDEN, owner);
	draft->ca = ca->name;
	text_add(&draft->what, "CAA here permits ");
	caaset_add_issuers(&draft->what, rrset, CAAUDIT_TAG_ISSUE);
	text_add(&draft->what, " and hides CAA at %s, which permits %s", NAME(above.is.decided_by),
	         ca->name);
	draft->optional = true;
	draft->advice = "or leave it if it is not meant to issue here";
	cure_above(audit, audit->policy, &here, ca, CAAUDIT_TAG_ISSUE);
	audit_report(audit);
}

/*! Does a slip keep a wanted CA out? The RRset would decide for a host if its owner were right. */
static bool locks_out(const audit_t *audit, caaudit_rrset_t rrset, const knot_dname_t *meant)
{
	for (size_t i = 0; i < audit->verdict_count; i++) {
		const caaudit_verdict_t *verdict = &audit->verdict[i];
		const caaudit_ca_t *ca = audit_ca_of(audit, verdict);
		if (verdict->is.permit == CAAUDIT_DENIED && name_in(verdict->host, meant) &&
		    (caaset_names(rrset, CAAUDIT_TAG_ISSUE, ca) ||
		     caaset_names(rrset, CAAUDIT_TAG_ISSUEWILD, ca))) {
			return true;
		}
	}
	return false;
}

/*! Is the record at another owner already? */
static bool stands_at(const audit_t *audit, const knot_dname_t *owner,
                      const caaudit_record_t *record)
{
	caaudit_rrset_t set = caaudit_view_rrset(audit->view, owner, KNOT_RRTYPE_CAA);
	for (size_t i = 0; i < set.count && i < CAASET_PAIRS_MAX; i++) {
		if (set.record[i]->rdlen == record->rdlen &&
		    memcmp(set.record[i]->rdata, record->rdata, record->rdlen) == 0) {
			return true;
		}
	}
	return false;
}

/*! The zone name was appended to an owner that had it already. */
static bool check_doubled(audit_t *audit, caaudit_rrset_t rrset)
{
	knot_dname_storage_t meant;
	if (!audit_is_doubled(audit, rrset.record[0]->owner, meant)) {
		return false;
	}
	bool locked = locks_out(audit, rrset, meant);
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_record_t record = *rrset.record[i];
		draft_t *draft = audit_draft_record(audit, CAAUDIT_CAA_OWNER_DOUBLED,
		                                    rrset.record[i]);
		if (locked) {
			draft->severity = CAAUDIT_ERROR;
		}
		text_add(&draft->what,
		         "the zone name stands twice in the owner, so that the record does not "
		         "govern %s",
		         NAME(meant));
		if (stands_at(audit, meant, &record)) {
			text_add(&draft->what, ", and what is meant is there already");
		} else {
			record.owner = meant;
			audit_right(audit, &record);
		}
		audit_report(audit);
	}
	return true;
}

/*! A name with a CNAME holds nothing else. */
static bool check_alone(audit_t *audit, caaudit_rrset_t rrset)
{
	const knot_dname_t *owner = rrset.record[0]->owner;
	caaudit_rrset_t cname = caaudit_view_rrset(audit->view, owner, KNOT_RRTYPE_CNAME);
	if (cname.count == 0) {
		return true;
	}
	draft_t *draft = audit_draft_record(audit, CAAUDIT_CAA_BESIDE_CNAME, rrset.record[0]);
	text_add(&draft->what,
	         "CAA stands beside the CNAME to %s, where nothing else may stand: the server may "
	         "refuse the zone, and no CA sees the record",
	         NAME(cname.record[0]->rdata));
	for (size_t i = 1; i < rrset.count; i++) {
		audit_wrong(audit, rrset.record[i]);
	}
	audit_report(audit);
	return false;
}

static void check_outside(audit_t *audit)
{
	const caaudit_record_t *record;
	for (size_t i = 0; (record = view_outside(audit->view, i)) != NULL; i++) {
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_OWNER_OUTSIDE, record->owner);
		text_add(&draft->what,
		         "this name is not in the zone, the server leaves the record out: ");
		text_caa(&draft->what, record);
		audit_report(audit);
	}
}

/*! Can an RRset govern anything where it stands? */
static bool check_owner(audit_t *audit, caaudit_rrset_t rrset)
{
	const knot_dname_t *owner = rrset.record[0]->owner;
	if (!check_alone(audit, rrset) || check_doubled(audit, rrset)) {
		return false;
	}
	uint16_t type = 0;
	const knot_dname_t *hidden_by = caaudit_view_occluded(audit->view, owner, &type);
	if (hidden_by != NULL) {
		(void)audit_draft(audit, CAAUDIT_CAA_RECORD_OCCLUDED, owner);
		audit_add_hidden(audit, hidden_by);
		audit_report(audit);
	} else if (name_is_wildcard(owner)) {
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_OWNER_WILDCARD, owner);
		const caaudit_ca_t nobody = { .name = "" };
		caaudit_verdict_t above;
		caaudit_permit(audit->view, audit->policy, name_parent(owner), true, &nobody,
		               &above);
		text_add(&draft->what, "answers only for names that do not exist, a wildcard "
		                       "certificate is decided ");
		if (above.is.decided_by != NULL) {
			text_add(&draft->what, "by CAA at %s; issuewild belongs there",
			         NAME(above.is.decided_by));
		} else {
			text_add(&draft->what,
			         "from %s up, where no CAA is; an issuewild alone would free "
			         "plain names for every CA",
			         NAME(name_parent(owner)));
		}
		audit_report(audit);
	}
	return hidden_by == NULL;
}

static void check_size(audit_t *audit, caaudit_rrset_t rrset)
{
	const caaudit_record_t *first = rrset.record[0];
	// Header, question, OPT; each record with a compressed owner: RFC 1035 section 4.1.
	size_t size = 12 + knot_dname_size(first->owner) + 4 + 11;
	for (size_t i = 0; i < rrset.count; i++) {
		size += 12 + rrset.record[i]->rdlen;
	}
	if (size > ANSWER_MAX) {
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_ANSWER_LARGE, first->owner);
		text_add(&draft->what,
		         "an answer of %zu octets does not fit into %u, "
		         "so CAs must reach the server over TCP",
		         size, ANSWER_MAX);
		audit_report(audit);
	}
	if (first->ttl > TTL_MAX) {
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_TTL_LONG, first->owner);
		text_add(&draft->what,
		         "TTL %u is longer than 8 hours, so long may a CA refuse by the old "
		         "CAA after a change; use 3600",
		         first->ttl);
		audit_report(audit);
	}
}

void check_policies(audit_t *audit)
{
	size_t pos = 0;
	caaudit_rrset_t rrset;
	while (audit_next(audit, KNOT_RRTYPE_CAA, &pos, &rrset)) {
		check_contradiction(audit, rrset, CAAUDIT_TAG_ISSUE);
		check_contradiction(audit, rrset, CAAUDIT_TAG_ISSUEWILD);
		check_redundant(audit, rrset);
		bool governs = check_owner(audit, rrset);
		for (size_t i = 0; governs && i < audit->policy->ca_count; i++) {
			check_overridden(audit, rrset, &audit->policy->ca[i]);
		}
		check_size(audit, rrset);
	}
	check_outside(audit);
}
