/* SPDX-License-Identifier: GPL-2.0-or-later */

/* Judges the hosts of a policy, and runs the checks over a view. */

#include <stdlib.h>

#include "audit.h"

/*! Checks that look at records alone, and those that need their signatures as well. */
static const check_f checks[] = {
	check_verdicts, check_literal_pair, check_properties,  check_policies,
	check_methods,  check_expected,     check_validations,
};

const caaudit_verdict_t *audit_verdicts(const audit_t *audit, const knot_dname_t *host,
                                        size_t *count)
{
	const caaudit_policy_t *policy = audit->policy;
	*count = policy->ca_count * (policy->wildcard != CAAUDIT_WILDCARD_OFF ? 2 : 1);
	const caaudit_mention_t *item;
	for (size_t pos = 0;
	     *count > 0 && (item = caaudit_policy_find(policy, host, &pos)) != NULL;) {
		if (item->role == CAAUDIT_NAME_HOST) {
			return &audit->verdict[item->nth * *count];
		}
	}
	return NULL;
}

/*! Judges each host for every CA, plain and wildcard. */
static void judge(audit_t *audit)
{
	const caaudit_policy_t *policy = audit->policy;
	audit->verdict = calloc(policy->host_count * policy->ca_count * 2 + 1,
	                        sizeof(*audit->verdict));
	if (audit->verdict == NULL) {
		audit->failed = true;
		return;
	}
	for (size_t i = 0; i < policy->host_count; i++) {
		for (size_t j = 0; j < policy->ca_count; j++) {
			for (int wildcard = 0;
			     wildcard <= (policy->wildcard != CAAUDIT_WILDCARD_OFF); wildcard++) {
				caaudit_permit(audit->view, policy, policy->host[i], wildcard,
				               &policy->ca[j],
				               &audit->verdict[audit->verdict_count++]);
			}
		}
	}
}

void audit_judge(audit_t *audit)
{
	judge(audit);
	for (size_t i = 0; !audit->failed && i < sizeof(checks) / sizeof(checks[0]); i++) {
		checks[i](audit);
	}
}

void audit_clear(audit_t *audit)
{
	for (size_t i = 0; i < audit->found_count; i++) {
		audit_free_found(&audit->found[i]);
	}
	for (size_t i = 0; i < audit->gap_count; i++) {
		free((char *)(uintptr_t)audit->gap[i].what);
		free((char *)(uintptr_t)audit->gap[i].why);
	}
	free(audit->found);
	free(audit->gap);
	free(audit->validation);
	free(audit->verdict);
	free(audit->slip);
	text_free(&audit->draft.what);
	free(audit->draft.wrong);
	free((uint8_t *)(uintptr_t)audit->draft.right.owner);
}
