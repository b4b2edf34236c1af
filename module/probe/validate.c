/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Asks as the resolver of a CA does, with libunbound, and says which answers it believes.
 *
 * Each group of questions has a resolver of its own, whose cache holds nothing from elsewhere. All
 * of them work side by side with the loop of the run.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libknot/errcode.h>
#include <unbound.h>

#include "source/clock.h"
#include "run.h"

/*! Milliseconds after the last question that answers are waited for. */
#define WAIT_MS 20000
/*! Milliseconds between two looks at the resolvers. */
#define LOOK_MS 50
/*! Class IN (RFC 1035 section 3.2.4). */
#define CLASS_IN 1

/*! A group of questions with its resolver. */
typedef struct {
	probe_check_group_t *group;
	struct ub_ctx *ctx;    /*!< NULL: it could not be made. */
	struct asking *asking; /*!< One a question. */
	size_t asked;
	size_t ended;
	int64_t next; /*!< When the next question may be asked, milliseconds. */
} resolver_t;

/*! A question on its way. */
typedef struct asking {
	resolver_t *resolver;
	probe_check_t *check;
} asking_t;

bool probe_can_validate(void)
{
	return true;
}

static bool set(struct ub_ctx *ctx, const char *option, const char *value)
{
	return ub_ctx_set_option(ctx, option, value) == 0;
}

/*! Names such as "test." are answered by the library itself, unless it is told not to. */
static bool open_names(struct ub_ctx *ctx, const knot_dname_t *zone)
{
	bool ok = true;
	for (; ok && *zone != 0; zone = probe_name_above(zone)) {
		knot_dname_txt_storage_t name;
		char value[sizeof(name) + 16];
		ok = knot_dname_to_str(name, zone, sizeof(name)) != NULL;
		(void)snprintf(value, sizeof(value), "%s transparent", name);
		ok = ok && set(ctx, "local-zone:", value);
	}
	return ok;
}

static bool set_stub(struct ub_ctx *ctx, const probe_check_group_t *group)
{
	knot_dname_txt_storage_t zone;
	char addr[PROBE_LABEL_MAX];
	run_address_text(group->addr, true, addr, sizeof(addr));
	return knot_dname_to_str(zone, group->zone, sizeof(zone)) != NULL &&
	       ub_ctx_set_stub(ctx, zone, addr, 0) == 0;
}

static bool set_time(struct ub_ctx *ctx, uint64_t now)
{
	time_t seconds = (time_t)now;
	struct tm tm;
	char text[32];
	return now == 0 || (gmtime_r(&seconds, &tm) != NULL &&
	                    strftime(text, sizeof(text), "%Y%m%d%H%M%S", &tm) > 0 &&
	                    set(ctx, "val-override-date:", text));
}

static struct ub_ctx *make_resolver(const probe_trust_conf_t *conf,
                                    const probe_check_group_t *group)
{
	struct ub_ctx *ctx = ub_ctx_create();
	if (ctx == NULL) {
		return NULL;
	}
	// What it cannot read or reach it tells in its results, not on standard error.
	bool ok = ub_ctx_debugout(ctx, NULL) == 0 && set(ctx, "verbosity:", "0") &&
	          set(ctx, "use-syslog:", "no") && set(ctx, "logfile:", "") &&
	          set(ctx, "module-config:", "validator iterator") &&
	          set(ctx, "qname-minimisation:", "no") &&
	          set(ctx, "target-fetch-policy:", "0 0 0 0 0") &&
	          set(ctx, "aggressive-nsec:", "no") && set(ctx, "edns-buffer-size:", "1232") &&
	          set(ctx, "outgoing-range:", "60") && set_time(ctx, conf->now) &&
	          open_names(ctx, group->zone) &&
	          (conf->hints == NULL || set(ctx, "root-hints:", conf->hints)) &&
	          (conf->anchor_file == NULL || ub_ctx_add_ta_file(ctx, conf->anchor_file) == 0) &&
	          (group->addr == NULL || set_stub(ctx, group)) && ub_ctx_async(ctx, 1) == 0;
	for (size_t i = 0; ok && i < conf->anchor_count; i++) {
		ok = ub_ctx_add_ta(ctx, conf->anchor[i]) == 0;
	}
	if (!ok) {
		ub_ctx_delete(ctx);
		return NULL;
	}
	return ctx;
}

static void fail(probe_check_t *check, const char *why)
{
	check->trust = PROBE_TRUST_FAILED;
	check->why = strdup(why);
}

static void on_answer(void *data, int error, struct ub_result *result)
{
	asking_t *asking = data;
	probe_check_t *check = asking->check;
	asking->resolver->ended++;
	if (error != 0 || result == NULL) {
		fail(check, ub_strerror(error));
	} else if (result->bogus) {
		check->trust = PROBE_TRUST_BOGUS;
		check->why = result->why_bogus != NULL ? strdup(result->why_bogus) : NULL;
	} else if (result->rcode != 0 && result->rcode != 3) { // NOERROR, NXDOMAIN
		fail(check, "the resolver got no answer");
	} else {
		check->trust = result->secure ? PROBE_TRUST_SECURE : PROBE_TRUST_INSECURE;
	}
	ub_resolve_free(result);
}

/*! Asks the next question of a group; what cannot be asked has ended. */
static void ask_next(resolver_t *resolver)
{
	probe_check_t *check = &resolver->group->check[resolver->asked];
	asking_t *asking = &resolver->asking[resolver->asked++];
	knot_dname_txt_storage_t name;
	int ret = UB_NOMEM;
	if (knot_dname_to_str(name, check->name, sizeof(name)) != NULL) {
		*asking = (asking_t){ resolver, check };
		ret = ub_resolve_async(resolver->ctx, name, check->type, CLASS_IN, asking,
		                       on_answer, NULL);
	}
	if (ret != 0) {
		resolver->ended++;
		fail(check, ub_strerror(ret));
	}
}

/*! Asks what may be asked by now; returns how many groups are not at their end. */
static size_t turn(resolver_t *resolver, size_t count, int64_t gap, int64_t *last)
{
	size_t open = 0;
	int64_t now = (int64_t)clock_ms();
	for (size_t i = 0; i < count; i++) {
		resolver_t *r = &resolver[i];
		while (r->ctx != NULL && r->asked < r->group->count && r->next <= now) {
			r->next = (r->next == 0 ? now : r->next) + gap;
			*last = now;
			ask_next(r);
		}
		if (r->ctx != NULL) {
			(void)ub_process(r->ctx);
			open += r->ended < r->group->count;
		}
	}
	return open;
}

/*! Ends a group: whatever has no answer gets none any more. */
static void end_group(resolver_t *resolver)
{
	probe_check_group_t *group = resolver->group;
	for (size_t i = 0; i < group->count; i++) {
		if (group->check[i].trust == PROBE_TRUST_UNASKED) {
			fail(&group->check[i], resolver->ctx == NULL ?
			                               "the resolver could not be set up" :
			                               "the resolver got no answer in time");
		}
	}
	// It joins the threads; questions that are still open are dropped without a call.
	ub_ctx_delete(resolver->ctx);
	free(resolver->asking);
}

int probe_validate(probe_t *probe, const probe_trust_conf_t *conf, probe_check_group_t *group,
                   size_t count)
{
	resolver_t *resolver = calloc(count + 1, sizeof(*resolver));
	int *fd = calloc(count + 1, sizeof(*fd));
	int64_t gap = 1000 / conf->rate > 0 ? 1000 / conf->rate : 1, last = (int64_t)clock_ms();
	int ret = resolver != NULL && fd != NULL ? KNOT_EOK : KNOT_ENOMEM;
	for (size_t i = 0; ret == KNOT_EOK && i < count; i++) {
		resolver[i] = (resolver_t){
			.group = &group[i],
			.asking = calloc(group[i].count + 1, sizeof(*resolver[i].asking)),
			.ctx = make_resolver(conf, &group[i]),
		};
		ret = resolver[i].asking != NULL ? KNOT_EOK : KNOT_ENOMEM;
		fd[i] = resolver[i].ctx != NULL ? ub_fd(resolver[i].ctx) : -1;
	}
	while (ret == KNOT_EOK && turn(resolver, count, gap, &last) > 0 &&
	       (int64_t)clock_ms() - last < WAIT_MS) {
		ret = net_wait(run_net(probe), fd, count, gap < LOOK_MS ? (int)gap : LOOK_MS);
	}
	for (size_t i = 0; resolver != NULL && i < count && resolver[i].group != NULL; i++) {
		end_group(&resolver[i]);
	}
	free(resolver);
	free(fd);
	return ret;
}
