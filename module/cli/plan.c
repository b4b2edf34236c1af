/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Finds the zones of a command line and makes the policy of each. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libknot/libknot.h>

#include "anchors.h"
#include "batch.h"
#include "engine/known.h"
#include "engine/names.h"
#include "engine/policy.h"
#include "source.h"
#include "text.h"
#include "values.h"

typedef int (*add_f)(caaudit_policy_t *policy, const char *word, const char **why);

/* Words of a policy, as they come from the command line and from a configuration. */
typedef struct {
	const char *option;
	size_t given;          /* Offset of its words_t in options_t. */
	size_t configured;     /* Offset of its words_t in config_module_t. */
	const char *otherwise; /* The word if there is none, or NULL. */
	add_f add;
	bool named; /* A word begins with a name, relative to the zone. */
} policy_words_t;

#define PLACES(member) offsetof(options_t, member), offsetof(config_module_t, member)

static const policy_words_t policy_words[] = {
	{ "ca", PLACES(ca), "sectigo.com", caaudit_policy_add_ca, false },
	{ "host", PLACES(host), "@", caaudit_policy_add_host, true },
	{ "validation", PLACES(validation), NULL, caaudit_policy_add_validation, true },
};

#define POLICY_WORDS_COUNT (sizeof(policy_words) / sizeof(policy_words[0]))

/* One of the words after another; if there are none, what is used instead. NULL at the end. */
static const char *nth_word(const words_t *words, size_t nth, const char *otherwise)
{
	if (nth < words->count) {
		return words->item[nth];
	}
	return nth == 0 ? otherwise : NULL;
}

static const char *source_word(const options_t *opts)
{
	if (opts->command == CMD_PROBE) {
		return "probe";
	}
	if (opts->transaction) {
		return "transaction";
	}
	return opts->live != NULL ? "control" : opts->axfr != NULL ? "transfer" : "zonefile";
}

/*
 * Takes the name of the zone from the file: the owner of its SOA record, where that does not depend
 * on the name. An owner that has lost its final dot is the zone all the same, and the audit says so.
 */
static bool zone_from_file(const char *path, knot_dname_storage_t zone)
{
	source_soa_t soa;
	if (!source_find_soa(path, &soa) ||
	    (soa.relative && knot_dname_labels(soa.owner, NULL) < 2)) {
		return false;
	}
	memcpy(zone, soa.owner, sizeof(soa.owner));
	return true;
}

/* Finds the name of the zone; \a path is NULL for a server, \a copy is what is read instead. */
static bool find_zone(const options_t *opts, const char *path, const char *copy,
                      knot_dname_storage_t zone)
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
	if (zone_from_file(copy != NULL ? copy : path, zone)) {
		return true;
	}
	if (strcmp(path, "-") == 0) {
		complain(stderr, "the standard input has no name, and no SOA record with an "
		                 "absolute owner; give the zone with -o ZONE");
		return false;
	}
	if (zone_from_path(path, zone) != NULL) {
		return true;
	}
	char why[128];
	if (copy == NULL && access(path, R_OK) != 0) {
		complain(stderr, "%s: cannot open (%s)", path,
		         source_errno_text(errno, why, sizeof(why)));
	} else {
		complain(stderr,
		         "%s: neither the SOA record nor the file name says which zone it is; "
		         "give the zone with -o ZONE",
		         path);
	}
	return false;
}

/*
 * A relative name that ends with the zone's own name has lost its final dot. Whoever wants the
 * zone to stand twice can write it with the dot.
 */
static bool names_zone_twice(const char *word, const zone_job_t *job, const char *where,
                             const char *option)
{
	word += strspn(word, " \t");
	size_t len = strcspn(word, " \t");
	knot_dname_txt_storage_t text;
	knot_dname_storage_t name;
	if (job->policy->zone[0] == 0 || len == 0 || len >= sizeof(text) || word[len - 1] == '.') {
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

/*
 * What is wrong with the target of the validation that was added last: NULL if nothing is, or if a
 * word has added none. Such a target is copied from where the zone was appended to it, with a final
 * dot or without.
 */
static const char *find_target_slip(const caaudit_policy_t *policy, size_t before)
{
	return policy->validation_count > before ?
	               policy_find_slip(policy, NULL,
	                                policy->validation[policy->validation_count - 1].target) :
	               NULL;
}

/* Adds a word to the policies that no configuration has made; one that fits none is a slip. */
static bool add_word(batch_t *batch, const char *option, const char *word, add_f add, bool named)
{
	size_t fits = 0;
	size_t asked = 0;
	for (size_t i = 0; i < batch->count; i++) {
		zone_job_t *job = &batch->job[i];
		if (job->planned) {
			continue;
		}
		asked++;
		if (named && names_zone_twice(word, job, "--", option)) {
			return false;
		}
		const char *why = NULL;
		size_t before = job->policy->validation_count;
		int ret = add(job->policy, word, &why);
		fits += ret == KNOT_EOK;
		why = ret == KNOT_EOK ? find_target_slip(job->policy, before) : why;
		ret = ret == KNOT_EOK && why != NULL ? KNOT_EINVAL : ret;
		if (ret != KNOT_EOK && ret != KNOT_ERANGE) {
			complain(stderr, "--%s '%s': %s", option, word,
			         why != NULL ? why : knot_strerror(ret));
			return false;
		}
	}
	if (fits > 0 || asked == 0) {
		return true;
	}
	if (batch->count == 1) {
		complain(stderr, "--%s '%s': not in zone %s", option, word,
		         batch->job[0].report.zone);
	} else {
		complain(stderr, "--%s '%s': in none of the zones", option, word);
	}
	return false;
}

/* No CA validates a wildcard by HTTP or TLS (BR 3.2.2.4.18 to 3.2.2.4.20). */
static bool allows_wildcards(const batch_t *batch)
{
	const options_t *opts = batch->opts;
	const caaudit_method_t *method = NULL;
	if (opts->method != NULL && opts->wildcard == WILDCARD_ON && !opts->no_wildcard) {
		method = known_method(OCTETS(opts->method));
	}
	if (method == NULL || method->kind != CAAUDIT_METHOD_WEB) {
		return true;
	}
	complain(stderr,
	         "--validation-method '%s': no CA validates a wildcard by it (BR 3.2.2.4.18 to "
	         "3.2.2.4.20): dns-01, or --wildcard off",
	         opts->method);
	return false;
}

static bool add_given(batch_t *batch)
{
	const options_t *opts = batch->opts;
	for (size_t i = 0; i < POLICY_WORDS_COUNT; i++) {
		const policy_words_t *kind = &policy_words[i];
		const void *words = (const char *)opts + kind->given;
		const char *word;
		for (size_t j = 0; (word = nth_word(words, j, kind->otherwise)) != NULL; j++) {
			if (!add_word(batch, kind->option, word, kind->add, kind->named)) {
				return false;
			}
		}
	}
	return (opts->account_uri == NULL || add_word(batch, "account-uri", opts->account_uri,
	                                              caaudit_policy_set_account, false)) &&
	       (opts->method == NULL || add_word(batch, "validation-method", opts->method,
	                                         caaudit_policy_set_method, false)) &&
	       allows_wildcards(batch);
}

/* A CA that nobody knows may be one, but not if its name is nearly that of another. */
static bool refuse_lookalikes(const words_t *list)
{
	for (size_t i = 0; i < list->count; i++) {
		const char *known = caaudit_ca_lookalike(list->item[i]);
		if (known != NULL) {
			complain(stderr,
			         "--ca '%s': no CA is known by that name; did you mean '%s'?",
			         list->item[i], known);
			return false;
		}
	}
	return true;
}

/* Words of a configuration. A host outside the zone is for another zone of the module. */
static bool add_configured(zone_job_t *job, const config_module_t *module,
                           const policy_words_t *kind)
{
	const void *words = (const char *)module + kind->configured;
	char where[64];
	snprintf(where, sizeof(where), "%s: ", module->name);
	const char *word;
	for (size_t i = 0; (word = nth_word(words, i, kind->otherwise)) != NULL; i++) {
		if (kind->named) {
			/* The server takes it as it is. */
			(void)names_zone_twice(word, job, where, kind->option);
		}
		const char *why = NULL;
		int ret = kind->add(job->policy, word, &why);
		if (ret != KNOT_EOK && ret != KNOT_ERANGE) {
			complain(stderr, "%s: %s '%s': %s", module->name, kind->option, word,
			         why != NULL ? why : knot_strerror(ret));
			return false;
		}
	}
	return true;
}

/* As in the server: "@" alone is what the option is without a value. */
static bool only_apex(const words_t *host)
{
	return host->count == 0 || (host->count == 1 && strcmp(host->item[0], "@") == 0);
}

static bool plan_configured(zone_job_t *job, const config_module_t *module)
{
	job->planned = true;
	job->policy->wildcard = module->wildcard;
	job->policy->hosts_named = !only_apex(&module->host);
	job->policy->strict = module->strict;
	job->policy->override_denial = module->override_denial;
	job->policy->rrsig_warning = module->rrsig_warning;
	if (module->validation_file.count > 0) {
		job->validation_file = module->validation_file;
		job->file_configured = true;
	}
	for (size_t i = 0; i < POLICY_WORDS_COUNT; i++) {
		if (!add_configured(job, module, &policy_words[i])) {
			return false;
		}
	}
	return true;
}

/* Begins a zone; \a path is NULL for a server. */
static bool plan_job(batch_t *batch, zone_job_t *job, const knot_dname_t *zone, const char *path)
{
	static const caaudit_wildcard_t wildcard[] = {
		[WILDCARD_AUTO] = CAAUDIT_WILDCARD_AUTO,
		[WILDCARD_ON] = CAAUDIT_WILDCARD_ON,
		[WILDCARD_OFF] = CAAUDIT_WILDCARD_OFF,
	};
	const options_t *opts = batch->opts;
	report_init(&job->report, zone, source_word(opts));
	job->report.path = path;
	job->report.copy = job->copy.path[0] != '\0' ? job->copy.path : NULL;
	job->zone = knot_dname_copy(zone, NULL);
	job->policy = caaudit_policy_new(zone);
	if (job->zone == NULL || job->policy == NULL) {
		complain(stderr, "%s", knot_strerror(KNOT_ENOMEM));
		return false;
	}
	job->policy->wildcard = opts->no_wildcard ? CAAUDIT_WILDCARD_OFF : wildcard[opts->wildcard];
	job->policy->hosts_named = opts->host.count > 0;
	job->policy->strict = opts->strict;
	job->policy->override_denial = opts->override_denial;
	job->policy->rrsig_warning = opts->rrsig_warning;
	job->validation_file = opts->validation_file;
	return true;
}

static bool plan_config(batch_t *batch)
{
	const config_zone_t *zone = config_zones(batch->config, &batch->count);
	for (size_t i = 0; i < batch->count; i++) {
		zone_job_t *job = &batch->job[i];
		job->notify = zone[i].notify;
		if (batch->opts->command == CMD_PROBE && zone[i].no_remote != NULL) {
			complain(stderr, "%s: notify: no remote '%s' in the configuration",
			         batch->opts->config, zone[i].no_remote);
			return false;
		}
		if (!plan_job(batch, job, zone[i].zone, zone[i].path)) {
			return false;
		}
		/* A probe sees what is answered. */
		job->policy->server = batch->opts->command == CMD_CHECK ? &zone[i].server : NULL;
		if (zone[i].module != NULL && !plan_configured(job, zone[i].module)) {
			return false;
		}
	}
	return true;
}

static bool plan_operands(batch_t *batch)
{
	const options_t *opts = batch->opts;
	for (size_t i = 0; i < batch->count; i++) {
		zone_job_t *job = &batch->job[i];
		knot_dname_storage_t zone;
		const char *path = i < opts->operand.count ? opts->operand.item[i] : NULL;
		bool file = path != NULL && opts->command != CMD_PROBE;
		if (file && !zone_keep(path, &job->copy)) {
			char why[128];
			complain(stderr, "%s: cannot read (%s)", report_file(&job->report, path),
			         source_errno_text(errno, why, sizeof(why)));
			return false;
		}
		const char *copy = job->copy.path[0] != '\0' ? job->copy.path : NULL;
		if (!find_zone(opts, path, copy, zone) || !plan_job(batch, job, zone, path)) {
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
		batch->config = config_read(opts);
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
	return refuse_lookalikes(&opts->ca) && add_given(batch) && anchors_add(batch);
}

void batch_clear(batch_t *batch)
{
	for (size_t i = 0; i < batch->anchor_count; i++) {
		free(batch->anchor[i]);
	}
	free(batch->anchor);
	for (size_t i = 0; i < batch->count; i++) {
		report_clear(&batch->job[i].report);
		survey_clear(&batch->job[i].survey);
		knot_dname_free(batch->job[i].zone, NULL);
		zone_forget(&batch->job[i].copy);
		caaudit_policy_free(batch->job[i].policy);
	}
	free(batch->job);
	metrics_clear(&batch->metrics);
	config_free(batch->config);
}
