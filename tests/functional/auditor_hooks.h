/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief What the module of the tests calls before and after a load and an audit, if it is preloaded. */

#pragma once

#include <stdbool.h>
#include <stdint.h>

/*! Zone is a name in wire form. */
__attribute__((weak, visibility("default"))) void auditor_begin(const uint8_t *zone);
__attribute__((weak, visibility("default"))) void auditor_end(const uint8_t *zone);

/*! Before and after the part of a load that allocates. */
__attribute__((weak, visibility("default"))) void auditor_load_begin(const uint8_t *zone);
__attribute__((weak, visibility("default"))) void auditor_load_end(const uint8_t *zone);
/*! True if there is no memory for a hook. */
__attribute__((weak, visibility("default"))) bool auditor_hook_fails(const uint8_t *zone);
