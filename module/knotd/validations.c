/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <libknot/errcode.h>

#include "job.h"
#include "lock.h"
#include "validations.h"

/* Seconds after a change in which the next one may not show in the file's times. */
#define YOUNG 2
/* Files that are kept. */
#define KEPT_MAX 4

/* A file as it was read. */
typedef struct file file_t;
struct file {
	file_t *next;
	unsigned refs;
	uint64_t signature;
	int ret;                     /* What came of reading it; if it is an error, */
	uint64_t line;               /* the first complaint: line, */
	char *what;                  /* and text, NULL if there was none. */
	caaudit_validations_t *list; /* Otherwise its records. */
	char path[];
};

static struct {
	lock_t lock;
	file_t *first; /* Most recently used first. */
} kept = { .lock = LOCK_INIT(LOCK_LEAF) };

/* Passes complaints on, and keeps the first one: it is the cause of the others. */
typedef struct {
	caaudit_reader_t reader; /* Must come first. */
	caaudit_reader_t *next;
	file_t *file;
} listener_t;

static void on_complaint(caaudit_reader_t *reader, const char *path, uint64_t line,
                         const char *what)
{
	listener_t *listener = (listener_t *)reader;
	file_t *file = listener->file;
	if (file->what == NULL) {
		file->line = line;
		file->what = strdup(what);
	}
	listener->next->complain(listener->next, path, line, what);
}

static bool on_go_on(caaudit_reader_t *reader, uint64_t done, uint64_t all)
{
	caaudit_reader_t *next = ((listener_t *)reader)->next;
	return next->go_on == NULL || next->go_on(next, done, all);
}

static void file_unref(file_t *file)
{
	if (--file->refs == 0) {
		caaudit_validations_free(file->list);
		free(file->what);
		free(file);
	}
}

static file_t *file_read(const char *path, caaudit_reader_t *reader)
{
	file_t *file = calloc(1, sizeof(*file) + strlen(path) + 1);
	if (file == NULL) {
		return NULL;
	}
	file->refs = 1;
	strcpy(file->path, path);
	listener_t listener = {
		.reader = { .complain = on_complaint, .go_on = on_go_on },
		.next = reader,
		.file = file,
	};
	file->signature = job_file_signature(path);
	file->ret = caaudit_validations_read(&listener.reader, path, &file->list);
	return file;
}

/* Will another look say the same, and would any later change show? The kernel sets the time of
 * a change from a coarse clock. */
static bool is_settled(const file_t *file)
{
	bool wrong = file->ret == KNOT_EPARSEFAIL && file->what != NULL;
	if (file->ret != KNOT_EOK && !wrong) {
		return false;
	}
	struct stat st;
	struct timespec now;
	return stat(file->path, &st) == 0 && clock_gettime(CLOCK_REALTIME, &now) == 0 &&
	       now.tv_sec - st.st_ctim.tv_sec > YOUNG &&
	       file->signature == job_file_signature(file->path);
}

/* Takes a file out of those that are kept. With the lock held. */
static file_t *take_out(const char *path)
{
	file_t **pos = &kept.first;
	while (*pos != NULL && strcmp((*pos)->path, path) != 0) {
		pos = &(*pos)->next;
	}
	file_t *file = *pos;
	if (file != NULL) {
		*pos = file->next;
	}
	return file;
}

/* Puts it before all others. With the lock held. */
static void put_first(file_t *file)
{
	file->next = kept.first;
	kept.first = file;
	size_t count = 0;
	for (file_t **pos = &kept.first; *pos != NULL; pos = &(*pos)->next) {
		if (++count > KEPT_MAX) {
			file_t *last = *pos;
			*pos = NULL;
			file_unref(last);
			return;
		}
	}
}

static file_t *file_get(const char *path, caaudit_reader_t *reader)
{
	uint64_t signature = job_file_signature(path);
	lock_take(&kept.lock);
	file_t *file = take_out(path);
	if (file != NULL && file->signature != signature) {
		file_unref(file);
		file = NULL;
	}
	if (file != NULL) {
		file->refs++;
		put_first(file);
	}
	lock_give(&kept.lock);

	if (file != NULL) {
		if (file->what != NULL) {
			reader->complain(reader, path, file->line, file->what);
		}
		return file;
	}
	file = file_read(path, reader);
	if (file != NULL && is_settled(file)) {
		lock_take(&kept.lock);
		file_t *other = take_out(path);
		if (other != NULL) {
			file_unref(other);
		}
		file->refs++;
		put_first(file);
		lock_give(&kept.lock);
	}
	return file;
}

int validations_add(const char *pattern, caaudit_reader_t *reader, caaudit_policy_t *policy)
{
	char *path;
	int ret = caaudit_validations_path(reader, pattern, policy->zone, &path);
	if (ret != KNOT_EOK || path == NULL) {
		return ret;
	}
	if (strcmp(path, pattern) != 0) {
		free(path);
		return caaudit_read_validations(reader, pattern, policy);
	}
	file_t *file = file_get(path, reader);
	free(path);
	if (file == NULL) {
		reader->complain(reader, pattern, 0, "not enough memory");
		return KNOT_ENOMEM;
	}
	ret = file->ret != KNOT_EOK ? file->ret :
	                              caaudit_validations_add(file->list, reader, policy);
	lock_take(&kept.lock);
	file_unref(file);
	lock_give(&kept.lock);
	return ret;
}

void validations_forget(const char *pattern)
{
	if (pattern != NULL) {
		lock_take(&kept.lock);
		file_t *file = take_out(pattern);
		if (file != NULL) {
			file_unref(file);
		}
		lock_give(&kept.lock);
	}
}
