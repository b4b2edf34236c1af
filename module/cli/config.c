/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Reads the zones of a server's configuration: files, templates, instances of the module.
 */

#include <errno.h>
#include <glob.h>
#include <libgen.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libknot/libknot.h>
#include <libknot/yparser/yparser.h>

#include "engine/array.h"
#include "config.h"
#include "source.h"
#include "text.h"
#include "values.h"
#include "zonepath.h"

#define MODULE          "mod-caaudit"
#define DEFAULT_ID      "default"
#define FILE_DEFAULT    "%s.zone"
#define STORAGE_DEFAULT "/var/lib/knot"
#define NUMBER_MAX      (1LL << 40) /* More than any option of a module takes. */
#define DEPTH_MAX       5           /* Files open at a time, each included by the one before. */

/* One value of an option; an option with several values has several items. */
typedef struct {
	char *key;
	char *value;
} conf_item_t;

/* Sections that are kept; others do not concern zones. */
enum {
	SECTION_ZONE,
	SECTION_TEMPLATE,
	SECTION_MODULE,
	SECTION_REMOTE,
	SECTION_REMOTES,
	SECTION_SERVER,
	SECTION_XDP,
	SECTION_GUARD, /* The first of those of caaudit_guard_kind_t, in their order. */
	SECTION__COUNT = SECTION_GUARD + CAAUDIT_GUARD__COUNT
};

static const char *const section_name[] = {
	[SECTION_ZONE] = "zone",
	[SECTION_TEMPLATE] = "template",
	[SECTION_MODULE] = MODULE,
	[SECTION_REMOTE] = "remote",
	[SECTION_REMOTES] = "remotes",
	[SECTION_SERVER] = "server",
	[SECTION_XDP] = "xdp",
	[SECTION_GUARD + CAAUDIT_GUARD_QUERYACL] = "mod-queryacl",
	[SECTION_GUARD + CAAUDIT_GUARD_RRL] = "mod-rrl",
	[SECTION_GUARD + CAAUDIT_GUARD_NOUDP] = "mod-noudp",
	[SECTION_GUARD + CAAUDIT_GUARD_GEOIP] = "mod-geoip",
};

/* One section as it is written; of a zone, a template, a module and the like one with an id. */
typedef struct {
	char *id;
	char *where;
	conf_item_t *item;
	size_t count;
} conf_entry_t;

typedef struct {
	conf_entry_t *entry;
	size_t count;
} conf_section_t;

struct config {
	conf_section_t section[SECTION__COUNT];
	config_module_t **module;
	size_t module_count;
	config_zone_t *zone;
	size_t zone_count;
};

static bool no_memory(void)
{
	complain(stderr, "%s", knot_strerror(KNOT_ENOMEM));
	return false;
}

/* Appends one element, all of it zero. */
static void *extend(void *array, size_t *count, size_t size)
{
	void *element = array_extend(array, count, size);
	if (element == NULL) {
		(void)no_memory();
	}
	return element;
}

/* SECTION__COUNT if it is not kept. */
static int find_section(const char *name)
{
	int i = 0;
	while (i < SECTION__COUNT && strcmp(section_name[i], name) != 0) {
		i++;
	}
	return i;
}

static bool add_entry(conf_section_t *section, const yp_parser_t *parser)
{
	conf_entry_t *entry = extend(&section->entry, &section->count, sizeof(*section->entry));
	if (entry == NULL) {
		return false;
	}
	entry->id = strdup(parser->data);
	int len = asprintf(&entry->where, "%s:%zu", parser->file.name, parser->line_count);
	entry->where = len >= 0 ? entry->where : NULL;
	return (entry->id != NULL && entry->where != NULL) || no_memory();
}

static bool add_item(conf_section_t *section, const yp_parser_t *parser)
{
	conf_entry_t *entry = &section->entry[section->count - 1];
	conf_item_t *item = extend(&entry->item, &entry->count, sizeof(*entry->item));
	if (item == NULL) {
		return false;
	}
	item->key = strdup(parser->key);
	item->value = strdup(parser->data);
	return (item->key != NULL && item->value != NULL) || no_memory();
}

static bool parse_file(config_t *config, const char *path, unsigned depth);

/* Paths are relative to the file with the include, and may be patterns. */
static bool include(config_t *config, const yp_parser_t *parser, unsigned depth)
{
	char *pattern = NULL;
	char *full = realpath(parser->file.name, NULL);
	const char *dir = full != NULL ? dirname(full) : ".";
	pattern = zonepath_join(dir, parser->data);
	free(full);
	if (pattern == NULL) {
		return no_memory();
	}

	glob_t found = { 0 };
	int ret = glob(pattern, 0, NULL, &found);
	bool ok = ret != GLOB_NOSPACE || no_memory();
	if (ok && (depth == DEPTH_MAX || (ret != 0 && strchr(pattern, '*') == NULL))) {
		complain(stderr, "%s:%zu: include %s: %s", parser->file.name, parser->line_count,
		         pattern,
		         depth == DEPTH_MAX ? "too many within each other" : "no such file");
		ok = false;
	}
	for (size_t i = 0; ok && ret == 0 && i < found.gl_pathc; i++) {
		ok = parse_file(config, found.gl_pathv[i], depth + 1);
	}
	globfree(&found);
	free(pattern);
	return ok;
}

static bool parse_items(config_t *config, yp_parser_t *parser, unsigned depth)
{
	int section = SECTION__COUNT;
	bool inside = false; /* Of an entry that is kept. */
	bool ok = true;
	int ret = KNOT_EOK;
	while (ok && (ret = yp_parse(parser)) == KNOT_EOK) {
		switch (parser->event) {
		case YP_EKEY0:
			section = find_section(parser->key);
			inside = section == SECTION_SERVER || section == SECTION_XDP;
			ok = !inside || add_entry(&config->section[section], parser);
			if (strcmp(parser->key, "include") == 0) {
				ok = include(config, parser, depth);
			}
			break;
		case YP_EID:
			inside = section < SECTION__COUNT;
			ok = !inside || add_entry(&config->section[section], parser);
			break;
		case YP_EKEY1:
			ok = !inside || add_item(&config->section[section], parser);
			break;
		default:
			break;
		}
	}
	if (ok && ret != KNOT_EOF) {
		complain(stderr, "%s:%zu: not understood as a configuration (%s)",
		         parser->file.name, parser->line_count, knot_strerror(ret));
		ok = false;
	}
	return ok;
}

static bool parse_file(config_t *config, const char *path, unsigned depth)
{
	yp_parser_t *parser = malloc(sizeof(*parser)); /* Large for a stack. */
	if (parser == NULL) {
		return no_memory();
	}
	yp_init(parser);
	bool ok = false;
	int ret = yp_set_input_file(parser, path);
	if (ret == KNOT_EOK) {
		ok = parse_items(config, parser, depth);
	} else {
		char why[128];
		complain(stderr, "%s: cannot open (%s)", path,
		         access(path, R_OK) != 0 ? source_errno_text(errno, why, sizeof(why)) :
		                                   "not a file");
	}
	yp_deinit(parser);
	free(parser);
	return ok;
}

static const conf_entry_t *find_entry(const conf_section_t *section, const char *id)
{
	for (size_t i = 0; i < section->count; i++) {
		if (strcmp(section->entry[i].id, id) == 0) {
			return &section->entry[i];
		}
	}
	return NULL;
}

static bool has(const conf_entry_t *entry, const char *key)
{
	for (size_t i = 0; entry != NULL && i < entry->count; i++) {
		if (strcmp(entry->item[i].key, key) == 0) {
			return true;
		}
	}
	return false;
}

/* Value of a zone's option, which it may have from its template. */
static const char *value(const conf_entry_t *zone, const conf_entry_t *template, const char *key)
{
	const conf_entry_t *entry = has(zone, key) ? zone : template;
	for (size_t i = 0; entry != NULL && i < entry->count; i++) {
		if (strcmp(entry->item[i].key, key) == 0) {
			return entry->item[i].value;
		}
	}
	return NULL;
}

static bool to_bool(const conf_entry_t *entry, const conf_item_t *item, bool *out)
{
	*out = strcmp(item->value, "on") == 0 || strcmp(item->value, "true") == 0;
	if (*out || strcmp(item->value, "off") == 0 || strcmp(item->value, "false") == 0) {
		return true;
	}
	complain(stderr, "%s: %s '%s': neither on nor off", entry->where, item->key, item->value);
	return false;
}

/* What an option of the module sets in config_module_t. */
typedef enum {
	MODULE_WORDS,    /* words_t. */
	MODULE_BOOL,     /* bool. */
	MODULE_WILDCARD, /* caaudit_wildcard_t. */
	MODULE_DURATION, /* uint32_t, seconds; 0 for the default. */
	MODULE_RANGES,   /* caaudit_ranges_t. */
	MODULE_NOTHING,  /* It is about the work in the server. */
} module_kind_t;

static const struct {
	const char *key;
	module_kind_t kind;
	size_t place; /* Offset in config_module_t. */
} module_options[] = {
	{ "ca", MODULE_WORDS, offsetof(config_module_t, ca) },
	{ "host", MODULE_WORDS, offsetof(config_module_t, host) },
	{ "validation", MODULE_WORDS, offsetof(config_module_t, validation) },
	{ "validation-file", MODULE_WORDS, offsetof(config_module_t, validation_file) },
	{ "wildcard", MODULE_WILDCARD, offsetof(config_module_t, wildcard) },
	{ "strict", MODULE_BOOL, offsetof(config_module_t, strict) },
	{ "override-denial", MODULE_BOOL, offsetof(config_module_t, override_denial) },
	{ "rrsig-warning", MODULE_DURATION, offsetof(config_module_t, rrsig_warning) },
	{ "audit-delay", MODULE_NOTHING, 0 },
	{ "audit-interval", MODULE_NOTHING, 0 },
	{ "change-check", MODULE_NOTHING, 0 },
	{ "comment", MODULE_NOTHING, 0 },
	{ "log-limit", MODULE_NOTHING, 0 },
	{ "source", MODULE_NOTHING, 0 },
	{ "synthesize", MODULE_NOTHING, 0 },
	{ "synthesize-ttl", MODULE_NOTHING, 0 },
	{ "transfer-key", MODULE_NOTHING, 0 },
	{ "validation-ip", MODULE_RANGES, offsetof(config_module_t, validation_ip) },
};

static bool set_wildcard(const conf_entry_t *entry, const conf_item_t *item,
                         caaudit_wildcard_t *out)
{
	*out = CAAUDIT_WILDCARD_AUTO;
	if (strcmp(item->value, "auto") == 0) {
		return true;
	}
	bool on;
	if (!to_bool(entry, item, &on)) {
		return false;
	}
	*out = on ? CAAUDIT_WILDCARD_ON : CAAUDIT_WILDCARD_OFF;
	return true;
}

static bool set_duration(const conf_entry_t *entry, const conf_item_t *item, uint32_t *out)
{
	*out = 0;
	if (strcmp(item->value, "0") == 0 || parse_duration(item->value, out)) {
		return true;
	}
	complain(stderr, "%s: %s '%s': not a time such as 36h or 3d", entry->where, item->key,
	         item->value);
	return false;
}

/* Adds a value of the form ADDR[/INT] or ADDR-ADDR. */
static bool add_range(const conf_entry_t *entry, const conf_item_t *item, caaudit_ranges_t *out)
{
	int ret = parse_range(item->value, out);
	if (ret != KNOT_EOK) {
		complain(stderr, "%s: %s '%s': %s", entry->where, item->key, item->value,
		         ret == KNOT_EINVAL ? "neither ADDR[/INT] nor ADDR-ADDR" :
		                              knot_strerror(ret));
	}
	return ret == KNOT_EOK;
}

static bool set_item(config_module_t *module, const conf_entry_t *entry, const conf_item_t *item)
{
	for (size_t i = 0; i < sizeof(module_options) / sizeof(module_options[0]); i++) {
		void *place = (char *)module + module_options[i].place;
		if (strcmp(module_options[i].key, item->key) != 0) {
			continue;
		}
		switch (module_options[i].kind) {
		case MODULE_WORDS:
			return words_add(place, item->value);
		case MODULE_BOOL:
			return to_bool(entry, item, place);
		case MODULE_WILDCARD:
			return set_wildcard(entry, item, place);
		case MODULE_DURATION:
			return set_duration(entry, item, place);
		case MODULE_RANGES:
			return add_range(entry, item, place);
		case MODULE_NOTHING:
			return true;
		}
	}
	complain(stderr, "%s: " MODULE " has no option '%s'", entry->where, item->key);
	return false;
}

static bool fill_module(config_module_t *module, const conf_entry_t *entry)
{
	for (size_t i = 0; i < entry->count; i++) {
		if (!set_item(module, entry, &entry->item[i])) {
			return false;
		}
	}
	return true;
}

/* Finds "mod-caaudit/id", or makes "mod-caaudit", of which every option is at its default. */
static const config_module_t *find_module(config_t *config, const char *name, const char *where)
{
	for (size_t i = 0; i < config->module_count; i++) {
		if (strcmp(config->module[i]->name, name) == 0) {
			return config->module[i];
		}
	}
	const char *id = strchr(name, '/');
	// The server does not look for an id "default" either.
	const conf_entry_t *entry = id != NULL ?
	                                    find_entry(&config->section[SECTION_MODULE], id + 1) :
	                                    NULL;
	if (id != NULL && entry == NULL) {
		complain(stderr, "%s: no %s with that id", where, name);
		return NULL;
	}
	config_module_t **slot = extend(&config->module, &config->module_count,
	                                sizeof(*config->module));
	if (slot == NULL) {
		return NULL;
	}
	*slot = calloc(1, sizeof(**slot));
	if (*slot == NULL || ((*slot)->name = strdup(name)) == NULL) {
		(void)no_memory();
		return NULL;
	}
	(*slot)->wildcard = CAAUDIT_WILDCARD_AUTO;
	return entry == NULL || fill_module(*slot, entry) ? *slot : NULL;
}

/* Addresses of a remote; a path is that of a socket on this machine. */
static bool add_addresses(config_zone_t *out, const conf_section_t *remotes, const char *id)
{
	const conf_entry_t *remote = find_entry(remotes, id);
	if (remote == NULL) {
		out->no_remote = id; /* Of no interest to somebody who only checks zone files. */
		return true;
	}
	for (size_t i = 0; i < remote->count; i++) {
		const conf_item_t *item = &remote->item[i];
		if (strcmp(item->key, "address") == 0 && item->value[0] != '/' &&
		    !words_add(&out->notify, item->value)) {
			return false;
		}
	}
	return true;
}

/* Servers that are notified: remotes, and groups of them. */
static bool add_notify(const config_t *config, config_zone_t *out, const conf_entry_t *zone,
                       const conf_entry_t *template)
{
	const conf_section_t *remotes = &config->section[SECTION_REMOTE];
	const conf_entry_t *from = has(zone, "notify") ? zone : template;
	for (size_t i = 0; from != NULL && i < from->count; i++) {
		const char *id = from->item[i].value;
		if (strcmp(from->item[i].key, "notify") != 0) {
			continue;
		}
		const conf_entry_t *group = find_entry(&config->section[SECTION_REMOTES], id);
		if (group == NULL && !add_addresses(out, remotes, id)) {
			return false;
		}
		for (size_t j = 0; group != NULL && j < group->count; j++) {
			if (strcmp(group->item[j].key, "remote") == 0 &&
			    !add_addresses(out, remotes, group->item[j].value)) {
				return false;
			}
		}
	}
	return true;
}

/*
 * What the server itself refuses.
 */

static bool set_number(const conf_entry_t *entry, const conf_item_t *item, int64_t *out)
{
	char *end;
	errno = 0;
	long long number = strtoll(item->value, &end, 10);
	if (errno == 0 && end != item->value && *end == '\0' && number >= 0 &&
	    number < NUMBER_MAX) {
		*out = number;
		return true;
	}
	complain(stderr, "%s: %s '%s': not a number", entry->where, item->key, item->value);
	return false;
}

/* A path of a socket is a value of a list as well, and no address. */
static bool add_client(const conf_entry_t *entry, const conf_item_t *item, caaudit_ranges_t *out,
                       size_t *count)
{
	(*count)++;
	return item->value[0] == '/' || add_range(entry, item, out);
}

static bool set_guard(caaudit_guard_t *guard, const conf_entry_t *entry, const conf_item_t *item)
{
	const char *key = item->key;
	if (guard->kind == CAAUDIT_GUARD_QUERYACL && strcmp(key, "address") == 0) {
		return add_client(entry, item, &guard->address, &guard->addresses);
	} else if (guard->kind == CAAUDIT_GUARD_QUERYACL && strcmp(key, "interface") == 0) {
		return add_client(entry, item, &guard->interface, &guard->interfaces);
	} else if (guard->kind != CAAUDIT_GUARD_RRL) {
		return true;
	} else if (strcmp(key, "whitelist") == 0) {
		return add_client(entry, item, &guard->address, &guard->addresses);
	} else if (strcmp(key, "rate-limit") == 0) {
		return set_number(entry, item, &guard->rate);
	} else if (strcmp(key, "instant-limit") == 0) {
		return set_number(entry, item, &guard->burst);
	} else if (strcmp(key, "slip") == 0) {
		return set_number(entry, item, &guard->slip);
	} else if (strcmp(key, "dry-run") == 0) {
		return to_bool(entry, item, &guard->dry);
	}
	return true;
}

/* Adds those of the modules in a list that keep answers back. */
static bool add_guards(const config_t *config, caaudit_server_t *server, const conf_entry_t *from,
                       const char *option)
{
	for (size_t i = 0; from != NULL && i < from->count; i++) {
		const char *name = from->item[i].value;
		size_t len = strcspn(name, "/");
		caaudit_guard_kind_t kind = caaudit_guard_kind(name, len);
		if (strcmp(from->item[i].key, option) != 0 || kind == CAAUDIT_GUARD__COUNT) {
			continue;
		}
		const char *id = name[len] == '/' ? name + len + 1 : "";
		const conf_entry_t *entry = find_entry(&config->section[SECTION_GUARD + kind], id);
		if (entry == NULL && id[0] != '\0') {
			complain(stderr, "%s: no %s with that id", from->where, name);
			return false;
		}
		caaudit_guard_t *guard = caaudit_server_add(server, kind, id, strlen(id),
		                                            strcmp(option, "module") != 0);
		if (guard == NULL) {
			return no_memory();
		}
		guard->burst = KNOT_VERSION_HEX >= 0x030400 ? CAAUDIT_RRL_BURST : -1;
		for (size_t j = 0; entry != NULL && j < entry->count; j++) {
			if (!set_guard(guard, entry, &entry->item[j])) {
				return false;
			}
		}
		if (guard->burst < 0) {
			guard->burst = CAAUDIT_RRL_WINDOW * guard->rate;
		}
	}
	return true;
}

static bool add_address(caaudit_ranges_t *out, const struct sockaddr_storage *addr)
{
	const struct sockaddr_in *in = (const struct sockaddr_in *)addr;
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;
	if (addr->ss_family == AF_INET) {
		return caaudit_ranges_add_net(out, (const uint8_t *)&in->sin_addr, 4,
		                              in->sin_addr.s_addr == INADDR_ANY ? 0 : -1);
	}
	return caaudit_ranges_add_net(out, (const uint8_t *)&in6->sin6_addr, 16,
	                              IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr) ? 0 : -1);
}

/* Adds addresses that the server listens on: any one where a network card is named. */
static bool add_listen(const conf_section_t *section, caaudit_ranges_t *out, size_t *count)
{
	static const uint8_t any[16];
	for (size_t i = 0; i < section->count; i++) {
		const conf_entry_t *entry = &section->entry[i];
		for (size_t j = 0; j < entry->count; j++) {
			struct sockaddr_storage addr;
			const char *text = entry->item[j].value;
			if (strcmp(entry->item[j].key, "listen") != 0 || text[0] == '/') {
				continue;
			}
			(*count)++;
			bool ok = parse_server(text, &addr) ?
			                  add_address(out, &addr) :
			                  caaudit_ranges_add_net(out, any, 4, 0) &&
			                          caaudit_ranges_add_net(out, any, 16, 0);
			if (!ok) {
				return no_memory();
			}
		}
	}
	return true;
}

/* Where XDP alone answers, there is TCP only if that is told to. */
static bool set_listen(const config_t *config, caaudit_server_t *server)
{
	const conf_section_t *xdp = &config->section[SECTION_XDP];
	size_t sockets = 0, cards = 0;
	if (!add_listen(&config->section[SECTION_SERVER], &server->listen, &sockets) ||
	    !add_listen(xdp, &server->listen, &cards)) {
		return false;
	}
	bool tcp = false;
	for (size_t i = 0; i < xdp->count; i++) {
		const conf_entry_t *entry = &xdp->entry[i];
		for (size_t j = 0; j < entry->count; j++) {
			if (strcmp(entry->item[j].key, "tcp") == 0 &&
			    !to_bool(entry, &entry->item[j], &tcp)) {
				return false;
			}
		}
	}
	server->tcp_off = sockets == 0 && cards > 0 && !tcp;
	return true;
}

/* Modules of global scope come before those of the zone. */
static bool set_server(const config_t *config, config_zone_t *out, const conf_entry_t *zone,
                       const conf_entry_t *template)
{
	const conf_entry_t *common = find_entry(&config->section[SECTION_TEMPLATE], DEFAULT_ID);
	const caaudit_ranges_t none = { .count = 0 };
	const caaudit_ranges_t *ip = out->module != NULL ? &out->module->validation_ip : &none;
	for (size_t i = 0; i < ip->count; i++) {
		const caaudit_range_t *range = &ip->item[i];
		if (!caaudit_ranges_add(&out->server.validation_ip, range->first, range->last,
		                        range->len)) {
			return no_memory();
		}
	}
	return set_listen(config, &out->server) &&
	       add_guards(config, &out->server, common, "global-module") &&
	       add_guards(config, &out->server, has(zone, "module") ? zone : template, "module");
}

static bool add_zone(config_t *config, const conf_entry_t *zone, const conf_entry_t *template,
                     const config_module_t *module)
{
	config_zone_t *out = extend(&config->zone, &config->zone_count, sizeof(*config->zone));
	if (out == NULL) {
		return false;
	}
	knot_dname_storage_t name;
	if (parse_zone(zone->id, name) == NULL) {
		complain(stderr, "%s: '%s': not a domain name", zone->where, zone->id);
		return false;
	}
	const char *pattern = value(zone, template, "file");
	const char *storage = value(zone, template, "storage");
	errno = 0;
	char *file = zonepath_expand(pattern != NULL ? pattern : FILE_DEFAULT, name);
	if (file == NULL && errno == ENOMEM) {
		return no_memory();
	}
	if (file == NULL) {
		complain(stderr, "%s: file '%s': not understood", zone->where,
		         pattern != NULL ? pattern : FILE_DEFAULT);
		return false;
	}
	out->zone = knot_dname_copy(name, NULL);
	out->path = zonepath_join(storage != NULL ? storage : STORAGE_DEFAULT, file);
	out->module = module;
	free(file);
	if (out->zone == NULL || out->path == NULL) {
		return no_memory();
	}
	return add_notify(config, out, zone, template) && set_server(config, out, zone, template);
}

/* A zone's own list of modules replaces that of its template. */
static bool add_instances(config_t *config, const conf_entry_t *zone, const conf_entry_t *template)
{
	const conf_entry_t *from = has(zone, "module") ? zone : template;
	size_t count = 0;
	for (size_t i = 0; from != NULL && i < from->count; i++) {
		const char *name = from->item[i].value;
		size_t len = strlen(MODULE);
		// NOLINTNEXTLINE(*NonNullParamChecker): items have a value.
		if (strcmp(from->item[i].key, "module") != 0 || strncmp(name, MODULE, len) != 0 ||
		    (name[len] != '\0' && name[len] != '/')) {
			continue;
		}
		const config_module_t *module = find_module(config, name, from->where);
		if (module == NULL || !add_zone(config, zone, template, module)) {
			return false;
		}
		count++;
	}
	return count > 0 || add_zone(config, zone, template, NULL);
}

/* A catalog lists zones (RFC 9432) and serves no hosts: as in the server there is nothing to audit. */
static bool is_catalog(const options_t *opts, const conf_entry_t *zone,
                       const conf_entry_t *template)
{
	const char *role = value(zone, template, "catalog-role");
	bool interpret = role != NULL && strcmp(role, "interpret") == 0;
	bool generate = role != NULL && strcmp(role, "generate") == 0;
	if (interpret && !opts->quiet) {
		complain(stderr,
		         "%s: zone '%s': a catalog, left out; the zones that it lists are not in "
		         "the configuration, and not checked",
		         zone->where, zone->id);
	} else if (generate && opts->verbose) {
		complain(stderr, "%s: zone '%s': a catalog, left out", zone->where, zone->id);
	}
	return interpret || generate;
}

static bool resolve(config_t *config, const options_t *opts)
{
	for (size_t i = 0; i < config->section[SECTION_ZONE].count; i++) {
		const conf_entry_t *zone = &config->section[SECTION_ZONE].entry[i];
		const char *name = value(zone, NULL, "template");
		const conf_entry_t *template = find_entry(&config->section[SECTION_TEMPLATE],
		                                          name != NULL ? name : DEFAULT_ID);
		if (name != NULL && template == NULL) {
			complain(stderr, "%s: no template '%s'", zone->where, name);
			return false;
		}
		if (!is_catalog(opts, zone, template) && !add_instances(config, zone, template)) {
			return false;
		}
	}
	return true;
}

config_t *config_read(const options_t *opts)
{
	config_t *config = calloc(1, sizeof(*config));
	if (config == NULL) {
		complain(stderr, "%s", knot_strerror(KNOT_ENOMEM));
		return NULL;
	}
	if (!parse_file(config, opts->config, 0) || !resolve(config, opts)) {
		config_free(config);
		return NULL;
	}
	if (config->zone_count == 0) {
		complain(stderr, "%s: no zones", opts->config);
		config_free(config);
		return NULL;
	}
	return config;
}

static void section_free(conf_section_t *section)
{
	for (size_t i = 0; i < section->count; i++) {
		conf_entry_t *entry = &section->entry[i];
		for (size_t j = 0; j < entry->count; j++) {
			free(entry->item[j].key);
			free(entry->item[j].value);
		}
		free(entry->item);
		free(entry->id);
		free(entry->where);
	}
	free(section->entry);
}

void config_free(config_t *config)
{
	if (config == NULL) {
		return;
	}
	for (int i = 0; i < SECTION__COUNT; i++) {
		section_free(&config->section[i]);
	}
	for (size_t i = 0; i < config->module_count; i++) {
		config_module_t *module = config->module[i];
		if (module != NULL) {
			free(module->name);
			free(module->ca.item);
			free(module->host.item);
			free(module->validation.item);
			free(module->validation_file.item);
			free(module->validation_ip.item);
			free(module);
		}
	}
	for (size_t i = 0; i < config->zone_count; i++) {
		knot_dname_free(config->zone[i].zone, NULL);
		free(config->zone[i].path);
		free(config->zone[i].notify.item);
		caaudit_server_clear(&config->zone[i].server);
	}
	free(config->module);
	free(config->zone);
	free(config);
}

const config_zone_t *config_zones(const config_t *config, size_t *count)
{
	*count = config->zone_count;
	return config->zone;
}
