/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief A listener and a record callback that note what they get, for the tests of the sources.
 *
 * The linker sends the allocation of memory through this file, so that a test
 * can run out of memory anywhere.
 */

#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <libknot/libknot.h>

#include "source.h"

#include "compat_cmocka.h"

#define ZONE "example.com."

static const knot_dname_t zone_name[] = "\7example\3com";

/*! What has been pushed so far. */
static struct {
	uint64_t hash; /*!< Of all records in their order. */
	size_t count;
	uint32_t serial; /*!< Of the last SOA record. */
} pushed;

/*! Allocations that still succeed; negative for no limit. */
static int allocations = -1;

static inline uint64_t hash_add(uint64_t hash, const void *data, size_t len)
{
	const uint8_t *octets = data;
	for (size_t i = 0; i < len; i++) {
		hash = (hash ^ octets[i]) * UINT64_C(0x100000001b3);
	}

	return hash;
}

static inline uint64_t hash_record(uint64_t hash, const knot_dname_t *owner, uint16_t type,
                                   uint32_t ttl, const uint8_t *rdata, uint16_t rdlen)
{
	hash = hash_add(hash, owner, knot_dname_size(owner));
	hash = hash_add(hash, &type, sizeof(type));
	hash = hash_add(hash, &ttl, sizeof(ttl));
	hash = hash_add(hash, &rdlen, sizeof(rdlen));

	return hash_add(hash, rdata, rdlen);
}

static inline bool may_allocate(void)
{
	if (allocations < 0) {
		return true;
	}

	return allocations > 0 && allocations-- > 0;
}

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size)
{
	return may_allocate() ? __real_malloc(size) : NULL;
}

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size)
{
	return may_allocate() ? __real_calloc(count, size) : NULL;
}

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size)
{
	return may_allocate() ? __real_realloc(old, size) : NULL;
}

/*! A reading, and what its listener has heard. */
typedef struct {
	source_listener_t listener;
	char log[16384]; /*!< Complaints, "file:line: what" each, paths without a directory. */
	size_t length;   /*!< Of the log. */
	size_t complaints;
	unsigned asked;          /*!< Times that go_on was called. */
	unsigned stop_at;        /*!< Call that is answered with no, 0 for none. */
	void (*meanwhile)(void); /*!< Called in the second call of go_on. */
	uint64_t done;           /*!< As of the last call of go_on. */
	uint64_t all;
	bool in_file; /*!< Each record has a place, which is appended to the log. */
} test_reading_t;

static inline void log_line(test_reading_t *self, const char *file, uint64_t line, const char *what)
{
	const char *slash = file != NULL ? strrchr(file, '/') : NULL;
	int len = snprintf(self->log + self->length, sizeof(self->log) - self->length,
	                   "%s:%llu: %s\n", slash != NULL ? slash + 1 : file,
	                   (unsigned long long)line, what);
	self->length += len;
	if (self->length >= sizeof(self->log)) {
		self->length = sizeof(self->log) - 1;
	}
}

static inline void note(source_listener_t *listener, const char *file, uint64_t line,
                        const char *what)
{
	test_reading_t *self = (test_reading_t *)listener;
	self->complaints++;
	log_line(self, file, line, what);

	// The contract: printable, no full stop.
	assert_true(what[0] != '\0' && what[strlen(what) - 1] != '.');
	for (const char *c = what; *c != '\0'; c++) {
		assert_true(*c >= ' ' && *c <= '~');
	}
}

static inline bool ask(source_listener_t *listener, uint64_t done, uint64_t all)
{
	test_reading_t *self = (test_reading_t *)listener;
	self->done = done;
	self->all = all;
	self->asked++;
	if (self->asked == 2 && self->meanwhile != NULL) {
		self->meanwhile();
	}

	return self->asked != self->stop_at;
}

/*! Record callback of a test_reading_t. */
static inline int push(void *context, const caaudit_record_t *record)
{
	test_reading_t *self = context;
	pushed.hash = hash_record(pushed.hash, record->owner, record->type, record->ttl,
	                          record->rdata, record->rdlen);
	pushed.count++;
	if (record->type == KNOT_RRTYPE_SOA && record->rdlen >= 20) {
		pushed.serial = knot_wire_read_u32(record->rdata + record->rdlen - 20);
	}
	if (self->in_file) {
		char name[16] = "";
		(void)knot_rrtype_to_string(record->type, name, sizeof(name));
		log_line(self, record->file, record->line, name);
	}
	// Whoever takes records needs memory, and it may be short.
	void *memory = malloc(16);
	bool ok = memory != NULL;
	free(memory);

	return ok ? KNOT_EOK : KNOT_ENOMEM;
}

static inline test_reading_t *new_reading(void)
{
	test_reading_t *self = calloc(1, sizeof(*self));
	assert_non_null(self);
	self->listener.complain = note;
	self->listener.go_on = ask;
	memset(&pushed, 0, sizeof(pushed));

	return self;
}

static inline void free_reading(test_reading_t *self)
{
	free(self);
}

/*! Requires a result and a text in the complaints; NULL for no complaint at all. */
static inline void expect(test_reading_t *self, int ret, int wanted, const char *text)
{
	if (ret != wanted ||
	    (text == NULL ? self->complaints > 0 : strstr(self->log, text) == NULL)) {
		print_error("returned %i, wanted %i; wanted \"%s\" in:\n%s", ret, wanted,
		            text != NULL ? text : "", self->log);
		fail();
	}
}
