/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Random small zones and questions that are likely to meet the rules.
 */

#pragma once

#include <stddef.h>
#include <stdint.h>

#define GENERATE_RECORDS_MAX 24
#define GENERATE_HOSTS       4
#define GENERATE_CAS         2
#define GENERATE_RDATA_MAX   600

typedef struct {
	uint8_t owner[255]; /*!< Wire name in any case. */
	uint16_t type;
	uint16_t rdlen;
	uint8_t rdata[GENERATE_RDATA_MAX];
} generate_record_t;

typedef struct {
	uint8_t apex[255];
	generate_record_t record[GENERATE_RECORDS_MAX];
	size_t count;
	uint8_t host[GENERATE_HOSTS][255]; /*!< Lower case. */
	const char *ca[GENERATE_CAS];
	const char *account; /*!< Or NULL. */
	const char *method;  /*!< Or NULL. */
} generate_zone_t;

/*! Makes the zone that belongs to a seed. */
void generate(generate_zone_t *zone, uint64_t seed);
