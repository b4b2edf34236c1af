/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Signatures that have been verified: an audit need not do it again.
 *
 * Key, signature and what is signed decide whether a signature is right, and
 * nothing else does; its time is looked at by itself. So a digest of these
 * octets stands for the verdict, whatever the serial of the zone.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <libdnssec/binary.h>

#include "caaudit/policy.h"

/*! Octets of a digest; nobody finds two inputs with the same (SHA-384, cut). */
#define MEMO_DIGEST 32

/*! Makes the digest of a key, a signature and what is signed; false if the library cannot. */
bool memo_digest(const dnssec_binary_t *key, const dnssec_binary_t *signature,
                 const dnssec_binary_t *data, uint8_t digest[MEMO_DIGEST]);

/*! Has the signature been verified in this audit or the one before? It is remembered on. */
bool memo_knows(caaudit_memo_t *memo, const uint8_t digest[MEMO_DIGEST]);

/*! Remembers a signature that is right. Without memory it does not, which is no harm. */
void memo_add(caaudit_memo_t *memo, const uint8_t digest[MEMO_DIGEST]);

/*! Ends an audit: what it did not need is forgotten. */
void memo_turn(caaudit_memo_t *memo);
