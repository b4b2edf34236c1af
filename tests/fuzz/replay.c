/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Gives the files of a corpus to a fuzz target, for compilers without
 * libFuzzer and for the ordinary test run.
 *
 * usage: fuzz_TARGET FILE|DIRECTORY...
 */

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

static unsigned count;

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	if (file == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return 1;
	}
	uint8_t buffer[65536];
	size_t size = fread(buffer, 1, sizeof(buffer), file);
	fclose(file);

	// In a block of its size, so that a sanitizer sees what is read beyond it.
	uint8_t *data = malloc(size + (size == 0));
	if (data == NULL) {
		return 1;
	}
	memcpy(data, buffer, size);
	printf("%s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	count++;
	return 0;
}

static int replay(const char *path)
{
	struct stat info;
	if (stat(path, &info) == 0 && S_ISDIR(info.st_mode)) {
		struct dirent **entry;
		int entries = scandir(path, &entry, NULL, alphasort), ret = 0;
		for (int i = 0; i < entries; i++) {
			char name[4096];
			int len = snprintf(name, sizeof(name), "%s/%s", path, entry[i]->d_name);
			if (entry[i]->d_name[0] != '.' && len < (int)sizeof(name)) {
				ret |= replay_file(name);
			}
			free(entry[i]);
		}
		if (entries >= 0) {
			free(entry);
		}
		return entries < 0 ? 1 : ret;
	}
	return replay_file(path);
}

int main(int argc, char **argv)
{
	int ret = 0;
	for (int i = 1; i < argc; i++) {
		ret |= replay(argv[i]);
	}
	if (count == 0) {
		fprintf(stderr, "no input\n");
		return 1;
	}
	printf("%u inputs\n", count);
	return ret;
}
