/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The report of a probe for people: a table, names down and servers across, and
 *        what follows from it.
 */

#include <inttypes.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>

#include "probe_report.h"
#include "text.h"

#define INDENT       2
#define CELL_LEAST   9  /* "no answer" */
#define CELL_MOST    40 /* A longer answer is cut. */
#define ANSWER_LEAST 16 /* Else the answer that most give is left out. */
#define ANSWER_MOST  72
#define NAME_LEAST   8  /* "over TCP" */
#define ROWS_MOST    30 /* Of more rows those that are the same everywhere are left out. */
#define SAYS_MAX     256

/* --- The table ----------------------------------------------------------------------------- */

/* A row that is printed. */
typedef struct {
	size_t question;
	char *name;
} row_t;

typedef struct {
	const probe_report_t *report;
	const style_t *style;
	FILE *out;
	const char *tick; /* What stands for the reference answer. */
	row_t *row;
	size_t row_count;
	size_t left_out;     /* Rows that are the same everywhere. */
	unsigned name_width; /* Columns of text. */
	unsigned cell_width;
	size_t block; /* Servers side by side. */
} table_t;

/* A terminal that takes UTF-8 gets a tick; a file gets a word that one can search for. */
static const char *find_tick(const style_t *style)
{
	locale_t locale = style->width > 0 ? newlocale(LC_CTYPE_MASK, "", (locale_t)0) :
	                                     (locale_t)0;
	if (locale == (locale_t)0) {
		return "ok";
	}
	bool utf8 = strcmp(nl_langinfo_l(CODESET, locale), "UTF-8") == 0;
	freelocale(locale);
	return utf8 ? "\xe2\x9c\x93" : "ok";
}

/* Columns that a text takes: octets that continue a character take none (RFC 3629 section 3). */
static size_t text_width(const char *text)
{
	size_t width = 0;
	for (; *text != '\0'; text++) {
		width += ((unsigned char)*text & 0xc0) != 0x80;
	}
	return width;
}

static probe_cell_t cell_of(const table_t *table, size_t question, size_t column)
{
	const probe_zone_t *zone = table->report->zone;
	return table->report->result.cell[question * zone->column_count + column];
}

/* What stands in a cell: a tick, the odd answer, or the failure. */
static look_t cell_text(const table_t *table, size_t question, size_t nth, char *out, size_t size)
{
	const probe_zone_t *zone = table->report->zone;
	const probe_column_t *column = &zone->column[nth];
	const probe_answer_t *answer = &column->answer[question];
	probe_cell_t cell = cell_of(table, question, nth);
	char says[SAYS_MAX];
	if (question == PROBE_ROW_TCP && cell == PROBE_CELL_FAILED) {
		snprintf(says, sizeof(says), "%s",
		         column->server->tcp == PROBE_CLOSED ? "closed" : "no answer");
	} else if (question == PROBE_ROW_SOA && column->state == PROBE_COLUMN_GOOD) {
		snprintf(says, sizeof(says), "%" PRIu32, column->serial);
	} else if (question == PROBE_ROW_SOA && column->state == PROBE_COLUMN_SKIPPED) {
		snprintf(says, sizeof(says), "no answer");
	} else {
		probe_answer_text(answer, &zone->question[question], says, sizeof(says));
	}
	char *safe = safe_copy(says);
	const char *text = safe != NULL ? safe : "?";
	look_t look = LOOK_PLAIN;
	switch (cell) {
	case PROBE_CELL_SAME:
		text = table->tick;
		look = LOOK_GOOD;
		break;
	case PROBE_CELL_OTHER:
	case PROBE_CELL_FAILED:
		look = LOOK_BAD;
		break;
	case PROBE_CELL_UNKNOWN:
		break;
	}
	snprintf(out, size, "%s", text);
	free(safe);
	return look;
}

static bool is_odd(const table_t *table, size_t question)
{
	for (size_t i = 0; i < table->report->zone->column_count; i++) {
		probe_cell_t cell = cell_of(table, question, i);
		if (cell == PROBE_CELL_OTHER ||
		    (cell == PROBE_CELL_FAILED &&
		     table->report->zone->column[i].state == PROBE_COLUMN_GOOD)) {
			return true;
		}
	}
	return false;
}

/* Does any server have such a record? */
static bool is_there(const table_t *table, size_t question)
{
	const probe_zone_t *zone = table->report->zone;
	for (size_t i = 0; i < zone->column_count; i++) {
		const probe_answer_t *answer = &zone->column[i].answer[question];
		if (answer->outcome == PROBE_ANSWERED &&
		    (answer->said == PROBE_SAID_DATA || answer->said == PROBE_SAID_ALIAS)) {
			return true;
		}
	}
	return false;
}

static char *row_name(const probe_zone_t *zone, size_t question)
{
	const probe_question_t *q = &zone->question[question];
	knot_dname_txt_storage_t name;
	char type[32], line[KNOT_DNAME_TXT_MAXLEN + 64];
	if (question == PROBE_ROW_SOA) {
		return strdup("serial");
	}
	if (question == PROBE_ROW_TCP) {
		return strdup("over TCP");
	}
	report_relative(zone->zone, q->name, name);
	snprintf(line, sizeof(line), "%s %s", name, probe_type_text(q->type, type, sizeof(type)));
	return safe_copy(line);
}

/* Chooses the rows: with verbose all, else those that say something. */
static bool choose_rows(table_t *table, bool verbose)
{
	const probe_zone_t *zone = table->report->zone;
	table->row = calloc(zone->question_count, sizeof(*table->row));
	if (table->row == NULL) {
		return false;
	}
	for (size_t i = 0; i < zone->question_count; i++) {
		const probe_question_t *q = &zone->question[i];
		bool quiet = q->purpose == PROBE_FOR_CONTROL || i == PROBE_ROW_DNSKEY ||
		             q->purpose == PROBE_FOR_ABOVE || q->purpose == PROBE_FOR_BESIDE;
		bool told = q->purpose != PROBE_FOR_CONTROL && is_there(table, i);
		if (!verbose && !is_odd(table, i) && quiet && !told) {
			continue;
		}
		row_t *row = &table->row[table->row_count++];
		*row = (row_t){ i, row_name(zone, i) };
		if (row->name == NULL) {
			return false;
		}
	}
	return true;
}

/* Many names that are the same everywhere would push the odd ones out of sight. */
static void drop_rows(table_t *table, bool verbose)
{
	if (verbose || table->row_count <= ROWS_MOST) {
		return;
	}
	size_t kept = 0;
	for (size_t i = 0; i < table->row_count; i++) {
		row_t row = table->row[i];
		if (row.question <= PROBE_ROW_CAA || is_odd(table, row.question)) {
			table->row[kept++] = row;
		} else {
			free(row.name);
			table->left_out++;
		}
	}
	table->row_count = kept;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned most(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* How wide names and cells may be, and how many servers fit side by side. */
static void find_widths(table_t *table)
{
	const probe_zone_t *zone = table->report->zone;
	unsigned width = table->style->width, cell = CELL_LEAST, name = NAME_LEAST;
	char text[SAYS_MAX];
	for (size_t i = 0; i < table->row_count; i++) {
		name = most(name, strlen(table->row[i].name));
		for (size_t j = 0; j < zone->column_count; j++) {
			cell_text(table, table->row[i].question, j, text, sizeof(text));
			cell = most(cell, text_width(text));
		}
	}
	for (size_t j = 0; j < zone->column_count; j++) {
		cell = most(cell, strlen(zone->column[j].server->label));
	}
	cell = least(cell, CELL_MOST);
	table->block = zone->column_count > 0 ? zone->column_count : 1;
	if (width > 0) {
		name = least(name, most(NAME_LEAST, width / 3));
		unsigned rest = width > name + INDENT ? width - name - INDENT : 0;
		table->block = least(table->block, most(1, rest / (CELL_LEAST + INDENT)));
		unsigned room = rest / table->block;
		cell = least(cell, room > INDENT + CELL_LEAST ? room - INDENT : CELL_LEAST);
	}
	table->name_width = name;
	table->cell_width = cell;
}

/* Cuts where the room ends, and shows that it did. */
static void put_cut(const table_t *table, look_t look, const char *text, unsigned width, bool last)
{
	char cut[SAYS_MAX];
	size_t len = text_width(text);
	snprintf(cut, sizeof(cut), "%s", text);
	if (len > width && width > 0 && width < sizeof(cut)) {
		cut[width - 1] = '~'; /* What is too long is ASCII. */
		cut[width] = '\0';
		len = width;
	}
	put_look(table->out, table->style, look, cut);
	if (!last) {
		fprintf(table->out, "%*s", len < width ? (int)(width - len) : 0, "");
	}
}

/* Addresses head the columns if they fit, else numbers do. */
static bool heads_fit(const table_t *table)
{
	const probe_zone_t *zone = table->report->zone;
	for (size_t i = 0; i < zone->column_count; i++) {
		if (strlen(zone->column[i].server->label) > table->cell_width) {
			return false;
		}
	}
	return true;
}

static void put_heads(const table_t *table, size_t first, size_t end, bool fit)
{
	const probe_zone_t *zone = table->report->zone;
	fprintf(table->out, "%*s", (int)(INDENT + table->name_width), "");
	for (size_t i = first; i < end; i++) {
		char number[24];
		snprintf(number, sizeof(number), "[%zu]", i + 1);
		fprintf(table->out, "%*s", INDENT, "");
		put_cut(table, LOOK_HEADING, fit ? zone->column[i].server->label : number,
		        table->cell_width, i + 1 == end);
	}
	fputc('\n', table->out);
}

/* Columns for the answer that most give, behind the cells; 0 if there is no room, or none. */
static unsigned answer_room(const table_t *table, const row_t *row, size_t cells)
{
	const probe_report_t *report = table->report;
	unsigned width = table->style->width;
	unsigned used = INDENT + table->name_width + cells * (INDENT + table->cell_width) + INDENT;
	if (row->question == PROBE_ROW_SOA || row->question == PROBE_ROW_TCP ||
	    report->result.reference[row->question] == report->zone->column_count) {
		return 0;
	}
	if (width == 0) {
		return ANSWER_MOST;
	}
	return used + ANSWER_LEAST <= width ? width - used : 0;
}

static void put_answer(const table_t *table, const row_t *row, unsigned room)
{
	const probe_report_t *report = table->report;
	size_t reference = report->result.reference[row->question];
	char text[SAYS_MAX];
	probe_answer_text(&report->zone->column[reference].answer[row->question],
	                  &report->zone->question[row->question], text, sizeof(text));
	char *safe = safe_copy(text);
	fprintf(table->out, "%*s", INDENT, "");
	put_cut(table, LOOK_PLAIN, safe != NULL ? safe : "", room, true);
	free(safe);
}

static void put_row(const table_t *table, const row_t *row, size_t first, size_t end)
{
	char text[SAYS_MAX];
	unsigned room = answer_room(table, row, end - first);
	fprintf(table->out, "%*s", INDENT, "");
	put_cut(table, LOOK_PLAIN, row->name, table->name_width, false);
	for (size_t i = first; i < end; i++) {
		look_t look = cell_text(table, row->question, i, text, sizeof(text));
		fprintf(table->out, "%*s", INDENT, "");
		put_cut(table, look, text, table->cell_width, i + 1 == end && room == 0);
	}
	if (room > 0) {
		put_answer(table, row, room);
	}
	fputc('\n', table->out);
}

/* Says which server each number is. */
static void put_legend(const table_t *table)
{
	const probe_zone_t *zone = table->report->zone;
	char *line = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&line, &size);
	for (size_t i = 0; stream != NULL && i < zone->column_count; i++) {
		fprintf(stream, "%s[%zu] %s", i > 0 ? "  " : "", i + 1,
		        zone->column[i].server->label);
	}
	if (stream == NULL || fclose(stream) != 0 || line == NULL) {
		free(line);
		return;
	}
	fprintf(table->out, "%*s", INDENT, "");
	put_wrapped(table->out, table->style, INDENT, INDENT, line);
	free(line);
}

static void put_table(table_t *table)
{
	size_t count = table->report->zone->column_count;
	find_widths(table);
	bool fit = heads_fit(table);
	if (!fit) {
		put_legend(table);
	}
	for (size_t first = 0; first < count; first += table->block) {
		size_t end = first + table->block < count ? first + table->block : count;
		if (first > 0) {
			fputc('\n', table->out);
		}
		put_heads(table, first, end, fit);
		for (size_t i = 0; i < table->row_count; i++) {
			put_row(table, &table->row[i], first, end);
		}
	}
	if (table->left_out > 0) {
		fprintf(table->out, "%*s%zu more names, the same everywhere\n", INDENT, "",
		        table->left_out);
	}
	fputc('\n', table->out);
}

/* --- The report ---------------------------------------------------------------------------- */

static void put_alike(const probe_report_t *report, const style_t *style, FILE *out)
{
	const probe_result_t *result = &report->result;
	char line[160];
	bool all = result->alike == result->asked;
	snprintf(line, sizeof(line),
	         all ? "%zu of %zu servers answer alike" :
	               "%zu of %zu servers answer alike; a CA that looks from five places may fail",
	         result->alike, result->asked);
	put_wrapped_look(out, style, all ? LOOK_GOOD : LOOK_CARE, 0, INDENT, line);
}

/* What went to a server and came back; without verbose only where messages were refused. */
static void put_servers(const probe_report_t *report, const style_t *style, bool verbose, FILE *out)
{
	const probe_zone_t *zone = report->zone;
	bool any = false;
	for (size_t i = 0; i < zone->column_count; i++) {
		const probe_server_t *server = zone->column[i].server;
		uint64_t refused = 0;
		uint32_t slowest = 0;
		char line[256];
		for (size_t j = 0; j < PROBE_REFUSED__COUNT; j++) {
			refused += server->refused[j];
		}
		for (size_t j = 0; j < zone->question_count; j++) {
			const probe_answer_t *answer = &zone->column[i].answer[j];
			slowest = answer->outcome == PROBE_ANSWERED && answer->ms > slowest ?
			                  answer->ms :
			                  slowest;
		}
		if (server->kind == PROBE_ZONE || (!verbose && refused == 0)) {
			continue;
		}
		snprintf(line, sizeof(line),
		         "%s: %" PRIu64 " queries, %" PRIu64 " answers, the slowest in %" PRIu32
		         " ms, %" PRIu64 " messages refused",
		         server->label, server->sent, server->answered, slowest, refused);
		fprintf(out, "%*s", INDENT, "");
		put_wrapped_look(out, style, refused > 0 ? LOOK_CARE : LOOK_PLAIN, INDENT,
		                 2 * INDENT, line);
		any = true;
	}
	if (any) {
		fputc('\n', out);
	}
}

void probe_text(const probe_report_t *report, const style_t *style, bool verbose, FILE *out)
{
	char line[64];
	table_t table = {
		.report = report,
		.style = style,
		.out = out,
		.tick = find_tick(style),
	};
	put_look(out, style, LOOK_HEADING, report->report.zone);
	snprintf(line, sizeof(line), "  serial %" PRIu32, report->result.serial);
	put_wrapped(out, style, strlen(report->report.zone), INDENT, line);
	if (choose_rows(&table, verbose)) {
		drop_rows(&table, verbose);
		put_table(&table);
	}
	for (size_t i = 0; i < table.row_count; i++) {
		free(table.row[i].name);
	}
	free(table.row);
	put_servers(report, style, verbose, out);
	report_text_body(&report->report, style, verbose, out);
	put_alike(report, style, out);
}
