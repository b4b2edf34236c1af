/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief What the module of the tests calls before and after an audit, if it is preloaded. */

#pragma once

#include <stdint.h>

/*! Zone is a name in wire form. */
__attribute__((weak, visibility("default"))) void auditor_begin(const uint8_t *zone);
__attribute__((weak, visibility("default"))) void auditor_end(const uint8_t *zone);
