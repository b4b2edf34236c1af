/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Looks at zones that nobody asks for, so that each change is noticed.
 *
 * The server tells a module nothing, but in queries. So the auditor asks the server itself for
 * the SOA record of each zone, once in 'change-check': the module looks at the zone in that query
 * as in any other one. Whatever another module makes of the answer does not matter to that. A zone
 * that somebody else has asked for meanwhile needs no question. Where the server loads a zone
 * from a file, the file is looked at as well.
 */

#pragma once

#include <stdint.h>

/*!
 * \brief Looks at the zones that are due. The schedule's lock is held, and given back meanwhile.
 *
 * At most a thousand questions a second are asked; fewer where answers are truncated or dropped.
 *
 * \param[in] now  Time.
 */
void changes_look(uint64_t now);

/*!
 * \brief While the server starts: asks whether it answers by now. As changes_look().
 *
 * The first audits wait for that, since the server needs the processors for itself.
 */
void changes_await_start(uint64_t now);
