/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The scanner can be fed piece by piece, but whenever it runs out of input it
 * takes the input for complete and appends a newline. So a piece must go on
 * beyond the next record, of which nobody knows the length before it is parsed.
 * Here the buffer is parsed until only a reserve is left, which is carried over
 * to the next piece. If the scanner ran out of input nevertheless, a saved copy
 * of it goes back to the last record, and the buffer grows.
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

#include "complain.h"
#include "master.h"

/*! Most octets of one record with the comments before it. RDATA takes 256 kB at most. */
#define BLOCK_MAX (16 * 1024 * 1024)
/*! The part of a block that is kept as reserve, 1/n. */
#define RESERVE 8
/*! Records parsed in one go, a matter of speed; they should fit into the reserve. */
#define BURST 16
/*! Files that may be open at a time. */
#define DEPTH_MAX 10
/*! TTL of records before any $TTL, as in the server. */
#define DEFAULT_TTL 3600

/*! All the files of one zone. */
typedef struct {
	caaudit_reader_t *reader;
	caaudit_source_sink_t *sink;
	size_t block;  /*!< Octets read at once. */
	uint64_t done; /*!< Octets read. */
	uint64_t all;  /*!< Octets of the files opened so far. */
	bool piped;    /*!< A file has no size. */
	bool wrong;    /*!< A line was wrong. */
	int ret;       /*!< Not KNOT_EOK ends the reading. */
} input_t;

/*! One file. */
typedef struct file file_t;
struct file {
	input_t *input;
	const file_t *parent; /*!< File with the $INCLUDE, or NULL. */
	const char *path;
	unsigned depth;
	bool standard; /*!< The standard input. */
	int fd;
	struct stat stat; /*!< Status when the file was opened. */
	uint64_t octets;  /*!< Octets read. */

	char *buffer;
	size_t size; /*!< Size of the buffer. */
	size_t used; /*!< Octets in the buffer. */
	bool eof;    /*!< The file has no more than these. */
	bool fatal;  /*!< An error that the scanner does not get over. */

	const char *include; /*!< The last thing in the buffer that may be an $INCLUDE, or NULL. */

	int burst;           /*!< Records to go in this burst, negative if it had to go on. */
	uint64_t events;     /*!< Records, errors and $INCLUDEs since \a saved. */
	zs_scanner_t *saved; /*!< Scanner at the beginning of the buffer, NULL if not needed yet. */
	zs_scanner_t scanner;
};

typedef enum {
	STEP_MORE,  /*!< There may be more in the buffer. */
	STEP_SHORT, /*!< The buffer ended too early, what came of it is void. */
	STEP_END,   /*!< End of the file, or no way on. */
} step_t;

static void read_file(input_t *input, const file_t *parent, const char *path, const char *origin,
                      uint32_t ttl);

/*! Tells whether the scanner has taken an end of the buffer for the end of the file. */
static bool out_of_input(const file_t *file)
{
	return file->scanner.input.start != file->buffer;
}

/*! Inlined where most records come from, which saves a good part of its own instructions. */
static inline __attribute__((always_inline)) void push(file_t *file)
{
	const zs_scanner_t *s = &file->scanner;

	file->events++;
	if (s->r_class != KNOT_CLASS_IN) {
		return;
	}

	input_t *input = file->input;
	const char *why = NULL;
	input->sink->line = s->line_counter;
	int ret = input->sink->record(input->sink, s->r_owner, s->r_type, s->r_ttl, s->r_data,
	                              s->r_data_length, &why);
	if (why != NULL) {
		input->wrong = true;
		caaudit_source_complain(input->reader, file->path, s->line_counter, "%s", why);
	}
	if (ret != KNOT_EOK) {
		input->ret = ret;
	}
}

static void wrong_line(file_t *file)
{
	const zs_scanner_t *s = &file->scanner;

	file->events++;
	file->fatal = s->error.fatal;
	file->input->wrong = true;

	const char *text = zs_strerror(s->error.code);
	bool last = file->fatal && !out_of_input(file);
	caaudit_source_complain(file->input->reader, file->path, s->line_counter, "%s%s",
	                        text != NULL ? text : "general scanner error",
	                        last ? "; the rest of the file is not read" : "");
}

static void record_cb(zs_scanner_t *s)
{
	file_t *file = s->process.data;
	if (out_of_input(file) && !file->eof) {
		return;
	}

	push(file);
	file->burst--;
	// A parenthesis that is still open belongs to the record.
	if ((file->burst <= 0 && !s->multiline) || file->input->ret != KNOT_EOK) {
		s->state = ZS_STATE_STOP;
	}
}

static void error_cb(zs_scanner_t *s)
{
	file_t *file = s->process.data;
	if (out_of_input(file) && !file->eof) {
		return;
	}

	wrong_line(file);
}

/*! Parses some records, fast, but $INCLUDE would be mapped by the scanner. */
static step_t step_burst(file_t *file)
{
	zs_scanner_t *s = &file->scanner;

	file->burst = BURST;
	s->state = ZS_STATE_NONE;
	(void)zs_parse_all(s);

	if (file->input->ret != KNOT_EOK || file->fatal) {
		return STEP_END;
	} else if (s->state != ZS_STATE_STOP) {
		return file->eof ? STEP_END : STEP_SHORT;
	}

	// The newline of the last record has been taken, but not been counted.
	s->line_counter++;

	return STEP_MORE;
}

/*! Parses one record or directive. */
static step_t step_single(file_t *file)
{
	zs_scanner_t *s = &file->scanner;

	s->process.automatic = false;
	(void)zs_parse_record(s);

	if (out_of_input(file) && !file->eof) {
		return STEP_SHORT;
	}

	switch (s->state) {
	case ZS_STATE_DATA:
		push(file);
		break;
	case ZS_STATE_ERROR:
		wrong_line(file);
		if (file->fatal) {
			return STEP_END;
		}
		break;
	case ZS_STATE_INCLUDE:
		file->events++;
		// Every directive begins as a fatal error, and this one was not taken back.
		s->error.fatal = false;
		if (file->input->sink->alone) {
			file->input->wrong = true;
			caaudit_source_complain(file->input->reader, file->path, s->line_counter,
			                        "$INCLUDE has no place here");
			break;
		}
		read_file(file->input, file, s->include_filename, (const char *)s->buffer,
		          s->default_ttl);
		break;
	default:
		return STEP_END;
	}

	return file->input->ret == KNOT_EOK ? STEP_MORE : STEP_END;
}

static void set_input(file_t *file, size_t length)
{
	(void)zs_set_input_string(&file->scanner, file->buffer, length);
}

/*! Makes a way back; a file that is in the buffer as a whole needs none, and most files are. */
static bool save_scanner(file_t *file)
{
	if (file->saved == NULL) {
		file->saved = malloc(sizeof(*file->saved));
	}
	if (file->saved == NULL) {
		file->input->ret = KNOT_ENOMEM;
		return false;
	}
	memcpy(file->saved, &file->scanner, sizeof(*file->saved));
	return true;
}

/*! Goes back to where the last record, error or $INCLUDE ended. */
static void rewind_scanner(file_t *file)
{
	zs_scanner_t *s = &file->scanner;

	memcpy(s, file->saved, sizeof(*s));
	set_input(file, file->used);
	s->process.automatic = false;
	for (uint64_t i = 0; i < file->events; i++) {
		(void)zs_parse_record(s);
		if (s->state == ZS_STATE_INCLUDE) {
			s->error.fatal = false;
		}
	}
}

/*! Drops what has been parsed from the buffer. */
static void drop_parsed(file_t *file)
{
	const zs_scanner_t *s = &file->scanner;

	file->used = s->input.end - s->input.current;
	memmove(file->buffer, s->input.current, file->used);
}

/*!
 * Finds the last thing that may be an $INCLUDE. One without a newline is none: the scanner drops an
 * unfinished directive at the end of a file.
 */
static const char *find_include(const char *data, size_t length)
{
	const char *found = NULL;
	const char *end = memrchr(data, '\n', length);
	while (end != NULL && data < end && (data = memchr(data, '$', end - data)) != NULL) {
		data++;
		if (*data == 'i' || *data == 'I') {
			found = data;
		}
	}

	return found;
}

/*! Fills the buffer from the file. */
static void fill(file_t *file)
{
	input_t *input = file->input;

	if (!caaudit_source_go_on(input->reader, input->done, input->piped ? 0 : input->all)) {
		input->ret = KNOT_ELIMIT;
		return;
	}

	while (file->used < file->size && !file->eof) {
		ssize_t ret = read(file->fd, file->buffer + file->used, file->size - file->used);
		if (ret > 0) {
			file->used += ret;
			file->octets += ret;
			input->done += ret;
		} else if (ret == 0) {
			file->eof = true;
		} else if (errno != EINTR) {
			int code = errno;
			input->ret = knot_map_errno_code(code);
			caaudit_source_complain_errno(input->reader, file->path, 0, "cannot read",
			                              code);
			return;
		}
	}

	file->include = find_include(file->buffer, file->used);
}

/*!
 * \brief Lets the scanner take lines without a record at the beginning of the buffer.
 *
 * \return True if there were some.
 */
static bool skip_comments(file_t *file)
{
	zs_scanner_t *s = &file->scanner;
	if (s->multiline) {
		return false;
	}

	size_t length = 0;
	for (size_t i = 0; i < file->used; i++) {
		if (file->buffer[i] == ';') {
			const char *end = memchr(file->buffer + i, '\n', file->used - i);
			if (end == NULL) {
				break;
			}
			i = end - file->buffer;
		}
		if (file->buffer[i] == '\n') {
			length = i + 1;
		} else if (file->buffer[i] != ' ' && file->buffer[i] != '\t') {
			break;
		}
	}
	if (length == 0) {
		return false;
	}

	set_input(file, length);
	s->process.automatic = false;
	(void)zs_parse_record(s);
	s->line_counter--; // The newline that the scanner has appended.

	file->used -= length;
	memmove(file->buffer, file->buffer + length, file->used);

	return true;
}

/*! Makes the buffer larger, for a record that does not fit. */
static void grow(file_t *file)
{
	input_t *input = file->input;

	if (file->size >= BLOCK_MAX) {
		input->wrong = true;
		file->eof = true;
		file->used = 0;
		caaudit_source_complain(input->reader, file->path, file->scanner.line_counter,
		                        "no end of this record within %u MiB; "
		                        "the rest of the file is not read",
		                        BLOCK_MAX / 1024 / 1024);
		return;
	}

	size_t size = 2 * file->size;
	char *buffer = realloc(file->buffer, size);
	if (buffer == NULL) {
		input->ret = KNOT_ENOMEM;
		return;
	}
	file->buffer = buffer;
	file->size = size;
}

static void parse_file(file_t *file)
{
	zs_scanner_t *s = &file->scanner;
	input_t *input = file->input;

	while (true) {
		fill(file);
		if (input->ret != KNOT_EOK || file->used == 0) {
			return;
		}

		set_input(file, file->used);
		if (!file->eof && !save_scanner(file)) {
			return;
		}
		file->events = 0;

		step_t step = STEP_MORE;
		size_t reserve = file->size / RESERVE;
		while (step == STEP_MORE) {
			if (!file->eof && (size_t)(s->input.end - s->input.current) <= reserve) {
				break;
			}
			bool include = !out_of_input(file) && file->include != NULL &&
			               s->input.current <= file->include;
			step = include ? step_single(file) : step_burst(file);
		}

		switch (step) {
		case STEP_MORE:
			drop_parsed(file);
			break;
		case STEP_SHORT:
			rewind_scanner(file);
			drop_parsed(file);
			if (file->events == 0 && !skip_comments(file)) {
				grow(file);
			}
			break;
		case STEP_END:
			return;
		}
	}
}

/*!
 * \brief Opens a file.
 *
 * \return NULL or what is wrong; \a code is set if it is an errno.
 */
static const char *open_file(file_t *file, int *code)
{
	bool pipe = !file->input->sink->alone;
	*code = 0;
	file->standard = file->parent == NULL && strcmp(file->path, "-") == 0;

	if (file->standard) {
		file->fd = STDIN_FILENO;
	} else {
		// To open a device may do things, so look before.
		if (stat(file->path, &file->stat) != 0) {
			*code = errno;
			return "cannot open";
		}
		if (S_ISREG(file->stat.st_mode) || (pipe && S_ISFIFO(file->stat.st_mode))) {
			file->fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
			if (file->fd < 0) {
				*code = errno;
				return "cannot open";
			}
		}
	}

	if (file->fd >= 0 && fstat(file->fd, &file->stat) != 0) {
		*code = errno;
		return "cannot open";
	}

	mode_t mode = file->stat.st_mode;
	if (S_ISDIR(mode)) {
		return "cannot read (is a directory)";
	} else if (!file->standard && !S_ISREG(mode) && !(pipe && S_ISFIFO(mode))) {
		return pipe ? "neither a regular file nor a pipe" : "not a regular file";
	}

	for (const file_t *f = file->parent; f != NULL && S_ISREG(mode); f = f->parent) {
		if (f->stat.st_dev == file->stat.st_dev && f->stat.st_ino == file->stat.st_ino) {
			return "a file cannot include itself";
		}
	}

	return NULL;
}

/*! Makes included files relative to the directory of this one. */
static int set_directory(file_t *file)
{
	char *full = realpath(file->path, NULL);
	if (full == NULL) {
		return errno == ENOMEM ? KNOT_ENOMEM : KNOT_EOK;
	}

	char *slash = strrchr(full, '/');
	if (slash == NULL) {
		free(full);
		return KNOT_EOK;
	}
	slash[slash == full ? 1 : 0] = '\0';

	free(file->scanner.path);
	file->scanner.path = full; // Freed with the scanner.

	return KNOT_EOK;
}

/*! Tells how a file has changed since it was opened, NULL if it has not. */
static const char *changed(const file_t *file)
{
	if (!S_ISREG(file->stat.st_mode)) {
		return NULL;
	}

	struct stat now;
	if (fstat(file->fd, &now) != 0 || now.st_size != file->stat.st_size ||
	    now.st_mtim.tv_sec != file->stat.st_mtim.tv_sec ||
	    now.st_mtim.tv_nsec != file->stat.st_mtim.tv_nsec) {
		return "changed while it was read";
	}

	if (!file->standard && (stat(file->path, &now) != 0 || now.st_dev != file->stat.st_dev ||
	                        now.st_ino != file->stat.st_ino)) {
		return "replaced while it was read";
	}

	return NULL;
}

/*! Complains about a file that cannot be read; included ones are a mistake in a line. */
static void wrong_file(file_t *file, const char *what, int code)
{
	input_t *input = file->input;
	const file_t *parent = file->parent;

	if (parent == NULL) {
		input->ret = code != 0 ? knot_map_errno_code(code) : KNOT_EFILE;
		caaudit_source_complain_errno(input->reader, file->path, 0, what, code);
	} else {
		char text[SOURCE_TEXT_MAX];
		(void)snprintf(text, sizeof(text), "$INCLUDE %s, %s", file->path, what);
		input->wrong = true;
		caaudit_source_complain_errno(input->reader, parent->path,
		                              parent->scanner.line_counter, text, code);
	}
}

static void free_file(file_t *file)
{
	zs_deinit(&file->scanner);
	free(file->saved);
	free(file->buffer);
	if (file->fd >= 0 && !file->standard) {
		close(file->fd);
	}
	free(file);
}

static void read_file(input_t *input, const file_t *parent, const char *path, const char *origin,
                      uint32_t ttl)
{
	file_t *file = calloc(1, sizeof(*file));
	if (file == NULL) {
		input->ret = KNOT_ENOMEM;
		return;
	}
	file->input = input;
	file->parent = parent;
	file->path = path;
	file->depth = parent == NULL ? 1 : parent->depth + 1;
	file->fd = -1;
	file->scanner.file.descriptor = -1; // Not to be closed by zs_deinit().

	if (file->depth > DEPTH_MAX) {
		wrong_file(file, "too many files within each other", 0);
		free_file(file);
		return;
	}

	int code;
	const char *what = open_file(file, &code);
	if (what != NULL) {
		wrong_file(file, what, code);
		free_file(file);
		return;
	}
	if (S_ISREG(file->stat.st_mode)) {
		input->all += file->stat.st_size;
	} else {
		input->piped = true;
	}

	if (zs_init(&file->scanner, origin, KNOT_CLASS_IN, ttl) != 0) {
		wrong_file(file, zs_strerror(file->scanner.error.code), 0);
		free_file(file);
		return;
	}
	(void)zs_set_processing(&file->scanner, record_cb, error_cb, file);

	// One octet more shows the end of the file.
	bool small = S_ISREG(file->stat.st_mode) && (uint64_t)file->stat.st_size < input->block;
	file->size = small ? (size_t)file->stat.st_size + 1 : input->block;
	file->buffer = malloc(file->size);
	if (file->buffer == NULL || set_directory(file) != KNOT_EOK) {
		input->ret = KNOT_ENOMEM;
		free_file(file);
		return;
	}

	parse_file(file);

	if (input->ret == KNOT_EOK && (what = changed(file)) != NULL) {
		input->ret = KNOT_EBUSY;
		caaudit_source_complain(input->reader, file->path, 0, "%s", what);
	}

	free_file(file);
}

int caaudit_source_scan(caaudit_reader_t *reader, const char *path, const knot_dname_t *origin,
                        size_t block, caaudit_source_sink_t *sink)
{
	input_t input = { .reader = reader, .sink = sink, .block = block, .ret = KNOT_EOK };

	knot_dname_txt_storage_t text;
	if (knot_dname_to_str(text, origin, sizeof(text)) == NULL) {
		return KNOT_EINVAL;
	}

	read_file(&input, NULL, path, text, DEFAULT_TTL);
	if (input.ret == KNOT_ENOMEM) {
		caaudit_source_complain(reader, path, 0, "not enough memory");
	}

	return input.ret == KNOT_EOK && input.wrong ? KNOT_EPARSEFAIL : input.ret;
}

/*! Fills a view. */
typedef struct {
	caaudit_source_sink_t sink;
	caaudit_view_t *view;
} view_sink_t;

static int view_record(caaudit_source_sink_t *self, const knot_dname_t *owner, uint16_t type,
                       uint32_t ttl, const uint8_t *rdata, uint16_t rdlen, const char **why)
{
	(void)why;
	const view_sink_t *sink = (const view_sink_t *)self;
	return caaudit_view_add(sink->view, &(caaudit_record_t){ owner, rdata, ttl, type, rdlen });
}

int caaudit_source_read_file(caaudit_reader_t *reader, const char *path, caaudit_view_t *view,
                             size_t block)
{
	view_sink_t sink = { .sink = { .record = view_record }, .view = view };
	int ret = caaudit_source_scan(reader, path, caaudit_view_zone(view), block, &sink.sink);
	if (ret != KNOT_EOK && ret != KNOT_EPARSEFAIL) {
		return ret;
	}

	int finish = caaudit_source_finish(reader, path, view);

	return finish == KNOT_EOK ? ret : finish;
}

int caaudit_read_zonefile(caaudit_reader_t *reader, const char *path, caaudit_view_t *view)
{
	return caaudit_source_read_file(reader, path, view, CAAUDIT_SOURCE_BLOCK);
}

/*! Looks for the SOA record. */
typedef struct {
	caaudit_source_sink_t sink;
	uint8_t *owner;
	bool found;
} soa_sink_t;

static int soa_record(caaudit_source_sink_t *self, const knot_dname_t *owner, uint16_t type,
                      uint32_t ttl, const uint8_t *rdata, uint16_t rdlen, const char **why)
{
	(void)ttl;
	(void)rdata;
	(void)rdlen;
	(void)why;
	soa_sink_t *sink = (soa_sink_t *)self;
	if (type != KNOT_RRTYPE_SOA) {
		return KNOT_EOK;
	}
	memcpy(sink->owner, owner, knot_dname_size(owner));
	sink->found = true;
	return KNOT_ELIMIT;
}

static void ignore(caaudit_reader_t *self, const char *file, uint64_t line, const char *what)
{
	(void)self;
	(void)file;
	(void)line;
	(void)what;
}

/*! It comes first, or near the beginning. */
static bool only_once(caaudit_reader_t *self, uint64_t done, uint64_t all)
{
	(void)self;
	(void)all;
	return done == 0;
}

bool caaudit_find_soa(const char *path, const knot_dname_t *origin, knot_dname_storage_t owner)
{
	caaudit_reader_t reader = { .complain = ignore, .go_on = only_once };
	soa_sink_t sink = { .sink = { .record = soa_record, .alone = true }, .owner = owner };
	if (strcmp(path, "-") != 0) { // The standard input is used up.
		(void)caaudit_source_scan(&reader, path, origin, CAAUDIT_SOURCE_BLOCK, &sink.sink);
	}
	return sink.found;
}
