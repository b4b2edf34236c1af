/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "complain.h"
#include "master.h"
#include "zonepath.h"

/*! Fills a policy. */
typedef struct {
	caaudit_source_sink_t sink;
	caaudit_policy_t *policy;
} policy_sink_t;

static int policy_record(caaudit_source_sink_t *self, const knot_dname_t *owner, uint16_t type,
			 uint32_t ttl, const uint8_t *rdata, uint16_t rdlen, const char **why)
{
	(void)ttl;
	caaudit_policy_t *policy = ((const policy_sink_t *)self)->policy;
	int ret;
	switch (type) {
	case KNOT_RRTYPE_CNAME:
		ret = caaudit_policy_add_expected(policy, owner, rdata, why);
		break;
	case KNOT_RRTYPE_TXT:
		ret = caaudit_policy_add_expected_txt(policy, owner, rdata, rdlen, why);
		break;
	default:
		*why = "a validation file holds CNAME and TXT records only";
		return KNOT_EOK;
	}

	// A record outside the zone is one of another zone; whatever is wrong here has been said.
	return ret == KNOT_ERANGE || ret == KNOT_EINVAL ? KNOT_EOK : ret;
}

int caaudit_read_validations(caaudit_reader_t *reader, const char *pattern,
			     caaudit_policy_t *policy)
{
	errno = 0;
	char *path = zonepath_expand(pattern, policy->zone);
	if (path == NULL && errno == ENOMEM) {
		caaudit_source_complain(reader, pattern, 0, "not enough memory");
		return KNOT_ENOMEM;
	} else if (path == NULL) {
		caaudit_source_complain(reader, pattern, 0,
					"unknown formatter after '%%'; known are %%s, %%c[N], "
					"%%c[N-M], %%l[N] and %%%%");
		return KNOT_EINVAL;
	}
	// Where each zone has a file of its own, a zone without one expects nothing.
	struct stat st;
	bool none = strcmp(path, pattern) != 0 && stat(path, &st) != 0 && errno == ENOENT;

	int ret = KNOT_EOK;
	size_t before = policy->validation_count;
	if (!none) {
		policy_sink_t sink = {
			.sink = { .record = policy_record, .alone = true },
			.policy = policy,
		};
		ret = caaudit_source_scan(reader, path, policy->zone, CAAUDIT_SOURCE_BLOCK,
					  &sink.sink);
	}
	if (ret != KNOT_EOK) {
		caaudit_policy_keep_validations(policy, before);
	}
	free(path);

	return ret;
}
