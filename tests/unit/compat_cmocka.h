/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief cmocka 1.1 and 2.0 alike. To be included after cmocka.h.
 */

#pragma once

/* cmocka 2.0 says whether the numbers have a sign, and complains of the old name. */
#ifdef assert_uint_in_range
#undef assert_in_range
#define assert_in_range(value, min, max) assert_uint_in_range(value, min, max)
#endif
