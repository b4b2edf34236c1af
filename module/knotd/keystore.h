/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Private keys in the server's directories of PEM files.
 *
 * A file is named after the id of its key, which is made from the public half.
 * Any thread may call.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libdnssec/key.h>
#include <libknot/libknot.h>

/*!
 * \brief Gets the private half of a key.
 *
 * \param[in] dir     Directories.
 * \param[in] count   Directories.
 * \param[in] dnskey  RDATA of the DNSKEY.
 * \param[in] zone    Name of the zone.
 *
 * \return Key, to be freed; NULL if it is not there or cannot be read.
 */
dnssec_key_t *keystore_get(char *const *dir, size_t count, const knot_rdata_t *dnskey,
                           const knot_dname_t *zone);

/*!
 * \brief Tells whether a key is the one that is looked for.
 */
typedef bool (*keystore_accept_f)(void *ctx, dnssec_key_t *key);

/*!
 * \brief Finds a key by its algorithm and tag, the latest files first.
 *
 * So a key is found that signs while its DNSKEY is not yet, or no longer, in the zone (RFC 6781
 * section 4.1.4). Each file has to be read: their number is limited, and so is the share of the
 * time that all zones may spend on it.
 *
 * \param[in]  dir     Directories.
 * \param[in]  count   Directories.
 * \param[in]  alg     Algorithm.
 * \param[in]  tag     Key tag, as a ZSK or with the SEP flag.
 * \param[in]  zone    Name of the zone.
 * \param[in]  accept  Asked about each key with the tag: zones may share a directory.
 * \param[in]  ctx     Context for \a accept.
 * \param[out] out     Key, to be freed.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOENT  if the key is not there or cannot be read.
 * \retval KNOT_EBUSY   if the share of the time is used up: the key was not looked for.
 */
int keystore_find(char *const *dir, size_t count, uint8_t alg, uint16_t tag,
                  const knot_dname_t *zone, keystore_accept_f accept, void *ctx,
                  dnssec_key_t **out);
