/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief A hash table from names to small numbers. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/dname.h>

/*! One name of a table. */
typedef struct {
	uint64_t hash;
	knot_dname_t *name; /*!< Lower case; NULL if the place is free. */
	uint32_t key;       /*!< Tells apart what is noted of one name, such as a type. */
	uint32_t value;     /*!< 0 at first. */
} namemap_item_t;

/*! All zero is an empty table. */
typedef struct {
	namemap_item_t *item;
	size_t count;
	size_t size; /*!< Places, a power of two; at least half of them are free. */
} namemap_t;

/*! Finds a name in lower case. The item is valid until the next addition; NULL if there is none. */
namemap_item_t *namemap_find(const namemap_t *map, const knot_dname_t *name, uint32_t key);

/*! The same, or adds a copy of the name; \a added if it was not there. NULL if out of memory. */
namemap_item_t *namemap_add(namemap_t *map, const knot_dname_t *name, uint32_t key, bool *added);

/*! Frees what a table holds. */
void namemap_clear(namemap_t *map);
