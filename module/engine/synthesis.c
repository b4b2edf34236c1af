/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Which properties an RRset lacks, so that the wanted CAs may issue. */

#include <string.h>

#include <libknot/error.h>

#include "caaudit/audit.h"
#include "caaudit/caa.h"
#include "caaudit/synthesis.h"
#include "caaset.h"
#include "known.h"
#include "lift.h"
#include "names.h"
#include "pair.h"

static const char tag_issue[] = "issue";
static const char tag_issuewild[] = "issuewild";
static const char params_start[] = "; ";
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
		    has->value_len == added->value_len && has->params_len == added->params_len &&
		    memcmp(has->value, added->value, added->value_len) == 0 &&
		    (has->params_len == 0 ||
		     memcmp(has->params, added->params, added->params_len) == 0)) {
			return;
		}
	}
	if (list->count == list->room) {
		list->full = true;
		return;
	}
	list->out[list->count++] = *added;
}

/*! Makes the property for a CA; false if what the set has for wildcards, or else for plain names,
 *  binds the CA. */
static bool make_addition(caaudit_rrset_t rrset, const caaudit_policy_t *policy,
                          const caaudit_ca_t *ca, bool wild, caaudit_added_t *out)
{
	caaudit_issue_t like;
	bool free = pair_to_add(rrset, policy, wild ? CAAUDIT_TAG_ISSUEWILD : CAAUDIT_TAG_ISSUE, ca,
	                        &like);
	*out = (caaudit_added_t){
		.value = (const uint8_t *)ca->name,
		.value_len = strlen(ca->name),
		.wild = wild,
	};
	if (like.issuer != NULL) {
		// An account beside a name without would bind wildcards or plain names that are free.
		out->params = like.params;
		out->params_len = like.params_len;
	} else if (policy->account_uri != NULL && strchr(policy->account_uri, ';') == NULL) {
		out->account = policy->account_uri; // A parameter value has no ";".
	}
	return free;
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

/*! What no addition repairs, and what denies on purpose. */
static caaudit_synthesis_t obstacle(const caaudit_decision_t *decision, bool override_denial)
{
	if (caaset_is_refused(decision)) {
		return override_denial ? CAAUDIT_SYNTHESIS_DONE : CAAUDIT_SYNTHESIS_DENIAL;
	}
	switch (decision->reason) {
	case CAAUDIT_REASON_CRITICAL:
		return CAAUDIT_SYNTHESIS_CRITICAL;
	case CAAUDIT_REASON_RDATA:
		return CAAUDIT_SYNTHESIS_UNDECODABLE;
	case CAAUDIT_REASON_PARAMETERS:
		return override_denial ? CAAUDIT_SYNTHESIS_DONE : CAAUDIT_SYNTHESIS_BOUND;
	default:
		return CAAUDIT_SYNTHESIS_DONE;
	}
}

/*! Does a property of the set bind a CA so that a request is denied? */
static bool is_bound(caaudit_rrset_t rrset, const caaudit_policy_t *request, bool wild,
                     const caaudit_ca_t *ca)
{
	caaudit_decision_t is;
	caaudit_evaluate(rrset, request, wild, ca, &is);
	return is.reason == CAAUDIT_REASON_PARAMETERS ||
	       (is.reason == CAAUDIT_REASON_MALFORMED &&
	        pair_is_bound(rrset, caaset_deciding_tag(&is), ca));
}

/*! Would a property lift what binds the CA, or another one that accepts its name? */
static bool lifts_bound(caaudit_rrset_t rrset, const caaudit_policy_t *policy,
                        const caaudit_ca_t *ca, const caaudit_added_t *added)
{
	caaudit_policy_t request = *policy;
	request.account_uri = added->account != NULL ? added->account : LIFT_OTHER_ACCOUNT;
	request.method = LIFT_OTHER_METHOD;
	bool lifts = is_bound(rrset, &request, added->wild, ca);
	const caaudit_ca_info_t *other = NULL;
	while (!lifts && (other = known_ca_next(other, OCTETS(ca->name))) != NULL) {
		const caaudit_ca_t one = known_ca_of(other);
		lifts = is_bound(rrset, &request, added->wild, &one);
	}
	return lifts;
}

/*!
 * \brief Finds the property that lacks for a CA, for its plain or its wildcard names.
 *
 * \param[in]  rrset   CAA RRset.
 * \param[in]  policy  Policy.
 * \param[in]  ca      CA.
 * \param[in]  wild    issuewild, else issue.
 * \param[out] lacks   A property lacks.
 * \param[out] added   The property.
 *
 * \return CAAUDIT_SYNTHESIS_DONE if it may be added, else why not.
 */
static caaudit_synthesis_t find_lack(caaudit_rrset_t rrset, const caaudit_policy_t *policy,
                                     const caaudit_ca_t *ca, bool wild, bool *lacks,
                                     caaudit_added_t *added)
{
	caaudit_decision_t decision;
	caaudit_tag_t tag = wild ? CAAUDIT_TAG_ISSUEWILD : CAAUDIT_TAG_ISSUE;
	bool any = caaset_tag(rrset, tag).any;
	caaudit_evaluate(rrset, policy, wild, ca, &decision);
	// Without issuewild, issue decides for wildcards, and what permits plain names permits them.
	bool denied = decision.permit == CAAUDIT_DENIED && (!wild || any);
	bool pair = policy->strict && !caaset_names(rrset, tag, ca);
	if (wild && policy->wildcard == CAAUDIT_WILDCARD_AUTO && !policy->strict &&
	    caaset_is_wildcard_refused(&decision)) {
		denied = false; // No wildcard is wanted.
	}
	*lacks = denied || pair;
	if (!*lacks) {
		return CAAUDIT_SYNTHESIS_DONE;
	}
	bool bound = !make_addition(rrset, policy, ca, wild, added);
	if (decision.permit == CAAUDIT_DENIED) {
		caaudit_synthesis_t may = obstacle(&decision, policy->override_denial);
		bool lifts = !policy->override_denial &&
		             (bound || lifts_bound(rrset, policy, ca, added));
		return may == CAAUDIT_SYNTHESIS_DONE && lifts ? CAAUDIT_SYNTHESIS_BOUND : may;
	}
	// A first property of its kind shuts others out; of issuewild it comes with companions.
	bool in_force = any || (wild && caaset_tag(rrset, CAAUDIT_TAG_ISSUE).any);
	return in_force ? CAAUDIT_SYNTHESIS_DONE : CAAUDIT_SYNTHESIS_UNRESTRICTED;
}

bool caaudit_synthesis_is_unsure(const caaudit_ca_t *ca)
{
	return ca->meant != NULL || ca->product != NULL;
}

size_t caaudit_synthesis_room(caaudit_rrset_t rrset, const caaudit_policy_t *policy)
{
	return rrset.count + 2 * policy->ca_count;
}

caaudit_synthesis_t caaudit_synthesize(caaudit_rrset_t rrset, const caaudit_policy_t *policy,
                                       caaudit_added_t *out, size_t room, size_t *count)
{
	*count = 0;
	if (rrset.count == 0) {
		return CAAUDIT_SYNTHESIS_NO_CAA;
	} else if (policy->ca_count == 0) {
		return CAAUDIT_SYNTHESIS_PERMITTED;
	}
	caaudit_synthesis_t result = CAAUDIT_SYNTHESIS_PERMITTED;
	list_t list = { .out = out, .room = room };
	bool first_wild = false;
	for (size_t i = 0; i < policy->ca_count; i++) {
		const caaudit_ca_t *ca = &policy->ca[i];
		if (caaudit_synthesis_is_unsure(ca)) {
			caaudit_decision_t is;
			caaudit_evaluate(rrset, policy, false, ca, &is);
			result = is.permit == CAAUDIT_DENIED ? CAAUDIT_SYNTHESIS_UNSURE : result;
			continue;
		}
		for (int wild = 0;
		     wild <= (policy->wildcard != CAAUDIT_WILDCARD_OFF || policy->strict); wild++) {
			bool lacks;
			caaudit_added_t added;
			caaudit_synthesis_t may = find_lack(rrset, policy, ca, wild, &lacks,
			                                    &added);
			if (!lacks) {
				continue;
			} else if (may != CAAUDIT_SYNTHESIS_DONE) {
				result = may;
				continue;
			} else if (result == CAAUDIT_SYNTHESIS_PERMITTED) {
				result = CAAUDIT_SYNTHESIS_DONE;
			}
			bool first = wild && !caaset_tag(rrset, CAAUDIT_TAG_ISSUEWILD).any;
			first_wild = first_wild || first;
			if (!first) {
				list_add(&list, &added);
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
	return result;
}

static const char *tag_of(const caaudit_added_t *added)
{
	return added->wild ? tag_issuewild : tag_issue;
}

size_t caaudit_added_size(const caaudit_added_t *added)
{
	size_t size = 2 + strlen(tag_of(added)) + added->value_len;
	if (added->params_len > 0) {
		size += sizeof(params_start) - 1 + added->params_len;
	}
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
	if (added->params_len > 0) {
		memcpy(out, params_start, sizeof(params_start) - 1);
		out += sizeof(params_start) - 1;
		memcpy(out, added->params, added->params_len);
		out += added->params_len;
	}
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
	case CAAUDIT_SYNTHESIS_BOUND:
		return "a property binds the CA, or one that accepts its name, to an account or a method";
	case CAAUDIT_SYNTHESIS_DENIAL:
		return "\";\", or a word for nobody, stands alone and denies on purpose";
	case CAAUDIT_SYNTHESIS_UNSURE:
		return "for a product, or a name that no CA is known by, nothing is synthesised; name the "
		       "issuer in 'ca'";
	case CAAUDIT_SYNTHESIS_UNRESTRICTED:
		return "the property would be the first of its kind and shut others out";
	default:
		return "too many records";
	}
}
