/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Options of one module section, checked, and shared by all instances
 *        that have equal ones.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <knot/module.h>

#include "caaudit/policy.h"
#include "source.h"

#define MOD_CA              "\002ca"
#define MOD_HOST            "\004host"
#define MOD_WILDCARD        "\010wildcard"
#define MOD_STRICT          "\006strict"
#define MOD_VALIDATION      "\012validation"
#define MOD_VALIDATION_FILE "\017validation-file"
#define MOD_VALIDATION_IP   "\015validation-ip"
#define MOD_SYNTHESIZE      "\012synthesize"
#define MOD_SYNTHESIZE_TTL  "\016synthesize-ttl"
#define MOD_OVERRIDE_DENIAL "\017override-denial"
#define MOD_SOURCE          "\006source"
#define MOD_TRANSFER_KEY    "\014transfer-key"
#define MOD_AUDIT_DELAY     "\013audit-delay"
#define MOD_AUDIT_INTERVAL  "\016audit-interval"
#define MOD_RRSIG_WARNING   "\015rrsig-warning"
#define MOD_LOG_LIMIT       "\011log-limit"

/*! Where an audit reads the zone; values of the option 'source'. */
typedef enum {
	SOURCE_AUTO,
	SOURCE_ZONEFILE,
	SOURCE_CONTROL,
	SOURCE_TRANSFER,
} source_t;

/*! Values of the option 'synthesize', as bits of options_t.synthesize. */
typedef enum {
	SYNTHESIZE_CAA = 1,
	SYNTHESIZE_VALIDATION = 2,
} synthesize_t;

/*! Options; read only once they are shared. */
typedef struct options options_t;
struct options {
	options_t *next;
	uint64_t hash;
	unsigned refs;
	const char *ca;         /*!< Strings, one after the other. */
	const char *host;       /*!< The same. */
	const char *validation; /*!< The same. */
	size_t ca_count;
	size_t host_count;
	size_t validation_count;
	const char *validation_file;      /*!< Absolute path with formatters, or NULL. */
	const knot_dname_t *transfer_key; /*!< Key id, or NULL. */
	knotd_conf_t validation_ip;       /*!< Fit for knotd_conf_addr_range_match(). */
	source_t source;
	unsigned synthesize;
	uint32_t synthesize_ttl; /*!< Seconds. */
	uint32_t audit_delay;    /*!< Seconds. */
	uint32_t audit_interval; /*!< Seconds. */
	uint32_t rrsig_warning;  /*!< Seconds, 0 = by the life of each signature. */
	uint32_t log_limit;
	bool wildcard;
	bool strict;
	bool override_denial;
	size_t key_len;             /*!< Octets of \a key. */
	_Alignas(16) uint8_t key[]; /*!< All options in one form; the strings are in here. */
};

/*!
 * \brief Gets the options of a module instance.
 *
 * \param[in]  mod  Module context, while it is being loaded or in an RCU read-side section.
 * \param[out] out  Settings, to be given back by options_put().
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int options_get(knotd_mod_t *mod, options_t **out);

/*!
 * \brief Gets the option 'synthesize' alone, as bits of synthesize_t.
 *
 * \param[in]  mod  Module context, while it is being loaded.
 * \param[out] out  Bits.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int options_synthesize(knotd_mod_t *mod, unsigned *out);

/*!
 * \brief Takes one more reference to options. Any thread may do so.
 *
 * \param[in] options  Settings or NULL.
 *
 * \return The same, to be given back by options_put().
 */
options_t *options_ref(options_t *options);

/*!
 * \brief Gives options back. Any thread may do so.
 *
 * \param[in] options  Settings or NULL.
 */
void options_put(options_t *options);

/*!
 * \brief Makes the policy of one zone. It reads the validation file.
 *
 * Hosts and validations that are outside the zone belong to other zones and
 * are left out.
 *
 * \param[in]  options  Settings.
 * \param[in]  zone      Zone name.
 * \param[in]  reader    Told about a validation file that cannot be used; the policy is then
 *                       complete but for that file, and says that it is partial.
 * \param[out] out       Policy, to be freed by caaudit_policy_free().
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int options_policy(const options_t *options, const knot_dname_t *zone, caaudit_reader_t *reader,
                   caaudit_policy_t **out);

/*! Checks of single options, for the configuration schema. */
int options_check_ca(knotd_conf_check_args_t *args);
int options_check_host(knotd_conf_check_args_t *args);
int options_check_validation(knotd_conf_check_args_t *args);
int options_check_validation_file(knotd_conf_check_args_t *args);
int options_check_transfer_key(knotd_conf_check_args_t *args);
