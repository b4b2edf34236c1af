/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The audit: policy and view in, verdicts and findings out.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caaudit/finding.h"
#include "caaudit/policy.h"
#include "caaudit/view.h"

/*! Answer to "may this CA issue for this name?". */
typedef enum {
	CAAUDIT_DENIED,    /*!< The relevant RRset does not permit the CA. */
	CAAUDIT_PERMITTED, /*!< It does, or no RRset from the host to the apex restricts. */
	CAAUDIT_UNKNOWN, /*!< Not known here: the answer is outside this zone, or there is none. */
} caaudit_permit_t;

/*! Why a verdict is what it is. */
typedef enum {
	CAAUDIT_REASON_NO_CAA,       /*!< No CAA from the host to the apex. */
	CAAUDIT_REASON_UNRESTRICTED, /*!< The relevant RRset restricts nobody. */
	CAAUDIT_REASON_LISTED,       /*!< A property permits the CA. */
	CAAUDIT_REASON_NOT_LISTED,   /*!< Properties name only others. */
	CAAUDIT_REASON_NOBODY,       /*!< Every property that applies has an empty issuer. */
	CAAUDIT_REASON_MALFORMED,    /*!< The CA is not listed, and a value is malformed. */
	CAAUDIT_REASON_PARAMETERS,   /*!< The CA is listed, but account or method do not match. */
	CAAUDIT_REASON_CRITICAL,     /*!< An unknown tag with the issuer critical flag. */
	CAAUDIT_REASON_RDATA,        /*!< RDATA that no CA can decode. */
	CAAUDIT_REASON_EXTERNAL,     /*!< An alias leads out of the zone. */
	CAAUDIT_REASON_DELEGATED,    /*!< The name is at or below a zone cut. */
	CAAUDIT_REASON_LOOP,         /*!< Aliases lead in a circle, or too far. */
} caaudit_reason_t;

/*! Verdict for one host, plain or wildcard, and one CA. */
typedef struct {
	const knot_dname_t *host; /*!< Name without the "*.". */
	bool wildcard;            /*!< The verdict is for "*.host". */
	const char *ca;           /*!< Wanted CA. */
	caaudit_permit_t permit;
	caaudit_reason_t reason;
	bool by_issuewild;              /*!< issuewild properties decide. */
	const knot_dname_t *decided_by; /*!< Owner of the relevant RRset in the zone, or NULL. */
	const knot_dname_t *asked;      /*!< Name whose look-up gave the RRset, or that could not
	                                     be answered: the host, an ancestor, or NULL. */
	caaudit_rrset_t rrset;          /*!< Relevant RRset, or empty. */
} caaudit_verdict_t;

/*! State of an expected validation record. */
typedef struct {
	const knot_dname_t *owner;
	uint16_t type; /*!< KNOT_RRTYPE_CNAME or KNOT_RRTYPE_TXT. */
	const knot_dname_t
		*expected;         /*!< CNAME: expected target, NULL = any target of a known CA. */
	const char *expected_txt;  /*!< TXT: expected text in zone file form; NULL for a CNAME. */
	const knot_dname_t *found; /*!< CNAME: target found, or NULL. */
	const char *found_txt;     /*!< TXT: text found, that of the first of several if none is the
	                                   expected one, or NULL. */
	const knot_dname_t *found_at; /*!< Owner it was found at, NULL if none. */
	const char *state;            /*!< "present", "missing", "mismatch", or as the catalogue of
	                                   validation states in the README says. */
} caaudit_validation_t;

/*! What the trust anchors make of the zone's keys (RFC 4035 section 5.2). */
typedef enum {
	CAAUDIT_CHAIN_UNKNOWN,  /*!< The policy has no anchor: the parent was not asked. */
	CAAUDIT_CHAIN_WHOLE,    /*!< An anchor leads to a key that signs the DNSKEY RRset. */
	CAAUDIT_CHAIN_BROKEN,   /*!< None does. */
	CAAUDIT_CHAIN_INSECURE, /*!< Every anchor is of an algorithm or digest that is not known. */
} caaudit_chain_t;

/*! State of the signatures and denials that a CA meets. */
typedef struct {
	bool is_signed; /*!< The zone has a DNSKEY RRset; else the rest is zero. */
	size_t checked; /*!< RRsets whose signatures were verified. */
	size_t valid;   /*!< Those with one that is valid. */
	uint64_t
		expires; /*!< When the first of the valid ones runs out, seconds since the epoch. */
	caaudit_chain_t chain;
} caaudit_dnssec_t;

/*!
 * \brief Receives what an audit has to say; any function may be NULL.
 *
 * Embed it in a larger structure to carry a context. Arguments are owned by
 * the audit and valid during the call only.
 */
typedef struct caaudit_sink caaudit_sink_t;
struct caaudit_sink {
	/*! Verdict, one a host, kind and CA, in the order of the policy. */
	void (*verdict)(caaudit_sink_t *self, const caaudit_verdict_t *verdict);
	/*! Expected validation record, in the order of the policy. */
	void (*validation)(caaudit_sink_t *self, const caaudit_validation_t *validation);
	/*! Finding; the gravest first, then by owner and id. */
	void (*finding)(caaudit_sink_t *self, const caaudit_finding_t *finding);
	/*! What could not be looked at, and why. */
	void (*not_checked)(caaudit_sink_t *self, const char *what, const char *why);
	/*! DNSSEC, once an audit. That the parent was not asked stands here and is no not_checked:
	    it is so for every signed zone. */
	void (*dnssec)(caaudit_sink_t *self, const caaudit_dnssec_t *dnssec);
};

/*!
 * \brief Judges one name for one CA (RFC 8659 sections 3 and 4).
 *
 * Climbs from the host to the apex, follows aliases inside the zone at each
 * step, and evaluates the first RRset. What stands above the apex is not seen.
 *
 * \param[in]  view      Finished view.
 * \param[in]  policy    Policy that holds account and method.
 * \param[in]  host      Name in the zone, lower case, without "*.".
 * \param[in]  wildcard  Judge "*.host".
 * \param[in]  ca        CA.
 * \param[out] out       Verdict; points into view, host and ca.
 */
void caaudit_permit(const caaudit_view_t *view, const caaudit_policy_t *policy,
                    const knot_dname_t *host, bool wildcard, const caaudit_ca_t *ca,
                    caaudit_verdict_t *out);

/*!
 * \brief Evaluates one CAA RRset for one CA (RFC 8659 section 4, RFC 8657).
 *
 * \param[in]  rrset     CAA RRset; an empty one restricts nobody.
 * \param[in]  policy    Policy that holds account and method.
 * \param[in]  wildcard  Judge a wildcard name.
 * \param[in]  ca        CA.
 * \param[out] out       Sets permit, reason and by_issuewild only.
 */
void caaudit_evaluate(caaudit_rrset_t rrset, const caaudit_policy_t *policy, bool wildcard,
                      const caaudit_ca_t *ca, caaudit_verdict_t *out);

/*!
 * \brief Tells a view which names the audit will look at, before it is filled.
 *
 * Without it signatures are checked in small zones only.
 *
 * \param[in] policy  Policy.
 * \param[in] view    Empty view of the same zone.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int caaudit_audit_want(const caaudit_policy_t *policy, caaudit_view_t *view);

/*!
 * \brief Audits a zone.
 *
 * Every call of a sink function happens before the return. On error what was
 * reported so far must be dropped.
 *
 * \param[in] view    Finished view.
 * \param[in] policy  Policy for the same zone.
 * \param[in] now     Seconds since the epoch.
 * \param[in] sink    Receiver.
 *
 * \retval KNOT_EOK     if the audit is complete, whatever it found.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int caaudit_audit(const caaudit_view_t *view, const caaudit_policy_t *policy, uint64_t now,
                  caaudit_sink_t *sink);
