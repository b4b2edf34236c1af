/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Tells whether a change of CAA permits what was denied on purpose.
 *
 * A change is tried with requests of all CAs, accounts and methods that the
 * RRset names before and after it, and with one that it does not name. An RRset
 * decides for its owner and for what is below, and for names whose alias leads
 * there: these climb on from where they are (RFC 8659 section 3), so that other
 * RRsets may decide when it does so no more.
 */

#pragma once

#include "caaudit/policy.h"
#include "namemap.h"
#include "text.h"
#include "view.h"

/*! A name of no CA, for all that no record names. */
#define LIFT_OTHER_CA "other.invalid"
/*! An account and a method that no record names, likewise. */
#define LIFT_OTHER_ACCOUNT "other:"
#define LIFT_OTHER_METHOD  "other"
/*! Records of the largest RRset that a change is tried on. */
#define LIFT_RRSET_MAX 64
/*! What all the trials of an audit may cost: look-ups of RRsets, or as much work. */
#define LIFT_WORK_MAX 1000000
/*! A request or an expected validation costs as much as some look-ups; so does a long value. */
#define LIFT_REQUEST 8
#define LIFT_OCTETS  128

/*! An alias that leads to a name that changes, or a DNAME. */
typedef struct {
	const knot_dname_t *owner;
	uint32_t other; /*!< Number of another that leads there; they begin with 1, 0 is none. */
} led_t;

/*! Aliases that lead to names that change. */
typedef struct {
	namemap_t noted; /*!< These names, and targets of DNAMEs; values are numbers of \a led. */
	led_t *led;
	size_t led_count;
	bool redirected; /*!< A DNAME leads into the zone. */
} lift_aliases_t;

/*! Changes that are tried. */
typedef struct {
	const caaudit_policy_t *policy;
	const caaudit_view_t *before;
	const caaudit_view_t *after;
	const view_change_t *change;
	size_t count;
	const lift_aliases_t *aliases; /*!< Of these changes, or of more. */
	size_t *work;                  /*!< Of all trials, see LIFT_WORK_MAX. */
	text_t *why;                   /*!< Gets what would be lifted. */
	const knot_dname_t *owner;     /*!< Set by lift_nothing(). */
	size_t cost;                   /*!< Of one request, as \a work counts. */
} lift_t;

/*!
 * \brief Finds the aliases that lead, in any number of steps, to names that changes touch.
 *
 * \param[out] out     Aliases, to be cleared in any case.
 * \param[in]  view    View before the changes; it must stay.
 * \param[in]  change  Changes.
 * \param[in]  count   Number of \a change.
 *
 * \return False if out of memory.
 */
bool lift_aliases_init(lift_aliases_t *out, const caaudit_view_t *view, const view_change_t *change,
                       size_t count);

/*!
 * \brief Finds an alias that leads to a name that changes, and is there after the changes.
 *
 * A DNAME leads to all that is below its target (RFC 6672 section 2.2).
 *
 * \param[in] aliases  Aliases.
 * \param[in] after    View after the changes.
 * \param[in] name     Owner of a record that is changed, lower case.
 *
 * \return Owner of the alias or of the DNAME; NULL if there is none.
 */
const knot_dname_t *lift_alias_to(const lift_aliases_t *aliases, const caaudit_view_t *after,
                                  const knot_dname_t *name);

/*!
 * \brief Is a name that changes one that the zone name was appended to by mistake, and nobody's?
 *
 * \param[in] aliases  Aliases of lift_aliases_init().
 * \param[in] view     Zone.
 * \param[in] name     Name that changes, lower case.
 *
 * \return False also if an alias or a DNAME leads to it, or to a name above it of that kind.
 */
bool lift_is_slip(const lift_aliases_t *aliases, const caaudit_view_t *view,
                  const knot_dname_t *name);

/*! Frees what lift_aliases_init() has made. */
void lift_aliases_clear(lift_aliases_t *aliases);

/*!
 * \brief Do changes of the CAA RRset at a name lift no restriction?
 *
 * \param[in,out] lift     Changes; \a why is set if they do, or if that could not be tried.
 * \param[in]     owner    Owner of a record that is changed, lower case.
 * \param[in]     governs  There are hosts at the owner or below, not only aliases that lead there.
 *
 * \return True if no request is permitted that was denied on purpose, and all could be tried.
 */
bool lift_nothing(lift_t *lift, const knot_dname_t *owner, bool governs);

/*!
 * \brief Does a change of the CNAME at a name lift no restriction?
 *
 * A host whose alias passes through the name may come to other CAA.
 *
 * \param[in,out] lift   Changes; \a why is set if they do, or if that could not be tried.
 * \param[in]     owner  Owner of a CNAME that is changed, lower case.
 *
 * \return As lift_nothing().
 */
bool lift_nothing_behind(lift_t *lift, const knot_dname_t *owner);

/*!
 * \brief Says which CAs a change of CAA shuts out at a name; empty if it does so to none.
 *
 * \param[in]  lift  Changes; \a why stays.
 * \param[in]  name  Owner of a record that comes, lower case.
 * \param[out] out   Gets "then amazon.com may issue no wildcards there any more".
 */
void lift_add_losers(const lift_t *lift, const knot_dname_t *name, text_t *out);

/*! Says that an RRset at a name is too large to try a change on. \return False. */
bool lift_refuse(text_t *why, const knot_dname_t *name);
