/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The subcommand "stats": the module's counters in a running server, as metrics. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <libknot/libknot.h>

#include "commands.h"
#include "live.h"
#include "metrics.h"
#include "source.h"
#include "text.h"

/* Milliseconds for each operation on the socket. */
#define TIMEOUT_MS 10000

typedef struct {
	metrics_t metrics;
	char error[128]; /* What the server says instead; empty for nothing. */
	bool seen;       /* The server has counters of the module. */
	bool failed;
} stats_t;

/* Sums over zones are left to Prometheus; only the states of the zones are there for all alone. */
static void take_counter(void *context, const knot_ctl_data_t reply)
{
	stats_t *stats = context;
	const char *section = reply[KNOT_CTL_IDX_SECTION];
	const char *item = reply[KNOT_CTL_IDX_ITEM];
	const char *data = reply[KNOT_CTL_IDX_DATA];
	const char *zone = reply[KNOT_CTL_IDX_ZONE];
	if (zone == NULL && reply[KNOT_CTL_IDX_ERROR] != NULL) {
		snprintf(stats->error, sizeof(stats->error), "%s", reply[KNOT_CTL_IDX_ERROR]);
	}
	if (section == NULL || strcmp(section, "mod-caaudit") != 0 || item == NULL ||
	    data == NULL) {
		return;
	}
	stats->seen = true;
	metric_t metric = metrics_find(item);
	if (metric == METRIC__COUNT || (zone == NULL) != (metric == METRIC_ZONES)) {
		return;
	}
	char *end;
	errno = 0;
	uint64_t value = strtoull(data, &end, 10);
	if (errno == 0 && end != data && *end == '\0' &&
	    !metrics_add(&stats->metrics, metric, zone, reply[KNOT_CTL_IDX_ID], value)) {
		stats->failed = true;
	}
}

/* Complains of a server that cannot be asked. */
static void complain_socket(const char *socket, const char *error, int ret)
{
	struct stat st;
	char why[128];
	const char *text = error[0] != '\0'       ? error :
	                   stat(socket, &st) != 0 ? source_errno_text(errno, why, sizeof(why)) :
	                                            knot_strerror(ret);
	complain(stderr, "%s: cannot ask the server for its counters (%s)%s", socket, text,
	         strcmp(socket, CONTROL_DEFAULT) == 0 ?
	                 "; this is the default, --control names another socket" :
	                 "");
}

int command_stats(const options_t *opts)
{
	static const char *const commands[] = { "stats", "zone-stats" };
	stats_t stats = { .error = "" };
	int ret = KNOT_EOK;
	for (size_t i = 0; ret == KNOT_EOK && i < sizeof(commands) / sizeof(commands[0]); i++) {
		knot_ctl_data_t request = { [KNOT_CTL_IDX_CMD] = commands[i] };
		ret = live_ask(opts->control, TIMEOUT_MS, request, take_counter, &stats);
	}
	bool answered = ret == KNOT_EOK && stats.error[0] == '\0';
	if (!answered) {
		complain_socket(opts->control, stats.error, ret);
	} else if (stats.failed) {
		complain(stderr, "%s", knot_strerror(KNOT_ENOMEM));
	} else if (!stats.seen) {
		complain(stderr,
		         "%s: the server has no counters of mod-caaudit; is the module in "
		         "its configuration?",
		         opts->control);
	} else {
		metrics_print(&stats.metrics, stdout);
	}
	bool ok = answered && !stats.failed && stats.seen;
	metrics_clear(&stats.metrics);
	return ok ? EXIT_CLEAN : EXIT_UNCHECKED;
}
