/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "oracle.h"

/*
 * Deliberate mistakes, at most one of them made; meson.build counts them.
 */
enum {
	BUG_NONE,
	BUG_ISSUEWILD_IGNORED, /* 1 */
	BUG_ISSUEWILD_FOR_PLAIN,
	BUG_CLIMB_FROM_TARGET,
	BUG_SEMICOLON_BLOCKS,
	BUG_MALFORMED_SKIPPED, /* 5 */
	BUG_CRITICAL_IGNORED,
	BUG_FLAG_ONE_CRITICAL,
	BUG_REGISTERED_CRITICAL,
	BUG_ISSUER_CASE,
	BUG_FINAL_SEMICOLON, /* 10 */
	BUG_TAB_IS_NO_SPACE,
	BUG_ACCOUNT_TWICE,
	BUG_METHOD_IGNORED,
	BUG_DNAME_OWNER,
	BUG_EMPTY_NON_TERMINAL, /* 15 */
	BUG_CUT_SERVED,
	BUG_WILDCARD_CNAME,
	BUG_STAR_OWNER,
	BUG_UNRESTRICTED_CLIMBS,
	BUG_OUTSIDE_IS_EMPTY, /* 20 */
	BUG_ALIAS_AT_HOST_ONLY,
	BUG_BAD_RDATA_SKIPPED,
	BUG_TAG_CASE,
	BUG_APEX_LEFT_OUT,
	BUG_LETTERS_NOT_LABELS, /* 25 */
	BUG_PARAMETER_WITHOUT_EQUALS,
	BUG_ISSUEMAIL_RESTRICTS,
	BUG_EMPTY_TAG_MALFORMED,
	BUG_ACCOUNT_CASE,
	BUG_LOOP_IS_EMPTY, /* 30 */
	BUG_OCCLUDED_SERVED,
	BUG_WILDCARD_OWNER_AS_ASKED,
	BUG_MALFORMED_ISSUEWILD,
	BUG_HYPHEN_ENDS_LABEL,
	BUG_EMPTY_METHOD_LIST, /* 35 */
	BUG_STAGING_FITS,
	BUG_FOREIGN_FITS,
	BUG_FOREIGN_BY_PATH,
	BUG_SHARED_NAME_FOREIGN,
	BUG_ONE_LABEL, /* 40 */
	BUG_BOTH_LABELS,
	BUG_UNKNOWN_LABEL_DENIES,
	BUG_METHODS_TWICE,
	BUG_OTHERWISE_ENDS_AT_CUT,
	BUG_OTHERWISE_IS_DENIED, /* 45 */
	BUG_RUNS_ON,
	BUG_LABEL_NEVER,
	BUG__COUNT
};

static uint64_t planted = BUG_NONE;

#define BUG(bug) (planted == (bug))

bool oracle_plant(uint64_t bug)
{
	planted = bug;
	return bug < BUG__COUNT;
}

/* Far beyond what any server follows; a chain that gets here has no end. */
#define CHAIN_MAX 400

const char *const oracle_met_name[ORACLE_MET__COUNT] = {
	[ORACLE_MET_NO_CAA] = "no CAA up to the apex",
	[ORACLE_MET_UNRESTRICTED] = "set that restricts nobody",
	[ORACLE_MET_LISTED] = "CA listed",
	[ORACLE_MET_NOT_LISTED] = "CA not listed",
	[ORACLE_MET_ISSUEWILD] = "issuewild decides",
	[ORACLE_MET_CRITICAL] = "unknown critical tag",
	[ORACLE_MET_BAD_RDATA] = "RDATA cannot be decoded",
	[ORACLE_MET_BAD_VALUE] = "malformed value",
	[ORACLE_MET_BAD_ACCOUNT] = "account does not fit",
	[ORACLE_MET_BAD_METHOD] = "method does not fit",
	[ORACLE_MET_STAGING] = "account of a staging system",
	[ORACLE_MET_FOREIGN] = "account of another CA",
	[ORACLE_MET_RUNS_ON] = "account that goes on into the next parameter",
	[ORACLE_MET_OTHER_LABEL] = "another label of the method",
	[ORACLE_MET_UNKNOWN_LABEL] = "label that no registry has",
	[ORACLE_MET_PARAMETER_FITS] = "parameters fit",
	[ORACLE_MET_CLIMB] = "climb",
	[ORACLE_MET_CNAME] = "CNAME followed",
	[ORACLE_MET_DNAME] = "DNAME followed",
	[ORACLE_MET_WILDCARD] = "CAA at a wildcard",
	[ORACLE_MET_WILDCARD_ALIAS] = "CNAME at a wildcard",
	[ORACLE_MET_WILDCARD_NODATA] = "wildcard without CAA",
	[ORACLE_MET_OUTSIDE] = "alias out of the zone",
	[ORACLE_MET_CUT] = "zone cut",
	[ORACLE_MET_TOO_LONG] = "DNAME makes too long a name",
	[ORACLE_MET_ENDLESS] = "alias loop",
	[ORACLE_MET_OTHERWISE] = "decided if another zone has nothing",
};

/* Names. */

static uint8_t lower(uint8_t octet)
{
	return octet >= 'A' && octet <= 'Z' ? octet + 32 : octet;
}

bool oracle_name(oracle_name_t *out, const uint8_t *wire, size_t room)
{
	size_t pos = 0;
	for (;;) {
		if (pos >= room || pos >= ORACLE_NAME_MAX || wire[pos] > 63) {
			return false;
		}
		size_t next = pos + 1 + wire[pos];
		out->wire[pos] = wire[pos];
		if (wire[pos] == 0) {
			out->len = next;
			return true;
		}
		if (next > room || next > ORACLE_NAME_MAX) {
			return false;
		}
		for (size_t i = pos + 1; i < next; i++) {
			out->wire[i] = lower(wire[i]);
		}
		pos = next;
	}
}

static bool same(const oracle_name_t *a, const oracle_name_t *b)
{
	return a->len == b->len && memcmp(a->wire, b->wire, a->len) == 0;
}

/* RFC 8659 section 3: Parent(X) is X without its leftmost label. */
static oracle_name_t parent(const oracle_name_t *name)
{
	oracle_name_t out;
	size_t cut = 1 + name->wire[0];
	out.len = name->len - cut;
	memcpy(out.wire, name->wire + cut, out.len);
	return out;
}

/* At or below. */
static bool within(const oracle_name_t *name, const oracle_name_t *top)
{
	for (size_t at = 0;; at += 1 + name->wire[at]) {
		if (name->len - at == top->len &&
		    memcmp(name->wire + at, top->wire, top->len) == 0) {
			return true;
		}
		if (name->wire[at] == 0) {
			return false;
		}
	}
}

/* What within() would be if it did not look at label lengths. */
static bool ends_alike(const oracle_name_t *name, const oracle_name_t *top)
{
	return name->len >= top->len &&
	       memcmp(name->wire + (name->len - top->len) + 1, top->wire + 1, top->len - 1) == 0;
}

static oracle_name_t star_below(const oracle_name_t *name)
{
	oracle_name_t out = { .len = name->len + 2, .wire = { 1, '*' } };
	memcpy(out.wire + 2, name->wire, name->len);
	return out;
}

/* The grammar of RFC 8659 section 4.2, read literally (with errata 5934 and
 * 7139): each production takes the set of places where it may begin and gives
 * the set of places where it may end. */

typedef struct {
	bool at[ORACLE_RDATA_MAX + 1];
} places_t;

typedef struct {
	const uint8_t *octet;
	size_t len;
} value_t;

static bool is_alpha(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_alpha_digit(uint8_t c)
{
	return is_alpha(c) || is_digit(c);
}

static bool is_hyphen(uint8_t c)
{
	return c == '-';
}

static bool is_dot(uint8_t c)
{
	return c == '.';
}

static bool is_semicolon(uint8_t c)
{
	return c == ';';
}

static bool is_equals(uint8_t c)
{
	return c == '=';
}

static bool is_wsp(uint8_t c)
{
	return c == 0x20 || (c == 0x09 && !BUG(BUG_TAB_IS_NO_SPACE));
}

static bool is_value_char(uint8_t c)
{
	return (c >= 0x21 && c <= 0x3a) || (c >= 0x3c && c <= 0x7e);
}

static void nowhere(places_t *set, value_t value)
{
	memset(set->at, 0, value.len + 1);
}

/* Adds the places of one set to another; true if that makes a difference. */
static bool unite(places_t *set, const places_t *more, value_t value)
{
	bool news = false;
	for (size_t i = 0; i <= value.len; i++) {
		news |= more->at[i] && !set->at[i];
		set->at[i] |= more->at[i];
	}
	return news;
}

/* One octet of a class. */
static void one(places_t *set, value_t value, bool (*class)(uint8_t))
{
	for (size_t i = value.len; i > 0; i--) {
		set->at[i] = set->at[i - 1] && class(value.octet[i - 1]);
	}
	set->at[0] = false;
}

/* Any number of octets of a class. */
static void any(places_t *set, value_t value, bool (*class)(uint8_t))
{
	for (size_t i = 0; i < value.len; i++) {
		set->at[i + 1] |= set->at[i] && class(value.octet[i]);
	}
}

/* label = (ALPHA / DIGIT) *( *("-") (ALPHA / DIGIT)), parameter-tag alike. */
static void label(places_t *set, value_t value)
{
	one(set, value, is_alpha_digit);
	places_t more;
	do {
		more = *set;
		any(&more, value, is_hyphen);
		if (BUG(BUG_HYPHEN_ENDS_LABEL)) {
			unite(set, &more, value);
		}
		one(&more, value, is_alpha_digit);
	} while (unite(set, &more, value));
}

/* issuer-domain-name = label *("." label) */
static void issuer_domain_name(places_t *set, value_t value)
{
	label(set, value);
	places_t more;
	do {
		more = *set;
		one(&more, value, is_dot);
		label(&more, value);
	} while (unite(set, &more, value));
}

/* parameter = parameter-tag *WSP "=" *WSP parameter-value */
static void parameter(places_t *set, value_t value)
{
	label(set, value);
	places_t bare = *set;
	any(set, value, is_wsp);
	one(set, value, is_equals);
	any(set, value, is_wsp);
	any(set, value, is_value_char);
	if (BUG(BUG_PARAMETER_WITHOUT_EQUALS)) {
		unite(set, &bare, value);
	}
}

/* parameters = (parameter *WSP ";" *WSP parameters) / parameter */
static void parameters(places_t *set, value_t value)
{
	parameter(set, value);
	places_t more;
	do {
		more = *set;
		any(&more, value, is_wsp);
		one(&more, value, is_semicolon);
		if (BUG(BUG_FINAL_SEMICOLON)) {
			unite(set, &more, value);
		}
		any(&more, value, is_wsp);
		parameter(&more, value);
	} while (unite(set, &more, value));
}

/* issue-value = *WSP [issuer-domain-name *WSP] [";" *WSP [parameters *WSP]] */
static bool issue_value(value_t value)
{
	places_t set, option;
	nowhere(&set, value);
	set.at[0] = true;

	any(&set, value, is_wsp);

	option = set;
	issuer_domain_name(&option, value);
	any(&option, value, is_wsp);
	unite(&set, &option, value);

	option = set;
	one(&option, value, is_semicolon);
	any(&option, value, is_wsp);
	places_t inner = option;
	parameters(&inner, value);
	any(&inner, value, is_wsp);
	unite(&option, &inner, value);
	unite(&set, &option, value);

	return set.at[value.len];
}

/* The zone. */

bool oracle_add(oracle_zone_t *zone, const oracle_name_t *owner, uint16_t type,
                const uint8_t *rdata, size_t rdlen)
{
	if (rdlen > ORACLE_RDATA_MAX) {
		return false;
	}
	if (zone->count == zone->room) {
		size_t room = zone->room == 0 ? 64 : zone->room * 2;
		oracle_record_t *grown = realloc(zone->record, room * sizeof(*grown));
		if (grown == NULL) {
			return false;
		}
		zone->record = grown;
		zone->room = room;
	}
	oracle_record_t *record = &zone->record[zone->count];
	record->owner = *owner;
	record->target.len = 0;
	record->type = type;
	record->rdlen = rdlen;
	record->well_formed = false;
	if (rdlen > 0) {
		memcpy(record->rdata, rdata, rdlen);
	}
	if (type == ORACLE_TYPE_CNAME || type == ORACLE_TYPE_DNAME) {
		if (!oracle_name(&record->target, rdata, rdlen)) {
			return false;
		}
	}
	if (type == ORACLE_TYPE_CAA && rdlen >= 2 && rdlen >= (size_t)2 + rdata[1]) {
		value_t value = { record->rdata + 2 + rdata[1], rdlen - 2 - rdata[1] };
		record->well_formed = issue_value(value);
	}
	zone->count++;
	return true;
}

void oracle_clear(oracle_zone_t *zone)
{
	zone->count = 0;
}

void oracle_free(oracle_zone_t *zone)
{
	free(zone->record);
	memset(zone, 0, sizeof(*zone));
}

static const oracle_record_t *find(const oracle_zone_t *zone, const oracle_name_t *owner,
                                   uint16_t type)
{
	for (size_t i = 0; i < zone->count; i++) {
		const oracle_record_t *record = &zone->record[i];
		if (record->type == type && same(&record->owner, owner)) {
			return record;
		}
	}
	return NULL;
}

/* RFC 4592 section 2.2.2: a name exists if it or anything below it has a record. */
static bool exists(const oracle_zone_t *zone, const oracle_name_t *name)
{
	for (size_t i = 0; i < zone->count; i++) {
		const oracle_name_t *owner = &zone->record[i].owner;
		if (BUG(BUG_EMPTY_NON_TERMINAL) ? same(owner, name) : within(owner, name)) {
			return true;
		}
	}
	return same(name, &zone->apex);
}

typedef enum {
	STEP_FOUND,
	STEP_EMPTY,
	STEP_ALIAS,
	STEP_OUTSIDE,
	STEP_CUT,
	STEP_TOO_LONG,
} step_t;

/* The data of an existing name, be it the one asked for or a wildcard. */
static step_t data_of(const oracle_zone_t *zone, const oracle_name_t *node, oracle_name_t *out)
{
	/* RFC 1034 section 4.3.2 step 3a. */
	const oracle_record_t *alias = find(zone, node, ORACLE_TYPE_CNAME);
	if (alias != NULL) {
		*out = alias->target;
		return STEP_ALIAS;
	}
	*out = *node;
	return find(zone, node, ORACLE_TYPE_CAA) != NULL ? STEP_FOUND : STEP_EMPTY;
}

/* RFC 6672 section 2.2: the labels below the owner stay, the owner is replaced. */
static step_t redirect(const oracle_name_t *name, const oracle_record_t *dname, oracle_name_t *out)
{
	size_t stay = name->len - dname->owner.len;
	if (stay + dname->target.len > ORACLE_NAME_MAX) {
		return STEP_TOO_LONG;
	}
	memcpy(out->wire, name->wire, stay);
	memcpy(out->wire + stay, dname->target.wire, dname->target.len);
	out->len = stay + dname->target.len;
	return STEP_ALIAS;
}

/* RFC 1034 section 4.3.2 with RFC 6672 section 3.2, for type CAA: from the apex
 * down, label by label. */
static step_t look_up(const oracle_zone_t *zone, const oracle_name_t *name, oracle_name_t *out,
                      bool met[])
{
	if (!within(name, &zone->apex)) {
		return BUG(BUG_LETTERS_NOT_LABELS) && ends_alike(name, &zone->apex) ? STEP_EMPTY :
		                                                                      STEP_OUTSIDE;
	}
	oracle_name_t node = zone->apex;
	for (;;) {
		bool last = same(&node, name);
		/* Step 3b: a referral, which the apex's own NS records are not. */
		if (!same(&node, &zone->apex) && find(zone, &node, ORACLE_TYPE_NS) != NULL &&
		    !(BUG(BUG_CUT_SERVED) && last)) {
			met[ORACLE_MET_CUT] = true;
			return STEP_CUT;
		}
		if (last && !BUG(BUG_DNAME_OWNER)) {
			step_t step = data_of(zone, &node, out);
			met[ORACLE_MET_CNAME] |= step == STEP_ALIAS;
			return step;
		}
		/* RFC 6672 section 3.2 step 3c: the DNAME redirects what is below it. */
		const oracle_record_t *dname = find(zone, &node, ORACLE_TYPE_DNAME);
		if (dname != NULL &&
		    !(BUG(BUG_OCCLUDED_SERVED) && find(zone, name, ORACLE_TYPE_CAA) != NULL)) {
			met[ORACLE_MET_DNAME] = true;
			return redirect(name, dname, out);
		}
		if (last) {
			return data_of(zone, &node, out);
		}
		/* One label down, or the closest encloser is found. */
		oracle_name_t below = *name;
		for (oracle_name_t up = below; !same(&up, &node); up = parent(&up)) {
			below = up;
		}
		if (!exists(zone, &below)) {
			break;
		}
		node = below;
	}

	/* Step 3c: the wildcard of the closest encloser, if there is one. */
	oracle_name_t star = star_below(&node);
	if (!exists(zone, &star)) {
		return STEP_EMPTY;
	}
	step_t step = data_of(zone, &star, out);
	if (step == STEP_ALIAS && BUG(BUG_WILDCARD_CNAME)) {
		return STEP_EMPTY;
	}
	if (step == STEP_FOUND && BUG(BUG_WILDCARD_OWNER_AS_ASKED)) {
		*out = *name;
	}
	met[ORACLE_MET_WILDCARD] |= step == STEP_FOUND;
	met[ORACLE_MET_WILDCARD_ALIAS] |= step == STEP_ALIAS;
	met[ORACLE_MET_WILDCARD_NODATA] |= step == STEP_EMPTY;
	return step;
}

/* RFC 8659 section 3, CAA(X): a look-up that chases aliases. */
static step_t caa(const oracle_zone_t *zone, const oracle_name_t *name, oracle_name_t *owner,
                  oracle_answer_t *out)
{
	oracle_name_t at = *name, next;
	for (unsigned aliases = 0; aliases <= CHAIN_MAX; aliases++) {
		if (aliases > out->aliases) {
			out->aliases = aliases;
		}
		step_t step = look_up(zone, &at, &next, out->met);
		switch (step) {
		case STEP_ALIAS:
			at = next;
			continue;
		case STEP_OUTSIDE:
			out->met[ORACLE_MET_OUTSIDE] = true;
			return BUG(BUG_OUTSIDE_IS_EMPTY) ? STEP_EMPTY : step;
		case STEP_TOO_LONG:
			out->met[ORACLE_MET_TOO_LONG] = true;
			return step;
		case STEP_FOUND:
			*owner = next;
			return step;
		case STEP_EMPTY:
			*owner = at;
			return step;
		default:
			return step;
		}
	}
	out->met[ORACLE_MET_ENDLESS] = true;
	return BUG(BUG_LOOP_IS_EMPTY) ? STEP_EMPTY : STEP_TOO_LONG;
}

/* Properties. */

typedef struct {
	bool decoded;
	uint8_t flags;
	const uint8_t *tag;
	size_t tag_len;
	value_t value;
} property_t;

/* RFC 8659 section 4.1. */
static property_t property(const oracle_record_t *record)
{
	property_t out = { 0 };
	if (record->rdlen < 2) {
		return out;
	}
	out.flags = record->rdata[0];
	out.tag_len = record->rdata[1];
	if (BUG(BUG_EMPTY_TAG_MALFORMED) && out.tag_len == 0) {
		return out;
	}
	if (2 + out.tag_len > record->rdlen) {
		return out;
	}
	out.decoded = true;
	out.tag = record->rdata + 2;
	out.value.octet = out.tag + out.tag_len;
	out.value.len = record->rdlen - 2 - out.tag_len;
	return out;
}

static bool text_is(const uint8_t *octets, size_t len, const char *text)
{
	return len == strlen(text) && memcmp(octets, text, len) == 0;
}

static bool text_is_nocase(const uint8_t *octets, size_t len, const char *text)
{
	if (len != strlen(text)) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (lower(octets[i]) != lower(text[i])) {
			return false;
		}
	}
	return true;
}

/* RFC 8659 section 4.1: matching of tags is case insensitive. */
static bool tag_is(const property_t *property, const char *tag)
{
	return BUG(BUG_TAG_CASE) ? text_is(property->tag, property->tag_len, tag) :
	                           text_is_nocase(property->tag, property->tag_len, tag);
}

/* The IANA registry of CAA properties, the reserved ones left out. */
static bool is_known(const property_t *property)
{
	static const char *const known[] = {
		"issue",    "issuewild",    "iodef",        "issuemail",
		"issuevmc", "contactemail", "contactphone",
	};
	size_t count = BUG(BUG_REGISTERED_CRITICAL) ? 3 : sizeof(known) / sizeof(known[0]);
	for (size_t i = 0; i < count; i++) {
		if (tag_is(property, known[i])) {
			return true;
		}
	}
	return false;
}

static value_t trimmed(const uint8_t *from, const uint8_t *to)
{
	while (from < to && is_wsp(*from)) {
		from++;
	}
	while (to > from && is_wsp(to[-1])) {
		to--;
	}
	return (value_t){ from, to - from };
}

static const uint8_t *seek(const uint8_t *from, const uint8_t *to, uint8_t octet)
{
	while (from < to && *from != octet) {
		from++;
	}
	return from;
}

static bool is_uri_char(uint8_t c)
{
	/* RFC 3986 section 2: unreserved, gen-delims, sub-delims; "%" is for the caller. */
	return is_alpha_digit(c) || (c != 0 && strchr("-._~"
	                                              ":/?#[]@"
	                                              "!$&'()*+,;=",
	                                              c) != NULL);
}

static bool is_hexdig(uint8_t c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* RFC 3986 section 3, as far as it holds for every scheme. */
static bool is_uri(value_t value)
{
	size_t i = 0;
	if (value.len == 0 || !is_alpha(value.octet[0])) {
		return false;
	}
	while (i < value.len && (is_alpha_digit(value.octet[i]) || value.octet[i] == '+' ||
	                         value.octet[i] == '-' || value.octet[i] == '.')) {
		i++;
	}
	if (i == value.len || value.octet[i] != ':') {
		return false;
	}
	for (; i < value.len; i++) {
		if (value.octet[i] == '%') {
			if (i + 2 >= value.len || !is_hexdig(value.octet[i + 1]) ||
			    !is_hexdig(value.octet[i + 2])) {
				return false;
			}
		} else if (!is_uri_char(value.octet[i])) {
			return false;
		}
	}
	return true;
}

/* Of whom issuer domain names and hosts of accounts are, by the CAs' own documents. */
enum {
	CA_SECTIGO = 1,
	CA_SSLCOM = 2,
	CA_LETSENCRYPT = 4,
	CA_STAGING = 8, /* Nobody's: no certificate that anybody trusts. */
};

typedef struct {
	const char *name;
	unsigned ca;
} owner_t;

static unsigned owners(const owner_t *list, size_t count, value_t name)
{
	for (size_t i = 0; i < count; i++) {
		if (text_is_nocase(name.octet, name.len, list[i].name)) {
			return list[i].ca;
		}
	}
	return 0;
}

static unsigned issuer_owners(value_t name)
{
	const owner_t list[] = {
		{ "sectigo.com", CA_SECTIGO },
		{ "usertrust.com", CA_SECTIGO },
		{ "trust-provider.com", CA_SECTIGO },
		{ "comodo.com", CA_SECTIGO },
		{ "comodoca.com", CA_SECTIGO },
		{ "entrust.net",
		  BUG(BUG_SHARED_NAME_FOREIGN) ? CA_SECTIGO : CA_SECTIGO | CA_SSLCOM },
		{ "affirmtrust.com", CA_SECTIGO | CA_SSLCOM },
		{ "ssl.com", CA_SSLCOM },
		{ "letsencrypt.org", CA_LETSENCRYPT },
	};
	return owners(list, sizeof(list) / sizeof(list[0]), name);
}

static unsigned account_owners(value_t host)
{
	static const owner_t list[] = {
		{ "acme.sectigo.com", CA_SECTIGO },
		{ "acme.zerossl.com", CA_SECTIGO },
		{ "acme.ssl.com", CA_SSLCOM },
		{ "acme-v02.api.letsencrypt.org", CA_LETSENCRYPT },
		{ "acme-staging-v02.api.letsencrypt.org", CA_STAGING },
		{ "acme-try.ssl.com", CA_STAGING },
	};
	unsigned found = owners(list, sizeof(list) / sizeof(list[0]), host);
	return found != 0 ? found : issuer_owners(host);
}

/* RFC 3986 section 3.2 and RFC 7565: the host of an account; empty if there is none. */
static value_t account_host(value_t uri)
{
	const uint8_t *end = uri.octet + uri.len;
	const uint8_t *from = seek(uri.octet, end, ':');
	bool acct = text_is_nocase(uri.octet, from - uri.octet, "acct");
	from++;
	if (!acct && (end - from < 2 || from[0] != '/' || from[1] != '/')) {
		return (value_t){ end, 0 };
	}
	from += acct ? 0 : 2;
	const uint8_t *to = from;
	while (to < end && *to != '/' && *to != '?' && *to != '#') {
		to++;
	}
	bool user = false;
	for (const uint8_t *p = to; p > from; p--) {
		if (p[-1] == '@') {
			from = p;
			user = true;
			break;
		}
	}
	if (acct && !user) {
		return (value_t){ end, 0 };
	}
	const uint8_t *port = seek(from, to, ':');
	return (value_t){ from, (BUG(BUG_FOREIGN_BY_PATH) ? end : port) - from };
}

/* No CA has an account whose URI looks so: a comma was written for the ";" of RFC 8659 section 4.2. */
static bool runs_on(value_t uri)
{
	for (size_t i = 0; i < uri.len; i++) {
		const uint8_t *tag = uri.octet + i + 1, *end = uri.octet + uri.len;
		const uint8_t *to = uri.octet[i] == ',' ? seek(tag, end, '=') : end;
		if (to < end && (text_is_nocase(tag, to - tag, "accounturi") ||
		                 text_is_nocase(tag, to - tag, "validationmethods"))) {
			return true;
		}
		to = uri.octet[i] == ',' ? seek(tag, end, ':') : end;
		if (to < end && (text_is_nocase(tag, to - tag, "acct") ||
		                 (end - to > 2 && to[1] == '/' && to[2] == '/' &&
		                  (text_is_nocase(tag, to - tag, "http") ||
		                   text_is_nocase(tag, to - tag, "https"))))) {
			return true;
		}
	}
	return false;
}

static const char letsencrypt[] = "acme-v02.api.letsencrypt.org";

/* By the CA's documentation an account at that server is this and a number. */
static bool is_letsencrypt_account(value_t uri)
{
	static const char account[] = "https://acme-v02.api.letsencrypt.org/acme/acct/";
	size_t i = sizeof(account) - 1;
	if (uri.len <= i || memcmp(uri.octet, account, i) != 0) {
		return false;
	}
	while (i < uri.len && uri.octet[i] >= '0' && uri.octet[i] <= '9') {
		i++;
	}
	return i == uri.len;
}

/* RFC 8657 section 3. */
static bool account_fits(value_t issuer, value_t uri, const char *account, bool met[])
{
	if (!is_uri(uri)) {
		return false;
	}
	if (runs_on(uri) && !BUG(BUG_RUNS_ON)) {
		met[ORACLE_MET_RUNS_ON] = true;
		return false;
	}
	value_t host = account_host(uri);
	unsigned issued_by = issuer_owners(issuer), is_of = account_owners(host);
	if (is_of == CA_STAGING && !BUG(BUG_STAGING_FITS)) {
		met[ORACLE_MET_STAGING] = true;
		return false;
	}
	if (issued_by != 0 && is_of != 0 && (issued_by & is_of) == 0 && !BUG(BUG_FOREIGN_FITS)) {
		met[ORACLE_MET_FOREIGN] = true;
		return false;
	}
	if (issued_by == CA_LETSENCRYPT && text_is_nocase(host.octet, host.len, letsencrypt) &&
	    !is_letsencrypt_account(uri)) {
		return false;
	}
	if (BUG(BUG_ACCOUNT_CASE)) {
		return account == NULL || text_is_nocase(uri.octet, uri.len, account);
	}
	return account == NULL || text_is(uri.octet, uri.len, account);
}

/* BR 4.2.2.1.2: another label that a method may stand under in the list. */
static const char *other_label(const char *method)
{
	static const char *const pairs[][2] = {
		{ "dns-01", "ca-tbr-7" },          { "dns-account-01", "ca-tbr-21" },
		{ "dns-persist-01", "ca-tbr-22" }, { "http-01", "ca-tbr-19" },
		{ "ca-tbr-19", "http-01" },        { "ca-tbr-21", "dns-account-01" },
		{ "ca-tbr-7", "dns-01" },
	};
	/* DNS Change has more ways than ACME's: the last pair holds in one direction only. */
	size_t count = sizeof(pairs) / sizeof(pairs[0]) - !BUG(BUG_BOTH_LABELS);
	for (size_t i = 0; i < count && !BUG(BUG_ONE_LABEL); i++) {
		if (strcmp(pairs[i][0], method) == 0) {
			return pairs[i][1];
		}
	}
	return NULL;
}

static bool is_registered(value_t label)
{
	static const char *const known[] = { "dns-01", "http-01", "ca-tbr-7", "ca-tbr-19",
		                             "ca-tbr-21" };
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (text_is_nocase(label.octet, label.len, known[i])) {
			return true;
		}
	}
	return false;
}

/* RFC 8555 section 9.7.8, RFC 8657 section 4: may a method have that label, today or some day? */
static bool may_be_label(value_t label)
{
	static const char digits[] = "0123456789";
	size_t len = label.len;
	bool own = len > 3 && text_is_nocase(label.octet, 3, "ca-");
	bool numbered = len > 3 && label.octet[len - 3] == '-' &&
	                memchr(digits, label.octet[len - 2], 10) != NULL &&
	                memchr(digits, label.octet[len - 1], 10) != NULL;
	return own || numbered;
}

/* RFC 8657 section 4: [*(label ",") label], label = 1*(ALPHA / DIGIT / "-"). */
static bool method_fits(value_t list, const char *method, bool met[])
{
	const uint8_t *end = list.octet + list.len;
	const uint8_t *from = list.octet;
	bool fits = method == NULL, by_other = false, possible = BUG(BUG_LABEL_NEVER);
	if (BUG(BUG_METHOD_IGNORED) || (BUG(BUG_EMPTY_METHOD_LIST) && list.len == 0)) {
		return true;
	}
	const char *other = method != NULL ? other_label(method) : NULL;
	for (;;) {
		const uint8_t *to = seek(from, end, ',');
		if (to == from) {
			return false;
		}
		for (const uint8_t *p = from; p < to; p++) {
			if (!is_alpha_digit(*p) && *p != '-') {
				return false;
			}
		}
		fits |= method != NULL && text_is(from, to - from, method);
		by_other |= other != NULL && text_is(from, to - from, other);
		possible |= may_be_label((value_t){ from, to - from });
		if (!is_registered((value_t){ from, to - from })) {
			met[ORACLE_MET_UNKNOWN_LABEL] = true;
			if (BUG(BUG_UNKNOWN_LABEL_DENIES)) {
				return false;
			}
		}
		if (to == end) {
			met[ORACLE_MET_OTHER_LABEL] |= by_other && !fits;
			return possible && (fits || by_other);
		}
		from = to + 1;
	}
}

typedef enum {
	PROPERTY_EMPTY, /* No issuer, or malformed, which counts the same. */
	PROPERTY_OTHER, /* Another issuer, or a parameter that does not fit. */
	PROPERTY_OURS,
} property_says_t;

/* RFC 8659 section 4.2, RFC 8657. */
static property_says_t property_says(const oracle_record_t *record, const property_t *property,
                                     const oracle_question_t *question, bool met[])
{
	if (!record->well_formed) {
		met[ORACLE_MET_BAD_VALUE] = true;
		return PROPERTY_EMPTY;
	}
	const uint8_t *end = property->value.octet + property->value.len;
	const uint8_t *semicolon = seek(property->value.octet, end, ';');
	value_t issuer = trimmed(property->value.octet, semicolon);
	if (issuer.len == 0) {
		return PROPERTY_EMPTY;
	}
	bool named = false;
	for (const char *const *name = question->issuer; *name != NULL; name++) {
		named |= BUG(BUG_ISSUER_CASE) ? text_is(issuer.octet, issuer.len, *name) :
		                                text_is_nocase(issuer.octet, issuer.len, *name);
	}
	if (!named) {
		return PROPERTY_OTHER;
	}

	unsigned accounts = 0, methods = 0;
	bool account_ok = true, method_ok = true;
	while (semicolon < end) {
		const uint8_t *from = semicolon + 1;
		semicolon = seek(from, end, ';');
		const uint8_t *equals = seek(from, semicolon, '=');
		if (equals == semicolon) {
			continue;
		}
		value_t tag = trimmed(from, equals);
		value_t value = trimmed(equals + 1, semicolon);
		if (text_is_nocase(tag.octet, tag.len, "accounturi")) {
			accounts++;
			account_ok &= account_fits(issuer, value, question->account, met);
		} else if (text_is_nocase(tag.octet, tag.len, "validationmethods")) {
			methods++;
			method_ok &= method_fits(value, question->method, met);
		}
	}
	if (accounts > 1 && !BUG(BUG_ACCOUNT_TWICE)) {
		account_ok = false;
	}
	if (methods > 1 && !BUG(BUG_METHODS_TWICE)) {
		method_ok = false;
	}
	met[ORACLE_MET_BAD_ACCOUNT] |= !account_ok;
	met[ORACLE_MET_BAD_METHOD] |= !method_ok;
	met[ORACLE_MET_PARAMETER_FITS] |= account_ok && method_ok && accounts + methods > 0;
	return account_ok && method_ok ? PROPERTY_OURS : PROPERTY_OTHER;
}

/* RFC 8659 section 4: what a relevant RRset says. */
static bool judge(const oracle_zone_t *zone, const oracle_name_t *owner,
                  const oracle_question_t *question, bool *restricts, bool met[])
{
	bool refuse = false, wild = false;
	for (size_t i = 0; i < zone->count; i++) {
		const oracle_record_t *record = &zone->record[i];
		if (record->type != ORACLE_TYPE_CAA || !same(&record->owner, owner)) {
			continue;
		}
		property_t prop = property(record);
		if (!prop.decoded) {
			if (!BUG(BUG_BAD_RDATA_SKIPPED)) {
				met[ORACLE_MET_BAD_RDATA] = true;
				refuse = true;
			}
			continue;
		}
		/* Section 4.5, with bit 0 of section 4.1. */
		bool critical = (prop.flags & 0x80) != 0;
		if (BUG(BUG_FLAG_ONE_CRITICAL)) {
			critical = (prop.flags & 0x81) != 0;
		}
		if (critical && !is_known(&prop) && !BUG(BUG_CRITICAL_IGNORED)) {
			met[ORACLE_MET_CRITICAL] = true;
			refuse = true;
		}
		/* Section 4.3: one is enough, whatever its value. */
		if (BUG(BUG_MALFORMED_ISSUEWILD) && !record->well_formed) {
			continue;
		}
		wild |= tag_is(&prop, "issuewild");
	}
	*restricts = refuse;
	if (refuse) {
		return false;
	}

	const char *governs = question->wildcard && wild ? "issuewild" : "issue";
	if (BUG(BUG_ISSUEWILD_IGNORED)) {
		governs = "issue";
	} else if (BUG(BUG_ISSUEWILD_FOR_PLAIN)) {
		governs = wild ? "issuewild" : "issue";
	}
	met[ORACLE_MET_ISSUEWILD] |= question->wildcard && wild;

	bool permitted = false;
	for (size_t i = 0; i < zone->count; i++) {
		const oracle_record_t *record = &zone->record[i];
		if (record->type != ORACLE_TYPE_CAA || !same(&record->owner, owner)) {
			continue;
		}
		property_t prop = property(record);
		bool mail = BUG(BUG_ISSUEMAIL_RESTRICTS) && tag_is(&prop, "issuemail");
		if (!prop.decoded || (!tag_is(&prop, governs) && !mail)) {
			continue;
		}
		if (BUG(BUG_MALFORMED_SKIPPED) && !record->well_formed) {
			continue;
		}
		*restricts = true;
		switch (property_says(record, &prop, question, met)) {
		case PROPERTY_OURS:
			permitted = true;
			break;
		case PROPERTY_EMPTY:
			if (BUG(BUG_SEMICOLON_BLOCKS)) {
				return false;
			}
			break;
		case PROPERTY_OTHER:
			break;
		}
	}
	/* Section 3: nothing that restricts, no restriction. */
	met[permitted  ? ORACLE_MET_LISTED :
	    *restricts ? ORACLE_MET_NOT_LISTED :
	                 ORACLE_MET_UNRESTRICTED] = true;
	return permitted || !*restricts;
}

/*
 * RFC 8659 section 3, RelevantCAASet(), ended at the apex. Where another zone answers, it goes on
 * from the parent of the original name, for the case that nothing is found there.
 */
void oracle_ask(const oracle_zone_t *zone, const oracle_question_t *question, oracle_answer_t *out)
{
	memset(out, 0, sizeof(*out));
	out->permitted = out->otherwise = ORACLE_UNKNOWN;
	oracle_verdict_t *verdict = &out->permitted;
	oracle_name_t *decided_by = &out->decided_by;
	oracle_name_t domain = question->host;
	if (BUG(BUG_STAR_OWNER) && question->wildcard && domain.len + 2 <= ORACLE_NAME_MAX) {
		domain = star_below(&question->host);
	}
	for (bool first = true;; first = false) {
		if (BUG(BUG_APEX_LEFT_OUT) && !first && same(&domain, &zone->apex)) {
			break;
		}
		oracle_name_t owner = { 0 };
		step_t step;
		if (BUG(BUG_ALIAS_AT_HOST_ONLY) && !first) {
			step = look_up(zone, &domain, &owner, out->met);
			step = step == STEP_ALIAS ? STEP_EMPTY : step;
		} else {
			step = caa(zone, &domain, &owner, out);
		}
		if (step == STEP_FOUND) {
			bool restricts;
			bool permitted = judge(zone, &owner, question, &restricts, out->met);
			if (restricts || !BUG(BUG_UNRESTRICTED_CLIMBS)) {
				*verdict = permitted ? ORACLE_YES : ORACLE_NO;
				*decided_by = owner;
				out->met[ORACLE_MET_OTHERWISE] |= verdict == &out->otherwise;
				return;
			}
		} else if (step == STEP_OUTSIDE || step == STEP_CUT) {
			if (BUG(BUG_OTHERWISE_IS_DENIED)) {
				out->otherwise = ORACLE_NO;
				return;
			}
			verdict = &out->otherwise;
			decided_by = &out->otherwise_by;
			if (BUG(BUG_OTHERWISE_ENDS_AT_CUT) && step == STEP_CUT && first) {
				*verdict = ORACLE_YES;
				return;
			}
		} else if (step != STEP_EMPTY) {
			return;
		}
		if (BUG(BUG_CLIMB_FROM_TARGET) && first && step == STEP_EMPTY &&
		    within(&owner, &zone->apex)) {
			domain = owner;
		}
		if (same(&domain, &zone->apex)) {
			break;
		}
		domain = parent(&domain);
		out->met[ORACLE_MET_CLIMB] = true;
	}
	out->met[ORACLE_MET_NO_CAA] = true;
	*verdict = ORACLE_YES;
}

const char *const *oracle_issuers(const char *ca, const char *self[2])
{
	/* Sectigo CP/CPS 6.2.2 section 4.2.4. */
	static const char *const sectigo[] = {
		"sectigo.com",  "usertrust.com", "trust-provider.com", "comodo.com",
		"comodoca.com", "entrust.net",   "affirmtrust.com",    NULL,
	};
	for (const char *const *name = sectigo; *name != NULL; name++) {
		if (strcasecmp(*name, ca) == 0) {
			return sectigo;
		}
	}
	self[0] = ca;
	self[1] = NULL;
	return self;
}
