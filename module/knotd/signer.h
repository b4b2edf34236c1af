/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Signatures over RRsets that were changed in the answer.
 *
 * The signature over the stored RRset names the key; the public half is in the zone's DNSKEY
 * RRset, the private half in the keystore of the zone's policy. While an algorithm is added or
 * removed there are signatures of a key that is not in the DNSKEY RRset: that key is looked for in
 * the keystore. Keys are loaded when they are first needed and retained until the zone drops them;
 * signatures are cached by content, so that equal queries do not sign again. Any thread may call;
 * no thread waits for another one's signature, and for a key that another one loads only a fifth
 * of a second.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/libknot.h>

/*! Octets of the longest signature (RSA with 4096 bits). */
#define SIGNER_MAX 512

typedef struct signer signer_t;

/*!
 * \brief Creates a signer. Nothing is opened.
 *
 * \param[in] store  Directories with keys in PEM format, absolute; freed with the signer.
 * \param[in] count  Directories.
 * \param[in] room   Number of RRsets for which signatures are expected: the size of the cache.
 *
 * \return Signer; NULL if out of memory, the directories are not taken over then.
 */
signer_t *signer_new(char **store, size_t count, size_t room);

/*!
 * \brief Frees keys and signatures; no query may use them any more.
 *
 * \param[in] signer  Signer or NULL.
 */
void signer_free(signer_t *signer);

/*! A signature over a stored RRset, and what is needed to find its key. */
typedef struct {
	const knot_rdata_t *rdata; /*!< RDATA of the RRSIG. */
	const knot_dname_t
		*owner; /*!< Owner of the RRset, lower case, a wildcard expanded or not. */
	uint16_t type;  /*!< Type of the RRset. */
	const knot_rdataset_t *rrs;     /*!< The RRset as it is signed (RFC 4034 section 6). */
	const knot_rdataset_t *dnskeys; /*!< DNSKEY RRset of the zone. */
} signer_rrsig_t;

/*!
 * \brief Tells whether the private key that made a signature is at hand.
 *
 * \param[in] signer  Signer.
 * \param[in] rrsig   Signature.
 * \param[in] mm      Memory of the query.
 */
bool signer_able(signer_t *signer, const signer_rrsig_t *rrsig, knot_mm_t *mm);

/*!
 * \brief Signs an RRset as another signature says, but for the RDATA it covers.
 *
 * \param[in]  signer  Signer.
 * \param[in]  rrsig   Signature over the stored RRset.
 * \param[in]  rrs     RDATA to sign, in canonical order, without names in it.
 * \param[in]  mm      Memory of the query.
 * \param[out] out     Signature.
 * \param[out] len     Octets of it.
 *
 * \retval KNOT_EOK     on success; the signature was verified.
 * \retval KNOT_ENOENT  if the private key is not at hand.
 * \retval KNOT_E*      on other errors.
 */
int signer_sign(signer_t *signer, const signer_rrsig_t *rrsig, const knot_rdataset_t *rrs,
                knot_mm_t *mm, uint8_t out[SIGNER_MAX], size_t *len);
