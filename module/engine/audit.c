/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include <libknot/errcode.h>

#include "audit.h"
#include "hash.h"
#include "names.h"

static const check_f checks[] = {
	check_verdicts, check_literal_pair, check_properties, check_policies,
	check_expected, check_validations,  check_dnssec,
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

void audit_not_checked(audit_t *audit, text_t *what, text_t *why)
{
	caaudit_sink_t *sink = audit->sink;
	if (what->failed || why->failed) {
		audit->failed = true;
	} else if (sink->not_checked != NULL) {
		sink->not_checked(sink, what->str, why->str);
	}
	text_free(what);
	text_free(why);
}

static int compare_names(const void *a, const void *b)
{
	const audit_name_t *x = a, *y = b;
	return x->hash != y->hash ? (x->hash < y->hash ? -1 : 1) :
	                            (x->nth > y->nth) - (x->nth < y->nth);
}

void audit_sort(audit_name_t *array, size_t count)
{
	if (count > 1) {
		qsort(array, count, sizeof(*array), compare_names);
	}
}

size_t audit_find(const audit_name_t *array, size_t count, uint64_t hash)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (array[mid].hash < hash) {
			low = mid + 1;
		} else {
			high = mid;
		}
	}
	return low;
}

const caaudit_verdict_t *audit_verdicts(const audit_t *audit, const knot_dname_t *host,
                                        size_t *count)
{
	*count = audit->policy->ca_count * (audit->policy->wildcard ? 2 : 1);
	uint64_t hash = hash_name(host);
	for (size_t i = audit_find(audit->host, audit->host_count, hash);
	     *count > 0 && i < audit->host_count && audit->host[i].hash == hash; i++) {
		const caaudit_verdict_t *first = &audit->verdict[audit->host[i].nth];
		if (knot_dname_is_equal(first->host, host)) {
			return first;
		}
	}
	return NULL;
}

/*! Tells whether an equal host is before this one in the sorted array. */
static bool is_repeated(const audit_t *audit, size_t pos)
{
	const knot_dname_t *host = caaudit_policy_host(audit->policy, audit->host[pos].nth);
	for (size_t i = pos; i > 0 && audit->host[i - 1].hash == audit->host[pos].hash; i--) {
		if (knot_dname_is_equal(caaudit_policy_host(audit->policy, audit->host[i - 1].nth),
		                        host)) {
			return true;
		}
	}
	return false;
}

/*! Finds the hosts to judge, each once, and puts them into the order of the policy. */
static bool list_hosts(audit_t *audit)
{
	const caaudit_policy_t *policy = audit->policy;
	size_t all = policy->host_count + policy->validation_count;
	audit->host = calloc(all + 1, sizeof(*audit->host));
	audit_name_t *once = calloc(all + 1, sizeof(*once));
	if (audit->host == NULL || once == NULL) {
		free(once);
		return false;
	}
	for (size_t i = 0; i < all; i++) {
		const knot_dname_t *host = caaudit_policy_host(policy, i);
		if (host != NULL) {
			audit->host[audit->host_count++] = (audit_name_t){ hash_name(host), i };
		}
	}
	audit_sort(audit->host, audit->host_count);
	size_t count = 0;
	for (size_t i = 0; i < audit->host_count; i++) {
		if (!is_repeated(audit, i)) {
			// Sorted by position now, with the hash in its place.
			once[count++] = (audit_name_t){ audit->host[i].nth, audit->host[i].hash };
		}
	}
	audit_sort(once, count);
	free(audit->host);
	audit->host = once;
	audit->host_count = count;
	return true;
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

static void judge(audit_t *audit)
{
	const caaudit_policy_t *policy = audit->policy;
	if (!list_hosts(audit)) {
		audit->failed = true;
		return;
	}
	audit->verdict = calloc(audit->host_count * policy->ca_count * 2 + 1,
	                        sizeof(*audit->verdict));
	if (audit->verdict == NULL) {
		audit->failed = true;
		return;
	}
	for (size_t i = 0; i < audit->host_count; i++) {
		audit_name_t *host = &audit->host[i];
		const audit_name_t judged = { host->nth, audit->verdict_count };
		judge_host(audit, caaudit_policy_host(policy, host->hash));
		*host = judged;
	}
	audit_sort(audit->host, audit->host_count);
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
	free(audit.host);
	free(audit.expected);
	free(audit.slip);
	text_free(&audit.draft.text);
	text_free(&audit.draft.record);
	text_free(&audit.draft.remedy);

	return audit.failed ? KNOT_ENOMEM : KNOT_EOK;
}
