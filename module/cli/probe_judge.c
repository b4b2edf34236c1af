/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The engine's part of a probe: which questions a policy makes, and what the audit says of each server's
 * answers. Everything that a probe asks of the engine stands here.
 */

#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>

#include "caaudit/audit.h"
#include "probe_report.h"
#include "text.h"

/* What one server's answers come to. */
typedef struct {
	report_t report;
	bool done; /* There is a report. */
} judged_t;

bool probe_plan(probe_zone_t *zone, const caaudit_policy_t *policy)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; i < policy->host_count + policy->validation_count; i++) {
		const knot_dname_t *host = caaudit_policy_host(policy, i);
		if (host != NULL && ret != KNOT_ENOMEM) {
			ret = probe_zone_ask_climb(zone, host);
		}
	}
	for (size_t i = 0; i < policy->validation_count && ret != KNOT_ENOMEM; i++) {
		const caaudit_expected_t *expected = &policy->validation[i];
		bool txt = expected->txt != NULL;
		ret = probe_zone_ask(zone, expected->owner, KNOT_RRTYPE_CNAME, false,
		                     txt ? PROBE_FOR_BESIDE : PROBE_FOR_VALIDATION);
		if (ret != KNOT_ENOMEM) {
			ret = probe_zone_ask(zone, expected->owner, KNOT_RRTYPE_TXT, false,
			                     txt ? PROBE_FOR_VALIDATION : PROBE_FOR_BESIDE);
		}
	}
	return ret != KNOT_ENOMEM;
}

/* --- One server ---------------------------------------------------------------------------- */

static bool is_answered(const probe_answer_t *answer)
{
	return answer->outcome == PROBE_ANSWERED && answer->said != PROBE_SAID_LAME &&
	       answer->said != PROBE_SAID_ERROR && answer->said != PROBE_SAID_CUT;
}

/* Is there an answer for a name, and for each alias in the zone that it leads to? */
static bool has_answer(const probe_zone_t *zone, const probe_column_t *column,
                       const knot_dname_t *name, uint16_t type)
{
	for (unsigned aliases = 0; aliases <= PROBE_ALIASES_MAX; aliases++) {
		size_t i = probe_zone_find(zone, name, type, false);
		if (i == zone->question_count || !is_answered(&column->answer[i])) {
			return false;
		}
		const probe_answer_t *answer = &column->answer[i];
		if (answer->said != PROBE_SAID_ALIAS || !answer->open) {
			return true;
		}
		name = answer->target;
	}
	return true; /* Too many aliases: the audit says so. */
}

static bool has_climb(const probe_zone_t *zone, const probe_column_t *column,
                      const knot_dname_t *host)
{
	for (const knot_dname_t *name = host; knot_dname_in_bailiwick(name, zone->zone) >= 0;
	     name = probe_name_above(name)) {
		if (!has_answer(zone, column, name, KNOT_RRTYPE_CAA)) {
			return false;
		}
		if (*name == 0) {
			break;
		}
	}
	return true;
}

static int copy_cas(const caaudit_policy_t *policy, caaudit_policy_t *out)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; ret == KNOT_EOK && i < policy->ca_count; i++) {
		ret = caaudit_policy_add_ca(out, policy->ca[i].name, NULL);
	}
	for (size_t i = 0; ret == KNOT_EOK && i < policy->anchor_count; i++) {
		const caaudit_anchor_t *anchor = &policy->anchor[i];
		ret = caaudit_policy_add_anchor(out, anchor->type, anchor->rdata, anchor->rdlen,
		                                NULL);
	}
	if (ret == KNOT_EOK && policy->account_uri != NULL) {
		ret = caaudit_policy_set_account(out, policy->account_uri, NULL);
	}
	if (ret == KNOT_EOK && policy->method != NULL) {
		ret = caaudit_policy_set_method(out, policy->method, NULL);
	}
	return ret;
}

/* The policy without what a server has not answered; NULL if out of memory. */
static caaudit_policy_t *answered_policy(const probe_zone_t *zone, const probe_column_t *column,
                                         const caaudit_policy_t *policy, size_t *left_out)
{
	caaudit_policy_t *out = caaudit_policy_new(policy->zone);
	int ret = out != NULL ? copy_cas(policy, out) : KNOT_ENOMEM;
	knot_dname_txt_storage_t text;
	*left_out = 0;
	for (size_t i = 0; ret == KNOT_EOK && i < policy->host_count; i++) {
		if (!has_climb(zone, column, policy->host[i])) {
			(*left_out)++;
			continue;
		}
		ret = knot_dname_to_str(text, policy->host[i], sizeof(text)) != NULL ?
		              caaudit_policy_add_host(out, text, NULL) :
		              KNOT_ENOMEM;
	}
	for (size_t i = 0; ret == KNOT_EOK && i < policy->validation_count; i++) {
		const caaudit_expected_t *expected = &policy->validation[i];
		const knot_dname_t *host = caaudit_policy_host(policy, policy->host_count + i);
		if (!has_answer(zone, column, expected->owner,
		                expected->txt != NULL ? KNOT_RRTYPE_TXT : KNOT_RRTYPE_CNAME) ||
		    (host != NULL && !has_climb(zone, column, host))) {
			(*left_out)++;
			continue;
		}
		ret = expected->txt != NULL ?
		              caaudit_policy_add_expected_txt(out, expected->owner, expected->txt,
		                                              expected->txt_len, NULL) :
		              caaudit_policy_add_expected(out, expected->owner, expected->target,
		                                          NULL);
	}
	if (ret != KNOT_EOK) {
		caaudit_policy_free(out);
		return NULL;
	}
	out->wildcard = policy->wildcard;
	out->strict = policy->strict;
	out->rrsig_warning = policy->rrsig_warning;
	out->partial = policy->partial;
	return out;
}

static bool judge_column(const options_t *opts, const caaudit_policy_t *policy,
                         const probe_report_t *probe, size_t nth, judged_t *out)
{
	const probe_zone_t *zone = probe->zone;
	const probe_column_t *column = &zone->column[nth];
	size_t left_out = 0;
	caaudit_policy_t *answered = answered_policy(zone, column, policy, &left_out);
	caaudit_view_t *view = caaudit_view_new(policy->zone);
	report_init(&out->report, policy->zone, "probe");
	int ret = answered == NULL || view == NULL ? KNOT_ENOMEM :
	                                             caaudit_audit_want(answered, view);
	ret = ret == KNOT_EOK ? probe_fill(zone, column, view) : ret;
	ret = ret == KNOT_EOK ? caaudit_view_finish(view) : ret;
	if (ret == KNOT_EOK) {
		out->report.records = caaudit_view_records(view);
		ret = caaudit_audit(view, answered, opts->now, &out->report.sink);
	}
	out->done = ret == KNOT_EOK && !out->report.failed;
	if (out->done && left_out > 0) {
		char what[PROBE_LABEL_MAX + 64];
		snprintf(what, sizeof(what), "%zu of the hosts and validations at %s", left_out,
		         column->server->label);
		report_gap(&out->report, what, "questions that a CA asks for them got no answer");
	} else if (ret == KNOT_EMALF || ret == KNOT_ESEMCHECK) {
		/* Records that no view takes: nothing can be said, but that is no failure of ours. */
		report_gap(&out->report, column->server->label, knot_strerror(ret));
		out->done = true;
		ret = KNOT_EOK;
	}
	caaudit_view_free(view);
	caaudit_policy_free(answered);
	return ret == KNOT_EOK && !out->report.failed;
}

/* --- All servers --------------------------------------------------------------------------- */

static bool same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool merge_gap(probe_report_t *out, const report_gap_t *gap)
{
	for (size_t i = 0; i < out->report.gap_count; i++) {
		if (same(out->report.gap[i].what, gap->what) &&
		    same(out->report.gap[i].why, gap->why)) {
			return true;
		}
	}
	report_gap(&out->report, gap->what, gap->why);
	return !out->report.failed;
}

/* Notes which servers said nothing of a host and CA. */
static bool find_unknown(probe_report_t *out, const judged_t *judged, size_t nth)
{
	const report_verdict_t *verdict = &out->report.verdict[nth];
	for (size_t i = 0; i < out->zone->column_count; i++) {
		const report_t *report = &judged[i].report;
		bool there = !judged[i].done;
		for (size_t j = 0; !there && j < report->verdict_count; j++) {
			const report_verdict_t *v = &report->verdict[j];
			there = v->wildcard == verdict->wildcard && same(v->host, verdict->host) &&
			        same(v->ca, verdict->ca);
		}
		if (!there && !probe_column_add(&out->unknown_at[nth], i)) {
			return false;
		}
	}
	return true;
}

/* Verdicts are copied: what each server said is looked at again. */
static bool merge_verdict(probe_report_t *out, const report_verdict_t *verdict, size_t column)
{
	report_verdict_t copy = *verdict;
	size_t nth = 0;
	copy.host = strdup(verdict->host);
	copy.ca = strdup(verdict->ca);
	copy.decided_by = verdict->decided_by != NULL ? strdup(verdict->decided_by) : NULL;
	copy.asked = verdict->asked != NULL ? strdup(verdict->asked) : NULL;
	bool ok = copy.host != NULL && copy.ca != NULL;
	return probe_add_verdict(out, &copy, &nth) && ok &&
	       (verdict->permit != CAAUDIT_DENIED ||
	        probe_column_add(&out->denied_at[nth], column));
}

/* Servers that this host cannot reach are no fault of theirs. */
static bool tell_local(probe_report_t *out)
{
	const probe_zone_t *zone = out->zone;
	for (size_t i = 0; i < zone->column_count; i++) {
		const probe_answer_t *soa = &zone->column[i].answer[PROBE_ROW_SOA];
		column_list_t list = { 0 };
		bool before = false;
		if (soa->outcome != PROBE_LOCAL) {
			continue;
		}
		for (size_t j = 0; j < zone->column_count; j++) {
			const probe_answer_t *other = &zone->column[j].answer[PROBE_ROW_SOA];
			if (other->outcome == PROBE_LOCAL && other->code == soa->code) {
				before = before || j < i;
				if (!probe_column_add(&list, j)) {
					return false;
				}
			}
		}
		if (!before) {
			char what[256], why[128], reason[192];
			probe_columns_text(zone, &list, what, sizeof(what));
			snprintf(reason, sizeof(reason), "this host cannot send there (%s)",
			         errno_text(soa->code, why, sizeof(why)));
			report_gap(&out->report, what, reason);
		}
		free(list.item);
	}
	if (zone->truncated) {
		report_gap(&out->report, "some questions", "there are more than a zone may have");
	}
	return !out->report.failed;
}

static bool merge(probe_report_t *out, judged_t *judged)
{
	bool ok = true;
	for (size_t i = 0; i < out->zone->column_count; i++) {
		report_t *report = &judged[i].report;
		const column_list_t at = { &i, 1 };
		for (size_t j = 0; ok && j < report->verdict_count; j++) {
			ok = merge_verdict(out, &report->verdict[j], i);
		}
		for (size_t j = 0; ok && j < report->finding_count; j++) {
			ok = probe_add_finding(out, &report->finding[j], &at);
		}
		for (size_t j = 0; ok && j < report->validation_count; j++) {
			ok = probe_add_validation(out, &report->validation[j]);
		}
		for (size_t j = 0; ok && j < report->gap_count; j++) {
			ok = merge_gap(out, &report->gap[j]);
		}
		if (report->records > out->report.records) {
			out->report.records = report->records;
		}
		if (judged[i].done && !out->report.dnssec.is_signed) {
			out->report.dnssec = report->dnssec;
		}
	}
	for (size_t i = 0; ok && i < out->report.verdict_count; i++) {
		ok = find_unknown(out, judged, i);
	}
	return ok && probe_locate_verdicts(out) && tell_local(out);
}

bool probe_judge(const options_t *opts, const caaudit_policy_t *policy, probe_report_t *out)
{
	const probe_zone_t *zone = out->zone;
	judged_t *judged = calloc(zone->column_count + 1, sizeof(*judged));
	bool ok = judged != NULL;
	for (size_t i = 0; ok && i < zone->column_count; i++) {
		if (zone->column[i].state == PROBE_COLUMN_GOOD &&
		    zone->column[i].server->kind != PROBE_ZONE) {
			ok = judge_column(opts, policy, out, i, &judged[i]);
		}
	}
	ok = ok && merge(out, judged);
	for (size_t i = 0; judged != NULL && i < zone->column_count; i++) {
		report_clear(&judged[i].report);
	}
	free(judged);
	return ok;
}
