/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Where records come from: zone file, control socket, zone transfer.
 *
 * Each function reads one zone, pushes every record into a view and finishes
 * it. KNOT_EOK means that the zone is complete and of one serial; after any
 * other value, with one exception named below, the view must only be freed, and
 * the reader has been told why at least once (but for KNOT_ELIMIT). Errors of
 * all of them are
 *
 * - KNOT_ELIMIT, the reader gave up,
 * - KNOT_EBUSY, the zone changed meanwhile: to read it again may help,
 * - KNOT_ENOENT, KNOT_ESEMCHECK and KNOT_EMALF of caaudit_view_finish(),
 * - KNOT_ENOMEM.
 *
 * The functions block; they share no state, so any number of threads may read
 * at the same time. A thread needs a stack of 256 kB.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include <libknot/tsig.h>

#include "caaudit/policy.h"
#include "caaudit/view.h"

/*!
 * \brief The caller of a source. Embed it in a larger structure to carry a context.
 */
typedef struct caaudit_reader caaudit_reader_t;
struct caaudit_reader {
	/*!
	 * \brief Something is wrong with the input.
	 *
	 * \param[in] self  This reader.
	 * \param[in] file  File or socket that is being read, or NULL.
	 * \param[in] line  Line in \a file, 0 if there is none.
	 * \param[in] what  Reason, lower case, no full stop, printable.
	 */
	void (*complain)(caaudit_reader_t *self, const char *file, uint64_t line, const char *what);
	/*!
	 * \brief Asked between blocks of input; may be NULL.
	 *
	 * \param[in] self  This reader.
	 * \param[in] done  Octets (file) or records (others) read so far.
	 * \param[in] all   What there is, 0 if not known.
	 *
	 * \retval true   to go on.
	 * \retval false  to give up; the source returns KNOT_ELIMIT without a complaint.
	 */
	bool (*go_on)(caaudit_reader_t *self, uint64_t done, uint64_t all);
};

/*!
 * \brief Reads a master file (RFC 1035 section 5), $INCLUDE as well.
 *
 * The file is read, never mapped: one that is truncated meanwhile must not
 * kill the process. Every error of the scanner is passed to the reader.
 *
 * \param[in] reader  Reader.
 * \param[in] path    Path, "-" is the standard input.
 * \param[in] view    Empty view.
 *
 * Included files are relative to the directory of the file that includes them.
 * As in the server, an unfinished directive at the end of a file has no effect,
 * and an error in a directive or a parenthesis ends the file.
 *
 * \retval KNOT_EOK         on success.
 * \retval KNOT_EPARSEFAIL  if something in the file is wrong; what could be read is in the view,
 *                          and it is finished.
 * \retval KNOT_EBUSY       if a file changed or was replaced while it was read.
 * \retval KNOT_EFILE       if it is neither a regular file nor a pipe.
 * \retval KNOT_E*          other errors: no such file, no SOA record...
 */
int caaudit_read_zonefile(caaudit_reader_t *reader, const char *path, caaudit_view_t *view);

/*!
 * \brief Finds the first SOA record near the beginning of a regular file.
 *
 * For a hint when a file is not of the zone it was taken for. Nothing is
 * complained about.
 *
 * \param[in]  path    Path.
 * \param[in]  origin  Zone that the file was taken for.
 * \param[out] owner   Owner of the SOA record.
 *
 * \return True if there is one.
 */
bool caaudit_find_soa(const char *path, const knot_dname_t *origin, knot_dname_storage_t owner);

/*!
 * \brief Records of one validation file, for whatever zone.
 *
 * It is a master file (RFC 1035 section 5) of CNAME and TXT records, relative
 * to the zone. Records outside the zone are for other zones and are left out.
 * Only one regular file is read: no $INCLUDE, since who looks whether the file
 * has changed sees no other. "-" is the standard input. The TLD "\\001" stands
 * for the zone: no zone has it.
 */
typedef struct caaudit_validations caaudit_validations_t;

/*!
 * \brief Finds the validation file of a zone.
 *
 * \param[in]  reader   Reader.
 * \param[in]  pattern  Path, with the formatters of the server's 'zone.file'.
 * \param[in]  zone     Zone name.
 * \param[out] out      Path to be freed. NULL if the formatters make a name for each zone, and
 *                      there is no such file: the zone expects nothing.
 *
 * \retval KNOT_EOK     on success.
 * \retval KNOT_EINVAL  if the pattern is wrong.
 * \retval KNOT_ENOMEM  if out of memory.
 */
int caaudit_validations_path(caaudit_reader_t *reader, const char *pattern,
                             const knot_dname_t *zone, char **out);

/*!
 * \brief Reads a validation file.
 *
 * \param[in]  reader  Reader; it is told whatever is wrong, line by line.
 * \param[in]  path    Path.
 * \param[out] out     List, to be freed by caaudit_validations_free().
 *
 * \retval KNOT_EOK         on success.
 * \retval KNOT_EPARSEFAIL  if a line is wrong.
 * \retval KNOT_EBUSY       if the file changed or was replaced while it was read.
 * \retval KNOT_ELIMIT      if there are more than a million records, or the reader gave up.
 * \retval KNOT_ENOMEM      if out of memory.
 * \retval KNOT_E*          other errors: no such file, no regular file...
 */
int caaudit_validations_read(caaudit_reader_t *reader, const char *path,
                             caaudit_validations_t **out);

/*!
 * \brief Adds the records of a zone to its policy, in the order of the file.
 *
 * The time grows with these records, not with all. Any number of threads may do so with one list.
 *
 * \param[in] list    List.
 * \param[in] reader  Reader; it is told what is wrong in this zone.
 * \param[in] policy  Policy; after an error it is as before.
 *
 * \retval KNOT_EOK         on success.
 * \retval KNOT_EPARSEFAIL  if a relative name is too long in this zone.
 * \retval KNOT_ELIMIT      if there are too many records for one zone.
 * \retval KNOT_ENOMEM      if out of memory.
 */
int caaudit_validations_add(const caaudit_validations_t *list, caaudit_reader_t *reader,
                            caaudit_policy_t *policy);

/*!
 * \brief Frees a list.
 *
 * \param[in] list  List or NULL.
 */
void caaudit_validations_free(caaudit_validations_t *list);

/*!
 * \brief Does all of that for one zone.
 *
 * \param[in] reader   Reader.
 * \param[in] pattern  Path, as for caaudit_validations_path().
 * \param[in] policy   Policy; after an error it is as before.
 *
 * \return KNOT_EOK, or an error of the three above.
 */
int caaudit_read_validations(caaudit_reader_t *reader, const char *pattern,
                             caaudit_policy_t *policy);

/*!
 * \brief Reads a zone of a running server over its control socket ("zone-read").
 *
 * Not for Knot 3.2.0 to 3.2.6, where that command can crash the server: the
 * caller decides. The socket is drained at full speed; nothing is looked at
 * before the end.
 *
 * \param[in] reader   Reader.
 * \param[in] socket   Path of the socket.
 * \param[in] timeout  Milliseconds for each operation, 0 for any time.
 * \param[in] view     Empty view.
 *
 * \retval KNOT_EOK       on success.
 * \retval KNOT_ECONN     if the answer is not complete.
 * \retval KNOT_ETIMEOUT  if the server stalls.
 * \retval KNOT_EDENIED   if the server reports an error instead of the zone.
 * \retval KNOT_EMALF     if it reports one after some records, as it does for a record that it
 *                        cannot write down, or if the answer is not understood.
 * \retval KNOT_E*        other errors.
 */
int caaudit_read_control(caaudit_reader_t *reader, const char *socket, int timeout,
                         caaudit_view_t *view);

/*!
 * \brief Reads a zone by AXFR over TCP (RFC 5936).
 *
 * \param[in] reader   Reader.
 * \param[in] server   Address and port.
 * \param[in] key      TSIG key (RFC 8945), or NULL.
 * \param[in] timeout  Milliseconds for the connection, the query and each message, 0 for any
 *                     time.
 * \param[in] view     Empty view.
 *
 * \retval KNOT_EOK       on success.
 * \retval KNOT_EBUSY     if the last SOA record is not the first.
 * \retval KNOT_ECONN     if the transfer is not complete.
 * \retval KNOT_ETIMEOUT  if the server stalls.
 * \retval KNOT_EDENIED   if the server refuses.
 * \retval KNOT_EMALF     if the answer is malformed or not one to the query.
 * \retval KNOT_ENOTSIG   if a signature is missing.
 * \retval KNOT_TSIG_E*   if a signature is wrong.
 * \retval KNOT_E*        other errors.
 */
int caaudit_read_transfer(caaudit_reader_t *reader, const struct sockaddr_storage *server,
                          const knot_tsig_key_t *key, int timeout, caaudit_view_t *view);
