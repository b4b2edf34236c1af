/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Between the engine and the report: marks findings, and adds some. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libknot/libknot.h>

#include "caaudit/caa.h"
#include "caaudit/cas.h"
#include "caaudit/synthesis.h"
#include "engine/hash.h"
#include "index.h"
#include "remarks.h"

#define UNSAFE_CAA                                                                                 \
	(SYNTH_ELSEWHERE | SYNTH_NO_KEY | SYNTH_NO_RRSIG | SYNTH_KEYSTORE | SYNTH_ORDER |          \
	 SYNTH_SOURCE)
#define UNSAFE_VALIDATION (SYNTH_ELSEWHERE | SYNTH_DENIAL | SYNTH_SOURCE)

/* Remarks on one audit. */
typedef struct {
	const remarks_subject_t *of;
	report_t *report;
	lookups_answered_t *answered;
	lookups_known_t known;      /* What the audit tells the look-ups. */
	uint64_t now;               /* Seconds, as lookups_now(). */
	uint64_t again;             /* Seconds after which there is more to report, 0 = never. */
	unsigned long long refused; /* Look-ups. */
	bool failed;                /* Out of memory. */
} remarks_t;

/*
 * Synthesis.
 */

/* Tells whether a finding is about CAA that synthesis extends. */
static bool is_caa(const remarks_subject_t *of, const caaudit_finding_t *finding)
{
	return finding->id == CAAUDIT_CAA_ISSUE_DENIED ||
	       finding->id == CAAUDIT_CAA_ISSUEWILD_DENIED ||
	       finding->id == CAAUDIT_CAA_FALLBACK_DENIED ||
	       (finding->id == CAAUDIT_CAA_STRICT_INCOMPLETE && of->policy->strict);
}

/* Finds the wanted CA that a finding is about; NULL if it is about none. */
static const caaudit_ca_t *find_ca(const caaudit_policy_t *policy, const char *name)
{
	for (size_t i = 0; name != NULL && i < policy->ca_count; i++) {
		if (strcmp(policy->ca[i].name, name) == 0) {
			return &policy->ca[i];
		}
	}
	return NULL;
}

/* Tells whether one of the properties is for a CA, by any name that it accepts. */
static bool is_added(const caaudit_added_t *added, size_t count, bool wild, const caaudit_ca_t *ca)
{
	for (size_t i = 0; i < count; i++) {
		caaudit_issue_t issue;
		if (added[i].wild == wild &&
		    caaudit_issue_parse(added[i].value, added[i].value_len, &issue, NULL) ==
		            KNOT_EOK &&
		    caaudit_ca_accepts(ca, issue.issuer, issue.issuer_len)) {
			return true;
		}
	}
	return false;
}

/* Gets the reason why synthesis does not cover a CAA finding, NULL if it does. */
static const char *why_not_caa(remarks_t *remarks, const caaudit_finding_t *finding)
{
	const remarks_subject_t *of = remarks->of;
	if (synth_unsafe(of->synth) & UNSAFE_CAA) {
		return "see synth-unsafe";
	}
	const caaudit_ca_t *ca = find_ca(of->policy, finding->ca);
	if (ca != NULL && caaudit_synthesis_is_unsure(ca)) {
		return caaudit_synthesis_text(CAAUDIT_SYNTHESIS_UNSURE);
	}
	caaudit_rrset_t rrset = caaudit_view_rrset(of->audit->view, finding->owner,
	                                           KNOT_RRTYPE_CAA);
	size_t room = caaudit_synthesis_room(rrset, of->policy), count = 0;
	caaudit_added_t *added = calloc(room, sizeof(*added));
	if (added == NULL) {
		remarks->failed = true;
		return "";
	}
	caaudit_synthesis_t result = caaudit_synthesize(rrset, of->policy, added, room, &count);
	bool done = ca != NULL && is_added(added, count, finding->wild, ca);
	free(added);
	return done ? NULL : caaudit_synthesis_text(result);
}

static const char *why_not_validation(const remarks_subject_t *of, const caaudit_finding_t *finding)
{
	if (synth_unsafe(of->synth) & UNSAFE_VALIDATION) {
		return "see synth-unsafe";
	}
	caaudit_lookup_t lookup;
	caaudit_view_lookup(of->audit->view, finding->owner, KNOT_RRTYPE_CNAME, &lookup);
	if (lookup.answer != CAAUDIT_NXDOMAIN) {
		return "the name is not free";
	}
	return synth_answers(of->synth, finding->owner) ?
	               NULL :
	               "it is not clear which target to answer with";
}

static bool is_refusal(const caaudit_finding_t *finding)
{
	return finding->id == CAAUDIT_SERVER_QUERY_REFUSED ||
	       finding->id == CAAUDIT_SERVER_ANSWERS_LIMITED;
}

/* Tells whether synthesis answers as if a finding was mended. If not, gets the reason, or NULL for a
 * finding that synthesis does not concern. */
static bool is_answered(remarks_t *remarks, const caaudit_finding_t *finding, const char **why_not)
{
	const remarks_subject_t *of = remarks->of;
	unsigned synthesize = of->synth != NULL ? of->options->synthesize : 0;
	*why_not = NULL;
	if (is_caa(of, finding) && (synthesize & SYNTHESIZE_CAA)) {
		*why_not = why_not_caa(remarks, finding);
		return *why_not == NULL;
	} else if (finding->id == CAAUDIT_DCV_CNAME_MISSING &&
	           (synthesize & SYNTHESIZE_VALIDATION)) {
		*why_not = why_not_validation(of, finding);
		return *why_not == NULL;
	}
	return false;
}

/* Reports a finding of the engine if it has this severity, and what the server knows of it: whether
 * synthesis answers, or how many look-ups were refused. */
static void report_found(remarks_t *remarks, const caaudit_finding_t *finding,
                         caaudit_severity_t severity)
{
	if (severity != finding->severity && severity != CAAUDIT_WARNING) {
		return; // No other can come of it.
	}
	const char *why_not;
	bool answered = is_answered(remarks, finding, &why_not);
	// What is answered does not fail here today; transfers and a change of the options end that.
	caaudit_finding_t said = *finding;
	said.severity = answered ? CAAUDIT_WARNING : finding->severity;
	if (said.severity != severity) {
		return;
	}
	char note[128];
	bool noted = true;
	if (answered && finding->remedy != NULL) {
		report_finding(remarks->report, &said, "answered by synthesis; publish", NULL);
		return;
	} else if (answered) {
		(void)snprintf(note, sizeof(note), "answered by synthesis");
	} else if (why_not != NULL) {
		(void)snprintf(note, sizeof(note), "not answered by synthesis: %s", why_not);
	} else if (is_refusal(finding) && remarks->refused > 0) {
		(void)snprintf(note, sizeof(note), "%llu look-up%s refused so far",
		               remarks->refused, remarks->refused == 1 ? "" : "s");
	} else {
		noted = false;
	}
	report_finding(remarks->report, &said, NULL, noted ? note : NULL);
}

static void report_unsafe(remarks_t *remarks, caaudit_severity_t severity)
{
	unsigned unsafe = synth_unsafe(remarks->of->synth);
	for (unsigned i = 0; i < SYNTH__COUNT; i++) {
		if ((unsafe & 1U << i) == 0) {
			continue;
		}
		const caaudit_finding_t finding = {
			.id = CAAUDIT_SYNTH_UNSAFE,
			/* An error if the synthesis that the options ask for can never be done. */
			.severity = 1U << i == SYNTH_ELSEWHERE ? CAAUDIT_ERROR : CAAUDIT_WARNING,
			.owner = remarks->of->policy->zone,
			.what = synth_reason(i),
		};
		if (finding.severity == severity) {
			report_finding(remarks->report, &finding, NULL, NULL);
		}
	}
}

/*
 * Look-ups.
 */

static bool is_there(const caaudit_validation_t *validation)
{
	return validation->state == CAAUDIT_VALIDATION_PRESENT ||
	       validation->state == CAAUDIT_VALIDATION_PRESENT_ABOVE ||
	       validation->state == CAAUDIT_VALIDATION_PRESENT_AT_TARGET;
}

/* Lists what is expected, and where it is. */
static bool list_expected(remarks_t *remarks)
{
	const caaudit_report_t *audit = remarks->of->audit;
	lookups_expected_t *list = calloc(audit->validation_count + 1, sizeof(*list));
	for (size_t i = 0; list != NULL && i < audit->validation_count; i++) {
		const caaudit_validation_t *validation = &audit->validation[i];
		list[i] = (lookups_expected_t){
			.owner = hash_name(validation->expected->owner),
			.found_at = is_there(validation) ? hash_name(validation->found->owner) : 0,
			.since = remarks->now,
			.nth = (uint32_t)i,
		};
	}
	remarks->known.expected = list;
	remarks->known.expected_count = audit->validation_count;
	return list != NULL;
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

static void report(remarks_t *remarks, caaudit_id_t id, caaudit_severity_t severity,
                   const knot_dname_t *owner, const char *what, const char *advice,
                   const char *remedy)
{
	const caaudit_finding_t finding = {
		.id = id,
		.severity = severity,
		.owner = owner,
		.what = what,
		.advice = advice,
		.remedy = remedy,
		.fix = remedy != NULL ? CAAUDIT_FIX_ADD : CAAUDIT_FIX_NONE,
	};
	if (what != NULL) {
		report_finding(remarks->report, &finding, NULL, NULL);
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

/* Finds what the audit says of an expected record that is not there; NULL if it says nothing. */
static const caaudit_finding_t *find_missing(const caaudit_report_t *audit,
                                             const knot_dname_t *owner)
{
	for (size_t i = 0; i < audit->finding_count; i++) {
		const caaudit_finding_t *finding = &audit->finding[i];
		if ((finding->id == CAAUDIT_DCV_CNAME_MISSING ||
		     finding->id == CAAUDIT_DCV_TXT_MISSING) &&
		    knot_dname_is_equal(finding->owner, owner)) {
			return finding;
		}
	}
	return NULL;
}

/* Reports a name that was asked for and is not there. The text depends on the zone and the policy
 * alone: a finding with another text is logged anew. */
static void report_unanswered(remarks_t *remarks, const lookups_name_t *asked)
{
	const remarks_subject_t *of = remarks->of;
	const caaudit_view_t *view = of->audit->view;
	caaudit_chain_t chain;
	caaudit_answer_t answer = caaudit_chain_end(&chain, view, asked->name,
	                                            asked->txt ? KNOT_RRTYPE_TXT :
	                                                         KNOT_RRTYPE_CNAME);
	bool aliased = !knot_dname_is_equal(chain.at, asked->name);
	// Where an alias leads, TXT may be that the view does not have.
	if ((answer != CAAUDIT_NXDOMAIN && (answer != CAAUDIT_NODATA || aliased)) ||
	    caaudit_view_rrset(view, asked->name, KNOT_RRTYPE_TXT).count > 0) {
		/* The name is there now, or another zone answers. */
		remarks->answered->name[remarks->answered->count++] = *asked;
		return;
	}

	const caaudit_expected_t *expected = find_expected(of->policy, asked->name, asked->txt);
	const char *advice = "if a CA did, the record to add is in the console of the order";
	char *remedy = NULL;
	const caaudit_finding_t *missing = find_missing(of->audit, asked->name);
	knot_dname_txt_storage_t at;
	caaudit_lookup_t own;
	caaudit_view_lookup(view, asked->name, KNOT_RRTYPE_CNAME, &own);
	if (aliased && !own.wildcard) { // A record of its own would end the wildcard's answer.
		advice =
			"the record must be where the alias leads, or the alias must lead elsewhere";
	} else if (missing != NULL && missing->remedy == NULL) {
		advice = missing->id == CAAUDIT_DCV_TXT_MISSING ? "see dcv-txt-missing" :
		                                                  "see dcv-cname-missing";
	} else if (expected != NULL && (expected->target != NULL || expected->txt != NULL)) {
		remedy = caaudit_expected_text(expected);
		remarks->failed = remarks->failed || remedy == NULL;
		advice = NULL;
	} else if (expected != NULL) {
		advice = "add the CNAME that the CA's console shows";
	}
	bool named = aliased && knot_dname_to_str(at, chain.at, sizeof(at)) != NULL;
	char *what = format(remarks, "somebody asked for the %s, and there is %s%s%s",
	                    asked->txt ? "TXT" : "CNAME",
	                    answer == CAAUDIT_NXDOMAIN ? "no such name" : "none at this name",
	                    named ? " where the alias leads: " : "", named ? at : "");
	// Anybody may ask for anything; what is expected and not there is about to fail.
	report(remarks, CAAUDIT_DCV_LOOKUP_UNANSWERED,
	       expected != NULL ? CAAUDIT_WARNING : CAAUDIT_NOTICE, asked->name, what, advice,
	       remedy);
	free(what);
	free(remedy);
}

/* Reports an expected record that is there, and that nobody has asked for. */
static void report_absent(remarks_t *remarks, const caaudit_validation_t *validation)
{
	const knot_dname_t *owner = validation->expected->owner, *found = validation->found->owner;
	knot_dname_txt_storage_t at;
	bool elsewhere = !knot_dname_is_equal(owner, found) &&
	                 knot_dname_to_str(at, found, sizeof(at)) != NULL;
	char *reuse = caaudit_reuse_text((uint64_t)time(NULL));
	char *what = format(remarks,
	                    "the record is there%s%s, and nobody has asked for it in thirty "
	                    "minutes; keep it for the renewals: %s",
	                    elsewhere ? ", at " : "", elsewhere ? at : "",
	                    reuse != NULL ? reuse : "");
	free(reuse);
	report(remarks, CAAUDIT_DCV_LOOKUP_ABSENT, CAAUDIT_NOTICE, owner, what,
	       "see in the CA's console whether the order is open, and in the parent zone whether "
	       "its NS lead here",
	       NULL);
	free(what);
}

/* A look-up that is not known any more is not answered for that. */
static void note_forgotten(remarks_t *remarks)
{
	const findings_t *before = remarks->report->before;
	for (uint32_t i = 0; before != NULL && i < before->count; i++) {
		const findings_item_t *item = &before->item[i];
		if (item->id == CAAUDIT_DCV_LOOKUP_UNANSWERED &&
		    lookups_is_forgotten(remarks->of->lookups, before->names + item->owner)) {
			report_forget(remarks->report, item);
		}
	}
}

static void report_lookups(remarks_t *remarks)
{
	const remarks_subject_t *of = remarks->of;
	lookups_known_t *known = &remarks->known;
	size_t count = 0;
	lookups_name_t *name = malloc(LOOKUPS_ZONE_MAX * sizeof(*name));
	bool *absent = calloc(of->audit->validation_count + 1, sizeof(*absent));
	known->host_count = index_list(of->policy, &known->host);
	if (name == NULL || absent == NULL || known->host_count == SIZE_MAX ||
	    !list_expected(remarks)) {
		remarks->failed = true;
	} else {
		remarks->again = lookups_exchange(of->lookups, known, remarks->now, absent, name,
		                                  &count);
		for (size_t i = 0; i < of->audit->validation_count; i++) {
			if (absent[i]) {
				report_absent(remarks, &of->audit->validation[i]);
			}
		}
	}
	for (size_t i = 0; i < count; i++) {
		report_unanswered(remarks, &name[i]);
	}
	note_forgotten(remarks);
	free(absent);
	free(name);
	free(known->expected);
	free(known->host);
}

int remarks_report(const remarks_subject_t *subject, report_t *report, lookups_answered_t *answered,
                   uint64_t *again)
{
	answered->count = 0;
	remarks_t remarks = {
		.of = subject,
		.report = report,
		.answered = answered,
		.now = lookups_now(),
		.refused = lookups_refused(subject->lookups),
	};
	/* The gravest first: beyond 'log-limit' lines are summed up. */
	for (caaudit_severity_t severity = CAAUDIT_ERROR; severity <= CAAUDIT_NOTICE; severity++) {
		if (subject->synth != NULL) {
			report_unsafe(&remarks, severity);
		}
		for (size_t i = 0; i < subject->audit->finding_count; i++) {
			report_found(&remarks, &subject->audit->finding[i], severity);
		}
	}
	report->not_checked += (uint32_t)subject->audit->gap_count;
	report_lookups(&remarks);
	*again = remarks.again;
	return remarks.failed ? KNOT_ENOMEM : KNOT_EOK;
}
