/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <libknot/errcode.h>
#include <libknot/error.h>

#include "complain.h"

/*! Longest name of a file in a complaint. */
#define FILE_MAX 1024

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

void caaudit_source_complain(caaudit_reader_t *reader, const char *file, uint64_t line,
                             const char *format, ...)
{
	char text[SOURCE_TEXT_MAX];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	make_printable(text, '~');

	char name[FILE_MAX];
	if (file != NULL) {
		(void)snprintf(name, sizeof(name), "%s", file);
		make_printable(name, UINT8_MAX);
	}

	reader->complain(reader, file == NULL ? NULL : name, line, text);
}

void caaudit_source_complain_errno(caaudit_reader_t *reader, const char *file, uint64_t line,
                                   const char *what, int code)
{
	if (code == 0) {
		caaudit_source_complain(reader, file, line, "%s", what);
		return;
	}

	char buffer[128];
	char cause[128];
	(void)snprintf(cause, sizeof(cause), "%s", strerror_r(code, buffer, sizeof(buffer)));
	if (cause[0] >= 'A' && cause[0] <= 'Z' && cause[1] >= 'a') {
		cause[0] += 'a' - 'A';
	}
	caaudit_source_complain(reader, file, line, "%s (%s)", what, cause);
}

bool caaudit_source_go_on(caaudit_reader_t *reader, uint64_t done, uint64_t all)
{
	return reader->go_on == NULL || reader->go_on(reader, done, all);
}

int caaudit_source_finish(caaudit_reader_t *reader, const char *file, caaudit_view_t *view)
{
	int ret = caaudit_view_finish(view);
	if (ret == KNOT_EOK || ret == KNOT_EAGAIN) {
		return ret; // KNOT_EAGAIN: the zone is read once more, nobody needs to know.
	}

	knot_dname_txt_storage_t zone;
	if (knot_dname_to_str(zone, caaudit_view_zone(view), sizeof(zone)) == NULL) {
		zone[0] = '\0';
	}

	switch (ret) {
	case KNOT_ENOENT:
		caaudit_source_complain(reader, file, 0, "%s has no SOA record", zone);
		break;
	case KNOT_ESEMCHECK:
		caaudit_source_complain(reader, file, 0, "%s has more than one SOA record", zone);
		break;
	case KNOT_EMALF:
		caaudit_source_complain(reader, file, 0,
		                        "%s has malformed CNAME, DNAME, NS or SOA record data",
		                        zone);
		break;
	default:
		caaudit_source_complain(reader, file, 0, "%s", knot_strerror(ret));
		break;
	}

	return ret;
}
