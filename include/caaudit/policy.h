/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What must hold for a zone: wanted CAs, hosts and validation records.
 *
 * The functions that add an item check it as well, so that the server's
 * configuration check, the module and the command share one rule. On error
 * they leave the policy as it was and say why in static text that suits the
 * server's conf-check: lower case, no full stop.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/dname.h>

#include "caaudit/cas.h"
#include "caaudit/server.h"

/*! A wanted CA, by the issuer domain names that it accepts. */
typedef struct {
	const char *name;         /*!< Name the CA is wanted by; also the one to publish. */
	const char *const *alias; /*!< Other names that it accepts, ended by NULL; may be NULL. */
	const char *meant;        /*!< Name of a known CA that \a name is close to, while nobody is
	                               known by it; NULL = there is none. Nothing is advised or
	                               synthesised for such a CA. */
	const caaudit_product_t *product; /*!< Product that was asked for, of the period that the
	                                       policy is finished for; NULL = the CA was. Nothing is
	                                       synthesised for a product. */
} caaudit_ca_t;

/*! TTL of a record to publish where nobody has said another, seconds. */
#define CAAUDIT_TTL 3600

/*! Most CAs, hosts, validations and trust anchors, of each: more is a mistake. */
#define CAAUDIT_POLICY_MAX 10000

/*! A validation record that must exist: a CNAME, or a TXT if there is \a txt. */
typedef struct {
	const knot_dname_t *owner; /*!< Lower case, in the zone. */
	const knot_dname_t
		*target;    /*!< Lower case; NULL = any target of a known CA. NULL for a TXT. */
	const uint8_t *txt; /*!< RDATA of the TXT record; NULL for a CNAME. */
	uint16_t txt_len;   /*!< Octets of \a txt. */
	uint32_t ttl;       /*!< TTL to publish it with, seconds. */
} caaudit_expected_t;

/*! A trust anchor of the zone: the DS RRset of the parent, or a key (RFC 4033 section 2). */
typedef struct {
	const uint8_t *rdata;
	uint16_t type;  /*!< KNOT_RRTYPE_DS or KNOT_RRTYPE_DNSKEY. */
	uint16_t rdlen; /*!< Octets of \a rdata. */
} caaudit_anchor_t;

/*!
 * \brief Signatures that audits of a zone have verified.
 *
 * One that is there still, over the same octets and by the same key, is not
 * verified again. For one audit at a time.
 */
typedef struct caaudit_memo caaudit_memo_t;

/*! Whether the wildcards of the hosts must be issuable too. */
typedef enum {
	CAAUDIT_WILDCARD_OFF,
	CAAUDIT_WILDCARD_ON,
	CAAUDIT_WILDCARD_AUTO, /*!< Unless issuewild ";" alone says that none is wanted. */
} caaudit_wildcard_t;

/*! What a policy says of a name. */
typedef enum {
	CAAUDIT_NAME_HOST,     /*!< It is host number \a nth. */
	CAAUDIT_NAME_EXPECTED, /*!< It is the owner of validation number \a nth. */
	CAAUDIT_NAME_ABOVE,    /*!< The label of validation number \a nth at a name above its host,
	                            where a CA that climbs finds the record as well. */
	CAAUDIT_NAME_NONE,     /*!< Not a name: the hash is that of what validation \a nth says. */
} caaudit_role_t;

/*! One entry of the index of a policy. */
typedef struct {
	uint64_t hash; /*!< Of the name, or for CAAUDIT_NAME_NONE of what the validation says. */
	uint32_t nth;  /*!< Position in \a host or \a validation of the policy, by the role. */
	uint8_t role;  /*!< One of caaudit_role_t. */
} caaudit_mention_t;

/*!
 * \brief Policy of one zone. Read it freely, change it through the functions only.
 *
 * After caaudit_policy_finish() it does not change any more, and may be read by
 * several threads.
 */
typedef struct {
	const knot_dname_t *zone;
	caaudit_ca_t *ca;
	size_t ca_count;
	const knot_dname_t *
		*host; /*!< Names that must have a certificate: in a finished policy also
	                                those that validations are for; none of them twice. */
	size_t host_count;
	size_t named_count; /*!< The first of \a host, which were added one by one. */
	caaudit_expected_t *validation;
	size_t validation_count;
	const char *account_uri;  /*!< Account of the request (RFC 8657 section 3), NULL = whichever
	                               account the record names is taken for ours. */
	const char *method;       /*!< Validation method (RFC 8657 section 4), NULL = any. */
	caaudit_anchor_t *anchor; /*!< None: what the parent says is not checked. */
	size_t anchor_count;
	uint32_t rrsig_warning; /*!< Seconds that a signature must last at least, 0 = by its own
	                             life and TTL. */
	caaudit_memo_t *memo;   /*!< What audits before this one have verified; owned by the caller
	                             and set freely. NULL = everything is verified. */
	const caaudit_server_t
		*server;             /*!< What the server's configuration says of who is answered;
	                                     owned by the caller and set freely. NULL = not known. */
	caaudit_wildcard_t wildcard; /*!< CAAUDIT_WILDCARD_AUTO at first. */
	bool hosts_named;            /*!< Somebody has chosen the hosts; else they are a default. */
	bool strict;                 /*!< Demand the literal pair issue and issuewild. */
	bool override_denial;        /*!< Cures may extend a set whose only issuer is ";". */
	size_t cure_limit; /*!< Findings whose cures are tried, the gravest first; 1000 at first. */
	bool partial;      /*!< A list of validations could not be read: what is not in
	                             \a validation may be expected all the same. */
	caaudit_mention_t *index; /*!< For caaudit_policy_find(). */
	size_t index_count;
	bool finished;
} caaudit_policy_t;

/*! Creates an empty memo, to be freed by caaudit_memo_free(); NULL if out of memory. */
caaudit_memo_t *caaudit_memo_new(void);

/*! Frees a memo; NULL is fine. */
void caaudit_memo_free(caaudit_memo_t *memo);

/*!
 * \brief Creates a policy without CAs, hosts and validations.
 *
 * \param[in] zone  Zone name, copied.
 *
 * \return Policy, to be freed by caaudit_policy_free(); NULL if out of memory.
 */
caaudit_policy_t *caaudit_policy_new(const knot_dname_t *zone);

/*!
 * \brief Frees a policy.
 *
 * \param[in] policy  Policy or NULL.
 */
void caaudit_policy_free(caaudit_policy_t *policy);

/*!
 * \brief Adds a wanted CA by its issuer domain name (RFC 8659 section 4.2).
 *
 * A name that a known CA accepts stands for all the names of that CA, with the
 * given one as the name to publish unless it is deprecated; of several given ones
 * it is the one that stands first in the row of the CA. The name of a
 * product stands for the CA that issues it at the time of caaudit_policy_finish().
 * A CA that is wanted already is not added again.
 *
 * \param[in]  policy  Policy.
 * \param[in]  name    Issuer domain name, or name of a product; a final dot is dropped.
 * \param[out] why     Reason on KNOT_EINVAL; may be NULL.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_EINVAL  if it is no issuer domain name.
 * \retval KNOT_ELIMIT  if there are CAAUDIT_POLICY_MAX already; \a why says so.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int caaudit_policy_add_ca(caaudit_policy_t *policy, const char *name, const char **why);

/*!
 * \brief Finds the known CA that was probably meant by a name.
 *
 * \param[in] name  Issuer domain name, with or without a final dot.
 *
 * \return Issuer domain name of the CA; NULL if \a name is one that a known CA accepts, that of a
 *         product, or near none.
 */
const char *caaudit_ca_lookalike(const char *name);

/*!
 * \brief Adds a host that needs a certificate.
 *
 * \param[in]  policy  Policy.
 * \param[in]  host    Name in zone file notation (RFC 1035 section 5.1): "@" is the zone, a
 *                     name without a final dot is relative to it. A leading
 *                     "*." is refused: wildcards follow from the option.
 * \param[out] why     Reason on KNOT_EINVAL; may be NULL.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_EINVAL  if it is no name.
 * \retval KNOT_ERANGE  if it is outside the zone; nothing is added.
 * \retval KNOT_ELIMIT  if there are CAAUDIT_POLICY_MAX already; \a why says so.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int caaudit_policy_add_host(caaudit_policy_t *policy, const char *host, const char **why);

/*!
 * \brief Adds a validation record that must exist.
 *
 * \param[in]  policy  Policy.
 * \param[in]  text    "OWNER TARGET", "OWNER" or "OWNER TXT VALUE", separated by blanks. The owner
 *                     is in zone file notation; the target is absolute with or without a final dot,
 *                     and the value is the text as it is, as consoles of CAs show them. A value that
 *                     begins with a quote is character strings in zone file notation.
 * \param[out] why     Reason on KNOT_EINVAL; may be NULL.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_EINVAL  if it is not of that form.
 * \retval KNOT_ERANGE  if the owner is outside the zone; nothing is added.
 * \retval KNOT_ELIMIT  if there are CAAUDIT_POLICY_MAX already; \a why says so.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int caaudit_policy_add_validation(caaudit_policy_t *policy, const char *text, const char **why);

/*!
 * \brief Adds a validation CNAME by wire names.
 *
 * \param[in]  policy  Policy.
 * \param[in]  owner   Owner, copied.
 * \param[in]  target  Target, copied; NULL = any target of a known CA.
 * \param[in]  ttl     TTL to publish it with, seconds.
 * \param[out] why     Reason on KNOT_ELIMIT or KNOT_EINVAL; may be NULL.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_EINVAL  if a label of the owner is '*'; nothing is added.
 * \retval KNOT_ERANGE  if the owner is outside the zone; nothing is added.
 * \retval KNOT_ELIMIT  if there are CAAUDIT_POLICY_MAX already; \a why says so.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int caaudit_policy_add_expected(caaudit_policy_t *policy, const knot_dname_t *owner,
                                const knot_dname_t *target, uint32_t ttl, const char **why);

/*!
 * \brief Adds a validation TXT record that must exist.
 *
 * A CA puts the character strings of a record together (RFC 8555 section 8.4,
 * as RFC 7208 section 3.3 does), so it does not matter where they are divided.
 *
 * \param[in]  policy  Policy.
 * \param[in]  owner   Owner, copied.
 * \param[in]  rdata   RDATA, copied.
 * \param[in]  rdlen   Octets of \a rdata.
 * \param[in]  ttl     TTL to publish it with, seconds.
 * \param[out] why     Reason on KNOT_ELIMIT or KNOT_EINVAL; may be NULL.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_EINVAL  if it is no TXT RDATA (RFC 1035 section 3.3.14), or a label of the owner is '*'.
 * \retval KNOT_ERANGE  if the owner is outside the zone; nothing is added.
 * \retval KNOT_ELIMIT  if there are CAAUDIT_POLICY_MAX already; \a why says so.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int caaudit_policy_add_expected_txt(caaudit_policy_t *policy, const knot_dname_t *owner,
                                    const uint8_t *rdata, uint16_t rdlen, uint32_t ttl,
                                    const char **why);

/*!
 * \brief Drops the validations that were added last.
 *
 * \param[in] policy  Policy, not yet finished.
 * \param[in] count   So many stay.
 */
void caaudit_policy_truncate_validations(caaudit_policy_t *policy, size_t count);

/*!
 * \brief Ends the additions: finds who issues the products, adds the hosts that validations are
 *        for, and makes the index.
 *
 * A validation that succeeds is no use where CAA denies, so its host must have
 * a certificate as well: the name above an owner that begins with an
 * underscore or that has a CNAME, else the owner itself.
 *
 * \param[in] policy  Policy.
 * \param[in] now     Time of the audits, seconds since the epoch: products change their CA.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory; the policy can only be freed.
 */
int caaudit_policy_finish(caaudit_policy_t *policy, uint64_t now);

/*!
 * \brief Finds what a policy says of a name, one item a call.
 *
 * \param[in]     policy  Finished policy.
 * \param[in]     name    Name in lower case.
 * \param[in,out] pos     Position, 0 at first.
 *
 * \return Item, owned by the policy; NULL if there is none left.
 */
const caaudit_mention_t *caaudit_policy_find(const caaudit_policy_t *policy,
                                             const knot_dname_t *name, size_t *pos);

/*!
 * \brief Writes down the record that is expected.
 *
 * \param[in] expected  Expected record.
 *
 * \return "OWNER TTL TYPE DATA", to be freed; NULL if out of memory, or if any target will do.
 */
char *caaudit_expected_text(const caaudit_expected_t *expected);

/*!
 * \brief Sets the account of the request (RFC 8657 section 3).
 *
 * \param[in]  policy  Policy, not yet finished.
 * \param[in]  uri     URI, copied.
 * \param[out] why     With KNOT_EINVAL why it is none, static text; may be NULL.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_EINVAL  if it is no URI.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int caaudit_policy_set_account(caaudit_policy_t *policy, const char *uri, const char **why);

/*!
 * \brief Sets the validation method of the request (RFC 8657 section 4).
 *
 * \param[in]  policy  Policy, not yet finished.
 * \param[in]  label   Label such as "dns-01", copied in lower case.
 * \param[out] why     With KNOT_EINVAL why it is none, static text; may be NULL.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_EINVAL  if it is no method label.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int caaudit_policy_set_method(caaudit_policy_t *policy, const char *label, const char **why);

/*!
 * \brief Adds a trust anchor of the zone.
 *
 * \param[in]  policy  Policy.
 * \param[in]  type    KNOT_RRTYPE_DS or KNOT_RRTYPE_DNSKEY.
 * \param[in]  rdata   RDATA, copied.
 * \param[in]  rdlen   Octets of \a rdata.
 * \param[out] why     Reason on KNOT_EINVAL; may be NULL.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_EINVAL  if it is neither type, or malformed.
 * \retval KNOT_ELIMIT  if there are CAAUDIT_POLICY_MAX already; \a why says so.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int caaudit_policy_add_anchor(caaudit_policy_t *policy, uint16_t type, const uint8_t *rdata,
                              uint16_t rdlen, const char **why);

/*!
 * \brief Tells whether a CA accepts an issuer domain name, without regard to case.
 *
 * \param[in] ca    CA.
 * \param[in] name  Issuer domain name octets.
 * \param[in] len   Octets of \a name.
 *
 * \retval true   if it does.
 * \retval false  otherwise.
 */
bool caaudit_ca_accepts(const caaudit_ca_t *ca, const uint8_t *name, size_t len);
