/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * How an answer comes about (3.2.6 to 3.5): PREANSWER hooks, the look-up with
 * aliases followed, the RRSIGs of the answer section, ANSWER hooks, AUTHORITY,
 * ADDITIONAL. The hook here runs when the answer section is complete, so what
 * it sees is what the live zone says.
 *
 * CAA: the last RRset but RRSIGs is the one that decides. The packet is wound
 * back to where it begins, and it is written anew with the missing properties,
 * then the RRSIGs that followed it, with the one over CAA replaced. Nothing is
 * wound back before everything that can fail has been done.
 *
 * Validation: a configured name that does not exist (NXDOMAIN) is answered with
 * its CNAME; the state becomes "hit", so neither SOA nor NXDOMAIN follows.
 * A name above it does exist then (RFC 8020), so its NXDOMAIN becomes NODATA.
 * The server tells NXDOMAIN only where no name, wildcard, DNAME or delegation
 * is in the way; where one is, the answers are left alone.
 */

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/libknot.h>
#include <urcu.h>

#include "auditor.h"
#include "caaudit/synthesis.h"
#include "cache.h"
#include "choose.h"
#include "compat.h"
#include "counters.h"
#include "engine/hash.h"
#include "instance.h"
#include "signer.h"
#include "synth.h"
#include "zonepath.h"

#define C_ANS_ROTATION   "\017answer-rotation"
#define C_BACKEND        "\007backend"
#define C_CONFIG         "\006config"
#define C_DATABASE       "\010database"
#define C_DNSSEC_POLICY  "\015dnssec-policy"
#define C_DNSSEC_SIGNING "\016dnssec-signing"
#define C_KASP_DB        "\007kasp-db"
#define C_KEYSTORE       "\010keystore"
#define C_MODULE         "\006module"
#define C_POLICY         "\006policy"
#define C_SERVER         "\006server"
#define C_STORAGE        "\007storage"

/* Values of an option of the server. */
#define BACKEND_PEM 1

/* Names of modules with their length, as references to them begin. */
static const char own_name[] = "\013mod-caaudit";
static const char onlinesign_name[] = "\016mod-onlinesign";

/* Octets of an extended RRset in a message, the owner compressed. What would be longer
 * is left alone: with aliases and signatures it might not fit, and the stored one does. */
#define SET_MAX 49152
#define RR_HEAD 12

/* Targets of aliases that are remembered. */
#define TARGETS_MAX 1024

/* Hosts that are looked up in a query to find what they are aliases for, and aliases
 * that are followed from each. */
#define HOSTS_MAX   32
#define ALIASES_MAX 16

/* Who signs the zone. */
typedef enum {
	SIGNED_NOT,    /*!< Nobody here. */
	SIGNED_SERVER, /*!< The server: 'dnssec-signing'. */
	SIGNED_AFTER,  /*!< mod-onlinesign, after us: it signs what we leave. */
	SIGNED_BEFORE, /*!< mod-onlinesign, before us: too late for changes. */
} signed_by_t;

typedef struct {
	uint64_t hash;
	const knot_dname_t *owner; /* NULL = a name above one. */
	const knot_dname_t *target;
} validation_t;

/* What a policy says about names. Queries read it in their RCU section. */
typedef struct {
	uint64_t hash;   /* Of all that it was made from. */
	uint64_t *owner; /* Hashes of hosts and the names above, sorted. */
	size_t owner_count;
	validation_t *validation; /* Sorted by hash. */
	size_t validation_count;
	knot_dname_t *wire; /* Names that validations point to. */
} names_t;

typedef struct {
	uint64_t hash;
	unsigned round; /* Audit that named it last. */
} target_t;

struct synth {
	const settings_t *settings;
	caaudit_policy_t *policy;
	signed_by_t signed_by;
	bool rotate;              /*!< The server rotates the records of an answer. */
	signer_t *signer;         /*!< NULL if there is nothing to sign with. */
	cache_t *extended;        /*!< Extended RRsets by the stored ones. */
	unsigned fixed;           /*!< Reasons that the configuration gives. */
	atomic_uint unsafe;       /*!< All reasons. */
	_Atomic(names_t *) names; /*!< Replaced by an audit that has read other validations. */
	pthread_mutex_t lock;     /*!< For what follows. */
	unsigned round;
	size_t target_count;
	target_t *target; /*!< What hosts are aliases for. */
};

/*
 * Names.
 */

static int compare_u64(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static int compare_validation(const void *a, const void *b)
{
	const validation_t *x = a, *y = b;
	return compare_u64(&x->hash, &y->hash);
}

static void names_free(names_t *names)
{
	if (names != NULL) {
		free(names->owner);
		free(names->validation);
		free(names->wire);
		free(names);
	}
}

/* In an RCU section, an audit of the zone, or before the first query. */
static const names_t *names_of(const synth_t *synth)
{
	return atomic_load_explicit(&synth->names, memory_order_acquire);
}

/* Is it a host or a name above one? CAs climb from the host (RFC 8659 section 3). */
static bool is_owner(const synth_t *synth, uint64_t hash)
{
	const names_t *names = names_of(synth);
	return bsearch(&hash, names->owner, names->owner_count, sizeof(hash), compare_u64) != NULL;
}

static const knot_dname_t *parent(const knot_dname_t *name)
{
	return name + 1 + name[0];
}

static bool make_owners(names_t *names, const caaudit_policy_t *policy)
{
	size_t zone_labels = knot_dname_labels(policy->zone, NULL), count = 0;
	size_t hosts = policy->host_count + policy->validation_count;
	for (size_t i = 0; i < hosts; i++) {
		const knot_dname_t *name = caaudit_policy_host(policy, i);
		count += name == NULL ? 0 : knot_dname_labels(name, NULL) - zone_labels + 1;
	}
	names->owner = calloc(count + 1, sizeof(*names->owner));
	if (names->owner == NULL) {
		return false;
	}
	for (size_t i = 0; i < hosts; i++) {
		const knot_dname_t *name = caaudit_policy_host(policy, i);
		if (name == NULL) {
			continue;
		}
		for (; knot_dname_labels(name, NULL) > zone_labels; name = parent(name)) {
			names->owner[names->owner_count++] = hash_name(name);
		}
		names->owner[names->owner_count++] = hash_name(name);
	}
	qsort(names->owner, names->owner_count, sizeof(*names->owner), compare_u64);
	return true;
}

static int compare_owner(const void *a, const void *b)
{
	const caaudit_expected_t *const *one = a, *const *other = b;
	return knot_dname_cmp((*one)->owner, (*other)->owner);
}

/* What is expected at one name: one CNAME, and nothing beside it? All else would be a guess. */
static bool is_certain(const caaudit_expected_t **at, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (at[i]->target == NULL || !knot_dname_is_equal(at[i]->target, at[0]->target)) {
			return false;
		}
	}
	return true;
}

static const knot_dname_t *copy_name(knot_dname_t **pos, const knot_dname_t *name)
{
	knot_dname_t *copy = *pos;
	size_t size = knot_dname_size(name);
	memcpy(copy, name, size);
	*pos += size;
	return copy;
}

static void put_validation(names_t *names, knot_dname_t **pos, const caaudit_expected_t *expected,
                           size_t zone_labels)
{
	const knot_dname_t *name = expected->owner;
	names->validation[names->validation_count++] = (validation_t){
		.hash = hash_name(name),
		.owner = copy_name(pos, name),
		.target = copy_name(pos, expected->target),
	};
	for (name = parent(name); knot_dname_labels(name, NULL) > zone_labels;
	     name = parent(name)) {
		names->validation[names->validation_count++] = (validation_t){
			.hash = hash_name(name),
		};
	}
}

static bool make_validations(names_t *names, const caaudit_policy_t *policy)
{
	size_t zone_labels = knot_dname_labels(policy->zone, NULL), count = 0, labels = 0, size = 0;
	const caaudit_expected_t **by_owner = calloc(policy->validation_count + 1,
	                                             sizeof(*by_owner));
	if (by_owner == NULL) {
		return false;
	}
	for (size_t i = 0; i < policy->validation_count; i++) {
		const caaudit_expected_t *expected = &policy->validation[i];
		if ((expected->target == NULL && expected->txt == NULL) ||
		    knot_dname_is_equal(expected->owner, policy->zone)) {
			continue;
		}
		by_owner[count++] = expected;
		labels += knot_dname_labels(expected->owner, NULL) - zone_labels;
		size += knot_dname_size(expected->owner) + knot_dname_size(expected->target);
	}
	qsort(by_owner, count, sizeof(*by_owner), compare_owner);
	names->validation = calloc(labels + 1, sizeof(*names->validation));
	names->wire = malloc(size + 1);
	bool complete = names->validation != NULL && names->wire != NULL;
	knot_dname_t *pos = names->wire;
	for (size_t i = 0, next; complete && i < count; i = next) {
		next = i + 1;
		while (next < count && compare_owner(&by_owner[i], &by_owner[next]) == 0) {
			next++;
		}
		if (is_certain(&by_owner[i], next - i)) {
			put_validation(names, &pos, by_owner[i], zone_labels);
		}
	}
	free(by_owner);
	if (complete) {
		qsort(names->validation, names->validation_count, sizeof(*names->validation),
		      compare_validation);
	}
	return complete;
}

static uint64_t hash_policy(const caaudit_policy_t *policy)
{
	uint64_t hash = HASH_SEED;
	for (size_t i = 0; i < policy->validation_count; i++) {
		const caaudit_expected_t *expected = &policy->validation[i];
		hash = hash_octets(hash, expected->owner, knot_dname_size(expected->owner));
		hash = hash_octets(hash, expected->txt != NULL ? "t" : "c", 1);
		if (expected->target != NULL) {
			hash = hash_octets(hash, expected->target,
			                   knot_dname_size(expected->target));
		}
	}
	return hash;
}

static names_t *names_make(const caaudit_policy_t *policy)
{
	names_t *names = calloc(1, sizeof(*names));
	if (names == NULL || !make_owners(names, policy) || !make_validations(names, policy)) {
		names_free(names);
		return NULL;
	}
	names->hash = hash_policy(policy);
	return names;
}

bool synth_follow(synth_t *synth, const caaudit_policy_t *policy)
{
	if (names_of(synth)->hash == hash_policy(policy)) {
		return true;
	}
	names_t *names = names_make(policy);
	if (names == NULL) {
		return false;
	}
	names_t *before = atomic_exchange(&synth->names, names);
	synchronize_rcu();
	compat_queries_over(synth);
	names_free(before);
	return true;
}

/*! What the name is to validation. */
typedef enum {
	NAME_OTHER,
	NAME_ABOVE,    /*!< Above a validation name. */
	NAME_EXPECTED, /*!< A validation name. */
} name_kind_t;

static name_kind_t find_validation(const synth_t *synth, const knot_dname_t *name,
                                   const validation_t **out)
{
	const names_t *names = names_of(synth);
	const validation_t key = { .hash = hash_name(name) };
	const validation_t *at = bsearch(&key, names->validation, names->validation_count,
	                                 sizeof(key), compare_validation);
	if (at == NULL) {
		return NAME_OTHER;
	}
	while (at > names->validation && at[-1].hash == key.hash) {
		at--;
	}
	name_kind_t kind = NAME_ABOVE;
	for (; at < names->validation + names->validation_count && at->hash == key.hash; at++) {
		if (at->owner != NULL && knot_dname_is_equal(at->owner, name)) {
			*out = at;
			kind = NAME_EXPECTED;
		}
	}
	return kind;
}

bool synth_answers(const synth_t *synth, const knot_dname_t *owner)
{
	const validation_t *expected;
	return find_validation(synth, owner, &expected) == NAME_EXPECTED;
}

/*
 * Targets of aliases. Resolvers ask for the target itself as well, and get the
 * same RRset as through the alias.
 */

static void learn(synth_t *synth, uint64_t hash)
{
	size_t i = 0;
	while (i < synth->target_count && synth->target[i].hash != hash) {
		i++;
	}
	if (i == synth->target_count) {
		if (i == TARGETS_MAX) {
			return;
		}
		if (synth->target == NULL) {
			synth->target = calloc(TARGETS_MAX, sizeof(*synth->target));
			if (synth->target == NULL) {
				return;
			}
		}
		synth->target[synth->target_count++].hash = hash;
	}
	synth->target[i].round = synth->round;
}

static bool is_target(synth_t *synth, uint64_t hash)
{
	bool found = false;
	pthread_mutex_lock(&synth->lock);
	for (size_t i = 0; i < synth->target_count && !found; i++) {
		found = synth->target[i].hash == hash;
	}
	pthread_mutex_unlock(&synth->lock);
	return found;
}

void synth_inherit(synth_t *synth, synth_t *old)
{
	if (synth == NULL || old == NULL) {
		return;
	}
	/* The new one may not be in use yet, so one lock after the other is enough. */
	pthread_mutex_lock(&old->lock);
	size_t count = old->target_count;
	target_t *target = count == 0 ? NULL : calloc(count, sizeof(*target));
	if (target != NULL) {
		memcpy(target, old->target, count * sizeof(*target));
	}
	pthread_mutex_unlock(&old->lock);

	pthread_mutex_lock(&synth->lock);
	for (size_t i = 0; target != NULL && i < count; i++) {
		if (!is_owner(synth, target[i].hash)) {
			learn(synth, target[i].hash);
		}
	}
	pthread_mutex_unlock(&synth->lock);
	free(target);
}

void synth_targets_begin(synth_t *synth)
{
	pthread_mutex_lock(&synth->lock);
	synth->round++;
	pthread_mutex_unlock(&synth->lock);
}

void synth_target(synth_t *synth, const knot_dname_t *owner)
{
	uint64_t hash = hash_name(owner);
	if (is_owner(synth, hash)) {
		return;
	}
	pthread_mutex_lock(&synth->lock);
	learn(synth, hash);
	pthread_mutex_unlock(&synth->lock);
}

void synth_targets_end(synth_t *synth)
{
	pthread_mutex_lock(&synth->lock);
	size_t left = 0;
	for (size_t i = 0; i < synth->target_count; i++) {
		if (synth->target[i].round == synth->round) {
			synth->target[left++] = synth->target[i];
		}
	}
	synth->target_count = left;
	pthread_mutex_unlock(&synth->lock);
}

/* Does a name lead to the owner by CNAMEs of the live zone? */
static bool leads_to(const knotd_qdata_t *qdata, const knot_dname_t *name,
                     const knot_dname_t *owner)
{
	for (unsigned aliases = 0; aliases < ALIASES_MAX; aliases++) {
		knot_rrset_t cname = compat_zone_rrset(qdata, name, KNOT_RRTYPE_CNAME);
		if (cname.rrs.count == 0) {
			return false;
		}
		name = knot_cname_name(cname.rrs.rdata);
		if (knot_dname_is_equal(name, owner)) {
			return true;
		}
	}
	return false;
}

/* Is a host, or a name above one, an alias for the owner? Where the server lets a module
 * look, nobody has to have asked for the alias before; long lists are left to the audit. */
static bool is_live_target(const synth_t *synth, const knotd_qdata_t *qdata,
                           const knot_dname_t *owner)
{
	const caaudit_policy_t *policy = synth->policy;
	for (size_t i = 0; i < policy->host_count && policy->host_count <= HOSTS_MAX; i++) {
		for (const knot_dname_t *name = policy->host[i];
		     !knot_dname_is_equal(name, policy->zone); name = parent(name)) {
			if (leads_to(qdata, name, owner)) {
				return true;
			}
		}
	}
	return false;
}

/* Does the RRset at this owner decide for a host? */
static bool decides(synth_t *synth, const knotd_qdata_t *qdata, const knot_dname_t *owner,
                    const knot_dname_t *asked)
{
	uint64_t hash = hash_name(owner);
	if (is_owner(synth, hash)) {
		return true;
	}
	if (knot_dname_is_equal(owner, asked) || !is_owner(synth, hash_name(asked))) {
		if (is_target(synth, hash)) {
			return true;
		} else if (!is_live_target(synth, qdata, owner)) {
			return false;
		}
	}
	pthread_mutex_lock(&synth->lock);
	learn(synth, hash);
	pthread_mutex_unlock(&synth->lock);
	return true;
}

/*
 * Safety.
 */

/* True if a reason is new or gone. */
static bool set_unsafe(synth_t *synth, unsigned mask, unsigned bits)
{
	unsigned before = atomic_load_explicit(&synth->unsafe, memory_order_relaxed);
	if ((before & mask) == bits) {
		return false;
	}
	unsigned after;
	do {
		after = (before & ~mask) | bits;
	} while (!atomic_compare_exchange_weak(&synth->unsafe, &before, after));
	return before != after;
}

static void note(instance_t *inst, unsigned mask, unsigned bits)
{
	if (set_unsafe(inst->synth, mask, bits)) {
		watch_wake(&inst->watch);
	}
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
	if (zone_signed && synth->signed_by != SIGNED_SERVER) {
		reasons |= SYNTH_ELSEWHERE;
	}
	if (zone_signed && (synth->settings->synthesize & SYNTHESIZE_VALIDATION)) {
		reasons |= SYNTH_DENIAL;
	}
	return reasons;
}

bool synth_look(synth_t *synth, knotd_qdata_t *qdata)
{
	const unsigned mask = SYNTH_ELSEWHERE | SYNTH_DENIAL;
	unsigned reasons = judge_zone(synth, is_signed(qdata));
	return set_unsafe(synth, mask, reasons & mask);
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
 * The packet.
 */

/* The answer section from the CAA RRset on. */
typedef struct {
	knot_pkt_t *pkt;
	uint16_t at;   /* Index of the CAA RRset. */
	uint16_t rest; /* RRsets after it, RRSIGs all. */
	uint16_t pos;  /* Offset of the CAA RRset. */
	uint16_t hint; /* Where its owner was written before, 0 if it was written here. */
	knot_dname_storage_t owner; /* Its owner in the answer, lower case. */
	knot_rrset_t *rr;           /* Copies of the RRsets after it. */
	knot_rrinfo_t *info;
} tail_t;

/* Finds the CAA RRset that ends the chain. */
static bool find_tail(knot_pkt_t *pkt, tail_t *out)
{
	const knot_pktsection_t *answer = knot_pkt_section(pkt, KNOT_ANSWER);
	uint16_t i = answer->count;
	while (i > 0 && knot_pkt_rr(answer, i - 1)->type == KNOT_RRTYPE_RRSIG) {
		i--;
	}
	if (i == 0 || knot_pkt_rr(answer, i - 1)->type != KNOT_RRTYPE_CAA ||
	    knot_pkt_rr(answer, i - 1)->rclass != KNOT_CLASS_IN ||
	    answer->pos + answer->count != pkt->rrset_count) {
		return false;
	}
	out->pkt = pkt;
	out->at = answer->pos + i - 1;
	out->rest = answer->count - i;
	out->pos = pkt->rr_info[out->at].pos;
	const uint8_t *written = pkt->wire + out->pos;
	out->hint = knot_wire_is_pointer(written) ? knot_wire_get_pointer(written) : 0;
	/* As onlinesign does it: the RRset may be owned by a wildcard, the answer never is. */
	if (knot_dname_unpack(out->owner, written, sizeof(out->owner), pkt->wire) <= 0) {
		return false;
	}
	knot_dname_to_lower(out->owner);
	return true;
}

/* The RRSIG RRset over CAA among the rest; NULL if there is none. */
static const knot_rrset_t *find_rrsig(const tail_t *tail)
{
	for (uint16_t i = 0; i < tail->rest; i++) {
		const knot_rrset_t *rr = &tail->pkt->rr[tail->at + 1 + i];
		if (rr->rrs.count > 0 &&
		    knot_rrsig_type_covered(rr->rrs.rdata) == KNOT_RRTYPE_CAA) {
			return rr;
		}
	}
	return NULL;
}

/* Takes the packet back to where the CAA RRset begins. */
static void rewind_to(tail_t *tail)
{
	knot_pkt_t *pkt = tail->pkt;
	knot_rrset_t *old = &pkt->rr[tail->at];
	uint16_t records = old->rrs.count;
	for (uint16_t i = 0; i < tail->rest; i++) {
		records += tail->rr[i].rrs.count;
	}
	if (pkt->rr_info[tail->at].flags & KNOT_PF_FREE) {
		knot_rrset_clear(old, &pkt->mm);
	}
	pkt->size = tail->pos;
	pkt->rrset_count = tail->at;
	pkt->sections[KNOT_ANSWER].count -= 1 + tail->rest;
	knot_wire_add_ancount(pkt->wire, (int16_t)-records);

	/* The name that the next ones are compressed by, as it was: the owner of the
	 * CAA RRset if that is where the pointer leads to, else the question. */
	uint16_t suffix = KNOT_WIRE_HEADER_SIZE;
	if (tail->hint >= KNOT_WIRE_HEADER_SIZE + knot_pkt_question_size(pkt)) {
		suffix = tail->hint;
	}
	pkt->compr.suffix.pos = suffix;
	pkt->compr.suffix.labels = (uint8_t)knot_dname_labels(pkt->wire + suffix, pkt->wire);
}

/* Copies what comes after the CAA RRset; winding back overwrites it. */
static bool save_rest(tail_t *tail)
{
	if (tail->rest == 0) {
		return true;
	}
	knot_pkt_t *pkt = tail->pkt;
	tail->rr = compat_alloc(&pkt->mm, tail->rest * sizeof(*tail->rr));
	tail->info = compat_alloc(&pkt->mm, tail->rest * sizeof(*tail->info));
	if (tail->rr == NULL || tail->info == NULL) {
		return false;
	}
	memcpy(tail->rr, &pkt->rr[tail->at + 1], tail->rest * sizeof(*tail->rr));
	memcpy(tail->info, &pkt->rr_info[tail->at + 1], tail->rest * sizeof(*tail->info));
	return true;
}

static knotd_in_state_t after_put(int ret, knotd_in_state_t state)
{
	switch (ret) {
	case KNOT_EOK:
		return state;
	case KNOT_ESPACE:
		return KNOTD_IN_STATE_TRUNC;
	default:
		return KNOTD_IN_STATE_ERROR;
	}
}

/* Writes the extended RRset and the RRSIGs; from here on there is no way back. */
static knotd_in_state_t rewrite(const synth_t *synth, tail_t *tail, knotd_in_state_t state,
                                knotd_qdata_t *qdata, knot_rrset_t *set, knot_rrset_t *rrsig)
{
	knot_pkt_t *pkt = tail->pkt;
	bool udp = qdata->params->proto == KNOTD_QUERY_PROTO_UDP;
	uint16_t rotate = synth->rotate ? knot_wire_get_id(qdata->query->wire) : 0;

	rewind_to(tail);
	int ret = knot_pkt_put_rotate(pkt, tail->hint, set, rotate,
	                              (udp ? KNOT_PF_NULL : KNOT_PF_NOTRUNC) | KNOT_PF_ORIGTTL |
	                                      KNOT_PF_FREE);
	if (ret != KNOT_EOK) {
		knot_rrset_clear(set, &pkt->mm);
	}
	uint16_t owner_hint = ret == KNOT_EOK ?
	                              pkt->rr_info[tail->at].compress_ptr[KNOT_COMPR_HINT_OWNER] :
	                              0;
	for (uint16_t i = 0; i < tail->rest; i++) {
		knot_rrset_t *rr = &tail->rr[i];
		uint16_t hint = tail->info[i].compress_ptr[KNOT_COMPR_HINT_OWNER];
		uint16_t flags = tail->info[i].flags;
		if (knot_rrsig_type_covered(rr->rrs.rdata) == KNOT_RRTYPE_CAA) {
			if (flags & KNOT_PF_FREE) {
				knot_rrset_clear(rr, &pkt->mm);
			}
			rr = rrsig;
			flags |= KNOT_PF_FREE;
			hint = owner_hint;
		} else if (hint >= tail->pos) {
			hint = KNOT_COMPR_HINT_NONE;
		}
		if (ret == KNOT_EOK) {
			ret = knot_pkt_put(pkt, hint, rr, flags);
			if (ret == KNOT_EOK) {
				continue;
			}
		}
		if (flags & KNOT_PF_FREE) {
			knot_rrset_clear(rr, &pkt->mm);
		}
	}
	return after_put(ret, state);
}

/*
 * CAA.
 */

/* Finds what the stored RRset lacks. */
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
	const caaudit_rrset_t rrset = { .record = pointer, .count = records };
	size_t room = caaudit_synthesis_room(rrset, synth->policy);
	*added = compat_alloc(mm, room * sizeof(**added));
	if (*added == NULL) {
		return CAAUDIT_SYNTHESIS_ROOM;
	}
	return caaudit_synthesize(rrset, synth->policy, synth->settings->override_denial, *added,
	                          room, count);
}

/* What becomes of a stored RRset; kept by its RDATA. The extended one follows. */
typedef struct {
	uint16_t count;  /* Records of the extended RRset; 0 = the stored one stays. */
	uint8_t refused; /* Something is missing, and stays so. */
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

/* The extended RRset from the cache, or made. */
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
		return; /* Out of memory: it may work the next time. */
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
		size_t head = SIGNER_FIXED + knot_dname_size(knot_rrsig_signer_name(rdata)),
		       len = 0;
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

/* Could an answer with signatures be made? Without them in the packet, the
 * server's own at the apex tell which keys sign the zone. */
static bool able(signer_t *signer, knotd_qdata_t *qdata, const knot_rrset_t *dnskey,
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
			return false;
		}
	}
	return any;
}

/* Makes the signatures of a signed zone, if the answer needs them. A reason if not. */
static unsigned make_safe(synth_t *synth, const tail_t *tail, knotd_qdata_t *qdata,
                          const knot_rrset_t *set, knot_rrset_t *rrsig)
{
	bool zone_signed = is_signed(qdata);
	unsigned reasons = judge_zone(synth, zone_signed);
	const unsigned always = SYNTH_ELSEWHERE | SYNTH_ORDER | SYNTH_SOURCE;
	if (reasons & always) {
		return reasons & always;
	}
	const knot_rrset_t *rrsigs = find_rrsig(tail);
	if (rrsigs == NULL && !zone_signed) {
		return 0;
	}
	knot_rrset_t dnskey = knotd_qdata_zone_apex_rrset(qdata, KNOT_RRTYPE_DNSKEY);
	if (synth->signer == NULL) {
		return reasons & SYNTH_KEYSTORE ? SYNTH_KEYSTORE : SYNTH_NO_KEY;
	}
	if (!knot_pkt_has_dnssec(qdata->query)) {
		/* Who does not ask for signatures must not get other data than who does. */
		return able(synth->signer, qdata, &dnskey, tail->owner, &tail->pkt->mm) ?
		               0 :
		               SYNTH_NO_KEY;
	}
	if (rrsigs == NULL) {
		return SYNTH_NO_RRSIG;
	}
	return sign(synth->signer, &dnskey, rrsigs, &tail->pkt->rr[tail->at], set, &tail->pkt->mm,
	            rrsig) == KNOT_EOK ?
	               0 :
	               SYNTH_NO_KEY;
}

static knotd_in_state_t answer_caa(instance_t *inst, knotd_in_state_t state, knot_pkt_t *pkt,
                                   knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	synth_t *synth = inst->synth;
	tail_t tail = { .pkt = NULL };
	if (!find_tail(pkt, &tail) || !decides(synth, qdata, tail.owner, knot_pkt_qname(pkt))) {
		return state;
	}

	const knot_rrset_t *stored = &pkt->rr[tail.at];
	outcome_t outcome;
	knot_rrset_t set, rrsig = { .owner = NULL };
	knot_rrset_init(&set, NULL, stored->type, stored->rclass, stored->ttl);
	get_outcome(synth, stored, &pkt->mm, &outcome, &set.rrs);
	if (outcome.refused) {
		counters_synth_refused(mod, qdata->params->thread_id);
	}
	if (outcome.count == 0) {
		return state;
	}

	set.owner = knot_dname_copy(tail.owner, &pkt->mm);
	if (set.owner == NULL || !save_rest(&tail)) {
		return state;
	}
	unsigned reasons = make_safe(synth, &tail, qdata, &set, &rrsig);
	note(inst, SYNTH_ELSEWHERE | SYNTH_NO_KEY | SYNTH_NO_RRSIG,
	     reasons & (SYNTH_ELSEWHERE | SYNTH_NO_KEY | SYNTH_NO_RRSIG));
	if (reasons != 0) {
		knot_rrset_clear(&set, &pkt->mm);
		if (!outcome.refused) {
			counters_synth_refused(mod, qdata->params->thread_id);
		}
		return state;
	}
	counters_synthesized(mod, qdata->params->thread_id, LOOKUP_CAA);
	return rewrite(synth, &tail, state, qdata, &set, &rrsig);
}

/*
 * Validation.
 */

static knotd_in_state_t put_cname(const synth_t *synth, const validation_t *expected,
                                  knot_pkt_t *pkt, knotd_qdata_t *qdata)
{
	knot_dname_t *owner = knot_dname_copy(expected->owner, &pkt->mm);
	if (owner == NULL) {
		return KNOTD_IN_STATE_ERROR;
	}
	knot_rrset_t cname;
	knot_rrset_init(&cname, owner, KNOT_RRTYPE_CNAME, KNOT_CLASS_IN,
	                synth->settings->synthesize_ttl);
	int ret = knot_rrset_add_rdata(&cname, expected->target,
	                               (uint16_t)knot_dname_size(expected->target), &pkt->mm);
	if (ret == KNOT_EOK) {
		uint16_t type = knot_pkt_qtype(pkt);
		bool whole = qdata->params->proto != KNOTD_QUERY_PROTO_UDP &&
		             (type == KNOT_RRTYPE_CNAME || type == KNOT_RRTYPE_ANY);
		ret = knot_pkt_put(pkt,
		                   pkt->rrset_count == 0 ? KNOT_COMPR_HINT_QNAME :
		                                           KNOT_COMPR_HINT_NONE,
		                   &cname, KNOT_PF_FREE | (whole ? KNOT_PF_NOTRUNC : 0));
	}
	if (ret != KNOT_EOK) {
		knot_rrset_clear(&cname, &pkt->mm);
	}
	return after_put(ret, KNOTD_IN_STATE_HIT);
}

static knotd_in_state_t answer_validation(instance_t *inst, knotd_in_state_t state, knot_pkt_t *pkt,
                                          knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	synth_t *synth = inst->synth;
	knot_dname_storage_t name;
	if (knot_dname_store(name, qdata->name) == 0) {
		return state;
	}
	knot_dname_to_lower(name);
	const validation_t *expected = NULL;
	name_kind_t kind = find_validation(synth, name, &expected);
	if (kind == NAME_OTHER) {
		return state;
	}

	/* A denial that resolvers may already hold, or compute themselves (RFC 8198),
	 * would contradict the record; so would one of onlinesign for type NSEC. */
	const unsigned mask = SYNTH_ELSEWHERE | SYNTH_DENIAL;
	unsigned reasons = judge_zone(synth, is_signed(qdata));
	note(inst, mask, reasons & mask);
	if (reasons & (mask | SYNTH_SOURCE)) {
		if (kind == NAME_EXPECTED) {
			counters_synth_refused(mod, qdata->params->thread_id);
		}
		return state;
	}

	uint16_t type = knot_pkt_qtype(pkt);
	/* These are of the name itself, not of what it is an alias for (RFC 4035 section 2.5). */
	if (kind == NAME_ABOVE || type == KNOT_RRTYPE_RRSIG || type == KNOT_RRTYPE_NSEC) {
		return KNOTD_IN_STATE_NODATA;
	}
	counters_synthesized(mod, qdata->params->thread_id, LOOKUP_VALIDATION);
	return put_cname(synth, expected, pkt, qdata);
}

/* Out of the hooks, which other queries pass as well: they pay for the comparisons
 * of state and type alone. */
#define OUTSIDE __attribute__((noinline))

OUTSIDE static knotd_in_state_t in_caa(knotd_in_state_t state, knot_pkt_t *pkt,
                                       knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	instance_t *inst = knotd_mod_ctx(mod);
	if (inst != NULL) {
		compat_query_begins(inst);
		state = answer_caa(inst, state, pkt, qdata, mod);
		compat_query_ends(inst->synth);
		compat_query_ends(inst);
	}
	return state;
}

OUTSIDE static knotd_in_state_t in_miss(knotd_in_state_t state, knot_pkt_t *pkt,
                                        knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	instance_t *inst = knotd_mod_ctx(mod);
	if (inst != NULL) {
		compat_query_begins(inst);
		state = answer_validation(inst, state, pkt, qdata, mod);
		compat_query_ends(inst->synth);
		compat_query_ends(inst);
	}
	return state;
}

static inline bool is_caa(knotd_in_state_t state, const knot_pkt_t *pkt)
{
	uint16_t type = knot_pkt_qtype(pkt);
	return (type == KNOT_RRTYPE_CAA || type == KNOT_RRTYPE_ANY) && state == KNOTD_IN_STATE_HIT;
}

static knotd_in_state_t hook_caa(knotd_in_state_t state, knot_pkt_t *pkt, knotd_qdata_t *qdata,
                                 knotd_mod_t *mod)
{
	return is_caa(state, pkt) ? in_caa(state, pkt, qdata, mod) : state;
}

static knotd_in_state_t hook_validation(knotd_in_state_t state, knot_pkt_t *pkt,
                                        knotd_qdata_t *qdata, knotd_mod_t *mod)
{
	return state == KNOTD_IN_STATE_MISS ? in_miss(state, pkt, qdata, mod) : state;
}

static knotd_in_state_t hook_both(knotd_in_state_t state, knot_pkt_t *pkt, knotd_qdata_t *qdata,
                                  knotd_mod_t *mod)
{
	return is_caa(state, pkt) ? in_caa(state, pkt, qdata, mod) :
	                            hook_validation(state, pkt, qdata, mod);
}

/*
 * Load and unload.
 */

static bool is_module(const knotd_conf_val_t *val, const char *name, size_t len)
{
	return val->data_len >= len && memcmp(val->data, name, len) == 0;
}

static signed_by_t who_signs(knotd_mod_t *mod, const knot_dname_t *zone)
{
	knotd_conf_t signing = knotd_conf_zone(mod, C_DNSSEC_SIGNING, zone);
	signed_by_t by = signing.single.boolean ? SIGNED_SERVER : SIGNED_NOT;
	knotd_conf_t modules = knotd_conf_zone(mod, C_MODULE, zone);
	/* With several instances, the last one counts for all. */
	for (size_t i = 0; i < modules.count && by != SIGNED_SERVER; i++) {
		if (is_module(&modules.multi[i], onlinesign_name, sizeof(onlinesign_name) - 1)) {
			by = SIGNED_AFTER;
		} else if (is_module(&modules.multi[i], own_name, sizeof(own_name) - 1) &&
		           by == SIGNED_AFTER) {
			by = SIGNED_BEFORE;
		}
	}
	knotd_conf_free(&modules);
	return by;
}

static knotd_conf_t make_id(const uint8_t *data, size_t len)
{
	knotd_conf_t id = { .count = 1 };
	id.single.data = data;
	id.single.data_len = len;
	return id;
}

/* Path of one keystore; NULL if it is of another kind or memory is out. */
static char *store_path(knotd_mod_t *mod, const char *base, const knotd_conf_val_t *id)
{
	const char *name = "keys";
	if (id != NULL) {
		knotd_conf_t key = make_id(id->data, id->data_len);
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

/* Opens nothing: knotd may still have to make the directory. */
static int load_signer(synth_t *synth, knotd_mod_t *mod, const knot_dname_t *zone)
{
	knotd_conf_t storage = knotd_conf(mod, C_DATABASE, C_STORAGE, NULL);
	knotd_conf_t kasp = knotd_conf(mod, C_DATABASE, C_KASP_DB, NULL);
	char *base = zonepath_join(storage.single.string,
	                           kasp.single.string != NULL ? kasp.single.string : "keys");
	knotd_conf_t policy = knotd_conf_zone(mod, C_DNSSEC_POLICY, zone);
	knotd_conf_t stores = { .count = 0 };
	if (policy.count > 0) {
		knotd_conf_t id = make_id(policy.single.data, policy.single.data_len);
		stores = knotd_conf(mod, C_POLICY, C_KEYSTORE, &id);
	}
	size_t count = stores.count == 0 ? 1 : stores.count, found = 0;
	char **path = calloc(count, sizeof(*path));
	if (base == NULL || path == NULL) {
		free(base);
		free(path);
		knotd_conf_free(&stores);
		return KNOT_ENOMEM;
	}
	for (size_t i = 0; i < count; i++) {
		const knotd_conf_val_t *id = stores.count == 0    ? NULL :
		                             stores.multi != NULL ? &stores.multi[i] :
		                                                    &stores.single;
		path[found] = store_path(mod, base, id);
		found += path[found] != NULL;
	}
	free(base);
	if (stores.multi != NULL) {
		knotd_conf_free(&stores);
	}
	if (found > 0) {
		synth->signer = signer_new(path, found, names_of(synth)->owner_count);
	} else {
		synth->fixed |= SYNTH_KEYSTORE;
	}
	if (synth->signer == NULL) {
		for (size_t i = 0; i < found; i++) {
			free(path[i]);
		}
		free(path);
	}
	// NOLINTNEXTLINE(*unix.Malloc): a signer takes over the paths.
	return found > 0 && synth->signer == NULL ? KNOT_ENOMEM : KNOT_EOK;
}

static void on_complaint(caaudit_reader_t *reader, const char *file, uint64_t line,
                         const char *what)
{
	/* The audit complains about the validation file. */
	(void)reader;
	(void)file;
	(void)line;
	(void)what;
}

static int load(synth_t *synth, knotd_mod_t *mod, const knot_dname_t *zone)
{
	const settings_t *settings = synth->settings;
	caaudit_reader_t reader = { .complain = on_complaint };
	int ret = settings_policy(settings, zone, &reader, &synth->policy);
	if (ret != KNOT_EOK) {
		return ret;
	}
	names_t *names = names_make(synth->policy);
	if (names == NULL) {
		return KNOT_ENOMEM;
	}
	atomic_init(&synth->names, names);
	synth->extended = cache_new(names->owner_count);
	if (synth->extended == NULL) {
		return KNOT_ENOMEM;
	}
	choice_t choice;
	ret = choose(mod, zone, settings, &choice);
	if (ret != KNOT_EOK) {
		return ret;
	}
	if (choice.count == 0) {
		synth->fixed |= SYNTH_SOURCE;
	}
	choice_clear(&choice);
	knotd_conf_t rotate = knotd_conf(mod, C_SERVER, C_ANS_ROTATION, NULL);
	synth->rotate = rotate.single.boolean;
	synth->signed_by = who_signs(mod, zone);
	if (synth->signed_by == SIGNED_BEFORE && (settings->synthesize & SYNTHESIZE_CAA)) {
		synth->fixed |= SYNTH_ORDER;
	}
	if (synth->signed_by != SIGNED_NOT && (settings->synthesize & SYNTHESIZE_VALIDATION)) {
		synth->fixed |= SYNTH_DENIAL;
	}
	if (synth->signed_by == SIGNED_SERVER && (settings->synthesize & SYNTHESIZE_CAA)) {
		ret = load_signer(synth, mod, zone);
	}
	atomic_init(&synth->unsafe, synth->fixed);
	return ret;
}

int synth_load(knotd_mod_t *mod, const settings_t *settings, synth_t **out)
{
	*out = NULL;
	if (settings->synthesize == 0) {
		return KNOT_EOK;
	}
	synth_t *synth = calloc(1, sizeof(*synth));
	if (synth == NULL) {
		return KNOT_ENOMEM;
	}
	pthread_mutex_init(&synth->lock, NULL);
	synth->settings = settings;
	int ret = load(synth, mod, knotd_mod_zone(mod));
	if (ret != KNOT_EOK) {
		synth_stop(synth);
		synth_free(synth);
		return ret;
	}
	*out = synth;
	return KNOT_EOK;
}

int synth_hook(knotd_mod_t *mod, const synth_t *synth)
{
	static const knotd_mod_in_hook_f hooks[] = {
		[SYNTHESIZE_CAA] = hook_caa,
		[SYNTHESIZE_VALIDATION] = hook_validation,
		[SYNTHESIZE_CAA | SYNTHESIZE_VALIDATION] = hook_both,
	};
	return synth == NULL ? KNOT_EOK :
	                       knotd_mod_in_hook(mod, KNOTD_STAGE_ANSWER,
	                                         hooks[synth->settings->synthesize]);
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
		caaudit_policy_free(synth->policy);
		names_free(atomic_load(&synth->names));
		free(synth->target);
		pthread_mutex_destroy(&synth->lock);
		free(synth);
	}
}
