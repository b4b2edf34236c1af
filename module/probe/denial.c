/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Reads of an answer which names exist, and where zones begin below. */

#include <string.h>

#include <libdnssec/binary.h>
#include <libdnssec/error.h>
#include <libdnssec/nsec.h>
#include <libknot/descriptor.h>
#include <libknot/wire.h>

#include "denial.h"

/*! Iterations beyond which no validator follows (RFC 9276 section 3.2). */
#define ITERATIONS_MAX 150
/*! Octets of RRSIG RDATA before the signer's name (RFC 4034 section 3.1). */
#define RRSIG_FIXED 18
/*! Octets of NSEC3 RDATA before the salt (RFC 5155 section 3.2). */
#define NSEC3_FIXED 5
/*! Octets of a SHA-1 hash, the only one (RFC 5155 section 11), and of its label. */
#define HASH_SIZE  20
#define LABEL_SIZE 32

/*! The name "*.above"; false if it would be too long. */
static bool make_wildcard(const knot_dname_t *above, knot_dname_storage_t out)
{
	size_t size = knot_dname_size(above);
	if (size + 2 > KNOT_DNAME_MAXLEN) {
		return false;
	}
	memcpy(out, "\1*", 2);
	memcpy(out + 2, above, size);
	return true;
}

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

/*! Writes the label of a hash (RFC 4648 section 7), in lower case. */
static void write_label(const uint8_t *hash, char out[LABEL_SIZE])
{
	static const char digit[] = "0123456789abcdefghijklmnopqrstuv";
	for (size_t i = 0; i < LABEL_SIZE; i++) {
		unsigned bit = 5 * i, word = hash[bit / 8] << 8;
		word |= bit / 8 + 1 < HASH_SIZE ? hash[bit / 8 + 1] : 0;
		out[i] = digit[word >> (11 - bit % 8) & 31];
	}
}

/*! Hashes a name as an NSEC3 record does (RFC 5155 section 5). */
static bool hash_name(const caaudit_record_t *nsec3, const knot_dname_t *name, char out[LABEL_SIZE])
{
	knot_dname_storage_t copy;
	uint8_t salt[UINT8_MAX];
	uint8_t salt_size = nsec3->rdlen > NSEC3_FIXED ? nsec3->rdata[4] : 0;
	if (nsec3->rdlen < NSEC3_FIXED + salt_size || nsec3->rdata[0] != 1 ||
	    knot_wire_read_u16(nsec3->rdata + 2) > ITERATIONS_MAX) {
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
	bool ok = dnssec_nsec3_hash(&data, &params, &hash) == DNSSEC_EOK && hash.size == HASH_SIZE;
	if (ok) {
		write_label(hash.data, out);
	}
	dnssec_binary_free(&hash);
	return ok;
}

static bool has_nsec3(const probe_answer_t *answer, const knot_dname_t *name, bool *any)
{
	char label[LABEL_SIZE];
	bool hashed = false;
	for (size_t i = answer->answer_count; i < answer->record_count; i++) {
		const caaudit_record_t *nsec3 = &answer->record[i];
		if (nsec3->type != KNOT_RRTYPE_NSEC3) {
			continue;
		}
		*any = true;
		if (!hashed && !hash_name(nsec3, name, label)) {
			return false;
		}
		hashed = true; // All of one answer are of one chain.
		if (*nsec3->owner == LABEL_SIZE &&
		    memcmp(nsec3->owner + 1, label, LABEL_SIZE) == 0) {
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
		if (make_wildcard(above, out) &&
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
