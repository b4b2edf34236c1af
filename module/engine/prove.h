/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Proves cures: tries each on the zone in memory before it is shown.
 *
 * A cure passes if the finding is gone, no error or warning comes in its place,
 * no name stops answering, and no restriction is lifted. One that fails is
 * taken out of the finding, and the reason takes its place. Signatures are left
 * out of account: the signer renews them.
 */

#pragma once

#include "draft.h"
#include "view.h"

/*! Proves the cures of an audit that is judged and sorted; \a failed is set if memory is out. */
void prove_cures(audit_t *audit);

/*! Gets the change that the cure of a finding is; it points into the finding. */
view_change_t prove_change(const found_t *found);

/*! What changes leave and bring. */
typedef struct {
	const caaudit_finding_t **item; /*!< Findings of the audit, in its order; to be freed. */
	size_t count;
	char *losers; /*!< Strings "OWNER: then ...", CAs that lose; to be freed. */
	size_t losers_count;
	caaudit_id_t notice; /*!< Id of a notice that comes, or CAAUDIT_FINDING__COUNT. */
} rest_t;

/*!
 * \brief Proves changes together.
 *
 * \param[in]  audit    Audit of the zone before.
 * \param[in]  change   Changes.
 * \param[in]  changes  Number of \a change.
 * \param[in]  cured    Findings of \a audit that must be gone.
 * \param[in]  count    Number of \a cured.
 * \param[out] ok       The changes pass.
 * \param[out] rest     Zeroed. Findings of \a audit that stand after the changes, all of them if
 *                      these do not pass; and what the changes bring; or NULL.
 *
 * \retval true   if \a ok and \a rest are set.
 * \retval false  if out of memory.
 */
bool prove_changes(const audit_t *audit, view_change_t *change, size_t changes,
                   const found_t *const *cured, size_t count, bool *ok, rest_t *rest);
