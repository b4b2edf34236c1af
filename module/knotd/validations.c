/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Validation files: parsed, shared, and kept while they can be used. */

#include <inttypes.h>
#include <search.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <libknot/errcode.h>

#include "filestat.h"
#include "lock.h"
#include "source.h"
#include "validations.h"

/* Seconds after a change in which another one may not show in the file's times: the kernel sets
 * them from a coarse clock. */
#define YOUNG 2

struct validations {
	atomic_uint refs;
	bool settled; /* Any later change will show in the signature. */
	uint64_t signature;
	int ret;                    /* Result of reading the file. */
	char *what;                 /* If that is an error: the first complaint, or NULL, */
	uint64_t line;              /* and its line. */
	source_validations_t *list; /* Otherwise: the records. */
	char path[];
};

struct validations_shared {
	unsigned refs;      /* Guarded by the lock of all places. */
	lock_t lock;        /* Guards the file, and is held while it is read. */
	validations_t *now; /* NULL before it is read. */
	char path[];
};

/* All places, by path. */
static struct {
	lock_t lock;
	void *tree;
} places = { .lock = LOCK_INIT(LOCK_LEAF) };

/*
 * Files.
 */

static validations_t *file_ref(validations_t *file)
{
	atomic_fetch_add(&file->refs, 1);
	return file;
}

void validations_unref(validations_t *file)
{
	if (file != NULL && atomic_fetch_sub(&file->refs, 1) == 1) {
		source_validations_free(file->list);
		free(file->what);
		free(file);
	}
}

/* Tells whether reading the file again would give the same, and whether any later change will
 * show in its signature. */
static bool is_settled(const validations_t *file)
{
	bool wrong = file->ret == KNOT_EPARSEFAIL && file->what != NULL;
	struct stat st;
	struct timespec now;
	return (file->ret == KNOT_EOK || wrong) && stat(file->path, &st) == 0 &&
	       clock_gettime(CLOCK_REALTIME, &now) == 0 && now.tv_sec - st.st_ctim.tv_sec > YOUNG &&
	       file->signature == file_signature(file->path);
}

static validations_t *file_read(const char *path, uint64_t signature)
{
	validations_t *file = calloc(1, sizeof(*file) + strlen(path) + 1);
	if (file == NULL) {
		return NULL;
	}
	atomic_init(&file->refs, 1);
	strcpy(file->path, path);
	file->signature = signature;
	source_first_t first = { .listener.complain = source_keep_first };
	file->ret = source_validations_read(&first.listener, path, &file->list);
	file->what = first.count > 0 ? strdup(first.what) : NULL;
	file->line = first.line;
	file->settled = is_settled(file);
	return file;
}

static bool is_current(const validations_t *file, const char *path, uint64_t signature)
{
	return file != NULL && file->settled && file->signature == signature &&
	       strcmp(file->path, path) == 0;
}

/* Gets a file, read if it has changed since; NULL if out of memory. */
static validations_t *file_get(const char *path, validations_shared_t *shared, validations_t *used)
{
	uint64_t signature = file_signature(path);
	if (shared == NULL) {
		return is_current(used, path, signature) ? file_ref(used) :
		                                           file_read(path, signature);
	}
	lock_take(&shared->lock);
	if (!is_current(shared->now, path, signature)) {
		validations_unref(shared->now);
		shared->now = file_read(path, signature);
	}
	validations_t *file = shared->now == NULL ? NULL : file_ref(shared->now);
	lock_give(&shared->lock);
	return file;
}

/*
 * Places.
 */

static int compare_places(const void *a, const void *b)
{
	const validations_shared_t *x = a, *y = b;
	return strcmp(x->path, y->path);
}

static validations_shared_t *place_new(const char *path)
{
	validations_shared_t *new = calloc(1, sizeof(*new) + strlen(path) + 1);
	if (new != NULL) {
		lock_init(&new->lock, LOCK_VALIDATIONS);
		strcpy(new->path, path);
	}
	return new;
}

static void place_free(validations_shared_t *shared)
{
	if (shared != NULL) {
		validations_unref(shared->now);
		lock_deinit(&shared->lock);
		free(shared);
	}
}

validations_shared_t *validations_share(const char *pattern)
{
	validations_shared_t *new = strchr(pattern, '%') != NULL ? NULL : place_new(pattern);
	if (new == NULL) {
		return NULL;
	}
	lock_take(&places.lock);
	validations_shared_t **node = tsearch(new, &places.tree, compare_places);
	validations_shared_t *out = node == NULL ? NULL : *node;
	if (out != NULL) {
		out->refs++;
	}
	lock_give(&places.lock);
	if (out != new) {
		place_free(new);
	}
	return out;
}

void validations_unshare(validations_shared_t *shared)
{
	if (shared == NULL) {
		return;
	}
	lock_take(&places.lock);
	bool last = --shared->refs == 0;
	if (last) {
		(void)tdelete(shared, &places.tree, compare_places);
	}
	lock_give(&places.lock);
	if (last) {
		place_free(shared);
	}
}

/*
 * Policies.
 */

static void explain(char *why, size_t size, const char *path, const source_first_t *first)
{
	const char *what = first->count == 0 ? "cannot be read" : first->what;
	if (first->line > 0) {
		(void)snprintf(why, size, "'%.200s', line %" PRIu64 ", %.170s", path, first->line,
		               what);
	} else {
		(void)snprintf(why, size, "'%.200s', %.170s", path, what);
	}
}

/* Adds the records of a file, or finds out why it cannot be used. */
static int add_file(const validations_t *file, source_first_t *first, caaudit_policy_t *policy)
{
	if (file == NULL) {
		return KNOT_ENOMEM;
	} else if (file->ret == KNOT_EOK) {
		return source_validations_add(file->list, &first->listener, policy);
	} else if (file->what != NULL) {
		source_keep_first(&first->listener, NULL, file->line, file->what);
	}
	return file->ret;
}

/* Adds the records that the zone has used last of the same file instead. */
static int add_used(const validations_t *used, const char *path, caaudit_policy_t *policy,
                    char *why, size_t size)
{
	source_first_t first = { .listener.complain = source_keep_first };
	int ret = KNOT_ENOENT;
	if (used != NULL && path != NULL && strcmp(used->path, path) == 0) {
		ret = source_validations_add(used->list, &first.listener, policy);
	}
	policy->partial = ret != KNOT_EOK;
	size_t len = strlen(why);
	(void)snprintf(why + len, size - len, "%s",
	               policy->partial ? "; nothing of it is expected" :
	                                 "; its last readable contents are expected");
	return ret == KNOT_ENOMEM ? ret : KNOT_EOK;
}

int validations_add(const char *pattern, validations_shared_t *shared, caaudit_policy_t *policy,
                    validations_t **used, char *why, size_t size)
{
	source_first_t first = { .listener.complain = source_keep_first };
	validations_t *file = NULL;
	char *path = NULL;
	why[0] = '\0';
	int ret = source_validations_path(&first.listener, pattern, policy->zone, &path);
	if (ret == KNOT_EOK && path != NULL) {
		file = file_get(path, shared, *used);
		ret = add_file(file, &first, policy);
	}
	if (ret == KNOT_EOK) {
		validations_unref(*used);
		*used = file;
	} else {
		explain(why, size, path != NULL ? path : pattern, &first);
		ret = ret == KNOT_ENOMEM ? ret : add_used(*used, path, policy, why, size);
		validations_unref(file);
	}
	free(path);
	return ret;
}
