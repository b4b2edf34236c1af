/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * The input is all that "caaudit check" reads: a command line and files. The
 * command runs in this process, from its options to its exit code, and what it
 * prints must be whole and safe.
 *
 * Lines up to the first empty one are the command line, an option each: a
 * letter of the table below and its argument. "z" is an operand. The rest are
 * the files, separated by the octet 0x1c, in the order of the list below.
 *
 * Nothing else can be opened: names are looked up by their last part among
 * those files, wherever the command takes them from ($INCLUDE, the options, a
 * configuration). The linker puts these functions between (--wrap).
 */

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>
#include <libknot/descriptor.h>
#include <libknot/errcode.h>
#include <libknot/yparser/yparser.h>
#include <libzscanner/scanner.h>

/* clang's is in a package of its own: the corpus is replayed without, too. */
#if __has_include(<sanitizer/asan_interface.h>)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)(address), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)(address), (void)(size))
#endif

#include "fuzz.h"

#include "commands.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WORDS_MAX    40
#define SEPARATOR    '\x1c'
#define NOW          "1700000000"

/*! The files in the order of the input. */
static const char *const names[] = {
	"example.com.zone", "more", "validations", "knot.conf", "sub.zone",
};

/*! Options by letter; those that would reach out of this process have none. */
static const struct {
	char letter;
	bool argument;
	const char *name;
} options[] = {
	{ 'o', true, "--origin" },
	{ 'c', true, "--ca" },
	{ 'h', true, "--host" },
	{ 'W', false, "--no-wildcard" },
	{ 'S', false, "--strict" },
	{ 'v', true, "--validation" },
	{ 'f', true, "--validation-file" },
	{ 'a', true, "--account-uri" },
	{ 'm', true, "--validation-method" },
	{ 'd', true, "--ds" },
	{ 't', true, "--trust-anchor" },
	{ 'r', true, "--rrsig-warning" },
	{ 'n', true, "--now" },
	{ 'k', true, "--config" },
	{ 'j', true, "--format" },
	{ 'x', true, "--fix" },
	{ 'e', true, "--fail-on" },
	{ 'F', false, "--force" },
	{ 'q', false, "--quiet" },
	{ 'V', false, "--verbose" },
};

/* --- The files ----------------------------------------------------------------------------------- */

/*! Memory behind a file name that the kernel knows. */
static struct {
	int fd;
	size_t len;
	char path[64];
} files[COUNT(names)];

static bool confined; /*!< The command is running. */
static bool terminal; /*!< It is told so. */

static void files_make(void)
{
	if (files[0].path[0] != '\0') {
		return;
	}
	for (size_t i = 0; i < COUNT(names); i++) {
		files[i].fd = memfd_create(names[i], MFD_CLOEXEC);
		REQUIRE(files[i].fd >= 0);
		snprintf(files[i].path, sizeof(files[i].path), "/proc/self/fd/%d", files[i].fd);
	}

	// Only what goes through the functions below is confined.
	struct stat info;
	confined = true;
	int fd = open(names[0], O_RDONLY | O_CLOEXEC);
	FILE *file = fopen(names[0], "re");
	REQUIRE(fd >= 0 && file != NULL && stat(names[0], &info) == 0);
	REQUIRE(access("/", F_OK) != 0 && access(names[0], F_OK) == 0);
	confined = false;
	fclose(file);
	close(fd);
}

static void files_fill(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		const uint8_t *end = size > 0 ? memchr(data, SEPARATOR, size) : NULL;
		size_t len = end != NULL ? (size_t)(end - data) : size;
		REQUIRE(len == 0 || pwrite(files[i].fd, data, len, 0) == (ssize_t)len);
		REQUIRE(files[i].len <= len || ftruncate(files[i].fd, len) == 0);
		files[i].len = len;
		data += len;
		size -= len;
		if (size > 0) {
			data++;
			size--;
		}
	}
}

/*! The file that a path leads to, or -1. */
static int inside(const char *path)
{
	const char *base = strrchr(path, '/');
	base = base != NULL ? base + 1 : path;
	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(names[i], base) == 0) {
			return (int)i;
		}
	}
	errno = ENOENT;
	return -1;
}

/*! Opens one without a look at its path; what is open already has been read to the end. */
static int reopen(int file)
{
	int fd = file < 0 ? -1 : fcntl(files[file].fd, F_DUPFD_CLOEXEC, 0);
	REQUIRE(fd < 0 || lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

#define WRAP(type, name, ...)                                                                      \
	type __real_##name(__VA_ARGS__);                                                           \
	type __wrap_##name(__VA_ARGS__);                                                           \
	type __wrap_##name(__VA_ARGS__)

/* None of what is wrapped creates a file: there is no mode. */
WRAP(int, open64, const char *path, int flags)
{
	return confined ? reopen(inside(path)) : __real_open64(path, flags);
}

WRAP(int, stat64, const char *path, struct stat *out)
{
	int file = confined ? inside(path) : 0;
	return !confined ? __real_stat64(path, out) : file < 0 ? -1 : fstat(files[file].fd, out);
}

WRAP(FILE *, fopen64, const char *path, const char *mode)
{
	if (!confined) {
		return __real_fopen64(path, mode);
	}
	int fd = reopen(inside(path));
	return fd < 0 ? NULL : fdopen(fd, "r");
}

WRAP(int, access, const char *path, int mode)
{
	return !confined ? __real_access(path, mode) : inside(path) < 0 ? -1 : 0;
}

WRAP(int, yp_set_input_file, yp_parser_t *parser, const char *path)
{
	int file = confined ? inside(path) : 0;
	if (!confined || file < 0) {
		return confined ? KNOT_ENOENT : __real_yp_set_input_file(parser, path);
	}
	int ret = __real_yp_set_input_file(parser, files[file].path);
	if (ret == KNOT_EOK) {
		// The name is freed with the parser, and included files are beside it.
		free(parser->file.name);
		parser->file.name = strdup(path);
		REQUIRE(parser->file.name != NULL);
	}
	return ret;
}

WRAP(int, glob64, const char *pattern, int flags, int (*error)(const char *, int), glob_t *out)
{
	if (!confined) {
		return __real_glob64(pattern, flags, error, out);
	}
	out->gl_pathc = access(pattern, F_OK) == 0 ? 1 : 0;
	if (out->gl_pathc == 0) {
		return GLOB_NOMATCH;
	}
	out->gl_pathv = calloc(2, sizeof(*out->gl_pathv));
	REQUIRE(out->gl_pathv != NULL);
	out->gl_pathv[0] = strdup(pattern);
	return 0;
}

WRAP(void, globfree64, glob_t *found)
{
	if (!confined) {
		__real_globfree64(found);
	} else if (found->gl_pathc > 0) {
		free(found->gl_pathv[0]);
		free(found->gl_pathv);
	}
}

WRAP(int, isatty, int fd)
{
	return confined ? terminal : __real_isatty(fd);
}

/* --- Memory -------------------------------------------------------------------------------------- */

/*
 * A scanner is so large that AddressSanitizer asks the kernel for each, and its
 * pages take longer than all the rest. Here they are used again; what lies
 * behind a block, and blocks that are free, cannot be touched either.
 */
#define BLOCKS      16
#define BLOCK_LEAST (128 * 1024)
#define BLOCK_MOST  (256 * 1024)

static struct {
	_Alignas(64) uint8_t data[BLOCK_MOST];
	bool taken;
} block[BLOCKS];

static void *block_take(size_t size)
{
	for (size_t i = 0; confined && i < BLOCKS; i++) {
		if (!block[i].taken) {
			block[i].taken = true;
			ASAN_UNPOISON_MEMORY_REGION(block[i].data, size);
			ASAN_POISON_MEMORY_REGION(block[i].data + size, BLOCK_MOST - size);
			return block[i].data;
		}
	}
	return NULL;
}

WRAP(void *, malloc, size_t size)
{
	void *memory = size > BLOCK_LEAST && size < BLOCK_MOST ? block_take(size) : NULL;
	return memory != NULL ? memory : __real_malloc(size);
}

WRAP(void *, calloc, size_t count, size_t size)
{
	void *memory = count == 1 && size > BLOCK_LEAST && size < BLOCK_MOST ? block_take(size) :
	                                                                       NULL;
	return memory != NULL ? memset(memory, 0, size) : __real_calloc(count, size);
}

WRAP(void, free, void *memory)
{
	size_t offset = (uintptr_t)memory - (uintptr_t)block;
	if (offset >= sizeof(block)) {
		__real_free(memory);
		return;
	}
	size_t i = offset / sizeof(block[0]);
	REQUIRE(memory == block[i].data && block[i].taken);
	block[i].taken = false;
	ASAN_POISON_MEMORY_REGION(block[i].data, BLOCK_MOST);
}

/*! A block that is not freed is a leak. */
static void check_blocks(void)
{
	for (size_t i = 0; i < BLOCKS; i++) {
		REQUIRE(!block[i].taken);
	}
}

/* --- The command line ---------------------------------------------------------------------------- */

typedef struct {
	char *word[2 * WORDS_MAX + 8];
	int count;
	char text[1024]; /*!< Holds the words. */
	size_t used;
} line_t;

static void line_add(line_t *line, const char *word, size_t len)
{
	if (line->used + len + 1 > sizeof(line->text) ||
	    line->count >= (int)COUNT(line->word) - 1) {
		return;
	}
	char *copy = line->text + line->used;
	memcpy(copy, word, len);
	copy[len] = '\0';
	line->used += len + 1;
	line->word[line->count++] = copy;
}

static void line_option(line_t *line, const char *text, size_t len)
{
	for (size_t i = 0; i < COUNT(options); i++) {
		if (text[0] != options[i].letter) {
			continue;
		}
		line_add(line, options[i].name, strlen(options[i].name));
		if (options[i].argument) {
			size_t skip = len > 1 && text[1] == ' ' ? 2 : 1;
			line_add(line, text + skip, len - skip);
		}
	}
}

/*! Takes the command line from the input; returns what it has taken. */
static size_t line_take(line_t *line, const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size;
	line_t operands = { .count = 0 };
	bool configured = false;
	terminal = false;
	line_add(line, "check", 5);
	line_add(line, "--now", 5);
	line_add(line, NOW, strlen(NOW));
	for (unsigned words = 0; text < end && words < WORDS_MAX; words++) {
		const char *newline = memchr(text, '\n', end - text);
		size_t len = newline != NULL ? newline - text : end - text;
		if (len == 0) {
			text++;
			break;
		}
		if (text[0] == 'z' && !(len == 3 && text[2] == '-') && len > 2) {
			line_add(&operands, text + 2, len - 2);
		} else if (text[0] == 'T') {
			char columns[8];
			snprintf(columns, sizeof(columns), "%.*s", (int)len - 1, text + 1);
			setenv("COLUMNS", columns, 1);
			setenv("TERM", "xterm", 1);
			terminal = true;
		} else {
			configured = configured || text[0] == 'k';
			line_option(line, text, len);
		}
		text += newline != NULL ? len + 1 : len;
	}
	if (operands.count == 0 && !configured) {
		line_add(&operands, names[0], strlen(names[0]));
	}
	line_add(line, "--", 2);
	for (int i = 0; i < operands.count; i++) {
		line_add(line, operands.word[i], strlen(operands.word[i]));
	}
	line->word[line->count] = NULL;
	return text - (const char *)data;
}

/* --- What holds for every input ------------------------------------------------------------------ */

/*! A stream in memory. */
typedef struct {
	char *text;
	size_t len;
	FILE *file;
} stream_t;

static void stream_open(stream_t *stream)
{
	stream->file = open_memstream(&stream->text, &stream->len);
	REQUIRE(stream->file != NULL);
}

/*! No octet steers a terminal but the colours, if there may be any. */
static void check_safe(const stream_t *stream)
{
	const unsigned char *text = (const unsigned char *)stream->text;
	for (size_t i = 0; i < stream->len; i++) {
		if (terminal && text[i] == '\033') {
			REQUIRE(text[++i] == '[');
			i += 1 + strspn(stream->text + i + 1, "0123456789");
			REQUIRE(text[i] == 'm');
			continue;
		}
		REQUIRE(text[i] == '\n' || (text[i] >= 0x20 && text[i] != 0x7f));
		REQUIRE(text[i] != 0xc2 || text[i + 1] >= 0xa0);
	}
	REQUIRE(stream->len == 0 || text[stream->len - 1] == '\n');
}

static void check_complaints(const stream_t *err)
{
	static const char name[] = "caaudit: ";
	check_safe(err);
	for (const char *line = err->text; *line != '\0'; line = strchr(line, '\n') + 1) {
		REQUIRE(strncmp(line, name, strlen(name)) == 0);
		REQUIRE(line[strlen(name)] != '\n');
	}
}

/*! One document a line; returns whether one of them says that something is found. */
static bool check_json(const options_t *opts, const char *text, size_t len)
{
	static const char *const severity[] = { "error", "warning", "notice" };
	bool failed = false;
	for (const char *end; len > 0; text = end) {
		end = (const char *)memchr(text, '\n', len) + 1;
		json_error_t error;
		json_t *document = json_loadb(text, end - text, JSON_REJECT_DUPLICATES, &error);
		REQUIRE(document != NULL);
		json_t *finding;
		size_t i;
		json_array_foreach(json_object_get(document, "findings"), i, finding)
		{
			const char *word = json_string_value(json_object_get(finding, "severity"));
			for (int s = 0; s <= (int)opts->fail_on; s++) {
				failed = failed || strcmp(word, severity[s]) == 0;
			}
		}
		json_decref(document);
		len -= end - text;
	}
	return failed;
}

/*! A cure for a zone file is a piece of a zone file. */
static void check_master(const char *text, size_t len)
{
	// To set a scanner up takes longer than to parse.
	static zs_scanner_t s;
	static bool ready;
	REQUIRE(ready || zs_init(&s, ".", KNOT_CLASS_IN, 0) == 0);
	ready = true;
	REQUIRE(zs_set_input_string(&s, text, len) == 0);
	s.process.automatic = false;
	do {
		REQUIRE(zs_parse_record(&s) == 0);
		REQUIRE(s.state != ZS_STATE_ERROR && s.state != ZS_STATE_INCLUDE);
	} while (s.state != ZS_STATE_EOF);
}

static void check(const options_t *opts, int code, const stream_t *out, const stream_t *err)
{
	REQUIRE(code == EXIT_CLEAN || code == EXIT_FINDINGS || code == EXIT_UNCHECKED);
	check_complaints(err);
	check_safe(out);
	if (code == EXIT_UNCHECKED) {
		REQUIRE(err->len > 0);
	}
	if (opts->quiet) {
		REQUIRE(out->len == 0);
	} else if (opts->fix == FIX_ZONEFILE) {
		check_master(out->text, out->len);
	} else if (opts->fix == FIX_OFF) {
		REQUIRE(code == EXIT_UNCHECKED || out->len > 0);
		if (opts->format == FORMAT_JSON) {
			bool failed = check_json(opts, out->text, out->len);
			REQUIRE(code == EXIT_UNCHECKED || failed == (code == EXIT_FINDINGS));
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	files_make();
	line_t line = { .count = 0 };
	size_t taken = line_take(&line, data, size);
	files_fill(data + taken, size - taken);

	FILE *const own_stdout = stdout, *const own_stderr = stderr;
	stream_t out, err;
	stream_open(&out);
	stream_open(&err);
	stdout = out.file;
	stderr = err.file;
	confined = true;

	options_t opts;
	int code = EXIT_UNCHECKED;
	if (options_parse(CMD_CHECK, line.count, line.word, &opts)) {
		code = command_check(&opts);
	}

	confined = false;
	stdout = own_stdout;
	stderr = own_stderr;
	REQUIRE(fclose(out.file) == 0 && fclose(err.file) == 0);
	check(&opts, code, &out, &err);
	options_free(&opts);
	free(out.text);
	free(err.text);
	check_blocks();
	return 0;
}
