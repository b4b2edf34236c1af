/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Reads a zone file in pieces, so that memory does not grow with the file.
 *
 * A piece ends with a line. The scanner takes every piece for a whole file and
 * appends a newline: an empty line. Within parentheses that newline causes an
 * error, after which the scanner is where the piece ended, so that the next
 * piece continues the record. A newline after a backslash can belong to a name:
 * no piece ends there.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>
#include <libzscanner/scanner.h>

#include "badline.h"
#include "complain.h"

/*! Octets of a piece, few enough for the cache. */
#define BLOCK (256 * 1024)
/*! Octets of the longest line. */
#define LINE_MAX_SIZE (16 * 1024 * 1024)
/*! Files open at a time, each included by the one before. */
#define DEPTH_MAX 10
/*! TTL in seconds of records before any $TTL, as in the server. */
#define DEFAULT_TTL 3600
/*! Octets after which the scanner divides a text. */
#define STRING_MAX 255
/*! Octets at the beginning of a file in which an SOA record is looked for. */
#define HINT_MAX (1024 * 1024)

/*! One reading: a file and all that it includes. */
typedef struct {
	source_listener_t *listener;
	source_record_f record;
	void *context;
	unsigned flags;
	size_t block;  /*!< Octets of a piece. */
	uint64_t done; /*!< Octets read. */
	uint64_t all;  /*!< Octets of the files opened so far. */
	bool piped;    /*!< The size of a file is not known. */
	bool wrong;    /*!< A line was wrong. */
	int ret;       /*!< An error ends the reading. */
} scan_t;

/*! One file. */
typedef struct scan_file scan_file_t;
struct scan_file {
	scan_t *scan;
	const scan_file_t *parent; /*!< File with the $INCLUDE, or NULL. */
	unsigned depth;            /*!< 1 without a parent. */
	bool standard;             /*!< The standard input. */
	int fd;
	struct stat stat; /*!< Status after opening. */
	const char *path; /*!< As it was opened. */

	char *buffer;
	size_t size;  /*!< Octets of the buffer. */
	size_t used;  /*!< Octets in the buffer. */
	size_t piece; /*!< Octets of the piece that is parsed. */
	size_t mark;  /*!< Where in the piece the line \a mark_line begins. */
	uint64_t mark_line;
	bool eof;  /*!< The buffer holds the end of the file. */
	bool last; /*!< The buffer holds the last piece: an unfinished line, or nothing. */

	bool stepwise; /*!< The scanner stops at each record, because the piece can have an $INCLUDE. */
	bool fatal; /*!< An error has ended the file. */
	zs_scanner_t scanner;
};

static void scan_path(scan_t *scan, const scan_file_t *parent, const char *path, const char *origin,
                      uint32_t ttl);

/*! Does the scanner parse the newline that it has appended? */
static bool is_past_piece(const scan_file_t *file)
{
	return file->scanner.input.start != file->buffer;
}

static void on_record(zs_scanner_t *s)
{
	scan_file_t *file = s->process.data;
	scan_t *scan = file->scan;
	if (s->r_class != KNOT_CLASS_IN) {
		return;
	}
	scan->ret = scan->record(scan->context, &(caaudit_record_t){
							.owner = s->r_owner,
							.rdata = s->r_data,
							.ttl = s->r_ttl,
							.type = s->r_type,
							.rdlen = s->r_data_length,
							.file = file->path,
							.line = s->line_counter,
						});
	if (scan->ret != KNOT_EOK) {
		s->state = ZS_STATE_STOP;
	}
}

/*! Explains an error by the line that it stands in; empty if that is not known. */
static void explain(scan_file_t *file, char *out, size_t size)
{
	zs_scanner_t *s = &file->scanner;
	*out = '\0';
	// Errors come in the order of the lines.
	const char *end;
	while ((end = memchr(file->buffer + file->mark, '\n', file->piece - file->mark)) != NULL &&
	       file->mark_line < s->line_counter) {
		file->mark = end + 1 - file->buffer;
		file->mark_line++;
	}
	const char *line = file->buffer + file->mark;
	size_t len = (end != NULL ? end : file->buffer + file->piece) - line;
	// The scanner keeps the line from the wrong octet on, terminated. It counts no newline within
	// quotes, and then the line is another one.
	size_t rest = s->buffer_length > 0 ? s->buffer_length - 1 : 0;
	if (file->mark_line == s->line_counter && rest <= len &&
	    memcmp(line + len - rest, s->buffer, rest) == 0) {
		source_explain_line(s->error.code, line, len, out, size);
	}
}

static void on_error(zs_scanner_t *s)
{
	scan_file_t *file = s->process.data;
	if (is_past_piece(file) && !file->last) {
		return; // The parentheses go on in the next piece.
	}
	file->fatal = s->error.fatal;
	file->scan->wrong = true;
	const char *text = zs_strerror(s->error.code);
	bool unread = file->fatal && !is_past_piece(file);
	char more[256];
	explain(file, more, sizeof(more));
	source_complain(file->scan->listener, file->path, s->line_counter, "%s%s%s%s",
	                text != NULL ? text : "general scanner error", *more != '\0' ? ": " : "",
	                more, unread ? "; the rest of the file is not read" : "");
}

static void on_include(scan_file_t *file)
{
	zs_scanner_t *s = &file->scanner;
	// The scanner marks a directive as a fatal error until its end; this one has ended.
	s->error.fatal = false;
	if (!(file->scan->flags & SOURCE_INCLUDES)) {
		file->scan->wrong = true;
		source_complain(file->scan->listener, file->path, s->line_counter,
		                "$INCLUDE has no place here");
		return;
	}
	scan_path(file->scan, file, s->include_filename, (const char *)s->buffer, s->default_ttl);
}

/*! Can the octets hold an $INCLUDE? One without a newline is unfinished: the scanner drops it. */
static bool may_include(const char *data, size_t length)
{
	const char *end = memrchr(data, '\n', length);
	while (end != NULL && data < end && (data = memchr(data, '$', end - data)) != NULL) {
		data++;
		if (*data == 'i' || *data == 'I') {
			return true;
		}
	}
	return false;
}

/*! Undoes what the appended newline has done to the scanner. */
static void undo_newline(zs_scanner_t *s)
{
	if (!s->multiline) {
		s->line_counter--;
		return;
	}
	// With the error the scanner takes one line off its count. A newline within quotes has not
	// been counted before. A second newline has the same effect, which shows what to add.
	uint64_t line = s->line_counter;
	s->error.fatal = false;
	(void)zs_set_input_string(s, "", 0);
	(void)zs_parse_all(s);
	s->line_counter = line + (line - s->line_counter);
	s->error.fatal = false;
	// The scanner divides a long text, and may have done so for the newline.
	if (s->long_string && s->item_length_location == s->r_data + s->r_data_tail) {
		s->item_length_location -= 1 + STRING_MAX;
	}
}

/*! Parses the beginning of the buffer: whole lines, or all that is left of the file. */
static void parse_piece(scan_file_t *file, size_t length)
{
	zs_scanner_t *s = &file->scanner;
	file->piece = length;
	file->mark = 0;
	file->mark_line = s->line_counter;
	(void)zs_set_input_string(s, file->buffer, length);
	file->stepwise = may_include(file->buffer, length) ||
	                 (file->stepwise && s->multiline && length > 0);
	if (!file->stepwise) {
		(void)zs_parse_all(s);
	} else {
		// The scanner must not open included files: it would map them.
		s->process.automatic = false;
		while (file->scan->ret == KNOT_EOK && zs_parse_record(s) == 0 &&
		       s->state != ZS_STATE_EOF) {
			if (s->state == ZS_STATE_DATA) {
				on_record(s);
			} else if (s->state == ZS_STATE_INCLUDE) {
				on_include(file);
			} else {
				on_error(s);
			}
		}
	}

	if (is_past_piece(file) && !file->last) {
		undo_newline(s);
	}
}

/*! Fills the buffer from the file. */
static void fill(scan_file_t *file)
{
	scan_t *scan = file->scan;
	if (!source_go_on(scan->listener, scan->done, scan->piped ? 0 : scan->all)) {
		scan->ret = KNOT_ELIMIT;
		return;
	}
	while (file->used < file->size && !file->eof) {
		ssize_t ret = read(file->fd, file->buffer + file->used, file->size - file->used);
		if (ret > 0) {
			file->used += ret;
			scan->done += ret;
		} else if (ret == 0) {
			file->eof = true;
		} else if (errno != EINTR) {
			int code = errno;
			scan->ret = knot_map_errno_code(code);
			source_complain_errno(scan->listener, file->path, 0, "cannot read", code);
			return;
		}
	}
}

/*! Counts the octets up to the last newline that cannot belong to a name. */
static size_t whole_lines(const scan_file_t *file)
{
	const char *end = file->buffer + file->used;
	do {
		end = memrchr(file->buffer, '\n', end - file->buffer);
	} while (end != NULL && end > file->buffer && end[-1] == '\\');
	return end == NULL ? 0 : end - file->buffer + 1;
}

/*! Makes the buffer larger for a line that does not fit. */
static void grow(scan_file_t *file)
{
	scan_t *scan = file->scan;
	if (file->size >= LINE_MAX_SIZE) {
		scan->wrong = true;
		file->fatal = true;
		source_complain(scan->listener, file->path, file->scanner.line_counter,
		                "no end of this record within %u MiB; "
		                "the rest of the file is not read",
		                LINE_MAX_SIZE / 1024 / 1024);
		return;
	}
	char *buffer = realloc(file->buffer, 2 * file->size);
	if (buffer == NULL) {
		scan->ret = KNOT_ENOMEM;
		return;
	}
	file->buffer = buffer;
	file->size *= 2;
}

static void scan_file(scan_file_t *file)
{
	while (!file->last && !file->fatal) {
		fill(file);
		size_t length = whole_lines(file);
		if (file->scan->ret != KNOT_EOK) {
			return;
		} else if (length > 0 || file->eof) {
			file->last = length == 0;
			parse_piece(file, file->last ? file->used : length);
			file->used -= length;
			memmove(file->buffer, file->buffer + length, file->used);
		} else {
			grow(file);
		}
	}
}

/*!
 * \brief Opens a file.
 *
 * \return NULL or what is wrong; \a code is set if it is an errno, else 0.
 */
static const char *open_file(scan_file_t *file, int *code)
{
	const char *path = file->path;
	struct stat *st = &file->stat;

	// Opening a device can have effects, hence stat() first; a file that becomes a device or a
	// pipe afterwards does not block.
	file->standard = file->parent == NULL && strcmp(path, "-") == 0;
	bool ok = file->standard || stat(path, st) == 0;
	if (file->standard) {
		file->fd = STDIN_FILENO;
	} else if (ok && S_ISREG(st->st_mode)) {
		file->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
		ok = file->fd >= 0;
	}
	if (!ok || (file->fd >= 0 && fstat(file->fd, st) != 0)) {
		*code = errno;
		return "cannot open";
	}

	*code = 0;
	if (S_ISDIR(st->st_mode)) {
		return "cannot read (is a directory)";
	} else if (!file->standard && !S_ISREG(st->st_mode)) {
		return "not a regular file";
	}
	for (const scan_file_t *f = file->parent; f != NULL && S_ISREG(st->st_mode);
	     f = f->parent) {
		if (f->stat.st_dev == st->st_dev && f->stat.st_ino == st->st_ino) {
			return "a file cannot include itself";
		}
	}
	return NULL;
}

/*! Makes included files relative to the directory of this one. */
static int set_directory(scan_file_t *file)
{
	char *full = realpath(file->path, NULL);
	if (full == NULL) {
		return errno == ENOMEM ? KNOT_ENOMEM : KNOT_EOK;
	}
	char *slash = strrchr(full, '/');
	slash[slash == full ? 1 : 0] = '\0';
	free(file->scanner.path);
	file->scanner.path = full; // Freed with the scanner.
	return KNOT_EOK;
}

/*! Tells how a file has changed since it was opened, NULL if it has not. */
static const char *find_change(const scan_file_t *file)
{
	const struct stat *was = &file->stat;
	struct stat now;
	if (!S_ISREG(was->st_mode)) {
		return NULL;
	}
	if (fstat(file->fd, &now) != 0 || now.st_size != was->st_size ||
	    now.st_mtim.tv_sec != was->st_mtim.tv_sec ||
	    now.st_mtim.tv_nsec != was->st_mtim.tv_nsec) {
		return "changed while it was read";
	}
	if (!file->standard && (stat(file->path, &now) != 0 || now.st_dev != was->st_dev ||
	                        now.st_ino != was->st_ino)) {
		return "replaced while it was read";
	}
	return NULL;
}

/*! Complains about a file that cannot be read; an included one is an error in a line. */
static void refuse_file(scan_file_t *file, const char *what, int code)
{
	scan_t *scan = file->scan;
	const scan_file_t *parent = file->parent;
	if (parent == NULL) {
		scan->ret = code != 0 ? knot_map_errno_code(code) : KNOT_EFILE;
		source_complain_errno(scan->listener, file->path, 0, what, code);
		return;
	}
	char text[SOURCE_TEXT_MAX];
	(void)snprintf(text, sizeof(text), "$INCLUDE %s, %s", file->path, what);
	scan->wrong = true;
	source_complain_errno(scan->listener, parent->path, parent->scanner.line_counter, text,
	                      code);
}

/*! Opens, reads and checks one file. */
static void scan_open(scan_file_t *file, const char *origin, uint32_t ttl)
{
	scan_t *scan = file->scan;
	int code = 0;
	const char *what = file->depth > DEPTH_MAX ? "too many files within each other" :
	                                             open_file(file, &code);
	if (what == NULL && zs_init(&file->scanner, origin, KNOT_CLASS_IN, ttl) != 0) {
		what = zs_strerror(file->scanner.error.code);
	}
	if (what != NULL) {
		refuse_file(file, what, code);
		return;
	}
	if (scan->listener->opened != NULL) {
		scan->listener->opened(scan->listener, file->path);
	}
	(void)zs_set_processing(&file->scanner, on_record, on_error, file);
	file->size = scan->block;
	if (!S_ISREG(file->stat.st_mode)) {
		scan->piped = true;
	} else {
		scan->all += file->stat.st_size;
		// One octet more shows the end of the file.
		uint64_t size = (uint64_t)file->stat.st_size + 1;
		file->size = size < file->size ? size : file->size;
	}
	file->buffer = malloc(file->size);
	if (file->buffer == NULL || set_directory(file) != KNOT_EOK) {
		scan->ret = KNOT_ENOMEM;
		return;
	}

	scan_file(file);

	if (scan->ret == KNOT_EOK && (what = find_change(file)) != NULL) {
		scan->ret = KNOT_EBUSY;
		source_complain(scan->listener, file->path, 0, "%s", what);
	}
}

static void scan_path(scan_t *scan, const scan_file_t *parent, const char *path, const char *origin,
                      uint32_t ttl)
{
	scan_file_t *file = calloc(1, sizeof(*file));
	if (file == NULL) {
		scan->ret = KNOT_ENOMEM;
		return;
	}
	file->scan = scan;
	file->parent = parent;
	file->depth = parent == NULL ? 1 : parent->depth + 1;
	file->path = path;
	file->fd = -1;
	file->scanner.file.descriptor = -1; // Not to be closed by zs_deinit().
	scan_open(file, origin, ttl);
	zs_deinit(&file->scanner);
	free(file->buffer);
	if (file->fd >= 0 && !file->standard) {
		close(file->fd);
	}
	free(file);
}

int source_zonefile_blocks(source_listener_t *listener, const char *path, const knot_dname_t *zone,
                           unsigned flags, size_t block, source_record_f record, void *context)
{
	scan_t scan = {
		.listener = listener,
		.record = record,
		.context = context,
		.flags = flags,
		.block = block,
		.ret = KNOT_EOK,
	};
	knot_dname_txt_storage_t origin;
	if (knot_dname_to_str(origin, zone, sizeof(origin)) == NULL) {
		return KNOT_EINVAL;
	}
	scan_path(&scan, NULL, path, origin, DEFAULT_TTL);
	if (scan.ret == KNOT_ENOMEM) {
		source_complain(listener, path, 0, "not enough memory");
	}
	return scan.ret == KNOT_EOK && scan.wrong ? KNOT_EPARSEFAIL : scan.ret;
}

int source_zonefile(source_listener_t *listener, const char *path, const knot_dname_t *zone,
                    unsigned flags, source_record_f record, void *context)
{
	return source_zonefile_blocks(listener, path, zone, flags, BLOCK, record, context);
}

/* Tells whether a name stands twice, as where $ORIGIN is put behind one that has lost its final dot. */
static bool is_doubled(const knot_dname_t *name, size_t size)
{
	size_t half = size / 2;
	return size % 2 == 1 && half > 0 && memcmp(name, name + half, half) == 0 &&
	       name[0] < half - 1;
}

static int take_soa(void *context, const caaudit_record_t *record)
{
	if (record->type != KNOT_RRTYPE_SOA) {
		return KNOT_EOK;
	}
	source_soa_t *out = context;
	size_t size = knot_dname_size(record->owner);
	memcpy(out->owner, record->owner, size);
	knot_dname_to_lower(out->owner);
	out->line = record->line;
	out->relative = knot_dname_in_bailiwick(out->owner, PLACEHOLDER) >= 0;
	if (out->relative) {
		out->owner[size - PLACEHOLDER_SIZE] = 0;
	}
	if (!out->relative && is_doubled(out->owner, size)) {
		out->owner[size / 2] = 0;
		out->relative = true;
	}
	return KNOT_EEXIST;
}

static bool is_near_beginning(source_listener_t *self, uint64_t done, uint64_t all)
{
	(void)self;
	(void)all;
	return done < HINT_MAX;
}

bool source_find_soa(const char *path, source_soa_t *out)
{
	source_first_t first = { .listener = { .complain = source_keep_first,
		                               .go_on = is_near_beginning } };
	return strcmp(path, "-") != 0 &&
	       source_zonefile(&first.listener, path, PLACEHOLDER, SOURCE_INCLUDES, take_soa,
	                       out) == KNOT_EEXIST;
}
