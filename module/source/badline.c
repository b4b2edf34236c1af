/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief What a line of a zone file is that the scanner cannot read, and how it is mended. */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <libzscanner/error.h>

#include "badline.h"

/*! Octets of the longest word that is repeated in a complaint. */
#define WORD_MAX 32

/*! A part of a line. */
typedef struct {
	const char *at;
	size_t len;
} word_t;

static const char provider_alias[] =
	"is a provider's own, no type of DNS: write the addresses that "
	"it stands for (A, AAAA)";
static const char provider_redirect[] = "is a redirect by a provider's web server, no type of DNS: "
					"take the line out";
static const char lookup_elsewhere[] =
	"is a look-up in Microsoft's WINS, no type of DNS: take the line "
	"out";

static const struct {
	const char *name;
	const char *is;
} pseudo_types[] = {
	{ "ALIAS", provider_alias },
	{ "ANAME", provider_alias },
	{ "LUA", "is a script of PowerDNS: write the records that it answers with" },
	{ "FRAME", provider_redirect },
	{ "HTTPRED", provider_redirect },
	{ "REDIRECT", provider_redirect },
	{ "URL", provider_redirect },
	{ "URL301", provider_redirect },
	{ "URL302", provider_redirect },
	{ "WEBFWD", provider_redirect },
	{ "WINS", lookup_elsewhere },
	{ "WINS-R", lookup_elsewhere },
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static bool is_word(const word_t *word, const char *text)
{
	return word->len == strlen(text) && strncasecmp(word->at, text, word->len) == 0;
}

static bool begins(const word_t *line, const char *octets, size_t len)
{
	return line->len >= len && memcmp(line->at, octets, len) == 0;
}

/*! Takes the next word off a line; an empty one at its end. */
static word_t take_word(word_t *line)
{
	while (line->len > 0 && is_blank(*line->at)) {
		line->at++;
		line->len--;
	}
	word_t word = { line->at, 0 };
	while (line->len > 0 && !is_blank(*line->at)) {
		line->at++;
		line->len--;
		word.len++;
	}
	return word;
}

/*! Type of a record: the word behind the owner, the TTL and the class (RFC 1035 section 5.1). */
static word_t find_type(word_t line)
{
	if (line.len > 0 && !is_blank(*line.at)) {
		(void)take_word(&line);
	}
	word_t word;
	do {
		word = take_word(&line);
	} while (word.len > 0 && ((*word.at >= '0' && *word.at <= '9') || is_word(&word, "IN")));
	return word;
}

/*! Quotation marks of a word processor: U+2018 to U+201F. */
static bool has_curly_quotes(const word_t *line)
{
	for (size_t i = 0; i + 2 < line->len; i++) {
		if (memcmp(line->at + i, "\xe2\x80", 2) == 0 && (line->at[i + 2] & 0xf8) == 0x98) {
			return true;
		}
	}
	return false;
}

static bool is_ascii(const word_t *line)
{
	for (size_t i = 0; i < line->len; i++) {
		if ((unsigned char)line->at[i] > 0x7f) {
			return false;
		}
	}
	return true;
}

static void explain_directive(const word_t *line, char *out, size_t size)
{
	word_t rest = *line, word = take_word(&rest);
	if (is_word(&word, "$GENERATE")) {
		(void)snprintf(out, size,
		               "$GENERATE is BIND's own: write each record out, or let "
		               "named-compilezone do it");
	} else {
		int len = word.len < WORD_MAX ? (int)word.len : WORD_MAX;
		(void)snprintf(out, size,
		               "%.*s is none of $ORIGIN, $TTL and $INCLUDE (RFC 1035, RFC 2308)",
		               len, word.at);
	}
}

/*! Is a scanner's error of the owner or the TTL of a record? CAA has no name and no such number. */
static bool is_before_type(int code)
{
	switch (code) {
	case ZS_BAD_PREVIOUS_OWNER:
	case ZS_BAD_DNAME_CHAR:
	case ZS_BAD_OWNER:
	case ZS_LABEL_OVERFLOW:
	case ZS_DNAME_OVERFLOW:
	case ZS_NUMBER64_OVERFLOW:
	case ZS_NUMBER32_OVERFLOW:
	case ZS_BAD_TIME_UNIT:
		return true;
	default:
		return false;
	}
}

/*! RFC 1035 lets a name after $ORIGIN be relative, the scanner does not. */
static void explain_origin(const word_t *line, char *out, size_t size)
{
	word_t rest = *line;
	(void)take_word(&rest);
	const word_t name = take_word(&rest);
	if (name.len > 0 && name.at[0] != ';' && name.at[name.len - 1] != '.') {
		(void)snprintf(out, size, "write the whole name here, with its final dot");
	}
}

static void explain_type(const word_t *line, const word_t *type, char *out, size_t size)
{
	for (size_t i = 0; i < sizeof(pseudo_types) / sizeof(*pseudo_types); i++) {
		if (is_word(type, pseudo_types[i].name)) {
			(void)snprintf(out, size, "%s %s", pseudo_types[i].name,
			               pseudo_types[i].is);
			return;
		}
	}
	int len = type->len < WORD_MAX ? (int)type->len : WORD_MAX;
	if (type->at > line->at && is_blank(*line->at)) {
		(void)snprintf(
			out, size,
			"a line that begins with a blank has no owner, so that %.*s is taken for "
			"the type",
			len, type->at);
	} else {
		(void)snprintf(
			out, size,
			"%.*s is mistyped, or a type that Knot DNS does not know: that is written "
			"TYPE and its number (RFC 3597)",
			len, type->at);
	}
}

void source_explain_line(int code, const char *line, size_t len, char *out, size_t size)
{
	const word_t all = { line, len };
	const word_t type = find_type(all);
	*out = '\0';
	if (begins(&all, "\xef\xbb\xbf", 3)) {
		(void)snprintf(out, size,
		               "the file begins with a byte order mark: take its three octets out");
	} else if (begins(&all, "\xff\xfe", 2) || begins(&all, "\xfe\xff", 2)) {
		(void)snprintf(out, size, "the file is in UTF-16: convert it to ASCII");
	} else if (begins(&all, "#", 1) || begins(&all, "//", 2)) {
		(void)snprintf(out, size, "a comment begins with a semicolon");
	} else if (code == ZS_BAD_DIRECTIVE) {
		explain_directive(&all, out, size);
	} else if (code == ZS_BAD_ORIGIN) {
		explain_origin(&all, out, size);
	} else if (has_curly_quotes(&all)) {
		(void)snprintf(out, size, "quotes of a word processor: write \"");
	} else if (code == ZS_UNSUPPORTED_TYPE && type.len > 0) {
		explain_type(&all, &type, out, size);
	} else if (code == ZS_BAD_TEXT_CHAR && is_word(&type, "CAA") && !is_ascii(&all)) {
		(void)snprintf(out, size,
		               "CAA is ASCII: write a domain name with its A-label (xn--), and "
		               "percent-encode the rest of a URL");
	} else if (code != ZS_DOS_NEWLINE && !is_before_type(code) && is_word(&type, "CAA")) {
		(void)snprintf(out, size,
		               "CAA has flags (0 or 128), a tag and a value in quotes: CAA 0 issue "
		               "\"sectigo.com\", or \";\" for no CA");
	}
}
