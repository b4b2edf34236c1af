/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Takes CAA RDATA and property values apart (RFC 8659 section 4). */

#include <string.h>

#include <libknot/errcode.h>

#include "caaudit/caa.h"
#include "names.h"

int caaudit_caa_parse(const uint8_t *rdata, size_t len, caaudit_caa_t *out)
{
	// flags(1) tag-length(1) tag(tag-length) value(rest): RFC 8659 section 4.1.
	if (len < 2 || rdata[1] > len - 2) {
		return KNOT_EMALF;
	}
	out->flags = rdata[0];
	out->tag_len = rdata[1];
	out->tag = rdata + 2;
	out->value = out->tag + out->tag_len;
	out->value_len = len - 2 - out->tag_len;
	return KNOT_EOK;
}

caaudit_tag_t caaudit_caa_tag(const uint8_t *tag, size_t len)
{
	// IANA, "Certification Authority Restriction Properties", as of 2026-11.
	static const struct {
		const char *name;
		caaudit_tag_t tag;
	} tags[] = {
		{ "issue", CAAUDIT_TAG_ISSUE },
		{ "issuewild", CAAUDIT_TAG_ISSUEWILD },
		{ "iodef", CAAUDIT_TAG_IODEF },
		{ "issuemail", CAAUDIT_TAG_ISSUEMAIL },
		{ "issuevmc", CAAUDIT_TAG_ISSUEVMC },
		{ "contactemail", CAAUDIT_TAG_CONTACTEMAIL },
		{ "contactphone", CAAUDIT_TAG_CONTACTPHONE },
		{ "auth", CAAUDIT_TAG_RESERVED },
		{ "path", CAAUDIT_TAG_RESERVED },
		{ "policy", CAAUDIT_TAG_RESERVED },
	};
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (octets_equal_str(tag, len, tags[i].name)) {
			return tags[i].tag;
		}
	}
	return CAAUDIT_TAG_UNKNOWN;
}

/*! Cursor over a value; every production moves it over what it has matched. */
typedef struct {
	const uint8_t *at;
	const uint8_t *end;
} cursor_t;

static void skip_wsp(cursor_t *c)
{
	while (c->at < c->end && ascii_blank(*c->at)) {
		c->at++;
	}
}

static bool next_is(const cursor_t *c, uint8_t octet)
{
	return c->at < c->end && *c->at == octet;
}

/*! label and parameter-tag: (ALPHA / DIGIT) *( *("-") (ALPHA / DIGIT)) */
static bool match_label(cursor_t *c)
{
	if (c->at == c->end || !ascii_alnum(*c->at)) {
		return false;
	}
	const uint8_t *last = c->at;
	while (c->at < c->end && (ascii_alnum(*c->at) || *c->at == '-')) {
		if (*c->at != '-') {
			last = c->at;
		}
		c->at++;
	}
	c->at = last + 1; // A hyphen does not end a label.
	return true;
}

/*! parameter: parameter-tag *WSP "=" *WSP parameter-value */
static bool match_param(cursor_t *c, caaudit_param_t *out)
{
	out->tag = c->at;
	if (!match_label(c)) {
		return false;
	}
	out->tag_len = c->at - out->tag;
	skip_wsp(c);
	if (!next_is(c, '=')) {
		return false;
	}
	c->at++;
	skip_wsp(c);
	out->value = c->at;
	// %x21-3A / %x3C-7E: printable, neither white space nor ";".
	while (c->at < c->end && *c->at >= 0x21 && *c->at <= 0x7e && *c->at != ';') {
		c->at++;
	}
	out->value_len = c->at - out->value;
	return true;
}

/*! issue-value: *WSP [issuer-domain-name *WSP] [";" *WSP [parameters *WSP]] */
static bool match_issue(cursor_t *c, caaudit_issue_t *out)
{
	skip_wsp(c);
	out->issuer = c->at;
	if (match_label(c)) {
		while (next_is(c, '.')) {
			c->at++;
			if (!match_label(c)) {
				return false;
			}
		}
	}
	out->issuer_len = c->at - out->issuer;
	skip_wsp(c);

	out->params = c->end;
	out->params_len = 0;
	if (!next_is(c, ';')) {
		return c->at == c->end;
	}
	c->at++;
	skip_wsp(c);
	if (c->at == c->end) {
		return true;
	}
	out->params = c->at;
	out->params_len = c->end - c->at;
	while (true) {
		caaudit_param_t param;
		if (!match_param(c, &param)) {
			return false;
		}
		skip_wsp(c);
		if (!next_is(c, ';')) {
			return c->at == c->end;
		}
		c->at++;
		skip_wsp(c);
		// A parameter must follow: only the first ";" may end the value.
	}
}

int caaudit_issue_parse(const uint8_t *value, size_t len, caaudit_issue_t *out, size_t *error)
{
	cursor_t c = { value, value + len };
	caaudit_issue_t issue;
	if (!match_issue(&c, &issue)) {
		if (error != NULL) {
			*error = c.at - value;
		}
		return KNOT_EMALF;
	}
	*out = issue;
	return KNOT_EOK;
}

bool caaudit_issue_next(caaudit_issue_t *issue, caaudit_param_t *out)
{
	if (issue->params_len == 0) {
		return false;
	}
	cursor_t c = { issue->params, issue->params + issue->params_len };
	if (!match_param(&c, out)) {
		return false;
	}
	skip_wsp(&c);
	if (next_is(&c, ';')) {
		c.at++;
	}
	skip_wsp(&c);
	issue->params = c.at;
	issue->params_len = c.end - c.at;
	return true;
}

bool caaudit_is_uri(const uint8_t *value, size_t len)
{
	// scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )
	size_t i = 0;
	while (i < len && (ascii_alnum(value[i]) ||
	                   (i > 0 && value[i] != '\0' && strchr("+-.", value[i]) != NULL))) {
		i++;
	}
	if (i == 0 || (value[0] >= '0' && value[0] <= '9') || i == len || value[i] != ':') {
		return false;
	}
	for (i++; i < len; i++) {
		if (value[i] == '%') {
			if (len - i < 3 || !ascii_hex(value[i + 1]) || !ascii_hex(value[i + 2])) {
				return false;
			}
		} else if (!ascii_alnum(value[i]) &&
		           (value[i] == '\0' ||
		            strchr("-._~:/?#[]@!$&'()*+,;=", value[i]) == NULL)) {
			return false;
		}
	}
	return true;
}
