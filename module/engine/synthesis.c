/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Which properties an RRset lacks, so that the wanted CAs may issue. */

#include <string.h>

#include <libknot/errcode.h>

#include "caaudit/audit.h"
#include "caaudit/caa.h"
#include "caaudit/synthesis.h"
#include "caaset.h"
#include "names.h"

static const char tag_issue[] = "issue";
static const char tag_issuewild[] = "issuewild";
static const char account_param[] = "; accounturi=";

/*! The additions in the making. */
typedef struct {
	caaudit_added_t *out;
	size_t room;
	size_t count;
	bool full;
} list_t;

static void list_add(list_t *list, const caaudit_added_t *added)
{
	for (size_t i = 0; i < list->count; i++) {
		const caaudit_added_t *has = &list->out[i];
		if (has->wild == added->wild && has->account == added->account &&
		    has->value_len == added->value_len &&
		    memcmp(has->value, added->value, added->value_len) == 0) {
			return;
		}
	}
	if (list->count == list->room) {
		list->full = true;
		return;
	}
	list->out[list->count++] = *added;
}

static void add_ca(list_t *list, const caaudit_policy_t *policy, const caaudit_ca_t *ca, bool wild)
{
	caaudit_added_t added = {
		.value = (const uint8_t *)ca->name,
		.value_len = strlen(ca->name),
		.wild = wild,
	};
	// A parameter value has no ";": RFC 8659 section 4.2.
	if (policy->account_uri != NULL && strchr(policy->account_uri, ';') == NULL) {
		added.account = policy->account_uri;
	}
	list_add(list, &added);
}

/*! The first issuewild makes every issue ignored for wildcards (RFC 8659 section 4.3),
 *  so each issuer that issue permits gets one. */
static void add_companions(list_t *list, caaudit_rrset_t rrset)
{
	size_t added_count = list->count;
	for (size_t i = 0; i < added_count; i++) {
		caaudit_added_t added = list->out[i];
		added.wild = true;
		list_add(list, &added);
	}
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_caa_t caa;
		caaudit_tag_t tag;
		caaudit_issue_t issue;
		if (caaset_issue(rrset.record[i], CAAUDIT_TAG_ISSUE, &issue) &&
		    issue.issuer_len > 0 && caaset_property(rrset.record[i], &caa, &tag)) {
			list_add(list, &(caaudit_added_t){
					       .value = caa.value,
					       .value_len = caa.value_len,
					       .wild = true,
				       });
		}
	}
}

static bool denied(caaudit_rrset_t rrset, const caaudit_policy_t *policy, bool wildcard,
                   const caaudit_ca_t *ca)
{
	caaudit_decision_t verdict;
	caaudit_evaluate(rrset, policy, wildcard, ca, &verdict);
	return verdict.permit == CAAUDIT_DENIED;
}

/*! What no addition repairs. */
static caaudit_synthesis_t hopeless(caaudit_rrset_t rrset, const caaudit_policy_t *policy)
{
	caaudit_decision_t verdict;
	caaudit_evaluate(rrset, policy, false, &policy->ca[0], &verdict);
	switch (verdict.permit == CAAUDIT_DENIED ? verdict.reason : CAAUDIT_REASON_LISTED) {
	case CAAUDIT_REASON_CRITICAL:
		return CAAUDIT_SYNTHESIS_CRITICAL;
	case CAAUDIT_REASON_RDATA:
		return CAAUDIT_SYNTHESIS_UNDECODABLE;
	default:
		return CAAUDIT_SYNTHESIS_DONE;
	}
}

/*! May properties of a kind be added? */
static caaudit_synthesis_t may_add(caaset_tag_t kind, bool override_denial)
{
	return !kind.any                                         ? CAAUDIT_SYNTHESIS_UNRESTRICTED :
	       kind.nobody && !kind.somebody && !override_denial ? CAAUDIT_SYNTHESIS_DENIAL :
	                                                           CAAUDIT_SYNTHESIS_DONE;
}

size_t caaudit_synthesis_room(caaudit_rrset_t rrset, const caaudit_policy_t *policy)
{
	return rrset.count + 2 * policy->ca_count;
}

caaudit_synthesis_t caaudit_synthesize(caaudit_rrset_t rrset, const caaudit_policy_t *policy,
                                       bool override_denial, caaudit_added_t *out, size_t room,
                                       size_t *count)
{
	*count = 0;
	if (rrset.count == 0) {
		return CAAUDIT_SYNTHESIS_NO_CAA;
	} else if (policy->ca_count == 0) {
		return CAAUDIT_SYNTHESIS_PERMITTED;
	}
	caaudit_synthesis_t result = hopeless(rrset, policy);
	if (result != CAAUDIT_SYNTHESIS_DONE) {
		return result;
	}

	const caaset_tag_t issue = caaset_tag(rrset, CAAUDIT_TAG_ISSUE);
	const caaset_tag_t issuewild = caaset_tag(rrset, CAAUDIT_TAG_ISSUEWILD);
	const caaudit_synthesis_t may_issue = may_add(issue, override_denial);
	// The first issuewild takes over from issue, so that must be in force and open to change.
	const caaudit_synthesis_t may_wild = issuewild.any ? may_add(issuewild, override_denial) :
	                                                     may_issue;

	list_t list = { .out = out, .room = room };
	bool first_wild = false, missing = false;
	for (size_t i = 0; i < policy->ca_count; i++) {
		const caaudit_ca_t *ca = &policy->ca[i];
		if (denied(rrset, policy, false, ca) ||
		    (policy->strict && !caaset_names(rrset, CAAUDIT_TAG_ISSUE, ca))) {
			missing = true;
			if (may_issue == CAAUDIT_SYNTHESIS_DONE) {
				add_ca(&list, policy, ca, false);
			} else {
				result = may_issue;
			}
		}
		bool literal = policy->strict && !caaset_names(rrset, CAAUDIT_TAG_ISSUEWILD, ca);
		if (literal ||
		    (policy->wildcard && issuewild.any && denied(rrset, policy, true, ca))) {
			missing = true;
			if (may_wild != CAAUDIT_SYNTHESIS_DONE) {
				result = may_wild;
			} else if (issuewild.any) {
				add_ca(&list, policy, ca, true);
			} else {
				first_wild = true;
			}
		}
	}
	if (first_wild) {
		add_companions(&list, rrset);
	}

	if (list.full) {
		return CAAUDIT_SYNTHESIS_ROOM;
	}
	*count = list.count;
	return missing ? result : CAAUDIT_SYNTHESIS_PERMITTED;
}

static const char *tag_of(const caaudit_added_t *added)
{
	return added->wild ? tag_issuewild : tag_issue;
}

size_t caaudit_added_size(const caaudit_added_t *added)
{
	size_t size = 2 + strlen(tag_of(added)) + added->value_len;
	return added->account == NULL ? size :
	                                size + sizeof(account_param) - 1 + strlen(added->account);
}

void caaudit_added_write(const caaudit_added_t *added, uint8_t *out)
{
	const char *tag = tag_of(added);
	size_t tag_len = strlen(tag);
	*out++ = 0;
	*out++ = (uint8_t)tag_len;
	memcpy(out, tag, tag_len);
	out += tag_len;
	memcpy(out, added->value, added->value_len);
	out += added->value_len;
	if (added->account != NULL) {
		memcpy(out, account_param, sizeof(account_param) - 1);
		out += sizeof(account_param) - 1;
		memcpy(out, added->account, strlen(added->account));
	}
}

const char *caaudit_synthesis_text(caaudit_synthesis_t result)
{
	switch (result) {
	case CAAUDIT_SYNTHESIS_DONE:
		return "the missing properties are added";
	case CAAUDIT_SYNTHESIS_PERMITTED:
		return "nothing is missing";
	case CAAUDIT_SYNTHESIS_NO_CAA:
		return "there is no CAA, it restricts nobody";
	case CAAUDIT_SYNTHESIS_CRITICAL:
		return "no record repairs an unknown tag with flag 128";
	case CAAUDIT_SYNTHESIS_UNDECODABLE:
		return "no CA can decode the set";
	case CAAUDIT_SYNTHESIS_DENIAL:
		return "\";\" stands alone and denies on purpose";
	case CAAUDIT_SYNTHESIS_UNRESTRICTED:
		return "the property would be the first of its kind and shut others out";
	default:
		return "too many records";
	}
}
