/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What is known about CAs: data, each row with its source and date.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/dname.h>

/*! One CA. */
typedef struct {
	const char *const
		*name;     /*!< Issuer domain names, the one to publish first, ended by NULL. */
	unsigned current;  /*!< So many of \a name are current; the rest are accepted still. */
	bool literal_pair; /*!< Sold by resellers that demand issue and issuewild. */
} known_ca_t;

/*! Finds the CA that accepts an issuer domain name; NULL if none is known. */
const known_ca_t *known_ca_find(const uint8_t *name, size_t len);

/*! Is it one of the current names of the CA? */
bool known_ca_is_current(const known_ca_t *ca, const uint8_t *name, size_t len);

/*!
 * \brief Finds the known issuer domain name that a text looks like.
 *
 * \return Name to publish, NULL if it is like none or if it is known itself.
 */
const char *known_ca_lookalike(const uint8_t *name, size_t len);

/*! Is it a validation method label? label = 1*(ALPHA / DIGIT / "-"), RFC 8657 section 4. */
bool known_is_method_label(const uint8_t *label, size_t len);

/*! Does a validation method take place in the DNS? */
bool known_is_dns_method(const uint8_t *label, size_t len);

/*! A family of validation CNAMEs, recognized by the target. */
typedef struct {
	const char *name; /*!< Product, as its users call it. */
	const char
		*ca;  /*!< Issuer domain name of the CA behind it, NULL if it is one of several. */
	bool renewal; /*!< The record must stay: renewals or a delegation need it. */
	const char *source;
} known_validation_t;

/*! How far a name fits a family. */
typedef enum {
	KNOWN_FITS,       /*!< As the CA gives it. */
	KNOWN_UNDERSCORE, /*!< It would, with an underscore before the first label (owners only). */
	KNOWN_MALFORMED,  /*!< It does not: cut, or with other characters. */
} known_fit_t;

/*!
 * \brief Recognizes the target of a validation CNAME by its suffix.
 *
 * \param[in]  target  Target, any case.
 * \param[in]  size    Octets of \a target.
 * \param[out] fit     KNOWN_FITS, or KNOWN_MALFORMED if only the suffix is right.
 *
 * \return Family, NULL if it is none.
 */
const known_validation_t *known_validation(const knot_dname_t *target, size_t size,
                                           known_fit_t *fit);

/*!
 * \brief Tells whether the target of a validation may be in a zone.
 *
 * \param[in] zone  Zone name.
 * \param[in] size  Octets of \a zone.
 *
 * \retval true   if the zone is at, below or above what the targets of a family end with.
 * \retval false  if known_validation() knows no name that ends with the zone name.
 */
bool known_validation_near(const knot_dname_t *zone, size_t size);

/*!
 * \brief Tells whether the CA of a family could ask for a name.
 *
 * \param[in] family  Family from known_validation().
 * \param[in] owner   Owner, any case.
 *
 * \return How far it fits.
 */
known_fit_t known_validation_owner(const known_validation_t *family, const knot_dname_t *owner);
