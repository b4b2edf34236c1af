/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <libknot/libknot.h>
#include <libzscanner/scanner.h>

#include "expected.h"

/* A list of expected records is written by hand or by a certificate manager. */
#define FILE_MAX_SIZE (64 * 1024 * 1024)

/* Reads all of a regular file; the scanner would map it, and a mapped file
 * that is truncated meanwhile kills the process. */
static int read_whole(const char *path, char **out, size_t *len, const char **why)
{
	int ret = KNOT_ERROR;
	char *text = NULL;
	size_t have = 0;

	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		int err = errno;
		*why = err == ENOENT ? "no such file" :
		       err == EACCES ? "permission denied" : "cannot be opened";
		return err == ENOENT ? KNOT_ENOENT : KNOT_EACCES;
	}
	struct stat st;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		*why = "not a regular file";
		goto done;
	}
	if (st.st_size > FILE_MAX_SIZE) {
		*why = "larger than 64 MiB";
		goto done;
	}
	size_t room = (size_t)st.st_size + 1;
	text = malloc(room + 1);
	if (text == NULL) {
		*why = "out of memory";
		ret = KNOT_ENOMEM;
		goto done;
	}
	for (;;) {
		ssize_t count = read(fd, text + have, room - have);
		if (count < 0 && errno == EINTR) {
			continue;
		}
		if (count < 0 || (size_t)count == room - have) {
			*why = count < 0 ? "cannot be read" : "changed while it was read";
			goto done;
		}
		if (count == 0) {
			break;
		}
		have += (size_t)count;
	}
	text[have] = '\n'; /* The last line may lack one. */
	*out = text;
	*len = have + 1;
	text = NULL;
	ret = KNOT_EOK;
done:
	free(text);
	close(fd);
	return ret;
}

static int add_record(zs_scanner_t *scanner, caaudit_policy_t *policy, const char **why)
{
	switch (scanner->r_type) {
	case KNOT_RRTYPE_TXT:
		return KNOT_EOK;
	case KNOT_RRTYPE_CNAME:
		break;
	default:
		*why = "neither CNAME nor TXT";
		return KNOT_EINVAL;
	}
	knot_dname_t *owner = scanner->r_owner, *target = scanner->r_data;
	knot_dname_to_lower(owner);
	knot_dname_to_lower(target);
	int ret = caaudit_policy_add_expected(policy, owner, target);
	if (ret == KNOT_ENOMEM) {
		*why = "out of memory";
	}
	return ret == KNOT_ERANGE ? KNOT_EOK : ret;
}

int expected_read(const char *path, caaudit_policy_t *policy, uint64_t *line,
                  const char **why)
{
	*line = 0;
	*why = NULL;

	char *text = NULL;
	size_t len = 0;
	int ret = read_whole(path, &text, &len, why);
	if (ret != KNOT_EOK) {
		return ret;
	}

	knot_dname_txt_storage_t origin;
	zs_scanner_t *scanner = malloc(sizeof(*scanner));
	if (scanner == NULL || knot_dname_to_str(origin, policy->zone, sizeof(origin)) == NULL ||
	    zs_init(scanner, origin, KNOT_CLASS_IN, 3600) != 0) {
		free(scanner);
		free(text);
		*why = "out of memory";
		return KNOT_ENOMEM;
	}
	if (zs_set_input_string(scanner, text, len) != 0) {
		ret = KNOT_ERROR;
		*why = "cannot be parsed";
	}
	while (ret == KNOT_EOK && zs_parse_record(scanner) == 0) {
		if (scanner->state == ZS_STATE_DATA) {
			ret = add_record(scanner, policy, why);
		} else if (scanner->state == ZS_STATE_ERROR) {
			*why = zs_strerror(scanner->error.code);
			ret = KNOT_EPARSEFAIL;
		} else if (scanner->state == ZS_STATE_INCLUDE) {
			*why = "$INCLUDE is not supported here";
			ret = KNOT_EPARSEFAIL;
		} else {
			break;
		}
	}
	if (ret != KNOT_EOK) {
		*line = scanner->line_counter;
	}
	zs_deinit(scanner);
	free(scanner);
	free(text);
	return ret;
}
