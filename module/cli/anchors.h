/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Adds the trust anchors of the command line to the policies. */

#pragma once

#include <stdbool.h>

#include "batch.h"

/*! Adds --ds and --trust-anchor to the policies; false, and said on standard error, if one is
 *  wrong. */
bool anchors_add(batch_t *batch);
