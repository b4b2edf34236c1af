/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Reads the sections of the configuration that are not the module's own. */

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>

#include "compat.h"
#include "conf.h"
#include "engine/hash.h"
#include "zonepath.h"

#define C_ACL            "\003acl"
#define C_ACTION         "\006action"
#define C_ADDRESS        "\007address"
#define C_ALGORITHM      "\011algorithm"
#define C_ANS_ROTATION   "\017answer-rotation"
#define C_BACKEND        "\007backend"
#define C_CATALOG_ROLE   "\014catalog-role"
#define C_CONFIG         "\006config"
#define C_CONTROL        "\007control"
#define C_DATABASE       "\010database"
#define C_DENY           "\004deny"
#define C_DNSSEC_POLICY  "\015dnssec-policy"
#define C_DNSSEC_SIGNING "\016dnssec-signing"
#define C_DOMAIN         "\006domain"
#define C_DRY_RUN        "\007dry-run"
#define C_FILE           "\004file"
#define C_GLOBAL_MODULE  "\015global-module"
#define C_INSTANT_LIMIT  "\015instant-limit"
#define C_INTERFACE      "\011interface"
#define C_KASP_DB        "\007kasp-db"
#define C_KEY            "\003key"
#define C_KEYSTORE       "\010keystore"
#define C_LISTEN         "\006listen"
#define C_MASTER         "\006master"
#define C_MODULE         "\006module"
#define C_MOD_QUERYACL   "\014mod-queryacl"
#define C_MOD_RRL        "\007mod-rrl"
#define C_POLICY         "\006policy"
#define C_RATE_LIMIT     "\012rate-limit"
#define C_REMOTE         "\006remote"
#define C_RUNDIR         "\006rundir"
#define C_SECRET         "\006secret"
#define C_SERVER         "\006server"
#define C_SLIP           "\004slip"
#define C_STORAGE        "\007storage"
#define C_TCP            "\003tcp"
#define C_TEMPLATE       "\010template"
#define C_TIMEOUT        "\007timeout"
#define C_WHITELIST      "\011whitelist"
#define C_XDP            "\003xdp"
#define C_ZONE           "\004zone"
#define C_ZONEFILE_LOAD  "\015zonefile-load"
#define C_ZONEFILE_SYNC  "\015zonefile-sync"

/* Values of options of the server. */
#define ZONEFILE_LOAD_NONE     0
#define CATALOG_ROLE_INTERPRET 1
#define CATALOG_ROLE_GENERATE  2
#define ACL_ACTION_TRANSFER    2
#define BACKEND_PEM            1

/* Names of modules with their length, as references to them begin. */
static const char own_name[] = "\013mod-caaudit";
static const char onlinesign_name[] = "\016mod-onlinesign";
#define OWN_NAME_LEN (sizeof(own_name) - 1)

static knotd_conf_t section_id(const void *id, size_t len)
{
	knotd_conf_t out = { .count = 1 };
	out.single.data = id;
	out.single.data_len = len;
	return out;
}

static bool is_module(const knotd_conf_val_t *module, const char *name)
{
	size_t len = 1 + (size_t)name[0];
	return module->data_len >= len && memcmp(module->data, name, len) == 0;
}

static bool is_own(const knotd_conf_val_t *module)
{
	return is_module(module, own_name);
}

/*
 * Reading a zone.
 */

/* Gets the path of the zone file, to be freed; NULL if it is unclear or memory is out. */
static char *get_zone_file(knotd_mod_t *mod, const knot_dname_t *zone, bool *unclear)
{
	knotd_conf_t file = knotd_conf_zone(mod, C_FILE, zone);
	errno = 0;
	char *name = zonepath_expand(file.single.string != NULL ? file.single.string : "%s.zone",
	                             zone);
	*unclear = name == NULL && errno != ENOMEM;
	if (name == NULL) {
		return NULL;
	}
	knotd_conf_t storage = knotd_conf_zone(mod, C_STORAGE, zone);
	char *path = zonepath_join(storage.single.string, name);
	free(name);
	return path;
}

bool conf_is_catalog(knotd_mod_t *mod, const knot_dname_t *zone)
{
	unsigned role = knotd_conf_zone(mod, C_CATALOG_ROLE, zone).single.option;
	return role == CATALOG_ROLE_INTERPRET || role == CATALOG_ROLE_GENERATE;
}

static bool is_loopback(const struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)addr;
		return ntohl(in->sin_addr.s_addr) >> 24 == 127;
	}
	const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)addr;
	return addr->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&in6->sin6_addr);
}

/* Puts loopback in the place of "any address". */
static void make_reachable(struct sockaddr_storage *addr)
{
	if (addr->ss_family == AF_INET) {
		struct sockaddr_in *in = (struct sockaddr_in *)addr;
		if (in->sin_addr.s_addr == htonl(INADDR_ANY)) {
			in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		}
	} else if (addr->ss_family == AF_INET6) {
		struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)addr;
		if (IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr)) {
			in6->sin6_addr = in6addr_loopback;
		}
	}
}

bool conf_server(knotd_mod_t *mod, struct sockaddr_storage *out)
{
	bool found = false;
	knotd_conf_t listen = knotd_conf(mod, C_SERVER, C_LISTEN, NULL);
	for (size_t i = 0; i < listen.count; i++) {
		struct sockaddr_storage addr = listen.multi[i].addr;
		make_reachable(&addr);
		if (addr.ss_family != AF_INET && addr.ss_family != AF_INET6) {
			continue;
		}
		if (!found || (is_loopback(&addr) && !is_loopback(out))) {
			*out = addr;
			found = true;
		}
	}
	knotd_conf_free(&listen);
	return found;
}

/* Gets the source address of a connection to one of the host's own addresses. */
static struct sockaddr_storage own_address(const struct sockaddr_storage *server)
{
	struct sockaddr_storage out = *server;
	if (server->ss_family == AF_INET && is_loopback(server)) {
		((struct sockaddr_in *)&out)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	}
	return out;
}

/* Tells whether an ACL entry applies to a transfer without a key. */
static bool acl_applies(knotd_mod_t *mod, const knotd_conf_t *id,
                        const struct sockaddr_storage *from, bool *doubt)
{
	/* The addresses and keys of a remote are not resolved here. */
	knotd_conf_t remote = knotd_conf(mod, C_ACL, C_REMOTE, id);
	*doubt = remote.count > 0;
	knotd_conf_free(&remote);

	knotd_conf_t address = knotd_conf(mod, C_ACL, C_ADDRESS, id);
	bool match = address.count == 0 || knotd_conf_addr_range_match(&address, from);
	knotd_conf_free(&address);

	knotd_conf_t action = knotd_conf(mod, C_ACL, C_ACTION, id);
	bool transfer = action.count == 0;
	for (size_t i = 0; i < action.count; i++) {
		transfer = transfer || action.multi[i].option == ACL_ACTION_TRANSFER;
	}
	knotd_conf_free(&action);
	return match && transfer;
}

/* Tells whether the zone's ACL lets the host itself transfer without a key; false in doubt:
 * then another source is read. */
static bool acl_allows(knotd_mod_t *mod, const knot_dname_t *zone,
                       const struct sockaddr_storage *server)
{
	struct sockaddr_storage from = own_address(server);
	bool allowed = false, decided = false;

	knotd_conf_t acl = knotd_conf_zone(mod, C_ACL, zone);
	for (size_t i = 0; i < acl.count && !decided; i++) {
		knotd_conf_t id = section_id(acl.multi[i].data, acl.multi[i].data_len);
		bool doubt;
		if (!acl_applies(mod, &id, &from, &doubt)) {
			continue;
		}
		knotd_conf_t deny = knotd_conf(mod, C_ACL, C_DENY, &id);
		knotd_conf_t key = knotd_conf(mod, C_ACL, C_KEY, &id);
		if (doubt || deny.single.boolean) {
			decided = true;
		} else if (key.count == 0) {
			decided = allowed = true;
		}
		knotd_conf_free(&key);
	}
	knotd_conf_free(&acl);
	return allowed;
}

/* Copies the TSIG key of the option 'transfer-key'. */
static int get_key(knotd_mod_t *mod, const knot_dname_t *id_name, knot_tsig_key_t *out)
{
	knot_dname_storage_t name;
	size_t len = knot_dname_store(name, id_name);
	knotd_conf_t id = section_id(name, len);
	knotd_conf_t algorithm = knotd_conf(mod, C_KEY, C_ALGORITHM, &id);
	knotd_conf_t secret = knotd_conf(mod, C_KEY, C_SECRET, &id);
	if (algorithm.count == 0 || secret.count == 0) {
		return KNOT_ENOENT;
	}
	/* The copy only reads the secret; its parameter is not const. */
	union {
		const uint8_t *in;
		uint8_t *out;
	} octets = { .in = secret.single.data };
	knot_tsig_key_t key = {
		.algorithm = algorithm.single.option,
		.name = name,
		.secret = { .data = octets.out, .size = secret.single.data_len },
	};
	return knot_tsig_key_copy(out, &key);
}

static void get_control(knotd_mod_t *mod, conf_access_t *out)
{
	knotd_conf_t listen = knotd_conf(mod, C_CONTROL, C_LISTEN, NULL);
	const char *name = compat_string(&listen);
	knotd_conf_t dir = knotd_conf(mod, C_SERVER, C_RUNDIR, NULL);
	out->control = zonepath_join(dir.single.string, name != NULL ? name : "knot.sock");
	knotd_conf_free(&listen);
	knotd_conf_t timeout = knotd_conf(mod, C_CONTROL, C_TIMEOUT, NULL);
	out->control_timeout = (int)timeout.single.integer * 1000;
}

void conf_access_read(knotd_mod_t *mod, const knot_dname_t *zone, const options_t *options,
                      conf_access_t *out)
{
	memset(out, 0, sizeof(*out));
	out->version = compat_version(mod);
	out->listens = conf_server(mod, &out->server);
	knotd_conf_t load = knotd_conf_zone(mod, C_ZONEFILE_LOAD, zone);
	out->never_written = knotd_conf_zone(mod, C_ZONEFILE_SYNC, zone).single.integer < 0;
	out->from_file = load.single.option != ZONEFILE_LOAD_NONE;
	if (out->from_file || options->source == SOURCE_ZONEFILE) {
		out->zonefile = get_zone_file(mod, zone, &out->unclear_file);
	}
	if (out->version >= COMPAT_SAFE_CONTROL) {
		get_control(mod, out);
	}
	if (options->transfer_key != NULL && out->listens) {
		out->key_ret = get_key(mod, options->transfer_key, &out->key);
	} else if (options->source == SOURCE_AUTO && out->listens) {
		out->may_transfer = acl_allows(mod, zone, &out->server);
	}
}

void conf_access_clear(conf_access_t *access)
{
	free(access->zonefile);
	free(access->control);
	knot_tsig_key_deinit(&access->key);
	memset(access, 0, sizeof(*access));
}

/*
 * What the server itself refuses.
 */

/* What is read of the configuration; if memory is out the server returns the default, and only errno
 * tells. */
typedef struct {
	knotd_mod_t *mod;
	caaudit_server_t *out;
	bool failed;
} reader_t;

static knotd_conf_t get(reader_t *reader, const yp_name_t *section, const yp_name_t *item,
                        const knotd_conf_t *id)
{
	errno = 0;
	knotd_conf_t conf = knotd_conf(reader->mod, section, item, id);
	reader->failed = reader->failed || errno == ENOMEM;
	return conf;
}

/* Gets the octets of an IP address; NULL if it is a path or the name of a network card. */
static const uint8_t *octets_of(const struct sockaddr_storage *addr, uint8_t *len)
{
	*len = addr->ss_family == AF_INET ? 4 : 16;
	return addr->ss_family == AF_INET ?
	               (const uint8_t *)&((const struct sockaddr_in *)addr)->sin_addr :
	       addr->ss_family == AF_INET6 ?
	               (const uint8_t *)&((const struct sockaddr_in6 *)addr)->sin6_addr :
	               NULL;
}

/* Takes a list of addresses, networks and ranges. */
static size_t take_ranges(reader_t *reader, knotd_conf_t *conf, caaudit_ranges_t *out)
{
	size_t count = conf->count;
	for (size_t i = 0; i < count; i++) {
		const knotd_conf_val_t *value = &conf->multi[i];
		uint8_t len, max_len;
		const uint8_t *first = octets_of(&value->addr, &len);
		const uint8_t *last = octets_of(&value->addr_max, &max_len);
		if (first == NULL) {
			continue;
		}
		/* A range has the mask of a single address. */
		bool ok = last != NULL && len == max_len ?
		                  caaudit_ranges_add(out, first, last, len) :
		                  caaudit_ranges_add_net(out, first, len, value->addr_mask);
		reader->failed = reader->failed || !ok;
	}
	knotd_conf_free(conf);
	return count;
}

static void read_queryacl(reader_t *reader, const knotd_conf_t *id, caaudit_guard_t *guard)
{
	knotd_conf_t address = get(reader, C_MOD_QUERYACL, C_ADDRESS, id);
	guard->addresses = take_ranges(reader, &address, &guard->address);
	knotd_conf_t interface = get(reader, C_MOD_QUERYACL, C_INTERFACE, id);
	guard->interfaces = take_ranges(reader, &interface, &guard->interface);
}

/* The server does not survive a question for an option that its version does not have. */
static void read_rrl(reader_t *reader, const knotd_conf_t *id, caaudit_guard_t *guard)
{
	guard->rate = get(reader, C_MOD_RRL, C_RATE_LIMIT, id).single.integer;
	guard->slip = get(reader, C_MOD_RRL, C_SLIP, id).single.integer;
	knotd_conf_t whitelist = get(reader, C_MOD_RRL, C_WHITELIST, id);
	guard->addresses = take_ranges(reader, &whitelist, &guard->address);
	guard->burst = CAAUDIT_RRL_WINDOW * guard->rate;
	if (compat_version(reader->mod) >= COMPAT_RRL_BURST) {
		guard->burst = get(reader, C_MOD_RRL, C_INSTANT_LIMIT, id).single.integer;
		guard->dry = get(reader, C_MOD_RRL, C_DRY_RUN, id).single.boolean;
	}
}

/* Notes which modules of a list change what is answered. */
static void note_modules(const knotd_conf_t *modules, conf_served_t *out)
{
	static const char *const others[] = {
		"\011mod-geoip",
		"\017mod-synthrecord",
		"\014mod-dnsproxy",
		"\012mod-whoami",
	};
	for (size_t i = 0; i < modules->count; i++) {
		const knotd_conf_val_t *module = &modules->multi[i];
		out->onlinesign = out->onlinesign || is_module(module, onlinesign_name);
		for (size_t j = 0; j < sizeof(others) / sizeof(*others); j++) {
			out->answers_else = out->answers_else || is_module(module, others[j]);
		}
	}
}

/* Takes those of the modules in a list that keep answers back. */
static void take_guards(reader_t *reader, knotd_conf_t *modules, bool global)
{
	for (size_t i = 0; i < modules->count; i++) {
		const uint8_t *name = modules->multi[i].data;
		caaudit_guard_kind_t kind = caaudit_guard_kind((const char *)name + 1, name[0]);
		if (kind == CAAUDIT_GUARD__COUNT) {
			continue;
		}
		/* An id ends with a zero, which belongs to it. */
		knotd_conf_t id = section_id(name + 1 + name[0],
		                             modules->multi[i].data_len - 1 - name[0]);
		const char *text = (const char *)id.single.data;
		size_t len = strnlen(text, id.single.data_len);
		caaudit_guard_t *guard = caaudit_server_add(reader->out, kind, text, len, global);
		if (guard == NULL) {
			reader->failed = true;
			break;
		}
		guard->burst = CAAUDIT_RRL_BURST;
		if (len > 0 && kind == CAAUDIT_GUARD_QUERYACL) {
			read_queryacl(reader, &id, guard);
		} else if (len > 0 && kind == CAAUDIT_GUARD_RRL) {
			read_rrl(reader, &id, guard);
		}
	}
	knotd_conf_free(modules);
}

/* Takes the addresses that the server listens on: any one where a network card is named. */
static size_t take_listen(reader_t *reader, const yp_name_t *section, bool cards)
{
	static const uint8_t any[16];
	caaudit_ranges_t *out = &reader->out->listen;
	size_t count = 0;
	knotd_conf_t listen = get(reader, section, C_LISTEN, NULL);
	for (size_t i = 0; i < listen.count; i++) {
		uint8_t len;
		bool ok = true;
		const uint8_t *address = octets_of(&listen.multi[i].addr, &len);
		if (address != NULL) {
			bool all = memcmp(address, any, len) == 0;
			ok = caaudit_ranges_add_net(out, address, len, all ? 0 : -1);
		} else if (cards) {
			ok = caaudit_ranges_add_net(out, any, 4, 0) &&
			     caaudit_ranges_add_net(out, any, 16, 0);
		}
		reader->failed = reader->failed || !ok;
		count += address != NULL || cards;
	}
	knotd_conf_free(&listen);
	return count;
}

int conf_server_read(knotd_mod_t *mod, const knot_dname_t *zone, caaudit_server_t *out,
                     conf_served_t *served)
{
	memset(out, 0, sizeof(*out));
	*served = (conf_served_t){ .secondary = false };
	reader_t reader = { .mod = mod, .out = out };
	size_t sockets = take_listen(&reader, C_SERVER, false);
	size_t cards = take_listen(&reader, C_XDP, true);
	out->tcp_off = sockets == 0 && cards > 0 &&
	               !get(&reader, C_XDP, C_TCP, NULL).single.boolean;

	errno = 0;
	knotd_conf_t ip = knotd_conf_mod(mod, MOD_VALIDATION_IP);
	knotd_conf_t modules = knotd_conf_zone(mod, C_MODULE, zone);
	reader.failed = reader.failed || errno == ENOMEM;
	(void)take_ranges(&reader, &ip, &out->validation_ip);

	/* Those of global scope come first. */
	knotd_conf_t id = section_id("default", sizeof("default"));
	knotd_conf_t global = get(&reader, C_TEMPLATE, C_GLOBAL_MODULE, &id);
	note_modules(&global, served);
	note_modules(&modules, served);
	knotd_conf_t master = knotd_conf_zone(mod, C_MASTER, zone);
	served->secondary = master.count > 0;
	knotd_conf_free(&master);
	take_guards(&reader, &global, true);
	take_guards(&reader, &modules, false);
	if (reader.failed) {
		caaudit_server_clear(out);
	}
	return reader.failed ? KNOT_ENOMEM : KNOT_EOK;
}

/*
 * Signing.
 */

static conf_signed_t who_signs(knotd_mod_t *mod, const knot_dname_t *zone)
{
	knotd_conf_t signing = knotd_conf_zone(mod, C_DNSSEC_SIGNING, zone);
	conf_signed_t by = signing.single.boolean ? CONF_SIGNED_SERVER : CONF_SIGNED_NOT;
	knotd_conf_t modules = knotd_conf_zone(mod, C_MODULE, zone);
	/* Of several instances of this module the last one counts for all. */
	for (size_t i = 0; i < modules.count && by != CONF_SIGNED_SERVER; i++) {
		if (is_module(&modules.multi[i], onlinesign_name)) {
			by = CONF_SIGNED_AFTER;
		} else if (is_own(&modules.multi[i]) && by == CONF_SIGNED_AFTER) {
			by = CONF_SIGNED_BEFORE;
		}
	}
	knotd_conf_free(&modules);
	return by;
}

/* Gets the path of one keystore; NULL if its backend is another one, or memory is out. */
static char *store_path(knotd_mod_t *mod, const char *base, const knotd_conf_val_t *id)
{
	const char *name = "keys";
	if (id != NULL) {
		knotd_conf_t key = section_id(id->data, id->data_len);
		knotd_conf_t backend = knotd_conf(mod, C_KEYSTORE, C_BACKEND, &key);
		if (backend.count > 0 && backend.single.option != BACKEND_PEM) {
			return NULL;
		}
		knotd_conf_t config = knotd_conf(mod, C_KEYSTORE, C_CONFIG, &key);
		if (config.count > 0 && config.single.string != NULL) {
			name = config.single.string;
		}
	}
	return zonepath_join(base, name);
}

/* Gets the directories of the keystores of the zone's policy. */
static int get_keystores(knotd_mod_t *mod, const knot_dname_t *zone, conf_signing_t *out)
{
	knotd_conf_t storage = knotd_conf(mod, C_DATABASE, C_STORAGE, NULL);
	knotd_conf_t kasp = knotd_conf(mod, C_DATABASE, C_KASP_DB, NULL);
	char *base = zonepath_join(storage.single.string,
	                           kasp.single.string != NULL ? kasp.single.string : "keys");
	knotd_conf_t policy = knotd_conf_zone(mod, C_DNSSEC_POLICY, zone);
	knotd_conf_t stores = { .count = 0 };
	if (policy.count > 0) {
		knotd_conf_t id = section_id(policy.single.data, policy.single.data_len);
		stores = knotd_conf(mod, C_POLICY, C_KEYSTORE, &id);
	}
	size_t count = stores.count == 0 ? 1 : stores.count;
	out->keystore = calloc(count, sizeof(*out->keystore));
	for (size_t i = 0; base != NULL && out->keystore != NULL && i < count; i++) {
		const knotd_conf_val_t *id = stores.count == 0    ? NULL :
		                             stores.multi != NULL ? &stores.multi[i] :
		                                                    &stores.single;
		char *path = store_path(mod, base, id);
		if (path != NULL) {
			out->keystore[out->keystore_count++] = path;
		}
	}
	int ret = base == NULL || out->keystore == NULL ? KNOT_ENOMEM : KNOT_EOK;
	free(base);
	if (stores.multi != NULL) {
		knotd_conf_free(&stores);
	}
	return ret;
}

int conf_signing_read(knotd_mod_t *mod, const knot_dname_t *zone, conf_signing_t *out)
{
	memset(out, 0, sizeof(*out));
	knotd_conf_t rotate = knotd_conf(mod, C_SERVER, C_ANS_ROTATION, NULL);
	out->rotate = rotate.single.boolean;
	out->by = who_signs(mod, zone);
	return out->by == CONF_SIGNED_SERVER ? get_keystores(mod, zone, out) : KNOT_EOK;
}

void conf_signing_clear(conf_signing_t *signing)
{
	for (size_t i = 0; i < signing->keystore_count; i++) {
		free(signing->keystore[i]);
	}
	free(signing->keystore);
	memset(signing, 0, sizeof(*signing));
}

/*
 * Modules of a zone.
 */

static uint64_t hash_id(const knotd_conf_val_t *module)
{
	uint64_t hash = hash_octets(HASH_SEED, module->data + OWN_NAME_LEN,
	                            module->data_len - OWN_NAME_LEN);
	return hash == CONF_ID_UNKNOWN ? hash + 1 : hash;
}

static bool has_own_module(knotd_conf_t *modules)
{
	bool found = false;
	for (size_t i = 0; i < modules->count && !found; i++) {
		found = is_own(&modules->multi[i]);
	}
	knotd_conf_free(modules);
	return found;
}

conf_proof_t conf_zone_proof(knotd_mod_t *mod, const knot_dname_t *zone)
{
	knotd_conf_t modules = knotd_conf_zone(mod, C_MODULE, zone);
	/* The load of a catalog zone supersedes nothing: an instance from before it was one is over. */
	if (!has_own_module(&modules) || conf_is_catalog(mod, zone)) {
		return CONF_GONE;
	}
	knotd_conf_t id = section_id(zone, knot_dname_size(zone));
	knotd_conf_t domain = knotd_conf(mod, C_ZONE, C_DOMAIN, &id);
	if (domain.count > 0) {
		return CONF_THERE;
	}
	id = section_id("default", sizeof("default")); /* The final zero belongs to it. */
	modules = knotd_conf(mod, C_TEMPLATE, C_MODULE, &id);
	return has_own_module(&modules) ? CONF_UNKNOWN : CONF_THERE;
}

uint64_t conf_module_file(knotd_mod_t *mod)
{
	knotd_conf_t id = section_id("mod-caaudit", sizeof("mod-caaudit"));
	knotd_conf_t file = knotd_conf(mod, C_MODULE, C_FILE, &id);
	const char *name = file.count > 0 && file.single.string != NULL ? file.single.string : "";
	return hash_octets(HASH_SEED, name, strlen(name));
}

uint64_t conf_module_id(knotd_mod_t *mod, const knot_dname_t *zone, size_t nth, size_t *len)
{
	uint64_t hash = CONF_ID_UNKNOWN;
	size_t count = 0;
	*len = 0;
	knotd_conf_t modules = knotd_conf_zone(mod, C_MODULE, zone);
	for (size_t i = 0; i < modules.count; i++) {
		if (is_own(&modules.multi[i]) && count++ == nth) {
			*len = modules.multi[i].data_len - OWN_NAME_LEN;
			hash = hash_id(&modules.multi[i]);
		}
	}
	knotd_conf_free(&modules);
	return hash;
}

int conf_find_id(knotd_mod_t *mod, const knot_dname_t *zone, uint64_t id)
{
	bool found = false;
	errno = 0;
	knotd_conf_t modules = knotd_conf_zone(mod, C_MODULE, zone);
	bool failed = errno == ENOMEM;
	for (size_t i = 0; i < modules.count && !found; i++) {
		found = is_own(&modules.multi[i]) &&
		        (id == CONF_ID_UNKNOWN || id == hash_id(&modules.multi[i]));
	}
	knotd_conf_free(&modules);
	return found ? KNOT_EOK : failed ? KNOT_ENOMEM : KNOT_ENOENT;
}
