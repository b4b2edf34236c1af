/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief A second opinion on CAA: slow, plain, written from the RFC texts.
 *
 * It shares nothing with the engine. A zone is a list of records, every
 * question a walk over all of it.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ORACLE_NAME_MAX  255
#define ORACLE_RDATA_MAX 1024

enum {
	ORACLE_TYPE_NS = 2,
	ORACLE_TYPE_CNAME = 5,
	ORACLE_TYPE_DNAME = 39,
	ORACLE_TYPE_CAA = 257,
};

/*! Wire name in lower case; length 0 = no name. */
typedef struct {
	size_t len;
	uint8_t wire[ORACLE_NAME_MAX];
} oracle_name_t;

typedef struct {
	oracle_name_t owner;
	oracle_name_t target; /*!< Of a CNAME or DNAME. */
	uint16_t type;
	uint16_t rdlen;
	bool well_formed; /*!< CAA whose value fits the grammar of issue. */
	uint8_t rdata[ORACLE_RDATA_MAX];
} oracle_record_t;

typedef struct {
	oracle_name_t apex;
	oracle_record_t *record;
	size_t count;
	size_t room;
} oracle_zone_t;

typedef struct {
	oracle_name_t host;        /*!< Without "*.". */
	bool wildcard;             /*!< The question is for "*.host". */
	const char *const *issuer; /*!< Names that the CA answers to, ended by NULL. */
	const char *account;       /*!< Account URI or NULL. */
	const char *method;        /*!< Validation method or NULL. */
} oracle_question_t;

typedef enum {
	ORACLE_NO,
	ORACLE_YES,
	ORACLE_UNKNOWN,
} oracle_verdict_t;

/*! What an answer went through, to see whether the questions reach every rule. */
typedef enum {
	ORACLE_MET_NO_CAA,
	ORACLE_MET_UNRESTRICTED,
	ORACLE_MET_LISTED,
	ORACLE_MET_NOT_LISTED,
	ORACLE_MET_ISSUEWILD,
	ORACLE_MET_CRITICAL,
	ORACLE_MET_BAD_RDATA,
	ORACLE_MET_BAD_VALUE,
	ORACLE_MET_BAD_ACCOUNT,
	ORACLE_MET_BAD_METHOD,
	ORACLE_MET_STAGING,
	ORACLE_MET_FOREIGN,
	ORACLE_MET_RUNS_ON,
	ORACLE_MET_OTHER_LABEL,
	ORACLE_MET_UNKNOWN_LABEL,
	ORACLE_MET_PARAMETER_FITS,
	ORACLE_MET_CLIMB,
	ORACLE_MET_CNAME,
	ORACLE_MET_DNAME,
	ORACLE_MET_WILDCARD,
	ORACLE_MET_WILDCARD_ALIAS,
	ORACLE_MET_WILDCARD_NODATA,
	ORACLE_MET_OUTSIDE,
	ORACLE_MET_CUT,
	ORACLE_MET_TOO_LONG,
	ORACLE_MET_ENDLESS,
	ORACLE_MET_OTHERWISE,
	ORACLE_MET__COUNT
} oracle_met_t;

extern const char *const oracle_met_name[ORACLE_MET__COUNT];

typedef struct {
	oracle_verdict_t permitted;
	oracle_name_t decided_by; /*!< Owner of the relevant RRset, or no name. */
	oracle_verdict_t
		otherwise; /*!< Where another zone answers: the verdict if nothing is there. */
	oracle_name_t otherwise_by; /*!< Owner of the RRset that decides then, or no name. */
	unsigned aliases;           /*!< Longest chain of aliases that was followed. */
	bool met[ORACLE_MET__COUNT];
} oracle_answer_t;

/*! Takes a wire name in any case; false if it is none. */
bool oracle_name(oracle_name_t *out, const uint8_t *wire, size_t room);

/*! Adds a record; false if memory or the fixed room in a record runs out. */
bool oracle_add(oracle_zone_t *zone, const oracle_name_t *owner, uint16_t type,
                const uint8_t *rdata, size_t rdlen);

/*! Forgets all records. */
void oracle_clear(oracle_zone_t *zone);

/*! Frees what the zone holds. */
void oracle_free(oracle_zone_t *zone);

/*! Names that a wanted CA answers to; \a self is filled for a CA nobody knows. */
const char *const *oracle_issuers(const char *ca, const char *self[2]);

/*! Makes a deliberate mistake of the list in oracle.c, 0 = none; false if there is no such. */
bool oracle_plant(uint64_t bug);

/*! Answers a question. */
void oracle_ask(const oracle_zone_t *zone, const oracle_question_t *question, oracle_answer_t *out);
