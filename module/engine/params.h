/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Judges the parameters of issue and issuewild values (RFC 8657, BR 4.2.2.1.2).
 *
 * What they mean for a host is not said here, nor what stands in the record beside them.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "caaudit/caa.h"
#include "caaudit/cas.h"
#include "text.h"

/*! What is wrong; a bit each. */
enum {
	PARAMS_UNKNOWN = 1 << 0,   /*!< A tag that no registry and no document of the CA has. */
	PARAMS_HYPHEN = 1 << 1,    /*!< A tag with "-": Let's Encrypt refuses the property. */
	PARAMS_TAG_CASE = 1 << 2,  /*!< accounturi or validationmethods with a capital letter:
	                                Let's Encrypt ignores the parameter. */
	PARAMS_DUPLICATE = 1 << 3, /*!< Another tag stands twice. */
	PARAMS_ACCOUNT_TWICE = 1 << 4,
	PARAMS_ACCOUNT_NO_URI = 1 << 5,
	PARAMS_ACCOUNT_STAGING = 1 << 6, /*!< Of a server that issues nothing that is trusted. */
	PARAMS_ACCOUNT_FOREIGN = 1 << 7, /*!< Of another CA. */
	PARAMS_METHODS_TWICE = 1 << 8,
	PARAMS_METHODS_EMPTY = 1 << 9,
	PARAMS_METHODS_MALFORMED = 1
	                           << 10, /*!< A label that is none: empty, or with other octets. */
	PARAMS_METHODS_NONE = 1 << 11,    /*!< No label can validate a host name, at that time or
	                                         ever. */
	PARAMS_METHOD_UNKNOWN = 1 << 12,  /*!< A label that no registry has. */
	PARAMS_METHOD_ENDED = 1 << 13,    /*!< A method that no CA may use at that time. */
	PARAMS_METHOD_CASE = 1 << 14,     /*!< A label with a capital letter: RFC 8657 and Let's
	                                         Encrypt compare octets. */
	PARAMS_ACCOUNT_NONE = 1 << 16,    /*!< At a host of the CA, which gives no account such a
	                                         URI. */
	PARAMS_ACCOUNT_RUNS_ON = 1 << 15, /*!< Into the next parameter or account, behind ",": a
	                                         URI still, but of no account. */
};

/*! An account that nobody has. */
#define PARAMS_ACCOUNT_UNMET                                                                       \
	(PARAMS_ACCOUNT_TWICE | PARAMS_ACCOUNT_NO_URI | PARAMS_ACCOUNT_STAGING |                   \
	 PARAMS_ACCOUNT_FOREIGN | PARAMS_ACCOUNT_RUNS_ON | PARAMS_ACCOUNT_NONE)
/*! Methods of which there is none, whatever a CA knows. */
#define PARAMS_METHODS_UNMET                                                                       \
	(PARAMS_METHODS_TWICE | PARAMS_METHODS_EMPTY | PARAMS_METHODS_MALFORMED)
/*! Nobody can meet such parameters. */
#define PARAMS_UNSATISFIABLE (PARAMS_ACCOUNT_UNMET | PARAMS_METHODS_UNMET | PARAMS_METHODS_NONE)

/*! The parameters of one value. The pointers lead into the value, or to static text. */
typedef struct {
	uint32_t faults;           /*!< PARAMS_* bits. */
	caaudit_param_t account;   /*!< The first accounturi; an empty tag if there is none. */
	caaudit_param_t methods;   /*!< The first validationmethods, likewise. */
	caaudit_param_t unknown;   /*!< The first that is unknown, likewise. */
	const char *unknown_meant; /*!< Tag that was probably meant by it, or NULL. */
	const char *account_owner; /*!< Who has the first account that is of a staging server or of
	                                another CA. */
	const char *account_form;  /*!< What the CA's account URIs are but for their number, where
	                                the first one is none; NULL if that is not known. */
	const uint8_t *label;      /*!< The first label with a fault, NULL if there is none. */
	size_t label_len;          /*!< Octets of \a label. */
	const char *label_meant;   /*!< Label that was probably meant by it, or NULL. */
	const caaudit_method_t *ending; /*!< Of the listed methods the one that ends first, or has
	                                     ended; NULL if none does. */
} params_t;

/*!
 * \brief Judges the parameters of a value.
 *
 * \param[in]  issue  Value of an issue or issuewild property, from caaudit_issue_parse().
 * \param[in]  now    Time, seconds since the epoch: methods end.
 * \param[out] out    Parameters.
 */
void params_judge(caaudit_issue_t issue, uint64_t now, params_t *out);

/*!
 * \brief Judges the parameters of a value as far as they decide: PARAMS_ACCOUNT_UNMET,
 *        PARAMS_METHODS_UNMET, PARAMS_METHODS_NONE without regard to time, account and methods.
 *        Nothing else is set.
 *
 * \param[in]  issue  Value of an issue or issuewild property, from caaudit_issue_parse().
 * \param[out] out    Parameters.
 */
void params_decide(caaudit_issue_t issue, params_t *out);

/*! Does the value admit a validation method? It does without validationmethods. (RFC 8657
 *  section 4) */
bool params_admit(const params_t *params, const char *method);

/*!
 * \brief Writes a value as it was probably meant.
 *
 * Tags and labels that are slips of the pen are corrected and written in lower case. Unknown tags
 * with a hyphen are left out: CAs ignore them, but for Let's Encrypt, which refuses the property.
 *
 * \param[in]     issue  Value of an issue or issuewild property, from caaudit_issue_parse().
 * \param[in]     now    Time, seconds since the epoch.
 * \param[in]     fault  PARAMS_* bits that must be gone.
 * \param[in,out] out    Value.
 *
 * \retval true   if \a fault is gone and nobody is shut out but by what is written.
 * \retval false  if that cannot be done; \a out is of no use.
 */
bool params_mend(caaudit_issue_t issue, uint64_t now, uint32_t fault, text_t *out);

/*!
 * \brief Writes a value without the account and the methods that nobody can meet.
 *
 * \param[in]     issue    Value of an issue or issuewild property, from caaudit_issue_parse().
 * \param[in]     issuer   Issuer domain name that is written.
 * \param[in]     account  Account to write where there is none that somebody has, or NULL.
 * \param[in,out] out      Value.
 *
 * \return False if no account and no methods of the value are left.
 */
bool params_relax(caaudit_issue_t issue, const char *issuer, const char *account, text_t *out);

/*!
 * \brief Writes a value for another issuer domain name, and for the account of a request.
 *
 * \param[in]     issue    Value of an issue or issuewild property, from caaudit_issue_parse().
 * \param[in]     issuer   Issuer domain name that is written.
 * \param[in]     account  Account to write in the place of any; NULL keeps what the value has.
 * \param[in,out] out      Value.
 */
void params_reissue(caaudit_issue_t issue, const char *issuer, const char *account, text_t *out);

/*!
 * \brief Writes a value with a validation method added to the list that it has, which is written in lower case.
 *
 * \param[in]     issue   Value of an issue or issuewild property, from caaudit_issue_parse().
 * \param[in]     method  Label of the method, lower case.
 * \param[in,out] out     Value.
 *
 * \return False if there is no validationmethods.
 */
bool params_add_method(caaudit_issue_t issue, const char *method, text_t *out);
