/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief The query module: its options, hooks, load and unload. */

#include <endian.h>
#include <string.h>
#include <syslog.h>

#include <knot/module.h>
#include <libknot/libknot.h>

#include "ask.h"
#include "auditor.h"
#include "compat.h"
#include "counters.h"
#include "engine/names.h"
#include "log.h"
#include "lookups.h"
#include "options.h"
#include "synth.h"
#include "watch.h"
#include "worker.h"
#include "zone.h"

static const knot_lookup_t synthesis[] = { { SYNTHESIZE_CAA, "caa" },
	                                   { SYNTHESIZE_VALIDATION, "validation" },
	                                   { 0, NULL } };

static const yp_item_t caaudit_conf[] = {
	{ MOD_CA, YP_TSTR, YP_VNONE, YP_FMULTI, { options_check_ca } },
	{ MOD_HOST, YP_TSTR, YP_VNONE, YP_FMULTI, { options_check_host } },
	{ MOD_WILDCARD, YP_TOPT, YP_VOPT = { options_wildcards, CAAUDIT_WILDCARD_AUTO } },
	{ MOD_STRICT, YP_TBOOL, YP_VNONE },
	{ MOD_VALIDATION, YP_TSTR, YP_VNONE, YP_FMULTI, { options_check_validation } },
	{ MOD_VALIDATION_FILE, YP_TSTR, YP_VNONE, YP_FNONE, { options_check_validation_file } },
	{ MOD_VALIDATION_IP, YP_TNET, YP_VNONE, YP_FMULTI },
	{ MOD_SYNTHESIZE, YP_TOPT, YP_VOPT = { synthesis, 0 }, YP_FMULTI },
	{ MOD_SYNTHESIZE_TTL, YP_TINT, YP_VINT = { 0, INT32_MAX, 3600, YP_STIME } },
	{ MOD_OVERRIDE_DENIAL, YP_TBOOL, YP_VNONE },
	{ MOD_SOURCE, YP_TOPT, YP_VOPT = { options_sources, SOURCE_AUTO } },
	{ MOD_TRANSFER_KEY, YP_TDNAME, YP_VNONE, YP_FNONE, { options_check_transfer_key } },
	{ MOD_CHANGE_CHECK, YP_TINT, YP_VINT = { 0, INT32_MAX, 10, YP_STIME } },
	{ MOD_AUDIT_DELAY, YP_TINT, YP_VINT = { 0, INT32_MAX, 5, YP_STIME } },
	{ MOD_AUDIT_INTERVAL, YP_TINT, YP_VINT = { 1, INT32_MAX, 3600, YP_STIME } },
	{ MOD_RRSIG_WARNING, YP_TINT, YP_VINT = { 0, INT32_MAX, 0, YP_STIME } },
	{ MOD_LOG_LIMIT, YP_TINT, YP_VINT = { 0, INT32_MAX, 20, YP_SNONE } },
	{ .name = NULL }
};

/* Tells whether a range ends before it begins: it does not even have its first address. */
static bool has_backward_range(const knotd_conf_t *ranges)
{
	for (size_t i = 0; i < ranges->count; i++) {
		const knotd_conf_t range = { .multi = &ranges->multi[i], .count = 1 };
		if (!knotd_conf_addr_range_match(&range, &range.multi->addr)) {
			return true;
		}
	}
	return false;
}

static int caaudit_conf_check(knotd_conf_check_args_t *args)
{
	knotd_conf_t ip = knotd_conf_check_item(args, MOD_VALIDATION_IP);
	bool backward = has_backward_range(&ip);
	knotd_conf_free(&ip);
	if (backward) {
		args->err_str = "a range of 'validation-ip' ends before it begins";
		return KNOT_EINVAL;
	}
	knotd_conf_t source = knotd_conf_check_item(args, MOD_SOURCE);
	knotd_conf_t key = knotd_conf_check_item(args, MOD_TRANSFER_KEY);
	if (key.count > 0 && source.single.option != SOURCE_TRANSFER &&
	    source.single.option != SOURCE_AUTO) {
		args->err_str = "'transfer-key' is of use only with 'source' transfer or auto";
		return KNOT_EINVAL;
	}
	return KNOT_EOK;
}

static lookup_failure_t judge(lookup_t what, knotd_state_t state, const knot_pkt_t *pkt,
                              const knotd_qdata_t *qdata)
{
	if (state == KNOTD_STATE_NOOP) {
		return LOOKUP_REFUSED; /* Another module before this one drops the answer. */
	}
	if (knot_wire_get_tc(pkt->wire)) {
		return LOOKUP_ANSWERED; /* A CA asks again over TCP. */
	}
	switch (qdata->rcode) {
	case KNOT_RCODE_NOTAUTH: /* mod-queryacl refuses so. */
	case KNOT_RCODE_REFUSED:
		return LOOKUP_REFUSED;
	case KNOT_RCODE_SERVFAIL: /* The zone has expired, or was never there. */
		return LOOKUP_SERVFAIL;
	case KNOT_RCODE_NXDOMAIN:
		/* That there is no CAA is an answer like any other (RFC 8659 section 3). */
		return what == LOOKUP_CAA ? LOOKUP_ANSWERED : LOOKUP_NXDOMAIN;
	case KNOT_RCODE_NOERROR:
		return what == LOOKUP_VALIDATION && knot_wire_get_ancount(pkt->wire) == 0 &&
		                       knot_wire_get_aa(pkt->wire) ?
		               LOOKUP_NODATA :
		               LOOKUP_ANSWERED;
	default:
		return LOOKUP_ANSWERED;
	}
}

/* Rare paths stay out of line, so that the common path saves no registers. */
#define RARE __attribute__((noinline, cold))

RARE static void count_lookup(lookup_t what, knotd_state_t state, knot_pkt_t *pkt,
                              knotd_qdata_t *qdata, knotd_mod_t *mod, instance_t *inst)
{
	if (ask_is_own(knotd_qdata_remote_addr(qdata))) {
		return; /* It is not a CA that asks. */
	}
	bool ours = instance_options(inst) == KNOT_EOK &&
	            knotd_conf_addr_range_match(&inst->options->validation_ip,
	                                        knotd_qdata_remote_addr(qdata));
	lookup_failure_t failure = judge(what, state, pkt, qdata);
	counters_lookup(mod, qdata->params->thread_id, what, failure, ours);
	if (failure == LOOKUP_REFUSED && lookups_refuse(&inst->zone->lookups)) {
		watch_note(&inst->zone->watch, PLAN_WOKEN);
	}
	if (what != LOOKUP_VALIDATION || failure == LOOKUP_REFUSED || failure == LOOKUP_SERVFAIL) {
		return;
	}
	bool answered = failure == LOOKUP_ANSWERED;
	if (answered &&
	    (qdata->rcode != KNOT_RCODE_NOERROR || knot_wire_get_ancount(pkt->wire) == 0)) {
		return; /* A referral tells nothing about the name. */
	}
	knot_dname_storage_t name;
	name_lower(name, knot_pkt_qname(qdata->query));
	if (lookups_note(&inst->zone->lookups, name, knot_pkt_qtype(qdata->query), answered,
	                 ours)) {
		watch_note(&inst->zone->watch, PLAN_WOKEN);
	}
}

RARE static void count_validation(knotd_state_t state, knot_pkt_t *pkt, knotd_qdata_t *qdata,
                                  knotd_mod_t *mod, instance_t *inst, uint16_t type)
{
	const uint8_t *label = knot_pkt_qname(qdata->query);
	if (label[0] > 0 && label[1] == '_' &&
	    (type == KNOT_RRTYPE_CNAME ||
	     (type == KNOT_RRTYPE_TXT && lookups_is_txt_label(label))) &&
	    !lookups_is_registered(label, inst->zone->name)) {
		count_lookup(LOOKUP_VALIDATION, state, pkt, qdata, mod, inst);
	}
}

RARE static void look(instance_t *inst, knotd_qdata_t *qdata)
{
	knot_rrset_t soa = knotd_qdata_zone_apex_rrset(qdata, KNOT_RRTYPE_SOA);
	watch_look(&inst->zone->watch, &inst->seen, &soa);
	if (inst->synth != NULL && soa.rrs.count > 0 && synth_look(inst->synth, qdata)) {
		watch_note(&inst->zone->watch, PLAN_WOKEN);
	}
	log_in_query(inst);
	worker_revive(&inst->seen);
}

RARE static knotd_state_t watch_rare(knotd_state_t state, knot_pkt_t *pkt, knotd_qdata_t *qdata,
                                     knotd_mod_t *mod)
{
	instance_t *inst = knotd_mod_ctx(mod);
	compat_query_begins(inst);
	uint16_t type = knot_pkt_qtype(qdata->query);
	if (watch_due(&inst->seen)) {
		look(inst, qdata);
	}
	if (qdata->type == KNOTD_QUERY_TYPE_NORMAL && type == KNOT_RRTYPE_CAA) {
		count_lookup(LOOKUP_CAA, state, pkt, qdata, mod, inst);
	} else if (qdata->type == KNOTD_QUERY_TYPE_NORMAL) {
		count_validation(state, pkt, qdata, mod, inst, type);
	}
	compat_query_ends(inst);
	return state;
}

/* Tells by the message alone whether a query may concern the module: there is a question, or no
 * zone would have been found for it. A validation is looked up at a name that begins with "_". */
static inline bool is_rare(const knotd_qdata_t *qdata)
{
	const knot_pkt_t *query = qdata->query;
	const uint8_t *qname = query->wire + KNOT_WIRE_HEADER_SIZE;
	uint16_t type;
	memcpy(&type, qname + query->qname_size, sizeof(type));
	return type == htobe16(KNOT_RRTYPE_CAA) || qname[1] == '_';
}

/* Runs in every query. Checks that need no call come first; values that are needed after the call
 * are volatile, on the stack: fewer instructions than to save registers for them. There is
 * a context: this hook is registered last. */
static knotd_state_t caaudit_watch(knotd_state_t state, knot_pkt_t *pkt, knotd_qdata_t *qdata,
                                   knotd_mod_t *mod)
{
	if (is_rare(qdata)) {
		return watch_rare(state, pkt, qdata, mod);
	}
	volatile knotd_state_t kept_state = state;
	knotd_qdata_t *volatile kept_qdata = qdata;
	instance_t *inst = knotd_mod_ctx(mod);
	compat_query_begins(inst);
	if (watch_due(&inst->seen)) {
		look(inst, kept_qdata);
	}
	compat_query_ends(inst);
	return kept_state;
}

/*
 * Synthesis.
 */

static void count_answer(instance_t *inst, knotd_mod_t *mod, const knotd_qdata_t *qdata,
                         lookup_t what, unsigned result)
{
	if (result & SYNTH_NEWS) {
		watch_note(&inst->zone->watch, PLAN_WOKEN);
	}
	if (result & SYNTH_REFUSED) {
		counters_synth_refused(mod, qdata->params->thread_id);
	}
	if (result & SYNTH_ADDED) {
		counters_synthesized(mod, qdata->params->thread_id, what);
	}
}

typedef knotd_in_state_t (*answer_f)(synth_t *synth, knotd_in_state_t state, knot_pkt_t *pkt,
                                     knotd_qdata_t *qdata, unsigned *result);

static knotd_in_state_t answer(answer_f by, lookup_t what, knotd_in_state_t state, knot_pkt_t *pkt,
                               knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	unsigned result;
	instance_t *inst = knotd_mod_ctx(mod);
	/* The module itself asks for what is stored. */
	if (inst != NULL && !ask_is_own(knotd_qdata_remote_addr(qdata))) {
		compat_query_begins(inst);
		state = by(inst->synth, state, pkt, qdata, &result);
		count_answer(inst, mod, qdata, what, result);
		compat_query_ends(inst->synth);
		compat_query_ends(inst);
	}
	return state;
}

/* Out of line: a query that is not of interest costs the hook the comparisons of state and type
 * alone. */
#define OUTSIDE __attribute__((noinline))

OUTSIDE static knotd_in_state_t answer_caa(knotd_in_state_t state, knot_pkt_t *pkt,
                                           knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	return answer(synth_caa, LOOKUP_CAA, state, pkt, qdata, mod);
}

OUTSIDE static knotd_in_state_t answer_validation(knotd_in_state_t state, knot_pkt_t *pkt,
                                                  knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	return answer(synth_validation, LOOKUP_VALIDATION, state, pkt, qdata, mod);
}

static inline bool is_caa(knotd_in_state_t state, const knot_pkt_t *pkt)
{
	uint16_t type = knot_pkt_qtype(pkt);
	return (type == KNOT_RRTYPE_CAA || type == KNOT_RRTYPE_ANY) && state == KNOTD_IN_STATE_HIT;
}

static knotd_in_state_t hook_caa(knotd_in_state_t state, knot_pkt_t *pkt, knotd_qdata_t *qdata,
                                 knotd_mod_t *mod)
{
	return is_caa(state, pkt) ? answer_caa(state, pkt, qdata, mod) : state;
}

static knotd_in_state_t hook_validation(knotd_in_state_t state, knot_pkt_t *pkt,
                                        knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	return state == KNOTD_IN_STATE_MISS ? answer_validation(state, pkt, qdata, mod) : state;
}

static knotd_in_state_t hook_both(knotd_in_state_t state, knot_pkt_t *pkt, knotd_qdata_t *qdata,
                                  knotd_mod_t *mod)
{
	return is_caa(state, pkt) ? answer_caa(state, pkt, qdata, mod) :
	                            hook_validation(state, pkt, qdata, mod);
}

/* The hooks leave answers alone as long as the module has no context. */
static int register_hooks(knotd_mod_t *mod, const instance_t *inst)
{
	static const knotd_mod_in_hook_f hooks[] = {
		[SYNTHESIZE_CAA] = hook_caa,
		[SYNTHESIZE_VALIDATION] = hook_validation,
		[SYNTHESIZE_CAA | SYNTHESIZE_VALIDATION] = hook_both,
	};
	int ret = KNOT_EOK;
	if (inst->synth != NULL) {
		ret = knotd_mod_in_hook(mod, KNOTD_STAGE_ANSWER, hooks[inst->options->synthesize]);
	}
	/* Last: it relies on the context. */
	return ret == KNOT_EOK ? knotd_mod_hook(mod, KNOTD_STAGE_END, caaudit_watch) : ret;
}

/*
 * Load and unload.
 */

static int load_global(knotd_mod_t *mod)
{
	instance_t *inst;
	int ret = counters_register(mod, true);
	if (ret == KNOT_EOK) {
		ret = auditor_load_global(mod, &inst);
	}
	if (ret == KNOT_EOK) {
		knotd_mod_ctx_set(mod, inst);
	}
	return ret;
}

static int load_zone(knotd_mod_t *mod)
{
	/* A catalog zone lists zones and serves no hosts: there is nothing to audit. */
	if (conf_is_catalog(mod, knotd_mod_zone(mod))) {
		return KNOT_EOK;
	}
	int ret = counters_register(mod, false);
	if (ret != KNOT_EOK) {
		return ret;
	}
	instance_t *inst;
	ret = auditor_load(mod, &inst);
	if (ret == KNOT_EOK) {
		ret = register_hooks(mod, inst);
		if (ret == KNOT_EOK) {
			compat_published(inst);
			knotd_mod_ctx_set(mod, inst);
			return KNOT_EOK;
		}
		auditor_unload(inst);
	}
	counters_show(mod, NULL, 1);
	return ret;
}

/* It succeeds in any case. Errors of the configuration were found before. A module that finds no
 * memory must not take its zone along, as a failing load does from Knot DNS 3.5 on; nor may it
 * leave hooks behind that are called without a module, as a failing load does before. */
static int caaudit_load(knotd_mod_t *mod)
{
	int ret = knotd_mod_zone(mod) == NULL ? load_global(mod) : load_zone(mod);
	if (ret != KNOT_EOK) {
		knotd_mod_log(mod, LOG_ERR,
		              "not checked, source none, failed to load the module (%s); "
		              "reload the server once the cause is gone",
		              knot_strerror(ret));
	}
	return KNOT_EOK;
}

/* Neither knotd_mod_zone() nor knotd_mod_log() in here: the server frees the name of the zone
 * before it calls unload. */
static void caaudit_unload(knotd_mod_t *mod)
{
	instance_t *inst = knotd_mod_ctx(mod);
	if (inst != NULL) {
		knotd_mod_ctx_set(mod, NULL);
		compat_queries_over(inst);
		auditor_unload(inst);
	}
}

KNOTD_MOD_API(caaudit, KNOTD_MOD_FLAG_SCOPE_ANY | KNOTD_MOD_FLAG_OPT_CONF, caaudit_load,
              caaudit_unload, caaudit_conf, caaudit_conf_check);
