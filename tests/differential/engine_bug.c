/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Deliberate mistakes in the engine, made from outside: the linker puts these
 * functions between its parts (--wrap). At most one of them is made.
 */

#include <stddef.h>
#include <string.h>

#include <libknot/libknot.h>

#include "caaudit/caa.h"
#include "caaudit/policy.h"
#include "caaudit/view.h"
#include "known.h"
#include "params.h"

enum {
	BUG_NONE,
	BUG_CNAME_NOT_FOLLOWED, /* 1 */
	BUG_CUT_IGNORED,
	BUG_WILDCARD_IGNORED,
	BUG_DNAME_IGNORED,
	BUG_ISSUEWILD_IS_ISSUE, /* 5 */
	BUG_TAG_CASE,
	BUG_TAG_CUT_SHORT,
	BUG_LAST_OCTET_FORGIVEN,
	BUG_FIRST_PARAMETER_ONLY,
	BUG_ANY_URI, /* 10 */
	BUG_ISSUER_PREFIX,
	BUG_ANY_ACCOUNT,
	BUG_ONE_LABEL,
	BUG_ANY_METHOD,
	BUG__COUNT
};

static uint64_t planted = BUG_NONE;

bool engine_plant(uint64_t bug);
bool engine_plant(uint64_t bug)
{
	planted = bug;
	return bug < BUG__COUNT;
}

#define WRAP(type, name, ...)                                                                      \
	type __real_##name(__VA_ARGS__);                                                           \
	type __wrap_##name(__VA_ARGS__);                                                           \
	type __wrap_##name(__VA_ARGS__)

static void spoil_answer(caaudit_lookup_t *out)
{
	if ((planted == BUG_CNAME_NOT_FOLLOWED && out->answer == CAAUDIT_CNAME) ||
	    (planted == BUG_CUT_IGNORED && out->answer == CAAUDIT_DELEGATED) ||
	    (planted == BUG_DNAME_IGNORED && out->answer == CAAUDIT_DNAME) ||
	    (planted == BUG_WILDCARD_IGNORED && out->wildcard)) {
		memset(out, 0, sizeof(*out));
		out->answer = CAAUDIT_NXDOMAIN;
	}
}

WRAP(caaudit_answer_t, caaudit_chain_end, caaudit_chain_t *chain, const caaudit_view_t *view,
     const knot_dname_t *name, uint16_t type)
{
	caaudit_chain_begin(chain, view, name, type);
	do {
		spoil_answer(&chain->lookup);
	} while (caaudit_chain_follow(chain));
	return chain->lookup.answer;
}

WRAP(caaudit_tag_t, caaudit_caa_tag, const uint8_t *tag, size_t len)
{
	caaudit_tag_t out = __real_caaudit_caa_tag(tag, len);
	if (planted == BUG_ISSUEWILD_IS_ISSUE && out == CAAUDIT_TAG_ISSUEWILD) {
		return CAAUDIT_TAG_ISSUE;
	}
	if (planted == BUG_TAG_CASE && len > 0 && tag[0] < 'a') {
		return CAAUDIT_TAG_UNKNOWN;
	}
	return out;
}

WRAP(int, caaudit_caa_parse, const uint8_t *rdata, size_t len, caaudit_caa_t *out)
{
	int ret = __real_caaudit_caa_parse(rdata, len, out);
	if (planted == BUG_TAG_CUT_SHORT && ret != KNOT_EOK && len >= 2) {
		*out = (caaudit_caa_t){
			.flags = rdata[0],
			.tag_len = len - 2,
			.tag = rdata + 2,
			.value = rdata + len,
		};
		return KNOT_EOK;
	}
	return ret;
}

WRAP(int, caaudit_issue_parse, const uint8_t *value, size_t len, caaudit_issue_t *out,
     size_t *error)
{
	int ret = __real_caaudit_issue_parse(value, len, out, error);
	if (planted == BUG_LAST_OCTET_FORGIVEN && ret != KNOT_EOK && len > 0) {
		ret = __real_caaudit_issue_parse(value, len - 1, out, error);
	}
	return ret;
}

WRAP(bool, caaudit_issue_next, caaudit_issue_t *issue, caaudit_param_t *out)
{
	bool more = __real_caaudit_issue_next(issue, out);
	if (planted == BUG_FIRST_PARAMETER_ONLY) {
		issue->params_len = 0;
	}
	return more;
}

WRAP(bool, caaudit_is_uri, const uint8_t *value, size_t len)
{
	return planted == BUG_ANY_URI || __real_caaudit_is_uri(value, len);
}

WRAP(bool, caaudit_ca_accepts, const caaudit_ca_t *ca, const uint8_t *name, size_t len)
{
	bool out = __real_caaudit_ca_accepts(ca, name, len);
	if (planted == BUG_ISSUER_PREFIX && !out && len > 1) {
		out = __real_caaudit_ca_accepts(ca, name, len - 1);
	}
	return out;
}

WRAP(known_account_t, known_account, const uint8_t *issuer, size_t issuer_len, const uint8_t *uri,
     size_t uri_len, const caaudit_ca_info_t **owner)
{
	return planted == BUG_ANY_ACCOUNT ?
	               KNOWN_ACCOUNT_FITS :
	               __real_known_account(issuer, issuer_len, uri, uri_len, owner);
}

WRAP(bool, known_label_admits, const uint8_t *label, size_t len, const char *method)
{
	bool out = __real_known_label_admits(label, len, method);
	return planted == BUG_ONE_LABEL ? len == strlen(method) && memcmp(label, method, len) == 0 :
	                                  out;
}

WRAP(bool, params_admit, const params_t *params, const char *method)
{
	return planted == BUG_ANY_METHOD || __real_params_admit(params, method);
}
