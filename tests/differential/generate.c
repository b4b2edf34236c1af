/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdbool.h>
#include <string.h>

#include "generate.h"
#include "oracle.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum {
	TYPE_A = 1,
	TYPE_SOA = 6,
	TYPE_TXT = 16,
};

#define ACCOUNT "https://ca1.example.net/acct/1"

typedef struct {
	generate_zone_t *zone;
	uint64_t state;
} gen_t;

/* SplitMix64. */
static uint64_t next(gen_t *gen)
{
	uint64_t z = gen->state += 0x9e3779b97f4a7c15;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static size_t below(gen_t *gen, size_t limit)
{
	return next(gen) % limit;
}

static bool percent(gen_t *gen, unsigned chance)
{
	return below(gen, 100) < chance;
}

#define PICK(gen, array) ((array)[below(gen, COUNT(array))])

/* Names. */

static size_t wire_len(const uint8_t *wire)
{
	size_t len = 0;
	while (wire[len] != 0) {
		len += 1 + wire[len];
	}
	return len + 1;
}

static void from_text(uint8_t *wire, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, ".");
		*wire++ = len;
		memcpy(wire, text, len);
		wire += len;
		text += len + (text[len] == '.');
	}
	*wire = 0;
}

static bool prepend(uint8_t *wire, const char *label)
{
	size_t rest = wire_len(wire), len = strlen(label);
	if (rest + 1 + len > 255) {
		return false;
	}
	memmove(wire + 1 + len, wire, rest);
	wire[0] = len;
	memcpy(wire + 1, label, len);
	return true;
}

/* So few labels that names meet; now and then one that is odd. */
static const char *random_label(gen_t *gen)
{
	static const char *const usual[] = { "a", "b", "c" };
	static const char *const odd[] = {
		"*", "_x", "ab",
		"d", "aa", "a23456789012345678901234567890123456789012345678901234567890123",
	};
	return percent(gen, 94) ? PICK(gen, usual) : PICK(gen, odd);
}

static void random_name(gen_t *gen, uint8_t *wire, unsigned star)
{
	static const uint8_t depths[] = { 0, 1, 1, 1, 1, 2, 2, 2, 3, 3 };
	memcpy(wire, gen->zone->apex, wire_len(gen->zone->apex));
	for (unsigned depth = PICK(gen, depths); depth > 0; depth--) {
		prepend(wire, random_label(gen));
	}
	if (percent(gen, star)) {
		prepend(wire, "*");
	}
}

static void random_case(gen_t *gen, uint8_t *wire)
{
	for (size_t pos = 0; wire[pos] != 0; pos += 1 + wire[pos]) {
		for (size_t i = 1; i <= wire[pos]; i++) {
			uint8_t *c = &wire[pos + i];
			if (*c >= 'a' && *c <= 'z' && percent(gen, 10)) {
				*c -= 32;
			}
		}
	}
}

static void outside_name(gen_t *gen, uint8_t *wire)
{
	const uint8_t *apex = gen->zone->apex;
	switch (below(gen, 3)) {
	case 0: /* Beside the zone, with the same letters at the end. */
		memcpy(wire, apex, wire_len(apex));
		memmove(wire + 2, wire + 1, wire_len(apex) - 1);
		wire[0]++;
		wire[1] = 'x';
		break;
	case 1:
		from_text(wire, "cdn.example.net");
		break;
	default: /* Above the zone; the root for a zone of one label. */
		memcpy(wire, apex + 1 + apex[0], wire_len(apex + 1 + apex[0]));
		break;
	}
}

static void random_target(gen_t *gen, uint8_t *wire)
{
	switch (below(gen, 16)) {
	case 0:
	case 1:
	case 2:
		outside_name(gen, wire);
		break;
	case 3:
		random_name(gen, wire, 100);
		break;
	case 4: /* An existing owner. */
		memcpy(wire, gen->zone->record[below(gen, gen->zone->count)].owner, 255);
		break;
	case 5: /* So long that a DNAME can make it too long. */
		random_name(gen, wire, 0);
		while (percent(gen, 90) &&
		       prepend(wire,
		               "l23456789012345678901234567890123456789012345678901234567890123")) {
		}
		break;
	default:
		random_name(gen, wire, 0);
		break;
	}
	random_case(gen, wire);
}

/* Records. */

static bool has(const generate_zone_t *zone, const uint8_t *owner, uint16_t type)
{
	oracle_name_t name, other;
	oracle_name(&name, owner, 255);
	for (size_t i = 0; i < zone->count; i++) {
		oracle_name(&other, zone->record[i].owner, 255);
		if (other.len == name.len && memcmp(other.wire, name.wire, name.len) == 0 &&
		    (type == 0 || zone->record[i].type == type)) {
			return true;
		}
	}
	return false;
}

static bool is_inside(const generate_zone_t *zone, const uint8_t *owner)
{
	oracle_name_t name, apex;
	oracle_name(&name, owner, 255);
	oracle_name(&apex, zone->apex, 255);
	for (size_t at = 0; name.wire[at] != 0; at += 1 + name.wire[at]) {
		if (name.len - at == apex.len && memcmp(name.wire + at, apex.wire, apex.len) == 0) {
			return true;
		}
	}
	return false;
}

static generate_record_t *add(generate_zone_t *zone, const uint8_t *owner, uint16_t type)
{
	generate_record_t *record = &zone->record[zone->count++];
	memset(record->owner, 0, sizeof(record->owner));
	memcpy(record->owner, owner, wire_len(owner));
	record->type = type;
	record->rdlen = 0;
	return record;
}

static void append(generate_record_t *record, const void *data, size_t len)
{
	if (record->rdlen + len <= GENERATE_RDATA_MAX) {
		memcpy(record->rdata + record->rdlen, data, len);
		record->rdlen += len;
	}
}

static void append_text(generate_record_t *record, const char *text)
{
	append(record, text, strlen(text));
}

static void append_space(gen_t *gen, generate_record_t *record, unsigned chance)
{
	while (percent(gen, chance)) {
		append_text(record, percent(gen, 60) ? " " : "\t");
		chance = 25;
	}
}

static void append_issuer(gen_t *gen, generate_record_t *record)
{
	static const char *const usual[] = {
		"ca1.example.net", "ca1.example.net", "ca2.example.org",
		"ca2.example.org", "sectigo.com",     "sectigo.com",
		"usertrust.com",   "letsencrypt.org", "entrust.net",
	};
	static const char *const others[] = {
		"comodoca.com",     "trust-provider.com",
		"comodo.com",       "letsencrypt.com",
		"affirmtrust.com",  "sectigo.net",
		"ssl.com",          "xca1.example.net",
		"example.net",      "ca1.example",
		"ca1.example.net.", "ca-1.example.net",
		"_ca1.example.net", "ca1..example.net",
		"ca1-.example.net", "ca1.example.net-",
		"localca",          "",
	};
	size_t from = record->rdlen;
	append_text(record, percent(gen, 80) ? PICK(gen, usual) : PICK(gen, others));
	unsigned chance = percent(gen, 90) ? 0 : 40;
	for (size_t i = from; i < record->rdlen; i++) {
		uint8_t *c = &record->rdata[i];
		if (*c >= 'a' && *c <= 'z' && percent(gen, chance)) {
			*c -= 32;
		}
	}
}

static void append_parameter(gen_t *gen, generate_record_t *record)
{
	static const char *const accounts[] = {
		ACCOUNT,
		ACCOUNT,
		ACCOUNT,
		"https://ca1.example.net/acct/2",
		"https://CA1.example.net/acct/1",
		ACCOUNT "/",
		"urn:x",
		"x:",
		"1x:y",
		"1234",
		"",
		"x:%4",
		"x:%4a",
		"x:<1>",
		":x",
		"https://acme-v02.api.letsencrypt.org/acme/acct/1",
		"https://acme-v02.api.letsencrypt.org/acme/acct/1",
		"https://ACME-v02.api.letsencrypt.org:443/acme/acct/1",
		"https://acme-staging-v02.api.letsencrypt.org/acme/acct/1",
		"https://acme.zerossl.com/v2/DV90/account/x",
		"https://a@acme.sectigo.com",
		"https://acme.ssl.com/sslcom-dv-rsa/acct/1",
		"https://acme-try.ssl.com/sslcom-dv-rsa/acct/1",
		"https://ca.example/acme-staging-v02.api.letsencrypt.org",
		"acct:1234@sectigo.com",
		"acct:1234@entrust.net",
		"ACCT:1234@letsencrypt.org",
		"acct:1234",
		"urn:acme.sectigo.com",
		"https://acme.sectigo.com/1,validationmethods=dns-01",
		"x:y,AccountURI=z",
		"x:y,,validationmethods",
		"x:y,https://acme.sectigo.com/1",
		"x:y,acct:z",
		"x:y,http:z",
	};
	static const char *const methods[] = {
		"dns-01", "dns-01", "http-01", "http-01,dns-01", "ca-tbr-7", "ca-tbr-7,dns-01",
		"DNS-01", "",       ",",       "dns-01,",        ",dns-01",  "dns-01,,http-01",
		"dns_01", "-",      "dns-012", "ca-tbr-19",      "xyz-01",   "ca-tbr-21,xyz-01",
	};
	static const char *const tags[] = {
		"a",  "account", "a-b", "1",   "policy", "a-",
		"-a", "a_b",     "",    "a b", "a--b",   "account-uri",
	};
	static const char *const values[] = {
		"b",        "",      "b=c", "=", "b c", "!~",  "b\x7f",
		"\xc3\xbc", "\"b\"", "b\\", "<", ":",   "b,c",
	};
	static const char *const account_tags[] = { "accounturi", "accounturi", "AccountURI" };
	static const char *const method_tags[] = {
		"validationmethods",
		"validationmethods",
		"ValidationMethods",
	};
	const char *tag, *value;
	switch (below(gen, 5)) {
	case 0:
	case 1:
		tag = PICK(gen, account_tags);
		value = PICK(gen, accounts);
		break;
	case 2:
	case 3:
		tag = PICK(gen, method_tags);
		value = PICK(gen, methods);
		break;
	default:
		tag = percent(gen, 60) ? tags[below(gen, 4)] : PICK(gen, tags);
		value = percent(gen, 60) ? values[below(gen, 3)] : PICK(gen, values);
		break;
	}
	append_text(record, tag);
	append_space(gen, record, 8);
	if (percent(gen, 97)) {
		append_text(record, "=");
	}
	append_space(gen, record, 8);
	append_text(record, value);
}

static void append_value(gen_t *gen, generate_record_t *record)
{
	append_space(gen, record, 15);
	if (percent(gen, 85)) {
		append_issuer(gen, record);
		append_space(gen, record, 15);
	}
	if (percent(gen, 40)) {
		append_text(record, ";");
		append_space(gen, record, 50);
		bool more = percent(gen, 75);
		while (more) {
			append_parameter(gen, record);
			append_space(gen, record, 15);
			more = percent(gen, 35);
			if (more || percent(gen, 5)) {
				append_text(record, ";");
				append_space(gen, record, 40);
			}
		}
	}
}

/* Removes, doubles, changes or inserts an octet. */
static void mutate(gen_t *gen, generate_record_t *record, size_t from)
{
	static const char hostile[] = " \t;=.-_,*%\"'/:\0\x7f\xff\n1aZ";
	size_t len = record->rdlen;
	if (len <= from || len == GENERATE_RDATA_MAX) {
		return;
	}
	size_t at = from + below(gen, len - from);
	uint8_t octet = below(gen, 256);
	if (percent(gen, 70)) {
		octet = hostile[below(gen, sizeof(hostile) - 1)];
	}
	switch (below(gen, 4)) {
	case 0:
		memmove(record->rdata + at, record->rdata + at + 1, len - at - 1);
		record->rdlen--;
		break;
	case 1:
		record->rdata[at] = octet;
		break;
	default:
		octet = percent(gen, 30) ? record->rdata[at] : octet;
		at += percent(gen, 30);
		memmove(record->rdata + at + 1, record->rdata + at, len - at);
		record->rdata[at] = octet;
		record->rdlen++;
		break;
	}
}

static void make_caa(gen_t *gen, generate_record_t *record)
{
	static const uint8_t flags[] = { 0, 0, 0, 0, 0, 0, 128, 128, 1, 127, 129, 255 };
	static const char *const usual[] = {
		"issue",     "issue",     "issue", "issue",     "issue",
		"issuewild", "issuewild", "ISSUE", "IssueWild",
	};
	static const char *const others[] = {
		"iodef",        "IODEF",    "issuemail",
		"IssueMail",    "issuevmc", "contactemail",
		"contactphone", "auth",     "path",
		"policy",       "tbs",      "TBS",
		"issu",         "issuer",   "issuewil",
		"issuewildx",   "",         "",
		"issue-",       "issue ",   "abcdefghijklmnopqrst",
	};
	const char *tag = percent(gen, 75) ? PICK(gen, usual) : PICK(gen, others);
	uint8_t head[2] = { percent(gen, 97) ? PICK(gen, flags) : below(gen, 256), strlen(tag) };
	append(record, head, sizeof(head));
	append_text(record, tag);
	size_t value = record->rdlen;
	if (percent(gen, 12)) {
		append_text(record, ";");
	} else {
		append_value(gen, record);
	}
	while (percent(gen, 8)) {
		mutate(gen, record, value);
	}
	if (percent(gen, 3)) {
		switch (below(gen, 4)) {
		case 0:
			record->rdlen = below(gen, 4);
			break;
		case 1:
			record->rdlen = below(gen, record->rdlen);
			break;
		case 2:
			record->rdata[1] = percent(gen, 50) ? record->rdlen - 2 + below(gen, 2) :
			                                      below(gen, 256);
			break;
		case 3:
			mutate(gen, record, 0);
			break;
		}
	}
}

static void make_record(gen_t *gen, unsigned alias)
{
	generate_zone_t *zone = gen->zone;
	uint8_t owner[255] = { 0 };
	random_name(gen, owner, 15);
	const uint8_t *taken = zone->record[below(gen, zone->count)].owner;
	if (zone->count > 2 && percent(gen, 30) && is_inside(zone, taken)) {
		memcpy(owner, taken, 255);
	}
	random_case(gen, owner);
	if (percent(gen, 2)) {
		/* Not in the zone: to be dropped. */
		outside_name(gen, owner);
		make_caa(gen, add(zone, owner, ORACLE_TYPE_CAA));
		return;
	}

	bool apex = owner[0] == zone->apex[0] && wire_len(owner) == wire_len(zone->apex);
	bool star = owner[0] == 1 && owner[1] == '*';
	size_t kind = below(gen, 100);
	generate_record_t *record;

	/* What a server would refuse, or treat in a way of its own, is left out. */
	if (has(zone, owner, ORACLE_TYPE_CNAME)) {
		return;
	}
	if (kind < alias) {
		if (!apex && !has(zone, owner, 0)) {
			record = add(zone, owner, ORACLE_TYPE_CNAME);
			uint8_t target[255];
			random_target(gen, target);
			append(record, target, wire_len(target));
		}
	} else if (kind < alias + alias / 2) {
		if (!star && !has(zone, owner, ORACLE_TYPE_DNAME) &&
		    (!has(zone, owner, ORACLE_TYPE_NS) || (apex && percent(gen, 20)))) {
			record = add(zone, owner, ORACLE_TYPE_DNAME);
			uint8_t target[255];
			random_target(gen, target);
			append(record, target, wire_len(target));
		}
	} else if (kind < alias + alias / 2 + 6) {
		if (!apex && !star && !has(zone, owner, ORACLE_TYPE_DNAME)) {
			record = add(zone, owner, ORACLE_TYPE_NS);
			append(record,
			       "\x02ns\x07"
			       "example\x03net",
			       16);
		}
	} else if (kind < alias + alias / 2 + 20) {
		record = add(zone, owner, percent(gen, 50) ? TYPE_A : TYPE_TXT);
		append(record,
		       record->type == TYPE_A ? "\xc0\x00\x02\x01" :
		                                "\x03"
		                                "abc",
		       4);
	} else {
		make_caa(gen, add(zone, owner, ORACLE_TYPE_CAA));
	}
}

void generate(generate_zone_t *zone, uint64_t seed)
{
	static const char *const apexes[] = { "example.com", "a.test", "a.b.test", "test" };
	static const char *const cas[] = {
		"ca1.example.net", "ca2.example.org", "sectigo.com",     "letsencrypt.org",
		"usertrust.com",   "ca1.example.net", "letsencrypt.org", "entrust.net",
	};
	static const char *const asked_accounts[] = {
		ACCOUNT,
		ACCOUNT,
		"https://acme-v02.api.letsencrypt.org/acme/acct/1",
		"acct:1234@sectigo.com",
	};
	static const char *const asked_methods[] = { "dns-01",  "dns-01",         "ca-tbr-7",
		                                     "http-01", "dns-account-01", "ca-tbr-19" };
	gen_t gen = { zone, seed * 0xd1342543de82ef95 + 1 };
	zone->count = 0;

	from_text(zone->apex, PICK(&gen, apexes));
	generate_record_t *soa = add(zone, zone->apex, TYPE_SOA);
	append(soa,
	       "\x02ns\x07"
	       "example\x03net",
	       16);
	append(soa,
	       "\x02hm\x07"
	       "example\x03net",
	       16);
	static const uint8_t numbers[20] = { [3] = 1, [7] = 60, [11] = 60, [15] = 60, [19] = 60 };
	append(soa, numbers, sizeof(numbers));
	append(add(zone, zone->apex, ORACLE_TYPE_NS),
	       "\x02ns\x07"
	       "example\x03net",
	       16);

	if (percent(&gen, 25)) {
		/* All at one name: values rather than names. */
		for (size_t i = 1 + below(&gen, 5); i > 0; i--) {
			make_caa(&gen, add(zone, zone->apex, ORACLE_TYPE_CAA));
		}
	} else {
		unsigned alias = PICK(&gen, ((const uint8_t[]){ 0, 14, 14, 36 }));
		for (size_t i = 1 + below(&gen, 14); i > 0; i--) {
			make_record(&gen, alias);
		}
	}

	for (size_t i = 0; i < GENERATE_HOSTS; i++) {
		uint8_t name[255];
		random_name(&gen, name, 0);
		const uint8_t *owner = zone->record[below(&gen, zone->count)].owner;
		if (percent(&gen, 40) && is_inside(zone, owner)) {
			memcpy(name, owner, 255);
			if (percent(&gen, 40)) {
				prepend(name, random_label(&gen));
			}
		}
		/* A host is never written with "*." in front. */
		if (name[0] == 1 && name[1] == '*') {
			name[1] = 'z';
		}
		oracle_name_t lowered;
		oracle_name(&lowered, name, sizeof(name));
		memcpy(zone->host[i], lowered.wire, lowered.len);
	}

	/* A source pushes records in any order. */
	for (size_t i = zone->count - 1; i > 0; i--) {
		size_t other = below(&gen, i + 1);
		generate_record_t record = zone->record[i];
		zone->record[i] = zone->record[other];
		zone->record[other] = record;
	}

	size_t first = below(&gen, COUNT(cas));
	zone->ca[0] = cas[first];
	zone->ca[1] = cas[(first + 1) % COUNT(cas)];
	zone->account = percent(&gen, 40) ? PICK(&gen, asked_accounts) : NULL;
	zone->method = percent(&gen, 40) ? PICK(&gen, asked_methods) : NULL;
}
