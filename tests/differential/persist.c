/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Parses persistent validation records a second time, and compares with the engine.
 *
 * usage: persist random SEED COUNT [BUG]   random texts; BUG is a mistake that the second parser makes
 *        persist cases FILE                the cases, which neither parser was written from
 *
 * The second parser divides a text at each ";" and looks at what is between, part by part, as BR
 * 3.2.2.4.22, draft-ietf-acme-dns-persist-01 and RFC 8659 section 4.2 say it.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "persist.h"

#define EXIT_BROKEN 99
#define TEXT_MAX    512
#define PARTS_MAX   (TEXT_MAX + 1)

/* Mistakes that the second parser can make, one at a time. */
enum {
	BUG_NONE,
	BUG_FINAL_SEMICOLON,
	BUG_TAG_CASE,
	BUG_NO_ACCOUNT,
	BUG_TWICE_FIRST,
	BUG_TIME_SIGN,
	BUG_TIME_LONG,
	BUG_POLICY_CASE,
	BUG_BLANK_VALUE,
	BUG_LABEL_HYPHEN,
	BUG__COUNT,
};
static unsigned bug;

/* What is compared. */
typedef struct {
	uint32_t faults;
	uint64_t time;
	bool wildcard;
	char issuer[TEXT_MAX + 1];
	char account[TEXT_MAX + 1];
} said_t;

/* --- The second parser ----------------------------------------------------------------------- */

static bool is_among(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static const char alnum[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/* Takes blanks off both ends. */
static char *trim(char *text)
{
	while (is_among(*text, " \t")) {
		text++;
	}
	for (size_t len = strlen(text); len > 0 && is_among(text[len - 1], " \t"); len--) {
		text[len - 1] = '\0';
	}
	return text;
}

/* Letters, digits, and hyphens that are neither first nor last. */
static bool is_word(const char *text)
{
	size_t len = strlen(text);
	if (len == 0 || !is_among(text[0], alnum) ||
	    (!is_among(text[len - 1], alnum) && bug != BUG_LABEL_HYPHEN)) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (!is_among(text[i], alnum) && text[i] != '-') {
			return false;
		}
	}
	return true;
}

static bool is_issuer(const char *text)
{
	char copy[TEXT_MAX + 1];
	strcpy(copy, text);
	for (char *label = copy, *dot; label != NULL; label = dot) {
		dot = strchr(label, '.');
		if (dot != NULL) {
			*dot++ = '\0';
		}
		if (!is_word(label)) {
			return false;
		}
	}
	return true;
}

static bool is_value(const char *text)
{
	for (; *text != '\0'; text++) {
		bool blank = bug == BUG_BLANK_VALUE && *text == ' ';
		if (!blank && (*text < 0x21 || *text > 0x7e)) {
			return false;
		}
	}
	return true;
}

static bool is_uri(const char *text)
{
	const char *colon = strchr(text, ':');
	if (colon == NULL || colon == text || is_among(text[0], "0123456789+-.")) {
		return false;
	}
	for (const char *at = text; at < colon; at++) {
		if (!is_among(*at, alnum) && !is_among(*at, "+-.")) {
			return false;
		}
	}
	for (const char *at = colon; *at != '\0'; at++) {
		static const char hex[] = "0123456789abcdefABCDEF";
		if (*at == '%' ?
		            !is_among(at[1], hex) || !is_among(at[2], hex) :
		            !is_among(*at, alnum) && !is_among(*at, "-._~:/?#[]@!$&'()*+,;=")) {
			return false;
		}
	}
	return true;
}

static bool get_time(const char *text, uint64_t *out)
{
	static const char most[] = "18446744073709551615";
	if (bug == BUG_TIME_SIGN && *text == '-') {
		text++;
	}
	if (*text == '\0' || strspn(text, "0123456789") != strlen(text)) {
		return false;
	}
	text += strspn(text, "0");
	size_t len = strlen(text), room = strlen(most);
	bool over = len > room || (len == room && strcmp(text, most) > 0);
	*out = over && bug != BUG_TIME_LONG ? UINT64_MAX :
	                                      strtoull(text, NULL, 10) + (over ? 1 : 0);
	return true;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Edits between two texts, by the whole table. */
static unsigned edits(const char *a, const char *b)
{
	static unsigned table[64][64];
	size_t a_len = strlen(a), b_len = strlen(b);
	if (a_len > 63 || b_len > 63) {
		return 99;
	}
	for (size_t i = 0; i <= a_len; i++) {
		for (size_t j = 0; j <= b_len; j++) {
			if (i == 0 || j == 0) {
				table[i][j] = (unsigned)(i + j);
				continue;
			}
			table[i][j] = least(least(table[i - 1][j], table[i][j - 1]) + 1,
			                    table[i - 1][j - 1] +
			                            (lower(a[i - 1]) != lower(b[j - 1])));
			if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			    lower(a[i - 2]) == lower(b[j - 1])) {
				table[i][j] = least(table[i][j], table[i - 2][j - 2] + 1);
			}
		}
	}
	return table[a_len][b_len];
}

static void take_parameter(said_t *said, const char *tag, const char *value, unsigned seen[3])
{
	static const char *const tags[] = { "accounturi", "persistUntil", "policy" };
	for (unsigned i = 0; i < 3; i++) {
		if (bug == BUG_TAG_CASE ? strcmp(tag, tags[i]) != 0 :
		                          strcasecmp(tag, tags[i]) != 0) {
			continue;
		}
		if (seen[i]++ > 0) {
			said->faults |= PERSIST_TWICE;
			if (bug != BUG_TWICE_FIRST) {
				return;
			}
		}
		if (i == 0) {
			strcpy(said->account, value);
			said->faults |= is_uri(value) ? 0 : PERSIST_ACCOUNT_NO_URI;
		} else if (i == 1) {
			said->faults |= get_time(value, &said->time) ? 0 : PERSIST_UNTIL_NO_TIME;
		} else {
			said->wildcard = bug == BUG_POLICY_CASE ?
			                         strcmp(value, "wildcard") == 0 :
			                         strcasecmp(value, "wildcard") == 0;
			said->faults |= said->wildcard ? 0 : PERSIST_POLICY;
		}
		return;
	}
	for (unsigned i = 0; i < 3; i++) {
		said->faults |= edits(tag, tags[i]) <= 2 ? PERSIST_SLIP : 0;
	}
}

/* Divides a text at a character, and takes blanks off the parts; the number of parts. */
static size_t divide(char *text, char at, size_t most, char **part)
{
	size_t count = 0;
	for (char *end; text != NULL; text = end) {
		end = count + 1 < most ? strchr(text, at) : NULL;
		if (end != NULL) {
			*end++ = '\0';
		}
		part[count++] = trim(text);
	}
	return count;
}

static void parse(const char *text, size_t len, said_t *said)
{
	char copy[TEXT_MAX + 1], *part[PARTS_MAX], *pair[PARTS_MAX][2];
	unsigned seen[3] = { 0, 0, 0 };
	*said = (said_t){ .time = UINT64_MAX, .faults = PERSIST_SYNTAX };
	memcpy(copy, text, len);
	copy[len] = '\0';
	if (strlen(copy) != len) {
		return; // NUL is no character of the grammar.
	}
	size_t count = divide(copy, ';', PARTS_MAX, part);
	// One ";" without parameters may follow the name.
	if ((count == 2 || (count > 1 && bug == BUG_FINAL_SEMICOLON)) && *part[count - 1] == '\0') {
		count--;
	}
	if (*part[0] != '\0' && !is_issuer(part[0])) {
		return;
	}
	for (size_t i = 1; i < count; i++) {
		if (divide(part[i], '=', 2, pair[i]) != 2 || !is_word(pair[i][0]) ||
		    !is_value(pair[i][1])) {
			return;
		}
	}
	said->faults = *part[0] == '\0' ? PERSIST_NO_ISSUER : 0;
	strcpy(said->issuer, part[0]);
	for (size_t i = 1; i < count; i++) {
		take_parameter(said, pair[i][0], pair[i][1], seen);
	}
	if (seen[0] == 0 && bug != BUG_NO_ACCOUNT) {
		said->faults |= PERSIST_NO_ACCOUNT;
	}
}

/* --- Comparison ------------------------------------------------------------------------------ */

static void copy_octets(char *out, const uint8_t *octets, size_t len)
{
	memcpy(out, octets, len);
	out[len] = '\0';
}

static void ask_engine(const char *text, size_t len, said_t *said)
{
	persist_t says;
	persist_parse((const uint8_t *)text, len, &says);
	*said = (said_t){ .faults = says.faults, .time = says.time, .wildcard = says.wildcard };
	if (!(says.faults & PERSIST_SYNTAX)) {
		copy_octets(said->issuer, says.issue.issuer, says.issue.issuer_len);
		copy_octets(said->account, says.account.value, says.account.value_len);
	}
}

static bool is_same(const said_t *a, const said_t *b)
{
	return a->faults == b->faults && a->time == b->time && a->wildcard == b->wildcard &&
	       strcmp(a->issuer, b->issuer) == 0 && strcmp(a->account, b->account) == 0;
}

static void print(const char *who, const said_t *said)
{
	printf("%s: faults %#x, until %" PRIu64 "%s, issuer '%s', account '%s'\n", who,
	       said->faults, said->time, said->wildcard ? ", wildcard" : "", said->issuer,
	       said->account);
}

static bool compare(const char *text, size_t len)
{
	said_t engine, second;
	ask_engine(text, len, &engine);
	parse(text, len, &second);
	if (is_same(&engine, &second)) {
		return true;
	}
	printf("'%.*s'\n", (int)len, text);
	print("engine", &engine);
	print("second", &second);
	return false;
}

/* --- Random texts ---------------------------------------------------------------------------- */

static uint64_t state;

/* xorshift64* */
static unsigned draw(unsigned below)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (unsigned)((state * 2685821657736338717u >> 33) % below);
}

static size_t make_text(char *out)
{
	static const char *const name[] = { "sectigo.com", "letsencrypt.org",
		                            "Sectigo.com", "a",
		                            "a-b.c",       "a-.c",
		                            "a..b",        "",
		                            "ca.example.", "-a",
		                            "a b" };
	static const char *const word[] = {
		"accounturi",
		"AccountURI",
		"accounturl",
		"acounturi",
		"persistUntil",
		"persistuntil",
		"persistUntill",
		"policy",
		"Policy",
		"polcy",
		"validationmethods",
		"x",
		"a-b",
		"a-",
		"",
	};
	static const char *const data[] = {
		"https://ca.example/acct/1",
		"acct:1@ca.example",
		"1",
		"x:%4",
		"x:%41",
		":x",
		"wildcard",
		"WildCard",
		"wild",
		"1797521600",
		"0",
		"007",
		"-1",
		"1e9",
		"18446744073709551615",
		"18446744073709551616",
		"99999999999999999999999",
		"",
		"a b",
		"a=b",
		"\x80",
	};
	static const char *const gap[] = { "", "", "", " ", "\t", "  " };
	static const char noise[] = ";; ==.-\"\x7f\0\r\naZ09%:";
	char *at = out;
#define PUT(list) at = stpcpy(at, (list)[draw(sizeof(list) / sizeof((list)[0]))])
	PUT(gap);
	at = stpcpy(at, name[draw(4) > 0 ? draw(2) : draw(sizeof(name) / sizeof(name[0]))]);
	PUT(gap);
	for (unsigned count = draw(5); count > 0; count--) {
		*at++ = ';';
		PUT(gap);
		// Often what is sound, so that texts are met that are sound as a whole.
		unsigned sound = draw(3);
		at = stpcpy(at,
		            sound == 0 ? "accounturi" : word[draw(sizeof(word) / sizeof(word[0]))]);
		PUT(gap);
		*at++ = '=';
		PUT(gap);
		at = stpcpy(at, sound < 2 ? "https://ca.example/acct/1" :
		                            data[draw(sizeof(data) / sizeof(data[0]))]);
		PUT(gap);
	}
	if (draw(8) == 0) {
		*at++ = ';';
		PUT(gap);
	}
#undef PUT
	size_t len = (size_t)(at - out);
	for (unsigned edits_left = draw(6) == 0 ? 1 + draw(3) : 0; edits_left > 0 && len > 0;
	     edits_left--) {
		size_t pos = draw((unsigned)len);
		if (draw(2) == 0) {
			out[pos] = noise[draw(sizeof(noise) - 1)];
		} else {
			memmove(out + pos, out + pos + 1, len - pos - 1);
			len--;
		}
	}
	return len;
}

static int run_random(uint64_t seed, unsigned long count)
{
	unsigned long met[32] = { 0 }, sound = 0;
	state = seed * 0x9e3779b97f4a7c15u + 1;
	for (unsigned long i = 0; i < count; i++) {
		char text[TEXT_MAX];
		said_t said;
		size_t len = make_text(text);
		if (!compare(text, len)) {
			return EXIT_FAILURE;
		}
		ask_engine(text, len, &said);
		sound += said.faults == 0;
		for (unsigned bit = 0; bit < 8; bit++) {
			met[bit] += said.faults >> bit & 1;
		}
	}
	printf("%lu texts agree, %lu without a fault; faults:", count, sound);
	bool all = sound > 0;
	for (unsigned bit = 0; bit < 8; bit++) {
		printf(" %lu", met[bit]);
		all = all && met[bit] > 0;
	}
	printf("\n");
	return all ? EXIT_SUCCESS : EXIT_BROKEN;
}

/* --- Cases ----------------------------------------------------------------------------------- */

static const struct {
	const char *word;
	uint32_t fault;
} words[] = {
	{ "syntax", PERSIST_SYNTAX },         { "no-issuer", PERSIST_NO_ISSUER },
	{ "no-account", PERSIST_NO_ACCOUNT }, { "twice", PERSIST_TWICE },
	{ "no-uri", PERSIST_ACCOUNT_NO_URI }, { "no-time", PERSIST_UNTIL_NO_TIME },
	{ "policy", PERSIST_POLICY },         { "slip", PERSIST_SLIP },
};

/* Compares both parsers with a case; what is after "until=" is the time. */
static bool check_case(char *faults, const char *text)
{
	said_t expected = { .time = UINT64_MAX }, engine, second;
	for (char *word = strtok(faults, ","); word != NULL; word = strtok(NULL, ",")) {
		if (strncmp(word, "until=", 6) == 0) {
			expected.time = strtoull(word + 6, NULL, 10);
		}
		expected.wildcard = expected.wildcard || strcmp(word, "wildcard") == 0;
		for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
			expected.faults |= strcmp(word, words[i].word) == 0 ? words[i].fault : 0;
		}
	}
	ask_engine(text, strlen(text), &engine);
	parse(text, strlen(text), &second);
	if (is_same(&engine, &second) && engine.faults == expected.faults &&
	    engine.time == expected.time && engine.wildcard == expected.wildcard) {
		return true;
	}
	printf("%s\n", text);
	print("engine", &engine);
	print("second", &second);
	print("expected", &expected);
	return false;
}

static int run_cases(const char *path)
{
	char line[1024];
	unsigned count = 0, failed = 0;
	FILE *file = fopen(path, "r");
	if (file == NULL) {
		perror(path);
		return EXIT_BROKEN;
	}
	while (fgets(line, sizeof(line), file) != NULL) {
		char *text = strchr(line, '\t');
		line[strcspn(line, "\n")] = '\0';
		if (line[0] != '#' && text != NULL) {
			*text++ = '\0';
			count++;
			failed += !check_case(line, text);
		}
	}
	(void)fclose(file);
	printf("%u cases, %u fail\n", count, failed);
	return failed > 0 ? EXIT_FAILURE : count < 60 ? EXIT_BROKEN : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "cases") == 0) {
		return run_cases(argv[2]);
	} else if ((argc == 4 || argc == 5) && strcmp(argv[1], "random") == 0) {
		bug = argc == 5 ? (unsigned)strtoul(argv[4], NULL, 10) : BUG_NONE;
		if (bug < BUG__COUNT) {
			return run_random(strtoull(argv[2], NULL, 10), strtoul(argv[3], NULL, 10));
		}
	}
	fprintf(stderr, "usage: persist random SEED COUNT [BUG] | cases FILE\n");
	return EXIT_BROKEN;
}
