/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Reads of an answer which names exist, and where zones begin below. */

#include <string.h>

#include <libdnssec/binary.h>
#include <libdnssec/error.h>
#include <libdnssec/nsec.h>
#include <libknot/descriptor.h>
#include <libknot/wire.h>

#include "denial.h"
#include "engine/names.h"
#include "engine/proofs.h"

static bool has_nsec(const probe_answer_t *answer, const knot_dname_t *owner, bool *any)
{
	for (size_t i = answer->answer_count; i < answer->record_count; i++) {
		if (answer->record[i].type == KNOT_RRTYPE_NSEC) {
			*any = true;
			if (knot_dname_is_equal(answer->record[i].owner, owner)) {
				return true;
			}
		}
	}
	return false;
}

/*! Hashes a name as an NSEC3 record does (RFC 5155 section 5). */
static bool hash_as(const caaudit_record_t *nsec3, const knot_dname_t *name,
                    uint8_t out[NSEC3_HASH_SIZE])
{
	knot_dname_storage_t copy;
	uint8_t salt[UINT8_MAX];
	uint8_t salt_size = nsec3->rdlen > NSEC3_FIXED ? nsec3->rdata[4] : 0;
	if (nsec3->rdlen < NSEC3_FIXED + salt_size || nsec3->rdata[0] != 1 ||
	    knot_wire_read_u16(nsec3->rdata + 2) > NSEC3_ITERATIONS_MAX) {
		return false;
	}
	// The library does not take const.
	memcpy(copy, name, knot_dname_size(name));
	memcpy(salt, nsec3->rdata + NSEC3_FIXED, salt_size);
	const dnssec_binary_t data = { .size = knot_dname_size(name), .data = copy };
	const dnssec_nsec3_params_t params = {
		.algorithm = DNSSEC_NSEC3_ALGORITHM_SHA1,
		.iterations = knot_wire_read_u16(nsec3->rdata + 2),
		.salt = { .size = salt_size, .data = salt },
	};
	dnssec_binary_t hash = { 0 };
	bool ok = dnssec_nsec3_hash(&data, &params, &hash) == DNSSEC_EOK &&
	          hash.size == NSEC3_HASH_SIZE;
	if (ok) {
		memcpy(out, hash.data, NSEC3_HASH_SIZE);
	}
	dnssec_binary_free(&hash);
	return ok;
}

static bool has_nsec3(const probe_answer_t *answer, const knot_dname_t *name, bool *any)
{
	uint8_t hash[NSEC3_HASH_SIZE], owner[NSEC3_HASH_SIZE];
	bool hashed = false;
	for (size_t i = answer->answer_count; i < answer->record_count; i++) {
		const caaudit_record_t *nsec3 = &answer->record[i];
		if (nsec3->type != KNOT_RRTYPE_NSEC3) {
			continue;
		}
		*any = true;
		if (!hashed && !hash_as(nsec3, name, hash)) {
			return false;
		}
		hashed = true; // All of one answer are of one chain.
		if (nsec3_owner_hash(nsec3->owner, owner) &&
		    memcmp(owner, hash, sizeof(owner)) == 0) {
			return true;
		}
	}
	return false;
}

const knot_dname_t *denial_place(const knot_dname_t *zone, const probe_answer_t *answer,
                                 const knot_dname_t *name, knot_dname_storage_t out)
{
	bool any = false;
	if (has_nsec(answer, name, &any) || has_nsec3(answer, name, &any) || !any) {
		return name;
	}
	// RFC 4035 section 3.1.3.4, RFC 5155 section 7.2.5: a wildcard that has not the type.
	for (const knot_dname_t *above = name; knot_dname_in_bailiwick(above, zone) > 0;) {
		above = probe_name_above(above);
		if (name_wildcard(out, above) &&
		    (has_nsec(answer, out, &any) || has_nsec3(answer, out, &any))) {
			return out;
		}
	}
	return name;
}

const knot_dname_t *denial_cut(const knot_dname_t *zone, const probe_answer_t *answer,
                               const caaudit_record_t *record)
{
	bool section = record < answer->record + answer->answer_count;
	const knot_dname_t *name = NULL;
	if (record->type == KNOT_RRTYPE_SOA || (record->type == KNOT_RRTYPE_NS && !section)) {
		name = record->owner;
	} else if (record->type == KNOT_RRTYPE_RRSIG && section && record->rdlen > RRSIG_FIXED &&
	           knot_dname_wire_check(record->rdata + RRSIG_FIXED, record->rdata + record->rdlen,
	                                 NULL) > 0) {
		name = record->rdata + RRSIG_FIXED;
	}
	return name != NULL && knot_dname_in_bailiwick(name, zone) > 0 ? name : NULL;
}
