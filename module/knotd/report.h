/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief From findings to log lines: what is new, what is gone, what it says.
 *
 * Nothing is logged here. A report is filled while an audit runs, without a
 * lock, and delivered afterwards.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caaudit/audit.h"
#include "caaudit/finding.h"

/*! Findings of one zone that are remembered to tell new ones from old ones. */
#define HELD_MAX 16384

/*! One remembered finding. */
typedef struct {
	uint64_t key;   /*!< Hash of id, owner, CA and record. */
	uint32_t text;  /*!< Hash of the text. */
	uint32_t owner; /*!< Offset of the owner in held_t.names. */
	uint32_t ca;    /*!< Offset of the CA in the same, 0 if there is none. */
	uint16_t id;
} held_item_t;

/*! Result of one audit, as it is kept; never changed once it is made. */
typedef struct {
	unsigned refs;
	uint32_t by_id[CAAUDIT_FINDING__COUNT];
	uint32_t by_severity[CAAUDIT_SEVERITY__COUNT];
	uint32_t count; /*!< Items, sorted by key. */
	held_item_t *item;
	uint8_t *names; /*!< Owners in wire form, CAs as strings. */
	uint32_t lines; /*!< Findings in \a text. */
	char *text;     /*!< The first findings as they are logged: severity as an octet, string. */
} held_t;

/*! One log line without what the server puts before it. */
typedef struct {
	int priority;
	char *text;
} line_t;

/*! A report; the sink comes first. */
typedef struct {
	caaudit_sink_t sink;
	const held_t *before; /*!< Result of the last audit, or NULL. */
	bool all;             /*!< Log old findings as well. */
	size_t room;          /*!< Octets for a line, its end included. */
	uint32_t limit;       /*!< Findings to log. */
	held_t *now;          /*!< This result; NULL while there is no finding. */
	size_t item_size;
	size_t names_len;
	size_t names_size;
	size_t text_len;
	size_t text_size;
	uint32_t not_checked; /*!< Things that could not be looked at. */
	uint32_t fresh;       /*!< Findings that are new. */
	uint32_t gone;        /*!< Findings that are resolved. */
	uint32_t logged;
	line_t *line;
	size_t line_count;
	size_t line_size;
	bool failed; /*!< Out of memory. */
} report_t;

/*!
 * \brief Begins a report.
 *
 * \param[out] report    Report, to be cleared.
 * \param[in]  before    Result of the last audit, or NULL.
 * \param[in]  all       Log old findings as well.
 * \param[in]  limit     Findings to log.
 * \param[in]  zone      Zone name, for the length of the lines.
 * \param[in]  id_len    Length of the module id, for the same.
 */
void report_begin(report_t *report, const held_t *before, bool all, uint32_t limit,
                  const knot_dname_t *zone, size_t id_len);

/*!
 * \brief Ends the findings: adds what is resolved and the summary.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory, now or before.
 */
int report_end(report_t *report);

/*!
 * \brief Logs the findings of an older report once more, after report_begin().
 *
 * \param[in] report  Report.
 * \param[in] held    Result that still holds, NULL if there was no finding.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int report_repeat(report_t *report, const held_t *held);

/*!
 * \brief Adds a line.
 */
void report_line(report_t *report, int priority, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/*!
 * \brief Frees what a report holds, but for a result that was taken.
 */
void report_clear(report_t *report);

/*!
 * \brief Frees log lines.
 */
void lines_free(line_t *line, size_t count);

/*!
 * \brief Frees a result.
 */
void held_free(held_t *held);

/*!
 * \brief Copies a string; in the middle of one that is too long stands "...".
 *
 * Octets that are not printable ASCII become "?".
 *
 * \param[out] out   Result.
 * \param[in]  size  Octets of \a out, at least 8.
 * \param[in]  str   String.
 */
void report_shorten(char *out, size_t size, const char *str);
