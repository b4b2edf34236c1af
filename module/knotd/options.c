/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Reads the module's own section, checks it, and shares equal options. */

#include <arpa/inet.h>
#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libknot/libknot.h>

#include "engine/array.h"
#include "lock.h"
#include "options.h"
#include "source.h"
#include "validations.h"

const knot_lookup_t options_sources[] = { { SOURCE_AUTO, "auto" },
	                                  { SOURCE_ZONEFILE, "zonefile" },
	                                  { SOURCE_CONTROL, "control" },
	                                  { SOURCE_TRANSFER, "transfer" },
	                                  { 0, NULL } };

/* "true" and "false" are what the option took when it was a boolean. In a configuration database it
 * has the same octet as then. */
const knot_lookup_t options_wildcards[] = {
	{ CAAUDIT_WILDCARD_AUTO, "auto" }, { CAAUDIT_WILDCARD_ON, "on" },
	{ CAAUDIT_WILDCARD_OFF, "off" },   { CAAUDIT_WILDCARD_ON, "true" },
	{ CAAUDIT_WILDCARD_OFF, "false" }, { 0, NULL }
};
_Static_assert(CAAUDIT_WILDCARD_OFF == false && CAAUDIT_WILDCARD_ON == true,
               "stored configurations keep their meaning");

const char *source_name(source_t source)
{
	return knot_lookup_by_id(options_sources, (int)source)->name;
}

static const char *const default_ca[] = { "sectigo.com", NULL };
static const char *const default_host[] = { "@", NULL };
static const char *const no_default[] = { NULL };

/* Addresses that a reseller of Sectigo names as those of its validation; see docs/cas.md. */
static const char *const default_ip[] = { "64.78.193.238", "216.168.247.9" };
#define DEFAULT_IP_COUNT (sizeof(default_ip) / sizeof(*default_ip))

/* Options that are in use, by their key; each zone may have options of its own. */
static struct {
	lock_t lock;
	void *tree;
} shared = { .lock = LOCK_INIT(LOCK_LEAF) };

/* Where the octets begin that are equal for equal options. */
#define KEY_BEGIN offsetof(options_t, key_len)

/* Options while they are read. */
typedef struct {
	char *text; /* Strings, one after the other. */
	size_t text_len;
	size_t text_size;
	knotd_conf_val_t *ip; /* Addresses; zeroed where nothing is set. */
	bool failed;          /* Out of memory. */
	options_t head;       /* All else; padding is zeroed. */
} form_t;

/* Reads an option. If memory is out the server returns the default, and only errno tells. */
static knotd_conf_t get(form_t *form, knotd_mod_t *mod, const yp_name_t *name)
{
	errno = 0;
	knotd_conf_t conf = knotd_conf_mod(mod, name);
	form->failed = form->failed || errno == ENOMEM;
	return conf;
}

static void put(form_t *form, const void *data, size_t len)
{
	if (!array_reserve(&form->text, &form->text_size, form->text_len + len, 1) ||
	    form->text == NULL) {
		form->failed = true;
		return;
	}
	memcpy(form->text + form->text_len, data, len);
	form->text_len += len;
}

static size_t put_strings(form_t *form, knotd_mod_t *mod, const yp_name_t *name,
                          const char *const *fallback)
{
	size_t count = 0;
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
		form->head.validation_file_len = strlen(conf.single.string) + 1;
		put(form, conf.single.string, form->head.validation_file_len);
	}
	conf = get(form, mod, MOD_TRANSFER_KEY);
	if (conf.count > 0) {
		form->head.transfer_key_len = knot_dname_size(conf.single.dname);
		put(form, conf.single.dname, form->head.transfer_key_len);
	}

	form->head.wildcard = get(form, mod, MOD_WILDCARD).single.option;
	form->head.strict = get(form, mod, MOD_STRICT).single.boolean;
	form->head.source = get(form, mod, MOD_SOURCE).single.option;
	form->head.change_check = (uint32_t)get(form, mod, MOD_CHANGE_CHECK).single.integer;
	form->head.audit_delay = (uint32_t)get(form, mod, MOD_AUDIT_DELAY).single.integer;
	form->head.audit_interval = (uint32_t)get(form, mod, MOD_AUDIT_INTERVAL).single.integer;
	form->head.rrsig_warning = (uint32_t)get(form, mod, MOD_RRSIG_WARNING).single.integer;
	form->head.log_limit = (uint32_t)get(form, mod, MOD_LOG_LIMIT).single.integer;
	form->head.override_denial = get(form, mod, MOD_OVERRIDE_DENIAL).single.boolean;
	form->head.synthesize = get_synthesize(form, mod);
	if (form->head.synthesize != 0) {
		form->head.synthesize_ttl =
			(uint32_t)get(form, mod, MOD_SYNTHESIZE_TTL).single.integer;
	}
	get_addresses(form, mod);
	return form->failed ? KNOT_ENOMEM : KNOT_EOK;
}

static const char *take_strings(const char **pos, size_t count)
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
	options_t *new = calloc(1, sizeof(*new) + ip_len + form->text_len);
	if (new == NULL) {
		return NULL;
	}
	memcpy(new, &form->head, sizeof(*new));
	memcpy(new->octets, form->ip, ip_len);
	memcpy(new->octets + ip_len, form->text, form->text_len);
	new->key_len = sizeof(*new) - KEY_BEGIN + ip_len + form->text_len;

	const char *pos = (const char *)new->octets + ip_len;
	new->validation_ip.multi = (knotd_conf_val_t *)new->octets;
	new->validation_ip.count = new->validation_ip_count;
	new->ca = take_strings(&pos, new->ca_count);
	new->host = take_strings(&pos, new->host_count);
	new->validation = take_strings(&pos, new->validation_count);
	if (new->validation_file_len > 0) {
		new->validation_file = pos;
		new->shared = validations_share(pos);
		pos += new->validation_file_len;
	}
	if (new->transfer_key_len > 0) {
		new->transfer_key = (const knot_dname_t *)pos;
	}
	return new;
}

static int compare_keys(const void *a, const void *b)
{
	const options_t *x = a, *y = b;
	if (x->key_len != y->key_len) {
		return x->key_len < y->key_len ? -1 : 1;
	}
	return memcmp((const uint8_t *)x + KEY_BEGIN, (const uint8_t *)y + KEY_BEGIN, x->key_len);
}

static void options_free(options_t *options)
{
	if (options != NULL) {
		validations_unshare(options->shared);
		free(options);
	}
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
	options_t **node = tsearch(new, &shared.tree, compare_keys);
	options_t *found = node == NULL ? NULL : *node;
	if (found != NULL) {
		found->refs++;
	}
	lock_give(&shared.lock);
	if (found != new) {
		options_free(new);
	}
	*out = found;
	return found == NULL ? KNOT_ENOMEM : KNOT_EOK;
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
	bool last = --options->refs == 0;
	if (last) {
		(void)tdelete(options, &shared.tree, compare_keys);
	}
	lock_give(&shared.lock);
	if (last) {
		options_free(options);
	}
}

typedef int (*add_f)(caaudit_policy_t *policy, const char *text, const char **why);

/* Adds the words of an option. Those outside the zone belong to other zones; one that does not fit
 * into this zone, such as a validation that has lost its final dot, is said. */
static int add_words(caaudit_policy_t *policy, const char *option, add_f add, const char *word,
                     size_t count, char *why, size_t size)
{
	for (; count > 0; count--, word += strlen(word) + 1) {
		const char *reason = NULL;
		int ret = add(policy, word, &reason);
		if (ret == KNOT_ENOMEM) {
			return ret;
		} else if (ret != KNOT_EOK && ret != KNOT_ERANGE) {
			size_t len = strlen(why);
			policy->partial = true;
			(void)snprintf(why + len, size - len, "%s%s '%s': %s", len > 0 ? "; " : "",
			               option, word, reason != NULL ? reason : knot_strerror(ret));
		}
	}
	return KNOT_EOK;
}

static int fill_policy(const options_t *options, caaudit_policy_t *policy, char *why, size_t size)
{
	const struct {
		const char *option;
		add_f add;
		const char *word;
		size_t count;
	} all[] = {
		{ "ca", caaudit_policy_add_ca, options->ca, options->ca_count },
		{ "host", caaudit_policy_add_host, options->host, options->host_count },
		{ "validation", caaudit_policy_add_validation, options->validation,
		  options->validation_count },
	};
	int ret = KNOT_EOK;
	for (size_t i = 0; i < sizeof(all) / sizeof(*all) && ret == KNOT_EOK; i++) {
		ret = add_words(policy, all[i].option, all[i].add, all[i].word, all[i].count, why,
		                size);
	}
	return ret;
}

int options_policy(const options_t *options, const knot_dname_t *zone, validations_t **used,
                   char *why, size_t size, caaudit_policy_t **out)
{
	why[0] = '\0';
	caaudit_policy_t *policy = caaudit_policy_new(zone);
	if (policy == NULL) {
		return KNOT_ENOMEM;
	}
	policy->wildcard = options->wildcard;
	policy->strict = options->strict;
	policy->rrsig_warning = options->rrsig_warning;
	policy->override_denial = options->override_denial;
	policy->cure_limit = options->log_limit;
	policy->hosts_named = options->host_count != 1 || strcmp(options->host, "@") != 0;
	int ret = KNOT_EOK;
	if (options->validation_file != NULL) {
		ret = validations_add(options->validation_file, options->shared, policy, used, why,
		                      size);
	}
	if (ret == KNOT_EOK) {
		ret = fill_policy(options, policy, why, size);
	}
	if (ret == KNOT_EOK) {
		ret = caaudit_policy_finish(policy, (uint64_t)time(NULL));
	}
	if (ret != KNOT_EOK) {
		caaudit_policy_free(policy);
		return ret;
	}
	*out = policy;
	return KNOT_EOK;
}

/* The zone for which values are checked: names outside it are right as well. */
static const knot_dname_t *const any_zone = (const knot_dname_t *)"\007example";

static int check_by(knotd_conf_check_args_t *args, add_f add)
{
	caaudit_policy_t *policy = caaudit_policy_new(any_zone);
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

int options_check_validation_file(knotd_conf_check_args_t *args)
{
	static _Thread_local char message[512];
	const char *pattern = (const char *)args->data;

	if (pattern[0] != '/') {
		args->err_str = "not an absolute path";
		return KNOT_EINVAL;
	}
	/* What the file says changes by the day, and must not keep the server from starting. */
	source_first_t first = { .listener.complain = source_keep_first };
	char *path = NULL;
	int ret = source_validations_path(&first.listener, pattern, any_zone, &path);
	free(path);
	if (first.count > 0) {
		(void)snprintf(message, sizeof(message), "%s", first.what);
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
