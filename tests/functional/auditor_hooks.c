/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Linked with --wrap into the module of the tests: an audit begins with the
 * choice of a source, and ends when its job is cleared.
 */

#include "auditor_hooks.h"
#include "choose.h"
#include "job.h"

int __real_choose(knotd_mod_t *mod, const knot_dname_t *zone, const settings_t *settings,
                  choice_t *out);
int __wrap_choose(knotd_mod_t *mod, const knot_dname_t *zone, const settings_t *settings,
                  choice_t *out);
void __real_job_clear(job_t *job);
void __wrap_job_clear(job_t *job);

int __wrap_choose(knotd_mod_t *mod, const knot_dname_t *zone, const settings_t *settings,
                  choice_t *out)
{
	if (auditor_begin != NULL) {
		auditor_begin(zone);
	}
	return __real_choose(mod, zone, settings, out);
}

void __wrap_job_clear(job_t *job)
{
	if (auditor_end != NULL) {
		auditor_end(job->zone);
	}
	__real_job_clear(job);
}
