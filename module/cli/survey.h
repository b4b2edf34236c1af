/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief A survey of zones: who may issue in each, for whom a validation is there, what is locked.
 *
 * It says what the zones show by themselves, whatever CAs are wanted.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "report.h"
#include "terminal.h"

/*! A name, and how often it is there. */
typedef struct {
	char *name;
	size_t count;
	size_t zones; /*!< In so many zones. */
} survey_item_t;

/*! Names in the order in which they were met. */
typedef struct {
	survey_item_t *item;
	size_t count;
} survey_list_t;

/*! Who may issue by the CAA records at the apex. */
typedef enum {
	SURVEY_ANYONE, /*!< Nothing restricts. */
	SURVEY_SOME,   /*!< Some CAs. */
	SURVEY_LOCKED, /*!< Nobody, and nothing shows that a certificate is wanted. */
	SURVEY_CLOSED, /*!< Nobody, though names have addresses. */
	SURVEY_BROKEN, /*!< Nobody, since a record is unreadable or malformed, or cannot be met. */
	SURVEY_UNREAD, /*!< Not known: a part of the zone was not read. */
	SURVEY_STATE__COUNT
} survey_state_t;

/*! What one zone shows. */
typedef struct {
	survey_state_t state;
	survey_list_t issuer;     /*!< Issuer domain names at the apex that may issue. */
	survey_list_t wildcard;   /*!< The same for wildcards, if that is another list. */
	survey_list_t below;      /*!< Issuer domain names at other names. */
	survey_list_t validation; /*!< Validation records, by what they are for. */
	bool wildcard_differs;    /*!< issuewild decides at the apex. */
	size_t sets;              /*!< CAA RRsets below the apex. */
	size_t severity[CAAUDIT_SEVERITY__COUNT]; /*!< Findings. */
} survey_zone_t;

/*!
 * \brief Takes from a report what a survey says of the zone.
 *
 * \param[in]  report  Report with its audit.
 * \param[in]  wanted  Somebody has said which CAs are wanted; else findings about them do not count.
 * \param[out] out     To be freed by survey_clear() in any case.
 *
 * \return false if out of memory.
 */
bool survey_zone(const report_t *report, bool wanted, survey_zone_t *out);

/*! Frees what a zone's line holds. */
void survey_clear(survey_zone_t *zone);

/*! A zone in the table. */
typedef struct {
	const knot_dname_t *name;
	const survey_zone_t *zone; /*!< NULL if it could not be read. */
} survey_row_t;

/*!
 * \brief Prints the table and the total.
 *
 * \param[in] row    Zones.
 * \param[in] count  Number of \a row.
 * \param[in] style  Style.
 * \param[in] out    Stream.
 *
 * \return false if out of memory.
 */
bool survey_print(const survey_row_t *row, size_t count, const style_t *style, FILE *out);
