/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Judges each parameter of a value by what RFC 8657 and the CAs say of it. */

#include <string.h>

#include <libknot/errcode.h>

#include "known.h"
#include "names.h"
#include "params.h"

/*! Tags of a value that are compared with each other: more take too long. */
#define TAGS_MAX 64
/*! Longest text that is compared with what could have been meant. */
#define MEANT_MAX 32
/*! Octets of parameters that are written anew at most. */
#define MEND_MAX 1024

static bool contains(const uint8_t *text, size_t len, const char *part)
{
	return memmem(text, len, part, strlen(part)) != NULL;
}

/*! Tag that was probably meant, or NULL. */
static const char *meant_tag(const caaudit_issue_t *issue, const caaudit_param_t *param)
{
	uint8_t plain[MEANT_MAX];
	size_t len = octets_plain(param->tag, param->tag_len, "", plain, sizeof(plain));
	for (size_t i = 0; i < caaudit_parameters_count; i++) {
		const char *tag = caaudit_parameters[i].tag;
		unsigned slips = strlen(tag) >= 10 ? 2 : 1;
		if (known_is_parameter(issue->issuer, issue->issuer_len, OCTETS(tag)) &&
		    octets_distance(plain, len, OCTETS(tag), slips) <= slips) {
			return tag;
		}
	}
	return contains(plain, len, "account") || contains(plain, len, "acct") ?
	               "accounturi" :
	       contains(plain, len, "method") || contains(plain, len, "validat") ?
	               "validationmethods" :
	               NULL;
}

/*! Octets before the number at the end. */
static size_t before_number(const uint8_t *text, size_t len)
{
	while (len > 0 && text[len - 1] >= '0' && text[len - 1] <= '9') {
		len--;
	}
	return len;
}

/*! Are they the same number, zeros before it aside? */
static bool same_number(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	for (; a_len > 0 && *a == '0'; a_len--) {
		a++;
	}
	return octets_equal(a, a_len, b, b_len);
}

/*! Label that was probably meant, or NULL: "dns01", "DNS", "http-1", "ca-tbr-07". */
static const char *meant_label(const uint8_t *label, size_t label_len)
{
	uint8_t given[MEANT_MAX], known[MEANT_MAX];
	size_t len = octets_plain(label, label_len, "", given, sizeof(given));
	size_t word = before_number(given, len);
	for (size_t i = 0; i < caaudit_methods_count && len > 0; i++) {
		const char *name = caaudit_methods[i].label;
		size_t known_len = octets_plain(OCTETS(name), "", known, sizeof(known));
		size_t known_word = before_number(known, known_len);
		// A method of ACME has but one number; in "ca-tbr-7" the number is what counts.
		bool numbered = strncmp(name, "ca-tbr-", 7) == 0;
		if (caaudit_methods[i].until == 0 &&
		    octets_distance(given, word, known, known_word, 1) <= 1 &&
		    (!numbered || same_number(given + word, len - word, known + known_word,
		                              known_len - known_word))) {
			return name;
		}
	}
	return NULL;
}

static void set_first(caaudit_param_t *first, const caaudit_param_t *param)
{
	if (first->tag_len == 0) {
		*first = *param;
	}
}

/*! Does another parameter or account follow in the value, behind ","? */
static bool runs_on(const caaudit_param_t *param)
{
	static const char *const tags[] = { "accounturi=", "validationmethods=", "https://",
		                            "http://", "acct:" };
	const uint8_t *at = param->value, *end = at + param->value_len;
	while (at < end && (at = memchr(at, ',', end - at)) != NULL) {
		at++;
		for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
			size_t len = strlen(tags[i]);
			if (len <= (size_t)(end - at) && octets_equal_str(at, len, tags[i])) {
				return true;
			}
		}
	}
	return false;
}

static void judge_account(const caaudit_issue_t *issue, const caaudit_param_t *param, params_t *out)
{
	if (out->account.tag_len > 0) {
		out->faults |= PARAMS_ACCOUNT_TWICE;
	}
	set_first(&out->account, param);
	if (!caaudit_is_uri(param->value, param->value_len)) {
		out->faults |= PARAMS_ACCOUNT_NO_URI;
		return;
	}
	if (runs_on(param)) {
		out->faults |= PARAMS_ACCOUNT_RUNS_ON;
		return;
	}
	const caaudit_ca_info_t *owner = NULL;
	known_account_t account = known_account(issue->issuer, issue->issuer_len, param->value,
	                                        param->value_len, &owner);
	if (account == KNOWN_ACCOUNT_FITS) {
		return;
	}
	if (account == KNOWN_ACCOUNT_NONE) {
		out->faults |= PARAMS_ACCOUNT_NONE;
		out->account_form = known_account_form(owner);
		return;
	}
	out->faults |= account == KNOWN_ACCOUNT_STAGING ? PARAMS_ACCOUNT_STAGING :
	                                                  PARAMS_ACCOUNT_FOREIGN;
	if (out->account_owner == NULL) {
		out->account_owner = owner->owner;
	}
}

/*!
 * \brief Takes the next label of a validationmethods value: [*(label ",") label].
 *
 * \param[in,out] at   Where it begins, then where the next one does; NULL at the end.
 * \param[in]     end  End of the value.
 * \param[out]    len  Octets of the label.
 *
 * \return The label.
 */
static const uint8_t *next_label(const uint8_t **at, const uint8_t *end, size_t *len)
{
	const uint8_t *label = *at;
	const uint8_t *comma = label < end ? memchr(label, ',', end - label) : NULL;
	*len = (comma != NULL ? comma : end) - label;
	*at = comma != NULL ? comma + 1 : NULL;
	return label;
}

/*! Other labels that begin with "ca-" are made by CAs themselves (RFC 8657 section 4). */
static bool is_private(const uint8_t *label, size_t len)
{
	static const char prefix[] = "ca-", registered[] = "ca-tbr";
	return len > 3 && octets_equal_str(label, 3, prefix) &&
	       !(len >= 6 && octets_equal_str(label, 6, registered));
}

/*! Judges one label; true if a host name can be validated so. */
static bool judge_label(const uint8_t *label, size_t len, uint64_t now, params_t *out)
{
	uint32_t faults = 0;
	const caaudit_method_t *method = known_method(label, len);
	bool usable = true;
	if (method != NULL && method->until != 0 &&
	    (out->ending == NULL || method->until < out->ending->until)) {
		out->ending = method;
	}
	if (method == NULL) {
		usable = is_private(label, len);
		faults |= usable ? 0 : PARAMS_METHOD_UNKNOWN;
	} else if (method->until != 0 && now >= method->until) {
		usable = false;
		faults |= PARAMS_METHOD_ENDED;
	} else {
		usable = method->kind != CAAUDIT_METHOD_OTHER;
	}
	faults |= octets_are_lower(label, len) ? 0 : PARAMS_METHOD_CASE;
	if (faults != 0 && out->label == NULL) {
		out->label = label;
		out->label_len = len;
		out->label_meant = method == NULL               ? meant_label(label, len) :
		                   faults == PARAMS_METHOD_CASE ? method->label :
		                                                  NULL;
	}
	out->faults |= faults;
	return usable;
}

/*! May a host name be validated so, ever? Registries grow: labels of ACME end in a number of two
 *  digits (RFC 8555 section 9.7.8), those of CAs begin with "ca-" (RFC 8657 section 4). */
static bool may_be_method(const uint8_t *label, size_t len)
{
	const caaudit_method_t *method = known_method(label, len);
	if (method != NULL) {
		return method->kind != CAAUDIT_METHOD_OTHER;
	}
	bool numbered = len > 3 && label[len - 3] == '-' && label[len - 2] >= '0' &&
	                label[len - 2] <= '9' && label[len - 1] >= '0' && label[len - 1] <= '9';
	return numbered || (len > 3 && octets_equal_str(label, 3, "ca-"));
}

/*! Judges the list as a whole. */
static void judge_methods(const caaudit_param_t *param, params_t *out)
{
	if (out->methods.tag_len > 0) {
		out->faults |= PARAMS_METHODS_TWICE;
	}
	set_first(&out->methods, param);
	if (param->value_len == 0) {
		out->faults |= PARAMS_METHODS_EMPTY;
		return;
	}
	const uint8_t *end = param->value + param->value_len, *at = param->value;
	bool any = false;
	while (at != NULL) {
		size_t len;
		const uint8_t *label = next_label(&at, end, &len);
		if (!known_is_method_label(label, len)) {
			out->faults |= PARAMS_METHODS_MALFORMED;
			return;
		}
		any = any || may_be_method(label, len);
	}
	out->faults |= any ? 0 : PARAMS_METHODS_NONE;
}

/*! Judges each label, or finds the one that is none. */
static void judge_labels(const caaudit_param_t *param, uint64_t now, params_t *out)
{
	const uint8_t *end = param->value + param->value_len, *at = param->value;
	bool usable = param->value_len == 0;
	while (at != NULL && param->value_len > 0) {
		size_t len;
		const uint8_t *label = next_label(&at, end, &len);
		if (!known_is_method_label(label, len)) {
			out->label = label;
			out->label_len = len;
			out->label_meant = meant_label(label, len);
			return;
		}
	}
	for (at = param->value; at != NULL && param->value_len > 0;) {
		size_t len;
		const uint8_t *label = next_label(&at, end, &len);
		usable |= judge_label(label, len, now, out);
	}
	out->faults |= usable ? 0 : PARAMS_METHODS_NONE;
}

static bool is_account(const caaudit_param_t *param)
{
	return octets_equal_str(param->tag, param->tag_len, "accounturi");
}

static bool is_methods(const caaudit_param_t *param)
{
	return octets_equal_str(param->tag, param->tag_len, "validationmethods");
}

/*! Notes a parameter that the CA does not process. */
static void note_unknown(const caaudit_issue_t *issue, const caaudit_param_t *param, params_t *out)
{
	out->faults |= PARAMS_UNKNOWN;
	if (memchr(param->tag, '-', param->tag_len) != NULL) {
		out->faults |= PARAMS_HYPHEN;
	}
	if (out->unknown.tag_len == 0) {
		out->unknown = *param;
		out->unknown_meant = meant_tag(issue, param);
	}
}

void params_judge(caaudit_issue_t issue, uint64_t now, params_t *out)
{
	*out = (params_t){ .faults = 0 };
	caaudit_param_t param, seen[TAGS_MAX];
	size_t seen_count = 0;
	while (caaudit_issue_next(&issue, &param)) {
		bool account = is_account(&param), methods = is_methods(&param);
		if ((account || methods) && !octets_are_lower(param.tag, param.tag_len)) {
			out->faults |= PARAMS_TAG_CASE;
		}
		if (account) {
			judge_account(&issue, &param, out);
			continue;
		} else if (methods) {
			judge_methods(&param, out);
			judge_labels(&param, now, out);
			continue;
		}
		for (size_t i = 0; i < seen_count; i++) {
			if (octets_equal(param.tag, param.tag_len, seen[i].tag, seen[i].tag_len)) {
				out->faults |= PARAMS_DUPLICATE;
			}
		}
		if (seen_count < TAGS_MAX) {
			seen[seen_count++] = param;
		}
		if (!known_is_parameter(issue.issuer, issue.issuer_len, param.tag, param.tag_len)) {
			note_unknown(&issue, &param, out);
		}
	}
}

void params_decide(caaudit_issue_t issue, params_t *out)
{
	*out = (params_t){ .faults = 0 };
	caaudit_param_t param;
	while (caaudit_issue_next(&issue, &param)) {
		if (is_account(&param)) {
			judge_account(&issue, &param, out);
		} else if (is_methods(&param)) {
			judge_methods(&param, out);
		}
	}
}

bool params_admit(const params_t *params, const char *method)
{
	if (params->methods.tag_len == 0) {
		return true;
	}
	if (params->faults &
	    (PARAMS_METHODS_TWICE | PARAMS_METHODS_EMPTY | PARAMS_METHODS_MALFORMED)) {
		return false;
	}
	const uint8_t *at = params->methods.value, *end = at + params->methods.value_len;
	while (at != NULL) {
		size_t len;
		const uint8_t *label = next_label(&at, end, &len);
		if (known_label_admits(label, len, method)) {
			return true;
		}
	}
	return false;
}

/* --- Mending ------------------------------------------------------------------------------- */

static void add_lower(text_t *out, const uint8_t *octets, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		text_add(out, "%c", ascii_lower(octets[i]));
	}
}

/*! Is a label in a list that has been written? */
static bool is_written(const text_t *out, size_t begin, const uint8_t *label, size_t len)
{
	if (out->failed || begin == out->len) {
		return false;
	}
	const uint8_t *at = (const uint8_t *)out->str + begin, *end = at + out->len - begin;
	while (at != NULL) {
		size_t size;
		const uint8_t *has = next_label(&at, end, &size);
		if (octets_equal(has, size, label, len)) {
			return true;
		}
	}
	return false;
}

/*! Writes a list of methods as it was probably meant, each once. */
static void mend_methods(const caaudit_param_t *param, text_t *out)
{
	size_t begin = out->len;
	const uint8_t *at = param->value, *end = at + param->value_len;
	for (const char *comma = ""; at != NULL;) {
		size_t len;
		const uint8_t *label = next_label(&at, end, &len);
		if (len == 0) {
			continue;
		}
		const char *meant = known_method(label, len) == NULL ? meant_label(label, len) :
		                                                       NULL;
		if (meant != NULL) {
			label = (const uint8_t *)meant;
			len = strlen(meant);
		}
		if (!is_written(out, begin, label, len)) {
			text_add(out, "%s", comma);
			add_lower(out, label, len);
			comma = ",";
		}
	}
}

static void mend_param(const caaudit_issue_t *issue, const caaudit_param_t *param, text_t *out)
{
	bool known = known_is_parameter(issue->issuer, issue->issuer_len, param->tag,
	                                param->tag_len);
	const char *meant = known ? NULL : meant_tag(issue, param);
	bool methods = is_methods(param) || (meant != NULL && meant[0] == 'v');
	if (!known && meant == NULL && memchr(param->tag, '-', param->tag_len) != NULL) {
		return;
	}
	text_add(out, "; %s", meant != NULL ? meant : "");
	if (meant == NULL) {
		add_lower(out, param->tag, param->tag_len);
	}
	text_add(out, "=");
	if (methods) {
		mend_methods(param, out);
	} else {
		text_add(out, "%.*s", (int)param->value_len, (const char *)param->value);
	}
}

bool params_mend(caaudit_issue_t issue, uint64_t now, uint32_t fault, text_t *out)
{
	caaudit_issue_t rest = issue, mended;
	caaudit_param_t param;
	params_t before, after;
	if (issue.params_len > MEND_MAX) {
		return false;
	}
	text_add(out, "%.*s", (int)issue.issuer_len, (const char *)issue.issuer);
	while (caaudit_issue_next(&rest, &param)) {
		mend_param(&issue, &param, out);
	}
	if (out->failed ||
	    caaudit_issue_parse((const uint8_t *)out->str, out->len, &mended, NULL) != KNOT_EOK) {
		return false;
	}
	params_judge(issue, now, &before);
	params_judge(mended, now, &after);
	return !(after.faults & (fault | PARAMS_UNSATISFIABLE)) && !(after.faults & ~before.faults);
}

bool params_relax(caaudit_issue_t issue, const char *issuer, const char *account, text_t *out)
{
	params_t params;
	caaudit_param_t param;
	bool bound = false;
	params_decide(issue, &params);
	text_add(out, "%s", issuer);
	if (account != NULL && strchr(account, ';') == NULL &&
	    (params.account.tag_len == 0 || (params.faults & PARAMS_ACCOUNT_UNMET))) {
		text_add(out, "; accounturi=%s", account);
	}
	while (caaudit_issue_next(&issue, &param)) {
		uint32_t unmet = is_account(&param) ? PARAMS_ACCOUNT_UNMET :
		                 is_methods(&param) ? PARAMS_METHODS_UNMET | PARAMS_METHODS_NONE :
		                                      0;
		if (!(params.faults & unmet)) {
			text_add(out, "; %.*s=%.*s", (int)param.tag_len, (const char *)param.tag,
			         (int)param.value_len, (const char *)param.value);
			bound = bound || unmet != 0;
		}
	}
	return bound;
}

void params_reissue(caaudit_issue_t issue, const char *issuer, const char *account, text_t *out)
{
	caaudit_param_t param;
	text_add(out, "%s", issuer);
	if (account != NULL) {
		text_add(out, "; accounturi=%s", account);
	}
	while (caaudit_issue_next(&issue, &param)) {
		if (account == NULL || !is_account(&param)) {
			text_add(out, "; %.*s=%.*s", (int)param.tag_len, (const char *)param.tag,
			         (int)param.value_len, (const char *)param.value);
		}
	}
}

bool params_add_method(caaudit_issue_t issue, const char *method, text_t *out)
{
	caaudit_param_t param;
	bool added = false;
	text_add(out, "%.*s", (int)issue.issuer_len, (const char *)issue.issuer);
	while (caaudit_issue_next(&issue, &param)) {
		text_add(out, "; ");
		if (is_account(&param) || is_methods(&param)) {
			add_lower(out, param.tag, param.tag_len);
		} else {
			text_add(out, "%.*s", (int)param.tag_len, (const char *)param.tag);
		}
		text_add(out, "=");
		if (!is_methods(&param)) {
			text_add(out, "%.*s", (int)param.value_len, (const char *)param.value);
			continue;
		}
		size_t begin = out->len;
		const uint8_t *at = param.value, *end = at + param.value_len;
		while (at != NULL) {
			size_t len;
			const uint8_t *label = next_label(&at, end, &len);
			if (len > 0 && !octets_equal_str(label, len, method) &&
			    !is_written(out, begin, label, len)) {
				add_lower(out, label, len);
				text_add(out, ",");
			}
		}
		text_add(out, "%s", method);
		added = true;
	}
	return added;
}
