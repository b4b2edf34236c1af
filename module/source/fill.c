/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Pushes the records of a source into a view, and says why a view cannot be finished.
 */

#include <libknot/errcode.h>
#include <libknot/error.h>

#include "complain.h"
#include "fill.h"

static int add(void *context, const caaudit_record_t *record)
{
	return caaudit_view_add(context, record);
}

static int finish(source_listener_t *listener, const char *file, caaudit_view_t *view)
{
	int ret = caaudit_view_finish(view);
	knot_dname_txt_storage_t zone;
	// After KNOT_EAGAIN the zone is read once more, and nobody needs to know.
	if (ret == KNOT_EOK || ret == KNOT_EAGAIN ||
	    knot_dname_to_str(zone, caaudit_view_zone(view), sizeof(zone)) == NULL) {
		return ret;
	}

	switch (ret) {
	case KNOT_ENOENT:
		source_complain(listener, file, 0, "%s has no SOA record", zone);
		break;
	case KNOT_ESEMCHECK:
		source_complain(listener, file, 0, "%s has more than one SOA record", zone);
		break;
	case KNOT_EMALF:
		source_complain(listener, file, 0,
		                "%s has malformed CNAME, DNAME, NS or SOA record data", zone);
		break;
	default:
		source_complain(listener, file, 0, "%s", knot_strerror(ret));
		break;
	}
	return ret;
}

int source_fill_zonefile(source_listener_t *listener, const char *path, unsigned flags,
                         caaudit_view_t *view)
{
	int ret = source_zonefile(listener, path, caaudit_view_zone(view), flags, add, view);
	if (ret != KNOT_EOK && ret != KNOT_EPARSEFAIL) {
		return ret;
	}
	int finished = finish(listener, path, view);
	return finished == KNOT_EOK ? ret : finished;
}

int source_fill_control(source_listener_t *listener, const char *socket, int timeout,
                        caaudit_view_t *view)
{
	int ret = source_control(listener, socket, timeout, caaudit_view_zone(view), add, view);
	return ret == KNOT_EOK ? finish(listener, socket, view) : ret;
}

int source_fill_transaction(source_listener_t *listener, const char *socket,
                            source_transaction_t *transaction, bool served, caaudit_view_t *view)
{
	int ret = source_transaction_records(transaction, listener, socket, served, add, view);
	return ret == KNOT_EOK ? finish(listener, socket, view) : ret;
}

int source_fill_transfer(source_listener_t *listener, const struct sockaddr_storage *server,
                         const knot_tsig_key_t *key, int timeout, caaudit_view_t *view)
{
	int ret = source_transfer(listener, server, key, timeout, caaudit_view_zone(view), add,
	                          view);
	if (ret != KNOT_EOK) {
		return ret;
	}
	char name[SOURCE_ADDRESS_MAX];
	source_address_text(server, name);
	return finish(listener, name, view);
}
