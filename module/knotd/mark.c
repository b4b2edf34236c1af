/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libknot/libknot.h>

#include "caaudit/caa.h"
#include "caaudit/synthesis.h"
#include "mark.h"

#define UNSAFE_CAA                                                                                 \
	(SYNTH_ELSEWHERE | SYNTH_NO_KEY | SYNTH_NO_RRSIG | SYNTH_KEYSTORE | SYNTH_ORDER |          \
	 SYNTH_SOURCE)
#define UNSAFE_VALIDATION (SYNTH_ELSEWHERE | SYNTH_DENIAL | SYNTH_SOURCE)

/* Aliases that an audit follows. */
#define ALIASES_MAX 16

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

/* Why a CAA finding is not answered, NULL if it is. */
static const char *why_not_caa(mark_t *mark, const caaudit_finding_t *finding)
{
	if (synth_unsafe(mark->synth) & UNSAFE_CAA) {
		return "see synth-unsafe";
	}
	caaudit_rrset_t rrset = caaudit_view_rrset(mark->view, finding->owner, KNOT_RRTYPE_CAA);
	size_t room = caaudit_synthesis_room(rrset, mark->policy), count = 0;
	caaudit_added_t *added = calloc(room, sizeof(*added));
	if (added == NULL) {
		mark->failed = true;
		return "";
	}
	caaudit_synthesis_t result = caaudit_synthesize(rrset, mark->policy,
	                                                mark->options->override_denial, added, room,
	                                                &count);
	bool wild = finding->remedy != NULL && strstr(finding->remedy, " issuewild ") != NULL;
	bool done = finding->remedy != NULL && finding->ca != NULL &&
	            is_added(added, count, wild, finding->ca);
	free(added);
	return done ? NULL : caaudit_synthesis_text(result);
}

static const char *why_not_validation(mark_t *mark, const caaudit_finding_t *finding)
{
	if (synth_unsafe(mark->synth) & UNSAFE_VALIDATION) {
		return "see synth-unsafe";
	}
	caaudit_lookup_t lookup;
	caaudit_view_lookup(mark->view, finding->owner, KNOT_RRTYPE_CNAME, &lookup);
	if (lookup.answer != CAAUDIT_NXDOMAIN) {
		return "the name is not free";
	}
	return synth_answers(mark->synth, finding->owner) ?
	               NULL :
	               "it is not clear which target to answer with";
}

/* The text of a finding, marked, to be freed. */
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
	mark_t *mark = (mark_t *)sink;
	const char *why_not;
	if (is_caa(finding) && (mark->options->synthesize & SYNTHESIZE_CAA)) {
		why_not = why_not_caa(mark, finding);
	} else if (finding->id == CAAUDIT_DCV_CNAME_MISSING &&
	           (mark->options->synthesize & SYNTHESIZE_VALIDATION)) {
		why_not = why_not_validation(mark, finding);
	} else {
		mark->report->finding(mark->report, finding);
		return;
	}
	char *text = marked_text(finding, why_not);
	if (text == NULL) {
		mark->failed = true;
		return;
	}
	caaudit_finding_t marked = *finding;
	marked.text = text;
	mark->report->finding(mark->report, &marked);
	free(text);
}

/* Where the aliases of a name end: the owner in the answer, a wildcard expanded. */
static void take_target(mark_t *mark, const knot_dname_t *asked)
{
	knot_dname_storage_t name;
	(void)memcpy(name, asked, knot_dname_size(asked));
	for (unsigned aliases = 0; aliases < ALIASES_MAX; aliases++) {
		caaudit_lookup_t lookup;
		caaudit_view_lookup(mark->view, name, KNOT_RRTYPE_CAA, &lookup);
		if (lookup.answer != CAAUDIT_CNAME && lookup.answer != CAAUDIT_DNAME) {
			break;
		}
		(void)memcpy(name, lookup.target, knot_dname_size(lookup.target));
	}
	synth_target(mark->synth, name);
}

static void on_verdict(caaudit_sink_t *sink, const caaudit_verdict_t *verdict)
{
	mark_t *mark = (mark_t *)sink;
	if (verdict->decided_by != NULL && verdict->asked != NULL) {
		take_target(mark, verdict->asked);
	}
	if (mark->report->verdict != NULL) {
		mark->report->verdict(mark->report, verdict);
	}
}

static void on_validation(caaudit_sink_t *sink, const caaudit_validation_t *validation)
{
	mark_t *mark = (mark_t *)sink;
	if (mark->report->validation != NULL) {
		mark->report->validation(mark->report, validation);
	}
}

static void on_not_checked(caaudit_sink_t *sink, const char *what, const char *why)
{
	mark_t *mark = (mark_t *)sink;
	if (mark->report->not_checked != NULL) {
		mark->report->not_checked(mark->report, what, why);
	}
}

caaudit_sink_t *mark_begin(mark_t *mark, caaudit_sink_t *report, synth_t *synth,
                           const options_t *options, const caaudit_policy_t *policy,
                           const caaudit_view_t *view)
{
	*mark = (mark_t) {
		.sink = {
			.verdict = on_verdict,
			.validation = on_validation,
			.finding = on_finding,
			.not_checked = on_not_checked,
		},
		.report = report,
		.synth = synth,
		.options = options,
		.policy = policy,
		.view = view,
	};
	if (synth == NULL) {
		return report;
	}
	mark->failed = !synth_follow(synth, policy);
	synth_targets_begin(synth);
	return &mark->sink;
}

int mark_end(mark_t *mark)
{
	if (mark->synth == NULL) {
		return KNOT_EOK;
	}
	synth_targets_end(mark->synth);
	unsigned unsafe = synth_unsafe(mark->synth);
	for (unsigned i = 0; i < SYNTH__COUNT; i++) {
		if ((unsafe & 1U << i) == 0) {
			continue;
		}
		const caaudit_finding_t finding = {
			.id = CAAUDIT_SYNTH_UNSAFE,
			/* Asked for something that can never be done here. */
			.severity = 1U << i == SYNTH_ELSEWHERE ? CAAUDIT_ERROR : CAAUDIT_WARNING,
			.owner = caaudit_view_zone(mark->view),
			.text = synth_reason(i),
		};
		mark->report->finding(mark->report, &finding);
	}
	return mark->failed ? KNOT_ENOMEM : KNOT_EOK;
}
