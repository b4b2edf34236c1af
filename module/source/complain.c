/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Complaints of the sources: printable, one line each, errors of the system in words.
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "complain.h"

/*!
 * Names and messages come from files and peers; a log line must stay one. A file name may be in any
 * character set.
 */
static void make_printable(char *text, unsigned char most)
{
	for (char *c = text; *c != '\0'; c++) {
		unsigned char octet = *c;
		if (octet < ' ' || octet == 0x7f || octet > most) {
			*c = '?';
		}
	}
}

void source_complain(source_listener_t *listener, const char *file, uint64_t line,
                     const char *format, ...)
{
	char text[SOURCE_TEXT_MAX];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	make_printable(text, '~');

	char name[SOURCE_FILE_MAX];
	if (file != NULL) {
		(void)snprintf(name, sizeof(name), "%s", file);
		make_printable(name, UINT8_MAX);
	}

	listener->complain(listener, file == NULL ? NULL : name, line, text);
}

void source_complain_errno(source_listener_t *listener, const char *file, uint64_t line,
                           const char *what, int code)
{
	if (code == 0) {
		source_complain(listener, file, line, "%s", what);
		return;
	}

	char cause[128];
	source_complain(listener, file, line, "%s (%s)", what,
	                source_errno_text(code, cause, sizeof(cause)));
}

bool source_go_on(source_listener_t *listener, uint64_t done, uint64_t all)
{
	return listener->go_on == NULL || listener->go_on(listener, done, all);
}

void source_keep_first(source_listener_t *self, const char *file, uint64_t line, const char *what)
{
	source_first_t *first = (source_first_t *)self;
	if (first->count++ > 0) {
		return;
	}
	(void)snprintf(first->file, sizeof(first->file), "%s", file != NULL ? file : "");
	(void)snprintf(first->what, sizeof(first->what), "%s", what);
	first->line = line;
}

const char *source_errno_text(int code, char *out, size_t size)
{
	char buffer[128];
	(void)snprintf(out, size, "%s", strerror_r(code, buffer, sizeof(buffer)));
	// "Is a directory", but not "RFS specific error".
	if (out[0] >= 'A' && out[0] <= 'Z' && out[1] >= 'a') {
		out[0] += 'a' - 'A';
	}
	return out;
}

/*! Timeouts of one operation that the whole may take. */
#define WHOLE 6
/*! Milliseconds that each record may take. */
#define PER_RECORD 1

uint64_t source_deadline(uint64_t begin, int timeout, uint64_t records)
{
	return timeout <= 0 ? UINT64_MAX : begin + WHOLE * (uint64_t)timeout + PER_RECORD * records;
}
