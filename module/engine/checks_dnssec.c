/* SPDX-License-Identifier: GPL-2.0-or-later */

/*!
 * \file
 *
 * \brief Would a CA that validates believe the answers? Verifies what the server answers to the
 *        questions of a CA, but for the TXT, of which a view keeps no signatures.
 *
 * DNSKEY and SOA come first, since without them nothing is believed.
 */

#include <string.h>

#include <libknot/descriptor.h>

#include "checks.h"
#include "dnssec.h"
#include "memo.h"
#include "namemap.h"
#include "names.h"
#include "questions.h"
#include "view.h"

/*! Iterations that every validator follows (RFC 9276 section 3.2). */
#define ITERATIONS_FOLLOWED 50
/*! Time that a signature lasts at least beyond the TTL: half of Knot's propagation delay. */
#define SPARE_TIME 1800

/*! What is noted of a name: whether an RRset is valid, what was asked, and that there is a gap. */
#define KEY_RRSET(type)    ((uint32_t)(type))
#define KEY_QUESTION(type) ((uint32_t)(type) | UINT32_C(1) << 16)
#define KEY_GAP            (UINT32_C(1) << 17)

/*! A signature over DNSKEY or SOA that has ended or does so soon, as others by its key have. */
typedef struct {
	const caaudit_record_t *first; /*!< Of its RRset; NULL if there is none. */
	signed_by_t by;
	size_t more;               /*!< The others: the signer is to be mended but once. */
	uint64_t end;              /*!< When the first of them ends. */
	knot_dname_storage_t name; /*!< What that is needed at. */
} held_t;

typedef struct {
	audit_t *audit;
	const proofs_t *proofs;
	keys_t *keys;
	const knot_dname_t *zone;
	bool nsec3;      /*!< The server answers from the NSEC3 chain. */
	bool blind;      /*!< Nobody follows that chain. */
	bool opted_out;  /*!< What is being verified would do without a signature. */
	bool unexpected; /*!< Nobody is known to ask for it. */
	namemap_t done;  /*!< RRsets that were verified, 1 if valid; questions; gaps. */
	size_t gaps;     /*!< Names about which records may be missing. */
	knot_dname_storage_t gap_name; /*!< The first of them. */
	const char *gap_why;
	held_t held[2];
	uint8_t unsupported; /*!< Algorithm that could not be verified, or 0. */
	caaudit_dnssec_t state;
} dnssec_t;

/*! Notes a name; \a added is false if that was done before. NULL if out of memory. */
static namemap_item_t *note(dnssec_t *d, const knot_dname_t *name, uint32_t key, bool *added)
{
	namemap_item_t *item = namemap_add(&d->done, name, key, added);
	d->audit->failed = d->audit->failed || item == NULL;
	return item;
}

/* --- Words ---------------------------------------------------------------------------------- */

static const char *type_name(uint16_t type)
{
	switch (type) {
	case KNOT_RRTYPE_SOA:
		return "SOA";
	case KNOT_RRTYPE_DNSKEY:
		return "DNSKEY";
	case KNOT_RRTYPE_DS:
		return "DS";
	case KNOT_RRTYPE_CAA:
		return "CAA";
	case KNOT_RRTYPE_CNAME:
		return "CNAME";
	case KNOT_RRTYPE_DNAME:
		return "DNAME";
	case KNOT_RRTYPE_NSEC:
		return "NSEC";
	default:
		return "NSEC3";
	}
}

/*! A time of an RRSIG in full: the one that is closest to now (RFC 4034 section 3.1.5). */
static uint64_t full_time(uint32_t time, uint64_t now)
{
	int64_t full = (int64_t)now + (int32_t)(time - (uint32_t)now);
	return full > 0 ? (uint64_t)full : 0;
}

/*! Says what an RRset is for: a denial stands at a name that nobody asked for. */
static void add_purpose(draft_t *draft, const caaudit_record_t *first, const knot_dname_t *name)
{
	if (first->type == KNOT_RRTYPE_NSEC || first->type == KNOT_RRTYPE_NSEC3) {
		text_add(&draft->what, ", needed at %s", NAME(name));
	}
}

/*! Says that a validator puts up with it. */
static void add_excuse(const dnssec_t *d, draft_t *draft)
{
	if (d->opted_out) {
		draft->severity = CAAUDIT_WARNING;
		text_add(&draft->what,
		         "; validators take the answer for unsigned, since NSEC3 with "
		         "opt-out covers the name");
	}
}

/* --- RRsets --------------------------------------------------------------------------------- */

/*!
 * \brief Keeps a signature at the apex until all are verified, and counts those that are like it.
 *
 * The finding stays at the apex, whatever else has ended: so the module knows it again.
 *
 * \return True if nothing is to be reported yet.
 */
static bool hold(dnssec_t *d, const caaudit_record_t *first, const signed_by_t *by,
                 const knot_dname_t *name)
{
	for (held_t *held = d->held; held < d->held + 2; held++) {
		if (held->first == NULL) {
			bool apex = first->type == KNOT_RRTYPE_DNSKEY ||
			            first->type == KNOT_RRTYPE_SOA;
			if (apex) {
				held->first = first;
				held->by = *by;
			}
			return apex;
		} else if (held->by.state == by->state && held->by.tag == by->tag) {
			uint64_t end = full_time(by->expiration, d->audit->now);
			if (held->more++ == 0 || end < held->end) {
				held->end = end;
				memcpy(held->name, name, knot_dname_size(name));
			}
			return true;
		}
	}
	return false;
}

/*! Says how many other signatures a finding stands for. */
static void add_more(draft_t *draft, const held_t *held)
{
	if (held != NULL && held->more > 0) {
		bool ended = held->by.state == SIGNED_EXPIRED;
		text_add(&draft->what, "; so %s %zu more by this key, the first on ",
		         ended ? "did" : "do", held->more);
		text_time(&draft->what, held->end);
		text_add(&draft->what, ", needed at %s", NAME(held->name));
	}
}

static void report_bad(dnssec_t *d, const caaudit_record_t *first, const signed_by_t *by,
                       const knot_dname_t *name, const held_t *held)
{
	draft_t *draft;
	const char *type = type_name(first->type);
	if (by->state == SIGNED_NOT) {
		draft = audit_draft(d->audit, CAAUDIT_DNSSEC_RRSIG_MISSING, first->owner);
		text_add(&draft->what, "%s has no signature", type);
		add_purpose(draft, first, name);
		add_excuse(d, draft);
	} else if (by->state == SIGNED_EXPIRED) {
		draft = audit_draft(d->audit, CAAUDIT_DNSSEC_RRSIG_EXPIRED, first->owner);
		text_add(&draft->what, "the signature over %s by key %u expired on ", type,
		         by->tag);
		text_time(&draft->what, full_time(by->expiration, d->audit->now));
		add_purpose(draft, first, name);
		add_more(draft, held);
	} else {
		draft = audit_draft(d->audit, CAAUDIT_DNSSEC_RRSIG_INVALID, first->owner);
		text_add(&draft->what, "no signature over %s is valid", type);
		add_purpose(draft, first, name);
		text_add(&draft->what, "; that by key %u, algorithm %u: %s", by->tag, by->algorithm,
		         by->why);
	}
	if (d->unexpected) {
		draft->severity = CAAUDIT_WARNING;
	}
	audit_report(d->audit);
}

/*!
 * \brief Seconds before its end when a signature should have been renewed.
 *
 * A signer renews a signature at least one TTL before its end (RFC 6781
 * section 4.4.2); Knot by default an hour earlier, so half of that is spare.
 * A short-lived signature has less: a sixteenth of its life.
 */
static uint64_t warning_time(const dnssec_t *d, const signed_by_t *by, uint32_t ttl)
{
	if (d->audit->policy->rrsig_warning > 0) {
		return d->audit->policy->rrsig_warning;
	}
	uint64_t life = (by->expiration - by->inception) / 16;
	uint64_t least = (uint64_t)ttl + SPARE_TIME;
	return life < least ? life : least;
}

static void report_ending(dnssec_t *d, const caaudit_record_t *first, const signed_by_t *by,
                          const knot_dname_t *name, const held_t *held)
{
	draft_t *draft = audit_draft(d->audit, CAAUDIT_DNSSEC_RRSIG_EXPIRING, first->owner);
	text_add(&draft->what, "the signature over %s by key %u ends on ", type_name(first->type),
	         by->tag);
	text_time(&draft->what, full_time(by->expiration, d->audit->now));
	add_purpose(draft, first, name);
	add_more(draft, held);
	text_add(&draft->what, "; see whether the signer still runs");
	audit_report(d->audit);
}

static void report_held(dnssec_t *d)
{
	for (const held_t *held = d->held; held < d->held + 2 && held->first != NULL; held++) {
		if (held->by.state == SIGNED_WELL) {
			report_ending(d, held->first, &held->by, d->zone, held);
		} else {
			report_bad(d, held->first, &held->by, d->zone, held);
		}
	}
}

static void check_end(dnssec_t *d, const caaudit_record_t *first, const signed_by_t *by,
                      const knot_dname_t *name)
{
	uint64_t end = full_time(by->expiration, d->audit->now);
	if (d->state.expires == 0 || end < d->state.expires) {
		d->state.expires = end;
	}
	if (end - d->audit->now < warning_time(d, by, first->ttl) && !hold(d, first, by, name)) {
		report_ending(d, first, by, name, NULL);
	}
}

/*! Notes that no verdict is possible at a name. */
static void lose(dnssec_t *d, const knot_dname_t *name, const char *why)
{
	bool added;
	if (note(d, name, KEY_GAP, &added) != NULL && added && d->gaps++ == 0) {
		memcpy(d->gap_name, name, knot_dname_size(name));
		d->gap_why = why;
	}
}

/*!
 * \brief Verifies an RRset and reports what is wrong with it, once.
 *
 * \param[in]  name  Name that it is needed for.
 * \param[out] by    Result; may be NULL.
 *
 * \return true if it is valid.
 */
static bool verify_set(dnssec_t *d, const proof_t *proof, const knot_dname_t *name, signed_by_t *by)
{
	const caaudit_record_t *first = proof->set.record[0];
	signed_by_t local;
	by = by != NULL ? by : &local;
	bool added;
	namemap_item_t *done = note(d, first->owner, KEY_RRSET(first->type), &added);
	if (done == NULL || !added) {
		return done != NULL && done->value;
	}
	if (!keys_verify(d->keys, proof->set, proof->sigs, d->audit->now, by)) {
		d->audit->failed = true;
		return false;
	}
	if (by->state == SIGNED_UNSUPPORTED) {
		d->unsupported = by->algorithm;
		return false;
	}
	if (by->state != SIGNED_WELL && proof->gap != NULL) {
		lose(d, name, proof->gap); // A better signature may be missing.
		return false;
	}
	d->state.checked++;
	done->value = by->state == SIGNED_WELL;
	d->state.valid += done->value;
	if (done->value) {
		check_end(d, first, by, name);
	} else if (by->state != SIGNED_EXPIRED || !hold(d, first, by, name)) {
		report_bad(d, first, by, name, NULL);
	}
	return done->value;
}

/*! The same for an RRset that the view stores. */
static bool verify_answer(dnssec_t *d, caaudit_rrset_t set, const knot_dname_t *name)
{
	proof_t proof;
	proofs_at(d->proofs, set.record[0]->owner, set.record[0]->type, &proof);
	proof.set = set;
	return verify_set(d, &proof, name, NULL);
}

/* --- Denials -------------------------------------------------------------------------------- */

static void report_denial(dnssec_t *d, const knot_dname_t *name, uint16_t type, const char *what,
                          const knot_dname_t *about)
{
	draft_t *draft = audit_draft(d->audit, CAAUDIT_DNSSEC_DENIAL_MISSING, name);
	text_add(&draft->what, "no %s proves that %s is not there: %s%s",
	         d->nsec3 ? "NSEC3" : "NSEC", type == 0 ? "the name" : type_name(type), what,
	         NAME(about));
	add_excuse(d, draft);
	audit_report(d->audit);
}

/*! Puts a proof into words that fit a finding. */
static void fail_denial(dnssec_t *d, const proof_t *proof, const knot_dname_t *name, uint16_t type,
                        const char *what, const knot_dname_t *about)
{
	if (proof->gap != NULL) {
		lose(d, about, proof->gap);
	} else {
		report_denial(d, name, type, what, about);
	}
}

/*! The NSEC at a name or before it, and what it says. */
static denial_t ask_nsec(const dnssec_t *d, const knot_dname_t *name, uint16_t type, proof_t *proof)
{
	proofs_denial(d->proofs, name, proof, NULL);
	return proof->set.count == 0 ? DENIES_NOT :
	                               nsec_denies(proof->set.record[0], d->zone, name, type);
}

/*! The NSEC3 at a name's hash or before it, and what it says. */
static denial_t ask_nsec3(const dnssec_t *d, const knot_dname_t *name, uint16_t type,
                          proof_t *proof, bool *encloses)
{
	uint8_t hash[NSEC3_HASH_SIZE];
	proofs_denial(d->proofs, name, proof, hash);
	if (encloses != NULL) {
		*encloses = false;
	}
	if (proof->set.count == 0) {
		return DENIES_NOT;
	}
	bool at_apex = knot_dname_is_equal(name, d->zone);
	if (encloses != NULL) {
		*encloses = nsec3_encloses(proof->set.record[0], hash, at_apex);
	}
	return nsec3_denies(proof->set.record[0], d->zone, hash, at_apex, type);
}

/*! Ancestor of \a name that is one label below \a encloser. */
static const knot_dname_t *next_closer(const knot_dname_t *name, const knot_dname_t *encloser)
{
	const knot_dname_t *at = name;
	while (!knot_dname_is_equal(name_parent(at), encloser)) {
		at = name_parent(at);
	}
	return at;
}

/*! NODATA at a name that exists, or at a wildcard (RFC 4035 section 5.4). */
static void check_nsec_nodata(dnssec_t *d, const knot_dname_t *name, uint16_t type,
                              const knot_dname_t *at)
{
	proof_t proof;
	switch (ask_nsec(d, at, type, &proof)) {
	case DENIES_TYPE:
	case DENIES_EMPTY:
		verify_set(d, &proof, name, NULL);
		break;
	case DENIES_LIE:
		report_denial(d, name, type, "it lists that type, an alias or a cut at ", at);
		break;
	default:
		fail_denial(d, &proof, name, type, "there is none at ", at);
		break;
	}
}

/*! That a name does not exist. */
static void check_nsec_absent(dnssec_t *d, const knot_dname_t *name, uint16_t type,
                              const knot_dname_t *at)
{
	proof_t proof;
	if (ask_nsec(d, at, type, &proof) == DENIES_NAME) {
		verify_set(d, &proof, name, NULL);
	} else {
		fail_denial(d, &proof, name, type, "there is none over ", at);
	}
}

/*!
 * \brief Closest encloser proof (RFC 5155 section 7.2.1).
 *
 * \param[in]  name      Name below the apex.
 * \param[out] encloser  The closest one that can be proven.
 *
 * \return What the NSEC3 over the next closer name says; DENIES_NOT if there is none.
 */
static denial_t check_enclosed(dnssec_t *d, const knot_dname_t *name, uint16_t type,
                               const knot_dname_t **encloser)
{
	proof_t at_encloser, over_next;
	bool encloses;
	// The server begins with the closest ancestor that exists; with opt-out that may have none.
	const knot_dname_t *at = name_parent(name);
	while (!caaudit_view_exists(d->audit->view, at)) {
		at = name_parent(at);
	}
	(void)ask_nsec3(d, at, type, &at_encloser, &encloses);
	while (!encloses && !knot_dname_is_equal(at, d->zone)) {
		at = name_parent(at);
		(void)ask_nsec3(d, at, type, &at_encloser, &encloses);
	}
	if (!encloses) {
		fail_denial(d, &at_encloser, name, type, "there is none at ", d->zone);
		return DENIES_NOT;
	}
	*encloser = at;
	const knot_dname_t *next = next_closer(name, at);
	denial_t denial = ask_nsec3(d, next, type, &over_next, NULL);
	if (denial != DENIES_NAME && denial != DENIES_OPT_OUT) {
		fail_denial(d, &over_next, name, type, "there is none over ", next);
		return DENIES_NOT;
	}
	verify_set(d, &at_encloser, name, NULL);
	verify_set(d, &over_next, name, NULL);
	return denial;
}

/*! Is there a delegation below the name? */
static bool has_cut_below(const dnssec_t *d, const knot_dname_t *name)
{
	caaudit_rrset_t ns;
	size_t pos = 0;
	while (caaudit_view_next(d->audit->view, KNOT_RRTYPE_NS, &pos, &ns)) {
		const knot_dname_t *owner = ns.record[0]->owner;
		if (name_in(owner, name) && !knot_dname_is_equal(owner, name)) {
			return true;
		}
	}
	return false;
}

/*! NODATA at a name that exists (RFC 5155 sections 8.5 and 8.6). */
static void check_nsec3_nodata(dnssec_t *d, const knot_dname_t *name, uint16_t type)
{
	proof_t proof;
	const knot_dname_t *encloser;
	switch (ask_nsec3(d, name, type, &proof, NULL)) {
	case DENIES_TYPE:
		verify_set(d, &proof, name, NULL);
		break;
	case DENIES_LIE:
		report_denial(d, name, type, "it lists that type, an alias or a cut at ", name);
		break;
	case DENIES_OPT_OUT:
		// Only an empty non-terminal above delegations may do without (RFC 5155 section 7.1).
		if (!knot_dname_is_equal(name, d->zone) && has_cut_below(d, name)) {
			(void)check_enclosed(d, name, type, &encloser);
		} else {
			fail_denial(d, &proof, name, type, "there is none at ", name);
		}
		break;
	default:
		fail_denial(d, &proof, name, type, "there is none at ", name);
		break;
	}
}

/*! NXDOMAIN, or NODATA at a wildcard (RFC 5155 sections 8.4 and 8.7). */
static void check_nsec3_absent(dnssec_t *d, const knot_dname_t *name, uint16_t type, bool wildcard)
{
	const knot_dname_t *encloser;
	knot_dname_storage_t at;
	denial_t enclosed = check_enclosed(d, name, type, &encloser);
	if (enclosed == DENIES_NOT || !name_wildcard(at, encloser)) {
		return;
	}
	proof_t proof;
	denial_t denial = ask_nsec3(d, at, type, &proof, NULL);
	if (wildcard ? denial == DENIES_TYPE : denial == DENIES_NAME || denial == DENIES_OPT_OUT) {
		verify_set(d, &proof, name, NULL);
	} else {
		// What an opt-out covers is insecure, and no more than that (RFC 5155 section 9.2).
		d->opted_out = wildcard && enclosed == DENIES_OPT_OUT && denial != DENIES_LIE;
		fail_denial(d, &proof, name, type,
		            wildcard ? "there is none at " : "there is none over ", at);
		d->opted_out = false;
	}
}

/*! The name or the type is not there. */
static void check_denial(dnssec_t *d, const knot_dname_t *name, uint16_t type, bool nxdomain)
{
	if (d->blind) {
		return;
	}
	bool exists = caaudit_view_exists(d->audit->view, name);
	if (d->nsec3) {
		if (exists) {
			check_nsec3_nodata(d, name, type);
		} else {
			check_nsec3_absent(d, name, type, !nxdomain);
		}
		return;
	}
	if (exists) {
		check_nsec_nodata(d, name, type, name);
		return;
	}
	const knot_dname_t *encloser = name_parent(name);
	while (!caaudit_view_exists(d->audit->view, encloser)) {
		encloser = name_parent(encloser);
	}
	knot_dname_storage_t wildcard;
	check_nsec_absent(d, name, type, name);
	if (name_wildcard(wildcard, encloser)) {
		if (nxdomain) {
			check_nsec_absent(d, name, type, wildcard);
		} else {
			check_nsec_nodata(d, name, type, wildcard);
		}
	}
}

/*!
 * \brief What a resolver needs to go on to a child zone (RFC 4035 section 5.2).
 *
 * A DS that is signed, or the proof that there is none: then what the child
 * says is unsigned, and believed. Without it nothing that it says is.
 */
static void check_cut(dnssec_t *d, const knot_dname_t *cut)
{
	bool added;
	proof_t proof;
	if (note(d, cut, KEY_QUESTION(KNOT_RRTYPE_DS), &added) == NULL || !added) {
		return;
	}
	proofs_at(d->proofs, cut, KNOT_RRTYPE_DS, &proof);
	if (proof.set.count > 0) {
		verify_set(d, &proof, cut, NULL);
		return;
	} else if (proof.gap != NULL) {
		lose(d, cut, proof.gap);
		return;
	} else if (d->blind) {
		return;
	}
	const knot_dname_t *encloser;
	switch (d->nsec3 ? ask_nsec3(d, cut, KNOT_RRTYPE_DS, &proof, NULL) :
	                   ask_nsec(d, cut, KNOT_RRTYPE_DS, &proof)) {
	case DENIES_TYPE:
		verify_set(d, &proof, cut, NULL);
		break;
	case DENIES_LIE:
		report_denial(d, cut, KNOT_RRTYPE_DS, "it lists that type, or no delegation, at ",
		              cut);
		break;
	case DENIES_OPT_OUT: // RFC 5155 section 8.9.
		(void)check_enclosed(d, cut, KNOT_RRTYPE_DS, &encloser);
		break;
	default:
		fail_denial(d, &proof, cut, KNOT_RRTYPE_DS, "there is none at ", cut);
		break;
	}
}

/*! A wildcard answers: the name itself must not be there (RFC 4035 section 5.3.4, RFC 5155 8.8). */
static void check_expansion(dnssec_t *d, const knot_dname_t *name, const knot_dname_t *wildcard)
{
	if (d->blind) {
		return;
	}
	if (!d->nsec3) {
		check_nsec_absent(d, name, 0, name);
		return;
	}
	const knot_dname_t *next = next_closer(name, name_parent(wildcard));
	proof_t proof;
	denial_t denial = ask_nsec3(d, next, 0, &proof, NULL);
	if (denial == DENIES_NAME || denial == DENIES_OPT_OUT) {
		verify_set(d, &proof, name, NULL);
	} else {
		fail_denial(d, &proof, name, 0, "there is none over ", next);
	}
}

/*! Is a name that a wildcard stands for one that may be an unsigned delegation? */
static bool is_opted_out(dnssec_t *d, const knot_dname_t *name, const knot_dname_t *wildcard)
{
	proof_t proof;
	return d->nsec3 && !d->blind &&
	       ask_nsec3(d, next_closer(name, name_parent(wildcard)), 0, &proof, NULL) ==
	               DENIES_OPT_OUT;
}

/* --- Questions ------------------------------------------------------------------------------ */

/*! Verifies the answer of one step of a question, once. */
static bool check_step(void *context, const caaudit_chain_t *step, asked_t asked)
{
	dnssec_t *d = context;
	const caaudit_lookup_t *lookup = &step->lookup;
	const knot_dname_t *name = step->at;
	bool added;
	if (lookup->answer == CAAUDIT_OUTSIDE ||
	    note(d, name, KEY_QUESTION(step->type), &added) == NULL || !added) {
		return !d->audit->failed;
	}
	d->unexpected = asked == ASKED_PERHAPS;
	switch (lookup->answer) {
	case CAAUDIT_ANSWER:
	case CAAUDIT_CNAME:
	case CAAUDIT_DNAME:
		d->opted_out = lookup->wildcard && lookup->answer == CAAUDIT_ANSWER &&
		               is_opted_out(d, name, lookup->source);
		verify_answer(d, lookup->rrset, name);
		d->opted_out = false;
		if (lookup->wildcard) {
			check_expansion(d, name, lookup->source);
		}
		break;
	case CAAUDIT_NODATA:
	case CAAUDIT_NXDOMAIN:
		check_denial(d, name, step->type, lookup->answer == CAAUDIT_NXDOMAIN);
		break;
	case CAAUDIT_DELEGATED:
		check_cut(d, lookup->source);
		break;
	default:
		break; // Not answered by this zone.
	}
	d->unexpected = false;
	return !d->audit->failed;
}

/* --- The zone ------------------------------------------------------------------------------- */

/*! Looks whether validators follow the chain of NSEC3. */
static void check_iterations(dnssec_t *d)
{
	const dnssec_nsec3_params_t *params = view_nsec3_params(d->audit->view);
	d->nsec3 = params != NULL;
	if (!d->nsec3 || params->iterations <= ITERATIONS_FOLLOWED) {
		return;
	}
	d->blind = params->iterations > NSEC3_ITERATIONS_MAX;
	draft_t *draft = audit_draft(d->audit, CAAUDIT_DNSSEC_DENIAL_ITERATIONS, d->zone);
	text_add(&draft->what, "NSEC3 with %u iterations: %s validators do not follow it",
	         params->iterations, d->blind ? "most" : "some");
	audit_report(d->audit);
}

static void report_weak(dnssec_t *d, const char *fmt, unsigned algorithm)
{
	draft_t *draft = audit_draft(d->audit, CAAUDIT_DNSSEC_ALGORITHM_WEAK, d->zone);
	text_add(&draft->what, "%s %u", fmt, algorithm);
	audit_report(d->audit);
}

/*! Follows the anchors, if there are any. */
static void check_chain(dnssec_t *d, const proof_t *proof, bool entry, const signed_by_t *by)
{
	const caaudit_policy_t *policy = d->audit->policy;
	if (policy->anchor_count == 0) {
		// The SEP flag is but a hint, and here the only one (RFC 4034 section 2.1.1).
		if (entry && by->state == SIGNED_WELL && !by->entry && proof->gap != NULL) {
			lose(d, d->zone,
			     proof->gap); // One by such a key may be missing here alone.
		} else if (entry && by->state == SIGNED_WELL && !by->entry) {
			draft_t *draft = audit_draft(d->audit, CAAUDIT_DNSSEC_RRSIG_MISSING,
			                             d->zone);
			draft->severity = CAAUDIT_WARNING;
			text_add(&draft->what, "DNSKEY is signed by no key with the SEP flag, and "
			                       "the parent's DS as a rule names one");
			audit_report(d->audit);
		}
		return;
	}
	trust_t trust;
	if (!keys_follow(d->keys, policy->anchor, policy->anchor_count, proof->set, proof->sigs,
	                 d->audit->now, &trust)) {
		d->audit->failed = true;
		return;
	}
	switch (trust.state) {
	case CHAIN_WHOLE:
		d->state.trust = CAAUDIT_CHAIN_WHOLE;
		break;
	case CHAIN_INSECURE:
		d->state.trust = CAAUDIT_CHAIN_INSECURE;
		break;
	case CHAIN_OPEN:
		d->unsupported = trust.algorithm;
		break;
	case CHAIN_BROKEN:
		if (proof->gap != NULL && trust.matched) {
			lose(d, d->zone, proof->gap); // Its signature may be missing here alone.
			break;
		}
		d->state.trust = CAAUDIT_CHAIN_BROKEN;
		draft_t *draft = audit_draft(d->audit, CAAUDIT_DNSSEC_CHAIN_BROKEN, d->zone);
		text_add(&draft->what, "no trust anchor holds: %s", trust.why);
		audit_report(d->audit);
		break;
	}
	if (trust.weak) {
		report_weak(d, "the only DS that counts has digest type", 1);
	}
}

static void check_apex(dnssec_t *d, caaudit_rrset_t dnskey)
{
	uint8_t weak;
	bool entry;
	if (!keys_strong(d->keys, &weak, &entry) && weak > 0) {
		report_weak(d,
		            "every key is of an algorithm that must not be used any more, such as",
		            weak);
	}
	proof_t proof;
	signed_by_t by = { .state = SIGNED_NOT };
	proofs_at(d->proofs, d->zone, KNOT_RRTYPE_DNSKEY, &proof);
	proof.set = dnskey;
	(void)verify_set(d, &proof, d->zone, &by);
	check_chain(d, &proof, entry, &by);
	verify_answer(d, caaudit_view_rrset(d->audit->view, d->zone, KNOT_RRTYPE_SOA), d->zone);
}

/*! No DNSKEY: an unsigned zone, if nothing speaks against it. */
static void check_unsigned(dnssec_t *d)
{
	const caaudit_policy_t *policy = d->audit->policy;
	if (policy->anchor_count > 0) {
		d->state.trust = CAAUDIT_CHAIN_BROKEN;
		draft_t *draft = audit_draft(d->audit, CAAUDIT_DNSSEC_CHAIN_BROKEN, d->zone);
		text_add(&draft->what,
		         "the zone has no DNSKEY, but there is a trust anchor for it");
		audit_report(d->audit);
	} else if (view_has_signed_soa(d->audit->view)) {
		draft_t *draft = audit_draft(d->audit, CAAUDIT_DNSSEC_RRSIG_INVALID, d->zone);
		text_add(&draft->what, "the zone is signed, but has no DNSKEY");
		audit_report(d->audit);
	}
}

static void check_signed(dnssec_t *d, caaudit_rrset_t dnskey)
{
	d->state.is_signed = true;
	check_apex(d, dnskey);
	check_iterations(d);
	(void)questions_visit(d->audit->view, d->audit->policy, check_step, d);
	report_held(d);
}

/*! Reports what could not be looked at. */
static void report_gaps(dnssec_t *d)
{
	if (d->gaps > 0) {
		text_t what = TEXT_EMPTY, why = TEXT_EMPTY;
		text_add(&what, "signatures and denials at %s", NAME(d->gap_name));
		if (d->gaps > 1) {
			text_add(&what, " and %zu more", d->gaps - 1);
		}
		text_add(&why, "%s", d->gap_why);
		audit_gap(d->audit, &what, &why);
	}
	if (d->unsupported > 0) {
		text_t what = TEXT_EMPTY, why = TEXT_EMPTY;
		text_add(&what, "signatures of DNSSEC algorithm %u", d->unsupported);
		text_add(&why, "libdnssec does not verify it here");
		audit_gap(d->audit, &what, &why);
	}
}

void check_dnssec(audit_t *audit)
{
	dnssec_t d = {
		.audit = audit,
		.proofs = view_proofs(audit->view),
		.zone = caaudit_view_zone(audit->view),
	};
	caaudit_rrset_t dnskey = caaudit_view_rrset(audit->view, d.zone, KNOT_RRTYPE_DNSKEY);
	d.keys = keys_new(d.zone, dnskey, audit->policy->memo);
	if (d.keys == NULL) {
		audit->failed = true;
	} else if (dnskey.count == 0) {
		check_unsigned(&d);
	} else {
		check_signed(&d, dnskey);
		report_gaps(&d);
	}
	if (!audit->failed && audit->policy->memo != NULL) {
		memo_turn(audit->policy->memo);
	}
	audit->dnssec = d.state;
	namemap_clear(&d.done);
	keys_free(d.keys);
}
