/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What must hold for a zone: checks each item when it is added, and finds them by name.
 */

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "array.h"
#include "caaudit/caa.h"
#include "caaudit/policy.h"
#include "hash.h"
#include "known.h"
#include "names.h"
#include "persist.h"
#include "policy.h"
#include "text.h"
#include "txt.h"

/*! Most octets of an expected text: with the lengths of its strings it must be RDATA. */
#define TEXT_MAX 60000

static int fail_with(int ret, const char **why, const char *reason)
{
	if (why != NULL) {
		*why = reason;
	}
	return ret;
}

static int fail(const char **why, const char *reason)
{
	return fail_with(KNOT_EINVAL, why, reason);
}

_Static_assert(CAAUDIT_POLICY_MAX == 10000, "the messages say so");

uint64_t content_hash(uint16_t type, const uint8_t *rdata, size_t rdlen)
{
	return type == KNOT_RRTYPE_TXT ? txt_hash(rdata, rdlen) :
	                                 hash_lower(HASH_SEED, rdata, rdlen);
}

/*! Hash of what an expected record says; it has a target or a text. */
static uint64_t expected_hash(const caaudit_expected_t *expected)
{
	return expected->txt != NULL ?
	               content_hash(KNOT_RRTYPE_TXT, expected->txt, expected->txt_len) :
	               content_hash(KNOT_RRTYPE_CNAME, expected->target,
	                            knot_dname_size(expected->target));
}

static knot_dname_t *copy_lower(const knot_dname_t *name)
{
	knot_dname_t *copy = malloc(knot_dname_size(name));
	if (copy != NULL) {
		memcpy(copy, name, knot_dname_size(name));
		knot_dname_to_lower(copy);
	}
	return copy;
}

/*! Is there room for one more item? */
static int check_limit(size_t count, const char **why, const char *reason)
{
	return count < CAAUDIT_POLICY_MAX ? KNOT_EOK : fail_with(KNOT_ELIMIT, why, reason);
}

caaudit_policy_t *caaudit_policy_new(const knot_dname_t *zone)
{
	caaudit_policy_t *policy = calloc(1, sizeof(*policy));
	if (policy == NULL) {
		return NULL;
	}
	policy->zone = copy_lower(zone);
	if (policy->zone == NULL) {
		free(policy);
		return NULL;
	}
	policy->wildcard = CAAUDIT_WILDCARD_AUTO;
	policy->cure_limit = 1000;
	return policy;
}

/*! Frees what a policy shows as constant. */
static void free_const(const void *mem)
{
	free((void *)(uintptr_t)mem);
}

static void drop_validations(caaudit_policy_t *policy, size_t count)
{
	while (policy->validation_count > count) {
		const caaudit_expected_t *last = &policy->validation[--policy->validation_count];
		free_const(last->owner);
		free_const(last->target);
		free_const(last->txt);
	}
}

void caaudit_policy_free(caaudit_policy_t *policy)
{
	if (policy == NULL) {
		return;
	}
	for (size_t i = 0; i < policy->ca_count; i++) {
		free_const(policy->ca[i].name);
	}
	for (size_t i = 0; i < policy->named_count; i++) {
		free_const(policy->host[i]);
	}
	drop_validations(policy, 0);
	free(policy->ca);
	free(policy->host);
	free(policy->index);
	for (size_t i = 0; i < policy->anchor_count; i++) {
		free_const(policy->anchor[i].rdata);
	}
	free(policy->validation);
	free(policy->anchor);
	free_const(policy->account_uri);
	free_const(policy->method);
	free_const(policy->zone);
	free(policy);
}

const char *caaudit_ca_lookalike(const char *name)
{
	size_t len = strlen(name);
	return known_ca_lookalike((const uint8_t *)name,
	                          len > 1 && name[len - 1] == '.' ? len - 1 : len);
}

/*! Does a name stand before another one in the row of a CA? The first is the one to publish. */
static bool stands_before(const char *const *row, const char *name, const char *other)
{
	while (*row != NULL && strcmp(*row, name) != 0 && strcmp(*row, other) != 0) {
		row++;
	}
	return *row != NULL && strcmp(*row, other) != 0;
}

int caaudit_policy_add_ca(caaudit_policy_t *policy, const char *name, const char **why)
{
	size_t len = strlen(name);
	if (len > 1 && name[len - 1] == '.') {
		len--;
	}

	// The grammar limits neither names nor labels, RFC 1035 section 2.3.4 does.
	caaudit_issue_t issue;
	knot_dname_storage_t wire;
	if (len == 0 || caaudit_issue_parse((const uint8_t *)name, len, &issue, NULL) != KNOT_EOK ||
	    issue.issuer_len != len || knot_dname_from_str(wire, name, sizeof(wire)) == NULL) {
		return fail(why, "not an issuer domain name such as sectigo.com");
	}

	const caaudit_ca_info_t *known = known_ca_find((const uint8_t *)name, len);
	char *copy = known != NULL && !known_ca_is_current(known, (const uint8_t *)name, len) ?
	                     strdup(known->name[0]) :
	                     strndup(name, len);
	if (copy == NULL) {
		return KNOT_ENOMEM;
	}
	octets_lower((uint8_t *)copy, OCTETS(copy));

	for (size_t i = 0; i < policy->ca_count; i++) {
		caaudit_ca_t *same = &policy->ca[i];
		// Others may accept the name as well.
		if (known != NULL ? same->alias == known->name : strcmp(same->name, copy) == 0) {
			if (known != NULL && stands_before(known->name, copy, same->name)) {
				free_const(same->name);
				same->name = copy;
			} else {
				free(copy);
			}
			return KNOT_EOK;
		}
	}
	int ret = check_limit(policy->ca_count, why, "more than 10000 CAs");
	caaudit_ca_t *ca = ret == KNOT_EOK ?
	                           array_extend(&policy->ca, &policy->ca_count, sizeof(*ca)) :
	                           NULL;
	if (ca == NULL) {
		free(copy);
		return ret == KNOT_EOK ? KNOT_ENOMEM : ret;
	}
	*ca = (caaudit_ca_t){
		.name = copy,
		.alias = known != NULL ? known->name : NULL,
		.meant = known_ca_lookalike(OCTETS(copy)),
	};
	return KNOT_EOK;
}

int caaudit_policy_add_host(caaudit_policy_t *policy, const char *host, const char **why)
{
	knot_dname_storage_t name;
	if (name_from_text(name, host, policy->zone) != KNOT_EOK) {
		return fail(why, "not a domain name");
	}
	if (name_is_wildcard(name)) {
		return fail(why,
		            "a wildcard; write the host without '*.', its wildcard goes with it");
	}
	if (!name_in(name, policy->zone)) {
		return KNOT_ERANGE;
	}
	int ret = check_limit(policy->host_count, why, "more than 10000 hosts in one zone");
	if (ret != KNOT_EOK) {
		return ret;
	}
	knot_dname_t *copy = copy_lower(name);
	const knot_dname_t **slot = copy != NULL ? array_extend(&policy->host, &policy->host_count,
	                                                        sizeof(*slot)) :
	                                           NULL;
	if (slot == NULL) {
		free(copy);
		return KNOT_ENOMEM;
	}
	*slot = copy;
	policy->named_count = policy->host_count;
	return KNOT_EOK;
}

bool policy_wants(const caaudit_policy_t *policy, const caaudit_ca_t *ca)
{
	for (size_t i = 0; i < policy->ca_count; i++) {
		if (caaudit_ca_accepts(&policy->ca[i], OCTETS(ca->name))) {
			return true;
		}
	}
	return false;
}

const char *policy_find_slip(const caaudit_policy_t *policy, const knot_dname_t *owner,
                             const knot_dname_t *target)
{
	knot_dname_storage_t meant, lower;
	const knot_dname_t *zone = policy->zone;
	if (owner != NULL) {
		name_lower(lower, owner);
		if (name_is_doubled(zone, lower, meant)) {
			return "the owner ends with the zone name twice, its final dot is missing";
		}
	}
	if (target != NULL) {
		name_lower(lower, target);
		if (name_take_off(zone, lower, knot_dname_size(lower), meant) &&
		    (name_in(meant, zone) || known_target(meant, knot_dname_size(meant)) != NULL)) {
			return "the target ends with the zone name, its final dot is missing";
		}
	}
	return NULL;
}

/*! Has a name in the zone a label "*"? */
static bool has_wildcard(const caaudit_policy_t *policy, const knot_dname_t *name)
{
	while (!knot_dname_is_equal(name, policy->zone) && !name_is_wildcard(name)) {
		name = name_parent(name);
	}
	return name_is_wildcard(name);
}

/*! Adds a record: a TXT if there is \a txt. */
static int add_expected(caaudit_policy_t *policy, const knot_dname_t *owner,
                        const knot_dname_t *target, const uint8_t *txt, uint16_t txt_len,
                        uint32_t ttl, const char **why)
{
	knot_dname_storage_t name;
	name_lower(name, owner);
	if (!name_in(name, policy->zone)) {
		return KNOT_ERANGE;
	}
	if (has_wildcard(policy, name)) {
		return fail(why, "no CA asks at a name with '*'; write the owner without '*.'");
	}
	int ret = check_limit(policy->validation_count, why,
	                      "more than 10000 validation records in one zone");
	if (ret != KNOT_EOK) {
		return ret;
	}

	uint8_t *txt_copy = txt != NULL ? malloc(txt_len) : NULL;
	caaudit_expected_t expected = {
		.owner = copy_lower(owner),
		.target = target != NULL ? copy_lower(target) : NULL,
		.txt = txt_copy,
		.txt_len = txt_len,
		.ttl = ttl,
	};
	caaudit_expected_t *slot = NULL;
	if (expected.owner == NULL || (target != NULL && expected.target == NULL) ||
	    (txt != NULL && txt_copy == NULL) ||
	    (slot = array_extend(&policy->validation, &policy->validation_count, sizeof(*slot))) ==
	            NULL) {
		// NOLINTBEGIN(*unix.Malloc): free_const() hides what it frees.
		free_const(expected.owner);
		free_const(expected.target);
		free(txt_copy);
		return KNOT_ENOMEM;
		// NOLINTEND(*unix.Malloc)
	}
	if (txt_copy != NULL) {
		memcpy(txt_copy, txt, txt_len);
	}
	*slot = expected;
	return KNOT_EOK;
}

int caaudit_policy_add_expected(caaudit_policy_t *policy, const knot_dname_t *owner,
                                const knot_dname_t *target, uint32_t ttl, const char **why)
{
	return add_expected(policy, owner, target, NULL, 0, ttl, why);
}

int caaudit_policy_add_expected_txt(caaudit_policy_t *policy, const knot_dname_t *owner,
                                    const uint8_t *rdata, uint16_t rdlen, uint32_t ttl,
                                    const char **why)
{
	if (!txt_is_sound(rdata, rdlen)) {
		return fail(why, "not the data of a TXT record");
	}
	return add_expected(policy, owner, NULL, rdata, rdlen, ttl, why);
}

void caaudit_policy_truncate_validations(caaudit_policy_t *policy, size_t count)
{
	assert(!policy->finished);
	drop_validations(policy, count);
}

caaudit_record_t expected_record(const caaudit_expected_t *expected, const knot_dname_t *at,
                                 uint32_t ttl)
{
	bool txt = expected->txt != NULL;
	size_t target_len = expected->target != NULL ? knot_dname_size(expected->target) : 0;
	return (caaudit_record_t){
		.owner = at,
		.rdata = txt ? expected->txt : expected->target,
		.ttl = ttl,
		.type = txt ? KNOT_RRTYPE_TXT : KNOT_RRTYPE_CNAME,
		.rdlen = txt ? expected->txt_len : (uint16_t)target_len,
	};
}

const caaudit_form_t *expected_form(const caaudit_expected_t *expected)
{
	return expected->target != NULL ?
	               known_target(expected->target, knot_dname_size(expected->target)) :
	               NULL;
}

caaudit_climb_t expected_climb(const caaudit_expected_t *expected)
{
	// What climbs is a CNAME of Sectigo's.
	return expected->txt != NULL ? CAAUDIT_EXACT :
	                               known_climb(expected->owner, expected_form(expected));
}

char *caaudit_expected_text(const caaudit_expected_t *expected)
{
	text_t text = TEXT_EMPTY;
	const caaudit_record_t record = expected_record(expected, expected->owner, expected->ttl);
	if (record.rdata != NULL) {
		text_record(&text, &record);
	}
	if (text.failed) {
		text_free(&text);
	}
	return text.str;
}

/*! Takes the next word of blank-separated text. */
static bool next_word(const char **text, char *word, size_t size)
{
	*text += strspn(*text, " \t");
	size_t len = strcspn(*text, " \t");
	if (len == 0 || len >= size) {
		return false;
	}
	memcpy(word, *text, len);
	word[len] = '\0';
	*text += len;
	return true;
}

/*! Takes one octet of a quoted string (RFC 1035 section 5.1); -1 if it is none. */
static int take_octet(const char **at)
{
	const char *in = *at;
	if (in[0] != '\\') {
		*at += in[0] != '\0';
		return in[0] != '\0' ? (uint8_t)in[0] : -1;
	}
	unsigned octet = 0, digits = 0;
	while (digits < 3 && in[1 + digits] >= '0' && in[1 + digits] <= '9') {
		octet = octet * 10 + (unsigned)(in[1 + digits++] - '0');
	}
	if (digits == 0 && in[1] != '\0') {
		*at += 2;
		return (uint8_t)in[1];
	}
	if (digits < 3 || octet > UINT8_MAX) {
		return -1;
	}
	*at += 4;
	return (int)octet;
}

/*! Puts quoted strings together; false if they are no such strings. */
static bool join_quoted(const char *text, uint8_t *out, size_t *len)
{
	while (*text == '"') {
		for (text++; *text != '"';) {
			int octet = take_octet(&text);
			if (octet < 0) {
				return false;
			}
			out[(*len)++] = (uint8_t)octet;
		}
		text++;
		text += strspn(text, " \t");
	}
	return *text == '\0';
}

/*! Adds an expected TXT: quoted strings as in a zone file, or the text as a console shows it. */
static int add_text(caaudit_policy_t *policy, const knot_dname_t *owner, const char *text,
                    const char **why)
{
	size_t size = strlen(text), len = 0;
	while (size > 0 && ascii_blank(text[size - 1])) {
		size--;
	}
	if (size > TEXT_MAX) {
		return fail(why, "the text has more than 60000 characters");
	}
	uint8_t *plain = malloc(size + 1), *rdata = malloc(size + size / UINT8_MAX + 1);
	int ret;
	if (plain == NULL || rdata == NULL) {
		ret = KNOT_ENOMEM;
	} else if (text[0] == '"' && !join_quoted(text, plain, &len)) {
		ret = fail(why, "the text is no quoted strings such as \"a\" \"b\"");
	} else {
		if (text[0] != '"') {
			memcpy(plain, text, size);
			len = size;
		}
		ret = caaudit_policy_add_expected_txt(policy, owner, rdata,
		                                      txt_split(plain, len, rdata), CAAUDIT_TTL,
		                                      why);
	}
	free(plain);
	free(rdata);
	return ret;
}

int caaudit_policy_add_validation(caaudit_policy_t *policy, const char *text, const char **why)
{
	static const knot_dname_t root[] = "";
	char word[KNOT_DNAME_TXT_MAXLEN + 1];
	knot_dname_storage_t owner, target;

	if (!next_word(&text, word, sizeof(word)) ||
	    name_from_text(owner, word, policy->zone) != KNOT_EOK) {
		return fail(why, "the owner is not a domain name");
	}
	const char *slip = strlen(word) > 0 && word[strlen(word) - 1] != '.' ?
	                           policy_find_slip(policy, owner, NULL) :
	                           NULL;
	if (slip != NULL) {
		return fail(why, slip);
	}
	const char *rest = text;
	if (next_word(&rest, word, sizeof(word)) && strcasecmp(word, "TXT") == 0 &&
	    rest[strspn(rest, " \t")] != '\0') {
		return add_text(policy, owner, rest + strspn(rest, " \t"), why);
	}
	bool has_target = text[strspn(text, " \t")] != '\0';
	if (has_target && rest[strspn(rest, " \t")] == '\0' &&
	    (strcasecmp(word, "TXT") == 0 || strcasecmp(word, "CNAME") == 0)) {
		return fail(why, "a type without a value");
	}
	if (has_target && (!next_word(&text, word, sizeof(word)) || strcmp(word, "@") == 0 ||
	                   name_from_text(target, word, root) != KNOT_EOK)) {
		return fail(why, "the target is not a domain name");
	}
	if (text[strspn(text, " \t")] != '\0') {
		return fail(why, "more than an owner and a target");
	}
	return caaudit_policy_add_expected(policy, owner, has_target ? target : NULL, CAAUDIT_TTL,
	                                   why);
}

static int set_string(const char **field, const char *value)
{
	char *copy = strdup(value);
	if (copy == NULL) {
		return KNOT_ENOMEM;
	}
	free_const(*field);
	*field = copy;
	return KNOT_EOK;
}

int caaudit_policy_set_account(caaudit_policy_t *policy, const char *uri, const char **why)
{
	if (!caaudit_is_uri(OCTETS(uri))) {
		return fail(why, "not a URI such as https://ca.example/account/1");
	}
	return set_string(&policy->account_uri, uri);
}

int caaudit_policy_set_method(caaudit_policy_t *policy, const char *label, const char **why)
{
	size_t len = strlen(label);
	if (!known_is_method_label((const uint8_t *)label, len)) {
		return fail(why, "not a validation method label such as dns-01 or ca-tbr-7");
	}
	char lower[256];
	if (len >= sizeof(lower)) {
		return fail(why, "too long for a validation method label");
	}
	octets_lower((uint8_t *)lower, (const uint8_t *)label, len + 1);
	return set_string(&policy->method, lower);
}

int caaudit_policy_add_anchor(caaudit_policy_t *policy, uint16_t type, const uint8_t *rdata,
                              uint16_t rdlen, const char **why)
{
	if (type == KNOT_RRTYPE_DS) {
		// Digest types 1, 2 and 4: RFC 4034 section 5.1.3, RFC 4509, RFC 6605.
		const uint16_t digest[] = { 0, 20, 32, 0, 48 };
		if (rdlen < 5 || (rdata[3] < sizeof(digest) / sizeof(digest[0]) &&
		                  digest[rdata[3]] != 0 && rdlen != 4 + digest[rdata[3]])) {
			return fail(why, "a DS digest has not the length of its type");
		}
	} else if (type != KNOT_RRTYPE_DNSKEY || rdlen < 5) {
		return fail(why, "neither a DS nor a DNSKEY record");
	}
	int ret = check_limit(policy->anchor_count, why, "more than 10000 trust anchors");
	if (ret != KNOT_EOK) {
		return ret;
	}
	uint8_t *copy = malloc(rdlen);
	caaudit_anchor_t *anchor = copy != NULL ?
	                                   array_extend(&policy->anchor, &policy->anchor_count,
	                                                sizeof(*anchor)) :
	                                   NULL;
	if (anchor == NULL) {
		free(copy);
		return KNOT_ENOMEM;
	}
	memcpy(copy, rdata, rdlen);
	*anchor = (caaudit_anchor_t){
		.rdata = copy,
		.type = type,
		.rdlen = rdlen,
	};
	return KNOT_EOK;
}

bool caaudit_ca_accepts(const caaudit_ca_t *ca, const uint8_t *name, size_t len)
{
	if (octets_equal_str(name, len, ca->name)) {
		return true;
	}
	for (const char *const *alias = ca->alias; alias != NULL && *alias != NULL; alias++) {
		if (octets_equal_str(name, len, *alias)) {
			return true;
		}
	}
	return false;
}

/* --- The index ------------------------------------------------------------------------------ */

/*! Name that must have a certificate if a validation is to be of use; NULL if there is none in the zone. */
const knot_dname_t *policy_host_of(const caaudit_policy_t *policy,
                                   const caaudit_expected_t *expected)
{
	const knot_dname_t *owner = expected->owner;
	if (expected->txt != NULL && (owner[0] == 0 || owner[1] != '_')) {
		return owner;
	}
	if (knot_dname_is_equal(owner, policy->zone) || persist_label(owner) == PERSIST_ADDRESS) {
		return NULL; // CAA is not about addresses.
	}
	const caaudit_txt_t *txt = known_txt(owner);
	const knot_dname_t *host = txt != NULL ? known_txt_host(txt, owner) : name_parent(owner);
	return name_in(host, policy->zone) ? host : NULL;
}

static int compare_mentions(const void *a, const void *b)
{
	const caaudit_mention_t *x = a, *y = b;
	if (x->hash != y->hash) {
		return x->hash < y->hash ? -1 : 1;
	}
	return x->role != y->role ? (int)x->role - (int)y->role :
	                            (x->nth > y->nth) - (x->nth < y->nth);
}

static void sort_index(caaudit_policy_t *policy)
{
	if (policy->index_count > 1) {
		qsort(policy->index, policy->index_count, sizeof(*policy->index), compare_mentions);
	}
}

static void mention(caaudit_policy_t *policy, uint64_t hash, caaudit_role_t role, size_t nth)
{
	policy->index[policy->index_count++] = (caaudit_mention_t){ hash, (uint32_t)nth, role };
}

/*! Is an equal host before this one in the sorted index? */
static bool is_repeated(const caaudit_policy_t *policy, const caaudit_mention_t *item)
{
	const knot_dname_t *host = policy->host[item->nth];
	for (const caaudit_mention_t *at = item; at > policy->index && at[-1].hash == item->hash;
	     at--) {
		if (knot_dname_is_equal(policy->host[at[-1].nth], host)) {
			return true;
		}
	}
	return false;
}

/*! Drops all but the first of equal hosts; the others stay in their order. */
static int drop_repeated_hosts(caaudit_policy_t *policy)
{
	size_t all = policy->host_count, named = policy->named_count;
	bool *drop = calloc(all + 1, sizeof(*drop));
	if (drop == NULL) {
		return KNOT_ENOMEM;
	}
	policy->index_count = 0;
	for (size_t i = 0; i < all; i++) {
		mention(policy, hash_name(policy->host[i]), CAAUDIT_NAME_HOST, i);
	}
	sort_index(policy);
	for (size_t i = 0; i < all; i++) {
		drop[policy->index[i].nth] = is_repeated(policy, &policy->index[i]);
	}
	policy->host_count = policy->named_count = policy->index_count = 0;
	for (size_t i = 0; i < all; i++) {
		const knot_dname_t *host = policy->host[i];
		if (!drop[i]) {
			policy->host[policy->host_count++] = host;
			policy->named_count += i < named;
		} else if (i < named) {
			free_const(host);
		}
	}
	free(drop);
	return KNOT_EOK;
}

/*! Puts a validation into the index: its owner, and its label at each name above the host. */
static void mention_validation(caaudit_policy_t *policy, size_t nth)
{
	const caaudit_expected_t *expected = &policy->validation[nth];
	const knot_dname_t *name = expected->owner;
	mention(policy, hash_name(name), CAAUDIT_NAME_EXPECTED, nth);
	if (expected->txt != NULL || expected->target != NULL) {
		mention(policy, expected_hash(expected), CAAUDIT_NAME_NONE, nth);
	}
	if (expected_climb(expected) == CAAUDIT_EXACT || knot_dname_is_equal(name, policy->zone)) {
		return;
	}
	for (name = name_parent(name); !knot_dname_is_equal(name, policy->zone);) {
		knot_dname_storage_t above;
		name = name_parent(name);
		if (name_move(above, expected->owner, name)) {
			mention(policy, hash_name(above), CAAUDIT_NAME_ABOVE, nth);
		}
	}
}

/*! Puts the CA that issues a product at that time in its place. */
static int find_issuer(caaudit_ca_t *ca, uint64_t now)
{
	const caaudit_product_t *product = known_product(OCTETS(ca->name), now);
	if (ca->alias != NULL || product == NULL) {
		return KNOT_EOK;
	}
	const caaudit_ca_info_t *info = &caaudit_cas[product->ca];
	char *name = strdup(info->name[0]);
	if (name == NULL) {
		return KNOT_ENOMEM;
	}
	free_const(ca->name);
	*ca = (caaudit_ca_t){ .name = name, .alias = info->name, .product = product };
	return KNOT_EOK;
}

/*! How sure it is that the CA is the one: it is asked for, issues a product, or is said to. */
static unsigned sureness(const caaudit_ca_t *ca)
{
	return ca->product == NULL ? 2 : known_is_hearsay(ca->product) ? 0 : 1;
}

/*! Is the CA of a product wanted anyway, at least as surely? */
static bool has_twin(const caaudit_policy_t *policy, size_t nth)
{
	const caaudit_ca_t *ca = &policy->ca[nth];
	for (size_t i = 0; i < policy->ca_count; i++) {
		const caaudit_ca_t *other = &policy->ca[i];
		if (i != nth && other->name != NULL && other->alias == ca->alias &&
		    (sureness(other) > sureness(ca) ||
		     (sureness(other) == sureness(ca) && i < nth))) {
			return true;
		}
	}
	return false;
}

/*! Finds the issuers of products, and drops CAs that are wanted twice then. */
static int find_issuers(caaudit_policy_t *policy, uint64_t now)
{
	for (size_t i = 0; i < policy->ca_count; i++) {
		if (find_issuer(&policy->ca[i], now) != KNOT_EOK) {
			return KNOT_ENOMEM;
		}
	}
	for (size_t i = 0; i < policy->ca_count; i++) {
		if (policy->ca[i].product != NULL && has_twin(policy, i)) {
			free_const(policy->ca[i].name);
			policy->ca[i].name = NULL;
		}
	}
	size_t kept = 0;
	for (size_t i = 0; i < policy->ca_count; i++) {
		if (policy->ca[i].name != NULL) {
			policy->ca[kept++] = policy->ca[i];
		}
	}
	policy->ca_count = kept;
	return KNOT_EOK;
}

int caaudit_policy_finish(caaudit_policy_t *policy, uint64_t now)
{
	assert(!policy->finished);
	if (find_issuers(policy, now) != KNOT_EOK) {
		return KNOT_ENOMEM;
	}
	size_t zone_labels = knot_dname_labels(policy->zone, NULL);
	size_t hosts = policy->host_count + policy->validation_count, room = hosts + 1;
	for (size_t i = 0; i < policy->validation_count; i++) {
		room += knot_dname_labels(policy->validation[i].owner, NULL) - zone_labels + 2;
	}
	const knot_dname_t **host = realloc(policy->host, (hosts + 1) * sizeof(*host));
	if (host == NULL) {
		return KNOT_ENOMEM;
	}
	policy->host = host;
	policy->index = malloc(room * sizeof(*policy->index));
	if (policy->index == NULL) {
		return KNOT_ENOMEM;
	}
	for (size_t i = 0; i < policy->validation_count; i++) {
		const knot_dname_t *name = policy_host_of(policy, &policy->validation[i]);
		if (name != NULL) {
			policy->host[policy->host_count++] = name;
		}
	}
	if (drop_repeated_hosts(policy) != KNOT_EOK) {
		return KNOT_ENOMEM;
	}
	for (size_t i = 0; i < policy->host_count; i++) {
		mention(policy, hash_name(policy->host[i]), CAAUDIT_NAME_HOST, i);
	}
	for (size_t i = 0; i < policy->validation_count; i++) {
		mention_validation(policy, i);
	}
	sort_index(policy);
	policy->finished = true;
	return KNOT_EOK;
}

/*! Position of the first item with a hash, or of the first one after it. */
static size_t find_hash(const caaudit_policy_t *policy, uint64_t hash)
{
	size_t low = 0, high = policy->index_count;
	ARRAY_SEARCH(low, high, policy->index[mid].hash < hash)
	return low;
}

/*! Is an item about the name, and not about another one with the same hash? */
static bool is_about(const caaudit_policy_t *policy, const caaudit_mention_t *item,
                     const knot_dname_t *name)
{
	const knot_dname_t *owner;
	switch (item->role) {
	case CAAUDIT_NAME_HOST:
		return knot_dname_is_equal(policy->host[item->nth], name);
	case CAAUDIT_NAME_EXPECTED:
		return knot_dname_is_equal(policy->validation[item->nth].owner, name);
	case CAAUDIT_NAME_ABOVE:
		owner = policy->validation[item->nth].owner;
		return name[0] > 0 && name[0] == owner[0] &&
		       memcmp(name, owner, 1 + (size_t)name[0]) == 0 &&
		       name_in(name_parent(owner), name_parent(name));
	default:
		return false;
	}
}

const caaudit_mention_t *caaudit_policy_find(const caaudit_policy_t *policy,
                                             const knot_dname_t *name, size_t *pos)
{
	assert(policy->finished);
	uint64_t hash = hash_name(name);
	size_t at = *pos > 0 ? *pos : find_hash(policy, hash);
	for (; at < policy->index_count && policy->index[at].hash == hash; at++) {
		if (is_about(policy, &policy->index[at], name)) {
			*pos = at + 1;
			return &policy->index[at];
		}
	}
	return NULL;
}

const caaudit_mention_t *policy_find_content(const caaudit_policy_t *policy, uint64_t hash,
                                             size_t *pos)
{
	size_t at = *pos > 0 ? *pos : find_hash(policy, hash);
	for (; at < policy->index_count && policy->index[at].hash == hash; at++) {
		if (policy->index[at].role == CAAUDIT_NAME_NONE) {
			*pos = at + 1;
			return &policy->index[at];
		}
	}
	return NULL;
}
