/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The catalogue of findings, and a finding as a sentence. */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "caaudit/finding.h"

static const caaudit_finding_info_t catalogue[CAAUDIT_FINDING__COUNT] = {
#define CAAUDIT_FINDING(sym, name, sev, cite, what, reason, mend)                                  \
	[CAAUDIT_##sym] = { name, CAAUDIT_##sev, cite, what, reason, mend },
#include "caaudit/findings.def"
#undef CAAUDIT_FINDING
};

const caaudit_finding_info_t *caaudit_finding_info(caaudit_id_t id)
{
	return &catalogue[id];
}

caaudit_id_t caaudit_finding_by_name(const char *name)
{
	caaudit_id_t id = 0;
	while (id < CAAUDIT_FINDING__COUNT && strcmp(catalogue[id].id, name) != 0) {
		id++;
	}
	return id;
}

const char *caaudit_severity_name(caaudit_severity_t severity)
{
	static const char *const names[CAAUDIT_SEVERITY__COUNT] = { "error", "warning", "notice" };
	return names[severity];
}

size_t caaudit_finding_sentence(const caaudit_finding_t *finding, const char *verb, char *out,
                                size_t size)
{
	static const char *const verbs[] = {
		[CAAUDIT_FIX_ADD] = "add",
		[CAAUDIT_FIX_REPLACE] = "replace with",
		[CAAUDIT_FIX_REMOVE] = "remove",
	};
	const char *record = finding->fix == CAAUDIT_FIX_REMOVE ? finding->record : finding->remedy;
	const char *advice = finding->advice;
	char more[32] = "";
	if (record != NULL && finding->fix == CAAUDIT_FIX_REMOVE && finding->also_count > 0) {
		(void)snprintf(more, sizeof(more), " and %zu more", finding->also_count);
	}
	if (verb == NULL && record != NULL) {
		verb = verbs[finding->fix];
	}
	bool cure = record != NULL && verb != NULL;
	int len = snprintf(out, size, "%s%s%s%s%s%s%s%s", finding->what, cure ? "; " : "",
	                   cure ? verb : "", cure ? ": " : "", cure ? record : "", more,
	                   advice == NULL ? "" :
	                   cure           ? ", " :
	                                    "; ",
	                   advice == NULL ? "" : advice);
	return len > 0 ? (size_t)len : 0;
}
