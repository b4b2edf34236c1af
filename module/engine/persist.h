/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The text of a persistent validation record at "_validation-persist" or
 *        "_ip-validation-persist" (BR 3.2.2.4.22, draft-ietf-acme-dns-persist-01).
 *
 * It is an issue value (RFC 8659 section 4.2) that names one CA and one account. CAs pass over the
 * record if it has a fault of PERSIST_REFUSED, and over a parameter that they do not know.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/dname.h>

#include "caaudit/caa.h"
#include "caaudit/cas.h"

/*! What a name holds records for. */
typedef enum {
	PERSIST_NONE,
	PERSIST_HOST,    /*!< "_validation-persist": for the name above it. */
	PERSIST_ADDRESS, /*!< "_ip-validation-persist": for an IP address, by its reverse name. */
} persist_label_t;

/*! What is wrong with a record. */
enum {
	PERSIST_SYNTAX = 1 << 0,         /*!< It is no issue value. */
	PERSIST_NO_ISSUER = 1 << 1,      /*!< It names no CA. */
	PERSIST_NO_ACCOUNT = 1 << 2,     /*!< It has no accounturi. */
	PERSIST_TWICE = 1 << 3,          /*!< accounturi, persistUntil or policy stands twice. */
	PERSIST_ACCOUNT_NO_URI = 1 << 4, /*!< accounturi is no URI. */
	PERSIST_UNTIL_NO_TIME = 1 << 5,  /*!< persistUntil is no decimal number. */
	PERSIST_POLICY = 1 << 6, /*!< policy is not "wildcard", which is as if it were absent. */
	PERSIST_SLIP = 1 << 7,   /*!< An unknown tag is near a known one. */
};

/*! Of these faults each keeps CAs from taking the record. */
#define PERSIST_REFUSED                                                                            \
	(PERSIST_SYNTAX | PERSIST_NO_ISSUER | PERSIST_NO_ACCOUNT | PERSIST_TWICE |                 \
	 PERSIST_ACCOUNT_NO_URI | PERSIST_UNTIL_NO_TIME)

/*! What a record says. The pointers lead into its text, or to static text. */
typedef struct {
	uint32_t faults;       /*!< PERSIST_* bits. */
	size_t error;          /*!< PERSIST_SYNTAX: offset of the first octet that does not fit. */
	caaudit_issue_t issue; /*!< Issuer domain name and parameters. */
	caaudit_param_t account; /*!< The first accounturi; an empty tag if there is none. */
	caaudit_param_t until;   /*!< The first persistUntil, likewise. */
	caaudit_param_t policy;  /*!< The first policy, likewise. */
	uint64_t time;           /*!< Last second in which CAs take the record, since the epoch;
	                              UINT64_MAX = there is none, or a later one. */
	const char *twice;       /*!< PERSIST_TWICE: tag that stands twice. */
	caaudit_param_t slip;    /*!< PERSIST_SLIP: the first such parameter. */
	const char *meant;       /*!< PERSIST_SLIP: tag that was probably meant by it. */
	bool wildcard;           /*!< It is for the names below the host as well. */
} persist_t;

/*! Tells by the first label of a name, in any case, what records there are for. */
persist_label_t persist_label(const knot_dname_t *owner);

/*!
 * \brief Takes a record apart.
 *
 * \param[in]  text  Its character strings put together, see txt_join().
 * \param[in]  len   Octets of \a text.
 * \param[out] out   What it says; but for the issue value as far as there is one.
 */
void persist_parse(const uint8_t *text, size_t len, persist_t *out);

/*!
 * \brief Do two records permit the same, though their octets differ?
 *
 * The value has blanks and an order of its parameters that mean nothing (RFC 8659 section 4.2); CAs
 * compare the octets of their own name, and those of the account (RFC 8657 section 3).
 *
 * \return False if one of them has a fault of PERSIST_REFUSED.
 */
bool persist_equal(const persist_t *a, const persist_t *b);

/*!
 * \brief Writes a record as it was probably meant.
 *
 * What follows the last parameter, a final dot and capital letters of the issuer domain name are
 * corrected.
 *
 * \param[in]  text  Text.
 * \param[in]  len   Octets of \a text.
 * \param[out] out   Mended text, at most \a len octets.
 *
 * \return Octets of \a out; 0 if the text differs in nothing, or is one that CAs refuse still.
 */
size_t persist_mend(const uint8_t *text, size_t len, uint8_t *out);

/*!
 * \brief Finds whose an issuer domain name is in such a record.
 *
 * \param[in]  says   Record; of several CAs by that name the one is meant that has the account.
 * \param[out] taken  False if the CA is known to take other names alone.
 *
 * \return The CA; NULL if none is known by the name.
 */
const caaudit_ca_info_t *persist_ca(const persist_t *says, bool *taken);
