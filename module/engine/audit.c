/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include <libknot/errcode.h>

#include "audit.h"
#include "names.h"

static const check_f checks[] = {
	check_verdicts,
	check_literal_pair,
	check_properties,
	check_policies,
	check_expected,
	check_validations,
	check_dnssec,
};

draft_t *audit_draft(audit_t *audit, caaudit_id_t id, const knot_dname_t *owner)
{
	draft_t *draft = &audit->draft;
	draft->id = id;
	draft->severity = caaudit_finding_info(id)->severity;
	draft->owner = owner;
	draft->ca = NULL;
	draft->edit = false;
	draft->replaced = false;
	text_reset(&draft->text);
	text_reset(&draft->record);
	text_reset(&draft->remedy);
	return draft;
}

/*! Copies a string, if there is one, to the end of a block. */
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

void audit_report(audit_t *audit)
{
	const draft_t *draft = &audit->draft;
	if (audit->failed || draft->text.failed || draft->record.failed || draft->remedy.failed) {
		audit->failed = true;
		return;
	}
	if (audit->found_count == audit->found_size) {
		size_t size = audit->found_size == 0 ? 16 : 2 * audit->found_size;
		void *grown = realloc(audit->found, size * sizeof(*audit->found));
		if (grown == NULL) {
			audit->failed = true;
			return;
		}
		audit->found = grown;
		audit->found_size = size;
	}

	size_t owner_size = knot_dname_size(draft->owner);
	caaudit_finding_t *finding = malloc(sizeof(*finding) + draft->text.len + draft->record.len +
	                                    draft->remedy.len + 3 + owner_size);
	if (finding == NULL) {
		audit->failed = true;
		return;
	}
	char *tail = (char *)(finding + 1);
	*finding = (caaudit_finding_t){
		.id = draft->id,
		.severity = draft->severity,
		.ca = draft->ca,
	};
	finding->text = put(&tail, &draft->text);
	finding->record = put(&tail, &draft->record);
	finding->remedy = put(&tail, &draft->remedy);
	finding->fix = finding->remedy == NULL ?
	               (finding->record == NULL || (draft->edit && !draft->replaced) ?
	                                                         CAAUDIT_FIX_NONE :
	                                                         CAAUDIT_FIX_REMOVE) :
	               (finding->record == NULL ? CAAUDIT_FIX_ADD : CAAUDIT_FIX_REPLACE);
	finding->owner = memcpy(tail, draft->owner, owner_size);
	audit->found[audit->found_count++] = finding;
}

static int compare_strings(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}

static int compare_findings(const void *a, const void *b)
{
	const caaudit_finding_t *x = *(caaudit_finding_t *const *)a;
	const caaudit_finding_t *y = *(caaudit_finding_t *const *)b;
	if (x->severity != y->severity) {
		return x->severity < y->severity ? -1 : 1;
	}
	int ret = knot_dname_cmp(x->owner, y->owner);
	if (ret == 0) {
		ret = (int)x->id - (int)y->id;
	}
	if (ret == 0) {
		ret = compare_strings(x->ca, y->ca);
	}
	if (ret == 0) {
		ret = compare_strings(x->record, y->record);
	}
	return ret != 0 ? ret : compare_strings(x->text, y->text);
}

/*! Judges a host for every CA, plain and wildcard. */
static void judge_host(audit_t *audit, const knot_dname_t *host)
{
	const caaudit_policy_t *policy = audit->policy;
	for (size_t i = 0; i < policy->ca_count; i++) {
		for (int wildcard = 0; wildcard <= policy->wildcard; wildcard++) {
			caaudit_permit(audit->view, policy, host, wildcard, &policy->ca[i],
			               &audit->verdict[audit->verdict_count++]);
		}
	}
}

static bool is_judged(const audit_t *audit, const knot_dname_t *host)
{
	for (size_t i = 0; i < audit->verdict_count; i++) {
		if (knot_dname_is_equal(audit->verdict[i].host, host)) {
			return true;
		}
	}
	return false;
}

/*! Judges the hosts, and those that a validation is expected for: it is no use if CAA denies. */
static void judge(audit_t *audit)
{
	const caaudit_policy_t *policy = audit->policy;
	size_t hosts = policy->host_count + policy->validation_count;
	audit->verdict = calloc(hosts * policy->ca_count * 2 + 1, sizeof(*audit->verdict));
	if (audit->verdict == NULL) {
		audit->failed = true;
		return;
	}
	for (size_t i = 0; i < policy->host_count; i++) {
		judge_host(audit, policy->host[i]);
	}
	for (size_t i = 0; i < policy->validation_count; i++) {
		const knot_dname_t *owner = policy->validation[i].owner;
		if (!knot_dname_is_equal(owner, policy->zone) && !is_judged(audit, name_parent(owner))) {
			judge_host(audit, name_parent(owner));
		}
	}
}

/*! Passes verdicts and findings on, in their order. */
static void deliver(audit_t *audit)
{
	caaudit_sink_t *sink = audit->sink;
	for (size_t i = 0; sink->verdict != NULL && i < audit->verdict_count; i++) {
		sink->verdict(sink, &audit->verdict[i]);
	}
	if (audit->found_count > 1) {
		qsort(audit->found, audit->found_count, sizeof(*audit->found), compare_findings);
	}
	for (size_t i = 0; sink->finding != NULL && i < audit->found_count; i++) {
		if (i == 0 || compare_findings(&audit->found[i - 1], &audit->found[i]) != 0) {
			sink->finding(sink, audit->found[i]);
		}
	}
}

int caaudit_audit(const caaudit_view_t *view, const caaudit_policy_t *policy, uint64_t now,
                  caaudit_sink_t *sink)
{
	audit_t audit = {
		.view = view,
		.policy = policy,
		.now = now,
		.sink = sink,
	};

	judge(&audit);
	for (size_t i = 0; !audit.failed && i < sizeof(checks) / sizeof(checks[0]); i++) {
		checks[i](&audit);
	}
	if (!audit.failed) {
		deliver(&audit);
	}

	for (size_t i = 0; i < audit.found_count; i++) {
		free(audit.found[i]);
	}
	free(audit.found);
	free(audit.verdict);
	text_free(&audit.draft.text);
	text_free(&audit.draft.record);
	text_free(&audit.draft.remedy);

	return audit.failed ? KNOT_ENOMEM : KNOT_EOK;
}
