/* SPDX-License-Identifier: GPL-2.0-or-later */

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>

#include "choose.h"
#include "compat.h"
#include "engine/hash.h"
#include "zonepath.h"

#define C_ACL           "\003acl"
#define C_ACTION        "\006action"
#define C_ADDRESS       "\007address"
#define C_ALGORITHM     "\011algorithm"
#define C_CONTROL       "\007control"
#define C_DENY          "\004deny"
#define C_DOMAIN        "\006domain"
#define C_FILE          "\004file"
#define C_KEY           "\003key"
#define C_LISTEN        "\006listen"
#define C_MODULE        "\006module"
#define C_REMOTE        "\006remote"
#define C_RUNDIR        "\006rundir"
#define C_SECRET        "\006secret"
#define C_SERVER        "\006server"
#define C_STORAGE       "\007storage"
#define C_TEMPLATE      "\010template"
#define C_TIMEOUT       "\007timeout"
#define C_ZONE          "\004zone"
#define C_ZONEFILE_LOAD "\015zonefile-load"

/* Name of the module with its length, as a reference to it begins. */
#define OWN_NAME     "\013mod-caaudit"
#define OWN_NAME_LEN 12

/* Values of options of the server. */
#define ZONEFILE_LOAD_NONE  0
#define ACL_ACTION_TRANSFER 2

static const char *const names[] = {
	[SOURCE_AUTO] = "auto",
	[SOURCE_ZONEFILE] = "zonefile",
	[SOURCE_CONTROL] = "control",
	[SOURCE_TRANSFER] = "transfer",
};

const char *source_name(source_t source)
{
	return names[source];
}

static knotd_conf_t section_id(const void *id, size_t len)
{
	knotd_conf_t out = { .count = 1 };
	out.single.data = id;
	out.single.data_len = len;
	return out;
}

/* Path of an item of the server section or another, relative to the rundir. */
static char *rundir_path(knotd_mod_t *mod, const char *name)
{
	knotd_conf_t dir = knotd_conf(mod, C_SERVER, C_RUNDIR, NULL);
	return zonepath_join(dir.single.string, name);
}

char *conf_zone_file(knotd_mod_t *mod, const knot_dname_t *zone)
{
	knotd_conf_t file = knotd_conf_zone(mod, C_FILE, zone);
	char *name = zonepath_expand(file.single.string != NULL ? file.single.string : "%s.zone",
	                             zone);
	if (name == NULL) {
		return NULL;
	}
	knotd_conf_t storage = knotd_conf_zone(mod, C_STORAGE, zone);
	char *path = zonepath_join(storage.single.string, name);
	free(name);
	return path;
}

static bool is_own(const knotd_conf_val_t *module)
{
	return module->data_len >= OWN_NAME_LEN &&
	       memcmp(module->data, OWN_NAME, OWN_NAME_LEN) == 0;
}

static uint64_t hash_id(const knotd_conf_val_t *module)
{
	uint64_t hash = hash_octets(HASH_SEED, module->data + OWN_NAME_LEN,
	                            module->data_len - OWN_NAME_LEN);
	return hash == ID_UNKNOWN ? hash + 1 : hash;
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

proof_t conf_zone_proof(knotd_mod_t *mod, const knot_dname_t *zone)
{
	knotd_conf_t modules = knotd_conf_zone(mod, C_MODULE, zone);
	if (!has_own_module(&modules)) {
		return PROOF_GONE;
	}
	knotd_conf_t id = section_id(zone, knot_dname_size(zone));
	knotd_conf_t domain = knotd_conf(mod, C_ZONE, C_DOMAIN, &id);
	if (domain.count > 0) {
		return PROOF_THERE;
	}
	id = section_id("default", sizeof("default")); /* With its end. */
	modules = knotd_conf(mod, C_TEMPLATE, C_MODULE, &id);
	return has_own_module(&modules) ? PROOF_NONE : PROOF_THERE;
}

uint64_t conf_module_file(knotd_mod_t *mod)
{
	knotd_conf_t id = section_id("mod-caaudit", sizeof("mod-caaudit"));
	knotd_conf_t file = knotd_conf(mod, C_MODULE, C_FILE, &id);
	const char *name = file.count > 0 && file.single.string != NULL ? file.single.string : "";
	return hash_octets(HASH_SEED, name, strlen(name));
}

uint64_t conf_zone_id(knotd_mod_t *mod, const knot_dname_t *zone, size_t nth, size_t *count,
                      size_t *len)
{
	uint64_t hash = ID_UNKNOWN;
	*count = 0;
	*len = 0;

	knotd_conf_t modules = knotd_conf_zone(mod, C_MODULE, zone);
	for (size_t i = 0; i < modules.count; i++) {
		if (is_own(&modules.multi[i]) && (*count)++ == nth) {
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
		        (id == ID_UNKNOWN || id == hash_id(&modules.multi[i]));
	}
	knotd_conf_free(&modules);
	return found ? KNOT_EOK : failed ? KNOT_ENOMEM : KNOT_ENOENT;
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

/* Turns "any address" into loopback. */
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

/* Address that a connection to one of the host's own addresses comes from. */
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
	/* By remote: its addresses and keys are not followed here. */
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

/* Tells whether the zone's ACL lets the host itself transfer without a key. In
 * doubt it does not: then another source is read. */
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
static int get_key(knotd_mod_t *mod, const options_t *options, knot_tsig_key_t *out)
{
	if (options->transfer_key == NULL) {
		return KNOT_EOK;
	}
	knot_dname_storage_t name;
	size_t len = knot_dname_store(name, options->transfer_key);
	knotd_conf_t id = section_id(name, len);
	knotd_conf_t algorithm = knotd_conf(mod, C_KEY, C_ALGORITHM, &id);
	knotd_conf_t secret = knotd_conf(mod, C_KEY, C_SECRET, &id);
	if (algorithm.count == 0 || secret.count == 0) {
		return KNOT_ENOENT;
	}
	/* Only read by the copy, which cannot say so. */
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

static int add_zonefile(knotd_mod_t *mod, const knot_dname_t *zone, choice_t *out)
{
	out->zonefile = conf_zone_file(mod, zone);
	if (out->zonefile == NULL) {
		return KNOT_ENOMEM;
	}
	out->step[out->count++] = SOURCE_ZONEFILE;
	return KNOT_EOK;
}

static int add_control(knotd_mod_t *mod, choice_t *out)
{
	knotd_conf_t listen = knotd_conf(mod, C_CONTROL, C_LISTEN, NULL);
	const char *name = compat_string(&listen);
	out->control = rundir_path(mod, name != NULL ? name : "knot.sock");
	knotd_conf_free(&listen);
	if (out->control == NULL) {
		return KNOT_ENOMEM;
	}
	knotd_conf_t timeout = knotd_conf(mod, C_CONTROL, C_TIMEOUT, NULL);
	out->timeout = timeout.single.integer > 0 ? (int)timeout.single.integer * 1000 : 5000;
	out->step[out->count++] = SOURCE_CONTROL;
	return KNOT_EOK;
}

static void block(choice_t *out, source_t source, const char *why)
{
	out->blocked = source;
	out->why = why;
}

static int choose_steps(knotd_mod_t *mod, const knot_dname_t *zone, const options_t *options,
                        bool from_file, choice_t *out)
{
	uint32_t version = compat_version(mod);
	bool safe = version >= COMPAT_SAFE_CONTROL;
	bool listens = out->listens;
	int ret = KNOT_EOK;

	switch (options->source) {
	case SOURCE_ZONEFILE:
		return add_zonefile(mod, zone, out);
	case SOURCE_CONTROL:
		if (!safe) {
			block(out, SOURCE_CONTROL,
			      "reading a zone over the control socket can "
			      "crash Knot DNS before 3.2.7; set 'source: transfer' and permit "
			      "transfer to 127.0.0.1 in the zone's acl");
			return KNOT_EOK;
		}
		return add_control(mod, out);
	case SOURCE_TRANSFER:
		if (!listens) {
			block(out, SOURCE_TRANSFER,
			      "the server listens on no address; "
			      "set 'server.listen'");
			return KNOT_EOK;
		}
		ret = get_key(mod, options, &out->key);
		if (ret == KNOT_EOK) {
			out->step[out->count++] = SOURCE_TRANSFER;
		} else if (ret != KNOT_ENOMEM) {
			block(out, SOURCE_TRANSFER, "the key of 'transfer-key' is not configured");
			ret = KNOT_EOK;
		}
		return ret;
	default:
		break;
	}

	if (listens && options->transfer_key != NULL) {
		ret = get_key(mod, options, &out->key);
	}
	if (ret == KNOT_EOK && listens &&
	    (options->transfer_key != NULL || acl_allows(mod, zone, &out->server))) {
		out->step[out->count++] = SOURCE_TRANSFER;
	}
	if (safe && ret != KNOT_ENOMEM) {
		ret = add_control(mod, out);
	}
	if (ret != KNOT_ENOMEM && from_file) {
		ret = add_zonefile(mod, zone, out);
	}
	if (out->count == 0 && ret != KNOT_ENOMEM) {
		block(out, SOURCE_AUTO,
		      "the zone does not come from its zone file, and the control "
		      "socket is not safe to read before Knot DNS 3.2.7; permit transfer to "
		      "127.0.0.1 in the zone's acl");
	}
	return ret == KNOT_ENOMEM ? ret : KNOT_EOK;
}

int choose(knotd_mod_t *mod, const knot_dname_t *zone, const options_t *options, choice_t *out)
{
	memset(out, 0, sizeof(*out));
	out->timeout = 5000;
	out->listens = conf_server(mod, &out->server);
	knotd_conf_t load = knotd_conf_zone(mod, C_ZONEFILE_LOAD, zone);
	bool from_file = load.single.option != ZONEFILE_LOAD_NONE;

	int ret = choose_steps(mod, zone, options, from_file, out);
	if (ret == KNOT_EOK && from_file && out->zonefile == NULL) {
		/* Not read, but a change of it is a change of the zone. */
		out->zonefile = conf_zone_file(mod, zone);
	}
	return ret;
}

void choice_clear(choice_t *choice)
{
	free(choice->zonefile);
	free(choice->control);
	knot_tsig_key_deinit(&choice->key);
	memset(choice, 0, sizeof(*choice));
}
