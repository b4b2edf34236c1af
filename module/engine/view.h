/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What the view shows to the engine only.
 */

#pragma once

#include "caaudit/view.h"
#include "keep.h"

/*! Signatures and denials of a finished view; NULL if there is none, and none is wanted. */
const keep_t *view_keep(const caaudit_view_t *view);
