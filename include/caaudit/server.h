/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief What the configuration of the server says about who is answered, as plain data.
 *
 * The hosts of the engine fill it, one from the configuration of the running
 * server, the other one from the file. The audit judges it, see
 * caaudit_policy_t.server.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*! Addresses from the first to the last one, both included. */
typedef struct {
	uint8_t len;       /*!< Octets of an address: 4 (IPv4) or 16 (IPv6). */
	uint8_t first[16]; /*!< Network byte order; octets after \a len are zero. */
	uint8_t last[16];  /*!< The same. */
} caaudit_range_t;

/*! Ranges in any order; they may overlap. Starts zeroed. */
typedef struct {
	caaudit_range_t *item;
	size_t count;
} caaudit_ranges_t;

/*! Query modules that keep answers from some clients, or give them others. */
typedef enum {
	CAAUDIT_GUARD_QUERYACL, /*!< mod-queryacl: NOTAUTH for all but some. */
	CAAUDIT_GUARD_RRL,      /*!< mod-rrl: truncates or drops what comes too often. */
	CAAUDIT_GUARD_NOUDP,    /*!< mod-noudp: truncates answers over UDP. */
	CAAUDIT_GUARD_GEOIP,    /*!< mod-geoip: other answers in other places. */
	CAAUDIT_GUARD__COUNT
} caaudit_guard_kind_t;

/*! Values of mod-rrl that hold where none is given. Before Knot DNS 3.4 there is no option for the
 *  burst: what is not asked in some seconds can be asked at once. */
#define CAAUDIT_RRL_RATE   50
#define CAAUDIT_RRL_BURST  125
#define CAAUDIT_RRL_SLIP   1
#define CAAUDIT_RRL_WINDOW 4

/*! One instance of such a module, in force for a zone. */
typedef struct {
	caaudit_guard_kind_t kind;
	char *id;    /*!< Id of its section, empty if it has none. */
	bool global; /*!< By the option 'global-module' of the default template, else by 'module'. */
	caaudit_ranges_t address;   /*!< queryacl: 'address'; rrl: 'whitelist'. */
	caaudit_ranges_t interface; /*!< queryacl: 'interface'. */
	size_t addresses;           /*!< Values of 'address': some are no IP addresses. */
	size_t interfaces;          /*!< The same of 'interface'. */
	int64_t rate;               /*!< rrl: answers a second; 0 = no limit. */
	int64_t burst;              /*!< rrl: answers at once, 0 = by the rate alone. */
	int64_t slip;               /*!< rrl: every so many answers over the limit are truncated
	                                 instead of dropped, 0 = none. */
	bool dry;                   /*!< rrl: it counts alone. */
} caaudit_guard_t;

/*! What the configuration says for one zone. Starts zeroed. */
typedef struct {
	caaudit_guard_t *guard;
	size_t guard_count;
	caaudit_ranges_t listen;        /*!< Addresses it listens on; none = not known. */
	caaudit_ranges_t validation_ip; /*!< Set by the operator; the default is no wish. */
	bool tcp_off;                   /*!< It does not answer over TCP. */
} caaudit_server_t;

/*!
 * \brief Finds the kind of a module by its name.
 *
 * \param[in] name  Name, such as "mod-rrl"; not terminated.
 * \param[in] len   Octets of it.
 *
 * \return Kind, or CAAUDIT_GUARD__COUNT if it is none of them.
 */
caaudit_guard_kind_t caaudit_guard_kind(const char *name, size_t len);

/*!
 * \brief Adds an instance of a module, with the values that hold where none is given.
 *
 * \param[in] server  Server.
 * \param[in] kind    Kind, below CAAUDIT_GUARD__COUNT.
 * \param[in] id      Id of its section, copied; not terminated.
 * \param[in] len     Octets of it, 0 if it has none.
 * \param[in] global  It is a 'global-module'.
 *
 * \return Instance, owned by the server and valid until the next one; NULL if out of memory.
 */
caaudit_guard_t *caaudit_server_add(caaudit_server_t *server, caaudit_guard_kind_t kind,
                                    const char *id, size_t len, bool global);

/*!
 * \brief Adds a network or one address.
 *
 * \param[in] ranges   Ranges.
 * \param[in] address  Address in network byte order.
 * \param[in] len      Octets of it, 4 or 16.
 * \param[in] prefix   Bits that count; below 0 or too many: all.
 *
 * \return false if out of memory.
 */
bool caaudit_ranges_add_net(caaudit_ranges_t *ranges, const uint8_t *address, uint8_t len,
                            int prefix);

/*!
 * \brief Adds the addresses from one to another one.
 *
 * \param[in] ranges  Ranges.
 * \param[in] first   Address in network byte order.
 * \param[in] last    The last one; before \a first, the range is empty and matches nothing.
 * \param[in] len     Octets of each, 4 or 16.
 *
 * \return false if out of memory.
 */
bool caaudit_ranges_add(caaudit_ranges_t *ranges, const uint8_t *first, const uint8_t *last,
                        uint8_t len);

/*!
 * \brief Hashes what is said: another hash, another text of the configuration.
 *
 * \param[in] server  What the configuration says.
 *
 * \return Hash.
 */
uint64_t caaudit_server_hash(const caaudit_server_t *server);

/*!
 * \brief Frees what a server holds, and empties it.
 *
 * \param[in,out] server  What the configuration says; its own memory is the caller's.
 */
void caaudit_server_clear(caaudit_server_t *server);
