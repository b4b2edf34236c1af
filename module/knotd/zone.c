/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Zones and instances: made, freed, and their options read. */

#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>

#include "conf.h"
#include "zone.h"

zone_t *zone_new(const knot_dname_t *name, uint64_t id, size_t id_len)
{
	size_t len = knot_dname_size(name);
	zone_t *zone = calloc(1, sizeof(*zone) + len);
	if (zone != NULL) {
		atomic_init(&zone->watch.refs, 1);
		zone->id = id;
		zone->id_len = (uint32_t)id_len;
		memcpy(zone->name, name, len);
		lookups_init(&zone->lookups, zone->name, id);
	}
	return zone;
}

static void free_lines(lines_t *lines)
{
	if (lines != NULL) {
		lines_clear(lines);
		free(lines);
	}
}

void zone_drop_lines(zone_t *zone)
{
	free_lines(zone->unsaid);
	zone->unsaid = NULL;
}

void zone_free(zone_t *zone)
{
	zone_drop_lines(zone);
	findings_unref(zone->findings);
	options_put(zone->last.options);
	lookups_deinit(&zone->lookups);
	targets_free(zone->targets);
	validations_unref(zone->used);
	caaudit_memo_free(zone->memo);
	free(zone->path);
	free(zone);
}

findings_t *findings_ref(findings_t *findings)
{
	if (findings != NULL) {
		findings->refs++;
	}
	return findings;
}

void findings_unref(findings_t *findings)
{
	if (findings != NULL && --findings->refs == 0) {
		findings_free(findings);
	}
}

instance_t *instance_new(knotd_mod_t *mod, zone_t *zone, const void *load)
{
	instance_t *instance = calloc(1, sizeof(*instance));
	if (instance != NULL) {
		instance->refs = 1;
		instance->mod = mod;
		instance->zone = zone;
		instance->load = load;
	}
	return instance;
}

global_t *global_new(knotd_mod_t *mod)
{
	global_t *global = calloc(1, sizeof(*global));
	if (global != NULL) {
		global->instance.refs = 1;
		global->instance.mod = mod;
	}
	return global;
}

void instance_free(instance_t *instance)
{
	free_lines(atomic_load(&instance->waiting));
	synth_free(instance->synth);
	options_put(instance->options);
	free(instance);
}

int instance_options(instance_t *instance)
{
	if (atomic_load(&instance->options) != NULL) {
		return KNOT_EOK;
	}
	options_t *options, *none = NULL;
	int ret = conf_find_id(instance->mod, instance->zone->name, instance->zone->id);
	if (ret == KNOT_EOK) {
		ret = options_get(instance->mod, &options);
	}
	if (ret == KNOT_EOK &&
	    !atomic_compare_exchange_strong(&instance->options, &none, options)) {
		options_put(
			options); /* A query and an audit have read the options at the same time. */
	}
	return ret;
}
