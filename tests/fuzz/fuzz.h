/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What the fuzz targets have in common.
 */

#pragma once

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/*! Called by libFuzzer, or by the driver in replay.c, with one input. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/*! A rule that holds for every input. */
#define REQUIRE(rule)                                                                              \
	do {                                                                                       \
		if (!(rule)) {                                                                     \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #rule);         \
			abort();                                                                   \
		}                                                                                  \
	} while (0)
