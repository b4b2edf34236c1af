/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Reads a zone over a control socket.
 *
 * The server cuts off a client that stalls, so the answer is stored first, as lines of a zone
 * file, and parsed when the server has finished.
 */

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <libknot/control/control.h>
#include <libknot/descriptor.h>
#include <libknot/errcode.h>
#include <libknot/error.h>
#include <libzscanner/scanner.h>

#include "complain.h"
#include "clock.h"

/*! Octets of one chunk of text; the longest line takes less than 70 kB. */
#define CHUNK_SIZE (256 * 1024)
/*! Records between two questions to the listener. */
#define PACE 4096
/*! Milliseconds between two attempts to connect to a busy server. */
#define BUSY_WAIT 20

/*! Stored lines; a line is in one chunk. */
typedef struct chunk chunk_t;
struct chunk {
	chunk_t *next;
	size_t used;
	char data[CHUNK_SIZE];
};

/*! Lines in the order in which they came. */
typedef struct {
	chunk_t *first;
	chunk_t *last;
	uint64_t count;
} lines_t;

/*! Lines in order, to search among them; they belong to others. */
typedef struct {
	const char **line;
	size_t count;
} index_t;

struct source_transaction {
	lines_t kept;    /*!< What the transaction leaves as it is served. */
	lines_t removed; /*!< What is served, and will not be. */
	lines_t added;   /*!< What is not served, and will be. */
	index_t news;    /*!< Lines of \a added. */
	index_t gone;    /*!< Lines of \a removed. */
	index_t changes; /*!< Lines of \a added and \a removed. */
	uint64_t met;    /*!< Of \a added, those that the new zone has. */
	bool proofs;     /*!< Signatures or denials were left out. */
};

/*! One reading. */
typedef struct {
	source_listener_t *listener;
	const char *socket;
	const char *command;
	knot_dname_txt_storage_t zone;
	knot_dname_txt_storage_t owner;    /*!< Owner of the last record. */
	source_transaction_t *transaction; /*!< NULL if what is served is read. */
	lines_t lines;                     /*!< Unused for a transaction. */
	uint64_t records;                  /*!< Records received. */
	bool unwritable;                   /*!< The server could not write a record down. */
} control_t;

static int no_memory(const control_t *control)
{
	source_complain(control->listener, control->socket, 0, "not enough memory");
	return KNOT_ENOMEM;
}

/*! Complains about an item that no server sends. */
static int garbage(const control_t *control, const char *what)
{
	source_complain(control->listener, control->socket, 0,
	                "unexpected answer after %llu records, %s",
	                (unsigned long long)control->records, what);
	return KNOT_EMALF;
}

static char *put(char *to, const char *text, size_t length, char end)
{
	memcpy(to, text, length);
	to[length] = end;
	return to + length + 1;
}

static void free_lines(lines_t *lines)
{
	while (lines->first != NULL) {
		chunk_t *next = lines->first->next;
		free(lines->first);
		lines->first = next;
	}
	*lines = (lines_t){ 0 };
}

/*! Makes room for a line. NULL if out of memory. */
static char *add_line(lines_t *lines, size_t length)
{
	chunk_t *chunk = lines->last;
	if (chunk == NULL || CHUNK_SIZE - chunk->used < length) {
		chunk = malloc(sizeof(*chunk));
		if (chunk == NULL) {
			return NULL;
		}
		chunk->next = NULL;
		chunk->used = 0;
		*(lines->last == NULL ? &lines->first : &lines->last->next) = chunk;
		lines->last = chunk;
	}
	chunk->used += length;
	lines->count++;
	return chunk->data + chunk->used - length;
}

/*! Orders whole lines. */
static int compare_lines(const void *a, const void *b)
{
	const char *x = *(const char *const *)a;
	const char *y = *(const char *const *)b;
	size_t x_len = strcspn(x, "\n"), y_len = strcspn(y, "\n");
	int ret = memcmp(x, y, x_len < y_len ? x_len : y_len);
	return ret != 0 ? ret : (x_len > y_len) - (x_len < y_len);
}

/*! Orders the fields that two lines begin with, and goes to the next ones. */
static int compare_fields(const char **x, const char **y)
{
	size_t x_len = strcspn(*x, "\t"), y_len = strcspn(*y, "\t");
	int ret = memcmp(*x, *y, x_len < y_len ? x_len : y_len);
	*x += x_len + 1;
	*y += y_len + 1;
	return ret != 0 ? ret : (x_len > y_len) - (x_len < y_len);
}

/*! Orders lines by owner and type. */
static int compare_rrsets(const void *a, const void *b)
{
	const char *x = *(const char *const *)a;
	const char *y = *(const char *const *)b;
	int owner = compare_fields(&x, &y);
	(void)compare_fields(&x, &y); // The second field is the TTL.
	return owner != 0 ? owner : compare_fields(&x, &y);
}

/*! Tells whether lines of one owner have one TTL. */
static bool same_ttl(const char *x, const char *y)
{
	(void)compare_fields(&x, &y);
	return compare_fields(&x, &y) == 0;
}

/*! Makes room for lines; false if out of memory. */
static bool make_index(index_t *index, size_t count)
{
	index->line = calloc(count + 1, sizeof(*index->line));
	return index->line != NULL;
}

/*! Appends the lines to an index, which has room for them. */
static void index_lines(index_t *index, const lines_t *lines)
{
	for (const chunk_t *chunk = lines->first; chunk != NULL; chunk = chunk->next) {
		for (size_t at = 0; at < chunk->used;) {
			const char *line = chunk->data + at;
			index->line[index->count++] = line;
			at += strcspn(line, "\n") + 1;
		}
	}
}

static void sort_index(index_t *index, int (*compare)(const void *, const void *))
{
	qsort(index->line, index->count, sizeof(*index->line), compare);
}

static const char **search_index(const index_t *index, const char *line,
                                 int (*compare)(const void *, const void *))
{
	return bsearch(&line, index->line, index->count, sizeof(line), compare);
}

/*! Prepares the comparison of the zone with the differences. */
static int index_changes(source_transaction_t *transaction)
{
	size_t added = transaction->added.count, removed = transaction->removed.count;
	if (!make_index(&transaction->gone, removed) ||
	    !make_index(&transaction->changes, added + removed) ||
	    !make_index(&transaction->news, added)) {
		return KNOT_ENOMEM;
	}
	index_lines(&transaction->news, &transaction->added);
	index_lines(&transaction->gone, &transaction->removed);
	index_lines(&transaction->changes, &transaction->added);
	index_lines(&transaction->changes, &transaction->removed);
	sort_index(&transaction->news, compare_lines);
	sort_index(&transaction->gone, compare_lines);
	sort_index(&transaction->changes, compare_rrsets);
	return KNOT_EOK;
}

/*! Tells whether the server makes records of that type when it signs. */
static bool is_proof(const char *type)
{
	static const char *const proof[] = { "RRSIG", "DNSKEY", "NSEC", "NSEC3", "NSEC3PARAM" };
	for (size_t i = 0; i < sizeof(proof) / sizeof(proof[0]); i++) {
		if (strcasecmp(type, proof[i]) == 0) {
			return true;
		}
	}
	return false;
}

static int changed_meanwhile(const control_t *control)
{
	source_complain(control->listener, control->socket, 0,
	                "the transaction changed while it was read");
	return KNOT_EBUSY;
}

/*! Takes back the line of the new zone that was stored last, if the differences have it. */
static int sort_line(control_t *control, lines_t *lines, const char *line, size_t length)
{
	source_transaction_t *transaction = control->transaction;
	if (lines != &transaction->kept) {
		return KNOT_EOK;
	}
	if (search_index(&transaction->news, line, compare_lines) != NULL) {
		lines->last->used -= length;
		lines->count--;
		transaction->met++;
		return KNOT_EOK;
	}
	if (search_index(&transaction->gone, line, compare_lines) != NULL) {
		return changed_meanwhile(control);
	}
	// The records of one owner and type have one TTL.
	const char **change = search_index(&transaction->changes, line, compare_rrsets);
	if (change != NULL && !same_ttl(line, *change)) {
		source_complain(control->listener, control->socket, 0,
		                "zone-diff does not tell all that the transaction changes at %s, "
		                "as after a refused zone-set with another TTL",
		                control->owner);
		return KNOT_EMALF;
	}
	return KNOT_EOK;
}

/*! Gets the sign of a difference, NULL if there is none. From Knot DNS 3.4.1 on it is among the
 *  filters, but for a zone that had no contents. */
static const char *get_sign(knot_ctl_data_t data)
{
	enum { IDX_FILTERS = KNOT_CTL_IDX_DATA + 1 }; // Its name differs between versions.
	return data[IDX_FILTERS] != NULL ? data[IDX_FILTERS] : data[KNOT_CTL_IDX_FLAGS];
}

/*! Finds the lines that a record belongs to; NULL if its sign makes no sense. */
static lines_t *find_lines(control_t *control, const char *sign)
{
	source_transaction_t *transaction = control->transaction;
	if (transaction == NULL) {
		return &control->lines;
	}
	if (transaction->news.line != NULL) {
		return &transaction->kept; // The differences are known, the zone is read.
	}
	if (sign != NULL && strcmp(sign, "+") == 0) {
		return &transaction->added;
	}
	return sign != NULL && strcmp(sign, "-") == 0 ? &transaction->removed : NULL;
}

/*! Stores one record as a line; checks only what could break the line. */
static int store(control_t *control, knot_ctl_data_t data)
{
	const char *zone = data[KNOT_CTL_IDX_ZONE];
	const char *owner = data[KNOT_CTL_IDX_OWNER];
	const char *ttl = data[KNOT_CTL_IDX_TTL];
	const char *type = data[KNOT_CTL_IDX_TYPE];
	const char *rdata = data[KNOT_CTL_IDX_DATA];

	if (zone == NULL || owner == NULL || ttl == NULL || type == NULL || rdata == NULL) {
		return garbage(control, "an incomplete record");
	}
	if (strcasecmp(zone, control->zone) != 0) {
		return garbage(control, "a record of another zone");
	}
	lines_t *lines = find_lines(control, get_sign(data));
	if (lines == NULL) {
		return garbage(control, "a difference that neither adds nor removes");
	}
	if (control->transaction != NULL && is_proof(type)) {
		control->transaction->proofs = true;
		control->records++;
		return KNOT_EOK;
	}

	size_t ttl_len = strlen(ttl), type_len = strlen(type), rdata_len = strlen(rdata);
	size_t owner_len = 0; // An empty owner is the one of the line before.
	if (control->transaction != NULL || lines->last == NULL ||
	    strcmp(owner, control->owner) != 0) {
		owner_len = strlen(owner);
		if (owner_len == 0 || owner_len >= sizeof(control->owner) ||
		    owner[owner_len - 1] != '.') {
			return garbage(control, "a wrong owner");
		}
		memcpy(control->owner, owner, owner_len + 1);
	}
	if (strpbrk(ttl, "\t\n") != NULL || strpbrk(type, "\t\n") != NULL ||
	    memchr(owner, '\n', owner_len) != NULL || memchr(owner, '\t', owner_len) != NULL ||
	    memchr(rdata, '\n', rdata_len) != NULL) {
		return garbage(control, "a record of several lines");
	}

	size_t length = owner_len + ttl_len + type_len + rdata_len + 4;
	if (length > CHUNK_SIZE) {
		return garbage(control, "a very long record");
	}
	char *line = add_line(lines, length);
	if (line == NULL) {
		return no_memory(control);
	}
	char *to = put(line, owner, owner_len, '\t');
	to = put(to, ttl, ttl_len, '\t');
	to = put(to, type, type_len, '\t');
	(void)put(to, rdata, rdata_len, '\n');
	control->records++;
	return control->transaction != NULL ? sort_line(control, lines, line, length) : KNOT_EOK;
}

/*! Stores the whole answer. */
static int drain(control_t *control, knot_ctl_t *ctl, int timeout)
{
	uint64_t started = clock_ms();
	while (true) {
		knot_ctl_type_t type;
		knot_ctl_data_t data;
		uint64_t now = clock_ms();
		if (now >= source_deadline(started, timeout, control->records)) {
			source_complain(control->listener, control->socket, 0,
			                "answer is too slow, %llu records within %llu s",
			                (unsigned long long)control->records,
			                (unsigned long long)(now - started) / 1000);
			return KNOT_ETIMEOUT;
		}
		int ret = knot_ctl_receive(ctl, &type, &data);
		if (ret != KNOT_EOK) {
			source_complain(control->listener, control->socket, 0,
			                "answer ended early, after %llu records (%s)",
			                (unsigned long long)control->records, knot_strerror(ret));
			return ret;
		}

		switch (type) {
		case KNOT_CTL_TYPE_BLOCK:
		case KNOT_CTL_TYPE_END:
			return KNOT_EOK;
		case KNOT_CTL_TYPE_DATA:
			break;
		default:
			return garbage(control, "an unknown item");
		}

		const char *error = data[KNOT_CTL_IDX_ERROR];
		control->unwritable = error != NULL &&
		                      strcmp(error, knot_strerror(KNOT_ESPACE)) == 0;
		if (error != NULL && control->records == 0) {
			source_complain(control->listener, control->socket, 0,
			                "the server reports: %s", error);
			return control->unwritable ? KNOT_EMALF : KNOT_EDENIED;
		} else if (error != NULL) {
			// A record that the server cannot write down ends the answer.
			source_complain(control->listener, control->socket, 0,
			                "the server reports after %llu records: %.127s; "
			                "the record that it stopped at is at %s or after it",
			                (unsigned long long)control->records, error,
			                control->owner[0] != '\0' ? control->owner :
			                                            "the zone's name");
			return KNOT_EMALF;
		}

		ret = store(control, data);
		if (ret != KNOT_EOK) {
			return ret;
		}
		if (control->records % PACE == 0 &&
		    !source_go_on(control->listener, control->records, 0)) {
			return KNOT_ELIMIT;
		}
	}
}

/*! Connects; tries a server again that is busy with another client. */
static int connect_to(const control_t *control, knot_ctl_t *ctl, int timeout)
{
	int ret;
	int waited = 0;
	while ((ret = knot_ctl_connect(ctl, control->socket)) == KNOT_EAGAIN && waited < timeout) {
		struct timespec wait = { .tv_nsec = BUSY_WAIT * 1000000L };
		(void)nanosleep(&wait, NULL);
		waited += BUSY_WAIT;
	}
	if (ret != KNOT_EOK) {
		source_complain(control->listener, control->socket, 0, "cannot connect (%s)",
		                ret == KNOT_EAGAIN ? "server is busy" : knot_strerror(ret));
	}
	return ret;
}

/*! Sends the command and stores the answer. */
static int fetch(control_t *control, int timeout)
{
	knot_ctl_t *ctl = knot_ctl_alloc();
	if (ctl == NULL) {
		return no_memory(control);
	}
	knot_ctl_set_timeout(ctl, timeout);

	int ret = connect_to(control, ctl, timeout);
	if (ret != KNOT_EOK) {
		knot_ctl_free(ctl);
		return ret;
	}

	knot_ctl_data_t command = {
		[KNOT_CTL_IDX_CMD] = control->command,
		[KNOT_CTL_IDX_ZONE] = control->zone,
	};
	ret = knot_ctl_send(ctl, KNOT_CTL_TYPE_DATA, &command);
	if (ret == KNOT_EOK) {
		ret = knot_ctl_send(ctl, KNOT_CTL_TYPE_BLOCK, NULL);
	}
	if (ret == KNOT_EOK) {
		ret = drain(control, ctl, timeout);
	} else {
		source_complain(control->listener, control->socket, 0, "cannot ask (%s)",
		                knot_strerror(ret));
	}

	if (ret == KNOT_EOK) {
		(void)knot_ctl_send(ctl, KNOT_CTL_TYPE_END, NULL);
	}
	knot_ctl_free(ctl);
	return ret;
}

/*! Parses the lines; those of no transaction are not needed again, and freed on the way. */
static int parse(const control_t *control, zs_scanner_t *s, lines_t *lines, source_record_f record,
                 void *context)
{
	uint64_t line = 0;
	chunk_t *next;
	for (chunk_t *chunk = lines->first; chunk != NULL; chunk = next) {
		(void)zs_set_input_string(s, chunk->data, chunk->used);
		s->line_counter = 0;

		// A line is a record: a directive, a comment or an open quote or parenthesis that
		// came from the server shows in the count of lines.
		for (uint64_t expected = 0; zs_parse_record(s) == 0; expected++) {
			if (s->state == ZS_STATE_EOF) {
				break;
			}
			if (s->state != ZS_STATE_DATA || s->line_counter != expected) {
				const char *why = s->state == ZS_STATE_ERROR ?
				                          zs_strerror(s->error.code) :
				                          NULL;
				source_complain(control->listener, control->socket, 0,
				                "cannot understand record %llu of the answer (%s)",
				                (unsigned long long)line + 1,
				                why != NULL ? why : "not a record");
				return KNOT_EMALF;
			}

			int ret = record(context, &(caaudit_record_t){
							  .owner = s->r_owner,
							  .rdata = s->r_data,
							  .ttl = s->r_ttl,
							  .type = s->r_type,
							  .rdlen = s->r_data_length,
						  });
			if (ret != KNOT_EOK) {
				return ret == KNOT_ENOMEM ? no_memory(control) : ret;
			}
			if (++line % PACE == 0 &&
			    !source_go_on(control->listener, line, lines->count)) {
				return KNOT_ELIMIT;
			}
		}
		next = chunk->next;
		if (control->transaction == NULL) {
			lines->first = next;
			free(chunk);
		}
	}
	return line == lines->count ? KNOT_EOK : garbage(control, "a line without a record");
}

/*! Passes the records of lines, and of more lines, or NULL. */
static int pass(const control_t *control, lines_t *lines, lines_t *more, source_record_f record,
                void *context)
{
	// Too large for the stack of a thread.
	zs_scanner_t *s = malloc(sizeof(*s));
	if (s == NULL || zs_init(s, ".", KNOT_CLASS_IN, 0) != 0) {
		free(s);
		return no_memory(control);
	}
	int ret = parse(control, s, lines, record, context);
	if (ret == KNOT_EOK && more != NULL) {
		ret = parse(control, s, more, record, context);
	}
	zs_deinit(s);
	free(s);
	return ret;
}

int source_control(source_listener_t *listener, const char *socket, int timeout,
                   const knot_dname_t *zone, source_record_f record, void *context)
{
	control_t control = {
		.listener = listener,
		.socket = socket,
		.command = "zone-read",
	};
	if (knot_dname_to_str(control.zone, zone, sizeof(control.zone)) == NULL) {
		return KNOT_EINVAL;
	}

	int ret = fetch(&control, timeout);
	if (ret == KNOT_EOK) {
		ret = pass(&control, &control.lines, NULL, record, context);
	}
	free_lines(&control.lines);
	return ret;
}

static void clear_transaction(source_transaction_t *transaction)
{
	free_lines(&transaction->kept);
	free_lines(&transaction->removed);
	free_lines(&transaction->added);
	free(transaction->news.line);
	free(transaction->gone.line);
	free(transaction->changes.line);
}

static bool same_lines(const lines_t *a, const lines_t *b)
{
	const chunk_t *x = a->first;
	const chunk_t *y = b->first;
	while (x != NULL && y != NULL && x->used == y->used &&
	       memcmp(x->data, y->data, x->used) == 0) {
		x = x->next;
		y = y->next;
	}
	return x == NULL && y == NULL;
}

/*! Asks one command about the transaction. */
static int ask(control_t *control, const char *command, source_transaction_t *transaction,
               int timeout)
{
	control->command = command;
	control->transaction = transaction;
	control->records = 0;
	control->owner[0] = '\0';
	return fetch(control, timeout);
}

static void ignore(source_listener_t *self, const char *file, uint64_t line, const char *what)
{
	(void)self, (void)file, (void)line, (void)what;
}

/*! Tells whether the server can write down all that the transaction leaves and adds. */
static bool is_writable(const control_t *control, int timeout)
{
	source_listener_t silent = { .complain = ignore };
	control_t look = *control;
	look.listener = &silent;
	source_transaction_t made = { .met = 0 };
	bool ok = index_changes(&made) == KNOT_EOK &&
	          ask(&look, "zone-get", &made, timeout) == KNOT_EOK;
	clear_transaction(&made);
	return ok;
}

/*! Reads the transaction between two looks at the differences. */
static int read_transaction(control_t *control, source_transaction_t *transaction, int timeout)
{
	int ret = ask(control, "zone-diff", transaction, timeout);
	if (ret == KNOT_EMALF && control->unwritable && is_writable(control, timeout)) {
		return KNOT_ESPACE;
	}
	if (ret != KNOT_EOK) {
		return ret;
	}
	if (index_changes(transaction) != KNOT_EOK) {
		return no_memory(control);
	}
	ret = ask(control, "zone-get", transaction, timeout);
	if (ret != KNOT_EOK) {
		return ret;
	}

	source_transaction_t after = { .met = 0 };
	ret = ask(control, "zone-diff", &after, timeout);
	if (ret == KNOT_EOK && (transaction->met != transaction->added.count ||
	                        !same_lines(&transaction->added, &after.added) ||
	                        !same_lines(&transaction->removed, &after.removed))) {
		ret = changed_meanwhile(control);
	}
	clear_transaction(&after);
	return ret;
}

int source_transaction_read(source_listener_t *listener, const char *socket, int timeout,
                            const knot_dname_t *zone, source_transaction_t **out)
{
	control_t control = {
		.listener = listener,
		.socket = socket,
	};
	if (knot_dname_to_str(control.zone, zone, sizeof(control.zone)) == NULL) {
		return KNOT_EINVAL;
	}
	source_transaction_t *transaction = calloc(1, sizeof(*transaction));
	if (transaction == NULL) {
		return no_memory(&control);
	}
	int ret = read_transaction(&control, transaction, timeout);
	if (ret != KNOT_EOK) {
		source_transaction_free(transaction);
		return ret;
	}
	*out = transaction;
	return KNOT_EOK;
}

int source_transaction_records(source_transaction_t *transaction, source_listener_t *listener,
                               const char *socket, bool served, source_record_f record,
                               void *context)
{
	control_t control = {
		.listener = listener,
		.socket = socket,
		.transaction = transaction,
	};
	return pass(&control, &transaction->kept,
	            served ? &transaction->removed : &transaction->added, record, context);
}

bool source_transaction_lacks_proofs(const source_transaction_t *transaction)
{
	return transaction->proofs;
}

void source_transaction_free(source_transaction_t *transaction)
{
	if (transaction != NULL) {
		clear_transaction(transaction);
		free(transaction);
	}
}
