/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "caaudit/caa.h"
#include "caaudit/policy.h"
#include "hash.h"
#include "known.h"
#include "names.h"
#include "text.h"
#include "txt.h"

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

static knot_dname_t *copy_lower(const knot_dname_t *name)
{
	knot_dname_t *copy = malloc(knot_dname_size(name));
	if (copy != NULL) {
		memcpy(copy, name, knot_dname_size(name));
		knot_dname_to_lower(copy);
	}
	return copy;
}

/*! Makes room for one more item. */
static int grow(void **array, size_t count, size_t item)
{
	if (count >= CAAUDIT_POLICY_MAX) {
		return KNOT_ELIMIT;
	}
	// Sizes are powers of two: none is copied more than twice on the average.
	if ((count & (count - 1)) != 0) {
		return KNOT_EOK;
	}
	void *grown = realloc(*array, (count == 0 ? 1 : 2 * count) * item);
	if (grown == NULL) {
		return KNOT_ENOMEM;
	}
	*array = grown;
	return KNOT_EOK;
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
	policy->wildcard = true;
	return policy;
}

/*! Frees what a policy shows as constant. */
static void free_const(const void *mem)
{
	union {
		const void *in;
		void *out;
	} cast = { mem };
	free(cast.out);
}

void caaudit_policy_free(caaudit_policy_t *policy)
{
	if (policy == NULL) {
		return;
	}
	for (size_t i = 0; i < policy->ca_count; i++) {
		free_const(policy->ca[i].name);
	}
	for (size_t i = 0; i < policy->host_count; i++) {
		free_const(policy->host[i]);
	}
	caaudit_policy_keep_validations(policy, 0);
	free(policy->ca);
	free(policy->host);
	free(policy->host_slot);
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

int caaudit_policy_add_ca(caaudit_policy_t *policy, const char *name, const char **why)
{
	size_t len = strlen(name);
	if (len > 1 && name[len - 1] == '.') {
		len--;
	}

	// The grammar knows no length; a domain name has 253 characters at most.
	caaudit_issue_t issue;
	if (len == 0 || len > 253 ||
	    caaudit_issue_parse((const uint8_t *)name, len, &issue, NULL) != KNOT_EOK ||
	    issue.issuer_len != len) {
		return fail(why, "not an issuer domain name such as sectigo.com");
	}

	const known_ca_t *known = known_ca_find((const uint8_t *)name, len);
	char *copy = known != NULL && !known_ca_is_current(known, (const uint8_t *)name, len) ?
	                     strdup(known->name[0]) :
	                     strndup(name, len);
	if (copy == NULL) {
		return KNOT_ENOMEM;
	}
	for (char *c = copy; *c != '\0'; c++) {
		*c = ascii_lower(*c);
	}

	for (size_t i = 0; i < policy->ca_count; i++) {
		if (caaudit_ca_accepts(&policy->ca[i], (const uint8_t *)copy, strlen(copy))) {
			free(copy);
			return KNOT_EOK;
		}
	}
	void *array = policy->ca;
	int ret = grow(&array, policy->ca_count, sizeof(*policy->ca));
	if (ret != KNOT_EOK) {
		free(copy);
		return ret == KNOT_ELIMIT ? fail_with(ret, why, "more than 10000 CAs") : ret;
	}
	policy->ca = array;
	policy->ca[policy->ca_count++] = (caaudit_ca_t){
		.name = copy,
		.alias = known != NULL ? known->name : NULL,
	};
	return KNOT_EOK;
}

/*! Finds the slot of a host: that of an equal one, or a free one. Half of them are free. */
static uint32_t *find_slot(const caaudit_policy_t *policy, const knot_dname_t *name)
{
	uint64_t hash = hash_name(name);
	size_t at = (hash ^ hash >> 32) & (policy->host_slots - 1);
	while (policy->host_slot[at] != 0 &&
	       !knot_dname_is_equal(policy->host[policy->host_slot[at] - 1], name)) {
		at = (at + 1) & (policy->host_slots - 1);
	}
	return &policy->host_slot[at];
}

/*! Sees to it that half of the slots are free with one more host. */
static bool grow_slots(caaudit_policy_t *policy)
{
	if (2 * (policy->host_count + 1) <= policy->host_slots) {
		return true;
	}
	size_t slots = policy->host_slots == 0 ? 8 : 2 * policy->host_slots;
	uint32_t *slot = calloc(slots, sizeof(*slot));
	if (slot == NULL) {
		return false;
	}
	free(policy->host_slot);
	policy->host_slot = slot;
	policy->host_slots = slots;
	for (size_t i = 0; i < policy->host_count; i++) {
		*find_slot(policy, policy->host[i]) = (uint32_t)i + 1;
	}
	return true;
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
	if (!grow_slots(policy)) {
		return KNOT_ENOMEM;
	}
	uint32_t *slot = find_slot(policy, name);
	if (*slot != 0) {
		return KNOT_EOK;
	}

	void *array = policy->host;
	int ret = grow(&array, policy->host_count, sizeof(*policy->host));
	if (ret != KNOT_EOK) {
		return ret == KNOT_ELIMIT ?
		               fail_with(ret, why, "more than 10000 hosts in one zone") :
		               ret;
	}
	policy->host = array;
	knot_dname_t *copy = copy_lower(name);
	if (copy == NULL) {
		return KNOT_ENOMEM;
	}
	policy->host[policy->host_count++] = copy;
	*slot = (uint32_t)policy->host_count;
	return KNOT_EOK;
}

/*! Adds a record: a TXT if there is \a txt. */
static int add_expected(caaudit_policy_t *policy, const knot_dname_t *owner,
                        const knot_dname_t *target, const uint8_t *txt, uint16_t txt_len,
                        const char **why)
{
	knot_dname_storage_t name;
	name_lower(name, owner);
	if (!name_in(name, policy->zone)) {
		return KNOT_ERANGE;
	}
	void *array = policy->validation;
	int ret = grow(&array, policy->validation_count, sizeof(*policy->validation));
	if (ret != KNOT_EOK) {
		return ret == KNOT_ELIMIT ?
		               fail_with(ret, why,
		                         "more than 10000 validation records in one zone") :
		               ret;
	}
	policy->validation = array;

	uint8_t *txt_copy = txt != NULL ? malloc(txt_len) : NULL;
	caaudit_expected_t expected = {
		.owner = copy_lower(owner),
		.target = target != NULL ? copy_lower(target) : NULL,
		.txt = txt_copy,
		.txt_len = txt_len,
	};
	if (expected.owner == NULL || (target != NULL && expected.target == NULL) ||
	    (txt != NULL && txt_copy == NULL)) {
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
	policy->validation[policy->validation_count++] = expected;
	return KNOT_EOK;
}

int caaudit_policy_add_expected(caaudit_policy_t *policy, const knot_dname_t *owner,
                                const knot_dname_t *target, const char **why)
{
	return add_expected(policy, owner, target, NULL, 0, why);
}

int caaudit_policy_add_expected_txt(caaudit_policy_t *policy, const knot_dname_t *owner,
                                    const uint8_t *rdata, uint16_t rdlen, const char **why)
{
	if (!txt_is_sound(rdata, rdlen)) {
		return fail(why, "not the data of a TXT record");
	}
	return add_expected(policy, owner, NULL, rdata, rdlen, why);
}

void caaudit_policy_keep_validations(caaudit_policy_t *policy, size_t count)
{
	while (policy->validation_count > count) {
		const caaudit_expected_t *last = &policy->validation[--policy->validation_count];
		free_const(last->owner);
		free_const(last->target);
		free_const(last->txt);
	}
}

const knot_dname_t *caaudit_policy_host(const caaudit_policy_t *policy, size_t nth)
{
	if (nth < policy->host_count) {
		return policy->host[nth];
	}
	const caaudit_expected_t *expected = &policy->validation[nth - policy->host_count];
	const knot_dname_t *owner = expected->owner;
	if (expected->txt != NULL && (owner[0] == 0 || owner[1] != '_')) {
		return owner;
	}
	return knot_dname_is_equal(owner, policy->zone) ? NULL : name_parent(owner);
}

char *caaudit_expected_text(const caaudit_expected_t *expected, uint32_t ttl)
{
	text_t text = TEXT_EMPTY;
	if (expected->txt != NULL) {
		text_txt(&text, &(caaudit_record_t){
					.owner = expected->owner,
					.rdata = expected->txt,
					.ttl = ttl,
					.type = KNOT_RRTYPE_TXT,
					.rdlen = expected->txt_len,
				});
	} else if (expected->target != NULL) {
		text_cname(&text, expected->owner, ttl, expected->target);
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

int caaudit_policy_add_validation(caaudit_policy_t *policy, const char *text, const char **why)
{
	static const knot_dname_t root[] = "";
	char word[KNOT_DNAME_TXT_MAXLEN + 1];
	knot_dname_storage_t owner, target;

	if (!next_word(&text, word, sizeof(word)) ||
	    name_from_text(owner, word, policy->zone) != KNOT_EOK) {
		return fail(why, "the owner is not a domain name");
	}
	bool has_target = text[strspn(text, " \t")] != '\0';
	if (has_target && (!next_word(&text, word, sizeof(word)) || strcmp(word, "@") == 0 ||
	                   name_from_text(target, word, root) != KNOT_EOK)) {
		return fail(why, "the target is not a domain name");
	}
	if (text[strspn(text, " \t")] != '\0') {
		return fail(why, "more than an owner and a target");
	}
	return caaudit_policy_add_expected(policy, owner, has_target ? target : NULL, why);
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
	if (!caaudit_is_uri((const uint8_t *)uri, strlen(uri))) {
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
	return set_string(&policy->method, label);
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
	void *array = policy->anchor;
	int ret = grow(&array, policy->anchor_count, sizeof(*policy->anchor));
	if (ret != KNOT_EOK) {
		return ret == KNOT_ELIMIT ? fail_with(ret, why, "more than 10000 trust anchors") :
		                            ret;
	}
	policy->anchor = array;
	uint8_t *copy = malloc(rdlen);
	if (copy == NULL) {
		return KNOT_ENOMEM;
	}
	memcpy(copy, rdata, rdlen);
	policy->anchor[policy->anchor_count++] = (caaudit_anchor_t){
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
