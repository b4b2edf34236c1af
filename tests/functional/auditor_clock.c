/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Preloaded into the server: moves the clock of the module, and of nothing else,
 * by as many seconds as the file says that AUDITOR_CLOCK names.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

time_t time(time_t *out)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	time_t seconds = now.tv_sec;
	Dl_info caller;
	const char *path = getenv("AUDITOR_CLOCK");
	if (path != NULL && dladdr(__builtin_return_address(0), &caller) != 0 &&
	    strstr(caller.dli_fname, "caaudit.so") != NULL) {
		FILE *file = fopen(path, "re");
		long long offset = 0;
		if (file != NULL) {
			if (fscanf(file, "%lld", &offset) == 1) {
				seconds += offset;
			}
			fclose(file);
		}
	}
	if (out != NULL) {
		*out = seconds;
	}
	return seconds;
}
