/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief From the findings of an audit to log lines: what is new, what is resolved.
 *
 * Nothing is logged here. An audit fills a report without a lock; log.c logs its lines.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/dname.h>

#include "caaudit/finding.h"
#include "caaudit/policy.h"

/*! One log line without what the server puts before it. */
typedef struct {
	int priority; /*!< As for syslog(3). */
	char *text;
} line_t;

/*! Log lines in the order in which they are to be logged; all zero is an empty list. */
typedef struct {
	line_t *line;
	size_t count;
	size_t size;
	size_t room; /*!< Octets that a line may have, its end included. */
	bool failed; /*!< Out of memory: a line is missing. */
} lines_t;

/*!
 * \brief Begins a list.
 *
 * \param[out] lines   List, to be cleared by lines_clear().
 * \param[in]  zone    Zone name, and...
 * \param[in]  id_len  ...octets of the module id: the server puts both before each line.
 */
void lines_init(lines_t *lines, const knot_dname_t *zone, size_t id_len);

/*!
 * \brief Adds a line that is shortened to the room that there is.
 */
void lines_format(lines_t *lines, int priority, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*!
 * \brief Moves lines from the beginning of a list to the end of another one.
 *
 * \param[in] to    List that gets them.
 * \param[in] from  List that loses them.
 * \param[in] max   Lines that \a to may have afterwards; the rest is freed.
 *
 * \return False if out of memory; nothing has changed then.
 */
bool lines_move(lines_t *to, lines_t *from, size_t max);

/*!
 * \brief Frees the first lines of a list.
 *
 * \param[in] lines  List.
 * \param[in] count  Lines, at most those that there are.
 */
void lines_drop(lines_t *lines, size_t count);

/*!
 * \brief Frees all lines; the list can be used again.
 */
void lines_clear(lines_t *lines);

/*! Findings of one zone that are remembered to tell new ones from old ones. */
#define FINDINGS_MAX 16384

/*! One remembered finding. */
typedef struct {
	uint64_t key;   /*!< Hash of id, owner and CA: it is resolved when no finding has that. */
	uint32_t text;  /*!< Hash of record and text. */
	uint32_t owner; /*!< Offset of the owner in findings_t.names. */
	uint32_t ca;    /*!< Offset of the CA in the same, 0 if there is none. */
	uint16_t id;
} findings_item_t;

/*! Findings that are not seen any more, and not resolved, of which a report takes note. */
#define FORGOTTEN_MAX 64

/*! Findings of one audit, as they are remembered; never changed once they are complete. Those that
 *  may stand unseen are among the items, and are not counted. */
typedef struct {
	unsigned refs; /*!< References; for the owner of the structure. */
	uint32_t by_id[CAAUDIT_FINDING__COUNT];
	uint32_t by_severity[CAAUDIT_SEVERITY__COUNT];
	uint32_t count; /*!< Items, sorted by key. */
	findings_item_t *item;
	uint8_t *names; /*!< Owners in wire form, CAs as strings. */
} findings_t;

/*! A report. */
typedef struct {
	lines_t lines;                   /*!< What is to be logged. */
	const findings_t *before;        /*!< Findings of the last audit, or NULL. */
	const caaudit_policy_t *partial; /*!< Policy that does not know all that is expected, until
	                                      report_end(): where it expects nothing, dcv-* may
	                                      stand unseen. NULL if it knows all. */
	uint32_t limit;                  /*!< Findings to log. */
	uint64_t forgotten[FORGOTTEN_MAX]; /*!< Keys, from report_forget(). */
	unsigned forgotten_count;
	findings_t *now; /*!< These findings; NULL while there is none. */
	size_t item_size;
	size_t names_len;
	size_t names_size;
	uint32_t not_checked; /*!< Things that could not be looked at. */
	uint32_t fresh;       /*!< Findings that are new. */
	uint32_t gone;        /*!< Findings that are resolved. */
	uint32_t turned;      /*!< Those of both that other records have brought about. */
	bool failed;          /*!< Out of memory. */
} report_t;

/*!
 * \brief Begins a report.
 *
 * \param[out] report    Report, to be cleared.
 * \param[in]  before    Findings of the last audit, or NULL.
 * \param[in]  limit     Findings to log.
 * \param[in]  zone      Zone name, for the length of the lines.
 * \param[in]  id_len    Octets of the module id, for the same.
 */
void report_begin(report_t *report, const findings_t *before, uint32_t limit,
                  const knot_dname_t *zone, size_t id_len);

/*!
 * \brief Adds a finding.
 *
 * \param[in] report   Report.
 * \param[in] finding  Finding.
 * \param[in] verb     Words before its remedy, NULL for the usual ones.
 * \param[in] note     Words at the end, or NULL.
 */
void report_finding(report_t *report, const caaudit_finding_t *finding, const char *verb,
                    const char *note);

/*!
 * \brief Notes that a finding of the last audit is not resolved, although it is not seen any more.
 *
 * \param[in] report  Report.
 * \param[in] item    Finding of \a before.
 */
void report_forget(report_t *report, const findings_item_t *item);

/*!
 * \brief Walks over the findings that are resolved or forgotten, after report_end().
 *
 * \param[in]     report  Report.
 * \param[in,out] pos     Position, 0 at first.
 *
 * \return Finding of the last audit, whose owner is in \a before; NULL if there is none left.
 */
const findings_item_t *report_next_gone(const report_t *report, size_t *pos);

/*!
 * \brief Walks over the findings that are new or say something else, after report_end().
 *
 * \param[in]     report  Report.
 * \param[in,out] pos     Position, 0 at first.
 *
 * \return Finding of this audit, whose owner is in \a now; NULL if there is none left, or if there was
 *         no audit before.
 */
const findings_item_t *report_next_fresh(const report_t *report, size_t *pos);

/*!
 * \brief Ends the findings: adds what is resolved, and remembers what may stand unseen.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory, now or before.
 */
int report_end(report_t *report);

/*!
 * \brief Frees what a report holds, but for findings that were taken.
 */
void report_clear(report_t *report);

/*!
 * \brief Frees findings.
 *
 * \param[in] findings  Findings or NULL.
 */
void findings_free(findings_t *findings);
