/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Preloaded into the server: what goes wrong for the auditor, and for nobody else.
 *
 * AUDITOR_FAULTS names a directory. As long as there is a file of that name in it,
 *  clock    the module's clock is ahead by as many seconds as it says;
 *  threads  threads of the module cannot be started;
 *  connect  TCP connections of the module go to the port that it says;
 *  memory   an allocation fails during the audit of a zone whose name begins with
 *           "n" and a number: the one of that number, and with the text "beyond"
 *           all that follow. It needs the module that tells when an audit begins
 *           and ends, see auditor_hooks.c. The file "reached" gets the number of
 *           each zone for which it was made to fail;
 *  load     the same while the module is loaded for such a zone;
 *  hook     there is no memory for a hook of a zone whose name begins with the text.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "auditor_hooks.h"

/* Reads a file of the directory; no allocation. -1 if there is none. */
static ssize_t fault(const char *name, char *text, size_t size)
{
	const char *directory = getenv("AUDITOR_FAULTS");
	char path[256];
	if (directory == NULL ||
	    (size_t)snprintf(path, sizeof(path), "%s/%s", directory, name) >= sizeof(path)) {
		return -1;
	}
	int before = errno;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : read(fd, text, size - 1);
	if (fd >= 0) {
		close(fd);
	}
	text[len < 0 ? 0 : len] = '\0';
	errno = before;
	return len;
}

static bool is_module(const void *address)
{
	Dl_info found;
	return dladdr(address, &found) != 0 && strstr(found.dli_fname, "caaudit") != NULL;
}

#define IS_MODULE() is_module(__builtin_return_address(0))

/*
 * Clock.
 */

time_t time(time_t *out)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	char text[32];
	if (IS_MODULE() && fault("clock", text, sizeof(text)) > 0) {
		now.tv_sec += strtoll(text, NULL, 10);
	}
	if (out != NULL) {
		*out = now.tv_sec;
	}
	return now.tv_sec;
}

/*
 * Threads.
 */

typedef void *(*start_f)(void *);

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, start_f start, void *arg)
{
	static int (*real)(pthread_t *, const pthread_attr_t *, start_f, void *);
	char text[2];
	if (fault("threads", text, sizeof(text)) >= 0 && IS_MODULE()) {
		return EAGAIN;
	}
	if (real == NULL) {
		*(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
	}
	return real(thread, attr, start, arg);
}

/*
 * Connections.
 */

int connect(int fd, const struct sockaddr *address, socklen_t len)
{
	static int (*real)(int, const struct sockaddr *, socklen_t);
	if (real == NULL) {
		*(void **)&real = dlsym(RTLD_NEXT, "connect");
	}
	char text[16];
	int type = 0;
	socklen_t size = sizeof(type);
	struct sockaddr_in other;
	if (address->sa_family == AF_INET && IS_MODULE() &&
	    fault("connect", text, sizeof(text)) > 0 &&
	    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM) {
		memcpy(&other, address, sizeof(other));
		other.sin_port = htons((uint16_t)atoi(text));
		return real(fd, (const struct sockaddr *)&other, sizeof(other));
	}
	return real(fd, address, len);
}

/*
 * Memory.
 */

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *mem, size_t size);

static __thread long until = -1; /* Allocations before the one that fails. */
static __thread bool beyond;
static __thread bool reached;

static void begin(const uint8_t *zone, const char *when)
{
	char text[16];
	char number[64];
	until = -1;
	reached = false;
	if (zone[0] < 2 || zone[1] != 'n' || fault(when, text, sizeof(text)) < 0) {
		return;
	}
	memcpy(number, zone + 2, zone[0] - 1u);
	number[zone[0] - 1] = '\0';
	beyond = strcmp(text, "beyond") == 0;
	until = atol(number);
}

static void end(const uint8_t *zone)
{
	bool failed = reached;
	until = -1;
	reached = false;
	char path[256];
	char name[80];
	if (!failed || (size_t)snprintf(path, sizeof(path), "%s/reached",
	                                getenv("AUDITOR_FAULTS")) >= sizeof(path)) {
		return;
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	int len = snprintf(name, sizeof(name), "%.*s.%.*s\n", zone[0], (const char *)zone + 1,
	                   zone[zone[0] + 1], (const char *)zone + zone[0] + 2);
	if (fd < 0 || write(fd, name, (size_t)len) != len) {
		abort();
	}
	close(fd);
}

void auditor_begin(const uint8_t *zone)
{
	char thread[16];
	/* A load and a query may need the options as well. */
	if (pthread_getname_np(pthread_self(), thread, sizeof(thread)) == 0 &&
	    strcmp(thread, "caaudit") == 0) {
		begin(zone, "memory");
	}
}

void auditor_end(const uint8_t *zone)
{
	end(zone);
}

void auditor_load_begin(const uint8_t *zone)
{
	begin(zone, "load");
}

void auditor_load_end(const uint8_t *zone)
{
	end(zone);
}

bool auditor_hook_fails(const uint8_t *zone)
{
	char text[64];
	ssize_t len = fault("hook", text, sizeof(text));
	return len > 0 && zone[0] >= len && memcmp(zone + 1, text, (size_t)len) == 0;
}

static bool refuse(void)
{
	if (until < 0 || (until == 0 && !beyond)) {
		return false;
	}
	if (until > 0 && --until > 0) {
		return false;
	}
	reached = true;
	errno = ENOMEM;
	return true;
}

/* libknot crashes where the record of a signature finds no memory. */
int knot_tsig_sign(uint8_t *msg, size_t *msg_len, size_t max_len, const uint8_t *mac,
                   size_t mac_len, uint8_t *digest, size_t *digest_len, const void *key,
                   uint16_t rcode, uint64_t time_signed)
{
	static int (*real)(uint8_t *, size_t *, size_t, const uint8_t *, size_t, uint8_t *,
	                   size_t *, const void *, uint16_t, uint64_t);
	long before = until;
	until = -1;
	if (real == NULL) {
		*(void **)&real = dlsym(RTLD_NEXT, "knot_tsig_sign");
	}
	int ret = real(msg, msg_len, max_len, mac, mac_len, digest, digest_len, key, rcode,
	               time_signed);
	until = before;
	return ret;
}

void *malloc(size_t size)
{
	return refuse() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return refuse() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *mem, size_t size)
{
	return refuse() ? NULL : __libc_realloc(mem, size);
}
