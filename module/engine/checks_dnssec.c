/* SPDX-License-Identifier: GPL-2.0-or-later */

/*
 * Would a CA that validates believe the answers? Asked is what the CA asks: CAA
 * at each step of the climb, and the validation CNAMEs; not the TXT, of which a
 * view keeps no signatures. DNSKEY and SOA come first, since without them nothing
 * is believed.
 */

#include <stdlib.h>
#include <string.h>

#include <libknot/descriptor.h>
#include <libknot/errcode.h>

#include "audit.h"
#include "dnssec.h"
#include "hash.h"
#include "known.h"
#include "memo.h"
#include "names.h"
#include "view.h"

/*! Aliases that a look-up follows, as in evaluate.c. */
#define MAX_ALIASES 16
/*! Iterations that every validator follows (RFC 9276 section 3.2). */
#define ITERATIONS_FOLLOWED 50
/*! Time that a signature lasts at least beyond the TTL: half of Knot's propagation delay. */
#define SPARE_TIME 1800

/*! What was done already. */
typedef struct {
	uint64_t hash;
	knot_dname_t *name; /*!< NULL if the place is free. */
	uint16_t type;
	bool asked;     /*!< A question, else an RRset. */
	uint8_t result; /*!< Answer of a question; of an RRset 1 if it is valid. */
} done_t;

typedef struct {
	audit_t *audit;
	const keep_t *keep;
	keep_t *nothing; /*!< Stands in where the view kept nothing. */
	keys_t *keys;
	const knot_dname_t *zone;
	nsec3_params_t params;
	bool nsec3;      /*!< The server answers from the NSEC3 chain. */
	bool blind;      /*!< Nobody follows that chain. */
	bool opted_out;  /*!< What is being verified would do without a signature. */
	bool unexpected; /*!< Nobody is known to ask for it. */
	done_t *done;    /*!< Hash table, a power of two. */
	size_t done_count;
	size_t done_size;
	uint64_t hashing;               /*!< Work of all the hashes so far. */
	size_t lost;                    /*!< Names about which records were dropped. */
	knot_dname_storage_t lost_name; /*!< The first of them. */
	const char *lost_why;
	uint8_t unsupported; /*!< Algorithm that could not be verified, or 0. */
	caaudit_dnssec_t state;
} dnssec_t;

/* --- Done once ------------------------------------------------------------------------------ */

static uint64_t hash_question(const knot_dname_t *name, uint16_t type, bool asked)
{
	uint64_t hash = hash_octets(HASH_SEED ^ type ^ (uint64_t)asked << 16, name,
	                            knot_dname_size(name));
	return hash ^ hash >> 32;
}

static bool grow_done(dnssec_t *d)
{
	size_t size = d->done_size == 0 ? 64 : 2 * d->done_size;
	done_t *grown = calloc(size, sizeof(*grown));
	if (grown == NULL) {
		return false;
	}
	for (size_t i = 0; i < d->done_size; i++) {
		if (d->done[i].name == NULL) {
			continue;
		}
		size_t pos = d->done[i].hash & (size - 1);
		while (grown[pos].name != NULL) {
			pos = (pos + 1) & (size - 1);
		}
		grown[pos] = d->done[i];
	}
	free(d->done);
	d->done = grown;
	d->done_size = size;
	return true;
}

/*!
 * \brief Finds what became of a question or an RRset, or begins with it.
 *
 * \param[out] again  It is there already.
 *
 * \return Place, valid until the next call; NULL if out of memory.
 */
static done_t *find_done(dnssec_t *d, const knot_dname_t *name, uint16_t type, bool asked,
                         bool *again)
{
	if (2 * d->done_count >= d->done_size && !grow_done(d)) {
		d->audit->failed = true;
		return NULL;
	}
	uint64_t hash = hash_question(name, type, asked);
	size_t pos = hash & (d->done_size - 1);
	for (; d->done[pos].name != NULL; pos = (pos + 1) & (d->done_size - 1)) {
		done_t *done = &d->done[pos];
		if (done->hash == hash && done->type == type && done->asked == asked &&
		    knot_dname_is_equal(done->name, name)) {
			*again = true;
			return done;
		}
	}
	size_t size = knot_dname_size(name);
	knot_dname_t *copy = malloc(size);
	if (copy == NULL) {
		d->audit->failed = true;
		return NULL;
	}
	memcpy(copy, name, size);
	d->done[pos] = (done_t){ .hash = hash, .name = copy, .type = type, .asked = asked };
	d->done_count++;
	*again = false;
	return &d->done[pos];
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

/*! Appends a time in UTC. */
static void add_time(text_t *text, uint64_t time)
{
	// Days since 0000-03-01, so that the leap day is the last of a year.
	uint64_t days = time / 86400 + 719468;
	unsigned second = time % 86400;
	uint64_t era = days / 146097;
	unsigned day = days % 146097;
	unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	day -= 365 * year + year / 4 - year / 100;
	unsigned month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5;
	month = month < 10 ? month + 3 : month - 9;
	text_add(text, "%u-%02u-%02u %02u:%02u UTC", (unsigned)(era * 400) + year + (month <= 2),
	         month, day + 1, second / 3600, second / 60 % 60);
}

/*! Says what an RRset is for: a denial stands at a name that nobody asked for. */
static void add_purpose(draft_t *draft, const caaudit_record_t *first, const knot_dname_t *name)
{
	if (first->type == KNOT_RRTYPE_NSEC || first->type == KNOT_RRTYPE_NSEC3) {
		text_add(&draft->text, ", needed at ");
		text_name(&draft->text, name);
	}
}

/*! Says that a validator puts up with it. */
static void add_excuse(const dnssec_t *d, draft_t *draft)
{
	if (d->opted_out) {
		draft->severity = CAAUDIT_WARNING;
		text_add(&draft->text,
		         "; validators take the answer for unsigned, since NSEC3 with "
		         "opt-out covers the name");
	}
}

/* --- RRsets --------------------------------------------------------------------------------- */

static void report_bad(dnssec_t *d, const caaudit_record_t *first, const signed_by_t *by,
                       const knot_dname_t *name)
{
	draft_t *draft;
	const char *type = type_name(first->type);
	if (by->state == SIGNED_NOT) {
		draft = audit_draft(d->audit, CAAUDIT_DNSSEC_RRSIG_MISSING, first->owner);
		text_add(&draft->text, "%s has no signature", type);
		add_purpose(draft, first, name);
		add_excuse(d, draft);
	} else if (by->state == SIGNED_EXPIRED) {
		draft = audit_draft(d->audit, CAAUDIT_DNSSEC_RRSIG_EXPIRED, first->owner);
		text_add(&draft->text, "the signature over %s by key %u expired on ", type,
		         by->tag);
		add_time(&draft->text, full_time(by->expiration, d->audit->now));
		add_purpose(draft, first, name);
	} else {
		draft = audit_draft(d->audit, CAAUDIT_DNSSEC_RRSIG_INVALID, first->owner);
		text_add(&draft->text, "no signature over %s is valid", type);
		add_purpose(draft, first, name);
		text_add(&draft->text, "; that by key %u, algorithm %u: %s", by->tag, by->algorithm,
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

static void check_end(dnssec_t *d, const caaudit_record_t *first, const signed_by_t *by,
                      const knot_dname_t *name)
{
	uint64_t end = full_time(by->expiration, d->audit->now);
	if (d->state.expires == 0 || end < d->state.expires) {
		d->state.expires = end;
	}
	if (end - d->audit->now >= warning_time(d, by, first->ttl)) {
		return;
	}
	draft_t *draft = audit_draft(d->audit, CAAUDIT_DNSSEC_RRSIG_EXPIRING, first->owner);
	text_add(&draft->text, "the signature over %s by key %u ends on ", type_name(first->type),
	         by->tag);
	add_time(&draft->text, end);
	add_purpose(draft, first, name);
	text_add(&draft->text, "; see whether the signer still runs");
	audit_report(d->audit);
}

static void lose(dnssec_t *d, const knot_dname_t *name)
{
	if (d->lost++ > 0) {
		return;
	}
	memcpy(d->lost_name, name, knot_dname_size(name));
	d->lost_why =
		keep_missed(d->keep, name) ?
			"the zone is large, and an alias led there after its records had gone by; "
			"read it from a file or a server, which can be read twice" :
		d->hashing > KEEP_WORK_MAX ?
			"the NSEC3 hashes would take too long" :
			"the zone is large, and its signatures are too many or in no order";
}

/*!
 * \brief Verifies an RRset and reports what is wrong with it, once.
 *
 * \param[in]  name  Name that it is needed for.
 * \param[out] by    Result; may be NULL.
 *
 * \return true if it is valid.
 */
static bool verify_set(dnssec_t *d, const kept_t *kept, const knot_dname_t *name, signed_by_t *by)
{
	const caaudit_record_t *first = kept->set.record[0];
	signed_by_t local;
	by = by != NULL ? by : &local;
	bool again;
	done_t *done = find_done(d, first->owner, first->type, false, &again);
	if (done == NULL || again) {
		return done != NULL && done->result;
	}
	if (!keys_verify(d->keys, kept->set, kept->sigs, d->audit->now, by)) {
		d->audit->failed = true;
		return false;
	}
	if (by->state == SIGNED_UNSUPPORTED) {
		d->unsupported = by->algorithm;
		return false;
	}
	if (by->state != SIGNED_WELL && !kept->sure) { // A better one may have been dropped.
		lose(d, name);
		return false;
	}
	d->state.checked++;
	done->result = by->state == SIGNED_WELL;
	d->state.valid += done->result;
	if (done->result) {
		check_end(d, first, by, name);
	} else {
		report_bad(d, first, by, name);
	}
	return done->result;
}

/*! The same for an RRset that the view stores. */
static bool verify_answer(dnssec_t *d, caaudit_rrset_t set, const knot_dname_t *name)
{
	kept_t kept;
	keep_signatures(d->keep, set.record[0]->owner, set.record[0]->type, &kept);
	kept.set = set;
	return verify_set(d, &kept, name, NULL);
}

/* --- Denials -------------------------------------------------------------------------------- */

static void report_denial(dnssec_t *d, const knot_dname_t *name, uint16_t type, const char *what,
                          const knot_dname_t *about)
{
	draft_t *draft = audit_draft(d->audit, CAAUDIT_DNSSEC_DENIAL_MISSING, name);
	text_add(&draft->text, "no %s proves that %s is not there: ", d->nsec3 ? "NSEC3" : "NSEC",
	         type == 0 ? "the name" : type_name(type));
	text_add(&draft->text, "%s", what);
	text_name(&draft->text, about);
	add_excuse(d, draft);
	audit_report(d->audit);
}

/*! Puts a proof into words that fit a finding. */
static void fail_denial(dnssec_t *d, const kept_t *kept, const knot_dname_t *name, uint16_t type,
                        const char *what, const knot_dname_t *about)
{
	if (!kept->sure) {
		lose(d, about);
	} else {
		report_denial(d, name, type, what, about);
	}
}

/*! The NSEC at a name or before it, and what it says. */
static denial_t ask_nsec(const dnssec_t *d, const knot_dname_t *name, uint16_t type, kept_t *kept)
{
	keep_nsec(d->keep, name, kept);
	return kept->set.count == 0 ? DENIES_NOT :
	                              nsec_denies(kept->set.record[0], d->zone, name, type);
}

/*! The NSEC3 at a name's hash or before it, and what it says. */
static denial_t ask_nsec3(dnssec_t *d, const knot_dname_t *name, uint16_t type, kept_t *kept,
                          bool *encloses)
{
	uint8_t hash[KEEP_HASH_SIZE];
	*kept = (kept_t){ .sure = true };
	if (encloses != NULL) {
		*encloses = false;
	}
	if (d->hashing > KEEP_WORK_MAX) {
		kept->sure = false;
		return DENIES_NOT;
	}
	d->hashing += nsec3_work(&d->params);
	if (!nsec3_hash(&d->params, name, hash)) {
		d->audit->failed = true;
		return DENIES_NOT;
	}
	keep_nsec3(d->keep, hash, &d->params, kept);
	if (kept->set.count == 0) {
		return DENIES_NOT;
	}
	bool at_apex = knot_dname_is_equal(name, d->zone);
	if (encloses != NULL) {
		*encloses = nsec3_encloses(kept->set.record[0], hash, at_apex);
	}
	return nsec3_denies(kept->set.record[0], d->zone, hash, at_apex, type);
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

/*! The wildcard at an encloser; one that would be too long is not there either. */
static bool make_wildcard(knot_dname_storage_t out, const knot_dname_t *encloser)
{
	size_t size = knot_dname_size(encloser);
	if (size + 2 > KNOT_DNAME_MAXLEN) {
		return false;
	}
	out[0] = 1;
	out[1] = '*';
	memcpy(out + 2, encloser, size);
	return true;
}

/*! NODATA at a name that exists, or at a wildcard (RFC 4035 section 5.4). */
static void check_nsec_nodata(dnssec_t *d, const knot_dname_t *name, uint16_t type,
                              const knot_dname_t *at)
{
	kept_t kept;
	switch (ask_nsec(d, at, type, &kept)) {
	case DENIES_TYPE:
	case DENIES_EMPTY:
		verify_set(d, &kept, name, NULL);
		break;
	case DENIES_LIE:
		report_denial(d, name, type, "it lists that type, an alias or a cut at ", at);
		break;
	default:
		fail_denial(d, &kept, name, type, "there is none at ", at);
		break;
	}
}

/*! That a name does not exist. */
static void check_nsec_absent(dnssec_t *d, const knot_dname_t *name, uint16_t type,
                              const knot_dname_t *at)
{
	kept_t kept;
	if (ask_nsec(d, at, type, &kept) == DENIES_NAME) {
		verify_set(d, &kept, name, NULL);
	} else {
		fail_denial(d, &kept, name, type, "there is none over ", at);
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
	kept_t at_encloser, over_next;
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
	kept_t kept;
	const knot_dname_t *encloser;
	switch (ask_nsec3(d, name, type, &kept, NULL)) {
	case DENIES_TYPE:
		verify_set(d, &kept, name, NULL);
		break;
	case DENIES_LIE:
		report_denial(d, name, type, "it lists that type, an alias or a cut at ", name);
		break;
	case DENIES_OPT_OUT:
		// Only an empty non-terminal above delegations may do without (RFC 5155 section 7.1).
		if (!knot_dname_is_equal(name, d->zone) && has_cut_below(d, name)) {
			(void)check_enclosed(d, name, type, &encloser);
		} else {
			fail_denial(d, &kept, name, type, "there is none at ", name);
		}
		break;
	default:
		fail_denial(d, &kept, name, type, "there is none at ", name);
		break;
	}
}

/*! NXDOMAIN, or NODATA at a wildcard (RFC 5155 sections 8.4 and 8.7). */
static void check_nsec3_absent(dnssec_t *d, const knot_dname_t *name, uint16_t type, bool wildcard)
{
	const knot_dname_t *encloser;
	knot_dname_storage_t at;
	denial_t enclosed = check_enclosed(d, name, type, &encloser);
	if (enclosed == DENIES_NOT || !make_wildcard(at, encloser)) {
		return;
	}
	kept_t kept;
	denial_t denial = ask_nsec3(d, at, type, &kept, NULL);
	if (wildcard ? denial == DENIES_TYPE : denial == DENIES_NAME || denial == DENIES_OPT_OUT) {
		verify_set(d, &kept, name, NULL);
	} else {
		// What an opt-out covers is insecure, and no more than that (RFC 5155 section 9.2).
		d->opted_out = wildcard && enclosed == DENIES_OPT_OUT && denial != DENIES_LIE;
		fail_denial(d, &kept, name, type,
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
	if (make_wildcard(wildcard, encloser)) {
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
	bool again;
	kept_t kept;
	if (find_done(d, cut, KNOT_RRTYPE_DS, true, &again) == NULL || again) {
		return;
	}
	keep_signatures(d->keep, cut, KNOT_RRTYPE_DS, &kept);
	if (kept.set.count > 0) {
		verify_set(d, &kept, cut, NULL);
		return;
	} else if (!kept.sure) {
		lose(d, cut);
		return;
	} else if (d->blind) {
		return;
	}
	const knot_dname_t *encloser;
	switch (d->nsec3 ? ask_nsec3(d, cut, KNOT_RRTYPE_DS, &kept, NULL) :
	                   ask_nsec(d, cut, KNOT_RRTYPE_DS, &kept)) {
	case DENIES_TYPE:
		verify_set(d, &kept, cut, NULL);
		break;
	case DENIES_LIE:
		report_denial(d, cut, KNOT_RRTYPE_DS, "it lists that type, or no delegation, at ",
		              cut);
		break;
	case DENIES_OPT_OUT: // RFC 5155 section 8.9.
		(void)check_enclosed(d, cut, KNOT_RRTYPE_DS, &encloser);
		break;
	default:
		fail_denial(d, &kept, cut, KNOT_RRTYPE_DS, "there is none at ", cut);
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
	kept_t kept;
	denial_t denial = ask_nsec3(d, next, 0, &kept, NULL);
	if (denial == DENIES_NAME || denial == DENIES_OPT_OUT) {
		verify_set(d, &kept, name, NULL);
	} else {
		fail_denial(d, &kept, name, 0, "there is none over ", next);
	}
}

/*! Is a name that a wildcard stands for one that may be an unsigned delegation? */
static bool is_opted_out(dnssec_t *d, const knot_dname_t *name, const knot_dname_t *wildcard)
{
	kept_t kept;
	return d->nsec3 && !d->blind &&
	       ask_nsec3(d, next_closer(name, name_parent(wildcard)), 0, &kept, NULL) ==
	               DENIES_OPT_OUT;
}

/* --- Questions ------------------------------------------------------------------------------ */

/*! One step of an alias chain. */
static caaudit_answer_t check_step(dnssec_t *d, const knot_dname_t *name, uint16_t type,
                                   caaudit_lookup_t *lookup)
{
	caaudit_view_lookup(d->audit->view, name, type, lookup);
	bool again;
	if (lookup->answer == CAAUDIT_OUTSIDE || find_done(d, name, type, true, &again) == NULL ||
	    again) {
		return lookup->answer;
	}
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
		check_denial(d, name, type, lookup->answer == CAAUDIT_NXDOMAIN);
		break;
	case CAAUDIT_DELEGATED:
		check_cut(d, lookup->source);
		break;
	default:
		break; // Not answered by this zone.
	}
	return lookup->answer;
}

/*! A question, aliases followed. */
static caaudit_answer_t check_question(dnssec_t *d, const knot_dname_t *name, uint16_t type)
{
	knot_dname_storage_t at;
	memcpy(at, name, knot_dname_size(name));
	for (unsigned aliases = 0; aliases <= MAX_ALIASES && !d->audit->failed; aliases++) {
		caaudit_lookup_t lookup;
		caaudit_answer_t answer = check_step(d, at, type, &lookup);
		if (answer != CAAUDIT_CNAME && answer != CAAUDIT_DNAME) {
			return answer;
		}
		memcpy(at, lookup.target, knot_dname_size(lookup.target));
	}
	return CAAUDIT_DNAME_LONG;
}

/*! The climb of RFC 8659 section 3, for plain and wildcard names alike, as far as this zone can tell:
    a child zone may have CAA or not. */
static void check_climb(dnssec_t *d, const knot_dname_t *host)
{
	for (const knot_dname_t *name = host; name_in(name, d->zone) && !d->audit->failed;
	     name = name_parent(name)) {
		caaudit_answer_t answer = check_question(d, name, KNOT_RRTYPE_CAA);
		if ((answer != CAAUDIT_NODATA && answer != CAAUDIT_NXDOMAIN &&
		     answer != CAAUDIT_DELEGATED) ||
		    *name == 0) {
			return;
		}
	}
}

/*! A validation CNAME, and the levels at which the CA asks before it finds it. */
static void check_validation(dnssec_t *d, const knot_dname_t *owner)
{
	if (knot_dname_is_equal(owner, d->zone)) {
		return;
	}
	const knot_dname_t *found = NULL;
	knot_dname_storage_t at;
	for (const knot_dname_t *host = name_parent(owner); found == NULL && name_in(host, d->zone);
	     host = name_parent(host)) {
		caaudit_lookup_t lookup;
		name_move(at, owner, host);
		caaudit_view_lookup(d->audit->view, at, KNOT_RRTYPE_CNAME, &lookup);
		if (lookup.answer == CAAUDIT_ANSWER) {
			found = host;
		}
		if (*host == 0) {
			break;
		}
	}
	// One that is missing is reported already.
	for (const knot_dname_t *host = name_parent(owner); found != NULL;
	     host = name_parent(host)) {
		name_move(at, owner, host);
		(void)check_question(d, at, KNOT_RRTYPE_CNAME);
		if (host == found) {
			break;
		}
	}
}

/*! Validation CNAMEs that are as a CA gave them: that nothing here expects them says little. */
static void check_unexpected(dnssec_t *d)
{
	size_t pos = 0;
	caaudit_rrset_t set;
	d->unexpected = true;
	while (caaudit_view_next(d->audit->view, KNOT_RRTYPE_CNAME, &pos, &set)) {
		const caaudit_record_t *cname = set.record[0];
		known_fit_t fit;
		const known_validation_t *family = cname->owner[0] > 0 && cname->owner[1] == '_' ?
		                                           known_validation(cname->rdata,
		                                                            cname->rdlen, &fit) :
		                                           NULL;
		caaudit_lookup_t lookup;
		if (family == NULL || fit != KNOWN_FITS ||
		    known_validation_owner(family, cname->owner) != KNOWN_FITS) {
			continue;
		}
		caaudit_view_lookup(d->audit->view, cname->owner, KNOT_RRTYPE_CNAME, &lookup);
		if (lookup.answer == CAAUDIT_ANSWER) { // Else something hides it.
			(void)check_step(d, cname->owner, KNOT_RRTYPE_CNAME, &lookup);
		}
	}
	d->unexpected = false;
}

/* --- The zone ------------------------------------------------------------------------------- */

/*! Chooses the chain that the server answers from. */
static void choose_chain(dnssec_t *d)
{
	caaudit_rrset_t set = caaudit_view_rrset(d->audit->view, d->zone, KNOT_RRTYPE_NSEC3PARAM);
	for (size_t i = 0; i < set.count && !d->nsec3; i++) {
		const caaudit_record_t *record = set.record[i];
		// Flags other than 0 make it one to ignore (RFC 5155 section 4.1.2).
		d->nsec3 = nsec3_params(record->rdata, record->rdlen, &d->params) &&
		           d->params.algorithm == 1 && record->rdata[1] == 0;
	}
	if (!d->nsec3 || d->params.iterations <= ITERATIONS_FOLLOWED) {
		return;
	}
	d->blind = d->params.iterations > KEEP_ITERATIONS_MAX;
	draft_t *draft = audit_draft(d->audit, CAAUDIT_DNSSEC_DENIAL_ITERATIONS, d->zone);
	text_add(&draft->text, "NSEC3 with %u iterations: %s validators do not follow it",
	         d->params.iterations, d->blind ? "most" : "some");
	audit_report(d->audit);
}

static void report_weak(dnssec_t *d, const char *fmt, unsigned algorithm)
{
	draft_t *draft = audit_draft(d->audit, CAAUDIT_DNSSEC_ALGORITHM_WEAK, d->zone);
	text_add(&draft->text, "%s %u", fmt, algorithm);
	audit_report(d->audit);
}

/*! Follows the anchors, if there are any. */
static void check_chain(dnssec_t *d, const kept_t *kept, bool entry, const signed_by_t *by)
{
	const caaudit_policy_t *policy = d->audit->policy;
	if (policy->anchor_count == 0) {
		// The SEP flag is but a hint, and here the only one (RFC 4034 section 2.1.1).
		if (entry && by->state == SIGNED_WELL && !by->entry) {
			draft_t *draft = audit_draft(d->audit, CAAUDIT_DNSSEC_RRSIG_MISSING,
			                             d->zone);
			draft->severity = CAAUDIT_WARNING;
			text_add(&draft->text, "DNSKEY is signed by no key with the SEP flag, and "
			                       "the parent's DS as a rule names one");
			audit_report(d->audit);
		}
		return;
	}
	trust_t trust;
	if (!keys_follow(d->keys, policy->anchor, policy->anchor_count, kept->set, kept->sigs,
	                 d->audit->now, &trust)) {
		d->audit->failed = true;
		return;
	}
	switch (trust.state) {
	case CHAIN_WHOLE:
		d->state.chain = CAAUDIT_CHAIN_WHOLE;
		break;
	case CHAIN_INSECURE:
		d->state.chain = CAAUDIT_CHAIN_INSECURE;
		break;
	case CHAIN_OPEN:
		d->unsupported = trust.algorithm;
		break;
	case CHAIN_BROKEN:
		d->state.chain = CAAUDIT_CHAIN_BROKEN;
		draft_t *draft = audit_draft(d->audit, CAAUDIT_DNSSEC_CHAIN_BROKEN, d->zone);
		text_add(&draft->text, "no trust anchor holds: %s", trust.why);
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
	kept_t kept;
	signed_by_t by = { .state = SIGNED_NOT };
	keep_signatures(d->keep, d->zone, KNOT_RRTYPE_DNSKEY, &kept);
	kept.set = dnskey;
	(void)verify_set(d, &kept, d->zone, &by);
	check_chain(d, &kept, entry, &by);
	verify_answer(d, caaudit_view_rrset(d->audit->view, d->zone, KNOT_RRTYPE_SOA), d->zone);
}

/*! No DNSKEY: an unsigned zone, if nothing speaks against it. */
static void check_unsigned(dnssec_t *d)
{
	const caaudit_policy_t *policy = d->audit->policy;
	kept_t soa;
	keep_signatures(d->keep, d->zone, KNOT_RRTYPE_SOA, &soa);
	if (policy->anchor_count > 0) {
		d->state.chain = CAAUDIT_CHAIN_BROKEN;
		draft_t *draft = audit_draft(d->audit, CAAUDIT_DNSSEC_CHAIN_BROKEN, d->zone);
		text_add(&draft->text,
		         "the zone has no DNSKEY, but there is a trust anchor for it");
		audit_report(d->audit);
	} else if (soa.sigs.count > 0) {
		draft_t *draft = audit_draft(d->audit, CAAUDIT_DNSSEC_RRSIG_INVALID, d->zone);
		text_add(&draft->text, "the zone is signed, but has no DNSKEY");
		audit_report(d->audit);
	}
}

static void check_signed(dnssec_t *d, caaudit_rrset_t dnskey)
{
	const caaudit_policy_t *policy = d->audit->policy;
	d->state.is_signed = true;
	check_apex(d, dnskey);
	choose_chain(d);
	for (size_t i = 0; i < policy->host_count + policy->validation_count; i++) {
		const knot_dname_t *host = caaudit_policy_host(policy, i);
		if (host != NULL) {
			check_climb(d, host);
		}
	}
	for (size_t i = 0; i < policy->validation_count; i++) {
		if (policy->validation[i].txt == NULL) {
			check_validation(d, policy->validation[i].owner);
		}
	}
	check_unexpected(d);
}

/*! Tells what could not be looked at. */
static void tell_gaps(dnssec_t *d)
{
	if (d->lost > 0) {
		text_t what = TEXT_EMPTY, why = TEXT_EMPTY;
		text_add(&what, "signatures and denials at ");
		text_name(&what, d->lost_name);
		if (d->lost > 1) {
			text_add(&what, " and %zu more", d->lost - 1);
		}
		text_add(&why, "%s", d->lost_why);
		audit_not_checked(d->audit, &what, &why);
	}
	if (d->unsupported > 0) {
		text_t what = TEXT_EMPTY, why = TEXT_EMPTY;
		text_add(&what, "signatures of DNSSEC algorithm %u", d->unsupported);
		text_add(&why, "libdnssec does not verify it here");
		audit_not_checked(d->audit, &what, &why);
	}
}

void check_dnssec(audit_t *audit)
{
	dnssec_t d = {
		.audit = audit,
		.keep = view_keep(audit->view),
		.zone = caaudit_view_zone(audit->view),
	};
	caaudit_rrset_t dnskey = caaudit_view_rrset(audit->view, d.zone, KNOT_RRTYPE_DNSKEY);
	if (d.keep == NULL) {
		d.nothing = keep_new(d.zone);
		if (d.nothing == NULL || keep_finish(d.nothing) != KNOT_EOK) {
			keep_free(d.nothing);
			audit->failed = true;
			return;
		}
		d.keep = d.nothing;
	}
	d.keys = keys_new(d.zone, dnskey, audit->policy->memo);
	if (d.keys == NULL) {
		audit->failed = true;
	} else if (dnskey.count == 0) {
		check_unsigned(&d);
	} else {
		check_signed(&d, dnskey);
		tell_gaps(&d);
	}
	if (!audit->failed && audit->policy->memo != NULL) {
		memo_turn(audit->policy->memo);
	}
	if (!audit->failed && audit->sink->dnssec != NULL) {
		audit->sink->dnssec(audit->sink, &d.state);
	}

	for (size_t i = 0; i < d.done_size; i++) {
		free(d.done[i].name);
	}
	free(d.done);
	keys_free(d.keys);
	keep_free(d.nothing);
}

int caaudit_audit_want(const caaudit_policy_t *policy, caaudit_view_t *view)
{
	int ret = KNOT_EOK;
	for (size_t i = 0; ret == KNOT_EOK && i < policy->host_count; i++) {
		ret = caaudit_view_want(view, policy->host[i]);
	}
	for (size_t i = 0; i < policy->validation_count; i++) {
		const knot_dname_t *owner = policy->validation[i].owner;
		if (policy->validation[i].txt != NULL) {
			ret = ret == KNOT_EOK ? caaudit_view_want(view, owner) : ret;
			ret = ret == KNOT_EOK ?
			              caaudit_view_want_txt(view, policy->validation[i].txt,
			                                    policy->validation[i].txt_len) :
			              ret;
			continue;
		}
		if (ret == KNOT_EOK && policy->validation[i].target != NULL) {
			ret = caaudit_view_want_target(view, policy->validation[i].target);
		}
		for (const knot_dname_t *host = owner;
		     ret == KNOT_EOK && !knot_dname_is_equal(host, policy->zone);) {
			host = name_parent(host);
			knot_dname_storage_t at;
			name_move(at, owner, host);
			ret = caaudit_view_want(view, at);
		}
	}
	return ret == KNOT_EOK ? caaudit_view_want(view, policy->zone) : ret;
}
