/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The engine's part of a probe: which questions a policy makes, and what the
 *        audit says of each server's answers. Everything that a probe asks of the
 *        engine stands here.
 */

#include <stdlib.h>

#include <libknot/libknot.h>

#include "caaudit/audit.h"
#include "engine/policy.h"
#include "probe_report.h"
#include "probe_world.h"
#include "source.h"

bool probe_plan(probe_zone_t *zone, const caaudit_policy_t *policy)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; i < policy->host_count && ret != KNOT_ENOMEM; i++) {
		ret = probe_zone_ask_climb(zone, policy->host[i]);
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

/* Is there an answer for a name, and for each alias in the zone that it leads to? */
static bool has_answer(const probe_zone_t *zone, const probe_column_t *column,
                       const knot_dname_t *name, uint16_t type)
{
	for (unsigned aliases = 0; aliases <= CAAUDIT_ALIASES_MAX; aliases++) {
		size_t i = probe_zone_find(zone, name, type, false);
		if (i == zone->question_count || !probe_is_usable(&column->answer[i])) {
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

/* --- The policy of one server -------------------------------------------------------------- */

/* Was all of it answered that the verdict for a host, or a validation, takes? */
static bool is_host_answered(const probe_zone_t *zone, const probe_column_t *column,
                             const knot_dname_t *host)
{
	return host == NULL || has_climb(zone, column, host);
}

static bool is_validation_answered(const probe_zone_t *zone, const probe_column_t *column,
                                   const caaudit_policy_t *policy,
                                   const caaudit_expected_t *expected)
{
	uint16_t type = expected->txt != NULL ? KNOT_RRTYPE_TXT : KNOT_RRTYPE_CNAME;
	return has_answer(zone, column, expected->owner, type) &&
	       is_host_answered(zone, column, policy_host_of(policy, expected));
}

static size_t count_unanswered(const probe_zone_t *zone, const probe_column_t *column,
                               const caaudit_policy_t *policy)
{
	size_t count = 0;
	for (size_t i = 0; i < policy->host_count; i++) {
		count += !is_host_answered(zone, column, policy->host[i]);
	}
	for (size_t i = 0; i < policy->validation_count; i++) {
		count += !is_validation_answered(zone, column, policy, &policy->validation[i]);
	}
	return count;
}

static int copy_fixed(const caaudit_policy_t *policy, caaudit_policy_t *out)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; ret == KNOT_EOK && i < policy->ca_count; i++) {
		const caaudit_ca_t *ca = &policy->ca[i];
		ret = caaudit_policy_add_ca(out,
		                            ca->product != NULL ? ca->product->name[0] : ca->name,
		                            NULL);
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
	out->rrsig_warning = policy->rrsig_warning;
	out->memo = policy->memo;
	out->wildcard = policy->wildcard;
	out->hosts_named = policy->hosts_named;
	out->strict = policy->strict;
	out->override_denial = policy->override_denial;
	out->cure_limit = policy->cure_limit;
	out->partial = policy->partial;
	return ret;
}

static int copy_host(const knot_dname_t *host, caaudit_policy_t *out)
{
	knot_dname_txt_storage_t text;
	return knot_dname_to_str(text, host, sizeof(text)) != NULL ?
	               caaudit_policy_add_host(out, text, NULL) :
	               KNOT_ENOMEM;
}

static int copy_expected(const caaudit_expected_t *expected, caaudit_policy_t *out)
{
	return expected->txt != NULL ?
	               caaudit_policy_add_expected_txt(out, expected->owner, expected->txt,
	                                               expected->txt_len, expected->ttl, NULL) :
	               caaudit_policy_add_expected(out, expected->owner, expected->target,
	                                           expected->ttl, NULL);
}

/* The policy without what a server has not answered; NULL if out of memory. */
static caaudit_policy_t *answered_policy(const probe_zone_t *zone, const probe_column_t *column,
                                         const caaudit_policy_t *policy, uint64_t now)
{
	caaudit_policy_t *out = caaudit_policy_new(policy->zone);
	int ret = out != NULL ? copy_fixed(policy, out) : KNOT_ENOMEM;
	for (size_t i = 0; ret == KNOT_EOK && i < policy->named_count; i++) {
		if (is_host_answered(zone, column, policy->host[i])) {
			ret = copy_host(policy->host[i], out);
		}
	}
	for (size_t i = 0; ret == KNOT_EOK && i < policy->validation_count; i++) {
		if (is_validation_answered(zone, column, policy, &policy->validation[i])) {
			ret = copy_expected(&policy->validation[i], out);
		}
	}
	ret = ret == KNOT_EOK ? caaudit_policy_finish(out, now) : ret;
	if (ret != KNOT_EOK) {
		caaudit_policy_free(out);
		return NULL;
	}
	return out;
}

/* --- One audit ----------------------------------------------------------------------------- */

/* What one server says of a zone. */
typedef struct {
	const world_t *world;
	const caaudit_policy_t *policy;
	const probe_zone_t *zone;
	const probe_column_t *column;
} said_t;

static int read_said(void *context, caaudit_view_t *view)
{
	const said_t *said = context;
	int ret = probe_fill(said->zone, said->column, view);
	return ret == KNOT_EOK && said->world != NULL ?
	               world_fill(said->world, said->policy, said->zone, said->column, view) :
	               ret;
}

static bool judge_column(const options_t *opts, const caaudit_policy_t *policy, probe_report_t *out,
                         size_t nth)
{
	said_t said = { out->world, policy, out->zone, &out->zone->column[nth] };
	const char *label = said.column->server->label;
	size_t left_out = count_unanswered(said.zone, said.column, policy);
	if (left_out > 0) {
		out->policy[nth] = answered_policy(said.zone, said.column, policy, opts->now);
		if (out->policy[nth] == NULL) {
			return false;
		}
		policy = out->policy[nth];
	}
	int ret = caaudit_audit(policy, read_said, &said, opts->now, &out->audit[nth]);
	if (ret == KNOT_EMALF || ret == KNOT_ESEMCHECK || ret == KNOT_ENOENT) {
		/* Records that no view takes: nothing can be said, but that is no failure of ours. */
		return probe_add_gap(out, label, knot_strerror(ret));
	}
	if (ret != KNOT_EOK) {
		return false;
	}
	if (left_out == 0) {
		return true;
	}
	char what[PROBE_LABEL_MAX + 64];
	snprintf(what, sizeof(what), "%zu of the hosts and validations at %s", left_out, label);
	return probe_add_gap(out, what, "questions that a CA asks for them got no answer");
}

/* Adds what an audit has to say to the report. */
static bool add_audit(probe_report_t *out, size_t nth)
{
	const caaudit_report_t *audit = out->audit[nth];
	const column_list_t at = { &nth, 1 };
	bool ok = true;
	for (size_t i = 0; ok && i < audit->verdict_count; i++) {
		probe_verdict_t *verdict = probe_add_verdict(out, &audit->verdict[i]);
		ok = verdict != NULL && probe_column_add(&verdict->said_at, nth) &&
		     (audit->verdict[i].is.permit != CAAUDIT_DENIED ||
		      probe_column_add(&verdict->denied_at, nth));
	}
	for (size_t i = 0; ok && i < audit->validation_count; i++) {
		ok = probe_add_validation(out, &audit->validation[i], false);
	}
	for (size_t i = 0; ok && i < audit->finding_count; i++) {
		caaudit_finding_t finding = audit->finding[i];
		if (out->anchored && finding.id == CAAUDIT_DNSSEC_CHAIN_BROKEN) {
			finding.id = CAAUDIT_PROBE_DS_MISMATCH; /* The anchors are the parent's. */
		}
		ok = probe_add_finding(out, &finding, &at);
	}
	for (size_t i = 0; ok && i < audit->gap_count; i++) {
		ok = probe_add_gap(out, audit->gap[i].what, audit->gap[i].why);
	}
	size_t records = caaudit_view_records(audit->view);
	out->report.records = records > out->report.records ? records : out->report.records;
	if (!out->all.dnssec.is_signed) {
		out->all.dnssec = audit->dnssec;
	}
	return ok;
}

/* --- All servers --------------------------------------------------------------------------- */

/* Servers that this host cannot reach are no fault of theirs. */
static bool tell_local(probe_report_t *out, size_t first)
{
	const probe_zone_t *zone = out->zone;
	int code = zone->column[first].answer[PROBE_ROW_SOA].code;
	column_list_t list = { 0 };
	bool ok = true;
	for (size_t i = 0; ok && i < zone->column_count; i++) {
		const probe_answer_t *soa = &zone->column[i].answer[PROBE_ROW_SOA];
		if (soa->outcome == PROBE_LOCAL && soa->code == code) {
			ok = probe_column_add(&list, i);
		}
	}
	if (ok && list.item[0] == first) {
		char what[256], why[128], reason[192];
		probe_columns_text(zone, &list, what, sizeof(what));
		snprintf(reason, sizeof(reason), "this host cannot send there (%s)",
		         source_errno_text(code, why, sizeof(why)));
		ok = probe_add_gap(out, what, reason);
	}
	free(list.item);
	return ok;
}

bool probe_judge(const options_t *opts, const caaudit_policy_t *policy, probe_report_t *out)
{
	const probe_zone_t *zone = out->zone;
	out->audit = calloc(zone->column_count + 1, sizeof(*out->audit));
	out->policy = calloc(zone->column_count + 1, sizeof(*out->policy));
	bool ok = out->audit != NULL && out->policy != NULL;
	for (size_t i = 0; ok && i < zone->column_count; i++) {
		if (zone->column[i].state == PROBE_COLUMN_GOOD &&
		    zone->column[i].server->kind != PROBE_ZONE) {
			ok = judge_column(opts, policy, out, i) &&
			     (out->audit[i] == NULL || add_audit(out, i));
		}
	}
	for (size_t i = 0; ok && i < zone->column_count; i++) {
		if (zone->column[i].answer[PROBE_ROW_SOA].outcome == PROBE_LOCAL) {
			ok = tell_local(out, i);
		}
	}
	return ok && (!zone->truncated ||
	              probe_add_gap(out, "some questions", "there are more than a zone may have"));
}
