/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Signatures and sizes of files. */

#include <sys/stat.h>

#include "engine/hash.h"
#include "filestat.h"
#include "lock.h"

#define SIGNATURE_ABSENT 1

uint64_t file_signature(const char *path)
{
	struct stat st;
	lock_assert_io();
	if (stat(path, &st) != 0) {
		return SIGNATURE_ABSENT;
	}
	const uint64_t part[] = {
		(uint64_t)st.st_dev,          (uint64_t)st.st_ino,
		(uint64_t)st.st_size,         (uint64_t)st.st_mtim.tv_sec,
		(uint64_t)st.st_mtim.tv_nsec, (uint64_t)st.st_ctim.tv_sec,
		(uint64_t)st.st_ctim.tv_nsec, /* With it, permissions. */
	};
	uint64_t hash = hash_octets(HASH_SEED, part, sizeof(part));
	return hash <= SIGNATURE_ABSENT ? hash + 1 + SIGNATURE_ABSENT : hash;
}

int64_t file_size(const char *path)
{
	struct stat st;
	lock_assert_io();
	if (stat(path, &st) != 0) {
		return 0;
	}
	return S_ISREG(st.st_mode) ? st.st_size : -1;
}
