/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Compares what is served with what an open transaction makes of it. */

#include <string.h>

#include <libknot/descriptor.h>

#include "engine/array.h"
#include "report.h"

static const char *const permit_words[] = {
	[CAAUDIT_DENIED] = "denied",
	[CAAUDIT_PERMITTED] = "permitted",
	[CAAUDIT_UNKNOWN] = "unknown",
};

const char *change_word(change_way_t way)
{
	static const char *const word[] = {
		[CHANGE_WORSE] = "worse",
		[CHANGE_BETTER] = "better",
		[CHANGE_UNCLEAR] = "unclear",
	};
	return word[way];
}

static bool add_change(report_t *report, const change_t *change)
{
	change_t *place = array_extend(&report->change, &report->change_count, sizeof(*place));
	if (place != NULL) {
		*place = *change;
	}
	return place != NULL;
}

static change_way_t permit_way(caaudit_permit_t before, caaudit_permit_t after)
{
	if (before == CAAUDIT_UNKNOWN || after == CAAUDIT_UNKNOWN) {
		return CHANGE_UNCLEAR;
	}
	return after == CAAUDIT_DENIED ? CHANGE_WORSE : CHANGE_BETTER;
}

/* Not every CA looks at the target of an alias: what is there only is not known to do. */
static caaudit_permit_t validation_permit(caaudit_validation_state_t state)
{
	switch (state) {
	case CAAUDIT_VALIDATION_PRESENT:
	case CAAUDIT_VALIDATION_PRESENT_ABOVE:
		return CAAUDIT_PERMITTED;
	case CAAUDIT_VALIDATION_MISMATCH:
	case CAAUDIT_VALIDATION_MISSING:
		return CAAUDIT_DENIED;
	case CAAUDIT_VALIDATION_PRESENT_AT_TARGET:
	case CAAUDIT_VALIDATION_NOT_CHECKED:
		break;
	}
	return CAAUDIT_UNKNOWN;
}

/* What is not known here may be worse, unless it cannot be. */
static bool is_doubtful(caaudit_permit_t before, caaudit_permit_t after)
{
	return permit_way(before, after) == CHANGE_UNCLEAR && before != CAAUDIT_DENIED &&
	       after != CAAUDIT_PERMITTED;
}

/* Tells whether what is unknown before and after is decided at the same place. */
static bool same_place(const report_t *report, const caaudit_verdict_t *before,
                       const caaudit_verdict_t *after)
{
	if (before->is.reason != after->is.reason ||
	    !knot_dname_is_equal(before->asked, after->asked)) {
		return false;
	}
	caaudit_chain_t was, is;
	(void)caaudit_chain_end(&was, report->served->view, before->asked, KNOT_RRTYPE_CAA);
	(void)caaudit_chain_end(&is, report->audit->view, after->asked, KNOT_RRTYPE_CAA);
	return knot_dname_is_equal(was.at, is.at);
}

/* Compares what is unknown before and after: where it is decided, and what holds if nothing is
 * there. Tells whether that differs. */
static bool compare_unknown(const report_t *report, const caaudit_verdict_t *before,
                            const caaudit_verdict_t *after, bool *doubtful)
{
	if (!same_place(report, before, after)) {
		*doubtful = true;
		return true;
	}
	*doubtful = after->otherwise.permit != CAAUDIT_PERMITTED;
	return before->otherwise.permit != after->otherwise.permit;
}

static bool compare_verdicts(report_t *report, change_way_t way)
{
	/* The policy of both is the same, and so is the order. */
	for (size_t i = 0; i < report->audit->verdict_count; i++) {
		const caaudit_verdict_t *before = &report->served->verdict[i];
		const caaudit_verdict_t *after = &report->audit->verdict[i];
		caaudit_permit_t was = before->is.permit;
		caaudit_permit_t is = after->is.permit;
		bool doubtful = is_doubtful(was, is);
		bool differs = was != is || (is == CAAUDIT_UNKNOWN &&
		                             compare_unknown(report, before, after, &doubtful));
		change_t change = {
			.way = way,
			.verdict = after,
			.owner = after->host,
			.before = permit_words[was],
			.after = permit_words[is],
			.doubtful = doubtful,
		};
		if (differs && permit_way(was, is) == way && !add_change(report, &change)) {
			return false;
		}
	}
	return true;
}

static bool compare_validations(report_t *report, change_way_t way)
{
	for (size_t i = 0; i < report->audit->validation_count; i++) {
		const caaudit_validation_t *before = &report->served->validation[i];
		const caaudit_validation_t *after = &report->audit->validation[i];
		caaudit_permit_t was = validation_permit(before->state);
		caaudit_permit_t is = validation_permit(after->state);
		change_t change = {
			.way = way,
			.validation = after,
			.owner = after->expected->owner,
			.before = caaudit_validation_state_name(before->state),
			.after = caaudit_validation_state_name(after->state),
			.doubtful = is_doubtful(was, is),
		};
		if (was != is && permit_way(was, is) == way && !add_change(report, &change)) {
			return false;
		}
	}
	return true;
}

/* Why no CA issues by the CAA set of an owner: its word in JSON, or "sound". */
static const char *set_word(const caaudit_view_t *view, const knot_dname_t *owner,
                            const caaudit_policy_t *policy)
{
	uint16_t type;
	caaudit_rrset_t rrset = caaudit_view_rrset(view, owner, KNOT_RRTYPE_CAA);
	if (rrset.count == 0 || caaudit_view_occluded(view, owner, &type) != NULL) {
		return "none";
	}
	/* Such a set is the same to every CA. */
	caaudit_decision_t decision;
	caaudit_evaluate(rrset, policy, false, &policy->ca[0], &decision);
	bool broken = decision.reason == CAAUDIT_REASON_CRITICAL ||
	              decision.reason == CAAUDIT_REASON_RDATA;
	return broken ? reason_word(decision.reason) : "sound";
}

static bool is_broken(const char *word)
{
	return strcmp(word, "none") != 0 && strcmp(word, "sound") != 0;
}

/* Finds the CAA sets that are broken on one side only. */
static bool compare_sets(report_t *report, const caaudit_policy_t *policy, change_way_t way)
{
	const caaudit_view_t *was = report->served->view;
	const caaudit_view_t *is = report->audit->view;
	size_t pos = 0;
	caaudit_rrset_t rrset;
	while (way != CHANGE_UNCLEAR &&
	       caaudit_view_next(way == CHANGE_WORSE ? is : was, KNOT_RRTYPE_CAA, &pos, &rrset)) {
		change_t change = {
			.way = way,
			.owner = rrset.record[0]->owner,
			.before = set_word(was, rrset.record[0]->owner, policy),
			.after = set_word(is, rrset.record[0]->owner, policy),
		};
		bool from = is_broken(change.before), to = is_broken(change.after);
		if (from != to && to == (way == CHANGE_WORSE) && !add_change(report, &change)) {
			return false;
		}
	}
	return true;
}

bool report_find_changes(report_t *report, const caaudit_policy_t *policy)
{
	bool ok = true;
	for (change_way_t way = CHANGE_WORSE; ok && way <= CHANGE_UNCLEAR; way++) {
		ok = compare_verdicts(report, way) && compare_validations(report, way) &&
		     compare_sets(report, policy, way);
	}
	return ok;
}

size_t report_changes(const report_t *report, change_way_t way)
{
	size_t count = 0;
	for (size_t i = 0; i < report->change_count; i++) {
		count += report->change[i].way == way;
	}
	return count;
}

size_t report_doubts(const report_t *report)
{
	size_t count = 0;
	for (size_t i = 0; i < report->change_count; i++) {
		count += report->change[i].doubtful;
	}
	return count;
}

void change_text(const change_t *change, char *out, size_t size)
{
	knot_dname_txt_storage_t owner;
	(void)report_name(change->owner, owner);
	if (change->verdict != NULL) {
		snprintf(out, size, "%s for %s%s: %s before, %s after%s", change->verdict->ca,
		         change->verdict->wildcard ? "*." : "", owner, change->before,
		         change->after,
		         change->before == change->after ? ": another name or CAA set decides" :
		                                           "");
	} else if (change->validation != NULL) {
		snprintf(out, size, "validation record at %s: %s before, %s after", owner,
		         change->before, change->after);
	} else {
		const char *word = is_broken(change->after) ? change->after : change->before;
		snprintf(out, size, "CAA at %s: %s %s", owner,
		         strcmp(word, reason_word(CAAUDIT_REASON_RDATA)) == 0 ?
		                 "data that no CA can decode" :
		                 "unknown critical property",
		         is_broken(change->after) ? "after, not before" : "before, not after");
	}
}
