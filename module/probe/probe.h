/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The view from outside: asks servers what a CA asks, and compares what they answer.
 *
 * A run asks servers about zones. A zone has questions (rows) and columns, each of which holds what
 * one server answers. probe_compare() finds the reference answer of each question, and the servers
 * that are at fault.
 */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <libknot/dname.h>

#include "caaudit/finding.h"
#include "caaudit/view.h"
#include "engine/namemap.h"

/*! Octets that an EDNS query offers to receive over UDP (DNS flag day 2020). */
#define PROBE_UDP_SIZE 1232
/*! Octets that any client receives over UDP (RFC 1035 section 2.3.4). */
#define PROBE_UDP_LEAST 512
/*! Milliseconds after which a query over UDP is sent a second and last time. */
#define PROBE_AGAIN_MS 800
/*! Milliseconds after which an answer is no longer waited for, over UDP with both queries, and over TCP. */
#define PROBE_TIMEOUT_MS 2000
/*! Most servers that one zone is asked of: more is a mistake. */
#define PROBE_SERVERS_MAX 256
/*! Most questions about one zone, those that follow from answers included. */
#define PROBE_QUESTIONS_MAX 65536
/*! Octets of the records that one server may say about one zone; what exceeds that is refused. */
#define PROBE_OCTETS_MAX (4 * 1024 * 1024)
/*! Queries in flight at any time, over all servers. */
#define PROBE_FLIGHT_MAX 50
/*! Queries a second to one address unless the caller says otherwise. */
#define PROBE_RATE_DEFAULT 20
/*! Most queries a second to one address. */
#define PROBE_RATE_MAX 1000
/*! Octets of an address with port and place as text. */
#define PROBE_LABEL_MAX 128

/*! What kind of witness a column is. */
typedef enum {
	PROBE_SERVER,   /*!< Authoritative server: RD=0, the answer must have AA. */
	PROBE_RESOLVER, /*!< Recursive resolver: RD=1. */
	PROBE_ZONE,     /*!< The zone itself, as somebody read it; nobody is asked. */
} probe_kind_t;

/*! What became of a question. */
typedef enum {
	PROBE_UNASKED,     /*!< Not asked, or nobody waited for the answer. */
	PROBE_ANSWERED,    /*!< There is a message; see probe_said_t. */
	PROBE_SILENT,      /*!< No answer in time. */
	PROBE_CLOSED,      /*!< Port closed, or the connection reset or closed without an answer. */
	PROBE_UNREACHABLE, /*!< A host on the way says that the server cannot be reached. */
	PROBE_LOCAL,       /*!< This host could not send: no route, no socket. */
	PROBE_GARBAGE,     /*!< Something came in time, but no message that may be believed. */
} probe_outcome_t;

/*! What a message says about the question. */
typedef enum {
	PROBE_SAID_DATA,     /*!< The RRset, perhaps at the end of aliases within the zone. */
	PROBE_SAID_ALIAS,    /*!< Aliases that lead out of the zone, or on within it. */
	PROBE_SAID_NODATA,   /*!< The name exists, the type does not (RFC 2308 section 2.2). */
	PROBE_SAID_NXDOMAIN, /*!< The name does not exist. */
	PROBE_SAID_REFERRAL, /*!< A delegation within the zone, or an answer from the zone below it. */
	PROBE_SAID_LAME,     /*!< Not authoritative: no AA flag, or a referral upwards. */
	PROBE_SAID_ERROR,    /*!< Another RCODE. */
	PROBE_SAID_CUT,      /*!< Truncated, and not asked again over TCP. */
} probe_said_t;

/*! Why a message was refused. */
typedef enum {
	PROBE_REFUSED_SHORT,     /*!< Shorter than a header. */
	PROBE_REFUSED_LARGE,     /*!< Larger than was offered, or than is kept for a zone. */
	PROBE_REFUSED_ID,        /*!< Another id. */
	PROBE_REFUSED_QUERY,     /*!< Not an answer to a query. */
	PROBE_REFUSED_QUESTION,  /*!< Another question. */
	PROBE_REFUSED_MALFORMED, /*!< Malformed. */
	PROBE_REFUSED__COUNT
} probe_refused_t;

/*! What a validating resolver makes of an answer (RFC 4033 section 5). */
typedef enum {
	PROBE_TRUST_UNASKED,  /*!< It was not asked. */
	PROBE_TRUST_SECURE,   /*!< Signatures lead to a trust anchor. */
	PROBE_TRUST_INSECURE, /*!< A parent says that there need be none. */
	PROBE_TRUST_BOGUS,    /*!< There should be, and they do not: a CA is refused an answer. */
	PROBE_TRUST_FAILED,   /*!< The resolver got no answer. */
} probe_trust_t;

/*! What a server answered to one question. */
typedef struct {
	probe_outcome_t outcome;
	probe_said_t said; /*!< For PROBE_ANSWERED. */
	const char *why;   /*!< For other outcomes: what happened, static text; may be NULL. */
	int code;          /*!< For PROBE_LOCAL: errno. */
	uint32_t ms;       /*!< Milliseconds from the first query to the answer. */
	uint32_t size;     /*!< Octets of the message. */
	uint32_t serial;   /*!< Serial of the zone's SOA record in the message. */
	uint16_t rcode;    /*!< With the extension of EDNS (RFC 6891 section 6.1.3). */
	uint8_t tries;     /*!< Queries sent. */
	bool tcp;          /*!< The message came over TCP. */
	bool edns;         /*!< The message has an OPT record. */
	bool cut;          /*!< The answer over UDP was truncated. */
	bool aa, ra, ad;   /*!< Flags of the header. */
	bool has_serial;   /*!< \a serial is set. */
	bool no_soa; /*!< Negative, and without the SOA record that RFC 2308 section 3 demands. */
	bool open;   /*!< PROBE_SAID_ALIAS whose last target is in the zone: to be asked for. */
	const knot_dname_t *target; /*!< Last name of the chain of aliases; NULL without any. */
	caaudit_record_t
		*record;     /*!< Those of the answer section first; they point into the answer,
	                               names of aliases and servers in lower case. */
	size_t answer_count; /*!< Records of the chain, and signatures over them. */
	size_t record_count; /*!< The same, and those of the authority section. */
	size_t glue_count;   /*!< Addresses behind these; only of answers in a walk. */
	probe_trust_t trust; /*!< What a validating resolver makes of that server's answer. */
	char *trust_why;     /*!< For PROBE_TRUST_BOGUS and _FAILED: why, or NULL. */
} probe_answer_t;

/*! Is it an answer of the zone, or of its parent, that a CA can use? */
static inline bool probe_is_usable(const probe_answer_t *answer)
{
	return answer->outcome == PROBE_ANSWERED && answer->said != PROBE_SAID_LAME &&
	       answer->said != PROBE_SAID_ERROR && answer->said != PROBE_SAID_CUT;
}

/*! Why a question is asked; several may be true. */
enum {
	PROBE_FOR_ZONE = 1 << 0,       /*!< SOA, NS, DNSKEY; DS of zones below. */
	PROBE_FOR_CLIMB = 1 << 1,      /*!< CAA from a host up to the apex. */
	PROBE_FOR_VALIDATION = 1 << 2, /*!< A validation record is expected there. */
	PROBE_FOR_ABOVE = 1 << 3,      /*!< A CA also looks for the validation there. */
	PROBE_FOR_ALIAS = 1 << 4,      /*!< An alias leads there. */
	PROBE_FOR_CONTROL = 1 << 5,    /*!< Any server answers that, if it answers at all. */
	PROBE_FOR_GLUE = 1 << 7,   /*!< Addresses of a name server that the parent has as well. */
	PROBE_FOR_BESIDE = 1 << 6, /*!< Something else may stand where a validation should; not for
	                                    resolvers, which would follow the validation. */
};

/*! One question, one row. */
typedef struct {
	const knot_dname_t *name; /*!< Lower case, owned by the index of the zone. */
	uint16_t type;
	bool tcp; /*!< Over TCP from the beginning; else over UDP, and over TCP if the answer is
	                       truncated (RFC 7766 section 5). */
	unsigned purpose; /*!< PROBE_FOR_*. */
	unsigned aliases; /*!< Aliases that led to it, each of which was asked for by itself. */
} probe_question_t;

typedef struct probe probe_t;
typedef struct probe_server probe_server_t;

/*! What EDNS is like at a server. */
typedef enum {
	PROBE_EDNS_UNKNOWN,
	PROBE_EDNS_FINE,
	PROBE_EDNS_STRIPPED, /*!< Answers have no OPT record. */
	PROBE_EDNS_ERROR,    /*!< Refused by an RCODE; without EDNS the server answers. */
	PROBE_EDNS_SILENT,   /*!< Unanswered; without EDNS the server answers. */
} probe_edns_t;

/*! One server, or what stands for one. Shared by the zones of a run. */
struct probe_server {
	char label
		[PROBE_LABEL_MAX]; /*!< Address, port if it is not 53, place if there are several. */
	struct sockaddr_storage addr; /*!< No family for PROBE_ZONE, and if it comes from a file. */
	probe_kind_t kind;
	probe_edns_t edns;
	uint16_t edns_rcode; /*!< For PROBE_EDNS_ERROR. */
	bool tcp_asked;      /*!< \a tcp is final. */
	probe_outcome_t tcp; /*!< What became of a question over TCP, whatever the message says. */
	const char *tcp_why; /*!< As in probe_answer_t. */
	uint64_t sent;       /*!< Queries sent. */
	uint64_t answered;   /*!< Messages taken. */
	uint64_t refused[PROBE_REFUSED__COUNT]; /*!< Messages refused, by reason. */
};

/*! State of a column. */
typedef enum {
	PROBE_COLUMN_WAITING, /*!< Not complete. */
	PROBE_COLUMN_GOOD,    /*!< Serves the zone; everything was asked. */
	PROBE_COLUMN_LAME,    /*!< Answers, but does not serve the zone; see the SOA row. */
	PROBE_COLUMN_DEAD,    /*!< No answer to the SOA question; see its row. */
	PROBE_COLUMN_SKIPPED, /*!< Not asked, since earlier zones got no answer. */
} probe_column_state_t;

/*! What one server says about a zone: one column. */
typedef struct {
	probe_server_t *server;
	probe_column_state_t state;
	uint32_t serial;     /*!< The lowest that it answered with; for PROBE_COLUMN_GOOD. */
	uint32_t serial_max; /*!< The highest. */
	bool has_serial;
	bool alike;             /*!< Set by probe_compare(): no answer differs or is missing. */
	probe_answer_t *answer; /*!< One a question; room for more may be behind. */
	/* The rest is for the run. */
	size_t octets;        /*!< Of the records in the answers. */
	unsigned waiting;     /*!< Queries that have not ended. */
	bool asking;          /*!< The server has the zone: all questions are asked. */
	bool plain_asked;     /*!< The SOA record was asked for without EDNS. */
	bool plain_done;      /*!< And \a plain is what came of it. */
	bool first_done;      /*!< \a first is what came of the question with EDNS. */
	probe_answer_t first; /*!< Held until it is known whether EDNS is to blame. */
	probe_answer_t plain;
} probe_column_t;

/*! One zone. */
typedef struct {
	knot_dname_t *zone; /*!< Lower case. */
	probe_question_t *question;
	size_t question_count;
	namemap_t index; /*!< Of the questions: their number, and 1 more. */
	probe_column_t *column;
	size_t column_count;
	size_t room;    /*!< Answers that there is room for in each column. */
	bool truncated; /*!< Questions were left out: PROBE_QUESTIONS_MAX. */
	void *ctx;      /*!< For the caller. */
} probe_zone_t;

/*! Gets the name one label up, within the same octets; not of the root. */
static inline const knot_dname_t *probe_name_above(const knot_dname_t *name)
{
	return name + 1 + *name;
}

/*! Is a serial older than another one? (RFC 1982 section 3.2) */
static inline bool probe_serial_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/*! Writes the mnemonic of a type, "TYPE65280" (RFC 3597 section 5) for one without; gives \a out. */
const char *probe_type_text(uint16_t type, char *out, size_t size);

/* --- Zones and their questions ----------------------------------------------------------- */

/*! Questions that every zone has, in their order. */
enum {
	PROBE_ROW_SOA,
	PROBE_ROW_TCP, /*!< SOA over TCP, asked of each server once a run. */
	PROBE_ROW_NS,
	PROBE_ROW_DNSKEY,
	PROBE_ROW_CAA,
	PROBE_ROW_A,
};

/*!
 * \brief Makes a zone with the questions that every zone has, all of them at the apex.
 *
 * \param[in] name  Zone name, copied.
 *
 * \return Zone to be freed by probe_zone_free(), or NULL if out of memory.
 */
probe_zone_t *probe_zone_new(const knot_dname_t *name);

/*! Frees a zone and all answers; NULL is fine. */
void probe_zone_free(probe_zone_t *zone);

/*!
 * \brief Adds a column.
 *
 * \param[in] zone    Zone.
 * \param[in] server  Server; it must outlive the zone.
 *
 * \return Column, valid until the next is added; NULL if out of memory, or if there are
 *         PROBE_SERVERS_MAX.
 */
probe_column_t *probe_zone_add(probe_zone_t *zone, probe_server_t *server);

/*!
 * \brief Adds a question, or a purpose to one that is there.
 *
 * \param[in] zone     Zone.
 * \param[in] name     Name at or below the apex, any case, copied.
 * \param[in] type     RR type.
 * \param[in] tcp      Over TCP from the beginning.
 * \param[in] purpose  PROBE_FOR_*.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ERANGE  if it is not in the zone.
 * \retval KNOT_ELIMIT  if there are PROBE_QUESTIONS_MAX; the zone notes it.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int probe_zone_ask(probe_zone_t *zone, const knot_dname_t *name, uint16_t type, bool tcp,
                   unsigned purpose);

/*!
 * \brief Adds CAA at a host and at each name above it in the zone (RFC 8659 section 3).
 *
 * The first host also gets an A question as a control.
 *
 * \return As probe_zone_ask().
 */
int probe_zone_ask_climb(probe_zone_t *zone, const knot_dname_t *host);

/*! Finds a question; the count of questions if there is none. */
size_t probe_zone_find(const probe_zone_t *zone, const knot_dname_t *name, uint16_t type, bool tcp);

/* --- A run -------------------------------------------------------------------------------- */

/*! The caller of a run. Embed it in a larger structure to carry a context. */
typedef struct probe_caller probe_caller_t;
struct probe_caller {
	/*!
	 * \brief Gets the next zone to ask about.
	 *
	 * \return Zone with its columns and questions, or NULL if there is none left.
	 */
	probe_zone_t *(*next)(probe_caller_t *self);
	/*! Takes a zone that is complete, in the order of \a next; the caller owns it again. */
	void (*done)(probe_caller_t *self, probe_zone_t *zone);
	/*! Is told how far the zones at work are; may be NULL. */
	void (*progress)(probe_caller_t *self, const probe_zone_t *zone, size_t answered,
	                 size_t asked);
};

/*!
 * \brief Makes a run.
 *
 * \param[in] rate  Queries a second to one address, 1 to PROBE_RATE_MAX.
 *
 * \return Run to be freed by probe_free(), or NULL if out of memory.
 */
probe_t *probe_new(unsigned rate);

/*! Frees a run, its servers, and the zones that it has not handed back; NULL is fine. */
void probe_free(probe_t *probe);

/*!
 * \brief Gets the server with an address, which is made if it is new.
 *
 * \param[in] probe  Run.
 * \param[in] addr   Address and port.
 * \param[in] kind   PROBE_SERVER or PROBE_RESOLVER.
 *
 * \return Server owned by the run, or NULL if out of memory.
 */
probe_server_t *probe_server(probe_t *probe, const struct sockaddr_storage *addr,
                             probe_kind_t kind);

/*!
 * \brief Makes a server that nobody asks: the zone itself, or one whose answers come from a file.
 *
 * \param[in] probe  Run.
 * \param[in] label  Label, cut if it is too long.
 * \param[in] kind   Kind.
 *
 * \return Server owned by the run, or NULL if out of memory.
 */
probe_server_t *probe_server_named(probe_t *probe, const char *label, probe_kind_t kind);

/*!
 * \brief Asks until every zone is complete. Columns that are not PROBE_COLUMN_WAITING are left alone.
 *
 * At most PROBE_FLIGHT_MAX queries are in flight, and no query is sent more than twice.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 * \retval KNOT_ERROR   if this host has no random numbers, or cannot wait for sockets.
 */
int probe_run(probe_t *probe, probe_caller_t *caller);

/* --- The walk from the root --------------------------------------------------------------- */

typedef struct probe_walk probe_walk_t;

/*! What the parent of a zone says of it. */
typedef struct {
	const probe_server_t *server; /*!< Which server of the parent has said it. */
	bool shown; /*!< \a referral is the delegation; else that server has the zone as well, and
	                 answers from there. */
	probe_answer_t referral;       /*!< NS records in the authority section, and glue. */
	bool has_ds;                   /*!< \a ds was answered. */
	probe_answer_t ds;             /*!< DS, or that there is none. */
	struct sockaddr_storage *addr; /*!< Of the name servers: glue, or looked up. */
	size_t addr_count;
} probe_delegation_t;

/*!
 * \brief Makes a walk, which remembers the zones that it comes to.
 *
 * \param[in] probe  Run, which must stay as long as the walk.
 * \param[in] addr   Servers to begin with: those of the root, or of the parent of all zones.
 * \param[in] count  Number of \a addr.
 *
 * \return Walk to be freed by probe_walk_free(), or NULL if out of memory.
 */
probe_walk_t *probe_walk_new(probe_t *probe, const struct sockaddr_storage *addr, size_t count);

/*! Frees a walk; NULL is fine. */
void probe_walk_free(probe_walk_t *walk);

/*!
 * \brief Finds the delegation of a zone. Other zones of the run go on meanwhile.
 *
 * \param[in]  walk  Walk.
 * \param[in]  zone  Zone name, lower case, not the root.
 * \param[out] out   Delegation, to be cleared in any case.
 *
 * \retval KNOT_EOK       on success.
 * \retval KNOT_ENOENT    if the zone is not delegated.
 * \retval KNOT_ETIMEOUT  if no server of a zone on the way answers.
 * \retval KNOT_ELIMIT    if the way is too long.
 * \retval KNOT_ENOMEM    if out of memory, or if the loop of the run fails.
 */
int probe_walk_delegation(probe_walk_t *walk, const knot_dname_t *zone, probe_delegation_t *out);

/*! Frees what a delegation holds. */
void probe_delegation_clear(probe_delegation_t *delegation);

/*!
 * \brief Looks a name up from the root, along aliases (RFC 1034 section 5.3.3), and validates
 *        nothing.
 *
 * \param[in]  walk  Walk.
 * \param[in]  name  Name, any case.
 * \param[in]  type  RR type.
 * \param[out] out   Last answer, to be cleared; only on KNOT_EOK. Without records of the type in its
 *                   answer section there are none.
 *
 * \return As probe_walk_delegation(), but never KNOT_ENOENT.
 */
int probe_walk_resolve(probe_walk_t *walk, const knot_dname_t *name, uint16_t type,
                       probe_answer_t *out);

/*!
 * \brief Gets the address in an A or AAAA record, with port 53.
 *
 * \return false if it is none, or one that no other host can have: loopback, groups.
 */
bool probe_address(const caaudit_record_t *record, struct sockaddr_storage *out);

/* --- Validation --------------------------------------------------------------------------- */

/*! What the resolver of a CA knows from the beginning. */
typedef struct {
	const char *hints;         /*!< Path of the root hints; NULL = none. */
	const char *anchor_file;   /*!< Path of trust anchors of the root; NULL = none. */
	const char *const *anchor; /*!< Further anchors, DS or DNSKEY records in zone file form. */
	size_t anchor_count;
	uint64_t now;  /*!< Time for signatures, seconds since the epoch; 0 = the clock's. */
	unsigned rate; /*!< Questions a second to one resolver. */
} probe_trust_conf_t;

/*! One question, and what became of it. */
typedef struct {
	const knot_dname_t *name;
	uint16_t type;
	probe_trust_t trust; /*!< Set by probe_validate(). */
	char *why;           /*!< Set by probe_validate(), to be freed; may be NULL. */
} probe_check_t;

/*! Questions that one resolver asks. */
typedef struct {
	const knot_dname_t *zone;            /*!< Zone that is asked about. */
	const struct sockaddr_storage *addr; /*!< Only server that is asked for names in the zone;
	                                          NULL = those that the delegation names. */
	probe_check_t *check;
	size_t count;
} probe_check_group_t;

/*! Was the program built with libunbound? */
bool probe_can_validate(void);

/*!
 * \brief Asks each question with a validating resolver. Other zones of the run go on meanwhile.
 *
 * A server that does not answer keeps the resolver busy for long: ask such ones nothing.
 *
 * \param[in]     probe  Run.
 * \param[in]     conf   What the resolvers trust.
 * \param[in,out] group  Groups.
 * \param[in]     count  Number of \a group.
 *
 * \retval KNOT_EOK      on success: every question has a result.
 * \retval KNOT_ENOTSUP  if there is no libunbound.
 * \retval KNOT_ENOMEM   if out of memory.
 * \retval KNOT_ERROR    if the loop of the run fails.
 */
int probe_validate(probe_t *probe, const probe_trust_conf_t *conf, probe_check_group_t *group,
                   size_t count);

/* --- Answers and records ------------------------------------------------------------------ */

/*!
 * \brief Pushes what a server says into a view, which is not finished.
 *
 * A name that answers without a record exists all the same, so that it gets a record of type NULL.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int probe_fill(const probe_zone_t *zone, const probe_column_t *column, caaudit_view_t *view);

/*!
 * \brief Answers the questions of a zone from a view.
 *
 * What the view does not keep stays PROBE_UNASKED: addresses, and TXT records that it was not told to
 * want.
 *
 * \param[in] zone    Zone with all its questions.
 * \param[in] column  Column of kind PROBE_ZONE.
 * \param[in] view    Finished view.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int probe_answer_from(const probe_zone_t *zone, probe_column_t *column, const caaudit_view_t *view);

/*!
 * \brief Sets the records of an answer.
 *
 * \param[in] answer        Answer; the records that it had are freed.
 * \param[in] record        Records, copied with what they point to.
 * \param[in] answer_count  Those of the answer section, first in \a record.
 * \param[in] record_count  All.
 * \param[in] target        Last name of the chain of aliases, copied, or NULL.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory; the answer has none then.
 */
int probe_answer_set(probe_answer_t *answer, const caaudit_record_t *record, size_t answer_count,
                     size_t record_count, const knot_dname_t *target);

/*! Is the RDATA of a CNAME, DNAME or NS record a name, and nothing else? It need not be. */
bool probe_is_name(const caaudit_record_t *record);

/*! Frees what an answer holds. */
void probe_answer_clear(probe_answer_t *answer);

/*!
 * \brief Says what an answer says: "0 issue \"sectigo.com\"", "none", "REFUSED", "no answer"...
 *
 * \param[in]  answer    Answer.
 * \param[in]  question  Question.
 * \param[out] out       Text, cut if it is too long; octets of the answer are escaped.
 * \param[in]  size      Octets of \a out.
 */
void probe_answer_text(const probe_answer_t *answer, const probe_question_t *question, char *out,
                       size_t size);

/*! Writes RDATA in zone file form, as \\# where it has none; returns false if it does not fit. */
bool probe_rdata_text(uint16_t type, const uint8_t *rdata, uint16_t rdlen, char *out, size_t size);

/*! Gets the name of an RCODE, "RCODE 23" in \a out where there is none. */
const char *probe_rcode_name(uint16_t rcode, char *out, size_t size);

/* --- Comparison --------------------------------------------------------------------------- */

/*! What a cell of the table is. */
typedef enum {
	PROBE_CELL_SAME,    /*!< As the reference. */
	PROBE_CELL_OTHER,   /*!< Another answer. */
	PROBE_CELL_FAILED,  /*!< No answer, or none that a CA can use. */
	PROBE_CELL_UNKNOWN, /*!< Not asked, or there is nothing to compare it with. */
} probe_cell_t;

/*! One finding about servers. */
typedef struct {
	caaudit_id_t id;
	caaudit_severity_t severity;
	knot_dname_t *owner; /*!< Name that is concerned. */
	char *text; /*!< What these servers say, what the others say, and what a CA makes of it. */
	size_t *column; /*!< Columns concerned, ascending. */
	size_t column_count;
} probe_finding_t;

/*! What a comparison comes to. */
typedef struct {
	probe_finding_t *finding; /*!< The gravest first. */
	size_t finding_count;
	size_t *reference; /*!< For each question the column that has the reference answer, or the count
	                        of columns if there is none. */
	probe_cell_t *cell; /*!< Row by row. */
	uint32_t serial;    /*!< The highest. */
	bool has_serial;
	size_t asked; /*!< Servers and resolvers. */
	size_t alike; /*!< Those that answer like the reference. */
} probe_result_t;

/*!
 * \brief Compares the columns of a complete zone.
 *
 * The reference answer is that of the zone itself where there is one; else what most of the servers
 * with the highest serial say; else what most resolvers say.
 *
 * \param[in]  zone  Zone; the columns note whether they are alike.
 * \param[out] out   Result, to be cleared in any case.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int probe_compare(probe_zone_t *zone, probe_result_t *out);

/*!
 * \brief Adds a finding about no server.
 *
 * \param[in] out       Result.
 * \param[in] id        Finding.
 * \param[in] severity  Severity.
 * \param[in] owner     Name that is concerned, copied.
 * \param[in] text      What is wrong, copied.
 *
 * \return false if out of memory.
 */
bool probe_result_add(probe_result_t *out, caaudit_id_t id, caaudit_severity_t severity,
                      const knot_dname_t *owner, const char *text);

/*!
 * \brief Adds the questions that a delegation makes: the addresses of name servers in the zone.
 *
 * \return As probe_zone_ask().
 */
int probe_delegation_ask(probe_zone_t *zone, const probe_delegation_t *delegation);

/*!
 * \brief Compares what the parent says with what the zone says, and adds what differs.
 *
 * \param[in]     zone        Zone that is compared already.
 * \param[in]     delegation  Its delegation.
 * \param[in,out] out         Result of probe_compare().
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int probe_compare_delegation(const probe_zone_t *zone, const probe_delegation_t *delegation,
                             probe_result_t *out);

/*! Frees what a result holds. */
void probe_result_clear(probe_result_t *result);
