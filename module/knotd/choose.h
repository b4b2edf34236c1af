/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief From which sources an audit reads a zone, and in which order: a pure function.
 */

#pragma once

#include "conf.h"
#include "options.h"

/*! Sources in the order in which they are to be tried. */
typedef struct {
	source_t step[3];
	unsigned count;   /*!< Steps; 0 if there is no way to read the zone. */
	int timeout;      /*!< Milliseconds for each operation on a socket. */
	source_t blocked; /*!< Without a way: source that \a why is about, */
	const char *why;  /*!< reason and remedy, static. */
} choice_t;

/*!
 * \brief Chooses the sources for a zone.
 *
 * \param[in]  access   What the configuration permits.
 * \param[in]  options  Options of the instance.
 * \param[out] out      Choice.
 *
 * \retval KNOT_EOK     on success, even if there is no way.
 * \retval KNOT_ENOMEM  if out of memory when \a access was read.
 */
int choose(const conf_access_t *access, const options_t *options, choice_t *out);
