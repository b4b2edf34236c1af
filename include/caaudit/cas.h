/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The table of CAs (cas.def) as C: constant data, each row with its source.
 *
 * Text is static. Nothing here is allocated or freed.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*! Days from 1970-01-01 to the first of the month (1 to 12) of a year of the Gregorian calendar. */
#define CAAUDIT_MONTH(y, m)                                                                        \
	(365 * ((y) - ((m) <= 2)) + ((y) - ((m) <= 2)) / 4 - ((y) - ((m) <= 2)) / 100 +            \
	 ((y) - ((m) <= 2)) / 400 + (153 * ((m) + ((m) > 2 ? -3 : 9)) + 2) / 5 - 719468)

/*! Seconds from the epoch to 00:00 UTC of a day, from 1970 on. */
#define CAAUDIT_DAY(y, m, d) ((uint64_t)(CAAUDIT_MONTH(y, m) + (d)-1) * 86400)

/*! A day long past: no CA has done so for years. */
#define CAAUDIT_ENDED 1

/*! How a fact is known. */
typedef enum {
	CAAUDIT_READ,        /*!< Read in the source. */
	CAAUDIT_QUOTED,      /*!< Read through a quotation, translation or draft. */
	CAAUDIT_THIRD_PARTY, /*!< Somebody else says so. */
	CAAUDIT_UNVERIFIED,  /*!< Inferred. */
} caaudit_certainty_t;

/*! Where facts come from. */
typedef struct {
	const char *text;
	uint64_t day; /*!< Day on which it was read, seconds since the epoch. */
	caaudit_certainty_t certainty;
} caaudit_source_t;

/*! CAs, by owner. */
typedef enum {
#define CAAUDIT_CA(symbol, owner, source, name, ...) CAAUDIT_CA_##symbol,
#include "caaudit/cas.def"
	CAAUDIT_CA__COUNT,
	CAAUDIT_CA_ANY = CAAUDIT_CA__COUNT, /*!< One of several, or every one. */
} caaudit_ca_id_t;

/*! One CA. Lists end with NULL; a list that is NULL is not known, or empty. */
typedef struct {
	const char *owner;             /*!< Name of the CA. */
	const char *const *name;       /*!< Issuer domain names that it accepts, lower case; the
	                                    first is the one to publish. */
	const char *const *deprecated; /*!< Those that it accepts still. */
	const char *const *persist;    /*!< Those that it takes in _validation-persist records. */
	const caaudit_source_t *source;
	const caaudit_source_t *pair; /*!< Who says that its resellers demand a literal pair of
	                                   issue and issuewild; NULL = they do not. */
} caaudit_ca_info_t;

/*! Where a CA asks for a validation record. */
typedef enum {
	CAAUDIT_CLIMBS,    /*!< At the host and at each name above it. */
	CAAUDIT_EXACT,     /*!< At the host alone. */
	CAAUDIT_NOT_KNOWN, /*!< At the host; nobody has said whether above it as well. */
} caaudit_climb_t;

/*! A form of validation CNAME. cas.def says how the patterns are written. */
typedef struct {
	const char *name;    /*!< Product, as its users call it. */
	const char *ca;      /*!< Issuer domain name to publish for the CA behind it; NULL = one of
	                          several. */
	const char *owners;  /*!< Words for the first label of the owner. */
	const char *targets; /*!< Patterns for the labels of the target before the suffix. */
	const char *suffix;  /*!< What the target ends with, lower case, without a final dot. */
	size_t suffix_len;   /*!< Characters of \a suffix. */
	const char *method;  /*!< Validation method that it is part of; NULL = not known. */
	uint64_t ended;      /*!< The CA takes it no more from that time on; 0 = it does. */
	const caaudit_source_t *source;
	caaudit_ca_id_t ca_id;
	caaudit_climb_t climb;
	bool renewal;  /*!< The record must stay: renewals or a delegation need it. */
	bool by_owner; /*!< Other records have such targets: the owner must fit as well. */
} caaudit_form_t;

/*! A place of validations by TXT record. */
typedef struct {
	caaudit_ca_id_t ca; /*!< CAAUDIT_CA_ANY = one of several. */
	const char *labels; /*!< Words for the first labels of the owner, with dots between them. */
	const char *method; /*!< Validation method; NULL = not known. */
	const caaudit_source_t *source;
} caaudit_txt_t;

/*! An address from which a CA or its reseller looks: a hint for watching, no access list. */
typedef struct {
	const char *product;
	const char *address; /*!< IPv4 or IPv6 in presentation form. */
	const caaudit_source_t *source;
} caaudit_address_t;

/*! A server that has the accounts of an ACME CA. */
typedef struct {
	caaudit_ca_id_t ca;
	const char *host; /*!< Host name in the account URIs, lower case. */
	bool staging;     /*!< It issues no certificate that anybody trusts. */
	const caaudit_source_t *source;
	const char *accounts; /*!< What an account URI is but for the number at its end; NULL = not
	                           known. */
} caaudit_acme_t;

/*! A parameter that a CA processes. */
typedef struct {
	caaudit_ca_id_t ca; /*!< CAAUDIT_CA_ANY = every one. */
	const char *tag;
	const caaudit_source_t *source;
} caaudit_parameter_t;

/*! A name that people order certificates by, in one period. */
typedef struct {
	const char *product;
	const char *const *name; /*!< Names for it, lower case, ended by NULL. */
	caaudit_ca_id_t ca;      /*!< CA that issues it. */
	uint64_t since;          /*!< Seconds since the epoch. */
	uint64_t until;          /*!< The same, not included; 0 = until now. */
	const caaudit_source_t *source;
} caaudit_product_t;

/*! What takes place in a validation. */
typedef enum {
	CAAUDIT_METHOD_DNS,
	CAAUDIT_METHOD_WEB,
	CAAUDIT_METHOD_CONTACT, /*!< By e-mail, telephone or the registrar. */
	CAAUDIT_METHOD_OTHER,   /*!< Not for host names. */
} caaudit_method_kind_t;

/*! A validation method (RFC 8657 section 4). */
typedef struct {
	const char *label;
	const char *also; /*!< Another label that may stand for it in CAA, or NULL. */
	uint64_t until;   /*!< No CA may use it from that time on; 0 = they may. */
	const caaudit_source_t *source;
	caaudit_method_kind_t kind;
} caaudit_method_t;

/*! How long what a CA has issued or validated may last, in one period (BR 4.2.1 and 6.3.2). */
typedef struct {
	uint64_t since; /*!< Seconds since the epoch. */
	unsigned life;  /*!< Most days that a certificate lives. */
	unsigned reuse; /*!< Most days that a validation may be used again. */
	const caaudit_source_t *source;
} caaudit_limit_t;

/*! CAs by their caaudit_ca_id_t. */
extern const caaudit_ca_info_t caaudit_cas[];

/* The other tables, with the number of their rows. */
extern const caaudit_source_t caaudit_sources[];
extern const caaudit_form_t caaudit_forms[];
extern const caaudit_txt_t caaudit_txts[];
extern const caaudit_address_t caaudit_addresses[];
extern const caaudit_acme_t caaudit_acmes[];
extern const caaudit_parameter_t caaudit_parameters[];
extern const caaudit_product_t caaudit_products[];
extern const caaudit_method_t caaudit_methods[];
extern const caaudit_limit_t caaudit_limits[]; /*!< By time. */
extern const size_t caaudit_sources_count;
extern const size_t caaudit_forms_count;
extern const size_t caaudit_txts_count;
extern const size_t caaudit_addresses_count;
extern const size_t caaudit_acmes_count;
extern const size_t caaudit_parameters_count;
extern const size_t caaudit_products_count;
extern const size_t caaudit_methods_count;
extern const size_t caaudit_limits_count;

/*!
 * \brief Says how long a validation is used again, and how that changes.
 *
 * \param[in] now  Time, seconds since the epoch.
 *
 * \return Text such as "CAs use a validation again for 200 days, from 2027-03-15 on for 100", to be
 *         freed; NULL if out of memory.
 */
char *caaudit_reuse_text(uint64_t now);
