/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The audit: a policy and the records of a zone in, a report out.
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
	CAAUDIT_REASON_EXTERNAL,  /*!< An alias leads out of the zone, or to what is delegated. */
	CAAUDIT_REASON_DELEGATED, /*!< The name is at or below a zone cut. */
	CAAUDIT_REASON_LOOP,      /*!< Aliases lead in a circle, or too far. */
	CAAUDIT_REASON_UNREAD,    /*!< A part of the zone was not read, and CAA may stand there. */
} caaudit_reason_t;

/*! What one CAA RRset says to one CA. */
typedef struct {
	caaudit_permit_t permit;
	caaudit_reason_t reason;
	bool by_issuewild;    /*!< issuewild properties decide. */
	bool account_differs; /*!< CAAUDIT_REASON_PARAMETERS: accounturi does not match. */
	bool method_differs;  /*!< CAAUDIT_REASON_PARAMETERS: validationmethods does not match. */
	bool unsatisfiable;   /*!< CAAUDIT_REASON_PARAMETERS: no request can match. */
	const knot_dname_t *decided_by; /*!< Owner of the relevant RRset, or NULL. It is outside the
	                                     zone only if caaudit_view_add_elsewhere() has told
	                                     of it. */
	caaudit_rrset_t rrset;          /*!< Relevant RRset, or empty. */
} caaudit_decision_t;

/*! Verdict for one host, plain or wildcard, and one CA. Names are owned by view and policy. */
typedef struct {
	const knot_dname_t *host;     /*!< Name without the "*.". */
	bool wildcard;                /*!< The verdict is for "*.host". */
	const char *ca;               /*!< Wanted CA. */
	const knot_dname_t *asked;    /*!< Name whose look-up gave the RRset, or that could not be
	                                answered: the host, an ancestor, or NULL. */
	const knot_dname_t *cut;      /*!< CAAUDIT_REASON_DELEGATED: the zone cut; else NULL. */
	caaudit_decision_t is;        /*!< The decision. */
	caaudit_decision_t otherwise; /*!< If \a is.permit is CAAUDIT_UNKNOWN since the answer is in
	                                   another zone: the decision if there is no CAA. Else
	                                   CAAUDIT_UNKNOWN. */
} caaudit_verdict_t;

/*! What became of an expected validation record. */
typedef enum {
	CAAUDIT_VALIDATION_PRESENT,           /*!< It is served. */
	CAAUDIT_VALIDATION_PRESENT_ABOVE,     /*!< It is served at a name above the host. */
	CAAUDIT_VALIDATION_PRESENT_AT_TARGET, /*!< It is served at the target of the host's alias; not
	                                           every CA looks there. */
	CAAUDIT_VALIDATION_MISMATCH,          /*!< Another record is served. */
	CAAUDIT_VALIDATION_MISSING,           /*!< Nothing is served. */
	CAAUDIT_VALIDATION_NOT_CHECKED,       /*!< Another zone answers. */
} caaudit_validation_state_t;

/*! State of one expected validation record. */
typedef struct {
	const caaudit_expected_t *expected; /*!< Owned by the policy. */
	caaudit_validation_state_t state;
	const caaudit_record_t
		*found; /*!< The expected record if it is there, else the first of those that
		             are, of the view; NULL if there is none. */
} caaudit_validation_t;

/*! What the trust anchors make of the zone's keys (RFC 4035 section 5.2). */
typedef enum {
	CAAUDIT_CHAIN_UNKNOWN,  /*!< The policy has no anchor: the parent was not asked. */
	CAAUDIT_CHAIN_WHOLE,    /*!< An anchor leads to a key that signs the DNSKEY RRset. */
	CAAUDIT_CHAIN_BROKEN,   /*!< None does. */
	CAAUDIT_CHAIN_INSECURE, /*!< Every anchor is of an algorithm or digest that is not known. */
} caaudit_trust_t;

/*! State of the signatures and denials that a CA meets. */
typedef struct {
	bool is_signed; /*!< The zone has a DNSKEY RRset. If not, all else is zero, but \a trust is
	                       CAAUDIT_CHAIN_BROKEN where the policy has an anchor. */
	size_t checked; /*!< RRsets whose signatures were verified. */
	size_t valid;   /*!< Those with one that is valid. */
	uint64_t expires; /*!< When the first of the valid ones expires, seconds since the epoch. */
	caaudit_trust_t trust; /*!< CAAUDIT_CHAIN_UNKNOWN is no gap: it is so for every signed zone
	                            without an anchor. */
} caaudit_dnssec_t;

/*! Something that could not be looked at. Printable ASCII on one line. */
typedef struct {
	const char *what;
	const char *why;
	bool told; /*!< A finding says so as well. */
} caaudit_gap_t;

/*! What an audit has to say. Freed as a whole, by caaudit_report_free(). */
typedef struct {
	const caaudit_view_t *view; /*!< The zone that was judged. */
	const caaudit_verdict_t
		*verdict; /*!< One a host, kind and CA, in the order of the policy. */
	size_t verdict_count;
	const caaudit_validation_t *validation; /*!< In the order of the policy. */
	size_t validation_count;
	const caaudit_finding_t *finding; /*!< The gravest first, then by owner and id. */
	size_t finding_count;
	const caaudit_gap_t *gap;
	size_t gap_count;
	caaudit_dnssec_t dnssec;
	const struct caaudit_audit *audit; /*!< For caaudit_cure(). */
} caaudit_report_t;

/*!
 * \brief Reads a zone into a view: calls caaudit_view_add() for each record.
 *
 * It may call caaudit_view_finish() as well, to complain of what that returns.
 * For a zone with many signatures it is called once more, and must then read the
 * same zone; a change of the SOA record is noticed.
 *
 * \param[in] context  What the caller of caaudit_audit() has given.
 * \param[in] view     View to fill.
 *
 * \return KNOT_EOK if the zone was read to its end, else any other value.
 */
typedef int (*caaudit_read_f)(void *context, caaudit_view_t *view);

/*!
 * \brief Audits a zone.
 *
 * The first reading shows which names a CA will ask for. Their signatures and
 * denials come from what the first reading kept, up to 16 MiB, else from a
 * second reading. If that fails, or shows another SOA record or none, both are
 * repeated once; after that the signatures are a gap in the report.
 *
 * \param[in]  policy   Finished policy.
 * \param[in]  read     Reads the zone.
 * \param[in]  context  For \a read.
 * \param[in]  now      Seconds since the epoch: which signatures, and which rules of the CAs, hold.
 * \param[out] out      Report, to be freed by caaudit_report_free(), before the policy; NULL
 *                      unless KNOT_EOK is returned.
 *
 * \retval KNOT_EOK     if the audit is complete, whatever it found.
 * \retval KNOT_ENOMEM  if out of memory.
 * \return Otherwise what \a read returned when it failed in the first reading, or what
 *         caaudit_view_finish() did.
 */
int caaudit_audit(const caaudit_policy_t *policy, caaudit_read_f read, void *context, uint64_t now,
                  caaudit_report_t **out);

/*!
 * \brief Frees a report and its view.
 *
 * \param[in] report  Report or NULL.
 */
void caaudit_report_free(caaudit_report_t *report);

/*!
 * \brief Gets the name of a validation state.
 *
 * \param[in] state  State.
 *
 * \return "present", "present-above", "present-at-target", "mismatch", "missing" or "not-checked".
 */
const char *caaudit_validation_state_name(caaudit_validation_state_t state);

/*!
 * \brief Judges one name for one CA (RFC 8659 sections 3 and 4).
 *
 * Climbs from the host to the apex, follows aliases inside the zone at each
 * step, and evaluates the first RRset. What other zones say is seen as far as
 * caaudit_view_add_elsewhere() has told of it. Where a step leads out of the
 * zone to what is not known, the climb goes on from the name that was asked
 * for, and shows what is decided if nothing stands there.
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
 * \param[out] out       Decision; the RRset decides, if it is not empty.
 */
void caaudit_evaluate(caaudit_rrset_t rrset, const caaudit_policy_t *policy, bool wildcard,
                      const caaudit_ca_t *ca, caaudit_decision_t *out);
