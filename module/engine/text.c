/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Builds messages, and writes records in zone file form. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "array.h"
#include "names.h"
#include "text.h"
#include "txt.h"

void text_free(text_t *text)
{
	free(text->str);
	memset(text, 0, sizeof(*text));
}

void text_reset(text_t *text)
{
	text->len = 0;
	if (text->str != NULL) {
		text->str[0] = '\0';
	}
}

/*! Makes room for \a more octets and the terminator. */
static bool reserve(text_t *text, size_t more)
{
	text->failed = text->failed ||
	               !array_reserve(&text->str, &text->size, text->len + more + 1, 1);
	return !text->failed;
}

void text_add(text_t *text, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	int len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0 || !reserve(text, len)) {
		return;
	}
	va_start(args, fmt);
	(void)vsnprintf(text->str + text->len, len + 1, fmt, args);
	va_end(args);
	text->len += len;
}

void text_end(text_t *text)
{
	if (reserve(text, 1)) {
		text->len++;
		text->str[text->len] = '\0';
	}
}

void text_day(text_t *text, uint64_t time)
{
	// Days since 0000-03-01, so that the leap day is the last of a year.
	uint64_t days = time / 86400 + 719468;
	uint64_t era = days / 146097;
	unsigned day = days % 146097;
	unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	day -= 365 * year + year / 4 - year / 100;
	unsigned month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5;
	month = month < 10 ? month + 3 : month - 9;
	text_add(text, "%u-%02u-%02u", (unsigned)(era * 400) + year + (month <= 2), month, day + 1);
}

void text_time(text_t *text, uint64_t time)
{
	unsigned second = time % 86400;
	text_day(text, time);
	text_add(text, " %02u:%02u UTC", second / 3600, second / 60 % 60);
}

const char *text_of_name(knot_dname_txt_storage_t out, const knot_dname_t *name)
{
	if (knot_dname_to_str(out, name, sizeof(knot_dname_txt_storage_t)) == NULL) {
		out[0] = '\0';
	}
	return out;
}

void text_name(text_t *text, const knot_dname_t *name)
{
	text_add(text, "%s", NAME(name));
}

void text_octets(text_t *text, const uint8_t *octets, size_t len)
{
	if (!reserve(text, 4 * len)) {
		return;
	}
	char *out = text->str + text->len;
	for (size_t i = 0; i < len; i++) {
		uint8_t c = octets[i];
		if (c < 0x20 || c > 0x7e) {
			*out++ = '\\';
			*out++ = (char)('0' + c / 100);
			*out++ = (char)('0' + c / 10 % 10);
			*out++ = (char)('0' + c % 10);
		} else {
			if (c == '"' || c == '\\') {
				*out++ = '\\';
			}
			*out++ = c;
		}
	}
	*out = '\0';
	text->len = out - text->str;
}

void text_octets_max(text_t *text, const uint8_t *octets, size_t len, size_t max)
{
	text_octets(text, octets, len < max ? len : max);
	if (len > max) {
		text_add(text, "...");
	}
}

static bool is_plain_tag(const uint8_t *tag, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!ascii_alnum(tag[i])) {
			return false;
		}
	}
	return len > 0;
}

/*! Appends RDATA in the form for any type (RFC 3597 section 5). */
static void text_generic(text_t *text, const uint8_t *rdata, size_t rdlen)
{
	text_add(text, "\\# %zu", rdlen);
	if (!reserve(text, 2 * rdlen + 1)) {
		return;
	}
	static const char hex[] = "0123456789ABCDEF";
	char *out = text->str + text->len;
	if (rdlen > 0) {
		*out++ = ' ';
	}
	for (size_t i = 0; i < rdlen; i++) {
		*out++ = hex[rdata[i] >> 4];
		*out++ = hex[rdata[i] & 15];
	}
	*out = '\0';
	text->len = out - text->str;
}

void text_issue(text_t *text, const uint8_t *issuer, size_t issuer_len, const caaudit_issue_t *like)
{
	text_add(text, "%.*s", (int)issuer_len, (const char *)issuer);
	if (like->params_len > 0) {
		text_add(text, "; %.*s", (int)like->params_len, (const char *)like->params);
	}
}

void text_caa(text_t *text, const caaudit_record_t *record)
{
	text_add(text, "%s %u CAA ", NAME(record->owner), record->ttl);

	caaudit_caa_t caa;
	if (caaudit_caa_parse(record->rdata, record->rdlen, &caa) == KNOT_EOK &&
	    is_plain_tag(caa.tag, caa.tag_len)) {
		text_add(text, "%u %.*s \"", caa.flags, caa.tag_len, (const char *)caa.tag);
		text_octets(text, caa.value, caa.value_len);
		text_add(text, "\"");
		return;
	}

	text_generic(text, record->rdata,
	             record->rdlen); // A tag that is no token has no other form.
}

void text_strings(text_t *text, const uint8_t *rdata, uint16_t rdlen)
{
	if (!txt_is_sound(rdata, rdlen)) {
		text_generic(text, rdata, rdlen);
		return;
	}
	for (size_t i = 0; i < rdlen; i += 1 + (size_t)rdata[i]) {
		text_add(text, i == 0 ? "\"" : " \"");
		text_octets(text, rdata + i + 1, rdata[i]);
		text_add(text, "\"");
	}
}

void text_record(text_t *text, const caaudit_record_t *record)
{
	switch (record->type) {
	case KNOT_RRTYPE_CAA:
		text_caa(text, record);
		break;
	case KNOT_RRTYPE_TXT:
		text_add(text, "%s %u TXT ", NAME(record->owner), record->ttl);
		text_strings(text, record->rdata, record->rdlen);
		break;
	default:
		text_add(text, "%s %u CNAME %s", NAME(record->owner), record->ttl,
		         NAME(record->rdata));
		break;
	}
}

char *caaudit_rdata_text(uint16_t type, const uint8_t *rdata, uint16_t rdlen)
{
	text_t text = TEXT_EMPTY;
	if (type == KNOT_RRTYPE_TXT) {
		text_strings(&text, rdata, rdlen);
	} else {
		knot_dname_storage_t target;
		name_lower(target, rdata);
		text_name(&text, target);
	}
	if (text.failed) {
		text_free(&text);
	}
	return text.str;
}

int text_compare(const char *a, const char *b)
{
	return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}
