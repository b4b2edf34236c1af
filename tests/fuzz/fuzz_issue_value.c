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
		size_t accepted = 0;
		for (size_t i = 0; i < policy->ca_count; i++) {
			accepted += caaudit_ca_accepts(&policy->ca[i], data, len);
		}
		REQUIRE(accepted == 1);
	}
	if (policy->ca_count > 64) {
		caaudit_policy_free(policy);
		policy = NULL;
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
	while (caaudit_issue_next(&same, &param)) {
		params--;
	}
	REQUIRE(params == 0);
	free(again);
	return 0;
}
