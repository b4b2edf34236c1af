/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Which RRsets are extended, what is safe, and who signs. */

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>
#include <urcu.h>

#include "answer.h"
#include "cache.h"
#include "caaudit/synthesis.h"
#include "compat.h"
#include "engine/hash.h"
#include "engine/names.h"
#include "engine/proofs.h"
#include "index.h"
#include "lock.h"
#include "signer.h"
#include "synth.h"

/* Octets of an extended RRset in a message, the owner compressed. A longer one is left alone:
 * with aliases and signatures it might not fit, and the stored one does. */
#define SET_MAX 49152
#define RR_HEAD 12

/* Hosts from which a query looks for the RRset that decides. */
#define HOSTS_MAX 32

#define AUDITED (1ULL << 32)

struct synth {
	const options_t *options;
	conf_signed_t signed_by;
	bool rotate;              /* The server rotates the records of an answer. */
	targets_t *targets;       /* Owners that decide for hosts; owned by the zone. */
	signer_t *signer;         /* NULL if no keystore can be used. */
	cache_t *extended;        /* Extended RRsets by the stored ones. */
	unsigned fixed;           /* Reasons that the configuration gives. */
	atomic_uint unsafe;       /* All reasons. */
	atomic_ullong audited;    /* AUDITED and the serial whose targets are all known, or 0. */
	_Atomic(index_t *) index; /* Replaced by an audit that has read other validations. */
};

/* In a query, an audit of the zone, or before the first query. */
static const index_t *index_of(const synth_t *synth)
{
	return atomic_load_explicit(&synth->index, memory_order_acquire);
}

int synth_follow(synth_t *synth, caaudit_policy_t *policy, bool *taken)
{
	*taken = index_of(synth)->hash != index_hash(policy);
	if (!*taken) {
		return KNOT_EOK;
	}
	index_t *index = index_new(policy);
	if (index == NULL) {
		*taken = false;
		return KNOT_ENOMEM;
	}
	atomic_store(&synth->audited, 0); /* Of other hosts, maybe. */
	index_t *before = atomic_exchange(&synth->index, index);
	lock_assert_none();
	synchronize_rcu();
	compat_queries_over(synth);
	index_free(before);
	return KNOT_EOK;
}

void synth_set_audited(synth_t *synth, uint32_t serial)
{
	atomic_store(&synth->audited, AUDITED | serial);
}

bool synth_answers(const synth_t *synth, const knot_dname_t *owner)
{
	const caaudit_expected_t *expected;
	return index_find(index_of(synth), owner, &expected) == INDEX_EXPECTED;
}

/*
 * Owners that decide.
 */

static bool has_rrset(const knotd_qdata_t *qdata, const knot_dname_t *owner, uint16_t type)
{
	return compat_zone_rrset(qdata, owner, type).rrs.count > 0;
}

/* What the live zone does with a name. */
typedef struct {
	const knot_dname_t *encloser; /* Longest part of the name that exists; NULL: not known. */
	const knot_dname_t *above;    /* Highest zone cut or DNAME at or above the name, or NULL. */
	bool cut;                     /* It is a zone cut. */
} place_t;

static place_t find_place(knotd_qdata_t *qdata, const knot_dname_t *name)
{
	const knot_dname_t *zone = knotd_qdata_zone_name(qdata);
	place_t out = { .encloser = NULL };
	for (const knot_dname_t *at = name;; at = name_parent(at)) {
		bool apex = knot_dname_is_equal(at, zone);
		if (out.encloser == NULL && compat_zone_has(qdata, at)) {
			out.encloser = at;
		}
		if (!apex && has_rrset(qdata, at, KNOT_RRTYPE_NS)) {
			out.above = at;
			out.cut = true;
		} else if (at != name && has_rrset(qdata, at, KNOT_RRTYPE_DNAME)) {
			out.above = at;
			out.cut = false;
		}
		if (apex) {
			return out;
		}
	}
}

/* Follows the aliases of the live zone from a name (RFC 1034 section 4.3.2). Gets the owner of the
 * CAA RRset that it leads to, which may be a wildcard; false if there is none. */
static bool find_caa(knotd_qdata_t *qdata, const knot_dname_t *from, knot_dname_storage_t owner)
{
	knot_dname_storage_t name;
	memcpy(name, from, knot_dname_size(from));
	for (unsigned aliases = 0; aliases <= CAAUDIT_ALIASES_MAX; aliases++) {
		if (knot_dname_in_bailiwick(name, knotd_qdata_zone_name(qdata)) < 0) {
			return false;
		}
		place_t place = find_place(qdata, name);
		if (place.encloser == NULL || (place.above != NULL && place.cut)) {
			return false;
		} else if (place.above != NULL) {
			knot_rrset_t dname = compat_zone_rrset(qdata, place.above,
			                                       KNOT_RRTYPE_DNAME);
			const knot_dname_t *target = knot_dname_target(dname.rrs.rdata);
			if (!name_replace(name, name, place.above - name, target)) {
				return false;
			}
			continue;
		}
		if (place.encloser == name) {
			memcpy(owner, name, knot_dname_size(name));
		} else if (!name_wildcard(owner, place.encloser) ||
		           !compat_zone_has(qdata, owner)) {
			return false;
		}
		if (has_rrset(qdata, owner, KNOT_RRTYPE_CAA)) {
			return true;
		}
		knot_rrset_t cname = compat_zone_rrset(qdata, owner, KNOT_RRTYPE_CNAME);
		if (cname.rrs.count == 0) {
			return false;
		}
		const knot_dname_t *target = knot_cname_name(cname.rrs.rdata);
		memcpy(name, target, knot_dname_size(target));
	}
	return false;
}

/* Tells whether the live zone's RRset at the owner decides for a host: whether it is the first on the
 * way up from there (RFC 8659 section 3). Long lists of hosts are left to the audit. */
static bool is_found_first(const synth_t *synth, knotd_qdata_t *qdata, const knot_dname_t *owner)
{
	const caaudit_policy_t *policy = index_of(synth)->policy;
	for (size_t i = 0; i < policy->host_count && policy->host_count <= HOSTS_MAX; i++) {
		const knot_dname_t *name = policy->host[i];
		knot_dname_storage_t found = { 0 };
		bool any = find_caa(qdata, name, found);
		while (!any && !knot_dname_is_equal(name, policy->zone)) {
			name = name_parent(name);
			any = find_caa(qdata, name, found);
		}
		if (any && knot_dname_is_equal(found, owner)) {
			return true;
		}
	}
	return false;
}

/* Gets the owner that the RRset of an answer has in the zone: a wildcard, if that was expanded. */
static const knot_dname_t *find_source(knotd_qdata_t *qdata, const answer_t *answer,
                                       knot_dname_storage_t wildcard)
{
	const knot_rrset_t *stored = answer_caa(answer);
	if (knot_dname_is_wildcard(stored->owner)) {
		return stored->owner;
	} else if (knot_dname_is_equal(answer->owner, knot_pkt_qname(answer->pkt))) {
		return answer->owner;
	}
	/* Behind an alias the server has written the expanded name over it. */
	place_t place = { .encloser = NULL };
	if (knot_dname_in_bailiwick(answer->owner, knotd_qdata_zone_name(qdata)) >= 0) {
		place = find_place(qdata, answer->owner);
	}
	return place.encloser != NULL && place.encloser != answer->owner &&
	                       name_wildcard(wildcard, place.encloser) ?
	               wildcard :
	               answer->owner;
}

/* Tells whether an audit has found all RRsets that decide, in what is served now. */
static bool is_audited(const synth_t *synth, knotd_qdata_t *qdata)
{
	knot_rrset_t soa = knotd_qdata_zone_apex_rrset(qdata, KNOT_RRTYPE_SOA);
	return soa.rrs.count > 0 &&
	       atomic_load(&synth->audited) == (AUDITED | knot_soa_serial(soa.rrs.rdata));
}

/* Tells whether the RRset of an answer decides for a host. What an audit has found stands until the
 * next one. Where none has read what is served, the live zone tells as well: that is slow, and before
 * Knot DNS 3.3.5 only the host itself is certain. The RRset of a wildcard decides for all its names
 * alike: resolvers reuse it (RFC 8198 section 5.3). */
static bool decides(synth_t *synth, knotd_qdata_t *qdata, const answer_t *answer)
{
	const index_t *index = index_of(synth);
	const knot_dname_t *owner = answer->owner, *asked = knot_pkt_qname(answer->pkt);
	knot_dname_storage_t wildcard;
	const knot_dname_t *source = find_source(qdata, answer, wildcard);
	if (index_is_host(index, owner)) {
		return true;
	} else if (!knot_dname_is_equal(owner, asked) && index_is_host(index, asked)) {
		if (!COMPAT_LOOKS_UP) {
			targets_add(synth->targets, hash_name(source));
		}
		return true; /* The answer itself has led from a host to the owner. */
	}
	return targets_has(synth->targets, hash_name(source)) ||
	       (!is_audited(synth, qdata) && is_found_first(synth, qdata, source));
}

/*
 * Safety.
 */

/* Sets some of the reasons; SYNTH_NEWS if one is new or gone. */
static unsigned set_unsafe(synth_t *synth, unsigned mask, unsigned bits)
{
	unsigned before = atomic_load_explicit(&synth->unsafe, memory_order_relaxed);
	if ((before & mask) == bits) {
		return 0;
	}
	unsigned after;
	do {
		after = (before & ~mask) | bits;
	} while (!atomic_compare_exchange_weak(&synth->unsafe, &before, after));
	return before != after ? SYNTH_NEWS : 0;
}

static bool is_signed(knotd_qdata_t *qdata)
{
	static const uint16_t types[] = {
		KNOT_RRTYPE_RRSIG,
		KNOT_RRTYPE_DNSKEY,
		KNOT_RRTYPE_NSEC,
		KNOT_RRTYPE_NSEC3PARAM,
	};
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
		knot_rrset_t rrset = knotd_qdata_zone_apex_rrset(qdata, types[i]);
		if (rrset.rrs.count > 0) {
			return true;
		}
	}
	return false;
}

/* Reasons that follow from whether the zone is signed now. */
static unsigned judge_zone(const synth_t *synth, bool zone_signed)
{
	unsigned reasons = synth->fixed;
	if (zone_signed && synth->signed_by != CONF_SIGNED_SERVER) {
		reasons |= SYNTH_ELSEWHERE;
	}
	if (zone_signed && (synth->options->synthesize & SYNTHESIZE_VALIDATION)) {
		reasons |= SYNTH_DENIAL;
	}
	return reasons;
}

bool synth_look(synth_t *synth, knotd_qdata_t *qdata)
{
	const unsigned mask = SYNTH_ELSEWHERE | SYNTH_DENIAL;
	unsigned reasons = judge_zone(synth, is_signed(qdata));
	return set_unsafe(synth, mask, reasons & mask) != 0;
}

unsigned synth_unsafe(const synth_t *synth)
{
	return atomic_load(&synth->unsafe);
}

const char *synth_reason(unsigned nth)
{
	static const char *const text[SYNTH__COUNT] = {
		"the zone is signed, but not by this server, so an answer with more records would be "
		"bogus; answers stay as they are: publish the records where the zone is signed, or "
		"remove 'synthesize'",
		"a private key of the zone is not in the keystore of its policy, so CAA answers cannot be "
		"signed and stay as they are; publish the records, or make the key readable",
		"the zone is signed, but its CAA has no signature; CAA answers stay as they are: sign "
		"the zone anew (knotc zone-sign)",
		"the keys of the zone are in no PEM keystore, so CAA answers cannot be signed and stay "
		"as they are; publish the records, or use a keystore with 'backend: pem'",
		"mod-onlinesign stands before mod-caaudit in the zone's 'module' list and has signed "
		"when CAA answers could be extended; they stay as they are: put mod-caaudit first",
		"the zone is signed, so NSEC or NSEC3 prove that a validation name does not exist, and "
		"resolvers may rely on that (RFC 8198); answers stay as they are: publish the record",
		"the zone cannot be read with this 'source', so nobody would be told what to publish; "
		"answers stay as they are",
	};
	return text[nth];
}

/*
 * CAA.
 */

/* Finds the properties that the stored RRset lacks. */
static caaudit_synthesis_t plan(const synth_t *synth, const knot_rrset_t *stored,
                                const knot_mm_t *mm, caaudit_added_t **added, size_t *count)
{
	size_t records = stored->rrs.count;
	caaudit_record_t *record = compat_alloc(mm, records * sizeof(*record));
	const caaudit_record_t **pointer = compat_alloc(mm, records * sizeof(*pointer));
	*count = 0;
	if (record == NULL || pointer == NULL) {
		return CAAUDIT_SYNTHESIS_ROOM;
	}
	knot_rdata_t *rdata = stored->rrs.rdata;
	for (size_t i = 0; i < records; i++, rdata = knot_rdataset_next(rdata)) {
		record[i] = (caaudit_record_t){
			.owner = stored->owner,
			.rdata = rdata->data,
			.ttl = stored->ttl,
			.type = KNOT_RRTYPE_CAA,
			.rdlen = rdata->len,
		};
		pointer[i] = &record[i];
	}
	const caaudit_policy_t *policy = index_of(synth)->policy;
	const caaudit_rrset_t rrset = { .record = pointer, .count = records };
	size_t room = caaudit_synthesis_room(rrset, policy);
	*added = compat_alloc(mm, room * sizeof(**added));
	if (*added == NULL) {
		return CAAUDIT_SYNTHESIS_ROOM;
	}
	return caaudit_synthesize(rrset, policy, *added, room, count);
}

/* Result for a stored RRset, cached by its RDATA; the extended one follows in the cache. */
typedef struct {
	uint16_t count;  /* Records of the extended RRset; 0 = the stored one stays. */
	uint8_t refused; /* A property is missing, and is not added. */
	uint8_t pad;
} outcome_t;

/* Makes the extended RDATA. Its size is bounded. */
static int extend(const synth_t *synth, const knot_rrset_t *stored, knot_mm_t *mm,
                  outcome_t *outcome, knot_rdataset_t *out)
{
	caaudit_added_t *added = NULL;
	size_t count;
	caaudit_synthesis_t result = plan(synth, stored, mm, &added, &count);
	*outcome = (outcome_t){
		.refused = result != CAAUDIT_SYNTHESIS_PERMITTED &&
		           result != CAAUDIT_SYNTHESIS_DONE,
	};
	if (count == 0) {
		return result == CAAUDIT_SYNTHESIS_ROOM ? KNOT_ENOMEM : KNOT_EOK;
	}
	size_t wire = 0;
	knot_rdata_t *has = stored->rrs.rdata;
	for (uint16_t i = 0; i < stored->rrs.count; i++, has = knot_rdataset_next(has)) {
		wire += RR_HEAD + has->len;
	}
	int ret = knot_rdataset_copy(out, &stored->rrs, mm);
	for (size_t i = 0; i < count && ret == KNOT_EOK; i++) {
		size_t size = caaudit_added_size(&added[i]);
		wire += RR_HEAD + size;
		if (wire > SET_MAX) {
			ret = KNOT_ESPACE;
			break;
		}
		knot_rdata_t *rdata = compat_alloc(mm, knot_rdata_size((uint16_t)size));
		if (rdata == NULL) {
			ret = KNOT_ENOMEM;
			break;
		}
		rdata->len = (uint16_t)size;
		caaudit_added_write(&added[i], rdata->data);
		ret = knot_rdataset_add(out, rdata, mm);
	}
	if (ret != KNOT_EOK) {
		knot_rdataset_clear(out, mm);
		outcome->refused = true;
		return ret == KNOT_ESPACE ? KNOT_EOK : ret;
	}
	outcome->count = out->count;
	return KNOT_EOK;
}

/* Gets the extended RRset from the cache, or makes it. */
static void get_outcome(synth_t *synth, const knot_rrset_t *stored, knot_mm_t *mm,
                        outcome_t *outcome, knot_rdataset_t *out)
{
	const void *key = stored->rrs.rdata;
	size_t key_len = stored->rrs.size, len;
	uint64_t hash = hash_octets(HASH_SEED, key, key_len);
	uint8_t *kept;
	knot_rdataset_init(out);
	if (cache_get(synth->extended, hash, key, key_len, mm, &kept, &len)) {
		memcpy(outcome, kept, sizeof(*outcome));
		len -= sizeof(*outcome);
		if (outcome->count > 0) {
			out->rdata = compat_alloc(mm, len);
			if (out->rdata == NULL) {
				*outcome = (outcome_t){ .refused = true };
				return;
			}
			memcpy(out->rdata, kept + sizeof(*outcome), len);
			out->count = outcome->count;
			out->size = (uint32_t)len;
		}
		return;
	}

	if (extend(synth, stored, mm, outcome, out) != KNOT_EOK) {
		return; /* Out of memory: the next query tries again. */
	}
	len = sizeof(*outcome) + out->size;
	kept = compat_alloc(mm, len);
	if (kept != NULL) {
		memcpy(kept, outcome, sizeof(*outcome));
		if (out->size > 0) {
			memcpy(kept + sizeof(*outcome), out->rdata, out->size);
		}
		cache_put(synth->extended, hash, key, key_len, kept, len);
	}
}

/* Signs the extended RRset as the stored one was signed, with each of its keys. */
static int sign(signer_t *signer, const knot_rrset_t *dnskey, const knot_rrset_t *rrsigs,
                const knot_rrset_t *stored, const knot_rrset_t *set, knot_mm_t *mm,
                knot_rrset_t *out)
{
	knot_dname_t *copy = knot_dname_copy(set->owner, mm);
	if (copy == NULL) {
		return KNOT_ENOMEM;
	}
	knot_rrset_init(out, copy, rrsigs->type, rrsigs->rclass, rrsigs->ttl);
	int ret = KNOT_EOK;
	knot_rdata_t *rdata = rrsigs->rrs.rdata;
	for (uint16_t i = 0; i < rrsigs->rrs.count && ret == KNOT_EOK;
	     i++, rdata = knot_rdataset_next(rdata)) {
		const signer_rrsig_t rrsig = {
			.rdata = rdata,
			.owner = set->owner,
			.type = set->type,
			.rrs = &stored->rrs,
			.dnskeys = &dnskey->rrs,
		};
		size_t head = RRSIG_FIXED + knot_dname_size(knot_rrsig_signer_name(rdata)), len = 0;
		uint8_t *made = compat_alloc(mm, head + SIGNER_MAX);
		if (made == NULL) {
			ret = KNOT_ENOMEM;
			break;
		}
		memcpy(made, rdata->data, head);
		ret = signer_sign(signer, &rrsig, &set->rrs, mm, made + head, &len);
		if (ret == KNOT_EOK) {
			ret = knot_rrset_add_rdata(out, made, (uint16_t)(head + len), mm);
		}
	}
	if (ret != KNOT_EOK) {
		knot_rrset_clear(out, mm);
	}
	return ret;
}

/* Gets the reasons why an answer with signatures could not be made. Without them in the packet, the
 * server's own at the apex tell which keys sign the zone. */
static unsigned judge_keys(signer_t *signer, knotd_qdata_t *qdata, const knot_rrset_t *dnskey,
                           const knot_dname_t *owner, knot_mm_t *mm)
{
	const knot_dname_t *zone = knotd_qdata_zone_name(qdata);
	uint16_t covered = knot_dname_is_equal(owner, zone) ? KNOT_RRTYPE_CAA : KNOT_RRTYPE_SOA;
	knot_rrset_t rrsigs = knotd_qdata_zone_apex_rrset(qdata, KNOT_RRTYPE_RRSIG);
	knot_rrset_t rrset = knotd_qdata_zone_apex_rrset(qdata, covered);
	bool any = false;
	knot_rdata_t *rdata = rrsigs.rrs.rdata;
	for (uint16_t i = 0; i < rrsigs.rrs.count; i++, rdata = knot_rdataset_next(rdata)) {
		if (knot_rrsig_type_covered(rdata) != covered) {
			continue;
		}
		any = true;
		const signer_rrsig_t rrsig = {
			.rdata = rdata,
			.owner = zone,
			.type = covered,
			.rrs = &rrset.rrs,
			.dnskeys = &dnskey->rrs,
		};
		if (!signer_able(signer, &rrsig, mm)) {
			return SYNTH_NO_KEY;
		}
	}
	return any ? 0 : SYNTH_NO_RRSIG;
}

/* Makes the signatures of a signed zone, if the answer needs them. Gets the reasons not to change
 * the answer. */
static unsigned make_safe(synth_t *synth, const answer_t *answer, knotd_qdata_t *qdata,
                          const knot_rrset_t *set, knot_rrset_t *rrsig)
{
	bool zone_signed = is_signed(qdata);
	unsigned reasons = judge_zone(synth, zone_signed);
	const unsigned always = SYNTH_ELSEWHERE | SYNTH_ORDER | SYNTH_SOURCE;
	if (reasons & always) {
		return reasons & always;
	}
	const knot_rrset_t *rrsigs = answer_rrsig(answer);
	if (rrsigs == NULL && !zone_signed) {
		return 0;
	}
	knot_rrset_t dnskey = knotd_qdata_zone_apex_rrset(qdata, KNOT_RRTYPE_DNSKEY);
	if (synth->signer == NULL) {
		return reasons & SYNTH_KEYSTORE ? SYNTH_KEYSTORE : SYNTH_NO_KEY;
	}
	if (!knot_pkt_has_dnssec(qdata->query)) {
		/* The data must not depend on whether the client asks for signatures. Below the
		 * apex only answers for those who do show whether there are any. */
		const knot_dname_t *zone = knotd_qdata_zone_name(qdata);
		bool apex = knot_dname_is_equal(answer->owner, zone);
		return !apex && (synth_unsafe(synth) & SYNTH_NO_RRSIG) ?
		               SYNTH_NO_RRSIG :
		               judge_keys(synth->signer, qdata, &dnskey, answer->owner,
		                          &answer->pkt->mm);
	}
	if (rrsigs == NULL) {
		return SYNTH_NO_RRSIG;
	}
	return sign(synth->signer, &dnskey, rrsigs, answer_caa(answer), set, &answer->pkt->mm,
	            rrsig) == KNOT_EOK ?
	               0 :
	               SYNTH_NO_KEY;
}

knotd_in_state_t synth_caa(synth_t *synth, knotd_in_state_t state, knot_pkt_t *pkt,
                           knotd_qdata_t *qdata, unsigned *result)
{
	answer_t answer = { .pkt = NULL };
	*result = 0;
	if (!answer_find(pkt, &answer) || !decides(synth, qdata, &answer)) {
		return state;
	}

	const knot_rrset_t *stored = answer_caa(&answer);
	outcome_t outcome;
	knot_rrset_t set, rrsig = { .owner = NULL };
	knot_rrset_init(&set, NULL, stored->type, stored->rclass, stored->ttl);
	get_outcome(synth, stored, &pkt->mm, &outcome, &set.rrs);
	*result = outcome.refused ? SYNTH_REFUSED : 0;
	if (outcome.count == 0) {
		return state;
	}

	/* A wildcard keeps its name, and the answer is written at a pointer: another instance of the
	 * module finds the RRset as this one did. */
	set.owner = knot_dname_copy(answer.hint != 0 ? stored->owner : answer.owner, &pkt->mm);
	if (set.owner == NULL || !answer_save(&answer)) {
		return state;
	}
	const unsigned mask = SYNTH_ELSEWHERE | SYNTH_NO_KEY | SYNTH_NO_RRSIG;
	unsigned reasons = make_safe(synth, &answer, qdata, &set, &rrsig);
	*result |= set_unsafe(synth, mask, reasons & mask);
	if (reasons != 0) {
		knot_rrset_clear(&set, &pkt->mm);
		*result |= SYNTH_REFUSED;
		return state;
	}
	*result |= SYNTH_ADDED;
	return answer_replace(&answer, state, qdata, &set, &rrsig, synth->rotate);
}

/*
 * Validation.
 */

knotd_in_state_t synth_validation(synth_t *synth, knotd_in_state_t state, knot_pkt_t *pkt,
                                  knotd_qdata_t *qdata, unsigned *result)
{
	knot_dname_storage_t name;
	const caaudit_expected_t *expected = NULL;
	*result = 0;
	if (knot_dname_store(name, qdata->name) == 0) {
		return state;
	}
	knot_dname_to_lower(name);
	index_kind_t kind = index_find(index_of(synth), name, &expected);
	if (kind == INDEX_OTHER) {
		return state;
	}

	/* A denial that resolvers may already hold, or compute themselves (RFC 8198), would
	 * contradict the record; so would one of mod-onlinesign for type NSEC. */
	const unsigned mask = SYNTH_ELSEWHERE | SYNTH_DENIAL;
	unsigned reasons = judge_zone(synth, is_signed(qdata));
	*result = set_unsafe(synth, mask, reasons & mask);
	if (reasons & (mask | SYNTH_SOURCE)) {
		*result |= kind == INDEX_EXPECTED ? SYNTH_REFUSED : 0;
		return state;
	}

	uint16_t type = knot_pkt_qtype(pkt);
	/* These types stand at the alias itself (RFC 4035 section 2.5). */
	if (kind == INDEX_ABOVE || type == KNOT_RRTYPE_RRSIG || type == KNOT_RRTYPE_NSEC) {
		return KNOTD_IN_STATE_NODATA;
	}
	*result |= SYNTH_ADDED;
	return answer_cname(pkt, qdata, expected->owner, expected->target,
	                    synth->options->synthesize_ttl);
}

/*
 * Life.
 */

/* Reasons that no query and no audit can change. */
static unsigned fixed_reasons(const synth_t *synth, const conf_signing_t *signing, bool readable)
{
	bool caa = (synth->options->synthesize & SYNTHESIZE_CAA) != 0;
	bool validation = (synth->options->synthesize & SYNTHESIZE_VALIDATION) != 0;
	unsigned reasons = readable ? 0 : SYNTH_SOURCE;
	if (signing->by == CONF_SIGNED_BEFORE && caa) {
		reasons |= SYNTH_ORDER;
	}
	if (signing->by != CONF_SIGNED_NOT && validation) {
		reasons |= SYNTH_DENIAL;
	}
	if (signing->by == CONF_SIGNED_SERVER && caa && signing->keystore_count == 0) {
		reasons |= SYNTH_KEYSTORE;
	}
	return reasons;
}

/* Makes the signer, which takes the keystores over; true if there is none to be made. */
static bool make_signer(synth_t *synth, conf_signing_t *signing, size_t room)
{
	if (signing->by != CONF_SIGNED_SERVER || signing->keystore_count == 0 ||
	    (synth->options->synthesize & SYNTHESIZE_CAA) == 0) {
		return true;
	}
	synth->signer = signer_new(signing->keystore, signing->keystore_count, room);
	if (synth->signer != NULL) {
		signing->keystore = NULL;
		signing->keystore_count = 0;
	}
	return synth->signer != NULL;
}

synth_t *synth_new(const options_t *options, caaudit_policy_t *policy, conf_signing_t *signing,
                   bool readable, targets_t *targets)
{
	synth_t *synth = calloc(1, sizeof(*synth));
	if (synth == NULL) {
		return NULL;
	}
	synth->options = options;
	synth->targets = targets;
	synth->signed_by = signing->by;
	synth->rotate = signing->rotate;
	synth->fixed = fixed_reasons(synth, signing, readable);
	atomic_init(&synth->unsafe, synth->fixed);
	atomic_init(&synth->audited, 0);
	index_t *index = index_new(policy);
	atomic_init(&synth->index, index);
	if (index != NULL) {
		synth->extended = cache_new(index->policy->host_count);
	}
	if (index == NULL || synth->extended == NULL ||
	    !make_signer(synth, signing, index->policy->host_count)) {
		if (index != NULL) {
			index->policy = NULL; /* The caller keeps it. */
		}
		synth_stop(synth);
		synth_free(synth);
		return NULL;
	}
	return synth;
}

void synth_stop(synth_t *synth)
{
	if (synth != NULL) {
		signer_free(synth->signer);
		cache_free(synth->extended);
		synth->signer = NULL;
		synth->extended = NULL;
	}
}

void synth_free(synth_t *synth)
{
	if (synth != NULL) {
		index_free(atomic_load(&synth->index));
		free(synth);
	}
}
