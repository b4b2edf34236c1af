/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief What the properties of a CAA RRset say together. */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "caaudit/audit.h"
#include "caaudit/caa.h"
#include "caaudit/policy.h"
#include "caaudit/view.h"
#include "text.h"

/*! Records of an RRset that are compared with each other; no answer of use has more. */
#define CAASET_PAIRS_MAX 256

/*! The tag that decides: issuewild, where there is one and it is a wildcard (RFC 8659 section 4.3). */
static inline caaudit_tag_t caaset_deciding_tag(const caaudit_decision_t *decision)
{
	return decision->by_issuewild ? CAAUDIT_TAG_ISSUEWILD : CAAUDIT_TAG_ISSUE;
}

/*! "issue" or "issuewild". */
static inline const char *caaset_tag_name(caaudit_tag_t tag)
{
	return tag == CAAUDIT_TAG_ISSUE ? "issue" : "issuewild";
}

/*! The properties of one tag. */
typedef struct {
	bool any;      /*!< There is one, so others are shut out. */
	bool nobody;   /*!< A denial on purpose, see caaset_denies(). */
	bool somebody; /*!< Another well-formed value. */
	bool malformed; /*!< A value outside the grammar: as if the issuer were empty, but not on purpose. */
} caaset_tag_t;

/*! Gets a property and its tag; false if a record cannot be decoded. */
bool caaset_property(const caaudit_record_t *record, caaudit_caa_t *caa, caaudit_tag_t *tag);

/*! Gets the value of a property of one tag; false if it has another tag, or a malformed value. */
bool caaset_issue(const caaudit_record_t *record, caaudit_tag_t tag, caaudit_issue_t *issue);

/*! The same for issue and issuewild alike. */
bool caaset_issue_either(const caaudit_record_t *record, caaudit_issue_t *issue);

/*! The same for a property of one tag that names a CA, whatever its parameters. */
bool caaset_issue_for(const caaudit_record_t *record, caaudit_tag_t tag, const caaudit_ca_t *ca,
                      caaudit_issue_t *issue);

/*! Is it a word by which nobody is meant? A CA of that name is permitted instead, or the value is
 *  malformed. */
bool caaset_means_nobody(const uint8_t *octets, size_t len);

/*! Does a property of one tag deny on purpose: by a value without an issuer, as ";", or by a word
 *  that means nobody? */
bool caaset_denies(const caaudit_record_t *record, caaudit_tag_t tag);

/*! Sums up the properties of one tag, CAAUDIT_TAG_ISSUE or CAAUDIT_TAG_ISSUEWILD. */
caaset_tag_t caaset_tag(caaudit_rrset_t rrset, caaudit_tag_t tag);

/*! Does a property of that tag name the CA, whatever its parameters? */
bool caaset_names(caaudit_rrset_t rrset, caaudit_tag_t tag, const caaudit_ca_t *ca);

/*! Do issue properties deny on purpose, and neither issue nor issuewild name anybody? (RFC 8659
 *  4.2) */
bool caaset_is_locked(caaudit_rrset_t rrset);

/*!
 * \brief Does ";", or a word that means nobody, deny the CA? Then the denial was meant.
 *
 * A malformed value beside it counts as nobody (RFC 8659 section 4.2), and changes nothing.
 */
bool caaset_is_refused(const caaudit_decision_t *decision);

/*! Is it only such a word that does? */
bool caaset_is_refused_by_word(const caaudit_decision_t *decision);

/*! Does ";", or such a word, deny where issuewild decides, and may no malformed value be meant for a CA? */
bool caaset_is_wildcard_refused(const caaudit_decision_t *decision);

/*! Follows the value of a tag the issue grammar? */
bool caaset_is_issue_like(caaudit_tag_t tag);

/*! Appends "only letsencrypt.org, digicert.com and 2 more", or "nobody". */
void caaset_add_issuers(text_t *text, caaudit_rrset_t rrset, caaudit_tag_t tag);
