/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "audit.h"
#include "caaudit/caa.h"
#include "known.h"
#include "names.h"

/*! Issuers, hosts and octets that a message names before it says how many more there are. */
#define NAMED_MAX  3
#define OCTETS_MAX 64
/*! A CA must have issued within that time of its look-up: BR 4.2.2.1. */
#define TTL_MAX (8 * 3600)
/*! Largest answer that crosses every path over UDP: RFC 9715 section 3. */
#define ANSWER_MAX 1232
/*! Longest tag of RFC 6844 section 5.1.1. */
#define TAG_MAX 15

/*! The properties of a record, and how its tag is registered. */
static bool get_property(const caaudit_record_t *record, caaudit_caa_t *caa, caaudit_tag_t *tag)
{
	if (caaudit_caa_parse(record->rdata, record->rdlen, caa) != KNOT_EOK) {
		return false;
	}
	*tag = caaudit_caa_tag(caa->tag, caa->tag_len);
	return true;
}

/*! Tags whose value follows the issue grammar. */
static bool is_issue_like(caaudit_tag_t tag)
{
	return tag == CAAUDIT_TAG_ISSUE || tag == CAAUDIT_TAG_ISSUEWILD ||
	       tag == CAAUDIT_TAG_ISSUEMAIL || tag == CAAUDIT_TAG_ISSUEVMC;
}

static bool is_critical(const caaudit_caa_t *caa)
{
	return (caa->flags & CAAUDIT_CAA_CRITICAL) != 0;
}

/*! Well-formed value of an issue-like property. */
static bool get_issue(const caaudit_caa_t *caa, caaudit_issue_t *issue)
{
	return caaudit_issue_parse(caa->value, caa->value_len, issue, NULL) == KNOT_EOK;
}

/* --- Verdicts ------------------------------------------------------------------------------ */

/*! "letsencrypt.org, digicert.com and 2 more", or that nobody is permitted. */
static void add_issuers(text_t *text, caaudit_rrset_t rrset, caaudit_tag_t tag)
{
	unsigned count = 0;
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_caa_t caa;
		caaudit_tag_t has;
		caaudit_issue_t issue;
		if (!get_property(rrset.record[i], &caa, &has) || has != tag ||
		    !get_issue(&caa, &issue) || issue.issuer_len == 0) {
			continue;
		}
		if (count++ < NAMED_MAX) {
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

/*! The value to publish for a CA, with the account and method that the policy asks for. */
static void add_issue_record(text_t *text, const knot_dname_t *owner, uint32_t ttl, const char *tag,
                             const char *ca, const caaudit_policy_t *policy)
{
	text_t value = TEXT_EMPTY;
	text_add(&value, "%s", ca);
	// A parameter value has no ";": RFC 8659 section 4.2.
	if (policy->account_uri != NULL && strchr(policy->account_uri, ';') == NULL) {
		text_add(&value, "; accounturi=%s", policy->account_uri);
	}
	if (value.failed) {
		text->failed = true;
	} else {
		text_caa_new(text, owner, ttl, 0, tag, (const uint8_t *)value.str, value.len);
	}
	text_free(&value);
}

/*! Why the CA is denied, up to the cure. */
static void explain_denial(text_t *text, const caaudit_verdict_t *verdict)
{
	const char *tag = verdict->by_issuewild ? "issuewild" : "issue";
	switch (verdict->reason) {
	case CAAUDIT_REASON_CRITICAL:
		text_add(text,
		         "an unknown tag with flag 128 stops every CA, see caa-critical-unknown");
		return;
	case CAAUDIT_REASON_RDATA:
		text_add(text, "a CAA record that no CA can decode, see caa-rdata-malformed");
		return;
	case CAAUDIT_REASON_PARAMETERS:
		text_add(text, "CAA %s names %s, but for another account or validation method", tag,
		         verdict->ca);
		return;
	default:
		if (verdict->wildcard && !verdict->by_issuewild) {
			text_add(text, "without issuewild, issue decides for wildcards as well: ");
		}
		if (verdict->reason == CAAUDIT_REASON_NOBODY) {
			text_add(text, "CAA %s \";\" permits nobody", tag);
			return;
		}
		text_add(text, verdict->by_issuewild ? "CAA issuewild permits " : "CAA permits ");
		add_issuers(text, verdict->rrset,
		            verdict->by_issuewild ? CAAUDIT_TAG_ISSUEWILD : CAAUDIT_TAG_ISSUE);
		if (verdict->reason == CAAUDIT_REASON_MALFORMED) {
			text_add(text, ", a malformed value counts as nobody");
		}
	}
}

/*! Order of the denials: those that one finding is about come together. */
static int compare_denials(const void *a, const void *b)
{
	const caaudit_verdict_t *x = *(const caaudit_verdict_t *const *)a;
	const caaudit_verdict_t *y = *(const caaudit_verdict_t *const *)b;
	if (x->decided_by != y->decided_by) {
		return x->decided_by < y->decided_by ? -1 : 1;
	}
	if (x->ca != y->ca) {
		return x->ca < y->ca ? -1 : 1;
	}
	return x->wildcard != y->wildcard ? x->wildcard - y->wildcard : (x > y) - (x < y);
}

/*! Is it the same denial, met from another host? */
static bool same_denial(const caaudit_verdict_t *a, const caaudit_verdict_t *b)
{
	return a->decided_by == b->decided_by && a->wildcard == b->wildcard && a->ca == b->ca;
}

/*! ", for www.example.com. and 2 more" unless the only host is the owner itself. */
static void add_hosts(text_t *text, const caaudit_verdict_t *const *verdict, size_t count)
{
	const knot_dname_t *owner = verdict[0]->decided_by, *other = NULL;
	for (size_t i = 0; i < count && other == NULL; i++) {
		other = knot_dname_is_equal(verdict[i]->host, owner) ? NULL : verdict[i]->host;
	}
	if (other != NULL) {
		text_add(text, ", for %s", verdict[0]->wildcard ? "*." : "");
		text_name(text, other);
		if (count > 1) {
			text_add(text, " and %zu more", count - 1);
		}
	}
}

/*! Reports a denial that several hosts meet. */
static void report_denial(audit_t *audit, const caaudit_verdict_t *const *same, size_t count)
{
	const caaudit_verdict_t *verdict = same[0];
	draft_t *draft = audit_draft(audit,
	                             verdict->wildcard ? CAAUDIT_CAA_ISSUEWILD_DENIED :
	                                                 CAAUDIT_CAA_ISSUE_DENIED,
	                             verdict->decided_by);
	draft->ca = verdict->ca;
	explain_denial(&draft->text, verdict);
	add_hosts(&draft->text, same, count);
	if (verdict->reason != CAAUDIT_REASON_CRITICAL && verdict->reason != CAAUDIT_REASON_RDATA) {
		add_issue_record(&draft->remedy, verdict->decided_by, verdict->rrset.record[0]->ttl,
		                 verdict->by_issuewild ? "issuewild" : "issue", verdict->ca,
		                 audit->policy);
		if (!draft->remedy.failed) {
			text_add(&draft->text, "; add: %s", draft->remedy.str);
		}
	}
	audit_report(audit);
}

/*! Goes on from an alias to the one that leads out of the zone, as a verdict has said. */
static void follow_out(const audit_t *audit, caaudit_lookup_t *lookup)
{
	while ((lookup->answer == CAAUDIT_CNAME || lookup->answer == CAAUDIT_DNAME) &&
	       name_in(lookup->target, caaudit_view_zone(audit->view))) {
		knot_dname_storage_t at;
		memcpy(at, lookup->target, knot_dname_size(lookup->target));
		caaudit_view_lookup(audit->view, at, KNOT_RRTYPE_CAA, lookup);
	}
}

static void report_alias(audit_t *audit, const caaudit_verdict_t *verdict)
{
	caaudit_lookup_t lookup;
	caaudit_view_lookup(audit->view, verdict->asked, KNOT_RRTYPE_CAA, &lookup);
	if (lookup.answer == CAAUDIT_DNAME_LONG) {
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_ALIAS_LOOP, verdict->asked);
		text_add(&draft->text, "DNAME at ");
		text_name(&draft->text, lookup.source);
		text_add(&draft->text, " makes too long a name of this one, CAA look-ups fail");
		audit_report(audit);
		return;
	}
	if (lookup.answer != CAAUDIT_CNAME && lookup.answer != CAAUDIT_DNAME) {
		return;
	}
	if (verdict->reason == CAAUDIT_REASON_EXTERNAL) {
		follow_out(audit, &lookup);
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_ALIAS_EXTERNAL, verdict->asked);
		text_add(&draft->text, "the alias leads out of the zone, to ");
		text_name(&draft->text, lookup.target);
		text_add(&draft->text, ", whose CAA decides and is not known here; look: dig CAA ");
		text_name(&draft->text, lookup.target);
	} else if (verdict->reason == CAAUDIT_REASON_LOOP) {
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_ALIAS_LOOP, verdict->asked);
		text_add(&draft->text, "the alias to ");
		text_name(&draft->text, lookup.target);
		text_add(&draft->text, " leads in a circle or too far, CAA look-ups fail");
	} else if (verdict->decided_by != NULL) {
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_ALIAS_DECIDES, verdict->asked);
		text_add(&draft->text, "the name is an alias, CAA at ");
		text_name(&draft->text, verdict->decided_by);
		text_add(&draft->text, " decides for it");
	} else {
		return;
	}
	audit_report(audit);
}

/*! Says what cannot be judged. */
static void report_unknown(audit_t *audit, const caaudit_verdict_t *verdict)
{
	text_t what = TEXT_EMPTY, why = TEXT_EMPTY;
	text_add(&what, "CAA of ");
	text_name(&what, verdict->host);
	switch (verdict->reason) {
	case CAAUDIT_REASON_EXTERNAL:
		text_add(&why, "an alias leads out of the zone at ");
		break;
	case CAAUDIT_REASON_DELEGATED:
		text_add(&why, "another zone answers at ");
		break;
	default:
		text_add(&why, "aliases lead in a circle or too far at ");
		break;
	}
	text_name(&why, verdict->asked);
	audit_not_checked(audit, &what, &why);
}

/*! Reports each denial once, whatever the hosts that meet it. */
static void report_denials(audit_t *audit)
{
	const caaudit_verdict_t **denied = calloc(audit->verdict_count + 1, sizeof(*denied));
	if (denied == NULL) {
		audit->failed = true;
		return;
	}
	size_t count = 0;
	for (size_t i = 0; i < audit->verdict_count; i++) {
		if (audit->verdict[i].permit == CAAUDIT_DENIED) {
			denied[count++] = &audit->verdict[i];
		}
	}
	qsort(denied, count, sizeof(*denied), compare_denials);
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && same_denial(denied[i], denied[end]);) {
			end++;
		}
		report_denial(audit, &denied[i], end - i);
	}
	free(denied);
}

void check_verdicts(audit_t *audit)
{
	const knot_dname_t *unknown = NULL;
	for (size_t i = 0; i < audit->verdict_count; i++) {
		const caaudit_verdict_t *verdict = &audit->verdict[i];
		if (verdict->asked != NULL) {
			report_alias(audit, verdict);
		}
		if (verdict->permit == CAAUDIT_UNKNOWN && verdict->host != unknown) {
			unknown = verdict->host; // Once a host, whatever the CA and kind.
			report_unknown(audit, verdict);
		}
	}
	report_denials(audit);
}

/* --- The literal pair ---------------------------------------------------------------------- */

/*! Is there a property of that tag that names the CA, whatever its parameters? */
static bool names_ca(caaudit_rrset_t rrset, caaudit_tag_t tag, const caaudit_ca_t *ca)
{
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_caa_t caa;
		caaudit_tag_t has;
		caaudit_issue_t issue;
		if (get_property(rrset.record[i], &caa, &has) && has == tag &&
		    get_issue(&caa, &issue) &&
		    caaudit_ca_accepts(ca, issue.issuer, issue.issuer_len)) {
			return true;
		}
	}
	return false;
}

/*!
 * \brief Would a first issuewild for the CA take wildcards from another issuer?
 *
 * As long as there is none, issue governs wildcards as well (RFC 8659 section 4.3).
 */
static bool others_lose_wildcards(caaudit_rrset_t rrset, const caaudit_ca_t *ca)
{
	bool others = false;
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_caa_t caa;
		caaudit_tag_t tag;
		caaudit_issue_t issue;
		if (!get_property(rrset.record[i], &caa, &tag)) {
			continue;
		} else if (tag == CAAUDIT_TAG_ISSUEWILD) {
			return false;
		}
		others = others || (tag == CAAUDIT_TAG_ISSUE && get_issue(&caa, &issue) &&
		                    issue.issuer_len > 0 &&
		                    !caaudit_ca_accepts(ca, issue.issuer, issue.issuer_len));
	}
	return others;
}

static void check_pair(audit_t *audit, const caaudit_verdict_t *verdict, const caaudit_ca_t *ca,
                       caaudit_tag_t tag, const char *tag_name)
{
	if (names_ca(verdict->rrset, tag, ca)) {
		return;
	}
	bool harm = tag == CAAUDIT_TAG_ISSUEWILD && others_lose_wildcards(verdict->rrset, ca);
	if (harm && !audit->policy->strict) {
		return; // Advice that helps one CA must not lock another out.
	}
	draft_t *draft = audit_draft(audit, CAAUDIT_CAA_STRICT_INCOMPLETE, verdict->decided_by);
	if (audit->policy->strict) {
		draft->severity = CAAUDIT_ERROR;
	}
	draft->ca = ca->name;
	text_add(&draft->text, "resellers such as Tencent Cloud demand CAA %s for %s as well; ",
	         tag_name, ca->name);
	if (harm) {
		text_add(&draft->text,
		         "add one together with an issuewild for each other issuer, which would "
		         "lose its wildcards: CAA permits ");
		add_issuers(&draft->text, verdict->rrset, CAAUDIT_TAG_ISSUE);
	} else {
		add_issue_record(&draft->remedy, verdict->decided_by, verdict->rrset.record[0]->ttl,
		                 tag_name, ca->name, audit->policy);
		text_add(&draft->text, "add: %s", draft->remedy.failed ? "" : draft->remedy.str);
	}
	audit_report(audit);
}

/*! Is the wildcard of the same host permitted? */
static bool wildcard_permitted(const audit_t *audit, const caaudit_verdict_t *plain)
{
	const caaudit_verdict_t *next = plain + 1;
	return next < audit->verdict + audit->verdict_count && next->wildcard &&
	       next->permit == CAAUDIT_PERMITTED;
}

void check_literal_pair(audit_t *audit)
{
	const caaudit_policy_t *policy = audit->policy;
	for (size_t i = 0; i < audit->verdict_count; i++) {
		const caaudit_verdict_t *verdict = &audit->verdict[i];
		size_t j = 0;
		while (verdict->ca != policy->ca[j].name) {
			j++;
		}
		const caaudit_ca_t *ca = &policy->ca[j];
		const known_ca_t *known = known_ca_find((const uint8_t *)ca->name,
		                                        strlen(ca->name));
		bool demanded = policy->strict || (known != NULL && known->pair != NULL);
		if (verdict->wildcard || verdict->rrset.count == 0 || !demanded) {
			continue;
		}
		// Advice follows only where the CA has been chosen and nothing graver is said.
		if (!policy->strict && (verdict->reason != CAAUDIT_REASON_LISTED ||
		                        !wildcard_permitted(audit, verdict))) {
			continue;
		}
		check_pair(audit, verdict, ca, CAAUDIT_TAG_ISSUE, "issue");
		check_pair(audit, verdict, ca, CAAUDIT_TAG_ISSUEWILD, "issuewild");
	}
}

/* --- Single properties --------------------------------------------------------------------- */

/*! Registered tag that a text is a slip of the pen for, or NULL. */
static const char *similar_tag(const uint8_t *tag, size_t len)
{
	static const char *const tags[] = { "issue",    "issuewild",    "iodef",       "issuemail",
		                            "issuevmc", "contactemail", "contactphone" };
	uint8_t plain[64];
	size_t plain_len = 0;
	for (size_t i = 0; i < len && plain_len < sizeof(plain); i++) {
		if (ascii_alnum(tag[i])) {
			plain[plain_len++] = tag[i];
		}
	}
	const char *best = NULL;
	unsigned best_distance = 3;
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		// Two slips in a long tag, one in a short one.
		unsigned limit = strlen(tags[i]) > 6 ? 2 : 1;
		unsigned distance = octets_distance(plain, plain_len, (const uint8_t *)tags[i],
		                                    strlen(tags[i]), limit);
		if (distance <= limit && distance < best_distance) {
			best = tags[i];
			best_distance = distance;
		}
	}
	return best;
}

/*! Adds the record as it should be. */
static void add_remedy(audit_t *audit, draft_t *draft, const caaudit_record_t *record,
                       uint8_t flags, const char *tag, const uint8_t *value, size_t len)
{
	caaudit_rrset_t rrset = caaudit_view_rrset(audit->view, record->owner, KNOT_RRTYPE_CAA);
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_caa_t caa;
		caaudit_tag_t has;
		if (get_property(rrset.record[i], &caa, &has) && caa.flags == flags &&
		    octets_equal_str(caa.tag, caa.tag_len, tag) && caa.value_len == len &&
		    memcmp(caa.value, value, len) == 0) {
			draft->replaced = true;
			text_add(&draft->text, "; remove it, what is meant is there already");
			return;
		}
	}
	text_caa_new(&draft->remedy, record->owner, record->ttl, flags, tag, value, len);
	if (!draft->remedy.failed) {
		text_add(&draft->text, "; replace with: %s", draft->remedy.str);
	}
}

/*! Adds the record as it is but for its flags. */
static void add_reflagged(audit_t *audit, draft_t *draft, const caaudit_record_t *record,
                          const caaudit_caa_t *caa, uint8_t flags)
{
	char tag[UINT8_MAX + 1];
	memcpy(tag, caa->tag, caa->tag_len);
	tag[caa->tag_len] = '\0';
	add_remedy(audit, draft, record, flags, tag, caa->value, caa->value_len);
}

static draft_t *draft_record(audit_t *audit, caaudit_id_t id, const caaudit_record_t *record)
{
	draft_t *draft = audit_draft(audit, id, record->owner);
	text_caa(&draft->record, record);
	return draft;
}

static void check_tag(audit_t *audit, const caaudit_record_t *record, const caaudit_caa_t *caa,
                      caaudit_tag_t tag)
{
	if (tag != CAAUDIT_TAG_UNKNOWN && tag != CAAUDIT_TAG_RESERVED) {
		return;
	}

	bool charset = false;
	for (size_t i = 0; i < caa->tag_len; i++) {
		charset = charset || !ascii_alnum(caa->tag[i]);
	}
	caaudit_id_t id = caa->tag_len == 0           ? CAAUDIT_CAA_TAG_EMPTY :
	                  charset                     ? CAAUDIT_CAA_TAG_CHARSET :
	                  tag == CAAUDIT_TAG_RESERVED ? CAAUDIT_CAA_TAG_RESERVED :
	                                                CAAUDIT_CAA_TAG_UNKNOWN;
	const char *similar = similar_tag(caa->tag, caa->tag_len);

	draft_t *draft = draft_record(audit, is_critical(caa) ? CAAUDIT_CAA_CRITICAL_UNKNOWN : id,
	                              record);
	if (caa->tag_len == 0) {
		text_add(&draft->text, "the tag is empty");
	} else {
		text_add(&draft->text, "tag '");
		text_octets_max(&draft->text, caa->tag, caa->tag_len, OCTETS_MAX);
		text_add(&draft->text, "' %s",
		         charset ? "holds a character that is no letter or digit" :
		         tag == CAAUDIT_TAG_RESERVED ? "is reserved and has no meaning" :
		                                       "is not registered");
	}
	if (similar != NULL) {
		text_add(&draft->text, " (did you mean %s?)", similar);
	}
	text_add(&draft->text, is_critical(caa) ? ", and flag 128 makes every CA refuse" :
	                                          ", CAs ignore the record");
	if (similar != NULL) {
		// A permission that was meant must not be lost: the flag is kept off.
		add_remedy(audit, draft, record, 0, similar, caa->value, caa->value_len);
	} else {
		text_add(&draft->text, "; remove it");
	}
	if (id == CAAUDIT_CAA_TAG_UNKNOWN && !is_critical(caa) && similar == NULL) {
		draft->severity = CAAUDIT_NOTICE;
	}
	audit_report(audit);

	if (caa->tag_len > TAG_MAX) {
		draft = draft_record(audit, CAAUDIT_CAA_TAG_LONG, record);
		text_add(&draft->text, "the tag has %u characters, some CAs refuse more than %u",
		         caa->tag_len, TAG_MAX);
		draft->edit = true;
		audit_report(audit);
	}
}

static void check_flags(audit_t *audit, const caaudit_record_t *record, const caaudit_caa_t *caa,
                        caaudit_tag_t tag)
{
	bool registered = tag != CAAUDIT_TAG_UNKNOWN && tag != CAAUDIT_TAG_RESERVED;
	if ((caa->flags & ~CAAUDIT_CAA_CRITICAL) != 0) {
		draft_t *draft = draft_record(audit,
		                              caa->flags == 1 ? CAAUDIT_CAA_FLAGS_ONE :
		                                                CAAUDIT_CAA_FLAGS_RESERVED,
		                              record);
		if (caa->flags == 1) {
			text_add(
				&draft->text,
				"flags 1 is not issuer critical, that is 128; "
				"Let's Encrypt takes it for that and refuses a tag it does not know");
			draft->severity = registered ? CAAUDIT_NOTICE : CAAUDIT_WARNING;
		} else {
			text_add(&draft->text,
			         "flags %u sets reserved bits, only 0 and 128 have a meaning",
			         caa->flags);
		}
		if (registered) {
			add_reflagged(audit, draft, record, caa, caa->flags & CAAUDIT_CAA_CRITICAL);
		}
		draft->edit = true;
		audit_report(audit);
	}

	if (is_critical(caa) && (tag == CAAUDIT_TAG_CONTACTEMAIL ||
	                         tag == CAAUDIT_TAG_CONTACTPHONE || tag == CAAUDIT_TAG_ISSUEVMC)) {
		draft_t *draft = draft_record(audit, CAAUDIT_CAA_CONTACT_CRITICAL, record);
		text_add(&draft->text,
		         "flag 128 makes CAs that do not process %.*s refuse, "
		         "Let's Encrypt among them",
		         caa->tag_len, (const char *)caa->tag);
		add_reflagged(audit, draft, record, caa, 0);
		audit_report(audit);
	}
}

/*! What a malformed issue value suffers from, as far as that can be told. */
static const char *diagnose_value(const caaudit_caa_t *caa, size_t error)
{
	const uint8_t *value = caa->value;
	size_t len = caa->value_len;
	const uint8_t *semicolon = memchr(value, ';', len);
	bool in_name = semicolon == NULL || error <= (size_t)(semicolon - value);
	for (size_t i = 0; i < len; i++) {
		if (value[i] > 0x7e || (value[i] < 0x20 && value[i] != '\t')) {
			return "a character that is not printable ASCII (a typographic quote or space?)";
		}
	}
	if (memchr(value, '"', len) != NULL || memchr(value, '\'', len) != NULL) {
		return "quotes inside the value";
	}
	if (error == len) {
		size_t end = len;
		while (end > 0 && (value[end - 1] == ' ' || value[end - 1] == '\t')) {
			end--;
		}
		return in_name ? "a final dot" :
		       end > 0 && value[end - 1] == ';' ?
		                 "nothing may follow the last parameter's ';'" :
		                 "a parameter without '='";
	}
	switch (value[error]) {
	case '.':
		return error > 0 && value[error - 1] == '.' ? "an empty label" : "a leading dot";
	case ':':
	case '/':
		return in_name ? "a URL, only the domain name belongs here" :
		                 "a parameter without '='";
	case '*':
		return "a '*.' before the name, wildcards are granted by the tag issuewild";
	case '_':
		return "an underscore";
	case '@':
		return "an e-mail address";
	case ',':
		return in_name ? "several CAs in one value, each needs its own record" :
		                 "an unexpected ','";
	case '-':
		return "a label that begins or ends with '-'";
	case ';':
		return in_name ? "a name cut short before ';'" : "an empty parameter";
	default:
		return !in_name ?
		               "a parameter that is not 'tag=value' without blanks in the value" :
		       error > 0 && (value[error - 1] == ' ' || value[error - 1] == '\t') ?
		               "several words, each CA needs its own record" :
		               "a character that is no domain name's";
	}
}

/*!
 * \brief Takes what surrounds an issuer domain name off a malformed value.
 *
 * \return Octets of the name at \a out, 0 if there is no single name.
 */
static size_t salvage_name(const caaudit_caa_t *caa, uint8_t out[256])
{
	const uint8_t *at = caa->value, *end = at + caa->value_len;
	// Quotes of any kind, blanks, "https://", "*." in front; a path, dots, quotes behind.
	while (at < end && !ascii_alnum(*at)) {
		at++;
	}
	const uint8_t *stop = at;
	while (stop < end && (ascii_alnum(*stop) || *stop == '-' || *stop == '.')) {
		stop++;
	}
	static const char *const schemes[] = { "http", "https" };
	for (size_t i = 0; i < 2; i++) {
		if (end - stop > 3 && memcmp(stop, "://", 3) == 0 &&
		    octets_equal_str(at, stop - at, schemes[i])) {
			at = stop += 3;
			while (stop < end && (ascii_alnum(*stop) || *stop == '-' || *stop == '.')) {
				stop++;
			}
		}
	}
	const uint8_t *rest = stop;
	while (stop > at && !ascii_alnum(stop[-1])) {
		stop--;
	}
	// What follows may be a path, a parameter or a quote, but no second name.
	if (rest < end && *rest != '/' && *rest != ';') {
		while (rest < end && !ascii_alnum(*rest)) {
			rest++;
		}
		if (rest < end) {
			return 0;
		}
	}
	size_t len = stop - at;
	caaudit_issue_t issue;
	if (len == 0 || len > 253 || memchr(at, '.', len) == NULL ||
	    caaudit_issue_parse(at, len, &issue, NULL) != KNOT_EOK) {
		return 0;
	}
	for (size_t i = 0; i < len; i++) {
		out[i] = ascii_lower(at[i]);
	}
	return len;
}

/*! Adds the record with the issuer domain name replaced and the parameters kept. */
static void add_reissued(audit_t *audit, draft_t *draft, const caaudit_record_t *record,
                         const caaudit_caa_t *caa, const caaudit_issue_t *issue,
                         const uint8_t *issuer, size_t issuer_len)
{
	text_t value = TEXT_EMPTY;
	text_add(&value, "%.*s", (int)issuer_len, (const char *)issuer);
	if (issue->params_len > 0) {
		text_add(&value, "; %.*s", (int)issue->params_len, (const char *)issue->params);
	}
	char tag[UINT8_MAX + 1];
	memcpy(tag, caa->tag, caa->tag_len);
	tag[caa->tag_len] = '\0';
	if (value.failed) {
		draft->remedy.failed = true;
	} else {
		add_remedy(audit, draft, record, caa->flags, tag, (const uint8_t *)value.str,
		           value.len);
	}
	text_free(&value);
}

static void check_issuer(audit_t *audit, const caaudit_record_t *record, const caaudit_caa_t *caa,
                         const caaudit_issue_t *issue)
{
	uint8_t lower[256];
	if (issue->issuer_len == 0 || issue->issuer_len > sizeof(lower)) {
		return;
	}
	for (size_t i = 0; i < issue->issuer_len; i++) {
		lower[i] = ascii_lower(issue->issuer[i]);
	}
	const known_ca_t *known = known_ca_find(lower, issue->issuer_len);
	const char *similar = known == NULL ? known_ca_lookalike(lower, issue->issuer_len) : NULL;

	for (size_t i = 0; similar != NULL && i < audit->policy->ca_count; i++) {
		if (caaudit_ca_accepts(&audit->policy->ca[i], lower, issue->issuer_len)) {
			similar = NULL; // The operator wants just this name.
		}
	}

	if (similar != NULL) {
		draft_t *draft = draft_record(audit, CAAUDIT_CAA_ISSUER_LOOKALIKE, record);
		text_add(&draft->text, "no CA is known as ");
		text_octets_max(&draft->text, lower, issue->issuer_len, OCTETS_MAX);
		text_add(&draft->text, " (did you mean %s?)", similar);
		add_reissued(audit, draft, record, caa, issue, (const uint8_t *)similar,
		             strlen(similar));
		audit_report(audit);
	} else if (known != NULL && !known_ca_is_current(known, lower, issue->issuer_len)) {
		draft_t *draft = draft_record(audit, CAAUDIT_CAA_ISSUER_DEPRECATED, record);
		text_octets(&draft->text, lower, issue->issuer_len);
		text_add(&draft->text, " is an old name of %s", known->name[0]);
		add_reissued(audit, draft, record, caa, issue, (const uint8_t *)known->name[0],
		             strlen(known->name[0]));
		audit_report(audit);
	} else if (memcmp(lower, issue->issuer, issue->issuer_len) != 0) {
		draft_t *draft = draft_record(audit, CAAUDIT_CAA_VALUE_CASE, record);
		text_add(&draft->text,
		         "some CAs, Let's Encrypt among them, compare the name octet by octet");
		add_reissued(audit, draft, record, caa, issue, lower, issue->issuer_len);
		audit_report(audit);
	}
}

static void check_params(audit_t *audit, const caaudit_record_t *record, caaudit_issue_t issue)
{
	caaudit_param_t param, earlier;
	while (caaudit_issue_next(&issue, &param)) {
		caaudit_issue_t rest = issue;
		while (caaudit_issue_next(&rest, &earlier)) {
			if (octets_equal(param.tag, param.tag_len, earlier.tag, earlier.tag_len)) {
				draft_t *draft = draft_record(audit,
				                              CAAUDIT_CAA_PARAMETER_DUPLICATE,
				                              record);
				text_add(&draft->text, "parameter '");
				text_octets_max(&draft->text, param.tag, param.tag_len, OCTETS_MAX);
				text_add(&draft->text,
				         "' stands twice, so the record may permit nobody; "
				         "write a record for each");
				draft->edit = true;
				audit_report(audit);
				return;
			}
		}
	}
}

/*! Does anything stand behind the first ";"? */
static bool has_params(const caaudit_caa_t *caa)
{
	const uint8_t *at = memchr(caa->value, ';', caa->value_len);
	const uint8_t *end = caa->value + caa->value_len;
	while (at != NULL && at < end && (*at == ';' || *at == ' ' || *at == '\t')) {
		at++;
	}
	return at != NULL && at < end;
}

/*! Octets without the white space at the end. */
static size_t trimmed(const uint8_t *value, size_t len)
{
	while (len > 0 && (value[len - 1] == ' ' || value[len - 1] == '\t')) {
		len--;
	}
	return len;
}

/*! Is the value well-formed but for a ";" behind the last parameter? */
static bool without_end(const caaudit_caa_t *caa, caaudit_issue_t *issue)
{
	size_t len = trimmed(caa->value, caa->value_len);
	return len > 0 && caa->value[len - 1] == ';' &&
	       caaudit_issue_parse(caa->value, trimmed(caa->value, len - 1), issue, NULL) ==
	               KNOT_EOK &&
	       issue->issuer_len > 0;
}

static void check_issue_value(audit_t *audit, const caaudit_record_t *record,
                              const caaudit_caa_t *caa)
{
	caaudit_issue_t issue;
	size_t error;
	if (caaudit_issue_parse(caa->value, caa->value_len, &issue, &error) == KNOT_EOK) {
		check_issuer(audit, record, caa, &issue);
		check_params(audit, record, issue);
		return;
	}

	draft_t *draft = draft_record(audit, CAAUDIT_CAA_VALUE_MALFORMED, record);
	text_add(&draft->text, "malformed %.*s value \"", caa->tag_len, (const char *)caa->tag);
	text_octets_max(&draft->text, caa->value, caa->value_len, OCTETS_MAX);
	text_add(&draft->text, "\" (%s) permits nobody", diagnose_value(caa, error));

	// Without its parameters the record would permit more than was meant.
	uint8_t name[256];
	size_t len = has_params(caa) ? 0 : salvage_name(caa, name);
	if (len > 0) {
		const caaudit_issue_t bare = { .params = name };
		add_reissued(audit, draft, record, caa, &bare, name, len);
	} else if (without_end(caa, &issue)) {
		add_reissued(audit, draft, record, caa, &issue, issue.issuer, issue.issuer_len);
	}
	draft->edit = true; // Removed, it might leave no restriction at all.
	audit_report(audit);
}

static bool begins_with(const caaudit_caa_t *caa, const char *prefix)
{
	size_t len = strlen(prefix);
	return caa->value_len >= len && octets_equal_str(caa->value, len, prefix);
}

/*! One "@" with something on either side, and no blank. */
static bool is_address(const uint8_t *at, size_t len)
{
	const uint8_t *sign = memchr(at, '@', len);
	if (sign == NULL || sign == at || sign + 1 == at + len ||
	    memchr(sign + 1, '@', at + len - sign - 1) != NULL) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (at[i] <= 0x20 || at[i] == 0x7f) {
			return false;
		}
	}
	return true;
}

/*! Does a mailto: URL name somebody? It may name several (RFC 6068 section 2). */
static bool has_address(const uint8_t *at, size_t len)
{
	for (size_t i = 1; i + 1 < len; i++) {
		if (at[i] == '@') {
			return true;
		}
	}
	return false;
}

static void check_iodef(audit_t *audit, const caaudit_record_t *record, const caaudit_caa_t *caa)
{
	static const char mailto[] = "mailto:";
	bool mail = begins_with(caa, mailto);
	size_t skip = sizeof(mailto) - 1;
	bool web = begins_with(caa, "http://") || begins_with(caa, "https://");
	bool uri = caaudit_is_uri(caa->value, caa->value_len);
	if (mail ? is_address(caa->value + skip, caa->value_len - skip) ||
	                    (uri && has_address(caa->value + skip, caa->value_len - skip)) :
	           web && uri) {
		return;
	}

	draft_t *draft = draft_record(audit, CAAUDIT_CAA_IODEF_MALFORMED, record);
	text_add(&draft->text, "iodef value \"");
	text_octets_max(&draft->text, caa->value, caa->value_len, OCTETS_MAX);
	text_add(&draft->text, "\" is no mailto:, http: or https: URL");
	if (!mail && !web && is_address(caa->value, caa->value_len)) {
		text_t url = TEXT_EMPTY;
		text_add(&url, "%s%.*s", mailto, caa->value_len, (const char *)caa->value);
		if (url.failed) {
			draft->remedy.failed = true;
		} else {
			add_remedy(audit, draft, record, caa->flags, "iodef",
			           (const uint8_t *)url.str, url.len);
		}
		text_free(&url);
	}
	draft->edit = true;
	audit_report(audit);
}

/*! Global number: "+", digits and separators (RFC 3966 section 5.1.4). */
static bool is_phone(const caaudit_caa_t *caa)
{
	bool digit = false;
	for (size_t i = 1; i < caa->value_len; i++) {
		uint8_t c = caa->value[i];
		digit = digit || (c >= '0' && c <= '9');
		if (c == '\0' || strchr("0123456789-.()", c) == NULL) {
			return false;
		}
	}
	return caa->value_len > 0 && caa->value[0] == '+' && digit;
}

static void check_contact(audit_t *audit, const caaudit_record_t *record, const caaudit_caa_t *caa,
                          bool mail)
{
	const char *prefix = mail ? "mailto:" : "tel:";
	if (mail ? is_address(caa->value, caa->value_len) && !begins_with(caa, prefix) :
	           is_phone(caa)) {
		return;
	}
	draft_t *draft = draft_record(audit, CAAUDIT_CAA_CONTACT_MALFORMED, record);
	text_add(&draft->text, "value \"");
	text_octets_max(&draft->text, caa->value, caa->value_len, OCTETS_MAX);
	text_add(&draft->text, mail ? "\" is no bare e-mail address" :
	                              "\" is no global telephone number (+, digits, -.())");
	if (begins_with(caa, prefix)) {
		caaudit_caa_t bare = *caa;
		bare.value += strlen(prefix);
		bare.value_len -= strlen(prefix);
		if (mail ? is_address(bare.value, bare.value_len) : is_phone(&bare)) {
			add_remedy(audit, draft, record, caa->flags,
			           mail ? "contactemail" : "contactphone", bare.value,
			           bare.value_len);
		}
	}
	draft->edit = true;
	audit_report(audit);
}

static void check_record(audit_t *audit, const caaudit_record_t *record)
{
	caaudit_caa_t caa;
	caaudit_tag_t tag;
	if (!get_property(record, &caa, &tag)) {
		draft_t *draft = draft_record(audit, CAAUDIT_CAA_RDATA_MALFORMED, record);
		text_add(&draft->text,
		         record->rdlen < 2 ? "RDATA of %u octets, a CAA record has at least 3" :
		                             "RDATA of %u octets, the tag ends beyond it",
		         record->rdlen);
		text_add(&draft->text, ", no CA can read the answer; remove it");
		audit_report(audit);
		return;
	}

	check_tag(audit, record, &caa, tag);
	check_flags(audit, record, &caa, tag);
	if (is_issue_like(tag)) {
		check_issue_value(audit, record, &caa);
	} else if (tag == CAAUDIT_TAG_IODEF) {
		check_iodef(audit, record, &caa);
	} else if (tag == CAAUDIT_TAG_CONTACTEMAIL || tag == CAAUDIT_TAG_CONTACTPHONE) {
		check_contact(audit, record, &caa, tag == CAAUDIT_TAG_CONTACTEMAIL);
	}
}

void check_properties(audit_t *audit)
{
	size_t pos = 0;
	caaudit_rrset_t rrset;
	while (caaudit_view_next(audit->view, KNOT_RRTYPE_CAA, &pos, &rrset)) {
		for (size_t i = 0; i < rrset.count; i++) {
			check_record(audit, rrset.record[i]);
		}
	}
}

/* --- Whole RRsets -------------------------------------------------------------------------- */

static void check_contradiction(audit_t *audit, caaudit_rrset_t rrset, caaudit_tag_t tag)
{
	const caaudit_record_t *nobody = NULL, *somebody = NULL;
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_caa_t caa;
		caaudit_tag_t has;
		caaudit_issue_t issue;
		if (get_property(rrset.record[i], &caa, &has) && has == tag &&
		    get_issue(&caa, &issue)) {
			*(issue.issuer_len == 0 ? &nobody : &somebody) = rrset.record[i];
		}
	}
	if (nobody != NULL && somebody != NULL) {
		draft_t *draft = draft_record(audit, CAAUDIT_CAA_POLICY_CONTRADICTORY, nobody);
		text_add(&draft->text,
		         "%s \";\" takes nothing away from the issuers beside it, CAA permits ",
		         tag == CAAUDIT_TAG_ISSUE ? "issue" : "issuewild");
		add_issuers(&draft->text, rrset, tag);
		text_add(&draft->text, "; remove: %s",
		         draft->record.failed ? "" : draft->record.str);
		audit_report(audit);
	}
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
	if (!get_property(a, &x, &x_tag) || !get_property(b, &y, &y_tag) ||
	    !octets_equal(x.tag, x.tag_len, y.tag, y.tag_len)) {
		return false;
	}
	if (is_issue_like(x_tag)) {
		return get_issue(&x, &x_issue) && get_issue(&y, &y_issue) &&
		       same_issue(x_issue, y_issue);
	}
	return x.value_len == y.value_len && memcmp(x.value, y.value, x.value_len) == 0;
}

/*! RRsets beyond this are not compared pair by pair. */
#define PAIRS_MAX 256

static void check_redundant(audit_t *audit, caaudit_rrset_t rrset)
{
	for (size_t i = 1; i < rrset.count && i < PAIRS_MAX; i++) {
		for (size_t j = 0; j < i; j++) {
			if (same_property(rrset.record[i], rrset.record[j])) {
				draft_t *draft = draft_record(audit, CAAUDIT_CAA_POLICY_REDUNDANT,
				                              rrset.record[i]);
				text_add(&draft->text, "says the same as ");
				text_caa(&draft->text, rrset.record[j]);
				audit_report(audit);
				break;
			}
		}
	}
}

/*! validationmethods that shut DNS validation out for a wanted CA (RFC 8657 section 4). */
static bool excludes_dns(caaudit_issue_t issue)
{
	caaudit_param_t param;
	while (caaudit_issue_next(&issue, &param)) {
		if (!octets_equal_str(param.tag, param.tag_len, "validationmethods")) {
			continue;
		}
		const uint8_t *at = param.value, *end = at + param.value_len;
		while (at < end) {
			const uint8_t *comma = memchr(at, ',', end - at);
			size_t len = (comma != NULL ? comma : end) - at;
			if (known_is_dns_method(at, len)) {
				return false;
			}
			at += comma != NULL ? len + 1 : len;
		}
		return true;
	}
	return false;
}

static void check_methods(audit_t *audit, caaudit_rrset_t rrset, caaudit_tag_t tag,
                          const caaudit_ca_t *ca)
{
	const caaudit_record_t *excluding = NULL;
	for (size_t i = 0; i < rrset.count; i++) {
		caaudit_caa_t caa;
		caaudit_tag_t has;
		caaudit_issue_t issue;
		if (get_property(rrset.record[i], &caa, &has) && has == tag &&
		    get_issue(&caa, &issue) &&
		    caaudit_ca_accepts(ca, issue.issuer, issue.issuer_len)) {
			if (!excludes_dns(issue)) {
				return;
			}
			excluding = rrset.record[i];
		}
	}
	if (excluding != NULL) {
		draft_t *draft = draft_record(audit, CAAUDIT_CAA_METHOD_EXCLUDED, excluding);
		draft->edit = true;
		draft->ca = ca->name;
		text_add(&draft->text, "validationmethods admits no DNS validation; "
		                       "add ca-tbr-7 and dns-01 to the list, or drop it, in: ");
		text_caa(&draft->text, excluding);
		audit_report(audit);
	}
}

/*! A wanted CA that the next RRset above permits, and this one drops without naming it. */
static void check_overridden(audit_t *audit, caaudit_rrset_t rrset, const caaudit_ca_t *ca)
{
	const knot_dname_t *owner = rrset.record[0]->owner;
	const knot_dname_t *zone = caaudit_view_zone(audit->view);
	if (name_is_wildcard(owner) || knot_dname_is_equal(owner, zone)) {
		return;
	}
	for (size_t i = 0; i < audit->verdict_count; i++) {
		if (audit->verdict[i].permit == CAAUDIT_DENIED &&
		    audit->verdict[i].ca == ca->name && audit->verdict[i].decided_by == owner) {
			return; // Said already, and graver.
		}
	}

	caaudit_verdict_t here, above;
	caaudit_evaluate(rrset, audit->policy, false, ca, &here);
	if (here.permit != CAAUDIT_DENIED || here.reason != CAAUDIT_REASON_NOT_LISTED) {
		return; // ";" alone denies on purpose, and the rest has findings of its own.
	}
	caaudit_permit(audit->view, audit->policy, name_parent(owner), false, ca, &above);
	if (above.permit != CAAUDIT_PERMITTED || above.reason != CAAUDIT_REASON_LISTED) {
		return;
	}

	draft_t *draft = audit_draft(audit, CAAUDIT_CAA_ANCESTOR_OVERRIDDEN, owner);
	draft->ca = ca->name;
	text_add(&draft->text, "CAA here permits ");
	add_issuers(&draft->text, rrset, CAAUDIT_TAG_ISSUE);
	text_add(&draft->text, " and hides CAA at ");
	text_name(&draft->text, above.decided_by);
	text_add(&draft->text, ", which permits %s", ca->name);
	add_issue_record(&draft->remedy, owner, rrset.record[0]->ttl, "issue", ca->name,
	                 audit->policy);
	if (!draft->remedy.failed) {
		text_add(&draft->text, "; if it is meant to issue here, add: %s",
		         draft->remedy.str);
	}
	audit_report(audit);
}

static void check_owner(audit_t *audit, const knot_dname_t *owner)
{
	uint16_t type = 0;
	const knot_dname_t *hidden_by = caaudit_view_occluded(audit->view, owner, &type);
	if (hidden_by != NULL) {
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_RECORD_OCCLUDED, owner);
		text_add(&draft->text, "never served, %s at ",
		         type == KNOT_RRTYPE_NS ? "the delegation" : "DNAME");
		text_name(&draft->text, hidden_by);
		text_add(&draft->text, " hides it; publish it %s",
		         type == KNOT_RRTYPE_NS ? "in the child zone" : "at the DNAME's target");
		audit_report(audit);
	} else if (name_is_wildcard(owner)) {
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_OWNER_WILDCARD, owner);
		text_add(&draft->text, "answers only for names that do not exist, "
		                       "for a wildcard certificate CAA at ");
		text_name(&draft->text, name_parent(owner));
		text_add(&draft->text, " decides; put issuewild there");
		audit_report(audit);
	}
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
		text_add(&draft->text,
		         "an answer of %zu octets does not fit into %u, "
		         "so CAs must reach the server over TCP",
		         size, ANSWER_MAX);
		audit_report(audit);
	}
	if (first->ttl > TTL_MAX) {
		draft_t *draft = audit_draft(audit, CAAUDIT_CAA_TTL_LONG, first->owner);
		text_add(&draft->text,
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
	while (caaudit_view_next(audit->view, KNOT_RRTYPE_CAA, &pos, &rrset)) {
		check_contradiction(audit, rrset, CAAUDIT_TAG_ISSUE);
		check_contradiction(audit, rrset, CAAUDIT_TAG_ISSUEWILD);
		check_redundant(audit, rrset);
		for (size_t i = 0; i < audit->policy->ca_count; i++) {
			check_methods(audit, rrset, CAAUDIT_TAG_ISSUE, &audit->policy->ca[i]);
			check_methods(audit, rrset, CAAUDIT_TAG_ISSUEWILD, &audit->policy->ca[i]);
			check_overridden(audit, rrset, &audit->policy->ca[i]);
		}
		check_owner(audit, rrset.record[0]->owner);
		check_size(audit, rrset);
	}
}
