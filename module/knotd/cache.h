/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief A bounded cache of results, by the octets that they were made from.
 *
 * No result gets stale: other octets are another key. Any thread may call; the lock is held for
 * a comparison and a copy.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libknot/mm_ctx.h>

typedef struct cache cache_t;

/*!
 * \brief Creates a cache. It allocates the table with the first result.
 *
 * \param[in] room  Number of results that are expected.
 *
 * \return Cache; NULL if out of memory.
 */
cache_t *cache_new(size_t room);

/*!
 * \brief Frees a cache that no thread uses.
 *
 * \param[in] cache  Cache or NULL.
 */
void cache_free(cache_t *cache);

/*!
 * \brief Gets a result.
 *
 * \param[in]  cache    Cache.
 * \param[in]  hash     Hash of the key, and of more if the key does not say all.
 * \param[in]  key      Key.
 * \param[in]  key_len  Octets of \a key.
 * \param[in]  mm       Memory of the query.
 * \param[out] value    Copy of the result.
 * \param[out] len      Octets of it.
 *
 * \retval true   if it was there.
 * \retval false  otherwise.
 */
bool cache_get(cache_t *cache, uint64_t hash, const void *key, size_t key_len, const knot_mm_t *mm,
               uint8_t **value, size_t *len);

/*!
 * \brief Adds a result; in a full table the one that was used longest ago is evicted.
 *
 * \param[in] cache    Cache.
 * \param[in] hash     As for cache_get().
 * \param[in] key      Key, copied.
 * \param[in] key_len  Octets of \a key.
 * \param[in] value    Result, copied.
 * \param[in] len      Octets of \a value.
 */
void cache_put(cache_t *cache, uint64_t hash, const void *key, size_t key_len, const void *value,
               size_t len);
