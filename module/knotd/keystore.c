/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Opens PEM keystores, and searches their files for a key tag. */

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include <libdnssec/binary.h>
#include <libdnssec/error.h>
#include <libdnssec/keystore.h>

#include "engine/array.h"
#include "source/clock.h"
#include "filestat.h"
#include "keystore.h"
#include "lock.h"

/* Hexadecimal digits of an id, the SHA-1 of a public key. */
#define ID_LEN 40
#define SUFFIX ".pem"

/* Files that are read to find one key. */
#define FILES_MAX 1024

/* Searches of all zones together take at most 1/SHARE of the time, once they have used BURST
 * milliseconds; a thread waits at most PATIENCE milliseconds for another one's search. */
#define SHARE    10
#define BURST    1000
#define PATIENCE 200

/* DNSKEY flags of a key without and with SEP (RFC 4034 section 2.1.1). */
#define FLAGS_ZSK 256
#define FLAGS_KSK 257

typedef struct {
	char id[ID_LEN + 1];
	struct timespec mtime;
} file_t;

typedef struct {
	file_t *file;
	size_t count;
} list_t;

static lock_t searching = LOCK_INIT(LOCK_KEY_SEARCH);
static uint64_t repaid; /* Time at which the searches so far are within their share. */

/* Tells whether there is nothing but a file: to open a pipe blocks until somebody writes into it. */
static bool may_open(const char *dir, const char *id)
{
	char path[PATH_MAX];
	int len = snprintf(path, sizeof(path), "%s/%s" SUFFIX, dir, id);
	return len > 0 && (size_t)len < sizeof(path) && file_size(path) >= 0;
}

static bool get_private(const char *dir, const char *id, dnssec_key_t *key)
{
	if (!may_open(dir, id)) {
		return false;
	}
	dnssec_keystore_t *store = NULL;
	bool found = dnssec_keystore_init_pkcs8(&store) == DNSSEC_EOK &&
	             dnssec_keystore_open(store, dir) == DNSSEC_EOK &&
	             dnssec_keystore_get_private(store, id, key) == DNSSEC_EOK;
	if (store != NULL) {
		dnssec_keystore_deinit(store);
	}
	return found;
}

dnssec_key_t *keystore_get(char *const *dir, size_t count, const knot_rdata_t *dnskey,
                           const knot_dname_t *zone)
{
	dnssec_key_t *key = NULL;
	char *id = NULL;
	union {
		const uint8_t *in;
		uint8_t *out;
	} cast = { dnskey->data };
	const dnssec_binary_t rdata = { .data = cast.out, .size = dnskey->len };
	bool found = false;
	if (dnssec_key_new(&key) == DNSSEC_EOK && dnssec_key_set_dname(key, zone) == DNSSEC_EOK &&
	    dnssec_key_set_rdata(key, &rdata) == DNSSEC_EOK &&
	    dnssec_key_get_keyid(key, &id) == DNSSEC_EOK) {
		for (size_t i = 0; i < count && !found; i++) {
			found = get_private(dir[i], id, key);
		}
	}
	free(id);
	if (!found) {
		dnssec_key_free(key);
		return NULL;
	}
	return key;
}

/*
 * Search.
 */

static int compare_latest(const void *a, const void *b)
{
	const file_t *x = a, *y = b;
	if (x->mtime.tv_sec != y->mtime.tv_sec) {
		return x->mtime.tv_sec > y->mtime.tv_sec ? -1 : 1;
	}
	return x->mtime.tv_nsec > y->mtime.tv_nsec ? -1 : x->mtime.tv_nsec < y->mtime.tv_nsec;
}

static bool add_file(list_t *list, int dir, const char *name)
{
	struct stat st;
	if (strlen(name) != ID_LEN + sizeof(SUFFIX) - 1 || strcmp(name + ID_LEN, SUFFIX) != 0 ||
	    fstatat(dir, name, &st, 0) != 0) {
		return true;
	}
	file_t *file = array_extend(&list->file, &list->count, sizeof(*file));
	if (file == NULL) {
		return false;
	}
	memcpy(file->id, name, ID_LEN);
	file->id[ID_LEN] = '\0';
	file->mtime = st.st_mtim;
	return true;
}

/* Lists the keys of a directory, the latest first. */
static list_t list_files(const char *path)
{
	list_t list = { .file = NULL };
	DIR *dir = opendir(path);
	if (dir == NULL) {
		return list;
	}
	const struct dirent *entry;
	while ((entry = readdir(dir)) != NULL && add_file(&list, dirfd(dir), entry->d_name)) {
	}
	(void)closedir(dir);
	if (list.count > 0) {
		qsort(list.file, list.count, sizeof(*list.file), compare_latest);
	}
	return list;
}

static bool has_tag(dnssec_key_t *key, uint16_t tag)
{
	return (dnssec_key_set_flags(key, FLAGS_ZSK) == DNSSEC_EOK &&
	        dnssec_key_get_keytag(key) == tag) ||
	       (dnssec_key_set_flags(key, FLAGS_KSK) == DNSSEC_EOK &&
	        dnssec_key_get_keytag(key) == tag);
}

/* Reads a key of the algorithm; NULL if it is another one. */
static dnssec_key_t *read_key(const char *dir, const char *id, uint8_t alg,
                              const knot_dname_t *zone)
{
	dnssec_key_t *key = NULL;
	if (dnssec_key_new(&key) == DNSSEC_EOK && dnssec_key_set_dname(key, zone) == DNSSEC_EOK &&
	    dnssec_key_set_algorithm(key, alg) == DNSSEC_EOK && get_private(dir, id, key)) {
		return key;
	}
	dnssec_key_free(key);
	return NULL;
}

static dnssec_key_t *search(const char *dir, uint8_t alg, uint16_t tag, const knot_dname_t *zone,
                            keystore_accept_f accept, void *ctx)
{
	list_t list = list_files(dir);
	dnssec_key_t *found = NULL;
	for (size_t i = 0; i < list.count && i < FILES_MAX && found == NULL; i++) {
		dnssec_key_t *key = read_key(dir, list.file[i].id, alg, zone);
		if (key != NULL && has_tag(key, tag) && accept(ctx, key)) {
			found = key;
		} else {
			dnssec_key_free(key);
		}
	}
	free(list.file);
	return found;
}

int keystore_find(char *const *dir, size_t count, uint8_t alg, uint16_t tag,
                  const knot_dname_t *zone, keystore_accept_f accept, void *ctx, dnssec_key_t **out)
{
	*out = NULL;
	if (!lock_take_within(&searching, PATIENCE)) {
		return KNOT_EBUSY;
	}
	uint64_t begin = clock_us();
	bool busy = repaid > begin + (uint64_t)BURST * 1000 * SHARE;
	for (size_t i = 0; i < count && !busy && *out == NULL; i++) {
		*out = search(dir[i], alg, tag, zone, accept, ctx);
	}
	if (!busy) {
		repaid = (repaid > begin ? repaid : begin) + (clock_us() - begin) * SHARE;
	}
	lock_give(&searching);
	return busy ? KNOT_EBUSY : *out == NULL ? KNOT_ENOENT : KNOT_EOK;
}
