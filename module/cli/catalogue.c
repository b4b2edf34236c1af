/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The subcommands "findings" and "explain": what an audit can find, and what that means.
 */

#include <jansson.h>
#include <string.h>

#include "commands.h"
#include "terminal.h"
#include "text.h"

static json_t *finding_json(caaudit_id_t id)
{
	const caaudit_finding_info_t *info = caaudit_finding_info(id);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "id", info->id, "severity",
	                 caaudit_severity_name(info->severity), "summary", info->summary, "why",
	                 info->why, "cure", info->cure, "citation", info->citation);
}

int print_document(json_t *document, bool ok)
{
	ok = ok && document != NULL && json_dumpf(document, stdout, JSON_COMPACT) == 0;
	json_decref(document);
	if (!ok) {
		complain(stderr, "out of memory");
		return EXIT_UNCHECKED;
	}
	fputc('\n', stdout);
	return EXIT_CLEAN;
}

static int print_json(const caaudit_id_t *id, size_t count)
{
	json_t *list = json_array();
	bool ok = list != NULL;
	for (size_t i = 0; ok && i < count; i++) {
		ok = json_array_append_new(list, finding_json(id[i])) == 0;
	}
	json_t *document = json_pack("{s:i, s:o}", "caaudit", 1, "findings", list);
	return print_document(document, ok);
}

int command_findings(const options_t *opts)
{
	caaudit_id_t all[CAAUDIT_FINDING__COUNT];
	size_t width = 0;
	for (int i = 0; i < CAAUDIT_FINDING__COUNT; i++) {
		size_t len = strlen(caaudit_finding_info(i)->id);
		width = len > width ? len : width;
		all[i] = i;
	}
	if (opts->format == FORMAT_JSON) {
		return print_json(all, CAAUDIT_FINDING__COUNT);
	}

	style_t style = terminal_style(stdout);
	for (int i = 0; i < CAAUDIT_FINDING__COUNT; i++) {
		const caaudit_finding_info_t *info = caaudit_finding_info(i);
		const char *severity = caaudit_severity_name(info->severity);
		unsigned column = width + 2 + strlen("warning") + 2;
		if (style.width == 0 || column + 20 <= style.width) {
			printf("%-*s  %-7s  ", (int)width, info->id, severity);
			put_wrapped(stdout, &style, column, column, info->summary);
		} else {
			printf("%s  %s\n    ", info->id, severity);
			put_wrapped(stdout, &style, 4, 4, info->summary);
		}
	}
	return EXIT_CLEAN;
}

static void explain(caaudit_id_t id, const style_t *style)
{
	const caaudit_finding_info_t *info = caaudit_finding_info(id);
	put_look(stdout, style, LOOK_HEADING, info->id);
	printf(" (%s)\n", caaudit_severity_name(info->severity));
	const struct {
		const char *name;
		const char *text;
	} part[] = {
		{ "What", info->summary },
		{ "Why", info->why },
		{ "Cure", info->cure },
		{ "Source", info->citation },
	};
	for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
		printf("  %-8s", part[i].name);
		put_wrapped(stdout, style, 10, 10, part[i].text);
	}
}

static const char *nearest_id(const char *given)
{
	const char *name[CAAUDIT_FINDING__COUNT];
	for (int i = 0; i < CAAUDIT_FINDING__COUNT; i++) {
		name[i] = caaudit_finding_info(i)->id;
	}
	return nearest(given, name, CAAUDIT_FINDING__COUNT);
}

int command_explain(const options_t *opts)
{
	int code = EXIT_CLEAN;
	style_t style = terminal_style(stdout);
	caaudit_id_t known[CAAUDIT_FINDING__COUNT];
	size_t count = 0;
	for (size_t i = 0; i < opts->operand.count; i++) {
		const char *given = opts->operand.item[i];
		caaudit_id_t id = caaudit_finding_by_name(given);
		if (id != CAAUDIT_FINDING__COUNT) {
			if (opts->format == FORMAT_TEXT) {
				fputs(i > 0 ? "\n" : "", stdout);
				explain(id, &style);
			} else if (count < CAAUDIT_FINDING__COUNT) {
				known[count++] = id;
			}
			continue;
		}
		code = EXIT_UNCHECKED;
		const char *near = nearest_id(given);
		if (near != NULL) {
			complain(stderr, "no finding '%s'; did you mean '%s'?", given, near);
		} else {
			complain(stderr, "no finding '%s'; 'caaudit findings' lists them", given);
		}
	}
	if (opts->format == FORMAT_JSON && code == EXIT_CLEAN) {
		return print_json(known, count);
	}
	return code;
}
