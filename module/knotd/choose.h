/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What the server's configuration says about a zone: where to read it,
 *        and whether it is still there.
 *
 * All functions read the configuration of the running server. They must be
 * called in an RCU read-side section, with the instance of the module context
 * alive; what they return is copied.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include <knot/module.h>
#include <libknot/tsig.h>

#include "options.h"

/*! Ways to read a zone, in the order in which they are to be tried. */
typedef struct {
	source_t step[3];
	unsigned count; /*!< Steps; 0 if there is no way. */
	char *zonefile; /*!< Path of the zone file, NULL if the zone has none. */
	char *control;  /*!< Path of the control socket. */
	int timeout;    /*!< Milliseconds for each operation on a socket. */
	bool listens;   /*!< \a server is set. */
	struct sockaddr_storage server;
	knot_tsig_key_t key; /*!< Key for the transfer; without a name there is none. */
	source_t blocked;    /*!< Source that \a why is about if there is no way. */
	const char *why;     /*!< Reason and remedy if there is no way, static. */
} choice_t;

/*!
 * \brief Chooses the sources for a zone.
 *
 * \param[in]  mod       Module context.
 * \param[in]  zone      Zone name.
 * \param[in]  options  Options of the instance.
 * \param[out] out       Choice, to be cleared.
 *
 * \retval KNOT_EOK     on success, even if there is no way.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int choose(knotd_mod_t *mod, const knot_dname_t *zone, const options_t *options, choice_t *out);

/*!
 * \brief Frees what a choice holds.
 */
void choice_clear(choice_t *choice);

/*!
 * \brief Gets the name of a source.
 */
const char *source_name(source_t source);

/*!
 * \brief Gets the path of the zone file.
 *
 * \param[in] mod   Module context.
 * \param[in] zone  Zone name.
 *
 * \return Path to be freed; NULL if it cannot be made or memory is out.
 */
char *conf_zone_file(knotd_mod_t *mod, const knot_dname_t *zone);

/*!
 * \brief Finds an address that the server listens on, loopback first.
 *
 * \param[in]  mod  Module context.
 * \param[out] out  Address and port.
 *
 * \retval true   if there is one.
 * \retval false  otherwise.
 */
bool conf_server(knotd_mod_t *mod, struct sockaddr_storage *out);

/*! What the configuration proves about a zone. */
typedef enum {
	PROOF_GONE,  /*!< The zone, or the module in it, is no longer configured. */
	PROOF_THERE, /*!< It is. */
	PROOF_NONE,  /*!< It cannot be told. */
} proof_t;

/*!
 * \brief Tells whether the running configuration still has the module in a zone.
 *
 * A member of a catalog is found by its template. A member that was removed
 * falls back to the default template: if that one has the module as well,
 * nothing is proved.
 */
proof_t conf_zone_proof(knotd_mod_t *mod, const knot_dname_t *zone);

/*!
 * \brief Identifies the file that the module is configured to be loaded from.
 *
 * \param[in] mod  Module context.
 *
 * \return Hash of its name; of an empty one if the server found it by itself.
 */
uint64_t conf_module_file(knotd_mod_t *mod);

/*! Stands for an id that could not be found out. */
#define ID_UNKNOWN 0

/*!
 * \brief Finds which of the module ids of a zone is being loaded.
 *
 * The API does not tell an instance its id, but the server loads the modules
 * of a zone in the configured order, one zone after the other.
 *
 * \param[in]  mod    Module context, while it is being loaded.
 * \param[in]  zone   Zone name.
 * \param[in]  nth    How many instances of this module the zone had loaded before.
 * \param[out] count  Instances that the zone is to have.
 * \param[out] len    Length of the id's text.
 *
 * \return Hash of the id, or ID_UNKNOWN.
 */
uint64_t conf_zone_id(knotd_mod_t *mod, const knot_dname_t *zone, size_t nth, size_t *count,
                      size_t *len);

/*!
 * \brief Tells whether the running configuration has the module with an id in a zone.
 *
 * \param[in] mod   Module context.
 * \param[in] zone  Zone name.
 * \param[in] id    Hash of the id; for ID_UNKNOWN any id will do.
 *
 * \retval KNOT_EOK     if it has: the options of the section are there as well.
 * \retval KNOT_ENOENT  if it has not.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int conf_find_id(knotd_mod_t *mod, const knot_dname_t *zone, uint64_t id);
