/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Asks a running server over its control socket, and tells whether its zones can be read.
 */

#include <stdio.h>
#include <string.h>

#include <libknot/control/control.h>
#include <libknot/errcode.h>

#include "live.h"

static int ask(knot_ctl_t *ctl, knot_ctl_data_t request, live_reply_f on_reply, void *context)
{
	int ret = knot_ctl_send(ctl, KNOT_CTL_TYPE_DATA, (knot_ctl_data_t *)request);
	if (ret == KNOT_EOK) {
		ret = knot_ctl_send(ctl, KNOT_CTL_TYPE_BLOCK, NULL);
	}
	while (ret == KNOT_EOK) {
		knot_ctl_type_t type = KNOT_CTL_TYPE_END;
		knot_ctl_data_t reply = { NULL };
		ret = knot_ctl_receive(ctl, &type, &reply);
		if (ret != KNOT_EOK) {
			break;
		}
		if (type != KNOT_CTL_TYPE_DATA && type != KNOT_CTL_TYPE_EXTRA) {
			return KNOT_EOK;
		}
		on_reply(context, reply);
	}
	return ret;
}

int live_ask(const char *socket, int timeout, knot_ctl_data_t request, live_reply_f on_reply,
             void *context)
{
	knot_ctl_t *ctl = knot_ctl_alloc();
	if (ctl == NULL) {
		return KNOT_ENOMEM;
	}
	knot_ctl_set_timeout(ctl, timeout);
	int ret = knot_ctl_connect(ctl, socket);
	if (ret == KNOT_EOK) {
		ret = ask(ctl, request, on_reply, context);
		(void)knot_ctl_send(ctl, KNOT_CTL_TYPE_END, NULL);
		knot_ctl_close(ctl);
	}
	knot_ctl_free(ctl);
	return ret;
}

static void take_version(void *context, const knot_ctl_data_t reply)
{
	const char *text = reply[KNOT_CTL_IDX_DATA];
	if (text != NULL) {
		/* Some versions answer "Version: 3.2.6", others the number alone. */
		text += strcspn(text, "0123456789");
		snprintf(context, VERSION_MAX, "%s", text);
	}
}

int live_version(const char *socket, int timeout, char *version)
{
	knot_ctl_data_t request = {
		[KNOT_CTL_IDX_CMD] = "status",
		[KNOT_CTL_IDX_TYPE] = "version",
	};
	version[0] = '\0';
	int ret = live_ask(socket, timeout, request, take_version, version);
	return ret == KNOT_EOK && version[0] == '\0' ? KNOT_ENOENT : ret;
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
