/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Bugs on purpose, one a build: the linker puts these between the parts of the
 * engine. A comparison that misses one of them looks at nothing.
 */

#include <libdnssec/error.h>
#include <libdnssec/sign.h>

#include "dnssec.h"

#define WRAP(type, name, ...)                                                                      \
	type __real_##name(__VA_ARGS__);                                                           \
	type __wrap_##name(__VA_ARGS__);                                                           \
	type __wrap_##name(__VA_ARGS__)

WRAP(bool, keys_verify, keys_t *keys, caaudit_rrset_t set, caaudit_rrset_t sigs, uint64_t now,
     signed_by_t *out)
{
	if (PLANT_BUG == 1 && sigs.count > 1) {
		sigs.count = 1; // Only one signature counts.
	}
	bool ok = __real_keys_verify(keys, set, sigs, now, out);
	if ((PLANT_BUG == 2 && out->state == SIGNED_EXPIRED) ||
	    (PLANT_BUG == 3 && out->state == SIGNED_WRONG) ||
	    (PLANT_BUG == 4 && out->state == SIGNED_NOT)) {
		out->state = SIGNED_WELL;
	}
	return ok;
}

WRAP(bool, keys_follow, keys_t *keys, const caaudit_anchor_t *anchor, size_t count,
     caaudit_rrset_t set, caaudit_rrset_t sigs, uint64_t now, trust_t *out)
{
	if (PLANT_BUG == 5) {
		count = 1; // Only one anchor counts.
	}
	return __real_keys_follow(keys, anchor, count, set, sigs, now, out);
}

WRAP(denial_t, nsec_denies, const caaudit_record_t *nsec, const knot_dname_t *zone,
     const knot_dname_t *name, uint16_t type)
{
	denial_t denial = __real_nsec_denies(nsec, zone, name, type);
	switch (PLANT_BUG) {
	case 6:
		return denial == DENIES_LIE ? DENIES_TYPE : denial;
	case 7:
		return denial == DENIES_NOT ? DENIES_NAME : denial;
	case 8:
		return denial == DENIES_EMPTY ? DENIES_NAME : denial;
	case 9:
		return denial == DENIES_NAME ? DENIES_EMPTY : denial;
	default:
		return denial;
	}
}

WRAP(denial_t, nsec3_denies, const caaudit_record_t *nsec3, const knot_dname_t *zone,
     const uint8_t hash[NSEC3_HASH_SIZE], bool at_apex, uint16_t type)
{
	denial_t denial = __real_nsec3_denies(nsec3, zone, hash, at_apex, type);
	switch (PLANT_BUG) {
	case 10:
		return denial == DENIES_LIE ? DENIES_TYPE : denial;
	case 11:
		return denial == DENIES_NOT ? DENIES_NAME : denial;
	case 12:
		return denial == DENIES_OPT_OUT ? DENIES_NOT : denial;
	default:
		return denial;
	}
}

WRAP(bool, nsec3_encloses, const caaudit_record_t *nsec3, const uint8_t hash[NSEC3_HASH_SIZE],
     bool at_apex)
{
	return PLANT_BUG == 13 ? true : __real_nsec3_encloses(nsec3, hash, at_apex);
}

WRAP(int, dnssec_sign_verify, dnssec_sign_ctx_t *ctx, bool sign_cmp,
     const dnssec_binary_t *signature)
{
	return PLANT_BUG == 14 ? DNSSEC_EOK : __real_dnssec_sign_verify(ctx, sign_cmp, signature);
}

WRAP(void, proofs_at, const proofs_t *proofs, const knot_dname_t *owner, uint16_t covered,
     proof_t *out)
{
	__real_proofs_at(proofs, owner, PLANT_BUG == 15 && covered == 6 ? 48 : covered, out);
}
