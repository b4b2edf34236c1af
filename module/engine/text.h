/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Text that grows, and the printable form of what a zone holds. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/dname.h>

#include "caaudit/caa.h"
#include "caaudit/view.h"

/*! A string under construction. Starts zeroed; once out of memory it stays so. */
typedef struct {
	char *str; /*!< Terminated, NULL while empty; to be freed by text_free(). */
	size_t len;
	size_t size;
	bool failed; /*!< Out of memory. */
} text_t;

#define TEXT_EMPTY ((text_t){ .str = NULL })

void text_free(text_t *text);

/*! Empties the text and keeps its memory. */
void text_reset(text_t *text);

void text_add(text_t *text, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*! Ends a string; what follows is another one in the same memory. */
void text_end(text_t *text);

/*! Appends the day of a time, seconds since the epoch: "2027-03-15", in UTC. */
void text_day(text_t *text, uint64_t time);

/*! Appends a time: "2027-03-15 12:00 UTC". */
void text_time(text_t *text, uint64_t time);

/*! Appends a name in presentation form, the root as ".". */
void text_name(text_t *text, const knot_dname_t *name);

/*! Writes a name in presentation form into \a out, and returns that; "" if it cannot. */
const char *text_of_name(knot_dname_txt_storage_t out, const knot_dname_t *name);

/*! A name in presentation form, for "%s"; its memory is that of the enclosing block. */
#define NAME(name) text_of_name((knot_dname_txt_storage_t){ "" }, name)

/*! Appends octets; all but printable ASCII, the quote and the backslash as \DDD or \c. */
void text_octets(text_t *text, const uint8_t *octets, size_t len);

/*! Appends at most \a max octets like text_octets(), and "..." if there are more. */
void text_octets_max(text_t *text, const uint8_t *octets, size_t len, size_t max);

/*! Appends the value of issue or issuewild for an issuer, with the parameters of another value. */
void text_issue(text_t *text, const uint8_t *issuer, size_t issuer_len,
                const caaudit_issue_t *like);

/*! Appends "OWNER TTL CAA FLAGS TAG "VALUE"", or the RFC 3597 form if there is no other. */
void text_caa(text_t *text, const caaudit_record_t *record);

/*! Appends a CAA, CNAME or TXT record. */
void text_record(text_t *text, const caaudit_record_t *record);

/*! Appends TXT RDATA: "..." "...". */
void text_strings(text_t *text, const uint8_t *rdata, uint16_t rdlen);

/*! Compares strings; NULL is the empty one. */
int text_compare(const char *a, const char *b);
