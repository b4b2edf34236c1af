/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The zones of a server's configuration file and what their modules ask for.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <libknot/dname.h>

#include "options.h"

/*! Policy options of one mod-caaudit section. */
typedef struct {
	char *name; /*!< As in the zone's 'module' option. */
	list_t ca;
	list_t host;
	list_t validation;
	list_t validation_file;
	bool wildcard;
	bool strict;
	uint32_t rrsig_warning; /*!< Seconds, 0 if not given. */
} config_module_t;

/*! One zone, once for each of its instances of the module. */
typedef struct {
	knot_dname_t *zone;
	char *path;
	const config_module_t *module; /*!< NULL if it has none. */
	bool catalog;                  /*!< The server takes further zones from it. */
	list_t notify;                 /*!< Addresses of the servers that it notifies. */
	const char *no_remote; /*!< One to notify that the configuration has not, or NULL. */
} config_zone_t;

typedef struct config config_t;

/*!
 * \brief Reads a configuration file and what it includes; says on standard error
 *        what is wrong or not understood.
 *
 * \return Configuration to be freed, or NULL.
 */
config_t *config_read(const char *path);

/*!
 * \brief Frees a configuration.
 */
void config_free(config_t *config);

/*!
 * \brief Gets the zones in the order of the configuration.
 */
const config_zone_t *config_zones(const config_t *config, size_t *count);
