/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Differences between the supported versions of Knot DNS, all of them here.
 *
 * Of what the module uses, the API of 3.2 to 3.5 differs in constness only,
 * which C accepts. sizeof(yp_item_t) differs without a change of the ABI
 * number: the module must be built for the exact version it is loaded by.
 */

#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <knot/module.h>
#include <libknot/mm_ctx.h>

#if KNOTD_MOD_ABI_VERSION < 400 || KNOTD_MOD_ABI_VERSION > 600
#error "this version of Knot DNS is not supported"
#endif

/*! From this version on, reading a zone over the control socket is safe. */
#define COMPAT_SAFE_CONTROL 0x030207

/*! From this version on, mod-rrl has the options 'instant-limit' and 'dry-run'. */
#define COMPAT_RRL_BURST 0x030400

/*!
 * \brief Gets the version of the running server.
 *
 * \param[in] mod  Module context.
 *
 * \return 0x030206 for 3.2.6, 0 if not known.
 */
static inline uint32_t compat_version(knotd_mod_t *mod)
{
	knotd_conf_t env = knotd_conf_env(mod, KNOTD_CONF_ENV_VERSION);
	const char *pos = env.single.string == NULL ? NULL : strrchr(env.single.string, ' ');

	/* A development version ("3.6.dev") has no patch number. */
	uint32_t version = 0;
	for (unsigned i = 0; i < 3; i++) {
		char *end = NULL;
		unsigned long part = pos == NULL ? 0 : strtoul(pos + 1, &end, 10);
		version = version << 8 | (uint32_t)(part & 0xff);
		pos = end != NULL && *end == '.' ? end : NULL;
	}
	return version;
}

/*!
 * \brief Gets the first value of an item that is single-valued in some versions only.
 *
 * \param[in] conf  Value of a string item.
 *
 * \return String owned by the configuration, or NULL.
 */
static inline const char *compat_string(const knotd_conf_t *conf)
{
	return conf->multi != NULL ? conf->multi[0].string : conf->single.string;
}

/*!
 * \brief Allocates memory of a query. It goes with the query, nobody frees it.
 *
 * \param[in] mm    Memory context of the packet: a pool in all versions.
 * \param[in] size  Octets.
 *
 * \return Memory, or NULL.
 */
static inline void *compat_alloc(const knot_mm_t *mm, size_t size)
{
	return mm->alloc != NULL ? mm->alloc(mm->ctx, size) : NULL;
}

/*!
 * \brief Gets an RRset of the zone that a query is about.
 *
 * \return RRset, empty if it is not there, and before Knot DNS 3.3.5, which cannot tell.
 */
static inline knot_rrset_t compat_zone_rrset(const knotd_qdata_t *qdata, const knot_dname_t *owner,
                                             uint16_t type)
{
	knot_rrset_t out;
	knot_rrset_init_empty(&out);
#ifdef HAVE_KNOTD_QDATA_ZONE_RRSET
	if (knotd_qdata_zone_rrset(qdata, NULL, owner, type, &out) != KNOT_EOK) {
		knot_rrset_init_empty(&out);
	}
#else
	(void)qdata;
	(void)owner;
	(void)type;
#endif
	return out;
}

/*! Is there a name in the live zone? An empty non-terminal is; before Knot DNS 3.3.5 none is known. */
static inline bool compat_zone_has(const knotd_qdata_t *qdata, const knot_dname_t *name)
{
#ifdef HAVE_KNOTD_QDATA_ZONE_RRSET
	knot_rrset_t any;
	return knotd_qdata_zone_rrset(qdata, NULL, name, KNOT_RRTYPE_SOA, &any) == KNOT_EOK;
#else
	(void)qdata;
	(void)name;
	return false;
#endif
}

/*! Whether compat_zone_rrset() can look a name up. Knot DNS before 3.3.5 (Debian 12) cannot: there
 *  synthesis learns the targets of aliases from answers. That goes with Debian 12. */
#ifdef HAVE_KNOTD_QDATA_ZONE_RRSET
#define COMPAT_LOOKS_UP true
#else
#define COMPAT_LOOKS_UP false
#endif

/*
 * What ThreadSanitizer cannot see in a server that is not built for it: a context
 * is made before the queries that use it, and freed after them, when the server has
 * waited for a grace period. A context must be longer than one octet.
 */
#ifdef __SANITIZE_THREAD__
void __tsan_acquire(void *address);
void __tsan_release(void *address);
#define COMPAT_TSAN(what, address) __tsan_##what(address)
#else
#define COMPAT_TSAN(what, address) (void)(address)
#endif

/*! The context is ready. */
static inline void compat_published(void *ctx)
{
	COMPAT_TSAN(release, ctx);
}

/*! A query begins to use the context. */
static inline void compat_query_begins(void *ctx)
{
	COMPAT_TSAN(acquire, ctx);
}

/*! The query uses it no more. At another address: queries are in no order. */
static inline void compat_query_ends(void *ctx)
{
	COMPAT_TSAN(release, (char *)ctx + 1);
}

/*! No query uses what there was before. */
static inline void compat_queries_over(void *ctx)
{
	COMPAT_TSAN(acquire, (char *)ctx + 1);
}
