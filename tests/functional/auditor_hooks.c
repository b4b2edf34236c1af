/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Linked with --wrap into the module of the tests: an audit begins with the
 * options, and ends when its job is cleared.
 */

#include <libknot/errcode.h>

#include "auditor.h"
#include "auditor_hooks.h"
#include "job.h"
#include "zone.h"

int __real_instance_options(instance_t *inst);
int __wrap_instance_options(instance_t *inst);
void __real_job_clear(job_t *job);
void __wrap_job_clear(job_t *job);

int __wrap_instance_options(instance_t *inst)
{
	if (auditor_begin != NULL) {
		auditor_begin(inst->zone->name);
	}
	return __real_instance_options(inst);
}

void __wrap_job_clear(job_t *job)
{
	if (auditor_end != NULL) {
		auditor_end(job->zone);
	}
	__real_job_clear(job);
}

int __real_auditor_load(knotd_mod_t *mod, instance_t **out);
int __wrap_auditor_load(knotd_mod_t *mod, instance_t **out);
int __real_knotd_mod_hook(knotd_mod_t *mod, knotd_stage_t stage, knotd_mod_hook_f hook);
int __wrap_knotd_mod_hook(knotd_mod_t *mod, knotd_stage_t stage, knotd_mod_hook_f hook);
int __real_knotd_mod_in_hook(knotd_mod_t *mod, knotd_stage_t stage, knotd_mod_in_hook_f hook);
int __wrap_knotd_mod_in_hook(knotd_mod_t *mod, knotd_stage_t stage, knotd_mod_in_hook_f hook);

int __wrap_auditor_load(knotd_mod_t *mod, instance_t **out)
{
	if (auditor_load_begin != NULL) {
		auditor_load_begin(knotd_mod_zone(mod));
	}
	int ret = __real_auditor_load(mod, out);
	if (auditor_load_end != NULL) {
		auditor_load_end(knotd_mod_zone(mod));
	}
	return ret;
}

int __wrap_knotd_mod_hook(knotd_mod_t *mod, knotd_stage_t stage, knotd_mod_hook_f hook)
{
	return auditor_hook_fails != NULL && auditor_hook_fails(knotd_mod_zone(mod)) ?
	               KNOT_ENOMEM :
	               __real_knotd_mod_hook(mod, stage, hook);
}

int __wrap_knotd_mod_in_hook(knotd_mod_t *mod, knotd_stage_t stage, knotd_mod_in_hook_f hook)
{
	return auditor_hook_fails != NULL && auditor_hook_fails(knotd_mod_zone(mod)) ?
	               KNOT_ENOMEM :
	               __real_knotd_mod_in_hook(mod, stage, hook);
}
