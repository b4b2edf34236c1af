/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The names that a policy is about, to be found by queries.
 *
 * An index is never changed once it is made: any number of threads may use it.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caaudit/policy.h"

/*! Index of a policy. */
typedef struct {
	caaudit_policy_t *policy; /*!< Owned by the index. */
	uint64_t hash;            /*!< index_hash() of it. */
	uint64_t *above; /*!< Hashes of the names above certain validation names, sorted. */
	size_t above_count;
} index_t;

/*! What a name is to the validations of a policy. */
typedef enum {
	INDEX_OTHER,
	INDEX_ABOVE,    /*!< A name above a validation name. */
	INDEX_EXPECTED, /*!< A validation name. */
} index_kind_t;

/*!
 * \brief Makes an index.
 *
 * \param[in] policy  Finished policy; the index takes it over, unless it is not made.
 *
 * \return Index, to be freed by index_free(); NULL if out of memory.
 */
index_t *index_new(caaudit_policy_t *policy);

/*!
 * \brief Frees an index and its policy.
 *
 * \param[in] index  Index or NULL.
 */
void index_free(index_t *index);

/*!
 * \brief Hashes what can differ between policies of the same options: the validations.
 */
uint64_t index_hash(const caaudit_policy_t *policy);

/*!
 * \brief Lists the hosts and the names above them in the zone: CAs climb from a host (RFC 8659
 *        section 3).
 *
 * \param[in]  policy  Finished policy.
 * \param[out] out     Hashes of the names, sorted, to be freed; NULL if there is none.
 *
 * \return Count of the hashes; SIZE_MAX if out of memory.
 */
size_t index_list(const caaudit_policy_t *policy, uint64_t **out);

/*!
 * \brief Tells whether a sorted list has a hash.
 */
bool index_has(const uint64_t *list, size_t count, uint64_t hash);

/*!
 * \brief Tells whether a name is a host.
 *
 * \param[in] index  Index.
 * \param[in] name   Name, lower case.
 */
bool index_is_host(const index_t *index, const knot_dname_t *name);

/*!
 * \brief Finds the CNAME that is expected at a name.
 *
 * \param[in]  index  Index.
 * \param[in]  name   Name, lower case.
 * \param[out] out    For INDEX_EXPECTED: the record, with a target.
 *
 * \return What the name is.
 */
index_kind_t index_find(const index_t *index, const knot_dname_t *name,
                        const caaudit_expected_t **out);
