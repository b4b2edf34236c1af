/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Text that is safe to print, and the nearest of several words. */

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/names.h"
#include "text.h"

/* Takes one well-formed UTF-8 sequence (RFC 3629); returns its octets or 0. */
static size_t utf8_next(const unsigned char *s, uint32_t *code)
{
	if (s[0] < 0x80) {
		*code = s[0];
		return 1;
	}
	size_t len = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	if (s[0] < 0xc2 || s[0] > 0xf4) {
		return 0;
	}
	*code = s[0] & (0x7f >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80) {
			return 0;
		}
		*code = *code << 6 | (s[i] & 0x3f);
	}
	bool surrogate = *code >= 0xd800 && *code <= 0xdfff;
	return *code < least[len] || *code > 0x10ffff || surrogate ? 0 : len;
}

/* Is it neither a control character nor one that changes the direction of text? */
static bool is_harmless(uint32_t code)
{
	if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
		return false;
	}
	return !(code >= 0x200b && code <= 0x200f) && !(code >= 0x2028 && code <= 0x202e) &&
	       !(code >= 0x2060 && code <= 0x206f) && code != 0x061c && code != 0xfeff;
}

void put_safe(FILE *out, const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	while (*s != '\0') {
		uint32_t code = 0;
		size_t len = utf8_next(s, &code);
		if (len > 0 && is_harmless(code)) {
			fwrite(s, 1, len, out);
			s += len;
			continue;
		}
		for (len = len > 0 ? len : 1; len > 0; len--, s++) {
			fprintf(out, "\\%03u", *s);
		}
	}
}

/* Most text is printable ASCII, which needs no look at each character. */
static bool is_plain(const char *text)
{
	while (*text >= ' ' && *text <= '~') {
		text++;
	}
	return *text == '\0';
}

char *safe_copy(const char *text)
{
	if (is_plain(text)) {
		return strdup(text);
	}
	char *copy = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&copy, &len);
	if (out == NULL) {
		return NULL;
	}
	put_safe(out, text);
	if (fclose(out) != 0) {
		free(copy);
		return NULL;
	}
	return copy;
}

void complain(FILE *err, const char *format, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, format);
	int len = vasprintf(&text, format, args);
	va_end(args);

	fputs("caaudit: ", err);
	if (len >= 0) {
		put_safe(err, text);
		free(text);
	} else {
		fputs("out of memory", err);
	}
	fputc('\n', err);
}

const char *nearest(const char *given, const char *const *words, size_t count)
{
	const char *best = NULL;
	size_t len = strlen(given);
	unsigned limit = len / 3 + 1;
	for (size_t i = 0; i < count; i++) {
		unsigned distance = octets_distance((const uint8_t *)given, len, OCTETS(words[i]),
		                                    limit);
		if (distance == 0) {
			return words[i];
		}
		if (distance <= limit) {
			best = words[i];
			limit = distance - 1;
		}
	}
	return best;
}
