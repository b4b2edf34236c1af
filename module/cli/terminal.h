/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Prints text in the width and colours of a terminal, and a progress line. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*! How text may look. */
typedef struct {
	unsigned width; /*!< Columns, 0 = lines are not wrapped. */
	bool colour;
} style_t;

/*! Colours by meaning. */
typedef enum {
	LOOK_PLAIN,
	LOOK_HEADING,
	LOOK_GOOD,
	LOOK_BAD,
	LOOK_CARE,
	LOOK_HINT,
} look_t;

/*! Finds the style that suits a stream: plain unless it is a terminal. */
style_t terminal_style(FILE *stream);

/*! Prints a word in a colour, if the style has colours. */
void put_look(FILE *out, const style_t *style, look_t look, const char *text);

/*!
 * \brief Prints text and ends the line; breaks it between words if it is too long.
 *
 * \param[in] out     Stream.
 * \param[in] style   Style.
 * \param[in] column  Columns already used on the line.
 * \param[in] indent  Columns to leave free on each further line.
 * \param[in] text    Text; several blanks in a row are kept if the line fits.
 */
void put_wrapped(FILE *out, const style_t *style, unsigned column, unsigned indent,
                 const char *text);

/*! Prints text as put_wrapped() does, in a colour. */
void put_wrapped_look(FILE *out, const style_t *style, look_t look, unsigned column,
                      unsigned indent, const char *text);

/*!
 * \brief Switches the progress line on if standard error is a terminal.
 *
 * The line appears when the work has taken a second. The other functions can be
 * called from any thread.
 *
 * \param[in] zones  Zones that will be checked.
 */
void progress_start(size_t zones);

/*! Shows how much of a zone or file is read, octets or records; \a all is 0 if not known. */
void progress_show(const char *zone, uint64_t done, uint64_t all);

/*! Counts a zone as done. */
void progress_zone_done(void);

/*! Removes the progress line, so that something else can be printed. */
void progress_clear(void);
