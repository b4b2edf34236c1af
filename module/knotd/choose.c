/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The order of the sources of a zone. */

#include <libknot/errcode.h>

#include "choose.h"
#include "compat.h"

#define TIMEOUT 5000

/* Adds a source that is read by a path; a path that is missing means that memory is out. */
static int add(choice_t *out, source_t source, const char *path)
{
	out->step[out->count] = source;
	out->count += path != NULL;
	return path != NULL ? KNOT_EOK : KNOT_ENOMEM;
}

static int add_control(choice_t *out, const conf_access_t *access)
{
	if (access->control_timeout > 0) {
		out->timeout = access->control_timeout;
	}
	return add(out, SOURCE_CONTROL, access->control);
}

static int block(choice_t *out, source_t source, const char *why)
{
	out->blocked = source;
	out->why = why;
	return KNOT_EOK;
}

static int choose_file(choice_t *out, const conf_access_t *access)
{
	return access->unclear_file ?
	               block(out, SOURCE_ZONEFILE,
	                     "the zone option 'file' has a formatter that is not known; known are %s, "
	                     "%c[N], %c[N-M], %l[N] and %%") :
	               add(out, SOURCE_ZONEFILE, access->zonefile);
}

static int choose_control(choice_t *out, const conf_access_t *access)
{
	return access->version >= COMPAT_SAFE_CONTROL ?
	               add_control(out, access) :
	               block(out, SOURCE_CONTROL,
	                     "reading a zone over the control socket can crash Knot DNS before "
	                     "3.2.7; set 'source: transfer' and permit transfer to 127.0.0.1 in "
	                     "the zone's acl");
}

static int choose_transfer(choice_t *out, const conf_access_t *access)
{
	if (!access->listens) {
		return block(out, SOURCE_TRANSFER,
		             "the server listens on no address; set 'server.listen'");
	} else if (access->key_ret == KNOT_ENOMEM) {
		return KNOT_ENOMEM;
	} else if (access->key_ret != KNOT_EOK) {
		return block(out, SOURCE_TRANSFER, "the key of 'transfer-key' is not configured");
	}
	return add(out, SOURCE_TRANSFER, "");
}

/* The cheapest source comes first; before Knot DNS 3.2.7 the zone file replaces the control
 * socket. */
static int choose_auto(choice_t *out, const conf_access_t *access, bool keyed)
{
	int ret = access->key_ret == KNOT_ENOMEM ? KNOT_ENOMEM : KNOT_EOK;
	if (ret == KNOT_EOK && access->listens &&
	    (keyed ? access->key_ret == KNOT_EOK : access->may_transfer)) {
		ret = add(out, SOURCE_TRANSFER, "");
	}
	if (ret == KNOT_EOK && access->version >= COMPAT_SAFE_CONTROL) {
		ret = add_control(out, access);
	}
	if (ret == KNOT_EOK && access->from_file && (out->count == 0 || !access->unclear_file)) {
		ret = choose_file(out, access);
	}
	if (ret == KNOT_EOK && out->count == 0 && out->why == NULL) {
		block(out, SOURCE_AUTO,
		      "the zone does not come from its zone file, and the control socket is not "
		      "safe to read before Knot DNS 3.2.7; permit transfer to 127.0.0.1 in the "
		      "zone's acl");
	}
	return ret;
}

int choose(const conf_access_t *access, const options_t *options, choice_t *out)
{
	*out = (choice_t){ .timeout = TIMEOUT };
	switch (options->source) {
	case SOURCE_ZONEFILE:
		return choose_file(out, access);
	case SOURCE_CONTROL:
		return choose_control(out, access);
	case SOURCE_TRANSFER:
		return choose_transfer(out, access);
	default:
		return choose_auto(out, access, options->transfer_key != NULL);
	}
}
