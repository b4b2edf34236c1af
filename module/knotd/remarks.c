/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Between the engine and the report: marks findings, and adds some. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libknot/libknot.h>

#include "caaudit/caa.h"
#include "caaudit/synthesis.h"
#include "engine/hash.h"
#include "index.h"
#include "remarks.h"

#define UNSAFE_CAA                                                                                 \
	(SYNTH_ELSEWHERE | SYNTH_NO_KEY | SYNTH_NO_RRSIG | SYNTH_KEYSTORE | SYNTH_ORDER |          \
	 SYNTH_SOURCE)
#define UNSAFE_VALIDATION (SYNTH_ELSEWHERE | SYNTH_DENIAL | SYNTH_SOURCE)

/* Aliases that an audit follows. */
#define ALIASES_MAX 16

/* TTL of a record to add, in seconds. */
#define NEW_TTL 3600

/*
 * Synthesis.
 */

static bool is_caa(const caaudit_finding_t *finding)
{
	return finding->id == CAAUDIT_CAA_ISSUE_DENIED ||
	       finding->id == CAAUDIT_CAA_ISSUEWILD_DENIED ||
	       finding->id == CAAUDIT_CAA_STRICT_INCOMPLETE;
}

static bool is_added(const caaudit_added_t *added, size_t count, bool wild, const char *ca)
{
	for (size_t i = 0; i < count; i++) {
		caaudit_issue_t issue;
		if (added[i].wild == wild &&
		    caaudit_issue_parse(added[i].value, added[i].value_len, &issue, NULL) ==
		            KNOT_EOK &&
		    issue.issuer_len == strlen(ca) &&
		    strncasecmp((const char *)issue.issuer, ca, issue.issuer_len) == 0) {
			return true;
		}
	}
	return false;
}

/* Gets the reason why synthesis does not cover a CAA finding, NULL if it does. */
static const char *why_not_caa(remarks_t *remarks, const caaudit_finding_t *finding)
{
	const remarks_subject_t *of = &remarks->of;
	if (synth_unsafe(of->synth) & UNSAFE_CAA) {
		return "see synth-unsafe";
	}
	caaudit_rrset_t rrset = caaudit_view_rrset(of->view, finding->owner, KNOT_RRTYPE_CAA);
	size_t room = caaudit_synthesis_room(rrset, of->policy), count = 0;
	caaudit_added_t *added = calloc(room, sizeof(*added));
	if (added == NULL) {
		remarks->failed = true;
		return "";
	}
	caaudit_synthesis_t result = caaudit_synthesize(rrset, of->policy,
	                                                of->options->override_denial, added, room,
	                                                &count);
	bool wild = finding->remedy != NULL && strstr(finding->remedy, " issuewild ") != NULL;
	bool done = finding->remedy != NULL && finding->ca != NULL &&
	            is_added(added, count, wild, finding->ca);
	free(added);
	return done ? NULL : caaudit_synthesis_text(result);
}

static const char *why_not_validation(const remarks_subject_t *of, const caaudit_finding_t *finding)
{
	if (synth_unsafe(of->synth) & UNSAFE_VALIDATION) {
		return "see synth-unsafe";
	}
	caaudit_lookup_t lookup;
	caaudit_view_lookup(of->view, finding->owner, KNOT_RRTYPE_CNAME, &lookup);
	if (lookup.answer != CAAUDIT_NXDOMAIN) {
		return "the name is not free";
	}
	return synth_answers(of->synth, finding->owner) ?
	               NULL :
	               "it is not clear which target to answer with";
}

/* Makes the text of a finding that says whether synthesis covers it, to be freed. */
static char *marked_text(const caaudit_finding_t *finding, const char *why_not)
{
	static const char add[] = "; add: ";
	char *text = NULL;
	const char *at = strstr(finding->text, add);
	int len;
	if (why_not != NULL) {
		len = asprintf(&text, "%s; not answered by synthesis: %s", finding->text, why_not);
	} else if (at != NULL) {
		len = asprintf(&text, "%.*s; answered by synthesis; publish: %s",
		               (int)(at - finding->text), finding->text, at + sizeof(add) - 1);
	} else {
		len = asprintf(&text, "%s; answered by synthesis; publish: %s", finding->text,
		               finding->remedy != NULL ? finding->remedy : "the record");
	}
	return len < 0 ? NULL : text;
}

static void on_finding(caaudit_sink_t *sink, const caaudit_finding_t *finding)
{
	remarks_t *remarks = (remarks_t *)sink;
	const remarks_subject_t *of = &remarks->of;
	unsigned synthesize = of->synth != NULL ? of->options->synthesize : 0;
	const char *why_not;
	if (is_caa(finding) && (synthesize & SYNTHESIZE_CAA)) {
		why_not = why_not_caa(remarks, finding);
	} else if (finding->id == CAAUDIT_DCV_CNAME_MISSING &&
	           (synthesize & SYNTHESIZE_VALIDATION)) {
		why_not = why_not_validation(of, finding);
	} else {
		report_finding(of->report, finding);
		return;
	}
	char *text = marked_text(finding, why_not);
	if (text == NULL) {
		remarks->failed = true;
		return;
	}
	caaudit_finding_t marked = *finding;
	marked.text = text;
	report_finding(of->report, &marked);
	free(text);
}

/* Names the target to which the aliases of a name lead: the owner in the answer, a wildcard
 * expanded. */
static void name_target(const remarks_subject_t *of, const knot_dname_t *asked)
{
	knot_dname_storage_t name;
	(void)memcpy(name, asked, knot_dname_size(asked));
	for (unsigned aliases = 0; aliases < ALIASES_MAX; aliases++) {
		caaudit_lookup_t lookup;
		caaudit_view_lookup(of->view, name, KNOT_RRTYPE_CAA, &lookup);
		if (lookup.answer != CAAUDIT_CNAME && lookup.answer != CAAUDIT_DNAME) {
			break;
		}
		(void)memcpy(name, lookup.target, knot_dname_size(lookup.target));
	}
	synth_target(of->synth, name);
}

static void on_verdict(caaudit_sink_t *sink, const caaudit_verdict_t *verdict)
{
	const remarks_t *remarks = (const remarks_t *)sink;
	if (remarks->of.synth != NULL && verdict->decided_by != NULL && verdict->asked != NULL) {
		name_target(&remarks->of, verdict->asked);
	}
}

static void report_unsafe(const remarks_subject_t *of)
{
	unsigned unsafe = synth_unsafe(of->synth);
	for (unsigned i = 0; i < SYNTH__COUNT; i++) {
		if ((unsafe & 1U << i) == 0) {
			continue;
		}
		const caaudit_finding_t finding = {
			.id = CAAUDIT_SYNTH_UNSAFE,
			/* An error if the synthesis that the options ask for can never be done. */
			.severity = 1U << i == SYNTH_ELSEWHERE ? CAAUDIT_ERROR : CAAUDIT_WARNING,
			.owner = caaudit_view_zone(of->view),
			.text = synth_reason(i),
		};
		report_finding(of->report, &finding);
	}
}

/*
 * Look-ups.
 */

static void on_validation(caaudit_sink_t *sink, const caaudit_validation_t *validation)
{
	remarks_t *remarks = (remarks_t *)sink;
	size_t nth = remarks->known.expected_count;
	bool there = strncmp(validation->state, "present", strlen("present")) == 0;
	if (remarks->failed || nth >= remarks->of.policy->validation_count) {
		return;
	}
	if (there && !knot_dname_is_equal(validation->owner, validation->found_at)) {
		remarks->elsewhere[nth] = knot_dname_copy(validation->found_at, NULL);
		remarks->failed = remarks->elsewhere[nth] == NULL;
	}
	remarks->known.expected[nth] = (lookups_expected_t){
		.owner = hash_name(validation->owner),
		.found_at = there ? hash_name(validation->found_at) : 0,
		.since = remarks->now,
		.nth = (uint32_t)nth,
	};
	remarks->known.expected_count++;
}

static void on_not_checked(caaudit_sink_t *sink, const char *what, const char *why)
{
	(void)what;
	(void)why;
	((remarks_t *)sink)->of.report->not_checked++;
}

__attribute__((format(printf, 2, 3))) static char *format(remarks_t *remarks, const char *form, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, form);
	if (vasprintf(&text, form, args) < 0) {
		text = NULL;
		remarks->failed = true;
	}
	va_end(args);
	return text;
}

static void report(remarks_t *remarks, caaudit_id_t id, const knot_dname_t *owner, const char *text,
                   const char *remedy)
{
	const caaudit_finding_t finding = {
		.id = id,
		.severity = caaudit_finding_info(id)->severity,
		.owner = owner,
		.text = text,
		.remedy = remedy,
		.fix = remedy != NULL ? CAAUDIT_FIX_ADD : CAAUDIT_FIX_NONE,
	};
	if (text != NULL) {
		report_finding(remarks->of.report, &finding);
	}
}

/* Finds what is expected at a name: of the type that was asked for, if there is one. */
static const caaudit_expected_t *find_expected(const caaudit_policy_t *policy,
                                               const knot_dname_t *name, bool txt)
{
	const caaudit_expected_t *found = NULL;
	for (size_t i = 0; i < policy->validation_count; i++) {
		const caaudit_expected_t *expected = &policy->validation[i];
		if (knot_dname_is_equal(expected->owner, name)) {
			found = found == NULL || (expected->txt != NULL) == txt ? expected : found;
		}
	}
	return found;
}

/* Reports a name that was asked for and is not there. The text depends on the zone and the policy alone: a
 * finding with another text is logged anew. */
static void report_unanswered(remarks_t *remarks, const lookups_name_t *asked)
{
	const remarks_subject_t *of = &remarks->of;
	caaudit_lookup_t lookup;
	caaudit_view_lookup(of->view, asked->name, KNOT_RRTYPE_CNAME, &lookup);
	if ((lookup.answer != CAAUDIT_NXDOMAIN && lookup.answer != CAAUDIT_NODATA) ||
	    caaudit_view_rrset(of->view, asked->name, KNOT_RRTYPE_TXT).count > 0) {
		/* The name is there now, or another zone answers. */
		lookups_forget(of->lookups, asked->name);
		return;
	}

	const char *type = asked->txt ? "TXT" : "CNAME";
	const char *rcode = lookup.answer == CAAUDIT_NXDOMAIN ? "NXDOMAIN" : "NODATA";
	const caaudit_expected_t *expected = find_expected(of->policy, asked->name, asked->txt);
	char *remedy = NULL, *text;
	if (expected != NULL && (expected->target != NULL || expected->txt != NULL)) {
		remedy = caaudit_expected_text(expected, NEW_TTL);
		remarks->failed = remarks->failed || remedy == NULL;
		text = format(remarks, "somebody asked for the %s, the answer was %s; add: %s",
		              type, rcode, remedy == NULL ? "" : remedy);
	} else if (expected != NULL) {
		text = format(remarks,
		              "somebody asked for the %s, the answer was %s; add the "
		              "CNAME that the CA's console shows",
		              type, rcode);
	} else {
		text = format(remarks,
		              "somebody asked for the %s, the answer was %s; if a CA did, "
		              "the record to add is in the console of the order",
		              type, rcode);
	}
	report(remarks, CAAUDIT_DCV_LOOKUP_UNANSWERED, asked->name, text, remedy);
	free(text);
	free(remedy);
}

/* Reports an expected record that is there, and that nobody has asked for. */
static void report_absent(remarks_t *remarks, size_t nth)
{
	knot_dname_txt_storage_t at;
	bool elsewhere = remarks->elsewhere[nth] != NULL &&
	                 knot_dname_to_str(at, remarks->elsewhere[nth], sizeof(at)) != NULL;
	char *text = format(remarks,
	                    "the record is there%s%s, and nobody has asked for it in thirty "
	                    "minutes; see in the CA's console whether the order is open, and in "
	                    "the parent zone whether its NS lead here",
	                    elsewhere ? ", at " : "", elsewhere ? at : "");
	report(remarks, CAAUDIT_DCV_LOOKUP_ABSENT, remarks->of.policy->validation[nth].owner, text,
	       NULL);
	free(text);
}

static void report_lookups(remarks_t *remarks)
{
	const caaudit_policy_t *policy = remarks->of.policy;
	size_t expected = remarks->known.expected_count, count = 0;
	lookups_name_t *name = malloc(LOOKUPS_ZONE_MAX * sizeof(*name));
	bool *absent = calloc(expected + 1, sizeof(*absent));
	remarks->known.host_count = index_list(policy, policy->host_count, &remarks->known.host);
	if (name == NULL || absent == NULL || remarks->known.host_count == SIZE_MAX) {
		remarks->failed = true;
	} else {
		remarks->again = lookups_exchange(remarks->of.lookups, &remarks->known,
		                                  remarks->now, absent, name, &count);
		for (size_t i = 0; i < expected; i++) {
			if (absent[i]) {
				report_absent(remarks, i);
			}
		}
	}
	for (size_t i = 0; i < count; i++) {
		report_unanswered(remarks, &name[i]);
	}
	free(absent);
	free(name);
}

/*
 * The audit.
 */

caaudit_sink_t *remarks_begin(remarks_t *remarks, const remarks_subject_t *subject)
{
	*remarks = (remarks_t) {
		.sink = {
			.verdict = on_verdict,
			.validation = on_validation,
			.finding = on_finding,
			.not_checked = on_not_checked,
		},
		.of = *subject,
		.now = lookups_now(),
	};
	size_t count = subject->policy->validation_count;
	if (count > 0) {
		remarks->known.expected = calloc(count, sizeof(*remarks->known.expected));
		remarks->elsewhere = calloc(count, sizeof(*remarks->elsewhere));
		remarks->failed = remarks->known.expected == NULL || remarks->elsewhere == NULL;
	}
	if (subject->synth != NULL) {
		targets_begin(subject->targets);
	}
	return &remarks->sink;
}

static void clear(remarks_t *remarks)
{
	size_t count = remarks->elsewhere == NULL ? 0 : remarks->of.policy->validation_count;
	for (size_t i = 0; i < count; i++) {
		free(remarks->elsewhere[i]);
	}
	free(remarks->elsewhere);
	free(remarks->known.expected);
	free(remarks->known.host);
}

int remarks_end(remarks_t *remarks, bool complete)
{
	if (complete && !remarks->failed) {
		report_lookups(remarks);
		if (remarks->of.synth != NULL) {
			targets_end(remarks->of.targets);
			report_unsafe(&remarks->of);
		}
	}
	clear(remarks);
	return remarks->failed ? KNOT_ENOMEM : KNOT_EOK;
}
