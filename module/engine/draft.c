/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Makes findings of what the checks have found, with their texts and the records of their
 *        cures.
 */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>

#include "array.h"
#include "draft.h"
#include "known.h"
#include "names.h"
#include "view.h"

/*! Owner and RDATA of a copied record stand in one block that begins with the owner. */
static void free_record(caaudit_record_t *record)
{
	free((uint8_t *)(uintptr_t)record->owner);
	*record = (caaudit_record_t){ .owner = NULL };
}

/*! Verdicts about each CA at a host: on its name, and on its wildcard if that is looked at. */
static size_t verdicts_of_ca(const caaudit_policy_t *policy)
{
	return policy->wildcard != CAAUDIT_WILDCARD_OFF ? 2 : 1;
}

const caaudit_verdict_t *audit_verdicts(const audit_t *audit, const knot_dname_t *host,
                                        size_t *count)
{
	const caaudit_policy_t *policy = audit->policy;
	*count = policy->ca_count * verdicts_of_ca(policy);
	const caaudit_mention_t *item;
	for (size_t pos = 0;
	     *count > 0 && (item = caaudit_policy_find(policy, host, &pos)) != NULL;) {
		if (item->role == CAAUDIT_NAME_HOST) {
			return &audit->verdict[item->nth * *count];
		}
	}
	return NULL;
}

const caaudit_ca_t *audit_ca_of(const audit_t *audit, const caaudit_verdict_t *verdict)
{
	const caaudit_policy_t *policy = audit->policy;
	size_t nth = verdict - audit->verdict;
	return &policy->ca[nth / verdicts_of_ca(policy) % policy->ca_count];
}

bool audit_in_scope(const audit_t *audit, const knot_dname_t *name)
{
	const knot_dname_t *const *scope = audit->scope;
	return scope[0] == NULL || name_in(name, scope[0]) ||
	       (scope[1] != NULL && name_in(name, scope[1]));
}

/*! Does the policy name a host at or below a name? */
static bool has_host(const caaudit_policy_t *policy, const knot_dname_t *name)
{
	size_t i = 0;
	while (i < policy->host_count && !name_in(policy->host[i], name)) {
		i++;
	}
	return i < policy->host_count;
}

bool audit_is_doubled(const audit_t *audit, const knot_dname_t *owner, knot_dname_storage_t meant)
{
	return name_is_doubled(audit->policy->zone, owner, meant) &&
	       !has_host(audit->policy, owner);
}

bool audit_passes_over(const audit_t *audit)
{
	const knot_dname_t *const *scope = audit->scope;
	return scope[0] == NULL || view_has_below(audit->view, scope[0]) ||
	       (scope[1] != NULL && view_has_below(audit->view, scope[1]));
}

bool audit_next_all(const audit_t *audit, uint16_t type, size_t *pos, caaudit_rrset_t *out)
{
	if (audit->walked != NULL) {
		++*audit->walked;
	}
	return caaudit_view_next(audit->view, type, pos, out);
}

bool audit_next(const audit_t *audit, uint16_t type, size_t *pos, caaudit_rrset_t *out)
{
	const knot_dname_t *const *scope = audit->scope;
	bool leaves = !audit_passes_over(audit);
	while (leaves && *pos < 2 && scope[*pos] != NULL) {
		*out = caaudit_view_rrset(audit->view, scope[(*pos)++], type);
		if (out->count > 0) {
			return true;
		}
	}
	while (!leaves && caaudit_view_next(audit->view, type, pos, out)) {
		if (audit_in_scope(audit, out->record[0]->owner)) {
			return true;
		}
	}
	return false;
}

draft_t *audit_draft(audit_t *audit, caaudit_id_t id, const knot_dname_t *owner)
{
	draft_t *draft = &audit->draft;
	draft->id = id;
	draft->severity = caaudit_finding_info(id)->severity;
	draft->owner = owner;
	draft->ca = NULL;
	draft->wild = false;
	draft->advice = NULL;
	draft->optional = false;
	draft->removable = true;
	draft->elsewhere = false;
	draft->wrong_count = 0;
	text_reset(&draft->what);
	free_record(&draft->right);
	return draft;
}

draft_t *audit_draft_record(audit_t *audit, caaudit_id_t id, const caaudit_record_t *record)
{
	draft_t *draft = audit_draft(audit, id, record->owner);
	audit_wrong(audit, record);
	return draft;
}

draft_t *audit_draft_edit(audit_t *audit, caaudit_id_t id, const caaudit_record_t *record)
{
	draft_t *draft = audit_draft_record(audit, id, record);
	draft->removable = false;
	return draft;
}

void audit_add_hidden(audit_t *audit, const knot_dname_t *by)
{
	draft_t *draft = &audit->draft;
	knot_dname_storage_t image;
	caaudit_rrset_t dname = caaudit_view_rrset(audit->view, by, KNOT_RRTYPE_DNAME);
	size_t below = knot_dname_size(draft->owner) - knot_dname_size(by);
	bool leads = dname.count > 0 && below > 0;
	text_add(&draft->what, "never served, %s at %s hides it; publish it ",
	         leads ? "DNAME" : "the delegation", NAME(by));
	if (leads && name_replace(image, draft->owner, below, dname.record[0]->rdata)) {
		text_add(&draft->what, "at %s", NAME(image));
	} else {
		text_add(&draft->what, leads ? "at the DNAME's target" : "in the child zone");
	}
}

void audit_wrong(audit_t *audit, const caaudit_record_t *record)
{
	draft_t *draft = &audit->draft;
	const caaudit_record_t **slot = array_extend(&draft->wrong, &draft->wrong_count,
	                                             sizeof(*slot));
	if (slot == NULL) {
		audit->failed = true;
		return;
	}
	*slot = record;
}

void audit_right(audit_t *audit, const caaudit_record_t *record)
{
	size_t owner_size = knot_dname_size(record->owner);
	uint8_t *block = malloc(owner_size + record->rdlen);
	if (block == NULL) {
		audit->failed = true;
		return;
	}
	memcpy(block, record->owner, owner_size);
	if (record->rdlen > 0) {
		memcpy(block + owner_size, record->rdata, record->rdlen);
	}
	caaudit_record_t *right = &audit->draft.right;
	free_record(right);
	*right = *record;
	caaudit_rrset_t set = caaudit_view_rrset(audit->view, record->owner, record->type);
	if (set.count > 0) {
		right->ttl = set.record[0]->ttl; // RFC 2181 section 5.2.
	}
	right->owner = block;
	right->rdata = block + owner_size;
}

void audit_right_caa(audit_t *audit, const knot_dname_t *owner, uint32_t ttl, uint8_t flags,
                     const char *tag, const uint8_t *value, size_t value_len)
{
	size_t tag_len = strlen(tag), size = 2 + tag_len + value_len;
	if (tag_len > UINT8_MAX || size > UINT16_MAX) {
		return; // No record can hold it.
	}
	uint8_t *rdata = malloc(size);
	if (rdata == NULL) {
		audit->failed = true;
		return;
	}
	rdata[0] = flags;
	rdata[1] = (uint8_t)tag_len;
	memcpy(rdata + 2, tag, tag_len);
	if (value_len > 0) {
		memcpy(rdata + 2 + tag_len, value, value_len);
	}
	audit_right(audit,
	            &(caaudit_record_t){ owner, rdata, ttl, KNOT_RRTYPE_CAA, (uint16_t)size });
	free(rdata);
}

void audit_right_text(audit_t *audit, const knot_dname_t *owner, uint32_t ttl, uint8_t flags,
                      const char *tag, text_t *value)
{
	if (value->failed) {
		audit->failed = true;
	} else {
		audit_right_caa(audit, owner, ttl, flags, tag, (const uint8_t *)value->str,
		                value->len);
	}
	text_free(value);
}

const char *audit_account(const caaudit_policy_t *policy, const char *ca)
{
	const char *account = policy->account_uri;
	const caaudit_ca_info_t *whose;
	// A parameter value has no ";": RFC 8659 section 4.2. Each CA has accounts of its own.
	bool fits = account != NULL && strchr(account, ';') == NULL &&
	            known_account(OCTETS(ca), OCTETS(account), &whose) != KNOWN_ACCOUNT_FOREIGN;
	return fits ? account : NULL;
}

void audit_right_issue(audit_t *audit, const knot_dname_t *owner, uint32_t ttl, const char *tag,
                       const char *ca)
{
	const char *account = audit_account(audit->policy, ca);
	text_t value = TEXT_EMPTY;
	text_add(&value, "%s", ca);
	if (account != NULL) {
		text_add(&value, "; accounturi=%s", account);
	}
	audit_right_text(audit, owner, ttl, 0, tag, &value);
}

static caaudit_fix_t fix_of(const draft_t *draft)
{
	if (draft->right.owner != NULL) {
		return draft->wrong_count > 0 ? CAAUDIT_FIX_REPLACE : CAAUDIT_FIX_ADD;
	}
	return draft->wrong_count > 0 && draft->removable ? CAAUDIT_FIX_REMOVE : CAAUDIT_FIX_NONE;
}

/*! Copies terminated strings, if there are any, to the end of a block. */
static const char *put(char **tail, const text_t *text)
{
	if (text->len == 0) {
		return NULL;
	}
	char *str = *tail;
	memcpy(str, text->str, text->len + 1);
	*tail += text->len + 1;
	return str;
}

/*! Texts of a finding in the making. */
typedef struct {
	text_t record;
	text_t also;
	text_t remedy;
} texts_t;

static void make_texts(const draft_t *draft, texts_t *out)
{
	*out = (texts_t){ TEXT_EMPTY, TEXT_EMPTY, TEXT_EMPTY };
	for (size_t i = 0; i < draft->wrong_count; i++) {
		text_record(i == 0 ? &out->record : &out->also, draft->wrong[i]);
		if (i > 0) {
			text_end(&out->also);
		}
	}
	if (draft->right.owner != NULL) {
		text_record(&out->remedy, &draft->right);
	}
}

/*! Finds a record that stands where a finding is best looked at; NULL if there is none. */
static const caaudit_record_t *place_of(const audit_t *audit, const draft_t *draft)
{
	static const uint16_t types[] = { KNOT_RRTYPE_CAA, KNOT_RRTYPE_CNAME, KNOT_RRTYPE_TXT,
		                          KNOT_RRTYPE_DNAME, KNOT_RRTYPE_NS };
	if (draft->wrong_count > 0) {
		return draft->wrong[0];
	}
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		caaudit_rrset_t rrset = caaudit_view_rrset(audit->view, draft->owner, types[i]);
		if (rrset.count > 0) {
			return rrset.record[0];
		}
	}
	return NULL;
}

/*! Moves the draft into a finding, which owns what it points to. */
static bool fill(found_t *found, audit_t *audit, const texts_t *texts)
{
	draft_t *draft = &audit->draft;
	const caaudit_record_t *place = draft->elsewhere ? NULL : place_of(audit, draft);
	// The owner begins a block that holds the texts as well.
	size_t owner_size = knot_dname_size(draft->owner);
	uint8_t *block = malloc(owner_size + draft->what.len + texts->record.len +
	                        texts->remedy.len + texts->also.len + 4);
	const caaudit_record_t **wrong = malloc((draft->wrong_count + 1) * sizeof(*wrong));
	if (block == NULL || wrong == NULL) {
		free(block);
		free(wrong);
		return false;
	}
	memcpy(block, draft->owner, owner_size);
	char *tail = (char *)block + owner_size;
	*found = (found_t){
		.public = {
			.id = draft->id,
			.severity = draft->severity,
			.owner = block,
			.ca = draft->ca,
			.wild = draft->wild,
			.advice = draft->advice,
			.file = place != NULL ? place->file : NULL,
			.line = place != NULL ? place->line : 0,
			.fix = fix_of(draft),
			.optional = draft->optional,
			.also_count = draft->wrong_count > 0 ? draft->wrong_count - 1 : 0,
		},
		.wrong = wrong,
		.wrong_count = draft->wrong_count,
		.right = draft->right,
	};
	found->public.what = put(&tail, &draft->what);
	found->public.record = put(&tail, &texts->record);
	found->public.remedy = put(&tail, &texts->remedy);
	found->public.also = put(&tail, &texts->also);
	if (draft->wrong_count > 0) {
		memcpy(wrong, draft->wrong, draft->wrong_count * sizeof(*wrong));
	}
	draft->right = (caaudit_record_t){ .owner = NULL };
	return true;
}

/*! Frees what a finding holds. */
static void free_found(found_t *found)
{
	free((uint8_t *)(uintptr_t)found->public.owner);
	free(found->wrong);
	free(found->advice);
	free_record(&found->right);
}

void audit_report(audit_t *audit)
{
	draft_t *draft = &audit->draft;
	texts_t texts;
	make_texts(draft, &texts);
	found_t found;
	if (audit->failed || draft->what.failed || texts.record.failed || texts.remedy.failed ||
	    texts.also.failed || !fill(&found, audit, &texts)) {
		audit->failed = true;
	} else {
		found_t *slot = array_extend(&audit->found, &audit->found_count, sizeof(*slot));
		if (slot == NULL) {
			free_found(&found);
			audit->failed = true;
		} else {
			*slot = found;
		}
	}
	text_free(&texts.record);
	text_free(&texts.remedy);
	text_free(&texts.also);
}

static int compare_found(const void *a, const void *b)
{
	const caaudit_finding_t *x = a, *y = b;
	if (x->severity != y->severity) {
		return x->severity < y->severity ? -1 : 1;
	}
	int ret = knot_dname_cmp(x->owner, y->owner);
	if (ret == 0) {
		ret = (int)x->id - (int)y->id;
	}
	if (ret == 0) {
		ret = text_compare(x->ca, y->ca);
	}
	if (ret == 0) {
		ret = text_compare(x->record, y->record);
	}
	if (ret == 0) {
		ret = text_compare(x->what, y->what);
	}
	return ret != 0 ? ret : text_compare(x->remedy, y->remedy);
}

void audit_sort(audit_t *audit)
{
	size_t kept = 0;
	if (audit->found_count > 1) {
		qsort(audit->found, audit->found_count, sizeof(*audit->found), compare_found);
	}
	for (size_t i = 0; i < audit->found_count; i++) {
		found_t *found = &audit->found[i];
		if (kept > 0 && compare_found(&audit->found[kept - 1], found) == 0) {
			free_found(found);
		} else {
			audit->found[kept++] = *found;
		}
	}
	audit->found_count = kept;
}

void audit_gap(audit_t *audit, text_t *what, text_t *why)
{
	caaudit_gap_t *slot = NULL;
	if (!what->failed && !why->failed) {
		slot = array_extend(&audit->gap, &audit->gap_count, sizeof(*slot));
	}
	if (slot == NULL) {
		audit->failed = true;
		text_free(what);
		text_free(why);
		return;
	}
	*slot = (caaudit_gap_t){ .what = what->str, .why = why->str };
}

void audit_clear(audit_t *audit)
{
	for (size_t i = 0; i < audit->found_count; i++) {
		free_found(&audit->found[i]);
	}
	for (size_t i = 0; i < audit->gap_count; i++) {
		free((char *)(uintptr_t)audit->gap[i].what);
		free((char *)(uintptr_t)audit->gap[i].why);
	}
	free(audit->found);
	free(audit->gap);
	free(audit->validation);
	free(audit->verdict);
	free(audit->claimed);
	free(audit->stray);
	free(audit->led);
	text_free(&audit->draft.what);
	free(audit->draft.wrong);
	free((uint8_t *)(uintptr_t)audit->draft.right.owner);
}
