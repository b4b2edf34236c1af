/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The input is the value of an issue property. The parser agrees with the
 * model of the grammar, and what it takes apart makes up the value again.
 */

#include <string.h>

#include <libknot/errcode.h>

#include "fuzz.h"

#include "caaudit/caa.h"
#include "caaudit/policy.h"
#include "issue_model.h"
#include "known.h"
#include "params.h"

static void check_model(const uint8_t *data, size_t size, int ret, size_t error)
{
	if (size > 63) {
		return;
	}
	model_t m;
	REQUIRE(issue_value(&m, data, size) == (ret == KNOT_EOK));
	if (ret != KNOT_EOK) {
		// A hyphen that no letter or digit follows is wrong itself.
		size_t pos = furthest(&m);
		while (error < pos && pos > 0 && data[pos - 1] == '-') {
			pos--;
		}
		REQUIRE(error == pos);
	}
}

/*! A CA is wanted by just what an issuer domain name is. */
static void check_policy(const uint8_t *data, size_t size, const caaudit_issue_t *issue)
{
	static caaudit_policy_t *policy;
	if (policy == NULL) {
		policy = caaudit_policy_new((const uint8_t *)"\7example\3com");
	}
	char name[300];
	if (size >= sizeof(name) || memchr(data, '\0', size) != NULL) {
		return;
	}
	memcpy(name, data, size);
	name[size] = '\0';
	size_t len = size > 1 && name[size - 1] == '.' ? size - 1 : size;
	int ret = caaudit_policy_add_ca(policy, name, NULL);
	REQUIRE(ret == KNOT_EOK || ret == KNOT_EINVAL);
	if (len == size) {
		REQUIRE((ret == KNOT_EOK) ==
		        (issue != NULL && size > 0 && size <= 253 && issue->issuer_len == size));
	}
	if (ret == KNOT_EOK) {
		// Others may accept the name, but one is meant by it.
		const caaudit_ca_info_t *known = known_ca_find(data, len);
		size_t meant = 0;
		for (size_t i = 0; i < policy->ca_count; i++) {
			meant += caaudit_ca_accepts(&policy->ca[i], data, len) &&
			         policy->ca[i].alias == (known != NULL ? known->name : NULL);
		}
		REQUIRE(meant == 1);
	}
	if (policy->ca_count > 64) {
		caaudit_policy_free(policy);
		policy = NULL;
	}
}

/*! What a name looks like is a name to publish, and looks like none itself. */
static void check_lookalike(const uint8_t *name, size_t len)
{
	const char *like = known_ca_lookalike(name, len);
	if (like != NULL) {
		const caaudit_ca_info_t *ca = known_ca_find((const uint8_t *)like, strlen(like));
		REQUIRE(known_ca_find(name, len) == NULL && ca != NULL);
		REQUIRE(known_ca_is_current(ca, (const uint8_t *)like, strlen(like)));
		REQUIRE(known_ca_lookalike((const uint8_t *)like, strlen(like)) == NULL);
	}
}

/*! White space does not change what is wrong with the parameters. */
static void check_params(const uint8_t *data, size_t size, caaudit_issue_t issue,
                         caaudit_issue_t same)
{
	const uint64_t now = CAAUDIT_DAY(2027, 1, 1);
	params_t params, again;
	params_judge(issue, now, &params);
	params_judge(same, now, &again);
	REQUIRE(params.faults == again.faults);
	REQUIRE(params.unknown_meant == again.unknown_meant);
	REQUIRE(params.label_meant == again.label_meant);
	REQUIRE(params_admit(&params, "dns-01") == params_admit(&again, "dns-01"));
	REQUIRE(params.label == NULL ||
	        (params.label >= data && params.label + params.label_len <= data + size));
	REQUIRE(((params.faults & PARAMS_UNKNOWN) != 0) == (params.unknown.tag_len > 0));
	REQUIRE((params.faults & PARAMS_METHODS_EMPTY) == 0 || !params_admit(&params, "dns-01"));
	check_lookalike(issue.issuer, issue.issuer_len);

	params_t decided;
	params_decide(issue, &decided);
	const uint32_t unmet = PARAMS_ACCOUNT_UNMET | PARAMS_METHODS_UNMET;
	REQUIRE((decided.faults & ~PARAMS_METHODS_NONE) == (params.faults & unmet));
	// At some time no label can: at this one neither.
	REQUIRE((decided.faults & ~params.faults) == 0);

	// What is mended is well-formed, without the fault, and has no other.
	static const uint32_t faults[] = { PARAMS_UNKNOWN, PARAMS_HYPHEN, PARAMS_TAG_CASE,
		                           PARAMS_METHOD_CASE | PARAMS_METHOD_UNKNOWN };
	for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		text_t text = TEXT_EMPTY;
		caaudit_issue_t mended;
		if ((params.faults & faults[i]) && params_mend(issue, now, faults[i], &text)) {
			REQUIRE(caaudit_issue_parse((const uint8_t *)text.str, text.len, &mended,
			                            NULL) == KNOT_EOK);
			params_judge(mended, now, &again);
			REQUIRE(!(again.faults & (faults[i] | PARAMS_UNSATISFIABLE)));
			REQUIRE(!(again.faults & ~params.faults));
			REQUIRE(mended.issuer_len == issue.issuer_len);
		}
		text_free(&text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	caaudit_issue_t issue;
	size_t error = SIZE_MAX;
	int ret = caaudit_issue_parse(data, size, &issue, &error);
	REQUIRE(caaudit_issue_parse(data, size, &issue, NULL) == ret);
	check_model(data, size, ret, error);
	check_policy(data, size, ret == KNOT_EOK ? &issue : NULL);
	(void)caaudit_is_uri(data, size);
	if (ret != KNOT_EOK) {
		REQUIRE(ret == KNOT_EMALF && error <= size);
		return 0;
	}
	REQUIRE(error == SIZE_MAX);
	REQUIRE(issue.issuer >= data && issue.issuer + issue.issuer_len <= data + size);

	// Written anew without white space it means the same.
	uint8_t *again = malloc(size + 1);
	size_t len = issue.issuer_len;
	memcpy(again, issue.issuer, len);
	caaudit_issue_t rest = issue;
	caaudit_param_t param;
	unsigned params = 0;
	while (caaudit_issue_next(&rest, &param)) {
		REQUIRE(param.tag >= data && param.value + param.value_len <= data + size);
		again[len++] = ';';
		memcpy(again + len, param.tag, param.tag_len);
		len += param.tag_len;
		again[len++] = '=';
		memcpy(again + len, param.value, param.value_len);
		len += param.value_len;
		REQUIRE(len <= size);
		params++;
	}
	REQUIRE(rest.params_len == 0);

	caaudit_issue_t same;
	REQUIRE(caaudit_issue_parse(again, len, &same, NULL) == KNOT_EOK);
	REQUIRE(same.issuer_len == issue.issuer_len);
	check_params(data, size, issue, same);
	while (caaudit_issue_next(&same, &param)) {
		params--;
	}
	REQUIRE(params == 0);
	free(again);
	return 0;
}
