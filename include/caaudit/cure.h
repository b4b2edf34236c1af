/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief One change that cures several findings.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "caaudit/audit.h"

/*! Change of a zone: first the ones go, then the others come. */
typedef struct {
	char **removed; /*!< Records in zone file form. */
	size_t removed_count;
	char **added;
	size_t added_count;
	const caaudit_finding_t **rest; /*!< Findings of the report that stand after the change and
	                                     have no cure, or one that is optional; they belong to
	                                     the report. */
	size_t rest_count;
	char *losers; /*!< CAs that the change shuts out: strings that follow one another,
	                         "OWNER: then CA may issue there no longer". */
	size_t losers_count;
	bool is_signed;      /*!< What changes needs new signatures (RFC 4035 section 2.2). */
	caaudit_id_t notice; /*!< Id of a notice that comes with the change, or
	                          CAAUDIT_FINDING__COUNT. */
	size_t untried;      /*!< Findings after the change whose cures were not tried. */
	size_t left;         /*!< Findings after the change that have a cure of their own. */
} caaudit_cure_t;

/*!
 * \brief Makes one change of the cures of a report, and proves it as a whole.
 *
 * Cures that meet are applied one after the other, with an audit in memory
 * between them. What does not pass as a whole is left for another change.
 *
 * \param[in]  report  Report.
 * \param[in]  least   Findings of this severity and of graver ones are cured.
 * \param[out] out     Change, to be freed by caaudit_cure_free(), before the report: \a rest
 *                     points to the report's findings.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int caaudit_cure(const caaudit_report_t *report, caaudit_severity_t least, caaudit_cure_t **out);

/*!
 * \brief Frees a change.
 *
 * \param[in] cure  Change or NULL.
 */
void caaudit_cure_free(caaudit_cure_t *cure);
