/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief The world around a zone that is probed: who delegates it, what other zones say of its hosts,
 *        and whether a validating resolver believes its servers.
 */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <libknot/libknot.h>
#include <libzscanner/scanner.h>

#include "engine/array.h"
#include "engine/namemap.h"
#include "probe_world.h"
#include "source.h"
#include "text.h"
#include "values.h"

/* What another zone says to the question for CAA. */
typedef struct {
	const knot_dname_t *name; /* Owned by the index. */
	bool known;
	probe_answer_t answer;
	probe_trust_t trust;
	char *why;
	const probe_report_t *used_by; /* The last zone that depends on it. */
} outside_t;

struct world {
	const batch_t *batch;
	probe_t *probe;
	probe_walk_t *walk;
	const char *hints; /* NULL: the walk begins at the parent. */
	namemap_t index;   /* Of the names outside: number, and 1 more. */
	outside_t *outside;
	size_t outside_count;
};

/* --- Where to begin ------------------------------------------------------------------------ */

typedef struct {
	struct sockaddr_storage *item;
	size_t count;
} addresses_t;

static bool add_address(addresses_t *to, const struct sockaddr_storage *addr)
{
	struct sockaddr_storage *slot = array_extend(&to->item, &to->count, sizeof(*slot));
	if (slot != NULL) {
		*slot = *addr;
	}
	return slot != NULL;
}

/* Takes the addresses out of a master file; the names of the servers are of no use. */
static bool scan_hints(zs_scanner_t *scanner, addresses_t *out)
{
	while (zs_parse_record(scanner) == 0 && scanner->state != ZS_STATE_EOF &&
	       scanner->state != ZS_STATE_STOP) {
		struct sockaddr_storage addr;
		const caaudit_record_t record = {
			.rdata = scanner->r_data,
			.type = scanner->r_type,
			.rdlen = scanner->r_data_length,
		};
		if (scanner->state != ZS_STATE_DATA) {
			return false;
		}
		if (probe_address(&record, &addr) && !add_address(out, &addr)) {
			return false;
		}
	}
	return true;
}

static bool read_hints(const char *path, addresses_t *out)
{
	zs_scanner_t *scanner = malloc(sizeof(*scanner)); /* Too large for a stack. */
	bool ok = scanner != NULL && zs_init(scanner, ".", KNOT_CLASS_IN, 3600) == 0;
	bool found = false;
	if (access(path, R_OK) != 0) {
		char why[128];
		complain(stderr, "--root-hints '%s': %s", path,
		         source_errno_text(errno, why, sizeof(why)));
	} else if (!ok || zs_set_input_file(scanner, path) != 0 || !scan_hints(scanner, out)) {
		complain(stderr, "--root-hints '%s': not a master file of addresses", path);
	} else if (out->count == 0) {
		complain(stderr, "--root-hints '%s': no address of a server", path);
	} else {
		found = true;
	}
	if (ok) {
		zs_deinit(scanner);
	}
	free(scanner);
	return found;
}

static bool find_begin(const options_t *opts, addresses_t *out, const char **hints)
{
	for (size_t i = 0; i < opts->parent.count; i++) {
		struct sockaddr_storage addr;
		if (!parse_server(opts->parent.item[i], &addr) || !add_address(out, &addr)) {
			return false;
		}
	}
	if (opts->parent.count > 0) {
		return true;
	}
	*hints = opts->root_hints != NULL ? opts->root_hints : ROOT_HINTS_DEFAULT;
	return read_hints(*hints, out);
}

/* Without any server to ask, the parent has to name them. */
static bool is_wanted(const options_t *opts)
{
	return opts->root_hints != NULL || opts->parent.count > 0 ||
	       (opts->server_list.count == 0 && opts->resolver.count == 0 && opts->config == NULL);
}

bool world_new(const batch_t *batch, probe_t *probe, world_t **out)
{
	*out = NULL;
	if (!is_wanted(batch->opts)) {
		return true;
	}
	addresses_t begin = { 0 };
	world_t *world = calloc(1, sizeof(*world));
	bool ok = world != NULL && find_begin(batch->opts, &begin, &world->hints);
	if (ok) {
		world->batch = batch;
		world->probe = probe;
		world->walk = probe_walk_new(probe, begin.item, begin.count);
		ok = world->walk != NULL;
	}
	free(begin.item);
	if (!ok) {
		world_free(world);
		return false;
	}
	*out = world;
	return true;
}

void world_free(world_t *world)
{
	if (world == NULL) {
		return;
	}
	for (size_t i = 0; i < world->outside_count; i++) {
		probe_answer_clear(&world->outside[i].answer);
		free(world->outside[i].why);
	}
	free(world->outside);
	namemap_clear(&world->index);
	probe_walk_free(world->walk);
	free(world);
}

/* Why a walk ended early. */
static const char *walk_text(int ret)
{
	switch (ret) {
	case KNOT_ENOENT:
		return "the zone above says that there is no such zone";
	case KNOT_ETIMEOUT:
		return "no name server on the way from the root gives an answer";
	case KNOT_ELIMIT:
		return "the way from the root is too long, or leads in a circle";
	default:
		return knot_strerror(ret);
	}
}

const char *world_delegation(world_t *world, const knot_dname_t *zone, probe_delegation_t *out)
{
	*out = (probe_delegation_t){ 0 };
	if (*zone == 0) {
		return "nobody delegates the root";
	}
	int ret = probe_walk_delegation(world->walk, zone, out);
	if (ret != KNOT_EOK) {
		return walk_text(ret);
	}
	return NULL;
}

/* --- Other zones --------------------------------------------------------------------------- */

/* The name outside the zone that a look-up of CAA comes to at a server; NULL if it stays inside. */
static const knot_dname_t *leads_to(const probe_zone_t *zone, const probe_column_t *column,
                                    const knot_dname_t *name)
{
	for (unsigned aliases = 0; aliases <= CAAUDIT_ALIASES_MAX; aliases++) {
		size_t i = probe_zone_find(zone, name, KNOT_RRTYPE_CAA, false);
		const probe_answer_t *answer = &column->answer[i];
		if (i == zone->question_count || answer->outcome != PROBE_ANSWERED) {
			return NULL;
		}
		if (answer->said == PROBE_SAID_REFERRAL) {
			return answer->target != NULL ? answer->target : name;
		}
		if (answer->said != PROBE_SAID_ALIAS || answer->target == NULL) {
			return NULL;
		}
		name = answer->target;
		if (!answer->open) {
			return name;
		}
	}
	return NULL;
}

/* Has a server no CAA at the apex, so that a CA climbs on above the zone? */
static bool ends_without_caa(const probe_column_t *column)
{
	const probe_answer_t *apex = &column->answer[PROBE_ROW_CAA];
	return apex->outcome == PROBE_ANSWERED && apex->said != PROBE_SAID_DATA;
}

static outside_t *find_outside(const world_t *world, const knot_dname_t *name)
{
	const namemap_item_t *item = namemap_find(&world->index, name, 0);
	return item != NULL && item->value > 0 ? &world->outside[item->value - 1] : NULL;
}

/* Looks CAA up at a name, once a run; the report says what cannot be looked up. */
static bool ask_outside(world_t *world, const knot_dname_t *name, probe_report_t *report)
{
	bool added = false;
	namemap_item_t *item = namemap_add(&world->index, name, 0, &added);
	if (item == NULL) {
		return false;
	}
	const knot_dname_t *kept = item->name;
	outside_t *outside = find_outside(world, name);
	if (outside == NULL) {
		outside_t *slot = array_extend(&world->outside, &world->outside_count,
		                               sizeof(*slot));
		if (slot == NULL) {
			return false;
		}
		item->value = world->outside_count;
		probe_answer_t answer = { 0 };
		int ret = probe_walk_resolve(world->walk, kept, KNOT_RRTYPE_CAA, &answer);
		outside = &world->outside[world->outside_count - 1];
		*outside = (outside_t){ .name = kept, .known = ret == KNOT_EOK, .answer = answer };
		if (ret == KNOT_ENOMEM) {
			return false;
		}
	}
	outside->used_by = report;
	if (outside->known) {
		return true;
	}
	char what[KNOT_DNAME_TXT_MAXLEN + 32];
	knot_dname_txt_storage_t text;
	snprintf(what, sizeof(what), "CAA at %s",
	         knot_dname_to_str(text, name, sizeof(text)) != NULL ? text : "?");
	return probe_add_gap(report, what, walk_text(KNOT_ETIMEOUT));
}

static bool is_asked(const probe_column_t *column)
{
	return column->state == PROBE_COLUMN_GOOD && column->server->kind != PROBE_ZONE;
}

/* Calls for each name from a host up to the apex; false if the function returns false. */
typedef bool (*climb_f)(void *context, const knot_dname_t *name);

static bool climb(const caaudit_policy_t *policy, climb_f visit, void *context)
{
	for (size_t i = 0; i < policy->host_count; i++) {
		for (const knot_dname_t *name = policy->host[i];
		     knot_dname_in_bailiwick(name, policy->zone) >= 0;
		     name = probe_name_above(name)) {
			if (!visit(context, name)) {
				return false;
			}
			if (*name == 0) {
				break;
			}
		}
	}
	return true;
}

/* A climb at one server. */
typedef struct {
	world_t *world;
	const world_t *read_only;
	const probe_zone_t *zone;
	const probe_column_t *column;
	probe_report_t *report;
	caaudit_view_t *view;
} at_server_t;

static bool ask_step(void *context, const knot_dname_t *name)
{
	const at_server_t *at = context;
	const knot_dname_t *to = leads_to(at->zone, at->column, name);
	return to == NULL || ask_outside(at->world, to, at->report);
}

static bool ask_all(world_t *world, const caaudit_policy_t *policy, probe_report_t *report)
{
	const probe_zone_t *zone = report->zone;
	bool above = false, ok = true;
	for (size_t i = 0; ok && i < zone->column_count; i++) {
		const at_server_t at = {
			.world = world,
			.zone = zone,
			.column = &zone->column[i],
			.report = report,
		};
		if (is_asked(at.column)) {
			above = above || ends_without_caa(at.column);
			ok = climb(policy, ask_step, (void *)(uintptr_t)&at);
		}
	}
	/* RFC 8659 section 3: up to the top-level domain, not to the root. */
	for (const knot_dname_t *name = zone->zone; above && ok && *name != 0;) {
		name = probe_name_above(name);
		ok = *name == 0 || ask_outside(world, name, report);
	}
	return ok;
}

/* Tells a view what is known of a name outside; nothing of what a resolver would not believe. */
static int fill_outside(const world_t *world, const knot_dname_t *asked, const knot_dname_t *at,
                        caaudit_view_t *view, bool *known)
{
	const outside_t *outside = find_outside(world, at);
	*known = outside != NULL && outside->known && outside->trust != PROBE_TRUST_BOGUS;
	if (!*known) {
		return KNOT_EOK;
	}
	const probe_answer_t *answer = &outside->answer;
	caaudit_record_t *record = calloc(answer->answer_count + 1, sizeof(*record));
	size_t count = 0;
	for (size_t i = 0; record != NULL && i < answer->answer_count; i++) {
		if (answer->record[i].type == KNOT_RRTYPE_CAA) {
			record[count++] = answer->record[i];
		}
	}
	int ret = record != NULL ? caaudit_view_add_elsewhere(view, asked, record, count) :
	                           KNOT_ENOMEM;
	free(record);
	return ret;
}

static bool fill_step(void *context, const knot_dname_t *name)
{
	const at_server_t *at = context;
	const knot_dname_t *to = leads_to(at->zone, at->column, name);
	bool known = false;
	return to == NULL || fill_outside(at->read_only, name, to, at->view, &known) == KNOT_EOK;
}

int world_fill(const world_t *world, const caaudit_policy_t *policy, const probe_zone_t *zone,
               const probe_column_t *column, caaudit_view_t *view)
{
	at_server_t at = { .read_only = world, .zone = zone, .column = column, .view = view };
	if (!climb(policy, fill_step, &at)) {
		return KNOT_ENOMEM;
	}
	bool known = ends_without_caa(column);
	int ret = KNOT_EOK;
	for (const knot_dname_t *name = zone->zone; known && ret == KNOT_EOK && *name != 0;) {
		name = probe_name_above(name);
		if (*name != 0) {
			ret = fill_outside(world, name, name, view, &known);
		}
	}
	return ret;
}

/* --- Validation ---------------------------------------------------------------------------- */

/* What the resolvers trust; NULL if there is something, else why nothing can be validated. */
static const char *find_trust(const world_t *world, const probe_delegation_t *delegation,
                              char **anchor, size_t anchor_count, probe_trust_conf_t *out)
{
	const options_t *opts = world->batch->opts;
	*out = (probe_trust_conf_t){
		.hints = world->hints,
		.anchor = (const char *const *)anchor,
		.anchor_count = anchor_count,
		.now = opts->now,
		.rate = opts->rate,
	};
	if (!probe_can_validate()) {
		return "this program was built without libunbound";
	}
	if (world->hints == NULL) {
		return delegation->has_ds ? NULL : "the parent gave no answer for DS";
	}
	if (anchor_count == 0 && opts->root_hints != NULL) {
		return "--trust-anchor gives none of the root";
	}
	if (anchor_count == 0) {
		out->anchor_file = ROOT_KEY_DEFAULT;
		return access(ROOT_KEY_DEFAULT, R_OK) == 0 ? NULL : "there is no " ROOT_KEY_DEFAULT;
	}
	return NULL;
}

/* Is what a CA makes of that question of interest, and is there an answer to believe? */
static bool is_checked(const probe_question_t *question, const probe_answer_t *answer, bool brief)
{
	const unsigned purpose = PROBE_FOR_CLIMB | PROBE_FOR_VALIDATION | PROBE_FOR_ABOVE |
	                         PROBE_FOR_ALIAS;
	return probe_is_usable(answer) && answer->said != PROBE_SAID_REFERRAL && !question->tcp &&
	       (question->type == KNOT_RRTYPE_SOA ||
	        (!brief && (question->purpose & purpose) != 0));
}

/* Makes the questions of one server; \a at tells which of the zone's each of them is. */
static bool make_group(const probe_zone_t *zone, const probe_column_t *column, bool brief,
                       probe_check_group_t *group, size_t **at)
{
	group->zone = zone->zone;
	group->addr = &column->server->addr;
	group->check = calloc(zone->question_count + 1, sizeof(*group->check));
	*at = calloc(zone->question_count + 1, sizeof(**at));
	if (group->check == NULL || *at == NULL) {
		return false;
	}
	for (size_t i = 0; i < zone->question_count; i++) {
		const probe_question_t *question = &zone->question[i];
		if (is_checked(question, &column->answer[i], brief)) {
			(*at)[group->count] = i;
			/* What is in another zone is asked for by itself: it may be slow. */
			const probe_answer_t *answer = &column->answer[i];
			bool out = answer->said == PROBE_SAID_ALIAS && !answer->open;
			group->check[group->count++] = (probe_check_t){
				.name = question->name,
				.type = out ? KNOT_RRTYPE_CNAME : question->type,
			};
		}
	}
	return true;
}

/* Puts the results into the cells, and says how many questions got none. */
static bool take_group(probe_report_t *report, size_t nth, probe_check_group_t *group,
                       const size_t *at)
{
	probe_column_t *column = &report->zone->column[nth];
	size_t failed = 0;
	char what[PROBE_LABEL_MAX + 64], why[256] = "";
	for (size_t i = 0; i < group->count; i++) {
		probe_answer_t *answer = &column->answer[at[i]];
		free(answer->trust_why);
		answer->trust = group->check[i].trust;
		answer->trust_why = group->check[i].why;
		group->check[i].why = NULL;
		if (answer->trust == PROBE_TRUST_FAILED && failed++ == 0) {
			snprintf(why, sizeof(why), "%s",
			         answer->trust_why != NULL ? answer->trust_why : "no answer");
		}
	}
	snprintf(what, sizeof(what), "validation of %zu answers of %s", failed,
	         column->server->label);
	return failed == 0 || probe_add_gap(report, what, why);
}

/* The names in other zones that were asked for and not validated yet. */
static bool make_outside(world_t *world, const probe_zone_t *zone, probe_check_group_t *group,
                         size_t **at)
{
	group->zone = zone->zone;
	group->check = calloc(world->outside_count + 1, sizeof(*group->check));
	*at = calloc(world->outside_count + 1, sizeof(**at));
	if (group->check == NULL || *at == NULL) {
		return false;
	}
	for (size_t i = 0; i < world->outside_count; i++) {
		const outside_t *outside = &world->outside[i];
		if (outside->known && outside->trust == PROBE_TRUST_UNASKED) {
			(*at)[group->count] = i;
			group->check[group->count++] = (probe_check_t){
				.name = outside->name,
				.type = KNOT_RRTYPE_CAA,
			};
		}
	}
	return true;
}

static void take_outside(world_t *world, probe_check_group_t *group, const size_t *at)
{
	for (size_t i = 0; i < group->count; i++) {
		outside_t *outside = &world->outside[at[i]];
		outside->trust = group->check[i].trust;
		outside->why = group->check[i].why;
		group->check[i].why = NULL;
	}
}

static bool validate_groups(world_t *world, const probe_trust_conf_t *conf, bool brief,
                            probe_report_t *report)
{
	const probe_zone_t *zone = report->zone;
	size_t count = zone->column_count, groups = 0;
	probe_check_group_t *group = calloc(count + 1, sizeof(*group));
	size_t **at = calloc(count + 1, sizeof(*at)), *column = calloc(count + 1, sizeof(*column));
	bool ok = group != NULL && at != NULL && column != NULL;
	for (size_t i = 0; ok && i < count; i++) {
		if (is_asked(&zone->column[i]) && zone->column[i].server->kind == PROBE_SERVER) {
			column[groups] = i;
			ok = make_group(zone, &zone->column[i], brief, &group[groups], &at[groups]);
			groups++;
		}
	}
	size_t servers = groups;
	if (ok && conf->hints != NULL) {
		ok = make_outside(world, zone, &group[groups], &at[groups]);
		groups++;
	}
	int ret = ok ? probe_validate(world->probe, conf, group, groups) : KNOT_ENOMEM;
	ok = ret == KNOT_EOK;
	for (size_t i = 0; ok && i < servers; i++) {
		ok = take_group(report, column[i], &group[i], at[i]);
	}
	if (ok && groups > servers) {
		take_outside(world, &group[servers], at[servers]);
	}
	for (size_t i = 0; group != NULL && at != NULL && i < groups; i++) {
		for (size_t j = 0; j < group[i].count; j++) {
			free(group[i].check[j].why);
		}
		free(group[i].check);
		free(at[i]);
	}
	free(group);
	free(at);
	free(column);
	return ok;
}

/* The DS records of the parent as trust anchors in zone file form. */
static bool ds_anchors(const probe_zone_t *zone, const probe_answer_t *ds, char **out,
                       size_t *count)
{
	knot_dname_txt_storage_t name;
	char rdata[1024];
	*count = 0;
	if (knot_dname_to_str(name, zone->zone, sizeof(name)) == NULL) {
		return false;
	}
	for (size_t i = 0; i < ds->answer_count; i++) {
		const caaudit_record_t *record = &ds->record[i];
		if (record->type == KNOT_RRTYPE_DS &&
		    probe_rdata_text(record->type, record->rdata, record->rdlen, rdata,
		                     sizeof(rdata))) {
			if (asprintf(&out[*count], "%s IN DS %s", name, rdata) < 0) {
				return false;
			}
			(*count)++;
		}
	}
	return true;
}

static bool validate(world_t *world, const probe_delegation_t *delegation, probe_report_t *report)
{
	const batch_t *batch = world->batch;
	const probe_zone_t *zone = report->zone;
	bool at_parent = world->hints == NULL;
	size_t count = 0;
	char **own = calloc(delegation->ds.answer_count + 1, sizeof(*own));
	bool ok = own != NULL && (!at_parent || ds_anchors(zone, &delegation->ds, own, &count));
	probe_trust_conf_t conf;
	const char *why = ok ? find_trust(world, delegation, at_parent ? own : batch->anchor,
	                                  at_parent ? count : batch->anchor_count, &conf) :
	                       NULL;
	/* Without DS at the parent nothing in the zone can be bogus: one answer shows it. */
	bool brief = delegation->has_ds && delegation->ds.said == PROBE_SAID_NODATA;
	if (ok && why != NULL) {
		ok = probe_add_gap(report, "validation of the answers", why);
	} else if (ok && !(at_parent && brief)) {
		ok = validate_groups(world, &conf, brief, report);
	}
	for (size_t i = 0; own != NULL && i < count; i++) {
		free(own[i]);
	}
	free(own);
	return ok;
}

/* What a resolver does not believe, of other zones. */
static bool report_outside(const world_t *world, probe_report_t *report)
{
	bool ok = true;
	for (size_t i = 0; ok && i < world->outside_count; i++) {
		const outside_t *outside = &world->outside[i];
		char *text = NULL;
		if (outside->trust != PROBE_TRUST_BOGUS || outside->used_by != report) {
			continue;
		}
		if (asprintf(
			    &text,
			    "a CA's resolver does not believe the answer to CAA here, which a host "
			    "of the zone depends on: %s",
			    outside->why != NULL ? outside->why : "validation fails") < 0) {
			return false;
		}
		const caaudit_finding_t finding = {
			.id = CAAUDIT_PROBE_ANSWER_BOGUS,
			.severity = CAAUDIT_ERROR,
			.owner = outside->name,
			.what = probe_keep(report, safe_copy(text)),
			.advice = caaudit_finding_info(CAAUDIT_PROBE_ANSWER_BOGUS)->cure,
		};
		const column_list_t nowhere = { 0 };
		free(text);
		ok = finding.what != NULL && probe_add_finding(report, &finding, &nowhere);
	}
	return ok;
}

bool world_ask(world_t *world, const caaudit_policy_t *policy, const probe_delegation_t *delegation,
               probe_report_t *report)
{
	return ask_all(world, policy, report) && validate(world, delegation, report) &&
	       report_outside(world, report);
}
