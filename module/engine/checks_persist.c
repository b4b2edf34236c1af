/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Checks persistent validation records (BR 3.2.2.4.22): syntax, account, time, CAA. */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>

#include "caaset.h"
#include "checks.h"
#include "known.h"
#include "namemap.h"
#include "names.h"
#include "persist.h"
#include "txt.h"

/*! Octets of a text that a finding shows at most. */
#define OCTETS_MAX 40

/*! Records at one name that are compared with each other. */
#define PAIRS_MAX 256

/*! Of more records that many aliases lead to, CAA is judged for the first alias alone. */
#define LED_TO_MAX 16

/*! Seconds before persistUntil from which there is a warning. */
#define AHEAD (30 * 86400)

/*! A record that CAs find at a name. */
typedef struct {
	const knot_dname_t *owner; /*!< Name that they ask for. */
	const knot_dname_t *host;  /*!< Name that it is for; NULL if that is an IP address. */
	caaudit_rrset_t all;       /*!< All TXT records that they find there. */
	const caaudit_record_t *record;
	uint8_t *text; /*!< Text of the record. */
	size_t len;    /*!< Octets of \a text. */
	persist_t says;
	const caaudit_ca_info_t *ca;      /*!< NULL = none is known by the name. */
	bool taken;                       /*!< The CA takes its name here. */
	const caaudit_product_t *product; /*!< The name is that of a product; NULL = it is not. */
	bool expected;                    /*!< The policy expects the record. */
} subject_t;

/*! Reads a record; false if out of memory. */
static bool read_record(const caaudit_record_t *record, subject_t *out)
{
	out->record = record;
	out->text = malloc((size_t)record->rdlen + 1);
	if (out->text == NULL) {
		return false;
	}
	out->len = txt_join(record->rdata, record->rdlen, out->text);
	persist_parse(out->text, out->len, &out->says);
	out->ca = persist_ca(&out->says, &out->taken);
	return true;
}

static draft_t *begin(audit_t *audit, caaudit_id_t id, const subject_t *s)
{
	draft_t *draft = audit_draft(audit, id, s->owner);
	audit_wrong(audit, s->record);
	draft->removable = false;
	draft->ca = s->ca != NULL ? s->ca->name[0] : NULL;
	if (s->expected) {
		draft->severity = CAAUDIT_ERROR;
	}
	return draft;
}

/* --- Syntax, issuer, account ---------------------------------------------------------------- */

static void explain_syntax(text_t *what, const subject_t *s)
{
	size_t end = s->len;
	while (end > 0 && ascii_blank(s->text[end - 1])) {
		end--;
	}
	text_add(what, "the text is no issue value: ");
	if (s->says.error < end) {
		text_add(what, "'");
		text_octets_max(what, s->text + s->says.error, s->len - s->says.error, OCTETS_MAX);
		text_add(what, "' does not fit");
	} else if (end > 0 && s->text[end - 1] == ';') {
		text_add(what, "nothing may follow the last parameter");
	} else {
		text_add(what, "it breaks off");
	}
}

/*! Says what keeps CAs from taking the record. */
static void explain_refused(text_t *what, const subject_t *s)
{
	uint32_t faults = s->says.faults;
	if (faults & PERSIST_SYNTAX) {
		explain_syntax(what, s);
	} else if (faults & PERSIST_NO_ISSUER) {
		text_add(what, "no CA is named");
	} else if (faults & PERSIST_TWICE) {
		text_add(what, "%s stands twice", s->says.twice);
	} else if (faults & PERSIST_NO_ACCOUNT) {
		text_add(what, "accounturi is missing");
	} else if (faults & PERSIST_ACCOUNT_NO_URI) {
		text_add(what, "accounturi is no URI");
	} else {
		text_add(what, "persistUntil is no number of seconds since 1970");
	}
	if ((faults & PERSIST_SLIP) && !(faults & PERSIST_SYNTAX)) {
		text_add(what, " (did you mean %s by '", s->says.meant);
		text_octets_max(what, s->says.slip.tag, s->says.slip.tag_len, OCTETS_MAX);
		text_add(what, "'?)");
	}
	text_add(what, ", so that CAs pass over the record");
}

/*! The name that a CA takes here. */
static const char *name_to_take(const caaudit_ca_info_t *ca)
{
	return ca->persist != NULL ? ca->persist[0] : ca->name[0];
}

/*! Says what is wrong with the name of the CA; false if nothing is. */
static bool explain_issuer(text_t *what, const subject_t *s)
{
	const caaudit_issue_t *issue = &s->says.issue;
	if (s->ca != NULL && !s->taken) {
		text_add(what, "%s does not take ", s->ca->owner);
		text_octets_max(what, issue->issuer, issue->issuer_len, OCTETS_MAX);
		text_add(what, " here, but %s", name_to_take(s->ca));
		return true;
	} else if (s->product != NULL) {
		const caaudit_ca_info_t *ca = &caaudit_cas[s->product->ca];
		text_add(what, "no CA is known as ");
		text_octets_max(what, issue->issuer, issue->issuer_len, OCTETS_MAX);
		text_add(what, ", that is a product (%s), which %s%s issues under the name %s",
		         s->product->product,
		         known_is_hearsay(s->product) ? "by what others say " : "", ca->owner,
		         name_to_take(ca));
		return true;
	}
	bool capitals = !octets_are_lower(issue->issuer, issue->issuer_len);
	const char *like = s->ca == NULL ? known_ca_lookalike(issue->issuer, issue->issuer_len) :
	                                   NULL;
	if (like != NULL) {
		text_add(what, "no CA is known as ");
		text_octets_max(what, issue->issuer, issue->issuer_len, OCTETS_MAX);
		text_add(what, " (did you mean %s?)", like);
	} else if (capitals) {
		text_add(what, "the CA's name has capital letters, and CAs compare the octets");
	}
	return like != NULL || capitals;
}

/*! Says what is wrong with the account; false if nothing is. */
static bool explain_account(text_t *what, const subject_t *s)
{
	const caaudit_issue_t *issue = &s->says.issue;
	const caaudit_param_t *account = &s->says.account;
	const caaudit_ca_info_t *owner;
	switch (known_account(issue->issuer, issue->issuer_len, account->value, account->value_len,
	                      &owner)) {
	case KNOWN_ACCOUNT_STAGING:
		text_add(what, "accounturi is an account of a staging system, by which no "
		               "certificate is issued");
		return true;
	case KNOWN_ACCOUNT_FOREIGN:
		text_add(what, "accounturi is an account at another CA, %s", owner->owner);
		return true;
	case KNOWN_ACCOUNT_NONE:
		known_account_explain(what, known_account_form(owner));
		return true;
	default:
		return false;
	}
}

/*! Says of a parameter that it has no effect; false if none is so. */
static bool explain_ignored(draft_t *draft, const subject_t *s)
{
	text_t *what = &draft->what;
	if (s->says.faults & PERSIST_SLIP) {
		text_add(what, "CAs pass over the parameter '");
		text_octets_max(what, s->says.slip.tag, s->says.slip.tag_len, OCTETS_MAX);
		text_add(what, "' (did you mean %s?)", s->says.meant);
		return true;
	} else if (s->says.faults & PERSIST_POLICY) {
		draft->severity = CAAUDIT_NOTICE;
		text_add(what, "CAs know no policy but 'wildcard': the record is for the host "
		               "alone, and for no name below it");
		return true;
	}
	return false;
}

/*! Shows the record as it was probably meant. */
static void add_mended(audit_t *audit, const subject_t *s)
{
	const char *name = s->product != NULL && !known_is_hearsay(s->product) ?
	                           name_to_take(&caaudit_cas[s->product->ca]) :
	                           "";
	size_t size = strlen(name) + s->len;
	uint8_t *mended = malloc(size + 1);
	uint8_t *rdata = malloc(size + size / UINT8_MAX + 1);
	size_t len = 0;
	if (mended != NULL && name[0] != '\0') {
		const caaudit_issue_t *issue = &s->says.issue;
		size_t behind = issue->issuer + issue->issuer_len - s->text;
		len = strlen(name) + s->len - behind;
		memcpy(mended, name, strlen(name));
		memcpy(mended + strlen(name), s->text + behind, s->len - behind);
	} else if (mended != NULL) {
		len = persist_mend(s->text, s->len, mended);
	}
	if (mended == NULL || rdata == NULL) {
		audit->failed = true;
	} else if (len > 0) {
		audit_right(audit, &(caaudit_record_t){ .owner = s->record->owner,
		                                        .rdata = rdata,
		                                        .ttl = s->record->ttl,
		                                        .type = KNOT_RRTYPE_TXT,
		                                        .rdlen = txt_split(mended, len, rdata) });
	}
	free(mended);
	free(rdata);
}

static void check_says(audit_t *audit, const subject_t *s)
{
	draft_t *draft = begin(audit, CAAUDIT_DCV_PERSIST_MALFORMED, s);
	if (s->says.faults & PERSIST_REFUSED) {
		explain_refused(&draft->what, s);
	} else if (!explain_issuer(&draft->what, s) && !explain_account(&draft->what, s) &&
	           !explain_ignored(draft, s)) {
		return;
	}
	add_mended(audit, s);
	audit_report(audit);
}

/* --- Time ----------------------------------------------------------------------------------- */

/*! Does another record say the same for longer? */
static bool has_successor(audit_t *audit, const subject_t *s)
{
	const persist_t *old = &s->says;
	bool found = false;
	for (size_t i = 0; !found && i < s->all.count && i < PAIRS_MAX; i++) {
		subject_t other = { .text = NULL };
		if (!read_record(s->all.record[i], &other)) {
			audit->failed = true;
			return false;
		}
		const persist_t *new = &other.says;
		found = !(new->faults &PERSIST_REFUSED) && new->time > old->time &&
		        (new->time == UINT64_MAX || new->time > audit->now + AHEAD) &&
		        (new->wildcard || !old->wildcard) &&
		        octets_equal(new->issue.issuer, new->issue.issuer_len, old->issue.issuer,
		                     old->issue.issuer_len) &&
		        new->account.value_len ==
		                old->account.value_len &&memcmp(new->account.value,
		                                                old->account.value,
		                                                old->account.value_len) == 0;
		free(other.text);
	}
	return found;
}

/*! Reports that the time of a record is over, or will soon be; true if it is over. */
static bool check_time(audit_t *audit, const subject_t *s)
{
	uint64_t until = s->says.time;
	bool over = until < audit->now;
	if (until == UINT64_MAX || (!over && until - audit->now > AHEAD)) {
		return false;
	}
	bool replaced = has_successor(audit, s);
	if (replaced && !over) {
		return false;
	}
	draft_t *draft = begin(audit, CAAUDIT_DCV_PERSIST_EXPIRED, s);
	if (replaced) {
		draft->severity = CAAUDIT_NOTICE;
		draft->removable = true;
	} else if (!over) {
		draft->severity = CAAUDIT_WARNING;
	}
	text_add(&draft->what, over ? "CAs take the record no more, since " :
	                              "CAs take the record no more after ");
	text_time(&draft->what, until);
	text_add(&draft->what, " (persistUntil)%s",
	         replaced ? "; another record at the name says the same for longer" : "");
	draft->advice = replaced ? NULL :
	                           "publish it with a later persistUntil, or remove it if no "
	                           "certificate is wanted by it";
	audit_report(audit);
	return over;
}

/* --- CAA ------------------------------------------------------------------------------------ */

/*! Does CAA deny the CA and account that the record is for? */
static void judge(const audit_t *audit, const subject_t *s, const char *account,
                  const caaudit_ca_t *ca, caaudit_verdict_t *out)
{
	const caaudit_policy_t request = { .zone = audit->policy->zone, .account_uri = account };
	caaudit_permit(audit->view, &request, s->host, false, ca, out);
	if (out->is.permit == CAAUDIT_DENIED && s->says.wildcard) {
		// It may be there for the wildcard alone; if that is denied as well, the host comes first.
		caaudit_verdict_t wildcard;
		caaudit_permit(audit->view, &request, s->host, true, ca, &wildcard);
		*out = wildcard.is.permit == CAAUDIT_DENIED ? *out : wildcard;
	}
}

static void report_denied(audit_t *audit, const subject_t *s, const caaudit_ca_t *ca,
                          const caaudit_verdict_t *verdict)
{
	const caaudit_decision_t *is = &verdict->is;
	draft_t *draft = begin(audit, CAAUDIT_DCV_PERSIST_DENIED, s);
	draft->severity = CAAUDIT_WARNING;
	draft->wrong_count = 0;
	text_add(&draft->what, "a record for %s, but CAA at %s", ca->name, NAME(is->decided_by));
	if (is->reason == CAAUDIT_REASON_PARAMETERS) {
		text_add(&draft->what, " binds it to another account%s for ",
		         is->account_differs ? "" : " or method");
	} else {
		text_add(&draft->what, " does not permit it for ");
	}
	text_name(&draft->what, s->host);
	if (is->reason == CAAUDIT_REASON_NOT_LISTED || is->reason == CAAUDIT_REASON_MALFORMED) {
		const caaudit_policy_t any = { .zone = audit->policy->zone };
		draft->optional = true;
		draft->advice = "or remove the validation if it is no longer used";
		cure_above(audit, &any, is, ca, caaset_deciding_tag(is));
	} else {
		draft->advice = "decide whether that is still wanted, or remove the validation";
	}
	audit_report(audit);
}

static void check_caa(audit_t *audit, const subject_t *s)
{
	const persist_t *says = &s->says;
	char *account = strndup((const char *)says->account.value, says->account.value_len);
	char *name = s->ca != NULL ?
	                     strdup(s->ca->name[0]) :
	                     strndup((const char *)says->issue.issuer, says->issue.issuer_len);
	if (account == NULL || name == NULL) {
		audit->failed = true;
	} else {
		const caaudit_ca_t ca = { .name = name,
			                  .alias = s->ca != NULL ? s->ca->name : NULL };
		caaudit_verdict_t verdict;
		judge(audit, s, account, &ca, &verdict);
		if (verdict.is.permit == CAAUDIT_DENIED && !dcv_is_denied(audit, s->host, &ca)) {
			report_denied(audit, s, &ca, &verdict);
		}
	}
	free(account);
	free(name);
}

/* --- Records -------------------------------------------------------------------------------- */

/*! Is a CA meant by a name that it does not have, as far as that is known? */
static bool is_misnamed(const subject_t *s)
{
	const caaudit_issue_t *issue = &s->says.issue;
	return s->product != NULL ||
	       (s->ca == NULL && known_ca_lookalike(issue->issuer, issue->issuer_len) != NULL);
}

/*! Says that CAA was not judged for an alias of records that others lead to as well. */
static void report_led_to(audit_t *audit, const knot_dname_t *owner, caaudit_rrset_t all)
{
	text_t what = TEXT_EMPTY, why = TEXT_EMPTY;
	text_add(&what, "CAA for aliases of persistent validations, such as %s", NAME(owner));
	text_add(&why, "%zu records stand at %s", all.count, NAME(all.record[0]->owner));
	audit_gap(audit, &what, &why);
}

/*!
 * \brief Checks the TXT records that CAs find at a name.
 *
 * \param[in] audit  Audit.
 * \param[in] owner  Name, which may be an alias.
 * \param[in] all    Records.
 * \param[in] first  They were not found before, by another alias.
 */
static void check_found(audit_t *audit, const knot_dname_t *owner, caaudit_rrset_t all, bool first)
{
	// What a record says is said once, by whatever alias it is found; in a trial that it is no
	// part of nothing is said: another alias may come first there.
	bool says = first && audit_in_scope(audit, all.record[0]->owner);
	bool judged = first || all.count <= LED_TO_MAX;
	for (size_t i = 0; !audit->failed && i < all.count; i++) {
		subject_t s = { .owner = owner, .all = all };
		s.expected = dcv_is_expected(audit, owner, all.record[i]);
		if (!judged && !s.expected) {
			continue;
		} else if (!read_record(all.record[i], &s)) {
			audit->failed = true;
			return;
		}
		const caaudit_issue_t *issue = &s.says.issue;
		if (s.ca == NULL && !(s.says.faults & PERSIST_REFUSED)) {
			s.product = known_product(issue->issuer, issue->issuer_len, audit->now);
		}
		knot_dname_storage_t meant;
		s.host = persist_label(owner) == PERSIST_HOST ? name_parent(owner) : NULL;
		bool over = s.says.time < audit->now;
		if (says || s.expected) {
			check_says(audit, &s);
			over = (s.says.faults & PERSIST_REFUSED) || check_time(audit, &s);
		}
		// Where the zone name stands twice nobody orders: dcv-owner-doubled says so. The CA that
		// is meant by a wrong name is judged when the record has the right one.
		if (!(s.says.faults & PERSIST_REFUSED) && !over && s.taken && !is_misnamed(&s) &&
		    s.host != NULL && name_in(s.host, audit->policy->zone) &&
		    !audit_is_doubled(audit, s.host, meant)) {
			check_caa(audit, &s);
		}
		free(s.text);
	}
}

/*! Says that a host does not get by with the record of the name that it is an alias for. */
static void check_alias(audit_t *audit, const knot_dname_t *host)
{
	static const knot_dname_t label[] = "\x13_validation-persist";
	knot_dname_storage_t owner;
	caaudit_chain_t chain, found;
	caaudit_chain_begin(&chain, audit->view, host, KNOT_RRTYPE_CAA);
	if (!caaudit_chain_follow(&chain) || !name_in(chain.at, audit->policy->zone)) {
		return;
	}
	caaudit_rrset_t there = { .count = 0 };
	do {
		if (name_move(owner, label, chain.at)) {
			there = caaudit_view_rrset(audit->view, owner, KNOT_RRTYPE_TXT);
		}
	} while (there.count == 0 && caaudit_chain_follow(&chain));
	if (there.count == 0 || !audit_in_scope(audit, there.record[0]->owner) ||
	    !name_move(owner, label, host) ||
	    caaudit_chain_end(&found, audit->view, owner, KNOT_RRTYPE_TXT) == CAAUDIT_ANSWER) {
		return;
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_DCV_PERSIST_DENIED, there.record[0]->owner);
	draft->severity = CAAUDIT_NOTICE;
	text_add(&draft->what,
	         "the record is not for %s, which is an alias: by this method no CA follows the "
	         "alias of a host; if it is to be validated so, publish a record at %s",
	         NAME(host), NAME(owner));
	audit_report(audit);
}

/*! Is it the first time that records are found? If not, it may be told that CAA is not judged. */
static bool is_first(audit_t *audit, namemap_t *done, const knot_dname_t *owner,
                     caaudit_rrset_t all)
{
	bool added;
	namemap_item_t *item = namemap_add(done, all.record[0]->owner, 0, &added);
	if (item == NULL) {
		audit->failed = true;
	} else if (!added && all.count > LED_TO_MAX && item->value == 0) {
		item->value = 1;
		report_led_to(audit, owner, all);
	}
	return added;
}

void check_persist(audit_t *audit)
{
	static const uint16_t types[] = { KNOT_RRTYPE_TXT, KNOT_RRTYPE_CNAME };
	namemap_t done = { NULL };
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		size_t pos = 0;
		caaudit_rrset_t rrset;
		while (!audit->failed && audit_next(audit, types[i], &pos, &rrset)) {
			const knot_dname_t *owner = rrset.record[0]->owner;
			caaudit_chain_t chain;
			// The name itself may be an alias.
			if (persist_label(owner) != PERSIST_NONE &&
			    !dcv_report_occluded(audit, rrset.record[0], NULL) &&
			    caaudit_chain_end(&chain, audit->view, owner, KNOT_RRTYPE_TXT) ==
			            CAAUDIT_ANSWER) {
				caaudit_rrset_t all = chain.lookup.rrset;
				check_found(audit, owner, all, is_first(audit, &done, owner, all));
			}
		}
	}
	namemap_clear(&done);
	for (size_t i = 0; !audit->failed && i < audit->policy->host_count; i++) {
		check_alias(audit, audit->policy->host[i]);
	}
}
