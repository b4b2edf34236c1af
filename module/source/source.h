/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Reads the records of a zone from a zone file, a control socket, its open transaction, or a
 *        zone transfer.
 *
 * Each source passes the records of one zone to a callback, one at a time, and
 * keeps nothing: to read a zone again, call the source again. KNOT_EOK means
 * that the zone was read to its end and did not change meanwhile. After any
 * other value the listener has been told why at least once, except for
 * KNOT_ELIMIT from the listener and for the callback's own errors other than
 * KNOT_ENOMEM. Every source can return
 *
 * - KNOT_ELIMIT, the listener gave up,
 * - KNOT_EBUSY, the zone changed meanwhile: a retry may succeed,
 * - KNOT_ENOMEM, out of memory,
 * - what the record callback returned.
 *
 * The functions block. They share no state, so any number of threads can read
 * at the same time. A thread needs a stack of 256 kB.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <libknot/tsig.h>

#include "caaudit/policy.h"
#include "caaudit/view.h"

/*! Octets of the longest complaint, the final zero included; a longer one is cut. */
#define SOURCE_TEXT_MAX 512
/*! Octets of the longest file name in a complaint, the final zero included; a longer one is cut. */
#define SOURCE_FILE_MAX 1024

/*! Hears complaints and progress of a reading. Embed it in a larger structure for a context. */
typedef struct source_listener source_listener_t;
struct source_listener {
	/*!
	 * \brief Hears what is wrong with the input.
	 *
	 * \param[in] self  This listener.
	 * \param[in] file  File or socket that is being read, or NULL.
	 * \param[in] line  Line in \a file, 0 if there is none.
	 * \param[in] what  Reason, lower case, no full stop, printable.
	 *
	 * The texts belong to the caller and are gone after the call.
	 */
	void (*complain)(source_listener_t *self, const char *file, uint64_t line,
	                 const char *what);
	/*!
	 * \brief Hears of each zone file before it is read, of included ones as well; may be NULL.
	 *
	 * \param[in] self  This listener.
	 * \param[in] file  Path; it belongs to the caller.
	 */
	void (*opened)(source_listener_t *self, const char *file);
	/*!
	 * \brief Decides between two blocks of input whether to go on; may be NULL.
	 *
	 * \param[in] self  This listener.
	 * \param[in] done  Octets (file) or records (others) read so far.
	 * \param[in] all   Total of the same unit, 0 if not known.
	 *
	 * \retval true   to go on.
	 * \retval false  to give up: the source returns KNOT_ELIMIT without a complaint.
	 */
	bool (*go_on)(source_listener_t *self, uint64_t done, uint64_t all);
};

/*!
 * \brief Listener that keeps the first complaint, which is the cause of the others.
 *
 * Set \a listener.complain to source_keep_first(), or call that from another
 * callback. Starts zeroed.
 */
typedef struct {
	source_listener_t listener; /*!< Must come first. */
	uint64_t count;             /*!< Complaints so far; without one the rest is empty. */
	char file[SOURCE_FILE_MAX]; /*!< Empty if there is none. */
	uint64_t line;              /*!< 0 if there is none. */
	char what[SOURCE_TEXT_MAX];
} source_first_t;

/*!
 * \brief Counts a complaint, and keeps it if it is the first.
 *
 * \param[in] self  Listener of a source_first_t.
 * \param[in] file  As for source_listener_t, also the rest.
 * \param[in] line  Line.
 * \param[in] what  Reason.
 */
void source_keep_first(source_listener_t *self, const char *file, uint64_t line, const char *what);

/*!
 * \brief Takes one record.
 *
 * \param[in] context  As given to the source.
 * \param[in] record   Record; all that it points to is valid during the call only.
 *
 * \retval KNOT_EOK  to go on.
 * \retval KNOT_E*   to end the reading with this value.
 */
typedef int (*source_record_f)(void *context, const caaudit_record_t *record);

/*! What a zone file may consist of. */
enum {
	SOURCE_INCLUDES = 1 << 0, /*!< $INCLUDE is followed. */
};

/*!
 * \brief Reads a zone file (RFC 1035 section 5).
 *
 * The file is read, never mapped: the process survives if somebody truncates
 * it. Apart from the standard input only regular files are opened, so that nothing
 * blocks. Relative names of included files
 * are relative to the directory of the including file. As in the server, an
 * unfinished directive at the end of a file has no effect, and an error in a
 * directive or in a parenthesis ends the file.
 *
 * \param[in] listener  Listener; it is told every error of the scanner.
 * \param[in] path      Path, "-" is the standard input.
 * \param[in] zone      Origin of relative names.
 * \param[in] flags     SOURCE_INCLUDES or 0.
 * \param[in] record    Called for each record; the file is the path as it was opened, "-" for the
 *                      standard input, and the line that in which the record ends.
 * \param[in] context   For \a record.
 *
 * \retval KNOT_EOK         on success.
 * \retval KNOT_EPARSEFAIL  if a line is wrong; \a record got what the other lines hold.
 * \retval KNOT_EBUSY       if a file changed or was replaced while it was read.
 * \retval KNOT_EFILE       if it is no file of an allowed kind.
 * \retval KNOT_E*          other errors of the system or of every source.
 */
int source_zonefile(source_listener_t *listener, const char *path, const knot_dname_t *zone,
                    unsigned flags, source_record_f record, void *context);

/*! Where a zone file has its first SOA record. */
typedef struct {
	/*! Lower case; without the origin if \a relative. A name that stands twice stands here once,
	 *  and is relative to itself. */
	knot_dname_storage_t owner;
	bool relative; /*!< The owner depends on the name of the zone, which the file does not say. */
	uint64_t line; /*!< Line in which the record ends. */
} source_soa_t;

/*!
 * \brief Finds the first SOA record near the beginning of a regular file.
 *
 * Its owner is the name of the zone. Nothing is complained about.
 *
 * \param[in]  path  Path; in the standard input nothing is found.
 * \param[out] out   SOA record.
 *
 * \return True if there is one.
 */
bool source_find_soa(const char *path, source_soa_t *out);

/*!
 * \brief Reads a zone of a running server over its control socket ("zone-read").
 *
 * Not for Knot 3.2.0 to 3.2.6, where that command can crash the server: the
 * caller decides. The answer is received at full speed and parsed after its
 * end, because the server cuts a slow reader off.
 *
 * \param[in] listener  Listener.
 * \param[in] socket    Path of the socket.
 * \param[in] timeout   Milliseconds for each operation, 0 for no limit; the whole may take six times as
 *                      long, and a second more for each thousand records.
 * \param[in] zone      Zone.
 * \param[in] record    Called for each record.
 * \param[in] context   For \a record.
 *
 * \retval KNOT_EOK       on success.
 * \retval KNOT_ECONN     if the answer is not complete.
 * \retval KNOT_ETIMEOUT  if the server stalls.
 * \retval KNOT_EDENIED   if the server reports an error instead of the zone.
 * \retval KNOT_EMALF     if it cannot write a record down, reports another error after some
 *                        records, or if the answer is not understood.
 * \retval KNOT_E*        other errors of the system or of every source.
 */
int source_control(source_listener_t *listener, const char *socket, int timeout,
                   const knot_dname_t *zone, source_record_f record, void *context);

/*!
 * \brief Open transaction of a zone, read once: what is served, and what zone-commit makes of it.
 *
 * Records that a server makes when it signs (RRSIG, DNSKEY, NSEC, NSEC3,
 * NSEC3PARAM) are left out of both: it makes them anew at zone-commit.
 */
typedef struct source_transaction source_transaction_t;

/*!
 * \brief Reads the open transaction of a zone over the control socket ("zone-diff", "zone-get").
 *
 * Safe with every version of the server: what is served is the new zone less
 * the differences. The differences are asked for before and after.
 *
 * \param[in]  listener  Listener.
 * \param[in]  socket    Path of the socket.
 * \param[in]  timeout   Milliseconds, as for source_control(), for each of three commands.
 * \param[in]  zone      Zone.
 * \param[out] out       Transaction, to be freed by source_transaction_free(); not set after an
 *                       error.
 *
 * \retval KNOT_EOK      on success.
 * \retval KNOT_EBUSY    if the transaction changed meanwhile.
 * \retval KNOT_EDENIED  if the server reports an error: no transaction is open, no such zone.
 * \retval KNOT_ESPACE   if it cannot write down a record that the transaction removes: what the
 *                       transaction makes can be read, and what is served cannot.
 * \retval KNOT_EMALF    if it cannot write another record down, if the answer is not understood, or if
 *                       the differences do not fit the new zone.
 * \retval KNOT_E*       other errors, as for source_control().
 */
int source_transaction_read(source_listener_t *listener, const char *socket, int timeout,
                            const knot_dname_t *zone, source_transaction_t **out);

/*!
 * \brief Passes the records of one state of a zone with an open transaction.
 *
 * \param[in] transaction  Transaction.
 * \param[in] listener     Listener.
 * \param[in] socket       Path of the socket, for complaints.
 * \param[in] served       What is served, else what zone-commit makes of it.
 * \param[in] record       Called for each record.
 * \param[in] context      For \a record.
 *
 * \retval KNOT_EOK    on success.
 * \retval KNOT_EMALF  if a record is not understood.
 * \retval KNOT_E*     other errors of every source, but KNOT_EBUSY.
 */
int source_transaction_records(source_transaction_t *transaction, source_listener_t *listener,
                               const char *socket, bool served, source_record_f record,
                               void *context);

/*! Tells whether signatures or denials were left out of a transaction. */
bool source_transaction_lacks_proofs(const source_transaction_t *transaction);

/*! Frees a transaction; NULL is fine. */
void source_transaction_free(source_transaction_t *transaction);

/*!
 * \brief Reads a zone by AXFR over TCP (RFC 5936).
 *
 * \param[in] listener  Listener.
 * \param[in] server    Address and port.
 * \param[in] key       TSIG key (RFC 8945), or NULL.
 * \param[in] timeout   Milliseconds for the connection, the query and each message, and as with
 *                      source_control() for the whole; 0 for no
 *                      limit.
 * \param[in] zone      Zone.
 * \param[in] record    Called for each record but the last SOA.
 * \param[in] context   For \a record.
 *
 * \retval KNOT_EOK       on success.
 * \retval KNOT_EBUSY     if the last SOA record is not the first.
 * \retval KNOT_ECONN     if the transfer is not complete.
 * \retval KNOT_ETIMEOUT  if the server stalls.
 * \retval KNOT_EDENIED   if the server refuses.
 * \retval KNOT_EMALF     if the answer is malformed or not one to the query.
 * \retval KNOT_ENOTSIG   if a signature is missing.
 * \retval KNOT_TSIG_E*   if a signature is wrong.
 * \retval KNOT_E*        other errors of the system or of every source.
 */
int source_transfer(source_listener_t *listener, const struct sockaddr_storage *server,
                    const knot_tsig_key_t *key, int timeout, const knot_dname_t *zone,
                    source_record_f record, void *context);

/*! Octets of an address as text, the final zero included. */
#define SOURCE_ADDRESS_MAX 128

/*! Writes an address and its port as the server's configuration does: ADDR@PORT. */
void source_address_text(const struct sockaddr_storage *address, char out[SOURCE_ADDRESS_MAX]);

/*! Writes an error of the system in lower case, cut if it is too long; returns \a out. */
const char *source_errno_text(int code, char *out, size_t size);

/*!
 * \brief Records of one validation file, not yet of a certain zone.
 *
 * A validation file is a zone file of CNAME and TXT records, relative to the
 * zone. One file can serve many zones: records outside a zone belong to others
 * and are left out. Only one regular file is read, without $INCLUDE, since
 * whoever looks whether the file has changed sees no other. "-" is the standard
 * input. The TLD "\\001" stands for the zone: no zone has it.
 */
typedef struct source_validations source_validations_t;

/*!
 * \brief Finds the validation file of a zone.
 *
 * \param[in]  listener  Listener.
 * \param[in]  pattern   Path, with the formatters of the server's 'zone.file'.
 * \param[in]  zone      Zone name.
 * \param[out] out       Path to be freed. NULL if the formatters make a name for each zone, and
 *                       there is no such file: the zone expects nothing.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_EINVAL  if the pattern is wrong.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int source_validations_path(source_listener_t *listener, const char *pattern,
                            const knot_dname_t *zone, char **out);

/*!
 * \brief Reads a validation file.
 *
 * \param[in]  listener  Listener; it is told every wrong line.
 * \param[in]  path      Path.
 * \param[out] out       Records, to be freed by source_validations_free(); not set after an error.
 *
 * \retval KNOT_EOK         on success.
 * \retval KNOT_EPARSEFAIL  if a line is wrong.
 * \retval KNOT_EBUSY       if the file changed or was replaced while it was read.
 * \retval KNOT_ELIMIT      if there are more than a million records, or the listener gave up.
 * \retval KNOT_ENOMEM      if out of memory.
 * \retval KNOT_E*          other errors: no such file, no regular file...
 */
int source_validations_read(source_listener_t *listener, const char *path,
                            source_validations_t **out);

/*!
 * \brief Adds the records of a zone to its policy, in the order of the file.
 *
 * The time grows with these records, not with all. Any number of threads can
 * read one list at the same time.
 *
 * \param[in] list      Records of a file.
 * \param[in] listener  Listener; it is told what is wrong in this zone.
 * \param[in] policy    Policy; after an error it is as before.
 *
 * \retval KNOT_EOK         on success.
 * \retval KNOT_EPARSEFAIL  if a relative name is too long in this zone.
 * \retval KNOT_ELIMIT      if there are too many records for one zone.
 * \retval KNOT_ENOMEM      if out of memory.
 */
int source_validations_add(const source_validations_t *list, source_listener_t *listener,
                           caaudit_policy_t *policy);

/*! Frees the records of a file; NULL is fine. */
void source_validations_free(source_validations_t *list);

/*!
 * \brief Adds the records of a zone's validation file to its policy.
 *
 * \param[in] listener  Listener.
 * \param[in] pattern   Path, as for source_validations_path().
 * \param[in] policy    Policy; after an error it is as before.
 *
 * \return KNOT_EOK, or an error of the path, the file or a record, as the three functions above.
 */
int source_read_validations(source_listener_t *listener, const char *pattern,
                            caaudit_policy_t *policy);
