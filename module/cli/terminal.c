/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Width, colours and line breaks of a terminal, and a progress line on it. */

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "terminal.h"

#define WIDTH_LEAST   20
#define WIDTH_DEFAULT 80

static unsigned terminal_width(int fd)
{
	const char *columns = getenv("COLUMNS");
	unsigned long width = columns != NULL ? strtoul(columns, NULL, 10) : 0;
	struct winsize size = { 0 };
	if (width == 0 && ioctl(fd, TIOCGWINSZ, &size) == 0) {
		width = size.ws_col;
	}
	if (width == 0 || width > 10000) {
		width = WIDTH_DEFAULT;
	}
	return width > WIDTH_LEAST ? width : WIDTH_LEAST;
}

style_t terminal_style(FILE *stream)
{
	int fd = fileno(stream);
	if (!isatty(fd)) {
		return (style_t){ 0 };
	}
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	return (style_t){
		.width = terminal_width(fd),
		.colour = (no_color == NULL || *no_color == '\0') && term != NULL &&
		          strcmp(term, "dumb") != 0,
	};
}

static void put_code(FILE *out, const style_t *style, look_t look)
{
	static const char *const code[] = {
		[LOOK_PLAIN] = "0", [LOOK_HEADING] = "1", [LOOK_GOOD] = "32",
		[LOOK_BAD] = "31",  [LOOK_CARE] = "33",   [LOOK_HINT] = "36",
	};
	if (style->colour) {
		fprintf(out, "\033[%sm", code[look]);
	}
}

void put_look(FILE *out, const style_t *style, look_t look, const char *text)
{
	put_code(out, style, look);
	fputs(text, out);
	put_code(out, style, LOOK_PLAIN);
}

void put_wrapped(FILE *out, const style_t *style, unsigned column, unsigned indent,
                 const char *text)
{
	put_wrapped_look(out, style, LOOK_PLAIN, column, indent, text);
}

void put_wrapped_look(FILE *out, const style_t *style, look_t look, unsigned column,
                      unsigned indent, const char *text)
{
	if (look != LOOK_PLAIN) {
		put_code(out, style, look);
	}
	if (style->width == 0 || column + strlen(text) <= style->width) {
		fputs(text, out);
		text = "";
	}

	/* Blanks before the first word are kept if the word fits. */
	size_t blanks = strspn(text, " ");
	while (*(text += strspn(text, " ")) != '\0') {
		size_t len = strcspn(text, " ");
		if (column + blanks + len > style->width && column > indent) {
			fprintf(out, "\n%*s", (int)indent, "");
			column = indent;
			blanks = 0;
		}
		fprintf(out, "%*s%.*s", (int)blanks, "", (int)len, text);
		column += blanks + len;
		text += len;
		blanks = 1;
	}
	if (look != LOOK_PLAIN) {
		put_code(out, style, LOOK_PLAIN);
	}
	fputc('\n', out);
}

#define PROGRESS_AFTER_MS 1000
#define PROGRESS_EVERY_MS 200

static struct {
	pthread_mutex_t lock;
	bool on;
	bool shown;
	uint64_t next;
	size_t zones;
	size_t zones_done;
} progress = { .lock = PTHREAD_MUTEX_INITIALIZER };

static uint64_t now_ms(void)
{
	struct timespec now = { 0 };
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void progress_start(size_t zones)
{
	progress.on = isatty(STDERR_FILENO);
	progress.next = now_ms() + PROGRESS_AFTER_MS;
	progress.zones = zones;
	progress.zones_done = 0;
}

static void clear_line(void)
{
	if (progress.shown) {
		fputs("\r\033[K", stderr);
		fflush(stderr);
		progress.shown = false;
	}
}

void progress_show(const char *zone, uint64_t done, uint64_t all)
{
	if (!progress.on) {
		return;
	}
	pthread_mutex_lock(&progress.lock);
	uint64_t now = now_ms();
	if (now >= progress.next) {
		progress.next = now + PROGRESS_EVERY_MS;
		char line[256];
		int len = 0;
		if (progress.zones > 1) {
			len = snprintf(line, sizeof(line), "zone %zu of %zu, ",
			               progress.zones_done + 1, progress.zones);
		}
		if (all > 0) {
			snprintf(line + len, sizeof(line) - len, "%3.0f %% of %s",
			         100.0 * (double)done / (double)all, zone);
		} else {
			snprintf(line + len, sizeof(line) - len, "%" PRIu64 " read of %s", done,
			         zone);
		}
		clear_line();
		fprintf(stderr, "%.*s", (int)terminal_width(STDERR_FILENO) - 1, line);
		fflush(stderr);
		progress.shown = true;
	}
	pthread_mutex_unlock(&progress.lock);
}

void progress_zone_done(void)
{
	pthread_mutex_lock(&progress.lock);
	progress.zones_done++;
	pthread_mutex_unlock(&progress.lock);
}

void progress_clear(void)
{
	pthread_mutex_lock(&progress.lock);
	clear_line();
	pthread_mutex_unlock(&progress.lock);
}
