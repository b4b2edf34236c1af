/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Takes in what the configuration of the server says. */

#include <stdlib.h>
#include <string.h>

#include "caaudit/server.h"
#include "array.h"
#include "hash.h"

caaudit_guard_kind_t caaudit_guard_kind(const char *name, size_t len)
{
	static const char *const names[CAAUDIT_GUARD__COUNT] = {
		[CAAUDIT_GUARD_QUERYACL] = "mod-queryacl",
		[CAAUDIT_GUARD_RRL] = "mod-rrl",
		[CAAUDIT_GUARD_NOUDP] = "mod-noudp",
		[CAAUDIT_GUARD_GEOIP] = "mod-geoip",
	};
	caaudit_guard_kind_t kind = 0;
	while (kind < CAAUDIT_GUARD__COUNT &&
	       (strlen(names[kind]) != len || memcmp(names[kind], name, len) != 0)) {
		kind++;
	}
	return kind;
}

caaudit_guard_t *caaudit_server_add(caaudit_server_t *server, caaudit_guard_kind_t kind,
                                    const char *id, size_t len, bool global)
{
	char *copy = malloc(len + 1);
	caaudit_guard_t *guard = copy == NULL ? NULL :
	                                        array_extend(&server->guard, &server->guard_count,
	                                                     sizeof(*guard));
	if (guard == NULL) {
		free(copy);
		return NULL;
	}
	memcpy(copy, id, len);
	copy[len] = '\0';
	guard->kind = kind;
	guard->id = copy;
	guard->global = global;
	guard->rate = CAAUDIT_RRL_RATE;
	guard->slip = CAAUDIT_RRL_SLIP;
	return guard;
}

bool caaudit_ranges_add(caaudit_ranges_t *ranges, const uint8_t *first, const uint8_t *last,
                        uint8_t len)
{
	caaudit_range_t *range = array_extend(&ranges->item, &ranges->count, sizeof(*range));
	if (range == NULL) {
		return false;
	}
	range->len = len;
	memcpy(range->first, first, len);
	memcpy(range->last, last, len);
	return true;
}

bool caaudit_ranges_add_net(caaudit_ranges_t *ranges, const uint8_t *address, uint8_t len,
                            int prefix)
{
	uint8_t first[16], last[16];
	for (int i = 0; i < len; i++) {
		int bits = prefix < 0 || prefix > 8 * (i + 1) ? 8 : prefix - 8 * i;
		uint8_t host = bits <= 0 ? 0xff : (uint8_t)(0xff >> bits);
		first[i] = address[i] & (uint8_t)~host;
		last[i] = address[i] | host;
	}
	return caaudit_ranges_add(ranges, first, last, len);
}

static uint64_t hash_ranges(uint64_t seed, const caaudit_ranges_t *ranges)
{
	seed = hash_octets(seed, &ranges->count, sizeof(ranges->count));
	return ranges->count == 0 ?
	               seed :
	               hash_octets(seed, ranges->item, ranges->count * sizeof(*ranges->item));
}

uint64_t caaudit_server_hash(const caaudit_server_t *server)
{
	uint64_t out = hash_octets(HASH_SEED, &server->tcp_off, sizeof(server->tcp_off));
	out = hash_ranges(out, &server->listen);
	out = hash_ranges(out, &server->validation_ip);
	for (size_t i = 0; i < server->guard_count; i++) {
		const caaudit_guard_t *guard = &server->guard[i];
		const int64_t number[] = { guard->kind,
			                   guard->global,
			                   guard->dry,
			                   guard->rate,
			                   guard->burst,
			                   guard->slip,
			                   (int64_t)guard->addresses,
			                   (int64_t)guard->interfaces };
		out = hash_octets(out, number, sizeof(number));
		out = hash_octets(out, guard->id, strlen(guard->id) + 1);
		out = hash_ranges(out, &guard->address);
		out = hash_ranges(out, &guard->interface);
	}
	return out;
}

void caaudit_server_clear(caaudit_server_t *server)
{
	for (size_t i = 0; i < server->guard_count; i++) {
		free(server->guard[i].id);
		free(server->guard[i].address.item);
		free(server->guard[i].interface.item);
	}
	free(server->guard);
	free(server->listen.item);
	free(server->validation_ip.item);
	memset(server, 0, sizeof(*server));
}
