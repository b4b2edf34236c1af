/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Tries cures on the zone in memory, and withholds those that would do harm. */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>

#include "array.h"
#include "judge.h"
#include "known.h"
#include "lift.h"
#include "namemap.h"
#include "names.h"
#include "prove.h"
#include "view.h"

/*! RRsets out of the scope of a trial that are passed over while one is looked up. */
#define PASSED_OVER 4

/*! Findings in the order of compare_ids(). */
typedef struct {
	const caaudit_finding_t **item;
	size_t count;
} list_t;

/*! What is noted of a name. */
enum {
	KEY_ALIASED, /*!< An alias above a validation or CAA leads there or below. */
	KEY_SEEN,    /*!< Aliases are looked for there; the value is 1 if above it as well. */
};

/*! What all trials of an audit compare with. */
typedef struct {
	list_t found;    /*!< Findings of the audit. */
	namemap_t noted; /*!< What is noted of names. */
	lift_aliases_t aliases;
	size_t rrsets; /*!< RRsets of the zone, of the types that are walked over. */
	size_t work;   /*!< Of the trials so far, see LIFT_WORK_MAX. */
} before_t;

/*! The zone before and after some changes. */
typedef struct {
	const audit_t *audit;
	before_t *before;
	const caaudit_view_t *after;
	view_change_t *change;
	size_t count;
	rest_t *rest; /*!< Gets the findings that stand after them; or NULL. */
	text_t why;   /*!< Why they fail; empty if they pass. */
} trial_t;

/*! What an operator is told of a change that passes. */
typedef struct {
	caaudit_id_t notice; /*!< Id of a notice that comes, or CAAUDIT_FINDING__COUNT. */
	text_t losers; /*!< CAs that are shut out, each owner a string; to be freed in any case. */
	size_t owners; /*!< Number of these. */
} effect_t;

/* --- Names --------------------------------------------------------------------------------- */

/*! Names the place at the zone where a CA that climbs finds a validation as well. */
static void add_elsewhere(trial_t *trial, const caaudit_record_t *right)
{
	knot_dname_storage_t at;
	const knot_dname_t *zone = trial->audit->policy->zone;
	const caaudit_form_t *form = known_cname(right, right->owner);
	if (form == NULL || known_climb(right->owner, form) != CAAUDIT_CLIMBS ||
	    !name_move(at, right->owner, zone)) {
		return;
	}
	text_add(&trial->why, ", or publish the record at %s, where %s finds it as well", NAME(at),
	         form->name);
}

/*! True if no name that a wildcard answers for stops answering; else \a trial says why. */
static bool check_wildcard(trial_t *trial, const caaudit_record_t *right)
{
	knot_dname_storage_t wildcard;
	const knot_dname_t *encloser;
	const knot_dname_t *at = view_shadowed(trial->audit->view, right->owner, wildcard,
	                                       &encloser);
	if (at == NULL) {
		return true;
	}
	text_add(&trial->why, "no record is shown: with it %s", NAME(at));
	if (name_parent(at) != encloser) {
		text_add(&trial->why, " and each name from there up to %s", NAME(encloser));
	}
	text_add(&trial->why,
	         " would be a name of its own, for which the wildcard %s answers no longer; give "
	         "it its own addresses and whatever else the wildcard has, CAA too, beside it",
	         NAME(wildcard));
	add_elsewhere(trial, right);
	return false;
}

/*! Does a change put a record at or below a name? */
static bool puts_below(const trial_t *trial, const knot_dname_t *name)
{
	for (size_t i = 0; i < trial->count; i++) {
		const caaudit_record_t *right = trial->change[i].right;
		if (right != NULL && name_in(right->owner, name)) {
			return true;
		}
	}
	return false;
}

/*! May a host that the policy names be there by a wildcard alone? */
static bool answers_host(const trial_t *trial, const knot_dname_t *wildcard)
{
	const caaudit_policy_t *policy = trial->audit->policy;
	size_t i = 0;
	while (i < policy->host_count && (!name_in(policy->host[i], name_parent(wildcard)) ||
	                                  caaudit_view_exists(trial->after, policy->host[i]))) {
		i++;
	}
	return i < policy->host_count;
}

/*!
 * \brief May an empty non-terminal go with its last name, so that a wildcard answers for it?
 *
 * Which other names are below it is not known: where it matters, nothing is proven.
 */
static bool check_last(trial_t *trial, const knot_dname_t *owner)
{
	const knot_dname_t *zone = trial->audit->policy->zone;
	if (!name_in(owner, zone) || caaudit_view_exists(trial->after, owner)) {
		return true;
	}
	for (const knot_dname_t *at = name_parent(owner);
	     view_is_empty(trial->after, at) && !puts_below(trial, at); at = name_parent(at)) {
		knot_dname_storage_t wildcard;
		// A label "*" that stands above this record alone goes with it, and answers for nothing.
		if (name_is_wildcard(at) && answers_host(trial, at)) {
			text_add(
				&trial->why,
				"no record is shown: a host that is named is there by the label of %s "
				"alone; decide what the host is to be",
				NAME(at));
			return false;
		}
		if (!name_is_wildcard(at) && name_wildcard(wildcard, name_parent(at)) &&
		    caaudit_view_exists(trial->after, wildcard)) {
			text_add(&trial->why,
			         "no record is shown: without it %s may be no name any more, and "
			         "the wildcard %s would answer for it; decide whether that is "
			         "meant",
			         NAME(at), NAME(wildcard));
			return false;
		}
	}
	return true;
}

/*! Is a record served where it comes? Knot refuses one below a DNAME (RFC 6672 section 2.4). */
static bool check_occluded(trial_t *trial, const caaudit_record_t *right)
{
	uint16_t type;
	const knot_dname_t *hidden_by = caaudit_view_occluded(trial->after, right->owner, &type);
	if (hidden_by == NULL) {
		return true;
	}
	text_add(&trial->why, "no record is shown: nothing is served at %s, %s %s",
	         NAME(right->owner),
	         type == KNOT_RRTYPE_DNAME ? "below the DNAME" : "for it is delegated at",
	         NAME(hidden_by));
	return false;
}

/*! True if no CNAME comes to stand beside other data (RFC 1034 section 3.6.2). */
static bool check_alone(trial_t *trial, const knot_dname_t *owner)
{
	size_t aliases = caaudit_view_rrset(trial->after, owner, KNOT_RRTYPE_CNAME).count;
	if (aliases == 0) {
		return true;
	}
	bool other = aliases > 1 || knot_dname_is_equal(owner, trial->audit->policy->zone) ||
	             view_has_beside_cname(trial->after, owner);
	if (other) {
		text_add(&trial->why,
		         "no record is shown: a CNAME cannot stand beside what else is at %s, "
		         "decide which of them is needed",
		         NAME(owner));
	}
	return !other;
}

/*!
 * \brief Has a record the TTL of the set that it joins? (RFC 2181 section 5.2)
 *
 * Where an alias leads to a name without an underscore, the view keeps no TXT but what is expected.
 */
static bool check_ttl(trial_t *trial, const caaudit_record_t *right)
{
	size_t pos = 0;
	const caaudit_view_t *view = trial->audit->view;
	if (right->type != KNOT_RRTYPE_TXT || right->owner[1] == '_' ||
	    caaudit_policy_find(trial->audit->policy, right->owner, &pos) != NULL ||
	    caaudit_view_rrset(view, right->owner, KNOT_RRTYPE_TXT).count > 0 ||
	    !view_has_other_data(view, right->owner)) {
		return true;
	}
	text_add(&trial->why,
	         "no record is shown: TXT may be there at %s, and all of it must have one TTL; "
	         "add the record with that",
	         NAME(right->owner));
	return false;
}

/* --- Findings ------------------------------------------------------------------------------ */

/*! Order of id, owner and CA: what is the same finding, though its text has changed. */
static int compare_ids(const void *a, const void *b)
{
	const caaudit_finding_t *x = *(const caaudit_finding_t *const *)a;
	const caaudit_finding_t *y = *(const caaudit_finding_t *const *)b;
	int ret = (int)x->id - (int)y->id;
	ret = ret == 0 ? knot_dname_cmp(x->owner, y->owner) : ret;
	return ret == 0 ? text_compare(x->ca, y->ca) : ret;
}

static bool make_list(const audit_t *audit, list_t *out)
{
	out->item = malloc((audit->found_count + 1) * sizeof(*out->item));
	out->count = out->item != NULL ? audit->found_count : 0;
	for (size_t i = 0; i < out->count; i++) {
		out->item[i] = &audit->found[i].public;
	}
	if (out->count > 1) {
		qsort(out->item, out->count, sizeof(*out->item), compare_ids);
	}
	return out->item != NULL;
}

/*! Where in a list findings are that are the same but for their text. */
typedef struct {
	size_t begin;
	size_t end; /*!< Behind the last; \a begin if there is none. */
} range_t;

/*! Counts the findings of a list that come before one, or with it. */
static size_t count_before(const list_t *list, const caaudit_finding_t *finding, bool with)
{
	size_t low = 0, high = list->count;
	ARRAY_SEARCH(low, high, compare_ids(&list->item[mid], &finding) < (with ? 1 : 0))
	return low;
}

static range_t find_same(const list_t *list, const caaudit_finding_t *finding)
{
	return (range_t){
		.begin = count_before(list, finding, false),
		.end = count_before(list, finding, true),
	};
}

/*! How often a finding is in a list. */
static size_t count_same(const list_t *list, const caaudit_finding_t *finding)
{
	range_t same = find_same(list, finding);
	return same.end - same.begin;
}

/*! Is a finding there still? One about another record in the place of the first is no cure. */
static bool is_there(const list_t *before, const list_t *after, const caaudit_finding_t *finding)
{
	return count_same(after, finding) >= count_same(before, finding);
}

/*! Is a finding about the same record in a list? */
static bool has_record(const list_t *list, const caaudit_finding_t *finding)
{
	range_t same = find_same(list, finding);
	while (same.begin < same.end &&
	       text_compare(list->item[same.begin]->record, finding->record) != 0) {
		same.begin++;
	}
	return same.begin < same.end;
}

/*! Is one in a list about a record that another list does not have? */
static bool has_other_record(const list_t *list, const list_t *other,
                             const caaudit_finding_t *finding)
{
	range_t same = find_same(list, finding);
	while (same.begin < same.end && has_record(other, list->item[same.begin])) {
		same.begin++;
	}
	return same.begin < same.end;
}

/*!
 * \brief Does a finding stand after a change?
 *
 * Of several at one owner the record tells which one. If that has changed, one that has another record
 * may be this one: better said twice than not at all.
 */
static bool stands(const list_t *old, const list_t *new, const found_t *found)
{
	const caaudit_finding_t *finding = &found->public;
	return found->apart || has_record(new, finding) || has_other_record(new, old, finding) ||
	       (finding->fix != CAAUDIT_FIX_NONE && is_there(old, new, finding));
}

/*! Lists the findings that stand; \a new is NULL if nothing is changed. */
static bool list_rest(const audit_t *audit, const list_t *old, const list_t *new, rest_t *out)
{
	out->count = 0;
	out->item = malloc((audit->found_count + 1) * sizeof(*out->item));
	for (size_t i = 0; out->item != NULL && i < audit->found_count; i++) {
		if (new == NULL || stands(old, new, &audit->found[i])) {
			out->item[out->count++] = &audit->found[i].public;
		}
	}
	return out->item != NULL;
}

/*! Does a list have a finding with the same words? */
static bool has_words(const list_t *list, const caaudit_finding_t *finding)
{
	range_t same = find_same(list, finding);
	while (same.begin < same.end && strcmp(list->item[same.begin]->what, finding->what) != 0) {
		same.begin++;
	}
	return same.begin < same.end;
}

/*!
 * \brief Does an error or a warning come? Names the first; a notice is named in \a notice alone.
 *
 * So is caa-ancestor-overridden: an RRset that the change does not touch denies a CA as before, and
 * is worth a word only since the one above permits it now.
 *
 * Validations in the scope alone are looked at for caa-method-excluded, which stands at the set that
 * excludes them: beyond the scope the number of findings tells nothing, and the words do.
 */
static const caaudit_finding_t *find_new(const list_t *before, const audit_t *again,
                                         const list_t *after, const caaudit_finding_t **notice)
{
	for (size_t i = 0; i < after->count; i++) {
		const caaudit_finding_t *finding = after->item[i];
		bool partly = finding->id == CAAUDIT_CAA_METHOD_EXCLUDED &&
		              !audit_in_scope(again, finding->owner);
		if (partly ? has_words(before, finding) :
		             count_same(after, finding) <= count_same(before, finding)) {
			continue;
		} else if (finding->severity < CAAUDIT_NOTICE &&
		           finding->id != CAAUDIT_CAA_ANCESTOR_OVERRIDDEN) {
			return finding;
		}
		*notice = finding;
	}
	return NULL;
}

/*! Notes where the alias at a name leads within the zone; false if out of memory. */
static bool add_alias(const audit_t *audit, const knot_dname_t *name, namemap_t *map)
{
	knot_dname_storage_t target;
	caaudit_lookup_t lookup;
	bool added = true;
	name_lower(target, name);
	while (name_in(target, audit->policy->zone)) {
		namemap_item_t *item = namemap_add(map, target, KEY_SEEN, &added);
		if (item == NULL) {
			return false;
		}
		if (!added) {
			return true;
		}
		caaudit_view_lookup(audit->view, target, KNOT_RRTYPE_CNAME, &lookup);
		if (lookup.answer != CAAUDIT_ANSWER) {
			return true;
		}
		name_lower(target, lookup.rrset.record[0]->rdata);
		for (const knot_dname_t *at = target; added && name_in(at, audit->policy->zone);
		     at = name_parent(at)) {
			item = namemap_add(map, at, KEY_ALIASED, &added);
			if (item == NULL) {
				return false;
			}
			if (*at == 0) {
				break;
			}
		}
	}
	return true;
}

/*!
 * \brief Notes where names above records lead that CAA there decides for (RFC 8659 section 3).
 *
 * The host of a validation is judged so, and what the names above a CAA RRset permit.
 */
static bool add_aliases(const audit_t *audit, uint16_t type, before_t *out)
{
	size_t pos = 0;
	caaudit_rrset_t rrset;
	while (caaudit_view_next(audit->view, type, &pos, &rrset)) {
		const knot_dname_t *owner = rrset.record[0]->owner;
		out->rrsets++;
		// The owner itself: a validation may stand where an alias at it leads.
		for (const knot_dname_t *at = owner; name_in(at, audit->policy->zone);
		     at = name_parent(at)) {
			if (!add_alias(audit, at, &out->noted)) {
				return false;
			}
			// Not where an alias led to the name only: from there nobody has climbed.
			namemap_item_t *item = namemap_find(&out->noted, at, KEY_SEEN);
			if (item->value > 0 || *at == 0) {
				break;
			}
			item->value = 1;
		}
	}
	return true;
}

static void clear_before(before_t *before)
{
	free(before->found.item);
	lift_aliases_clear(&before->aliases);
	namemap_clear(&before->noted);
}

/*! Lists what trials of changes compare with; to be cleared in any case. */
static bool make_before(const audit_t *audit, const view_change_t *change, size_t count,
                        before_t *out)
{
	*out = (before_t){ .work = 0 };
	static const uint16_t types[] = { KNOT_RRTYPE_CNAME, KNOT_RRTYPE_TXT, KNOT_RRTYPE_CAA };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if (!add_aliases(audit, types[i], out)) {
			return false;
		}
	}
	return lift_aliases_init(&out->aliases, audit->view, change, count) &&
	       make_list(audit, &out->found);
}

/*!
 * \brief Notes that a change concerns a name and what is below it.
 *
 * It is the whole zone beyond two names, and where aliases from elsewhere lead there.
 */
static void add_scope(audit_t *again, const before_t *before, const knot_dname_t *owner)
{
	if (name_is_wildcard(owner)) {
		owner = name_parent(owner);
	}
	bool apart = !before->aliases.redirected &&
	             namemap_find(&before->noted, owner, KEY_ALIASED) == NULL;
	for (size_t i = 0; apart && i < 2; i++) {
		if (again->scope[i] == NULL) {
			again->scope[i] = owner;
		}
		if (knot_dname_is_equal(again->scope[i], owner)) {
			return;
		}
	}
	again->scope[0] = again->policy->zone;
	again->scope[1] = NULL;
}

/*! Sets the names that a change concerns: what is not below them stays as it was. */
static void set_scope(audit_t *again, const trial_t *trial)
{
	for (size_t i = 0; i < trial->count; i++) {
		const view_change_t *change = &trial->change[i];
		for (size_t j = 0; j < change->wrong_count; j++) {
			add_scope(again, trial->before, change->wrong[j]->owner);
		}
		if (change->right != NULL) {
			add_scope(again, trial->before, change->right->owner);
		}
	}
}

/*!
 * \brief Audits the zone after the changes, and compares.
 *
 * \param[in]  trial   Trial.
 * \param[in]  cured   Findings that must be gone.
 * \param[in]  count   Number of \a cured.
 * \param[out] effect  Gets the notice.
 */
static bool check_findings(trial_t *trial, const found_t *const *cured, size_t count,
                           effect_t *effect)
{
	audit_t again = {
		.view = trial->after,
		.policy = trial->audit->policy,
		.now = trial->audit->now,
		.first = trial->audit,
	};
	if (trial->rest == NULL) {
		set_scope(&again, trial);
	}
	const caaudit_policy_t *policy = trial->audit->policy;
	if (audit_in_scope(&again, policy->zone)) {
		trial->before->work += trial->before->rrsets;
	} else {
		again.walked = &trial->before->work;
		trial->before->work += audit_passes_over(&again) ?
		                               trial->before->rrsets / PASSED_OVER :
		                               0;
	}
	trial->before->work += LIFT_REQUEST * policy->validation_count +
	                       policy->host_count * policy->ca_count;
	list_t after = { NULL, 0 };
	judge(&again);
	bool ok = !again.failed;
	if (ok) {
		audit_sort(&again);
		ok = make_list(&again, &after);
	}
	trial->why.failed = trial->why.failed || !ok;
	for (size_t i = 0; ok && i < count; i++) {
		if (is_there(&trial->before->found, &after, &cured[i]->public)) {
			text_add(&trial->why, "no record is shown: none cures it alone");
			ok = false;
		}
	}
	const caaudit_finding_t *worse, *hint = NULL;
	if (ok && (worse = find_new(&trial->before->found, &again, &after, &hint)) != NULL) {
		text_add(&trial->why, "no record is shown: alone it would bring %s at %s",
		         caaudit_finding_info(worse->id)->id, NAME(worse->owner));
		text_add(&trial->why, "%s%s (%s); decide that first",
		         worse->ca != NULL ? " for " : "", worse->ca != NULL ? worse->ca : "",
		         worse->what);
		ok = false;
	}
	effect->notice = hint != NULL ? hint->id : CAAUDIT_FINDING__COUNT;
	if (ok && trial->rest != NULL) {
		ok = list_rest(trial->audit, &trial->before->found, &after, trial->rest);
		trial->why.failed = trial->why.failed || !ok;
	}
	free(after.item);
	audit_clear(&again);
	return ok;
}

/* --- Trials -------------------------------------------------------------------------------- */

/*!
 * \brief Stands a record where the zone name was appended by mistake?
 *
 * That is nobody's host, unless an alias or a DNAME leads there.
 */
static bool is_doubled(const trial_t *trial, const knot_dname_t *owner)
{
	knot_dname_storage_t meant;
	return audit_is_doubled(trial->audit, owner, meant) &&
	       lift_is_slip(&trial->before->aliases, trial->audit->view, owner);
}

/*! Is the RRset that a record joins or leaves small enough? */
static bool check_count(trial_t *trial, const caaudit_record_t *record)
{
	size_t count = caaudit_view_rrset(trial->audit->view, record->owner, record->type).count;
	return count <= LIFT_RRSET_MAX || lift_refuse(&trial->why, record->owner);
}

/*! Are all RRsets of the changes small enough? */
static bool check_counts(trial_t *trial)
{
	bool ok = true;
	for (size_t i = 0; ok && i < trial->count; i++) {
		const view_change_t *change = &trial->change[i];
		for (size_t j = 0; ok && j < change->wrong_count; j++) {
			ok = check_count(trial, change->wrong[j]);
		}
		ok = ok && (change->right == NULL || check_count(trial, change->right));
	}
	return ok;
}

/*! True if no alias that leads to a record that goes leads to nothing then. */
static bool check_led(trial_t *trial, const caaudit_record_t *record)
{
	const knot_dname_t *owner = record->owner;
	if (record->type == KNOT_RRTYPE_CAA ||
	    caaudit_view_rrset(trial->after, owner, record->type).count > 0 ||
	    caaudit_view_rrset(trial->after, owner, KNOT_RRTYPE_CNAME).count > 0) {
		return true;
	}
	const knot_dname_t *alias = lift_alias_to(&trial->before->aliases, trial->after, owner);
	if (alias != NULL) {
		text_add(&trial->why,
		         "no record is shown: the alias or DNAME at %s leads to %s, decide where "
		         "it is to lead",
		         NAME(alias), NAME(owner));
	}
	return alias == NULL;
}

/*! Has a change before the one with a number a CAA record for the same owner? */
static bool is_noted(const trial_t *trial, size_t nth)
{
	const caaudit_record_t *right = trial->change[nth].right;
	for (size_t i = 0; i < nth; i++) {
		const caaudit_record_t *other = trial->change[i].right;
		if (other != NULL && other->type == right->type &&
		    knot_dname_is_equal(other->owner, right->owner)) {
			return true;
		}
	}
	return false;
}

/*! Notes the CAs that changes shut out; of changes that are proven as a whole, the owners as well. */
static void note_losers(const trial_t *trial, const lift_t *lift, effect_t *effect)
{
	text_t losers = TEXT_EMPTY;
	for (size_t i = 0; i < trial->count; i++) {
		const caaudit_record_t *right = trial->change[i].right;
		if (right == NULL || right->type != KNOT_RRTYPE_CAA || is_noted(trial, i)) {
			continue;
		}
		text_reset(&losers);
		lift_add_losers(lift, right->owner, &losers);
		if (losers.len == 0) {
			continue;
		}
		if (trial->rest != NULL) {
			text_add(&effect->losers, "%s: ", NAME(right->owner));
		}
		text_add(&effect->losers, "%s", losers.str);
		text_end(&effect->losers);
		effect->owners++;
	}
	effect->losers.failed = effect->losers.failed || losers.failed;
	text_free(&losers);
}

/*! Runs all the checks of a trial; why it fails stands in it. */
static bool try_changes(trial_t *trial, const found_t *const *cured, size_t count, effect_t *effect)
{
	bool ok = true;
	lift_t lift = {
		.policy = trial->audit->policy,
		.before = trial->audit->view,
		.after = trial->after,
		.change = trial->change,
		.count = trial->count,
		.aliases = &trial->before->aliases,
		.work = &trial->before->work,
		.why = &trial->why,
	};
	const caaudit_record_t *last = NULL;
	for (size_t i = 0; ok && i < trial->count; i++) {
		const view_change_t *change = &trial->change[i];
		if (change->right != NULL) {
			ok = check_occluded(trial, change->right) &&
			     check_alone(trial, change->right->owner) &&
			     check_ttl(trial, change->right) &&
			     check_wildcard(trial, change->right);
		} else if (change->wrong_count > 0 && change->wrong[0]->type != KNOT_RRTYPE_CAA) {
			ok = check_alone(trial, change->wrong[0]->owner);
		}
		for (size_t j = 0; ok && j <= change->wrong_count; j++) {
			const caaudit_record_t *record = j < change->wrong_count ?
			                                         change->wrong[j] :
			                                         change->right;
			if (record == NULL || (last != NULL && last->type == record->type &&
			                       knot_dname_is_equal(last->owner, record->owner))) {
				continue;
			}
			last = record;
			// Nobody needs the name that a slip has made.
			bool doubled = is_doubled(trial, record->owner);
			ok = (doubled || check_last(trial, record->owner)) &&
			     check_led(trial, record) &&
			     (record->type != KNOT_RRTYPE_CAA ||
			      lift_nothing(&lift, record->owner, !doubled)) &&
			     (record->type != KNOT_RRTYPE_CNAME ||
			      lift_nothing_behind(&lift, record->owner));
		}
	}
	ok = ok && check_findings(trial, cured, count, effect);
	if (ok) {
		note_losers(trial, &lift, effect);
		trial->why.failed = trial->why.failed || effect->losers.failed;
	}
	return ok;
}

/*! Runs a trial of changes; \a why and what \a effect holds are to be freed in any case. */
static bool run_trial(const audit_t *audit, before_t *before, view_change_t *change, size_t changes,
                      const found_t *const *cured, size_t count, text_t *why, effect_t *effect,
                      rest_t *rest)
{
	trial_t trial = {
		.audit = audit,
		.before = before,
		.change = change,
		.count = changes,
		.rest = rest,
		.why = TEXT_EMPTY,
	};
	bool ok = check_counts(&trial); // First: the copy of a set takes time as well.
	if (ok) {
		caaudit_view_t *after = view_patch(audit->view, change, changes);
		trial.after = after;
		trial.why.failed = after == NULL;
		ok = after != NULL && try_changes(&trial, cured, count, effect);
		caaudit_view_free(after);
	}
	*why = trial.why;
	return ok;
}

view_change_t prove_change(const found_t *found)
{
	return (view_change_t){
		.wrong = found->wrong,
		.wrong_count = found->wrong_count,
		.right = found->right.owner != NULL ? &found->right : NULL,
	};
}

/*! Puts words behind the advice of a finding, or before it: what may follow a record follows why there is none. */
static void advise(audit_t *audit, found_t *found, const char *words, bool before)
{
	const char *advice = found->public.advice;
	text_t text = TEXT_EMPTY;
	if (advice == NULL) {
		text_add(&text, "%s", words);
	} else if (before) {
		text_add(&text, "%s; %s", words, advice);
	} else {
		text_add(&text, "%s, %s", advice, words);
	}
	if (text.failed) {
		audit->failed = true;
		text_free(&text);
		return;
	}
	free(found->advice);
	found->public.advice = found->advice = text.str;
}

static void prove(audit_t *audit, before_t *before, found_t *found, view_change_t *change)
{
	text_t why;
	effect_t effect = { .notice = CAAUDIT_FINDING__COUNT };
	const found_t *const one[] = { found };
	bool ok = run_trial(audit, before, change, 1, one, 1, &why, &effect, NULL);
	if (why.failed) {
		audit->failed = true;
	} else if (!ok) {
		found->public.remedy = NULL;
		found->public.fix = CAAUDIT_FIX_NONE;
		advise(audit, found, why.str, true);
	}
	text_t notes = TEXT_EMPTY;
	if (ok && effect.owners > 0) {
		text_add(&notes, ", %s", effect.losers.str);
	}
	if (ok && effect.notice != CAAUDIT_FINDING__COUNT) {
		text_add(&notes, ", then see %s", caaudit_finding_info(effect.notice)->id);
	}
	if (ok && view_is_signed(audit->view)) {
		text_add(&notes, ", the signer renews the signature");
	}
	audit->failed = audit->failed || notes.failed;
	if (notes.len > 0 && !audit->failed) {
		// They are about the record; what to do if it is not wanted follows them.
		advise(audit, found, notes.str + 2, found->public.optional);
	}
	text_free(&notes);
	text_free(&effect.losers);
	text_free(&why);
}

void prove_cures(audit_t *audit)
{
	size_t curable = 0;
	for (size_t i = 0; i < audit->found_count; i++) {
		curable += audit->found[i].public.fix != CAAUDIT_FIX_NONE;
	}
	if (curable == 0) {
		return; // Most zones: nothing to list.
	}
	before_t before = { .work = 0 };
	view_change_t *change = calloc(audit->found_count, sizeof(*change));
	for (size_t i = 0; change != NULL && i < audit->found_count; i++) {
		if (audit->found[i].public.fix != CAAUDIT_FIX_NONE) {
			change[i] = prove_change(&audit->found[i]);
		}
	}
	if (change == NULL || !make_before(audit, change, audit->found_count, &before)) {
		audit->failed = true;
	}
	for (size_t i = 0; !audit->failed && i < audit->found_count; i++) {
		found_t *found = &audit->found[i];
		if (found->public.fix == CAAUDIT_FIX_NONE) {
			continue;
		} else if (i < audit->policy->cure_limit && before.work < LIFT_WORK_MAX) {
			prove(audit, &before, found, &change[i]);
		} else {
			found->public.remedy = NULL;
			found->public.fix = CAAUDIT_FIX_NONE;
			found->public.untried = true;
			free(found->advice); // It is about the record.
			found->public.advice = found->advice = NULL;
			advise(audit, found,
			       "its cure was not tried, too many come before it; cure these first, and check again",
			       true);
		}
	}
	clear_before(&before);
	free(change);
}

bool prove_changes(const audit_t *audit, view_change_t *change, size_t changes,
                   const found_t *const *cured, size_t count, bool *ok, rest_t *rest)
{
	text_t why;
	effect_t effect = { .notice = CAAUDIT_FINDING__COUNT };
	before_t before;
	if (!make_before(audit, change, changes, &before)) {
		clear_before(&before);
		return false;
	}
	*ok = run_trial(audit, &before, change, changes, cured, count, &why, &effect, rest);
	bool failed = why.failed;
	if (!failed && !*ok && rest != NULL) {
		failed = !list_rest(audit, &before.found, NULL, rest);
	}
	if (!failed && *ok && rest != NULL) {
		rest->notice = effect.notice;
		rest->losers = effect.losers.str;
		rest->losers_count = effect.owners;
		effect.losers = TEXT_EMPTY;
	}
	text_free(&effect.losers);
	text_free(&why);
	clear_before(&before);
	return !failed;
}
