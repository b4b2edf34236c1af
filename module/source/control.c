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

/*! One reading. */
typedef struct {
	source_listener_t *listener;
	const char *socket;
	source_record_f record;
	void *context;
	knot_dname_txt_storage_t zone;
	knot_dname_txt_storage_t owner; /*!< Owner of the last record. */
	chunk_t *first;
	chunk_t *last;
	uint64_t records; /*!< Records stored. */
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

/*! Makes room for a line. NULL if out of memory. */
static char *add_line(control_t *control, size_t length)
{
	chunk_t *chunk = control->last;
	if (chunk == NULL || CHUNK_SIZE - chunk->used < length) {
		chunk = malloc(sizeof(*chunk));
		if (chunk == NULL) {
			return NULL;
		}
		chunk->next = NULL;
		chunk->used = 0;
		*(control->last == NULL ? &control->first : &control->last->next) = chunk;
		control->last = chunk;
	}
	chunk->used += length;

	return chunk->data + chunk->used - length;
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

	size_t ttl_len = strlen(ttl), type_len = strlen(type), rdata_len = strlen(rdata);
	size_t owner_len = 0; // An empty owner is the one of the line before.
	if (control->last == NULL || strcmp(owner, control->owner) != 0) {
		owner_len = strlen(owner);
		if (owner_len == 0 || owner_len >= sizeof(control->owner) ||
		    owner[owner_len - 1] != '.') {
			return garbage(control, "a wrong owner");
		}
		memcpy(control->owner, owner, owner_len + 1);
	}
	if (memchr(owner, '\n', owner_len) != NULL || memchr(ttl, '\n', ttl_len) != NULL ||
	    memchr(type, '\n', type_len) != NULL || memchr(rdata, '\n', rdata_len) != NULL) {
		return garbage(control, "a record of several lines");
	}

	size_t length = owner_len + ttl_len + type_len + rdata_len + 4;
	if (length > CHUNK_SIZE) {
		return garbage(control, "a very long record");
	}
	char *to = add_line(control, length);
	if (to == NULL) {
		return no_memory(control);
	}
	to = put(to, owner, owner_len, '\t');
	to = put(to, ttl, ttl_len, '\t');
	to = put(to, type, type_len, '\t');
	(void)put(to, rdata, rdata_len, '\n');
	control->records++;

	return KNOT_EOK;
}

/*! Stores the whole answer. */
static int drain(control_t *control, knot_ctl_t *ctl, int timeout)
{
	uint64_t started = source_now();
	while (true) {
		knot_ctl_type_t type;
		knot_ctl_data_t data;
		uint64_t now = source_now();
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
		if (error != NULL && control->records == 0) {
			source_complain(control->listener, control->socket, 0,
			                "the server reports: %s", error);
			return KNOT_EDENIED;
		} else if (error != NULL) {
			// A record that the server cannot write down ends the answer.
			source_complain(control->listener, control->socket, 0,
			                "the server reports after %llu records: %.127s; "
			                "the record that it stopped at is at %s or after it",
			                (unsigned long long)control->records, error,
			                control->owner);
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
		[KNOT_CTL_IDX_CMD] = "zone-read",
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

/*! Parses the stored lines and frees them. */
static int parse(control_t *control, zs_scanner_t *s)
{
	uint64_t line = 0;
	while (control->first != NULL) {
		chunk_t *chunk = control->first;
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

			int ret = control->record(control->context,
			                          &(caaudit_record_t){
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
			    !source_go_on(control->listener, line, control->records)) {
				return KNOT_ELIMIT;
			}
		}

		control->first = chunk->next;
		free(chunk);
	}

	if (line != control->records) {
		return garbage(control, "a line without a record");
	}

	return KNOT_EOK;
}

int source_control(source_listener_t *listener, const char *socket, int timeout,
                   const knot_dname_t *zone, source_record_f record, void *context)
{
	control_t control = {
		.listener = listener,
		.socket = socket,
		.record = record,
		.context = context,
	};
	if (knot_dname_to_str(control.zone, zone, sizeof(control.zone)) == NULL) {
		return KNOT_EINVAL;
	}

	int ret = fetch(&control, timeout);
	if (ret == KNOT_EOK) {
		// Too large for the stack of a thread.
		zs_scanner_t *s = malloc(sizeof(*s));
		if (s != NULL && zs_init(s, ".", KNOT_CLASS_IN, 0) == 0) {
			ret = parse(&control, s);
			zs_deinit(s);
		} else {
			ret = no_memory(&control);
		}
		free(s);
	}

	while (control.first != NULL) {
		chunk_t *next = control.first->next;
		free(control.first);
		control.first = next;
	}

	return ret;
}
