/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief What a run shows to the walk from the root and to the validator: its loop and its queues. */

#pragma once

#include "net.h"

/*! Writes an address and its port, "ADDR@PORT"; that of DNS only if \a port_always. */
void run_address_text(const struct sockaddr_storage *addr, bool port_always, char *out,
                      size_t size);

/*! Is it the answer of a server that does not know EDNS (RFC 6891 section 7)? */
bool run_is_edns_error(const probe_answer_t *answer);

/*! The loop of a run. */
net_t *run_net(const probe_t *probe);

/*! The queue of a server that probe_server() has made. */
net_queue_t *run_queue(probe_server_t *server);
