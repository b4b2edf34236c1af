/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief For zone files only: does the server serve what the file says?
 *
 * A zone file says what was written, not what is served. Knot DNS before 3.2.7 (Debian 12) has no
 * control socket that is safe to read, so there audits read zone files wherever no transfer is
 * permitted. Later versions read them with 'source: zonefile', or if nothing else can be read.
 * A file is believed as far as the server answers the same; where it does not tell, nothing is
 * known.
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#include "caaudit/audit.h"
#include "conf.h"
#include "lookups.h"
#include "report.h"

/*!
 * \brief Compares the serial of a zone file with the one that is served.
 *
 * \param[in]  access  How the server is asked.
 * \param[in]  zone    Zone name.
 * \param[in]  serial  Serial of the zone file.
 * \param[out] why     Reason and remedy on an error.
 * \param[in]  size    Octets of \a why.
 *
 * \retval KNOT_EOK        if they are the same.
 * \retval KNOT_ENOZONE    if the zone is not served.
 * \retval KNOT_ESEMCHECK  if they differ.
 * \retval KNOT_ENOENT     if the server does not tell.
 * \retval KNOT_ENOMEM     if out of memory.
 */
int served_check(const conf_access_t *access, const knot_dname_t *zone, uint32_t serial, char *why,
                 size_t size);

/*!
 * \brief Compares what an audit relies on: the signature of the zone, expected validations, CAA from
 *        each host to the set that decides.
 *
 * \param[in]  access  How the server is asked.
 * \param[in]  zone    Zone name.
 * \param[in]  audit   Audit of the zone file.
 * \param[out] why     Reason and remedy on an error.
 * \param[in]  size    Octets of \a why.
 *
 * \return As served_check().
 */
int served_compare(const conf_access_t *access, const knot_dname_t *zone,
                   const caaudit_report_t *audit, char *why, size_t size);

/*!
 * \brief Compares what is at the names whose findings are resolved, or new, and whose look-ups are
 *        answered.
 *
 * \param[in]  access    How the server is asked.
 * \param[in]  audit     Audit of the zone file.
 * \param[in]  report    Its report, ended.
 * \param[in]  answered  Look-ups that found nothing.
 * \param[out] why       Reason and remedy on an error.
 * \param[in]  size      Octets of \a why.
 *
 * \return As served_check().
 */
int served_compare_changes(const conf_access_t *access, const caaudit_report_t *audit,
                           const report_t *report, const lookups_answered_t *answered, char *why,
                           size_t size);
