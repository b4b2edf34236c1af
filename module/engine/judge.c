/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Judges the hosts of a policy, and runs the checks over a view. */

#include <stdlib.h>

#include "checks.h"
#include "judge.h"

/*! The checks that are repeated when a cure is tried: all but check_server() and check_dnssec(). */
static void (*const checks[])(audit_t *audit) = {
	check_verdicts, check_literal_pair, check_properties,  check_policies,
	check_methods,  check_expected,     check_validations, check_persist,
};

/*! Judges each host for every CA, plain and wildcard. */
static void judge_hosts(audit_t *audit)
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

void judge(audit_t *audit)
{
	judge_hosts(audit);
	for (size_t i = 0; !audit->failed && i < sizeof(checks) / sizeof(checks[0]); i++) {
		checks[i](audit);
	}
}
