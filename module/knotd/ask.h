/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Asks the server what it answers: over UDP, and over TCP where that gives no whole answer.
 *
 * mod-noudp and mod-rrl truncate or drop answers over UDP, not those over TCP. The functions block,
 * each for some seconds at most, and all questions of one talk for half a minute, and a hundredth
 * of a second more for each answer: no lock of the schedule may be held.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <libknot/packet/pkt.h>

/*! What the server said. */
typedef enum {
	ASK_ANSWER,   /*!< NOERROR or NXDOMAIN: what the zone says. */
	ASK_UNSERVED, /*!< SERVFAIL: it knows the zone, but has nothing to serve. */
	ASK_REFUSED,  /*!< Any other RCODE. */
	ASK_SILENCE,  /*!< No answer, not over TCP either. */
	ASK_MEMORY,   /*!< Out of memory. */
} ask_t;

/*! Questions to one server, one after the other. */
typedef struct {
	const struct sockaddr_storage *server;
	int udp;           /*!< Sockets, -1 if there is none. */
	int tcp;           /*!< The same; once there is one, no question goes over UDP. */
	uint8_t *buffer;   /*!< Of \a reply. */
	knot_pkt_t *query; /*!< The last question. */
	knot_pkt_t *reply; /*!< Its answer, parsed, for ASK_ANSWER. */
	uint8_t rcode;     /*!< Its RCODE, for ASK_REFUSED. */
	bool memory;       /*!< There was no memory for the answer. */
	bool signatures;   /*!< To be set: ask for signatures as well (RFC 3225). */
	uint64_t end;      /*!< From then on nothing is asked: the server is too slow. */
} ask_talk_t;

/*!
 * \brief Begins to ask.
 *
 * \param[out] talk    Questions, to be ended by ask_end().
 * \param[in]  server  Address and port; it must live as long.
 */
void ask_begin(ask_talk_t *talk, const struct sockaddr_storage *server);

/*!
 * \brief From now on asks over TCP.
 */
void ask_over_tcp(ask_talk_t *talk);

/*!
 * \brief Asks one question.
 *
 * \param[in] talk  Questions.
 * \param[in] name  Name.
 * \param[in] type  RR type.
 *
 * \return What the server said; ASK_SILENCE also if all of it takes too long.
 */
ask_t ask_question(ask_talk_t *talk, const knot_dname_t *name, uint16_t type);

/*!
 * \brief Ends the questions.
 */
void ask_end(ask_talk_t *talk);

/*!
 * \brief Tells whether a query is a question that is being asked here. Any thread may ask that.
 *
 * \param[in] client  Address and port that the query has come from.
 */
bool ask_is_own(const struct sockaddr_storage *client);

/*!
 * \brief Asks for the serial of a zone.
 *
 * \param[in]  talk    Questions.
 * \param[in]  zone    Zone name.
 * \param[out] serial  Serial, for ASK_ANSWER.
 *
 * \return As ask_question(); ASK_REFUSED as well if the answer holds no SOA record of the zone.
 */
ask_t ask_serial(ask_talk_t *talk, const knot_dname_t *zone, uint32_t *serial);
