/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What an audit can find: the catalogue and one finding.
 *
 * The catalogue is findings.def. An id keeps its meaning for ever; lines are
 * appended, never removed or reordered.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/dname.h>

/*! Severities, the gravest first. */
typedef enum {
	CAAUDIT_ERROR,   /*!< Issuance or validation for a wanted CA and host fails. */
	CAAUDIT_WARNING, /*!< Broken, or about to break. */
	CAAUDIT_NOTICE,  /*!< Advice. */
	CAAUDIT_SEVERITY__COUNT
} caaudit_severity_t;

/*! Finding ids, one a line of findings.def. */
typedef enum {
#define CAAUDIT_FINDING(sym, id, severity, citation, summary, why, cure) CAAUDIT_##sym,
#include "caaudit/findings.def"
#undef CAAUDIT_FINDING
	CAAUDIT_FINDING__COUNT
} caaudit_id_t;

/*! One line of the catalogue; every string is static. */
typedef struct {
	const char *id; /*!< Name, "<area>-<subject>-<defect>", at most 63 characters. */
	caaudit_severity_t severity; /*!< Severity unless the check says otherwise. */
	const char *citation;        /*!< Where the rule comes from. */
	const char *summary;         /*!< What, in one line. */
	const char *why;             /*!< Why it matters. */
	const char *cure;            /*!< What to do. */
} caaudit_finding_info_t;

/*! What a finding asks for. */
typedef enum {
	CAAUDIT_FIX_NONE,    /*!< No change of a single record cures it. */
	CAAUDIT_FIX_ADD,     /*!< Add \a remedy. */
	CAAUDIT_FIX_REPLACE, /*!< Replace \a record and \a also with \a remedy. */
	CAAUDIT_FIX_REMOVE,  /*!< Remove \a record and \a also. */
} caaudit_fix_t;

/*!
 * \brief One finding of a report, which owns it.
 *
 * Texts are printable ASCII on one line; octets of the zone in them are escaped.
 */
typedef struct {
	caaudit_id_t id;
	caaudit_severity_t severity;
	const knot_dname_t *owner; /*!< Name that decides, or that is wrong; lower case. */
	const char *ca;            /*!< Wanted CA that is concerned, or NULL. */
	bool wild; /*!< What lacks for the CA is an issuewild property, else an issue property. */
	const char *what; /*!< What is wrong. */
	const char
		*advice; /*!< What to do or to decide, beside \a fix; NULL if there is nothing. */
	const char *record; /*!< Record that is wrong, in zone file form, or NULL. */
	const char
		*also; /*!< Records that must go with \a record: terminated strings, one after the
	                       other. */
	size_t also_count;  /*!< Their number. */
	const char *remedy; /*!< Record to publish, in zone file form, or NULL. */
	caaudit_fix_t fix;  /*!< How to read \a record and \a remedy. */
	bool untried;       /*!< \a fix is CAAUDIT_FIX_NONE since too many cures are to be tried. */
	bool optional;      /*!< Whether the change is wanted is for the operator to say:
	                         caaudit_cure() leaves it out. */
	const char *file;   /*!< File with the record that is wrong or decides, or NULL. */
	uint64_t line;      /*!< Its line there, 0 if there is none. */
} caaudit_finding_t;

/*!
 * \brief Writes a finding as a sentence: what is wrong, the cure, and the advice.
 *
 * \param[in]  finding  Finding.
 * \param[in]  verb     Word before the remedy, such as "publish"; NULL for that of \a fix.
 * \param[out] out      Text of at most \a size octets with its end, cut where that is too short.
 * \param[in]  size     Octets of \a out; 0 to learn the length.
 *
 * \return Characters of the whole sentence.
 */
size_t caaudit_finding_sentence(const caaudit_finding_t *finding, const char *verb, char *out,
                                size_t size);

/*!
 * \brief Gets the catalogue line of a finding.
 *
 * \param[in] id  Finding id, below CAAUDIT_FINDING__COUNT.
 *
 * \return Static catalogue line, never NULL.
 */
const caaudit_finding_info_t *caaudit_finding_info(caaudit_id_t id);

/*!
 * \brief Finds a finding by its name.
 *
 * \param[in] name  Name, as in "caa-issue-denied".
 *
 * \return Finding id, or CAAUDIT_FINDING__COUNT if there is no such name.
 */
caaudit_id_t caaudit_finding_by_name(const char *name);

/*!
 * \brief Gets the name of a severity.
 *
 * \param[in] severity  Severity, below CAAUDIT_SEVERITY__COUNT.
 *
 * \return "error", "warning" or "notice".
 */
const char *caaudit_severity_name(caaudit_severity_t severity);
