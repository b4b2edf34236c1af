/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Reads a master file (RFC 1035 section 5) for whoever takes its records.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/dname.h>

#include "source.h"

/*! Octets read at once: few enough for the cache, and many beside the scanner that is saved for each. */
#define CAAUDIT_SOURCE_BLOCK (1024 * 1024)

/*!
 * \brief Takes the records of a master file. Embed it in a larger structure to carry a context.
 */
typedef struct caaudit_source_sink caaudit_source_sink_t;
struct caaudit_source_sink {
	/*!
	 * \brief Takes a record of class IN.
	 *
	 * \param[in]  self   This sink.
	 * \param[in]  owner  Owner, any case; gone after the call, as \a rdata.
	 * \param[in]  type   RR type.
	 * \param[in]  ttl    TTL.
	 * \param[in]  rdata  RDATA.
	 * \param[in]  rdlen  Octets of \a rdata.
	 * \param[out] why    Set to a static text if the record is wrong here: the reader is told,
	 *                    with file and line.
	 *
	 * \retval KNOT_EOK  to go on.
	 * \retval KNOT_E*   to end the reading with this value.
	 */
	int (*record)(caaudit_source_sink_t *self, const knot_dname_t *owner, uint16_t type,
	              uint32_t ttl, const uint8_t *rdata, uint16_t rdlen, const char **why);
	uint64_t line; /*!< Line of the record in its file, for record(). */
	bool alone; /*!< Only one regular file: no $INCLUDE, no pipe that nobody may ever fill. */
};

/*!
 * \brief Reads a master file, as caaudit_read_zonefile() does.
 *
 * \param[in] reader  Reader.
 * \param[in] path    Path, "-" is the standard input.
 * \param[in] origin  Name that relative names are relative to.
 * \param[in] block   Octets read at once, at least 1.
 * \param[in] sink    Sink.
 *
 * \retval KNOT_EOK         on success.
 * \retval KNOT_EPARSEFAIL  if a line is wrong; the sink got all the others.
 * \retval KNOT_EBUSY       if the file changed or was replaced while it was read.
 * \retval KNOT_EFILE       if it is no file that can be read.
 * \retval KNOT_ELIMIT      if the reader gave up.
 * \retval KNOT_ENOMEM      if out of memory.
 * \retval KNOT_E*          other errors, of the file or of the sink.
 */
int caaudit_source_scan(caaudit_reader_t *reader, const char *path, const knot_dname_t *origin,
                        size_t block, caaudit_source_sink_t *sink);
