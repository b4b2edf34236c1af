/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The questions that a CA puts to the servers of a zone. */

#pragma once

#include <stdbool.h>

#include "caaudit/view.h"

/*! Who is known to ask a question. */
typedef enum {
	ASKED_FOR_HOST, /*!< A CA that issues for a host of the policy. */
	ASKED_PERHAPS,  /*!< The CA of a validation in the zone that the policy does not expect. */
} asked_t;

/*!
 * \brief Is shown one step of a question: a name on the alias chain, and what the server answers.
 *
 * \param[in] context  Context.
 * \param[in] step     Step.
 * \param[in] asked    Who asks.
 *
 * \return False to end the visit.
 */
typedef bool (*question_f)(void *context, const caaudit_chain_t *step, asked_t asked);

/*!
 * \brief Visits the questions: CAA on the climb from each host (RFC 8659 section 3), validation
 *        CNAMEs at each level up to that where they are found, and the validations of known CAs.
 *
 * A name may be visited more than once.
 *
 * \param[in] view     Finished view.
 * \param[in] policy   Policy.
 * \param[in] visit    Function.
 * \param[in] context  For \a visit.
 *
 * \return False if \a visit has ended it.
 */
bool questions_visit(const caaudit_view_t *view, const caaudit_policy_t *policy, question_f visit,
                     void *context);
