/* SPDX-License-Identifier: GPL-2.0-or-later */

/*! \file \brief Searches the table of CAs and the names of other services. */

#include <string.h>

#include <libknot/descriptor.h>

#include "known.h"
#include "names.h"

/* --- CAs ----------------------------------------------------------------------------------- */

/*! Is a name in a list? The list may be NULL. */
static bool list_has(const char *const *list, const uint8_t *name, size_t len)
{
	for (; list != NULL && *list != NULL; list++) {
		if (octets_equal_str(name, len, *list)) {
			return true;
		}
	}
	return false;
}

const caaudit_ca_info_t *known_ca_next(const caaudit_ca_info_t *after, const uint8_t *name,
                                       size_t len)
{
	const caaudit_ca_info_t *ca = after != NULL ? after + 1 : caaudit_cas;
	for (; ca < caaudit_cas + CAAUDIT_CA__COUNT; ca++) {
		if (list_has(ca->name, name, len)) {
			return ca;
		}
	}
	return NULL;
}

const caaudit_ca_info_t *known_ca_find(const uint8_t *name, size_t len)
{
	const caaudit_ca_info_t *first = known_ca_next(NULL, name, len), *ca = first;
	while (ca != NULL && !octets_equal_str(name, len, ca->name[0])) {
		ca = known_ca_next(ca, name, len);
	}
	return ca != NULL ? ca : first;
}

caaudit_ca_t known_ca_of(const caaudit_ca_info_t *info)
{
	return (caaudit_ca_t){ .name = info->name[0], .alias = info->name };
}

bool known_ca_is_current(const caaudit_ca_info_t *ca, const uint8_t *name, size_t len)
{
	return list_has(ca->name, name, len) && !list_has(ca->deprecated, name, len);
}

/*! Octets before the last label, that is "letsencrypt" of letsencrypt.org. */
static size_t stem_len(const uint8_t *name, size_t len)
{
	size_t stem = len;
	while (stem > 0 && name[stem - 1] != '.') {
		stem--;
	}
	return stem > 0 ? stem - 1 : len;
}

/*! How much a name is like a known one: 0 = not, else the more the closer. */
static unsigned likeness(const uint8_t *name, size_t len, const char *known)
{
	enum { SHORT = 6 }; // Short names are close to many others.
	size_t known_len = strlen(known);
	size_t known_stem = stem_len((const uint8_t *)known, known_len);
	size_t stem = stem_len(name, len);
	// sectgo.com
	if (known_stem >= SHORT && len + 1 >= known_len && len <= known_len + 1 &&
	    octets_distance(name, len, (const uint8_t *)known, known_len, 1) <= 1) {
		return 3;
	}
	// sectigo.net, sectigo; of short ones ssl alone, since sll.com is no ssl.com
	bool word = memchr(name, '.', len) == NULL;
	if ((known_stem >= SHORT || word) &&
	    octets_equal(name, stem, (const uint8_t *)known, known_stem)) {
		return 2;
	}
	// sslcom
	uint8_t plain[64];
	if (word && octets_equal(name, len, plain,
	                         octets_plain((const uint8_t *)known, known_len, "-", plain,
	                                      sizeof(plain)))) {
		return 2;
	}
	// pki.goog.com
	if (len == known_len + 4 && octets_equal_str(name, known_len, known) &&
	    octets_equal_str(name + known_len, 4, ".com")) {
		return 1;
	}
	// www.sectigo.com
	return len > known_len && name[len - known_len - 1] == '.' &&
	       octets_equal_str(name + len - known_len, known_len, known);
}

/*! Is it the name of a product, at whatever time? */
static bool is_product(const uint8_t *name, size_t len)
{
	for (size_t i = 0; i < caaudit_products_count; i++) {
		if (list_has(caaudit_products[i].name, name, len)) {
			return true;
		}
	}
	return false;
}

const char *known_ca_lookalike(const uint8_t *name, size_t len)
{
	if (known_ca_next(NULL, name, len) != NULL || is_product(name, len)) {
		return NULL;
	}
	const char *best = NULL;
	const caaudit_ca_info_t *of = NULL;
	unsigned most = 0;
	bool shared = false; // With another CA: "pki" is the beginning of many names.
	for (size_t i = 0; i < CAAUDIT_CA__COUNT; i++) {
		const caaudit_ca_info_t *ca = &caaudit_cas[i];
		for (const char *const *known = ca->name; *known != NULL; known++) {
			unsigned like = likeness(name, len, *known);
			shared = shared || (like == most && best != NULL && ca != of &&
			                    strcmp(*known, best) != 0);
			if (like > most) {
				most = like;
				of = ca;
				shared = false;
				best = list_has(ca->deprecated, (const uint8_t *)*known,
				                strlen(*known)) ?
				               ca->name[0] :
				               *known;
			}
		}
	}
	return shared && memchr(name, '.', len) == NULL ? NULL : best;
}

const caaudit_product_t *known_product(const uint8_t *name, size_t len, uint64_t now)
{
	for (size_t i = 0; i < caaudit_products_count; i++) {
		const caaudit_product_t *product = &caaudit_products[i];
		if (list_has(product->name, name, len) && product->since <= now &&
		    (product->until == 0 || now < product->until)) {
			return product;
		}
	}
	return NULL;
}

bool known_is_hearsay(const caaudit_product_t *product)
{
	return product->source->certainty >= CAAUDIT_THIRD_PARTY;
}

/* --- Parameters ---------------------------------------------------------------------------- */

/*! Is the CA one of those that accept the name? */
static bool accepts(caaudit_ca_id_t ca, const uint8_t *name, size_t len)
{
	return ca == CAAUDIT_CA_ANY || list_has(caaudit_cas[ca].name, name, len);
}

/*!
 * \brief Finds the host in a URI: "scheme://[user@]host[:port]/..." or "acct:user@host".
 *
 * \return Its octets, 0 if there is none.
 */
static size_t uri_host(const uint8_t *uri, size_t len, const uint8_t **host)
{
	const uint8_t *end = uri + len, *at = memchr(uri, ':', len);
	if (at == NULL) {
		return 0;
	}
	bool acct = octets_equal_str(uri, at - uri, "acct");
	at++;
	if (!acct) {
		if (end - at < 2 || at[0] != '/' || at[1] != '/') {
			return 0;
		}
		at += 2;
	}
	const uint8_t *stop = at;
	while (stop < end && memchr("/?#", *stop, 3) == NULL) {
		stop++;
	}
	const uint8_t *user = memrchr(at, '@', stop - at);
	if (user != NULL) {
		at = user + 1;
	} else if (acct) {
		return 0;
	}
	const uint8_t *port = memchr(at, ':', stop - at);
	*host = at;
	return (port != NULL ? port : stop) - at;
}

/*! Finds the ACME server at a host, NULL if none is known. */
static const caaudit_acme_t *find_acme(const uint8_t *host, size_t len)
{
	for (size_t i = 0; len > 0 && i < caaudit_acmes_count; i++) {
		if (octets_equal_str(host, len, caaudit_acmes[i].host)) {
			return &caaudit_acmes[i];
		}
	}
	return NULL;
}

const caaudit_ca_info_t *known_account_owner(const uint8_t *uri, size_t len)
{
	const uint8_t *host = NULL;
	size_t host_len = len > 0 ? uri_host(uri, len, &host) : 0;
	const caaudit_acme_t *acme = find_acme(host, host_len);
	return acme != NULL ? &caaudit_cas[acme->ca] : NULL;
}

const char *known_account_form(const caaudit_ca_info_t *ca)
{
	for (size_t i = 0; ca != NULL && i < caaudit_acmes_count; i++) {
		if (&caaudit_cas[caaudit_acmes[i].ca] == ca && caaudit_acmes[i].accounts != NULL) {
			return caaudit_acmes[i].accounts;
		}
	}
	return NULL;
}

void known_account_explain(text_t *text, const char *form)
{
	text_add(text, "accounturi is the URI of no account; write %s%s",
	         form != NULL ? form : "the one that the CA gave to the ACME client",
	         form != NULL ? "NUMBER" : "");
}

/*! Does a URI at the host of an ACME server name one of its accounts, octet by octet? */
static bool is_account(const caaudit_acme_t *acme, const uint8_t *uri, size_t len)
{
	static const char http[] = "http:", directory[] = "/directory";
	size_t end = sizeof(directory) - 1,
	       at = acme->accounts != NULL ? strlen(acme->accounts) : 0;
	if (acme->accounts == NULL) { // ACME goes by HTTPS alone: RFC 8555 section 6.1.
		return !octets_equal_str(uri, sizeof(http) - 1, http) &&
		       (len < end || !octets_equal_str(uri + len - end, end, directory));
	}
	bool number = len > at && memcmp(uri, acme->accounts, at) == 0;
	for (; at < len; at++) {
		number = number && uri[at] >= '0' && uri[at] <= '9';
	}
	return number;
}

known_account_t known_account(const uint8_t *issuer, size_t issuer_len, const uint8_t *uri,
                              size_t uri_len, const caaudit_ca_info_t **owner)
{
	const uint8_t *host = NULL;
	size_t len = uri_host(uri, uri_len, &host);
	bool known_issuer = known_ca_next(NULL, issuer, issuer_len) != NULL;
	const caaudit_acme_t *acme = find_acme(host, len);
	if (acme != NULL) {
		bool own = !acme->staging && accepts(acme->ca, issuer, issuer_len);
		if ((!acme->staging && !known_issuer) || (own && is_account(acme, uri, uri_len))) {
			return KNOWN_ACCOUNT_FITS;
		}
		*owner = &caaudit_cas[acme->ca];
		return own           ? KNOWN_ACCOUNT_NONE :
		       acme->staging ? KNOWN_ACCOUNT_STAGING :
		                       KNOWN_ACCOUNT_FOREIGN;
	}
	const caaudit_ca_info_t *ca_of_issuer = known_ca_find(issuer, issuer_len);
	if (uri_len >= 7 && octets_equal_str(uri, 7, "mailto:") &&
	    known_account_form(ca_of_issuer) != NULL) {
		*owner = ca_of_issuer;
		return KNOWN_ACCOUNT_NONE;
	}
	const caaudit_ca_info_t *first = len > 0 ? known_ca_next(NULL, host, len) : NULL;
	for (const caaudit_ca_info_t *ca = first; ca != NULL; ca = known_ca_next(ca, host, len)) {
		if (list_has(ca->name, issuer, issuer_len)) {
			return KNOWN_ACCOUNT_FITS;
		}
	}
	if (first == NULL || !known_issuer) {
		return KNOWN_ACCOUNT_FITS; // Whose it is, or who the CA is, is not known.
	}
	*owner = first;
	return KNOWN_ACCOUNT_FOREIGN;
}

bool known_is_parameter(const uint8_t *issuer, size_t issuer_len, const uint8_t *tag, size_t len)
{
	for (size_t i = 0; i < caaudit_parameters_count; i++) {
		const caaudit_parameter_t *parameter = &caaudit_parameters[i];
		if (octets_equal_str(tag, len, parameter->tag) &&
		    accepts(parameter->ca, issuer, issuer_len)) {
			return true;
		}
	}
	return false;
}

bool known_is_method_label(const uint8_t *label, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (!ascii_alnum(label[i]) && label[i] != '-') {
			return false;
		}
	}
	return len > 0;
}

const caaudit_method_t *known_method(const uint8_t *label, size_t len)
{
	for (size_t i = 0; i < caaudit_methods_count; i++) {
		if (octets_equal_str(label, len, caaudit_methods[i].label)) {
			return &caaudit_methods[i];
		}
	}
	return NULL;
}

bool known_label_admits(const uint8_t *label, size_t len, const char *method)
{
	const caaudit_method_t *row = known_method(OCTETS(method));
	return octets_are(label, len, method) ||
	       (row != NULL && row->also != NULL && octets_are(label, len, row->also));
}

/* --- Validations --------------------------------------------------------------------------- */

/*! The next of several words, or of the labels of a pattern. */
static const char *next_part(const char *part, size_t len)
{
	return part[len] == '\0' ? NULL : part + len + 1;
}

/*! Do octets fit the end of a word: HEX32, ALNUM20, ANY, "*" or nothing? */
static bool class_fits(const uint8_t *octets, size_t len, const char *class, size_t class_len)
{
	if (class_len == 0) {
		return len == 0;
	} else if (class[0] == '*') {
		return true;
	} else if (strncmp(class, "ANY", 3) == 0) {
		return len > 0;
	}
	bool hex = class[0] == 'H';
	size_t number = 0;
	for (size_t i = strlen(hex ? "HEX" : "ALNUM"); i < class_len; i++) {
		number = 10 * number + (class[i] - '0');
	}
	if (hex ? len != number : len == 0 || len > number) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (!(hex ? ascii_hex(octets[i]) : ascii_alnum(octets[i]))) {
			return false;
		}
	}
	return true;
}

/*! Does a label fit a word? cas.def says how words are written. */
static bool label_fits(const uint8_t *label, size_t len, const char *word, size_t word_len)
{
	size_t literal = 0;
	while (literal < word_len && word[literal] != '*' &&
	       !(word[literal] >= 'A' && word[literal] <= 'Z')) {
		literal++;
	}
	return len >= literal && octets_equal(label, literal, (const uint8_t *)word, literal) &&
	       class_fits(label + literal, len - literal, word + literal, word_len - literal);
}

/*!
 * \brief Do the first labels of a name fit a pattern?
 *
 * \param[in] name         Name.
 * \param[in] pattern      Pattern.
 * \param[in] pattern_len  Characters of \a pattern.
 * \param[in] tail         Where the labels end; NULL = anywhere.
 */
static bool labels_fit(const knot_dname_t *name, const char *pattern, size_t pattern_len,
                       const knot_dname_t *tail)
{
	const char *end = pattern + pattern_len;
	while (pattern < end && name != tail && name[0] > 0) {
		size_t len = 0;
		while (pattern + len < end && pattern[len] != '.') {
			len++;
		}
		if (len == 2 && memcmp(pattern, "**", 2) == 0) {
			return true;
		}
		if (!label_fits(name + 1, name[0], pattern, len)) {
			return false;
		}
		name = name_parent(name);
		pattern += len < (size_t)(end - pattern) ? len + 1 : len;
	}
	return pattern == end && (tail == NULL || name == tail);
}

static bool target_fits(const caaudit_form_t *form, const knot_dname_t *target,
                        const knot_dname_t *tail)
{
	for (const char *pattern = form->targets; pattern != NULL;) {
		size_t len = strcspn(pattern, " ");
		if (labels_fit(target, pattern, len, tail)) {
			return true;
		}
		pattern = next_part(pattern, len);
	}
	return false;
}

static bool owner_fits(const caaudit_form_t *form, const uint8_t *label, size_t label_len)
{
	for (const char *word = form->owners; word != NULL;) {
		size_t len = strcspn(word, " ");
		if (label_fits(label, label_len, word, len)) {
			return true;
		}
		word = next_part(word, len);
	}
	return false;
}

/*! Is a name in wire form, \a len + 2 octets, the same as one in presentation form? */
static bool same_name(const knot_dname_t *wire, const char *text, size_t len)
{
	if (ascii_lower(wire[1]) != (uint8_t)text[0]) {
		return false; // Most names differ at once.
	}
	size_t label = 0;
	for (size_t i = len; i > 0; i--) {
		bool dot = text[i - 1] == '.';
		if (ascii_lower(wire[i]) != (dot ? label : (uint8_t)text[i - 1])) {
			return false;
		}
		label = dot ? 0 : label + 1;
	}
	return wire[0] == label && wire[len + 1] == 0;
}

/*! Finds the suffix of a form in a target; NULL if the target does not end with it. */
static const knot_dname_t *find_tail(const caaudit_form_t *form, const knot_dname_t *target,
                                     size_t size)
{
	size_t suffix = form->suffix_len + 2;
	if (size < suffix || !same_name(target + size - suffix, form->suffix, form->suffix_len)) {
		return NULL;
	}
	const knot_dname_t *tail = target + size - suffix, *at = target;
	while (at < tail) {
		at = name_parent(at);
	}
	return at == tail ? tail : NULL; // It may begin in the middle of a label.
}

const caaudit_form_t *known_validation(const knot_dname_t *target, size_t size, known_fit_t *fit)
{
	const caaudit_form_t *near = NULL;
	for (size_t i = 0; i < caaudit_forms_count; i++) {
		const caaudit_form_t *form = &caaudit_forms[i];
		const knot_dname_t *tail = find_tail(form, target, size);
		if (tail == NULL) {
			continue;
		}
		if (target_fits(form, target, tail)) {
			*fit = KNOWN_FITS;
			return form;
		}
		if (near == NULL && target < tail && form->targets[0] != '\0') {
			near = form;
		}
	}
	*fit = KNOWN_MALFORMED;
	return near;
}

const caaudit_form_t *known_target(const knot_dname_t *target, size_t size)
{
	known_fit_t fit;
	const caaudit_form_t *form = known_validation(target, size, &fit);
	return fit == KNOWN_FITS ? form : NULL;
}

bool known_validation_near(const knot_dname_t *zone, size_t size)
{
	if (size == 1) {
		return true; // The root is above everything.
	}
	for (size_t i = 0; i < caaudit_forms_count; i++) {
		const caaudit_form_t *form = &caaudit_forms[i];
		size_t suffix = form->suffix_len + 2;
		if (size >= suffix) {
			if (same_name(zone + size - suffix, form->suffix, form->suffix_len)) {
				return true;
			}
			continue;
		}
		const char *end = form->suffix + (suffix - size);
		if (end[-1] == '.' && same_name(zone, end, size - 2)) {
			return true;
		}
	}
	return false;
}

known_fit_t known_validation_owner(const caaudit_form_t *form, const knot_dname_t *owner)
{
	if (owner_fits(form, owner + 1, owner[0])) {
		return KNOWN_FITS;
	}
	uint8_t label[1 + KNOT_DNAME_MAXLABELLEN] = { '_' };
	memcpy(label + 1, owner + 1, owner[0]);
	return owner[0] > 0 && owner[1] != '_' && owner_fits(form, label, 1 + owner[0]) ?
	               KNOWN_UNDERSCORE :
	               KNOWN_MALFORMED;
}

const caaudit_form_t *known_cname(const caaudit_record_t *record, const knot_dname_t *owner)
{
	const caaudit_form_t *form = record->type == KNOT_RRTYPE_CNAME ?
	                                     known_target(record->rdata, record->rdlen) :
	                                     NULL;
	return form != NULL && known_validation_owner(form, owner) == KNOWN_FITS ? form : NULL;
}

const caaudit_txt_t *known_txt(const knot_dname_t *owner)
{
	for (size_t i = 0; i < caaudit_txts_count; i++) {
		const char *labels = caaudit_txts[i].labels;
		if (labels_fit(owner, labels, strlen(labels), NULL)) {
			return &caaudit_txts[i];
		}
	}
	return NULL;
}

const knot_dname_t *known_txt_host(const caaudit_txt_t *txt, const knot_dname_t *owner)
{
	const knot_dname_t *host = name_parent(owner);
	for (const char *at = txt->labels; *at != '\0'; at++) {
		host = *at == '.' ? name_parent(host) : host;
	}
	return host;
}

caaudit_climb_t known_climb(const knot_dname_t *owner, const caaudit_form_t *form)
{
	static const char acme[] = "_acme-challenge";
	// dns-account-01 puts a label before it.
	for (unsigned i = 0; i < 2 && owner[0] > 0; i++, owner = name_parent(owner)) {
		if (label_fits(owner + 1, owner[0], acme, sizeof(acme) - 1)) {
			return CAAUDIT_EXACT;
		}
	}
	return form != NULL ? form->climb : CAAUDIT_NOT_KNOWN;
}

void known_reuse(text_t *text, uint64_t now)
{
	size_t at = caaudit_limits_count - 1;
	while (at > 0 && now < caaudit_limits[at].since) {
		at--;
	}
	text_add(text, "CAs use a validation again for %u days", caaudit_limits[at].reuse);
	for (at++; at < caaudit_limits_count; at++) {
		text_add(text, ", from ");
		text_day(text, caaudit_limits[at].since);
		text_add(text, " on for %u", caaudit_limits[at].reuse);
	}
}

char *caaudit_reuse_text(uint64_t now)
{
	text_t text = TEXT_EMPTY;
	known_reuse(&text, now);
	if (text.failed) {
		text_free(&text);
		return NULL;
	}
	return text.str;
}
