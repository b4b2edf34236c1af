/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Expands the formatters of a file name (%s, %c, %l, %%) as the server does. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "zonepath.h"

/* Index of the server's formatters: at most 255. */
#define INDEX_MAX 255

/* Parses "[N]" or, if last is not NULL, "[N-M]"; returns what follows, NULL if it is neither. */
static const char *parse_range(const char *in, unsigned *first, unsigned *last)
{
	if (*in++ != '[') {
		return NULL;
	}
	unsigned value[2] = { 0 };
	unsigned count = 0;
	for (;;) {
		if (*in < '0' || *in > '9') {
			return NULL;
		}
		while (*in >= '0' && *in <= '9') {
			value[count] = value[count] * 10 + (unsigned)(*in++ - '0');
			if (value[count] > INDEX_MAX) {
				return NULL;
			}
		}
		count++;
		if (*in == ']') {
			break;
		}
		if (*in++ != '-' || last == NULL || count == 2) {
			return NULL;
		}
	}
	*first = value[0];
	if (last != NULL) {
		*last = count == 2 ? value[1] : value[0];
		if (*last < *first) {
			return NULL;
		}
	}
	return in + 1;
}

static void drop_dot(char *name)
{
	size_t len = strlen(name);
	if (len > 0) {
		name[len - 1] = '\0';
	}
}

static void put_label(knot_dname_txt_storage_t out, const knot_dname_t *zone, unsigned right)
{
	size_t labels = knot_dname_labels(zone, NULL);
	out[0] = '\0';
	if (labels <= right) {
		return;
	}
	for (size_t skip = labels - right - 1; skip > 0; skip--) {
		zone += 1 + zone[0];
	}
	knot_dname_storage_t label;
	memcpy(label, zone, 1 + (size_t)zone[0]);
	label[1 + zone[0]] = 0;
	(void)knot_dname_to_str(out, label, KNOT_DNAME_TXT_MAXLEN + 1);
	drop_dot(out);
}

/* Expands the formatter after a percent sign; returns what follows, NULL if it is malformed. */
static const char *put_formatter(knot_dname_txt_storage_t out, const char *in,
                                 const knot_dname_t *zone)
{
	unsigned first, last;

	if (knot_dname_to_str(out, zone, KNOT_DNAME_TXT_MAXLEN + 1) == NULL) {
		return NULL;
	}
	switch (*in++) {
	case '%':
		memcpy(out, "%", 2);
		return in;
	case 's':
		drop_dot(out);
		break;
	case 'c':
		in = parse_range(in, &first, &last);
		if (in == NULL) {
			return NULL;
		}
		size_t len = strlen(out);
		if (first >= len) {
			out[0] = '\0';
		} else {
			size_t count = (last < len ? last + 1 : len) - first;
			memmove(out, out + first, count);
			out[count] = '\0';
		}
		break;
	case 'l':
		in = parse_range(in, &first, NULL);
		if (in == NULL) {
			return NULL;
		}
		put_label(out, zone, first);
		break;
	default:
		return NULL;
	}
	for (char *pos = strchr(out, '/'); pos != NULL; pos = strchr(pos, '/')) {
		*pos = '_';
	}
	return in;
}

char *zonepath_expand(const char *pattern, const knot_dname_t *zone)
{
	char *out = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&out, &size);
	if (stream == NULL) {
		return NULL;
	}
	while (pattern != NULL && *pattern != '\0') {
		if (*pattern != '%') {
			(void)fputc(*pattern++, stream);
			continue;
		}
		knot_dname_txt_storage_t part;
		pattern = put_formatter(part, pattern + 1, zone);
		if (pattern != NULL) {
			(void)fputs(part, stream);
		}
	}
	if (fclose(stream) != 0 || pattern == NULL) {
		free(out);
		return NULL;
	}
	return out;
}

char *zonepath_join(const char *dir, const char *name)
{
	char *out = NULL;
	if (name[0] == '/' || dir == NULL) {
		return strdup(name);
	}
	return asprintf(&out, "%s/%s", dir, name) < 0 ? NULL : out;
}
