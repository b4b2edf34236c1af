/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Fills a view from a source and finishes it.
 *
 * KNOT_EOK means that the view is complete and of one serial. After any other
 * value, except for KNOT_EPARSEFAIL, the view must only be freed. To the errors
 * of the sources come KNOT_ENOENT, KNOT_ESEMCHECK and KNOT_EMALF of
 * caaudit_view_finish().
 */

#pragma once

#include "caaudit/view.h"
#include "source.h"

/*!
 * \brief Reads a zone file into a view.
 *
 * After KNOT_EPARSEFAIL the view is finished; it lacks what is in the wrong lines.
 *
 * \param[in] listener  Listener.
 * \param[in] path      Path, "-" is the standard input.
 * \param[in] flags     As for source_zonefile().
 * \param[in] view      Empty view.
 *
 * \return As source_zonefile() and caaudit_view_finish().
 */
int source_fill_zonefile(source_listener_t *listener, const char *path, unsigned flags,
                         caaudit_view_t *view);

/*!
 * \brief Reads a zone over a control socket into a view.
 *
 * \param[in] listener  Listener.
 * \param[in] socket    Path of the socket.
 * \param[in] timeout   Milliseconds, as for source_control().
 * \param[in] view      Empty view.
 *
 * \return As source_control() and caaudit_view_finish().
 */
int source_fill_control(source_listener_t *listener, const char *socket, int timeout,
                        caaudit_view_t *view);

/*!
 * \brief Reads a state of a zone with an open transaction into a view.
 *
 * \param[in] listener     Listener.
 * \param[in] socket       Path of the socket, for complaints.
 * \param[in] transaction  Transaction.
 * \param[in] served       As for source_transaction_records().
 * \param[in] view         Empty view.
 *
 * \return As source_transaction_records() and caaudit_view_finish().
 */
int source_fill_transaction(source_listener_t *listener, const char *socket,
                            source_transaction_t *transaction, bool served, caaudit_view_t *view);

/*!
 * \brief Reads a zone by AXFR into a view.
 *
 * \param[in] listener  Listener.
 * \param[in] server    Address and port.
 * \param[in] key       TSIG key, or NULL.
 * \param[in] timeout   Milliseconds, as for source_transfer().
 * \param[in] view      Empty view.
 *
 * \return As source_transfer() and caaudit_view_finish().
 */
int source_fill_transfer(source_listener_t *listener, const struct sockaddr_storage *server,
                         const knot_tsig_key_t *key, int timeout, caaudit_view_t *view);
