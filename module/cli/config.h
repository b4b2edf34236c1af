/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The zones of a server's configuration file and the policy options of their modules.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <libknot/dname.h>

#include "caaudit/policy.h"
#include "options.h"

/*! Policy options of one mod-caaudit section; words belong to the configuration. */
typedef struct {
	char *name; /*!< As in the zone's option 'module': "mod-caaudit/ID". */
	words_t ca;
	words_t host;
	words_t validation;
	words_t validation_file;
	caaudit_ranges_t validation_ip;
	caaudit_wildcard_t wildcard;
	bool strict;
	bool override_denial;
	uint32_t rrsig_warning; /*!< Seconds, 0 if not given. */
} config_module_t;

/*! One zone; a zone with several instances of the module is there once for each. */
typedef struct {
	knot_dname_t *zone;
	char *path;                    /*!< Zone file. */
	const config_module_t *module; /*!< NULL if it has none. */
	words_t notify;                /*!< Addresses of the servers that it notifies. */
	const char *no_remote;         /*!< One to notify that the configuration lacks, or NULL. */
	caaudit_server_t server;       /*!< What is said of who is answered. */
} config_zone_t;

typedef struct config config_t;

/*!
 * \brief Reads a configuration file and what it includes; says on standard error
 *        what is wrong or not understood, and which catalogs are left out.
 *
 * \param[in] opts  Options, with the path.
 *
 * \return Configuration, to be freed by config_free(), or NULL.
 */
config_t *config_read(const options_t *opts);

/*! Frees a configuration; NULL is fine. */
void config_free(config_t *config);

/*! Gets the zones, at least one, in the order of the configuration, which owns them. */
const config_zone_t *config_zones(const config_t *config, size_t *count);
