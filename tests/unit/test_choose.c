/* SPDX-License-Identifier: GPL-2.0-or-later */

/* From which sources a zone is read: each row is what the configuration permits, and the order. */

#include "test.h"

#include <libknot/errcode.h>

#include "choose.h"

#define Z SOURCE_ZONEFILE
#define C SOURCE_CONTROL
#define T SOURCE_TRANSFER
#define A SOURCE_AUTO

#define OLD 0x030206 /* Knot DNS that must not be read over the control socket. */
#define NEW 0x030207

static char zonefile[] = "/zone", control[] = "/knot.sock";

typedef struct {
	const char *what;
	conf_access_t access;
	source_t source;
	bool keyed; /* There is a 'transfer-key'. */
	int ret;
	unsigned count;
	source_t step[3]; /* The first one is the blocked source if there is no way. */
} row_t;

/* What is there unless a row says otherwise. */
#define ACCESS(version_, ...)                                                                      \
	{                                                                                          \
		.version = version_, .listens = true, .from_file = true, .zonefile = zonefile,     \
		.control = version_ >= NEW ? control : NULL, .control_timeout = 7000, __VA_ARGS__  \
	}

#ifdef __clang__
#pragma clang diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif

static const row_t rows[] = {
	{ "auto, old", ACCESS(OLD), A, false, KNOT_EOK, 1, { Z } },
	{ "auto, new", ACCESS(NEW), A, false, KNOT_EOK, 2, { C, Z } },
	{ "auto, transfer permitted",
	  ACCESS(OLD, .may_transfer = true),
	  A,
	  false,
	  KNOT_EOK,
	  2,
	  { T, Z } },
	{ "the same, new", ACCESS(NEW, .may_transfer = true), A, false, KNOT_EOK, 3, { T, C, Z } },
	{ "the same, no zone file",
	  ACCESS(NEW, .may_transfer = true, .from_file = false, .zonefile = NULL),
	  A,
	  false,
	  KNOT_EOK,
	  2,
	  { T, C } },
	{ "auto, with a key", ACCESS(OLD), A, true, KNOT_EOK, 2, { T, Z } },
	{ "auto, with a key that is not configured",
	  ACCESS(NEW, .key_ret = KNOT_ENOENT),
	  A,
	  true,
	  KNOT_EOK,
	  2,
	  { C, Z } },
	{ "auto, listens nowhere", ACCESS(NEW, .listens = false), A, true, KNOT_EOK, 2, { C, Z } },
	{ "auto, old, nothing left",
	  ACCESS(OLD, .from_file = false, .zonefile = NULL),
	  A,
	  false,
	  KNOT_EOK,
	  0,
	  { A } },
	{ "auto, no memory for the key",
	  ACCESS(NEW, .key_ret = KNOT_ENOMEM),
	  A,
	  true,
	  KNOT_ENOMEM,
	  0,
	  { A } },
	{ "auto, no memory for the socket",
	  ACCESS(NEW, .control = NULL),
	  A,
	  false,
	  KNOT_ENOMEM,
	  0,
	  { A } },
	{ "auto, no memory for the file",
	  ACCESS(OLD, .zonefile = NULL),
	  A,
	  false,
	  KNOT_ENOMEM,
	  0,
	  { A } },
	{ "auto, a formatter that is not known",
	  ACCESS(OLD, .zonefile = NULL, .unclear_file = true),
	  A,
	  false,
	  KNOT_EOK,
	  0,
	  { Z } },
	{ "the same, new",
	  ACCESS(NEW, .zonefile = NULL, .unclear_file = true),
	  A,
	  false,
	  KNOT_EOK,
	  1,
	  { C } },
	{ "zonefile, a formatter that is not known",
	  ACCESS(NEW, .zonefile = NULL, .unclear_file = true),
	  Z,
	  false,
	  KNOT_EOK,
	  0,
	  { Z } },
	{ "zonefile", ACCESS(NEW, .may_transfer = true), Z, false, KNOT_EOK, 1, { Z } },
	{ "zonefile that the server does not load",
	  ACCESS(NEW, .from_file = false),
	  Z,
	  false,
	  KNOT_EOK,
	  1,
	  { Z } },
	{ "zonefile, no memory", ACCESS(NEW, .zonefile = NULL), Z, false, KNOT_ENOMEM, 0, { Z } },
	{ "control", ACCESS(NEW), C, false, KNOT_EOK, 1, { C } },
	{ "control, old", ACCESS(OLD), C, false, KNOT_EOK, 0, { C } },
	{ "control, no memory", ACCESS(NEW, .control = NULL), C, false, KNOT_ENOMEM, 0, { C } },
	{ "transfer", ACCESS(OLD), T, false, KNOT_EOK, 1, { T } },
	{ "transfer, with a key", ACCESS(OLD), T, true, KNOT_EOK, 1, { T } },
	{ "transfer, with a key that is not configured",
	  ACCESS(OLD, .key_ret = KNOT_ENOENT),
	  T,
	  true,
	  KNOT_EOK,
	  0,
	  { T } },
	{ "transfer, no memory",
	  ACCESS(OLD, .key_ret = KNOT_ENOMEM),
	  T,
	  true,
	  KNOT_ENOMEM,
	  0,
	  { T } },
	{ "transfer, listens nowhere",
	  ACCESS(NEW, .listens = false),
	  T,
	  false,
	  KNOT_EOK,
	  0,
	  { T } },
};

static void sources_are_in_order(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const row_t *row = &rows[i];
		const options_t options = {
			.source = row->source,
			.transfer_key = row->keyed ? (const knot_dname_t *)"\3key" : NULL,
		};
		choice_t choice;
		bool right = choose(&row->access, &options, &choice) == row->ret;
		if (row->ret == KNOT_EOK) {
			right = right && choice.count == row->count &&
			        (row->count > 0 || choice.blocked == row->step[0]) &&
			        (choice.why == NULL) == (row->count > 0);
			bool control_is_read = false;
			for (size_t n = 0; right && n < row->count; n++) {
				right = choice.step[n] == row->step[n];
				control_is_read = control_is_read || row->step[n] == C;
			}
			right = right && choice.timeout == (control_is_read ? 7000 : 5000);
		}
		if (!right) {
			fail_msg("%s", row->what);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sources_are_in_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
