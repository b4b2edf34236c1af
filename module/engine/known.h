/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Look-ups in the table of CAs: names, products, accounts, methods and validations.
 *
 * Names are octets without a final dot, in any case. Nothing allocates; results are static.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/dname.h>

#include "caaudit/cas.h"
#include "caaudit/policy.h"
#include "text.h"

/*!
 * \brief Finds the next CA that accepts an issuer domain name; a name may belong to several.
 *
 * \param[in] after  CA that was found before, NULL = begin.
 * \param[in] name   Issuer domain name.
 * \param[in] len    Octets of \a name.
 *
 * \return CA, NULL if no other accepts it.
 */
const caaudit_ca_info_t *known_ca_next(const caaudit_ca_info_t *after, const uint8_t *name,
                                       size_t len);

/*! Finds the CA that publishes an issuer domain name, else the first that accepts it; or NULL. */
const caaudit_ca_info_t *known_ca_find(const uint8_t *name, size_t len);

/*! Gets a CA of the table as one to ask about. */
caaudit_ca_t known_ca_of(const caaudit_ca_info_t *info);

/*! Does the CA accept the name, and not only still? */
bool known_ca_is_current(const caaudit_ca_info_t *ca, const uint8_t *name, size_t len);

/*!
 * \brief Finds the known issuer domain name that a text looks like.
 *
 * \return A name that a CA publishes or accepts; NULL if it is like none or if it is known itself,
 *         be it as a product.
 */
const char *known_ca_lookalike(const uint8_t *name, size_t len);

/*!
 * \brief Finds a product, and who issues it.
 *
 * \param[in] name  Name that it is ordered by.
 * \param[in] len   Octets of \a name.
 * \param[in] now   Time, seconds since the epoch.
 *
 * \return Row of the period that \a now is in, NULL if it is no product.
 */
const caaudit_product_t *known_product(const uint8_t *name, size_t len, uint64_t now);

/*! Do only third parties say which CA issues the product? */
bool known_is_hearsay(const caaudit_product_t *product);

/*! What the host name in an account URI says. */
typedef enum {
	KNOWN_ACCOUNT_FITS,    /*!< Nothing against it: of the CA, or of nobody that is known. */
	KNOWN_ACCOUNT_STAGING, /*!< Of a server that issues nothing that is trusted. */
	KNOWN_ACCOUNT_FOREIGN, /*!< Of another CA. */
	KNOWN_ACCOUNT_NONE,    /*!< Of the CA, which gives no account such a URI. */
} known_account_t;

/*!
 * \brief Tells whether an account can be one of the CAs that accept an issuer domain name.
 *
 * \param[in]  issuer      Issuer domain name.
 * \param[in]  issuer_len  Octets of \a issuer.
 * \param[in]  uri         Account URI: of an ACME server (RFC 8555 section 7.3), or "acct:"
 *                         (RFC 7565 section 4) with a name of the CA as its host.
 * \param[in]  uri_len     Octets of \a uri.
 * \param[out] owner       The CA that it belongs to; set unless it fits.
 *
 * \return What is known of it.
 */
known_account_t known_account(const uint8_t *issuer, size_t issuer_len, const uint8_t *uri,
                              size_t uri_len, const caaudit_ca_info_t **owner);

/*! Gets the CA that has an ACME server at the host of a URI, NULL if none is known. */
const caaudit_ca_info_t *known_account_owner(const uint8_t *uri, size_t len);

/*! Gets what the account URIs of a CA are but for the number at their end; NULL if not known. */
const char *known_account_form(const caaudit_ca_info_t *ca);

/*! Appends what is wrong with a URI that no account has; \a form is that of
 *  known_account_form(). */
void known_account_explain(text_t *text, const char *form);

/*! Does a CA that accepts the issuer domain name process the parameter? (RFC 8659 section 4.2) */
bool known_is_parameter(const uint8_t *issuer, size_t issuer_len, const uint8_t *tag, size_t len);

/*! Appends for how long CAs use a validation again, see caaudit_reuse_text(). */
void known_reuse(text_t *text, uint64_t now);

/*! Is it a validation method label? label = 1*(ALPHA / DIGIT / "-"), RFC 8657 section 4. */
bool known_is_method_label(const uint8_t *label, size_t len);

/*! Finds a validation method by its label, NULL if it is not registered. */
const caaudit_method_t *known_method(const uint8_t *label, size_t len);

/*! Does a label in validationmethods stand for a method, or for its other label? (BR 4.2.2.1.2) */
bool known_label_admits(const uint8_t *label, size_t len, const char *method);

/*! How far a name fits a form. */
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
 * \return Form, NULL if it is none.
 */
const caaudit_form_t *known_validation(const knot_dname_t *target, size_t size, known_fit_t *fit);

/*! Form of a target that is as the CA gives it; NULL if it is none. */
const caaudit_form_t *known_target(const knot_dname_t *target, size_t size);

/*! Form of a CNAME whose target, and \a owner, are as the CA gives them; NULL if it is no such record. */
const caaudit_form_t *known_cname(const caaudit_record_t *record, const knot_dname_t *owner);

/*! Is a zone at, below or above what the targets of known_validation() end with? */
bool known_validation_near(const knot_dname_t *zone, size_t size);

/*! Tells how far an owner, in any case, fits what the CA of a form could ask for. */
known_fit_t known_validation_owner(const caaudit_form_t *form, const knot_dname_t *owner);

/*! Finds the kind of validation by TXT record that an owner, in any case, is for; NULL if none. */
const caaudit_txt_t *known_txt(const knot_dname_t *owner);

/*! Name that a TXT validation at an owner is for: what is above its labels. */
const knot_dname_t *known_txt_host(const caaudit_txt_t *txt, const knot_dname_t *owner);

/*!
 * \brief Tells where a CA asks for a validation record.
 *
 * \param[in] owner  Owner, any case: at _acme-challenge ACME asks for the exact name (RFC 8555
 *                   section 8.4).
 * \param[in] form   Form of the record, NULL = it is none that is known.
 */
caaudit_climb_t known_climb(const knot_dname_t *owner, const caaudit_form_t *form);
