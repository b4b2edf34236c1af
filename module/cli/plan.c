/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>

#include "anchors.h"
#include "batch.h"
#include "text.h"
#include "values.h"

#define CA_DEFAULT   "sectigo.com"
#define HOST_DEFAULT "@"

static const char *source_word(const options_t *opts)
{
	if (opts->command == CMD_PROBE) {
		return "probe";
	}
	return opts->live != NULL ? "control" : opts->axfr != NULL ? "transfer" : "zonefile";
}

static bool find_zone(const options_t *opts, const char *path, knot_dname_storage_t zone)
{
	if (path != NULL && opts->command == CMD_PROBE) {
		if (parse_zone(path, zone) == NULL) {
			complain(stderr, "'%s': not a domain name", path);
			return false;
		}
		return true;
	}
	if (path == NULL || opts->origin != NULL) {
		const char *option = opts->live != NULL ? "live" :
		                     opts->axfr != NULL ? "axfr" :
		                                          "origin";
		const char *text = opts->live != NULL ? opts->live :
		                   opts->axfr != NULL ? opts->axfr :
		                                        opts->origin;
		if (parse_zone(text, zone) == NULL) {
			complain(stderr, "--%s '%s': not a domain name", option, text);
			return false;
		}
		return true;
	}
	if (zone_from_path(path, zone) == NULL) {
		complain(stderr, "%s: the file name is no zone name; give the zone with -o ZONE",
		         path);
		return false;
	}
	return true;
}

typedef int (*add_f)(caaudit_policy_t *, const char *, const char **);

/*
 * A relative name that ends with the zone's own name has lost its final dot. Whoever wants the
 * zone to stand twice can write it with the dot.
 */
static bool names_zone_twice(const char *word, add_f add, const job_t *job, const char *where,
                             const char *option)
{
	if ((add != caaudit_policy_add_host && add != caaudit_policy_add_validation) ||
	    job->policy->zone[0] == 0) {
		return false;
	}
	word += strspn(word, " \t");
	size_t len = strcspn(word, " \t");
	knot_dname_txt_storage_t text;
	knot_dname_storage_t name;
	if (len == 0 || len >= sizeof(text) || word[len - 1] == '.') {
		return false;
	}
	memcpy(text, word, len);
	text[len] = '\0';
	if (parse_zone(text, name) == NULL ||
	    knot_dname_in_bailiwick(name, job->policy->zone) < 0) {
		return false;
	}
	complain(stderr,
	         "%s%s '%s': zone %s is appended to a name without a final dot; write '%s.'", where,
	         option, word, job->report.zone, text);
	return true;
}

/* Adds a list of words; one that fits no zone at all is a slip. */
static bool add_words(batch_t *batch, const list_t *list, const char *option, add_f add)
{
	for (size_t i = 0; i < list->count; i++) {
		size_t fits = 0;
		size_t asked = 0;
		for (size_t j = 0; j < batch->count; j++) {
			if (batch->job[j].planned) {
				continue;
			}
			asked++;
			if (names_zone_twice(list->item[i], add, &batch->job[j], "--", option)) {
				return false;
			}
			const char *why = NULL;
			int ret = add(batch->job[j].policy, list->item[i], &why);
			if (ret == KNOT_EOK) {
				fits++;
			} else if (ret != KNOT_ERANGE) {
				complain(stderr, "--%s '%s': %s", option, list->item[i],
				         why != NULL ? why : knot_strerror(ret));
				return false;
			}
		}
		if (fits > 0 || asked == 0) {
			continue;
		}
		if (batch->count == 1) {
			complain(stderr, "--%s '%s': not in zone %s", option, list->item[i],
			         batch->job[0].report.zone);
		} else {
			complain(stderr, "--%s '%s': in none of the zones", option, list->item[i]);
		}
		return false;
	}
	return true;
}

static bool set_word(batch_t *batch, const char *word, const char *option, add_f set)
{
	return word == NULL ||
	       add_words(batch, &(list_t){ .item = &word, .count = 1 }, option, set);
}

/* A CA that nobody knows may be one, but not if its name is nearly that of another. */
static void hint_cas(const list_t *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *known = caaudit_ca_lookalike(list->item[i]);
		if (known != NULL) {
			complain(stderr,
			         "--ca '%s': no CA is known by that name; did you mean '%s'?",
			         list->item[i], known);
		}
	}
}

/* Words of a configuration. A host outside the zone is for another zone of the module. */
static bool add_configured(job_t *job, const config_module_t *module, const list_t *list,
                           const char *option, const char *otherwise, add_f add)
{
	const list_t one = { .item = &otherwise, .count = otherwise != NULL };
	const list_t *from = list->count > 0 ? list : &one;
	char where[64];
	snprintf(where, sizeof(where), "%s: ", module->name);
	for (size_t i = 0; i < from->count; i++) {
		/* The server takes it as it is. */
		(void)names_zone_twice(from->item[i], add, job, where, option);
		const char *why = NULL;
		int ret = add(job->policy, from->item[i], &why);
		if (ret != KNOT_EOK && ret != KNOT_ERANGE) {
			complain(stderr, "%s: %s '%s': %s", module->name, option, from->item[i],
			         why != NULL ? why : knot_strerror(ret));
			return false;
		}
	}
	return true;
}

static bool plan_configured(job_t *job, const config_module_t *module)
{
	job->planned = true;
	job->policy->wildcard = module->wildcard;
	job->policy->strict = module->strict;
	job->policy->rrsig_warning = module->rrsig_warning;
	if (module->validation_file.count > 0) {
		job->validation_file = module->validation_file;
	}
	return add_configured(job, module, &module->ca, "ca", CA_DEFAULT, caaudit_policy_add_ca) &&
	       add_configured(job, module, &module->host, "host", HOST_DEFAULT,
	                      caaudit_policy_add_host) &&
	       add_configured(job, module, &module->validation, "validation", NULL,
	                      caaudit_policy_add_validation);
}

static bool plan_job(batch_t *batch, job_t *job, const knot_dname_t *zone)
{
	const options_t *opts = batch->opts;
	report_init(&job->report, zone, source_word(opts));
	job->policy = caaudit_policy_new(zone);
	if (job->policy == NULL || job->report.failed) {
		complain(stderr, "%s", knot_strerror(KNOT_ENOMEM));
		return false;
	}
	job->policy->wildcard = !opts->no_wildcard;
	job->policy->strict = opts->strict;
	job->policy->rrsig_warning = opts->rrsig_warning;
	job->validation_file = opts->validation_file;
	return true;
}

static bool plan_config(batch_t *batch)
{
	const config_zone_t *zone = config_zones(batch->config, &batch->count);
	for (size_t i = 0; i < batch->count; i++) {
		job_t *job = &batch->job[i];
		job->path = zone[i].path;
		job->notify = zone[i].notify;
		if (batch->opts->command == CMD_PROBE && zone[i].no_remote != NULL) {
			complain(stderr, "%s: notify: no remote '%s' in the configuration",
			         batch->opts->config, zone[i].no_remote);
			return false;
		}
		if (!plan_job(batch, job, zone[i].zone)) {
			return false;
		}
		if (zone[i].module != NULL && !plan_configured(job, zone[i].module)) {
			return false;
		}
		if (zone[i].catalog) {
			report_gap(
				&job->report, "zones of the catalog",
				"the server makes them from records, not from its configuration");
		}
	}
	return true;
}

static bool plan_operands(batch_t *batch)
{
	const options_t *opts = batch->opts;
	for (size_t i = 0; i < batch->count; i++) {
		job_t *job = &batch->job[i];
		knot_dname_storage_t zone;
		job->path = i < opts->operand.count ? opts->operand.item[i] : NULL;
		if (!find_zone(opts, job->path, zone) || !plan_job(batch, job, zone)) {
			return false;
		}
	}
	return true;
}

bool batch_plan(batch_t *batch)
{
	const options_t *opts = batch->opts;
	batch->count = opts->operand.count > 0 ? opts->operand.count : 1;
	if (opts->config != NULL) {
		batch->config = config_read(opts->config);
		if (batch->config == NULL) {
			batch->count = 0;
			return false;
		}
		(void)config_zones(batch->config, &batch->count);
	}
	batch->job = calloc(batch->count, sizeof(*batch->job));
	if (batch->job == NULL) {
		batch->count = 0;
		complain(stderr, "%s", knot_strerror(KNOT_ENOMEM));
		return false;
	}
	if (!(batch->config != NULL ? plan_config(batch) : plan_operands(batch))) {
		return false;
	}

	hint_cas(&opts->ca);
	const char *ca = opts->ca.count == 0 ? CA_DEFAULT : NULL;
	const char *host = opts->host.count == 0 ? HOST_DEFAULT : NULL;
	return set_word(batch, ca, "ca", caaudit_policy_add_ca) &&
	       add_words(batch, &opts->ca, "ca", caaudit_policy_add_ca) &&
	       set_word(batch, host, "host", caaudit_policy_add_host) &&
	       add_words(batch, &opts->host, "host", caaudit_policy_add_host) &&
	       add_words(batch, &opts->validation, "validation", caaudit_policy_add_validation) &&
	       set_word(batch, opts->account_uri, "account-uri", caaudit_policy_set_account) &&
	       set_word(batch, opts->method, "validation-method", caaudit_policy_set_method) &&
	       anchors_add(batch);
}

void batch_clear(batch_t *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		report_clear(&batch->job[i].report);
		caaudit_policy_free(batch->job[i].policy);
	}
	free(batch->job);
	config_free(batch->config);
}
