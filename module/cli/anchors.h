/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Adds the trust anchors of the command line to the policies. */

#pragma once

#include <stdbool.h>

#include "batch.h"

/*!
 * \brief Adds --ds and --trust-anchor to the policies; says on standard error what is wrong.
 *
 * \param[in] batch  Batch with its policies.
 *
 * \return true if every anchor is one of a zone that is checked.
 */
bool anchors_add(batch_t *batch);
