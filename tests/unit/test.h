/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What the unit tests share on top of cmocka.
 */

#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compat_cmocka.h"
#include "zone.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/*! Zone that most tests use, and the record it cannot do without. */
#define ZONE "example.com."
#define SOA  "@ SOA ns.example.net. admin.example.net. 7 1 1 1 1\n"

static inline zone_t zone_of_text(const char *origin, const char *text)
{
	zone_t zone = ZONE_EMPTY;
	const char *error = zone_parse(&zone, origin, text);
	if (error != NULL) {
		print_error("%s in:\n%s\n", error, text);
		fail();
	}
	return zone;
}

/*! Name in wire form, as written, absolute; good for eight calls. */
static inline const knot_dname_t *dname(const char *text)
{
	static knot_dname_storage_t name[8];
	static unsigned next;
	knot_dname_t *out = name[next++ % COUNT(name)];
	if (knot_dname_from_str(out, text, sizeof(knot_dname_storage_t)) == NULL) {
		print_error("no name: %s\n", text);
		fail();
	}
	return out;
}

/*! Adds what a list names, separated by "|", to a policy. */
static inline void add_items(caaudit_policy_t *policy, const char *items,
                             int (*add)(caaudit_policy_t *, const char *, const char **))
{
	char *list = items == NULL ? NULL : strdup(items), *rest = list;
	for (char *item; rest != NULL && (item = strsep(&rest, "|")) != NULL;) {
		assert_int_equal(add(policy, item, NULL), KNOT_EOK);
	}
	free(list);
}

/*! Finished policy that asks for nothing, for views; it stays until the program ends. */
static inline const caaudit_policy_t *no_policy(const char *origin)
{
	static struct {
		char *origin;
		caaudit_policy_t *policy;
	} made[32];
	size_t i = 0;
	while (i < COUNT(made) && made[i].policy != NULL && strcmp(made[i].origin, origin) != 0) {
		i++;
	}
	if (i == COUNT(made)) {
		abort();
	}
	if (made[i].policy == NULL) {
		made[i].origin = strdup(origin);
		made[i].policy = caaudit_policy_new(dname(origin));
		assert_int_equal(caaudit_policy_finish(made[i].policy, 0), KNOT_EOK);
	}
	return made[i].policy;
}

static inline caaudit_view_t *view_of_zone(zone_t *zone, const char *origin)
{
	caaudit_view_t *view = zone_push(zone, no_policy(origin));
	assert_non_null(view);
	assert_int_equal(caaudit_view_finish(view), KNOT_EOK);
	return view;
}

static inline caaudit_view_t *view_of_text(const char *origin, const char *text)
{
	zone_t zone = zone_of_text(origin, text);
	caaudit_view_t *view = view_of_zone(&zone, origin);
	zone_free(&zone);
	return view;
}

/*! Name in presentation form; good for eight calls. */
static inline const char *dname_text(const knot_dname_t *name)
{
	static knot_dname_txt_storage_t text[8];
	static unsigned next;
	char *out = text[next++ % COUNT(text)];
	return name == NULL ? "-" : knot_dname_to_str(out, name, sizeof(text[0]));
}
