/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What other sections of the server's configuration say, as plain data.
 *
 * All functions read the configuration of the running server, or while a module is being
 * loaded the one that it is loaded for. They need an RCU read-side section and a module
 * context that is loaded; whatever they return is copied.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <knot/module.h>
#include <libknot/tsig.h>

#include "options.h"

/*! How a zone can be read. */
typedef struct {
	uint32_t version;               /*!< Of the server, see compat_version(). */
	bool listens;                   /*!< \a server is set. */
	bool from_file;                 /*!< The server loads the zone from its zone file. */
	bool may_transfer;              /*!< The zone's ACL lets the host itself transfer without
	                                     a key. Looked at for 'source: auto' without a key. */
	struct sockaddr_storage server; /*!< Address that the server listens on, loopback first. */
	char *zonefile;                 /*!< Path; NULL if the file is of no concern, if the path
	                                     cannot be made, or memory is out. */
	char *control;                  /*!< Path of the control socket; NULL if it is not safe to
	                                     read a zone through it, or memory is out. */
	int control_timeout;            /*!< Milliseconds for each operation on it. */
	int key_ret;                    /*!< KNOT_EOK, KNOT_ENOENT, KNOT_ENOMEM: of reading... */
	knot_tsig_key_t key;            /*!< ...the key of 'transfer-key'; no name = no key. */
} conf_access_t;

/*!
 * \brief Finds out how a zone can be read.
 *
 * \param[in]  mod      Module context.
 * \param[in]  zone     Zone name.
 * \param[in]  options  Options of the instance.
 * \param[out] out      Result, to be cleared by conf_access_clear().
 */
void conf_access_read(knotd_mod_t *mod, const knot_dname_t *zone, const options_t *options,
                      conf_access_t *out);

/*!
 * \brief Frees what conf_access_read() has made.
 */
void conf_access_clear(conf_access_t *access);

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
 * \return True if there is one.
 */
bool conf_server(knotd_mod_t *mod, struct sockaddr_storage *out);

/*! Who signs a zone. */
typedef enum {
	CONF_SIGNED_NOT,    /*!< Nobody here. */
	CONF_SIGNED_SERVER, /*!< The server: 'dnssec-signing'. */
	CONF_SIGNED_AFTER,  /*!< mod-onlinesign, which runs after this module. */
	CONF_SIGNED_BEFORE, /*!< mod-onlinesign, which runs before this module. */
} conf_signed_t;

/*! How answers for a zone are signed and written. */
typedef struct {
	conf_signed_t by;
	bool rotate;     /*!< The server rotates the records of an answer. */
	char **keystore; /*!< Directories with PEM files of the zone's policy, absolute. */
	size_t keystore_count;
} conf_signing_t;

/*!
 * \brief Finds out how answers for a zone are signed.
 *
 * \param[in]  mod   Module context.
 * \param[in]  zone  Zone name.
 * \param[out] out   Result, to be cleared by conf_signing_clear().
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int conf_signing_read(knotd_mod_t *mod, const knot_dname_t *zone, conf_signing_t *out);

/*!
 * \brief Frees what conf_signing_read() has made.
 */
void conf_signing_clear(conf_signing_t *signing);

/*! What the configuration proves about a zone. */
typedef enum {
	CONF_GONE,    /*!< The zone, or the module in it, is no longer configured. */
	CONF_THERE,   /*!< It is. */
	CONF_UNKNOWN, /*!< It cannot be told. */
} conf_proof_t;

/*!
 * \brief Tells whether the running configuration still has the module in a zone.
 *
 * A member of a catalog is found by its template. A member that was removed falls back to the
 * default template: if that one has the module as well, nothing is proved.
 */
conf_proof_t conf_zone_proof(knotd_mod_t *mod, const knot_dname_t *zone);

/*!
 * \brief Identifies the file that the module is configured to be loaded from.
 *
 * \return Hash of its name; of an empty one if the server found the file by itself.
 */
uint64_t conf_module_file(knotd_mod_t *mod);

/*! Stands for an id that could not be found out. */
#define CONF_ID_UNKNOWN 0

/*!
 * \brief Gets the nth of the module ids that a zone has of this module.
 *
 * \param[in]  mod   Module context.
 * \param[in]  zone  Zone name.
 * \param[in]  nth   Place among them, 0 is the first.
 * \param[out] len   Octets of the id's text.
 *
 * \return Hash of the id, or CONF_ID_UNKNOWN.
 */
uint64_t conf_module_id(knotd_mod_t *mod, const knot_dname_t *zone, size_t nth, size_t *len);

/*!
 * \brief Tells whether the running configuration has the module with an id in a zone.
 *
 * \param[in] mod   Module context.
 * \param[in] zone  Zone name.
 * \param[in] id    Hash of the id; for CONF_ID_UNKNOWN any id will do.
 *
 * \retval KNOT_EOK     if it has: the options of the section are there as well.
 * \retval KNOT_ENOENT  if it has not.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int conf_find_id(knotd_mod_t *mod, const knot_dname_t *zone, uint64_t id);
