/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

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

/* Neither a control nor something that changes the direction of what follows. */
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

/* Most text is, and there is a lot of it. */
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

const char *errno_text(int code, char *out, size_t size)
{
	char buffer[128];
	snprintf(out, size, "%s", strerror_r(code, buffer, sizeof(buffer)));
	/* "Is a directory", but not "RFS specific error". */
	if (islower((unsigned char)out[1])) {
		out[0] = (char)tolower((unsigned char)out[0]);
	}
	return out;
}

#define NEAREST_MAX 64 /* Longer words are not compared. */

/* Edits between two words, a swap of neighbours counting as one. */
static size_t distance(const char *a, const char *b)
{
	size_t alen = strlen(a);
	size_t blen = strlen(b);
	if (alen > NEAREST_MAX || blen > NEAREST_MAX) {
		return SIZE_MAX;
	}
	size_t row[3][NEAREST_MAX + 1];
	for (size_t j = 0; j <= blen; j++) {
		row[0][j] = j;
	}
	for (size_t i = 1; i <= alen; i++) {
		size_t *now = row[i % 3];
		const size_t *last = row[(i + 2) % 3];
		const size_t *before = row[(i + 1) % 3];
		now[0] = i;
		for (size_t j = 1; j <= blen; j++) {
			size_t best = last[j - 1] + (a[i - 1] != b[j - 1]);
			best = last[j] + 1 < best ? last[j] + 1 : best;
			best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    before[j - 2] + 1 < best) {
				best = before[j - 2] + 1;
			}
			now[j] = best;
		}
	}
	return row[alen % 3][blen];
}

const char *nearest(const char *given, const char *const *words, size_t count)
{
	const char *best = NULL;
	size_t limit = strlen(given) / 3 + 1;
	for (size_t i = 0; i < count; i++) {
		size_t d = distance(given, words[i]);
		if (d <= limit) {
			best = words[i];
			limit = d - (d > 0);
			if (d == 0) {
				break;
			}
		}
	}
	return best;
}
