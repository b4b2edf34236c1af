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
#include <libknot/lookup.h>

#include "caaudit/policy.h"
#include "validations.h"

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
#define MOD_CHANGE_CHECK    "\014change-check"
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

/*! Names of the sources, for the configuration schema. */
extern const knot_lookup_t options_sources[];

/*! Values of the option 'wildcard', caaudit_wildcard_t. */
extern const knot_lookup_t options_wildcards[];

/*!
 * \brief Gets the name of a source.
 */
const char *source_name(source_t source);

/*! Values of the option 'synthesize', as bits of options_t.synthesize. */
typedef enum {
	SYNTHESIZE_CAA = 1,
	SYNTHESIZE_VALIDATION = 2,
} synthesize_t;

/*! Options of a section; never changed once they are shared. */
typedef struct {
	unsigned refs;                    /*!< Guarded by the lock of all options. */
	const char *ca;                   /*!< Strings, one after the other. */
	const char *host;                 /*!< The same. */
	const char *validation;           /*!< The same. */
	const char *validation_file;      /*!< Absolute path with formatters, or NULL. */
	validations_shared_t *shared;     /*!< What zones share of that file, or NULL. */
	const knot_dname_t *transfer_key; /*!< Key id, or NULL. */
	knotd_conf_t validation_ip;       /*!< Fit for knotd_conf_addr_range_match(). */

	/* From here on equal options have equal octets. */
	size_t key_len; /*!< Octets from this member to the end of \a octets. */
	size_t ca_count;
	size_t host_count;
	size_t validation_count;
	size_t validation_file_len; /*!< Octets, the final zero included; 0 = none. */
	size_t transfer_key_len;    /*!< Octets; 0 = none. */
	size_t validation_ip_count;
	uint32_t source;         /*!< source_t. */
	uint32_t synthesize;     /*!< Bits of synthesize_t. */
	uint32_t synthesize_ttl; /*!< Seconds. */
	uint32_t change_check;   /*!< Seconds, 0 = never. */
	uint32_t audit_delay;    /*!< Seconds. */
	uint32_t audit_interval; /*!< Seconds. */
	uint32_t rrsig_warning;  /*!< Seconds, 0 = by the life of each signature. */
	uint32_t log_limit;      /*!< Findings logged per audit. */
	uint32_t wildcard;       /*!< caaudit_wildcard_t. */
	bool strict;
	bool override_denial;
	_Alignas(16) uint8_t octets[]; /*!< The addresses, then all strings. */
} options_t;

/*!
 * \brief Gets the options of a module instance.
 *
 * \param[in]  mod  Module context, while it is being loaded or in an RCU read-side section.
 * \param[out] out  Options, to be given back by options_put(). Equal options are one object.
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
 * \param[in] options  Options or NULL.
 *
 * \return The same, to be given back by options_put().
 */
options_t *options_ref(options_t *options);

/*!
 * \brief Gives options back. Any thread may do so.
 *
 * \param[in] options  Options or NULL.
 */
void options_put(options_t *options);

/*!
 * \brief Makes the policy of one zone. It reads the validation file if that has changed.
 *
 * Hosts and validations outside the zone belong to other zones and are left out.
 *
 * \param[in]     options  Options.
 * \param[in]     zone     Zone name.
 * \param[in,out] used     Validation file that the zone has used last, see validations_add().
 * \param[out]    why      Why the validation file or a word of the options cannot be used, and
 *                         what is expected instead; else empty.
 * \param[in]     size     Octets of \a why.
 * \param[out]    out      Policy, to be freed by caaudit_policy_free().
 *
 * \retval KNOT_EOK     on success, even if the validation file cannot be used.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int options_policy(const options_t *options, const knot_dname_t *zone, validations_t **used,
                   char *why, size_t size, caaudit_policy_t **out);

/*!
 * \brief Check one option, for the configuration schema.
 *
 * \param[in] args  Value; gets the reason if it is refused.
 *
 * \retval KNOT_EOK  if the value is right.
 * \retval KNOT_E*   otherwise.
 */
int options_check_ca(knotd_conf_check_args_t *args);
int options_check_host(knotd_conf_check_args_t *args);
int options_check_validation(knotd_conf_check_args_t *args);
int options_check_validation_file(knotd_conf_check_args_t *args);
int options_check_transfer_key(knotd_conf_check_args_t *args);
