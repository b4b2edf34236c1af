/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Takes persistent validation records apart. */

#include <string.h>

#include <libknot/errcode.h>

#include "known.h"
#include "names.h"
#include "persist.h"

/*! Edits that make a slip of the pen of a tag. */
#define SLIP_MAX 2

static const char account_tag[] = "accounturi", until_tag[] = "persistUntil",
		  policy_tag[] = "policy";

persist_label_t persist_label(const knot_dname_t *owner)
{
	return octets_equal_str(owner + 1, owner[0], "_validation-persist")    ? PERSIST_HOST :
	       octets_equal_str(owner + 1, owner[0], "_ip-validation-persist") ? PERSIST_ADDRESS :
	                                                                         PERSIST_NONE;
}

/*! Notes a parameter by its tag, in any case (RFC 8659 section 4.2). */
static void take(persist_t *out, const caaudit_param_t *param)
{
	struct {
		const char *tag;
		caaudit_param_t *slot;
	} const known[] = {
		{ account_tag, &out->account },
		{ until_tag, &out->until },
		{ policy_tag, &out->policy },
	};
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!octets_equal_str(param->tag, param->tag_len, known[i].tag)) {
			continue;
		} else if (known[i].slot->tag_len == 0) {
			*known[i].slot = *param;
		} else if (!(out->faults & PERSIST_TWICE)) {
			out->faults |= PERSIST_TWICE;
			out->twice = known[i].tag;
		}
		return;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]) && out->meant == NULL; i++) {
		const uint8_t *tag = (const uint8_t *)known[i].tag;
		if (octets_distance(param->tag, param->tag_len, tag, strlen(known[i].tag),
		                    SLIP_MAX) <= SLIP_MAX) {
			out->slip = *param;
			out->meant = known[i].tag;
		}
	}
}

/*! Reads a decimal number, the greatest one if it is greater; false if it is none. */
static bool read_time(const caaudit_param_t *param, uint64_t *out)
{
	uint64_t time = 0;
	if (param->value_len == 0) {
		return false;
	}
	for (size_t i = 0; i < param->value_len; i++) {
		unsigned digit = param->value[i] - (unsigned)'0';
		if (digit > 9) {
			return false;
		}
		time = time > (UINT64_MAX - digit) / 10 ? UINT64_MAX : time * 10 + digit;
	}
	*out = time;
	return true;
}

void persist_parse(const uint8_t *text, size_t len, persist_t *out)
{
	*out = (persist_t){ .time = UINT64_MAX };
	if (caaudit_issue_parse(text, len, &out->issue, &out->error) != KNOT_EOK) {
		out->faults = PERSIST_SYNTAX;
		return;
	}
	caaudit_issue_t rest = out->issue;
	caaudit_param_t param;
	while (caaudit_issue_next(&rest, &param)) {
		take(out, &param);
	}
	const caaudit_param_t *account = &out->account, *policy = &out->policy;
	if (out->issue.issuer_len == 0) {
		out->faults |= PERSIST_NO_ISSUER;
	}
	if (account->tag_len == 0) {
		out->faults |= PERSIST_NO_ACCOUNT;
	} else if (!caaudit_is_uri(account->value, account->value_len)) {
		out->faults |= PERSIST_ACCOUNT_NO_URI;
	}
	if (out->until.tag_len > 0 && !read_time(&out->until, &out->time)) {
		out->faults |= PERSIST_UNTIL_NO_TIME;
	}
	out->wildcard = policy->tag_len > 0 &&
	                octets_equal_str(policy->value, policy->value_len, "wildcard");
	if (policy->tag_len > 0 && !out->wildcard) {
		out->faults |= PERSIST_POLICY;
	}
	if (out->meant != NULL) {
		out->faults |= PERSIST_SLIP;
	}
}

bool persist_equal(const persist_t *a, const persist_t *b)
{
	return !((a->faults | b->faults) & PERSIST_REFUSED) &&
	       octets_compare(a->issue.issuer, a->issue.issuer_len, b->issue.issuer,
	                      b->issue.issuer_len) == 0 &&
	       octets_compare(a->account.value, a->account.value_len, b->account.value,
	                      b->account.value_len) == 0 &&
	       a->time == b->time && a->wildcard == b->wildcard;
}

size_t persist_mend(const uint8_t *text, size_t len, uint8_t *out)
{
	size_t name = 0, end = len;
	while (name < len && text[name] != ';') {
		name++;
	}
	while (end > 0 && (text[end - 1] == ';' || ascii_blank(text[end - 1]))) {
		end--;
	}
	name = name < end ? name : end;
	octets_lower(out, text, name);
	size_t size = name > 0 && out[name - 1] == '.' ? name - 1 : name;
	memcpy(out + size, text + name, end - name);
	size += end - name;
	persist_t mended;
	persist_parse(out, size, &mended);
	return (mended.faults & PERSIST_REFUSED) || (size == len && memcmp(out, text, len) == 0) ?
	               0 :
	               size;
}

/*! Does a CA take an issuer domain name that it accepts in such a record? */
static bool takes(const caaudit_ca_info_t *ca, const uint8_t *name, size_t len)
{
	const char *const *list = ca->persist;
	while (list != NULL && *list != NULL && !octets_equal_str(name, len, *list)) {
		list++;
	}
	return list == NULL || *list != NULL;
}

const caaudit_ca_info_t *persist_ca(const persist_t *says, bool *taken)
{
	const uint8_t *name = says->issue.issuer;
	size_t len = says->issue.issuer_len;
	const caaudit_ca_info_t *best = NULL, *ca = NULL, *other;
	const caaudit_ca_info_t *owner = known_account_owner(says->account.value,
	                                                     says->account.value_len);
	unsigned most = 0;
	*taken = true;
	while ((ca = known_ca_next(ca, name, len)) != NULL) {
		const char *published = ca->name[0];
		bool has = owner != NULL ?
		                   ca == owner :
		                   says->account.value_len == 0 ||
		                           known_account(OCTETS(published), says->account.value,
		                                         says->account.value_len,
		                                         &other) != KNOWN_ACCOUNT_FOREIGN;
		// Several CAs have the name: the account tells which of them is meant.
		unsigned fits = 2 * has + takes(ca, name, len);
		if (best == NULL || fits > most) {
			best = ca;
			most = fits;
			*taken = takes(ca, name, len);
		}
	}
	return best;
}
