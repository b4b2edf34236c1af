/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What the file system says about a file, without opening it.
 *
 * Both functions may block on a slow file system: no lock of the schedule may be held.
 */

#pragma once

#include <stdint.h>

/*!
 * \brief Gets a signature that changes with a file: with its times, size, inode, permissions.
 *
 * \param[in] path  File.
 *
 * \return Signature, never 0; the same for all files that are not there.
 */
uint64_t file_signature(const char *path);

/*!
 * \brief Gets the size of a regular file.
 *
 * \param[in] path  File.
 *
 * \return Octets; 0 if there is no such file, -1 if it is no regular one.
 */
int64_t file_size(const char *path);
