/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Tells whether a change of CAA permits what was denied on purpose. */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libknot/descriptor.h>

#include "array.h"
#include "caaset.h"
#include "caaudit/audit.h"
#include "known.h"
#include "lift.h"
#include "names.h"
#include "policy.h"
#include "pair.h"

/*! Issuers before and after a change, and accounts and methods of one CA, that requests name. */
#define WORDS_MAX (2 * LIFT_RRSET_MAX)
/*! Octets of CAA that all requests of one CA at one name may read. */
#define WORK_MAX (16 << 20)

/* --- Requests ------------------------------------------------------------------------------ */

/*! Different words of an RRset. */
typedef struct {
	char *word[WORDS_MAX]; /*!< To be freed. */
	size_t count;
	bool full; /*!< There are more. */
	bool failed;
} words_t;

static void add_word(words_t *words, const void *octets, size_t len)
{
	for (size_t i = 0; i < words->count; i++) {
		if (octets_are(octets, len, words->word[i])) {
			return;
		}
	}
	if (words->count == WORDS_MAX) {
		words->full = true;
		return;
	}
	char *copy = strndup(octets, len);
	words->failed = words->failed || copy == NULL;
	if (copy != NULL) {
		words->word[words->count++] = copy;
	}
}

static void add_text(words_t *words, const char *text)
{
	if (text != NULL) {
		add_word(words, text, strlen(text));
	}
}

static void free_words(words_t *words)
{
	for (size_t i = 0; i < words->count; i++) {
		free(words->word[i]);
	}
}

static void add_issuers(words_t *issuers, caaudit_rrset_t set)
{
	for (size_t i = 0; i < set.count; i++) {
		caaudit_issue_t issue;
		if (caaset_issue_either(set.record[i], &issue) && issue.issuer_len > 0) {
			add_word(issuers, issue.issuer, issue.issuer_len);
		}
	}
}

static void add_methods(words_t *methods, const caaudit_param_t *param)
{
	const uint8_t *at = param->value, *end = at + param->value_len;
	while (at < end) {
		const uint8_t *comma = memchr(at, ',', end - at);
		size_t len = (comma != NULL ? comma : end) - at;
		add_word(methods, at, len);
		at += len + 1;
	}
}

/*! Adds the accounts and methods that an RRset binds a CA to. */
static void add_bounds(words_t *accounts, words_t *methods, caaudit_rrset_t set,
                       const caaudit_ca_t *ca)
{
	for (size_t i = 0; i < set.count; i++) {
		caaudit_issue_t issue;
		caaudit_param_t param;
		if (!caaset_issue_either(set.record[i], &issue) ||
		    !caaudit_ca_accepts(ca, issue.issuer, issue.issuer_len)) {
			continue;
		}
		while (caaudit_issue_next(&issue, &param)) {
			if (octets_equal_str(param.tag, param.tag_len, "accounturi")) {
				add_word(accounts, param.value, param.value_len);
			} else if (octets_equal_str(param.tag, param.tag_len,
			                            "validationmethods")) {
				add_methods(methods, &param);
			}
		}
	}
}

/*! Does the RRset that decides after the change get a record for a CA? */
static bool is_meant(const lift_t *lift, const caaudit_verdict_t *after, const caaudit_ca_t *ca)
{
	const knot_dname_t *source = after->is.decided_by;
	for (size_t i = 0; i < lift->count; i++) {
		const caaudit_record_t *right = lift->change[i].right;
		caaudit_issue_t issue;
		if (right != NULL && right->type == KNOT_RRTYPE_CAA && source != NULL &&
		    knot_dname_is_equal(right->owner, source) &&
		    caaset_issue_either(right, &issue) &&
		    caaudit_ca_accepts(ca, issue.issuer, issue.issuer_len)) {
			return true;
		}
	}
	return false;
}

/*! Is a CA bound by a malformed value, which stays as it is? One that is mended may permit it. */
static bool stays_bound(const caaudit_decision_t *before, const caaudit_decision_t *after,
                        const caaudit_ca_t *ca)
{
	return before->reason == CAAUDIT_REASON_MALFORMED &&
	       pair_is_bound(after->rrset, caaset_deciding_tag(after), ca);
}

/*! Is every CA denied, since nobody can read a record? (RFC 8659 section 4.1) */
static bool is_unreadable(const caaudit_decision_t *decision)
{
	return decision->reason == CAAUDIT_REASON_CRITICAL ||
	       decision->reason == CAAUDIT_REASON_RDATA;
}

/*! May one request be permitted that was denied before? */
static bool may_permit(const lift_t *lift, const caaudit_verdict_t *before,
                       const caaudit_verdict_t *after, const caaudit_ca_t *ca, const char *method)
{
	const caaudit_policy_t *policy = lift->policy;
	if (policy_wants(policy, ca) && is_unreadable(&before->is)) {
		return true; // What nobody can read is no decision against a CA that is wanted.
	} else if (!is_meant(lift, after, ca)) {
		return false;
	} else if (caaset_is_refused(&before->is) || stays_bound(&before->is, &after->is, ca)) {
		return policy->override_denial;
	} else if (before->is.reason != CAAUDIT_REASON_PARAMETERS) {
		return true;
	}
	// The property that names the CA binds it; only the method that is asked for may be added.
	return policy->override_denial || (!before->is.account_differs && policy->method != NULL &&
	                                   strcmp(method, policy->method) == 0);
}

/*! Tries one request for a name. */
static bool check_request(lift_t *lift, const knot_dname_t *name, const caaudit_policy_t *request,
                          bool wildcard, const caaudit_ca_t *ca, const words_t *methods)
{
	caaudit_verdict_t before, after;
	caaudit_permit(lift->before, request, name, wildcard, ca, &before);
	caaudit_permit(lift->after, request, name, wildcard, ca, &after);
	// CAs may compare methods in any case (BR 4.2.2.1.2): a list in another case lifts nothing.
	caaudit_policy_t same = *request;
	for (size_t i = 0; before.is.reason == CAAUDIT_REASON_PARAMETERS &&
	                   !before.is.account_differs && i < methods->count;
	     i++) {
		same.method = methods->word[i];
		if (same.method != request->method &&
		    strcasecmp(same.method, request->method) == 0) {
			*lift->work += lift->cost;
			caaudit_permit(lift->before, &same, name, wildcard, ca, &before);
		}
	}
	if (before.is.permit != CAAUDIT_DENIED || after.is.permit == CAAUDIT_DENIED ||
	    may_permit(lift, &before, &after, ca, request->method)) {
		return true;
	}
	text_add(lift->why, "no record is shown: it would lift a restriction, ");
	if (caaset_is_refused(&before.is)) {
		text_add(lift->why,
		         "%s denies on purpose, see 'override-denial' "
		         "(--override-denial)",
		         caaset_is_refused_by_word(&before.is) ? "a word for nobody" : "\";\"");
	} else if (before.is.reason == CAAUDIT_REASON_PARAMETERS ||
	           stays_bound(&before.is, &after.is, ca)) {
		text_add(lift->why,
		         "%s is bound to an account or a method; decide "
		         "whether that is still wanted",
		         ca->name);
	} else {
		bool other = strcmp(ca->name, LIFT_OTHER_CA) == 0;
		text_add(lift->why, "%s would be permitted for %s%s",
		         other ? "CAs that no record names" : ca->name, NAME(name),
		         is_unreadable(&before.is) ? "; decide whether that is meant, then mend "
		                                     "the record or take it out" :
		                                     "");
	}
	return false;
}

static size_t count_octets(caaudit_rrset_t set)
{
	size_t sum = 0;
	for (size_t i = 0; i < set.count; i++) {
		sum += set.record[i]->rdlen;
	}
	return sum;
}

/*! What CAA decides for a name before and after a change. */
typedef struct {
	caaudit_rrset_t before;
	caaudit_rrset_t after;
	size_t octets; /*!< Of both. */
} sets_t;

bool lift_refuse(text_t *why, const knot_dname_t *name)
{
	text_add(why,
	         "no record is shown: what stands at %s is too much to try a change on (%u "
	         "records of a type); take out what is not needed",
	         NAME(name), LIFT_RRSET_MAX);
	return false;
}

/*! Tries the requests of a CA for a name, plain and wildcard, with the bounds that are its own. */
static bool check_ca(lift_t *lift, const knot_dname_t *name, const sets_t *sets,
                     const caaudit_ca_t *ca)
{
	caaudit_policy_t request = *lift->policy;
	words_t accounts = { .count = 0 }, methods = { .count = 0 };
	add_text(&accounts, LIFT_OTHER_ACCOUNT);
	add_text(&methods, LIFT_OTHER_METHOD);
	add_text(&accounts, request.account_uri);
	add_text(&methods, request.method);
	add_bounds(&accounts, &methods, sets->before, ca);
	add_bounds(&accounts, &methods, sets->after, ca);
	size_t all = accounts.count * methods.count;
	bool ok = !accounts.failed && !methods.failed;
	lift->why->failed = lift->why->failed || !ok;
	if (ok && (accounts.full || methods.full || all * sets->octets > WORK_MAX)) {
		ok = lift_refuse(lift->why, name);
	}
	lift->cost = LIFT_REQUEST + sets->octets / LIFT_OCTETS;
	for (size_t i = 0; ok && i < 2 * all; i++) {
		if ((*lift->work += lift->cost) > LIFT_WORK_MAX) {
			ok = lift_refuse(lift->why, name);
			break;
		}
		request.account_uri = accounts.word[i / 2 % accounts.count];
		request.method = methods.word[i / 2 / accounts.count];
		ok = check_request(lift, name, &request, i % 2, ca, &methods);
	}
	free_words(&accounts);
	free_words(&methods);
	return ok;
}

/*! Gets what decides for a name before and after. */
static sets_t get_sets(const lift_t *lift, const knot_dname_t *name)
{
	const caaudit_ca_t nobody = { .name = "" };
	caaudit_verdict_t before, after;
	caaudit_permit(lift->before, lift->policy, name, false, &nobody, &before);
	caaudit_permit(lift->after, lift->policy, name, false, &nobody, &after);
	return (sets_t){
		.before = before.is.rrset,
		.after = after.is.rrset,
		.octets = count_octets(before.is.rrset) + count_octets(after.is.rrset),
	};
}

/*! Tries the requests of known CAs that accept the issuer of a new record: names are shared. */
static bool check_sharers(lift_t *lift, const knot_dname_t *name, const sets_t *sets,
                          const caaudit_record_t *right)
{
	caaudit_issue_t issue;
	if (right->type != KNOT_RRTYPE_CAA || !caaset_issue_either(right, &issue)) {
		return true;
	}
	bool ok = true;
	const caaudit_ca_info_t *info = NULL;
	while (ok && (info = known_ca_next(info, issue.issuer, issue.issuer_len)) != NULL) {
		const caaudit_ca_t ca = known_ca_of(info);
		ok = check_ca(lift, name, sets, &ca);
	}
	return ok;
}

/*! Is for no request for a name more permitted after than before? */
static bool check_requests(lift_t *lift, const knot_dname_t *name, const sets_t *sets)
{
	const caaudit_policy_t *policy = lift->policy;
	words_t issuers = { .count = 0 };
	add_text(&issuers, LIFT_OTHER_CA); // It stands for all that are not named.
	add_issuers(&issuers, sets->before);
	add_issuers(&issuers, sets->after);
	bool ok = !issuers.failed;
	lift->why->failed = lift->why->failed || !ok;
	if (ok && issuers.full) {
		ok = lift_refuse(lift->why, name);
	}
	for (size_t i = 0; ok && i < issuers.count; i++) {
		ok = check_ca(lift, name, sets, &(caaudit_ca_t){ .name = issuers.word[i] });
	}
	for (size_t i = 0; ok && i < policy->ca_count; i++) {
		ok = check_ca(lift, name, sets, &policy->ca[i]);
	}
	for (size_t i = 0; ok && i < lift->count && sets->after.count > 0; i++) {
		const caaudit_record_t *right = lift->change[i].right;
		// What comes elsewhere does not decide here.
		if (right != NULL &&
		    knot_dname_is_equal(right->owner, sets->after.record[0]->owner)) {
			ok = check_sharers(lift, name, sets, right);
		}
	}
	free_words(&issuers);
	return ok;
}

/*! Most CAs that are named together. */
#define NAMED_MAX 3

/*! Adds the CAs that lose what \a bits say, each a string of \a issuers. */
static void add_losers(text_t *out, const words_t *issuers, const unsigned *lost, unsigned bits,
                       const char *loss)
{
	unsigned count = 0;
	for (size_t i = 1; i < issuers->count; i++) {
		if (lost[i] == bits && ++count <= NAMED_MAX) {
			text_add(out, "%s", count > 1 ? ", " : out->len > 0 ? ", then " : "then ");
			text_octets_max(out, OCTETS(issuers->word[i]), KNOT_DNAME_TXT_MAXLEN);
		}
	}
	if (count > NAMED_MAX) {
		text_add(out, " and %u more", count - NAMED_MAX);
	}
	if (count > 0) {
		text_add(out, " may issue %s", loss);
	}
}

/*! Is a CA denied after a change, and was not before? One whose only record is replaced is meant. */
static bool is_shut_out(const lift_t *lift, const knot_dname_t *name, bool wildcard,
                        const caaudit_ca_t *ca)
{
	caaudit_verdict_t before, after;
	caaudit_permit(lift->before, lift->policy, name, wildcard, ca, &before);
	caaudit_permit(lift->after, lift->policy, name, wildcard, ca, &after);
	return before.is.permit == CAAUDIT_PERMITTED && after.is.permit == CAAUDIT_DENIED &&
	       (before.is.decided_by == NULL || !knot_dname_is_equal(before.is.decided_by, name) ||
	        strcmp(ca->name, LIFT_OTHER_CA) == 0 ||
	        caaset_names(after.is.rrset, CAAUDIT_TAG_ISSUE, ca) ||
	        caaset_names(after.is.rrset, CAAUDIT_TAG_ISSUEWILD, ca));
}

void lift_add_losers(const lift_t *lift, const knot_dname_t *name, text_t *out)
{
	enum { PLAIN = 1, WILDCARD = 2 };
	unsigned lost[WORDS_MAX] = { 0 };
	words_t issuers = { .count = 0 };
	add_text(&issuers, LIFT_OTHER_CA);
	add_issuers(&issuers, get_sets(lift, name).before);
	for (size_t i = 0; i < issuers.count; i++) {
		const caaudit_ca_t ca = { .name = issuers.word[i] };
		lost[i] = (is_shut_out(lift, name, false, &ca) ? PLAIN : 0) |
		          (is_shut_out(lift, name, true, &ca) ? WILDCARD : 0);
	}
	if (lost[0] != 0) {
		text_add(out, "then no CA that is not named may issue %sthere",
		         lost[0] == WILDCARD ? "wildcards " : "");
	}
	add_losers(out, &issuers, lost, PLAIN | WILDCARD, "there no longer");
	add_losers(out, &issuers, lost, PLAIN, "nothing but wildcards there");
	add_losers(out, &issuers, lost, WILDCARD, "no wildcards there any more");
	out->failed = out->failed || issuers.failed;
	free_words(&issuers);
}

/* --- Aliases ------------------------------------------------------------------------------- */

/*! What is noted of a name. */
enum {
	KEY_CHANGED, /*!< A record there changes; the value is the last alias to it. */
	KEY_TARGET,  /*!< A DNAME leads what is below it there; the value is the last that does. */
};

/*! Notes an alias or a DNAME at a name that it leads to; false if out of memory. */
static bool add_to(lift_aliases_t *out, namemap_item_t *item, const knot_dname_t *owner)
{
	led_t *led = array_extend(&out->led, &out->led_count, sizeof(*led));
	if (led == NULL) {
		return false;
	}
	*led = (led_t){ .owner = owner, .other = item->value };
	item->value = out->led_count;
	return true;
}

/*! Notes at a name that an alias leads there, if it changes; false if out of memory. */
static bool note_led(lift_aliases_t *out, const knot_dname_t *name, const knot_dname_t *alias)
{
	namemap_item_t *item = namemap_find(&out->noted, name, KEY_CHANGED);
	return item == NULL || add_to(out, item, alias);
}

/*! Gets the number of the last alias to a name that changes, or of the last DNAME to one; 0 if there is none. */
static uint32_t first_led(const lift_aliases_t *aliases, const knot_dname_t *name, uint32_t key)
{
	const namemap_item_t *item = namemap_find(&aliases->noted, name, key);
	return item != NULL ? item->value : 0;
}

/*! Notes the aliases that lead to names that change, or to what a wildcard answers there. */
static bool add_led(const caaudit_view_t *view, lift_aliases_t *out)
{
	size_t pos = 0;
	caaudit_rrset_t rrset;
	const knot_dname_t *zone = caaudit_view_zone(view);
	while (view_next_alias(view, &pos, &rrset)) {
		caaudit_chain_t chain;
		const knot_dname_t *owner = rrset.record[0]->owner;
		caaudit_chain_begin(&chain, view, owner, KNOT_RRTYPE_CAA);
		const knot_dname_t *at = chain.at;
		while (caaudit_chain_follow(&chain)) {
			if (name_in(at, zone) && !note_led(out, at, owner)) {
				return false;
			}
		}
		if (!name_in(at, zone) || caaudit_view_exists(view, at)) {
			continue;
		}
		while (!caaudit_view_exists(view, at)) {
			at = name_parent(at);
		}
		knot_dname_storage_t wildcard;
		if (name_wildcard(wildcard, at) && !note_led(out, wildcard, owner)) {
			return false;
		}
	}
	return true;
}

/*! Notes a name that changes, and those above it that the zone name was appended to by mistake. */
static bool add_change(const knot_dname_t *zone, const knot_dname_t *owner, lift_aliases_t *out)
{
	for (const knot_dname_t *at = owner;; at = name_parent(at)) {
		knot_dname_storage_t meant;
		bool added;
		if (namemap_add(&out->noted, at, KEY_CHANGED, &added) == NULL) {
			return false;
		} else if (!added || !name_is_doubled(zone, at, meant)) {
			return true;
		}
	}
}

/*! Notes where changes are; false if out of memory. */
static bool add_changes(const knot_dname_t *zone, const view_change_t *change, size_t count,
                        lift_aliases_t *out)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j <= change[i].wrong_count; j++) {
			bool last = j == change[i].wrong_count;
			const caaudit_record_t *record = last ? change[i].right :
			                                        change[i].wrong[j];
			if (record != NULL && !add_change(zone, record->owner, out)) {
				return false;
			}
		}
	}
	return true;
}

/*! Notes the DNAMEs that lead into the zone; false if out of memory. */
static bool add_dnames(const caaudit_view_t *view, lift_aliases_t *out)
{
	size_t pos = 0;
	caaudit_rrset_t rrset;
	while (caaudit_view_next(view, KNOT_RRTYPE_DNAME, &pos, &rrset)) {
		// Of several at one name, which no server loads, any may be the one that stays.
		for (size_t i = 0; i < rrset.count; i++) {
			bool added;
			knot_dname_storage_t target;
			name_lower(target, rrset.record[i]->rdata);
			if (!name_in(target, caaudit_view_zone(view))) {
				continue;
			}
			namemap_item_t *item = namemap_add(&out->noted, target, KEY_TARGET, &added);
			if (item == NULL || !add_to(out, item, rrset.record[i]->owner)) {
				return false;
			}
			out->redirected = true;
		}
	}
	return true;
}

bool lift_aliases_init(lift_aliases_t *out, const caaudit_view_t *view, const view_change_t *change,
                       size_t count)
{
	*out = (lift_aliases_t){ .led = NULL };
	return add_changes(caaudit_view_zone(view), change, count, out) && add_led(view, out) &&
	       add_dnames(view, out);
}

void lift_aliases_clear(lift_aliases_t *aliases)
{
	free(aliases->led);
	namemap_clear(&aliases->noted);
}

/*! Does the RRset that changes decide for a name, and does an alias at the name lead to it? */
static bool is_led(const lift_t *lift, const caaudit_view_t *view, const knot_dname_t *name)
{
	caaudit_chain_t chain;
	return caaudit_chain_end(&chain, view, name, KNOT_RRTYPE_CAA) == CAAUDIT_ANSWER &&
	       knot_dname_is_equal(chain.lookup.source, lift->owner);
}

/*! Says that a change has too many aliases to be tried. */
static bool refuse_aliases(lift_t *lift)
{
	text_add(lift->why, "no record is shown: too many aliases lead to %s to try a change on",
	         NAME(lift->owner));
	return false;
}

static bool same_set(caaudit_rrset_t a, caaudit_rrset_t b)
{
	return a.count == b.count && (a.count == 0 || a.record == b.record);
}

/*!
 * \brief Tries requests for a name, and for those that a DNAME leads to it.
 *
 * \param[in]     lift     Change that is tried.
 * \param[in]     name     Owner of the RRset, or an alias that may lead to it.
 * \param[in]     aliases  Aliases from \a name to that RRset.
 * \param[in,out] tried    What decides for the names that were tried last.
 */
static bool check_name(lift_t *lift, const knot_dname_t *name, unsigned aliases, sets_t *tried)
{
	const caaudit_view_t *view = lift->before;
	// Each alias takes a look-up, at each name up to the zone.
	if ((*lift->work += aliases * (LIFT_REQUEST + knot_dname_labels(name, NULL))) >
	    LIFT_WORK_MAX) {
		return refuse_aliases(lift);
	} else if (aliases > 0 && !is_led(lift, view, name) && !is_led(lift, lift->after, name)) {
		return true;
	}
	// Where the same RRsets decide, so they do with each request.
	const sets_t sets = get_sets(lift, name);
	if (aliases == 0 || !same_set(sets.before, tried->before) ||
	    !same_set(sets.after, tried->after)) {
		*tried = sets;
		if (!check_requests(lift, name, &sets)) {
			return false;
		}
	}
	const lift_aliases_t *all = lift->aliases;
	const knot_dname_t *zone = caaudit_view_zone(view), *at = name;
	while (all->redirected && aliases < CAAUDIT_ALIASES_MAX && !knot_dname_is_equal(at, zone)) {
		at = name_parent(at);
		size_t below = knot_dname_size(name) - knot_dname_size(at);
		for (uint32_t i = first_led(all, at, KEY_TARGET); i > 0;
		     i = all->led[i - 1].other) {
			knot_dname_storage_t from;
			if ((*lift->work += LIFT_REQUEST) > LIFT_WORK_MAX) {
				return refuse_aliases(lift);
			} else if (name_replace(from, name, below, all->led[i - 1].owner) &&
			           !check_name(lift, from, aliases + 1, tried)) {
				return false;
			}
		}
	}
	return true;
}

/*! Finds the first of some aliases that has a type of record after the changes; NULL if none has. */
static const knot_dname_t *find_kept(const lift_aliases_t *aliases, uint32_t first,
                                     const caaudit_view_t *after, uint16_t type)
{
	while (first > 0 &&
	       caaudit_view_rrset(after, aliases->led[first - 1].owner, type).count == 0) {
		first = aliases->led[first - 1].other;
	}
	return first > 0 ? aliases->led[first - 1].owner : NULL;
}

const knot_dname_t *lift_alias_to(const lift_aliases_t *aliases, const caaudit_view_t *after,
                                  const knot_dname_t *name)
{
	const knot_dname_t *zone = caaudit_view_zone(after), *at = name;
	const knot_dname_t *found = find_kept(aliases, first_led(aliases, name, KEY_CHANGED), after,
	                                      KNOT_RRTYPE_CNAME);
	while (found == NULL && name_in(at, zone) && !knot_dname_is_equal(at, zone)) {
		at = name_parent(at);
		found = find_kept(aliases, first_led(aliases, at, KEY_TARGET), after,
		                  KNOT_RRTYPE_DNAME);
	}
	return found;
}

bool lift_is_slip(const lift_aliases_t *aliases, const caaudit_view_t *view,
                  const knot_dname_t *name)
{
	knot_dname_storage_t meant;
	const knot_dname_t *zone = caaudit_view_zone(view), *at = name;
	while (name_is_doubled(zone, at, meant) && lift_alias_to(aliases, view, at) == NULL) {
		at = name_parent(at);
	}
	return at != name && !name_is_doubled(zone, at, meant);
}

bool lift_nothing(lift_t *lift, const knot_dname_t *owner, bool governs)
{
	sets_t tried = { .octets = 0 };
	lift->owner = owner;
	bool ok = !governs || check_name(lift, owner, 0, &tried);
	const lift_aliases_t *aliases = lift->aliases;
	uint32_t i = first_led(aliases, owner, KEY_CHANGED);
	for (; ok && i > 0; i = aliases->led[i - 1].other) {
		ok = check_name(lift, aliases->led[i - 1].owner, 1, &tried);
	}
	return ok;
}

bool lift_nothing_behind(lift_t *lift, const knot_dname_t *owner)
{
	const lift_aliases_t *aliases = lift->aliases;
	bool ok = true;
	lift->owner = owner;
	uint32_t i = first_led(aliases, owner, KEY_CHANGED);
	for (; ok && i > 0; i = aliases->led[i - 1].other) {
		const knot_dname_t *alias = aliases->led[i - 1].owner;
		if (alias[1] == '_') {
			continue; // No host.
		} else if ((*lift->work += LIFT_REQUEST) > LIFT_WORK_MAX) {
			return refuse_aliases(lift);
		}
		const sets_t sets = get_sets(lift, alias);
		ok = check_requests(lift, alias, &sets);
	}
	return ok;
}
