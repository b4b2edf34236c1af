/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Parses times, durations, addresses, keys and zone names of the command line. */

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <libknot/errcode.h>
#include <libknot/error.h>
#include <libknot/tsig.h>

#include "probe.h"
#include "source.h"
#include "text.h"
#include "values.h"

#define DNS_PORT "53"
#define JOBS_MAX 256

/* Takes exactly n digits. */
static bool digits(const char **pos, unsigned n, int *out)
{
	int value = 0;
	for (unsigned i = 0; i < n; i++, (*pos)++) {
		if (**pos < '0' || **pos > '9') {
			return false;
		}
		value = 10 * value + (**pos - '0');
	}
	*out = value;
	return true;
}

static bool to_epoch(struct tm *tm, int offset, uint64_t *out)
{
	struct tm asked = *tm;
	tm->tm_year -= 1900;
	tm->tm_mon -= 1;
	time_t when = timegm(tm);
	/* timegm() turns the 31st of February into the 3rd of March. */
	bool same = tm->tm_mon + 1 == asked.tm_mon && tm->tm_mday == asked.tm_mday &&
	            tm->tm_hour == asked.tm_hour && tm->tm_min == asked.tm_min &&
	            tm->tm_sec == asked.tm_sec;
	when -= offset;
	if (!same || when < 0) {
		return false;
	}
	*out = when;
	return true;
}

static bool parse_offset(const char *pos, int *offset)
{
	*offset = 0;
	if (*pos == '\0' || strcmp(pos, "Z") == 0 || strcmp(pos, "z") == 0) {
		return true;
	}
	if (*pos != '+' && *pos != '-') {
		return false;
	}
	int sign = *pos++ == '-' ? -1 : 1;
	int hours = 0;
	int minutes = 0;
	if (!digits(&pos, 2, &hours)) {
		return false;
	}
	pos += *pos == ':';
	if (!digits(&pos, 2, &minutes) || *pos != '\0' || hours > 23 || minutes > 59) {
		return false;
	}
	*offset = sign * (3600 * hours + 60 * minutes);
	return true;
}

bool parse_time(const char *text, void *out)
{
	uint64_t *seconds = out;
	size_t len = strlen(text);
	const char *pos = text;
	struct tm tm = { 0 };
	if (len > 0 && strspn(text, "0123456789") == len) {
		if (len == 14) {
			return digits(&pos, 4, &tm.tm_year) && digits(&pos, 2, &tm.tm_mon) &&
			       digits(&pos, 2, &tm.tm_mday) && digits(&pos, 2, &tm.tm_hour) &&
			       digits(&pos, 2, &tm.tm_min) && digits(&pos, 2, &tm.tm_sec) &&
			       to_epoch(&tm, 0, seconds);
		}
		if (len > 12) {
			return false;
		}
		*seconds = strtoull(text, NULL, 10);
		return true;
	}

	if (!digits(&pos, 4, &tm.tm_year) || *pos++ != '-' || !digits(&pos, 2, &tm.tm_mon) ||
	    *pos++ != '-' || !digits(&pos, 2, &tm.tm_mday)) {
		return false;
	}
	if (*pos == 'T' || *pos == 't' || *pos == ' ') {
		pos++;
		if (!digits(&pos, 2, &tm.tm_hour) || *pos++ != ':' ||
		    !digits(&pos, 2, &tm.tm_min)) {
			return false;
		}
		if (*pos == ':') {
			pos++;
			if (!digits(&pos, 2, &tm.tm_sec)) {
				return false;
			}
		}
	}
	int offset = 0;
	return parse_offset(pos, &offset) && to_epoch(&tm, offset, seconds);
}

bool parse_duration(const char *text, void *out)
{
	static const struct {
		char unit;
		uint32_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 604800 } };
	uint64_t value = 0;
	const char *pos = text;
	for (; *pos >= '0' && *pos <= '9' && value <= INT32_MAX; pos++) {
		value = 10 * value + (*pos - '0');
	}
	if (pos == text) {
		return false;
	}
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (*pos == units[i].unit) {
			value *= units[i].seconds;
			pos++;
			break;
		}
	}
	*(uint32_t *)out = value;
	return *pos == '\0' && value > 0 && value <= INT32_MAX;
}

/* Parses a number from 1 to most. */
static bool parse_number(const char *text, unsigned long most, unsigned *out)
{
	char *end = NULL;
	errno = 0;
	unsigned long n = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || n < 1 || n > most) {
		return false;
	}
	*out = n;
	return true;
}

bool parse_jobs(const char *text, void *out)
{
	return parse_number(text, JOBS_MAX, out);
}

bool parse_rate(const char *text, void *out)
{
	return parse_number(text, PROBE_RATE_MAX, out);
}

bool parse_server(const char *text, void *out)
{
	char addr[128];
	const char *at = strchr(text, '@');
	size_t len = at != NULL ? (size_t)(at - text) : strlen(text);
	const char *port = at != NULL ? at + 1 : DNS_PORT;
	if (len == 0 || len >= sizeof(addr)) {
		return false;
	}
	memcpy(addr, text, len);
	addr[len] = '\0';

	char *end = NULL;
	unsigned long number = strtoul(port, &end, 10);
	if (!isdigit((unsigned char)*port) || *end != '\0' || number < 1 || number > 65535) {
		return false;
	}

	struct addrinfo hints = {
		.ai_family = AF_UNSPEC,
		.ai_socktype = SOCK_STREAM,
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
	};
	struct addrinfo *info = NULL;
	struct in_addr four;
	if (getaddrinfo(addr, port, &hints, &info) != 0) {
		return false;
	}
	/* "10.1" is 10.0.0.1 for getaddrinfo(), and a slip here. */
	if (info->ai_family == AF_INET && inet_pton(AF_INET, addr, &four) != 1) {
		freeaddrinfo(info);
		return false;
	}
	memset(out, 0, sizeof(struct sockaddr_storage));
	memcpy(out, info->ai_addr, info->ai_addrlen);
	freeaddrinfo(info);
	return true;
}

int parse_range(const char *text, caaudit_ranges_t *ranges)
{
	char first[INET6_ADDRSTRLEN];
	uint8_t from[16], to[16];
	size_t len = strcspn(text, "/-");
	const char *rest = text + len;
	if (len >= sizeof(first)) {
		return KNOT_EINVAL;
	}
	memcpy(first, text, len);
	first[len] = '\0';
	int family = strchr(first, ':') != NULL ? AF_INET6 : AF_INET;
	uint8_t octets = family == AF_INET ? 4 : 16;
	char *end;
	long prefix = -1;
	if (rest[0] == '/') {
		errno = 0;
		prefix = strtol(rest + 1, &end, 10);
		if (errno != 0 || !isdigit((unsigned char)rest[1]) || *end != '\0' ||
		    prefix > 8L * octets) {
			return KNOT_EINVAL;
		}
	}
	if (inet_pton(family, first, from) != 1 ||
	    (rest[0] == '-' && inet_pton(family, rest + 1, to) != 1)) {
		return KNOT_EINVAL;
	}
	bool ok = rest[0] == '-' ? caaudit_ranges_add(ranges, from, to, octets) :
	                           caaudit_ranges_add_net(ranges, from, octets, (int)prefix);
	return ok ? KNOT_EOK : KNOT_ENOMEM;
}

bool parse_tsig(const char *text, void *out)
{
	knot_tsig_key_t *key = out;
	bool is_file = text[0] == '@';
	if (is_file && access(text + 1, R_OK) != 0) {
		char why[128];
		complain(stderr, "--tsig '%s': %s", text,
		         source_errno_text(errno, why, sizeof(why)));
		return false;
	}
	int ret = is_file ? knot_tsig_key_init_file(key, text + 1) :
	                    knot_tsig_key_init_str(key, text);
	if (ret != KNOT_EOK) {
		/* The key is a secret: it is not repeated. */
		complain(stderr, "--tsig: %s; write [ALG:]NAME:KEY with KEY in Base64, or @FILE",
		         knot_strerror(ret));
		*key = (knot_tsig_key_t){ 0 };
	}
	return ret == KNOT_EOK;
}

knot_dname_t *parse_zone(const char *text, knot_dname_storage_t out)
{
	if (*text == '\0' || strcmp(text, "@") == 0) {
		return NULL;
	}
	knot_dname_t *name = knot_dname_from_str(out, text, KNOT_DNAME_MAXLEN);
	if (name != NULL) {
		knot_dname_to_lower(name);
	}
	return name;
}

/* Length of a file name without that ending, if something is left. */
static size_t cut_ending(const char *base, size_t len, const char *ending)
{
	size_t cut = strlen(ending);
	return len > cut && memcmp(base + len - cut, ending, cut) == 0 ? len - cut : len;
}

/* Length of a file name without the endings that servers and their users give it. */
static size_t cut_endings(const char *base)
{
	static const char *const endings[] = { ".zone", ".db", ".hosts", ".dns", ".txt" };
	size_t len = cut_ending(base, strlen(base), ".signed");
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t left = cut_ending(base, len, endings[i]);
		if (left < len) {
			return left;
		}
	}
	return len;
}

/* Length of "db." or "pri." where a name of two labels or more follows: db.com is a domain. */
static size_t beginning(const char *base, size_t len)
{
	static const char *const words[] = { "db.", "pri." };
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t cut = strlen(words[i]);
		if (len > cut && memcmp(base, words[i], cut) == 0 &&
		    memchr(base + cut, '.', len - cut - 1) != NULL) {
			return cut;
		}
	}
	return 0;
}

knot_dname_t *zone_from_path(const char *path, knot_dname_storage_t out)
{
	const char *base = strrchr(path, '/');
	base = base != NULL ? base + 1 : path;
	size_t len = cut_endings(base);
	size_t skip = beginning(base, len);
	base += skip;
	len -= skip;
	char name[KNOT_DNAME_TXT_MAXLEN + 1];
	if (len == 0 || len >= sizeof(name)) {
		return NULL;
	}
	memcpy(name, base, len);
	name[len] = '\0';
	for (const char *c = name; *c != '\0'; c++) {
		if (!isalnum((unsigned char)*c) && strchr("-_.", *c) == NULL) {
			return NULL;
		}
	}
	/* "db.192.0.2" is the zone of an address, but which one, only its users know. */
	if (strspn(name, "0123456789.") == len) {
		return NULL;
	}
	return parse_zone(name, out);
}
