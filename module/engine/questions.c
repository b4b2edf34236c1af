/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Lists the questions that a CA asks, with the answers that a view gives. */

#include <libknot/descriptor.h>

#include "known.h"
#include "names.h"
#include "policy.h"
#include "questions.h"

typedef struct {
	const caaudit_view_t *view;
	const knot_dname_t *zone;
	question_f visit;
	void *context;
} visitor_t;

/*! A question, aliases followed. */
static bool visit_chain(const visitor_t *v, caaudit_chain_t *chain, const knot_dname_t *name,
                        uint16_t type)
{
	caaudit_chain_begin(chain, v->view, name, type);
	do {
		if (!v->visit(v->context, chain, ASKED_FOR_HOST)) {
			return false;
		}
	} while (caaudit_chain_follow(chain));
	return true;
}

/*! The climb, for plain and wildcard names alike: a child zone may have CAA or not. */
static bool visit_climb(const visitor_t *v, const knot_dname_t *host)
{
	for (const knot_dname_t *name = host; name_in(name, v->zone); name = name_parent(name)) {
		caaudit_chain_t chain;
		if (!visit_chain(v, &chain, name, KNOT_RRTYPE_CAA)) {
			return false;
		}
		caaudit_answer_t answer = chain.lookup.answer;
		if ((answer != CAAUDIT_NODATA && answer != CAAUDIT_NXDOMAIN &&
		     answer != CAAUDIT_DELEGATED) ||
		    *name == 0) {
			break;
		}
	}
	return true;
}

/*! A validation CNAME, and the levels at which the CA asks before it finds it. */
static bool visit_validation(const visitor_t *v, const caaudit_expected_t *expected)
{
	const knot_dname_t *owner = expected->owner;
	if (knot_dname_is_equal(owner, v->zone)) {
		return true;
	}
	bool climbs = expected_climb(expected) != CAAUDIT_EXACT;
	const knot_dname_t *found = NULL;
	knot_dname_storage_t at;
	for (const knot_dname_t *host = name_parent(owner); found == NULL && name_in(host, v->zone);
	     host = name_parent(host)) {
		caaudit_lookup_t lookup = { .answer = CAAUDIT_NXDOMAIN };
		if (name_move(at, owner, host)) {
			caaudit_view_lookup(v->view, at, KNOT_RRTYPE_CNAME, &lookup);
		}
		if (lookup.answer == CAAUDIT_ANSWER) {
			found = host;
		}
		if (*host == 0 || !climbs) {
			break;
		}
	}
	// One that is missing has a finding of its own.
	for (const knot_dname_t *host = name_parent(owner); found != NULL;
	     host = name_parent(host)) {
		caaudit_chain_t chain;
		if (!name_move(at, owner, host) || !visit_chain(v, &chain, at, KNOT_RRTYPE_CNAME)) {
			return false;
		}
		if (host == found) {
			break;
		}
	}
	return true;
}

static bool visit_unexpected(const visitor_t *v)
{
	size_t pos = 0;
	caaudit_rrset_t set;
	while (caaudit_view_next(v->view, KNOT_RRTYPE_CNAME, &pos, &set)) {
		const knot_dname_t *owner = set.record[0]->owner;
		if (owner[0] == 0 || owner[1] != '_' || known_cname(set.record[0], owner) == NULL) {
			continue;
		}
		caaudit_chain_t chain;
		caaudit_chain_begin(&chain, v->view, owner, KNOT_RRTYPE_CNAME);
		// With another answer something hides the record.
		if (chain.lookup.answer == CAAUDIT_ANSWER &&
		    !v->visit(v->context, &chain, ASKED_PERHAPS)) {
			return false;
		}
	}
	return true;
}

bool questions_visit(const caaudit_view_t *view, const caaudit_policy_t *policy, question_f visit,
                     void *context)
{
	const visitor_t v = { view, caaudit_view_zone(view), visit, context };
	for (size_t i = 0; i < policy->host_count; i++) {
		if (!visit_climb(&v, policy->host[i])) {
			return false;
		}
	}
	for (size_t i = 0; i < policy->validation_count; i++) {
		if (policy->validation[i].txt == NULL &&
		    !visit_validation(&v, &policy->validation[i])) {
			return false;
		}
	}
	return visit_unexpected(&v);
}
