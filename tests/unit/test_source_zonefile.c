/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "test_source.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include <libzscanner/scanner.h>

#include "complain.h"

/*! What the command reads. */
#define SOA "@ 300 SOA ns hostmaster 1 3600 900 86400 300\n"

static char directory[] = "caaudit-test-XXXXXX";

static int enter_directory(void **state)
{
	(void)state;
	const char *tmp = getenv("TMPDIR");

	return chdir(tmp != NULL ? tmp : "/tmp") == 0 && mkdtemp(directory) != NULL &&
	                       chdir(directory) == 0 && mkdir("sub", 0700) == 0 ?
	               0 :
	               -1;
}

static int leave_directory(void **state)
{
	(void)state;
	char command[sizeof(directory) + 16];
	(void)snprintf(command, sizeof(command), "rm -rf %s", directory);

	return chdir("..") == 0 && system(command) == 0 ? 0 : -1;
}

static void write_data(const char *path, const void *data, size_t len)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(data, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static void write_file(const char *path, const char *text)
{
	write_data(path, text, strlen(text));
}

/*! Reads a file and requires a result; the reading is gone afterwards. */
static void read_expect(const char *path, int wanted, const char *text)
{
	test_reading_t *reading = new_reading();
	int ret = source_zonefile(&reading->listener, path, zone_name, SOURCE_INCLUDES, push,
	                          reading);
	expect(reading, ret, wanted, text);
	free_reading(reading);
}

/* Blocks: the same as when the scanner maps the whole file. */

static void whole_record(zs_scanner_t *s)
{
	pushed.hash = hash_record(pushed.hash, s->r_owner, s->r_type, s->r_ttl, s->r_data,
	                          s->r_data_length);
	pushed.count++;
}

static void whole_error(zs_scanner_t *s)
{
	test_reading_t *self = s->process.data;
	self->complaints++;
	log_line(self, "zone", s->line_counter, zs_strerror(s->error.code));
}

static void whole_file(test_reading_t *self, const char *path)
{
	static zs_scanner_t s;
	assert_int_equal(zs_init(&s, ZONE, KNOT_CLASS_IN, 3600), 0);
	assert_int_equal(zs_set_input_file(&s, path), 0);
	assert_int_equal(zs_set_processing(&s, whole_record, whole_error, self), 0);
	(void)zs_parse_all(&s);
	zs_deinit(&s);
}

static void remove_text(char *from, const char *text)
{
	char *found;
	while ((found = strstr(from, text)) != NULL) {
		memmove(found, found + strlen(text), strlen(found + strlen(text)) + 1);
	}
}

/*! Takes the explanation of its line off each complaint "FILE:LINE: ERROR: EXPLANATION". */
static void remove_explanations(char *log)
{
	for (char *line = log, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		char *error = strstr(line, ": ");
		char *more = error != NULL && error < end ? strstr(error + 2, ": ") : NULL;
		if (more != NULL && more < end) {
			memmove(more, end, strlen(end) + 1);
			end = more;
		}
	}
}

static void compare_blocks(const char *path, size_t from, size_t to)
{
	test_reading_t *whole = new_reading();
	whole_file(whole, path);
	uint64_t hash = pushed.hash;
	size_t count = pushed.count;

	for (size_t block = from; block <= to; block++) {
		test_reading_t *reading = new_reading();
		(void)source_zonefile_blocks(&reading->listener, path, zone_name, SOURCE_INCLUDES,
		                             block, push, reading);
		remove_text(reading->log, "; the rest of the file is not read");
		remove_explanations(reading->log);
		if (pushed.hash != hash || pushed.count != count ||
		    strcmp(reading->log, whole->log) != 0) {
			print_error(
				"%s in blocks of %zu: %zu records, wanted %zu; log\n%swanted\n%s",
				path, block, pushed.count, count, reading->log, whole->log);
			fail();
		}
		free_reading(reading);
	}
	free_reading(whole);
}

/* clang-format off */
#define OPEN "a A 192.0.2.1 ( ; (\n ; )\n ) ; end\n"
static const char *const nasty[] = {
	/* Everything that spans lines or hides a delimiter. */
	"$TTL 1h\n" SOA
	"; a comment ( with \" one\n"
	"\tNS ns ; and ) another\n"
	"ns A 192.0.2.1\n"
	"\n \t \n"
	"www 5 IN CNAME @\n"
	"@ IN 7 CAA 0 issue \"sectigo.com; policy=ev\"\n"
	"  CAA ( 0 ; why\n  issuewild\n \";\" ) ; done\n"
	"txt TXT ( \"a\\\"b;(c\" d\\;e \\102\\(f ; \"x\n \"two\nlines\" )\n"
	"$ORIGIN sub.example.com.\n"
	"a\\.b\\046c A 192.0.2.2\n"
	"\\# TXT \\x\\\\\n"
	"h CAA \\# 22 000569737375 6C657473656E 63727970742E 6F726720\n"
	"h TYPE65534 \\# ( 4\n 0102\n 0304 )\n"
	"@ TXT \"\" \"$INCLUDE\" $i\n"
	"last AAAA 2001:db8::1\n",
	/* The final newline is missing, in and after several things. */
	SOA "a A 192.0.2.1",
	SOA "a A 192.0.2.1 ; comment",
	SOA "; comment",
	SOA "$TTL 5",
	SOA "a TXT \"open",
	SOA "a TXT \\",
	SOA "a TXT b\\",
	SOA "a TXT \\0",
	SOA "a TXT ( b",
	SOA "a TXT ( b\n\n",
	SOA "a TXT ( \"b\n\n",
	SOA "$",
	SOA "a",
	SOA " ",
	SOA "\n\n\n",
	SOA "a TXT \\\n",
	SOA "a A 192.0.2.1 (\n)\nb TXT x ( ; c\n\n ) ; d\nc A 192.0.2.2 ( ) \nd A ( 192.0.2.3\n)\n",
	/* More of them than are parsed in one go. */
	SOA OPEN OPEN OPEN OPEN OPEN OPEN OPEN OPEN OPEN OPEN OPEN OPEN OPEN OPEN OPEN OPEN OPEN,
	"",
	"\n",
	/* Errors of all sorts, and what they leave behind. */
	SOA "a A 192.0.2.300\nb A 192.0.2.1\nc NONSENSE x\nd A 192.0.2.2\n",
	SOA "a A ( 192.0.2.300 ; )\n \"(\" x\n ) b A 192.0.2.1\nc A 192.0.2.2\n",
	SOA "a A 192.0.2.300 ( \nb A 192.0.2.1\nc A 192.0.2.3\n",
	SOA "a TXT \"b\nc A 192.0.2.1\n\" A 192.0.2.3\nd A 192.0.2.2\n",
	SOA "a A 192.0.2.1 )\nb A 192.0.2.2\n",
	SOA "a A (( 192.0.2.1 ))\nb A 192.0.2.2\n",
	SOA "a A 192.0.2.1\r\nb A 192.0.2.2\r\n",
	SOA "$TTL x\nb A 192.0.2.2\n",
	SOA "$ORIGIN relative\nb A 192.0.2.2\n",
	SOA "$NONSENSE relative\nb A 192.0.2.2\n",
	SOA "a..b A 192.0.2.2\n\001\002 A 192.0.2.2\nb CH TXT x\nb CAA 0 issue\nb A 192.0.2.2\n",
	" A 192.0.2.2\n" SOA "b A 192.0.2.2\n",
	SOA "a HINFO ( x\n\n; )\n y ) z\nb A 192.0.2.2\nc A x\n; c\n\n; d\nd A 192.0.2.1\n",
	SOA "bad A x\n\n\n\n; comment\n\n$TTL 5\na A 192.0.2.1\n$ORIGIN b.\nc A 192.0.2.1\nbad A y\n",
};
/* clang-format on */

static void any_block_gives_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(nasty) / sizeof(nasty[0]); i++) {
		write_file("zone", nasty[i]);
		compare_blocks("zone", 1, strlen(nasty[i]) + 2);
	}
}

/*! The scanner reports a record before the parenthesis that it leaves open. */
static void record_with_an_open_parenthesis(void **state)
{
	(void)state;
	for (size_t before = 0; before < 40; before++) {
		char text[4096] = SOA;
		for (size_t i = 0; i < before; i++) {
			strcat(text, "a A 192.0.2.1\n");
		}
		strcat(text, "b A 192.0.2.1 ( ; not closed");
		write_file("zone", text);
		compare_blocks("zone", sizeof(text), sizeof(text));
	}
}

/*! A text of more than 255 octets is divided, also where a piece ends within it. */
static void long_text_of_several_lines(void **state)
{
	(void)state;
	char octets[301];
	memset(octets, 'x', sizeof(octets));
	for (int first = 250; first <= 258; first++) {
		for (int second = 252; second <= 258; second++) {
			char text[2048];
			(void)snprintf(text, sizeof(text),
			               SOA "a TXT ( \"%.*s\n%.*s\n\" \"y\n\ny\" )\nb A x\n"
			                   "c SVCB ( 1 . alpn=\"%.*s\n\" )\nd A x",
			               first, octets, second, octets, first - 4, octets);
			write_file("zone", text);
			compare_blocks("zone", 1, 1);
			compare_blocks("zone", 300, 303);
		}
	}
}

/*! Whatever the octets, the pieces do not show. */
static void random_text(void **state)
{
	(void)state;
	static const char *const word[] = {
		"\n",
		"\n",
		"\n ",
		" ",
		"\t",
		"(",
		")",
		"\"",
		";",
		"\\",
		"\\\n",
		"$TTL ",
		"$ORIGIN ",
		"$",
		"a",
		"b.c.",
		"@",
		"A ",
		"192.0.2.1",
		"TXT ",
		"\"x\"",
		"CNAME ",
		"CAA ",
		"0 issue x",
		"\\# 2 00",
		"01",
		"5",
		"\r\n",
		"\"\n\"",
		"(\n",
		")\n",
		"; c \\\n",
		"\001",
		SOA,
		"a A 192.0.2.1\n",
		"b TXT ( \"x\ny\" ) ; z\n",
		"$i", // Only where the last line is finished: an error is told there, which the scanner keeps.
	};
	const size_t word_count = sizeof(word) / sizeof(word[0]);
	uint32_t x = 1;
	for (unsigned i = 0; i < 3000; i++) {
		char text[4096] = "";
		for (unsigned words = 0; words < 2 + i % 40; words++) {
			x = x * 1664525 + 1013904223;
			strcat(text, word[(x >> 8) % (word_count - i % 2)]);
		}
		strcat(text, i % 2 == 0 ? "\n\n" : "");
		write_file("zone", text);
		compare_blocks("zone", 1 + i % 7, 1 + i % 7);
	}
}

static void large_records_and_comments_in_small_blocks(void **state)
{
	(void)state;
	FILE *file = fopen("zone", "w");
	assert_non_null(file);
	fputs(SOA, file);
	for (int i = 0; i < 300; i++) {
		fprintf(file, "a%i TXT", i);
		for (int j = 0; j < i * 7 % 120; j++) {
			fprintf(file, " \"%i; (\"", j);
		}
		fprintf(file, "\nb%i A 192.0.2.1\n", i);
		for (int j = 0; j < i * 13 % 90; j++) {
			fprintf(file, j % 7 == 0 ? "\n" : "  ; comment %i \"\n", j);
		}
		if (i % 50 == 20) {
			fprintf(file, "b A x\n$TTL %i\n", i);
		}
	}
	assert_int_equal(fclose(file), 0);

	compare_blocks("zone", 1, 40);
	compare_blocks("zone", 1000, 1003);
	compare_blocks("zone", 65536, 65537);
}

static void longest_rdata(void **state)
{
	(void)state;
	FILE *file = fopen("zone", "w");
	assert_non_null(file);
	fputs(SOA "a TYPE65280 ( \\# 65535\n", file);
	for (int i = 0; i < 65535; i++) {
		fputs(i % 32 == 31 ? "00\n" : "00 ", file);
	}
	fputs(")\nb TXT", file);
	for (int i = 0; i < 1000; i++) {
		fprintf(file, " \"\\%03i\\%03i\\%03i\"", i % 256, i / 4, i / 5);
	}
	fputs("\n", file);
	assert_int_equal(fclose(file), 0);

	compare_blocks("zone", 7, 7);
	compare_blocks("zone", 65536, 65536);
	compare_blocks("zone", 262144, 262144);
}

static void zone_without_end(void **state)
{
	(void)state;
	enum { SIZE = 17 * 1024 * 1024 };
	char *blank = malloc(SIZE);
	assert_non_null(blank);

	// Comments may be of any length.
	for (size_t i = 0; i < SIZE; i++) {
		blank[i] = i % 80 == 0 ? ';' : i % 80 == 79 ? '\n' : '(';
	}
	static const char last[] = "\nlast A 192.0.2.1\nwrong A 192.0.2\n";
	memcpy(blank, SOA ";", strlen(SOA ";"));
	memcpy(blank + SIZE - strlen(last), last, strlen(last));
	write_data("zone", blank, SIZE);
	read_expect("zone", KNOT_EPARSEFAIL, ": invalid IPv4 address\n");
	assert_int_equal(pushed.count, 2);
	compare_blocks("zone", 262144, 262144);

	// A record may not.
	memset(blank, ' ', SIZE);
	memcpy(blank, SOA "a TXT (", strlen(SOA "a TXT ("));
	write_data("zone", blank, SIZE);
	read_expect(
		"zone", KNOT_EPARSEFAIL,
		"zone:2: no end of this record within 16 MiB; the rest of the file is not read");
	free(blank);
}

static void fatal_error_ends_the_file(void **state)
{
	(void)state;
	write_file("zone", SOA "$TTL x\nb A 192.0.2.2\n");
	read_expect("zone", KNOT_EPARSEFAIL,
	            "zone:2: invalid number; the rest of the file is not read\n");
	write_file("zone", SOA "a TXT ( b\n");
	read_expect("zone", KNOT_EPARSEFAIL, "zone:3: unclosed last multiline block\n");
}

/* $INCLUDE. */

static void includes_are_read(void **state)
{
	(void)state;
	write_file("zone", "$TTL 7\n" SOA "$INCLUDE sub/one ; comment\n"
	                   "a A 192.0.2.1\n"
	                   "$include \"sub/one\" other.example.com.\n"
	                   "b A 192.0.2.1\n$INCLUDE sub/one ( \n )\n"
	                   " A 192.0.2.9\n"
	                   "$INCLUDE sub/one");
	write_file("sub/one",
	           "$ORIGIN deep\\.er.example.com.\n@ A 192.0.2.1\n$INCLUDE two\n$TTL 9\n"
	           "c A 192.0.2.1\n");
	write_file("sub/two", "d A 192.0.2.2\n e A 192.0.2.3\n$INCLUDE two.empty\n");
	write_file("sub/two.empty", "");

	// An error in an included file does not end the others.
	test_reading_t *reading = new_reading();
	int ret = source_zonefile(&reading->listener, "zone", zone_name, SOURCE_INCLUDES, push,
	                          reading);
	expect(reading, ret, KNOT_EPARSEFAIL, "two:2: unsupported record type: ");
	assert_int_equal(pushed.count, 4 + 3 * 3);
	assert_int_equal(reading->complaints, 3);
	free_reading(reading);

	write_file("sub/two", "d A 192.0.2.2\n\tA 192.0.2.3\n$INCLUDE two.empty\n");
	compare_blocks("zone", 1, 300);
	assert_int_equal(pushed.count, 4 + 4 * 3);

	write_file("zone", SOA "a A 192.0.2.1\n$INCLUDE sub/one\nb TXT ( \"$I\"\n\"$i\" )\n$TTL x");
	compare_blocks("zone", 1, 100);
}

static void include_of_an_absolute_path(void **state)
{
	(void)state;
	char here[4096];
	char text[8192];
	assert_non_null(getcwd(here, sizeof(here)));
	(void)snprintf(text, sizeof(text), SOA "$INCLUDE %s/sub/abs\n", here);
	write_file("zone", text);
	write_file("sub/abs", "a A 192.0.2.1\n");
	read_expect("zone", KNOT_EOK, NULL);
	assert_int_equal(pushed.count, 2);
}

static void includes_that_fail(void **state)
{
	(void)state;
	// A real directory and a link to the file itself.
	write_file("zone", SOA "$INCLUDE sub/missing\n$INCLUDE sub\n$INCLUDE /dev/null\n\n"
	                       "$INCLUDE zone.link\n$INCLUDE\n");
	assert_int_equal(symlink("zone", "zone.link"), 0);
	test_reading_t *reading = new_reading();
	int ret = source_zonefile(&reading->listener, "zone", zone_name, SOURCE_INCLUDES, push,
	                          reading);
	expect(reading, ret, KNOT_EPARSEFAIL,
	       "sub/missing, cannot open (no such file or directory)\n");
	expect(reading, ret, KNOT_EPARSEFAIL, "zone:3: $INCLUDE ");
	expect(reading, ret, KNOT_EPARSEFAIL, "/sub, cannot read (is a directory)\n");
	expect(reading, ret, KNOT_EPARSEFAIL, "/dev/null, not a regular file\n");
	expect(reading, ret, KNOT_EPARSEFAIL, "zone:6: $INCLUDE ");
	expect(reading, ret, KNOT_EPARSEFAIL, "zone.link, a file cannot include itself\n");
	expect(reading, ret, KNOT_EPARSEFAIL, "zone:7: general scanner error");
	assert_int_equal(reading->complaints, 5);
	assert_int_equal(pushed.serial, 1);
	free_reading(reading);
	assert_int_equal(unlink("zone.link"), 0);
}

static void records_have_a_place(void **state)
{
	(void)state;
	write_file("zone",
	           SOA "; comment\na TXT ( \"b\"\n\n c )\n$INCLUDE sub/place\nb A 192.0.2.1");
	write_file("sub/place", "\n\nc AAAA ::1\n");
	for (size_t block = 1; block < 200; block += 198) {
		test_reading_t *reading = new_reading();
		reading->in_file = true;
		int ret = source_zonefile_blocks(&reading->listener, "zone", zone_name,
		                                 SOURCE_INCLUDES, block, push, reading);
		assert_int_equal(ret, KNOT_EOK);
		assert_string_equal(reading->log,
		                    "zone:1: SOA\nzone:5: TXT\nplace:3: AAAA\nzone:7: A\n");
		free_reading(reading);
	}
}

static void lines_are_explained(void **state)
{
	(void)state;
	static const struct {
		const char *line;
		const char *says; /* A part of it; NULL: nothing is known of the line. */
	} rows[] = {
		{ "$GENERATE 1-3 h$ A 192.0.2.$", "$GENERATE is BIND" },
		{ "$generate 1-3 h$ A 192.0.2.$", "$GENERATE is BIND" },
		{ "$FOO bar", "$FOO is none of" },
		{ "a ALIAS b", "ALIAS is a provider" },
		{ " 60 IN aname b", "ANAME is a provider" },
		{ "a IN 60 URL301 b", "URL301 is a redirect" },
		{ "\tLUA A \"x\"", "LUA is a script" },
		{ "a AAA ::1", "AAA is mistyped" },
		{ "a 60 BAD\xff b", "BAD? is mistyped" },
		{ "  e A 192.0.2.1", "begins with a blank" },
		{ "# a comment", "semicolon" },
		{ "// a comment", "semicolon" },
		{ "\xef\xbb\xbf$TTL 60", "byte order mark" },
		{ "a CAA 0 issue \xe2\x80\x9csectigo.com\xe2\x80\x9d", "word processor" },
		{ "a CAA 0 iodef \"mailto:a@b\xc3\xbcro.example\"", "A-label" },
		{ "a CAA issue \"sectigo.com\"", "CAA has flags" },
		{ "a CAA 256 issue \"sectigo.com\"", "CAA has flags" },
		{ "$ORIGIN example.com", "write the whole name here, with its final dot" },
		{ "a A 192.0.2", NULL },
		{ "a'b CAA 0 issue \"sectigo.com\"", NULL },
		{ "a..b CAA 0 issue \"sectigo.com\"", NULL },
		{ "a 99999999999 CAA 0 issue \"sectigo.com\"", NULL },
		{ "$TTL long", NULL },
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint16_t type;
		if (strstr(rows[i].line, "ALIAS") != NULL &&
		    knot_rrtype_from_string("ALIAS", &type) == 0) {
			continue; // Knot DNS 3.5 reads it.
		}
		char text[256];
		(void)snprintf(text, sizeof(text), SOA "b A x\n%s\n", rows[i].line);
		write_file("zone", text);
		// In a small block the line begins it.
		for (size_t block = 1; block < 1000; block += 998) {
			test_reading_t *reading = new_reading();
			int ret = source_zonefile_blocks(&reading->listener, "zone", zone_name, 0,
			                                 block, push, reading);
			assert_int_equal(ret, KNOT_EPARSEFAIL);
			const char *line = strstr(reading->log, "zone:3: ");
			assert_non_null(line);
			const char *more = strstr(line + strlen("zone:3: "), ": ");
			if ((rows[i].says == NULL) != (more == NULL) ||
			    (more != NULL && strstr(more, rows[i].says) == NULL)) {
				print_error("%s: %s", rows[i].line, line);
				fail();
			}
			free_reading(reading);
		}
	}
}

static void newline_within_quotes(void **state)
{
	(void)state;
	// The scanner's count of lines is behind: the line that it names does not explain the error.
	test_reading_t *reading = new_reading();
	write_file("zone", SOA "a TXT ( \"\n\n\" )\nb FOO c\nd URL e\nf BAR g\n");
	(void)source_zonefile(&reading->listener, "zone", zone_name, 0, push, reading);
	assert_int_equal(reading->complaints, 3);
	assert_null(strstr(reading->log, ": unsupported record type: "));
	free_reading(reading);
}

static void zone_is_read_again(void **state)
{
	(void)state;
	write_file("zone", SOA "$INCLUDE sub/place\na A x\nb A y\n");
	uint64_t hash = 0;
	for (int turn = 0; turn < 2; turn++) {
		memset(&pushed, 0, sizeof(pushed));
		source_first_t first = { .listener = { source_keep_first, NULL } };
		test_reading_t context = { .in_file = false };
		assert_int_equal(source_zonefile(&first.listener, "zone", zone_name,
		                                 SOURCE_INCLUDES, push, &context),
		                 KNOT_EPARSEFAIL);
		// The listener has kept the first complaint.
		assert_int_equal(first.count, 2);
		assert_string_equal(first.file, "zone");
		assert_int_equal(first.line, 3);
		assert_string_equal(first.what, "invalid address character");
		assert_int_equal(pushed.count, 2);
		assert_true(turn == 0 || pushed.hash == hash);
		hash = pushed.hash;
	}
}

static void includes_in_a_circle(void **state)
{
	(void)state;
	write_file("zone", SOA "$INCLUDE one\na A 192.0.2.1\n");
	write_file("one", "$INCLUDE two\nb A 192.0.2.1\n");
	write_file("two", "$INCLUDE one\nc A 192.0.2.1\n");
	read_expect("zone", KNOT_EPARSEFAIL, "two:1: $INCLUDE ");
	assert_int_equal(pushed.count, 4);
}

static void includes_too_deep(void **state)
{
	(void)state;
	char name[16];
	char text[64];
	for (int depth = 2; depth <= 12; depth++) {
		(void)snprintf(name, sizeof(name), "deep%i", depth);
		(void)snprintf(text, sizeof(text), "$INCLUDE deep%i\n", depth + 1);
		write_file(name, depth < 12 ? text : "last A 192.0.2.1\n");
	}
	write_file("zone", SOA "$INCLUDE deep4\n");
	read_expect("zone", KNOT_EOK, NULL);
	assert_int_equal(pushed.count, 2);
	write_file("zone", SOA "$INCLUDE deep3\n");
	read_expect("zone", KNOT_EPARSEFAIL, "deep11:1: $INCLUDE ");
	assert_int_equal(pushed.count, 1);
}

static void names_of_files_are_made_printable(void **state)
{
	(void)state;
	write_file("zone", SOA "$INCLUDE \"sub/\\010evil\\027[0m\"\n");
	write_file("sub/\nevil\033[0m", "a A x\n");
	read_expect("zone", KNOT_EPARSEFAIL, "?evil?[0m:1: invalid address character\n");
}

/* Kinds of files. */

static void files_that_are_none(void **state)
{
	(void)state;
	read_expect("missing", KNOT_ENOENT, "missing:0: cannot open (no such file or directory)\n");
	read_expect("sub", KNOT_EFILE, "sub:0: cannot read (is a directory)\n");
	read_expect("/dev/null", KNOT_EFILE, "null:0: not a regular file\n");
	write_file("zone", "");
	read_expect("zone", KNOT_EOK, NULL);
	assert_int_equal(pushed.count, 0);
	if (getuid() != 0) {
		assert_int_equal(chmod("zone", 0), 0);
		read_expect("zone", KNOT_EACCES, "zone:0: cannot open (permission denied)\n");
		assert_int_equal(chmod("zone", 0600), 0);
	}
}

static void binary_file(void **state)
{
	(void)state;
	char data[20000];
	uint32_t x = 1;
	for (size_t i = 0; i < sizeof(data); i++) {
		x = x * 1664525 + 1013904223;
		data[i] = x >> 24;
	}
	write_data("zone", data, sizeof(data));
	compare_blocks("zone", 1, 20);
	compare_blocks("zone", 4096, 4097);
	compare_blocks("zone", 262144, 262144);
}

/*! Nobody writes into this pipe: to open it would block. */
static void pipe_blocks_nobody(void **state)
{
	(void)state;
	assert_int_equal(mkfifo("silent", 0600), 0);
	write_file("zone", SOA "$INCLUDE silent\n$INCLUDE /dev/null\na A 192.0.2.1\n");
	test_reading_t *reading = new_reading();
	int ret = source_zonefile(&reading->listener, "silent", zone_name, SOURCE_INCLUDES, push,
	                          reading);
	expect(reading, ret, KNOT_EFILE, "silent:0: not a regular file\n");
	ret = source_zonefile(&reading->listener, "zone", zone_name, SOURCE_INCLUDES, push,
	                      reading);
	expect(reading, ret, KNOT_EPARSEFAIL, "zone:2: $INCLUDE ");
	expect(reading, ret, KNOT_EPARSEFAIL, "/silent, not a regular file\n");
	expect(reading, ret, KNOT_EPARSEFAIL, "/dev/null, not a regular file\n");
	assert_int_equal(pushed.count, 2);
	ret = source_zonefile(&reading->listener, "zone", zone_name, 0, push, reading);
	expect(reading, ret, KNOT_EPARSEFAIL, "zone:2: $INCLUDE has no place here\n");
	free_reading(reading);

	// The scanner by itself would take it.
	write_file("zone", SOA "$INCLUDE (\n\n\n/dev/null )\na A 192.0.2.1\n");
	reading = new_reading();
	ret = source_zonefile_blocks(&reading->listener, "zone", zone_name, SOURCE_INCLUDES, 1,
	                             push, reading);
	expect(reading, ret, KNOT_EPARSEFAIL, "zone:5: $INCLUDE ");
	expect(reading, ret, KNOT_EPARSEFAIL, "/dev/null, not a regular file\n");
	assert_int_equal(reading->complaints, 1);
	assert_int_equal(pushed.count, 2);
	free_reading(reading);
	assert_int_equal(unlink("silent"), 0);
}

static void soa_is_found(void **state)
{
	(void)state;
	source_soa_t soa;
	write_file("part", "a A 192.0.2.1\n");
	write_file("zone", "$INCLUDE part\nx A y\n$ORIGIN Sub.example.com.\n" SOA "@ SOA x\n");
	assert_true(source_find_soa("zone", &soa));
	assert_true(knot_dname_is_equal(soa.owner, (const uint8_t *)"\3sub\7example\3com"));
	assert_false(soa.relative);
	assert_int_equal(soa.line, 4);
	write_file("part", "$ORIGIN .\n" SOA);
	assert_true(source_find_soa("zone", &soa));
	assert_true(knot_dname_is_equal(soa.owner, (const uint8_t *)""));
	assert_false(soa.relative);
	write_file("zone", SOA);
	assert_true(source_find_soa("zone", &soa));
	assert_true(knot_dname_is_equal(soa.owner, (const uint8_t *)""));
	assert_true(soa.relative);
	write_file("zone", "\nExample SOA ns h 1 2 3 4 5\n");
	assert_true(source_find_soa("zone", &soa));
	assert_true(knot_dname_is_equal(soa.owner, (const uint8_t *)"\7example"));
	assert_true(soa.relative);
	write_file("zone", "a A 192.0.2.1\n");
	assert_false(source_find_soa("zone", &soa));
	assert_false(source_find_soa("missing", &soa));
}

static char *pipe_text;

static void *write_pipe(void *arg)
{
	int fd = *(int *)arg;
	for (size_t i = 0, len = strlen(pipe_text); i < len;) {
		size_t part = i % 11 + 1 < len - i ? i % 11 + 1 : len - i;
		ssize_t ret = write(fd, pipe_text + i, part);
		if (ret <= 0) {
			break;
		}
		i += ret;
	}
	close(fd);

	return NULL;
}

static void a_pipe_as_standard_input(void **state)
{
	(void)state;
	char text[] = SOA "a TXT ( \"b\nc\" )\n$INCLUDE sub/piped\n d A x\nlast A 192.0.2.1\n";
	pipe_text = text;
	write_file("sub/piped", "p A 192.0.2.1\n");

	test_reading_t *reading = new_reading();
	pthread_t thread;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	int standard = dup(STDIN_FILENO);
	assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
	close(ends[0]);
	assert_int_equal(pthread_create(&thread, NULL, write_pipe, &ends[1]), 0);

	int ret = source_zonefile(&reading->listener, "-", zone_name, SOURCE_INCLUDES, push,
	                          reading);
	expect(reading, ret, KNOT_EPARSEFAIL, "-:4: unsupported record type\n");
	assert_int_equal(reading->complaints, 1);
	assert_int_equal(pushed.count, 4);
	assert_int_equal(reading->all, 0);
	free_reading(reading);

	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(dup2(standard, STDIN_FILENO), STDIN_FILENO);
	close(standard);
}

static void standard_input_is_a_file(void **state)
{
	(void)state;
	write_file("zone", SOA);
	int standard = dup(STDIN_FILENO);
	int fd = open("zone", O_RDONLY);
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	read_expect("-", KNOT_EOK, NULL);
	source_soa_t soa;
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_false(source_find_soa("-", &soa)); // It is used up, or blocks.
	close(fd);
	fd = open("sub", O_RDONLY);
	assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
	read_expect("-", KNOT_EFILE, "-:0: cannot read (is a directory)\n");
	close(fd);
	close(STDIN_FILENO);
	read_expect("-", KNOT_ERRNO_ERROR, "-:0: cannot open (bad file descriptor)\n");
	assert_int_equal(dup2(standard, STDIN_FILENO), STDIN_FILENO);
	close(standard);
}

/* What happens meanwhile. */

static void truncate_it(void)
{
	assert_int_equal(truncate("zone", 100), 0);
}

static void append_to_it(void)
{
	FILE *file = fopen("zone", "a");
	assert_non_null(file);
	fputs("new A 192.0.2.1\n", file);
	assert_int_equal(fclose(file), 0);
}

static void touch_it(void)
{
	const struct timespec times[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	assert_int_equal(utimensat(AT_FDCWD, "zone", times, 0), 0);
}

static void replace_it(void)
{
	write_file("zone.new", SOA);
	assert_int_equal(rename("zone.new", "zone"), 0);
}

static void remove_it(void)
{
	assert_int_equal(unlink("zone"), 0);
}

static void append_to_the_included(void)
{
	FILE *file = fopen("sub/part", "a");
	assert_non_null(file);
	fputs("new A 192.0.2.1\n", file);
	assert_int_equal(fclose(file), 0);
}

static void file_changes(void **state)
{
	(void)state;
	static const struct {
		void (*change)(void);
		const char *text;
	} tests[] = {
		{ truncate_it, "zone:0: changed while it was read\n" },
		{ append_to_it, "zone:0: changed while it was read\n" },
		{ touch_it, "zone:0: changed while it was read\n" },
		{ replace_it, "zone:0: replaced while it was read\n" },
		{ remove_it, "zone:0: replaced while it was read\n" },
		{ append_to_the_included, "part:0: changed while it was read\n" },
	};

	char text[4096] = SOA "$INCLUDE sub/part\n";
	for (int i = 0; i < 100; i++) {
		(void)snprintf(text + strlen(text), 32, "a%i A 192.0.2.1\n", i);
	}
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		write_file("zone", text);
		write_file("sub/part", "a A 192.0.2.1\n");
		test_reading_t *reading = new_reading();
		reading->meanwhile = tests[i].change;
		int ret = source_zonefile_blocks(&reading->listener, "zone", zone_name,
		                                 SOURCE_INCLUDES, 256, push, reading);
		expect(reading, ret, KNOT_EBUSY, tests[i].text);
		free_reading(reading);
	}
}

static void listener_gives_up(void **state)
{
	(void)state;
	char text[4096] = SOA;
	for (int i = 0; i < 100; i++) {
		(void)snprintf(text + strlen(text), 32, "a%i A 192.0.2.1\n", i);
	}
	write_file("zone", text);
	for (unsigned i = 1; i < 5; i++) {
		test_reading_t *reading = new_reading();
		reading->stop_at = i;
		int ret = source_zonefile_blocks(&reading->listener, "zone", zone_name,
		                                 SOURCE_INCLUDES, 256, push, reading);
		expect(reading, ret, KNOT_ELIMIT, NULL);
		assert_int_equal(reading->asked, i);
		assert_int_equal(reading->all, strlen(text));
		free_reading(reading);
	}

	// Without the question it goes on.
	test_reading_t *reading = new_reading();
	reading->listener.go_on = NULL;
	int ret = source_zonefile_blocks(&reading->listener, "zone", zone_name, SOURCE_INCLUDES,
	                                 256, push, reading);
	expect(reading, ret, KNOT_EOK, NULL);
	free_reading(reading);
}

static void out_of_memory(void **state)
{
	(void)state;
	write_file("zone",
	           SOA "$INCLUDE sub/part\na CAA 0 issue \"long enough for a small block\"\n");
	write_file("sub/part", "b CNAME c\n");
	int ret = KNOT_ENOMEM;
	int failures = 0;
	for (; ret != KNOT_EOK && failures < 1000; failures++) {
		test_reading_t *reading = new_reading();
		allocations = failures;
		ret = source_zonefile_blocks(&reading->listener, "zone", zone_name, SOURCE_INCLUDES,
		                             16, push, reading);
		allocations = -1;
		if (ret != KNOT_EOK) {
			expect(reading, ret, KNOT_ENOMEM, "not enough memory\n");
		}
		free_reading(reading);
	}
	assert_in_range(failures, 4, 999);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_block_gives_the_same),
		cmocka_unit_test(record_with_an_open_parenthesis),
		cmocka_unit_test(long_text_of_several_lines),
		cmocka_unit_test(random_text),
		cmocka_unit_test(large_records_and_comments_in_small_blocks),
		cmocka_unit_test(longest_rdata),
		cmocka_unit_test(zone_without_end),
		cmocka_unit_test(fatal_error_ends_the_file),
		cmocka_unit_test(includes_are_read),
		cmocka_unit_test(include_of_an_absolute_path),
		cmocka_unit_test(includes_that_fail),
		cmocka_unit_test(records_have_a_place),
		cmocka_unit_test(lines_are_explained),
		cmocka_unit_test(newline_within_quotes),
		cmocka_unit_test(zone_is_read_again),
		cmocka_unit_test(includes_in_a_circle),
		cmocka_unit_test(includes_too_deep),
		cmocka_unit_test(names_of_files_are_made_printable),
		cmocka_unit_test(files_that_are_none),
		cmocka_unit_test(binary_file),
		cmocka_unit_test(pipe_blocks_nobody),
		cmocka_unit_test(soa_is_found),
		cmocka_unit_test(a_pipe_as_standard_input),
		cmocka_unit_test(standard_input_is_a_file),
		cmocka_unit_test(file_changes),
		cmocka_unit_test(listener_gives_up),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
