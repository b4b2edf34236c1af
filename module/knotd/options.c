/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libknot/libknot.h>

#include "engine/hash.h"
#include "lock.h"
#include "options.h"
#include "validations.h"

static const char *const default_ca[] = { "sectigo.com", NULL };
static const char *const default_host[] = { "@", NULL };
static const char *const no_default[] = { NULL };

/* Addresses that Sectigo and its resellers name as those of their validation. */
static const char *const default_ip[] = { "64.78.193.238", "216.168.247.9" };
#define DEFAULT_IP_COUNT (sizeof(default_ip) / sizeof(*default_ip))

/* Chains of options; each zone may have options of its own. */
#define CHAINS 4096

static struct {
	lock_t lock;
	options_t *chain[CHAINS]; /* By hash. */
} shared = { .lock = LOCK_INIT(LOCK_LEAF) };

/* Options of the section in one form, octet for octet equal if they are equal. */
typedef struct {
	struct {
		uint64_t ca_count;
		uint64_t host_count;
		uint64_t validation_count;
		uint64_t validation_ip_count;
		uint64_t file_len;
		uint64_t transfer_key_len;
		uint64_t audit_delay;
		uint64_t audit_interval;
		uint64_t rrsig_warning;
		uint64_t log_limit;
		uint64_t synthesize_ttl;
		uint32_t source;
		uint32_t synthesize;
		uint8_t wildcard;
		uint8_t strict;
		uint8_t override_denial;
		uint8_t pad[5];
	} head;
	char *text;
	size_t text_len;
	size_t text_size;
	knotd_conf_val_t *ip; /* Zeroed where nothing is set. */
	bool failed;          /* Out of memory. */
} form_t;

/* Reads an option. Without memory the server gives a default, and leaves no other trace. */
static knotd_conf_t get(form_t *form, knotd_mod_t *mod, const yp_name_t *name)
{
	errno = 0;
	knotd_conf_t conf = knotd_conf_mod(mod, name);
	form->failed = form->failed || errno == ENOMEM;
	return conf;
}

static void put(form_t *form, const void *data, size_t len)
{
	if (form->text_size - form->text_len < len) {
		size_t size = 2 * form->text_size + len + 64;
		char *grown = realloc(form->text, size);
		if (grown == NULL) {
			form->failed = true;
			return;
		}
		form->text = grown;
		form->text_size = size;
	}
	memcpy(form->text + form->text_len, data, len);
	form->text_len += len;
}

static uint64_t put_strings(form_t *form, knotd_mod_t *mod, const yp_name_t *name,
                            const char *const *fallback)
{
	uint64_t count = 0;
	knotd_conf_t conf = get(form, mod, name);
	for (; count < conf.count; count++) {
		put(form, conf.multi[count].string, strlen(conf.multi[count].string) + 1);
	}
	for (; conf.count == 0 && fallback[count] != NULL; count++) {
		put(form, fallback[count], strlen(fallback[count]) + 1);
	}
	knotd_conf_free(&conf);
	return count;
}

static void get_addresses(form_t *form, knotd_mod_t *mod)
{
	knotd_conf_t conf = get(form, mod, MOD_VALIDATION_IP);
	size_t count = conf.count == 0 ? DEFAULT_IP_COUNT : conf.count;
	form->ip = calloc(count, sizeof(*form->ip));
	form->failed = form->failed || form->ip == NULL;
	for (size_t i = 0; i < count && form->ip != NULL; i++) {
		knotd_conf_val_t *out = &form->ip[i];
		if (conf.count > 0) {
			out->addr = conf.multi[i].addr;
			out->addr_max = conf.multi[i].addr_max;
			out->addr_mask = conf.multi[i].addr_mask;
			continue;
		}
		struct sockaddr_in *addr = (struct sockaddr_in *)&out->addr;
		addr->sin_family = AF_INET;
		(void)inet_pton(AF_INET, default_ip[i], &addr->sin_addr);
		out->addr_max.ss_family = AF_UNSPEC;
		out->addr_mask = 32;
	}
	form->head.validation_ip_count = count;
	knotd_conf_free(&conf);
}

static unsigned get_synthesize(form_t *form, knotd_mod_t *mod)
{
	unsigned out = 0;
	knotd_conf_t conf = get(form, mod, MOD_SYNTHESIZE);
	for (size_t i = 0; i < conf.count; i++) {
		out |= conf.multi[i].option;
	}
	knotd_conf_free(&conf);
	return out;
}

static void form_clear(form_t *form)
{
	free(form->text);
	free(form->ip);
}

static int form_read(form_t *form, knotd_mod_t *mod)
{
	memset(form, 0, sizeof(*form));

	form->head.ca_count = put_strings(form, mod, MOD_CA, default_ca);
	form->head.host_count = put_strings(form, mod, MOD_HOST, default_host);
	form->head.validation_count = put_strings(form, mod, MOD_VALIDATION, no_default);

	knotd_conf_t conf = get(form, mod, MOD_VALIDATION_FILE);
	if (conf.count > 0) {
		form->head.file_len = strlen(conf.single.string) + 1;
		put(form, conf.single.string, form->head.file_len);
	}
	conf = get(form, mod, MOD_TRANSFER_KEY);
	if (conf.count > 0) {
		form->head.transfer_key_len = knot_dname_size(conf.single.dname);
		put(form, conf.single.dname, form->head.transfer_key_len);
	}

	form->head.wildcard = get(form, mod, MOD_WILDCARD).single.boolean;
	form->head.strict = get(form, mod, MOD_STRICT).single.boolean;
	form->head.source = get(form, mod, MOD_SOURCE).single.option;
	form->head.audit_delay = (uint64_t)get(form, mod, MOD_AUDIT_DELAY).single.integer;
	form->head.audit_interval = (uint64_t)get(form, mod, MOD_AUDIT_INTERVAL).single.integer;
	form->head.rrsig_warning = (uint64_t)get(form, mod, MOD_RRSIG_WARNING).single.integer;
	form->head.log_limit = (uint64_t)get(form, mod, MOD_LOG_LIMIT).single.integer;
	form->head.synthesize = get_synthesize(form, mod);
	if (form->head.synthesize != 0) {
		form->head.override_denial = get(form, mod, MOD_OVERRIDE_DENIAL).single.boolean;
		form->head.synthesize_ttl =
			(uint64_t)get(form, mod, MOD_SYNTHESIZE_TTL).single.integer;
	}
	get_addresses(form, mod);
	return form->failed ? KNOT_ENOMEM : KNOT_EOK;
}

static const char *take_strings(const char **pos, uint64_t count)
{
	const char *first = *pos;
	for (; count > 0; count--) {
		*pos += strlen(*pos) + 1;
	}
	return first;
}

static options_t *options_new(const form_t *form)
{
	size_t ip_len = form->head.validation_ip_count * sizeof(*form->ip);
	size_t key_len = ip_len + sizeof(form->head) + form->text_len;
	options_t *new = calloc(1, sizeof(*new) + key_len);
	if (new == NULL) {
		return NULL;
	}
	memcpy(new->key, form->ip, ip_len);
	memcpy(new->key + ip_len, &form->head, sizeof(form->head));
	const char *pos = (const char *)new->key + ip_len + sizeof(form->head);
	memcpy(new->key + ip_len + sizeof(form->head), form->text, form->text_len);
	new->key_len = key_len;
	new->hash = hash_octets(HASH_SEED, new->key, key_len);

	new->ca = take_strings(&pos, form->head.ca_count);
	new->ca_count = form->head.ca_count;
	new->host = take_strings(&pos, form->head.host_count);
	new->host_count = form->head.host_count;
	new->validation = take_strings(&pos, form->head.validation_count);
	new->validation_count = form->head.validation_count;
	if (form->head.file_len > 0) {
		new->validation_file = pos;
		pos += form->head.file_len;
	}
	if (form->head.transfer_key_len > 0) {
		new->transfer_key = (const knot_dname_t *)pos;
	}
	new->validation_ip.multi = (knotd_conf_val_t *)new->key;
	new->validation_ip.count = form->head.validation_ip_count;
	new->source = form->head.source;
	new->synthesize = form->head.synthesize;
	new->audit_delay = (uint32_t)form->head.audit_delay;
	new->audit_interval = (uint32_t)form->head.audit_interval;
	new->rrsig_warning = (uint32_t)form->head.rrsig_warning;
	new->log_limit = (uint32_t)form->head.log_limit;
	new->synthesize_ttl = (uint32_t)form->head.synthesize_ttl;
	new->wildcard = form->head.wildcard;
	new->strict = form->head.strict;
	new->override_denial = form->head.override_denial;
	return new;
}

int options_get(knotd_mod_t *mod, options_t **out)
{
	form_t form;
	int ret = form_read(&form, mod);
	options_t *new = ret == KNOT_EOK ? options_new(&form) : NULL;
	form_clear(&form);
	if (new == NULL) {
		return KNOT_ENOMEM;
	}

	lock_take(&shared.lock);
	options_t **chain = &shared.chain[new->hash % CHAINS];
	options_t *found = *chain;
	while (found != NULL && (found->hash != new->hash || found->key_len != new->key_len ||
	                         memcmp(found->key, new->key, new->key_len) != 0)) {
		found = found->next;
	}
	if (found != NULL) {
		free(new);
	} else {
		found = new;
		found->next = *chain;
		*chain = found;
	}
	found->refs++;
	lock_give(&shared.lock);

	*out = found;
	return KNOT_EOK;
}

int options_synthesize(knotd_mod_t *mod, unsigned *out)
{
	form_t form = { .failed = false };
	*out = get_synthesize(&form, mod);
	return form.failed ? KNOT_ENOMEM : KNOT_EOK;
}

options_t *options_ref(options_t *options)
{
	if (options != NULL) {
		lock_take(&shared.lock);
		options->refs++;
		lock_give(&shared.lock);
	}
	return options;
}

void options_put(options_t *options)
{
	if (options == NULL) {
		return;
	}
	lock_take(&shared.lock);
	if (--options->refs > 0) {
		options = NULL;
	} else {
		options_t **pos = &shared.chain[options->hash % CHAINS];
		while (*pos != options) {
			pos = &(*pos)->next;
		}
		*pos = options->next;
	}
	lock_give(&shared.lock);
	if (options != NULL) {
		validations_forget(options->validation_file);
	}
	free(options);
}

int options_policy(const options_t *options, const knot_dname_t *zone, caaudit_reader_t *reader,
                   caaudit_policy_t **out)
{
	caaudit_policy_t *policy = caaudit_policy_new(zone);
	if (policy == NULL) {
		return KNOT_ENOMEM;
	}
	policy->wildcard = options->wildcard;
	policy->strict = options->strict;
	policy->rrsig_warning = options->rrsig_warning;

	/* The values were checked with the configuration: only memory can fail. */
	int ret = KNOT_EOK;
	const char *pos = options->ca;
	for (size_t i = 0; i < options->ca_count && ret != KNOT_ENOMEM; i++) {
		ret = caaudit_policy_add_ca(policy, pos, NULL);
		pos += strlen(pos) + 1;
	}
	pos = options->host;
	for (size_t i = 0; i < options->host_count && ret != KNOT_ENOMEM; i++) {
		ret = caaudit_policy_add_host(policy, pos, NULL);
		pos += strlen(pos) + 1;
	}
	pos = options->validation;
	for (size_t i = 0; i < options->validation_count && ret != KNOT_ENOMEM; i++) {
		ret = caaudit_policy_add_validation(policy, pos, NULL);
		pos += strlen(pos) + 1;
	}
	if (ret != KNOT_ENOMEM && options->validation_file != NULL) {
		ret = validations_add(options->validation_file, reader, policy);
		policy->partial = ret != KNOT_EOK;
	}
	if (ret == KNOT_ENOMEM) {
		caaudit_policy_free(policy);
		return ret;
	}
	*out = policy;
	return KNOT_EOK;
}

/* A zone for checks: names outside it are right as well, other zones have them. */
static caaudit_policy_t *dummy_policy(void)
{
	return caaudit_policy_new((const knot_dname_t *)"\007example");
}

typedef int (*add_f)(caaudit_policy_t *policy, const char *text, const char **why);

static int check_by(knotd_conf_check_args_t *args, add_f add)
{
	caaudit_policy_t *policy = dummy_policy();
	if (policy == NULL) {
		return KNOT_ENOMEM;
	}
	const char *why = NULL;
	int ret = add(policy, (const char *)args->data, &why);
	caaudit_policy_free(policy);
	if (ret == KNOT_EINVAL) {
		args->err_str = why;
	}
	return ret == KNOT_ERANGE ? KNOT_EOK : ret;
}

int options_check_ca(knotd_conf_check_args_t *args)
{
	return check_by(args, caaudit_policy_add_ca);
}

int options_check_host(knotd_conf_check_args_t *args)
{
	return check_by(args, caaudit_policy_add_host);
}

int options_check_validation(knotd_conf_check_args_t *args)
{
	return check_by(args, caaudit_policy_add_validation);
}

/* Keeps the first complaint, which is the cause of the others. */
typedef struct {
	caaudit_reader_t reader; /* Must come first. */
	char *text;
	size_t size;
} first_t;

static void on_complaint(caaudit_reader_t *reader, const char *file, uint64_t line,
                         const char *what)
{
	(void)file; /* The value of the option. */
	first_t *first = (first_t *)reader;
	if (first->text[0] == '\0' && line > 0) {
		(void)snprintf(first->text, first->size, "line %llu, %s", (unsigned long long)line,
		               what);
	} else if (first->text[0] == '\0') {
		(void)snprintf(first->text, first->size, "%s", what);
	}
}

int options_check_validation_file(knotd_conf_check_args_t *args)
{
	static _Thread_local char message[512];
	const char *pattern = (const char *)args->data;

	if (pattern[0] != '/') {
		args->err_str = "not an absolute path";
		return KNOT_EINVAL;
	}
	caaudit_policy_t *policy = dummy_policy();
	if (policy == NULL) {
		return KNOT_ENOMEM;
	}
	message[0] = '\0';
	first_t first = {
		.reader = { .complain = on_complaint },
		.text = message,
		.size = sizeof(message),
	};
	int ret = caaudit_read_validations(&first.reader, pattern, policy);
	caaudit_policy_free(policy);
	if (message[0] != '\0') {
		args->err_str = message;
	}
	return ret;
}

int options_check_transfer_key(knotd_conf_check_args_t *args)
{
	/* A reference in a module's schema is resolved before the server's sections
	 * are known to it, so the item is a name, and the reference is made here. */
	const yp_item_t section = { .name = "\003key" };
	const yp_item_t item = { .name = MOD_TRANSFER_KEY,
		                 .type = YP_TREF,
		                 .var.r = { .ref = &section } };
	knotd_conf_check_args_t ref = *args;
	ref.item = &item;
	int ret = knotd_conf_check_ref(&ref);
	if (ret != KNOT_EOK) {
		args->err_str = "no such id in a 'key' section above";
	}
	return ret;
}
