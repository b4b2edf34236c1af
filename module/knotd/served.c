/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Compares a zone file with what is served. */

#include <inttypes.h>
#include <stdio.h>

#include <libknot/errcode.h>

#include "ask.h"
#include "served.h"

int served_check(const conf_access_t *access, const knot_dname_t *zone, uint32_t serial, char *why,
                 size_t size)
{
	uint32_t served;
	ask_t answer = access->listens ? ask_served(&access->server, zone, &served) : ASK_SILENCE;
	if (answer == ASK_UNSERVED) {
		(void)snprintf(
			why, size,
			"the server does not serve the zone (SERVFAIL): it is not loaded or has "
			"expired");
		return KNOT_ENOZONE;
	} else if (answer != ASK_SERIAL || served == serial) {
		return KNOT_EOK; /* Without an answer only the file is known. */
	}
	bool newer = (int32_t)(serial - served) > 0;
	(void)snprintf(why, size,
	               "the zone file has serial %" PRIu32 ", the server serves %" PRIu32
	               "; %s, or set 'source: transfer'",
	               serial, served,
	               newer ? "load the file (knotc zone-reload)" :
	                       "write the zone to its file (knotc zone-flush)");
	return KNOT_ESEMCHECK;
}
