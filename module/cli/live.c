/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Asks a running server for its version, and tells whether its zones can be read safely.
 */

#include <stdio.h>
#include <string.h>

#include <libknot/control/control.h>
#include <libknot/errcode.h>

#include "live.h"

static int ask(knot_ctl_t *ctl, char *version)
{
	knot_ctl_data_t request = {
		[KNOT_CTL_IDX_CMD] = "status",
		[KNOT_CTL_IDX_TYPE] = "version",
	};
	int ret = knot_ctl_send(ctl, KNOT_CTL_TYPE_DATA, &request);
	if (ret == KNOT_EOK) {
		ret = knot_ctl_send(ctl, KNOT_CTL_TYPE_BLOCK, NULL);
	}

	version[0] = '\0';
	while (ret == KNOT_EOK) {
		knot_ctl_type_t type = KNOT_CTL_TYPE_END;
		knot_ctl_data_t reply = { NULL };
		ret = knot_ctl_receive(ctl, &type, &reply);
		if (ret != KNOT_EOK) {
			break;
		}
		if (type != KNOT_CTL_TYPE_DATA && type != KNOT_CTL_TYPE_EXTRA) {
			return version[0] != '\0' ? KNOT_EOK : KNOT_ENOENT;
		}
		if (reply[KNOT_CTL_IDX_DATA] != NULL) {
			/* Some versions answer "Version: 3.2.6", others the number alone. */
			const char *text = reply[KNOT_CTL_IDX_DATA];
			text += strcspn(text, "0123456789");
			snprintf(version, VERSION_MAX, "%s", text);
		}
	}
	return ret;
}

int live_version(const char *socket, int timeout, char *version)
{
	knot_ctl_t *ctl = knot_ctl_alloc();
	if (ctl == NULL) {
		return KNOT_ENOMEM;
	}
	knot_ctl_set_timeout(ctl, timeout);
	int ret = knot_ctl_connect(ctl, socket);
	if (ret == KNOT_EOK) {
		ret = ask(ctl, version);
		(void)knot_ctl_send(ctl, KNOT_CTL_TYPE_END, NULL);
		knot_ctl_close(ctl);
	}
	knot_ctl_free(ctl);
	return ret;
}

bool live_is_safe(const char *version)
{
	unsigned part[3] = { 0 };
	/* "3.6.dev" has no third number, and none is needed. */
	// NOLINTNEXTLINE(cert-err34-c): what is no version is not safe, or above 3.
	if (sscanf(version, "%u.%u.%u", &part[0], &part[1], &part[2]) < 2) {
		return false;
	}
	if (part[0] != 3) {
		return part[0] > 3;
	}
	return part[1] > 2 || (part[1] == 2 && part[2] >= 7);
}
