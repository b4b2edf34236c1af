/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Stands for the validation where there is no libunbound. */

#include <libknot/errcode.h>

#include "probe.h"

bool probe_can_validate(void)
{
	return false;
}

int probe_validate(probe_t *probe, const probe_trust_conf_t *conf, probe_check_group_t *group,
                   size_t count)
{
	(void)probe;
	(void)conf;
	(void)group;
	(void)count;
	return KNOT_ENOTSUP;
}
