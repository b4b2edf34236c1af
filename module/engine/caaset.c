/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Sums up CAA RRsets for checks and synthesis. */

#include <libknot/errcode.h>

#include "caaudit/audit.h"
#include "caaset.h"
#include "names.h"

/*! Issuers, and octets of each, that a message names before it says how many more there are. */
#define NAMED_MAX  3
#define OCTETS_MAX 64

bool caaset_property(const caaudit_record_t *record, caaudit_caa_t *caa, caaudit_tag_t *tag)
{
	if (caaudit_caa_parse(record->rdata, record->rdlen, caa) != KNOT_EOK) {
		return false;
	}
	*tag = caaudit_caa_tag(caa->tag, caa->tag_len);
	return true;
}

bool caaset_issue(const caaudit_record_t *record, caaudit_tag_t tag, caaudit_issue_t *issue)
{
	caaudit_caa_t caa;
	caaudit_tag_t has;
	return caaset_property(record, &caa, &has) && has == tag &&
	       caaudit_issue_parse(caa.value, caa.value_len, issue, NULL) == KNOT_EOK;
}

bool caaset_issue_either(const caaudit_record_t *record, caaudit_issue_t *issue)
{
	return caaset_issue(record, CAAUDIT_TAG_ISSUE, issue) ||
	       caaset_issue(record, CAAUDIT_TAG_ISSUEWILD, issue);
}

bool caaset_issue_for(const caaudit_record_t *record, caaudit_tag_t tag, const caaudit_ca_t *ca,
                      caaudit_issue_t *issue)
{
	return caaset_issue(record, tag, issue) &&
	       caaudit_ca_accepts(ca, issue->issuer, issue->issuer_len);
}

bool caaset_means_nobody(const uint8_t *octets, size_t len)
{
	static const char *const words[] = { "none",  "nobody", "null", "deny", "no",
		                             "no-ca", "false",  "n/a",  ".",    "-" };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (octets_equal_str(octets, len, words[i])) {
			return true;
		}
	}
	return false;
}

/*! Does a value deny on purpose: ";", or a word that can mean nothing else? If not, is it malformed? */
static bool denies(const caaudit_caa_t *caa, bool *malformed)
{
	caaudit_issue_t issue;
	*malformed = caaudit_issue_parse(caa->value, caa->value_len, &issue, NULL) != KNOT_EOK;
	if (*malformed) {
		return caaset_means_nobody(caa->value, caa->value_len);
	}
	return issue.issuer_len == 0 || caaset_means_nobody(issue.issuer, issue.issuer_len);
}

bool caaset_denies(const caaudit_record_t *record, caaudit_tag_t tag)
{
	caaudit_caa_t caa;
	caaudit_tag_t has;
	bool malformed;
	return caaset_property(record, &caa, &has) && has == tag && denies(&caa, &malformed);
}

caaset_tag_t caaset_tag(caaudit_rrset_t rrset, caaudit_tag_t tag)
{
	caaset_tag_t sum = { false };
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_caa_t caa;
		caaudit_tag_t has;
		bool malformed;
		if (!caaset_property(rrset.record[i], &caa, &has) || has != tag) {
			continue;
		}
		sum.any = true;
		bool nobody = denies(&caa, &malformed);
		*(nobody ? &sum.nobody : malformed ? &sum.malformed : &sum.somebody) = true;
	}
	return sum;
}

bool caaset_names(caaudit_rrset_t rrset, caaudit_tag_t tag, const caaudit_ca_t *ca)
{
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_issue_t issue;
		if (caaset_issue_for(rrset.record[i], tag, ca, &issue)) {
			return true;
		}
	}
	return false;
}

bool caaset_is_locked(caaudit_rrset_t rrset)
{
	const caaset_tag_t issue = caaset_tag(rrset, CAAUDIT_TAG_ISSUE);
	const caaset_tag_t wild = caaset_tag(rrset, CAAUDIT_TAG_ISSUEWILD);
	return issue.nobody && !issue.somebody && !issue.malformed && !wild.somebody &&
	       !wild.malformed;
}

bool caaset_is_refused(const caaudit_decision_t *decision)
{
	if (decision->reason != CAAUDIT_REASON_MALFORMED &&
	    decision->reason != CAAUDIT_REASON_NOT_LISTED) {
		return decision->reason == CAAUDIT_REASON_NOBODY;
	}
	caaset_tag_t tag = caaset_tag(decision->rrset, caaset_deciding_tag(decision));
	return tag.nobody && !tag.somebody;
}

bool caaset_is_refused_by_word(const caaudit_decision_t *decision)
{
	bool empty = false;
	for (size_t i = 0; i < decision->rrset.count; i++) {
		caaudit_issue_t issue;
		empty = empty || (caaset_issue(decision->rrset.record[i],
		                               caaset_deciding_tag(decision), &issue) &&
		                  issue.issuer_len == 0);
	}
	return !empty && caaset_is_refused(decision);
}

bool caaset_is_wildcard_refused(const caaudit_decision_t *decision)
{
	return decision->by_issuewild && caaset_is_refused(decision) &&
	       !caaset_tag(decision->rrset, CAAUDIT_TAG_ISSUEWILD).malformed;
}

bool caaset_is_issue_like(caaudit_tag_t tag)
{
	return tag == CAAUDIT_TAG_ISSUE || tag == CAAUDIT_TAG_ISSUEWILD ||
	       tag == CAAUDIT_TAG_ISSUEMAIL || tag == CAAUDIT_TAG_ISSUEVMC;
}

void caaset_add_issuers(text_t *text, caaudit_rrset_t rrset, caaudit_tag_t tag)
{
	unsigned count = 0;
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_issue_t issue;
		if (!caaset_issue(rrset.record[i], tag, &issue) || issue.issuer_len == 0) {
			continue;
		}
		bool said = false;
		for (size_t j = 0; j < i && i < CAASET_PAIRS_MAX && !said; j++) {
			caaudit_issue_t other;
			said = caaset_issue(rrset.record[j], tag, &other) &&
			       octets_equal(issue.issuer, issue.issuer_len, other.issuer,
			                    other.issuer_len);
		}
		if (!said && count++ < NAMED_MAX) {
			text_add(text, count == 1 ? "only " : ", ");
			text_octets_max(text, issue.issuer, issue.issuer_len, OCTETS_MAX);
		}
	}
	if (count == 0) {
		text_add(text, "nobody");
	} else if (count > NAMED_MAX) {
		text_add(text, " and %u more", count - NAMED_MAX);
	}
}
